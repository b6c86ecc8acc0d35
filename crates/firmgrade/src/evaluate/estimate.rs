//! A number with its standard error and interval, and the distributions that intervals come from.

use serde::Serialize;
use statrs::distribution::{Beta, ContinuousCDF, Normal};

/// The level of an interval when none is given.
pub const LEVEL: f64 = 0.95;

/// A number with its uncertainty.
#[derive(Clone, Copy, Debug, PartialEq, Serialize)]
pub struct Estimate {
    /// The number.
    pub value: f64,
    /// Its standard error.
    pub se: f64,
    /// The lower end of the interval.
    pub low: f64,
    /// The upper end.
    pub high: f64,
}

impl Estimate {
    /// `value ± z·se`.
    #[must_use]
    pub fn normal(value: f64, se: f64, level: f64) -> Self {
        let reach = z(level) * se;
        Self { value, se, low: value - reach, high: value + reach }
    }

    /// A share with `ln(v/(1−v)) ± z·se/(v(1−v))`, taken back: it stays inside (0, 1). A share of 0 or 1 gets [`exact`] bounds for `trials`.
    #[must_use]
    pub fn logit(value: f64, se: f64, level: f64, trials: f64) -> Self {
        if !(value > 0.0 && value < 1.0) {
            let (low, high) = exact(value * trials, trials, level);
            return Self { value, se, low, high };
        }
        let (centre, reach) = ((value / (1.0 - value)).ln(), z(level) * se / (value * (1.0 - value)));
        let back = |x: f64| 1.0 / (1.0 + (-x).exp());
        Self { value, se, low: back(centre - reach), high: back(centre + reach) }
    }
}

/// The two-sided normal quantile of a level: 1.96 for 0.95.
pub(crate) fn z(level: f64) -> f64 {
    Normal::standard().inverse_cdf(0.5 + level / 2.0)
}

/// Two-sided p-value of a standard normal statistic.
pub(crate) fn two_sided(statistic: f64) -> f64 {
    2.0 * Normal::standard().sf(statistic.abs())
}

/// Clopper & Pearson's bounds of a share: `hits` of `trials`, neither of them necessarily whole.
pub(crate) fn exact(hits: f64, trials: f64, level: f64) -> (f64, f64) {
    let tail = (1.0 - level) / 2.0;
    let quantile = |a: f64, b: f64, p: f64, otherwise: f64| Beta::new(a, b).map_or(otherwise, |beta| beta.inverse_cdf(p));
    let low = if hits > 0.0 { quantile(hits, trials - hits + 1.0, tail, 0.0) } else { 0.0 };
    let high = if hits < trials { quantile(hits + 1.0, trials - hits, 1.0 - tail, 1.0) } else { 1.0 };
    (low, high)
}
