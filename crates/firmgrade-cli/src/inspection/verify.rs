//! `firmgrade verify`: whether a draw, a match, or one firm's place on the list holds.

use super::args::VerifyArgs;
use super::files::{self, MatchFile};
use crate::failure::Failure;
use crate::screen;
use firmgrade::sample::matching::{Inspector, Roster, RosterSpec, verify as verify_match};
use firmgrade::sample::{Frame, Proof, Rate, Record, Row, Salt, Step, Suite, merkle, seed, verify};
use firmgrade::{Error, mask};
use firmgrade_frame::sampling::inspectors;
use firmgrade_frame::{refuse_overwrite_of_inputs, write_texts};
use serde::{Deserialize, Serialize};
use std::collections::BTreeSet;
use std::path::Path;

/// What one firm needs to show that it was on the list.
#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct ProofFile {
    suite: Suite,
    index: u64,
    rows: u64,
    path: Vec<firmgrade::sample::Hash>,
    row: ProofRow,
    /// 32 hexadecimal digits.
    salt: String,
}

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct ProofRow {
    id: String,
    grade: String,
    stratum: String,
    num: u64,
    den: u64,
    exclusion: String,
}

/// What was looked at, and what does not fit.
#[derive(Default)]
struct Findings {
    fine: Vec<String>,
    wrong: Vec<String>,
}

impl Findings {
    /// Notes what does not fit of one thing, or that it holds.
    fn close(&mut self, what: &str, wrong: Vec<String>, fine: String) {
        if wrong.is_empty() {
            self.fine.push(format!("{what}: {fine}"));
        } else {
            self.wrong.extend(wrong.into_iter().map(|wrong| format!("error: {what}: {wrong}")));
        }
    }
}

pub(crate) fn run(args: &VerifyArgs) -> Result<(), Failure> {
    if let Some(output) = &args.output {
        let inputs: Vec<_> = [Some(&args.record), args.frame.as_ref(), args.matched.as_ref()].into_iter().flatten().collect();
        refuse_overwrite_of_inputs(&[output], &inputs).map_err(|error| Failure::usage(&error))?;
    }
    let record = files::record(&args.record)?;
    let mut found = Findings::default();
    own(&record, &mut found);
    if let Some(path) = &args.policy {
        let (policy, stated) = (files::policy(path)?, &record.commitment.policy_digest);
        let wrong = if policy.digest() == stated { vec![] } else { vec![format!("found digest {}, expected {stated}", policy.digest())] };
        found.close("policy", wrong, "the one committed to".to_owned());
    }
    if let Some(path) = &args.log {
        in_log(&record, path, &mut found)?;
    }
    let listed = args.frame.as_deref().map(files::frame).transpose()?;
    if let Some((frame, salts)) = &listed {
        replay(&record, frame, salts, &mut found);
    }
    if let Some(path) = &args.matched {
        matched(&record, path, args.inspectors.as_deref(), &mut found)?;
    }
    if let Some(path) = &args.proof {
        proven(&record, path, &mut found)?;
    }
    let proof = match (&args.firm, &listed) {
        (Some(id), Some((frame, salts))) if found.wrong.is_empty() => Some(proof(&record, frame, salts, id)?),
        _ => None,
    };
    if !found.wrong.is_empty() {
        return Err(Failure::Problems(found.wrong));
    }
    if args.frame.is_none() && args.proof.is_none() {
        screen::message("note: without --frame the draw itself was not replayed");
    }
    let summary: String = found.fine.iter().map(|line| format!("{line}\n")).collect();
    match (proof, &args.output) {
        (Some(proof), Some(output)) => {
            write_texts(&[(output.clone(), proof)])?;
            screen::data(&format!("{summary}proof: {}\n", output.display()))
        }
        (Some(proof), None) => {
            found.fine.iter().for_each(|line| screen::message(line));
            screen::data(&proof)
        }
        (None, _) => screen::data(&summary),
    }
}

/// What a record shows by itself: digests and seed.
fn own(record: &Record, found: &mut Findings) {
    let mut wrong = Vec::new();
    let mut compare = |what: &str, found: String, expected: String| {
        if found != expected {
            wrong.push(format!("{what}: found {found}, expected {expected}"));
        }
    };
    let commitment = &record.commitment;
    compare("engine", record.engine.clone(), commitment.engine.clone());
    compare("commitment_digest", record.commitment_digest.to_string(), commitment.digest().to_string());
    compare("digest", record.digest.to_string(), record.digest_of_the_rest().to_string());
    let sources: Option<Vec<(&str, Vec<u8>)>> = record.sources.iter().map(|(name, value)| Some((name.as_str(), bytes(value)?))).collect();
    let sources = sources.unwrap_or_default();
    let borrowed: Vec<(&str, &[u8])> = sources.iter().map(|(name, value)| (*name, value.as_slice())).collect();
    match seed(commitment.suite, &commitment.plan_id, &commitment.root, &borrowed) {
        Ok(seed) => compare("seed", record.seed.to_string(), seed.to_string()),
        Err(_) => wrong.push("sources: found values that give no seed, expected hexadecimal digits".to_owned()),
    }
    let fine = format!("plan {}, {} rows, {} drawn, digests and seed fit", commitment.plan_id, commitment.rows, record.selected.len());
    found.close("record", wrong, fine);
}

/// Bytes from hexadecimal digits.
fn bytes(text: &str) -> Option<Vec<u8>> {
    let digits = text.len().is_multiple_of(2) && text.bytes().all(|byte| byte.is_ascii_hexdigit());
    let byte = |at: usize| u8::from_str_radix(text.get(at..at + 2)?, 16).ok();
    if digits { (0..text.len()).step_by(2).map(byte).collect() } else { None }
}

/// Whether the log holds commitment and record of the plan.
fn in_log(record: &Record, path: &Path, found: &mut Findings) -> Result<(), Failure> {
    let log = firmgrade::sample::Log::from_lines(&files::text(path)?).map_err(|error| files::in_file(path, error))?;
    let mut wrong = Vec::new();
    let steps: Vec<&Step> = log.entries().iter().filter(|one| one.plan_id == record.commitment.plan_id).map(|one| &one.step).collect();
    if !steps.contains(&&Step::Committed { digest: record.commitment_digest }) {
        wrong.push(format!("no entry commits plan {} to {}", record.commitment.plan_id, record.commitment_digest));
    }
    if !steps.contains(&&Step::Drawn { digest: record.digest, seed: record.seed }) {
        wrong.push(format!("no entry says that plan {} was drawn with record {}", record.commitment.plan_id, record.digest));
    }
    for step in &steps {
        if let Step::Void { reason } = step {
            wrong.push(format!("plan {} is void: {reason}", record.commitment.plan_id));
        }
    }
    found.close("log", wrong, format!("{} entries in one chain; commitment and record are there", log.entries().len()));
    Ok(())
}

fn replay(record: &Record, frame: &Frame, salts: &[Salt], found: &mut Findings) {
    match verify(record, frame, salts) {
        Ok(verified) => {
            if let Some(engine) = &verified.other_engine {
                screen::warning(&format!("drawn with firmgrade {engine}, replayed with {}", firmgrade::VERSION));
            }
            found.fine.push(format!("draw: {} rows replayed, all {} firms drawn fit", verified.rows, verified.selected));
        }
        // What the record shows by itself was said.
        Err(wrong) => {
            let said = |line: &String| !found.wrong.iter().any(|known| known.ends_with(line.as_str()));
            let lines: Vec<String> = wrong.iter().map(ToString::to_string).filter(said).collect();
            found.wrong.extend(lines.into_iter().map(|line| format!("error: draw: {line}")));
        }
    }
}

fn matched(record: &Record, path: &Path, people: Option<&Path>, found: &mut Findings) -> Result<(), Failure> {
    let file: MatchFile = files::json(path, "match")?;
    let mut wrong = Vec::new();
    let mut compare = |what: &str, found: String, expected: String| {
        if found != expected {
            wrong.push(format!("{what}: found {found}, expected {expected}"));
        }
    };
    compare("plan_id", file.plan_id.clone(), record.commitment.plan_id.clone());
    compare("record", file.record.to_string(), record.digest.to_string());
    compare("seed", file.seed.to_string(), record.seed.to_string());
    let drawn: BTreeSet<&str> = record.selected.iter().map(|one| one.id.as_str()).collect();
    let visits: BTreeSet<&str> = file.spec.visits.iter().map(|one| one.id.as_str()).collect();
    wrong.extend(drawn.difference(&visits).map(|id| format!("firm `{}` was drawn and has no visit", mask(id))));
    wrong.extend(visits.difference(&drawn).map(|id| format!("visit `{}` is to a firm that was not drawn", mask(id))));
    if let Some(path) = people {
        let given = inspectors(&files::table(path, None)?).map_err(|faults| files::of_table(path, &faults))?;
        wrong.extend(others(&file.spec, &given));
    }
    let verified = Roster::try_from(file.spec.clone()).and_then(|roster| verify_match(&roster, &record.seed.0, &file.found));
    match verified {
        Ok(()) => {}
        Err(Error::Match(faults)) => wrong.extend(faults.iter().map(ToString::to_string)),
        Err(other) => wrong.push(other.to_string()),
    }
    let unique = if file.found.is_unique() { ", the only one as cheap" } else { "" };
    found.close("match", wrong, format!("{} pairs, allowed and cheapest{unique}", file.found.pairs.len()));
    Ok(())
}

/// Inspectors of the match who are not those of the table.
fn others(spec: &RosterSpec, given: &[Inspector]) -> Vec<String> {
    let plain = |one: &Inspector| {
        let mut one = one.clone();
        for list in [&mut one.qualifications, &mut one.zones, &mut one.interests] {
            list.sort();
            list.dedup();
        }
        one
    };
    let of_match: Vec<Inspector> = spec.inspectors.iter().map(plain).collect();
    let of_table: Vec<Inspector> = given.iter().map(plain).collect();
    let mut wrong = Vec::new();
    for one in &of_match {
        match of_table.iter().find(|other| other.id == one.id) {
            None => wrong.push(format!("inspector `{}` is not in the table of inspectors", one.id)),
            Some(other) if other.capacity != one.capacity => {
                wrong.push(format!("inspector `{}`: found capacity {}, expected {}", one.id, one.capacity, other.capacity));
            }
            Some(other) if other != one => wrong.push(format!("inspector `{}` stands otherwise in the table of inspectors", one.id)),
            Some(_) => {}
        }
    }
    let missing = of_table.iter().filter(|one| !of_match.iter().any(|other| other.id == one.id));
    wrong.extend(missing.map(|one| format!("inspector `{}` of the table is not in the match", one.id)));
    wrong
}

/// The proof of one firm as JSON.
fn proof(record: &Record, frame: &Frame, salts: &[Salt], id: &str) -> Result<String, Failure> {
    let missing = || Failure::problem(format!("firm `{}` is not on the list", mask(id)));
    let at = frame.find(id).ok_or_else(missing)?;
    let suite = record.commitment.suite;
    let leaves = (0..frame.len()).zip(salts).map(|(row, salt)| merkle::leaf(suite, &[salt, &frame.row(row).bytes()])).collect();
    let path = merkle::Tree::new(suite, leaves).path(at).ok_or_else(missing)?;
    let (row, salt) = (frame.row(at), salts.get(at).ok_or_else(missing)?);
    let [id, grade, stratum, exclusion] = [row.id, row.grade, row.stratum, row.exclusion].map(str::to_owned);
    Ok(files::pretty(&ProofFile {
        suite,
        index: at as u64,
        rows: frame.len() as u64,
        path,
        row: ProofRow { id, grade, stratum, num: row.rate.num, den: row.rate.den, exclusion },
        salt: salt.iter().map(|byte| format!("{byte:02x}")).collect(),
    }))
}

/// Whether a firm's proof leads to the root committed to.
fn proven(record: &Record, path: &Path, found: &mut Findings) -> Result<(), Failure> {
    let file: ProofFile = files::json(path, "proof")?;
    let salt: Option<Salt> = bytes(&file.salt).and_then(|bytes| bytes.try_into().ok());
    let salt = salt.ok_or_else(|| Failure::problem(format!("{}: salt: expected 32 hexadecimal digits", path.display())))?;
    let ProofRow { id, grade, stratum, num, den, exclusion } = &file.row;
    let row = Row { id, grade, stratum, rate: Rate { num: *num, den: *den }, exclusion };
    let proof = Proof { index: file.index, rows: file.rows, path: file.path };
    let holds = file.suite == record.commitment.suite && record.commitment.holds(&row, &salt, &proof);
    let wrong = "row, salt or path are not those of the list committed to";
    let drawn = record.selected.iter().find(|one| one.id == *id);
    let drawn = drawn.map_or("not drawn".to_owned(), |one| format!("drawn as number {} of stratum {}", one.rank, one.stratum));
    let excluded = if exclusion.is_empty() { String::new() } else { format!(", excluded by {exclusion}") };
    let fine = format!(
        "firm `{}` is row {} of {}: grade {grade}, stratum {stratum}, rate {num}/{den}{excluded}; {drawn}",
        mask(id),
        file.index + 1,
        file.rows
    );
    found.close("proof", if holds { vec![] } else { vec![wrong.to_owned()] }, fine);
    Ok(())
}
