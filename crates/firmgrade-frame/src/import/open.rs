//! A table from its file, as a frame.

use std::path::Path;

use polars::prelude::*;
use rayon::prelude::*;

use super::block::Whole;
use super::column::Values;
use super::source::{format_of, from_text, from_workbook};
use super::{Reading, TableReport};
use crate::fault::{FrameError, one_line};
use crate::format::{Format, STANDARD};
use crate::read::{ReadOptions, contents, read_table};

/// A table that was read, and the account of it.
#[derive(Debug, Clone)]
pub struct Imported {
    /// The rows that are used: codes and text as text, dates as dates, numbers as `f64`, flags as booleans; what could not be read is null.
    pub frame: DataFrame,
    /// The row of the file in which each row of the frame stands, from 1.
    pub rows: Vec<usize>,
    /// What became of every row and cell.
    pub report: TableReport,
}

/// Reads the table in the file at `path` as `reading` says. What the file is its content tells, not its ending.
///
/// # Errors
/// A [`FrameError`] that names the file, the place in it, and the remedy: a file that is damaged, in no encoding or in several, without a
/// header that the mapping knows, without a needed column. Rows and cells that cannot be read are no error: the report counts them.
pub fn import_table(path: impl AsRef<Path>, reading: &Reading) -> Result<Imported, FrameError> {
    let path = path.as_ref();
    let file = if path.as_os_str() == STANDARD { "standard input".to_owned() } else { path.display().to_string() };
    if path.is_dir() {
        return Err(FrameError::Directory { file });
    }
    let bytes = contents(path, &file)?;
    let format = format_of(&bytes, &file)?;
    let whole = match format {
        Format::Csv => from_text(&bytes, &file, reading)?,
        Format::Parquet => {
            drop(bytes);
            let frame = read_table(path, &ReadOptions { format: Some(Format::Parquet), ..ReadOptions::default() })?;
            return super::import_frame(&frame, reading, &file);
        }
        _ => from_workbook(bytes, &file, format, reading)?,
    };
    framed(whole, &file, format)
}

/// The frame of a table, without the rows that are not used.
pub(super) fn framed(whole: Whole, file: &str, format: Format) -> Result<Imported, FrameError> {
    let failed = |error: PolarsError| FrameError::Damaged { file: file.to_owned(), format, reason: one_line(&error.to_string()) };
    let columns: PolarsResult<Vec<Column>> = whole
        .columns
        .into_par_iter()
        .map(|(name, chunks)| {
            let mut parts = chunks.into_iter().map(|chunk| series(&name, chunk));
            let mut all = parts.next().unwrap_or_else(|| Ok(Series::new_empty(name.as_str().into(), &DataType::String)))?;
            for part in parts {
                all.append_owned(part?)?;
            }
            Ok(all.into_column())
        })
        .collect();
    let mut frame = DataFrame::new(whole.rows.len(), columns.map_err(failed)?).map_err(failed)?;
    let mut rows = whole.rows;
    if !whole.used.is_empty() {
        let mask = BooleanChunked::from_slice("used".into(), &whole.used);
        frame = frame.filter(&mask).map_err(failed)?;
        rows = rows.into_iter().zip(&whole.used).filter_map(|(row, used)| used.then_some(row)).collect();
    }
    whole.report.check()?;
    Ok(Imported { frame, rows, report: whole.report })
}

pub(super) fn series(name: &str, values: Values) -> PolarsResult<Series> {
    let name: PlSmallStr = name.into();
    match values {
        Values::Text(texts) => Ok(StringChunked::from_iter_options(name, texts.iter()).into_series()),
        Values::Day(days) => Int32Chunked::from_iter_options(name, days.into_iter()).into_series().cast(&DataType::Date),
        Values::Number(numbers) => Ok(Float64Chunked::from_iter_options(name, numbers.into_iter()).into_series()),
        Values::Flag(flags) => Ok(BooleanChunked::from_iter_options(name, flags.into_iter()).into_series()),
    }
}
