//! A tree of any depth: local weights at each node, global weights down to the leaves.

use std::collections::{BTreeMap, BTreeSet};

use serde::Serialize;

use super::fault::nearest;
use super::tree_fault::TreeFault;
use super::weights::Weights;

/// A tree as it is stated, before it is checked.
#[derive(Debug, Clone, PartialEq)]
pub struct TreeSpec {
    /// The name of the node without a parent.
    pub root: String,
    /// Every node that has children, in any order.
    pub nodes: Vec<NodeSpec>,
    /// Every name without children, in any order.
    pub leaves: Vec<String>,
}

/// A node and how its children are weighed.
#[derive(Debug, Clone, PartialEq)]
pub struct NodeSpec {
    /// The node's name.
    pub name: String,
    /// Its children, in the order in which the tree shall list them; at least one.
    pub children: Vec<String>,
    /// How they are weighed.
    pub weights: NodeWeights,
}

/// Where the local weights of a node's children come from.
#[derive(Debug, Clone, PartialEq)]
pub enum NodeWeights {
    /// From judgments; their names are the children, in any order.
    Judged(Weights),
    /// As stated, in the order of the children: each in [0, 1], sum 1 within 1e-6. A sum within 1e-12 of 1 is taken as 1 and the
    /// numbers stay as typed; otherwise they are divided by it.
    Direct(Vec<f64>),
    /// One n-th each.
    Equal,
    /// An only child: weight 1.
    Single,
}

/// A checked tree, depth first: a node before its children, children in their stated order.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[serde(transparent)]
pub struct Tree {
    // INVARIANT: nodes[0] is the root; parents stand before their children; the children's local weights sum to 1.
    nodes: Vec<TreeNode>,
}

/// A node in its place.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct TreeNode {
    /// The node's name, unique in the tree.
    pub name: String,
    /// Position of the parent in [`Tree::nodes`]; `None` for the root.
    pub parent: Option<usize>,
    /// Positions of the children; none for a leaf.
    pub children: Vec<usize>,
    /// 0 for the root.
    pub depth: usize,
    /// Weight among its siblings; 1 for the root.
    pub local: f64,
    /// Product of the local weights from the root down to here; 1 for the root. The leaves' sum to 1.
    pub global: f64,
    /// The judgments' weights and consistency, where the children were judged.
    pub judged: Option<Weights>,
}

impl Tree {
    /// Direct weights may be off 1 by this: 0.333333 three times.
    pub const SUM_TOLERANCE: f64 = 1e-6;
    /// Direct weights off 1 by no more than this stay as typed: 0.1 ten times sums to 1 − 1.1e-16.
    pub const SUM_EXACT: f64 = 1e-12;

    /// The tree with its global weights.
    ///
    /// ```text
    /// global(root) = 1,  global(child) = global(parent) · local(child)
    /// ```
    ///
    /// # Errors
    /// Every fault at once: unknown root or child, a name defined twice, two parents, a cycle, a name that cannot be reached,
    /// a node without children, direct weights of another number, outside [0, 1] or not summing to 1, judgments that compare other
    /// names than the children, several children without weights.
    pub fn new(spec: TreeSpec) -> Result<Self, Vec<TreeFault>> {
        let mut faults = shape_faults(&spec);
        let locals: Vec<Vec<f64>> = spec.nodes.iter().map(|node| local_weights(node, &mut faults)).collect();
        if !faults.is_empty() {
            return Err(faults);
        }
        let mut by_name: BTreeMap<String, (NodeSpec, Vec<f64>)> =
            spec.nodes.into_iter().zip(locals).map(|(node, local)| (node.name.clone(), (node, local))).collect();
        let mut nodes: Vec<TreeNode> = Vec::with_capacity(by_name.len() + spec.leaves.len());
        // A stack of its own: a chain of 100,000 nodes would overflow the thread's.
        let mut waiting = vec![(spec.root, None::<usize>, 1.0)];
        while let Some((name, parent, local)) = waiting.pop() {
            let here = nodes.len();
            let above = parent.and_then(|at| nodes.get_mut(at)).map(|node| {
                node.children.push(here);
                (node.depth + 1, node.global)
            });
            let (depth, global) = above.map_or((0, local), |(depth, global)| (depth, global * local));
            let mut judged = None;
            if let Some((node, locals)) = by_name.remove(&name) {
                waiting.extend(node.children.into_iter().zip(locals).rev().map(|(child, local)| (child, Some(here), local)));
                if let NodeWeights::Judged(weights) = node.weights {
                    judged = Some(weights);
                }
            }
            nodes.push(TreeNode { name, parent, children: Vec::new(), depth, local, global, judged });
        }
        Ok(Self { nodes })
    }

    /// All nodes, depth first; the root stands first.
    pub fn nodes(&self) -> &[TreeNode] {
        &self.nodes
    }

    /// The node of that name.
    pub fn node(&self, name: &str) -> Option<&TreeNode> {
        self.nodes.iter().find(|node| node.name == name)
    }

    /// The leaves, depth first. Their global weights sum to 1.
    pub fn leaves(&self) -> impl Iterator<Item = &TreeNode> {
        self.nodes.iter().filter(|node| node.children.is_empty())
    }
}

/// What is wrong with names and edges.
fn shape_faults(spec: &TreeSpec) -> Vec<TreeFault> {
    let mut faults = Vec::new();
    let mut names: BTreeSet<&String> = BTreeSet::new();
    for name in spec.nodes.iter().map(|node| &node.name).chain(&spec.leaves) {
        if !names.insert(name) {
            faults.push(TreeFault::Repeated { name: name.clone() });
        }
    }
    if !names.contains(&spec.root) {
        faults.push(TreeFault::UnknownRoot { root: spec.root.clone(), nearest: nearest(&spec.root, names.iter().copied()) });
    }
    let mut parents: BTreeMap<&str, &str> = BTreeMap::new();
    for node in &spec.nodes {
        if node.children.is_empty() {
            faults.push(TreeFault::Childless { node: node.name.clone() });
        }
        for child in &node.children {
            if !names.contains(child) {
                let nearest = nearest(child, names.iter().copied());
                faults.push(TreeFault::UnknownChild { node: node.name.clone(), child: child.clone(), nearest });
            } else if let Some(&first) = parents.get(child.as_str()) {
                let (first, second) = (first.to_owned(), node.name.clone());
                faults.push(TreeFault::SecondParent { child: child.clone(), first, second });
            } else {
                parents.insert(child, &node.name);
            }
        }
    }
    // Upwards every name has one way to go: to the root, to another top, or round in a circle.
    let mut settled: BTreeSet<&str> = BTreeSet::new();
    for name in names {
        let mut path: Vec<&str> = Vec::new();
        let mut on_path: BTreeSet<&str> = BTreeSet::new();
        let mut at = name.as_str();
        loop {
            if settled.contains(at) {
                break;
            }
            if !on_path.insert(at) {
                let start = path.iter().position(|&step| step == at).unwrap_or(0);
                let circle = path.iter().skip(start).chain([&at]).map(|&step| step.to_owned());
                // The walk was child to parent; people read a circle downwards.
                let mut path: Vec<String> = circle.collect();
                path.reverse();
                faults.push(TreeFault::Cycle { path });
                break;
            }
            path.push(at);
            match parents.get(at) {
                Some(parent) => at = parent,
                None if at == spec.root => break,
                None => {
                    faults.push(TreeFault::Unreachable { name: at.to_owned(), root: spec.root.clone() });
                    break;
                }
            }
        }
        settled.extend(path);
    }
    faults
}

/// The weights of a node's children in their order, and what is wrong with them.
fn local_weights(node: &NodeSpec, faults: &mut Vec<TreeFault>) -> Vec<f64> {
    let n = node.children.len();
    match &node.weights {
        NodeWeights::Single if n <= 1 => vec![1.0; n],
        NodeWeights::Single => {
            faults.push(TreeFault::NotSingle { node: node.name.clone(), found: n });
            Vec::new()
        }
        NodeWeights::Equal => vec![1.0 / n as f64; n],
        NodeWeights::Direct(weights) => direct_weights(node, weights, faults),
        NodeWeights::Judged(weights) => {
            let judged: BTreeMap<&String, f64> = weights.names().iter().zip(weights.values().iter().copied()).collect();
            for name in weights.names().iter().filter(|name| !node.children.contains(name)) {
                let nearest = nearest(name, &node.children);
                faults.push(TreeFault::NoChild { node: node.name.clone(), name: name.clone(), nearest });
            }
            let missing = node.children.iter().filter(|child| !judged.contains_key(child));
            faults.extend(missing.map(|child| TreeFault::NotJudged { node: node.name.clone(), child: child.clone() }));
            node.children.iter().filter_map(|child| judged.get(child).copied()).collect()
        }
    }
}

fn direct_weights(node: &NodeSpec, weights: &[f64], faults: &mut Vec<TreeFault>) -> Vec<f64> {
    if weights.len() != node.children.len() {
        let (found, expected) = (weights.len(), node.children.len());
        faults.push(TreeFault::WeightCount { node: node.name.clone(), found, expected });
        return Vec::new();
    }
    let mut in_range = true;
    for (child, &value) in node.children.iter().zip(weights) {
        if !(0.0..=1.0).contains(&value) {
            in_range = false;
            faults.push(TreeFault::WeightRange { node: node.name.clone(), child: child.clone(), value });
        }
    }
    let sum: f64 = weights.iter().sum();
    // The sum of 0.333333 three times is off by 1e-6 and a last bit.
    let off = (sum - 1.0).abs() <= Tree::SUM_TOLERANCE + Tree::SUM_EXACT;
    if in_range && !weights.is_empty() && !off {
        faults.push(TreeFault::WeightSum { node: node.name.clone(), sum });
    }
    if (sum - 1.0).abs() <= Tree::SUM_EXACT { weights.to_vec() } else { weights.iter().map(|weight| weight / sum).collect() }
}

#[cfg(test)]
mod tests {
    use super::super::{Judgments, Method, RandomIndex};
    use super::*;
    use approx::{assert_abs_diff_eq, assert_relative_eq};

    fn names(text: &str) -> Vec<String> {
        text.split_whitespace().map(str::to_owned).collect()
    }

    fn node(name: &str, children: &str, weights: NodeWeights) -> NodeSpec {
        NodeSpec { name: name.to_owned(), children: names(children), weights }
    }

    fn tree(nodes: Vec<NodeSpec>, leaves: &str) -> Result<Tree, Vec<TreeFault>> {
        Tree::new(TreeSpec { root: "root".to_owned(), nodes, leaves: names(leaves) })
    }

    fn texts(result: Result<Tree, Vec<TreeFault>>) -> Vec<String> {
        result.unwrap_err().iter().map(ToString::to_string).collect()
    }

    fn judged(things: &str, rows: &[&[f64]]) -> NodeWeights {
        let rows: Vec<Vec<f64>> = rows.iter().map(|row| row.to_vec()).collect();
        let judgments = Judgments::from_upper(Some(names(things)), &rows).unwrap();
        NodeWeights::Judged(judgments.weights(Method::Eigenvector, RandomIndex::Saaty1980))
    }

    /// By hand: a : b : c = 4 : 2 : 1, below a 3 : 1 judged in the other order, below b direct, c a leaf, below a2 an only child.
    #[test]
    fn weights_multiply_downwards_depth_first() {
        let tree = tree(
            vec![
                node("a2", "a21", NodeWeights::Single),
                node("a", "a1 a2", judged("a2 a1", &[&[1.0 / 3.0]])),
                node("root", "a b c", judged("a b c", &[&[2.0, 4.0], &[2.0]])),
                node("b", "b1 b2", NodeWeights::Direct(vec![0.3, 0.7])),
            ],
            "a1 a21 b1 b2 c",
        )
        .unwrap();
        let order: Vec<&str> = tree.nodes().iter().map(|node| node.name.as_str()).collect();
        assert_eq!(order, ["root", "a", "a1", "a2", "a21", "b", "b1", "b2", "c"]);
        let expected = [1.0, 4.0 / 7.0, 3.0 / 7.0, 1.0 / 7.0, 1.0 / 7.0, 2.0 / 7.0, 0.6 / 7.0, 1.4 / 7.0, 1.0 / 7.0];
        for (node, global) in tree.nodes().iter().zip(expected) {
            assert_relative_eq!(node.global, global, max_relative = 1e-15);
            if let Some(parent) = node.parent.map(|at| &tree.nodes()[at]) {
                assert_eq!(parent.depth + 1, node.depth);
                assert_relative_eq!(node.local * parent.global, node.global);
            }
        }
        assert_eq!(tree.node("a").unwrap().children, [2, 3]);
        assert!(tree.node("a").unwrap().judged.is_some() && tree.node("b").unwrap().judged.is_none());
        assert_abs_diff_eq!(tree.leaves().map(|leaf| leaf.global).sum::<f64>(), 1.0, epsilon = 1e-15);
    }

    /// Where a tool rounds at each level the sum is 0.9996 (ahp.md).
    #[test]
    fn twenty_one_equal_leaves_in_three_groups_sum_to_one() {
        let group = |g: usize| (1..=7).map(|leaf| format!("g{g}l{leaf}")).collect::<Vec<_>>().join(" ");
        let mut nodes = vec![node("root", "g1 g2 g3", NodeWeights::Equal)];
        nodes.extend((1..=3).map(|g| node(&format!("g{g}"), &group(g), NodeWeights::Equal)));
        let tree = tree(nodes, &[group(1), group(2), group(3)].join(" ")).unwrap();
        assert_eq!(tree.leaves().count(), 21);
        assert_abs_diff_eq!(tree.leaves().map(|leaf| leaf.global).sum::<f64>(), 1.0, epsilon = 1e-15);
    }

    #[test]
    fn any_depth_and_a_root_alone() {
        let depth = 100_000;
        let mut nodes: Vec<NodeSpec> = (0..depth).map(|at| node(&format!("n{at}"), &format!("n{}", at + 1), NodeWeights::Single)).collect();
        nodes[0].name = "root".to_owned();
        let chain = tree(nodes, &format!("n{depth}")).unwrap();
        assert_eq!(chain.nodes().last().map(|node| node.depth), Some(depth));
        assert_eq!(tree(vec![], "root").unwrap().nodes().len(), 1);
    }

    #[test]
    fn direct_weights_as_typed_or_divided_by_their_sum() {
        let local = |weights: &[f64]| {
            tree(vec![node("root", "a b c", NodeWeights::Direct(weights.to_vec()))], "a b c")
                .map(|tree| tree.leaves().map(|leaf| leaf.local).collect::<Vec<f64>>())
        };
        assert_eq!(local(&[0.7, 0.2, 0.1]).unwrap(), [0.7, 0.2, 0.1]);
        for weight in local(&[0.333_333; 3]).unwrap() {
            assert_relative_eq!(weight, 1.0 / 3.0, max_relative = 1e-15);
        }
        assert_eq!(local(&[1.0, 0.0, 0.0]).unwrap(), [1.0, 0.0, 0.0]);
        assert!(local(&[0.333; 3]).is_err());
        assert!(local(&[0.5, 0.5, 2e-6]).is_err());
    }

    #[test]
    fn every_fault_says_what_and_where() {
        let equal = || NodeWeights::Equal;
        assert_eq!(
            texts(Tree::new(TreeSpec { root: "rot".to_owned(), nodes: vec![node("root", "a", equal())], leaves: names("a") })),
            ["root `rot` is not a node, did you mean `root`?", "`root` is not below the root `rot`"]
        );
        assert_eq!(
            texts(tree(
                vec![
                    node("root", "alpha beta alpha gamma", equal()),
                    node("beta", "alpha delta", equal()),
                    node("beta", "", equal()),
                    node("island", "coast", equal()),
                    node("x", "y", equal()),
                    node("y", "z", equal()),
                    node("z", "x leaf", equal()),
                ],
                "alpha delt coast leaf"
            )),
            [
                "`beta` is defined twice, expected once",
                "`alpha` is a child of `root` and of `root`, expected one parent",
                "node `root` has the unknown child `gamma`",
                "`alpha` is a child of `root` and of `beta`, expected one parent",
                "node `beta` has the unknown child `delta`, did you mean `delt`?",
                "node `beta` has no children, expected at least one",
                "`island` is not below the root `root`",
                "`delt` is not below the root `root`",
                "`z` → `x` → `y` → `z` go round in a circle, expected a tree",
            ]
        );
        assert_eq!(
            texts(tree(
                vec![
                    node("root", "a b c d", NodeWeights::Single),
                    node("a", "a1 a2", NodeWeights::Direct(vec![1.0])),
                    node("b", "b1 b2", NodeWeights::Direct(vec![1.5, f64::NAN])),
                    node("c", "c1 c2", NodeWeights::Direct(vec![0.5, 0.25])),
                    node("d", "leader follower", judged("laeder other", &[&[2.0]])),
                ],
                "a1 a2 b1 b2 c1 c2 leader follower"
            )),
            [
                "node `root` has 4 children and no weights, expected judgments, direct weights or equal ones",
                "node `a` has 1 weights for 2 children, expected 2",
                "node `b`: found weight `1.5` for `b1`, expected a number from 0 to 1",
                "node `b`: found weight `NaN` for `b2`, expected a number from 0 to 1",
                "node `c`: found weights with the sum 0.75, expected 1 within 1e-6",
                "node `d`: its judgments compare `laeder`, which is not its child, did you mean `leader`?",
                "node `d`: its judgments compare `other`, which is not its child",
                "node `d`: found no judgments of its child `leader`, expected every child to be judged",
                "node `d`: found no judgments of its child `follower`, expected every child to be judged",
            ]
        );
        let round_the_root = tree(vec![node("root", "a", equal()), node("a", "root", equal())], "");
        assert_eq!(texts(round_the_root), ["`a` → `root` → `a` go round in a circle, expected a tree"]);
    }
}
