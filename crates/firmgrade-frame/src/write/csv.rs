//! CSV as RFC 4180 quotes it, UTF-8, lines ended by LF; no cell of text that a spreadsheet would take for a formula.

use std::io::Write;

use polars::prelude::DataFrame;

use super::cells::{Cell, Cells};
use super::whole::Out;
use crate::fault::FrameError;

/// The rows of `frame` below a header.
///
/// # Errors
/// [`FrameError::Write`], [`FrameError::UnsupportedColumn`].
pub(super) fn write(frame: &DataFrame, out: &mut Out<'_>, file: &str) -> Result<(), FrameError> {
    let failed = |source| FrameError::writing(file, source);
    let columns = Cells::of_frame(frame, file)?;
    let alone = columns.len() == 1;
    let mut line = String::new();
    for (at, (name, _)) in columns.iter().enumerate() {
        push(&mut line, at, name, true, alone);
    }
    line.push('\n');
    out.write_all(line.as_bytes()).map_err(failed)?;
    let mut text = String::new();
    for row in 0..frame.height() {
        line.clear();
        for (at, (_, cells)) in columns.iter().enumerate() {
            let cell = cells.get(row);
            text.clear();
            cell.push_text(&mut text);
            push(&mut line, at, &text, matches!(cell, Cell::Text(_) | Cell::List(_)), alone);
        }
        line.push('\n');
        out.write_all(line.as_bytes()).map_err(failed)?;
    }
    Ok(())
}

/// Appends a cell behind its comma. A line of one missing cell is `""`, as a blank line may be taken for none.
fn push(line: &mut String, at: usize, text: &str, is_text: bool, alone: bool) {
    if at > 0 {
        line.push(',');
    }
    let harmless = if is_text && is_formula(text) { "'" } else { "" };
    let needs_quotes = |byte: u8| matches!(byte, b'"' | b',' | b'\n' | b'\r');
    if text.bytes().any(needs_quotes) || (alone && text.is_empty()) {
        line.push('"');
        line.push_str(harmless);
        for (part, piece) in text.split('"').enumerate() {
            if part > 0 {
                line.push_str("\"\"");
            }
            line.push_str(piece);
        }
        line.push('"');
    } else {
        line.push_str(harmless);
        line.push_str(text);
    }
}

/// Whether a spreadsheet may run the text: it begins as OWASP lists ("CSV Injection"), wide forms included, and is no number.
fn is_formula(text: &str) -> bool {
    let starts = text.starts_with(['=', '+', '-', '@', '\t', '\r', '\n', '＝', '＋', '－', '＠']);
    let number = || text.parse::<f64>().is_ok() && text.ends_with(|last: char| last.is_ascii_digit() || last == '.');
    starts && !number()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn formulas_are_text_and_numbers_stay() {
        for text in ["=1+2", "+cmd|' /C calc'!A0", "-2+3", "@SUM(A1)", "\t=1", "\r=1", "＝1", "-", "-inf", "+nan"] {
            assert!(is_formula(text), "{text}");
        }
        for text in ["", "-5", "+5", "-0.25", "-1e5", "91310107MA1G0", "'=1", "无"] {
            assert!(!is_formula(text), "{text}");
        }
    }

    #[test]
    fn quotes_only_where_needed() {
        let cell = |text: &str| {
            let mut line = String::new();
            push(&mut line, 0, text, true, false);
            line
        };
        assert_eq!(cell("a b"), "a b");
        assert_eq!(cell("a,b"), "\"a,b\"");
        assert_eq!(cell("say \"no\""), "\"say \"\"no\"\"\"");
        assert_eq!(cell("=HYPERLINK(\"x\",1)"), "\"'=HYPERLINK(\"\"x\"\",1)\"");
        assert_eq!(cell("two\nlines"), "\"two\nlines\"");
    }
}
