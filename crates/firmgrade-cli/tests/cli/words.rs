//! What is printed, word for word.

use crate::sandbox::{CARD, Sandbox};
use serde_json::Value;

/// The text with what differs from run to run replaced: seconds and digests.
fn steady(text: &str) -> String {
    let mut lines = Vec::new();
    for line in text.lines() {
        let words = line.split(' ').map(|word| if word.starts_with("sha256:") { "sha256:…" } else { word });
        lines.push(if line.starts_with("Time: ") { "Time: …".to_owned() } else { words.collect::<Vec<_>>().join(" ") });
    }
    lines.join("\n")
}

#[test]
fn the_weights_of_a_small_card() {
    insta::assert_snapshot!(steady(&Sandbox::new().ok("weights card.toml").out), @"");
}

#[test]
fn the_summary_of_a_few_firms() {
    insta::assert_snapshot!(steady(&Sandbox::new().ok("grade card.toml --firms firms.csv -o graded.csv").out), @"");
}

#[test]
fn the_summary_with_solved_cuts() {
    let sandbox = Sandbox::new();
    let shares = "shares = { A = 0.4, B = 0.2, C = 0.2, D = 0.2 }";
    sandbox.put("card.toml", CARD.replace("cuts = [\">= 85\", \">= 70\", \">= 50\"]", shares));
    insta::assert_snapshot!(steady(&sandbox.ok("grade card.toml --firms firms.csv -o graded.csv").out), @"");
}

#[test]
fn a_table_checked() {
    insta::assert_snapshot!(steady(&Sandbox::new().ok("check card.toml --firms firms.csv").out), @"");
}

#[test]
fn weights_for_programs() {
    let sandbox = Sandbox::new();
    let json: Value = serde_json::from_str(&sandbox.ok("weights card.toml --format json").out).unwrap();
    let tree = json["tree"].as_array().unwrap();
    assert_eq!(tree.len(), 8);
    let leaves = tree.iter().filter(|row| row["kind"] == "indicator");
    let sum: f64 = leaves.map(|row| row["global"].as_f64().unwrap()).sum();
    assert!((sum - 1.0).abs() < 1e-12);
    let conduct = tree.iter().find(|row| row["id"] == "conduct").unwrap();
    let cr = conduct["consistency"]["cr"].as_f64().unwrap();
    // By hand: x = (5/4)^(1/3), λ = 1 + x + 1/x, CI = (λ − 3)/2, RI = .58.
    let x = 1.25_f64.cbrt();
    assert!((cr - (x + 1.0 / x - 2.0) / 2.0 / 0.58).abs() < 1e-9, "{cr}");
    let csv = sandbox.ok("weights card.toml --format csv").out;
    let columns: Vec<usize> = csv.lines().map(|line| line.split(',').count()).collect();
    assert_eq!(columns, [16; 9]);
    assert!(csv.contains("\nbasis,主体信息,root,criterion,1,0.25,0.25,2,direct,,,,,,,\n"), "{csv}");
}

#[test]
fn the_schema_is_json_and_names_its_tables() {
    let schema: Value = serde_json::from_str(&Sandbox::new().ok("schema scorecard").out).unwrap();
    for table in ["scorecard", "ahp", "criteria", "judgments", "indicators", "columns", "grades", "overrides"] {
        assert!(schema["properties"][table].is_object(), "{table}");
    }
}

#[test]
fn help_has_examples_and_wrong_usage_is_2() {
    let sandbox = Sandbox::new();
    for command in ["demo", "check", "weights", "grade", "schema"] {
        let ran = sandbox.ok(&format!("{command} --help"));
        assert!(ran.out.contains("Example"), "{}", ran.out);
    }
    assert!(sandbox.ok("--help").out.contains("Exit codes:"));
    assert!(sandbox.ok("--version").out.starts_with("firmgrade "));
    for wrong in ["", "grad", "grade card.toml", "weights", "schema plan", "check card.toml --sheet x", "demo --firms many"] {
        let ran = sandbox.run(wrong);
        assert_eq!((ran.code, ran.out.as_str()), (2, ""), "{wrong}");
        assert!(!ran.err.is_empty());
    }
}

#[test]
fn the_library_returns_the_exit_code() {
    let run = |args: &[&str]| firmgrade_cli::run(args.iter().map(std::ffi::OsString::from));
    assert_eq!(run(&["firmgrade", "weights", "/nowhere/card.toml"]), 1);
    assert_eq!(run(&["firmgrade", "grade"]), 2);
}
