//! What the eigenvalue and the eigenvector do when a judgment moves: left vector and group inverse.
//!
//! In the scale of the weights, `E = D⁻¹AD` with D = diag(w), i.e. e_ij = a_ij·w_j/w_i, the right vector is 1 everywhere:
//!
//! ```text
//! E·1 = λ·1      yᵀE = λyᵀ, Σy = 1      Z = (λI − E)^# = (λI − E + 1yᵀ)⁻¹ − 1yᵀ
//! s = ln a_ij (a_ji = 1/a_ij with it):   E_s·1 = e_ij·u_i − e_ji·u_j      (u_i: unit vector)
//! dλ/ds      = yᵀE_s1 = e_ij·y_i − e_ji·y_j
//! d²λ/ds dt  = yᵀE_s Z E_t1 + yᵀE_t Z E_s1 + [s = t]·(e_ij·y_i + e_ji·y_j)
//! d ln w/ds  = Z E_s1      (up to a constant, which Σw = 1 decides)
//! ```
//!
//! Source: Meyer & Stewart, *Derivatives and perturbations of eigenvectors*, SIAM J. Numer. Anal. 25, 1988, 679–691; for judgments Harker,
//! *Derivatives of the Perron root of a positive reciprocal matrix*, Appl. Math. Comput. 22, 1987, 217–232.

use super::priority::{Method, consistency_index, finite, prioritise, split};
use super::weights::ratio;

/// The eigenvalue, both vectors and, where asked for, the group inverse.
pub(super) struct Perron {
    pub(super) n: usize,
    /// e_ij, `(n, n)`.
    pub(super) e: Vec<f64>,
    pub(super) ci: f64,
    pub(super) lambda: f64,
    /// The left vector in the scale of the weights, sum 1.
    pub(super) y: Vec<f64>,
}

impl Perron {
    /// Of a reciprocal matrix `(n, n)`.
    pub(super) fn new(matrix: &[f64], n: usize) -> Self {
        let right = prioritise(matrix, n, Method::Eigenvector);
        let turned: Vec<f64> = (0..n * n).map(|at| matrix[at % n * n + at / n]).collect();
        let mut left = prioritise(&turned, n, Method::Eigenvector);
        for at in 0..n {
            let (mantissa, more) = split(left.mantissas[at] * right.mantissas[at]);
            left.mantissas[at] = mantissa;
            left.exponents[at] += right.exponents[at] + more;
        }
        let mut e = vec![1.0; n * n];
        for i in 0..n {
            for j in i + 1..n {
                let one = ratio(matrix, n, &right, i, j);
                e[i * n + j] = one;
                e[j * n + i] = 1.0 / one;
            }
        }
        let ci = consistency_index(matrix, n, &right);
        Self { n, e, ci, lambda: finite(n as f64 + (n as f64 - 1.0) * ci), y: left.shares() }
    }

    /// `dλ/d ln a_ij`
    pub(super) fn slope(&self, i: usize, j: usize) -> f64 {
        self.e[i * self.n + j] * self.y[i] - self.e[j * self.n + i] * self.y[j]
    }

    /// `e_ij·y_i + e_ji·y_j`, the part of d²λ/ds² that is never negative.
    pub(super) fn curvature(&self, i: usize, j: usize) -> f64 {
        self.e[i * self.n + j] * self.y[i] + self.e[j * self.n + i] * self.y[j]
    }

    /// `e_ij·y_i / (e_ji·y_j)`, 1 where `dλ/d ln a_ij` is 0.
    pub(super) fn slope_ratio(&self, i: usize, j: usize) -> f64 {
        let quotient = self.e[i * self.n + j] * (self.y[i] / self.y[j]) / self.e[j * self.n + i];
        quotient.clamp(f64::MIN_POSITIVE, f64::MAX)
    }

    /// Z, `(n, n)`.
    pub(super) fn group_inverse(&self) -> Vec<f64> {
        let n = self.n;
        // Divided by λ, which may be 1e300.
        let mut shifted: Vec<f64> = self.e.iter().enumerate().map(|(at, e)| self.y[at % n] - e / self.lambda).collect();
        for diagonal in shifted.iter_mut().step_by(n + 1) {
            *diagonal += 1.0;
        }
        let mut inverse = inverted(shifted, n);
        for (at, entry) in inverse.iter_mut().enumerate() {
            *entry = (*entry - self.y[at % n]) / self.lambda;
        }
        inverse
    }

    /// `d²λ/ds dt` for the pairs s = (i, j) and t = (k, l), Z as above.
    pub(super) fn mixed(&self, z: &[f64], (i, j): (usize, usize), (k, l): (usize, usize)) -> f64 {
        let n = self.n;
        let half = |(i, j): (usize, usize), (k, l): (usize, usize)| {
            let from = |row: usize| z[row * n + k] * self.e[k * n + l] - z[row * n + l] * self.e[l * n + k];
            self.e[i * n + j] * self.y[i] * from(j) - self.e[j * n + i] * self.y[j] * from(i)
        };
        half((i, j), (k, l)) + half((k, l), (i, j)) + if (i, j) == (k, l) { self.curvature(i, j) } else { 0.0 }
    }
}

/// The inverse by Gauss and Jordan, with the largest pivot of each column. A column without one gives infinite entries.
fn inverted(mut matrix: Vec<f64>, n: usize) -> Vec<f64> {
    let mut inverse = vec![0.0; n * n];
    for diagonal in inverse.iter_mut().step_by(n + 1) {
        *diagonal = 1.0;
    }
    for column in 0..n {
        let pivot = (column..n).max_by(|&a, &b| matrix[a * n + column].abs().total_cmp(&matrix[b * n + column].abs())).unwrap_or(column);
        for at in 0..n {
            matrix.swap(column * n + at, pivot * n + at);
            inverse.swap(column * n + at, pivot * n + at);
        }
        let scale = 1.0 / matrix[column * n + column];
        for at in 0..n {
            matrix[column * n + at] *= scale;
            inverse[column * n + at] *= scale;
        }
        for row in (0..n).filter(|&row| row != column) {
            let factor = matrix[row * n + column];
            if factor != 0.0 {
                for at in 0..n {
                    matrix[row * n + at] -= factor * matrix[column * n + at];
                    inverse[row * n + at] -= factor * inverse[column * n + at];
                }
            }
        }
    }
    inverse
}

/// `x` with `M x = b` for a symmetric positive definite M `(n, n)`, by Cholesky; `None` if a pivot is not above 0.
pub(super) fn solved(mut matrix: Vec<f64>, mut b: Vec<f64>) -> Option<Vec<f64>> {
    let n = b.len();
    for j in 0..n {
        let (done, rest) = matrix.split_at_mut(j * n);
        let row = &mut rest[..n];
        for k in 0..j {
            let other = &done[k * n..k * n + k + 1];
            let sum: f64 = row[..k].iter().zip(other).map(|(a, b)| a * b).sum();
            row[k] = (row[k] - sum) / other[k];
        }
        let pivot = row[j] - row[..j].iter().map(|a| a * a).sum::<f64>();
        if !(pivot > 0.0 && pivot.is_finite()) {
            return None;
        }
        row[j] = pivot.sqrt();
    }
    for i in 0..n {
        let sum: f64 = matrix[i * n..i * n + i].iter().zip(&b).map(|(a, b)| a * b).sum();
        b[i] = (b[i] - sum) / matrix[i * n + i];
    }
    for i in (0..n).rev() {
        let sum: f64 = (i + 1..n).map(|k| matrix[k * n + i] * b[k]).sum();
        b[i] = (b[i] - sum) / matrix[i * n + i];
    }
    Some(b)
}

#[cfg(test)]
mod tests {
    use super::*;
    use approx::{assert_abs_diff_eq, assert_relative_eq};

    const CITIES: [[f64; 4]; 4] =
        [[1.0, 4.0, 3.0, 7.0], [0.25, 1.0, 1.0 / 3.0, 3.0], [1.0 / 3.0, 3.0, 1.0, 5.0], [1.0 / 7.0, 1.0 / 3.0, 0.2, 1.0]];

    fn moved(i: usize, j: usize, by: f64) -> Vec<f64> {
        let mut matrix = CITIES.concat();
        matrix[i * 4 + j] *= by.exp();
        matrix[j * 4 + i] = 1.0 / matrix[i * 4 + j];
        matrix
    }

    /// The definition: ZE = EZ, Z(λI − E)Z = Z, Z·1 = 0 = yᵀZ.
    #[test]
    fn the_group_inverse_is_one() {
        let perron = Perron::new(&CITIES.concat(), 4);
        let z = perron.group_inverse();
        for i in 0..4 {
            assert_abs_diff_eq!(z[i * 4..i * 4 + 4].iter().sum::<f64>(), 0.0, epsilon = 1e-15);
            assert_abs_diff_eq!((0..4).map(|k| perron.y[k] * z[k * 4 + i]).sum::<f64>(), 0.0, epsilon = 1e-15);
            assert_relative_eq!(perron.e[i * 4..i * 4 + 4].iter().sum::<f64>(), perron.lambda, max_relative = 1e-14);
            for j in 0..4 {
                // (λI − E)Z = I − 1yᵀ
                let product: f64 = perron.lambda * z[i * 4 + j] - (0..4).map(|k| perron.e[i * 4 + k] * z[k * 4 + j]).sum::<f64>();
                assert_abs_diff_eq!(product, if i == j { 1.0 } else { 0.0 } - perron.y[j], epsilon = 1e-14);
            }
        }
    }

    /// Against central differences with a step of 1e-4: error ~1e-8.
    #[test]
    fn slopes_are_differences() {
        let step = 1e-4;
        let lambda = |i, j, by| Perron::new(&moved(i, j, by), 4).lambda;
        let here = Perron::new(&CITIES.concat(), 4);
        let z = here.group_inverse();
        for (i, j) in [(0, 1), (0, 3), (2, 3), (3, 1)] {
            assert_abs_diff_eq!(here.slope(i, j), (lambda(i, j, step) - lambda(i, j, -step)) / (2.0 * step), epsilon = 1e-8);
            let second = (Perron::new(&moved(i, j, step), 4).slope(i, j) - Perron::new(&moved(i, j, -step), 4).slope(i, j)) / (2.0 * step);
            assert_abs_diff_eq!(here.mixed(&z, (i, j), (i, j)), second, epsilon = 1e-7);
            let other = (Perron::new(&moved(i, j, step), 4).slope(1, 2) - Perron::new(&moved(i, j, -step), 4).slope(1, 2)) / (2.0 * step);
            assert_abs_diff_eq!(here.mixed(&z, (1, 2), (i, j)), other, epsilon = 1e-7);
        }
    }

    #[test]
    fn cholesky_by_hand() {
        // [[4,2],[2,3]]·(1,2) = (8,8)
        for (found, exact) in solved(vec![4.0, 2.0, 2.0, 3.0], vec![8.0, 8.0]).unwrap().iter().zip([1.0, 2.0]) {
            assert_relative_eq!(*found, exact, max_relative = 1e-15);
        }
        assert!(solved(vec![1.0, 2.0, 2.0, 1.0], vec![1.0, 1.0]).is_none());
    }
}
