//! `firmgrade.derive` and its result.

use crate::scorecard::Scorecard;
use crate::table::{Source, json, to_python};
use crate::{errors, html};
use firmgrade::calendar::Day;
use firmgrade::card::FIRMS;
use firmgrade_frame::{DataFrame, DeriveReport, RawTable, Spread, missing_tables};
use pyo3::exceptions::{PyTypeError, PyValueError};
use pyo3::prelude::*;
use pyo3::sync::PyOnceLock;
use pyo3::types::{PyDict, PyString};

/// The firm table with its derived indicators, and what became of the data. Made by :func:`firmgrade.derive`.
#[pyclass(frozen, module = "firmgrade")]
pub struct Derived {
    derived: firmgrade_frame::Derived,
    frame: PyOnceLock<Py<PyAny>>,
}

/// Derives the indicators of a card from record tables, as of a day.
///
/// `firms` is the firm table, `records` a dict of record tables by the ids that the card gives them; each is any table that
/// :func:`grade` takes. `as_of` is a date, a datetime (its date counts) or text YYYY-MM-DD. `earlier` is the report of an earlier run:
/// the new one then says how far each indicator has drifted.
///
/// A record counts only if it is dated on or before the day, inside the window of the indicator, not repaired or ended by then, not of
/// a kind that is not counted, and still published where the card states publication periods. The interpreter is released meanwhile.
/// Results are the same bits for any number of threads, chunks and any order of rows.
///
/// Raises DataError with every fault of the tables, ValueError for text that is no day, TypeError for what is no table or day.
///
/// >>> derived = fg.derive(raw_card, raw_firms, records={"penalties": penalties}, as_of="2023-01-01")
/// >>> derived.frame["penalties_24m"].to_list()
/// [2.0, 0.0]
#[pyfunction]
#[pyo3(signature = (card, firms, records=None, as_of=None, earlier=None))]
pub fn derive(
    py: Python<'_>,
    card: &Bound<'_, Scorecard>,
    firms: &Bound<'_, PyAny>,
    records: Option<&Bound<'_, PyDict>>,
    as_of: Option<&Bound<'_, PyAny>>,
    earlier: Option<&Bound<'_, PyAny>>,
) -> PyResult<Derived> {
    let Some(as_of) = as_of else { return Err(PyTypeError::new_err("as_of is not there, expected the day as of which records count")) };
    let earlier = earlier.map(report).transpose()?;
    let derived = run(py, card, firms, records, day(as_of)?, earlier.as_ref())?;
    Ok(Derived { derived, frame: PyOnceLock::new() })
}

/// Derives from Python tables.
pub fn run(
    py: Python<'_>,
    card: &Bound<'_, Scorecard>,
    firms: &Bound<'_, PyAny>,
    records: Option<&Bound<'_, PyDict>>,
    as_of: Day,
    earlier: Option<&DeriveReport>,
) -> PyResult<firmgrade_frame::Derived> {
    let card = &card.get().card;
    let given = records.map_or_else(Vec::new, |records| records.iter().collect());
    let names = given.iter().map(|(name, _)| name.extract::<String>()).collect::<PyResult<Vec<String>>>()?;
    let faults = missing_tables(card, &names.iter().map(String::as_str).collect::<Vec<_>>());
    if !faults.is_empty() {
        return Err(errors::derive(py, &faults));
    }
    let firms = Source::new(firms, None)?.cross()?;
    let tables = given.iter().map(|(_, table)| Source::new(table, None)?.cross()).collect::<PyResult<Vec<DataFrame>>>()?;
    let records: Vec<(&str, &DataFrame)> = names.iter().map(String::as_str).zip(&tables).collect();
    let derived = py.detach(|| firmgrade_frame::derive(card, &firms, &records, as_of, earlier));
    derived.map_err(|error| errors::derive(py, &error.0))
}

/// The firm table as a card reads it.
pub fn firms(py: Python<'_>, card: &Bound<'_, Scorecard>, data: &Bound<'_, PyAny>) -> PyResult<DataFrame> {
    let card = &card.get().card;
    let frame = Source::new(data, None)?.cross()?;
    let raw = py.detach(|| RawTable::of_frame(card, FIRMS, &frame)).map_err(|error| errors::frame(py, &error))?;
    let faults = raw.faults();
    if faults.is_empty() { Ok(raw.frame().clone()) } else { Err(errors::derive(py, &faults)) }
}

/// A day, from a date, a datetime or text.
pub fn day(value: &Bound<'_, PyAny>) -> PyResult<Day> {
    if let Ok(text) = value.cast::<PyString>() {
        let text = text.to_str()?;
        return Day::parse(text).ok_or_else(|| PyValueError::new_err(format!("as_of: found `{text}`, expected a day such as 2023-01-31")));
    }
    let date = value.py().import("datetime")?.getattr("date")?;
    if !value.is_instance(&date)? {
        let found = value.get_type().fully_qualified_name()?;
        return Err(PyTypeError::new_err(format!("as_of: found `{found}`, expected a date or text such as 2023-01-31")));
    }
    let part = |name: &str| value.getattr(name)?.extract::<u32>();
    let (year, month, day) = (value.getattr("year")?.extract::<i32>()?, part("month")?, part("day")?);
    Day::from_ymd(year, month, day).ok_or_else(|| PyValueError::new_err("as_of: expected a day of the years 1 to 9999"))
}

/// The report of an earlier run, from a result or from its report.
fn report(value: &Bound<'_, PyAny>) -> PyResult<DeriveReport> {
    if let Ok(derived) = value.cast::<Derived>() {
        return Ok(derived.get().derived.report.clone());
    }
    let text: String = value.py().import("json")?.call_method1("dumps", (value,))?.extract()?;
    serde_json::from_str(&text).map_err(|error| PyValueError::new_err(format!("earlier: found no report of derive: {error}")))
}

#[pymethods]
impl Derived {
    /// polars.DataFrame: the firm table as it came in, then one column for each derived indicator, named after its id (Float64, Boolean
    /// or String).
    #[getter]
    fn frame<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyAny>> {
        let frame = self.frame.get_or_try_init(py, || to_python(py, self.derived.frame.clone()).map(Bound::unbind));
        frame.map(|frame: &Py<PyAny>| frame.bind(py).clone())
    }

    /// DeriveReport: what became of the data, a dict with `firm_table`, `tables` (each record read, by what became of it; each column,
    /// by what was done to its cells), `identity` and `indicators` (records used, coverage, spread over the firms, drift), as
    /// `firmgrade derive --report` writes it; with tables for people.
    #[getter]
    fn report<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyAny>> {
        let report = json(py, &self.derived.report.json())?;
        py.import("firmgrade.report")?.getattr("DeriveReport")?.call1((report,))
    }

    /// The day as of which records count, YYYY-MM-DD.
    #[getter]
    fn as_of(&self) -> &str {
        &self.derived.report.as_of
    }

    fn __len__(&self) -> usize {
        self.derived.frame.height()
    }

    fn __repr__(&self) -> String {
        let report = &self.derived.report;
        let read: u64 = report.tables.iter().map(|table| table.read).sum();
        format!(
            "Derived(card='{}', as_of='{}', firms={}, records={read}, indicators={})",
            report.scorecard,
            report.as_of,
            report.firms,
            html::list(report.indicators.iter().map(|indicator| indicator.indicator.as_str()))
        )
    }

    fn _repr_html_(&self) -> String {
        let report = &self.derived.report;
        let tables = report.tables.iter().map(|table| {
            let fates = &table.fates;
            let counts = [
                table.read,
                fates.counting,
                fates.unmatched,
                fates.duplicate,
                fates.undated,
                fates.future,
                fates.not_counted,
                fates.repaired,
                fates.ended,
                fates.expired,
            ];
            [table.title.clone()].into_iter().chain(counts.map(|count| count.to_string())).collect()
        });
        let header =
            ["table", "read", "counting", "unmatched", "duplicate", "undated", "future", "not counted", "repaired", "ended", "expired"];
        let records = html::table(&format!("{} as of {}: {} firms", report.scorecard, report.as_of, report.firms), &header, tables);
        let indicators = report.indicators.iter().map(|indicator| {
            let used = indicator.records.as_ref().map_or_else(|| "–".to_owned(), |records| records.records.used.to_string());
            let values = match &indicator.spread {
                Spread::Numbers { min, median, max, .. } => {
                    [min, median, max].map(|value| value.map_or_else(|| "–".to_owned(), |value| format!("{value}"))).join(" … ")
                }
                Spread::Words { top, .. } => {
                    top.iter().take(3).map(|(word, firms)| format!("{word}: {firms}")).collect::<Vec<_>>().join(", ")
                }
            };
            vec![indicator.title.clone(), used, format!("{:.1} %", 100.0 * indicator.coverage), values]
        });
        records + &html::table("indicators", &["indicator", "records used", "with value", "min … median … max"], indicators)
    }
}
