//! What can be wrong with the text of a condition, and how it is said.

use super::functions::Function;
use crate::columns::ColumnKind;
use std::borrow::Cow;

/// One thing wrong with a condition, and where in its text it stands.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{}: {problem}", place(*.line, *.character))]
pub struct ConditionFault {
    /// Offset in bytes of the first byte concerned, counted in the condition's text.
    pub start: usize,
    /// Offset in bytes just after the last byte concerned; equal to `start` where something is lacking.
    pub end: usize,
    /// Line of `start`, from 1; the message names it from the second on.
    pub line: usize,
    /// Character of `start` within its line, from 1.
    pub character: usize,
    /// What is wrong.
    pub problem: ConditionProblem,
}

/// Everything that can be wrong with a condition.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum ConditionProblem {
    /// There is nothing but spaces.
    #[error("found an empty {of}, expected one such as `penalties > 10`")]
    Empty {
        /// What the text is: a condition or an expression.
        of: &'static str,
    },
    /// A parenthesis or quotation mark is never closed.
    #[error("found `{opened}`, expected a closing `{closing}` after it")]
    Unclosed {
        /// The mark that opens.
        opened: char,
        /// The mark that is lacking.
        closing: char,
    },
    /// A closing parenthesis was never opened.
    #[error("found `)`, expected a `(` before it")]
    Unopened,
    /// Something the language does not have at all, or not here.
    #[error("found `{found}`, expected {expected}")]
    Unexpected {
        /// The piece of text.
        found: String,
        /// What may stand there, or what to write instead.
        expected: Cow<'static, str>,
    },
    /// The text ends too early.
    #[error("found the end of the {of}, expected {expected}")]
    UnexpectedEnd {
        /// What the text is: a condition or an expression.
        of: &'static str,
        /// What may stand there.
        expected: Cow<'static, str>,
    },
    /// A name that is not a column.
    #[error("unknown column `{name}`{}", hint(.name, .suggestion.as_deref(), *.quoted))]
    UnknownColumn {
        /// The name, without its quotation marks.
        name: String,
        /// The nearest known column, if one is near.
        suggestion: Option<String>,
        /// Whether it stood in double quotes, as a text does in other languages.
        quoted: bool,
    },
    /// A name before a parenthesis that is not a function.
    #[error("unknown function `{name}`{}", function_hint(.suggestion.as_deref()))]
    UnknownFunction {
        /// The name.
        name: String,
        /// The nearest function, if one is near.
        suggestion: Option<String>,
    },
    /// A function with too few or too many arguments.
    #[error("found {found} argument{} of `{function}`, expected {expected}", if *.found == 1 { "" } else { "s" })]
    Arguments {
        /// The function.
        function: &'static str,
        /// How many there are.
        found: usize,
        /// What there must be.
        expected: &'static str,
    },
    /// A column whose use does not tell what it holds.
    #[error("cannot tell what column `{name}` holds, number, text, flag or date; state it in the scorecard")]
    UnknownKind {
        /// The column.
        name: String,
    },
    /// A value of another kind than its place needs.
    #[error("found {found_kind} `{found}`, expected {} {place}", article(*.expected))]
    OtherKind {
        /// The value.
        found: String,
        /// Its kind.
        found_kind: ColumnKind,
        /// The kind that is needed.
        expected: ColumnKind,
        /// Where.
        place: Cow<'static, str>,
    },
    /// Parentheses, `NOT` and minus signs within one another beyond what the parser follows.
    #[error("found nesting too deep to read, expected a flatter {of}")]
    TooDeep {
        /// What the text is: a condition or an expression.
        of: &'static str,
    },
    /// More operators than a condition may have.
    #[error("found {found} operators, expected at most {most}; many `=` joined by `OR` are one `IN (…)`")]
    TooLong {
        /// How many there are.
        found: usize,
        /// How many there may be.
        most: usize,
    },
    /// A number that `f64` cannot hold.
    #[error("found `{found}`, expected a number below 1.8e308")]
    NumberTooLarge {
        /// The number as written.
        found: String,
    },
    /// Two kinds that cannot be equal.
    #[error("found {found_kind} `{found}`, expected {} to compare with `{with}`", article(*.with_kind))]
    Incomparable {
        /// The right side.
        found: String,
        /// Its kind.
        found_kind: ColumnKind,
        /// The left side.
        with: String,
        /// Its kind.
        with_kind: ColumnKind,
    },
    /// Arithmetic or ordering on something that is not a number.
    #[error("found {kind} `{found}`, expected a number beside `{operator}`")]
    NotANumber {
        /// The side that is no number.
        found: String,
        /// Its kind.
        kind: ColumnKind,
        /// The operator that wants a number.
        operator: &'static str,
    },
    /// A number or text where something true or false must stand.
    #[error("found {kind} `{found}`, expected a condition such as `{found} {}`", comparison(*.kind))]
    NotACondition {
        /// The number or text.
        found: String,
        /// Its kind.
        kind: ColumnKind,
    },
    /// `NULL` where it makes the result `NULL` whatever the data.
    #[error("found `{found}`, which is always NULL, expected {expected}")]
    NullOperand {
        /// The whole comparison or sum.
        found: String,
        /// What to write instead.
        expected: String,
    },
}

fn place(line: usize, character: usize) -> String {
    if line > 1 { format!("line {line}, character {character}") } else { format!("character {character}") }
}

fn hint(name: &str, suggestion: Option<&str>, quoted: bool) -> String {
    let suggestion = suggestion.map_or_else(String::new, |near| format!("; did you mean `{near}`?"));
    if quoted && suggestion.is_empty() {
        return format!("; a text stands in single quotes: `'{name}'`");
    }
    suggestion
}

fn function_hint(suggestion: Option<&str>) -> String {
    suggestion.map_or_else(
        || format!("; there are {}", Function::ALL.iter().map(|f| format!("`{}`", f.name())).collect::<Vec<_>>().join(", ")),
        |near| format!("; did you mean `{near}`?"),
    )
}

fn article(kind: ColumnKind) -> &'static str {
    match kind {
        ColumnKind::Number => "a number",
        ColumnKind::Text => "a text",
        ColumnKind::Flag => "a flag",
        ColumnKind::Date => "a date",
    }
}

fn comparison(kind: ColumnKind) -> &'static str {
    match kind {
        ColumnKind::Number => "> 0",
        ColumnKind::Text => "= '…'",
        ColumnKind::Flag => "IS TRUE",
        ColumnKind::Date => "> DATE '2022-01-01'",
    }
}
