//! What a simulation cannot be run with.

use crate::fault::Cells;
use thiserror::Error;

/// A fault of the firms, policies or assumptions of a simulation.
#[derive(Clone, Debug, PartialEq, Error)]
pub enum SimulateFault {
    /// Columns of different lengths.
    #[error("found {found} {what}, expected {expected}, one for each firm")]
    Length {
        /// What there are too many or too few of.
        what: &'static str,
        /// How many there are.
        found: usize,
        /// How many firms.
        expected: usize,
    },
    /// Cells that cannot be used.
    #[error("the firms have {cells}; {remedy}")]
    Cells {
        /// The cells.
        cells: Cells,
        /// What to do.
        remedy: &'static str,
    },
    /// A number out of its range.
    #[error("`{name}` is {found}, expected a number from {low} to {high}")]
    Range {
        /// The name.
        name: String,
        /// What was given.
        found: f64,
        /// The least allowed.
        low: f64,
        /// The greatest allowed.
        high: f64,
    },
    /// A policy that is not one rate for each grade.
    #[error("policy `{policy}` has {found} rates, expected {expected}, one for each grade")]
    Rates {
        /// The policy.
        policy: String,
        /// How many rates it has.
        found: usize,
        /// How many grades.
        expected: usize,
    },
    /// Two policies of one name, or one without.
    #[error("policy name `{name}` {what}; give every policy a name of its own")]
    Name {
        /// The name.
        name: String,
        /// What is wrong.
        what: &'static str,
    },
    /// Nothing to do.
    #[error("there are no {what}; give at least one")]
    None {
        /// What is missing.
        what: &'static str,
    },
}
