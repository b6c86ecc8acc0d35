//! Which child of which node a name in a file means.

use std::collections::BTreeMap;

use firmgrade::Scorecard;

/// A child: its node and its place among the children, both from 0.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Child {
    pub(super) node: usize,
    pub(super) at: usize,
}

/// The children of all nodes by id and by title.
pub(super) struct Names<'c> {
    card: &'c Scorecard,
    known: BTreeMap<&'c str, Option<Child>>,
}

impl<'c> Names<'c> {
    pub(super) fn new(card: &'c Scorecard) -> Self {
        let mut known: BTreeMap<&str, Option<Child>> = BTreeMap::new();
        let children = || {
            card.nodes()
                .iter()
                .enumerate()
                .flat_map(|(node, inner)| inner.children.iter().enumerate().map(move |(at, id)| (id.as_str(), Child { node, at })))
        };
        for (id, child) in children() {
            // A title that two things share means neither; an id always means its own.
            known.entry(title(card, id)).and_modify(|twice| *twice = None).or_insert(Some(child));
        }
        for (id, child) in children() {
            known.insert(id, Some(child));
        }
        Self { card, known }
    }

    /// The child that is meant, or what to say.
    pub(super) fn find(&self, name: &str) -> Result<Child, (String, String)> {
        match self.known.get(name) {
            Some(Some(child)) => Ok(*child),
            Some(None) => Err((format!("two things of the card are called `{name}`"), "name it by its id".to_owned())),
            None if name.is_empty() => Err(("found no name".to_owned(), "name a criterion or an indicator of the card".to_owned())),
            None => {
                let near = firmgrade::nearest(name, self.known.keys().copied());
                let help = near
                    .map_or_else(|| "name a criterion or an indicator of the card".to_owned(), |near| format!("did you mean `{near}`?"));
                Err((format!("there is nothing called `{name}` in the card"), help))
            }
        }
    }

    /// The ids of a node's children.
    pub(super) fn children(&self, node: usize) -> &'c [String] {
        self.card.nodes().get(node).map_or(&[], |node| node.children.as_slice())
    }

    /// The id of a node.
    pub(super) fn node(&self, node: usize) -> &'c str {
        self.card.nodes().get(node).map_or("", |node| node.id.as_str())
    }

    /// Whether this is the id or the title of a node.
    pub(super) fn is_node(&self, name: &str) -> bool {
        self.card.nodes().iter().any(|node| node.id == name || node.title == name)
    }
}

/// The title of a criterion or an indicator; its id where it has none.
pub(super) fn title<'c>(card: &'c Scorecard, id: &'c str) -> &'c str {
    let node = card.nodes().iter().find(|node| node.id == id).map(|node| node.title.as_str());
    node.or_else(|| card.indicators().iter().find(|leaf| leaf.id == id).map(|leaf| leaf.title.as_str())).unwrap_or(id)
}
