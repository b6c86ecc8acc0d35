//! A mapping file: which headers mean which columns in each table, what columns hold, and how cells are read.

use std::collections::BTreeMap;

use firmgrade::card::Unreadable;
use serde::Deserialize;

use super::{CellKind, Duplicates, Encoding, Reading};
use crate::clean::{DateOrder, header_key};

/// A mapping file.
///
/// ```toml
/// [columns]                 # what a column holds, in every table: text (default), code, date, number, yuan, ten_thousand_yuan, flag
/// uscc = "code"
/// [mapping.penalties]       # header as offices write it → column
/// "统一社会信用代码" = "uscc"
/// [reading]                 # for all tables; [reading.penalties] overrides
/// missing = ["/", "无"]
/// [files]                   # optional: which file is which table
/// "处罚.csv" = "penalties"
/// ```
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Mappings {
    #[serde(default)]
    files: BTreeMap<String, String>,
    #[serde(default)]
    columns: BTreeMap<String, CellKind>,
    #[serde(default)]
    mapping: BTreeMap<String, BTreeMap<String, String>>,
    #[serde(default)]
    reading: BTreeMap<String, toml::Value>,
}

/// How the cells of a table are read; what is absent holds as for all tables.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(deny_unknown_fields)]
struct Cells {
    missing: Option<Vec<String>>,
    dates: Option<DateOrder>,
    true_words: Option<Vec<String>>,
    false_words: Option<Vec<String>>,
    header_row: Option<usize>,
    encoding: Option<Encoding>,
    sheet: Option<String>,
    duplicates: Option<Duplicates>,
    needed: Option<Vec<String>>,
}

/// What is wrong with a mapping file.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{file}: {reason}")]
pub struct MappingFault {
    /// The file.
    pub file: String,
    /// The reason, with its place.
    pub reason: String,
}

impl Mappings {
    /// Reads the text of a mapping file, which messages call `file`.
    ///
    /// # Errors
    /// A [`MappingFault`]: text that is no such file, a section of `[reading]` or a file of a table that is not mapped, one header twice.
    pub fn from_toml(file: &str, text: &str) -> Result<Self, MappingFault> {
        let fault = |reason: String| MappingFault { file: file.to_owned(), reason };
        let read: Self = toml::from_str(text).map_err(|error| fault(error.to_string().trim_end().to_owned()))?;
        for (table, headers) in &read.mapping {
            let mut seen: BTreeMap<String, &str> = BTreeMap::new();
            for (header, column) in headers {
                if let Some(earlier) = seen.insert(header_key(header), column).filter(|earlier| earlier != column) {
                    return Err(fault(format!("`[mapping.{table}]` has `{header}` for `{earlier}` and for `{column}`; leave one out")));
                }
            }
        }
        for (name, table) in &read.files {
            if !read.mapping.contains_key(table) {
                return Err(fault(format!("`[files]` gives `{name}` to `{table}`, but there is no `[mapping.{table}]`")));
            }
        }
        read.cells(None).map_err(fault)?;
        for (table, value) in &read.reading {
            if value.is_table() {
                if !read.mapping.contains_key(table) {
                    return Err(fault(format!("`[reading.{table}]` reads a table without `[mapping.{table}]`")));
                }
                read.cells(Some(table)).map_err(fault)?;
            }
        }
        Ok(read)
    }

    /// The table that a file is, by its name.
    #[must_use]
    pub fn table_of(&self, file: &str) -> Option<&str> {
        self.files.get(file).map(String::as_str)
    }

    /// How a table is read; nothing where it is not mapped.
    #[must_use]
    pub fn reading(&self, table: &str) -> Option<Reading> {
        let mapping = self.mapping.get(table)?;
        let all = self.cells(None).ok()?;
        let own = self.cells(Some(table)).ok()?;
        Some(Reading {
            table: table.to_owned(),
            mapping: mapping.iter().map(|(header, column)| (header.clone(), column.clone())).collect(),
            kinds: self.columns.iter().map(|(column, kind)| (column.clone(), *kind)).collect(),
            needed: own.needed.or(all.needed).unwrap_or_default(),
            missing: own.missing.or(all.missing).unwrap_or_default(),
            dates: own.dates.or(all.dates).unwrap_or_default(),
            true_words: own.true_words.or(all.true_words).unwrap_or_default(),
            false_words: own.false_words.or(all.false_words).unwrap_or_default(),
            header_row: own.header_row.or(all.header_row),
            encoding: own.encoding.or(all.encoding),
            sheet: own.sheet.or(all.sheet),
            duplicates: own.duplicates.or(all.duplicates).unwrap_or_default(),
            unreadable: Unreadable::Missing,
        })
    }

    /// What `[reading]` says for all tables, or for one.
    fn cells(&self, table: Option<&str>) -> Result<Cells, String> {
        let (value, section) = match table {
            Some(table) => (self.reading.get(table).cloned().unwrap_or_else(|| toml::Table::new().into()), format!("reading.{table}")),
            None => {
                let own = self.reading.iter().filter(|(_, value)| !value.is_table());
                (own.map(|(key, value)| (key.clone(), value.clone())).collect::<toml::Table>().into(), "reading".to_owned())
            }
        };
        value.try_into().map_err(|error: toml::de::Error| format!("`[{section}]`: {}", error.message()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const TEXT: &str = "[columns]\nuscc = \"code\"\namount = \"yuan\"\n[mapping.a]\n\"代码\" = \"uscc\"\n[mapping.b]\n\"名\" = \"name\"\n\
        [reading]\nmissing = [\"/\"]\ndates = \"day_first\"\n[reading.b]\ndates = \"month_first\"\n[files]\n\"x.csv\" = \"b\"\n";

    #[test]
    fn a_table_overrides_what_holds_for_all() {
        let read = Mappings::from_toml("m.toml", TEXT).unwrap();
        let (a, b) = (read.reading("a").unwrap(), read.reading("b").unwrap());
        assert_eq!((a.dates, b.dates), (DateOrder::DayFirst, DateOrder::MonthFirst));
        assert_eq!((a.missing.len(), b.missing.len()), (1, 1));
        assert_eq!(a.kinds, [("amount".to_owned(), CellKind::Number), ("uscc".to_owned(), CellKind::Code)]);
        assert_eq!(read.table_of("x.csv"), Some("b"));
        assert!(read.reading("c").is_none());
    }

    #[test]
    fn what_does_not_fit_is_refused() {
        let refused = |from: &str, to: &str| Mappings::from_toml("m.toml", &TEXT.replace(from, to)).unwrap_err().to_string();
        assert!(refused("missing", "mising").contains("m.toml: `[reading]`: unknown field `mising`"), "{}", refused("missing", "mising"));
        assert!(refused("month_first", "guess").contains("`[reading.b]`: unknown variant `guess`"));
        assert!(refused("[reading.b]", "[reading.c]").contains("`[reading.c]` reads a table without `[mapping.c]`"));
        assert!(refused("= \"b\"", "= \"d\"").contains("but there is no `[mapping.d]`"));
        assert!(refused("\"名\" = \"name\"", "\"名\" = \"name\"\n\" 名\" = \"other\"").contains("for `other` and for `name`"));
        assert!(refused("\"code\"", "\"codes\"").contains("unknown variant `codes`"));
    }
}
