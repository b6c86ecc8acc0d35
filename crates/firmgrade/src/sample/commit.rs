//! What is published before any source of entropy is known, and the seed that comes of it.

use super::design::Design;
use super::fault::SampleFault;
use super::frame::{Frame, Row, Salt, nfc};
use super::hash::{Hash, Suite, lp};
use super::merkle::{Tree, leaf, root_from_path};
use crate::error::Error;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// The name of the specification; part of commitments and records.
pub const SPEC: &str = "firmgrade-draw-v1";

/// What binds a plan before the draw.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Commitment {
    /// [`SPEC`].
    pub spec: String,
    /// The version of the engine that committed.
    pub engine: String,
    /// The plan; one draw only.
    pub plan_id: String,
    /// The hash function.
    pub suite: Suite,
    /// The root of the Merkle tree over the rows.
    pub root: Hash,
    /// How many rows.
    pub rows: u64,
    /// The digest of the policy that made the rates.
    pub policy_digest: String,
    /// The names of the sources of entropy, in the order of their bytes.
    pub sources: Vec<String>,
    /// How is drawn.
    pub design: Design,
}

/// A frame that is committed to, with the tree that proves single rows.
#[derive(Clone, Debug)]
pub struct Committed {
    /// What is published.
    pub commitment: Commitment,
    pub(super) frame: Frame,
    pub(super) tree: Tree,
}

/// Shows that one row is part of a commitment, to somebody who knows that row and its salt only.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Proof {
    /// The row, from 0, in the order of ids.
    pub index: u64,
    /// How many rows there are.
    pub rows: u64,
    /// The neighbours on the way to the root, from below.
    pub path: Vec<Hash>,
}

/// The root over a frame; salts in the order of the frame.
pub(super) fn tree(suite: Suite, frame: &Frame, salts: &[Salt]) -> Result<Tree, SampleFault> {
    if salts.len() != frame.len() {
        return Err(SampleFault::Count { what: "salts", found: salts.len(), expected: format!("{}, one for each row", frame.len()) });
    }
    Ok(Tree::new(suite, frame.leaves(suite, salts)))
}

impl Commitment {
    /// The digest that is published: `H("firmgrade/commitment/v1" || canonical JSON)`, keys sorted, no spaces, UTF-8.
    #[must_use]
    pub fn digest(&self) -> Hash {
        self.suite.hash(&[b"firmgrade/commitment/v1", canonical(self).as_bytes()])
    }

    /// Whether a row with its salt is part of this commitment.
    #[must_use]
    pub fn holds(&self, row: &Row<'_>, salt: &Salt, proof: &Proof) -> bool {
        let (Ok(index), Ok(rows)) = (usize::try_from(proof.index), usize::try_from(proof.rows)) else { return false };
        let leaf = leaf(self.suite, &[salt, &row.bytes()]);
        proof.rows == self.rows && root_from_path(self.suite, leaf, index, rows, &proof.path) == Some(self.root)
    }
}

impl Committed {
    /// Commits to a frame; salts in the order of the frame (see [`Frame::arrange`]).
    ///
    /// # Errors
    /// [`Error::Sample`] with everything that is wrong: an empty plan id, no sources, a source twice or without a name, another number of
    /// salts than rows, a design that the frame cannot keep.
    pub fn new(
        plan_id: &str,
        suite: Suite,
        policy_digest: &str,
        sources: &[&str],
        design: Design,
        frame: Frame,
        salts: &[Salt],
    ) -> Result<Self, Error> {
        let mut faults = named(plan_id, sources.iter().copied());
        faults.extend(design.faults(&frame));
        match tree(suite, &frame, salts) {
            Ok(tree) if faults.is_empty() => {
                let sources = sorted_names(sources);
                let commitment = Commitment {
                    spec: SPEC.to_owned(),
                    engine: crate::VERSION.to_owned(),
                    plan_id: nfc(plan_id).into_owned(),
                    suite,
                    root: tree.root(),
                    rows: frame.len() as u64,
                    policy_digest: policy_digest.to_owned(),
                    sources,
                    design,
                };
                Ok(Self { commitment, frame, tree })
            }
            Ok(_) => Err(Error::Sample(faults)),
            Err(fault) => {
                faults.push(fault);
                Err(Error::Sample(faults))
            }
        }
    }

    /// The same rows with other sources of entropy, for whoever names them late. What was published of the first commitment holds no more.
    ///
    /// # Errors
    /// [`Error::Sample`] for no sources, or one twice or without a name.
    pub fn with_sources(mut self, sources: &[&str]) -> Result<Self, Error> {
        let faults = named(&self.commitment.plan_id, sources.iter().copied());
        self.commitment.sources = sorted_names(sources);
        if faults.is_empty() { Ok(self) } else { Err(Error::Sample(faults)) }
    }

    /// The frame, in the order of ids.
    #[must_use]
    pub fn frame(&self) -> &Frame {
        &self.frame
    }

    /// The proof of one row, from 0 in the order of ids; `None` where there is none.
    #[must_use]
    pub fn proof(&self, row: usize) -> Option<Proof> {
        Some(Proof { index: row as u64, rows: self.commitment.rows, path: self.tree.path(row)? })
    }
}

/// The seed, sources in any order.
///
/// ```text
/// H("firmgrade/seed/v1" || lp(plan_id) || root || for sources sorted by name: lp(name) lp(value))
/// ```
///
/// # Errors
/// [`Error::Sample`] with everything that is wrong: an empty plan id, no sources, a source twice, without a name or without a value.
pub fn seed(suite: Suite, plan_id: &str, root: &Hash, sources: &[(&str, &[u8])]) -> Result<Hash, Error> {
    let mut faults = named(plan_id, sources.iter().map(|(name, _)| *name));
    for (name, value) in sources {
        if value.is_empty() {
            faults
                .push(SampleFault::Empty { what: format!("the value of entropy source `{name}`"), remedy: "give what the source showed" });
        }
    }
    if !faults.is_empty() {
        return Err(Error::Sample(faults));
    }
    let sorted: BTreeMap<_, _> = sources.iter().map(|(name, value)| (nfc(name), value)).collect();
    let mut bytes = b"firmgrade/seed/v1".to_vec();
    lp(&mut bytes, nfc(plan_id).as_bytes());
    bytes.extend_from_slice(&root.0);
    for (name, value) in sorted {
        lp(&mut bytes, name.as_bytes());
        lp(&mut bytes, value);
    }
    Ok(suite.hash(&[&bytes]))
}

fn sorted_names(sources: &[&str]) -> Vec<String> {
    let mut sources: Vec<String> = sources.iter().map(|name| nfc(name).into_owned()).collect();
    sources.sort();
    sources
}

fn named<'a>(plan_id: &str, sources: impl Iterator<Item = &'a str>) -> Vec<SampleFault> {
    let mut faults = Vec::new();
    if plan_id.trim().is_empty() {
        faults.push(SampleFault::Empty { what: "the plan id".to_owned(), remedy: "every plan has an id of its own" });
    }
    let mut count: BTreeMap<String, usize> = BTreeMap::new();
    for name in sources {
        *count.entry(nfc(name).into_owned()).or_default() += 1;
    }
    if count.is_empty() {
        faults.push(SampleFault::Empty { what: "the list of entropy sources".to_owned(), remedy: "name at least one" });
    }
    for (name, times) in count {
        if name.trim().is_empty() {
            faults.push(SampleFault::Empty { what: "the name of an entropy source".to_owned(), remedy: "every source has a name" });
        }
        if times > 1 {
            faults.push(SampleFault::SourceTwice { name });
        }
    }
    faults
}

/// JSON with its keys sorted and no spaces: one text for one value.
pub(super) fn canonical<T: Serialize>(value: &T) -> String {
    fn sorted(value: serde_json::Value) -> serde_json::Value {
        match value {
            serde_json::Value::Object(map) => {
                let keys: BTreeMap<String, serde_json::Value> = map.into_iter().map(|(key, value)| (key, sorted(value))).collect();
                serde_json::Value::Object(keys.into_iter().collect())
            }
            serde_json::Value::Array(values) => serde_json::Value::Array(values.into_iter().map(sorted).collect()),
            plain => plain,
        }
    }
    serde_json::to_value(value).map(|value| sorted(value).to_string()).unwrap_or_default()
}
