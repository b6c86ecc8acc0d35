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

use super::random_index::{UnknownChoice, choose};

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
    mantissas: Vec<f64>,
    exponents: Vec<i32>,
}

impl Method {
    /// Every method, the default first.
    pub const ALL: [Self; 3] = [Self::Eigenvector, Self::GeometricMean, Self::ColumnMean];

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

    fn from_str(text: &str) -> Result<Self, UnknownChoice> {
        choose("method", text, &Self::ALL, Self::as_str)
    }
}

impl Scaled {
    fn plain(mantissas: Vec<f64>) -> Self {
        let exponents = vec![0; mantissas.len()];
        Self { mantissas, exponents }
    }

    /// The vector divided by its sum.
    pub(super) fn shares(&self) -> Vec<f64> {
        let sizes = self.mantissas.iter().zip(&self.exponents).filter(|(m, _)| **m > 0.0).map(|(&m, &e)| split(m).1 + e);
        let top = sizes.max().unwrap_or(0);
        let mut values: Vec<f64> = self.mantissas.iter().zip(&self.exponents).map(|(&m, &e)| times_power_of_two(m, e - top)).collect();
        // A plain sum leaves its own rounding in every share, which grows with their number.
        let total = compensated_sum(&values);
        for value in &mut values {
            *value /= total;
        }
        values
    }
}

/// The priority vector of a reciprocal matrix `(n, n)`.
pub(super) fn prioritise(matrix: &[f64], n: usize, method: Method) -> Scaled {
    match (n, method) {
        (0 | 1, _) => Scaled::plain(vec![1.0; n]),
        // w_1/w_2 = a_12 for every method; from the side ≥ 1 there is no division of a rounded reciprocal.
        (2, _) if matrix[1] >= 1.0 => Scaled::plain(vec![matrix[1], 1.0]),
        (2, _) => Scaled::plain(vec![1.0, matrix[2]]),
        (_, Method::GeometricMean) | (3, Method::Eigenvector) => geometric_mean(matrix, n),
        (_, Method::ColumnMean) => column_mean(matrix, n),
        (_, Method::Eigenvector) => eigenvector(matrix, n),
    }
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

/// Row geometric means. Exponents are summed as whole numbers, so the logarithms that are rounded stay below ½ each: the logarithm
/// of 1e300 itself would cost three digits.
fn geometric_mean(matrix: &[f64], n: usize) -> Scaled {
    let mut vector = Scaled { mantissas: Vec::with_capacity(n), exponents: Vec::with_capacity(n) };
    let count = n as i32;
    for row in matrix.chunks_exact(n) {
        let (mut mantissa, mut exponent) = (0.0, 0);
        for &entry in row {
            let (m, e) = split(entry);
            mantissa += m.log2();
            exponent += e;
        }
        let whole = exponent.div_euclid(count);
        let rest = f64::from(exponent.rem_euclid(count)) + mantissa;
        vector.mantissas.push((rest / n as f64).exp2());
        vector.exponents.push(whole);
    }
    vector
}

/// Means of the rows after each column is divided by its sum. With entries from 1e-300 to 1e300 a column sum is finite and, as
/// `1/sum` of its own column is part of each mean, none is 0.
fn column_mean(matrix: &[f64], n: usize) -> Scaled {
    let mut sums = vec![0.0; n];
    for row in matrix.chunks_exact(n) {
        for (sum, entry) in sums.iter_mut().zip(row) {
            *sum += entry;
        }
    }
    Scaled::plain(matrix.chunks_exact(n).map(|row| row.iter().zip(&sums).map(|(entry, sum)| entry / sum).sum()).collect())
}

/// Principal eigenvector for n ≥ 4: power iteration from the geometric mean, which near consistency needs few steps, then repeated
/// squaring, which needs 5–9 where power iteration would need 160.
///
/// Both stop on the bounds of Collatz and Wielandt, `min_i (Bv)_i/v_i ≤ λ ≤ max_i (Bv)_i/v_i`, never on a count alone.
fn eigenvector(matrix: &[f64], n: usize) -> Scaled {
    // Random judgments converge by a factor of about 0.8 a step; what is not there after a dozen will not be soon.
    const POWER_STEPS: usize = 12;
    let Scaled { mantissas, exponents } = start(matrix, n);
    let scaled = scale(matrix, n, &exponents);
    let mut iterate = Iterate::new(mantissas);
    for _ in 0..POWER_STEPS {
        if iterate.step(&scaled, 0.0) {
            return Scaled { mantissas: iterate.v, exponents };
        }
    }
    // Three judgments that contradict each other by a factor t have eigenvalues 1 + t, 1 + t·ω, 1 + t·ω², nearly equal in size when t
    // is large; adding half of λ parts them (ratio 0.58), and costs the usual matrix at most one squaring.
    let mut power = scaled.clone();
    for i in 0..n {
        power[i * n + i] += 0.5 * iterate.upper;
    }
    let mut spare = vec![0.0; n * n];
    iterate.restart();
    loop {
        normalise(&mut power);
        square(&power, n, &mut spare);
        std::mem::swap(&mut power, &mut spare);
        for (v, row) in iterate.v.iter_mut().zip(power.chunks_exact(n)) {
            *v = row.iter().sum();
        }
        if iterate.step(&scaled, 0.0) {
            break;
        }
    }
    // Squaring doubles the rounding errors it finds (9e-12 measured for judgments spread over 1e±100); shifted power steps shed
    // them. In the vector's own scale every component is near 1, also those that lay near the end of the range.
    let exponents: Vec<i32> = iterate.v.iter().zip(&exponents).map(|(&v, e)| split(v).1 + e).collect();
    let scaled = scale(matrix, n, &exponents);
    iterate = Iterate::new(iterate.v.iter().map(|&v| split(v).0).collect());
    let mut done = iterate.step(&scaled, 0.0);
    while !done {
        done = iterate.step(&scaled, 0.5 * iterate.upper);
    }
    Scaled { mantissas: iterate.v, exponents }
}

/// One vector on its way to the eigenvector.
struct Iterate {
    v: Vec<f64>,
    next: Vec<f64>,
    /// The narrowest bounds so far, as `ln(max/min)`.
    width: f64,
    stalled: u32,
    /// The latest upper bound of λ.
    upper: f64,
}

impl Iterate {
    fn new(v: Vec<f64>) -> Self {
        let next = vec![0.0; v.len()];
        Self { v, next, width: f64::INFINITY, stalled: 0, upper: 0.0 }
    }

    /// Forgets how narrow the bounds were.
    fn restart(&mut self) {
        self.width = f64::INFINITY;
        self.stalled = 0;
    }

    /// `v ← Bv + shift·v`, largest component 1. True when the bounds agree to rounding or stop improving.
    fn step(&mut self, matrix: &[f64], shift: f64) -> bool {
        // Two ulps: what remains is the rounding of a row sum.
        const AGREE: f64 = 4.5e-16;
        const NEAR: f64 = 1e-12;
        let (mut low, mut high, mut top) = (f64::INFINITY, 0.0_f64, 0.0_f64);
        for ((row, next), &old) in matrix.chunks_exact(self.v.len()).zip(&mut self.next).zip(&self.v) {
            *next = row.iter().zip(&self.v).map(|(entry, x)| entry * x).sum();
            let quotient = *next / old;
            low = low.min(quotient);
            high = high.max(quotient);
            *next += shift * old;
            top = top.max(*next);
        }
        for (v, next) in self.v.iter_mut().zip(&self.next) {
            // Kept above 0: the component may yet grow from the others, but 0/0 would end all bounds.
            *v = (next / top).max(f64::MIN_POSITIVE);
        }
        self.upper = high;
        // `ln` of each: the quotient of bounds that far apart may overflow. Near each other, `ln_1p` keeps the digits.
        let width = if high < 2.0 * low { ((high - low) / low).ln_1p() } else { high.ln() - low.ln() };
        if width < 0.9 * self.width {
            self.stalled = 0;
        } else {
            self.stalled += 1;
        }
        self.width = self.width.min(width);
        // Far from agreement slow progress is no convergence (bounds 1e600 apart move less than an ulp), so more patience there; it
        // must end all the same when two blocks of judgments differ by more than the range of a double.
        width <= AGREE || self.stalled >= if self.width < NEAR { 2 } else { 64 }
    }
}

/// Where to start, with exponents that keep the scaled matrix in range.
fn start(matrix: &[f64], n: usize) -> Scaled {
    // Up to here `a_ij · 2^(k_j − k_i)` stays below 2^900 whatever the geometric means are.
    const MODERATE: f64 = 1e90;
    let vector = geometric_mean(matrix, n);
    if matrix.iter().all(|&entry| entry <= MODERATE) {
        return vector;
    }
    // 1e300 as a ≻ b ≻ c ≻ a: a_ij·g_j/g_i reaches 1e900 for the geometric mean g, but at most λ for the eigenvector. So
    // v ← sqrt(v · Av) on logarithms, where nothing overflows, until the bounds of λ are within 2^16.
    let logs: Vec<f64> = matrix.iter().map(|entry| entry.log2()).collect();
    let mut v: Vec<f64> = vector.mantissas.iter().zip(&vector.exponents).map(|(m, &e)| m.log2() + f64::from(e)).collect();
    let mut growth = vec![0.0; n];
    // The damped map of logarithms is nonexpansive: its bounds close in as 1/sqrt(steps) at worst.
    for _ in 0..10_000 {
        for (row, out) in logs.chunks_exact(n).zip(&mut growth) {
            let terms = || row.iter().zip(&v).map(|(log, x)| log + x);
            let top = terms().fold(f64::NEG_INFINITY, f64::max);
            *out = top + terms().map(|term| (term - top).exp2()).sum::<f64>().log2();
        }
        for (g, x) in growth.iter_mut().zip(&v) {
            *g -= x;
        }
        let low = growth.iter().copied().fold(f64::INFINITY, f64::min);
        let high = growth.iter().copied().fold(f64::NEG_INFINITY, f64::max);
        if high - low <= 16.0 {
            break;
        }
        for (x, g) in v.iter_mut().zip(&growth) {
            *x += 0.5 * (g - high);
        }
    }
    let exponents: Vec<i32> = v.iter().map(|x| x.round() as i32).collect();
    Scaled { mantissas: vec![1.0; n], exponents }
}

/// `B_ij = a_ij · 2^(k_j − k_i − s)`: the same eigenvector but for the exponents k, and s so large that no entry exceeds 1.
fn scale(matrix: &[f64], n: usize, exponents: &[i32]) -> Vec<f64> {
    let shift = |i: usize, j: usize| exponents[j] - exponents[i];
    let mut largest = i32::MIN;
    for i in 0..n {
        for j in 0..n {
            largest = largest.max(split(matrix[i * n + j]).1 + shift(i, j) + 1);
        }
    }
    let mut scaled = matrix.to_vec();
    for i in 0..n {
        for j in 0..n {
            scaled[i * n + j] = times_power_of_two(matrix[i * n + j], shift(i, j) - largest);
        }
    }
    scaled
}

/// Divides by the largest entry.
fn normalise(matrix: &mut [f64]) {
    let top = matrix.iter().copied().fold(0.0, f64::max);
    for entry in matrix {
        *entry /= top;
    }
}

/// `out = matrix²`.
fn square(matrix: &[f64], n: usize, out: &mut [f64]) {
    out.fill(0.0);
    for (row, target) in matrix.chunks_exact(n).zip(out.chunks_exact_mut(n)) {
        for (&factor, other) in row.iter().zip(matrix.chunks_exact(n)) {
            for (sum, entry) in target.iter_mut().zip(other) {
                *sum += factor * entry;
            }
        }
    }
}

/// A normal positive number as `m · 2^e` with m from √½ to √2.
fn split(value: f64) -> (f64, i32) {
    const FRACTION: u64 = (1 << 52) - 1;
    const ONE: u64 = 1023 << 52;
    let bits = value.to_bits();
    let mantissa = f64::from_bits(bits & FRACTION | ONE);
    let exponent = (bits >> 52) as i32 - 1023;
    if mantissa > std::f64::consts::SQRT_2 { (0.5 * mantissa, exponent + 1) } else { (mantissa, exponent) }
}

/// `value · 2^k`, exact within the range of normal numbers; what falls below it becomes 0 or as good as 0, what exceeds it infinite.
fn times_power_of_two(value: f64, k: i32) -> f64 {
    let power = |k: i32| f64::from_bits(((k.clamp(-1022, 1023) + 1023) as u64) << 52);
    if k < -2044 {
        return 0.0;
    }
    // Two factors, so that 2^-1500 of 1e300 does not become 0 on the way.
    value * power(k / 2) * power(k - k / 2)
}

/// Sum with the rounding errors carried along (Neumaier 1974).
fn compensated_sum(values: &[f64]) -> f64 {
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
            "eigen".parse::<Method>().unwrap_err().to_string(),
            "unknown method `eigen`, expected one of eigenvector, geometric_mean, column_mean"
        );
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
