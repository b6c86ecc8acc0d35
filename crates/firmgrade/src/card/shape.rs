//! The shape of a scorecard file: its JSON Schema, and the check of a file against it that names every fault with its place.

use super::document::{Entry, Node, Value};
use super::problem::Problem;
use super::spec::ScorecardSpec;
use indexmap::IndexMap;
use serde_json::Value as Json;

/// The JSON Schema of a scorecard (draft 2020-12), for editors that complete and check while one types.
#[must_use]
pub fn scorecard_schema() -> Json {
    schemars::schema_for!(ScorecardSpec).to_value()
}

/// Every place where `node` does not have the shape of `schema`, and the tree as JSON with stand-ins at those places, so that the
/// meaning of the rest can be checked in the same go.
pub(crate) fn check(schema: &Json, node: &Node) -> (Vec<Problem>, Json) {
    let mut walk = Walk { root: schema, problems: Vec::new(), repairs: Vec::new() };
    walk.value(schema, node, &[]);
    let mut json = node.to_json();
    for (path, value) in &walk.repairs {
        repair(&mut json, path, value.clone());
    }
    (walk.problems, json)
}

/// Puts a value at a path, or takes out what is there.
fn repair(json: &mut Json, path: &[String], value: Option<Json>) {
    let Some((last, above)) = path.split_last() else { return };
    let mut at = json;
    for step in above {
        let next = match at {
            Json::Object(table) => table.get_mut(step),
            Json::Array(items) => step.parse::<usize>().ok().and_then(|index| items.get_mut(index)),
            _ => None,
        };
        let Some(next) = next else { return };
        at = next;
    }
    if let Json::Object(table) = at {
        match value {
            Some(value) => drop(table.insert(last.clone(), value)),
            None => drop(table.shift_remove(last)),
        }
    }
}

struct Walk<'s> {
    root: &'s Json,
    problems: Vec<Problem>,
    /// Where something else is put in for the check of the meaning, or taken out.
    repairs: Vec<(Vec<String>, Option<Json>)>,
}

impl<'s> Walk<'s> {
    fn resolve(&self, schema: &'s Json) -> &'s Json {
        let mut schema = schema;
        while let Some(pointer) = schema.get("$ref").and_then(Json::as_str) {
            match self.root.pointer(pointer.trim_start_matches('#')) {
                Some(target) => schema = target,
                None => break,
            }
        }
        schema
    }

    /// The schemas that a value may follow, alternatives taken apart.
    fn alternatives(&self, schema: &'s Json) -> Vec<&'s Json> {
        let schema = self.resolve(schema);
        match schema.get("anyOf").or_else(|| schema.get("oneOf")).and_then(Json::as_array) {
            Some(options) => options.iter().flat_map(|option| self.alternatives(option)).collect(),
            None => vec![schema],
        }
    }

    fn value(&mut self, schema: &'s Json, node: &Node, path: &[&str]) {
        let options = self.alternatives(schema);
        let fitting: Vec<&Json> = options.iter().copied().filter(|option| fits(option, &node.value)).collect();
        let Some(first) = fitting.first() else {
            let mut words: Vec<&str> = options.iter().flat_map(|option| type_names(option)).filter_map(type_word).collect();
            words.dedup();
            let message = format!("found {}, expected {}", found(&node.value), words.join(" or "));
            return self.problems.push(Problem::error(path, message));
        };
        match &node.value {
            Value::Text(text) => self.word(&fitting, text, path),
            Value::Whole(whole) => self.bounds(first, *whole, path),
            Value::Array(items) => {
                if let Some(schema) = first.get("items") {
                    for (index, item) in items.iter().enumerate() {
                        self.value(schema, item, &step(path, &index.to_string()));
                    }
                }
            }
            Value::Table(table) => self.table(first, table, path),
            Value::Flag(_) | Value::Number(_) => {}
        }
    }

    /// Whether a value has the type of a schema.
    fn could_be(&self, schema: &'s Json, node: &Node) -> bool {
        self.alternatives(schema).iter().any(|option| fits(option, &node.value))
    }

    /// A text that must be one of a few words.
    fn word(&mut self, schemas: &[&'s Json], text: &str, path: &[&str]) {
        let mut words = Vec::new();
        for schema in schemas {
            match (schema.get("const").and_then(Json::as_str), schema.get("enum").and_then(Json::as_array)) {
                (Some(word), _) => words.push(word),
                (None, Some(list)) => words.extend(list.iter().filter_map(Json::as_str)),
                (None, None) => return,
            }
        }
        if !words.contains(&text) {
            let list: Vec<String> = words.iter().map(|word| format!("`{word}`")).collect();
            let message = format!("found `{text}`, expected one of {}", list.join(", "));
            self.problems.push(Problem::error(path, message).did_you_mean(text, words.iter().copied()));
            self.repairs.push((owned(path), words.first().map(|word| Json::from(*word))));
        }
    }

    /// Something that may stand where a required key is missing without making other things wrong; a name that must exist has none.
    fn stand_in(&self, key: &str, schema: &'s Json) -> Option<Json> {
        let options = self.alternatives(schema);
        let word = |schema: &&Json| schema.get("const").or_else(|| schema.get("enum")?.get(0)).cloned();
        let plain = |schema: &&Json| type_names(schema).contains(&"string") && !matches!(key, "criterion" | "when" | "grade");
        options.iter().find_map(word).or_else(|| options.iter().any(plain).then(|| Json::from("?")))
    }

    fn bounds(&mut self, schema: &Json, whole: i64, path: &[&str]) {
        let min = schema.get("minimum").and_then(Json::as_i64);
        let max = schema.get("maximum").and_then(Json::as_i64);
        if min.is_some_and(|min| whole < min) || max.is_some_and(|max| whole > max) {
            let limits = (min.map_or("…".to_owned(), |x| x.to_string()), max.map_or("…".to_owned(), |x| x.to_string()));
            let message = format!("found {whole}, expected a whole number from {} to {}", limits.0, limits.1);
            self.problems.push(Problem::error(path, message));
        }
    }

    fn table(&mut self, schema: &'s Json, table: &IndexMap<String, Entry>, path: &[&str]) {
        let properties = schema.get("properties").and_then(Json::as_object);
        let others = schema.get("additionalProperties");
        for (key, entry) in table {
            let inner = step(path, key);
            match (properties.and_then(|p| p.get(key)), others) {
                (Some(schema), _) => self.value(schema, &entry.node, &inner),
                // Beside named keys, tables of free names: anything else there is a misspelt key.
                (None, Some(schema)) if schema.is_object() && (properties.is_none() || self.could_be(schema, &entry.node)) => {
                    self.value(schema, &entry.node, &inner);
                }
                _ => {
                    let known = properties.into_iter().flat_map(|p| p.keys().map(String::as_str));
                    let free: Vec<&str> = known.filter(|name| !table.contains_key(*name)).collect();
                    let mut problem = Problem::error(&inner, "unknown key").did_you_mean(key, free.iter().copied());
                    if problem.help.is_none() {
                        problem = problem.help(format!("known here and not used: {}", free.join(", ")));
                    }
                    self.problems.push(problem);
                    self.repairs.push((owned(&inner), None));
                }
            }
        }
        for required in schema.get("required").and_then(Json::as_array).into_iter().flatten().filter_map(Json::as_str) {
            if !table.contains_key(required) {
                self.problems.push(Problem::error(path, format!("`{required}` is missing")));
                let stand_in = properties.and_then(|p| p.get(required)).and_then(|schema| self.stand_in(required, schema));
                self.repairs.extend(stand_in.map(|value| (owned(&step(path, required)), Some(value))));
            }
        }
    }
}

fn step<'p>(path: &[&'p str], next: &'p str) -> Vec<&'p str> {
    path.iter().copied().chain([next]).collect()
}

fn owned(path: &[&str]) -> Vec<String> {
    path.iter().map(|step| (*step).to_owned()).collect()
}

fn type_names(schema: &Json) -> Vec<&str> {
    match schema.get("type") {
        Some(Json::String(name)) => vec![name],
        Some(Json::Array(names)) => names.iter().filter_map(Json::as_str).collect(),
        _ if schema.get("const").is_some_and(Json::is_string) => vec!["string"],
        _ => vec![],
    }
}

fn fits(schema: &Json, value: &Value) -> bool {
    type_names(schema).iter().any(|name| match value {
        Value::Flag(_) => *name == "boolean",
        Value::Whole(_) => matches!(*name, "integer" | "number"),
        Value::Number(_) => *name == "number",
        Value::Text(_) => *name == "string",
        Value::Array(_) => *name == "array",
        Value::Table(_) => *name == "object",
    })
}

fn type_word(name: &str) -> Option<&'static str> {
    Some(match name {
        "string" => "text",
        "number" => "a number",
        "integer" => "a whole number",
        "boolean" => "true or false",
        "array" => "a list",
        "object" => "a table",
        _ => return None,
    })
}

fn found(value: &Value) -> String {
    match value {
        Value::Flag(flag) => format!("`{flag}`"),
        Value::Whole(whole) => format!("`{whole}`"),
        Value::Number(number) => format!("`{number}`"),
        Value::Text(text) => format!("text `{text}`"),
        Value::Array(_) => "a list".to_owned(),
        Value::Table(_) => "a table".to_owned(),
    }
}
