//! A district of made-up firms, for demonstrations, tests and benches.
//!
//! Everything about it is invented except the shape: codes are valid by GB 32100, trades are those of GB/T 4754-2017, streets and region
//! those of Putuo District, Shanghai. No firm, person or record is real; a code that a registered firm also has would be chance.
//!
//! # The model
//!
//! ```text
//! risk      = 0.965·n + what trade and age add                       about standard normal; in no table
//! z(group)  = 0.9·risk + 0.436·n      for registration, operation, judicial, violations, annual report
//! columns   counts, flags, amounts, levels and categories whose chances or centres rise or fall with z (see `law`)
//! missing   with the share that the column states, ±40 % by risk; finances also for firms younger than a year
//! outcome   inspected with chance 0.30; violation with chance 0.026·2^(1.75·risk)
//! ```
//! So columns of one group hang together more closely than columns of two, all of them only through risk, and what an inspection finds
//! later is related to the columns through risk alone: a grade can predict it, but not perfectly.
//! The reference date is the end of 2023. The chances are guesses that give plausible, skewed counts; only the shares of the grades
//! under the shipped card are tuned to a published result (Putuo's).
//!
//! The same firms also come as a register and tables of records, from which indicators are derived: [`generate_records`].
//!
//! # Reproducible
//!
//! A value depends on the seed, the firm's number and the column's name alone (see `draw`). A larger district begins with the smaller
//! one, a new column changes no other, and the bits are the same for any number of threads and on every platform.

mod draw;
mod firm;
mod indicators;
mod law;
mod names;
mod outcome;
mod records;
mod uscc;
mod visit;

pub use firm::Group;
pub use records::{AS_OF, RecordTable, Records, generate_records};
pub use visit::{Found, Visit, visits};

use draw::{Draw, key, mix};
use firm::{CLASSES, Firm, LEGAL_FORMS, REGIONS, SIZES, STREETS, TRADES};
use law::{Law, Spec};
use rayon::prelude::*;

/// The seed of the demonstration.
pub const DEFAULT_SEED: u64 = 2023;

/// The firms of the demonstration: as many as Putuo District has.
pub const DEFAULT_FIRMS: usize = 60_000;

/// A generated district.
#[derive(Clone, Debug, PartialEq)]
pub struct District {
    /// The firm table: profile, then indicators; every column has one value for each firm.
    pub columns: Vec<Column>,
    /// What inspectors found later: `uscc`, `inspected`, `outcome` (1 is a violation), `result`; one row for each firm, in the same order.
    pub outcome: Vec<Column>,
}

/// A column.
#[derive(Clone, Debug, PartialEq)]
pub struct Column {
    /// The name in files and scorecards.
    pub name: &'static str,
    /// The name that people read.
    pub title: &'static str,
    /// The group of records that it comes from.
    pub group: Group,
    /// One value for each firm.
    pub values: Values,
}

/// The values of a column; nothing stands for a missing one.
#[derive(Clone, Debug, PartialEq)]
pub enum Values {
    /// Text.
    Text(Vec<Option<String>>),
    /// Text from a short list: positions in `values`.
    Coded {
        /// One position for each firm.
        codes: Vec<Option<u16>>,
        /// The list.
        values: &'static [&'static str],
    },
    /// Finite numbers.
    Number(Vec<Option<f64>>),
    /// Whole numbers.
    Whole(Vec<Option<i64>>),
    /// Yes or no.
    Flag(Vec<Option<bool>>),
    /// Days since 1970-01-01.
    Day(Vec<Option<i32>>),
}

impl Values {
    /// The number of firms.
    #[must_use]
    pub fn len(&self) -> usize {
        match self {
            Self::Text(values) => values.len(),
            Self::Coded { codes, .. } => codes.len(),
            Self::Number(values) => values.len(),
            Self::Whole(values) => values.len(),
            Self::Flag(values) => values.len(),
            Self::Day(values) => values.len(),
        }
    }

    /// Whether there are no firms.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// The number of missing values.
    #[must_use]
    pub fn missing(&self) -> usize {
        match self {
            Self::Text(values) => values.iter().filter(|v| v.is_none()).count(),
            Self::Coded { codes, .. } => codes.iter().filter(|v| v.is_none()).count(),
            Self::Number(values) => values.iter().filter(|v| v.is_none()).count(),
            Self::Whole(values) => values.iter().filter(|v| v.is_none()).count(),
            Self::Flag(values) => values.iter().filter(|v| v.is_none()).count(),
            Self::Day(values) => values.iter().filter(|v| v.is_none()).count(),
        }
    }
}

/// Generates a district of `firms` firms.
///
/// Codes are unique for up to 31⁶ = 887,503,681 firms. Firm `i` is the same in every district of the same seed.
#[must_use]
pub fn generate(firms: usize, seed: u64) -> District {
    let firms: Vec<Firm> = (0..firms as u64).into_par_iter().map(|number| Firm::new(seed, number)).collect();
    let mut columns = profile(&firms, seed);
    let specs: Vec<(Group, &Spec)> =
        indicators::TABLES.iter().flat_map(|(group, table)| table.iter().map(move |spec| (*group, spec))).collect();
    let mut drawn: Vec<Column> = specs.into_par_iter().map(|(group, spec)| column(group, spec, &firms)).collect();
    let outcome = match columns.first() {
        Some(codes) => outcome::columns(&firms, &codes.values),
        None => Vec::new(),
    };
    columns.append(&mut drawn);
    District { columns, outcome }
}

/// The columns that say who a firm is.
fn profile(firms: &[Firm], seed: u64) -> Vec<Column> {
    let seed_key = mix(seed) >> 1;
    let text = |f: &(dyn Fn(&Firm) -> String + Sync)| Values::Text(firms.par_iter().map(|firm| Some(f(firm))).collect());
    let coded = |values, f: fn(&Firm) -> u16| Values::Coded { codes: firms.par_iter().map(|firm| Some(f(firm))).collect(), values };
    let column = |name, title, values| Column { name, title, group: Group::Profile, values };
    vec![
        column("uscc", "统一社会信用代码", text(&|firm| uscc::code(seed_key, firm.number, firm.before_reform()))),
        column("name", "企业名称", text(&names::name)),
        column("trade", "行业门类", coded(TRADES, |firm| firm.trade)),
        column("trade_class", "行业大类", coded(CLASSES, |firm| firm.class)),
        column("region", "行政区划代码", coded(REGIONS, |_| 0)),
        column("street", "街道（镇）", coded(STREETS, |firm| firm.street)),
        column("size", "企业规模", coded(SIZES, |firm| firm.size)),
        column("legal_form", "企业类型", coded(LEGAL_FORMS, |firm| firm.form)),
        column("established_years", "成立年限", Values::Number(firms.par_iter().map(|firm| Some(firm.age)).collect())),
    ]
}

/// One indicator column.
fn column(group: Group, spec: &Spec, firms: &[Firm]) -> Column {
    let key = key(spec.name);
    let draw = |firm: &Firm| Draw::new(firm.key, key);
    let values = match &spec.law {
        Law::Flag(_) => Values::Flag(each(spec, key, firms, |firm| spec.law.flag(firm))),
        Law::Sum(_) | Law::Years { .. } | Law::Whole { .. } => {
            Values::Whole(each(spec, key, firms, |firm| spec.law.whole(firm, &mut draw(firm), firm.factor(group))))
        }
        Law::AmountOf { .. } | Law::Amount { .. } | Law::Level { .. } => {
            Values::Number(each(spec, key, firms, |firm| spec.law.number(firm, &mut draw(firm), firm.factor(group))))
        }
        Law::Choice { values, .. } | Law::Rule { values, .. } => {
            let codes = each(spec, key, firms, |firm| spec.law.category(firm, &mut draw(firm), firm.factor(group)));
            Values::Coded { codes, values }
        }
    };
    Column { name: spec.name, title: spec.title, group, values }
}

/// One value for each firm, or nothing where it is missing.
fn each<T: Send>(spec: &Spec, key: u64, firms: &[Firm], value: impl Fn(&Firm) -> T + Sync) -> Vec<Option<T>> {
    firms.par_iter().map(|firm| if spec.is_missing(firm, key) { None } else { Some(value(firm)) }).collect()
}

#[cfg(test)]
mod tests;
