//! The functions of expressions.

/// A function; its name is read in any letter case.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Function {
    /// The first argument that is there.
    Coalesce,
    /// The first argument, missing where it equals the second.
    NullIf,
    Abs,
    /// The least of numbers or dates, missing where one is.
    Least,
    /// The greatest of numbers or dates, missing where one is.
    Greatest,
    /// Rounded to so many decimals, halves away from zero.
    Round,
    MonthsBetween,
    YearsBetween,
    Mismatch,
}

impl Function {
    pub const ALL: [Self; 9] = [
        Self::Coalesce,
        Self::NullIf,
        Self::Abs,
        Self::Least,
        Self::Greatest,
        Self::Round,
        Self::MonthsBetween,
        Self::YearsBetween,
        Self::Mismatch,
    ];

    pub fn name(self) -> &'static str {
        match self {
            Self::Coalesce => "COALESCE",
            Self::NullIf => "NULLIF",
            Self::Abs => "ABS",
            Self::Least => "LEAST",
            Self::Greatest => "GREATEST",
            Self::Round => "ROUND",
            Self::MonthsBetween => "months_between",
            Self::YearsBetween => "years_between",
            Self::Mismatch => "mismatch",
        }
    }

    pub fn find(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|function| function.name().eq_ignore_ascii_case(name))
    }

    /// How many arguments it takes, and how that is said.
    pub fn takes(self) -> (std::ops::RangeInclusive<usize>, &'static str) {
        match self {
            Self::Abs => (1..=1, "1"),
            Self::Round => (1..=2, "a number and, where wanted, its decimals"),
            Self::NullIf | Self::MonthsBetween | Self::YearsBetween => (2..=2, "2"),
            Self::Mismatch => (3..=3, "3: two numbers and a tolerance"),
            Self::Coalesce | Self::Least | Self::Greatest => (2..=usize::MAX, "2 or more"),
        }
    }
}
