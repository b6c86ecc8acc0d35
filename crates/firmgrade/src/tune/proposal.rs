//! Weights from experts and outcomes together: what is proposed, why, and what it would change.

use super::gate::{Gate, Seen, gain_in_words, slope_in_words, step_in_words};
use super::sample::{Outcomes, Sample, weighed};
use super::shrink::{Crossed, Shrinkage, normalised, shrunk, slope};
use super::stated::Implied;
use super::step::{Step, along, largest_change, share};
use super::weights_test::{WeightsTest, weights_test};
use crate::ahp::JudgmentFault;
use crate::error::Error;
use crate::evaluate::{Estimable, Estimate, LEVEL, auc_difference};
use crate::reweigh::{CutPoints, Utilities, Weightings};
use ndarray::Array2;
use serde::{Deserialize, Serialize};

/// Which rows' likelihood counts how much.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Weighting {
    /// Every row alike, unless DuMouchel and Duncan's test rejects that; then by 1/π.
    #[default]
    Test,
    /// Every row alike.
    Plain,
    /// By 1/π.
    Design,
}

/// How weights are tuned.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct TuneOptions {
    /// Folds of the cross-validation, 3 to 20.
    pub folds: usize,
    /// The seed of the folds.
    pub seed: u64,
    /// The spreads of the prior that are tried, as shares of each expert weight, ascending, above 0.
    pub tau: Vec<f64>,
    /// Which rows count how much.
    pub weighting: Weighting,
    /// The largest change of a weight that is proposed, from 0 to 1: the step towards what outcomes ask for ends there. 1 is no limit.
    pub max_change: f64,
    /// Decimals of the weights among siblings, 2 to 9.
    pub decimals: u8,
    /// The cut points by which firms are graded anew.
    pub cut_points: CutPoints,
}

impl Default for TuneOptions {
    fn default() -> Self {
        Self {
            folds: 5,
            seed: 1,
            tau: vec![0.1, 0.25, 0.5, 1.0],
            weighting: Weighting::default(),
            max_change: 0.1,
            decimals: 4,
            cut_points: CutPoints::default(),
        }
    }
}

/// What came of the tuning.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Verdict {
    /// All gates are open: the new weights are proposed.
    Proposed,
    /// The experts' weights stay; what was found is there to look at.
    NotProposed,
    /// The card's risk says nothing about outcomes: stopped.
    NoSignal,
    /// The card's risk falls where outcomes get worse: stopped.
    Reversed,
    /// Too few bad or good outcomes: stopped.
    NotEstimable,
}

/// An indicator before and after.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct TunedWeight {
    /// The indicator.
    pub indicator: String,
    /// Its weight by the card, from 0 to 1.
    pub expert: f64,
    /// Its new weight, from 0 to 1, as the new card would state it: no further from the expert's than `max_change`.
    pub tuned: f64,
    /// What outcomes ask for, the end of the way of which the new weight may be a part: `max(γ_j, 0)/Σ max(γ, 0)` with its standard error by
    /// the delta method; 0 ± 0 where it was held at 0. Neither knows of the limit.
    pub estimate: Estimate,
    /// Change of the log-odds of a bad outcome from utility 0 to 1.
    pub coefficient: f64,
    /// Its place by weight, from 1, by the card.
    pub rank_before: usize,
    /// The same by the new weights.
    pub rank_after: usize,
}

/// How much better new weights order outcomes that they have not seen. Each fold's weights keep the limit of a change as the proposed ones do.
#[derive(Clone, Copy, Debug, PartialEq, Serialize)]
pub struct Gain {
    /// AUC by the experts' weights.
    pub before: Estimate,
    /// AUC by weights tuned without the row's fold.
    pub after: Estimate,
    /// After minus before, paired.
    pub difference: Estimate,
}

/// A firm whose grade would change; grades are indices into [`Grades::names`](crate::card::Grades::names).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Moved {
    /// The firm, from 0.
    pub firm: usize,
    /// Its grade by the card.
    pub before: u8,
    /// Its grade by the new weights.
    pub after: u8,
}

/// Weights tuned from outcomes. Nothing is changed by it: a person adopts, by saving a new card ([`Proposal::card`]).
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Proposal {
    /// The digest of the card that was tuned.
    pub digest: String,
    /// What came of it.
    pub verdict: Verdict,
    /// The same in a sentence, for the first line of a report.
    pub words: String,
    /// The conditions, in the order in which they were looked at; the last one closed stopped the tuning where the verdict says so.
    pub gates: Vec<Gate>,
    /// Rows with outcomes.
    pub rows: usize,
    /// How many of them are bad.
    pub bad: usize,
    /// Whether they carry statements about all firms, as an evaluation of the same rows judges it; below 5 expected nothing is proposed.
    pub estimable: Estimable,
    /// `c` of `logit p = a + c·risk`.
    pub slope: Option<Estimate>,
    /// Whether rows' sampling weights matter for the fit; `None` where all weigh the same or the verdict came first.
    pub weights_test: Option<WeightsTest>,
    /// Whether the likelihood was weighted by 1/π.
    pub design_weighted: bool,
    /// The spreads that were tried.
    pub shrinkage: Vec<Shrinkage>,
    /// By indicator, in the order of the card; empty where the tuning stopped.
    pub indicators: Vec<TunedWeight>,
    /// The largest change of a weight that outcomes ask for; `None` where the tuning stopped.
    pub asked: Option<f64>,
    /// The part of the way to what outcomes ask for that the new weights go: 1 where the limit does not bind, `None` where the tuning stopped.
    pub step: Option<f64>,
    /// The cross-fitted gain of the step.
    pub gain: Option<Gain>,
    /// The new weights among siblings, node by node, with the judgments they imply.
    pub implied: Vec<Implied>,
    /// Firms whose grade would change, by position.
    pub moved: Vec<Moved>,
    /// How the tuning was done.
    pub options: TuneOptions,
}

/// Tunes the weights of a card on outcomes.
///
/// ```text
/// logit p = a + c·(w₀·u)                   c's interval holds 0: no signal, stop
/// logit p = a + Σ γ_j u_j                  γ_j ~ N(c₀w₀_j, (τc₀w₀_j)²); τ by cross-validation, the most cautious that is as good
/// w*_j = max(γ_j, 0)/Σ max(γ, 0)           a weight of 0 stays 0
/// w = w₀ + s(w* − w₀)                      the largest s up to 1 with max|w − w₀| ≤ max_change, as stated among siblings
/// ```
/// Proposed only if the grade that was sampled least has at least 5 bad outcomes to be expected, and the cross-fitted, design-weighted gain
/// in AUC of the step lies above 0 with its whole 95 % interval. Whoever adopts a step and tunes again on new outcomes comes nearer to what
/// they ask for each time. For the gain, each fold's rows are scored by weights (τ and s too) found without them, levelled at the mean
/// utilities of the rows they were found on, so that folds compare. Missing values whose weight is shared are filled in by what sharing
/// gives them under the card's weights; the firms that would move are graded exactly. The bits depend neither on the order of the rows
/// nor on threads.
///
/// # Errors
/// [`Error::Tune`] with every fault of the rows and options; [`Error::Evaluate`] for a sampling design that does not fit; a fit that cannot be
/// made, such as a card that separates the outcomes.
pub fn tune(utilities: &Utilities, outcomes: Outcomes<'_>, options: &TuneOptions) -> Result<Proposal, Error> {
    check(options)?;
    let sample = Sample::new(utilities, outcomes, options.folds, options.seed)?;
    let card = utilities.card();
    let seen = Seen::of(&sample.grade, &sample.bad, sample.sampling())?;
    let mut proposal = Proposal {
        digest: card.digest.clone(),
        verdict: Verdict::NotEstimable,
        words: String::new(),
        gates: Vec::new(),
        rows: sample.rows(),
        bad: seen.bad,
        estimable: seen.estimable,
        slope: None,
        weights_test: None,
        design_weighted: false,
        shrinkage: Vec::new(),
        indicators: Vec::new(),
        asked: None,
        step: None,
        gain: None,
        implied: Vec::new(),
        moved: Vec::new(),
        options: options.clone(),
    };
    let grades = &card.grades.names;
    proposal.gate("outcomes", seen.open(), seen.words(grades));
    if seen.too_few() {
        return Ok(proposal.stop(Verdict::NotEstimable, "not estimable: too few outcomes to tune weights"));
    }

    let equal = vec![1.0; sample.rows()];
    let weight = match options.weighting {
        Weighting::Plain => equal,
        Weighting::Design => sample.by_design(),
        Weighting::Test => {
            proposal.weights_test = weights_test(&sample)?;
            let rejected = proposal.weights_test.as_ref().is_some_and(|test| test.rejected);
            if rejected { sample.by_design() } else { equal }
        }
    };
    proposal.design_weighted = sample.weight.as_ref() == Some(&weight);

    let along = slope(&sample, &weight)?;
    let se = along.sandwich(&sample.along, &sample.outcome, &weight).get(3).copied().unwrap_or(f64::NAN).sqrt();
    let found = Estimate::normal(along.beta[1], se, LEVEL);
    proposal.slope = Some(found);
    let signal = found.low > 0.0;
    proposal.gate("signal", signal, slope_in_words(found));
    if found.high < 0.0 {
        let words = "reversed: outcomes get worse where the card sees less risk; look at the card, not at its weights";
        return Ok(proposal.stop(Verdict::Reversed, words));
    }
    if !signal {
        let words = "no signal: the card's risk says nothing about these outcomes, so there is nothing to tune";
        return Ok(proposal.stop(Verdict::NoSignal, words));
    }

    let crossed = Crossed::new(&sample, &weight, &options.tau)?;
    let (tau, shrinkage) = crossed.choose(&sample, &options.tau, None);
    proposal.shrinkage = shrinkage;
    let fit = shrunk(&sample, &weight, options.tau[tau])?.fit;
    let raw = normalised(&fit.beta[1..], &sample.expert);
    let errors = standard_errors(&fit.beta[1..], &raw, &fit.sandwich(&sample.design, &sample.outcome, &weight));

    let mut whole = vec![0.0; card.indicators.len()];
    sample.active.iter().zip(&raw).for_each(|(at, weight)| whole[*at] = *weight);
    let step = Step::new(card, &whole, options.max_change, options.decimals);
    proposal.indicators = card
        .indicators
        .iter()
        .zip(&step.weights)
        .map(|(indicator, tuned)| TunedWeight {
            indicator: indicator.id.clone(),
            expert: indicator.weight,
            tuned: *tuned,
            estimate: Estimate::normal(0.0, 0.0, LEVEL),
            coefficient: 0.0,
            rank_before: 0,
            rank_after: 0,
        })
        .collect();
    for (place, at) in sample.active.iter().enumerate() {
        let row = &mut proposal.indicators[*at];
        let estimate = Estimate::normal(raw[place], errors[place], LEVEL);
        row.estimate = Estimate { low: estimate.low.max(0.0), high: estimate.high.min(1.0), ..estimate };
        row.coefficient = fit.beta[place + 1];
    }
    proposal.rank();
    proposal.implied = step.locals.implied();
    (proposal.asked, proposal.step) = (Some(step.asked.1), Some(step.share));

    let gain = cross_fitted(&sample, &crossed, options)?;
    proposal.gain = Some(gain);
    let gained = gain.difference.low > 0.0;
    proposal.gate("gain", gained, gain_in_words(gain));
    let (most, asked) = step.asked;
    let name = card.indicators.get(most).map_or("", |indicator| indicator.id.as_str());
    let stepped = step_in_words(asked, name, step.share, options.max_change);
    proposal.gate("change", step.share > 0.0, stepped.clone());

    let weights = Array2::from_shape_vec((1, step.weights.len()), step.weights).unwrap_or_default();
    let weightings = Weightings::new(card, weights.view()).map_err(Error::Judgments)?;
    let rescored = utilities.rescore(&weightings, 0, options.cut_points)?;
    let firms = utilities.base().grade.iter().zip(&rescored.grade).enumerate();
    proposal.moved = firms
        .filter(|(_, (before, after))| before != after)
        .map(|(firm, (before, after))| Moved { firm, before: *before, after: *after })
        .collect();

    let share = proposal.moved.len() as f64 / utilities.len().max(1) as f64 * 100.0;
    let would = format!("{} of {} firms ({share:.1} %) would change grade", proposal.moved.len(), utilities.len());
    let (verdict, words) = if !seen.open() {
        (Verdict::NotProposed, format!("not proposed: {}", seen.lacking(grades)))
    } else if !(step.share > 0.0) {
        (Verdict::NotProposed, format!("not proposed: {stepped}"))
    } else if !gained {
        (Verdict::NotProposed, "not proposed: weights from these outcomes are not surely better than the experts'".to_owned())
    } else {
        let part = if step.share < 1.0 { format!("{stepped}; ") } else { String::new() };
        (Verdict::Proposed, format!("proposed: {}; {part}{would}; a person decides", gain_in_words(gain)))
    };
    Ok(proposal.stop(verdict, &words))
}

fn check(options: &TuneOptions) -> Result<(), Error> {
    let mut faults = super::fault::Faults::default();
    let ascending = options.tau.iter().zip(options.tau.iter().skip(1)).all(|(a, b)| a < b);
    let above = options.tau.iter().all(|tau| *tau > 0.0 && *tau <= 100.0);
    faults.argument(
        "tau",
        format!("{:?}", options.tau),
        "ascending numbers above 0 and at most 100",
        ascending && above && !options.tau.is_empty(),
    );
    faults.argument("max_change", options.max_change, "a number from 0 to 1", (0.0..=1.0).contains(&options.max_change));
    faults.argument("decimals", options.decimals, "a whole number from 2 to 9", (2..=9).contains(&options.decimals));
    faults.argument("folds", options.folds, "a whole number from 3 to 20", (3..=20).contains(&options.folds));
    faults.check()
}

/// Standard errors of normalised coefficients: `J V Jᵀ` with `J_jk = (δ_jk − w_j)/S` over coefficients above 0.
fn standard_errors(coefficients: &[f64], weights: &[f64], covariance: &[f64]) -> Vec<f64> {
    let size = coefficients.len() + 1;
    let sum = coefficients.iter().fold(0.0, |sum, value| sum + value.max(0.0));
    let there: Vec<usize> = (0..coefficients.len()).filter(|at| coefficients[*at] > 0.0).collect();
    let entry = |j: usize, k: usize| covariance[(j + 1) * size + k + 1];
    // V·1 and 1ᵀ·V·1 once, so that the whole takes p².
    let rows: Vec<f64> = (0..coefficients.len()).map(|j| there.iter().fold(0.0, |sum, k| sum + entry(j, *k))).collect();
    let all = there.iter().fold(0.0, |sum, j| sum + rows[*j]);
    (0..coefficients.len())
        .map(|j| {
            let variance = entry(j, j) - 2.0 * weights[j] * rows[j] + weights[j] * weights[j] * all;
            if coefficients[j] > 0.0 && sum > 0.0 { variance.max(0.0).sqrt() / sum } else { 0.0 }
        })
        .collect()
}

/// AUC of the experts' risk and of a risk whose weights have not seen the row and keep the limit (before rounding).
fn cross_fitted(sample: &Sample, crossed: &Crossed, options: &TuneOptions) -> Result<Gain, Error> {
    let mut after = vec![0.0; sample.rows()];
    for held in 0..sample.folds {
        let (tau, _) = crossed.choose(sample, &options.tau, Some(held));
        let Some(fit) = crossed.without(tau, held) else { continue };
        let found = normalised(&fit.beta[1..], &sample.expert);
        let share = share(largest_change(&sample.expert, &found).1, options.max_change);
        let risk = weighed(&sample.design, &along(&sample.expert, &found, share));
        let outside = || (0..sample.rows()).filter(|row| sample.fold[*row] != held);
        let rows = outside().count().max(1) as f64;
        let level = outside().fold(0.0, |sum, row| sum + (sample.score[row] - risk[row])) / rows;
        (0..sample.rows()).filter(|row| sample.fold[*row] == held).for_each(|row| after[row] = risk[row] + level);
    }
    let compared = auc_difference(&after, &sample.score, &sample.bad, sample.sampling(), LEVEL)?;
    Ok(Gain { before: compared.second.estimate, after: compared.first.estimate, difference: compared.difference })
}

impl Proposal {
    fn gate(&mut self, name: &str, open: bool, words: String) {
        self.gates.push(Gate { name: name.to_owned(), open, words });
    }

    fn stop(mut self, verdict: Verdict, words: &str) -> Self {
        self.verdict = verdict;
        self.words = words.to_owned();
        self
    }

    /// Places by weight; of equal weights the first in the card comes first.
    fn rank(&mut self) {
        type Of = fn(&TunedWeight) -> f64;
        let places = |of: Of, rows: &[TunedWeight]| {
            let mut order: Vec<usize> = (0..rows.len()).collect();
            order.sort_by(|a, b| of(&rows[*b]).total_cmp(&of(&rows[*a])).then(a.cmp(b)));
            let mut places = vec![0; rows.len()];
            order.iter().enumerate().for_each(|(place, at)| places[*at] = place + 1);
            places
        };
        let before = places(|row| row.expert, &self.indicators);
        let after = places(|row| row.tuned, &self.indicators);
        for (row, (before, after)) in self.indicators.iter_mut().zip(before.into_iter().zip(after)) {
            (row.rank_before, row.rank_after) = (before, after);
        }
    }

    /// The indicator whose weight the proposal changes most, and by how much.
    #[must_use]
    pub fn largest_change(&self) -> (&str, f64) {
        let changes = self.indicators.iter().map(|row| (row.indicator.as_str(), (row.tuned - row.expert).abs()));
        changes.fold(("", 0.0), |most, row| if row.1 > most.1 { row } else { most })
    }

    /// The new weights of the indicators, in the order of the card; empty where the tuning stopped.
    #[must_use]
    pub fn weights(&self) -> Vec<f64> {
        self.indicators.iter().map(|row| row.tuned).collect()
    }
}

/// Whether a card is the one that a proposal was made for.
pub(super) fn same_card(made_for: &str, digest: &str) -> Result<(), Error> {
    if made_for == digest { Ok(()) } else { Err(Error::Judgments(vec![JudgmentFault::OtherCard])) }
}
