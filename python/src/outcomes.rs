//! How Python says how outcomes are read.

use crate::derived::day;
use firmgrade_frame::{Finding, OutcomeOptions};
use pyo3::exceptions::PyValueError;
use pyo3::prelude::*;
use pyo3::types::PyDict;

/// The keywords of :func:`firmgrade.evaluate` and :func:`firmgrade.tune` that are about outcomes.
pub struct Reading<'a, 'py> {
    pub codes: Option<&'a Bound<'py, PyDict>>,
    pub early: Option<&'a str>,
    pub until: Option<&'a Bound<'py, PyAny>>,
    pub repeats: Option<&'a str>,
    pub single: Option<&'a str>,
}

impl Reading<'_, '_> {
    /// The options; `None` is the engine's default.
    ///
    /// # Errors
    /// `ValueError` for a word that is none of the known ones.
    pub fn options(&self) -> PyResult<OutcomeOptions> {
        let mut options = OutcomeOptions::default();
        for (code, meaning) in self.codes.into_iter().flatten() {
            let finding = match meaning.extract::<bool>() {
                Ok(bad) => Some(if bad { Finding::Violation } else { Finding::None }),
                Err(_) => Finding::from_word(&meaning.extract::<String>()?),
            };
            let Some(finding) = finding else {
                let known = Finding::ALL.map(|finding| format!("\"{}\"", finding.as_str())).join(", ");
                return Err(PyValueError::new_err(format!("codes: found `{meaning}`, expected True, False, {known}")));
            };
            options.codes.insert(code.str()?.to_string(), finding);
        }
        word("early", self.early, &mut options.early, &["fail", "drop", "use"])?;
        word("repeats", self.repeats, &mut options.repeats, &["worst", "each", "fail"])?;
        word("single", self.single, &mut options.single, &["fail", "remove", "certainty", "adjust"])?;
        options.until = self.until.map(day).transpose()?;
        Ok(options)
    }

    /// The same as keywords, for pickles.
    pub fn keep(&self, keywords: &Bound<'_, PyDict>) -> PyResult<()> {
        keywords.set_item("codes", self.codes)?;
        keywords.set_item("early", self.early)?;
        keywords.set_item("until", self.until)?;
        keywords.set_item("repeats", self.repeats)?;
        keywords.set_item("single", self.single)
    }
}

/// Sets an option that is one of a few words.
pub fn word<T: serde::de::DeserializeOwned>(name: &str, given: Option<&str>, option: &mut T, known: &[&str]) -> PyResult<()> {
    let Some(given) = given else { return Ok(()) };
    match serde_json::from_value(serde_json::Value::from(given)) {
        Ok(found) => {
            *option = found;
            Ok(())
        }
        Err(_) => {
            let known = known.iter().map(|word| format!("\"{word}\"")).collect::<Vec<_>>().join(", ");
            Err(PyValueError::new_err(format!("{name}: found `{given}`, expected {known}")))
        }
    }
}
