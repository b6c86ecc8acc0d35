//! Other ways to weights, for comparison: from the data alone, equal, and combinations with judgments.

use ndarray::ArrayView2;
use rayon::prelude::*;

use super::fault::JudgmentFault;
use super::group::normalised;
use super::perron::solved;
use super::priority::compensated_sum;
use super::sensitivity::{upper_pairs, weight_faults};

/// The most faulty cells that are listed.
const LISTED: usize = 100;

/// Entropy weights of indicators, from data `(n_firms, n_indicators)` ≥ 0: the more an indicator differs among firms, the more it weighs.
///
/// ```text
/// p_ij = x_ij/Σ_i x_ij     E_j = −Σ_i p_ij ln p_ij / ln n_firms     w_j = (1 − E_j)/Σ_j (1 − E_j)
/// ```
///
/// An indicator that is the same for all firms, or 0 for all, has the weight 0. What is not a quantity ≥ 0 has to be scaled before, and how
/// that is done changes the result. Source: Shannon 1948; Hwang & Yoon, *Multiple Attribute Decision Making*, 1981, §2.2.2; 熵权法.
///
/// # Errors
/// Every fault at once, a hundred cells at most: no indicators, fewer than two firms, a value that is negative or not finite; all
/// indicators the same for all firms.
pub fn entropy(data: ArrayView2<'_, f64>) -> Result<Vec<f64>, Vec<JudgmentFault>> {
    check(data, 0.0)?;
    let firms = data.nrows() as f64;
    let weights: Vec<f64> = columns(data)
        .into_par_iter()
        .map(|column| {
            let top = column.iter().copied().fold(0.0, f64::max);
            if !(top > 0.0) || !varies(&column) {
                return 0.0;
            }
            // By the largest first: a column of 1e308 has no sum.
            let total = column.iter().map(|x| x / top).sum::<f64>();
            let share = |x: &f64| x / top / total;
            let entropy: f64 = column.iter().map(share).filter(|p| *p > 0.0).map(|p| -p * p.ln()).sum();
            (1.0 - entropy / firms.ln()).max(0.0)
        })
        .collect();
    informative(weights)
}

/// CRITIC weights of indicators, from data `(n_firms, n_indicators)` turned so that larger means the same for all (more risk, say): an
/// indicator weighs more if it spreads more and repeats the others less.
///
/// ```text
/// z_ij = (x_ij − min_j)/(max_j − min_j)     C_j = σ_j Σ_k (1 − r_jk)     w_j = C_j/Σ C
/// ```
///
/// σ_j the standard deviation of z_j, r_jk the correlation. An indicator that is the same for all firms has the weight 0 and counts for no other.
/// Source: Diakoulaki, Mavrotas & Papayannakis, *Determining objective weights in multiple criteria problems: the CRITIC method*,
/// Computers & Operations Research 22(7), 1995, 763–770.
///
/// # Errors
/// As [`entropy`], but values may be negative.
pub fn critic(data: ArrayView2<'_, f64>) -> Result<Vec<f64>, Vec<JudgmentFault>> {
    check(data, f64::MIN)?;
    let n = data.ncols();
    // Columns on 0 … 1 less their means, and their root sums of squares.
    let scaled: Vec<(Vec<f64>, f64)> = columns(data)
        .into_par_iter()
        .map(|mut column| {
            let low = column.iter().copied().fold(f64::INFINITY, f64::min);
            let high = column.iter().copied().fold(f64::NEG_INFINITY, f64::max);
            // Halves, so that −1e308 … 1e308 has a width.
            let width = 0.5 * high - 0.5 * low;
            let scale = |x: f64| if width > 0.0 { (0.5 * x - 0.5 * low) / width } else { 0.0 };
            column.iter_mut().for_each(|x| *x = scale(*x));
            let mean = compensated_sum(&column) / column.len() as f64;
            column.iter_mut().for_each(|x| *x -= mean);
            let length = column.iter().map(|x| x * x).sum::<f64>().sqrt();
            (column, if width > 0.0 { length } else { 0.0 })
        })
        .collect();
    let conflicts: Vec<f64> = upper_pairs(n)
        .into_par_iter()
        .map(|(j, k)| {
            let ((a, size), (b, other)) = (&scaled[j], &scaled[k]);
            let product: f64 = a.iter().zip(b).map(|(x, y)| x * y).sum();
            if *size > 0.0 && *other > 0.0 { 1.0 - (product / (size * other)).clamp(-1.0, 1.0) } else { 0.0 }
        })
        .collect();
    let mut sums = vec![0.0; n];
    for ((j, k), conflict) in upper_pairs(n).into_iter().zip(conflicts) {
        sums[j] += conflict;
        sums[k] += conflict;
    }
    // One indicator alone conflicts with none, and weighs everything.
    let varied = scaled.iter().filter(|(_, size)| *size > 0.0).count();
    informative(scaled.iter().zip(sums).map(|((_, size), sum)| if varied == 1 { *size } else { size * sum }).collect())
}

/// One n-th each; none for n = 0.
pub fn equal(n: usize) -> Vec<f64> {
    vec![1.0 / n as f64; n]
}

/// The product of several weightings, each to a power: `w_i ∝ Π_k w_ki^(p_k)`, powers 1 where there are none (乘法合成).
///
/// A weight of 0 in one is 0 in the product. Source: Hwang & Yoon 1981, §2.2.2, who multiply entropy weights by
/// a priori ones.
///
/// # Errors
/// Every fault at once: no weightings or of different lengths, weights negative, not finite or all 0, powers of another number, negative or
/// not finite; a product that is 0 everywhere.
pub fn multiplicative(weightings: &[Vec<f64>], powers: Option<&[f64]>) -> Result<Vec<f64>, Vec<JudgmentFault>> {
    let (weightings, powers) = combined(weightings, powers)?;
    let n = weightings.first().map_or(0, Vec::len);
    let logs: Vec<f64> = (0..n)
        .map(|at| weightings.iter().zip(&powers).filter(|(_, power)| **power > 0.0).map(|(one, power)| power * one[at].ln()).sum())
        .collect();
    let top = logs.iter().copied().fold(f64::NEG_INFINITY, f64::max);
    if !top.is_finite() {
        return Err(vec![JudgmentFault::NoWeight]);
    }
    Ok(normalised(logs.iter().map(|log| (log - top).exp()).collect()))
}

/// The mean of several weightings: `w_i = Σ_k p_k·w_ki`, shares p divided by their sum, equal where there are none (线性加权).
///
/// # Errors
/// As [`multiplicative`].
pub fn additive(weightings: &[Vec<f64>], shares: Option<&[f64]>) -> Result<Vec<f64>, Vec<JudgmentFault>> {
    let (weightings, shares) = combined(weightings, shares)?;
    let faults = weight_faults(&shares);
    if !faults.is_empty() {
        return Err(faults);
    }
    let shares = normalised(shares);
    let n = weightings.first().map_or(0, Vec::len);
    Ok(normalised((0..n).map(|at| weightings.iter().zip(&shares).map(|(one, share)| share * one[at]).sum()).collect()))
}

/// The game-theoretic combination: the weighting `Σ α_k w_k` nearest to all of them (博弈论组合赋权).
///
/// ```text
/// |Σ_k α_k w_k − w_i|² least along w_i for every i:   Σ_k α_k w_i·w_k = w_i·w_i;   shares |α_k|/Σ|α|
/// ```
///
/// Returns the weights and the shares. Where weightings depend on each other linearly, as when two are the same, the equations do not
/// decide and the shares are equal. The equations are the ones used throughout the Chinese literature on
/// combined weights: the first-order condition of |Σ α_k w_k − w_i|² along w_i, for each i by itself.
///
/// # Errors
/// As [`multiplicative`].
pub fn game_theoretic(weightings: &[Vec<f64>]) -> Result<(Vec<f64>, Vec<f64>), Vec<JudgmentFault>> {
    let (weightings, _) = combined(weightings, None)?;
    let k = weightings.len();
    let dot = |a: &[f64], b: &[f64]| a.iter().zip(b).map(|(x, y)| x * y).sum::<f64>();
    let gram: Vec<f64> = (0..k * k).map(|at| dot(&weightings[at / k], &weightings[at % k])).collect();
    let own: Vec<f64> = weightings.iter().map(|one| dot(one, one)).collect();
    let alpha = if independent(&weightings) { solved(gram, own) } else { None };
    let shares = normalised(alpha.map_or_else(|| vec![1.0; k], |alpha| alpha.iter().map(|a| a.abs()).collect()));
    Ok((additive(&weightings, Some(&shares))?, shares))
}

/// Ratings in ideal mode: divided by the largest, so that the best rating is worth 1 and others their share of it. Source: Saaty,
/// *Fundamentals of Decision Making and Priority Theory*, 1994, ch. 4.
///
/// # Errors
/// No ratings; ratings negative, not finite or all 0.
pub fn ideal(ratings: &[f64]) -> Result<Vec<f64>, Vec<JudgmentFault>> {
    let faults = weight_faults(ratings);
    if !faults.is_empty() {
        return Err(faults);
    }
    let top = ratings.iter().copied().fold(0.0, f64::max);
    Ok(ratings.iter().map(|rating| rating / top).collect())
}

/// Whether no weighting is nearly a combination of those before it (Gram & Schmidt).
fn independent(weightings: &[Vec<f64>]) -> bool {
    let mut base: Vec<Vec<f64>> = Vec::new();
    for one in weightings {
        let size = one.iter().map(|x| x * x).sum::<f64>().sqrt();
        let mut rest = one.clone();
        for unit in &base {
            let along: f64 = rest.iter().zip(unit).map(|(x, u)| x * u).sum();
            rest.iter_mut().zip(unit).for_each(|(x, u)| *x -= along * u);
        }
        let left = rest.iter().map(|x| x * x).sum::<f64>().sqrt();
        if !(left > 1e-6 * size) {
            return false;
        }
        base.push(rest.iter().map(|x| x / left).collect());
    }
    true
}

/// Weightings divided by their sums, and one factor for each.
type Combined = (Vec<Vec<f64>>, Vec<f64>);

fn combined(weightings: &[Vec<f64>], factors: Option<&[f64]>) -> Result<Combined, Vec<JudgmentFault>> {
    let mut faults = Vec::new();
    let Some(first) = weightings.first() else { return Err(vec![JudgmentFault::Nothing]) };
    for (at, one) in weightings.iter().enumerate() {
        let own = weight_faults(one).into_iter();
        faults.extend(own.map(|fault| JudgmentFault::InWeighting { at, fault: Box::new(fault) }));
        if one.len() != first.len() {
            let fault = Box::new(JudgmentFault::WeightCount { found: one.len(), expected: first.len() });
            faults.push(JudgmentFault::InWeighting { at, fault });
        }
    }
    let factors = factors.map_or_else(|| vec![1.0; weightings.len()], <[f64]>::to_vec);
    if factors.len() != weightings.len() {
        faults.push(JudgmentFault::FactorCount { found: factors.len(), expected: weightings.len() });
    }
    let bad = factors.iter().enumerate().filter(|(_, factor)| !(0.0..=f64::MAX).contains(*factor));
    faults.extend(bad.map(|(at, &value)| JudgmentFault::Factor { at, value }));
    if faults.is_empty() { Ok((weightings.iter().cloned().map(normalised).collect(), factors)) } else { Err(faults) }
}

fn check(data: ArrayView2<'_, f64>, lowest: f64) -> Result<(), Vec<JudgmentFault>> {
    let (firms, indicators) = data.dim();
    if indicators == 0 || firms < 2 {
        return Err(vec![JudgmentFault::TooLittleData { firms, indicators }]);
    }
    let bad = data.indexed_iter().filter(|(_, x)| !(lowest..=f64::MAX).contains(*x));
    let total = bad.clone().count();
    let mut faults: Vec<JudgmentFault> =
        bad.take(LISTED).map(|((row, column), &value)| JudgmentFault::Datum { row, column, value, negative: lowest < 0.0 }).collect();
    if total > LISTED {
        faults.push(JudgmentFault::MoreFaults { shown: LISTED, total });
    }
    if faults.is_empty() { Ok(()) } else { Err(faults) }
}

fn columns(data: ArrayView2<'_, f64>) -> Vec<Vec<f64>> {
    data.columns().into_iter().map(|column| column.to_vec()).collect()
}

fn varies(column: &[f64]) -> bool {
    column.iter().any(|x| *x != column[0])
}

fn informative(weights: Vec<f64>) -> Result<Vec<f64>, Vec<JudgmentFault>> {
    if weights.iter().any(|&w| w > 0.0) { Ok(normalised(weights)) } else { Err(vec![JudgmentFault::NoInformation]) }
}

#[cfg(test)]
mod tests {
    use super::*;
    use approx::{assert_abs_diff_eq, assert_relative_eq};
    use ndarray::{Array2, array};

    fn texts<T: std::fmt::Debug>(result: Result<T, Vec<JudgmentFault>>) -> Vec<String> {
        result.unwrap_err().iter().map(ToString::to_string).collect()
    }

    /// By hand, four firms. (1,1,1,1): E = 1. (1,0,0,0): E = 0. (1,1,0,0): E = ln 2/ln 4 = ½. Weights 0 : 1 : ½.
    #[test]
    fn entropy_by_hand() {
        let data = array![[1.0, 7.0, 2.0], [1.0, 0.0, 2.0], [1.0, 0.0, 0.0], [1.0, 0.0, 0.0]];
        for (found, expected) in entropy(data.view()).unwrap().iter().zip([0.0, 2.0 / 3.0, 1.0 / 3.0]) {
            assert_abs_diff_eq!(*found, expected, epsilon = 1e-15);
        }
        let large = array![[1e308, 1.0], [1e308, 3.0], [1e307, 2.0]];
        assert_relative_eq!(entropy(large.view()).unwrap().iter().sum::<f64>(), 1.0, max_relative = 1e-15);
    }

    /// By hand. z = (0, ½, 1), (0, 1, ½) and a constant: σ alike, r = ½, so both weigh ½. With (0, ½, 1) twice and (1, ½, 0): Σ(1 − r)
    /// = 0 + 2, 0 + 2 and 2 + 2: weights ¼, ¼, ½.
    #[test]
    fn critic_by_hand() {
        let data = array![[10.0, -1.0, 3.0], [20.0, 1.0, 3.0], [30.0, 0.0, 3.0]];
        for (found, expected) in critic(data.view()).unwrap().iter().zip([0.5, 0.5, 0.0]) {
            assert_abs_diff_eq!(*found, expected, epsilon = 1e-15);
        }
        let data = array![[1.0, 10.0, 5.0], [2.0, 20.0, 4.0], [3.0, 30.0, 3.0]];
        for (found, expected) in critic(data.view()).unwrap().iter().zip([0.25, 0.25, 0.5]) {
            assert_relative_eq!(*found, expected, max_relative = 1e-14);
        }
        // σ matters: (0, 0, 1) has σ² = 2/9, (0, ½, 1) has 1/6, r the same for both.
        let data = array![[0.0, 0.0], [0.0, 0.5], [1.0, 1.0]];
        let found = critic(data.view()).unwrap();
        assert_relative_eq!(found[0] / found[1], (4.0_f64 / 3.0).sqrt(), max_relative = 1e-14);
        assert_eq!(critic(array![[1.0], [2.0]].view()).unwrap(), [1.0]);
        assert!(critic(array![[-1e308, 0.0], [1e308, 1.0], [0.0, 3.0]].view()).unwrap().iter().all(|w| w.is_finite()));
    }

    /// By hand, (.5, .5) and (.8, .2): product .4 : .1, mean .65 : .35. Game: G = [[.5, .5], [.5, .68]], and .5a + .5b = .5,
    /// .5a + .68b = .68 give b = 1, a = 0.
    #[test]
    fn combinations_by_hand() {
        let two = [vec![0.5, 0.5], vec![0.8, 0.2]];
        assert_relative_eq!(multiplicative(&two, None).unwrap()[0], 0.8, max_relative = 1e-15);
        assert_relative_eq!(multiplicative(&two, Some(&[0.0, 2.0])).unwrap()[0], 16.0 / 17.0, max_relative = 1e-15);
        assert_relative_eq!(additive(&two, None).unwrap()[0], 0.65, max_relative = 1e-15);
        assert_relative_eq!(additive(&two, Some(&[3.0, 1.0])).unwrap()[0], 0.575, max_relative = 1e-15);
        let (weights, shares) = game_theoretic(&two).unwrap();
        assert_relative_eq!(weights[0], 0.8, max_relative = 1e-12);
        assert_relative_eq!(shares[1], 1.0, max_relative = 1e-12);
        let (same, shares) = game_theoretic(&[vec![0.3, 0.7], vec![0.3, 0.7]]).unwrap();
        assert_eq!(shares, [0.5, 0.5]);
        assert_relative_eq!(same[0], 0.3, max_relative = 1e-15);
        assert_eq!((equal(4), equal(0).len()), (vec![0.25; 4], 0));
        assert_eq!(ideal(&[0.2, 0.8]).unwrap(), [0.25, 1.0]);
    }

    /// The equations hold for three weightings: w*·w_i from unsigned α.
    #[test]
    fn the_equations_of_the_game_hold() {
        let all = [vec![0.5, 0.3, 0.2], vec![0.2, 0.5, 0.3], vec![0.25, 0.25, 0.5]];
        let (weights, shares) = game_theoretic(&all).unwrap();
        let total: f64 = weights.iter().zip(&all[0]).map(|(w, x)| w * x).sum::<f64>();
        let scale = all[0].iter().map(|x| x * x).sum::<f64>() / total;
        for one in &all {
            let (product, own): (f64, f64) =
                one.iter().zip(&weights).map(|(x, w)| (x * w, x * x)).fold((0.0, 0.0), |s, p| (s.0 + p.0, s.1 + p.1));
            assert_relative_eq!(product * scale, own, max_relative = 1e-12);
        }
        assert_relative_eq!(shares.iter().sum::<f64>(), 1.0, max_relative = 1e-15);
    }

    #[test]
    fn every_fault_says_what_and_where() {
        assert_eq!(
            texts(entropy(Array2::zeros((1, 2)).view())),
            ["found 1 firms and 2 indicators, expected at least two firms and one indicator"]
        );
        assert_eq!(
            texts(entropy(array![[1.0, 2.0], [1.0, 2.0]].view())),
            ["every indicator is the same for all firms, expected one that differs"]
        );
        assert_eq!(
            texts(entropy(array![[-1.0, f64::NAN], [1.0, 2.0]].view())),
            [
                "row 1, column 1: found `-1`, expected a finite number from 0",
                "row 1, column 2: found `NaN`, expected a finite number from 0"
            ]
        );
        assert_eq!(
            texts(critic(array![[-1.0, f64::INFINITY], [1.0, 2.0]].view())),
            ["row 1, column 2: found `inf`, expected a finite number"]
        );
        assert_eq!(texts(critic(Array2::from_elem((60, 2), f64::NAN).view())).len(), 101);
        assert_eq!(
            texts(additive(&[vec![0.5, 0.5], vec![1.0, -1.0, 0.0]], Some(&[1.0]))),
            [
                "weighting 2: weight 2 is `-1`, expected a number from 0",
                "weighting 2: found 3 weights, expected 2",
                "found 1 factors for 2 weightings, expected 2",
            ]
        );
        assert_eq!(texts(multiplicative(&[vec![1.0, 0.0], vec![0.0, 1.0]], None)), ["all weights are 0, expected one above 0"]);
        assert_eq!(texts(additive(&[], None)).len(), 1);
    }
}
