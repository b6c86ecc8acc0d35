//! Re-weighting graded firms: the same firms, bands and rules under other weights, thousands of times.
//!
//! ```text
//! risk_ik = Σ_j w_kj · f_ikj · u_ij       u_ij risk of firm i's value of indicator j, w_kj its weight in weighting k,
//!                                         f_ikj what sharing the weight of missing values makes of it (1 for all data)
//! ```
//! [`Utilities`] keep `u` once; [`Weightings`] are drawn around the card's judgments or stated; [`Utilities::reweigh`] multiplies and counts
//! grades. Every firm gets, under every weighting, exactly the grade that a card with those weights would give it: sums go in indicator
//! order, and each cut is carried back to the highest risk that passes it, with the card's rounding.

mod kernel;
mod pass;
mod utilities;
mod weightings;

pub use utilities::Utilities;
pub use weightings::{WeightingDraws, Weightings};

use crate::ahp::JudgmentFault;
use crate::card::{Cut, Cuts};
use crate::error::Error;
use crate::fault::{Cells, DataFault};
use crate::grade::{NO_GRADE, solve};
use ndarray::Array2;
use pass::{BLOCK, Block, FirmRow, Job, Pass, jobs, limits};
use rayon::prelude::*;
use serde::{Deserialize, Serialize};

/// The cut points that other weightings are graded by. It matters only where the card solves them from shares.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum CutPoints {
    /// As the card says: from shares they are solved again for each weighting, so each grade keeps its share and firms change places.
    #[default]
    Card,
    /// Those of the base grading, for every weighting.
    Base,
}

/// Firms under many weightings. Grades are indices into [`Grades::names`](crate::card::Grades::names).
#[derive(Clone, Debug, PartialEq)]
pub struct Reweighed {
    /// By firm: its grade by the card's own weights.
    pub base: Vec<u8>,
    /// How many weightings give each firm each grade, shape `(n_firms, n_grades)`; a row sums to the number of weightings.
    pub counts: Array2<u32>,
    /// How many firms each weighting gives each grade, shape `(n_weightings, n_grades)`; a row sums to the number of firms.
    pub firms: Array2<u32>,
}

/// Firms by one other weighting.
#[derive(Clone, Debug, PartialEq)]
pub struct Rescored {
    /// Score by firm; NaN where there is nothing to weigh.
    pub score: Vec<f64>,
    /// Grade by score.
    pub score_grade: Vec<u8>,
    /// Grade after overrides.
    pub grade: Vec<u8>,
    /// Share of the weight with data, from 0 to 1.
    pub coverage: Vec<f64>,
    /// The cut points used.
    pub cuts: Vec<Cut>,
}

/// Scores and coverages by firm.
type Scores = (Vec<f64>, Vec<f64>);

/// Weightings whose scores are held for all firms at a time, where cut points are solved again.
const SOLVED: usize = 32;

impl Utilities {
    /// The grades of all firms under each weighting, counted. The same bits for any number of threads.
    ///
    /// Memory beside the result: about 1 MB for each thread; where cut points are solved again, 32 numbers for each firm.
    ///
    /// # Errors
    /// [`Error::Judgments`] for weightings of another card, [`Error::Data`] for firms that a weighting leaves nothing to weigh where the
    /// card has no class for too little data.
    pub fn reweigh(&self, weightings: &Weightings, cut_points: CutPoints) -> Result<Reweighed, Error> {
        if !weightings.is_of(&self.card) {
            return Err(Error::Judgments(vec![JudgmentFault::OtherCard]));
        }
        let grades = self.card.grades.names.len();
        let mut ordered = vec![0_u32; self.len() * grades];
        let mut firms = Array2::zeros((weightings.len(), grades));
        for start in (0..weightings.len()).step_by(BLOCK) {
            let range = start..(start + BLOCK).min(weightings.len());
            let block = Block::new(self, weightings, range.clone());
            let solved = match (&self.card.grades.cuts, cut_points) {
                (Cuts::Shares(shares), CutPoints::Card) => self.solve_again(weightings, range.clone(), shares)?,
                (Cuts::Fixed(_), _) | (Cuts::Shares(_), CutPoints::Base) => Vec::new(),
            };
            let limits = limits(self, &block, |at| solved.get(at).unwrap_or(&self.base.cuts));
            let by_weighting = self.count(&block, &limits, &mut ordered)?;
            for (at, counts) in by_weighting.chunks_exact(block.width).enumerate() {
                for (weighting, count) in range.clone().zip(counts) {
                    firms[[weighting, at]] = *count;
                }
            }
        }
        let mut counts = Array2::zeros((self.len(), grades));
        for (firm, found) in self.order.iter().zip(ordered.chunks_exact(grades)) {
            counts.row_mut(*firm).iter_mut().zip(found).for_each(|(to, from)| *to = *from);
        }
        Ok(Reweighed { base: self.base.grade.clone(), counts, firms })
    }

    /// The firms by one weighting, counted from 0: what a card with those weights gives.
    ///
    /// # Errors
    /// As [`Utilities::reweigh`]; [`JudgmentFault::NoCriterion`] for a weighting that there is not.
    pub fn rescore(&self, weightings: &Weightings, at: usize, cut_points: CutPoints) -> Result<Rescored, Error> {
        if !weightings.is_of(&self.card) {
            return Err(Error::Judgments(vec![JudgmentFault::OtherCard]));
        }
        if at >= weightings.len() {
            return Err(Error::Judgments(vec![JudgmentFault::NoCriterion { at, count: weightings.len() }]));
        }
        let mut scores = self.scores(weightings, at..at + 1)?;
        let (score, coverage) = scores.pop().unwrap_or_default();
        let (grades, better) = (&self.card.grades, self.card.scale.better);
        let cuts = match (&grades.cuts, cut_points) {
            (Cuts::Shares(shares), CutPoints::Card) => solve(grades, shares, better, &score, &coverage).0,
            (Cuts::Fixed(_), _) | (Cuts::Shares(_), CutPoints::Base) => self.base.cuts.clone(),
        };
        let firms = score.iter().zip(&coverage);
        let score_grade: Vec<u8> = firms.map(|(score, coverage)| grades.of_firm(&cuts, better, *score, *coverage, false)).collect();
        let through = |(grade, outcome): (&u8, &usize)| self.outcomes.get(*outcome).and_then(|o| o.get(usize::from(*grade))).copied();
        let grade = score_grade.iter().zip(&self.outcome).map(|firm| through(firm).unwrap_or(NO_GRADE)).collect();
        Ok(Rescored { score, score_grade, grade, coverage, cuts })
    }

    /// Counts grades: of each firm into `ordered`, which has a row for each firm in the order of [`Utilities::order`]; returned, of each
    /// weighting, shape `(n_grades, width)`.
    fn count(&self, block: &Block, limits: &[kernel::Lanes], ordered: &mut [u32]) -> Result<Vec<u32>, Error> {
        let grades = self.card.grades.names.len();
        let cuts = limits.len() / (block.width / kernel::LANES).max(1);
        let class = u8::try_from(self.card.grades.ordered).unwrap_or(NO_GRADE);
        let below = self.card.grades.coverage_below;
        let start = || (Pass::new(self, block), vec![0; block.width], vec![0_u32; grades * block.width], Vec::new());
        let (counts, bare) = pieces(jobs(self), ordered, grades)
            .into_par_iter()
            .fold(start, |(mut pass, mut codes, mut by_weighting, mut bare), (job, out)| {
                let mut rows = out.chunks_exact_mut(grades);
                let weighable = pass.run(&job, |row| {
                    kernel::failed_cuts(row.risks, limits, cuts, &mut codes);
                    if let Some(below) = below {
                        kernel::too_little_data(row.there, row.full, below, class, &mut codes);
                    }
                    self.after_rules(&row, &mut codes);
                    let found = codes.get(..block.len).unwrap_or_default();
                    let counts = rows.next().unwrap_or_default().iter_mut().zip(by_weighting.chunks_exact_mut(block.width));
                    for (grade, (count, by_weighting)) in (0_u8..).zip(counts) {
                        *count += kernel::tally(found, grade, by_weighting);
                    }
                });
                if !weighable && below.is_none() {
                    bare.extend_from_slice(self.order.get(job.at).unwrap_or_default());
                }
                (pass, codes, by_weighting, bare)
            })
            .map(|(_, _, by_weighting, bare)| (by_weighting, bare))
            .reduce(
                || (vec![0; grades * block.width], Vec::new()),
                |(mut counts, mut bare), (others, more)| {
                    counts.iter_mut().zip(others).for_each(|(count, other)| *count += other);
                    bare.extend(more);
                    (counts, bare)
                },
            );
        refuse(bare)?;
        Ok(counts)
    }

    /// Grades by score become grades after overrides.
    fn after_rules(&self, row: &FirmRow<'_>, codes: &mut [u8]) {
        let outcome = self.outcome.get(row.firm).copied().unwrap_or(0);
        if let Some(through) = self.outcomes.get(outcome).filter(|_| outcome > 0) {
            for code in codes {
                *code = through.get(usize::from(*code)).copied().unwrap_or(NO_GRADE);
            }
        }
    }

    /// By weighting: scores and coverages, each by firm.
    fn scores(&self, weightings: &Weightings, range: std::ops::Range<usize>) -> Result<Vec<Scores>, Error> {
        let block = Block::new(self, weightings, range);
        let wide = block.len * 2;
        let mut ordered = vec![f64::NAN; self.len() * wide];
        let scale = self.card.scale;
        let mut bare: Vec<usize> = pieces(jobs(self), &mut ordered, wide)
            .into_par_iter()
            .map_init(
                || Pass::with_coverage(self, &block),
                |pass, (job, out)| {
                    let mut rows = out.chunks_exact_mut(wide);
                    let weighable = pass.run(&job, |row| {
                        let (scores, coverages) = rows.next().unwrap_or_default().split_at_mut(block.len);
                        scores.iter_mut().zip(row.risks).for_each(|(score, risk)| *score = scale.score(*risk));
                        let shares = row.there.iter().zip(row.full).map(|(there, full)| there / full);
                        coverages.iter_mut().zip(shares).for_each(|(coverage, share)| *coverage = share);
                    });
                    let firms = if weighable { &[][..] } else { self.order.get(job.at).unwrap_or_default() };
                    firms.to_vec()
                },
            )
            .flatten_iter()
            .collect();
        if self.card.grades.coverage_below.is_some() {
            bare.clear();
        }
        refuse(bare)?;
        let gather = |at: usize| {
            let mut values = vec![f64::NAN; self.len()];
            for (firm, row) in self.order.iter().zip(ordered.chunks_exact(wide)) {
                if let (Some(to), Some(from)) = (values.get_mut(*firm), row.get(at)) {
                    *to = *from;
                }
            }
            values
        };
        Ok((0..block.len).into_par_iter().map(|at| (gather(at), gather(block.len + at))).collect())
    }

    /// The cut points of each weighting, solved from shares.
    fn solve_again(&self, weightings: &Weightings, range: std::ops::Range<usize>, shares: &[f64]) -> Result<Vec<Vec<Cut>>, Error> {
        let mut solved = Vec::with_capacity(range.len());
        for start in range.clone().step_by(SOLVED) {
            let scores = self.scores(weightings, start..(start + SOLVED).min(range.end))?;
            let better = self.card.scale.better;
            let cuts = scores.par_iter().map(|(score, coverage)| solve(&self.card.grades, shares, better, score, coverage).0);
            solved.append(&mut cuts.collect());
        }
        Ok(solved)
    }
}

/// Each job with its piece of the outcome: `wide` places for each firm.
fn pieces<'u, 'o, T>(jobs: Vec<Job<'u>>, mut out: &'o mut [T], wide: usize) -> Vec<(Job<'u>, &'o mut [T])> {
    let mut pieces = Vec::with_capacity(jobs.len());
    for job in jobs {
        let (head, tail) = out.split_at_mut((job.at.len() * wide).min(out.len()));
        out = tail;
        pieces.push((job, head));
    }
    pieces
}

/// The fault of firms that some weighting leaves nothing to weigh.
fn refuse(mut firms: Vec<usize>) -> Result<(), Error> {
    if firms.is_empty() {
        return Ok(());
    }
    firms.sort_unstable();
    let mut cells = Cells::new("unweighable firm");
    firms.iter().for_each(|firm| cells.add(*firm, || None));
    Err(Error::Data(vec![DataFault::NoData { cells }]))
}

impl Reweighed {
    /// The number of weightings.
    #[must_use]
    pub fn weightings(&self) -> usize {
        self.firms.nrows()
    }

    /// The share of weightings that give each firm each grade, shape `(n_firms, n_grades)`, from 0 to 1.
    #[must_use]
    pub fn probability(&self) -> Array2<f64> {
        shares(&self.counts, self.weightings())
    }

    /// By firm: the share of weightings under which it keeps its base grade, from 0 to 1.
    #[must_use]
    pub fn kept(&self) -> Vec<f64> {
        let firms = self.base.iter().zip(self.counts.rows());
        let kept = firms.map(|(grade, counts)| counts.get(usize::from(*grade)).copied().unwrap_or(0));
        kept.map(|kept| f64::from(kept) / self.weightings().max(1) as f64).collect()
    }

    /// By firm: the grade that most weightings give it; of equally many the base grade, otherwise the best.
    #[must_use]
    pub fn most_frequent(&self) -> Vec<u8> {
        let firms = self.base.iter().zip(self.counts.rows());
        firms
            .map(|(base, counts)| {
                let own = counts.get(usize::from(*base)).copied().unwrap_or(0);
                let best =
                    (0_u8..).zip(counts).fold((*base, own), |best, (grade, count)| if *count > best.1 { (grade, *count) } else { best });
                best.0
            })
            .collect()
    }

    /// The share of firms that keep their base grade under at least the share `at` of the weightings.
    #[must_use]
    pub fn stable_share(&self, at: f64) -> f64 {
        let kept = self.kept();
        kept.iter().filter(|kept| **kept >= at).count() as f64 / kept.len().max(1) as f64
    }

    /// The shares of firms in each grade below which the given shares of the weightings lie, shape `(n_shares, n_grades)`.
    #[must_use]
    pub fn share_quantiles(&self, at: &[f64]) -> Array2<f64> {
        weightings::column_quantiles(shares(&self.firms, self.base.len()).view(), at)
    }
}

fn shares(counts: &Array2<u32>, whole: usize) -> Array2<f64> {
    counts.mapv(|count| f64::from(count) / whole.max(1) as f64)
}
