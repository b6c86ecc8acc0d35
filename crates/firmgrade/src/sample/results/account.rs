//! Every firm drawn has a result or is outstanding.

use super::super::frame::nfc;
use super::super::policy::Policy;
use super::super::{Probability, Rate, Record, Stratum};
use super::codes::Outcome;
use crate::calendar::Day;
use crate::error::Error;
use crate::fault::Cells;
use crate::person::mask;
use serde::{Deserialize, Serialize};
use std::collections::{BTreeMap, BTreeSet};
use thiserror::Error;

/// Why a firm was inspected. Only random rows enter rates.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Source {
    /// It was drawn.
    Random,
    /// Something happened: a complaint, a lead, a transfer.
    Event,
    /// A special campaign.
    Special,
}

/// One result as it is handed in.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ResultRow<'a> {
    /// The firm.
    pub id: &'a str,
    /// The item; empty for all items for which the firm was drawn.
    pub item: &'a str,
    /// The result code in any customary spelling.
    pub code: &'a str,
    /// The day on which the inspection ended.
    pub finished: Day,
    /// The day on which the result was published, where it was.
    pub published: Option<Day>,
    /// Why the firm was inspected.
    pub source: Source,
}

/// A row for evaluation: one firm and item.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Evaluated {
    /// The firm.
    pub id: String,
    /// The item; empty where the result was handed in without one for a firm that was not drawn.
    pub item: String,
    /// The code, in its customary spelling.
    pub code: String,
    /// What it means.
    pub outcome: Outcome,
    /// The day on which the inspection ended (YYYY-MM-DD).
    pub date: String,
    /// Why the firm was inspected.
    pub source: Source,
    /// The probability that the firm is visited; `None` unless the source is random.
    pub pi_visit: Option<Probability>,
    /// The probability that this item is inspected there; `None` unless the source is random.
    pub pi_item: Option<Probability>,
    /// The stratum; empty unless the source is random.
    pub stratum: String,
    /// Whether it is a substitute from the reserve.
    pub substitute: bool,
    /// The plan.
    pub plan_id: String,
}

/// What became of the firms drawn in a stratum, in firms and items: a firm drawn for two items counts twice.
///
/// ```text
/// drawn = violation + none + out_of_scope + unreachable + outstanding
/// ```
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct StratumResults {
    /// The stratum; empty for all together.
    pub stratum: String,
    /// Drawn.
    pub drawn: u64,
    /// With a violation.
    pub violation: u64,
    /// Without.
    pub none: u64,
    /// Nothing to inspect.
    pub out_of_scope: u64,
    /// Not found.
    pub unreachable: u64,
    /// Without a result so far.
    pub outstanding: u64,
    /// Of these, beyond the deadline.
    pub overdue: u64,
    /// Results of substitutes, which are not among those drawn.
    pub substitutes: u64,
}

impl StratumResults {
    /// Those inspected: with a violation or without.
    #[must_use]
    pub fn responded(&self) -> u64 {
        self.violation + self.none
    }

    /// Those that should have been inspected and were not: not found or without a result. Who has nothing to inspect is no non-response.
    #[must_use]
    pub fn nonresponse(&self) -> u64 {
        self.unreachable + self.outstanding
    }

    fn add(&mut self, outcome: Outcome) {
        match outcome {
            Outcome::Violation => self.violation += 1,
            Outcome::None => self.none += 1,
            Outcome::OutOfScope => self.out_of_scope += 1,
            Outcome::Unreachable => self.unreachable += 1,
        }
    }

    fn plus(&mut self, other: &Self) {
        self.drawn += other.drawn;
        self.violation += other.violation;
        self.none += other.none;
        self.out_of_scope += other.out_of_scope;
        self.unreachable += other.unreachable;
        self.outstanding += other.outstanding;
        self.overdue += other.overdue;
        self.substitutes += other.substitutes;
    }
}

/// A firm drawn that has no result for an item.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Outstanding {
    /// The firm.
    pub id: String,
    /// The item.
    pub item: String,
    /// Its stratum.
    pub stratum: String,
    /// The last day for its result (YYYY-MM-DD): the deadline counted from the end of the plan's period.
    pub due: String,
    /// Whether that day is over.
    pub overdue: bool,
}

/// How the publication of a result stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Publication {
    /// Published within the deadline.
    InTime,
    /// Published after it.
    Late,
    /// Not published, and there is time.
    Pending,
    /// Not published, and the deadline is over.
    Overdue,
}

/// When a result is to be published, and whether it was.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Deadline {
    /// The firm.
    pub id: String,
    /// The item.
    pub item: String,
    /// The last day for publishing (YYYY-MM-DD).
    pub due: String,
    /// How it stands.
    pub state: Publication,
}

/// Results held against a record.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Accounted {
    /// The plan.
    pub plan_id: String,
    /// The day as of which deadlines are judged (YYYY-MM-DD).
    pub as_of: String,
    /// All strata together.
    pub total: StratumResults,
    /// Each stratum, in the order of the record.
    pub strata: Vec<StratumResults>,
    /// How many results there are of each code, drawn firms and substitutes, in the order of the policy's codes.
    pub codes: Vec<(String, Outcome, u64)>,
    /// Rows for evaluation: firms drawn in the order of the record, then substitutes, then other sources as given.
    pub rows: Vec<Evaluated>,
    /// Firms drawn without a result.
    pub outstanding: Vec<Outstanding>,
    /// The deadline of each result, in the order of `rows`.
    pub deadlines: Vec<Deadline>,
}

/// What keeps results from being taken in. Numbers of natural persons are masked in the texts.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
pub enum ResultFault {
    /// Codes that the policy does not know.
    #[error("unknown result codes: {}; correct them, or state under `[results]` what they mean", counted(.codes))]
    UnknownCodes {
        /// Each code with its number of rows, in the order of their bytes.
        codes: Vec<(String, u64)>,
    },
    /// Rows that cannot be used.
    #[error("the results have {cells}; {remedy}")]
    Rows {
        /// The rows.
        cells: Cells,
        /// What to do.
        remedy: &'static str,
    },
    /// A substitute that was taken out of order.
    #[error("stratum `{stratum}`: substitute `{}` is number {rank} of the reserve, and number {missing} was not used; substitutes are taken in the order of the reserve", mask(.id))]
    OutOfOrder {
        /// The stratum.
        stratum: String,
        /// The substitute.
        id: String,
        /// Its place.
        rank: u64,
        /// The first place that was left out.
        missing: u64,
    },
    /// More substitutes than firms drawn that could not be inspected.
    #[error(
        "stratum `{stratum}`: found substitutes: {used}, firms out of scope or unreachable: {lost}; every substitute stands for such a firm, whose result is needed"
    )]
    TooManySubstitutes {
        /// The stratum.
        stratum: String,
        /// Substitutes used.
        used: u64,
        /// Firms drawn that could not be inspected.
        lost: u64,
    },
    /// The record is not of this policy.
    #[error("the record is of policy {found}, expected {expected}; give the policy that was committed to")]
    Policy {
        /// The digest in the record.
        found: String,
        /// The digest of the policy.
        expected: String,
    },
}

fn counted(codes: &[(String, u64)]) -> String {
    codes.iter().map(|(code, rows)| format!("`{code}` ({rows} row{})", if *rows == 1 { "" } else { "s" })).collect::<Vec<_>>().join(", ")
}

/// A firm of the record that may have results.
#[derive(Clone, Copy)]
enum Drawn {
    /// Place among those selected.
    Selected(usize),
    /// Place among the reserve.
    Reserve(usize),
}

/// Rows that cannot be used, by what is wrong.
struct Wrong {
    unknown_firm: Cells,
    unknown_item: Cells,
    other_item: Cells,
    twice: Cells,
    future: Cells,
    before: Cells,
    published: Cells,
}

impl Wrong {
    fn new() -> Self {
        Self {
            unknown_firm: Cells::new("foreign firm"),
            unknown_item: Cells::new("unknown item"),
            other_item: Cells::new("foreign item"),
            twice: Cells::new("second result"),
            future: Cells::new("future date"),
            before: Cells::new("early date"),
            published: Cells::new("early publication"),
        }
    }

    fn faults(self) -> impl Iterator<Item = ResultFault> {
        let all = [
            (self.unknown_firm, "these were neither drawn nor in reserve: correct the ids, or say that the source is `event` or `special`"),
            (self.unknown_item, "give the id of an item of the policy, or leave it empty"),
            (self.other_item, "these firms were not drawn for the item: correct it, or say that the source is `special`"),
            (self.twice, "keep one result for each firm and item"),
            (self.future, "these inspections ended after the as-of day: correct the dates, or choose a later day"),
            (self.before, "an inspection before the plan's period is not one of this plan: correct the dates, or the source"),
            (self.published, "a result is published after its inspection has ended: correct the dates"),
        ];
        all.into_iter().filter(|(cells, _)| !cells.is_empty()).map(|(cells, remedy)| ResultFault::Rows { cells, remedy })
    }
}

/// Holds results against the record of a draw, as of a day.
///
/// A result without an item holds for all items for which the firm was drawn. Substitutes have the probability of their stratum, n of the firms that
/// could be drawn; they are not among those drawn, so a rate needs either the firms drawn or both, said by [`Evaluated::substitute`].
///
/// # Errors
/// [`Error::Results`] with everything that is wrong: unknown codes, all of them; firms that were not drawn, second results, impossible dates;
/// substitutes out of order or too many; another policy than the one committed to.
pub fn account(policy: &Policy, record: &Record, results: &[ResultRow<'_>], as_of: Day) -> Result<Accounted, Error> {
    let mut faults = Vec::new();
    if record.commitment.policy_digest != policy.digest() {
        let found = record.commitment.policy_digest.clone();
        faults.push(ResultFault::Policy { found, expected: policy.digest().to_owned() });
    }
    let book = Book::new(policy, record);
    let (entered, others) = book.enter(results, as_of, &mut faults);
    book.substitutes(&entered, &mut faults);
    if faults.is_empty() { Ok(book.close(&entered, &others, as_of)) } else { Err(Error::Results(faults)) }
}

/// A result with its code looked up: code, outcome, days.
#[derive(Clone, Copy)]
struct Entered<'a> {
    code: &'a str,
    outcome: Outcome,
    row: ResultRow<'a>,
}

/// Firm (those selected first, then the reserve) and item → result.
type Results<'a> = BTreeMap<(usize, &'a str), Entered<'a>>;

struct Book<'a> {
    policy: &'a Policy,
    record: &'a Record,
    firms: BTreeMap<String, Drawn>,
}

impl<'a> Book<'a> {
    fn new(policy: &'a Policy, record: &'a Record) -> Self {
        let selected = record.selected.iter().enumerate().map(|(at, one)| (one.id.clone(), Drawn::Selected(at)));
        let reserve = record.reserve.iter().enumerate().map(|(at, one)| (one.id.clone(), Drawn::Reserve(at)));
        Self { policy, record, firms: selected.chain(reserve).collect() }
    }

    /// The items of a firm, each with its probability.
    fn items(&self, drawn: Drawn) -> Vec<(&'a str, Probability)> {
        match drawn {
            Drawn::Selected(at) => {
                let Some(one) = self.record.selected.get(at) else { return Vec::new() };
                if self.record.commitment.design.items.is_empty() {
                    return self.policy.items().iter().map(|item| (item.id.as_str(), one.pi_visit)).collect();
                }
                one.pi_item.iter().map(|(item, pi)| (item.as_str(), *pi)).collect()
            }
            Drawn::Reserve(at) => {
                let Some(stratum) = self.record.reserve.get(at).and_then(|one| self.stratum(&one.stratum)) else { return Vec::new() };
                let pi = |n: u64| Probability::Ratio(Rate { num: n, den: stratum.eligible.max(1) });
                if self.record.commitment.design.items.is_empty() {
                    return self.policy.items().iter().map(|item| (item.id.as_str(), pi(stratum.n))).collect();
                }
                stratum.items.iter().filter(|(_, n)| **n > 0).map(|(item, n)| (item.as_str(), pi(*n))).collect()
            }
        }
    }

    fn stratum(&self, name: &str) -> Option<&'a Stratum> {
        self.record.strata.iter().find(|stratum| stratum.stratum == name)
    }

    /// One number for firms selected and in reserve.
    fn number(&self, drawn: Drawn) -> usize {
        match drawn {
            Drawn::Selected(at) => at,
            Drawn::Reserve(at) => self.record.selected.len() + at,
        }
    }

    /// Takes in every row: those of firms drawn and substitutes by firm and item, and the others.
    fn enter(&self, results: &[ResultRow<'a>], as_of: Day, faults: &mut Vec<ResultFault>) -> (Results<'a>, Vec<Entered<'a>>) {
        let (mut entered, mut others, mut wrong) = (Results::new(), Vec::new(), Wrong::new());
        let mut unknown: BTreeMap<&str, u64> = BTreeMap::new();
        for (at, row) in results.iter().enumerate() {
            let named = || Some(mask(row.id));
            let Some((code, outcome)) = self.policy.codes().find(row.code) else {
                *unknown.entry(row.code).or_default() += 1;
                continue;
            };
            if row.finished > as_of {
                wrong.future.add(at, || Some(row.finished.to_string()));
            }
            if row.published.is_some_and(|day| day < row.finished) {
                wrong.published.add(at, || row.published.map(|day| day.to_string()));
            }
            let known = self.policy.items().iter().any(|item| item.id == row.item);
            if !known && !row.item.is_empty() {
                wrong.unknown_item.add(at, || Some(row.item.to_owned()));
                continue;
            }
            let one = Entered { code, outcome, row: *row };
            if row.source != Source::Random {
                others.push(one);
                continue;
            }
            if row.finished < self.policy.period().0 {
                wrong.before.add(at, || Some(row.finished.to_string()));
            }
            let Some(drawn) = self.firms.get(nfc(row.id).as_ref()).copied() else {
                wrong.unknown_firm.add(at, named);
                continue;
            };
            let items = self.items(drawn);
            let items: Vec<&str> =
                items.into_iter().map(|(item, _)| item).filter(|item| row.item.is_empty() || *item == row.item).collect();
            if items.is_empty() {
                wrong.other_item.add(at, || Some(format!("{} at {}", row.item, mask(row.id))));
            }
            let mut again = false;
            for item in items {
                again |= entered.insert((self.number(drawn), item), one).is_some();
            }
            if again {
                wrong.twice.add(at, named);
            }
        }
        if !unknown.is_empty() {
            let codes = unknown.into_iter().map(|(code, rows)| (code.to_owned(), rows)).collect();
            faults.push(ResultFault::UnknownCodes { codes });
        }
        faults.extend(wrong.faults());
        (entered, others)
    }

    /// Whether substitutes were taken in order, and not more than firms lost.
    fn substitutes(&self, entered: &Results<'a>, faults: &mut Vec<ResultFault>) {
        let selected = self.record.selected.len();
        let mut used: BTreeMap<&str, Vec<(u64, &str)>> = BTreeMap::new();
        let mut lost: BTreeMap<&str, BTreeSet<usize>> = BTreeMap::new();
        for ((firm, _), result) in entered {
            let stratum = match firm.checked_sub(selected).and_then(|at| self.record.reserve.get(at)) {
                Some(one) => {
                    let ranks = used.entry(&one.stratum).or_default();
                    if ranks.last().is_none_or(|(rank, _)| *rank != one.rank) {
                        ranks.push((one.rank, &one.id));
                    }
                    one.stratum.as_str()
                }
                None => self.record.selected.get(*firm).map_or("", |one| one.stratum.as_str()),
            };
            if !result.outcome.responded() {
                lost.entry(stratum).or_default().insert(*firm);
            }
        }
        for (stratum, mut ranks) in used {
            ranks.sort_unstable();
            for ((rank, id), expected) in ranks.iter().zip(1..) {
                if *rank != expected {
                    faults.push(ResultFault::OutOfOrder {
                        stratum: stratum.to_owned(),
                        id: (*id).to_owned(),
                        rank: *rank,
                        missing: expected,
                    });
                    break;
                }
            }
            // A substitute that is lost itself may be followed by the next, so it counts on both sides.
            let (used, lost) = (ranks.len() as u64, lost.get(stratum).map_or(0, |firms| firms.len() as u64));
            if used > lost {
                faults.push(ResultFault::TooManySubstitutes { stratum: stratum.to_owned(), used, lost });
            }
        }
    }

    fn close(&self, entered: &Results<'a>, others: &[Entered<'a>], as_of: Day) -> Accounted {
        let days = i32::try_from(self.policy.visits().deadline_days).unwrap_or(i32::MAX);
        let due = |day: Day| day.add_days(days).unwrap_or(Day::LAST);
        let last = due(self.policy.period().1);
        let mut strata: BTreeMap<&str, StratumResults> = self
            .record
            .strata
            .iter()
            .map(|stratum| (stratum.stratum.as_str(), StratumResults { stratum: stratum.stratum.clone(), ..StratumResults::default() }))
            .collect();
        let (mut rows, mut outstanding, mut deadlines) = (Vec::new(), Vec::new(), Vec::new());
        let mut codes: BTreeMap<&str, u64> = BTreeMap::new();
        let selected = self.record.selected.iter().enumerate();
        let selected = selected.map(|(at, one)| (Drawn::Selected(at), one.id.as_str(), one.stratum.as_str(), Some(one.pi_visit)));
        let reserve = self.record.reserve.iter().enumerate();
        let reserve = reserve.map(|(at, one)| {
            let stratum = self.stratum(&one.stratum);
            let pi = stratum.map(|stratum| Probability::Ratio(Rate { num: stratum.n, den: stratum.eligible.max(1) }));
            (Drawn::Reserve(at), one.id.as_str(), one.stratum.as_str(), pi)
        });
        for (drawn, id, stratum, pi_visit) in selected.chain(reserve) {
            let substitute = matches!(drawn, Drawn::Reserve(_));
            let Some(sum) = strata.get_mut(stratum) else { continue };
            for (item, pi_item) in self.items(drawn) {
                sum.drawn += u64::from(!substitute);
                let Some(result) = entered.get(&(self.number(drawn), item)) else {
                    if !substitute {
                        let overdue = as_of > last;
                        sum.outstanding += 1;
                        sum.overdue += u64::from(overdue);
                        let (id, item, stratum) = (id.to_owned(), item.to_owned(), stratum.to_owned());
                        outstanding.push(Outstanding { id, item, stratum, due: last.to_string(), overdue });
                    }
                    continue;
                };
                if substitute {
                    sum.substitutes += 1;
                } else {
                    sum.add(result.outcome);
                }
                *codes.entry(result.code).or_default() += 1;
                let place = Place { id, item, stratum, pi: pi_visit.zip(Some(pi_item)), substitute };
                rows.push(self.row(result, &place));
                deadlines.push(deadline(result, &place, due(result.row.finished), as_of));
            }
        }
        for result in others {
            let place = Place { id: result.row.id, item: result.row.item, stratum: "", pi: None, substitute: false };
            rows.push(self.row(result, &place));
            deadlines.push(deadline(result, &place, due(result.row.finished), as_of));
        }
        let strata: Vec<StratumResults> = self.record.strata.iter().filter_map(|stratum| strata.remove(stratum.stratum.as_str())).collect();
        let mut total = StratumResults::default();
        strata.iter().for_each(|stratum| total.plus(stratum));
        let count = |code: &str| codes.get(code).copied().unwrap_or(0);
        Accounted {
            plan_id: self.record.commitment.plan_id.clone(),
            as_of: as_of.to_string(),
            total,
            strata,
            codes: self.policy.codes().iter().map(|(code, outcome)| (code.to_owned(), outcome, count(code))).collect(),
            rows,
            outstanding,
            deadlines,
        }
    }

    fn row(&self, result: &Entered<'_>, place: &Place<'_>) -> Evaluated {
        Evaluated {
            id: place.id.to_owned(),
            item: place.item.to_owned(),
            code: result.code.to_owned(),
            outcome: result.outcome,
            date: result.row.finished.to_string(),
            source: result.row.source,
            pi_visit: place.pi.map(|(visit, _)| visit),
            pi_item: place.pi.map(|(_, item)| item),
            stratum: place.stratum.to_owned(),
            substitute: place.substitute,
            plan_id: self.record.commitment.plan_id.clone(),
        }
    }
}

/// Where a result belongs.
struct Place<'a> {
    id: &'a str,
    item: &'a str,
    stratum: &'a str,
    pi: Option<(Probability, Probability)>,
    substitute: bool,
}

fn deadline(result: &Entered<'_>, place: &Place<'_>, due: Day, as_of: Day) -> Deadline {
    let state = match result.row.published {
        Some(day) if day <= due => Publication::InTime,
        Some(_) => Publication::Late,
        None if as_of <= due => Publication::Pending,
        None => Publication::Overdue,
    };
    Deadline { id: place.id.to_owned(), item: place.item.to_owned(), due: due.to_string(), state }
}
