//! The policy: from a file that an office can read to a checked type on which nothing downstream checks again.
//!
//! [`PolicySpec`] is what the file says; [`Policy`] is what it means. Loading reports every problem at once, with its place.
//!
//! ```
//! use firmgrade::sample::policy::Policy;
//!
//! let policy = Policy::from_toml("policy.toml", r#"
//!     [policy]
//!     plan_id = "2027/1"
//!     title = "年报公示信息抽查"
//!     period = { from = "2027-01-01", to = "2027-12-31" }
//!     grades = ["A", "B", "C", "D"]
//!
//!     [[items]]
//!     id = "report"
//!     name = "年度报告公示信息检查"
//!     department = "市场监督管理局"
//!     [items.rates]
//!     A = { rule = "at_least", ratio = "1 %" }
//!     B = { rule = "at_least", ratio = "2 %" }
//!     C = { rule = "at_least", ratio = "10 %" }
//!     D = { rule = "at_least", ratio = "30 %" }
//! "#)?;
//! assert_eq!(policy.floor().map(|rate| rate.to_string()).as_deref(), Some("3/100"));
//! # Ok::<(), firmgrade::Error>(())
//! ```

mod check;
mod load;
mod ratio;
mod spec;

pub use load::policy_schema;
pub use ratio::RatioSpec;
pub use spec::*;

use super::commit::canonical;
use super::results::{Codes, Outcome};
use super::{Base, Rate, Rounding, Suite};
use crate::calendar::Day;
use crate::card::Problem;
use crate::window::Window;

/// A checked policy.
///
/// Made by [`Policy::from_toml`] or `TryFrom<PolicySpec>`; both refuse a policy with problems.
#[derive(Clone, Debug)]
pub struct Policy {
    spec: PolicySpec,
    digest: String,
    period: (Day, Day),
    items: Vec<Item>,
    caps: Vec<Option<Cap>>,
    exclusions: Vec<Exclusion>,
    floor: Rate,
    top_up: Vec<usize>,
    validation: Option<Validation>,
    recent: Option<(Rate, Window)>,
    days: (u64, u64),
    codes: Codes,
    warnings: Vec<Problem>,
}

/// Something that is inspected.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Item {
    /// Short name.
    pub id: String,
    /// The name that people read.
    pub name: String,
    /// The legal basis; may be empty.
    pub basis: String,
    /// The department that inspects.
    pub department: String,
    /// General or key item.
    pub class: ItemClass,
    /// The qualification that an inspector needs.
    pub qualification: Option<String>,
    /// The rate of each grade, in the order of [`Policy::grades`].
    pub rates: Vec<ItemRate>,
}

/// How many firms of a grade.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ItemRate {
    /// Floor, ceiling or exact.
    pub rule: Rounding,
    /// How many.
    pub amount: Amount,
    /// The ratio below which a budget does not scale it; `None` where a budget does not scale it at all.
    pub floor: Option<Rate>,
}

/// A ratio or a count.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Amount {
    /// A share of the firms of each stratum.
    Ratio(Rate),
    /// So many firms of the grade.
    Count(u64),
}

impl Amount {
    /// Whether nobody is drawn.
    #[must_use]
    pub fn is_zero(self) -> bool {
        matches!(self, Self::Ratio(Rate { num: 0, .. }) | Self::Count(0))
    }
}

/// At most so many counted inspections in a window.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Cap {
    /// How many.
    pub visits: u64,
    /// The window.
    pub window: Window,
}

/// Why firms cannot be drawn.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Exclusion {
    /// The code in the committed frame.
    pub code: String,
    /// What it means; may be empty.
    pub title: String,
    /// Whom it meets.
    pub when: When,
}

/// Whom an exclusion meets.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum When {
    /// Firms whose last counted inspection lies in this window.
    Within(Window),
    /// Firms with yes in this column.
    Flag(String),
}

/// The part that is drawn in every grade.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Validation {
    /// How many firms altogether.
    pub firms: u64,
    /// At least so many of each grade.
    pub floor: u64,
    /// The expected share of firms with violations, in the order of [`Policy::grades`].
    pub expected: Vec<Rate>,
}

/// How an earlier inspection counts.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Kind {
    Counted,
    NotCounted,
}

impl Policy {
    /// What was checked: ratios as `num/den`, defaults filled in. [`digest`](Self::digest) is that of its canonical JSON.
    #[must_use]
    pub fn spec(&self) -> &PolicySpec {
        &self.spec
    }

    /// The digest that goes into the commitment, as 64 hexadecimal digits: two policies with equal digests plan alike.
    ///
    /// ```text
    /// H("firmgrade/policy/v1" || canonical JSON of the checked policy)     keys sorted, no spaces, UTF-8
    /// ```
    #[must_use]
    pub fn digest(&self) -> &str {
        &self.digest
    }

    /// The plan id.
    #[must_use]
    pub fn plan_id(&self) -> &str {
        &self.spec.policy.plan_id
    }

    /// The name of the plan.
    #[must_use]
    pub fn title(&self) -> &str {
        &self.spec.policy.title
    }

    /// First and last day.
    #[must_use]
    pub fn period(&self) -> (Day, Day) {
        self.period
    }

    /// The grades, best first.
    #[must_use]
    pub fn grades(&self) -> &[String] {
        &self.spec.policy.grades
    }

    /// The hash function.
    #[must_use]
    pub fn suite(&self) -> Suite {
        self.spec.draw.suite
    }

    /// The columns that divide each grade further.
    #[must_use]
    pub fn strata(&self) -> &[String] {
        &self.spec.draw.strata
    }

    /// The columns of yes and no that exclusions read, each once.
    #[must_use]
    pub fn flags(&self) -> Vec<&str> {
        let mut flags: Vec<&str> = Vec::new();
        for exclusion in &self.exclusions {
            if let When::Flag(column) = &exclusion.when
                && !flags.contains(&column.as_str())
            {
                flags.push(column);
            }
        }
        flags
    }

    /// Whether earlier inspections are read: an exclusion window, a cap or a smaller weight asks for them.
    #[must_use]
    pub fn reads_visits(&self) -> bool {
        self.recent.is_some()
            || self.caps.iter().any(Option::is_some)
            || self.exclusions.iter().any(|exclusion| matches!(exclusion.when, When::Within(_)))
    }

    /// Which firms of a stratum a ratio counts.
    #[must_use]
    pub fn base(&self) -> Base {
        self.spec.draw.base
    }

    /// What is inspected.
    #[must_use]
    pub fn items(&self) -> &[Item] {
        &self.items
    }

    /// The cap of each grade, in the order of [`grades`](Self::grades).
    #[must_use]
    pub fn caps(&self) -> &[Option<Cap>] {
        &self.caps
    }

    /// The exclusion code of firms that have reached their cap.
    #[must_use]
    pub fn cap_code(&self) -> &str {
        &self.spec.frequency.code
    }

    /// Why firms cannot be drawn, in the order in which reasons are tried.
    #[must_use]
    pub fn exclusions(&self) -> &[Exclusion] {
        &self.exclusions
    }

    /// The least share of firms that the plan draws; `None` where there is no floor.
    #[must_use]
    pub fn floor(&self) -> Option<Rate> {
        (self.floor.num > 0).then_some(self.floor)
    }

    /// Which firms the floor counts.
    #[must_use]
    pub fn floor_base(&self) -> Base {
        self.spec.floor.of
    }

    /// The grades in the order in which they are topped up, as indices into [`grades`](Self::grades).
    #[must_use]
    pub fn top_up(&self) -> &[usize] {
        &self.top_up
    }

    /// The part that is drawn in every grade.
    #[must_use]
    pub fn validation(&self) -> Option<&Validation> {
        self.validation.as_ref()
    }

    /// The weight of firms inspected within a window, compared to the others of their stratum.
    #[must_use]
    pub fn recent(&self) -> Option<(Rate, Window)> {
        self.recent
    }

    /// How a visit is made.
    #[must_use]
    pub fn visits(&self) -> &VisitsSpec {
        &self.spec.visits
    }

    /// Days that an inspector needs for a visit, numerator and denominator.
    #[must_use]
    pub fn days_per_visit(&self) -> (u64, u64) {
        self.days
    }

    /// What result codes mean.
    #[must_use]
    pub fn codes(&self) -> &Codes {
        &self.codes
    }

    /// What somebody should look at, though the policy can be used.
    #[must_use]
    pub fn warnings(&self) -> &[Problem] {
        &self.warnings
    }

    /// The outcome of a result code in any customary spelling.
    #[must_use]
    pub fn outcome(&self, code: &str) -> Option<Outcome> {
        self.codes.find(code).map(|(_, outcome)| outcome)
    }

    /// How an earlier inspection of this kind counts; `None` for an unknown kind.
    pub(super) fn kind(&self, kind: &str) -> Option<Kind> {
        let kind = super::frame::nfc(kind.trim());
        let holds = |kinds: &[String]| kinds.iter().any(|known| known == kind.as_ref());
        match (holds(&self.spec.frequency.counted), holds(&self.spec.frequency.not_counted)) {
            (true, _) => Some(Kind::Counted),
            (_, true) => Some(Kind::NotCounted),
            _ => None,
        }
    }

    fn digest_of(spec: &PolicySpec) -> String {
        spec.draw.suite.hash(&[b"firmgrade/policy/v1", canonical(spec).as_bytes()]).to_string()
    }
}
