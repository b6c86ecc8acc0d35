//! What cut points are to reach, and which verb reaches it.

use super::capacity::Capacity;
use super::cost::cheapest;
use super::separation::Separation;
use super::shares::{SHARES, at_shares, cumulated, sums_to_one};
use crate::error::Error;
use crate::tune::fault::Faults;
use crate::tune::partition::{Cell, Cumulated};
use serde::{Deserialize, Serialize};

/// What cut points are to reach. Grades run from the least to the greatest risk.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Aim {
    /// Each grade gets this share of the firms; the shares sum to 1. Ties stay together, on the side that comes nearer.
    Shares(Vec<f64>),
    /// The inspections that the grades ask for fit into the inspector-days.
    Capacity(Capacity),
    /// The grades' rates of bad outcomes are as different as they can be.
    Separation(Separation),
    /// By grade: the cost of giving it to a good firm, and to a bad one. The whole cost is least.
    Cost(Vec<[f64; 2]>),
}

impl Aim {
    pub(super) fn check(&self, faults: &mut Faults) {
        match self {
            Self::Shares(found) => faults.argument("shares", format!("{found:?}"), SHARES, sums_to_one(found)),
            Self::Capacity(capacity) => capacity.check(faults),
            Self::Separation(separation) => separation.check(faults),
            Self::Cost(costs) => {
                let finite = costs.len() > 1 && costs.iter().flatten().all(|cost| cost.is_finite());
                faults.argument("cost", format!("{costs:?}"), "two finite numbers for each of at least two grades", finite);
            }
        }
    }

    pub(super) fn impossible(&self) -> Error {
        let mut faults = Faults::default();
        match self {
            Self::Capacity(capacity) => {
                let expected = "enough for all firms in the first grade";
                faults.argument("capacity.available", capacity.available, expected, false);
            }
            Self::Separation(separation) => {
                let expected = "fewer or smaller grades: no cut gives so many whose rates rise";
                faults.argument("separation", format!("{separation:?}"), expected, false);
            }
            Self::Shares(_) | Self::Cost(_) => faults.argument("aim", "out of reach", "one that can be met", false),
        }
        Error::Tune(faults.0)
    }

    /// Shares of the firms on the good side of each cut.
    pub(super) fn wanted(&self) -> Vec<f64> {
        match self {
            Self::Shares(shares) => cumulated(shares),
            _ => Vec::new(),
        }
    }

    /// By cut: the level after the last on its good side. `joined` are the places where separation may cut.
    pub(super) fn solve(&self, cells: &[Cell], joined: &[usize]) -> Option<Vec<usize>> {
        let sums = Cumulated::of(cells);
        match self {
            Self::Shares(shares) => Some(at_shares(&sums, &cumulated(shares))),
            Self::Capacity(capacity) => capacity.cuts(&sums),
            Self::Separation(separation) => separation.cuts(&sums, joined),
            Self::Cost(costs) => Some(cheapest(cells, costs)),
        }
    }
}
