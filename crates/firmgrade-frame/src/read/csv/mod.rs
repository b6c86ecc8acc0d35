//! CSV as RFC 4180 has it, strictly: every column text, every row as wide as the header, every byte accounted for.
//!
//! polars' own reader is not used: it turns a short row into nulls, drops what follows a closing quote, lets a quote that is
//! never closed swallow the rest, and reads a blank line of a file with one column in its own way.

mod scan;

use polars::prelude::{ChunkFullNull, Column, DataFrame, IntoColumn, StringChunked, StringChunkedBuilder};
use rayon::prelude::*;

use super::{kept, nature};
use crate::fault::{FrameError, NAMED, RaggedRow, column_letters};
use crate::format::Format;
pub(crate) use scan::{Cell, Fault, Scan, cuts, line_at};

/// Text that one thread parses at once: large enough that a block costs nothing, small enough to keep both cores busy.
const BLOCK: usize = 1 << 20;

/// The table in `bytes`, only the `columns` where present.
///
/// # Errors
/// A [`FrameError`] that names `file` and the line.
pub(super) fn read(bytes: &[u8], file: &str, columns: Option<&[String]>) -> Result<DataFrame, FrameError> {
    let text = checked(bytes, file)?;
    let mut scan = Scan { text, at: 0 };
    let mut cells = Vec::new();
    scan.row(&mut cells).map_err(|fault| fault.at_line(bytes, text, file))?;
    let header: Vec<String> = cells.iter().map(|cell| cell.text(text).into_owned()).collect();
    if let ([name], [cell]) = (header.as_slice(), cells.as_slice())
        && !cell.quoted
        && name.contains([';', '\t'])
    {
        return Err(FrameError::NotCommas { file: file.to_owned(), header: name.clone() });
    }
    let keep = kept(&header, columns, file, column_letters)?;

    let cuts = cuts(text.as_bytes(), scan.at, BLOCK);
    let blocks: Vec<Block> = cuts.par_windows(2).map(|ends| parse(&text[..ends[1]], ends[0], &header, &keep)).collect();
    joined(blocks, bytes, text, file, &header, &keep)
}

/// The cells of every row, whatever their number.
///
/// # Errors
/// As [`read`], but no header is asked for.
pub(super) fn rows(bytes: &[u8], file: &str) -> Result<Vec<Vec<String>>, FrameError> {
    let text = checked(bytes, file)?;
    let mut scan = Scan { text, at: 0 };
    let (mut cells, mut rows) = (Vec::new(), Vec::new());
    while scan.row(&mut cells).map_err(|fault| fault.at_line(bytes, text, file))? {
        rows.push(cells.iter().map(|cell| cell.text(text).into_owned()).collect());
    }
    Ok(rows)
}

/// The text of the file without its byte order mark.
fn checked<'a>(bytes: &'a [u8], file: &str) -> Result<&'a str, FrameError> {
    let named = || file.to_owned();
    if let Some(found) = nature(bytes).filter(|found| *found != "HTML or XML text") {
        return Err(FrameError::AnotherFormat { file: named(), expected: Format::Csv, found });
    }
    let text = std::str::from_utf8(bytes).map_err(|error| {
        let offset = error.valid_up_to();
        let byte = bytes.get(offset).copied().unwrap_or_default();
        FrameError::NotUtf8 { file: named(), line: line_at(bytes, offset), offset, byte }
    })?;
    if bytes.contains(&0) {
        let offset = bytes.iter().position(|byte| *byte == 0).unwrap_or_default();
        return Err(FrameError::NulByte { file: named(), line: line_at(bytes, offset), offset });
    }
    let text = text.strip_prefix('\u{FEFF}').unwrap_or(text);
    if text.trim().is_empty() {
        return Err(FrameError::EmptyFile { file: named() });
    }
    Ok(text)
}

/// The rows of one block: a chunk of each kept column, and what is wrong with them.
struct Block {
    columns: Vec<StringChunked>,
    rows: usize,
    ragged: Vec<(usize, usize)>,
    ragged_total: usize,
    fault: Option<Fault>,
}

/// The rows of `text` from `from` to its end.
fn parse(text: &str, from: usize, header: &[String], keep: &[usize]) -> Block {
    let guess = (text.len() - from) / (4 * header.len()) + 1;
    let mut builders: Vec<StringChunkedBuilder> =
        keep.iter().map(|at| StringChunkedBuilder::new(header[*at].as_str().into(), guess)).collect();
    let mut block = Block { columns: Vec::new(), rows: 0, ragged: Vec::new(), ragged_total: 0, fault: None };
    let mut scan = Scan { text, at: from };
    let mut cells: Vec<Cell> = Vec::with_capacity(header.len());
    loop {
        let start = scan.at;
        match scan.row(&mut cells) {
            Ok(true) => {}
            Ok(false) => break,
            Err(fault) => {
                block.fault = Some(fault);
                break;
            }
        }
        if cells.len() != header.len() {
            let blank = matches!(cells.as_slice(), [cell] if cell.from == cell.to && !cell.quoted);
            if !blank {
                block.ragged_total += 1;
                if block.ragged.len() < NAMED {
                    block.ragged.push((start, cells.len()));
                }
            }
            continue;
        }
        block.rows += 1;
        for (builder, at) in builders.iter_mut().zip(keep) {
            match cells[*at].text(text) {
                value if value.is_empty() => builder.append_null(),
                value => builder.append_value(value),
            }
        }
    }
    block.columns = builders.into_iter().map(StringChunkedBuilder::finish).collect();
    block
}

/// One table from the blocks, or the first thing that is wrong with them in the order of the file.
fn joined(blocks: Vec<Block>, bytes: &[u8], text: &str, file: &str, header: &[String], keep: &[usize]) -> Result<DataFrame, FrameError> {
    let mark = bytes.len() - text.len();
    let (mut ragged, mut total, mut rows) = (Vec::new(), 0, 0);
    let mut columns: Vec<StringChunked> = keep.iter().map(|at| StringChunked::full_null(header[*at].as_str().into(), 0)).collect();
    for block in blocks {
        total += block.ragged_total;
        for (at, cells) in block.ragged {
            if ragged.len() < NAMED {
                ragged.push(RaggedRow { line: line_at(bytes, mark + at), cells });
            }
        }
        if let Some(fault) = block.fault {
            if total == 0 {
                return Err(fault.at_line(bytes, text, file));
            }
            // Blocks after a broken quote are cut in the wrong places.
            break;
        }
        rows += block.rows;
        for (column, more) in columns.iter_mut().zip(block.columns) {
            column.append_owned(more).map_err(|error| unreadable(file, &error))?;
        }
    }
    if total > 0 {
        return Err(FrameError::Ragged { file: file.to_owned(), expected: header.len(), rows: ragged, total });
    }
    let columns = columns.into_iter().map(StringChunked::into_column).collect::<Vec<Column>>();
    DataFrame::new(rows, columns).map_err(|error| unreadable(file, &error))
}

fn unreadable(file: &str, error: &polars::prelude::PolarsError) -> FrameError {
    let reason = crate::fault::one_line(&error.to_string());
    FrameError::Damaged { file: file.to_owned(), format: Format::Csv, reason }
}
