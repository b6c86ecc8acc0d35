//! Cut points between rates that are as different as they can be.

use crate::tune::fault::Faults;
use crate::tune::partition::{Cell, Cumulated, Trend, partition};
use serde::{Deserialize, Serialize};

/// As different as they can be: the likelihood of the outcomes, with one rate for each grade, is greatest; rates rise with the risk.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct Separation {
    /// How many grades, from 2 to 12.
    pub grades: usize,
    /// The least share of a grade, from 0 to 1/grades.
    pub min_share: f64,
    /// Bad outcomes that a grade must have at least.
    pub min_bad: f64,
}

impl Separation {
    pub(super) fn check(&self, faults: &mut Faults) {
        let grades = self.grades;
        faults.argument("separation.grades", grades, "a whole number from 2 to 12", (2..=12).contains(&grades));
        let least = 1.0 / grades.max(1) as f64;
        let share = (0.0..=least).contains(&self.min_share);
        faults.argument("separation.min_share", self.min_share, format!("a number from 0 to {least:.3}"), share);
        faults.argument("separation.min_bad", self.min_bad, "a number from 0", (0.0..=1e9).contains(&self.min_bad));
    }

    /// `joined` are the places where it may cut.
    pub(super) fn cuts(&self, sums: &Cumulated, joined: &[usize]) -> Option<Vec<usize>> {
        let starts = std::iter::once(0).chain(joined.iter().copied());
        let cells: Vec<Cell> = starts.zip(joined).map(|(start, end)| sums.between(start, *end)).collect();
        let whole = sums.between(0, sums.len()).weight;
        let allowed = |cell: Cell| cell.weight > 0.0 && cell.weight >= self.min_share * whole && cell.bad_rows >= self.min_bad;
        let count = (self.grades, self.grades);
        let found = partition(&Cumulated::of(&cells), count, Trend::Rising, &likelihood, &allowed)?;
        let cuts = found.ends.iter().take(self.grades - 1);
        Some(cuts.filter_map(|end| end.checked_sub(1).and_then(|last| joined.get(last))).copied().collect())
    }
}

/// Twice this is a deviance: `b·ln(b/n) + g·ln(g/n)`.
pub(super) fn likelihood(cell: Cell) -> f64 {
    let part = |part: f64| if part > 0.0 { part * (part / cell.weight).ln() } else { 0.0 };
    part(cell.bad) + part(cell.good())
}
