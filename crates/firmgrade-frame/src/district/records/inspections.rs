//! Inspections (监督检查): double-random, routine, special, and those that follow a report.

use super::super::draw::{Draw, pow2};
use super::super::firm::{Firm, Group};
use super::super::outcome::RESULTS;
use super::super::{Column, Values};
use super::AS_OF;
use super::complaints::Complaint;
use super::event::{Event, Rate, stream};
use super::sheet::Sheet;
use rayon::prelude::*;

/// Drawn alike for every firm.
const RANDOM: Rate = Rate { yearly: 0.15, slope: 0.0, group: Group::Violations, more: 0.0 };
const ROUTINE: Rate = Rate { yearly: 0.2, slope: 0.1, group: Group::Violations, more: 0.0 };
const SPECIAL: Rate = Rate { yearly: 0.12, slope: 0.8, group: Group::Violations, more: 0.1 };

const KINDS: &[&str] = &["双随机抽查", "日常检查", "专项检查", "线索核查"];
/// The chance of a violation where risk is 0, by kind.
const BASES: [f64; 4] = [0.026, 0.026, 0.033, 0.06];
/// Why there was an inspection, as evaluation asks it; the bureau chooses where it goes on routine and special ones.
const SOURCES: &[&str] = &["random", "event", "special"];
const SOURCE_OF_KIND: [u16; 4] = [0, 2, 2, 1];

/// Results from this one on are violations.
const VIOLATIONS: u16 = 2;
/// Nobody was found at the registered address.
pub(super) const UNREACHABLE: u16 = 3;

/// An inspection.
#[derive(Clone, Copy, Debug)]
pub(super) struct Inspection {
    pub kind: u16,
    pub result: u16,
}

impl Inspection {
    pub fn failed(&self) -> bool {
        self.result >= VIOLATIONS
    }
}

pub(super) fn of(firm: &Firm, established: i32, complaints: &[Event<Complaint>]) -> Vec<Event<Inspection>> {
    let mut draw = stream(firm, "records.inspections");
    let mut days: Vec<(i32, u16)> = Vec::new();
    let often = if matches!(firm.trade, 5 | 7 | 14) { 1.4 } else { 0.7 };
    for (kind, rate, factor) in [(0, &RANDOM, 1.0), (1, &ROUTINE, often), (2, &SPECIAL, 1.0)] {
        days.extend(rate.days(firm, established, factor, &mut draw).into_iter().map(|day| (day, kind)));
    }
    days.extend(complaints.iter().filter_map(|complaint| complaint.what.checked).map(|day| (day, 3)));
    let found = |(day, kind): (i32, u16)| {
        let result = result(firm, kind, &mut draw);
        // No office inspects a firm that is registered elsewhere.
        Event { day: Some(day), elsewhere: false, what: Inspection { kind, result } }
    };
    days.into_iter().map(found).collect()
}

fn result(firm: &Firm, kind: u16, draw: &mut Draw) -> u16 {
    let violation = draw.chance((BASES[usize::from(kind)] * pow2(1.75 * firm.risk)).min(0.95));
    let result = if violation { 2 + draw.pick([30.0, 31.0, 32.0, 7.0].into_iter()) } else { draw.pick([91.0, 9.0].into_iter()) };
    result as u16
}

pub(super) fn columns(sheet: &Sheet<'_, Inspection>) -> Vec<Column> {
    let group = Group::Violations;
    let column = |name, title, values| Column { name, title, group, values };
    let mut columns = sheet.head(group, "inspected_on", "检查日期");
    columns.extend([
        column("kind", "检查类型", sheet.coded(KINDS, |inspection| Some(inspection.kind))),
        column("result", "检查结果", sheet.coded(RESULTS, |inspection| Some(inspection.result))),
        column("failed", "是否发现问题", Values::Flag(sheet.rows.par_iter().map(|row| Some(row.event.what.failed())).collect())),
    ]);
    columns
}

/// The inspections after the as-of day.
pub(super) fn outcomes(sheet: &Sheet<'_, Inspection>) -> Vec<Column> {
    let group = Group::Profile;
    let after = sheet.only(|event| event.day.is_some_and(|day| day > AS_OF));
    let column = |name, title, values| Column { name, title, group, values };
    let mut columns = after.head(group, "date", "检查日期");
    columns.extend([
        column("source", "检查来源", after.coded(SOURCES, |inspection| SOURCE_OF_KIND.get(usize::from(inspection.kind)).copied())),
        column("outcome", "是否发现违法", after.whole(|inspection| Some(i64::from(inspection.failed())))),
        column("result", "检查结果", after.coded(RESULTS, |inspection| Some(inspection.result))),
    ]);
    columns
}
