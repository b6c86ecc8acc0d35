//! Logistic regression by Newton's method, with weights and a normal prior for each coefficient.

use super::TuneFault;
use super::design::{Design, canonical, logistic_of};
use super::fault::Faults;
use super::symmetric::{Cholesky, Dependent, between};
use crate::error::Error;
use ndarray::{Array2, ArrayView2};
use serde::Serialize;

/// What is known of the coefficients before the outcomes: `β_j ~ N(mean_j, sd_j²)`, each by itself. The intercept has none.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Prior {
    /// One for each column.
    pub mean: Vec<f64>,
    /// One for each column, above 0; infinite where nothing is known.
    pub sd: Vec<f64>,
}

/// A fitted logistic regression. Coefficients are those of the columns as given; nothing is standardised.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Logistic {
    /// The intercept, then one for each column: changes of the log-odds of a bad outcome.
    pub coefficients: Vec<f64>,
    /// The inverse of the information with the prior's, shape `(n_columns + 1, n_columns + 1)`: right where the model is, for rows without
    /// sampling weights.
    #[serde(skip)]
    pub covariance: Array2<f64>,
    /// `n/(n−1)·H⁻¹ (Σ w²(y−p)²·x·xᵀ) H⁻¹`, the same shape: right for sampling weights and where the model is only near.
    #[serde(skip)]
    pub sandwich: Array2<f64>,
    /// `Σ w (y·ln p + (1−y)·ln(1−p))`, without the prior.
    pub log_likelihood: f64,
    /// By row: the probability of a bad outcome.
    #[serde(skip)]
    pub fitted: Vec<f64>,
    /// Newton steps taken.
    pub iterations: usize,
}

/// Fits `ln(p/(1−p)) = β₀ + Σ β_j x_j` so that likelihood times prior is greatest.
///
/// `columns` has shape `(n_rows, n_columns)`, the intercept is added. Weights multiply each row's part of the likelihood; they are used as
/// given, so with a prior their size matters. The bits depend neither on the order of the rows nor on threads.
///
/// ```
/// use firmgrade::tune::logistic;
/// // A table of four cells: 3 of 10 bad without the mark, 6 of 8 with it. The coefficient is the logarithm of the odds ratio.
/// let mark: Vec<f64> = (0..18).map(|row| f64::from(row >= 10)).collect();
/// let bad: Vec<bool> = (0..18).map(|row| row < 3 || (10..16).contains(&row)).collect();
/// let columns = ndarray::Array2::from_shape_vec((18, 1), mark).unwrap();
/// let fit = logistic(columns.view(), &bad, None, None)?;
/// assert!((fit.coefficients[1] - ((6.0 / 2.0) / (3.0 / 7.0) as f64).ln()).abs() < 1e-12);
/// # Ok::<(), firmgrade::Error>(())
/// ```
///
/// # Errors
/// [`Error::Tune`] with every fault at once: columns of unequal length, values that are not finite, weights below 0, one outcome only, priors that
/// do not fit; then [`TuneFault::Collinear`], [`TuneFault::Separated`], [`TuneFault::NotConverged`], columns named `column 1`, ….
pub fn logistic(columns: ArrayView2<'_, f64>, outcome: &[bool], weight: Option<&[f64]>, prior: Option<&Prior>) -> Result<Logistic, Error> {
    let (rows, wide) = columns.dim();
    let mut faults = Faults::default();
    faults.rows("outcome", outcome.len(), rows);
    for (at, column) in columns.columns().into_iter().enumerate() {
        let remedy = "leave these rows out of all columns, or fill them in";
        faults.values(format!("column {}", at + 1), column.iter().copied(), "missing or infinite value", remedy, f64::is_finite);
    }
    faults.weight(weight, rows);
    faults.both_outcomes(outcome, weight);
    if let Some(prior) = prior {
        for (name, found) in [("prior.mean", prior.mean.len()), ("prior.sd", prior.sd.len())] {
            faults.argument(name, format!("{found} numbers"), format!("{wide}, one for each column"), found == wide);
        }
        let bad = prior.mean.iter().find(|mean| !mean.is_finite());
        bad.inspect(|mean| faults.argument("prior.mean", mean, "finite numbers", false));
        let bad = prior.sd.iter().find(|sd| !(**sd > 0.0));
        bad.inspect(|sd| faults.argument("prior.sd", sd, "numbers above 0", false));
    }
    faults.check()?;
    let unit = |row: usize| weight.map_or(1.0, |weight| weight[row]);
    let order = canonical(rows, |a, b| {
        let columns = columns.row(a).into_iter().zip(columns.row(b)).map(|(a, b)| a.total_cmp(b));
        outcome[a]
            .cmp(&outcome[b])
            .then(unit(a).total_cmp(&unit(b)))
            .then_with(|| columns.fold(std::cmp::Ordering::Equal, |so_far, next| so_far.then(next)))
    });
    let design = Design::new(rows, wide, |row, column| columns[[order[row], column]]);
    let y: Vec<f64> = order.iter().map(|row| f64::from(outcome[*row])).collect();
    let w: Vec<f64> = order.iter().map(|row| unit(*row)).collect();
    let known = prior.map_or_else(|| Known::nothing(wide + 1), Known::of);
    let fit = fit(&design, &y, &w, &known, None).map_err(|trouble| trouble.named(|column| format!("column {column}")))?;
    let sandwich = fit.sandwich(&design, &y, &w);
    let eta = design.times(&fit.beta);
    let mut fitted = vec![0.0; rows];
    order.iter().zip(eta).for_each(|(row, eta)| fitted[*row] = logistic_of(eta));
    let square = |values: Vec<f64>| Array2::from_shape_vec((wide + 1, wide + 1), values).unwrap_or_default();
    Ok(Logistic {
        covariance: square(fit.inverse),
        sandwich: square(sandwich),
        coefficients: fit.beta,
        log_likelihood: fit.log_likelihood,
        fitted,
        iterations: fit.iterations,
    })
}

/// A prior with the intercept's: means, and 1/sd².
#[derive(Clone, Debug)]
pub(super) struct Known {
    mean: Vec<f64>,
    precision: Vec<f64>,
}

impl Known {
    /// Nothing is known of `columns` coefficients, the intercept among them.
    pub(super) fn nothing(columns: usize) -> Self {
        Self { mean: vec![0.0; columns], precision: vec![0.0; columns] }
    }

    pub(super) fn of(prior: &Prior) -> Self {
        let precision = prior.sd.iter().map(|sd| 1.0 / (sd * sd));
        let mean = prior.mean.iter().copied();
        Self { mean: std::iter::once(0.0).chain(mean).collect(), precision: std::iter::once(0.0).chain(precision).collect() }
    }

    fn penalty(&self, beta: &[f64]) -> f64 {
        let terms = self.precision.iter().zip(&self.mean).zip(beta);
        terms.fold(0.0, |sum, ((precision, mean), beta)| sum + 0.5 * precision * (beta - mean) * (beta - mean))
    }
}

/// Why there is no fit; columns with the intercept, which is 0.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum Trouble {
    Collinear(Dependent),
    Separated { column: usize },
    NotConverged { iterations: usize, moved: f64 },
}

impl Trouble {
    /// The error, with the names of columns, counted from 1; 0 is the intercept.
    pub(super) fn named(self, name: impl Fn(usize) -> String) -> Error {
        let name = |column: usize| if column == 0 { "the intercept".to_owned() } else { name(column) };
        Error::Tune(vec![match self {
            Self::Collinear(Dependent { column, of }) => {
                TuneFault::Collinear { column: name(column), with: of.into_iter().map(|(column, _)| name(column)).collect() }
            }
            Self::Separated { column } => TuneFault::Separated { column: name(column) },
            Self::NotConverged { iterations, moved } => TuneFault::NotConverged { iterations, moved },
        }])
    }
}

/// A fit on a packed design.
#[derive(Clone, Debug)]
pub(super) struct Fit {
    pub(super) beta: Vec<f64>,
    /// The inverse of information plus prior, row by row.
    pub(super) inverse: Vec<f64>,
    pub(super) log_likelihood: f64,
    pub(super) iterations: usize,
}

/// Steps before a fit is given up.
const STEPS: usize = 60;
/// The largest change of a log-odds in the last step.
const REST: f64 = 1e-9;
/// A step that promises less than this and still moves log-odds goes nowhere: the outcomes are separated.
const NOTHING: f64 = 1e-9;

/// Newton's method from `start` (or from the share of bad). Outcomes are 0 or 1; rows of weight 0 count for nothing.
pub(super) fn fit(design: &Design, outcome: &[f64], weight: &[f64], known: &Known, start: Option<&[f64]>) -> Result<Fit, Trouble> {
    let size = design.columns();
    let mut beta = start.map_or_else(
        || {
            let mut beta = known.mean.clone();
            let bad = outcome.iter().zip(weight).fold(0.0, |sum, (y, w)| sum + y * w);
            let all = weight.iter().fold(0.0, |sum, w| sum + w);
            if known.mean.iter().all(|mean| *mean == 0.0) {
                beta[0] = (bad / (all - bad)).ln();
            }
            beta
        },
        <[f64]>::to_vec,
    );
    let mut eta = design.times(&beta);
    let mut sums = design.sums(&eta, outcome, weight);
    let mut worth = sums.log_likelihood - known.penalty(&beta);
    for iteration in 1..=STEPS {
        let factor = curved(&sums.information, known, size).map_err(|dependent| {
            // At the start all rows have curvature; what is dependent later has lost it to separation.
            if iteration == 1 { Trouble::Collinear(dependent) } else { Trouble::Separated { column: dependent.column } }
        })?;
        let pull = known.precision.iter().zip(&known.mean).zip(&beta).map(|((precision, mean), beta)| precision * (mean - beta));
        let gradient: Vec<f64> = sums.gradient.iter().zip(pull).map(|(own, pull)| own + pull).collect();
        let step = factor.solve(&gradient);
        let promise = step.iter().zip(&gradient).fold(0.0, |sum, (step, slope)| sum + step * slope);
        let moves = design.times(&step);
        let largest =
            |share: f64| moves.iter().zip(weight).filter(|(_, w)| **w > 0.0).fold(0.0_f64, |most, (m, _)| most.max((m * share).abs()));
        let mut share = 1.0;
        loop {
            let next: Vec<f64> = beta.iter().zip(&step).map(|(beta, step)| beta + share * step).collect();
            let next_eta = design.times(&next);
            let next_sums = design.sums(&next_eta, outcome, weight);
            let next_worth = next_sums.log_likelihood - known.penalty(&next);
            // Near the top rounding may take a little away.
            if next_worth >= worth - 1e-9 * (1.0 + worth.abs()) || share < 1e-6 {
                (beta, eta, sums, worth) = (next, next_eta, next_sums, next_worth);
                break;
            }
            share *= 0.5;
        }
        let moved = largest(share);
        if moved <= REST * (1.0 + eta.iter().fold(0.0_f64, |most, eta| most.max(eta.abs()))) {
            let factor = curved(&sums.information, known, size).map_err(Trouble::Collinear)?;
            return Ok(Fit { beta, inverse: factor.inverse(), log_likelihood: sums.log_likelihood, iterations: iteration });
        }
        if (promise < NOTHING && moved > 1e-2) || iteration == STEPS {
            let grows = |column: &usize| step[*column].abs() * spread(design, *column, weight);
            let column = (1..size).max_by(|a, b| grows(a).total_cmp(&grows(b)).then(b.cmp(a))).unwrap_or(0);
            let separated = promise < 1e-3 && moved > 1e-2;
            return Err(if separated { Trouble::Separated { column } } else { Trouble::NotConverged { iterations: iteration, moved } });
        }
    }
    Err(Trouble::NotConverged { iterations: STEPS, moved: f64::NAN })
}

/// The factor of information plus prior.
fn curved(information: &[f64], known: &Known, size: usize) -> Result<Cholesky, Dependent> {
    let mut matrix = information.to_vec();
    known.precision.iter().enumerate().for_each(|(at, precision)| matrix[at * size + at] += precision);
    Cholesky::new(&matrix, size)
}

/// The standard deviation of a column.
fn spread(design: &Design, column: usize, weight: &[f64]) -> f64 {
    let values = design.column(column);
    let all = weight.iter().fold(0.0, |sum, w| sum + w);
    let mean = values.iter().zip(weight).fold(0.0, |sum, (x, w)| sum + w * x) / all;
    (values.iter().zip(weight).fold(0.0, |sum, (x, w)| sum + w * (x - mean) * (x - mean)) / all).sqrt()
}

impl Fit {
    /// The sandwich, row by row.
    pub(super) fn sandwich(&self, design: &Design, outcome: &[f64], weight: &[f64]) -> Vec<f64> {
        let eta = design.times(&self.beta);
        let squares: Vec<f64> = eta
            .iter()
            .zip(outcome.iter().zip(weight))
            .map(|(eta, (y, w))| {
                let residual = w * (y - logistic_of(*eta));
                residual * residual
            })
            .collect();
        let rows = weight.iter().filter(|w| **w > 0.0).count() as f64;
        let size = design.columns();
        let mut sandwich = between(&self.inverse, &design.gram(&squares), size);
        sandwich.iter_mut().for_each(|value| *value *= rows / (rows - 1.0));
        sandwich
    }
}
