//! What made a graded table, as the table carries it, and how its scores and grades are to be read without the card.

use crate::format::{Format, STANDARD};
use crate::read::parquet_metadata;
use firmgrade::calendar::Day;
use firmgrade::card::Better;
use firmgrade::grade::SolvedCut;
use firmgrade::{GradeOptions, Scorecard};
use serde::{Deserialize, Serialize};
use std::path::Path;

/// What made a result. Two results with the same provenance are the same bits.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Provenance {
    /// Id of the scorecard.
    pub scorecard: String,
    /// Version of the scorecard.
    pub scorecard_version: String,
    /// SHA-256 of the resolved scorecard.
    pub scorecard_digest: String,
    /// SHA-256 of the input columns that the card reads, the id column first.
    pub data_digest: String,
    /// Number of firms.
    pub firms: usize,
    /// Version of the engine.
    pub engine_version: String,
    /// Options of the run.
    pub options: GradeOptions,
    /// The as-of day, YYYY-MM-DD, where the columns were derived from records.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub as_of: Option<String>,
    /// Cut points solved from shares; empty where the card states them.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub solved_cuts: Vec<SolvedCut>,
    /// How scores and grades are to be read; none in files of engines that did not write it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub legend: Option<Legend>,
}

/// How the scores and grades of a table are to be read: what one needs of the card that graded.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Legend {
    /// The name of the scorecard.
    pub title: String,
    /// The column of the firms' ids.
    pub id_column: String,
    /// Which scores are good.
    pub better: Better,
    /// The grades, best first, without the class for too little data.
    pub grades: Vec<String>,
    /// The class for too little data, where the card has one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub class: Option<String>,
}

impl Legend {
    /// Of a card.
    #[must_use]
    pub fn new(card: &Scorecard) -> Self {
        let grades = card.grades();
        Self {
            title: card.spec().scorecard.title.clone(),
            id_column: card.id_column().to_owned(),
            better: card.scale().better,
            grades: grades.names.iter().take(grades.ordered).cloned().collect(),
            class: grades.names.get(grades.ordered).cloned(),
        }
    }
}

/// The key of the whole provenance in a file.
const WHOLE: &str = "firmgrade.provenance";
/// The key of the as-of day in a table of derived indicators.
const AS_OF: &str = "firmgrade.as_of";

impl Provenance {
    /// The provenance as a written table carries it: all of it as JSON under `firmgrade.provenance`, and what a person looks for by itself.
    #[must_use]
    pub fn metadata(&self) -> Vec<(String, String)> {
        // INVARIANT: texts, numbers and flags have JSON.
        let whole = serde_json::to_string(self).unwrap_or_default();
        let entries = [
            ("firmgrade.scorecard", self.scorecard.clone()),
            ("firmgrade.scorecard_version", self.scorecard_version.clone()),
            ("firmgrade.scorecard_digest", self.scorecard_digest.clone()),
            ("firmgrade.data_digest", self.data_digest.clone()),
            ("firmgrade.firms", self.firms.to_string()),
            ("firmgrade.engine_version", self.engine_version.clone()),
            (WHOLE, whole),
        ];
        entries.into_iter().map(|(name, value)| (name.to_owned(), value)).collect()
    }

    /// The as-of day.
    #[must_use]
    pub fn day(&self) -> Option<Day> {
        self.as_of.as_deref().and_then(Day::parse)
    }

    /// The card in words: its title, id and version.
    #[must_use]
    pub fn card(&self) -> String {
        let Self { scorecard, scorecard_version, legend, .. } = self;
        let title = legend.as_ref().map_or("", |legend| legend.title.as_str());
        format!("{title} ({scorecard}, version {scorecard_version})").trim_start().to_owned()
    }
}

/// What a graded table says of itself: a Parquet file keeps it, and others have no place that is read. None where there is nothing, or no
/// file that can be read: what is wrong with it is told by whoever reads its rows.
#[must_use]
pub fn read_provenance(path: impl AsRef<Path>) -> Option<Provenance> {
    serde_json::from_str(&entry(path.as_ref(), WHOLE)?).ok()
}

/// The day as of which the indicators of a table were derived, or its firms graded, as the file says.
#[must_use]
pub fn read_as_of(path: impl AsRef<Path>) -> Option<Day> {
    let path = path.as_ref();
    match entry(path, AS_OF) {
        Some(day) => Day::parse(&day),
        None => read_provenance(path)?.day(),
    }
}

fn entry(path: &Path, key: &str) -> Option<String> {
    if path.as_os_str() == STANDARD || !matches!(Format::from_path(path), Ok(Format::Parquet)) {
        return None;
    }
    parquet_metadata(path).ok()?.into_iter().find(|(name, _)| name == key).map(|(_, value)| value)
}
