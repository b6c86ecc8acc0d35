//! A fixed number of firms at unequal rates: Pareto sampling (Rosén 1997), and conditional Poisson sampling where that is too coarse.
//!
//! Only + − × ÷ on f64, sums in the order of ids, so the bits are the same everywhere.
//!
//! ```text
//! λ       the rate of a firm;  o = λ/(1 − λ) = num/(den − num)
//! Pareto  q = u(1 − λ)/(λ(1 − u)), the n smallest
//! target  c·o/(1 + c·o) with c such that the sum is n: the rates themselves where they add up to n. Pareto aims at it too, for
//!         a factor on all odds does not change the order of q
//! CP      samples of n firms with probability ∝ Π w_k, w such that firm k is in it with its target probability
//! ```

use super::hash::Hash;
use super::ticket::unit;

/// The key of Pareto sampling: `u(1 − λ)/(λ(1 − u))` with u from [`unit()`] and λ the rate, 0 < λ < 1.
#[must_use]
pub fn pareto_key(ticket: &Hash, rate: f64) -> f64 {
    let u = unit(ticket);
    u * (1.0 - rate) / (rate * (1.0 - u))
}

/// The target odds of firms with these odds when `n` of them are drawn, 0 < n < number of firms: the same where their rates add up to
/// `n` (`exact`), else times a factor. The factor is found by halving an interval until its middle is one of its ends; the upper end.
pub(super) fn target_odds(odds: &[f64], n: usize, exact: bool) -> Vec<f64> {
    let c = if exact { 1.0 } else { factor(odds, n as f64) };
    odds.iter().map(|o| c * o).collect()
}

/// The probability with these odds.
pub(super) fn probability(odds: f64) -> f64 {
    odds / (1.0 + odds)
}

fn factor(odds: &[f64], n: f64) -> f64 {
    let expected = |c: f64| odds.iter().fold(0.0, |sum, o| sum + c * o / (1.0 + c * o));
    let (mut low, mut high) = (0.0, 1.0);
    while expected(high) < n && high < 1e300 {
        low = high;
        high *= 2.0;
    }
    loop {
        let middle = low + (high - low) / 2.0;
        if !(low < middle && middle < high) {
            return high;
        }
        if expected(middle) < n {
            low = middle;
        } else {
            high = middle;
        }
    }
}

/// Sums over all ways to take j of the first k firms of the product of their odds, j = 0 … n, for k = 0 … N.
fn sums<'a>(odds: impl Iterator<Item = &'a f64>, n: usize) -> Vec<Vec<f64>> {
    let mut first = vec![0.0; n + 1];
    if let Some(none) = first.first_mut() {
        *none = 1.0;
    }
    let mut all = vec![first];
    for odd in odds {
        let Some(before) = all.last() else { break };
        let taken = std::iter::once(0.0).chain(before.iter().map(|sum| odd * sum));
        let next = before.iter().zip(taken).map(|(left, taken)| left + taken).collect();
        all.push(next);
    }
    all
}

/// How many rounds the working odds may take; half a step each time, about 35 are needed.
const ROUNDS: usize = 500;

/// The working odds of conditional Poisson sampling under which firms are drawn with the target odds: `w ← w(1 + r)/2`, where r is the target
/// odds by the odds reached, until no probability is off by more than 10⁻¹². `None` where they are not reached: rates too near 1.
fn working_odds(goal: &[f64], n: usize) -> Option<Vec<f64>> {
    let mut odds = goal.to_vec();
    for _ in 0..ROUNDS {
        let before = sums(odds.iter(), n);
        let after = sums(odds.iter().rev(), n);
        let mut off: f64 = 0.0;
        let mut next = Vec::with_capacity(odds.len());
        for ((odd, goal), (before, after)) in odds.iter().zip(goal).zip(before.iter().zip(after.iter().rev().skip(1))) {
            let with = odd * before.iter().zip(after.iter().rev().skip(1)).fold(0.0, |sum, (b, a)| sum + b * a);
            let without = before.iter().zip(after.iter().rev()).fold(0.0, |sum, (b, a)| sum + b * a);
            let miss = with / (with + without) - probability(*goal);
            off = if miss.abs() <= off { off } else { miss.abs() };
            next.push(odd * (1.0 + goal * without / with) / 2.0);
        }
        if off <= 1e-12 {
            return Some(odds);
        }
        odds = next;
    }
    None
}

/// Conditional Poisson sampling, firm by firm in the order of ids: firm k is taken iff its unit number is below
/// `w_k·R(n' − 1, after k)/R(n', from k)`, with n' firms still to take and R(j, S) the sum over all ways to take j of S. Gives the indices.
pub(super) fn conditional_poisson(tickets: &[Hash], goal: &[f64], n: usize) -> Option<Vec<usize>> {
    let odds = working_odds(goal, n)?;
    let from_end = sums(odds.iter().rev(), n);
    let mut left = n;
    let mut taken = Vec::with_capacity(n);
    let pairs = from_end.iter().rev().zip(from_end.iter().rev().skip(1));
    for (at, ((odd, ticket), (from, after))) in odds.iter().zip(tickets).zip(pairs).enumerate() {
        if left == 0 {
            break;
        }
        // The last firms are all needed; a comparison with the rounded quotient could miss one.
        let needed = odds.len() - at == left;
        if needed || unit(ticket) < odd * after.get(left - 1)? / from.get(left)? {
            taken.push(at);
            left -= 1;
        }
    }
    Some(taken)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ahp::SplitMix64;

    /// By hand: the first u64 is 2⁶³, so u = (2⁵² + 0.5)/2⁵³, which is 0.5 after rounding; q = (1 − λ)/λ = 3 at λ = ¼.
    #[test]
    fn the_key_by_hand() {
        let mut half = [0; 32];
        half[0] = 0x80;
        assert_eq!(pareto_key(&Hash(half), 0.25).to_bits(), 3.0_f64.to_bits());
        // u = 0.5/2⁵³ = 2⁻⁵⁴ and 1 − u rounds to 1: q = 2⁻⁵⁴ at λ = ½.
        assert_eq!(pareto_key(&Hash([0; 32]), 0.5).to_bits(), (1.0 / 18_014_398_509_481_984.0_f64).to_bits());
    }

    /// Inclusion probabilities by enumeration of all samples: a second way, not the recursion.
    #[test]
    fn working_odds_reach_their_targets() {
        for (odds, n) in [
            (vec![0.1, 0.5, 2.0, 9.0, 0.01, 1.0], 3),
            (vec![9.0, 1.0 / 9.0], 1),
            (vec![1e-6, 1e-3, 500.0, 3.0, 4000.0, 1.0, 0.2], 4),
            (vec![1.0; 5], 4),
        ] {
            let goal = target_odds(&odds, n, false);
            assert!((goal.iter().map(|g| probability(*g)).sum::<f64>() - n as f64).abs() < 1e-12);
            let work = working_odds(&goal, n).unwrap();
            let (mut with, mut all) = (vec![0.0; odds.len()], 0.0);
            for set in (0..1_u32 << odds.len()).filter(|set| set.count_ones() as usize == n) {
                let members = || (0..odds.len()).filter(|k| set >> k & 1 == 1);
                let weight: f64 = members().map(|k| work[k]).product();
                all += weight;
                members().for_each(|k| with[k] += weight);
            }
            for (with, goal) in with.iter().zip(&goal) {
                assert!((with / all - probability(*goal)).abs() < 1e-11, "{odds:?}: {} for {goal}", with / all);
            }
        }
    }

    /// 4,000 draws of 2 of 6 firms: each firm within 4 standard deviations of its rate.
    #[test]
    fn conditional_poisson_keeps_its_rates() {
        let rates = [0.1, 0.2, 0.3, 0.4, 0.45, 0.55];
        let odds: Vec<f64> = rates.iter().map(|p| p / (1.0 - p)).collect();
        let goal = target_odds(&odds, 2, true);
        let mut stream = SplitMix64::new(1);
        let mut drawn = [0_u32; 6];
        let draws = 4_000;
        for _ in 0..draws {
            let tickets: [Hash; 6] = std::array::from_fn(|_| {
                let mut ticket = [0; 32];
                ticket[..8].copy_from_slice(&stream.next_u64().to_be_bytes());
                Hash(ticket)
            });
            let taken = conditional_poisson(&tickets, &goal, 2).unwrap();
            assert_eq!(taken.len(), 2);
            taken.iter().for_each(|at| drawn[*at] += 1);
        }
        for (count, p) in drawn.iter().zip(rates) {
            let (expected, sd) = (p * f64::from(draws), (p * (1.0 - p) * f64::from(draws)).sqrt());
            assert!((f64::from(*count) - expected).abs() < 4.0 * sd, "{drawn:?}");
        }
    }
}
