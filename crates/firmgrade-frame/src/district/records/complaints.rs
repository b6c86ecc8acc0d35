//! Complaints (投诉) and reports (举报).

use super::super::Column;
use super::super::draw::pow2;
use super::super::firm::{Firm, Group};
use super::event::{Event, Rate, later, stream};
use super::sheet::Sheet;

const RATE: Rate = Rate { yearly: 0.62, slope: 1.0, group: Group::Operation, more: 0.45 };

const KINDS: &[&str] = &["投诉", "举报"];
const REPORT: u16 = 1;
const TOPICS: &[&str] = &["商品质量", "价格", "虚假宣传", "合同", "售后服务", "预付卡", "食品安全"];
const TOPIC_SHARES: [f64; 7] = [30.0, 10.0, 14.0, 16.0, 14.0, 8.0, 8.0];
const OUTCOMES: &[&str] = &["调解成功", "拒绝调解", "不予受理", "已查处"];

/// How much more often firms of a trade are complained of: those that sell to consumers.
const TRADES: [f64; 20] = [0.3, 0.3, 0.5, 0.5, 0.5, 1.3, 0.6, 3.0, 0.6, 0.8, 1.5, 0.5, 0.3, 0.3, 2.5, 1.5, 1.0, 1.2, 0.3, 0.3];

/// A complaint.
#[derive(Clone, Copy, Debug)]
pub(super) struct Complaint {
    kind: u16,
    topic: u16,
    resolved: Option<i32>,
    outcome: Option<u16>,
    /// The day of the inspection that followed.
    pub checked: Option<i32>,
}

pub(super) fn of(firm: &Firm, established: i32) -> Vec<Event<Complaint>> {
    let mut draw = stream(firm, "records.complaints");
    let factor = TRADES[usize::from(firm.trade)] * pow2(0.6 * firm.scale());
    let z = firm.factor(Group::Operation);
    let mut complaints = Vec::new();
    for day in RATE.days(firm, established, factor, &mut draw) {
        let kind = u16::from(draw.chance(0.28));
        let topic = draw.pick(TOPIC_SHARES.iter().copied()) as u16;
        let open = draw.chance(0.06 * pow2(0.6 * z));
        let resolved = later(day, 5, 60, &mut draw).filter(|_| !open);
        let settled = [if kind == REPORT { 0.0 } else { 55.0 }, 14.0 * pow2(0.7 * z), 20.0, if kind == REPORT { 25.0 } else { 0.0 }];
        let outcome = draw.pick(settled.into_iter()) as u16;
        let checked = later(day, 2, 30, &mut draw);
        let checked = if kind == REPORT && draw.chance(0.25) { checked } else { None };
        let mut event = Event::new(day, &mut draw, Complaint { kind, topic, resolved, outcome: resolved.map(|_| outcome), checked });
        if draw.chance(0.002) {
            event.day = None;
        }
        complaints.push(event);
        if draw.chance(0.001) {
            complaints.push(event);
        }
    }
    complaints
}

pub(super) fn columns(sheet: &Sheet<'_, Complaint>) -> Vec<Column> {
    let group = Group::Operation;
    let column = |name, title, values| Column { name, title, group, values };
    let mut columns = sheet.head(group, "received_on", "登记日期");
    columns.extend([
        column("kind", "类型", sheet.coded(KINDS, |complaint| Some(complaint.kind))),
        column("topic", "事由", sheet.coded(TOPICS, |complaint| Some(complaint.topic))),
        column("resolved_on", "办结日期", sheet.days(|complaint| complaint.resolved)),
        column("outcome", "办理结果", sheet.coded(OUTCOMES, |complaint| complaint.outcome)),
        column("checked_on", "核查日期", sheet.days(|complaint| complaint.checked)),
    ]);
    columns
}
