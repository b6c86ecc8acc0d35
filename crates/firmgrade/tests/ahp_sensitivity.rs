//! Sensitivity: derivatives against differences, exchanges of order by hand, Monte Carlo against closed forms.

#![expect(clippy::unwrap_used, reason = "a test may stop")]

use approx::{assert_abs_diff_eq, assert_relative_eq};
use firmgrade::ahp::{Judgments, Method, RandomIndex, Spread, one_at_a_time};
use proptest::prelude::*;

fn upper(rows: &[Vec<f64>]) -> Judgments {
    Judgments::from_upper(None, rows).unwrap()
}

fn weights(rows: &[Vec<f64>]) -> Vec<f64> {
    upper(rows).weights(Method::Eigenvector, RandomIndex::Exact).values().to_vec()
}

/// By hand: two things, w = a/(1 + a), so ∂w_1/∂ ln a = a/(1 + a)² = 3/16 for a = 3. Three things: w_i ∝ (row product)^(1/3), so
/// ∂ ln w_1/∂ ln a_12 = (1 − (w_1 − w_2))/3.
#[test]
fn derivatives_by_hand() {
    let two = upper(&[vec![3.0]]).derivatives();
    assert_eq!((two.pairs.as_slice(), two.by_log.dim()), (&[(0, 1)][..], (2, 1)));
    assert_relative_eq!(two.by_log[[0, 0]], 3.0 / 16.0, max_relative = 1e-14);
    assert_relative_eq!(two.by_log[[1, 0]], -3.0 / 16.0, max_relative = 1e-14);
    let rows = [vec![2.0, 7.0], vec![1.0 / 3.0]];
    let (w, three) = (weights(&rows), upper(&rows).derivatives());
    let shift = (w[0] - w[1]) / 3.0;
    for (k, own) in [1.0 / 3.0, -1.0 / 3.0, 0.0].into_iter().enumerate() {
        assert_relative_eq!(three.by_log[[k, 0]], w[k] * (own - shift), max_relative = 1e-12);
    }
    assert_eq!(upper(&[]).derivatives().by_log.dim(), (1, 0));
}

/// By hand: for a = 3 two things change places at 1, ln 3 away. Weights 4 : 2 : 1 of three: w_i ∝ the root of the row product, rows
/// 8, 1, 1/8. a_12 = 2 → x: rows 4x, 2/x equal at x = 1/√2, ln(2√2) away; a_23 = 2 → y: y/2, 1/(4y) equal at 1/√2; a_13 = 4 → z: first
/// and second 2z = 1 at z = 1/2, second and third 1 = 1/(2z) at the same 1/2.
#[test]
fn swaps_by_hand() {
    let [swap] = upper(&[vec![3.0]]).swaps(Method::Eigenvector)[..] else { panic!() };
    assert_eq!((swap.row, swap.column, swap.things), (0, 1, [0, 1]));
    assert_relative_eq!(swap.to, 1.0, max_relative = 1e-9);
    assert_relative_eq!(swap.distance, 3_f64.ln(), max_relative = 1e-9);
    let three = upper(&[vec![2.0, 4.0], vec![2.0]]).swaps(Method::Eigenvector);
    let found: Vec<(usize, usize, f64)> = three.iter().map(|swap| (swap.row, swap.column, swap.to)).collect();
    assert_eq!(found.len(), 3);
    for (row, column, to) in found {
        let expected = if (row, column) == (0, 2) { 0.5 } else { 0.5_f64.sqrt() };
        assert_relative_eq!(to, expected, max_relative = 1e-9);
    }
    assert!(upper(&[vec![1.0]]).swaps(Method::Eigenvector).is_empty() && upper(&[]).swaps(Method::Eigenvector).is_empty());
}

/// By hand: (.5, .3, .2), the first at 0, .2 and 1: the others stay 3 : 2.
#[test]
fn curves_by_hand() {
    let curve = one_at_a_time(&[0.5, 0.3, 0.2], 0, &[0.0, 0.2, 1.0]).unwrap();
    for (found, expected) in curve.iter().zip([0.0, 0.6, 0.4, 0.2, 0.48, 0.32, 1.0, 0.0, 0.0]) {
        assert_abs_diff_eq!(*found, expected, epsilon = 1e-15);
    }
    assert_eq!(one_at_a_time(&[1.0, 0.0, 0.0], 0, &[0.5]).unwrap().as_slice().unwrap(), [0.5, 0.25, 0.25]);
    let faults = one_at_a_time(&[0.5, -1.0, f64::NAN], 7, &[1.5]).unwrap_err();
    assert_eq!(
        faults.iter().map(ToString::to_string).collect::<Vec<_>>(),
        [
            "weight 2 is `-1`, expected a number from 0",
            "weight 3 is `NaN`, expected a number from 0",
            "found criterion 8 of 3 weights, expected one from 1 to 3",
            "point 1 is `1.5`, expected a number from 0 to 1",
        ]
    );
    assert_eq!(one_at_a_time(&[0.0], 0, &[]).unwrap_err()[0].to_string(), "all weights are 0, expected one above 0");
}

/// Two things: w_1 = 1/(1 + e^−t) with t normal around ln 3: its median is 3/4 and its 2.5 % point 1/(1 + e^−(ln 3 − 1.96 σ)). With
/// 20,000 draws the standard error of the median's t is 1.25 σ/√20000 = .0044 for σ = ½, that of the 2.5 % point about .0095.
#[test]
fn intervals_have_closed_forms_for_two() {
    let draws = upper(&[vec![3.0]]).monte_carlo(Spread::LogNormal(0.5), 20_000, 11, Method::Eigenvector).unwrap();
    let found = draws.quantiles(&[0.5, 0.025]).unwrap();
    let logit = |w: f64| (w / (1.0 - w)).ln();
    assert_abs_diff_eq!(logit(found[[0, 0]]), 3_f64.ln(), epsilon = 5.0 * 0.0044);
    assert_abs_diff_eq!(logit(found[[1, 0]]), 3_f64.ln() - 1.959_964 * 0.5, epsilon = 5.0 * 0.0095);
    // P(t > 0) = Φ(ln 3/.5) = Φ(2.197) = .98600.
    assert_abs_diff_eq!(draws.ranks()[[0, 0]], 0.986, epsilon = 0.0042);
    let uniform = upper(&[vec![3.0]]).monte_carlo(Spread::LogUniform(0.5), 20_000, 11, Method::Eigenvector).unwrap();
    let ends = uniform.quantiles(&[0.0, 1.0]).unwrap();
    assert!(logit(ends[[0, 0]]) >= 3_f64.ln() - 0.5 && logit(ends[[0, 0]]) < 3_f64.ln() - 0.499);
    assert!(logit(ends[[1, 0]]) <= 3_f64.ln() + 0.5 + 1e-12 && logit(ends[[1, 0]]) > 3_f64.ln() + 0.499);
}

#[test]
fn draws_do_not_depend_on_threads_or_their_number() {
    let judgments = upper(&[vec![4.0, 3.0, 7.0], vec![1.0 / 3.0, 3.0], vec![5.0]]);
    let long = judgments.monte_carlo(Spread::Steps(2), 500, 3, Method::Eigenvector).unwrap();
    let pool = rayon::ThreadPoolBuilder::new().num_threads(1).build().unwrap();
    assert_eq!(long, pool.install(|| judgments.monte_carlo(Spread::Steps(2), 500, 3, Method::Eigenvector)).unwrap());
    let short = judgments.monte_carlo(Spread::Steps(2), 100, 3, Method::Eigenvector).unwrap();
    assert_eq!(short.weights, long.weights.slice(ndarray::s![..100, ..]));
    assert_ne!(short.weights, judgments.monte_carlo(Spread::Steps(2), 100, 4, Method::Eigenvector).unwrap().weights);
    let still = judgments.monte_carlo(Spread::Steps(0), 3, 3, Method::Eigenvector).unwrap();
    let own = judgments.weights(Method::Eigenvector, RandomIndex::Exact);
    for (found, expected) in still.weights.row(2).iter().zip(own.values()) {
        assert_relative_eq!(*found, *expected, max_relative = 1e-14);
    }
    let faults = judgments.monte_carlo(Spread::LogNormal(f64::NAN), 0, 3, Method::Eigenvector).unwrap_err();
    assert_eq!(
        faults.iter().map(ToString::to_string).collect::<Vec<_>>(),
        ["found 0 draws, expected at least one", "found a spread of `NaN`, expected a number from 0 to 10"]
    );
    assert!(long.quantiles(&[2.0]).is_err());
}

fn random() -> impl Strategy<Value = Vec<Vec<f64>>> {
    (4_usize..=7).prop_flat_map(|n| {
        prop::collection::vec(-2.0_f64..2.0, n * (n - 1) / 2).prop_map(move |logs| {
            let mut values = logs.into_iter().map(f64::exp);
            (0..n - 1).map(|row| values.by_ref().take(n - 1 - row).collect()).collect()
        })
    })
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(32))]
    /// Central differences with a step of 1e-4 are off by about 1e-9.
    #[test]
    fn derivatives_are_differences(rows in random()) {
        let found = upper(&rows).derivatives();
        for (at, &(i, j)) in found.pairs.iter().enumerate() {
            let moved = |by: f64| {
                let mut rows = rows.clone();
                rows[i][j - i - 1] *= by.exp();
                weights(&rows)
            };
            let (up, down) = (moved(1e-4), moved(-1e-4));
            for k in 0..up.len() {
                prop_assert!((found.by_log[[k, at]] - (up[k] - down[k]) / 2e-4).abs() < 2e-8);
            }
            prop_assert!(found.by_log.column(at).sum().abs() < 1e-15);
        }
    }

    /// Just before a swap the order is the old one, just after it the two things named have changed places.
    #[test]
    fn swaps_are_where_the_order_changes(rows in random()) {
        let now = weights(&rows);
        for swap in upper(&rows).swaps(Method::Eigenvector) {
            let with = |share: f64| {
                let mut rows = rows.clone();
                rows[swap.row][swap.column - swap.row - 1] = swap.entry * (swap.to / swap.entry).powf(share);
                weights(&rows)
            };
            let [above, below] = swap.things;
            let (before, after) = (with(1.0 - 1e-6), with(1.0 + 1e-6));
            prop_assert!(now[above] > now[below] && before[above] > before[below] && after[above] < after[below] * (1.0 + 1e-9));
        }
    }
}
