//! Derived indicators as columns: one value for each firm.

use super::aggregate::{Empty, Measure, NO_CODE, Selection, Use, Values, aggregate};
use super::codes::{Coded, numbers};
use super::records::Records;
use super::typed::Typed;
use crate::graded;
use firmgrade::calendar::Day;
use firmgrade::card::{Aggregate, EmptyValue, FromRecords, RawColumn};
use firmgrade::columns::{Column, ColumnKind, Kind};
use firmgrade::condition::{Condition, Evaluated, Expression, FALSE, Scratch, TRUE, UNKNOWN};
use firmgrade::window::Window;
use polars::prelude::*;
use rayon::prelude::*;
use std::borrow::Cow;

/// Rows of which one thread evaluates a condition in turn.
const BLOCK: usize = 65_536;

/// The column of an indicator over records, and what became of the records.
pub(crate) fn from_records(name: &str, kind: Kind, from: &FromRecords, records: &Records, as_of: Day) -> (Series, Use) {
    let condition = from.filter.as_ref().map(|condition| truths(condition, &records.typed, as_of));
    // A trend looks at two windows.
    let (window, middle) = match from.aggregate {
        Aggregate::Trend => (from.window.doubled(), from.window.start(as_of)),
        _ => (from.window, None),
    };
    let selection = Selection { as_of: as_of.days(), start: start(window, as_of), condition: condition.as_deref() };
    let column = |column: &Option<RawColumn>| column.as_ref().and_then(|column| records.typed.column(&column.name));
    let (of, by) = (column(&from.of), column(&from.by));
    let values = of.as_ref().map(numbers);
    let values = values.as_deref();
    let of_values = values.unwrap_or_default();
    let coded = |column: &Option<Column<'_>>, ordered| column.as_ref().map_or_else(Coded::default, |column| Coded::new(column, ordered));
    let empty = match from.empty {
        Some(EmptyValue::Number(number)) => Empty::Number(number),
        _ => Empty::Number(f64::NAN),
    };
    let run = |measure| aggregate(&records.groups, selection, measure, empty);
    let (values, seen) = match from.aggregate {
        Aggregate::Count => run(Measure::Count),
        Aggregate::Sum => run(Measure::Sum(of_values)),
        Aggregate::Max => run(Measure::Max(of_values)),
        Aggregate::Min => run(Measure::Min(of_values)),
        Aggregate::Mean => run(Measure::Mean(of_values)),
        Aggregate::Last if kind == Kind::Number => run(Measure::Last(of_values)),
        Aggregate::Last => return last(name, kind, from.empty.as_ref(), coded(&of, true), records, selection),
        Aggregate::Any => {
            let (values, seen) = aggregate(&records.groups, selection, Measure::Any, Empty::Code(flag_code(from.empty.as_ref())));
            return (column_of(name, values, &[], kind), seen);
        }
        Aggregate::Distinct => run(Measure::Distinct(&coded(&of, false).codes)),
        Aggregate::DaysSinceLast => run(Measure::DaysSinceLast),
        Aggregate::DaysSinceFirst => run(Measure::DaysSinceFirst),
        Aggregate::Share => {
            let share = from.share.as_ref().map(|condition| truths(condition, &records.typed, as_of));
            run(Measure::Share(share.as_deref().unwrap_or_default()))
        }
        Aggregate::Months => run(Measure::Months),
        Aggregate::Trend => run(Measure::Trend { middle: middle.map_or(i32::MIN, Day::days), of: values }),
        Aggregate::TopShare => run(Measure::TopShare { by: &coded(&by, false).codes, of: values }),
    };
    (column_of(name, values, &[], kind), seen)
}

/// The day after which a window begins, in days.
fn start(window: Window, as_of: Day) -> Option<i32> {
    window.start(as_of).map(Day::days)
}

/// The last text or flag.
fn last(name: &str, kind: Kind, empty: Option<&EmptyValue>, mut of: Coded, records: &Records, selection: Selection<'_>) -> (Series, Use) {
    let empty = match empty {
        Some(EmptyValue::Text(text)) => of.code_of(text),
        other => flag_code(other),
    };
    let (values, seen) = aggregate(&records.groups, selection, Measure::LastCode(&of.codes), Empty::Code(empty));
    (column_of(name, values, &of.words, kind), seen)
}

fn flag_code(empty: Option<&EmptyValue>) -> u32 {
    match empty {
        Some(EmptyValue::Flag(flag)) => u32::from(*flag),
        _ => NO_CODE,
    }
}

fn column_of(name: &str, values: Values, words: &[String], kind: Kind) -> Series {
    match (values, kind) {
        (Values::Numbers(numbers), _) => graded::numbers(name, &numbers).take_materialized_series(),
        (Values::Codes(codes), Kind::Flag) => {
            let flags = codes.iter().map(|code| (*code != NO_CODE).then_some(*code == 1));
            BooleanChunked::from_iter_options(name.into(), flags).into_series()
        }
        (Values::Codes(codes), _) => {
            let texts = codes.iter().map(|code| words.get(*code as usize).map(String::as_str));
            StringChunked::from_iter_options(name.into(), texts).into_series()
        }
    }
}

/// The truth of a condition for each record.
fn truths(condition: &Condition, typed: &Typed, as_of: Day) -> Vec<u8> {
    let absent = Column { values: firmgrade::columns::Values::Missing(typed.len()), validity: None };
    let columns: Vec<Column<'_>> = condition.columns().iter().map(|name| typed.column(name).unwrap_or_else(|| absent.clone())).collect();
    let columns: Vec<&Column<'_>> = columns.iter().collect();
    let mut truths = vec![UNKNOWN; typed.len()];
    truths.par_chunks_mut(BLOCK).enumerate().for_each_init(Scratch::default, |scratch, (block, truth)| {
        let start = block * BLOCK;
        condition.evaluate_as_of(&columns, as_of, start..start + truth.len(), scratch, truth);
    });
    truths
}

/// The column of an expression over columns of the firm table.
pub(crate) fn from_expression(name: &str, expression: &Expression, firms: &Typed, as_of: Day) -> Series {
    let absent = Column { values: firmgrade::columns::Values::Missing(firms.len()), validity: None };
    let columns: Vec<Column<'_>> = expression.columns().iter().map(|name| firms.column(name).unwrap_or_else(|| absent.clone())).collect();
    let columns: Vec<&Column<'_>> = columns.iter().collect();
    let starts: Vec<usize> = (0..firms.len()).step_by(BLOCK).collect();
    let blocks: Vec<(usize, Evaluated)> = starts
        .into_par_iter()
        .map_init(Scratch::default, |scratch, start| {
            (start, expression.evaluate(&columns, as_of, start..(start + BLOCK).min(firms.len()), scratch))
        })
        .collect();
    let rows = || blocks.iter().flat_map(|(start, block)| (0..BLOCK.min(firms.len() - start)).map(move |at| (start + at, block, at)));
    match expression.kind() {
        Kind::Number => {
            let numbers: Vec<f64> = blocks
                .iter()
                .flat_map(|(_, block)| match block {
                    Evaluated::Number(numbers) => numbers.as_slice(),
                    Evaluated::Flag(_) | Evaluated::Text(_) => &[],
                })
                .copied()
                .collect();
            graded::numbers(name, &numbers).take_materialized_series()
        }
        Kind::Flag => {
            let flags = rows().map(|(_, block, at)| match block {
                Evaluated::Flag(truths) => truths.get(at).and_then(|truth| match *truth {
                    TRUE => Some(true),
                    FALSE => Some(false),
                    _ => None,
                }),
                Evaluated::Number(_) | Evaluated::Text(_) => None,
            });
            BooleanChunked::from_iter_options(name.into(), flags.collect::<Vec<_>>().into_iter()).into_series()
        }
        Kind::Text => {
            let texts: Vec<Option<Cow<'_, str>>> = rows()
                .map(|(row, block, at)| match block {
                    Evaluated::Text(codes) => codes.get(at).and_then(|code| expression.text(*code, &columns, row)),
                    Evaluated::Number(_) | Evaluated::Flag(_) => None,
                })
                .collect();
            StringChunked::from_iter_options(name.into(), texts.into_iter()).into_series()
        }
    }
}

/// What a derived column of this kind is to expressions.
pub(crate) fn raw(kind: Kind) -> ColumnKind {
    ColumnKind::from(kind)
}
