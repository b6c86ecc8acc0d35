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

/// Every record read has one fate, and the columns of the table show all of them.
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
    for file in [&files[..], &["records/penalties.parquet", "records/complaints.parquet"]].concat() {
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
