//! A matrix of judgments on a sheet: names in the first row and the first column.

use std::path::Path;

use firmgrade::ahp::{Incomplete, JudgmentFault, Judgments, Rounding, parse_entry};

use super::fault::SurveyFault;
use super::names::Names;
use super::sheet::Sheet;
use crate::fault::FrameError;
use crate::format::Format;
use crate::write::whole;

/// Writes judgments as a matrix in CSV, names in the first row and column. [`read_survey`](super::read_survey) reads the same bits.
///
/// # Errors
/// A [`FrameError`] that names the file.
pub fn write_judgments(judgments: &Judgments, path: impl AsRef<Path>) -> Result<(), FrameError> {
    use std::io::Write;
    let path = path.as_ref();
    let format = Format::from_path(path)?;
    if format != Format::Csv {
        let reason = "a matrix of judgments is written as CSV, expected a name that ends in .csv";
        return Err(FrameError::Unwritable { file: path.display().to_string(), reason: reason.to_owned() });
    }
    let names = || judgments.names().iter().map(|name| quoted(name));
    let header = format!(",{}\n", names().collect::<Vec<_>>().join(","));
    let rows = judgments.to_text();
    let lines = names().zip(&rows).map(|(name, row)| format!("{name},{}\n", row.join(",")));
    let text: String = [header].into_iter().chain(lines).collect();
    whole::aside(path, |out, file| out.write_all(text.as_bytes()).map_err(|source| FrameError::writing(file, source)))?.put()
}

fn quoted(text: &str) -> String {
    if text.contains(['"', ',', '\n', '\r']) { format!("\"{}\"", text.replace('"', "\"\"")) } else { text.to_owned() }
}

/// Whether the first row and the first column hold the same names, in whatever order.
pub(super) fn is_matrix(sheet: &Sheet<'_>) -> bool {
    let (mut across, mut down) = (across(sheet), down(sheet));
    across.sort_unstable();
    down.sort_unstable();
    // Half of them is enough: a name that was misspelt in one place shall be named as such.
    let shared = across.iter().filter(|name| down.binary_search(name).is_ok()).count();
    across.len() > 1 && 2 * shared >= across.len()
}

fn across<'f>(sheet: &Sheet<'f>) -> Vec<&'f str> {
    (1..sheet.width()).map(|column| sheet.plain(0, column)).filter(|name| !name.is_empty()).collect()
}

fn down<'f>(sheet: &Sheet<'f>) -> Vec<&'f str> {
    (1..sheet.height()).map(|row| sheet.plain(row, 0)).filter(|name| !name.is_empty()).collect()
}

/// The node that the matrix is about and its judgments, in the order of the children; `None` where nothing was judged. What is only
/// worth a look goes to `warnings`.
pub(super) fn read(
    sheet: &Sheet<'_>,
    names: &Names<'_>,
    warnings: &mut Vec<SurveyFault>,
) -> Result<Option<(usize, Incomplete)>, Vec<SurveyFault>> {
    let mut faults = Vec::new();
    // Where each child stands: its column, and its row.
    let columns: Vec<(usize, &str)> =
        (1..sheet.width()).map(|column| (column, sheet.plain(0, column))).filter(|(_, name)| !name.is_empty()).collect();
    let rows: Vec<(usize, &str)> = (1..sheet.height()).map(|row| (row, sheet.plain(row, 0))).filter(|(_, name)| !name.is_empty()).collect();
    let mut found = Vec::new();
    for (place, name) in columns.iter().map(|(column, name)| ((0, *column), *name)).chain(rows.iter().map(|(row, name)| ((*row, 0), *name)))
    {
        match names.find(name) {
            Ok(child) => found.push((place, child, name)),
            Err((message, help)) => faults.push(sheet.fault(place.0, place.1, message, help)),
        }
    }
    let Some(node) = found.first().map(|(_, child, _)| child.node) else { return Err(faults) };
    let children = names.children(node);
    for (place, child, name) in &found {
        if child.node != node {
            let message = format!("`{name}` is not below `{}`, as the first name is", names.node(node));
            faults.push(sheet.fault(place.0, place.1, message, "compare the children of one node in one matrix"));
        }
    }
    // A name that is wrong is not called missing as well.
    let named = faults.is_empty();
    let spot = |at: usize, of_row: bool| {
        let mut places = found.iter().filter(|((_, column), child, _)| child.node == node && child.at == at && (*column == 0) == of_row);
        (places.next().map(|(place, _, _)| *place), places.next().map(|(place, _, _)| *place))
    };
    let mut at_row = Vec::with_capacity(children.len());
    let mut at_column = Vec::with_capacity(children.len());
    for (at, id) in children.iter().enumerate() {
        for (of_row, list) in [(true, &mut at_row), (false, &mut at_column)] {
            let part = if of_row { "first column" } else { "first row" };
            match spot(at, of_row) {
                (Some(place), None) => list.push(if of_row { place.0 } else { place.1 }),
                (Some(_), Some(twice)) => {
                    faults.push(sheet.fault(twice.0, twice.1, format!("`{id}` stands twice in the {part}"), "name each thing once"));
                }
                (None, _) if named => {
                    let message = format!("`{id}`, a child of `{}`, is missing in the {part}", names.node(node));
                    faults.push(sheet.whole(message, "add its row and its column; leave cells blank that are not judged"));
                }
                (None, _) => {}
            }
        }
    }
    if !faults.is_empty() {
        return Err(faults);
    }
    let mut cells = vec![vec![f64::NAN; children.len()]; children.len()];
    for ((row, values), own) in at_row.iter().zip(&mut cells).zip(0..) {
        for ((column, value), other) in at_column.iter().zip(values.iter_mut()).zip(0..) {
            match sheet.typed(*row, *column).map(parse_entry) {
                Ok(Ok(Some(typed))) => *value = typed,
                Ok(Ok(None)) => *value = if own == other { 1.0 } else { f64::NAN },
                Ok(Err(fault)) => faults.push(sheet.fault(*row, *column, fault.to_string(), "correct it, or leave it blank")),
                Err(fault) => faults.push(fault),
            }
        }
    }
    if faults.is_empty()
        && cells.iter().enumerate().all(|(own, row)| row.iter().enumerate().all(|(other, value)| own == other || value.is_nan()))
    {
        return Ok(None);
    }
    let reference = |row: usize, column: usize| (at_row.get(row).copied().unwrap_or(0), at_column.get(column).copied().unwrap_or(0));
    match Incomplete::from_matrix(Some(children.to_vec()), &cells) {
        Ok(_) if !faults.is_empty() => Err(faults),
        Ok(judgments) => {
            warnings.extend(judgments.roundings().iter().map(|rounding| rounded(sheet, children, rounding, reference)));
            Ok(Some((node, judgments)))
        }
        Err(all) => {
            let (apart, real): (Vec<_>, Vec<_>) = all.into_iter().partition(|fault| matches!(fault, JudgmentFault::Disconnected { .. }));
            faults.extend(real.iter().map(|fault| placed(sheet, children, fault, reference)));
            if !faults.is_empty() {
                return Err(faults);
            }
            warnings.extend(apart.iter().map(|fault| left_out(sheet, names.node(node), fault)));
            Ok(None)
        }
    }
}

/// What was used for a rounded reciprocal, with its cell.
fn rounded(sheet: &Sheet<'_>, children: &[String], rounding: &Rounding, at: impl Fn(usize, usize) -> (usize, usize)) -> SurveyFault {
    let name = |at: usize| children.get(at).map_or("", String::as_str);
    let Rounding { row, column, entry, reciprocal, used, deviation } = *rounding;
    let here = at(row, column);
    let percent = deviation * 100.0;
    let pair = format!("`{}:{}`", name(row), name(column));
    sheet.fault(
        here.0,
        here.1,
        format!("{pair} is `{entry}`, a rounded reciprocal of {reciprocal} (off by {percent:.2} %), used {used}"),
        "",
    )
}

/// That judgments which do not link all things do not count.
pub(super) fn left_out(sheet: &Sheet<'_>, node: &str, fault: &JudgmentFault) -> SurveyFault {
    sheet.whole(format!("left out at `{node}`: {fault}"), "")
}

/// A fault of the engine with the cell it is about, in the names of the sheet.
fn placed(sheet: &Sheet<'_>, children: &[String], fault: &JudgmentFault, at: impl Fn(usize, usize) -> (usize, usize)) -> SurveyFault {
    let name = |at: &usize| children.get(*at).map_or("", String::as_str);
    match fault {
        JudgmentFault::NotReciprocal { row, column, entry, reciprocal } => {
            let (here, there) = (at(*row, *column), at(*column, *row));
            let (a, b, other) = (name(row), name(column), sheet.reference(there.0, there.1));
            let message = format!(
                "`{a}:{b}` is {entry} but `{b}:{a}` in cell {other} is {reciprocal}: found a product of {}, expected 1 within {}",
                (entry * reciprocal * 1e12).round() / 1e12,
                Judgments::MAX_DEVIATION
            );
            sheet.fault(here.0, here.1, message, "correct one of the two, or leave it blank")
        }
        JudgmentFault::Diagonal { at: own, value } => {
            let here = at(*own, *own);
            let message = format!("`{}` compared with itself is {value}, expected 1", name(own));
            sheet.fault(here.0, here.1, message, "type 1, or leave it blank")
        }
        _ => sheet.whole(fault.to_string(), "correct it"),
    }
}
