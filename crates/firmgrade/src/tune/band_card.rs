//! New bands for the indicators of a card, and what they are worth on outcomes that they have not seen.

use super::bands::{BandOptions, Banded, banded};
use super::design::canonical;
use super::fault::Faults;
use super::gate::{Seen, gain_in_words};
use super::proposal::Gain;
use super::read::{Read, kind};
use super::sample::{Outcomes, filled, folded};
use super::stated::{NewCard, new_card};
use super::{TuneFault, Verdict};
use crate::card::{IndicatorSpec, Scorecard};
use crate::columns::{Kind, Table};
use crate::error::Error;
use crate::evaluate::{LEVEL, Sampling, SingleUnit, auc_difference};
use crate::grade::NO_GRADE;
use crate::reweigh::Utilities;
use rayon::prelude::*;
use serde::{Deserialize, Serialize};
use std::cmp::Ordering;

/// How bands of a card are found and tried.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct BandCardOptions {
    /// How the bands of an indicator are found.
    #[serde(flatten)]
    pub bands: BandOptions,
    /// Bands whose information value chance gives with a greater probability than this are not taken; above 0, at most 1.
    pub chance: f64,
    /// Folds of the cross-validation, 3 to 20.
    pub folds: usize,
    /// The seed of the folds.
    pub seed: u64,
}

impl Default for BandCardOptions {
    fn default() -> Self {
        Self { bands: BandOptions::default(), chance: 0.01, folds: 5, seed: 1 }
    }
}

impl BandCardOptions {
    /// Whether bands say more than chance.
    fn takes(&self, banded: &Banded) -> bool {
        banded.bands.len() > 1 && banded.p <= self.chance
    }
}

/// An indicator and its new bands.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct NewBands {
    /// The indicator.
    pub indicator: String,
    /// Its bands; `None` where rows with a value have one outcome only.
    pub banded: Option<Banded>,
    /// Whether the new card takes them: there are at least two, and they say more than chance.
    pub taken: bool,
    /// The correlation of the new risk with the card's, over rows with both; below 0 the outcomes say the reverse of what the experts said. `None`
    /// where one of them does not differ.
    pub agreement: Option<f64>,
    /// What was found, in words.
    pub words: String,
}

/// New bands for indicators of a card. Nothing is changed by it: a person adopts, by saving a new card ([`BandedCard::card`]).
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct BandedCard {
    /// The digest of the card whose indicators were banded.
    pub digest: String,
    /// `proposed`, `not_proposed` or `not_estimable`.
    pub verdict: Verdict,
    /// The same in a sentence.
    pub words: String,
    /// Rows with outcomes.
    pub rows: usize,
    /// How many of them are bad.
    pub bad: usize,
    /// By indicator that was asked for, in the order of the card.
    pub indicators: Vec<NewBands>,
    /// AUC of the card, and of the card with bands found without the row's fold; `None` where no bands could be found. The interval is that of
    /// the rows; how bands vary from sample to sample is not in it, so it holds the gain of this very card in some 85 of 100 samples.
    pub gain: Option<Gain>,
    /// How it was done.
    pub options: BandCardOptions,
}

/// An indicator to be banded: its place in the card, and the values of the rows in canonical order.
struct Asked {
    at: usize,
    kind: Kind,
    read: Read,
}

/// New bands for `indicators` of a card (all where none are named), each as [`bands`](fn@super::bands) finds them, weighted by 1/π, and what the
/// card with its own weights and these bands is worth: the AUC of rows whose fold the bands have not seen, each fold levelled at the mean
/// risk of the rows its bands were found on. Bands are proposed where the gain lies above 0 with its whole 95 % interval.
///
/// `table` has the columns that the card reads, a row for each outcome. A value that new bands do not cover (a category not seen, a missing
/// value among too few) keeps the card's risk. The bits depend neither on the order of rows nor on threads.
///
/// # Errors
/// [`Error::Tune`] with every fault of rows, columns and options, unknown indicators among them; [`Error::Evaluate`] for a sampling design that
/// does not fit.
pub fn band_card(
    utilities: &Utilities,
    table: &Table<'_>,
    outcomes: Outcomes<'_>,
    indicators: &[&str],
    options: &BandCardOptions,
) -> Result<BandedCard, Error> {
    let card = utilities.card();
    let mut faults = Faults::default();
    outcomes.check(utilities, options.folds, &mut faults);
    faults.rows("table", table.len(), outcomes.firm.len());
    faults.argument("chance", options.chance, "a number above 0 and at most 1", options.chance > 0.0 && options.chance <= 1.0);
    options.bands.check(&mut faults);
    for name in indicators.iter().filter(|name| !card.indicators.iter().any(|indicator| indicator.id == **name)) {
        let near = crate::nearest(name, card.indicators.iter().map(|indicator| indicator.id.as_str()));
        let near = near.map_or_else(String::new, |near| format!(" (near: `{near}`)"));
        faults.argument("indicators", format!("`{name}`{near}"), "indicators of the card", false);
    }
    faults.check()?;

    let mut faults = Faults::default();
    let mut asked = Vec::new();
    for (at, indicator) in card.indicators.iter().enumerate() {
        let name = card.columns.get(indicator.column).map_or("", |column| column.name.as_str());
        if indicators.is_empty() || indicators.contains(&indicator.id.as_str()) {
            match table.column(name) {
                Some(column) => asked.push(Asked { at, kind: kind(column), read: Read::new(name, column, &mut faults) }),
                None => faults.argument("table", format!("one without `{name}`"), "the columns that the card reads", false),
            }
        }
    }
    let matrix = utilities.matrix();
    let bare = outcomes.firm.iter().map(|firm| filled(card, matrix.row(*firm)).iter().fold(0.0, |sum, risk| sum + risk));
    faults.values("firm", bare, "firm without data", "leave it out, its outcome says nothing about bands", |sum| !sum.is_nan());
    faults.check()?;

    let rows = Rows::new(utilities, &matrix, outcomes, asked, options)?;
    let seen = Seen::of(&rows.grade, &rows.bad, rows.sampling())?;
    let found: Vec<Option<Banded>> = rows.asked.par_iter().map(|asked| rows.banded(card, asked, options, &|_| true)).collect();
    let indicators: Vec<NewBands> =
        rows.asked.iter().zip(found).map(|(asked, found)| rows.described(card, asked, found, options)).collect();
    let mut whole = BandedCard {
        digest: card.digest.clone(),
        verdict: Verdict::NotEstimable,
        words: String::new(),
        rows: rows.bad.len(),
        bad: seen.bad,
        indicators,
        gain: None,
        options: *options,
    };
    let grades = &card.grades.names;
    if seen.too_few() {
        whole.words = format!("not estimable: {}", seen.words(grades));
        return Ok(whole);
    }
    whole.verdict = Verdict::NotProposed;
    let taken = whole.indicators.iter().filter(|indicator| indicator.taken).count();
    if taken == 0 {
        whole.words = "not proposed: no indicator has bands of this size that say more than chance".to_owned();
        return Ok(whole);
    }
    let gain = rows.cross_fitted(card, options)?;
    let of = format!("new bands for {taken} of {} indicators", whole.indicators.len());
    let found = gain_in_words(gain);
    whole.gain = Some(gain);
    if !seen.open() {
        whole.words = format!("not proposed: {}", seen.lacking(grades));
    } else if gain.difference.low > 0.0 {
        whole.verdict = Verdict::Proposed;
        whole.words = format!("proposed: with {of} and the card's weights, {found}; a person decides");
    } else {
        whole.words = format!("not proposed: {of} are not surely better than the experts' ({found})");
    }
    Ok(whole)
}

/// The rows in an order that their contents decide.
struct Rows {
    bad: Vec<bool>,
    weight: Option<Vec<f64>>,
    strata: Option<Vec<u32>>,
    population: Option<Vec<f64>>,
    single: SingleUnit,
    /// The card's risks.
    risks: Vec<Vec<f64>>,
    asked: Vec<Asked>,
    /// The card's grades.
    grade: Vec<u32>,
    fold: Vec<usize>,
}

impl Rows {
    fn new(
        utilities: &Utilities,
        matrix: &ndarray::Array2<f64>,
        outcomes: Outcomes<'_>,
        asked: Vec<Asked>,
        options: &BandCardOptions,
    ) -> Result<Self, Error> {
        let sampling = outcomes.sampling;
        let weight = sampling.weights(outcomes.firm.len())?;
        let risks = |row: usize| matrix.row(outcomes.firm[row]);
        let order = canonical(outcomes.firm.len(), |a, b| {
            let values = || asked.iter().map(|asked| asked.read.compare(a, b)).find(|order| order.is_ne());
            let first = outcomes.compare(a, b).then_with(|| values().unwrap_or(Ordering::Equal));
            let others = || risks(a).iter().zip(risks(b)).map(|(a, b)| a.total_cmp(b)).find(|order| order.is_ne());
            first.then_with(|| others().unwrap_or(Ordering::Equal))
        });
        let bad: Vec<bool> = order.iter().map(|row| outcomes.bad[*row]).collect();
        let put = |values: &[f64]| order.iter().map(|row| values[*row]).collect::<Vec<f64>>();
        Ok(Self {
            weight: weight.as_deref().map(put),
            strata: sampling.strata.map(|strata| order.iter().map(|row| strata[*row]).collect()),
            population: sampling.population.map(put),
            single: sampling.single,
            risks: order.iter().map(|row| risks(*row).to_vec()).collect(),
            asked: asked.into_iter().map(|asked| Asked { read: asked.read.ordered(&order), ..asked }).collect(),
            grade: order.iter().map(|row| utilities.base().grade.get(outcomes.firm[*row]).copied().unwrap_or(NO_GRADE).into()).collect(),
            fold: folded(&bad, options.folds, options.seed),
            bad,
        })
    }

    /// How the rows were drawn, in this order.
    fn sampling(&self) -> Sampling<'_> {
        Sampling {
            weight: self.weight.as_deref(),
            strata: self.strata.as_deref(),
            population: self.population.as_deref(),
            single: self.single,
        }
    }

    fn weight(&self, row: usize) -> f64 {
        self.weight.as_ref().map_or(1.0, |weight| weight[row])
    }

    /// Bands of an indicator from some rows; `None` where those with a value have one outcome only.
    fn banded(&self, card: &Scorecard, asked: &Asked, options: &BandCardOptions, inside: &dyn Fn(usize) -> bool) -> Option<Banded> {
        let rows: Vec<usize> = (0..self.bad.len()).filter(|row| inside(*row) && self.weight(*row) > 0.0).collect();
        let told = |wanted: bool| rows.iter().any(|row| self.bad[*row] == wanted && !asked.read.is_missing(*row));
        if !(told(true) && told(false)) {
            return None;
        }
        let name = card.indicators.get(asked.at).and_then(|of| card.columns.get(of.column)).map_or("", |column| column.name.as_str());
        let bad: Vec<bool> = rows.iter().map(|row| self.bad[*row]).collect();
        let weight = |row: usize| self.weight(rows[row]);
        Some(banded(name, asked.kind, &asked.read.ordered(&rows), &bad, &weight, &options.bands))
    }

    /// What was found about an indicator.
    fn described(&self, card: &Scorecard, asked: &Asked, banded: Option<Banded>, options: &BandCardOptions) -> NewBands {
        let indicator = card.indicators.get(asked.at).map_or_else(String::new, |indicator| indicator.id.clone());
        let Some(banded) = banded else {
            let words = "rows with a value have one outcome only: nothing can be told".to_owned();
            return NewBands { indicator, banded: None, taken: false, agreement: None, words };
        };
        let taken = options.takes(&banded);
        let pairs = || {
            let risk = |row: usize| banded.risk(&asked.read, row).map(|new| (self.weight(row), new, self.risks[row][asked.at]));
            (0..self.bad.len()).filter_map(risk).filter(|(_, _, old)| !old.is_nan())
        };
        let whole = pairs().fold([0.0; 3], |sum, (w, a, b)| [sum[0] + w, sum[1] + w * a, sum[2] + w * b]);
        let (mean_a, mean_b) = (whole[1] / whole[0], whole[2] / whole[0]);
        let spread = pairs().fold([0.0; 3], |sum, (w, a, b)| {
            let (a, b) = (a - mean_a, b - mean_b);
            [sum[0] + w * a * a, sum[1] + w * a * b, sum[2] + w * b * b]
        });
        let differ = banded.bands.len() > 1 && spread[0] > 1e-12 && spread[2] > 1e-12;
        let agreement = differ.then(|| (spread[1] / (spread[0] * spread[2]).sqrt()).clamp(-1.0, 1.0));
        let against = agreement.filter(|agreement| *agreement < 0.0);
        let mut words = banded.words.clone();
        if let Some(with) = against {
            words.push_str(&format!("; against the card, whose risks it follows with {with:.2}"));
        }
        if !taken && banded.bands.len() > 1 {
            words.push_str("; chance gives as much, the card's own stay");
        }
        NewBands { indicator, banded: Some(banded), taken, agreement, words }
    }

    /// The AUC of the card's risk, and of its risk with bands that have not seen the row's fold.
    fn cross_fitted(&self, card: &Scorecard, options: &BandCardOptions) -> Result<Gain, Error> {
        let score = |risks: &[f64]| {
            let risks = filled(card, ndarray::ArrayView1::from(risks));
            card.indicators.iter().zip(risks).fold(0.0, |sum, (indicator, risk)| sum + indicator.weight * risk)
        };
        let before: Vec<f64> = self.risks.iter().map(|risks| score(risks)).collect();
        let mut after = vec![0.0; before.len()];
        for held in 0..options.folds {
            let found: Vec<Option<Banded>> =
                self.asked.par_iter().map(|asked| self.banded(card, asked, options, &|row| self.fold[row] != held)).collect();
            let risk: Vec<f64> = (0..before.len())
                .into_par_iter()
                .map(|row| {
                    let mut risks = self.risks[row].clone();
                    for (asked, banded) in self.asked.iter().zip(&found) {
                        let banded = banded.as_ref().filter(|banded| options.takes(banded));
                        if let Some(risk) = banded.and_then(|banded| banded.risk(&asked.read, row)) {
                            risks[asked.at] = risk;
                        }
                    }
                    score(&risks)
                })
                .collect();
            let outside = || (0..before.len()).filter(|row| self.fold[*row] != held);
            let level = outside().fold(0.0, |sum, row| sum + (before[row] - risk[row])) / outside().count().max(1) as f64;
            (0..before.len()).filter(|row| self.fold[*row] == held).for_each(|row| after[row] = risk[row] + level);
        }
        let compared = auc_difference(&after, &before, &self.bad, self.sampling(), LEVEL)?;
        Ok(Gain { before: compared.second.estimate, after: compared.first.estimate, difference: compared.difference })
    }
}

impl BandedCard {
    /// The new card as TOML, inheritance resolved, the new bands of `indicators` (all that are taken where none are named) in the place of the
    /// old, everything else as it is. The verdict is not asked, since a person decides.
    ///
    /// # Errors
    /// [`Error::Judgments`] for another card than was banded; [`Error::Tune`] for indicators without new bands, or where there are none;
    /// [`Error::Scorecard`] where the result is no card.
    pub fn card(&self, card: &Scorecard, indicators: &[&str], how: &NewCard) -> Result<String, Error> {
        super::proposal::same_card(&self.digest, card.digest())?;
        let mut faults = Faults::default();
        let taken: Vec<&NewBands> = self.indicators.iter().filter(|new| new.taken).collect();
        let known = |name: &&str| taken.iter().any(|new| new.indicator == *name);
        let unknown: Vec<String> = indicators.iter().filter(|name| !known(name)).map(|name| format!("`{name}`")).collect();
        faults.argument("indicators", unknown.join(", "), "indicators with new bands", unknown.is_empty());
        if taken.is_empty() {
            let remedy = "the card's own stay; wait for more outcomes, or ask for smaller bands";
            faults.0.push(TuneFault::None { what: "new bands".to_owned(), remedy });
        }
        faults.check()?;
        let chosen = || taken.iter().filter(|new| indicators.is_empty() || indicators.contains(&new.indicator.as_str()));
        let names: Vec<String> = chosen().map(|new| format!("`{}`", new.indicator)).collect();
        let origin = format!("Bands of {} from {} outcomes ({} bad): {}.", names.join(", "), self.rows, self.bad, self.words);
        new_card(card, how, &origin, |spec| {
            for new in chosen() {
                if let (Some(banded), Some(old)) = (&new.banded, spec.indicators.get_mut(&new.indicator)) {
                    let spec: IndicatorSpec = banded.indicator(old);
                    *old = spec;
                }
            }
        })
    }
}
