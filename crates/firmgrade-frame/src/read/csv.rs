//! CSV as RFC 4180 has it, strictly: every column text, every row as wide as the header, every byte accounted for.
//!
//! polars' own reader is not used: it turns a short row into nulls, drops what follows a closing quote, lets a quote that is
//! never closed swallow the rest, and reads a blank line of a file with one column in its own way.

use polars::prelude::{ChunkFullNull, Column, DataFrame, IntoColumn, StringChunked, StringChunkedBuilder};
use rayon::prelude::*;

use super::{kept, nature};
use crate::fault::{FrameError, NAMED, RaggedRow, column_letters};
use crate::format::Format;

const QUOTE: u8 = b'"';
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

/// The line, from 1, on which the byte at `offset` stands.
fn line_at(bytes: &[u8], offset: usize) -> usize {
    1 + bytes.iter().take(offset).filter(|byte| **byte == b'\n').count()
}

/// A cell: its place in the text, without the quotes around it.
#[derive(Clone, Copy)]
struct Cell {
    from: usize,
    to: usize,
    quoted: bool,
    doubled: bool,
}

impl Cell {
    fn text(self, text: &str) -> std::borrow::Cow<'_, str> {
        // INVARIANT: a cell ends at a quote, a comma, a line end or the end of the text, so both places are character boundaries.
        let inside = &text[self.from..self.to];
        if self.doubled { inside.replace("\"\"", "\"").into() } else { inside.into() }
    }
}

/// Why a row cannot be told apart, and where in the text.
#[derive(Clone, Copy)]
enum Fault {
    OpenQuote(usize),
    AfterQuote(usize),
    LoneReturn(usize),
}

impl Fault {
    fn at_line(self, bytes: &[u8], text: &str, file: &str) -> FrameError {
        let mark = bytes.len() - text.len();
        let line = |at: usize| line_at(bytes, mark + at);
        let file = file.to_owned();
        match self {
            Self::OpenQuote(at) => FrameError::OpenQuote { file, line: line(at) },
            Self::AfterQuote(at) => FrameError::AfterQuote { file, line: line(at) },
            Self::LoneReturn(at) => FrameError::LoneReturn { file, line: line(at) },
        }
    }
}

/// Rows of a text, one after the other.
struct Scan<'a> {
    text: &'a str,
    at: usize,
}

impl Scan<'_> {
    /// Puts the cells of the next row into `cells`; false at the end of the text.
    fn row(&mut self, cells: &mut Vec<Cell>) -> Result<bool, Fault> {
        cells.clear();
        let bytes = self.text.as_bytes();
        if self.at >= bytes.len() {
            return Ok(false);
        }
        loop {
            let cell = self.cell(bytes)?;
            cells.push(cell);
            match bytes.get(self.at) {
                Some(b',') => self.at += 1,
                Some(b'\n') => {
                    self.at += 1;
                    return Ok(true);
                }
                Some(b'\r') if bytes.get(self.at + 1) == Some(&b'\n') => {
                    self.at += 2;
                    return Ok(true);
                }
                Some(b'\r') => return Err(Fault::LoneReturn(self.at)),
                Some(_) => return Err(Fault::AfterQuote(self.at)),
                None => return Ok(true),
            }
        }
    }

    /// The cell that begins here; afterwards the scan stands behind it.
    fn cell(&mut self, bytes: &[u8]) -> Result<Cell, Fault> {
        let start = self.at;
        let rest = bytes.get(start..).unwrap_or_default();
        if rest.first() != Some(&QUOTE) {
            let ends = |byte: &u8| matches!(*byte, b',' | b'\n' | b'\r');
            self.at = start + rest.iter().position(ends).unwrap_or(rest.len());
            return Ok(Cell { from: start, to: self.at, quoted: false, doubled: false });
        }
        let (mut at, mut doubled) = (start + 1, false);
        loop {
            let rest = bytes.get(at..).unwrap_or_default();
            let Some(close) = rest.iter().position(|byte| *byte == QUOTE) else {
                return Err(Fault::OpenQuote(start));
            };
            at += close + 1;
            if bytes.get(at) != Some(&QUOTE) {
                self.at = at;
                return Ok(Cell { from: start + 1, to: at - 1, quoted: true, doubled });
            }
            doubled = true;
            at += 1;
        }
    }
}

/// Places to cut the text at, each the beginning of a row about `size` bytes after the last; the first is `from`, the last the end.
fn cuts(bytes: &[u8], from: usize, size: usize) -> Vec<usize> {
    let mut cuts = vec![from];
    let mut goal = from.saturating_add(size);
    let (mut quoted, mut before, mut closed) = (false, b'\n', false);
    for (at, &byte) in bytes.iter().enumerate().skip(from) {
        if byte == QUOTE {
            // A quote opens a cell at its beginning; one that follows a closing quote at once is a doubled one inside the cell.
            let opens = !quoted && (closed || matches!(before, b',' | b'\n'));
            closed = quoted;
            quoted = opens;
        } else {
            closed = false;
            if byte == b'\n' && !quoted && at + 1 >= goal && at + 1 < bytes.len() {
                cuts.push(at + 1);
                goal = (at + 1).saturating_add(size);
            }
        }
        before = byte;
    }
    cuts.push(bytes.len());
    cuts
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

#[cfg(test)]
mod tests {
    use super::*;

    /// However often the text is cut, it is cut only where a row begins.
    #[test]
    fn cuts_fall_between_rows() {
        let text = "a,\"b\"\n\"x\n\"\"\n\",\"\"\n5\" p,\"\"\"\n\"\"\"\r\n\"\",\"\n\"\n\n甲,\"乙\n\"";
        let (mut scan, mut cells, mut begins) = (Scan { text, at: 0 }, Vec::new(), vec![0]);
        while scan.row(&mut cells).is_ok_and(|more| more) {
            begins.push(scan.at);
        }
        assert_eq!(scan.at, text.len());
        assert_eq!(begins.len(), 7);
        assert_eq!(cuts(text.as_bytes(), 0, 1), begins);
        assert_eq!(cuts(text.as_bytes(), 0, 1000), [0, text.len()]);
    }
}
