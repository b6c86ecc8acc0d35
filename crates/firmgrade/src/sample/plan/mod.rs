//! The plan: how many firms of each stratum a policy draws, with all the arithmetic, ready to be committed to.
//!
//! ```text
//! item      n_i = N·rate, up for "at least", down for "at most"; N counts the firms that can be drawn, or all, as the policy says
//! visits    max over items of n_i: all departments use the same ticket for a firm
//! + validation   at least v firms, allocated by Neyman in whole numbers
//! + top-up       until the plan reaches the global floor, grade by grade in the declared order
//! ```
//! An item is lifted with its stratum up to its ceiling: all that can be drawn for "at least", its own number for "at most" and "exactly".
//!
//! A budget multiplies the *raised* rates by one factor, the largest with which the visits fit. Raised are ratios for which the policy states a
//! `floor`, and ratios above the global floor; the former are not scaled below theirs, the latter not below the global one. Other ratios, counts, the
//! validation part and the global floor itself are kept.
//!
//! Whether a firm is drawn for enforcement or for validation, it is drawn by the same ticket: both parts are random, so a firm drawn for
//! enforcement serves the validation part as well, which adds only what enforcement lacks.

mod allocate;
mod budget;
mod build;
mod fault;
mod firms;
mod size;

pub use allocate::{Allocated, neyman, proportional};
pub use build::plan;
pub use fault::PlanFault;
pub use firms::{Firms, PastVisits};

use super::policy::Amount;
use super::{Base, Committed, Design, Fraction, Frame, Rate, Rounding, Row, Salt, Suite};
use crate::error::Error;
use serde::Serialize;
use std::collections::BTreeMap;

/// What a plan is made with, besides policy and firms.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct PlanOptions {
    /// The day with which windows end; the day before the plan's period where absent.
    pub as_of: Option<crate::calendar::Day>,
    /// How many inspector-days there are; raised rates are scaled down to fit.
    pub inspector_days: Option<u64>,
}

/// A plan. Serialises to all its arithmetic.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Plan {
    /// The plan id.
    pub plan_id: String,
    /// The name of the plan.
    pub title: String,
    /// The hash function of the draw.
    pub suite: Suite,
    /// The digest of the policy.
    pub policy_digest: String,
    /// The day with which windows end (YYYY-MM-DD).
    pub as_of: String,
    /// The strata in the order of the bytes of their names.
    pub strata: Vec<PlanStratum>,
    /// All strata together.
    pub total: PlanTotal,
    /// The global floor, where there is one.
    pub floor: Option<FloorCheck>,
    /// How the rates were made to fit, where a budget was given.
    pub budget: Option<BudgetFit>,
    /// What became of earlier inspections.
    pub past: PastAccount,
    /// What somebody should look at.
    pub warnings: Vec<String>,
    /// How is drawn.
    pub design: Design,
    /// For each firm as given: its stratum, its exclusion code from 1 (0 for none), whether it has the smaller weight.
    #[serde(skip)]
    placed: Vec<Placed>,
    /// Exclusion codes.
    #[serde(skip)]
    codes: Vec<String>,
}

/// Where one firm stands.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
struct Placed {
    stratum: u32,
    exclusion: u16,
    recent: bool,
}

/// The arithmetic of one stratum.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct PlanStratum {
    /// Its name: grade, values of the policy's columns and, for firms that have reached their cap and are drawn for key items only, its code,
    /// joined by `|`; a `|` or `\` inside of a part has a `\` before it.
    pub stratum: String,
    /// The grade.
    pub grade: String,
    /// Whether its firms have reached their cap.
    pub capped: bool,
    /// All its firms.
    pub rows: u64,
    /// Those excluded, by code.
    pub excluded: BTreeMap<String, u64>,
    /// Those that can be drawn.
    pub eligible: u64,
    /// Which firms N counts.
    pub base: Base,
    /// What each item asks for.
    pub items: Vec<PlanItem>,
    /// Firms that the items ask for together: the greatest of them.
    pub enforcement: u64,
    /// Firms that the validation part asks for.
    pub validation: u64,
    /// Firms added to reach the global floor.
    pub top_up: u64,
    /// Firms to draw: the greater of enforcement and validation, then the top-up.
    pub n: u64,
    /// The rate in the frame.
    pub rate: Rate,
    /// Firms with the smaller weight that can be drawn, and their rate.
    pub recent: Option<(u64, Rate)>,
}

/// What one item asks for in one stratum.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct PlanItem {
    /// The item.
    pub item: String,
    /// Floor, ceiling or exact.
    pub rule: Rounding,
    /// A ratio `num/den`, or a count of the whole grade.
    pub amount: Said,
    /// N: the firms that the ratio counts.
    pub counted: u64,
    /// What a budget made of the ratio.
    pub scaled: Option<Scaled>,
    /// N times the ratio, exact and in lowest terms, after scaling; the stratum's part of a count.
    pub asked: String,
    /// As a whole number of firms, as far as they can be drawn.
    pub n: u64,
    /// Firms that a floor asks for and that cannot be drawn.
    pub short: u64,
    /// After the validation part and the top-up.
    pub lifted: u64,
    /// How far it can be lifted.
    pub ceiling: u64,
    /// `asked` as a number.
    #[serde(skip)]
    exact: Fraction,
}

/// What a budget makes of a ratio.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Scaled {
    /// Times so many parts of [`SCALE`].
    Factor(u64),
    /// The ratio below which it is not scaled stands in its place.
    Floor(Rate),
}

/// A ratio or a count, as serialised.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Said {
    /// A share of the firms.
    Ratio(Rate),
    /// So many firms of the grade.
    Count(u64),
}

impl From<Amount> for Said {
    fn from(amount: Amount) -> Self {
        match amount {
            Amount::Ratio(rate) => Self::Ratio(rate),
            Amount::Count(count) => Self::Count(count),
        }
    }
}

/// All strata together.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct PlanTotal {
    /// All firms.
    pub rows: u64,
    /// Those excluded, by code.
    pub excluded: BTreeMap<String, u64>,
    /// Those that can be drawn.
    pub eligible: u64,
    /// Firms to draw.
    pub n: u64,
    /// Inspector-days that the visits need, rounded up.
    pub inspector_days: u64,
}

/// The global floor held against the plan.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct FloorCheck {
    /// The share.
    pub ratio: Rate,
    /// Of which firms.
    pub of: Base,
    /// How many these are.
    pub counted: u64,
    /// The least number of firms to draw.
    pub least: u64,
    /// What the rates ask for before rounding, exact: of each stratum the item that asks for most. `None` where it exceeds 128 bits.
    pub asked: Option<String>,
    /// The same as a share, in per cent with four decimals.
    pub asked_percent: Option<String>,
    /// Firms before the top-up.
    pub before: u64,
    /// Firms after it.
    pub after: u64,
    /// The strata that were topped up, with the firms added.
    pub topped_up: Vec<(String, u64)>,
}

/// How the rates were made to fit a budget.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct BudgetFit {
    /// Inspector-days given.
    pub inspector_days: u64,
    /// Inspector-days that the whole rates would have needed, rounded up.
    pub wanted: u64,
    /// Inspector-days that the floors alone need, rounded up.
    pub least: u64,
    /// The factor of the raised rates in parts of [`SCALE`]: the largest that fits. A rate is not scaled below its floor.
    pub scale: u64,
}

/// The whole of a scaling.
pub const SCALE: u64 = 1_000_000_000;

/// What became of earlier inspections.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize)]
pub struct PastAccount {
    /// Rows read.
    pub read: u64,
    /// Those whose kind counts.
    pub counted: u64,
    /// Those whose kind does not count.
    pub not_counted: u64,
    /// Those after the as-of day.
    pub later: u64,
    /// Those of firms that are not in the list.
    pub unmatched: u64,
}

impl Plan {
    /// The rows of the frame, in the order of the firms from which the plan was made.
    pub fn rows<'a>(&'a self, firms: &'a Firms<'_>) -> impl Iterator<Item = Row<'a>> {
        firms.ids.iter().zip(&firms.grades).zip(&self.placed).map(|((id, grade), placed)| {
            let stratum = self.strata.get(placed.stratum as usize);
            let rate = stratum.map_or(Rate::ZERO, |stratum| match stratum.recent {
                Some((_, rate)) if placed.recent => rate,
                _ => stratum.rate,
            });
            let exclusion = usize::from(placed.exclusion).checked_sub(1).and_then(|at| self.codes.get(at));
            Row {
                id,
                grade,
                stratum: stratum.map_or("", |stratum| &stratum.stratum),
                rate,
                exclusion: exclusion.map_or("", String::as_str),
            }
        })
    }

    /// The frame of the firms from which the plan was made.
    ///
    /// # Errors
    /// [`Error::Sample`] as of [`Frame::new`].
    pub fn frame(&self, firms: &Firms<'_>) -> Result<Frame, Error> {
        Frame::new(self.rows(firms))
    }

    /// Commits to the plan; salts for the firms as they were given.
    ///
    /// # Errors
    /// [`Error::Sample`] as of [`Committed::new`].
    pub fn commit(&self, firms: &Firms<'_>, sources: &[&str], salts: &[Salt]) -> Result<Committed, Error> {
        let frame = self.frame(firms)?;
        let salts = frame.arrange(salts)?;
        Committed::new(&self.plan_id, self.suite, &self.policy_digest, sources, self.design.clone(), frame, &salts)
    }
}
