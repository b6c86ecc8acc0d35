//! Cut points for an aim: shares, capacity, separation or cost; each with its uncertainty.

mod aim;
mod capacity;
mod cost;
mod interval;
mod separation;
mod shares;

pub use aim::Aim;
pub use capacity::Capacity;
pub use separation::Separation;

use super::fault::Faults;
use super::levels::Levels;
use super::partition::{Cell, Cumulated};
use super::stated::{NewCard, new_card};
use crate::card::{Better, Cut, Scorecard};
use crate::error::Error;
use interval::{bootstrapped, order_statistics};
use separation::likelihood;
use serde::{Deserialize, Serialize};

/// How uncertainty is found.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct ThresholdOptions {
    /// Bootstrap samples, 50 to 100,000.
    pub draws: usize,
    /// Their seed.
    pub seed: u64,
    /// The level of intervals, between 0 and 1.
    pub level: f64,
}

impl Default for ThresholdOptions {
    fn default() -> Self {
        Self { draws: 500, seed: 1, level: 0.95 }
    }
}

/// A cut point: firms up to this risk are at least this good.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Threshold {
    /// The risk of the last firm on the good side (closed); `None` where no firm is.
    pub risk: Option<f64>,
    /// The lower end of its interval.
    pub low: f64,
    /// The upper end.
    pub high: f64,
    /// The standard error over bootstrap samples; for order statistics the width of the interval over twice its normal quantile.
    pub se: f64,
    /// The share of firms on the good side that was wanted, where shares were.
    pub wanted: Option<f64>,
    /// The share that is there.
    pub reached: f64,
    /// How many firms have exactly this risk, kept together.
    pub ties: usize,
}

/// What a grade would hold.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct ThresholdGrade {
    /// Rows.
    pub rows: usize,
    /// Share of the weight.
    pub share: f64,
    /// Bad rows; `None` without outcomes.
    pub bad: Option<usize>,
    /// Weighted rate of bad outcomes; `None` without outcomes or rows.
    pub rate: Option<f64>,
    /// Inspector-days, for a capacity.
    pub days: Option<f64>,
    /// The cost, for a cost matrix.
    pub cost: Option<f64>,
}

/// Cut points and what they would do.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Thresholds {
    /// One for each grade but the last, from the least risk up.
    pub cuts: Vec<Threshold>,
    /// By grade, from the least risk up.
    pub grades: Vec<ThresholdGrade>,
    /// What was reached: inspector-days, twice the log-likelihood above one rate for all, or cost; `None` for shares.
    pub objective: Option<f64>,
    /// Where intervals come from: `binomial order statistics` or `bootstrap`.
    pub interval: &'static str,
    /// Whether risks were joined before an exact search for separation.
    pub joined: bool,
    /// What should be known: ties, empty grades, unused days.
    pub notes: Vec<String>,
}

/// Different risks beyond which separation is searched over joined ones.
const SEARCHED: usize = 200;

/// Cut points of a risk. Weights count rows as firms of the population.
///
/// Separation and cost are the best there are, not a step of a search: dynamic programming over the different risks (separation: over at
/// most 200 cells of nearly equal weight). Intervals of shares without weights are binomial order statistics; all others are the quantiles of
/// bootstrap samples of rows.
///
/// # Errors
/// [`Error::Tune`] with every fault: columns of unequal length, risks that are not finite, no or one outcome where outcomes are needed, arguments out of
/// range, a capacity too small even with all firms in the first grade, no cut into grades of the sizes that were asked for.
pub fn thresholds(
    risk: &[f64],
    outcome: Option<&[bool]>,
    weight: Option<&[f64]>,
    aim: &Aim,
    options: &ThresholdOptions,
) -> Result<Thresholds, Error> {
    let mut faults = Faults::default();
    faults.values("risk", risk.iter().copied(), "missing or infinite value", "leave these firms out of all columns", f64::is_finite);
    outcome.inspect(|outcome| faults.rows("outcome", outcome.len(), risk.len()));
    faults.weight(weight, risk.len());
    faults.argument("draws", options.draws, "a whole number from 50 to 100000", (50..=100_000).contains(&options.draws));
    faults.argument("level", options.level, "a number between 0 and 1, such as 0.95", options.level > 0.0 && options.level < 1.0);
    if risk.is_empty() {
        faults.argument("risk", "empty", "at least one firm", false);
    }
    aim.check(&mut faults);
    match (aim, outcome) {
        (Aim::Separation(_) | Aim::Cost(_), None) => faults.argument("outcome", "absent", "outcomes for this aim", false),
        (Aim::Separation(_), Some(outcome)) => faults.both_outcomes(outcome, weight),
        _ => {}
    }
    faults.check()?;
    let levels = Levels::new(risk, outcome, weight);
    let joined = if matches!(aim, Aim::Separation(_)) { levels.joined(SEARCHED) } else { (1..=levels.risk.len()).collect() };
    let Some(found) = aim.solve(&levels.cells, &joined) else { return Err(aim.impossible()) };
    let sums = Cumulated::of(&levels.cells);
    let all = sums.between(0, sums.len());
    let exact = matches!(aim, Aim::Shares(_)) && weight.is_none();
    let (intervals, failed) =
        if exact { (order_statistics(&levels, aim, options.level), 0) } else { bootstrapped(&levels, aim, &joined, found.len(), options) };
    let wanted = aim.wanted();
    let cuts: Vec<Threshold> = found
        .iter()
        .zip(intervals)
        .enumerate()
        .map(|(at, (end, interval))| {
            let last = end.checked_sub(1);
            Threshold {
                risk: last.map(|last| levels.risk[last]),
                low: interval.low,
                high: interval.high,
                se: interval.se,
                wanted: wanted.get(at).copied(),
                reached: sums.between(0, *end).weight / all.weight,
                ties: last.map_or(0, |last| levels.cells[last].rows as usize),
            }
        })
        .collect();
    let grades = grades(&found, &sums, outcome.is_some(), aim);
    let mut notes = Vec::new();
    if failed > 0 {
        notes.push(format!("{failed} of {} bootstrap samples cannot be cut like this and are left out of the intervals", options.draws));
    }
    for (at, cut) in cuts.iter().enumerate().filter(|(_, cut)| cut.ties > 1) {
        notes.push(format!("cut {}: {} firms have exactly this risk and stay together", at + 1, cut.ties));
    }
    for (at, _) in grades.iter().enumerate().filter(|(_, grade)| grade.rows == 0) {
        notes.push(format!("grade {} would be empty", at + 1));
    }
    let objective = match aim {
        Aim::Shares(_) => None,
        Aim::Capacity(_) => Some(grades.iter().filter_map(|grade| grade.days).fold(0.0, |sum, days| sum + days)),
        Aim::Cost(_) => Some(grades.iter().filter_map(|grade| grade.cost).fold(0.0, |sum, cost| sum + cost)),
        Aim::Separation(_) => {
            let groups = groups(&found, &sums).into_iter().map(likelihood).fold(0.0, |sum, part| sum + part);
            Some(2.0 * (groups - likelihood(all)))
        }
    };
    if let (Aim::Capacity(capacity), Some(used)) = (aim, objective) {
        notes.push(format!("{used:.1} of {} inspector-days are used", capacity.available));
    }
    let interval = if exact { "binomial order statistics" } else { "bootstrap" };
    Ok(Thresholds { cuts, grades, objective, interval, joined: joined.len() < levels.risk.len(), notes })
}

/// The grades as cells.
fn groups(ends: &[usize], sums: &Cumulated) -> Vec<Cell> {
    let starts = std::iter::once(0).chain(ends.iter().copied());
    starts.zip(ends.iter().copied().chain([sums.len()])).map(|(start, end)| sums.between(start, end)).collect()
}

fn grades(ends: &[usize], sums: &Cumulated, outcomes: bool, aim: &Aim) -> Vec<ThresholdGrade> {
    let whole = sums.between(0, sums.len()).weight;
    let all = groups(ends, sums).into_iter().enumerate();
    all.map(|(at, cell)| ThresholdGrade {
        rows: cell.rows as usize,
        share: cell.weight / whole,
        bad: outcomes.then_some(cell.bad_rows as usize),
        rate: (outcomes && cell.weight > 0.0).then(|| cell.rate()),
        days: if let Aim::Capacity(capacity) = aim { Some(cell.weight * capacity.of(at)) } else { None },
        cost: if let Aim::Cost(costs) = aim { costs.get(at).map(|cost| cost[0] * cell.good() + cost[1] * cell.bad) } else { None },
    })
    .collect()
}

impl Thresholds {
    /// The cut points of a card whose score the risk was: the score itself where low is better, its negative where high is. A grade that would be
    /// empty gets a cut that no score passes.
    #[must_use]
    pub fn cuts(&self, better: Better) -> Vec<Cut> {
        let turned = |risk: f64| match better {
            Better::High => 0.0 - risk,
            Better::Low => risk,
        };
        self.cuts.iter().map(|cut| Cut { score: turned(cut.risk.unwrap_or(f64::NEG_INFINITY)), closed: true }).collect()
    }

    /// The same as the card's `cuts` are written: `>= 850` or `<= 20`. A grade that would be empty has no such cut: `None`.
    #[must_use]
    pub fn cut_texts(&self, better: Better) -> Option<Vec<String>> {
        let sign = match better {
            Better::High => ">=",
            Better::Low => "<=",
        };
        let cuts = self.cuts(better).into_iter();
        cuts.map(|cut| cut.score.is_finite().then(|| format!("{sign} {}", cut.score))).collect()
    }

    /// The new card as TOML, inheritance resolved, with these cut points (stated, whatever the old card solved from shares), everything else as
    /// it is. The risk must be that card's score, turned.
    ///
    /// # Errors
    /// [`Error::Tune`] for another number of grades than the card scores, and where a grade would be empty; [`Error::Scorecard`] where the result
    /// is no card.
    pub fn card(&self, card: &Scorecard, how: &NewCard) -> Result<String, Error> {
        let grades = &card.spec().grades;
        let scored = grades.order.len() - grades.by_rule.len();
        let mut faults = Faults::default();
        let expected = format!("{scored}, as the card scores");
        faults.argument("grades", self.grades.len(), expected, self.grades.len() == scored);
        let cuts = self.cut_texts(card.scale().better);
        faults.argument("cuts", "one that no score passes", "firms in every grade", cuts.is_some());
        faults.check()?;
        let origin = format!("Cut points proposed from {} firms.", self.grades.iter().map(|grade| grade.rows).sum::<usize>());
        new_card(card, how, &origin, |spec| (spec.grades.cuts, spec.grades.shares) = (cuts, None))
    }
}
