//! Means, totals and domain means of a stratified sample, as R's `survey` gives them.
//!
//! ```text
//! mean   p = Σ w y / Σ w                u_k = (y_k − p)/Σ w                   (Hájek)
//! total  t = Σ w y                      u_k = y_k                             (Horvitz–Thompson)
//! domain p_d = Σ_d w y / Σ_d w          u_k = 1_d(k)(y_k − p_d)/Σ_d w
//! V = Σ_h (1 − n_h/N_h) n_h/(n_h − 1) Σ_{k∈h} (w_k u_k − mean_h)²
//! ```
//! Rows outside of a domain stay in the variance with `u_k = 0`: how many fall into the domain is itself chance.

use super::estimate::Estimate;
use super::input::Faults;
use super::sampling::{Design, Sampling};
use crate::Error;

/// The mean of `y` in the population, with a normal interval.
///
/// # Errors
/// [`Error::Evaluate`]: columns of unequal length, missing or infinite values, weights below 0 or all 0, strata and populations that do not
/// fit, strata with a single unit unless their policy says otherwise, a level outside (0, 1).
pub fn mean(y: &[f64], sampling: Sampling<'_>, level: f64) -> Result<Estimate, Error> {
    let (design, mut faults) = check(y, sampling, level);
    let Some(design) = design else { return faults.done(None) };
    let estimate = design.mean(y, |_| true, level);
    if estimate.is_none() {
        faults.nobody();
    }
    faults.done(estimate)
}

/// The total of `y` over the population, with a normal interval.
///
/// # Errors
/// As [`mean`].
pub fn total(y: &[f64], sampling: Sampling<'_>, level: f64) -> Result<Estimate, Error> {
    let (design, faults) = check(y, sampling, level);
    let estimate = design.map(|design| {
        let value = design.weight.iter().zip(y).map(|(w, y)| w * y).sum();
        Estimate::normal(value, design.variance(y).sqrt(), level)
    });
    faults.done(estimate)
}

/// The mean of `y` in each domain: `domain[k]` is row k's domain, from 0; the result has one entry for each domain up to the highest,
/// `None` for one without sampled rows.
///
/// # Errors
/// As [`mean`].
pub fn domain_mean(y: &[f64], domain: &[u32], sampling: Sampling<'_>, level: f64) -> Result<Vec<Option<Estimate>>, Error> {
    let (design, mut faults) = check(y, sampling, level);
    faults.rows("domain", domain.len());
    let domains = domain.iter().max().map_or(0, |&last| last + 1);
    let means = design.map(|design| (0..domains).map(|d| design.mean(y, |row| domain.get(row) == Some(&d), level)).collect());
    faults.done(means)
}

fn check(y: &[f64], sampling: Sampling<'_>, level: f64) -> (Option<Design>, Faults) {
    let mut faults = Faults::of(y.len());
    faults.values("y", y, "infinite value", "give finite numbers", f64::is_finite);
    faults.level(level);
    let design = Design::new(sampling, y.len(), &mut faults);
    (design, faults)
}

impl Design {
    /// The mean over the rows of a domain; `None` where none of them has a weight.
    pub(crate) fn mean(&self, y: &[f64], inside: impl Fn(usize) -> bool, level: f64) -> Option<Estimate> {
        let (mut sum, mut weight) = (0.0, 0.0);
        for ((y, w), row) in y.iter().zip(&self.weight).zip(0..) {
            if inside(row) {
                sum += w * y;
                weight += w;
            }
        }
        let value = sum / weight;
        let term = |(y, row): (&f64, usize)| if inside(row) { (y - value) / weight } else { 0.0 };
        let u: Vec<f64> = y.iter().zip(0..).map(term).collect();
        (weight > 0.0).then(|| Estimate::normal(value, self.variance(&u).sqrt(), level))
    }
}

#[cfg(test)]
mod tests {
    use super::super::{EvaluateFault, SingleUnit};
    use super::*;
    use approx::assert_relative_eq;

    /// Two strata by hand: N = (10, 20), n = (2, 3), y = (1, 3) and (4, 4, 10).
    /// Total 10·2 + 20·6 = 140; variance 10²·(1 − 0.2)·2/2 + 20²·(1 − 0.15)·12/3 = 80 + 1360.
    const Y: [f64; 5] = [1.0, 3.0, 4.0, 4.0, 10.0];
    const STRATA: [u32; 5] = [7, 7, 9, 9, 9];
    const POPULATION: [f64; 5] = [10.0, 10.0, 20.0, 20.0, 20.0];

    fn sampling() -> Sampling<'static> {
        Sampling { strata: Some(&STRATA), population: Some(&POPULATION), ..Sampling::default() }
    }

    #[test]
    fn two_strata_by_hand() {
        let found = total(&Y, sampling(), 0.95).unwrap();
        assert_eq!(found.value, 140.0);
        assert_relative_eq!(found.se, 1440.0_f64.sqrt(), epsilon = 1e-12);
        let found = mean(&Y, sampling(), 0.95).unwrap();
        assert_relative_eq!(found.value, 140.0 / 30.0, epsilon = 1e-14);
        assert_relative_eq!(found.se, 1440.0_f64.sqrt() / 30.0, epsilon = 1e-13);
    }

    /// A domain that is a stratum has the stratum's own mean and variance, (1 − n/N) s²/n.
    #[test]
    fn a_stratum_as_a_domain() {
        let domain = STRATA.map(|h| u32::from(h == 9));
        let found = domain_mean(&Y, &domain, sampling(), 0.95).unwrap();
        assert_relative_eq!(found[0].unwrap().se, (0.8_f64 * 2.0 / 2.0).sqrt(), epsilon = 1e-14);
        assert_relative_eq!(found[1].unwrap().value, 6.0, epsilon = 1e-14);
        assert_relative_eq!(found[1].unwrap().se, (0.85_f64 * 12.0 / 3.0).sqrt(), epsilon = 1e-14);
    }

    #[test]
    fn a_single_unit_by_each_policy() {
        let of = |single, population: [f64; 3]| {
            let sampling = Sampling { strata: Some(&[0, 0, 1]), population: Some(&population), single, ..Sampling::default() };
            total(&[1.0, 3.0, 8.0], sampling, 0.95)
        };
        let Err(Error::Evaluate(faults)) = of(SingleUnit::Fail, [10.0, 10.0, 5.0]) else { panic!("a single unit has no variance") };
        assert!(matches!(&faults[..], [EvaluateFault::Stratum { stratum: 1, .. }]));
        for policy in [SingleUnit::Remove, SingleUnit::Certainty] {
            assert_relative_eq!(of(policy, [10.0, 10.0, 5.0]).unwrap().se.powi(2), 80.0, epsilon = 1e-12);
        }
        // Weighted values 5, 15, 40 with mean 20: 0.8 · 20².
        assert_relative_eq!(of(SingleUnit::Adjust, [10.0, 10.0, 5.0]).unwrap().se.powi(2), 80.0 + 0.8 * 400.0, epsilon = 1e-12);
        // All units of the stratum: nothing is left to chance.
        assert_relative_eq!(of(SingleUnit::Fail, [10.0, 10.0, 1.0]).unwrap().se.powi(2), 80.0, epsilon = 1e-12);
    }
}
