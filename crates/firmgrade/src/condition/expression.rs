//! Expressions: values computed from columns, of the same language as conditions.

use super::compile::Compiler;
use super::evaluate::{Blocks, Scratch};
use super::fault::{ConditionFault, ConditionProblem};
use super::infer::KnownKinds;
use super::program::{Program, TextSource};
use super::tokens::{Language, Lexemes};
use super::{AS_OF, Condition, parse};
use crate::calendar::Day;
use crate::columns::{Column, ColumnKind, Kind, Values};
use sqlparser::ast::Expr;
use std::borrow::Cow;
use std::ops::Range;

/// A value computed from columns: a number, a text or a flag.
#[derive(Clone, Debug, PartialEq)]
pub struct Expression {
    text: String,
    kind: Kind,
    columns: Vec<String>,
    kinds: Vec<ColumnKind>,
    program: Program,
}

/// The values of an expression, one for each row.
#[derive(Clone, Debug, PartialEq)]
pub enum Evaluated {
    /// Numbers; NaN is missing.
    Number(Vec<f64>),
    /// Flags as [`FALSE`](super::FALSE), [`UNKNOWN`](super::UNKNOWN) (missing) or [`TRUE`](super::TRUE).
    Flag(Vec<u8>),
    /// Codes of texts, which [`Expression::text`] reads.
    Text(Vec<u32>),
}

impl Expression {
    /// Reads `text` as a value of this kind. `kinds` tells what a column holds, where that is known; what the others hold is told by their use.
    ///
    /// # Errors
    /// All that is wrong, in order of place; what cannot be parsed is reported without mistaken kinds.
    pub fn parse(text: &str, kind: Kind, kinds: impl Fn(&str) -> Option<ColumnKind>) -> Result<Self, Vec<ConditionFault>> {
        let formula = Formula::read(text)?;
        let mut known = KnownKinds::default();
        for name in formula.columns() {
            if let Some(kind) = kinds(name) {
                known.state(name, kind);
            }
        }
        known.learn(&[(&formula.expr, kind.into())]);
        formula.expression(kind, &known)
    }

    /// The columns it reads, each once. The constant `as_of` is not among them.
    #[must_use]
    pub fn columns(&self) -> &[String] {
        &self.columns
    }

    /// What each of [`columns`](Self::columns) must hold; dates as numbers of days since 1970-01-01.
    #[must_use]
    pub fn kinds(&self) -> &[ColumnKind] {
        &self.kinds
    }

    /// What its values are.
    #[must_use]
    pub fn kind(&self) -> Kind {
        self.kind
    }

    /// The text it was read from, unchanged.
    #[must_use]
    pub fn source(&self) -> &str {
        &self.text
    }

    /// The values for `rows`, one after the other.
    ///
    /// `columns` are those of [`Expression::columns`], in that order. A column that is absent, too short or of another kind counts as
    /// missing where it has no value of that kind. The value of a row depends on that row and `as_of` alone.
    pub fn evaluate(&self, columns: &[&Column<'_>], as_of: Day, rows: Range<usize>, scratch: &mut Scratch) -> Evaluated {
        let blocks = Blocks { program: &self.program, columns, as_of: f64::from(as_of.days()) };
        match self.kind {
            Kind::Number => {
                let mut values = vec![f64::NAN; rows.len()];
                blocks.numbers(rows, scratch, &mut values);
                Evaluated::Number(values)
            }
            Kind::Flag => {
                let mut truths = vec![super::UNKNOWN; rows.len()];
                blocks.truths(rows, scratch, &mut truths);
                Evaluated::Flag(truths)
            }
            Kind::Text => {
                let mut codes = vec![super::program::NO_TEXT; rows.len()];
                blocks.texts(rows, scratch, &mut codes);
                Evaluated::Text(codes)
            }
        }
    }

    /// The text that `code` stands for in row `row` of the columns; `None` where it is missing.
    #[must_use]
    pub fn text<'t>(&'t self, code: u32, columns: &[&'t Column<'t>], row: usize) -> Option<Cow<'t, str>> {
        match self.program.sources.get(usize::try_from(code).ok()?)? {
            TextSource::Literal(text) => Some(Cow::Borrowed(text)),
            TextSource::Column(column) => match columns.get(*column)? {
                column @ Column { values: Values::Text(texts), .. } if column.is_valid(row) => Some(texts.text(row)),
                _ => None,
            },
        }
    }
}

/// An expression that has been parsed, before it is known what its columns hold.
pub(crate) struct Formula<'t> {
    lexemes: Lexemes<'t>,
    expr: Expr,
}

impl<'t> Formula<'t> {
    /// Parses a text.
    pub(crate) fn read(text: &'t str) -> Result<Self, Vec<ConditionFault>> {
        let mut lexemes = Lexemes::read(text, Language::Expression).map_err(|fault| vec![fault])?;
        if lexemes.list.is_empty() {
            return Err(vec![lexemes.fault(0, 0, ConditionProblem::Empty { of: Language::Expression.noun() })]);
        }
        let mut faults = Vec::new();
        if !lexemes.close(&[], |_| true, &mut faults) {
            return Err(faults);
        }
        match parse(&lexemes) {
            Ok(expr) if faults.is_empty() => Ok(Self { lexemes, expr }),
            Ok(_) => Err(faults),
            Err(fault) => {
                faults.push(fault);
                faults.sort_by_key(|fault| fault.start);
                Err(faults)
            }
        }
    }

    /// The names of its columns, as they come.
    pub(crate) fn columns(&self) -> impl Iterator<Item = &str> {
        self.lexemes.names().filter(|name| *name != AS_OF)
    }

    /// Learns what the columns of formulas hold, each of which should be of a kind.
    pub(crate) fn learn(formulas: &[(&Self, ColumnKind)], known: &mut KnownKinds) {
        known.learn(&formulas.iter().map(|(formula, kind)| (&formula.expr, *kind)).collect::<Vec<_>>());
    }

    /// A value of this kind.
    pub(crate) fn expression(&self, kind: Kind, known: &KnownKinds) -> Result<Expression, Vec<ConditionFault>> {
        let (columns, program) = self.compile(known, |compiler, expr| {
            let typed = compiler.visit(expr);
            if typed.is_null() {
                compiler.refuse(typed.first, typed.last, "a value that is not always missing");
            }
            compiler.put(&typed, kind.into(), "for this indicator");
        })?;
        let (columns, kinds) = columns.into_iter().unzip();
        Ok(Expression { text: self.lexemes.text.to_owned(), kind, columns, kinds, program })
    }

    /// A condition.
    pub(crate) fn condition(&self, known: &KnownKinds) -> Result<Condition, Vec<ConditionFault>> {
        let (columns, program) = self.compile(known, |compiler, expr| compiler.condition(expr))?;
        let (columns, kinds) = columns.into_iter().map(|(name, kind)| (name, kind.stored())).unzip();
        Ok(Condition { text: self.lexemes.text.to_owned(), columns, kinds, program })
    }

    #[expect(clippy::type_complexity, reason = "named where it is taken apart")]
    fn compile(
        &self,
        known: &KnownKinds,
        whole: impl FnOnce(&mut Compiler<'_>, &Expr),
    ) -> Result<(Vec<(String, ColumnKind)>, Program), Vec<ConditionFault>> {
        let kinds = |name: &str| known.get(name);
        let mut compiler = Compiler::new(&self.lexemes, &kinds);
        whole(&mut compiler, &self.expr);
        let Compiler { columns, steps, sources, mut faults, .. } = compiler;
        if !faults.is_empty() {
            faults.sort_by_key(|fault| (fault.start, fault.end));
            return Err(faults);
        }
        Ok((columns, Program::new(steps, sources)))
    }
}
