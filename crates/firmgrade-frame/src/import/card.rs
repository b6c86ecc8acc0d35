//! How a card reads one of its tables.

use firmgrade::Scorecard;
use firmgrade::card::{DateOrder as Order, FIRMS, Money};
use firmgrade::columns::{ColumnKind, Kind};

use super::{CellKind, Duplicates, Reading};
use crate::clean::DateOrder;

/// How a card reads the table of that id, [`FIRMS`] for the firm table: its `[mapping]` and `[reading]`, and the columns that it names. A
/// header that is spelt as the card's column is that column.
#[must_use]
pub fn reading(card: &Scorecard, table: &str) -> Reading {
    let kinds = kinds(card, table);
    let spelt = card.mapping().get(table).into_iter().flatten().map(|(header, column)| (header.clone(), column.clone()));
    let own = kinds.iter().map(|(column, _)| (column.clone(), column.clone()));
    let cells = card.reading(table);
    Reading {
        table: table.to_owned(),
        mapping: spelt.chain(own).collect(),
        kinds,
        needed: Vec::new(),
        missing: cells.missing,
        dates: match cells.dates {
            Order::YearFirst => DateOrder::YearFirst,
            Order::DayFirst => DateOrder::DayFirst,
            Order::MonthFirst => DateOrder::MonthFirst,
        },
        true_words: cells.true_words,
        false_words: cells.false_words,
        header_row: cells.header_row,
        encoding: None,
        sheet: cells.sheet,
        duplicates: Duplicates::Count,
        unreadable: cells.unreadable,
    }
}

/// The columns that the card reads in a table, each once, and how their cells are read.
fn kinds(card: &Scorecard, table: &str) -> Vec<(String, CellKind)> {
    let mut kinds: Vec<(String, CellKind)> = Vec::new();
    let mut add = |name: &str, kind: CellKind| {
        if !kinds.iter().any(|(known, _)| known == name) {
            kinds.push((name.to_owned(), kind));
        }
    };
    let derivation = card.derivation();
    if table == FIRMS {
        add(card.id_column(), CellKind::Id);
        card.name_column().into_iter().for_each(|name| add(name, CellKind::Text));
        derivation.firm_columns().iter().for_each(|column| add(&column.name, cells(column.kind)));
        for column in card.columns() {
            let kind = match column.kind {
                Kind::Number => CellKind::Number,
                Kind::Text => CellKind::Text,
                Kind::Flag => CellKind::Flag,
            };
            add(&column.name, kind);
        }
    } else if let Some(table) = derivation.record_tables().iter().find(|known| known.id == table) {
        table.firm_id.iter().for_each(|id| add(id, CellKind::Id));
        for column in &table.columns {
            let kind = match table.numbers.get(&column.name) {
                Some(Money::TenThousandYuan) => CellKind::TenThousandYuan,
                Some(Money::Yuan) | None => cells(column.kind),
            };
            add(&column.name, kind);
        }
    }
    kinds
}

fn cells(kind: ColumnKind) -> CellKind {
    match kind {
        ColumnKind::Number => CellKind::Number,
        ColumnKind::Text => CellKind::Text,
        ColumnKind::Flag => CellKind::Flag,
        ColumnKind::Date => CellKind::Date,
    }
}
