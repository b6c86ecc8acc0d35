//! A card with the judgments of some nodes replaced, everything else as it was typed.

use std::fs;
use std::path::{Component, Path, PathBuf};

use firmgrade::Scorecard;
use firmgrade::ahp::{Judgments, NodeWeights, parse_ratio};
use toml_edit::{DocumentMut, InlineTable, Item, Table, TableLike, Value, value};

use crate::card::{read_card, resolve};
use crate::fault::FrameError;
use crate::write::whole;
use crate::write::whole::refuse_overwrite_of_inputs;

/// What replaces the judgments of a node.
#[derive(Clone, Debug)]
pub struct NewJudgments {
    /// The node's id.
    pub node: String,
    /// How its children are weighed from now on.
    pub accepted: Accepted,
    /// Where that comes from: lines of a comment.
    pub comment: Vec<String>,
}

/// How the children of a node are weighed.
#[derive(Clone, Debug)]
pub enum Accepted {
    /// By these judgments; the things are the children.
    Judged(Judgments),
    /// By these weights, in the order of the children.
    Direct(Vec<f64>),
}

/// Keys of a node of which one stands for the weights, with what belongs to it.
const WAYS: [&str; 6] = ["pairs", "matrix", "upper", "order", "weights", "equal"];
/// How lines written here begin, so that the next acceptance replaces them.
const COMMENT: &str = "# firmgrade --accept: ";

/// Writes the card at `card` to `out` with the judgments of some nodes replaced; what else stands in the file stays as it was typed,
/// comments too. A card that extends another is extended in its turn: `out` then holds the new judgments only. The file is written only if it
/// loads and gives exactly the weights of `changes`; the card that was loaded is returned.
///
/// # Errors
/// A [`FrameError`] that names the file: an output that is the card, a card it extends or one of `inputs`; every problem of the new card, such
/// as a CR above its limit.
pub fn accept(
    card: impl AsRef<Path>,
    out: impl AsRef<Path>,
    inputs: &[PathBuf],
    changes: &[NewJudgments],
) -> Result<Scorecard, FrameError> {
    let (card, out) = (card.as_ref(), out.as_ref());
    let (file, text) = read_card(card)?;
    // Loaded once more for the cards that it extends, which must not be overwritten either.
    let mut read: Vec<PathBuf> = inputs.iter().cloned().chain([card.to_owned()]).collect();
    let old = Scorecard::from_contradictory_toml(&file, &text, &mut |from, other| {
        let found = resolve(from, other)?;
        read.push(PathBuf::from(&found.0));
        Ok(found)
    })?;
    refuse_overwrite_of_inputs(&[out], &read)?;
    let refused = |reason: &str| FrameError::Unwritable { file: out.display().to_string(), reason: reason.to_owned() };
    let mut document: DocumentMut = text.parse().map_err(|_| refused("the card cannot be edited"))?;
    let extends = document.get("scorecard").and_then(|header| header.get("extends")).is_some();
    if extends {
        document = heir(&old, card, out, changes).map_err(|_| refused("the path from it to the card cannot be told"))?;
    }
    for change in changes {
        let children = old.nodes().iter().find(|node| node.id == change.node).map_or(&[][..], |node| node.children.as_slice());
        if replace(&mut document, change, children).is_none() {
            return Err(refused(&format!("`judgments.{}` of the card is no table", change.node)));
        }
    }
    let text = document.to_string();
    let name = out.display().to_string();
    let new = Scorecard::from_toml_with(&name, &text, &mut resolve)?;
    if let Some(node) = changes.iter().find(|change| !gives(&new, change)) {
        return Err(refused(&format!("the new card gives `{}` other weights than were shown", node.node)));
    }
    use std::io::Write;
    whole::aside(out, |sink, file| sink.write_all(text.as_bytes()).map_err(|source| FrameError::writing(file, source)))?.put()?;
    Ok(new)
}

/// Whether the card gives the children of a node the very weights of the change.
fn gives(card: &Scorecard, change: &NewJudgments) -> bool {
    let Some(node) = card.nodes().iter().find(|node| node.id == change.node) else { return false };
    match (&node.weights, &change.accepted) {
        (NodeWeights::Judged(weights), Accepted::Judged(judgments)) => {
            let expected = judgments.weights(weights.method(), weights.random_index());
            weights.names() == expected.names() && weights.values() == expected.values()
        }
        (NodeWeights::Direct(weights), Accepted::Direct(expected)) => weights == expected,
        _ => false,
    }
}

/// A card that extends the one at `card` and holds, for each node to be changed, what its judgments say beside the judgments.
fn heir(old: &Scorecard, card: &Path, out: &Path, changes: &[NewJudgments]) -> std::io::Result<DocumentMut> {
    let mut document = DocumentMut::new();
    let mut header = Table::new();
    header.insert("extends", value(relative(card, out)?));
    document.insert("scorecard", Item::Table(header));
    let mut nodes = Table::new();
    nodes.set_implicit(true);
    for change in changes {
        let mut node = Table::new();
        // A node is inherited whole or not at all.
        if let Some(said) = old.spec().judgments.get(&change.node) {
            if let Some(method) = said.method {
                node.insert("method", value(method.as_str()));
            }
            if let Some(index) = said.random_index {
                node.insert("random_index", value(index.as_str()));
            }
            if let Some(limit) = said.max_cr {
                node.insert("max_cr", value(limit));
            }
            if let Some(severity) = said.inconsistent {
                node.insert("inconsistent", value(if severity == firmgrade::card::Severity::Error { "error" } else { "warning" }));
            }
        }
        node.set_implicit(node.is_empty());
        nodes.insert(&change.node, Item::Table(node));
    }
    document.insert("judgments", Item::Table(nodes));
    Ok(document)
}

/// The path of `card` as seen from the folder of `out`, with `/` between its parts.
fn relative(card: &Path, out: &Path) -> std::io::Result<String> {
    let folder = out.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."));
    let (card, folder) = (fs::canonicalize(card)?, fs::canonicalize(folder)?);
    let (to, from): (Vec<Component<'_>>, Vec<Component<'_>>) = (card.components().collect(), folder.components().collect());
    let shared = to.iter().zip(&from).take_while(|(a, b)| a == b).count();
    if shared == 0 {
        return Ok(card.display().to_string());
    }
    let up = from.iter().skip(shared).map(|_| "..".to_owned());
    let down = to.iter().skip(shared).map(|part| part.as_os_str().to_string_lossy().into_owned());
    Ok(up.chain(down).collect::<Vec<_>>().join("/"))
}

/// Puts the new judgments in the place of the old ones; `None` where the file has no table for them.
fn replace(document: &mut DocumentMut, change: &NewJudgments, children: &[String]) -> Option<()> {
    let nodes = document.entry("judgments").or_insert_with(|| Item::Table(Table::new()));
    let plain = nodes.as_table().is_some_and(|table| !table.is_dotted());
    let node = nodes.as_table_like_mut()?.entry(&change.node).or_insert_with(|| Item::Table(Table::new()));
    let plain = plain && node.as_table().is_some_and(|table| !table.is_dotted());
    let node = node.as_table_like_mut()?;
    let key = match change.accepted {
        Accepted::Judged(_) => "pairs",
        Accepted::Direct(_) => "weights",
    };
    // The first of the old tables gives its place and the comments above it; judgments that stay, stay as they were typed.
    let mut before: Option<(Option<isize>, String)> = None;
    let mut table = Table::new();
    for way in WAYS {
        if let Some(Item::Table(old)) = node.remove(way)
            && before.is_none()
        {
            let prefix = old.decor().prefix().and_then(|prefix| prefix.as_str()).unwrap_or("\n");
            before = Some((old.position(), prefix.to_owned()));
            if way == key {
                table = old;
            }
        }
    }
    let comment: String = change.comment.iter().map(|line| format!("{COMMENT}{}\n", line.replace(['\n', '\r'], " "))).collect();
    if plain {
        fill(&mut table, &change.accepted, children);
        let (position, prefix) = before.unwrap_or((None, "\n".to_owned()));
        let prefix: String = prefix.split_inclusive('\n').filter(|line| !line.starts_with(COMMENT)).collect();
        table.set_position(position);
        table.decor_mut().set_prefix(format!("{prefix}{comment}"));
        node.insert(key, Item::Table(table));
    } else {
        let mut table = InlineTable::new();
        fill(&mut table, &change.accepted, children);
        node.insert(key, Item::Value(Value::InlineTable(table)));
        let first = document.decor().prefix().and_then(|prefix| prefix.as_str()).unwrap_or_default().to_owned();
        document.decor_mut().set_prefix(format!("{comment}{first}"));
    }
    Some(())
}

/// Puts the judgments in place of those that stand there. One that says the same to the last bit is left alone; any other is stated in the
/// direction in which it is ≥ 1, from which the other side follows with the same bits.
fn fill(table: &mut dyn TableLike, accepted: &Accepted, children: &[String]) {
    match accepted {
        Accepted::Judged(judgments) => {
            let mut open: Vec<(String, f64)> = Vec::new();
            let mut kept: Vec<String> = Vec::new();
            let names = judgments.names();
            for (row, a) in names.iter().enumerate() {
                for (column, b) in names.iter().enumerate().skip(row + 1) {
                    let (Some(up), Some(down)) = (judgments.get(row, column), judgments.get(column, row)) else { continue };
                    let stated = |one: &str, other: &str, value: f64, back: f64| {
                        let same = |key: &str, item: &Item| {
                            let pair = key.split_once(':').is_some_and(|(first, second)| (first.trim(), second.trim()) == (one, other));
                            pair && typed(item).is_some_and(|typed| typed == value && 1.0 / typed == back)
                        };
                        table.iter().find(|(key, item)| same(key, item)).map(|(key, _)| key.to_owned())
                    };
                    match stated(a, b, up, down).or_else(|| stated(b, a, down, up)) {
                        Some(key) => kept.push(key),
                        None if up >= 1.0 => open.push((format!("{a}:{b}"), up)),
                        None => open.push((format!("{b}:{a}"), down)),
                    }
                }
            }
            let keys: Vec<String> = table.iter().map(|(key, _)| key.to_owned()).collect();
            for key in keys.iter().filter(|key| !kept.contains(key) && !open.iter().any(|(other, _)| other == *key)) {
                table.remove(key);
            }
            for (key, value) in open {
                table.insert(&key, number(value));
            }
        }
        Accepted::Direct(weights) => {
            table.clear();
            for (child, weight) in children.iter().zip(weights) {
                table.insert(child, number(*weight));
            }
        }
    }
}

/// The judgment that an item of a card states.
fn typed(item: &Item) -> Option<f64> {
    let whole = item.as_integer().map(|whole| whole as f64);
    whole.or_else(|| item.as_float()).or_else(|| item.as_str().and_then(|text| parse_ratio(text).ok()))
}

/// `3`, not `3.0`.
fn number(x: f64) -> Item {
    if x.fract() == 0.0 && x.abs() < 1e15 { value(x as i64) } else { value(x) }
}
