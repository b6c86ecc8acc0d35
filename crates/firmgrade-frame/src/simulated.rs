//! Simulated years as a table.

use crate::graded::numbers;
use firmgrade::evaluate::Estimate;
use firmgrade::simulate::Years;
use polars::prelude::*;

/// A grade in a year: its true rate, that of the random rows, that of all rows.
type GradeRates = (f64, Option<Estimate>, Option<f64>);

/// One row for each policy, year and grade, in this order: `policy`, `year`, `grade`, `firms`, `truth` (the share that violates), `random` (visits
/// drawn at random that had an outcome), `weighted` with `low` and `high` (the rate of random rows), `inspected`, `pooled` (the rate of
/// all rows, as if all were random).
///
/// # Errors
/// None that names of columns could cause.
pub fn simulated_grades(runs: &[Years]) -> PolarsResult<DataFrame> {
    let rows: Vec<_> = runs
        .iter()
        .flat_map(|run| run.years.iter().flat_map(move |year| year.learnt.grades.iter().map(move |grade| (run, year, grade))))
        .collect();
    let known = |value: Option<f64>| value.unwrap_or(f64::NAN);
    let part = |of: fn(&Estimate) -> f64| rows.iter().map(|(_, _, grade)| known(grade.weighted.as_ref().map(of))).collect::<Vec<_>>();
    let columns = vec![
        text("policy", rows.iter().map(|(run, _, _)| run.policy.name.as_str())),
        whole("year", rows.iter().map(|(_, year, _)| u64::from(year.year))),
        text("grade", rows.iter().map(|(_, _, grade)| grade.grade.as_str())),
        whole("firms", rows.iter().map(|(_, _, grade)| grade.firms)),
        numbers("truth", &rows.iter().map(|(_, _, grade)| known(grade.truth)).collect::<Vec<_>>()),
        whole("random", rows.iter().map(|(_, _, grade)| grade.random)),
        numbers("weighted", &part(|rate| rate.value)),
        numbers("low", &part(|rate| rate.low)),
        numbers("high", &part(|rate| rate.high)),
        whole("inspected", rows.iter().map(|(_, _, grade)| grade.inspected)),
        numbers("pooled", &rows.iter().map(|(_, _, grade)| known(grade.pooled)).collect::<Vec<_>>()),
    ];
    DataFrame::new(rows.len(), columns)
}

/// One row for each policy and year: `policy`, `year`, `violating`, `visits`, `random`, `special`, `event`, `unreachable`, `found`,
/// `found_random`, `found_special`, `found_event`, `visits_clean`, `most_visits`, `auc_truth`, `auc_weighted` with `auc_low` and `auc_high`,
/// `auc_pooled`.
///
/// # Errors
/// None that names of columns could cause.
pub fn simulated_years(runs: &[Years]) -> PolarsResult<DataFrame> {
    let rows: Vec<_> = runs.iter().flat_map(|run| run.years.iter().map(move |year| (run, year))).collect();
    type Of = fn(&firmgrade::simulate::Year) -> u64;
    let counts: [(&str, Of); 12] = [
        ("violating", |year| year.violating),
        ("visits", firmgrade::simulate::Year::visits),
        ("random", |year| year.random),
        ("special", |year| year.special),
        ("event", |year| year.event),
        ("unreachable", |year| year.unreachable),
        ("found", firmgrade::simulate::Year::found),
        ("found_random", |year| year.found_random),
        ("found_special", |year| year.found_special),
        ("found_event", |year| year.found_event),
        ("visits_clean", |year| year.visits_clean),
        ("most_visits", |year| u64::from(year.most_visits)),
    ];
    let mut columns = vec![
        text("policy", rows.iter().map(|(run, _)| run.policy.name.as_str())),
        whole("year", rows.iter().map(|(_, year)| u64::from(year.year))),
    ];
    columns.extend(counts.map(|(name, of)| whole(name, rows.iter().map(|(_, year)| of(year)))));
    let area = |name: &str, of: fn(&firmgrade::simulate::Learnt) -> Option<f64>| {
        numbers(name, &rows.iter().map(|(_, year)| of(&year.learnt).unwrap_or(f64::NAN)).collect::<Vec<_>>())
    };
    columns.extend([
        area("auc_truth", |learnt| learnt.auc_truth),
        area("auc_weighted", |learnt| learnt.auc_weighted.map(|auc| auc.value)),
        area("auc_low", |learnt| learnt.auc_weighted.map(|auc| auc.low)),
        area("auc_high", |learnt| learnt.auc_weighted.map(|auc| auc.high)),
        area("auc_pooled", |learnt| learnt.auc_pooled),
    ]);
    DataFrame::new(rows.len(), columns)
}

/// One row for each policy: `policy`, `visits`, `found` and `visits_clean` over all years, `found_per_visit`, `random`, `violating_last` (firms
/// that violate in the last year); then, over all grades and years with firms, `known` (the share of which random rows give a rate),
/// `error_weighted` and `error_pooled` (mean distance of the estimated rate from the truth, where there is an estimate) and `covered` (the share of
/// intervals that hold the truth).
///
/// # Errors
/// None that names of columns could cause.
pub fn simulated_summary(runs: &[Years]) -> PolarsResult<DataFrame> {
    let sum = |run: &Years, of: fn(&firmgrade::simulate::Year) -> u64| run.years.iter().map(of).sum::<u64>();
    let totals = |name: &str, of: fn(&firmgrade::simulate::Year) -> u64| whole(name, runs.iter().map(|run| sum(run, of)));
    let visits = firmgrade::simulate::Year::visits;
    let found = firmgrade::simulate::Year::found;
    let mut columns = vec![
        text("policy", runs.iter().map(|run| run.policy.name.as_str())),
        totals("visits", visits),
        totals("found", found),
        totals("visits_clean", |year| year.visits_clean),
        numbers("found_per_visit", &runs.iter().map(|run| sum(run, found) as f64 / sum(run, visits) as f64).collect::<Vec<_>>()),
        totals("random", |year| year.random),
        whole("violating_last", runs.iter().map(|run| run.years.last().map_or(0, |year| year.violating))),
    ];
    let grades = |run: &Years| -> Vec<GradeRates> {
        let all = run.years.iter().flat_map(|year| &year.learnt.grades);
        all.filter_map(|grade| Some((grade.truth?, grade.weighted, grade.pooled))).collect()
    };
    let mean = |name: &str, of: fn(&GradeRates) -> Option<f64>| {
        let one = |run: &Years| {
            let values: Vec<f64> = grades(run).iter().filter_map(of).collect();
            values.iter().sum::<f64>() / values.len() as f64
        };
        numbers(name, &runs.iter().map(one).collect::<Vec<_>>())
    };
    columns.extend([
        mean("known", |(_, weighted, _)| Some(f64::from(u8::from(weighted.is_some())))),
        mean("error_weighted", |(truth, weighted, _)| Some((weighted.as_ref()?.value - truth).abs())),
        mean("error_pooled", |(truth, _, pooled)| Some((pooled.as_ref()? - truth).abs())),
        mean("covered", |(truth, weighted, _)| {
            let rate = weighted.as_ref()?;
            Some(f64::from(u8::from(rate.low <= *truth && *truth <= rate.high)))
        }),
    ]);
    DataFrame::new(runs.len(), columns)
}

fn text<'t>(name: &str, values: impl Iterator<Item = &'t str>) -> Column {
    StringChunked::from_iter_values(name.into(), values).into_column()
}

fn whole(name: &str, values: impl Iterator<Item = u64>) -> Column {
    Int64Chunked::from_iter_values(name.into(), values.map(|value| i64::try_from(value).unwrap_or(i64::MAX))).into_column()
}
