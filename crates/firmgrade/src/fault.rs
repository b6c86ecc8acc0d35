//! Faults of the data: what does not fit the scorecard, how often, and where first.

use crate::columns::Kind;
use crate::person::mask;
use std::fmt;
use thiserror::Error;

/// A fault of the data. Rows are counted from 1, the header left out.
#[derive(Clone, Debug, PartialEq, Error)]
pub enum DataFault {
    /// A column that the card reads is not there.
    #[error("column `{column}` is missing{}{}; add it, or name the right one in the scorecard", read_by(.used_by), hint(.near))]
    MissingColumn {
        /// The column.
        column: String,
        /// What the card uses it for.
        used_by: Vec<String>,
        /// A column that may be meant.
        near: Option<String>,
    },
    /// A column holds something else than the card reads.
    #[error("column `{column}` holds {found}, expected {expected}")]
    WrongKind {
        /// The column.
        column: String,
        /// What it holds.
        found: String,
        /// What the card reads.
        expected: Kind,
    },
    /// Values that are missing where the card says `missing = "error"`.
    #[error("column `{column}` has {cells}, and `{indicator}` allows none; fill them in, or state another `missing` policy")]
    Missing {
        /// The column.
        column: String,
        /// The indicator.
        indicator: String,
        /// The cells.
        cells: Cells,
    },
    /// Values that no band or category covers where the card says `outside = "error"`.
    #[error(
        "column `{column}` has {cells} that `{indicator}` does not cover; correct them, extend the bands or categories, or state an `outside` policy"
    )]
    Outside {
        /// The column.
        column: String,
        /// The indicator.
        indicator: String,
        /// The cells.
        cells: Cells,
    },
    /// Infinite numbers.
    #[error("column `{column}` has {cells}; a number must be finite")]
    Infinite {
        /// The column.
        column: String,
        /// The cells.
        cells: Cells,
    },
    /// Texts that are not numbers, flags or whatever the column should hold.
    #[error("column `{column}` has {cells}, expected {expected}; correct them, or leave them empty if they are missing")]
    Unreadable {
        /// The column.
        column: String,
        /// What the card reads.
        expected: Kind,
        /// The cells.
        cells: Cells,
    },
    /// Firms without an id.
    #[error("id column `{column}` has {cells}; every firm needs an id")]
    MissingId {
        /// The column.
        column: String,
        /// The cells.
        cells: Cells,
    },
    /// The same id on more than one row.
    #[error("id column `{column}` has {cells}; a firm stands in one row only")]
    DuplicateId {
        /// The column.
        column: String,
        /// The cells, each with the id.
        cells: Cells,
    },
    /// Firms without any data, where the card has no class for them.
    #[error("the data have {cells}; state a class for them: `[grades] insufficient = {{ grade = …, coverage_below = … }}`")]
    NoData {
        /// The rows.
        cells: Cells,
    },
    /// There is nothing to grade.
    #[error("found no firms, expected at least one; look whether rows stand below the header")]
    NoFirms,
}

impl DataFault {
    /// The faulty cells, where the fault is about cells.
    pub fn cells_mut(&mut self) -> Option<&mut Cells> {
        match self {
            Self::Missing { cells, .. }
            | Self::Outside { cells, .. }
            | Self::Infinite { cells, .. }
            | Self::Unreadable { cells, .. }
            | Self::MissingId { cells, .. }
            | Self::DuplicateId { cells, .. }
            | Self::NoData { cells } => Some(cells),
            Self::MissingColumn { .. } | Self::WrongKind { .. } | Self::NoFirms => None,
        }
    }
}

fn read_by(users: &[String]) -> String {
    match users {
        [] => String::new(),
        _ => format!(" (read by {})", users.iter().map(|user| format!("`{user}`")).collect::<Vec<_>>().join(", ")),
    }
}

fn hint(near: &Option<String>) -> String {
    near.as_ref().map_or(String::new(), |near| format!("; did you mean `{near}`?"))
}

/// How many places a message names.
pub(crate) const PLACES: usize = 5;

/// Faulty cells of a column: how many, and the first few.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Cells {
    /// How many there are.
    pub total: usize,
    /// What they are: "missing value", "infinite value", …
    pub what: &'static str,
    /// The first few: row from 1, and the value where there is one (numbers of natural persons masked).
    pub first: Vec<(usize, Option<String>)>,
}

impl Cells {
    /// No cells yet.
    #[must_use]
    pub fn new(what: &'static str) -> Self {
        Self { total: 0, what, first: Vec::new() }
    }

    /// One more cell; `row` from 0. Only the first few are kept.
    pub fn add(&mut self, row: usize, value: impl FnOnce() -> Option<String>) {
        if self.first.len() < PLACES {
            self.first.push((row + 1, value().map(|value| shorten(&mask(&value)))));
        }
        self.total += 1;
    }

    /// Names the rows as a file counts them: `rows[i]` is where row `i + 1` of the table stands in its file.
    pub fn stand_in(&mut self, rows: &[usize]) {
        for (row, _) in &mut self.first {
            *row = row.checked_sub(1).and_then(|at| rows.get(at)).copied().unwrap_or(*row);
        }
    }

    /// Whether there are none.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.total == 0
    }
}

impl fmt::Display for Cells {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        // `firm without any data` has its plural in the middle.
        let (noun, rest) = self.what.find(" without ").map_or((self.what, ""), |at| self.what.split_at(at));
        write!(f, "{} {noun}{}{rest} (", self.total, if self.total == 1 { "" } else { "s" })?;
        for (index, (row, value)) in self.first.iter().enumerate() {
            if index > 0 {
                f.write_str(", ")?;
            }
            write!(f, "row {row}")?;
            if let Some(value) = value {
                write!(f, ": `{value}`")?;
            }
        }
        if self.total > self.first.len() {
            f.write_str(", …")?;
        }
        f.write_str(")")
    }
}

/// At most 40 characters of a value.
fn shorten(value: &str) -> String {
    match value.char_indices().nth(40) {
        Some((end, _)) => format!("{}…", value.get(..end).unwrap_or_default()),
        None => value.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn cells_name_the_first_few_and_count_the_rest() {
        let mut cells = Cells::new("missing value");
        for row in 0..7 {
            cells.add(row, || None);
        }
        assert_eq!(cells.to_string(), "7 missing values (row 1, row 2, row 3, row 4, row 5, …)");
        let mut one = Cells::new("infinite value");
        one.add(16, || Some("inf".to_owned()));
        assert_eq!(one.to_string(), "1 infinite value (row 17: `inf`)");
        let mut bare = Cells::new("firm without any data");
        bare.add(0, || None);
        assert_eq!(bare.to_string(), "1 firm without any data (row 1)");
        bare.add(2, || None);
        assert_eq!(bare.to_string(), "2 firms without any data (row 1, row 3)");
    }
}
