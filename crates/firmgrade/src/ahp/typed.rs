//! Judgments as people type them: entries of a matrix and scores of a survey, in half or full width.

use std::fmt;
use std::str::FromStr;

use super::fault::JudgmentFault;
use super::judgments::{Judgments, accepted};
use super::random_index::{UnknownChoice, choose};

/// Which thing a positive score of a survey row favours. Surveys are laid out both ways, and nothing in a row says which.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
pub enum Positive {
    /// 3: the first thing is three times as important as the second, as in `a:b = 3`; −3: the second is.
    #[default]
    First,
    /// −3: the first thing is three times as important as the second, as on a line from −9 at the left thing to 9 at the right; 3: the
    /// second is.
    Second,
}

impl Positive {
    /// Both ways, the default first.
    pub const ALL: [Self; 2] = [Self::First, Self::Second];

    /// The name in files, options and output.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::First => "first",
            Self::Second => "second",
        }
    }
}

impl fmt::Display for Positive {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.as_str())
    }
}

impl FromStr for Positive {
    type Err = UnknownChoice;

    fn from_str(text: &str) -> Result<Self, UnknownChoice> {
        choose("orientation", text, &Self::ALL, Self::as_str)
    }
}

/// A judgment from text: `3`, `0.2`, `1/3`, `1:3`, also in full width (`１／３`, `１：３`), spaces around each number ignored.
///
/// # Errors
/// [`JudgmentFault::NoRatio`] for anything that is not a number from 1e-300 to 1e300 after the division: `0`, `-3`, `1/0`, `NaN`,
/// `inf`, `1/2/3`, an empty text.
pub fn parse_ratio(text: &str) -> Result<f64, JudgmentFault> {
    let fault = || JudgmentFault::NoRatio { text: text.to_owned() };
    let narrow = half_width(text);
    let number = |part: &str| part.trim().parse::<f64>().map_err(|_| fault());
    let value = match narrow.split_once(DIVISIONS) {
        None => number(&narrow)?,
        Some((above, below)) => {
            let (above, below) = (number(above)?, number(below)?);
            // Each part is looked at by itself: -1/-3 is a positive ratio but no judgment.
            if !(above > 0.0 && below > 0.0) {
                return Err(fault());
            }
            above / below
        }
    };
    if accepted(value) { Ok(value) } else { Err(fault()) }
}

/// An entry of a matrix as typed: `None` where nothing but blanks was typed, which is no judgment; else as [`parse_ratio`].
///
/// # Errors
/// As [`parse_ratio`].
pub fn parse_entry(text: &str) -> Result<Option<f64>, JudgmentFault> {
    if text.trim().is_empty() { Ok(None) } else { parse_ratio(text).map(Some) }
}

/// The score of a survey row as typed → how many times the first thing is as important as the second; `None` where nothing was typed.
///
/// ```text
/// 1 … 9, −9 … −1   a number: 1 and −1 are equal; `positive` says which thing the sign favours
/// 左5, 右5          also L5, R5, left 5, right 5: the thing that stands on that side, first or second, five times
/// 3:1, 1/3         a ratio, first to second
/// ```
///
/// Numbers between −1 and 1 are refused: 0.5 may be half as important or half a step, 0 may be equal or not answered.
///
/// # Errors
/// [`JudgmentFault::NoScore`], or [`JudgmentFault::NoRatio`] for a text with a fraction bar.
pub fn parse_score(text: &str, positive: Positive) -> Result<Option<f64>, JudgmentFault> {
    const LARGEST: f64 = 9.0;
    let fault = || JudgmentFault::NoScore { text: text.trim().to_owned() };
    let narrow = half_width(text);
    let plain = narrow.trim();
    if plain.is_empty() {
        return Ok(None);
    }
    if plain.contains(DIVISIONS) {
        return parse_ratio(text).map(Some);
    }
    let lower = plain.to_lowercase();
    let side = SIDES.iter().find_map(|(word, first)| lower.strip_prefix(word).map(|rest| (rest, *first)));
    let (size, first) = if let Some((rest, first)) = side {
        (rest.trim().parse::<f64>().map_err(|_| fault())?, first)
    } else {
        let score = plain.parse::<f64>().map_err(|_| fault())?;
        (score.abs(), (score > 0.0) == (positive == Positive::First))
    };
    if !(1.0..=LARGEST).contains(&size) {
        return Err(fault());
    }
    Ok(Some(if first { size } else { 1.0 / size }))
}

/// What divides a ratio, after [`half_width`].
const DIVISIONS: [char; 2] = ['/', ':'];
/// Words for the first and the second thing, the longer before those that begin them.
const SIDES: [(&str, bool); 6] = [("left", true), ("right", false), ("左", true), ("右", false), ("l", true), ("r", false)];

/// Full-width digits and signs, and the other minus signs and colons of input methods, as ASCII.
fn half_width(text: &str) -> String {
    text.chars()
        .map(|letter| match letter {
            '\u{FF01}'..='\u{FF5E}' => u32::from(letter).checked_sub(0xFEE0).and_then(char::from_u32).unwrap_or(letter),
            '\u{2212}' | '\u{2013}' => '-',
            '\u{2236}' => ':',
            '\u{2044}' | '\u{2215}' => '/',
            '\u{3000}' => ' ',
            other => other,
        })
        .collect()
}

impl Judgments {
    /// The matrix as text, row by row, each entry the shortest decimal that reads back as the same number: what
    /// [`Judgments::from_matrix`] makes of it has the same bits.
    pub fn to_text(&self) -> Vec<Vec<String>> {
        let n = self.n();
        self.matrix().chunks(n).map(|row| row.iter().map(|entry| super::fault::number(*entry)).collect()).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::super::Incomplete;
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn ratios_as_people_type_them() {
        for (text, value) in [
            ("3", 3.0),
            (" 0.2 ", 0.2),
            ("1/3", 1.0 / 3.0),
            ("1:3", 1.0 / 3.0),
            ("１／３", 1.0 / 3.0),
            ("２：３", 2.0 / 3.0),
            ("1∶3", 1.0 / 3.0),
            ("０．５", 0.5),
            ("　7　", 7.0),
            (" 3 / 2 ", 1.5),
            ("7／1", 7.0),
            ("1e-9", 1e-9),
        ] {
            assert_eq!(parse_entry(text), Ok(Some(value)), "{text}");
        }
        assert_eq!((parse_entry(""), parse_entry(" \u{3000}")), (Ok(None), Ok(None)));
        for text in
            ["0", "-3", "－3", "1/0", "-1/-3", "NaN", "inf", "1/2/3", "三", "0,33", "1 3", "/3", "3:", "1e301", "1/inf", "1e200/1e-200"]
        {
            assert_eq!(parse_entry(text), Err(JudgmentFault::NoRatio { text: text.to_owned() }), "{text}");
        }
        assert_eq!(
            parse_ratio("three").unwrap_err().to_string(),
            "found `three`, expected a positive number or ratio such as `3`, `0.2`, `1/3` or `1:3`"
        );
    }

    #[test]
    fn scores_favour_the_side_that_is_said() {
        let score = |text: &str, positive| parse_score(text, positive).unwrap().unwrap();
        for (text, first, second) in [
            ("3", 3.0, 1.0 / 3.0),
            ("-3", 1.0 / 3.0, 3.0),
            ("−９", 1.0 / 9.0, 9.0),
            ("+2", 2.0, 0.5),
            ("1", 1.0, 1.0),
            ("-1", 1.0, 1.0),
            ("2.5", 2.5, 0.4),
        ] {
            assert_eq!((score(text, Positive::First), score(text, Positive::Second)), (first, second), "{text}");
        }
        // A side or a ratio says by itself which thing it favours.
        for (text, value) in
            [("左5", 5.0), ("右5", 0.2), ("左 ９", 9.0), ("L2", 2.0), ("right 3", 1.0 / 3.0), ("3:1", 3.0), ("１／５", 0.2)]
        {
            for positive in Positive::ALL {
                assert_eq!(score(text, positive), value, "{text}");
            }
        }
        assert_eq!(parse_score(" ", Positive::First), Ok(None));
    }

    #[test]
    fn scores_that_say_nothing_are_refused() {
        let said = |text: &str| parse_score(text, Positive::First).unwrap_err().to_string();
        for text in ["0", "0.5", "-0.5", "-0"] {
            let said = said(text);
            assert!(said.starts_with(&format!("found `{text}`: between -1 and 1 a score favours neither thing")), "{said}");
        }
        for text in ["10", "-9.5", "右", "左0", "左-3", "同等", "NaN", "inf"] {
            let said = said(text);
            assert!(said.starts_with(&format!("found `{text}`, expected a score from 1 to 9 or from -9 to -1")), "{said}");
        }
        assert!(said("0/3").contains("positive number or ratio"));
    }

    proptest! {
        /// Matrix out → in, whichever side of a pair was typed.
        #[test]
        fn a_matrix_as_text_reads_back_as_the_same_bits(
            (n, powers) in (1_usize..9).prop_flat_map(|n| (Just(n), prop::collection::vec(-9.0_f64..9.0, n * (n - 1) / 2)))
        ) {
            let mut left = powers.iter().map(|p| 10_f64.powf(*p));
            let rows: Vec<Vec<f64>> = (1..n).map(|row| left.by_ref().take(n - row).collect()).collect();
            let names = (1..=n).map(|at| at.to_string()).collect();
            let judgments = Judgments::from_upper(Some(names), &rows).unwrap();
            let read: Vec<Vec<f64>> =
                judgments.to_text().iter().map(|row| row.iter().map(|text| parse_entry(text).unwrap().unwrap()).collect()).collect();
            let back = Judgments::from_matrix(None, &read).unwrap();
            let gaps = Incomplete::from_matrix(None, &read).unwrap();
            for ((a, b), c) in judgments.matrix().iter().zip(back.matrix()).zip(gaps.complete().unwrap().matrix()) {
                prop_assert_eq!(a.to_bits(), b.to_bits());
                prop_assert_eq!(a.to_bits(), c.to_bits());
            }
        }
    }
}
