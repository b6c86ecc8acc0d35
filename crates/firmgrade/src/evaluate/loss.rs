//! How far predicted probabilities lie from outcomes: Brier score and log-loss.

use super::estimate::{Estimate, LEVEL};
use super::input::Faults;
use super::sampling::{Design, Sampling};
use crate::Error;

/// The Brier score, the mean of `(p − y)²`, with a 95 % interval.
///
/// # Errors
/// [`Error::Evaluate`]: columns of unequal length, missing probabilities or such outside [0, 1], weights below 0 or all 0.
pub fn brier(p: &[f64], outcome: &[bool], weight: Option<&[f64]>) -> Result<Estimate, Error> {
    mean_loss(p, outcome, weight, |p, y| (p - f64::from(u8::from(y))).powi(2))
}

/// The log-loss, the mean of `−ln p` over the bad and of `−ln(1 − p)` over the good, with a 95 % interval. A probability of 0 or 1 counts as
/// 2.2·10⁻¹⁶ or 1 less that, as in scikit-learn.
///
/// # Errors
/// As [`brier`].
pub fn log_loss(p: &[f64], outcome: &[bool], weight: Option<&[f64]>) -> Result<Estimate, Error> {
    mean_loss(p, outcome, weight, |p, y| {
        let p = p.clamp(f64::EPSILON, 1.0 - f64::EPSILON);
        -if y { p.ln() } else { (-p).ln_1p() }
    })
}

fn mean_loss(p: &[f64], outcome: &[bool], weight: Option<&[f64]>, loss: impl Fn(f64, bool) -> f64) -> Result<Estimate, Error> {
    let mut faults = Faults::of(p.len());
    faults.probability("probability", p);
    faults.rows("outcome", outcome.len());
    let design = Design::new(Sampling { weight, ..Sampling::default() }, p.len(), &mut faults);
    let losses: Vec<f64> = p.iter().zip(outcome).map(|(&p, &y)| loss(p, y)).collect();
    let estimate = design.and_then(|design| design.mean(&losses, |_| true, LEVEL));
    if estimate.is_none() {
        faults.nobody();
    }
    faults.done(estimate)
}

#[cfg(test)]
mod tests {
    use super::*;
    use approx::assert_relative_eq;

    /// scikit-learn's documentation of `brier_score_loss` prints 0.0375 for the first four, of `log_loss` 0.21616 for the second.
    #[test]
    fn as_printed() {
        let found = brier(&[0.1, 0.9, 0.8, 0.3], &[false, true, true, false], None).unwrap();
        assert_relative_eq!(found.value, 0.0375, epsilon = 1e-15);
        let found = log_loss(&[0.9, 0.1, 0.2, 0.65], &[true, false, false, true], None).unwrap();
        assert_relative_eq!(found.value, 0.216_162, epsilon = 5e-7);
        let weighted = brier(&[0.1, 0.9, 0.8], &[false, true, true], Some(&[1.0, 1.0, 2.0])).unwrap();
        assert_relative_eq!(weighted.value, (0.01 + 0.01 + 2.0 * 0.04) / 4.0, epsilon = 1e-15);
        assert_relative_eq!(
            log_loss(&[0.0, 0.5], &[true, false], None).unwrap().value,
            (-f64::EPSILON.ln() + 2_f64.ln()) / 2.0,
            epsilon = 1e-13
        );
    }
}
