//! Functions, `CASE` and dates.

use super::compile::{Compiler, Text, Typed, What, token_at};
use super::fault::ConditionProblem;
use super::functions::Function;
use super::infer::kind_of;
use super::program::{Comparison, Step};
use crate::calendar::Day;
use crate::columns::ColumnKind;
use sqlparser::ast::{CaseWhen, Expr, Ident, Value};
use std::borrow::Cow;

impl Compiler<'_> {
    /// A date or a function: both stand as something with a prefix.
    pub(super) fn prefixed(&mut self, prefix: &Ident, value: &Expr) -> Typed {
        let at = token_at(prefix.span.start).unwrap_or(0);
        match value {
            Expr::Tuple(arguments) => match Function::find(&prefix.value) {
                Some(function) => self.call(function, arguments, at),
                // Reported with the tokens.
                None => Typed { what: What::Faulty, first: at, last: at },
            },
            Expr::Value(text) => {
                let day = if let Value::SingleQuotedString(text) = &text.value { Day::parse(text) } else { None };
                let Some(day) = day else { return self.refuse(at, at + 1, "a date such as DATE '2022-01-31'") };
                self.steps.push(Step::Literal(f64::from(day.days())));
                Typed { what: What::Date, first: at, last: at + 1 }
            }
            _ => self.refuse(at, at, "a function or a date"),
        }
    }

    fn call(&mut self, function: Function, arguments: &[Expr], at: usize) -> Typed {
        let (counts, expected) = function.takes();
        if !counts.contains(&arguments.len()) {
            let last = arguments.iter().map(|argument| self.visit(argument).last).last().unwrap_or(at + 1) + 1;
            let problem = ConditionProblem::Arguments { function: function.name(), found: arguments.len(), expected };
            self.faults.push(self.lexemes.fault(at, last, problem));
            return Typed { what: What::Faulty, first: at, last };
        }
        let place = format!("in `{}`", function.name());
        let (kind, last) = match function {
            Function::Coalesce | Function::NullIf | Function::Least | Function::Greatest => self.alike(function, arguments, &place),
            Function::Abs => (ColumnKind::Number, self.argument(arguments.first(), ColumnKind::Number, &place, Some(Step::Abs))),
            Function::Round => self.round(arguments, &place),
            Function::MonthsBetween | Function::YearsBetween => {
                let months = if function == Function::YearsBetween { 12 } else { 1 };
                self.argument(arguments.first(), ColumnKind::Date, &place, None);
                let last = self.argument(arguments.get(1), ColumnKind::Date, &place, Some(Step::MonthsBetween(months)));
                (ColumnKind::Number, last)
            }
            Function::Mismatch => {
                self.argument(arguments.first(), ColumnKind::Number, &place, None);
                self.argument(arguments.get(1), ColumnKind::Number, &place, Some(Step::Gap));
                let last = self.argument(arguments.get(2), ColumnKind::Number, &place, Some(Step::Compare(Comparison::Greater)));
                (ColumnKind::Flag, last)
            }
        };
        Typed { what: of_kind(kind), first: at, last: last + 1 }
    }

    /// An argument of one kind, and the step that comes after it; its last token.
    fn argument(&mut self, argument: Option<&Expr>, kind: ColumnKind, place: &str, step: Option<Step>) -> usize {
        let Some(argument) = argument else { return 0 };
        let typed = self.visit(argument);
        self.put(&typed, kind, place);
        self.steps.extend(step);
        typed.last
    }

    /// Arguments that are all of the kind of the result.
    fn alike(&mut self, function: Function, arguments: &[Expr], place: &str) -> (ColumnKind, usize) {
        let ordered = matches!(function, Function::Least | Function::Greatest);
        let found = arguments.iter().find_map(|argument| kind_of(argument, self.kinds)).unwrap_or(ColumnKind::Number);
        let kind = if ordered && found != ColumnKind::Date { ColumnKind::Number } else { found };
        let step = match function {
            Function::Least => Step::Least,
            Function::Greatest => Step::Greatest,
            Function::NullIf => Step::NullIf(kind.stored()),
            _ => Step::Coalesce(kind.stored()),
        };
        let mut last = 0;
        for (index, argument) in arguments.iter().enumerate() {
            last = self.argument(Some(argument), kind, place, (index > 0).then(|| step.clone()));
        }
        (kind, last)
    }

    fn round(&mut self, arguments: &[Expr], place: &str) -> (ColumnKind, usize) {
        let mut last = self.argument(arguments.first(), ColumnKind::Number, place, None);
        let mut decimals = 0;
        if let Some(argument) = arguments.get(1) {
            let typed = self.visit(argument);
            last = typed.last;
            match self.steps.pop() {
                Some(Step::Literal(number)) if number.fract() == 0.0 && (0.0..=9.0).contains(&number) => decimals = number as u8,
                _ => drop(self.refuse(typed.first, typed.last, "a number of decimals from 0 to 9")),
            }
        }
        self.steps.push(Step::Round(decimals));
        (ColumnKind::Number, last)
    }

    /// The branches from the last to the first, each chosen over what comes after it where its condition is true.
    pub(super) fn case(&mut self, whole: &Expr, branches: &[CaseWhen], otherwise: Option<&Expr>, (first, last): (usize, usize)) -> Typed {
        // A `CASE` of nothing but NULL is a number like any other that is missing.
        let kind = kind_of(whole, self.kinds).unwrap_or(ColumnKind::Number);
        let place = "as in the other branches of `CASE`";
        match otherwise {
            Some(otherwise) => drop(self.argument(Some(otherwise), kind, place, None)),
            None => self.steps.push(Step::Missing(kind.stored())),
        }
        for CaseWhen { condition, result } in branches.iter().rev() {
            let condition = self.visit(condition);
            self.want_condition(&condition);
            self.argument(Some(result), kind, place, Some(Step::Choose(kind.stored())));
        }
        Typed { what: of_kind(kind), first, last }
    }

    /// Puts a value on the stack of its kind, if it is not there already; faults another kind.
    pub(super) fn put(&mut self, typed: &Typed, kind: ColumnKind, place: &str) {
        match (&typed.what, typed.kind()) {
            (What::Null, _) => self.steps.push(Step::Missing(kind.stored())),
            (What::Text(text), _) if kind == ColumnKind::Text => self.push_text(text),
            (_, Some(found)) => self.want_kind(typed, found, kind, place),
            (_, None) => {}
        }
    }

    /// Faults a value of another kind.
    pub(super) fn want_kind(&mut self, typed: &Typed, found_kind: ColumnKind, expected: ColumnKind, place: &str) {
        if found_kind != expected {
            let found = self.lexemes.source(typed.first, typed.last);
            let problem = ConditionProblem::OtherKind { found, found_kind, expected, place: Cow::Owned(place.to_owned()) };
            self.faults.push(self.lexemes.fault(typed.first, typed.last, problem));
        }
    }
}

fn of_kind(kind: ColumnKind) -> What {
    match kind {
        ColumnKind::Number => What::Number,
        ColumnKind::Date => What::Date,
        ColumnKind::Text => What::Text(Text::Computed),
        ColumnKind::Flag => What::Flag,
    }
}
