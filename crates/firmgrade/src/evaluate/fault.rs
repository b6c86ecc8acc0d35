//! What keeps something from being evaluated, and what to do about it.

use crate::fault::Cells;
use thiserror::Error;

/// A fault of scores, outcomes, weights or arguments. Rows are counted from 1.
#[derive(Clone, Debug, PartialEq, Error)]
pub enum EvaluateFault {
    /// Values that cannot be used.
    #[error("the {what} has {cells}; {remedy}")]
    Values {
        /// Score, weight, …
        what: &'static str,
        /// The rows.
        cells: Cells,
        /// What to do.
        remedy: &'static str,
    },
    /// Columns of unequal length.
    #[error("the {what} has {found} rows, expected {expected}")]
    Rows {
        /// Score, weight, …
        what: &'static str,
        /// Its rows.
        found: usize,
        /// The rows of the first column.
        expected: usize,
    },
    /// Nothing to compare: no rows, or only one outcome.
    #[error("found no {what}; {remedy}")]
    None {
        /// What is not there.
        what: &'static str,
        /// What to do.
        remedy: &'static str,
    },
    /// A stratum whose rows do not fit together.
    #[error("stratum {stratum}: {what}; {remedy}")]
    Stratum {
        /// Its number.
        stratum: u32,
        /// What is wrong.
        what: String,
        /// What to do.
        remedy: &'static str,
    },
    /// An argument outside of what it may be.
    #[error("`{name}` is {found}, expected {expected}")]
    Argument {
        /// The argument.
        name: &'static str,
        /// What was given.
        found: String,
        /// What may be given.
        expected: String,
    },
}
