//! `firmgrade.simulate` and its result.

use crate::performance::{again, rated};
use crate::table::{json, to_python};
use crate::{errors, html};
use firmgrade::sample::Rate;
use firmgrade::simulate::{Policy, Response, World, Years};
use firmgrade_frame::{DataFrame, PolarsResult, Rated, simulated_grades, simulated_summary, simulated_years};
use pyo3::exceptions::PyValueError;
use pyo3::prelude::*;
use pyo3::types::{PyDict, PyString, PyTuple};

/// Years of inspection under several policies, where the truth is known. Made by :func:`firmgrade.simulate`.
///
/// Pickles as the firms and the policies and is run again when it is loaded: the same bits.
#[pyclass(frozen, module = "firmgrade")]
pub struct Simulation {
    runs: Vec<Years>,
    /// Firms and policies, and the keywords, for pickles.
    made: (Py<PyAny>, Py<PyDict>, Py<PyDict>),
}

/// Plays years of inspection under several policies, where the truth is known: what each finds, what it costs the honest, what can be
/// learnt from it, and what happens without a random part.
///
/// `firms` is a :class:`Graded` or a table with id, score and grade; `chance` is each firm's own chance of violating in a year (0 to 1): the name of
/// a column, or an array, shape (n_firms,). `policies` is a dict of name → dict with ``rates`` (grade → the share drawn at random each year, such as
/// "3/100" or 0.03, every grade named) and ``riskiest`` (how many more firms, the riskiest of those not drawn; 0 where absent). `response` says
/// how firms answer, as a dict: ``deterrence`` (the part of its chance that an inspected firm loses for the next year, 0.3), ``recovery`` (the
/// part of the way back that every firm goes each year, 0.25), ``unreachable`` (0.03), ``reported_violating`` and ``reported_clean`` (the chance of
/// being reported and inspected for it, 0.2 and 0.01): assumptions, none was found published.
///
/// `years` from 1 to 100. The same `seed` is the same bits for any number of threads; all policies meet the same firms with the same luck.
///
/// Raises FirmgradeError with everything that is wrong, DataError for tables that cannot be read, ValueError for a rate that is none.
///
/// >>> graded = fg.grade(card, df)
/// >>> policies = {"random": {"rates": {"A": "1/2", "B": 0.5, "C": 1}}, "targeted": {"rates": {"A": 0, "B": 0, "C": 0}, "riskiest": 1}}
/// >>> fg.simulate(graded, policies, chance=[0.1, 0.9, 0.1], years=2).frame["random"].to_list()
/// [2, 2, 0, 0]
#[pyfunction]
#[pyo3(signature = (firms, policies, chance=None, years=5, seed=1, response=None))]
pub fn simulate(
    py: Python<'_>,
    firms: &Bound<'_, PyAny>,
    policies: &Bound<'_, PyDict>,
    chance: Option<&Bound<'_, PyAny>>,
    years: u32,
    seed: u64,
    response: Option<&Bound<'_, PyDict>>,
) -> PyResult<Simulation> {
    let (given, rated) = rated("graded", firms, None)?;
    let chances = chances(&rated, chance)?;
    let response = responding(response)?;
    let policies_read = policies.iter().map(|(name, policy)| read(&rated, &name, &policy)).collect::<PyResult<Vec<Policy>>>()?;
    let made = PyDict::new(py);
    made.set_item("chance", chances.clone())?;
    made.set_item("years", years)?;
    made.set_item("seed", seed)?;
    made.set_item("response", json(py, &serde_json::to_string(&response).unwrap_or_default())?)?;
    let runs = py.detach(|| {
        // A firm without a grade has a place that there is not, which the engine refuses with its row.
        let places = rated.grade.iter().map(|grade| grade.and_then(|at| u8::try_from(at).ok()).unwrap_or(u8::MAX)).collect();
        let world = World::new(rated.ids(), rated.grades.clone(), places, rated.risk.clone(), chances)?;
        firmgrade::simulate::simulate(&world, &policies_read, response, years, seed)
    });
    let runs = runs.map_err(|error| errors::engine(py, &error))?;
    Ok(Simulation { runs, made: (given.unbind(), policies.clone().unbind(), made.unbind()) })
}

/// Each firm's chance: a column, or numbers.
fn chances(rated: &Rated, chance: Option<&Bound<'_, PyAny>>) -> PyResult<Vec<f64>> {
    let Some(chance) = chance else {
        return Err(PyValueError::new_err("chance is not there, expected each firm's chance of violating: a column's name, or numbers"));
    };
    if let Ok(column) = chance.cast::<PyString>() {
        return rated.numbers(column.to_str()?).map_err(|error| errors::outcomes(chance.py(), &error));
    }
    chance.try_iter()?.map(|value| value?.extract()).collect()
}

fn responding(response: Option<&Bound<'_, PyDict>>) -> PyResult<Response> {
    let Some(response) = response else { return Ok(Response::default()) };
    let text: String = response.py().import("json")?.call_method1("dumps", (response,))?.extract()?;
    serde_json::from_str(&text).map_err(|error| PyValueError::new_err(format!("response: {error}")))
}

fn read(rated: &Rated, name: &Bound<'_, PyAny>, policy: &Bound<'_, PyAny>) -> PyResult<Policy> {
    let name: String = name.extract()?;
    let wrong = |what: String| PyValueError::new_err(format!("policy `{name}`: {what}"));
    let policy = policy.cast::<PyDict>().map_err(|_| wrong("expected a dict with `rates`, and perhaps `riskiest`".to_owned()))?;
    for key in policy.keys() {
        let key: String = key.extract()?;
        if key != "rates" && key != "riskiest" {
            return Err(wrong(format!("found `{key}`, expected `rates` and `riskiest`")));
        }
    }
    let rates = policy.get_item("rates")?.ok_or_else(|| wrong("`rates` is not there".to_owned()))?;
    let rates = rates.cast::<PyDict>().map_err(|_| wrong("`rates`: expected a dict of grade → share".to_owned()))?;
    for grade in rates.keys() {
        let grade = grade.str()?.to_string();
        if !rated.grades.contains(&grade) {
            return Err(wrong(format!("there is no grade `{grade}`, found {}", rated.grades.join(", "))));
        }
    }
    let of = |grade: &String| -> PyResult<Rate> {
        let given = rates.get_item(grade)?.ok_or_else(|| wrong(format!("grade `{grade}` has no rate; say 0 for none")))?;
        rate(&given)
            .ok_or_else(|| wrong(format!("the rate of `{grade}` is {given}, expected a share from 0 to 1 such as \"3/100\" or 0.03")))
    };
    let riskiest = policy.get_item("riskiest")?.map_or(Ok(0), |count| count.extract())?;
    let rates = rated.grades.iter().map(of).collect::<PyResult<Vec<Rate>>>()?;
    Ok(Policy { name: name.clone(), rates, riskiest })
}

/// A share as two whole numbers: 0.03 is 3/100, as it is written.
fn rate(given: &Bound<'_, PyAny>) -> Option<Rate> {
    let text = given.str().ok()?;
    let fraction = given.py().import("fractions").ok()?.getattr("Fraction").ok()?.call1((text,)).ok()?;
    let part = |name: &str| fraction.getattr(name).ok()?.extract::<u64>().ok();
    Rate::new(part("numerator")?, part("denominator")?)
}

#[pymethods]
impl Simulation {
    /// polars.DataFrame with one row for each policy and year: policy, year, violating (firms that violate, found or not), visits = random +
    /// special + event, unreachable, found = found_random + found_special + found_event, visits_clean (visits to firms that do not
    /// violate), most_visits (that one firm has had so far), auc_truth (all firms), auc_weighted with auc_low and auc_high (random rows by 1/π;
    /// null where they tell nothing), auc_pooled (all rows, as if all were random).
    #[getter]
    fn frame<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyAny>> {
        self.made_frame(py, simulated_years)
    }

    /// polars.DataFrame with one row for each policy, year and grade: policy, year, grade, firms, truth (the share that violates), random
    /// (rows), weighted with low and high (the rate of random rows; null without), inspected (rows), pooled (the rate of all rows).
    #[getter]
    fn grades<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyAny>> {
        self.made_frame(py, simulated_grades)
    }

    /// polars.DataFrame with one row for each policy: policy, visits, found, visits_clean, found_per_visit, random, violating_last (firms that violate
    /// in the last year), known (the share of grades and years of which random rows give a rate), error_weighted and error_pooled (mean distance
    /// of a rate from the truth), covered (the share of intervals that hold the truth).
    #[getter]
    fn summary<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyAny>> {
        self.made_frame(py, simulated_summary)
    }

    /// All of it as a list of dicts, one for each policy.
    fn to_dict<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyAny>> {
        json(py, &self.to_json())
    }

    /// The same as JSON text.
    fn to_json(&self) -> String {
        serde_json::to_string(&self.runs).unwrap_or_default()
    }

    fn __repr__(&self) -> String {
        let (years, names) = (self.years(), html::list(self.runs.iter().map(|run| run.policy.name.as_str())));
        format!("Simulation(policies={names}, years={years}, seed={})", self.runs.first().map_or(0, |run| run.seed))
    }

    fn _repr_html_(&self) -> String {
        let rows = self.runs.iter().map(|run| {
            let sum = |of: fn(&firmgrade::simulate::Year) -> u64| run.years.iter().map(of).sum::<u64>().to_string();
            let known = run.years.iter().filter(|year| year.learnt.auc_weighted.is_some()).count();
            let learnt = format!("{known} of {}", run.years.len());
            let visits = sum(firmgrade::simulate::Year::visits);
            vec![run.policy.name.clone(), visits, sum(firmgrade::simulate::Year::found), sum(|year| year.visits_clean), learnt]
        });
        let caption = format!("{} years, seed {}", self.years(), self.runs.first().map_or(0, |run| run.seed));
        html::table(&caption, &["policy", "visits", "found", "visits to clean firms", "years with an estimable AUC"], rows)
    }

    fn __reduce__<'py>(&self, py: Python<'py>) -> PyResult<(Bound<'py, PyAny>, Bound<'py, PyTuple>)> {
        let (firms, policies, keywords) = &self.made;
        Ok((again(py, "simulate", keywords)?, (firms, policies).into_pyobject(py)?))
    }
}

impl Simulation {
    fn years(&self) -> usize {
        self.runs.first().map_or(0, |run| run.years.len())
    }

    fn made_frame<'py>(&self, py: Python<'py>, make: fn(&[Years]) -> PolarsResult<DataFrame>) -> PyResult<Bound<'py, PyAny>> {
        let frame = py.detach(|| make(&self.runs)).map_err(|error| errors::plain(py, &error))?;
        to_python(py, frame)
    }
}
