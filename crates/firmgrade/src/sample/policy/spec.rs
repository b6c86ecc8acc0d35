//! What a policy file says, word for word: plain data, not yet checked. [`Policy`](super::Policy) is the checked form.

use super::super::results::Outcome;
use super::super::{Base, Rounding, Suite};
use super::ratio::RatioSpec;
use indexmap::IndexMap;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// A policy as written: what is inspected, how many firms of each grade, who is left out, and how the sample is drawn.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct PolicySpec {
    /// Who the plan is, and when.
    pub policy: PolicyHeader,
    /// How is drawn.
    #[serde(default)]
    pub draw: DrawSpec,
    /// What is inspected (抽查事项).
    pub items: Vec<ItemSpec>,
    /// How often a firm may be inspected.
    #[serde(default)]
    pub frequency: FrequencySpec,
    /// Which firms cannot be drawn, for key items as well; the first that fits gives the code.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub exclusions: Vec<ExclusionSpec>,
    /// The least share of firms that the plan draws; the legal 3 % where absent.
    #[serde(default)]
    pub floor: FloorSpec,
    /// The part that is drawn in every grade so that something can be said about each.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub validation: Option<ValidationSpec>,
    /// A smaller weight for firms that were inspected recently, instead of leaving them out.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub recent: Option<RecentSpec>,
    /// How a visit is made.
    #[serde(default)]
    pub visits: VisitsSpec,
    /// What result codes mean; those that stand here are added to the customary ones, or replace them.
    #[serde(default, skip_serializing_if = "IndexMap::is_empty")]
    pub results: IndexMap<String, Outcome>,
}

/// Who the plan is, and when.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct PolicyHeader {
    /// The plan id (抽查计划编号): one plan is drawn once.
    pub plan_id: String,
    /// The name of the plan (抽查计划名称).
    pub title: String,
    /// First and last day of the plan. Windows of exclusions and caps end the day before unless the plan is made as of another day.
    pub period: PeriodSpec,
    /// All grades, best first.
    pub grades: Vec<String>,
    /// Whether the draw is directed (定向) at firms of some type, size, trade or region, or undirected (不定向).
    #[serde(default)]
    pub directed: bool,
    /// Free text: where rates come from, and what was chosen where nothing was published.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub note: Option<String>,
}

/// A stretch of days, both ends included (YYYY-MM-DD).
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct PeriodSpec {
    /// First day.
    pub from: String,
    /// Last day.
    pub to: String,
}

/// How is drawn.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct DrawSpec {
    /// The hash function.
    pub suite: Suite,
    /// Columns that divide each grade further: trade, region, … A stratum is named `grade|value|…`.
    pub strata: Vec<String>,
    /// Which firms of a stratum a ratio counts.
    pub base: Base,
    /// How many firms of each stratum stand in reserve.
    pub reserve: u64,
    /// Into how many waves the sample is split, at least 1.
    pub waves: u32,
}

impl Default for DrawSpec {
    fn default() -> Self {
        Self { suite: Suite::default(), strata: Vec::new(), base: Base::default(), reserve: 0, waves: 1 }
    }
}

/// Something that is inspected (抽查事项).
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct ItemSpec {
    /// Short name.
    pub id: String,
    /// The name that people read.
    pub name: String,
    /// The legal basis.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub basis: String,
    /// The department that inspects (检查机关).
    pub department: String,
    /// General or key item.
    #[serde(default)]
    pub class: ItemClass,
    /// The qualification that an inspector needs; anybody may where absent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub qualification: Option<String>,
    /// How many firms of each grade; every grade needs a number, 0 where firms are inspected on a trigger only.
    pub rates: IndexMap<String, RateSpec>,
}

/// General items (一般检查事项) keep to the caps, key items (重点检查事项: safety, quality) do not.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum ItemClass {
    /// A firm that has reached its cap is not drawn.
    #[default]
    General,
    /// Without cap; the draw fixes the order of batches.
    Key,
}

/// How many firms of a grade: `{ rule = "at_least", ratio = "3 %" }`. Anything else is refused with advice.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(untagged)]
pub enum RateSpec {
    /// The rate.
    Rate(RateTable),
    /// A number without a rule, or words such as 根据实际情况确定: refused, for nobody can check a draw that follows them.
    Bare(RatioSpec),
}

/// Exactly one of `ratio` and `count`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct RateTable {
    /// Whether the number is a floor (rounded up), a ceiling (rounded down) or exact (no fraction of a firm).
    pub rule: Rounding,
    /// A share of the firms: `"3 %"`, `"1/50"`, `0.03`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub ratio: Option<RatioSpec>,
    /// So many firms of the grade, shared among its strata in proportion to the firms that can be drawn.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub count: Option<u64>,
    /// The ratio below which a budget never scales this one. Where absent, a ratio above the global floor is not scaled below it, and
    /// other rates are not scaled.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub floor: Option<RatioSpec>,
}

/// How often a firm may be inspected.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct FrequencySpec {
    /// The exclusion code of a firm that has reached its cap.
    pub code: String,
    /// Kinds of earlier inspections that count toward caps and windows.
    pub counted: Vec<String>,
    /// Kinds that do not count. A kind that stands in neither list is an error of the data.
    pub not_counted: Vec<String>,
    /// The cap of each grade; a grade without one is not limited.
    pub caps: IndexMap<String, CapSpec>,
}

impl Default for FrequencySpec {
    fn default() -> Self {
        let words = |words: &[&str]| words.iter().map(|word| (*word).to_owned()).collect();
        Self {
            code: "at_cap".to_owned(),
            counted: words(&["日常", "日常检查", "专项", "专项检查"]),
            not_counted: words(&["线索核查", "即时", "即时检查"]),
            caps: IndexMap::new(),
        }
    }
}

/// At most so many counted inspections in a window.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct CapSpec {
    /// A firm with so many counted inspections in the window is not drawn again.
    pub visits: u64,
    /// The window: `"12 months"`, `"90 days"`, `"2 years"`.
    pub window: String,
}

/// Why firms cannot be drawn: exactly one of `within` and `flag`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct ExclusionSpec {
    /// The code in the committed frame.
    pub code: String,
    /// What it means.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub title: String,
    /// The last counted inspection lies within this window.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub within: Option<String>,
    /// A column of yes and no: on a no-site-visit list, struck off, in another plan, …
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub flag: Option<String>,
}

/// The least share of firms that the plan draws.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct FloorSpec {
    /// The share: 3 % by art. 4 of 企业公示信息抽查办法. 0 is no floor.
    pub ratio: RatioSpec,
    /// The share of which firms.
    pub of: Base,
    /// The grades in the order in which they are topped up; worst first where empty.
    pub top_up: Vec<String>,
}

impl Default for FloorSpec {
    fn default() -> Self {
        Self { ratio: RatioSpec("3 %".to_owned()), of: Base::All, top_up: Vec::new() }
    }
}

/// The part that is drawn in every grade, allocated by Neyman.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct ValidationSpec {
    /// How many firms altogether.
    pub firms: u64,
    /// At least so many of each grade.
    pub floor: u64,
    /// The share of firms with violations that is expected in each grade, p; the standard deviation is √(p(1 − p)).
    pub expected: IndexMap<String, RatioSpec>,
}

/// A smaller weight for firms that were inspected recently. Needs a single item.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct RecentSpec {
    /// How likely a firm is drawn that had a counted inspection within the window, compared to the others of its stratum: above 0, at most 1.
    #[serde(default = "fifth")]
    pub weight: RatioSpec,
    /// The window.
    pub within: String,
}

fn fifth() -> RatioSpec {
    RatioSpec("0.2".to_owned())
}

/// How a visit is made.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct VisitsSpec {
    /// Inspectors per visit, at least 2.
    pub inspectors: u32,
    /// Days that each of them needs for a visit: `1`, `"1/2"`, `0.5`.
    pub days: RatioSpec,
    /// Days after the end of an inspection within which its result is published.
    pub deadline_days: u32,
    /// Who may not go.
    pub recusal: Vec<RecusalSpec>,
}

impl Default for VisitsSpec {
    fn default() -> Self {
        Self { inspectors: 2, days: RatioSpec("1".to_owned()), deadline_days: 20, recusal: vec![RecusalSpec::Interests] }
    }
}

/// Who may not go on a visit (回避).
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum RecusalSpec {
    /// Who has declared an interest.
    Interests,
    /// Who was there last time.
    SameAsLastTime,
}
