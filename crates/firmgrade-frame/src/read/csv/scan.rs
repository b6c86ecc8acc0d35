//! CSV text cut into rows and cells.

use crate::fault::FrameError;

const QUOTE: u8 = b'"';
/// Bytes and cells of one row above which the text is no table: a cell of a spreadsheet holds at most 98 KB, a sheet 16,384 columns.
pub(crate) const MAX_ROW: usize = 16 << 20;
pub(crate) const MAX_CELLS: usize = 100_000;

/// The line, from 1, on which the byte at `offset` stands.
pub(crate) fn line_at(bytes: &[u8], offset: usize) -> usize {
    1 + bytes.iter().take(offset).filter(|byte| **byte == b'\n').count()
}

/// A cell: its place in the text, without the quotes around it.
#[derive(Clone, Copy)]
pub(crate) struct Cell {
    pub(crate) from: usize,
    pub(crate) to: usize,
    pub(crate) quoted: bool,
    doubled: bool,
}

impl Cell {
    pub(crate) fn text(self, text: &str) -> std::borrow::Cow<'_, str> {
        // INVARIANT: a cell ends at a quote, a comma, a line end or the end of the text, so both places are character boundaries.
        let inside = &text[self.from..self.to];
        if self.doubled { inside.replace("\"\"", "\"").into() } else { inside.into() }
    }
}

/// Why a row cannot be told apart, and where in the text.
#[derive(Clone, Copy)]
pub(crate) enum Fault {
    OpenQuote(usize),
    AfterQuote(usize),
    LoneReturn(usize),
    TooWide(usize),
}

impl Fault {
    pub(crate) fn at_line(self, bytes: &[u8], text: &str, file: &str) -> FrameError {
        let mark = bytes.len() - text.len();
        let line = |at: usize| line_at(bytes, mark + at);
        let file = file.to_owned();
        match self {
            Self::OpenQuote(at) => FrameError::OpenQuote { file, line: line(at) },
            Self::AfterQuote(at) => FrameError::AfterQuote { file, line: line(at) },
            Self::LoneReturn(at) => FrameError::LoneReturn { file, line: line(at) },
            Self::TooWide(at) => FrameError::TooWide { file, line: line(at) },
        }
    }
}

/// Rows of a text, one after the other.
pub(crate) struct Scan<'a> {
    pub(crate) text: &'a str,
    pub(crate) at: usize,
}

impl Scan<'_> {
    /// Puts the cells of the next row into `cells`; false at the end of the text.
    pub(crate) fn row(&mut self, cells: &mut Vec<Cell>) -> Result<bool, Fault> {
        cells.clear();
        let bytes = self.text.as_bytes();
        if self.at >= bytes.len() {
            return Ok(false);
        }
        let start = self.at;
        loop {
            let cell = self.cell(bytes)?;
            cells.push(cell);
            if self.at - start > MAX_ROW || cells.len() > MAX_CELLS {
                return Err(Fault::TooWide(start));
            }
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
pub(crate) fn cuts(bytes: &[u8], from: usize, size: usize) -> Vec<usize> {
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
