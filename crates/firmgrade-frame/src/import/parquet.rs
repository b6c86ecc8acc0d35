//! Parquet, whose columns have a type already: text goes through the same cleaning, the rest is kept.

use std::borrow::Cow;
use std::path::Path;

use polars::prelude::*;

use super::Reading;
use super::block::{Block, whole};
use super::header::layout;
use super::open::{Imported, framed};
use super::source::account;
use crate::fault::{FrameError, one_line};
use crate::format::Format;
use crate::read::{ReadOptions, read_table};

/// The table in the file.
///
/// # Errors
/// As [`super::import_table`].
pub(super) fn import(path: &Path, file: &str, reading: &Reading) -> Result<Imported, FrameError> {
    let failed =
        |error: PolarsError| FrameError::Damaged { file: file.to_owned(), format: Format::Parquet, reason: one_line(&error.to_string()) };
    let frame = read_table(path, &ReadOptions { format: Some(Format::Parquet), ..ReadOptions::default() })?;
    let header: Vec<String> = frame.columns().iter().map(|column| column.name().to_string()).collect();
    let layout = layout(&[header], file, &Reading { header_row: Some(1), ..reading.clone() })?;
    // A typed value as text is exact, so that every column takes the same way.
    let mut texts: Vec<StringChunked> = Vec::with_capacity(frame.width());
    for column in frame.columns() {
        let series = column.as_materialized_series();
        let plain = match series.dtype() {
            DataType::Datetime(..) => series.cast(&DataType::Date).and_then(|days| days_as_text(&days)),
            DataType::Date => days_as_text(series),
            DataType::List(_) => Err(polars_err!(ComputeError: "column `{}` holds lists", series.name())),
            _ => series.cast(&DataType::String),
        };
        texts.push(plain.map_err(failed)?.str().map_err(failed)?.rechunk().into_owned());
    }
    let mut block = Block::new(&layout, reading);
    for row in 0..frame.height() {
        block.row(row + 1, texts.len(), |at| Cow::Borrowed(texts.get(at).and_then(|text| text.get(row)).unwrap_or_default()));
    }
    let part = block.finish(frame.height());
    let mut report = account(file, reading, Format::Parquet, &layout);
    report.header_row = 0;
    framed(whole(vec![part], &layout, report, 0, reading), file, Format::Parquet)
}

fn days_as_text(days: &Series) -> PolarsResult<Series> {
    let physical = days.cast(&DataType::Int32)?;
    let texts = physical.i32()?.iter().map(|day| day.map(crate::clean::date_text));
    Ok(StringChunked::from_iter_options(days.name().clone(), texts).into_series())
}
