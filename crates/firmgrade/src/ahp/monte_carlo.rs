//! How certain weights are when judgments are not: the weights of judgments drawn around those that were made.

use ndarray::{Array1, Array2};
use rayon::prelude::*;
use serde::Serialize;

use super::fault::JudgmentFault;
use super::judgments::Judgments;
use super::priority::{Method, Workspace, consistency_index};
use super::repair::position;
use super::sensitivity::upper_pairs;
use super::splitmix::SplitMix64;

/// How a judgment may have come out otherwise, each independently of the others.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
#[serde(rename_all = "snake_case", tag = "kind", content = "size")]
pub enum Spread {
    /// Uniformly up to so many whole steps of the scale 1/9 … 1 … 9 up or down, ending at its ends; a judgment beyond 9 stays beyond. Values
    /// between two of the scale move with the same steps of their place.
    Steps(u32),
    /// `ln a` is normal around the judgment with this standard deviation, from 0 to 10.
    LogNormal(f64),
    /// `ln a` is uniform within ± this around the judgment, from 0 to 10.
    LogUniform(f64),
}

/// Weights of many draws.
#[derive(Debug, Clone, PartialEq)]
pub struct MonteCarlo {
    /// The things weighed.
    pub names: Vec<String>,
    /// One row of weights for each draw, shape `(draws, n)`.
    pub weights: Array2<f64>,
    /// The consistency index of each draw, shape `(draws,)`.
    pub ci: Array1<f64>,
    /// The generator, [`SplitMix64::NAME`].
    pub generator: &'static str,
    /// Its seed.
    pub seed: u64,
}

impl Judgments {
    /// The weights of `draws` sets of judgments around these. Draw d uses [`SplitMix64::stream`]`(seed, d)` and takes its judgments row by row
    /// above the diagonal: the same bits for any number of threads, and a longer run begins with the shorter one.
    ///
    /// # Errors
    /// Every fault at once: no draws, a spread that is negative, above 10 or not a number.
    pub fn monte_carlo(&self, spread: Spread, draws: usize, seed: u64, method: Method) -> Result<MonteCarlo, Vec<JudgmentFault>> {
        let mut faults = Vec::new();
        if draws == 0 {
            faults.push(JudgmentFault::NoDraws);
        }
        faults.extend(spread.fault());
        if !faults.is_empty() {
            return Err(faults);
        }
        let n = self.n();
        let pairs = upper_pairs(n);
        let mut weights = vec![0.0; draws * n];
        let mut ci = vec![0.0; draws];
        let each = weights.par_chunks_mut(n).zip(&mut ci).enumerate().with_min_len(64);
        each.for_each_init(
            || (Workspace::new(n), self.matrix().to_vec()),
            |(workspace, matrix), (draw, (weights, ci))| {
                let mut generator = SplitMix64::stream(seed, draw as u64);
                for &(i, j) in &pairs {
                    // The side ≥ 1 carries the judgment; the other is its rounded reciprocal.
                    let (i, j) = if self.matrix()[i * n + j] >= 1.0 { (i, j) } else { (j, i) };
                    let drawn = drawn(self.matrix()[i * n + j], spread, &mut generator);
                    let high = drawn.max(1.0 / drawn).min(Self::MAX_ENTRY);
                    let (i, j) = if drawn >= 1.0 { (i, j) } else { (j, i) };
                    matrix[i * n + j] = high;
                    matrix[j * n + i] = 1.0 / high;
                }
                workspace.prioritise(matrix, method);
                workspace.vector.shares_into(weights);
                *ci = consistency_index(matrix, n, &workspace.vector);
            },
        );
        Ok(MonteCarlo {
            names: self.names().to_vec(),
            weights: Array1::from_vec(weights).into_shape_with_order((draws, n)).unwrap_or_default(),
            ci: Array1::from_vec(ci),
            generator: SplitMix64::NAME,
            seed,
        })
    }
}

impl Spread {
    /// What is wrong with it.
    pub(crate) fn fault(self) -> Option<JudgmentFault> {
        match self {
            Self::LogNormal(size) | Self::LogUniform(size) if !(0.0..=10.0).contains(&size) => Some(JudgmentFault::Spread { value: size }),
            Self::Steps(_) | Self::LogNormal(_) | Self::LogUniform(_) => None,
        }
    }
}

/// The value below which a share of the sorted values lies, between two of them on the line; NaN where there are none.
pub(crate) fn quantile(sorted: &[f64], share: f64) -> f64 {
    let Some(last) = sorted.len().checked_sub(1) else { return f64::NAN };
    let place = share * last as f64;
    let below = place.floor() as usize;
    let next = sorted[(below + 1).min(last)];
    sorted[below] + (place - place.floor()) * (next - sorted[below])
}

/// A judgment `a ≥ 1` as it might have been.
fn drawn(a: f64, spread: Spread, generator: &mut SplitMix64) -> f64 {
    match spread {
        Spread::Steps(steps) => {
            let by = generator.below(2 * u64::from(steps) + 1) as f64 - f64::from(steps);
            let here = position(a);
            at_position((here + by).clamp(-8.0, here.max(8.0)))
        }
        Spread::LogNormal(size) => a * (size * generator.normal()).exp(),
        Spread::LogUniform(size) => a * (size * (2.0 * generator.uniform() - 1.0)).exp(),
    }
}

/// The value at a place of the scale, see [`position`].
fn at_position(place: f64) -> f64 {
    let size = place.abs();
    let whole = size.floor().min(7.0) + 1.0;
    let share = size - (whole - 1.0);
    // Whole places are whole numbers, not 2.9999999999999996.
    let value = if share > 0.0 { whole * ((whole + 1.0) / whole).powf(share) } else { whole };
    let value = if (value - value.round()).abs() < 1e-12 { value.round() } else { value };
    if place >= 0.0 { value } else { 1.0 / value }
}

impl MonteCarlo {
    /// The weights below which the given shares of the draws lie, shape `(shares, n)`: 0.025 and 0.975 give the interval of 95 %.
    /// Between two draws the line (Hyndman & Fan, *Sample quantiles in statistical packages*, Am. Statist. 50, 1996, definition 7).
    ///
    /// # Errors
    /// Shares outside [0, 1].
    pub fn quantiles(&self, shares: &[f64]) -> Result<Array2<f64>, Vec<JudgmentFault>> {
        let bad = shares.iter().enumerate().filter(|(_, x)| !(0.0..=1.0).contains(*x));
        let faults: Vec<JudgmentFault> = bad.map(|(at, &value)| JudgmentFault::Point { at, value }).collect();
        if !faults.is_empty() {
            return Err(faults);
        }
        let mut found = Array2::zeros((shares.len(), self.names.len()));
        for (thing, column) in self.weights.columns().into_iter().enumerate() {
            let mut sorted = column.to_vec();
            sorted.sort_by(f64::total_cmp);
            for (row, share) in shares.iter().enumerate() {
                found[[row, thing]] = quantile(&sorted, *share);
            }
        }
        Ok(found)
    }

    /// The share of draws in which thing i has rank r, shape `(n, n)`, rank 1 in the first column; ties in the order of the things.
    pub fn ranks(&self) -> Array2<f64> {
        let n = self.names.len();
        let mut counts = Array2::zeros((n, n));
        let mut order: Vec<usize> = (0..n).collect();
        for weights in self.weights.rows() {
            order.sort_by(|&a, &b| weights[b].total_cmp(&weights[a]).then(a.cmp(&b)));
            for (rank, &thing) in order.iter().enumerate() {
                counts[[thing, rank]] += 1.0;
            }
        }
        counts / self.weights.nrows().max(1) as f64
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn places_are_values_and_back() {
        for (place, value) in [(0.0, 1.0), (1.0, 2.0), (8.0, 9.0), (-8.0, 1.0 / 9.0), (-2.0, 1.0 / 3.0), (7.0, 8.0)] {
            assert!((at_position(place) - value).abs() < 1e-15 && (position(value) - place).abs() < 1e-12, "{place}");
        }
        for value in [1.5, 2.9, 8.99, 9.5, 100.0, 0.7, 0.01] {
            assert!((at_position(position(value)) / value - 1.0).abs() < 1e-13, "{value}");
        }
    }

    /// A judgment of 8 may become 7, 8 or 9 with one step, each equally often; of 9 it ends at 9.
    #[test]
    fn steps_are_uniform_and_end_with_the_scale() {
        let mut generator = SplitMix64::new(1);
        let mut counts = [0_i32; 3];
        for _ in 0..30_000 {
            counts[drawn(8.0, Spread::Steps(1), &mut generator) as usize - 7] += 1;
            assert!([8.0, 9.0].contains(&drawn(9.0, Spread::Steps(1), &mut generator)));
            assert!([0.5, 1.0, 2.0].contains(&drawn(1.0, Spread::Steps(1), &mut generator)));
        }
        assert!(counts.iter().all(|count| (count - 10_000).abs() < 410), "{counts:?}");
    }
}
