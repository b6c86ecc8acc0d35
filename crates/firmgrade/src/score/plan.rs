//! The card made ready for scoring, and the pass over the firms.

use super::feed::{Feed, Scratch};
use super::kernel::{self, BLOCK, Sink};
use super::leaf::{Leaf, number_reasons};
use super::share::Sharing;
use super::{NO_REASON, Reasons};
use crate::card::{Indicator, Node, Scale};
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
    /// Score by firm; NaN where a cell is an error, or where nothing is left to weigh.
    pub(crate) score: Vec<f64>,
    /// Share of weight with data by firm.
    pub(crate) coverage: Vec<f64>,
    pub(crate) reasons: Reasons,
    /// Risk lost against the best value, shape `(n_firms, n_indicators)`, column by column; empty where not wanted.
    pub(crate) lost: Vec<f64>,
    /// Whether some cell must be looked at: an error, an infinity, or a firm without any data.
    pub(crate) suspicious: bool,
}

/// The piece of the outcome that one block writes.
struct Job<'s> {
    table: usize,
    rows: Range<usize>,
    score: &'s mut [f64],
    coverage: &'s mut [f64],
    reasons: &'s mut [u16],
    /// One piece for each indicator, or none.
    lost: Vec<&'s mut [f64]>,
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

    /// Scores all firms on a scale. `tables` holds, for each block of input, the card's columns in the card's order, and its length.
    pub(crate) fn score(&self, tables: &[(Vec<&Column<'_>>, usize)], scale: &Scale, want: Want) -> Scored {
        let firms: usize = tables.iter().map(|(_, len)| len).sum();
        let wide = if want.contributions { self.leaves.len() } else { 0 };
        let mut scored = Scored {
            score: vec![0.0; firms],
            coverage: vec![0.0; firms],
            reasons: Reasons { per_firm: want.reasons, indicators: vec![NO_REASON; firms * want.reasons] },
            lost: vec![0.0; firms * wide],
            suspicious: false,
        };
        let kept = self.reweights || want.contributions || (want.reasons > 0 && self.owners.is_none());
        let feeds: Vec<Vec<Feed<'_>>> = tables
            .iter()
            .map(|(columns, _)| {
                let weight = |leaf: &Leaf| if kept { 1.0 } else { leaf.weight };
                self.leaves.iter().filter_map(|leaf| Some(Feed::new(leaf, columns.get(leaf.column)?, weight(leaf)))).collect()
            })
            .collect();
        let jobs = jobs(tables, &mut scored, if kept { KEPT_BLOCK } else { BLOCK }, want.reasons, wide);
        let suspicious = jobs
            .into_par_iter()
            .map_init(Buffers::default, |buffers, job| {
                let feeds = feeds.get(job.table).map_or(&[][..], Vec::as_slice);
                let Job { table: _, rows, score, coverage, reasons, lost } = job;
                let why = (want.reasons, reasons);
                let infinite = if kept {
                    self.kept_block(feeds, rows, (score, coverage), why, lost, buffers)
                } else {
                    self.block(feeds, rows, (score, coverage), why, buffers)
                };
                self.finish(scale, score, coverage) | infinite
            })
            .reduce(|| false, |a, b| a | b);
        scored.suspicious = suspicious;
        scored
    }

    /// Points and presence (1 or 0) of every cell, shape `(n_firms, n_indicators)`, row by row.
    pub(crate) fn cells(&self, tables: &[(Vec<&Column<'_>>, usize)]) -> (Vec<f64>, Vec<u8>) {
        let wide = self.leaves.len();
        let firms: usize = tables.iter().map(|(_, len)| len).sum();
        let (mut points, mut there) = (vec![0.0; firms * wide], vec![0; firms * wide]);
        let (mut points_left, mut there_left) = (points.as_mut_slice(), there.as_mut_slice());
        for (columns, len) in tables {
            let feeds: Vec<Feed<'_>> =
                self.leaves.iter().filter_map(|leaf| Some(Feed::new(leaf, columns.get(leaf.column)?, 1.0))).collect();
            let blocks = take(&mut points_left, len * wide).par_chunks_mut((KEPT_BLOCK * wide).max(1));
            let blocks = blocks.zip(take(&mut there_left, len * wide).par_chunks_mut((KEPT_BLOCK * wide).max(1)));
            blocks.enumerate().for_each_init(Scratch::new, |scratch, (block, (points, there))| {
                let rows = block * KEPT_BLOCK..((block + 1) * KEPT_BLOCK).min(*len);
                for (index, feed) in feeds.iter().enumerate() {
                    let (mut risk, mut coverage) = ([0.0; KEPT_BLOCK], [0.0; KEPT_BLOCK]);
                    let (risk, coverage) = (risk.get_mut(..rows.len()), coverage.get_mut(..rows.len()));
                    let (Some(risk), Some(coverage)) = (risk, coverage) else { continue };
                    feed.add(rows.clone(), &[], scratch, &mut Sink { risk, coverage, keys: &mut [] });
                    let cells = points.iter_mut().skip(index).step_by(wide).zip(there.iter_mut().skip(index).step_by(wide));
                    for ((points, there), (risk, coverage)) in cells.zip(risk.iter().zip(coverage.iter())) {
                        (*points, *there) = (*risk, u8::from(*coverage > 0.0));
                    }
                }
            });
        }
        (points, there)
    }

    /// A block whose points need not be kept: they are added up as they come.
    fn block(
        &self,
        feeds: &[Feed<'_>],
        rows: Range<usize>,
        (risk, coverage): (&mut [f64], &mut [f64]),
        (reasons, out): (usize, &mut [u16]),
        buffers: &mut Buffers,
    ) -> bool {
        let len = rows.len();
        let scratch = buffers.scratch.get_or_insert_with(Scratch::new);
        // Fresh memory is written before it is read: read first, each page would be mapped twice.
        risk.fill(0.0);
        coverage.fill(0.0);
        buffers.keys.resize(if reasons > 0 { len } else { 0 }, 0);
        refill(&mut buffers.largest, len * reasons, 0);
        let mut infinite = false;
        for (at, feed) in feeds.iter().enumerate() {
            // The next column of numbers is fetched while this one is worked on.
            let ahead = feeds.iter().skip(at + 1).map(|feed| feed.floats(rows.clone())).find(|numbers| !numbers.is_empty());
            let mut sink = Sink { risk, coverage, keys: &mut buffers.keys };
            infinite |= feed.add(rows.clone(), ahead.unwrap_or_default(), scratch, &mut sink);
            if reasons > 0 {
                kernel::keep_largest(&mut buffers.keys, &mut buffers.largest);
            }
        }
        if let Some(owners) = &self.owners
            && reasons > 0
        {
            for (level, best) in buffers.largest.chunks_exact(len).enumerate() {
                for (row, key) in best.iter().enumerate() {
                    if let Some(slot) = out.get_mut(row * reasons + level) {
                        *slot = owners.get(usize::from(*key)).copied().unwrap_or(NO_REASON);
                    }
                }
            }
        }
        infinite
    }

    /// A block whose points are kept by indicator: weights may be shared, losses are wanted one by one.
    fn kept_block(
        &self,
        feeds: &[Feed<'_>],
        rows: Range<usize>,
        (risk, coverage): (&mut [f64], &mut [f64]),
        (reasons, out): (usize, &mut [u16]),
        mut lost: Vec<&mut [f64]>,
        buffers: &mut Buffers,
    ) -> bool {
        let len = rows.len();
        let Buffers { scratch, points, there, factors, best, who, moving, loss, .. } = buffers;
        let scratch = scratch.get_or_insert_with(Scratch::new);
        refill(points, len * feeds.len(), 0.0);
        refill(there, len * feeds.len(), 0.0);
        let mut infinite = false;
        for ((feed, points), there) in feeds.iter().zip(points.chunks_exact_mut(len)).zip(there.chunks_exact_mut(len)) {
            let mut sink = Sink { risk: points, coverage: there, keys: &mut [] };
            infinite |= feed.add(rows.clone(), &[], scratch, &mut sink);
        }
        let unweighable = self.share_weights(len, there, factors);
        refill(best, len * reasons, 0.0);
        refill(who, len * reasons, u64::from(NO_REASON));
        refill(moving, len, 0);
        refill(loss, len, 0.0);
        for (index, leaf) in self.leaves.iter().enumerate() {
            let cells = index * len..(index + 1) * len;
            let (points, there) = (points.get(cells.clone()).unwrap_or_default(), there.get(cells).unwrap_or_default());
            let node = self.sharing.node(index);
            kernel::share(points, factors.get(node * len..(node + 1) * len).unwrap_or_default(), leaf.best, risk, loss);
            for ((coverage, loss), there) in coverage.iter_mut().zip(loss.iter_mut()).zip(there) {
                let there = *there > 0.0;
                *coverage += if there { leaf.weight } else { 0.0 };
                *loss = if leaf.reweight && !there { 0.0 } else { *loss };
            }
            if let Some(lost) = lost.get_mut(index) {
                lost.copy_from_slice(loss);
            }
            if reasons > 0 {
                kernel::keep_losses(loss, index as u64, best, who, moving);
            }
        }
        for (level, who) in who.chunks_exact(len).enumerate() {
            for (row, who) in who.iter().enumerate() {
                if let Some(slot) = out.get_mut(row * reasons + level) {
                    *slot = u16::try_from(*who).unwrap_or(NO_REASON);
                }
            }
        }
        for row in unweighable {
            if let Some(risk) = risk.get_mut(row) {
                *risk = f64::NAN;
            }
        }
        infinite
    }

    /// The factor of each node's children, shape `(n_nodes, n_rows)`, and the rows where nothing is left to weigh.
    fn share_weights(&self, len: usize, there: &[f64], factors: &mut Vec<f64>) -> Vec<usize> {
        let nodes = self.sharing.nodes();
        refill(factors, len * nodes, 1.0);
        let is_there = |leaf: usize, row: usize| there.get(leaf * len + row).is_some_and(|there| *there > 0.0);
        let mut shared = vec![false; len];
        for (index, _) in self.leaves.iter().enumerate().filter(|(_, leaf)| leaf.reweight) {
            for (row, shared) in shared.iter_mut().enumerate() {
                *shared |= !is_there(index, row);
            }
        }
        let (mut sums, mut own) = (vec![0.0; nodes], vec![1.0; nodes]);
        let mut unweighable = Vec::new();
        for (row, _) in shared.iter().enumerate().filter(|(_, shared)| **shared) {
            let alive = |leaf: usize| is_there(leaf, row) || self.leaves.get(leaf).is_some_and(|leaf| !leaf.reweight);
            if !self.sharing.factors(alive, &mut sums, &mut own) {
                unweighable.push(row);
            }
            for (node, factor) in own.iter().enumerate() {
                if let Some(slot) = factors.get_mut(node * len + row) {
                    *slot = *factor;
                }
            }
        }
        unweighable
    }

    /// Risk as a score, coverage as a share; whether some firm must be looked at.
    fn finish(&self, scale: &Scale, risk: &mut [f64], coverage: &mut [f64]) -> bool {
        for coverage in coverage.iter_mut() {
            *coverage = self.coverage(*coverage);
        }
        let mut faulty = false;
        for risk in risk.iter_mut() {
            *risk = scale.score(*risk);
            faulty |= risk.is_nan();
        }
        faulty
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
            let alive =
                |index: usize| there.get(index).copied().unwrap_or(false) || plan.leaves.get(index).is_some_and(|leaf| !leaf.reweight);
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

/// Memory that one thread uses for block after block.
#[derive(Default)]
struct Buffers {
    scratch: Option<Scratch>,
    keys: Vec<u16>,
    largest: Vec<u16>,
    points: Vec<f64>,
    there: Vec<f64>,
    factors: Vec<f64>,
    loss: Vec<f64>,
    best: Vec<f64>,
    who: Vec<u64>,
    moving: Vec<u64>,
}

fn refill<T: Copy>(buffer: &mut Vec<T>, len: usize, value: T) {
    buffer.clear();
    buffer.resize(len, value);
}

/// Cuts the outcome into the pieces that blocks write.
fn jobs<'s>(tables: &[(Vec<&Column<'_>>, usize)], scored: &'s mut Scored, block: usize, reasons: usize, wide: usize) -> Vec<Job<'s>> {
    let firms = scored.score.len();
    let (mut score, mut coverage) = (scored.score.as_mut_slice(), scored.coverage.as_mut_slice());
    let mut why = scored.reasons.indicators.as_mut_slice();
    let mut lost: Vec<&mut [f64]> = if wide > 0 && firms > 0 { scored.lost.chunks_exact_mut(firms).collect() } else { Vec::new() };
    let mut jobs = Vec::new();
    for (table, (_, len)) in tables.iter().enumerate() {
        for start in (0..*len).step_by(block) {
            let rows = start..(start + block).min(*len);
            let count = rows.len();
            jobs.push(Job {
                table,
                score: take(&mut score, count),
                coverage: take(&mut coverage, count),
                reasons: take(&mut why, count * reasons),
                lost: lost.iter_mut().map(|column| take(column, count)).collect(),
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
