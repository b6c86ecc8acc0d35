//! One table of records, made ready for its indicators: matched to firms, dated, sorted out as of a day, grouped.

use super::fate::{Fates, UNDATED, UNMATCHED, fates};
use super::fault::DeriveFault;
use super::firms::FirmIndex;
use super::group::Groups;
use super::repeats::repeats;
use super::report::{ColumnReport, Place, TableReport, Unmatched};
use super::typed::{Typed, Wanted};
use firmgrade::Cells;
use firmgrade::as_of::{AsOf, RecordColumns};
use firmgrade::calendar::Day;
use firmgrade::card::{Duplicates, RecordTable, Undated};
use firmgrade::columns::{Column, Values};
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
    pub fn new(
        table: &RecordTable,
        frame: &DataFrame,
        wanted: &[Wanted],
        index: &FirmIndex<'_>,
        as_of: Day,
    ) -> Result<Self, Vec<DeriveFault>> {
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
        let (fates, counts) = fates(&AsOf::new(table, as_of, Window::All), &columns, &firm, dropped);
        let groups = Groups::new(index.len(), &firm, &date, &fates);
        drop(fates);
        let without_period = severity.filter(|_| !table.publication.is_empty()).map(|severity| {
            let listed = |row: usize| severity.is_valid(row) && table.publication.contains_key(&severity.text(row));
            (0..typed.len()).filter(|row| !listed(*row)).count() as u64
        });
        let report = report(table, &typed, &firm, &date, repeated.as_deref(), counts, without_period);
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
