//! `firmgrade demo`: a district out of nothing, graded, beside the one that was published.

mod findings;
mod inspection;

use crate::args::DemoArgs;
use crate::failure::{Failure, warn};
use crate::grade::with_kept;
use crate::progress::Progress;
use crate::summary::Summary;
use crate::tables::{Grid, count, counted, percent, share};
use crate::{screen, tables};
use firmgrade::{GradeOptions, Scorecard};
use firmgrade_frame::{DataFrame, Graded, WriteOptions, district_frames, grade, write_tables};
use std::fs;
use std::io::{self, Write};
use std::path::{Path, PathBuf};
use std::sync::Arc;

/// The shipped scorecards, by the names under which they are written; the first is used and extends the second.
const CARDS: [(&str, &str); 2] = [
    ("annual-report.toml", include_str!("../../../fixtures/scorecards/annual-report.toml")),
    ("general.toml", include_str!("../../../fixtures/scorecards/general.toml")),
];
/// Firms by grade as Putuo District, Shanghai, published them for its annual-report spot check (2023 case 一企一档): 55,588 firms.
const PUTUO: [(&str, usize); 4] = [("A", 21_550), ("B", 24_848), ("C", 7_252), ("D", 1_938)];
/// A workbook of more firms than this takes longer to open than anyone waits.
const MOST_FOR_PEOPLE: usize = 100_000;
/// Columns that say who a firm is.
const PROFILE: [&str; 3] = ["name", "trade", "street"];

pub(crate) fn run(args: &DemoArgs, program: &Path) -> Result<(), Failure> {
    let card = Arc::new(shipped_card()?);
    warn(&card);
    let firms = usize::try_from(args.firms).map_err(|_| Failure::Usage("too many firms for this machine".to_owned()))?;
    fs::create_dir_all(&args.out).map_err(|error| Failure::problem(format!("cannot make the folder `{}`: {error}", args.out.display())))?;

    let mut progress = Progress::new();
    progress.step("generate", format!("generating {}", counted(firms, "firm")));
    let (district, outcomes) = district_frames(firms, args.seed).map_err(|error| Failure::problem(error.to_string()))?;
    progress.step("grade", format!("grading {}", counted(firms, "firm")));
    let graded = grade(&card, &district, GradeOptions::default()).map_err(|error| Failure::of_data("the generated district", error))?;
    let summary = Summary::new(&graded);
    let found = findings::of(&graded, &district, &outcomes)?;
    let inspected = inspection::show(&args.out, &with_kept(&graded, Path::new("-"), &district, &["name".to_owned()])?, args.seed)?;
    progress.step("write", format!("writing to {}", args.out.display()));
    let files = write(args, &card, &graded, &summary, district, outcomes)?;
    progress.end();

    let header = &card.spec().scorecard;
    let report = [
        format!("{} ({}, version {})\n", header.title, header.id, header.version),
        format!(
            "A generated district of {} (seed {}); no firm is real, and the weights of the card are examples.\n",
            counted(firms, "firm"),
            args.seed
        ),
        format!("\nFirms by grade, beside those that Putuo District, Shanghai, published in 2023\n{}", published(&graded)),
        format!("\n{}", summary.overrides()),
        format!("\n{}", summary.coverage()),
        found,
        inspected,
        format!("\nTime: {}\n{}", tables::seconds(&progress.seconds()), summary.origin()),
        format!("Files:\n{}", files.iter().map(|(path, what)| format!("  {:<28} {what}\n", path.display())).collect::<String>()),
        next(args, &called(program)),
    ];
    screen::data(&report.concat())
}

/// The card that grades the district.
fn shipped_card() -> Result<Scorecard, Failure> {
    let [(name, text), _] = CARDS;
    let card = Scorecard::from_toml_with(name, text, &mut |_, other| {
        let found = CARDS.iter().find(|(name, _)| *name == other);
        found.map(|(name, text)| ((*name).to_owned(), (*text).to_owned())).ok_or_else(|| format!("`{other}` is not shipped"))
    })?;
    Ok(card)
}

/// The files, and what each of them is.
fn write(
    args: &DemoArgs,
    card: &Scorecard,
    graded: &Graded,
    summary: &Summary<'_>,
    district: DataFrame,
    outcomes: DataFrame,
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
    let (firms, results, copy) = (at("firms.parquet"), at("graded.parquet"), at("graded.xlsx"));
    let mut tables = vec![(with_kept(graded, &results, &district, &keep)?, results.clone(), origin.clone())];
    let mut files = vec![
        (firms.clone(), "the generated firms"),
        (at("outcomes.parquet"), "what inspectors found later"),
        (results, "the graded firms, one row each"),
    ];
    let for_people = district.height() <= MOST_FOR_PEOPLE;
    if for_people {
        tables.push((with_kept(graded, &copy, &district, &keep)?, copy.clone(), origin));
        files.push((copy.clone(), "the same for people, with titles"));
    }
    tables.push((district, firms, made.clone()));
    tables.push((outcomes, at("outcomes.parquet"), made));
    write_tables(&mut tables)?;
    if !for_people && copy.exists() {
        screen::warning(&format!("{} is from an earlier run: this one has too many firms for a workbook", copy.display()));
    }
    for (name, text) in CARDS {
        let path = at(name);
        put_card(&path, text)?;
        files.push((
            path,
            if name.starts_with(card.spec().scorecard.id.as_str()) { "the scorecard" } else { "the scorecard that it extends" },
        ));
    }
    Ok(files)
}

/// Writes a copy of a shipped card, whole or not at all. One that somebody has changed is theirs and stays.
fn put_card(path: &Path, text: &str) -> Result<(), Failure> {
    match fs::read(path) {
        Ok(there) if there == text.as_bytes() => return Ok(()),
        Ok(_) => {
            let file = path.display();
            screen::warning(&format!(
                "{file} was changed and stays as it is; the demonstration graded with the shipped one (delete {file} to get it)"
            ));
            return Ok(());
        }
        Err(_) => {}
    }
    let folder = path.parent().unwrap_or_else(|| Path::new("."));
    let put = || -> io::Result<()> {
        let mut aside = tempfile::NamedTempFile::new_in(folder)?;
        aside.write_all(text.as_bytes())?;
        #[cfg(unix)]
        {
            use std::os::unix::fs::PermissionsExt;
            aside.as_file().set_permissions(fs::Permissions::from_mode(0o644))?;
        }
        aside.persist(path).map(drop).map_err(|error| error.error)
    };
    put().map_err(|error| Failure::problem(format!("cannot write `{}`: {error}", path.display())))
}

/// The counts beside the published ones.
fn published(graded: &Graded) -> String {
    let all = PUTUO.iter().map(|(_, firms)| firms).sum();
    let mut grid = Grid::new(&["grade", "title", ">by score", ">final", ">share", ">Putuo", ">share", ">difference"]);
    for made in graded.counts() {
        let putuo = PUTUO.iter().find(|(grade, _)| *grade == made.grade).map(|(_, firms)| *firms);
        let their = putuo.map(|firms| share(firms, all));
        let title = graded.card().spec().grades.titles.get(&made.grade).cloned().unwrap_or_default();
        grid.row([
            made.grade,
            title,
            count(made.by_score),
            count(made.firms),
            percent(made.share),
            putuo.map_or_else(String::new, count),
            their.map_or_else(String::new, percent),
            their.map_or_else(String::new, |their| points(made.share - their)),
        ]);
    }
    grid.text()
}

/// A difference of shares in percentage points: `+0.2 pp`, and `0.0 pp` without a sign.
fn points(difference: f64) -> String {
    let tenths = (difference * 1000.0).round();
    if tenths == 0.0 { "0.0 pp".to_owned() } else { format!("{:+.1} pp", tenths / 10.0) }
}

fn next(args: &DemoArgs, program: &str) -> String {
    let out = args.out.display();
    format!(
        "\nNext:\n  {program} weights {out}/annual-report.toml\n  {program} check {out}/annual-report.toml --firms {out}/firms.parquet\n  \
         {program} grade {out}/annual-report.toml --firms {out}/firms.parquet -o mine.xlsx --keep name,street\n"
    )
}

/// How the program was called, as it can be typed again.
fn called(program: &Path) -> String {
    let here = std::env::current_dir().ok();
    let inside = here.as_ref().and_then(|here| program.strip_prefix(here).ok());
    match inside {
        Some(inside) => inside.display().to_string(),
        None if program.is_relative() && program.components().count() > 1 => program.display().to_string(),
        None => "firmgrade".to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_published_shares_are_those_of_the_case() {
        let all: usize = PUTUO.iter().map(|(_, firms)| firms).sum();
        assert_eq!(all, 55_588);
        // 38.8 / 44.7 / 13.0 / 3.5 % as published.
        assert_eq!(PUTUO.map(|(_, firms)| percent(share(firms, all))), ["38.8 %", "44.7 %", "13.0 %", "3.5 %"]);
    }

    #[test]
    fn a_difference_of_nothing_has_no_sign() {
        assert_eq!([0.0021, -0.000_04, 0.000_04, -0.0013].map(points), ["+0.2 pp", "0.0 pp", "0.0 pp", "-0.1 pp"]);
    }

    #[test]
    fn a_command_can_be_typed_again() {
        let here = std::env::current_dir().unwrap();
        assert_eq!(called(&here.join(".venv/bin/firmgrade")), ".venv/bin/firmgrade");
        assert_eq!(called(Path::new("target/release/firmgrade")), "target/release/firmgrade");
        assert_eq!(called(Path::new("/usr/bin/firmgrade")), "firmgrade");
        assert_eq!(called(Path::new("firmgrade")), "firmgrade");
    }

    #[test]
    fn the_shipped_card_loads_without_a_file() {
        assert_eq!(shipped_card().unwrap().spec().scorecard.id, "annual-report");
    }
}
