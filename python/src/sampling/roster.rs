//! Visits, inspectors and recusals, from tables, lists of dicts, or plain ids.

use crate::errors;
use crate::table::Source;
use firmgrade::nearest;
use firmgrade::sample::matching::{Inspector, Recusal, RosterSpec, Visit};
use firmgrade_frame::sampling::listed;
use pyo3::exceptions::PyTypeError;
use pyo3::prelude::*;
use pyo3::types::{PyDict, PyList, PyString, PyTuple};

/// One row of a table of the roster.
struct Row<'py> {
    what: &'static str,
    /// From 1.
    at: usize,
    values: Bound<'py, PyDict>,
}

/// The roster as it is written down. `capacity` is that of inspectors who state none.
pub fn roster(
    visits: &Bound<'_, PyAny>,
    inspectors: &Bound<'_, PyAny>,
    recusals: Option<&Bound<'_, PyAny>>,
    per_visit: u32,
    period: Option<(Bound<'_, PyAny>, Bound<'_, PyAny>)>,
    capacity: Option<u32>,
) -> PyResult<RosterSpec> {
    let visits = rows("visits", visits, &["id", "needs", "zone", "day", "interests"])?.iter().map(visit).collect::<PyResult<Vec<_>>>()?;
    let known = ["id", "capacity", "qualifications", "zones", "valid_from", "valid_to", "interests"];
    let most = capacity.unwrap_or_else(|| u32::try_from(visits.len()).unwrap_or(u32::MAX));
    let inspectors = rows("inspectors", inspectors, &known)?.iter().map(|row| inspector(row, most)).collect::<PyResult<Vec<_>>>()?;
    let day = |value: &Bound<'_, PyAny>| {
        let text = date(value)?;
        text.ok_or_else(|| PyTypeError::new_err("period: expected two days such as 2027-03-01"))
    };
    let period = period.map(|(from, to)| Ok::<_, PyErr>((day(&from)?, day(&to)?))).transpose()?;
    let recusals = recusals.map_or_else(|| Ok(Vec::new()), recused)?;
    Ok(RosterSpec { per_visit, period, visits, inspectors, recusals })
}

fn visit(row: &Row<'_>) -> PyResult<Visit> {
    let text = |key| row.text(key);
    Ok(Visit {
        id: row.id("id")?,
        needs: row.list("needs")?,
        zone: text("zone")?,
        day: row.date("day")?,
        interests: row.list("interests")?,
    })
}

fn inspector(row: &Row<'_>, most: u32) -> PyResult<Inspector> {
    Ok(Inspector {
        id: row.id("id")?,
        capacity: row.count("capacity")?.unwrap_or(most),
        qualifications: row.list("qualifications")?,
        zones: row.list("zones")?,
        valid_from: row.date("valid_from")?,
        valid_to: row.date("valid_to")?,
        interests: row.list("interests")?,
    })
}

/// Pairs, rows, or a dict visit → inspectors.
fn recused(given: &Bound<'_, PyAny>) -> PyResult<Vec<Recusal>> {
    let py = given.py();
    let known = ["visit", "inspector", "reason"];
    if let Ok(by_visit) = given.cast::<PyDict>() {
        let mut table = true;
        for key in by_visit.keys() {
            table &= key.extract::<String>().is_ok_and(|key| known.contains(&key.as_str()));
        }
        if !table {
            let mut all = Vec::new();
            for (visit, inspectors) in by_visit {
                let (visit, names): (String, Vec<String>) = (visit.extract()?, names(&inspectors)?);
                all.extend(names.into_iter().map(|inspector| Recusal { visit: visit.clone(), inspector, reason: String::new() }));
            }
            return Ok(all);
        }
    }
    let given = if given.is_instance_of::<PyList>() || given.is_instance_of::<PyTuple>() || given.is_instance_of::<pyo3::types::PySet>() {
        let rows = PyList::empty(py);
        for one in given.try_iter()? {
            let one = one?;
            let Ok(parts) = one.cast::<PyTuple>() else {
                rows.append(one)?;
                continue;
            };
            let row = PyDict::new(py);
            known.iter().zip(parts.iter()).try_for_each(|(key, value)| row.set_item(key, value))?;
            rows.append(row)?;
        }
        rows.into_any()
    } else {
        given.clone()
    };
    let recusal = |row: &Row<'_>| {
        Ok(Recusal { visit: row.id("visit")?, inspector: row.id("inspector")?, reason: row.text("reason")?.unwrap_or_default() })
    };
    rows("recusals", &given, &known)?.iter().map(recusal).collect()
}

/// The rows of a table, a list of dicts, or ids. Of dicts every key must be known; of tables one may not be misspelt.
fn rows<'py>(what: &'static str, given: &Bound<'py, PyAny>, known: &[&str]) -> PyResult<Vec<Row<'py>>> {
    let py = given.py();
    let is_table = given.is_instance_of::<PyDict>() || given.hasattr("__arrow_c_stream__")? || given.hasattr("collect_schema")?;
    let is_series = !given.hasattr("columns")? && given.hasattr("to_list")?;
    let mut all = Vec::new();
    if is_table && !is_series {
        let source = Source::new(given, None)?;
        if let Some(wrong) = misspelt(&source.names, known) {
            return Err(errors::sampling(py, "unreadable", what, &format!("{what}: {wrong}")));
        }
        for (at, values) in source.frame.call_method0("to_dicts")?.try_iter()?.enumerate() {
            all.push(Row { what, at: at + 1, values: values?.cast_into::<PyDict>()? });
        }
        return Ok(all);
    }
    let expected = || PyTypeError::new_err(format!("{what}: expected a table, a list of dicts, or ids"));
    if given.is_instance_of::<PyString>() {
        return Err(expected());
    }
    for (at, one) in given.try_iter().map_err(|_| expected())?.enumerate() {
        let one = one?;
        let at = at + 1;
        let values = if let Ok(dict) = one.cast::<PyDict>() {
            for key in dict.keys() {
                let key: String = key.extract()?;
                if !known.contains(&key.as_str()) {
                    let near = nearest(&key, known.iter().copied()).map_or(String::new(), |near| format!("; did you mean `{near}`?"));
                    let message = format!("{what}, row {at}: found `{key}`, expected {}{near}", known.join(", "));
                    return Err(errors::sampling(py, "unreadable", what, &message));
                }
            }
            dict.clone()
        } else if one.is_instance_of::<PyString>() {
            let dict = PyDict::new(py);
            dict.set_item("id", one)?;
            dict
        } else {
            return Err(expected());
        };
        all.push(Row { what, at, values });
    }
    Ok(all)
}

/// A column that stands for a known one that is not there.
fn misspelt(names: &[String], known: &[&str]) -> Option<String> {
    let missing = known.iter().filter(|known| !names.iter().any(|name| name == *known)).copied();
    let strangers = names.iter().filter(|name| !known.contains(&name.as_str()));
    let missing: Vec<&str> = missing.collect();
    strangers
        .filter_map(|name| Some((name, nearest(name, missing.iter().copied())?)))
        .map(|(name, near)| format!("column `{name}` is not read; did you mean `{near}`?"))
        .next()
}

impl Row<'_> {
    fn get(&self, key: &str) -> PyResult<Option<Bound<'_, PyAny>>> {
        let value = self.values.get_item(key)?;
        // pandas has NaN for what is missing
        Ok(value.filter(|value| !value.is_none() && !value.extract::<f64>().is_ok_and(f64::is_nan)))
    }

    fn wrong(&self, key: &str, expected: &str) -> PyErr {
        let found = self.values.get_item(key).ok().flatten();
        let found = found.and_then(|value| value.repr().ok()).map_or_else(|| "nothing".to_owned(), |repr| format!("`{repr}`"));
        let message = format!("{}, row {}: {key} is {found}, expected {expected}", self.what, self.at);
        errors::sampling(self.values.py(), "unreadable", key, &message)
    }

    fn id(&self, key: &str) -> PyResult<String> {
        self.text(key)?.ok_or_else(|| self.wrong(key, "text"))
    }

    fn text(&self, key: &str) -> PyResult<Option<String>> {
        let Some(value) = self.get(key)? else { return Ok(None) };
        let whole = value.is_instance_of::<pyo3::types::PyInt>() && !value.is_instance_of::<pyo3::types::PyBool>();
        let text: String = if whole { value.str()?.extract()? } else { value.extract().map_err(|_| self.wrong(key, "text"))? };
        Ok(Some(text).filter(|text| !text.trim().is_empty()))
    }

    fn list(&self, key: &str) -> PyResult<Vec<String>> {
        let Some(value) = self.get(key)? else { return Ok(Vec::new()) };
        names(&value).map_err(|_| self.wrong(key, "a list of texts"))
    }

    fn date(&self, key: &str) -> PyResult<Option<String>> {
        let Some(value) = self.get(key)? else { return Ok(None) };
        date(&value).map_err(|_| self.wrong(key, "a date"))
    }

    fn count(&self, key: &str) -> PyResult<Option<u32>> {
        let Some(value) = self.get(key)? else { return Ok(None) };
        let whole = value.extract::<f64>().ok().filter(|count| count.fract() == 0.0 && (0.0..=f64::from(u32::MAX)).contains(count));
        if value.is_instance_of::<pyo3::types::PyBool>() { Err(self.wrong(key, "a whole number")) } else { Ok(()) }?;
        whole.map(|count| Some(count as u32)).ok_or_else(|| self.wrong(key, "a whole number"))
    }
}

/// Texts from a list, or from one text that separates them with `;`, `；` or `、`.
fn names(value: &Bound<'_, PyAny>) -> PyResult<Vec<String>> {
    match value.cast::<PyString>() {
        Ok(text) => Ok(listed(text.to_str()?)),
        Err(_) => value.try_iter()?.map(|one| one?.extract()).collect(),
    }
}

/// A day as text, from a date, a datetime or text.
fn date(value: &Bound<'_, PyAny>) -> PyResult<Option<String>> {
    let text: String = if value.hasattr("isoformat")? {
        let text: String = value.call_method0("isoformat")?.extract()?;
        text.split('T').next().unwrap_or_default().to_owned()
    } else {
        value.extract()?
    };
    Ok(Some(text).filter(|text| !text.trim().is_empty()))
}
