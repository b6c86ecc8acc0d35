//! Judgments with gaps: which pairs are known, and whether they link all things.

use std::collections::BTreeSet;

use super::draft::Rounding;
use super::fault::JudgmentFault;
use super::judgments::Judgments;

/// Pairwise judgments of which some are missing, but not so many that things are left without a link.
///
/// A blank is NaN. Where one side of a pair is blank and the other is not, the pair is known. What is known obeys the rules of
/// [`Judgments`].
#[derive(Debug, Clone, PartialEq)]
pub struct Incomplete {
    // INVARIANT: a missing pair is 1 here and `false` in `known`, both ways; the known pairs link all things.
    judgments: Judgments,
    known: Vec<bool>,
}

impl Incomplete {
    /// From the full matrix `(n, n)`, blanks as NaN; a blank on the diagonal is 1.
    ///
    /// # Errors
    /// Every fault at once: those of [`Judgments::from_matrix`], and [`JudgmentFault::Disconnected`].
    pub fn from_matrix(names: Option<Vec<String>>, rows: &[Vec<f64>]) -> Result<Self, Vec<JudgmentFault>> {
        let n = rows.len();
        let entry = |row: usize, column: usize| rows.get(row).and_then(|entries| entries.get(column)).copied();
        let filled: Vec<Vec<f64>> = rows
            .iter()
            .enumerate()
            .map(|(row, entries)| {
                let fill = |(column, value): (usize, &f64)| match entry(column, row) {
                    Some(other) if value.is_nan() && !other.is_nan() && row != column => 1.0 / other,
                    _ if value.is_nan() => 1.0,
                    _ => *value,
                };
                entries.iter().enumerate().map(fill).collect()
            })
            .collect();
        let missing = |row: usize, column: usize| {
            row != column && [entry(row, column), entry(column, row)].into_iter().all(|side| side.is_none_or(f64::is_nan))
        };
        Self::linked(Judgments::from_matrix(names, &filled), n, missing)
    }

    /// From the rows of the upper triangle as in [`Judgments::from_upper`], blanks as NaN.
    ///
    /// # Errors
    /// Every fault at once: those of [`Judgments::from_upper`], and [`JudgmentFault::Disconnected`].
    pub fn from_upper(names: Option<Vec<String>>, rows: &[Vec<f64>]) -> Result<Self, Vec<JudgmentFault>> {
        let n = names.as_ref().map_or_else(|| rows.first().map_or(1, |row| row.len() + 1), Vec::len);
        let filled: Vec<Vec<f64>> =
            rows.iter().map(|row| row.iter().map(|value| if value.is_nan() { 1.0 } else { *value }).collect()).collect();
        let missing = |row: usize, column: usize| {
            let (above, right) = (row.min(column), row.max(column));
            row != column && rows.get(above).and_then(|entries| entries.get(right - above - 1)).is_none_or(|value| value.is_nan())
        };
        Self::linked(Judgments::from_upper(names, &filled), n, missing)
    }

    /// From named pairs as in [`Judgments::from_pairs`]; a pair that is not stated is missing.
    ///
    /// # Errors
    /// Every fault at once: those of [`Judgments::from_pairs`] but for missing pairs, and [`JudgmentFault::Disconnected`].
    pub fn from_pairs(names: Vec<String>, pairs: &[((String, String), f64)]) -> Result<Self, Vec<JudgmentFault>> {
        let stated: BTreeSet<(String, String)> =
            pairs.iter().flat_map(|((a, b), _)| [(a.clone(), b.clone()), (b.clone(), a.clone())]).collect();
        let open: Vec<((String, String), f64)> = names
            .iter()
            .enumerate()
            .flat_map(|(at, a)| names[at + 1..].iter().map(move |b| (a.clone(), b.clone())))
            .filter(|pair| pair.0 != pair.1 && !stated.contains(pair))
            .map(|pair| (pair, 1.0))
            .collect();
        let all: Vec<((String, String), f64)> = pairs.iter().cloned().chain(open).collect();
        let n = names.len();
        let missing: Vec<bool> = names
            .iter()
            .flat_map(|a| names.iter().map(|b| a != b && !stated.contains(&(a.clone(), b.clone()))).collect::<Vec<_>>())
            .collect();
        Self::linked(Judgments::from_pairs(names, &all), n, |row, column| missing[row * n + column])
    }

    fn linked(
        judgments: Result<Judgments, Vec<JudgmentFault>>,
        n: usize,
        missing: impl Fn(usize, usize) -> bool,
    ) -> Result<Self, Vec<JudgmentFault>> {
        // Faults first: without names, nothing can be called disconnected.
        let judgments = judgments?;
        let known: Vec<bool> = (0..n * n).map(|at| !missing(at / n, at % n)).collect();
        let components = components(&known, n);
        if components.len() > 1 {
            let name = |group: Vec<usize>| group.into_iter().map(|at| judgments.names()[at].clone()).collect();
            return Err(vec![JudgmentFault::Disconnected { components: components.into_iter().map(name).collect() }]);
        }
        Ok(Self { judgments, known })
    }

    /// The number of things, n ≥ 1.
    pub fn n(&self) -> usize {
        self.judgments.n()
    }

    /// The things, in the order of the rows.
    pub fn names(&self) -> &[String] {
        self.judgments.names()
    }

    /// The judgment at (row, column), from 0; `None` where it is missing or outside the matrix.
    pub fn get(&self, row: usize, column: usize) -> Option<f64> {
        self.judgments.get(row, column).filter(|_| self.is_known(row, column))
    }

    /// The missing pairs (row, column), row < column, row by row.
    pub fn missing(&self) -> Vec<(usize, usize)> {
        let n = self.n();
        (0..n).flat_map(|row| (row + 1..n).map(move |column| (row, column))).filter(|&(row, column)| !self.is_known(row, column)).collect()
    }

    /// The judgment typed as a rounded reciprocal with the largest deviation.
    pub fn largest_rounding(&self) -> Option<&Rounding> {
        self.judgments.largest_rounding()
    }

    /// The judgments, if none is missing.
    pub fn complete(&self) -> Option<&Judgments> {
        self.known.iter().all(|&known| known).then_some(&self.judgments)
    }

    /// Judgments that were typed as rounded reciprocals: [`Judgments::roundings`].
    pub fn roundings(&self) -> &[Rounding] {
        self.judgments.roundings()
    }

    pub(super) fn is_known(&self, row: usize, column: usize) -> bool {
        self.known[row * self.n() + column]
    }

    /// The matrix `(n, n)` with 1 where a judgment is missing.
    pub(super) fn with_ones(&self) -> &Judgments {
        &self.judgments
    }
}

/// Groups of rows linked by `known`, each rising, in the order of their first rows.
fn components(known: &[bool], n: usize) -> Vec<Vec<usize>> {
    let mut group = vec![usize::MAX; n];
    let mut groups: Vec<Vec<usize>> = Vec::new();
    for start in 0..n {
        if group[start] != usize::MAX {
            continue;
        }
        group[start] = groups.len();
        let mut members = vec![start];
        let mut at = 0;
        while let Some(&row) = members.get(at) {
            for column in 0..n {
                if known[row * n + column] && group[column] == usize::MAX {
                    group[column] = groups.len();
                    members.push(column);
                }
            }
            at += 1;
        }
        members.sort_unstable();
        groups.push(members);
    }
    groups
}

#[cfg(test)]
mod tests {
    use super::*;

    const BLANK: f64 = f64::NAN;

    fn names(text: &str) -> Vec<String> {
        text.split(' ').map(str::to_owned).collect()
    }

    fn texts(result: Result<Incomplete, Vec<JudgmentFault>>) -> Vec<String> {
        result.unwrap_err().iter().map(ToString::to_string).collect()
    }

    #[test]
    fn three_ways_in_agree() {
        let matrix =
            Incomplete::from_matrix(Some(names("a b c")), &[vec![BLANK, 3.0, BLANK], vec![0.33, 1.0, BLANK], vec![BLANK, 0.5, 1.0]])
                .unwrap();
        let upper = Incomplete::from_upper(Some(names("a b c")), &[vec![3.0, BLANK], vec![2.0]]).unwrap();
        let named = [(("a".to_owned(), "b".to_owned()), 3.0), (("c".to_owned(), "b".to_owned()), 0.5)];
        let named = Incomplete::from_pairs(names("a b c"), &named).unwrap();
        for one in [&matrix, &upper, &named] {
            assert_eq!(one.missing(), [(0, 2)]);
            assert_eq!((one.get(0, 1), one.get(1, 0), one.get(1, 2)), (Some(3.0), Some(1.0 / 3.0), Some(2.0)));
            assert_eq!((one.get(0, 2), one.get(2, 0), one.get(0, 3)), (None, None, None));
            assert!(one.complete().is_none());
        }
        assert!(Incomplete::from_upper(None, &[vec![3.0]]).unwrap().complete().is_some());
        assert!(Incomplete::from_matrix(None, &[vec![BLANK]]).unwrap().complete().is_some());
    }

    #[test]
    fn what_nothing_links_is_named() {
        let rows = [vec![2.0, BLANK, BLANK, BLANK], vec![BLANK, BLANK, BLANK], vec![3.0, BLANK], vec![BLANK]];
        assert_eq!(
            texts(Incomplete::from_upper(Some(names("a b c d e")), &rows)),
            ["no judgment links {`a`, `b`} and {`c`, `d`} and {`e`}, expected every thing to be linked to every other through judgments"]
        );
        assert_eq!(texts(Incomplete::from_pairs(names("a b"), &[])).len(), 1);
        let many = texts(Incomplete::from_pairs((0..30).map(|at| at.to_string()).collect(), &[]));
        assert!(many[0].contains("{`9`} and 20 more groups,"), "{}", many[0]);
    }

    #[test]
    fn faults_of_the_known_ones_are_faults() {
        let rows = [vec![1.0, -2.0, BLANK], vec![BLANK, 1.0, 3.0], vec![BLANK, 3.0, 1.0]];
        let texts = texts(Incomplete::from_matrix(None, &rows));
        assert!(texts[0].contains("found `-2`"), "{texts:?}");
        assert!(texts.iter().any(|text| text.contains("found a product of 9")), "{texts:?}");
        assert!(Incomplete::from_upper(None, &[vec![0.0]]).is_err());
    }
}
