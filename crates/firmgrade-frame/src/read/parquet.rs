//! Parquet, only the columns asked for; types are kept.

use std::fs::File;
use std::path::Path;

use polars::prelude::{ArrowDataType, DataFrame, ParquetReader, PolarsError, PolarsResult, SerReader};

use super::{kept, nature};
use crate::fault::{FrameError, caught, column_letters, one_line};
use crate::format::Format;

/// The table in the file, only the `columns` where present.
///
/// # Errors
/// A [`FrameError`] that names `file`.
pub(super) fn read(path: &Path, file: &str, columns: Option<&[String]>) -> Result<DataFrame, FrameError> {
    let open = |source| FrameError::reading(file, source);
    if std::fs::metadata(path).map_err(open)?.len() == 0 {
        return Err(FrameError::EmptyFile { file: file.to_owned() });
    }
    let expected = Format::Parquet;
    first_bytes_fit(path, file)?;
    let damaged = |reason: String| FrameError::Damaged { file: file.to_owned(), format: expected, reason };

    let mut reader = ParquetReader::new(File::open(path).map_err(open)?);
    // The footer is decoded here, and what it says is believed only as far as the closures get.
    let names = caught(|| -> PolarsResult<Vec<String>> {
        let fields = reader.get_metadata()?.schema_descr.fields();
        Ok(fields.iter().map(|field| field.name().to_owned()).collect())
    });
    let names = names.map_err(damaged)?.map_err(|error| failed(file, error))?;
    kept(&names, None, file, column_letters)?;
    let schema = caught(|| reader.schema()).map_err(damaged)?.map_err(|error| failed(file, error))?;
    let rows = caught(|| reader.num_rows()).map_err(damaged)?.map_err(|error| failed(file, error))?;
    let mut keep = Vec::new();
    for (at, field) in schema.iter_values().enumerate() {
        if columns.is_some_and(|names| !names.iter().any(|name| *name == field.name.as_str())) {
            continue;
        }
        if !known(&field.dtype) {
            return Err(FrameError::UnsupportedColumn {
                file: file.to_owned(),
                column: field.name.to_string(),
                found: kind(&field.dtype).to_owned(),
            });
        }
        keep.push(at);
    }
    if keep.is_empty() {
        return Ok(DataFrame::empty_with_height(rows));
    }
    let frame: PolarsResult<DataFrame> = caught(|| reader.with_projection(Some(keep)).finish()).map_err(damaged)?;
    let frame = frame.map_err(|error| failed(file, error))?;
    if frame.height() != rows {
        return Err(damaged(format!("its footer states {rows} rows, its columns hold {}", frame.height())));
    }
    Ok(frame)
}

/// What the footer says beside the columns, as names and values.
///
/// # Errors
/// A [`FrameError`] that names `file`.
pub(super) fn metadata(path: &Path, file: &str) -> Result<Vec<(String, String)>, FrameError> {
    first_bytes_fit(path, file)?;
    let open = File::open(path).map_err(|source| FrameError::reading(file, source))?;
    let pairs = caught(|| -> PolarsResult<Vec<(String, String)>> {
        let mut reader = ParquetReader::new(open);
        let pairs = reader.get_metadata()?.key_value_metadata().clone().unwrap_or_default();
        Ok(pairs.into_iter().filter_map(|pair| Some((pair.key, pair.value?))).collect())
    });
    let damaged = |reason| FrameError::Damaged { file: file.to_owned(), format: Format::Parquet, reason };
    pairs.map_err(damaged)?.map_err(|error| failed(file, error))
}

fn first_bytes_fit(path: &Path, file: &str) -> Result<(), FrameError> {
    use std::io::Read;
    let mut head = Vec::new();
    File::open(path).and_then(|open| open.take(128).read_to_end(&mut head)).map_err(|source| FrameError::reading(file, source))?;
    if head.starts_with(b"PAR1") {
        return Ok(());
    }
    let found = nature(&head).unwrap_or("other bytes");
    Err(FrameError::AnotherFormat { file: file.to_owned(), expected: Format::Parquet, found })
}

fn failed(file: &str, error: PolarsError) -> FrameError {
    let reason = one_line(&error.to_string());
    FrameError::Damaged { file: file.to_owned(), format: Format::Parquet, reason }
}

/// Whether polars, with the features it is built with here, knows the type; of one that it does not it panics.
fn known(dtype: &ArrowDataType) -> bool {
    use ArrowDataType as A;
    match dtype {
        A::Null | A::Boolean | A::Int8 | A::Int16 | A::Int32 | A::Int64 => true,
        A::UInt8 | A::UInt16 | A::UInt32 | A::UInt64 | A::Float32 | A::Float64 => true,
        A::Utf8 | A::LargeUtf8 | A::Utf8View => true,
        A::Date32 | A::Date64 | A::Timestamp(..) | A::Duration(_) => true,
        A::Decimal(..) | A::Decimal32(..) | A::Decimal64(..) => true,
        A::Dictionary(_, values, _) => known(values),
        A::List(field) | A::LargeList(field) => known(&field.dtype),
        _ => false,
    }
}

fn kind(dtype: &ArrowDataType) -> &'static str {
    use ArrowDataType as A;
    match dtype {
        A::Struct(_) => "records (a struct)",
        A::Map(..) => "a map",
        A::Binary | A::LargeBinary | A::BinaryView | A::FixedSizeBinary(_) => "bytes",
        A::Time32(_) | A::Time64(_) => "times of day",
        A::FixedSizeList(..) => "lists of a fixed length",
        A::List(_) | A::LargeList(_) => "lists of a type that is not read",
        _ => "a type that is not read",
    }
}
