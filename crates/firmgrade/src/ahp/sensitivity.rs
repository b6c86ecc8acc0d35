//! What happens to the weights when a judgment or a weight moves: derivatives, the nearest change of order, curves.

use ndarray::Array2;
use rayon::prelude::*;
use serde::Serialize;

use super::fault::JudgmentFault;
use super::group::normalised;
use super::judgments::Judgments;
use super::perron::Perron;
use super::priority::{Method, Workspace};

/// The derivative of every eigenvector weight for every judgment.
#[derive(Debug, Clone, PartialEq)]
pub struct Derivatives {
    /// The pairs (row, column), row < column, row by row: the columns of `by_log`.
    pub pairs: Vec<(usize, usize)>,
    /// `∂w_k/∂ ln a_ij`, shape `(n, n(n − 1)/2)`; each column sums to 0. A judgment 1 % larger moves w_k by about a hundredth of it.
    pub by_log: Array2<f64>,
}

/// The smallest change of one judgment that exchanges two things in the order of weights.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
pub struct Swap {
    /// Row of the judgment, from 0; row < column.
    pub row: usize,
    /// Its column.
    pub column: usize,
    /// The judgment now.
    pub entry: f64,
    /// Its value at which two things have the same weight.
    pub to: f64,
    /// `|ln to − ln entry|`
    pub distance: f64,
    /// The thing that is heavier now, and the one that overtakes it.
    pub things: [usize; 2],
}

impl Judgments {
    /// The derivatives of the eigenvector weights for the logarithms of the judgments.
    ///
    /// ```text
    /// ∂w_k/∂ ln a_ij = w_k·(d_k − Σ_l w_l·d_l),   d = Z·(e_ij·u_i − e_ji·u_j),   Z = (λI − E)^#,   e_ij = a_ij·w_j/w_i
    /// ```
    ///
    /// The derivative for a_ij itself is that divided by a_ij. Source: Meyer & Stewart, SIAM J. Numer. Anal. 25, 1988, 679–691.
    pub fn derivatives(&self) -> Derivatives {
        let n = self.n();
        let mut workspace = Workspace::new(n);
        workspace.prioritise(self.matrix(), Method::Eigenvector);
        let w = workspace.vector.shares();
        let perron = Perron::new(self.matrix(), n);
        let z = perron.group_inverse();
        let pairs: Vec<(usize, usize)> = upper_pairs(n);
        let mut by_log = Array2::zeros((n, pairs.len()));
        for (at, &(i, j)) in pairs.iter().enumerate() {
            let (up, down) = (perron.e[i * n + j], perron.e[j * n + i]);
            let d: Vec<f64> = (0..n).map(|k| up * z[k * n + i] - down * z[k * n + j]).collect();
            let mean: f64 = w.iter().zip(&d).map(|(w, d)| w * d).sum();
            for k in 0..n {
                by_log[[k, at]] = w[k] * (d[k] - mean);
            }
        }
        Derivatives { pairs, by_log }
    }

    /// For each judgment the smallest change, up or down within 1/9 … 9 (or from where it is, if that is beyond), that exchanges two
    /// things in the order of weights by `method`; none for a judgment that exchanges nothing. The smallest change first, then by row and
    /// column. Things whose weights agree within 1e-12, relatively, have no order to lose.
    ///
    /// The way is searched in 24 equal steps of the logarithm and then halved: two changes of order within one step that undo each other
    /// may be missed. `to` is right within 1e-9, relatively.
    pub fn swaps(&self, method: Method) -> Vec<Swap> {
        let n = self.n();
        if n < 2 {
            return Vec::new();
        }
        let mut found: Vec<Swap> = upper_pairs(n).into_par_iter().filter_map(|pair| self.swap(pair, method)).collect();
        found.sort_by(|a, b| a.distance.total_cmp(&b.distance).then((a.row, a.column).cmp(&(b.row, b.column))));
        found
    }

    fn swap(&self, (row, column): (usize, usize), method: Method) -> Option<Swap> {
        const STEPS: u32 = 24;
        const HALVINGS: u32 = 60;
        let n = self.n();
        let entry = self.matrix()[row * n + column];
        let here = entry.ln();
        let mut workspace = Workspace::new(n);
        let mut matrix = self.matrix().to_vec();
        let mut weights = vec![0.0; n];
        let mut at = |t: f64, weights: &mut [f64]| {
            let high = t.abs().exp().min(Self::MAX_ENTRY);
            let (i, j) = if t >= 0.0 { (row, column) } else { (column, row) };
            matrix[i * n + j] = high;
            matrix[j * n + i] = 1.0 / high;
            workspace.prioritise(&matrix, method);
            workspace.vector.shares_into(weights);
        };
        at(here, &mut weights);
        let mut order: Vec<usize> = (0..n).collect();
        order.sort_by(|&a, &b| weights[b].total_cmp(&weights[a]).then(a.cmp(&b)));
        // The first two to change places stand next to each other before.
        let ranked: Vec<[usize; 2]> = order
            .windows(2)
            .map(|pair| [pair[0], pair[1]])
            .filter(|&[above, below]| weights[above] > weights[below] * (1.0 + 1e-12))
            .collect();
        let lost = |weights: &[f64]| ranked.iter().copied().find(|&[above, below]| weights[above] <= weights[below]);
        let mut best: Option<Swap> = None;
        for end in [9_f64.ln().max(here), (-(9_f64.ln())).min(here)] {
            let step = (end - here) / f64::from(STEPS);
            let Some((mut inner, mut outer)) = (1..=STEPS).find_map(|k| {
                let t = here + f64::from(k) * step;
                at(t, &mut weights);
                lost(&weights).map(|_| (t - step, t))
            }) else {
                continue;
            };
            for _ in 0..HALVINGS {
                let middle = 0.5 * (inner + outer);
                at(middle, &mut weights);
                if lost(&weights).is_some() { outer = middle } else { inner = middle }
            }
            at(outer, &mut weights);
            let distance = (outer - here).abs();
            if let Some(things) = lost(&weights)
                && best.is_none_or(|best| distance < best.distance)
            {
                best = Some(Swap { row, column, entry, to: outer.exp(), distance, things });
            }
        }
        best
    }
}

/// The weights when one of them takes given values and the others share the rest as they do now.
///
/// ```text
/// w_k = x,   w_i = (1 − x)·w_i/(1 − w_k) for i ≠ k        shape (points, n)
/// ```
///
/// Where the criterion has all the weight, the others share the rest equally. With a matrix U of scores `(n_firms, n)`, `U·wᵀ` is the curve
/// of each firm; it is a straight line in x.
///
/// # Errors
/// Every fault at once: a criterion that is not there, weights that are negative or not finite or all 0, points outside [0, 1].
pub fn one_at_a_time(weights: &[f64], criterion: usize, points: &[f64]) -> Result<Array2<f64>, Vec<JudgmentFault>> {
    let n = weights.len();
    let mut faults = weight_faults(weights);
    if criterion >= n {
        faults.push(JudgmentFault::NoCriterion { at: criterion, count: n });
    }
    let bad = points.iter().enumerate().filter(|(_, x)| !(0.0..=1.0).contains(*x));
    faults.extend(bad.map(|(at, &value)| JudgmentFault::Point { at, value }));
    if !faults.is_empty() {
        return Err(faults);
    }
    let weights = normalised(weights.to_vec());
    let rest: f64 = weights.iter().enumerate().filter(|(at, _)| *at != criterion).map(|(_, w)| w).sum();
    let share = |w: f64| if rest > 0.0 { w / rest } else { 1.0 / (n - 1) as f64 };
    Ok(Array2::from_shape_fn((points.len(), n), |(point, at)| {
        let x = points[point];
        match (n, at == criterion) {
            (1, _) => 1.0,
            (_, true) => x,
            (_, false) => (1.0 - x) * share(weights[at]),
        }
    }))
}

/// What is wrong with weights: none, negative, not finite, all 0.
pub(super) fn weight_faults(weights: &[f64]) -> Vec<JudgmentFault> {
    if weights.is_empty() {
        return vec![JudgmentFault::Nothing];
    }
    let bad = weights.iter().enumerate().filter(|(_, w)| !(0.0..=f64::MAX).contains(*w));
    let mut faults: Vec<JudgmentFault> = bad.map(|(at, &value)| JudgmentFault::Weight { at, value }).collect();
    if faults.is_empty() && !weights.iter().any(|&w| w > 0.0) {
        faults.push(JudgmentFault::NoWeight);
    }
    faults
}

pub(super) fn upper_pairs(n: usize) -> Vec<(usize, usize)> {
    (0..n).flat_map(|i| (i + 1..n).map(move |j| (i, j))).collect()
}
