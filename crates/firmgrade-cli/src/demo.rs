//! `firmgrade demo`: a district out of nothing, from its records to its grades, beside the one that was published.

mod account;
mod adopted;
mod cards;
mod files;
mod findings;
mod inspection;
mod made;
mod next;
mod outcomes;
mod published;

use crate::args::DemoArgs;
use crate::failure::{Failure, warn};
use crate::grade::with_kept;
use crate::progress::Progress;
use crate::summary::Summary;
use crate::tables::{count, counted};
use crate::{screen, tables};
use firmgrade::calendar::Day;
use firmgrade_frame::district::AS_OF;
use made::Made;
use std::fs;
use std::path::Path;
use std::sync::Arc;

pub(crate) fn run(args: &DemoArgs, program: &Path) -> Result<(), Failure> {
    let card = Arc::new(cards::shipped()?);
    warn(&card);
    let as_of = Day::new(AS_OF).ok_or_else(|| Failure::problem(format!("{AS_OF} is no day")))?;
    fs::create_dir_all(args.out.join(files::RECORDS))
        .map_err(|error| Failure::problem(format!("cannot make the folder `{}`: {error}", args.out.display())))?;

    let mut progress = Progress::new();
    let mut made = Made::new(args, &card, as_of, &mut progress)?;
    let summary = Summary::new(&made.graded);
    let found = findings::of(&made.graded, &made.derived.frame, &made.outcomes)?;
    let account = account::of(&made.derived.report);
    let counts = published::of(&made.graded);
    let named = with_kept(&made.graded, Path::new("-"), &made.raw.firms, &["name".to_owned()])?;
    progress.step("write", format!("writing to {}", args.out.display()));
    let written = files::write(args, &made.graded, &summary, made.raw, &mut made.derived)?;
    progress.step("inspect", "drawing, visiting and evaluating".to_owned());
    let inspection = inspection::new(&args.out, &named, args.seed)?;
    let evaluated = outcomes::new(&inspection, &named, &args.out.join(files::GRADED), made.firms, args.seed)?;
    let adopted = evaluated.rows.map(|rows| adopted::words(&made.graded, &made.derived.frame, &inspection, &rows)).transpose()?;
    progress.end();

    let header = &card.spec().scorecard;
    let report = [
        format!("{} ({}, version {})\n", header.title, header.id, header.version),
        format!(
            "A generated district of {} with {} records (seed {}), as of {as_of}; no firm is real, and the weights of the card are examples.\n",
            counted(made.firms, "firm"),
            count(made.records),
            args.seed
        ),
        format!("\n{account}"),
        format!("\nFirms by grade, beside those that Putuo District, Shanghai, published in 2023\n{counts}"),
        format!("\n{}", summary.overrides()),
        format!("\n{}", summary.coverage()),
        found,
        inspection.summary,
        evaluated.summary,
        adopted.unwrap_or_default(),
        format!("\nTime: {}\n{}", tables::seconds(&progress.seconds()), summary.origin()),
        format!("Files:\n{}", written.iter().map(|(path, what)| format!("  {:<28} {what}\n", path.display())).collect::<String>()),
        next::commands(args, program, &card, as_of),
    ];
    screen::data(&report.concat())
}
