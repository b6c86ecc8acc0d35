//! Does the card fail for a group? Rates, areas and observed against expected by trade, region, size or any other column.

use crate::outcomes::{Joined, OutcomeError, Rated, column_texts};
use firmgrade::evaluate::{Auc, GradeRate, Group as EngineGroup, Standing, Tested};
use polars::prelude::DataFrame;
use serde::Serialize;
use std::collections::BTreeMap;

/// Outcomes by the values of a column.
#[derive(Clone, Debug, Serialize)]
pub struct Group {
    /// The column.
    pub column: String,
    /// Its values with most outcomes first, at most 20; the others together as `…`. Firms without a value are `–`.
    pub levels: Vec<GroupLevel>,
}

/// The firms with one value.
#[derive(Clone, Debug, Serialize)]
pub struct GroupLevel {
    /// The value.
    pub value: String,
    /// Bad outcomes among the firms with it.
    #[serde(flatten)]
    pub rate: GradeRate,
    /// The mean probability of a bad outcome by score, where there are probabilities.
    pub expected: Option<f64>,
    /// Area under the ROC curve of the score; missing below five bad or five good outcomes.
    pub auc: Option<Auc>,
    /// Whether the score orders firms here: the area against one half.
    pub works: Option<Tested>,
    /// Whether it does worse here: the area against that of all firms.
    pub worse: Option<Tested>,
    /// Whether there are other bad outcomes than scores made expect: the rate against the expected one.
    pub level: Option<Tested>,
    /// What follows for the order of firms.
    pub standing: Standing,
    /// What it comes to.
    pub finding: GroupFinding,
}

/// What the card does in a group. Each kind of finding is corrected by Holm for all groups of all columns: without that, of twenty groups one
/// would be outside its 95 % interval by chance.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum GroupFinding {
    /// It orders firms, and the rate is as expected by score.
    Holds,
    /// Too few outcomes to say.
    TooFew,
    /// Nothing shows that the score orders firms here.
    Unproven,
    /// The score fails here: its area is below that of all firms, or below 0.5.
    Fails,
    /// More bad outcomes than firms with such scores have elsewhere.
    RiskierThanScored,
    /// Fewer.
    SaferThanScored,
}

impl GroupFinding {
    /// The finding in words.
    #[must_use]
    pub fn words(self) -> &'static str {
        match self {
            Self::Holds => "holds",
            Self::TooFew => "too few outcomes",
            Self::Unproven => "not proven here",
            Self::Fails => "fails here",
            Self::RiskierThanScored => "riskier than scored",
            Self::SaferThanScored => "safer than scored",
        }
    }
}

/// Values that are shown by themselves.
const MOST: usize = 20;
/// Firms without a value.
const NONE: &str = "–";
/// Values that are not shown by themselves.
const OTHERS: &str = "…";

/// A column by which firms are grouped, made ready for the engine.
pub(super) struct Division {
    column: String,
    pub(super) names: Vec<String>,
    pub(super) code: Vec<u32>,
}

/// Reads the columns.
///
/// # Errors
/// Every column that is neither in the graded table nor among the outcomes.
pub(super) fn divisions(rated: &Rated, outcomes: &DataFrame, joined: &Joined, by: &[String]) -> Result<Vec<Division>, OutcomeError> {
    let mut faults = Vec::new();
    let mut divisions = Vec::with_capacity(by.len());
    for column in by {
        let found = rated.texts(column).map(|texts| (texts, &joined.firm)).or_else(|| Some((column_texts(outcomes, column)?, &joined.row)));
        match found {
            Some((texts, rows)) => {
                let values: Vec<Option<&str>> = rows.iter().map(|row| texts.get(*row).and_then(Option::as_deref)).collect();
                divisions.push(Division::new(column, &values));
            }
            None => faults.push(rated.no_group(column, &["graded", "outcomes"])),
        }
    }
    if faults.is_empty() { Ok(divisions) } else { Err(OutcomeError(faults)) }
}

impl Division {
    /// Most frequent values first, of two as frequent the first by name.
    fn new(column: &str, values: &[Option<&str>]) -> Self {
        let mut counts: BTreeMap<&str, usize> = BTreeMap::new();
        for value in values {
            *counts.entry(value.unwrap_or(NONE)).or_default() += 1;
        }
        let mut names: Vec<(&str, usize)> = counts.into_iter().collect();
        names.sort_by_key(|(_, count)| std::cmp::Reverse(*count));
        if names.len() > MOST + 1 {
            names.truncate(MOST);
            names.push((OTHERS, 0));
        }
        let last = u32::try_from(names.len().saturating_sub(1)).unwrap_or_default();
        let place: BTreeMap<&str, u32> = names.iter().zip(0..).map(|((name, _), at)| (*name, at)).collect();
        let code = values.iter().map(|value| place.get(value.unwrap_or(NONE)).copied().unwrap_or(last)).collect();
        Self { column: column.to_owned(), names: names.into_iter().map(|(name, _)| name.to_owned()).collect(), code }
    }
}

/// The engine's groups with the rate that scores made expect. The engine gives them division by division, each in the order of its names.
pub(super) fn groups(
    divisions: &[Division],
    mut found: impl Iterator<Item = EngineGroup>,
    expected: Option<&[f64]>,
    weight: Option<&[f64]>,
) -> Vec<Group> {
    let level = |division: &Division, at: u32, group: EngineGroup| {
        let rows: Vec<usize> = division.code.iter().enumerate().filter(|(_, code)| **code == at).map(|(row, _)| row).collect();
        let expected = expected.map(|p| mean(&rows, p, weight));
        let EngineGroup { group: value, rate, auc, works, worse, standing, .. } = group;
        GroupLevel { value, rate, expected, auc, works, worse, level: None, standing, finding: GroupFinding::TooFew }
    };
    let mut groups: Vec<Group> = divisions
        .iter()
        .map(|division| Group {
            column: division.column.clone(),
            levels: found.by_ref().take(division.names.len()).zip(0..).map(|(group, at)| level(division, at, group)).collect(),
        })
        .collect();
    let mut levels: Vec<&mut GroupLevel> = groups.iter_mut().flat_map(|group| &mut group.levels).collect();
    let chance = |level: &GroupLevel| level.expected.filter(|_| level.auc.is_some()).map(|expected| level.rate.chance_of(expected));
    let tested = Tested::together(&levels.iter().map(|level| chance(level)).collect::<Vec<_>>());
    for (level, tested) in levels.iter_mut().zip(tested) {
        level.level = tested;
        level.finding = finding(level);
    }
    groups
}

fn finding(level: &GroupLevel) -> GroupFinding {
    let apart = level.level.filter(Tested::found).and(level.expected);
    match (level.standing, apart) {
        (Standing::NotEstimable, _) => GroupFinding::TooFew,
        (Standing::Fails, _) => GroupFinding::Fails,
        (Standing::Unproven, _) => GroupFinding::Unproven,
        (Standing::Holds, Some(expected)) if expected < level.rate.rate.value => GroupFinding::RiskierThanScored,
        (Standing::Holds, Some(_)) => GroupFinding::SaferThanScored,
        (Standing::Holds, None) => GroupFinding::Holds,
    }
}

/// How findings are corrected, for a line under the last table; nothing where a single group is looked at.
#[must_use]
pub fn correction(groups: &[Group]) -> Option<String> {
    let tested = groups.iter().flat_map(|group| &group.levels).filter(|level| level.works.is_some()).count();
    (tested > 1).then(|| {
        format!(
            "{tested} groups were tested, and findings are corrected for that (Holm): that any of one kind is chance has at most 5 %. \
             Intervals are each group's own."
        )
    })
}

/// The mean over some rows.
fn mean(rows: &[usize], values: &[f64], weight: Option<&[f64]>) -> f64 {
    let weight = |row: usize| weight.and_then(|weight| weight.get(row)).copied().unwrap_or(1.0);
    let parts = rows.iter().filter_map(|row| Some((weight(*row), *values.get(*row)?)));
    let (sum, whole) = parts.fold((0.0, 0.0), |(sum, whole), (weight, value)| (sum + weight * value, whole + weight));
    sum / whole
}
