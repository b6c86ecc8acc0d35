//! `evaluate` and `tune` as a user meets them: the verdict on the first line, reports as files, exit codes.

use crate::sandbox::Sandbox;
use std::fmt::Write;

/// Two indicators from 0 to 1, high scores good.
const TWO: &str = r#"
[scorecard]
id = "two"
title = "两项指标"
version = "3"
id_column = "id"
scale = { min = 0, max = 1000, better = "high" }
[judgments.root]
weights = { a = 0.55, b = 0.45 }
[indicators.a]
title = "指标甲"
criterion = "root"
missing = "error"
points = [ { at = 0, risk = 0.0 }, { at = 1, risk = 1.0 } ]
[indicators.b]
title = "指标乙"
criterion = "root"
missing = "error"
points = [ { at = 0, risk = 0.0 }, { at = 1, risk = 1.0 } ]
[grades]
order = ["A", "B", "C"]
cuts = [">= 600", ">= 400"]
"#;

/// Numbers from 0 to 1 that spread evenly.
fn even(at: u64, step: f64) -> f64 {
    (at as f64 * step).fract()
}

/// Firms and outcomes; a firm is bad where its chance, by these weights times `slope`, is above an even number.
fn world(sandbox: &Sandbox, weights: [f64; 2], slope: f64) {
    let (mut firms, mut outcomes) = ("id,a,b,trade\n".to_owned(), "id,outcome,date,source\n".to_owned());
    for at in 1..=6000_u64 {
        let (a, b) = (even(at, 0.618_033_988_75), even(at, 0.754_877_666_25));
        let odds = (-1.5 + slope * (weights[0] * a + weights[1] * b - 0.5)).exp();
        let bad = even(at, 0.569_840_290_998) < odds / (1.0 + odds);
        let trade = if at % 3 == 0 { "食品" } else { "零售" };
        writeln!(firms, "F{at:05},{a:.9},{b:.9},{trade}").unwrap();
        writeln!(outcomes, "F{at:05},{},2024-02-{:02},random", if bad { "violation" } else { "none" }, at % 28 + 1).unwrap();
    }
    sandbox.put("two.toml", TWO);
    sandbox.put("world.csv", firms);
    sandbox.put("results.csv", outcomes);
    sandbox.ok("grade two.toml --firms world.csv -o graded.parquet --keep trade");
}

#[test]
fn the_first_line_says_whether_grades_mean_anything() {
    let sandbox = Sandbox::new();
    world(&sandbox, [0.55, 0.45], 8.0);
    let ran = sandbox.ok("evaluate graded.parquet --outcomes results.csv --card two.toml --as-of 2023-12-31 --by trade -o report.html");
    assert!(ran.out.starts_with("The grades separate"), "{}", ran.out);
    for part in ["分级", "6000 rows read, 6000 used", "AUC of the score", "lift of the riskiest 10 %", "食品", "Written: report.html"] {
        assert!(ran.out.contains(part), "{part}: {}", ran.out);
    }
    let page = std::fs::read_to_string(sandbox.path("report.html")).unwrap();
    assert!(page.starts_with("<!DOCTYPE html>") && page.contains("The grades separate") && !page.contains("<script"), "{page}");
    sandbox.ok("evaluate graded.parquet --outcomes results.csv --card two.toml --as-of 2023-12-31 -o report.json");
    let report = sandbox.json("report.json");
    assert_eq!(report["verdict"]["finding"], "separates");
    assert_eq!(report["method"]["account"]["used"], 6000);
    let printed = sandbox.ok("evaluate graded.parquet --outcomes results.csv --card two.toml --as-of 2023-12-31 --format json");
    assert_eq!(serde_json::from_str::<serde_json::Value>(&printed.out).unwrap(), report);
}

#[test]
fn no_information_is_a_verdict_and_no_failure() {
    let sandbox = Sandbox::new();
    world(&sandbox, [0.5, 0.5], 0.0);
    sandbox.ok("grade two.toml --firms world.csv -o graded.csv");
    let ran = sandbox.ok("evaluate graded.csv --outcomes results.csv");
    assert!(ran.out.starts_with("The grades carry no information"), "{}", ran.out);
    assert!(ran.out.contains("Note: high scores taken to be good"), "{}", ran.out);
    let ran = sandbox.run("tune two.toml --firms world.csv --outcomes results.csv -o new.toml");
    assert_eq!(ran.code, 3, "{} {}", ran.out, ran.err);
    assert!(ran.out.starts_with("No signal") && ran.out.contains("Not written: new.toml") && ran.err.is_empty(), "{} {}", ran.out, ran.err);
    assert!(!sandbox.has("new.toml"));
}

/// A Parquet file says which card graded it and as of which day; whoever says otherwise is told.
#[test]
fn what_a_graded_file_says_is_read_and_not_asked_for() {
    let sandbox = Sandbox::new();
    world(&sandbox, [0.55, 0.45], 8.0);
    let ran = sandbox.ok("evaluate graded.parquet --outcomes results.csv -o plain.json");
    assert!(
        ran.out.contains("\ngraded.parquet says: graded by 两项指标 (two, version 3)\n") && !ran.out.contains("taken to be"),
        "{}",
        ran.out
    );
    sandbox.ok("evaluate graded.parquet --outcomes results.csv --card two.toml -o named.json");
    assert_eq!(sandbox.json("plain.json"), sandbox.json("named.json"));
    assert_eq!(sandbox.json("plain.json")["method"]["graded_by"], "两项指标 (two, version 3)");

    sandbox.ok("grade two.toml --firms world.csv --as-of 2023-12-31 -o dated.parquet");
    let ran = sandbox.ok("evaluate dated.parquet --outcomes results.csv");
    assert!(ran.out.contains("dated.parquet says: graded by 两项指标 (two, version 3), as of 2023-12-31"), "{}", ran.out);
    assert!(!ran.out.contains("day of the grading is not known"), "{}", ran.out);
    sandbox.ok("evaluate dated.parquet --outcomes results.csv --as-of 2023-12-31");
    sandbox.ok("grade two.toml --firms world.csv --as-of 2023-12-31 -o firms.parquet --keep a,b");
    let ran = sandbox.run("tune two.toml --firms firms.parquet --outcomes results.csv");
    assert!(ran.out.contains("firms.parquet says: graded by 两项指标 (two, version 3), as of 2023-12-31"), "{} {}", ran.out, ran.err);
}

#[test]
fn whoever_contradicts_a_graded_file_is_told() {
    let sandbox = Sandbox::new();
    world(&sandbox, [0.55, 0.45], 8.0);
    sandbox.ok("grade two.toml --firms world.csv --as-of 2024-02-10 -o dated.parquet --keep a,b");
    sandbox.put("other.toml", TWO.replace("0.55", "0.5").replace("0.45", "0.5"));
    for (arguments, said) in [
        ("evaluate dated.parquet --outcomes results.csv", "on or before 2024-02-10"),
        ("evaluate dated.parquet --outcomes results.csv --as-of 2023-12-31", "dated.parquet: as of 2024-02-10, --as-of is 2023-12-31"),
        (
            "tune two.toml --firms dated.parquet --outcomes results.csv --as-of 2023-12-31",
            "dated.parquet: as of 2024-02-10, --as-of is 2023",
        ),
        ("tune two.toml --firms dated.parquet --outcomes results.csv", "on or before 2024-02-10"),
        ("evaluate graded.parquet --outcomes results.csv --card other.toml", "name the card that graded, or leave --card out"),
        (
            "evaluate graded.csv --outcomes results.csv --challenger graded.parquet --challenger-card other.toml",
            "name the card that graded",
        ),
    ] {
        sandbox.ok("grade two.toml --firms world.csv -o graded.csv");
        let ran = sandbox.run(arguments);
        assert!(ran.code == 1 && ran.out.is_empty() && ran.err.contains(said), "{arguments}: {} {}", ran.out, ran.err);
    }
}

#[test]
fn several_earlier_gradings_and_several_quarters_show_what_is_stable() {
    let sandbox = Sandbox::new();
    world(&sandbox, [0.55, 0.45], 8.0);
    let results = std::fs::read_to_string(sandbox.path("results.csv")).unwrap().replace("2024-02-0", "2024-07-0");
    sandbox.put("results.csv", results);
    // A year before the first indicator was lower by a third, two years before by two thirds.
    let world = std::fs::read_to_string(sandbox.path("world.csv")).unwrap();
    for (file, factor) in [("first.csv", 1.0 / 3.0), ("second.csv", 2.0 / 3.0)] {
        let row = |line: &str| {
            let cells: Vec<&str> = line.split(',').collect();
            format!("{},{:.9},{},{}\n", cells[0], cells[1].parse::<f64>().unwrap() * factor, cells[2], cells[3])
        };
        let rows: String = world.lines().skip(1).map(row).collect();
        sandbox.put(file, format!("id,a,b,trade\n{rows}"));
    }
    for (file, day) in [("first", "2021-12-31"), ("second", "2022-12-31"), ("world", "2023-12-31")] {
        sandbox.ok(&format!("grade two.toml --firms {file}.csv --as-of {day} -o {file}.parquet --keep a,b,trade"));
    }
    let ran = sandbox.ok("evaluate world.parquet --outcomes results.csv --before first.parquet second.parquet -o stable.json");
    assert!(ran.out.contains("2024 Q1") && ran.out.contains("2024 Q3") && ran.out.contains("PSI of `a` "), "{}", ran.out);
    let stability = &sandbox.json("stable.json")["stability"];
    let names: Vec<&str> = stability["gradings"].as_array().unwrap().iter().map(|one| one["name"].as_str().unwrap()).collect();
    assert_eq!(names, ["2021-12-31", "2022-12-31", "2023-12-31"]);
    let since = |at: usize| stability["gradings"][at]["score_psi"].as_f64().unwrap();
    assert!(since(0) == 0.0 && since(1) > 0.01 && since(2) > since(1), "{stability:#}");
    assert_eq!(stability["before"]["name"], "2022-12-31");
    let columns = stability["before"]["columns"].as_array().unwrap();
    let shift = |name: &str| columns.iter().find(|one| one["column"] == name).unwrap()["psi"].as_f64().unwrap();
    assert!(columns[0]["column"] == "a" && shift("a") > 0.1 && shift("b") == 0.0 && shift("trade") == 0.0, "{columns:?}");
    let periods = stability["outcomes"]["periods"].as_array().unwrap();
    assert_eq!((stability["outcomes"]["unit"].as_str(), periods.len()), (Some("quarter"), 2));
    let sum = |of: &str| periods.iter().map(|one| one[of].as_u64().unwrap()).sum::<u64>();
    let all = sandbox.json("stable.json")["method"].clone();
    assert_eq!((Some(sum("rows")), Some(sum("bad"))), (all["outcomes"].as_u64(), all["bad"].as_u64()));
    sandbox.ok("evaluate world.parquet --outcomes results.csv --before first.parquet second.parquet -o stable.html");
    let page = std::fs::read_to_string(sandbox.path("stable.html")).unwrap();
    for drawing in ["PSI since 2021-12-31", "PSI by column since 2022-12-31", "AUC by period", "Bad outcomes by grade and period"] {
        assert!(page.contains(drawing), "{drawing}");
    }
}

#[test]
fn a_better_card_is_proposed_and_written_whole() {
    let sandbox = Sandbox::new();
    world(&sandbox, [0.47, 0.53], 14.0);
    let ran = sandbox.run("tune two.toml --firms world.csv --outcomes results.csv --as-of 2023-12-31 -o new.toml --seed 7");
    assert_eq!(ran.code, 0, "{} {}", ran.out, ran.err);
    assert!(ran.out.starts_with("Proposed") && ran.out.contains("it is adopted by being used"), "{}", ran.out);
    sandbox.ok("check new.toml");
    let text = std::fs::read_to_string(sandbox.path("new.toml")).unwrap();
    assert!(text.contains("version = \"4\"") && text.contains("Weights tuned from 6000 outcomes"), "{text}");
    sandbox.ok("grade new.toml --firms world.csv -o other.parquet");
    let ran = sandbox.ok(
        "evaluate graded.parquet --outcomes results.csv --card two.toml --challenger other.parquet --challenger-card new.toml --before other.parquet",
    );
    assert!(ran.out.contains("other orders these outcomes better") && ran.out.contains("kept their grade"), "{}", ran.out);
}

/// The outcomes ask for a change of some 0.2: the card that is written goes as far as 0.1, and the first line says so.
#[test]
fn a_large_change_is_taken_in_steps() {
    let sandbox = Sandbox::new();
    world(&sandbox, [0.35, 0.65], 14.0);
    let ran = sandbox.run("tune two.toml --firms world.csv --outcomes results.csv --as-of 2023-12-31 -o new.toml");
    assert_eq!(ran.code, 0, "{} {}", ran.out, ran.err);
    let first = ran.out.lines().next().unwrap();
    assert!(first.starts_with("Proposed") && first.contains("; the step is limited to 0.1, "), "{first}");
    assert!(ran.out.contains("the outcomes ask for a change of 0.") && ran.out.contains("found"), "{}", ran.out);
    let text = std::fs::read_to_string(sandbox.path("new.toml")).unwrap();
    assert!(text.contains("a = 0.45\n") && text.contains("b = 0.55\n"), "{text}");
}

#[test]
fn faults_are_told_with_their_place() {
    let sandbox = Sandbox::new();
    world(&sandbox, [0.55, 0.45], 8.0);
    sandbox.put("handed-in.csv", "统一社会信用代码,检查完成日期,检查结果\nF00001,2024-02-01,未发现问题\n");
    for (arguments, code, parts) in [
        ("evaluate graded.parquet --outcomes results.csv --as-of 2024-02-10", 1, vec!["on or before 2024-02-10", "early = \"drop\""]),
        ("evaluate graded.parquet --outcomes results.csv --by street", 1, vec!["no column `street`"]),
        ("evaluate graded.parquet --outcomes results.csv -o report.pdf", 2, vec!["expected .html or .json"]),
        ("evaluate graded.parquet --outcomes results.csv -o results.csv", 2, vec!["would overwrite the input"]),
        ("evaluate graded.parquet --outcomes world.csv", 1, vec!["no column `outcome`"]),
        ("evaluate graded.parquet --outcomes handed-in.csv", 1, vec!["no column `outcome`", "take them in first, by `firmgrade results`"]),
        ("evaluate world.csv --outcomes results.csv", 1, vec!["no column `score`", "no column `grade`"]),
        ("tune two.toml --firms world.csv --outcomes results.csv -o new.json", 2, vec!["ends in .toml"]),
        ("tune two.toml --firms world.csv --outcomes results.csv --folds 2", 1, vec!["`folds` is 2"]),
        ("evaluate graded.parquet --outcomes results.csv --codes x=bad", 2, vec!["expected CODE=WORD"]),
    ] {
        let ran = sandbox.run(arguments);
        assert_eq!(ran.code, code, "{arguments}: {} {}", ran.out, ran.err);
        for part in parts {
            assert!(ran.err.contains(part), "{arguments}: {}", ran.err);
        }
    }
    assert!(!sandbox.has("report.pdf") && !sandbox.has("new.json"));
    let ran = sandbox.ok("evaluate graded.parquet --outcomes results.csv --as-of 2024-02-10 --early drop");
    assert!(ran.out.contains("before the grading"), "{}", ran.out);
}
