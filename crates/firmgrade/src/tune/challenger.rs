//! A plain challenger: the penalised logistic regression that one would fit without experts, on the card's own bands.

use super::design::Design;
use super::fault::Faults;
use super::logistic::{Fit, Known, Prior, fit};
use super::sample::{Outcomes, Sample};
use super::shrink::{Shrinkage, chosen};
use crate::error::Error;
use crate::evaluate::{Estimate, LEVEL, auc_difference};
use crate::reweigh::Utilities;
use rayon::prelude::*;
use serde::{Deserialize, Serialize};

/// What the challenger sees of a value.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Encoding {
    /// The weight of evidence of the value's risk level, from the rows it is fitted on.
    #[default]
    Woe,
    /// A column for each risk level but the least.
    OneHot,
    /// The risk itself.
    Utility,
}

/// How the challenger is fitted.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct ChallengerOptions {
    /// Folds of the cross-validation, 3 to 20.
    pub folds: usize,
    /// The seed of the folds: that of [`TuneOptions`](super::TuneOptions) gives the same folds.
    pub seed: u64,
    /// What it sees of a value.
    pub encoding: Encoding,
    /// Penalties that are tried, descending, above 0: `½λ Σ β²` on columns of standard deviation 1.
    pub lambda: Vec<f64>,
}

impl Default for ChallengerOptions {
    fn default() -> Self {
        Self { folds: 5, seed: 1, encoding: Encoding::default(), lambda: vec![300.0, 100.0, 30.0, 10.0, 3.0, 1.0, 0.3] }
    }
}

/// A column of the challenger.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct ChallengerColumn {
    /// The indicator.
    pub indicator: String,
    /// Different risks and what the column holds for them, ascending; empty for the risk itself.
    pub levels: Vec<(f64, f64)>,
    /// Change of the log-odds for one more of the column. It may be below 0: nobody kept it to the direction of the card.
    pub coefficient: f64,
}

/// The challenger and how it compares.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Challenger {
    /// What it sees of a value.
    pub encoding: Encoding,
    /// The penalties that were tried; the one with the smallest loss was taken. `tau` holds λ.
    pub tried: Vec<Shrinkage>,
    /// The penalty taken.
    pub lambda: f64,
    /// The log-odds of a firm whose columns are all 0.
    pub intercept: f64,
    /// Its columns.
    pub columns: Vec<ChallengerColumn>,
    /// AUC of the card's risk on the rows.
    pub card: Estimate,
    /// AUC of the challenger fitted (and λ chosen) without the row's fold.
    pub challenger: Estimate,
    /// Challenger minus card, paired.
    pub difference: Estimate,
    /// The same in words.
    pub words: String,
}

/// Levels beyond which an indicator's risk is taken as a number: points between which risks are interpolated.
const LEVELS: usize = 24;

/// Fits the challenger on the indicators that the card weighs, by λ with the smallest design-weighted loss of rows left out. The bits depend
/// neither on the order of rows nor on threads.
///
/// # Errors
/// As [`tune`](fn@super::tune).
pub fn challenger(utilities: &Utilities, outcomes: Outcomes<'_>, options: &ChallengerOptions) -> Result<Challenger, Error> {
    let mut faults = Faults::default();
    let descending = options.lambda.iter().zip(options.lambda.iter().skip(1)).all(|(a, b)| a > b);
    let above = !options.lambda.is_empty() && options.lambda.iter().all(|lambda| *lambda > 0.0 && lambda.is_finite());
    faults.argument("lambda", format!("{:?}", options.lambda), "descending numbers above 0", descending && above);
    faults.check()?;
    let sample = Sample::new(utilities, outcomes, options.folds, options.seed)?;
    let columns: Vec<Vec<f64>> = (1..sample.design.columns()).map(|column| sample.design.column(column)).collect();
    let folds = sample.folds;
    let pairs: Vec<(usize, usize)> = (0..folds).flat_map(|k| (k..folds).map(move |j| (k, j))).collect();
    let fitted: Vec<Path> = pairs
        .par_iter()
        .map(|(k, j)| Path::new(&sample, &columns, options, &|row| sample.fold[row] != *k && sample.fold[row] != *j))
        .collect::<Result<_, _>>()?;
    let of = |k: usize, j: usize| pairs.iter().position(|pair| *pair == (k.min(j), k.max(j))).and_then(|at| fitted.get(at));
    let choose = |outside: Option<usize>| {
        let losses: Vec<Vec<f64>> = (0..options.lambda.len())
            .map(|lambda| {
                let mut losses = vec![0.0; sample.rows()];
                for held in (0..folds).filter(|held| Some(*held) != outside) {
                    if let Some(path) = of(held, outside.unwrap_or(held)) {
                        path.losses(lambda, &sample, held, &mut losses);
                    }
                }
                losses
            })
            .collect();
        let rows: Vec<usize> = (0..sample.rows()).filter(|row| outside.is_none_or(|outside| sample.fold[*row] != outside)).collect();
        let (_, mut table) = chosen(&options.lambda, &losses, &sample.by_design(), &rows);
        let best = (0..table.len()).min_by(|a, b| table[*a].loss.total_cmp(&table[*b].loss)).unwrap_or(0);
        table.iter_mut().enumerate().for_each(|(at, tried)| tried.taken = at == best);
        (best, table)
    };
    let mut score = vec![0.0; sample.rows()];
    for held in 0..folds {
        let (lambda, _) = choose(Some(held));
        if let Some(path) = of(held, held) {
            let eta = path.design.times(&path.fits[lambda].beta);
            (0..sample.rows()).filter(|row| sample.fold[*row] == held).for_each(|row| score[row] = eta[row]);
        }
    }
    let compared = auc_difference(&score, &sample.score, &sample.bad, sample.sampling(), LEVEL)?;
    let (best, tried) = choose(None);
    let whole = Path::new(&sample, &columns, options, &|_| true)?;
    let beta = &whole.fits[best].beta;
    let card = utilities.card();
    let described = whole.columns.iter().zip(&beta[1..]).map(|(column, coefficient)| ChallengerColumn {
        indicator: sample.active.get(column.of).and_then(|at| card.indicators.get(*at)).map_or_else(String::new, |i| i.id.clone()),
        levels: column.levels.clone(),
        coefficient: *coefficient,
    });
    let (first, second, apart) = (compared.first.estimate, compared.second.estimate, compared.difference);
    let words = format!(
        "without the experts a penalised logistic regression reaches AUC {:.3} on outcomes not seen, the card {:.3}: {:+.4} ({:+.4} to {:+.4})",
        first.value, second.value, apart.value, apart.low, apart.high
    );
    Ok(Challenger {
        encoding: options.encoding,
        tried,
        lambda: options.lambda[best],
        intercept: beta[0],
        columns: described.collect(),
        card: second,
        challenger: first,
        difference: apart,
        words,
    })
}

/// A column of the regression: the indicator it comes from (by place among the weighed), and what it holds.
#[derive(Clone, Debug)]
struct Encoded {
    of: usize,
    levels: Vec<(f64, f64)>,
}

impl Encoded {
    fn at(&self, risk: f64) -> f64 {
        if self.levels.is_empty() {
            return risk;
        }
        // A level that the fitted rows do not hold gets the value of the next below, or of the first.
        let after = self.levels.partition_point(|(level, _)| *level <= risk);
        self.levels.get(after.saturating_sub(1)).map_or(0.0, |(_, value)| *value)
    }
}

/// Fits on some rows, one for each λ, and the design of all rows as those rows encode it.
struct Path {
    columns: Vec<Encoded>,
    design: Design,
    fits: Vec<Fit>,
}

impl Path {
    fn new(sample: &Sample, columns: &[Vec<f64>], options: &ChallengerOptions, inside: &dyn Fn(usize) -> bool) -> Result<Self, Error> {
        let weight: Vec<f64> = (0..sample.rows()).map(|row| f64::from(inside(row))).collect();
        let encoded: Vec<Encoded> =
            columns.iter().enumerate().flat_map(|(at, values)| encode(at, values, &sample.bad, &weight, options.encoding)).collect();
        let design = Design::new(sample.rows(), encoded.len(), |row, column| encoded[column].at(columns[encoded[column].of][row]));
        let spread: Vec<f64> = (1..design.columns()).map(|column| spread(&design.column(column), &weight)).collect();
        let mut fits: Vec<Fit> = Vec::with_capacity(options.lambda.len());
        for lambda in &options.lambda {
            // A column without spread in these rows is held at 0.
            let sd = spread.iter().map(|spread| if *spread > 1e-12 { 1.0 / (lambda.sqrt() * spread) } else { 1e-9 });
            let known = Known::of(&Prior { mean: vec![0.0; spread.len()], sd: sd.collect() });
            let start = fits.last().map(|fit| fit.beta.clone());
            let found = fit(&design, &sample.outcome, &weight, &known, start.as_deref());
            fits.push(found.map_err(|trouble| trouble.named(|column| format!("column {column}")))?);
        }
        Ok(Self { columns: encoded, design, fits })
    }

    fn losses(&self, lambda: usize, sample: &Sample, held: usize, losses: &mut [f64]) {
        super::shrink::put_losses(&self.design, &self.fits[lambda].beta, sample, held, losses);
    }
}

fn encode(of: usize, values: &[f64], bad: &[bool], weight: &[f64], encoding: Encoding) -> Vec<Encoded> {
    let mut levels: Vec<f64> = values.iter().zip(weight).filter(|(_, w)| **w > 0.0).map(|(value, _)| *value).collect();
    levels.sort_by(f64::total_cmp);
    levels.dedup();
    if encoding == Encoding::Utility || levels.len() > LEVELS {
        return vec![Encoded { of, levels: Vec::new() }];
    }
    if encoding == Encoding::OneHot {
        let column = |at: usize| levels.iter().enumerate().map(|(other, level)| (*level, f64::from(other == at))).collect();
        return (1..levels.len()).map(|at| Encoded { of, levels: column(at) }).collect();
    }
    let mut counts = vec![[0.5_f64; 2]; levels.len()];
    for ((value, bad), weight) in values.iter().zip(bad).zip(weight).filter(|(_, w)| **w > 0.0) {
        let at = levels.partition_point(|level| level < value);
        if let Some(count) = counts.get_mut(at) {
            count[usize::from(*bad)] += weight;
        }
    }
    let all = counts.iter().fold([0.0, 0.0], |sum, count| [sum[0] + count[0], sum[1] + count[1]]);
    let woe = |count: &[f64; 2]| ((count[1] / all[1]) / (count[0] / all[0])).ln();
    vec![Encoded { of, levels: levels.into_iter().zip(counts.iter().map(woe)).collect() }]
}

fn spread(values: &[f64], weight: &[f64]) -> f64 {
    let whole = weight.iter().fold(0.0, |sum, w| sum + w);
    let mean = values.iter().zip(weight).fold(0.0, |sum, (x, w)| sum + w * x) / whole;
    (values.iter().zip(weight).fold(0.0, |sum, (x, w)| sum + w * (x - mean) * (x - mean)) / whole).sqrt()
}

impl Challenger {
    /// The log-odds of a bad outcome of each firm; `risks` has shape `(n_firms, n_indicators)` as [`Utilities::matrix`] gives it, `indicators` its
    /// columns' ids. NaN where a value is missing whose weight is shared.
    #[must_use]
    pub fn log_odds(&self, risks: ndarray::ArrayView2<'_, f64>, indicators: &[&str]) -> Vec<f64> {
        let columns: Vec<(usize, Encoded, f64)> = self
            .columns
            .iter()
            .filter_map(|column| {
                let of = indicators.iter().position(|id| *id == column.indicator)?;
                Some((of, Encoded { of, levels: column.levels.clone() }, column.coefficient))
            })
            .collect();
        let value = |risk: f64, column: &Encoded| if risk.is_nan() { f64::NAN } else { column.at(risk) };
        let row = |row: ndarray::ArrayView1<'_, f64>| {
            columns.iter().fold(self.intercept, |sum, (of, column, coefficient)| sum + coefficient * value(row[*of], column))
        };
        risks.rows().into_iter().map(row).collect()
    }
}
