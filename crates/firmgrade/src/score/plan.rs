//! The card made ready for scoring, and the pass over the firms.

use super::feed::{Feed, Scratch};
use super::kernel::{self, BLOCK, Sink};
use super::leaf::{Leaf, number_reasons};
use super::share::Sharing;
use super::{NO_REASON, Reasons};
use crate::card::{Indicator, Node};
use crate::columns::Column;
use rayon::prelude::*;
use std::ops::Range;

/// Rows of a block when every indicator's points are kept: they stay in the second cache for a hundred indicators.
const KEPT_BLOCK: usize = 256;

/// A card made ready for scoring.
#[derive(Clone, Debug)]
pub(crate) struct Plan {
    pub(crate) leaves: Vec<Leaf>,
    /// The leaf of each reason key; `None` where reasons must be computed from points.
    owners: Option<Vec<u16>>,
    pub(crate) sharing: Sharing,
    /// Sum of all weights in indicator order: the coverage of a firm with all its data.
    full: f64,
    reweights: bool,
}

/// What is wanted beside the risk.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Want {
    pub(crate) reasons: usize,
    pub(crate) contributions: bool,
}

/// The outcome of the pass.
#[derive(Debug, Default)]
pub(crate) struct Scored {
    /// Risk by firm; NaN where a cell is an error, or where nothing is left to weigh.
    pub(crate) risk: Vec<f64>,
    /// Share of weight with data by firm.
    pub(crate) coverage: Vec<f64>,
    pub(crate) reasons: Reasons,
    /// Risk lost against the best value, shape `(n_firms, n_indicators)`, row by row; empty where not wanted.
    pub(crate) lost: Vec<f64>,
    /// Whether some cell must be looked at: an error, an infinity, or a firm without any data.
    pub(crate) suspicious: bool,
}

/// The piece of the outcome that one block writes.
struct Job<'s> {
    table: usize,
    rows: Range<usize>,
    risk: &'s mut [f64],
    coverage: &'s mut [f64],
    reasons: &'s mut [u16],
    lost: &'s mut [f64],
}

impl Plan {
    pub(crate) fn new(nodes: &[Node], indicators: &[Indicator]) -> Self {
        let mut leaves: Vec<Leaf> = indicators.iter().map(Leaf::new).collect();
        let owners = number_reasons(&mut leaves);
        let full = leaves.iter().fold(0.0, |sum, leaf| sum + leaf.weight);
        let reweights = leaves.iter().any(|leaf| leaf.reweight);
        Self { leaves, owners, sharing: Sharing::new(nodes, indicators), full, reweights }
    }

    /// The coverage of a firm from its weight with data.
    pub(crate) fn coverage(&self, weight: f64) -> f64 {
        weight / self.full
    }

    /// Scores all firms. `tables` holds, for each block of input, the card's columns in the card's order, and its length.
    pub(crate) fn score(&self, tables: &[(Vec<&Column<'_>>, usize)], want: Want) -> Scored {
        let firms: usize = tables.iter().map(|(_, len)| len).sum();
        let wide = if want.contributions { self.leaves.len() } else { 0 };
        let mut scored = Scored {
            risk: vec![0.0; firms],
            coverage: vec![0.0; firms],
            reasons: Reasons { per_firm: want.reasons, indicators: vec![NO_REASON; firms * want.reasons] },
            lost: vec![0.0; firms * wide],
            suspicious: false,
        };
        let kept = self.reweights || want.contributions || (want.reasons > 0 && self.owners.is_none());
        let feeds: Vec<Vec<Feed<'_>>> = tables
            .iter()
            .map(|(columns, _)| {
                self.leaves.iter().filter_map(|leaf| columns.get(leaf.column).map(|column| Feed::new(leaf, column))).collect()
            })
            .collect();
        let jobs = jobs(tables, &mut scored, if kept { KEPT_BLOCK } else { BLOCK }, want.reasons, wide);
        let suspicious = jobs
            .into_par_iter()
            .map_init(Buffers::default, |buffers, job| {
                let feeds = feeds.get(job.table).map_or(&[][..], Vec::as_slice);
                if kept { self.kept_block(feeds, job, want.reasons, buffers) } else { self.block(feeds, job, want.reasons, buffers) }
            })
            .reduce(|| false, |a, b| a | b);
        scored.suspicious = suspicious;
        scored
    }

    /// A block whose points need not be kept: they are added up as they come.
    fn block(&self, feeds: &[Feed<'_>], job: Job<'_>, reasons: usize, buffers: &mut Buffers) -> bool {
        let Job { rows, risk, coverage, reasons: out, .. } = job;
        let len = rows.len();
        let scratch = buffers.scratch.get_or_insert_with(Scratch::new);
        buffers.keys.resize(if reasons > 0 { len } else { 0 }, 0);
        buffers.best.clear();
        buffers.best.resize(len * reasons, 0);
        let mut largest = 0.0_f64;
        for (feed, leaf) in feeds.iter().zip(&self.leaves) {
            let mut sink = Sink { risk, coverage, keys: &mut buffers.keys };
            largest = largest.max(feed.add(rows.clone(), leaf.weight, scratch, &mut sink));
            if reasons > 0 {
                kernel::keep_largest(&mut buffers.keys, &mut buffers.best);
            }
        }
        if let Some(owners) = &self.owners
            && reasons > 0
        {
            for (level, best) in buffers.best.chunks_exact(len).enumerate() {
                for (row, key) in best.iter().enumerate() {
                    if let Some(slot) = out.get_mut(row * reasons + level) {
                        *slot = owners.get(usize::from(*key)).copied().unwrap_or(NO_REASON);
                    }
                }
            }
        }
        self.finish(risk, coverage) | (largest == f64::INFINITY)
    }

    /// A block whose points are kept by indicator: weights may be shared, losses are wanted one by one.
    fn kept_block(&self, feeds: &[Feed<'_>], job: Job<'_>, reasons: usize, buffers: &mut Buffers) -> bool {
        let Job { rows, risk, coverage, reasons: out, lost, .. } = job;
        let len = rows.len();
        let scratch = buffers.scratch.get_or_insert_with(Scratch::new);
        buffers.points.clear();
        buffers.points.resize(len * feeds.len(), 0.0);
        buffers.there.clear();
        buffers.there.resize(len * feeds.len(), 0.0);
        let mut largest = 0.0_f64;
        for ((feed, points), there) in feeds.iter().zip(buffers.points.chunks_exact_mut(len)).zip(buffers.there.chunks_exact_mut(len)) {
            let mut sink = Sink { risk: points, coverage: there, keys: &mut [] };
            largest = largest.max(feed.add(rows.clone(), 1.0, scratch, &mut sink));
        }
        let mut row = Row::new(self);
        for (at, (risk, coverage)) in risk.iter_mut().zip(coverage.iter_mut()).enumerate() {
            let cell = |leaf: usize| {
                let index = leaf * len + at;
                (buffers.points.get(index).copied().unwrap_or(0.0), buffers.there.get(index).is_some_and(|there| *there > 0.0))
            };
            (*risk, *coverage) = row.fill(self, cell);
            if reasons > 0
                && let Some(out) = out.get_mut(at * reasons..(at + 1) * reasons)
            {
                row.strongest(out);
            }
            if let Some(out) = lost.get_mut(at * self.leaves.len()..(at + 1) * self.leaves.len()) {
                out.copy_from_slice(&row.lost);
            }
        }
        self.finish(risk, coverage) | (largest == f64::INFINITY)
    }

    /// Coverage as a share; whether some firm must be looked at.
    fn finish(&self, risk: &[f64], coverage: &mut [f64]) -> bool {
        for coverage in coverage.iter_mut() {
            *coverage = self.coverage(*coverage);
        }
        risk.iter().any(|risk| risk.is_nan())
    }
}

/// One firm: its points put together, weights shared where its data are missing.
pub(crate) struct Row {
    points: Vec<f64>,
    there: Vec<bool>,
    /// Risk lost against the best value, by indicator.
    pub(crate) lost: Vec<f64>,
    sums: Vec<f64>,
    factors: Vec<f64>,
}

impl Row {
    pub(crate) fn new(plan: &Plan) -> Self {
        let leaves = plan.leaves.len();
        Self {
            points: vec![0.0; leaves],
            there: vec![false; leaves],
            lost: vec![0.0; leaves],
            sums: vec![0.0; plan.sharing.nodes()],
            factors: vec![1.0; plan.sharing.nodes()],
        }
    }

    /// Risk, and weight with data. `cell` gives each indicator's points and whether its value is there.
    pub(crate) fn fill(&mut self, plan: &Plan, cell: impl Fn(usize) -> (f64, bool)) -> (f64, f64) {
        let mut shared = false;
        for (index, leaf) in plan.leaves.iter().enumerate() {
            let (points, there) = cell(index);
            if let (Some(p), Some(t)) = (self.points.get_mut(index), self.there.get_mut(index)) {
                (*p, *t) = (points, there);
            }
            shared |= leaf.reweight && !there;
        }
        let mut weighable = true;
        if shared {
            let there = &self.there;
            let alive = |index: usize| there.get(index).copied().unwrap_or(false) || plan.leaves.get(index).is_some_and(|leaf| !leaf.reweight);
            weighable = plan.sharing.factors(alive, &mut self.sums, &mut self.factors);
        } else {
            self.factors.fill(1.0);
        }
        let (mut risk, mut coverage) = (0.0, 0.0);
        for (index, (leaf, lost)) in plan.leaves.iter().zip(&mut self.lost).enumerate() {
            let factor = self.factors.get(plan.sharing.node(index)).copied().unwrap_or(1.0);
            let points = self.points.get(index).copied().unwrap_or(0.0);
            let there = self.there.get(index).copied().unwrap_or(false);
            risk += points * factor;
            coverage += if there { leaf.weight } else { 0.0 };
            *lost = if leaf.reweight && !there { 0.0 } else { (points - leaf.best) * factor };
        }
        (if weighable { risk } else { f64::NAN }, coverage)
    }

    /// The strongest reasons: the largest losses above zero, ties in the order of the card.
    pub(crate) fn strongest(&self, out: &mut [u16]) {
        out.fill(NO_REASON);
        let lost = |index: u16| self.lost.get(usize::from(index)).copied().unwrap_or(0.0);
        for (index, loss) in (0_u16..).zip(&self.lost) {
            if !(*loss > 0.0) {
                continue;
            }
            let Some(at) = out.iter().position(|other| *other == NO_REASON || *loss > lost(*other)) else { continue };
            if let Some(tail) = out.get_mut(at..) {
                tail.rotate_right(1);
                if let Some(first) = tail.first_mut() {
                    *first = index;
                }
            }
        }
    }
}

#[derive(Default)]
struct Buffers {
    scratch: Option<Scratch>,
    keys: Vec<u16>,
    best: Vec<u16>,
    points: Vec<f64>,
    there: Vec<f64>,
}

/// Cuts the outcome into the pieces that blocks write.
fn jobs<'s>(tables: &[(Vec<&Column<'_>>, usize)], scored: &'s mut Scored, block: usize, reasons: usize, wide: usize) -> Vec<Job<'s>> {
    let (mut risk, mut coverage) = (scored.risk.as_mut_slice(), scored.coverage.as_mut_slice());
    let (mut why, mut lost) = (scored.reasons.indicators.as_mut_slice(), scored.lost.as_mut_slice());
    let mut jobs = Vec::new();
    for (table, (_, len)) in tables.iter().enumerate() {
        for start in (0..*len).step_by(block) {
            let rows = start..(start + block).min(*len);
            let count = rows.len();
            jobs.push(Job {
                table,
                risk: take(&mut risk, count),
                coverage: take(&mut coverage, count),
                reasons: take(&mut why, count * reasons),
                lost: take(&mut lost, count * wide),
                rows,
            });
        }
    }
    jobs
}

/// The first `count` of a slice, which then begins after them.
fn take<'s, T>(slice: &mut &'s mut [T], count: usize) -> &'s mut [T] {
    let whole = std::mem::take(slice);
    let (head, tail) = whole.split_at_mut(count.min(whole.len()));
    *slice = tail;
    head
}
