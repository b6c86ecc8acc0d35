//! Incomplete judgments: the cases of `fixtures/cases/ahp_incomplete.json`, and laws.

use approx::assert_relative_eq;
use firmgrade::ahp::{Completion, Incomplete, Judgments, Method, RandomIndex};
use proptest::prelude::*;
use serde::Deserialize;

const BLANK: f64 = f64::NAN;

#[derive(Deserialize)]
struct Case {
    name: String,
    source: String,
    completion: Completion,
    matrix: Vec<Vec<Option<f64>>>,
    values: Vec<f64>,
    filled: Vec<f64>,
    lambda_max: f64,
    tolerance: f64,
}

#[test]
fn every_case_comes_out() {
    let cases: Vec<Case> = serde_json::from_str(include_str!("../../../fixtures/cases/ahp_incomplete.json")).unwrap();
    assert!(cases.len() >= 24, "only {} cases", cases.len());
    for case in &cases {
        let rows: Vec<Vec<f64>> = case.matrix.iter().map(|row| row.iter().map(|x| x.unwrap_or(BLANK)).collect()).collect();
        let found = Incomplete::from_matrix(None, &rows).unwrap().weights(case.completion, RandomIndex::Exact);
        let what = format!("{}, {} ({})", case.name, case.completion, case.source);
        for (found, expected) in found.values.iter().zip(&case.values) {
            assert!((found / expected - 1.0).abs() <= case.tolerance, "{what}: weight {found} for {expected}");
        }
        assert_eq!(found.filled.len(), case.filled.len());
        for (found, expected) in found.filled.iter().zip(&case.filled) {
            assert!((found.value / expected - 1.0).abs() <= case.tolerance, "{what}: {} for {expected}", found.value);
        }
        assert!((found.lambda_max / case.lambda_max - 1.0).abs() < 1e-14, "{what}: {} for {}", found.lambda_max, case.lambda_max);
    }
}

/// By hand: a chain of judgments 2, 3 has the weights 6 : 3 : 1 by every method, and nothing to contradict it.
#[test]
fn a_chain_decides_everything() {
    let chain = Incomplete::from_upper(None, &[vec![2.0, BLANK], vec![3.0]]).unwrap();
    for completion in Completion::ALL {
        let found = chain.weights(completion, RandomIndex::Saaty1980);
        for (found, expected) in found.values.iter().zip([0.6, 0.3, 0.1]) {
            assert_relative_eq!(*found, expected, max_relative = 1e-14);
        }
        assert_relative_eq!(found.filled[0].value, 6.0, max_relative = 1e-14);
        assert!(found.ri <= 0.0 && found.cr <= 0.0 && found.ci < 1e-28);
    }
}

/// By hand: a12 = 2, a23 = 2, a34 = 2, a14 = 1 and two gaps. The circle's product is 8 where it should be 1: least squares puts a quarter of
/// ln 8 on each judgment, e = 8^(1/4) or its inverse four times, so CI = 4·(e − 1)²/e/12. By symmetry the eigenvector agrees. RI(4, 2) is a
/// third of RI(4).
#[test]
fn a_circle_shares_its_error() {
    let circle = Incomplete::from_upper(None, &[vec![2.0, BLANK, 1.0], vec![2.0, BLANK], vec![2.0]]).unwrap();
    let e = 8_f64.powf(0.25);
    for completion in Completion::ALL {
        let found = circle.weights(completion, RandomIndex::Contest);
        assert_relative_eq!(found.ci, (e - 1.0).powi(2) / e / 3.0, max_relative = 1e-12);
        assert_relative_eq!(found.ri, 0.89 / 3.0, max_relative = 1e-15);
        assert_relative_eq!(found.cr, found.ci / found.ri, max_relative = 1e-15);
        assert_relative_eq!(found.values[0] / found.values[1], 2.0 / e, max_relative = 1e-12);
    }
}

#[test]
fn nothing_missing_is_nothing_new() {
    let rows = [vec![4.0, 3.0, 7.0], vec![1.0 / 3.0, 3.0], vec![5.0]];
    let whole = Judgments::from_upper(None, &rows).unwrap();
    let gapless = Incomplete::from_upper(None, &rows).unwrap();
    for (completion, method) in [
        (Completion::LeastSquares, Method::GeometricMean),
        (Completion::LeastLambda, Method::Eigenvector),
        (Completion::Harker, Method::Eigenvector),
    ] {
        let (found, expected) = (gapless.weights(completion, RandomIndex::Exact), whole.weights(method, RandomIndex::Exact));
        assert_eq!((&found.values[..], found.cr), (expected.values(), expected.cr()));
    }
    let one = Incomplete::from_upper(None, &[]).unwrap().weights(Completion::LeastLambda, RandomIndex::Exact);
    assert_eq!((one.values, one.cr), (vec![1.0], 0.0));
}

#[test]
fn extreme_judgments_end_all_the_same() {
    let wild = Incomplete::from_upper(None, &[vec![1e300, BLANK, 1e-300], vec![1e300, BLANK], vec![1e300]]).unwrap();
    for completion in Completion::ALL {
        let found = wild.weights(completion, RandomIndex::Exact);
        assert!((found.values.iter().sum::<f64>() - 1.0).abs() < 1e-14, "{completion}: {:?}", found.values);
        assert!(found.cr.is_finite() && found.cr > 1.0);
    }
}

/// n from 4 to 8, judgments from the scale, every third or so blank, the first row always known.
fn gappy() -> impl Strategy<Value = Vec<Vec<f64>>> {
    (4_usize..=8).prop_flat_map(|n| {
        prop::collection::vec((1_u8..=9, any::<bool>(), 0_u8..3), n * (n - 1) / 2).prop_map(move |draws| {
            let mut draws = draws.into_iter();
            (0..n - 1)
                .map(|row| {
                    draws
                        .by_ref()
                        .take(n - 1 - row)
                        .map(|(size, up, blank)| match (row > 0 && blank == 0, up) {
                            (true, _) => BLANK,
                            (false, true) => f64::from(size),
                            (false, false) => 1.0 / f64::from(size),
                        })
                        .collect()
                })
                .collect()
        })
    })
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]
    /// Harker's gaps are the ratios of the weights; λmax of the least completion is below that of the two others, and any gap moved by 1 %
    /// makes it larger.
    #[test]
    fn the_least_lambda_is_the_least(rows in gappy()) {
        let gaps = Incomplete::from_upper(None, &rows).unwrap();
        let table = RandomIndex::Exact;
        let least = gaps.weights(Completion::LeastLambda, table);
        let harker = gaps.weights(Completion::Harker, table);
        for filled in &harker.filled {
            prop_assert!((filled.value * harker.values[filled.column] / harker.values[filled.row] - 1.0).abs() < 1e-11);
        }
        prop_assert!(least.ci <= harker.ci * (1.0 + 1e-12) + 1e-28);
        let complete = |filled: &[firmgrade::ahp::Filled], moved: usize, by: f64| {
            let mut rows = rows.clone();
            for (at, gap) in filled.iter().enumerate() {
                rows[gap.row][gap.column - gap.row - 1] = gap.value * if at == moved { by } else { 1.0 };
            }
            Judgments::from_upper(None, &rows).unwrap().weights(Method::Eigenvector, table).ci()
        };
        let squares = gaps.weights(Completion::LeastSquares, table);
        prop_assert!(least.ci <= complete(&squares.filled, usize::MAX, 1.0) * (1.0 + 1e-12) + 1e-28);
        for at in 0..least.filled.len() {
            prop_assert!(complete(&least.filled, at, 1.01) > least.ci && complete(&least.filled, at, 0.99) > least.ci);
        }
    }
}
