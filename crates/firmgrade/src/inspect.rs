//! Inspecting the data: columns found and bound, and, where something is wrong, every fault with its place.

use crate::card::{Indicator, Measure, Scorecard, Worth};
use crate::columns::{Column, Kind, Numbers, Table, Values};
use crate::fault::{Cells, DataFault};
use crate::ids::check_ids;
use crate::words::nearest;
use std::collections::HashSet;

/// The card's columns, in the card's order, and the number of firms of each table.
pub(crate) type Bound<'t> = Vec<(Vec<&'t Column<'t>>, usize)>;

/// The columns that a card reads and a table with these names does not have, each with its users and the name that may be meant.
#[must_use]
pub fn missing_columns<'n>(card: &Scorecard, names: impl Iterator<Item = &'n str> + Clone) -> Vec<DataFault> {
    let known: HashSet<&str> = names.clone().collect();
    let there = |name: &str| known.contains(name);
    let mut faults = Vec::new();
    for column in card.columns.iter().filter(|column| !there(&column.name)) {
        faults.push(missing_column(&column.name, users(card, &column.name), names.clone()));
    }
    if !there(card.id_column()) {
        faults.push(missing_column(card.id_column(), vec!["id_column".to_owned()], names));
    }
    faults
}

/// Finds the card's columns in the tables.
pub(crate) fn bind<'t>(card: &Scorecard, tables: &'t [Table<'t>]) -> Result<Bound<'t>, Vec<DataFault>> {
    let mut bound = Vec::with_capacity(tables.len());
    for table in tables {
        let mut faults = missing_columns(card, table.names());
        let mut columns = Vec::with_capacity(card.columns.len());
        for wanted in &card.columns {
            let Some(column) = table.column(&wanted.name) else { continue };
            match column.kind() {
                Some(found) if found != wanted.kind => {
                    faults.push(DataFault::WrongKind { column: wanted.name.clone(), found: found.to_string(), expected: wanted.kind });
                }
                _ => columns.push(column),
            }
        }
        if !faults.is_empty() {
            return Err(faults);
        }
        bound.push((columns, table.len()));
    }
    Ok(bound)
}

fn missing_column<'n>(name: &str, used_by: Vec<String>, names: impl Iterator<Item = &'n str>) -> DataFault {
    let near = nearest(name, names).map(str::to_owned);
    DataFault::MissingColumn { column: name.to_owned(), used_by, near }
}

/// The indicators and overrides that read a column.
fn users(card: &Scorecard, name: &str) -> Vec<String> {
    let is = |index: usize| card.columns.get(index).is_some_and(|column| column.name == name);
    let indicators = card.indicators.iter().filter(|i| is(i.column)).map(|i| i.id.clone());
    let rules = card.rules.iter().filter(|rule| rule.columns.iter().any(|column| is(*column))).map(|rule| rule.id.clone());
    indicators.chain(rules).collect()
}

/// Faults of the ids.
pub(crate) fn id_faults(card: &Scorecard, tables: &[Table<'_>]) -> Vec<DataFault> {
    let ids: Vec<&Column<'_>> = tables.iter().filter_map(|table| table.column(card.id_column())).collect();
    check_ids(card.id_column(), &ids)
}

/// Every fault of the data, after those of the ids. Cells are looked at one by one only where `score` says that one of them is faulty, or
/// where an override reads a number.
pub(crate) fn inspect(
    card: &Scorecard,
    tables: &[Table<'_>],
    bound: &Bound<'_>,
    mut faults: Vec<DataFault>,
    score: Option<&[f64]>,
) -> Vec<DataFault> {
    for (index, column) in card.columns.iter().enumerate() {
        let pieces: Vec<&Column<'_>> = bound.iter().filter_map(|(columns, _)| columns.get(index).copied()).collect();
        let by_rule_only = !card.indicators.iter().any(|indicator| indicator.column == index);
        if column.kind == Kind::Number && (score.is_some() || by_rule_only) {
            let cells = infinities(&pieces);
            if !cells.is_empty() {
                faults.push(DataFault::Infinite { column: column.name.clone(), cells });
            }
        }
        if score.is_some() {
            for indicator in card.indicators.iter().filter(|i| i.column == index) {
                faults.extend(value_faults(indicator, &column.name, &pieces));
            }
        }
    }
    if let Some(score) = score
        && faults.is_empty()
        && card.grades.coverage_below.is_none()
    {
        let mut cells = Cells::new("firm without any data");
        for (row, _) in score.iter().enumerate().filter(|(_, score)| score.is_nan()) {
            cells.add(row, || None);
        }
        if !cells.is_empty() {
            faults.push(DataFault::NoData { cells });
        }
    }
    if tables.iter().all(Table::is_empty) {
        faults.push(DataFault::NoFirms);
    }
    faults
}

/// Rows of all pieces, counted through.
fn rows<'p>(pieces: &'p [&Column<'p>]) -> impl Iterator<Item = (usize, &'p Column<'p>, usize)> {
    let mut offset = 0;
    pieces.iter().flat_map(move |piece| {
        let start = offset;
        offset += piece.len();
        (0..piece.len()).map(move |row| (start + row, *piece, row))
    })
}

fn number_at(numbers: &Numbers<'_>, row: usize) -> f64 {
    let mut buffer = [f64::NAN];
    numbers.block(row..row + 1, &mut buffer).first().copied().unwrap_or(f64::NAN)
}

fn infinities(pieces: &[&Column<'_>]) -> Cells {
    let mut cells = Cells::new("infinite value");
    let floats = |piece: &Column<'_>| matches!(piece.values, Values::Number(Numbers::F64(_) | Numbers::F32(_)));
    if pieces.iter().any(|piece| floats(piece)) {
        for (place, piece, row) in rows(pieces) {
            if let Values::Number(numbers) = &piece.values {
                let x = number_at(numbers, row);
                if x.is_infinite() && piece.is_valid(row) {
                    cells.add(place, || Some(x.to_string()));
                }
            }
        }
    }
    cells
}

/// Missing and uncovered values of one indicator that the card declares errors.
pub(crate) fn value_faults(indicator: &Indicator, name: &str, pieces: &[&Column<'_>]) -> Vec<DataFault> {
    let mut missing = Cells::new("missing value");
    let mut outside = Cells::new("value");
    let missing_matters = indicator.missing == Worth::Error;
    for (place, piece, row) in rows(pieces) {
        let covered = indicator.covers(piece, row);
        let is_missing = !piece.is_valid(row) || (!covered && indicator.outside == Worth::Missing);
        if is_missing && missing_matters {
            missing.add(place, || None);
        } else if !is_missing && !covered && indicator.outside == Worth::Error {
            outside.add(place, || Some(piece.text(row)));
        }
    }
    let (column, indicator) = (name.to_owned(), indicator.id.clone());
    let mut faults = Vec::new();
    if !missing.is_empty() {
        faults.push(DataFault::Missing { column: column.clone(), indicator: indicator.clone(), cells: missing });
    }
    if !outside.is_empty() {
        faults.push(DataFault::Outside { column, indicator, cells: outside });
    }
    faults
}

impl Indicator {
    /// Whether a band or category covers the value of a row. Where the value is missing the answer means nothing; an infinite number is
    /// another fault, not an uncovered value.
    #[must_use]
    pub fn covers(&self, column: &Column<'_>, row: usize) -> bool {
        match (&self.measure, &column.values) {
            (Measure::Bands(bands), Values::Number(numbers)) => {
                let x = number_at(numbers, row);
                x.is_infinite() || bands.risk(x).is_some()
            }
            (Measure::Categories(categories), Values::Text(texts)) => {
                let text = texts.bytes(row);
                categories.iter().any(|(name, _)| name.as_bytes() == text)
            }
            _ => true,
        }
    }
}
