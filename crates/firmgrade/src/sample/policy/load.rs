//! From text to a checked policy: parse, check the shape, check the meaning, name every place.

use super::check::check;
use super::{Policy, PolicySpec};
use crate::card::Problem;
use crate::card::document::{Files, write_out};
use crate::card::shape;
use crate::error::Error;

/// The JSON Schema of a policy (draft 2020-12), for editors that complete and check while one types.
#[must_use]
pub fn policy_schema() -> serde_json::Value {
    schemars::schema_for!(PolicySpec).to_value()
}

impl Policy {
    /// A policy from a TOML text; `name` is the file's, for messages.
    ///
    /// # Errors
    /// [`Error::Policy`] with every problem and its place in the text.
    pub fn from_toml(name: &str, text: &str) -> Result<Self, Error> {
        let mut files = Files::default();
        let node = files.read(name, text.to_owned()).map_err(Error::Policy)?;
        let (mut problems, mut json) = shape::check(&policy_schema(), &node);
        write_out(&node, &files, &mut json);
        let mut policy = None;
        match serde_json::from_value::<PolicySpec>(json) {
            Ok(spec) => match check(spec) {
                Ok(checked) => policy = Some(checked),
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
        match policy {
            Some(mut policy) if problems.is_empty() => {
                policy.warnings.iter_mut().for_each(locate);
                Ok(policy)
            }
            _ => {
                problems.sort_by_key(|problem| (problem.severity, problem.place.as_ref().map(|place| (place.line, place.column))));
                Err(Error::Policy(problems))
            }
        }
    }
}

impl TryFrom<PolicySpec> for Policy {
    type Error = Error;

    fn try_from(spec: PolicySpec) -> Result<Self, Error> {
        check(spec).map_err(Error::Policy)
    }
}
