//! A table to a file: the path and the format decide which writer; the file appears whole or not at all.

mod cells;
mod csv;
pub(crate) mod excel;
mod json;
mod parquet;
pub(crate) mod whole;

use std::io::Write;
use std::path::Path;

use polars::prelude::DataFrame;

use whole::Ready;
pub use whole::refuse_overwrite_of_inputs;

use crate::fault::FrameError;
use crate::format::Format;

/// How a table is written.
#[derive(Debug, Clone, Default)]
pub struct WriteOptions {
    /// The format; without it the ending of the path decides.
    pub format: Option<Format>,
    /// Provenance, as names and values: into Parquet as key-value metadata, into JSON as the object `provenance`, into a
    /// workbook as the sheet `provenance`. CSV has no place for it.
    pub metadata: Vec<(String, String)>,
}

/// Writes `frame` to the file at `path`; `-` is standard output.
///
/// The file is written beside its place, brought to the disk, and then renamed: a reader sees the old file or the new one,
/// and after an error nothing is left behind. A link is followed. NaN is written as missing; categories as text, except in
/// Parquet, which keeps them. In CSV and in workbooks a list is joined with `; `.
///
/// # Errors
/// A [`FrameError`] that names the file and the remedy.
pub fn write_table(frame: &mut DataFrame, path: impl AsRef<Path>, options: &WriteOptions) -> Result<(), FrameError> {
    aside(frame, path.as_ref(), options)?.put()
}

/// Writes several tables, each as [`write_table`] does; all are written aside before the first takes its place, so that an
/// error in any of them leaves every file as it was.
///
/// # Errors
/// As [`write_table`].
pub fn write_tables<P: AsRef<Path>>(tables: &mut [(DataFrame, P, WriteOptions)]) -> Result<(), FrameError> {
    let ready = tables.iter_mut().map(|(frame, path, options)| aside(frame, path.as_ref(), options)).collect::<Result<Vec<Ready>, _>>()?;
    ready.into_iter().try_for_each(Ready::put)
}

/// The table in a file that waits for its name.
pub(crate) fn aside(frame: &mut DataFrame, path: &Path, options: &WriteOptions) -> Result<Ready, FrameError> {
    let format = match options.format {
        Some(format) => format,
        None => Format::from_path(path)?,
    };
    let metadata = options.metadata.as_slice();
    whole::aside(path, |out, file| match format {
        Format::Csv => csv::write(frame, out, file),
        Format::Json => json::write(frame, out, file, metadata),
        Format::Parquet => parquet::write(frame, out, file, metadata),
        Format::Xlsx => excel::write(frame, out, file, metadata),
        Format::Xls | Format::Ods => Err(FrameError::OnlyRead { file: file.to_owned(), format }),
    })
}

/// The table as CSV behind the byte order mark by which spreadsheets know UTF-8, in a file that waits for its name.
pub(crate) fn csv_with_mark(frame: &DataFrame, path: &Path) -> Result<Ready, FrameError> {
    whole::aside(path, |out, file| {
        out.write_all("\u{feff}".as_bytes()).map_err(|source| FrameError::writing(file, source))?;
        csv::write(frame, out, file)
    })
}

/// Writes texts to files, all of them or none.
///
/// # Errors
/// A [`FrameError`] that names the file.
pub fn write_texts<P: AsRef<Path>>(files: &[(P, String)]) -> Result<(), FrameError> {
    let write = |(path, text): &(P, String)| {
        whole::aside(path.as_ref(), |out, file| out.write_all(text.as_bytes()).map_err(|source| FrameError::writing(file, source)))
    };
    let ready = files.iter().map(write).collect::<Result<Vec<Ready>, _>>()?;
    ready.into_iter().try_for_each(Ready::put)
}
