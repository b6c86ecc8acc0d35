//! A raw table, read as a card says: what comes in before anything is derived.

use super::fault::DeriveFault;
use crate::fault::FrameError;
use crate::import::{ColumnReport, Imported, Reason, TableReport, import_frame, import_table, reading};
use firmgrade::card::Unreadable;
use firmgrade::{Cells, Scorecard};
use polars::prelude::DataFrame;
use std::path::Path;

/// A firm table or a table of records with the names and types that a card gives its columns, and the account of every row and cell.
#[derive(Clone, Debug)]
pub struct RawTable {
    table: String,
    imported: Imported,
    unreadable: Unreadable,
    /// Whether it comes from a file: then places are rows of the file, else rows of a frame.
    file: bool,
}

impl RawTable {
    /// Reads the table of that id from a file; [`FIRMS`](firmgrade::card::FIRMS) is the firm table. Encoding, format and header row are
    /// found; `sheet` goes before the sheet that the card names.
    ///
    /// # Errors
    /// A [`FrameError`] that names the file, the place in it, and the remedy. Cells that cannot be read are no error yet: see
    /// [`RawTable::faults`].
    pub fn read(card: &Scorecard, table: &str, path: &Path, sheet: Option<&str>) -> Result<Self, FrameError> {
        let mut reading = reading(card, table);
        if let Some(sheet) = sheet {
            reading.sheet = Some(sheet.to_owned());
        }
        let imported = import_table(path, &reading)?;
        Ok(Self { table: table.to_owned(), imported, unreadable: reading.unreadable, file: true })
    }

    /// Reads the table of that id from a frame: text is cleaned, what has a type keeps it.
    ///
    /// # Errors
    /// A [`FrameError`] where two columns get one name.
    pub fn of_frame(card: &Scorecard, table: &str, frame: &DataFrame) -> Result<Self, FrameError> {
        let reading = reading(card, table);
        let imported = import_frame(frame, &reading, &format!("table {table}"))?;
        Ok(Self { table: table.to_owned(), imported, unreadable: reading.unreadable, file: false })
    }

    /// The rows that are used. Ids are as they came in, those of natural persons too.
    #[must_use]
    pub fn frame(&self) -> &DataFrame {
        &self.imported.frame
    }

    /// Where each row of the frame stands in its file, from 1 with all that stands above; `None` for what was no file.
    #[must_use]
    pub fn rows(&self) -> Option<&[usize]> {
        (self.file && self.imported.report.header_row > 0).then_some(self.imported.rows.as_slice())
    }

    /// What became of every row and cell.
    #[must_use]
    pub fn account(&self) -> &TableReport {
        &self.imported.report
    }

    /// The file; `None` for what was no file.
    #[must_use]
    pub fn file(&self) -> Option<&str> {
        self.file.then_some(self.imported.report.file.as_str())
    }

    /// Rows and cells that cannot be read, where the card says that they are errors.
    #[must_use]
    pub fn faults(&self) -> Vec<DeriveFault> {
        let account = self.account();
        let mut faults = Vec::new();
        if self.unreadable == Unreadable::Error {
            let cells = |what, reason: &Reason| Cells {
                total: reason.count,
                what,
                first: reason.first.iter().map(|place| (place.row, Some(place.found.clone()))).collect(),
            };
            for reason in &account.rejected {
                let (table, reason, cells) = (self.table.clone(), reason.reason.clone(), cells("unreadable row", reason));
                faults.push(DeriveFault::UnreadableRows { table, reason, cells });
            }
            for (column, reason) in account.columns.iter().flat_map(|column| column.unreadable.iter().map(move |reason| (column, reason))) {
                let (table, column) = (self.table.clone(), column.column.clone());
                let (reason, cells) = (reason.reason.clone(), cells("unreadable cell", reason));
                faults.push(DeriveFault::UnreadableCells { table, column, reason, cells });
            }
        }
        faults.into_iter().map(|fault| self.in_file(fault)).collect()
    }

    /// Whether cells of a column cannot be read, and are errors.
    pub(super) fn refuses_cells_of(&self, column: &str) -> bool {
        let unreadable = |known: &ColumnReport| known.column == column && !known.unreadable.is_empty();
        self.unreadable == Unreadable::Error && self.account().columns.iter().any(unreadable)
    }

    /// A fault of the rows of [`RawTable::frame`], with its places in the file.
    pub(super) fn placed(&self, mut fault: DeriveFault) -> DeriveFault {
        if let (Some(rows), Some(cells)) = (self.rows(), fault.cells_mut()) {
            cells.stand_in(rows);
        }
        self.in_file(fault)
    }

    fn in_file(&self, fault: DeriveFault) -> DeriveFault {
        match self.file() {
            Some(file) => DeriveFault::InFile { file: file.to_owned(), fault: Box::new(fault) },
            None => fault,
        }
    }
}
