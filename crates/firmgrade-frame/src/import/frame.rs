//! Tables that are frames already: columns get the names of the card, text is cleaned and read, what has a type keeps it.

use polars::prelude::*;
use rayon::prelude::*;

use super::Reading;
use super::block::unread_cell;
use super::column::Builder;
use super::header::{Source, layout};
use super::open::{Imported, series as built};
use super::report::{self, CodeCounts, ColumnReport};
use super::source::account;
use super::{CellKind, Duplicates};
use crate::clean::{Unit, is_placeholder, read_amount, tidy};
use crate::fault::{FrameError, one_line};
use crate::format::Format;
use firmgrade::card::Unreadable;

/// Reads a frame as `reading` says; messages call it `name`. Only columns that `reading` gives a kind are looked into: text is read as
/// that kind, amounts become yuan, placeholders for dates become missing. Rows are counted from 1. Repeated rows stay.
///
/// # Errors
/// A [`FrameError`] where two columns get one name, or a needed one is not there.
pub fn import_frame(frame: &DataFrame, reading: &Reading, name: &str) -> Result<Imported, FrameError> {
    let failed =
        |error: PolarsError| FrameError::Damaged { file: name.to_owned(), format: Format::Parquet, reason: one_line(&error.to_string()) };
    let header: Vec<String> = frame.columns().iter().map(|column| column.name().to_string()).collect();
    let layout = layout(&[header], name, &Reading { header_row: Some(1), ..reading.clone() })?;
    let read: PolarsResult<Vec<Cleaned>> = layout
        .columns
        .par_iter()
        .filter_map(|source| frame.columns().get(source.at).map(|column| (source, column)))
        .map(|(source, column)| cleaned(column.as_materialized_series(), source, reading))
        .collect();
    let read = read.map_err(failed)?;
    let mut report = account(name, reading, Format::Parquet, &layout);
    (report.header_row, report.read, report.used) = (0, frame.height(), frame.height());
    let mut used = vec![true; frame.height()];
    if reading.unreadable == Unreadable::Drop {
        for (column, row) in read.iter().flat_map(|column| column.unread.iter().map(move |row| (column, *row))) {
            if let Some(used) = used.get_mut(row).filter(|used| **used) {
                *used = false;
                report.used -= 1;
                let found = column.report.unreadable.iter().flat_map(|reason| &reason.first).find(|place| place.row == row + 1);
                let found = found.map(|place| place.found.clone()).unwrap_or_default();
                report::add(&mut report.rejected, &unread_cell(&column.report.column), row + 1, &found);
            }
        }
    }
    debug_assert!(reading.duplicates == Duplicates::Count || report.duplicates == 0, "repeated rows of frames stay");
    let (columns, reports): (Vec<Column>, Vec<ColumnReport>) = read.into_iter().map(|column| (column.series.into(), column.report)).unzip();
    report.columns = reports;
    let mut frame = DataFrame::new(frame.height(), columns).map_err(failed)?;
    let mut rows: Vec<usize> = (1..=frame.height()).collect();
    if report.used < report.read {
        frame = frame.filter(&BooleanChunked::from_slice("used".into(), &used)).map_err(failed)?;
        rows.retain(|row| used.get(row - 1).copied().unwrap_or_default());
    }
    report.check()?;
    Ok(Imported { frame, rows, report })
}

/// A column that was read.
struct Cleaned {
    series: Series,
    report: ColumnReport,
    /// Rows, from 0, whose cell cannot be read.
    unread: Vec<usize>,
}

fn cleaned(series: &Series, source: &Source, reading: &Reading) -> PolarsResult<Cleaned> {
    let named = reading.mapping.iter().any(|(_, column)| *column == source.name);
    let name = if named { source.name.as_str() } else { series.name().as_str() };
    let kept = |series: Series| {
        let mut report = ColumnReport::new(name, &source.header, source.kind);
        (report.cells, report.missing) = (series.len(), series.null_count());
        Cleaned { series: series.with_name(name.into()), report, unread: Vec::new() }
    };
    if !reading.kinds.iter().any(|(column, _)| column == name) {
        return Ok(kept(series.clone()));
    }
    match series.dtype() {
        DataType::String | DataType::Categorical(..) | DataType::Enum(..) => {
            let texts = series.cast(&DataType::String)?;
            let texts = texts.str()?;
            if let Some(codes) = clean_already(texts, source.kind, reading) {
                let mut column = kept(series.clone());
                column.report.codes = codes;
                return Ok(column);
            }
            let mut builder = Builder::new(source, reading);
            let mut unread = Vec::new();
            for (row, text) in texts.iter().enumerate() {
                if !builder.push(text.unwrap_or_default(), row + 1) {
                    unread.push(row);
                }
            }
            let mut finished = builder.finish();
            let mut report = finished.report();
            name.clone_into(&mut report.column);
            Ok(Cleaned { series: built(name, finished.values)?, report, unread })
        }
        DataType::Date => {
            let days = series.to_physical_repr();
            let days = days.i32()?;
            let placeholders = days.iter().flatten().filter(|day| is_placeholder(*day)).count();
            if placeholders == 0 {
                return Ok(kept(series.clone()));
            }
            let days = days.iter().map(|day| day.filter(|day| !is_placeholder(*day)));
            let days = Int32Chunked::from_iter_options(name.into(), days).into_series().cast(&DataType::Date)?;
            let mut column = kept(days);
            column.report.missing -= placeholders;
            column.report.placeholders = placeholders;
            Ok(column)
        }
        dtype if dtype.is_primitive_numeric() => match source.kind.unit() {
            Some(unit) if unit != Unit::Yuan => {
                let numbers = series.cast(&DataType::Float64)?;
                // By way of its decimal digits, so that 1.1万元 is 11000 here as in text.
                let yuan = |number: f64| if number.is_finite() { read_amount(&number.to_string(), unit).unwrap_or(number) } else { number };
                let amounts = numbers.f64()?.iter().map(|number| number.map(yuan));
                Ok(kept(Float64Chunked::from_iter_options(name.into(), amounts).into_series()))
            }
            _ => Ok(kept(series.clone())),
        },
        _ => Ok(kept(series.clone())),
    }
}

/// Whether texts or ids need no cleaning, and which codes the ids are.
fn clean_already(texts: &StringChunked, kind: CellKind, reading: &Reading) -> Option<Option<CodeCounts>> {
    if !matches!(kind, CellKind::Text | CellKind::Id) {
        return None;
    }
    let mut codes = CodeCounts::default();
    let as_it_is = |text: &str| {
        let tidied = tidy(text);
        let missing = tidied.is_empty() || reading.missing.iter().any(|word| *word == tidied);
        !missing && !text.starts_with('#') && tidied.len() == text.len() && (kind == CellKind::Text || *codes.id(text) == *text)
    };
    texts.iter().flatten().all(as_it_is).then_some((kind == CellKind::Id).then_some(codes))
}
