//! What keeps a plan from being made, and what to do about it.

use crate::fault::Cells;
use thiserror::Error;

/// What keeps a plan from being made. Numbers of natural persons are masked in the texts.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
pub enum PlanFault {
    /// A column that the policy reads is not there.
    #[error("{what} missing, which the policy reads {used}; {remedy}")]
    Missing {
        /// What is missing.
        what: String,
        /// What for.
        used: &'static str,
        /// What to do.
        remedy: &'static str,
    },
    /// A column of another length than the ids.
    #[error("{what} has {found} rows, expected {expected}, one for each id")]
    Length {
        /// The column.
        what: String,
        /// Its length.
        found: usize,
        /// The number of ids.
        expected: usize,
    },
    /// Cells that cannot be used.
    #[error("{what} has {cells}; {remedy}")]
    Cells {
        /// The column.
        what: String,
        /// The cells.
        cells: Cells,
        /// What to do.
        remedy: &'static str,
    },
    /// Kinds of earlier inspections that the policy does not know.
    #[error("unknown kinds of inspections: {}; correct them, or add them to `counted` or `not_counted` under `[frequency]`", .kinds.join(", "))]
    UnknownKinds {
        /// Each kind in backticks, with its number of rows.
        kinds: Vec<String>,
    },
    /// An exact rate that gives a fraction of a firm.
    #[error(
        "stratum `{stratum}`: item `{item}` asks for exactly {asked} firms, which is no whole number; let the policy say `at_least` or `at_most`, or state a count"
    )]
    Fraction {
        /// The stratum.
        stratum: String,
        /// The item.
        item: String,
        /// N times the ratio.
        asked: String,
    },
    /// A budget below the floors.
    #[error(
        "found {given} inspector-days, and the floors alone need {least} ({visits} visits); give more days, or lower the floors in the policy"
    )]
    Budget {
        /// Inspector-days given.
        given: u64,
        /// Inspector-days that the floors need.
        least: u64,
        /// Visits that the floors need.
        visits: u64,
    },
    /// A number that exceeds 64 bits.
    #[error("stratum `{stratum}`: the rates exceed 64 bits; write ratios and weights with fewer digits")]
    TooLarge {
        /// The stratum.
        stratum: String,
    },
}
