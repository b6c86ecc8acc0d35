//! `firmgrade screen | bands | thresholds`: proposals beside the weights. A person adopts, by keeping the new scorecard.

pub(crate) mod args;

use crate::args::ReportFormat;
use crate::evaluate::{reading, three};
use crate::failure::{Failure, warn};
use crate::grade::name;
use crate::progress::Progress;
use crate::tables::{Grid, count, counted, percent};
use crate::tune::{capital, graded, refuse_output, said};
use crate::written;
use args::{AimArgs, BandsArgs, NewCardArgs, ScreenArgs, ThresholdsArgs};
use firmgrade::tune::{
    Advice, Aim, BandCardOptions, BandOptions, BandedCard, Capacity, NewCard, ScreenOptions, Screening, Separation, ThresholdGrade,
    ThresholdOptions, Verdict,
};
use firmgrade_frame::{NewCuts, Proposed, ReadOptions, ScreenedColumns, load_card, read_table, write_text};

/// Columns and bands beyond this many are told by their number.
const SHOWN: usize = 60;

pub(crate) fn screen(args: &ScreenArgs) -> Result<(), Failure> {
    let card = args.card.as_ref().map(load_card).transpose()?;
    card.as_ref().inspect(|card| warn(card));
    let mut progress = Progress::new();
    progress.step("read", format!("reading {}", name(&args.firms, "standard input")));
    let options = ReadOptions { sheet: args.sheet.clone(), ..ReadOptions::default() };
    let firms = match &card {
        Some(card) => crate::raw::firms(card, &args.firms, &options)?.0,
        None => read_table(&args.firms, &options)?,
    };
    let outcomes = read_table(&args.outcomes, &ReadOptions::default())?;
    let as_of = written::as_of(&args.firms, args.as_of)?;
    progress.step("screen", format!("screening the columns of {}", counted(firms.height(), "firm")));
    let which = ScreenedColumns { names: &args.columns, card: card.as_ref(), period: args.period.as_deref(), as_of, read_numbers: true };
    let options = ScreenOptions { cells: args.cells, ..ScreenOptions::default() };
    let found = firmgrade_frame::screen(&firms, &which, &outcomes, &reading(&args.reading), &options)?;
    progress.end();
    crate::screen::data(&match args.format {
        ReportFormat::Json => found.json(),
        ReportFormat::Table => screened(&found, &written::words(&args.firms)),
    })
}

/// Columns, the ones that say most first.
fn screened(found: &Proposed<Screening>, read: &str) -> String {
    let mut text = head(&found.found.words, read, found);
    let mut columns: Vec<_> = found.found.columns.iter().collect();
    columns.sort_by(|a, b| b.iv.total_cmp(&a.iv));
    let drift = columns.iter().any(|column| column.psi.is_some());
    let headings = ["column", ">IV", ">KS", ">trend", ">missing", ">VIF", "advice", ">PSI"];
    let mut grid = Grid::new(headings.get(..7 + usize::from(drift)).unwrap_or_default());
    let maybe = |value: Option<f64>| value.map_or_else(|| "–".to_owned(), three);
    for column in columns.iter().take(SHOWN) {
        let cells = [
            column.column.clone(),
            three(column.iv),
            three(column.ks),
            maybe(column.trend),
            percent(column.missing),
            maybe(column.vif),
            advice(column.advice).to_owned(),
        ];
        grid.row(cells.into_iter().chain(drift.then(|| maybe(column.psi))));
    }
    text.push_str(&format!("\n{}{}", grid.text(), more(columns.len())));
    let told: Vec<_> = columns.iter().filter(|column| !column.reasons.is_empty()).collect();
    for column in told.iter().take(SHOWN) {
        let reasons: Vec<&str> = column.reasons.iter().map(|reason| reason.words.as_str()).collect();
        text.push_str(&format!("  {} ({}): {}\n", column.column, advice(column.advice), reasons.join("; ")));
    }
    text.push_str(&more(told.len()));
    for cluster in &found.found.clusters {
        text.push_str(&format!("  These say the same, the strongest first: {}\n", cluster.join(", ")));
    }
    text
}

fn advice(advice: Advice) -> &'static str {
    match advice {
        Advice::Keep => "keep",
        Advice::Review => "review",
        Advice::Drop => "drop",
    }
}

pub(crate) fn bands(args: &BandsArgs) -> Result<(), Failure> {
    refuse_output(&args.grading, Some(&args.outcomes), args.new.output.as_ref())?;
    let mut progress = Progress::new();
    let graded = graded(&args.grading, &mut progress)?;
    let outcomes = read_table(&args.outcomes, &ReadOptions::default())?;
    progress.step("bands", "finding bands".to_owned());
    let bands = BandOptions {
        most: args.most,
        min_share: args.min_share,
        min_outcomes: args.min_outcomes,
        trend: args.trend,
        ..BandOptions::default()
    };
    let options = BandCardOptions { bands, chance: args.chance, folds: args.folds, seed: args.seed };
    let indicators: Vec<&str> = args.indicators.iter().map(String::as_str).collect();
    let found = firmgrade_frame::band_card(&graded, &outcomes, &reading(&args.reading), &indicators, &options)?;
    let proposed = found.found.verdict == Verdict::Proposed;
    let end = written(&args.new, proposed, &mut progress, |how| found.found.card(graded.card(), &[], how))?;
    progress.end();
    crate::screen::data(&match args.format {
        ReportFormat::Json => found.json(),
        ReportFormat::Table => banded(&found, &said(&args.grading)) + &end,
    })?;
    if proposed { Ok(()) } else { Err(Failure::Nothing) }
}

/// Bands by indicator.
fn banded(found: &Proposed<BandedCard>, read: &str) -> String {
    let mut text = head(&found.found.words, read, found);
    let mut grid = Grid::new(&["indicator", "values", ">firms", ">bad", ">rate", ">risk"]);
    let mut rows = 0;
    for new in &found.found.indicators {
        let Some(banded) = new.banded.as_ref().filter(|_| new.taken) else { continue };
        let mut from = None;
        for (at, band) in banded.bands.iter().chain(&banded.missing).enumerate() {
            let values = match (at < banded.bands.len(), band.categories.is_empty(), from, band.upto) {
                (false, ..) => "missing".to_owned(),
                (_, false, ..) => band.categories.join(", "),
                (_, _, None, Some(upto)) => format!("up to {upto}"),
                (_, _, Some(from), Some(upto)) => format!("above {from} up to {upto}"),
                (_, _, Some(from), None) => format!("above {from}"),
                (_, _, None, None) => "all".to_owned(),
            };
            from = band.upto;
            let indicator = if at == 0 { new.indicator.clone() } else { String::new() };
            rows += 1;
            if rows <= SHOWN {
                grid.row([indicator, values, count(band.rows), count(band.bad), percent(band.rate), format!("{:.3}", band.risk)]);
            }
        }
    }
    if !grid.is_empty() {
        text.push_str(&format!("\n{}{}", grid.text(), more(rows)));
    }
    for new in found.found.indicators.iter().filter(|new| !new.taken || new.agreement.is_some_and(|with| with < 0.0)) {
        text.push_str(&format!("  {}: {}\n", new.indicator, new.words));
    }
    text
}

pub(crate) fn thresholds(args: &ThresholdsArgs) -> Result<(), Failure> {
    refuse_output(&args.grading, args.outcomes.as_ref(), args.new.output.as_ref())?;
    let aim = aim(&args.aim)?;
    let mut progress = Progress::new();
    let graded = graded(&args.grading, &mut progress)?;
    let outcomes = args.outcomes.as_ref().map(|path| read_table(path, &ReadOptions::default())).transpose()?;
    progress.step("thresholds", "finding cut points".to_owned());
    let options = ThresholdOptions { draws: args.draws, seed: args.seed, ..ThresholdOptions::default() };
    let found = firmgrade_frame::thresholds(&graded, outcomes.as_ref(), &reading(&args.reading), &aim, &options)?;
    let end = written(&args.new, true, &mut progress, |how| found.found.thresholds.card(graded.card(), how))?;
    progress.end();
    crate::screen::data(&match args.format {
        ReportFormat::Json => found.json(),
        ReportFormat::Table => cut(&found, &graded.card().grades().names, &said(&args.grading)) + &end,
    })
}

/// The aim; one of them must be there.
fn aim(args: &AimArgs) -> Result<Aim, Failure> {
    match (args.capacity, args.separation, args.shares.is_empty(), args.cost.is_empty()) {
        (Some(available), ..) => {
            Ok(Aim::Capacity(Capacity { shares: args.shares.clone(), rates: args.rates.clone(), days: args.days.clone(), available }))
        }
        (_, Some(grades), ..) => Ok(Aim::Separation(Separation { grades, min_share: 0.05, min_bad: 5.0 })),
        (_, _, false, _) => Ok(Aim::Shares(args.shares.clone())),
        (_, _, _, false) => Ok(Aim::Cost(args.cost.clone())),
        _ => Err(Failure::Usage("cut points need an aim: --shares, --capacity, --separation or --cost".to_owned())),
    }
}

/// Cut points and grades.
fn cut(found: &Proposed<NewCuts>, names: &[String], read: &str) -> String {
    let cuts = &found.found.thresholds;
    let words = match &found.found.texts {
        Some(texts) => format!("cuts = [{}]", texts.iter().map(|cut| format!("\"{cut}\"")).collect::<Vec<_>>().join(", ")),
        None => "no cut points for a scorecard: a grade would be empty".to_owned(),
    };
    let mut text = format!("{words}\n\n{read}");
    if found.account.read > 0 {
        text.push_str(&format!("Outcomes: {}\n", found.account));
    }
    cuts.notes.iter().chain(&found.notes).for_each(|note| text.push_str(&format!("Note: {note}\n")));
    let same = cuts.grades.len() <= names.len();
    // Columns that the aim leaves empty are not shown.
    type Of = fn(&ThresholdGrade) -> Option<String>;
    let maybe: [(&str, Of); 4] = [
        (">bad", |grade| grade.bad.map(count)),
        (">rate", |grade| grade.rate.map(percent)),
        (">days", |grade| grade.days.map(|days| format!("{days:.1}"))),
        (">cost", |grade| grade.cost.map(|cost| format!("{cost:.1}"))),
    ];
    let maybe: Vec<(&str, Of)> = maybe.into_iter().filter(|(_, of)| cuts.grades.iter().any(|grade| of(grade).is_some())).collect();
    let headings = ["grade", ">firms", ">share"].into_iter().chain(maybe.iter().map(|(heading, _)| *heading)).chain(["cut", ">± se"]);
    let mut grid = Grid::new(&headings.collect::<Vec<_>>());
    for (at, grade) in cuts.grades.iter().enumerate() {
        let name = names.get(at).filter(|_| same).cloned().unwrap_or_else(|| (at + 1).to_string());
        let cut = found.found.texts.as_ref().and_then(|texts| texts.get(at)).cloned().unwrap_or_default();
        let se = cuts.cuts.get(at).map_or_else(String::new, |cut| format!("{:.2}", cut.se));
        let found = maybe.iter().map(|(_, of)| of(grade).unwrap_or_else(|| "–".to_owned()));
        grid.row([name, count(grade.rows), percent(grade.share)].into_iter().chain(found).chain([cut, se]));
    }
    text.push_str(&format!("\n{}", grid.text()));
    text
}

/// The first lines.
fn head<T>(words: &str, read: &str, found: &Proposed<T>) -> String {
    let mut text = format!("{}\n\n{read}Outcomes: {}\n", capital(words), found.account);
    found.notes.iter().for_each(|note| text.push_str(&format!("Note: {note}\n")));
    text
}

fn more(rows: usize) -> String {
    if rows > SHOWN { format!("  … and {} more; --format json has them all\n", rows - SHOWN) } else { String::new() }
}

/// Writes the new scorecard where it was asked for and is proposed; the last line of the report.
fn written(
    new: &NewCardArgs,
    proposed: bool,
    progress: &mut Progress,
    card: impl FnOnce(&NewCard) -> Result<String, firmgrade::Error>,
) -> Result<String, Failure> {
    let Some(path) = &new.output else { return Ok(String::new()) };
    let shown = name(path, "standard output");
    if !proposed {
        return Ok(format!("\nNot written: {shown}\n"));
    }
    progress.step("write", format!("writing {shown}"));
    let text = card(&NewCard { version: new.version.clone(), ..NewCard::default() })?;
    write_text(path, &text)?;
    Ok(format!("\nWritten: {shown}; it is adopted by being used\n"))
}
