//! How a number of firms is shared among strata, in whole numbers.

use super::super::Rate;
use std::cmp::Ordering;
use std::collections::BinaryHeap;

/// Shares `total` in proportion to `sizes`: what is left after rounding down goes to the largest remainders, ties to the first. At most the
/// sum of the sizes is shared, so nobody gets more than its size.
///
/// ```
/// // 10 × 5/9 = 5.56, 10 × 3/9 = 3.33, 10 × 1/9 = 1.11: the tenth goes to the first.
/// assert_eq!(firmgrade::sample::plan::proportional(10, &[50, 30, 10]), [6, 3, 1]);
/// ```
#[must_use]
pub fn proportional(total: u64, sizes: &[u64]) -> Vec<u64> {
    let sum: u128 = sizes.iter().map(|size| u128::from(*size)).sum();
    if u128::from(total) >= sum {
        return sizes.to_vec();
    }
    let mut shares: Vec<(u64, u128)> = sizes
        .iter()
        .map(|size| {
            let product = u128::from(total) * u128::from(*size);
            // INVARIANT: at most `total`, which has 64 bits; the sum is not 0, for it exceeds `total`.
            ((product / sum) as u64, product % sum)
        })
        .collect();
    let left = total - shares.iter().map(|(share, _)| share).sum::<u64>();
    let mut order: Vec<usize> = (0..shares.len()).collect();
    order.sort_by_key(|at| (std::cmp::Reverse(shares.get(*at).map(|(_, rest)| *rest)), *at));
    for at in order.into_iter().take(usize::try_from(left).unwrap_or(usize::MAX)) {
        if let Some((share, _)) = shares.get_mut(at) {
            *share += 1;
        }
    }
    shares.into_iter().map(|(share, _)| share).collect()
}

/// A stratum to which firms are allocated.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Allocated {
    /// Its group: the floor holds for each group.
    pub group: usize,
    /// N: its firms.
    pub firms: u64,
    /// The most that can be drawn.
    pub most: u64,
    /// The expected share with violations, p; S² = p(1 − p).
    pub expected: Rate,
}

/// Neyman's allocation in whole numbers: the smallest `Σ N²·S²/n` of all allocations of `total` firms with at least `floor` in each group (all where
/// a group has fewer) and at most `most` in each stratum. A stratum with S = 0 gets firms for the floor only, in
/// proportion to N.
///
/// ```text
/// repeatedly one more where N_h·S_h/√(k(k + 1)) is largest, k those it has; first within each group up to the floor, then everywhere
/// ```
/// Source: T. Wright, "Exact optimal sample allocation: More efficient than Neyman", Statistics & Probability Letters 129 (2017), 50–57. Squares of
/// priorities are compared as products of 256 bits, so there is no rounding; ties go to the first stratum.
///
/// `expected` may have a denominator of at most 10⁶ and N be at most 2³², as policies and frames have it.
#[must_use]
pub fn neyman(strata: &[Allocated], floor: u64, total: u64) -> Vec<u64> {
    let mut given = vec![0_u64; strata.len()];
    let mut groups: Vec<usize> = strata.iter().map(|stratum| stratum.group).collect();
    groups.sort_unstable();
    groups.dedup();
    let mut left = total;
    for group in groups {
        let wanted = floor.min(left);
        left -= add(strata, &mut given, wanted, &|stratum| stratum.group == group);
    }
    add(strata, &mut given, left, &|stratum| stratum.expected.num > 0 && stratum.expected.num < stratum.expected.den);
    given
}

/// Gives up to `wanted` more firms to some strata; says how many.
fn add(strata: &[Allocated], given: &mut [u64], wanted: u64, of: &dyn Fn(&Allocated) -> bool) -> u64 {
    let next = |at: usize, has: u64| strata.get(at).filter(|stratum| has < stratum.most).map(|stratum| Priority::new(stratum, at, has));
    let chosen = strata.iter().enumerate().filter(|(_, stratum)| of(stratum)).map(|(at, _)| at);
    let mut heap: BinaryHeap<Priority> = chosen.filter_map(|at| next(at, given.get(at).copied()?)).collect();
    let mut added = 0;
    while added < wanted {
        let Some(best) = heap.pop() else { break };
        if let Some(has) = given.get_mut(best.at) {
            *has += 1;
            heap.extend(next(best.at, *has));
        }
        added += 1;
    }
    added
}

/// `(N·S)²/(k(k + 1))`, infinite for k = 0; those are told apart by `(N·S)²`.
#[derive(Clone, Copy, Debug)]
struct Priority {
    first: bool,
    num: u128,
    den: u128,
    at: usize,
}

impl Priority {
    fn new(stratum: &Allocated, at: usize, has: u64) -> Self {
        let Rate { num, den } = lowest(stratum.expected);
        let (n, k) = (u128::from(stratum.firms), u128::from(has));
        // (N·S)² = N²·num(den − num)/den².
        // Without any spread firms are shared by N alone; only the floor comes here then.
        let variance = (u128::from(num) * u128::from(den - num)).max(1);
        let spread = (n * n).saturating_mul(variance);
        let den = (u128::from(den) * u128::from(den)).saturating_mul((k * (k + 1)).max(1));
        Self { first: has == 0, num: spread, den, at }
    }
}

fn lowest(rate: Rate) -> Rate {
    let (mut a, mut b) = (rate.num, rate.den);
    while b != 0 {
        (a, b) = (b, a % b);
    }
    Rate { num: rate.num / a.max(1), den: rate.den / a.max(1) }
}

impl Ord for Priority {
    fn cmp(&self, other: &Self) -> Ordering {
        let ratio = || wide(self.num, other.den).cmp(&wide(other.num, self.den));
        self.first.cmp(&other.first).then_with(ratio).then_with(|| other.at.cmp(&self.at))
    }
}

impl PartialOrd for Priority {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

impl PartialEq for Priority {
    fn eq(&self, other: &Self) -> bool {
        self.cmp(other) == Ordering::Equal
    }
}

impl Eq for Priority {}

/// The product as high and low 128 bits.
fn wide(a: u128, b: u128) -> (u128, u128) {
    const LOW: u128 = u64::MAX as u128;
    let (a1, a0, b1, b0) = (a >> 64, a & LOW, b >> 64, b & LOW);
    let (low, middle, other) = (a0 * b0, a1 * b0, a0 * b1);
    let carry = (low >> 64) + (middle & LOW) + (other & LOW);
    (a1 * b1 + (middle >> 64) + (other >> 64) + (carry >> 64), (carry << 64) | (low & LOW))
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn products_have_256_bits() {
        assert_eq!(wide(u128::MAX, u128::MAX), (u128::MAX - 1, 1));
        assert_eq!(wide(1 << 100, 1 << 100), (1 << 72, 0));
        assert_eq!(wide(7, 6), (0, 42));
    }

    fn stratum(group: usize, firms: u64, most: u64, percent: u64) -> Allocated {
        Allocated { group, firms, most, expected: Rate { num: percent, den: 100 } }
    }

    /// By hand: N·S of 100·0.5 = 50 and 100·0.3 = 30. Priorities after the first of each: 50/√2 = 35.4, 50/√6 = 20.4, 50/√12 = 14.4 and 30/√2 = 21.2,
    /// 30/√6 = 12.2. Of six: one each, then 35.4, 21.2, 20.4, 14.4.
    #[test]
    fn the_next_firm_goes_to_the_largest_priority() {
        let two = [stratum(0, 100, 100, 50), stratum(1, 100, 100, 10)];
        assert_eq!(neyman(&two, 1, 6), [4, 2]);
        assert_eq!(neyman(&two, 1, 4), [2, 2]);
        assert_eq!(neyman(&two, 3, 6), [3, 3]);
        assert_eq!(neyman(&[stratum(0, 100, 2, 50), stratum(1, 100, 100, 10)], 1, 6), [2, 4]);
        assert_eq!(neyman(&[stratum(0, 100, 100, 50), stratum(1, 100, 100, 0)], 2, 9), [7, 2]);
        assert_eq!(neyman(&[stratum(0, 200, 100, 0), stratum(0, 100, 100, 0), stratum(1, 90, 100, 10)], 6, 12), [4, 2, 6]);
    }

    /// Every allocation within the bounds.
    fn all(strata: &[Allocated], total: u64) -> Vec<Vec<u64>> {
        let Some((first, rest)) = strata.split_first() else { return if total == 0 { vec![Vec::new()] } else { Vec::new() } };
        let mut found = Vec::new();
        for n in 1..=first.most.min(total) {
            for mut tail in all(rest, total - n) {
                tail.insert(0, n);
                found.push(tail);
            }
        }
        found
    }

    fn variance(strata: &[Allocated], given: &[u64]) -> f64 {
        strata
            .iter()
            .zip(given)
            .map(|(s, n)| (s.firms as f64).powi(2) * s.expected.to_f64() * (1.0 - s.expected.to_f64()) / *n as f64)
            .sum()
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(64))]

        /// Against every allocation there is: none has a smaller variance.
        #[test]
        fn no_allocation_is_better(
            said in proptest::collection::vec((0_usize..2, 8_u64..60, 3_u64..8, 1_u64..60), 2..5), floor in 4_u64..6, more in 0_u64..8
        ) {
            let strata: Vec<Allocated> = said.iter().map(|(group, firms, most, percent)| stratum(*group, *firms, *most, *percent)).collect();
            let room = |group: Option<usize>| -> u64 {
                strata.iter().filter(|s| group.is_none_or(|group| s.group == group)).map(|s| s.most).sum()
            };
            let total = (floor * 2 + more).min(room(None));
            let given = neyman(&strata, floor, total);
            prop_assert_eq!(given.iter().sum::<u64>(), total);
            let of = |given: &[u64], group| -> u64 { strata.iter().zip(given).filter(|(s, _)| s.group == group).map(|(_, n)| n).sum() };
            let kept = |given: &[u64]| (0..2).all(|group| of(given, group) >= floor.min(room(Some(group))));
            prop_assert!(kept(&given));
            if given.iter().all(|n| *n > 0) {
                for other in all(&strata, total).iter().filter(|other| kept(other)) {
                    prop_assert!(variance(&strata, &given) <= variance(&strata, other) + 1e-9, "{:?} is better than {:?}", other, given);
                }
            }
        }

        #[test]
        fn shares_add_up_and_are_within_one_of_the_proportion(sizes in proptest::collection::vec(0_u64..1000, 1..12), total in 0_u64..6000) {
            let shares = proportional(total, &sizes);
            let sum: u64 = sizes.iter().sum();
            prop_assert_eq!(shares.iter().sum::<u64>(), total.min(sum));
            for (share, size) in shares.iter().zip(&sizes) {
                prop_assert!(share <= size);
                if total < sum {
                    let exact = total as f64 * *size as f64 / sum as f64;
                    prop_assert!((*share as f64 - exact).abs() < 1.0);
                }
            }
        }
    }
}
