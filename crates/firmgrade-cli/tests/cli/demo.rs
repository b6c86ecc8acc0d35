//! The demonstration, small.

use crate::sandbox::Sandbox;
use std::fs;

#[test]
fn it_writes_its_files_and_says_what_a_regulator_wants_to_know() {
    let sandbox = Sandbox::new();
    let ran = sandbox.ok("demo --firms 3000 --out a");
    for part in [
        "A generated district of 3,000 firms (seed 2023)",
        "21,550   38.8 %",
        "24,848   44.7 %",
        "7,252   13.0 %",
        "1,938    3.5 %",
        "Overrides: ",
        "Coverage: ",
        "reasons: ",
        "What inspectors found later",
        "Time: generate",
        "weights a/annual-report.toml",
    ] {
        assert!(ran.out.contains(part), "`{part}` is not in: {}", ran.out);
    }
    assert_eq!(ran.err, "");
    let mut names: Vec<String> =
        fs::read_dir(sandbox.path("a")).unwrap().map(|e| e.unwrap().file_name().to_string_lossy().into_owned()).collect();
    names.sort();
    assert_eq!(
        names,
        ["annual-report.toml", "firms.parquet", "general.toml", "graded.parquet", "graded.xlsx", "inspection", "outcomes.parquet"]
    );
    // What it says to type next works, and grades alike.
    sandbox.ok("check a/annual-report.toml --firms a/firms.parquet");
    sandbox.ok("grade a/annual-report.toml --firms a/firms.parquet -o mine.parquet --keep name,trade,street");
    assert_eq!(fs::read(sandbox.path("mine.parquet")).unwrap(), fs::read(sandbox.path("a/graded.parquet")).unwrap());
}

#[test]
fn the_same_seed_is_the_same_bytes_and_another_is_not() {
    let sandbox = Sandbox::new();
    for (folder, seed) in [("a", 7), ("b", 7), ("c", 8)] {
        sandbox.ok(&format!("demo --firms 500 --seed {seed} --out {folder}"));
    }
    let read = |file: &str| fs::read(sandbox.path(file)).unwrap();
    for file in ["firms.parquet", "outcomes.parquet", "graded.parquet", "graded.xlsx"] {
        assert!(read(&format!("a/{file}")) == read(&format!("b/{file}")), "{file}");
        assert!(read(&format!("a/{file}")) != read(&format!("c/{file}")), "{file}");
    }
}

#[test]
fn a_card_that_was_changed_stays() {
    let sandbox = Sandbox::new();
    sandbox.ok("demo --firms 50 --out a");
    sandbox.put("a/annual-report.toml", "# mine\n");
    let ran = sandbox.ok("demo --firms 50 --out a");
    assert!(ran.err.contains("warning: a/annual-report.toml was changed and stays as it is"), "{}", ran.err);
    assert_eq!(fs::read_to_string(sandbox.path("a/annual-report.toml")).unwrap(), "# mine\n");
}

#[test]
fn one_firm_is_enough_and_none_is_too_few() {
    let sandbox = Sandbox::new();
    let ran = sandbox.ok("demo --firms 1 --out a");
    assert!(ran.out.contains("district of 1 firm "), "{}", ran.out);
    assert_eq!(sandbox.run("demo --firms 0 --out b").code, 2);
    assert!(!sandbox.has("b"));
    // A file stands where the folder should be.
    let ran = sandbox.run("demo --firms 1 --out firms.csv");
    assert!(ran.code == 1 && ran.err.contains("cannot make the folder `firms.csv`"), "{}", ran.err);
}
