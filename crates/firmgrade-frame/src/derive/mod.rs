//! Record tables and the firm table → one column for each derived indicator, as of a day, with an account of every record.
//!
//! Records are matched to firms once, sorted out as of the day once for each table, grouped by firm and day, and then each
//! indicator reads the records in its window. Rows may come in any order, frames in any chunks, and any number of threads may
//! work: the columns are the same bits.

mod aggregate;
mod codes;
mod fate;
mod fault;
mod firms;
mod group;
mod indicator;
mod raw;
mod records;
mod repeats;
mod report;
mod spread;
mod typed;
mod write;

pub use aggregate::Use;
pub use fate::Fates;
pub use fault::{DeriveError, DeriveFault};
pub use raw::RawTable;
pub use report::{
    ColumnReport, DeriveReport, FirmTableReport, IndicatorReport, Place, RecordsUse, Source as TableSource, TableReport, Unmatched,
};
pub use spread::{Drift, Spread};
pub use write::{read_derive_report, write_derived};

pub(crate) use fate::UNMATCHED;
pub(crate) use firms::FirmIndex;
pub(crate) use typed::dates;

use crate::import::{Identity, NameMatcher, identity};
use crate::persons::without_persons;
use firmgrade::calendar::Day;
use firmgrade::card::{Derivation, FIRMS, MatchBy, Source};
use firmgrade::columns::ColumnKind;
use firmgrade::{Cells, DataFault, Scorecard};
use polars::prelude::*;
use rayon::prelude::*;
use records::{Firms, Records};
use std::collections::HashSet;
use typed::{Typed, Wanted};

/// The firm table with its derived indicators, and what became of the data.
#[derive(Clone, Debug)]
pub struct Derived {
    /// The firm table as the card reads it, then one column for each derived indicator, named after its id: numbers as `f64`, flags,
    /// texts. Numbers of natural persons are masked, as [`without_persons`](crate::without_persons) does.
    pub frame: DataFrame,
    /// What became of every record, and how the indicators are spread.
    pub report: DeriveReport,
}

/// Derives the indicators of a card from frames, as of a day: text in them is read as the card says.
///
/// `records` are the record tables by the ids that the card gives them. With the report of an earlier run, the new one says how far
/// each indicator has drifted.
///
/// # Errors
/// [`DeriveError`] with every fault of the tables.
pub fn derive(
    card: &Scorecard,
    firms: &DataFrame,
    records: &[(&str, &DataFrame)],
    as_of: Day,
    earlier: Option<&DeriveReport>,
) -> Result<Derived, DeriveError> {
    let mut faults = Vec::new();
    let mut raw = |table: &str, frame: &DataFrame| {
        let read = RawTable::of_frame(card, table, frame);
        read.map_err(|error| faults.push(DeriveFault::Frame { table: table.to_owned(), reason: error.to_string() })).ok()
    };
    let firms = raw(FIRMS, firms);
    let read: Vec<(&str, RawTable)> = records.iter().filter_map(|(name, frame)| Some((*name, raw(name, frame)?))).collect();
    match firms.filter(|_| read.len() == records.len()) {
        Some(firms) => derive_raw(card, &firms, &read, as_of, earlier),
        None => Err(DeriveError(faults)),
    }
}

/// As [`derive`], from raw tables.
///
/// # Errors
/// As [`derive`]; faults of a file name the file and its rows.
pub fn derive_raw(
    card: &Scorecard,
    raw_firms: &RawTable,
    records: &[(&str, RawTable)],
    as_of: Day,
    earlier: Option<&DeriveReport>,
) -> Result<Derived, DeriveError> {
    let derivation = card.derivation();
    let names: Vec<&str> = records.iter().map(|(name, _)| *name).collect();
    let mut faults = missing_tables(card, &names);
    faults.extend(raw_firms.faults());
    faults.extend(records.iter().flat_map(|(_, raw)| raw.faults()));
    let firms = raw_firms.frame();
    let mut firm_faults = Vec::new();
    let mut typed = Typed::new(FIRMS, firms, &firm_columns(card)).map_err(|found| firm_faults.extend(found)).ok();
    for derived in derivation.derived() {
        if firms.column(&derived.id).is_ok() {
            firm_faults.push(DeriveFault::Taken { table: FIRMS.to_owned(), column: derived.id.clone() });
        }
    }
    let ids = typed.as_ref().and_then(|typed| typed.column(card.id_column()));
    let ids: Vec<_> = ids.into_iter().collect();
    firm_faults.extend(id_faults(card.id_column(), &ids));
    faults.extend(firm_faults.into_iter().map(|fault| raw_firms.placed(fault)));
    let by_name = derivation.record_tables().iter().any(|table| table.matched == MatchBy::Name);
    let by_name = typed.as_ref().filter(|_| by_name).and_then(|typed| {
        let names = texts(typed, card.name_column()?)?;
        Some(NameMatcher::new(names.iter().map(Option::as_deref)))
    });
    let finder = Firms { by_id: FirmIndex::new(ids), by_name };
    let mut tables: Vec<Option<Records>> = Vec::with_capacity(derivation.record_tables().len());
    for table in derivation.record_tables() {
        let given = records.iter().find(|(name, _)| *name == table.id);
        let read = given.map(|(_, raw)| (raw, Records::new(table, raw, &record_columns(derivation, &table.id), &finder, as_of)));
        tables.push(match read {
            Some((_, Ok(records))) => Some(records),
            Some((raw, Err(found))) => {
                // A date that cannot be read is told as such, not as one that is not there.
                let told = |fault: &DeriveFault| matches!(fault, DeriveFault::Undated { column, .. } if raw.refuses_cells_of(column));
                faults.extend(found.into_iter().filter(|fault| !told(fault)).map(|fault| raw.placed(fault)));
                None
            }
            None => None,
        });
    }
    drop(finder);
    let Some(typed) = typed.as_mut().filter(|_| faults.is_empty()) else { return Err(DeriveError(faults)) };
    let identity = who_is_who(card, typed, &tables);
    let firm_table = firm_report(card, typed, raw_firms);
    let columns = indicators(derivation, typed, &tables, as_of);
    let report = DeriveReport {
        scorecard: card.spec().scorecard.id.clone(),
        scorecard_version: card.spec().scorecard.version.clone(),
        scorecard_digest: card.digest().to_owned(),
        engine_version: firmgrade::VERSION.to_owned(),
        as_of: as_of.to_string(),
        firms: firms.height() as u64,
        firm_table: Some(firm_table),
        identity,
        indicators: describe(derivation, &columns, as_of, earlier),
        tables: tables.into_iter().flatten().map(|records| records.report).collect(),
    };
    report.check().map_err(DeriveError)?;
    let mut frame = without_persons(firms, card.id_column());
    for (series, _) in columns {
        // INVARIANT: the names are not taken, and every column has one value for each firm.
        let added = frame.with_column(series.into());
        debug_assert!(added.is_ok(), "a derived column does not fit");
    }
    Ok(Derived { frame, report })
}

/// What is wrong with the names of the record tables that a card is given: unknown ones, and those that its indicators read and that are
/// not there. To be asked before anything is read.
#[must_use]
pub fn missing_tables(card: &Scorecard, given: &[&str]) -> Vec<DeriveFault> {
    let derivation = card.derivation();
    let known: Vec<String> = derivation.record_tables().iter().map(|table| table.id.clone()).collect();
    let (mut faults, mut seen) = (Vec::new(), HashSet::new());
    for name in given {
        if !known.iter().any(|id| id == name) {
            let near = firmgrade::nearest(name, known.iter().map(String::as_str)).map(str::to_owned);
            faults.push(DeriveFault::UnknownTable { name: (*name).to_owned(), near, known: known.clone() });
        } else if !seen.insert(name) {
            faults.push(DeriveFault::RepeatedTable { table: (*name).to_owned() });
        }
    }
    for (at, table) in derivation.record_tables().iter().enumerate() {
        let reads = derivation.derived().iter().filter(|derived| matches!(&derived.source, Source::Records(from) if from.table == at));
        let used_by: Vec<String> = reads.map(|derived| derived.id.clone()).collect();
        if !used_by.is_empty() && !given.contains(&table.id.as_str()) {
            faults.push(DeriveFault::MissingTable { table: table.id.clone(), used_by });
        }
    }
    faults
}

/// What ids and names say about each other, over the firm table and all tables of records that have both.
fn who_is_who(card: &Scorecard, firms: &Typed, tables: &[Option<Records>]) -> Option<Identity> {
    let (mut ids, mut names) = (Vec::new(), Vec::new());
    let mut add = |typed: &Typed, id: &str, name: &str| {
        if let (Some(own), Some(written)) = (texts(typed, id), texts(typed, name)) {
            ids.extend(own);
            names.extend(written);
        }
    };
    if let Some(name) = card.name_column() {
        add(firms, card.id_column(), name);
    }
    for (table, records) in card.derivation().record_tables().iter().zip(tables) {
        if let (Some(records), Some(id), Some(name)) = (records, &table.firm_id, &table.name) {
            add(&records.typed, id, name);
        }
    }
    (!ids.is_empty()).then(|| identity(ids.iter().map(Option::as_deref).zip(names.iter().map(Option::as_deref))))
}

/// The texts of a column.
fn texts(typed: &Typed, name: &str) -> Option<Vec<Option<String>>> {
    let column = typed.column(name)?;
    let text = |row| column.is_valid(row).then(|| column.text(row)).filter(|text| !text.is_empty());
    Some((0..typed.len()).map(text).collect())
}

fn firm_report(card: &Scorecard, typed: &Typed, raw: &RawTable) -> FirmTableReport {
    let ids = texts(typed, card.id_column()).unwrap_or_default();
    let (mut persons, mut seen) = (0, HashSet::new());
    for id in ids.iter().flatten().filter(|id| firmgrade::may_hold_person(id)) {
        let shown = firmgrade::mask(id);
        if shown != *id {
            persons += 1;
            seen.insert(shown);
        }
    }
    let account = raw.account();
    FirmTableReport {
        source: report::Source::new(raw),
        read: account.read as u64,
        rejected: account.rejected.clone(),
        columns: report::columns(typed, raw),
        persons,
        persons_alike: persons - seen.len() as u64,
    }
}

/// The columns of the firm table that a card derives from; the id comes first.
fn firm_columns(card: &Scorecard) -> Vec<Wanted> {
    let derivation = card.derivation();
    let readers = |name: &str| {
        let reads = |source: &Source| matches!(source, Source::Expression(expression) if expression.columns().iter().any(|c| c == name));
        derivation.derived().iter().filter(|derived| reads(&derived.source)).map(|derived| derived.id.clone()).collect()
    };
    let id = Wanted { name: card.id_column().to_owned(), kind: ColumnKind::Text, used_by: Vec::new() };
    let name =
        card.name_column().map(|name| Wanted { name: name.to_owned(), kind: ColumnKind::Text, used_by: vec!["name_column".to_owned()] });
    let taken = |name: &str| name == card.id_column() || Some(name) == card.name_column();
    let read = derivation.firm_columns().iter().filter(|column| !taken(&column.name));
    let read = read.map(|column| Wanted { name: column.name.clone(), kind: column.kind, used_by: readers(&column.name) });
    [id].into_iter().chain(name).chain(read).collect()
}

/// The columns of a record table that a card reads.
fn record_columns(derivation: &Derivation, table: &str) -> Vec<Wanted> {
    let Some((at, table)) = derivation.record_tables().iter().enumerate().find(|(_, other)| other.id == table) else { return Vec::new() };
    let readers = |name: &str| {
        let reads = |source: &Source| match source {
            Source::Records(from) if from.table == at => {
                let columns = [&from.of, &from.by].into_iter().flatten().map(|column| column.name.as_str());
                let conditions = [&from.filter, &from.share].into_iter().flatten().flat_map(|condition| condition.columns());
                columns.chain(conditions.map(String::as_str)).any(|column| column == name)
            }
            _ => false,
        };
        derivation.derived().iter().filter(|derived| reads(&derived.source)).map(|derived| derived.id.clone()).collect()
    };
    let columns = table.columns.iter();
    columns.map(|column| Wanted { name: column.name.clone(), kind: column.kind, used_by: readers(&column.name) }).collect()
}

/// Firms without an id, and ids that stand twice: a record must know its firm.
fn id_faults(name: &str, pieces: &[firmgrade::columns::Column<'_>]) -> Vec<DeriveFault> {
    let (mut missing, mut twice) = (Cells::new("missing id"), Cells::new("repeated id"));
    let index = FirmIndex::new(pieces.to_vec());
    for (row, firm) in index.match_records(pieces).into_iter().enumerate() {
        if firm == fate::UNMATCHED {
            missing.add(row, || None);
        } else if firm as usize != row {
            twice.add(row, || pieces.first().map(|piece| piece.text(row)));
        }
    }
    let mut faults = Vec::new();
    let mut add = |fault| faults.push(DeriveFault::Data { table: FIRMS.to_owned(), fault: Box::new(fault) });
    if !missing.is_empty() {
        add(DataFault::MissingId { column: name.to_owned(), cells: missing });
    }
    if !twice.is_empty() {
        add(DataFault::DuplicateId { column: name.to_owned(), cells: twice });
    }
    faults
}

/// The derived columns in the order of the card, with what became of the records of those that come from records.
fn indicators(derivation: &Derivation, firms: &mut Typed, tables: &[Option<Records>], as_of: Day) -> Vec<(Series, Option<Use>)> {
    let mut columns: Vec<Option<(Series, Option<Use>)>> = derivation
        .derived()
        .par_iter()
        .map(|derived| match &derived.source {
            Source::Records(from) => {
                let records = tables.get(from.table)?.as_ref()?;
                let (series, used) = indicator::from_records(&derived.id, derived.kind, from, records, as_of);
                Some((series, Some(used)))
            }
            Source::Expression(_) => None,
        })
        .collect();
    for at in derivation.order() {
        let (Some(derived), Some(column)) = (derivation.derived().get(*at), columns.get_mut(*at)) else { continue };
        if let Source::Expression(expression) = &derived.source {
            *column = Some((indicator::from_expression(&derived.id, expression, firms, as_of), None));
        }
        if let Some((series, _)) = column {
            // Expressions further on may read it.
            firms.push(series.clone(), indicator::raw(derived.kind));
        }
    }
    columns.into_iter().flatten().collect()
}

fn describe(
    derivation: &Derivation,
    columns: &[(Series, Option<Use>)],
    as_of: Day,
    earlier: Option<&DeriveReport>,
) -> Vec<IndicatorReport> {
    let described = derivation.derived().par_iter().zip(columns).map(|(derived, (series, used))| {
        let records = match (&derived.source, used) {
            (Source::Records(from), Some(used)) => Some(RecordsUse {
                table: derivation.record_tables().get(from.table).map(|table| table.id.clone()).unwrap_or_default(),
                aggregate: from.aggregate.as_str().to_owned(),
                window: from.window.to_string(),
                after: from.window.start(as_of).map(|day| day.to_string()),
                records: *used,
            }),
            _ => None,
        };
        let before = earlier.and_then(|report| Some((report, report.indicators.iter().find(|other| other.indicator == derived.id)?)));
        let with_value = (series.len() - series.null_count()) as u64;
        IndicatorReport {
            indicator: derived.id.clone(),
            title: derived.title.clone(),
            records,
            with_value,
            coverage: with_value as f64 / series.len().max(1) as f64,
            spread: Spread::new(series),
            drift: before.and_then(|(report, before)| Drift::new(series, &before.spread, report.firms, &report.as_of)),
        }
    });
    described.collect()
}
