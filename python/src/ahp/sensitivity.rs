//! `firmgrade.ahp.derivatives`, `swaps` and `one_at_a_time`: what happens when a judgment or a weight moves.

use super::input::{self, choice, numbers, text};
use super::output::{array, pair, records};
use super::weights::Weights;
use crate::{errors, html};
use firmgrade::ahp::Judgments;
use numpy::{Ix1, PyArray2};
use pyo3::prelude::*;
use pyo3::types::{PyDict, PyList, PyString, PyTuple};

/// The derivative of every eigenvector weight for every judgment. Made by :func:`firmgrade.ahp.derivatives`.
#[pyclass(frozen, module = "firmgrade.ahp")]
pub struct Derivatives {
    judgments: Judgments,
    derivatives: firmgrade::ahp::Derivatives,
}

#[pymethods]
impl Derivatives {
    /// The things, in the order of the rows.
    #[getter]
    fn names(&self) -> Vec<&str> {
        self.judgments.names().iter().map(String::as_str).collect()
    }

    /// The judgments above the diagonal, row by row: the columns of both arrays.
    #[getter]
    fn pairs(&self) -> Vec<(&str, &str)> {
        self.derivatives.pairs.iter().map(|&(row, column)| pair(self.judgments.names(), row, column)).collect()
    }

    /// ∂w_k / ∂ ln a_ij: float64, shape (n, pairs), read-only; each column sums to 0. A judgment 1 % larger moves w_k by a hundredth of it.
    #[getter]
    fn by_log<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyArray2<f64>>> {
        array(py, &self.derivatives.by_log.view())
    }

    /// ∂w_k / ∂a_ij: float64, shape (n, pairs), read-only.
    #[getter]
    fn by_judgment<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyArray2<f64>>> {
        let mut values = self.derivatives.by_log.clone();
        for (mut column, &(row, to)) in values.columns_mut().into_iter().zip(&self.derivatives.pairs) {
            let judgment = self.judgments.get(row, to).unwrap_or(1.0);
            column.mapv_inplace(|value| value / judgment);
        }
        array(py, &values.view())
    }

    fn __repr__(&self) -> String {
        format!("Derivatives({} weights, {} judgments)", self.judgments.n(), self.derivatives.pairs.len())
    }

    fn _repr_html_(&self) -> String {
        let names = self.judgments.names();
        let rows = self.derivatives.pairs.iter().zip(self.derivatives.by_log.columns()).map(|(&(row, column), values)| {
            let (first, second) = pair(names, row, column);
            let own = values.iter().map(|value| format!("{value:+.4}"));
            std::iter::once(format!("{first} : {second}")).chain(own).collect()
        });
        let header: Vec<&str> = std::iter::once("judgment").chain(names.iter().map(String::as_str)).collect();
        html::table("change of each weight for each judgment, ∂w/∂ ln a", &header, rows)
    }

    fn __eq__(&self, other: &Self) -> bool {
        self.judgments == other.judgments
    }

    fn __reduce__<'py>(&self, py: Python<'py>) -> PyResult<(Bound<'py, PyAny>, Bound<'py, PyTuple>)> {
        let make = py.import("firmgrade.ahp")?.getattr("derivatives")?;
        let judged = Weights::new(py, self.judgments.clone(), choice(py, None)?, choice(py, None)?);
        Ok((make, (judged,).into_pyobject(py)?))
    }
}

/// The derivative of every eigenvector weight for every judgment, exactly.
///
/// `matrix` and `names` as for :func:`weights`. Source: Meyer & Stewart, SIAM J. Numer. Anal. 25, 1988, 679–691.
///
/// >>> d = fg.ahp.derivatives([[1, 1], [1, 1]])
/// >>> d.pairs, d.by_log.tolist()
/// ([('1', '2')], [[0.25], [-0.25]])
#[pyfunction]
#[pyo3(signature = (matrix, names=None))]
pub fn derivatives(matrix: &Bound<'_, PyAny>, names: Option<&Bound<'_, PyAny>>) -> PyResult<Derivatives> {
    let judgments = input::judgments(matrix, names)?;
    let derivatives = matrix.py().detach(|| judgments.derivatives());
    Ok(Derivatives { judgments, derivatives })
}

/// For each judgment the smallest change within 1/9 … 9 that exchanges two things in the order of weights; the smallest first.
///
/// Dicts with pair, row, column (from 0, above the diagonal), value, to, factor (to/value or its inverse, above 1) and things (the one that
/// is heavier now, the one that overtakes it). A judgment that exchanges nothing is not listed. `matrix`, `names` and `method` as for
/// :func:`weights`.
///
/// >>> [(s["things"], round(s["to"], 9)) for s in fg.ahp.swaps([[1, 2], ["1/2", 1]], names=["tax", "fines"])]
/// [(('tax', 'fines'), 1.0)]
#[pyfunction]
#[pyo3(signature = (matrix, names=None, method=None))]
pub fn swaps<'py>(matrix: &Bound<'py, PyAny>, names: Option<&Bound<'py, PyAny>>, method: Option<&str>) -> PyResult<Bound<'py, PyList>> {
    let py = matrix.py();
    let method = choice(py, method)?;
    let judgments = input::judgments(matrix, names)?;
    let swaps = py.detach(|| judgments.swaps(method));
    records(py, &swaps, |record, swap| {
        let [heavier, lighter] = swap.things;
        record.set_item("pair", pair(judgments.names(), swap.row, swap.column))?;
        record.set_item("row", swap.row)?;
        record.set_item("column", swap.column)?;
        record.set_item("value", swap.entry)?;
        record.set_item("to", swap.to)?;
        record.set_item("factor", swap.distance.exp())?;
        record.set_item("things", pair(judgments.names(), heavier, lighter))
    })
}

/// The weights when one of them takes given values and the others share the rest as they do now: float64, shape (points, n), read-only.
///
/// `weights` are numbers, a dict of name → weight, or a result of this module; `criterion` is a name or a position; `points` lie from 0 to 1.
///
/// Raises JudgmentError with every fault, KeyError for a criterion that is not there.
///
/// >>> fg.ahp.one_at_a_time([0.5, 0.3, 0.2], 0, [0.0, 1.0]).tolist()
/// [[0.0, 0.6, 0.4], [1.0, 0.0, 0.0]]
#[pyfunction]
pub fn one_at_a_time<'py>(
    weights: &Bound<'py, PyAny>,
    criterion: &Bound<'py, PyAny>,
    points: &Bound<'py, PyAny>,
) -> PyResult<Bound<'py, PyArray2<f64>>> {
    let py = weights.py();
    let (names, values) = match weights.cast::<PyDict>() {
        Ok(named) => {
            let names: Vec<String> = named.keys().iter().map(|key| text(&key)).collect::<PyResult<_>>()?;
            (names, numbers::<Ix1>(named.values().as_any())?.as_array().to_vec())
        }
        Err(_) => {
            let names = if weights.hasattr("names")? { input::names(Some(&weights.getattr("names")?))? } else { None };
            (names.unwrap_or_default(), numbers::<Ix1>(weights)?.as_array().to_vec())
        }
    };
    let at = match criterion.cast::<PyString>() {
        Ok(name) => {
            let at = names.iter().position(|known| name == known.as_str());
            at.ok_or_else(|| pyo3::exceptions::PyKeyError::new_err(name.to_string()))?
        }
        Err(_) => criterion.extract()?,
    };
    let points = numbers::<Ix1>(points)?.as_array().to_vec();
    let curves = firmgrade::ahp::one_at_a_time(&values, at, &points).map_err(|faults| errors::judgments(py, faults))?;
    array(py, &curves.view())
}
