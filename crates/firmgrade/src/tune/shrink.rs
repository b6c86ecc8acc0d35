//! The penalised fit around the experts' weights, and how far it may go: cross-validated, the nearest to the experts that is as good.

use super::design::{Design, softplus};
use super::logistic::{Fit, Known, Prior, Trouble, fit};
use super::sample::Sample;
use crate::error::Error;
use rayon::prelude::*;
use serde::{Deserialize, Serialize};

/// How far from the experts the weights were allowed, and how well that foretold outcomes it had not seen.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct Shrinkage {
    /// The prior's spread as a share of each expert weight: small is near the experts.
    pub tau: f64,
    /// Mean logarithmic loss of rows left out, weighted by 1/π.
    pub loss: f64,
    /// By how much that is above the smallest loss.
    pub above_best: f64,
    /// The standard error of `above_best`, row by row.
    pub se: f64,
    /// Whether this one was taken: the smallest τ whose `above_best` is at most its `se`.
    pub taken: bool,
}

/// Coefficients around the experts' weights.
#[derive(Clone, Debug)]
pub(super) struct Shrunk {
    /// Intercept first; `fit.inverse` holds the information with the prior's.
    pub(super) fit: Fit,
}

/// `logit p = a + c·risk`
pub(super) fn slope(sample: &Sample, weight: &[f64]) -> Result<Fit, Error> {
    fit(&sample.along, &sample.outcome, weight, &Known::nothing(2), None).map_err(|trouble| trouble.named(|_| "the card's risk".to_owned()))
}

/// The fit with the prior `γ_j ~ N(c₀w₀_j, (τc₀w₀_j)²)` on the rows with a weight. Where the risk of the card does not rise with outcomes in
/// these rows there is no prior to be had, and the experts' weights stay.
pub(super) fn shrunk(sample: &Sample, weight: &[f64], tau: f64) -> Result<Shrunk, Error> {
    let along = slope(sample, weight)?;
    let (intercept, slope) = (along.beta[0], along.beta[1]);
    let mean: Vec<f64> = sample.expert.iter().map(|expert| slope * expert).collect();
    let start: Vec<f64> = std::iter::once(intercept).chain(mean.iter().copied()).collect();
    if !(slope > 0.0) {
        let size = start.len();
        return Ok(Shrunk {
            fit: Fit { beta: start, inverse: vec![0.0; size * size], log_likelihood: along.log_likelihood, iterations: 0 },
        });
    }
    let known = Known::of(&Prior { sd: mean.iter().map(|mean| tau * mean).collect(), mean });
    let fit = fit(&sample.design, &sample.outcome, weight, &known, Some(&start)).map_err(|trouble| named(sample, trouble))?;
    Ok(Shrunk { fit })
}

fn named(sample: &Sample, trouble: Trouble) -> Error {
    trouble.named(|column| format!("indicator {}", sample.active.get(column - 1).map_or(0, |at| at + 1)))
}

/// `max(γ_j, 0)/Σ max(γ, 0)`; the experts' weights where no coefficient is above 0.
pub(super) fn normalised(coefficients: &[f64], expert: &[f64]) -> Vec<f64> {
    let sum = coefficients.iter().fold(0.0, |sum, value| sum + value.max(0.0));
    if sum > 0.0 { coefficients.iter().map(|value| value.max(0.0) / sum).collect() } else { expert.to_vec() }
}

/// All the fits of a cross-validation in two levels: without one fold, and without two.
pub(super) struct Crossed {
    /// By τ: fits without fold k.
    single: Vec<Vec<Fit>>,
    /// By τ: fits without folds k and j, k < j, in the order of (k, j).
    double: Vec<Vec<Fit>>,
}

impl Crossed {
    pub(super) fn new(sample: &Sample, weight: &[f64], taus: &[f64]) -> Result<Self, Error> {
        let pairs: Vec<(usize, usize)> = (0..sample.folds).flat_map(|k| (k..sample.folds).map(move |j| (k, j))).collect();
        let jobs: Vec<(f64, usize, usize)> = taus.iter().flat_map(|tau| pairs.iter().map(move |(k, j)| (*tau, *k, *j))).collect();
        let fits: Vec<Fit> = jobs
            .par_iter()
            .map(|(tau, k, j)| {
                let left: Vec<f64> =
                    weight.iter().zip(&sample.fold).map(|(w, fold)| if fold == k || fold == j { 0.0 } else { *w }).collect();
                shrunk(sample, &left, *tau).map(|shrunk| shrunk.fit)
            })
            .collect::<Result<_, _>>()?;
        let (mut single, mut double) = (Vec::new(), Vec::new());
        for fits in fits.chunks(pairs.len().max(1)) {
            let of = |same: bool| pairs.iter().zip(fits).filter(|((k, j), _)| (k == j) == same).map(|(_, fit)| fit.clone()).collect();
            single.push(of(true));
            double.push(of(false));
        }
        Ok(Self { single, double })
    }

    /// The fit without fold k.
    pub(super) fn without(&self, tau: usize, fold: usize) -> Option<&Fit> {
        self.single.get(tau)?.get(fold)
    }

    /// τ for all rows, or for those outside one fold, chosen by the loss of rows left out.
    pub(super) fn choose(&self, sample: &Sample, taus: &[f64], outside: Option<usize>) -> (usize, Vec<Shrinkage>) {
        let by_design = sample.by_design();
        let losses: Vec<Vec<f64>> = (0..taus.len())
            .map(|tau| {
                let mut loss = vec![0.0; sample.rows()];
                for held in (0..sample.folds).filter(|held| Some(*held) != outside) {
                    let fit = match outside {
                        None => self.single.get(tau).and_then(|fits| fits.get(held)),
                        Some(other) => {
                            self.double.get(tau).and_then(|fits| fits.get(place(held.min(other), held.max(other), sample.folds)))
                        }
                    };
                    let Some(fit) = fit else { continue };
                    put_losses(&sample.design, &fit.beta, sample, held, &mut loss);
                }
                loss
            })
            .collect();
        let rows: Vec<usize> = (0..sample.rows()).filter(|row| outside.is_none_or(|outside| sample.fold[*row] != outside)).collect();
        chosen(taus, &losses, &by_design, &rows)
    }
}

/// Where the pair k < j stands among pairs.
fn place(k: usize, j: usize, folds: usize) -> usize {
    (0..k).map(|before| folds - 1 - before).sum::<usize>() + j - k - 1
}

/// Logarithmic losses of the rows of a fold.
pub(super) fn put_losses(design: &Design, beta: &[f64], sample: &Sample, held: usize, losses: &mut [f64]) {
    for (row, eta) in design.times(beta).into_iter().enumerate().filter(|(row, _)| sample.fold[*row] == held) {
        losses[row] = softplus(if sample.bad[row] { -eta } else { eta });
    }
}

/// The first candidate (they run from the most to the least cautious) that is not worse than the best by more than the standard error of
/// the difference, row by row.
pub(super) fn chosen(candidates: &[f64], losses: &[Vec<f64>], weight: &[f64], rows: &[usize]) -> (usize, Vec<Shrinkage>) {
    let whole = rows.iter().fold(0.0, |sum, row| sum + weight[*row]);
    let mean = |of: &dyn Fn(usize) -> f64| rows.iter().fold(0.0, |sum, row| sum + weight[*row] * of(*row)) / whole;
    let means: Vec<f64> = losses.iter().map(|losses| mean(&|row| losses[row])).collect();
    let best = means.iter().enumerate().min_by(|a, b| a.1.total_cmp(b.1).then(a.0.cmp(&b.0))).map_or(0, |(at, _)| at);
    let mut table: Vec<Shrinkage> = candidates
        .iter()
        .zip(losses)
        .map(|(tau, own)| {
            let apart = |row: usize| own[row] - losses[best][row];
            let above = mean(&apart);
            let squares = rows.iter().fold(0.0, |sum, row| sum + (weight[*row] * (apart(*row) - above)).powi(2));
            Shrinkage { tau: *tau, loss: mean(&|row| own[row]), above_best: above, se: squares.sqrt() / whole, taken: false }
        })
        .collect();
    let taken = table.iter().position(|candidate| candidate.above_best <= candidate.se).unwrap_or(best);
    if let Some(candidate) = table.get_mut(taken) {
        candidate.taken = true;
    }
    (taken, table)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pairs_of_folds_stand_in_order() {
        for folds in 3..8 {
            let pairs: Vec<(usize, usize)> = (0..folds).flat_map(|k| (k + 1..folds).map(move |j| (k, j))).collect();
            assert!(pairs.iter().enumerate().all(|(at, (k, j))| place(*k, *j, folds) == at));
        }
    }

    /// Losses (0.5, 0.4, 0.39): the second is above the best by 0.01 with a standard error of √2·0.02/2 = 0.01414, the first by 0.11.
    #[test]
    fn the_most_cautious_that_is_as_good_is_taken() {
        let losses = [vec![0.5, 0.5], vec![0.42, 0.38], vec![0.39, 0.39]];
        let (taken, table) = chosen(&[0.1, 0.25, 0.5], &losses, &[1.0, 1.0], &[0, 1]);
        assert_eq!(taken, 1);
        assert!((table[1].se - 0.02 / 2.0_f64.sqrt()).abs() < 1e-15 && (table[1].above_best - 0.01).abs() < 1e-15);
        assert!(table[1].taken && !table[0].taken && !table[2].taken);
    }
}
