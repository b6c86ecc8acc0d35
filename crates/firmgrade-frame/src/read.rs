//! A table from a file: the path and the format decide which reader.

mod csv;
mod excel;
mod nature;
mod parquet;

use std::io::Read;
use std::path::Path;

use polars::prelude::DataFrame;

use crate::fault::FrameError;
use crate::format::{Format, STANDARD};
pub(crate) use csv::{Fault, Scan, cuts, line_at};
pub(crate) use excel::{sheet, sheets, text};
pub(crate) use nature::nature;

/// How a table is read.
#[derive(Debug, Clone, Default)]
pub struct ReadOptions {
    /// The format; without it the ending of the path decides.
    pub format: Option<Format>,
    /// The sheet of a workbook; without it the first visible one.
    pub sheet: Option<String>,
    /// Only these columns, where present, in the order of the file; without it all.
    pub columns: Option<Vec<String>>,
}

/// The table in the file at `path`; `-` is CSV from standard input.
///
/// Every column of CSV and of a workbook is text: its type is the business of the card. An empty cell is null. A line or a
/// sheet row with nothing in it is no row, except that in a CSV file of one column a blank line is a null. Parquet keeps
/// its types. The text columns of a CSV file come in several chunks.
///
/// # Errors
/// A [`FrameError`] that names the file, the place in it, and the remedy.
pub fn read_table(path: impl AsRef<Path>, options: &ReadOptions) -> Result<DataFrame, FrameError> {
    let path = path.as_ref();
    let standard = path.as_os_str() == STANDARD;
    let file = if standard { "standard input".to_owned() } else { path.display().to_string() };
    if path.is_dir() {
        return Err(FrameError::Directory { file });
    }
    let format = match options.format {
        Some(format) => format,
        None => Format::from_path(path)?,
    };
    let columns = options.columns.as_deref();
    if let (Some(sheet), Format::Csv | Format::Parquet) = (&options.sheet, format) {
        return Err(FrameError::NoSheets { file, sheet: sheet.clone(), format });
    }
    if standard && format != Format::Csv {
        return Err(FrameError::StandardInput { format });
    }
    match format {
        Format::Csv => csv::read(&contents(path, &file)?, &file, columns),
        Format::Parquet => parquet::read(path, &file, columns),
        Format::Xlsx | Format::Xls | Format::Ods => excel::read(contents(path, &file)?, &file, format, options.sheet.as_deref(), columns),
        Format::Json => Err(FrameError::OnlyWritten { file, format }),
    }
}

/// What the footer of a Parquet file says beside the columns, as names and values.
///
/// # Errors
/// A [`FrameError`] that names the file.
pub(crate) fn parquet_metadata(path: &Path) -> Result<Vec<(String, String)>, FrameError> {
    parquet::metadata(path, &path.display().to_string())
}

/// The table in the bytes of a CSV file, which errors call `name`; as [`read_table`] reads it.
///
/// # Errors
/// As [`read_table`].
pub fn read_csv_bytes(bytes: &[u8], name: &str) -> Result<DataFrame, FrameError> {
    csv::read(bytes, name, None)
}

/// A cell as it stands in a file, before anybody says what it means.
#[derive(Debug, Clone, PartialEq)]
pub(crate) enum RawCell {
    /// Nothing.
    Empty,
    /// Text, or a number or truth as text.
    Text(String),
    /// A date or a time, as text.
    Moment(String),
    /// An error such as `#N/A`.
    Error(String),
}

/// The cells of one sheet, or of a CSV file.
#[derive(Debug, Clone)]
pub(crate) struct RawSheet {
    /// The name of the sheet; `None` for CSV.
    pub(crate) name: Option<String>,
    /// Row and column of the first cell, from 0.
    pub(crate) corner: (usize, usize),
    /// The rows.
    pub(crate) rows: Vec<Vec<RawCell>>,
}

/// Every visible sheet of a workbook, or the one table of a CSV file, cell by cell.
///
/// # Errors
/// A [`FrameError`] that names the file, the place in it, and the remedy.
pub(crate) fn read_sheets(path: &Path) -> Result<Vec<RawSheet>, FrameError> {
    let file = path.display().to_string();
    if path.is_dir() {
        return Err(FrameError::Directory { file });
    }
    let format = Format::from_path(path)?;
    let raw = |cell: &calamine::Data| match (cell, text(cell)) {
        (_, None) => RawCell::Empty,
        (calamine::Data::DateTime(_) | calamine::Data::DateTimeIso(_) | calamine::Data::DurationIso(_), Some(text)) => {
            RawCell::Moment(text)
        }
        (calamine::Data::Error(_), Some(text)) => RawCell::Error(text),
        (_, Some(text)) => RawCell::Text(text),
    };
    match format {
        Format::Csv => {
            let text = |cell: String| if cell.is_empty() { RawCell::Empty } else { RawCell::Text(cell) };
            let rows = csv::rows(&contents(path, &file)?, &file)?;
            let rows = rows.into_iter().map(|row| row.into_iter().map(text).collect()).collect();
            Ok(vec![RawSheet { name: None, corner: (0, 0), rows }])
        }
        Format::Xlsx | Format::Xls | Format::Ods => {
            let sheets = sheets(contents(path, &file)?, &file, format)?;
            let cells = |(name, range): (String, calamine::Range<calamine::Data>)| {
                let corner = range.start().map_or((0, 0), |(row, column)| (row as usize, column as usize));
                RawSheet { name: Some(name), corner, rows: range.rows().map(|row| row.iter().map(raw).collect()).collect() }
            };
            Ok(sheets.into_iter().map(cells).collect())
        }
        Format::Parquet | Format::Json => Err(FrameError::AnotherFormat { file, expected: Format::Xlsx, found: "a file of another kind" }),
    }
}

pub(crate) fn contents(path: &Path, file: &str) -> Result<Vec<u8>, FrameError> {
    let read = if path.as_os_str() == STANDARD {
        let mut bytes = Vec::new();
        std::io::stdin().lock().read_to_end(&mut bytes).map(|_| bytes)
    } else {
        std::fs::read(path)
    };
    read.map_err(|source| FrameError::reading(file, source))
}

/// The places of the columns to keep, from the names in the header, which must all be there and all differ.
fn kept(header: &[String], columns: Option<&[String]>, file: &str, place: impl Fn(usize) -> String) -> Result<Vec<usize>, FrameError> {
    let mut first = std::collections::BTreeMap::new();
    for (at, name) in header.iter().enumerate() {
        if name.trim().is_empty() {
            return Err(FrameError::EmptyHeader { file: file.to_owned(), position: at + 1, place: place(at) });
        }
        if let Some(earlier) = first.insert(name.as_str(), at) {
            let (first, second) = (earlier + 1, at + 1);
            return Err(FrameError::DuplicateHeader { file: file.to_owned(), name: name.clone(), first, second });
        }
    }
    Ok((0..header.len()).filter(|at| columns.is_none_or(|names| names.contains(&header[*at]))).collect())
}
