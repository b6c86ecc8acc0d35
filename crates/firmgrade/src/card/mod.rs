//! The scorecard: from a file that a regulator can read to a checked type on which nothing downstream checks again.
//!
//! [`ScorecardSpec`] is what the file says; [`Scorecard`] is what it means. Loading reports every problem at once, with its place.

mod bands;
mod check;
mod derivation;
mod derived;
pub(crate) mod document;
mod load;
mod problem;
mod raw;
pub(crate) mod shape;
mod spec;
mod tables;
mod tree;

pub use bands::Bands;
pub use derivation::*;
pub use load::Resolve;
pub use problem::{Place, Problem};
pub use raw::*;
pub use shape::scorecard_schema;
pub use spec::*;
pub use tree::Node;

use crate::ahp::Judgments;
use crate::columns::Kind;
use crate::condition::Condition;
use crate::score::Plan;
use indexmap::IndexMap;
use std::sync::Arc;

/// A checked scorecard.
///
/// Made by [`Scorecard::from_toml`], [`Scorecard::from_toml_with`] or `TryFrom<ScorecardSpec>`; each of them refuses a card with problems.
#[derive(Clone, Debug)]
pub struct Scorecard {
    pub(crate) spec: ScorecardSpec,
    pub(crate) digest: String,
    pub(crate) nodes: Vec<Node>,
    pub(crate) indicators: Vec<Indicator>,
    pub(crate) columns: Vec<CardColumn>,
    pub(crate) scale: Scale,
    pub(crate) grades: Grades,
    pub(crate) rules: Vec<Rule>,
    pub(crate) derivation: Derivation,
    pub(crate) warnings: Vec<Problem>,
    pub(crate) plan: Arc<Plan>,
}

/// A leaf of the tree: a column and what its values mean.
#[derive(Clone, Debug)]
pub struct Indicator {
    /// Short name.
    pub id: String,
    /// The name that people read.
    pub title: String,
    /// The unit of the column, for people.
    pub unit: Option<String>,
    /// Index of the node above in [`Scorecard::nodes`].
    pub parent: usize,
    /// Share of the parent's weight, from 0 to 1.
    pub local_weight: f64,
    /// Share of the whole, from 0 to 1: the product of the local weights from the top down.
    pub weight: f64,
    /// Index of the column in [`Scorecard::columns`].
    pub column: usize,
    /// How a value becomes a risk.
    pub measure: Measure,
    /// What a missing value is worth.
    pub missing: Worth,
    /// What a value is worth that no band or category covers.
    pub outside: Worth,
    /// The lowest risk that a value can take.
    pub best: f64,
    /// The highest risk that a value can take.
    pub worst: f64,
}

/// How a value becomes a risk.
#[derive(Clone, Debug)]
pub enum Measure {
    /// Bands of a number.
    Bands(Bands),
    /// Straight lines between points (ascending), constant beyond the ends.
    Points(Vec<PointSpec>),
    /// Categories of a text, in the order of the card.
    Categories(Vec<(String, f64)>),
    /// Yes and no.
    Flag(FlagSpec),
}

impl Measure {
    /// The kind of column it reads.
    #[must_use]
    pub fn kind(&self) -> Kind {
        match self {
            Self::Bands(_) | Self::Points(_) => Kind::Number,
            Self::Categories(_) => Kind::Text,
            Self::Flag(_) => Kind::Flag,
        }
    }
}

/// What a missing or uncovered value is worth.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Worth {
    /// It is an error of the data.
    Error,
    /// It is worth this risk.
    Risk(f64),
    /// It counts as missing (uncovered values only).
    Missing,
    /// The weight is shared among the siblings (missing values only).
    Reweight,
}

/// A column that the card reads.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CardColumn {
    /// Its name in the data.
    pub name: String,
    /// What it holds.
    pub kind: Kind,
}

/// The scale of the score.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Scale {
    /// The lowest score.
    pub min: f64,
    /// The highest score.
    pub max: f64,
    /// Which end is better.
    pub better: Better,
    /// How the score is rounded before it is graded.
    pub round: Option<RoundSpec>,
}

/// The grades and how a score becomes one.
#[derive(Clone, Debug)]
pub struct Grades {
    /// All names, best first; the class for firms with too little data, where there is one, comes last.
    pub names: Vec<String>,
    /// How many of the names are grades, the class left out.
    pub ordered: usize,
    /// How many of the grades a score can give; the rest are given by rules only.
    pub scored: usize,
    /// Where one grade ends and the next begins.
    pub cuts: Cuts,
    /// Firms whose coverage is below this get the last name.
    pub coverage_below: Option<f64>,
}

/// Where one grade ends and the next begins.
#[derive(Clone, Debug, PartialEq)]
pub enum Cuts {
    /// Cut points, best first.
    Fixed(Vec<Cut>),
    /// Cut points to be solved so that each scored grade gets this share of the firms.
    Shares(Vec<f64>),
}

/// A cut point: scores on its good side are at least this grade.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Cut {
    /// The score.
    pub score: f64,
    /// Whether the score itself lies on the good side.
    pub closed: bool,
}

/// A rule that sets or shifts a grade.
#[derive(Clone, Debug)]
pub struct Rule {
    /// Short name.
    pub id: String,
    /// The name that people read.
    pub title: String,
    /// The document or article that the rule cites.
    pub basis: Option<String>,
    /// When it applies.
    pub condition: Condition,
    /// The condition's columns as indices into [`Scorecard::columns`], in the condition's order.
    pub columns: Vec<usize>,
    /// What it does.
    pub action: Action,
}

/// What a rule does to a grade; grades are indices into [`Grades::names`].
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Action {
    /// The firm gets this grade.
    Set(u8),
    /// The firm moves by this many grades (positive is worse), at most to `cap`.
    Shift {
        /// Number of grades; positive is worse.
        by: i32,
        /// Where the shift ends.
        cap: u8,
    },
}

impl Scorecard {
    /// What the card says, inheritance resolved.
    #[must_use]
    pub fn spec(&self) -> &ScorecardSpec {
        &self.spec
    }

    /// SHA-256 of the resolved card as canonical JSON, as 64 hexadecimal digits: two cards with equal digests grade alike.
    #[must_use]
    pub fn digest(&self) -> &str {
        &self.digest
    }

    /// The inner nodes of the tree, the root first, each after its parent.
    #[must_use]
    pub fn nodes(&self) -> &[Node] {
        &self.nodes
    }

    /// The judgments of a node of this card; `None` where its weights do not come from judgments.
    #[must_use]
    pub fn judgments(&self, node: &Node) -> Option<Judgments> {
        tree::judgments(&self.spec, node)
    }

    /// The indicators, in the order in which they are summed.
    #[must_use]
    pub fn indicators(&self) -> &[Indicator] {
        &self.indicators
    }

    /// The columns that the card reads, the id column left out, each once.
    #[must_use]
    pub fn columns(&self) -> &[CardColumn] {
        &self.columns
    }

    /// The column that identifies a firm.
    #[must_use]
    pub fn id_column(&self) -> &str {
        &self.spec.scorecard.id_column
    }

    /// The column of the firm table with the firm's name, where the card states one.
    #[must_use]
    pub fn name_column(&self) -> Option<&str> {
        self.spec.scorecard.name_column.as_deref()
    }

    /// The scale of the score.
    #[must_use]
    pub fn scale(&self) -> Scale {
        self.scale
    }

    /// The grades.
    #[must_use]
    pub fn grades(&self) -> &Grades {
        &self.grades
    }

    /// The overrides, in the order in which they are applied.
    #[must_use]
    pub fn rules(&self) -> &[Rule] {
        &self.rules
    }

    /// What the card derives from raw tables.
    #[must_use]
    pub fn derivation(&self) -> &Derivation {
        &self.derivation
    }

    /// What header cells mean, by table id ([`FIRMS`] is the firm table): header → column.
    #[must_use]
    pub fn mapping(&self) -> &IndexMap<String, IndexMap<String, String>> {
        &self.spec.mapping
    }

    /// How the cells of a table are read; [`FIRMS`] is the firm table.
    #[must_use]
    pub fn reading(&self, table: &str) -> Reading {
        Reading::of(&self.spec.reading, table)
    }

    /// Whether the card says how headers or cells of the firm table are read.
    #[must_use]
    pub fn reads_firms(&self) -> bool {
        self.spec.mapping.contains_key(FIRMS) || !self.spec.reading.all.is_default() || self.spec.reading.tables.contains_key(FIRMS)
    }

    /// Problems that do not stop the card.
    #[must_use]
    pub fn warnings(&self) -> &[Problem] {
        &self.warnings
    }

    /// The resolved card as JSON; `ScorecardSpec` reads it back.
    #[must_use]
    pub fn to_json(&self) -> String {
        serde_json::to_string(&self.spec).unwrap_or_default()
    }
}
