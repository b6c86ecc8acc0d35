//! Numbers of the report, from the engine's metrics.

use super::earlier::{earlier, gradings, named as named_grading};
use super::groups::{divisions, groups};
use super::time::over_time;
use super::{CalibrationPart, Comparison, Discrimination, GradeRow, Method, Performance, ProbabilitySource, Rates, Stability, StepRow};
use crate::outcomes::{Joined, OutcomeError, OutcomeFault, Rated};
use crate::tuned::EvaluationError;
use firmgrade::evaluate::{
    AucDifference, Curve, Dimension, Estimate, Gate, RatesByGrade, Results, Ties, brier, calibration, concentration, curve,
    hosmer_lemeshow, lift, log_loss, reliability, report,
};
use firmgrade::tune::logistic;
use firmgrade::{Cells, Error};
use ndarray::{ArrayView1, Axis};
use polars::prelude::DataFrame;

/// What is put beside the outcomes.
#[derive(Clone, Debug, Default)]
pub struct PerformanceOptions<'a> {
    /// Columns by which firms are grouped: of the graded table, or of the outcomes table.
    pub by: Vec<String>,
    /// Another score of the same firms, and what it is called.
    pub challenger: Option<(&'a Rated, String)>,
    /// Earlier gradings, the oldest first.
    pub before: Vec<&'a Rated>,
    /// A column of the graded table with each firm's probability of a bad outcome.
    pub probability: Option<String>,
}

/// Shares of the riskiest firms of which the report tells what they hold.
const TOP: [f64; 4] = [0.05, 0.1, 0.2, 0.3];
/// Groups of the reliability table.
const GROUPS: usize = 10;
/// Points of a curve that are kept.
const POINTS: usize = 200;

/// Holds outcomes against grades.
///
/// # Errors
/// [`EvaluationError`] with every fault of the columns named, or of the engine.
pub fn performance(
    rated: &Rated,
    outcomes: &DataFrame,
    joined: &Joined,
    options: &PerformanceOptions<'_>,
) -> Result<Performance, EvaluationError> {
    let risk: Vec<f64> = joined.firm.iter().map(|firm| rated.risk.get(*firm).copied().unwrap_or(f64::NAN)).collect();
    let grade: Vec<u32> = joined.firm.iter().map(|firm| rated.grade.get(*firm).copied().flatten().unwrap_or_default()).collect();
    let names: Vec<&str> = rated.grades.iter().map(String::as_str).collect();
    let given = options.probability.as_ref().map(|column| given(rated, joined, column)).transpose()?;
    let theirs = options.challenger.as_ref().map(|(other, _)| theirs(rated, other, joined)).transpose()?;
    let divisions = divisions(rated, outcomes, joined, &options.by)?;
    let groups_of: Vec<Vec<&str>> = divisions.iter().map(|division| division.names.iter().map(String::as_str).collect()).collect();
    let dimensions: Vec<Dimension<'_>> =
        divisions.iter().zip(&groups_of).map(|(division, groups)| Dimension { name: "", groups, group: &division.code }).collect();
    let found = report(&Results {
        score: &risk,
        grade: &grade,
        grades: &names,
        outcome: &joined.bad,
        source: None,
        sampling: joined.sampling(),
        // Probabilities of 0 and 1 have no logit; the parts that can do with them are computed below.
        probability: None,
        challenger: theirs.as_deref(),
        dimensions: &dimensions,
        gradings: None,
    })?;
    let weight = weight(joined);
    let weight = weight.as_deref();
    let mut notes = joined.notes.clone();
    let open = found.estimable.gate != Gate::Shut;
    let (calibration, expected) = if open { probabilities(joined, &risk, given, weight, &mut notes)? } else { (None, None) };
    let discrimination = match found.discrimination {
        Some(measures) => Some(Discrimination {
            measures,
            lift: TOP.iter().map(|share| lift(&risk, &joined.bad, *share, weight)).collect::<Result<_, Error>>()?,
            curve: thinned(curve(&risk, &joined.bad, weight)?),
        }),
        None => None,
    };
    let challenger = match (found.challenger, &theirs, &options.challenger) {
        (Some(difference), Some(theirs), Some((_, name))) => Some(compared(name, difference, curve(theirs, &joined.bad, weight)?)),
        _ => None,
    };
    let groups = groups(&divisions, found.groups.into_iter(), expected.as_deref(), weight);
    let rates = named(found.grades.rates, rated);
    let sizes: Vec<f64> = rates.grades.iter().map(|row| row.firms as f64).collect();
    Ok(Performance {
        verdict: found.verdict,
        method: Method {
            graded_by: rated.origin.clone(),
            as_of: rated.as_of.map(|day| day.to_string()),
            firms: rated.len(),
            first_day: joined.days.map(|(first, _)| first.to_string()),
            last_day: joined.days.map(|(_, last)| last.to_string()),
            outcomes: joined.bad.len(),
            bad: found.method.bad,
            account: joined.account,
            design: design(joined),
            represented: found.method.firms,
            notes,
            engine_version: found.method.engine,
        },
        estimable: found.estimable,
        discrimination,
        rates,
        calibration,
        stability: Stability {
            concentration: concentration(&sizes).ok(),
            before: options.before.last().map(|old| earlier(rated, old, named_grading(Some(old), options.before.len()))).transpose()?,
            gradings: gradings(rated, &options.before)?,
            outcomes: if open { over_time(joined, &risk, &grade, rated.grades.len())? } else { None },
        },
        groups,
        challenger,
    })
}

/// 1/π by row; from strata where only their sizes are known.
pub(super) fn weight(joined: &Joined) -> Option<Vec<f64>> {
    if joined.weight.is_some() {
        return joined.weight.clone();
    }
    let population = joined.population.as_ref()?;
    let stratum = |row: usize| joined.strata.as_ref().and_then(|strata| strata.get(row)).copied().unwrap_or(0) as usize;
    let mut counts = vec![0.0; joined.stratum_names.len().max(1)];
    for row in 0..population.len() {
        if let Some(count) = counts.get_mut(stratum(row)) {
            *count += 1.0;
        }
    }
    Some(population.iter().enumerate().map(|(row, size)| size / counts.get(stratum(row)).copied().unwrap_or(1.0)).collect())
}

fn design(joined: &Joined) -> String {
    let weights = match (&joined.weight, &joined.population) {
        (Some(_), _) => "each outcome counts 1/π",
        (None, Some(_)) => "each outcome counts for its stratum's firms over its stratum's outcomes",
        (None, None) => return "each outcome counts once; intervals as for a simple random sample".to_owned(),
    };
    let variance = match (&joined.strata, &joined.population) {
        (Some(_), Some(_)) => "variances are those of a stratified sample with finite-population correction",
        (Some(_), None) => "variances are those of a stratified sample without finite-population correction",
        (None, Some(_)) => "variances with finite-population correction",
        (None, None) => "variances are linearised, as for rows drawn with replacement",
    };
    format!("{weights}; {variance}")
}

fn thinned(curve: Curve) -> Curve {
    let count = curve.threshold.len();
    let every = count.div_ceil(POINTS).max(1);
    let keep = |values: &[f64]| -> Vec<f64> {
        values.iter().enumerate().filter(|(at, _)| at % every == 0 || at + 1 == count).map(|(_, value)| *value).collect()
    };
    Curve {
        threshold: keep(&curve.threshold),
        flagged: keep(&curve.flagged),
        false_positive: keep(&curve.false_positive),
        true_positive: keep(&curve.true_positive),
    }
}

fn named(rates: RatesByGrade, rated: &Rated) -> Rates {
    let name = |at: usize| rated.grades.get(at).cloned().unwrap_or_default();
    let seen: Vec<usize> = (0..rates.grades.len()).filter(|at| rates.grades.get(*at).is_some_and(|grade| grade.rows > 0)).collect();
    let mut firms = vec![0_usize; rated.grades.len()];
    for grade in rated.grade.iter().flatten() {
        if let Some(count) = firms.get_mut(*grade as usize) {
            *count += 1;
        }
    }
    let all = firms.iter().sum::<usize>().max(1) as f64;
    let rows = rates.grades.iter().zip(&firms).zip(&rates.isotonic).enumerate();
    Rates {
        grades: rows
            .map(|(at, ((found, firms), isotonic))| GradeRow {
                grade: name(at),
                firms: *firms,
                share: *firms as f64 / all,
                outcomes: found.rows,
                bad: found.bad,
                rate: found.rate,
                isotonic: *isotonic,
            })
            .collect(),
        steps: seen
            .iter()
            .zip(seen.iter().skip(1))
            .zip(&rates.steps)
            .map(|((from, to), step)| StepRow { from: name(*from), to: name(*to), difference: step.difference, p: step.p })
            .collect(),
        monotone: rates.monotone,
        bounds: rates.bounds,
    }
}

type Probabilities = (Option<CalibrationPart>, Option<Vec<f64>>);

/// Calibration, and the probability of each row.
fn probabilities(
    joined: &Joined,
    risk: &[f64],
    given: Option<Vec<f64>>,
    weight: Option<&[f64]>,
    notes: &mut Vec<String>,
) -> Result<Probabilities, EvaluationError> {
    let (source, p) = match given {
        Some(p) => (ProbabilitySource::Given, p),
        None => match fitted(risk, &joined.bad, weight) {
            Ok(p) => (ProbabilitySource::Fitted, p),
            Err(error) => {
                let why = error.to_string();
                notes.push(format!("no probabilities could be fitted: {}", why.lines().nth(1).unwrap_or(&why).trim()));
                return Ok((None, None));
            }
        },
    };
    let is_fitted = source == ProbabilitySource::Fitted;
    let inside = p.iter().all(|p| *p > 0.0 && *p < 1.0);
    let whole = if is_fitted || !inside { None } else { calibration(&p, &joined.bad, joined.sampling()).ok() };
    let part = CalibrationPart {
        source,
        calibration: whole,
        brier: brier(&p, &joined.bad, weight)?,
        log_loss: log_loss(&p, &joined.bad, weight)?,
        hosmer_lemeshow: hosmer_lemeshow(&p, &joined.bad, weight, GROUPS, Ties::Together, is_fitted).ok(),
        reliability: reliability(&p, &joined.bad, weight, GROUPS, Ties::Together)?,
    };
    Ok((Some(part), Some(p)))
}

fn given(rated: &Rated, joined: &Joined, column: &str) -> Result<Vec<f64>, EvaluationError> {
    let all = rated.numbers(column)?;
    let p: Vec<f64> = joined.firm.iter().map(|firm| all.get(*firm).copied().unwrap_or(f64::NAN)).collect();
    let mut cells = Cells::new("firm");
    p.iter().zip(&joined.firm).filter(|(p, _)| p.is_nan()).for_each(|(_, firm)| cells.add(*firm, || Some(rated.id(*firm))));
    if cells.is_empty() { Ok(p) } else { Err(incomplete("graded", "probability", cells).into()) }
}

/// A logistic curve of the risk.
fn fitted(risk: &[f64], bad: &[bool], weight: Option<&[f64]>) -> Result<Vec<f64>, Error> {
    let count = risk.len().max(1) as f64;
    let mean = risk.iter().sum::<f64>() / count;
    let spread = (risk.iter().map(|risk| (risk - mean).powi(2)).sum::<f64>() / count).sqrt();
    // Scores on 0 to 1000 are brought to size 1, so that no step of the fit is lost to rounding.
    let column: Vec<f64> = risk.iter().map(|risk| if spread > 0.0 { (risk - mean) / spread } else { 0.0 }).collect();
    Ok(logistic(ArrayView1::from(&column).insert_axis(Axis(1)), bad, weight, None)?.fitted)
}

/// The challenger's risk by row.
fn theirs(rated: &Rated, other: &Rated, joined: &Joined) -> Result<Vec<f64>, OutcomeError> {
    let places = rated.in_other(other);
    let mut cells = Cells::new("firm");
    let mut theirs = Vec::with_capacity(joined.firm.len());
    for firm in &joined.firm {
        let found = places.get(*firm).copied().flatten().and_then(|at| other.risk.get(at)).copied().unwrap_or(f64::NAN);
        if !found.is_finite() {
            cells.add(*firm, || Some(rated.id(*firm)));
        }
        theirs.push(found);
    }
    if cells.is_empty() { Ok(theirs) } else { Err(incomplete("challenger", "score", cells)) }
}

/// Words for the card in force less the challenger.
fn compared(name: &str, difference: AucDifference, curve: Curve) -> Comparison {
    let Estimate { value, low, high, .. } = difference.difference;
    let better = if high < 0.0 {
        "orders these outcomes better than the card in force"
    } else if low > 0.0 {
        "orders these outcomes worse than the card in force"
    } else {
        "cannot be told apart from the card in force on these outcomes"
    };
    let words = format!(
        "{name} {better}: AUC {:.3} against {:.3}, difference {:+.4} (95 % {:+.4} to {:+.4}, p = {:.2})",
        difference.second.estimate.value, difference.first.estimate.value, -value, -high, -low, difference.p
    );
    Comparison { challenger: name.to_owned(), difference, words, curve: thinned(curve) }
}

fn incomplete(table: &'static str, what: &'static str, cells: Cells) -> OutcomeError {
    OutcomeError(vec![OutcomeFault::Incomplete { table, what, cells }])
}
