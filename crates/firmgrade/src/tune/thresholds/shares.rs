//! Cut points at shares of the firms.

use crate::tune::partition::Cumulated;

/// What shares must be.
pub(super) const SHARES: &str = "at least two numbers from 0 to 1 with the sum 1";

pub(super) fn sums_to_one(shares: &[f64]) -> bool {
    shares.len() > 1
        && shares.iter().all(|share| (0.0..=1.0).contains(share))
        && (shares.iter().fold(0.0, |sum, share| sum + share) - 1.0).abs() <= 1e-6
}

/// The shares up to each cut.
pub(super) fn cumulated(shares: &[f64]) -> Vec<f64> {
    let mut sum = 0.0;
    let mut sums: Vec<f64> = shares
        .iter()
        .map(|share| {
            sum += share;
            sum
        })
        .collect();
    sums.pop();
    sums
}

/// Cuts at shares of the weight, ties on the side that comes nearer, the stricter where both are as near: as [`grade`](fn@crate::grade) does it.
pub(super) fn at_shares(sums: &Cumulated, wanted: &[f64]) -> Vec<usize> {
    let whole = sums.weight.last().copied().unwrap_or(0.0);
    let mut before = 0;
    wanted
        .iter()
        .map(|share| {
            let target = share * whole;
            let inside = sums.weight.partition_point(|sum| *sum <= target * (1.0 + 1e-15)).min(sums.len());
            let out = inside.saturating_sub(1);
            // `out` levels weigh at most the target, `inside` levels more.
            let take_in = (sums.weight[inside] - target).abs() < (target - sums.weight[out]).abs();
            before = (if take_in { inside } else { out }).max(before);
            before
        })
        .collect()
}
