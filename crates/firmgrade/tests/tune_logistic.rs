//! Logistic regression against closed forms, statsmodels and scipy (`fixtures/cases/tune.json`), and its laws.

#![expect(clippy::unwrap_used, clippy::panic, reason = "a test may stop")]

use firmgrade::Error;
use firmgrade::ahp::SplitMix64;
use firmgrade::tune::{Prior, TuneFault, logistic};
use ndarray::{Array2, Axis, array, concatenate};
use serde_json::Value;

fn numbers(value: &Value) -> Vec<f64> {
    value.as_array().unwrap().iter().map(|number| number.as_f64().unwrap()).collect()
}

fn matrix(value: &Value) -> Array2<f64> {
    let rows: Vec<Vec<f64>> = value.as_array().unwrap().iter().map(numbers).collect();
    Array2::from_shape_vec((rows.len(), rows[0].len()), rows.concat()).unwrap()
}

#[track_caller]
fn near(found: impl IntoIterator<Item = f64>, expected: impl IntoIterator<Item = f64>, relative: f64, what: &str) {
    for (found, expected) in found.into_iter().zip(expected) {
        assert!((found - expected).abs() <= relative * expected.abs().max(1e-3), "{what}: {found} {expected}");
    }
}

#[test]
fn as_statsmodels_and_scipy_say() {
    let cases: Value = serde_json::from_str(include_str!("../../../fixtures/cases/tune.json")).unwrap();
    for case in cases["cases"].as_array().unwrap() {
        let name = case["name"].as_str().unwrap();
        let columns = matrix(&case["columns"]);
        let outcome: Vec<bool> = numbers(&case["outcome"]).iter().map(|bad| *bad > 0.5).collect();
        let weight = numbers(&case["weight"]);
        let plain = logistic(columns.view(), &outcome, None, None).unwrap();
        near(plain.coefficients.iter().copied(), numbers(&case["coefficients"]), 1e-8, name);
        near(plain.covariance.iter().copied(), matrix(&case["covariance"]), 1e-7, name);
        near([plain.log_likelihood], [case["log_likelihood"].as_f64().unwrap()], 1e-10, name);
        let rows = outcome.len() as f64;
        near(plain.sandwich.iter().copied(), matrix(&case["hc0"]).iter().map(|value| value * rows / (rows - 1.0)), 1e-7, name);
        let weighted = logistic(columns.view(), &outcome, Some(&weight), None).unwrap();
        near(weighted.coefficients.iter().copied(), numbers(&case["weighted_coefficients"]), 1e-8, name);
        let prior = Prior { mean: numbers(&case["prior"]["mean"]), sd: numbers(&case["prior"]["sd"]) };
        let penalised = logistic(columns.view(), &outcome, Some(&weight), Some(&prior)).unwrap();
        // The general optimiser stops where the slope is lost in rounding.
        near(penalised.coefficients.iter().copied(), numbers(&case["penalised"]), 1e-5, name);
    }
}

/// Cells a, b, c, d of a table: β₀ = ln(a/b), β₁ = ln(cb/(da)), variance of β₁ = 1/a + 1/b + 1/c + 1/d (Woolf 1955).
#[test]
fn a_table_of_four_cells() {
    for [a, b, c, d] in [[3_usize, 7, 6, 2], [1, 40, 5, 9], [12, 12, 30, 1]] {
        let columns = Array2::from_shape_fn((a + b + c + d, 1), |(row, _)| f64::from(row >= a + b));
        let outcome: Vec<bool> = (0..a + b + c + d).map(|row| row < a || (a + b..a + b + c).contains(&row)).collect();
        let fit = logistic(columns.view(), &outcome, None, None).unwrap();
        let [fa, fb, fc, fd] = [a, b, c, d].map(|cell| cell as f64);
        near(fit.coefficients, [(fa / fb).ln(), (fc * fb / (fd * fa)).ln()], 1e-11, "coefficients");
        near([fit.covariance[[1, 1]]], [1.0 / fa + 1.0 / fb + 1.0 / fc + 1.0 / fd], 1e-11, "variance");
        near([fit.fitted[0], fit.fitted[a + b]], [fa / (fa + fb), fc / (fc + fd)], 1e-11, "shares");
    }
}

fn drawn(seed: u64, rows: usize, columns: usize) -> (Array2<f64>, Vec<bool>, Vec<f64>) {
    let mut random = SplitMix64::new(seed);
    let x = Array2::from_shape_fn((rows, columns), |_| (random.uniform() * 8.0).floor() / 8.0);
    let y = x.rows().into_iter().map(|row| random.uniform() < 1.0 / (1.0 + (1.5 - row.sum()).exp())).collect();
    (x, y, (0..rows).map(|_| 1.0 + random.below(3) as f64).collect())
}

#[test]
fn a_weight_is_so_many_rows() {
    let (x, y, w) = drawn(1, 400, 4);
    let weighted = logistic(x.view(), &y, Some(&w), None).unwrap();
    let repeated: Vec<usize> = (0..400).flat_map(|row| std::iter::repeat_n(row, w[row] as usize)).collect();
    let rows: Vec<_> = repeated.iter().map(|row| x.row(*row).insert_axis(Axis(0))).collect();
    let outcome: Vec<bool> = repeated.iter().map(|row| y[*row]).collect();
    let plain = logistic(concatenate(Axis(0), &rows).unwrap().view(), &outcome, None, None).unwrap();
    near(weighted.coefficients, plain.coefficients, 1e-10, "coefficients");
    near(weighted.covariance, plain.covariance, 1e-10, "covariance");
}

#[test]
fn rows_in_any_order_and_threads_in_any_number_give_the_same_bits() {
    let (x, y, w) = drawn(2, 1500, 5);
    let one = logistic(x.view(), &y, Some(&w), None).unwrap();
    let mut order: Vec<usize> = (0..1500).collect();
    let mut random = SplitMix64::new(3);
    (1..1500).rev().for_each(|last| order.swap(last, random.below(last as u64 + 1) as usize));
    let shuffled = x.select(Axis(0), &order);
    let (outcome, weight): (Vec<bool>, Vec<f64>) = order.iter().map(|row| (y[*row], w[*row])).unzip();
    for threads in [1, 3] {
        let pool = rayon::ThreadPoolBuilder::new().num_threads(threads).build().unwrap();
        let other = pool.install(|| logistic(shuffled.view(), &outcome, Some(&weight), None)).unwrap();
        assert_eq!((&one.coefficients, &one.covariance, &one.sandwich), (&other.coefficients, &other.covariance, &other.sandwich));
        assert!(order.iter().zip(&other.fitted).all(|(row, fitted)| one.fitted[*row] == *fitted));
    }
}

#[test]
fn a_prior_holds_and_lets_go() {
    let (x, y, _) = drawn(4, 300, 3);
    let prior = |sd: f64| Prior { mean: vec![5.0, -1.0, 0.25], sd: vec![sd; 3] };
    let tight = logistic(x.view(), &y, None, Some(&prior(1e-6))).unwrap();
    near(tight.coefficients[1..].iter().copied(), [5.0, -1.0, 0.25], 1e-6, "tight");
    let free = logistic(x.view(), &y, None, None).unwrap();
    let loose = logistic(x.view(), &y, None, Some(&prior(f64::INFINITY))).unwrap();
    near(loose.coefficients, free.coefficients, 1e-12, "loose");
}

#[track_caller]
fn fault(columns: Array2<f64>, outcome: &[bool]) -> TuneFault {
    match logistic(columns.view(), outcome, None, None) {
        Err(Error::Tune(faults)) => faults.into_iter().next().unwrap(),
        other => panic!("{other:?}"),
    }
}

#[test]
fn what_cannot_be_fitted_is_named() {
    let (x, y, _) = drawn(5, 200, 2);
    let sum = x.sum_axis(Axis(1)).insert_axis(Axis(1)) * 3.0;
    let collinear = fault(concatenate(Axis(1), &[x.view(), sum.view()]).unwrap(), &y);
    assert_eq!(collinear.to_string(), "`column 3` is made of `column 1`, `column 2`; leave one of them out, or give it a prior");
    let nothing = fault(concatenate(Axis(1), &[x.view(), Array2::zeros((200, 1)).view()]).unwrap(), &y);
    assert_eq!(nothing.to_string(), "`column 3` is 0 everywhere; leave one of them out, or give it a prior");
    // Column 2 tells the outcomes without a miss; in the second case but for ties (quasi-complete separation).
    let outcome: Vec<bool> = x.column(1).iter().map(|value| *value > 0.5).collect();
    assert!(matches!(fault(x.clone(), &outcome), TuneFault::Separated { column } if column == "column 2"));
    let quasi: Vec<bool> = x.rows().into_iter().zip(&y).map(|(row, bad)| row[1] > 0.5 || (row[1] == 0.5 && *bad)).collect();
    assert!(matches!(fault(x.clone(), &quasi), TuneFault::Separated { column } if column == "column 2"));
    // A prior makes both cases fit.
    let prior = Prior { mean: vec![0.0; 2], sd: vec![2.0; 2] };
    assert!(logistic(x.view(), &outcome, None, Some(&prior)).unwrap().coefficients[2] > 2.0);
}

#[test]
fn all_faults_of_the_rows_come_at_once() {
    let columns = array![[1.0, f64::NAN], [2.0, 0.0], [f64::INFINITY, 1.0]];
    let error = logistic(columns.view(), &[true, true], Some(&[1.0, -1.0, 1.0]), Some(&Prior { mean: vec![0.0], sd: vec![0.0, 1.0] }));
    assert_eq!(
        error.unwrap_err().to_string(),
        "the tuning: 7 problems\n  \
         the outcome has 2 rows, expected 3\n  \
         the column 1 has 1 missing or infinite value (row 3: `inf`); leave these rows out of all columns, or fill them in\n  \
         the column 2 has 1 missing or infinite value (row 1: `NaN`); leave these rows out of all columns, or fill them in\n  \
         the weight has 1 impossible value (row 2: `-1`); a weight is 1/π, a finite number from 0\n  \
         found no row with a good outcome; wait for more outcomes\n  \
         `prior.mean` is 1 numbers, expected 2, one for each column\n  \
         `prior.sd` is 0, expected numbers above 0"
    );
}
