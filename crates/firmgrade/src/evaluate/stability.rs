//! Do things stay as they were? PSI and CSI between two samples, transitions between two gradings, concentration on few grades.

use super::groups::quantile_edges;
use super::input::Faults;
use crate::Error;
use serde::{Deserialize, Serialize};

/// What an empty bin counts as where its logarithm is needed.
#[derive(Clone, Copy, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum EmptyBin {
    /// Half a firm. It needs counts: among shares an empty bin is an error.
    #[default]
    Half,
    /// At least this share.
    Share(f64),
    /// The bin is left out.
    Skip,
    /// An error that names the bin.
    Fail,
}

/// Shares of two samples by bin, and how far they lie apart.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Psi {
    /// `Σ (a − e) ln(a/e)`: the population stability index. By custom below 0.1 is stable and above 0.25 is not.
    pub value: f64,
    /// By bin: the share expected, as used.
    pub expected: Vec<f64>,
    /// By bin: the share found, as used.
    pub actual: Vec<f64>,
    /// By bin: its part of the index.
    pub parts: Vec<f64>,
    /// Upper edges of the bins, each belonging to its bin; empty where bins were given. The last bin has no edge.
    pub edges: Vec<f64>,
}

/// The population stability index of counts or shares by bin. Numbers whose sum is within 2 % of 1 are shares and are taken as they are;
/// others are counts.
///
/// # Errors
/// [`Error::Evaluate`]: unequal numbers of bins, missing numbers or such below 0, all 0; an empty bin where the policy says so.
pub fn psi(expected: &[f64], actual: &[f64], empty: EmptyBin) -> Result<Psi, Error> {
    let mut faults = Faults::of(expected.len());
    let remedy = "give counts or shares by bin";
    faults.values("expected", expected, "impossible value", remedy, |n| n >= 0.0 && n.is_finite());
    faults.values("actual", actual, "impossible value", remedy, |n| n >= 0.0 && n.is_finite());
    for (what, column) in [("expected count above 0", expected), ("actual count above 0", actual)] {
        if column.iter().sum::<f64>() == 0.0 {
            faults.add(super::EvaluateFault::None { what, remedy });
        }
    }
    faults.done(Some(()))?;
    let mut psi = Psi { value: 0.0, expected: vec![], actual: vec![], parts: vec![], edges: vec![] };
    let (expected, actual) = (Shares::new(expected), Shares::new(actual));
    for (bin, (&e, &a)) in expected.given.iter().zip(actual.given).enumerate() {
        let both = expected.share(bin, e, empty).and_then(|e| Ok((e, actual.share(bin, a, empty)?)))?;
        let part = if both.0 > 0.0 && both.1 > 0.0 { (both.1 - both.0) * (both.1 / both.0).ln() } else { 0.0 };
        psi.expected.push(both.0);
        psi.actual.push(both.1);
        psi.parts.push(part);
        psi.value += part;
    }
    Ok(psi)
}

/// Counts or shares by bin, and what they are divided by.
struct Shares<'a> {
    given: &'a [f64],
    total: f64,
    counts: bool,
}

impl<'a> Shares<'a> {
    fn new(given: &'a [f64]) -> Self {
        let sum: f64 = given.iter().sum();
        let counts = (sum - 1.0).abs() > 0.02;
        Self { given, total: if counts { sum } else { 1.0 }, counts }
    }

    fn share(&self, bin: usize, value: f64, empty: EmptyBin) -> Result<f64, Error> {
        let share = value / self.total;
        match empty {
            EmptyBin::Share(least) => Ok(share.max(least)),
            _ if value > 0.0 => Ok(share),
            EmptyBin::Skip => Ok(0.0),
            EmptyBin::Half if self.counts => Ok(0.5 / self.total),
            EmptyBin::Half | EmptyBin::Fail => {
                let mut faults = Faults::of(self.given.len());
                let what = if self.counts { "nothing in bin " } else { "a share of 0 in bin " };
                faults.argument(
                    "empty",
                    format!("{what}{}", bin + 1),
                    "something in each bin; give counts, or say what an empty bin counts as",
                );
                faults.done(None)
            }
        }
    }
}

/// The index of values: bins end at the quantiles of `expected`, `1/bins, 2/bins, …` (type 7, closed on the right; equal quantiles make one bin).
///
/// # Errors
/// As [`psi`]; missing or infinite values, fewer than 2 bins.
pub fn psi_of_values(expected: &[f64], actual: &[f64], bins: usize, empty: EmptyBin) -> Result<Psi, Error> {
    let mut faults = check_values(expected, actual);
    if bins < 2 {
        faults.argument("bins", bins, "2 or more");
    }
    faults.done(Some(()))?;
    let mut sorted = expected.to_vec();
    sorted.sort_unstable_by(f64::total_cmp);
    let mut edges = quantile_edges(&sorted, bins);
    edges.pop();
    psi_between(expected, actual, edges, empty)
}

/// The index of values in bins that end at `edges`, ascending and each belonging to the bin below it.
///
/// # Errors
/// As [`psi`]; missing or infinite values, edges that do not ascend.
pub fn psi_with_edges(expected: &[f64], actual: &[f64], edges: &[f64], empty: EmptyBin) -> Result<Psi, Error> {
    let mut faults = check_values(expected, actual);
    if !edges.is_sorted_by(|a, b| a < b) || edges.iter().any(|edge| edge.is_nan()) {
        faults.argument("edges", format!("{edges:?}"), "ascending numbers");
    }
    faults.done(Some(()))?;
    psi_between(expected, actual, edges.to_vec(), empty)
}

fn check_values(expected: &[f64], actual: &[f64]) -> Faults {
    let mut found = Faults::of(actual.len());
    found.score("actual", actual);
    let mut faults = Faults::of(expected.len());
    faults.score("expected", expected);
    faults.with(found);
    faults
}

fn psi_between(expected: &[f64], actual: &[f64], edges: Vec<f64>, empty: EmptyBin) -> Result<Psi, Error> {
    let count = |values: &[f64]| {
        let mut counts = vec![0.0; edges.len() + 1];
        for value in values {
            if let Some(count) = counts.get_mut(edges.partition_point(|edge| edge < value)) {
                *count += 1.0;
            }
        }
        counts
    };
    let counts = (count(expected), count(actual));
    Ok(Psi { edges, ..psi(&counts.0, &counts.1, empty)? })
}

/// The characteristic stability index of an indicator: how its mean points have moved because firms moved between its bands,
/// `Σ (a − e)·points`. In points of the card, with its sign.
///
/// # Errors
/// As [`psi`]; another number of points than bins, missing points.
pub fn csi(expected: &[f64], actual: &[f64], points: &[f64]) -> Result<f64, Error> {
    let mut faults = Faults::of(expected.len());
    faults.score("points", points);
    faults.done(Some(()))?;
    let shares = psi(expected, actual, EmptyBin::Skip)?;
    Ok(shares.actual.iter().zip(&shares.expected).zip(points).map(|((a, e), points)| (a - e) * points).sum())
}

/// Firms by their grade before and after.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Transition {
    /// `counts[b][a]`: firms graded b before and a after.
    pub counts: Vec<Vec<usize>>,
    /// `shares[b][a]`: the same as a share of the firms graded b before; 0 where there are none.
    pub shares: Vec<Vec<f64>>,
    /// Share of all firms whose grade is the same.
    pub stayed: f64,
    /// Share of all firms with an earlier grade in the list than before: better, where grades run from low to high risk.
    pub better: f64,
    /// Share of all firms with a later grade.
    pub worse: f64,
}

/// The transition matrix between two gradings of the same firms; grades are places in a list of `grades`.
///
/// # Errors
/// [`Error::Evaluate`]: columns of unequal length, no firms, a place beyond the list.
pub fn transition(before: &[u32], after: &[u32], grades: usize) -> Result<Transition, Error> {
    let mut faults = Faults::of(before.len());
    faults.rows("grade after", after.len());
    if let Some(beyond) = before.iter().chain(after).find(|&&grade| grade as usize >= grades) {
        faults.argument("grade", beyond, &format!("a place below {grades}"));
    }
    faults.done(Some(()))?;
    let mut counts = vec![vec![0_usize; grades]; grades];
    let (mut better, mut worse) = (0_usize, 0_usize);
    for (&b, &a) in before.iter().zip(after) {
        if let Some(cell) = counts.get_mut(b as usize).and_then(|row| row.get_mut(a as usize)) {
            *cell += 1;
        }
        better += usize::from(a < b);
        worse += usize::from(a > b);
    }
    let share = |part: usize, of: usize| if of > 0 { part as f64 / of as f64 } else { 0.0 };
    let of_row = |row: &Vec<usize>| row.iter().map(|&cell| share(cell, row.iter().sum())).collect();
    let firms = before.len();
    Ok(Transition {
        shares: counts.iter().map(of_row).collect(),
        counts,
        stayed: share(firms - better - worse, firms),
        better: share(better, firms),
        worse: share(worse, firms),
    })
}

/// How much firms gather in few grades.
#[derive(Clone, Copy, Debug, PartialEq, Serialize)]
pub struct Concentration {
    /// Herfindahl's index `Σ share²`, from 1/grades (all alike) to 1 (all in one).
    pub herfindahl: f64,
    /// The same from 0 to 1: `(H − 1/k)/(1 − 1/k)`; 1 for a single grade.
    pub normalised: f64,
    /// `1/H`: that many grades of equal size would be as concentrated.
    pub effective: f64,
}

/// Concentration of firms by grade, from counts.
///
/// # Errors
/// [`Error::Evaluate`]: counts that are missing, below 0, or all 0.
pub fn concentration(counts: &[f64]) -> Result<Concentration, Error> {
    let mut faults = Faults::of(counts.len());
    faults.values("count", counts, "impossible value", "give the number of firms in each grade", |n| n >= 0.0 && n.is_finite());
    let total: f64 = counts.iter().sum();
    if total == 0.0 {
        faults.nobody();
    }
    faults.done(Some(()))?;
    let herfindahl: f64 = counts.iter().map(|n| (n / total).powi(2)).sum();
    let least = 1.0 / counts.len() as f64;
    let normalised = if counts.len() > 1 { (herfindahl - least) / (1.0 - least) } else { 1.0 };
    Ok(Concentration { herfindahl, normalised, effective: 1.0 / herfindahl })
}

#[cfg(test)]
mod tests {
    use super::*;
    use approx::assert_relative_eq;

    /// By hand: (0.3 − 0.2)·ln 1.5 + 0 + (0.2 − 0.3)·ln(2/3) = 0.2·ln 1.5.
    #[test]
    fn psi_of_shares_and_counts() {
        let shares = psi(&[0.2, 0.5, 0.3], &[0.3, 0.5, 0.2], EmptyBin::Fail).unwrap();
        assert_relative_eq!(shares.value, 0.2 * 1.5_f64.ln(), epsilon = 1e-15);
        let counts = psi(&[20.0, 50.0, 30.0], &[300.0, 500.0, 200.0], EmptyBin::Fail).unwrap();
        assert_relative_eq!(counts.value, shares.value, epsilon = 1e-15);
        assert_eq!(psi(&[5.0, 9.0], &[5.0, 9.0], EmptyBin::Half).unwrap().value, 0.0);
    }

    #[test]
    fn an_empty_bin_by_each_policy() {
        let of = |empty| psi(&[10.0, 10.0], &[20.0, 0.0], empty).map(|psi| psi.value);
        assert_relative_eq!(of(EmptyBin::Half).unwrap(), 0.5 * 2_f64.ln() + (0.025 - 0.5) * 0.05_f64.ln(), epsilon = 1e-15);
        assert_relative_eq!(of(EmptyBin::Share(1e-4)).unwrap(), 0.5 * 2_f64.ln() + (1e-4 - 0.5) * 2e-4_f64.ln(), epsilon = 1e-15);
        assert_relative_eq!(of(EmptyBin::Skip).unwrap(), 0.5 * 2_f64.ln(), epsilon = 1e-15);
        assert!(of(EmptyBin::Fail).is_err());
        assert!(psi(&[0.5, 0.5], &[1.0, 0.0], EmptyBin::Half).is_err());
    }

    #[test]
    fn values_in_quantile_bins() {
        let expected: Vec<f64> = (0..100).map(f64::from).collect();
        let same = psi_of_values(&expected, &expected, 10, EmptyBin::Half).unwrap();
        assert_eq!((same.value, same.edges.len()), (0.0, 9));
        assert!(same.expected.iter().all(|share| (share - 0.1).abs() < 1e-12));
        let shifted: Vec<f64> = expected.iter().map(|x| x + 10.0).collect();
        let moved = psi_of_values(&expected, &shifted, 10, EmptyBin::Half).unwrap();
        // The first bin is empty (half a firm of 100), the last holds 20.
        assert_relative_eq!(moved.value, (0.005 - 0.1) * 0.05_f64.ln() + 0.1 * 2_f64.ln(), epsilon = 1e-12);
        let given = psi_with_edges(&expected, &shifted, &same.edges, EmptyBin::Half).unwrap();
        assert_eq!(given, moved);
        assert!(psi_with_edges(&expected, &shifted, &[2.0, 1.0], EmptyBin::Half).is_err());
        // An edge belongs to the bin below it.
        assert_eq!(
            psi_with_edges(&[1.0, 2.0, 3.0], &[1.0, 1.0, 2.0], &[1.0, 2.5], EmptyBin::Half).unwrap().actual,
            [2.0 / 3.0, 1.0 / 3.0, 0.5 / 3.0]
        );
    }

    #[test]
    fn csi_in_points() {
        assert_relative_eq!(csi(&[0.5, 0.5], &[0.3, 0.7], &[10.0, 40.0]).unwrap(), 6.0, epsilon = 1e-14);
    }

    #[test]
    fn transitions_and_concentration() {
        let found = transition(&[0, 0, 1, 2], &[0, 1, 0, 2], 4).unwrap();
        assert_eq!(found.counts, [[1, 1, 0, 0], [1, 0, 0, 0], [0, 0, 1, 0], [0, 0, 0, 0]]);
        assert_eq!(found.shares[0], [0.5, 0.5, 0.0, 0.0]);
        assert_eq!((found.stayed, found.better, found.worse), (0.5, 0.25, 0.25));
        assert!(transition(&[0], &[4], 4).is_err());
        let even = concentration(&[5.0; 4]).unwrap();
        assert_eq!((even.herfindahl, even.normalised, even.effective), (0.25, 0.0, 4.0));
        assert_eq!(concentration(&[7.0, 0.0]).unwrap().normalised, 1.0);
    }
}
