//! One firm from a dict of its values.

use crate::{errors, html};
use firmgrade::columns::{Column, Kind, Table, Values};
use firmgrade::grade::NO_GRADE;
use firmgrade::{Cell, Cells, DataFault, GradeOptions, Scorecard};
use pyo3::prelude::*;
use pyo3::types::{PyBool, PyDict, PyFloat, PyInt, PyString};
use std::sync::Arc;

/// One graded firm. Made by :meth:`Scorecard.score_one`.
#[pyclass(frozen, module = "firmgrade")]
pub struct GradedFirm {
    pub card: Arc<Scorecard>,
    pub firm: firmgrade::GradedFirm,
}

#[pymethods]
impl GradedFirm {
    /// The score on the card's scale; None for a firm without any data.
    #[getter]
    fn score(&self) -> Option<f64> {
        Some(self.firm.score).filter(|score| !score.is_nan())
    }

    /// Grade by score; None where there is no score, or the card's cut points are solved from shares, which one firm does not have.
    #[getter]
    fn score_grade(&self) -> Option<&str> {
        name(&self.card, self.firm.score_grade)
    }

    /// Grade after overrides.
    #[getter]
    fn grade(&self) -> Option<&str> {
        name(&self.card, self.firm.grade)
    }

    /// Share of the card's weight with data, from 0 to 1; None where the card has no indicators.
    #[getter]
    fn coverage(&self) -> Option<f64> {
        Some(self.firm.coverage).filter(|coverage| !coverage.is_nan())
    }

    /// Ids of the indicators that cost most, strongest first.
    #[getter]
    fn reasons(&self) -> Vec<&str> {
        self.firm.reasons.iter().filter_map(|index| self.card.indicators().get(*index)).map(|i| i.id.as_str()).collect()
    }

    /// Ids of the overrides that were hit, in the order in which they were applied.
    #[getter]
    fn overrides(&self) -> Vec<&str> {
        self.firm.hits.iter().filter_map(|index| self.card.rules().get(*index)).map(|rule| rule.id.as_str()).collect()
    }

    /// Points lost against the best attainable by indicator id, in units of the score, in the order of the card.
    #[getter]
    fn contributions<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyDict>> {
        let points = PyDict::new(py);
        for (indicator, lost) in self.card.indicators().iter().zip(&self.firm.contributions) {
            points.set_item(&indicator.id, lost)?;
        }
        Ok(points)
    }

    fn __repr__(&self) -> String {
        let quoted = |grade: Option<&str>| grade.map_or_else(|| "None".to_owned(), |grade| format!("'{grade}'"));
        let score = self.score().map_or_else(|| "None".to_owned(), |score| score.to_string());
        let overrides = html::list(self.overrides());
        format!(
            "GradedFirm(score={score}, score_grade={}, grade={}, overrides={overrides})",
            quoted(self.score_grade()),
            quoted(self.grade())
        )
    }

    fn _repr_html_(&self) -> String {
        let grade = self.grade().unwrap_or("–");
        let score = self.score().map_or_else(|| "–".to_owned(), |score| score.to_string());
        let reasons = self.firm.reasons.iter().filter_map(|index| {
            let (indicator, lost) = (self.card.indicators().get(*index)?, self.firm.contributions.get(*index)?);
            Some(vec![indicator.id.clone(), indicator.title.clone(), format!("{lost:.2}")])
        });
        html::table(&format!("grade {grade}, score {score}"), &["indicator", "title", "points lost"], reasons)
    }
}

/// The name of a grade.
pub fn name(card: &Scorecard, grade: u8) -> Option<&str> {
    if grade == NO_GRADE { None } else { card.grades().names.get(usize::from(grade)).map(String::as_str) }
}

/// Grades one firm. `keys` are the card's columns, in its order.
///
/// # Errors
/// `DataError` with every fault, as in a batch.
pub fn score(card: &Arc<Scorecard>, keys: &[Py<PyString>], firm: &Bound<'_, PyDict>, reasons: usize) -> PyResult<GradedFirm> {
    let py = firm.py();
    let mut values = Vec::with_capacity(keys.len());
    for key in keys {
        match firm.get_item(key.bind(py))? {
            Some(value) => values.push(value),
            None => {
                // One firm needs no id.
                let names = firm.keys().iter().filter_map(|key| key.extract().ok());
                return Err(absent(py, card, names.chain([card.id_column().to_owned()])));
            }
        }
    }
    let mut cells = Vec::with_capacity(keys.len());
    cells.extend(values.iter().zip(card.columns()).map_while(|(value, column)| cell(value, column.kind)));
    let graded = if cells.len() == keys.len() {
        card.grade_one(&cells, reasons)
    } else {
        drop(cells);
        make_plain(card, &mut values)?;
        let cells: Vec<Cell<'_>> = values.iter().zip(card.columns()).filter_map(|(value, column)| cell(value, column.kind)).collect();
        card.grade_one(&cells, reasons)
    };
    let firm = graded.map_err(|error| errors::engine(py, &error))?;
    Ok(GradedFirm { card: Arc::clone(card), firm })
}

/// A plain Python value as the engine's; `None` for anything else.
#[inline]
fn cell<'a>(value: &'a Bound<'_, PyAny>, kind: Kind) -> Option<Cell<'a>> {
    if let Ok(number) = value.cast_exact::<PyFloat>() {
        return of_number(number.value(), kind);
    }
    if value.is_none() {
        return Some(Cell::Missing);
    }
    match kind {
        Kind::Text => value.cast::<PyString>().ok()?.to_str().ok().map(Cell::Text),
        Kind::Flag => match value.cast::<PyBool>() {
            Ok(yes) => Some(Cell::Flag(yes.is_true())),
            Err(_) => of_number(whole(value)?, kind),
        },
        Kind::Number => of_number(whole(value)?, kind),
    }
}

/// A plain whole number; wide ones lose their last digits.
#[inline]
fn whole(value: &Bound<'_, PyAny>) -> Option<f64> {
    let number = value.cast_exact::<PyInt>().ok()?;
    // Through i64, because Python's own way to a double makes an object of it first.
    number.extract::<i64>().map(|number| number as f64).or_else(|_| number.extract::<f64>()).ok()
}

#[inline]
fn of_number<'a>(number: f64, kind: Kind) -> Option<Cell<'a>> {
    match kind {
        _ if number.is_nan() => Some(Cell::Missing),
        Kind::Number => Some(Cell::Number(number)),
        Kind::Flag if number == 0.0 => Some(Cell::Flag(false)),
        Kind::Flag if number == 1.0 => Some(Cell::Flag(true)),
        Kind::Flag | Kind::Text => None,
    }
}

/// Makes plain what is not, or says what cannot be.
fn make_plain(card: &Scorecard, values: &mut [Bound<'_, PyAny>]) -> PyResult<()> {
    let mut faults = Vec::new();
    for (value, column) in values.iter_mut().zip(card.columns()) {
        if cell(value, column.kind).is_none() {
            *value = plain(value, column.kind)?;
            if cell(value, column.kind).is_none() {
                faults.push(refused(value, &column.name, column.kind)?);
            }
        }
    }
    match values.first() {
        Some(value) if !faults.is_empty() => Err(errors::data(value.py(), faults)),
        _ => Ok(()),
    }
}

/// numpy scalars, decimals, missing values of pandas, and whole numbers that stand for text, as plain values.
fn plain<'py>(value: &Bound<'py, PyAny>, kind: Kind) -> PyResult<Bound<'py, PyAny>> {
    let py = value.py();
    let value = if value.hasattr("dtype")? && value.hasattr("item")? { value.call_method0("item")? } else { value.clone() };
    if ["NAType", "NaTType"].iter().any(|name| value.get_type().name().is_ok_and(|found| found == *name)) {
        return Ok(py.None().into_bound(py));
    }
    if value.is_instance_of::<PyFloat>() {
        return Ok(PyFloat::new(py, value.extract()?).into_any());
    }
    match kind {
        Kind::Text if value.is_instance_of::<PyBool>() => Ok(value.str()?.call_method0("lower")?),
        Kind::Text if value.is_instance_of::<PyInt>() => Ok(value.str()?.into_any()),
        Kind::Number if !value.is_instance_of::<PyBool>() && !value.is_instance_of::<PyString>() => match value.extract::<f64>() {
            Ok(number) => Ok(PyFloat::new(py, number).into_any()),
            Err(_) => Ok(value),
        },
        Kind::Number | Kind::Text | Kind::Flag => Ok(value),
    }
}

fn refused(value: &Bound<'_, PyAny>, column: &str, expected: Kind) -> PyResult<DataFault> {
    let (column, found) = (column.to_owned(), value.get_type().name()?.to_string());
    if expected == Kind::Text || found == "bool" || !(value.is_instance_of::<PyFloat>() || value.is_instance_of::<PyInt>()) {
        return Ok(DataFault::WrongKind { column, found, expected });
    }
    let mut cells = Cells::new("value");
    cells.add(0, || value.str().ok().map(|text| text.to_string()));
    Ok(DataFault::Unreadable { column, expected, cells })
}

/// The error for columns that are not there: the engine's own, from a table with the same names.
pub fn absent(py: Python<'_>, card: &Scorecard, names: impl IntoIterator<Item = String>) -> PyErr {
    let nothing = || Column { values: Values::Missing(1), validity: None };
    let table = names.into_iter().fold(Table::new(1), |table, name| table.clone().with(&name, nothing()).unwrap_or(table));
    let options = GradeOptions { reasons: 0, contributions: false };
    match firmgrade::grade(card, &[table], options) {
        Err(error) => errors::engine(py, &error),
        Ok(_) => errors::unreadable(py, &"a column is missing"),
    }
}
