//! The methods and the numbers behind them: priority vectors of a positive reciprocal matrix and its consistency index.
//!
//! Where the consistency index comes from. For any w > 0 and e_ij = a_ij·w_j/w_i the mean of (Aw)_i/w_i is (1/n) Σ_ij e_ij; the
//! diagonal gives n ones and each pair of a reciprocal matrix gives e + 1/e, so
//!
//! ```text
//! λ − n = (1/n) Σ_{i<j} (e_ij + 1/e_ij − 2) = (1/n) Σ_{i<j} (e_ij − 1)²/e_ij
//! CI    = (λ − n)/(n − 1) = Σ_{i<j} (e_ij − 1)²/e_ij / (n(n − 1))
//! ```
//!
//! for every method (for the eigenvector λ is the eigenvalue). No two nearly equal numbers are subtracted: (λ − n)/(n − 1) taken
//! literally has no digit left, and may be negative, once CI falls below 1e-15.
//!
//! Ranges. Judgments up to 1e300 make weights whose ratio reaches 1e600. Vectors are therefore kept as mantissa times a power of
//! two for each component, and the matrix is scaled by the same powers, which changes no bit of a mantissa.

use std::fmt;
use std::str::FromStr;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::eigen::Iteration;
use super::random_index::{UnknownChoice, choose_customary};

/// How weights follow from judgments. Methods order some pair differently in 0.3 % (n = 4) to 24 % (n = 9) of acceptably consistent
/// matrices, so output names the method.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Method {
    /// The principal eigenvector, `A w = λmax w` (Saaty 1980; 特征根法).
    #[default]
    Eigenvector,
    /// The geometric mean of each row, `w_i ∝ (Π_j a_ij)^(1/n)` (Crawford & Williams 1985; 方根法).
    GeometricMean,
    /// The mean of the normalised columns, `w_i = (1/n) Σ_j a_ij/Σ_k a_kj` (和积法).
    ColumnMean,
}

/// A positive vector known up to a factor: component i is `mantissas[i] · 2^exponents[i]`.
pub(super) struct Scaled {
    pub(super) mantissas: Vec<f64>,
    pub(super) exponents: Vec<i32>,
}

impl Method {
    /// Every method, the default first.
    pub const ALL: [Self; 3] = [Self::Eigenvector, Self::GeometricMean, Self::ColumnMean];

    /// What the methods are called elsewhere: in other tools, in papers, in Chinese textbooks.
    pub const ALIASES: &'static [(&'static str, Self)] = &[
        ("eigen", Self::Eigenvector),
        ("eigenvalue", Self::Eigenvector),
        ("principal_eigenvector", Self::Eigenvector),
        ("em", Self::Eigenvector),
        ("ev", Self::Eigenvector),
        ("evm", Self::Eigenvector),
        ("saaty", Self::Eigenvector),
        ("特征根法", Self::Eigenvector),
        ("特征值法", Self::Eigenvector),
        ("特征向量法", Self::Eigenvector),
        ("geometric", Self::GeometricMean),
        ("row_geometric_mean", Self::GeometricMean),
        ("gm", Self::GeometricMean),
        ("gmm", Self::GeometricMean),
        ("rgm", Self::GeometricMean),
        ("rgmm", Self::GeometricMean),
        ("lls", Self::GeometricMean),
        ("llsm", Self::GeometricMean),
        ("logarithmic_least_squares", Self::GeometricMean),
        ("方根法", Self::GeometricMean),
        ("几何平均法", Self::GeometricMean),
        ("arithmetic", Self::ColumnMean),
        ("arithmetic_mean", Self::ColumnMean),
        ("additive_normalisation", Self::ColumnMean),
        ("additive_normalization", Self::ColumnMean),
        ("normalised_columns", Self::ColumnMean),
        ("normalized_columns", Self::ColumnMean),
        ("和积法", Self::ColumnMean),
        ("算术平均法", Self::ColumnMean),
    ];

    /// The name in files, options and output.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Eigenvector => "eigenvector",
            Self::GeometricMean => "geometric_mean",
            Self::ColumnMean => "column_mean",
        }
    }
}

impl fmt::Display for Method {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.as_str())
    }
}

impl FromStr for Method {
    type Err = UnknownChoice;

    /// The name, or one of the customary ones in [`Method::ALIASES`]; files carry the name.
    fn from_str(text: &str) -> Result<Self, UnknownChoice> {
        choose_customary("method", text, &Self::ALL, Self::as_str, Self::ALIASES)
    }
}

impl Scaled {
    fn plain(mantissas: Vec<f64>) -> Self {
        let exponents = vec![0; mantissas.len()];
        Self { mantissas, exponents }
    }

    fn set_plain(&mut self, mantissas: &[f64]) {
        for (target, value) in self.mantissas.iter_mut().zip(mantissas) {
            *target = *value;
        }
        self.exponents.fill(0);
    }

    /// The vector divided by its sum.
    pub(super) fn shares(&self) -> Vec<f64> {
        let mut values = vec![0.0; self.mantissas.len()];
        self.shares_into(&mut values);
        values
    }

    /// The vector divided by its sum, into a slice of its length.
    pub(super) fn shares_into(&self, values: &mut [f64]) {
        let sizes = self.mantissas.iter().zip(&self.exponents).filter(|(m, _)| **m > 0.0).map(|(&m, &e)| split(m).1 + e);
        let top = sizes.max().unwrap_or(0);
        for ((value, &m), &e) in values.iter_mut().zip(&self.mantissas).zip(&self.exponents) {
            *value = times_power_of_two(m, e - top);
        }
        // A plain sum leaves its own rounding in every share, which grows with their number.
        let total = compensated_sum(values);
        for value in values {
            *value /= total;
        }
    }
}

/// Everything that weighing needs room for, so that a batch allocates once for each thread and not for each matrix.
pub(super) struct Workspace {
    /// The vector found last.
    pub(super) vector: Scaled,
    iteration: Iteration,
}

impl Workspace {
    pub(super) fn new(n: usize) -> Self {
        Self { vector: Scaled::plain(vec![1.0; n]), iteration: Iteration::new(n) }
    }

    /// The priority vector of a reciprocal matrix `(n, n)`, n as in [`Workspace::new`], into [`Workspace::vector`].
    pub(super) fn prioritise(&mut self, matrix: &[f64], method: Method) {
        let n = self.vector.mantissas.len();
        match (n, method) {
            (0 | 1, _) => self.vector.set_plain(&[1.0]),
            // w_1/w_2 = a_12 for every method; from the side ≥ 1 there is no division of a rounded reciprocal.
            (2, _) if matrix[1] >= 1.0 => self.vector.set_plain(&[matrix[1], 1.0]),
            (2, _) => self.vector.set_plain(&[1.0, matrix[2]]),
            (_, Method::GeometricMean) | (3, Method::Eigenvector) => geometric_mean(matrix, &mut self.vector),
            (_, Method::ColumnMean) => column_mean(matrix, &mut self.iteration.next, &mut self.vector),
            (_, Method::Eigenvector) => self.iteration.eigenvector(matrix, &mut self.vector),
        }
    }
}

/// The priority vector of a reciprocal matrix `(n, n)`.
pub(super) fn prioritise(matrix: &[f64], n: usize, method: Method) -> Scaled {
    let mut workspace = Workspace::new(n);
    workspace.prioritise(matrix, method);
    workspace.vector
}

/// CI of any positive vector, by the formula at the head of this file; 0 for n ≤ 2.
pub(super) fn consistency_index(matrix: &[f64], n: usize, vector: &Scaled) -> f64 {
    if n <= 2 {
        return 0.0;
    }
    let mut sum = 0.0;
    for i in 0..n {
        for j in i + 1..n {
            // From the entry ≥ 1: the other one is a rounded reciprocal, and 1e-300·1e-300 would be 0.
            let (i, j) = if matrix[i * n + j] >= 1.0 { (i, j) } else { (j, i) };
            let ratio = vector.mantissas[j] / vector.mantissas[i];
            let e = times_power_of_two(matrix[i * n + j] * ratio, vector.exponents[j] - vector.exponents[i]);
            // In this order (1e200)² does not overflow.
            sum += finite((e - 1.0) * ((e - 1.0) / e));
        }
    }
    let n = n as f64;
    finite(sum) / (n * (n - 1.0))
}

/// Row geometric means. Exponents are summed as whole numbers and mantissas multiplied, so that one logarithm is rounded for each row,
/// and that a small one: the logarithm of 1e300 itself would cost three digits.
pub(super) fn geometric_mean(matrix: &[f64], vector: &mut Scaled) {
    // Mantissas lie from 1 to 2: the product of 512 stays below 2^513.
    const BLOCK: usize = 512;
    let n = vector.mantissas.len();
    let count = n as i32;
    for ((row, mantissa), whole) in matrix.chunks_exact(n).zip(&mut vector.mantissas).zip(&mut vector.exponents) {
        let (mut product, mut exponent) = (1.0, 0);
        for block in row.chunks(BLOCK) {
            for &entry in block {
                let (m, e) = parts(entry);
                product *= m;
                exponent += e;
            }
            let (m, e) = parts(product);
            product = m;
            exponent += e;
        }
        // From √½ to √2 the logarithm is small and rounds little.
        let (product, more) = split(product);
        exponent += more;
        *whole = exponent.div_euclid(count);
        let rest = f64::from(exponent.rem_euclid(count)) + product.log2();
        *mantissa = (rest / n as f64).exp2();
    }
}

/// Means of the rows after each column is divided by its sum. With entries from 1e-300 to 1e300 a column sum is finite and, as
/// `1/sum` of its own column is part of each mean, none is 0.
fn column_mean(matrix: &[f64], sums: &mut [f64], vector: &mut Scaled) {
    let n = sums.len();
    sums.fill(0.0);
    for row in matrix.chunks_exact(n) {
        for (sum, entry) in sums.iter_mut().zip(row) {
            *sum += entry;
        }
    }
    vector.exponents.fill(0);
    for (mean, row) in vector.mantissas.iter_mut().zip(matrix.chunks_exact(n)) {
        *mean = row.iter().zip(sums.iter()).map(|(entry, sum)| entry / sum).sum();
    }
}

/// A normal positive number as `m · 2^e` with m from 1 to 2.
fn parts(value: f64) -> (f64, i32) {
    const FRACTION: u64 = (1 << 52) - 1;
    const ONE: u64 = 1023 << 52;
    let bits = value.to_bits();
    (f64::from_bits(bits & FRACTION | ONE), (bits >> 52) as i32 - 1023)
}

/// A normal positive number as `m · 2^e` with m from √½ to √2.
pub(super) fn split(value: f64) -> (f64, i32) {
    let (mantissa, exponent) = parts(value);
    if mantissa > std::f64::consts::SQRT_2 { (0.5 * mantissa, exponent + 1) } else { (mantissa, exponent) }
}

/// `value · 2^k`, exact within the range of normal numbers; what falls below it becomes 0 or as good as 0, what exceeds it infinite.
pub(super) fn times_power_of_two(value: f64, k: i32) -> f64 {
    let power = |k: i32| f64::from_bits(((k.clamp(-1022, 1023) + 1023) as u64) << 52);
    if k < -2044 {
        return 0.0;
    }
    // Two factors, so that 2^-1500 of 1e300 does not become 0 on the way.
    value * power(k / 2) * power(k - k / 2)
}

/// Sum with the rounding errors carried along (Neumaier 1974).
pub(super) fn compensated_sum(values: &[f64]) -> f64 {
    let (mut sum, mut lost) = (0.0_f64, 0.0);
    for &value in values {
        let next = sum + value;
        lost += if sum >= value { (sum - next) + value } else { (value - next) + sum };
        sum = next;
    }
    sum + lost
}

/// The value, or the largest number where it is beyond that or undefined (∞ · 0 of two judgments beyond the range).
pub(super) fn finite(value: f64) -> f64 {
    value.min(f64::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;
    use approx::assert_relative_eq;

    #[test]
    fn powers_of_two_at_the_ends() {
        assert_eq!(split(1e300).1, 997);
        assert_eq!(split(1.5), (0.75, 1));
        for k in [-2100, -1500, -1, 0, 1, 900] {
            let there = times_power_of_two(1e-300, k);
            assert!(there >= 0.0 && there.is_finite());
        }
        assert_relative_eq!(times_power_of_two(times_power_of_two(1e-300, 1990), -1990), 1e-300, max_relative = 1e-16);
        assert!(times_power_of_two(1e300, 3000).is_infinite());
        assert!(times_power_of_two(1e300, -3000) <= 0.0);
    }

    #[test]
    fn names_are_the_same_in_text_and_in_serde() {
        for method in Method::ALL {
            assert_eq!(method.as_str().parse(), Ok(method));
            assert_eq!(serde_json::to_value(method).unwrap(), method.as_str());
            assert_eq!(method.to_string(), method.as_str());
        }
        assert_eq!(Method::default(), Method::ALL[0]);
        assert_eq!(
            "eigenvektor".parse::<Method>().unwrap_err().to_string(),
            "unknown method `eigenvektor`, expected one of eigenvector, geometric_mean, column_mean"
        );
    }

    #[test]
    fn customary_names_are_understood_and_never_two_things() {
        for (alias, method) in Method::ALIASES {
            assert_eq!(alias.parse(), Ok(*method));
            assert_eq!(alias.to_uppercase().replace('_', " ").parse(), Ok(*method), "{alias}");
            assert_eq!(Method::ALIASES.iter().filter(|(other, _)| other == alias).count(), 1, "{alias}");
        }
        assert_eq!("Geometric-Mean".parse(), Ok(Method::GeometricMean));
        assert_eq!("方根法".parse(), Ok(Method::GeometricMean));
        assert_eq!("和积法".parse(), Ok(Method::ColumnMean));
        // The names themselves stay case-sensitive in files: serde knows no other.
        assert!(serde_json::from_value::<Method>("eigen".into()).is_err());
    }

    /// Multiples of 0.1: divided by their plain sum, a hundred of them sum to 1 − 3.3e-16.
    #[test]
    fn shares_sum_to_one_whatever_their_number() {
        for n in [10, 100, 1000] {
            let shares = Scaled::plain((0..n).map(|at| 0.1 * f64::from(at % 7 + 1)).collect()).shares();
            assert!((compensated_sum(&shares) - 1.0).abs() <= 2.5e-16, "n = {n}: {:e}", compensated_sum(&shares) - 1.0);
        }
    }
}
