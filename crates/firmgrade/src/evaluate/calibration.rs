//! Do predicted probabilities hold? Hosmer–Lemeshow, the reliability table, calibration intercept and slope.

use super::estimate::{Estimate, LEVEL, chi_squared, exact};
use super::groups::{Ties, groups};
use super::input::Faults;
use super::sampling::{Design, Sampling};
use super::{EvaluateFault, logistic};
use crate::Error;
use serde::Serialize;

/// A group of rows with like probabilities.
#[derive(Clone, Copy, Debug, PartialEq, Serialize)]
pub struct ReliabilityRow {
    /// The lowest probability in the group.
    pub from: f64,
    /// The highest.
    pub to: f64,
    /// Rows.
    pub rows: usize,
    /// Bad outcomes.
    pub observed: f64,
    /// The sum of the probabilities.
    pub expected: f64,
    /// The mean probability; with weights, the weighted mean.
    pub predicted: f64,
    /// The rate of bad outcomes, with Clopper & Pearson's bounds for Kish's effective number of rows.
    pub rate: Estimate,
}

/// The reliability table: rows in groups by probability, the predicted beside the observed rate.
///
/// # Errors
/// [`Error::Evaluate`]: columns of unequal length, missing probabilities or such outside [0, 1], weights below 0, no groups.
pub fn reliability(p: &[f64], outcome: &[bool], weight: Option<&[f64]>, count: usize, ties: Ties) -> Result<Vec<ReliabilityRow>, Error> {
    let mut faults = check(p, outcome, count, 1);
    faults.weight(weight);
    faults.done(Some(()))?;
    Ok(groups(p, count, ties).iter().map(|rows| ReliabilityRow::of(rows, p, outcome, weight)).collect())
}

impl ReliabilityRow {
    fn of(rows: &[usize], p: &[f64], outcome: &[bool], weight: Option<&[f64]>) -> Self {
        let mut row =
            Self { from: f64::INFINITY, to: 0.0, rows: rows.len(), observed: 0.0, expected: 0.0, predicted: 0.0, rate: Estimate::NONE };
        let (mut all, mut squares, mut bad, mut predicted) = (0.0, 0.0, 0.0, 0.0);
        for &at in rows {
            let w = weight.and_then(|weight| weight.get(at)).copied().unwrap_or(1.0);
            if let (Some(&p), Some(&y)) = (p.get(at), outcome.get(at)) {
                let y = f64::from(u8::from(y));
                row.from = row.from.min(p);
                row.to = row.to.max(p);
                row.observed += y;
                row.expected += p;
                predicted += w * p;
                bad += w * y;
                all += w;
                squares += w * w;
            }
        }
        row.predicted = predicted / all;
        row.rate = Estimate::clopper_pearson(bad / all, all * all / squares);
        row
    }
}

impl Estimate {
    const NONE: Self = Self { value: f64::NAN, se: f64::NAN, low: 0.0, high: 1.0 };

    /// A share of `trials` with Clopper & Pearson's 95 % bounds; nothing is known without trials.
    pub(crate) fn clopper_pearson(value: f64, trials: f64) -> Self {
        if !(trials > 0.0) {
            return Self::NONE;
        }
        let (low, high) = exact(value * trials, trials, LEVEL);
        Self { value, se: (value * (1.0 - value) / trials).sqrt(), low, high }
    }
}

/// Hosmer & Lemeshow's test of calibration.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct HosmerLemeshow {
    /// `Σ_g (O_g − E_g)² / (E_g (1 − E_g/n_g))`.
    pub statistic: f64,
    /// Degrees of freedom: groups − 2 on the data that the probabilities were fitted to, groups on others.
    pub freedom: usize,
    /// The chance of as large a statistic where the probabilities hold.
    pub p: f64,
    /// How groups were made.
    pub ties: Ties,
    /// The groups.
    pub groups: Vec<ReliabilityRow>,
}

/// Hosmer & Lemeshow's test. `fitted` says that the probabilities were fitted to these very outcomes.
///
/// Unequal weights are refused: under them the statistic has no χ² law. Archer & Lemeshow's Wald test of mean residuals by weighted decile
/// (Stata Journal 6 (2006), 97–105) is no way out where bad outcomes are rare: at 5 % it refused true probabilities in 12 to 20 of 100 samples of
/// 2,000 firms with a quarter bad, and in half and more of those with 4 % bad, since a decile without a bad outcome has hardly any variance.
/// [`reliability`] and [`calibration`] hold with weights.
///
/// # Errors
/// As [`reliability`]; unequal weights; fewer than three groups where `fitted`.
pub fn hosmer_lemeshow(
    p: &[f64],
    outcome: &[bool],
    weight: Option<&[f64]>,
    count: usize,
    ties: Ties,
    fitted: bool,
) -> Result<HosmerLemeshow, Error> {
    let least = if fitted { 3 } else { 1 };
    let mut faults = check(p, outcome, count, least);
    faults.weight(weight);
    if !alike(weight) {
        let expected =
            "equal weights: with others the statistic has no χ² law; see the reliability table, or calibration's intercept and slope";
        faults.argument("weight", "unequal", expected);
    }
    faults.done(Some(()))?;
    let groups: Vec<ReliabilityRow> = groups(p, count, ties).iter().map(|rows| ReliabilityRow::of(rows, p, outcome, None)).collect();
    if groups.len() < least {
        let mut faults = Faults::of(p.len());
        faults.argument("groups", groups.len(), "at least 3 groups with different probabilities");
        faults.done(Some(()))?;
    }
    let part = |group: &ReliabilityRow| {
        let apart = group.observed - group.expected;
        // Probabilities of exactly 0 or 1 that came true have no variance and nothing to explain.
        if apart == 0.0 { 0.0 } else { apart * apart / (group.expected * (1.0 - group.expected / group.rows as f64)) }
    };
    let statistic = groups.iter().map(part).sum();
    let freedom = groups.len() - if fitted { 2 } else { 0 };
    Ok(HosmerLemeshow { statistic, freedom, p: chi_squared(statistic, freedom as f64), ties, groups })
}

/// Whether all rows weigh the same, so that Hosmer & Lemeshow's test holds.
#[must_use]
pub fn alike(weight: Option<&[f64]>) -> bool {
    weight.is_none_or(|weight| weight.iter().all(|w| weight.first() == Some(w)))
}

/// Calibration as a whole: does the level hold, and does the spread?
#[derive(Clone, Copy, Debug, PartialEq, Serialize)]
pub struct Calibration {
    /// The rate of bad outcomes.
    pub observed: Estimate,
    /// The mean probability.
    pub expected: f64,
    /// `a` in `logit P(bad) = a + logit p`: 0 where the level holds, above 0 where probabilities are too low.
    pub intercept: Estimate,
    /// `b` in `logit P(bad) = a + b·logit p`: 1 where the spread holds, below 1 where probabilities are too extreme.
    pub slope: Estimate,
    /// `a` beside that slope.
    pub intercept_with_slope: Estimate,
}

/// Calibration intercept and slope (Cox 1958), by logistic regression, with 95 % intervals: by information without weights, by the
/// linearised (sandwich) covariance with weights or strata.
///
/// # Errors
/// [`Error::Evaluate`]: as [`reliability`]; probabilities of 0 or 1, one outcome only, probabilities that are all the same or that separate
/// the outcomes completely.
pub fn calibration(p: &[f64], outcome: &[bool], sampling: Sampling<'_>) -> Result<Calibration, Error> {
    let mut faults = Faults::of(p.len());
    let remedy = "a probability of 0 or 1 has no logit; move it inside";
    faults.values("probability", p, "value outside of (0, 1)", remedy, |p| p > 0.0 && p < 1.0);
    faults.outcome(outcome, sampling.weight);
    let design = Design::new(sampling, p.len(), &mut faults);
    let plain = sampling.weight.is_none() && sampling.strata.is_none() && sampling.population.is_none();
    let design = faults.so_far(design)?;
    let logit: Vec<f64> = p.iter().map(|p| (p / (1.0 - p)).ln()).collect();
    let y: Vec<f64> = outcome.iter().map(|&y| f64::from(u8::from(y))).collect();
    let found = || {
        let [intercept_with_slope, slope] = logistic::line(&logit, &y, &design, plain)?;
        Some(Calibration {
            observed: design.mean(&y, |_| true, LEVEL)?,
            expected: design.mean(p, |_| true, LEVEL)?.value,
            intercept: logistic::level(&logit, &y, &design, plain)?,
            slope,
            intercept_with_slope,
        })
    };
    let found = found();
    if found.is_none() {
        let remedy = "the probabilities are all the same, or they separate the outcomes completely; look at the reliability table instead";
        faults.add(EvaluateFault::None { what: "slope", remedy });
    }
    faults.done(found)
}

fn check(p: &[f64], outcome: &[bool], count: usize, least: usize) -> Faults {
    let mut faults = Faults::of(p.len());
    faults.probability("probability", p);
    faults.rows("outcome", outcome.len());
    if count < least {
        faults.argument("groups", count, &format!("at least {least}"));
    }
    faults
}

#[cfg(test)]
mod tests {
    use super::*;
    use approx::assert_relative_eq;

    /// Two groups by hand: p = 0.25 with 3 of 10 bad and p = 0.5 with 4 of 10.
    fn two_groups() -> (Vec<f64>, Vec<bool>) {
        let p = (0..20).map(|row| if row < 10 { 0.25 } else { 0.5 }).collect();
        (p, (0..20).map(|row| row < 3 || (10..14).contains(&row)).collect())
    }

    #[test]
    fn hosmer_lemeshow_by_hand() {
        let (p, y) = two_groups();
        let found = hosmer_lemeshow(&p, &y, None, 10, Ties::Together, false).unwrap();
        let by_hand = 0.5_f64.powi(2) / (2.5 * 0.75) + 1.0 / (5.0 * 0.5);
        assert_relative_eq!(found.statistic, by_hand, epsilon = 1e-14);
        assert_eq!((found.freedom, found.groups.len()), (2, 2));
        // χ² with two degrees of freedom is exponential.
        assert_relative_eq!(found.p, (-by_hand / 2.0).exp(), epsilon = 1e-14);
        assert!(hosmer_lemeshow(&p, &y, None, 10, Ties::Together, true).is_err());
        assert_eq!(hosmer_lemeshow(&p, &y, Some(&[3.0; 20]), 10, Ties::Together, false).unwrap(), found);
        let mut weight = [3.0; 20];
        weight[7] = 2.0;
        assert_eq!(
            hosmer_lemeshow(&p, &y, Some(&weight), 10, Ties::Together, false).unwrap_err().to_string(),
            "the evaluation: 1 problem\n  `weight` is unequal, expected equal weights: with others the statistic has no χ² law; see the \
             reliability table, or calibration's intercept and slope"
        );
    }

    /// With two values of p the line goes through both observed rates: logit 0.3 at logit 0.25 and logit 0.4 at 0. Its standard errors
    /// are those of two binomials, `1/(n p (1 − p))`.
    #[test]
    fn slope_and_intercept_by_hand() {
        let (p, y) = two_groups();
        let found = calibration(&p, &y, Sampling::default()).unwrap();
        let logit = |p: f64| (p / (1.0 - p)).ln();
        let slope = (logit(0.3) - logit(0.4)) / logit(0.25);
        assert_relative_eq!(found.slope.value, slope, epsilon = 1e-12);
        assert_relative_eq!(found.intercept_with_slope.value, logit(0.4), epsilon = 1e-12);
        assert_relative_eq!(found.intercept_with_slope.se, (1.0_f64 / 2.4).sqrt(), epsilon = 1e-10);
        assert_relative_eq!(found.slope.se, ((1.0_f64 / 2.1 + 1.0 / 2.4) / logit(0.25).powi(2)).sqrt(), epsilon = 1e-10);
        assert_eq!((found.observed.value, found.expected), (0.35, 0.375));
        // The level alone: 10/(1 + 3 e^−a) + 10/(1 + e^−a) = 7.
        let a = found.intercept.value;
        assert_relative_eq!(10.0 / (1.0 + 3.0 * (-a).exp()) + 10.0 / (1.0 + (-a).exp()), 7.0, epsilon = 1e-10);
    }

    /// Weights of 1 given as such: the sandwich is another estimate of the same variance, so it is near but not the same.
    #[test]
    fn the_sandwich_is_near_the_information() {
        let mut random = crate::ahp::SplitMix64::new(3);
        let p: Vec<f64> = (0..4000).map(|_| 1.0 / (1.0 + (-random.normal()).exp())).collect();
        let y: Vec<bool> = p.iter().map(|&p| random.uniform() < p).collect();
        let ones = vec![1.0; 4000];
        let plain = calibration(&p, &y, Sampling::default()).unwrap();
        let weighted = calibration(&p, &y, Sampling { weight: Some(&ones), ..Sampling::default() }).unwrap();
        for (a, b) in [
            (plain.slope, weighted.slope),
            (plain.intercept, weighted.intercept),
            (plain.intercept_with_slope, weighted.intercept_with_slope),
        ] {
            assert_relative_eq!(a.value, b.value, epsilon = 1e-10);
            assert_relative_eq!(a.se, b.se, max_relative = 0.05);
        }
        assert!(plain.slope.low < 1.0 && plain.slope.high > 1.0 && plain.intercept.low < 0.0 && plain.intercept.high > 0.0, "{plain:?}");
    }

    #[test]
    fn what_has_no_slope_is_refused() {
        let none =
            |p: &[f64], y: &[bool]| matches!(calibration(p, y, Sampling::default()), Err(Error::Evaluate(faults)) if faults.len() == 1);
        assert!(none(&[0.3; 4], &[true, false, true, false]));
        assert!(none(&[0.2, 0.3, 0.6, 0.7], &[false, false, true, true]));
        assert!(none(&[0.0, 0.3, 0.6, 0.7], &[false, true, true, false]));
    }
}
