//! The rows of a regression, packed for fast sums that do not depend on threads or on the order in which rows came.
//!
//! Rows stand in blocks of [`BLOCK`], column by column inside a block, the last block filled up with zeros. A sum over rows is made block by
//! block in eight lanes, blocks are grouped by a rule that looks at their number only, and groups are added in order.

use multiversion::multiversion;
use rayon::prelude::*;
use std::cmp::Ordering;

/// Rows in a block: a hundred columns of a block fit into the second cache.
pub(crate) const BLOCK: usize = 256;
/// Groups of blocks at most, so that partial sums stay small.
const GROUPS: usize = 32;
const LANES: usize = 8;
/// Columns are padded to this many.
const TILE: usize = 4;

/// Rows by columns, the first column 1 (the intercept).
#[derive(Clone, Debug)]
pub(crate) struct Design {
    rows: usize,
    columns: usize,
    /// Columns with padding.
    wide: usize,
    values: Vec<f64>,
}

/// What one pass over the rows gives.
#[derive(Clone, Debug)]
pub(crate) struct Sums {
    /// `Σ w (y·η − ln(1 + e^η))`
    pub(crate) log_likelihood: f64,
    /// `Σ w (y − p)·x`
    pub(crate) gradient: Vec<f64>,
    /// `Σ w p(1 − p)·x·xᵀ`, row by row.
    pub(crate) information: Vec<f64>,
}

impl Design {
    /// `value(row, column)` gives the columns beside the intercept, counted from 0.
    pub(crate) fn new(rows: usize, columns: usize, value: impl Fn(usize, usize) -> f64 + Sync) -> Self {
        let columns = columns + 1;
        let wide = columns.next_multiple_of(TILE);
        let mut values = vec![0.0; rows.div_ceil(BLOCK) * BLOCK * wide];
        values.par_chunks_mut(BLOCK * wide).enumerate().for_each(|(block, values)| {
            for (column, values) in values.chunks_exact_mut(BLOCK).enumerate().take(columns) {
                for (row, to) in (block * BLOCK..rows).zip(values) {
                    *to = if column == 0 { 1.0 } else { value(row, column - 1) };
                }
            }
        });
        Self { rows, columns, wide, values }
    }

    pub(crate) fn rows(&self) -> usize {
        self.rows
    }

    /// Columns, the intercept among them.
    pub(crate) fn columns(&self) -> usize {
        self.columns
    }

    fn block(&self, block: usize) -> &[f64] {
        let size = BLOCK * self.wide;
        self.values.get(block * size..(block + 1) * size).unwrap_or_default()
    }

    /// A column by row; 0 is the intercept.
    pub(crate) fn column(&self, column: usize) -> Vec<f64> {
        let blocks = (0..self.rows.div_ceil(BLOCK)).flat_map(|block| self.block(block).chunks_exact(BLOCK).nth(column).unwrap_or_default());
        blocks.take(self.rows).copied().collect()
    }

    /// `Xβ` by row.
    pub(crate) fn times(&self, beta: &[f64]) -> Vec<f64> {
        let mut out = vec![0.0; self.rows];
        out.par_chunks_mut(BLOCK).enumerate().for_each(|(block, out)| {
            let mut eta = [0.0; BLOCK];
            combine(self.block(block), beta, &mut eta);
            out.iter_mut().zip(eta).for_each(|(to, from)| *to = from);
        });
        out
    }

    /// `Σ v·x·xᵀ`, row by row.
    pub(crate) fn gram(&self, v: &[f64]) -> Vec<f64> {
        let parts = self.grouped(|blocks| {
            let mut part = vec![0.0; self.wide * self.wide];
            let mut scaled = vec![0.0; BLOCK * self.wide];
            for block in blocks {
                let mut weights = [0.0; BLOCK];
                weights.iter_mut().zip(v.iter().skip(block * BLOCK)).for_each(|(to, from)| *to = *from);
                gram(self.block(block), &weights, self.wide, &mut scaled, &mut part);
            }
            part
        });
        let mut sum = vec![0.0; self.wide * self.wide];
        parts.iter().for_each(|part| add(&mut sum, part));
        self.cropped(&sum)
    }

    /// Likelihood, gradient and information at `eta`; outcomes are 0 or 1.
    pub(crate) fn sums(&self, eta: &[f64], outcome: &[f64], weight: &[f64]) -> Sums {
        let parts = self.grouped(|blocks| {
            let mut information = vec![0.0; self.wide * self.wide];
            let mut gradient = vec![0.0; self.wide];
            let mut scaled = vec![0.0; BLOCK * self.wide];
            let mut log_likelihood = 0.0;
            for block in blocks {
                let (mut curvature, mut residual) = ([0.0; BLOCK], [0.0; BLOCK]);
                let rows = (block * BLOCK..self.rows).zip(curvature.iter_mut().zip(&mut residual));
                for (row, (curvature, residual)) in rows {
                    let (eta, y, w) = (eta[row], outcome[row], weight[row]);
                    if w == 0.0 {
                        continue;
                    }
                    let (p, q) = both(eta);
                    *curvature = w * p * q;
                    // y − p without cancellation: y is 0 or 1.
                    *residual = if y > 0.5 { w * q } else { -w * p };
                    log_likelihood -= w * softplus(if y > 0.5 { -eta } else { eta });
                }
                gram(self.block(block), &curvature, self.wide, &mut scaled, &mut information);
                dots(self.block(block), &residual, &mut gradient);
            }
            (log_likelihood, gradient, information)
        });
        let mut sums = Sums { log_likelihood: 0.0, gradient: vec![0.0; self.wide], information: vec![0.0; self.wide * self.wide] };
        for (log_likelihood, gradient, information) in &parts {
            sums.log_likelihood += log_likelihood;
            add(&mut sums.gradient, gradient);
            add(&mut sums.information, information);
        }
        sums.gradient.truncate(self.columns);
        sums.information = self.cropped(&sums.information);
        sums
    }

    /// One partial result for each group of blocks, in order.
    fn grouped<T: Send>(&self, of: impl Fn(std::ops::Range<usize>) -> T + Sync) -> Vec<T> {
        let blocks = self.rows.div_ceil(BLOCK);
        let group = blocks.div_ceil(GROUPS).max(1);
        (0..blocks.div_ceil(group)).into_par_iter().map(|at| of(at * group..((at + 1) * group).min(blocks))).collect()
    }

    /// The matrix without padding, both halves.
    fn cropped(&self, wide: &[f64]) -> Vec<f64> {
        let mut out = vec![0.0; self.columns * self.columns];
        for row in 0..self.columns {
            for column in 0..=row {
                // The kernel fills the upper half.
                let value = wide[column * self.wide + row];
                out[row * self.columns + column] = value;
                out[column * self.columns + row] = value;
            }
        }
        out
    }
}

/// Rows in an order that their contents alone decide: equal orders of `key` bits mean equal rows.
pub(crate) fn canonical(rows: usize, compare: impl Fn(usize, usize) -> Ordering + Sync) -> Vec<usize> {
    let mut order: Vec<usize> = (0..rows).collect();
    // Stable, though equal rows may stand in any order: they are the same row.
    order.par_sort_by(|a, b| compare(*a, *b));
    order
}

/// `ln(1 + e^x)` without overflow.
pub(crate) fn softplus(x: f64) -> f64 {
    x.max(0.0) + (-x.abs()).exp().ln_1p()
}

/// `1/(1 + e^−x)` and its complement, both without cancellation.
pub(crate) fn both(x: f64) -> (f64, f64) {
    let small = (-x.abs()).exp();
    let (large, small) = (1.0 / (1.0 + small), small / (1.0 + small));
    if x >= 0.0 { (large, small) } else { (small, large) }
}

/// `1/(1 + e^−x)`
pub(crate) fn logistic_of(x: f64) -> f64 {
    both(x).0
}

fn add(to: &mut [f64], from: &[f64]) {
    to.iter_mut().zip(from).for_each(|(to, from)| *to += from);
}

#[multiversion(targets("x86_64+avx512f+avx512bw+avx512dq+avx512vl", "x86_64+avx2"))]
fn combine(block: &[f64], beta: &[f64], out: &mut [f64; BLOCK]) {
    for (column, beta) in block.as_chunks::<BLOCK>().0.iter().zip(beta) {
        for row in 0..BLOCK {
            out[row] += column[row] * beta;
        }
    }
}

#[multiversion(targets("x86_64+avx512f+avx512bw+avx512dq+avx512vl", "x86_64+avx2"))]
fn dots(block: &[f64], v: &[f64; BLOCK], out: &mut [f64]) {
    let (v, _) = v.as_chunks::<LANES>();
    for (column, out) in block.as_chunks::<BLOCK>().0.iter().zip(out) {
        let mut sums = [0.0; LANES];
        for (x, v) in column.as_chunks::<LANES>().0.iter().zip(v) {
            for lane in 0..LANES {
                sums[lane] += x[lane] * v[lane];
            }
        }
        *out += sums.iter().fold(0.0, |sum, lane| sum + lane);
    }
}

/// Adds `Σ v·x·xᵀ` of a block to the upper half of `out`: two columns by four at a time, eight rows side by side.
#[multiversion(targets("x86_64+avx512f+avx512bw+avx512dq+avx512vl", "x86_64+avx2"))]
fn gram(block: &[f64], v: &[f64; BLOCK], wide: usize, scaled: &mut [f64], out: &mut [f64]) {
    let (columns, _) = block.as_chunks::<BLOCK>();
    let (scaled, _) = scaled.as_chunks_mut::<BLOCK>();
    for (scaled, column) in scaled.iter_mut().zip(columns) {
        for row in 0..BLOCK {
            scaled[row] = column[row] * v[row];
        }
    }
    for first in (0..wide).step_by(2) {
        let left = [scaled[first].as_chunks::<LANES>().0, scaled[first + 1].as_chunks::<LANES>().0];
        for second in (first - first % TILE..wide).step_by(TILE) {
            let right = [0, 1, 2, 3].map(|k| columns[second + k].as_chunks::<LANES>().0);
            let mut sums = [[[0.0; LANES]; TILE]; 2];
            for step in 0..BLOCK / LANES {
                let x = right.map(|column| column[step]);
                for (sums, left) in sums.iter_mut().zip(left) {
                    let left = left[step];
                    for (sums, x) in sums.iter_mut().zip(x) {
                        for lane in 0..LANES {
                            sums[lane] += left[lane] * x[lane];
                        }
                    }
                }
            }
            for (i, sums) in sums.iter().enumerate() {
                for (j, sums) in sums.iter().enumerate() {
                    out[(first + i) * wide + second + j] += sums.iter().fold(0.0, |sum, lane| sum + lane);
                }
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ahp::SplitMix64;

    /// Against plain sums, on more rows than a block and a number of columns that needs padding.
    #[test]
    fn a_pass_gives_plain_sums() {
        let (rows, columns) = (BLOCK * 3 + 17, 6);
        let mut random = SplitMix64::new(5);
        let x: Vec<f64> = (0..rows * columns).map(|_| random.normal()).collect();
        let y: Vec<f64> = (0..rows).map(|_| f64::from(random.uniform() < 0.3)).collect();
        let w: Vec<f64> = (0..rows).map(|_| random.uniform() * 2.0).collect();
        let design = Design::new(rows, columns, |row, column| x[row * columns + column]);
        let beta: Vec<f64> = (0..=columns).map(|_| random.normal()).collect();
        let eta = design.times(&beta);
        let sums = design.sums(&eta, &y, &w);
        let at = |row: usize, column: usize| if column == 0 { 1.0 } else { x[row * columns + column - 1] };
        let mut likelihood = 0.0;
        let mut gradient = vec![0.0; columns + 1];
        let mut information = vec![0.0; (columns + 1) * (columns + 1)];
        for row in 0..rows {
            let value: f64 = (0..=columns).map(|column| at(row, column) * beta[column]).sum();
            assert!((value - eta[row]).abs() < 1e-12);
            let p = 1.0 / (1.0 + (-value).exp());
            likelihood += w[row] * (y[row] * p.ln() + (1.0 - y[row]) * (1.0 - p).ln());
            for i in 0..=columns {
                gradient[i] += w[row] * (y[row] - p) * at(row, i);
                for j in 0..=columns {
                    information[i * (columns + 1) + j] += w[row] * p * (1.0 - p) * at(row, i) * at(row, j);
                }
            }
        }
        assert!((sums.log_likelihood - likelihood).abs() < 1e-9);
        assert!(sums.gradient.iter().zip(&gradient).all(|(a, b)| (a - b).abs() < 1e-9));
        assert!(sums.information.iter().zip(&information).all(|(a, b)| (a - b).abs() < 1e-9));
        let weights: Vec<f64> = w.iter().zip(&eta).map(|(w, eta)| w * both(*eta).0 * both(*eta).1).collect();
        assert!(design.gram(&weights).iter().zip(&information).all(|(a, b)| (a - b).abs() < 1e-9));
    }

    #[test]
    fn far_ends_neither_overflow_nor_vanish() {
        assert_eq!((both(800.0), both(-800.0)), ((1.0, 0.0), (0.0, 1.0)));
        assert!((both(-40.0).0 - 4.248_354_255_291_589e-18).abs() < 1e-30);
        assert_eq!((softplus(800.0), softplus(-800.0)), (800.0, 0.0));
        assert!((softplus(0.0) - 2.0_f64.ln()).abs() < 1e-16);
    }
}
