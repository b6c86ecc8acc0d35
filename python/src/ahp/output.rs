//! Numbers and names on their way back to Python.

use numpy::ndarray::{ArrayView, Dimension};
use numpy::{PyArray, PyArray1, PyArray2, PyArrayMethods, ToPyArray};
use pyo3::exceptions::{PyIndexError, PyKeyError, PyTypeError};
use pyo3::prelude::*;
use pyo3::types::{PyDict, PyList, PyString};

/// The customary limit of the consistency ratio.
pub const LIMIT: f64 = 0.1;

/// Numbers that cannot be written to, shape (n,).
pub fn vector<'py>(py: Python<'py>, values: &[f64]) -> PyResult<Bound<'py, PyArray1<f64>>> {
    read_only(PyArray1::from_slice(py, values))
}

/// A square matrix that cannot be written to, shape (n, n).
pub fn square<'py>(py: Python<'py>, values: &[f64]) -> PyResult<Bound<'py, PyArray2<f64>>> {
    let n = values.len().isqrt();
    read_only(PyArray1::from_slice(py, values).reshape([n, n])?)
}

/// An array of any shape that cannot be written to.
pub fn array<'py, D: Dimension>(py: Python<'py>, values: &ArrayView<'_, f64, D>) -> PyResult<Bound<'py, PyArray<f64, D>>> {
    read_only(values.to_pyarray(py))
}

fn read_only<'py, D: Dimension>(array: Bound<'py, PyArray<f64, D>>) -> PyResult<Bound<'py, PyArray<f64, D>>> {
    array.call_method1("setflags", (false,))?;
    Ok(array)
}

/// What numpy asks for by `__array__`: a copy of its own.
pub fn for_numpy<'py>(py: Python<'py>, values: &[f64], dtype: Option<&Bound<'py, PyAny>>) -> PyResult<Bound<'py, PyAny>> {
    let array = PyArray1::from_slice(py, values).into_any();
    dtype.map_or_else(|| Ok(array.clone()), |dtype| array.call_method1("astype", (dtype,)))
}

/// The number of a thing, by its name or its position.
pub fn item(names: &[String], values: &[f64], key: &Bound<'_, PyAny>) -> PyResult<f64> {
    if let Ok(name) = key.cast::<PyString>() {
        let at = names.iter().position(|known| name == known.as_str());
        return at.and_then(|at| values.get(at)).copied().ok_or_else(|| PyKeyError::new_err(name.to_string()));
    }
    let at: isize = key.extract().map_err(|_| PyTypeError::new_err("expected a name or a position"))?;
    let at = if at < 0 { at + values.len() as isize } else { at };
    let value = usize::try_from(at).ok().and_then(|at| values.get(at));
    value.copied().ok_or_else(|| PyIndexError::new_err(format!("there are {} things", values.len())))
}

/// Name → number, in their order.
pub fn dict<'py>(py: Python<'py>, names: &[String], values: &[f64]) -> PyResult<Bound<'py, PyDict>> {
    let pairs = PyDict::new(py);
    names.iter().zip(values).try_for_each(|(name, value)| pairs.set_item(name, value))?;
    Ok(pairs)
}

/// The rank of each weight, 1 for the largest; those within 1e-12 of each other, relatively, share the better rank.
pub fn ranks(values: &[f64]) -> Vec<usize> {
    values.iter().map(|value| 1 + values.iter().filter(|other| **other * (1.0 - 1e-12) > *value).count()).collect()
}

/// `{a: 0.7500, b: 0.2500}`
pub fn listed(names: &[String], values: &[f64]) -> String {
    let pairs: Vec<String> = names.iter().zip(values).map(|(name, value)| format!("{name}: {value:.4}")).collect();
    format!("{{{}}}", pairs.join(", "))
}

/// The names of a pair.
pub fn pair(names: &[String], row: usize, column: usize) -> (&str, &str) {
    let name = |at: usize| names.get(at).map_or("", String::as_str);
    (name(row), name(column))
}

/// A list of dicts, one made for each item.
pub fn records<'py, T>(
    py: Python<'py>,
    items: &[T],
    fill: impl Fn(&Bound<'py, PyDict>, &T) -> PyResult<()>,
) -> PyResult<Bound<'py, PyList>> {
    let list = PyList::empty(py);
    for item in items {
        let record = PyDict::new(py);
        fill(&record, item)?;
        list.append(record)?;
    }
    Ok(list)
}

/// polars.DataFrame of names, weights and ranks.
pub fn frame<'py>(py: Python<'py>, names: &[String], values: &[f64]) -> PyResult<Bound<'py, PyAny>> {
    crate::table::small(
        py,
        &[
            ("name", "String", PyList::new(py, names)?),
            ("weight", "Float64", PyList::new(py, values)?),
            ("rank", "Int64", PyList::new(py, ranks(values))?),
        ],
    )
}
