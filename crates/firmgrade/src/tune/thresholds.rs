//! Cut points for an aim: shares, capacity, separation or cost; each with its uncertainty.

use super::fault::Faults;
use super::levels::Levels;
use super::partition::{Cell, Cumulated, Trend, partition};
use super::stated::{NewCard, new_card};
use crate::ahp::{SplitMix64, quantile};
use crate::card::{Better, Cut, Scorecard};
use crate::error::Error;
use crate::evaluate::Estimate;
use rayon::prelude::*;
use serde::{Deserialize, Serialize};
use statrs::distribution::{Binomial, DiscreteCDF};

/// What cut points are to reach. Grades run from the least to the greatest risk.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Aim {
    /// Each grade gets this share of the firms; the shares sum to 1. Ties stay together, on the side that comes nearer.
    Shares(Vec<f64>),
    /// The inspections that the grades ask for fit into the inspector-days.
    Capacity(Capacity),
    /// The grades' rates of bad outcomes are as different as they can be.
    Separation(Separation),
    /// By grade: the cost of giving it to a good firm, and to a bad one. The whole cost is least.
    Cost(Vec<[f64; 2]>),
}

/// Inspections within inspector-days. The shares of all grades but the first are multiplied by one factor, the first gets the rest, and
/// the factor is the largest with which `Σ firms·rate·days` fits.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Capacity {
    /// By grade: its share where the factor is 1; they sum to 1.
    pub shares: Vec<f64>,
    /// By grade: the share of its firms that is inspected.
    pub rates: Vec<f64>,
    /// By grade: inspector-days for an inspection.
    pub days: Vec<f64>,
    /// Inspector-days that there are.
    pub available: f64,
}

/// As different as they can be: the likelihood of the outcomes, with one rate for each grade, is greatest; rates rise with the risk.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct Separation {
    /// How many grades, from 2 to 12.
    pub grades: usize,
    /// The least share of a grade, from 0 to 1/grades.
    pub min_share: f64,
    /// Bad outcomes that a grade must have at least.
    pub min_bad: f64,
}

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

/// Twice this is a deviance: `b·ln(b/n) + g·ln(g/n)`.
fn likelihood(cell: Cell) -> f64 {
    let part = |part: f64| if part > 0.0 { part * (part / cell.weight).ln() } else { 0.0 };
    part(cell.bad) + part(cell.good())
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

impl Capacity {
    /// Inspector-days for a firm of a grade.
    fn of(&self, grade: usize) -> f64 {
        self.rates.get(grade).zip(self.days.get(grade)).map_or(0.0, |(rate, days)| rate * days)
    }
}

fn sums_to_one(shares: &[f64]) -> bool {
    shares.len() > 1
        && shares.iter().all(|share| (0.0..=1.0).contains(share))
        && (shares.iter().fold(0.0, |sum, share| sum + share) - 1.0).abs() <= 1e-6
}

impl Aim {
    fn check(&self, faults: &mut Faults) {
        let shares = "at least two numbers from 0 to 1 with the sum 1";
        match self {
            Self::Shares(found) => faults.argument("shares", format!("{found:?}"), shares, sums_to_one(found)),
            Self::Capacity(capacity) => {
                faults.argument("capacity.shares", format!("{:?}", capacity.shares), shares, sums_to_one(&capacity.shares));
                let first = capacity.shares.first().is_some_and(|first| *first < 1.0);
                faults.argument("capacity.shares", format!("{:?}", capacity.shares), "a first share below 1", first);
                let count = capacity.shares.len();
                let lengths = format!("{} rates and {} days", capacity.rates.len(), capacity.days.len());
                let fits = capacity.rates.len() == count && capacity.days.len() == count;
                faults.argument("capacity", lengths, format!("{count} of each"), fits);
                let rates = capacity.rates.iter().all(|rate| (0.0..=1.0).contains(rate));
                faults.argument("capacity.rates", format!("{:?}", capacity.rates), "numbers from 0 to 1", rates);
                let days = capacity.days.iter().all(|days| (0.0..=1e6).contains(days));
                faults.argument("capacity.days", format!("{:?}", capacity.days), "numbers from 0", days);
                let rising = (1..count).all(|grade| capacity.of(grade - 1) <= capacity.of(grade));
                let expected = "rate × days that do not fall from grade to grade";
                faults.argument("capacity", format!("{:?} × {:?}", capacity.rates, capacity.days), expected, rising);
                faults.argument(
                    "capacity.available",
                    capacity.available,
                    "a number from 0",
                    (0.0..=f64::MAX).contains(&capacity.available),
                );
            }
            Self::Separation(separation) => {
                let grades = separation.grades;
                faults.argument("separation.grades", grades, "a whole number from 2 to 12", (2..=12).contains(&grades));
                let least = 1.0 / grades.max(1) as f64;
                let share = (0.0..=least).contains(&separation.min_share);
                faults.argument("separation.min_share", separation.min_share, format!("a number from 0 to {least:.3}"), share);
                faults.argument("separation.min_bad", separation.min_bad, "a number from 0", (0.0..=1e9).contains(&separation.min_bad));
            }
            Self::Cost(costs) => {
                let finite = costs.len() > 1 && costs.iter().flatten().all(|cost| cost.is_finite());
                faults.argument("cost", format!("{costs:?}"), "two finite numbers for each of at least two grades", finite);
            }
        }
    }

    fn impossible(&self) -> Error {
        let mut faults = Faults::default();
        match self {
            Self::Capacity(capacity) => {
                let expected = "enough for all firms in the first grade";
                faults.argument("capacity.available", capacity.available, expected, false);
            }
            Self::Separation(separation) => {
                let expected = "fewer or smaller grades: no cut gives so many whose rates rise";
                faults.argument("separation", format!("{separation:?}"), expected, false);
            }
            Self::Shares(_) | Self::Cost(_) => faults.argument("aim", "out of reach", "one that can be met", false),
        }
        Error::Tune(faults.0)
    }

    /// Shares of the firms on the good side of each cut.
    fn wanted(&self) -> Vec<f64> {
        match self {
            Self::Shares(shares) => cumulated(shares),
            _ => Vec::new(),
        }
    }

    /// By cut: the level after the last on its good side. `joined` are the places where separation may cut.
    fn solve(&self, cells: &[Cell], joined: &[usize]) -> Option<Vec<usize>> {
        let sums = Cumulated::of(cells);
        match self {
            Self::Shares(shares) => Some(at_shares(&sums, &cumulated(shares))),
            Self::Capacity(capacity) => fitted(&sums, capacity),
            Self::Separation(separation) => {
                let starts = std::iter::once(0).chain(joined.iter().copied());
                let cells: Vec<Cell> = starts.zip(joined).map(|(start, end)| sums.between(start, *end)).collect();
                let whole = sums.between(0, sums.len()).weight;
                let allowed =
                    |cell: Cell| cell.weight > 0.0 && cell.weight >= separation.min_share * whole && cell.bad_rows >= separation.min_bad;
                let count = (separation.grades, separation.grades);
                let found = partition(&Cumulated::of(&cells), count, Trend::Rising, &likelihood, &allowed)?;
                let cuts = found.ends.iter().take(separation.grades - 1);
                Some(cuts.filter_map(|end| end.checked_sub(1).and_then(|last| joined.get(last))).copied().collect())
            }
            Self::Cost(costs) => Some(cheapest(cells, costs)),
        }
    }
}

fn cumulated(shares: &[f64]) -> Vec<f64> {
    let mut sum = 0.0;
    let mut sums: Vec<f64> = shares
        .iter()
        .map(|share| {
            sum += share;
            sum
        })
        .collect();
    sums.pop();
    sums
}

/// Cuts at shares of the weight, ties on the side that comes nearer, the stricter where both are as near: as [`grade`](fn@crate::grade) does it.
fn at_shares(sums: &Cumulated, wanted: &[f64]) -> Vec<usize> {
    let whole = sums.weight.last().copied().unwrap_or(0.0);
    let mut before = 0;
    wanted
        .iter()
        .map(|share| {
            let target = share * whole;
            let inside = sums.weight.partition_point(|sum| *sum <= target * (1.0 + 1e-15)).min(sums.len());
            let out = inside.saturating_sub(1);
            // `out` levels weigh at most the target, `inside` levels more.
            let take_in = (sums.weight[inside] - target).abs() < (target - sums.weight[out]).abs();
            before = (if take_in { inside } else { out }).max(before);
            before
        })
        .collect()
}

/// The largest factor of the shares beyond the first with which the inspections fit.
fn fitted(sums: &Cumulated, capacity: &Capacity) -> Option<Vec<usize>> {
    let first = capacity.shares.first().copied().unwrap_or(1.0);
    let cuts = |factor: f64| {
        let rest = capacity.shares.iter().skip(1).map(|share| factor * share);
        let shares: Vec<f64> = std::iter::once(1.0 - factor * (1.0 - first)).chain(rest).collect();
        at_shares(sums, &cumulated(&shares))
    };
    let fits = |cuts: &[usize]| {
        let days = groups(cuts, sums).into_iter().enumerate().fold(0.0, |sum, (at, cell)| sum + cell.weight * capacity.of(at));
        days <= capacity.available * (1.0 + 1e-12)
    };
    let most = 1.0 / (1.0 - first);
    let (mut low, mut high) = (cuts(0.0), most);
    if !fits(&low) {
        return None;
    }
    let all = cuts(most);
    if fits(&all) {
        return Some(all);
    }
    // More firms in worse grades never ask for less, so what fits ends at one factor.
    let mut fitting = 0.0;
    for _ in 0..60 {
        let middle = (fitting + high) / 2.0;
        let found = cuts(middle);
        if fits(&found) { (fitting, low) = (middle, found) } else { high = middle }
    }
    Some(low)
}

/// The cuts with the least cost; grades may be empty. Of equal costs, more firms get better grades.
fn cheapest(cells: &[Cell], costs: &[[f64; 2]]) -> Vec<usize> {
    // After level k: the least cost with the level in each grade, and the grade of the level before.
    let count = costs.len();
    let mut least = vec![0.0_f64; count];
    let mut from: Vec<usize> = Vec::with_capacity(cells.len() * count);
    for cell in cells {
        let mut best = (f64::INFINITY, 0);
        let next: Vec<f64> = costs
            .iter()
            .enumerate()
            .map(|(grade, cost)| {
                let before = least[grade];
                if before < best.0 || (grade > 0 && before == best.0) {
                    best = (before, grade);
                }
                from.push(best.1);
                best.0 + cost[0] * cell.good() + cost[1] * cell.bad
            })
            .collect();
        least = next;
    }
    let mut grade = (0..count).min_by(|a, b| least[*a].total_cmp(&least[*b]).then(a.cmp(b))).unwrap_or(0);
    let mut of = vec![0; cells.len()];
    for level in (0..cells.len()).rev() {
        of[level] = grade;
        grade = from[level * count + grade];
    }
    (1..count).map(|grade| of.partition_point(|found| *found < grade)).collect()
}

/// Intervals of quantiles: the order statistics between which the quantile lies with at least the level.
fn order_statistics(levels: &Levels, aim: &Aim, level: f64) -> Vec<Estimate> {
    let sums = Cumulated::of(&levels.cells);
    let rows = sums.rows.last().copied().unwrap_or(0.0);
    let (tail, z) = ((1.0 - level) / 2.0, Estimate::normal(0.0, 1.0, level).high);
    let at = |rank: f64| {
        let after = sums.rows.partition_point(|sum| *sum < rank.clamp(1.0, rows)).clamp(1, levels.risk.len());
        levels.risk[after - 1]
    };
    aim.wanted()
        .into_iter()
        .map(|share| {
            let law = Binomial::new(share.clamp(0.0, 1.0), rows as u64).ok();
            let rank = |p: f64| law.as_ref().map_or(0.0, |law| law.inverse_cdf(p) as f64);
            let (low, high) = (at(rank(tail)), at(rank(1.0 - tail) + 1.0));
            Estimate { value: at(share * rows), se: (high - low) / (2.0 * z), low, high }
        })
        .collect()
}

/// Intervals from samples of rows drawn with replacement, and how many samples could not be cut.
fn bootstrapped(levels: &Levels, aim: &Aim, joined: &[usize], cuts: usize, options: &ThresholdOptions) -> (Vec<Estimate>, usize) {
    let drawn: Vec<Vec<usize>> = (0..options.draws as u64)
        .into_par_iter()
        .filter_map(|draw| aim.solve(&levels.again(&mut SplitMix64::stream(options.seed, draw)), joined))
        .collect();
    let tail = (1.0 - options.level) / 2.0;
    let intervals = (0..cuts).map(|cut| {
        let value = |ends: &Vec<usize>| ends.get(cut).map_or(f64::NAN, |end| levels.risk[end.saturating_sub(1)]);
        let mut values: Vec<f64> = drawn.iter().map(value).collect();
        values.sort_by(f64::total_cmp);
        let count = values.len() as f64;
        let mean = values.iter().fold(0.0, |sum, value| sum + value) / count;
        let squares = values.iter().fold(0.0, |sum, value| sum + (value - mean) * (value - mean));
        let se = (squares / (count - 1.0)).sqrt();
        Estimate { value: mean, se, low: quantile(&values, tail), high: quantile(&values, 1.0 - tail) }
    });
    (intervals.collect(), options.draws - drawn.len())
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
