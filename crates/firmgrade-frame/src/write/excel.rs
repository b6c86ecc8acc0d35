//! A workbook: the rows on the sheet `rows` below a bold header that stays in sight, the provenance on a second sheet.

use polars::prelude::DataFrame;
use rust_xlsxwriter::{DocProperties, ExcelDateTime, Format, Workbook, Worksheet, XlsxError};

use super::cells::{Cell, Cells};
use super::whole::Out;
use crate::fault::{FrameError, cell_name, one_line};

/// Rows below the header, columns, and characters in a cell that a sheet can hold.
/// <https://support.microsoft.com/en-us/office/excel-specifications-and-limits-1672b34d-7043-467e-8e27-269d656771c3>
const MAX_ROWS: usize = 1_048_575;
const MAX_COLUMNS: usize = 16_384;
const MAX_TEXT: usize = 32_767;
/// A spreadsheet shows fifteen digits of a number; a longer one is written as text.
const MAX_EXACT: u64 = 999_999_999_999_999;
/// Days from 1899-12-30, the zero of a workbook's dates, to 1970-01-01; before 1900-03-01 a workbook counts a day too many.
const UNIX_ZERO: i32 = 25_569;
const FIRST_SOUND_DATE: i32 = 61;
/// Rows whose width decides the width of a column.
const MEASURED: usize = 1_000;

/// The rows of `frame`, and `metadata` on the sheet `provenance` where there is any.
///
/// # Errors
/// [`FrameError::TooLargeForSheet`], [`FrameError::TooLongForCell`], [`FrameError::UnsupportedColumn`], [`FrameError::Write`].
pub(super) fn write(frame: &DataFrame, out: &mut Out<'_>, file: &str, metadata: &[(String, String)]) -> Result<(), FrameError> {
    let (rows, columns) = frame.shape();
    if rows > MAX_ROWS || columns > MAX_COLUMNS {
        return Err(FrameError::TooLargeForSheet { file: file.to_owned(), rows, columns });
    }
    let failed = |error: XlsxError| FrameError::Unwritable { file: file.to_owned(), reason: one_line(&error.to_string()) };
    let mut book = Workbook::new();
    // The same table is the same file: the library would otherwise write the time of day.
    let created = ExcelDateTime::from_ymd(2000, 1, 1).map_err(failed)?;
    book.set_properties(&DocProperties::new().set_creation_datetime(&created));

    let sheet = book.add_worksheet().set_name("rows").map_err(failed)?;
    fill(frame, sheet, file, &failed)?;
    if !metadata.is_empty() {
        let sheet = book.add_worksheet().set_name("provenance").map_err(failed)?;
        provenance(metadata, sheet, file, &failed)?;
    }
    book.save_to_writer(out).map_err(failed)
}

/// A workbook with a sheet for each table, under its name as far as a sheet can have it.
///
/// # Errors
/// As [`write`].
pub(crate) fn write_sheets(
    sheets: &[(String, DataFrame)],
    out: &mut Out<'_>,
    file: &str,
    failed: &impl Fn(XlsxError) -> FrameError,
) -> Result<(), FrameError> {
    let mut book = Workbook::new();
    let created = ExcelDateTime::from_ymd(2000, 1, 1).map_err(failed)?;
    book.set_properties(&DocProperties::new().set_creation_datetime(&created));
    let mut taken = std::collections::HashSet::new();
    for (name, frame) in sheets {
        let sheet = book.add_worksheet().set_name(sheet_name(name, &mut taken)).map_err(failed)?;
        fill(frame, sheet, file, failed)?;
    }
    book.save_to_writer(out).map_err(failed)
}

/// At most 31 characters without `[]:*?/\\` and apostrophes, and no name twice whatever its case.
fn sheet_name(name: &str, taken: &mut std::collections::HashSet<String>) -> String {
    let plain: String = name.chars().map(|c| if "[]:*?/\\'".contains(c) || c.is_control() { '_' } else { c }).collect();
    let cut = |most: usize| plain.chars().take(most).collect::<String>();
    let mut found = if plain.trim().is_empty() { "_".to_owned() } else { cut(31) };
    let mut number = 1;
    while !taken.insert(found.to_lowercase()) {
        number += 1;
        let end = format!("~{number}");
        found = cut(31 - end.len()) + &end;
    }
    found
}

fn fill(frame: &DataFrame, sheet: &mut Worksheet, file: &str, failed: &impl Fn(XlsxError) -> FrameError) -> Result<(), FrameError> {
    let (bold, day) = (Format::new().set_bold(), Format::new().set_num_format("yyyy-mm-dd"));
    let height = u32::try_from(frame.height()).unwrap_or(u32::MAX);
    let columns = Cells::of_frame(frame, file)?;
    let mut joined = String::new();
    // Row by row, as the library stores them.
    let mut widths = Vec::with_capacity(columns.len());
    for (column, (name, _)) in (0..).zip(&columns) {
        short_enough(name, 0, column, file)?;
        sheet.write_string_with_format(0, column, name, &bold).map_err(failed)?;
        // Room for the arrow of the filter.
        widths.push(width(name) + 3);
    }
    for (row, line) in (0..frame.height()).zip(1..) {
        for ((column, (_, cells)), widest) in (0..).zip(&columns).zip(&mut widths) {
            let cell = cells.get(row);
            if row < MEASURED {
                joined.clear();
                cell.push_text(&mut joined);
                *widest = width(&joined).max(*widest);
            }
            let written = match cell {
                Cell::Missing => continue,
                Cell::Text("") => continue,
                Cell::Truth(truth) => sheet.write_boolean(line, column, truth),
                Cell::Signed(number) if number.unsigned_abs() <= MAX_EXACT => sheet.write_number(line, column, number as f64),
                Cell::Unsigned(number) if number <= MAX_EXACT => sheet.write_number(line, column, number as f64),
                Cell::Number(number) if number.is_finite() => sheet.write_number(line, column, number),
                Cell::Date(days, _) if days.saturating_add(UNIX_ZERO) >= FIRST_SOUND_DATE => {
                    sheet.write_number_with_format(line, column, days.saturating_add(UNIX_ZERO), &day)
                }
                cell => {
                    joined.clear();
                    cell.push_text(&mut joined);
                    short_enough(&joined, row + 1, column, file)?;
                    sheet.write_string(line, column, joined.as_str())
                }
            };
            written.map_err(failed)?;
        }
    }
    for (column, widest) in (0..).zip(&widths) {
        let widest = u16::try_from(*widest).unwrap_or(u16::MAX).clamp(8, 60);
        sheet.set_column_width(column, widest).map_err(failed)?;
    }
    sheet.set_freeze_panes(1, 0).map_err(failed)?;
    if let Some(last) = widths.len().checked_sub(1) {
        let last = u16::try_from(last).unwrap_or(u16::MAX);
        sheet.autofilter(0, 0, height, last).map_err(failed)?;
    }
    Ok(())
}

fn provenance(
    metadata: &[(String, String)],
    sheet: &mut Worksheet,
    file: &str,
    failed: &impl Fn(XlsxError) -> FrameError,
) -> Result<(), FrameError> {
    let bold = Format::new().set_bold();
    let mut widths = [8, 8];
    for (row, (name, value)) in metadata.iter().enumerate() {
        short_enough(name, row, 0, file)?;
        short_enough(value, row, 1, file)?;
        let line = u32::try_from(row).unwrap_or(u32::MAX);
        sheet.write_string_with_format(line, 0, name, &bold).map_err(failed)?;
        sheet.write_string(line, 1, value).map_err(failed)?;
        widths = [widths[0].max(width(name)), widths[1].max(width(value))];
    }
    for (column, widest) in (0..).zip(widths) {
        let widest = u16::try_from(widest + 2).unwrap_or(u16::MAX).clamp(8, 100);
        sheet.set_column_width(column, widest).map_err(failed)?;
    }
    Ok(())
}

fn short_enough(text: &str, row: usize, column: u16, file: &str) -> Result<(), FrameError> {
    // Bytes are at least as many as characters, and quicker counted.
    if text.len() <= MAX_TEXT {
        return Ok(());
    }
    let found = text.chars().count();
    if found <= MAX_TEXT {
        return Ok(());
    }
    Err(FrameError::TooLongForCell { file: file.to_owned(), cell: cell_name(row, column.into()), found })
}

/// The width of the text in digits: characters of Chinese, Japanese and Korean, and wide forms, take two.
pub(crate) fn width(text: &str) -> usize {
    let wide = |letter: &char| matches!(*letter as u32, 0x1100..=0x115F | 0x2E80..=0xA4CF | 0xAC00..=0xD7A3 | 0xF900..=0xFAFF | 0xFE30..=0xFE6F | 0xFF00..=0xFF60 | 0xFFE0..=0xFFE6 | 0x20000..=0x3FFFD);
    let (letters, wider) = text.chars().fold((0, 0), |(all, wider), letter| (all + 1, wider + usize::from(wide(&letter))));
    letters + wider
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn chinese_is_twice_as_wide() {
        assert_eq!(width("abc"), 3);
        assert_eq!(width("企业年报"), 8);
        assert_eq!(width("（A）"), 5);
    }

    #[test]
    fn sheets_have_names_that_a_workbook_takes() {
        let mut taken = std::collections::HashSet::new();
        let long = "a".repeat(40);
        let names = ["inspector-017", "INSPECTOR-017", "a/b:c", " ", long.as_str(), long.as_str()];
        let given: Vec<String> = names.iter().map(|name| sheet_name(name, &mut taken)).collect();
        assert_eq!(given[..4], ["inspector-017", "INSPECTOR-017~2", "a_b_c", "_"]);
        assert_eq!((given[4].len(), given[5].len(), given[5].ends_with("~2")), (31, 31, true));
    }
}
