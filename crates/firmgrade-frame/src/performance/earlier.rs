//! Earlier gradings of the firms: do scores, grades and columns stay as they were?

use crate::derive::{Drift, Spread};
use crate::outcomes::Rated;
use crate::tuned::EvaluationError;
use firmgrade::evaluate::{EmptyBin, Psi, Transition, psi, psi_of_values, transition};
use polars::prelude::*;
use serde::Serialize;

/// Against an earlier grading.
#[derive(Clone, Debug, Serialize)]
pub struct Earlier {
    /// Which one: the day as of which it was graded, or `before`.
    pub name: String,
    /// Firms in both.
    pub matched: usize,
    /// Firms now and not before.
    pub new: usize,
    /// Firms before and not now.
    pub gone: usize,
    /// From grade to grade.
    pub transition: Transition,
    /// How far the scores have moved, all firms of each grading.
    pub score_psi: Psi,
    /// How far the shares of the grades have moved.
    pub grade_psi: Psi,
    /// How far each other column that both tables have has moved, such as an indicator that was kept; the farthest first.
    pub columns: Vec<ColumnShift>,
}

/// How far a column has moved between two gradings.
#[derive(Clone, Debug, Serialize)]
pub struct ColumnShift {
    /// The column.
    pub column: String,
    /// The index of its values in ten groups of the earlier grading, or by value; firms without a value are a group.
    pub psi: f64,
}

/// One of several gradings.
#[derive(Clone, Debug, Serialize)]
pub struct Grading {
    /// The day as of which it was graded; `before 1`, `before 2`, … and `now` where that is not known.
    pub name: String,
    /// Firms.
    pub firms: usize,
    /// Share of each grade, best first.
    pub shares: Vec<f64>,
    /// How far scores have moved since the first of them.
    pub score_psi: f64,
    /// How far grades have moved since the first of them.
    pub grade_psi: f64,
}

/// Groups of a score's stability index.
const GROUPS: usize = 10;
/// A text column with more values than this names firms rather than describing them.
const MOST_WORDS: usize = 50;
/// Columns of a graded table that the report looks at in other places, or that are lists of words.
const RESULTS: [&str; 6] = ["score", "score_grade", "grade", "overrides", "reasons", "coverage"];

/// Against an earlier grading of firms, of which some may be others.
pub(super) fn earlier(rated: &Rated, old: &Rated, name: String) -> Result<Earlier, EvaluationError> {
    let places = rated.in_other(old);
    let both = rated.grade.iter().zip(&places).filter_map(|(now, place)| {
        let before = old.grade.get((*place)?).copied().flatten()?;
        let name = old.grades.get(before as usize)?;
        let same = rated.grades.iter().position(|grade| grade == name)?;
        Some((same as u32, (*now)?))
    });
    let (before, after): (Vec<u32>, Vec<u32>) = both.unzip();
    let matched = places.iter().flatten().count();
    let (score_psi, grade_psi) = indices(rated, old)?;
    Ok(Earlier {
        name,
        matched,
        new: rated.len() - matched,
        gone: old.len().saturating_sub(matched),
        transition: transition(&before, &after, rated.grades.len())?,
        score_psi,
        grade_psi,
        columns: columns(rated, old),
    })
}

/// Every grading against the first of them, the one at hand last; empty where there is no other.
pub(super) fn gradings(rated: &Rated, before: &[&Rated]) -> Result<Vec<Grading>, EvaluationError> {
    let Some(first) = before.first() else { return Ok(Vec::new()) };
    let names = (1..).map(|at| named(before.get(at - 1), at)).take(before.len());
    let now = rated.as_of.map_or_else(|| "now".to_owned(), |day| day.to_string());
    let all = before.iter().copied().chain([rated]).zip(names.chain([now]));
    all.map(|(one, name)| {
        let (score_psi, grade_psi) = indices(one, first)?;
        let counts = counts(one, &rated.grades);
        let sum = counts.iter().sum::<f64>().max(1.0);
        let shares = counts.iter().map(|count| count / sum).collect();
        Ok(Grading { name, firms: one.len(), shares, score_psi: score_psi.value, grade_psi: grade_psi.value })
    })
    .collect()
}

/// What the `at`-th earlier grading is called, from 1.
pub(super) fn named(old: Option<&&Rated>, at: usize) -> String {
    old.and_then(|old| old.as_of).map_or_else(|| format!("before {at}"), |day| day.to_string())
}

/// Indices of scores and of grades.
fn indices(rated: &Rated, old: &Rated) -> Result<(Psi, Psi), firmgrade::Error> {
    let scores = |rated: &Rated| -> Vec<f64> { rated.risk.iter().copied().filter(|risk| risk.is_finite()).collect() };
    let score = psi_of_values(&scores(old), &scores(rated), GROUPS, EmptyBin::Half)?;
    Ok((score, psi(&counts(old, &rated.grades), &counts(rated, &rated.grades), EmptyBin::Half)?))
}

fn counts(rated: &Rated, names: &[String]) -> Vec<f64> {
    let of = |name: &String| rated.grades.iter().position(|grade| grade == name).map(|at| at as u32);
    names.iter().map(|name| rated.grade.iter().filter(|grade| grade.is_some() && **grade == of(name)).count() as f64).collect()
}

/// The columns that both tables have, each against its earlier values.
fn columns(rated: &Rated, old: &Rated) -> Vec<ColumnShift> {
    let mut found = Vec::new();
    for now in rated.frame.columns() {
        let name = now.name().as_str();
        if name == rated.id_column || RESULTS.contains(&name) {
            continue;
        }
        let then = old.frame.column(name).ok().and_then(plain);
        let (Some(now), Some(then)) = (plain(now), then) else { continue };
        if then.dtype().is_string() && then.n_unique().is_ok_and(|words| words > MOST_WORDS) {
            continue;
        }
        if let Some(drift) = Drift::new(&now, &Spread::new(&then), old.len() as u64, "") {
            found.push(ColumnShift { column: name.to_owned(), psi: drift.psi });
        }
    }
    // Stable, so that of two as far the first of the table comes first.
    found.sort_by(|a, b| b.psi.total_cmp(&a.psi));
    found
}

/// A column as numbers, flags or texts; none where it is something else.
fn plain(column: &Column) -> Option<Series> {
    let series = column.as_materialized_series();
    let dtype = series.dtype();
    if dtype.is_primitive_numeric() {
        return series.cast(&DataType::Float64).ok();
    }
    if dtype.is_string() || dtype.is_categorical() || dtype.is_enum() {
        return series.cast(&DataType::String).ok();
    }
    dtype.is_bool().then(|| series.clone())
}
