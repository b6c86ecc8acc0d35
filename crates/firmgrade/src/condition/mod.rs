//! Conditions on columns, written in SQL: `penalties_24m > 10 OR on_dishonest_list`.
//!
//! A closed subset of SQL's boolean expressions, with SQL's meaning:
//!
//! ```text
//! column names      penalties_24m   行政处罚次数   "a name with spaces"   (letter case counts)
//! values            10   2.5   1e6   'text'   TRUE   FALSE   NULL
//! comparisons       =   <>   !=   <   <=   >   >=      numbers by size; texts and flags only = and <>
//!                   [NOT] BETWEEN … AND …   [NOT] IN (…)   IS [NOT] NULL   IS [NOT] TRUE   IS [NOT] FALSE
//! arithmetic        +   -   *   /   and the sign -, on numbers
//! conditions        AND   OR   NOT   (…)   and a flag column by itself
//! ```
//!
//! Logic has three values: a comparison with a missing value is neither true nor false but *unknown* (SQL's
//! NULL). Null and NaN are both missing. Truths are numbers, so that logic is arithmetic:
//!
//! ```text
//! FALSE = 0, UNKNOWN = 1, TRUE = 2      a AND b = min(a, b)      a OR b = max(a, b)      NOT a = 2 − a
//! ```
//!
//! (ISO/IEC 9075-2, `<boolean value expression>`.)
//!
//! Where SQL's dialects differ: texts are equal when their bytes are; `/` divides exactly, whole numbers too; a
//! sum that is not finite (a division by zero, an overflow) is missing; `x IN (1, NULL)` is never false and
//! `x NOT IN (1, NULL)` never true, as the standard has it. Numbers are `f64`, so whole numbers beyond 2^53 are
//! not told apart.
//!
//! An [`Expression`] computes a value in a larger language, which conditions on raw records have too:
//!
//! ```text
//! dates             DATE '2022-01-31'   as_of, the day as of which one grades   and columns of dates
//!                   date − date = days   date ± days = date   compared with dates only
//! choices           CASE WHEN … THEN … [WHEN … THEN …] [ELSE …] END
//! functions         COALESCE(a, b, …)   NULLIF(a, b)   ABS(x)   ROUND(x[, decimals])   LEAST(a, b, …)   GREATEST(a, b, …)
//!                   months_between(from, to)   years_between(from, to)   mismatch(a, b, tolerance)
//! ```
//!
//! `LEAST` and `GREATEST` are missing where one of theirs is: what is not known may be the smallest. `ROUND` rounds halves away from zero.
//! Months and years are whole calendar ones, negative where `to` is the earlier day ([`Day::months_until`](crate::calendar::Day::months_until)).
//! `mismatch` is `|a − b| / max(|a|, |b|) > tolerance`, unknown where a number is missing. What a column holds is told by its use; names
//! that are words of SQL (`end`, `case`, `mod`) stand in double quotes there.

mod call;
mod compile;
mod evaluate;
mod expression;
mod fault;
mod functions;
mod infer;
mod predicates;
mod program;
mod refused;
mod tokens;

pub use evaluate::Scratch;
pub(crate) use expression::Formula;
pub use expression::{Evaluated, Expression};
pub use fault::{ConditionFault, ConditionProblem};
pub(crate) use infer::KnownKinds;

use crate::columns::{ColumnKind, Kind};
use compile::{Compiler, token_at};
use program::Program;
use sqlparser::ast::Expr;
use sqlparser::parser::{Parser, ParserError};
use sqlparser::tokenizer::{Location, Span, Token, TokenWithSpan};
use std::borrow::Cow;
use tokens::{ConditionDialect, Language, Lexemes};

/// The truth of a condition that does not hold.
pub const FALSE: u8 = 0;
/// The truth of a condition that missing values leave open; SQL's NULL.
pub const UNKNOWN: u8 = 1;
/// The truth of a condition that holds.
pub const TRUE: u8 = 2;

/// The name of the as-of day in expressions.
pub const AS_OF: &str = "as_of";

/// How many levels sqlparser descends: parentheses, signs, `NOT`, and each operator that binds tighter than the one
/// before it. Its own limit of 50 is too many without optimisation: `1 IN (` 50 times overflowed a stack of 2 MiB.
const DEEPEST: usize = 24;

/// A condition that has been read and checked against the columns it names.
#[derive(Clone, Debug, PartialEq)]
pub struct Condition {
    text: String,
    columns: Vec<String>,
    kinds: Vec<Kind>,
    program: Program,
}

impl Condition {
    /// Reads `text`; `kinds` tells what a column holds (`None`: there is no such column) and `known` lists the
    /// names to suggest for one that is misspelt.
    ///
    /// # Errors
    /// All that is wrong, in order of place: unknown columns and mistaken kinds together. What cannot be parsed
    /// is reported with the unknown columns but without mistaken kinds, which are only known after parsing.
    pub fn parse(text: &str, kinds: impl Fn(&str) -> Option<Kind>, known: &[&str]) -> Result<Self, Vec<ConditionFault>> {
        let mut lexemes = Lexemes::read(text, Language::Condition).map_err(|fault| vec![fault])?;
        if lexemes.list.is_empty() {
            return Err(vec![lexemes.fault(0, 0, ConditionProblem::Empty { of: Language::Condition.noun() })]);
        }
        let mut faults = Vec::new();
        if !lexemes.close(known, |name| kinds(name).is_some(), &mut faults) {
            return Err(faults);
        }
        let expr = match parse(&lexemes) {
            Ok(expr) => expr,
            Err(fault) => {
                // A name where none can stand is not also unknown.
                faults.retain(|other| other.start != fault.start);
                faults.push(fault);
                faults.sort_by_key(|fault| fault.start);
                return Err(faults);
            }
        };
        let kinds = |name: &str| kinds(name).map(ColumnKind::from);
        let mut compiler = Compiler::new(&lexemes, &kinds);
        compiler.condition(&expr);
        let Compiler { columns, steps, sources, faults: mistakes, .. } = compiler;
        faults.extend(mistakes);
        if !faults.is_empty() {
            faults.sort_by_key(|fault| (fault.start, fault.end));
            return Err(faults);
        }
        let (columns, kinds) = columns.into_iter().map(|(name, kind)| (name, kind.stored())).unzip();
        Ok(Self { text: text.to_owned(), columns, kinds, program: Program::new(steps, sources) })
    }

    /// The columns it names, each once, in order of first use.
    #[must_use]
    pub fn columns(&self) -> &[String] {
        &self.columns
    }

    /// What each of [`columns`](Self::columns) must hold.
    #[must_use]
    pub fn kinds(&self) -> &[Kind] {
        &self.kinds
    }

    /// The text it was read from, unchanged.
    #[must_use]
    pub fn text(&self) -> &str {
        &self.text
    }
}

/// sqlparser's tree of the closed tokens, in which every place is the number of a token.
fn parse(lexemes: &Lexemes<'_>) -> Result<Expr, ConditionFault> {
    let tokens = (1..).zip(&lexemes.list).map(|(number, lexeme)| TokenWithSpan {
        token: lexeme.token.clone(),
        span: Span::new(Location::new(1, number), Location::new(1, number)),
    });
    let mut parser = Parser::new(&ConditionDialect).with_recursion_limit(DEEPEST).with_tokens_with_locations(tokens.collect());
    let expr = match parser.parse_expr() {
        Ok(expr) => expr,
        // Where it gave up is not known: it goes back before it says so.
        Err(ParserError::RecursionLimitExceeded) => {
            return Err(lexemes.fault(0, lexemes.list.len().saturating_sub(1), ConditionProblem::TooDeep { of: lexemes.language.noun() }));
        }
        Err(ParserError::ParserError(message) | ParserError::TokenizerError(message)) => {
            let (wanted, at) = unexpected(&message);
            let at = at.unwrap_or(lexemes.list.len());
            return Err(lexemes.unexpected(at, at, Cow::Borrowed(wanted)));
        }
    };
    let rest = parser.peek_token();
    if rest.token != Token::EOF {
        let at = token_at(rest.span.start).unwrap_or(0);
        return Err(lexemes.unexpected(at, at, Cow::Owned(format!("an operator or the end of the {}", lexemes.language.noun()))));
    }
    Ok(expr)
}

/// What sqlparser expected and at which token, from its message `Expected: …, found: … at Line: 1, Column: 7`; no
/// token at the end of the text.
fn unexpected(message: &str) -> (&'static str, Option<usize>) {
    let at = message.rsplit_once(" at Line: 1, Column: ").and_then(|(_, number)| number.parse::<usize>().ok()?.checked_sub(1));
    let expected = message.strip_prefix("Expected: ").and_then(|rest| rest.split_once(", found: ")).map(|(e, _)| e);
    let expected = match expected {
        Some("an expression") => "a column, a value or `(`",
        Some(")") => "an operator or `)`",
        Some("(") => "`(` after `IN`",
        Some(",") => "an operator, `,` or `)`",
        Some("WHEN") => "`WHEN` after `CASE`",
        Some("THEN") => "an operator or `THEN`",
        Some("END") => "an operator, `WHEN`, `ELSE` or `END`",
        Some("AND") => "an operator or the `AND` of `BETWEEN`",
        Some("IN or BETWEEN after NOT") => "`IN` or `BETWEEN` after `NOT`",
        Some(after_is) if after_is.ends_with("after IS") => "`NULL`, `TRUE` or `FALSE`, or `NOT` and one of them",
        _ => refused::ANYTHING,
    };
    (expected, at)
}

#[cfg(test)]
mod oracle_test;
#[cfg(test)]
mod texts_test;
#[cfg(test)]
mod truth_test;
