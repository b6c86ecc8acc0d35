//! What can be wrong with graded firms, an earlier grading and outcomes that are held against each other.

use crate::derive::DeriveFault;
use firmgrade::Cells;
use thiserror::Error;

/// Outcomes could not be held against grades. Holds all the faults that were found, not just the first.
#[derive(Clone, Debug, PartialEq, Error)]
#[error("{}", list(.0))]
pub struct OutcomeError(pub Vec<OutcomeFault>);

/// One fault. Tables are `graded`, `outcomes`, `challenger` and `before`.
#[derive(Clone, Debug, PartialEq, Error)]
#[expect(missing_docs, reason = "each variant and its fields are explained by its text")]
pub enum OutcomeFault {
    #[error(transparent)]
    Table(#[from] DeriveFault),
    #[error("table `{table}` has no column {}; {remedy}", quoted(.names, " or "))]
    NoColumn { table: &'static str, names: Vec<String>, remedy: String },
    #[error("there is no column `{column}` in {}{}; name one of their columns", quoted(.tables, " or in "), hint(.near))]
    NoGroup { column: String, tables: Vec<String>, near: Option<String> },
    #[error(
        "table `outcomes`: column `{column}` has {cells}, expected 0 or 1, true or false, or one of {}; say what other codes mean by `codes`",
        quoted(&super::codes::words(), ", ")
    )]
    UnknownCode { column: String, cells: Cells },
    #[error("table `outcomes`: column `{column}` has {cells}, expected `random`, `event` or `special`; correct them")]
    UnknownSource { column: String, cells: Cells },
    #[error("table `outcomes`: column `{column}` has {cells}; a firm drawn at random has a chance above 0 and at most 1 of being drawn")]
    Chance { column: String, cells: Cells },
    #[error("table `outcomes`: column `{column}` has {cells}; give the number of firms in the row's stratum")]
    Population { column: String, cells: Cells },
    #[error("table `outcomes`: column `{column}` has {cells}, expected dates such as 2022-07-29; correct them, or leave the rows out")]
    UnreadableDates { column: String, cells: Cells },
    #[error("table `outcomes`: column `{column}` has {cells} beside an outcome; date them, or leave the rows out")]
    Undated { column: String, cells: Cells },
    #[error(
        "table `outcomes`: {cells} on or before {as_of}, as of which the firms were graded: the grades may know them; say `early = \"drop\"` to leave such rows out, or grade as of an earlier day"
    )]
    Leak { as_of: String, cells: Cells },
    #[error(
        "table `outcomes`: {cells} of a firm that was looked at before; say `repeats = \"worst\"` to take a firm's looks together, or `\"each\"` to count each"
    )]
    Repeated { cells: Cells },
    #[error(
        "table `outcomes`: {cells}, another chance of being drawn than the firm's earlier rows; give one plan at a time, or say `repeats = \"each\"`"
    )]
    Chances { cells: Cells },
    #[error("table `outcomes`: stratum {} has one random row each, which has no variance; join like strata, or state `single`: remove, certainty or adjust", quoted(.strata, ", "))]
    Lonely { strata: Vec<String> },
    #[error("table `graded`: the grades {} do not stand in the scorecard; name the scorecard that graded", quoted(.grades, ", "))]
    UnknownGrades { grades: Vec<String> },
    #[error(
        "table `graded` does not tell whether high scores are good: the mean score does not rise or fall from grade to grade; name the scorecard"
    )]
    NoDirection,
    #[error("table `{table}` has no {what} for {cells} with an outcome; grade the same firms with it")]
    Incomplete { table: &'static str, what: &'static str, cells: Cells },
    #[error("no outcome is left: {account}; {remedy}")]
    Nothing { account: String, remedy: &'static str },
}

fn list(faults: &[OutcomeFault]) -> String {
    let noun = if faults.len() == 1 { "problem" } else { "problems" };
    let mut text = format!("the outcomes: {} {noun}", faults.len());
    for fault in faults {
        text.push_str("\n  ");
        text.push_str(&fault.to_string());
    }
    text
}

fn quoted(names: &[String], between: &str) -> String {
    names.iter().map(|name| format!("`{name}`")).collect::<Vec<_>>().join(between)
}

fn hint(near: &Option<String>) -> String {
    near.as_ref().map_or(String::new(), |near| format!("; did you mean `{near}`?"))
}
