//! The cells of a column as every writer of text sees them: few kinds, whatever the type in the frame.

use std::fmt::Write as _;

use polars::prelude::{
    BooleanChunked, ChunkedArray, Column, DataFrame, DataType, Float64Chunked, Int32Type, Int64Chunked, ListChunked, PolarsResult, Series,
    StringChunked, UInt64Chunked,
};

use crate::fault::{FrameError, one_line};
use crate::number::push_number;

/// A cell.
pub(super) enum Cell<'a> {
    Missing,
    Truth(bool),
    Signed(i64),
    Unsigned(u64),
    Number(f64),
    Text(&'a str),
    /// Days since 1970-01-01, and the ISO text.
    Date(i32, &'a str),
    List(List<'a>),
}

/// The cells of a list.
pub(super) struct List<'a> {
    inner: &'a Cells,
    from: usize,
    to: usize,
}

impl<'a> List<'a> {
    pub(super) fn iter(&self) -> impl Iterator<Item = Cell<'a>> + use<'a> {
        let inner = self.inner;
        (self.from..self.to).map(move |at| inner.get(at))
    }
}

/// The cells of a column, in one piece.
pub(super) enum Cells {
    Missing,
    Truth(BooleanChunked),
    Signed(Int64Chunked),
    Unsigned(UInt64Chunked),
    Number(Float64Chunked),
    Text(StringChunked),
    Date(ChunkedArray<Int32Type>, StringChunked),
    List { lists: ListChunked, ends: Vec<usize>, inner: Box<Cells> },
}

impl Cells {
    /// The columns of `frame`, by name.
    ///
    /// # Errors
    /// [`FrameError::UnsupportedColumn`] for a type that has no text.
    pub(super) fn of_frame(frame: &DataFrame, file: &str) -> Result<Vec<(String, Self)>, FrameError> {
        frame
            .columns()
            .iter()
            .map(|column| {
                let cells = Self::of(column).map_err(|error| FrameError::UnsupportedColumn {
                    file: file.to_owned(),
                    column: column.name().to_string(),
                    found: one_line(&error.to_string()),
                })?;
                Ok((column.name().to_string(), cells))
            })
            .collect()
    }

    fn of(column: &Column) -> PolarsResult<Self> {
        Self::of_series(&column.as_materialized_series().rechunk())
    }

    fn of_series(series: &Series) -> PolarsResult<Self> {
        Ok(match series.dtype() {
            DataType::Null => Self::Missing,
            DataType::Boolean => Self::Truth(series.bool()?.clone()),
            DataType::UInt64 => Self::Unsigned(series.u64()?.clone()),
            dtype if dtype.is_integer() => Self::Signed(series.strict_cast(&DataType::Int64)?.i64()?.clone()),
            // Through text, so that 0.1 stays 0.1 and does not become 0.10000000149011612.
            DataType::Float32 => {
                let shortest = |number: f32| number.to_string().parse().unwrap_or(f64::from(number));
                Self::Number(series.f32()?.iter().map(|number| number.map(shortest)).collect())
            }
            DataType::Float64 => Self::Number(series.f64()?.clone()),
            DataType::String => Self::Text(series.str()?.clone()),
            DataType::Date => {
                let days = series.cast(&DataType::Int32)?.i32()?.clone();
                Self::Date(days, series.cast(&DataType::String)?.str()?.clone())
            }
            DataType::Datetime(unit, zone) => {
                // A moment with a zone is stored in universal time and is written so: without a table of zones there is no other.
                let naive = series.cast(&DataType::Int64)?.cast(&DataType::Datetime(*unit, None))?;
                let texts = naive.cast(&DataType::String)?;
                let iso = |text: &str| iso_text(text, zone.is_some());
                Self::Text(texts.str()?.iter().map(|text| text.map(iso)).collect())
            }
            DataType::List(_) => {
                let lists = series.list()?.clone();
                let mut ends = vec![0];
                for list in lists.downcast_iter() {
                    ends = list.offsets().iter().map(|end| usize::try_from(*end).unwrap_or_default()).collect();
                }
                let inner = Box::new(Self::of_series(&lists.get_inner().rechunk())?);
                Self::List { lists, ends, inner }
            }
            // Categories and decimals; what has no text is refused by the cast.
            _ => Self::Text(series.strict_cast(&DataType::String)?.str()?.clone()),
        })
    }

    /// The cell in the row.
    pub(super) fn get(&self, row: usize) -> Cell<'_> {
        let cell = match self {
            Self::Missing => None,
            Self::Truth(cells) => cells.get(row).map(Cell::Truth),
            Self::Signed(cells) => cells.get(row).map(Cell::Signed),
            Self::Unsigned(cells) => cells.get(row).map(Cell::Unsigned),
            Self::Number(cells) => cells.get(row).filter(|number| !number.is_nan()).map(Cell::Number),
            Self::Text(cells) => cells.get(row).map(Cell::Text),
            Self::Date(days, texts) => match (days.get(row), texts.get(row)) {
                (Some(days), Some(text)) => Some(Cell::Date(days, text)),
                _ => None,
            },
            Self::List { lists, ends, inner } => match ends.get(row..=row + 1) {
                Some(&[from, to]) if is_valid(lists, row) => Some(Cell::List(List { inner, from, to })),
                _ => None,
            },
        };
        cell.unwrap_or(Cell::Missing)
    }
}

impl Cell<'_> {
    /// Appends the cell as one text, nothing where it is missing; the cells of a list are joined with `; `.
    pub(super) fn push_text(&self, text: &mut String) {
        match self {
            Self::Missing => {}
            Self::Truth(truth) => text.push_str(if *truth { "true" } else { "false" }),
            // Writing to a string cannot fail.
            Self::Signed(number) => drop(write!(text, "{number}")),
            Self::Unsigned(number) => drop(write!(text, "{number}")),
            Self::Number(number) => push_number(text, *number),
            Self::Text(part) | Self::Date(_, part) => text.push_str(part),
            Self::List(list) => {
                for (at, cell) in list.iter().enumerate() {
                    if at > 0 {
                        text.push_str("; ");
                    }
                    cell.push_text(text);
                }
            }
        }
    }
}

/// ISO 8601 from polars' own text, `2023-05-01 13:45:00.250000`.
fn iso_text(text: &str, universal: bool) -> String {
    let mut iso = text.replacen(' ', "T", 1);
    if iso.contains('.') {
        iso.truncate(iso.trim_end_matches('0').trim_end_matches('.').len());
    }
    if universal {
        iso.push('Z');
    }
    iso
}

fn is_valid(lists: &ListChunked, row: usize) -> bool {
    // INVARIANT: the column is in one piece, and the row is one of its rows.
    lists.downcast_iter().next().is_some_and(|list| list.validity().is_none_or(|valid| valid.get_bit(row)))
}
