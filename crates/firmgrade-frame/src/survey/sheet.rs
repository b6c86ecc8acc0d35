//! A sheet as it came, with the places of its cells.

use super::fault::SurveyFault;
use crate::fault::cell_name;
use crate::read::{RawCell, RawSheet};

/// A sheet of a file.
pub(super) struct Sheet<'f> {
    pub(super) file: &'f str,
    raw: &'f RawSheet,
}

impl<'f> Sheet<'f> {
    pub(super) fn new(file: &'f str, raw: &'f RawSheet) -> Self {
        Self { file, raw }
    }

    pub(super) fn name(&self) -> Option<&'f str> {
        self.raw.name.as_deref()
    }

    /// How many rows there are.
    pub(super) fn height(&self) -> usize {
        self.raw.rows.len()
    }

    /// How many columns the widest row has.
    pub(super) fn width(&self) -> usize {
        self.raw.rows.iter().map(Vec::len).max().unwrap_or(0)
    }

    /// Whether nothing stands in it.
    pub(super) fn is_blank(&self) -> bool {
        (0..self.height()).all(|row| self.is_blank_row(row))
    }

    pub(super) fn is_blank_row(&self, row: usize) -> bool {
        (0..self.width()).all(|column| self.plain(row, column).is_empty())
    }

    pub(super) fn cell(&self, row: usize, column: usize) -> &'f RawCell {
        self.raw.rows.get(row).and_then(|cells| cells.get(column)).unwrap_or(&RawCell::Empty)
    }

    /// The text of a cell without blanks around it; nothing where it is empty or no text.
    pub(super) fn plain(&self, row: usize, column: usize) -> &'f str {
        match self.cell(row, column) {
            RawCell::Text(text) | RawCell::Moment(text) | RawCell::Error(text) => text.trim(),
            RawCell::Empty => "",
        }
    }

    /// What was typed as a judgment, or why it cannot be one.
    pub(super) fn typed(&self, row: usize, column: usize) -> Result<&'f str, SurveyFault> {
        match self.cell(row, column) {
            RawCell::Empty => Ok(""),
            RawCell::Text(text) => Ok(text),
            RawCell::Moment(text) => {
                let help = "a spreadsheet makes a date of `1/3`: format the cell as text and type it again";
                Err(self.fault(row, column, format!("found the date or time `{text}`, expected a judgment"), help))
            }
            RawCell::Error(text) => {
                Err(self.fault(row, column, format!("found the error `{text}`, expected a judgment"), "correct it or empty it"))
            }
        }
    }

    /// The reference of a cell, as `C7`.
    pub(super) fn reference(&self, row: usize, column: usize) -> String {
        cell_name(self.raw.corner.0 + row, self.raw.corner.1 + column)
    }

    /// A fault of one cell.
    pub(super) fn fault(&self, row: usize, column: usize, message: impl Into<String>, help: impl Into<String>) -> SurveyFault {
        SurveyFault { cell: Some(self.reference(row, column)), ..self.whole(message, help) }
    }

    /// A fault of the whole sheet.
    pub(super) fn whole(&self, message: impl Into<String>, help: impl Into<String>) -> SurveyFault {
        SurveyFault {
            file: self.file.to_owned(),
            sheet: self.name().map(str::to_owned),
            cell: None,
            message: message.into(),
            help: help.into(),
        }
    }
}
