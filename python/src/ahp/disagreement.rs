//! How far the experts of a group agree, as Python sees it.

use super::aggregate::{Group, How};
use super::output::{pair, records, vector};
use crate::errors;
use firmgrade::ahp::{self, Consensus, Judgments, aggregate_judgments};
use pyo3::prelude::*;
use pyo3::types::{PyDict, PyList};

pub fn consensus(py: Python<'_>, group: &Group) -> PyResult<Consensus> {
    ahp::consensus(&group.weights).map_err(|faults| errors::judgments(py, faults))
}

pub fn kendalls_w(py: Python<'_>, group: &Group) -> PyResult<Option<f64>> {
    ahp::kendalls_w(&group.weights).map_err(|faults| errors::judgments(py, faults))
}

pub fn disputes<'py>(py: Python<'py>, group: &Group) -> PyResult<Bound<'py, PyList>> {
    let disputes = ahp::disputes(&group.judgments).map_err(|faults| errors::judgments(py, faults))?;
    records(py, &disputes, |record, dispute| {
        record.set_item("pair", pair(group.things(), dispute.row, dispute.column))?;
        record.set_item("row", dispute.row)?;
        record.set_item("column", dispute.column)?;
        record.set_item("mean", dispute.mean)?;
        record.set_item("low", dispute.low)?;
        record.set_item("high", dispute.high)?;
        record.set_item("spread", dispute.spread)?;
        let [above, equal, below] = dispute.sides;
        record.set_item("sides", (above, equal, below))
    })
}

pub fn leave_one_out<'py>(py: Python<'py>, group: &Group) -> PyResult<Bound<'py, PyList>> {
    let voices = group.voices.as_deref();
    let found = match group.how {
        How::Judgments => ahp::leave_one_out_judgments(&group.judgments, voices, group.method),
        How::Priorities => ahp::leave_one_out(&group.weights, voices, group.mean),
    };
    records(py, &found.map_err(|faults| errors::judgments(py, faults))?, |record, without| {
        record.set_item("expert", group.labels.get(without.expert))?;
        record.set_item("values", vector(py, &without.values)?)?;
        record.set_item("largest_change", without.largest_change)?;
        record.set_item("order_changes", without.order_changes)
    })
}

pub fn camps<'py>(py: Python<'py>, group: &Group) -> PyResult<Option<Bound<'py, PyDict>>> {
    let Some(camps) = ahp::camps(&group.judgments).map_err(|faults| errors::judgments(py, faults))? else { return Ok(None) };
    let named = |members: &Vec<usize>| members.iter().filter_map(|&at| group.labels.get(at)).collect::<Vec<_>>();
    let record = PyDict::new(py);
    record.set_item("members", camps.members.iter().map(named).collect::<Vec<_>>())?;
    record.set_item("silhouette", camps.silhouette)?;
    Ok(Some(record))
}

/// Experts who say the opposite of all the others together; none in a group of two, where it could be either.
pub fn transposed(group: &Group) -> Vec<&str> {
    if group.labels.len() < 3 {
        return Vec::new();
    }
    let opposite = |at: &usize| {
        let others: Vec<Judgments> =
            group.judgments.iter().enumerate().filter(|(other, _)| other != at).map(|(_, one)| one.clone()).collect();
        let likeness =
            aggregate_judgments(&others, None).ok().zip(group.judgments.get(*at)).and_then(|(others, one)| one.likeness(&others));
        likeness.is_some_and(|likeness| likeness < Judgments::LOOKS_TRANSPOSED)
    };
    (0..group.labels.len()).filter(opposite).filter_map(|at| group.labels.get(at).map(String::as_str)).collect()
}
