//! Licences (许可证件): issued, renewed in time or not.

use super::super::Column;
use super::super::draw::pow2;
use super::super::firm::{Firm, Group};
use super::event::{Event, stream};
use super::sheet::Sheet;
use super::{FIRST, LAST};

const KINDS: &[&str] = &[
    "食品经营许可证",
    "公共场所卫生许可证",
    "医疗器械经营许可证",
    "危险化学品经营许可证",
    "建筑业企业资质证书",
    "道路运输经营许可证",
    "人力资源服务许可证",
];
/// For how many years a licence is valid.
const YEARS: [i32; 7] = [5, 4, 5, 3, 5, 4, 3];

/// Which licence a firm of a trade needs, and what share of these firms.
const fn needed(trade: u16) -> Option<(u16, f64)> {
    match trade {
        4 => Some((4, 0.6)),
        5 => Some((0, 0.3)),
        6 => Some((5, 0.7)),
        7 => Some((0, 0.9)),
        11 => Some((6, 0.15)),
        12 => Some((2, 0.12)),
        14 => Some((1, 0.5)),
        2 => Some((3, 0.08)),
        _ => None,
    }
}

/// The licence that a firm needs.
pub(super) fn required(firm: &Firm) -> Option<u16> {
    let (kind, share) = needed(firm.trade)?;
    stream(firm, "records.licences").chance(share).then_some(kind)
}

/// A licence.
#[derive(Clone, Copy, Debug)]
pub(super) struct Licence {
    kind: u16,
    until: i32,
}

pub(super) fn of(firm: &Firm, established: i32) -> Vec<Event<Licence>> {
    let mut draw = stream(firm, "records.licences.issued");
    let required = required(firm);
    let more = draw.chance(0.1 * pow2(0.5 * firm.scale())).then(|| draw.below(KINDS.len()) as u16);
    let z = firm.factor(Group::Registration);
    let mut licences = Vec::new();
    for kind in required.into_iter().chain(more.filter(|kind| Some(*kind) != required)) {
        let days = YEARS[usize::from(kind)] * 365;
        // Older firms hold a licence that was issued before the tables begin.
        let mut day = if established < FIRST { (FIRST - draw.below(days as usize) as i32).max(established) } else { established };
        day += if draw.chance(0.85) { draw.below(40) } else { draw.below(400) } as i32;
        while day <= LAST {
            let until = day + days;
            licences.push(Event::new(day, &mut draw, Licence { kind, until }));
            let gap = draw.below(300) as i32;
            day = if draw.chance((0.1 * pow2(0.9 * z)).min(0.8)) { until + gap } else { until - gap / 10 };
        }
    }
    licences
}

pub(super) fn columns(sheet: &Sheet<'_, Licence>) -> Vec<Column> {
    let group = Group::Registration;
    let column = |name, title, values| Column { name, title, group, values };
    let mut columns = sheet.head(group, "issued_on", "发证日期");
    columns.extend([
        column("kind", "证件名称", sheet.coded(KINDS, |licence| Some(licence.kind))),
        column("valid_until", "有效期至", sheet.days(|licence| Some(licence.until))),
    ]);
    columns
}
