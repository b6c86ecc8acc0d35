//! The firms as re-weighting sees them: the risk of every value, and what else a grade depends on beside weights.

use super::kernel::Branches;
use crate::card::{Indicator, Scorecard};
use crate::columns::Table;
use crate::error::Error;
use crate::grade::{GradeOptions, Graded, grade};
use crate::inspect::bind;
use crate::score::Plan;
use ndarray::Array2;
use rayon::prelude::*;
use std::collections::BTreeMap;
use std::ops::Range;

/// The risk of every value of every firm, ready to be weighed.
///
/// 8 bytes for each firm and indicator, and 1 for whether the value is there: 54 MB for 60,000 firms and 100 indicators.
#[derive(Clone, Debug)]
pub struct Utilities {
    pub(super) card: Scorecard,
    /// The firms by the card's own weights.
    pub(super) base: Graded,
    /// Shape `(n_firms, n_indicators)`, row by row; 0 where the weight is shared.
    pub(super) risks: Vec<f64>,
    /// 1 where the value is there, else 0; the same shape.
    pub(super) there: Vec<u8>,
    /// The firms, those alike in the values whose weight is shared side by side.
    pub(super) order: Vec<usize>,
    /// Ranges of `order` of firms that are alike.
    pub(super) alike: Vec<Alike>,
    pub(super) tree: Branches,
    /// What the rules that a firm hits make of each grade by score; the first changes nothing.
    pub(super) outcomes: Vec<Vec<u8>>,
    /// By firm: which of `outcomes`.
    pub(super) outcome: Vec<usize>,
}

/// Firms whose weights are shared alike.
#[derive(Clone, Debug)]
pub(super) struct Alike {
    /// Where they stand in [`Utilities::order`].
    pub(super) at: Range<usize>,
    /// By indicator: whether its weight stays with it; empty for firms that share nothing.
    pub(super) alive: Vec<bool>,
}

impl Utilities {
    /// Grades the firms by the card's own weights and keeps the risk of every value. Firms, tables and faults as for [`grade`](fn@grade).
    ///
    /// # Errors
    /// [`Error::Data`] with every fault of the data.
    pub fn new(card: &Scorecard, tables: &[Table<'_>]) -> Result<Self, Error> {
        let base = grade(card, tables, GradeOptions { reasons: 0, contributions: false })?;
        let bound = bind(card, tables).map_err(Error::Data)?;
        let full = |indicator: &Indicator| Indicator { weight: 1.0, ..indicator.clone() };
        // With a weight of 1 the points of a value are its risk.
        let plain = Plan::new(&card.nodes, &card.indicators.iter().map(full).collect::<Vec<_>>());
        let (risks, there) = plain.cells(&bound);
        let mut utilities = Self {
            card: card.clone(),
            tree: Branches::new(plain.sharing.parents(), (0..card.indicators.len()).map(|index| plain.sharing.node(index)).collect()),
            order: (0..base.score.len()).collect(),
            alike: Vec::new(),
            outcomes: vec![(0..=u8::MAX).take(card.grades.names.len()).collect()],
            outcome: vec![0; base.score.len()],
            base,
            risks,
            there,
        };
        utilities.group();
        utilities.outcomes_of_rules();
        Ok(utilities)
    }

    /// Puts firms side by side whose weights are shared alike; those that share nothing come first.
    fn group(&mut self) {
        let shared: Vec<usize> = self.card.plan.leaves.iter().enumerate().filter(|(_, leaf)| leaf.reweight).map(|(at, _)| at).collect();
        let wide = self.card.indicators.len().max(1);
        let (there, words) = (&self.there, shared.len().div_ceil(64));
        let mut missing = vec![0_u64; self.order.len() * words];
        missing.par_chunks_mut(words.max(1)).zip(there.par_chunks(wide)).for_each(|(words, there)| {
            for (word, shared) in words.iter_mut().zip(shared.chunks(64)) {
                let bit = |at: usize| u64::from(there.get(at).is_some_and(|there| *there == 0));
                *word = shared.iter().rev().fold(0, |word, at| word << 1 | bit(*at));
            }
        });
        let key = |firm: usize| missing.get(firm * words..(firm + 1) * words).unwrap_or_default();
        self.order.par_sort_unstable_by(|a, b| key(*a).cmp(key(*b)).then(a.cmp(b)));
        let mut start = 0;
        for firms in self.order.chunk_by(|a, b| key(*a) == key(*b)) {
            let Some(first) = firms.first().copied() else { continue };
            let cells = there.get(first * wide..(first + 1) * wide).unwrap_or_default();
            let leaves = self.card.plan.leaves.iter().zip(cells);
            let shares = key(first).iter().any(|word| *word != 0);
            let alive = if shares { leaves.map(|(leaf, there)| *there != 0 || !leaf.reweight).collect() } else { Vec::new() };
            self.alike.push(Alike { at: start..start + firms.len(), alive });
            start += firms.len();
        }
    }

    /// Rules look at columns, never at scores, so what a firm hits is the same under all weights.
    fn outcomes_of_rules(&mut self) {
        let mut known: BTreeMap<Vec<usize>, usize> = BTreeMap::new();
        for hits in self.base.hits.pairs.chunk_by(|a, b| a.0 == b.0) {
            let rules: Vec<usize> = hits.iter().map(|(_, rule)| *rule).collect();
            let next = self.outcomes.len();
            let found = *known.entry(rules.clone()).or_insert(next);
            if found == next {
                let actions: Vec<_> = rules.iter().filter_map(|rule| self.card.rules.get(*rule)).map(|rule| rule.action).collect();
                let through = |grade: u8| actions.iter().fold(grade, |grade, action| action.apply(grade, self.card.grades.ordered));
                let outcome = (0..=u8::MAX).take(self.card.grades.names.len()).map(through).collect();
                self.outcomes.push(outcome);
            }
            if let Some(slot) = hits.first().and_then(|(firm, _)| self.outcome.get_mut(*firm)) {
                *slot = found;
            }
        }
    }

    /// The card.
    #[must_use]
    pub fn card(&self) -> &Scorecard {
        &self.card
    }

    /// The firms graded by the card's own weights, without reasons.
    #[must_use]
    pub fn base(&self) -> &Graded {
        &self.base
    }

    /// The number of firms.
    #[must_use]
    pub fn len(&self) -> usize {
        self.outcome.len()
    }

    /// Whether there are none.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// The risk of every value, shape `(n_firms, n_indicators)`, from 0 to 1, missing and uncovered values as the card says; NaN where the
    /// weight of a missing value is shared among its siblings.
    #[must_use]
    pub fn matrix(&self) -> Array2<f64> {
        let mut values = self.risks.clone();
        let wide = self.card.indicators.len();
        let shared: Vec<bool> = self.card.plan.leaves.iter().map(|leaf| leaf.reweight).collect();
        values.par_chunks_mut(wide.max(1)).zip(self.there.par_chunks(wide.max(1))).for_each(|(values, there)| {
            for ((value, there), shared) in values.iter_mut().zip(there).zip(&shared) {
                *value = if *shared && *there == 0 { f64::NAN } else { *value };
            }
        });
        Array2::from_shape_vec((self.len(), wide), values).unwrap_or_default()
    }
}
