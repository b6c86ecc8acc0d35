//! Weights from judgments, with their consistency and the names of what they rest on.

use serde::Serialize;

use super::judgments::Judgments;
use super::priority::{Method, Scaled, consistency_index, finite, prioritise, times_power_of_two};
use super::random_index::{RandomIndex, RandomIndexSource};

/// Weights of n things and the consistency of the judgments they come from.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Weights {
    names: Vec<String>,
    values: Vec<f64>,
    lambda_max: f64,
    ci: f64,
    ri: f64,
    cr: f64,
    method: Method,
    random_index: RandomIndex,
    random_index_source: RandomIndexSource,
}

impl Judgments {
    /// Weights by `method`, consistency by `random_index`. Valid judgments always have weights.
    ///
    /// For n ≤ 2 all methods agree and CI and CR are 0; for n = 3 the eigenvector is the geometric mean. Relative error of each
    /// weight ≤ 1e-14 for n ≤ 30 (measured against 60 digits).
    pub fn weights(&self, method: Method, random_index: RandomIndex) -> Weights {
        let n = self.n();
        let vector = prioritise(self.matrix(), n, method);
        let ci = consistency_index(self.matrix(), n, &vector);
        let ri = random_index.value(n);
        Weights {
            names: self.names().to_vec(),
            values: vector.shares(),
            lambda_max: finite(n as f64 + (n as f64 - 1.0) * ci),
            ci,
            ri,
            cr: if ri > 0.0 { finite(ci / ri) } else { 0.0 },
            method,
            random_index,
            random_index_source: random_index.source(n),
        }
    }
}

impl Weights {
    /// The things weighed.
    pub fn names(&self) -> &[String] {
        &self.names
    }

    /// One weight for each name, in [0, 1], sum 1 within 1e-15. A weight below 1e-307 of the largest is 0.
    pub fn values(&self) -> &[f64] {
        &self.values
    }

    /// `mean_i (Aw)_i/w_i ≥ n`; for the eigenvector the principal eigenvalue. At most `f64::MAX`: judgments of 1e300 that contradict
    /// each other give the geometric mean a λ of 1e700.
    pub fn lambda_max(&self) -> f64 {
        self.lambda_max
    }

    /// Consistency index `(λmax − n)/(n − 1) ≥ 0`, computed without that subtraction; 0 for n ≤ 2.
    pub fn ci(&self) -> f64 {
        self.ci
    }

    /// The random index used, 0 for n ≤ 2.
    pub fn ri(&self) -> f64 {
        self.ri
    }

    /// Consistency ratio `CI/RI`, 0 for n ≤ 2; 0.1 is the customary limit.
    pub fn cr(&self) -> f64 {
        self.cr
    }

    /// The method the weights come from.
    pub fn method(&self) -> Method {
        self.method
    }

    /// The table that was asked for.
    pub fn random_index(&self) -> RandomIndex {
        self.random_index
    }

    /// Whether [`Weights::ri`] stands in that table, continues it, or was not needed.
    pub fn random_index_source(&self) -> RandomIndexSource {
        self.random_index_source
    }

    /// The name of what [`Weights::ri`] was really taken from: the table's, `alonso_lamata_regression`, or `not_needed`.
    pub fn random_index_used(&self) -> &'static str {
        match self.random_index_source {
            RandomIndexSource::Table => self.random_index.as_str(),
            other => other.as_str(),
        }
    }
}

/// `e_ij = a_ij·w_j/w_i`, from the entry ≥ 1 of the pair and with the exponents apart; infinite or 0 beyond the range.
pub(super) fn ratio(matrix: &[f64], n: usize, vector: &Scaled, i: usize, j: usize) -> f64 {
    let (row, column) = if matrix[i * n + j] >= 1.0 { (i, j) } else { (j, i) };
    let share = vector.mantissas[column] / vector.mantissas[row];
    let e = times_power_of_two(matrix[row * n + column] * share, vector.exponents[column] - vector.exponents[row]);
    if row == i { e } else { 1.0 / e }
}

/// `ln e_ij`, finite for every matrix of judgments.
pub(super) fn log_ratio(matrix: &[f64], n: usize, vector: &Scaled, i: usize, j: usize) -> f64 {
    let e = ratio(matrix, n, vector, i, j);
    if e.is_normal() && e.recip().is_normal() {
        return e.ln();
    }
    let log = |at: usize| vector.mantissas[at].ln() + f64::from(vector.exponents[at]) * std::f64::consts::LN_2;
    matrix[i * n + j].ln() + log(j) - log(i)
}

#[cfg(test)]
mod tests {
    use super::*;
    use approx::{assert_abs_diff_eq, assert_relative_eq};
    use proptest::prelude::*;

    fn upper(rows: &[&[f64]]) -> Judgments {
        Judgments::from_upper(None, &rows.iter().map(|row| row.to_vec()).collect::<Vec<_>>()).unwrap()
    }

    /// Judgments of n things from the entries above the diagonal, row by row.
    fn from_entries(n: usize, entries: &[f64]) -> Judgments {
        let mut left = entries.iter().copied();
        let rows: Vec<Vec<f64>> = (1..n).map(|row| left.by_ref().take(n - row).collect()).collect();
        Judgments::from_upper(Some((1..=n).map(|at| format!("c{at}")).collect()), &rows).unwrap()
    }

    /// The bounds of Collatz and Wielandt, by the plain formula.
    fn bounds(judgments: &Judgments, w: &[f64]) -> (f64, f64) {
        let rows = judgments.matrix().chunks_exact(w.len());
        let quotients = rows.zip(w).map(|(row, own)| row.iter().zip(w).map(|(a, w)| a * w).sum::<f64>() / own);
        quotients.fold((f64::INFINITY, 0.0), |(low, high), q| (low.min(q), high.max(q)))
    }

    const SCALE: [f64; 17] = [
        1.0 / 9.0,
        1.0 / 8.0,
        1.0 / 7.0,
        1.0 / 6.0,
        1.0 / 5.0,
        1.0 / 4.0,
        1.0 / 3.0,
        1.0 / 2.0,
        1.0,
        2.0,
        3.0,
        4.0,
        5.0,
        6.0,
        7.0,
        8.0,
        9.0,
    ];

    /// Saaty, Int. J. Services Sciences 1(1), 2008: .177 .019 .042 .116 .190 .129 .327, CR .022. With tea only twice wine, as the
    /// matrix is sometimes copied, wine comes out at .022.
    #[test]
    fn saatys_drinks() {
        let drinks = |tea_over_wine: f64| {
            upper(&[
                &[9.0, 5.0, 2.0, 1.0, 1.0, 0.5],
                &[1.0 / tea_over_wine, 1.0 / 9.0, 1.0 / 9.0, 1.0 / 9.0, 1.0 / 9.0],
                &[1.0 / 3.0, 1.0 / 4.0, 1.0 / 3.0, 1.0 / 9.0],
                &[1.0 / 2.0, 1.0, 1.0 / 3.0],
                &[2.0, 0.5],
                &[1.0 / 3.0],
            ])
            .weights(Method::Eigenvector, RandomIndex::Saaty1980)
        };
        let published = [0.177, 0.019, 0.042, 0.116, 0.190, 0.129, 0.327];
        let three = drinks(3.0);
        for (found, expected) in three.values().iter().zip(published) {
            assert_abs_diff_eq!(*found, expected, epsilon = 6e-4);
        }
        assert_abs_diff_eq!(three.cr(), 0.022, epsilon = 5e-4);
        assert!(drinks(2.0).values().iter().zip(published).any(|(found, expected)| (found - expected).abs() > 6e-4));
    }

    /// domain.md §7: CI .053924 passes or fails with the table. By hand t = (1·3/8)^(1/3), CI = (t + 1/t − 2)/2.
    #[test]
    fn the_verdict_that_flips_with_the_table() {
        let flip = upper(&[&[1.0, 8.0], &[3.0]]);
        let t = 0.375_f64.cbrt();
        let expected = [
            (RandomIndex::Saaty1980, 0.0930),
            (RandomIndex::Saaty2005, 0.1037),
            (RandomIndex::Contest, 0.1037),
            (RandomIndex::AlonsoLamata, 0.1028),
            (RandomIndex::DoneganDodd1991, 0.1097),
        ];
        for (table, cr) in expected {
            let weights = flip.weights(Method::Eigenvector, table);
            assert_abs_diff_eq!(weights.ci(), 0.053_924, epsilon = 5e-7);
            assert_relative_eq!(weights.ci(), (t + 1.0 / t - 2.0) / 2.0, max_relative = 1e-13);
            assert_relative_eq!(weights.lambda_max(), 1.0 + t + 1.0 / t, max_relative = 1e-15);
            assert_abs_diff_eq!(weights.cr(), cr, epsilon = 5e-5);
            assert_eq!(weights.random_index_used(), table.as_str());
        }
    }

    /// By hand. Columns of [[1,2,6],[1/2,1,4],[1/6,1/4,1]] sum to 5/3, 13/4, 11; the first row of quotients is 3/5, 8/13, 6/11 with
    /// the mean 2518/4290; then 1389/4290 and 383/4290. Aw gives 7594/2518, 4180/1389, (13799/12)/383.
    #[test]
    fn column_mean_in_fractions() {
        let weights = upper(&[&[2.0, 6.0], &[4.0]]).weights(Method::ColumnMean, RandomIndex::Saaty1980);
        for (found, above) in weights.values().iter().zip([2518.0, 1389.0, 383.0]) {
            assert_relative_eq!(*found, above / 4290.0, max_relative = 1e-15);
        }
        let lambda = (7594.0 / 2518.0 + 4180.0 / 1389.0 + 13799.0 / 12.0 / 383.0) / 3.0;
        assert_relative_eq!(weights.lambda_max(), lambda, max_relative = 1e-15);
        assert_relative_eq!(weights.ci(), (lambda - 3.0) / 2.0, max_relative = 1e-12);
    }

    /// By hand. Row products of [[1,8,1,32],[1/8,1,8,16],[1,1/8,1,8],[1/32,1/16,1/8,1]] are 2^8, 2^4, 2^0, 2^-12, so
    /// w = (32, 16, 8, 1)/57; e_12 = e_23 = 4, e_13 = 1/4, the others 1: Σ (e − 1)²/e = 27/4, CI = 9/16, λ = 4 + 27/16.
    #[test]
    fn geometric_mean_in_fractions() {
        let judgments = upper(&[&[8.0, 1.0, 32.0], &[8.0, 16.0], &[8.0]]);
        let weights = judgments.weights(Method::GeometricMean, RandomIndex::Saaty1980);
        for (found, above) in weights.values().iter().zip([32.0, 16.0, 8.0, 1.0]) {
            assert_relative_eq!(*found, above / 57.0, max_relative = 1e-15);
        }
        assert_relative_eq!(weights.ci(), 0.5625, max_relative = 1e-15);
        assert_relative_eq!(weights.lambda_max(), 5.6875, max_relative = 1e-15);
        assert_relative_eq!(weights.cr(), 0.625, max_relative = 1e-15);
    }

    /// RI(3) is the mean CI of all 17³ matrices of the scale: 0.5244574543 (ahp.md, exact enumeration).
    #[test]
    fn the_mean_consistency_index_of_all_three_by_three_matrices() {
        let mut sum = 0.0;
        for a in SCALE {
            for b in SCALE {
                for c in SCALE {
                    sum += upper(&[&[a, b], &[c]]).weights(Method::Eigenvector, RandomIndex::Saaty1980).ci();
                }
            }
        }
        assert_abs_diff_eq!(sum / 4913.0, 0.524_457_454_3, epsilon = 5e-11);
    }

    /// One of three judgments off by δ has t = (1 + δ)^(1/3) and CI = (t − 1)²/(2t) → δ²/18. For δ = 2^-30 that is 4.8e-20, where
    /// (λ − 3)/2 in doubles is 0.
    #[test]
    fn consistency_index_keeps_its_digits_near_consistency() {
        let delta = 2.0_f64.powi(-30);
        for method in Method::ALL {
            let weights = upper(&[&[2.0, 8.0 * (1.0 + delta)], &[4.0]]).weights(method, RandomIndex::Saaty1980);
            assert_relative_eq!(weights.ci(), delta * delta / 18.0, max_relative = 0.2);
            assert!(weights.ci() > 0.0 && weights.cr() > 0.0);
        }
        let exact = upper(&[&[2.0, 8.0 * (1.0 + delta)], &[4.0]]).weights(Method::Eigenvector, RandomIndex::Saaty1980);
        assert_relative_eq!(exact.ci(), delta * delta / 18.0, max_relative = 1e-5);
    }

    #[test]
    fn one_and_two_things_are_always_consistent() {
        for method in Method::ALL {
            let one = upper(&[]).weights(method, RandomIndex::Contest);
            assert_eq!((one.values(), one.lambda_max(), one.ci(), one.ri(), one.cr()), (&[1.0][..], 1.0, 0.0, 0.0, 0.0));
            let two = upper(&[&[3.0]]).weights(method, RandomIndex::Contest);
            assert_eq!((two.values(), two.lambda_max(), two.ci(), two.ri(), two.cr()), (&[0.75, 0.25][..], 2.0, 0.0, 0.0, 0.0));
            assert_eq!(upper(&[&[1.0 / 3.0]]).weights(method, RandomIndex::Contest).values(), [0.25, 0.75]);
            assert_eq!(two.random_index_used(), "not_needed");
        }
    }

    /// Past the tables: consistent judgments of 16 and 100 things, i + 1 : j + 1, have w_i = (i + 1)/(n(n + 1)/2).
    #[test]
    fn sixteen_and_a_hundred_things() {
        for n in [16, 100] {
            let entries: Vec<f64> = (1..=n).flat_map(|i| (i + 1..=n).map(move |j| i as f64 / j as f64)).collect();
            let mut entries_off = entries.clone();
            entries_off[0] *= 3.0;
            for method in Method::ALL {
                let weights = from_entries(n, &entries).weights(method, RandomIndex::Saaty1980);
                for (at, found) in weights.values().iter().enumerate() {
                    assert_relative_eq!(*found, (at + 1) as f64 / (n * (n + 1) / 2) as f64, max_relative = 2e-15);
                }
                assert!(weights.ci() < 1e-28);
                assert_eq!(weights.random_index_used(), "alonso_lamata_regression");
                assert_relative_eq!(weights.ri(), (1.7699 * n as f64 - 4.3513) / (n as f64 - 1.0), max_relative = 1e-15);
                let off = from_entries(n, &entries_off).weights(method, RandomIndex::Saaty1980);
                assert!(off.ci() > 0.0 && off.cr() > off.ci() / 2.0);
                assert_abs_diff_eq!(off.values().iter().sum::<f64>(), 1.0, epsilon = 1e-15);
            }
        }
    }

    /// a ≻ b ≻ c ≻ a by 1e300, and d: a·b·c overflows, the geometric mean's λ too. The eigenvector's is 1 + t + 1/t with t = 1e300 for
    /// the three alone, and d changes it by a part in 1e150 or so.
    #[test]
    fn products_beyond_the_range_of_doubles() {
        let t = 1e300;
        let circle = upper(&[&[t, 1.0 / t, 1.0], &[t, 1.0], &[1.0]]);
        let weights = circle.weights(Method::Eigenvector, RandomIndex::Saaty1980);
        assert_relative_eq!(weights.lambda_max(), t, max_relative = 1e-14);
        for found in &weights.values()[..3] {
            assert_relative_eq!(*found, 1.0 / 3.0, max_relative = 1e-14);
        }
        let chain = upper(&[&[t, t, t], &[t, t], &[t]]);
        for method in Method::ALL {
            for judgments in [&circle, &chain] {
                let weights = judgments.weights(method, RandomIndex::Saaty1980);
                assert!(weights.lambda_max().is_finite() && weights.cr() > 1.0, "{method}");
                assert_abs_diff_eq!(weights.values().iter().sum::<f64>(), 1.0, epsilon = 1e-15);
            }
        }
    }

    fn scale_matrix(sizes: std::ops::RangeInclusive<usize>) -> impl Strategy<Value = Judgments> {
        sizes.prop_flat_map(|n| {
            prop::collection::vec(prop::sample::select(&SCALE[..]), n * (n - 1) / 2).prop_map(move |e| from_entries(n, &e))
        })
    }

    proptest! {
        #[test]
        fn weights_are_positive_and_sum_to_one(judgments in scale_matrix(1..=30)) {
            for method in Method::ALL {
                let weights = judgments.weights(method, RandomIndex::DoneganDodd1991);
                prop_assert!(weights.values().iter().all(|&w| w > 0.0 && w <= 1.0));
                prop_assert!((weights.values().iter().sum::<f64>() - 1.0).abs() <= 1e-15);
                prop_assert!(weights.ci() >= 0.0 && weights.lambda_max() >= judgments.n() as f64);
                // The two ways of writing λ: the sum of squares and the mean of (Aw)_i/w_i.
                let (low, high) = bounds(&judgments, weights.values());
                prop_assert!(low * (1.0 - 1e-14) <= weights.lambda_max() && weights.lambda_max() <= high * (1.0 + 1e-14));
                if method == Method::Eigenvector {
                    prop_assert!(high / low - 1.0 < 2e-14, "bounds {low} and {high}");
                }
            }
        }

        #[test]
        fn consistent_judgments_give_the_weights_back(w in prop::collection::vec(0.01_f64..100.0, 1..12)) {
            let n = w.len();
            let entries: Vec<f64> = (0..n).flat_map(|i| w[i + 1..].iter().map(move |other| (i, *other))).map(|(i, o)| w[i] / o).collect();
            let total: f64 = w.iter().sum();
            for method in Method::ALL {
                let weights = from_entries(n, &entries).weights(method, RandomIndex::Saaty1980);
                prop_assert!(weights.ci() < 1e-28, "CI {}", weights.ci());
                for (found, stated) in weights.values().iter().zip(&w) {
                    prop_assert!((found * total / stated - 1.0).abs() < 1e-14);
                }
            }
        }

        #[test]
        fn the_order_of_listing_does_not_matter(judgments in scale_matrix(2..=9), seed in any::<u64>()) {
            let n = judgments.n();
            let mut order: Vec<usize> = (0..n).collect();
            order.sort_by_key(|&at| (at as u64 + 1).wrapping_mul(seed | 1));
            let rows: Vec<Vec<f64>> =
                order.iter().map(|&i| order.iter().map(|&j| judgments.matrix()[i * n + j]).collect()).collect();
            let turned = Judgments::from_matrix(None, &rows).unwrap();
            for method in Method::ALL {
                let (a, b) = (judgments.weights(method, RandomIndex::Contest), turned.weights(method, RandomIndex::Contest));
                for (at, &i) in order.iter().enumerate() {
                    prop_assert!((b.values()[at] / a.values()[i] - 1.0).abs() < 1e-13);
                }
                prop_assert!((a.ci() - b.ci()).abs() <= 1e-12 * a.ci() + 1e-28);
            }
        }

        /// w → 1/w when every judgment is turned round: for the geometric mean always, hence for the eigenvector up to n = 3.
        #[test]
        fn turning_the_judgments_inverts_the_weights(judgments in scale_matrix(1..=3), large in scale_matrix(4..=8)) {
            let turn = |j: &Judgments| {
                let n = j.n();
                let rows: Vec<Vec<f64>> = (0..n).map(|i| (0..n).map(|k| j.matrix()[k * n + i]).collect()).collect();
                Judgments::from_matrix(None, &rows).unwrap()
            };
            for (judgments, method) in [(&judgments, Method::Eigenvector), (&large, Method::GeometricMean)] {
                let there = judgments.weights(method, RandomIndex::Contest);
                let back = turn(judgments).weights(method, RandomIndex::Contest);
                let scale = there.values()[0] * back.values()[0];
                for (a, b) in there.values().iter().zip(back.values()) {
                    prop_assert!((a * b / scale - 1.0).abs() < 1e-13);
                }
            }
        }

        #[test]
        fn no_judgments_however_wild_give_nonsense(
            (n, powers) in (1_usize..9).prop_flat_map(|n| (Just(n), prop::collection::vec(-300_i32..=300, n * (n - 1) / 2)))
        ) {
            let entries: Vec<f64> = powers.iter().map(|&p| 10_f64.powi(p).clamp(Judgments::MIN_ENTRY, Judgments::MAX_ENTRY)).collect();
            let judgments = from_entries(n, &entries);
            for method in Method::ALL {
                let weights = judgments.weights(method, RandomIndex::Saaty1980);
                prop_assert!(weights.values().iter().all(|w| (0.0..=1.0).contains(w)), "{method}: {:?}", weights.values());
                prop_assert!((weights.values().iter().sum::<f64>() - 1.0).abs() <= 1e-15);
                for size in [weights.lambda_max(), weights.ci(), weights.cr()] {
                    prop_assert!(size.is_finite() && size >= 0.0, "{method}: {size}");
                }
            }
        }
    }
}
