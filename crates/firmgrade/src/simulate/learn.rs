//! What the results of a year teach, beside the truth.

use super::world::World;
use crate::evaluate::{Estimate, GradeRate, LEVEL, Sampling, SingleUnit, auc, auc_sampled, rates_by_grade};
use serde::Serialize;

/// A grade in one year.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct GradeYear {
    /// Its name.
    pub grade: String,
    /// Its firms.
    pub firms: u64,
    /// The share of them that violates; missing for a grade without firms.
    pub truth: Option<f64>,
    /// Random visits with an outcome.
    pub random: u64,
    /// The rate of the random rows with its Korn–Graubard interval: right. Missing where there are none.
    pub weighted: Option<Estimate>,
    /// All visits with an outcome.
    pub inspected: u64,
    /// Their rate, pooled as if all had been drawn at random: wrong wherever violations were looked for.
    pub pooled: Option<f64>,
}

/// What the results of a year teach.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Learnt {
    /// By grade, best first.
    pub grades: Vec<GradeYear>,
    /// The area under the ROC curve of the risk over all firms; missing where all or none violate.
    pub auc_truth: Option<f64>,
    /// From the random rows, weighted by 1/π; missing where they hold one outcome only, or a grade with firms but without random rows.
    pub auc_weighted: Option<Estimate>,
    /// From all rows, unweighted; missing where they hold one outcome only.
    pub auc_pooled: Option<f64>,
}

/// A visit with an outcome.
pub(super) struct Inspected {
    pub firm: usize,
    pub violates: bool,
    pub random: bool,
}

#[derive(Clone, Copy, Default)]
struct Count {
    firms: u64,
    violating: u64,
    random: u64,
    inspected: u64,
    found: u64,
}

pub(super) fn learn(world: &World, violates: &[bool], inspected: &[Inspected]) -> Learnt {
    let mut counts = vec![Count::default(); world.grades.len()];
    for (grade, violates) in world.grade.iter().zip(violates) {
        if let Some(count) = counts.get_mut(usize::from(*grade)) {
            count.firms += 1;
            count.violating += u64::from(*violates);
        }
    }
    let grade = |one: &Inspected| world.grade.get(one.firm).copied().unwrap_or_default();
    let risk = |one: &Inspected| world.risk.get(one.firm).copied().unwrap_or_default();
    for one in inspected {
        if let Some(count) = counts.get_mut(usize::from(grade(one))) {
            count.inspected += 1;
            count.found += u64::from(one.violates);
            count.random += u64::from(one.random);
        }
    }
    let random: Vec<&Inspected> = inspected.iter().filter(|one| one.random).collect();
    let strata: Vec<u32> = random.iter().map(|one| u32::from(grade(one))).collect();
    let sizes =
        |of: fn(&Count) -> f64| -> Vec<f64> { random.iter().filter_map(|one| counts.get(usize::from(grade(one)))).map(of).collect() };
    let (weight, population) = (sizes(|count| count.firms as f64 / count.random as f64), sizes(|count| count.firms as f64));
    let seen = counts.iter().all(|count| count.firms == 0 || count.random > 0);
    let (score, outcome): (Vec<f64>, Vec<bool>) = random.iter().map(|one| (risk(one), one.violates)).unzip();
    let sampling = Sampling { weight: Some(&weight), strata: Some(&strata), population: Some(&population), single: SingleUnit::Certainty };
    let weighted = seen.then(|| auc_sampled(&score, &outcome, sampling, LEVEL).ok()).flatten();
    let rates = rates_by_grade(&strata, world.grades.len(), &outcome, sampling).map(|found| found.grades).unwrap_or_default();
    let (all_scores, all_outcomes): (Vec<f64>, Vec<bool>) = inspected.iter().map(|one| (risk(one), one.violates)).unzip();
    let area = |score: &[f64], outcome: &[bool]| auc(score, outcome, None).ok().map(|auc| auc.estimate.value);
    Learnt {
        grades: (world.grades.iter().zip(&counts).enumerate()).map(|(at, (name, count))| count.grade(name, rates.get(at))).collect(),
        auc_truth: area(&world.risk, violates),
        auc_weighted: weighted.map(|auc| auc.estimate),
        auc_pooled: area(&all_scores, &all_outcomes),
    }
}

impl Count {
    fn grade(&self, name: &str, rate: Option<&GradeRate>) -> GradeYear {
        GradeYear {
            grade: name.to_owned(),
            firms: self.firms,
            truth: share(self.violating, self.firms),
            random: self.random,
            weighted: rate.filter(|_| self.random > 0).map(|found| self.of_all_or_some(found.rate)),
            inspected: self.inspected,
            pooled: share(self.found, self.inspected),
        }
    }

    /// Where all firms were drawn the rate is known, whatever bounds a sample of as many would have.
    fn of_all_or_some(&self, rate: Estimate) -> Estimate {
        if self.random == self.firms { Estimate { se: 0.0, low: rate.value, high: rate.value, ..rate } } else { rate }
    }
}

fn share(part: u64, whole: u64) -> Option<f64> {
    (whole > 0).then(|| part as f64 / whole as f64)
}
