//! Firms with outcomes as re-weighting sees them, in an order that their contents decide, and the folds they fall into.

use super::design::{Design, canonical};
use super::fault::Faults;
use crate::ahp::SplitMix64;
use crate::card::Scorecard;
use crate::error::Error;
use crate::evaluate::{Sampling, SingleUnit};
use crate::grade::NO_GRADE;
use crate::reweigh::Utilities;
use ndarray::ArrayView1;
use std::cmp::Ordering;

/// Firms that were looked at, and what was found. One entry for each look; a firm may stand in several.
///
/// Only rows drawn at random belong here: what a complaint or a campaign led to says nothing about rates.
#[derive(Clone, Copy, Debug, Default)]
pub struct Outcomes<'a> {
    /// The firm, as its position in the graded tables, from 0.
    pub firm: &'a [usize],
    /// Whether the outcome was bad.
    pub bad: &'a [bool],
    /// How the rows were drawn.
    pub sampling: Sampling<'a>,
}

impl Outcomes<'_> {
    /// Lengths, weights, outcomes and positions; and the folds they are to fall into.
    pub(super) fn check(&self, utilities: &Utilities, folds: usize, faults: &mut Faults) {
        let (rows, sampling) = (self.firm.len(), self.sampling);
        faults.rows("outcome", self.bad.len(), rows);
        faults.weight(sampling.weight, rows);
        sampling.strata.inspect(|strata| faults.rows("stratum", strata.len(), rows));
        sampling.population.inspect(|population| faults.rows("population", population.len(), rows));
        faults.both_outcomes(self.bad, sampling.weight);
        faults.argument("folds", folds, "a whole number from 3 to 20", (3..=20).contains(&folds));
        let firms = self.firm.iter().map(|firm| *firm as f64);
        let remedy = "give positions in the graded tables, from 0";
        faults.values("firm", firms, "unknown firm", remedy, |firm| firm < utilities.len() as f64);
    }

    /// Two checked rows by outcome and design.
    pub(super) fn compare(&self, a: usize, b: usize) -> Ordering {
        let weight = |row: usize| self.sampling.weight.map_or(1.0, |weight| weight[row]);
        let stratum = |row: usize| self.sampling.strata.map_or(0, |strata| strata[row]);
        let size = |row: usize| self.sampling.population.map_or(1.0, |population| population[row]);
        let first = self.bad[a].cmp(&self.bad[b]).then(stratum(a).cmp(&stratum(b)));
        first.then(weight(a).total_cmp(&weight(b))).then(size(a).total_cmp(&size(b)))
    }
}

/// Checked rows in canonical order.
pub(super) struct Sample {
    /// Utilities of the indicators with a weight.
    pub(super) design: Design,
    /// The card's risk alone.
    pub(super) along: Design,
    /// 1 for bad.
    pub(super) outcome: Vec<f64>,
    pub(super) bad: Vec<bool>,
    /// 1/π with mean 1; `None` where all are alike.
    pub(super) weight: Option<Vec<f64>>,
    /// As given.
    pub(super) given: Option<Vec<f64>>,
    strata: Option<Vec<u32>>,
    population: Option<Vec<f64>>,
    single: SingleUnit,
    /// The weighed indicators: places in the card.
    pub(super) active: Vec<usize>,
    /// Their weights.
    pub(super) expert: Vec<f64>,
    /// The card's grade by row.
    pub(super) grade: Vec<u32>,
    /// The card's risk by row.
    pub(super) score: Vec<f64>,
    /// By row: its fold.
    pub(super) fold: Vec<usize>,
    pub(super) folds: usize,
}

impl Sample {
    pub(super) fn new(utilities: &Utilities, outcomes: Outcomes<'_>, folds: usize, seed: u64) -> Result<Self, Error> {
        let rows = outcomes.firm.len();
        let (card, sampling) = (utilities.card(), outcomes.sampling);
        let mut faults = Faults::default();
        outcomes.check(utilities, folds, &mut faults);
        faults.check()?;
        let matrix = utilities.matrix();
        let filled: Vec<Vec<f64>> = outcomes.firm.iter().map(|firm| filled(card, matrix.row(*firm))).collect();
        let mut faults = Faults::default();
        let bare = filled.iter().map(|risks| risks.iter().fold(0.0, |sum, risk| sum + risk));
        faults.values("firm", bare, "firm without data", "leave it out, its outcome says nothing about weights", |sum| !sum.is_nan());
        let active: Vec<usize> = card.indicators.iter().enumerate().filter(|(_, i)| i.weight > 0.0).map(|(at, _)| at).collect();
        faults.argument("card", "one without weighed indicators", "at least one indicator with a weight", !active.is_empty());
        faults.check()?;
        let grade = |row: usize| utilities.base().grade.get(outcomes.firm[row]).copied().unwrap_or(NO_GRADE);
        let order = canonical(rows, |a, b| {
            let risks = || filled[a].iter().zip(&filled[b]).map(|(a, b)| a.total_cmp(b)).find(|order| order.is_ne());
            let first = outcomes.compare(a, b).then_with(|| risks().unwrap_or(Ordering::Equal));
            first.then_with(|| grade(a).cmp(&grade(b)))
        });
        let expert: Vec<f64> = active.iter().filter_map(|at| card.indicators.get(*at)).map(|indicator| indicator.weight).collect();
        let design = Design::new(rows, active.len(), |row, column| filled[order[row]][active[column]]);
        let score = weighed(&design, &expert);
        let along = Design::new(rows, 1, |row, _| score[row]);
        let bad: Vec<bool> = order.iter().map(|row| outcomes.bad[*row]).collect();
        let given = sampling.weights(rows)?.map(|weight| order.iter().map(|row| weight[*row]).collect::<Vec<_>>());
        let weight = given.clone().filter(|weight| weight.iter().any(|w| weight.first() != Some(w))).map(|mut weight| {
            let mean = weight.iter().fold(0.0, |sum, w| sum + w) / rows as f64;
            weight.iter_mut().for_each(|w| *w /= mean);
            weight
        });
        Ok(Self {
            fold: folded(&bad, folds, seed),
            outcome: bad.iter().map(|bad| f64::from(*bad)).collect(),
            strata: sampling.strata.map(|strata| order.iter().map(|row| strata[*row]).collect()),
            population: sampling.population.map(|population| order.iter().map(|row| population[*row]).collect()),
            grade: order.iter().map(|row| u32::from(grade(*row))).collect(),
            single: sampling.single,
            design,
            along,
            bad,
            weight,
            given,
            active,
            expert,
            score,
            folds,
        })
    }

    /// How the rows were drawn, in canonical order.
    pub(super) fn sampling(&self) -> Sampling<'_> {
        Sampling {
            weight: self.given.as_deref(),
            strata: self.strata.as_deref(),
            population: self.population.as_deref(),
            single: self.single,
        }
    }

    pub(super) fn rows(&self) -> usize {
        self.design.rows()
    }

    /// 1/π with mean 1, or ones.
    pub(super) fn by_design(&self) -> Vec<f64> {
        self.weight.clone().unwrap_or_else(|| vec![1.0; self.rows()])
    }
}

/// `Σ w_j u_j` by row.
pub(super) fn weighed(design: &Design, weights: &[f64]) -> Vec<f64> {
    design.times(&std::iter::once(0.0).chain(weights.iter().copied()).collect::<Vec<_>>())
}

/// A firm's utilities with those whose weight is shared filled in by what sharing gives them under the card's weights: the weighted mean of
/// their siblings, level by level. So `Σ w₀_j u_j` is the card's risk. NaN for a firm without any data.
pub(super) fn filled(card: &Scorecard, risks: ArrayView1<'_, f64>) -> Vec<f64> {
    let mut risks = risks.to_vec();
    if !risks.iter().any(|risk| risk.is_nan()) {
        return risks;
    }
    let mut sums = vec![(0.0, 0.0); card.nodes.len()];
    let put = |sums: &mut Vec<(f64, f64)>, node: usize, weight: f64, value: f64| {
        if let Some((sum, whole)) = sums.get_mut(node).filter(|_| !value.is_nan()) {
            *sum += weight * value;
            *whole += weight;
        }
    };
    for (indicator, risk) in card.indicators.iter().zip(&risks) {
        put(&mut sums, indicator.parent, indicator.local_weight, *risk);
    }
    let mut values = vec![f64::NAN; card.nodes.len()];
    for (at, node) in card.nodes.iter().enumerate().rev() {
        let (sum, whole) = sums.get(at).copied().unwrap_or_default();
        values[at] = if whole > 0.0 { sum / whole } else { f64::NAN };
        if let Some(parent) = node.parent {
            put(&mut sums, parent, node.local_weight, values[at]);
        }
    }
    for (at, node) in card.nodes.iter().enumerate() {
        if let Some(above) = node.parent.filter(|_| values[at].is_nan()) {
            values[at] = values[above];
        }
    }
    for (indicator, risk) in card.indicators.iter().zip(&mut risks) {
        *risk = if risk.is_nan() { values.get(indicator.parent).copied().unwrap_or(f64::NAN) } else { *risk };
    }
    risks
}

/// Folds of nearly equal size in which bad and good rows are spread evenly, by a shuffle of each.
pub(super) fn folded(bad: &[bool], folds: usize, seed: u64) -> Vec<usize> {
    let mut fold = vec![0; bad.len()];
    let mut next = 0;
    for (stream, wanted) in [(0, true), (1, false)] {
        let mut rows: Vec<usize> = (0..bad.len()).filter(|row| bad[*row] == wanted).collect();
        let mut random = SplitMix64::stream(seed, stream);
        for last in (1..rows.len()).rev() {
            rows.swap(last, random.below(last as u64 + 1) as usize);
        }
        for row in rows {
            fold[row] = next % folds;
            next += 1;
        }
    }
    fold
}
