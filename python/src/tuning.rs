//! What `firmgrade.tuning` is made of: screening, bands, cut points and the challenger, each as JSON that the package reads, with the new card
//! where there is one.

use crate::derived::day;
use crate::errors;
use crate::graded::Graded;
use crate::outcomes::Reading;
use crate::scorecard::Scorecard;
use crate::table::Source;
use firmgrade::tune::{Aim, BandCardOptions, BandedCard, NewCard};
use firmgrade_frame::{DataFrame, EvaluationError, NewCuts, Proposed, ScreenedColumns};
use pyo3::exceptions::PyValueError;
use pyo3::prelude::*;
use pyo3::types::PyDict;
use serde::Serialize;
use serde::de::DeserializeOwned;
use std::path::PathBuf;
use std::sync::Arc;

/// Options as the package gives them: a dict of the engine's names over its defaults.
fn options<T: Serialize + DeserializeOwned + Default>(given: &Bound<'_, PyDict>) -> PyResult<T> {
    let mut whole = serde_json::to_value(T::default()).unwrap_or_default();
    let mut known: Vec<String> = whole.as_object().map(|object| object.keys().cloned().collect()).unwrap_or_default();
    known.sort_unstable();
    for (name, value) in text(given.as_any()).and_then(|text| parsed::<serde_json::Map<_, _>>("options", &text))? {
        let Some(place) = whole.get_mut(&name) else {
            let near = firmgrade::nearest(&name, known.iter().map(String::as_str));
            let near = near.map_or_else(String::new, |near| format!(" (near: `{near}`)"));
            return Err(PyValueError::new_err(format!("there is no option `{name}`{near}, expected {}", known.join(", "))));
        };
        *place = value;
        // One at a time, so that the fault names its option.
        serde_json::from_value::<T>(whole.clone()).map_err(|error| PyValueError::new_err(format!("{name}: {error}")))?;
    }
    serde_json::from_value(whole).map_err(|error| PyValueError::new_err(format!("options: {error}")))
}

fn text(value: &Bound<'_, PyAny>) -> PyResult<String> {
    value.py().import("json")?.call_method1("dumps", (value,))?.extract()
}

fn parsed<T: DeserializeOwned>(what: &str, text: &str) -> PyResult<T> {
    serde_json::from_str(text).map_err(|error| PyValueError::new_err(format!("{what}: {error}")))
}

/// How outcomes are read: a dict of the keywords.
fn reading(given: &Bound<'_, PyDict>) -> PyResult<firmgrade_frame::OutcomeOptions> {
    let there = |name: &str| given.get_item(name).map(|value| value.filter(|value| !value.is_none()));
    let (codes, until) = (there("codes")?, there("until")?);
    let word = |name: &str| -> PyResult<Option<String>> { there(name)?.map(|word| word.extract()).transpose() };
    let (early, repeats, single) = (word("early")?, word("repeats")?, word("single")?);
    let codes = codes.as_ref().map(|codes| codes.cast::<PyDict>()).transpose()?;
    let reading = Reading { codes, early: early.as_deref(), until: until.as_ref(), repeats: repeats.as_deref(), single: single.as_deref() };
    reading.options()
}

fn table(table: &Bound<'_, PyAny>) -> PyResult<DataFrame> {
    Source::new(table, None)?.cross()
}

/// `firmgrade.tuning.screen`.
#[pyfunction]
#[expect(clippy::too_many_arguments, reason = "the package gives them all")]
pub fn _screen(
    py: Python<'_>,
    firms: &Bound<'_, PyAny>,
    outcomes: &Bound<'_, PyAny>,
    card: Option<&Bound<'_, Scorecard>>,
    columns: Vec<String>,
    period: Option<String>,
    as_of: Option<&Bound<'_, PyAny>>,
    how: &Bound<'_, PyDict>,
    read: &Bound<'_, PyDict>,
) -> PyResult<String> {
    let (how, read, as_of) = (options(how)?, reading(read)?, as_of.map(day).transpose()?);
    let (firms, outcomes) = (table(firms)?, table(outcomes)?);
    let card = card.map(|card| card.get().card.clone());
    let which = ScreenedColumns { names: &columns, card: card.as_deref(), period: period.as_deref(), as_of, read_numbers: false };
    let found = py.detach(|| firmgrade_frame::screen(&firms, &which, &outcomes, &read, &how));
    Ok(found.map_err(|error| errors::evaluation(py, &error))?.json())
}

/// `firmgrade.tuning.challenger`.
#[pyfunction]
pub fn _challenger(
    py: Python<'_>,
    graded: &Bound<'_, Graded>,
    outcomes: &Bound<'_, PyAny>,
    how: &Bound<'_, PyDict>,
    read: &Bound<'_, PyDict>,
) -> PyResult<String> {
    let (how, read, outcomes) = (options(how)?, reading(read)?, table(outcomes)?);
    let graded = &graded.get().graded;
    let found = py.detach(|| firmgrade_frame::challenger(graded, &outcomes, &read, &how));
    Ok(found.map_err(|error| errors::evaluation(py, &error))?.json())
}

/// What can become a new card.
enum Found {
    Bands(Box<Proposed<BandedCard>>),
    Cuts(Box<Proposed<NewCuts>>),
}

/// A proposal about a card, before it is a table; the package wraps it.
#[pyclass(frozen, module = "firmgrade._firmgrade")]
pub struct _Adoptable {
    card: Arc<firmgrade::Scorecard>,
    found: Found,
}

#[pymethods]
impl _Adoptable {
    /// All of it as JSON text.
    fn json(&self) -> String {
        match &self.found {
            Found::Bands(found) => found.json(),
            Found::Cuts(found) => found.json(),
        }
    }

    /// The new card as TOML text.
    fn card_text(
        &self,
        py: Python<'_>,
        indicators: Vec<String>,
        version: Option<String>,
        id: Option<String>,
        effective_from: Option<String>,
        note: Option<String>,
    ) -> PyResult<String> {
        self.new_card(&indicators, &NewCard { version, id, effective_from, note }).map_err(|error| errors::engine(py, &error))
    }

    /// The new card in a file.
    #[expect(clippy::too_many_arguments, reason = "the package gives them all")]
    fn save(
        &self,
        py: Python<'_>,
        path: PathBuf,
        indicators: Vec<String>,
        version: Option<String>,
        id: Option<String>,
        effective_from: Option<String>,
        note: Option<String>,
    ) -> PyResult<()> {
        let text = self.card_text(py, indicators, version, id, effective_from, note)?;
        py.detach(|| firmgrade_frame::write_text(&path, &text)).map_err(|error| errors::frame(py, &error))
    }
}

impl _Adoptable {
    fn new_card(&self, indicators: &[String], how: &NewCard) -> Result<String, firmgrade::Error> {
        match &self.found {
            Found::Bands(found) => found.found.card(&self.card, &indicators.iter().map(String::as_str).collect::<Vec<_>>(), how),
            Found::Cuts(found) => found.found.thresholds.card(&self.card, how),
        }
    }

    fn of(py: Python<'_>, graded: &firmgrade_frame::Graded, found: Result<Found, EvaluationError>) -> PyResult<Self> {
        let found = found.map_err(|error| errors::evaluation(py, &error))?;
        Ok(Self { card: Arc::clone(graded.card()), found })
    }
}

/// `firmgrade.tuning.bands`.
#[pyfunction]
pub fn _bands(
    py: Python<'_>,
    graded: &Bound<'_, Graded>,
    outcomes: &Bound<'_, PyAny>,
    indicators: Vec<String>,
    how: &Bound<'_, PyDict>,
    read: &Bound<'_, PyDict>,
) -> PyResult<_Adoptable> {
    let (how, read, outcomes) = (options::<BandCardOptions>(how)?, reading(read)?, table(outcomes)?);
    let graded = &graded.get().graded;
    let names: Vec<&str> = indicators.iter().map(String::as_str).collect();
    let found = py.detach(|| firmgrade_frame::band_card(graded, &outcomes, &read, &names, &how));
    _Adoptable::of(py, graded, found.map(|found| Found::Bands(Box::new(found))))
}

/// `firmgrade.tuning.thresholds`; `aim` is the engine's, as JSON.
#[pyfunction]
pub fn _thresholds(
    py: Python<'_>,
    graded: &Bound<'_, Graded>,
    outcomes: Option<&Bound<'_, PyAny>>,
    aim: &Bound<'_, PyAny>,
    how: &Bound<'_, PyDict>,
    read: &Bound<'_, PyDict>,
) -> PyResult<_Adoptable> {
    let (how, read) = (options(how)?, reading(read)?);
    let aim: Aim = parsed("aim", &text(aim)?)?;
    let outcomes = outcomes.map(table).transpose()?;
    let graded = &graded.get().graded;
    let found = py.detach(|| firmgrade_frame::thresholds(graded, outcomes.as_ref(), &read, &aim, &how));
    _Adoptable::of(py, graded, found.map(|found| Found::Cuts(Box::new(found))))
}
