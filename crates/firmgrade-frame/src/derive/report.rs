//! What became of the data: by table and column, and by indicator.

use super::aggregate::Use;
use super::fate::Fates;
use super::fault::DeriveFault;
use super::raw::RawTable;
use super::spread::{Drift, Spread};
use super::typed::Typed;
use crate::import::{CodeCounts, Encoding, Identity, NameMatch, Reason};
use firmgrade::calendar::Day;
use firmgrade::card::FIRMS;
use firmgrade::columns::ColumnKind;
use firmgrade::mask;
use polars::prelude::Series;
use serde::{Deserialize, Serialize};

/// What became of the data from which indicators were derived. A later run can be held against it.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct DeriveReport {
    /// Id of the scorecard.
    pub scorecard: String,
    /// Version of the scorecard.
    pub scorecard_version: String,
    /// SHA-256 of the resolved scorecard.
    pub scorecard_digest: String,
    /// Version of the engine.
    pub engine_version: String,
    /// The as-of day, YYYY-MM-DD.
    pub as_of: String,
    /// Number of firms.
    pub firms: u64,
    /// The firm table; absent in reports of earlier versions.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub firm_table: Option<FirmTableReport>,
    /// What ids and names say about each other, over the firm table and all tables of records that have both; absent where none has.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub identity: Option<Identity>,
    /// The tables of records, in the order of the card.
    pub tables: Vec<TableReport>,
    /// The derived indicators, in the order of the card.
    pub indicators: Vec<IndicatorReport>,
}

/// What became of the firm table.
///
/// ```text
/// read = firms + the counts of `rejected`
/// ```
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct FirmTableReport {
    /// Where it comes from.
    pub source: Source,
    /// Rows read.
    pub read: u64,
    /// Rows left out because they cannot be read, by reason.
    pub rejected: Vec<Reason>,
    /// The columns that the card reads.
    pub columns: Vec<ColumnReport>,
    /// Firms whose id is the number of a natural person; it is masked in everything that leaves.
    pub persons: u64,
    /// Those of them whose masked number another firm before them has too, so that `#2`, `#3` … tells them apart.
    pub persons_alike: u64,
}

/// Where a table comes from.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Source {
    /// The file; absent for a table in memory, whose rows are counted from 1 without a header.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub file: Option<String>,
    /// What the file is by its content.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub format: Option<String>,
    /// Its encoding, where it is text.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub encoding: Option<Encoding>,
    /// The row of the file in which the header stands, from 1; 0 where there is none.
    #[serde(default)]
    pub header_row: usize,
    /// Rows above the header with something in them.
    #[serde(default)]
    pub title_rows: usize,
    /// Rows below the header with nothing in them; they are not counted as read.
    #[serde(default)]
    pub blank: usize,
    /// Columns without a name and without content.
    #[serde(default)]
    pub empty_columns: usize,
}

impl Source {
    pub(super) fn new(raw: &RawTable) -> Self {
        let account = raw.account();
        Self {
            file: raw.file().map(str::to_owned),
            format: raw.file().map(|_| account.format.clone()),
            encoding: account.encoding,
            header_row: account.header_row,
            title_rows: account.title_rows,
            blank: account.blank,
            empty_columns: account.empty_columns,
        }
    }
}

/// What became of one table of records.
///
/// ```text
/// read = counting + rejected + unmatched + ambiguous + duplicate + undated + future + not_counted
///        + repaired + ended + expired                                                             (in `fates`)
/// ```
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct TableReport {
    /// Id of the table.
    pub table: String,
    /// The name that people read.
    pub title: String,
    /// Where it comes from.
    #[serde(default)]
    pub source: Source,
    /// Records read.
    pub read: u64,
    /// Rows left out because they cannot be read, by reason.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub rejected: Vec<Reason>,
    /// How records found their firm by name; absent where they do by id.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub names: Option<NameMatch>,
    /// What became of them as of the day.
    pub fates: Fates,
    /// Rows equal in all columns to an earlier one, whatever the card does with them.
    pub duplicates: u64,
    /// Records without a date, whatever the card does with them.
    pub undated: u64,
    /// Records whose severity has no publication period, so that they stay in force; absent where the card states no periods.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub without_period: Option<u64>,
    /// Records that contradict themselves, such as those that end before their date; they are judged as they stand.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub contradictions: Vec<Reason>,
    /// Records that belong to no firm of the firm table.
    pub unmatched: Unmatched,
    /// The first day of a record, YYYY-MM-DD.
    pub first_day: Option<String>,
    /// The last day of a record, YYYY-MM-DD.
    pub last_day: Option<String>,
    /// The columns that the card reads.
    pub columns: Vec<ColumnReport>,
}

/// Records that belong to no firm of the firm table.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Unmatched {
    /// Those without an id.
    pub without_id: u64,
    /// Those whose id is not in the firm table.
    pub unknown_id: u64,
    /// The first few of these.
    pub first: Vec<Place>,
}

/// A cell.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Place {
    /// Its row: that of the file, from 1, or of a table in memory, from 1 without a header.
    pub row: usize,
    /// Its value; numbers of natural persons are masked.
    pub value: Option<String>,
}

/// One column of a table.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct ColumnReport {
    /// Its name.
    pub column: String,
    /// What the card reads in it.
    pub kind: ColumnKind,
    /// Rows without a value.
    pub missing: u64,
    /// `missing` as a share of all rows, from 0 to 1.
    pub missing_share: f64,
    /// The header, where it is spelt otherwise than the column.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub header: Option<String>,
    /// Of the missing: dates that software writes where there is none, such as 9999-12-31.
    #[serde(default)]
    pub placeholders: u64,
    /// Cells that were read after cleaning: blanks, width, case, another form of date, unit or separators.
    #[serde(default)]
    pub repaired: u64,
    /// Cells that could not be read and are missing (or whose rows were left out), by reason.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub unreadable: Vec<Reason>,
    /// Ids that are codes, by kind.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub codes: Option<CodeCounts>,
    /// The least value of a number, or the first day.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub least: Option<String>,
    /// The greatest value of a number, or the last day.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub greatest: Option<String>,
}

/// The columns of a table that a card reads: what they hold, and what was done to their cells.
pub(super) fn columns(typed: &Typed, raw: &RawTable) -> Vec<ColumnReport> {
    let cells = |name: &str| raw.account().columns.iter().find(|column| column.column == name);
    typed.columns().map(|(series, kind)| ColumnReport::new(series, kind, cells(series.name()))).collect()
}

impl ColumnReport {
    fn new(series: &Series, kind: ColumnKind, cells: Option<&crate::import::ColumnReport>) -> Self {
        let nan = series.is_nan().ok().and_then(|nan| nan.sum()).unwrap_or(0);
        let missing = series.null_count() as u64 + u64::from(nan);
        let name = series.name().to_string();
        let range = || -> Option<(f64, f64)> { Some((series.min().ok()??, series.max().ok()??)) };
        let range = if matches!(kind, ColumnKind::Number | ColumnKind::Date) { range() } else { None };
        let shown = |value: f64| match kind {
            ColumnKind::Date => Day::new(value as i32).map_or_else(String::new, |day| day.to_string()),
            _ => value.to_string(),
        };
        Self {
            kind,
            missing,
            missing_share: missing as f64 / series.len().max(1) as f64,
            header: cells.map(|cells| mask(&cells.header)).filter(|header| *header != name),
            placeholders: cells.map_or(0, |cells| cells.placeholders as u64),
            repaired: cells.map_or(0, |cells| cells.repaired as u64),
            unreadable: cells.map(|cells| cells.unreadable.clone()).unwrap_or_default(),
            codes: cells.and_then(|cells| cells.codes),
            least: range.map(|(least, _)| shown(least)),
            greatest: range.map(|(_, greatest)| shown(greatest)),
            column: name,
        }
    }
}

/// One derived indicator.
///
/// ```text
/// counting records of its table = used + out_of_window + filtered_out
/// ```
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct IndicatorReport {
    /// Its id, and the name of its column.
    pub indicator: String,
    /// The name that people read.
    pub title: String,
    /// How it was derived from records; absent for an expression over columns of the firm table.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub records: Option<RecordsUse>,
    /// Firms with a value.
    pub with_value: u64,
    /// `with_value` as a share of all firms, from 0 to 1.
    pub coverage: f64,
    /// How its values are spread over the firms.
    pub spread: Spread,
    /// How the spread differs from that of an earlier run; absent where none was given or it did not have the indicator.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub drift: Option<Drift>,
}

/// Which records an indicator used.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct RecordsUse {
    /// Id of the table.
    pub table: String,
    /// What is made of the records.
    pub aggregate: String,
    /// How far back records count.
    pub window: String,
    /// The day after which they count, YYYY-MM-DD; absent where the window has no beginning.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub after: Option<String>,
    /// What became of the records that may count.
    #[serde(flatten)]
    pub records: Use,
}

impl DeriveReport {
    /// Checks that every record read is accounted for, by each table and each indicator.
    ///
    /// # Errors
    /// [`DeriveFault::Unaccounted`] where the sums differ, which is a defect of this crate.
    pub fn check(&self) -> Result<(), Vec<DeriveFault>> {
        let mut faults = Vec::new();
        if let Some(firms) = &self.firm_table {
            let accounted = self.firms + firms.rejected.iter().map(|reason| reason.count as u64).sum::<u64>();
            if accounted != firms.read {
                let (table, indicator, read) = (FIRMS.to_owned(), "the table".to_owned(), firms.read);
                faults.push(DeriveFault::Unaccounted { table, indicator, read, accounted });
            }
        }
        for table in &self.tables {
            let mut check = |by: &str, accounted: u64| {
                if accounted != table.read {
                    let (table, indicator, read) = (table.table.clone(), by.to_owned(), table.read);
                    faults.push(DeriveFault::Unaccounted { table, indicator, read, accounted });
                }
            };
            check("the table", table.fates.total());
            for indicator in &self.indicators {
                if let Some(used) = indicator.records.as_ref().filter(|used| used.table == table.table) {
                    let Use { used, out_of_window, filtered_out, .. } = used.records;
                    check(&indicator.indicator, table.fates.total() - table.fates.counting + used + out_of_window + filtered_out);
                }
            }
        }
        if faults.is_empty() { Ok(()) } else { Err(faults) }
    }
}
