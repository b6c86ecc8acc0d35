//! What keeps a draw from being made, and what to do about it.

use crate::fault::Cells;
use crate::person::mask;
use thiserror::Error;

/// A fault of a frame, a design, a commitment, a record or a log. Numbers of natural persons are masked in the texts.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
pub enum SampleFault {
    /// Ids that stand in more than one row.
    #[error("{}; a firm stands in one row only", duplicates(.ids))]
    DuplicateIds {
        /// Every such id with its rows, from 1; not masked.
        ids: Vec<(String, Vec<usize>)>,
    },
    /// Cells of the frame that cannot be used.
    #[error("the frame has {cells}; {remedy}")]
    Frame {
        /// The cells.
        cells: Cells,
        /// What to do.
        remedy: &'static str,
    },
    /// A count that should be another.
    #[error("found {found} {what}, expected {expected}")]
    Count {
        /// What is counted.
        what: &'static str,
        /// How many there are.
        found: usize,
        /// How many there should be.
        expected: String,
    },
    /// Something without a name or a value.
    #[error("{what} is empty; {remedy}")]
    Empty {
        /// What is empty.
        what: String,
        /// What to do.
        remedy: &'static str,
    },
    /// A source of entropy that is given more than once.
    #[error("entropy source `{name}` is given twice; give each source once")]
    SourceTwice {
        /// Its name.
        name: String,
    },
    /// The sources given are not those committed to.
    #[error("entropy source `{name}` {what}; the sources are fixed by the commitment")]
    Source {
        /// Its name.
        name: String,
        /// Missing or not committed to.
        what: &'static str,
    },
    /// The file of a beacon that does not hold.
    #[error("the beacon: {what}; {remedy}")]
    Beacon {
        /// What does not hold.
        what: String,
        /// What to do.
        remedy: &'static str,
    },
    /// A rule of the design that cannot be kept in a stratum.
    #[error("stratum `{stratum}`: {what}; {remedy}")]
    Stratum {
        /// The stratum.
        stratum: String,
        /// What is wrong.
        what: String,
        /// What to do.
        remedy: &'static str,
    },
    /// A log, record or other text that cannot be read.
    #[error("{what}: {why}")]
    Unreadable {
        /// Which text, and where in it.
        what: String,
        /// Why not.
        why: String,
    },
    /// A step that the log does not allow.
    #[error("plan `{plan_id}` {state}; {remedy}")]
    Log {
        /// The plan.
        plan_id: String,
        /// How it stands.
        state: String,
        /// What to do.
        remedy: &'static str,
    },
}

/// How many repeated ids a message names.
const NAMED: usize = 20;

fn duplicates(ids: &[(String, Vec<usize>)]) -> String {
    let mut text = format!("{} repeated id{} (", ids.len(), if ids.len() == 1 { "" } else { "s" });
    for (at, (id, rows)) in ids.iter().take(NAMED).enumerate() {
        let rows: Vec<String> = rows.iter().take(NAMED).map(ToString::to_string).collect();
        text.push_str(if at > 0 { ", " } else { "" });
        text.push_str(&format!("`{}` in rows {}", mask(id), rows.join(", ")));
    }
    text.push_str(if ids.len() > NAMED { ", …)" } else { ")" });
    text
}
