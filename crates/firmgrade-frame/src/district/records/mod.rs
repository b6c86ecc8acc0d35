//! The same district as offices hold it: a register of firms, and tables of records from which indicators are derived.
//!
//! Firm `i` is firm `i` of the one-table district of the same seed: code, name, trade, age and latent risk are the same. Its records are
//! drawn on their own; nothing is both drawn as an indicator and derived.
//!
//! # The model
//!
//! ```text
//! days        2019-01-01 … 2024-12-31 in 24 quarters, from the day of establishment on
//! events      in each quarter one with chance yearly/4·(1 − more)·factor·2^(slope·z), then one more with chance `more`, again and again
//! z           the firm's risk in the table's group of records
//! violation   at an inspection with chance base·2^(1.75·risk): 0.026 at random and routine ones, 0.033 at special ones, 0.06 after a report
//! ```
//! Records hang together as in life: a report (举报) may be followed by an inspection, a failed inspection by a penalty or, where nobody
//! was found, by the abnormal list, an annual report that is not filed by the list too, a lost suit by enforcement.
//!
//! The tables reach a year beyond [`AS_OF`], as tables do from which an earlier day is graded: nothing after it may count. The inspections
//! of that year are the outcomes. Random ones are drawn alike for every firm; special ones and those after reports go where records are bad,
//! so their rates say nothing about a grade.
//!
//! Some rows are as offices have them: 0.4 % belong to firms that are registered elsewhere, one complaint in 500 has no date, one in 1,000
//! stands twice.
//!
//! # Order
//!
//! Rows of a table are sorted by day, then by the firm's place in the register, then as they were drawn; rows without a day come last.

mod abnormal;
mod changes;
mod complaints;
mod event;
mod inspections;
mod lawsuits;
mod licences;
mod penalties;
mod register;
mod reports;
mod sheet;
#[cfg(test)]
mod tests;

use super::Column;
use super::draw::mix;
use super::firm::Firm;
use event::Event;
use rayon::prelude::*;
use sheet::{Codes, Sheet};

/// 2019-01-01 as days since 1970-01-01: the first day of a record.
pub(super) const FIRST: i32 = 17_897;
/// 2023-12-31: the day as of which the demonstration grades.
pub const AS_OF: i32 = 19_722;
/// 2024-12-31: the last day that the tables know.
pub(super) const LAST: i32 = 20_088;

/// A district as a register and tables of records.
#[derive(Clone, Debug, PartialEq)]
pub struct Records {
    /// The register: one row for each firm.
    pub firms: Vec<Column>,
    /// The tables of records.
    pub tables: Vec<RecordTable>,
    /// What inspections after [`AS_OF`] found: `uscc`, `date`, `source` (random, event or special), `outcome` (1 is a violation), `result`;
    /// one row for each inspection.
    pub outcomes: Vec<Column>,
}

/// A table of records.
#[derive(Clone, Debug, PartialEq)]
pub struct RecordTable {
    /// The name in files and scorecards.
    pub id: &'static str,
    /// The name that people read.
    pub title: &'static str,
    /// Its columns, of one length.
    pub columns: Vec<Column>,
}

/// What became of one firm.
#[derive(Debug)]
struct History {
    penalties: Vec<Event<penalties::Penalty>>,
    abnormal: Vec<Event<abnormal::Listing>>,
    changes: Vec<Event<changes::Change>>,
    lawsuits: Vec<Event<lawsuits::Suit>>,
    inspections: Vec<Event<inspections::Inspection>>,
    complaints: Vec<Event<complaints::Complaint>>,
    licences: Vec<Event<licences::Licence>>,
    reports: Vec<Event<reports::Report>>,
}

impl History {
    fn of(firm: &Firm) -> Self {
        let established = register::established(firm);
        let complaints = complaints::of(firm, established);
        let inspections = inspections::of(firm, established, &complaints);
        let (reports, unfiled) = reports::of(firm, established);
        Self {
            penalties: penalties::of(firm, established, &inspections),
            abnormal: abnormal::of(firm, established, &inspections, &unfiled),
            changes: changes::of(firm, established),
            lawsuits: lawsuits::of(firm, established),
            licences: licences::of(firm, established),
            inspections,
            complaints,
            reports,
        }
    }
}

/// Generates a district of `firms` firms as a register and tables of records, about 17 records for each firm.
#[must_use]
pub fn generate_records(firms: usize, seed: u64) -> Records {
    let firms: Vec<Firm> = (0..firms as u64).into_par_iter().map(|number| Firm::new(seed, number)).collect();
    let histories: Vec<History> = firms.par_iter().map(History::of).collect();
    let codes = Codes::new(&firms, mix(seed) >> 1);
    let found = Sheet::new(&codes, &histories, |history| &history.inspections);
    let table = |id, title, columns| RecordTable { id, title, columns };
    Records {
        firms: register::columns(&firms, seed),
        outcomes: inspections::outcomes(&found),
        tables: vec![
            table("penalties", "行政处罚", penalties::columns(&Sheet::new(&codes, &histories, |history| &history.penalties))),
            table("abnormal", "经营异常名录", abnormal::columns(&Sheet::new(&codes, &histories, |history| &history.abnormal))),
            table("changes", "登记变更", changes::columns(&Sheet::new(&codes, &histories, |history| &history.changes))),
            table("lawsuits", "司法案件", lawsuits::columns(&Sheet::new(&codes, &histories, |history| &history.lawsuits))),
            table("inspections", "监督检查", inspections::columns(&found)),
            table("complaints", "投诉举报", complaints::columns(&Sheet::new(&codes, &histories, |history| &history.complaints))),
            table("licences", "许可证件", licences::columns(&Sheet::new(&codes, &histories, |history| &history.licences))),
            table("annual_reports", "年度报告", reports::columns(&Sheet::new(&codes, &histories, |history| &history.reports))),
        ],
    }
}
