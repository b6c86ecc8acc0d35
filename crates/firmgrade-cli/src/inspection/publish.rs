//! `firmgrade publish`: announcement, results and task sheets.

use super::args::PublishArgs;
use super::files::{self, MatchFile};
use super::results::account;
use crate::failure::Failure;
use crate::screen;
use firmgrade_frame::DataFrame;
use firmgrade_frame::sampling::{Published, write_publication};
use std::path::PathBuf;

pub(crate) fn run(args: &PublishArgs) -> Result<(), Failure> {
    let policy = files::policy(&args.policy)?;
    let record = files::record(&args.record)?;
    if record.commitment.policy_digest != policy.digest() {
        let (found, file) = (&record.commitment.policy_digest, args.record.display());
        return Err(Failure::problem(format!("{file}: the record is of policy {found}, expected {}", policy.digest())));
    }
    let names = files::column(args.firms.as_deref(), args.id.as_deref(), args.name.as_deref())?;
    let published = Published { policy: &policy, record: &record, names: &names };
    let failed = |error: firmgrade_frame::PolarsError| Failure::problem(error.to_string());
    let mut tables: Vec<(DataFrame, PathBuf)> = Vec::new();
    let mut both = |table: DataFrame, name: &str| {
        tables.push((table.clone(), args.output.join(format!("{name}.xlsx"))));
        tables.push((table, args.output.join(format!("{name}.csv"))));
    };
    both(published.announcement().map_err(failed)?, "announcement");
    if let Some(path) = &args.results {
        let (accounted, _) = account(&policy, &record, path, None, args.as_of)?;
        both(published.results(&accounted).map_err(failed)?, "results");
    }
    let tasks = match &args.matched {
        Some(path) => {
            let file: MatchFile = files::json(path, "match")?;
            if file.record != record.digest {
                let (found, file) = (file.record, path.display());
                return Err(Failure::problem(format!("{file}: the match is of record {found}, expected {}", record.digest)));
            }
            Some(published.tasks(&file.found).map_err(failed)?)
        }
        None => None,
    };
    files::folder(&args.output)?;
    let sheets = args.output.join("tasks.xlsx");
    write_publication(&mut tables, tasks.as_deref().map(|tasks| (tasks, sheets.as_path())))?;
    let mut text: String = tables.iter().map(|(table, path)| format!("{} ({} rows)\n", path.display(), table.height())).collect();
    if let Some(tasks) = &tasks {
        text.push_str(&format!("{} ({} inspectors)\n", sheets.display(), tasks.len()));
    }
    screen::data(&text)
}
