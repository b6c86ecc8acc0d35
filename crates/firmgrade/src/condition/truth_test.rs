//! Truth tables and values by hand, and the edges of blocks and columns.

use super::{Condition, Scratch};
use crate::columns::{Bits, Column, Kind, Numbers, Values};

/// SQL's three values as the standard prints them (ISO/IEC 9075-2, `<boolean value expression>`): T, F, U.
const AND: [&str; 3] = ["TFU", "FFF", "UFU"];
const OR: [&str; 3] = ["TTT", "TFU", "TUU"];
const EQUAL: [&str; 3] = ["TFU", "FTU", "UUU"];
const NOT: &str = "FTU";
const IS_TRUE: &str = "TFF";
const IS_FALSE: &str = "FTF";
const IS_NULL: &str = "FFT";

fn letter(truth: u8) -> char {
    ['F', 'U', 'T'][usize::from(truth)]
}

pub(super) fn kinds(name: &str) -> Option<Kind> {
    match name {
        "a" | "b" | "数" => Some(Kind::Number),
        "s" | "t" => Some(Kind::Text),
        "p" | "q" => Some(Kind::Flag),
        _ => None,
    }
}

fn parse(text: &str) -> Condition {
    Condition::parse(text, kinds, &[]).unwrap_or_else(|faults| panic!("{text}: {faults:?}"))
}

fn truths(text: &str, columns: &[&Column<'_>], rows: usize) -> String {
    let mut truth = vec![9; rows];
    parse(text).evaluate(columns, 0..rows, &mut Scratch::default(), &mut truth);
    truth.into_iter().map(letter).collect()
}

#[test]
fn truth_tables_of_the_standard() {
    let flag = |value, valid| Column { values: Values::Flag(Bits::new(value, 0, 9).unwrap()), validity: Bits::new(valid, 0, 9) };
    // p = TTT FFF UUU, q = TFU TFU TFU; the value under a cleared validity bit is set, and must not be seen.
    let p = flag(&[0b1100_0111, 1], &[0b0011_1111, 0]);
    let q = flag(&[0b0110_1101, 1], &[0b1101_1011, 0]);
    assert_eq!(truths("p", &[&p], 9), "TTTFFFUUU");
    assert_eq!(truths("q", &[&q], 9), "TFUTFUTFU");
    for (operator, table) in [("AND", AND), ("OR", OR), ("=", EQUAL)] {
        assert_eq!(truths(&format!("p {operator} q"), &[&p, &q], 9), table.concat());
    }
    for (text, table) in [("NOT q", NOT), ("q IS TRUE", IS_TRUE), ("q IS FALSE", IS_FALSE), ("q IS NULL", IS_NULL)] {
        assert_eq!(truths(text, &[&q], 3), table);
    }
    let not = |table: &str| table.chars().map(|c| if c == 'T' { 'F' } else { 'T' }).collect::<String>();
    assert_eq!(truths("q IS NOT TRUE", &[&q], 3), not(IS_TRUE));
    assert_eq!(truths("q IS NOT FALSE", &[&q], 3), not(IS_FALSE));
    assert_eq!(truths("q IS NOT NULL", &[&q], 3), not(IS_NULL));
}

#[test]
fn numbers_by_hand() {
    let a = Column::numbers(&[0.0, -0.0, 1.0, 2.0, f64::NAN, 1e308]);
    for (text, expected) in [
        ("a = 0", "TTFFUF"),
        ("a <> 0", "FFTTUT"),
        ("a > 1", "FFFTUT"),
        ("1 >= a", "TTTFUF"),
        ("a IN (0, 2)", "TTFTUF"),
        ("a IN (-0, 2, NULL)", "TTUTUU"),
        ("a NOT IN (0, 2, NULL)", "FFUFUU"),
        ("a NOT IN (0, 2)", "FFTFUT"),
        ("a BETWEEN 0 AND 1", "TTTFUF"),
        ("a NOT BETWEEN 0 AND 1", "FFFTUT"),
        ("a BETWEEN 1 AND 1 / 0", "FFUUUU"),
        ("a IS NULL", "FFFFTF"),
        ("1 / a > 0", "UUTTUT"),
        ("1 / a IS NULL", "TTFFTF"),
        ("a * 10 > 5", "FFTTUU"),
        ("-a < 0 AND TRUE", "FFTTUT"),
        ("1 + 2 * a = 5", "FFFTUU"),
        ("8 / 2 / 2 = a", "FFFTUF"),
        ("3 - 1 - 1 = a", "FFTFUF"),
        ("- a * -1 = 2", "FFFTUF"),
        ("NOT a = 1 OR a = 1", "TTTTUT"),
        ("a = 1 OR a = 2 AND a = 3", "FFTFUF"),
        ("a = 1 IS NULL", "FFFFTF"),
        ("7 / 2 = 3.5", "TTTTTT"),
        ("NULL", "UUUUUU"),
    ] {
        let columns: &[&Column<'_>] = if parse(text).columns().is_empty() { &[] } else { &[&a] };
        assert_eq!(truths(text, columns, 6), expected, "{text}");
    }
}

#[test]
fn every_number_type() {
    let numbers = [
        Numbers::F64(&[1.0, 2.0, 3.0]),
        Numbers::F32(&[1.0, 2.0, 3.0]),
        Numbers::I64(&[1, 2, 3]),
        Numbers::I32(&[1, 2, 3]),
        Numbers::I16(&[1, 2, 3]),
        Numbers::I8(&[1, 2, 3]),
        Numbers::U64(&[1, 2, 3]),
        Numbers::U32(&[1, 2, 3]),
        Numbers::U16(&[1, 2, 3]),
        Numbers::U8(&[1, 2, 3]),
    ];
    for values in numbers {
        let column = Column { values: Values::Number(values), validity: Bits::new(&[0b0011_0111], 3, 3) };
        assert_eq!(truths("数 > 2", &[&column], 3), "UFT");
    }
}

#[test]
fn absent_short_and_mistaken_columns_are_missing() {
    let short = Column::numbers(&[5.0]);
    assert_eq!(truths("a > 1", &[&short], 3), "TUU");
    assert_eq!(truths("a > 1", &[], 3), "UUU");
    let text = Column::strings(&["x", "y", "z"]);
    assert_eq!(truths("a > 1 OR a IS NULL", &[&text], 3), "TTT");
    let nothing = Column { values: Values::Missing(3), validity: None };
    assert_eq!(truths("s = 'x' OR s <> 'x'", &[&nothing], 3), "UUU");
    assert_eq!(truths("s IS NULL AND p IS NULL", &[&nothing, &nothing], 3), "TTT");
}

#[test]
fn one_row_and_odd_ranges() {
    let values: Vec<f64> = (0..3000).map(f64::from).collect();
    let column = Column::numbers(&values);
    let condition = parse("a > 1023 AND a <> 2048");
    let mut scratch = Scratch::default();
    for range in [0..1, 1023..1025, 0..3000, 1..2999, 2047..2050, 5..5, 2999..3000] {
        let mut truth = vec![9; range.len()];
        condition.evaluate(&[&column], range.clone(), &mut scratch, &mut truth);
        let expected: Vec<_> = range.map(|row| if row > 1023 && row != 2048 { 2 } else { 0 }).collect();
        assert_eq!(truth, expected);
    }
    let mut short = [9; 2];
    condition.evaluate(&[&column], 1023..3000, &mut scratch, &mut short);
    assert_eq!(short, [0, 2]);
    let mut long = [9; 3];
    condition.evaluate(&[&column], 2998..3000, &mut scratch, &mut long);
    assert_eq!(long, [2, 2, 9]);
}
