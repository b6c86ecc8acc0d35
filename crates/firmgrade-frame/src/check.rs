//! What a card would meet in a table: each column's type, missing share, values that it does not cover, and more, before anything is graded.

use crate::convert::Input;
use firmgrade::card::Measure;
use firmgrade::columns::{Column, Kind};
use firmgrade::{DataFault, Scorecard};
use polars::prelude::*;
use rayon::prelude::*;
use serde::Serialize;

/// What was found in a table.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct CheckReport {
    /// Number of firms.
    pub firms: usize,
    /// The columns that the card reads, in its order.
    pub columns: Vec<CheckedColumn>,
    /// What would stop grading, as it would be said.
    pub faults: Vec<String>,
}

/// What was found in one column.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct CheckedColumn {
    /// Its name.
    pub column: String,
    /// What the card reads.
    pub expected: Kind,
    /// Its type in the table; `None` where it is not there.
    pub found: Option<String>,
    /// Missing values.
    pub missing: usize,
    /// `missing` as a share of all firms, from 0 to 1.
    pub missing_share: f64,
    /// Values that no band or category covers, by the indicator that covers fewest.
    pub uncovered: usize,
    /// The first few of them.
    pub uncovered_values: Vec<String>,
    /// The only value of the column, where it has just one.
    pub constant: Option<String>,
}

/// How many uncovered values are named.
const NAMED: usize = 5;

/// Looks at a table with the eyes of a card.
#[must_use]
pub fn check(card: &Scorecard, frame: &DataFrame) -> CheckReport {
    let mut report = CheckReport { firms: frame.height(), columns: Vec::new(), faults: Vec::new() };
    let input = match Input::new(card, frame) {
        Ok(input) => Some(input),
        Err(faults) => {
            report.faults.extend(faults.iter().map(DataFault::to_string));
            None
        }
    };
    let options = firmgrade::GradeOptions { reasons: 0, contributions: false };
    if let Some(input) = &input
        && let Err(firmgrade::Error::Data(faults)) = firmgrade::grade(card, &input.tables(), options)
    {
        report.faults.extend(faults.iter().map(DataFault::to_string));
    }
    let columns: Vec<CheckedColumn> = card
        .columns()
        .par_iter()
        .enumerate()
        .map(|(index, wanted)| {
            let found = frame.column(&wanted.name).ok().map(|column| column.as_materialized_series());
            let mut checked = CheckedColumn {
                column: wanted.name.clone(),
                expected: wanted.kind,
                found: found.map(|series| series.dtype().to_string()),
                missing: 0,
                missing_share: 0.0,
                uncovered: 0,
                uncovered_values: Vec::new(),
                constant: None,
            };
            if let Some(input) = &input {
                look(card, index, input, &mut checked);
            } else if let Some(series) = found {
                checked.missing = series.null_count();
            }
            checked.missing_share = checked.missing as f64 / frame.height().max(1) as f64;
            checked
        })
        .collect();
    report.columns = columns;
    report
}

fn look(card: &Scorecard, index: usize, input: &Input, checked: &mut CheckedColumn) {
    let tables = input.tables();
    let pieces: Vec<&Column<'_>> = tables.iter().filter_map(|table| table.column(&checked.column)).collect();
    checked.missing = pieces.iter().map(|piece| (0..piece.len()).filter(|row| !piece.is_valid(*row)).count()).sum();
    for indicator in card.indicators().iter().filter(|indicator| indicator.column == index) {
        if !matches!(indicator.measure, Measure::Bands(_) | Measure::Categories(_)) {
            continue;
        }
        let (mut uncovered, mut values) = (0, Vec::new());
        for piece in &pieces {
            for row in (0..piece.len()).filter(|row| piece.is_valid(*row) && !indicator.covers(piece, *row)) {
                uncovered += 1;
                if values.len() < NAMED {
                    let value = firmgrade::mask(&piece.text(row));
                    if !values.contains(&value) {
                        values.push(value);
                    }
                }
            }
        }
        if uncovered > checked.uncovered {
            (checked.uncovered, checked.uncovered_values) = (uncovered, values);
        }
    }
    let mut present = pieces.iter().flat_map(|piece| (0..piece.len()).filter(|row| piece.is_valid(*row)).map(|row| piece.text(row)));
    if let Some(first) = present.next()
        && present.all(|other| other == first)
        && input.len() > 1
    {
        checked.constant = Some(firmgrade::mask(&first));
    }
}
