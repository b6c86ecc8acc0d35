//! A number with its standard error and interval, and the distributions that intervals come from.

use super::beta;
use serde::Serialize;
use statrs::distribution::{ChiSquared, ContinuousCDF, Normal};

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

    /// A share with `ln(v/(1−v)) ± quantile·se/(v(1−v))`, taken back: it stays inside (0, 1). A share of 0 or 1 gets Clopper &
    /// Pearson's bounds for `trials`.
    pub(crate) fn logit(value: f64, se: f64, quantile: f64, level: f64, trials: f64) -> Self {
        if !(value > 0.0 && value < 1.0) {
            let (low, high) = exact(value * trials, trials, level);
            return Self { value, se, low, high };
        }
        let (centre, reach) = ((value / (1.0 - value)).ln(), quantile * se / (value * (1.0 - value)));
        let back = |x: f64| 1.0 / (1.0 + (-x).exp());
        Self { value, se, low: back(centre - reach), high: back(centre + reach) }
    }

    /// The estimate of `factor` times the number.
    #[must_use]
    pub fn scaled(self, factor: f64) -> Self {
        Self { value: self.value * factor, se: self.se * factor, low: self.low * factor, high: self.high * factor }
    }
}

/// The two-sided normal quantile of a level: 1.96 for 0.95.
pub(crate) fn z(level: f64) -> f64 {
    Normal::standard().inverse_cdf(0.5 + level / 2.0)
}

/// The two-sided quantile of Student's t. Beyond 10⁴ degrees of freedom the normal one is less than 0.02 % off.
pub(crate) fn t(level: f64, freedom: f64) -> f64 {
    if !(freedom < 1e4) {
        return z(level);
    }
    // Counted from the side where the quantile is near 0, its distance to 1 keeps its digits.
    let y = beta::quantile(0.5, freedom / 2.0, level);
    (freedom * y / (1.0 - y)).sqrt()
}

/// Two-sided p-value of a t statistic.
pub(crate) fn two_sided_t(statistic: f64, freedom: f64) -> f64 {
    if !(freedom < 1e4) {
        return two_sided(statistic);
    }
    beta::share_below(freedom / 2.0, 0.5, freedom / (freedom + statistic * statistic))
}

/// Two-sided p-value of a standard normal statistic.
pub(crate) fn two_sided(statistic: f64) -> f64 {
    2.0 * Normal::standard().sf(statistic.abs())
}

/// The chance that a standard normal number exceeds a statistic.
pub(crate) fn upper(statistic: f64) -> f64 {
    Normal::standard().sf(statistic)
}

/// The chance that a χ² statistic with `freedom` degrees exceeds `statistic`.
pub(crate) fn chi_squared(statistic: f64, freedom: f64) -> f64 {
    ChiSquared::new(freedom).map_or(f64::NAN, |chi| chi.sf(statistic))
}

/// Clopper & Pearson's bounds of a share: `hits` of `trials`, neither of them necessarily whole.
pub(crate) fn exact(hits: f64, trials: f64, level: f64) -> (f64, f64) {
    let tail = (1.0 - level) / 2.0;
    let low = if hits > 0.0 { beta::quantile(hits, trials - hits + 1.0, tail) } else { 0.0 };
    let high = if hits < trials { beta::quantile(hits + 1.0, trials - hits, 1.0 - tail) } else { 1.0 };
    (low, high)
}

#[cfg(test)]
mod tests {
    use super::*;
    use approx::assert_relative_eq;

    /// Abramowitz & Stegun, tables 26.1 and 26.8; 0 of n has the upper bound `1 − (α/2)^(1/n)`, so 0 of 60 has 5.96 %.
    #[test]
    fn quantiles_as_printed() {
        assert_relative_eq!(z(0.95), 1.959_963_984_540_054, epsilon = 1e-13);
        assert_relative_eq!(z(0.99), 2.575_829_303_548_901, epsilon = 1e-13);
        // The library's error function is good to ten digits.
        assert_relative_eq!(two_sided(1.959_963_984_540_054), 0.05, max_relative = 1e-10);
        assert_relative_eq!(chi_squared(15.507_313_055_865_45, 8.0), 0.05, epsilon = 1e-13);
        for (freedom, printed) in [(2.0, 4.303), (10.0, 2.228), (30.0, 2.042), (120.0, 1.980)] {
            assert_relative_eq!(t(0.95, freedom), printed, epsilon = 5e-4);
            assert_relative_eq!(two_sided_t(t(0.95, freedom), freedom), 0.05, max_relative = 1e-9);
        }
        assert_relative_eq!(t(0.95, 9_999.0), t(0.95, 10_001.0), max_relative = 2e-4);
        let (low, high) = exact(0.0, 60.0, 0.95);
        assert_eq!(low, 0.0);
        assert_relative_eq!(high, 1.0 - 0.025_f64.powf(1.0 / 60.0), epsilon = 1e-12);
        assert_relative_eq!(high, 0.0596, epsilon = 5e-5);
        assert_eq!(exact(60.0, 60.0, 0.95).1, 1.0);
    }

    /// A bound is where the binomial tail is 2.5 %: the tails are summed, not taken from the beta function that gave the bounds.
    #[test]
    fn bounds_are_where_binomial_tails_are() {
        for (hits, trials) in [(1_u32, 10_u32), (3, 21), (10, 20), (2, 400), (399, 400), (57, 1000)] {
            let (low, high) = exact(f64::from(hits), f64::from(trials), 0.95);
            let tail = |p: f64, from: u32, to: u32| {
                let (mut ln_choose, mut sum) = (0.0, 0.0);
                for k in 0..=trials {
                    let (k, n) = (f64::from(k), f64::from(trials));
                    let chance = (ln_choose + k * p.ln() + (n - k) * (1.0 - p).ln()).exp();
                    sum += if k >= f64::from(from) && k <= f64::from(to) { chance } else { 0.0 };
                    ln_choose += ((n - k) / (k + 1.0)).ln();
                }
                sum
            };
            assert_relative_eq!(tail(low, hits, trials), 0.025, epsilon = 1e-10);
            assert_relative_eq!(tail(high, 0, hits), 0.025, epsilon = 1e-10);
        }
    }
}
