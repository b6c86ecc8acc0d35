//! The generated district.

use crate::errors;
use crate::table::to_python;
use firmgrade_frame::district::{DEFAULT_FIRMS, DEFAULT_SEED};
use firmgrade_frame::{district_frames, district_record_frames};
use pyo3::prelude::*;
use pyo3::types::PyDict;

/// The generated district: a firm table and, in the same order, the outcomes of later inspections.
///
/// `firms` and `seed` make the same district everywhere (None: 60,000 firms, seed 2023).
///
/// >>> firms, outcomes = fg.district(firms=10)
/// >>> firms.height, outcomes.height
/// (10, 10)
#[pyfunction]
#[pyo3(signature = (firms=None, seed=None))]
pub fn district(py: Python<'_>, firms: Option<usize>, seed: Option<u64>) -> PyResult<(Bound<'_, PyAny>, Bound<'_, PyAny>)> {
    let frames = py.detach(|| district_frames(firms.unwrap_or(DEFAULT_FIRMS), seed.unwrap_or(DEFAULT_SEED)));
    let (firms, outcomes) = frames.map_err(|error| errors::plain(py, &error))?;
    Ok((to_python(py, firms)?, to_python(py, outcomes)?))
}

/// The generated district as offices hold it: the register of firms, their records by table, and the outcomes of later inspections.
///
/// The tables are those of `fixtures/scorecards/district-records.toml`, about 17 records for each firm from 2019 to 2024, sorted by day and
/// then by the firm's place in the register. Grade as of 2023-12-31: the outcomes (uscc, date, source, outcome, result; one row for each
/// inspection) are the inspections of the year after. The firms are those of `district` with the same seed.
///
/// `firms` and `seed` make the same district everywhere (None: 60,000 firms, seed 2023).
///
/// >>> firms, records, outcomes = fg.district_records(firms=10)
/// >>> firms.height, sorted(records)[:3], outcomes.columns
/// (10, ['abnormal', 'annual_reports', 'changes'], ['uscc', 'date', 'source', 'outcome', 'result'])
#[pyfunction]
#[pyo3(signature = (firms=None, seed=None))]
pub fn district_records<'py>(
    py: Python<'py>,
    firms: Option<usize>,
    seed: Option<u64>,
) -> PyResult<(Bound<'py, PyAny>, Bound<'py, PyDict>, Bound<'py, PyAny>)> {
    let frames = py.detach(|| district_record_frames(firms.unwrap_or(DEFAULT_FIRMS), seed.unwrap_or(DEFAULT_SEED)));
    let frames = frames.map_err(|error| errors::plain(py, &error))?;
    let records = PyDict::new(py);
    for (name, frame) in frames.records {
        records.set_item(name, to_python(py, frame)?)?;
    }
    Ok((to_python(py, frames.firms)?, records, to_python(py, frames.outcomes)?))
}
