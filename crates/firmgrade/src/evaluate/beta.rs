//! The incomplete beta function and its inverse, for the bounds of rates and for Student's t.
//!
//! statrs gives up its continued fraction after 140 terms without saying so, which samples beyond some ten thousand rows need, and its inverse may
//! never end where its density overflows. Here the fraction runs until it stands, and the root stays in a bracket that shrinks.

use statrs::function::gamma::ln_gamma;

/// The regularised incomplete beta function `I_x(a, b)` for a, b > 0 and x from 0 to 1: Lentz's continued fraction (Abramowitz & Stegun 26.5.8), on
/// the side where it converges in some `√max(a, b)` terms.
pub(crate) fn share_below(a: f64, b: f64, x: f64) -> f64 {
    if !(x > 0.0) {
        return 0.0;
    }
    if x >= 1.0 {
        return 1.0;
    }
    if x > (a + 1.0) / (a + b + 2.0) {
        return 1.0 - front(b, a, 1.0 - x) * fraction(b, a, 1.0 - x);
    }
    front(a, b, x) * fraction(a, b, x)
}

/// `x^a (1 − x)^b / (a B(a, b))`.
fn front(a: f64, b: f64, x: f64) -> f64 {
    (a * x.ln() + b * (-x).ln_1p() + ln_gamma(a + b) - ln_gamma(a) - ln_gamma(b)).exp() / a
}

/// Terms of the fraction at most: samples of 10⁸ rows end within them.
const TERMS: u32 = 50_000;

fn fraction(a: f64, b: f64, x: f64) -> f64 {
    // A denominator of 0 is moved off 0 (Thompson & Barnett 1986).
    let off = |value: f64| if value.abs() < 1e-300 { 1e-300 } else { value };
    let mut above = 1.0;
    let mut below = 1.0 / off(1.0 - (a + b) * x / (a + 1.0));
    let mut found = below;
    for m in 1..TERMS {
        let m = f64::from(m);
        let even = m * (b - m) * x / ((a + 2.0 * m - 1.0) * (a + 2.0 * m));
        let odd = -(a + m) * (a + b + m) * x / ((a + 2.0 * m) * (a + 2.0 * m + 1.0));
        let mut last = 1.0;
        for step in [even, odd] {
            below = 1.0 / off(1.0 + step * below);
            above = off(1.0 + step / above);
            last = above * below;
            found *= last;
        }
        if (last - 1.0).abs() < 1e-15 {
            break;
        }
    }
    found
}

/// The x at which `I_x(a, b)` is `p`, for p inside (0, 1): Newton's steps that never leave the bracket, halving it where they would.
pub(crate) fn quantile(a: f64, b: f64, p: f64) -> f64 {
    let ln_beta = ln_gamma(a) + ln_gamma(b) - ln_gamma(a + b);
    let (mut low, mut high) = (0.0, 1.0);
    let mut x = a / (a + b);
    for _ in 0..200 {
        let off = share_below(a, b, x) - p;
        if off > 0.0 {
            high = x;
        } else {
            low = x;
        }
        let density = ((a - 1.0) * x.ln() + (b - 1.0) * (-x).ln_1p() - ln_beta).exp();
        let step = x - off / density;
        let next = if step > low && step < high { step } else { low + (high - low) / 2.0 };
        if (next - x).abs() <= 1e-15 * x {
            return next;
        }
        x = next;
    }
    x
}

#[cfg(test)]
mod tests {
    use super::*;
    use approx::assert_relative_eq;

    /// `I_x(1, b) = 1 − (1 − x)^b`, `I_x(a, 1) = x^a`, `I_½(a, a) = ½`, `I_x(½, ½) = 2/π·asin √x`.
    #[test]
    fn closed_forms() {
        for x in [1e-6, 0.03, 0.5, 0.8, 0.999] {
            assert_relative_eq!(share_below(1.0, 60.0, x), -(60.0 * (-x).ln_1p()).exp_m1(), max_relative = 1e-12);
            assert_relative_eq!(share_below(7.5, 1.0, x), x.powf(7.5), max_relative = 1e-12);
            assert_relative_eq!(share_below(0.5, 0.5, x), 2.0 / std::f64::consts::PI * x.sqrt().asin(), max_relative = 1e-12);
        }
        for a in [0.5, 3.0, 500.0, 4e4, 1e7] {
            assert_relative_eq!(share_below(a, a, 0.5), 0.5, max_relative = 1e-7);
        }
        assert_eq!((share_below(2.0, 3.0, 0.0), share_below(2.0, 3.0, 1.0)), (0.0, 1.0));
    }

    /// There and back, from single rows to ten million; beyond a thousand rows also against Wilson's interval, which is near then.
    #[test]
    fn quantiles_invert() {
        for (a, b) in [(1.0, 60.0), (61.0, 0.5), (0.5, 0.5), (3.0, 1e4), (1201.0, 58_800.0), (5e5, 5e5), (2e5, 9.8e6)] {
            for p in [1e-6, 0.025, 0.5, 0.975] {
                let x = quantile(a, b, p);
                assert!(x > 0.0 && x < 1.0, "{a} {b} {p}: {x}");
                assert_relative_eq!(share_below(a, b, x), p, max_relative = 1e-6);
            }
        }
        for (hits, trials) in [(1200.0, 60_000.0), (5e5, 1e6), (2e5, 1e7)] {
            let (share, z2) = (hits / trials, 3.841_458_820_694_124_f64);
            let centre = (share + z2 / (2.0 * trials)) / (1.0 + z2 / trials);
            let reach = (z2 * (share * (1.0 - share) / trials + z2 / (4.0 * trials * trials))).sqrt() / (1.0 + z2 / trials);
            assert_relative_eq!(quantile(hits, trials - hits + 1.0, 0.025), centre - reach, max_relative = 1e-3);
            assert_relative_eq!(quantile(hits + 1.0, trials - hits, 0.975), centre + reach, max_relative = 1e-3);
        }
    }
}
