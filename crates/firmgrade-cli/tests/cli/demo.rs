//! The demonstration, small.

use crate::sandbox::Sandbox;
use std::fs;

#[test]
fn it_writes_its_files_and_says_what_a_regulator_wants_to_know() {
    let sandbox = Sandbox::new();
    let ran = sandbox.ok("demo --firms 3000 --out a");
    for part in [
        "A generated district of 3,000 firms with ",
        "records (seed 2023), as of 2023-12-31",
        "What became of the records: 32 indicators derived from those that count as of 2023-12-31",
        "21,550   38.8 %",
        "24,848   44.7 %",
        "7,252   13.0 %",
        "1,938    3.5 %",
        "Overrides: ",
        "Coverage: ",
        "reasons: ",
        "What inspectors found in the year after",
        "What these visits found, made up from the chance that the district gave each firm: ",
        "Weights tuned on these visits: ",
        "Time: generate",
        "weights a/district-records.toml",
    ] {
        assert!(ran.out.contains(part), "`{part}` is not in: {}", ran.out);
    }
    assert_eq!(ran.err, "");
    let listed = |folder: &str| {
        let entries = fs::read_dir(sandbox.path(folder)).unwrap();
        let mut names: Vec<String> = entries.map(|entry| entry.unwrap().file_name().to_string_lossy().into_owned()).collect();
        names.sort();
        names
    };
    let files =
        ["district-records.toml", "firms.parquet", "graded.parquet", "graded.xlsx", "indicators.json", "indicators.parquet", "inspection"];
    assert_eq!(listed("a"), [&files[..], &["outcomes.parquet", "records"]].concat());
    let found = [
        "announcement.csv",
        "announcement.xlsx",
        "commitment.json",
        "draws.log",
        "evaluation.html",
        "evaluation.json",
        "frame.csv",
        "handed-in.csv",
        "inspectors.csv",
        "match.json",
        "outcomes.parquet",
        "plan.json",
        "policy.toml",
        "record.json",
        "results.csv",
        "results.xlsx",
        "tasks.xlsx",
    ];
    let there = listed("a/inspection");
    assert_eq!(there.iter().filter(|name| *name != "card-next.toml").collect::<Vec<_>>(), found.iter().collect::<Vec<_>>());
    let tables = ["abnormal", "annual_reports", "changes", "complaints", "inspections", "lawsuits", "licences", "penalties"];
    assert_eq!(listed("a/records"), tables.map(|table| format!("{table}.parquet")));
    // What it says to type next works, and grades alike.
    sandbox.ok("check a/district-records.toml --firms a/indicators.parquet");
    let records: Vec<String> = tables.iter().map(|table| format!("{table}=a/records/{table}.parquet")).collect();
    let raw = "grade a/district-records.toml --firms a/firms.parquet --as-of 2023-12-31 -o mine.parquet --keep name,trade,street --records";
    sandbox.ok(&format!("{raw} {}", records.join(" ")));
    assert_eq!(fs::read(sandbox.path("mine.parquet")).unwrap(), fs::read(sandbox.path("a/graded.parquet")).unwrap());
    sandbox.ok("grade a/district-records.toml --firms a/indicators.parquet -o mine.xlsx --keep name,street");
}

/// The circle closes by the same code that the commands run: by hand on the files of the demonstration they say the same.
#[test]
fn what_visits_found_says_the_same_by_hand() {
    let sandbox = Sandbox::new();
    let shown = sandbox.ok("demo --firms 6000 --out a").out;
    let read = |file: &str| fs::read(sandbox.path(file)).unwrap();
    let results = "--policy a/inspection/policy.toml --record a/inspection/record.json --as-of 2027-07-31";
    let ran = sandbox.ok(&format!("results a/inspection/handed-in.csv {results} -o rows.parquet"));
    assert!(ran.out.contains("通过登记的住所无法联系") && ran.out.contains("已关闭停业") && ran.out.contains(" late"), "{}", ran.out);
    assert!(read("rows.parquet") == read("a/inspection/outcomes.parquet"));

    let evaluate = "evaluate a/graded.parquet --outcomes";
    let ran = sandbox.ok(&format!("{evaluate} a/inspection/outcomes.parquet -o by-hand.json"));
    let (by_hand, report) = (sandbox.json("by-hand.json"), sandbox.json("a/inspection/evaluation.json"));
    assert_eq!(by_hand, report);
    assert!(shown.contains(report["verdict"]["en"].as_str().unwrap()), "{shown}");
    assert!(
        ran.out.contains("a/graded.parquet says: graded by 企业信用风险分级监管模型") && ran.out.contains(", as of 2023-12-31\n"),
        "{}",
        ran.out
    );
    assert_eq!((&report["method"]["notes"][0], &report["method"]["notes"][1]), (&note(&report), &serde_json::Value::Null), "{report:#}");
    let page = fs::read_to_string(sandbox.path("a/inspection/evaluation.html")).unwrap();
    assert!(page.contains("各时段区分能力") || report["discrimination"].is_null(), "no drawing by time");

    let tuned =
        sandbox.run("tune a/district-records.toml --firms a/indicators.parquet --outcomes a/inspection/outcomes.parquet -o new.toml");
    assert!(shown.contains(tuned.out.lines().next().unwrap()), "{} {} {shown}", tuned.out, tuned.err);
    assert!(tuned.out.contains("a/indicators.parquet says: derived, as of 2023-12-31"), "{}", tuned.out);
    match tuned.code {
        0 => assert!(read("new.toml") == read("a/inspection/card-next.toml") && shown.contains("the next plan has "), "{shown}"),
        code => assert!(
            code == 3 && !sandbox.has("a/inspection/card-next.toml") && shown.contains("The card stays as the experts made it"),
            "{shown}"
        ),
    }

    // Checks after complaints find more than visits do, and enter nothing.
    let handed = fs::read_to_string(sandbox.path("a/inspection/handed-in.csv")).unwrap();
    let drawn: String = handed.lines().filter(|line| !line.ends_with("投诉举报")).map(|line| format!("{line}\n")).collect();
    let events = handed.lines().count() - drawn.lines().count();
    assert!(events > 10 && report["method"]["account"]["event"] == events, "{events}");
    sandbox.put("drawn.csv", drawn);
    sandbox.ok(&format!("results drawn.csv {results} -o drawn.parquet"));
    sandbox.ok(&format!("{evaluate} drawn.parquet -o drawn.json"));
    let without = sandbox.json("drawn.json");
    for part in ["verdict", "discrimination", "rates", "calibration", "stability"] {
        assert_eq!(without[part], report[part], "{part}");
    }
}

/// The one note that a report of a plan's own results has: what was left out.
fn note(report: &serde_json::Value) -> serde_json::Value {
    format!("{} rows of events and campaigns are left out of all rates and areas", report["method"]["account"]["event"]).into()
}

/// Every record read has one fate, and the columns of the table show all of them.
/// Of small districts now and then one finds other weights surely better; then the circle goes round to the next plan.
#[test]
fn where_new_weights_are_proposed_the_next_plan_is_made_by_them() {
    let sandbox = Sandbox::new();
    let shown = sandbox.ok("demo --firms 8000 --seed 6 --out a").out;
    assert!(shown.contains("Weights tuned on these visits: Proposed") && shown.contains("the step is limited to 0.1"), "{shown}");
    let line = shown.lines().find(|line| line.contains("the next plan has")).unwrap();
    let by_hand = sandbox.ok("grade a/inspection/card-next.toml --firms a/indicators.parquet -o again.parquet").out;
    for grade in ["A", "B", "C", "D"] {
        let firms = line.split(&format!("{grade} ")).nth(1).and_then(|rest| rest.split(" firms").next()).unwrap();
        let firms = firms.split("→ ").nth(1).unwrap();
        assert!(by_hand.contains(firms), "{grade} {firms}: {by_hand}");
    }
}

#[test]
fn the_account_of_records_adds_up() {
    let sandbox = Sandbox::new();
    let ran = sandbox.ok("demo --firms 2000 --out a");
    let figures = |line: &str| -> Vec<u64> { line.split_whitespace().filter_map(|word| word.replace(',', "").parse().ok()).collect() };
    let lines = ran.out.lines().skip_while(|line| !line.starts_with("What became of the records"));
    let rows: Vec<(String, Vec<u64>)> =
        lines.skip(3).take(9).map(|line| (line.split_whitespace().next().unwrap_or_default().to_owned(), figures(line))).collect();
    assert_eq!(rows.last().unwrap().0, "all");
    for (table, row) in &rows {
        assert_eq!(row.len(), 10, "{table}: {row:?}");
        assert_eq!(row[0], row[1..].iter().sum::<u64>(), "{table}");
    }
    // Each way in which a record does not count occurs somewhere.
    assert!(rows.last().unwrap().1.iter().all(|records| *records > 0), "{rows:?}");
}

#[test]
fn the_same_seed_is_the_same_bytes_and_another_is_not() {
    let sandbox = Sandbox::new();
    for (folder, seed) in [("a", 7), ("b", 7), ("c", 8)] {
        sandbox.ok(&format!("demo --firms 500 --seed {seed} --out {folder}"));
    }
    let read = |file: &str| fs::read(sandbox.path(file)).unwrap();
    let files = ["firms.parquet", "outcomes.parquet", "indicators.parquet", "indicators.json", "graded.parquet", "graded.xlsx"];
    let found = ["inspection/handed-in.csv", "inspection/outcomes.parquet", "inspection/evaluation.json", "inspection/evaluation.html"];
    for file in [&files[..], &["records/penalties.parquet", "records/complaints.parquet"], &found[..]].concat() {
        assert!(read(&format!("a/{file}")) == read(&format!("b/{file}")), "{file}");
        assert!(read(&format!("a/{file}")) != read(&format!("c/{file}")), "{file}");
    }
}

#[test]
fn a_card_that_was_changed_stays() {
    let sandbox = Sandbox::new();
    sandbox.ok("demo --firms 50 --out a");
    sandbox.put("a/district-records.toml", "# mine\n");
    let ran = sandbox.ok("demo --firms 50 --out a");
    assert!(ran.err.contains("warning: a/district-records.toml was changed and stays as it is"), "{}", ran.err);
    assert_eq!(fs::read_to_string(sandbox.path("a/district-records.toml")).unwrap(), "# mine\n");
}

#[test]
fn one_firm_is_enough_and_none_is_too_few() {
    let sandbox = Sandbox::new();
    let ran = sandbox.ok("demo --firms 1 --out a");
    assert!(ran.out.contains("district of 1 firm with "), "{}", ran.out);
    assert_eq!(sandbox.run("demo --firms 0 --out b").code, 2);
    assert!(!sandbox.has("b"));
    // A file stands where the folder should be.
    let ran = sandbox.run("demo --firms 1 --out firms.csv");
    assert!(ran.code == 1 && ran.err.contains("cannot make the folder `firms.csv`"), "{}", ran.err);
}
