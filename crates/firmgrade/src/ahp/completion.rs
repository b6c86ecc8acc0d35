//! Weights from incomplete judgments: logarithmic least squares, the completion of least λmax, Harker's matrix.

use std::fmt;
use std::str::FromStr;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::incomplete::Incomplete;
use super::judgments::Judgments;
use super::perron::{Perron, solved};
use super::priority::{Method, consistency_index, finite, prioritise};
use super::random_index::{RandomIndex, UnknownChoice, choose_customary};
use super::weights::ratio;

/// How weights follow from incomplete judgments. With no judgment missing the first is the geometric mean, the others the eigenvector.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Completion {
    /// Minimises `Σ (ln a_ij − ln w_i + ln w_j)²` over the known judgments: a linear system in the Laplacian of their graph.
    /// Source: Bozóki, Fülöp & Rónyai, *On optimal completions of incomplete pairwise comparison matrices*, Math. Comput. Modelling 52,
    /// 2010, 318–333, §5.
    #[default]
    LeastSquares,
    /// The eigenvector of the completion with the smallest λmax: convex in the logarithms of the missing entries, and unique. Source:
    /// ibid., §3–4.
    LeastLambda,
    /// The eigenvector of the matrix with 0 for a missing judgment and 1 + (missing judgments of the row) on the diagonal; each gap so says
    /// w_i/w_j. Source: Harker, *Alternative modes of questioning in the AHP*, Math. Modelling 9, 1987, 353–360.
    Harker,
}

/// Weights from incomplete judgments and their consistency.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Completed {
    /// The things weighed.
    pub names: Vec<String>,
    /// One weight for each, sum 1 within 1e-15.
    pub values: Vec<f64>,
    /// What each missing judgment would be, row < column, row by row.
    pub filled: Vec<Filled>,
    /// The completed matrix `(n, n)`, row by row.
    pub matrix: Vec<f64>,
    /// `mean_i (Cw)_i/w_i` of the completed matrix C, the eigenvalue but for least squares.
    pub lambda_max: f64,
    /// `(λmax − n)/(n − 1)`
    pub ci: f64,
    /// [`RandomIndex::value_with_missing`]
    pub ri: f64,
    /// `ci/ri`; 0 where nothing can contradict (n ≤ 2, or no more judgments than link the things).
    pub cr: f64,
    /// How the gaps were treated.
    pub completion: Completion,
    /// The table that was asked for.
    pub random_index: RandomIndex,
}

/// A missing judgment and its value in the completed matrix.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
pub struct Filled {
    /// Row, from 0.
    pub row: usize,
    /// Column, from 0.
    pub column: usize,
    /// The judgment that would fit.
    pub value: f64,
}

impl Completion {
    /// Every way, the default first.
    pub const ALL: [Self; 3] = [Self::LeastSquares, Self::LeastLambda, Self::Harker];

    /// What the ways are called elsewhere.
    pub const ALIASES: &'static [(&'static str, Self)] = &[
        ("lls", Self::LeastSquares),
        ("llsm", Self::LeastSquares),
        ("logarithmic_least_squares", Self::LeastSquares),
        ("geometric_mean", Self::LeastSquares),
        ("lambda_max", Self::LeastLambda),
        ("minimal_lambda", Self::LeastLambda),
        ("optimal", Self::LeastLambda),
        ("eigenvector", Self::LeastLambda),
        ("em", Self::LeastLambda),
    ];

    /// The name in files, options and output.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::LeastSquares => "least_squares",
            Self::LeastLambda => "least_lambda",
            Self::Harker => "harker",
        }
    }
}

impl fmt::Display for Completion {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.as_str())
    }
}

impl FromStr for Completion {
    type Err = UnknownChoice;

    /// The name, or one of the customary ones in [`Completion::ALIASES`]; files carry the name.
    fn from_str(text: &str) -> Result<Self, UnknownChoice> {
        choose_customary("completion", text, &Self::ALL, Self::as_str, Self::ALIASES)
    }
}

impl RandomIndex {
    /// RI of n things with m missing pairs; RI(n) for m = 0, and 0 where only a tree of judgments is left.
    ///
    /// ```text
    /// RI(n, m) = (1 − 2m/((n − 1)(n − 2)))·RI(n)
    /// ```
    ///
    /// Source: Ágoston & Csató, *Inconsistency thresholds for incomplete pairwise comparison matrices*, Omega 108, 2022, 102576, eq. 3.
    pub fn value_with_missing(self, n: usize, m: usize) -> f64 {
        // In whole numbers: a tree gives 0, not 1e-17.
        let most = (n.saturating_sub(1)) * (n.saturating_sub(2));
        if 2 * m >= most { 0.0 } else { (most - 2 * m) as f64 / most as f64 * self.value(n) }
    }
}

impl Incomplete {
    /// Weights by `completion`, consistency by `random_index`. Things linked by judgments always have weights.
    pub fn weights(&self, completion: Completion, random_index: RandomIndex) -> Completed {
        let n = self.n();
        let gaps = self.missing();
        let matrix = match completion {
            Completion::LeastSquares => self.least_squares(&gaps),
            Completion::LeastLambda => self.least_lambda(&gaps),
            Completion::Harker => self.harker(&gaps),
        };
        // Where a gap is w_i/w_j for the weights w of a method, the completed matrix has the same w by that method.
        let method = if completion == Completion::LeastSquares { Method::GeometricMean } else { Method::Eigenvector };
        let vector = prioritise(&matrix, n, method);
        let ci = consistency_index(&matrix, n, &vector);
        let ri = random_index.value_with_missing(n, gaps.len());
        Completed {
            names: self.names().to_vec(),
            values: vector.shares(),
            filled: gaps.iter().map(|&(row, column)| Filled { row, column, value: matrix[row * n + column] }).collect(),
            lambda_max: finite(n as f64 + (n as f64 - 1.0) * ci),
            ci,
            ri,
            cr: if ri > 0.0 { finite(ci / ri) } else { 0.0 },
            completion,
            random_index,
            matrix,
        }
    }

    /// The matrix with its gaps filled by the logarithms `t`, kept within the range of judgments.
    fn fill(&self, gaps: &[(usize, usize)], t: &[f64]) -> Vec<f64> {
        let n = self.n();
        let mut matrix = self.with_ones().matrix().to_vec();
        for (&(i, j), t) in gaps.iter().zip(t) {
            let high = t.abs().exp().clamp(1.0, Judgments::MAX_ENTRY);
            let (row, column) = if *t >= 0.0 { (i, j) } else { (j, i) };
            matrix[row * n + column] = high;
            matrix[column * n + row] = 1.0 / high;
        }
        matrix
    }

    /// Logarithms of the gaps by least squares: `Σ_{j known} (y_i − y_j) = Σ_{j known} ln a_ij` for every i, y_1 = 0.
    fn fitted(&self, gaps: &[(usize, usize)]) -> Vec<f64> {
        let n = self.n();
        let size = n - 1;
        let (mut laplacian, mut sums) = (vec![0.0; size * size], vec![0.0; size]);
        for i in 1..n {
            for j in (0..n).filter(|&j| j != i && self.is_known(i, j)) {
                laplacian[(i - 1) * size + i - 1] += 1.0;
                if j > 0 {
                    laplacian[(i - 1) * size + j - 1] -= 1.0;
                }
                let entry = self.with_ones().matrix()[i * n + j];
                // ln of the side ≥ 1, so that both rows take the same number.
                sums[i - 1] += if entry >= 1.0 { entry.ln() } else { -self.with_ones().matrix()[j * n + i].ln() };
            }
        }
        // INVARIANT: the graph is connected, hence the Laplacian without one row and column is positive definite.
        let y = solved(laplacian, sums).unwrap_or_else(|| vec![0.0; size]);
        let at = |thing: usize| if thing == 0 { 0.0 } else { y[thing - 1] };
        gaps.iter().map(|&(i, j)| at(i) - at(j)).collect()
    }

    fn least_squares(&self, gaps: &[(usize, usize)]) -> Vec<f64> {
        if gaps.is_empty() { self.with_ones().matrix().to_vec() } else { self.fill(gaps, &self.fitted(gaps)) }
    }

    /// Newton's method on the logarithms of the gaps, from least squares; steps are halved until λ falls.
    fn least_lambda(&self, gaps: &[(usize, usize)]) -> Vec<f64> {
        // Beyond this many gaps a step along the diagonal of the Hessian is cheaper than its 400³/3 operations.
        const WHOLE_HESSIAN: usize = 400;
        const STEPS: usize = 500;
        let n = self.n();
        if gaps.is_empty() {
            return self.with_ones().matrix().to_vec();
        }
        let mut t = self.fitted(gaps);
        let mut here = Perron::new(&self.fill(gaps, &t), n);
        for _ in 0..STEPS {
            let slopes: Vec<f64> = gaps.iter().map(|&(i, j)| here.slope(i, j)).collect();
            let diagonal = || gaps.iter().zip(&slopes).map(|(&(i, j), slope)| -slope / here.curvature(i, j)).collect::<Vec<f64>>();
            let newton = (gaps.len() <= WHOLE_HESSIAN).then(|| {
                let z = here.group_inverse();
                let hessian = gaps.iter().flat_map(|&s| gaps.iter().map(|&t| here.mixed(&z, s, t)).collect::<Vec<f64>>()).collect();
                solved(hessian, slopes.iter().map(|slope| -slope).collect())
            });
            let step = newton.flatten().unwrap_or_else(diagonal);
            let longest = step.iter().fold(0.0_f64, |most, s| most.max(s.abs()));
            if !(longest > 1e-15) {
                break;
            }
            // No gap moves by more than a factor e² at once: beyond that the parabola says nothing.
            let mut share = (2.0 / longest).min(1.0);
            let mut moved = false;
            for _ in 0..50 {
                let trial: Vec<f64> = t.iter().zip(&step).map(|(t, s)| t + share * s).collect();
                let next = Perron::new(&self.fill(gaps, &trial), n);
                // λ itself stalls at the last bits of CI while the step still halves the error of t; then the slopes must shrink.
                let steepest = |perron: &Perron| gaps.iter().fold(0.0_f64, |most, &(i, j)| most.max(perron.slope(i, j).abs()));
                if next.ci < here.ci || next.ci <= here.ci * (1.0 + 1e-13) && steepest(&next) < steepest(&here) {
                    (t, here, moved) = (trial, next, true);
                    break;
                }
                share *= 0.5;
            }
            if !moved || longest * share < 1e-15 {
                break;
            }
        }
        self.fill(gaps, &t)
    }

    /// The completed matrix whose gaps are w_i/w_j for its own eigenvector: that of Harker's matrix, found by squaring it.
    fn harker(&self, gaps: &[(usize, usize)]) -> Vec<f64> {
        let n = self.n();
        if gaps.is_empty() {
            return self.with_ones().matrix().to_vec();
        }
        let start = prioritise(&self.least_squares(gaps), n, Method::GeometricMean);
        let mut scaled = vec![0.0; n * n];
        for i in 0..n {
            for j in 0..n {
                if i == j {
                    scaled[i * n + i] += 1.0;
                } else if self.is_known(i, j) {
                    scaled[i * n + j] = ratio(self.with_ones().matrix(), n, &start, i, j);
                } else {
                    scaled[i * n + i] += 1.0;
                }
            }
        }
        let multiplied =
            |v: &[f64]| -> Vec<f64> { scaled.chunks_exact(n).map(|row| row.iter().zip(v).map(|(b, v)| b * v).sum()).collect() };
        let mut v = vec![1.0; n];
        let mut power = scaled.clone();
        let mut width = f64::INFINITY;
        // 2^60 steps of the power method; after the first dozen squarings each one only repeats the last.
        for _ in 0..60 {
            let quotients: Vec<f64> = multiplied(&v).iter().zip(&v).map(|(next, v)| next / v).collect();
            let high = quotients.iter().copied().fold(0.0, f64::max);
            let low = quotients.iter().copied().fold(f64::INFINITY, f64::min);
            let now = high / low - 1.0;
            if now < 1e-15 || now >= 0.9 * width && width < 1e-12 {
                break;
            }
            width = width.min(now);
            let top = power.iter().copied().fold(0.0, f64::max);
            power.iter_mut().for_each(|entry| *entry /= top);
            power = (0..n * n).map(|at| (0..n).map(|k| power[at / n * n + k] * power[k * n + at % n]).sum()).collect();
            v = power.chunks_exact(n).map(|row| row.iter().sum::<f64>().max(f64::MIN_POSITIVE)).collect();
        }
        // One step of the power method sheds the rounding of the squares.
        v = multiplied(&v);
        let log = |at: usize| start.mantissas[at].ln() + f64::from(start.exponents[at]) * std::f64::consts::LN_2 + v[at].ln();
        let t: Vec<f64> = gaps.iter().map(|&(i, j)| log(i) - log(j)).collect();
        self.fill(gaps, &t)
    }
}
