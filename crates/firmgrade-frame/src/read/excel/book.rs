//! Workbooks opened, and their cells as text.

use std::io::Cursor;

use calamine::{Cell, Data, ExcelDateTime, Ods, Range, Reader, SheetType, SheetVisible, Xls, Xlsx};

use crate::fault::{FrameError, caught, cell_name, one_line};
use crate::format::Format;
use crate::number::push_number;
use crate::read::nature;

/// A workbook is read from memory.
type Book = Cursor<Vec<u8>>;
/// Cells of the rectangle around all cells of a sheet, about 1 GB of them, above which it must not be nearly empty, and how
/// nearly: one cell in so many.
const MAX_AREA: u64 = 40_000_000;
const SPARSE: u64 = 100;

/// The name and the cells of the `sheet` of a workbook; without one, of the first visible sheet.
///
/// # Errors
/// A [`FrameError`] that names `file` and the sheet.
pub(crate) fn sheet(bytes: Vec<u8>, file: &str, format: Format, sheet: Option<&str>) -> Result<(String, Range<Data>), FrameError> {
    fits(&bytes, file, format)?;
    let opened = caught(|| match format {
        Format::Ods => open(bytes, file, format, sheet, whole::<Ods<_>>),
        Format::Xls => open(bytes, file, format, sheet, whole::<Xls<_>>),
        _ => open(bytes, file, format, sheet, compact),
    });
    opened.map_err(|reason| FrameError::Damaged { file: file.to_owned(), format, reason })?
}

/// Every visible sheet of the workbook, by name.
///
/// # Errors
/// A [`FrameError`] that names `file` and the sheet.
pub(crate) fn sheets(bytes: Vec<u8>, file: &str, format: Format) -> Result<Vec<(String, Range<Data>)>, FrameError> {
    fits(&bytes, file, format)?;
    let opened = caught(|| match format {
        Format::Ods => open_all(bytes, file, format, whole::<Ods<_>>),
        Format::Xls => open_all(bytes, file, format, whole::<Xls<_>>),
        _ => open_all(bytes, file, format, compact),
    });
    opened.map_err(|reason| FrameError::Damaged { file: file.to_owned(), format, reason })?
}

/// Refuses bytes that are not of the format.
fn fits(bytes: &[u8], file: &str, format: Format) -> Result<(), FrameError> {
    if bytes.is_empty() {
        return Err(FrameError::EmptyFile { file: file.to_owned() });
    }
    let found = nature(bytes);
    let fits = match format {
        Format::Ods => found.is_some_and(|found| found.starts_with("an OpenDocument")),
        Format::Xls => found.is_some_and(|found| found.contains("up to 2003")),
        _ => found.is_some_and(|found| found.contains("zip archive")),
    };
    if !fits {
        let found = found.unwrap_or("text or other bytes");
        return Err(FrameError::AnotherFormat { file: file.to_owned(), expected: format, found });
    }
    Ok(())
}

/// The cells of every visible sheet.
fn open_all<R>(
    bytes: Vec<u8>,
    file: &str,
    format: Format,
    cells: impl Fn(&mut R, &str) -> Result<Range<Data>, Unread>,
) -> Result<Vec<(String, Range<Data>)>, FrameError>
where
    R: Reader<Book>,
    R::Error: std::fmt::Display,
{
    let damaged = |reason: String| FrameError::Damaged { file: file.to_owned(), format, reason: one_line(&reason) };
    let mut book = R::new(Cursor::new(bytes)).map_err(|error| damaged(error.to_string()))?;
    let visible = |sheet: &&calamine::Sheet| sheet.typ == SheetType::WorkSheet && sheet.visible == SheetVisible::Visible;
    let names: Vec<String> = book.sheets_metadata().iter().filter(visible).map(|sheet| sheet.name.clone()).collect();
    let mut all = Vec::with_capacity(names.len());
    for name in names {
        match cells(&mut book, &name) {
            Ok(range) => all.push((name, range)),
            Err(Unread::Library(reason)) => return Err(damaged(reason)),
            Err(Unread::Scattered(cell)) => return Err(FrameError::Scattered { file: file.to_owned(), sheet: name, cell }),
        }
    }
    Ok(all)
}

/// The name and the cells of the sheet.
fn open<R>(
    bytes: Vec<u8>,
    file: &str,
    format: Format,
    sheet: Option<&str>,
    cells: impl FnOnce(&mut R, &str) -> Result<Range<Data>, Unread>,
) -> Result<(String, Range<Data>), FrameError>
where
    R: Reader<Book>,
    R::Error: std::fmt::Display,
{
    let damaged = |reason: String| FrameError::Damaged { file: file.to_owned(), format, reason: one_line(&reason) };
    let mut book = R::new(Cursor::new(bytes)).map_err(|error| damaged(error.to_string()))?;
    let sheets: Vec<_> = book
        .sheets_metadata()
        .iter()
        .filter(|sheet| sheet.typ == SheetType::WorkSheet)
        .map(|sheet| (sheet.name.clone(), sheet.visible == SheetVisible::Visible))
        .collect();
    let chosen = match sheet {
        Some(wanted) => sheets.iter().find(|(name, _)| name == wanted),
        None => sheets.iter().find(|(_, visible)| *visible).or(sheets.first()),
    };
    let Some((name, _)) = chosen else {
        let known: Vec<String> = sheets.iter().map(|(name, _)| format!("`{name}`")).collect();
        return Err(FrameError::UnknownSheet {
            file: file.to_owned(),
            sheet: sheet.unwrap_or_default().to_owned(),
            known: if known.is_empty() { "none".to_owned() } else { known.join(", ") },
        });
    };
    match cells(&mut book, name) {
        Ok(range) => Ok((name.clone(), range)),
        Err(Unread::Library(reason)) => Err(damaged(reason)),
        Err(Unread::Scattered(cell)) => Err(FrameError::Scattered { file: file.to_owned(), sheet: name.clone(), cell }),
    }
}

/// Why the cells of a sheet could not be had.
enum Unread {
    Library(String),
    Scattered(String),
}

impl Unread {
    fn library(error: impl std::fmt::Display) -> Self {
        Self::Library(error.to_string())
    }
}

fn whole<R>(book: &mut R, sheet: &str) -> Result<Range<Data>, Unread>
where
    R: Reader<Book>,
    R::Error: std::fmt::Display,
{
    book.worksheet_range(sheet).map_err(Unread::library)
}

/// The cells of a sheet of a workbook since 2007. The library lays them out as a full rectangle, which one cell that strayed
/// into the last corner would make 400 GB; such a sheet is refused first.
fn compact(book: &mut Xlsx<Book>, sheet: &str) -> Result<Range<Data>, Unread> {
    let mut reader = book.worksheet_cells_reader(sheet).map_err(Unread::library)?;
    let mut cells = Vec::new();
    let (mut first, mut last) = ((u32::MAX, u32::MAX), (0, 0));
    while let Some(cell) = reader.next_cell().map_err(Unread::library)? {
        let at @ (row, column) = cell.get_position();
        let value = Data::from(cell.get_value().clone());
        if value != Data::Empty {
            first = (row.min(first.0), column.min(first.1));
            last = (row.max(last.0), column.max(last.1));
            cells.push(Cell::new(at, value));
        }
    }
    let side = |from: u32, to: u32| u64::from(to.saturating_sub(from)) + 1;
    let area = side(first.0, last.0).saturating_mul(side(first.1, last.1));
    if area > MAX_AREA && area / SPARSE > cells.len() as u64 {
        let far = cell_name(last.0 as usize, last.1 as usize);
        return Err(Unread::Scattered(far));
    }
    Ok(Range::from_sparse(cells))
}

/// The text of a cell; nothing where it is empty.
pub(crate) fn text(cell: &Data) -> Option<String> {
    match cell {
        Data::Empty => None,
        Data::String(text) | Data::DateTimeIso(text) | Data::DurationIso(text) => Some(text.clone()).filter(|text| !text.is_empty()),
        Data::Int(number) => Some(number.to_string()),
        Data::Float(number) => {
            let mut text = String::new();
            push_number(&mut text, *number);
            Some(text)
        }
        Data::Bool(truth) => Some(truth.to_string()),
        Data::DateTime(moment) => Some(moment_text(moment)),
        Data::Error(error) => Some(error.to_string()),
    }
}

/// ISO 8601: the date, with the time where there is one; a time alone, or a length of time, as hours, minutes, seconds.
fn moment_text(moment: &ExcelDateTime) -> String {
    let days = moment.as_f64();
    if moment.is_duration() || (0.0..1.0).contains(&days) {
        let seconds = days * 86_400.0;
        let whole = (seconds.abs() * 1000.0).round() / 1000.0;
        let (hours, rest) = ((whole / 3600.0).floor(), whole % 3600.0);
        let sign = if days < 0.0 { "-" } else { "" };
        return format!("{sign}{hours:02}:{:02}:{:02}", (rest / 60.0).floor(), (rest % 60.0).floor());
    }
    let (year, month, day, hour, minute, second, milli) = moment.to_ymd_hms_milli();
    let mut text = format!("{year:04}-{month:02}-{day:02}");
    if (hour, minute, second, milli) != (0, 0, 0, 0) {
        text.push_str(&format!("T{hour:02}:{minute:02}:{second:02}"));
    }
    if milli != 0 {
        text.push_str(&format!(".{milli:03}"));
    }
    text
}
