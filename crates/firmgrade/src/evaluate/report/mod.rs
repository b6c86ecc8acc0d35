//! The yearly performance report in numbers: method, discrimination, calibration, stability, by group, champion and challenger, after the
//! structure of the Banque de France's. Its first field says in words whether the grades mean anything.

mod groups;
mod verdict;

pub use groups::{Group, Standing, Tested};
pub use verdict::{Finding, Verdict};

use super::input::Faults;
use super::{
    Auc, AucDifference, Calibration, Concentration, EmptyBin, Estimable, Estimate, Gate, HosmerLemeshow, Ks, LEVEL, Lift, Psi,
    RatesByGrade, Sampling, SingleUnit, Ties, Transition, alike, auc_difference, auc_sampled, brier, calibration, concentration,
    hosmer_lemeshow, ks, lift, log_loss, psi, rates_by_grade, transition,
};
use crate::Error;
use serde::{Deserialize, Serialize};

/// Why a firm was looked at. Only firms that chance chose stand for others.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Source {
    /// Drawn at random with a known probability.
    Random,
    /// A complaint, lead or other event.
    Event,
    /// A special campaign.
    Special,
}

/// What is reported on: one entry by row in every column.
#[derive(Clone, Copy, Debug, Default)]
pub struct Results<'a> {
    /// The risk score that was in force.
    pub score: &'a [f64],
    /// The grade, a place in `grades`.
    pub grade: &'a [u32],
    /// The names of the grades, best first.
    pub grades: &'a [&'a str],
    /// The outcome.
    pub outcome: &'a [bool],
    /// Why the firm was looked at; left out, all at random.
    pub source: Option<&'a [Source]>,
    /// Weights, strata and populations of the random rows; what stands in other rows is not read.
    pub sampling: Sampling<'a>,
    /// Predicted probabilities, for calibration.
    pub probability: Option<&'a [f64]>,
    /// The risk score of another card on the same rows.
    pub challenger: Option<&'a [f64]>,
    /// Trade, region, size: for each the rows' groups.
    pub dimensions: &'a [Dimension<'a>],
    /// The gradings before and now of all firms that have both, inspected or not.
    pub gradings: Option<(&'a [u32], &'a [u32])>,
}

/// A division of the rows into groups.
#[derive(Clone, Copy, Debug)]
pub struct Dimension<'a> {
    /// Such as trade.
    pub name: &'a str,
    /// The names of its groups.
    pub groups: &'a [&'a str],
    /// The group of each row, a place in `groups`.
    pub group: &'a [u32],
}

/// The report.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Performance {
    /// Whether the grades mean anything, in words.
    pub verdict: Verdict,
    /// What was counted and how.
    pub method: Method,
    /// Whether the sample carries statements at all.
    pub estimable: Estimable,
    /// How well scores and grades tell bad firms from good ones; none where that is not estimable.
    pub discrimination: Option<Discrimination>,
    /// Rates by grade.
    pub grades: Grades,
    /// Whether predicted probabilities hold; none without them or where nothing is estimable.
    pub calibration: Option<CalibrationReport>,
    /// Whether grades stayed; none without an earlier grading.
    pub stability: Option<Stability>,
    /// The same by trade, region, size.
    pub groups: Vec<Group>,
    /// The card in force less the challenger; none without one or where nothing is estimable.
    pub challenger: Option<AucDifference>,
}

/// What was counted and how.
#[derive(Clone, Copy, Debug, PartialEq, Serialize)]
pub struct Method {
    /// The version of the engine.
    pub engine: &'static str,
    /// Rows drawn at random: all that any number here is made of.
    pub random: usize,
    /// Rows left out because an event chose them.
    pub event: usize,
    /// Rows left out because a campaign chose them.
    pub special: usize,
    /// Bad outcomes among the random rows.
    pub bad: usize,
    /// Firms that the random rows stand for.
    pub firms: f64,
    /// Whether rows have weights, given or from populations.
    pub weighted: bool,
    /// Whether the variance is that of strata.
    pub stratified: bool,
    /// What a stratum with a single row does.
    pub single: SingleUnit,
    /// The level of all intervals.
    pub level: f64,
}

/// How well bad firms are told from good ones.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Discrimination {
    /// Area under the ROC curve of the score.
    pub auc: Auc,
    /// `2·AUC − 1`, Gini's coefficient.
    pub accuracy_ratio: Estimate,
    /// Area of the grades alone: what is left after scores became grades.
    pub grade_auc: Auc,
    /// Kolmogorov–Smirnov distance of the score.
    pub ks: Ks,
    /// What the riskiest tenth of firms holds.
    pub top_tenth: Lift,
}

/// Rates by grade.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Grades {
    /// The names, best first.
    pub names: Vec<String>,
    /// Rates, steps between neighbours, isotonic rates.
    #[serde(flatten)]
    pub rates: RatesByGrade,
    /// How far firms gather in few grades.
    pub concentration: Concentration,
}

/// Whether predicted probabilities hold.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct CalibrationReport {
    /// Intercept and slope.
    pub line: Calibration,
    /// Hosmer & Lemeshow's test; left out where rows have unequal weights, under which it has no χ² law.
    pub hosmer_lemeshow: Option<HosmerLemeshow>,
    /// Brier score.
    pub brier: Estimate,
    /// Log-loss.
    pub log_loss: Estimate,
}

/// Whether grades stayed.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Stability {
    /// Firms by grade before and now.
    pub transition: Transition,
    /// Stability index of the shares of grades; an empty grade counts as half a firm.
    pub psi: Psi,
}

/// The report on outcomes. Rows that chance did not choose are counted and left out before anything is computed.
///
/// # Errors
/// [`Error::Evaluate`]: columns of unequal length, no random rows, whatever the metrics refuse.
pub fn report(results: &Results<'_>) -> Result<Performance, Error> {
    let all = check(results)?;
    let chosen: Vec<usize> = match results.source {
        None => (0..all).collect(),
        Some(source) => source.iter().enumerate().filter(|(_, source)| **source == Source::Random).map(|(row, _)| row).collect(),
    };
    let rows = Rows::new(results, &chosen);
    let sampling = rows.sampling(results.sampling.single);
    let rates = rates_by_grade(&rows.grade, results.grades.len(), &rows.outcome, sampling)?;
    let mut estimable = rates.estimable();
    let bad = rows.outcome.iter().filter(|&&y| y).count();
    if bad == 0 || bad == rows.outcome.len() {
        estimable.gate = Gate::Shut;
    }
    let open = estimable.gate != Gate::Shut;
    let discrimination = if open { Some(rows.discrimination(sampling)?) } else { None };
    let calibration = match &rows.probability {
        Some(p) if open => Some(rows.calibration(p, sampling)?),
        _ => None,
    };
    let stability = match results.gradings {
        Some((before, now)) => Some(stability(before, now, results.grades.len())?),
        None => None,
    };
    let groups = groups::groups(&rows, results.dimensions, sampling, discrimination.as_ref().map(|all| &all.auc))?;
    let challenger = match &rows.challenger {
        Some(other) if open => Some(auc_difference(&rows.score, other, &rows.outcome, sampling, LEVEL)?),
        _ => None,
    };
    let counts: Vec<f64> = rates.grades.iter().map(|grade| grade.firms).collect();
    let grades = Grades { names: results.grades.iter().map(ToString::to_string).collect(), concentration: concentration(&counts)?, rates };
    let count = |wanted| results.source.map_or(0, |source| source.iter().filter(|source| **source == wanted).count());
    let method = Method {
        engine: crate::VERSION,
        random: chosen.len(),
        event: count(Source::Event),
        special: count(Source::Special),
        bad,
        firms: counts.iter().sum(),
        weighted: sampling.weight.is_some() || sampling.population.is_some(),
        stratified: sampling.strata.is_some(),
        single: sampling.single,
        level: LEVEL,
    };
    let verdict = Verdict::of(discrimination.as_ref(), &grades, &estimable);
    Ok(Performance { verdict, method, estimable, discrimination, grades, calibration, stability, groups, challenger })
}

fn check(results: &Results<'_>) -> Result<usize, Error> {
    let all = results.score.len();
    let mut faults = Faults::of(all);
    faults.rows("grade", results.grade.len());
    faults.rows("outcome", results.outcome.len());
    let columns = [
        ("source", results.source.map(<[_]>::len)),
        ("weight", results.sampling.weight.map(<[_]>::len)),
        ("stratum", results.sampling.strata.map(<[_]>::len)),
        ("population", results.sampling.population.map(<[_]>::len)),
        ("probability", results.probability.map(<[_]>::len)),
        ("challenger", results.challenger.map(<[_]>::len)),
    ];
    for (what, found) in columns {
        faults.rows(what, found.unwrap_or(all));
    }
    for dimension in results.dimensions {
        faults.rows("group", dimension.group.len());
        if let Some(beyond) = dimension.group.iter().find(|&&group| group as usize >= dimension.groups.len()) {
            faults.argument("group", beyond, &format!("a place below {}, the number of groups", dimension.groups.len()));
        }
    }
    if results.source.is_some_and(|source| !source.contains(&Source::Random)) {
        let remedy = "only firms drawn at random stand for others; plan a random part in every grade";
        faults.add(super::EvaluateFault::None { what: "row drawn at random", remedy });
    }
    faults.done(Some(all))
}

/// The random rows alone.
struct Rows {
    score: Vec<f64>,
    grade: Vec<u32>,
    outcome: Vec<bool>,
    weight: Option<Vec<f64>>,
    strata: Option<Vec<u32>>,
    population: Option<Vec<f64>>,
    probability: Option<Vec<f64>>,
    challenger: Option<Vec<f64>>,
    groups: Vec<Vec<u32>>,
}

impl Rows {
    fn new(results: &Results<'_>, chosen: &[usize]) -> Self {
        fn take<T: Copy>(column: &[T], chosen: &[usize]) -> Vec<T> {
            chosen.iter().filter_map(|&row| column.get(row).copied()).collect()
        }
        Self {
            score: take(results.score, chosen),
            grade: take(results.grade, chosen),
            outcome: take(results.outcome, chosen),
            weight: results.sampling.weight.map(|column| take(column, chosen)),
            strata: results.sampling.strata.map(|column| take(column, chosen)),
            population: results.sampling.population.map(|column| take(column, chosen)),
            probability: results.probability.map(|column| take(column, chosen)),
            challenger: results.challenger.map(|column| take(column, chosen)),
            groups: results.dimensions.iter().map(|dimension| take(dimension.group, chosen)).collect(),
        }
    }

    fn sampling(&self, single: SingleUnit) -> Sampling<'_> {
        Sampling { weight: self.weight.as_deref(), strata: self.strata.as_deref(), population: self.population.as_deref(), single }
    }

    fn discrimination(&self, sampling: Sampling<'_>) -> Result<Discrimination, Error> {
        let auc = auc_sampled(&self.score, &self.outcome, sampling, LEVEL)?;
        let grade: Vec<f64> = self.grade.iter().map(|&grade| f64::from(grade)).collect();
        let weight = sampling.weights(self.score.len())?;
        Ok(Discrimination {
            accuracy_ratio: auc.accuracy_ratio(),
            auc,
            grade_auc: auc_sampled(&grade, &self.outcome, sampling, LEVEL)?,
            ks: ks(&self.score, &self.outcome, weight.as_deref())?,
            top_tenth: lift(&self.score, &self.outcome, 0.1, weight.as_deref())?,
        })
    }

    fn calibration(&self, p: &[f64], sampling: Sampling<'_>) -> Result<CalibrationReport, Error> {
        let weight = sampling.weights(p.len())?;
        let tested = || hosmer_lemeshow(p, &self.outcome, weight.as_deref(), 10, Ties::Together, false);
        Ok(CalibrationReport {
            line: calibration(p, &self.outcome, sampling)?,
            hosmer_lemeshow: alike(weight.as_deref()).then(tested).transpose()?,
            brier: brier(p, &self.outcome, weight.as_deref())?,
            log_loss: log_loss(p, &self.outcome, weight.as_deref())?,
        })
    }
}

fn stability(before: &[u32], now: &[u32], grades: usize) -> Result<Stability, Error> {
    let transition = transition(before, now, grades)?;
    let count =
        |of: &[u32]| -> Vec<f64> { (0..grades).map(|at| of.iter().filter(|&&grade| grade as usize == at).count() as f64).collect() };
    let (before, now): (Vec<f64>, Vec<f64>) = (count(before), count(now));
    Ok(Stability { transition, psi: psi(&before, &now, EmptyBin::Half)? })
}
