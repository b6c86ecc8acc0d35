//! Checks of columns: everything that is wrong is collected before anything is computed.

use super::EvaluateFault;
use crate::Error;
use crate::fault::Cells;

/// Faults of a call so far, and the number of rows expected.
pub(crate) struct Faults {
    rows: usize,
    found: Vec<EvaluateFault>,
}

impl Faults {
    /// For columns of `rows` rows, of which there must be one at least.
    pub(crate) fn of(rows: usize) -> Self {
        let mut faults = Self { rows, found: Vec::new() };
        if rows == 0 {
            faults.add(EvaluateFault::None { what: "rows", remedy: "give at least one firm with an outcome" });
        }
        faults
    }

    pub(crate) fn add(&mut self, fault: EvaluateFault) {
        self.found.push(fault);
    }

    /// Takes up what was found elsewhere.
    pub(crate) fn with(&mut self, other: Self) {
        self.found.extend(other.found);
    }

    /// A column must have all rows.
    pub(crate) fn rows(&mut self, what: &'static str, found: usize) {
        if found != self.rows {
            self.add(EvaluateFault::Rows { what, found, expected: self.rows });
        }
    }

    /// Every value must pass; `cells` names those that do not.
    pub(crate) fn values(
        &mut self,
        what: &'static str,
        column: &[f64],
        cells: &'static str,
        remedy: &'static str,
        passes: impl Fn(f64) -> bool,
    ) {
        self.rows(what, column.len());
        let mut missing = Cells::new("missing value");
        let mut wrong = Cells::new(cells);
        for (row, &value) in column.iter().enumerate() {
            if value.is_nan() {
                missing.add(row, || None);
            } else if !passes(value) {
                wrong.add(row, || Some(value.to_string()));
            }
        }
        if !missing.is_empty() {
            let remedy = "leave these rows out of all columns, or fill them in";
            self.add(EvaluateFault::Values { what, cells: missing, remedy });
        }
        if !wrong.is_empty() {
            self.add(EvaluateFault::Values { what, cells: wrong, remedy });
        }
    }

    /// A score is finite.
    pub(crate) fn score(&mut self, what: &'static str, score: &[f64]) {
        self.values(what, score, "infinite value", "a score must be finite", f64::is_finite);
    }

    /// A probability lies in [0, 1].
    pub(crate) fn probability(&mut self, what: &'static str, p: &[f64]) {
        self.values(what, p, "value outside of [0, 1]", "give probabilities", |p| (0.0..=1.0).contains(&p));
    }

    /// Weights are finite and not negative.
    pub(crate) fn weight(&mut self, weight: Option<&[f64]>) {
        if let Some(weight) = weight {
            let remedy = "a weight is 1/π, a finite number of 0 or more";
            self.values("weight", weight, "impossible value", remedy, |w| w >= 0.0 && w.is_finite());
        }
    }

    /// Both outcomes must occur with a positive weight.
    pub(crate) fn outcome(&mut self, outcome: &[bool], weight: Option<&[f64]>) {
        self.rows("outcome", outcome.len());
        let seen = |wanted: bool| match weight {
            None => outcome.contains(&wanted),
            Some(weight) => outcome.iter().zip(weight).any(|(&y, &w)| y == wanted && w > 0.0),
        };
        let remedy = "firms with a bad outcome and firms with a good one are compared; wait for more outcomes";
        for (wanted, what) in [(true, "firm with a bad outcome"), (false, "firm with a good outcome")] {
            if self.rows > 0 && !seen(wanted) {
                self.add(EvaluateFault::None { what, remedy });
            }
        }
    }

    /// The level of an interval lies inside (0, 1).
    pub(crate) fn level(&mut self, level: f64) {
        if !(level > 0.0 && level < 1.0) {
            self.argument("level", level, "a share between 0 and 1, such as 0.95");
        }
    }

    /// Somebody must have a weight.
    pub(crate) fn nobody(&mut self) {
        self.add(EvaluateFault::None {
            what: "row with a weight above 0",
            remedy: "a weight is 1/π, above 0 for every firm that was sampled",
        });
    }

    pub(crate) fn argument(&mut self, name: &'static str, found: impl ToString, expected: &str) {
        self.add(EvaluateFault::Argument { name, found: found.to_string(), expected: expected.to_owned() });
    }

    /// As [`done`](Self::done), with more to come.
    ///
    /// # Errors
    /// Everything found so far.
    pub(crate) fn so_far<T>(&mut self, value: Option<T>) -> Result<T, Error> {
        match value {
            Some(value) if self.found.is_empty() => Ok(value),
            _ => Err(Error::Evaluate(std::mem::take(&mut self.found))),
        }
    }

    /// The value, if nothing was found.
    ///
    /// # Errors
    /// Everything found.
    // INVARIANT: whoever gives `None` has added a fault.
    pub(crate) fn done<T>(mut self, value: Option<T>) -> Result<T, Error> {
        self.so_far(value)
    }
}
