//! `firmgrade derive`: record tables in, the firm table with its indicators out.

use crate::args::{DeriveArgs, ReportFormat};
use crate::failure::{Failure, warn};
use crate::grade::{STANDARD, name, writable};
use crate::progress::Progress;
use crate::tables::{Grid, count, counted, percent, seconds, share};
use crate::{raw, screen};
use firmgrade_frame::{
    DeriveReport, IndicatorReport, ReadOptions, Spread, TableReport, load_card, read_derive_report, read_table, refuse_overwrite_of_inputs,
    write_derived,
};
use std::path::{Path, PathBuf};

pub(crate) fn run(args: &DeriveArgs) -> Result<(), Failure> {
    let outputs: Vec<&Path> = args.report.iter().chain([&args.output]).map(PathBuf::as_path).collect();
    let inputs: Vec<&PathBuf> = [&args.card, &args.firms].into_iter().chain(raw::paths(&args.records)).chain(&args.earlier).collect();
    refuse_overwrite_of_inputs(&outputs, &inputs).map_err(|error| Failure::usage(&error))?;
    writable(&args.output).map_err(|error| Failure::usage(&error))?;
    let card = load_card(&args.card)?;
    warn(&card);
    if card.derivation().is_empty() {
        return Err(Failure::problem(format!("{}: the scorecard derives no indicators; grade the firms as they are", args.card.display())));
    }
    raw::refuse_names(&card, &args.records)?;
    let earlier = args.earlier.as_deref().map(read_derive_report).transpose()?;

    let mut progress = Progress::new();
    let source = name(&args.firms, "standard input");
    progress.step("read", format!("reading {source} and {}", counted(args.records.len(), "record table")));
    let firms = read_table(&args.firms, &ReadOptions { format: None, sheet: args.sheet.clone(), columns: None })?;
    let records = raw::read(&args.records)?;
    progress.step("derive", format!("deriving the indicators of {}", counted(firms.height(), "firm")));
    let mut derived = raw::derived(&card, &firms, &records, args.as_of, earlier.as_ref())?;
    progress.step("write", format!("writing {}", name(&args.output, "standard output")));
    write_derived(&mut derived, &args.output, args.report.as_deref())?;
    progress.end();

    let written: Vec<String> = [&args.output].into_iter().chain(&args.report).map(|path| name(path, "standard output")).collect();
    let report = match args.format {
        ReportFormat::Json => derived.report.json(),
        ReportFormat::Table => {
            let end = format!("Time: {}\nWritten: {}\n", seconds(&progress.seconds()), written.join(", "));
            format!("{}\n{end}", text(&derived.report))
        }
    };
    if args.output.as_os_str() == STANDARD {
        screen::message(report.trim_end());
        return Ok(());
    }
    screen::data(&report)
}

/// The report for people.
pub(crate) fn text(report: &DeriveReport) -> String {
    let head = format!(
        "{} as of {}: {} derived for {}\n",
        report.scorecard,
        report.as_of,
        counted(report.indicators.len(), "indicator"),
        counted(report.firms as usize, "firm")
    );
    let mut parts = vec![head];
    if !report.tables.is_empty() {
        parts.push(format!("Records:\n{}", tables(&report.tables)));
    }
    let notes: String = report.tables.iter().filter_map(unmatched).collect();
    if !notes.is_empty() {
        parts.push(notes);
    }
    parts.push(format!("Indicators:\n{}", indicators(&report.indicators)));
    parts.join("\n")
}

fn tables(tables: &[TableReport]) -> String {
    let mut grid = Grid::new(&[
        "table",
        "first",
        "last",
        ">read",
        ">counting",
        ">unmatched",
        ">duplicate",
        ">undated",
        ">future",
        ">not counted",
        ">repaired",
        ">ended",
        ">expired",
    ]);
    for table in tables {
        let fates = &table.fates;
        let days = [&table.first_day, &table.last_day].map(|day| day.clone().unwrap_or_else(|| "–".to_owned()));
        let counts = [
            table.read,
            fates.counting,
            fates.unmatched,
            fates.duplicate,
            fates.undated,
            fates.future,
            fates.not_counted,
            fates.repaired,
            fates.ended,
            fates.expired,
        ];
        grid.row([table.table.clone()].into_iter().chain(days).chain(counts.map(|records| count(records as usize))));
    }
    grid.text()
}

/// Where records without a firm stand.
fn unmatched(table: &TableReport) -> Option<String> {
    let unmatched = &table.unmatched;
    if unmatched.unknown_id + unmatched.without_id == 0 {
        return None;
    }
    let first: Vec<String> =
        unmatched.first.iter().map(|place| format!("row {}: `{}`", place.row, place.value.as_deref().unwrap_or_default())).collect();
    let places = if first.is_empty() { String::new() } else { format!(" ({}, …)", first.join(", ")) };
    Some(format!(
        "  {}: {} of {} belong to no firm: {} without an id, {} with an id that is not in the firm table{places}\n",
        table.table,
        counted((unmatched.unknown_id + unmatched.without_id) as usize, "record"),
        count(table.read as usize),
        count(unmatched.without_id as usize),
        count(unmatched.unknown_id as usize),
    ))
}

fn indicators(indicators: &[IndicatorReport]) -> String {
    let drift = indicators.iter().any(|indicator| indicator.drift.is_some());
    let mut headings = vec![
        "indicator",
        "from",
        "after",
        ">used",
        ">before",
        ">filtered",
        ">with value",
        ">min",
        ">quartile",
        ">median",
        ">quartile",
        ">max",
    ];
    if drift {
        headings.push(">PSI");
    }
    let mut grid = Grid::new(&headings);
    for indicator in indicators {
        let dash = || "–".to_owned();
        let mut cells = vec![indicator.indicator.clone()];
        match &indicator.records {
            Some(records) => cells.extend([
                format!("{} of {}", records.aggregate, records.table),
                records.after.clone().unwrap_or_else(dash),
                count(records.records.used as usize),
                count(records.records.out_of_window as usize),
                count(records.records.filtered_out as usize),
            ]),
            None => cells.extend(["expression".to_owned(), dash(), dash(), dash(), dash()]),
        }
        cells.push(percent(indicator.coverage));
        match &indicator.spread {
            Spread::Numbers { min, lower_quartile, median, upper_quartile, max, .. } => {
                cells.extend([min, lower_quartile, median, upper_quartile, max].map(|value| value.map_or_else(dash, figure)));
            }
            Spread::Words { top, .. } => {
                let all = indicator.with_value as usize;
                let named = top.iter().take(5).map(|(word, firms)| format!("{word} {}", percent(share(*firms as usize, all))));
                cells.extend(named);
            }
        }
        cells.resize_with(12, String::new);
        if drift {
            cells.push(indicator.drift.as_ref().map_or_else(dash, |drift| format!("{:.3}", drift.psi)));
        }
        grid.row(cells);
    }
    grid.text()
}

/// A number with as many decimals as people read.
fn figure(value: f64) -> String {
    if value.fract() == 0.0 && value.abs() < 1e15 { format!("{value}") } else { format!("{value:.3}") }
}
