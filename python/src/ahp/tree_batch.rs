//! `firmgrade.ahp.TreeBatch`: one tree judged many times.

use super::output::{LIMIT, array};
use crate::html;
use numpy::{PyArray1, PyArray2};
use pyo3::prelude::*;
use pyo3::types::PyDict;

/// The leaves' weights of a tree that was judged k times. Made by :meth:`Tree.batch`.
#[pyclass(frozen, module = "firmgrade.ahp")]
pub struct TreeBatch {
    pub batch: firmgrade::ahp::TreeBatch,
    pub leaves: Vec<String>,
}

#[pymethods]
impl TreeBatch {
    /// The names of the leaves, depth first.
    #[getter]
    fn leaves(&self) -> Vec<&str> {
        self.leaves.iter().map(String::as_str).collect()
    }

    /// Global weights: float64, shape (k, n_leaves), read-only; each row sums to 1.
    #[getter]
    fn weights<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyArray2<f64>>> {
        array(py, &self.batch.weights.view())
    }

    /// Judged node → consistency ratio of each of its matrices: float64, shape (k,), read-only.
    #[getter]
    fn cr<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyDict>> {
        let ratios = PyDict::new(py);
        for (name, node) in &self.batch.nodes {
            let own: Bound<'py, PyArray1<f64>> = array(py, &node.cr.view())?;
            ratios.set_item(name, own)?;
        }
        Ok(ratios)
    }

    /// The number of times the tree was judged.
    fn __len__(&self) -> usize {
        self.batch.weights.nrows()
    }

    fn __repr__(&self) -> String {
        let (k, n) = self.batch.weights.dim();
        let within = (0..k).filter(|at| self.batch.nodes.iter().all(|(_, node)| node.cr.get(*at).is_some_and(|cr| *cr <= LIMIT))).count();
        format!("TreeBatch({k} times {n} leaves, {within} with cr ≤ 0.1 at every node)")
    }

    fn _repr_html_(&self) -> String {
        let (k, n) = self.batch.weights.dim();
        let mean = |leaf: usize| self.batch.weights.column(leaf).sum() / k as f64;
        let rows = self.leaves.iter().enumerate().map(|(leaf, name)| {
            let column = self.batch.weights.column(leaf);
            let least = column.iter().copied().fold(f64::INFINITY, f64::min);
            let most = column.iter().copied().fold(f64::NEG_INFINITY, f64::max);
            vec![name.clone(), format!("{:.4}", mean(leaf)), format!("{least:.4}"), format!("{most:.4}")]
        });
        html::table(&format!("{k} times {n} leaves"), &["leaf", "mean weight", "least", "most"], rows)
    }

    fn __eq__(&self, other: &Self) -> bool {
        self.batch == other.batch && self.leaves == other.leaves
    }
}
