//! ROC and CAP curves, the Kolmogorov–Smirnov distance, lift and capture: what a cut anywhere in the order of the scores would find.

use super::estimate::{Estimate, LEVEL, exact, z};
use super::input::Faults;
use super::order::Order;
use crate::Error;
use serde::Serialize;

/// A score's curves: one point for each distinct score from the highest down, after the point (0, 0) where nobody is flagged.
///
/// ROC is `true_positive` over `false_positive`; CAP (Lorenz, gains) is `true_positive` over `flagged`.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Curve {
    /// Firms with this score or more are flagged; infinity for the first point.
    pub threshold: Vec<f64>,
    /// Share of all firms flagged.
    pub flagged: Vec<f64>,
    /// Share of the good flagged.
    pub false_positive: Vec<f64>,
    /// Share of the bad flagged.
    pub true_positive: Vec<f64>,
}

/// The curves of a score. Firms with the same score are flagged together.
///
/// # Errors
/// [`Error::Evaluate`]: columns of unequal length, missing or infinite scores, weights below 0, one outcome only.
pub fn curve(score: &[f64], outcome: &[bool], weight: Option<&[f64]>) -> Result<Curve, Error> {
    check(score, outcome, weight)?;
    let steps = Steps::new(score, outcome, weight);
    let [good, bad] = steps.total;
    let mut curve = Curve { threshold: vec![f64::INFINITY], flagged: vec![0.0], false_positive: vec![0.0], true_positive: vec![0.0] };
    for step in &steps.flagged {
        curve.threshold.push(step.score);
        curve.flagged.push((step.weight[0] + step.weight[1]) / (good + bad));
        curve.false_positive.push(step.weight[0] / good);
        curve.true_positive.push(step.weight[1] / bad);
    }
    Ok(curve)
}

/// The greatest distance between the distributions of the score among the bad and the good.
#[derive(Clone, Copy, Debug, PartialEq, Serialize)]
pub struct Ks {
    /// The distance, from 0 to 1. Its interval takes the threshold as given: where scores tell nothing it lies too high, as the distance does.
    #[serde(flatten)]
    pub estimate: Estimate,
    /// The score at which it is reached: flagging firms with this score or more separates best.
    pub threshold: f64,
    /// Kolmogorov's limiting p-value of equal distributions, for Kish's effective numbers of rows.
    pub p: f64,
}

/// The Kolmogorov–Smirnov distance with a 95 % interval. Rows are sorted by score and rows with the same score pass together.
///
/// ```text
/// KS = max_t |F₀(t) − F₁(t)|,   se² = Σ_classes F(1−F)/n        n Kish's effective number of rows
/// ```
///
/// # Errors
/// As [`curve`].
pub fn ks(score: &[f64], outcome: &[bool], weight: Option<&[f64]>) -> Result<Ks, Error> {
    check(score, outcome, weight)?;
    let steps = Steps::new(score, outcome, weight);
    let [good, bad] = steps.total;
    // Over a common denominator whole counts compare exactly, so equal distances are told from greater ones.
    let apart = |step: &Step| (step.weight[0] * bad - step.weight[1] * good).abs();
    let mut best = (0.0, f64::NAN, [0.0, 0.0]);
    for step in &steps.flagged {
        if best.1.is_nan() || apart(step) > best.0 {
            best = (apart(step), step.score, step.weight);
        }
    }
    let (value, threshold, flagged) = (best.0 / good / bad, best.1, best.2);
    let effective = steps.effective();
    let part = |class: usize| {
        let share = flagged[class] / steps.total[class];
        share * (1.0 - share) / effective[class]
    };
    let se = (part(0) + part(1)).sqrt();
    let reach = z(LEVEL) * se;
    let estimate = Estimate { value, se, low: (value - reach).max(0.0), high: (value + reach).min(1.0) };
    let root = (effective[0] * effective[1] / (effective[0] + effective[1])).sqrt();
    Ok(Ks { estimate, threshold, p: kolmogorov(root * value) })
}

/// What inspecting the riskiest share of firms would find.
#[derive(Clone, Copy, Debug, PartialEq, Serialize)]
pub struct Lift {
    /// The share of firms flagged, riskiest first.
    pub share: f64,
    /// The share of all bad firms among them, with Clopper & Pearson's bounds.
    pub capture: Estimate,
    /// The rate of bad firms among them.
    pub rate: f64,
    /// That rate over the rate of all firms: capture / share.
    pub lift: Estimate,
}

/// Lift and capture of the riskiest `share` of firms, with 95 % intervals. Where the limit falls among firms with the same score, each of them
/// counts in part: the expectation over every order of the tie.
///
/// # Errors
/// As [`curve`]; a share that is not above 0 and at most 1.
pub fn lift(score: &[f64], outcome: &[bool], share: f64, weight: Option<&[f64]>) -> Result<Lift, Error> {
    let mut faults = Faults::of(score.len());
    faults.score("score", score);
    faults.weight(weight);
    faults.outcome(outcome, weight);
    if !(share > 0.0 && share <= 1.0) {
        faults.argument("share", share, "a share above 0 and at most 1, such as 0.1 for the top tenth");
    }
    faults.done(Some(()))?;
    let steps = Steps::new(score, outcome, weight);
    let all = steps.total[0] + steps.total[1];
    let (mut found, mut before) = (steps.total[1], [0.0, 0.0]);
    for step in &steps.flagged {
        let (lower, upper) = (before[0] + before[1], step.weight[0] + step.weight[1]);
        if upper >= share * all {
            let part = if upper > lower { (share * all - lower) / (upper - lower) } else { 1.0 };
            found = before[1] + part * (step.weight[1] - before[1]);
            break;
        }
        before = step.weight;
    }
    let value = (found / steps.total[1]).clamp(0.0, 1.0);
    let [_, bad] = steps.effective();
    let (low, high) = exact(value * bad, bad, LEVEL);
    let capture = Estimate { value, se: (value * (1.0 - value) / bad).sqrt(), low, high };
    Ok(Lift { share, capture, rate: found / (share * all), lift: capture.scaled(1.0 / share) })
}

fn check(score: &[f64], outcome: &[bool], weight: Option<&[f64]>) -> Result<(), Error> {
    let mut faults = Faults::of(score.len());
    faults.score("score", score);
    faults.weight(weight);
    faults.outcome(outcome, weight);
    faults.done(Some(()))
}

/// What is flagged at a score and above: weight of the good and of the bad.
struct Step {
    score: f64,
    weight: [f64; 2],
}

struct Steps {
    flagged: Vec<Step>,
    total: [f64; 2],
    squares: [f64; 2],
}

impl Steps {
    /// One step for each distinct score of rows with a weight.
    fn new(score: &[f64], outcome: &[bool], weight: Option<&[f64]>) -> Self {
        let order = Order::ascending(score);
        let (mut flagged, mut total, mut squares) = (Vec::new(), [0.0, 0.0], [0.0, 0.0]);
        for group in order.ties().rev() {
            let mut at = None;
            for row in group {
                let weight = weight.and_then(|weight| weight.get(row)).copied().unwrap_or(1.0);
                let class = usize::from(outcome.get(row).copied().unwrap_or(false));
                total[class] += weight;
                squares[class] += weight * weight;
                at = at.or_else(|| score.get(row).copied().filter(|_| weight > 0.0));
            }
            if let Some(score) = at {
                flagged.push(Step { score, weight: total });
            }
        }
        Self { flagged, total, squares }
    }

    /// Kish's effective numbers of good and bad rows.
    fn effective(&self) -> [f64; 2] {
        [0, 1].map(|class| self.total[class] * self.total[class] / self.squares[class])
    }
}

/// The upper tail of Kolmogorov's distribution, `2 Σ (−1)^{k−1} exp(−2k²x²)`, and by its theta form where that series is slow.
fn kolmogorov(x: f64) -> f64 {
    use std::f64::consts::PI;
    if !(x > 0.0) {
        return 1.0;
    }
    let p = if x < 1.0 {
        let term = |k: i32| (-f64::from((2 * k - 1).pow(2)) * PI * PI / (8.0 * x * x)).exp();
        1.0 - (2.0 * PI).sqrt() / x * (1..=6).map(term).sum::<f64>()
    } else {
        let term = |k: i32| if k % 2 == 1 { 1.0 } else { -1.0 } * (-2.0 * f64::from(k * k) * x * x).exp();
        2.0 * (1..=6).map(term).sum::<f64>()
    };
    p.clamp(0.0, 1.0)
}

#[cfg(test)]
mod tests {
    use super::*;
    use approx::assert_relative_eq;

    const SCORE: [f64; 6] = [0.9, 0.8, 0.8, 0.4, 0.3, 0.1];
    const OUTCOME: [bool; 6] = [true, true, false, false, true, false];

    /// By hand: of three bad firms 1, 2, 2, 3, 3 and of three good ones 0, 1, 2, 2, 3 lie at or above each score.
    #[test]
    fn points_by_hand() {
        let curve = curve(&SCORE, &OUTCOME, None).unwrap();
        assert_eq!(curve.threshold, [f64::INFINITY, 0.9, 0.8, 0.4, 0.3, 0.1]);
        assert_eq!(curve.true_positive, [0.0, 1.0 / 3.0, 2.0 / 3.0, 2.0 / 3.0, 1.0, 1.0]);
        assert_eq!(curve.false_positive, [0.0, 0.0, 1.0 / 3.0, 2.0 / 3.0, 2.0 / 3.0, 1.0]);
        assert_eq!(curve.flagged, [0.0, 1.0 / 6.0, 0.5, 4.0 / 6.0, 5.0 / 6.0, 1.0]);
    }

    /// The area under the ROC polygon is the AUC, and the area between CAP and the diagonal over that of a perfect score is 2·AUC − 1.
    #[test]
    fn the_areas_are_the_auc_and_the_accuracy_ratio() {
        let weight = [1.0, 2.0, 0.5, 1.5, 1.0, 3.0];
        let curve = curve(&SCORE, &OUTCOME, Some(&weight)).unwrap();
        let area = |x: &[f64], y: &[f64]| x.windows(2).zip(y.windows(2)).map(|(x, y)| (x[1] - x[0]) * (y[0] + y[1]) / 2.0).sum::<f64>();
        let auc = super::super::auc(&SCORE, &OUTCOME, Some(&weight)).unwrap();
        assert_relative_eq!(area(&curve.false_positive, &curve.true_positive), auc.estimate.value, epsilon = 1e-15);
        let bad = 4.0 / 9.0;
        let ratio = (area(&curve.flagged, &curve.true_positive) - 0.5) / ((1.0 - bad) / 2.0);
        assert_relative_eq!(ratio, auc.accuracy_ratio().value, epsilon = 1e-14);
    }

    #[test]
    fn ks_passes_ties_together_and_does_not_care_for_the_order_of_rows() {
        let found = ks(&SCORE, &OUTCOME, None).unwrap();
        assert_relative_eq!(found.estimate.value, 1.0 / 3.0, epsilon = 1e-15);
        assert_eq!(found.threshold, 0.9);
        let constant = ks(&[1.0; 6], &OUTCOME, None).unwrap();
        assert_eq!((constant.estimate.value, constant.p), (0.0, 1.0));
        let turned = ks(&SCORE.map(|s| -s), &OUTCOME, None).unwrap();
        assert_relative_eq!(turned.estimate.value, 1.0 / 3.0, epsilon = 1e-15);
    }

    /// Smirnov's table: P(K > 1.3581) = 0.05, P(K > 1.6276) = 0.01, P(K > 0.8276) = 0.5.
    #[test]
    fn kolmogorovs_quantiles() {
        for (x, p) in [(1.358_1, 0.05), (1.627_6, 0.01), (0.827_57, 0.5), (0.4, 0.997_192)] {
            assert_relative_eq!(kolmogorov(x), p, epsilon = 2e-5);
        }
        assert_relative_eq!(kolmogorov(1.0 - 1e-12), kolmogorov(1.0), epsilon = 1e-11);
    }

    #[test]
    fn lift_by_hand() {
        // The top third is 0.9 and half of the tie at 0.8, in which one of two is bad: 1.5 of 3 bad among 2 of 6 firms.
        let top = lift(&SCORE, &OUTCOME, 1.0 / 3.0, None).unwrap();
        assert_relative_eq!(top.capture.value, 0.5, epsilon = 1e-14);
        assert_relative_eq!(top.lift.value, 1.5, epsilon = 1e-14);
        assert_relative_eq!(top.rate, 0.75, epsilon = 1e-14);
        let all = lift(&SCORE, &OUTCOME, 1.0, None).unwrap();
        assert_eq!((all.capture.value, all.lift.value, all.rate), (1.0, 1.0, 0.5));
    }
}
