//! Logistic regression on one variable, for calibration.

use super::estimate::{Estimate, LEVEL};
use super::sampling::Design;

/// `a` in `logit P = a + x`; `None` where no finite `a` is best.
pub(crate) fn level(x: &[f64], y: &[f64], design: &Design, plain: bool) -> Option<Estimate> {
    let mut a = 0.0;
    for _ in 0..STEPS {
        let (mut slope, mut curve) = (0.0, 0.0);
        for ((x, y), w) in x.iter().zip(y).zip(&design.weight) {
            let p = chance(a + x);
            slope += w * (y - p);
            curve += w * p * (1.0 - p);
        }
        let step = slope / curve;
        a += step.clamp(-2.0, 2.0);
        if !a.is_finite() {
            return None;
        }
        if step.abs() < CLOSE {
            let scores: Vec<f64> = x.iter().zip(y).map(|(x, y)| (y - chance(a + x)) / curve).collect();
            let variance = if plain { 1.0 / curve } else { design.variance(&scores) };
            return Some(Estimate::normal(a, variance.sqrt(), LEVEL));
        }
    }
    None
}

/// `[a, b]` in `logit P = a + b·x`; `None` where no finite ones are best.
pub(crate) fn line(x: &[f64], y: &[f64], design: &Design, plain: bool) -> Option<[Estimate; 2]> {
    // Around its mean the two parameters hardly depend on each other, so full steps stay stable.
    let weight: f64 = design.weight.iter().sum();
    let centre = x.iter().zip(&design.weight).map(|(x, w)| w * x).sum::<f64>() / weight;
    let (mut a, mut b) = (0.0, 0.0);
    for _ in 0..STEPS {
        let (mut slope, mut curve) = ([0.0; 2], [0.0; 3]);
        for ((x, y), w) in x.iter().zip(y).zip(&design.weight) {
            let x = x - centre;
            let p = chance(a + b * x);
            let v = w * p * (1.0 - p);
            slope[0] += w * (y - p);
            slope[1] += w * (y - p) * x;
            curve[0] += v;
            curve[1] += v * x;
            curve[2] += v * x * x;
        }
        let determinant = curve[0] * curve[2] - curve[1] * curve[1];
        if !(determinant > 1e-12 * curve[0] * curve[0]) {
            return None;
        }
        let inverse = [curve[2] / determinant, -curve[1] / determinant, curve[0] / determinant];
        let step = [inverse[0] * slope[0] + inverse[1] * slope[1], inverse[1] * slope[0] + inverse[2] * slope[1]];
        let shrink = (2.0 / step[0].abs().max(step[1].abs())).min(1.0);
        a += shrink * step[0];
        b += shrink * step[1];
        if step[0].abs().max(step[1].abs()) < CLOSE {
            let of = |parts: [f64; 2]| -> Vec<f64> {
                let term = |(x, y): (&f64, &f64)| (y - chance(a + b * (x - centre))) * (parts[0] + parts[1] * (x - centre));
                x.iter().zip(y).map(term).collect()
            };
            // The intercept at x = 0 is a − b·centre.
            let at_zero = [inverse[0] - centre * inverse[1], inverse[1] - centre * inverse[2]];
            let variances = if plain {
                [inverse[0] - 2.0 * centre * inverse[1] + centre * centre * inverse[2], inverse[2]]
            } else {
                [design.variance(&of(at_zero)), design.variance(&of([inverse[1], inverse[2]]))]
            };
            let estimate = |value, variance: f64| Estimate::normal(value, variance.sqrt(), LEVEL);
            return Some([estimate(a - b * centre, variances[0]), estimate(b, variances[1])]);
        }
    }
    None
}

/// Newton's steps allowed. Separated outcomes use them up, or run into a flat likelihood.
const STEPS: usize = 100;

/// A step below which the solution stands.
const CLOSE: f64 = 1e-11;

fn chance(x: f64) -> f64 {
    1.0 / (1.0 + (-x).exp())
}
