//! `firmgrade.ahp.repair`: the fewest changes that make judgments consistent enough.

use super::input::{self, choice};
use super::output::{self, pair, records};
use super::weights::Weights;
use crate::html;
use firmgrade::ahp::{Judgments, RandomIndex};
use numpy::PyArray2;
use pyo3::prelude::*;
use pyo3::types::{PyList, PyTuple};

/// A proposal to change the fewest judgments. Made by :func:`firmgrade.ahp.repair`; nothing is changed before :meth:`accept`.
#[pyclass(frozen, module = "firmgrade.ahp")]
pub struct Repair {
    judgments: Judgments,
    random_index: RandomIndex,
    repair: firmgrade::ahp::Repair,
}

#[pymethods]
impl Repair {
    /// The things, in the order of the rows.
    #[getter]
    fn names(&self) -> Vec<&str> {
        self.judgments.names().iter().map(String::as_str).collect()
    }

    /// What to change, the most important first: dicts with pair (names), row and column (from 0, in the direction in which the judgment is
    /// at least 1), from, to (a value of the 1–9 scale), steps (of the scale between them) and cr (after this change and those before it).
    /// None where nothing needs to be changed.
    #[getter]
    fn changes<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyList>> {
        records(py, &self.repair.changes, |record, change| {
            record.set_item("pair", pair(self.judgments.names(), change.row, change.column))?;
            record.set_item("row", change.row)?;
            record.set_item("column", change.column)?;
            record.set_item("from", change.from)?;
            record.set_item("to", change.to)?;
            record.set_item("steps", change.steps)?;
            record.set_item("cr", change.cr)
        })
    }

    /// CR as it is.
    #[getter]
    fn cr_before(&self) -> f64 {
        self.repair.cr_before
    }

    /// CR after all changes.
    #[getter]
    fn cr_after(&self) -> f64 {
        self.repair.cr_after
    }

    /// The limit that was asked for.
    #[getter]
    fn limit(&self) -> f64 {
        self.repair.limit
    }

    /// Whether the changes reach the limit.
    #[getter]
    fn possible(&self) -> bool {
        self.repair.reached
    }

    /// Whether fewer changes were shown to be impossible by trying all of them; else their number is that of a greedy search.
    #[getter]
    fn fewest(&self) -> bool {
        self.repair.fewest
    }

    /// The table of the random index.
    #[getter]
    fn random_index(&self) -> &'static str {
        self.random_index.as_str()
    }

    /// The judgments as they would be: float64, shape (n, n), read-only.
    #[getter]
    fn matrix<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyArray2<f64>>> {
        output::square(py, self.judgments.repaired(&self.repair).matrix())
    }

    /// The judgments as they are: float64, shape (n, n), read-only.
    #[getter]
    fn original<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyArray2<f64>>> {
        output::square(py, self.judgments.matrix())
    }

    /// The weights of the changed judgments: whoever calls this has accepted the changes.
    #[pyo3(signature = (method=None))]
    fn accept(&self, py: Python<'_>, method: Option<&str>) -> PyResult<Weights> {
        Ok(Weights::new(py, self.judgments.repaired(&self.repair), choice(py, method)?, self.random_index))
    }

    fn __repr__(&self) -> String {
        let changes: Vec<String> = self.lines().into_iter().map(|[pair, from, to, _, _]| format!("{pair}: {from} → {to}")).collect();
        let verdict = if self.repair.reached { "" } else { ", limit not reached" };
        let (before, after) = (self.repair.cr_before, self.repair.cr_after);
        format!("Repair([{}], cr={before:.4} → {after:.4}, limit={}{verdict})", changes.join(", "), self.repair.limit)
    }

    fn _repr_html_(&self) -> String {
        let end = if self.repair.reached { "" } else { "; the limit is not reached" };
        let (before, after) = (self.repair.cr_before, self.repair.cr_after);
        let caption = format!("proposal: CR {before:.4} → {after:.4}, limit {} ({}){end}", self.repair.limit, self.random_index);
        html::table(&caption, &["judgment", "from", "to", "steps", "CR then"], self.lines().into_iter().map(Vec::from))
    }

    fn __eq__(&self, other: &Self) -> bool {
        self.repair == other.repair && self.judgments == other.judgments && self.random_index == other.random_index
    }

    fn __reduce__<'py>(&self, py: Python<'py>) -> PyResult<(Bound<'py, PyAny>, Bound<'py, PyTuple>)> {
        let make = py.import("firmgrade.ahp")?.getattr("repair")?;
        let judged = Weights::new(py, self.judgments.clone(), choice(py, None)?, self.random_index);
        Ok((make, (judged, py.None(), self.repair.limit, self.random_index()).into_pyobject(py)?))
    }
}

impl Repair {
    /// Judgment, from, to, steps, CR then.
    fn lines(&self) -> Vec<[String; 5]> {
        let line = |change: &firmgrade::ahp::Change| {
            let (row, column) = pair(self.judgments.names(), change.row, change.column);
            let [from, to] = [change.from, change.to].map(html::ratio);
            [format!("{row} : {column}"), from, to, format!("{:.3}", change.steps), format!("{:.4}", change.cr)]
        };
        self.repair.changes.iter().map(line).collect()
    }
}

/// The fewest judgments, and of those the smallest steps on the 1–9 scale, with which CR ≤ `limit`: a proposal, shown and not applied.
///
/// `matrix`, `names` and `random_index` as for :func:`weights`. CR is by eigenvector. One change and, up to n = 9, two are tried in
/// every combination; beyond that the search is greedy, and `fewest` says so.
///
/// Raises as :func:`weights`; ValueError for a limit below 0.
///
/// >>> r = fg.ahp.repair([[1, 2, 9], ["1/2", 1, "1/3"], ["1/9", 3, 1]])
/// >>> r.cr_before > 0.1, r.cr_after <= 0.1, r.possible, [change["pair"] for change in r.changes]
/// (True, True, True, [('3', '2')])
#[pyfunction]
#[pyo3(signature = (matrix, names=None, limit=0.1, random_index=None))]
pub fn repair(matrix: &Bound<'_, PyAny>, names: Option<&Bound<'_, PyAny>>, limit: f64, random_index: Option<&str>) -> PyResult<Repair> {
    let py = matrix.py();
    super::consistency::check_limit(limit)?;
    let own = matrix.cast::<Weights>().ok().map(|own| own.get().weights.random_index().as_str());
    let random_index = choice(py, random_index.or(own))?;
    let judgments = input::judgments(matrix, names)?;
    let repair = py.detach(|| judgments.repair(random_index, limit));
    Ok(Repair { judgments, random_index, repair })
}
