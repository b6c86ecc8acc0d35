//! `firmgrade.ahp.batch`: many matrices at once.

use super::input::{self, choice};
use super::output::array;
use crate::{errors, html};
use firmgrade::ahp::{Method, RandomIndex, RandomIndexSource};
use numpy::ndarray::{Array1, Array2};
use numpy::{Ix3, PyArray1, PyArray2, PyReadonlyArray1, PyReadonlyArray2};
use pyo3::prelude::*;
use pyo3::types::PyTuple;

/// The weights of m matrices of n things, and their consistency. Made by :func:`firmgrade.ahp.batch`.
#[pyclass(frozen, module = "firmgrade.ahp")]
pub struct Batch {
    batch: firmgrade::ahp::Batch,
    method: Method,
    random_index: RandomIndex,
}

#[pymethods]
impl Batch {
    /// Weights: float64, shape (m, n), read-only; each row sums to 1.
    #[getter]
    fn weights<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyArray2<f64>>> {
        array(py, &self.batch.weights.view())
    }

    /// λmax of each matrix: float64, shape (m,), read-only.
    #[getter]
    fn lambda_max<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyArray1<f64>>> {
        array(py, &self.batch.lambda_max.view())
    }

    /// Consistency index of each: float64, shape (m,), read-only.
    #[getter]
    fn ci<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyArray1<f64>>> {
        array(py, &self.batch.ci.view())
    }

    /// Consistency ratio of each: float64, shape (m,), read-only; 0 for n ≤ 2.
    #[getter]
    fn cr<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyArray1<f64>>> {
        array(py, &self.batch.cr.view())
    }

    /// The random index by which every CI was divided, 0 for n ≤ 2.
    #[getter]
    fn ri(&self) -> f64 {
        self.batch.ri
    }

    /// How the weights follow from the judgments.
    #[getter]
    fn method(&self) -> &'static str {
        self.method.as_str()
    }

    /// The table of the random index that was asked for.
    #[getter]
    fn random_index(&self) -> &'static str {
        self.random_index.as_str()
    }

    /// Where the random index really came from, as :attr:`Weights.random_index_used`.
    #[getter]
    fn random_index_used(&self) -> &'static str {
        match self.batch.random_index_source {
            RandomIndexSource::Table => self.random_index.as_str(),
            other => other.as_str(),
        }
    }

    /// The number of matrices.
    fn __len__(&self) -> usize {
        self.batch.weights.nrows()
    }

    fn __repr__(&self) -> String {
        let (m, n) = self.batch.weights.dim();
        let within = self.batch.cr.iter().filter(|cr| **cr <= super::output::LIMIT).count();
        format!(
            "Batch({m} matrices of {n} things, {within} with cr ≤ 0.1, method='{}', random_index='{}')",
            self.method(),
            self.random_index_used()
        )
    }

    fn _repr_html_(&self) -> String {
        let (m, n) = self.batch.weights.dim();
        let shown = 10;
        let more = if m > shown { format!(", the first {shown} shown") } else { String::new() };
        let caption = format!("{m} matrices of {n} things{more}: {}, RI {} ({})", self.method(), self.batch.ri, self.random_index_used());
        let columns: Vec<String> = (1..=n.min(shown)).map(|at| format!("w{at}")).collect();
        let header: Vec<&str> = ["matrix", "CR"].into_iter().chain(columns.iter().map(String::as_str)).collect();
        let rows = self.batch.weights.rows().into_iter().zip(&self.batch.cr).enumerate().take(shown).map(|(at, (weights, cr))| {
            let own = weights.iter().take(shown).map(|w| format!("{w:.4}")).collect::<Vec<_>>();
            [at.to_string(), format!("{cr:.4}")].into_iter().chain(own).collect()
        });
        html::table(&caption, &header, rows)
    }

    fn __eq__(&self, other: &Self) -> bool {
        self.batch == other.batch && self.method == other.method && self.random_index == other.random_index
    }

    fn __reduce__<'py>(&self, py: Python<'py>) -> PyResult<(Bound<'py, PyAny>, Bound<'py, PyTuple>)> {
        let make = py.get_type::<Self>().getattr("_restore")?;
        let numbers = (self.weights(py)?, self.lambda_max(py)?, self.ci(py)?, self.cr(py)?);
        Ok((make, (numbers, self.batch.ri, self.method(), self.random_index()).into_pyobject(py)?))
    }

    /// What a pickle calls: (weights, λmax, CI, CR), RI, method, random index.
    #[staticmethod]
    fn _restore(
        py: Python<'_>,
        numbers: (PyReadonlyArray2<'_, f64>, PyReadonlyArray1<'_, f64>, PyReadonlyArray1<'_, f64>, PyReadonlyArray1<'_, f64>),
        ri: f64,
        method: &str,
        random_index: &str,
    ) -> PyResult<Self> {
        let random_index: RandomIndex = choice(py, Some(random_index))?;
        let own = |array: &PyReadonlyArray1<'_, f64>| -> Array1<f64> { array.as_array().to_owned() };
        let weights: Array2<f64> = numbers.0.as_array().to_owned();
        let random_index_source = random_index.source(weights.ncols());
        let (lambda_max, ci, cr) = (own(&numbers.1), own(&numbers.2), own(&numbers.3));
        let batch = firmgrade::ahp::Batch { weights, lambda_max, ci, cr, ri, random_index_source };
        Ok(Self { batch, method: choice(py, Some(method))?, random_index })
    }
}

/// Weights and consistency of many matrices at once, the same bits as by :func:`weights` one by one.
///
/// `stack` is an array of float64 of shape (m, n, n), read where it lies; anything else is made one first. It must not be written to
/// meanwhile: the interpreter is released. Roundings are replaced as by :func:`weights`, without a warning. `method` and `random_index` as there.
///
/// Raises JudgmentError with every fault of every matrix, a hundred at most.
///
/// >>> import numpy as np
/// >>> b = fg.ahp.batch(np.array([[[1, 4], [0.25, 1]], [[1, 1], [1, 1]]]))
/// >>> b.weights.tolist(), b.cr.tolist()
/// ([[0.8, 0.2], [0.5, 0.5]], [0.0, 0.0])
#[pyfunction]
#[pyo3(signature = (stack, method=None, random_index=None))]
pub fn batch(py: Python<'_>, stack: &Bound<'_, PyAny>, method: Option<&str>, random_index: Option<&str>) -> PyResult<Batch> {
    let (method, random_index) = (choice(py, method)?, choice(py, random_index)?);
    let stack = input::numbers::<Ix3>(stack)?;
    let view = stack.as_array();
    let batch = py.detach(|| firmgrade::ahp::batch(view, method, random_index));
    Ok(Batch { batch: batch.map_err(|faults| errors::judgments(py, faults))?, method, random_index })
}
