//! `firmgrade.ahp`: weights from judgments.

use crate::{errors, html, table};
use firmgrade::Error;
use firmgrade::ahp::{JudgmentFault, Judgments, parse_ratio};
use numpy::{PyArray1, PyArrayMethods};
use pyo3::exceptions::PyUserWarning;
use pyo3::prelude::*;
use pyo3::types::{PyDict, PyString, PyTuple};
use std::ffi::CString;
use std::fmt::Display;
use std::str::FromStr;

/// Weights of n things and the consistency of the judgments they come from. Made by :func:`firmgrade.ahp.weights`.
///
/// ::
///
///     λmax = mean_i (Aw)_i / w_i     CI = (λmax − n) / (n − 1)     CR = CI / RI(n), 0 for n ≤ 2
///
/// Source: Saaty, The Analytic Hierarchy Process, 1980.
#[pyclass(frozen, module = "firmgrade.ahp")]
pub struct Weights {
    judgments: Judgments,
    weights: firmgrade::ahp::Weights,
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
        read_only(PyArray1::from_slice(py, self.weights.values()))
    }

    /// The reciprocal matrix that was used: float64, shape (n, n), read-only.
    #[getter]
    fn matrix<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyAny>> {
        let n = self.judgments.n();
        let matrix = PyArray1::from_slice(py, self.judgments.matrix()).reshape([n, n])?.into_any();
        matrix.call_method1("setflags", (false,))?;
        Ok(matrix)
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

    fn __repr__(&self) -> String {
        let pairs = self.weights.names().iter().zip(self.weights.values());
        let values: Vec<String> = pairs.map(|(name, value)| format!("{name}: {value:.4}")).collect();
        let (method, table) = (self.method(), self.random_index_used());
        format!("Weights({{{}}}, cr={:.4}, method='{method}', random_index='{table}')", values.join(", "), self.cr())
    }

    fn _repr_html_(&self) -> String {
        let caption = format!(
            "{}: λmax {:.4}, CI {:.4}, RI {} ({}), CR {:.4}",
            self.method(),
            self.lambda_max(),
            self.ci(),
            self.ri(),
            self.random_index_used(),
            self.cr()
        );
        let rows = self.weights.names().iter().zip(self.weights.values()).map(|(name, value)| vec![name.clone(), format!("{value:.6}")]);
        html::table(&caption, &["name", "weight"], rows)
    }

    fn __eq__(&self, other: &Self) -> bool {
        self.weights == other.weights && self.judgments == other.judgments
    }

    fn __reduce__<'py>(&self, py: Python<'py>) -> PyResult<(Bound<'py, PyAny>, Bound<'py, PyTuple>)> {
        let make = py.import("firmgrade.ahp")?.getattr("weights")?;
        let names = table::tuple(py, self.weights.names())?.to_list();
        let matrix = self.matrix(py)?.call_method0("tolist")?;
        Ok((make, (matrix, names, self.method(), self.random_index()).into_pyobject(py)?))
    }
}

/// Weights from judgments that compare things in pairs.
///
/// `matrix` is a full matrix (lists or a numpy array, shape (n, n)), entry (i, j) saying how many times thing i is as important as
/// thing j, from 1e-300 to 1e300, with fractions also as text such as "1/3"; or a dict of pairs, {("a", "b"): 3}, every pair once.
/// `names` are the things in the order of the rows ("1", "2", … where absent; for a dict, the order in which they first appear).
/// `method` is "eigenvector" (the engine's default), "geometric_mean" (方根法) or "column_mean" (和积法). `random_index` is
/// "saaty_1980" (the engine's default), "saaty_2005", "contest", "alonso_lamata", "donegan_dodd_1991" or "exact".
///
/// A rounded reciprocal such as 0.33 for 1/3 is replaced by the exact one with a UserWarning that says by how much.
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
    names: Option<Vec<String>>,
    method: Option<&str>,
    random_index: Option<&str>,
) -> PyResult<Weights> {
    let py = matrix.py();
    let method = choice(py, method)?;
    let random_index = choice(py, random_index)?;
    let judgments = match matrix.cast::<PyDict>() {
        Ok(pairs) => from_pairs(names, pairs)?,
        Err(_) => Judgments::from_matrix(names, &rows(matrix)?),
    };
    let judgments = judgments.map_err(|faults| errors::engine(py, &Error::Judgments(faults)))?;
    if let Some(rounding) = judgments.largest_rounding() {
        PyErr::warn(py, &py.get_type::<PyUserWarning>(), &CString::new(rounding.to_string())?, 1)?;
    }
    let weights = py.detach(|| judgments.weights(method, random_index));
    Ok(Weights { judgments, weights })
}

fn choice<T: FromStr<Err: Display> + Default>(py: Python<'_>, name: Option<&str>) -> PyResult<T> {
    name.map_or_else(|| Ok(T::default()), |name| name.parse().map_err(|error| errors::plain(py, &error)))
}

fn read_only<'py>(array: Bound<'py, PyArray1<f64>>) -> PyResult<Bound<'py, PyArray1<f64>>> {
    array.call_method1("setflags", (false,))?;
    Ok(array)
}

fn rows(matrix: &Bound<'_, PyAny>) -> PyResult<Vec<Vec<f64>>> {
    matrix.try_iter()?.map(|row| row?.try_iter()?.map(|entry| ratio(&entry?)).collect()).collect()
}

fn from_pairs(names: Option<Vec<String>>, pairs: &Bound<'_, PyDict>) -> PyResult<Result<Judgments, Vec<JudgmentFault>>> {
    let mut judged: Vec<((String, String), f64)> = Vec::with_capacity(pairs.len());
    for (pair, value) in pairs {
        judged.push((pair.extract()?, ratio(&value)?));
    }
    let mut seen: Vec<String> = Vec::new();
    for name in judged.iter().flat_map(|((first, second), _)| [first, second]) {
        if !seen.contains(name) {
            seen.push(name.clone());
        }
    }
    Ok(Judgments::from_pairs(names.unwrap_or(seen), &judged))
}

/// A number, or a text such as "1/3".
fn ratio(entry: &Bound<'_, PyAny>) -> PyResult<f64> {
    let refuse = |fault| errors::engine(entry.py(), &Error::Judgments(vec![fault]));
    match entry.cast::<PyString>() {
        Ok(text) => parse_ratio(text.to_str()?).map_err(refuse),
        Err(_) => match entry.extract() {
            Ok(value) => Ok(value),
            Err(_) => Err(refuse(JudgmentFault::NoRatio { text: entry.repr()?.to_string() })),
        },
    }
}
