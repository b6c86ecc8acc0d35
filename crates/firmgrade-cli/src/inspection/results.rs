//! `firmgrade results`: what inspectors found, accounted for.

use super::args::ResultsArgs;
use super::files;
use crate::args::ReportFormat;
use crate::failure::Failure;
use crate::screen;
use crate::tables::{Grid, count, counted};
use firmgrade::calendar::Day;
use firmgrade::sample::Record;
use firmgrade::sample::policy::Policy;
use firmgrade::sample::results::{self, Accounted, Publication, StratumResults};
use firmgrade_frame::sampling::{HandedIn, evaluation_table};
use firmgrade_frame::{DataFrame, WriteOptions, refuse_overwrite_of_inputs, write_table};
use std::path::Path;

pub(crate) fn run(args: &ResultsArgs) -> Result<(), Failure> {
    if let Some(output) = &args.output {
        refuse_overwrite_of_inputs(&[output], &[&args.results, &args.policy, &args.record]).map_err(|error| Failure::usage(&error))?;
    }
    let policy = files::policy(&args.policy)?;
    let record = files::record(&args.record)?;
    let (accounted, blank) = account(&policy, &record, &args.results, args.sheet.as_ref(), args.as_of)?;
    if let Some(output) = &args.output {
        let (mut table, options) = rows(&accounted, &record)?;
        write_table(&mut table, output, &options)?;
    }
    match args.format {
        ReportFormat::Json => screen::data(&files::pretty(&accounted)),
        ReportFormat::Table => screen::data(&text(&accounted, blank)),
    }
}

/// The results of a file held against the record, and how many of its rows are not filled in.
pub(crate) fn account(
    policy: &Policy,
    record: &Record,
    path: &Path,
    sheet: Option<&String>,
    as_of: Option<Day>,
) -> Result<(Accounted, usize), Failure> {
    let handed = HandedIn::new(policy, &files::table(path, sheet)?).map_err(|faults| files::of_table(path, &faults))?;
    let accounted = results::account(policy, record, &handed.rows(), as_of.unwrap_or_else(files::today));
    Ok((accounted.map_err(|error| files::in_file(path, error))?, handed.blank))
}

/// The rows for evaluation, and what their file says of itself.
pub(crate) fn rows(accounted: &Accounted, record: &Record) -> Result<(DataFrame, WriteOptions), Failure> {
    let table = evaluation_table(accounted).map_err(|error| Failure::problem(error.to_string()))?;
    let metadata = vec![
        ("firmgrade.plan_id".to_owned(), accounted.plan_id.clone()),
        ("firmgrade.record".to_owned(), record.digest.to_string()),
        ("firmgrade.engine_version".to_owned(), firmgrade::VERSION.to_owned()),
    ];
    Ok((table, WriteOptions { format: None, metadata }))
}

/// The accounting for people.
fn text(accounted: &Accounted, blank: usize) -> String {
    let whole = |number: u64| count(usize::try_from(number).unwrap_or(usize::MAX));
    let headings = [
        "stratum",
        ">drawn",
        ">violation",
        ">none",
        ">out of scope",
        ">unreachable",
        ">outstanding",
        ">overdue",
        ">non-response",
        ">substitutes",
    ];
    let mut grid = Grid::new(&headings);
    let cells = |name: &str, one: &StratumResults| {
        let share = crate::tables::share(one.nonresponse() as usize, one.drawn as usize);
        let counts = [one.drawn, one.violation, one.none, one.out_of_scope, one.unreachable, one.outstanding, one.overdue];
        let mut cells = vec![name.to_owned()];
        cells.extend(counts.map(whole));
        cells.extend([crate::tables::percent(share), whole(one.substitutes)]);
        cells
    };
    for stratum in &accounted.strata {
        grid.row(cells(&stratum.stratum, stratum));
    }
    grid.row(cells("all", &accounted.total));
    let mut codes = Grid::new(&["result", "means", ">rows"]);
    for (code, outcome, rows) in accounted.codes.iter().filter(|(_, _, rows)| *rows > 0) {
        codes.row([code.clone(), outcome.as_str().replace('_', " "), whole(*rows)]);
    }
    let state = |state: Publication| accounted.deadlines.iter().filter(|one| one.state == state).count();
    let blank = if blank > 0 { format!("{} not filled in\n", counted(blank, "row")) } else { String::new() };
    format!(
        "Plan {} as of {}\n{}\n{}{blank}\nPublication: {} in time, {} late, {} pending, {} overdue\n",
        accounted.plan_id,
        accounted.as_of,
        grid.text(),
        if codes.is_empty() { String::new() } else { codes.text() },
        count(state(Publication::InTime)),
        count(state(Publication::Late)),
        count(state(Publication::Pending)),
        count(state(Publication::Overdue)),
    )
}
