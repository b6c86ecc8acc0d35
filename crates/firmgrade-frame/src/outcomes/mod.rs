//! What was found at firms that had been graded: a plain table of outcomes, every row accounted for, joined to the graded firms.
//!
//! Columns: the firm's id (named as in the graded table, or `id`, `uscc`, `统一社会信用代码`), `outcome`, and where they are known `date` (or
//! `finished`), `source` (`random`, `event`, `special`), `pi` (the chance with which the firm was drawn; or `pi_visit`, and `pi_item` where all
//! rows are of one item), `stratum`, `population` (firms in the stratum). Where `source` is there, only random rows enter: what a complaint led to
//! says nothing about rates. The rows that [`evaluation_table`](crate::sampling::evaluation_table) makes of results are such a table.

mod account;
mod cells;
mod codes;
mod fault;
mod rated;

pub use account::Account;
pub use codes::Finding;
pub use fault::{OutcomeError, OutcomeFault};
pub use rated::Rated;

use crate::sampling::{ID, source_of};
use cells::{days, first, numbers, texts};
use firmgrade::Cells;
use firmgrade::calendar::Day;
use firmgrade::evaluate::{Sampling, SingleUnit};
use firmgrade::sample::results::Source;
use polars::prelude::*;
use rated::id_text;
use serde::{Deserialize, Serialize};
use std::collections::{BTreeMap, HashMap};

/// What happens to outcomes on or before the day as of which the firms were graded.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Early {
    /// An error with their number: grades that know the outcome look better than they are.
    #[default]
    Fail,
    /// They are left out.
    Drop,
    /// They are used.
    Use,
}

/// What happens to several looks at one firm.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Repeats {
    /// They count once, bad if any of them was bad.
    #[default]
    Worst,
    /// Each counts.
    Each,
    /// An error with their number.
    Fail,
}

/// A column of a table as texts, where there is one.
pub(crate) fn column_texts(frame: &DataFrame, column: &str) -> Option<Vec<Option<String>>> {
    first(frame, &[column]).map(texts)
}

/// How an outcomes table is read.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct OutcomeOptions {
    /// What codes other than the words of [`Finding`], 0 and 1, true and false mean.
    pub codes: BTreeMap<String, Finding>,
    /// Outcomes on or before the day of the grading.
    pub early: Early,
    /// The last day of outcomes that count.
    pub until: Option<Day>,
    /// Several looks at one firm.
    pub repeats: Repeats,
    /// A stratum with a single random row.
    pub single: SingleUnit,
}

/// Outcomes joined to graded firms: one entry for each used row.
#[derive(Clone, Debug, PartialEq)]
pub struct Joined {
    /// The firm, as its place among the graded ones.
    pub firm: Vec<usize>,
    /// The row of the outcomes table, from 0; of several the first.
    pub row: Vec<usize>,
    /// Whether the outcome was bad.
    pub bad: Vec<bool>,
    /// 1/π, where the table has it.
    pub weight: Option<Vec<f64>>,
    /// The stratum, as a place in `stratum_names`.
    pub strata: Option<Vec<u32>>,
    /// The strata.
    pub stratum_names: Vec<String>,
    /// Firms in the row's stratum.
    pub population: Option<Vec<f64>>,
    /// A stratum with a single row.
    pub single: SingleUnit,
    /// What became of every row.
    pub account: Account,
    /// The day of each outcome, as days since 1970-01-01, where the table has it.
    pub day: Vec<Option<i32>>,
    /// First and last day of the outcomes used.
    pub days: Option<(Day, Day)>,
    /// What had to be concluded, or could not be checked.
    pub notes: Vec<String>,
}

impl Joined {
    /// How the rows were drawn.
    #[must_use]
    pub fn sampling(&self) -> Sampling<'_> {
        Sampling {
            weight: self.weight.as_deref(),
            strata: self.strata.as_deref(),
            population: self.population.as_deref(),
            single: self.single,
        }
    }
}

/// A row that may be used.
struct Look {
    firm: usize,
    row: usize,
    bad: bool,
}

/// The columns of an outcomes table.
struct Table<'f> {
    ids: Series,
    outcome: Vec<Option<Finding>>,
    day: Option<(&'f str, Vec<Option<i32>>)>,
    source: Option<Vec<Source>>,
    chance: Option<(&'f str, Vec<f64>)>,
    stratum: Option<Vec<Option<String>>>,
    population: Option<(&'f str, Vec<f64>)>,
    /// The items of rows that have a chance, each once.
    items: Vec<String>,
}

const TABLE: &str = "outcomes";
const NO_OUTCOME: &str = "give what was found: violation, none, out_of_scope or unreachable, or 1 and 0";
const HANDED_IN: &str = "this looks like results as inspectors hand them in: take them in first, by `firmgrade results` or \
                         `firmgrade.sampling.account`, which know what codes mean and with which chance each firm was drawn";

/// Joins outcomes to graded firms. Rows may come in any order.
///
/// # Errors
/// [`OutcomeError`] with every fault of the table, and where no outcome is left.
pub fn join(rated: &Rated, outcomes: &DataFrame, options: &OutcomeOptions) -> Result<Joined, OutcomeError> {
    let table = Table::new(rated, outcomes, options)?;
    let mut account = Account { read: outcomes.height(), ..Account::default() };
    let mut faults = Vec::new();
    let looks = table.sorted_out(rated, options, &mut account, &mut faults);
    let looks = table.once(looks, options.repeats, &mut account, &mut faults);
    account.used = looks.len();
    let mut joined = table.joined(rated, looks, options, account, &mut faults);
    if faults.is_empty() && joined.firm.is_empty() {
        let remedy = "look whether ids are written alike, and whether the window of days is right";
        faults.push(OutcomeFault::Nothing { account: account.to_string(), remedy });
    }
    debug_assert!(!faults.is_empty() || account.adds_up(), "{account}");
    if !faults.is_empty() {
        return Err(OutcomeError(faults));
    }
    joined.notes.splice(0..0, rated.notes.iter().cloned());
    Ok(joined)
}

impl<'f> Table<'f> {
    fn new(rated: &Rated, frame: &'f DataFrame, options: &OutcomeOptions) -> Result<Self, OutcomeError> {
        let mut faults = Vec::new();
        let no_column = |names: &[&str], remedy: &str| OutcomeFault::NoColumn {
            table: TABLE,
            names: names.iter().map(|name| (*name).to_owned()).collect(),
            remedy: remedy.to_owned(),
        };
        let mut keep = |fault| faults.push(fault);
        let names: Vec<&str> = std::iter::once(rated.id_column.as_str()).chain(ID.iter().copied()).collect();
        let ids = match first(frame, &names) {
            Some(ids) => id_text(TABLE, ids).map_err(&mut keep).ok(),
            None => {
                keep(no_column(&[&rated.id_column, "id"], "name the column of the firms' ids so"));
                None
            }
        };
        let outcome = match first(frame, &["outcome"]) {
            Some(column) => findings(column, &options.codes).map_err(&mut keep).ok(),
            None => {
                let handed_in = first(frame, &["code", "检查结果"]).is_some();
                keep(no_column(&["outcome"], if handed_in { HANDED_IN } else { NO_OUTCOME }));
                None
            }
        };
        let named = |names: &[&str]| first(frame, names).map(|column| (column.name().as_str(), column));
        let day = named(&["date", "finished"]).and_then(|(name, c)| days(TABLE, c).map_err(&mut keep).ok().map(|days| (name, days)));
        let source = first(frame, &["source"]).and_then(|column| sources(column, outcome.as_deref()).map_err(&mut keep).ok());
        let mut number = |names: &[&str]| named(names).and_then(|(name, c)| numbers(TABLE, c).map_err(&mut keep).ok().map(|n| (name, n)));
        let items = items(frame);
        let chance = if items.len() == 1 { number(&["pi", "pi_item", "pi_visit"]) } else { number(&["pi", "pi_visit"]) };
        let population = number(&["population"]);
        let stratum = first(frame, &["stratum"]).map(texts);
        match (ids, outcome) {
            (Some(ids), Some(outcome)) if faults.is_empty() => Ok(Self { ids, outcome, day, source, chance, stratum, population, items }),
            _ => Err(OutcomeError(faults)),
        }
    }

    /// The rows that may be used; the others are counted.
    fn sorted_out(&self, rated: &Rated, options: &OutcomeOptions, account: &mut Account, faults: &mut Vec<OutcomeFault>) -> Vec<Look> {
        let as_of = rated.as_of.map(Day::days);
        let until = options.until.map(Day::days);
        let (mut looks, mut undated, mut leaks) = (Vec::new(), Cells::new("missing date"), Cells::new("outcome"));
        for (row, firm) in rated.find(&self.ids).into_iter().enumerate() {
            let day = self.day.as_ref().and_then(|(_, days)| days.get(row).copied().flatten());
            let Some(firm) = firm else {
                account.unmatched += 1;
                continue;
            };
            let bad = match self.outcome.get(row).copied().flatten() {
                None => {
                    account.no_outcome += 1;
                    continue;
                }
                Some(Finding::OutOfScope) => {
                    account.out_of_scope += 1;
                    continue;
                }
                Some(Finding::Unreachable) => {
                    account.unreachable += 1;
                    continue;
                }
                Some(finding) => finding == Finding::Violation,
            };
            if self.day.is_some() && day.is_none() && (as_of.is_some() || until.is_some()) {
                undated.add(row, || None);
                continue;
            }
            if day.zip(as_of).is_some_and(|(day, as_of)| day <= as_of) && options.early != Early::Use {
                if options.early == Early::Fail {
                    leaks.add(row, || day.and_then(Day::new).map(|day| day.to_string()));
                }
                account.early += 1;
                continue;
            }
            if day.zip(until).is_some_and(|(day, until)| day > until) {
                account.late += 1;
                continue;
            }
            match self.source.as_ref().and_then(|source| source.get(row)) {
                Some(Source::Event) => account.event += 1,
                Some(Source::Special) => account.special += 1,
                Some(Source::Random) | None => {
                    let scored =
                        rated.risk.get(firm).is_some_and(|risk| risk.is_finite()) && rated.grade.get(firm).is_some_and(Option::is_some);
                    if scored { looks.push(Look { firm, row, bad }) } else { account.ungraded += 1 }
                }
            }
        }
        if let (Some((column, _)), false) = (&self.day, undated.is_empty()) {
            faults.push(OutcomeFault::Undated { column: (*column).to_owned(), cells: undated });
        }
        if let (Some(as_of), false) = (rated.as_of, leaks.is_empty()) {
            faults.push(OutcomeFault::Leak { as_of: as_of.to_string(), cells: leaks });
        }
        looks
    }

    /// Each firm once, unless each look counts.
    fn once(&self, looks: Vec<Look>, repeats: Repeats, account: &mut Account, faults: &mut Vec<OutcomeFault>) -> Vec<Look> {
        if repeats == Repeats::Each {
            return looks;
        }
        let (mut place, mut kept): (HashMap<usize, usize>, Vec<Look>) = (HashMap::new(), Vec::with_capacity(looks.len()));
        let (mut repeated, mut chances) = (Cells::new("row"), Cells::new("row"));
        let chance = |row: usize| self.chance.as_ref().and_then(|(_, chances)| chances.get(row)).map(|chance| chance.to_bits());
        for look in looks {
            let Some(earlier) = place.get(&look.firm).and_then(|at| kept.get_mut(*at)) else {
                place.insert(look.firm, kept.len());
                kept.push(look);
                continue;
            };
            if repeats == Repeats::Fail {
                repeated.add(look.row, || None);
            } else if chance(look.row) != chance(earlier.row) {
                chances.add(look.row, || None);
            }
            earlier.bad |= look.bad;
            account.merged += 1;
        }
        if !repeated.is_empty() {
            faults.push(OutcomeFault::Repeated { cells: repeated });
        }
        if !chances.is_empty() {
            faults.push(OutcomeFault::Chances { cells: chances });
        }
        kept
    }

    fn joined(
        &self,
        rated: &Rated,
        looks: Vec<Look>,
        options: &OutcomeOptions,
        account: Account,
        faults: &mut Vec<OutcomeFault>,
    ) -> Joined {
        let rows = || looks.iter().map(|look| look.row);
        let column = |values: &[f64], wrong: &'static str, passes: fn(f64) -> bool| {
            let (mut cells, mut taken) = (Cells::new(wrong), Vec::with_capacity(looks.len()));
            for row in rows() {
                let value = values.get(row).copied().unwrap_or(f64::NAN);
                if !passes(value) {
                    cells.add(row, || (!value.is_nan()).then(|| value.to_string()));
                }
                taken.push(value);
            }
            (taken, cells)
        };
        let mut weight = None;
        if let Some((name, chances)) = &self.chance {
            let (taken, cells) = column(chances, "missing or impossible chance", |chance| chance > 0.0 && chance <= 1.0);
            if !cells.is_empty() {
                faults.push(OutcomeFault::Chance { column: (*name).to_owned(), cells });
            }
            weight = Some(taken.iter().map(|chance| 1.0 / chance).collect());
        }
        let mut population = None;
        if let Some((name, sizes)) = &self.population {
            let (taken, cells) = column(sizes, "missing or impossible size", |size| size >= 1.0 && size.is_finite());
            if !cells.is_empty() {
                faults.push(OutcomeFault::Population { column: (*name).to_owned(), cells });
            }
            population = Some(taken);
        }
        let mut names: Vec<String> = Vec::new();
        let strata = self.stratum.as_ref().map(|strata| {
            let of = |row: usize| strata.get(row).cloned().flatten().unwrap_or_default();
            names = rows().map(of).collect();
            names.sort_unstable();
            names.dedup();
            rows().map(|row| names.binary_search(&of(row)).map_or(0, |at| at as u32)).collect::<Vec<u32>>()
        });
        lonely(strata.as_deref(), &names, population.as_deref(), options.single, faults);
        let day: Vec<Option<i32>> = rows().map(|row| self.day.as_ref()?.1.get(row).copied().flatten()).collect();
        let known = || day.iter().copied().flatten();
        let days = known().min().and_then(Day::new).zip(known().max().and_then(Day::new));
        Joined {
            days,
            day,
            notes: self.notes(rated, options, account),
            firm: looks.iter().map(|look| look.firm).collect(),
            row: rows().collect(),
            bad: looks.iter().map(|look| look.bad).collect(),
            weight,
            strata,
            stratum_names: names,
            population,
            single: options.single,
            account,
        }
    }

    fn notes(&self, rated: &Rated, options: &OutcomeOptions, account: Account) -> Vec<String> {
        let mut notes = Vec::new();
        match (&self.day, rated.as_of) {
            (None, _) => notes.push("outcomes have no dates: that they came after the grading was not checked".to_owned()),
            (Some(_), None) => notes.push("the day of the grading is not known: that outcomes came after it was not checked".to_owned()),
            (Some(_), Some(_)) if options.early == Early::Use => {
                notes.push("outcomes from before the grading are used on demand: the grades may know them".to_owned());
            }
            (Some(_), Some(_)) => {}
        }
        if self.items.len() > 1 && self.chance.as_ref().is_some_and(|(name, _)| *name == "pi_visit") {
            let items = self.items.join(", ");
            notes.push(format!(
                "what was found for several items ({items}) is taken together by firm; keep the rows of one item for its own rate"
            ));
        }
        if self.source.is_none() {
            notes.push("outcomes have no source: all rows are taken to come from random draws".to_owned());
        }
        if self.chance.is_none() && self.population.is_none() {
            let note = "outcomes have no chances of being drawn (pi): rates and areas describe the rows, and the population only if all firms were equally likely to be drawn";
            notes.push(note.to_owned());
        }
        if account.event + account.special > 0 {
            let rest = account.event + account.special;
            notes.push(format!("{rest} rows of events and campaigns are left out of all rates and areas"));
        }
        notes
    }
}

/// Strata with one random row of several firms, where nothing was said about them.
fn lonely(strata: Option<&[u32]>, names: &[String], population: Option<&[f64]>, single: SingleUnit, faults: &mut Vec<OutcomeFault>) {
    let (Some(strata), SingleUnit::Fail) = (strata, single) else { return };
    let mut counts = vec![(0_usize, f64::INFINITY); names.len()];
    for (row, stratum) in strata.iter().enumerate() {
        if let Some((count, size)) = counts.get_mut(*stratum as usize) {
            *count += 1;
            *size = population.and_then(|population| population.get(row)).copied().unwrap_or(f64::INFINITY);
        }
    }
    let alone = names.iter().zip(counts).filter(|(_, (count, size))| *count == 1 && *size > 1.0);
    let strata: Vec<String> = alone.map(|(name, _)| name.clone()).collect();
    if !strata.is_empty() {
        faults.push(OutcomeFault::Lonely { strata });
    }
}

fn findings(column: &Series, codes: &BTreeMap<String, Finding>) -> Result<Vec<Option<Finding>>, OutcomeFault> {
    let mut cells = Cells::new("unknown code");
    let found = texts(column).into_iter().enumerate().map(|(row, text)| {
        let text = text?;
        let finding = Finding::of_cell(&text, codes);
        if finding.is_none() && !(text == "NaN" && column.dtype().is_float()) {
            cells.add(row, || Some(text));
        }
        finding
    });
    let found = found.collect();
    if cells.is_empty() { Ok(found) } else { Err(OutcomeFault::UnknownCode { column: column.name().to_string(), cells }) }
}

/// The items of rows that have a chance of their item, each once.
fn items(frame: &DataFrame) -> Vec<String> {
    let (Some(items), Some(chances)) = (first(frame, &["item"]), first(frame, &["pi_item"])) else { return Vec::new() };
    let drawn = texts(items).into_iter().zip(texts(chances)).filter_map(|(item, chance)| item.filter(|_| chance.is_some()));
    let mut items: Vec<String> = drawn.collect();
    items.sort_unstable();
    items.dedup();
    items
}

/// The source of each row; rows without an outcome may have none.
fn sources(column: &Series, outcome: Option<&[Option<Finding>]>) -> Result<Vec<Source>, OutcomeFault> {
    let mut cells = Cells::new("unknown source");
    let blank = |row: usize| outcome.is_some_and(|outcome| outcome.get(row).is_none_or(Option::is_none));
    let found = texts(column).into_iter().enumerate().map(|(row, text)| {
        let known = text.as_deref().and_then(source_of);
        if known.is_none() && (text.is_some() || !blank(row)) {
            cells.add(row, || text);
        }
        known.unwrap_or(Source::Event)
    });
    let found = found.collect();
    if cells.is_empty() { Ok(found) } else { Err(OutcomeFault::UnknownSource { column: column.name().to_string(), cells }) }
}
