//! A result as it is handed in, and the account of all of them.

use super::super::Probability;
use super::codes::Outcome;
use crate::calendar::Day;
use serde::{Deserialize, Serialize};

/// Why a firm was inspected. Only random rows enter rates.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Source {
    /// It was drawn.
    Random,
    /// Something happened: a complaint, a lead, a transfer.
    Event,
    /// A special campaign.
    Special,
}

/// One result as it is handed in.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ResultRow<'a> {
    /// The firm.
    pub id: &'a str,
    /// The item; empty for all items for which the firm was drawn.
    pub item: &'a str,
    /// The result code in any customary spelling.
    pub code: &'a str,
    /// The day on which the inspection ended.
    pub finished: Day,
    /// The day on which the result was published, where it was.
    pub published: Option<Day>,
    /// Why the firm was inspected.
    pub source: Source,
}

/// A row for evaluation: one firm and item.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Evaluated {
    /// The firm.
    pub id: String,
    /// The item; empty where the result was handed in without one for a firm that was not drawn.
    pub item: String,
    /// The code, in its customary spelling.
    pub code: String,
    /// What it means.
    pub outcome: Outcome,
    /// The day on which the inspection ended (YYYY-MM-DD).
    pub date: String,
    /// Why the firm was inspected.
    pub source: Source,
    /// The probability that the firm is visited; `None` unless the source is random.
    pub pi_visit: Option<Probability>,
    /// The probability that this item is inspected there; `None` unless the source is random.
    pub pi_item: Option<Probability>,
    /// The stratum; empty unless the source is random.
    pub stratum: String,
    /// How many firms of the stratum could be drawn; `None` unless the source is random.
    pub population: Option<u64>,
    /// Whether it is a substitute from the reserve.
    pub substitute: bool,
    /// The plan.
    pub plan_id: String,
}

/// What became of the firms drawn in a stratum, in firms and items: a firm drawn for two items counts twice.
///
/// ```text
/// drawn = violation + none + out_of_scope + unreachable + outstanding
/// ```
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct StratumResults {
    /// The stratum; empty for all together.
    pub stratum: String,
    /// Drawn.
    pub drawn: u64,
    /// With a violation.
    pub violation: u64,
    /// Without.
    pub none: u64,
    /// Nothing to inspect.
    pub out_of_scope: u64,
    /// Not found.
    pub unreachable: u64,
    /// Without a result so far.
    pub outstanding: u64,
    /// Of these, beyond the deadline.
    pub overdue: u64,
    /// Results of substitutes, which are not among those drawn.
    pub substitutes: u64,
}

impl StratumResults {
    /// Those inspected: with a violation or without.
    #[must_use]
    pub fn responded(&self) -> u64 {
        self.violation + self.none
    }

    /// Those that should have been inspected and were not: not found or without a result. Who has nothing to inspect is no non-response.
    #[must_use]
    pub fn nonresponse(&self) -> u64 {
        self.unreachable + self.outstanding
    }

    pub(super) fn add(&mut self, outcome: Outcome) {
        match outcome {
            Outcome::Violation => self.violation += 1,
            Outcome::None => self.none += 1,
            Outcome::OutOfScope => self.out_of_scope += 1,
            Outcome::Unreachable => self.unreachable += 1,
        }
    }

    pub(super) fn plus(&mut self, other: &Self) {
        self.drawn += other.drawn;
        self.violation += other.violation;
        self.none += other.none;
        self.out_of_scope += other.out_of_scope;
        self.unreachable += other.unreachable;
        self.outstanding += other.outstanding;
        self.overdue += other.overdue;
        self.substitutes += other.substitutes;
    }
}

/// A firm drawn that has no result for an item.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Outstanding {
    /// The firm.
    pub id: String,
    /// The item.
    pub item: String,
    /// Its stratum.
    pub stratum: String,
    /// The last day for its result (YYYY-MM-DD): the deadline counted from the end of the plan's period.
    pub due: String,
    /// Whether that day is over.
    pub overdue: bool,
}

/// How the publication of a result stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Publication {
    /// Published within the deadline.
    InTime,
    /// Published after it.
    Late,
    /// Not published, and there is time.
    Pending,
    /// Not published, and the deadline is over.
    Overdue,
}

/// When a result is to be published, and whether it was.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Deadline {
    /// The firm.
    pub id: String,
    /// The item.
    pub item: String,
    /// The last day for publishing (YYYY-MM-DD).
    pub due: String,
    /// How it stands.
    pub state: Publication,
}

/// Results held against a record.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Accounted {
    /// The plan.
    pub plan_id: String,
    /// The day as of which deadlines are judged (YYYY-MM-DD).
    pub as_of: String,
    /// All strata together.
    pub total: StratumResults,
    /// Each stratum, in the order of the record.
    pub strata: Vec<StratumResults>,
    /// How many results there are of each code, drawn firms and substitutes, in the order of the policy's codes.
    pub codes: Vec<(String, Outcome, u64)>,
    /// Rows for evaluation: firms drawn in the order of the record, then substitutes, then other sources as given.
    pub rows: Vec<Evaluated>,
    /// Firms drawn without a result.
    pub outstanding: Vec<Outstanding>,
    /// The deadline of each result, in the order of `rows`.
    pub deadlines: Vec<Deadline>,
}
