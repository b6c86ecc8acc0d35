//! What became of every row of an outcomes table.

use serde::Serialize;
use std::fmt;

/// Rows of an outcomes table by what became of them; `read` is the sum of the others.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Account {
    /// Rows of the table.
    pub read: usize,
    /// Rows that rates and areas are made of.
    pub used: usize,
    /// Further looks at a firm that is used already.
    pub merged: usize,
    /// Of no graded firm.
    pub unmatched: usize,
    /// Nothing was found out: no outcome in the row.
    pub no_outcome: usize,
    /// There was nothing to inspect.
    pub out_of_scope: usize,
    /// The firm was not found.
    pub unreachable: usize,
    /// On or before the day as of which the firms were graded.
    pub early: usize,
    /// After the last day asked for.
    pub late: usize,
    /// Inspected because something happened: a complaint, a lead.
    pub event: usize,
    /// Inspected in a campaign.
    pub special: usize,
    /// Of firms without a score, or in the class for too little data.
    pub ungraded: usize,
}

impl Account {
    /// Each fate in words, in the order in which it is looked for.
    #[must_use]
    pub fn fates(&self) -> [(&'static str, usize); 11] {
        [
            ("used", self.used),
            ("further looks at the same firm", self.merged),
            ("of no graded firm", self.unmatched),
            ("without an outcome", self.no_outcome),
            ("out of scope", self.out_of_scope),
            ("unreachable", self.unreachable),
            ("before the grading", self.early),
            ("after the last day", self.late),
            ("not random: event", self.event),
            ("not random: special", self.special),
            ("firm without a score", self.ungraded),
        ]
    }

    /// Whether every row is accounted for.
    #[must_use]
    pub fn adds_up(&self) -> bool {
        self.read == self.fates().iter().map(|(_, rows)| rows).sum::<usize>()
    }
}

impl fmt::Display for Account {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} rows read", self.read)?;
        self.fates().iter().filter(|(_, rows)| *rows > 0).try_for_each(|(what, rows)| write!(f, ", {rows} {what}"))
    }
}
