//! Rows of text files and sheets, given to the blocks that clean them.

use std::borrow::Cow;

use calamine::{Data, Range};
use rayon::prelude::*;

use super::Reading;
use super::block::{Block, Part, Whole, whole};
use super::header::{LOOKED_AT, Layout, layout};
use super::report::TableReport;
use crate::fault::FrameError;
use crate::format::Format;
use crate::read::{Fault, Scan, cuts, line_at, nature, sheet, sheets, text as cell_text};

/// Text that one thread parses at once.
const BLOCK: usize = 1 << 20;

/// What a file is by its first bytes, whatever it is called; text of any kind is CSV.
///
/// # Errors
/// [`FrameError::AnotherFormat`] for what holds no table that is read here.
pub(super) fn format_of(bytes: &[u8], file: &str) -> Result<Format, FrameError> {
    match nature(bytes) {
        Some(found) if found.starts_with("an OpenDocument") => Ok(Format::Ods),
        Some(found) if found.contains("zip archive") => Ok(Format::Xlsx),
        Some(found) if found.contains("up to 2003") => Ok(Format::Xls),
        Some(found) if found.contains("Parquet") => Ok(Format::Parquet),
        None | Some("HTML or XML text") => Ok(Format::Csv),
        Some(found) => Err(FrameError::AnotherFormat { file: file.to_owned(), expected: Format::Csv, found }),
    }
}

pub(super) fn account(file: &str, reading: &Reading, format: Format, layout: &Layout) -> TableReport {
    TableReport {
        table: reading.table.clone(),
        file: file.to_owned(),
        format: format.to_string(),
        encoding: None,
        header_row: layout.row + 1,
        title_rows: layout.titles,
        empty_columns: layout.unnamed,
        blank: 0,
        read: 0,
        used: 0,
        repeated: 0,
        duplicates: 0,
        rejected: Vec::new(),
        columns: Vec::new(),
    }
}

/// The table in the bytes of a text file.
///
/// # Errors
/// A [`FrameError`] with the line.
pub(super) fn from_text(bytes: &[u8], file: &str, reading: &Reading) -> Result<Whole, FrameError> {
    if bytes.is_empty() {
        return Err(FrameError::EmptyFile { file: file.to_owned() });
    }
    let (text, encoding) = super::encoding::decode(bytes, file, reading.encoding)?;
    let text: &str = &text;
    if let Some(offset) = text.bytes().position(|byte| byte == 0) {
        return Err(FrameError::NulByte { file: file.to_owned(), line: line_at(text.as_bytes(), offset), offset });
    }
    let fault = |fault: Fault| fault.at_line(text.as_bytes(), text, file);
    let mut scan = Scan { text, at: 0 };
    let (mut cells, mut top, mut ends) = (Vec::new(), Vec::new(), Vec::new());
    let looked = reading.header_row.unwrap_or(0).max(LOOKED_AT);
    while top.len() < looked {
        match scan.row(&mut cells) {
            Ok(true) => top.push(cells.iter().map(|cell| cell.text(text).into_owned()).collect::<Vec<String>>()),
            Ok(false) => break,
            // What is wrong below the header is said when its rows are read.
            Err(wrong) if top.is_empty() => return Err(fault(wrong)),
            Err(_) => break,
        }
        ends.push(scan.at);
    }
    let layout = layout(&top, file, reading).map_err(|error| match top.first().map(Vec::as_slice) {
        Some([one]) if one.contains([';', '\t']) => FrameError::NotCommas { file: file.to_owned(), header: one.clone() },
        _ => error,
    })?;
    let begin = ends.get(layout.row).copied().unwrap_or(text.len());

    let cuts = cuts(text.as_bytes(), begin, BLOCK);
    let block = |ends: &[usize]| parse(text, ends[0], ends[1], &layout, reading);
    let parts: Result<Vec<Part>, Fault> = cuts.par_windows(2).map(block).collect::<Vec<_>>().into_iter().collect();
    let parts = parts.map_err(fault)?;
    let before = line_at(text.as_bytes(), begin) - 1;
    let mut report = account(file, reading, Format::Csv, &layout);
    report.encoding = Some(encoding);
    Ok(whole(parts, &layout, report, before, reading))
}

/// The rows of `text` between two places.
fn parse(text: &str, from: usize, to: usize, layout: &Layout, reading: &Reading) -> Result<Part, Fault> {
    let text = text.get(..to).unwrap_or(text);
    let (mut scan, mut cells, mut block) = (Scan { text, at: from }, Vec::new(), Block::new(layout, reading));
    let mut line = 1;
    loop {
        let begin = scan.at;
        if !scan.row(&mut cells)? {
            return Ok(block.finish(line - 1));
        }
        block.row(line, cells.len(), |at| cells.get(at).map_or(Cow::Borrowed(""), |cell| cell.text(text)));
        line += text.as_bytes().get(begin..scan.at).unwrap_or_default().iter().filter(|byte| **byte == b'\n').count();
    }
}

/// The table in the bytes of a workbook.
///
/// # Errors
/// A [`FrameError`] with the sheet.
pub(super) fn from_workbook(bytes: Vec<u8>, file: &str, format: Format, reading: &Reading) -> Result<Whole, FrameError> {
    let (name, range) = match &reading.sheet {
        Some(wanted) => sheet(bytes, file, format, Some(wanted))?,
        None => {
            let mut all = sheets(bytes, file, format)?;
            let some = all.iter().position(|(_, range)| !range.is_empty()).unwrap_or(0);
            if all.is_empty() {
                return Err(FrameError::UnknownSheet { file: file.to_owned(), sheet: String::new(), known: "none".to_owned() });
            }
            all.swap_remove(some)
        }
    };
    let Some((above, _)) = range.start() else { return Err(FrameError::EmptySheet { file: file.to_owned(), sheet: name }) };
    let above = above as usize;
    let top = head(&range, above, reading.header_row.unwrap_or(0).max(LOOKED_AT));
    let layout = layout(&top, file, reading)?;
    let mut block = Block::new(&layout, reading);
    let skipped = (layout.row + 1).saturating_sub(above);
    for (below, cells) in range.rows().enumerate().skip(skipped) {
        block.row(below + 1, cells.len(), |at| cells.get(at).map_or(Cow::Borrowed(""), text_of));
    }
    let part = block.finish(range.height());
    Ok(whole(vec![part], &layout, account(file, reading, format, &layout), above, reading))
}

fn head(range: &Range<Data>, above: usize, looked: usize) -> Vec<Vec<String>> {
    let rows = range.rows().take(looked).map(|row| row.iter().map(|cell| text_of(cell).into_owned()).collect());
    std::iter::repeat_n(Vec::new(), above).chain(rows).collect()
}

fn text_of(cell: &Data) -> Cow<'_, str> {
    match cell {
        Data::String(text) => Cow::Borrowed(text),
        other => cell_text(other).map_or(Cow::Borrowed(""), Cow::Owned),
    }
}
