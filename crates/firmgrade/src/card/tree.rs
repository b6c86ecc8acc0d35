//! The tree of criteria with its weights, from the top down.

use super::problem::Problem;
use super::spec::{AhpSpec, JudgmentsSpec, ROOT, Ratio, ScorecardSpec, Severity};
use crate::ahp::{JudgmentFault, Judgments, NodeSpec, NodeWeights, Tree, TreeSpec, Weights, parse_ratio};
use indexmap::IndexMap;

/// An inner node of the tree.
#[derive(Clone, Debug)]
pub struct Node {
    /// Short name; `root` for the top.
    pub id: String,
    /// The name that people read; the card's title for the top.
    pub title: String,
    /// Index of the node above; `None` for the top.
    pub parent: Option<usize>,
    /// Share of the parent's weight, from 0 to 1.
    pub local_weight: f64,
    /// Share of the whole, from 0 to 1.
    pub weight: f64,
    /// The ids of the children, criteria first, each group in the order of the card.
    pub children: Vec<String>,
    /// Where the weights of the children come from.
    pub weights: NodeWeights,
    /// What the weights were judged from, where they were; the things are the children, in any order.
    pub judgments: Option<Judgments>,
}

/// What a CR above its limit is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Contradictions {
    /// What the card says.
    AsStated,
    /// A warning, so that somebody can look.
    Warning,
}

/// The nodes, the root first, and the tree with the weights of everything in it; `None` where a problem stands in the way.
pub(super) fn build(spec: &ScorecardSpec, contradictions: Contradictions, problems: &mut Vec<Problem>) -> (Vec<Node>, Option<Tree>) {
    let before = problems.len();
    let order = order(spec, problems);
    let mut nodes: Vec<Node> = Vec::with_capacity(order.len());
    let mut stated: Vec<NodeSpec> = Vec::with_capacity(order.len());
    for id in order {
        let criterion = spec.criteria.get(id);
        let parent = criterion.and_then(|c| nodes.iter().position(|node| node.id == c.parent));
        let inner = spec.criteria.iter().filter(|(_, c)| c.parent == id).map(|(id, _)| id);
        let leaves = spec.indicators.iter().filter(|(_, i)| i.criterion == id).map(|(id, _)| id);
        let children: Vec<String> = inner.chain(leaves).cloned().collect();
        if children.is_empty() && id != ROOT {
            problems.push(Problem::error(&["criteria", id], "the criterion has no children").help("give it an indicator, or take it out"));
        }
        let (weights, judgments) = local_weights(spec, id, &children, contradictions, problems);
        if !children.is_empty() {
            stated.push(NodeSpec { name: id.to_owned(), children: children.clone(), weights: weights.clone() });
        }
        let title = criterion.map_or(&spec.scorecard.title, |c| &c.title).clone();
        nodes.push(Node { id: id.to_owned(), title, parent, local_weight: 1.0, weight: 1.0, children, weights, judgments });
    }
    for (id, _) in &spec.judgments {
        if !nodes.iter().any(|node| node.id == *id) && !spec.criteria.contains_key(id) {
            problems.push(unknown_node(&["judgments", id], id, spec));
        }
    }
    if stated.is_empty() || problems.iter().skip(before).any(|problem| problem.severity == Severity::Error) {
        return (nodes, None);
    }
    match Tree::new(TreeSpec { root: ROOT.to_owned(), nodes: stated, leaves: spec.indicators.keys().cloned().collect() }) {
        Ok(tree) => {
            for node in &mut nodes {
                if let Some(placed) = tree.node(&node.id) {
                    (node.local_weight, node.weight) = (placed.local, placed.global);
                }
            }
            (nodes, Some(tree))
        }
        Err(faults) => {
            problems.extend(faults.iter().map(|fault| Problem::error(&["judgments"], fault.to_string())));
            (nodes, None)
        }
    }
}

/// The criteria from the root down, each after its parent; those that never reach the root are reported.
fn order<'s>(spec: &'s ScorecardSpec, problems: &mut Vec<Problem>) -> Vec<&'s str> {
    let mut order = vec![ROOT];
    let mut next = 0;
    while let Some(above) = order.get(next).copied() {
        next += 1;
        order.extend(spec.criteria.iter().filter(|(id, c)| c.parent == above && *id != ROOT).map(|(id, _)| id.as_str()));
    }
    for (id, criterion) in &spec.criteria {
        let path = ["criteria", id.as_str(), "parent"];
        if id == ROOT {
            problems.push(Problem::error(&["criteria", ROOT], "`root` exists by itself").help("choose another id"));
        } else if criterion.parent != ROOT && !spec.criteria.contains_key(&criterion.parent) {
            problems.push(unknown_node(&path, &criterion.parent, spec));
        } else if !order.contains(&id.as_str()) && in_cycle(spec, id) {
            problems.push(Problem::error(&path, format!("cycle: `{id}` lies below itself")));
        }
        if spec.indicators.contains_key(id) {
            problems.push(Problem::error(&["indicators", id], format!("`{id}` is a criterion too")).help("an id names one thing"));
        }
    }
    for (id, indicator) in &spec.indicators {
        if indicator.criterion != ROOT && !spec.criteria.contains_key(&indicator.criterion) {
            problems.push(unknown_node(&["indicators", id, "criterion"], &indicator.criterion, spec));
        }
    }
    order
}

fn unknown_node(path: &[&str], id: &str, spec: &ScorecardSpec) -> Problem {
    let known = spec.criteria.keys().map(String::as_str).chain([ROOT]);
    Problem::error(path, format!("there is no criterion `{id}`")).did_you_mean(id, known)
}

fn in_cycle(spec: &ScorecardSpec, start: &str) -> bool {
    let mut at = start;
    for _ in 0..spec.criteria.len() {
        match spec.criteria.get(at) {
            Some(criterion) if criterion.parent == start => return true,
            Some(criterion) => at = &criterion.parent,
            None => return false,
        }
    }
    false
}

/// How a node's children are weighed, equally where a problem stands in the way; and the judgments behind it.
fn local_weights(
    spec: &ScorecardSpec,
    id: &str,
    children: &[String],
    contradictions: Contradictions,
    problems: &mut Vec<Problem>,
) -> (NodeWeights, Option<Judgments>) {
    let path = ["judgments", id];
    let Some(judged) = spec.judgments.get(id) else {
        if children.len() > 1 {
            let list = children.join(", ");
            problems.push(
                Problem::error(&["criteria", id], format!("no judgments for the {} children of `{id}` ({list})", children.len()))
                    .help(format!("add [judgments.{id}]")),
            );
        }
        return (if children.len() > 1 { NodeWeights::Equal } else { NodeWeights::Single }, None);
    };
    let ways = [
        ("pairs", judged.pairs.is_some()),
        ("matrix", judged.matrix.is_some()),
        ("upper", judged.upper.is_some()),
        ("weights", judged.weights.is_some()),
        ("equal", judged.equal.is_some()),
    ];
    let stated: Vec<&str> = ways.iter().filter(|(_, there)| *there).map(|(name, _)| *name).collect();
    if stated.len() != 1 {
        let found = if stated.is_empty() { "none".to_owned() } else { stated.join(" and ") };
        problems
            .push(Problem::error(&path, format!("found {found}, expected exactly one of `pairs`, `matrix`, `upper`, `weights`, `equal`")));
        return (NodeWeights::Equal, None);
    }
    if judged.equal == Some(false) {
        problems.push(Problem::error(&["judgments", id, "equal"], "found `false`, expected `true`"));
    }
    if let Some(weights) = &judged.weights {
        return (NodeWeights::Direct(direct(id, children, weights, problems)), None);
    }
    if judged.equal.is_some() {
        return (NodeWeights::Equal, None);
    }
    match judge(id, children, judged, problems) {
        Some(judgments) => (NodeWeights::Judged(weigh(spec, id, &judgments, contradictions, problems)), Some(judgments)),
        None => (NodeWeights::Equal, None),
    }
}

fn direct(id: &str, children: &[String], weights: &IndexMap<String, f64>, problems: &mut Vec<Problem>) -> Vec<f64> {
    same_children(&["judgments", id, "weights"], children, weights.keys(), problems);
    for (child, weight) in weights {
        if !(0.0..=1.0).contains(weight) {
            problems.push(Problem::error(&["judgments", id, "weights", child], format!("found {weight}, expected a number from 0 to 1")));
        }
    }
    let sum: f64 = weights.values().sum();
    // Counter-example: thirds typed as 0.333 sum to 0.999 and are refused; typed as 0.333333 they are divided by their sum.
    if !((sum - 1.0).abs() <= Tree::SUM_TOLERANCE) {
        problems.push(Problem::error(&["judgments", id, "weights"], format!("the weights sum to {sum}, expected 1")));
    }
    children.iter().map(|child| weights.get(child).copied().unwrap_or(0.0)).collect()
}

/// Every child once, and nothing else.
fn same_children<'n>(path: &[&str], children: &[String], names: impl Iterator<Item = &'n String>, problems: &mut Vec<Problem>) {
    let names: Vec<&String> = names.collect();
    for name in &names {
        if !children.contains(name) {
            let inner: Vec<&str> = path.iter().copied().chain([name.as_str()]).collect();
            let problem = Problem::error(&inner, format!("`{name}` is not a child of this node"));
            problems.push(problem.did_you_mean(name, children.iter().map(String::as_str)));
        }
    }
    for child in children.iter().filter(|child| !names.contains(child)) {
        problems.push(Problem::error(path, format!("`{child}` is a child of this node and has no place here")));
    }
}

fn judge(id: &str, children: &[String], judged: &JudgmentsSpec, problems: &mut Vec<Problem>) -> Option<Judgments> {
    let before = problems.len();
    let path = ["judgments", id];
    let outcome = if let Some(pairs) = &judged.pairs {
        let mut named = Vec::with_capacity(pairs.len());
        for (key, ratio) in pairs {
            let inner = ["judgments", id, "pairs", key.as_str()];
            let value = number(ratio, &inner, problems);
            match key.split_once(':') {
                Some((a, b)) => named.push(((a.trim().to_owned(), b.trim().to_owned()), value)),
                None => problems.push(Problem::error(&inner, format!("found `{key}`, expected `child:child`"))),
            }
        }
        if problems.len() > before {
            return None;
        }
        Judgments::from_pairs(children.to_vec(), &named)
    } else {
        let names = judged.order.clone().unwrap_or_default();
        if judged.order.is_none() {
            problems.push(Problem::error(&path, "`order` is missing").help("name the children in the order of the rows"));
        } else {
            same_children(&["judgments", id, "order"], children, names.iter(), problems);
        }
        let (key, rows) = match (&judged.matrix, &judged.upper) {
            (Some(rows), _) => ("matrix", rows),
            (None, Some(rows)) => ("upper", rows),
            (None, None) => return None,
        };
        let mut cells = |row: usize, ratios: &Vec<Ratio>| -> Vec<f64> {
            let at = |column: usize| [row.to_string(), column.to_string()];
            ratios
                .iter()
                .enumerate()
                .map(|(column, ratio)| {
                    let [r, c] = at(column);
                    number(ratio, &["judgments", id, key, &r, &c], problems)
                })
                .collect()
        };
        let rows: Vec<Vec<f64>> = rows.iter().enumerate().map(|(row, ratios)| cells(row, ratios)).collect();
        if problems.len() > before {
            return None;
        }
        if key == "matrix" { Judgments::from_matrix(Some(names), &rows) } else { Judgments::from_upper(Some(names), &rows) }
    };
    match outcome {
        Ok(judgments) => Some(judgments),
        Err(faults) => {
            problems.extend(faults.iter().map(|fault: &JudgmentFault| Problem::error(&path, fault.to_string())));
            None
        }
    }
}

fn number(ratio: &Ratio, path: &[&str], problems: &mut Vec<Problem>) -> f64 {
    match ratio {
        Ratio::Number(number) => *number,
        Ratio::Text(text) => parse_ratio(text).unwrap_or_else(|fault| {
            problems.push(Problem::error(path, fault.to_string()));
            1.0
        }),
    }
}

/// The judgments of a node, as the card states them; `None` where its weights do not come from judgments.
pub(super) fn judgments(spec: &ScorecardSpec, node: &Node) -> Option<Judgments> {
    match &node.weights {
        NodeWeights::Judged(_) => judge(&node.id, &node.children, spec.judgments.get(&node.id)?, &mut Vec::new()),
        NodeWeights::Direct(_) | NodeWeights::Equal | NodeWeights::Single => None,
    }
}

/// Weights from judgments, with what an expert should hear about them.
fn weigh(spec: &ScorecardSpec, id: &str, judgments: &Judgments, contradictions: Contradictions, problems: &mut Vec<Problem>) -> Weights {
    let path = ["judgments", id];
    let AhpSpec { method, random_index: table, max_cr: limit, inconsistent } = spec.ahp_of(id);
    let weights = judgments.weights(method, table);
    if !(weights.cr() <= limit) {
        let severity = if contradictions == Contradictions::Warning { Severity::Warning } else { inconsistent };
        let message = format!(
            "the judgments contradict each other: CR {:.4} (CI {:.4} / RI {} of {table}), expected at most {limit}",
            weights.cr(),
            weights.ci(),
            weights.ri()
        );
        problems.push(Problem::new(severity, &path, message).help("look at the judgments again, or state `max_cr`"));
    }
    if let Some(rounding) = judgments.largest_rounding() {
        problems.push(Problem::new(Severity::Warning, &path, rounding.to_string()));
    }
    weights
}
