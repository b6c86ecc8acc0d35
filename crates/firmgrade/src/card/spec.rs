//! What a scorecard file says, word for word: plain data, not yet checked. [`Scorecard`](super::Scorecard) is the checked form.

use super::raw::{Aggregate, EmptySpec, ReadingSpec, RecordsSpec};
use crate::ahp::{Method, RandomIndex};
use crate::columns::ColumnKind;
use indexmap::IndexMap;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// A scorecard as written: a tree of criteria with judgments, indicators, grades and overrides.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct ScorecardSpec {
    /// Who the card is, and its scale.
    pub scorecard: Header,
    /// Defaults for every node that is judged.
    #[serde(default, skip_serializing_if = "AhpSpec::is_default")]
    pub ahp: AhpSpec,
    /// The inner nodes of the tree by id; `root` exists by itself.
    #[serde(default, skip_serializing_if = "IndexMap::is_empty")]
    pub criteria: IndexMap<String, CriterionSpec>,
    /// How the children of a node are weighed, by node id; needed for each node with two or more children.
    #[serde(default, skip_serializing_if = "IndexMap::is_empty")]
    pub judgments: IndexMap<String, JudgmentsSpec>,
    /// The leaves of the tree by id, in the order in which their points are summed.
    #[serde(default, skip_serializing_if = "IndexMap::is_empty")]
    pub indicators: IndexMap<String, IndicatorSpec>,
    /// Columns that only overrides or expressions use, by name.
    #[serde(default, skip_serializing_if = "IndexMap::is_empty")]
    pub columns: IndexMap<String, ColumnSpec>,
    /// Tables of raw records, from which indicators are derived.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub records: Vec<RecordsSpec>,
    /// What header cells mean, by table id (`firms` is the firm table): header → column. Several headers may mean one column.
    #[serde(default, skip_serializing_if = "IndexMap::is_empty")]
    pub mapping: IndexMap<String, IndexMap<String, String>>,
    /// How cells are read.
    #[serde(default, skip_serializing_if = "ReadingSpec::is_default")]
    pub reading: ReadingSpec,
    /// The grades and where one ends and the next begins.
    pub grades: GradesSpec,
    /// Rules that set or shift a grade, in the order in which they are applied.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub overrides: Vec<OverrideSpec>,
}

impl ScorecardSpec {
    /// How the children of a node are weighed where they are judged: what its judgments say, else the card's defaults.
    #[must_use]
    pub fn ahp_of(&self, node: &str) -> AhpSpec {
        let own = self.judgments.get(node);
        AhpSpec {
            method: own.and_then(|own| own.method).unwrap_or(self.ahp.method),
            random_index: own.and_then(|own| own.random_index).unwrap_or(self.ahp.random_index),
            max_cr: own.and_then(|own| own.max_cr).unwrap_or(self.ahp.max_cr),
            inconsistent: own.and_then(|own| own.inconsistent).unwrap_or(self.ahp.inconsistent),
        }
    }
}

/// Who the card is, and its scale.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Header {
    /// Short name, stable over versions.
    pub id: String,
    /// The name that people read.
    pub title: String,
    /// The version; a change of any weight, band or cut is a new version.
    pub version: String,
    /// A card to inherit from: a file name relative to this file.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub extends: Option<String>,
    /// First day on which the card holds (YYYY-MM-DD).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub effective_from: Option<String>,
    /// Last day on which the card holds (YYYY-MM-DD).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub effective_until: Option<String>,
    /// The column that identifies a firm.
    pub id_column: String,
    /// The column of the firm table with the firm's name, by which records without an id find their firm.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub name_column: Option<String>,
    /// Free text: where weights and thresholds come from.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub note: Option<String>,
    /// The scale of the score.
    pub scale: ScaleSpec,
}

/// The scale of the score.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct ScaleSpec {
    /// The lowest score.
    pub min: f64,
    /// The highest score.
    pub max: f64,
    /// Which end is better.
    pub better: Better,
    /// How the score is rounded before it is graded; not at all where this is absent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub round: Option<RoundSpec>,
}

/// Which end of the scale is better.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Better {
    /// High scores are good: `score = max − risk·(max − min)`.
    High,
    /// Low scores are good: `score = min + risk·(max − min)`.
    Low,
}

/// How a score is rounded.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct RoundSpec {
    /// Decimal places, 0 to 9.
    pub decimals: u8,
    /// What happens to a score half way between two.
    #[serde(default)]
    pub ties: Ties,
}

/// What rounding does half way between two values.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Ties {
    /// Away from zero: 0.5 becomes 1.
    #[default]
    Away,
    /// To the even neighbour: 0.5 becomes 0, 1.5 becomes 2.
    Even,
}

/// Defaults for every node that is judged.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct AhpSpec {
    /// How weights follow from judgments.
    pub method: Method,
    /// The table of the random index.
    pub random_index: RandomIndex,
    /// The largest consistency ratio that is accepted.
    pub max_cr: f64,
    /// What a larger one is.
    pub inconsistent: Severity,
}

impl Default for AhpSpec {
    fn default() -> Self {
        Self { method: Method::default(), random_index: RandomIndex::default(), max_cr: 0.10, inconsistent: Severity::Error }
    }
}

impl AhpSpec {
    fn is_default(&self) -> bool {
        *self == Self::default()
    }
}

/// Whether a problem stops the card.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Severity {
    /// The card cannot be used.
    Error,
    /// The card can be used, but somebody should look.
    Warning,
}

/// An inner node of the tree.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct CriterionSpec {
    /// The name that people read.
    pub title: String,
    /// The node above; `root` where absent.
    #[serde(default = "root", skip_serializing_if = "is_root")]
    pub parent: String,
}

/// The id of the top of the tree.
pub const ROOT: &str = "root";

fn root() -> String {
    ROOT.to_owned()
}

fn is_root(name: &str) -> bool {
    name == ROOT
}

/// How the children of a node are weighed: exactly one of `pairs`, `matrix`, `upper`, `weights`, `equal`.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct JudgmentsSpec {
    /// How weights follow from judgments; the card's default where absent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub method: Option<Method>,
    /// The table of the random index; the card's default where absent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub random_index: Option<RandomIndex>,
    /// The largest consistency ratio that is accepted; the card's default where absent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub max_cr: Option<f64>,
    /// What a larger one is; the card's default where absent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub inconsistent: Option<Severity>,
    /// `"a:b" = 3`: a is three times as important as b. Every pair once.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub pairs: Option<IndexMap<String, Ratio>>,
    /// The children in the order of the rows of `matrix` or `upper`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub order: Option<Vec<String>>,
    /// The full matrix of judgments, row by row.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub matrix: Option<Vec<Vec<Ratio>>>,
    /// The upper triangle without the diagonal, row by row.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub upper: Option<Vec<Vec<Ratio>>>,
    /// Weights stated directly, by child; they sum to 1.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub weights: Option<IndexMap<String, f64>>,
    /// `true`: every child weighs the same.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub equal: Option<bool>,
}

/// A judgment: a number, or a fraction as text such as `"1/3"` or `"1:3"`.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(untagged)]
pub enum Ratio {
    /// A number.
    Number(f64),
    /// A fraction.
    Text(String),
}

/// A leaf of the tree: a column and what its values mean.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct IndicatorSpec {
    /// The name that people read.
    pub title: String,
    /// The node above.
    pub criterion: String,
    /// The column; the indicator's id where absent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub column: Option<String>,
    /// The table of records from which the indicator is derived.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub from: Option<String>,
    /// What is made of a firm's records.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub aggregate: Option<Aggregate>,
    /// The column of the records that is aggregated.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub of: Option<String>,
    /// The column of the records by which `top_share` groups them.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub by: Option<String>,
    /// The condition on the records that count: a SQL boolean expression; unknown is not true.
    #[serde(default, rename = "where", skip_serializing_if = "Option::is_none")]
    pub filter: Option<String>,
    /// The condition on the records whose share is taken.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub share_where: Option<String>,
    /// How far back from the as-of day records count: `"24 months"`, `"3 years"`, `"90 days"` or `"all"`. The start is open, the end closed.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub window: Option<String>,
    /// The value where a firm has no record.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub empty: Option<EmptySpec>,
    /// A SQL expression over columns of the firm table and derived indicators.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub expression: Option<String>,
    /// The unit of the column, for people.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub unit: Option<String>,
    /// What a missing value is worth.
    pub missing: MissingSpec,
    /// What a value is worth that no band or category covers.
    #[serde(default, skip_serializing_if = "OutsideSpec::is_error")]
    pub outside: OutsideSpec,
    /// Bands of a number. Without bounds on one side a band begins where its neighbour ends.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub bands: Option<Vec<BandSpec>>,
    /// Points of a number, with straight lines between them and constant beyond the ends.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub points: Option<Vec<PointSpec>>,
    /// Categories of a text: value → risk.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub categories: Option<IndexMap<String, f64>>,
    /// What yes and no are worth.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub flag: Option<FlagSpec>,
    /// Free text: where the bands come from.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub note: Option<String>,
}

/// A band of numbers and its risk.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct BandSpec {
    /// Values from this one on (closed).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub from: Option<f64>,
    /// Values above this one (open).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub above: Option<f64>,
    /// Values up to this one (closed).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub upto: Option<f64>,
    /// Values below this one (open).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub below: Option<f64>,
    /// The risk, from 0 (none) to 1 (highest).
    pub risk: f64,
}

/// A point of a piecewise linear indicator.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct PointSpec {
    /// The value.
    pub at: f64,
    /// The risk there, from 0 (none) to 1 (highest).
    pub risk: f64,
}

/// What yes and no are worth.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct FlagSpec {
    /// The risk of yes.
    #[serde(rename = "true")]
    pub yes: f64,
    /// The risk of no.
    #[serde(rename = "false")]
    pub no: f64,
}

/// What a missing value is worth.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(untagged)]
pub enum MissingSpec {
    /// A named policy.
    Named(MissingPolicy),
    /// A stated risk.
    Value(RiskValue),
}

/// A named policy for missing values.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum MissingPolicy {
    /// A missing value is an error of the data.
    Error,
    /// The highest risk that the indicator can take.
    Worst,
    /// The lowest risk that the indicator can take.
    Best,
    /// The indicator's weight is shared among its siblings.
    Reweight,
}

/// A stated risk.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct RiskValue {
    /// The risk, from 0 (none) to 1 (highest).
    pub value: f64,
}

/// What a value is worth that no band or category covers.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(untagged)]
pub enum OutsideSpec {
    /// A named policy.
    Named(OutsidePolicy),
    /// A stated risk.
    Value(RiskValue),
}

impl Default for OutsideSpec {
    fn default() -> Self {
        Self::Named(OutsidePolicy::Error)
    }
}

impl OutsideSpec {
    fn is_error(&self) -> bool {
        *self == Self::default()
    }
}

/// A named policy for values that no band or category covers.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum OutsidePolicy {
    /// Such a value is an error of the data.
    Error,
    /// The highest risk that the indicator can take.
    Worst,
    /// The lowest risk that the indicator can take.
    Best,
    /// Such a value counts as missing.
    Missing,
}

/// A column that only overrides or expressions use.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct ColumnSpec {
    /// The name that people read.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub title: Option<String>,
    /// What the column holds.
    #[serde(rename = "type")]
    pub kind: ColumnKind,
}

/// The grades: exactly one of `cuts` and `shares`.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct GradesSpec {
    /// The grades, best first.
    pub order: Vec<String>,
    /// One cut point for each scored grade but the last, best first: `">= 850"`; the operator says whether the end is open or closed.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub cuts: Option<Vec<String>>,
    /// The share of firms that each scored grade should get; cut points are solved from the data.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub shares: Option<IndexMap<String, f64>>,
    /// Grades at the end of `order` that only an override can give.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub by_rule: Vec<String>,
    /// What the grades are called, for people.
    #[serde(default, skip_serializing_if = "IndexMap::is_empty")]
    pub titles: IndexMap<String, String>,
    /// A class of its own for firms with too little data.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub insufficient: Option<InsufficientSpec>,
}

/// A class of its own for firms with too little data.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct InsufficientSpec {
    /// The name of the class; not one of the grades.
    pub grade: String,
    /// Firms whose share of weight with data is below this get the class; above 0 and at most 1.
    pub coverage_below: f64,
}

/// A rule that sets or shifts a grade: exactly one of `set` and `shift`.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct OverrideSpec {
    /// Short name of the rule.
    pub id: String,
    /// The name that people read.
    pub title: String,
    /// The document or article that the rule cites.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub basis: Option<String>,
    /// The condition: a SQL boolean expression over columns; unknown is not true.
    pub when: String,
    /// The grade that the firm gets.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub set: Option<String>,
    /// By how many grades the firm is moved: positive is worse, negative is better.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub shift: Option<i32>,
    /// The grade at which a shift ends.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub cap: Option<String>,
}
