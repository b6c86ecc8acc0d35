//! A tree of any depth: local weights at each node, global weights down to the leaves.

use std::collections::{BTreeMap, BTreeSet};

use serde::Serialize;

use super::fault::nearest;
use super::priority::finite;
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

/// The consistency of several judged nodes together.
///
/// ```text
/// CI = Σ g·CI_node     RI = Σ g·RI_node     CR = CI/RI, 0 where RI is        g the node's global weight
/// ```
///
/// Over all judged nodes: Saaty, *The Analytic Hierarchy Process*, 1980, ch. 4, the consistency of a hierarchy. Over those of one
/// depth: 层次总排序的一致性检验 of the Chinese textbooks, which leaves the levels above out. Nodes with direct or equal weights, and those
/// of one or two children, contradict nothing and count for neither sum.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
pub struct TreeConsistency {
    /// The sum of CI.
    pub ci: f64,
    /// The sum of RI.
    pub ri: f64,
    /// Their ratio.
    pub cr: f64,
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
        // A sound shape is seen at once; what is wrong with another takes longer to say.
        let shape = shape(&spec);
        let mut faults = if shape.is_some() { Vec::new() } else { shape_faults(&spec) };
        let locals: Vec<Vec<f64>> = spec.nodes.iter().map(|node| local_weights(node, &mut faults)).collect();
        let Some(shape) = shape.filter(|_| faults.is_empty()) else { return Err(faults) };
        let size = spec.nodes.len() + spec.leaves.len();
        let mut written: Vec<(String, Option<NodeWeights>)> = Vec::with_capacity(size);
        written.extend(spec.nodes.into_iter().map(|node| (node.name, Some(node.weights))));
        written.extend(spec.leaves.into_iter().map(|leaf| (leaf, None)));
        let mut nodes: Vec<TreeNode> = Vec::with_capacity(size);
        // A stack of its own: a chain of 100,000 nodes would overflow the thread's.
        let mut waiting = vec![(shape.root, None::<usize>, 1.0)];
        while let Some((at, parent, local)) = waiting.pop() {
            let here = nodes.len();
            let above = parent.and_then(|at| nodes.get_mut(at)).map(|node| {
                node.children.push(here);
                (node.depth + 1, node.global)
            });
            let (depth, global) = above.map_or((0, local), |(depth, global)| (depth, global * local));
            if let (Some(children), Some(locals)) = (shape.children.get(at), locals.get(at)) {
                waiting.extend(children.iter().zip(locals).rev().map(|(&child, &local)| (child, Some(here), local)));
            }
            // INVARIANT: each place is met once, so what is taken was there.
            let (name, weights) = written.get_mut(at).map(std::mem::take).unwrap_or_default();
            let judged = if let Some(NodeWeights::Judged(weights)) = weights { Some(weights) } else { None };
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

    /// The consistency of all judged nodes together.
    pub fn consistency(&self) -> TreeConsistency {
        consistency_of(self.nodes.iter())
    }

    /// The consistency of the judged nodes of each depth, the root's first; a depth without judged nodes has zeros.
    pub fn consistency_by_depth(&self) -> Vec<TreeConsistency> {
        let inner = self.nodes.iter().filter(|node| !node.children.is_empty());
        let depths = inner.map(|node| node.depth + 1).max().unwrap_or(0);
        (0..depths).map(|depth| consistency_of(self.nodes.iter().filter(|node| node.depth == depth))).collect()
    }

    /// The leaves, depth first. Their global weights sum to 1.
    pub fn leaves(&self) -> impl Iterator<Item = &TreeNode> {
        self.nodes.iter().filter(|node| node.children.is_empty())
    }
}

fn consistency_of<'n>(nodes: impl Iterator<Item = &'n TreeNode>) -> TreeConsistency {
    let (mut ci, mut ri) = (0.0, 0.0);
    for (node, judged) in nodes.filter_map(|node| node.judged.as_ref().map(|judged| (node, judged))) {
        ci += node.global * judged.ci();
        ri += node.global * judged.ri();
    }
    TreeConsistency { ci, ri, cr: if ri > 0.0 { finite(ci / ri) } else { 0.0 } }
}

/// Whether one of two names may be the other, mistyped.
pub fn alike(a: &str, b: &str) -> bool {
    nearest(a, [&b.to_owned()]).is_some()
}

/// Names as places: nodes in their order, then leaves.
struct Shape {
    root: usize,
    /// Of each node, the places of its children.
    children: Vec<Vec<usize>>,
}

/// The shape, if nothing is wrong with names and edges.
fn shape(spec: &TreeSpec) -> Option<Shape> {
    let all = || spec.nodes.iter().map(|node| node.name.as_str()).chain(spec.leaves.iter().map(String::as_str));
    let mut places: Vec<(&str, usize)> = all().zip(0..).collect();
    places.sort_unstable();
    if places.windows(2).any(|pair| pair[0].0 == pair[1].0) {
        return None;
    }
    let place = |name: &str| places.binary_search_by(|(known, _)| known.cmp(&name)).ok().map(|at| places[at].1);
    let root = place(&spec.root)?;
    let mut has_parent = vec![false; places.len()];
    let mut children = Vec::with_capacity(spec.nodes.len());
    for node in &spec.nodes {
        let own: Vec<usize> = node.children.iter().map(|child| place(child)).collect::<Option<_>>()?;
        if own.is_empty() || own.iter().any(|&child| std::mem::replace(&mut has_parent[child], true)) {
            return None;
        }
        children.push(own);
    }
    // A root in a circle would be met again and again.
    if has_parent[root] {
        return None;
    }
    // Everything else has one parent at most: what is met from the root down is a tree, and the rest is not below it.
    let mut met = 0;
    let mut waiting = vec![root];
    while let Some(at) = waiting.pop() {
        met += 1;
        waiting.extend(children.get(at).into_iter().flatten());
    }
    (met == places.len()).then_some(Shape { root, children })
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
        NodeWeights::Judged(weights) if weights.names() == node.children => weights.values().to_vec(),
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

    /// By hand: for a12 = a13 = 1, a23 = 8 it is t = (1·8/1)^⅓ = 2, λ = 1 + 2 + ½ = 3.5, CI = 0.25.
    #[test]
    fn consistency_of_the_whole_and_of_a_level() {
        let tree = tree(
            vec![
                node("root", "a b c", judged("a b c", &[&[1.0, 1.0], &[8.0]])),
                node("a", "a1 a2 a3", judged("a1 a2 a3", &[&[1.0, 1.0], &[8.0]])),
                node("b", "b1 b2", judged("b1 b2", &[&[3.0]])),
                node("c", "c1 c2 c3", NodeWeights::Equal),
            ],
            "a1 a2 a3 b1 b2 c1 c2 c3",
        )
        .unwrap();
        let g = tree.node("a").unwrap().global;
        let ci = tree.node("a").unwrap().judged.as_ref().unwrap().ci();
        assert_relative_eq!(ci, 0.25, max_relative = 1e-14);
        let all = tree.consistency();
        assert_relative_eq!(all.ci, 0.25 * (1.0 + g), max_relative = 1e-14);
        assert_relative_eq!(all.ri, 0.58 * (1.0 + g), max_relative = 1e-14);
        assert_relative_eq!(all.cr, 0.25 / 0.58, max_relative = 1e-14);
        let levels = tree.consistency_by_depth();
        assert_eq!(levels.len(), 2);
        assert_relative_eq!(levels[0].cr, 0.25 / 0.58, max_relative = 1e-14);
        assert_relative_eq!(levels[1].ci, 0.25 * g, max_relative = 1e-14);
        assert_relative_eq!(levels[1].ri, 0.58 * g, max_relative = 1e-14);
        let flat = self::tree(vec![node("root", "a b", NodeWeights::Equal)], "a b").unwrap();
        assert!(flat.consistency().cr <= 0.0 && flat.consistency().ri <= 0.0);
        assert!(self::tree(vec![], "root").unwrap().consistency_by_depth().is_empty());
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
