//! Laws: how the values of a column follow from a firm's risk.
//!
//! Below, `z` is the firm's risk in the column's group, `n` a standard normal draw, and 2ˣ the approximation [`pow2`].
//!
//! ```text
//! count     P(count ≥ 1) = some·2^(slope·z), at most 0.95; then one more with probability `more`, again and again, up to `cap`
//! flag      a count with cap 1
//! sum       the sum of several counts: a longer period contains a shorter one
//! years     a count of the last three years, at most the full years of the firm's age that others leave
//! amount of 0 where the count is 0, else count·each·2^(spread·n)
//! amount    median·2^(spread·n + slope·z + size·scale)
//! whole     the same, as a whole number between `low` and `high`
//! level     centre + slope·z + spread·n, between `low` and `high`
//! choice    P(value i) ∝ share_i·2^(tilt_i·z)
//! ```

use super::draw::{Draw, key, pow2, round, sigmoid};
use super::firm::{Firm, Group};

/// A number of events.
#[derive(Debug)]
pub(super) struct Count {
    key: u64,
    group: Group,
    some: f64,
    slope: f64,
    more: f64,
    cap: i64,
}

impl Count {
    pub(super) const fn new(name: &str, group: Group, some: f64, slope: f64, more: f64, cap: i64) -> Self {
        Self { key: key(name), group, some, slope, more, cap }
    }

    /// Yes or no.
    pub(super) const fn flag(name: &str, group: Group, some: f64, slope: f64) -> Self {
        Self::new(name, group, some, slope, 0.0, 1)
    }

    pub(super) fn of(&self, firm: &Firm) -> i64 {
        let mut draw = Draw::new(firm.key, self.key);
        if !draw.chance((self.some * pow2(self.slope * firm.factor(self.group))).min(0.95)) {
            return 0;
        }
        let mut count = 1;
        while count < self.cap && draw.chance(self.more) {
            count += 1;
        }
        count
    }
}

/// The sum of several counts.
fn sum(counts: &[&Count], firm: &Firm) -> i64 {
    counts.iter().map(|count| count.of(firm)).sum()
}

/// How the values of a column are drawn.
#[derive(Debug)]
pub(super) enum Law {
    /// Yes or no.
    Flag(&'static Count),
    /// A sum of counts.
    Sum(&'static [&'static Count]),
    /// A number of the last three years, as far as the firm is old enough and other years have not been `taken`.
    Years { count: &'static Count, taken: &'static [&'static Count] },
    /// A sum of money, or of days, that events brought with them.
    AmountOf { counts: &'static [&'static Count], each: f64, spread: f64, cap: f64, decimals: u8 },
    /// A positive number with a long tail; `size` is what each size above a micro firm adds.
    Amount { median: f64, spread: f64, slope: f64, size: f64, decimals: u8 },
    /// A whole number with a long tail.
    Whole { median: f64, spread: f64, slope: f64, size: f64, low: i64, high: i64 },
    /// A number between two ends.
    Level { centre: f64, spread: f64, slope: f64, low: f64, high: f64, decimals: u8 },
    /// One of several values.
    Choice { values: &'static [&'static str], shares: &'static [f64], tilts: &'static [f64] },
    /// One of several values by a rule of its own.
    Rule { values: &'static [&'static str], rule: fn(&Firm, &mut Draw) -> u16 },
}

/// An indicator column: its name, law and missing values.
#[derive(Debug)]
pub(super) struct Spec {
    pub(super) name: &'static str,
    pub(super) title: &'static str,
    pub(super) law: Law,
    /// The share of firms whose value is missing.
    pub(super) missing: f64,
    /// Firms younger than a year have no value yet.
    pub(super) after_a_year: bool,
}

impl Spec {
    pub(super) const fn new(name: &'static str, title: &'static str, law: Law) -> Self {
        Self { name, title, law, missing: 0.0, after_a_year: false }
    }

    /// With a share of missing values.
    pub(super) const fn missing(mut self, share: f64) -> Self {
        self.missing = share;
        self
    }

    /// With values only for firms that are at least a year old.
    pub(super) const fn after_a_year(mut self) -> Self {
        self.after_a_year = true;
        self
    }

    /// Draws whether the value is missing: riskier firms leave more blank, by up to ±40 % of the share.
    pub(super) fn is_missing(&self, firm: &Firm, key_of_column: u64) -> bool {
        if self.after_a_year && firm.age < 1.0 {
            return true;
        }
        if self.missing <= 0.0 {
            return false;
        }
        let mut draw = Draw::new(firm.key, !key_of_column);
        draw.chance(self.missing * (1.0 + 0.4 * sigmoid(firm.risk)))
    }
}

impl Law {
    /// Yes or no; only for a flag.
    pub(super) fn flag(&self, firm: &Firm) -> bool {
        match self {
            Self::Flag(count) => count.of(firm) > 0,
            _ => false,
        }
    }

    /// A whole number; only for counts.
    pub(super) fn whole(&self, firm: &Firm, draw: &mut Draw, z: f64) -> i64 {
        match self {
            Self::Sum(counts) => sum(counts, firm),
            Self::Years { count, taken } => {
                let years = (firm.age as i64).min(3);
                count.of(firm).min(years - sum(taken, firm).min(years))
            }
            Self::Whole { median, spread, slope, size, low, high } => {
                let x = median * pow2(spread * draw.normal() + slope * z + size * firm.scale());
                (x as i64).clamp(*low, *high)
            }
            _ => 0,
        }
    }

    /// A number; only for amounts and levels.
    pub(super) fn number(&self, firm: &Firm, draw: &mut Draw, z: f64) -> f64 {
        match self {
            Self::AmountOf { counts, each, spread, cap, decimals } => match sum(counts, firm) {
                0 => 0.0,
                n => round((n as f64 * each * pow2(spread * draw.normal())).min(*cap), *decimals),
            },
            Self::Amount { median, spread, slope, size, decimals } => {
                round(median * pow2(spread * draw.normal() + slope * z + size * firm.scale()), *decimals)
            }
            Self::Level { centre, spread, slope, low, high, decimals } => {
                round((centre + slope * z + spread * draw.normal()).clamp(*low, *high), *decimals)
            }
            _ => 0.0,
        }
    }

    /// The number of a category; only for choices.
    pub(super) fn category(&self, firm: &Firm, draw: &mut Draw, z: f64) -> u16 {
        match self {
            Self::Choice { shares, tilts, .. } => draw.pick(shares.iter().zip(*tilts).map(|(share, tilt)| share * pow2(tilt * z))) as u16,
            Self::Rule { rule, .. } => rule(firm, draw),
            _ => 0,
        }
    }
}
