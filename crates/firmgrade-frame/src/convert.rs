//! From polars columns to the engine's: borrowed where the memory allows, converted where the card reads something else.

use bytemuck::cast_slice;
use firmgrade::columns::{Bits, Codes, Column, Kind, Numbers, Table, TextView, Texts, Values};
use firmgrade::{Cells, DataFault, Scorecard};
use polars::prelude::*;
use polars_arrow::array::{Array, BooleanArray, PrimitiveArray, Utf8ViewArray};
use rayon::prelude::*;
use std::collections::{HashMap, HashSet};

/// The columns that a card reads, in layouts that the engine can borrow. The id column comes first.
#[derive(Clone, Debug)]
pub struct Input {
    columns: Vec<Series>,
    len: usize,
}

impl Input {
    /// Picks the card's columns from a frame and converts what the engine cannot borrow: text that holds numbers, whole numbers
    /// that hold flags, decimals.
    ///
    /// # Errors
    /// Every column that is not there, every one of a type that cannot be converted, and every cell that cannot be read as the card reads
    /// its column.
    pub fn new(card: &Scorecard, frame: &DataFrame) -> Result<Self, Vec<DataFault>> {
        let id = std::iter::once((card.id_column(), None));
        let wanted: Vec<(&str, Option<Kind>)> = id.chain(card.columns().iter().map(|c| (c.name.as_str(), Some(c.kind)))).collect();
        let places: HashMap<&str, usize> = frame.columns().iter().enumerate().map(|(at, column)| (column.name().as_str(), at)).collect();
        let mut seen: HashSet<&str> = HashSet::with_capacity(wanted.len());
        let mut picked: Vec<(&Series, Option<Kind>)> = Vec::with_capacity(wanted.len());
        for &(name, kind) in &wanted {
            if let Some(column) = places.get(name).and_then(|at| frame.columns().get(*at))
                && seen.insert(name)
            {
                picked.push((column.as_materialized_series(), kind));
            }
        }
        let converted: Vec<Result<Series, DataFault>> = picked
            .into_par_iter()
            .map(|(series, kind)| match kind {
                Some(kind) => convert(series, kind),
                None => convert_id(series),
            })
            .collect();
        let mut faults = firmgrade::missing_columns(card, frame.columns().iter().map(|column| column.name().as_str()));
        let mut columns = Vec::with_capacity(converted.len());
        for outcome in converted {
            match outcome {
                Ok(series) => columns.push(series),
                Err(fault) => faults.push(fault),
            }
        }
        if !faults.is_empty() {
            return Err(faults);
        }
        align(&mut columns);
        Ok(Self { columns, len: frame.height() })
    }

    /// The number of firms.
    #[must_use]
    pub fn len(&self) -> usize {
        self.len
    }

    /// Whether there are no firms.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.len == 0
    }

    /// The columns, the id column first.
    pub fn columns(&self) -> &[Series] {
        &self.columns
    }

    /// The columns as the engine reads them, one table for each chunk.
    #[must_use]
    pub fn tables(&self) -> Vec<Table<'_>> {
        let chunks = self.columns.first().map_or(1, |series| series.chunks().len());
        (0..chunks)
            .map(|chunk| {
                let rows = self.columns.first().and_then(|s| s.chunks().get(chunk)).map_or(self.len, |array| array.len());
                let mut table = Table::new(rows);
                for series in &self.columns {
                    if let Some(column) = column(series, chunk) {
                        // INVARIANT: names are distinct and `align` made the chunks of all columns equally long.
                        let added = table.add(series.name(), column);
                        debug_assert!(added, "column `{}` does not fit", series.name());
                    }
                }
                table
            })
            .collect()
    }
}

/// Gives all columns the same chunks: kept where they agree already, else one chunk each.
fn align(columns: &mut [Series]) {
    let lengths = |series: &Series| series.chunk_lengths().collect::<Vec<_>>();
    let first = columns.first().map(lengths);
    if columns.iter().all(|series| Some(lengths(series)) == first) {
        return;
    }
    columns.par_iter_mut().for_each(|series| *series = series.rechunk());
}

/// One chunk of a converted column.
pub(crate) fn column(series: &Series, chunk: usize) -> Option<Column<'_>> {
    let physical = series.chunks().get(chunk)?;
    let array: &dyn Array = physical.as_ref();
    let values = match series.dtype() {
        DataType::Float64 => Values::Number(Numbers::F64(primitive(array)?)),
        DataType::Float32 => Values::Number(Numbers::F32(primitive(array)?)),
        DataType::Int64 => Values::Number(Numbers::I64(primitive(array)?)),
        DataType::Int32 => Values::Number(Numbers::I32(primitive(array)?)),
        DataType::Int16 => Values::Number(Numbers::I16(primitive(array)?)),
        DataType::Int8 => Values::Number(Numbers::I8(primitive(array)?)),
        DataType::UInt64 => Values::Number(Numbers::U64(primitive(array)?)),
        DataType::UInt32 => Values::Number(Numbers::U32(primitive(array)?)),
        DataType::UInt16 => Values::Number(Numbers::U16(primitive(array)?)),
        DataType::UInt8 => Values::Number(Numbers::U8(primitive(array)?)),
        DataType::Boolean => {
            let (bytes, offset, len) = array.as_any().downcast_ref::<BooleanArray>()?.values().as_slice();
            Values::Flag(Bits::new(bytes, offset, len)?)
        }
        DataType::String => {
            let array = array.as_any().downcast_ref::<Utf8ViewArray>()?;
            let views: &[TextView] = cast_slice(array.views().as_slice());
            Values::Text(Texts::Views { views, buffers: array.data_buffers().iter().map(|buffer| buffer.as_slice()).collect() })
        }
        DataType::Categorical(_, mapping) | DataType::Enum(_, mapping) => {
            let limit = u32::try_from(mapping.num_cats_upper_bound()).ok()?;
            let values = (0..limit).map(|code| mapping.cat_to_str(code).unwrap_or_default()).collect();
            let codes = match series.dtype().cat_physical().ok()? {
                CategoricalPhysical::U8 => Codes::U8(primitive(array)?),
                CategoricalPhysical::U16 => Codes::U16(primitive(array)?),
                CategoricalPhysical::U32 => Codes::U32(primitive(array)?),
            };
            Values::Text(Texts::Coded { codes, values })
        }
        _ => Values::Missing(array.len()),
    };
    let validity = match array.validity() {
        Some(bitmap) => {
            let (bytes, offset, len) = bitmap.as_slice();
            Some(Bits::new(bytes, offset, len)?)
        }
        None => None,
    };
    Some(Column { values, validity })
}

fn primitive<T: polars_arrow::types::NativeType>(array: &dyn Array) -> Option<&[T]> {
    Some(array.as_any().downcast_ref::<PrimitiveArray<T>>()?.values().as_slice())
}

fn is_whole(dtype: &DataType) -> bool {
    use DataType::{Int8, Int16, Int32, Int64, UInt8, UInt16, UInt32, UInt64};
    matches!(dtype, Int8 | Int16 | Int32 | Int64 | UInt8 | UInt16 | UInt32 | UInt64)
}

fn is_text(dtype: &DataType) -> bool {
    matches!(dtype, DataType::String | DataType::Categorical(..) | DataType::Enum(..))
}

fn wrong(series: &Series, expected: Kind) -> DataFault {
    DataFault::WrongKind { column: series.name().to_string(), found: series.dtype().to_string(), expected }
}

fn convert_id(series: &Series) -> Result<Series, DataFault> {
    match series.dtype() {
        dtype if is_text(dtype) || is_whole(dtype) || *dtype == DataType::Null => Ok(series.clone()),
        _ => Err(wrong(series, Kind::Text)),
    }
}

/// The column in a type that the engine borrows for this kind.
pub(crate) fn convert(series: &Series, kind: Kind) -> Result<Series, DataFault> {
    let dtype = series.dtype();
    let cast = |to: &DataType| series.cast(to).map_err(|_| wrong(series, kind));
    match kind {
        Kind::Number => match dtype {
            DataType::Float64 | DataType::Float32 | DataType::Null => Ok(series.clone()),
            dtype if is_whole(dtype) => Ok(series.clone()),
            DataType::Decimal(..) => cast(&DataType::Float64),
            dtype if is_text(dtype) => parse(series, kind, parse_number)
                .map(|values| Float64Chunked::from_iter_options(series.name().clone(), values.into_iter()).into_series()),
            _ => Err(wrong(series, kind)),
        },
        Kind::Text => match dtype {
            dtype if is_text(dtype) || *dtype == DataType::Null => Ok(series.clone()),
            dtype if is_whole(dtype) || *dtype == DataType::Boolean => cast(&DataType::String),
            _ => Err(wrong(series, kind)),
        },
        Kind::Flag => match dtype {
            DataType::Boolean | DataType::Null => Ok(series.clone()),
            dtype if is_text(dtype) => flags(series, parse(series, kind, parse_flag)?),
            dtype if is_whole(dtype) || matches!(dtype, DataType::Float64 | DataType::Float32) => {
                let numbers = cast(&DataType::Float64)?;
                let numbers = numbers.f64().map_err(|_| wrong(series, kind))?;
                let mut cells = Cells::new("value");
                let mut values = Vec::with_capacity(numbers.len());
                for (row, number) in numbers.iter().enumerate() {
                    values.push(match number.filter(|x| !x.is_nan()) {
                        None => None,
                        Some(0.0) => Some(false),
                        Some(1.0) => Some(true),
                        Some(other) => {
                            cells.add(row, || Some(other.to_string()));
                            None
                        }
                    });
                }
                if !cells.is_empty() {
                    return Err(DataFault::Unreadable { column: series.name().to_string(), expected: kind, cells });
                }
                flags(series, values)
            }
            _ => Err(wrong(series, kind)),
        },
    }
}

fn flags(series: &Series, values: Vec<Option<bool>>) -> Result<Series, DataFault> {
    Ok(BooleanChunked::from_iter_options(series.name().clone(), values.into_iter()).into_series())
}

/// Reads every text of a column; an empty one is missing.
fn parse<T>(series: &Series, kind: Kind, read: impl Fn(&str) -> Option<T>) -> Result<Vec<Option<T>>, DataFault> {
    let texts = series.cast(&DataType::String).map_err(|_| wrong(series, kind))?;
    let texts = texts.str().map_err(|_| wrong(series, kind))?;
    let mut cells = Cells::new("value");
    let mut values = Vec::with_capacity(texts.len());
    for (row, text) in texts.iter().enumerate() {
        values.push(match text.map(str::trim).filter(|text| !text.is_empty()) {
            None => None,
            Some(text) => {
                let value = read(text);
                if value.is_none() {
                    cells.add(row, || Some(text.to_owned()));
                }
                value
            }
        });
    }
    if cells.is_empty() { Ok(values) } else { Err(DataFault::Unreadable { column: series.name().to_string(), expected: kind, cells }) }
}

/// A number as offices type it: digits, sign, decimal point, exponent. Words such as `nan` and `inf` are none.
fn parse_number(text: &str) -> Option<f64> {
    let plain = |c: char| c.is_ascii_digit() || matches!(c, '+' | '-' | '.' | 'e' | 'E');
    if text.chars().all(plain) { text.parse().ok() } else { None }
}

/// Yes or no, in the spellings that tables have.
fn parse_flag(text: &str) -> Option<bool> {
    match text.to_ascii_lowercase().as_str() {
        "true" | "1" | "yes" | "y" | "是" => Some(true),
        "false" | "0" | "no" | "n" | "否" => Some(false),
        _ => None,
    }
}
