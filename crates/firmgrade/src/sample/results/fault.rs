//! What keeps results from being taken in, and what to do about it.

use crate::fault::Cells;
use crate::person::mask;
use thiserror::Error;

/// What keeps results from being taken in. Numbers of natural persons are masked in the texts.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
pub enum ResultFault {
    /// Codes that the policy does not know.
    #[error("unknown result codes: {}; correct them, or state under `[results]` what they mean", counted(.codes))]
    UnknownCodes {
        /// Each code with its number of rows, in the order of their bytes.
        codes: Vec<(String, u64)>,
    },
    /// Rows that cannot be used.
    #[error("the results have {cells}; {remedy}")]
    Rows {
        /// The rows.
        cells: Cells,
        /// What to do.
        remedy: &'static str,
    },
    /// A substitute that was taken out of order.
    #[error("stratum `{stratum}`: substitute `{}` is number {rank} of the reserve, and number {missing} was not used; substitutes are taken in the order of the reserve", mask(.id))]
    OutOfOrder {
        /// The stratum.
        stratum: String,
        /// The substitute.
        id: String,
        /// Its place.
        rank: u64,
        /// The first place that was left out.
        missing: u64,
    },
    /// More substitutes than firms drawn that could not be inspected.
    #[error(
        "stratum `{stratum}`: found substitutes: {used}, firms out of scope or unreachable: {lost}; every substitute stands for such a firm, whose result is needed"
    )]
    TooManySubstitutes {
        /// The stratum.
        stratum: String,
        /// Substitutes used.
        used: u64,
        /// Firms drawn that could not be inspected.
        lost: u64,
    },
    /// The record is not of this policy.
    #[error("the record is of policy {found}, expected {expected}; give the policy that was committed to")]
    Policy {
        /// The digest in the record.
        found: String,
        /// The digest of the policy.
        expected: String,
    },
}

fn counted(codes: &[(String, u64)]) -> String {
    codes.iter().map(|(code, rows)| format!("`{code}` ({rows} row{})", if *rows == 1 { "" } else { "s" })).collect::<Vec<_>>().join(", ")
}

/// Rows that cannot be used, by what is wrong.
pub(super) struct Wrong {
    pub(super) unknown_firm: Cells,
    pub(super) unknown_item: Cells,
    pub(super) other_item: Cells,
    pub(super) twice: Cells,
    pub(super) future: Cells,
    pub(super) before: Cells,
    pub(super) published: Cells,
}

impl Wrong {
    pub(super) fn new() -> Self {
        Self {
            unknown_firm: Cells::new("foreign firm"),
            unknown_item: Cells::new("unknown item"),
            other_item: Cells::new("foreign item"),
            twice: Cells::new("second result"),
            future: Cells::new("future date"),
            before: Cells::new("early date"),
            published: Cells::new("early publication"),
        }
    }

    pub(super) fn faults(self) -> impl Iterator<Item = ResultFault> {
        let all = [
            (self.unknown_firm, "these were neither drawn nor in reserve: correct the ids, or say that the source is `event` or `special`"),
            (self.unknown_item, "give the id of an item of the policy, or leave it empty"),
            (self.other_item, "these firms were not drawn for the item: correct it, or say that the source is `special`"),
            (self.twice, "keep one result for each firm and item"),
            (self.future, "these inspections ended after the as-of day: correct the dates, or choose a later day"),
            (self.before, "an inspection before the plan's period is not one of this plan: correct the dates, or the source"),
            (self.published, "a result is published after its inspection has ended: correct the dates"),
        ];
        all.into_iter().filter(|(cells, _)| !cells.is_empty()).map(|(cells, remedy)| ResultFault::Rows { cells, remedy })
    }
}
