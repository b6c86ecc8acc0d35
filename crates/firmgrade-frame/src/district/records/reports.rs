//! Annual reports (年度报告): due by 30 June of the next year; some late, some never.

use super::super::Column;
use super::super::draw::{pow2, round};
use super::super::firm::{Firm, Group};
use super::event::{Event, day, later, stream};
use super::sheet::Sheet;

/// The years that are reported on.
const YEARS: std::ops::RangeInclusive<i32> = 2018..=2023;

/// A report.
#[derive(Clone, Copy, Debug)]
pub(super) struct Report {
    year: i32,
    due: i32,
    employees: i64,
    revenue: f64,
    profit: f64,
}

/// A report that was not filed in time.
#[derive(Clone, Copy, Debug)]
pub(super) struct Unfiled {
    /// The last day on which it was in time.
    pub due: i32,
    /// When it was filed after all.
    pub filed: Option<i32>,
}

pub(super) fn of(firm: &Firm, established: i32) -> (Vec<Event<Report>>, Vec<Unfiled>) {
    let mut draw = stream(firm, "records.annual_reports");
    let (z, operation) = (firm.factor(Group::AnnualReport), firm.factor(Group::Operation));
    let mut employees = 4.0 * pow2(1.2 * draw.normal() - 0.2 * operation + 1.9 * firm.scale());
    let mut revenue = 160.0 * pow2(1.9 * draw.normal() - 0.3 * operation + 2.0 * firm.scale());
    let (mut reports, mut unfiled) = (Vec::new(), Vec::new());
    for year in YEARS {
        let growth = draw.normal();
        revenue *= pow2(0.45 * growth - 0.12 * operation + 0.06);
        employees *= pow2(0.2 * growth);
        let margin = 0.05 + 0.12 * draw.normal() - 0.03 * operation;
        if established > day(year, 12, 31) {
            continue;
        }
        let due = day(year + 1, 6, 30);
        let in_time = day(year + 1, 1, 1).max(established) + draw.below(180) as i32;
        let filed = if draw.chance((0.05 * pow2(1.2 * z)).min(0.8)) {
            let late = later(due, 8, 420, &mut draw).filter(|_| draw.chance(0.55));
            unfiled.push(Unfiled { due, filed: late });
            late
        } else {
            Some(in_time.min(due))
        };
        if let Some(filed) = filed {
            let (revenue, profit) = (round(revenue, 2), round(revenue * margin, 2));
            reports.push(Event::new(filed, &mut draw, Report { year, due, employees: employees as i64, revenue, profit }));
        }
    }
    (reports, unfiled)
}

pub(super) fn columns(sheet: &Sheet<'_, Report>) -> Vec<Column> {
    let group = Group::Operation;
    let column = |name, title, values| Column { name, title, group, values };
    let mut columns = sheet.head(group, "filed_on", "公示日期");
    columns.extend([
        column("report_year", "年报年度", sheet.whole(|report| Some(i64::from(report.year)))),
        column("due_on", "公示期限", sheet.days(|report| Some(report.due))),
        column("employees", "从业人数", sheet.whole(|report| Some(report.employees))),
        column("revenue_10k", "营业总收入（万元）", sheet.numbers(|report| Some(report.revenue))),
        column("profit_10k", "净利润（万元）", sheet.numbers(|report| Some(report.profit))),
    ]);
    columns
}
