//! Raw tables: records by name, read and derived from.

use crate::args::NamedFile;
use crate::failure::Failure;
use firmgrade::Scorecard;
use firmgrade::calendar::Day;
use firmgrade_frame::{DataFrame, DeriveReport, Derived, ReadOptions, derive, missing_tables, read_table};
use std::path::PathBuf;

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

/// Reads record tables.
pub(crate) fn read(records: &[NamedFile]) -> Result<Vec<(&str, DataFrame)>, Failure> {
    let read = |table: &'_ NamedFile| read_table(&table.path, &ReadOptions::default());
    records.iter().map(|table| Ok((table.name.as_str(), read(table)?))).collect()
}

/// Derives the indicators of a card.
pub(crate) fn derived(
    card: &Scorecard,
    firms: &DataFrame,
    records: &[(&str, DataFrame)],
    as_of: Day,
    earlier: Option<&DeriveReport>,
) -> Result<Derived, Failure> {
    let records: Vec<(&str, &DataFrame)> = records.iter().map(|(name, frame)| (*name, frame)).collect();
    Ok(derive(card, firms, &records, as_of, earlier)?)
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
