//! What a card says of raw tables: the tables of records, the mapping of headers, the reading of cells.

use super::derivation::{RawColumn, Reading, RecordTable};
use super::problem::Problem;
use super::raw::{CellsSpec, FIRMS, MatchBy, ReadingSpec, RecordsSpec};
use super::spec::ScorecardSpec;
use crate::columns::ColumnKind;
use crate::condition::KnownKinds;
use crate::window::Window;
use indexmap::IndexMap;

/// The tables of records, each with the kinds of columns that its own keys tell.
pub(super) fn record_tables(spec: &ScorecardSpec, problems: &mut Vec<Problem>) -> Vec<(RecordTable, KnownKinds)> {
    let mut tables = Vec::with_capacity(spec.records.len());
    for (index, said) in spec.records.iter().enumerate() {
        let at = index.to_string();
        let path = |key: &'static str| ["records".to_owned(), at.clone(), key.to_owned()];
        let mut error = |path: &[String], message: String| {
            let path: Vec<&str> = path.iter().map(String::as_str).collect();
            problems.push(Problem::error(&path, message));
        };
        if spec.records.iter().take(index).any(|other| other.id == said.id) {
            error(&path("id"), format!("table `{}` stands here twice", said.id));
        }
        if said.id == FIRMS {
            error(&path("id"), format!("`{FIRMS}` is the firm table, expected another id"));
        }
        let keys = [("id", Some(&said.id)), ("firm_id", said.firm_id.as_ref()), ("name", said.name.as_ref()), ("date", Some(&said.date))];
        for (key, _) in keys.into_iter().filter(|(_, name)| name.is_some_and(|name| name.trim().is_empty())) {
            error(&path(key), "found an empty text".to_owned());
        }
        match said.matched {
            MatchBy::Id if said.firm_id.is_none() => {
                error(&path("id")[..2], "`firm_id` is missing, the column that identifies the firm; or say `match = \"name\"`".to_owned());
            }
            MatchBy::Name if said.name.is_none() => {
                error(&path("match"), "found `match = \"name\"` without `name`, the column with the name of the firm".to_owned());
            }
            MatchBy::Name if spec.scorecard.name_column.is_none() => {
                let message = "found `match = \"name\"`, but `[scorecard]` has no `name_column`, the column with the names of the firms";
                error(&path("match"), message.to_owned());
            }
            MatchBy::Id | MatchBy::Name => {}
        }
        for (key, list, needs, column) in [
            ("not_counted", said.not_counted.is_empty(), "kind", &said.kind),
            ("publication", said.publication.is_empty(), "severity", &said.severity),
        ] {
            if !list && column.is_none() {
                error(&path(key), format!("found `{key}` without `{needs}`, the column that it is about"));
            }
        }
        let mut publication = IndexMap::new();
        for (severity, text) in &said.publication {
            match Window::parse(text) {
                Some(window) => drop(publication.insert(severity.clone(), window)),
                None => error(&["records".into(), at.clone(), "publication".into(), severity.clone()], not_a_window(text)),
            }
        }
        let (columns, known) = own_columns(said, &mut |key, message| error(&["records".into(), at.clone(), key.into()], message));
        let table = RecordTable {
            id: said.id.clone(),
            title: said.title.clone().unwrap_or_else(|| said.id.clone()),
            matched: said.matched,
            firm_id: said.firm_id.clone(),
            name: said.name.clone(),
            date: said.date.clone(),
            end: said.end.clone(),
            repaired: said.repaired.clone(),
            kind: said.kind.clone(),
            not_counted: said.not_counted.clone(),
            severity: said.severity.clone(),
            publication,
            undated: said.undated,
            duplicates: said.duplicates,
            numbers: said.numbers.clone(),
            columns,
        };
        tables.push((table, known));
    }
    names(spec, problems);
    tables
}

/// The columns that a table names by itself, and what they hold.
fn own_columns(said: &RecordsSpec, error: &mut dyn FnMut(&str, String)) -> (Vec<RawColumn>, KnownKinds) {
    let (mut columns, mut known) = (Vec::new(), KnownKinds::default());
    let keys = [
        ("firm_id", said.firm_id.as_ref(), ColumnKind::Text),
        ("name", said.name.as_ref(), ColumnKind::Text),
        ("date", Some(&said.date), ColumnKind::Date),
        ("end", said.end.as_ref(), ColumnKind::Date),
        ("repaired", said.repaired.as_ref(), ColumnKind::Date),
        ("kind", said.kind.as_ref(), ColumnKind::Text),
        ("severity", said.severity.as_ref(), ColumnKind::Text),
    ];
    let mut state = |key: &str, name: &str, kind: ColumnKind, read: bool| {
        let holds = known.state(name, kind);
        if holds != kind {
            error(key, format!("column `{name}` is read as {kind} here and as {holds} before"));
        } else if read {
            add(&mut columns, name, kind);
        }
    };
    for (key, name, kind) in keys {
        if let Some(name) = name {
            state(key, name, kind, true);
        }
    }
    // What only these name is read where an indicator uses it.
    for name in said.numbers.keys() {
        state("numbers", name, ColumnKind::Number, false);
    }
    for (name, kind) in &said.columns {
        state("columns", name, *kind, false);
    }
    (columns, known)
}

/// Adds a column that is read, once.
pub(super) fn add(columns: &mut Vec<RawColumn>, name: &str, kind: ColumnKind) {
    if !columns.iter().any(|column| column.name == name) {
        columns.push(RawColumn { name: name.to_owned(), kind });
    }
}

/// What is said of a text that is no window.
pub(super) fn not_a_window(text: &str) -> String {
    format!(
        "found `{text}`, expected a stretch of time such as `24 months`, `3 years`, `90 days` or `all` (at most {} years)",
        Window::MOST_YEARS
    )
}

/// Tables that mapping and reading name, and the columns that headers mean.
fn names(spec: &ScorecardSpec, problems: &mut Vec<Problem>) {
    let tables = || spec.records.iter().map(|table| table.id.as_str()).chain([FIRMS]);
    for (section, id) in spec.mapping.keys().map(|id| ("mapping", id)).chain(spec.reading.tables.keys().map(|id| ("reading", id))) {
        if !tables().any(|table| table == id) {
            let problem = Problem::error(&[section, id], format!("there is no table `{id}`"));
            problems.push(problem.did_you_mean(id, tables()));
        }
    }
    for (id, headers) in &spec.mapping {
        for (header, _) in headers.iter().filter(|(_, column)| column.trim().is_empty()) {
            problems.push(Problem::error(&["mapping", id, header], "found an empty text, expected the name of a column"));
        }
    }
    let reading = &spec.reading;
    words(&["reading"], &Reading::with(&[&reading.all]), problems);
    for (id, cells) in &reading.tables {
        words(&["reading", id], &Reading::with(&[cells, &reading.all]), problems);
    }
}

/// A word that would mean two things.
fn words(path: &[&str], reading: &Reading, problems: &mut Vec<Problem>) {
    for word in &reading.true_words {
        if reading.false_words.contains(word) {
            problems.push(Problem::error(path, format!("`{word}` means both yes and no")));
        }
    }
}

impl Reading {
    /// How the cells of a table are read.
    pub(super) fn of(spec: &ReadingSpec, table: &str) -> Self {
        match spec.tables.get(table) {
            Some(own) => Self::with(&[own, &spec.all]),
            None => Self::with(&[&spec.all]),
        }
    }

    /// The first that says something holds.
    fn with(layers: &[&CellsSpec]) -> Self {
        let words = |pick: fn(&CellsSpec) -> Option<&Vec<String>>, default: &[&str]| {
            let said = layers.iter().find_map(|layer| pick(layer)).cloned();
            said.unwrap_or_else(|| default.iter().map(|word| (*word).to_owned()).collect())
        };
        Self {
            missing: words(|cells| cells.missing.as_ref(), &[]),
            dates: layers.iter().find_map(|layer| layer.dates).unwrap_or_default(),
            true_words: words(|cells| cells.true_words.as_ref(), &["是", "true", "yes"]),
            false_words: words(|cells| cells.false_words.as_ref(), &["否", "false", "no"]),
            unreadable: layers.iter().find_map(|layer| layer.unreadable).unwrap_or_default(),
            header_row: layers.iter().find_map(|layer| layer.header_row),
            sheet: layers.iter().find_map(|layer| layer.sheet.clone()),
        }
    }
}
