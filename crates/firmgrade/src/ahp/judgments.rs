//! Judgments: a positive reciprocal matrix with a name for each row, checked once.

use std::collections::BTreeMap;
use std::collections::btree_map::Entry;

use super::draft::{Draft, Rounding};
use super::fault::{JudgmentFault, nearest};

/// Pairwise judgments of n ≥ 1 things: how many times is one as important as another.
///
/// ```text
/// matrix (n, n), row by row; entry (i, j) from 1e-300 to 1e300; (i, i) = 1; of (i, j), (j, i) one is 1 over the other
/// ```
///
/// A matrix states each pair twice and people round one side (0.33 for 1/3). The larger entry of a pair is kept and the other
/// recomputed, which restores whole judgments exactly; the same decision whichever way round the things are listed. Every
/// difference above 1e-9 stays readable in [`Judgments::roundings`]; above 0.05 it is refused.
#[derive(Debug, Clone, PartialEq)]
pub struct Judgments {
    // INVARIANT: names are distinct and not empty, matrix.len() == names.len()², entries as the doc above says.
    names: Vec<String>,
    matrix: Vec<f64>,
    roundings: Vec<Rounding>,
}

impl Judgments {
    /// The largest `|a_ij·a_ji − 1|` taken as rounding: two decimals reach 0.04 (0.13 for 1/8), "3 on both sides" gives 8.
    pub const MAX_DEVIATION: f64 = 0.05;
    /// Up to this a deviation is the last bit of a division, not somebody's rounding.
    pub const EXACT_DEVIATION: f64 = 1e-9;
    /// The smallest judgment. Its reciprocal is [`Judgments::MAX_ENTRY`], so no reciprocal overflows (1/1e-310 is infinite) and none
    /// is subnormal (1/1.7e308 has lost bits).
    pub const MIN_ENTRY: f64 = 1e-300;
    /// The largest judgment.
    pub const MAX_ENTRY: f64 = 1e300;

    /// From the full matrix, shape `(n, n)`. Without names the things are called `1`, `2`, ….
    ///
    /// # Errors
    /// Every fault at once: no rows, a row of another length, names of another number, empty or repeated names, entries outside
    /// 1e-300…1e300 or not finite, a diagonal that is not 1 (within 1e-9), pairs whose product is off 1 by more than 0.05.
    pub fn from_matrix(names: Option<Vec<String>>, rows: &[Vec<f64>]) -> Result<Self, Vec<JudgmentFault>> {
        let n = rows.len();
        let (names, mut faults) = named(names, n);
        let lengths = rows.iter().enumerate().filter(|(_, row)| row.len() != n);
        faults.extend(lengths.map(|(row, entries)| JudgmentFault::RowLength { row, found: entries.len(), expected: n }));
        for (row, entries) in rows.iter().enumerate() {
            for (column, &value) in entries.iter().enumerate() {
                if !accepted(value) {
                    faults.push(JudgmentFault::Entry { row, column, value });
                } else if row == column && !(0.0..=Self::EXACT_DEVIATION).contains(&(value - 1.0).abs()) {
                    faults.push(JudgmentFault::Diagonal { at: row, value });
                }
            }
        }
        let entry = |row: usize, column: usize| rows.get(row).and_then(|r| r.get(column)).copied().filter(|&x| accepted(x));
        let mut draft = Draft::new(n);
        for row in 0..n {
            for column in row + 1..n {
                let (Some(above), Some(below)) = (entry(row, column), entry(column, row)) else { continue };
                if !draft.settle(row, column, above, below) {
                    faults.push(JudgmentFault::NotReciprocal { row, column, entry: above, reciprocal: below });
                }
            }
        }
        finish(draft, names, faults)
    }

    /// From the rows of the upper triangle, diagonal left out: n − 1 rows of n − 1, n − 2, …, 1 entries (an empty last row may
    /// follow). Without names the things are called `1`, `2`, ….
    ///
    /// # Errors
    /// Every fault at once: rows of another number or length, names as in [`Judgments::from_matrix`], entries outside 1e-300…1e300.
    pub fn from_upper(names: Option<Vec<String>>, rows: &[Vec<f64>]) -> Result<Self, Vec<JudgmentFault>> {
        let n = names.as_ref().map_or_else(|| rows.first().map_or(1, |row| row.len() + 1), Vec::len);
        let (names, mut faults) = named(names, n);
        let rows = match rows {
            [rest @ .., last] if rows.len() == n && last.is_empty() => rest,
            all => all,
        };
        if rows.len() + 1 != n && n > 0 {
            faults.push(JudgmentFault::RowCount { found: rows.len(), expected: n - 1 });
        }
        let mut draft = Draft::new(n);
        for (row, entries) in rows.iter().enumerate().take(n.saturating_sub(1)) {
            let expected = n - 1 - row;
            if entries.len() != expected {
                faults.push(JudgmentFault::RowLength { row, found: entries.len(), expected });
            }
            for (at, &value) in entries.iter().enumerate() {
                let column = row + 1 + at;
                if !accepted(value) {
                    faults.push(JudgmentFault::Entry { row, column, value });
                } else if column < n {
                    draft.put(row, column, value);
                }
            }
        }
        finish(draft, names, faults)
    }

    /// From named pairs: `(("a", "b"), 3.0)` says that a is three times as important as b; the other direction follows.
    /// A pair may be stated in both directions, under the rule for a matrix, and repeated if it says the same.
    ///
    /// # Errors
    /// Every fault at once: names as in [`Judgments::from_matrix`], pairs with a name that is not listed, of a thing with itself,
    /// judged twice differently or not at all, entries outside 1e-300…1e300.
    pub fn from_pairs(names: Vec<String>, pairs: &[((String, String), f64)]) -> Result<Self, Vec<JudgmentFault>> {
        let n = names.len();
        let (names, mut faults) = named(Some(names), n);
        let position: BTreeMap<&str, usize> = names.iter().enumerate().map(|(at, name)| (name.as_str(), at)).collect();
        // Of each unordered pair the judgment that came first, as typed, and whether it ran in the order of the names.
        let mut judged: BTreeMap<(usize, usize), (f64, bool)> = BTreeMap::new();
        let mut draft = Draft::new(n);
        for ((first, second), value) in pairs {
            let value = *value;
            let at = [first, second].map(|name| position.get(name.as_str()).copied());
            for (name, _) in [first, second].into_iter().zip(at).filter(|(_, at)| at.is_none()) {
                let fault = JudgmentFault::UnknownName { name: name.clone(), nearest: nearest(name, &names) };
                if !faults.contains(&fault) {
                    faults.push(fault);
                }
            }
            if !accepted(value) {
                faults.push(JudgmentFault::PairEntry { first: first.clone(), second: second.clone(), value });
            }
            let [Some(row), Some(column)] = at else { continue };
            if row == column {
                faults.push(JudgmentFault::SelfJudgment { name: first.clone() });
                continue;
            }
            let forward = row < column;
            match judged.entry((row.min(column), row.max(column))) {
                Entry::Vacant(place) => {
                    // A refused value still answers the pair, which is then not called missing as well.
                    place.insert((value, forward));
                    if accepted(value) {
                        draft.put(row, column, value);
                    }
                }
                Entry::Occupied(place) if accepted(value) && accepted(place.get().0) => {
                    let (earlier, earlier_forward) = *place.get();
                    let agrees = if forward == earlier_forward {
                        (value / earlier - 1.0).abs() <= Self::EXACT_DEVIATION
                    } else {
                        draft.settle(row, column, value, earlier)
                    };
                    if !agrees {
                        let earlier = if forward == earlier_forward { earlier } else { 1.0 / earlier };
                        let (first, second) = (first.clone(), second.clone());
                        faults.push(JudgmentFault::Contradiction { first, second, earlier, later: value });
                    }
                }
                Entry::Occupied(_) => {}
            }
        }
        let missing: Vec<(String, String)> = (0..n)
            .flat_map(|row| (row + 1..n).map(move |column| (row, column)))
            .filter(|pair| !judged.contains_key(pair))
            .map(|(row, column)| (names[row].clone(), names[column].clone()))
            .collect();
        if !missing.is_empty() {
            faults.push(JudgmentFault::MissingPairs { pairs: missing });
        }
        finish(draft, names, faults)
    }

    /// The number of things compared, n ≥ 1.
    pub fn n(&self) -> usize {
        self.names.len()
    }

    /// The things, in the order of the rows.
    pub fn names(&self) -> &[String] {
        &self.names
    }

    /// The reciprocal matrix `(n, n)`, row by row.
    pub fn matrix(&self) -> &[f64] {
        &self.matrix
    }

    /// The entry at (row, column), from 0; `None` outside the matrix.
    pub fn get(&self, row: usize, column: usize) -> Option<f64> {
        let n = self.n();
        (row < n && column < n).then(|| self.matrix[row * n + column])
    }

    /// The same judgments but for one, which may lie from 1e-300 to 1e300 (clamped); its roundings are forgotten.
    #[must_use]
    pub(super) fn with(mut self, row: usize, column: usize, value: f64) -> Self {
        let n = self.n();
        let (row, column, high) = if value >= 1.0 { (row, column, value) } else { (column, row, 1.0 / value) };
        let high = high.min(Self::MAX_ENTRY);
        self.matrix[row * n + column] = high;
        self.matrix[column * n + row] = 1.0 / high;
        self.roundings.retain(|r| (r.row, r.column) != (row, column) && (r.row, r.column) != (column, row));
        self
    }

    /// Judgments that were typed as rounded reciprocals, in the order in which they were met.
    pub fn roundings(&self) -> &[Rounding] {
        &self.roundings
    }

    /// The rounding with the largest deviation.
    pub fn largest_rounding(&self) -> Option<&Rounding> {
        self.roundings.iter().max_by(|a, b| a.deviation.total_cmp(&b.deviation))
    }
}

fn finish(draft: Draft, names: Vec<String>, faults: Vec<JudgmentFault>) -> Result<Judgments, Vec<JudgmentFault>> {
    let (matrix, roundings) = draft.finish();
    if faults.is_empty() { Ok(Judgments { names, matrix, roundings }) } else { Err(faults) }
}

/// Names for `n` rows and what is wrong with them.
fn named(names: Option<Vec<String>>, n: usize) -> (Vec<String>, Vec<JudgmentFault>) {
    let mut faults = Vec::new();
    if n == 0 {
        faults.push(JudgmentFault::Nothing);
    }
    let names = names.unwrap_or_else(|| (1..=n).map(|at| at.to_string()).collect());
    if names.len() != n {
        faults.push(JudgmentFault::NameCount { names: names.len(), rows: n });
    }
    let mut seen: BTreeMap<&str, usize> = BTreeMap::new();
    for (at, name) in names.iter().enumerate() {
        if name.is_empty() {
            faults.push(JudgmentFault::EmptyName { at });
        } else if let Some(&first) = seen.get(name.as_str()) {
            faults.push(JudgmentFault::RepeatedName { name: name.clone(), first, second: at });
        } else {
            seen.insert(name, at);
        }
    }
    (names, faults)
}

pub(super) fn accepted(value: f64) -> bool {
    (Judgments::MIN_ENTRY..=Judgments::MAX_ENTRY).contains(&value)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn names(text: &str) -> Vec<String> {
        text.split(' ').map(str::to_owned).collect()
    }

    fn pairs(list: &[(&str, &str, f64)]) -> Vec<((String, String), f64)> {
        list.iter().map(|&(a, b, x)| ((a.to_owned(), b.to_owned()), x)).collect()
    }

    fn texts<T>(result: Result<T, Vec<JudgmentFault>>) -> Vec<String> {
        result.err().unwrap().iter().map(ToString::to_string).collect()
    }

    #[test]
    fn three_ways_in_give_the_same_bits() {
        let third = 1.0 / 3.0;
        let matrix =
            Judgments::from_matrix(Some(names("a b c")), &[vec![1.0, third, 0.2], vec![3.0, 1.0, 0.5], vec![5.0, 2.0, 1.0]]).unwrap();
        let upper = Judgments::from_upper(Some(names("a b c")), &[vec![third, 0.2], vec![0.5]]).unwrap();
        let with_empty_row = Judgments::from_upper(Some(names("a b c")), &[vec![third, 0.2], vec![0.5], vec![]]).unwrap();
        let named = Judgments::from_pairs(names("a b c"), &pairs(&[("c", "b", 2.0), ("a", "b", third), ("a", "c", 0.2)])).unwrap();
        assert_eq!(matrix.matrix(), [1.0, third, 0.2, 3.0, 1.0, 0.5, 5.0, 2.0, 1.0]);
        assert!(matrix == upper && upper == named && named == with_empty_row);
        assert!(matrix.roundings().is_empty() && matrix.largest_rounding().is_none());
        assert_eq!((matrix.get(2, 0), matrix.get(3, 0), matrix.get(0, 3)), (Some(5.0), None, None));
    }

    #[test]
    fn one_thing_needs_no_judgment() {
        let one = [
            Judgments::from_matrix(None, &[vec![1.0]]),
            Judgments::from_upper(None, &[]),
            Judgments::from_upper(Some(names("1")), &[]),
            Judgments::from_pairs(names("1"), &[]),
        ];
        for judgments in one {
            let judgments = judgments.unwrap();
            assert_eq!((judgments.names(), judgments.matrix()), (&names("1")[..], &[1.0][..]));
        }
    }

    /// 0.33 and 0.14 as typed for 1/3 and 1/7: off by 1 % and 2 %, restored exactly; the same when listed the other way round.
    #[test]
    fn rounded_reciprocals_are_restored_and_reported() {
        let typed = [vec![1.0, 0.33, 7.0], vec![3.0, 1.0, 2.0], vec![0.14, 0.5, 1.0]];
        let judgments = Judgments::from_matrix(None, &typed).unwrap();
        assert_eq!(judgments.matrix(), [1.0, 1.0 / 3.0, 7.0, 3.0, 1.0, 2.0, 1.0 / 7.0, 0.5, 1.0]);
        let largest = judgments.largest_rounding().unwrap();
        assert_eq!((largest.row, largest.column, largest.entry, largest.reciprocal), (2, 0, 0.14, 7.0));
        assert!((largest.deviation - 0.02).abs() < 1e-15);
        assert_eq!(
            judgments.roundings()[0].to_string(),
            "row 1, column 2: `0.33` is a rounded reciprocal of 3 (off by 1.00 %), used 0.3333333333333333"
        );
        let back: Vec<Vec<f64>> = (0..3).map(|i| (0..3).map(|j| typed[2 - i][2 - j]).collect()).collect();
        let back = Judgments::from_matrix(None, &back).unwrap();
        let reversed: Vec<f64> = judgments.matrix().iter().rev().copied().collect();
        assert_eq!(back.matrix(), reversed);
    }

    /// 1.01 on both sides names no winner; 0.97 and 0.99 neither, but there the larger is kept as for every other pair.
    #[test]
    fn pairs_on_the_same_side_of_one() {
        let even = Judgments::from_matrix(None, &[vec![1.0, 1.01], vec![1.01, 1.0]]).unwrap();
        assert_eq!(even.matrix(), [1.0, 1.0, 1.0, 1.0]);
        assert_eq!(even.roundings().len(), 1);
        let below = Judgments::from_matrix(None, &[vec![1.0, 0.97], vec![0.99, 1.0]]).unwrap();
        assert_eq!(below.matrix(), [1.0, 1.0 / 0.99, 0.99, 1.0]);
    }

    #[test]
    fn entries_that_are_no_judgments() {
        for bad in [0.0, -0.0, -3.0, f64::NAN, f64::INFINITY, f64::NEG_INFINITY, 1e308, 1e-310] {
            for result in [Judgments::from_matrix(None, &[vec![1.0, bad], vec![0.5, 1.0]]), Judgments::from_upper(None, &[vec![bad]])] {
                let faults = result.unwrap_err();
                assert!(matches!(faults[..], [JudgmentFault::Entry { row: 0, column: 1, .. }]), "{bad}: {faults:?}");
            }
            let faults = Judgments::from_pairs(names("a b"), &pairs(&[("a", "b", bad)])).unwrap_err();
            assert!(matches!(faults[..], [JudgmentFault::PairEntry { .. }]), "{bad}: {faults:?}");
        }
    }

    /// One text for each fault, and all faults of an input at once.
    #[test]
    fn every_fault_says_what_and_where() {
        assert_eq!(texts(Judgments::from_matrix(None, &[])), ["nothing to compare: found no rows and no names, expected at least one"]);
        assert_eq!(
            texts(Judgments::from_matrix(
                Some(names("a b a")),
                &[vec![1.0, 3.0, -1.0, 2.0], vec![3.0, 2.0, f64::NAN, 1.0], vec![1.0], vec![1e300, 1.0, 1.0, 1.0]]
            )),
            [
                "found 3 names for a matrix of 4 rows, expected 4",
                "name `a` stands at 1 and 3, expected once",
                "row 3 has 1 entries, expected 4",
                "row 1, column 3: found `-1`, expected a number from 1e-300 to 1e300",
                "row 2, column 2: found `2` on the diagonal, expected 1",
                "row 2, column 3: found `NaN`, expected a number from 1e-300 to 1e300",
                "row 1, column 2 is `3` but row 2, column 1 is `3`: found a product of 9, expected 1 within 0.05",
                "row 1, column 4 is `2` but row 4, column 1 is `1e300`: found a product of 2e300, expected 1 within 0.05",
            ]
        );
        assert_eq!(
            texts(Judgments::from_matrix(None, &[vec![1.0, 1e300], vec![1e300, 1.0]])),
            ["row 1, column 2 is `1e300` but row 2, column 1 is `1e300`: found a product of more than 1e308, expected 1 within 0.05"]
        );
        assert_eq!(
            texts(Judgments::from_upper(Some(names("a b c d")), &[vec![1.0, 2.0], vec![1.0, 2.0]])),
            ["found 2 rows above the diagonal, expected 3", "row 1 has 2 entries, expected 3"]
        );
        assert_eq!(
            texts(Judgments::from_pairs(
                names("registration operation violations x"),
                &pairs(&[
                    ("registration", "operatoin", 2.0),
                    ("registration", "violations", 0.0),
                    ("x", "x", 1.0),
                    ("x", "violations", 3.0),
                    ("violations", "x", 3.0),
                    ("operation", "violations", 2.0),
                    ("operation", "violations", 4.0),
                    ("zzz", "x", 4.0),
                ])
            )),
            [
                "`operatoin` is not among the things compared, did you mean `operation`?",
                "`registration:violations`: found `0`, expected a number from 1e-300 to 1e300",
                "`x:x` compares `x` with itself, expected two different names",
                "`violations:x` is judged twice: found `3` after `0.3333333333333333`, expected one judgment",
                "`operation:violations` is judged twice: found `4` after `2`, expected one judgment",
                "`zzz` is not among the things compared",
                "found no judgment for `registration:operation`, `registration:x`, `operation:x`, expected every pair once",
            ]
        );
        assert!(Judgments::from_pairs(names("a b"), &pairs(&[("a", "b", 3.0), ("a", "b", 3.0)])).is_ok());
        let many = texts(Judgments::from_pairs(names("a b c d e f"), &[]));
        assert!(many[0].ends_with("`b:f`, `c:d` and 5 more (15 pairs in all), expected every pair once"), "{}", many[0]);
        assert_eq!(texts(Judgments::from_upper(Some(vec![String::new()]), &[])), ["name 1 is empty"]);
    }
}
