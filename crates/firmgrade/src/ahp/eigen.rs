//! The principal eigenvector of a positive reciprocal matrix, n ≥ 4.
//!
//! Power iteration from the geometric mean, which near consistency needs few steps, then repeated squaring, which needs 5–9 where
//! power iteration would need 160. Both stop on the bounds of Collatz and Wielandt, never on a count alone:
//!
//! ```text
//! min_i (Bv)_i/v_i ≤ λ ≤ max_i (Bv)_i/v_i   for every v > 0
//! ```
//!
//! Matrices are kept column by column here: `v ← Bv` is then a sum of columns, one vector instruction for several rows, and every row
//! is still summed from left to right.

use multiversion::multiversion;

use super::priority::{Scaled, geometric_mean, split, times_power_of_two};

/// Room for one iteration, and where it stands.
pub(super) struct Iteration {
    /// The matrix, column by column, scaled by powers of two.
    scaled: Vec<f64>,
    power: Vec<f64>,
    spare: Vec<f64>,
    v: Vec<f64>,
    pub(super) next: Vec<f64>,
    /// The narrowest bounds so far, as `ln(max/min)`.
    width: f64,
    /// The bounds before the last step.
    before: f64,
    stalled: u32,
    /// The latest upper bound of λ.
    upper: f64,
}

impl Iteration {
    pub(super) fn new(n: usize) -> Self {
        Self {
            scaled: vec![0.0; n * n],
            power: vec![0.0; n * n],
            spare: vec![0.0; n * n],
            v: vec![0.0; n],
            next: vec![0.0; n],
            width: f64::INFINITY,
            before: f64::INFINITY,
            stalled: 0,
            upper: 0.0,
        }
    }

    /// The eigenvector, into `vector`.
    pub(super) fn eigenvector(&mut self, matrix: &[f64], vector: &mut Scaled) {
        // What is not there after a dozen steps will not be soon.
        const POWER_STEPS: u32 = 12;
        let n = self.v.len();
        start(matrix, vector);
        self.scale(matrix, &vector.exponents);
        self.v.copy_from_slice(&vector.mantissas);
        self.restart();
        for at in 0..POWER_STEPS {
            if self.step(0.0) {
                vector.mantissas.copy_from_slice(&self.v);
                return;
            }
            // Random judgments converge by a factor of about 0.8 a step: known after five, so the other seven are saved.
            if at >= 4 && !self.soon(POWER_STEPS - at) {
                break;
            }
        }
        // Three judgments that contradict each other by a factor t have eigenvalues 1 + t, 1 + t·ω, 1 + t·ω², nearly equal in size when
        // t is large; adding half of λ parts them (ratio 0.58), and costs the usual matrix at most one squaring.
        self.power.copy_from_slice(&self.scaled);
        for diagonal in self.power.iter_mut().step_by(n + 1) {
            *diagonal += 0.5 * self.upper;
        }
        self.restart();
        loop {
            normalise(&mut self.power);
            square(n, &self.power, &mut self.spare);
            std::mem::swap(&mut self.power, &mut self.spare);
            self.v.fill(0.0);
            for column in self.power.chunks_exact(n) {
                for (v, entry) in self.v.iter_mut().zip(column) {
                    *v += entry;
                }
            }
            if self.step(0.0) {
                break;
            }
        }
        // Squaring doubles the rounding errors it finds (9e-12 measured for judgments spread over 1e±100); shifted power steps shed
        // them. In the vector's own scale every component is near 1, also those that lay near the end of the range.
        for (v, exponent) in self.v.iter_mut().zip(&mut vector.exponents) {
            let (mantissa, more) = split(*v);
            *v = mantissa;
            *exponent += more;
        }
        self.scale(matrix, &vector.exponents);
        self.restart();
        let mut done = self.step(0.0);
        while !done {
            done = self.step(0.5 * self.upper);
        }
        vector.mantissas.copy_from_slice(&self.v);
    }

    /// Forgets how narrow the bounds were.
    fn restart(&mut self) {
        self.width = f64::INFINITY;
        self.before = f64::INFINITY;
        self.stalled = 0;
    }

    /// Whether the bounds will agree within so many steps if each narrows them as the last one did.
    fn soon(&self, steps: u32) -> bool {
        self.width.ln() + f64::from(steps) * (self.width / self.before).ln() <= AGREE.ln()
    }

    /// `v ← Bv + shift·v`, largest component 1. True when the bounds agree to rounding or stop improving.
    fn step(&mut self, shift: f64) -> bool {
        const NEAR: f64 = 1e-12;
        multiply(self.v.len(), &self.scaled, &self.v, &mut self.next);
        let (mut low, mut high, mut top) = (f64::INFINITY, 0.0_f64, 0.0_f64);
        for (next, &old) in self.next.iter_mut().zip(&self.v) {
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
        self.before = self.width;
        self.width = self.width.min(width);
        // Far from agreement slow progress is no convergence (bounds 1e600 apart move less than an ulp), so more patience there; it
        // must end all the same when two blocks of judgments differ by more than the range of a double.
        width <= AGREE || self.stalled >= if self.width < NEAR { 2 } else { 64 }
    }

    /// `B_ij = a_ij · 2^(k_j − k_i − s)`: the same eigenvector but for the exponents k; s keeps every entry in range.
    fn scale(&mut self, matrix: &[f64], exponents: &[i32]) {
        let n = exponents.len();
        // Entries within 2^±300 and exponents within ±300: no product leaves 2^±900, and s = 0 will do.
        if exponents.iter().all(|k| k.abs() <= 300) && matrix.iter().all(|&entry| entry <= MODERATE) {
            for ((column, &k), j) in self.scaled.chunks_exact_mut(n).zip(exponents).zip(0..) {
                let factor = times_power_of_two(1.0, k);
                for ((entry, row), &own) in column.iter_mut().zip(matrix.chunks_exact(n)).zip(exponents) {
                    *entry = row[j] * (factor * times_power_of_two(1.0, -own));
                }
            }
            return;
        }
        let shift = |i: usize, j: usize| exponents[j] - exponents[i];
        let mut largest = i32::MIN;
        for i in 0..n {
            for j in 0..n {
                largest = largest.max(split(matrix[i * n + j]).1 + shift(i, j) + 1);
            }
        }
        for i in 0..n {
            for j in 0..n {
                self.scaled[j * n + i] = times_power_of_two(matrix[i * n + j], shift(i, j) - largest);
            }
        }
    }
}

/// Bounds this near agree: two ulps, what remains is the rounding of a row sum.
const AGREE: f64 = 4.5e-16;

/// Up to here `a_ij · 2^(k_j − k_i)` stays below 2^900 whatever the geometric means are.
const MODERATE: f64 = 1e90;

/// Where to start, with exponents that keep the scaled matrix in range.
fn start(matrix: &[f64], vector: &mut Scaled) {
    let n = vector.mantissas.len();
    geometric_mean(matrix, vector);
    if matrix.iter().all(|&entry| entry <= MODERATE) {
        return;
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
    vector.mantissas.fill(1.0);
    for (exponent, x) in vector.exponents.iter_mut().zip(&v) {
        *exponent = x.round() as i32;
    }
}

/// Divides by the power of two next to the largest entry, which rounds nothing.
fn normalise(matrix: &mut [f64]) {
    let top = matrix.iter().copied().fold(0.0, f64::max);
    let factor = times_power_of_two(1.0, -split(top).1);
    for entry in matrix {
        *entry *= factor;
    }
}

/// `out = matrix · v`, the matrix column by column. For the usual sizes n is a constant to the compiler.
#[multiversion(targets("x86_64+avx512f+avx512bw+avx512dq+avx512vl", "x86_64+avx2"))]
fn multiply(n: usize, columns: &[f64], v: &[f64], out: &mut [f64]) {
    match n {
        4 => multiply_sized(4, columns, v, out),
        5 => multiply_sized(5, columns, v, out),
        6 => multiply_sized(6, columns, v, out),
        7 => multiply_sized(7, columns, v, out),
        8 => multiply_sized(8, columns, v, out),
        9 => multiply_sized(9, columns, v, out),
        _ => multiply_sized(n, columns, v, out),
    }
}

#[inline(always)]
fn multiply_sized(n: usize, columns: &[f64], v: &[f64], out: &mut [f64]) {
    let out = &mut out[..n];
    out.fill(0.0);
    for (column, x) in columns.chunks_exact(n).zip(v) {
        for (sum, entry) in out.iter_mut().zip(column) {
            *sum += entry * x;
        }
    }
}

/// `out = matrix²`, both column by column.
#[multiversion(targets("x86_64+avx512f+avx512bw+avx512dq+avx512vl", "x86_64+avx2"))]
fn square(n: usize, columns: &[f64], out: &mut [f64]) {
    match n {
        4 => square_sized(4, columns, out),
        5 => square_sized(5, columns, out),
        6 => square_sized(6, columns, out),
        7 => square_sized(7, columns, out),
        8 => square_sized(8, columns, out),
        9 => square_sized(9, columns, out),
        _ => square_sized(n, columns, out),
    }
}

#[inline(always)]
fn square_sized(n: usize, columns: &[f64], out: &mut [f64]) {
    for (column, target) in columns.chunks_exact(n).zip(out.chunks_exact_mut(n)) {
        multiply_sized(n, columns, column, target);
    }
}
