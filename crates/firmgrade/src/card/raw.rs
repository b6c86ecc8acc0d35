//! What a scorecard file says about raw records: their tables, how headers and cells are read, and how indicators come of them.

use crate::columns::ColumnKind;
use indexmap::IndexMap;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// The name of the firm table in `[mapping]` and `[reading]`.
pub const FIRMS: &str = "firms";

/// A table of raw records: penalties, inspections, complaints, invoices …
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct RecordsSpec {
    /// Short name, which indicators give in `from`.
    pub id: String,
    /// The name that people read.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub title: Option<String>,
    /// How a record finds its firm.
    #[serde(default, rename = "match", skip_serializing_if = "is_default")]
    pub matched: MatchBy,
    /// The column that identifies the firm; needed where records find their firm by id.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub firm_id: Option<String>,
    /// The column with the name of the firm: needed where records find their firm by name, and beside an id compared with it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub name: Option<String>,
    /// The column with the day of the record; it counts from that day on.
    pub date: String,
    /// The column with the day from which on the record is no longer in force, such as the removal from a list.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub end: Option<String>,
    /// The column with the day from which on the record is repaired and does not count.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub repaired: Option<String>,
    /// The column with the kind of record.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub kind: Option<String>,
    /// Kinds that never count, such as warnings and listed minor acts.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub not_counted: Vec<String>,
    /// The column with the severity of the record.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub severity: Option<String>,
    /// How long a record stays published, by severity: `"12 months"`, `"3 years"`, `"90 days"` or `"all"`. A severity that is missing or
    /// does not stand here has no limit.
    #[serde(default, skip_serializing_if = "IndexMap::is_empty")]
    pub publication: IndexMap<String, String>,
    /// What happens to records without a date.
    #[serde(default, skip_serializing_if = "is_default")]
    pub undated: Undated,
    /// What happens to rows that stand in the table twice, equal in all columns.
    #[serde(default, skip_serializing_if = "is_default")]
    pub duplicates: Duplicates,
    /// Columns with amounts of money, and their unit; they are read in yuan.
    #[serde(default, skip_serializing_if = "IndexMap::is_empty")]
    pub numbers: IndexMap<String, Money>,
    /// What columns hold where their use does not tell.
    #[serde(default, skip_serializing_if = "IndexMap::is_empty")]
    pub columns: IndexMap<String, ColumnKind>,
}

/// How a record finds its firm.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum MatchBy {
    /// By its id.
    #[default]
    Id,
    /// By its name, for tables without an id. Width, case, blanks and kinds of brackets do not matter; a name that several firms have
    /// belongs to none of them.
    Name,
}

/// What happens to cells that cannot be read as what their column holds, and to rows that do not have the cells of the header.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Unreadable {
    /// They are an error of the data.
    #[default]
    Error,
    /// Such a cell is missing; such a row is left out.
    Missing,
    /// The row is left out.
    Drop,
}

/// What happens to records without a date.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Undated {
    /// They are an error of the data.
    #[default]
    Error,
    /// They are left out.
    Drop,
    /// They count on every day, in every window.
    Count,
}

/// What happens to rows that stand in the table twice, equal in all columns.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Duplicates {
    /// Each of them counts.
    // Not `drop`: repairing one of two equal rows would change grades as of days before the repair.
    #[default]
    Count,
    /// All but the first are left out.
    Drop,
    /// They are an error of the data.
    Error,
}

/// The unit of a column with amounts of money.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Money {
    /// 元.
    Yuan,
    /// 万元: ten thousand yuan.
    TenThousandYuan,
}

/// How cells are read: for all tables, and for single ones by table id.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct ReadingSpec {
    /// For all tables.
    #[serde(flatten)]
    pub all: CellsSpec,
    /// For single tables; what is absent there holds as for all.
    #[serde(flatten)]
    pub tables: IndexMap<String, CellsSpec>,
}

impl ReadingSpec {
    pub(crate) fn is_default(&self) -> bool {
        *self == Self::default()
    }
}

/// How the cells of a table are read.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct CellsSpec {
    /// Texts that stand for a missing value, beside the empty cell.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub missing: Option<Vec<String>>,
    /// How a date is read whose order of day and month is open.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub dates: Option<DateOrder>,
    /// Texts that mean yes.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub true_words: Option<Vec<String>>,
    /// Texts that mean no.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub false_words: Option<Vec<String>>,
    /// What happens to cells that cannot be read.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub unreadable: Option<Unreadable>,
    /// The row in which the header stands, from 1; where absent it is the row with the most known headers among the first 50.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub header_row: Option<usize>,
    /// The sheet of a workbook; where absent the first visible one with something in it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub sheet: Option<String>,
}

impl CellsSpec {
    pub(crate) fn is_default(&self) -> bool {
        *self == Self::default()
    }
}

/// How a date such as 03/04/2022 is read.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum DateOrder {
    /// Not at all: only dates that begin with the year.
    #[default]
    YearFirst,
    /// As the 3rd of April.
    DayFirst,
    /// As the 4th of March.
    MonthFirst,
}

/// What is made of a firm's records.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Aggregate {
    /// How many there are.
    Count,
    /// The sum of `of`.
    Sum,
    /// The greatest `of`.
    Max,
    /// The least `of`.
    Min,
    /// The mean of `of`.
    Mean,
    /// How many different `of` there are.
    Distinct,
    /// `of` on the last day; of several, the greatest (the last by bytes).
    Last,
    /// Days from the last record to the as-of day.
    DaysSinceLast,
    /// Days from the first record to the as-of day.
    DaysSinceFirst,
    /// Whether there is any.
    Any,
    /// The share of records for which `share_where` holds, from 0 to 1.
    Share,
    /// In how many calendar months there is a record.
    Months,
    /// `(now − before) / before` of the sum of `of`, or of the count: the window against the one of the same length before it.
    Trend,
    /// The largest share of the sum of `of`, or of the count, that one value of `by` has, from 0 to 1.
    TopShare,
}

impl Aggregate {
    /// The word used in scorecards and messages.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Count => "count",
            Self::Sum => "sum",
            Self::Max => "max",
            Self::Min => "min",
            Self::Mean => "mean",
            Self::Distinct => "distinct",
            Self::Last => "last",
            Self::DaysSinceLast => "days_since_last",
            Self::DaysSinceFirst => "days_since_first",
            Self::Any => "any",
            Self::Share => "share",
            Self::Months => "months",
            Self::Trend => "trend",
            Self::TopShare => "top_share",
        }
    }
}

/// The value of an indicator where a firm has no record.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(untagged)]
pub enum EmptySpec {
    /// Yes or no.
    Flag(bool),
    /// A number.
    Number(f64),
    /// A text.
    Text(String),
}

fn is_default<T: Default + PartialEq>(value: &T) -> bool {
    *value == T::default()
}
