//! When things happen to a firm.

use super::super::draw::{Draw, key, pow2};
use super::super::firm::{Firm, Group};
use super::{FIRST, LAST};
use firmgrade::calendar::Day;

/// The quarters of the years that the tables cover.
const QUARTERS: i32 = 24;
/// No quarter has more events than this.
const MOST: usize = 40;

/// Something that happened to a firm.
#[derive(Clone, Copy, Debug)]
pub(super) struct Event<T> {
    /// Its day, as days since 1970-01-01; nothing where the office left it blank.
    pub day: Option<i32>,
    /// Whether the row names a firm that is registered elsewhere instead.
    pub elsewhere: bool,
    /// What it is.
    pub what: T,
}

impl<T> Event<T> {
    /// An event, now and then of a firm that is registered elsewhere.
    pub fn new(day: i32, draw: &mut Draw, what: T) -> Self {
        Self { day: Some(day), elsewhere: draw.chance(0.004), what }
    }
}

/// How often something happens.
#[derive(Debug)]
pub(super) struct Rate {
    /// Events in a year of a firm of mean risk and factor 1.
    pub yearly: f64,
    /// How the rate rises with the firm's risk in `group`.
    pub slope: f64,
    /// The group of records.
    pub group: Group,
    /// The chance that one event brings another in the same quarter.
    pub more: f64,
}

impl Rate {
    /// The days on which it happens to a firm.
    pub fn days(&self, firm: &Firm, established: i32, factor: f64, draw: &mut Draw) -> Vec<i32> {
        let chance = self.yearly / 4.0 * (1.0 - self.more) * factor * pow2(self.slope * firm.factor(self.group));
        let mut days = Vec::new();
        for quarter in 0..QUARTERS {
            if !draw.chance(chance.min(0.9)) {
                continue;
            }
            let at = |quarter: i32| FIRST + (LAST + 1 - FIRST) * quarter / QUARTERS;
            let (start, end) = (at(quarter), at(quarter + 1));
            for _ in 0..MOST {
                days.push(start + draw.below((end - start) as usize) as i32);
                if !draw.chance(self.more) {
                    break;
                }
            }
        }
        days.retain(|day| *day >= established);
        days
    }
}

/// The stream of a firm's records in one table.
pub(super) fn stream(firm: &Firm, table: &str) -> Draw {
    Draw::new(firm.key, key(table))
}

/// A day `low` to `high` days after another, if the tables know it yet.
pub(super) fn later(day: i32, low: usize, high: usize, draw: &mut Draw) -> Option<i32> {
    let day = day + low as i32 + draw.below(high - low + 1) as i32;
    (day <= LAST).then_some(day)
}

/// A day of the calendar as days since 1970-01-01.
pub(super) fn day(year: i32, month: u32, day: u32) -> i32 {
    // INVARIANT: called with days of the calendar only.
    Day::from_ymd(year, month, day).map_or(0, Day::days)
}
