//! The tree of a card, row by row.

use firmgrade::Scorecard;
use firmgrade::ahp::{Judgments, NodeWeights, Weights};

/// A node or an indicator, in its place.
pub(super) struct Row<'c> {
    pub(super) id: &'c str,
    pub(super) title: &'c str,
    pub(super) parent: &'c str,
    pub(super) depth: usize,
    pub(super) local: f64,
    pub(super) global: f64,
    /// Where the weights of the children come from; `None` for an indicator.
    pub(super) below: Option<&'c NodeWeights>,
    pub(super) judgments: Option<&'c Judgments>,
    pub(super) children: usize,
}

impl<'c> Row<'c> {
    /// The weights of the children, where they were judged.
    pub(super) fn judged(&self) -> Option<(&'c Weights, &'c Judgments)> {
        match self.below {
            Some(NodeWeights::Judged(weights)) => Some((weights, self.judgments?)),
            _ => None,
        }
    }

    /// The title, indented by its depth.
    pub(super) fn indented(&self) -> String {
        // A no-break space keeps the indent.
        format!("{}{}", "\u{a0}\u{a0}".repeat(self.depth), self.title)
    }

    pub(super) fn kind(&self) -> &'static str {
        if self.below.is_some() { "criterion" } else { "indicator" }
    }
}

/// The tree, depth first: a node before its children, children in the order of the card.
pub(super) fn rows(card: &Scorecard) -> Vec<Row<'_>> {
    let mut rows = Vec::new();
    let mut waiting = vec![(firmgrade::card::ROOT, "", 0)];
    while let Some((id, parent, depth)) = waiting.pop() {
        if let Some(node) = card.nodes().iter().find(|node| node.id == id) {
            let (local, global, children) = (node.local_weight, node.weight, node.children.len());
            let (below, judgments) = (Some(&node.weights), node.judgments.as_ref());
            rows.push(Row { id, title: &node.title, parent, depth, local, global, below, judgments, children });
            waiting.extend(node.children.iter().rev().map(|child| (child.as_str(), node.id.as_str(), depth + 1)));
        } else if let Some(leaf) = card.indicators().iter().find(|indicator| indicator.id == id) {
            let (local, global) = (leaf.local_weight, leaf.weight);
            rows.push(Row { id, title: &leaf.title, parent, depth, local, global, below: None, judgments: None, children: 0 });
        }
    }
    rows
}

/// The word for where weights come from.
pub(super) fn source(weights: &NodeWeights) -> &'static str {
    match weights {
        NodeWeights::Judged(_) => "judged",
        NodeWeights::Direct(_) => "direct",
        NodeWeights::Equal => "equal",
        NodeWeights::Single => "single",
    }
}

/// A weight as `38.80 %`.
pub(super) fn percent(weight: f64) -> String {
    format!("{:.2} %", weight * 100.0)
}

/// A random index with the name of what it was really taken from.
pub(super) fn index(weights: &Weights) -> String {
    if weights.ri() > 0.0 { format!("{} ({})", weights.ri(), weights.random_index_used()) } else { "not needed".to_owned() }
}

/// A judgment as people write it: `3`, `1/3`, `2.52`.
pub(super) fn ratio(value: f64) -> String {
    let short = |size: f64| if size >= 1e4 { format!("{size:.2e}") } else { format!("{}", (size * 1000.0).round() / 1000.0) };
    if value >= 1.0 { short(value) } else { format!("1/{}", short(1.0 / value)) }
}

/// A cell of CSV, between quotes where it must be, and harmless to a spreadsheet that takes it for a formula.
pub(super) fn quoted(text: &str) -> String {
    let guard = if text.starts_with(['=', '+', '-', '@']) { "'" } else { "" };
    if text.contains(['"', ',', '\n', '\r']) { format!("\"{guard}{}\"", text.replace('"', "\"\"")) } else { format!("{guard}{text}") }
}
