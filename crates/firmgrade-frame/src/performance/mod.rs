//! The yearly performance report: what grades were worth, after the structure of the Banque de France's: method, discrimination,
//! calibration, stability, by group, champion against challenger. The verdict comes first, in words.

mod build;
mod earlier;
mod groups;
mod html;
mod page;
mod plots;
mod svg;
mod time;

pub use build::{PerformanceOptions, performance};
pub use earlier::{ColumnShift, Earlier, Grading};
pub use groups::{Group, GroupFinding, GroupLevel, correction};
pub use time::{OverTime, Period, Unit};

use crate::outcomes::Account;
use firmgrade::evaluate::{
    AucDifference, Bounds, Calibration, Concentration, Curve, Estimable, Estimate, Finding, HosmerLemeshow, Lift, ReliabilityRow, Verdict,
};
use serde::Serialize;

/// What grades were worth: the engine's [`report`](firmgrade::evaluate::report) on an outcomes table, with names, curves and an account of every row.
#[derive(Clone, Debug, Serialize)]
pub struct Performance {
    /// Whether the grades mean anything, in words.
    pub verdict: Verdict,
    /// What was held against what.
    pub method: Method,
    /// Whether the outcomes can carry statements at all.
    pub estimable: Estimable,
    /// Do riskier firms score worse? None where that is not estimable.
    pub discrimination: Option<Discrimination>,
    /// Bad outcomes by grade.
    pub rates: Rates,
    /// Do probabilities hold? None where that is not estimable.
    pub calibration: Option<CalibrationPart>,
    /// Do grades stay as they were?
    pub stability: Stability,
    /// Does the card fail for a group?
    pub groups: Vec<Group>,
    /// Another score on the same outcomes. None where that is not estimable.
    pub challenger: Option<Comparison>,
}

/// What was held against what.
#[derive(Clone, Debug, Serialize)]
pub struct Method {
    /// What graded the firms.
    pub graded_by: String,
    /// The day as of which they were graded, YYYY-MM-DD.
    pub as_of: Option<String>,
    /// Graded firms.
    pub firms: usize,
    /// First day of the outcomes used.
    pub first_day: Option<String>,
    /// Last day.
    pub last_day: Option<String>,
    /// Outcomes used.
    pub outcomes: usize,
    /// Bad ones among them.
    pub bad: usize,
    /// What became of every row of the outcomes table.
    pub account: Account,
    /// How rows stand for the population, in words.
    pub design: String,
    /// Firms that the outcomes stand for: the sum of their weights.
    pub represented: f64,
    /// What had to be concluded, or could not be checked.
    pub notes: Vec<String>,
    /// Version of the engine.
    pub engine_version: &'static str,
}

/// Do riskier firms score worse?
#[derive(Clone, Debug, Serialize)]
pub struct Discrimination {
    /// Areas of score and grade, accuracy ratio, KS, the riskiest tenth.
    #[serde(flatten)]
    pub measures: firmgrade::evaluate::Discrimination,
    /// What inspecting the riskiest 5, 10, 20 and 30 % would find.
    pub lift: Vec<Lift>,
    /// ROC and CAP points, at most 200.
    pub curve: Curve,
}

/// Bad outcomes by grade.
#[derive(Clone, Debug, Serialize)]
pub struct Rates {
    /// Best first.
    pub grades: Vec<GradeRow>,
    /// Each grade with outcomes against the next.
    pub steps: Vec<StepRow>,
    /// Whether no rate falls from a grade to the next.
    pub monotone: bool,
    /// Where the bounds come from.
    pub bounds: Bounds,
}

/// A grade.
#[derive(Clone, Debug, Serialize)]
pub struct GradeRow {
    /// Its name.
    pub grade: String,
    /// Graded firms in it.
    pub firms: usize,
    /// Share of the graded firms.
    pub share: f64,
    /// Outcomes used.
    pub outcomes: usize,
    /// Bad ones.
    pub bad: usize,
    /// The rate of bad outcomes; no value where there are none.
    pub rate: Estimate,
    /// The nearest rates that do not fall from grade to grade.
    pub isotonic: f64,
}

/// A grade against the next riskier one with outcomes.
#[derive(Clone, Debug, Serialize)]
pub struct StepRow {
    /// The better grade.
    pub from: String,
    /// The riskier grade.
    pub to: String,
    /// Rate of the riskier grade less that of the better one.
    pub difference: Estimate,
    /// One-sided p-value of "the riskier grade is no worse".
    pub p: f64,
}

/// Do probabilities hold?
#[derive(Clone, Debug, Serialize)]
pub struct CalibrationPart {
    /// Where the probabilities come from: a column, or a logistic curve of the score fitted to these very outcomes.
    pub source: ProbabilitySource,
    /// Level and spread; only where probabilities were given.
    pub calibration: Option<Calibration>,
    /// Mean squared error of the probabilities.
    pub brier: Estimate,
    /// Mean of −ln of the probability of what happened.
    pub log_loss: Estimate,
    /// Hosmer & Lemeshow's test; left out where rows have unequal weights, under which it has no χ² law.
    pub hosmer_lemeshow: Option<HosmerLemeshow>,
    /// The predicted beside the observed rate.
    pub reliability: Vec<ReliabilityRow>,
}

/// Where probabilities come from.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum ProbabilitySource {
    /// A column of the graded table.
    Given,
    /// A logistic curve of the score, fitted to these outcomes: the level holds by construction.
    Fitted,
}

/// Do grades stay as they were?
#[derive(Clone, Debug, Serialize)]
pub struct Stability {
    /// How much the graded firms gather in few grades.
    pub concentration: Option<Concentration>,
    /// Against the last of the earlier gradings.
    pub before: Option<Earlier>,
    /// Each earlier grading and the one at hand against the first of them; empty where there is no earlier one.
    pub gradings: Vec<Grading>,
    /// What was found by time; none where outcomes have no days, are of one stretch of time, or nothing is estimable.
    pub outcomes: Option<OverTime>,
}

/// Another score on the same outcomes.
#[derive(Clone, Debug, Serialize)]
pub struct Comparison {
    /// What the challenger is.
    pub challenger: String,
    /// The card in force first, the challenger second, first less second.
    pub difference: AucDifference,
    /// What it comes to.
    pub words: String,
    /// The challenger's points, at most 200.
    pub curve: Curve,
}

/// The word of a finding.
#[must_use]
pub fn finding_word(finding: Finding) -> &'static str {
    match finding {
        Finding::Separates => "separates",
        Finding::Partly => "partly",
        Finding::NoInformation => "no_information",
        Finding::WrongWay => "wrong_way",
        Finding::NotEstimable => "not_estimable",
    }
}

impl Performance {
    /// All of it as JSON, the verdict first. What is not a number is null.
    #[must_use]
    pub fn json(&self) -> String {
        // INVARIANT: texts, numbers and lists have JSON.
        let value = serde_json::to_value(self).unwrap_or_default();
        format!("{value:#}\n")
    }

    /// The report as one page without scripts, drawings inside.
    #[must_use]
    pub fn html(&self) -> String {
        page::page(self)
    }

    /// The report as a piece of a page, for notebooks: the verdict, the rates and the most important numbers.
    #[must_use]
    pub fn summary_html(&self) -> String {
        page::summary(self)
    }
}
