//! What keeps a card from being tuned, and what to do about it.

use crate::error::Error;
use crate::fault::Cells;
use thiserror::Error;

/// A fault of outcomes, weights, columns or arguments, or of a model that cannot be fitted.
#[derive(Clone, Debug, PartialEq, Error)]
pub enum TuneFault {
    /// Values that cannot be used.
    #[error("the {what} has {cells}; {remedy}")]
    Values {
        /// Outcome, weight, …
        what: String,
        /// The rows.
        cells: Cells,
        /// What to do.
        remedy: &'static str,
    },
    /// Columns of unequal length.
    #[error("the {what} has {found} rows, expected {expected}")]
    Rows {
        /// Outcome, weight, …
        what: String,
        /// Its rows.
        found: usize,
        /// The rows of the others.
        expected: usize,
    },
    /// Something that is needed is not there.
    #[error("found no {what}; {remedy}")]
    None {
        /// What is not there.
        what: String,
        /// What to do.
        remedy: &'static str,
    },
    /// An argument outside of what it may be.
    #[error("`{name}` is {found}, expected {expected}")]
    Argument {
        /// The argument.
        name: &'static str,
        /// What was given.
        found: String,
        /// What may be given.
        expected: String,
    },
    /// A column that other columns give already.
    #[error("`{column}` {}; leave one of them out, or give it a prior", of(.with))]
    Collinear {
        /// The column.
        column: String,
        /// The columns it is made of; none where it is 0 everywhere.
        with: Vec<String>,
    },
    /// The columns tell all bad firms from all good ones (or nearly so), so that no finite coefficients are best.
    #[error(
        "the outcomes are separated: `{column}` and what stands beside it tell bad firms from good ones without a miss, and coefficients \
         grow without end; give a prior, or look whether the column was written after the outcome"
    )]
    Separated {
        /// The column whose coefficient grows fastest.
        column: String,
    },
    /// Steps that do not come to rest.
    #[error("the fit has not come to rest after {iterations} steps (the last one moved a log-odds by {moved:.2e}); give a prior")]
    NotConverged {
        /// How many steps were taken.
        iterations: usize,
        /// The largest change of a log-odds in the last step.
        moved: f64,
    },
}

fn of(with: &[String]) -> String {
    let names: Vec<String> = with.iter().map(|name| format!("`{name}`")).collect();
    if names.is_empty() { "is 0 everywhere".to_owned() } else { format!("is made of {}", names.join(", ")) }
}

/// Faults of a call so far.
#[derive(Default)]
pub(crate) struct Faults(pub(crate) Vec<TuneFault>);

impl Faults {
    pub(crate) fn rows(&mut self, what: impl Into<String>, found: usize, expected: usize) {
        if found != expected {
            self.0.push(TuneFault::Rows { what: what.into(), found, expected });
        }
    }

    /// Every value must pass; those that do not are named.
    pub(crate) fn values(
        &mut self,
        what: impl Into<String>,
        values: impl IntoIterator<Item = f64>,
        wrong: &'static str,
        remedy: &'static str,
        passes: impl Fn(f64) -> bool,
    ) {
        let mut cells = Cells::new(wrong);
        for (row, value) in values.into_iter().enumerate().filter(|(_, value)| !passes(*value)) {
            cells.add(row, || Some(value.to_string()));
        }
        if !cells.is_empty() {
            self.0.push(TuneFault::Values { what: what.into(), cells, remedy });
        }
    }

    /// Weights are finite and not negative, and as many as rows.
    pub(crate) fn weight(&mut self, weight: Option<&[f64]>, rows: usize) {
        if let Some(weight) = weight {
            self.rows("weight", weight.len(), rows);
            let remedy = "a weight is 1/π, a finite number from 0";
            self.values("weight", weight.iter().copied(), "impossible value", remedy, |w| w >= 0.0 && w.is_finite());
        }
    }

    /// Both outcomes occur with a weight above 0.
    pub(crate) fn both_outcomes(&mut self, outcome: &[bool], weight: Option<&[f64]>) {
        self.both_outcomes_among(outcome, weight, "");
    }

    /// The same; `among` says what else the rows must have.
    pub(crate) fn both_outcomes_among(&mut self, outcome: &[bool], weight: Option<&[f64]>, among: &str) {
        for (wanted, what) in [(true, "row with a bad outcome"), (false, "row with a good outcome")] {
            let weight = |row: usize| weight.map_or(1.0, |weight| weight.get(row).copied().unwrap_or(0.0));
            if !outcome.iter().enumerate().any(|(row, bad)| *bad == wanted && weight(row) > 0.0) {
                self.0.push(TuneFault::None { what: format!("{what}{among}"), remedy: "wait for more outcomes" });
            }
        }
    }

    pub(crate) fn argument(&mut self, name: &'static str, found: impl ToString, expected: impl Into<String>, passes: bool) {
        if !passes {
            self.0.push(TuneFault::Argument { name, found: found.to_string(), expected: expected.into() });
        }
    }

    /// # Errors
    /// Everything found.
    pub(crate) fn check(self) -> Result<(), Error> {
        if self.0.is_empty() { Ok(()) } else { Err(Error::Tune(self.0)) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The texts that no other test holds.
    #[test]
    fn faults_say_what_to_do() {
        assert_eq!(
            TuneFault::Separated { column: "tax".to_owned() }.to_string(),
            "the outcomes are separated: `tax` and what stands beside it tell bad firms from good ones without a miss, and coefficients grow \
             without end; give a prior, or look whether the column was written after the outcome"
        );
        assert_eq!(
            TuneFault::NotConverged { iterations: 60, moved: 0.25 }.to_string(),
            "the fit has not come to rest after 60 steps (the last one moved a log-odds by 2.50e-1); give a prior"
        );
    }
}
