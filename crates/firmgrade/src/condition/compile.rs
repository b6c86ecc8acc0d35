//! From sqlparser's tree to steps, checking kinds on the way.

use super::fault::{ConditionFault, ConditionProblem};
use super::program::{Arithmetic, Comparison, Step, TextSet, TextSource};
use super::tokens::{Language, Lexemes};
use super::{AS_OF, FALSE, TRUE, UNKNOWN};
use crate::columns::ColumnKind;
use sqlparser::ast::{BinaryOperator, Expr, UnaryOperator, Value};
use sqlparser::tokenizer::Location;
use std::borrow::Cow;

/// The kinds of columns by name.
pub(super) type Kinds<'k> = &'k dyn Fn(&str) -> Option<ColumnKind>;

/// What has been compiled so far.
pub(super) struct Compiler<'t> {
    pub lexemes: &'t Lexemes<'t>,
    pub(super) kinds: Kinds<'t>,
    /// The columns in order of first use.
    pub columns: Vec<(String, ColumnKind)>,
    /// Where computed texts come from.
    pub sources: Vec<TextSource>,
    /// The steps; meaningless once there is a fault.
    pub steps: Vec<Step>,
    /// The faults in order of discovery.
    pub faults: Vec<ConditionFault>,
}

/// What an expression is. The steps for a number or a flag have been emitted, those for a text have not: what
/// they are depends on what it is compared with.
pub(super) enum What {
    Number,
    Date,
    Text(Text),
    Flag,
    Null,
    /// Something with a fault, reported already.
    Faulty,
}

pub(super) enum Text {
    Column(usize),
    Literal(String),
    /// On the stack of texts.
    Computed,
}

/// An expression and its first and last token.
pub(super) struct Typed {
    pub what: What,
    pub first: usize,
    pub last: usize,
}

impl Typed {
    pub(super) fn kind(&self) -> Option<ColumnKind> {
        match self.what {
            What::Number => Some(ColumnKind::Number),
            What::Date => Some(ColumnKind::Date),
            What::Text(_) => Some(ColumnKind::Text),
            What::Flag => Some(ColumnKind::Flag),
            What::Null | What::Faulty => None,
        }
    }

    pub(super) fn is_null(&self) -> bool {
        matches!(self.what, What::Null)
    }

    pub(super) fn is_faulty(&self) -> bool {
        matches!(self.what, What::Faulty)
    }
}

/// An operator on two operands.
enum Operator {
    And,
    Or,
    Compare(Comparison),
    Arithmetic(Arithmetic),
}

fn operator(op: &BinaryOperator) -> Option<(Operator, &'static str)> {
    Some(match op {
        BinaryOperator::And => (Operator::And, "AND"),
        BinaryOperator::Or => (Operator::Or, "OR"),
        BinaryOperator::Eq => (Operator::Compare(Comparison::Equal), "="),
        BinaryOperator::NotEq => (Operator::Compare(Comparison::Unequal), "<>"),
        BinaryOperator::Lt => (Operator::Compare(Comparison::Less), "<"),
        BinaryOperator::LtEq => (Operator::Compare(Comparison::LessOrEqual), "<="),
        BinaryOperator::Gt => (Operator::Compare(Comparison::Greater), ">"),
        BinaryOperator::GtEq => (Operator::Compare(Comparison::GreaterOrEqual), ">="),
        BinaryOperator::Plus => (Operator::Arithmetic(Arithmetic::Add), "+"),
        BinaryOperator::Minus => (Operator::Arithmetic(Arithmetic::Subtract), "-"),
        BinaryOperator::Multiply => (Operator::Arithmetic(Arithmetic::Multiply), "*"),
        BinaryOperator::Divide => (Operator::Arithmetic(Arithmetic::Divide), "/"),
        _ => return None,
    })
}

/// The token that sqlparser was given this place for: its place is its number, from 1.
pub(super) fn token_at(location: Location) -> Option<usize> {
    usize::try_from(location.column).ok()?.checked_sub(1)
}

impl<'t> Compiler<'t> {
    pub fn new(lexemes: &'t Lexemes<'t>, kinds: Kinds<'t>) -> Self {
        Self { lexemes, kinds, columns: Vec::new(), sources: Vec::new(), steps: Vec::new(), faults: Vec::new() }
    }

    /// Compiles a whole condition.
    pub fn condition(&mut self, expr: &Expr) {
        let typed = self.visit(expr);
        self.want_condition(&typed);
    }

    // INVARIANT: the tree is at most as deep as `tokens::MOST_OPERATORS` plus sqlparser's own limit; every arm with
    // work of its own is another function, so that this one's stack frame stays small.
    pub(super) fn visit(&mut self, expr: &Expr) -> Typed {
        match expr {
            // INVARIANT: every name that is not a keyword was put into quotes with the tokens.
            Expr::Identifier(ident) if ident.quote_style.is_some() => self.column(&ident.value, ident.span.start),
            Expr::Value(value) => self.literal(&value.value, value.span.start),
            Expr::Nested(inner) => {
                let inner = self.visit(inner);
                Typed { what: inner.what, first: inner.first.saturating_sub(1), last: inner.last + 1 }
            }
            Expr::UnaryOp { op: UnaryOperator::Not, expr } => {
                let inner = self.visit(expr);
                self.want_condition(&inner);
                self.steps.push(Step::Not);
                Typed { what: What::Flag, first: inner.first.saturating_sub(1), last: inner.last }
            }
            Expr::UnaryOp { op: UnaryOperator::Minus, expr } => {
                let inner = self.visit(expr);
                self.negate(inner)
            }
            Expr::BinaryOp { left, op, right } => self.binary(left, op, right),
            Expr::IsNull(inner) => self.is(inner, None, false),
            Expr::IsNotNull(inner) => self.is(inner, None, true),
            Expr::IsTrue(inner) => self.is(inner, Some(TRUE), false),
            Expr::IsNotTrue(inner) => self.is(inner, Some(TRUE), true),
            Expr::IsFalse(inner) => self.is(inner, Some(FALSE), false),
            Expr::IsNotFalse(inner) => self.is(inner, Some(FALSE), true),
            Expr::Between { expr, negated, low, high } => self.between(expr, *negated, low, high),
            Expr::InList { expr, list, negated } => self.list(expr, *negated, list),
            Expr::Prefixed { prefix, value } => self.prefixed(prefix, value),
            Expr::Case { case_token, end_token, conditions, else_result, .. } => {
                let place = (token_at(case_token.0.span.start).unwrap_or(0), token_at(end_token.0.span.start).unwrap_or(usize::MAX));
                self.case(expr, conditions, else_result.as_deref(), place)
            }
            _ => self.refuse(0, usize::MAX, "one column, value or condition"),
        }
    }

    pub(super) fn refuse(&mut self, first: usize, last: usize, expected: &'static str) -> Typed {
        let last = last.min(self.lexemes.list.len().saturating_sub(1));
        self.faults.push(self.lexemes.unexpected(first, last, Cow::Borrowed(expected)));
        Typed { what: What::Faulty, first, last }
    }

    fn column(&mut self, name: &str, start: Location) -> Typed {
        let at = token_at(start).unwrap_or(0);
        if self.lexemes.language == Language::Expression && name == AS_OF {
            self.steps.push(Step::AsOf);
            return Typed { what: What::Date, first: at, last: at };
        }
        let Some(kind) = (self.kinds)(name) else {
            if self.lexemes.language == Language::Expression {
                self.faults.push(self.lexemes.fault(at, at, ConditionProblem::UnknownKind { name: name.to_owned() }));
            }
            return Typed { what: What::Faulty, first: at, last: at };
        };
        let index = self.columns.iter().position(|(n, _)| n == name).unwrap_or_else(|| {
            self.columns.push((name.to_owned(), kind));
            self.columns.len() - 1
        });
        let what = match kind {
            ColumnKind::Number | ColumnKind::Date => {
                self.steps.push(Step::NumberColumn(index));
                if kind == ColumnKind::Date { What::Date } else { What::Number }
            }
            ColumnKind::Text => What::Text(Text::Column(index)),
            ColumnKind::Flag => {
                self.steps.push(Step::FlagColumn(index));
                What::Flag
            }
        };
        Typed { what, first: at, last: at }
    }

    fn literal(&mut self, value: &Value, start: Location) -> Typed {
        let at = token_at(start).unwrap_or(0);
        let what = match value {
            Value::Number(digits, _) => match digits.parse::<f64>() {
                Ok(number) if number.is_finite() => {
                    self.steps.push(Step::Literal(number));
                    What::Number
                }
                // Reported with the tokens.
                _ => What::Faulty,
            },
            Value::SingleQuotedString(text) => What::Text(Text::Literal(text.clone())),
            Value::Boolean(truth) => {
                self.steps.push(Step::known(*truth));
                What::Flag
            }
            Value::Null => What::Null,
            _ => return self.refuse(at, at, "a number, a text, `TRUE`, `FALSE` or `NULL`"),
        };
        Typed { what, first: at, last: at }
    }

    fn negate(&mut self, inner: Typed) -> Typed {
        let first = inner.first.saturating_sub(1);
        self.want_number(&inner, "-", first, inner.last);
        if let Some(Step::Literal(number)) = self.steps.last_mut() {
            *number = -*number;
        } else {
            self.steps.push(Step::Negate);
        }
        let what = if inner.is_faulty() { What::Faulty } else { What::Number };
        Typed { what, first, last: inner.last }
    }

    fn binary(&mut self, left: &Expr, op: &BinaryOperator, right: &Expr) -> Typed {
        let left = self.visit(left);
        let Some((operator, sign)) = operator(op) else {
            let right = self.visit(right);
            return self.refuse(left.first, right.last, "an operator that conditions have");
        };
        if matches!(operator, Operator::And | Operator::Or) {
            self.want_condition(&left);
        }
        let right = self.visit(right);
        let (first, last) = (left.first, right.last);
        let what = match operator {
            Operator::And | Operator::Or => {
                self.want_condition(&right);
                self.steps.push(if matches!(operator, Operator::And) { Step::And } else { Step::Or });
                What::Flag
            }
            Operator::Compare(comparison) => {
                self.compare(comparison, sign, left, right);
                What::Flag
            }
            Operator::Arithmetic(arithmetic)
                if matches!((left.kind(), right.kind()), (Some(ColumnKind::Date), _) | (_, Some(ColumnKind::Date))) =>
            {
                self.steps.push(Step::Arithmetic(arithmetic));
                self.with_date(arithmetic, sign, &left, &right)
            }
            Operator::Arithmetic(arithmetic) => {
                self.want_number(&left, sign, first, last);
                // One NULL makes the sum NULL; once is enough to say it.
                if !(left.is_null() && right.is_null()) {
                    self.want_number(&right, sign, first, last);
                }
                self.steps.push(Step::Arithmetic(arithmetic));
                What::Number
            }
        };
        Typed { what, first, last }
    }

    /// What a sum with a date is: days between two dates, or a date so many days off.
    fn with_date(&mut self, arithmetic: Arithmetic, sign: &'static str, left: &Typed, right: &Typed) -> What {
        let (first, last) = (left.first, right.last);
        match (arithmetic, left.kind(), right.kind()) {
            _ if left.is_faulty() || right.is_faulty() => What::Faulty,
            (Arithmetic::Subtract, Some(ColumnKind::Date), Some(ColumnKind::Date)) => What::Number,
            (Arithmetic::Add | Arithmetic::Subtract, Some(ColumnKind::Date), Some(ColumnKind::Number))
            | (Arithmetic::Add, Some(ColumnKind::Number), Some(ColumnKind::Date)) => What::Date,
            // The side to blame: that which is no number, and of two dates the second.
            (Arithmetic::Add | Arithmetic::Subtract, Some(ColumnKind::Date), _) => {
                self.want_number(right, sign, first, last);
                What::Faulty
            }
            (_, Some(ColumnKind::Date), _) | (Arithmetic::Add, _, _) => {
                self.want_number(left, sign, first, last);
                What::Faulty
            }
            _ => {
                self.want_number(right, sign, first, last);
                What::Faulty
            }
        }
    }

    fn compare(&mut self, comparison: Comparison, sign: &'static str, left: Typed, right: Typed) {
        let (first, last) = (left.first, right.last);
        let equality = matches!(comparison, Comparison::Equal | Comparison::Unequal);
        if left.is_faulty() || right.is_faulty() {
            return;
        }
        if left.is_null() || right.is_null() {
            let found = self.lexemes.source(first, last);
            let operand = if right.is_null() { &left } else { &right };
            let not = if comparison == Comparison::Unequal { "NOT " } else { "" };
            let expected = if equality {
                format!("`{} IS {not}NULL`", self.lexemes.source(operand.first, operand.last))
            } else {
                "a number in place of `NULL`".to_owned()
            };
            self.faults.push(self.lexemes.fault(first, last, ConditionProblem::NullOperand { found, expected }));
            return;
        }
        let dated = left.kind() == Some(ColumnKind::Date) || right.kind() == Some(ColumnKind::Date);
        if !equality && !dated {
            self.want_number(&left, sign, first, last);
            self.want_number(&right, sign, first, last);
        }
        match (left.what, right.what) {
            (What::Number, What::Number) | (What::Date, What::Date) => self.emit_compare(comparison),
            (What::Text(left), What::Text(right)) => {
                self.emit_texts(&left, &right);
                if comparison == Comparison::Unequal {
                    self.steps.push(Step::Not);
                }
            }
            (What::Flag, What::Flag) => {
                self.steps.push(Step::Same);
                if comparison == Comparison::Unequal {
                    self.steps.push(Step::Not);
                }
            }
            (left_what, right_what) if equality || dated => {
                let left = Typed { what: left_what, ..left };
                let right = Typed { what: right_what, ..right };
                self.incomparable(&left, &right);
            }
            _ => {}
        }
    }

    pub(super) fn incomparable(&mut self, left: &Typed, right: &Typed) {
        if let (Some(with_kind), Some(found_kind)) = (left.kind(), right.kind()) {
            let with = self.lexemes.source(left.first, left.last);
            let found = self.lexemes.source(right.first, right.last);
            let problem = ConditionProblem::Incomparable { found, found_kind, with, with_kind };
            self.faults.push(self.lexemes.fault(right.first, right.last, problem));
        }
    }

    pub(super) fn emit_compare(&mut self, comparison: Comparison) {
        if let Some(Step::Literal(number)) = self.steps.last() {
            let step = Step::CompareLiteral(comparison, *number);
            self.steps.pop();
            self.steps.push(step);
        } else {
            self.steps.push(Step::Compare(comparison));
        }
    }

    /// Puts a text on the stack, unless it is there already.
    pub(super) fn push_text(&mut self, text: &Text) {
        let source = match text {
            Text::Computed => return,
            Text::Column(column) => TextSource::Column(*column),
            Text::Literal(text) => TextSource::Literal(text.clone()),
        };
        let at = self.sources.iter().position(|known| *known == source).unwrap_or_else(|| {
            self.sources.push(source);
            self.sources.len() - 1
        });
        // No text of an expression is so long that it names 2^32 sources.
        self.steps.push(Step::Text(u32::try_from(at).unwrap_or_default()));
    }

    pub(super) fn emit_texts(&mut self, left: &Text, right: &Text) {
        if matches!(left, Text::Computed) || matches!(right, Text::Computed) {
            self.push_text(left);
            self.push_text(right);
            return self.steps.push(Step::TextSame);
        }
        self.steps.push(match (left, right) {
            (Text::Column(left), Text::Column(right)) => Step::TextEqual(*left, *right),
            (Text::Column(column), Text::Literal(text)) | (Text::Literal(text), Text::Column(column)) => {
                Step::TextIn(*column, TextSet::new(vec![text.clone()]))
            }
            (Text::Literal(left), Text::Literal(right)) => Step::known(left == right),
            (Text::Computed, _) | (_, Text::Computed) => Step::TextSame,
        });
    }

    /// Faults what is not true or false; NULL is a condition that is unknown.
    pub(super) fn want_condition(&mut self, typed: &Typed) {
        match typed.what {
            What::Flag | What::Faulty => {}
            What::Null => self.steps.push(Step::Constant(UNKNOWN)),
            What::Number | What::Date | What::Text(_) => {
                if let Some(kind) = typed.kind() {
                    let found = self.lexemes.source(typed.first, typed.last);
                    let problem = ConditionProblem::NotACondition { found, kind };
                    self.faults.push(self.lexemes.fault(typed.first, typed.last, problem));
                }
            }
        }
    }

    /// Faults an operand of `operator` that is not a number; `first..=last` is the operator with its operands.
    pub(super) fn want_number(&mut self, typed: &Typed, operator: &'static str, first: usize, last: usize) {
        let (place, problem) = match typed.what {
            What::Number | What::Faulty => return,
            What::Null => {
                let expected = "a number in place of `NULL`".to_owned();
                ((first, last), ConditionProblem::NullOperand { found: self.lexemes.source(first, last), expected })
            }
            What::Text(_) | What::Flag | What::Date => {
                let kind = typed.kind().unwrap_or(ColumnKind::Number);
                let found = self.lexemes.source(typed.first, typed.last);
                ((typed.first, typed.last), ConditionProblem::NotANumber { found, kind, operator })
            }
        };
        self.faults.push(self.lexemes.fault(place.0, place.1, problem));
    }
}
