//! How certain grades are when weights are not: graded firms under many weightings, as tables.

use crate::graded::{Graded, grades, numbers};
use crate::provenance::Provenance;
use firmgrade::ahp::{JudgmentFault, SplitMix64};
use firmgrade::card::ROOT;
use firmgrade::digest::sha256_hex;
use firmgrade::reweigh::{CutPoints, Reweighed, WeightingDraws, Weightings};
use firmgrade::{Error, Scorecard};
use polars::prelude::*;
use serde::Serialize;
use std::sync::Arc;

/// What is asked of many weightings.
#[derive(Clone, Copy, Debug, PartialEq, Serialize)]
pub struct StabilityOptions {
    /// The cut points that other weightings are graded by.
    pub cuts: CutPoints,
    /// A grade is stable that a firm keeps under at least this share of the weightings, from 0 to 1.
    pub stable_at: f64,
    /// The share of the weightings that intervals hold, from 0 to 1; as many lie below them as above.
    pub interval: f64,
}

impl Default for StabilityOptions {
    fn default() -> Self {
        Self { cuts: CutPoints::default(), stable_at: 0.95, interval: 0.95 }
    }
}

/// Graded firms under many weightings.
#[derive(Clone, Debug)]
pub struct Stability {
    graded: Graded,
    weightings: Arc<Weightings>,
    reweighed: Arc<Reweighed>,
    options: StabilityOptions,
    draws: Option<WeightingDraws>,
}

/// What made the result. Two results with the same provenance are the same bits.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct StabilityProvenance {
    /// Of the base grading.
    #[serde(flatten)]
    pub grading: Provenance,
    /// How many weightings.
    pub weightings: usize,
    /// How they were drawn; `None` where they were stated.
    pub draws: Option<WeightingDraws>,
    /// The generator of the draws.
    pub generator: Option<&'static str>,
    /// SHA-256 of the indicators' weights as little-endian f64, row by row.
    pub weightings_digest: String,
    /// What was asked.
    pub stability: StabilityOptions,
}

impl Graded {
    /// The firms under weightings drawn around the card's judgments.
    ///
    /// # Errors
    /// [`Error::Judgments`] with every fault of the draws or options, [`Error::Data`] as
    /// [`Utilities::reweigh`](firmgrade::reweigh::Utilities::reweigh).
    pub fn stability(&self, draws: WeightingDraws, options: StabilityOptions) -> Result<Stability, Error> {
        let weightings = Weightings::draw(self.card(), draws).map_err(Error::Judgments)?;
        self.under(weightings, Some(draws), options)
    }

    /// The firms under stated weightings.
    ///
    /// # Errors
    /// As [`Graded::stability`].
    pub fn reweigh(&self, weightings: Weightings, options: StabilityOptions) -> Result<Stability, Error> {
        self.under(weightings, None, options)
    }

    fn under(&self, weightings: Weightings, draws: Option<WeightingDraws>, options: StabilityOptions) -> Result<Stability, Error> {
        let levels = [("stable_at", options.stable_at), ("interval", options.interval)];
        let faults: Vec<JudgmentFault> = levels
            .into_iter()
            .filter(|(_, value)| !(0.0..=1.0).contains(value))
            .map(|(what, value)| JudgmentFault::Level { what, value })
            .collect();
        if !faults.is_empty() {
            return Err(Error::Judgments(faults));
        }
        let reweighed = Arc::new(self.utilities()?.reweigh(&weightings, options.cuts)?);
        Ok(Stability { graded: self.clone(), weightings: Arc::new(weightings), reweighed, options, draws })
    }
}

impl Stability {
    /// The base grading.
    #[must_use]
    pub fn graded(&self) -> &Graded {
        &self.graded
    }

    /// The weightings.
    #[must_use]
    pub fn weightings(&self) -> &Weightings {
        &self.weightings
    }

    /// The engine's result.
    #[must_use]
    pub fn reweighed(&self) -> &Reweighed {
        &self.reweighed
    }

    /// What was asked.
    #[must_use]
    pub fn options(&self) -> StabilityOptions {
        self.options
    }

    /// The share of firms whose grade is stable, from 0 to 1.
    #[must_use]
    pub fn stable_share(&self) -> f64 {
        self.reweighed.stable_share(self.options.stable_at)
    }

    /// One row for each firm in the order of the input: id, `grade` by the card's own weights, `most_frequent` grade, `kept` (share of
    /// weightings under which it keeps its grade), `stable`, then for each grade G its probability `P(G)`.
    ///
    /// # Errors
    /// A [`PolarsError`] only where a result column would have the name of the id column.
    pub fn frame(&self) -> PolarsResult<DataFrame> {
        let names = &self.card().grades().names;
        let kept = self.reweighed.kept();
        let stable: Vec<bool> = kept.iter().map(|kept| *kept >= self.options.stable_at).collect();
        let mut columns = vec![
            self.graded.ids(),
            grades("grade", names, &self.reweighed.base)?,
            grades("most_frequent", names, &self.reweighed.most_frequent())?,
            numbers("kept", &kept),
            BooleanChunked::from_slice("stable".into(), &stable).into_column(),
        ];
        for (name, probability) in names.iter().zip(self.reweighed.probability().columns()) {
            columns.push(numbers(&format!("P({name})"), &probability.to_vec()));
        }
        DataFrame::new(kept.len(), columns)
    }

    /// One row for each criterion and indicator from the top down: `id`, `title`, `kind`, `weight` (the card's, of the whole), `lower`,
    /// `median` and `upper` over the weightings.
    ///
    /// # Errors
    /// None that names of columns could cause.
    pub fn weights(&self) -> PolarsResult<DataFrame> {
        let card = self.card();
        let found = self.weightings.quantiles(&self.levels());
        let places = depth_first(card);
        let nodes = card.nodes().iter().map(|node| (&node.id, &node.title, "criterion", node.weight));
        let all: Vec<_> = nodes.chain(card.indicators().iter().map(|i| (&i.id, &i.title, "indicator", i.weight))).collect();
        let rows: Vec<_> = places.iter().filter_map(|place| all.get(*place).copied()).collect();
        let texts = |name: &str, values: Vec<&str>| StringChunked::from_slice(name.into(), &values).into_column();
        let mut columns = vec![
            texts("id", rows.iter().map(|row| row.0.as_str()).collect()),
            texts("title", rows.iter().map(|row| row.1.as_str()).collect()),
            texts("kind", rows.iter().map(|row| row.2).collect()),
            numbers("weight", &rows.iter().map(|row| row.3).collect::<Vec<_>>()),
        ];
        for (name, quantiles) in LEVELS.iter().zip(found.rows()) {
            columns.push(numbers(name, &places.iter().filter_map(|place| quantiles.get(*place).copied()).collect::<Vec<_>>()));
        }
        DataFrame::new(rows.len(), columns)
    }

    /// One row for each grade, best first: `grade`, `share` of the firms by the card's own weights, `lower`, `median` and `upper` over the
    /// weightings.
    ///
    /// # Errors
    /// None that names of columns could cause.
    pub fn shares(&self) -> PolarsResult<DataFrame> {
        let names: Vec<&str> = self.card().grades().names.iter().map(String::as_str).collect();
        let found = self.reweighed.share_quantiles(&self.levels());
        let base: Vec<f64> = self.graded.counts().iter().map(|count| count.share).collect();
        let mut columns = vec![StringChunked::from_slice("grade".into(), &names).into_column(), numbers("share", &base)];
        for (name, quantiles) in LEVELS.iter().zip(found.rows()) {
            columns.push(numbers(name, &quantiles.to_vec()));
        }
        DataFrame::new(names.len(), columns)
    }

    /// What made the result.
    #[must_use]
    pub fn provenance(&self) -> StabilityProvenance {
        let bytes: Vec<u8> = self.weightings.indicators().iter().flat_map(|weight| weight.to_le_bytes()).collect();
        StabilityProvenance {
            grading: self.graded.provenance(),
            weightings: self.weightings.len(),
            draws: self.draws,
            generator: self.draws.map(|_| SplitMix64::NAME),
            weightings_digest: sha256_hex(&bytes),
            stability: self.options,
        }
    }

    fn card(&self) -> &Scorecard {
        self.graded.card()
    }

    /// The shares of weightings below `lower`, `median` and `upper`.
    fn levels(&self) -> [f64; 3] {
        let outside = (1.0 - self.options.interval) / 2.0;
        [outside, 0.5, 1.0 - outside]
    }
}

const LEVELS: [&str; 3] = ["lower", "median", "upper"];

/// Nodes and indicators from the top down, children after their parent: positions among the nodes, then the indicators.
fn depth_first(card: &Scorecard) -> Vec<usize> {
    let nodes = card.nodes();
    let mut places = Vec::with_capacity(nodes.len() + card.indicators().len());
    let mut open = vec![ROOT];
    while let Some(id) = open.pop() {
        if let Some(place) = nodes.iter().position(|node| node.id == id) {
            places.push(place);
            open.extend(nodes.get(place).into_iter().flat_map(|node| node.children.iter().rev().map(String::as_str)));
        } else {
            places.extend(card.indicators().iter().position(|leaf| leaf.id == id).map(|leaf| nodes.len() + leaf));
        }
    }
    places
}
