//! The generated district as frames.

use crate::district::{self, Values};
use polars::prelude::*;

/// The district's firm table and its later inspection outcomes: one row for each firm, in the same order.
///
/// # Errors
/// A [`PolarsError`] only where the generator names a column twice.
pub fn district_frames(firms: usize, seed: u64) -> PolarsResult<(DataFrame, DataFrame)> {
    let district = district::generate(firms, seed);
    Ok((frame(firms, district.columns)?, frame(firms, district.outcome)?))
}

/// The generated district as a register and tables of records.
#[derive(Clone, Debug)]
pub struct RecordFrames {
    /// The register: one row for each firm.
    pub firms: DataFrame,
    /// The tables of records by the names that the shipped scorecard gives them.
    pub records: Vec<(&'static str, DataFrame)>,
    /// What inspections after the as-of day found: one row for each inspection.
    pub outcomes: DataFrame,
}

/// The district as a register, tables of records and later outcomes; see [`generate_records`](district::generate_records).
///
/// # Errors
/// A [`PolarsError`] only where the generator names a column twice.
pub fn district_record_frames(firms: usize, seed: u64) -> PolarsResult<RecordFrames> {
    let made = district::generate_records(firms, seed);
    let rows = |columns: &[district::Column]| columns.first().map_or(0, |column| column.values.len());
    let tables = made.tables.into_iter().map(|table| Ok((table.id, frame(rows(&table.columns), table.columns)?)));
    Ok(RecordFrames {
        records: tables.collect::<PolarsResult<_>>()?,
        firms: frame(firms, made.firms)?,
        outcomes: frame(rows(&made.outcomes), made.outcomes)?,
    })
}

fn frame(rows: usize, columns: Vec<district::Column>) -> PolarsResult<DataFrame> {
    let columns = columns.into_iter().map(column).collect::<PolarsResult<Vec<Column>>>()?;
    DataFrame::new(rows, columns)
}

fn column(column: district::Column) -> PolarsResult<Column> {
    let name: PlSmallStr = column.name.into();
    Ok(match column.values {
        Values::Text(values) => StringChunked::from_iter_options(name, values.into_iter()).into_column(),
        Values::Number(values) => Float64Chunked::from_iter_options(name, values.into_iter()).into_column(),
        Values::Whole(values) => Int64Chunked::from_iter_options(name, values.into_iter()).into_column(),
        Values::Flag(values) => BooleanChunked::from_iter_options(name, values.into_iter()).into_column(),
        Values::Day(values) => Int32Chunked::from_iter_options(name, values.into_iter()).into_date().into_column(),
        Values::Coded { codes, values } => {
            let dtype = DataType::from_frozen_categories(FrozenCategories::new(values.iter().copied())?);
            let texts = codes.into_iter().map(|code| code.and_then(|code| values.get(usize::from(code)).copied()));
            StringChunked::from_iter_options(name, texts).into_series().cast(&dtype)?.into()
        }
    })
}
