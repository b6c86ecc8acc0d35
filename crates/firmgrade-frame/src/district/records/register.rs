//! The register (登记信息): what a firm registered, as the office holds it.

use super::super::draw::{pow2, round};
use super::super::firm::{Firm, Group};
use super::super::{Column, Values, profile};
use super::event::stream;
use super::{AS_OF, licences};
use rayon::prelude::*;

/// Codes of people who represent many firms; numbers above are people who represent one.
const REPRESENT_MANY: usize = 2_000;

/// The day of establishment: the firm's age before the end of 2023, give or take what rounding to a tenth of a year leaves open.
pub(super) fn established(firm: &Firm) -> i32 {
    AS_OF - (firm.age * 365.25) as i32 + 18 - stream(firm, "register.established").below(37) as i32
}

/// Money in 10,000 yuan: registered, paid in by the register, paid in by the annual report.
fn capital(firm: &Firm) -> (f64, f64, Option<f64>) {
    let mut draw = stream(firm, "register.capital");
    let z = firm.factor(Group::Registration);
    let registered = round(120.0 * pow2(1.5 * draw.normal() + 1.6 * firm.scale()) / 10.0, 0).max(1.0) * 10.0;
    let share = if draw.chance((0.32 * pow2(-0.5 * z)).min(0.9)) {
        1.0
    } else if draw.chance((0.25 * pow2(0.5 * z)).min(0.9)) {
        0.0
    } else {
        (0.5 - 0.12 * z + 0.25 * draw.normal()).clamp(0.02, 1.0)
    };
    let paid = round(registered * share, 2);
    let differs = draw.chance((0.04 * pow2(1.1 * firm.factor(Group::AnnualReport))).min(0.9));
    let said = if differs { round(paid * pow2(0.6 + 0.5 * draw.normal()) + 5.0, 2) } else { paid };
    (registered, paid, (!draw.chance(0.08)).then_some(said))
}

pub(super) fn columns(firms: &[Firm], seed: u64) -> Vec<Column> {
    let group = Group::Registration;
    let column = |name, title, values| Column { name, title, group, values };
    let capitals: Vec<(f64, f64, Option<f64>)> = firms.par_iter().map(capital).collect();
    let mut columns = profile(firms, seed);
    // The register knows the day, not the age.
    columns.retain(|column| column.name != "established_years");
    let due = |firm: &Firm| {
        let years = 3 + stream(firm, "register.subscription").below(25) as i32;
        established(firm) + years * 365
    };
    let represented_by = |firm: &Firm| {
        let mut draw = stream(firm, "register.legal_rep");
        let many = draw.chance((0.06 * pow2(0.6 * firm.factor(Group::Registration))).min(0.9));
        let number = if many { draw.below(REPRESENT_MANY) } else { REPRESENT_MANY + draw.below(90_000_000) };
        Some(format!("R{number:08}"))
    };
    columns.extend([
        column("established", "成立日期", Values::Day(firms.par_iter().map(|firm| Some(established(firm))).collect())),
        column("legal_rep", "法定代表人编号", Values::Text(firms.par_iter().map(represented_by).collect())),
        column("registered_capital_10k", "注册资本（万元）", Values::Number(capitals.iter().map(|capital| Some(capital.0)).collect())),
        column("paid_in_capital_10k", "实缴资本（万元）", Values::Number(capitals.iter().map(|capital| Some(capital.1)).collect())),
        column("reported_paid_in_10k", "年报填报实缴资本（万元）", Values::Number(capitals.iter().map(|capital| capital.2).collect())),
        column("subscription_due", "认缴出资期限", Values::Day(firms.par_iter().map(|firm| Some(due(firm))).collect())),
        column(
            "licence_required",
            "需要许可",
            Values::Flag(firms.par_iter().map(|firm| Some(licences::required(firm).is_some())).collect()),
        ),
    ]);
    columns
}
