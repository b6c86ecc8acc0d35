//! How uncertain cut points are.

use super::ThresholdOptions;
use super::aim::Aim;
use crate::ahp::{SplitMix64, quantile};
use crate::evaluate::Estimate;
use crate::tune::levels::Levels;
use crate::tune::partition::Cumulated;
use rayon::prelude::*;
use statrs::distribution::{Binomial, DiscreteCDF};

/// Intervals of quantiles: the order statistics between which the quantile lies with at least the level.
pub(super) fn order_statistics(levels: &Levels, aim: &Aim, level: f64) -> Vec<Estimate> {
    let sums = Cumulated::of(&levels.cells);
    let rows = sums.rows.last().copied().unwrap_or(0.0);
    let (tail, z) = ((1.0 - level) / 2.0, Estimate::normal(0.0, 1.0, level).high);
    let at = |rank: f64| {
        let after = sums.rows.partition_point(|sum| *sum < rank.clamp(1.0, rows)).clamp(1, levels.risk.len());
        levels.risk[after - 1]
    };
    aim.wanted()
        .into_iter()
        .map(|share| {
            let law = Binomial::new(share.clamp(0.0, 1.0), rows as u64).ok();
            let rank = |p: f64| law.as_ref().map_or(0.0, |law| law.inverse_cdf(p) as f64);
            let (low, high) = (at(rank(tail)), at(rank(1.0 - tail) + 1.0));
            Estimate { value: at(share * rows), se: (high - low) / (2.0 * z), low, high }
        })
        .collect()
}

/// Intervals from samples of rows drawn with replacement, and how many samples could not be cut.
pub(super) fn bootstrapped(
    levels: &Levels,
    aim: &Aim,
    joined: &[usize],
    cuts: usize,
    options: &ThresholdOptions,
) -> (Vec<Estimate>, usize) {
    let drawn: Vec<Vec<usize>> = (0..options.draws as u64)
        .into_par_iter()
        .filter_map(|draw| aim.solve(&levels.again(&mut SplitMix64::stream(options.seed, draw)), joined))
        .collect();
    let tail = (1.0 - options.level) / 2.0;
    let intervals = (0..cuts).map(|cut| {
        let value = |ends: &Vec<usize>| ends.get(cut).map_or(f64::NAN, |end| levels.risk[end.saturating_sub(1)]);
        let mut values: Vec<f64> = drawn.iter().map(value).collect();
        values.sort_by(f64::total_cmp);
        let count = values.len() as f64;
        let mean = values.iter().fold(0.0, |sum, value| sum + value) / count;
        let squares = values.iter().fold(0.0, |sum, value| sum + (value - mean) * (value - mean));
        let se = (squares / (count - 1.0)).sqrt();
        Estimate { value: mean, se, low: quantile(&values, tail), high: quantile(&values, 1.0 - tail) }
    });
    (intervals.collect(), options.draws - drawn.len())
}
