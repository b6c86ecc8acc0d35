//! The checked form of what a card says about raw records: the tables, and the indicators that are derived from them.

use super::raw::{Aggregate, DateOrder, Duplicates, MatchBy, Money, Undated, Unreadable};
use crate::columns::{ColumnKind, Kind};
use crate::condition::{Condition, Expression};
use crate::window::Window;
use indexmap::IndexMap;

/// What a card derives from raw tables. Each derived indicator becomes a column that is named after its id.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Derivation {
    pub(super) tables: Vec<RecordTable>,
    pub(super) derived: Vec<Derived>,
    pub(super) order: Vec<usize>,
    pub(super) firm_columns: Vec<RawColumn>,
}

impl Derivation {
    /// The tables of records, in the order of the card.
    #[must_use]
    pub fn record_tables(&self) -> &[RecordTable] {
        &self.tables
    }

    /// The derived indicators, in the order of the card.
    #[must_use]
    pub fn derived(&self) -> &[Derived] {
        &self.derived
    }

    /// Indices into [`derived`](Self::derived) in an order in which each expression comes after the derived indicators that it reads.
    #[must_use]
    pub fn order(&self) -> &[usize] {
        &self.order
    }

    /// The columns of the firm table that expressions read, each once; derived indicators are not among them.
    #[must_use]
    pub fn firm_columns(&self) -> &[RawColumn] {
        &self.firm_columns
    }

    /// Whether the card derives nothing.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.derived.is_empty()
    }
}

/// A column of raw data and what it holds.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RawColumn {
    /// Its name.
    pub name: String,
    /// What it holds.
    pub kind: ColumnKind,
}

/// A table of records.
#[derive(Clone, Debug, PartialEq)]
pub struct RecordTable {
    /// Short name.
    pub id: String,
    /// The name that people read; the id where the card gives none.
    pub title: String,
    /// How a record finds its firm.
    pub matched: MatchBy,
    /// The column that identifies the firm; there where records find their firm by id.
    pub firm_id: Option<String>,
    /// The column with the name of the firm; there where records find their firm by name.
    pub name: Option<String>,
    /// The column with the day of the record.
    pub date: String,
    /// The column with the day from which on the record is no longer in force.
    pub end: Option<String>,
    /// The column with the day from which on the record is repaired.
    pub repaired: Option<String>,
    /// The column with the kind of record.
    pub kind: Option<String>,
    /// Kinds that never count.
    pub not_counted: Vec<String>,
    /// The column with the severity.
    pub severity: Option<String>,
    /// How long a record stays published, by severity.
    pub publication: IndexMap<String, Window>,
    /// What happens to records without a date.
    pub undated: Undated,
    /// What happens to rows that stand in the table twice.
    pub duplicates: Duplicates,
    /// Columns with amounts of money, and their unit.
    pub numbers: IndexMap<String, Money>,
    /// All columns that are read, each once: firm id, name, date, end, repaired, kind, severity, then as indicators use them.
    pub columns: Vec<RawColumn>,
}

impl RecordTable {
    /// The column of that name, where the table reads it.
    #[must_use]
    pub fn column(&self, name: &str) -> Option<&RawColumn> {
        self.columns.iter().find(|column| column.name == name)
    }
}

/// A derived indicator.
#[derive(Clone, Debug, PartialEq)]
pub struct Derived {
    /// The id of the indicator, and the name of the column that it becomes.
    pub id: String,
    /// The name that people read.
    pub title: String,
    /// What the column holds.
    pub kind: Kind,
    /// What it is derived from.
    pub source: Source,
}

/// What an indicator is derived from.
#[derive(Clone, Debug, PartialEq)]
pub enum Source {
    /// The records of a firm.
    Records(Box<FromRecords>),
    /// Columns of the firm table and other derived indicators.
    Expression(Expression),
}

/// How an indicator comes of a firm's records.
#[derive(Clone, Debug, PartialEq)]
pub struct FromRecords {
    /// Index of the table in [`Derivation::record_tables`].
    pub table: usize,
    /// What is made of the records.
    pub aggregate: Aggregate,
    /// The column that is aggregated.
    pub of: Option<RawColumn>,
    /// The column by which [`Aggregate::TopShare`] groups.
    pub by: Option<RawColumn>,
    /// Which records are looked at; all where absent. Its columns are those of the table, dates as numbers of days.
    pub filter: Option<Condition>,
    /// Which of them [`Aggregate::Share`] takes the share of.
    pub share: Option<Condition>,
    /// How far back records count.
    pub window: Window,
    /// The value where a firm has no record; missing where absent.
    pub empty: Option<EmptyValue>,
}

/// The value of an indicator where a firm has no record.
#[derive(Clone, Debug, PartialEq)]
pub enum EmptyValue {
    /// A number.
    Number(f64),
    /// Yes or no.
    Flag(bool),
    /// A text.
    Text(String),
}

/// How the cells of a table are read.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Reading {
    /// Texts that stand for a missing value, beside the empty cell.
    pub missing: Vec<String>,
    /// How a date is read whose order of day and month is open.
    pub dates: DateOrder,
    /// Texts that mean yes.
    pub true_words: Vec<String>,
    /// Texts that mean no.
    pub false_words: Vec<String>,
    /// What happens to cells that cannot be read.
    pub unreadable: Unreadable,
    /// The row in which the header stands, from 1.
    pub header_row: Option<usize>,
    /// The sheet of a workbook.
    pub sheet: Option<String>,
}
