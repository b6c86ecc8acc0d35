//! The checked roster: names as numbers, rules as rows of yes and no.

use super::fault::MatchFault;
use super::spec::{Inspector, Recusal, RosterSpec, Visit};
use crate::Error;
use indexmap::IndexMap;
use sha2::{Digest, Sha256};
use std::collections::BTreeMap;
use unicode_normalization::UnicodeNormalization;

/// Places to fill at most: with 2^20 costs below 2^43 sums stay below 2^63.
const MOST_PLACES: usize = 1 << 20;

/// Inspectors at most: a path between them visits each once, and its length stays below 2^59.
const MOST_INSPECTORS: usize = 1 << 15;

/// A roster without faults; visits and inspectors stand in the order of the bytes of their ids.
#[derive(Clone, Debug)]
pub struct Roster {
    pub(super) per_visit: usize,
    pub(super) visits: Vec<VisitRow>,
    pub(super) inspectors: Vec<InspectorRow>,
    /// The distinct sets of needs.
    pub(super) kinds: Vec<Kind>,
    /// For every zone that a visit is in, which inspectors serve it.
    pub(super) zones: Vec<Vec<bool>>,
    inputs: String,
}

#[derive(Clone, Debug)]
pub(super) struct VisitRow {
    pub(super) id: String,
    pub(super) zone: Option<usize>,
    /// First and last day on which it may be, as YYYYMMDD.
    pub(super) days: (u32, u32),
    pub(super) kind: usize,
    /// Recused inspectors, ascending.
    pub(super) barred: Vec<usize>,
}

#[derive(Clone, Debug)]
pub(super) struct InspectorRow {
    pub(super) id: String,
    pub(super) capacity: u32,
    pub(super) valid: (u32, u32),
    /// Ascending.
    qualifications: Vec<String>,
}

/// A set of needs and who has all of them.
#[derive(Clone, Debug)]
pub(super) struct Kind {
    pub(super) needs: Vec<String>,
    pub(super) qualified: Vec<bool>,
}

impl Roster {
    /// SHA-256 of the roster, 64 hexadecimal digits. Everything is in NFC; visits, inspectors and recusals are sorted by bytes, lists
    /// within them as well, each name once.
    ///
    /// ```text
    /// SHA-256( "firmgrade/roster/v1" lp(per_visit) lp(period from) lp(period to)
    ///   lp(count) visits:      lp(id) lp(zone) lp(day) list(needs) list(interests)
    ///   lp(count) inspectors:  lp(id) lp(capacity) lp(valid_from) lp(valid_to) list(qualifications) list(zones) list(interests)
    ///   lp(count) recusals:    lp(visit) lp(inspector) lp(reason) )
    /// lp as in the draw, integers as decimal ASCII, list(x) = lp(count) then lp of each; what is not stated is lp("")
    /// ```
    #[must_use]
    pub fn inputs(&self) -> &str {
        &self.inputs
    }

    /// How many inspectors each visit gets.
    #[must_use]
    pub fn per_visit(&self) -> usize {
        self.per_visit
    }

    /// Whether an inspector may make a visit, qualified or not.
    pub(super) fn may_go(&self, visit: &VisitRow, inspector: usize) -> bool {
        self.serves(visit, inspector) && self.certified(visit, inspector) && visit.barred.binary_search(&inspector).is_err()
    }

    pub(super) fn has(&self, inspector: usize, qualification: &String) -> bool {
        self.inspectors[inspector].qualifications.binary_search(qualification).is_ok()
    }

    pub(super) fn serves(&self, visit: &VisitRow, inspector: usize) -> bool {
        visit.zone.is_none_or(|zone| self.zones[zone][inspector])
    }

    pub(super) fn certified(&self, visit: &VisitRow, inspector: usize) -> bool {
        let valid = self.inspectors[inspector].valid;
        valid.0 <= visit.days.0 && visit.days.1 <= valid.1
    }
}

impl TryFrom<RosterSpec> for Roster {
    type Error = Error;

    /// Checks a roster.
    ///
    /// # Errors
    /// [`Error::Match`] with every fault: no visits, nobody to send, empty and double ids, capacity 0, dates that are none or the wrong way
    /// round, visits without a day where certificates have dates, recusals of unknown names, needs that nobody has.
    fn try_from(spec: RosterSpec) -> Result<Self, Error> {
        let spec = canonical(spec);
        let mut faults = Vec::new();
        if spec.per_visit == 0 {
            faults.push(MatchFault::PerVisit);
        }
        for (what, none) in [("visits", spec.visits.is_empty()), ("inspectors", spec.inspectors.is_empty())] {
            if none {
                faults.push(MatchFault::Nothing { what });
            }
        }
        let places = spec.visits.len().saturating_mul(spec.per_visit as usize);
        for (what, found, limit) in [("places to fill", places, MOST_PLACES), ("inspectors", spec.inspectors.len(), MOST_INSPECTORS)] {
            if found > limit {
                faults.push(MatchFault::TooLarge { what, found, limit });
            }
        }
        let visit_at = numbered("visit", spec.visits.iter().map(|visit| visit.id.as_str()), &mut faults);
        let inspector_at = numbered("inspector", spec.inspectors.iter().map(|inspector| inspector.id.as_str()), &mut faults);
        let (days, valid) = dates(&spec, &mut faults);
        check_names(&spec, &mut faults);

        let mut barred = barred_by_interest(&spec);
        for recusal in &spec.recusals {
            let visit = known("visit", &recusal.visit, &visit_at, &mut faults);
            let inspector = known("inspector", &recusal.inspector, &inspector_at, &mut faults);
            if let (Some(visit), Some(inspector)) = (visit, inspector) {
                barred[visit].push(inspector);
            }
        }
        if !faults.is_empty() {
            return Err(Error::Match(faults));
        }

        let inputs = digest(&spec);
        let mut kinds: IndexMap<&[String], ()> = IndexMap::new();
        let mut zones: IndexMap<&str, ()> = IndexMap::new();
        let visits = spec.visits.iter().zip(days).zip(barred).map(|((visit, days), mut barred)| {
            barred.sort_unstable();
            barred.dedup();
            let zone = visit.zone.as_deref().map(|zone| zones.insert_full(zone, ()).0);
            VisitRow { id: visit.id.clone(), zone, days, kind: kinds.insert_full(&visit.needs, ()).0, barred }
        });
        let visits: Vec<VisitRow> = visits.collect();
        let each = |holds: &dyn Fn(&Inspector) -> bool| spec.inspectors.iter().map(holds).collect::<Vec<bool>>();
        let kinds = kinds.keys().map(|needs| Kind {
            needs: needs.to_vec(),
            qualified: each(&|inspector| needs.iter().all(|need| inspector.qualifications.binary_search(need).is_ok())),
        });
        let zones =
            zones.keys().map(|&zone| each(&|inspector| inspector.zones.is_empty() || inspector.zones.iter().any(|one| one == zone)));
        let (kinds, zones) = (kinds.collect(), zones.collect());
        let inspectors = spec.inspectors.into_iter().zip(valid);
        let inspectors =
            inspectors.map(|(Inspector { id, capacity, qualifications, .. }, valid)| InspectorRow { id, capacity, valid, qualifications });
        let inspectors = inspectors.collect();
        Ok(Self { per_visit: spec.per_visit as usize, visits, inspectors, kinds, zones, inputs })
    }
}

/// All names in NFC, everything in the order of bytes, lists without doubles.
fn canonical(mut spec: RosterSpec) -> RosterSpec {
    let nfc = |text: &mut String| {
        if !text.is_ascii() {
            *text = text.nfc().collect();
        }
    };
    let list = |names: &mut Vec<String>| {
        names.iter_mut().for_each(nfc);
        names.sort_unstable();
        names.dedup();
    };
    for Visit { id, needs, zone, day: _, interests } in &mut spec.visits {
        nfc(id);
        zone.iter_mut().for_each(nfc);
        list(needs);
        list(interests);
    }
    for Inspector { id, capacity: _, qualifications, zones, valid_from: _, valid_to: _, interests } in &mut spec.inspectors {
        nfc(id);
        list(qualifications);
        list(zones);
        list(interests);
    }
    for Recusal { visit, inspector, reason } in &mut spec.recusals {
        nfc(visit);
        nfc(inspector);
        nfc(reason);
    }
    spec.visits.sort_by(|a, b| a.id.cmp(&b.id));
    spec.inspectors.sort_by(|a, b| a.id.cmp(&b.id));
    spec.recusals.sort_by(|a, b| (&a.visit, &a.inspector, &a.reason).cmp(&(&b.visit, &b.inspector, &b.reason)));
    spec.recusals.dedup();
    spec
}

/// The position of each id; empty and double ones are faults.
fn numbered<'s>(what: &'static str, ids: impl Iterator<Item = &'s str>, faults: &mut Vec<MatchFault>) -> BTreeMap<&'s str, usize> {
    let mut times: BTreeMap<&str, usize> = BTreeMap::new();
    let mut places = BTreeMap::new();
    for (at, id) in ids.enumerate() {
        *times.entry(id).or_default() += 1;
        places.insert(id, at);
    }
    for (id, times) in times {
        if id.is_empty() {
            faults.push(MatchFault::EmptyName {
                of: format!("the id of {}", if times == 1 { "one" } else { "more than one" }) + " " + what,
                at: None,
            });
        } else if times > 1 {
            faults.push(MatchFault::Duplicate { what, id: id.to_owned(), times });
        }
    }
    places
}

fn known(what: &'static str, name: &str, places: &BTreeMap<&str, usize>, faults: &mut Vec<MatchFault>) -> Option<usize> {
    let at = places.get(name).copied();
    if at.is_none() {
        let near = crate::words::nearest(name, places.keys().copied()).map(str::to_owned);
        faults.push(MatchFault::Unknown { what, name: name.to_owned(), near });
    }
    at
}

/// For each visit the inspectors who declared one of its interests.
fn barred_by_interest(spec: &RosterSpec) -> Vec<Vec<usize>> {
    let mut declared: BTreeMap<&str, Vec<usize>> = BTreeMap::new();
    for (at, inspector) in spec.inspectors.iter().enumerate() {
        for interest in &inspector.interests {
            declared.entry(interest).or_default().push(at);
        }
    }
    let recused =
        |visit: &Visit| visit.interests.iter().filter_map(|interest| declared.get(interest.as_str())).flatten().copied().collect();
    spec.visits.iter().map(recused).collect()
}

/// Empty names within visits and inspectors, capacity 0, needs that nobody has.
fn check_names(spec: &RosterSpec, faults: &mut Vec<MatchFault>) {
    let empty = |names: &[String]| names.iter().any(String::is_empty);
    let mut found = |of: String| faults.push(MatchFault::EmptyName { of, at: None });
    for visit in &spec.visits {
        let id = &visit.id;
        for (what, wrong) in
            [("a need", empty(&visit.needs)), ("an interest", empty(&visit.interests)), ("the zone", visit.zone.as_deref() == Some(""))]
        {
            if wrong {
                found(format!("{what} of visit `{id}`"));
            }
        }
    }
    for inspector in &spec.inspectors {
        let lists = [("a qualification", &inspector.qualifications), ("a zone", &inspector.zones), ("an interest", &inspector.interests)];
        for (what, list) in lists {
            if empty(list) {
                found(format!("{what} of inspector `{}`", inspector.id));
            }
        }
    }
    let idle = spec.inspectors.iter().filter(|inspector| inspector.capacity == 0);
    faults.extend(idle.map(|inspector| MatchFault::NoCapacity { inspector: inspector.id.clone() }));
    if spec.inspectors.is_empty() {
        return;
    }
    let mut needed: BTreeMap<&str, (&str, usize)> = BTreeMap::new();
    for visit in &spec.visits {
        for need in visit.needs.iter().filter(|need| !need.is_empty()) {
            needed.entry(need).or_insert((&visit.id, 0)).1 += 1;
        }
    }
    let held: std::collections::BTreeSet<&str> =
        spec.inspectors.iter().flat_map(|inspector| &inspector.qualifications).map(String::as_str).collect();
    for (need, (visit, visits)) in needed.into_iter().filter(|(need, _)| !held.contains(need)) {
        let near = crate::words::nearest(need, held.iter().copied()).map(str::to_owned);
        faults.push(MatchFault::UnknownNeed { need: need.to_owned(), visit: visit.to_owned(), visits, near });
    }
}

/// First and last day.
type Span = (u32, u32);

const ALWAYS: Span = (0, u32::MAX);

/// The days of visits and of certificates.
fn dates(spec: &RosterSpec, faults: &mut Vec<MatchFault>) -> (Vec<Span>, Vec<Span>) {
    let period = spec.period.as_ref().map(|(from, to)| span(Some(from), Some(to), || "the period".to_owned(), faults));
    let certificate = |one: &Inspector, faults: &mut Vec<MatchFault>| {
        span(one.valid_from.as_deref(), one.valid_to.as_deref(), || format!("the certificate of inspector `{}`", one.id), faults)
    };
    let valid: Vec<Span> = spec.inspectors.iter().map(|one| certificate(one, faults)).collect();
    let days = spec.visits.iter().map(|visit| match &visit.day {
        Some(text) => day(text, || format!("the day of visit `{}`", visit.id), faults).map_or(ALWAYS, |day| (day, day)),
        None => period.unwrap_or(ALWAYS),
    });
    let days = days.collect();
    if period.is_none() && valid.iter().any(|&span| span != ALWAYS) {
        let mut without = spec.visits.iter().filter(|visit| visit.day.is_none());
        if let Some(first) = without.next() {
            faults.push(MatchFault::NoDay { visit: first.id.clone(), visits: 1 + without.count() });
        }
    }
    (days, valid)
}

fn span(from: Option<&str>, to: Option<&str>, of: impl Fn() -> String, faults: &mut Vec<MatchFault>) -> Span {
    let mut end = |text: Option<&str>, which: &str| text.and_then(|text| day(text, || format!("the {which} day of {}", of()), faults));
    let (first, last) = (end(from, "first"), end(to, "last"));
    if first.zip(last).is_some_and(|(first, last)| first > last) {
        let text = |text: Option<&str>| text.unwrap_or_default().to_owned();
        faults.push(MatchFault::Reversed { of: of(), from: text(from), to: text(to) });
    }
    (first.unwrap_or(ALWAYS.0), last.unwrap_or(ALWAYS.1))
}

fn day(text: &str, of: impl Fn() -> String, faults: &mut Vec<MatchFault>) -> Option<u32> {
    let day = calendar_day(text);
    if day.is_none() {
        faults.push(MatchFault::Date { of: of(), text: text.to_owned() });
    }
    day
}

/// A date of the Gregorian calendar as YYYYMMDD.
fn calendar_day(text: &str) -> Option<u32> {
    let bytes = text.as_bytes();
    let form = bytes.len() == 10
        && bytes.iter().enumerate().all(|(at, byte)| if at == 4 || at == 7 { *byte == b'-' } else { byte.is_ascii_digit() });
    let part = |range| text.get(range).filter(|_| form).and_then(|part: &str| part.parse::<u32>().ok());
    let (year, month, day) = (part(0..4)?, part(5..7)?, part(8..10)?);
    let leap = year % 4 == 0 && (year % 100 != 0 || year % 400 == 0);
    let days = match month {
        2 => 28 + u32::from(leap),
        4 | 6 | 9 | 11 => 30,
        1..=12 => 31,
        _ => return None,
    };
    (year > 0 && (1..=days).contains(&day)).then_some(year * 10_000 + month * 100 + day)
}

fn digest(spec: &RosterSpec) -> String {
    let mut hash = Sha256::new();
    hash.update("firmgrade/roster/v1");
    let mut lp = |text: &str| {
        hash.update(u32::try_from(text.len()).unwrap_or(u32::MAX).to_be_bytes());
        hash.update(text);
    };
    let list = |names: &[String], lp: &mut dyn FnMut(&str)| {
        lp(&names.len().to_string());
        names.iter().for_each(|name| lp(name));
    };
    let text = |text: &Option<String>| text.clone().unwrap_or_default();
    lp(&spec.per_visit.to_string());
    let (from, to) = spec.period.clone().unwrap_or_default();
    lp(&from);
    lp(&to);
    lp(&spec.visits.len().to_string());
    for visit in &spec.visits {
        lp(&visit.id);
        lp(&text(&visit.zone));
        lp(&text(&visit.day));
        list(&visit.needs, &mut lp);
        list(&visit.interests, &mut lp);
    }
    lp(&spec.inspectors.len().to_string());
    for one in &spec.inspectors {
        lp(&one.id);
        lp(&one.capacity.to_string());
        lp(&text(&one.valid_from));
        lp(&text(&one.valid_to));
        list(&one.qualifications, &mut lp);
        list(&one.zones, &mut lp);
        list(&one.interests, &mut lp);
    }
    lp(&spec.recusals.len().to_string());
    for recusal in &spec.recusals {
        lp(&recusal.visit);
        lp(&recusal.inspector);
        lp(&recusal.reason);
    }
    crate::digest::hex(hash.finalize().as_slice())
}
