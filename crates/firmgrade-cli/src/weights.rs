//! `firmgrade weights`: the tree with its weights, and how consistent the judgments behind them are.

mod consistency;
mod group;
mod tree;

use crate::args::{WeightsArgs, WeightsFormat};
use crate::failure::{Failure, warn};
use crate::screen;
use crate::tables::Grid;
use consistency::Looked;
use firmgrade::ahp::NodeWeights;
use firmgrade::{Error, Scorecard};
use firmgrade_frame::{FrameError, NewJudgments, accept, load_card, load_contradictory_card, refuse_overwrite_of_inputs};
use serde_json::{Value, json};
use std::fmt::Write;
use std::path::{Path, PathBuf};
use tree::{Row, index, percent, quoted, rows, source};

pub(crate) fn run(args: &WeightsArgs) -> Result<(), Failure> {
    if let Some(out) = &args.accept {
        let inputs: Vec<&PathBuf> = args.survey.iter().chain([&args.card]).collect();
        refuse_overwrite_of_inputs(&[out], &inputs).map_err(|error| Failure::usage(&error))?;
    }
    let (card, contradiction) = load(&args.card)?;
    if !args.survey.is_empty() {
        return group::run(args, &card);
    }
    let rows = rows(&card);
    let looked: Vec<Looked<'_>> = rows.iter().filter_map(|row| Looked::new(&card, row)).collect();
    screen::data(&match args.format {
        WeightsFormat::Table => table(&card, &rows) + &consistency::text(&looked),
        WeightsFormat::Json => format!("{:#}\n", json(&card, &rows, &looked)),
        WeightsFormat::Csv => csv(&rows, &looked),
    })?;
    match (&args.accept, contradiction) {
        (None, Some(failure)) => Err(failure),
        (None, None) => Ok(()),
        (Some(out), _) => repair(args, out, &looked),
    }
}

/// The card, and what stands against it if that is only that its judgments contradict each other, which is what one wants to look at here.
fn load(path: &Path) -> Result<(Scorecard, Option<Failure>), Failure> {
    match load_card(path) {
        Ok(card) => {
            warn(&card);
            Ok((card, None))
        }
        Err(FrameError::Engine(error @ Error::Scorecard(_))) => match load_contradictory_card(path) {
            Ok(card) => Ok((card, Some(error.into()))),
            Err(_) => Err(error.into()),
        },
        Err(error) => Err(error.into()),
    }
}

/// Writes a card with the proposed repairs.
fn repair(args: &WeightsArgs, out: &Path, looked: &[Looked<'_>]) -> Result<(), Failure> {
    let changes: Vec<NewJudgments> = looked.iter().filter_map(Looked::repaired).collect();
    if changes.is_empty() {
        return Err(Failure::problem(format!("no node needs a repair, or none is known; `{}` was not written", out.display())));
    }
    write(args, out, &changes)
}

/// Writes the new card and says what it is.
fn write(args: &WeightsArgs, out: &Path, changes: &[NewJudgments]) -> Result<(), Failure> {
    let card = accept(&args.card, out, &args.survey, changes)?;
    warn(&card);
    let nodes: Vec<String> = changes.iter().map(|change| format!("`{}`", change.node)).collect();
    screen::message(&format!("Written: {}, new judgments of {}", out.display(), nodes.join(", ")));
    let version = &card.spec().scorecard.version;
    screen::message(&format!("note: its version is still `{version}`; a change of weights is a new version"));
    Ok(())
}

fn heading(card: &Scorecard) -> String {
    let header = &card.spec().scorecard;
    format!("{} ({}, version {})", header.title, header.id, header.version)
}

fn table(card: &Scorecard, rows: &[Row<'_>]) -> String {
    let mut grid = Grid::new(&["criterion or indicator", "id", ">local", ">global", "weights of its children", ">CR", "random index"]);
    for row in rows {
        let (source, cr, index) = match row.below {
            None | Some(NodeWeights::Single) => (String::new(), String::new(), String::new()),
            Some(NodeWeights::Judged(weights)) => (format!("judged, {}", weights.method()), format!("{:.4}", weights.cr()), index(weights)),
            Some(other) => (source(other).to_owned(), String::new(), String::new()),
        };
        grid.row([row.indented(), row.id.to_owned(), percent(row.local), percent(row.global), source, cr, index]);
    }
    format!("{}\n\n{}", heading(card), grid.text().replace('\u{a0}', " "))
}

fn json(card: &Scorecard, rows: &[Row<'_>], looked: &[Looked<'_>]) -> Value {
    let header = &card.spec().scorecard;
    let tree: Vec<Value> = rows
        .iter()
        .map(|row| {
            let consistency = looked.iter().find(|looked| looked.id == row.id).map(Looked::json);
            json!({"id": row.id, "title": row.title, "parent": (!row.parent.is_empty()).then_some(row.parent), "kind": row.kind(),
                   "local": row.local, "global": row.global, "weights": row.below.map(source), "consistency": consistency})
        })
        .collect();
    json!({"scorecard": header.id, "version": header.version, "digest": card.digest(), "tree": tree})
}

fn csv(rows: &[Row<'_>], looked: &[Looked<'_>]) -> String {
    let mut text = "id,title,parent,kind,depth,local,global,children,weights,method,random_index,n,lambda_max,ci,ri,cr,\
                    max_cr,gci,gci_limit,koczkodaj,cycles\n"
        .to_owned();
    for row in rows {
        let Row { depth, local, global, children, .. } = row;
        let (id, title, parent) = (quoted(row.id), quoted(row.title), quoted(row.parent));
        let source = row.below.map_or("", source);
        // Writing to a string cannot fail.
        let _ = write!(text, "{id},{title},{parent},{},{depth},{local},{global},{children},{source}", row.kind());
        let _ = match looked.iter().find(|looked| looked.id == row.id) {
            Some(looked) => writeln!(text, ",{}", looked.csv()),
            None => writeln!(text, ",,,,,,,,,,,,"),
        };
    }
    text
}
