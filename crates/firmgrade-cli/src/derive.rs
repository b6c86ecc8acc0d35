//! `firmgrade derive`: record tables in, the firm table with its indicators out.

use crate::args::{DeriveArgs, ReportFormat};
use crate::failure::{Failure, warn};
use crate::grade::{STANDARD, name, writable};
use crate::progress::Progress;
use crate::tables::{Grid, count, counted, percent, seconds, share};
use crate::{notes, raw, screen};
use firmgrade::card::FIRMS;
use firmgrade_frame::import::Encoding;
use firmgrade_frame::{
    DeriveReport, FirmTableReport, IndicatorReport, Spread, TableReport, TableSource, derive_raw, load_card, read_derive_report,
    refuse_overwrite_of_inputs, write_derived,
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
    let (firms, records) = raw::tables(&card, &args.firms, args.sheet.as_deref(), &args.records)?;
    progress.step("derive", format!("deriving the indicators of {}", counted(firms.frame().height(), "firm")));
    let mut derived = derive_raw(&card, &firms, &records, args.as_of, earlier.as_ref())?;
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
    let mut parts = vec![head + &report.firm_table.iter().map(firms).collect::<String>()];
    if !report.tables.is_empty() {
        parts.push(format!("Records:\n{}", tables(&report.tables)));
    }
    let of_firms = report.firm_table.iter().flat_map(|table| notes::cells(FIRMS, &table.rejected, &table.columns));
    let notes: String =
        of_firms.chain(report.tables.iter().flat_map(notes::table)).chain(report.identity.iter().flat_map(notes::identity)).collect();
    if !notes.is_empty() {
        parts.push(notes);
    }
    parts.push(format!("Cells:\n{}", cells(report)));
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
        ">rejected",
        ">unmatched",
        ">ambiguous",
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
            fates.rejected,
            fates.unmatched,
            fates.ambiguous,
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

/// The firm table: where it comes from, and what became of its rows.
fn firms(table: &FirmTableReport) -> String {
    let mut text = String::new();
    if let Some(file) = &table.source.file {
        text.push_str(&format!("  {file}: {} read{}\n", counted(table.read as usize, "row"), from(&table.source)));
    }
    if table.persons > 0 {
        let apart = match table.persons_alike {
            0 => String::new(),
            alike => format!(", {} told from others by `#2`, `#3`, …", count(alike as usize)),
        };
        text.push_str(&format!(
            "  {} natural persons, masked in all output{apart}\n",
            counted_as(table.persons as usize, "id is a number of", "ids are numbers of")
        ));
    }
    text
}

fn counted_as(number: usize, one: &str, several: &str) -> String {
    format!("{} {}", count(number), if number == 1 { one } else { several })
}

/// What a file is, as far as that is worth saying.
pub(crate) fn from(source: &TableSource) -> String {
    let mut words = Vec::new();
    words.extend(source.format.clone());
    words.extend(source.encoding.map(|encoding| match encoding {
        Encoding::Utf8 => "UTF-8".to_owned(),
        Encoding::Gb18030 => "GB18030".to_owned(),
    }));
    if source.header_row > 1 {
        words.push(format!("header in row {}", source.header_row));
    }
    if source.blank > 0 {
        words.push(format!("{} without content", counted(source.blank, "row")));
    }
    if source.empty_columns > 0 {
        words.push(format!("{} without a name", counted(source.empty_columns, "column")));
    }
    if words.is_empty() { String::new() } else { format!(" ({})", words.join(", ")) }
}

/// What was done to the cells of the columns that the card reads.
fn cells(report: &DeriveReport) -> String {
    let mut grid = Grid::new(&["table", "column", "header", "reads", ">missing", ">share", ">repaired", ">unreadable", "from", "to"]);
    let firms = report.firm_table.iter().map(|table| (FIRMS, &table.columns));
    for (table, columns) in firms.chain(report.tables.iter().map(|table| (table.table.as_str(), &table.columns))) {
        for column in columns {
            let unreadable: usize = column.unreadable.iter().map(|reason| reason.count).sum();
            grid.row([
                table.to_owned(),
                column.column.clone(),
                column.header.clone().unwrap_or_default(),
                column.kind.to_string(),
                count(column.missing as usize),
                percent(column.missing_share),
                count(column.repaired as usize),
                count(unreadable),
                column.least.clone().unwrap_or_default(),
                column.greatest.clone().unwrap_or_default(),
            ]);
        }
    }
    grid.text()
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
