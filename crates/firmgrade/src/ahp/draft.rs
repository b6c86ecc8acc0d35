//! A matrix being filled: both sides of a pair made one, and the rounding that was found on the way.

use std::fmt;

use serde::Serialize;

use super::fault::number;
use super::judgments::Judgments;

/// A judgment typed as a rounded reciprocal, and what was used for it.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
pub struct Rounding {
    /// Row of the rounded entry, from 0, as in [`Judgments::names`].
    pub row: usize,
    /// Column of the rounded entry, from 0.
    pub column: usize,
    /// The entry as typed.
    pub entry: f64,
    /// The other side as typed; or, where only this side was typed, the whole number whose reciprocal it seems to be.
    pub reciprocal: f64,
    /// What stands in the matrix for it: `1/reciprocal` where both sides were typed, else `entry`.
    pub used: f64,
    /// `|entry · reciprocal − 1|`
    pub deviation: f64,
}

impl fmt::Display for Rounding {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { row, column, entry, reciprocal, used, deviation } = *self;
        write!(
            f,
            "row {}, column {}: `{}` is a rounded reciprocal of {} (off by {:.2} %), used {}",
            row + 1,
            column + 1,
            number(entry),
            number(reciprocal),
            deviation * 100.0,
            number(used)
        )
    }
}

/// A matrix being filled, upper and lower entry together.
pub(super) struct Draft {
    n: usize,
    matrix: Vec<f64>,
    roundings: Vec<Rounding>,
}

impl Draft {
    pub(super) fn new(n: usize) -> Self {
        Self { n, matrix: vec![1.0; n * n], roundings: Vec::new() }
    }

    /// One side of a pair is known: the other is its reciprocal.
    pub(super) fn put(&mut self, row: usize, column: usize, value: f64) {
        self.set(row, column, value, 1.0 / value);
        self.suspect(row, column, value);
    }

    /// Both sides of a pair are known: the larger stands, the difference is reported. False if they contradict each other.
    pub(super) fn settle(&mut self, row: usize, column: usize, entry: f64, reciprocal: f64) -> bool {
        let Some((entry_used, reciprocal_used)) = settled(entry, reciprocal) else { return false };
        self.set(row, column, entry_used, reciprocal_used);
        let deviation = (entry * reciprocal - 1.0).abs();
        let (row, column, high, low, used) = if entry >= reciprocal {
            (row, column, entry, reciprocal, reciprocal_used)
        } else {
            (column, row, reciprocal, entry, entry_used)
        };
        if deviation <= Judgments::EXACT_DEVIATION {
            self.suspect(column, row, low);
        } else {
            self.roundings.push(Rounding { row: column, column: row, entry: low, reciprocal: high, used, deviation });
        }
        true
    }

    fn set(&mut self, row: usize, column: usize, value: f64, reciprocal: f64) {
        self.matrix[row * self.n + column] = value;
        self.matrix[column * self.n + row] = reciprocal;
        self.roundings.retain(|r| (r.row, r.column) != (row, column) && (r.row, r.column) != (column, row));
    }

    /// Reports a value that looks like the rounded reciprocal of a whole number; it is used as typed.
    fn suspect(&mut self, row: usize, column: usize, value: f64) {
        if let Some(whole) = rounded_reciprocal_of(value) {
            let deviation = (value * whole - 1.0).abs();
            self.roundings.push(Rounding { row, column, entry: value, reciprocal: whole, used: value, deviation });
        }
    }

    /// The matrix and its roundings.
    pub(super) fn finish(self) -> (Vec<f64>, Vec<Rounding>) {
        (self.matrix, self.roundings)
    }
}

/// Both sides of a pair as typed → as used, by the rule of [`Judgments`]; `None` if they contradict each other.
#[inline]
pub(super) fn settled(entry: f64, reciprocal: f64) -> Option<(f64, f64)> {
    // 1e300 on both sides: the product is infinite, the deviation too, and the pair is refused like any other.
    let deviation = (entry * reciprocal - 1.0).abs();
    if !(0.0..=Judgments::MAX_DEVIATION).contains(&deviation) {
        return None;
    }
    let (high, low) = if entry >= reciprocal { (entry, reciprocal) } else { (reciprocal, entry) };
    // 1.01 on both sides: neither thing is the more important one, whichever is listed first.
    let high_used = if deviation <= Judgments::EXACT_DEVIATION || high > low { high } else { 1.0 };
    // 0.3 beside 3.3333333333333335 = 1/0.3, whose own reciprocal is 0.29999999999999999: both stand as they were written.
    let low_used = if 1.0 / low == high_used { low } else { 1.0 / high_used };
    Some(if entry >= reciprocal { (high_used, low_used) } else { (low_used, high_used) })
}

/// The whole number 3…9 whose reciprocal, rounded to two to eight decimals, is `value`: 0.33 and 0.333 are 3, 0.12 and 0.13 are 8.
/// Not for exact reciprocals (0.25, 0.2, 0.125), and one decimal says nothing: 0.3 may well mean 3 : 10.
fn rounded_reciprocal_of(value: f64) -> Option<f64> {
    [3.0, 6.0, 7.0, 8.0, 9.0].into_iter().find(|whole| {
        let deviation = (value * whole - 1.0).abs();
        deviation > Judgments::EXACT_DEVIATION
            && (2..=8).any(|decimals| {
                let unit = 10_f64.powi(decimals);
                let digits = value * unit;
                (digits - digits.round()).abs() < 1e-6 && (value - 1.0 / whole).abs() * unit <= 0.5 + 1e-9
            })
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    /// With one side typed nothing says what 0.33 was rounded from: it is used as typed, and reported.
    #[test]
    fn a_rounded_reciprocal_alone_is_kept_and_reported() {
        let upper = Judgments::from_upper(None, &[vec![0.33, 0.2], vec![0.125]]).unwrap();
        assert_eq!((upper.get(0, 1), upper.get(1, 0)), (Some(0.33), Some(1.0 / 0.33)));
        let [rounding] = upper.roundings() else { panic!("{:?}", upper.roundings()) };
        assert_eq!((rounding.row, rounding.column, rounding.reciprocal, rounding.used), (0, 1, 3.0, 0.33));
        let [a, b] = ["a", "b"].map(str::to_owned);
        let both = [((a.clone(), b.clone()), 0.33), ((b.clone(), a.clone()), 3.0)];
        let both = Judgments::from_pairs(vec![a, b], &both).unwrap();
        assert_eq!((both.get(0, 1), both.roundings().len()), (Some(1.0 / 3.0), 1));
        for rounded in [0.33, 0.333, 0.3333, 0.17, 0.167, 0.14, 0.143, 0.12, 0.13, 0.11, 0.111, 0.1111] {
            assert!(rounded_reciprocal_of(rounded).is_some(), "{rounded}");
        }
        for whole in [1.0 / 3.0, 1.0 / 6.0, 1.0 / 7.0, 1.0 / 9.0, 0.5, 0.25, 0.2, 0.125, 0.1, 0.3, 0.7, 0.34, 0.4, 1e-300] {
            assert!(rounded_reciprocal_of(whole).is_none(), "{whole}");
        }
    }
}
