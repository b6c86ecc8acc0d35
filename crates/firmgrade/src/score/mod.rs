//! Scoring: the risk of every firm, what it rests on, and why.
//!
//! ```text
//! risk_i = Σ_j w_j · u_j(x_ij)          w_j global weight, u_j risk in [0, 1]; the sum goes in indicator order
//! ```
//! Where missing values share their weight among siblings, `w_j` is multiplied, at each level from the top down, by
//! (weight of all children) / (weight of the children with data); a firm with all its data has the factor 1 exactly.

mod feed;
mod kernel;
mod leaf;
mod plan;
mod share;
#[cfg(target_arch = "x86_64")]
mod wide;

pub(crate) use leaf::Table;
pub(crate) use plan::{Plan, Row, Want};

/// In [`Reasons`], no reason.
pub const NO_REASON: u16 = u16::MAX;

/// The strongest reasons of every firm: indices of indicators, strongest first.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Reasons {
    /// How many for each firm at most.
    pub per_firm: usize,
    /// Shape `(n_firms, per_firm)`, row by row; [`NO_REASON`] fills up.
    pub indicators: Vec<u16>,
}

impl Reasons {
    /// The reasons of one firm, strongest first.
    pub fn of(&self, firm: usize) -> impl Iterator<Item = usize> + '_ {
        let start = firm * self.per_firm;
        let row = self.indicators.get(start..start + self.per_firm).unwrap_or_default();
        row.iter().take_while(|index| **index != NO_REASON).map(|index| usize::from(*index))
    }
}
