//! What can be wrong with a roster, with staffing it, and with a record of it.

use super::staff::{Shortage, Unstaffed};
use thiserror::Error;

/// What is wrong when inspectors are matched, or when a match is checked.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
pub enum MatchFault {
    /// Nothing to staff, or nobody to send.
    #[error("found no {what}, expected at least one")]
    Nothing {
        /// `visits` or `inspectors`.
        what: &'static str,
    },
    /// A visit needs somebody.
    #[error("found 0 inspectors per visit, expected at least 1")]
    PerVisit,
    /// A name of length zero.
    #[error("{of} is empty{}", .at.map_or(String::new(), |at| format!(" (number {})", at + 1)))]
    EmptyName {
        /// What it is the name of.
        of: String,
        /// Its position, from 0.
        at: Option<usize>,
    },
    /// The same id more than once.
    #[error("{what} `{id}` stands in {times} places, expected one")]
    Duplicate {
        /// `visit` or `inspector`.
        what: &'static str,
        /// The id.
        id: String,
        /// How often it is there.
        times: usize,
    },
    /// An inspector without a place.
    #[error("inspector `{inspector}` has capacity 0, expected at least 1; leave out who cannot go")]
    NoCapacity {
        /// The inspector.
        inspector: String,
    },
    /// Text that is no date.
    #[error("{of} is `{text}`, expected a date such as `2027-03-01`")]
    Date {
        /// Whose date.
        of: String,
        /// The text.
        text: String,
    },
    /// Dates the wrong way round.
    #[error("{of} runs from `{from}` to `{to}`, expected the earlier day first")]
    Reversed {
        /// Whose dates.
        of: String,
        /// First day.
        from: String,
        /// Last day.
        to: String,
    },
    /// Certificates have dates and visits have none.
    #[error(
        "{visits} visits have no day (the first is `{visit}`), so certificates cannot be checked; give each a day, or the roster a period"
    )]
    NoDay {
        /// The first visit without a day.
        visit: String,
        /// How many there are.
        visits: usize,
    },
    /// A recusal of somebody who is not there.
    #[error("a recusal names {what} `{name}`, who is not in the roster{}", .near.as_ref().map_or(String::new(), |near| format!("; did you mean `{near}`?")))]
    Unknown {
        /// `visit` or `inspector`.
        what: &'static str,
        /// The name.
        name: String,
        /// A name that may be meant.
        near: Option<String>,
    },
    /// A qualification that nobody has.
    #[error(
        "visit `{visit}`{} needs `{need}`, which no inspector has{}",
        if *.visits > 1 { format!(" (and {} more)", .visits - 1) } else { String::new() },
        .near.as_ref().map_or(String::new(), |near| format!("; did you mean `{near}`?"))
    )]
    UnknownNeed {
        /// The qualification.
        need: String,
        /// The first visit that needs it.
        visit: String,
        /// How many visits need it.
        visits: usize,
        /// A qualification that may be meant.
        near: Option<String>,
    },
    /// More than sums of costs have room for.
    #[error("found {found} {what}, expected at most {limit}; match zone by zone")]
    TooLarge {
        /// `places to fill` or `inspectors`.
        what: &'static str,
        /// How many there are.
        found: usize,
        /// The limit.
        limit: usize,
    },
    /// A visit that cannot be staffed whoever else is.
    #[error(transparent)]
    Unstaffed(Unstaffed),
    /// Visits that cannot be staffed together.
    #[error(transparent)]
    Shortage(Shortage),
    /// The record was made from something else.
    #[error("the record's {what} is `{found}`, expected `{expected}`")]
    Record {
        /// The entry.
        what: &'static str,
        /// What it holds.
        found: String,
        /// What follows from the roster and the seed.
        expected: String,
    },
    /// A pair that may not be, or is missing.
    #[error("pair `{visit}`–`{inspector}`: {why}")]
    Pair {
        /// The visit.
        visit: String,
        /// The inspector.
        inspector: String,
        /// What is wrong with it.
        why: &'static str,
    },
    /// A visit with too few or too many inspectors, or without a qualified one.
    #[error("visit `{visit}` has {found} {what}, expected {expected}")]
    Staffing {
        /// The visit.
        visit: String,
        /// What is counted.
        what: &'static str,
        /// How many there are.
        found: usize,
        /// How many there should be.
        expected: String,
    },
    /// More visits than an inspector has places.
    #[error("inspector `{inspector}` has {found} visits, expected at most {capacity}")]
    Overload {
        /// The inspector.
        inspector: String,
        /// Visits in the record.
        found: usize,
        /// Places.
        capacity: u32,
    },
    /// The certificate does not prove that the match is the cheapest.
    #[error("the certificate does not hold at {arc}: reduced cost {reduced}, and the arc is {state}")]
    Certificate {
        /// The arc.
        arc: String,
        /// Its reduced cost.
        reduced: i64,
        /// `not full` where it should be full, `not empty` where it should be empty, `over full`.
        state: &'static str,
    },
}
