//! JSON: `{"provenance": {…}, "rows": [{…}, …]}`, one row a line, written as it goes.

use std::io::{self, Write};

use polars::prelude::DataFrame;

use super::cells::{Cell, Cells};
use super::whole::Out;
use crate::fault::FrameError;

/// The rows of `frame` beside their provenance. Numbers are the shortest that read back the same; what JSON cannot hold,
/// NaN and the infinities, is null.
///
/// # Errors
/// [`FrameError::Write`], [`FrameError::UnsupportedColumn`].
pub(super) fn write(frame: &DataFrame, out: &mut Out<'_>, file: &str, metadata: &[(String, String)]) -> Result<(), FrameError> {
    let columns = Cells::of_frame(frame, file)?;
    rows(&columns, frame.height(), out, metadata).map_err(|source| FrameError::writing(file, source))
}

fn rows(columns: &[(String, Cells)], height: usize, out: &mut Out<'_>, metadata: &[(String, String)]) -> io::Result<()> {
    out.write_all(b"{\"provenance\": {")?;
    for (at, (name, value)) in metadata.iter().enumerate() {
        out.write_all(if at > 0 { b",\n " } else { b"\n " })?;
        serde_json::to_writer(&mut *out, name)?;
        out.write_all(b": ")?;
        serde_json::to_writer(&mut *out, value)?;
    }
    out.write_all(b"},\n\"rows\": [")?;
    let names: Vec<Vec<u8>> = columns
        .iter()
        .enumerate()
        .map(|(at, (name, _))| {
            let mut key = if at > 0 { b", ".to_vec() } else { Vec::new() };
            serde_json::to_writer(&mut key, name)?;
            key.extend_from_slice(b": ");
            Ok(key)
        })
        .collect::<io::Result<_>>()?;
    for row in 0..height {
        out.write_all(if row > 0 { b",\n{" } else { b"\n{" })?;
        for (name, (_, cells)) in names.iter().zip(columns) {
            out.write_all(name)?;
            value(&cells.get(row), out)?;
        }
        out.write_all(b"}")?;
    }
    out.write_all(b"\n]}\n")
}

fn value(cell: &Cell<'_>, out: &mut Out<'_>) -> io::Result<()> {
    match cell {
        Cell::Missing => out.write_all(b"null")?,
        Cell::Truth(truth) => out.write_all(if *truth { b"true" } else { b"false" })?,
        Cell::Signed(number) => write!(out, "{number}")?,
        Cell::Unsigned(number) => write!(out, "{number}")?,
        Cell::Number(number) => serde_json::to_writer(out, number)?,
        Cell::Text(text) | Cell::Date(_, text) => serde_json::to_writer(out, text)?,
        Cell::List(list) => {
            out.write_all(b"[")?;
            for (at, cell) in list.iter().enumerate() {
                if at > 0 {
                    out.write_all(b", ")?;
                }
                value(&cell, out)?;
            }
            out.write_all(b"]")?;
        }
    }
    Ok(())
}
