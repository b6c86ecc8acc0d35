//! What a scorecard means: every check that looks at more than one place, and the checked type that comes of it.

use super::derived::derivation;
use super::load::stops;
use super::problem::Problem;
use super::spec::*;
use super::tree::Contradictions;
use super::{Action, Bands, CardColumn, Cut, Cuts, Derivation, Grades, Indicator, Measure, Rule, Scale, Scorecard, Worth, tree};
use crate::calendar::Day;
use crate::columns::{ColumnKind, Kind};
use crate::condition::Condition;
use crate::digest::sha256_hex;
use crate::score::Plan;
use std::sync::Arc;

/// The most grades, indicators or rules that a code of one or two bytes can number.
const MAX_GRADES: usize = 64;
const MAX_INDICATORS: usize = 10_000;
const MAX_RULES: usize = 10_000;

/// The checked card, or every problem found.
pub(super) fn check(spec: ScorecardSpec, contradictions: Contradictions) -> Result<Scorecard, Vec<Problem>> {
    let mut problems = Vec::new();
    header(&spec.scorecard, &mut problems);
    limits(&spec, &mut problems);
    if !(spec.ahp.max_cr >= 0.0) {
        problems.push(Problem::error(&["ahp", "max_cr"], format!("found {}, expected 0 or more", spec.ahp.max_cr)));
    }
    let (nodes, tree) = tree::build(&spec, contradictions, &mut problems);
    let mut columns = columns(&spec, &mut problems);
    let derivation = derivation(&spec, kind_of, &mut problems);
    let mut indicators = Vec::with_capacity(spec.indicators.len());
    for (id, said) in &spec.indicators {
        let parent = nodes.iter().position(|node| node.id == said.criterion).unwrap_or(0);
        let (local_weight, weight) = tree.as_ref().and_then(|tree| tree.node(id)).map_or((0.0, 0.0), |leaf| (leaf.local, leaf.global));
        if let Some(indicator) = indicator(id, said, &columns, (parent, local_weight, weight), &mut problems) {
            indicators.push(indicator);
        }
    }
    let scale = Scale {
        min: spec.scorecard.scale.min,
        max: spec.scorecard.scale.max,
        better: spec.scorecard.scale.better,
        round: spec.scorecard.scale.round,
    };
    let grades = grades(&spec, &scale, &mut problems);
    if let Some(grades) = &grades
        && !stops(&problems)
    {
        reachable(&indicators, &scale, grades, &mut problems);
    }
    let mut rules = rules(&spec, &columns, &mut problems);
    leave_to_expressions(&spec, &derivation, &mut columns, &mut rules);
    match grades {
        Some(grades) if !stops(&problems) => {
            let digest = sha256_hex(serde_json::to_string(&spec).unwrap_or_default().as_bytes());
            let plan = Arc::new(Plan::new(&nodes, &indicators));
            Ok(Scorecard { digest, nodes, indicators, columns, scale, grades, rules, derivation, warnings: problems, plan, spec })
        }
        _ => Err(problems),
    }
}

fn header(header: &Header, problems: &mut Vec<Problem>) {
    for (key, text) in [("id", &header.id), ("title", &header.title), ("version", &header.version), ("id_column", &header.id_column)] {
        if text.trim().is_empty() {
            problems.push(Problem::error(&["scorecard", key], "found an empty text"));
        }
    }
    let scale = &header.scale;
    if !(scale.min < scale.max && (scale.max - scale.min).is_finite()) {
        problems.push(Problem::error(
            &["scorecard", "scale"],
            format!("found min {} and max {}, expected min below max", scale.min, scale.max),
        ));
    }
    if scale.round.is_some_and(|round| round.decimals > 9) {
        problems.push(Problem::error(&["scorecard", "scale", "round", "decimals"], "expected at most 9 decimals"));
    }
    for (key, date) in [("effective_from", &header.effective_from), ("effective_until", &header.effective_until)] {
        if let Some(date) = date.as_ref().filter(|date| Day::parse(date).is_none()) {
            problems.push(Problem::error(&["scorecard", key], format!("found `{date}`, expected a date such as 2023-07-01")));
        }
    }
    if let (Some(from), Some(until)) = (&header.effective_from, &header.effective_until)
        && from > until
    {
        problems.push(Problem::error(&["scorecard", "effective_until"], format!("`{until}` lies before `{from}`")));
    }
}

fn limits(spec: &ScorecardSpec, problems: &mut Vec<Problem>) {
    let counts = [
        (&["grades", "order"][..], spec.grades.order.len(), MAX_GRADES),
        (&["indicators"][..], spec.indicators.len(), MAX_INDICATORS),
        (&["overrides"][..], spec.overrides.len(), MAX_RULES),
    ];
    for (path, count, limit) in counts {
        if count > limit {
            problems.push(Problem::error(path, format!("found {count} entries, expected at most {limit}")));
        }
    }
}

/// The columns that indicators and overrides read, each once.
fn columns(spec: &ScorecardSpec, problems: &mut Vec<Problem>) -> Vec<CardColumn> {
    let mut columns: Vec<CardColumn> = Vec::new();
    let mut add = |name: &str, kind: Kind, path: &[&str], problems: &mut Vec<Problem>| match columns.iter().find(|c| c.name == name) {
        Some(known) if known.kind != kind => {
            problems.push(Problem::error(path, format!("column `{name}` is read as {kind} here and as {} before", known.kind)));
        }
        Some(_) => {}
        None => columns.push(CardColumn { name: name.to_owned(), kind }),
    };
    for (id, said) in &spec.indicators {
        if let Some(kind) = kind_of(said) {
            add(said.column.as_ref().unwrap_or(id), kind, &["indicators", id], problems);
        }
    }
    for (name, column) in &spec.columns {
        match column.kind {
            ColumnKind::Number => add(name, Kind::Number, &["columns", name], problems),
            ColumnKind::Text => add(name, Kind::Text, &["columns", name], problems),
            ColumnKind::Flag => add(name, Kind::Flag, &["columns", name], problems),
            // Only expressions read dates.
            ColumnKind::Date => {}
        }
    }
    columns
}

/// Takes out the columns that only expressions read: grading does not need them.
fn leave_to_expressions(spec: &ScorecardSpec, derivation: &Derivation, columns: &mut Vec<CardColumn>, rules: &mut [Rule]) {
    let graded = |name: &str| {
        let measured = spec.indicators.iter().any(|(id, said)| said.column.as_ref().unwrap_or(id) == name);
        measured || rules.iter().any(|rule| rule.condition.columns().iter().any(|column| column == name))
    };
    let only_raw: Vec<&str> = derivation.firm_columns().iter().map(|column| column.name.as_str()).filter(|name| !graded(name)).collect();
    columns.retain(|column| !only_raw.contains(&column.name.as_str()));
    for rule in rules {
        let places = rule.condition.columns().iter().map(|name| columns.iter().position(|column| column.name == *name));
        rule.columns = places.flatten().collect();
    }
}

fn kind_of(said: &IndicatorSpec) -> Option<Kind> {
    if said.bands.is_some() || said.points.is_some() {
        Some(Kind::Number)
    } else if said.categories.is_some() {
        Some(Kind::Text)
    } else {
        said.flag.map(|_| Kind::Flag)
    }
}

fn indicator(
    id: &str,
    said: &IndicatorSpec,
    columns: &[CardColumn],
    (parent, local_weight, weight): (usize, f64, f64),
    problems: &mut Vec<Problem>,
) -> Option<Indicator> {
    let measure = measure(id, said, problems)?;
    let risks: Vec<f64> = match &measure {
        Measure::Bands(bands) => bands.risks().iter().copied().flatten().collect(),
        Measure::Points(points) => points.iter().map(|point| point.risk).collect(),
        Measure::Categories(categories) => categories.iter().map(|(_, risk)| *risk).collect(),
        Measure::Flag(flag) => vec![flag.yes, flag.no],
    };
    let best = risks.iter().copied().fold(f64::INFINITY, f64::min);
    let worst = risks.iter().copied().fold(f64::NEG_INFINITY, f64::max);
    let mut stated = |value: f64, key: &str| {
        if !(0.0..=1.0).contains(&value) {
            problems.push(Problem::error(&["indicators", id, key], format!("found {value}, expected a number from 0 to 1")));
        }
        Worth::Risk(value)
    };
    let missing = match said.missing {
        MissingSpec::Value(RiskValue { value }) => stated(value, "missing"),
        MissingSpec::Named(MissingPolicy::Error) => Worth::Error,
        MissingSpec::Named(MissingPolicy::Worst) => Worth::Risk(worst),
        MissingSpec::Named(MissingPolicy::Best) => Worth::Risk(best),
        MissingSpec::Named(MissingPolicy::Reweight) => Worth::Reweight,
    };
    let outside = match said.outside {
        OutsideSpec::Value(RiskValue { value }) => stated(value, "outside"),
        OutsideSpec::Named(OutsidePolicy::Error) => Worth::Error,
        OutsideSpec::Named(OutsidePolicy::Worst) => Worth::Risk(worst),
        OutsideSpec::Named(OutsidePolicy::Best) => Worth::Risk(best),
        OutsideSpec::Named(OutsidePolicy::Missing) => Worth::Missing,
    };
    let name = said.column.as_deref().unwrap_or(id);
    let column = columns.iter().position(|column| column.name == name)?;
    Some(Indicator {
        id: id.to_owned(),
        title: said.title.clone(),
        unit: said.unit.clone(),
        parent,
        local_weight,
        weight,
        column,
        measure,
        missing,
        outside,
        best,
        worst,
    })
}

fn measure(id: &str, said: &IndicatorSpec, problems: &mut Vec<Problem>) -> Option<Measure> {
    let before = problems.len();
    let stated: Vec<&str> = [
        ("bands", said.bands.is_some()),
        ("points", said.points.is_some()),
        ("categories", said.categories.is_some()),
        ("flag", said.flag.is_some()),
    ]
    .into_iter()
    .filter_map(|(name, there)| there.then_some(name))
    .collect();
    if stated.len() != 1 {
        let found = if stated.is_empty() { "none".to_owned() } else { stated.join(" and ") };
        let message = format!("found {found}, expected exactly one of `bands`, `points`, `categories`, `flag`");
        problems.push(Problem::error(&["indicators", id], message));
        return None;
    }
    let mut risk_at = |path: &[&str], risk: f64| {
        if !(0.0..=1.0).contains(&risk) {
            problems.push(Problem::error(path, format!("found risk {risk}, expected a number from 0 to 1")));
        }
    };
    let measure = if let Some(bands) = &said.bands {
        match Bands::new(bands) {
            Ok(bands) => Measure::Bands(bands),
            Err(faults) => {
                for (index, fault) in faults {
                    problems.push(Problem::error(&["indicators", id, "bands", &index.to_string()], fault));
                }
                return None;
            }
        }
    } else if let Some(points) = &said.points {
        for (index, point) in points.iter().enumerate() {
            risk_at(&["indicators", id, "points", &index.to_string()], point.risk);
        }
        Measure::Points(ordered(id, points, problems)?)
    } else if let Some(categories) = &said.categories {
        for (name, risk) in categories {
            risk_at(&["indicators", id, "categories", name], *risk);
        }
        if categories.is_empty() {
            problems.push(Problem::error(&["indicators", id, "categories"], "found no category, expected at least one"));
        }
        Measure::Categories(categories.iter().map(|(name, risk)| (name.clone(), *risk)).collect())
    } else {
        let flag = said.flag?;
        risk_at(&["indicators", id, "flag", "true"], flag.yes);
        risk_at(&["indicators", id, "flag", "false"], flag.no);
        Measure::Flag(flag)
    };
    (problems.len() == before).then_some(measure)
}

/// Points in ascending order; a list that falls throughout is turned round.
fn ordered(id: &str, points: &[PointSpec], problems: &mut Vec<Problem>) -> Option<Vec<PointSpec>> {
    let path = ["indicators", id, "points"];
    let neighbours = || points.iter().zip(points.iter().skip(1));
    let span = |a: &PointSpec, b: &PointSpec| (b.at - a.at).is_finite();
    if points.len() < 2 {
        problems.push(Problem::error(&path, format!("found {} points, expected at least two", points.len())));
    } else if !neighbours().all(|(a, b)| span(a, b)) {
        // Counter-example: from −1e308 to 1e308 the span is infinite and the line between them NaN.
        problems.push(Problem::error(&path, "two neighbours are further apart than a number can hold"));
    } else if neighbours().all(|(a, b)| a.at < b.at) {
        return Some(points.to_vec());
    } else if neighbours().all(|(a, b)| a.at > b.at) {
        return Some(points.iter().rev().copied().collect());
    } else {
        problems.push(Problem::error(&path, "the points neither rise nor fall throughout"));
    }
    None
}

fn grades(spec: &ScorecardSpec, scale: &Scale, problems: &mut Vec<Problem>) -> Option<Grades> {
    let before = problems.len();
    let said = &spec.grades;
    let mut names = said.order.clone();
    for (index, name) in names.iter().enumerate() {
        if name.trim().is_empty() {
            problems.push(Problem::error(&["grades", "order", &index.to_string()], "found an empty name"));
        }
        if names.iter().take(index).any(|other| other == name) {
            problems.push(Problem::error(&["grades", "order", &index.to_string()], format!("grade `{name}` stands here twice")));
        }
    }
    let scored = names.len().saturating_sub(said.by_rule.len());
    if scored == 0 {
        problems.push(Problem::error(&["grades", "order"], "found no grade that a score can give, expected at least one"));
    }
    if names.iter().skip(scored).ne(said.by_rule.iter()) {
        let message = format!("found {}, expected the last grades of `order`, in that order", said.by_rule.join(", "));
        problems.push(Problem::error(&["grades", "by_rule"], message));
    }
    for name in said.titles.keys().filter(|name| !names.contains(name) && said.insufficient.as_ref().is_none_or(|i| i.grade != **name)) {
        problems.push(unknown_grade(&["grades", "titles", name], name, &names));
    }
    if let Some(class) = &said.insufficient {
        if names.contains(&class.grade) {
            let message = format!("`{}` is a grade already, expected a name of its own", class.grade);
            problems.push(Problem::error(&["grades", "insufficient", "grade"], message));
        }
        if !(class.coverage_below > 0.0 && class.coverage_below <= 1.0) {
            let message = format!("found {}, expected a number above 0 and at most 1", class.coverage_below);
            problems.push(Problem::error(&["grades", "insufficient", "coverage_below"], message));
        }
    }
    let cuts = match (&said.cuts, &said.shares) {
        (Some(cuts), None) => fixed_cuts(cuts, scored, scale, problems),
        (None, Some(shares)) => shares_of(shares, &names, scored, problems),
        (None, None) if scored == 1 => Some(Cuts::Fixed(Vec::new())),
        _ => {
            problems.push(Problem::error(&["grades"], "expected exactly one of `cuts` and `shares`"));
            None
        }
    };
    let ordered = names.len();
    names.extend(said.insufficient.iter().map(|class| class.grade.clone()));
    let cuts = cuts.filter(|_| problems.len() == before)?;
    Some(Grades { names, ordered, scored, cuts, coverage_below: said.insufficient.as_ref().map(|class| class.coverage_below) })
}

fn unknown_grade(path: &[&str], name: &str, names: &[String]) -> Problem {
    let message = format!("there is no grade `{name}`, expected one of {}", names.join(", "));
    Problem::error(path, message).did_you_mean(name, names.iter().map(String::as_str))
}

fn fixed_cuts(cuts: &[String], scored: usize, scale: &Scale, problems: &mut Vec<Problem>) -> Option<Cuts> {
    let before = problems.len();
    if cuts.len() + 1 != scored {
        let message = format!("found {} cuts for {scored} scored grades, expected {}", cuts.len(), scored.saturating_sub(1));
        problems.push(Problem::error(&["grades", "cuts"], message).help("the last scored grade takes the rest"));
    }
    let mut parsed: Vec<Cut> = Vec::with_capacity(cuts.len());
    for (index, text) in cuts.iter().enumerate() {
        match parse_cut(text, scale.better) {
            Ok(cut) => parsed.push(cut),
            Err(message) => problems.push(Problem::error(&["grades", "cuts", &index.to_string()], message)),
        }
    }
    if parsed.len() == cuts.len() {
        for (index, (cut, next)) in parsed.iter().zip(parsed.iter().skip(1)).enumerate() {
            let falls = match scale.better {
                Better::High => cut.score > next.score,
                Better::Low => cut.score < next.score,
            };
            // The same score twice leaves one grade the score itself when the first end is open and the second closed.
            let single = cut.score == next.score && !cut.closed && next.closed;
            if !falls && !single {
                let at = (index + 1).to_string();
                let (this, that) = (cuts.get(index + 1).map_or("", String::as_str), cuts.get(index).map_or("", String::as_str));
                let message = format!("`{this}` comes after `{that}` and leaves the grade between them nothing");
                problems.push(Problem::error(&["grades", "cuts", &at], message).help("cuts go from the best grade to the worst"));
            }
        }
    }
    (problems.len() == before).then_some(Cuts::Fixed(parsed))
}

fn parse_cut(text: &str, better: Better) -> Result<Cut, String> {
    let trimmed = text.trim();
    let (operator, number) = trimmed.split_at(trimmed.find(|c: char| !matches!(c, '<' | '>' | '=')).unwrap_or(trimmed.len()));
    let closed = match (operator, better) {
        (">=", Better::High) | ("<=", Better::Low) => true,
        (">", Better::High) | ("<", Better::Low) => false,
        (_, Better::High) => return Err(format!("found `{text}`, expected `>= number` or `> number`, as high scores are better")),
        (_, Better::Low) => return Err(format!("found `{text}`, expected `<= number` or `< number`, as low scores are better")),
    };
    match number.trim().parse::<f64>() {
        Ok(score) if score.is_finite() => Ok(Cut { score, closed }),
        _ => Err(format!("found `{text}`, expected a number after `{operator}`")),
    }
}

fn shares_of(shares: &indexmap::IndexMap<String, f64>, names: &[String], scored: usize, problems: &mut Vec<Problem>) -> Option<Cuts> {
    let before = problems.len();
    for (name, share) in shares {
        if !names.iter().take(scored).any(|known| known == name) {
            problems.push(unknown_grade(&["grades", "shares", name], name, names.get(..scored).unwrap_or_default()));
        }
        if !(0.0..=1.0).contains(share) {
            problems.push(Problem::error(&["grades", "shares", name], format!("found {share}, expected a number from 0 to 1")));
        }
    }
    for name in names.iter().take(scored).filter(|name| !shares.contains_key(*name)) {
        problems.push(Problem::error(&["grades", "shares"], format!("grade `{name}` has no share")));
    }
    let sum: f64 = shares.values().sum();
    if !((sum - 1.0).abs() <= 1e-6) {
        problems.push(Problem::error(&["grades", "shares"], format!("the shares sum to {sum}, expected 1")));
    }
    let ordered = names.iter().take(scored).map(|name| shares.get(name).copied().unwrap_or(0.0)).collect();
    (problems.len() == before).then_some(Cuts::Shares(ordered))
}

/// Warns of grades that no score can give.
fn reachable(indicators: &[Indicator], scale: &Scale, grades: &Grades, problems: &mut Vec<Problem>) {
    let Cuts::Fixed(cuts) = &grades.cuts else { return };
    if indicators.is_empty() {
        if !cuts.is_empty() {
            let message = "a card without indicators gives every firm the same score";
            problems.push(Problem::error(&["grades", "cuts"], message).help("name the grades that rules give in `by_rule`"));
        }
        return;
    }
    let extreme = |indicator: &Indicator, pick: fn(f64, f64) -> f64, own: f64| -> f64 {
        [indicator.missing, indicator.outside].iter().fold(own, |so_far, worth| match worth {
            Worth::Risk(risk) => pick(so_far, *risk),
            _ => so_far,
        })
    };
    let lowest: f64 = indicators.iter().map(|i| i.weight * extreme(i, f64::min, i.best)).sum();
    let highest: f64 = indicators.iter().map(|i| i.weight * extreme(i, f64::max, i.worst)).sum();
    // With weight shared among siblings the mean can leave this range, never [0, 1].
    let (lowest, highest) = if indicators.iter().any(|i| i.missing == Worth::Reweight) { (0.0, 1.0) } else { (lowest, highest) };
    let (best, worst) = (scale.score(lowest.clamp(0.0, 1.0)), scale.score(highest.clamp(0.0, 1.0)));
    let (first, last) = (grades.of_score(cuts, scale.better, best), grades.of_score(cuts, scale.better, worst));
    for (index, name) in grades.names.iter().take(grades.scored).enumerate() {
        if index < usize::from(first) || index > usize::from(last) {
            let message = format!("no score gives grade `{name}`: attainable are scores from {worst} to {best}");
            problems.push(Problem::warning(&["grades", "order", &index.to_string()], message));
        }
    }
}

fn rules(spec: &ScorecardSpec, columns: &[CardColumn], problems: &mut Vec<Problem>) -> Vec<Rule> {
    let known: Vec<&str> = columns.iter().map(|column| column.name.as_str()).collect();
    let kinds = |name: &str| columns.iter().find(|column| column.name == name).map(|column| column.kind);
    let mut rules = Vec::with_capacity(spec.overrides.len());
    for (index, said) in spec.overrides.iter().enumerate() {
        let at = index.to_string();
        if said.id.trim().is_empty() {
            problems.push(Problem::error(&["overrides", &at, "id"], "found an empty text"));
        }
        if spec.overrides.iter().take(index).any(|other| other.id == said.id) {
            problems.push(Problem::error(&["overrides", &at, "id"], format!("override `{}` stands here twice", said.id)));
        }
        let action = action(said, &at, &spec.grades, problems);
        match Condition::parse(&said.when, kinds, &known) {
            Ok(condition) => {
                let columns = condition.columns().iter().filter_map(|name| known.iter().position(|other| other == name)).collect();
                if let Some(action) = action {
                    let (id, title, basis) = (said.id.clone(), said.title.clone(), said.basis.clone());
                    rules.push(Rule { id, title, basis, condition, columns, action });
                }
            }
            Err(faults) => {
                problems.extend(faults.into_iter().map(|fault| Problem::error(&["overrides", &at, "when"], fault.to_string())));
            }
        }
    }
    rules
}

fn action(said: &OverrideSpec, at: &str, grades: &GradesSpec, problems: &mut Vec<Problem>) -> Option<Action> {
    let names = grades.order.as_slice();
    let mut find = |key: &str, name: &String| {
        let found = names.iter().position(|known| known == name).and_then(|index| u8::try_from(index).ok());
        if found.is_none() {
            problems.push(unknown_grade(&["overrides", at, key], name, names));
        }
        found
    };
    match (&said.set, said.shift, &said.cap) {
        (Some(name), None, None) => find("set", name).map(Action::Set),
        (None, Some(0), _) => {
            problems.push(Problem::error(&["overrides", at, "shift"], "found 0, expected a number of grades other than 0"));
            None
        }
        (None, Some(by), Some(cap)) => find("cap", cap).map(|cap| Action::Shift { by, cap }),
        (None, Some(by), None) => {
            // Without a cap a shift ends at the last grade that a score can give: what only rules give is set by name.
            let cap = if by > 0 { u8::try_from(names.len().checked_sub(grades.by_rule.len() + 1)?).ok()? } else { 0 };
            Some(Action::Shift { by, cap })
        }
        (Some(_), None, Some(_)) => {
            problems.push(Problem::error(&["overrides", at, "cap"], "found `cap` beside `set`, expected it beside `shift`"));
            None
        }
        _ => {
            problems.push(Problem::error(&["overrides", at], "expected exactly one of `set` and `shift`"));
            None
        }
    }
}
