//! Parquet: compressed by zstd, the types kept, the provenance in the footer.

use polars::io::parquet::write::KeyValueMetadata;
use polars::prelude::{DataFrame, ParquetCompression, ParquetWriter};

use super::whole::Out;
use crate::fault::{FrameError, one_line};

/// All of `frame`, with `metadata` as key-value metadata of the file.
///
/// # Errors
/// [`FrameError::Write`], [`FrameError::Unwritable`].
pub(super) fn write(frame: &mut DataFrame, out: &mut Out<'_>, file: &str, metadata: &[(String, String)]) -> Result<(), FrameError> {
    ParquetWriter::new(out)
        .with_compression(ParquetCompression::Zstd(None))
        .with_key_value_metadata(Some(KeyValueMetadata::from_static(metadata.to_vec())))
        .finish(frame)
        .map(|_size| ())
        .map_err(|error| FrameError::Unwritable { file: file.to_owned(), reason: one_line(&error.to_string()) })
}
