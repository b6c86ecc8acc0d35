//! Laws of the metrics on random columns: weights are copies, turned scores turn the area, strictly rising functions change nothing.

use firmgrade::evaluate::{EmptyBin, WoeSign, auc, auc_difference, brier, curve, ks, lift, log_loss, woe_iv};
use proptest::prelude::*;

/// Scores with ties, outcomes of both kinds, weights from 0 to 3 of which both outcomes have some.
fn rows() -> impl Strategy<Value = (Vec<f64>, Vec<bool>, Vec<u8>)> {
    let row = (-5_i8..=5, any::<bool>(), 0_u8..=3);
    prop::collection::vec(row, 2..60).prop_map(|mut rows| {
        rows.push((1, true, 1));
        rows.push((2, false, 2));
        let score = rows.iter().map(|row| f64::from(row.0)).collect();
        (score, rows.iter().map(|row| row.1).collect(), rows.iter().map(|row| row.2).collect())
    })
}

fn near(a: f64, b: f64) -> bool {
    (a - b).abs() < 1e-12 * (1.0 + a.abs())
}

proptest! {
    #[test]
    fn a_weight_is_that_many_copies((score, outcome, weight) in rows()) {
        let copies = |row: usize| usize::from(weight[row]);
        let score_of: Vec<f64> = (0..score.len()).flat_map(|row| vec![score[row]; copies(row)]).collect();
        let outcome_of: Vec<bool> = (0..score.len()).flat_map(|row| vec![outcome[row]; copies(row)]).collect();
        let weight: Vec<f64> = weight.iter().map(|&w| f64::from(w)).collect();
        let w = Some(&weight[..]);
        prop_assert!(near(auc(&score, &outcome, w).unwrap().estimate.value, auc(&score_of, &outcome_of, None).unwrap().estimate.value));
        prop_assert!(near(ks(&score, &outcome, w).unwrap().estimate.value, ks(&score_of, &outcome_of, None).unwrap().estimate.value));
        let (a, b) = (curve(&score, &outcome, w).unwrap(), curve(&score_of, &outcome_of, None).unwrap());
        prop_assert_eq!(&a.threshold, &b.threshold);
        prop_assert!(a.flagged.iter().zip(&b.flagged).all(|(a, b)| near(*a, *b)));
        let top = |s: &[f64], y: &[bool], w| lift(s, y, 0.3, w).unwrap().capture.value;
        prop_assert!(near(top(&score, &outcome, w), top(&score_of, &outcome_of, None)));
        let chance = |s: &[f64]| -> Vec<f64> { s.iter().map(|s| 1.0 / (1.0 + (-s).exp())).collect() };
        let (p, p_of) = (chance(&score), chance(&score_of));
        prop_assert!(near(brier(&p, &outcome, w).unwrap().value, brier(&p_of, &outcome_of, None).unwrap().value));
        prop_assert!(near(log_loss(&p, &outcome, w).unwrap().value, log_loss(&p_of, &outcome_of, None).unwrap().value));
        let bins = |s: &[f64]| -> Vec<u32> { s.iter().map(|s| (s + 5.0) as u32).collect() };
        let iv = |s: &[f64], y: &[bool], w| woe_iv(&bins(s), 11, y, w, EmptyBin::Half, WoeSign::BadOverGood).unwrap().iv;
        prop_assert!(near(iv(&score, &outcome, w), iv(&score_of, &outcome_of, None)));
    }

    #[test]
    fn turned_and_stretched_scores((score, outcome, _) in rows()) {
        let of = |f: fn(f64) -> f64| auc(&score.iter().map(|&s| f(s)).collect::<Vec<_>>(), &outcome, None).unwrap();
        let (plain, turned, stretched) = (of(|s| s), of(|s| -s), of(|s| (s / 3.0).exp() * 7.0 - 2.0));
        prop_assert!(near(plain.estimate.value, 1.0 - turned.estimate.value) && near(plain.estimate.se, turned.estimate.se));
        prop_assert!(near(plain.estimate.low, 1.0 - turned.estimate.high));
        prop_assert_eq!(&plain, &stretched);
        prop_assert!(plain.estimate.low <= plain.estimate.value && plain.estimate.value <= plain.estimate.high);
        prop_assert!((0.0..=1.0).contains(&plain.estimate.low) && (0.0..=1.0).contains(&plain.estimate.high));
        // Outcomes turned as well: the same pairs.
        let other: Vec<bool> = outcome.iter().map(|y| !y).collect();
        prop_assert!(near(auc(&score.iter().map(|s| -s).collect::<Vec<_>>(), &other, None).unwrap().estimate.value, plain.estimate.value));
    }

    /// Leaving a row out by weight 0 is leaving it out.
    #[test]
    fn weight_0_is_not_there((score, outcome, weight) in rows()) {
        let w: Vec<f64> = weight.iter().map(|&w| f64::from(w)).collect();
        let there: Vec<usize> = (0..w.len()).filter(|&row| w[row] > 0.0).collect();
        let take = |of: &[f64]| -> Vec<f64> { there.iter().map(|&row| of[row]).collect() };
        let outcome_of: Vec<bool> = there.iter().map(|&row| outcome[row]).collect();
        let (all, part) = (auc(&score, &outcome, Some(&w)).unwrap(), auc(&take(&score), &outcome_of, Some(&take(&w))).unwrap());
        prop_assert!(near(all.estimate.se, part.estimate.se) && near(all.estimate.low, part.estimate.low) && all.bad == part.bad);
        let second: Vec<f64> = score.iter().map(|s| (s * 2.3).sin()).collect();
        let sampling = |w| firmgrade::evaluate::Sampling { weight: Some(w), ..Default::default() };
        let all = auc_difference(&score, &second, &outcome, sampling(&w), 0.95).unwrap();
        let part = auc_difference(&take(&score), &take(&second), &outcome_of, sampling(&take(&w)), 0.95).unwrap();
        prop_assert!(near(all.difference.se, part.difference.se) && near(all.difference.value, all.first.estimate.value - all.second.estimate.value));
    }
}
