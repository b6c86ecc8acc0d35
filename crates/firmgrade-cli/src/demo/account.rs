//! What became of the records: a table, short.

use crate::tables::{Grid, count, counted};
use firmgrade_frame::{DeriveReport, Fates};

/// Every record read is in exactly one of the columns behind `read`.
pub(super) fn of(report: &DeriveReport) -> String {
    let mut grid = Grid::new(&[
        "table",
        "title",
        ">read",
        ">counting",
        ">future",
        ">ended",
        ">expired",
        ">repaired",
        ">not counted",
        ">undated",
        ">duplicate",
        ">unmatched",
    ]);
    let figures = |read: u64, fates: &Fates| {
        let parts = [
            fates.counting,
            fates.future,
            fates.ended,
            fates.expired,
            fates.repaired,
            fates.not_counted,
            fates.undated,
            fates.duplicate,
            fates.unmatched,
        ];
        [read].into_iter().chain(parts).collect::<Vec<u64>>()
    };
    let mut sums = vec![0; 10];
    for table in &report.tables {
        let row = figures(table.read, &table.fates);
        sums.iter_mut().zip(&row).for_each(|(sum, figure)| *sum += figure);
        let head = [table.table.clone(), table.title.clone()].into_iter();
        grid.row(head.chain(row.into_iter().map(|records| count(records as usize))));
    }
    let head = ["all".to_owned(), String::new()].into_iter();
    grid.row(head.chain(sums.into_iter().map(|records| count(records as usize))));
    format!(
        "What became of the records: {} derived from those that count as of {}\n{}",
        counted(report.indicators.len(), "indicator"),
        report.as_of,
        grid.text()
    )
}
