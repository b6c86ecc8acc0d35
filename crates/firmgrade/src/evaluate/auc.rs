//! The area under the ROC curve, its variance, and paired comparisons.

use super::estimate::{Estimate, LEVEL, t, two_sided_t};
use super::input::Faults;
use super::order::Order;
use super::sampling::{Design, Sampling, Spread};
use crate::Error;
use serde::Serialize;

/// Where the variance of an AUC comes from.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Variance {
    /// DeLong, DeLong & Clarke-Pearson (1988): rows without weights.
    DeLong,
    /// Linearised, rows taken as drawn with replacement at their weights.
    Linearised,
    /// Linearised, stratified sampling with finite-population correction.
    Stratified,
}

/// An area under the ROC curve: the chance that a bad firm scores higher than a good one, a tie counting one half.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Auc {
    /// The area with its interval, made on the logit scale so that it stays inside (0, 1).
    #[serde(flatten)]
    pub estimate: Estimate,
    /// Rows with a bad outcome and a weight above 0.
    pub bad: usize,
    /// Rows with a good outcome and a weight above 0.
    pub good: usize,
    /// How the variance was found.
    pub variance: Variance,
    /// The linearised variable of each row, `u_k`, 0 outside of a domain: `Σ w_k u_k = 0`, and the variance of that sum is the variance of the area.
    #[serde(skip)]
    pub terms: Vec<f64>,
    /// (Effective) rows of the smaller class.
    #[serde(skip)]
    pub(crate) trials: f64,
}

impl Auc {
    /// The accuracy ratio, which is Gini's coefficient: `2·AUC − 1`.
    #[must_use]
    pub fn accuracy_ratio(&self) -> Estimate {
        let turn = |area: f64| 2.0 * area - 1.0;
        let Estimate { value, se, low, high } = self.estimate;
        Estimate { value: turn(value), se: 2.0 * se, low: turn(low), high: turn(high) }
    }
}

/// The area under the ROC curve with a 95 % interval.
///
/// ```text
/// AUC = Σ w_i w_j [1(s_i > s_j) + ½·1(s_i = s_j)] / (W₁W₀)      i bad, j good
/// u_k = y_k/W₁ (F₀(s_k) − AUC) + (1−y_k)/W₀ (G₁(s_k) − AUC)     F₀ share of the good below, G₁ share of the bad above, ties one half
/// ```
/// Without weights the variance is DeLong's, `m/(m−1) Σ_bad u² + n/(n−1) Σ_good u²`; with weights `n/(n−1) Σ (w_k u_k)²`. An area of 0 or 1,
/// whose variance is 0, gets Clopper & Pearson's bounds for as many trials as the smaller class has rows (effective rows with
/// weights): that many disjoint pairs all agreed. Intervals with weights use Student's t with `2V²/Σ f²(w_k u_k − mean)⁴` degrees of freedom:
/// a few bad firms of a rarely sampled grade carry most of the variance, and the normal quantile would cover 91 % where they are five.
///
/// ```
/// let auc = firmgrade::evaluate::auc(&[0.1, 0.4, 0.35, 0.8], &[false, false, true, true], None)?;
/// assert_eq!(auc.estimate.value, 0.75);
/// # Ok::<(), firmgrade::Error>(())
/// ```
///
/// # Errors
/// [`Error::Evaluate`]: columns of unequal length, missing or infinite scores, weights below 0, one outcome only.
pub fn auc(score: &[f64], outcome: &[bool], weight: Option<&[f64]>) -> Result<Auc, Error> {
    auc_sampled(score, outcome, Sampling { weight, ..Sampling::default() }, LEVEL)
}

/// [`auc`] under a sampling design and at a level: with strata or populations the variance is that of stratified sampling.
///
/// # Errors
/// As [`auc`]; strata and populations that do not fit, a level outside (0, 1).
pub fn auc_sampled(score: &[f64], outcome: &[bool], sampling: Sampling<'_>, level: f64) -> Result<Auc, Error> {
    let mut faults = Faults::of(score.len());
    faults.score("score", score);
    faults.outcome(outcome, sampling.weight);
    faults.level(level);
    let basis = Basis::new(outcome, sampling, &mut faults);
    Ok(faults.done(basis)?.area(score, outcome, level))
}

/// The area over the rows of a domain, such as a trade, `inside` it by row. Under a design the rows outside stay in the variance with 0, as in
/// [`survey::domain_mean`](super::survey::domain_mean): how many fall into the domain is itself chance.
///
/// # Errors
/// As [`auc_sampled`]; a domain with one outcome only.
pub fn auc_domain(score: &[f64], outcome: &[bool], inside: &[bool], sampling: Sampling<'_>, level: f64) -> Result<Auc, Error> {
    let mut faults = Faults::of(score.len());
    faults.score("score", score);
    faults.rows("outcome", outcome.len());
    faults.rows("domain", inside.len());
    faults.level(level);
    let basis = Basis::new(outcome, sampling, &mut faults);
    let basis = faults.so_far(basis)?;
    let Basis::Sampled { design, variance } = &basis else {
        let rows = |row: &usize| inside.get(*row).copied().unwrap_or(false);
        let take: Vec<usize> = (0..score.len()).filter(rows).collect();
        let score: Vec<f64> = take.iter().filter_map(|&row| score.get(row).copied()).collect();
        let outcome: Vec<bool> = take.iter().filter_map(|&row| outcome.get(row).copied()).collect();
        let mut found = auc_sampled(&score, &outcome, sampling, level)?;
        let mut terms = vec![0.0; inside.len()];
        take.iter().zip(&found.terms).for_each(|(row, term)| terms[*row] = *term);
        found.terms = terms;
        return Ok(found);
    };
    let part: Vec<f64> = design.weight.iter().zip(inside).map(|(&w, &inside)| if inside { w } else { 0.0 }).collect();
    faults.outcome(outcome, Some(&part));
    let weight = |row: usize| part.get(row).copied().unwrap_or(0.0);
    faults.done(Some(()))?;
    Ok(basis.area_of(score, outcome, weight, *variance, level))
}

/// Two areas on the same rows and their difference.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct AucDifference {
    /// The area of the first score.
    pub first: Auc,
    /// The area of the second score.
    pub second: Auc,
    /// First minus second, with its interval.
    pub difference: Estimate,
    /// Two-sided p-value of no difference; 1 where the scores order all pairs alike.
    pub p: f64,
}

/// The difference of two areas on the same rows: the variance is that of the differences of the linearised variables, so the
/// covariance of the two needs no extra term. Without a design this is DeLong's paired test.
///
/// # Errors
/// As [`auc_sampled`], for both scores.
pub fn auc_difference(first: &[f64], second: &[f64], outcome: &[bool], sampling: Sampling<'_>, level: f64) -> Result<AucDifference, Error> {
    let mut faults = Faults::of(first.len());
    faults.score("first score", first);
    faults.rows("second score", second.len());
    faults.score("second score", second);
    faults.outcome(outcome, sampling.weight);
    faults.level(level);
    let basis = Basis::new(outcome, sampling, &mut faults);
    let basis = faults.done(basis)?;
    let (first, second) = (basis.area(first, outcome, level), basis.area(second, outcome, level));
    let apart: Vec<f64> = first.terms.iter().zip(&second.terms).map(|(a, b)| a - b).collect();
    let value = first.estimate.value - second.estimate.value;
    let Spread { variance, freedom } = basis.spread(&apart, outcome);
    let se = variance.sqrt();
    let p = if se > 0.0 { two_sided_t(value / se, freedom) } else { 1.0 };
    let reach = if se > 0.0 { t(level, freedom) * se } else { 0.0 };
    let difference = Estimate { value, se, low: value - reach, high: value + reach };
    Ok(AucDifference { first, second, difference, p })
}

/// What an area's variance is taken over.
enum Basis {
    /// Rows without weights.
    Plain,
    /// Weighted rows, or rows of a stratified sample.
    Sampled { design: Design, variance: Variance },
}

impl Basis {
    fn new(outcome: &[bool], sampling: Sampling<'_>, faults: &mut Faults) -> Option<Self> {
        let stratified = sampling.strata.is_some() || sampling.population.is_some();
        if sampling.weight.is_none() && !stratified {
            return Some(Self::Plain);
        }
        let design = Design::new(sampling, outcome.len(), faults)?;
        let variance = if stratified { Variance::Stratified } else { Variance::Linearised };
        Some(Self::Sampled { design, variance })
    }

    /// The variance of `Σ w·u`.
    fn spread(&self, u: &[f64], outcome: &[bool]) -> Spread {
        match self {
            Self::Sampled { design, .. } => design.spread(u),
            Self::Plain => Spread { variance: Self::delong(u, outcome), freedom: f64::INFINITY },
        }
    }

    fn delong(u: &[f64], outcome: &[bool]) -> f64 {
        [true, false]
            .iter()
            .map(|&class| {
                let of_class = || u.iter().zip(outcome).filter(|(_, y)| **y == class).map(|(u, _)| u);
                let count = of_class().count() as f64;
                // One row of a class has no variance of its own: its term is taken as it is, and is 0.
                let correction = if count > 1.0 { count / (count - 1.0) } else { 1.0 };
                correction * of_class().map(|u| u * u).sum::<f64>()
            })
            .sum()
    }

    fn area(&self, score: &[f64], outcome: &[bool], level: f64) -> Auc {
        match self {
            Self::Plain => self.area_of(score, outcome, |_| 1.0, Variance::DeLong, level),
            Self::Sampled { design, variance } => {
                let weight = |row: usize| design.weight.get(row).copied().unwrap_or(0.0);
                self.area_of(score, outcome, weight, *variance, level)
            }
        }
    }

    fn area_of(&self, score: &[f64], outcome: &[bool], weight: impl Fn(usize) -> f64, variance: Variance, level: f64) -> Auc {
        let bad = |row: usize| outcome.get(row).copied().unwrap_or(false);
        let order = Order::ascending(score);
        // For each row the weight of the other class below it, ties one half.
        let mut below = vec![0.0; score.len()];
        let mut sums = [Class::default(), Class::default()];
        for group in order.ties() {
            let mut tied = [0.0, 0.0];
            for row in group.clone() {
                tied[usize::from(bad(row))] += weight(row);
            }
            for row in group {
                let other = usize::from(!bad(row));
                if let Some(below) = below.get_mut(row) {
                    *below = sums[other].weight + 0.5 * tied[other];
                }
                sums[1 - other].add(weight(row), sums[other].weight + 0.5 * tied[other]);
            }
            for (class, tied) in sums.iter_mut().zip(tied) {
                class.weight += tied;
            }
        }
        let [good, bad_class] = &sums;
        let value = bad_class.agreed / bad_class.weight / good.weight;
        for ((u, &y), row) in below.iter_mut().zip(outcome).zip(0..) {
            // G₁ counts the bad above: all but those below.
            let (class, share) = if y { (bad_class, *u / good.weight) } else { (good, 1.0 - *u / bad_class.weight) };
            *u = if weight(row) > 0.0 { (share - value) / class.weight } else { 0.0 };
        }
        let Spread { variance: spread, freedom } = self.spread(&below, outcome);
        let se = spread.sqrt();
        let trials = bad_class.effective().min(good.effective());
        let estimate = Estimate::logit(value, se, t(level, freedom), level, trials);
        Auc { estimate, bad: bad_class.rows, good: good.rows, variance, terms: below, trials }
    }
}

/// Sums over the rows of one outcome.
#[derive(Default)]
struct Class {
    rows: usize,
    weight: f64,
    squares: f64,
    /// Σ w · weight of the other class below.
    agreed: f64,
}

impl Class {
    fn add(&mut self, weight: f64, below: f64) {
        self.rows += usize::from(weight > 0.0);
        self.squares += weight * weight;
        self.agreed += weight * below;
    }

    /// Kish's effective number of rows.
    fn effective(&self) -> f64 {
        self.weight * self.weight / self.squares
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use approx::assert_relative_eq;

    /// All pairs, one by one.
    fn by_pairs(score: &[f64], outcome: &[bool], weight: &[f64]) -> f64 {
        let (mut agreed, mut pairs) = (0.0, 0.0);
        for i in (0..score.len()).filter(|&i| outcome[i]) {
            for j in (0..score.len()).filter(|&j| !outcome[j]) {
                let w = weight[i] * weight[j];
                pairs += w;
                agreed += w * if score[i] > score[j] {
                    1.0
                } else if score[i] == score[j] {
                    0.5
                } else {
                    0.0
                };
            }
        }
        agreed / pairs
    }

    fn sample(rows: usize, seed: u64) -> (Vec<f64>, Vec<bool>, Vec<f64>) {
        let mut random = crate::ahp::SplitMix64::new(seed);
        let outcome: Vec<bool> = (0..rows).map(|row| row < 2 && row == 0 || random.uniform() < 0.3).collect();
        let score = outcome.iter().map(|&y| (random.normal() * 3.0 + f64::from(u8::from(y)) * 2.0).round()).collect();
        let weight = (0..rows).map(|_| (random.uniform() * 4.0).floor()).collect();
        (score, outcome, weight)
    }

    #[test]
    fn the_area_is_the_share_of_pairs() {
        for seed in 0..20 {
            let (score, outcome, weight) = sample(60, seed);
            let ones = vec![1.0; 60];
            assert_relative_eq!(auc(&score, &outcome, None).unwrap().estimate.value, by_pairs(&score, &outcome, &ones), epsilon = 1e-14);
            let weighted = auc(&score, &outcome, Some(&weight)).unwrap();
            assert_relative_eq!(weighted.estimate.value, by_pairs(&score, &outcome, &weight), epsilon = 1e-14);
            assert!(weighted.terms.iter().zip(&weight).map(|(u, w)| u * w).sum::<f64>().abs() < 1e-13);
        }
    }

    /// The terms are derivatives: a little more weight on a row moves the area by that much times its term.
    #[test]
    fn the_terms_are_the_derivatives_by_the_weights() {
        let (score, outcome, weight) = sample(40, 7);
        let area = auc(&score, &outcome, Some(&weight)).unwrap();
        for row in (0..40).filter(|&row| weight[row] > 0.0) {
            let mut more = weight.clone();
            more[row] += 1e-6;
            let slope = (by_pairs(&score, &outcome, &more) - area.estimate.value) / 1e-6;
            assert_relative_eq!(area.terms[row], slope, epsilon = 1e-7);
        }
    }
}
