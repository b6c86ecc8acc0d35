//! Metrics: `firmgrade.metrics` and `firmgrade.survey` hand in arrays that are ready, and get JSON of the engine's results.

use crate::errors;
use firmgrade::Error;
use firmgrade::evaluate::{self, EmptyBin, Results, Sampling, Source, Ties, WoeSign};
use numpy::{PyArray1, PyReadonlyArray1};
use pyo3::exceptions::PyValueError;
use pyo3::prelude::*;
use serde::Serialize;
use serde::de::DeserializeOwned;
use serde_json::{Value, json};

type Numbers<'py> = PyReadonlyArray1<'py, f64>;
type Codes<'py> = PyReadonlyArray1<'py, u32>;
type Outcome<'py> = PyReadonlyArray1<'py, bool>;
/// Weight, stratum, population, and what a single unit does.
type Design<'py> = (Option<Numbers<'py>>, Option<Codes<'py>>, Option<Numbers<'py>>, String);

fn sampling<'a>((weight, strata, population, single): &'a Design<'_>) -> PyResult<Sampling<'a>> {
    Ok(Sampling {
        weight: weight.as_ref().map(|column| column.as_slice()).transpose()?,
        strata: strata.as_ref().map(|column| column.as_slice()).transpose()?,
        population: population.as_ref().map(|column| column.as_slice()).transpose()?,
        single: named("single", single)?,
    })
}

/// A policy by its name.
fn named<T: DeserializeOwned>(argument: &str, name: &str) -> PyResult<T> {
    serde_json::from_value(Value::from(name)).map_err(|error| PyValueError::new_err(format!("{argument}: {error}")))
}

/// What an empty bin counts as: a name, or the least share.
fn empty_bin(empty: &Bound<'_, PyAny>) -> PyResult<EmptyBin> {
    match empty.extract::<f64>() {
        Ok(share) if share > 0.0 && share < 1.0 => Ok(EmptyBin::Share(share)),
        Ok(share) => Err(PyValueError::new_err(format!("empty: found {share}, expected a share between 0 and 1, such as 0.0001"))),
        Err(_) => match named("empty", &empty.extract::<String>()?)? {
            EmptyBin::Share(_) => Err(PyValueError::new_err("empty: give the share itself, such as 0.0001")),
            policy => Ok(policy),
        },
    }
}

/// Calls the engine without the interpreter, and writes what it gives.
fn give<T: Serialize + Send>(py: Python<'_>, call: impl FnOnce() -> Result<T, Error> + Send) -> PyResult<String> {
    let found = py.detach(call).map_err(|error| errors::engine(py, &error))?;
    serde_json::to_string(&found).map_err(|error| PyValueError::new_err(error.to_string()))
}

#[pyfunction]
pub fn _auc(py: Python<'_>, score: Numbers<'_>, outcome: Outcome<'_>, design: Design<'_>, level: f64) -> PyResult<String> {
    let (score, outcome, sampling) = (score.as_slice()?, outcome.as_slice()?, sampling(&design)?);
    give(py, || evaluate::auc_sampled(score, outcome, sampling, level))
}

#[pyfunction]
pub fn _gini(py: Python<'_>, score: Numbers<'_>, outcome: Outcome<'_>, design: Design<'_>, level: f64) -> PyResult<String> {
    let (score, outcome, sampling) = (score.as_slice()?, outcome.as_slice()?, sampling(&design)?);
    give(py, || evaluate::auc_sampled(score, outcome, sampling, level).map(|auc| auc.accuracy_ratio()))
}

#[pyfunction]
pub fn _auc_difference(
    py: Python<'_>,
    first: Numbers<'_>,
    second: Numbers<'_>,
    outcome: Outcome<'_>,
    design: Design<'_>,
    level: f64,
) -> PyResult<String> {
    let (first, second, outcome, sampling) = (first.as_slice()?, second.as_slice()?, outcome.as_slice()?, sampling(&design)?);
    give(py, || evaluate::auc_difference(first, second, outcome, sampling, level))
}

#[pyfunction]
pub fn _ks(py: Python<'_>, score: Numbers<'_>, outcome: Outcome<'_>, weight: Option<Numbers<'_>>) -> PyResult<String> {
    let (score, outcome, weight) = (score.as_slice()?, outcome.as_slice()?, slice(weight.as_ref())?);
    give(py, || evaluate::ks(score, outcome, weight))
}

#[pyfunction]
pub fn _lift(py: Python<'_>, score: Numbers<'_>, outcome: Outcome<'_>, share: f64, weight: Option<Numbers<'_>>) -> PyResult<String> {
    let (score, outcome, weight) = (score.as_slice()?, outcome.as_slice()?, slice(weight.as_ref())?);
    give(py, || evaluate::lift(score, outcome, share, weight))
}

/// A curve's false and true positive rates, thresholds, and shares flagged.
type Points<'py> = [Bound<'py, PyArray1<f64>>; 4];

#[pyfunction]
pub fn _curve<'py>(py: Python<'py>, score: Numbers<'py>, outcome: Outcome<'py>, weight: Option<Numbers<'py>>) -> PyResult<Points<'py>> {
    let (score, outcome, weight) = (score.as_slice()?, outcome.as_slice()?, slice(weight.as_ref())?);
    let curve = py.detach(|| evaluate::curve(score, outcome, weight)).map_err(|error| errors::engine(py, &error))?;
    Ok([curve.false_positive, curve.true_positive, curve.threshold, curve.flagged].map(|points| PyArray1::from_vec(py, points)))
}

#[pyfunction]
pub fn _brier(py: Python<'_>, p: Numbers<'_>, outcome: Outcome<'_>, weight: Option<Numbers<'_>>) -> PyResult<String> {
    let (p, outcome, weight) = (p.as_slice()?, outcome.as_slice()?, slice(weight.as_ref())?);
    give(py, || evaluate::brier(p, outcome, weight))
}

#[pyfunction]
pub fn _log_loss(py: Python<'_>, p: Numbers<'_>, outcome: Outcome<'_>, weight: Option<Numbers<'_>>) -> PyResult<String> {
    let (p, outcome, weight) = (p.as_slice()?, outcome.as_slice()?, slice(weight.as_ref())?);
    give(py, || evaluate::log_loss(p, outcome, weight))
}

#[pyfunction]
pub fn _calibration(py: Python<'_>, p: Numbers<'_>, outcome: Outcome<'_>, design: Design<'_>) -> PyResult<String> {
    let (p, outcome, sampling) = (p.as_slice()?, outcome.as_slice()?, sampling(&design)?);
    give(py, || evaluate::calibration(p, outcome, sampling))
}

#[pyfunction]
pub fn _reliability(
    py: Python<'_>,
    p: Numbers<'_>,
    outcome: Outcome<'_>,
    weight: Option<Numbers<'_>>,
    groups: usize,
    ties: &str,
) -> PyResult<String> {
    let (p, outcome, weight, ties) = (p.as_slice()?, outcome.as_slice()?, slice(weight.as_ref())?, named::<Ties>("ties", ties)?);
    give(py, || evaluate::reliability(p, outcome, weight, groups, ties))
}

#[pyfunction]
pub fn _hosmer_lemeshow(
    py: Python<'_>,
    p: Numbers<'_>,
    outcome: Outcome<'_>,
    weight: Option<Numbers<'_>>,
    groups: usize,
    ties: &str,
    fitted: bool,
) -> PyResult<String> {
    let (p, outcome, weight, ties) = (p.as_slice()?, outcome.as_slice()?, slice(weight.as_ref())?, named::<Ties>("ties", ties)?);
    give(py, || evaluate::hosmer_lemeshow(p, outcome, weight, groups, ties, fitted))
}

#[pyfunction]
pub fn _rate_by_grade(py: Python<'_>, grade: Codes<'_>, grades: usize, outcome: Outcome<'_>, design: Design<'_>) -> PyResult<String> {
    let (grade, outcome, sampling) = (grade.as_slice()?, outcome.as_slice()?, sampling(&design)?);
    give(py, || {
        let rates = evaluate::rates_by_grade(grade, grades, outcome, sampling)?;
        Ok(json!({ "estimable": rates.estimable(), "rates": rates }))
    })
}

/// Of counts or shares without `bins` and `edges`, else of values.
#[pyfunction]
pub fn _psi(
    py: Python<'_>,
    expected: Numbers<'_>,
    actual: Numbers<'_>,
    bins: Option<usize>,
    edges: Option<Numbers<'_>>,
    empty: &Bound<'_, PyAny>,
) -> PyResult<String> {
    let (expected, actual, edges, empty) = (expected.as_slice()?, actual.as_slice()?, slice(edges.as_ref())?, empty_bin(empty)?);
    give(py, || match (bins, edges) {
        (_, Some(edges)) => evaluate::psi_with_edges(expected, actual, edges, empty),
        (Some(bins), None) => evaluate::psi_of_values(expected, actual, bins, empty),
        (None, None) => evaluate::psi(expected, actual, empty),
    })
}

#[pyfunction]
pub fn _csi(py: Python<'_>, expected: Numbers<'_>, actual: Numbers<'_>, points: Numbers<'_>) -> PyResult<f64> {
    let (expected, actual, points) = (expected.as_slice()?, actual.as_slice()?, points.as_slice()?);
    evaluate::csi(expected, actual, points).map_err(|error| errors::engine(py, &error))
}

#[pyfunction]
pub fn _woe_iv(
    py: Python<'_>,
    bins: (Codes<'_>, usize),
    outcome: Outcome<'_>,
    weight: Option<Numbers<'_>>,
    empty: &Bound<'_, PyAny>,
    sign: &str,
) -> PyResult<String> {
    let (bin, outcome, weight) = (bins.0.as_slice()?, outcome.as_slice()?, slice(weight.as_ref())?);
    let (empty, sign) = (empty_bin(empty)?, named::<WoeSign>("sign", sign)?);
    give(py, || evaluate::woe_iv(bin, bins.1, outcome, weight, empty, sign))
}

#[pyfunction]
pub fn _indicators(
    py: Python<'_>,
    columns: Vec<Numbers<'_>>,
    outcome: Outcome<'_>,
    weight: Option<Numbers<'_>>,
    bins: usize,
) -> PyResult<String> {
    let columns = columns.iter().map(|column| column.as_slice()).collect::<Result<Vec<_>, _>>()?;
    let (outcome, weight) = (outcome.as_slice()?, slice(weight.as_ref())?);
    give(py, || evaluate::indicators(&columns, outcome, weight, bins))
}

#[pyfunction]
pub fn _transition(py: Python<'_>, before: Codes<'_>, after: Codes<'_>, grades: usize) -> PyResult<String> {
    let (before, after) = (before.as_slice()?, after.as_slice()?);
    give(py, || evaluate::transition(before, after, grades))
}

#[pyfunction]
pub fn _concentration(py: Python<'_>, counts: Numbers<'_>) -> PyResult<String> {
    let counts = counts.as_slice()?;
    give(py, || evaluate::concentration(counts))
}

#[pyfunction]
pub fn _survey(py: Python<'_>, what: &str, y: Numbers<'_>, domain: Option<Codes<'_>>, design: Design<'_>, level: f64) -> PyResult<String> {
    let (y, sampling) = (y.as_slice()?, sampling(&design)?);
    match (what, domain) {
        (_, Some(domain)) => {
            let domain = domain.as_slice()?;
            give(py, || evaluate::survey::domain_mean(y, domain, sampling, level))
        }
        ("total", None) => give(py, || evaluate::survey::total(y, sampling, level)),
        (_, None) => give(py, || evaluate::survey::mean(y, sampling, level)),
    }
}

/// Columns of a report: score, grade, outcome; source as 0 random, 1 event, 2 special.
type Columns<'py> = (Numbers<'py>, Codes<'py>, Outcome<'py>, Option<PyReadonlyArray1<'py, u8>>);
/// Name, names of the groups, group of each row.
type Dimension<'py> = (String, Vec<String>, Codes<'py>);

#[pyfunction]
pub fn _performance(
    py: Python<'_>,
    columns: Columns<'_>,
    grades: Vec<String>,
    design: Design<'_>,
    others: (Option<Numbers<'_>>, Option<Numbers<'_>>),
    dimensions: Vec<Dimension<'_>>,
    gradings: Option<(Codes<'_>, Codes<'_>)>,
) -> PyResult<String> {
    let grades: Vec<&str> = grades.iter().map(String::as_str).collect();
    let source: Option<Vec<Source>> = match &columns.3 {
        None => None,
        Some(codes) => {
            Some(codes.as_slice()?.iter().map(|&code| [Source::Random, Source::Event, Source::Special][usize::from(code.min(2))]).collect())
        }
    };
    let names: Vec<Vec<&str>> = dimensions.iter().map(|(_, names, _)| names.iter().map(String::as_str).collect()).collect();
    let mut divisions = Vec::with_capacity(dimensions.len());
    for ((name, _, group), groups) in dimensions.iter().zip(&names) {
        divisions.push(evaluate::Dimension { name, groups, group: group.as_slice()? });
    }
    let results = Results {
        score: columns.0.as_slice()?,
        grade: columns.1.as_slice()?,
        grades: &grades,
        outcome: columns.2.as_slice()?,
        source: source.as_deref(),
        sampling: sampling(&design)?,
        probability: slice(others.0.as_ref())?,
        challenger: slice(others.1.as_ref())?,
        dimensions: &divisions,
        gradings: match &gradings {
            None => None,
            Some((before, now)) => Some((before.as_slice()?, now.as_slice()?)),
        },
    };
    give(py, || evaluate::report(&results))
}

fn slice<'a>(column: Option<&'a Numbers<'_>>) -> PyResult<Option<&'a [f64]>> {
    Ok(column.map(|column| column.as_slice()).transpose()?)
}
