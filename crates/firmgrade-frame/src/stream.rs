//! Frames over the Arrow C stream interface: how tables come from and go to other languages without being copied.
//!
//! <https://arrow.apache.org/docs/format/CStreamInterface.html>; a stream here is one of record batches (structs).

use polars::prelude::*;
use polars_arrow::array::{Array, ArrayRef, DictionaryArray, DictionaryKey, StructArray, Utf8ViewArray, new_empty_array};
use polars_arrow::datatypes::{Field as ArrowField, IntegerType};
use polars_arrow::ffi::{ArrowArrayStreamReader, export_iterator};
use std::ffi::c_void;
use std::ptr::NonNull;

pub use polars_arrow::ffi::ArrowArrayStream;

/// Takes the stream at `place`, leaves an empty one there, and reads it to its end. Values are borrowed from the producer, text as
/// views, dictionaries as categories.
///
/// # Errors
/// A [`PolarsError`] where the stream ends in an error, is not one of record batches, or holds a type that is not read.
///
/// # Safety
/// `place` points to an [`ArrowArrayStream`] that keeps the promises of the interface and that nobody else uses meanwhile.
#[expect(unsafe_code, reason = "the C stream interface is one of raw pointers; its promises are the caller's")]
pub unsafe fn take_stream(place: NonNull<c_void>) -> PolarsResult<DataFrame> {
    let (fields, batches) = {
        // SAFETY: the caller's promise.
        let stream = Box::new(unsafe { place.cast::<ArrowArrayStream>().replace(ArrowArrayStream::empty()) });
        // SAFETY: the caller's promise.
        let mut reader = unsafe { ArrowArrayStreamReader::try_new(stream) }?;
        let fields = match reader.field().dtype() {
            ArrowDataType::Struct(fields) => fields.clone(),
            other => polars_bail!(SchemaMismatch: "found a stream of {other:?}, expected one of record batches"),
        };
        let mut batches: Vec<ArrayRef> = Vec::new();
        // SAFETY: the caller's promise.
        while let Some(batch) = unsafe { reader.next() } {
            batches.push(batch?);
        }
        (fields, batches)
    };
    let batches: Vec<&StructArray> = batches.iter().filter_map(|batch| batch.as_any().downcast_ref()).collect();
    let height = batches.iter().map(|batch| batch.len()).sum();
    let columns = fields.iter().enumerate().map(|(index, field)| {
        let mut chunks: Vec<ArrayRef> = batches.iter().filter_map(|batch| batch.values().get(index).cloned()).collect();
        if chunks.is_empty() {
            chunks.push(new_empty_array(field.dtype().clone()));
        }
        series(field, chunks).map(Series::into_column)
    });
    DataFrame::new(height, columns.collect::<PolarsResult<_>>()?)
}

/// The stream of a frame, one record batch for each chunk; nothing is copied that has the same chunks.
#[must_use]
pub fn into_stream(mut frame: DataFrame) -> ArrowArrayStream {
    frame.align_chunks_par();
    let newest = CompatLevel::newest();
    let fields: Vec<ArrowField> = frame.columns().iter().map(|column| column.field().to_arrow(newest)).collect();
    let dtype = ArrowDataType::Struct(fields);
    let columns: Vec<Series> = frame.columns().iter().map(|column| column.as_materialized_series().clone()).collect();
    let chunks = columns.first().map_or(0, |series| series.n_chunks());
    let batch_type = dtype.clone();
    let batches = (0..chunks).map(move |chunk| {
        let values: Vec<ArrayRef> = columns.iter().map(|series| series.to_arrow(chunk, newest)).collect();
        let len = values.first().map_or(0, |array| array.len());
        Ok(StructArray::try_new(batch_type.clone(), len, values, None)?.boxed())
    });
    export_iterator(Box::new(batches), ArrowField::new(PlSmallStr::EMPTY, dtype, false))
}

/// One column from its chunks.
fn series(field: &ArrowField, chunks: Vec<ArrayRef>) -> PolarsResult<Series> {
    let coded = match field.dtype() {
        ArrowDataType::Dictionary(IntegerType::UInt8, ..) => coded::<u8>(field, &chunks),
        ArrowDataType::Dictionary(IntegerType::UInt16, ..) => coded::<u16>(field, &chunks),
        ArrowDataType::Dictionary(IntegerType::UInt32, ..) => coded::<u32>(field, &chunks),
        _ => None,
    };
    coded.unwrap_or_else(|| Series::try_from((field, chunks)))
}

/// A dictionary-coded column as an enumeration over its dictionary: the codes stay as they are, where polars' own import looks every
/// value up again (3 ms for twenty columns of 60,000). `None` where chunks have several dictionaries, or one has holes or repeats.
fn coded<K: DictionaryKey + Ord>(field: &ArrowField, chunks: &[ArrayRef]) -> Option<PolarsResult<Series>> {
    let arrays: Vec<&DictionaryArray<K>> = chunks.iter().map(|chunk| chunk.as_any().downcast_ref()).collect::<Option<_>>()?;
    let first = arrays.first()?.values();
    if arrays.iter().any(|array| array.values() != first) {
        return None;
    }
    let words = first.as_any().downcast_ref::<Utf8ViewArray>().filter(|words| words.null_count() == 0)?;
    let categories = FrozenCategories::new(words.values_iter()).ok()?;
    let fits = |code: K| code.try_into().is_ok_and(|code: usize| code < words.len());
    // Under a missing value any code may stand; such a column goes the long way.
    if !arrays.iter().all(|array| array.keys().values().iter().copied().reduce(Ord::max).is_none_or(fits)) {
        return None;
    }
    let keys: Vec<ArrayRef> = arrays.iter().map(|array| array.keys().clone().boxed()).collect();
    let dtype = DataType::from_frozen_categories(categories);
    Some(Series::try_from((field.name.clone(), keys)).and_then(|keys| enumerated(&keys, dtype)))
}

/// Codes, each of them known to be in the enumeration, together with it.
#[expect(unsafe_code, reason = "the checked constructor looks up every code, which costs more than grading them")]
fn enumerated(keys: &Series, dtype: DataType) -> PolarsResult<Series> {
    // SAFETY: every code is in the dictionary, and the codes have the enumeration's machine type.
    Ok(match dtype.cat_physical()? {
        CategoricalPhysical::U8 => {
            let keys = keys.cast(&DataType::UInt8)?;
            unsafe { CategoricalChunked::<Categorical8Type>::from_cats_and_dtype_unchecked(keys.u8()?.clone(), dtype) }.into_series()
        }
        CategoricalPhysical::U16 => {
            let keys = keys.cast(&DataType::UInt16)?;
            unsafe { CategoricalChunked::<Categorical16Type>::from_cats_and_dtype_unchecked(keys.u16()?.clone(), dtype) }.into_series()
        }
        CategoricalPhysical::U32 => {
            let keys = keys.cast(&DataType::UInt32)?;
            unsafe { CategoricalChunked::<Categorical32Type>::from_cats_and_dtype_unchecked(keys.u32()?.clone(), dtype) }.into_series()
        }
    })
}

#[cfg(test)]
#[expect(unsafe_code, reason = "a stream is taken from its address")]
mod tests {
    use super::*;

    fn through(frame: &DataFrame) -> DataFrame {
        let mut stream = into_stream(frame.clone());
        // SAFETY: the stream is ours and was made above.
        unsafe { take_stream(NonNull::from(&mut stream).cast()) }.unwrap()
    }

    #[test]
    fn a_frame_comes_back_with_its_chunks_types_and_memory() {
        let words = Series::new("word".into(), ["甲", "a text longer than twelve bytes", ""]);
        let grades = DataType::from_frozen_categories(FrozenCategories::new(["A", "B"]).unwrap());
        let coded = Series::new("grade".into(), [Some("B"), None, Some("A")]).cast(&grades).unwrap();
        let numbers = Series::new("x".into(), [Some(1.5), None, Some(f64::NAN)]);
        let frame = DataFrame::new(3, vec![words.into(), coded.into(), numbers.into()]).unwrap();
        let back = through(&frame);
        assert!(back.equals_missing(&frame));
        assert_eq!(back.schema(), frame.schema());
        let address = |frame: &DataFrame| {
            let numbers = frame.column("x").unwrap().f64().unwrap();
            numbers.downcast_iter().next().unwrap().values().as_ptr()
        };
        assert_eq!(address(&back), address(&frame));
        let twice = frame.vstack(&frame.slice(1, 2)).unwrap();
        assert!(through(&twice).equals_missing(&twice));
        // Without rows there is no batch, and with it no dictionary: names and height are what is left to compare.
        let none = through(&frame.clear());
        assert_eq!((none.height(), none.get_column_names()), (0, frame.get_column_names()));
    }
}
