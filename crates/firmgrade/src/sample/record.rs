//! The record of a draw: everything that is needed to replay it, given the frame and the salts.

use super::commit::{Commitment, Committed, SPEC, canonical, seed};
use super::draw::{Reserve, Selected, Selection, Stratum, select};
use super::fault::SampleFault;
use super::frame::nfc;
use super::hash::{Hash, from_hex, hex_into, to_hex};
use super::merkle::Tree;
use crate::error::Error;
use rayon::prelude::*;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// Bytes of each leaf that a record keeps.
const MARK: usize = 4;

/// Firms that one thread writes at a time.
const BLOCK: usize = 8_192;

/// The record of a draw.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Record {
    /// [`SPEC`].
    pub spec: String,
    /// The version of the engine that drew.
    pub engine: String,
    /// What was published before.
    pub commitment: Commitment,
    /// Its digest, as published.
    pub commitment_digest: Hash,
    /// What each source showed, in hexadecimal digits.
    pub sources: BTreeMap<String, String>,
    /// The seed.
    pub seed: Hash,
    /// The arithmetic of each stratum.
    pub strata: Vec<Stratum>,
    /// The firms drawn.
    pub selected: Vec<Selected>,
    /// The firms in reserve.
    pub reserve: Vec<Reserve>,
    /// The first four bytes of each leaf in hexadecimal digits: they tell which row does not fit, and nothing about it without its salt.
    pub marks: String,
    /// `H("firmgrade/record/v1" || canonical JSON of all the other fields)`.
    pub digest: Hash,
}

impl Committed {
    /// Draws: the values of the sources committed to, in any order.
    ///
    /// # Errors
    /// [`Error::Sample`] where the sources are not those of the commitment, or one has no value.
    pub fn draw(&self, sources: &[(&str, &[u8])]) -> Result<Record, Error> {
        let commitment = &self.commitment;
        let mut faults = Vec::new();
        let given: Vec<_> = sources.iter().map(|(name, _)| nfc(name)).collect();
        for name in commitment.sources.iter().filter(|name| !given.iter().any(|given| given == name.as_str())) {
            faults.push(SampleFault::Source { name: name.clone(), what: "has no value" });
        }
        for name in given.iter().filter(|name| !commitment.sources.iter().any(|known| known == name.as_ref())) {
            faults.push(SampleFault::Source { name: name.to_string(), what: "was not committed to" });
        }
        if !faults.is_empty() {
            return Err(Error::Sample(faults));
        }
        let seed = seed(commitment.suite, &commitment.plan_id, &commitment.root, sources)?;
        let Selection { strata, selected, reserve } = select(commitment.suite, &seed, &self.frame, &commitment.design)?;
        let mut record = Record {
            spec: SPEC.to_owned(),
            engine: crate::VERSION.to_owned(),
            commitment: commitment.clone(),
            commitment_digest: commitment.digest(),
            sources: sources.iter().map(|(name, value)| (nfc(name).into_owned(), to_hex(value))).collect(),
            seed,
            strata,
            selected,
            reserve,
            marks: marks(&self.tree),
            digest: seed,
        };
        record.digest = record.digest_of_the_rest();
        Ok(record)
    }
}

/// The JSON of the values of a list, without its brackets, in pieces.
fn list<T: Serialize + Sync>(values: &[T]) -> Vec<String> {
    let piece = |(at, some): (usize, &[T])| {
        let json = serde_json::to_string(some).unwrap_or_default();
        let inner = json.get(1..json.len().saturating_sub(1)).unwrap_or_default();
        if at == 0 { inner.to_owned() } else { format!(",{inner}") }
    };
    values.par_chunks(BLOCK).enumerate().map(piece).collect()
}

pub(super) fn marks(tree: &Tree) -> String {
    let mut text = String::with_capacity(tree.leaves().len() * MARK * 2);
    for leaf in tree.leaves() {
        hex_into(&mut text, leaf.0.get(..MARK).unwrap_or_default());
    }
    text
}

impl Record {
    /// The digits of a row's mark.
    pub(super) fn mark(&self, row: usize) -> Option<&str> {
        self.marks.get(row * MARK * 2..(row + 1) * MARK * 2)
    }

    /// What the digest has to be.
    #[must_use]
    pub fn digest_of_the_rest(&self) -> Hash {
        let rest = self.canonical_rest();
        let parts: Vec<&[u8]> = std::iter::once("firmgrade/record/v1").chain(rest.iter().map(String::as_str)).map(str::as_bytes).collect();
        self.commitment.suite.hash(&parts)
    }

    /// The canonical JSON of all fields but the digest, in pieces. The long lists are written as they are, for their fields are sorted: a tree of
    /// them would take a gigabyte for a draw from millions.
    fn canonical_rest(&self) -> Vec<String> {
        let mut pieces = vec![format!(
            r#"{{"commitment":{},"commitment_digest":{},"engine":{},"marks":"#,
            canonical(&self.commitment),
            canonical(&self.commitment_digest),
            canonical(&self.engine),
        )];
        pieces.push(serde_json::to_string(&self.marks).unwrap_or_default());
        pieces.push(r#","reserve":["#.to_owned());
        pieces.extend(list(&self.reserve));
        pieces.push(format!(r#"],"seed":{},"selected":["#, canonical(&self.seed)));
        pieces.extend(list(&self.selected));
        pieces.push(format!(
            r#"],"sources":{},"spec":{},"strata":{}}}"#,
            canonical(&self.sources),
            canonical(&self.spec),
            canonical(&self.strata)
        ));
        pieces
    }

    /// The values of the sources as bytes; `None` where one is not written in hexadecimal digits.
    pub(super) fn source_bytes(&self) -> Option<Vec<(&str, Vec<u8>)>> {
        self.sources.iter().map(|(name, value)| Some((name.as_str(), from_hex(value)?))).collect()
    }

    /// The record as JSON, indented.
    #[must_use]
    pub fn to_json(&self) -> String {
        serde_json::to_string_pretty(self).map(|text| text + "\n").unwrap_or_default()
    }

    /// A record from JSON. Unknown and missing fields are refused.
    ///
    /// # Errors
    /// [`Error::Sample`] with what cannot be read, and its line.
    pub fn from_json(text: &str) -> Result<Self, Error> {
        serde_json::from_str(text)
            .map_err(|error| Error::Sample(vec![SampleFault::Unreadable { what: "the record".to_owned(), why: error.to_string() }]))
    }
}

#[cfg(test)]
mod tests {
    use super::super::{Design, Frame, Rate, Row, Suite};
    use super::*;

    /// The digest by its definition: the JSON of the whole record read back as a tree, its digest taken out, keys sorted.
    #[test]
    fn the_digest_is_that_of_the_canonical_json() {
        let ids: Vec<String> = (0..40).map(|at| format!("\"企业\\{at}\u{1}")).collect();
        let row = |id| Row { id, grade: "A", stratum: "一", rate: Rate { num: 1, den: 4 }, exclusion: "" };
        let frame = Frame::new(ids.iter().map(|id| row(id))).unwrap();
        let items = [("tax".to_owned(), [("一".to_owned(), Rate { num: 1, den: 4 })].into()), ("fire".to_owned(), [].into())].into();
        let design = Design { reserve: 3, items, ..Design::default() };
        let committed = Committed::new("p", Suite::Sha256, "d", &["b", "a"], design, frame, &[[3; 16]; 40]).unwrap();
        let record = committed.draw(&[("b", b"2"), ("a", b"1")]).unwrap();
        assert!(record.selected.iter().all(|one| one.pi_item.len() == 1));
        let mut tree: serde_json::Value = serde_json::from_str(&record.to_json()).unwrap();
        tree.as_object_mut().unwrap().remove("digest");
        assert_eq!(record.canonical_rest().concat(), canonical(&tree));
        assert_eq!(record.digest, Suite::Sha256.hash(&[b"firmgrade/record/v1", canonical(&tree).as_bytes()]));
        // A list of more than one piece, and one of none.
        let many: Vec<usize> = (0..BLOCK * 2 + 1).collect();
        assert_eq!(format!("[{}]", list(&many).concat()), serde_json::to_string(&many).unwrap());
        assert!(list::<usize>(&[]).is_empty());
    }
}
