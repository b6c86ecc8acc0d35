//! Administrative penalties (行政处罚): after failed inspections, and by departments of their own accord.

use super::super::Column;
use super::super::draw::{Draw, pow2, round};
use super::super::firm::{Firm, Group};
use super::event::{Event, Rate, later, stream};
use super::inspections::Inspection;
use super::sheet::Sheet;

const RATE: Rate = Rate { yearly: 0.05, slope: 1.35, group: Group::Violations, more: 0.2 };

const KINDS: &[&str] = &["警告", "通报批评", "罚款", "没收违法所得", "责令停产停业", "吊销许可证件"];
/// Kinds by severity, in shares.
const KIND_SHARES: [[f64; 6]; 3] = [[55.0, 10.0, 35.0, 0.0, 0.0, 0.0], [5.0, 5.0, 72.0, 18.0, 0.0, 0.0], [0.0, 0.0, 70.0, 10.0, 15.0, 5.0]];
const SEVERITIES: &[&str] = &["轻微", "一般", "严重"];
/// The median fine in yuan, by severity.
const FINES: [f64; 3] = [1_000.0, 8_000.0, 80_000.0];
/// After how many days a penalty may be repaired, at the earliest and at the latest, by severity.
const REPAIR: [(usize, usize); 3] = [(20, 120), (95, 420), (370, 1_200)];

/// A penalty.
#[derive(Clone, Copy, Debug)]
pub(super) struct Penalty {
    kind: u16,
    severity: u16,
    amount: Option<f64>,
    repaired: Option<i32>,
}

pub(super) fn of(firm: &Firm, established: i32, inspections: &[Event<Inspection>]) -> Vec<Event<Penalty>> {
    let mut draw = stream(firm, "records.penalties");
    let mut days = RATE.days(firm, established, pow2(0.3 * firm.scale()), &mut draw);
    for inspection in inspections.iter().filter(|inspection| inspection.what.failed()) {
        let day = inspection.day.and_then(|day| later(day, 7, 90, &mut draw));
        if draw.chance(0.35) {
            days.extend(day);
        }
    }
    days.into_iter().map(|day| penalty(firm, day, &mut draw)).collect()
}

fn penalty(firm: &Firm, day: i32, draw: &mut Draw) -> Event<Penalty> {
    let z = firm.factor(Group::Violations);
    let severity = draw.pick([55.0, 35.0 * pow2(0.2 * z), 9.0 * pow2(0.4 * z)].into_iter());
    let kind = draw.pick(KIND_SHARES[severity].iter().copied()) as u16;
    let fine = round(FINES[severity] * pow2(1.1 * draw.normal()) / 100.0, 0).max(1.0) * 100.0;
    let amount = matches!(kind, 2 | 3).then_some(fine);
    let (low, high) = REPAIR[severity];
    let repaired = later(day, low, high, draw);
    let repaired = if draw.chance(0.35 * pow2(-0.4 * z)) { repaired } else { None };
    Event::new(day, draw, Penalty { kind, severity: severity as u16, amount, repaired })
}

pub(super) fn columns(sheet: &Sheet<'_, Penalty>) -> Vec<Column> {
    let group = Group::Violations;
    let column = |name, title, values| Column { name, title, group, values };
    let mut columns = sheet.head(group, "decided_on", "处罚决定日期");
    columns.extend([
        column("kind", "处罚种类", sheet.coded(KINDS, |penalty| Some(penalty.kind))),
        column("severity", "违法程度", sheet.coded(SEVERITIES, |penalty| Some(penalty.severity))),
        column("amount", "罚没款（元）", sheet.numbers(|penalty| penalty.amount)),
        column("repaired_on", "信用修复日期", sheet.days(|penalty| penalty.repaired)),
    ]);
    columns
}
