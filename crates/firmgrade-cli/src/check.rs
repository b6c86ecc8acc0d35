//! `firmgrade check`: a scorecard, and a table with its eyes.

use crate::args::{CheckArgs, ReportFormat};
use crate::failure::{Failure, problem_line};
use crate::progress::Progress;
use crate::summary::{column_title, short};
use crate::tables::{Grid, count, counted, percent};
use crate::{derive, raw, screen, tables};
use firmgrade::card::{Problem, RawColumn, Severity};
use firmgrade::{Error, Scorecard};
use firmgrade_frame::{CheckReport, DeriveReport, FrameError, ReadOptions, check, derive_raw, load_card};
use serde_json::{Value, json};

pub(crate) fn run(args: &CheckArgs) -> Result<(), Failure> {
    let card = match load_card(&args.card) {
        Ok(card) => card,
        Err(FrameError::Engine(Error::Scorecard(problems))) if args.format == ReportFormat::Json => {
            screen::data(&format!("{:#}\n", report(None, &problems, None)))?;
            return Err(Failure::Reported);
        }
        Err(error) => return Err(error.into()),
    };
    if args.as_of.is_some() {
        raw::refuse_names(&card, &args.records)?;
    }
    let data = match &args.firms {
        None => None,
        Some(path) => {
            let mut progress = Progress::new();
            progress.step("check", format!("reading and checking {}", path.display()));
            let (report, derived) = match args.as_of {
                Some(as_of) => {
                    let (firms, records) = raw::tables(&card, path, args.sheet.as_deref(), &args.records)?;
                    let derived = derive_raw(&card, &firms, &records, as_of, None)?;
                    (check(&card, &derived.frame), Some(derived.report))
                }
                None => {
                    let options = ReadOptions { format: None, sheet: args.sheet.clone(), columns: None };
                    let (frame, _) = raw::firms(&card, path, &options)?;
                    raw::refuse_underived(&card, &frame, &path.display().to_string())?;
                    (check(&card, &frame), None)
                }
            };
            progress.end();
            Some((report, derived))
        }
    };
    let source =
        args.firms.as_ref().map(|path| if path.as_os_str() == "-" { "standard input".to_owned() } else { path.display().to_string() });
    match args.format {
        ReportFormat::Json => screen::data(&format!("{:#}\n", report(Some(&card), card.warnings(), data.as_ref())))?,
        ReportFormat::Table => {
            screen::data(&card_text(&card, &args.card.display().to_string()))?;
            card.warnings().iter().for_each(|problem| screen::message(&problem_line(problem)));
            if let (Some(data), Some(source)) = (&data, &source) {
                let (data, derived) = data;
                if let Some(derived) = derived {
                    screen::data(&format!("\n{}", derive::text(derived)))?;
                }
                screen::data(&data_text(&card, data, source))?;
            }
        }
    }
    match (data, source) {
        (Some((data, _)), Some(source)) if !data.faults.is_empty() => match args.format {
            ReportFormat::Json => Err(Failure::Reported),
            ReportFormat::Table => Err(Failure::Problems(data.faults.iter().map(|fault| format!("error: {source}: {fault}")).collect())),
        },
        _ => Ok(()),
    }
}

fn card_text(card: &Scorecard, file: &str) -> String {
    let header = &card.spec().scorecard;
    let dates = match (&header.effective_from, &header.effective_until) {
        (Some(from), Some(until)) => format!(", in force from {from} to {until}"),
        (Some(from), None) => format!(", in force from {from}"),
        (None, Some(until)) => format!(", in force until {until}"),
        (None, None) => String::new(),
    };
    let parts = [
        counted(card.indicators().len(), "indicator"),
        counted(card.columns().len(), "column"),
        counted(card.grades().ordered, "grade"),
        counted(card.rules().len(), "override"),
        counted(card.warnings().len(), "warning"),
    ];
    format!(
        "{file}: {} ({}, version {}{dates})\n  {}; sha256:{}…\n{}",
        header.title,
        header.id,
        header.version,
        parts.join(", "),
        short(card.digest()),
        derivation_text(card)
    )
}

/// What raw tables the card derives from; nothing where it derives nothing.
fn derivation_text(card: &Scorecard) -> String {
    let derivation = card.derivation();
    if derivation.is_empty() {
        return String::new();
    }
    let names =
        |columns: &[RawColumn]| columns.iter().map(|column| format!("{} ({})", column.name, column.kind)).collect::<Vec<_>>().join(", ");
    let mut text = format!("  derives {}:\n", counted(derivation.derived().len(), "indicator"));
    if !derivation.firm_columns().is_empty() {
        text.push_str(&format!("    from the firm table: {}\n", names(derivation.firm_columns())));
    }
    for table in derivation.record_tables() {
        text.push_str(&format!("    from {} ({}): {}\n", table.id, table.title, names(&table.columns)));
    }
    text
}

fn data_text(card: &Scorecard, data: &CheckReport, source: &str) -> String {
    let mut grid = Grid::new(&["column", "title", "reads", "found", ">missing", ">share", ">outside", "note"]);
    for (at, column) in data.columns.iter().enumerate() {
        let mut notes = Vec::new();
        if column.found.is_none() {
            notes.push("not there".to_owned());
        }
        if !column.uncovered_values.is_empty() {
            notes.push(format!("outside: {}", column.uncovered_values.join(", ")));
        }
        if let Some(value) = &column.constant {
            notes.push(format!("always {value}"));
        }
        grid.row([
            column.column.clone(),
            column_title(card, at).to_owned(),
            column.expected.to_string(),
            column.found.clone().unwrap_or_else(|| "–".to_owned()),
            count(column.missing),
            percent(column.missing_share),
            count(column.uncovered),
            notes.join("; "),
        ]);
    }
    let constant = data.columns.iter().filter(|column| column.constant.is_some()).count();
    let outside = data.columns.iter().filter(|column| column.uncovered > 0).count();
    let absent = data.columns.iter().filter(|column| column.found.is_none()).count();
    let faults = match data.faults.len() {
        0 => "nothing that stops grading".to_owned(),
        faults => format!("{} that stop{} grading", counted(faults, "fault"), if faults == 1 { "s" } else { "" }),
    };
    format!(
        "\n{source}: {}; {faults}; {} not there, {} with values outside bands or categories, {} constant\n{}",
        counted(data.firms, "firm"),
        tables::counted(absent, "column"),
        outside,
        constant,
        grid.text()
    )
}

/// All of it for programs.
fn report(card: Option<&Scorecard>, problems: &[Problem], data: Option<&(CheckReport, Option<DeriveReport>)>) -> Value {
    let header = card.map(|card| {
        let header = &card.spec().scorecard;
        json!({"id": header.id, "title": header.title, "version": header.version, "digest": card.digest(),
               "indicators": card.indicators().len(), "overrides": card.rules().len(), "grades": card.grades().names})
    });
    let problems: Vec<Value> = problems
        .iter()
        .map(|problem| {
            let place = problem.place.as_ref();
            json!({"severity": match problem.severity { Severity::Error => "error", Severity::Warning => "warning" },
                   "file": place.map(|place| &place.file), "line": place.map(|place| place.line), "column": place.map(|place| place.column),
                   "path": problem.path, "message": problem.message, "help": problem.help})
        })
        .collect();
    let (data, derived) = (data.map(|(data, _)| data), data.and_then(|(_, derived)| derived.as_ref()));
    json!({"scorecard": header, "problems": problems, "data": data, "derived": derived})
}
