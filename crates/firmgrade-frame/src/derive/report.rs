//! What became of the data: by table and column, and by indicator.

use super::aggregate::Use;
use super::fate::Fates;
use super::fault::DeriveFault;
use super::spread::{Drift, Spread};
use firmgrade::columns::ColumnKind;
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
    /// The tables of records, in the order of the card.
    pub tables: Vec<TableReport>,
    /// The derived indicators, in the order of the card.
    pub indicators: Vec<IndicatorReport>,
}

/// What became of one table of records.
///
/// ```text
/// read = counting + unmatched + duplicate + undated + future + not_counted + repaired + ended + expired      (in `fates`)
/// ```
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct TableReport {
    /// Id of the table.
    pub table: String,
    /// The name that people read.
    pub title: String,
    /// Records read.
    pub read: u64,
    /// What became of them as of the day.
    pub fates: Fates,
    /// Rows equal in all columns to an earlier one, whatever the card does with them.
    pub duplicates: u64,
    /// Records without a date, whatever the card does with them.
    pub undated: u64,
    /// Records whose severity has no publication period, so that they stay in force; absent where the card states no periods.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub without_period: Option<u64>,
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
    /// Its row, from 1, the header left out.
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
}

impl ColumnReport {
    pub(crate) fn new(series: &Series, kind: ColumnKind) -> Self {
        let nan = series.is_nan().ok().and_then(|nan| nan.sum()).unwrap_or(0);
        let missing = series.null_count() as u64 + u64::from(nan);
        Self { column: series.name().to_string(), kind, missing, missing_share: missing as f64 / series.len().max(1) as f64 }
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
