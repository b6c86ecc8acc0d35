//! Small symmetric positive definite systems by Cholesky's factor: a few hundred unknowns, no library needed.

/// `A = D·L·Lᵀ·D` with `D` the square roots of A's diagonal, so that columns of very different size are judged alike.
#[derive(Clone, Debug)]
pub(crate) struct Cholesky {
    size: usize,
    /// Row by row, entries above the diagonal 0.
    lower: Vec<f64>,
    scale: Vec<f64>,
}

/// A column that the columns before it give already, or nearly so.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Dependent {
    /// The column.
    pub(crate) column: usize,
    /// What it is made of: column and coefficient, those that matter.
    pub(crate) of: Vec<(usize, f64)>,
}

/// Share of a column's square that must not be explained by the columns before it. Two copies of a column leave about 1e-16; a year beside
/// the intercept (2015 to 2024) leaves 2e-6.
const LEAST_PIVOT: f64 = 1e-11;

impl Cholesky {
    /// The factor of a matrix, row by row, of which the lower half is read.
    ///
    /// # Errors
    /// The first column that depends on those before it; a column of zeros depends on none.
    pub(crate) fn new(matrix: &[f64], size: usize) -> Result<Self, Dependent> {
        let scale: Vec<f64> = (0..size).map(|i| matrix[i * size + i].max(0.0).sqrt()).collect();
        let mut factor = Self { size, lower: vec![0.0; size * size], scale };
        for row in 0..size {
            for column in 0..=row {
                let (own, other) = (&factor.lower[row * size..row * size + column], &factor.lower[column * size..column * size + column]);
                let known: f64 = own.iter().zip(other).fold(0.0, |sum, (a, b)| sum + a * b);
                let whole = matrix[row * size + column] / (factor.scale[row] * factor.scale[column]);
                let rest = whole - known;
                factor.lower[row * size + column] = if column < row {
                    rest / factor.lower[column * size + column]
                } else if rest > LEAST_PIVOT {
                    rest.sqrt()
                } else {
                    return Err(factor.dependent(row));
                };
            }
        }
        Ok(factor)
    }

    /// What column `column` is made of, its row of the factor being known but for the diagonal.
    fn dependent(&self, column: usize) -> Dependent {
        let mut of: Vec<f64> = self.lower[column * self.size..column * self.size + column].to_vec();
        for row in (0..column).rev() {
            for below in row + 1..column {
                of[row] -= self.lower[below * self.size + row] * of[below];
            }
            of[row] /= self.lower[row * self.size + row];
        }
        let matters = of.iter().enumerate().filter(|(_, share)| share.abs() > 1e-6);
        let of = matters.map(|(at, share)| (at, share * self.scale[column] / self.scale[at])).collect();
        Dependent { column, of }
    }

    /// `A⁻¹ b`
    pub(crate) fn solve(&self, right: &[f64]) -> Vec<f64> {
        let size = self.size;
        let mut x: Vec<f64> = right.iter().zip(&self.scale).map(|(b, d)| b / d).collect();
        for row in 0..size {
            let known = self.lower[row * size..row * size + row].iter().zip(&x).fold(0.0, |sum, (l, x)| sum + l * x);
            x[row] = (x[row] - known) / self.lower[row * size + row];
        }
        for row in (0..size).rev() {
            for below in row + 1..size {
                x[row] -= self.lower[below * size + row] * x[below];
            }
            x[row] /= self.lower[row * size + row];
        }
        x.iter_mut().zip(&self.scale).for_each(|(x, d)| *x /= d);
        x
    }

    /// `A⁻¹`, row by row, exactly symmetric.
    pub(crate) fn inverse(&self) -> Vec<f64> {
        let size = self.size;
        let mut inverse = vec![0.0; size * size];
        for column in 0..size {
            let mut unit = vec![0.0; size];
            unit[column] = 1.0;
            for (row, value) in self.solve(&unit).into_iter().enumerate().skip(column) {
                inverse[row * size + column] = value;
                inverse[column * size + row] = value;
            }
        }
        inverse
    }
}

/// `A·M·A` of two symmetric matrices, row by row, exactly symmetric.
pub(crate) fn between(outer: &[f64], middle: &[f64], size: usize) -> Vec<f64> {
    let product = |a: &[f64], b: &[f64]| {
        let mut out = vec![0.0; size * size];
        for row in 0..size {
            for inner in 0..size {
                let factor = a[row * size + inner];
                for column in 0..size {
                    out[row * size + column] += factor * b[inner * size + column];
                }
            }
        }
        out
    };
    let mut out = product(&product(outer, middle), outer);
    for row in 0..size {
        for column in 0..row {
            out[row * size + column] = out[column * size + row];
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_inverse_of_hilberts_matrix_is_whole() {
        // Choi, Tricks or treats with the Hilbert matrix, Amer. Math. Monthly 90 (1983): the inverse for n = 4.
        let hilbert: Vec<f64> = (0..16).map(|k| 1.0 / f64::from(k / 4 + k % 4 + 1)).collect();
        let whole = [
            16.0, -120.0, 240.0, -140.0, -120.0, 1200.0, -2700.0, 1680.0, 240.0, -2700.0, 6480.0, -4200.0, -140.0, 1680.0, -4200.0, 2800.0,
        ];
        let inverse = Cholesky::new(&hilbert, 4).unwrap().inverse();
        for (found, expected) in inverse.iter().zip(whole) {
            assert!((found - expected).abs() < 1e-8, "{found} {expected}");
        }
        let back = between(&inverse, &hilbert, 4);
        assert!(back.iter().zip(whole).all(|(found, expected)| (found - expected).abs() < 1e-7));
    }

    #[test]
    fn a_dependent_column_says_what_it_is_made_of() {
        // Columns a, b and 2a − 1000b of (1, 0, 1), (0, 1, 1).
        let (a, b) = ([1.0, 0.0, 1.0], [0.0, 1.0, 1.0]);
        let c: Vec<f64> = a.iter().zip(b).map(|(a, b)| 2.0 * a - 1000.0 * b).collect();
        let columns = [&a[..], &b[..], &c[..]];
        let dot = |x: &[f64], y: &[f64]| x.iter().zip(y).map(|(x, y)| x * y).sum::<f64>();
        let gram: Vec<f64> = (0..9).map(|k| dot(columns[k / 3], columns[k % 3])).collect();
        let Err(found) = Cholesky::new(&gram, 3) else { panic!("a dependent column was not seen") };
        assert_eq!(found.column, 2);
        assert_eq!(found.of.iter().map(|(at, _)| *at).collect::<Vec<_>>(), [0, 1]);
        assert!((found.of[0].1 - 2.0).abs() < 1e-6 && (found.of[1].1 + 1000.0).abs() < 1e-6);
        assert_eq!(Cholesky::new(&[0.0], 1).unwrap_err(), Dependent { column: 0, of: vec![] });
    }
}
