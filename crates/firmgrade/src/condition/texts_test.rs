//! Every refused construct, with the whole message that a person reads.

use super::{Condition, ConditionProblem};
use crate::columns::Kind;

const KNOWN: [&str; 9] = ["penalties_24m", "capital", "region", "city", "行业", "行政处罚次数", "on_list", "date", "24个月"];

fn kinds(name: &str) -> Option<Kind> {
    match name {
        "penalties_24m" | "capital" | "行政处罚次数" | "date" | "24个月" => Some(Kind::Number),
        "region" | "city" | "行业" => Some(Kind::Text),
        "on_list" => Some(Kind::Flag),
        _ => None,
    }
}

fn parse(text: &str) -> Result<Condition, Vec<super::ConditionFault>> {
    Condition::parse(text, kinds, &KNOWN)
}

#[track_caller]
fn faults(text: &str, expected: &[&str]) {
    let faults = parse(text).expect_err(text);
    let texts: Vec<_> = faults.iter().map(ToString::to_string).collect();
    assert_eq!(texts, expected, "{text}");
    for fault in &faults {
        assert!(text.get(fault.start..fault.end).is_some(), "{fault:?} is not a piece of {text}");
    }
}

#[test]
fn accepted() {
    for (text, columns) in [
        ("on_list", &["on_list"][..]),
        ("penalties_24m > 10 OR on_list", &["penalties_24m", "on_list"]),
        ("行政处罚次数 >= 3 AND 行业 IN ('小微 企业', '个体''户')", &["行政处罚次数", "行业"]),
        ("\"24个月\" > 3 and `region` <> 'x'", &["24个月", "region"]),
        ("date > 1 AND capital < date", &["date", "capital"]),
        ("region = city", &["region", "city"]),
        ("on_list\u{3000}AND\r\n\ton_list = TRUE", &["on_list"]),
        ("NOT (capital NOT BETWEEN -1 AND 1e6) IS NOT FALSE", &["capital"]),
        ("capital + .5 * 2. / -penalties_24m - 1 != 0", &["capital", "penalties_24m"]),
        ("capital IN (1, NULL, penalties_24m + 1)", &["capital", "penalties_24m"]),
        ("(capital > 1) = (penalties_24m > 1)", &["capital", "penalties_24m"]),
        ("TRUE OR NULL", &[]),
    ] {
        let condition = parse(text).unwrap_or_else(|faults| panic!("{text}: {faults:?}"));
        assert_eq!(condition.columns(), columns);
        assert_eq!(condition.text(), text);
        assert!(condition.columns().iter().map(|name| kinds(name)).eq(condition.kinds().iter().map(|kind| Some(*kind))));
    }
}

#[test]
fn unknown_columns_all_at_once_with_mistaken_kinds() {
    faults(
        "capital > 1 AND (region = 5 OR capita = 3) AND on_list > 2 AND Region = '沪'",
        &[
            "character 27: found number `5`, expected a text to compare with `region`",
            "character 32: unknown column `capita`; did you mean `capital`?",
            "character 48: found flag `on_list`, expected a number beside `>`",
            "character 64: unknown column `Region`; did you mean `region`?",
        ],
    );
    faults("region = \"沪\"", &["character 10: unknown column `沪`; a text stands in single quotes: `'沪'`"]);
    faults("行政处罚 > 3", &["character 1: unknown column `行政处罚`; did you mean `行政处罚次数`?"]);
    faults("on_list AND\n  foo > 1", &["line 2, character 3: unknown column `foo`"]);
}

#[test]
fn places_are_bytes_and_characters() {
    let faults = parse("行业 = '沪' AND 处罚 > 1").expect_err("a fault");
    let [fault] = &faults[..] else { panic!("{faults:?}") };
    // Bytes: two characters of 3, ` = `, a quoted one of 3, ` AND `.
    assert_eq!((fault.start, fault.end), (6 + 3 + 5 + 5, 6 + 3 + 5 + 5 + 6));
    assert_eq!((fault.line, fault.character), (1, 14));
    assert!(matches!(&fault.problem, ConditionProblem::UnknownColumn { name, .. } if name == "处罚"));
}

#[test]
fn beginning_and_end() {
    faults("", &["character 1: found an empty condition, expected one such as `penalties > 10`"]);
    faults(" \t", &["character 1: found an empty condition, expected one such as `penalties > 10`"]);
    faults("on_list AND", &["character 12: found the end of the condition, expected a column, a value or `(`"]);
    faults("NOT", &["character 4: found the end of the condition, expected a column, a value or `(`"]);
    faults("on_list extra", &["character 9: found `extra`, expected an operator or the end of the condition"]);
    faults("on_list AND AND on_list", &["character 13: found `AND`, expected a column, a value or `(`"]);
    faults("on_list, on_list", &["character 8: found `,`, expected an operator or the end of the condition"]);
    faults("on_list;", &["character 8: found `;`, expected the condition alone"]);
    faults("on_list)", &["character 8: found `)`, expected a `(` before it"]);
    faults("((on_list)", &["character 1: found `(`, expected a closing `)` after it"]);
    faults("region = 'abc", &["character 10: found `'`, expected a closing `'` after it"]);
    faults("\"region = 1", &["character 1: found `\"`, expected a closing `\"` after it"]);
    faults("on_list -- x", &["character 9: found `-- x`, expected nothing: in SQL this is a comment"]);
    faults("on_list /* x */", &["character 9: found `/* x */`, expected nothing: in SQL this is a comment"]);
}

#[test]
fn refused_constructs() {
    let function = |found: &str| format!("found `{found}`, expected a column: conditions call no functions");
    faults("abs(capital) > 1", &[&format!("character 1: {}", function("abs("))]);
    faults("EXISTS (SELECT foo)", &[&format!("character 1: {}", function("EXISTS ("))]);
    faults("CAST(capital AS text) = 'x'", &[&format!("character 1: {}", function("CAST("))]);
    faults("capital > ANY (1)", &[&format!("character 11: {}", function("ANY ("))]);
    let query = "found `SELECT`, expected a column or a value: conditions have no queries";
    faults("capital IN (SELECT id FROM t)", &[&format!("character 13: {query}")]);
    faults("(SELECT max(id) FROM t) > 2", &[&format!("character 2: {query}")]);
    faults("CASE WHEN on_list THEN 1 ELSE 0 END > 0", &["character 1: found `CASE`, expected `AND` and `OR`: conditions have no `CASE`"]);
    for word in ["LIKE", "ilike", "REGEXP"] {
        faults(
            &format!("region NOT {word} 'x' ESCAPE 'y' AND foo"),
            &[
                &format!("character 12: found `{word}`, expected `=` or `IN`: conditions have no patterns"),
                &format!("character {}: unknown column `foo`", 32 + word.len()),
            ],
        );
    }
    faults("capital IS UNKNOWN", &["character 12: found `UNKNOWN`, expected `IS NULL`"]);
    faults("capital IS DISTINCT FROM 1", &["character 12: found `DISTINCT`, expected `=`, `<>` or `IS NULL`"]);
    faults("capital IS 5", &["character 12: found `5`, expected `NULL`, `TRUE` or `FALSE`, or `NOT` and one of them"]);
    faults("capital NOT NULL", &["character 9: found `NOT`, expected `IS` before `NOT NULL`"]);
    faults("capital BETWEEN 1", &["character 18: found the end of the condition, expected an operator or the `AND` of `BETWEEN`"]);
    faults("capital IN 3", &["character 12: found `3`, expected `(` after `IN`"]);
    faults("capital IN ()", &["character 13: found `)`, expected a column, a value or `(`"]);
    faults("capital IN (1 2)", &["character 15: found `2`, expected an operator or `)`"]);
    faults("(capital, 1) = 1", &["character 9: found `,`, expected an operator or `)`"]);
    faults("*", &["character 1: found `*`, expected a column, a value or `(`"]);
    faults("capital > +5", &["character 11: found `+`, expected a column, a value or `(`"]);
}

#[test]
fn refused_signs() {
    for (text, at, found, expected) in [
        ("capital > ?", 11, "?", "a value: conditions have no placeholders"),
        ("capital > $1", 11, "$1", "a value: conditions have no placeholders"),
        ("capital::text = 'x'", 8, "::", "a column as it is: conditions have no casts"),
        ("capital == 1", 9, "==", "`=`"),
        ("on_list && on_list", 9, "&&", "`AND`"),
        ("on_list || on_list", 9, "||", "`OR`"),
        ("!on_list", 1, "!", "`NOT`"),
        ("capital % 2 = 0", 9, "%", "one of `+`, `-`, `*`, `/`"),
        ("capital <=> 1", 9, "<=>", "a column, a value, an operator or a parenthesis"),
        ("capital ＞ 1", 9, "＞", "`>` in half width"),
        ("capital ≥ 1", 9, "≥", "`>=`"),
        ("capital > 10L", 11, "10L", "a plain number or text"),
        ("capital > 0x1F", 11, "0x1F", "a plain number or text"),
        ("region = N'x'", 10, "N'x'", "a text in single quotes without a prefix"),
        ("24个月 > 3", 1, "24个月", "a space after the number, or double quotes around a name that begins with a digit"),
    ] {
        faults(text, &[&format!("character {at}: found `{found}`, expected {expected}")]);
    }
    faults("（on_list）", &["character 1: found `（`, expected `(` in half width", "character 9: found `）`, expected `)` in half width"]);
    faults("capital > 1e400", &["character 11: found `1e400`, expected a number below 1.8e308"]);
}

#[test]
fn kinds_that_do_not_fit() {
    faults("capital", &["character 1: found number `capital`, expected a condition such as `capital > 0`"]);
    faults("NOT region", &["character 5: found text `region`, expected a condition such as `region = '…'`"]);
    faults("capital - 1 IS TRUE", &["character 1: found number `capital - 1`, expected a condition such as `capital - 1 > 0`"]);
    faults("region = capital", &["character 10: found number `capital`, expected a text to compare with `region`"]);
    faults("on_list = 1", &["character 11: found number `1`, expected a flag to compare with `on_list`"]);
    faults(
        "region < 'x'",
        &["character 1: found text `region`, expected a number beside `<`", "character 10: found text `'x'`, expected a number beside `<`"],
    );
    faults("-(region) > 1", &["character 2: found text `(region)`, expected a number beside `-`"]);
    faults("capital BETWEEN 1 AND 'x'", &["character 23: found text `'x'`, expected a number beside `BETWEEN`"]);
    faults("capital < 2 < 3", &["character 1: found flag `capital < 2`, expected a number beside `<`"]);
    faults(
        "capital IN ('a', 3, region)",
        &[
            "character 13: found text `'a'`, expected a number to compare with `capital`",
            "character 21: found text `region`, expected a number to compare with `capital`",
        ],
    );
    faults(
        "on_list IN (TRUE)",
        &["character 1: found `on_list`, expected a number or a text before `IN`; a flag is a condition by itself"],
    );
    faults(
        "(capital > 100000000000 OR region = '一个很长的地区名称一个很长的地区名称') + 1 = 2",
        &["character 1: found flag `(capital > 100000000000 OR region = '一个很…`, expected a number beside `+`"],
    );
}

#[test]
fn null_is_not_a_value() {
    for (text, expected) in [
        ("capital = NULL", "`capital IS NULL`"),
        ("NULL <> capital + 1", "`capital + 1 IS NOT NULL`"),
        ("capital > NULL", "a number in place of `NULL`"),
        ("capital BETWEEN NULL AND NULL", "a number in place of `NULL`"),
    ] {
        faults(text, &[&format!("character 1: found `{text}`, which is always NULL, expected {expected}")]);
    }
    faults("capital + NULL > 1", &["character 1: found `capital + NULL`, which is always NULL, expected a number in place of `NULL`"]);
    faults("NULL IN (1)", &["character 1: found `NULL IN`, which is always NULL, expected a column before `IN`"]);
}

#[test]
fn deep_and_long_conditions_are_faults_and_no_overflow() {
    let nested = |n: usize| "(".repeat(n) + "on_list" + &")".repeat(n);
    assert!(parse(&nested(18)).is_ok());
    faults(&nested(10_000), &["character 1: found nesting too deep to read, expected a flatter condition"]);
    faults(&("- ".repeat(200) + "capital > 1"), &["character 1: found nesting too deep to read, expected a flatter condition"]);
    faults(&"(".repeat(10_000), &["character 1: found `(`, expected a closing `)` after it"]);
    let long = |n: usize, word: &str, joint: &str| vec![word; n + 1].join(joint);
    for joint in [" OR ", " AND ", " = "] {
        assert!(parse(&long(300, "on_list", joint)).is_ok());
    }
    assert!(parse(&format!("on_list{}", " IS NULL".repeat(300))).is_ok());
    faults(
        &long(301, "on_list", " OR "),
        &["character 1: found 301 operators, expected at most 300; many `=` joined by `OR` are one `IN (…)`"],
    );
    // Rust's usual stack of 2 MiB has room to spare, without optimisation too.
    let within = |word: &str| word.repeat(60) + "on_list" + &")".repeat(60);
    let chain = format!("capital{}", " IN (1)".repeat(300));
    for text in [nested(10_000), "NOT ".repeat(200), within("NOT ("), within("1 IN ("), within("1 > 2 OR ("), chain] {
        let small = std::thread::Builder::new().stack_size(7 << 18).spawn(move || parse(&text).is_err());
        assert!(small.unwrap().join().unwrap());
    }
    // A long list is not deep.
    let list = (0..5000).map(|n| format!("-{n}")).collect::<Vec<_>>().join(", ");
    assert!(parse(&format!("capital IN ({list})")).is_ok());
}

#[test]
fn any_text_is_read_or_refused() {
    let pieces = [
        "(", ")", "on_list", "capital", "NOT", "AND", "IS", "NULL", "IN", "BETWEEN", "1", "'a'", "-", "=", ",", ".", "沪", "\"", "$", "\n",
    ];
    // All texts of up to three pieces: each comes back, and each fault is a piece of the text.
    let mut texts = vec![String::new()];
    for _ in 0..3 {
        texts = texts.iter().flat_map(|t| pieces.iter().map(move |p| format!("{t} {p}"))).collect();
        for text in &texts {
            match parse(text) {
                Ok(condition) => assert_eq!(condition.text(), text),
                Err(faults) => {
                    assert!(!faults.is_empty(), "{text}");
                    for fault in faults {
                        assert!(text.get(fault.start..fault.end).is_some(), "{text}: {fault:?}");
                    }
                }
            }
        }
    }
}
