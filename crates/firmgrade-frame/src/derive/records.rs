//! One table of records, made ready for its indicators: matched to firms, dated, sorted out as of a day, grouped.

use super::codes::Coded;
use super::fate::{Evidence, Fates, UNDATED, UNMATCHED, fates};
use super::fault::DeriveFault;
use super::firms::FirmIndex;
use super::group::Groups;
use super::repeats::repeats;
use super::report::{ColumnReport, Place, TableReport, Unmatched};
use super::typed::{Typed, Wanted};
use firmgrade::Cells;
use firmgrade::calendar::Day;
use firmgrade::card::{Duplicates, RecordTable, Undated};
use firmgrade::window::Window;
use polars::prelude::DataFrame;

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
    pub fn new(table: &RecordTable, frame: &DataFrame, wanted: &[Wanted], index: &FirmIndex<'_>, as_of: Day) -> Result<Self, Vec<DeriveFault>> {
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
        let ids = typed.column(&table.firm_id).into_iter().collect::<Vec<_>>();
        let firm = index.match_records(&ids);
        let days = |name: &Option<String>| name.as_deref().map(|name| typed.days(name));
        let (end, repaired) = (days(&table.end), days(&table.repaired));
        let kinds = words(&typed, table.kind.as_deref());
        let not_counted = kinds.map(|kinds| kinds.each(|word| word.is_some_and(|word| table.not_counted.iter().any(|kind| kind == word))));
        let severities = words(&typed, table.severity.as_deref()).filter(|_| !table.publication.is_empty());
        let start = |window: &Window| window.start(as_of).map_or(UNDATED, Day::days);
        let published_after = severities.as_ref().map(|severities| {
            severities.each(|word| word.and_then(|word| table.publication.get(word)).map_or(UNDATED, start))
        });
        let evidence = Evidence {
            firm: &firm,
            date: &date,
            undated_count: table.undated == Undated::Count,
            repeats: repeated.as_deref().filter(|_| table.duplicates == Duplicates::Drop),
            end: end.as_deref(),
            repaired: repaired.as_deref(),
            not_counted: not_counted.as_deref(),
            published_after: published_after.as_deref(),
        };
        let (fates, counts) = fates(&evidence, as_of.days());
        let groups = Groups::new(index.len(), &firm, &date, &fates);
        let unpublished = severities
            .map(|severities| severities.each(|word| word.is_none_or(|word| !table.publication.contains_key(word))))
            .map(|unknown| unknown.iter().filter(|unknown| **unknown).count() as u64);
        let report = report(table, &typed, &firm, &date, repeated.as_deref(), counts, unpublished);
        Ok(Self { typed, groups, report })
    }
}

/// A text column in codes.
struct Words(Coded);

impl Words {
    /// What `f` makes of each row's text; it is asked once for each text.
    fn each<T: Copy>(&self, f: impl Fn(Option<&str>) -> T) -> Vec<T> {
        let (none, known) = (f(None), self.0.words.iter().map(|word| f(Some(word))).collect::<Vec<T>>());
        self.0.codes.iter().map(|code| known.get(*code as usize).copied().unwrap_or(none)).collect()
    }
}

fn words(typed: &Typed, name: Option<&str>) -> Option<Words> {
    Some(Words(Coded::new(&typed.column(name?)?, false)))
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

fn report(
    table: &RecordTable,
    typed: &Typed,
    firm: &[u32],
    date: &[i32],
    repeated: Option<&[bool]>,
    fates: Fates,
    without_period: Option<u64>,
) -> TableReport {
    let mut unknown = Cells::new("record");
    let mut without_id = 0;
    if let Some(ids) = typed.column(&table.firm_id) {
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
        read: typed.len() as u64,
        fates,
        duplicates: repeated.map_or(0, |repeated| repeated.iter().filter(|repeated| **repeated).count() as u64),
        undated: date.iter().filter(|day| **day == UNDATED).count() as u64,
        without_period,
        unmatched: Unmatched {
            without_id,
            unknown_id: unknown.total as u64,
            first: unknown.first.into_iter().map(|(row, value)| Place { row, value }).collect(),
        },
        first_day: shown(days.clone().min()),
        last_day: shown(days.max()),
        columns: typed.columns().map(|(series, kind)| ColumnReport::new(series, kind)).collect(),
    }
}
