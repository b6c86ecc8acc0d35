//! Many weightings of one card: drawn around its judgments, or stated.

use crate::ahp::{JudgmentFault, NodeWeights, SplitMix64, Spread, Tree, quantile};
use crate::card::Scorecard;
use ndarray::{Array2, ArrayView2, s};
use rayon::prelude::*;
use serde::Serialize;

/// How weightings are drawn.
#[derive(Clone, Copy, Debug, PartialEq, Serialize)]
pub struct WeightingDraws {
    /// How many.
    pub draws: usize,
    /// The seed of [`SplitMix64`].
    pub seed: u64,
    /// How each judgment may have come out otherwise.
    pub spread: Spread,
    /// How each weight that the card states (direct or equal) may have: multiplied by `exp(stated · normal)` and divided by the sum of
    /// its siblings; from 0 (as stated) to 10.
    pub stated: f64,
}

impl Default for WeightingDraws {
    fn default() -> Self {
        Self { draws: 1000, seed: 1, spread: Spread::Steps(1), stated: 0.0 }
    }
}

/// Weightings of a card. Columns are the card's nodes, then its indicators, each in the order of the card.
#[derive(Clone, Debug, PartialEq)]
pub struct Weightings {
    digest: String,
    nodes: usize,
    /// Shape `(n_weightings, n_nodes + n_indicators)`, row by row, as the next.
    local: Array2<f64>,
    global: Array2<f64>,
}

/// Faults that are listed before the rest are only counted.
const SHOWN: usize = 20;

impl Weightings {
    /// The weightings of a card whose judgments are drawn anew, every node by itself, and multiplied down the tree. Node n (its position in
    /// [`Scorecard::nodes`]) draws as [`Judgments::monte_carlo`](crate::ahp::Judgments::monte_carlo) does from the seed
    /// [`SplitMix64::stream`]`(seed, n).next_u64()`, with the card's method: the same bits for any number of threads, and a longer run
    /// begins with the shorter one.
    ///
    /// # Errors
    /// Every fault at once: no draws, a spread outside [0, 10], a card of which nothing would vary.
    pub fn draw(card: &Scorecard, how: WeightingDraws) -> Result<Self, Vec<JudgmentFault>> {
        let mut faults: Vec<JudgmentFault> = how.spread.fault().into_iter().collect();
        faults.extend(Spread::LogNormal(how.stated).fault());
        if how.draws == 0 {
            faults.push(JudgmentFault::NoDraws);
        }
        let judged = card.nodes.iter().any(|node| matches!(node.weights, NodeWeights::Judged(_)));
        if !judged && how.stated == 0.0 {
            faults.push(JudgmentFault::NothingVaries);
        }
        if !faults.is_empty() {
            return Err(faults);
        }
        let mut local = Array2::zeros((how.draws, card.nodes.len() + card.indicators.len()));
        for mut row in local.rows_mut() {
            row.iter_mut().zip(own(card).0).for_each(|(to, weight)| *to = weight);
        }
        for (at, node) in (0_u64..).zip(&card.nodes) {
            let seed = SplitMix64::stream(how.seed, at).next_u64();
            let place = |id: &String| place(card, id);
            match (&node.weights, card.judgments(node)) {
                (NodeWeights::Judged(weights), Some(judgments)) => {
                    let drawn = judgments.monte_carlo(how.spread, how.draws, seed, weights.method())?;
                    for (name, column) in drawn.names.iter().zip(drawn.weights.columns()) {
                        if let Some(place) = place(name) {
                            local.column_mut(place).assign(&column);
                        }
                    }
                }
                (NodeWeights::Direct(_) | NodeWeights::Equal, _) if how.stated > 0.0 => {
                    let places: Vec<usize> = node.children.iter().filter_map(place).collect();
                    for (draw, mut row) in (0_u64..).zip(local.rows_mut()) {
                        let mut generator = SplitMix64::stream(seed, draw);
                        let mut sum = 0.0;
                        for place in &places {
                            row[*place] *= (how.stated * generator.normal()).exp();
                            sum += row[*place];
                        }
                        places.iter().for_each(|place| row[*place] /= sum);
                    }
                }
                _ => {}
            }
        }
        Ok(Self::down(card, local))
    }

    /// Stated weights of the indicators, shape `(n_weightings, n_indicators)`, in the order of the card. Each row sums to 1 within 1e-6;
    /// a sum within 1e-12 of 1 stays as typed, otherwise the row is divided by it. The weights of criteria are the sums of what lies below.
    /// A row that equals the card's own weights bit for bit is the card's own weighting.
    ///
    /// # Errors
    /// Every fault at once, the first 20 listed: no rows or indicators, rows of another length, weights outside [0, 1], rows that do not sum to 1.
    pub fn new(card: &Scorecard, weights: ArrayView2<'_, f64>) -> Result<Self, Vec<JudgmentFault>> {
        let indicators = card.indicators.len();
        if weights.ncols() != indicators {
            return Err(vec![JudgmentFault::WeightCount { found: weights.ncols(), expected: indicators }]);
        }
        if weights.is_empty() {
            return Err(vec![JudgmentFault::Nothing]);
        }
        let mut faults = Vec::new();
        for (at, row) in weights.rows().into_iter().enumerate() {
            let mut refuse = |fault| faults.push(JudgmentFault::InWeighting { at, fault: Box::new(fault) });
            let bad = row.iter().enumerate().filter(|(_, weight)| !(0.0..=f64::MAX).contains(*weight));
            let before = bad.map(|(at, &value)| refuse(JudgmentFault::Weight { at, value })).count();
            let sum = row.iter().fold(0.0, |sum, weight| sum + weight);
            if before == 0 && !((sum - 1.0).abs() <= Tree::SUM_TOLERANCE + Tree::SUM_EXACT) {
                refuse(JudgmentFault::WeightSum { sum });
            }
        }
        if !faults.is_empty() {
            let total = faults.len();
            faults.truncate(SHOWN);
            if total > SHOWN {
                faults.push(JudgmentFault::MoreFaults { shown: SHOWN, total });
            }
            return Err(faults);
        }
        let nodes = card.nodes.len();
        let parents = card.plan.sharing.parents();
        let (own_local, own_global) = own(card);
        let mut local = Array2::zeros((weights.nrows(), nodes + indicators));
        let mut global = Array2::zeros((weights.nrows(), nodes + indicators));
        for (typed, (mut local, mut global)) in weights.rows().into_iter().zip(local.rows_mut().into_iter().zip(global.rows_mut())) {
            if typed.iter().eq(own_global.iter().skip(nodes)) {
                local.iter_mut().zip(&own_local).for_each(|(to, from)| *to = *from);
                global.iter_mut().zip(&own_global).for_each(|(to, from)| *to = *from);
                continue;
            }
            let sum = typed.iter().fold(0.0, |sum, weight| sum + weight);
            let sum = if (sum - 1.0).abs() <= Tree::SUM_EXACT { 1.0 } else { sum };
            for (index, weight) in typed.iter().enumerate() {
                global[nodes + index] = weight / sum;
                global[card.plan.sharing.node(index)] += weight / sum;
            }
            for (node, parent) in parents.iter().enumerate().rev() {
                if let Some(parent) = *parent {
                    global[parent] += global[node];
                }
            }
            let leaves = (0..indicators).map(|index| Some(card.plan.sharing.node(index)));
            for (place, parent) in parents.iter().copied().chain(leaves).enumerate() {
                let whole = parent.map_or(global[place], |parent| global[parent]);
                local[place] = if whole > 0.0 { global[place] / whole } else { 0.0 };
            }
        }
        Ok(Self { digest: card.digest.clone(), nodes, local, global })
    }

    /// Global weights: products of the local ones, as [`Tree`] takes them.
    fn down(card: &Scorecard, local: Array2<f64>) -> Self {
        let mut global = local.clone();
        let wide = global.ncols().max(1);
        let sharing = &card.plan.sharing;
        let leaves = (0..card.indicators.len()).map(|index| Some(sharing.node(index)));
        let parents: Vec<Option<usize>> = sharing.parents().iter().copied().chain(leaves).collect();
        if let Some(rows) = global.as_slice_mut() {
            rows.par_chunks_mut(wide).for_each(|row| {
                for (place, parent) in parents.iter().enumerate() {
                    if let Some(above) = parent.and_then(|parent| row.get(parent)).copied()
                        && let Some(weight) = row.get_mut(place)
                    {
                        *weight *= above;
                    }
                }
            });
        }
        Self { digest: card.digest.clone(), nodes: card.nodes.len(), local, global }
    }

    /// How many there are.
    #[must_use]
    pub fn len(&self) -> usize {
        self.global.nrows()
    }

    /// Whether there are none.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// Weights among siblings, shape `(n_weightings, n_nodes + n_indicators)`, from 0 to 1; 1 for the root.
    #[must_use]
    pub fn local(&self) -> ArrayView2<'_, f64> {
        self.local.view()
    }

    /// Shares of the whole, shape `(n_weightings, n_nodes + n_indicators)`, from 0 to 1.
    #[must_use]
    pub fn global(&self) -> ArrayView2<'_, f64> {
        self.global.view()
    }

    /// The indicators' shares of the whole, shape `(n_weightings, n_indicators)`.
    #[must_use]
    pub fn indicators(&self) -> ArrayView2<'_, f64> {
        self.global.slice(s![.., self.nodes..])
    }

    /// The global weights below which the given shares of the weightings lie, shape `(n_shares, n_nodes + n_indicators)`: 0.025 and 0.975
    /// give the interval of 95 %. As [`MonteCarlo::quantiles`](crate::ahp::MonteCarlo::quantiles).
    #[must_use]
    pub fn quantiles(&self, shares: &[f64]) -> Array2<f64> {
        column_quantiles(self.global.view(), shares)
    }

    /// Whether these are weightings of that card.
    pub(super) fn is_of(&self, card: &Scorecard) -> bool {
        self.digest == card.digest
    }
}

/// Quantiles of each column, shape `(n_shares, n_columns)`; shares are held inside [0, 1].
pub(super) fn column_quantiles(values: ArrayView2<'_, f64>, shares: &[f64]) -> Array2<f64> {
    let mut found = Array2::zeros((shares.len(), values.ncols()));
    for (column, mut found) in values.columns().into_iter().zip(found.columns_mut()) {
        let mut sorted = column.to_vec();
        sorted.sort_by(f64::total_cmp);
        for (found, share) in found.iter_mut().zip(shares) {
            *found = quantile(&sorted, share.clamp(0.0, 1.0));
        }
    }
    found
}

/// The card's own local and global weights, nodes first.
fn own(card: &Scorecard) -> (Vec<f64>, Vec<f64>) {
    let nodes = card.nodes.iter().map(|node| (node.local_weight, node.weight));
    nodes.chain(card.indicators.iter().map(|indicator| (indicator.local_weight, indicator.weight))).unzip()
}

/// The column of a node or indicator.
fn place(card: &Scorecard, id: &String) -> Option<usize> {
    let leaf = || card.indicators.iter().position(|indicator| indicator.id == *id).map(|index| card.nodes.len() + index);
    card.nodes.iter().position(|node| node.id == *id).or_else(leaf)
}
