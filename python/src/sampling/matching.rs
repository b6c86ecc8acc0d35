//! `firmgrade.sampling.match`: inspectors matched to visits, and the proof that no match is cheaper.

use super::input::hash;
use super::record::Verified;
use super::roster::roster;
use crate::table::small;
use crate::{errors, html};
use firmgrade::Error;
use firmgrade::sample::matching::{self, Roster, RosterSpec};
use firmgrade::sample::{Hash, Mismatch};
use pyo3::prelude::*;
use pyo3::types::{PyDict, PyList, PyString};
use std::sync::Arc;

/// Who goes where. Made by :func:`firmgrade.sampling.match`.
#[pyclass(frozen, module = "firmgrade.sampling")]
pub struct Match(Arc<Matched>);

struct Matched {
    spec: RosterSpec,
    roster: Roster,
    seed: Hash,
    found: matching::Match,
}

/// What proves that no match is cheaper: the potentials of all nodes. Given by :attr:`Match.certificate`.
///
/// For every arc: reduced cost below 0 ⇒ full, above 0 ⇒ empty.
#[pyclass(frozen, module = "firmgrade.sampling")]
pub struct Certificate(Arc<Matched>);

/// Matches inspectors to visits: the minimum-cost flow of hashed costs.
///
/// ::
///
///     cost = first 8 bytes of HMAC-SHA256(seed, "firmgrade/assign/v1" || lp("cost") || lp(visit) || lp(inspector)) >> 21
///
/// Each visit gets `per_visit` different inspectors, at least one of them with all its `needs`; nobody has more visits than his capacity, and
/// nobody goes who is recused, serves other zones, or has no certificate valid on the day.
///
/// `visits` and `inspectors` are tables, lists of dicts, or plain ids. A visit: id, needs (qualifications), zone, day, interests. An
/// inspector: id, capacity, qualifications, zones (none: all), valid_from, valid_to, interests (the same as one of a visit: recused). Lists
/// may be text separated by ";". `recusals` are pairs (visit, inspector) or (visit, inspector, reason), rows of these, or a dict visit →
/// inspectors. `period` is two days, for visits that have none. `capacity` is that of inspectors who state none; by default no limit.
///
/// `seed` is 32 bytes or 64 hexadecimal digits, such as :attr:`Record.seed`. The same input gives the same bytes.
/// Raises SamplingError that names every visit that cannot be staffed, and why.
///
/// >>> found = fg.sampling.match(["v1", "v2"], [{"id": i, "capacity": 2} for i in "abc"], bytes(32))
/// >>> found.pairs
/// [('v1', 'a'), ('v1', 'c'), ('v2', 'a'), ('v2', 'b')]
/// >>> found.cost, found.certificate.verify(), found.unique
/// (8703334337895, True, True)
#[pyfunction]
#[pyo3(name = "match", signature = (visits, inspectors, seed, recusals=None, per_visit=2, *, period=None, capacity=None))]
#[expect(clippy::too_many_arguments, reason = "keywords, each with a default")]
pub fn match_inspectors<'py>(
    py: Python<'py>,
    visits: &Bound<'py, PyAny>,
    inspectors: &Bound<'py, PyAny>,
    seed: &Bound<'py, PyAny>,
    recusals: Option<&Bound<'py, PyAny>>,
    per_visit: u32,
    period: Option<(Bound<'py, PyAny>, Bound<'py, PyAny>)>,
    capacity: Option<u32>,
) -> PyResult<Match> {
    let seed = hash("seed", seed)?;
    let spec = roster(visits, inspectors, recusals, per_visit, period, capacity)?;
    let found = py.detach(|| {
        let roster = Roster::try_from(spec.clone())?;
        let found = matching::match_inspectors(&roster, &seed.0)?;
        Ok(Matched { spec, roster, seed, found })
    });
    found.map(|found| Match(Arc::new(found))).map_err(|error: Error| errors::engine(py, &error))
}

/// Verifies a match from the roster and the seed: every pair, capacity, cost and potential, with all costs hashed again.
///
/// `match` is a :class:`Match`, its JSON text (:attr:`Match.record`), or that as a dict; the others are as in :func:`match`.
#[pyfunction]
#[pyo3(signature = (r#match, visits, inspectors, seed, recusals=None, per_visit=2, *, period=None, capacity=None))]
#[expect(clippy::too_many_arguments, reason = "keywords, each with a default")]
pub fn verify_match<'py>(
    py: Python<'py>,
    r#match: &Bound<'py, PyAny>,
    visits: &Bound<'py, PyAny>,
    inspectors: &Bound<'py, PyAny>,
    seed: &Bound<'py, PyAny>,
    recusals: Option<&Bound<'py, PyAny>>,
    per_visit: u32,
    period: Option<(Bound<'py, PyAny>, Bound<'py, PyAny>)>,
    capacity: Option<u32>,
) -> PyResult<Verified> {
    let seed = hash("seed", seed)?;
    let record = if let Ok(found) = r#match.cast::<Match>() {
        found.get().0.found.clone()
    } else {
        let text: String = match r#match.cast::<PyString>() {
            Ok(text) => text.extract()?,
            Err(_) => py.import("json")?.call_method1("dumps", (r#match,))?.extract()?,
        };
        serde_json::from_str(&text).map_err(|error| errors::sampling(py, "unreadable", "match", &format!("the match: {error}")))?
    };
    let spec = roster(visits, inspectors, recusals, per_visit, period, capacity)?;
    let verified = py.detach(|| Roster::try_from(spec).map(|roster| matching::verify(&roster, &seed.0, &record)));
    match verified.map_err(|error| errors::engine(py, &error))? {
        Ok(()) => Ok(Verified { mismatches: Vec::new(), other_engine: None }),
        Err(Error::Match(faults)) => Ok(Verified { mismatches: faults.iter().map(mismatch).collect(), other_engine: None }),
        Err(error) => Err(errors::engine(py, &error)),
    }
}

fn mismatch(fault: &matching::MatchFault) -> Mismatch {
    let (field, found, expected) = match fault {
        matching::MatchFault::Record { what, found, expected } => ((*what).to_owned(), found.clone(), expected.clone()),
        fault => ("match".to_owned(), fault.to_string(), "a match that the roster allows, and its certificate".to_owned()),
    };
    Mismatch { field, row: None, id: None, found, expected }
}

#[pymethods]
impl Match {
    /// Tuples (visit, inspector), by the bytes of their ids.
    #[getter]
    fn pairs(&self) -> Vec<(&str, &str)> {
        self.0.found.pairs.iter().map(|pair| (pair.visit.as_str(), pair.inspector.as_str())).collect()
    }

    /// The sum of costs: the smallest of all matches.
    #[getter]
    fn cost(&self) -> u64 {
        self.0.found.cost
    }

    /// What proves that no match is cheaper.
    #[getter]
    fn certificate(&self) -> Certificate {
        Certificate(Arc::clone(&self.0))
    }

    /// Whether no other match is as cheap.
    #[getter]
    fn unique(&self) -> bool {
        self.0.found.is_unique()
    }

    /// polars.DataFrame of the pairs: visit, inspector, qualified (for all items of the visit).
    #[getter]
    fn frame<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyAny>> {
        let pairs = &self.0.found.pairs;
        small(
            py,
            &[
                ("visit", "String", PyList::new(py, pairs.iter().map(|one| &one.visit))?),
                ("inspector", "String", PyList::new(py, pairs.iter().map(|one| &one.inspector))?),
                ("qualified", "Boolean", PyList::new(py, pairs.iter().map(|one| one.qualified))?),
            ],
        )
    }

    /// polars.DataFrame of the inspectors, those without a visit as well: inspector, capacity, visits, qualified (visits for which he is
    /// qualified), price (what one more place would save).
    #[getter]
    fn workload<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyAny>> {
        let all = self.0.found.workload(&self.0.roster);
        small(
            py,
            &[
                ("inspector", "String", PyList::new(py, all.iter().map(|one| &one.inspector))?),
                ("capacity", "Int64", PyList::new(py, all.iter().map(|one| one.capacity))?),
                ("visits", "Int64", PyList::new(py, all.iter().map(|one| one.visits))?),
                ("qualified", "Int64", PyList::new(py, all.iter().map(|one| one.qualified))?),
                ("price", "Int64", PyList::new(py, all.iter().map(|one| one.price))?),
            ],
        )
    }

    /// The match as JSON text: rule, digest of the roster, cost, pairs, certificate, alternative.
    #[getter]
    fn record(&self) -> String {
        serde_json::to_string_pretty(&self.0.found).map(|text| text + "\n").unwrap_or_default()
    }

    /// The roster as JSON text, as `fixtures/verify_match.py` reads it.
    #[getter]
    fn roster(&self) -> String {
        serde_json::to_string_pretty(&self.0.spec).map(|text| text + "\n").unwrap_or_default()
    }

    fn __len__(&self) -> usize {
        self.0.found.pairs.len()
    }

    fn __repr__(&self) -> String {
        let Matched { spec, found, .. } = self.0.as_ref();
        let unique = if found.is_unique() { "unique" } else { "not unique" };
        format!("Match(visits={}, inspectors={}, cost={}, {unique})", spec.visits.len(), spec.inspectors.len(), found.cost)
    }

    fn _repr_html_(&self) -> String {
        let all = self.0.found.workload(&self.0.roster);
        let rows = all.into_iter().map(|one| {
            let counts = [u64::from(one.capacity), one.visits as u64, one.qualified as u64];
            [one.inspector].into_iter().chain(counts.map(|count| count.to_string())).collect()
        });
        let caption = format!("{} visits, cost {}", self.0.spec.visits.len(), self.0.found.cost);
        html::table(&caption, &["inspector", "capacity", "visits", "qualified for"], rows)
    }
}

#[pymethods]
impl Certificate {
    /// A dict visit → (direct, others): the potentials of its two nodes, for qualified inspectors and for the others.
    #[getter]
    fn visits<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyDict>> {
        let dict = PyDict::new(py);
        let all = &self.0.found.certificate.visits;
        all.iter().try_for_each(|one| dict.set_item(&one.visit, (one.direct, one.others)))?;
        Ok(dict)
    }

    /// A dict inspector → price: what one more place would save, 0 where places are left.
    #[getter]
    fn inspectors<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyDict>> {
        let dict = PyDict::new(py);
        self.0.found.certificate.inspectors.iter().try_for_each(|one| dict.set_item(&one.inspector, one.price))?;
        Ok(dict)
    }

    /// Whether it holds: every arc looked at, with all costs hashed again.
    fn verify(&self, py: Python<'_>) -> bool {
        py.detach(|| matching::verify(&self.0.roster, &self.0.seed.0, &self.0.found).is_ok())
    }

    fn __repr__(&self) -> String {
        let certificate = &self.0.found.certificate;
        format!("Certificate(visits={}, inspectors={})", certificate.visits.len(), certificate.inspectors.len())
    }
}
