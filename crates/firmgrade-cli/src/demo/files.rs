//! The files of the demonstration, and what each of them is.

use super::cards;
use crate::args::DemoArgs;
use crate::failure::Failure;
use crate::grade::with_kept;
use crate::screen;
use crate::summary::Summary;
use firmgrade_frame::{DataFrame, Derived, Graded, RecordFrames, WriteOptions, write_derived, write_tables};
use std::path::PathBuf;

/// The folder of the record tables.
pub(super) const RECORDS: &str = "records";
/// The folder of the plan and what comes of it.
pub(super) const INSPECTION: &str = "inspection";
/// A workbook of more firms than this takes longer to open than anyone waits.
const MOST_FOR_PEOPLE: usize = 100_000;
/// The file of the graded firms.
pub(super) const GRADED: &str = "graded.parquet";
/// Columns that say who a firm is.
const PROFILE: [&str; 3] = ["name", "trade", "street"];

pub(super) fn write(
    args: &DemoArgs,
    graded: &Graded,
    summary: &Summary<'_>,
    raw: RecordFrames,
    derived: &mut Derived,
) -> Result<Vec<(PathBuf, &'static str)>, Failure> {
    let at = |name: &str| args.out.join(name);
    let keep: Vec<String> = PROFILE.map(str::to_owned).to_vec();
    let origin = WriteOptions { format: None, metadata: summary.provenance().metadata() };
    let made = WriteOptions {
        format: None,
        metadata: vec![
            ("firmgrade.generated".to_owned(), format!("firms={} seed={}", args.firms, args.seed)),
            ("firmgrade.engine_version".to_owned(), firmgrade::VERSION.to_owned()),
        ],
    };
    let (results, copy) = (at(GRADED), at("graded.xlsx"));
    let mut files = vec![
        (at("firms.parquet"), "the register of the generated firms"),
        (args.out.join(RECORDS), "their records, one table for each kind"),
        (at("outcomes.parquet"), "what inspectors found in the year after"),
        (at("indicators.parquet"), "the register with the indicators derived from the records"),
        (at("indicators.json"), "what became of every record, and how the indicators are spread"),
        (results.clone(), "the graded firms, one row each"),
        (args.out.join(INSPECTION), "the plan, its draw and match, what visits found, and what that says of the grades"),
    ];
    let mut tables: Vec<(DataFrame, PathBuf, WriteOptions)> =
        vec![(with_kept(graded, &results, &raw.firms, &keep)?, results, origin.clone())];
    let for_people = raw.firms.height() <= MOST_FOR_PEOPLE;
    if for_people {
        tables.push((with_kept(graded, &copy, &raw.firms, &keep)?, copy.clone(), origin));
        files.push((copy.clone(), "the same for people, with titles"));
    }
    tables.push((raw.firms, at("firms.parquet"), made.clone()));
    tables.push((raw.outcomes, at("outcomes.parquet"), made.clone()));
    let records = raw.records.into_iter();
    tables.extend(records.map(|(name, frame)| (frame, args.out.join(RECORDS).join(format!("{name}.parquet")), made.clone())));
    write_tables(&mut tables)?;
    write_derived(derived, &at("indicators.parquet"), Some(&at("indicators.json")))?;
    if !for_people && copy.exists() {
        screen::warning(&format!("{} is from an earlier run: this one has too many firms for a workbook", copy.display()));
    }
    let card = at(cards::NAME);
    cards::put(&card)?;
    files.push((card, "the scorecard"));
    Ok(files)
}
