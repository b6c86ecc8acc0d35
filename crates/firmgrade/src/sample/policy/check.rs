//! What a policy means: every check that looks at more than one place, and the checked type that comes of it.

use super::super::frame::nfc;
use super::super::results::Codes;
use super::super::{Rate, Rounding};
use super::{
    Amount, Cap, Exclusion, Item, ItemClass, ItemRate, Policy, PolicySpec, RateSpec, RateTable, RatioSpec, Validation, ValidationSpec, When,
};
use crate::calendar::Day;
use crate::card::{Problem, Severity};
use crate::window::Window;
use indexmap::IndexMap;
use std::collections::BTreeSet;

/// What the shape check puts in where a text is missing, which it has reported already.
const STAND_IN: &str = "?";

/// Stands where a rate was refused, so that nothing else is said about it.
const REFUSED: ItemRate = ItemRate { rule: Rounding::AtLeast, amount: Amount::Ratio(Rate { num: 1, den: 1 }), floor: None };

/// The largest denominator of an expected share: with it the squares of Neyman's allocation fit 128 bits.
const MOST_PARTS: u64 = 1_000_000;

/// Problems found so far.
struct Found(Vec<Problem>);

impl Found {
    fn error(&mut self, path: &[&str], message: impl Into<String>) {
        self.0.push(Problem::error(path, message));
    }

    fn warn(&mut self, path: &[&str], message: impl Into<String>) {
        self.0.push(Problem::warning(path, message));
    }

    fn filled(&mut self, path: &[&str], text: &str) {
        if text.trim().is_empty() {
            self.error(path, "found an empty text");
        }
    }

    /// A ratio from 0 to 1.
    fn rate(&mut self, path: &[&str], ratio: &RatioSpec) -> Option<Rate> {
        ratio.rate().map_err(|why| self.error(path, why)).ok()
    }

    fn window(&mut self, path: &[&str], text: &str) -> Option<Window> {
        let window = Window::parse(text);
        if window.is_none() && text != STAND_IN {
            self.error(path, format!("found `{text}`, expected a window such as `12 months`, `90 days` or `2 years`"));
        }
        window
    }

    fn day(&mut self, path: &[&str], text: &str) -> Option<Day> {
        let day = Day::parse(text);
        if day.is_none() && text != STAND_IN {
            self.error(path, format!("found `{text}`, expected a date such as 2027-01-01"));
        }
        day
    }

    /// Names that stand in a list more than once.
    fn once<'n>(&mut self, names: impl Iterator<Item = (Vec<&'n str>, &'n str)>) {
        let mut seen = BTreeSet::new();
        for (path, name) in names {
            self.filled(&path, name);
            if name != STAND_IN && !seen.insert(nfc(name)) {
                self.error(&path, format!("`{name}` stands here twice"));
            }
        }
    }

    fn grade(&mut self, path: &[&str], name: &str, grades: &[String]) -> Option<usize> {
        let at = grades.iter().position(|grade| grade == name);
        if at.is_none() {
            let problem =
                Problem::error(path, format!("`{name}` is no grade of this policy")).did_you_mean(name, grades.iter().map(String::as_str));
            self.0.push(problem);
        }
        at
    }

    fn stops(&self) -> bool {
        self.0.iter().any(|problem| problem.severity == Severity::Error)
    }
}

/// The checked policy, or every problem found.
pub(super) fn check(mut spec: PolicySpec) -> Result<Policy, Vec<Problem>> {
    let mut found = Found(Vec::new());
    let period = header(&spec, &mut found);
    let floor = floor(&spec, &mut found);
    let items = items(&spec, floor, &mut found);
    let caps = caps(&spec, &mut found);
    let exclusions = exclusions(&spec, &mut found);
    let top_up = top_up(&spec, &mut found);
    let validation = spec.validation.as_ref().and_then(|said| validation(said, &spec.policy.grades, &items, &mut found));
    let recent = recent(&spec, &mut found);
    let days = visits(&spec, &mut found);
    for (code, _) in &spec.results {
        found.filled(&["results", code], code);
    }
    triggered(&spec.policy.grades, &items, &mut found);
    let (Some(period), Some(floor), Some(days), false) = (period, floor, days, found.stops()) else { return Err(found.0) };
    let codes = Codes::new(&spec.results);
    normalise(&mut spec, &items, floor, &top_up, validation.as_ref(), recent.map(|(weight, _)| weight), days, &codes);
    let digest = Policy::digest_of(&spec);
    Ok(Policy { spec, digest, period, items, caps, exclusions, floor, top_up, validation, recent, days, codes, warnings: found.0 })
}

fn header(spec: &PolicySpec, found: &mut Found) -> Option<(Day, Day)> {
    let said = &spec.policy;
    for (key, text) in [("plan_id", &said.plan_id), ("title", &said.title)] {
        found.filled(&["policy", key], text);
    }
    if said.grades.is_empty() {
        found.error(&["policy", "grades"], "found no grades, expected at least one, best first");
    }
    let numbers: Vec<String> = (0..said.grades.len()).map(|at| at.to_string()).collect();
    found.once(said.grades.iter().zip(&numbers).map(|(grade, at)| (vec!["policy", "grades", at.as_str()], grade.as_str())));
    let numbers: Vec<String> = (0..spec.draw.strata.len()).map(|at| at.to_string()).collect();
    found.once(spec.draw.strata.iter().zip(&numbers).map(|(column, at)| (vec!["draw", "strata", at.as_str()], column.as_str())));
    if spec.draw.waves == 0 {
        found.error(&["draw", "waves"], "found 0, expected at least 1");
    }
    let from = found.day(&["policy", "period", "from"], &said.period.from);
    let to = found.day(&["policy", "period", "to"], &said.period.to);
    if let (Some(from), Some(to)) = (from, to)
        && to < from
    {
        found.error(&["policy", "period", "to"], format!("`{to}` lies before `{from}`"));
    }
    from.zip(to)
}

fn floor(spec: &PolicySpec, found: &mut Found) -> Option<Rate> {
    found.rate(&["floor", "ratio"], &spec.floor.ratio)
}

fn top_up(spec: &PolicySpec, found: &mut Found) -> Vec<usize> {
    let grades = &spec.policy.grades;
    if spec.floor.top_up.is_empty() {
        return (0..grades.len()).rev().collect();
    }
    let numbers: Vec<String> = (0..spec.floor.top_up.len()).map(|at| at.to_string()).collect();
    found.once(spec.floor.top_up.iter().zip(&numbers).map(|(grade, at)| (vec!["floor", "top_up", at.as_str()], grade.as_str())));
    let named = spec.floor.top_up.iter().zip(&numbers);
    named.filter_map(|(grade, at)| found.grade(&["floor", "top_up", at], grade, grades)).collect()
}

fn items(spec: &PolicySpec, floor: Option<Rate>, found: &mut Found) -> Vec<Item> {
    if spec.items.is_empty() {
        found.error(&["items"], "found no items, expected at least one");
    }
    let numbers: Vec<String> = (0..spec.items.len()).map(|at| at.to_string()).collect();
    found.once(spec.items.iter().zip(&numbers).map(|(item, at)| (vec!["items", at.as_str(), "id"], item.id.as_str())));
    let mut items = Vec::with_capacity(spec.items.len());
    for (said, at) in spec.items.iter().zip(&numbers) {
        for (key, text) in [("name", &said.name), ("department", &said.department)] {
            found.filled(&["items", at, key], text);
        }
        for grade in said.rates.keys() {
            found.grade(&["items", at, "rates", grade], grade, &spec.policy.grades);
        }
        let mut rates = Vec::with_capacity(spec.policy.grades.len());
        for grade in &spec.policy.grades {
            let rate = match said.rates.get(grade) {
                Some(RateSpec::Bare(ratio)) => {
                    let alone =
                        |_| format!("found `{0}` alone, expected a rule as well: `{{ rule = \"at_least\", ratio = \"{0}\" }}`", ratio.0);
                    let why = ratio.parse().map_or_else(|why| why, alone);
                    found.error(&["items", at, "rates", grade], why);
                    None
                }
                Some(RateSpec::Rate(table)) => rate(&["items", at, "rates", grade], table, floor, found),
                None => {
                    let remedy = "where its firms are inspected on a trigger only, write `{ rule = \"exactly\", count = 0 }`";
                    found.error(&["items", at, "rates"], format!("grade `{grade}` has no rate; {remedy}"));
                    None
                }
            };
            rates.push(rate.unwrap_or(REFUSED));
        }
        items.push(Item {
            id: said.id.clone(),
            name: said.name.clone(),
            basis: said.basis.clone(),
            department: said.department.clone(),
            class: said.class,
            qualification: said.qualification.clone(),
            rates,
        });
    }
    items
}

fn rate(path: &[&str], said: &RateTable, global: Option<Rate>, found: &mut Found) -> Option<ItemRate> {
    let inner = |key| path.iter().copied().chain([key]).collect::<Vec<&str>>();
    let stated = said.floor.as_ref().and_then(|floor| found.rate(&inner("floor"), floor));
    match (&said.ratio, said.count) {
        (Some(ratio), None) => {
            let ratio = found.rate(&inner("ratio"), ratio)?;
            if let Some(floor) = stated.filter(|floor| ratio.max(*floor) != ratio && !ratio.equals(*floor)) {
                found.error(&inner("floor"), format!("the floor {floor} lies above the ratio {ratio}"));
            }
            if stated.is_some() && said.rule == Rounding::Exactly {
                found.error(&inner("floor"), "an exact rate is not scaled; write `at_least` or `at_most`, or leave `floor` out");
            }
            // A raised rate is one above the floor of all; a budget takes it back to that floor at most.
            let raised = global.filter(|global| global.num > 0 && !global.equals(ratio) && global.max(ratio) == ratio);
            let floor = stated.or(raised.filter(|_| said.rule != Rounding::Exactly));
            Some(ItemRate { rule: said.rule, amount: Amount::Ratio(ratio), floor })
        }
        (None, Some(count)) => {
            if said.floor.is_some() {
                found.error(&inner("floor"), "a count is not scaled; state a ratio, or leave `floor` out");
            }
            Some(ItemRate { rule: said.rule, amount: Amount::Count(count), floor: None })
        }
        (None, None) => {
            found.error(path, "found neither `ratio` nor `count`, expected one of them");
            None
        }
        (Some(_), Some(_)) => {
            found.error(path, "found both `ratio` and `count`, expected one of them");
            None
        }
    }
}

fn caps(spec: &PolicySpec, found: &mut Found) -> Vec<Option<Cap>> {
    let said = &spec.frequency;
    found.filled(&["frequency", "code"], &said.code);
    for kind in said.counted.iter().filter(|kind| said.not_counted.contains(kind)) {
        found.error(&["frequency", "not_counted"], format!("`{kind}` stands in `counted` as well"));
    }
    if !said.caps.is_empty() && spec.items.iter().all(|item| item.class == ItemClass::Key) {
        found.warn(&["frequency", "caps"], "caps hold for general items, and all items of this policy are key items");
    }
    for (grade, cap) in &said.caps {
        found.grade(&["frequency", "caps", grade], grade, &spec.policy.grades);
        if cap.visits == 0 {
            found.error(&["frequency", "caps", grade, "visits"], "found 0, expected at least 1; where nobody is drawn, write a rate of 0");
        }
    }
    let mut caps = Vec::with_capacity(spec.policy.grades.len());
    for grade in &spec.policy.grades {
        let cap = said.caps.get(grade);
        if cap.is_none() && !said.caps.is_empty() {
            found.warn(
                &["frequency", "caps"],
                format!("grade `{grade}` has no cap, though others have: nothing limits how often its firms are inspected"),
            );
        }
        caps.push(
            cap.and_then(|cap| {
                Some(Cap { visits: cap.visits, window: found.window(&["frequency", "caps", grade, "window"], &cap.window)? })
            }),
        );
    }
    caps
}

fn exclusions(spec: &PolicySpec, found: &mut Found) -> Vec<Exclusion> {
    let numbers: Vec<String> = (0..spec.exclusions.len()).map(|at| at.to_string()).collect();
    let codes = spec.exclusions.iter().zip(&numbers).map(|(said, at)| (vec!["exclusions", at.as_str(), "code"], said.code.as_str()));
    let cap = (vec!["frequency", "code"], spec.frequency.code.as_str());
    found.once(std::iter::once(cap).filter(|_| !spec.frequency.caps.is_empty()).chain(codes));
    let mut exclusions = Vec::with_capacity(spec.exclusions.len());
    for (said, at) in spec.exclusions.iter().zip(&numbers) {
        let when = match (&said.within, &said.flag) {
            (Some(window), None) => found.window(&["exclusions", at, "within"], window).map(When::Within),
            (None, Some(column)) => {
                found.filled(&["exclusions", at, "flag"], column);
                Some(When::Flag(column.clone()))
            }
            (None, None) => {
                found.error(&["exclusions", at], "found neither `within` nor `flag`, expected one of them");
                None
            }
            (Some(_), Some(_)) => {
                found.error(&["exclusions", at], "found both `within` and `flag`, expected one of them");
                None
            }
        };
        exclusions.extend(when.map(|when| Exclusion { code: said.code.clone(), title: said.title.clone(), when }));
    }
    exclusions
}

fn validation(said: &ValidationSpec, grades: &[String], items: &[Item], found: &mut Found) -> Option<Validation> {
    for grade in said.expected.keys() {
        found.grade(&["validation", "expected", grade], grade, grades);
    }
    let mut expected = Vec::with_capacity(grades.len());
    for (at, grade) in grades.iter().enumerate() {
        match said.expected.get(grade) {
            Some(ratio) => {
                let rate = found.rate(&["validation", "expected", grade], ratio);
                if rate.is_some_and(|rate| rate.den > MOST_PARTS) {
                    found.error(
                        &["validation", "expected", grade],
                        format!("found `{}`, expected at most four decimals of a per cent", ratio.0),
                    );
                }
                expected.extend(rate);
            }
            None => found.error(&["validation", "expected"], format!("grade `{grade}` has no expected share of firms with violations")),
        }
        let never = |item: &Item| item.rates.get(at).is_none_or(|rate| rate.rule != Rounding::AtLeast && rate.amount.is_zero());
        if !items.is_empty() && items.iter().all(never) {
            found.error(
                &["validation"],
                format!("grade `{grade}` allows no firm to be drawn, and the validation part needs every grade; let an item say `{{ rule = \"at_least\", count = 0 }}` for it"),
            );
        }
    }
    if said.floor == 0 {
        found.error(&["validation", "floor"], "found 0, expected at least 1 firm of each grade; 2 are needed for a variance");
    }
    let least = said.floor.saturating_mul(grades.len() as u64);
    if said.firms < least {
        found.error(&["validation", "firms"], format!("found {}, expected at least {least}: {} of each grade", said.firms, said.floor));
    }
    if expected.len() == grades.len() && expected.iter().all(|rate| rate.num == 0 || rate.num == rate.den) {
        found.error(
            &["validation", "expected"],
            "every share is 0 or 1, so nothing tells where firms are most useful; expected one between",
        );
    }
    (expected.len() == grades.len()).then_some(Validation { firms: said.firms, floor: said.floor, expected })
}

fn recent(spec: &PolicySpec, found: &mut Found) -> Option<(Rate, Window)> {
    let said = spec.recent.as_ref()?;
    let weight = found.rate(&["recent", "weight"], &said.weight);
    if weight.is_some_and(|weight| weight.num == 0) {
        found.error(&["recent", "weight"], "found 0, expected more; to leave firms out, write an exclusion with `within`");
    }
    if spec.items.len() > 1 {
        found.error(
            &["recent"],
            "several items share one ticket for each firm, which allows one rate in a stratum only; use an exclusion with `within`",
        );
    }
    weight.zip(found.window(&["recent", "within"], &said.within))
}

fn visits(spec: &PolicySpec, found: &mut Found) -> Option<(u64, u64)> {
    let said = &spec.visits;
    if said.inspectors < 2 {
        found.error(&["visits", "inspectors"], format!("found {}, expected at least 2", said.inspectors));
    }
    if said.deadline_days == 0 {
        found.error(&["visits", "deadline_days"], "found 0, expected at least 1");
    }
    let days = said.days.parse().map_err(|why| found.error(&["visits", "days"], why)).ok()?;
    if days.0 == 0 {
        found.error(&["visits", "days"], "found 0, expected more");
    }
    Some(days)
}

/// Grades of which nobody is drawn by any item.
fn triggered(grades: &[String], items: &[Item], found: &mut Found) {
    for (at, grade) in grades.iter().enumerate() {
        let never = |item: &Item| item.rates.get(at).is_some_and(|rate| rate.amount.is_zero());
        if !items.is_empty() && items.iter().all(never) {
            found.warn(
                &["items", "0", "rates", grade],
                format!("grade `{grade}` is inspected on a trigger only: no statement about it will be possible, such as how many of its firms break rules, or whether the grades separate"),
            );
        }
    }
}

/// Ratios as `num/den`, the order of topping up and all codes written out: what means the same has the same digest.
#[expect(clippy::too_many_arguments, reason = "each is a part of the policy that was read from its text")]
fn normalise(
    spec: &mut PolicySpec,
    items: &[Item],
    floor: Rate,
    top_up: &[usize],
    validation: Option<&Validation>,
    weight: Option<Rate>,
    days: (u64, u64),
    codes: &Codes,
) {
    let ratio = |rate: Rate| RatioSpec(rate.to_string());
    for (said, item) in spec.items.iter_mut().zip(items) {
        said.rates = spec.policy.grades.iter().cloned().zip(&item.rates).map(|(grade, rate)| (grade, written(*rate))).collect();
    }
    spec.floor.ratio = ratio(floor);
    spec.floor.top_up = top_up.iter().filter_map(|at| spec.policy.grades.get(*at).cloned()).collect();
    if let (Some(said), Some(validation)) = (&mut spec.validation, validation) {
        said.expected = spec.policy.grades.iter().cloned().zip(validation.expected.iter().map(|rate| ratio(*rate))).collect();
    }
    if let (Some(said), Some(weight)) = (&mut spec.recent, weight) {
        said.weight = ratio(weight);
    }
    spec.visits.days = RatioSpec(format!("{}/{}", days.0, days.1));
    spec.visits.recusal.sort_unstable();
    spec.visits.recusal.dedup();
    spec.results = codes.outcomes().iter().map(|(code, outcome)| (code.clone(), *outcome)).collect::<IndexMap<_, _>>();
}

fn written(rate: ItemRate) -> RateSpec {
    let (ratio, count) = match rate.amount {
        Amount::Ratio(ratio) => (Some(RatioSpec(ratio.to_string())), None),
        Amount::Count(count) => (None, Some(count)),
    };
    RateSpec::Rate(RateTable { rule: rate.rule, ratio, count, floor: rate.floor.map(|floor| RatioSpec(floor.to_string())) })
}

// A general item keeps to the caps; the planner asks for it by class.
impl Item {
    /// Whether firms that have reached their cap are left out.
    #[must_use]
    pub fn keeps_to_caps(&self) -> bool {
        self.class == ItemClass::General
    }
}
