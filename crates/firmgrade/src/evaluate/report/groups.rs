//! Does the card fail for a group? Areas by trade, region, size, tested with a correction for how many groups are looked at.

use super::{Dimension, Rows};
use crate::Error;
use crate::evaluate::auc::auc_domain;
use crate::evaluate::domain::{Apart, apart};
use crate::evaluate::input::Faults;
use crate::evaluate::sampling::Design;
use crate::evaluate::{Auc, GradeRate, LEVEL, Sampling, holm, rates_by_grade};
use serde::Serialize;

/// A group of firms.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Group {
    /// Trade, region, size.
    pub dimension: String,
    /// Which.
    pub group: String,
    /// Bad outcomes in it.
    #[serde(flatten)]
    pub rate: GradeRate,
    /// The area in it; none where fewer than five of its rows are bad or good, or one outcome only occurs. Its interval is this group's alone.
    pub auc: Option<Auc>,
    /// Whether the card orders firms here: the area against one half.
    pub works: Option<Tested>,
    /// Whether it does worse here: the area against that of all firms, or against one half where that is less.
    pub worse: Option<Tested>,
    /// Whether the card fails here.
    pub standing: Standing,
}

/// A test among others of its kind.
#[derive(Clone, Copy, Debug, PartialEq, Serialize)]
pub struct Tested {
    /// Two-sided p-value; 1 where the difference is the other way round.
    pub p: f64,
    /// The same by Holm, for all groups of all dimensions of the report.
    pub adjusted: f64,
}

impl Tested {
    /// Tests of one kind, those that could not be made left out.
    #[must_use]
    pub fn together(p: &[Option<f64>]) -> Vec<Option<Self>> {
        let made: Vec<f64> = p.iter().copied().flatten().collect();
        let mut adjusted = holm(&made).into_iter();
        p.iter().map(|p| p.and_then(|p| Some(Self { p, adjusted: adjusted.next()? }))).collect()
    }

    /// Whether it is more than chance.
    #[must_use]
    pub fn found(&self) -> bool {
        self.adjusted < 1.0 - LEVEL
    }
}

/// How the card does in a group, corrected by Holm for all groups: in at most one report of twenty is any "works" or any "fails" mere chance.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Standing {
    /// The area lies above one half.
    Holds,
    /// Nothing shows that the card works here.
    Unproven,
    /// The area lies below that of all firms, or below one half: the card fails here.
    Fails,
    /// Too few outcomes.
    NotEstimable,
}

impl Standing {
    fn of(works: Option<Tested>, worse: Option<Tested>) -> Self {
        match (works, worse) {
            (_, Some(worse)) if worse.found() => Self::Fails,
            (Some(works), _) if works.found() => Self::Holds,
            (Some(_), _) => Self::Unproven,
            (None, _) => Self::NotEstimable,
        }
    }
}

/// Bad and good rows that a group must have.
const ENOUGH: usize = 5;

/// The groups of all dimensions; areas only where that of all rows is known.
pub(super) fn groups(rows: &Rows, dimensions: &[Dimension<'_>], sampling: Sampling<'_>, all: Option<&Auc>) -> Result<Vec<Group>, Error> {
    let mut faults = Faults::of(rows.score.len());
    let design = Design::new(sampling, rows.score.len(), &mut faults);
    let design = faults.done(design)?;
    let mut found = Vec::new();
    let (mut works, mut worse) = (Vec::new(), Vec::new());
    for (dimension, group) in dimensions.iter().zip(&rows.groups) {
        let rates = rates_by_grade(group, dimension.groups.len(), &rows.outcome, sampling)?.grades;
        for ((rate, name), at) in rates.into_iter().zip(dimension.groups).zip(0..) {
            let enough = rate.bad >= ENOUGH && rate.rows - rate.bad >= ENOUGH;
            let inside: Vec<bool> = group.iter().map(|&group| group == at).collect();
            let (auc, tests) = match all {
                Some(all) if enough => {
                    let here = auc_domain(&rows.score, &rows.outcome, &inside, sampling, LEVEL)?;
                    let tests = apart(&here, all, &design);
                    (Some(here), Some(tests))
                }
                _ => (None, None),
            };
            works.push(tests.map(|Apart { works, .. }| works));
            worse.push(tests.map(|Apart { worse, .. }| worse));
            let (dimension, group) = (dimension.name.to_owned(), (*name).to_owned());
            found.push(Group { dimension, group, rate, auc, works: None, worse: None, standing: Standing::NotEstimable });
        }
    }
    for (group, (works, worse)) in found.iter_mut().zip(Tested::together(&works).into_iter().zip(Tested::together(&worse))) {
        (group.works, group.worse, group.standing) = (works, worse, Standing::of(works, worse));
    }
    Ok(found)
}
