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
        const POWER_STEPS: i32 = 12;
        // Squaring squares what the bounds are apart: from here the next one ends below the rounding errors.
        const LAST_SQUARE: f64 = 1e-9;
        let n = self.v.len();
        let largest = start(matrix, vector);
        self.scale(matrix, &vector.exponents, largest);
        self.v.copy_from_slice(&vector.mantissas);
        self.restart();
        for at in 0..POWER_STEPS {
            if self.step(0.0) {
                vector.mantissas.copy_from_slice(&self.v);
                return;
            }
            // Random judgments converge by a factor of about 0.8 a step: known after four, so the other eight are saved. Not while the bounds are
            // far apart: half of the upper one would be a shift of many λ, in which squaring loses its digits (wild judgments of 1e±100).
            if at >= 3 && self.width < 1.0 && !self.soon(POWER_STEPS - at) {
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
        // By powers of two, which round nothing: the largest entry to 1 now, the largest row sum to 1 in each product.
        let entry = self.power.iter().fold(0.0, |top, &entry| if entry > top { entry } else { top });
        let factor = times_power_of_two(1.0, -split(entry).1);
        self.power.iter_mut().for_each(|entry| *entry *= factor);
        let mut top = n as f64;
        let mut last = false;
        loop {
            top = square(n, &self.power, times_power_of_two(1.0, -split(top).1), &mut self.spare, &mut self.v);
            std::mem::swap(&mut self.power, &mut self.spare);
            if self.step(0.0) || last {
                break;
            }
            last = self.width < LAST_SQUARE;
        }
        // Squaring doubles the rounding errors it finds (9e-12 measured for judgments spread over 1e±100); shifted power steps shed
        // them. In the vector's own scale every component is near 1, also those that lay near the end of the range.
        if largest > TAME {
            for (v, exponent) in self.v.iter_mut().zip(&mut vector.exponents) {
                let (mantissa, more) = split(*v);
                *v = mantissa;
                *exponent += more;
            }
            self.scale(matrix, &vector.exponents, largest);
        }
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
    fn soon(&self, steps: i32) -> bool {
        self.width * (self.width / self.before).powi(steps) <= AGREE
    }

    /// `v ← Bv + shift·v`, largest component 1. True when the bounds agree to rounding or stop improving.
    fn step(&mut self, shift: f64) -> bool {
        const NEAR: f64 = 1e-12;
        let (low, high) = advance(self.v.len(), &self.scaled, &mut self.v, &mut self.next, shift);
        self.upper = high;
        // Beyond 2 the logarithm of each: the quotient of bounds that far apart may overflow.
        let width = if high < 2.0 * low { (high - low) / low } else { 1.0 + (high.ln() - low.ln() - std::f64::consts::LN_2) };
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
    fn scale(&mut self, matrix: &[f64], exponents: &[i32], largest: f64) {
        let n = exponents.len();
        // Entries within 2^±300 and exponents within ±300: no product leaves 2^±900, and s = 0 will do.
        if largest <= MODERATE && exponents.iter().all(|k| k.abs() <= 300) {
            for (factor, &k) in self.next.iter_mut().zip(exponents) {
                *factor = times_power_of_two(1.0, -k);
            }
            for (j, (column, &k)) in self.scaled.chunks_exact_mut(n).zip(exponents).enumerate() {
                let factor = times_power_of_two(1.0, k);
                for ((entry, row), own) in column.iter_mut().zip(matrix.chunks_exact(n)).zip(&self.next) {
                    *entry = row[j] * (factor * own);
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

/// Bounds this near agree: what remains is the rounding of row sums and quotients.
const AGREE: f64 = 9e-16;

/// Up to here `a_ij · 2^(k_j − k_i)` stays below 2^900 whatever the geometric means are.
const MODERATE: f64 = 1e90;

/// Up to here no quotient of components overflows in the scale of the geometric means either: 2^300 of an entry, 2^±200 of the vector.
const TAME: f64 = 1e30;

/// Where to start, with exponents that keep the scaled matrix in range; the largest judgment.
fn start(matrix: &[f64], vector: &mut Scaled) -> f64 {
    let n = vector.mantissas.len();
    geometric_mean(matrix, vector);
    let largest = matrix.iter().fold(0.0, |top, &entry| if entry > top { entry } else { top });
    if largest <= MODERATE {
        return largest;
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
    largest
}

/// `v ← Bv + shift·v`, largest component 1, B column by column; the bounds of λ. For the usual sizes n is a constant to the compiler.
#[multiversion(targets("x86_64+avx512f+avx512bw+avx512dq+avx512vl", "x86_64+avx2"))]
fn advance(n: usize, columns: &[f64], v: &mut [f64], next: &mut [f64], shift: f64) -> (f64, f64) {
    match n {
        4 => advance_sized(4, columns, v, next, shift),
        5 => advance_sized(5, columns, v, next, shift),
        6 => advance_sized(6, columns, v, next, shift),
        7 => advance_sized(7, columns, v, next, shift),
        8 => advance_sized(8, columns, v, next, shift),
        9 => advance_sized(9, columns, v, next, shift),
        _ => advance_sized(n, columns, v, next, shift),
    }
}

#[inline(always)]
fn advance_sized(n: usize, columns: &[f64], v: &mut [f64], next: &mut [f64], shift: f64) -> (f64, f64) {
    let (v, next) = (&mut v[..n], &mut next[..n]);
    multiply_sized(n, columns, v, 1.0, next);
    let (mut low, mut high, mut top) = (f64::INFINITY, 0.0_f64, 0.0_f64);
    for (next, &old) in next.iter_mut().zip(v.iter()) {
        let quotient = *next / old;
        // Comparisons, not `min` and `max`: nothing here is NaN, and one instruction each is enough.
        low = if quotient < low { quotient } else { low };
        high = if quotient > high { quotient } else { high };
        *next += shift * old;
        top = if *next > top { *next } else { top };
    }
    let scale = 1.0 / top;
    for (v, next) in v.iter_mut().zip(next) {
        // Kept above 0: the component may yet grow from the others, but 0/0 would end all bounds.
        let value = *next * scale;
        *v = if value > f64::MIN_POSITIVE { value } else { f64::MIN_POSITIVE };
    }
    (low, high)
}

/// `out = matrix·(factor·v)`
#[inline(always)]
fn multiply_sized(n: usize, columns: &[f64], v: &[f64], factor: f64, out: &mut [f64]) {
    match n {
        4 => multiply_in_registers::<4>(columns, v, factor, out),
        5 => multiply_in_registers::<5>(columns, v, factor, out),
        6 => multiply_in_registers::<6>(columns, v, factor, out),
        7 => multiply_in_registers::<7>(columns, v, factor, out),
        8 => multiply_in_registers::<8>(columns, v, factor, out),
        9 => multiply_in_registers::<9>(columns, v, factor, out),
        _ => {
            let out = &mut out[..n];
            out.fill(0.0);
            for (column, x) in columns.chunks_exact(n).zip(v) {
                let x = x * factor;
                for (sum, entry) in out.iter_mut().zip(column) {
                    *sum += entry * x;
                }
            }
        }
    }
}

#[inline(always)]
fn multiply_in_registers<const N: usize>(columns: &[f64], v: &[f64], factor: f64, out: &mut [f64]) {
    let mut sums = [0.0; N];
    for (column, x) in columns.as_chunks::<N>().0.iter().zip(v) {
        let x = x * factor;
        for (sum, entry) in sums.iter_mut().zip(column) {
            *sum += entry * x;
        }
    }
    out[..N].copy_from_slice(&sums);
}

/// `out = (factor·matrix)²`, both column by column; `v` becomes its row sums, the largest of which is returned.
#[multiversion(targets("x86_64+avx512f+avx512bw+avx512dq+avx512vl", "x86_64+avx2"))]
fn square(n: usize, columns: &[f64], factor: f64, out: &mut [f64], v: &mut [f64]) -> f64 {
    match n {
        4 => square_sized(4, columns, factor, out, v),
        5 => square_sized(5, columns, factor, out, v),
        6 => square_sized(6, columns, factor, out, v),
        7 => square_sized(7, columns, factor, out, v),
        8 => square_sized(8, columns, factor, out, v),
        9 => square_sized(9, columns, factor, out, v),
        _ => square_sized(n, columns, factor, out, v),
    }
}

#[inline(always)]
fn square_sized(n: usize, columns: &[f64], factor: f64, out: &mut [f64], v: &mut [f64]) -> f64 {
    let v = &mut v[..n];
    v.fill(0.0);
    for (column, target) in columns.chunks_exact(n).zip(out.chunks_exact_mut(n)) {
        multiply_sized(n, columns, column, factor, target);
        for (sum, entry) in v.iter_mut().zip(target) {
            *entry *= factor;
            *sum += *entry;
        }
    }
    v.iter().fold(0.0, |top, &sum| if sum > top { sum } else { top })
}
