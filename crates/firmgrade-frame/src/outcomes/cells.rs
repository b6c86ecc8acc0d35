//! Columns of a frame as plain vectors.

use super::fault::OutcomeFault;
use crate::clean::{CellDate, DateOrder, read_date};
use crate::convert::convert;
use crate::derive::{DeriveFault, dates};
use firmgrade::Cells;
use firmgrade::columns::Kind;
use polars::prelude::*;

/// A column by the first of several names that the frame has.
pub(super) fn first<'f>(frame: &'f DataFrame, names: &[&str]) -> Option<&'f Series> {
    names.iter().find_map(|name| frame.column(name).ok()).map(Column::as_materialized_series)
}

/// Text, none where a cell is missing or blank; numbers and flags as they are written.
pub(super) fn texts(series: &Series) -> Vec<Option<String>> {
    let Ok(cast) = series.cast(&DataType::String) else { return vec![None; series.len()] };
    let text = |text: Option<&str>| text.map(str::trim).filter(|text| !text.is_empty()).map(str::to_owned);
    cast.str().map_or_else(|_| vec![None; series.len()], |texts| texts.iter().map(text).collect())
}

/// Numbers, NaN where there is none.
pub(super) fn numbers(table: &'static str, series: &Series) -> Result<Vec<f64>, OutcomeFault> {
    let fault = |fault| DeriveFault::Data { table: table.to_owned(), fault: Box::new(fault) };
    let converted = convert(series, Kind::Number).map_err(fault)?;
    let whole = converted.cast(&DataType::Float64);
    let values = whole.as_ref().ok().and_then(|whole| whole.f64().ok());
    Ok(values.map_or_else(|| vec![f64::NAN; series.len()], |values| values.iter().map(|value| value.unwrap_or(f64::NAN)).collect()))
}

/// Days since 1970-01-01; text in any form that has its year in front.
pub(super) fn days(table: &'static str, series: &Series) -> Result<Vec<Option<i32>>, OutcomeFault> {
    if matches!(series.dtype(), DataType::String | DataType::Categorical(..) | DataType::Enum(..)) {
        return text_days(series);
    }
    let days = dates(table, series)?;
    Ok(days.i32().map_or_else(|_| vec![None; series.len()], |days| days.iter().collect()))
}

fn text_days(series: &Series) -> Result<Vec<Option<i32>>, OutcomeFault> {
    let mut cells = Cells::new("unreadable date");
    let day = |(row, text): (usize, Option<String>)| {
        let text = text?;
        match read_date(&text, DateOrder::YearFirst) {
            Ok(CellDate::Day(day)) => Some(day),
            Ok(CellDate::Placeholder) => None,
            Err(_) => {
                cells.add(row, || Some(text));
                None
            }
        }
    };
    let days = texts(series).into_iter().enumerate().map(day).collect();
    if cells.is_empty() { Ok(days) } else { Err(OutcomeFault::UnreadableDates { column: series.name().to_string(), cells }) }
}
