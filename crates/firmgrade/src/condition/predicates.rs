//! `IS`, `BETWEEN` and `IN`.

use super::UNKNOWN;
use super::compile::{Compiler, Text, Typed, What};
use super::fault::ConditionProblem;
use super::program::{Comparison, Step, TextSet};
use crate::columns::ColumnKind;
use sqlparser::ast::Expr;
use sqlparser::tokenizer::Token;

impl Compiler<'_> {
    pub(super) fn is(&mut self, inner: &Expr, truth: Option<u8>, not: bool) -> Typed {
        let inner = self.visit(inner);
        let (first, after) = (inner.first, inner.last + 1);
        let last = after + 1 + usize::from(not);
        // sqlparser also reads `x NOT NULL`, which is not SQL.
        let keyword = self.lexemes.list.get(after).map(|lexeme| &lexeme.token);
        if !matches!(keyword, Some(Token::Word(word)) if word.value.eq_ignore_ascii_case("IS")) {
            return self.refuse(after, after, "`IS` before `NOT NULL`");
        }
        if truth.is_some() {
            self.want_condition(&inner);
        }
        let step = match (truth, inner.what) {
            (Some(truth), _) => Step::Is(truth),
            (None, What::Number | What::Date) => Step::NumberMissing,
            (None, What::Flag | What::Faulty) => Step::Is(UNKNOWN),
            (None, What::Text(Text::Column(column))) => Step::TextMissing(column),
            (None, What::Text(Text::Literal(_))) => Step::known(false),
            (None, What::Text(Text::Computed)) => Step::NoText,
            (None, What::Null) => Step::known(true),
        };
        self.steps.push(step);
        if not {
            self.steps.push(Step::Not);
        }
        Typed { what: What::Flag, first, last }
    }

    pub(super) fn between(&mut self, expr: &Expr, negated: bool, low: &Expr, high: &Expr) -> Typed {
        let expr = self.visit(expr);
        self.steps.push(Step::Duplicate);
        let low = self.visit(low);
        self.emit_compare(Comparison::GreaterOrEqual);
        let high = self.visit(high);
        self.emit_compare(Comparison::LessOrEqual);
        self.steps.push(Step::And);
        if negated {
            self.steps.push(Step::Not);
        }
        let (first, last) = (expr.first, high.last);
        let faults = self.faults.len();
        let operands = [&expr, &low, &high];
        if operands.iter().any(|operand| operand.kind() == Some(ColumnKind::Date)) {
            self.all_dates(&operands, first, last);
            return Typed { what: What::Flag, first, last };
        }
        for operand in operands {
            // Several NULLs in one BETWEEN are one fault.
            if !(operand.is_null() && self.faults.len() > faults) {
                self.want_number(operand, "BETWEEN", first, last);
            }
        }
        Typed { what: What::Flag, first, last }
    }

    /// Faults what is not a date among operands of which one is.
    fn all_dates(&mut self, operands: &[&Typed], first: usize, last: usize) {
        for operand in operands {
            match operand.kind() {
                Some(kind) => self.want_kind(operand, kind, ColumnKind::Date, "in `BETWEEN`"),
                None if operand.is_null() => {
                    let found = self.lexemes.source(first, last);
                    let expected = "a date in place of `NULL`".to_owned();
                    self.faults.push(self.lexemes.fault(first, last, ConditionProblem::NullOperand { found, expected }));
                }
                None => {}
            }
        }
    }

    pub(super) fn list(&mut self, expr: &Expr, negated: bool, items: &[Expr]) -> Typed {
        let expr = self.visit(expr);
        let first = expr.first;
        let mut last = expr.last;
        let in_at = expr.last + 1 + usize::from(negated);
        match expr.what {
            What::Null => {
                let found = self.lexemes.source(first, in_at);
                let expected = "a column before `IN`".to_owned();
                self.faults.push(self.lexemes.fault(first, in_at, ConditionProblem::NullOperand { found, expected }));
            }
            What::Flag => {
                self.refuse(first, expr.last, "a number or a text before `IN`; a flag is a condition by itself");
            }
            What::Number | What::Date | What::Text(_) | What::Faulty => {}
        }
        let on_stack = match &expr.what {
            What::Number | What::Date => Some(Step::Duplicate),
            What::Text(Text::Computed) => Some(Step::DuplicateText),
            _ => None,
        };
        let (mut numbers, mut texts) = (Vec::new(), Vec::new());
        let (mut terms, mut null) = (0_usize, false);
        for item in items {
            self.steps.extend(on_stack.clone());
            let item = self.visit(item);
            last = item.last;
            match (&expr.what, &item.what) {
                (_, What::Null) => {
                    null = true;
                    if on_stack.is_some() {
                        self.steps.pop();
                    }
                    continue;
                }
                (What::Number, What::Number) | (What::Date, What::Date) => {
                    if let Some(Step::Literal(number)) = self.steps.last() {
                        numbers.push(*number);
                        self.steps.truncate(self.steps.len().saturating_sub(2));
                        continue;
                    }
                    self.steps.push(Step::Compare(Comparison::Equal));
                }
                (What::Text(Text::Column(_)), What::Text(Text::Literal(text))) => {
                    texts.push(text.clone());
                    continue;
                }
                (What::Text(Text::Computed), What::Text(Text::Literal(text))) => {
                    texts.push(text.clone());
                    self.steps.pop();
                    continue;
                }
                (What::Text(left), What::Text(right)) => self.emit_texts(left, right),
                (What::Number | What::Date | What::Text(_), _) => self.incomparable(&expr, &item),
                (What::Flag | What::Null | What::Faulty, _) => {}
            }
            terms += 1;
            if terms > 1 {
                self.steps.push(Step::Or);
            }
        }
        let rest = match expr.what {
            What::Number | What::Date => {
                numbers.sort_unstable_by(f64::total_cmp);
                Some(Step::NumberIn(numbers.into()))
            }
            What::Text(Text::Column(column)) if terms == 0 || !texts.is_empty() => Some(Step::TextIn(column, TextSet::new(texts))),
            What::Text(Text::Computed) => Some(Step::TextAmong(TextSet::new(texts))),
            _ => None,
        };
        for step in rest.into_iter().chain(null.then_some(Step::Constant(UNKNOWN))) {
            self.steps.push(step);
            terms += 1;
            if terms > 1 {
                self.steps.push(Step::Or);
            }
        }
        if negated {
            self.steps.push(Step::Not);
        }
        Typed { what: What::Flag, first, last: last + 1 }
    }
}
