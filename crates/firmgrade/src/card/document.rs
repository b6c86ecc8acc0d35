//! A scorecard file as a tree in which every key and value remembers where it was written, and the rules by which one file inherits another.

use super::problem::{Place, Problem};
use indexmap::IndexMap;
use std::ops::Range;
use toml::de::{DeTable, DeValue};

/// Where something was written: the file's number and a range of bytes.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Origin {
    file: usize,
    bytes: Range<usize>,
}

/// A value and where it was written.
#[derive(Clone, Debug)]
pub(crate) struct Node {
    pub(crate) value: Value,
    pub(crate) origin: Origin,
}

/// A TOML value; dates are kept as text.
#[derive(Clone, Debug)]
pub(crate) enum Value {
    Flag(bool),
    Whole(i64),
    Number(f64),
    Text(String),
    Array(Vec<Node>),
    Table(IndexMap<String, Entry>),
}

/// An entry of a table: where its key was written, and its value.
#[derive(Clone, Debug)]
pub(crate) struct Entry {
    pub(crate) key: Origin,
    pub(crate) node: Node,
}

/// The files that were read, in the order in which they were read.
#[derive(Default)]
pub(crate) struct Files(Vec<(String, String)>);

impl Files {
    /// Reads a text as TOML. Its problems are reported with their places.
    pub(crate) fn read(&mut self, name: &str, text: String) -> Result<Node, Vec<Problem>> {
        let file = self.0.len();
        let (table, errors) = DeTable::parse_recoverable(&text);
        let mut problems: Vec<Problem> = errors
            .iter()
            .map(|error| {
                let mut problem = Problem::error(&[], format!("not valid TOML: {}", error.message()));
                problem.place = Some(place(name, &text, error.span().map_or(0, |span| span.start)));
                problem
            })
            .collect();
        let node = if problems.is_empty() { Some(node_of_table(table.get_ref(), file, table.span(), &mut problems)) } else { None };
        for problem in &mut problems {
            // Conversion problems carry byte offsets as their line until the text is at hand.
            if let Some(at) = problem.place.as_mut().filter(|at| at.file.is_empty()) {
                *at = place(name, &text, at.line);
            }
        }
        drop(table);
        self.0.push((name.to_owned(), text));
        match node {
            Some(node) if problems.is_empty() => Ok(node),
            _ => Err(problems),
        }
    }

    /// The names of all files read so far.
    pub(crate) fn names(&self) -> impl Iterator<Item = &str> {
        self.0.iter().map(|(name, _)| name.as_str())
    }

    /// What stands at an origin, letter by letter.
    fn literal(&self, origin: &Origin) -> &str {
        self.0.get(origin.file).and_then(|(_, text)| text.get(origin.bytes.clone())).unwrap_or_default()
    }

    /// The place of an origin.
    pub(crate) fn place(&self, origin: &Origin) -> Option<Place> {
        self.0.get(origin.file).map(|(name, text)| place(name, text, origin.bytes.start))
    }
}

fn place(name: &str, text: &str, byte: usize) -> Place {
    let before = text.get(..byte.min(text.len())).unwrap_or(text);
    let line_start = before.rfind('\n').map_or(0, |at| at + 1);
    Place {
        file: name.to_owned(),
        line: before.matches('\n').count() + 1,
        column: before.get(line_start..).unwrap_or_default().chars().count() + 1,
    }
}

fn node_of_table(table: &DeTable<'_>, file: usize, bytes: Range<usize>, problems: &mut Vec<Problem>) -> Node {
    let entries = table
        .iter()
        .map(|(key, value)| {
            let node = node_of_value(value.get_ref(), file, value.span(), problems);
            (key.get_ref().to_string(), Entry { key: Origin { file, bytes: key.span() }, node })
        })
        .collect();
    Node { value: Value::Table(entries), origin: Origin { file, bytes } }
}

fn node_of_value(value: &DeValue<'_>, file: usize, bytes: Range<usize>, problems: &mut Vec<Problem>) -> Node {
    let mut refuse = |message: String| {
        let mut problem = Problem::error(&[], message);
        problem.place = Some(Place { file: String::new(), line: bytes.start, column: 0 });
        problems.push(problem);
        Value::Number(0.0)
    };
    let value = match value {
        DeValue::String(text) => Value::Text(text.to_string()),
        DeValue::Integer(whole) => match i64::from_str_radix(whole.as_str(), whole.radix()) {
            Ok(whole) => Value::Whole(whole),
            Err(_) => refuse(format!("found `{whole}`, expected a whole number of at most 63 bits")),
        },
        DeValue::Float(number) => match number.as_str().parse::<f64>() {
            Ok(number) if number.is_finite() => Value::Number(number),
            _ => refuse(format!("found `{number}`, expected a finite number")),
        },
        DeValue::Boolean(flag) => Value::Flag(*flag),
        DeValue::Datetime(date) => Value::Text(date.to_string()),
        DeValue::Array(items) => {
            Value::Array(items.iter().map(|item| node_of_value(item.get_ref(), file, item.span(), problems)).collect())
        }
        DeValue::Table(table) => return node_of_table(table, file, bytes, problems),
    };
    Node { value, origin: Origin { file, bytes } }
}

impl Node {
    pub(crate) fn table(&self) -> Option<&IndexMap<String, Entry>> {
        match &self.value {
            Value::Table(table) => Some(table),
            _ => None,
        }
    }

    pub(crate) fn get(&self, key: &str) -> Option<&Self> {
        self.table()?.get(key).map(|entry| &entry.node)
    }

    pub(crate) fn text(&self) -> Option<&str> {
        match &self.value {
            Value::Text(text) => Some(text),
            _ => None,
        }
    }

    /// The origin of the value at `path`, or of the last step that exists.
    pub(crate) fn locate<'p>(&self, path: impl Iterator<Item = &'p str>) -> &Origin {
        let (mut node, mut origin) = (self, &self.origin);
        for step in path {
            (node, origin) = match &node.value {
                Value::Table(table) => match table.get(step) {
                    Some(entry) => (&entry.node, &entry.key),
                    None => break,
                },
                Value::Array(items) => match step.parse::<usize>().ok().and_then(|index| items.get(index)) {
                    Some(item) => (item, &item.origin),
                    None => break,
                },
                _ => break,
            };
        }
        origin
    }

    /// The tree as JSON, places left out.
    pub(crate) fn to_json(&self) -> serde_json::Value {
        match &self.value {
            Value::Flag(flag) => (*flag).into(),
            Value::Whole(whole) => (*whole).into(),
            Value::Number(number) => (*number).into(),
            Value::Text(text) => text.as_str().into(),
            Value::Array(items) => items.iter().map(Self::to_json).collect(),
            Value::Table(table) => {
                serde_json::Value::Object(table.iter().map(|(key, entry)| (key.clone(), entry.node.to_json())).collect())
            }
        }
    }
}

/// Numbers with a fraction as the text in which they were written, for what must not pass through binary fractions: `json` is the tree as JSON,
/// repaired or not.
pub(crate) fn write_out(node: &Node, files: &Files, json: &mut serde_json::Value) {
    match (&node.value, json) {
        (Value::Number(_), json) if json.is_number() => *json = files.literal(&node.origin).replace('_', "").into(),
        (Value::Array(nodes), serde_json::Value::Array(values)) => {
            nodes.iter().zip(values).for_each(|(node, json)| write_out(node, files, json));
        }
        (Value::Table(table), serde_json::Value::Object(values)) => {
            for (key, json) in values {
                if let Some(entry) = table.get(key) {
                    write_out(&entry.node, files, json);
                }
            }
        }
        _ => {}
    }
}

/// Ways that exclude each other, each with its keys: naming one in the heir drops the keys of the others that were inherited.
const EXCLUSIVE: [&[&[&str]]; 3] = [
    &[&["bands"], &["points"], &["categories"], &["flag"]],
    &[&["cuts"], &["shares"]],
    &[&["column"], &["expression"], &["from", "aggregate", "of", "by", "where", "share_where", "window", "empty"]],
];

/// The card `heir` on top of the card `base` that it extends.
pub(crate) fn inherit(base: Node, heir: Node) -> Node {
    merge(base, heir, &|base, heir, section| match section {
        "scorecard" => merge(base, heir, &|base, heir, key| if key == "scale" { merge_keys(base, heir) } else { heir }),
        "ahp" | "grades" => merge_keys(base, heir),
        "criteria" | "indicators" | "columns" => merge(base, heir, &|base, heir, _| merge_keys(base, heir)),
        "mapping" | "reading" => merge(base, heir, &|base, heir, _| merge(base, heir, &|_, heir, _| heir)),
        "judgments" => merge_keys(base, heir),
        "overrides" | "records" => merge_by_id(base, heir),
        _ => heir,
    })
}

/// Two tables as one: keys of both are put together by `both`, the heir's new keys come after.
fn merge(base: Node, heir: Node, both: &dyn Fn(Node, Node, &str) -> Node) -> Node {
    let (mut table, heirs, origin) = match (base.value, heir.value) {
        (Value::Table(base), Value::Table(heirs)) => (base, heirs, heir.origin),
        (_, value) => return Node { value, origin: heir.origin },
    };
    for (key, entry) in heirs {
        let node = match table.get(&key) {
            Some(old) => both(old.node.clone(), entry.node, &key),
            None => entry.node,
        };
        table.insert(key, Entry { key: entry.key, node });
    }
    Node { value: Value::Table(table), origin }
}

/// Two tables as one: the heir's value holds where both have one, and what it excludes is dropped.
fn merge_keys(mut base: Node, heir: Node) -> Node {
    if let (Value::Table(table), Some(heirs)) = (&mut base.value, heir.table()) {
        for ways in EXCLUSIVE {
            let named = |way: &&&[&str]| way.iter().any(|key| heirs.contains_key(*key));
            if ways.iter().any(|way| named(&way)) {
                for key in ways.iter().filter(|way| !named(way)).copied().flatten() {
                    table.shift_remove(*key);
                }
            }
        }
    }
    merge(base, heir, &|_, heir, _| heir)
}

/// Two lists of tables with ids as one.
fn merge_by_id(base: Node, heir: Node) -> Node {
    let (mut rules, heirs, origin) = match (base.value, heir.value) {
        (Value::Array(base), Value::Array(heirs)) => (base, heirs, heir.origin),
        (_, value) => return Node { value, origin: heir.origin },
    };
    let inherited = rules.len();
    for rule in heirs {
        let id = rule.get("id").and_then(Node::text);
        // Only inherited rules are looked up: the same id twice in one file is a fault, found later.
        let old = rules.iter().take(inherited).position(|old| id.is_some() && old.get("id").and_then(Node::text) == id);
        match old.and_then(|at| rules.get_mut(at)) {
            Some(old) => *old = merge_keys(old.clone(), rule),
            None => rules.push(rule),
        }
    }
    Node { value: Value::Array(rules), origin }
}
