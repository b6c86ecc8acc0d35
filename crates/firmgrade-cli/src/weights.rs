//! `firmgrade weights`: the tree with its weights, and how consistent the judgments behind them are.

use crate::args::{WeightsArgs, WeightsFormat};
use crate::failure::{Failure, warn};
use crate::screen;
use crate::tables::Grid;
use firmgrade::Scorecard;
use firmgrade::ahp::{NodeWeights, Weights};
use firmgrade_frame::load_card;
use serde_json::{Value, json};
use std::fmt::Write;

pub(crate) fn run(args: &WeightsArgs) -> Result<(), Failure> {
    let card = load_card(&args.card)?;
    warn(&card);
    let rows = rows(&card);
    screen::data(&match args.format {
        WeightsFormat::Table => table(&card, &rows),
        WeightsFormat::Json => format!("{:#}\n", json(&card, &rows)),
        WeightsFormat::Csv => csv(&rows),
    })
}

/// A node or an indicator, in its place.
struct Row<'c> {
    id: &'c str,
    title: &'c str,
    parent: &'c str,
    depth: usize,
    local: f64,
    global: f64,
    /// Where the weights of the children come from; `None` for an indicator.
    below: Option<&'c NodeWeights>,
    children: usize,
}

/// The tree, depth first: a node before its children, children in the order of the card.
fn rows(card: &Scorecard) -> Vec<Row<'_>> {
    let mut rows = Vec::new();
    let mut waiting = vec![(firmgrade::card::ROOT, "", 0)];
    while let Some((id, parent, depth)) = waiting.pop() {
        if let Some(node) = card.nodes().iter().find(|node| node.id == id) {
            let (local, global, children) = (node.local_weight, node.weight, node.children.len());
            rows.push(Row { id, title: &node.title, parent, depth, local, global, below: Some(&node.weights), children });
            waiting.extend(node.children.iter().rev().map(|child| (child.as_str(), node.id.as_str(), depth + 1)));
        } else if let Some(leaf) = card.indicators().iter().find(|indicator| indicator.id == id) {
            rows.push(Row {
                id,
                title: &leaf.title,
                parent,
                depth,
                local: leaf.local_weight,
                global: leaf.weight,
                below: None,
                children: 0,
            });
        }
    }
    rows
}

fn table(card: &Scorecard, rows: &[Row<'_>]) -> String {
    let mut grid = Grid::new(&["criterion or indicator", "id", ">local", ">global", "weights of its children", ">CR", "random index"]);
    for row in rows {
        let (source, cr, index) = match row.below {
            None | Some(NodeWeights::Single) => (String::new(), String::new(), String::new()),
            Some(NodeWeights::Judged(weights)) => {
                let index = if weights.ri() > 0.0 {
                    format!("{} ({})", weights.ri(), weights.random_index_used())
                } else {
                    "not needed".to_owned()
                };
                (format!("judged, {}", weights.method()), format!("{:.4}", weights.cr()), index)
            }
            Some(other) => (source(other).to_owned(), String::new(), String::new()),
        };
        // A no-break space keeps the indent.
        let indent = "\u{a0}\u{a0}".repeat(row.depth);
        let percent = |weight: f64| format!("{:.2} %", weight * 100.0);
        grid.row([format!("{indent}{}", row.title), row.id.to_owned(), percent(row.local), percent(row.global), source, cr, index]);
    }
    let header = &card.spec().scorecard;
    format!("{} ({}, version {})\n\n{}", header.title, header.id, header.version, grid.text().replace('\u{a0}', " "))
}

/// The word for where weights come from.
fn source(weights: &NodeWeights) -> &'static str {
    match weights {
        NodeWeights::Judged(_) => "judged",
        NodeWeights::Direct(_) => "direct",
        NodeWeights::Equal => "equal",
        NodeWeights::Single => "single",
    }
}

fn judged<'c>(row: &Row<'c>) -> Option<&'c Weights> {
    match row.below {
        Some(NodeWeights::Judged(weights)) => Some(weights),
        _ => None,
    }
}

fn json(card: &Scorecard, rows: &[Row<'_>]) -> Value {
    let header = &card.spec().scorecard;
    let tree: Vec<Value> = rows
        .iter()
        .map(|row| {
            let consistency = judged(row).map(|weights| {
                json!({"method": weights.method(), "n": weights.values().len(), "lambda_max": weights.lambda_max(), "ci": weights.ci(),
                       "ri": weights.ri(), "cr": weights.cr(), "random_index": weights.random_index_used()})
            });
            json!({"id": row.id, "title": row.title, "parent": (!row.parent.is_empty()).then_some(row.parent),
                   "kind": if row.below.is_some() { "criterion" } else { "indicator" }, "local": row.local, "global": row.global,
                   "weights": row.below.map(source), "consistency": consistency})
        })
        .collect();
    json!({"scorecard": header.id, "version": header.version, "digest": card.digest(), "tree": tree})
}

fn csv(rows: &[Row<'_>]) -> String {
    let mut text = "id,title,parent,kind,depth,local,global,children,weights,method,random_index,n,lambda_max,ci,ri,cr\n".to_owned();
    for row in rows {
        let kind = if row.below.is_some() { "criterion" } else { "indicator" };
        let Row { depth, local, global, children, .. } = row;
        let (id, title, parent) = (quoted(row.id), quoted(row.title), quoted(row.parent));
        let source = row.below.map_or("", source);
        // Writing to a string cannot fail.
        let _ = write!(text, "{id},{title},{parent},{kind},{depth},{local},{global},{children},{source}");
        let _ = match judged(row) {
            Some(w) => {
                let (method, index, n) = (w.method(), w.random_index_used(), w.values().len());
                writeln!(text, ",{method},{index},{n},{},{},{},{}", w.lambda_max(), w.ci(), w.ri(), w.cr())
            }
            None => writeln!(text, ",,,,,,,"),
        };
    }
    text
}

/// A cell of CSV, between quotes where it must be, and harmless to a spreadsheet that takes it for a formula.
fn quoted(text: &str) -> String {
    let guard = if text.starts_with(['=', '+', '-', '@']) { "'" } else { "" };
    if text.contains(['"', ',', '\n', '\r']) { format!("\"{guard}{}\"", text.replace('"', "\"\"")) } else { format!("{guard}{text}") }
}
