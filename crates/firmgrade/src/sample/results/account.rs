//! Every firm drawn has a result or is outstanding.

use super::super::frame::nfc;
use super::super::policy::Policy;
use super::super::{Probability, Rate, Record, Stratum};
use super::codes::Outcome;
use super::fault::{ResultFault, Wrong};
use super::report::{Accounted, Deadline, Evaluated, Outstanding, Publication, ResultRow, Source, StratumResults};
use crate::calendar::Day;
use crate::error::Error;
use crate::person::mask;
use std::collections::{BTreeMap, BTreeSet};

/// A firm of the record that may have results.
#[derive(Clone, Copy)]
enum Drawn {
    /// Place among those selected.
    Selected(usize),
    /// Place among the reserve.
    Reserve(usize),
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
                let population = self.stratum(stratum).map(|stratum| stratum.eligible);
                let place = Place { id, item, stratum, population, pi: pi_visit.zip(Some(pi_item)), substitute };
                rows.push(self.row(result, &place));
                deadlines.push(deadline(result, &place, due(result.row.finished), as_of));
            }
        }
        for result in others {
            let place = Place { id: result.row.id, item: result.row.item, stratum: "", population: None, pi: None, substitute: false };
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
            population: place.population,
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
    population: Option<u64>,
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
