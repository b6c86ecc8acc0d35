//! A panel: what several experts say about the children of one node, their own consistency, and the group's weights.

use std::fmt;
use std::str::FromStr;

use serde::Serialize;

use super::agreement::{Consensus, Dispute, consensus, kendalls_w, ranked_disputes};
use super::completion::Completion;
use super::fault::JudgmentFault;
use super::group::{Mean, aggregate_judgments, aggregate_priorities, aligned};
use super::incomplete::Incomplete;
use super::judgments::Judgments;
use super::priority::{Method, compensated_sum};
use super::random_index::{RandomIndex, UnknownChoice, choose};
use super::weights::Weights;

/// How several experts become one.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum How {
    /// The geometric mean of each judgment (AIJ): the group is treated as one person.
    #[default]
    Judgments,
    /// The geometric mean of the weights (AIP): each expert keeps his own view.
    Priorities,
}

/// What is asked of a panel.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct PanelOptions {
    /// How several experts become one.
    pub how: How,
    /// How weights follow from judgments.
    pub method: Method,
    /// The table of the random index.
    pub random_index: RandomIndex,
    /// Experts with a larger CR are left out; nobody where absent.
    pub max_cr: Option<f64>,
}

/// One expert of a panel.
#[derive(Debug, Clone, PartialEq)]
pub struct Member {
    /// The judgments, gaps filled by [`filling`].
    pub judgments: Judgments,
    /// Their weights. CI is that of the filled judgments.
    pub weights: Weights,
    /// RI(n, m) for the m judgments that are missing: [`RandomIndex::value_with_missing`].
    pub ri: f64,
    /// CI/RI(n, m); 0 where nothing can contradict.
    pub cr: f64,
    /// The pairs that were not judged, row < column.
    pub missing: Vec<(usize, usize)>,
    /// Whether the expert counts in the group.
    pub counts: bool,
    /// The likeness to the group of all others where it is below [`Judgments::LOOKS_TRANSPOSED`]: with rows and columns exchanged, this
    /// expert would agree with them about as much as he now contradicts them. `None` where there is no other expert.
    pub looks_transposed: Option<f64>,
}

/// The group's weights and how far its members agree.
#[derive(Debug, Clone, PartialEq)]
pub struct Panel {
    /// The experts, in the order in which they were given; things in the order of the first.
    pub members: Vec<Member>,
    /// The group's judgments, by [`How::Judgments`]; gaps that no expert judged are filled.
    pub judgments: Option<Judgments>,
    /// Pairs that no expert who counts has judged, row < column; filled in `judgments`.
    pub missing: Vec<(usize, usize)>,
    /// The group's weights, in the order of the first expert's things.
    pub values: Vec<f64>,
    /// The consistency of the group's judgments.
    pub weights: Option<Weights>,
    /// Goepel's consensus of the experts who count.
    pub consensus: Consensus,
    /// Kendall's W of their ranks.
    pub kendalls_w: Option<f64>,
    /// Their judgments, the most disputed first; gaps are no opinion.
    pub disputes: Vec<Dispute>,
}

impl How {
    /// Both ways, the default first.
    pub const ALL: [Self; 2] = [Self::Judgments, Self::Priorities];

    /// The name in files, options and output.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Judgments => "judgments",
            Self::Priorities => "priorities",
        }
    }
}

impl fmt::Display for How {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.as_str())
    }
}

impl FromStr for How {
    type Err = UnknownChoice;

    fn from_str(text: &str) -> Result<Self, UnknownChoice> {
        choose("way to aggregate", text, &Self::ALL, Self::as_str)
    }
}

/// The completion whose filled judgments have the same weights by `method`: least λ for the eigenvector, least squares for the geometric
/// mean. For the column mean there is none, and least squares serves.
pub const fn filling(method: Method) -> Completion {
    match method {
        Method::Eigenvector => Completion::LeastLambda,
        Method::GeometricMean | Method::ColumnMean => Completion::LeastSquares,
    }
}

impl Incomplete {
    /// All judgments, those that are missing filled in by `completion`; the stated ones keep their bits.
    pub fn filled(&self, completion: Completion) -> Judgments {
        let weights = self.weights(completion, RandomIndex::default());
        weights.filled.iter().fold(self.with_ones().clone(), |judgments, gap| judgments.with(gap.row, gap.column, gap.value))
    }
}

/// The panel of these experts, all with one voice.
///
/// A pair is aggregated over those who judged it. Where that is nobody, the gap is filled from the group's other judgments as
/// [`filling`] says.
///
/// # Errors
/// No experts, or none within [`PanelOptions::max_cr`]; an expert who compares other things than the first; judgments that do not link all
/// things once experts are left out.
pub fn panel(experts: &[Incomplete], options: PanelOptions) -> Result<Panel, Vec<JudgmentFault>> {
    let PanelOptions { how, method, random_index, max_cr } = options;
    let mut faults = Vec::new();
    aligned(experts.iter().map(Incomplete::names), &mut faults);
    if !faults.is_empty() {
        return Err(faults);
    }
    let mut members: Vec<Member> = experts
        .iter()
        .map(|one| {
            let judgments = one.filled(filling(method));
            let weights = judgments.weights(method, random_index);
            let missing = one.missing();
            let ri = random_index.value_with_missing(one.n(), missing.len());
            let cr = if ri > 0.0 { weights.ci() / ri } else { 0.0 };
            let counts = max_cr.is_none_or(|limit| cr <= limit);
            Member { judgments, weights, ri, cr, missing, counts, looks_transposed: None }
        })
        .collect();
    let all: Vec<Judgments> = members.iter().map(|member| member.judgments.clone()).collect();
    for (at, member) in members.iter_mut().enumerate() {
        let mut voices = vec![1.0; all.len()];
        voices[at] = 0.0;
        // The only expert has nobody beside him.
        let Ok(others) = aggregate_judgments(&all, Some(&voices)) else { continue };
        member.looks_transposed = member.judgments.likeness(&others).filter(|likeness| *likeness < Judgments::LOOKS_TRANSPOSED);
    }
    let counted: Vec<&Incomplete> = experts.iter().zip(&members).filter(|(_, member)| member.counts).map(|(one, _)| one).collect();
    let weights: Vec<Weights> = members.iter().filter(|member| member.counts).map(|member| member.weights.clone()).collect();
    let consensus = consensus(&weights)?;
    let kendalls_w = kendalls_w(&weights)?;
    let disputes = ranked_disputes(&counted)?;
    let mut group =
        Panel { members, judgments: None, missing: Vec::new(), values: Vec::new(), weights: None, consensus, kendalls_w, disputes };
    match how {
        How::Priorities => group.values = aggregate_priorities(&weights, None, Mean::Geometric)?,
        How::Judgments => {
            let known = known_by_someone(&counted)?;
            let judgments = known.filled(filling(method));
            let weights = judgments.weights(method, random_index);
            group.missing = known.missing();
            group.values = weights.values().to_vec();
            (group.judgments, group.weights) = (Some(judgments), Some(weights));
        }
    }
    // INVARIANT of the parts above: sum 1 within 1e-15.
    debug_assert!((compensated_sum(&group.values) - 1.0).abs() <= 1e-14);
    Ok(group)
}

/// The geometric mean of each pair over those who judged it; in the order of the first expert's things.
fn known_by_someone(experts: &[&Incomplete]) -> Result<Incomplete, Vec<JudgmentFault>> {
    let Some(first) = experts.first() else { return Err(vec![JudgmentFault::NoExperts]) };
    let names = first.names().to_vec();
    let mut pairs: Vec<((String, String), f64)> = Vec::new();
    for (at, a) in names.iter().enumerate() {
        for b in names.iter().skip(at + 1) {
            let pair = |one: &&Incomplete| {
                let place = |name: &String| one.names().iter().position(|other| other == name);
                let (row, column) = (place(a)?, place(b)?);
                let sides = vec![vec![1.0, one.get(row, column)?], vec![one.get(column, row)?, 1.0]];
                Judgments::from_matrix(Some(vec![a.clone(), b.clone()]), &sides).ok()
            };
            let said: Vec<Judgments> = experts.iter().filter_map(pair).collect();
            if said.is_empty() {
                continue;
            }
            let both = aggregate_judgments(&said, None)?;
            // The side ≥ 1 is stated, from which the other follows with the same bits.
            match (both.get(0, 1), both.get(1, 0)) {
                (Some(up), _) if up >= 1.0 => pairs.push(((a.clone(), b.clone()), up)),
                (_, Some(down)) => pairs.push(((b.clone(), a.clone()), down)),
                _ => {}
            }
        }
    }
    Incomplete::from_pairs(names, &pairs)
}

#[cfg(test)]
mod tests {
    use super::*;
    use approx::assert_relative_eq;

    const BLANK: f64 = f64::NAN;
    const OPTIONS: PanelOptions =
        PanelOptions { how: How::Judgments, method: Method::Eigenvector, random_index: RandomIndex::Saaty1980, max_cr: None };

    fn expert(rows: &[&[f64]]) -> Incomplete {
        Incomplete::from_upper(None, &rows.iter().map(|row| row.to_vec()).collect::<Vec<_>>()).unwrap()
    }

    /// By hand: 2 and 8 have the mean 4; 3 was said by one only; √(6·24) = 12. Consistent: 12 : 3 : 1 of 16.
    #[test]
    fn a_pair_is_the_mean_of_those_who_judged_it() {
        let experts = [expert(&[&[2.0, 6.0], &[3.0]]), expert(&[&[8.0, 24.0], &[BLANK]])];
        let group = panel(&experts, OPTIONS).unwrap();
        for (found, expected) in group.values.iter().zip([12.0 / 16.0, 3.0 / 16.0, 1.0 / 16.0]) {
            assert_relative_eq!(*found, expected, max_relative = 1e-14);
        }
        assert_eq!(group.judgments.as_ref().unwrap().get(1, 2), Some(3.0));
        assert_eq!((group.missing.len(), group.members[1].missing.as_slice()), (0, &[(1, 2)][..]));
        assert!(group.members.iter().all(|member| member.cr < 1e-15 && member.counts && member.looks_transposed.is_none()));
        // Two said 2 and 8, two 6 and 24, one 3: a gap is no opinion.
        let disputed = group.disputes.iter().find(|dispute| (dispute.row, dispute.column) == (1, 2)).unwrap();
        assert_eq!((disputed.sides, disputed.spread), ([1, 0, 0], 1.0));
    }

    #[test]
    fn what_nobody_judged_is_filled_with_the_same_weights() {
        let experts = [expert(&[&[2.0, BLANK, 5.0], &[3.0, BLANK], &[2.0]]), expert(&[&[4.0, BLANK, 5.0], &[3.0, BLANK], &[BLANK]])];
        for method in [Method::Eigenvector, Method::GeometricMean] {
            let group = panel(&experts, PanelOptions { method, ..OPTIONS }).unwrap();
            assert_eq!(group.missing, [(0, 2), (1, 3)]);
            let pairs = expert(&[&[8_f64.sqrt(), BLANK, 5.0], &[3.0, BLANK], &[2.0]]);
            let direct = pairs.weights(filling(method), RandomIndex::Saaty1980);
            for (found, expected) in group.values.iter().zip(&direct.values) {
                assert_relative_eq!(*found, *expected, max_relative = 1e-9);
            }
        }
    }

    #[test]
    fn the_inconsistent_are_left_out_when_that_is_asked() {
        let fine = expert(&[&[2.0, 4.0], &[2.0]]);
        let wild = expert(&[&[9.0, 1.0 / 9.0], &[9.0]]);
        let group = panel(&[fine.clone(), wild.clone()], PanelOptions { max_cr: Some(0.1), ..OPTIONS }).unwrap();
        assert_eq!(group.members.iter().map(|member| member.counts).collect::<Vec<_>>(), [true, false]);
        assert_eq!(group.values, fine.complete().unwrap().weights(Method::Eigenvector, RandomIndex::Saaty1980).values());
        let with = panel(&[fine.clone(), wild.clone()], OPTIONS).unwrap();
        assert!(with.members[1].counts && with.members[1].cr > 1.0 && with.values != group.values);
        assert_eq!(panel(&[wild], PanelOptions { max_cr: Some(0.1), ..OPTIONS }).unwrap_err(), [JudgmentFault::NoExperts]);
        assert!(panel(&[fine, expert(&[&[2.0]])], OPTIONS).is_err());
    }

    /// √(.5·.2), √(.25·.6), √(.25·.2) divided by their sum.
    #[test]
    fn priorities_by_the_geometric_mean() {
        let experts = [expert(&[&[2.0, 2.0], &[1.0]]), expert(&[&[1.0 / 3.0, 1.0], &[3.0]])];
        let group = panel(&experts, PanelOptions { how: How::Priorities, ..OPTIONS }).unwrap();
        let raw = [0.1_f64.sqrt(), 0.15_f64.sqrt(), 0.05_f64.sqrt()];
        for (found, raw_value) in group.values.iter().zip(raw) {
            assert_relative_eq!(*found, raw_value / raw.iter().sum::<f64>(), max_relative = 1e-14);
        }
        assert!(group.judgments.is_none() && group.weights.is_none());
    }

    /// Three agree and one has rows and columns exchanged: he alone is named. Of two who contradict each other, both are.
    #[test]
    fn the_transposed_one_is_named() {
        let experts = [
            expert(&[&[3.0, 5.0], &[2.0]]),
            expert(&[&[2.0, 5.0], &[3.0]]),
            expert(&[&[1.0 / 3.0, 1.0 / 6.0], &[0.5]]),
            expert(&[&[3.0, 4.0], &[1.0]]),
        ];
        let named = |experts: &[Incomplete]| -> Vec<bool> {
            panel(experts, OPTIONS).unwrap().members.iter().map(|member| member.looks_transposed.is_some()).collect()
        };
        assert_eq!(named(&experts), [false, false, true, false]);
        assert_eq!(named(&experts[1..3]), [true, true]);
        assert_eq!(named(&experts[..1]), [false]);
    }
}
