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

fn frame(firms: usize, columns: Vec<district::Column>) -> PolarsResult<DataFrame> {
    let columns = columns.into_iter().map(column).collect::<PolarsResult<Vec<Column>>>()?;
    DataFrame::new(firms, columns)
}

fn column(column: district::Column) -> PolarsResult<Column> {
    let name: PlSmallStr = column.name.into();
    Ok(match column.values {
        Values::Text(values) => StringChunked::from_iter_options(name, values.into_iter()).into_column(),
        Values::Number(values) => Float64Chunked::from_iter_options(name, values.into_iter()).into_column(),
        Values::Whole(values) => Int64Chunked::from_iter_options(name, values.into_iter()).into_column(),
        Values::Flag(values) => BooleanChunked::from_iter_options(name, values.into_iter()).into_column(),
        Values::Coded { codes, values } => {
            let dtype = DataType::from_frozen_categories(FrozenCategories::new(values.iter().copied())?);
            let texts = codes.into_iter().map(|code| code.and_then(|code| values.get(usize::from(code)).copied()));
            StringChunked::from_iter_options(name, texts).into_series().cast(&dtype)?.into()
        }
    })
}
