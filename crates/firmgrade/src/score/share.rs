//! Sharing the weight of missing values among siblings.

use crate::card::{Indicator, Node};

/// The tree as the sharing sees it.
#[derive(Clone, Debug, Default)]
pub(crate) struct Sharing {
    /// By node: its parent.
    parents: Vec<Option<usize>>,
    /// By node: its local weight.
    locals: Vec<f64>,
    /// By node: sum of its children's local weights, nodes first, then indicators, each in order.
    totals: Vec<f64>,
    /// By indicator: its node and local weight.
    leaves: Vec<(usize, f64)>,
}

impl Sharing {
    pub(crate) fn new(nodes: &[Node], indicators: &[Indicator]) -> Self {
        let mut sharing = Self {
            parents: nodes.iter().map(|node| node.parent).collect(),
            locals: nodes.iter().map(|node| node.local_weight).collect(),
            totals: vec![0.0; nodes.len()],
            leaves: indicators.iter().map(|i| (i.parent, i.local_weight)).collect(),
        };
        let mut totals = vec![0.0; nodes.len()];
        sharing.add_up(|_| true, &mut totals);
        sharing.totals = totals;
        sharing
    }

    /// The weight with data below each node: a node counts where it has any. Children come after their parents, so going
    /// backwards every node is complete before it is added to its parent.
    fn add_up(&self, alive: impl Fn(usize) -> bool, sums: &mut [f64]) {
        sums.fill(0.0);
        for (index, (node, weight)) in self.leaves.iter().enumerate() {
            if alive(index)
                && let Some(sum) = sums.get_mut(*node)
            {
                *sum += weight;
            }
        }
        for node in (1..self.parents.len()).rev() {
            let below = sums.get(node).copied().unwrap_or(0.0);
            let (parent, local) = (self.parents.get(node).copied().flatten(), self.locals.get(node).copied().unwrap_or(0.0));
            if below > 0.0
                && let Some(sum) = parent.and_then(|parent| sums.get_mut(parent))
            {
                *sum += local;
            }
        }
    }

    /// The factor of each node's children for a firm whose indicators are `alive`; false where nothing is left to weigh.
    /// `factors` and `sums` have one place for each node.
    pub(crate) fn factors(&self, alive: impl Fn(usize) -> bool, sums: &mut [f64], factors: &mut [f64]) -> bool {
        self.add_up(alive, sums);
        for node in 0..self.parents.len() {
            let above = self.parents.get(node).copied().flatten().and_then(|p| factors.get(p)).copied().unwrap_or(1.0);
            let (sum, total) = (sums.get(node).copied().unwrap_or(0.0), self.totals.get(node).copied().unwrap_or(0.0));
            if let Some(factor) = factors.get_mut(node) {
                *factor = if sum > 0.0 { above * (total / sum) } else { 0.0 };
            }
        }
        sums.first().is_some_and(|sum| *sum > 0.0)
    }

    /// The parent of each node; parents stand before their children.
    pub(crate) fn parents(&self) -> &[Option<usize>] {
        &self.parents
    }

    /// The number of nodes.
    pub(crate) fn nodes(&self) -> usize {
        self.parents.len()
    }

    /// The node of an indicator.
    pub(crate) fn node(&self, indicator: usize) -> usize {
        self.leaves.get(indicator).map_or(0, |(node, _)| *node)
    }
}
