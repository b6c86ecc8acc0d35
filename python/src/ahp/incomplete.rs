//! `firmgrade.ahp.incomplete`: weights from judgments of which some are missing.

use super::input::{self, Given, choice};
use super::output::{self, LIMIT, pair};
use crate::{errors, html};
use firmgrade::ahp::{Completion, Incomplete, Judgments};
use numpy::{PyArray1, PyArray2};
use pyo3::prelude::*;
use pyo3::types::{PyDict, PyList, PyTuple};

/// Weights from judgments with gaps, and what would fit into them. Made by :func:`firmgrade.ahp.incomplete`.
#[pyclass(frozen, module = "firmgrade.ahp")]
pub struct Completed {
    incomplete: Incomplete,
    completed: firmgrade::ahp::Completed,
}

#[pymethods]
impl Completed {
    /// The things weighed, in the order of the rows.
    #[getter]
    fn names(&self) -> Vec<&str> {
        self.completed.names.iter().map(String::as_str).collect()
    }

    /// One weight for each name: float64, shape (n,), read-only, sum 1.
    #[getter]
    fn values<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyArray1<f64>>> {
        output::vector(py, &self.completed.values)
    }

    /// The rank of each, 1 for the heaviest; equal weights share a rank.
    #[getter]
    fn ranks(&self) -> Vec<usize> {
        output::ranks(&self.completed.values)
    }

    /// The completed matrix: float64, shape (n, n), read-only.
    #[getter]
    fn matrix<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyArray2<f64>>> {
        output::square(py, &self.completed.matrix)
    }

    /// The pairs that nobody judged, in the order of the rows.
    #[getter]
    fn missing<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyList>> {
        let names = &self.completed.names;
        PyList::new(py, self.completed.filled.iter().map(|gap| pair(names, gap.row, gap.column)))
    }

    /// What each missing judgment would be: (first, second) → value.
    ///
    /// >>> gaps = fg.ahp.incomplete([[1, 2, None], ["1/2", 1, 4], [None, "1/4", 1]])
    /// >>> {pair: round(value, 12) for pair, value in gaps.filled.items()}
    /// {('1', '3'): 8.0}
    #[getter]
    fn filled<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyDict>> {
        let filled = PyDict::new(py);
        for gap in &self.completed.filled {
            filled.set_item(pair(&self.completed.names, gap.row, gap.column), gap.value)?;
        }
        Ok(filled)
    }

    /// The mean of (Cw)_i / w_i of the completed matrix C; its principal eigenvalue but for least squares.
    #[getter]
    fn lambda_max(&self) -> f64 {
        self.completed.lambda_max
    }

    /// Consistency index (λmax − n)/(n − 1).
    #[getter]
    fn ci(&self) -> f64 {
        self.completed.ci
    }

    /// RI(n, m) = (1 − 2m/((n − 1)(n − 2)))·RI(n) for m missing pairs.
    ///
    /// Source: Ágoston & Csató, Omega 108, 2022, 102576, eq. 3.
    #[getter]
    fn ri(&self) -> f64 {
        self.completed.ri
    }

    /// Consistency ratio CI / RI(n, m); 0 where nothing can contradict.
    #[getter]
    fn cr(&self) -> f64 {
        self.completed.cr
    }

    /// Whether CR ≤ 0.10.
    #[getter]
    fn consistent(&self) -> bool {
        self.completed.cr <= LIMIT
    }

    /// How the gaps were treated: "least_squares", "least_lambda" or "harker".
    #[getter]
    fn method(&self) -> &'static str {
        self.completed.completion.as_str()
    }

    /// The table of the random index that was asked for.
    #[getter]
    fn random_index(&self) -> &'static str {
        self.completed.random_index.as_str()
    }

    /// Name → weight, in the order of the rows.
    fn to_dict<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyDict>> {
        output::dict(py, &self.completed.names, &self.completed.values)
    }

    /// polars.DataFrame with name, weight and rank.
    fn to_frame<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyAny>> {
        output::frame(py, &self.completed.names, &self.completed.values)
    }

    #[pyo3(signature = (dtype=None, copy=None))]
    fn __array__<'py>(&self, py: Python<'py>, dtype: Option<&Bound<'py, PyAny>>, copy: Option<bool>) -> PyResult<Bound<'py, PyAny>> {
        // Always a copy of its own, so it may be asked for or not.
        let _ = copy;
        output::for_numpy(py, &self.completed.values, dtype)
    }

    fn __len__(&self) -> usize {
        self.completed.names.len()
    }

    fn __getitem__(&self, key: &Bound<'_, PyAny>) -> PyResult<f64> {
        output::item(&self.completed.names, &self.completed.values, key)
    }

    fn __repr__(&self) -> String {
        let values = output::listed(&self.completed.names, &self.completed.values);
        let (cr, method, gaps) = (self.completed.cr, self.method(), self.completed.filled.len());
        format!("Completed({values}, cr={cr:.4}, missing={gaps}, method='{method}', random_index='{}')", self.random_index())
    }

    fn _repr_html_(&self) -> String {
        let done = &self.completed;
        let caption = format!(
            "{}, {} judgments missing (in brackets what would fit): λmax {:.4}, CI {:.4}, RI {:.4} ({}), CR {:.4}",
            self.method(),
            done.filled.len(),
            done.lambda_max,
            done.ci,
            done.ri,
            self.random_index(),
            done.cr
        );
        let rows: Vec<Vec<f64>> = done.matrix.chunks(done.names.len().max(1)).map(<[f64]>::to_vec).collect();
        match Judgments::from_matrix(Some(done.names.clone()), &rows) {
            Ok(judgments) => html::judgments(&judgments, &done.values, done.random_index, &caption, &self.incomplete.missing()),
            Err(_) => html::escape(&caption),
        }
    }

    fn __eq__(&self, other: &Self) -> bool {
        self.completed == other.completed && self.incomplete.missing() == other.incomplete.missing()
    }

    fn __reduce__<'py>(&self, py: Python<'py>) -> PyResult<(Bound<'py, PyAny>, Bound<'py, PyTuple>)> {
        let make = py.import("firmgrade.ahp")?.getattr("incomplete")?;
        let n = self.completed.names.len();
        let known: Vec<Vec<Option<f64>>> = (0..n).map(|row| (0..n).map(|column| self.incomplete.get(row, column)).collect()).collect();
        Ok((make, (known, self.names(), self.method(), self.random_index()).into_pyobject(py)?))
    }
}

/// Weights from judgments of which some are missing.
///
/// `matrix` as for :func:`weights`, where None, NaN, pandas.NA, "", "-" and "?" are missing judgments; of a pair it is enough to state one
/// side. Or a dict of pairs, in which pairs may be absent, with the things in `names`. `method` is how the gaps are treated:
/// "least_squares" (the engine's default; also "llsm", "logarithmic_least_squares"), "least_lambda" (the completion with the smallest λmax;
/// also "optimal", "lambda_max") or "harker". `random_index` as for :func:`weights`.
///
/// Raises JudgmentError with every fault; kind "disconnected" names the groups of things that no judgment links.
/// Sources: Bozóki, Fülöp & Rónyai, Math. Comput. Modelling 52, 2010, 318–333; Harker, Math. Modelling 9, 1987, 353–360.
///
/// >>> w = fg.ahp.incomplete({("a", "b"): 2, ("b", "c"): 4}, names=["a", "b", "c"])
/// >>> w.values.round(4).tolist(), w.missing
/// ([0.6154, 0.3077, 0.0769], [('a', 'c')])
#[pyfunction]
#[pyo3(signature = (matrix, names=None, method=None, random_index=None))]
pub fn incomplete(
    matrix: &Bound<'_, PyAny>,
    names: Option<&Bound<'_, PyAny>>,
    method: Option<&str>,
    random_index: Option<&str>,
) -> PyResult<Completed> {
    let py = matrix.py();
    let completion: Completion = choice(py, method)?;
    let random_index = choice(py, random_index)?;
    let incomplete = Given::read(matrix, input::names(names)?, true)?.incomplete().map_err(|faults| errors::judgments(py, faults))?;
    input::warn_of_rounding(py, incomplete.largest_rounding(), "")?;
    let completed = py.detach(|| incomplete.weights(completion, random_index));
    Ok(Completed { incomplete, completed })
}
