//! What columns hold, told by how they are used.

use super::AS_OF;
use super::compile::Kinds;
use super::functions::Function;
use crate::columns::ColumnKind;
use indexmap::IndexMap;
use sqlparser::ast::{BinaryOperator, Expr, UnaryOperator, Value};

/// The kind of an expression, as far as it is known; whether its parts fit is not looked at.
pub(super) fn kind_of(expr: &Expr, kinds: Kinds<'_>) -> Option<ColumnKind> {
    match expr {
        Expr::Identifier(name) if name.value == AS_OF => Some(ColumnKind::Date),
        Expr::Identifier(name) => kinds(&name.value),
        Expr::Nested(inner) => kind_of(inner, kinds),
        Expr::Value(value) => match &value.value {
            Value::Number(..) => Some(ColumnKind::Number),
            Value::SingleQuotedString(_) => Some(ColumnKind::Text),
            Value::Boolean(_) => Some(ColumnKind::Flag),
            _ => None,
        },
        Expr::UnaryOp { op: UnaryOperator::Minus, .. } => Some(ColumnKind::Number),
        Expr::BinaryOp { left, op, right } if is_arithmetic(op) => match (op, kind_of(left, kinds), kind_of(right, kinds)) {
            (BinaryOperator::Minus, Some(ColumnKind::Date), Some(ColumnKind::Date)) => Some(ColumnKind::Number),
            // A date less something unknown: days or a date.
            (BinaryOperator::Minus, Some(ColumnKind::Date), None) | (BinaryOperator::Minus, None, Some(ColumnKind::Date)) => None,
            // Something unknown with days: a number or a date.
            (BinaryOperator::Plus | BinaryOperator::Minus, None, None | Some(ColumnKind::Number)) => None,
            (BinaryOperator::Plus, Some(ColumnKind::Number), None) => None,
            (_, Some(ColumnKind::Date), _) | (_, _, Some(ColumnKind::Date)) => Some(ColumnKind::Date),
            _ => Some(ColumnKind::Number),
        },
        Expr::Prefixed { prefix, value } => match &**value {
            Expr::Tuple(arguments) => match Function::find(&prefix.value)? {
                Function::Abs | Function::Round | Function::MonthsBetween | Function::YearsBetween => Some(ColumnKind::Number),
                Function::Mismatch => Some(ColumnKind::Flag),
                Function::Coalesce | Function::NullIf | Function::Least | Function::Greatest => common(arguments.iter(), kinds),
            },
            _ => Some(ColumnKind::Date),
        },
        Expr::Case { conditions, else_result, .. } => {
            common(conditions.iter().map(|branch| &branch.result).chain(else_result.as_deref()), kinds)
        }
        _ => Some(ColumnKind::Flag),
    }
}

fn common<'e>(mut parts: impl Iterator<Item = &'e Expr>, kinds: Kinds<'_>) -> Option<ColumnKind> {
    parts.find_map(|part| kind_of(part, kinds))
}

fn is_arithmetic(op: &BinaryOperator) -> bool {
    matches!(op, BinaryOperator::Plus | BinaryOperator::Minus | BinaryOperator::Multiply | BinaryOperator::Divide)
}

/// The kinds of columns, as far as their use has told; what was known before does not change.
#[derive(Clone, Debug, Default)]
pub(crate) struct KnownKinds {
    kinds: IndexMap<String, ColumnKind>,
    /// Whether something was learnt in this round.
    learnt: bool,
    /// Whether sums and orders of things unknown are taken for those of numbers, and what is taken from a date for a date.
    guess: bool,
}

impl KnownKinds {
    /// What is known of a column.
    pub(crate) fn get(&self, name: &str) -> Option<ColumnKind> {
        self.kinds.get(name).copied()
    }

    /// States a kind, unless one is known; the one that holds from now on.
    pub(crate) fn state(&mut self, name: &str, kind: ColumnKind) -> ColumnKind {
        let before = self.kinds.len();
        let holds = *self.kinds.entry(name.to_owned()).or_insert(kind);
        self.learnt |= self.kinds.len() > before;
        holds
    }

    /// Learns from expressions, each with the kind that it should be, until they tell nothing new.
    pub(super) fn learn(&mut self, expressions: &[(&Expr, ColumnKind)]) {
        for guess in [false, true] {
            loop {
                (self.learnt, self.guess) = (false, guess);
                for (expr, kind) in expressions {
                    self.walk(expr, Some(*kind));
                }
                if !self.learnt {
                    break;
                }
                // After a guess, what follows from it comes before another guess.
                if guess {
                    self.guess = false;
                }
            }
        }
    }

    fn of(&self, expr: &Expr) -> Option<ColumnKind> {
        kind_of(expr, &|name| self.get(name))
    }

    fn walk(&mut self, expr: &Expr, wanted: Option<ColumnKind>) {
        use ColumnKind::{Date, Flag, Number};
        match expr {
            Expr::Identifier(name) => {
                if let Some(kind) = wanted.filter(|_| name.value != AS_OF) {
                    self.state(&name.value, kind);
                }
            }
            Expr::Nested(inner) => self.walk(inner, wanted),
            Expr::UnaryOp { op: UnaryOperator::Minus, expr } => self.walk(expr, Some(Number)),
            Expr::UnaryOp { expr, .. } => self.walk(expr, Some(Flag)),
            Expr::BinaryOp { left, op: BinaryOperator::And | BinaryOperator::Or, right } => self.all(&[left, right], Some(Flag)),
            Expr::BinaryOp { left, op, right } if is_arithmetic(op) => self.sum(left, op, right, wanted),
            Expr::BinaryOp { left, op, right } => {
                let equality = matches!(op, BinaryOperator::Eq | BinaryOperator::NotEq);
                self.alike(&[left, right], None, !equality);
            }
            Expr::IsNull(inner) | Expr::IsNotNull(inner) => self.walk(inner, None),
            Expr::IsTrue(inner) | Expr::IsNotTrue(inner) | Expr::IsFalse(inner) | Expr::IsNotFalse(inner) => self.walk(inner, Some(Flag)),
            Expr::Between { expr, low, high, .. } => self.alike(&[expr, low, high], None, true),
            Expr::InList { expr, list, .. } => self.alike(&std::iter::once(&**expr).chain(list).collect::<Vec<_>>(), None, false),
            Expr::Prefixed { prefix, value } => {
                let (Some(function), Expr::Tuple(arguments)) = (Function::find(&prefix.value), &**value) else { return };
                let arguments: Vec<&Expr> = arguments.iter().collect();
                match function {
                    Function::Abs | Function::Round | Function::Mismatch => self.all(&arguments, Some(Number)),
                    Function::MonthsBetween | Function::YearsBetween => self.all(&arguments, Some(Date)),
                    Function::Coalesce | Function::NullIf => self.alike(&arguments, wanted, false),
                    Function::Least | Function::Greatest => self.alike(&arguments, wanted, true),
                }
            }
            Expr::Case { conditions, else_result, .. } => {
                for branch in conditions {
                    self.walk(&branch.condition, Some(Flag));
                }
                let results: Vec<&Expr> = conditions.iter().map(|branch| &branch.result).chain(else_result.as_deref()).collect();
                self.alike(&results, wanted, false);
            }
            _ => {}
        }
    }

    fn all(&mut self, parts: &[&Expr], kind: Option<ColumnKind>) {
        for part in parts {
            self.walk(part, kind);
        }
    }

    /// Parts of one kind; `ordered` where texts and flags have no place.
    fn alike(&mut self, parts: &[&Expr], wanted: Option<ColumnKind>, ordered: bool) {
        let known = parts.iter().find_map(|part| self.of(part)).or(wanted);
        self.all(parts, known.or((ordered && self.guess).then_some(ColumnKind::Number)));
    }

    fn sum(&mut self, left: &Expr, op: &BinaryOperator, right: &Expr, wanted: Option<ColumnKind>) {
        use ColumnKind::{Date, Number};
        let (mut of_left, mut of_right) = match op {
            BinaryOperator::Plus | BinaryOperator::Minus => (self.of(left), self.of(right)),
            _ => (Some(Number), Some(Number)),
        };
        match (op, of_left, of_right) {
            (BinaryOperator::Minus, Some(Date), None) => {
                of_right = match wanted {
                    Some(Number) => Some(Date),
                    Some(Date) => Some(Number),
                    _ => self.guess.then_some(Date),
                }
            }
            (BinaryOperator::Minus, None, Some(Date)) => of_left = Some(Date),
            (BinaryOperator::Minus, None, Some(Number)) if wanted == Some(Date) => of_left = Some(Date),
            (BinaryOperator::Plus, Some(Date), None) => of_right = Some(Number),
            (BinaryOperator::Plus, None, Some(Date)) => of_left = Some(Number),
            (BinaryOperator::Plus, None, Some(Number)) if wanted != Some(Number) && !self.guess => of_left = wanted,
            (BinaryOperator::Plus, Some(Number), None) if wanted != Some(Number) && !self.guess => of_right = wanted,
            _ if wanted == Some(Number) && (of_left == Some(Number) || of_right == Some(Number)) => {
                (of_left, of_right) = (Some(Number), Some(Number));
            }
            _ if self.guess => (of_left, of_right) = (of_left.or(Some(Number)), of_right.or(Some(Number))),
            _ => {}
        }
        self.walk(left, of_left);
        self.walk(right, of_right);
    }
}
