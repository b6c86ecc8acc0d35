//! The pass over the firms: a block of weightings made ready, and the risks of a few firms by all of them.

use super::kernel::{self, FIRMS, LANES, Lanes};
use super::utilities::{Alike, Utilities};
use super::weightings::Weightings;
use crate::card::Cut;
use ndarray::{ArrayView2, Axis, Slice};
use std::ops::Range;

/// Weightings worked on at a time: their weights stay in the second cache.
pub(super) const BLOCK: usize = 1024;

/// Firms of one job.
const JOB: usize = 256;

/// Weightings made ready: in groups of [`LANES`], the last one repeated to fill up.
pub(super) struct Block {
    /// How many weightings.
    pub(super) len: usize,
    /// `len` with those that fill up.
    pub(super) width: usize,
    /// An entry for each group and indicator.
    weights: Vec<Lanes>,
    /// By weighting: the sum of all weights, in indicator order.
    full: Vec<f64>,
    /// What sharing needs; empty where the card shares no weights.
    locals: Vec<Lanes>,
    totals: Vec<Lanes>,
}

/// Numbers in groups of [`LANES`] rows, an entry for each group and column.
fn groups(rows: ArrayView2<'_, f64>) -> Vec<Lanes> {
    let mut grouped = Vec::with_capacity(rows.nrows().div_ceil(LANES) * rows.ncols());
    for group in rows.axis_chunks_iter(Axis(0), LANES) {
        for column in group.columns() {
            let last = column.last().copied().unwrap_or(0.0);
            grouped.push(std::array::from_fn(|lane| column.get(lane).copied().unwrap_or(last)));
        }
    }
    grouped
}

impl Block {
    pub(super) fn new(utilities: &Utilities, weightings: &Weightings, range: Range<usize>) -> Self {
        let rows = Slice::from(range.clone());
        let indicators = weightings.indicators();
        let weights = groups(indicators.slice_axis(Axis(0), rows));
        let width = range.len().div_ceil(LANES) * LANES;
        let mut full: Vec<f64> = range.clone().map(|at| indicators.row(at).iter().fold(0.0, |sum, weight| sum + weight)).collect();
        full.resize(width, full.last().copied().unwrap_or(1.0));
        let mut block = Self { len: range.len(), width, weights, full, locals: Vec::new(), totals: Vec::new() };
        if utilities.alike.iter().any(|alike| !alike.alive.is_empty()) {
            block.locals = groups(weightings.local().slice_axis(Axis(0), rows));
            block.totals = vec![[0.0; LANES]; width / LANES * utilities.tree.nodes()];
            kernel::totals(&utilities.tree, &block.locals, &mut block.totals);
        }
        block
    }
}

/// Some firms that are alike.
pub(super) struct Job<'u> {
    alike: &'u Alike,
    /// Where they stand in [`Utilities::order`].
    pub(super) at: Range<usize>,
}

/// All firms as jobs, in the order of [`Utilities::order`].
pub(super) fn jobs(utilities: &Utilities) -> Vec<Job<'_>> {
    let mut jobs = Vec::new();
    for alike in &utilities.alike {
        for start in alike.at.clone().step_by(JOB) {
            jobs.push(Job { alike, at: start..(start + JOB).min(alike.at.end) });
        }
    }
    jobs
}

/// What one thread uses for job after job.
pub(super) struct Pass<'u> {
    utilities: &'u Utilities,
    block: &'u Block,
    factors: Vec<Lanes>,
    risks: Vec<f64>,
    there: Vec<f64>,
}

/// A firm by all weightings of a block; both rows are as wide as the block.
pub(super) struct FirmRow<'p> {
    pub(super) firm: usize,
    pub(super) risks: &'p [f64],
    /// Weight with data; empty where not wanted.
    pub(super) there: &'p [f64],
    /// Sum of all weights.
    pub(super) full: &'p [f64],
}

impl<'u> Pass<'u> {
    /// With coverage only where the card has a class for too little data.
    pub(super) fn new(utilities: &'u Utilities, block: &'u Block) -> Self {
        let mut pass = Self::with_coverage(utilities, block);
        if utilities.card.grades.coverage_below.is_none() {
            pass.there.clear();
        }
        pass
    }

    pub(super) fn with_coverage(utilities: &'u Utilities, block: &'u Block) -> Self {
        let rows = || vec![0.0; FIRMS * block.width];
        Self { utilities, block, factors: Vec::new(), risks: rows(), there: rows() }
    }

    /// Weighs the firms of a job and hands them on in their order. Returns whether every weighting leaves each of them something to weigh.
    pub(super) fn run(&mut self, job: &Job<'_>, mut each: impl FnMut(FirmRow<'_>)) -> bool {
        let (utilities, block) = (self.utilities, self.block);
        let mut weighable = true;
        let shares = !job.alike.alive.is_empty();
        if shares {
            self.factors.resize(block.weights.len(), [0.0; LANES]);
            weighable = kernel::factors(&utilities.tree, &block.locals, &block.totals, &job.alike.alive, &mut self.factors);
        }
        let firms = utilities.order.get(job.at.clone()).unwrap_or_default();
        for firms in firms.chunks(FIRMS) {
            match (shares, firms.len()) {
                (false, _) => kernel::products(&packed(utilities, firms, &utilities.risks), &block.weights, block.width, &mut self.risks),
                (true, 1) => self.shared::<1>(firms),
                (true, 2..=4) => self.shared::<4>(firms),
                (true, _) => self.shared::<FIRMS>(firms),
            }
            if !self.there.is_empty() {
                kernel::products(&packed(utilities, firms, &utilities.there), &block.weights, block.width, &mut self.there);
            }
            let there = self.there.chunks_exact(block.width).map(Some).chain(std::iter::repeat(None));
            for ((firm, risks), there) in firms.iter().zip(self.risks.chunks_exact(block.width)).zip(there) {
                each(FirmRow { firm: *firm, risks, there: there.unwrap_or_default(), full: &block.full });
            }
        }
        weighable
    }

    fn shared<const N: usize>(&mut self, firms: &[usize]) {
        let packed = packed::<N, _>(self.utilities, firms, &self.utilities.risks);
        kernel::shared_products(&packed, &self.block.weights, &self.factors, self.block.width, &mut self.risks);
    }
}

/// The cells of some firms, an entry for each indicator; 0 where there are fewer firms.
fn packed<const N: usize, T: Copy + Into<f64>>(utilities: &Utilities, firms: &[usize], cells: &[T]) -> Vec<[f64; N]> {
    let wide = utilities.card.indicators.len();
    let mut packed = vec![[0.0; N]; wide];
    for (place, firm) in firms.iter().take(N).enumerate() {
        for (to, cell) in packed.iter_mut().zip(cells.get(firm * wide..(firm + 1) * wide).unwrap_or_default()) {
            to[place] = (*cell).into();
        }
    }
    packed
}

/// The highest risk that passes each cut, an entry for each group of weightings and cut; `cuts` gives those of a weighting.
pub(super) fn limits<'c>(utilities: &Utilities, block: &Block, cuts: impl Fn(usize) -> &'c [Cut]) -> Vec<Lanes> {
    let scale = utilities.card.scale;
    let by_weighting: Vec<Vec<f64>> = (0..block.len).map(|at| cuts(at).iter().map(|cut| scale.risk_limit(*cut)).collect()).collect();
    let wide = by_weighting.first().map_or(0, Vec::len);
    let limit = |at: usize, cut: usize| {
        by_weighting.get(at).or(by_weighting.last()).and_then(|limits| limits.get(cut)).copied().unwrap_or(f64::INFINITY)
    };
    (0..block.width / LANES)
        .flat_map(|group| (0..wide).map(move |cut| (group, cut)))
        .map(|(group, cut)| std::array::from_fn(|lane| limit(group * LANES + lane, cut)))
        .collect()
}
