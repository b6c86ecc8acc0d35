//! What became of every row and cell of a table.

use std::borrow::Cow;

use firmgrade::mask;
use serde::{Deserialize, Serialize};

use super::{CellKind, Encoding};
use crate::clean::{CodeFault, CodeKind, clean_code, read_code};
use crate::fault::{FrameError, NAMED};

/// The account of one table: where it came from, what became of its rows, what its columns hold.
#[derive(Debug, Clone, Serialize)]
pub struct TableReport {
    /// The table, as the card calls it.
    pub table: String,
    /// The file.
    pub file: String,
    /// What the file is by its content, whatever its ending says.
    pub format: String,
    /// Its encoding, where it is text.
    pub encoding: Option<Encoding>,
    /// The row of the file or sheet in which the header was found, from 1; 0 for Parquet.
    pub header_row: usize,
    /// Rows above the header with something in them.
    pub title_rows: usize,
    /// Columns without a name and without content.
    pub empty_columns: usize,
    /// Rows below the header with nothing in them; they are not counted as read.
    pub blank: usize,
    /// Rows read.
    pub read: usize,
    /// Rows used.
    pub used: usize,
    /// Rows that repeat an earlier one cell by cell, left out or not.
    pub repeated: usize,
    /// Rows left out because they repeat an earlier one.
    pub duplicates: usize,
    /// Rows left out, by reason.
    pub rejected: Vec<Reason>,
    /// The columns, in the order of the file.
    pub columns: Vec<ColumnReport>,
}

/// Why rows or cells are left out: how many, and the first few.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Reason {
    /// The reason.
    pub reason: String,
    /// How many.
    pub count: usize,
    /// The first few.
    pub first: Vec<Place>,
}

/// Where something stands.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Place {
    /// Line of the file, or row of the sheet, from 1.
    pub row: usize,
    /// What stands there, masked and shortened.
    pub found: String,
}

/// What one column holds, over the rows that were not rejected.
#[derive(Debug, Clone, Serialize)]
pub struct ColumnReport {
    /// The column, as the card calls it.
    pub column: String,
    /// The header, as the office wrote it.
    pub header: String,
    /// How it is read.
    pub kind: CellKind,
    /// Cells.
    pub cells: usize,
    /// Cells that are empty or hold a word for missing.
    pub missing: usize,
    /// Cells that hold a placeholder for a date, and count as missing.
    pub placeholders: usize,
    /// Cells that were read after cleaning: blanks, width, case, another form of date, unit or separators.
    pub repaired: usize,
    /// Cells that could not be read and count as missing, by reason.
    pub unreadable: Vec<Reason>,
    /// Codes by kind.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub codes: Option<CodeCounts>,
    /// The earliest and the latest day, as `2022-03-07`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub days: Option<(String, String)>,
    /// The smallest and the largest number.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub range: Option<(f64, f64)>,
    /// The spellings of a text column and how often each stands there, the most frequent first; none where there are more than 100.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub spellings: Option<Vec<(String, usize)>>,
}

/// Codes by kind.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct CodeCounts {
    /// Unified codes whose check character is right.
    pub unified: usize,
    /// 18 characters with a wrong check character.
    pub unified_wrong_check: usize,
    /// Registration numbers of 15 digits whose check digit is right.
    pub registration: usize,
    /// 15 digits with a wrong check digit.
    pub registration_wrong_check: usize,
    /// Numbers of natural persons that stand as the id of a firm.
    #[serde(default)]
    pub persons: usize,
}

impl CodeCounts {
    /// The id in a cell: a code where it is one, cleaned and counted, any other text as it stands.
    pub(super) fn id<'t>(&mut self, text: &'t str) -> Cow<'t, str> {
        if text.len() < 15 {
            return Cow::Borrowed(text);
        }
        match read_code(text) {
            Ok(code) => {
                self.add(code.kind);
                code.text
            }
            Err(CodeFault::Person(_)) => {
                self.persons += 1;
                clean_code(text)
            }
            Err(_) => Cow::Borrowed(text),
        }
    }

    pub(super) fn add(&mut self, kind: CodeKind) {
        match kind {
            CodeKind::Unified => self.unified += 1,
            CodeKind::UnifiedWrongCheck => self.unified_wrong_check += 1,
            CodeKind::Registration => self.registration += 1,
            CodeKind::RegistrationWrongCheck => self.registration_wrong_check += 1,
        }
    }

    pub(super) fn join(&mut self, more: Self) {
        self.unified += more.unified;
        self.unified_wrong_check += more.unified_wrong_check;
        self.registration += more.registration;
        self.registration_wrong_check += more.registration_wrong_check;
        self.persons += more.persons;
    }
}

impl TableReport {
    /// Takes a used row out of the count, for a reason that a later step found; `row` is that of the file.
    pub fn reject(&mut self, reason: &str, row: usize, found: &str) {
        self.used = self.used.saturating_sub(1);
        add(&mut self.rejected, reason, row, found);
    }

    /// Whether every row read is used, rejected or a duplicate.
    ///
    /// # Errors
    /// [`FrameError::Accounting`] where a row is lost or counted twice.
    pub fn check(&self) -> Result<(), FrameError> {
        let other = self.duplicates + self.rejected.iter().map(|reason| reason.count).sum::<usize>();
        if self.used + other == self.read {
            return Ok(());
        }
        Err(FrameError::Accounting { file: self.file.clone(), read: self.read, used: self.used, other })
    }
}

impl ColumnReport {
    /// Nothing counted yet.
    pub(super) fn new(column: &str, header: &str, kind: CellKind) -> Self {
        Self {
            column: column.to_owned(),
            header: header.to_owned(),
            kind,
            cells: 0,
            missing: 0,
            placeholders: 0,
            repaired: 0,
            unreadable: Vec::new(),
            codes: None,
            days: None,
            range: None,
            spellings: None,
        }
    }
}

/// One more for the reason, with its place while only a few are named.
pub(super) fn add(reasons: &mut Vec<Reason>, reason: &str, row: usize, found: &str) {
    let at = reasons.iter().position(|known| known.reason == reason).unwrap_or_else(|| {
        reasons.push(Reason { reason: reason.to_owned(), count: 0, first: Vec::new() });
        reasons.len() - 1
    });
    if let Some(known) = reasons.get_mut(at) {
        known.count += 1;
        if known.first.len() < NAMED {
            known.first.push(Place { row, found: shown(found) });
        }
    }
}

/// Joins what a later block found, whose rows are counted from the row `before`.
pub(super) fn join(reasons: &mut Vec<Reason>, more: Vec<Reason>, before: usize) {
    for reason in more {
        let places = reason.first.into_iter().map(|place| Place { row: place.row + before, ..place });
        match reasons.iter_mut().find(|known| known.reason == reason.reason) {
            Some(known) => {
                known.count += reason.count;
                known.first.extend(places);
                known.first.truncate(NAMED);
            }
            None => reasons.push(Reason { reason: reason.reason, count: reason.count, first: places.collect() }),
        }
    }
}

/// At most 40 characters, numbers of natural persons masked.
fn shown(found: &str) -> String {
    let masked = mask(found);
    match masked.char_indices().nth(40) {
        Some((end, _)) => format!("{}…", masked.get(..end).unwrap_or_default()),
        None => masked,
    }
}
