//! One sheet of a workbook: the first row that is not empty is the header, every cell below it becomes text.

mod book;

use calamine::{Data, Range};
use polars::prelude::{DataFrame, IntoColumn, StringChunkedBuilder};

use super::kept;
use crate::fault::{CellFault, FrameError, NAMED, cell_name, one_line};
use crate::format::Format;
pub(crate) use book::{sheet, sheets, text};

/// The table in the `sheet` of the workbook, or in its first visible one; only the `columns` where present.
///
/// # Errors
/// A [`FrameError`] that names `file`, the sheet, and the cell.
pub(super) fn read(
    bytes: Vec<u8>,
    file: &str,
    format: Format,
    sheet: Option<&str>,
    columns: Option<&[String]>,
) -> Result<DataFrame, FrameError> {
    let (sheet, range) = book::sheet(bytes, file, format, sheet)?;
    table(&range, file, &sheet, columns)
}

fn table(range: &Range<Data>, file: &str, sheet: &str, columns: Option<&[String]>) -> Result<DataFrame, FrameError> {
    let mut rows = range.rows().enumerate().filter(|(_, row)| row.iter().any(|cell| text(cell).is_some()));
    let (Some((top, names)), Some((row, column))) = (rows.next(), range.start()) else {
        return Err(FrameError::EmptySheet { file: file.to_owned(), sheet: sheet.to_owned() });
    };
    // A cell of the range begins where the first used cell of the sheet is.
    let (row, column) = (row as usize, column as usize);
    let place = |below: usize, right: usize| cell_name(row + below, column + right);

    let header: Vec<String> = names.iter().map(|cell| text(cell).unwrap_or_default()).collect();
    let keep = kept(&header, columns, file, |at| place(top, at))?;
    let mut builders: Vec<StringChunkedBuilder> =
        keep.iter().map(|at| StringChunkedBuilder::new(header[*at].as_str().into(), range.height())).collect();
    let (mut bad, mut total, mut height) = (Vec::new(), 0, 0);
    for (below, cells) in rows {
        height += 1;
        for (builder, at) in builders.iter_mut().zip(&keep) {
            let cell = cells.get(*at).unwrap_or(&Data::Empty);
            if let Data::Error(found) = cell {
                total += 1;
                if bad.len() < NAMED {
                    bad.push(CellFault { cell: place(below, *at), found: found.to_string() });
                }
            }
            builder.append_option(text(cell));
        }
    }
    if total > 0 {
        return Err(FrameError::ErrorCells { file: file.to_owned(), sheet: sheet.to_owned(), bad, total });
    }
    let columns = builders.into_iter().map(|builder| builder.finish().into_column()).collect();
    DataFrame::new(height, columns).map_err(|error| FrameError::Damaged {
        file: file.to_owned(),
        format: Format::Xlsx,
        reason: one_line(&error.to_string()),
    })
}
