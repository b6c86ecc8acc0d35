//! Changes of registration (登记变更).

use super::super::Column;
use super::super::draw::pow2;
use super::super::firm::{Firm, Group};
use super::event::{Event, Rate, stream};
use super::sheet::Sheet;

const RATE: Rate = Rate { yearly: 0.36, slope: 0.35, group: Group::Registration, more: 0.15 };

const ITEMS: &[&str] = &["法定代表人", "住所", "股东", "注册资本", "名称", "经营范围"];
const SHARES: [f64; 6] = [20.0, 25.0, 20.0, 8.0, 8.0, 19.0];
const TILTS: [f64; 6] = [0.7, 0.4, 0.2, 0.0, 0.1, -0.3];

/// A change.
#[derive(Clone, Copy, Debug)]
pub(super) struct Change {
    item: u16,
}

pub(super) fn of(firm: &Firm, established: i32) -> Vec<Event<Change>> {
    let mut draw = stream(firm, "records.changes");
    let z = firm.factor(Group::Registration);
    let days = RATE.days(firm, established, 1.0, &mut draw);
    let change = |day| {
        let item = draw.pick(SHARES.iter().zip(TILTS).map(|(share, tilt)| share * pow2(tilt * z))) as u16;
        Event::new(day, &mut draw, Change { item })
    };
    days.into_iter().map(change).collect()
}

pub(super) fn columns(sheet: &Sheet<'_, Change>) -> Vec<Column> {
    let group = Group::Registration;
    let mut columns = sheet.head(group, "changed_on", "变更日期");
    columns.push(Column { name: "item", title: "变更事项", group, values: sheet.coded(ITEMS, |change| Some(change.item)) });
    columns
}
