//! The performance report: what its first line says, and what may not change it.

#![expect(clippy::unwrap_used, reason = "a test may stop")]

use firmgrade::ahp::SplitMix64;
use firmgrade::evaluate::{Dimension, Finding, Gate, Performance, Results, Sampling, Source, Standing, Variance, report};

/// Firms of four grades, sampled by grade, with outcomes of known rates.
struct Firms {
    score: Vec<f64>,
    grade: Vec<u32>,
    outcome: Vec<bool>,
    source: Vec<Source>,
    population: Vec<f64>,
    trade: Vec<u32>,
}

const GRADES: [&str; 4] = ["A", "B", "C", "D"];
const ROWS: [usize; 4] = [2500, 1200, 600, 400];
const SIZES: [f64; 4] = [40_000.0, 15_000.0, 3_000.0, 2_000.0];

impl Firms {
    /// In trade 1 the rates are those of the grades turned round where `fails`.
    fn new(rates: [f64; 4], fails: bool, seed: u64) -> Self {
        let mut random = SplitMix64::new(seed);
        let mut firms = Self { score: vec![], grade: vec![], outcome: vec![], source: vec![], population: vec![], trade: vec![] };
        for (grade, (rows, size)) in ROWS.into_iter().zip(SIZES).enumerate() {
            for _ in 0..rows {
                let trade = u32::from(random.uniform() < 0.3);
                let rate = if fails && trade == 1 { rates[3 - grade] } else { rates[grade] };
                firms.push(grade as u32, grade as f64 + random.uniform(), random.uniform() < rate, Source::Random, size, trade);
            }
        }
        firms
    }

    fn push(&mut self, grade: u32, score: f64, outcome: bool, source: Source, population: f64, trade: u32) {
        self.grade.push(grade);
        self.score.push(score);
        self.outcome.push(outcome);
        self.source.push(source);
        self.population.push(population);
        self.trade.push(trade);
    }

    fn report(&self) -> Performance {
        let probability: Vec<f64> = self.grade.iter().map(|&grade| [0.008, 0.03, 0.08, 0.2][grade as usize]).collect();
        let challenger: Vec<f64> = self.score.iter().map(|score| (score * 7.3).sin()).collect();
        let dimensions = [Dimension { name: "trade", groups: &["food", "beauty"], group: &self.trade }];
        let results = Results {
            score: &self.score,
            grade: &self.grade,
            grades: &GRADES,
            outcome: &self.outcome,
            source: Some(&self.source),
            sampling: Sampling { strata: Some(&self.grade), population: Some(&self.population), ..Sampling::default() },
            probability: Some(&probability),
            challenger: Some(&challenger),
            dimensions: &dimensions,
            gradings: Some((&[0, 1, 2, 3], &[0, 0, 2, 3])),
        };
        report(&results).unwrap()
    }
}

const RISING: [f64; 4] = [0.008, 0.03, 0.08, 0.2];

#[test]
fn grades_that_separate() {
    let found = Firms::new(RISING, false, 1).report();
    assert_eq!(found.verdict.finding, Finding::Separates, "{}", found.verdict.en);
    assert!(found.verdict.en.starts_with("The grades separate, A 0."), "{}", found.verdict.en);
    assert!(found.verdict.zh.starts_with("分级有区分力"), "{}", found.verdict.zh);
    let discrimination = found.discrimination.unwrap();
    assert_eq!(discrimination.auc.variance, Variance::Stratified);
    assert!(discrimination.auc.estimate.low > 0.6 && discrimination.top_tenth.lift.value > 2.0);
    let line = found.calibration.unwrap().line;
    assert!(line.slope.low < 1.0 && line.slope.high > 1.0 && line.intercept.low < 0.0 && line.intercept.high > 0.0, "{line:?}");
    assert!(found.challenger.unwrap().difference.low > 0.0);
    assert!((found.method.firms - 60_000.0).abs() < 1e-6 && found.estimable.gate == Gate::Open);
    assert_eq!(found.stability.unwrap().transition.better, 0.25);
}

/// Ten populations in which every grade has the same rate: nine or more are said to carry no information, none to separate.
#[test]
fn grades_without_information() {
    let of = |seed| Firms::new([0.05; 4], false, seed).report().verdict;
    let verdicts: Vec<_> = (0..10).map(of).collect();
    let silent = verdicts.iter().filter(|verdict| verdict.finding == Finding::NoInformation).count();
    assert!(silent >= 9, "{verdicts:#?}");
    assert!(verdicts.iter().all(|verdict| verdict.finding != Finding::Separates));
    assert!(verdicts.iter().any(|verdict| verdict.en.starts_with("The grades carry no information: AUC 0.")), "{verdicts:#?}");
}

#[test]
fn too_few_findings_in_the_grade_sampled_least() {
    let found = Firms::new([0.0004, 0.03, 0.08, 0.2], false, 1).report();
    assert_eq!((found.verdict.finding, found.estimable.gate), (Finding::NotEstimable, Gate::Shut));
    assert!(found.verdict.en.starts_with("Not estimable: ") && found.verdict.en.contains("in grade A"), "{}", found.verdict.en);
    assert!(found.discrimination.is_none() && found.calibration.is_none() && found.challenger.is_none());
    assert!(found.groups.iter().all(|group| group.auc.is_none() && group.standing == Standing::NotEstimable));
}

#[test]
fn a_trade_in_which_the_card_fails() {
    let found = Firms::new(RISING, true, 2).report();
    let standing = |at: usize| (found.groups[at].group.as_str(), found.groups[at].standing);
    assert_eq!(standing(0), ("food", Standing::Holds));
    assert_eq!(standing(1), ("beauty", Standing::Fails));
}

/// Complaints and campaigns are counted and change nothing else, whatever is in their rows.
#[test]
fn rows_that_chance_did_not_choose_change_no_number() {
    let alone = Firms::new(RISING, false, 3);
    let mut more = Firms::new(RISING, false, 3);
    for row in 0..500 {
        let source = if row % 3 == 0 { Source::Special } else { Source::Event };
        more.push(row % 4, f64::from(row), true, source, 1.0, row % 2);
    }
    let (alone, more) = (alone.report(), more.report());
    assert_eq!((more.method.event, more.method.special), (333, 167));
    let mut same = more.clone();
    same.method = alone.method;
    assert_eq!(same, alone);
    let (a, b) = (serde_json::to_string(&same).unwrap(), serde_json::to_string(&alone).unwrap());
    assert_eq!(a, b);
    assert!(a.starts_with("{\"verdict\":{\"finding\":\"separates\",\"en\":\"The grades separate"), "{a}");
}
