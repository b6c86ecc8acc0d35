//! Derived indicators and their report as files.

use super::Derived;
use super::report::DeriveReport;
use crate::fault::FrameError;
use crate::write::whole::{self, Ready};
use crate::write::{WriteOptions, aside};
use std::io::Write;
use std::path::Path;

impl DeriveReport {
    /// What a written table of derived indicators carries.
    #[must_use]
    pub fn metadata(&self) -> Vec<(String, String)> {
        let entries = [
            ("firmgrade.scorecard", self.scorecard.clone()),
            ("firmgrade.scorecard_version", self.scorecard_version.clone()),
            ("firmgrade.scorecard_digest", self.scorecard_digest.clone()),
            ("firmgrade.engine_version", self.engine_version.clone()),
            ("firmgrade.as_of", self.as_of.clone()),
        ];
        entries.into_iter().map(|(name, value)| (name.to_owned(), value)).collect()
    }

    /// The report as JSON.
    #[must_use]
    pub fn json(&self) -> String {
        // INVARIANT: texts and finite numbers have JSON; a number that is not finite becomes null.
        serde_json::to_string_pretty(self).unwrap_or_default() + "\n"
    }
}

/// Writes the firm table with its derived indicators, and the report as JSON; both appear, or neither does.
///
/// # Errors
/// A [`FrameError`] that names the file and the remedy.
pub fn write_derived(derived: &mut Derived, output: &Path, report: Option<&Path>) -> Result<(), FrameError> {
    let options = WriteOptions { format: None, metadata: derived.report.metadata() };
    let text = derived.report.json();
    let table = aside(&mut derived.frame, output, &options)?;
    let report = report
        .map(|path| whole::aside(path, |out, file| out.write_all(text.as_bytes()).map_err(|source| FrameError::writing(file, source))));
    let report = report.transpose()?;
    [Some(table), report].into_iter().flatten().try_for_each(Ready::put)
}

/// The report of an earlier run.
///
/// # Errors
/// A [`FrameError`] that names the file and the remedy.
pub fn read_derive_report(path: &Path) -> Result<DeriveReport, FrameError> {
    let file = path.display().to_string();
    if path.is_dir() {
        return Err(FrameError::Directory { file });
    }
    let bytes = std::fs::read(path).map_err(|source| FrameError::reading(&file, source))?;
    serde_json::from_slice(&bytes).map_err(|error| FrameError::NotReport { file, reason: error.to_string() })
}
