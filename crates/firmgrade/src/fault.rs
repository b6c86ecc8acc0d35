//! Faults of the data: what does not fit the scorecard, how often, and where first.

use crate::columns::Kind;
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

    /// Whether there are none.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.total == 0
    }
}

impl fmt::Display for Cells {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} {}{} (", self.total, self.what, if self.total == 1 { "" } else { "s" })?;
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

/// Numbers of natural persons (GB 11643: 17 digits and a check character, or the old 15 digits) with all but the region and the
/// last character replaced by `*`. A run of letters and digits counts as such a number when its birth date is possible.
#[must_use]
pub fn mask(text: &str) -> String {
    let mut masked = String::with_capacity(text.len());
    let mut rest = text;
    while !rest.is_empty() {
        let run = rest.find(|c: char| !c.is_ascii_alphanumeric()).unwrap_or(rest.len());
        let (word, tail) = rest.split_at(run);
        if is_person(word) {
            masked.push_str(word.get(..6).unwrap_or_default());
            masked.extend(std::iter::repeat_n('*', word.len() - 7));
            masked.push_str(word.get(word.len() - 1..).unwrap_or_default());
        } else {
            masked.push_str(word);
        }
        let next = tail.find(|c: char| c.is_ascii_alphanumeric()).unwrap_or(tail.len());
        masked.push_str(tail.get(..next).unwrap_or_default());
        rest = tail.get(next..).unwrap_or_default();
    }
    masked
}

/// Whether a word has the form of a natural person's number, with a possible date of birth.
fn is_person(word: &str) -> bool {
    let digits = |range: std::ops::Range<usize>| word.get(range).and_then(|part| part.parse::<u32>().ok());
    let all_digits = |range: std::ops::Range<usize>| word.get(range).is_some_and(|part| part.bytes().all(|b| b.is_ascii_digit()));
    let (year, month, day) = match word.len() {
        18 if all_digits(0..17) && word.ends_with(|c: char| c.is_ascii_digit() || c == 'X' || c == 'x') => {
            (digits(6..10), digits(10..12), digits(12..14))
        }
        15 if all_digits(0..15) => (digits(6..8).map(|year| 1900 + year), digits(8..10), digits(10..12)),
        _ => return false,
    };
    year.is_some_and(|y| (1900..2100).contains(&y))
        && month.is_some_and(|m| (1..=12).contains(&m))
        && day.is_some_and(|d| (1..=31).contains(&d))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_of_natural_persons_are_masked_and_codes_of_firms_are_not() {
        // The first is GB 11643's own example of the form; the others are codes of firms and an old registration number.
        assert_eq!(mask("11010519491231002X"), "110105***********X");
        assert_eq!(mask("身份证 110105491231002 号"), "身份证 110105********2 号");
        assert_eq!(mask("91110000600037341L"), "91110000600037341L");
        assert_eq!(mask("310107600012345"), "310107600012345");
        assert_eq!(mask(""), "");
    }

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
    }
}
