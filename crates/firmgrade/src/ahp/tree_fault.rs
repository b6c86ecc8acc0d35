//! What can be wrong with a tree, and how it is said.

use super::fault::{JudgmentFault, did_you_mean, number};

/// What is wrong with a tree.
#[derive(Debug, Clone, PartialEq, thiserror::Error)]
pub enum TreeFault {
    /// The root is not among the nodes or leaves.
    #[error("root `{root}` is not a node{}", did_you_mean(.nearest))]
    UnknownRoot {
        /// The root's name.
        root: String,
        /// The nearest known name, where one is near.
        nearest: Option<String>,
    },
    /// The same name for two nodes or leaves.
    #[error("`{name}` is defined twice, expected once")]
    Repeated {
        /// The name.
        name: String,
    },
    /// A node without children belongs among the leaves.
    #[error("node `{node}` has no children, expected at least one")]
    Childless {
        /// The node.
        node: String,
    },
    /// A child that is neither node nor leaf.
    #[error("node `{node}` has the unknown child `{child}`{}", did_you_mean(.nearest))]
    UnknownChild {
        /// The node.
        node: String,
        /// The child as typed.
        child: String,
        /// The nearest known name, where one is near.
        nearest: Option<String>,
    },
    /// A child with two parents, or listed twice by one.
    #[error("`{child}` is a child of `{first}` and of `{second}`, expected one parent")]
    SecondParent {
        /// The child.
        child: String,
        /// The parent that lists it first.
        first: String,
        /// The other; the same where one node lists it twice.
        second: String,
    },
    /// Nodes that are their own descendants.
    #[error("`{}` go round in a circle, expected a tree", .path.join("` → `"))]
    Cycle {
        /// The nodes on it, the first one again at the end.
        path: Vec<String>,
    },
    /// No path from the root.
    #[error("`{name}` is not below the root `{root}`")]
    Unreachable {
        /// The topmost name without a parent.
        name: String,
        /// The root.
        root: String,
    },
    /// Direct weights of another number than the children.
    #[error("node `{node}` has {found} weights for {expected} children, expected {expected}")]
    WeightCount {
        /// The node.
        node: String,
        /// How many weights there are.
        found: usize,
        /// How many children.
        expected: usize,
    },
    /// A direct weight outside [0, 1].
    #[error("node `{node}`: found weight `{}` for `{child}`, expected a number from 0 to 1", number(*.value))]
    WeightRange {
        /// The node.
        node: String,
        /// The child.
        child: String,
        /// The weight.
        value: f64,
    },
    /// Direct weights that do not sum to 1.
    #[error("node `{node}`: found weights with the sum {}, expected 1 within 1e-6", number(*.sum))]
    WeightSum {
        /// The node.
        node: String,
        /// Their sum.
        sum: f64,
    },
    /// A child that the judgments do not compare.
    #[error("node `{node}`: found no judgments of its child `{child}`, expected every child to be judged")]
    NotJudged {
        /// The node.
        node: String,
        /// The child.
        child: String,
    },
    /// The judgments compare something that is no child.
    #[error("node `{node}`: its judgments compare `{name}`, which is not its child{}", did_you_mean(.nearest))]
    NoChild {
        /// The node.
        node: String,
        /// The name in the judgments.
        name: String,
        /// The nearest child, where one is near.
        nearest: Option<String>,
    },
    /// Several children and nothing that weighs them.
    #[error("node `{node}` has {found} children and no weights, expected judgments, direct weights or equal ones")]
    NotSingle {
        /// The node.
        node: String,
        /// How many children.
        found: usize,
    },
    /// No node to be judged again.
    #[error("found no judgments, expected those of at least one node")]
    NothingJudged,
    /// What is judged again is no node that has children.
    #[error("`{node}` is not a node with children{}", did_you_mean(.nearest))]
    UnknownNode {
        /// The name as typed.
        node: String,
        /// The nearest node, where one is near.
        nearest: Option<String>,
    },
    /// Matrices of another number or size than the others, or than the children.
    #[error("node `{node}`: found judgments of shape {found:?}, expected {expected:?}")]
    StackShape {
        /// The node.
        node: String,
        /// Matrices, rows, columns.
        found: (usize, usize, usize),
        /// As many matrices as the first node has; rows and columns for the children.
        expected: (usize, usize, usize),
    },
    /// A fault of the judgments at a node.
    #[error("node `{node}`: {fault}")]
    Judgments {
        /// The node.
        node: String,
        /// What is wrong with them.
        fault: JudgmentFault,
    },
}
