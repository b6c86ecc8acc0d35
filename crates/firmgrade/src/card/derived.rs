//! Indicators that are derived: from the records of a firm, or by an expression over other columns.

use super::derivation::{Derivation, Derived, EmptyValue, FromRecords, RawColumn, RecordTable, Source};
use super::problem::Problem;
use super::raw::{Aggregate, EmptySpec};
use super::spec::{IndicatorSpec, ScorecardSpec};
use super::tables::{add, not_a_window, record_tables};
use crate::columns::{ColumnKind, Kind};
use crate::condition::{Condition, ConditionFault, Formula, KnownKinds};
use crate::window::Window;

/// What the card derives; `kind_of` tells what an indicator reads.
pub(super) fn derivation(spec: &ScorecardSpec, kind_of: fn(&IndicatorSpec) -> Option<Kind>, problems: &mut Vec<Problem>) -> Derivation {
    let tables = record_tables(spec, problems);
    let mut derived: Vec<(usize, Derived)> = Vec::new();
    let mut checked = Vec::with_capacity(tables.len());
    for (id, said) in &spec.indicators {
        let from_records = said.from.is_some();
        exclusive(id, said, problems);
        if let Some(from) = said.from.as_ref().filter(|from| !tables.iter().any(|(table, _)| table.id == **from)) {
            let problem = Problem::error(&["indicators", id, "from"], format!("there is no table of records `{from}`"));
            problems.push(problem.did_you_mean(from, tables.iter().map(|(table, _)| table.id.as_str())));
        } else if !from_records && said.expression.is_none() {
            records_only(id, said, problems);
        }
    }
    for (index, (mut table, mut known)) in tables.into_iter().enumerate() {
        let users: Vec<User<'_>> = (0..)
            .zip(&spec.indicators)
            .filter(|(_, (_, said))| said.from.as_ref() == Some(&table.id))
            .filter_map(|(at, (id, said))| User::new(at, id, said, kind_of(said), problems))
            .collect();
        learn(&users, &mut known);
        for user in users {
            if let Some(from) = user.check(index, &mut table, &mut known, problems) {
                let (id, title) = (user.id.to_owned(), user.said.title.clone());
                derived.push((user.at, Derived { id, title, kind: user.result(), source: Source::Records(Box::new(from)) }));
            }
        }
        checked.push(table);
    }
    let firm_columns = expressions(spec, kind_of, &mut derived, problems);
    derived.sort_by_key(|(at, _)| *at);
    let derived: Vec<Derived> = derived.into_iter().map(|(_, derived)| derived).collect();
    let order = order(&derived, problems);
    Derivation { tables: checked, derived, order, firm_columns }
}

/// A column, the records of a table and an expression exclude each other.
fn exclusive(id: &str, said: &IndicatorSpec, problems: &mut Vec<Problem>) {
    let sources = [("column", said.column.is_some()), ("from", said.from.is_some()), ("expression", said.expression.is_some())];
    let stated: Vec<&str> = sources.iter().filter(|(_, there)| *there).map(|(name, _)| *name).collect();
    if stated.len() > 1 {
        let message = format!("found {}, expected at most one of `column`, `from`, `expression`", stated.join(" and "));
        let problem = Problem::error(&["indicators", id], message);
        problems.push(problem.help("a derived indicator is the column that is named after its id"));
    }
    if said.expression.is_some() && said.from.is_none() {
        records_only(id, said, problems);
    }
}

/// Keys that need `from`.
fn records_only(id: &str, said: &IndicatorSpec, problems: &mut Vec<Problem>) {
    let keys = [
        ("aggregate", said.aggregate.is_some()),
        ("of", said.of.is_some()),
        ("by", said.by.is_some()),
        ("where", said.filter.is_some()),
        ("share_where", said.share_where.is_some()),
        ("window", said.window.is_some()),
        ("empty", said.empty.is_some()),
    ];
    for (key, _) in keys.iter().filter(|(_, there)| *there) {
        problems.push(Problem::error(&["indicators", id, key], format!("found `{key}` without `from`, the table of records")));
    }
}

/// An indicator that is made of records, its conditions parsed.
struct User<'s> {
    at: usize,
    id: &'s str,
    said: &'s IndicatorSpec,
    aggregate: Aggregate,
    /// What the indicator reads; `None` where that is a problem of its own.
    kind: Option<Kind>,
    filter: Option<Formula<'s>>,
    share: Option<Formula<'s>>,
}

impl<'s> User<'s> {
    fn new(at: usize, id: &'s str, said: &'s IndicatorSpec, kind: Option<Kind>, problems: &mut Vec<Problem>) -> Option<Self> {
        let Some(aggregate) = said.aggregate else {
            let problem = Problem::error(&["indicators", id], "`aggregate` is missing");
            problems.push(problem.help("state what is made of the records, such as `aggregate = \"count\"`"));
            return None;
        };
        let mut formula = |key: &str, text: &'s Option<String>| {
            text.as_ref().and_then(|text| Formula::read(text).map_err(|faults| report(&["indicators", id, key], faults, problems)).ok())
        };
        let (filter, share) = (formula("where", &said.filter), formula("share_where", &said.share_where));
        Some(Self { at, id, said, aggregate, kind, filter, share })
    }

    /// What the aggregate gives.
    fn result(&self) -> Kind {
        match self.aggregate {
            Aggregate::Any => Kind::Flag,
            Aggregate::Last => self.kind.unwrap_or(Kind::Number),
            _ => Kind::Number,
        }
    }

    /// What `of` must hold, where that is not left to its other uses.
    fn of_kind(&self) -> Option<ColumnKind> {
        match self.aggregate {
            Aggregate::Distinct => None,
            Aggregate::Last => self.kind.map(ColumnKind::from),
            _ => Some(ColumnKind::Number),
        }
    }

    fn check(&self, index: usize, table: &mut RecordTable, known: &mut KnownKinds, problems: &mut Vec<Problem>) -> Option<FromRecords> {
        let before = problems.len();
        let id = self.id;
        let name = self.aggregate.as_str();
        if let Some(kind) = self.kind.filter(|kind| *kind != self.result()) {
            let message = format!("`{name}` gives a {}, and the indicator reads a {kind}", self.result());
            let help = if self.result() == Kind::Flag { "state `flag`" } else { "state `bands` or `points`" };
            problems.push(Problem::error(&["indicators", id, "aggregate"], message).help(help));
        }
        self.arguments(problems);
        let of = self.said.of.as_ref().map(|of| self.column("of", of, self.of_kind(), known, problems));
        let by = self.said.by.as_ref().map(|by| self.column("by", by, None, known, problems));
        let mut condition = |key: &str, formula: &Option<Formula<'s>>| -> Option<Condition> {
            let condition = formula.as_ref()?.condition(known);
            condition.map_err(|faults| report(&["indicators", id, key], faults, problems)).ok()
        };
        let (filter, share) = (condition("where", &self.filter), condition("share_where", &self.share));
        let window = self.window(problems);
        let empty = self.empty(problems);
        if problems.len() > before {
            return None;
        }
        for column in [&of, &by].into_iter().flatten() {
            add(&mut table.columns, &column.name, column.kind);
        }
        for name in [&filter, &share].into_iter().flatten().flat_map(Condition::columns) {
            if let Some(kind) = known.get(name) {
                add(&mut table.columns, name, kind);
            }
        }
        Some(FromRecords { table: index, aggregate: self.aggregate, of, by, filter, share, window, empty })
    }

    /// Which of the keys the aggregate needs, and which have no place beside it.
    fn arguments(&self, problems: &mut Vec<Problem>) {
        use Aggregate as A;
        let needs_of = matches!(self.aggregate, A::Sum | A::Max | A::Min | A::Mean | A::Distinct | A::Last);
        let may_of = needs_of || matches!(self.aggregate, A::Trend | A::TopShare);
        let keys = [
            ("of", self.said.of.is_some(), needs_of, may_of, "the column to aggregate"),
            ("by", self.said.by.is_some(), self.aggregate == A::TopShare, self.aggregate == A::TopShare, "the column to group by"),
            (
                "share_where",
                self.said.share_where.is_some(),
                self.aggregate == A::Share,
                self.aggregate == A::Share,
                "the condition whose share is taken",
            ),
        ];
        let (id, name) = (self.id, self.aggregate.as_str());
        for (key, there, needed, allowed, what) in keys {
            if needed && !there {
                problems.push(Problem::error(&["indicators", id], format!("`{key}` is missing: `{name}` needs {what}")));
            } else if there && !allowed {
                problems.push(Problem::error(&["indicators", id, key], format!("`{key}` has no place beside `{name}`")));
            }
        }
    }

    fn column(&self, key: &str, name: &str, kind: Option<ColumnKind>, known: &mut KnownKinds, problems: &mut Vec<Problem>) -> RawColumn {
        // What nothing else tells is compared as it is written.
        let holds = known.state(name, kind.unwrap_or(ColumnKind::Text));
        if let Some(kind) = kind.filter(|kind| *kind != holds) {
            let message = format!("column `{name}` holds a {holds}, expected a {kind} for `{}`", self.aggregate.as_str());
            problems.push(Problem::error(&["indicators", self.id, key], message));
        }
        RawColumn { name: name.to_owned(), kind: holds }
    }

    fn window(&self, problems: &mut Vec<Problem>) -> Window {
        let path = ["indicators", self.id, "window"];
        let window = match self.said.window.as_ref().map(|text| (text, Window::parse(text))) {
            None => Window::All,
            Some((_, Some(window))) => window,
            Some((text, None)) => {
                problems.push(Problem::error(&path, not_a_window(text)));
                return Window::All;
            }
        };
        if self.aggregate == Aggregate::Trend && window == Window::All {
            let message = "`trend` needs a window, which it compares with the one before it";
            problems.push(Problem::error(&path, message).help("state one such as `window = \"12 months\"`"));
        }
        window
    }

    fn empty(&self, problems: &mut Vec<Problem>) -> Option<EmptyValue> {
        let empty = match &self.said.empty {
            Some(EmptySpec::Number(number)) => EmptyValue::Number(*number),
            Some(EmptySpec::Flag(flag)) => EmptyValue::Flag(*flag),
            Some(EmptySpec::Text(text)) => EmptyValue::Text(text.clone()),
            None => match self.aggregate {
                // How many there are of nothing, and how much, is known.
                Aggregate::Count | Aggregate::Sum | Aggregate::Distinct | Aggregate::Months => return Some(EmptyValue::Number(0.0)),
                Aggregate::Any => return Some(EmptyValue::Flag(false)),
                _ => return None,
            },
        };
        let found = match &empty {
            EmptyValue::Number(_) => Kind::Number,
            EmptyValue::Flag(_) => Kind::Flag,
            EmptyValue::Text(_) => Kind::Text,
        };
        if found != self.result() {
            let message = format!("found a {found}, expected a {}, which is what the aggregate gives", self.result());
            problems.push(Problem::error(&["indicators", self.id, "empty"], message));
        }
        Some(empty)
    }
}

/// Learns what the columns of a table hold from all that its users say.
fn learn(users: &[User<'_>], known: &mut KnownKinds) {
    for user in users {
        if let (Some(of), Some(kind)) = (&user.said.of, user.of_kind()) {
            known.state(of, kind);
        }
    }
    let conditions = users.iter().flat_map(|user| [&user.filter, &user.share]).flatten();
    Formula::learn(&conditions.map(|formula| (formula, ColumnKind::Flag)).collect::<Vec<_>>(), known);
}

fn report(path: &[&str], faults: Vec<ConditionFault>, problems: &mut Vec<Problem>) {
    problems.extend(faults.into_iter().map(|fault| Problem::error(path, fault.to_string())));
}

/// Adds the indicators that are expressions; gives the columns of the firm table that they read.
fn expressions(
    spec: &ScorecardSpec,
    kind_of: fn(&IndicatorSpec) -> Option<Kind>,
    derived: &mut Vec<(usize, Derived)>,
    problems: &mut Vec<Problem>,
) -> Vec<RawColumn> {
    let is_derived = |said: &IndicatorSpec| said.from.is_some() || said.expression.is_some();
    let mut known = KnownKinds::default();
    let mut formulas = Vec::new();
    for (at, (id, said)) in spec.indicators.iter().enumerate() {
        let Some(kind) = kind_of(said) else { continue };
        known.state(said.column.as_ref().filter(|_| !is_derived(said)).unwrap_or(id), kind.into());
        if let Some(text) = said.expression.as_ref().filter(|_| said.from.is_none()) {
            match Formula::read(text) {
                Ok(formula) => formulas.push((at, id, said, kind, formula)),
                Err(faults) => report(&["indicators", id, "expression"], faults, problems),
            }
        }
    }
    for (name, column) in &spec.columns {
        known.state(name, column.kind);
    }
    Formula::learn(&formulas.iter().map(|(_, _, _, kind, formula)| (formula, (*kind).into())).collect::<Vec<_>>(), &mut known);
    let mut columns = Vec::new();
    for (at, id, said, kind, formula) in &formulas {
        match formula.expression(*kind, &known) {
            Ok(expression) => {
                for (name, kind) in expression.columns().iter().zip(expression.kinds()) {
                    if !spec.indicators.get(name).is_some_and(is_derived) {
                        add(&mut columns, name, *kind);
                    }
                }
                let (id, title) = ((*id).clone(), said.title.clone());
                derived.push((*at, Derived { id, title, kind: *kind, source: Source::Expression(expression) }));
            }
            Err(faults) => report(&["indicators", id, "expression"], faults, problems),
        }
    }
    columns
}

/// Each derived indicator after those that it reads.
fn order(derived: &[Derived], problems: &mut Vec<Problem>) -> Vec<usize> {
    let reads = |index: usize| -> Vec<usize> {
        match derived.get(index).map(|derived| &derived.source) {
            Some(Source::Expression(expression)) => {
                let places = expression.columns().iter().map(|name| derived.iter().position(|other| other.id == *name));
                places.flatten().collect()
            }
            _ => Vec::new(),
        }
    };
    let (mut order, mut done) = (Vec::with_capacity(derived.len()), vec![false; derived.len()]);
    // In rounds, so that a long chain needs no stack; each round takes what has all it reads.
    loop {
        let before = order.len();
        for index in 0..derived.len() {
            let ready = |read: &usize| done.get(*read).copied().unwrap_or(true);
            if done.get(index) == Some(&false) && reads(index).iter().all(ready) {
                order.push(index);
                if let Some(done) = done.get_mut(index) {
                    *done = true;
                }
            }
        }
        if order.len() == before {
            break;
        }
    }
    // Whatever is left reads something that is left: going on, one comes round.
    let mut path: Vec<usize> = Vec::new();
    let mut next = done.iter().position(|done| !done);
    while let Some(at) = next {
        if let Some(start) = path.iter().position(|before| *before == at) {
            let ids: Vec<&str> = path.iter().skip(start).chain([&at]).filter_map(|at| derived.get(*at)).map(|d| d.id.as_str()).collect();
            let id = ids.first().copied().unwrap_or_default();
            problems.push(Problem::error(&["indicators", id, "expression"], format!("cycle: {}", ids.join(" → "))));
            break;
        }
        path.push(at);
        next = reads(at).into_iter().find(|read| done.get(*read) == Some(&false));
    }
    order
}
