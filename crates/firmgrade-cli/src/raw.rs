//! Raw tables: records by name, read and derived from.

use crate::args::NamedFile;
use crate::failure::Failure;
use firmgrade::Scorecard;
use firmgrade::card::FIRMS;
use firmgrade_frame::{DataFrame, FrameError, RawTable, ReadOptions, missing_tables, read_table};
use std::path::{Path, PathBuf};

/// Refuses names of record tables that the card does not have, and says which are not given, before anything is read.
pub(crate) fn refuse_names(card: &Scorecard, records: &[NamedFile]) -> Result<(), Failure> {
    let names: Vec<&str> = records.iter().map(|table| table.name.as_str()).collect();
    let faults: Vec<String> = missing_tables(card, &names).iter().map(ToString::to_string).collect();
    if faults.is_empty() { Ok(()) } else { Err(Failure::Usage(faults.join("\nerror: "))) }
}

/// The paths of record tables, which no output may replace.
pub(crate) fn paths(records: &[NamedFile]) -> impl Iterator<Item = &PathBuf> {
    records.iter().map(|table| &table.path)
}

/// A firm table and tables of records, by the ids that the card gives them.
pub(crate) type Tables<'a> = (RawTable, Vec<(&'a str, RawTable)>);

/// Reads the firm table and the tables of records as the card says. What is wrong with any file is told at once.
pub(crate) fn tables<'a>(card: &Scorecard, firms: &Path, sheet: Option<&str>, records: &'a [NamedFile]) -> Result<Tables<'a>, Failure> {
    let mut lines = Vec::new();
    let mut read = |table: &str, path: &Path, sheet: Option<&str>| match RawTable::read(card, table, path, sheet) {
        Ok(raw) => Some(raw),
        Err(error) => {
            lines.extend(Failure::from(error).lines());
            None
        }
    };
    let firms = read(FIRMS, firms, sheet);
    let records: Vec<(&str, RawTable)> =
        records.iter().filter_map(|table| Some((table.name.as_str(), read(&table.name, &table.path, None)?))).collect();
    match firms.filter(|_| lines.is_empty()) {
        Some(firms) => Ok((firms, records)),
        None => Err(Failure::Problems(lines)),
    }
}

/// A firm table without records, and where its rows stand in the file if that is known: as the card says where it does, or else strictly.
/// What is no CSV in UTF-8 with the header in its first row is read as offices send it, if the columns of the card are found there.
pub(crate) fn firms(card: &Scorecard, path: &Path, options: &ReadOptions) -> Result<(DataFrame, Option<Vec<usize>>), Failure> {
    let sheet = options.sheet.as_deref();
    let taken = |raw: &RawTable| match raw.faults().as_slice() {
        [] => Ok((raw.frame().clone(), raw.rows().map(<[usize]>::to_vec))),
        faults => Err(Failure::Problems(faults.iter().map(|fault| format!("error: {fault}")).collect())),
    };
    if card.reads_firms() {
        return taken(&RawTable::read(card, FIRMS, path, sheet)?);
    }
    let error = match read_table(path, options) {
        Ok(frame) => return Ok((frame, None)),
        Err(error) => error,
    };
    use FrameError as E;
    if let E::NotUtf8 { .. } | E::AnotherFormat { .. } | E::EmptyHeader { .. } | E::Ragged { .. } = &error
        && path.as_os_str() != crate::grade::STANDARD
        && let Ok(raw) = RawTable::read(card, FIRMS, path, sheet)
        && raw.frame().column(card.id_column()).is_ok()
        && (raw.account().header_row != 1 || !matches!(error, E::Ragged { .. }))
    {
        return taken(&raw);
    }
    Err(error.into())
}

/// Refuses a firm table that lacks indicators which the card derives from records, where no day was given.
pub(crate) fn refuse_underived(card: &Scorecard, firms: &DataFrame, source: &str) -> Result<(), Failure> {
    let derivation = card.derivation();
    let lacking: Vec<String> = derivation
        .derived()
        .iter()
        .filter(|derived| firms.column(&derived.id).is_err())
        .map(|derived| format!("`{}`", derived.id))
        .collect();
    if lacking.is_empty() {
        return Ok(());
    }
    let tables: Vec<String> = derivation.record_tables().iter().map(|table| format!("{}=FILE", table.id)).collect();
    let records = if tables.is_empty() { String::new() } else { format!(" --records {}", tables.join(" ")) };
    Err(Failure::problem(format!(
        "{source} has no column {}, which the scorecard derives; add --as-of DAY{records}, or give the output of `firmgrade derive`",
        lacking.join(", ")
    )))
}
