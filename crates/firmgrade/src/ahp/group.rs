//! Several experts on the same things: their judgments or their weights as one, and who passes his own CR.

use std::cmp::Ordering;
use std::fmt;
use std::str::FromStr;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::fault::JudgmentFault;
use super::judgments::Judgments;
use super::priority::compensated_sum;
use super::random_index::{UnknownChoice, choose};
use super::weights::Weights;

/// The mean by which weights of several experts become one.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Mean {
    /// `Π w_ki^(p_k)`, divided by its sum; the one that keeps ratios: for geometric-mean weights it gives the same as aggregated judgments.
    #[default]
    Geometric,
    /// `Σ p_k·w_ki`
    Arithmetic,
}

impl Mean {
    /// Every mean, the default first.
    pub const ALL: [Self; 2] = [Self::Geometric, Self::Arithmetic];

    /// The name in files, options and output.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Geometric => "geometric",
            Self::Arithmetic => "arithmetic",
        }
    }
}

impl fmt::Display for Mean {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.as_str())
    }
}

impl FromStr for Mean {
    type Err = UnknownChoice;

    fn from_str(text: &str) -> Result<Self, UnknownChoice> {
        choose("mean", text, &Self::ALL, Self::as_str)
    }
}

/// The judgments of a group (AIJ), in the order of the first expert's things.
///
/// ```text
/// a_ij = Π_k a_kij^(p_k),  p_k = v_k/Σv
/// ```
///
/// `voices` are the experts' weights v ≥ 0, equal where there are none. Where all say the same, that is the result to the last bit.
/// The geometric mean is the only one that keeps reciprocity (Aczél & Saaty, *Procedures for synthesizing ratio judgements*, J. Math.
/// Psychology 27, 1983, 93–102; Forman & Peniwati, EJOR 108, 1998, 165–169).
///
/// # Errors
/// Every fault at once: no experts, an expert who compares other things than the first, voices of another number, negative, not
/// finite or all 0.
pub fn aggregate_judgments(experts: &[Judgments], voices: Option<&[f64]>) -> Result<Judgments, Vec<JudgmentFault>> {
    let (shares, mut faults) = shares(experts.len(), voices);
    let Some(first) = experts.first() else { return Err(faults) };
    let n = first.n();
    let orders: Vec<Vec<usize>> = aligned(experts.iter().map(Judgments::names), &mut faults);
    if !faults.is_empty() {
        return Err(faults);
    }
    let sides = |i: usize, j: usize| {
        let entry = |i: usize, j: usize| experts.iter().zip(&orders).map(move |(one, order)| one.matrix()[order[i] * n + order[j]]);
        let spoken = || shares.iter().zip(entry(i, j).zip(entry(j, i))).filter(|(share, _)| **share > 0.0);
        let mut said = spoken().map(|(_, sides)| sides);
        if let Some(one) = said.next()
            && said.all(|other| other == one)
        {
            return one;
        }
        // ln of the side ≥ 1: the other is a rounded reciprocal, and turning the things round must turn the sign only.
        let log: f64 = spoken().map(|(share, (up, down))| share * if up >= 1.0 { up.ln() } else { -down.ln() }).sum();
        let high = log.abs().exp().clamp(1.0, Judgments::MAX_ENTRY);
        if log >= 0.0 { (high, 1.0 / high) } else { (1.0 / high, high) }
    };
    let row = |i: usize| {
        let entry = |j: usize| match i.cmp(&j) {
            Ordering::Less => sides(i, j).0,
            Ordering::Equal => 1.0,
            Ordering::Greater => sides(j, i).1,
        };
        (0..n).map(entry).collect()
    };
    let rows: Vec<Vec<f64>> = (0..n).map(row).collect();
    Judgments::from_matrix(Some(first.names().to_vec()), &rows)
}

/// The weights of a group (AIP), in the order of the first expert's things; sum 1 within 1e-15.
///
/// # Errors
/// As [`aggregate_judgments`].
pub fn aggregate_priorities(experts: &[Weights], voices: Option<&[f64]>, mean: Mean) -> Result<Vec<f64>, Vec<JudgmentFault>> {
    let (shares, mut faults) = shares(experts.len(), voices);
    let orders = aligned(experts.iter().map(Weights::names), &mut faults);
    if !faults.is_empty() {
        return Err(faults);
    }
    let n = experts.first().map_or(0, |first| first.names().len());
    let of = |thing: usize| {
        let spoken = experts.iter().zip(&orders).zip(&shares).filter(|(_, share)| **share > 0.0);
        spoken.map(move |((one, order), share)| (one.values()[order[thing]], *share))
    };
    let raw: Vec<f64> = (0..n)
        .map(|thing| match mean {
            Mean::Arithmetic => of(thing).map(|(w, share)| share * w).sum(),
            // A weight of 0 stays 0: ln 0 = −∞.
            Mean::Geometric => of(thing).map(|(w, share)| share * w.ln()).sum::<f64>().exp(),
        })
        .collect();
    Ok(normalised(raw))
}

/// Which experts pass (`cr ≤ limit`), by position; the others are to be asked again or left out.
pub fn within_limit(experts: &[Weights], limit: f64) -> Vec<usize> {
    experts.iter().enumerate().filter(|(_, one)| one.cr() <= limit).map(|(at, _)| at).collect()
}

/// Divided by their sum; as they are if that is 0.
pub(super) fn normalised(mut values: Vec<f64>) -> Vec<f64> {
    let total = compensated_sum(&values);
    if total > 0.0 {
        values.iter_mut().for_each(|value| *value /= total);
    }
    values
}

/// Voices divided by their sum, and what is wrong with them.
fn shares(experts: usize, voices: Option<&[f64]>) -> (Vec<f64>, Vec<JudgmentFault>) {
    let mut faults = Vec::new();
    if experts == 0 {
        faults.push(JudgmentFault::NoExperts);
    }
    let Some(voices) = voices else { return (vec![1.0 / experts.max(1) as f64; experts], faults) };
    if voices.len() != experts {
        faults.push(JudgmentFault::VoiceCount { found: voices.len(), expected: experts });
    }
    let bad = voices.iter().enumerate().filter(|(_, voice)| !(0.0..=f64::MAX).contains(*voice));
    faults.extend(bad.map(|(at, &value)| JudgmentFault::Voice { at, value }));
    let largest = voices.iter().copied().fold(0.0, f64::max);
    if faults.is_empty() && !(largest > 0.0) {
        faults.push(JudgmentFault::NoVoice);
    }
    // By the largest first: three voices of 1e308 have no sum.
    (normalised(voices.iter().map(|voice| voice / largest).collect()), faults)
}

/// For each expert where the first one's things stand in his list.
pub(super) fn aligned<'e>(names: impl Iterator<Item = &'e [String]>, faults: &mut Vec<JudgmentFault>) -> Vec<Vec<usize>> {
    let lists: Vec<&[String]> = names.collect();
    let first = lists.first().copied().unwrap_or_default();
    let mut orders = Vec::with_capacity(lists.len());
    for (expert, list) in lists.iter().enumerate() {
        let lacking: Vec<String> = first.iter().filter(|name| !list.contains(name)).cloned().collect();
        let more: Vec<String> = list.iter().filter(|name| !first.contains(name)).cloned().collect();
        if !lacking.is_empty() || !more.is_empty() {
            faults.push(JudgmentFault::OtherThings { expert, lacking, more });
        }
        orders.push(first.iter().filter_map(|name| list.iter().position(|other| other == name)).collect());
    }
    orders
}

#[cfg(test)]
mod tests {
    use super::super::{Method, RandomIndex};
    use super::*;
    use approx::assert_relative_eq;

    fn expert(names: &str, rows: &[&[f64]]) -> Judgments {
        let rows: Vec<Vec<f64>> = rows.iter().map(|row| row.to_vec()).collect();
        Judgments::from_upper(Some(names.split(' ').map(str::to_owned).collect()), &rows).unwrap()
    }

    fn weigh(experts: &[Judgments], method: Method) -> Vec<Weights> {
        experts.iter().map(|one| one.weights(method, RandomIndex::Exact)).collect()
    }

    /// By hand: 2 and 8 have the mean 4, 3 and 1/3 the mean 1; with voices 3 : 1, 2^(3/4)·8^(1/4) = 2^(3/2). Listed otherwise, the same.
    #[test]
    fn judgments_by_hand() {
        let a = expert("a b c", &[&[2.0, 3.0], &[4.0]]);
        let b = expert("a b c", &[&[8.0, 1.0 / 3.0], &[4.0]]);
        let both = aggregate_judgments(&[a.clone(), b.clone()], None).unwrap();
        assert_relative_eq!(both.get(0, 1).unwrap(), 4.0, max_relative = 1e-15);
        assert_relative_eq!(both.get(0, 2).unwrap(), 1.0, max_relative = 1e-15);
        assert_eq!(both.get(1, 2), Some(4.0));
        let loud = aggregate_judgments(&[a.clone(), b], Some(&[3.0, 1.0])).unwrap();
        assert_relative_eq!(loud.get(0, 1).unwrap(), 8_f64.sqrt(), max_relative = 1e-15);
        let turned = expert("c b a", &[&[0.25, 1.0 / 3.0], &[0.5]]);
        let same = aggregate_judgments(&[a.clone(), turned], None).unwrap();
        assert_eq!(same.names(), a.names());
        for (found, expected) in same.matrix().iter().zip(a.matrix()) {
            assert_relative_eq!(*found, *expected, max_relative = 1e-15);
        }
        assert_eq!(aggregate_judgments(&[a.clone(), a.clone(), a.clone()], None).unwrap(), a);
        let silent = aggregate_judgments(&[a.clone(), expert("a b c", &[&[9.0, 9.0], &[9.0]])], Some(&[1.0, 0.0])).unwrap();
        assert_eq!(silent, a);
    }

    /// Forman & Peniwati 1998: for geometric means both ways of aggregating agree. The arithmetic mean of (1/3, 2/3), (2/3, 1/3) is ½.
    #[test]
    fn priorities_and_judgments_agree_for_geometric_means() {
        let experts = [expert("a b c", &[&[2.0, 3.0], &[4.0]]), expert("a b c", &[&[1.0 / 5.0, 7.0], &[2.0]])];
        let voices = [1.0, 2.5];
        let of_judgments = aggregate_judgments(&experts, Some(&voices)).unwrap().weights(Method::GeometricMean, RandomIndex::Exact);
        let of_weights = aggregate_priorities(&weigh(&experts, Method::GeometricMean), Some(&voices), Mean::Geometric).unwrap();
        for (a, b) in of_judgments.values().iter().zip(&of_weights) {
            assert_relative_eq!(*a, *b, max_relative = 1e-14);
        }
        let two = weigh(&[expert("a b", &[&[2.0]]), expert("b a", &[&[2.0]])], Method::Eigenvector);
        for mean in Mean::ALL {
            let found = aggregate_priorities(&two, None, mean).unwrap();
            assert_relative_eq!(found[0], 0.5, max_relative = 1e-15);
            assert_eq!(mean.as_str().parse(), Ok(mean));
        }
        assert_relative_eq!(aggregate_priorities(&two, Some(&[3.0, 1.0]), Mean::Arithmetic).unwrap()[0], 7.0 / 12.0, max_relative = 1e-15);
    }

    #[test]
    fn experts_beyond_the_limit_are_left_out() {
        let experts = weigh(&[expert("a b c", &[&[2.0, 6.0], &[3.0]]), expert("a b c", &[&[9.0, 1.0 / 9.0], &[9.0]])], Method::Eigenvector);
        assert_eq!(within_limit(&experts, 0.1), [0]);
        assert!(within_limit(&experts, f64::NAN).is_empty());
    }

    #[test]
    fn every_fault_says_what_and_where() {
        let texts = |result: Result<Judgments, Vec<JudgmentFault>>| -> Vec<String> {
            result.unwrap_err().iter().map(ToString::to_string).collect()
        };
        assert_eq!(texts(aggregate_judgments(&[], None)), ["found no experts, expected at least one"]);
        let a = expert("a b", &[&[2.0]]);
        assert_eq!(
            texts(aggregate_judgments(&[a.clone(), expert("a x", &[&[2.0]])], Some(&[1.0, -1.0, f64::NAN]))),
            [
                "found 3 voices for 2 experts, expected 2",
                "voice 2 is `-1`, expected a number from 0",
                "voice 3 is `NaN`, expected a number from 0",
                "expert 2 compares other things than the first: lacks `b`, has `x`",
            ]
        );
        assert_eq!(texts(aggregate_judgments(&[a], Some(&[0.0]))), ["all voices are 0, expected one above 0"]);
    }
}
