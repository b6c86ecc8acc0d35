//! The firms as plain columns, and where each of them stands under a policy.

use super::super::frame::nfc;
use super::super::policy::{Kind, Policy, When};
use super::{PastAccount, Placed, PlanFault};
use crate::calendar::Day;
use crate::fault::Cells;
use std::borrow::Cow;
use std::collections::{BTreeMap, HashMap};
use std::hash::{BuildHasherDefault, DefaultHasher};

type Rows<K> = HashMap<K, u32, BuildHasherDefault<DefaultHasher>>;

/// The firms, one row each, in any order.
#[derive(Clone, Debug, Default)]
pub struct Firms<'a> {
    /// Ids, n_firms.
    pub ids: Vec<&'a str>,
    /// Grades, n_firms.
    pub grades: Vec<&'a str>,
    /// The columns that divide grades further ([`Policy::strata`]) by name, each n_firms.
    pub strata: BTreeMap<&'a str, Vec<&'a str>>,
    /// The columns of yes and no that exclusions read ([`Policy::flags`]) by name, each n_firms.
    pub flags: BTreeMap<&'a str, Vec<bool>>,
    /// Earlier inspections; needed where [`Policy::reads_visits`].
    pub past: Option<PastVisits<'a>>,
}

/// Earlier inspections, one row each, in any order.
#[derive(Clone, Debug, Default)]
pub struct PastVisits<'a> {
    /// The firms, n_visits.
    pub ids: Vec<&'a str>,
    /// When, n_visits.
    pub days: Vec<Day>,
    /// Their kinds (日常, 专项, 线索核查, 即时 …), n_visits.
    pub kinds: Vec<&'a str>,
}

/// One stratum with its firms counted.
#[derive(Clone, Debug, Default)]
pub(super) struct Counted {
    pub(super) name: String,
    /// Index of the grade.
    pub(super) grade: usize,
    pub(super) capped: bool,
    pub(super) rows: u64,
    pub(super) excluded: BTreeMap<String, u64>,
    pub(super) eligible: u64,
    /// Of those eligible, how many have the smaller weight.
    pub(super) recent: u64,
}

/// Where every firm stands.
pub(super) struct Placement {
    pub(super) placed: Vec<Placed>,
    pub(super) codes: Vec<String>,
    /// In the order of the bytes of their names.
    pub(super) strata: Vec<Counted>,
    pub(super) past: PastAccount,
}

/// What earlier inspections say about one firm.
#[derive(Clone, Copy, Default)]
struct Past {
    last: Option<Day>,
    in_cap: u64,
}

/// A part of a stratum's name.
pub(super) fn part(name: &mut String, part: &str) {
    for letter in nfc(part).chars() {
        if letter == '|' || letter == '\\' {
            name.push('\\');
        }
        name.push(letter);
    }
}

pub(super) fn place(policy: &Policy, firms: &Firms<'_>, as_of: Day) -> Result<Placement, Vec<PlanFault>> {
    let mut faults = shape(policy, firms);
    if !faults.is_empty() {
        return Err(faults);
    }
    let grades = grades(policy, firms, &mut faults);
    let rows = rows(firms, &mut faults);
    blanks(policy, firms, &mut faults);
    let (past, account) = past(policy, firms, &grades, &rows, as_of, &mut faults);
    if !faults.is_empty() {
        return Err(faults);
    }
    let general = policy.items().iter().any(|item| item.keeps_to_caps());
    // Firms at their cap stay for key items, in strata of their own.
    let apart = policy.items().iter().any(|item| !item.keeps_to_caps());
    let mut codes: Vec<String> = policy.exclusions().iter().map(|exclusion| exclusion.code.clone()).collect();
    codes.push(policy.cap_code().to_owned());
    let cap_code = codes.len();
    let flags: Vec<Option<&Vec<bool>>> = policy
        .exclusions()
        .iter()
        .map(|exclusion| if let When::Flag(column) = &exclusion.when { firms.flags.get(column.as_str()) } else { None })
        .collect();
    let columns: Vec<&Vec<&str>> = policy.strata().iter().filter_map(|column| firms.strata.get(column.as_str())).collect();
    let mut strata: Vec<Counted> = Vec::new();
    let (mut known, mut name): (Rows<String>, String) = (Rows::default(), String::new());
    let mut placed = Vec::with_capacity(firms.ids.len());
    for (row, grade) in grades.iter().enumerate() {
        let before = past.get(row).copied().unwrap_or_default();
        let meets = |(exclusion, flag): (&super::super::policy::Exclusion, &Option<&Vec<bool>>)| match exclusion.when {
            When::Within(window) => before.last.is_some_and(|day| window.holds(day, as_of)),
            When::Flag(_) => flag.and_then(|flag| flag.get(row)).copied().unwrap_or(false),
        };
        let mut exclusion = policy.exclusions().iter().zip(&flags).position(meets).map_or(0, |at| at + 1);
        let cap = policy.caps().get(*grade).copied().flatten();
        let reached = general && exclusion == 0 && cap.is_some_and(|cap| before.in_cap >= cap.visits);
        if reached && !apart {
            exclusion = cap_code;
        }
        let capped = reached && apart;
        let recent = policy.recent().is_some_and(|(_, window)| before.last.is_some_and(|day| window.holds(day, as_of)));
        name.clear();
        part(&mut name, policy.grades().get(*grade).map_or("", String::as_str));
        for value in columns.iter().filter_map(|column| column.get(row)) {
            name.push('|');
            part(&mut name, value);
        }
        if capped {
            name.push('|');
            part(&mut name, policy.cap_code());
        }
        let at = known.get(&name).copied().unwrap_or_else(|| {
            let at = strata.len() as u32;
            known.insert(name.clone(), at);
            strata.push(Counted { name: name.clone(), grade: *grade, capped, ..Counted::default() });
            at
        });
        if let Some(stratum) = strata.get_mut(at as usize) {
            stratum.rows += 1;
            match exclusion.checked_sub(1).and_then(|at| codes.get(at)) {
                Some(code) => match stratum.excluded.get_mut(code) {
                    Some(count) => *count += 1,
                    None => drop(stratum.excluded.insert(code.clone(), 1)),
                },
                None => {
                    stratum.eligible += 1;
                    stratum.recent += u64::from(recent);
                }
            }
        }
        placed.push(Placed { stratum: at, exclusion: exclusion as u16, recent });
    }
    let mut order: Vec<u32> = (0..strata.len() as u32).collect();
    order.sort_by(|a, b| strata.get(*a as usize).map(|s| &s.name).cmp(&strata.get(*b as usize).map(|s| &s.name)));
    let mut new = vec![0_u32; order.len()];
    for (at, old) in order.iter().enumerate() {
        if let Some(new) = new.get_mut(*old as usize) {
            *new = at as u32;
        }
    }
    for one in &mut placed {
        one.stratum = new.get(one.stratum as usize).copied().unwrap_or_default();
    }
    let strata = order.iter().filter_map(|old| strata.get_mut(*old as usize).map(std::mem::take)).collect();
    Ok(Placement { placed, codes, strata, past: account })
}

/// Columns that are missing or of another length.
fn shape(policy: &Policy, firms: &Firms<'_>) -> Vec<PlanFault> {
    let mut faults = Vec::new();
    let expected = firms.ids.len();
    if expected == 0 {
        faults.push(PlanFault::Missing {
            what: "firms are".to_owned(),
            used: "to count",
            remedy: "look whether rows stand below the header",
        });
    }
    let mut length = |what: String, found: usize, expected: usize| {
        if found != expected {
            faults.push(PlanFault::Length { what, found, expected });
        }
    };
    length("the column of grades".to_owned(), firms.grades.len(), expected);
    let mut missing = Vec::new();
    for column in policy.strata() {
        match firms.strata.get(column.as_str()) {
            Some(values) => length(format!("column `{column}`"), values.len(), expected),
            None => missing.push((format!("column `{column}` is"), "for its strata", "add it, or name the right one in the policy")),
        }
    }
    for column in policy.flags() {
        match firms.flags.get(column) {
            Some(values) => length(format!("column `{column}`"), values.len(), expected),
            None => missing.push((format!("column `{column}` is"), "for an exclusion", "add it, or name the right one in the policy")),
        }
    }
    match &firms.past {
        Some(past) => {
            length("the column of days of earlier inspections".to_owned(), past.days.len(), past.ids.len());
            length("the column of kinds of earlier inspections".to_owned(), past.kinds.len(), past.ids.len());
        }
        None if policy.reads_visits() => missing.push((
            "earlier inspections are".to_owned(),
            "for windows and caps",
            "give them: firm, day and kind of each; an empty table where there are none",
        )),
        None => {}
    }
    faults.extend(missing.into_iter().map(|(what, used, remedy)| PlanFault::Missing { what, used, remedy }));
    faults
}

/// The grade of each firm as an index.
fn grades(policy: &Policy, firms: &Firms<'_>, faults: &mut Vec<PlanFault>) -> Vec<usize> {
    let known: BTreeMap<Cow<'_, str>, usize> = policy.grades().iter().enumerate().map(|(at, grade)| (nfc(grade), at)).collect();
    let mut cells = Cells::new("unknown grade");
    let found = firms.grades.iter().enumerate().map(|(row, grade)| {
        known.get(nfc(grade).as_ref()).copied().unwrap_or_else(|| {
            cells.add(row, || Some((*grade).to_owned()));
            0
        })
    });
    let found = found.collect();
    if !cells.is_empty() {
        let remedy = "correct them, or add the grade to the policy with its rates";
        faults.push(PlanFault::Cells { what: "the column of grades".to_owned(), cells, remedy });
    }
    found
}

/// The row of each id.
fn rows<'a>(firms: &Firms<'a>, faults: &mut Vec<PlanFault>) -> Rows<Cow<'a, str>> {
    let mut rows = Rows::with_capacity_and_hasher(firms.ids.len(), BuildHasherDefault::default());
    let (mut blank, mut twice) = (Cells::new("missing id"), Cells::new("repeated id"));
    for (row, id) in firms.ids.iter().enumerate() {
        if id.trim().is_empty() {
            blank.add(row, || None);
        } else if rows.insert(nfc(id), row as u32).is_some() {
            twice.add(row, || Some((*id).to_owned()));
        }
    }
    for (cells, remedy) in [(blank, "every firm needs an id"), (twice, "a firm stands in one row only")] {
        if !cells.is_empty() {
            faults.push(PlanFault::Cells { what: "the column of ids".to_owned(), cells, remedy });
        }
    }
    rows
}

/// Strata without a value.
fn blanks(policy: &Policy, firms: &Firms<'_>, faults: &mut Vec<PlanFault>) {
    for column in policy.strata() {
        let mut cells = Cells::new("missing value");
        for (row, _) in firms.strata.get(column.as_str()).into_iter().flatten().enumerate().filter(|(_, value)| value.trim().is_empty()) {
            cells.add(row, || None);
        }
        if !cells.is_empty() {
            let remedy = "fill them in, such as with 未知, for every firm belongs to one stratum";
            faults.push(PlanFault::Cells { what: format!("column `{column}`"), cells, remedy });
        }
    }
}

/// What earlier inspections say about each firm.
fn past(
    policy: &Policy,
    firms: &Firms<'_>,
    grades: &[usize],
    rows: &Rows<Cow<'_, str>>,
    as_of: Day,
    faults: &mut Vec<PlanFault>,
) -> (Vec<Past>, PastAccount) {
    let mut account = PastAccount::default();
    let Some(visits) = &firms.past else { return (Vec::new(), account) };
    let mut past = vec![Past::default(); firms.ids.len()];
    let mut unknown: BTreeMap<&str, u64> = BTreeMap::new();
    for ((id, day), kind) in visits.ids.iter().zip(&visits.days).zip(&visits.kinds) {
        account.read += 1;
        let Some(counts) = policy.kind(kind) else {
            *unknown.entry(kind).or_default() += 1;
            continue;
        };
        let Some(row) = rows.get(nfc(id).as_ref()).map(|row| *row as usize) else {
            account.unmatched += 1;
            continue;
        };
        if *day > as_of {
            account.later += 1;
        } else if counts == Kind::NotCounted {
            account.not_counted += 1;
        } else {
            account.counted += 1;
            let cap = grades.get(row).and_then(|grade| policy.caps().get(*grade).copied().flatten());
            if let Some(firm) = past.get_mut(row) {
                firm.last = firm.last.max(Some(*day));
                firm.in_cap += u64::from(cap.is_some_and(|cap| cap.window.holds(*day, as_of)));
            }
        }
    }
    if !unknown.is_empty() {
        let rows = |count: u64| if count == 1 { "1 row".to_owned() } else { format!("{count} rows") };
        let kinds = unknown.into_iter().map(|(kind, count)| format!("`{kind}` ({})", rows(count))).collect();
        faults.push(PlanFault::UnknownKinds { kinds });
    }
    (past, account)
}
