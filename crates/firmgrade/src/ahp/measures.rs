//! Consistency measures beside CR, and what the choice of a random index table decides.

use serde::Serialize;

use super::judgments::Judgments;
use super::priority::{Method, prioritise};
use super::random_index::RandomIndex;
use super::weights::log_ratio;

/// Limits of the geometric consistency index that correspond to CR = 0.1 (Aguarón & Moreno-Jiménez, *The geometric consistency index:
/// approximated thresholds*, EJOR 147, 2003, 137–145).
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
pub struct GciLimits {
    /// For n = 3.
    pub three: f64,
    /// For n = 4.
    pub four: f64,
    /// For n ≥ 5.
    pub more: f64,
}

/// Three things and what their judgments say.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
pub struct Triad {
    /// Rows i < j < k, from 0.
    pub things: [usize; 3],
    /// `1 − min(a_ik/(a_ij·a_jk), a_ij·a_jk/a_ik)`, in [0, 1).
    pub inconsistency: f64,
}

/// What one table of the random index says about a consistency index.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
pub struct Verdict {
    /// The table.
    pub random_index: RandomIndex,
    /// Its RI(n).
    pub ri: f64,
    /// `ci/ri`, 0 for n ≤ 2.
    pub cr: f64,
    /// `cr ≤ limit`
    pub passes: bool,
}

impl Default for GciLimits {
    fn default() -> Self {
        Self { three: 0.31, four: 0.35, more: 0.37 }
    }
}

impl GciLimits {
    /// The limit for n things; infinite for n ≤ 2, which cannot contradict each other.
    pub fn limit(&self, n: usize) -> f64 {
        match n {
            0..=2 => f64::INFINITY,
            3 => self.three,
            4 => self.four,
            _ => self.more,
        }
    }
}

impl Judgments {
    /// The geometric consistency index, 0 for n ≤ 2.
    ///
    /// ```text
    /// GCI = 2/((n − 1)(n − 2)) · Σ_{i<j} ln² e_ij,   e_ij = a_ij·w_j/w_i,   w by geometric means
    /// ```
    ///
    /// Source: Crawford & Williams 1985; Aguarón & Moreno-Jiménez 2003, whose limits are [`GciLimits`].
    pub fn gci(&self) -> f64 {
        let n = self.n();
        if n <= 2 {
            return 0.0;
        }
        let vector = prioritise(self.matrix(), n, Method::GeometricMean);
        let mut sum = 0.0;
        for i in 0..n {
            for j in i + 1..n {
                sum += log_ratio(self.matrix(), n, &vector, i, j).powi(2);
            }
        }
        let n = n as f64;
        2.0 * sum / ((n - 1.0) * (n - 2.0))
    }

    /// Koczkodaj's index is that of the worst triad: the one named here, of several as bad the first in order; `None` for n ≤ 2.
    ///
    /// Source: Koczkodaj, *A new definition of consistency of pairwise comparisons*, Math. Comput. Modelling 18(7), 1993, 79–84.
    pub fn worst_triad(&self) -> Option<Triad> {
        let logs: Vec<f64> = self.matrix().iter().map(|entry| entry.ln()).collect();
        let log = |row: usize, column: usize| logs[row * self.n() + column];
        let mut worst: Option<(f64, [usize; 3])> = None;
        for [i, j, k] in triads(self.n()) {
            // Judgments of 1e300: their product has no double, its logarithm has.
            let gap = (log(i, j) + log(j, k) - log(i, k)).abs();
            if worst.is_none_or(|(most, _)| gap > most) {
                worst = Some((gap, [i, j, k]));
            }
        }
        worst.map(|(gap, things)| Triad { things, inconsistency: -(-gap).exp_m1() })
    }

    /// Koczkodaj's index, in [0, 1); 0 for n ≤ 2. See [`Judgments::worst_triad`].
    pub fn koczkodaj(&self) -> f64 {
        self.worst_triad().map_or(0.0, |triad| triad.inconsistency)
    }

    /// Triads that contradict each other in order: `[i, j, k]` says i ≻ j ≻ k ≻ i, each judgment above 1; i is the smallest of the three.
    /// No weights can agree with all three. In the order of (i, the smaller and the larger of the others).
    ///
    /// Source: Kendall & Babington Smith, *On the method of paired comparisons*, Biometrika 31, 1940, 324–345.
    pub fn cycles(&self) -> Vec<[usize; 3]> {
        let n = self.n();
        // From the entry ≥ 1, never from a rounded reciprocal below it.
        let above = |row: usize, column: usize| self.matrix()[row * n + column] > 1.0;
        triads(n)
            .filter_map(|[i, j, k]| {
                if above(i, j) && above(j, k) && above(k, i) {
                    Some([i, j, k])
                } else if above(i, k) && above(k, j) && above(j, i) {
                    Some([i, k, j])
                } else {
                    None
                }
            })
            .collect()
    }

    /// How alike two sets of judgments are: the cosine between their logarithms, −1 … 1. `None` where one of them calls everything
    /// equal, or the things differ; they may be listed in another order.
    ///
    /// A matrix typed with rows and columns exchanged has the cosine −c where it should have c. Nothing in one matrix alone can show
    /// that; beside another expert's, or last year's, a value below [`Judgments::LOOKS_TRANSPOSED`] is worth a question.
    pub fn likeness(&self, other: &Self) -> Option<f64> {
        let n = self.n();
        let order = self.order_in(other)?;
        let (mut both, mut own, mut theirs) = (0.0, 0.0, 0.0);
        for i in 0..n {
            for j in i + 1..n {
                let (a, b) = (self.matrix()[i * n + j].ln(), other.matrix()[order[i] * n + order[j]].ln());
                both += a * b;
                own += a * a;
                theirs += b * b;
            }
        }
        (own > 0.0 && theirs > 0.0).then(|| (both / (own.sqrt() * theirs.sqrt())).clamp(-1.0, 1.0))
    }

    /// Below this [`Judgments::likeness`] a matrix looks transposed.
    pub const LOOKS_TRANSPOSED: f64 = -0.5;

    /// Where each thing stands in `other`; `None` unless both compare the same things.
    pub(super) fn order_in(&self, other: &Self) -> Option<Vec<usize>> {
        if self.n() != other.n() {
            return None;
        }
        self.names().iter().map(|name| other.names().iter().position(|theirs| theirs == name)).collect()
    }
}

/// What every table says about `ci` of n things: the verdict depends on the table where some pass and others do not.
pub fn verdicts(n: usize, ci: f64, limit: f64) -> Vec<Verdict> {
    RandomIndex::ALL
        .into_iter()
        .map(|random_index| {
            let ri = random_index.value(n);
            let cr = if ri > 0.0 { ci / ri } else { 0.0 };
            Verdict { random_index, ri, cr, passes: cr <= limit }
        })
        .collect()
}

/// The tables whose verdict differs from that of `chosen`: none, or the text of a notice.
pub fn other_verdicts(chosen: RandomIndex, n: usize, ci: f64, limit: f64) -> Vec<Verdict> {
    let all = verdicts(n, ci, limit);
    let own = all.iter().find(|verdict| verdict.random_index == chosen).map(|verdict| verdict.passes);
    all.into_iter().filter(|verdict| Some(verdict.passes) != own).collect()
}

/// What to say where the verdict at the limit depends on the table; `None` where all tables agree.
///
/// ```
/// use firmgrade::ahp::{RandomIndex, notice};
/// let text = notice(RandomIndex::Saaty1980, 3, 0.053_924, 0.1).unwrap_or_default();
/// assert!(text.starts_with("the verdict depends on the table of the random index: CR 0.0930 is within 0.1 by saaty_1980, but not by"));
/// assert_eq!(notice(RandomIndex::Saaty1980, 3, 0.01, 0.1), None);
/// ```
pub fn notice(chosen: RandomIndex, n: usize, ci: f64, limit: f64) -> Option<String> {
    let others = other_verdicts(chosen, n, ci, limit);
    let own = verdicts(n, ci, limit).into_iter().find(|verdict| verdict.random_index == chosen)?;
    let listed: Vec<String> = others.iter().map(|other| format!("{} ({:.4})", other.random_index, other.cr)).collect();
    let (is, but) = if own.passes { ("within", "not by") } else { ("above", "within it by") };
    let head = "the verdict depends on the table of the random index";
    (!listed.is_empty()).then(|| format!("{head}: CR {:.4} is {is} {limit} by {chosen}, but {but} {}", own.cr, listed.join(", ")))
}

/// Every `[i, j, k]` with i < j < k < n.
fn triads(n: usize) -> impl Iterator<Item = [usize; 3]> {
    (0..n).flat_map(move |i| (i + 1..n).flat_map(move |j| (j + 1..n).map(move |k| [i, j, k])))
}

#[cfg(test)]
mod tests {
    use super::*;
    use approx::assert_relative_eq;

    fn upper(rows: &[&[f64]]) -> Judgments {
        Judgments::from_upper(None, &rows.iter().map(|row| row.to_vec()).collect::<Vec<_>>()).unwrap()
    }

    /// By hand, [[1,1,8],[1,1,3],[1/8,1/3,1]]: every e is t = (3/8)^(1/3) or its inverse, so GCI = 3·ln²t = ln²(3/8)/3 = .32067…;
    /// the one triad has 1 − 3/8.
    #[test]
    fn three_things_by_hand() {
        let flip = upper(&[&[1.0, 8.0], &[3.0]]);
        assert_relative_eq!(flip.gci(), 0.375_f64.ln().powi(2) / 3.0, max_relative = 1e-14);
        assert_relative_eq!(flip.koczkodaj(), 0.625, max_relative = 1e-14);
        assert!(flip.gci() > GciLimits::default().limit(3) && flip.cycles().is_empty());
        for small in [upper(&[]), upper(&[&[9.0]])] {
            assert!(small.gci() <= 0.0 && small.koczkodaj() <= 0.0 && small.worst_triad().is_none());
            assert!(small.gci() < GciLimits::default().limit(small.n()));
        }
    }

    /// The judgments of `geometric_mean_in_fractions` in weights.rs: e = 4, 1/4, 4 and three ones, GCI = 2/6 · 3·ln²4 = ln²4.
    /// Triads (1,2,3): 8·8/1 = 64; (1,2,4): 8·16/32 = 4; (1,3,4): 1·8/32 = 1/4; (2,3,4): 8·8/16 = 4.
    #[test]
    fn four_things_by_hand() {
        let four = upper(&[&[8.0, 1.0, 32.0], &[8.0, 16.0], &[8.0]]);
        assert_relative_eq!(four.gci(), 4_f64.ln().powi(2), max_relative = 1e-14);
        let worst = four.worst_triad().unwrap();
        assert_eq!(worst.things, [0, 1, 2]);
        assert_relative_eq!(worst.inconsistency, 63.0 / 64.0, max_relative = 1e-14);
    }

    /// A circle is one cycle whichever way it runs; ties are none. Regular tournaments of n = 2m + 1 have the most there can be,
    /// n(n² − 1)/24 (Kendall & Babington Smith): 5 for n = 5, 14 for n = 7.
    #[test]
    fn cycles_are_named_in_their_direction() {
        assert_eq!(upper(&[&[2.0, 0.5], &[2.0]]).cycles(), [[0, 1, 2]]);
        assert_eq!(upper(&[&[0.5, 2.0], &[0.5]]).cycles(), [[0, 2, 1]]);
        assert!(upper(&[&[2.0, 1.0], &[2.0]]).cycles().is_empty());
        for (n, most) in [(5_usize, 5), (7, 14)] {
            let rows: Vec<Vec<f64>> = (0..n - 1).map(|i| (i + 1..n).map(|j| if j - i <= n / 2 { 2.0 } else { 0.5 }).collect()).collect();
            let round = Judgments::from_upper(None, &rows).unwrap();
            assert_eq!(round.cycles().len(), most);
        }
    }

    /// Extreme judgments: 1e300 three times round is a triad of e^-2072, index 1 to the last bit but never NaN.
    #[test]
    fn extreme_judgments_have_measures() {
        let round = upper(&[&[1e300, 1e-300], &[1e300]]);
        assert!(round.koczkodaj() <= 1.0 && round.koczkodaj() > 0.999);
        assert_relative_eq!(round.gci(), (900.0 * 10_f64.ln()).powi(2) / 3.0, max_relative = 1e-12);
    }

    /// domain.md §7: .0930 with .58 passes; every other table refuses.
    #[test]
    fn the_tables_disagree() {
        let others = other_verdicts(RandomIndex::Saaty1980, 3, 0.053_924, 0.1);
        assert_eq!(others.len(), RandomIndex::ALL.len() - 1);
        assert!(others.iter().all(|verdict| !verdict.passes && verdict.cr > 0.1));
        let back = other_verdicts(RandomIndex::Contest, 3, 0.053_924, 0.1);
        assert_eq!(back.iter().map(|verdict| verdict.random_index).collect::<Vec<_>>(), [RandomIndex::Saaty1980]);
        assert!(other_verdicts(RandomIndex::Contest, 3, 0.02, 0.1).is_empty());
        assert!(verdicts(2, 0.0, 0.1).iter().all(|verdict| verdict.passes));
        assert!(verdicts(5, f64::NAN, 0.1).iter().all(|verdict| !verdict.passes));
    }

    #[test]
    fn a_transposed_matrix_is_the_opposite() {
        let one = upper(&[&[3.0, 5.0], &[2.0]]);
        let turned = upper(&[&[1.0 / 3.0, 0.2], &[0.5]]);
        assert_relative_eq!(one.likeness(&one).unwrap(), 1.0, max_relative = 1e-15);
        assert_relative_eq!(one.likeness(&turned).unwrap(), -1.0, max_relative = 1e-15);
        assert!(one.likeness(&turned).unwrap() < Judgments::LOOKS_TRANSPOSED);
        assert!(one.likeness(&upper(&[&[1.0, 1.0], &[1.0]])).is_none() && one.likeness(&upper(&[&[2.0]])).is_none());
        let names = |text: &str| Some(text.split(' ').map(str::to_owned).collect());
        let listed = Judgments::from_upper(names("a b c"), &[vec![3.0, 5.0], vec![2.0]]).unwrap();
        let otherwise = Judgments::from_upper(names("c a b"), &[vec![0.2, 0.5], vec![3.0]]).unwrap();
        assert_relative_eq!(listed.likeness(&otherwise).unwrap(), 1.0, max_relative = 1e-15);
    }
}
