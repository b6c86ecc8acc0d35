//! A condition as a flat list of steps over stacks of blocks: numbers (and dates, as days), truths, and texts.
//!
//! A text on the stack is the number of its source, a column or a literal: no function makes new texts, so a text is copied nowhere.

use super::{FALSE, TRUE};
use crate::columns::{Kind, TextView};

/// The number of no source: a missing text.
pub(super) const NO_TEXT: u32 = u32::MAX;

/// Where a text comes from.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum TextSource {
    /// The column with this place in `Condition::columns`.
    Column(usize),
    /// A text of the condition.
    Literal(String),
}

/// `=`, `<>`, `<`, `<=`, `>`, `>=`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Comparison {
    Equal,
    Unequal,
    Less,
    LessOrEqual,
    Greater,
    GreaterOrEqual,
}

/// `+`, `-`, `*`, `/`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Arithmetic {
    Add,
    Subtract,
    Multiply,
    Divide,
}

/// One step. Columns are named by their place in `Condition::columns`.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum Step {
    /// → number
    NumberColumn(usize),
    /// → number
    Literal(f64),
    /// number → number, number
    Duplicate,
    /// number → number
    Negate,
    /// number, number → number
    Arithmetic(Arithmetic),
    /// number, number → truth
    Compare(Comparison),
    /// number → truth
    CompareLiteral(Comparison, f64),
    /// number → truth; the list is in order
    NumberIn(Box<[f64]>),
    /// number → truth
    NumberMissing,
    /// → truth
    TextIn(usize, TextSet),
    /// → truth
    TextEqual(usize, usize),
    /// → truth
    TextMissing(usize),
    /// → truth
    FlagColumn(usize),
    /// → truth
    Constant(u8),
    /// truth → truth: whether it is this one
    Is(u8),
    /// truth → truth
    Not,
    /// truth, truth → truth
    And,
    /// truth, truth → truth
    Or,
    /// truth, truth → truth
    Same,
    /// → number: the as-of day
    AsOf,
    /// → number, truth or text: missing
    Missing(Kind),
    /// number → number
    Abs,
    /// number → number, with so many decimals
    Round(u8),
    /// number, number → number
    Least,
    /// number, number → number
    Greatest,
    /// day, day → number: whole stretches of so many months
    MonthsBetween(i32),
    /// number, number → number: `|a − b| / max(|a|, |b|)`, 0 where both are 0
    Gap,
    /// → text: this source
    Text(u32),
    /// text → text, text
    DuplicateText,
    /// text, text → truth
    TextSame,
    /// text → truth
    TextAmong(TextSet),
    /// text → truth
    NoText,
    /// two of a kind → one: the first that is there
    Coalesce(Kind),
    /// two of a kind → one: the first, missing where they are equal
    NullIf(Kind),
    /// one of a kind, truth, another of the kind → one: the other where the truth is TRUE
    Choose(Kind),
}

impl Step {
    /// The step for a truth known beforehand.
    pub fn known(truth: bool) -> Self {
        Self::Constant(if truth { TRUE } else { FALSE })
    }

    /// What the step takes from and puts on the stacks of numbers, truths and texts.
    fn effect(&self) -> [(usize, usize); 3] {
        const NONE: (usize, usize) = (0, 0);
        let of = |kind: Kind, effect| match kind {
            Kind::Number => [effect, NONE, NONE],
            Kind::Flag => [NONE, effect, NONE],
            Kind::Text => [NONE, NONE, effect],
        };
        match self {
            Self::NumberColumn(_) | Self::Literal(_) | Self::AsOf => [(0, 1), NONE, NONE],
            Self::Duplicate => [(1, 2), NONE, NONE],
            Self::Negate | Self::Abs | Self::Round(_) => [(1, 1), NONE, NONE],
            Self::Arithmetic(_) | Self::Least | Self::Greatest | Self::Gap | Self::MonthsBetween(_) => [(2, 1), NONE, NONE],
            Self::Compare(_) => [(2, 0), (0, 1), NONE],
            Self::CompareLiteral(..) | Self::NumberIn(_) | Self::NumberMissing => [(1, 0), (0, 1), NONE],
            Self::TextIn(..) | Self::TextEqual(..) | Self::TextMissing(_) | Self::FlagColumn(_) | Self::Constant(_) => [NONE, (0, 1), NONE],
            Self::Is(_) | Self::Not => [NONE, (1, 1), NONE],
            Self::And | Self::Or | Self::Same => [NONE, (2, 1), NONE],
            Self::Text(_) => [NONE, NONE, (0, 1)],
            Self::DuplicateText => [NONE, NONE, (1, 2)],
            Self::TextSame => [NONE, (0, 1), (2, 0)],
            Self::TextAmong(_) | Self::NoText => [NONE, (0, 1), (1, 0)],
            Self::Missing(kind) => of(*kind, (0, 1)),
            Self::Coalesce(kind) | Self::NullIf(kind) => of(*kind, (2, 1)),
            Self::Choose(Kind::Number) => [(2, 1), (1, 0), NONE],
            Self::Choose(Kind::Flag) => [NONE, (3, 1), NONE],
            Self::Choose(Kind::Text) => [NONE, (1, 0), (2, 1)],
        }
    }
}

/// The steps, the sources of texts, and how many blocks each stack must hold.
#[derive(Clone, Debug, Default, PartialEq)]
pub(super) struct Program {
    pub steps: Vec<Step>,
    pub sources: Vec<TextSource>,
    /// The greatest depth of the stacks of numbers, truths and texts.
    pub depths: [usize; 3],
}

impl Program {
    pub fn new(steps: Vec<Step>, sources: Vec<TextSource>) -> Self {
        let (mut now, mut depths) = ([0_usize; 3], [0; 3]);
        for step in &steps {
            for ((now, most), (takes, puts)) in now.iter_mut().zip(&mut depths).zip(step.effect()) {
                *now = now.saturating_sub(takes) + puts;
                *most = (*now).max(*most);
            }
        }
        Self { steps, sources, depths }
    }
}

/// The texts of an `IN`, ready for each layout of a text column.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct TextSet {
    /// All texts, in order.
    all: Box<[Box<[u8]>]>,
    /// Those that stand in a view, as views, in order.
    inline: Box<[u128]>,
    /// Whether some do not.
    long: bool,
}

impl TextSet {
    pub fn new(texts: Vec<String>) -> Self {
        let mut inline: Vec<_> = texts.iter().filter_map(|text| TextView::inline(text)).map(TextView::as_u128).collect();
        let long = inline.len() < texts.len();
        let mut all: Vec<_> = texts.into_iter().map(|text| text.into_bytes().into_boxed_slice()).collect();
        inline.sort_unstable();
        inline.dedup();
        all.sort_unstable();
        all.dedup();
        Self { all: all.into(), inline: inline.into(), long }
    }

    /// Whether the text is one of the set.
    #[inline]
    pub fn contains(&self, text: &[u8]) -> bool {
        match &*self.all {
            [one] => **one == *text,
            all => all.binary_search_by(|probe| (**probe).cmp(text)).is_ok(),
        }
    }

    /// Whether an inline view is one of the set.
    #[inline]
    pub fn contains_inline(&self, view: u128) -> bool {
        match &*self.inline {
            [one] => *one == view,
            inline => inline.binary_search(&view).is_ok(),
        }
    }

    /// Whether a text too long for a view can be one of the set.
    pub fn has_long(&self) -> bool {
        self.long
    }
}
