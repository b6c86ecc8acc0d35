//! The list of abnormal operation (经营异常名录): entries and removals.

use super::super::Column;
use super::super::draw::{Draw, pow2};
use super::super::firm::{Firm, Group};
use super::event::{Event, Rate, later, stream};
use super::inspections::{Inspection, UNREACHABLE};
use super::reports::Unfiled;
use super::sheet::Sheet;

const RATE: Rate = Rate { yearly: 0.006, slope: 1.2, group: Group::Violations, more: 0.0 };

const REASONS: &[&str] =
    &["未按规定期限公示年度报告", "未在责令期限内公示企业信息", "公示信息隐瞒真实情况、弄虚作假", "通过登记的住所或者经营场所无法联系"];

/// An entry.
#[derive(Clone, Copy, Debug)]
pub(super) struct Listing {
    reason: u16,
    removed: Option<i32>,
}

pub(super) fn of(firm: &Firm, established: i32, inspections: &[Event<Inspection>], unfiled: &[Unfiled]) -> Vec<Event<Listing>> {
    let mut draw = stream(firm, "records.abnormal");
    let mut listings = Vec::new();
    for report in unfiled {
        let listed = later(report.due, 5, 20, &mut draw);
        let removed = report.filed.and_then(|filed| later(filed, 3, 20, &mut draw));
        let Some(day) = listed.filter(|day| draw.chance(0.85) && removed.is_none_or(|removed| removed > *day)) else { continue };
        listings.push(Event::new(day, &mut draw, Listing { reason: 0, removed }));
    }
    for inspection in inspections.iter().filter(|inspection| inspection.what.result == UNREACHABLE) {
        let day = inspection.day.and_then(|day| later(day, 3, 15, &mut draw));
        if let Some(day) = day.filter(|_| draw.chance(0.85)) {
            listings.push(entry(firm, day, 3, &mut draw));
        }
    }
    for day in RATE.days(firm, established, 1.0, &mut draw) {
        let reason = 1 + u16::from(draw.chance(0.5));
        listings.push(entry(firm, day, reason, &mut draw));
    }
    listings
}

fn entry(firm: &Firm, day: i32, reason: u16, draw: &mut Draw) -> Event<Listing> {
    let removed = later(day, 30, 700, draw);
    let removed = if draw.chance((0.6 * pow2(-0.4 * firm.factor(Group::Violations))).min(0.95)) { removed } else { None };
    Event::new(day, draw, Listing { reason, removed })
}

pub(super) fn columns(sheet: &Sheet<'_, Listing>) -> Vec<Column> {
    let group = Group::Violations;
    let column = |name, title, values| Column { name, title, group, values };
    let mut columns = sheet.head(group, "listed_on", "列入日期");
    columns.extend([
        column("reason", "列入原因", sheet.coded(REASONS, |listing| Some(listing.reason))),
        column("removed_on", "移出日期", sheet.days(|listing| listing.removed)),
    ]);
    columns
}
