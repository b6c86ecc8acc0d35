//! `firmgrade.sampling.drand` and `nist`: public randomness from files, verified offline.

use crate::errors;
use firmgrade::Error;
use firmgrade::sample::beacon::{self, Beacon};
use pyo3::prelude::*;
use pyo3::types::{PyBytes, PyDict};

/// A round of drand's quicknet from its JSON text, its signature verified offline.
///
/// Gives a dict: source (the name that means this round and no other, to commit to), value (bytes, for :meth:`Committed.draw`), time,
/// verified and unverified (sentences). Raises SamplingError for text that cannot be read, or a signature that is not that of the round.
#[pyfunction]
pub fn drand<'py>(py: Python<'py>, json: &str) -> PyResult<Bound<'py, PyDict>> {
    dict(py, py.detach(|| beacon::drand(json)))
}

/// A pulse of NIST's beacon 2.0 from its JSON text and the PEM text of the certificate that it names, verified offline.
///
/// Gives a dict as :func:`drand` does.
#[pyfunction]
pub fn nist<'py>(py: Python<'py>, json: &str, certificate: &str) -> PyResult<Bound<'py, PyDict>> {
    dict(py, py.detach(|| beacon::nist(json, certificate)))
}

fn dict(py: Python<'_>, found: Result<Beacon, Error>) -> PyResult<Bound<'_, PyDict>> {
    let found = found.map_err(|error| errors::engine(py, &error))?;
    let dict = PyDict::new(py);
    dict.set_item("source", found.source)?;
    dict.set_item("value", PyBytes::new(py, &found.value))?;
    dict.set_item("time", found.time.to_string())?;
    dict.set_item("verified", found.verified)?;
    dict.set_item("unverified", found.unverified)?;
    Ok(dict)
}
