//! `screen`, `bands`, `thresholds` and the challenger of `tune` as a user meets them.

use crate::sandbox::Sandbox;
use std::fmt::Write;

/// Debt is banded well; age the wrong way round; the grades are by score, low is good.
const CARD: &str = r#"
[scorecard]
id = "three"
title = "三项指标"
version = "2026.1"
id_column = "id"
scale = { min = 0, max = 100, better = "low" }
[judgments.root]
weights = { debt = 0.5, age = 0.3, trade = 0.2 }
[indicators.debt]
title = "负债"
criterion = "root"
missing = "error"
points = [ { at = 0, risk = 0.0 }, { at = 1, risk = 1.0 } ]
[indicators.age]
title = "年限"
criterion = "root"
missing = "error"
bands = [ { upto = 10, risk = 0.0 }, { risk = 1.0 } ]
[indicators.trade]
title = "行业"
criterion = "root"
missing = "worst"
categories = { "食品" = 0.5, "零售" = 0.5, "电梯" = 0.5 }
[grades]
order = ["A", "B", "C"]
cuts = ["<= 35", "<= 60"]
"#;

/// Firms, some with the same number in `copy` as in `debt`; a firm is bad by debt, youth and trade times `signal`.
fn world(sandbox: &Sandbox, signal: f64) {
    let even = |at: u64, step: f64| (at as f64 * step).fract();
    let (mut firms, mut outcomes) = ("id,debt,age,trade,copy,same,day\n".to_owned(), "id,outcome,date,source,pi\n".to_owned());
    for at in 1..=4000_u64 {
        let (debt, age) = (even(at, 0.618_033_988_75), (even(at, 0.754_877_666_25) * 20.0).round());
        let trade = ["食品", "零售", "电梯"][(at % 3) as usize];
        let odds = (-1.5 + signal * (2.5 * (debt - 0.5) - 0.15 * (age - 10.0) + if trade == "电梯" { 1.0 } else { 0.0 })).exp();
        let bad = even(at, 0.569_840_290_998) < odds / (1.0 + odds);
        let source = if at % 10 == 0 { "event" } else { "random" };
        writeln!(firms, "F{at:05},{debt:.6},{age},{trade},{:.6},1,2020-01-{:02}", debt * 2.0, at % 28 + 1).unwrap();
        writeln!(outcomes, "F{at:05},{},2026-02-{:02},{source},0.5", u8::from(bad), at % 28 + 1).unwrap();
    }
    sandbox.put("card.toml", CARD);
    sandbox.put("firms.csv", firms);
    sandbox.put("results.csv", outcomes);
}

#[test]
fn columns_are_screened_and_none_is_lost() {
    let sandbox = Sandbox::new();
    world(&sandbox, 1.0);
    let ran = sandbox.ok("screen firms.csv --outcomes results.csv");
    assert!(ran.out.starts_with("Of ") && ran.out.contains("400 not random: event"), "{}", ran.out);
    assert!(ran.out.contains("These say the same, the strongest first: debt, copy"), "{}", ran.out);
    let json = sandbox.ok("screen firms.csv --outcomes results.csv --format json --columns debt,same,copy");
    let json: serde_json::Value = serde_json::from_str(&json.out).unwrap();
    let advice: Vec<(&str, &str)> =
        json["columns"].as_array().unwrap().iter().map(|c| (c["column"].as_str().unwrap(), c["advice"].as_str().unwrap())).collect();
    assert_eq!(advice, [("debt", "review"), ("same", "drop"), ("copy", "review")]);
    let by_card = sandbox.ok("screen firms.csv --outcomes results.csv --card card.toml --as-of 2025-12-31 --format json");
    let by_card: serde_json::Value = serde_json::from_str(&by_card.out).unwrap();
    assert_eq!((by_card["columns"].as_array().unwrap().len(), &by_card["scorecard"]["id"]), (3, &"three".into()));
    let ran = sandbox.run("screen firms.csv --outcomes results.csv --columns dept --as-of 2026-02-10");
    assert_eq!(ran.code, 1);
    assert!(ran.err.contains("2026-02-10"), "{}", ran.err);
    let ran = sandbox.run("screen firms.csv --outcomes results.csv --columns dept");
    assert!(ran.code == 1 && ran.err.contains("`dept`") && ran.err.contains("`debt`"), "{}", ran.err);
}

#[test]
fn bands_are_proposed_as_a_card() {
    let sandbox = Sandbox::new();
    world(&sandbox, 1.0);
    let ran = sandbox.ok("bands card.toml --firms firms.csv --outcomes results.csv --as-of 2025-12-31 -o new.toml");
    assert!(ran.out.starts_with("Proposed: with new bands for 3 of 3 indicators"), "{}", ran.out);
    for part in ["age: ", "against the card", "电梯", "up to ", "above ", "it is adopted by being used", "400 not random: event"] {
        assert!(ran.out.contains(part), "{part}: {}", ran.out);
    }
    sandbox.ok("check new.toml --firms firms.csv");
    sandbox.ok("grade new.toml --firms firms.csv -o after.parquet");
    sandbox.ok("grade card.toml --firms firms.csv -o before.parquet");
    let ran =
        sandbox.ok("evaluate before.parquet --outcomes results.csv --card card.toml --challenger after.parquet --challenger-card new.toml");
    assert!(ran.out.contains("after orders these outcomes better"), "{}", ran.out);
    sandbox.ok("bands card.toml --firms firms.csv --outcomes results.csv --indicators age --most 3 -o age.toml --version 9");
    let text = std::fs::read_to_string(sandbox.path("age.toml")).unwrap();
    assert!(text.contains("version = \"9\"") && text.contains("Bands of `age` from 3600 outcomes") && text.contains("points"), "{text}");
    // Never over an input, never under another name.
    let ran = sandbox.run("bands card.toml --firms firms.csv --outcomes results.csv -o card.toml");
    assert_eq!(ran.code, 2, "{}", ran.err);
    let ran = sandbox.run("bands card.toml --firms firms.csv --outcomes results.csv -o card.json");
    assert!(ran.code == 2 && ran.err.contains(".toml"), "{}", ran.err);
    let ran = sandbox.run("bands card.toml --firms firms.csv --outcomes results.csv --indicators aeg");
    assert!(ran.code == 1 && ran.err.contains("`aeg` (near: `age`)"), "{}", ran.err);
}

#[test]
fn chance_gives_no_bands() {
    let sandbox = Sandbox::new();
    world(&sandbox, 0.0);
    let ran = sandbox.run("bands card.toml --firms firms.csv --outcomes results.csv -o new.toml");
    assert_eq!(ran.code, 3, "{} {}", ran.out, ran.err);
    assert!(ran.out.starts_with("Not proposed") && ran.out.contains("Not written: new.toml") && !sandbox.has("new.toml"), "{}", ran.out);
}

#[test]
fn cut_points_for_an_aim() {
    let sandbox = Sandbox::new();
    world(&sandbox, 1.0);
    let shares = |file: &str| {
        sandbox.ok(&format!("grade {file} --firms firms.csv -o g.csv"));
        let graded = std::fs::read_to_string(sandbox.path("g.csv")).unwrap();
        let grades: Vec<&str> = graded.lines().skip(1).map(|line| line.split(',').nth(3).unwrap()).collect();
        ["A", "B", "C"].map(|grade| grades.iter().filter(|found| **found == grade).count())
    };
    let ran = sandbox.ok("thresholds card.toml --firms firms.csv --shares 0.25,0.5,0.25 -o shares.toml");
    assert!(ran.out.starts_with("cuts = [\"<= ") && ran.out.contains("Written: shares.toml"), "{}", ran.out);
    for (found, wanted) in shares("shares.toml").into_iter().zip([1000, 2000, 1000]) {
        assert!(found.abs_diff(wanted) <= 2, "{found} {wanted}");
    }
    // 4,000 firms: B 2,000·f·0.02·1 + C 1,000·f·0.5·1 + the rest of A ·0.01·1 days.
    let ran = sandbox
        .ok("thresholds card.toml --firms firms.csv --capacity 300 --shares 0.25,0.5,0.25 --rates 0.01,0.02,0.5 --days 1,1,1 -o days.toml");
    let [a, b, c] = shares("days.toml").map(|firms| firms as f64);
    let days = 0.01 * a + 0.02 * b + 0.5 * c;
    assert!(days <= 300.0 && days > 297.0 && (b / c - 2.0).abs() < 0.02, "{a} {b} {c} {days}: {}", ran.out);
    let ran = sandbox.ok("thresholds card.toml --firms firms.csv --outcomes results.csv --separation 3");
    assert!(ran.out.contains("400 not random: event"), "{}", ran.out);
    let ran = sandbox.ok("thresholds card.toml --firms firms.csv --outcomes results.csv --cost 0:20,1:8,3:3 --format json");
    let json: serde_json::Value = serde_json::from_str(&ran.out).unwrap();
    assert_eq!((json["grades"].as_array().unwrap().len(), json["account"]["used"].as_u64()), (3, Some(3600)));
    for (line, said) in [
        ("thresholds card.toml --firms firms.csv", "--shares, --capacity, --separation or --cost"),
        ("thresholds card.toml --firms firms.csv --separation 3", "--outcomes"),
        ("thresholds card.toml --firms firms.csv --cost 1,2 --outcomes results.csv", "GOOD:BAD"),
    ] {
        let ran = sandbox.run(line);
        assert!(ran.code == 2 && ran.err.contains(said), "{line}: {}", ran.err);
    }
    // Two grades do not fit a card of three.
    let ran = sandbox.run("thresholds card.toml --firms firms.csv --shares 0.5,0.5 -o two.toml");
    assert!(ran.code == 1 && ran.err.contains("`grades` is 2, expected 3") && !sandbox.has("two.toml"), "{}", ran.err);
}

#[test]
fn the_challenger_stands_beside_the_proposal() {
    let sandbox = Sandbox::new();
    world(&sandbox, 1.0);
    let ran = sandbox.run("tune card.toml --firms firms.csv --outcomes results.csv --challenger");
    assert!(ran.out.contains("Without the experts a penalised logistic regression reaches AUC"), "{}", ran.out);
    let json = sandbox.run("tune card.toml --firms firms.csv --outcomes results.csv --challenger utility --format json");
    let json: serde_json::Value = serde_json::from_str(&json.out).unwrap();
    // Free of the experts, age gets the sign that it has.
    let columns = json["challenger"]["columns"].as_array().unwrap();
    let age = columns.iter().find(|column| column["indicator"] == "age").unwrap();
    assert!(age["coefficient"].as_f64().unwrap() < 0.0, "{json}");
}
