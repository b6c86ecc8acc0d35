//! New weights as a card states them: among siblings, with the judgments they imply, and the card itself.

use super::TuneFault;
use super::proposal::{Proposal, same_card};
use crate::ahp::Judgments;
use crate::card::{JudgmentsSpec, Scorecard, ScorecardSpec};
use crate::error::Error;
use indexmap::IndexMap;
use serde::Serialize;

/// A node whose children are weighed anew, and the pairwise judgments that come nearest to the new weights.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Implied {
    /// The node's id.
    pub node: String,
    /// Its children.
    pub children: Vec<String>,
    /// Their weights by the card, summing to 1.
    pub before: Vec<f64>,
    /// Their new weights, summing to 1.
    pub after: Vec<f64>,
    /// The new weights' ratios on the scale 1/9 … 9, row by row: each the nearest in logarithms; 9 beside a weight of 0, 1 between two.
    pub judgments: Vec<Vec<f64>>,
    /// The consistency ratio of these judgments, with the card's method and random index.
    pub cr: f64,
    /// Whether it is within the node's limit.
    pub consistent: bool,
    /// The weights that follow from these judgments.
    pub judged: Vec<f64>,
    /// By how much a weight from the judgments differs most from the new one.
    pub apart: f64,
}

/// A new card.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct NewCard {
    /// Its version; the last number of the old one plus one where absent.
    pub version: Option<String>,
    /// Its id; the old one's where absent.
    pub id: Option<String>,
    /// First day on which it holds (YYYY-MM-DD); the old card's days are dropped in any case.
    pub effective_from: Option<String>,
    /// Where it comes from: a sentence that is put behind the card's note.
    pub note: Option<String>,
}

/// Weights among siblings, rounded so that they still sum to 1.
pub(super) struct Locals<'c> {
    card: &'c Scorecard,
    /// By node: the weights of its children.
    nodes: Vec<Vec<f64>>,
}

/// What stands below a node.
enum Child {
    Node(usize),
    Indicator(usize),
}

fn child(card: &Scorecard, id: &str) -> Option<Child> {
    let node = card.nodes.iter().position(|node| node.id == id).map(Child::Node);
    node.or_else(|| card.indicators.iter().position(|indicator| indicator.id == id).map(Child::Indicator))
}

impl<'c> Locals<'c> {
    /// From weights of the indicators. Where all below a node weigh nothing the card's weights among them stay.
    pub(super) fn new(card: &'c Scorecard, weights: &[f64], decimals: u8) -> Self {
        let mut whole = vec![0.0; card.nodes.len()];
        card.indicators.iter().zip(weights).for_each(|(indicator, weight)| whole[indicator.parent] += weight);
        for at in (1..card.nodes.len()).rev() {
            if let Some(parent) = card.nodes[at].parent {
                whole[parent] += whole[at];
            }
        }
        let nodes = card.nodes.iter().enumerate().map(|(at, node)| {
            let below = |id: &String| match child(card, id) {
                Some(Child::Node(node)) => whole[node],
                Some(Child::Indicator(indicator)) => weights[indicator],
                None => 0.0,
            };
            if whole[at] > 0.0 { rounded(&node.children.iter().map(below).collect::<Vec<_>>(), decimals) } else { own(card, at) }
        });
        let nodes = nodes.collect();
        Self { card, nodes }
    }

    /// The card's own.
    pub(super) fn own(card: &'c Scorecard) -> Self {
        Self { card, nodes: (0..card.nodes.len()).map(|at| own(card, at)).collect() }
    }

    /// Weights of the indicators: products from the top down.
    pub(super) fn indicators(&self) -> Vec<f64> {
        let mut globals = vec![1.0; self.card.nodes.len()];
        let mut weights = vec![0.0; self.card.indicators.len()];
        for (at, (node, locals)) in self.card.nodes.iter().zip(&self.nodes).enumerate() {
            for (id, local) in node.children.iter().zip(locals) {
                match child(self.card, id) {
                    Some(Child::Node(below)) => globals[below] = globals[at] * local,
                    Some(Child::Indicator(below)) => weights[below] = globals[at] * local,
                    None => {}
                }
            }
        }
        weights
    }

    pub(super) fn implied(&self) -> Vec<Implied> {
        let siblings = self.card.nodes.iter().enumerate().zip(&self.nodes).filter(|((_, node), _)| node.children.len() > 1);
        siblings.filter_map(|((at, node), after)| implied(self.card, &node.id, &node.children, own(self.card, at), after)).collect()
    }
}

/// The card's own weights of a node's children.
fn own(card: &Scorecard, at: usize) -> Vec<f64> {
    let local = |id: &String| match child(card, id) {
        Some(Child::Node(node)) => card.nodes[node].local_weight,
        Some(Child::Indicator(indicator)) => card.indicators[indicator].local_weight,
        None => 0.0,
    };
    card.nodes.get(at).map(|node| node.children.iter().map(local).collect()).unwrap_or_default()
}

/// Weights as shares of their sum with so many decimals, summing to 1: the largest remainders are rounded up.
fn rounded(weights: &[f64], decimals: u8) -> Vec<f64> {
    let unit = 10_f64.powi(i32::from(decimals));
    let sum = weights.iter().fold(0.0, |sum, weight| sum + weight);
    let exact: Vec<f64> = weights.iter().map(|weight| weight / sum * unit).collect();
    let mut whole: Vec<f64> = exact.iter().map(|value| value.floor()).collect();
    let left = (unit - whole.iter().fold(0.0, |sum, value| sum + value)).round().max(0.0) as usize;
    let mut order: Vec<usize> = (0..weights.len()).collect();
    order.sort_by(|a, b| (exact[*b] - whole[*b]).total_cmp(&(exact[*a] - whole[*a])).then(a.cmp(b)));
    order.iter().take(left).for_each(|at| whole[*at] += 1.0);
    whole.iter().map(|value| value / unit).collect()
}

fn implied(card: &Scorecard, node: &str, children: &[String], before: Vec<f64>, after: &[f64]) -> Option<Implied> {
    let rows: Vec<Vec<f64>> = after.iter().map(|a| after.iter().map(|b| on_scale(*a, *b)).collect()).collect();
    let settings = card.spec.ahp_of(node);
    let judgments = Judgments::from_matrix(Some(children.to_vec()), &rows).ok()?;
    let weights = judgments.weights(settings.method, settings.random_index);
    let judged = weights.values().to_vec();
    let apart = judged.iter().zip(after).fold(0.0_f64, |most, (judged, after)| most.max((judged - after).abs()));
    Some(Implied {
        node: node.to_owned(),
        children: children.to_vec(),
        before,
        after: after.to_vec(),
        judgments: rows,
        cr: weights.cr(),
        consistent: weights.cr() <= settings.max_cr,
        judged,
        apart,
    })
}

/// The judgment from 1/9 to 9 nearest to the ratio of two weights, in logarithms; of two as near, the one nearer to 1.
fn on_scale(a: f64, b: f64) -> f64 {
    let (large, small) = if a >= b { (a, b) } else { (b, a) };
    let whole = match (large > 0.0, small > 0.0) {
        (false, _) => 1.0,
        (true, false) => 9.0,
        (true, true) => {
            let ratio = large / small;
            // Half way between k and k + 1 in logarithms is √(k(k + 1)).
            (1..9).map(f64::from).take_while(|k| ratio > (k * (k + 1.0)).sqrt()).count() as f64 + 1.0
        }
    };
    if a >= b { whole } else { 1.0 / whole }
}

impl Proposal {
    /// The new card as TOML, inheritance resolved, the new weights stated node by node, everything else as it is. It is the card that was
    /// tuned with another version and a note; the proposal's gates are not asked, since a person decides.
    ///
    /// A tool that can edit the file itself keeps its comments by replacing [`Proposal::implied`]'s `after` there.
    ///
    /// # Errors
    /// [`Error::Judgments`] for another card than was tuned; [`Error::Tune`] for a tuning that stopped; [`Error::Scorecard`] where the result is no card, such as for a bad date.
    pub fn card(&self, card: &Scorecard, how: &NewCard) -> Result<String, Error> {
        same_card(&self.digest, card.digest())?;
        if self.indicators.is_empty() {
            let remedy = "the tuning stopped before it came to them; its verdict says why";
            return Err(Error::Tune(vec![TuneFault::None { what: "new weights".to_owned(), remedy }]));
        }
        let header = &card.spec().scorecard;
        let (id, version) = (&header.id, &header.version);
        let origin =
            format!("Weights tuned from {} outcomes ({} bad) of version {version} of `{id}`: {}.", self.rows, self.bad, self.words);
        new_card(card, how, &origin, |spec| {
            for implied in &self.implied {
                let weights: IndexMap<String, f64> = implied.children.iter().cloned().zip(implied.after.iter().copied()).collect();
                spec.judgments.insert(implied.node.clone(), JudgmentsSpec { weights: Some(weights), ..JudgmentsSpec::default() });
            }
        })
    }
}

/// A card changed by `change` as TOML, inheritance resolved, with another version and a note of where it comes from.
pub(super) fn new_card(card: &Scorecard, how: &NewCard, origin: &str, change: impl FnOnce(&mut ScorecardSpec)) -> Result<String, Error> {
    let mut spec = card.spec().clone();
    let header = &mut spec.scorecard;
    header.extends = None;
    header.effective_from = how.effective_from.clone();
    header.effective_until = None;
    header.version = how.version.clone().unwrap_or_else(|| next_version(&header.version));
    header.id = how.id.clone().unwrap_or_else(|| header.id.clone());
    let notes = [header.note.clone(), how.note.clone(), Some(origin.to_owned())];
    header.note = Some(notes.into_iter().flatten().collect::<Vec<_>>().join("\n"));
    change(&mut spec);
    let text = toml::to_string(&spec).map_err(|error| {
        let problem = crate::card::Problem::error(&[], format!("the new card cannot be written: {error}"));
        Error::Scorecard(vec![problem])
    })?;
    Scorecard::from_toml("new card", &text)?;
    Ok(text)
}

/// The last number of a version plus one: `2024.1` → `2024.2`; `-2` is put behind a version without a number at its end.
fn next_version(version: &str) -> String {
    let digits = version.chars().rev().take_while(char::is_ascii_digit).count();
    let (head, tail) = version.split_at(version.len() - digits);
    // A date's or year's last number is counted up like any other; say a version to have another.
    tail.parse::<u64>()
        .ok()
        .and_then(|last| last.checked_add(1))
        .map_or_else(|| format!("{version}-2"), |next| format!("{head}{next:0width$}", width = tail.len()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ratios_go_to_the_nearest_judgment() {
        // √2 = 1.41 lies half way between 1 and 2, √72 = 8.49 between 8 and 9.
        for (a, b, expected) in
            [(1.4, 1.0, 1.0), (1.42, 1.0, 2.0), (8.4, 1.0, 8.0), (8.5, 1.0, 9.0), (50.0, 1.0, 9.0), (1.0, 3.0, 1.0 / 3.0)]
        {
            assert_eq!(on_scale(a, b), expected, "{a} {b}");
        }
        assert_eq!((on_scale(0.0, 0.0), on_scale(0.2, 0.0), on_scale(0.0, 0.2)), (1.0, 9.0, 1.0 / 9.0));
    }

    #[test]
    fn rounded_weights_sum_to_one() {
        assert_eq!(rounded(&[1.0, 1.0, 1.0], 2), [0.34, 0.33, 0.33]);
        assert_eq!(rounded(&[0.123_456, 0.876_544], 4), [0.1235, 0.8765]);
        assert_eq!(rounded(&[0.0, 2.0], 4), [0.0, 1.0]);
    }

    #[test]
    fn versions_count_up() {
        for (old, new) in [("1", "2"), ("2024.1", "2024.2"), ("2024.09", "2024.10"), ("1.9", "1.10"), ("draft", "draft-2"), ("v", "v-2")] {
            assert_eq!(next_version(old), new);
        }
    }
}
