//! The indicator columns, one file for each group of records.

mod annual_report;
mod judicial;
mod operation;
mod registration;
mod violations;

use super::firm::Group;
use super::law::Spec;

/// All tables in the order of the columns.
pub(super) const TABLES: [(Group, &[Spec]); 5] = [
    (Group::Registration, registration::TABLE),
    (Group::Operation, operation::TABLE),
    (Group::Judicial, judicial::TABLE),
    (Group::Violations, violations::TABLE),
    (Group::AnnualReport, annual_report::TABLE),
];
