//! The files of a plan: policy, firms, frame, record, match.

use super::args::FirmArgs;
use crate::failure::{Failure, problem_line};
use crate::grade::name;
use crate::screen;
use firmgrade::calendar::Day;
use firmgrade::sample::matching::{Match, RosterSpec};
use firmgrade::sample::plan::{Plan, PlanOptions, plan};
use firmgrade::sample::policy::Policy;
use firmgrade::sample::{Frame, Hash, Record, Salt};
use firmgrade_frame::sampling::{FRAME_COLUMNS, PlanFirms, TableFaults, by_firm, draw_frame};
use firmgrade_frame::{DataFrame, ReadOptions, read_table};
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use std::path::Path;
use std::time::{SystemTime, UNIX_EPOCH};

/// A match with what it came from. `fixtures/verify_match.py` reads seed, spec and match.
#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct MatchFile {
    pub(crate) plan_id: String,
    /// The digest of the record of the draw.
    pub(crate) record: Hash,
    pub(crate) seed: Hash,
    pub(crate) spec: RosterSpec,
    #[serde(rename = "match")]
    pub(crate) found: Match,
}

/// The text of a file.
pub(crate) fn text(path: &Path) -> Result<String, Failure> {
    std::fs::read_to_string(path).map_err(|error| Failure::problem(format!("cannot read `{}`: {error}", path.display())))
}

/// JSON of a file; `what` it should be.
pub(crate) fn json<T: for<'de> Deserialize<'de>>(path: &Path, what: &str) -> Result<T, Failure> {
    let text = text(path)?;
    serde_json::from_str(&text).map_err(|error| Failure::problem(format!("`{}` is no {what}: {error}", path.display())))
}

/// JSON for a file.
pub(crate) fn pretty<T: Serialize>(value: &T) -> String {
    serde_json::to_string_pretty(value).map(|text| text + "\n").unwrap_or_default()
}

/// The policy; its warnings are said.
pub(crate) fn policy(path: &Path) -> Result<Policy, Failure> {
    let policy = Policy::from_toml(&path.display().to_string(), &text(path)?)?;
    policy.warnings().iter().for_each(|problem| screen::message(&problem_line(problem)));
    Ok(policy)
}

/// The record of a draw.
pub(crate) fn record(path: &Path) -> Result<Record, Failure> {
    Record::from_json(&text(path)?).map_err(|error| in_file(path, error))
}

/// A table.
pub(crate) fn table(path: &Path, sheet: Option<&String>) -> Result<DataFrame, Failure> {
    Ok(read_table(path, &ReadOptions { format: None, sheet: sheet.cloned(), columns: None })?)
}

/// The frame with its salts.
pub(crate) fn frame(path: &Path) -> Result<(Frame, Vec<Salt>), Failure> {
    let columns = Some(FRAME_COLUMNS.iter().map(ToString::to_string).collect());
    let table = read_table(path, &ReadOptions { format: None, sheet: None, columns })?;
    let names: Vec<String> = table.get_column_names().iter().map(ToString::to_string).collect();
    let (frame, salts) = draw_frame(&table, &names).map_err(|error| in_file(path, error))?;
    let missing =
        || Failure::problem(format!("{}: column `salt` is missing; give the list as `firmgrade draw --commit` wrote it", path.display()));
    Ok((frame, salts.ok_or_else(missing)?))
}

/// The firms of a plan.
pub(crate) fn firms(policy: &Policy, path: &Path, args: &FirmArgs) -> Result<PlanFirms, Failure> {
    let graded = table(path, args.sheet.as_ref())?;
    let firms = PlanFirms::new(policy, &graded, args.id.as_deref()).map_err(|faults| of_table(path, &faults))?;
    match &args.past {
        Some(past) => firms.with_past(&table(past, None)?).map_err(|faults| of_table(past, &faults)),
        None => Ok(firms),
    }
}

/// The plan; its warnings are said.
pub(crate) fn planned(policy: &Policy, firms: &PlanFirms, path: &Path, args: &FirmArgs) -> Result<Plan, Failure> {
    let options = PlanOptions { as_of: args.as_of, inspector_days: args.budget };
    let plan = plan(policy, &firms.columns(), &options).map_err(|error| in_file(path, error))?;
    plan.warnings.iter().for_each(|warning| screen::warning(warning));
    Ok(plan)
}

/// A column of firms by their ids.
pub(crate) fn column(path: Option<&Path>, id: Option<&str>, column: Option<&str>) -> Result<BTreeMap<String, String>, Failure> {
    let Some(path) = path else { return Ok(BTreeMap::new()) };
    by_firm(&table(path, None)?, id, column).map_err(|faults| of_table(path, &faults))
}

/// Faults of a table with its file before each.
pub(crate) fn of_table(path: &Path, faults: &TableFaults) -> Failure {
    let file = name(path, "standard input");
    Failure::Problems(faults.0.iter().map(|fault| format!("error: {file}: {fault}")).collect())
}

/// Faults of the engine with the file before each.
pub(crate) fn in_file(path: &Path, error: firmgrade::Error) -> Failure {
    let file = name(path, "standard input");
    match Failure::from(error) {
        Failure::Problems(lines) => {
            let line = |line: &String| line.strip_prefix("error: ").map_or(line.clone(), |line| format!("error: {file}: {line}"));
            Failure::Problems(lines.iter().map(line).collect())
        }
        other => other,
    }
}

/// Makes a folder.
pub(crate) fn folder(path: &Path) -> Result<(), Failure> {
    std::fs::create_dir_all(path).map_err(|error| Failure::problem(format!("cannot make the folder `{}`: {error}", path.display())))
}

/// Now, as `2026-11-22T06:12:00Z`.
pub(crate) fn now() -> String {
    let seconds = SystemTime::now().duration_since(UNIX_EPOCH).map_or(0, |since| since.as_secs());
    let (hour, minute, second) = (seconds / 3600 % 24, seconds / 60 % 60, seconds % 60);
    format!("{}T{hour:02}:{minute:02}:{second:02}Z", today())
}

/// Today, by Universal Time.
pub(crate) fn today() -> Day {
    let seconds = SystemTime::now().duration_since(UNIX_EPOCH).map_or(0, |since| since.as_secs());
    i32::try_from(seconds / 86_400).ok().and_then(Day::new).unwrap_or(Day::FIRST)
}
