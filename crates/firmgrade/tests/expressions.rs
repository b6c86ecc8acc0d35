//! Expressions against cases computed by hand (`fixtures/cases/expressions.json`), and every text that says what is wrong with one.

#![expect(clippy::panic, clippy::unwrap_used, clippy::expect_used, reason = "a test may stop")]

use firmgrade::calendar::Day;
use firmgrade::columns::{Bits, Column, ColumnKind, Kind, Numbers, Texts, Values};
use firmgrade::condition::{Evaluated, Expression, FALSE, Scratch, TRUE, UNKNOWN};
use serde_json::Value;
use std::collections::HashMap;

/// A column of the cases, its values owned.
struct Owned {
    kind: ColumnKind,
    numbers: Vec<f64>,
    days: Vec<i32>,
    texts: Vec<String>,
    flags: Vec<u8>,
    there: Vec<u8>,
    len: usize,
}

fn bits(flags: impl Iterator<Item = bool>) -> Vec<u8> {
    let flags: Vec<bool> = flags.collect();
    flags.chunks(8).map(|chunk| chunk.iter().rev().fold(0, |byte, flag| byte << 1 | u8::from(*flag))).collect()
}

fn day(text: &str) -> Day {
    Day::parse(text).unwrap_or_else(|| panic!("`{text}` is a date"))
}

impl Owned {
    /// The values, `times` over.
    fn new(said: &Value, times: usize) -> Self {
        let once = said["values"].as_array().unwrap();
        let values: Vec<&Value> = once.iter().cycle().take(once.len() * times).collect();
        let kind: ColumnKind = serde_json::from_value(said["kind"].clone()).unwrap();
        let of = |wanted: ColumnKind| values.iter().filter(move |_| kind == wanted);
        Self {
            kind,
            numbers: of(ColumnKind::Number).map(|v| v.as_f64().unwrap_or(f64::NAN)).collect(),
            days: of(ColumnKind::Date).map(|v| v.as_str().map_or(0, |text| day(text).days())).collect(),
            texts: of(ColumnKind::Text).map(|v| v.as_str().unwrap_or("under a null").to_owned()).collect(),
            flags: bits(of(ColumnKind::Flag).map(|v| v.as_bool().unwrap_or(true))),
            there: bits(values.iter().map(|v| !v.is_null())),
            len: values.len(),
        }
    }
}

#[test]
fn values_are_those_computed_by_hand() {
    let file: Value = serde_json::from_str(include_str!("../../../fixtures/cases/expressions.json")).unwrap();
    let as_of = day(file["as_of"].as_str().unwrap());
    // Four rows, and more than two blocks of them.
    for times in [1, 600] {
        let owned: HashMap<&str, Owned> =
            file["columns"].as_object().unwrap().iter().map(|(name, said)| (name.as_str(), Owned::new(said, times))).collect();
        for case in file["cases"].as_array().unwrap() {
            let text = case["expression"].as_str().unwrap();
            let kind: Kind = serde_json::from_value(case["kind"].clone()).unwrap();
            let expression = Expression::parse(text, kind, |name| owned.get(name).map(|column| column.kind))
                .unwrap_or_else(|faults| panic!("{text}: {faults:?}"));
            let words: Vec<Vec<&str>> =
                expression.columns().iter().map(|name| owned[name.as_str()].texts.iter().map(String::as_str).collect()).collect();
            let columns: Vec<Column<'_>> = expression
                .columns()
                .iter()
                .zip(&words)
                .map(|(name, words)| {
                    let column = &owned[name.as_str()];
                    let values = match column.kind {
                        ColumnKind::Number => Values::Number(Numbers::F64(&column.numbers)),
                        ColumnKind::Date => Values::Number(Numbers::I32(&column.days)),
                        ColumnKind::Text => Values::Text(Texts::Strings(words)),
                        ColumnKind::Flag => Values::Flag(Bits::new(&column.flags, 0, column.len).unwrap()),
                    };
                    Column { values, validity: Bits::new(&column.there, 0, column.len) }
                })
                .collect();
            let columns: Vec<&Column<'_>> = columns.iter().collect();
            let expected = case["values"].as_array().unwrap();
            let rows = expected.len() * times;
            let found = expression.evaluate(&columns, as_of, 0..rows, &mut Scratch::default());
            for row in 0..rows {
                let expected = &expected[row % expected.len()];
                let found = match &found {
                    Evaluated::Number(numbers) => {
                        let found = numbers[row];
                        let near = expected.as_f64().map_or(found.is_nan(), |wanted| (found - wanted).abs() <= 1e-12 * wanted.abs());
                        assert!(near, "{text}, row {row}: found {found}, expected {expected}");
                        continue;
                    }
                    Evaluated::Flag(truths) => match truths[row] {
                        FALSE => Value::Bool(false),
                        TRUE => Value::Bool(true),
                        UNKNOWN => Value::Null,
                        other => panic!("{text}, row {row}: {other} is no truth"),
                    },
                    Evaluated::Text(codes) => expression.text(codes[row], &columns, row).map_or(Value::Null, |text| text.as_ref().into()),
                };
                assert_eq!(&found, expected, "{text}, row {row}");
            }
            // A part of the rows gives what the whole gave there.
            let part = expression.evaluate(&columns, as_of, 1..rows - 1, &mut Scratch::default());
            let same = match (&found, &part) {
                (Evaluated::Number(all), Evaluated::Number(part)) => {
                    all[1..rows - 1].iter().zip(part).all(|(a, b)| a.to_bits() == b.to_bits() || a.is_nan() && b.is_nan())
                }
                (Evaluated::Flag(all), Evaluated::Flag(part)) => all[1..rows - 1] == part[..],
                (Evaluated::Text(all), Evaluated::Text(part)) => all[1..rows - 1] == part[..],
                _ => false,
            };
            assert!(same, "{text}");
        }
    }
}

#[test]
fn kinds_are_told_by_use() {
    use ColumnKind::{Date, Flag, Number, Text};
    for (text, kind, expected) in [
        ("a / b", Kind::Number, vec![("a", Number), ("b", Number)]),
        ("as_of - founded", Kind::Number, vec![("founded", Date)]),
        ("a - b", Kind::Number, vec![("a", Number), ("b", Number)]),
        ("a < b", Kind::Flag, vec![("a", Number), ("b", Number)]),
        ("a + 30 < DATE '2022-01-01'", Kind::Flag, vec![("a", Date)]),
        ("as_of - a > 30 AND b = a", Kind::Flag, vec![("a", Date), ("b", Date)]),
        ("CASE WHEN a THEN b ELSE 'x' END", Kind::Text, vec![("a", Flag), ("b", Text)]),
        ("COALESCE(a, b)", Kind::Text, vec![("a", Text), ("b", Text)]),
        ("months_between(a, b) + LEAST(c, d)", Kind::Number, vec![("a", Date), ("b", Date), ("c", Number), ("d", Number)]),
        ("a = b AND b = 'x'", Kind::Flag, vec![("a", Text), ("b", Text)]),
        ("a AND b IS NULL AND b IN (1, 2)", Kind::Flag, vec![("a", Flag), ("b", Number)]),
        ("\"as of\" > 1 AND date > DATE '2022-01-01'", Kind::Flag, vec![("as of", Number), ("date", Date)]),
    ] {
        let expression = Expression::parse(text, kind, |_| None).unwrap_or_else(|faults| panic!("{text}: {faults:?}"));
        let found: Vec<(&str, ColumnKind)> =
            expression.columns().iter().map(String::as_str).zip(expression.kinds().iter().copied()).collect();
        assert_eq!(found, expected, "{text}");
        assert_eq!((expression.source(), expression.kind()), (text, kind));
    }
}

#[track_caller]
fn faults(text: &str, kind: Kind, expected: &[&str]) {
    let known = |name: &str| match name {
        "region" => Some(ColumnKind::Text),
        "founded" => Some(ColumnKind::Date),
        "paid" => Some(ColumnKind::Number),
        "listed" => Some(ColumnKind::Flag),
        _ => None,
    };
    let found: Vec<String> = Expression::parse(text, kind, known).expect_err(text).iter().map(ToString::to_string).collect();
    assert_eq!(found, expected, "{text}");
}

#[test]
fn each_fault_with_its_place() {
    let number = |text: &str, expected: &[&str]| faults(text, Kind::Number, expected);
    number("", &["character 1: found an empty expression, expected one such as `penalties > 10`"]);
    number("paid +", &["character 7: found the end of the expression, expected a column, a value or `(`"]);
    number("paid paid", &["character 6: found `paid`, expected an operator or the end of the expression"]);
    number("monthsbetween(founded, as_of)", &["character 1: unknown function `monthsbetween`; did you mean `months_between`?"]);
    number(
        "sqrt(paid)",
        &[
            "character 1: unknown function `sqrt`; there are `COALESCE`, `NULLIF`, `ABS`, `LEAST`, `GREATEST`, `ROUND`, `months_between`, `years_between`, `mismatch`",
        ],
    );
    number("abs()", &["character 1: found 0 arguments of `ABS`, expected 1"]);
    number("NULLIF(paid)", &["character 1: found 1 argument of `NULLIF`, expected 2"]);
    number("abs(paid", &["character 4: found `(`, expected a closing `)` after it"]);
    number("abs(paid paid)", &["character 10: found `paid`, expected an operator, `,` or `)`"]);
    number("ROUND(paid, 10)", &["character 13: found `10`, expected a number of decimals from 0 to 9"]);
    number("ROUND(paid, paid)", &["character 13: found `paid`, expected a number of decimals from 0 to 9"]);
    number("CASE paid WHEN 1 THEN 2 END", &["character 6: found `paid`, expected `WHEN` after `CASE`"]);
    number("CASE WHEN listed 1 END", &["character 18: found `1`, expected an operator or `THEN`"]);
    number("CASE WHEN listed THEN 1", &["character 24: found the end of the expression, expected an operator, `WHEN`, `ELSE` or `END`"]);
    number("CASE WHEN listed THEN ELSE 1 END", &["character 23: found `ELSE`, expected a column, a value or `(`"]);
    number(
        "CASE WHEN paid THEN 1 ELSE 'x' END",
        &[
            "character 11: found number `paid`, expected a condition such as `paid > 0`",
            "character 28: found text `'x'`, expected a number as in the other branches of `CASE`",
        ],
    );
    number("founded", &["character 1: found date `founded`, expected a number for this indicator"]);
    number("region", &["character 1: found text `region`, expected a number for this indicator"]);
    faults("paid", Kind::Flag, &["character 1: found number `paid`, expected a flag for this indicator"]);
    faults("paid", Kind::Text, &["character 1: found number `paid`, expected a text for this indicator"]);
    number("NULL", &["character 1: found `NULL`, expected a value that is not always missing"]);
    number("founded + as_of", &["character 11: found date `as_of`, expected a number beside `+`"]);
    number("paid - founded", &["character 8: found date `founded`, expected a number beside `-`"]);
    number("founded * 2", &["character 1: found date `founded`, expected a number beside `*`"]);
    number("founded - region", &["character 11: found text `region`, expected a number beside `-`"]);
    number("DATE '2023-02-30' - founded", &["character 1: found `DATE '2023-02-30'`, expected a date such as DATE '2022-01-31'"]);
    number("years_between(founded, paid)", &["character 24: found number `paid`, expected a date in `years_between`"]);
    number("GREATEST(paid, founded)", &["character 16: found date `founded`, expected a number in `GREATEST`"]);
    number(
        "LEAST(region, 'x')",
        &["character 7: found text `region`, expected a number in `LEAST`", "character 15: found text `'x'`, expected a number in `LEAST`"],
    );
    faults("founded > '2022-01-01'", Kind::Flag, &["character 11: found text `'2022-01-01'`, expected a date to compare with `founded`"]);
    faults("founded BETWEEN 1 AND as_of", Kind::Flag, &["character 17: found number `1`, expected a date in `BETWEEN`"]);
    faults(
        "a = b",
        Kind::Flag,
        &[
            "character 1: cannot tell what column `a` holds, number, text, flag or date; state it in the scorecard",
            "character 5: cannot tell what column `b` holds, number, text, flag or date; state it in the scorecard",
        ],
    );
    faults("region LIKE 'x'", Kind::Flag, &["character 8: found `LIKE`, expected `=` or `IN`: conditions have no patterns"]);
    faults("(SELECT 1)", Kind::Flag, &["character 2: found `SELECT`, expected a column or a value: conditions have no queries"]);
}

#[test]
fn deep_and_long_expressions_are_faults_and_no_overflow() {
    let within = |before: &str, after: &str| before.repeat(60) + "1" + &after.repeat(60);
    for text in [
        within("ABS(", ")"),
        within("CASE WHEN listed THEN ", " END"),
        within("CASE WHEN ", " > 0 THEN 1 END"),
        "CASE WHEN listed THEN 1 ".repeat(10_000),
        format!("COALESCE({}1", "paid, ".repeat(10)),
    ] {
        let small =
            std::thread::Builder::new().stack_size(7 << 18).spawn(move || Expression::parse(&text, Kind::Number, |_| None).is_err());
        assert!(small.unwrap().join().unwrap());
    }
    let long = format!("COALESCE({}1)", "paid, ".repeat(5000));
    assert!(Expression::parse(&long, Kind::Number, |_| None).is_ok());
}
