//! Does the card fail for a group? Rates, areas and observed against expected by trade, region, size or any other column.

use super::build::weight;
use crate::outcomes::{Joined, OutcomeError, Rated, column_texts};
use crate::tuned::EvaluationError;
use firmgrade::evaluate::{Auc, Estimate, LEVEL, Sampling, auc_sampled, rates_by_grade};
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
    /// Outcomes used.
    pub outcomes: usize,
    /// Bad ones.
    pub bad: usize,
    /// The rate of bad outcomes.
    pub rate: Estimate,
    /// The mean probability of a bad outcome by score, where there are probabilities.
    pub expected: Option<f64>,
    /// Area under the ROC curve of the score; missing below five bad or five good outcomes.
    pub auc: Option<Auc>,
    /// What it comes to.
    pub finding: GroupFinding,
}

/// What the card does in a group. Of twenty groups one is outside its 95 % interval by chance.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum GroupFinding {
    /// It orders firms, and the rate is as expected by score.
    Holds,
    /// Too few outcomes to say.
    TooFew,
    /// The score carries no information here: the interval of the area holds 0.5.
    NoInformation,
    /// More bad outcomes than firms with such scores have elsewhere: the expected rate lies below the interval.
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
            Self::NoInformation => "no information here",
            Self::RiskierThanScored => "riskier than scored",
            Self::SaferThanScored => "safer than scored",
        }
    }
}

/// Values that are shown by themselves.
const MOST: usize = 20;
/// Fewer outcomes of a kind than this: nothing can be said.
const FEWEST: usize = 5;
/// Firms without a value.
const NONE: &str = "–";
/// Values that are not shown by themselves.
const OTHERS: &str = "…";

pub(super) fn groups(
    rated: &Rated,
    outcomes: &DataFrame,
    joined: &Joined,
    by: &[String],
    risk: &[f64],
    expected: Option<&[f64]>,
) -> Result<Vec<Group>, EvaluationError> {
    let mut faults = Vec::new();
    let mut columns = Vec::with_capacity(by.len());
    for column in by {
        let found = rated.texts(column).map(|texts| (texts, &joined.firm)).or_else(|| Some((column_texts(outcomes, column)?, &joined.row)));
        match found {
            Some((texts, rows)) => columns.push((column, rows.iter().map(|row| texts.get(*row).cloned().flatten()).collect::<Vec<_>>())),
            None => faults.push(rated.no_group(column, &["graded", "outcomes"])),
        }
    }
    if !faults.is_empty() {
        return Err(OutcomeError(faults).into());
    }
    columns.into_iter().map(|(column, values)| group(column, &values, joined, risk, expected)).collect()
}

fn group(
    column: &str,
    values: &[Option<String>],
    joined: &Joined,
    risk: &[f64],
    expected: Option<&[f64]>,
) -> Result<Group, EvaluationError> {
    let mut counts: BTreeMap<&str, usize> = BTreeMap::new();
    for value in values {
        *counts.entry(value.as_deref().unwrap_or(NONE)).or_default() += 1;
    }
    let mut names: Vec<(&str, usize)> = counts.into_iter().collect();
    // Stable, so that of two as frequent the first by name comes first.
    names.sort_by_key(|(_, count)| std::cmp::Reverse(*count));
    let rest = names.len() > MOST + 1;
    if rest {
        names.truncate(MOST);
        names.push((OTHERS, 0));
    }
    let place: BTreeMap<&str, u32> = names.iter().zip(0..).map(|((name, _), at)| (*name, at)).collect();
    let others = if rest { MOST as u32 } else { 0 };
    let code: Vec<u32> = values.iter().map(|value| place.get(value.as_deref().unwrap_or(NONE)).copied().unwrap_or(others)).collect();
    let rates = rates_by_grade(&code, names.len(), &joined.bad, joined.sampling())?;
    let weight = weight(joined);
    let levels = names.iter().zip(0_u32..).zip(&rates.grades).map(|(((name, _), at), rate)| {
        let rows: Vec<usize> = code.iter().enumerate().filter(|(_, code)| **code == at).map(|(row, _)| row).collect();
        let take = |of: &[f64]| rows.iter().filter_map(|row| of.get(*row).copied()).collect::<Vec<f64>>();
        let bad: Vec<bool> = rows.iter().filter_map(|row| joined.bad.get(*row).copied()).collect();
        let own = weight.as_deref().map(take);
        let enough = rate.bad >= FEWEST && rate.rows - rate.bad >= FEWEST;
        // A part of a stratified sample is no stratified sample: its rows are taken as drawn with replacement.
        let sampling = Sampling { weight: own.as_deref(), ..Sampling::default() };
        let auc = if enough { Some(auc_sampled(&take(risk), &bad, sampling, LEVEL)?) } else { None };
        let expected = expected.map(take).filter(|p| !p.is_empty()).map(|p| mean(&p, own.as_deref()));
        let finding = finding(&rate.rate, expected, auc.as_ref());
        Ok(GroupLevel { value: (*name).to_owned(), outcomes: rate.rows, bad: rate.bad, rate: rate.rate, expected, auc, finding })
    });
    Ok(Group { column: column.to_owned(), levels: levels.collect::<Result<_, firmgrade::Error>>()? })
}

fn finding(rate: &Estimate, expected: Option<f64>, auc: Option<&Auc>) -> GroupFinding {
    let Some(auc) = auc else { return GroupFinding::TooFew };
    match expected {
        _ if auc.estimate.low <= 0.5 => GroupFinding::NoInformation,
        Some(expected) if expected < rate.low => GroupFinding::RiskierThanScored,
        Some(expected) if expected > rate.high => GroupFinding::SaferThanScored,
        _ => GroupFinding::Holds,
    }
}

fn mean(values: &[f64], weight: Option<&[f64]>) -> f64 {
    let weight = |row: usize| weight.and_then(|weight| weight.get(row)).copied().unwrap_or(1.0);
    let (sum, whole) =
        values.iter().enumerate().fold((0.0, 0.0), |(sum, whole), (row, value)| (sum + weight(row) * value, whole + weight(row)));
    sum / whole
}
