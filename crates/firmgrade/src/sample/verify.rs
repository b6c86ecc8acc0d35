//! Verification: the record is replayed from the frame, and whatever does not fit is named.

use super::commit::{SPEC, seed, tree};
use super::draw::select;
use super::fault::SampleFault;
use super::frame::{Frame, Salt};
use super::record::{Record, marks};
use crate::error::Error;
use crate::person::mask;
use serde::Serialize;
use serde_json::Value;
use std::fmt;

/// Something in a record that does not fit. Numbers of natural persons are masked.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Mismatch {
    /// The field, such as `seed` or `selected[3].ticket`, counted from 0; `frame` for a row.
    pub field: String,
    /// The row of the frame, from 1 in the order of ids.
    pub row: Option<usize>,
    /// The firm.
    pub id: Option<String>,
    /// What stands there.
    pub found: String,
    /// What should.
    pub expected: String,
}

impl fmt::Display for Mismatch {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.field)?;
        if let Some(row) = self.row {
            write!(f, ", row {row}")?;
        }
        if let Some(id) = &self.id {
            write!(f, ", firm `{id}`")?;
        }
        write!(f, ": found {}, expected {}", self.found, self.expected)
    }
}

/// What was found to fit.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Verified {
    /// The rows of the frame.
    pub rows: u64,
    /// The firms drawn.
    pub selected: u64,
    /// The version of the engine that drew, where it is another than this one.
    pub other_engine: Option<String>,
}

/// Replays commitment, seed and draw; salts in the order of the frame. Later steps are replayed from what the record states of the earlier
/// ones, so each mismatch is one of its own.
///
/// # Errors
/// Everything that does not fit; of the firms drawn and in reserve the first one.
pub fn verify(record: &Record, frame: &Frame, salts: &[Salt]) -> Result<Verified, Vec<Mismatch>> {
    let mut wrong = Vec::new();
    let commitment = &record.commitment;
    let mut compare = |field: &str, found: &str, expected: &str| {
        if found != expected {
            wrong.push(plain(field, found, expected));
        }
    };
    compare("spec", &record.spec, SPEC);
    compare("commitment.spec", &commitment.spec, SPEC);
    compare("engine", &record.engine, &commitment.engine);
    if record.commitment_digest != commitment.digest() {
        let what =
            "the digest of its commitment: plan id, suite, engine version, policy digest, root, rows, sources and design as published";
        compare("commitment_digest", &record.commitment_digest.to_string(), &format!("{} ({what})", commitment.digest()));
    }
    compare("digest", &record.digest.to_string(), &record.digest_of_the_rest().to_string());
    compare("commitment.rows", &commitment.rows.to_string(), &frame.len().to_string());
    compare("sources", &record.sources.keys().cloned().collect::<Vec<_>>().join(", "), &commitment.sources.join(", "));
    let sources = record.source_bytes();
    let seeded = sources.as_ref().map(|sources| {
        let sources: Vec<(&str, &[u8])> = sources.iter().map(|(name, value)| (*name, value.as_slice())).collect();
        seed(commitment.suite, &commitment.plan_id, &commitment.root, &sources)
    });
    match seeded {
        Some(Ok(seed)) => compare("seed", &record.seed.to_string(), &seed.to_string()),
        Some(Err(error)) => compare("sources", "sources that give no seed", &error.to_string()),
        None => compare("sources", "a value that is not written so", "hexadecimal digits in lower case"),
    }
    rows(record, frame, salts, &mut wrong);
    match select(commitment.suite, &record.seed, frame, &commitment.design) {
        Ok(replay) => {
            let stratum = |index: usize| record.strata.get(index).or(replay.strata.get(index)).map(|one| one.stratum.clone());
            for (index, (found, expected)) in pairs(&record.strata, &replay.strata) {
                let name = stratum(index).unwrap_or_default();
                differences(&format!("strata[{index}] (`{name}`)"), &json(found), &json(expected), &mut wrong);
            }
            let row = |id: &str| frame.find(id).map(|row| row + 1);
            first(&record.selected, &replay.selected, "selected", |one| (row(&one.id), mask(&one.id)), &mut wrong);
            first(&record.reserve, &replay.reserve, "reserve", |one| (row(&one.id), mask(&one.id)), &mut wrong);
        }
        Err(Error::Sample(faults)) => wrong.extend(faults.iter().map(refused)),
        Err(error) => wrong.push(plain("commitment.design", &error.to_string(), "a design that the frame can keep")),
    }
    if wrong.is_empty() {
        let other_engine = (record.engine != crate::VERSION).then(|| record.engine.clone());
        Ok(Verified { rows: frame.len() as u64, selected: record.selected.len() as u64, other_engine })
    } else {
        Err(wrong)
    }
}

fn plain(field: &str, found: &str, expected: &str) -> Mismatch {
    Mismatch { field: field.to_owned(), row: None, id: None, found: found.to_owned(), expected: expected.to_owned() }
}

fn refused(fault: &SampleFault) -> Mismatch {
    plain("commitment.design", &fault.to_string(), "a design that the frame can keep")
}

/// The root, and where it does not fit the first row that does not.
fn rows(record: &Record, frame: &Frame, salts: &[Salt], wrong: &mut Vec<Mismatch>) {
    let tree = match tree(record.commitment.suite, frame, salts) {
        Ok(tree) => tree,
        Err(fault) => return wrong.push(plain("salts", &fault.to_string(), "one salt for each row")),
    };
    let found_marks = marks(&tree);
    if record.marks != found_marks {
        let row = (0..frame.len()).find(|row| record.mark(*row) != found_marks.get(row * 8..row * 8 + 8));
        wrong.push(Mismatch {
            field: if row.is_some() { "frame".to_owned() } else { "marks".to_owned() },
            row: row.map(|row| row + 1),
            id: row.map(|row| mask(frame.id(row))),
            found: "a row or salt that is not the one committed to, or rows before it added or missing".to_owned(),
            expected: row.and_then(|row| record.mark(row)).map_or_else(|| "no such row".to_owned(), |mark| format!("leaf {mark}…")),
        });
    }
    if tree.root() != record.commitment.root {
        wrong.push(plain("commitment.root", &record.commitment.root.to_string(), &tree.root().to_string()));
    }
}

fn json<T: Serialize>(value: Option<&T>) -> Value {
    value.and_then(|value| serde_json::to_value(value).ok()).unwrap_or(Value::Null)
}

/// Pairs that differ, with their place; the shorter list filled up with nothing.
fn pairs<'a, T: PartialEq>(found: &'a [T], expected: &'a [T]) -> impl Iterator<Item = (usize, (Option<&'a T>, Option<&'a T>))> {
    (0..found.len().max(expected.len()))
        .map(|at| (at, (found.get(at), expected.get(at))))
        .filter(|(_, (found, expected))| found != expected)
}

/// The first of two lists at which they differ.
fn first<T: PartialEq + Serialize>(
    found: &[T],
    expected: &[T],
    list: &str,
    who: impl Fn(&T) -> (Option<usize>, String),
    wrong: &mut Vec<Mismatch>,
) {
    let Some((at, (found, expected))) = pairs(found, expected).next() else { return };
    let before = wrong.len();
    differences(&format!("{list}[{at}]"), &json(found), &json(expected), wrong);
    if let Some((row, id)) = found.or(expected).map(who) {
        for mismatch in wrong.iter_mut().skip(before) {
            mismatch.row = row;
            mismatch.id = Some(id.clone());
        }
    }
}

/// Fields in which two values differ.
fn differences(path: &str, found: &Value, expected: &Value, wrong: &mut Vec<Mismatch>) {
    match (found, expected) {
        (Value::Object(found), Value::Object(expected)) => {
            let keys = found.keys().chain(expected.keys().filter(|key| !found.contains_key(*key)));
            for key in keys {
                let (found, expected) = (found.get(key).unwrap_or(&Value::Null), expected.get(key).unwrap_or(&Value::Null));
                differences(&format!("{path}.{key}"), found, expected, wrong);
            }
        }
        _ if found == expected => {}
        _ => wrong.push(plain(path, &shown(found), &shown(expected))),
    }
}

fn shown(value: &Value) -> String {
    match value {
        Value::Null => "nothing".to_owned(),
        Value::String(text) => format!("`{}`", mask(text)),
        other => mask(&other.to_string()),
    }
}
