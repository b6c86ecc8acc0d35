//! The columns of a raw table that a card reads, each one piece, in layouts that the engine can borrow.

use super::fate::UNDATED;
use super::fault::DeriveFault;
use crate::convert::{column, convert};
use firmgrade::calendar::Day;
use firmgrade::columns::{Column, ColumnKind};
use firmgrade::{Cells, DataFault};
use polars::prelude::*;
use rayon::prelude::*;

/// A column that a card reads, and what for.
#[derive(Clone, Debug)]
pub(crate) struct Wanted {
    pub name: String,
    pub kind: ColumnKind,
    pub used_by: Vec<String>,
}

/// Columns of one table.
#[derive(Clone, Debug)]
pub(crate) struct Typed {
    columns: Vec<(Series, ColumnKind)>,
    len: usize,
}

impl Typed {
    /// Picks the wanted columns from a frame and converts what the engine cannot borrow.
    ///
    /// # Errors
    /// Every column that is not there or of a wrong type, and every cell that cannot be read.
    pub fn new(table: &str, frame: &DataFrame, wanted: &[Wanted]) -> Result<Self, Vec<DeriveFault>> {
        let names: Vec<&str> = frame.columns().iter().map(|column| column.name().as_str()).collect();
        let converted: Vec<Result<(Series, ColumnKind), DeriveFault>> = wanted
            .par_iter()
            .map(|Wanted { name, kind, used_by }| {
                let Ok(found) = frame.column(name) else {
                    let near = firmgrade::nearest(name, names.iter().copied()).map(str::to_owned);
                    let fault = DataFault::MissingColumn { column: name.clone(), used_by: used_by.clone(), near };
                    return Err(DeriveFault::Data { table: table.to_owned(), fault: Box::new(fault) });
                };
                let series = found.as_materialized_series();
                let converted = match kind {
                    ColumnKind::Date => dates(table, series),
                    _ => convert(series, kind.stored())
                        .map_err(|fault| DeriveFault::Data { table: table.to_owned(), fault: Box::new(fault) }),
                };
                converted.map(|series| (series.rechunk(), *kind))
            })
            .collect();
        let (mut columns, mut faults) = (Vec::with_capacity(converted.len()), Vec::new());
        for outcome in converted {
            match outcome {
                Ok(column) => columns.push(column),
                Err(fault) => faults.push(fault),
            }
        }
        if faults.is_empty() { Ok(Self { columns, len: frame.height() }) } else { Err(faults) }
    }

    /// The number of rows.
    pub fn len(&self) -> usize {
        self.len
    }

    /// One more column, of one piece.
    pub fn push(&mut self, series: Series, kind: ColumnKind) {
        self.columns.push((series.rechunk(), kind));
    }

    /// The columns as they stand.
    pub fn columns(&self) -> impl Iterator<Item = (&Series, ColumnKind)> {
        self.columns.iter().map(|(series, kind)| (series, *kind))
    }

    /// The column of that name as the engine reads it; a date is a number of days.
    pub fn column(&self, name: &str) -> Option<Column<'_>> {
        let (series, _) = self.columns.iter().find(|(series, _)| series.name() == name)?;
        column(series, 0)
    }

    /// The days of a date column, [`UNDATED`] where there is none.
    pub fn days(&self, name: &str) -> Vec<i32> {
        let days = self.columns.iter().find(|(series, _)| series.name() == name).and_then(|(series, _)| series.i32().ok());
        days.map_or_else(|| vec![UNDATED; self.len], |days| days.iter().map(|day| day.unwrap_or(UNDATED)).collect())
    }
}

/// A column of dates as days since 1970-01-01.
pub(crate) fn dates(table: &str, series: &Series) -> Result<Series, DeriveFault> {
    let wrong = || DeriveFault::NotDates { table: table.to_owned(), column: series.name().to_string(), found: series.dtype().to_string() };
    let physical = || series.to_physical_repr();
    let days: Vec<Option<i64>> = match series.dtype() {
        DataType::Null => vec![None; series.len()],
        DataType::Date => physical().i32().map_err(|_| wrong())?.iter().map(|day| day.map(i64::from)).collect(),
        DataType::Datetime(unit, None) => {
            let ticks = match unit {
                TimeUnit::Nanoseconds => 86_400_000_000_000,
                TimeUnit::Microseconds => 86_400_000_000,
                TimeUnit::Milliseconds => 86_400_000,
            };
            physical().i64().map_err(|_| wrong())?.iter().map(|tick| tick.map(|tick: i64| tick.div_euclid(ticks))).collect()
        }
        _ => return Err(wrong()),
    };
    let mut cells = Cells::new("unreadable cell");
    let days: Vec<Option<i32>> = days
        .into_iter()
        .enumerate()
        .map(|(row, day)| {
            let day = day?;
            let there = i32::try_from(day).ok().and_then(Day::new);
            if there.is_none() {
                cells.add(row, || None);
            }
            there.map(Day::days)
        })
        .collect();
    whole(table, series, days, cells)
}

fn whole(table: &str, series: &Series, days: Vec<Option<i32>>, cells: Cells) -> Result<Series, DeriveFault> {
    if !cells.is_empty() {
        let reason = "a date outside of the years 1 to 9999".to_owned();
        return Err(DeriveFault::UnreadableCells { table: table.to_owned(), column: series.name().to_string(), reason, cells });
    }
    Ok(Int32Chunked::from_iter_options(series.name().clone(), days.into_iter()).into_series())
}
