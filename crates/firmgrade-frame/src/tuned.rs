//! Weights tuned on an outcomes table: the engine's proposal as tables, and as a new card in a file.

use crate::fault::FrameError;
use crate::graded::{Graded, grades, numbers};
use crate::outcomes::{Account, Joined, OutcomeError, OutcomeOptions, Rated, join};
use crate::write::whole;
use firmgrade::tune::{NewCard, Outcomes, Proposal, TuneOptions};
use polars::prelude::*;
use serde::Serialize;
use std::io::Write;
use std::path::Path;

/// What comes of holding outcomes against grades: faults of the tables, or of the engine.
#[derive(Debug, thiserror::Error)]
pub enum EvaluationError {
    /// Of the outcomes table, or of how it fits the graded firms.
    #[error(transparent)]
    Outcomes(#[from] OutcomeError),
    /// Of the engine.
    #[error(transparent)]
    Engine(#[from] firmgrade::Error),
}

/// A proposal for other weights, with the firms that would move.
#[derive(Clone, Debug)]
pub struct Tuned {
    graded: Graded,
    proposal: Proposal,
    account: Account,
    notes: Vec<String>,
}

/// The proposal as JSON: the verdict first.
#[derive(Serialize)]
struct Written<'t> {
    scorecard: &'t str,
    scorecard_version: &'t str,
    #[serde(flatten)]
    proposal: &'t Proposal,
    outcomes: Account,
    notes: &'t [String],
    engine_version: &'static str,
}

/// Tunes the weights of the card that graded the firms, on the random rows of an outcomes table.
///
/// # Errors
/// [`EvaluationError`] with every fault of the tables, or of the engine.
pub fn tune(graded: &Graded, outcomes: &DataFrame, reading: &OutcomeOptions, options: &TuneOptions) -> Result<Tuned, EvaluationError> {
    let Joined { firm, bad, weight, strata, population, single, account, notes, .. } = join(&Rated::new(graded, None), outcomes, reading)?;
    let sampling =
        firmgrade::evaluate::Sampling { weight: weight.as_deref(), strata: strata.as_deref(), population: population.as_deref(), single };
    let utilities = graded.utilities()?;
    let proposal = firmgrade::tune::tune(&utilities, Outcomes { firm: &firm, bad: &bad, sampling }, options)?;
    Ok(Tuned { graded: graded.clone(), proposal, account, notes })
}

impl Tuned {
    /// The engine's proposal.
    #[must_use]
    pub fn proposal(&self) -> &Proposal {
        &self.proposal
    }

    /// The grading whose card was tuned.
    #[must_use]
    pub fn graded(&self) -> &Graded {
        &self.graded
    }

    /// What became of every row of the outcomes table.
    #[must_use]
    pub fn account(&self) -> Account {
        self.account
    }

    /// What had to be concluded about the tables, or could not be checked.
    #[must_use]
    pub fn notes(&self) -> &[String] {
        &self.notes
    }

    /// One row for each indicator, in the order of the card: `indicator`, `title`, `expert` and `tuned` (weights of the whole), `change`,
    /// `found` (what outcomes ask for, of which `tuned` may go a part of the way) with `low` and `high`, `coefficient`, `rank_before`,
    /// `rank_after`. Empty where the tuning stopped.
    ///
    /// # Errors
    /// None that names of columns could cause.
    pub fn weights(&self) -> PolarsResult<DataFrame> {
        let rows = &self.proposal.indicators;
        let titles: Vec<&str> = self.graded.card().indicators().iter().map(|i| i.title.as_str()).take(rows.len()).collect();
        let ids: Vec<&str> = rows.iter().map(|row| row.indicator.as_str()).collect();
        let of = |name: &str, value: fn(&firmgrade::tune::TunedWeight) -> f64| numbers(name, &rows.iter().map(value).collect::<Vec<_>>());
        let place = |name: &str, value: fn(&firmgrade::tune::TunedWeight) -> usize| {
            UInt32Chunked::from_iter_values(name.into(), rows.iter().map(|row| value(row) as u32)).into_column()
        };
        let columns = vec![
            StringChunked::from_slice("indicator".into(), &ids).into_column(),
            StringChunked::from_slice("title".into(), &titles).into_column(),
            of("expert", |row| row.expert),
            of("tuned", |row| row.tuned),
            of("change", |row| row.tuned - row.expert),
            of("found", |row| row.estimate.value),
            of("low", |row| row.estimate.low),
            of("high", |row| row.estimate.high),
            of("coefficient", |row| row.coefficient),
            place("rank_before", |row| row.rank_before),
            place("rank_after", |row| row.rank_after),
        ];
        DataFrame::new(rows.len(), columns)
    }

    /// One row for each firm whose grade would change, in the order of the input: its id, `before`, `after`.
    ///
    /// # Errors
    /// A [`PolarsError`] only where the id column is called `before` or `after`.
    pub fn moves(&self) -> PolarsResult<DataFrame> {
        let moved = &self.proposal.moved;
        let names = &self.graded.card().grades().names;
        let firms: Vec<IdxSize> = moved.iter().map(|moved| moved.firm as IdxSize).collect();
        let ids = self.graded.ids().take(&IdxCa::from_vec(PlSmallStr::EMPTY, firms))?;
        let codes = |of: fn(&firmgrade::tune::Moved) -> u8| moved.iter().map(of).collect::<Vec<u8>>();
        let (before, after) = (codes(|moved| moved.before), codes(|moved| moved.after));
        DataFrame::new(moved.len(), vec![ids, grades("before", names, &before)?, grades("after", names, &after)?])
    }

    /// All of it as JSON but the firms that would move, of which there is the number.
    #[must_use]
    pub fn json(&self) -> String {
        let header = &self.graded.card().spec().scorecard;
        let written = Written {
            scorecard: &header.id,
            scorecard_version: &header.version,
            proposal: &self.proposal,
            outcomes: self.account,
            notes: &self.notes,
            engine_version: firmgrade::VERSION,
        };
        // INVARIANT: texts, numbers and lists have JSON.
        let mut value = serde_json::to_value(&written).unwrap_or_default();
        if let Some(object) = value.as_object_mut() {
            object.insert("moved".to_owned(), self.proposal.moved.len().into());
        }
        format!("{value:#}\n")
    }

    /// The new card as TOML text; see [`Proposal::card`].
    ///
    /// # Errors
    /// As [`Proposal::card`].
    pub fn card(&self, how: &NewCard) -> Result<String, firmgrade::Error> {
        self.proposal.card(self.graded.card(), how)
    }

    /// Writes the new card to a file, which appears whole or not at all.
    ///
    /// # Errors
    /// As [`Tuned::card`]; [`FrameError`] for a file that cannot be written.
    pub fn write(&self, path: impl AsRef<Path>, how: &NewCard) -> Result<(), FrameError> {
        write_text(path, &self.card(how)?)
    }
}

/// Writes a text to a file, which appears whole or not at all; `-` is standard output.
///
/// # Errors
/// [`FrameError::Write`] and its like.
pub fn write_text(path: impl AsRef<Path>, text: &str) -> Result<(), FrameError> {
    let ready =
        whole::aside(path.as_ref(), |out, file| out.write_all(text.as_bytes()).map_err(|source| FrameError::writing(file, source)))?;
    ready.put()
}
