//! The steps of a draw one by one: seed, ticket, Pareto key, digits.

use super::input::{borrowed, hash, rate, sources, suite};
use crate::errors;
use firmgrade::sample;
use pyo3::exceptions::PyValueError;
use pyo3::prelude::*;
use pyo3::types::{PyBytes, PyDict, PyFloat};

/// The seed of a draw, 32 bytes.
///
/// ::
///
///     H("firmgrade/seed/v1" || lp(plan_id) || root || for sources sorted by name: lp(name) lp(value))
///     lp(x) = length as u32 big-endian, then x
///
/// `root` is 32 bytes or 64 hexadecimal digits, `sources` a dict of names and bytes in any order, `suite` "sha256" or "sm3".
/// Raises SamplingError for an empty plan id, no sources, or one without a name or value.
///
/// >>> fg.sampling.seed("2026-11/1", bytes(32), {"dice": b"3 1 4"}).hex()[:16]
/// '31835b3f33488626'
#[pyfunction]
#[pyo3(signature = (plan_id, root, sources, suite="sha256"))]
pub fn seed<'py>(
    py: Python<'py>,
    plan_id: &str,
    root: &Bound<'py, PyAny>,
    sources: &Bound<'py, PyDict>,
    suite: &str,
) -> PyResult<Bound<'py, PyBytes>> {
    let (suite, root, sources) = (self::suite(suite)?, hash("root", root)?, self::sources(sources)?);
    let seed = sample::seed(suite, plan_id, &root, &borrowed(&sources)).map_err(|error| errors::engine(py, &error))?;
    Ok(PyBytes::new(py, &seed.0))
}

/// The ticket of a firm, 32 bytes: the smallest of a stratum are drawn.
///
/// ::
///
///     HMAC_H(seed, "firmgrade/ticket/v1" || lp(stage) || lp(id))
///
/// `seed` is 32 bytes or 64 hexadecimal digits; `stage` is "firm" in the main draw.
///
/// >>> fg.sampling.ticket(bytes(32), "firm", "91350100M000100Y43").hex()[:16]
/// '638f7b6ae7844480'
#[pyfunction]
#[pyo3(signature = (seed, stage, id, suite="sha256"))]
pub fn ticket<'py>(py: Python<'py>, seed: &Bound<'py, PyAny>, stage: &str, id: &str, suite: &str) -> PyResult<Bound<'py, PyBytes>> {
    let ticket = sample::ticket(self::suite(suite)?, &hash("seed", seed)?, stage, id);
    Ok(PyBytes::new(py, &ticket.0))
}

/// The key of Pareto sampling at unequal rates; the smallest of a stratum are drawn.
///
/// ::
///
///     u = ((first u64 of ticket >> 11) + 0.5) / 2^53        q = u (1 − rate) / (rate (1 − u))
///
/// `ticket` is 32 bytes or 64 hexadecimal digits; `rate`, above 0 and below 1, is a float, text such as "1/50", a pair or a Fraction. Only
/// + − × ÷ on 64-bit floats, so the bits are the same everywhere. Source: Rosén 1997, J. Statist. Plann. Inference 62.
///
/// >>> fg.sampling.pareto_key("80" + "00" * 31, "1/2")
/// 1.0
#[pyfunction]
pub fn pareto_key(ticket: &Bound<'_, PyAny>, rate: &Bound<'_, PyAny>) -> PyResult<f64> {
    let ticket = hash("ticket", ticket)?;
    let rate = if rate.is_instance_of::<PyFloat>() { rate.extract()? } else { self::rate(rate)?.to_f64() };
    if !(rate > 0.0 && rate < 1.0) {
        return Err(PyValueError::new_err(format!("rate: found {rate}, expected above 0 and below 1: others are drawn never or always")));
    }
    Ok(sample::pareto_key(&ticket, rate))
}

/// The bytes of dice or lottery digits as they are typed, in one form: runs of digits joined by one space each.
///
/// Leading zeros and the grouping count: "51 2" and "5 12" are different throws. Raises SamplingError for anything but digits and
/// what stands between them.
///
/// >>> fg.sampling.digits("３ 5,1"), fg.sampling.digits("05-12-33+08")
/// (b'3 5 1', b'05 12 33 08')
#[pyfunction]
pub fn digits<'py>(py: Python<'py>, text: &str) -> PyResult<Bound<'py, PyBytes>> {
    let bytes = sample::digits(text).map_err(|error| errors::engine(py, &error))?;
    Ok(PyBytes::new(py, &bytes))
}
