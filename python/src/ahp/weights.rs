//! `firmgrade.ahp.weights`: weights from judgments.

use super::input::{self, choice};
use super::output;
use crate::html;
use crate::table::tuple;
use firmgrade::ahp::{Judgments, Method, RandomIndex};
use numpy::{PyArray1, PyArray2};
use pyo3::prelude::*;
use pyo3::types::{PyDict, PyTuple};

/// Weights of n things and the consistency of the judgments they come from. Made by :func:`firmgrade.ahp.weights`.
///
/// ::
///
///     λmax = mean_i (Aw)_i / w_i     CI = (λmax − n) / (n − 1)     CR = CI / RI(n), 0 for n ≤ 2
///
/// An array of them by ``numpy.asarray``, one by its name or position, a dict by :meth:`to_dict`.
/// Source: Saaty, The Analytic Hierarchy Process, 1980.
///
/// >>> w = fg.ahp.weights([[1, 3], ["1/3", 1]], names=["fines", "tax"])
/// >>> w["fines"], w[1], len(w), w.to_dict()
/// (0.75, 0.25, 2, {'fines': 0.75, 'tax': 0.25})
#[pyclass(frozen, module = "firmgrade.ahp")]
pub struct Weights {
    pub judgments: Judgments,
    pub weights: firmgrade::ahp::Weights,
}

impl Weights {
    /// Weighs judgments, without the interpreter.
    pub fn new(py: Python<'_>, judgments: Judgments, method: Method, random_index: RandomIndex) -> Self {
        let weights = py.detach(|| judgments.weights(method, random_index));
        Self { judgments, weights }
    }
}

#[pymethods]
impl Weights {
    /// The things weighed, in the order of the rows.
    #[getter]
    fn names(&self) -> Vec<&str> {
        self.weights.names().iter().map(String::as_str).collect()
    }

    /// One weight for each name: float64, shape (n,), read-only, in [0, 1], sum 1.
    #[getter]
    fn values<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyArray1<f64>>> {
        output::vector(py, self.weights.values())
    }

    /// The rank of each, 1 for the heaviest; equal weights share a rank.
    ///
    /// >>> fg.ahp.weights([[1, 1, 4], [1, 1, 4], ["1/4", "1/4", 1]]).ranks
    /// [1, 1, 3]
    #[getter]
    fn ranks(&self) -> Vec<usize> {
        output::ranks(self.weights.values())
    }

    /// The reciprocal matrix that was used: float64, shape (n, n), read-only.
    #[getter]
    fn matrix<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyArray2<f64>>> {
        output::square(py, self.judgments.matrix())
    }

    /// The mean of (Aw)_i / w_i, at least n; for the eigenvector the principal eigenvalue.
    #[getter]
    fn lambda_max(&self) -> f64 {
        self.weights.lambda_max()
    }

    /// Consistency index, 0 for judgments without contradiction.
    #[getter]
    fn ci(&self) -> f64 {
        self.weights.ci()
    }

    /// The random index that was used, 0 for n ≤ 2.
    #[getter]
    fn ri(&self) -> f64 {
        self.weights.ri()
    }

    /// Consistency ratio CI / RI; 0.1 is the customary limit.
    #[getter]
    fn cr(&self) -> f64 {
        self.weights.cr()
    }

    /// Whether CR ≤ 0.10; for another limit and other measures see :func:`consistency`.
    #[getter]
    fn consistent(&self) -> bool {
        self.cr() <= output::LIMIT
    }

    /// How the weights follow from the judgments: "eigenvector", "geometric_mean" or "column_mean".
    #[getter]
    fn method(&self) -> &'static str {
        self.weights.method().as_str()
    }

    /// The table of the random index that was asked for.
    #[getter]
    fn random_index(&self) -> &'static str {
        self.weights.random_index().as_str()
    }

    /// Where the random index really came from: the table's name, "alonso_lamata_regression" past its end, or "not_needed" for n ≤ 2.
    #[getter]
    fn random_index_used(&self) -> &'static str {
        self.weights.random_index_used()
    }

    /// Judgments typed as rounded reciprocals, such as 0.33, each with what was used instead and the size of the difference.
    #[getter]
    fn roundings(&self) -> Vec<String> {
        self.judgments.roundings().iter().map(ToString::to_string).collect()
    }

    /// Name → weight, in the order of the rows.
    fn to_dict<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyDict>> {
        output::dict(py, self.weights.names(), self.weights.values())
    }

    /// polars.DataFrame with name, weight and rank.
    ///
    /// >>> fg.ahp.weights([[1, 3], ["1/3", 1]]).to_frame()["weight"].to_list()
    /// [0.75, 0.25]
    fn to_frame<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyAny>> {
        output::frame(py, self.weights.names(), self.weights.values())
    }

    #[pyo3(signature = (dtype=None, copy=None))]
    fn __array__<'py>(&self, py: Python<'py>, dtype: Option<&Bound<'py, PyAny>>, copy: Option<bool>) -> PyResult<Bound<'py, PyAny>> {
        // Always a copy of its own, so it may be asked for or not.
        let _ = copy;
        output::for_numpy(py, self.weights.values(), dtype)
    }

    fn __len__(&self) -> usize {
        self.judgments.n()
    }

    fn __getitem__(&self, key: &Bound<'_, PyAny>) -> PyResult<f64> {
        output::item(self.weights.names(), self.weights.values(), key)
    }

    fn __repr__(&self) -> String {
        let (method, table) = (self.method(), self.random_index_used());
        let values = output::listed(self.weights.names(), self.weights.values());
        format!("Weights({values}, cr={:.4}, method='{method}', random_index='{table}')", self.cr())
    }

    fn _repr_html_(&self) -> String {
        html::judgments(&self.judgments, self.weights.values(), self.weights.random_index(), &caption(&self.weights), &[])
    }

    fn __eq__(&self, other: &Self) -> bool {
        self.weights == other.weights && self.judgments == other.judgments
    }

    fn __reduce__<'py>(&self, py: Python<'py>) -> PyResult<(Bound<'py, PyAny>, Bound<'py, PyTuple>)> {
        let make = py.get_type::<Self>().getattr("_restore")?;
        let names = tuple(py, self.weights.names())?.to_list();
        Ok((make, (input::typed(&self.judgments), names, self.method(), self.random_index()).into_pyobject(py)?))
    }

    /// What a pickle calls: :func:`weights` without the warning of roundings, which was given when it was made.
    #[staticmethod]
    fn _restore(matrix: &Bound<'_, PyAny>, names: Vec<String>, method: &str, random_index: &str) -> PyResult<Self> {
        let py = matrix.py();
        let judgments = input::Given::read(matrix, Some(names), false)?.judgments();
        let judgments = judgments.map_err(|faults| crate::errors::judgments(py, faults))?;
        Ok(Self::new(py, judgments, choice(py, Some(method))?, choice(py, Some(random_index))?))
    }
}

/// What a table of weights is called.
pub fn caption(weights: &firmgrade::ahp::Weights) -> String {
    format!(
        "{}: λmax {:.4}, CI {:.4}, RI {} ({}), CR {:.4}",
        weights.method(),
        weights.lambda_max(),
        weights.ci(),
        weights.ri(),
        weights.random_index_used(),
        weights.cr()
    )
}

/// Weights from judgments that compare things in pairs.
///
/// `matrix` is a full matrix: lists, a numpy array of shape (n, n), a pandas or polars frame. Entry (i, j) says how many times thing i is as
/// important as thing j, from 1e-300 to 1e300; any number, or a text such as "1/3" or "1:3". Or a dict of pairs, {("a", "b"): 3} or {"a:b": 3},
/// every pair once. Or what another function of this module gave.
/// `names` are the things in the order of the rows; where absent, those of the frame or the pairs, else "1", "2", ….
/// `method` is "eigenvector" (the engine's default), "geometric_mean" (方根法) or "column_mean" (和积法); customary names such as "eigen",
/// "evm", "llsm" or "additive_normalisation" are understood. `random_index` is "saaty_1980" (the engine's default), "saaty_2005", "contest",
/// "alonso_lamata", "donegan_dodd_1991" or "exact".
///
/// A rounded reciprocal such as 0.33 for 1/3 is replaced by the exact one with a UserWarning that says by how much.
/// Judgments with gaps: :func:`incomplete`. An upper triangle: :func:`from_upper`.
///
/// Raises JudgmentError with every fault of the judgments, FirmgradeError for an unknown method or table.
/// Source: Saaty, The Analytic Hierarchy Process, 1980.
///
/// >>> w = fg.ahp.weights([[1, 2], ["1/2", 1]], names=["tax", "fines"])
/// >>> w.values.round(4).tolist(), w.cr
/// ([0.6667, 0.3333], 0.0)
/// >>> fg.ahp.weights({("a", "b"): 3, ("a", "c"): 5, ("b", "c"): "5/3"}).names
/// ['a', 'b', 'c']
#[pyfunction]
#[pyo3(signature = (matrix, names=None, method=None, random_index=None))]
pub fn weights(
    matrix: &Bound<'_, PyAny>,
    names: Option<&Bound<'_, PyAny>>,
    method: Option<&str>,
    random_index: Option<&str>,
) -> PyResult<Weights> {
    let py = matrix.py();
    let (method, random_index) = (choice(py, method)?, choice(py, random_index)?);
    Ok(Weights::new(py, input::judgments(matrix, names)?, method, random_index))
}
