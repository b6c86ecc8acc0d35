//! What single indicators are worth before they are weighed.

use super::curve::{Ks, ks};
use super::input::Faults;
use super::stability::EmptyBin;
use super::woe::{Woe, WoeSign, of_cells};
use super::{Auc, auc};
use crate::Error;
use rayon::prelude::*;
use serde::Serialize;

/// An indicator on its own against the outcome.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct IndicatorWorth {
    /// Share of rows without a value.
    pub missing: f64,
    /// Share of the rows with a value that have the commonest one.
    pub commonest: f64,
    /// Distinct values.
    pub distinct: usize,
    /// Upper edges of the bins, each belonging to its bin; the last bin has none.
    pub edges: Vec<f64>,
    /// Weights of evidence by bin, rows without a value as the last bin where there are any. An empty cell counts as half a firm.
    pub woe: Woe,
    /// The Kolmogorov–Smirnov distance over rows with a value; none where one outcome only has values.
    pub ks: Option<Ks>,
    /// The area under the ROC curve over rows with a value; none where one outcome only has values.
    pub auc: Option<Auc>,
}

/// The worth of each indicator, a column of values by firm with NaN where there is none: the only place here where NaN is no error, because a
/// missing value is itself evidence. Values fall into `bins` bins between quantiles, equal quantiles making one bin. Columns are worked on
/// in parallel, and each gives the same bits for any number of threads.
///
/// # Errors
/// [`Error::Evaluate`]: columns of unequal length, infinite values, weights below 0, one outcome only, fewer than 2 bins.
pub fn indicators(columns: &[&[f64]], outcome: &[bool], weight: Option<&[f64]>, bins: usize) -> Result<Vec<IndicatorWorth>, Error> {
    let mut faults = Faults::of(outcome.len());
    faults.weight(weight);
    faults.outcome(outcome, weight);
    if bins < 2 {
        faults.argument("bins", bins, "2 or more");
    }
    for column in columns {
        faults.rows("indicator", column.len());
        if column.iter().any(|value| value.is_infinite()) {
            faults.argument("indicator", "infinite in some rows", "finite numbers, NaN where there is no value");
        }
    }
    faults.done(Some(()))?;
    columns.par_iter().map(|column| of_column(column, outcome, weight, bins)).collect()
}

fn of_column(column: &[f64], outcome: &[bool], weight: Option<&[f64]>, bins: usize) -> Result<IndicatorWorth, Error> {
    let present: Vec<usize> = column.iter().enumerate().filter(|(_, value)| !value.is_nan()).map(|(row, _)| row).collect();
    let take = |of: &[f64]| -> Vec<f64> { present.iter().filter_map(|&row| of.get(row).copied()).collect() };
    let values = take(column);
    let some_outcome: Vec<bool> = present.iter().filter_map(|&row| outcome.get(row).copied()).collect();
    let some_weight = weight.map(take);
    let mut sorted = values.clone();
    sorted.sort_unstable_by(f64::total_cmp);
    let runs = || sorted.chunk_by(|a, b| a == b);
    let mut edges = super::groups::quantile_edges(&sorted, bins);
    edges.pop();
    let lacking = present.len() < column.len();
    let mut cells = vec![[0.0; 2]; edges.len() + 1 + usize::from(lacking)];
    let last = cells.len() - 1;
    for ((value, &y), row) in column.iter().zip(outcome).zip(0..) {
        let bin = if value.is_nan() { last } else { edges.partition_point(|edge| edge < value) };
        if let Some(cell) = cells.get_mut(bin) {
            cell[usize::from(y)] += weight.and_then(|weight| weight.get(row)).copied().unwrap_or(1.0);
        }
    }
    let count = values.len() as f64;
    // One outcome only among the rows with a value is no fault of the caller's: there is nothing to compare.
    let both = |wanted: bool| match &some_weight {
        None => some_outcome.contains(&wanted),
        Some(weight) => some_outcome.iter().zip(weight).any(|(&y, &w)| y == wanted && w > 0.0),
    };
    let comparable = both(true) && both(false);
    let slim = |mut auc: Auc| {
        auc.terms = Vec::new();
        auc
    };
    Ok(IndicatorWorth {
        missing: 1.0 - count / column.len() as f64,
        commonest: runs().map(<[f64]>::len).max().unwrap_or(0) as f64 / count.max(1.0),
        distinct: runs().count(),
        woe: of_cells(&cells, EmptyBin::Half, WoeSign::BadOverGood)?,
        ks: if comparable { Some(ks(&values, &some_outcome, some_weight.as_deref())?) } else { None },
        auc: if comparable { Some(slim(auc(&values, &some_outcome, some_weight.as_deref())?)) } else { None },
        edges,
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use approx::assert_relative_eq;

    const GAP: f64 = f64::NAN;

    #[test]
    fn a_missing_value_is_a_bin_of_its_own() {
        let column = [1.0, 1.0, 2.0, 3.0, GAP, GAP];
        let outcome = [false, true, false, true, true, false];
        let all_gaps = [GAP; 6];
        let found = indicators(&[&column, &all_gaps], &outcome, None, 2).unwrap();
        assert_relative_eq!(found[0].missing, 1.0 / 3.0, epsilon = 1e-15);
        assert_eq!((found[0].commonest, found[0].distinct, found[0].woe.bins.len()), (0.5, 3, 3));
        assert_eq!((found[0].woe.bins[2].good, found[0].woe.bins[2].bad), (1.0, 1.0));
        assert_eq!(found[0].auc.as_ref().unwrap().estimate.value, 0.625);
        assert_eq!((found[1].missing, found[1].distinct, found[1].ks), (1.0, 0, None));
        assert!(indicators(&[&[f64::INFINITY; 6]], &outcome, None, 2).is_err());
    }
}
