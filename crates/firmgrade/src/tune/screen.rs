//! Screening of indicators: what a column says about outcomes, how much of it is there, what says the same, and whether it stays.

use super::cluster::{alike, inflation};
use super::design::Design;
use super::fault::Faults;
use super::ordered::Ordered;
use super::partition::Cell;
use super::read::{Read, kind};
use crate::columns::{Kind, Table};
use crate::error::Error;
use crate::evaluate::{EmptyBin, psi};
use rayon::prelude::*;
use serde::{Deserialize, Serialize};
use statrs::distribution::{ChiSquared, ContinuousCDF, Normal};

/// The limits by which columns are judged. Each is a custom of the trade, none a law.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct ScreenOptions {
    /// Cells of nearly equal weight for IV and PSI, 2 to 50; missing values are one more.
    pub cells: usize,
    /// A larger share missing: drop.
    pub missing_drop: f64,
    /// A larger share missing: review.
    pub missing_review: f64,
    /// A larger share of one value: drop.
    pub same_drop: f64,
    /// A larger share of one value: review.
    pub same_review: f64,
    /// A p-value above this, of the information value and of the trend: drop, for chance gives as much.
    pub chance: f64,
    /// An information value below this: review as weak.
    pub iv_weak: f64,
    /// An information value above this: review, for it may have been written after the outcome.
    pub iv_suspicious: f64,
    /// Columns whose rank correlation is at least this, either way, say the same; all but the strongest: review.
    pub correlated: f64,
    /// A larger variance inflation factor: review.
    pub vif: f64,
    /// A larger population stability index between the first and any later period: review.
    pub psi: f64,
}

impl Default for ScreenOptions {
    fn default() -> Self {
        Self {
            cells: 10,
            missing_drop: 0.95,
            missing_review: 0.5,
            same_drop: 0.99,
            same_review: 0.95,
            chance: 0.1,
            iv_weak: 0.02,
            iv_suspicious: 0.5,
            correlated: 0.8,
            vif: 10.0,
            psi: 0.25,
        }
    }
}

/// What is proposed for a column.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Advice {
    /// Nothing speaks against it.
    Keep,
    /// Somebody should look.
    Review,
    /// It says nothing that could be used.
    Drop,
}

/// Why.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Reason {
    /// `missing`, `same`, `chance`, `weak`, `suspicious`, `correlated`, `vif` or `psi`.
    pub about: &'static str,
    /// What this alone would lead to.
    pub advice: Advice,
    /// What was found, and the limit.
    pub words: String,
}

/// What was found about a column.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Screened {
    /// The column.
    pub column: String,
    /// What it holds.
    pub kind: Kind,
    /// The share of rows without a value, by weight, as all shares here.
    pub missing: f64,
    /// How many different values.
    pub distinct: usize,
    /// The value that most rows have.
    pub top: String,
    /// Its share of the rows with a value.
    pub top_share: f64,
    /// The information value over cells of nearly equal weight and missing values; an empty side counts as half a row.
    pub iv: f64,
    /// The chance of an information value at least as large where the column says nothing (`IV·BG/(B + G)` against χ²).
    pub iv_p: f64,
    /// The greatest distance of the distributions of bad and good rows with a value; categories stand in the order of their rates.
    pub ks: f64,
    /// Spearman's correlation of value and outcome, ties at mid-ranks; `None` for categories, which have no order.
    pub trend: Option<f64>,
    /// Its two-sided p-value (Cochran & Armitage's test with mid-ranks as scores).
    pub trend_p: Option<f64>,
    /// Columns that say the same, by number; this column alone where no other has the number.
    pub cluster: usize,
    /// Whether it has the largest information value of its cluster.
    pub strongest: bool,
    /// The column with the largest rank correlation, either way.
    pub nearest: Option<(String, f64)>,
    /// 1/(1 − R²) of its ranks on those of the other columns; infinite where they give it; `None` for a column without differences.
    pub vif: Option<f64>,
    /// The largest population stability index of a later period against the first; `None` without periods.
    pub psi: Option<f64>,
    /// What is proposed.
    pub advice: Advice,
    /// Everything that speaks against it; empty for `keep`.
    pub reasons: Vec<Reason>,
}

/// Screened columns, in the order in which they were given. None is dropped by this: it is a proposal.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Screening {
    /// By column.
    pub columns: Vec<Screened>,
    /// Clusters of two and more, each with its columns, the strongest first.
    pub clusters: Vec<Vec<String>>,
    /// Rows.
    pub rows: usize,
    /// Bad rows.
    pub bad: usize,
    /// The limits.
    pub options: ScreenOptions,
    /// What is proposed, in a sentence.
    pub words: String,
}

/// Screens columns of a table on outcomes. `period` numbers the rows' periods, the smallest is the first.
///
/// Correlations and VIF are of mid-ranks, missing values at the mean, categories ranked by their rates. The bits depend neither on the
/// order of rows nor on threads.
///
/// # Errors
/// [`Error::Tune`] with every fault: columns that are not there, unequal lengths, infinite values, one outcome only, limits out of range.
pub fn screen(
    table: &Table<'_>,
    columns: &[&str],
    outcome: &[bool],
    weight: Option<&[f64]>,
    period: Option<&[u32]>,
    options: &ScreenOptions,
) -> Result<Screening, Error> {
    let rows = table.len();
    let mut faults = Faults::default();
    faults.rows("outcome", outcome.len(), rows);
    period.inspect(|period| faults.rows("period", period.len(), rows));
    faults.weight(weight, rows);
    faults.both_outcomes(outcome, weight);
    options.check(&mut faults);
    let mut read: Vec<(String, Kind, Read)> = Vec::with_capacity(columns.len());
    for name in columns {
        match table.column(name) {
            Some(column) => read.push(((*name).to_owned(), kind(column), Read::new(name, column, &mut faults))),
            None => faults.argument("columns", format!("`{name}`, which is not in the table"), "names of its columns", false),
        }
    }
    faults.check()?;
    let found: Vec<(Screened, Vec<f64>)> =
        read.par_iter().map(|column| one(column, outcome, weight, period, options)).collect::<Result<_, _>>()?;
    let (mut columns, ranks): (Vec<Screened>, Vec<Vec<f64>>) = found.into_iter().unzip();
    let differ: Vec<usize> = (0..columns.len()).filter(|at| ranks[*at].iter().any(|rank| *rank != 0.0)).collect();
    let correlations = correlated(rows, &differ, &ranks, outcome, weight);
    let strength: Vec<f64> = differ.iter().map(|at| columns[*at].iv).collect();
    let clusters = alike(&correlations, &strength, options.correlated);
    let inflation = inflation(&correlations, differ.len());
    let mut named: Vec<Vec<String>> = Vec::new();
    for (number, cluster) in clusters.iter().enumerate() {
        for (place, member) in cluster.iter().enumerate() {
            let column = &mut columns[differ[*member]];
            (column.cluster, column.strongest) = (number, place == 0);
        }
        if cluster.len() > 1 {
            named.push(cluster.iter().map(|member| columns[differ[*member]].column.clone()).collect());
        }
    }
    let same = columns.iter_mut().enumerate().filter(|(at, _)| !differ.contains(at));
    for (number, (_, column)) in (clusters.len()..).zip(same) {
        (column.cluster, column.strongest) = (number, true);
    }
    let size = differ.len();
    for (place, at) in differ.iter().enumerate() {
        let others = (0..size).filter(|other| *other != place);
        let nearest = others.max_by(|a, b| {
            let of = |other: &usize| correlations[place * size + other].abs();
            of(a).total_cmp(&of(b)).then(b.cmp(a))
        });
        let nearest = nearest.map(|other| (columns[differ[other]].column.clone(), correlations[place * size + other]));
        let column = &mut columns[*at];
        (column.nearest, column.vif) = (nearest, Some(inflation[place]));
    }
    let leaders: Vec<Option<String>> = columns
        .iter()
        .map(|column| {
            let leader = columns.iter().find(|other| other.cluster == column.cluster && other.strongest);
            leader.filter(|_| !column.strongest).map(|leader| leader.column.clone())
        })
        .collect();
    columns.iter_mut().zip(leaders).for_each(|(column, leader)| column.judge(leader, options));
    let count = |advice: Advice| columns.iter().filter(|column| column.advice == advice).count();
    let words = format!(
        "of {} columns {} are proposed to be kept, {} to be looked at, {} to be dropped; nothing is dropped by itself",
        columns.len(),
        count(Advice::Keep),
        count(Advice::Review),
        count(Advice::Drop)
    );
    let bad = outcome.iter().filter(|bad| **bad).count();
    Ok(Screening { columns, clusters: named, rows, bad, options: *options, words })
}

impl ScreenOptions {
    fn check(&self, faults: &mut Faults) {
        faults.argument("cells", self.cells, "a whole number from 2 to 50", (2..=50).contains(&self.cells));
        for (name, share) in [
            ("missing_drop", self.missing_drop),
            ("missing_review", self.missing_review),
            ("same_drop", self.same_drop),
            ("same_review", self.same_review),
            ("chance", self.chance),
            ("correlated", self.correlated),
        ] {
            faults.argument(name, share, "a number from 0 to 1", (0.0..=1.0).contains(&share));
        }
        for (name, limit) in [("iv_weak", self.iv_weak), ("iv_suspicious", self.iv_suspicious), ("vif", self.vif), ("psi", self.psi)] {
            faults.argument(name, limit, "a number from 0", limit >= 0.0);
        }
    }
}

/// What a column says by itself, and its ranks with mean 0 and variance 1, 0 where missing.
fn one(
    (name, kind, read): &(String, Kind, Read),
    outcome: &[bool],
    weight: Option<&[f64]>,
    period: Option<&[u32]>,
    options: &ScreenOptions,
) -> Result<(Screened, Vec<f64>), Error> {
    let ordered = Ordered::new(read, outcome, weight);
    let (cell_of, cells) = ordered.cells(options.cells, outcome.len());
    let iv = information(&cells);
    let (bad, good) = ordered.sides();
    // Effective numbers where rows weigh differently.
    let statistic = iv * bad * good / (bad + good);
    let iv_p = if cells.len() > 1 { ChiSquared::new((cells.len() - 1) as f64).map_or(1.0, |law| law.sf(statistic)) } else { 1.0 };
    let ranks = ordered.ranks(outcome.len());
    let trend = (*kind != Kind::Text).then(|| ordered.trend(&ranks));
    let trend_p = trend.map(|trend| 2.0 * Normal::standard().sf((trend * ordered.effective().sqrt()).abs()));
    let (top, top_share) = ordered.top(read, *kind);
    let screened = Screened {
        column: name.clone(),
        kind: *kind,
        missing: ordered.missing(),
        distinct: ordered.distinct(),
        top,
        top_share,
        iv,
        iv_p,
        ks: ordered.ks(),
        trend,
        trend_p,
        cluster: 0,
        strongest: true,
        nearest: None,
        vif: None,
        psi: period.map(|period| drift(&ordered, &cell_of, cells.len(), period, weight)).transpose()?,
        advice: Advice::Keep,
        reasons: Vec::new(),
    };
    Ok((screened, ranks))
}

/// The information value of cells; an empty side counts as half a row.
fn information(cells: &[Cell]) -> f64 {
    let whole = cells.iter().fold(Cell::default(), |sum, cell| sum.and(*cell));
    let share = |part: f64, whole: f64| if part > 0.0 { part } else { 0.5 } / whole;
    let parts = cells.iter().filter(|cell| cell.weight > 0.0).map(|cell| (share(cell.bad, whole.bad), share(cell.good(), whole.good())));
    parts.fold(0.0, |sum, (bad, good)| sum + (bad - good) * (bad / good).ln())
}

/// The largest PSI of a later period against the first; 0 where there is one period only.
fn drift(ordered: &Ordered, cell_of: &[u32], cells: usize, period: &[u32], weight: Option<&[f64]>) -> Result<f64, Error> {
    let mut counts: std::collections::BTreeMap<u32, Vec<f64>> = std::collections::BTreeMap::new();
    for row in ordered.rows() {
        let counts = counts.entry(period[row]).or_insert_with(|| vec![0.0; cells]);
        counts[cell_of[row] as usize] += weight.map_or(1.0, |weight| weight[row]);
    }
    let used: Vec<usize> = (0..cells).filter(|cell| counts.values().any(|counts| counts[*cell] > 0.0)).collect();
    let mut of = counts.values().map(|counts| used.iter().map(|cell| counts[*cell]).collect::<Vec<f64>>());
    let Some(first) = of.next() else { return Ok(0.0) };
    let mut most = 0.0_f64;
    for later in of {
        if later.iter().any(|count| *count > 0.0) && first.iter().any(|count| *count > 0.0) {
            most = most.max(psi(&first, &later, EmptyBin::Half)?.value);
        }
    }
    Ok(most)
}

/// Correlations of the ranks of the columns that differ, row by row.
fn correlated(rows: usize, differ: &[usize], ranks: &[Vec<f64>], outcome: &[bool], weight: Option<&[f64]>) -> Vec<f64> {
    // An order by content, so that sums do not depend on the order of rows: by a mix of the bits of ranks, outcome and weight.
    let mut keys: Vec<(u64, usize)> = (0..rows)
        .into_par_iter()
        .map(|row| {
            let start = u64::from(outcome[row]) ^ weight.map_or(0, |weight| weight[row].to_bits());
            let mix = |key: u64, rank: f64| (key ^ rank.to_bits()).wrapping_mul(0x9E37_79B9_7F4A_7C15).rotate_left(29);
            (differ.iter().fold(start, |key, at| mix(key, ranks[*at][row])), row)
        })
        .collect();
    keys.par_sort_unstable();
    let design = Design::new(rows, differ.len(), |row, column| ranks[differ[column]][keys[row].1]);
    let weights: Vec<f64> = keys.iter().map(|(_, row)| weight.map_or(1.0, |weight| weight[*row])).collect();
    let (size, gram) = (differ.len(), design.gram(&weights));
    let entry = |i: usize, j: usize| gram[(i + 1) * (size + 1) + j + 1];
    let mut out = vec![0.0; size * size];
    for i in 0..size {
        for j in 0..size {
            out[i * size + j] = if i == j { 1.0 } else { (entry(i, j) / (entry(i, i) * entry(j, j)).sqrt()).clamp(-1.0, 1.0) };
        }
    }
    out
}

impl Screened {
    fn judge(&mut self, leader: Option<String>, options: &ScreenOptions) {
        let percent = |share: f64| format!("{:.1} %", share * 100.0);
        let mut against = |about: &'static str, advice: Advice, words: String| self.reasons.push(Reason { about, advice, words });
        if self.missing > options.missing_review {
            let drop = self.missing > options.missing_drop;
            let (advice, limit) = if drop { (Advice::Drop, options.missing_drop) } else { (Advice::Review, options.missing_review) };
            against("missing", advice, format!("{} of the rows have no value, more than {}", percent(self.missing), percent(limit)));
        }
        if self.distinct == 0 {
            against("missing", Advice::Drop, "no row has a value".to_owned());
        } else if self.top_share > options.same_review {
            let drop = self.top_share > options.same_drop;
            let (advice, limit) = if drop { (Advice::Drop, options.same_drop) } else { (Advice::Review, options.same_review) };
            let words = format!("{} of the values are `{}`, more than {}", percent(self.top_share), self.top, percent(limit));
            against("same", advice, words);
        }
        let trend_p = self.trend_p.unwrap_or(1.0);
        if self.iv_p > options.chance && trend_p > options.chance {
            let words = format!(
                "an information value of {:.3} is no more than chance gives (p = {:.2}), and no trend is to be seen",
                self.iv, self.iv_p
            );
            against("chance", Advice::Drop, words);
        } else if self.iv < options.iv_weak {
            against("weak", Advice::Review, format!("an information value of {:.3} is below {}", self.iv, options.iv_weak));
        }
        if self.iv > options.iv_suspicious && self.iv_p <= options.chance {
            let words = format!(
                "an information value of {:.2} is above {}: look whether it was written after the outcome",
                self.iv, options.iv_suspicious
            );
            against("suspicious", Advice::Review, words);
        }
        if let Some(leader) = leader {
            let words =
                format!("it says the same as `{leader}`, which says more (rank correlations of at least {} link them)", options.correlated);
            against("correlated", Advice::Review, words);
        }
        if let Some(vif) = self.vif.filter(|vif| *vif > options.vif) {
            let found = if vif.is_finite() {
                format!("a variance inflation of {vif:.1} is above {}", options.vif)
            } else {
                "other columns together give it exactly".to_owned()
            };
            against("vif", Advice::Review, found);
        }
        if let Some(psi) = self.psi.filter(|psi| *psi > options.psi) {
            against("psi", Advice::Review, format!("a stability index of {psi:.2} between periods is above {}", options.psi));
        }
        self.advice = self.reasons.iter().map(|reason| reason.advice).max().unwrap_or(Advice::Keep);
    }
}
