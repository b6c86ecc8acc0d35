//! What people should know of raw tables beside the counts: rows and cells that were not read, records without a firm, names.

use crate::derive::from;
use crate::tables::{count, counted, percent, share};
use firmgrade_frame::import::{Identity, NameMatch, Reason, Several};
use firmgrade_frame::{ColumnReport, TableReport};

/// The notes on a table of records, one line each.
pub(crate) fn table(table: &TableReport) -> Vec<String> {
    let name = table.table.as_str();
    let mut notes = Vec::new();
    if let Some(file) = &table.source.file {
        notes.push(format!("  {name}: {file}{}\n", from(&table.source)));
    }
    notes.extend(cells(name, &table.rejected, &table.columns));
    let odd = table.contradictions.iter();
    notes.extend(odd.map(|reason| format!("  {name}: {} {}\n", counted(reason.count, "record"), places(reason))));
    match &table.names {
        Some(names) => notes.push(by_name(name, names)),
        None => notes.extend(unmatched(table)),
    }
    notes
}

/// Rows and cells that could not be read.
pub(crate) fn cells(table: &str, rejected: &[Reason], columns: &[ColumnReport]) -> Vec<String> {
    let rows = rejected.iter().map(|reason| format!("  {table}: {} left out: {}\n", counted(reason.count, "row"), places(reason)));
    let cells = columns.iter().flat_map(|column| column.unreadable.iter().map(move |reason| (column, reason)));
    let cells = cells.map(|(column, reason)| {
        format!("  {table}: {} of `{}` not read: {}\n", counted(reason.count, "cell"), column.column, places(reason))
    });
    rows.chain(cells).collect()
}

/// A reason and the first places.
fn places(reason: &Reason) -> String {
    let first: Vec<String> = reason.first.iter().map(|place| format!("row {}: `{}`", place.row, place.found)).collect();
    format!("{} ({}{})", reason.reason, first.join(", "), if reason.count > reason.first.len() { ", …" } else { "" })
}

/// How records found their firm by name.
fn by_name(table: &str, names: &NameMatch) -> String {
    let first: Vec<String> = names.first_ambiguous.iter().take(3).map(|(name, records)| format!("{name}: {records}")).collect();
    let first = if first.is_empty() { String::new() } else { format!(" ({}, …)", first.join(", ")) };
    format!(
        "  {table}: {} of {} matched to a firm by name ({}); {} with a name that several firms have, left out{first}; {} with one that no \
         firm has; {} without a name\n",
        count(names.matched),
        counted(names.rows, "record"),
        percent(share(names.matched, names.rows)),
        count(names.ambiguous),
        count(names.unmatched),
        count(names.unnamed),
    )
}

/// Where records without a firm stand.
fn unmatched(table: &TableReport) -> Option<String> {
    let unmatched = &table.unmatched;
    if unmatched.unknown_id + unmatched.without_id == 0 {
        return None;
    }
    let first: Vec<String> =
        unmatched.first.iter().map(|place| format!("row {}: `{}`", place.row, place.value.as_deref().unwrap_or_default())).collect();
    let places = if first.is_empty() { String::new() } else { format!(" ({}, …)", first.join(", ")) };
    Some(format!(
        "  {}: {} of {} belong to no firm: {} without an id, {} with an id that is not in the firm table{places}\n",
        table.table,
        counted((unmatched.unknown_id + unmatched.without_id) as usize, "record"),
        count(table.read as usize),
        count(unmatched.without_id as usize),
        count(unmatched.unknown_id as usize),
    ))
}

/// Ids under several names, and names under several ids.
pub(crate) fn identity(identity: &Identity) -> Vec<String> {
    let shown = |all: &[Several]| {
        let few = |several: &Several| match several.beside.get(..3).zip(several.beside.len().checked_sub(3)) {
            Some((first, more @ 1..)) => format!("{}: {} and {more} more", several.of, first.join(", ")),
            _ => format!("{}: {}", several.of, several.beside.join(", ")),
        };
        all.iter().take(2).map(few).collect::<Vec<_>>().join("; ")
    };
    let mut notes = Vec::new();
    if identity.codes_with_several_names > 0 {
        let names = shown(&identity.first_codes);
        notes
            .push(format!("  {} under several names ({names}, …); nothing was merged\n", counted(identity.codes_with_several_names, "id")));
    }
    if identity.names_with_several_codes > 0 {
        let ids = shown(&identity.first_names);
        notes.push(format!("  {} under several ids ({ids}, …); nothing was merged\n", counted(identity.names_with_several_codes, "name")));
    }
    notes
}
