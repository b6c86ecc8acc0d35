//! `firmgrade.ahp.Tree`: a hierarchy of any depth, its leaves weighed.

use super::output::{LIMIT, records};
use super::tree_batch::TreeBatch;
use super::weights::Weights;
use super::{input, tree_spec};
use crate::errors::{self, NodeFault};
use crate::{html, table};
use firmgrade::ahp::{Judgments, TreeConsistency, TreeNode};
use numpy::Ix3;
use pyo3::prelude::*;
use pyo3::types::{PyDict, PyList, PyTuple};
use std::collections::BTreeMap;

/// A hierarchy of criteria of any depth, without alternatives: the weights of its leaves are the result.
///
/// `spec` is a dict of name → node. A node is a dict with
///
/// - "children": a list of names, or a dict of name → node (None or {} for a leaf), or a list of dicts that have a "name";
/// - "judgments": a matrix in the order of the children, or pairs, as for :func:`weights`, or its result;
/// - or "weights": "equal", numbers in the order of the children, or child → number, sum 1 within 1e-6;
/// - "method" and "random_index" of this node; `method` and `random_index` of the call are for nodes that state none.
///
/// Nodes may be nested in "children" or stand flat beside each other, or both; the root is the one that is nobody's child. A dict that is
/// itself one node is the root, called by its "name" or "goal". "children" may be left out where pairs, a frame or weights name them. Names
/// are unique in the tree. Children without judgments and weights are an error unless there is only one. `leaves` are the names that
/// may be leaves (None: whatever has no children), so that a misspelt child is refused.
///
/// Raises JudgmentError with every fault of the tree and of its judgments; FirmgradeError for an unknown method or table.
///
/// >>> tree = fg.ahp.Tree({
/// ...     "risk": {"judgments": {("past", "size"): 3}, "children": ["past", "size"]},
/// ...     "past": {"judgments": [[1, 4], ["1/4", 1]], "children": ["fines", "complaints"]},
/// ... })
/// >>> tree.weights
/// {'fines': 0.6000000000000001, 'complaints': 0.15000000000000002, 'size': 0.25}
#[pyclass(frozen, module = "firmgrade.ahp")]
pub struct Tree {
    tree: firmgrade::ahp::Tree,
    judgments: BTreeMap<String, Judgments>,
    equal: Vec<String>,
}

#[pymethods]
impl Tree {
    #[new]
    #[pyo3(signature = (spec, method=None, random_index=None, leaves=None))]
    fn new(
        spec: &Bound<'_, PyDict>,
        method: Option<&str>,
        random_index: Option<&str>,
        leaves: Option<&Bound<'_, PyAny>>,
    ) -> PyResult<Self> {
        let py = spec.py();
        let stated = tree_spec::read(spec, input::names(leaves)?, method, random_index)?.map_err(|faults| errors::tree(py, &faults))?;
        let is_equal = |node: &&firmgrade::ahp::NodeSpec| matches!(node.weights, firmgrade::ahp::NodeWeights::Equal);
        let equal = stated.spec.nodes.iter().filter(is_equal).map(|node| node.name.clone()).collect();
        let tree = firmgrade::ahp::Tree::new(stated.spec);
        let tree = tree.map_err(|faults| errors::tree(py, &faults.into_iter().map(NodeFault::from).collect::<Vec<_>>()))?;
        Ok(Self { tree, judgments: stated.judgments, equal })
    }

    /// The tree judged many times at once: `stacks` is a dict of node → array of float64, shape (k, n, n), the k matrices of its n children
    /// in their order. Nodes that are not named keep their weights. Arrays must not be written to meanwhile: the interpreter is released.
    ///
    /// The same bits as by a tree of the same matrices, one by one. Raises JudgmentError with every fault.
    ///
    /// >>> import numpy as np
    /// >>> tree = fg.ahp.Tree({"risk": {"weights": "equal", "children": ["past", "size"]}})
    /// >>> many = tree.batch({"risk": np.array([[[1, 4], [0.25, 1]], [[1, 1], [1, 1]]])})
    /// >>> many.leaves, many.weights.tolist()
    /// (['past', 'size'], [[0.8, 0.2], [0.5, 0.5]])
    #[pyo3(signature = (stacks, method=None, random_index=None))]
    fn batch(&self, stacks: &Bound<'_, PyDict>, method: Option<&str>, random_index: Option<&str>) -> PyResult<TreeBatch> {
        let py = stacks.py();
        let (method, random_index) = (input::choice(py, method)?, input::choice(py, random_index)?);
        let mut read = Vec::with_capacity(stacks.len());
        for (name, stack) in stacks {
            read.push((input::text(&name)?, input::numbers::<Ix3>(&stack)?));
        }
        let views: Vec<_> = read.iter().map(|(name, stack)| (name.clone(), stack.as_array())).collect();
        let batch = py.detach(|| self.tree.batch(&views, method, random_index));
        let batch = batch.map_err(|faults| errors::tree(py, &faults.into_iter().map(NodeFault::from).collect::<Vec<_>>()))?;
        Ok(TreeBatch { batch, leaves: self.tree.leaves().map(|leaf| leaf.name.clone()).collect() })
    }

    /// The name of the root.
    #[getter]
    fn root(&self) -> &str {
        self.tree.nodes().first().map_or("", |root| root.name.as_str())
    }

    /// The names of the leaves, depth first.
    #[getter]
    fn leaves(&self) -> Vec<&str> {
        self.tree.leaves().map(|leaf| leaf.name.as_str()).collect()
    }

    /// Leaf → its global weight, depth first; they sum to 1.
    #[getter]
    fn weights<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyDict>> {
        let weights = PyDict::new(py);
        self.tree.leaves().try_for_each(|leaf| weights.set_item(&leaf.name, leaf.global))?;
        Ok(weights)
    }

    /// The same as :attr:`weights`; those of inner nodes stand in :attr:`nodes`.
    #[getter]
    fn global_weights<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyDict>> {
        self.weights(py)
    }

    /// Every name but the root → its weight among its siblings.
    #[getter]
    fn local_weights<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyDict>> {
        let weights = PyDict::new(py);
        let mut below = self.tree.nodes().iter().filter(|node| node.parent.is_some());
        below.try_for_each(|node| weights.set_item(&node.name, node.local))?;
        Ok(weights)
    }

    /// Every name, depth first → a dict with parent, depth (0 for the root), children, local_weight, global_weight, leaf, and judged: the
    /// :class:`Weights` of its children, None where they were not judged.
    #[getter]
    fn nodes<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyDict>> {
        let nodes = PyDict::new(py);
        for node in self.tree.nodes() {
            let record = PyDict::new(py);
            let children: Vec<&str> = node.children.iter().map(|&at| self.name(at)).collect();
            record.set_item("parent", node.parent.map(|at| self.name(at)))?;
            record.set_item("depth", node.depth)?;
            record.set_item("leaf", children.is_empty())?;
            record.set_item("children", children)?;
            record.set_item("local_weight", node.local)?;
            record.set_item("global_weight", node.global)?;
            record.set_item("judged", self.judged(node).map(|judged| judged.into_pyobject(py)).transpose()?)?;
            nodes.set_item(&node.name, record)?;
        }
        Ok(nodes)
    }

    /// Every judged node → its CR.
    #[getter]
    fn cr<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyDict>> {
        let ratios = PyDict::new(py);
        for node in self.tree.nodes() {
            node.judged.iter().try_for_each(|judged| ratios.set_item(&node.name, judged.cr()))?;
        }
        Ok(ratios)
    }

    /// Whether CR ≤ 0.10 at every judged node.
    #[getter]
    fn consistent(&self) -> bool {
        self.tree.nodes().iter().filter_map(|node| node.judged.as_ref()).all(|judged| judged.cr() <= LIMIT)
    }

    /// Σ g·CI over the judged nodes, g their global weights.
    #[getter]
    fn total_ci(&self) -> f64 {
        self.tree.consistency().ci
    }

    /// Σ g·RI over the judged nodes.
    #[getter]
    fn total_ri(&self) -> f64 {
        self.tree.consistency().ri
    }

    /// The consistency ratio of the whole hierarchy, Σ g·CI / Σ g·RI over all judged nodes. Source: Saaty 1980, ch. 4. That of single
    /// levels, as Chinese textbooks have it (层次总排序): :attr:`levels`.
    #[getter]
    fn total_cr(&self) -> f64 {
        self.tree.consistency().cr
    }

    /// One dict for each depth that has nodes with children, the root's first: depth, ci, ri, cr of its judged nodes together.
    #[getter]
    fn levels<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyList>> {
        let levels: Vec<(usize, TreeConsistency)> = self.tree.consistency_by_depth().into_iter().enumerate().collect();
        records(py, &levels, |record, (depth, level)| {
            record.set_item("depth", depth)?;
            record.set_item("ci", level.ci)?;
            record.set_item("ri", level.ri)?;
            record.set_item("cr", level.cr)
        })
    }

    /// polars.DataFrame with one row for each name, depth first: name, parent, depth, leaf, local and global weight, and of judged nodes
    /// cr, method and random_index (the table really used).
    fn to_frame<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyAny>> {
        let nodes = self.tree.nodes();
        let judged = || nodes.iter().map(|node| node.judged.as_ref());
        table::small(
            py,
            &[
                ("name", "String", PyList::new(py, nodes.iter().map(|node| &node.name))?),
                ("parent", "String", PyList::new(py, nodes.iter().map(|node| node.parent.map(|at| self.name(at))))?),
                ("depth", "Int64", PyList::new(py, nodes.iter().map(|node| node.depth))?),
                ("leaf", "Boolean", PyList::new(py, nodes.iter().map(|node| node.children.is_empty()))?),
                ("local", "Float64", PyList::new(py, nodes.iter().map(|node| node.local))?),
                ("global", "Float64", PyList::new(py, nodes.iter().map(|node| node.global))?),
                ("cr", "Float64", PyList::new(py, judged().map(|judged| judged.map(|judged| judged.cr())))?),
                ("method", "String", PyList::new(py, judged().map(|judged| judged.map(|judged| judged.method().as_str())))?),
                ("random_index", "String", PyList::new(py, judged().map(|judged| judged.map(|judged| judged.random_index_used())))?),
            ],
        )
    }

    /// The number of leaves.
    fn __len__(&self) -> usize {
        self.tree.leaves().count()
    }

    /// The global weight of any name in the tree.
    fn __getitem__(&self, name: &str) -> PyResult<f64> {
        let node = self.tree.node(name);
        node.map(|node| node.global).ok_or_else(|| pyo3::exceptions::PyKeyError::new_err(name.to_owned()))
    }

    fn __repr__(&self) -> String {
        let lines = self.tree.nodes().iter().map(|node| {
            let cr = node.judged.as_ref().map_or_else(String::new, |judged| format!("  cr={:.4}", judged.cr()));
            let width = 40_usize.saturating_sub(2 * node.depth);
            format!("{}{:<width$} {:.4}{cr}", "  ".repeat(node.depth), node.name, node.global)
        });
        lines.collect::<Vec<_>>().join("\n")
    }

    fn _repr_html_(&self) -> String {
        let total = self.tree.consistency();
        let caption = format!("{} leaves; of the whole: CI {:.4}, RI {:.4}, CR {:.4}", self.__len__(), total.ci, total.ri, total.cr);
        let rows = self.tree.nodes().iter().map(|node| html::Bar {
            name: &node.name,
            depth: node.depth,
            leaf: node.children.is_empty(),
            local: node.local,
            global: node.global,
            cr: node.judged.as_ref().map(firmgrade::ahp::Weights::cr),
        });
        html::bars(&caption, rows, LIMIT)
    }

    fn __eq__(&self, other: &Self) -> bool {
        self.tree == other.tree && self.judgments == other.judgments
    }

    fn __reduce__<'py>(&self, py: Python<'py>) -> PyResult<(Bound<'py, PyAny>, Bound<'py, PyTuple>)> {
        let spec = PyDict::new(py);
        for node in self.tree.nodes() {
            let record = PyDict::new(py);
            let children = || node.children.iter().filter_map(|&at| self.tree.nodes().get(at));
            if !node.children.is_empty() {
                record.set_item("children", children().map(|child| child.name.as_str()).collect::<Vec<_>>())?;
                match self.judged(node) {
                    Some(judged) => record.set_item("judgments", judged.into_pyobject(py)?)?,
                    None if self.equal.contains(&node.name) => record.set_item("weights", "equal")?,
                    None if node.children.len() == 1 => {}
                    None => record.set_item("weights", children().map(|child| child.local).collect::<Vec<_>>())?,
                }
            }
            spec.set_item(&node.name, record)?;
        }
        Ok((py.get_type::<Self>().into_any(), PyTuple::new(py, [spec])?))
    }
}

impl Tree {
    fn name(&self, at: usize) -> &str {
        self.tree.nodes().get(at).map_or("", |node| node.name.as_str())
    }

    fn judged(&self, node: &TreeNode) -> Option<Weights> {
        let weights = node.judged.clone()?;
        self.judgments.get(&node.name).map(|judgments| Weights { judgments: judgments.clone(), weights })
    }
}
