//! How the values of an indicator are spread over firms, and how far two spreads are apart.

use polars::prelude::*;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// How many groups the values of a number are counted in.
const GROUPS: usize = 10;

/// How many texts are counted by themselves.
const MOST_WORDS: usize = 20;

/// How the values of an indicator are spread over firms. Firms without a value are left out.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", tag = "of")]
pub enum Spread {
    /// Of a number. Quartiles lie between the two nearest values in proportion.
    Numbers {
        /// The least value.
        min: Option<f64>,
        /// A quarter of the firms lie below.
        lower_quartile: Option<f64>,
        /// Half of the firms lie below.
        median: Option<f64>,
        /// Three quarters of the firms lie below.
        upper_quartile: Option<f64>,
        /// The greatest value.
        max: Option<f64>,
        /// The mean.
        mean: Option<f64>,
        /// Upper bounds (closed) of all groups but the last; each group holds about a tenth of the firms, fewer groups where values repeat.
        bounds: Vec<f64>,
        /// Firms by group.
        counts: Vec<u64>,
    },
    /// Of a text or a flag.
    Words {
        /// The most frequent values and how many firms have each.
        top: Vec<(String, u64)>,
        /// Firms with another value.
        others: u64,
    },
}

/// How far a spread is from that of an earlier run.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Drift {
    /// The as-of day of the earlier run.
    pub since: String,
    /// The population stability index; below 0.1 is usually called stable, above 0.25 a shift.
    ///
    /// ```text
    /// PSI = Σ (p − q) ln(p / q)      over the groups of the earlier run, and over firms without a value
    /// ```
    ///
    /// A share of 0 counts as half a firm, for the logarithm of 0 is not finite.
    pub psi: f64,
    /// Coverage now less coverage then.
    pub coverage_change: f64,
}

impl Spread {
    /// The spread of a column of numbers, texts or flags.
    pub(crate) fn new(series: &Series) -> Self {
        if let Ok(values) = series.f64() {
            let mut values: Vec<f64> = values.iter().flatten().filter(|x| !x.is_nan()).collect();
            values.sort_unstable_by(f64::total_cmp);
            return Self::numbers(&values);
        }
        let mut counts: BTreeMap<String, u64> = BTreeMap::new();
        let mut add = |word: &str| match counts.get_mut(word) {
            Some(count) => *count += 1,
            None => {
                counts.insert(word.to_owned(), 1);
            }
        };
        match (series.str(), series.bool()) {
            (Ok(texts), _) => texts.iter().flatten().for_each(add),
            (_, Ok(flags)) => flags.iter().flatten().for_each(|flag| add(if flag { "true" } else { "false" })),
            _ => {}
        }
        let mut top: Vec<(String, u64)> = counts.into_iter().collect();
        // Stable, so that of two as frequent the first by bytes comes first.
        top.sort_by_key(|(_, count)| std::cmp::Reverse(*count));
        let others = top.iter().skip(MOST_WORDS).map(|(_, count)| count).sum();
        top.truncate(MOST_WORDS);
        for (word, _) in &mut top {
            *word = firmgrade::mask(word);
        }
        Self::Words { top, others }
    }

    /// Of values in order.
    fn numbers(values: &[f64]) -> Self {
        let mut bounds: Vec<f64> =
            (1..GROUPS).filter_map(|group| values.get((values.len() * group).div_ceil(GROUPS).max(1) - 1).copied()).collect();
        bounds.dedup();
        // The last group must hold something.
        while bounds.last().is_some_and(|bound| Some(bound) == values.last()) {
            bounds.pop();
        }
        let sum: f64 = values.iter().sum();
        Self::Numbers {
            min: values.first().copied(),
            lower_quartile: quantile(values, 0.25),
            median: quantile(values, 0.5),
            upper_quartile: quantile(values, 0.75),
            max: values.last().copied(),
            mean: (!values.is_empty()).then(|| sum / values.len() as f64),
            counts: grouped(values, &bounds),
            bounds,
        }
    }

    /// Firms by group of `earlier`, in which `series` is counted anew; the spread of another kind has none.
    fn as_in(series: &Series, earlier: &Self) -> Option<(Vec<u64>, Vec<u64>)> {
        match earlier {
            Self::Numbers { bounds, counts, .. } => {
                let mut values: Vec<f64> = series.f64().ok()?.iter().flatten().filter(|x| !x.is_nan()).collect();
                values.sort_unstable_by(f64::total_cmp);
                Some((grouped(&values, bounds), counts.clone()))
            }
            Self::Words { top, others } => {
                let Self::Words { top: now, others: rest } = Self::new(series) else { return None };
                let mut counts: Vec<u64> = top.iter().map(|(word, _)| now.iter().find(|(w, _)| w == word).map_or(0, |(_, n)| *n)).collect();
                let all: u64 = now.iter().map(|(_, count)| count).sum::<u64>() + rest;
                let named: u64 = counts.iter().sum();
                counts.push(all - named);
                Some((counts, top.iter().map(|(_, count)| *count).chain([*others]).collect()))
            }
        }
    }
}

impl Drift {
    /// How far a column is from an earlier spread of `firms` firms; `None` where the two cannot be held against each other.
    pub(crate) fn new(series: &Series, earlier: &Spread, firms: u64, since: &str) -> Option<Self> {
        let (mut now, mut then) = Spread::as_in(series, earlier)?;
        let (valued, valued_then): (u64, u64) = (now.iter().sum(), then.iter().sum());
        let all = series.len() as u64;
        now.push(all - valued);
        then.push(firms.checked_sub(valued_then)?);
        if all == 0 || firms == 0 {
            return None;
        }
        let share = |count: u64, all: u64| if count == 0 { 0.5 / all as f64 } else { count as f64 / all as f64 };
        let groups = now.iter().zip(&then).filter(|(now, then)| **now + **then > 0);
        let psi = groups.map(|(now, then)| (share(*now, all), share(*then, firms))).map(|(p, q)| (p - q) * (p / q).ln()).sum();
        let coverage_change = valued as f64 / all as f64 - valued_then as f64 / firms as f64;
        Some(Self { since: since.to_owned(), psi, coverage_change })
    }
}

/// Values in order, counted by groups that end (closed) with the bounds; the last has no bound.
fn grouped(values: &[f64], bounds: &[f64]) -> Vec<u64> {
    let mut ends: Vec<usize> = bounds.iter().map(|bound| values.partition_point(|x| x <= bound)).collect();
    ends.push(values.len());
    let starts = [0].into_iter().chain(ends.iter().copied());
    starts.zip(&ends).map(|(start, end)| (end - start) as u64).collect()
}

/// The value below which a share of the values in order lies, between the two nearest in proportion.
fn quantile(values: &[f64], share: f64) -> Option<f64> {
    let at = share * values.len().checked_sub(1)? as f64;
    let (low, high) = (values.get(at.floor() as usize)?, values.get(at.ceil() as usize)?);
    Some(low + (high - low) * at.fract())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn series(values: &[Option<f64>]) -> Series {
        Series::new("x".into(), values)
    }

    #[test]
    fn quartiles_lie_between_the_two_nearest_values() {
        // numpy.quantile([1, 2, 3, 4, 10], …) and of four values.
        let Spread::Numbers { min, lower_quartile, median, upper_quartile, max, mean, .. } =
            Spread::new(&series(&[Some(10.0), Some(1.0), None, Some(3.0), Some(2.0)]))
        else {
            panic!("expected numbers")
        };
        assert_eq!((min, lower_quartile, median, upper_quartile, max), (Some(1.0), Some(1.75), Some(2.5), Some(4.75), Some(10.0)));
        assert_eq!(mean, Some(4.0));
    }

    #[test]
    fn groups_hold_all_values_once() {
        let many: Vec<Option<f64>> = (0..1000).map(|i| Some(f64::from(i % 7))).chain([None]).collect();
        let Spread::Numbers { bounds, counts, .. } = Spread::new(&series(&many)) else { panic!("expected numbers") };
        assert_eq!((bounds.len() + 1, counts.iter().sum::<u64>()), (counts.len(), 1000));
        assert!(bounds.is_sorted_by(|a, b| a < b) && counts.iter().all(|count| *count > 0), "{bounds:?} {counts:?}");
        let Spread::Numbers { bounds, counts, .. } = Spread::new(&series(&[Some(0.0); 9])) else { panic!("expected numbers") };
        assert_eq!((bounds, counts), (vec![], vec![9]));
    }

    #[test]
    fn the_index_is_nothing_for_the_same_and_by_hand_for_another() {
        let then = Spread::new(&Series::new("x".into(), [Some("a"), Some("a"), Some("b"), None]));
        let same = Drift::new(&Series::new("x".into(), [Some("b"), None, Some("a"), Some("a")]), &then, 4, "2022-01-01").unwrap();
        assert_eq!((same.psi, same.coverage_change), (0.0, 0.0));
        let now = Drift::new(&Series::new("x".into(), [Some("a"), Some("b"), Some("b"), Some("c")]), &then, 4, "2022-01-01").unwrap();
        // Shares now 1/4, 1/2, 1/4 others, 0 missing; then 1/2, 1/4, 0 others, 1/4 missing; 0 counts as half a firm, 1/8.
        let by_hand = -0.25 * 0.5_f64.ln() + 0.25 * 2.0_f64.ln() + 0.125 * 2.0_f64.ln() - 0.125 * 0.5_f64.ln();
        assert!((now.psi - by_hand).abs() < 1e-15 && now.coverage_change == 0.25, "{now:?}");
    }
}
