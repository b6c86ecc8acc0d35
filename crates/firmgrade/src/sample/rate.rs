//! Rates as whole numbers, and how many firms they ask for.

use serde::{Deserialize, Serialize};
use std::fmt;
use std::str::FromStr;

/// A rate from 0 to 1 as two whole numbers. They are kept as they were given: 2/100 and 1/50 are other bytes in the frame.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Rate {
    /// Numerator.
    pub num: u64,
    /// Denominator.
    pub den: u64,
}

impl Rate {
    /// The rate of firms that are never drawn.
    pub const ZERO: Self = Self { num: 0, den: 1 };

    /// `num/den`; `None` unless 0 < den and num ≤ den.
    #[must_use]
    pub fn new(num: u64, den: u64) -> Option<Self> {
        (den > 0 && num <= den).then_some(Self { num, den })
    }

    /// As f64: both numbers rounded to f64, then divided.
    #[must_use]
    pub fn to_f64(self) -> f64 {
        self.num as f64 / self.den as f64
    }

    /// The odds, rate/(1 − rate), without the cancellation; infinite for 1.
    pub(super) fn odds(self) -> f64 {
        self.num as f64 / (self.den - self.num) as f64
    }

    /// Whether the two are the same number.
    #[must_use]
    pub fn equals(self, other: Self) -> bool {
        u128::from(self.num) * u128::from(other.den) == u128::from(other.num) * u128::from(self.den)
    }

    /// The greater of two.
    #[must_use]
    pub fn max(self, other: Self) -> Self {
        if u128::from(self.num) * u128::from(other.den) >= u128::from(other.num) * u128::from(self.den) { self } else { other }
    }
}

impl fmt::Display for Rate {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}/{}", self.num, self.den)
    }
}

impl FromStr for Rate {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        // One spelling only: `u64::from_str` would take a plus sign and leading zeros.
        let whole = |part: &str| part.parse::<u64>().ok().filter(|number| number.to_string() == part);
        text.split_once('/')
            .and_then(|(num, den)| Self::new(whole(num)?, whole(den)?))
            .ok_or_else(|| format!("found rate `{text}`, expected two whole numbers like `3/100`, at most 1"))
    }
}

impl Serialize for Rate {
    fn serialize<S: serde::Serializer>(&self, to: S) -> Result<S::Ok, S::Error> {
        to.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for Rate {
    fn deserialize<D: serde::Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        String::deserialize(from)?.parse().map_err(serde::de::Error::custom)
    }
}

/// What becomes of the fraction when `N·num/den` is not whole.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, schemars::JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Rounding {
    /// Up: the rate is a floor.
    #[default]
    AtLeast,
    /// Down: the rate is a ceiling.
    AtMost,
    /// Refused: no number of firms is exactly that rate.
    Exactly,
}

impl Rounding {
    /// The whole number; `None` where `exactly` meets a fraction.
    #[must_use]
    pub fn whole(self, sum: Fraction) -> Option<u128> {
        match self {
            Self::AtLeast => Some(sum.num.div_ceil(sum.den)),
            Self::AtMost => Some(sum.num / sum.den),
            Self::Exactly => sum.num.is_multiple_of(sum.den).then(|| sum.num / sum.den),
        }
    }
}

/// A sum of rates, exact and in lowest terms.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Fraction {
    num: u128,
    den: u128,
}

impl Fraction {
    /// The exact sum of `count` times `rate`; `None` where no common denominator fits 128 bits.
    #[must_use]
    pub fn sum(rates: impl IntoIterator<Item = (Rate, u64)>) -> Option<Self> {
        rates.into_iter().try_fold(Self { num: 0, den: 1 }, |sum, (rate, count)| {
            let den = u128::from(rate.den);
            let lift = den / gcd(sum.den, den);
            let common = sum.den.checked_mul(lift)?;
            let term = u128::from(rate.num).checked_mul(u128::from(count))?.checked_mul(common / den)?;
            let num = sum.num.checked_mul(lift)?.checked_add(term)?;
            let common_factor = gcd(num, common).max(1);
            Some(Self { num: num / common_factor, den: common / common_factor })
        })
    }
}

impl Fraction {
    /// A whole number.
    pub(super) fn whole(count: u64) -> Self {
        Self { num: u128::from(count), den: 1 }
    }

    /// The sum of two; `None` where it exceeds 128 bits.
    pub(super) fn plus(self, other: Self) -> Option<Self> {
        let num = self.num.checked_mul(other.den)?.checked_add(other.num.checked_mul(self.den)?)?;
        let den = self.den.checked_mul(other.den)?;
        let common_factor = gcd(num, den).max(1);
        Some(Self { num: num / common_factor, den: den / common_factor })
    }

    /// As a share of so many, in per cent with four decimals, half a unit rounded up; `None` where it exceeds 128 bits or there are none.
    pub(super) fn percent_of(self, all: u64) -> Option<String> {
        let den = self.den.checked_mul(u128::from(all)).filter(|den| *den > 0)?;
        let parts = self.num.checked_mul(2_000_000)?.checked_add(den)? / den.checked_mul(2)?;
        Some(format!("{}.{:04} %", parts / 10_000, parts % 10_000))
    }
}

impl fmt::Display for Fraction {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}/{}", self.num, self.den)
    }
}

fn gcd(a: u128, b: u128) -> u128 {
    let (mut a, mut b) = (a, b);
    while b != 0 {
        (a, b) = (b, a % b);
    }
    a
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rates_are_whole_numbers_with_one_spelling() {
        assert_eq!("3/100".parse(), Ok(Rate { num: 3, den: 100 }));
        for wrong in ["3", "3/0", "101/100", "+3/100", "03/100", "-1/2", "3 / 100", "0.5/1", ""] {
            assert!(wrong.parse::<Rate>().is_err(), "{wrong}");
        }
        assert!(Rate { num: 2, den: 100 }.equals(Rate { num: 1, den: 50 }));
        assert_eq!(Rate { num: 1, den: 3 }.max(Rate { num: 33, den: 100 }), Rate { num: 1, den: 3 });
    }

    /// By hand: 3 % of 250 is 7.5; 0.1 + 0.1 + 0.1 is not 0.3 in binary, and is here.
    #[test]
    fn sums_are_exact() {
        let half = Fraction::sum([(Rate { num: 3, den: 100 }, 250)]).unwrap();
        assert_eq!(half.to_string(), "15/2");
        assert_eq!((Rounding::AtLeast.whole(half), Rounding::AtMost.whole(half), Rounding::Exactly.whole(half)), (Some(8), Some(7), None));
        let whole = Fraction::sum([(Rate { num: 1, den: 10 }, 3), (Rate { num: 7, den: 10 }, 1)]).unwrap();
        assert_eq!(Rounding::Exactly.whole(whole), Some(1));
        assert_eq!(half.plus(Fraction::whole(2)).unwrap().to_string(), "19/2");
        assert_eq!(half.percent_of(250).unwrap(), "3.0000 %");
        // 2/3 of 100, and half a unit of the last place.
        assert_eq!(Fraction::sum([(Rate { num: 2, den: 3 }, 1)]).unwrap().percent_of(100).unwrap(), "0.6667 %");
        assert_eq!(Fraction::whole(1).percent_of(2_000_000).unwrap(), "0.0001 %");
        assert_eq!(half.percent_of(0), None);
        let primes = [u64::MAX - 58, u64::MAX - 82, u64::MAX - 94];
        assert_eq!(Fraction::sum(primes.map(|den| (Rate { num: 1, den }, 1))), None);
    }
}
