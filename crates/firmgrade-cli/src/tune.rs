//! `firmgrade tune`: a scorecard, firms and outcomes in, a proposal out, and a new scorecard where all gates are open.

use crate::args::{GradingArgs, ReportFormat, TuneArgs};
use crate::evaluate::{reading, three};
use crate::failure::{Failure, warn};
use crate::grade::name;
use crate::progress::Progress;
use crate::tables::{Grid, count, counted};
use crate::{raw, screen, written};
use firmgrade::GradeOptions;
use firmgrade::tune::{Challenger, ChallengerOptions, Encoding, NewCard, TuneOptions, Verdict};
use firmgrade_frame::{
    Graded, Proposed, ReadOptions, Tuned, challenger, derive_raw, grade, load_card, read_table, refuse_overwrite_of_inputs, tune,
};
use std::path::PathBuf;
use std::sync::Arc;

/// Firms that would move and weights that change most: as many are shown.
const SHOWN: usize = 10;

pub(crate) fn run(args: &TuneArgs) -> Result<(), Failure> {
    refuse_output(&args.grading, Some(&args.outcomes), args.output.as_ref())?;
    let mut progress = Progress::new();
    let graded = graded(&args.grading, &mut progress)?;
    let outcomes = read_table(&args.outcomes, &ReadOptions::default())?;
    progress.step("tune", "tuning the weights".to_owned());
    let options = TuneOptions { seed: args.seed, folds: args.folds, ..TuneOptions::default() };
    let tuned = tune(&graded, &outcomes, &reading(&args.reading), &options)?;
    let other = |encoding: Encoding| {
        let options = ChallengerOptions { encoding, seed: args.seed, folds: args.folds, ..ChallengerOptions::default() };
        challenger(&graded, &outcomes, &reading(&args.reading), &options)
    };
    let other = args.challenger.map(other).transpose()?;
    let proposed = tuned.proposal().verdict == Verdict::Proposed;
    let mut written = None;
    if let Some(path) = args.output.as_ref().filter(|_| proposed) {
        progress.step("write", format!("writing {}", name(path, "standard output")));
        tuned.write(path, &NewCard { version: args.version.clone(), ..NewCard::default() })?;
        written = Some(path);
    }
    progress.end();
    match args.format {
        ReportFormat::Json => screen::data(&match &other {
            None => tuned.json(),
            Some(other) => json(&tuned, other),
        })?,
        ReportFormat::Table => {
            let end = match (&args.output, written) {
                (_, Some(path)) => format!("\nWritten: {}; it is adopted by being used\n", name(path, "standard output")),
                (Some(path), None) => format!("\nNot written: {}\n", name(path, "standard output")),
                (None, None) => String::new(),
            };
            let other = other.map(|other| format!("\n{}\n", capital(&other.found.words))).unwrap_or_default();
            screen::data(&(text(&tuned, &said(&args.grading)) + &other + &end))?;
        }
    }
    if proposed { Ok(()) } else { Err(Failure::Nothing) }
}

/// Refuses a new scorecard in the place of an input, or under a name that is none of a scorecard.
pub(crate) fn refuse_output(grading: &GradingArgs, outcomes: Option<&PathBuf>, output: Option<&PathBuf>) -> Result<(), Failure> {
    let inputs: Vec<&PathBuf> = [&grading.card, &grading.firms].into_iter().chain(outcomes).chain(raw::paths(&grading.records)).collect();
    refuse_overwrite_of_inputs(&output.into_iter().collect::<Vec<_>>(), &inputs).map_err(|error| Failure::usage(&error))?;
    match output.filter(|path| path.extension().is_none_or(|ending| !ending.eq_ignore_ascii_case("toml"))) {
        Some(path) => {
            Err(Failure::Usage(format!("the new scorecard is TOML: found `{}`, expected a name that ends in .toml", path.display())))
        }
        None => Ok(()),
    }
}

/// The firms, derived where that is needed, graded by the scorecard.
pub(crate) fn graded(args: &GradingArgs, progress: &mut Progress) -> Result<Graded, Failure> {
    let card = load_card(&args.card)?;
    warn(&card);
    if !args.records.is_empty() {
        raw::refuse_names(&card, &args.records)?;
    }
    let source = name(&args.firms, "standard input");
    progress.step("read", format!("reading {source}"));
    let (mut frame, mut rows) = raw::firms(&card, &args.firms, &ReadOptions { sheet: args.sheet.clone(), ..ReadOptions::default() })?;
    let as_of = if args.records.is_empty() { written::as_of(&args.firms, args.as_of)? } else { args.as_of };
    let lacking = card.derivation().derived().iter().any(|derived| frame.column(&derived.id).is_err());
    match args.as_of.filter(|_| lacking || !args.records.is_empty()) {
        None => raw::refuse_underived(&card, &frame, &source)?,
        Some(as_of) => {
            let (firms, records) = raw::tables(&card, &args.firms, args.sheet.as_deref(), &args.records)?;
            progress.step("derive", format!("deriving the indicators of {}", counted(firms.frame().height(), "firm")));
            frame = derive_raw(&card, &firms, &records, as_of, None)?.frame;
            rows = firms.rows().map(<[usize]>::to_vec);
        }
    }
    progress.step("grade", format!("grading {}", counted(frame.height(), "firm")));
    let options = GradeOptions { reasons: 0, contributions: false };
    let graded = grade(&Arc::new(card), &frame, options).map_err(|error| Failure::of_rows(&source, error, rows.as_deref()))?;
    Ok(match as_of {
        Some(as_of) => graded.dated(as_of),
        None => graded,
    })
}

/// What was read of the firms without being asked for, in a line.
pub(crate) fn said(args: &GradingArgs) -> String {
    if args.records.is_empty() { written::words(&args.firms) } else { String::new() }
}

/// The proposal as JSON, with the challenger.
fn json(tuned: &Tuned, other: &Proposed<Challenger>) -> String {
    let parsed = |text: &str| serde_json::from_str::<serde_json::Value>(text).unwrap_or_default();
    let mut value = parsed(&tuned.json());
    if let Some(object) = value.as_object_mut() {
        object.insert("challenger".to_owned(), parsed(&other.json()));
    }
    format!("{value:#}\n")
}

/// The proposal for people; `read` is what was read of the firms without being asked for.
fn text(tuned: &Tuned, read: &str) -> String {
    let proposal = tuned.proposal();
    let mut text = format!("{}\n\n{read}Outcomes: {}\n", capital(&proposal.words), tuned.account());
    tuned.notes().iter().for_each(|note| text.push_str(&format!("Note: {note}\n")));
    let mut gates = Grid::new(&["gate", "", "found"]);
    for gate in &proposal.gates {
        gates.row([gate.name.clone(), if gate.open { "open" } else { "closed" }.to_owned(), gate.words.clone()]);
    }
    text.push_str(&format!("\n{}", gates.text()));
    if proposal.indicators.is_empty() {
        return text;
    }
    let mut rows: Vec<_> = proposal.indicators.iter().collect();
    // Stable, so that equal changes stay in the order of the card.
    rows.sort_by(|a, b| (b.tuned - b.expert).abs().total_cmp(&(a.tuned - a.expert).abs()));
    let mut weights = Grid::new(&["indicator", ">expert", ">tuned", ">change", ">found", ">95 % from", ">to"]);
    for row in rows.iter().take(SHOWN) {
        let change = format!("{:+.4}", row.tuned - row.expert);
        let [expert, tuned, asked] = [row.expert, row.tuned, row.estimate.value].map(|weight| format!("{weight:.4}"));
        weights.row([row.indicator.clone(), expert, tuned, change, asked, three(row.estimate.low), three(row.estimate.high)]);
    }
    let rest = rows.len().saturating_sub(SHOWN);
    let more = if rest > 0 { format!("  … and {rest} that change less\n") } else { String::new() };
    text.push_str(&format!("\n{}{more}", weights.text()));
    let names = &tuned.graded().card().grades().names;
    let name = |grade: u8| names.get(usize::from(grade)).map_or("–", String::as_str);
    let mut moves: std::collections::BTreeMap<(u8, u8), usize> = std::collections::BTreeMap::new();
    proposal.moved.iter().for_each(|moved| *moves.entry((moved.before, moved.after)).or_default() += 1);
    let mut grid = Grid::new(&["from", "to", ">firms"]);
    moves.iter().for_each(|((before, after), firms)| grid.row([name(*before).to_owned(), name(*after).to_owned(), count(*firms)]));
    if !grid.is_empty() {
        text.push_str(&format!("\n{}", grid.text()));
    }
    text
}

pub(crate) fn capital(words: &str) -> String {
    let mut letters = words.chars();
    letters.next().map_or_else(String::new, |first| first.to_uppercase().chain(letters).collect())
}

#[cfg(test)]
mod tests {
    use super::capital;

    #[test]
    fn a_sentence_begins_with_a_capital() {
        assert_eq!([capital("no signal: é"), capital(""), capital("éa")], ["No signal: é", "", "Éa"]);
    }
}
