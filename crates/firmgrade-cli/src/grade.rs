//! `firmgrade grade`: a table of firms in, graded firms out.

use crate::args::{GradeArgs, ReportFormat};
use crate::failure::{Failure, warn};
use crate::progress::Progress;
use crate::summary::Summary;
use crate::{derive, raw, screen, tables, written};
use firmgrade::{GradeOptions, Scorecard};
use firmgrade_frame::{
    DataFrame, Format, FrameError, Graded, ReadOptions, WriteOptions, derive_raw, grade, load_card, refuse_overwrite_of_inputs,
    without_persons, write_tables,
};
use std::path::{Path, PathBuf};
use std::sync::Arc;

/// The path that stands for standard input or output.
pub(crate) const STANDARD: &str = "-";
/// The columns of a result behind the id.
const RESULTS: [&str; 6] = ["score", "score_grade", "grade", "overrides", "reasons", "coverage"];
/// The word that keeps every column.
const ALL: &str = "all";

pub(crate) fn run(args: &GradeArgs) -> Result<(), Failure> {
    let outputs: Vec<&Path> = args.contributions.iter().chain([&args.output]).map(PathBuf::as_path).collect();
    let inputs: Vec<&PathBuf> = [&args.card, &args.firms].into_iter().chain(raw::paths(&args.records)).collect();
    refuse_overwrite_of_inputs(&outputs, &inputs).map_err(|error| Failure::usage(&error))?;
    outputs.iter().try_for_each(|output| writable(output)).map_err(|error| Failure::usage(&error))?;
    let card = load_card(&args.card)?;
    warn(&card);
    refuse_clashes(&card, args)?;
    if args.as_of.is_some() {
        raw::refuse_names(&card, &args.records)?;
    }

    let mut progress = Progress::new();
    let source = name(&args.firms, "standard input");
    progress.step("read", format!("reading {source}"));
    let (frame, rows, keep, derived) = match args.as_of {
        None => {
            let (frame, rows) = read(&card, args)?;
            raw::refuse_underived(&card, &frame, &source)?;
            let keep = kept(&card, args, &frame, &source)?;
            (frame, rows, keep, None)
        }
        Some(as_of) => {
            let (firms, records) = raw::tables(&card, &args.firms, args.sheet.as_deref(), &args.records)?;
            let keep = kept(&card, args, firms.frame(), &source)?;
            progress.step("derive", format!("deriving the indicators of {}", tables::counted(firms.frame().height(), "firm")));
            let derived = derive_raw(&card, &firms, &records, as_of, None)?;
            (derived.frame, firms.rows().map(<[usize]>::to_vec), keep, Some(derived.report))
        }
    };

    progress.step("grade", format!("grading {}", tables::counted(frame.height(), "firm")));
    let reasons = args.reasons.min(card.indicators().len());
    let options = GradeOptions { reasons, contributions: args.contributions.is_some() };
    let mut graded = grade(&Arc::new(card), &frame, options).map_err(|error| Failure::of_rows(&source, error, rows.as_deref()))?;
    let as_of = if args.records.is_empty() { written::as_of(&args.firms, args.as_of)? } else { args.as_of };
    if let Some(as_of) = as_of {
        graded = graded.dated(as_of);
    }
    let summary = Summary::new(&graded);

    progress.step("write", format!("writing {}", name(&args.output, "standard output")));
    let metadata = summary.provenance().metadata();
    let options = WriteOptions { format: None, metadata };
    let mut files: Vec<(DataFrame, &Path, WriteOptions)> = Vec::new();
    if let Some(path) = &args.contributions {
        files.push((graded.contributions().map_err(|error| Failure::problem(error.to_string()))?, path, options.clone()));
    }
    files.push((with_kept(&graded, &args.output, &frame, &keep)?, &args.output, options));
    write_tables(&mut files)?;
    progress.end();

    let names: Vec<String> = [&args.output].into_iter().chain(&args.contributions).map(|path| name(path, "standard output")).collect();
    let report = match args.format {
        ReportFormat::Json => format!("{:#}\n", summary.json(&names, &progress.seconds())),
        ReportFormat::Table => {
            let parts = [summary.counts(), summary.solved(), summary.overrides(), summary.coverage()];
            let parts: String = parts.iter().filter(|part| !part.is_empty()).map(|part| format!("{part}\n")).collect();
            let end = format!("{}Time: {}\nWritten: {}\n", summary.origin(), tables::seconds(&progress.seconds()), names.join(", "));
            let derived = derived.as_ref().map(|report| derive::text(report) + "\n").unwrap_or_default();
            format!("{}\n{derived}{parts}{end}", summary.head(&source))
        }
    };
    if outputs.iter().any(|output| output.as_os_str() == STANDARD) {
        screen::message(report.trim_end());
        return Ok(());
    }
    screen::data(&report)
}

/// The result for the file at `path`, with columns of `input` behind it: titles in a workbook, which people read, ids elsewhere.
pub(crate) fn with_kept(graded: &Graded, path: &Path, input: &DataFrame, keep: &[String]) -> Result<DataFrame, Failure> {
    let titled = matches!(Format::from_path(path), Ok(Format::Xlsx));
    let result = if titled { graded.titled_frame() } else { graded.frame() };
    let mut result = result.map_err(|error| Failure::problem(error.to_string()))?;
    for column in keep {
        let kept = input.column(column).cloned().and_then(|column| result.with_column(column).map(|_| ()));
        kept.map_err(|error| Failure::problem(error.to_string()))?;
    }
    Ok(without_persons(&result, graded.card().id_column()))
}

/// Refuses an output that cannot be written, before anything is read.
pub(crate) fn writable(output: &Path) -> Result<(), FrameError> {
    let file = name(output, "standard output");
    let format = Format::from_path(output)?;
    if matches!(format, Format::Xls | Format::Ods) {
        return Err(FrameError::OnlyRead { file, format });
    }
    if output.is_dir() {
        return Err(FrameError::Directory { file });
    }
    let folder = output.parent().filter(|folder| !folder.as_os_str().is_empty());
    match folder {
        Some(folder) if output.as_os_str() != STANDARD && !folder.is_dir() => {
            Err(FrameError::NoFolder { file, folder: folder.display().to_string() })
        }
        _ => Ok(()),
    }
}

/// Refuses columns of the result that would have the same name, as far as the arguments and the card tell.
fn refuse_clashes(card: &Scorecard, args: &GradeArgs) -> Result<(), Failure> {
    let id = card.id_column();
    if RESULTS.contains(&id) {
        return Err(Failure::problem(format!(
            "the id column `{id}` has the name of a result column; rename it in the data and the scorecard"
        )));
    }
    if args.contributions.is_some() && card.indicators().iter().any(|indicator| indicator.id == id) {
        return Err(Failure::problem(format!(
            "the id column `{id}` has the name of an indicator, so its contributions have no column; rename one"
        )));
    }
    refuse_result_names(args.keep.iter().map(String::as_str))
}

fn refuse_result_names<'n>(mut kept: impl Iterator<Item = &'n str>) -> Result<(), Failure> {
    match kept.find(|name| RESULTS.contains(name)) {
        Some(name) => {
            Err(Failure::Usage(format!("the column `{name}` cannot be kept: the result has a column of that name; rename it in the data")))
        }
        None => Ok(()),
    }
}

/// The firms: only the columns that are needed, unless one of them is not there.
fn read(card: &Scorecard, args: &GradeArgs) -> Result<(DataFrame, Option<Vec<usize>>), Failure> {
    let read = |columns| raw::firms(card, &args.firms, &ReadOptions { format: None, sheet: args.sheet.clone(), columns });
    if args.firms.as_os_str() == STANDARD || keeps_all(args) {
        return read(None);
    }
    let wanted = card.columns().iter().map(|column| column.name.clone());
    let wanted: Vec<String> = [card.id_column().to_owned()].into_iter().chain(wanted).chain(args.keep.iter().cloned()).collect();
    let (frame, rows) = read(Some(wanted.clone()))?;
    if wanted.iter().all(|name| frame.column(name).is_ok()) {
        return Ok((frame, rows));
    }
    // With all names at hand the error can suggest the one that was meant.
    read(None)
}

fn keeps_all(args: &GradeArgs) -> bool {
    args.keep.iter().any(|name| name == ALL)
}

/// The columns to keep, each once, the id left out.
fn kept(card: &Scorecard, args: &GradeArgs, frame: &DataFrame, source: &str) -> Result<Vec<String>, Failure> {
    let mut keep: Vec<String> = Vec::new();
    let names: Vec<String> =
        if keeps_all(args) { frame.get_column_names().iter().map(|name| name.to_string()).collect() } else { args.keep.clone() };
    for name in names {
        if frame.column(&name).is_err() {
            return Err(Failure::problem(format!("{source}: there is no column `{name}` to keep; check the names in its header")));
        }
        if name != card.id_column() && !keep.contains(&name) {
            keep.push(name);
        }
    }
    refuse_result_names(keep.iter().map(String::as_str))?;
    Ok(keep)
}

/// How a path is shown.
pub(crate) fn name(path: &Path, standard: &str) -> String {
    if path.as_os_str() == STANDARD { standard.to_owned() } else { path.display().to_string() }
}
