//! Who is who: firms under several names, names under several codes, and tables that know firms by name only.

use std::collections::{BTreeMap, HashMap};

use firmgrade::mask;
use serde::{Deserialize, Serialize};

use crate::clean::name_key;

/// How many examples a report names.
const EXAMPLES: usize = 20;

/// What codes and names say about each other. Nothing is merged: people decide.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Identity {
    /// Rows with a code and a name.
    pub rows: usize,
    /// Different codes among them.
    pub codes: usize,
    /// Different names among them, as compared by [`name_key`].
    pub names: usize,
    /// Codes that stand beside several names.
    pub codes_with_several_names: usize,
    /// The first such codes in order, each with its names as they are written, in order.
    pub first_codes: Vec<Several>,
    /// Names that stand beside several codes.
    pub names_with_several_codes: usize,
    /// The first such names in order, each with its codes in order.
    pub first_names: Vec<Several>,
}

/// One code or name, and what stands beside it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Several {
    /// The code or the name.
    pub of: String,
    /// The names or codes beside it.
    pub beside: Vec<String>,
}

/// Compares the codes and the names of rows; a row without one of them says nothing. Names that differ only in brackets, width or blanks
/// are one. Several columns or tables may be chained.
#[must_use]
pub fn identity<'a>(rows: impl Iterator<Item = (Option<&'a str>, Option<&'a str>)>) -> Identity {
    let mut found = Identity::default();
    // Name as compared, and as first written.
    let mut names_of: HashMap<&str, Vec<(String, &str)>> = HashMap::new();
    let mut codes_of: HashMap<String, (&str, Vec<&str>)> = HashMap::new();
    for (code, name) in rows {
        let (Some(code), Some(name)) = (code, name) else { continue };
        found.rows += 1;
        let names = names_of.entry(code).or_default();
        if names.iter().any(|(_, written)| *written == name) {
            continue;
        }
        let key = name_key(name);
        if !names.iter().any(|(known, _)| *known == key) {
            names.push((key.clone(), name));
        }
        let (_, codes) = codes_of.entry(key).or_insert_with(|| (name, Vec::new()));
        if !codes.contains(&code) {
            codes.push(code);
        }
    }
    (found.codes, found.names) = (names_of.len(), codes_of.len());
    let mut codes: Vec<(&str, Vec<&str>)> = names_of
        .into_iter()
        .filter(|(_, names)| names.len() > 1)
        .map(|(code, names)| (code, names.into_iter().map(|(_, written)| written).collect()))
        .collect();
    let mut names: Vec<(&str, Vec<&str>)> = codes_of.into_values().filter(|(_, codes)| codes.len() > 1).collect();
    (found.codes_with_several_names, found.names_with_several_codes) = (codes.len(), names.len());
    found.first_codes = examples(&mut codes);
    found.first_names = examples(&mut names);
    found
}

fn examples(all: &mut [(&str, Vec<&str>)]) -> Vec<Several> {
    all.sort_unstable();
    let shown = |(of, beside): &(&str, Vec<&str>)| {
        let mut beside: Vec<String> = beside.iter().map(|one| mask(one)).collect();
        beside.sort_unstable();
        Several { of: mask(of), beside }
    };
    all.iter().take(EXAMPLES).map(shown).collect()
}

/// The firms of a register by name, for tables without a code.
#[derive(Debug, Clone, Default)]
pub struct NameMatcher {
    /// Name as compared → row of the register; none where several firms have it.
    firms: HashMap<String, Option<usize>>,
}

/// How rows found their firm by name.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub struct NameMatch {
    /// Rows.
    pub rows: usize,
    /// Rows whose name one firm has.
    pub matched: usize,
    /// Rows whose name several firms have; they are left out.
    pub ambiguous: usize,
    /// Rows whose name no firm has.
    pub unmatched: usize,
    /// Rows without a name.
    pub unnamed: usize,
    /// Matched rows of all rows, 0 to 1; missing where there are none.
    pub rate: Option<f64>,
    /// The first ambiguous names in order, and how many rows have each.
    pub first_ambiguous: Vec<(String, usize)>,
}

/// Whose a name is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum NameFound {
    /// That of the firm in this row of the register.
    Firm(usize),
    /// That of several firms, and so of none.
    Several,
    /// That of no firm, or no name.
    Nobody,
}

impl NameMatcher {
    /// The register's names, one for each firm, in the order of its rows. Names that differ only in brackets, width or blanks are one,
    /// and belong to none where two rows have it.
    #[must_use]
    pub fn new<'a>(names: impl Iterator<Item = Option<&'a str>>) -> Self {
        let mut firms: HashMap<String, Option<usize>> = HashMap::new();
        for (row, name) in names.enumerate() {
            let key = name_key(name.unwrap_or_default());
            if !key.is_empty() {
                firms.entry(key).and_modify(|firm| *firm = None).or_insert(Some(row));
            }
        }
        Self { firms }
    }

    /// Whose each name is, and the account of them.
    #[must_use]
    pub fn find<'a>(&self, names: impl Iterator<Item = Option<&'a str>>) -> (Vec<NameFound>, NameMatch) {
        let mut account = NameMatch::default();
        let mut ambiguous: BTreeMap<&str, usize> = BTreeMap::new();
        let firms = names
            .map(|name| {
                account.rows += 1;
                let key = name_key(name.unwrap_or_default());
                match (key.is_empty(), self.firms.get(&key)) {
                    (true, _) => account.unnamed += 1,
                    (false, None) => account.unmatched += 1,
                    (false, Some(None)) => {
                        account.ambiguous += 1;
                        *ambiguous.entry(name.unwrap_or_default()).or_default() += 1;
                        return NameFound::Several;
                    }
                    (false, Some(Some(firm))) => {
                        account.matched += 1;
                        return NameFound::Firm(*firm);
                    }
                }
                NameFound::Nobody
            })
            .collect();
        account.rate = (account.rows > 0).then(|| account.matched as f64 / account.rows as f64);
        account.first_ambiguous = ambiguous.into_iter().take(EXAMPLES).map(|(name, rows)| (mask(name), rows)).collect();
        (firms, account)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn several_names_and_several_codes_are_told_and_spellings_are_not() {
        let rows =
            [("1", "甲（京）"), ("1", "甲(京)"), ("1", "新甲"), ("2", "乙"), ("3", "乙 "), ("3", "乙"), ("4", "丙"), ("1", "甲（京）")];
        let nothing = [(None, Some("丙")), (Some("9"), None)];
        let found = identity(rows.iter().map(|(code, name)| (Some(*code), Some(*name))).chain(nothing));
        assert_eq!((found.rows, found.codes, found.names), (8, 4, 4));
        assert_eq!((found.codes_with_several_names, found.names_with_several_codes), (1, 1));
        assert_eq!(found.first_codes, [Several { of: "1".to_owned(), beside: vec!["新甲".to_owned(), "甲（京）".to_owned()] }]);
        assert_eq!(found.first_names, [Several { of: "乙".to_owned(), beside: vec!["2".to_owned(), "3".to_owned()] }]);
    }

    #[test]
    fn names_find_their_firm_unless_two_have_them() {
        let matcher = NameMatcher::new([Some("甲（京）公司"), Some("乙"), None, Some("丙"), Some("乙 ")].into_iter());
        let (firms, account) = matcher.find([Some("甲(京)公司"), Some("乙"), Some("丁"), None, Some("丙"), Some(" ")].into_iter());
        use NameFound::{Firm, Nobody, Several};
        assert_eq!(firms, [Firm(0), Several, Nobody, Nobody, Firm(3), Nobody]);
        let rate = Some(2.0 / 6.0);
        let first_ambiguous = vec![("乙".to_owned(), 1)];
        assert_eq!(account, NameMatch { rows: 6, matched: 2, ambiguous: 1, unmatched: 1, unnamed: 2, rate, first_ambiguous });
    }
}
