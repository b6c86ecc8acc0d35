//! Columns as screening and banding see them: numbers with NaN for missing, or codes of texts.

use super::fault::Faults;
use crate::columns::{Codes, Column, Kind, Numbers, Texts, Values};
use std::cmp::Ordering;
use std::collections::BTreeMap;

/// The values of a column.
#[derive(Clone, Debug)]
pub(super) enum Read {
    /// Numbers, NaN where missing. Flags are 0 and 1.
    Number(Vec<f64>),
    /// Places in a list of texts in ascending order, [`MISSING`] where missing.
    Text(Vec<u32>, Vec<String>),
}

pub(super) const MISSING: u32 = u32::MAX;

impl Read {
    /// A column's values; infinite ones are faults.
    pub(super) fn new(name: &str, column: &Column<'_>, faults: &mut Faults) -> Self {
        let rows = column.len();
        let there = |row: usize| column.validity.is_none_or(|bits| bits.get(row));
        match &column.values {
            Values::Number(numbers) => {
                let mut values = whole(numbers, rows);
                values.iter_mut().enumerate().filter(|(row, _)| !there(*row)).for_each(|(_, value)| *value = f64::NAN);
                let remedy = "correct the values or make them missing";
                faults.values(format!("column `{name}`"), values.iter().copied(), "infinite value", remedy, |value| !value.is_infinite());
                Self::Number(values)
            }
            Values::Flag(bits) => Self::Number((0..rows).map(|row| if there(row) { f64::from(bits.get(row)) } else { f64::NAN }).collect()),
            Values::Missing(rows) => Self::Number(vec![f64::NAN; *rows]),
            Values::Text(texts) => Self::texts(texts, rows, there),
        }
    }

    fn texts(texts: &Texts<'_>, rows: usize, there: impl Fn(usize) -> bool) -> Self {
        // A dictionary is looked at entry by entry, other texts row by row; only what stands in a row becomes a category.
        let mut first: Vec<u32> = vec![MISSING; rows];
        let mut places: BTreeMap<Vec<u8>, u32> = BTreeMap::new();
        let mut place = |bytes: &[u8]| match places.get(bytes) {
            Some(place) => *place,
            None => {
                let next = u32::try_from(places.len()).unwrap_or(MISSING);
                places.insert(bytes.to_vec(), next);
                next
            }
        };
        if let Texts::Coded { codes, values } = texts {
            let mut known: Vec<u32> = vec![MISSING; values.len()];
            for (row, to) in first.iter_mut().enumerate().filter(|(row, _)| there(*row)) {
                let code = code(codes, row);
                if let (Some(known), Some(value)) = (known.get_mut(code), values.get(code)) {
                    if *known == MISSING {
                        *known = place(value.as_bytes());
                    }
                    *to = *known;
                }
            }
        } else {
            first.iter_mut().enumerate().filter(|(row, _)| there(*row)).for_each(|(row, to)| *to = place(texts.bytes(row)));
        }
        let names: Vec<String> = places.keys().map(|bytes| String::from_utf8_lossy(bytes).into_owned()).collect();
        let mut sorted = vec![MISSING; places.len()];
        (0_u32..).zip(places.values()).for_each(|(at, place)| sorted[*place as usize] = at);
        first.iter_mut().for_each(|code| *code = sorted.get(*code as usize).copied().unwrap_or(MISSING));
        Self::Text(first, names)
    }

    pub(super) fn len(&self) -> usize {
        match self {
            Self::Number(values) => values.len(),
            Self::Text(codes, _) => codes.len(),
        }
    }

    /// Two rows by value, missing ones in one place.
    pub(super) fn compare(&self, a: usize, b: usize) -> Ordering {
        match self {
            Self::Number(values) => values[a].total_cmp(&values[b]),
            Self::Text(codes, _) => codes[a].cmp(&codes[b]),
        }
    }

    /// These rows in this order.
    pub(super) fn ordered(&self, rows: &[usize]) -> Self {
        match self {
            Self::Number(values) => Self::Number(rows.iter().map(|row| values[*row]).collect()),
            Self::Text(codes, names) => Self::Text(rows.iter().map(|row| codes[*row]).collect(), names.clone()),
        }
    }

    pub(super) fn is_missing(&self, row: usize) -> bool {
        match self {
            Self::Number(values) => values[row].is_nan(),
            Self::Text(codes, _) => codes[row] == MISSING,
        }
    }
}

/// The kind of a column; a column with nothing in it counts as numbers.
pub(super) fn kind(column: &Column<'_>) -> Kind {
    column.kind().unwrap_or(Kind::Number)
}

fn code(codes: &Codes<'_>, row: usize) -> usize {
    codes.get(row)
}

fn whole(numbers: &Numbers<'_>, rows: usize) -> Vec<f64> {
    let mut buffer = vec![0.0; rows];
    let values = numbers.block(0..rows, &mut buffer).to_vec();
    values.into_iter().map(|value| if value == 0.0 { 0.0 } else { value }).collect()
}
