//! From text to a checked scorecard: parse, inherit, check the shape, check the meaning, name every place.

use super::check::check;
use super::document::{Files, Node, Value, inherit};
use super::problem::Problem;
use super::spec::{ScorecardSpec, Severity};
use super::tree::Contradictions;
use super::{Scorecard, scorecard_schema, shape};
use crate::error::Error;

/// Finds the text of a card that another extends: given the name of the extending file and what its `extends` says,
/// gives the name under which the other is to be reported and its text, or says why it cannot be read.
pub type Resolve<'r> = dyn FnMut(&str, &str) -> Result<(String, String), String> + 'r;

/// A card may extend a card that extends a card; more than this is a mistake.
const MAX_DEPTH: usize = 16;

impl Scorecard {
    /// A card from one TOML text that extends nothing.
    ///
    /// # Errors
    /// [`Error::Scorecard`] with every problem and its place in the text.
    pub fn from_toml(name: &str, text: &str) -> Result<Self, Error> {
        Self::from_toml_with(name, text, &mut |_, other| {
            Err(format!("`{other}` cannot be read: the card was given as text; load it from a file"))
        })
    }

    /// A card from a TOML text, with `resolve` to find the cards it extends.
    ///
    /// # Errors
    /// [`Error::Scorecard`] with every problem and its place in its file.
    pub fn from_toml_with(name: &str, text: &str, resolve: &mut Resolve<'_>) -> Result<Self, Error> {
        load(name, text, resolve, Contradictions::AsStated)
    }

    /// As [`Scorecard::from_toml_with`], but a CR above its limit is a warning whatever the card says: to look at judgments that
    /// contradict each other, not to grade by them.
    ///
    /// # Errors
    /// [`Error::Scorecard`] with every other problem and its place in its file.
    pub fn from_contradictory_toml(name: &str, text: &str, resolve: &mut Resolve<'_>) -> Result<Self, Error> {
        load(name, text, resolve, Contradictions::Warning)
    }
}

/// The whole way from the text.
fn load(name: &str, text: &str, resolve: &mut Resolve<'_>, contradictions: Contradictions) -> Result<Scorecard, Error> {
    let mut files = Files::default();
    let node = read(name, text.to_owned(), &mut files, resolve).map_err(Error::Scorecard)?;
    let schema = scorecard_schema();
    let (mut problems, json) = shape::check(&schema, &node);
    let mut card = None;
    match serde_json::from_value::<ScorecardSpec>(json) {
        Ok(spec) => match check(spec, contradictions) {
            Ok(checked) => card = Some(checked),
            Err(more) => problems.extend(more),
        },
        Err(error) if problems.is_empty() => problems.push(Problem::error(&[], error.to_string())),
        Err(_) => {}
    }
    let locate = |problem: &mut Problem| {
        if problem.place.is_none() {
            problem.place = files.place(node.locate(problem.path.iter().map(String::as_str)));
        }
    };
    problems.iter_mut().for_each(locate);
    match card {
        Some(mut card) if problems.is_empty() => {
            card.warnings.iter_mut().for_each(locate);
            Ok(card)
        }
        _ => {
            problems.sort_by_key(|problem| {
                (problem.severity, problem.place.as_ref().map(|place| (place.file.clone(), place.line, place.column)))
            });
            Err(Error::Scorecard(problems))
        }
    }
}

impl TryFrom<ScorecardSpec> for Scorecard {
    type Error = Error;

    fn try_from(spec: ScorecardSpec) -> Result<Self, Error> {
        check(spec, Contradictions::AsStated).map_err(Error::Scorecard)
    }
}

/// Reads a card and those it extends into one tree.
fn read(name: &str, text: String, files: &mut Files, resolve: &mut Resolve<'_>) -> Result<Node, Vec<Problem>> {
    let mut chain: Vec<Node> = Vec::new();
    let (mut name, mut text) = (name.to_owned(), text);
    loop {
        let node = files.read(&name, text)?;
        let extends = node.get("scorecard").and_then(|header| header.get("extends"));
        let Some((other, origin)) = extends.and_then(|value| Some((value.text()?.to_owned(), value.origin.clone()))) else {
            chain.push(node);
            break;
        };
        chain.push(node);
        let refuse = |files: &Files, message: String| {
            let mut problem = Problem::error(&["scorecard", "extends"], message);
            problem.place = files.place(&origin);
            Err(vec![problem])
        };
        match resolve(&name, &other) {
            Ok((next, _)) if files.names().any(|known| known == next) => {
                return refuse(files, format!("cycle: `{next}` extends itself"));
            }
            Ok(_) if chain.len() >= MAX_DEPTH => return refuse(files, format!("found more than {MAX_DEPTH} cards that extend each other")),
            Ok(next) => (name, text) = next,
            Err(why) => return refuse(files, why),
        }
    }
    let mut whole = chain.pop();
    while let Some(heir) = chain.pop() {
        whole = whole.map(|base| inherit(base, heir));
    }
    let mut whole = whole.ok_or_else(Vec::new)?;
    forget_extends(&mut whole);
    Ok(whole)
}

/// The resolved card extends nothing any more.
fn forget_extends(node: &mut Node) {
    if let Value::Table(table) = &mut node.value
        && let Some(header) = table.get_mut("scorecard")
        && let Value::Table(header) = &mut header.node.value
        && header.get("extends").is_some_and(|entry| entry.node.text().is_some())
    {
        header.shift_remove("extends");
    }
}

/// Whether any problem stops the card.
pub(super) fn stops(problems: &[Problem]) -> bool {
    problems.iter().any(|problem| problem.severity == Severity::Error)
}
