//! Numbers of the report, from the engine's metrics.

use super::groups::{Group, groups};
use super::verdict::{Verdict, in_words};
use super::{
    CalibrationPart, Comparison, Discrimination, Earlier, GradeRow, Method, Performance, ProbabilitySource, Rates, Stability, StepRow,
};
use crate::outcomes::{Joined, OutcomeError, OutcomeFault, Rated};
use crate::tuned::EvaluationError;
use firmgrade::evaluate::{
    Curve, EmptyBin, Gate, LEVEL, RatesByGrade, Ties, auc_difference, auc_sampled, brier, calibration, concentration, curve,
    hosmer_lemeshow, ks, lift, log_loss, psi, psi_of_values, rates_by_grade, reliability, transition,
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
    /// An earlier grading.
    pub before: Option<&'a Rated>,
    /// A column of the graded table with each firm's probability of a bad outcome.
    pub probability: Option<String>,
}

/// Fewer outcomes of a kind than this: nothing can be said; up to twice as many: a warning.
const FEWEST: usize = 5;
/// Shares of the riskiest firms of which the report tells what they hold.
const TOP: [f64; 4] = [0.05, 0.1, 0.2, 0.3];
/// Groups of the reliability table, and bins of a score's stability index.
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
    let sampling = joined.sampling();
    let risk: Vec<f64> = joined.firm.iter().map(|firm| rated.risk.get(*firm).copied().unwrap_or(f64::NAN)).collect();
    let grade: Vec<u32> = joined.firm.iter().map(|firm| rated.grade.get(*firm).copied().flatten().unwrap_or_default()).collect();
    let bad = joined.bad.iter().filter(|bad| **bad).count();
    let rates = rates_by_grade(&grade, rated.grades.len(), &joined.bad, sampling)?;
    let (gate, gate_words) = gate(&rates, joined, rated, bad);
    let both = bad > 0 && bad < joined.bad.len();
    let mut notes = joined.notes.clone();

    let discrimination = if both {
        let auc = auc_sampled(&risk, &joined.bad, sampling, LEVEL)?;
        let by_grade: Vec<f64> = grade.iter().map(|grade| f64::from(*grade)).collect();
        let weight = weight(joined);
        Some(Discrimination {
            accuracy_ratio: auc.accuracy_ratio(),
            auc,
            grade_auc: auc_sampled(&by_grade, &joined.bad, sampling, LEVEL)?,
            ks: ks(&risk, &joined.bad, weight.as_deref())?,
            lift: TOP.iter().map(|share| lift(&risk, &joined.bad, *share, weight.as_deref())).collect::<Result<_, Error>>()?,
            curve: thinned(curve(&risk, &joined.bad, weight.as_deref())?),
        })
    } else {
        None
    };
    let (calibration, expected) = if both { probabilities(rated, joined, &risk, options, &mut notes)? } else { (None, None) };
    let challenger = match (&options.challenger, both) {
        (Some((other, name)), true) => Some(compared(rated, other, name, joined, &risk)?),
        _ => None,
    };
    let groups: Vec<Group> = groups(rated, outcomes, joined, &options.by, &risk, expected.as_deref())?;
    let rates = named(rates, rated);
    let verdict: Verdict = in_words(gate, &gate_words, discrimination.as_ref(), &rates);
    let sizes: Vec<f64> = rates.grades.iter().map(|row| row.firms as f64).collect();
    Ok(Performance {
        verdict,
        method: Method {
            graded_by: rated.origin.clone(),
            as_of: rated.as_of.map(|day| day.to_string()),
            firms: rated.len(),
            first_day: joined.days.map(|(first, _)| first.to_string()),
            last_day: joined.days.map(|(_, last)| last.to_string()),
            outcomes: joined.bad.len(),
            bad,
            account: joined.account,
            design: design(joined),
            gate,
            gate_words,
            notes,
            engine_version: firmgrade::VERSION,
        },
        discrimination,
        rates,
        calibration,
        stability: Stability {
            concentration: concentration(&sizes).ok(),
            before: options.before.map(|old| earlier(rated, old)).transpose()?,
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

/// Whether the outcomes can carry statements. Where rows stand for different numbers of firms, the grade that is sampled least decides;
/// where all count alike, the rarer outcome does.
fn gate(rates: &RatesByGrade, joined: &Joined, rated: &Rated, bad: usize) -> (Gate, String) {
    let weights = weight(joined);
    let unequal = weights.as_ref().is_some_and(|weights| weights.iter().any(|weight| weights.first() != Some(weight)));
    if unequal {
        let found = rates.estimable();
        let grade = found.least_sampled.and_then(|at| rated.grades.get(at)).map_or("?", String::as_str);
        let words = format!("{:.1} bad outcomes expected in {grade}, the grade of which the smallest part was sampled", found.expected);
        return (found.gate, words);
    }
    let good = joined.bad.len() - bad;
    let gate = match bad.min(good) {
        many if many >= 2 * FEWEST => Gate::Open,
        some if some >= FEWEST => Gate::Narrow,
        _ => Gate::Shut,
    };
    (gate, format!("{bad} bad and {good} good outcomes"))
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
    rated: &Rated,
    joined: &Joined,
    risk: &[f64],
    options: &PerformanceOptions<'_>,
    notes: &mut Vec<String>,
) -> Result<Probabilities, EvaluationError> {
    let weight = weight(joined);
    let (source, p) = match &options.probability {
        Some(column) => (ProbabilitySource::Given, given(rated, joined, column)?),
        None => match fitted(risk, &joined.bad, weight.as_deref()) {
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
        brier: brier(&p, &joined.bad, weight.as_deref())?,
        log_loss: log_loss(&p, &joined.bad, weight.as_deref())?,
        hosmer_lemeshow: if weight.is_none() { hosmer_lemeshow(&p, &joined.bad, GROUPS, Ties::Together, is_fitted).ok() } else { None },
        reliability: reliability(&p, &joined.bad, weight.as_deref(), GROUPS, Ties::Together)?,
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

fn compared(rated: &Rated, other: &Rated, name: &str, joined: &Joined, risk: &[f64]) -> Result<Comparison, EvaluationError> {
    let places = rated.in_other(other);
    let mut cells = Cells::new("firm");
    let mut theirs = Vec::with_capacity(risk.len());
    for firm in &joined.firm {
        let found = places.get(*firm).copied().flatten().and_then(|at| other.risk.get(at)).copied().unwrap_or(f64::NAN);
        if !found.is_finite() {
            cells.add(*firm, || Some(rated.id(*firm)));
        }
        theirs.push(found);
    }
    if !cells.is_empty() {
        return Err(incomplete("challenger", "score", cells).into());
    }
    let difference = auc_difference(&theirs, risk, &joined.bad, joined.sampling(), LEVEL)?;
    let (low, high) = (difference.difference.low, difference.difference.high);
    let better = if low > 0.0 {
        "orders these outcomes better than the champion"
    } else if high < 0.0 {
        "orders these outcomes worse than the champion"
    } else {
        "cannot be told apart from the champion on these outcomes"
    };
    let words = format!(
        "{name} {better}: AUC {:.3} against {:.3}, difference {:+.4} (95 % {:+.4} to {:+.4}, p = {:.2})",
        difference.first.estimate.value, difference.second.estimate.value, difference.difference.value, low, high, difference.p
    );
    let curve = thinned(curve(&theirs, &joined.bad, weight(joined).as_deref())?);
    Ok(Comparison { challenger: name.to_owned(), difference, words, curve })
}

fn incomplete(table: &'static str, what: &'static str, cells: Cells) -> OutcomeError {
    OutcomeError(vec![OutcomeFault::Incomplete { table, what, cells }])
}

/// Against an earlier grading of firms, of which some may be others.
fn earlier(rated: &Rated, old: &Rated) -> Result<Earlier, EvaluationError> {
    let places = rated.in_other(old);
    let both = rated.grade.iter().zip(&places).filter_map(|(now, place)| {
        let before = old.grade.get((*place)?).copied().flatten()?;
        let name = old.grades.get(before as usize)?;
        let same = rated.grades.iter().position(|grade| grade == name)?;
        Some((same as u32, (*now)?))
    });
    let (before, after): (Vec<u32>, Vec<u32>) = both.unzip();
    let counts = |rated: &Rated, names: &[String]| -> Vec<f64> {
        let of = |name: &String| rated.grades.iter().position(|grade| grade == name).map(|at| at as u32);
        names.iter().map(|name| rated.grade.iter().filter(|grade| grade.is_some() && **grade == of(name)).count() as f64).collect()
    };
    let scores = |rated: &Rated| -> Vec<f64> { rated.risk.iter().copied().filter(|risk| risk.is_finite()).collect() };
    let (then, now) = (scores(old), scores(rated));
    let matched = places.iter().flatten().count();
    Ok(Earlier {
        matched,
        new: rated.len() - matched,
        gone: old.len().saturating_sub(matched),
        transition: transition(&before, &after, rated.grades.len())?,
        score_psi: psi_of_values(&then, &now, GROUPS, EmptyBin::Half)?,
        grade_psi: psi(&counts(old, &rated.grades), &counts(rated, &rated.grades), EmptyBin::Half)?,
    })
}
