//! One table of records, made ready for its indicators: matched to firms, dated, sorted out as of a day, grouped.

use super::fate::{AMBIGUOUS, Fates, UNDATED, UNMATCHED, fates};
use super::fault::DeriveFault;
use super::firms::FirmIndex;
use super::group::Groups;
use super::raw::RawTable;
use super::repeats::repeats;
use super::report::{Place, Source, TableReport, Unmatched, columns};
use super::typed::{Typed, Wanted};
use crate::import::{NameFound, NameMatch, NameMatcher, Reason};
use firmgrade::Cells;
use firmgrade::as_of::{AsOf, RecordColumns};
use firmgrade::calendar::Day;
use firmgrade::card::{Duplicates, MatchBy, RecordTable, Undated};
use firmgrade::columns::{Column, Values};
use firmgrade::window::Window;

/// The firms that records may find.
#[derive(Debug)]
pub(crate) struct Firms<'f> {
    pub by_id: FirmIndex<'f>,
    /// There where a table of records needs it.
    pub by_name: Option<NameMatcher>,
}

impl Firms<'_> {
    /// The firm of each record, [`UNMATCHED`] or [`AMBIGUOUS`] for those of none.
    fn of(&self, table: &RecordTable, typed: &Typed) -> (Vec<u32>, Option<NameMatch>) {
        match (table.matched, &self.by_name) {
            (MatchBy::Name, Some(names)) => {
                let column = table.name.as_ref().and_then(|name| typed.column(name));
                let texts: Vec<Option<String>> = (0..typed.len())
                    .map(|row| column.as_ref().filter(|column| column.is_valid(row)).map(|column| column.text(row)))
                    .collect();
                let (found, account) = names.find(texts.iter().map(Option::as_deref));
                let firm = |found: NameFound| match found {
                    NameFound::Firm(row) => u32::try_from(row).unwrap_or(UNMATCHED),
                    NameFound::Several => AMBIGUOUS,
                    NameFound::Nobody => UNMATCHED,
                };
                (found.into_iter().map(firm).collect(), Some(account))
            }
            _ => {
                let ids = table.firm_id.as_ref().and_then(|id| typed.column(id));
                (self.by_id.match_records(&ids.into_iter().collect::<Vec<_>>()), None)
            }
        }
    }
}

/// A table of records as of a day.
#[derive(Debug)]
pub(crate) struct Records {
    pub typed: Typed,
    pub groups: Groups,
    pub report: TableReport,
}

impl Records {
    /// Reads a table as a card says.
    ///
    /// # Errors
    /// Every column that is not there or cannot be read, undated and repeated records where the card says that they are errors.
    pub fn new(table: &RecordTable, raw: &RawTable, wanted: &[Wanted], firms: &Firms<'_>, as_of: Day) -> Result<Self, Vec<DeriveFault>> {
        let frame = raw.frame();
        if u32::try_from(frame.height()).is_err() {
            return Err(vec![DeriveFault::TooLong { table: table.id.clone(), rows: frame.height() }]);
        }
        let typed = Typed::new(&table.id, frame, wanted)?;
        let date = typed.days(&table.date);
        let repeated = repeats(frame);
        let faults = refused(table, &date, repeated.as_deref());
        if !faults.is_empty() {
            return Err(faults);
        }
        let (firm, names) = firms.of(table, &typed);
        let column = |name: Option<&String>| name.and_then(|name| typed.column(name));
        let (end, repaired) = (column(table.end.as_ref()), column(table.repaired.as_ref()));
        let (kind, severity) = (column(table.kind.as_ref()), column(table.severity.as_ref()));
        let absent = Column { values: Values::Missing(typed.len()), validity: None };
        let dates = typed.column(&table.date).unwrap_or(absent);
        let columns = RecordColumns {
            date: &dates,
            end: end.as_ref(),
            repaired: repaired.as_ref(),
            kind: kind.as_ref(),
            severity: severity.as_ref(),
        };
        let dropped = repeated.as_deref().filter(|_| table.duplicates == Duplicates::Drop);
        let (fates, mut counts) = fates(&AsOf::new(table, as_of, Window::All), &columns, &firm, dropped);
        counts.rejected = rejected(raw);
        let groups = Groups::new(firms.by_id.len(), &firm, &date, &fates);
        drop(fates);
        let without_period = severity.filter(|_| !table.publication.is_empty()).map(|severity| {
            let listed = |row: usize| severity.is_valid(row) && table.publication.contains_key(&severity.text(row));
            (0..typed.len()).filter(|row| !listed(*row)).count() as u64
        });
        let report = TableReport { without_period, names, ..report(table, &typed, raw, &firm, &date, repeated.as_deref(), counts) };
        Ok(Self { typed, groups, report })
    }
}

/// Undated and repeated records, where the card says that they are errors.
fn refused(table: &RecordTable, date: &[i32], repeated: Option<&[bool]>) -> Vec<DeriveFault> {
    let mut faults = Vec::new();
    let id = || table.id.clone();
    if table.undated == Undated::Error {
        let mut cells = Cells::new("undated record");
        date.iter().enumerate().filter(|(_, day)| **day == UNDATED).for_each(|(row, _)| cells.add(row, || None));
        if !cells.is_empty() {
            faults.push(DeriveFault::Undated { table: id(), column: table.date.clone(), cells });
        }
    }
    if table.duplicates == Duplicates::Error {
        let mut cells = Cells::new("row");
        repeated.unwrap_or_default().iter().enumerate().filter(|(_, repeated)| **repeated).for_each(|(row, _)| cells.add(row, || None));
        if !cells.is_empty() {
            faults.push(DeriveFault::Repeated { table: id(), cells });
        }
    }
    faults
}

/// Rows of the raw table that were left out because they cannot be read.
pub(super) fn rejected(raw: &RawTable) -> u64 {
    raw.account().rejected.iter().map(|reason| reason.count as u64).sum()
}

/// Records that end or are repaired before their date.
fn contradictions(table: &RecordTable, typed: &Typed, raw: &RawTable, date: &[i32]) -> Vec<Reason> {
    let keys = [(&table.end, "with an end before the date"), (&table.repaired, "repaired before the date")];
    let mut reasons = Vec::new();
    for (column, what) in keys.into_iter().filter_map(|(column, what)| Some((column.as_ref()?, what))) {
        let mut cells = Cells::new(what);
        let shown = |day: i32| Day::new(day).map_or_else(String::new, |day| day.to_string());
        for (row, (ends, begins)) in typed.days(column).into_iter().zip(date).enumerate() {
            if ends != UNDATED && *begins != UNDATED && ends < *begins {
                cells.add(row, || Some(format!("{} < {}", shown(ends), shown(*begins))));
            }
        }
        if !cells.is_empty() {
            raw.rows().into_iter().for_each(|rows| cells.stand_in(rows));
            let first = cells.first.into_iter().map(|(row, found)| crate::import::Place { row, found: found.unwrap_or_default() });
            reasons.push(Reason { reason: what.to_owned(), count: cells.total, first: first.collect() });
        }
    }
    reasons
}

fn report(
    table: &RecordTable,
    typed: &Typed,
    raw: &RawTable,
    firm: &[u32],
    date: &[i32],
    repeated: Option<&[bool]>,
    fates: Fates,
) -> TableReport {
    let mut unknown = Cells::new("record");
    let mut without_id = 0;
    let key = if table.matched == MatchBy::Name { &table.name } else { &table.firm_id };
    if let Some(ids) = key.as_ref().and_then(|key| typed.column(key)) {
        for (row, _) in firm.iter().enumerate().filter(|(_, firm)| **firm == UNMATCHED) {
            if ids.is_valid(row) && !ids.text(row).trim().is_empty() {
                unknown.add(row, || Some(ids.text(row)));
            } else {
                without_id += 1;
            }
        }
    }
    let days = date.iter().copied().filter(|day| *day != UNDATED);
    let shown = |day: Option<i32>| day.and_then(Day::new).map(|day| day.to_string());
    TableReport {
        table: table.id.clone(),
        title: table.title.clone(),
        source: Source::new(raw),
        read: typed.len() as u64 + fates.rejected,
        rejected: raw.account().rejected.clone(),
        fates,
        duplicates: repeated.map_or(0, |repeated| repeated.iter().filter(|repeated| **repeated).count() as u64),
        undated: date.iter().filter(|day| **day == UNDATED).count() as u64,
        without_period: None,
        names: None,
        contradictions: contradictions(table, typed, raw, date),
        unmatched: Unmatched {
            without_id,
            unknown_id: unknown.total as u64,
            first: {
                raw.rows().into_iter().for_each(|rows| unknown.stand_in(rows));
                unknown.first.into_iter().map(|(row, value)| Place { row, value }).collect()
            },
        },
        first_day: shown(days.clone().min()),
        last_day: shown(days.max()),
        columns: columns(typed, raw),
    }
}
