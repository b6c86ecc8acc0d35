//! What can be wrong with tables from which indicators are derived: the whole vocabulary, each text with its place and its remedy.

use firmgrade::{Cells, DataFault};
use thiserror::Error;

/// Indicators could not be derived. Holds all the faults that were found, not just the first.
#[derive(Clone, Debug, PartialEq, Error)]
#[error("{}", list(.0))]
pub struct DeriveError(pub Vec<DeriveFault>);

/// One fault. `table` is the id of a record table, or `firms`.
#[derive(Clone, Debug, PartialEq, Error)]
#[expect(missing_docs, reason = "each variant and its fields are explained by its text")]
pub enum DeriveFault {
    #[error("table `{table}`: {fault}")]
    Data { table: String, fault: Box<DataFault> },
    #[error("table `{table}`: column `{column}` holds {found}, expected dates; give dates, or text such as 2022-07-29")]
    NotDates { table: String, column: String, found: String },
    #[error("`{file}`: {fault}")]
    InFile { file: String, fault: Box<DeriveFault> },
    #[error(
        "table `{table}`: column `{column}` has {cells}: {reason}; correct them, or say what happens to them: \
         `[reading] unreadable = \"missing\"` or `\"drop\"`"
    )]
    UnreadableCells { table: String, column: String, reason: String, cells: Cells },
    #[error("table `{table}` has {cells}: {reason}; correct them, or leave them out: `[reading] unreadable = \"drop\"`")]
    UnreadableRows { table: String, reason: String, cells: Cells },
    #[error("{reason}")]
    Frame { table: String, reason: String },
    #[error(
        "table `{table}`: column `{column}` has {cells}; date them, or say what happens to undated records: `undated = \"drop\"` or `\"count\"`"
    )]
    Undated { table: String, column: String, cells: Cells },
    #[error("table `{table}` has {cells} equal to an earlier one; remove them, or say `duplicates = \"drop\"` or `\"count\"`")]
    Repeated { table: String, cells: Cells },
    #[error("table `{table}` already has a column `{column}`, the name of a derived indicator; rename one of them")]
    Taken { table: String, column: String },
    #[error("there is no record table `{name}` in the scorecard{}; {}", hint(.near), declared(.known))]
    UnknownTable { name: String, near: Option<String>, known: Vec<String> },
    #[error("the record table `{table}` is not there, but {} read it; give it", quoted(.used_by))]
    MissingTable { table: String, used_by: Vec<String> },
    #[error("the record table `{table}` is given twice; give it once")]
    RepeatedTable { table: String },
    #[error("table `{table}` has {rows} rows, expected at most 4294967294; derive it in parts")]
    TooLong { table: String, rows: usize },
    #[error(
        "internal fault: of {read} records of `{table}` {accounted} are accounted for by `{indicator}`; this is a defect of firmgrade, please report it"
    )]
    Unaccounted { table: String, indicator: String, read: u64, accounted: u64 },
}

impl DeriveFault {
    /// The faulty cells, where the fault is about cells.
    pub(super) fn cells_mut(&mut self) -> Option<&mut Cells> {
        match self {
            Self::Data { fault, .. } => fault.cells_mut(),
            Self::InFile { fault, .. } => fault.cells_mut(),
            Self::UnreadableCells { cells, .. }
            | Self::UnreadableRows { cells, .. }
            | Self::Undated { cells, .. }
            | Self::Repeated { cells, .. } => Some(cells),
            Self::NotDates { .. }
            | Self::Frame { .. }
            | Self::Taken { .. }
            | Self::UnknownTable { .. }
            | Self::MissingTable { .. }
            | Self::RepeatedTable { .. }
            | Self::TooLong { .. }
            | Self::Unaccounted { .. } => None,
        }
    }
}

fn list(faults: &[DeriveFault]) -> String {
    let noun = if faults.len() == 1 { "problem" } else { "problems" };
    let mut text = format!("the records: {} {noun}", faults.len());
    for fault in faults {
        text.push_str("\n  ");
        text.push_str(&fault.to_string());
    }
    text
}

fn hint(near: &Option<String>) -> String {
    near.as_ref().map_or(String::new(), |near| format!("; did you mean `{near}`?"))
}

fn declared(names: &[String]) -> String {
    if names.is_empty() { "it declares none".to_owned() } else { format!("it declares {}", quoted(names)) }
}

fn quoted(names: &[String]) -> String {
    names.iter().map(|name| format!("`{name}`")).collect::<Vec<_>>().join(", ")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_fault_has_its_text() {
        let s = str::to_owned;
        let cells = |what| {
            let mut cells = Cells::new(what);
            cells.add(1, || None);
            cells
        };
        let (table, column) = (|| s("penalties"), || s("decided_on"));
        let faults = [
            DeriveFault::Data { table: s("firms"), fault: Box::new(DataFault::NoFirms) },
            DeriveFault::NotDates { table: table(), column: column(), found: s("f64") },
            DeriveFault::UnreadableCells { table: table(), column: column(), reason: s("no date"), cells: cells("unreadable cell") },
            DeriveFault::UnreadableRows {
                table: table(),
                reason: s("fewer than the 3 cells of the header"),
                cells: cells("unreadable row"),
            },
            DeriveFault::InFile { file: s("p.csv"), fault: Box::new(DeriveFault::Taken { table: s("firms"), column: s("n") }) },
            DeriveFault::Frame { table: s("firms"), reason: s("the table cannot be read") },
            DeriveFault::Undated { table: table(), column: column(), cells: cells("undated record") },
            DeriveFault::Repeated { table: table(), cells: cells("row") },
            DeriveFault::Taken { table: s("firms"), column: s("n") },
            DeriveFault::UnknownTable { name: s("penaltys"), near: Some(table()), known: vec![table()] },
            DeriveFault::UnknownTable { name: s("x"), near: None, known: vec![] },
            DeriveFault::MissingTable { table: table(), used_by: vec![s("a"), s("b")] },
            DeriveFault::RepeatedTable { table: table() },
            DeriveFault::TooLong { table: table(), rows: 5_000_000_000 },
            DeriveFault::Unaccounted { table: table(), indicator: s("a"), read: 3, accounted: 2 },
        ];
        let text = DeriveError(faults.to_vec()).to_string();
        let lines = [
            "the records: 15 problems",
            "  table `firms`: found no firms, expected at least one; look whether rows stand below the header",
            "  table `penalties`: column `decided_on` holds f64, expected dates; give dates, or text such as 2022-07-29",
            "  table `penalties`: column `decided_on` has 1 unreadable cell (row 2): no date; correct them, or say what happens to them: `[reading] unreadable = \"missing\"` or `\"drop\"`",
            "  table `penalties` has 1 unreadable row (row 2): fewer than the 3 cells of the header; correct them, or leave them out: `[reading] unreadable = \"drop\"`",
            "  `p.csv`: table `firms` already has a column `n`, the name of a derived indicator; rename one of them",
            "  the table cannot be read",
            "  table `penalties`: column `decided_on` has 1 undated record (row 2); date them, or say what happens to undated records: `undated = \"drop\"` or `\"count\"`",
            "  table `penalties` has 1 row (row 2) equal to an earlier one; remove them, or say `duplicates = \"drop\"` or `\"count\"`",
            "  table `firms` already has a column `n`, the name of a derived indicator; rename one of them",
            "  there is no record table `penaltys` in the scorecard; did you mean `penalties`?; it declares `penalties`",
            "  there is no record table `x` in the scorecard; it declares none",
            "  the record table `penalties` is not there, but `a`, `b` read it; give it",
            "  the record table `penalties` is given twice; give it once",
            "  table `penalties` has 5000000000 rows, expected at most 4294967294; derive it in parts",
            "  internal fault: of 3 records of `penalties` 2 are accounted for by `a`; this is a defect of firmgrade, please report it",
        ];
        assert_eq!(text, lines.join("\n"));
    }
}
