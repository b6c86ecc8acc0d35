//! Court cases (司法案件): suits, and the enforcement that may follow.

use super::super::Column;
use super::super::draw::{Draw, pow2, round};
use super::super::firm::{Firm, Group};
use super::event::{Event, Rate, later, stream};
use super::sheet::Sheet;

const RATE: Rate = Rate { yearly: 0.32, slope: 0.9, group: Group::Judicial, more: 0.3 };

const ROLES: &[&str] = &["被告", "原告", "被执行人", "失信被执行人"];
const DEFENDANT: u16 = 0;
const DEBTOR: u16 = 2;
const DISHONEST: u16 = 3;
const CAUSES: &[&str] = &["买卖合同纠纷", "劳动争议", "租赁合同纠纷", "服务合同纠纷", "借款合同纠纷", "知识产权纠纷"];
const CAUSE_SHARES: [f64; 6] = [32.0, 22.0, 14.0, 16.0, 9.0, 7.0];
const RESULTS: &[&str] = &["胜诉", "败诉", "调解", "撤诉"];
const LOST: u16 = 1;

/// A case.
#[derive(Clone, Copy, Debug)]
pub(super) struct Suit {
    role: u16,
    cause: u16,
    amount: f64,
    closed: Option<i32>,
    result: Option<u16>,
    settled: Option<i32>,
}

pub(super) fn of(firm: &Firm, established: i32) -> Vec<Event<Suit>> {
    let mut draw = stream(firm, "records.lawsuits");
    let z = firm.factor(Group::Judicial);
    let mut suits = Vec::new();
    for day in RATE.days(firm, established, pow2(0.7 * firm.scale()), &mut draw) {
        let role = u16::from(!draw.chance((0.58 * pow2(0.15 * z)).min(0.95)));
        let cause = draw.pick(CAUSE_SHARES.iter().copied()) as u16;
        let amount = round(60_000.0 * pow2(1.8 * draw.normal() + 0.8 * firm.scale()), 2);
        let closed = later(day, 40, 300, &mut draw);
        let lost = 40.0 * pow2(if role == DEFENDANT { 0.3 * z } else { 0.0 });
        let result = draw.pick([30.0, lost, 22.0, 16.0].into_iter()) as u16;
        let suit = Suit { role, cause, amount, closed, result: closed.map(|_| result), settled: None };
        suits.push(Event::new(day, &mut draw, suit));
        if let Some(closed) = closed.filter(|_| role == DEFENDANT && result == LOST) {
            enforcement(z, closed, suit, &mut draw, &mut suits);
        }
    }
    suits
}

/// What follows a lost suit that is not paid.
fn enforcement(z: f64, closed: i32, lost: Suit, draw: &mut Draw, suits: &mut Vec<Event<Suit>>) {
    let day = later(closed, 30, 150, draw);
    let Some(day) = day.filter(|_| draw.chance((0.33 * pow2(0.5 * z)).min(0.9))) else { return };
    let settled = later(day, 20, 500, draw);
    let settled = if draw.chance((0.55 * pow2(-0.5 * z)).min(0.95)) { settled } else { None };
    let debt = Suit { role: DEBTOR, closed: None, result: None, settled, ..lost };
    suits.push(Event::new(day, draw, debt));
    let listed = later(day, 60, 200, draw);
    let listed = listed.filter(|listed| draw.chance(0.15) && settled.is_none_or(|settled| settled > *listed));
    if let Some(listed) = listed {
        suits.push(Event::new(listed, draw, Suit { role: DISHONEST, ..debt }));
    }
}

pub(super) fn columns(sheet: &Sheet<'_, Suit>) -> Vec<Column> {
    let group = Group::Judicial;
    let column = |name, title, values| Column { name, title, group, values };
    let mut columns = sheet.head(group, "filed_on", "立案日期");
    columns.extend([
        column("role", "当事人地位", sheet.coded(ROLES, |suit| Some(suit.role))),
        column("cause", "案由", sheet.coded(CAUSES, |suit| Some(suit.cause))),
        column("amount", "标的额（元）", sheet.numbers(|suit| Some(suit.amount))),
        column("closed_on", "结案日期", sheet.days(|suit| suit.closed)),
        column("result", "裁判结果", sheet.coded(RESULTS, |suit| suit.result)),
        column("settled_on", "履行完毕日期", sheet.days(|suit| suit.settled)),
    ]);
    columns
}
