//! What the cells of an outcome column mean.

use serde::Serialize;
use std::collections::BTreeMap;

/// What an inspection found.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Finding {
    /// Something is wrong: the bad outcome.
    Violation,
    /// Nothing is wrong: the good outcome.
    None,
    /// There was nothing to inspect: closed, moved away, or without the business in question. No outcome.
    OutOfScope,
    /// The firm was not found. No outcome, unless the codes say otherwise.
    Unreachable,
}

impl Finding {
    /// All of them.
    pub const ALL: [Self; 4] = [Self::Violation, Self::None, Self::OutOfScope, Self::Unreachable];

    /// The word in tables.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Violation => "violation",
            Self::None => "none",
            Self::OutOfScope => "out_of_scope",
            Self::Unreachable => "unreachable",
        }
    }

    /// The finding of that word.
    #[must_use]
    pub fn from_word(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|finding| finding.as_str() == word)
    }

    /// What a cell says: by the caller's codes first, then as a word, then as 1 or 0, true or false.
    pub(super) fn of_cell(cell: &str, codes: &BTreeMap<String, Self>) -> Option<Self> {
        let cell = cell.trim();
        codes.get(cell).copied().or_else(|| Self::from_word(cell)).or(match cell {
            "1" | "1.0" | "true" | "True" | "TRUE" => Some(Self::Violation),
            "0" | "0.0" | "false" | "False" | "FALSE" => Some(Self::None),
            _ => None,
        })
    }
}

pub(super) fn words() -> Vec<String> {
    Finding::ALL.map(|finding| finding.as_str().to_owned()).to_vec()
}
