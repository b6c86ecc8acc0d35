//! DuMouchel and Duncan's test: do sampling weights matter for the fit?

use super::design::Design;
use super::logistic::{Known, fit};
use super::sample::Sample;
use crate::error::Error;
use serde::{Deserialize, Serialize};
use statrs::distribution::{ChiSquared, ContinuousCDF};

/// Whether the coefficients change with the sampling weights (DuMouchel & Duncan, *Using sample survey weights in multiple regression
/// analyses of stratified samples*, J. Amer. Statist. Assoc. 78 (1983)): weights and their products with the columns are added to the model,
/// and the gain in likelihood is tested.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct WeightsTest {
    /// Twice the gain in log-likelihood.
    pub statistic: f64,
    /// Columns added.
    pub degrees: usize,
    /// The chance of a statistic at least as large where weights do not matter.
    pub p: f64,
    /// Whether that is below 0.05: the fit then uses the weights.
    pub rejected: bool,
    /// Whether it was the model of all indicators that was tested; with fewer than ten outcomes of a kind for each column of the larger
    /// model it is the one of the card's risk alone.
    pub all_indicators: bool,
    /// The same in words.
    pub words: String,
}

/// Outcomes of a kind for each column.
const OUTCOMES: usize = 10;
/// The level of the test.
const LEVEL: f64 = 0.05;

/// `None` where all rows weigh the same, or the models that are compared cannot be fitted.
pub(super) fn weights_test(sample: &Sample) -> Result<Option<WeightsTest>, Error> {
    let Some(weight) = &sample.weight else { return Ok(None) };
    let bad = sample.bad.iter().filter(|bad| **bad).count();
    let enough = bad.min(sample.rows() - bad) >= OUTCOMES * 2 * sample.design.columns();
    let wide = enough.then(|| compare(&sample.design, sample, weight)).flatten().map(|found| (found, true));
    let found = wide.or_else(|| compare(&sample.along, sample, weight).map(|found| (found, false)));
    Ok(found.map(|((statistic, degrees), all_indicators)| {
        let p = ChiSquared::new(degrees as f64).map_or(1.0, |law| law.sf(statistic.max(0.0)));
        let rejected = p < LEVEL;
        let on = if all_indicators { "the indicators" } else { "the card's risk" };
        let verdict = if rejected { "the fit is weighted by 1/π" } else { "the fit is not weighted" };
        let words = format!("sampling weights beside {on}: χ² = {statistic:.2} on {degrees}, p = {p:.3}; {verdict}");
        WeightsTest { statistic, degrees, p, rejected, all_indicators, words }
    }))
}

/// The gain in likelihood from weights and their products with each column.
fn compare(design: &Design, sample: &Sample, weight: &[f64]) -> Option<(f64, usize)> {
    let own = design.columns() - 1;
    let columns: Vec<Vec<f64>> = (0..=own).map(|column| design.column(column)).collect();
    let added = own + 1;
    let larger = Design::new(design.rows(), own + added, |row, column| {
        if column < own { columns[column + 1][row] } else { columns[column - own][row] * weight[row] }
    });
    let equal = vec![1.0; design.rows()];
    let likelihood = |design: &Design| {
        let found = fit(design, &sample.outcome, &equal, &Known::nothing(design.columns()), None).ok()?;
        Some(found.log_likelihood)
    };
    Some((2.0 * (likelihood(&larger)? - likelihood(design)?), added))
}
