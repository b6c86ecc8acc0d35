//! What is wrong with an answer, where it stands, and what to do about it.

use std::fmt;

/// One thing that is wrong, or worth a look, in what experts sent back.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SurveyFault {
    /// The file.
    pub file: String,
    /// The sheet, in a workbook.
    pub sheet: Option<String>,
    /// The cell, as `C7`; `None` where the whole sheet or file is meant.
    pub cell: Option<String>,
    /// What is wrong.
    pub message: String,
    /// What to do about it.
    pub help: String,
}

impl fmt::Display for SurveyFault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}", place(&self.file, self.sheet.as_deref(), self.cell.as_deref()))?;
        write!(f, ": {}", self.message)?;
        if self.help.is_empty() { Ok(()) } else { write!(f, "; {}", self.help) }
    }
}

/// `a.xlsx, sheet 判断, cell C7`
pub(super) fn place(file: &str, sheet: Option<&str>, cell: Option<&str>) -> String {
    let sheet = sheet.map_or_else(String::new, |sheet| format!(", sheet `{sheet}`"));
    let cell = cell.map_or_else(String::new, |cell| format!(", cell {cell}"));
    format!("{file}{sheet}{cell}")
}
