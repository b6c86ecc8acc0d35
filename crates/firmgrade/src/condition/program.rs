//! A condition as a flat list of steps over two stacks of blocks: numbers, and truths.

use super::{FALSE, TRUE};
use crate::columns::TextView;

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
}

impl Step {
    /// The step for a truth known beforehand.
    pub fn known(truth: bool) -> Self {
        Self::Constant(if truth { TRUE } else { FALSE })
    }

    /// What the step takes from and puts on the stack of numbers and that of truths.
    fn effect(&self) -> [(usize, usize); 2] {
        match self {
            Self::NumberColumn(_) | Self::Literal(_) => [(0, 1), (0, 0)],
            Self::Duplicate => [(1, 2), (0, 0)],
            Self::Negate => [(1, 1), (0, 0)],
            Self::Arithmetic(_) => [(2, 1), (0, 0)],
            Self::Compare(_) => [(2, 0), (0, 1)],
            Self::CompareLiteral(..) | Self::NumberIn(_) | Self::NumberMissing => [(1, 0), (0, 1)],
            Self::TextIn(..) | Self::TextEqual(..) | Self::TextMissing(_) | Self::FlagColumn(_) | Self::Constant(_) => [(0, 0), (0, 1)],
            Self::Is(_) | Self::Not => [(0, 0), (1, 1)],
            Self::And | Self::Or | Self::Same => [(0, 0), (2, 1)],
        }
    }
}

/// The steps and how many blocks each stack must hold.
#[derive(Clone, Debug, Default, PartialEq)]
pub(super) struct Program {
    pub steps: Vec<Step>,
    /// The greatest depth of the stack of numbers and of that of truths.
    pub depths: [usize; 2],
}

impl From<Vec<Step>> for Program {
    fn from(steps: Vec<Step>) -> Self {
        let (mut now, mut depths) = ([0_usize; 2], [0; 2]);
        for step in &steps {
            for ((now, most), (takes, puts)) in now.iter_mut().zip(&mut depths).zip(step.effect()) {
                *now = now.saturating_sub(takes) + puts;
                *most = (*now).max(*most);
            }
        }
        Self { steps, depths }
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
