//! Rows that stand in a table twice, equal in all columns.

use super::firms::{fold, hash};
use crate::convert::column;
use firmgrade::columns::{Column, Numbers, TextView, Texts, Values};
use polars::prelude::*;
use rayon::prelude::*;

/// Rows that one thread hashes in turn.
const BLOCK: usize = 16_384;

/// Whether each row is equal, in every column, to an earlier one; `None` where no row is, or where a column holds what cannot be compared.
pub(crate) fn repeats(frame: &DataFrame) -> Option<Vec<bool>> {
    let series: Vec<Series> =
        frame.columns().par_iter().map(|column| comparable(column.as_materialized_series())).collect::<Option<_>>()?;
    let columns: Vec<Column<'_>> = series.iter().map(|series| column(series, 0)).collect::<Option<_>>()?;
    let mut hashes = vec![(0_u64, 0_u32); frame.height()];
    hashes.par_chunks_mut(BLOCK).enumerate().for_each(|(block, hashes)| {
        let start = block * BLOCK;
        for ((_, row), at) in hashes.iter_mut().zip(start..) {
            *row = u32::try_from(at).unwrap_or(u32::MAX);
        }
        for column in &columns {
            add(column, start, hashes);
        }
    });
    hashes.par_sort_unstable();
    let mut repeated: Option<Vec<bool>> = None;
    for run in hashes.chunk_by(|a, b| a.0 == b.0).filter(|run| run.len() > 1) {
        // Rows of one hash are nearly always equal; they are compared with each of the different ones before them.
        let mut different: Vec<usize> = Vec::new();
        for (_, row) in run {
            let row = *row as usize;
            if different.iter().any(|other| columns.iter().all(|column| same(column, row, *other))) {
                if let Some(repeated) = repeated.get_or_insert_with(|| vec![false; frame.height()]).get_mut(row) {
                    *repeated = true;
                }
            } else {
                different.push(row);
            }
        }
    }
    repeated
}

/// The column in one piece of a layout that can be compared.
fn comparable(series: &Series) -> Option<Series> {
    let series = match series.dtype() {
        DataType::Date | DataType::Datetime(..) | DataType::Duration(_) => series.to_physical_repr().into_owned(),
        _ => series.clone(),
    };
    let known = series.dtype().is_primitive_numeric()
        || matches!(series.dtype(), DataType::Boolean | DataType::String | DataType::Categorical(..) | DataType::Enum(..) | DataType::Null);
    if known { Some(series.rechunk()) } else { Some(series.cast(&DataType::String).ok()?.rechunk()) }
}

/// Adds a column to the hashes of the rows from `start` on.
fn add(column: &Column<'_>, start: usize, hashes: &mut [(u64, u32)]) {
    fn mix(column: &Column<'_>, start: usize, hashes: &mut [(u64, u32)], word: impl Fn(usize) -> u64) {
        for ((hash, _), row) in hashes.iter_mut().zip(start..) {
            let there = column.validity.is_none_or(|bits| bits.get(row));
            let word = if there { word(row) } else { 0x5bd1_e995 };
            *hash = fold(*hash ^ word ^ 0x9e37_79b9_7f4a_7c15, 0xd134_2543_de82_ef95);
        }
    }
    match &column.values {
        Values::Text(texts @ Texts::Views { views, .. }) => mix(column, start, hashes, |row| match views.get(row) {
            // A short text is its view.
            Some(view) if view.length as usize <= TextView::INLINE => {
                let view = view.as_u128();
                fold(view as u64 ^ 0xa076_1d64_78bd_642f, (view >> 64) as u64 ^ 0xe703_7ed1_a0b4_28db)
            }
            _ => hash(texts.bytes(row)),
        }),
        Values::Text(texts) => mix(column, start, hashes, |row| hash(texts.bytes(row))),
        Values::Number(Numbers::F64(values)) => mix(column, start, hashes, |row| values.get(row).map_or(0, |x| (x + 0.0).to_bits())),
        Values::Number(numbers) => mix(column, start, hashes, |row| bits(numbers, row)),
        Values::Flag(flags) => mix(column, start, hashes, |row| u64::from(flags.get(row))),
        Values::Missing(_) => {}
    }
}

/// The value of one row in 64 bits, different for different values.
fn bits(numbers: &Numbers<'_>, row: usize) -> u64 {
    match numbers {
        Numbers::I64(values) => values.get(row).map_or(0, |x| x.cast_unsigned()),
        Numbers::U64(values) => values.get(row).copied().unwrap_or_default(),
        _ => {
            let mut buffer = [0.0];
            // Adding 0 makes −0 and 0 the same bits.
            numbers.block(row..row + 1, &mut buffer).first().map_or(0, |x| (x + 0.0).to_bits())
        }
    }
}

fn same(column: &Column<'_>, a: usize, b: usize) -> bool {
    let there = |row: usize| column.validity.is_none_or(|bits| bits.get(row));
    match (there(a), there(b)) {
        (true, true) => match &column.values {
            Values::Text(texts) => texts.bytes(a) == texts.bytes(b),
            Values::Number(numbers) => bits(numbers, a) == bits(numbers, b),
            Values::Flag(flags) => flags.get(a) == flags.get(b),
            Values::Missing(_) => true,
        },
        (a, b) => a == b,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_rows_equal_in_every_column_repeat() {
        let frame = |last: &str| {
            let ids = Series::new("id".into(), ["a", "b", "a", "a", "a"]);
            let days = Int32Chunked::from_slice("day".into(), &[1, 1, 1, 2, 1]).into_series();
            let amounts = Series::new("amount".into(), [Some(1.5), None, Some(1.5), Some(1.5), Some(1.5)]);
            let notes = Series::new(
                "note".into(),
                ["a note longer than a view", "", "a note longer than a view", "a note longer than a view", last],
            );
            DataFrame::new(5, vec![ids.into(), days.into(), amounts.into(), notes.into()]).unwrap()
        };
        assert_eq!(repeats(&frame("a note longer than a view")), Some(vec![false, false, true, false, true]));
        assert_eq!(repeats(&frame("another")), Some(vec![false, false, true, false, false]));
        let one = frame("another").slice(1, 3);
        assert_eq!(repeats(&one), None);
    }
}
