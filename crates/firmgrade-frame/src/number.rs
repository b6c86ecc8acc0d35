//! A number as text and as a fraction.

use std::fmt::Write;

/// Whole numbers up to here are exact, and quicker written as such.
const EXACT: f64 = 9_007_199_254_740_992.0;

/// Appends the shortest text that reads back as the same number: `3`, not `3.0`; with an exponent where zeros would fill the line.
pub(crate) fn push_number(text: &mut String, number: f64) {
    let size = number.abs();
    // Writing to a string cannot fail.
    let _ = if size < EXACT && number.fract() == 0.0 && !(number == 0.0 && number.is_sign_negative()) {
        write!(text, "{}", number as i64)
    } else if size != 0.0 && number.is_finite() && !(1e-7..1e21).contains(&size) {
        write!(text, "{number:e}")
    } else {
        write!(text, "{number}")
    };
}

/// A number of 0 to 1 as a fraction in lowest terms, if it is what its shortest text says: 0.5 is 1/2, and 0.1 is not 1/10 in binary.
pub(crate) fn exact_fraction(number: f64) -> Option<(u64, u64)> {
    if !(0.0..=1.0).contains(&number) {
        return None;
    }
    let (mut num, mut places) = (number, 0_u32);
    // An odd number over 2^k takes just k decimals, and no shortest text has more than 17 digits that count.
    while num.fract() != 0.0 {
        (num, places) = (num * 2.0, places + 1);
        if places > 20 {
            return None;
        }
    }
    let decimals = format!("{number}").split_once('.').map_or(0, |(_, decimals)| decimals.len());
    (decimals == places as usize).then(|| (num as u64, 1 << places))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn number_text(number: f64) -> String {
        let mut text = String::new();
        push_number(&mut text, number);
        text
    }

    #[test]
    fn reads_back_as_the_same_bits() {
        for number in [3.0, -0.0, 0.1, 1.0 / 3.0, 1e300, 5e-324, 123_456_789_012_345_680.0, 1e21, 1e-7, f64::MAX] {
            let text = number_text(number);
            assert_eq!(text.parse::<f64>().unwrap().to_bits(), number.to_bits(), "{text}");
        }
        assert_eq!(number_text(3.0), "3");
        assert_eq!(number_text(1e300), "1e300");
        assert_eq!(number_text(0.000_1), "0.0001");
    }

    #[test]
    fn a_fraction_is_exact_or_none() {
        assert_eq!([0.0, 1.0, 0.5, 0.375, 0.0625].map(exact_fraction), [(0, 1), (1, 1), (1, 2), (3, 8), (1, 16)].map(Some));
        for inexact in [0.1, 0.02, 1.0 / 3.0, 0.3, 5e-324, 1.5, -0.5, f64::NAN] {
            assert_eq!(exact_fraction(inexact), None, "{inexact}");
        }
    }
}
