//! The conditions of a proposal, in words.

use super::proposal::Gain;
use crate::error::Error;
use crate::evaluate::{Estimable, Estimate, Gate as Known, Sampling, rates_by_grade};
use serde::{Deserialize, Serialize};

/// A condition of the proposal.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Gate {
    /// `outcomes`, `signal`, `gain` or `change`.
    pub name: String,
    /// Whether it is open.
    pub open: bool,
    /// What was found, and what was asked, in words.
    pub words: String,
}

/// Fewer outcomes of a kind than this: nothing can be estimated; up to twice as many: a warning. Coverage of 95 % intervals was
/// 73 % at 1.3 expected, 93.5 % at 5.3 and 96.5 % at 10.6.
pub(super) const FEWEST: usize = 5;

/// What there is to learn from.
pub(super) struct Seen {
    pub(super) bad: usize,
    pub(super) good: usize,
    pub(super) estimable: Estimable,
}

impl Seen {
    /// By the grades that the card gives the rows; whether they carry statements about all firms is judged as an evaluation judges it.
    pub(super) fn of(grade: &[u32], bad: &[bool], sampling: Sampling<'_>) -> Result<Self, Error> {
        let codes = grade.iter().max().map_or(0, |last| *last as usize + 1);
        let estimable = rates_by_grade(grade, codes, bad, sampling)?.estimable();
        let count = bad.iter().filter(|bad| **bad).count();
        Ok(Self { bad: count, good: bad.len() - count, estimable })
    }

    /// Whether there are too few outcomes for anything.
    pub(super) fn too_few(&self) -> bool {
        self.bad.min(self.good) < FEWEST
    }

    /// Whether weights may be proposed from them.
    pub(super) fn open(&self) -> bool {
        !self.too_few() && self.estimable.gate != Known::Shut
    }

    pub(super) fn words(&self, grades: &[String]) -> String {
        let rest = match (self.bad.min(self.good), self.estimable.gate) {
            (few, _) if few < FEWEST => format!(", at least {FEWEST} of each are needed"),
            (_, Known::Shut) => format!(", but {}", self.lacking(grades)),
            (_, Known::Narrow) if self.estimable.least_sampled.is_some() => {
                format!("; intervals may be too short, {}", self.estimable.words(grades))
            }
            (few, _) if few < 2 * FEWEST => ", so few that intervals are too narrow".to_owned(),
            (_, Known::Open | Known::Narrow) => String::new(),
        };
        format!("{} bad and {} good outcomes{rest}", self.bad, self.good)
    }

    /// What a grade lacks, in the words of an evaluation.
    pub(super) fn lacking(&self, grades: &[String]) -> String {
        format!("{}; at least {FEWEST} are needed", self.estimable.words(grades))
    }
}

pub(super) fn slope_in_words(slope: Estimate) -> String {
    let Estimate { value, low, high, .. } = slope;
    let holds = if low > 0.0 {
        "lies above 0"
    } else if high < 0.0 {
        "lies below 0"
    } else {
        "holds 0"
    };
    format!("the log-odds of a bad outcome rise by {value:.2} from risk 0 to 1; the 95 % interval {low:.2} to {high:.2} {holds}")
}

pub(super) fn gain_in_words(gain: Gain) -> String {
    let Estimate { value, low, high, .. } = gain.difference;
    let (before, after) = (gain.before.value, gain.after.value);
    format!("on outcomes not seen, AUC goes from {before:.3} to {after:.3}, by {value:+.4} with a 95 % interval of {low:+.4} to {high:+.4}")
}

/// What outcomes ask for, and how far towards it the step goes.
pub(super) fn step_in_words(asked: f64, indicator: &str, share: f64, limit: f64) -> String {
    if share >= 1.0 {
        return format!("the largest change of a weight is {asked:.4} (`{indicator}`), within the limit of {limit}");
    }
    let limited = match (share * 100.0).floor() {
        _ if !(share > 0.0) => format!("the limit of {limit} leaves no step"),
        part => format!("the step is limited to {limit}, {part} % of the way"),
    };
    format!("the outcomes ask for a change of {asked:.2} (`{indicator}`); {limited}")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn outcomes_are_told_with_the_grade_that_lacks_them() {
        let grades = ["A".to_owned(), "B".to_owned()];
        let words = |bad, good, gate, least_sampled, expected| {
            Seen { bad, good, estimable: Estimable { gate, least_sampled, expected } }.words(&grades)
        };
        assert_eq!(words(4, 96, Known::Shut, None, 4.0), "4 bad and 96 good outcomes, at least 5 of each are needed");
        assert_eq!(words(7, 93, Known::Narrow, None, 7.0), "7 bad and 93 good outcomes, so few that intervals are too narrow");
        assert_eq!(words(90, 10, Known::Open, None, 90.0), "90 bad and 10 good outcomes");
        assert_eq!(
            words(90, 800, Known::Shut, Some(0), 2.14),
            "90 bad and 800 good outcomes, but 2.1 bad outcomes to be expected in grade A, which was sampled least; at least 5 are needed"
        );
        assert_eq!(
            words(90, 800, Known::Narrow, Some(1), 7.0),
            "90 bad and 800 good outcomes; intervals may be too short, 7.0 bad outcomes to be expected in grade B, which was sampled least"
        );
    }

    #[test]
    fn steps_are_told_with_the_part_of_the_way() {
        let words = |asked, share, limit| step_in_words(asked, "d", share, limit);
        assert_eq!(words(0.0724, 1.0, 0.1), "the largest change of a weight is 0.0724 (`d`), within the limit of 0.1");
        assert_eq!(words(0.16, 0.625, 0.1), "the outcomes ask for a change of 0.16 (`d`); the step is limited to 0.1, 62 % of the way");
        assert_eq!(words(0.16, 0.0, 0.0), "the outcomes ask for a change of 0.16 (`d`); the limit of 0 leaves no step");
    }
}
