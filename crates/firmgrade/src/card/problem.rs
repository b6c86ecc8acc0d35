//! A problem of a scorecard or policy: what is wrong, where, and what to do about it.

use super::spec::Severity;
use crate::words::nearest;
use std::fmt;

/// One problem of a scorecard or policy.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Problem {
    /// Whether it stops the card or policy.
    pub severity: Severity,
    /// Where it stands in the file; `None` for one that was not read from text.
    pub place: Option<Place>,
    /// The steps to the value, such as `indicators`, `penalties_24m`, `bands`, `1`; empty for the whole.
    pub path: Vec<String>,
    /// What is wrong.
    pub message: String,
    /// What to do about it.
    pub help: Option<String>,
}

/// A place in a text.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Place {
    /// The file, as it was named when it was read.
    pub file: String,
    /// The line, from 1.
    pub line: usize,
    /// The character in the line, from 1.
    pub column: usize,
}

impl Problem {
    pub(crate) fn new(severity: Severity, path: &[&str], message: impl Into<String>) -> Self {
        Self { severity, place: None, path: path.iter().map(|step| (*step).to_owned()).collect(), message: message.into(), help: None }
    }

    pub(crate) fn error(path: &[&str], message: impl Into<String>) -> Self {
        Self::new(Severity::Error, path, message)
    }

    pub(crate) fn warning(path: &[&str], message: impl Into<String>) -> Self {
        Self::new(Severity::Warning, path, message)
    }

    pub(crate) fn help(mut self, help: impl Into<String>) -> Self {
        self.help = Some(help.into());
        self
    }

    /// Adds "did you mean `x`?" where one of `known` is close to `word`.
    pub(crate) fn did_you_mean<'k>(mut self, word: &str, known: impl IntoIterator<Item = &'k str>) -> Self {
        if let Some(near) = nearest(word, known) {
            self.help = Some(format!("did you mean `{near}`?"));
        }
        self
    }
}

impl fmt::Display for Problem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if let Some(place) = &self.place {
            write!(f, "{}:{}:{}: ", place.file, place.line, place.column)?;
        }
        if self.severity == Severity::Warning {
            f.write_str("warning: ")?;
        }
        if !self.path.is_empty() {
            write!(f, "{}: ", self.path.join("."))?;
        }
        f.write_str(&self.message)?;
        if let Some(help) = &self.help {
            write!(f, "; {help}")?;
        }
        Ok(())
    }
}
