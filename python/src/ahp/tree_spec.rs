//! Trees as people write them in Python: nested or flat dicts, read into the engine's statement of a tree.

use super::input::{self, Given, choice, each, numbers, text, warn_of_rounding};
use super::weights::Weights;
use crate::errors::NodeFault;
use firmgrade::ahp::{Judgments, Method, NodeSpec, NodeWeights, RandomIndex, TreeSpec};
use numpy::Ix1;
use pyo3::prelude::*;
use pyo3::types::{PyDict, PyList, PyString, PyTuple};
use std::collections::{BTreeMap, BTreeSet, VecDeque};

/// The keys of a node; the first is what it is called in messages and the others are understood.
const JUDGMENTS: [&str; 5] = ["judgments", "judgements", "matrix", "pairs", "comparisons"];
const KEYS: [&str; 10] =
    ["judgments", "judgements", "matrix", "pairs", "comparisons", "children", "weights", "method", "random_index", "name"];
/// What a root without a name is called.
const GOAL: &str = "goal";

/// A tree as stated, its judgments kept.
pub struct Stated {
    pub spec: TreeSpec,
    pub judgments: BTreeMap<String, Judgments>,
}

/// A node as written.
struct Written<'py> {
    name: String,
    children: Option<Vec<String>>,
    judgments: Option<Bound<'py, PyAny>>,
    weights: Option<Bound<'py, PyAny>>,
    method: Option<String>,
    random_index: Option<String>,
}

/// Everything written so far, in the order in which it was met.
struct Reader<'py> {
    waiting: VecDeque<(String, Bound<'py, PyAny>)>,
    nodes: Vec<Written<'py>>,
    leaves: Vec<String>,
    faults: Vec<NodeFault>,
}

/// Reads a tree.
///
/// # Errors
/// `TypeError` for what is no dict, `FirmgradeError` for an unknown method or table; faults come back in the inner result.
pub fn read(
    spec: &Bound<'_, PyDict>,
    leaves: Option<Vec<String>>,
    method: Option<&str>,
    random_index: Option<&str>,
) -> PyResult<Result<Stated, Vec<NodeFault>>> {
    let py = spec.py();
    let mut reader = Reader { waiting: VecDeque::new(), nodes: Vec::new(), leaves: Vec::new(), faults: Vec::new() };
    if is_node(spec)? {
        let name = spec.get_item("name")?.map_or_else(|| Ok(GOAL.to_owned()), |name| text(&name))?;
        reader.waiting.push_back((name, spec.clone().into_any()));
    } else {
        for (name, node) in spec {
            reader.waiting.push_back((text(&name)?, node));
        }
    }
    while let Some((name, node)) = reader.waiting.pop_front() {
        reader.node(name, &node)?;
    }
    let Reader { nodes: written, leaves: declared, mut faults, .. } = reader;
    let mut nodes = Vec::with_capacity(written.len());
    let mut kept = BTreeMap::new();
    for node in written {
        let name = node.name.clone();
        let chosen = (choice(py, node.method.as_deref().or(method))?, choice(py, node.random_index.as_deref().or(random_index))?);
        let stated = (node.method.is_some() || method.is_some(), node.random_index.is_some() || random_index.is_some());
        if let Some((node, judgments)) = weighed(node, chosen, stated, &mut faults)? {
            nodes.push(node);
            kept.extend(judgments.map(|judgments| (name, judgments)));
        }
    }
    if !faults.is_empty() {
        return Ok(Err(faults));
    }
    Ok(Ok(Stated { spec: rooted(nodes, declared, leaves), judgments: kept }))
}

impl<'py> Reader<'py> {
    fn refuse(&mut self, node: &str, message: String) {
        self.faults.push(NodeFault::Stated { node: node.to_owned(), message });
    }

    fn node(&mut self, name: String, node: &Bound<'py, PyAny>) -> PyResult<()> {
        let mut written = Written { name, children: None, judgments: None, weights: None, method: None, random_index: None };
        if node.is_none() || node.cast::<PyDict>().is_ok_and(|dict| dict.is_empty()) {
            self.leaves.push(written.name);
            return Ok(());
        }
        if let Ok(dict) = node.cast::<PyDict>() {
            if dict.keys().iter().all(|key| is_pair(&key)) {
                written.judgments = Some(node.clone());
            } else if !self.keys(&mut written, dict)? {
                return Ok(());
            }
        } else if is_names(node) {
            written.children = self.children(&written.name, node, &mut written.weights)?;
        } else {
            written.judgments = Some(node.clone());
        }
        self.nodes.push(written);
        Ok(())
    }

    /// Reads the keys of a node; false where they are refused.
    fn keys(&mut self, written: &mut Written<'py>, dict: &Bound<'py, PyDict>) -> PyResult<bool> {
        let before = self.faults.len();
        for (key, value) in dict {
            let key = text(&key)?;
            let value = Some(value).filter(|value| !value.is_none());
            match key.as_str() {
                "children" => {
                    if let Some(value) = value {
                        written.children = self.children(&written.name, &value, &mut written.weights)?;
                    }
                }
                "weights" => written.weights = value.or(written.weights.take()),
                "method" => written.method = value.map(|value| text(&value)).transpose()?,
                "random_index" => written.random_index = value.map(|value| text(&value)).transpose()?,
                "name" => {}
                key if JUDGMENTS.contains(&key) => written.judgments = value.or(written.judgments.take()),
                other => {
                    let message = format!(
                        "found the key `{other}`, expected one of judgments, weights, children, method, random_index; \
                         nodes below it stand under children"
                    );
                    self.refuse(&written.name, message);
                }
            }
        }
        Ok(self.faults.len() == before)
    }

    /// The names of the children; what is said about them as nodes waits its turn. Numbers in a dict are weights.
    fn children(
        &mut self,
        node: &str,
        children: &Bound<'py, PyAny>,
        weights: &mut Option<Bound<'py, PyAny>>,
    ) -> PyResult<Option<Vec<String>>> {
        if let Ok(dict) = children.cast::<PyDict>() {
            let names = dict.keys().iter().map(|key| text(&key)).collect::<PyResult<Vec<String>>>()?;
            if !dict.is_empty() && dict.values().iter().all(|value| value.extract::<f64>().is_ok()) {
                weights.get_or_insert_with(|| children.clone());
                return Ok(Some(names));
            }
            for (name, value) in names.iter().zip(dict.values()) {
                self.below(name, value);
            }
            return Ok(Some(names));
        }
        let mut names = Vec::new();
        for child in each(children)? {
            if let Ok(dict) = child.cast::<PyDict>() {
                let name = dict.get_item("name")?.map(|name| text(&name)).transpose()?;
                match (name, dict.len()) {
                    (Some(name), _) => {
                        // Nothing but a name is a leaf.
                        let inner = if dict.len() == 1 { child.py().None().into_bound(child.py()) } else { child.clone() };
                        self.below(&name, inner);
                        names.push(name);
                    }
                    (None, 1) => {
                        for (name, inner) in dict {
                            let name = text(&name)?;
                            self.below(&name, inner);
                            names.push(name);
                        }
                    }
                    (None, _) => self.refuse(node, format!("found a child without a name: {}", short(&child)?)),
                }
            } else {
                names.push(text(&child)?);
            }
        }
        Ok(Some(names))
    }

    fn below(&mut self, name: &str, node: Bound<'py, PyAny>) {
        // A leaf in place is no second definition of what the flat dict defines elsewhere.
        if !(node.is_none() || node.cast::<PyDict>().is_ok_and(|dict| dict.is_empty())) {
            self.waiting.push_back((name.to_owned(), node));
        }
    }
}

/// The node with its weights; `None` where something is wrong with them.
fn weighed(
    node: Written<'_>,
    (method, random_index): (Method, RandomIndex),
    stated: (bool, bool),
    faults: &mut Vec<NodeFault>,
) -> PyResult<Option<(NodeSpec, Option<Judgments>)>> {
    let Written { name, children, judgments, weights, .. } = node;
    let mut refuse = |message: &str| {
        faults.push(NodeFault::Stated { node: name.clone(), message: message.to_owned() });
        Ok(None)
    };
    match (judgments, weights) {
        (Some(_), Some(_)) => refuse("found judgments and weights, expected one of them"),
        (None, None) => {
            let children = children.unwrap_or_default();
            let weights = NodeWeights::Single;
            Ok(Some((NodeSpec { name, children, weights }, None)))
        }
        (Some(judgments), None) => {
            let py = judgments.py();
            let own = judgments.cast::<Weights>().ok().map(|own| (own.get().weights.method(), own.get().weights.random_index()));
            let method = own.filter(|_| !stated.0).map_or(method, |own| own.0);
            let random_index = own.filter(|_| !stated.1).map_or(random_index, |own| own.1);
            let given = Given::read(&judgments, None, false)?;
            let given = match &children {
                Some(children) => given.or_named(children),
                None if given.names().is_none() => return refuse("its judgments name nothing, expected `children`"),
                None => given,
            };
            match given.judgments() {
                Ok(judged) => {
                    if own.is_none() {
                        warn_of_rounding(py, judged.largest_rounding(), &format!("node {name}: "))?;
                    }
                    let children = children.unwrap_or_else(|| judged.names().to_vec());
                    let weights = NodeWeights::Judged(judged.weights(method, random_index));
                    Ok(Some((NodeSpec { name, children, weights }, Some(judged))))
                }
                Err(found) => {
                    faults.extend(found.into_iter().map(|fault| NodeFault::Judgments { node: name.clone(), fault }));
                    Ok(None)
                }
            }
        }
        (None, Some(weights)) => {
            if let Ok(word) = weights.cast::<PyString>() {
                return match (word.to_str()?, children) {
                    ("equal", Some(children)) => Ok(Some((NodeSpec { name, children, weights: NodeWeights::Equal }, None))),
                    ("equal", None) => refuse("found equal weights of nothing, expected `children`"),
                    (other, _) => refuse(&format!("found the weights `{other}`, expected numbers or \"equal\"")),
                };
            }
            let Ok(named) = weights.cast::<PyDict>() else {
                let direct = numbers::<Ix1>(&weights)?.as_array().to_vec();
                return match children {
                    Some(children) => Ok(Some((NodeSpec { name, children, weights: NodeWeights::Direct(direct) }, None))),
                    None => refuse("its weights name nothing, expected `children`"),
                };
            };
            let keys: Vec<String> = named.keys().iter().map(|key| text(&key)).collect::<PyResult<_>>()?;
            let children = children.unwrap_or_else(|| keys.clone());
            let quoted = |names: &[&String]| names.iter().map(|name| format!("`{name}`")).collect::<Vec<_>>().join(", ");
            let more: Vec<&String> = keys.iter().filter(|key| !children.contains(key)).collect();
            let lacking: Vec<&String> = children.iter().filter(|child| !keys.contains(child)).collect();
            if !more.is_empty() || !lacking.is_empty() {
                let (found, all) = (quoted(&keys.iter().collect::<Vec<_>>()), quoted(&children.iter().collect::<Vec<_>>()));
                return refuse(&format!("found weights of {found}, expected one for each of {all}"));
            }
            let mut direct = Vec::with_capacity(children.len());
            for child in &children {
                let weight = named.iter().zip(&keys).find(|(_, key)| *key == child).map(|((_, weight), _)| weight.extract::<f64>());
                match weight.transpose() {
                    Ok(weight) => direct.extend(weight),
                    Err(_) => return refuse(&format!("found a weight of `{child}` that is no number")),
                }
            }
            Ok(Some((NodeSpec { name, children, weights: NodeWeights::Direct(direct) }, None)))
        }
    }
}

/// Root and leaves. The root is the first node that is nobody's child. Another such node is a mistake: a child that is spelt nearly like it
/// is then no leaf but a misnamed child, and the engine says so.
fn rooted(nodes: Vec<NodeSpec>, declared: Vec<String>, stated: Option<Vec<String>>) -> TreeSpec {
    let named: BTreeSet<&String> = nodes.iter().map(|node| &node.name).collect();
    let children: BTreeSet<&String> = nodes.iter().flat_map(|node| &node.children).collect();
    let mut tops = nodes.iter().map(|node| &node.name).filter(|name| !children.contains(name));
    let root = tops.next().or_else(|| nodes.first().map(|node| &node.name)).or(declared.first()).cloned().unwrap_or_default();
    let orphans: Vec<&String> = tops.filter(|name| **name != root).chain(declared.iter().filter(|name| !children.contains(name))).collect();
    let mut seen = BTreeSet::new();
    let below = nodes.iter().flat_map(|node| &node.children).chain(&declared);
    let misspelt = |leaf: &String| orphans.iter().any(|orphan| firmgrade::ahp::alike(leaf, orphan)) && !declared.contains(leaf);
    let found = below.filter(|name| !named.contains(name) && seen.insert(*name) && !misspelt(name));
    let leaves = stated.unwrap_or_else(|| found.cloned().collect());
    TreeSpec { root, nodes, leaves }
}

/// A dict that is one node, not names → nodes.
fn is_node(spec: &Bound<'_, PyDict>) -> PyResult<bool> {
    let keys: Vec<String> = spec.keys().iter().map(|key| text(&key)).collect::<PyResult<_>>()?;
    let known = |key: &String| KEYS.contains(&key.as_str());
    Ok(keys.iter().all(known) && keys.iter().any(|key| key == "children" || key == "weights" || JUDGMENTS.contains(&key.as_str())))
}

fn is_pair(key: &Bound<'_, PyAny>) -> bool {
    key.cast::<PyTuple>().is_ok() || key.cast::<PyString>().is_ok_and(|key| key.to_str().is_ok_and(|key| key.contains([':', '：'])))
}

/// A list of names or of nodes, not of rows.
fn is_names(node: &Bound<'_, PyAny>) -> bool {
    let listed = node.cast::<PyList>().is_ok() || node.cast::<PyTuple>().is_ok();
    let is_name = |item: &Bound<'_, PyAny>| item.cast::<PyString>().is_ok() || item.cast::<PyDict>().is_ok();
    listed && each(node).is_ok_and(|items| items.iter().all(is_name))
}

fn short(thing: &Bound<'_, PyAny>) -> PyResult<String> {
    Ok(input::text(&thing.repr()?.into_any())?.chars().take(60).collect())
}
