//! Tests of an area in a part of the rows, made to hold far out in the tails, where a correction for many groups looks.

use super::Auc;
use super::estimate::two_sided_t;
use super::sampling::Design;

/// Two-sided p-values; 1 where the difference is the other way round.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Apart {
    /// Of an area above one half.
    pub(crate) works: f64,
    /// Of an area below that of all rows, or below one half where that of all rows is less.
    pub(crate) worse: f64,
}

/// Tests the area of a domain against one half and against that of all rows, whose part it is.
///
/// ```text
/// t = (logit AUC_d − logit AUC)/√V          V of u_d/(AUC_d(1 − AUC_d)) − u/(AUC(1 − AUC)), by row
/// ```
/// with Satterthwaite's freedom also where rows have no weights: five bad rows decide a small group, and among forty groups without any
/// difference the normal law found one in 16 % of samples. An area of 0 or 1 has no variance; as its bounds, its p-value is that of as
/// many disjoint pairs which all agreed as the smaller class has rows.
pub(crate) fn apart(here: &Auc, all: &Auc, design: &Design) -> Apart {
    let (area, whole) = (here.estimate.value, all.estimate.value);
    let level = whole.max(0.5);
    let pairs = here.trials;
    if !(area < 1.0) {
        return Apart { works: (2.0 * 0.5_f64.powf(pairs)).min(1.0), worse: 1.0 };
    }
    if !(area > 0.0) {
        return Apart { works: 1.0, worse: (2.0 * (1.0 - level).powf(pairs)).min(1.0) };
    }
    let logit = |area: f64| (area / (1.0 - area)).ln();
    let slope = |area: f64| 1.0 / (area * (1.0 - area));
    let own: Vec<f64> = here.terms.iter().map(|u| u * slope(area)).collect();
    let alone = design.spread(&own);
    // DeLong's variance of a small class is larger than the plain sum of squares; with a design both are the same.
    let variance = (here.estimate.se * slope(area)).powi(2);
    let from_half = two_sided_t(logit(area) / variance.sqrt(), alone.freedom);
    let works = if area > 0.5 { from_half } else { 1.0 };
    let worse = if area >= level {
        1.0
    } else if whole > 0.5 && whole < 1.0 {
        let difference: Vec<f64> = own.iter().zip(&all.terms).map(|(own, u)| own - u * slope(whole)).collect();
        let spread = design.spread(&difference);
        let variance = spread.variance + (variance - alone.variance);
        two_sided_t((logit(area) - logit(whole)) / variance.sqrt(), spread.freedom)
    } else {
        // All rows in order, or none better than chance: there is no spread around the level.
        two_sided_t((logit(area) - logit(level.min(1.0 - 1e-9))) / variance.sqrt(), alone.freedom)
    };
    Apart { works, worse }
}

/// Holm's adjusted p-values: `max_{j ≤ i} min(1, (m − j + 1) p_(j))` for the i-th smallest of m. Refusing those below α makes any false refusal
/// at most as likely as α, however the tests depend on each other (Holm, *A simple sequentially rejective multiple test procedure*,
/// Scand. J. Statist. 6 (1979)).
///
/// ```
/// let adjusted = firmgrade::evaluate::holm(&[0.01, 0.04, 0.03]);
/// assert_eq!(adjusted, [0.03, 0.06, 0.06]);
/// ```
#[must_use]
pub fn holm(p: &[f64]) -> Vec<f64> {
    let mut order: Vec<(usize, f64)> = p.iter().copied().enumerate().collect();
    order.sort_by(|a, b| a.1.total_cmp(&b.1).then(a.0.cmp(&b.0)));
    let mut adjusted = vec![1.0; p.len()];
    let mut least = 0.0_f64;
    for ((at, p), left) in order.into_iter().zip((1..=p.len()).rev()) {
        least = least.max((left as f64 * p).min(1.0));
        if let Some(place) = adjusted.get_mut(at) {
            *place = least;
        }
    }
    adjusted
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::evaluate::input::Faults;
    use crate::evaluate::{Sampling, auc_domain, auc_sampled};

    fn design(sampling: Sampling<'_>, rows: usize) -> Design {
        Design::new(sampling, rows, &mut Faults::of(rows)).unwrap()
    }

    /// Ten hypotheses in Holm's own order: the first passes against α/m, a later one never gets ahead of an earlier.
    #[test]
    fn holm_by_hand() {
        let near = |a: Vec<f64>, b: &[f64]| assert!(a.iter().zip(b).all(|(a, b)| (a - b).abs() < 1e-12), "{a:?}");
        near(holm(&[0.6, 0.001, 0.02, 0.015, 0.6]), &[1.0, 0.005, 0.06, 0.06, 1.0]);
        near(holm(&[0.04]), &[0.04]);
        near(holm(&[0.05, 0.05]), &[0.1, 0.1]);
        assert!(holm(&[]).is_empty());
    }

    /// A domain of all rows differs from all rows by nothing; under a design the p-value against one half is that of the interval.
    #[test]
    fn against_all_rows_and_against_the_interval() {
        let mut random = crate::ahp::SplitMix64::new(8);
        let outcome: Vec<bool> = (0..300).map(|row| row % 5 == 0).collect();
        let score: Vec<f64> = outcome.iter().map(|bad| random.normal() + if *bad { 0.5 } else { 0.0 }).collect();
        let weight: Vec<f64> = (0..300).map(|row| 1.0 + f64::from(row % 3)).collect();
        let inside: Vec<bool> = (0..300).map(|row| row % 2 == 0).collect();
        for weight in [None, Some(weight.as_slice())] {
            let sampling = Sampling { weight, ..Sampling::default() };
            let design = design(sampling, 300);
            let all = auc_sampled(&score, &outcome, sampling, 0.95).unwrap();
            let every = auc_domain(&score, &outcome, &[true; 300], sampling, 0.95).unwrap();
            assert_eq!(every.terms, all.terms);
            assert!((apart(&every, &all, &design).worse - 1.0).abs() < 1e-12);
            let part = auc_domain(&score, &outcome, &inside, sampling, 0.95).unwrap();
            let p = apart(&part, &all, &design).works;
            if weight.is_some() {
                let touching = auc_domain(&score, &outcome, &inside, sampling, 1.0 - p).unwrap();
                assert!((touching.estimate.low - 0.5).abs() < 1e-9, "{p} {:?}", touching.estimate);
            } else {
                assert!(part.estimate.value > 0.5 && p < 1.0 && part.terms.len() == 300);
            }
        }
    }

    /// Six bad firms above all good ones: 2·½⁶; below all of them where the card is right in four of five: 2·0.2⁶.
    #[test]
    fn a_group_without_a_miss() {
        let outcome: Vec<bool> = (0..40).map(|row| row % 20 < 6).collect();
        let score: Vec<f64> = (0..40).map(|row| if row % 20 < 6 { 2.0 } else { 1.0 } * if row < 20 { 1.0 } else { -1.0 }).collect();
        let of = |inside: fn(usize) -> bool| {
            let inside: Vec<bool> = (0..40).map(inside).collect();
            auc_domain(&score, &outcome, &inside, Sampling::default(), 0.95).unwrap()
        };
        let mut all = of(|_| true);
        all.estimate.value = 0.8;
        let (right, wrong) = (of(|row| row < 20), of(|row| row >= 20));
        let design = design(Sampling::default(), 40);
        let tests = [apart(&right, &all, &design), apart(&wrong, &all, &design)];
        assert!((tests[0].works - 2.0 * 0.5_f64.powi(6)).abs() < 1e-12 && tests[0].worse == 1.0);
        assert!((tests[1].worse - 2.0 * 0.2_f64.powi(6)).abs() < 1e-12 && tests[1].works == 1.0);
    }
}
