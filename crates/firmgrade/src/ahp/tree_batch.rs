//! One tree judged many times: by many experts, or in many draws.

use ndarray::{Array2, ArrayView3};

use super::batch::{Batch, batch};
use super::fault::nearest;
use super::priority::Method;
use super::random_index::RandomIndex;
use super::tree::{Tree, TreeNode};
use super::tree_fault::TreeFault;

/// The leaves' weights of a tree that was judged k times.
#[derive(Debug, Clone, PartialEq)]
pub struct TreeBatch {
    /// Global weights, shape `(k, n_leaves)`, leaves depth first as in [`Tree::leaves`]; each row sums to 1.
    pub weights: Array2<f64>,
    /// The nodes that were judged, in the order given, each with its weights and consistency.
    pub nodes: Vec<(String, Batch)>,
}

impl Tree {
    /// The tree with other judgments: `stacks` are the name of a node and k matrices of its children in their order, shape `(k, n, n)`.
    /// Other nodes keep their weights.
    ///
    /// ```text
    /// w_leaf = Π local weights from the root down        the same bits as by a tree made of the same matrices one by one
    /// ```
    ///
    /// # Errors
    /// Every name that is no node with children, every stack of another shape, every fault of the matrices, a hundred for each node at most.
    pub fn batch(
        &self,
        stacks: &[(String, ArrayView3<'_, f64>)],
        method: Method,
        random_index: RandomIndex,
    ) -> Result<TreeBatch, Vec<TreeFault>> {
        let Some(k) = stacks.first().map(|(_, stack)| stack.dim().0) else { return Err(vec![TreeFault::NothingJudged]) };
        let inner: Vec<&String> = self.nodes().iter().filter(|node| !node.children.is_empty()).map(|node| &node.name).collect();
        let mut faults = Vec::new();
        let mut judged: Vec<Option<Batch>> = vec![None; self.nodes().len()];
        let mut places = Vec::with_capacity(stacks.len());
        for (name, stack) in stacks {
            let place = self.nodes().iter().position(|node| node.name == *name && !node.children.is_empty());
            let Some((place, node)) = place.and_then(|at| Some((at, self.nodes().get(at)?))) else {
                faults.push(TreeFault::UnknownNode { node: name.clone(), nearest: nearest(name, inner.iter().copied()) });
                continue;
            };
            let expected = (k, node.children.len(), node.children.len());
            if stack.dim() != expected {
                faults.push(TreeFault::StackShape { node: name.clone(), found: stack.dim(), expected });
                continue;
            }
            if places.contains(&place) {
                faults.push(TreeFault::Repeated { name: name.clone() });
                continue;
            }
            match batch(stack.view(), method, random_index) {
                Ok(weighed) => {
                    if let Some(slot) = judged.get_mut(place) {
                        *slot = Some(weighed);
                    }
                    places.push(place);
                }
                Err(found) => faults.extend(found.into_iter().map(|fault| TreeFault::Judgments { node: name.clone(), fault })),
            }
        }
        if !faults.is_empty() {
            return Err(faults);
        }
        let weights = self.multiply(k, &judged);
        let name = |place: usize| self.nodes().get(place).map(|node| node.name.clone());
        let nodes = places.iter().filter_map(|&place| Some((name(place)?, judged.get_mut(place)?.take()?))).collect();
        Ok(TreeBatch { weights, nodes })
    }

    /// Local weights multiplied down to the leaves.
    fn multiply(&self, k: usize, judged: &[Option<Batch>]) -> Array2<f64> {
        let mut globals: Vec<Vec<f64>> = Vec::with_capacity(self.nodes().len());
        for (place, node) in self.nodes().iter().enumerate() {
            // Parents stand before their children.
            let above = node.parent.and_then(|parent| Some((self.nodes().get(parent)?, globals.get(parent)?, judged.get(parent)?)));
            let own = match above {
                None => vec![1.0; k],
                Some((parent, above, Some(batch))) => {
                    let column = parent.children.iter().position(|&child| child == place).unwrap_or(0);
                    above.iter().zip(batch.weights.column(column)).map(|(above, local)| above * local).collect()
                }
                Some((_, above, None)) => above.iter().map(|above| above * node.local).collect(),
            };
            globals.push(own);
        }
        let is_leaf = |(node, _): &(&TreeNode, &Vec<f64>)| node.children.is_empty();
        let leaves: Vec<&Vec<f64>> = self.nodes().iter().zip(&globals).filter(is_leaf).map(|(_, weights)| weights).collect();
        Array2::from_shape_fn((k, leaves.len()), |(row, leaf)| leaves.get(leaf).and_then(|w| w.get(row)).copied().unwrap_or(f64::NAN))
    }
}

#[cfg(test)]
mod tests {
    use super::super::{Judgments, NodeSpec, NodeWeights, SplitMix64, TreeSpec};
    use super::*;
    use ndarray::{Array3, Axis};

    fn names(text: &str) -> Vec<String> {
        text.split_whitespace().map(str::to_owned).collect()
    }

    fn random_stack(random: &mut SplitMix64, k: usize, n: usize) -> Array3<f64> {
        let mut stack = Array3::ones((k, n, n));
        for at in 0..k {
            for (i, j) in (0..n).flat_map(|i| (i + 1..n).map(move |j| (i, j))) {
                let value = (random.below(9) + 1) as f64;
                let value = if random.below(2) == 0 { value } else { 1.0 / value };
                stack[[at, i, j]] = value;
                stack[[at, j, i]] = 1.0 / value;
            }
        }
        stack
    }

    fn tree(weights: impl Fn(&str, &[String]) -> NodeWeights) -> Tree {
        let node = |name: &str, children: &str| {
            let children = names(children);
            NodeSpec { name: name.to_owned(), weights: weights(name, &children), children }
        };
        let nodes = vec![node("goal", "a b c"), node("a", "a1 a2 a3 a4"), node("b", "b1 b2"), node("a2", "x y z")];
        Tree::new(TreeSpec { root: "goal".to_owned(), nodes, leaves: names("a1 a3 a4 b1 b2 c x y z") }).unwrap()
    }

    #[test]
    fn a_batch_is_the_trees_of_its_matrices() {
        let mut random = SplitMix64::new(7);
        let stacks: Vec<(String, Array3<f64>)> =
            [("a2", 3), ("goal", 3), ("a", 4)].map(|(name, n)| (name.to_owned(), random_stack(&mut random, 50, n))).into();
        let views: Vec<_> = stacks.iter().map(|(name, stack)| (name.clone(), stack.view())).collect();
        let (method, index) = (Method::default(), RandomIndex::default());
        let many = tree(|_, _| NodeWeights::Equal).batch(&views, method, index).unwrap();
        assert_eq!(many.nodes.iter().map(|(name, _)| name.as_str()).collect::<Vec<_>>(), ["a2", "goal", "a"]);
        for at in 0..50 {
            let one = tree(|name, children| match stacks.iter().find(|(other, _)| other == name) {
                None => NodeWeights::Equal,
                Some((_, stack)) => {
                    let rows: Vec<Vec<f64>> = stack.index_axis(Axis(0), at).rows().into_iter().map(|row| row.to_vec()).collect();
                    NodeWeights::Judged(Judgments::from_matrix(Some(children.to_vec()), &rows).unwrap().weights(method, index))
                }
            });
            let bits = |weights: Vec<f64>| weights.into_iter().map(f64::to_bits).collect::<Vec<_>>();
            assert_eq!(bits(many.weights.row(at).to_vec()), bits(one.leaves().map(|leaf| leaf.global).collect()));
            for (name, batch) in &many.nodes {
                assert_eq!(one.node(name).and_then(|node| node.judged.as_ref()).map(|judged| judged.cr()), Some(batch.cr[at]));
            }
        }
    }

    #[test]
    fn every_fault_of_the_stacks_is_told() {
        let (good, short, wide) = (Array3::ones((2, 3, 3)), Array3::ones((1, 2, 2)), Array3::ones((2, 3, 3)));
        let mut bad = Array3::ones((2, 3, 3));
        bad[[1, 0, 2]] = -1.0;
        let stacks = [
            ("goal".to_owned(), good.view()),
            ("b".to_owned(), short.view()),
            ("a".to_owned(), wide.view()),
            ("A2".to_owned(), good.view()),
            ("c".to_owned(), good.view()),
            ("a2".to_owned(), bad.view()),
            ("goal".to_owned(), good.view()),
        ];
        let equal = tree(|_, _| NodeWeights::Equal);
        let found = equal.batch(&stacks, Method::default(), RandomIndex::default()).unwrap_err();
        let said: Vec<String> = found.iter().map(ToString::to_string).collect();
        assert_eq!(said.len(), 6, "{said:#?}");
        assert_eq!(said[0], "node `b`: found judgments of shape (1, 2, 2), expected (2, 2, 2)");
        assert_eq!(said[1], "node `a`: found judgments of shape (2, 3, 3), expected (2, 4, 4)");
        assert_eq!(said[2], "`A2` is not a node with children, did you mean `a2`?");
        assert_eq!(said[3], "`c` is not a node with children, did you mean `a`?");
        assert!(said[4].starts_with("node `a2`: matrix 2: "), "{}", said[4]);
        assert_eq!(said[5], "`goal` is defined twice, expected once");
        let none = equal.batch(&[], Method::default(), RandomIndex::default());
        assert_eq!(none.unwrap_err(), [TreeFault::NothingJudged]);
    }
}
