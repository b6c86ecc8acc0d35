//! `firmgrade evaluate`: graded firms and outcomes in, a verdict and a report out.

use crate::args::{EvaluateArgs, ReadingArgs, ReportFormat};
use crate::failure::{Failure, warn};
use crate::grade::{STANDARD, name};
use crate::progress::Progress;
use crate::tables::{Grid, count, percent};
use crate::{screen, written};
use firmgrade::evaluate::Estimate;
use firmgrade_frame::{
    DataFrame, OutcomeOptions, Performance, PerformanceOptions, Rated, ReadOptions, join, load_card, performance, read_table,
    refuse_overwrite_of_inputs, write_text,
};
use std::path::{Path, PathBuf};

pub(crate) fn run(args: &EvaluateArgs) -> Result<(), Failure> {
    let inputs = [Some(&args.graded), Some(&args.outcomes), args.card.as_ref(), args.challenger.as_ref(), args.challenger_card.as_ref()];
    let inputs: Vec<&PathBuf> = inputs.into_iter().flatten().chain(&args.before).collect();
    let outputs: Vec<&PathBuf> = args.output.iter().collect();
    refuse_overwrite_of_inputs(&outputs, &inputs).map_err(|error| Failure::usage(&error))?;
    let kind = args.output.as_deref().map(report_kind).transpose()?;
    let card = args.card.as_ref().map(load_card).transpose()?;
    card.as_ref().inspect(|card| warn(card));
    let other_card = args.challenger_card.as_ref().map(load_card).transpose()?;

    let mut progress = Progress::new();
    progress.step("read", format!("reading {}", name(&args.graded, "standard input")));
    let rated = written::rated("graded", &args.graded, card.as_ref(), args.as_of)?;
    let before = args.before.iter().map(|path| written::before(path, card.as_ref())).collect::<Result<Vec<Rated>, Failure>>()?;
    let other = |path: &PathBuf| written::challenger(path, &rated.id_column, other_card.as_ref());
    let challenger = args.challenger.as_ref().map(other).transpose()?;
    let outcomes = read_table(&args.outcomes, &ReadOptions::default())?;

    progress.step("evaluate", format!("holding outcomes against the grades of {} firms", count(rated.len())));
    let named = challenger.as_ref().zip(args.challenger.as_ref().map(|path| stem(path)));
    let options = PerformanceOptions {
        by: args.by.clone(),
        challenger: named,
        before: before.iter().collect(),
        probability: args.probability.clone(),
    };
    let report = report(&rated, &outcomes, &reading(&args.reading), &options)?;
    if let (Some(path), Some(kind)) = (&args.output, kind) {
        progress.step("write", format!("writing {}", name(path, "standard output")));
        let text = match kind {
            Kind::Html => report.html(),
            Kind::Json => report.json(),
        };
        write_text(path, &text)?;
    }
    progress.end();
    match args.format {
        ReportFormat::Json => screen::data(&report.json()),
        ReportFormat::Table => {
            let written = args.output.as_ref().map(|path| format!("Written: {}\n", name(path, "standard output")));
            screen::data(&(text(&report, &written::words(&args.graded)) + &written.unwrap_or_default()))
        }
    }
}

/// Outcomes held against grades.
pub(crate) fn report(
    rated: &Rated,
    outcomes: &DataFrame,
    reading: &OutcomeOptions,
    options: &PerformanceOptions<'_>,
) -> Result<Performance, Failure> {
    let joined = join(rated, outcomes, reading)?;
    Ok(performance(rated, outcomes, &joined, options)?)
}

/// How outcomes are read.
pub(crate) fn reading(args: &ReadingArgs) -> OutcomeOptions {
    OutcomeOptions {
        codes: args.codes.iter().cloned().collect(),
        early: args.early,
        until: args.until,
        repeats: args.repeats,
        single: args.single,
    }
}

/// A column that has moved so far is named.
const SHIFT: f64 = 0.1;

/// The format of a report.
enum Kind {
    Html,
    Json,
}

fn report_kind(path: &Path) -> Result<Kind, Failure> {
    let ending = path.extension().map(|ending| ending.to_string_lossy().to_lowercase());
    match ending.as_deref() {
        Some("html" | "htm") => Ok(Kind::Html),
        Some("json") => Ok(Kind::Json),
        _ => Err(Failure::Usage(format!("cannot tell the format of `{}`, expected .html or .json; rename it", path.display()))),
    }
}

/// The name of a file without its folder and ending.
fn stem(path: &Path) -> String {
    if path.as_os_str() == STANDARD {
        return "challenger".to_owned();
    }
    path.file_stem().map_or_else(|| "challenger".to_owned(), |stem| stem.to_string_lossy().into_owned())
}

/// The report for people; `read` is what was read of the graded firms without being asked for.
fn text(report: &Performance, read: &str) -> String {
    let method = &report.method;
    let mut text = format!("{}\n{}\n\n{read}", report.verdict.en, report.verdict.zh);
    text.push_str(&format!("Outcomes: {}\n", method.account));
    text.push_str(&format!("Estimation: {}\n", method.design));
    method.notes.iter().for_each(|note| text.push_str(&format!("Note: {note}\n")));
    let mut rates = Grid::new(&["grade", ">firms", ">outcomes", ">bad", ">rate", ">95 % from", ">to"]);
    for row in &report.rates.grades {
        let [value, low, high] = [row.rate.value, row.rate.low, row.rate.high].map(percent);
        rates.row([row.grade.clone(), count(row.firms), count(row.outcomes), count(row.bad), value, low, high]);
    }
    text.push_str(&format!("\n{}", rates.text()));
    if let Some(found) = &report.discrimination {
        let areas = &found.measures;
        let mut measures = Grid::new(&["measure", ">value", ">95 % from", ">to"]);
        let mut row = |name: &str, of: &Estimate| measures.row([name.to_owned(), three(of.value), three(of.low), three(of.high)]);
        row("AUC of the score", &areas.auc.estimate);
        row("AUC of the grade", &areas.grade_auc.estimate);
        row("accuracy ratio (Gini)", &areas.accuracy_ratio);
        row("KS", &areas.ks.estimate);
        for lift in &found.lift {
            row(&format!("lift of the riskiest {:.0} %", 100.0 * lift.share), &lift.lift);
        }
        text.push_str(&format!("\n{}", measures.text()));
    } else {
        text.push_str("\n  AUC, KS, lift: not estimable\n");
    }
    if let Some(before) = &report.stability.before {
        text.push_str(&format!(
            "\n  Against the earlier grading: {} of {} firms kept their grade, PSI of the score {}, of the grades {}\n",
            percent(before.transition.stayed),
            count(before.matched),
            three(before.score_psi.value),
            three(before.grade_psi.value)
        ));
        for shift in before.columns.iter().filter(|shift| shift.psi >= SHIFT) {
            text.push_str(&format!("  PSI of `{}` {}\n", shift.column, three(shift.psi)));
        }
    }
    if let Some(found) = &report.stability.outcomes {
        let mut grid = Grid::new(&["period", ">outcomes", ">bad", ">rate", ">95 % from", ">to", ">AUC", ">95 % from", ">to"]);
        for period in &found.periods {
            let [rate, low, high] = [period.rate.rate.value, period.rate.rate.low, period.rate.rate.high].map(percent);
            let area = period.auc.map_or_else(|| ["–"; 3].map(str::to_owned), |auc| [auc.value, auc.low, auc.high].map(three));
            let counts = [period.name.clone(), count(period.rate.rows), count(period.rate.bad), rate, low, high];
            grid.row(counts.into_iter().chain(area));
        }
        text.push_str(&format!("\n{}", grid.text()));
    }
    for group in &report.groups {
        let mut grid = Grid::new(&[group.column.as_str(), ">outcomes", ">bad", ">rate", ">expected", ">AUC", "finding"]);
        for level in &group.levels {
            let auc = level.auc.as_ref().map_or_else(|| "–".to_owned(), |auc| three(auc.estimate.value));
            let expected = level.expected.map_or_else(|| "–".to_owned(), percent);
            let finding = level.finding.words().to_owned();
            grid.row([
                level.value.clone(),
                count(level.rate.rows),
                count(level.rate.bad),
                percent(level.rate.rate.value),
                expected,
                auc,
                finding,
            ]);
        }
        text.push_str(&format!("\n{}", grid.text()));
    }
    if let Some(words) = firmgrade_frame::correction(&report.groups) {
        text.push_str(&format!("\n  {words}\n"));
    }
    if let Some(other) = &report.challenger {
        text.push_str(&format!("\n  {}\n", other.words));
    }
    text
}

/// A number with three decimals; a dash where there is none.
pub(crate) fn three(value: f64) -> String {
    if value.is_finite() { format!("{value:.3}") } else { "–".to_owned() }
}
