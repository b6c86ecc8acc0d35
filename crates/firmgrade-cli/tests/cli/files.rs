//! Files: never over an input, all outputs or none, standard input and output, columns kept.

use crate::sandbox::{CARD, FIRMS, Sandbox};
use std::fs;
use std::process::{Command, Stdio};

#[test]
fn an_input_is_never_overwritten() {
    let sandbox = Sandbox::new();
    #[cfg(unix)]
    std::os::unix::fs::symlink(sandbox.path("firms.csv"), sandbox.path("link.csv")).unwrap();
    for output in ["firms.csv", "./firms.csv", "link.csv"] {
        for command in [format!("-o {output}"), format!("-o graded.csv --contributions {output}")] {
            let ran = sandbox.run(&format!("grade card.toml --firms firms.csv {command}"));
            assert_eq!(ran.code, 2, "{}", ran.err);
            assert!(ran.err.contains("would overwrite the input `firms.csv`"), "{}", ran.err);
        }
    }
    assert_eq!(fs::read_to_string(sandbox.path("firms.csv")).unwrap(), FIRMS);
    assert_eq!(sandbox.names(), ["card.toml", "firms.csv", "link.csv"]);
}

#[test]
fn outputs_that_cannot_be_meant_are_refused_before_reading() {
    let sandbox = Sandbox::new();
    for (outputs, part) in [
        ("-o same.csv --contributions same.csv", "are the same file"),
        ("-o graded.tsv", "cannot tell the format"),
        ("-o graded.xls", "is only read here"),
        ("-o nowhere/graded.csv", "there is no folder `nowhere`"),
        ("-o graded.csv --keep score", "`score` cannot be kept"),
        ("-o graded.csv --keep name,reasons", "`reasons` cannot be kept"),
    ] {
        // The firms are not there: whoever reads first says so.
        let ran = sandbox.run(&format!("grade card.toml --firms nowhere.csv {outputs}"));
        assert_eq!(ran.code, 2, "{}", ran.err);
        assert!(ran.err.contains(part), "{}", ran.err);
    }
    assert_eq!(sandbox.names(), ["card.toml", "firms.csv"]);
}

#[test]
fn both_outputs_appear_or_none() {
    let sandbox = Sandbox::new();
    sandbox.put("graded.csv", "as it was");
    let titles = "长".repeat(40_000);
    sandbox.put("card.toml", CARD);
    // A cell too long for a workbook: the second file fails when the first is already written aside.
    sandbox.put("firms.csv", FIRMS.replace("91310107MA1G0AAA5B", &titles));
    for outputs in ["-o graded.csv --contributions points.xlsx", "-o points.xlsx --contributions graded.csv"] {
        let ran = sandbox.run(&format!("grade card.toml --firms firms.csv {outputs}"));
        assert_eq!(ran.code, 1, "{}", ran.err);
        assert!(ran.err.contains("`points.xlsx`") && ran.err.contains("40000 characters"), "{}", ran.err);
        assert_eq!(fs::read_to_string(sandbox.path("graded.csv")).unwrap(), "as it was");
        assert_eq!(sandbox.names(), ["card.toml", "firms.csv", "graded.csv"]);
    }
}

#[test]
fn standard_input_to_standard_output() {
    let sandbox = Sandbox::new();
    let ran = sandbox.run_with("grade card.toml --firms - -o - --keep name --reasons 1", FIRMS.as_bytes());
    assert_eq!(ran.code, 0, "{}", ran.err);
    let lines: Vec<&str> = ran.out.lines().collect();
    assert_eq!(lines[0], "uscc,score,score_grade,grade,overrides,reasons,coverage,name");
    // By hand: only the kind costs, 0.25·0.5·0.2 of 100 points, and as no kind costs less it is no reason.
    assert_eq!(lines[1], "91310107MA1G0AAA1X,97.5,A,A,,,1,甲公司");
    // 0.4·0.4465 + 0.2·0.2073 + 0.6·0.125 + 0.5·0.125 of 100 points are lost.
    assert_eq!(lines[2], "91310107MA1G0AAA2Y,64.2,C,C,,penalties,1,乙公司");
    // On the list: D whatever the score. Flag and kind are missing, half of the basis has no data; 0.25·0.5·0.5 is lost.
    assert!(lines[4].starts_with("91310107MA1G0AAA4A,93.8,A,D,listed,kind,0.778"), "{}", lines[4]);
    assert_eq!(lines.len(), 6);
    assert!(ran.err.contains("5 firms from standard input") && ran.err.contains("Written: standard output"), "{}", ran.err);
    assert_eq!(sandbox.names(), ["card.toml", "firms.csv"]);
}

#[test]
fn a_reader_that_goes_away_is_no_fault() {
    let sandbox = Sandbox::new();
    let binary = env!("CARGO_BIN_EXE_firmgrade");
    for command in ["schema scorecard", "weights card.toml", "grade card.toml --firms firms.csv -o -"] {
        let mut child = Command::new(binary);
        child.args(command.split(' ')).current_dir(sandbox.path(".")).stdout(Stdio::piped()).stderr(Stdio::piped());
        let mut child = child.spawn().unwrap();
        drop(child.stdout.take());
        let output = child.wait_with_output().unwrap();
        let err = String::from_utf8_lossy(&output.stderr);
        assert!(output.status.success() && !err.contains("panic") && !err.contains("error"), "{command}: {err}");
    }
}

#[test]
fn kept_columns_stand_behind_the_results() {
    let sandbox = Sandbox::new();
    sandbox.ok("grade card.toml --firms firms.csv -o all.csv --keep all");
    let all = fs::read_to_string(sandbox.path("all.csv")).unwrap();
    let header = "uscc,score,score_grade,grade,overrides,reasons,coverage,name,penalties,complaints,late,kind,age,on_list";
    assert_eq!(all.lines().next(), Some(header));
    sandbox.ok("grade card.toml --firms firms.csv -o some.csv --keep age,name,age,uscc");
    let some = fs::read_to_string(sandbox.path("some.csv")).unwrap();
    assert_eq!(some.lines().next(), Some("uscc,score,score_grade,grade,overrides,reasons,coverage,age,name"));
    let ran = sandbox.run("grade card.toml --firms firms.csv -o none.csv --keep nmae");
    assert_eq!((ran.code, ran.err.as_str()), (1, "error: firms.csv: there is no column `nmae` to keep; check the names in its header\n"));
    // A graded file graded again, every column kept: its results would stand twice.
    let ran = sandbox.run("grade card.toml --firms all.csv -o again.csv --keep all");
    assert!(ran.code == 2 && ran.err.contains("`score` cannot be kept") && !sandbox.has("again.csv"), "{}", ran.err);
}

#[test]
fn contributions_add_up_to_the_points_lost() {
    let sandbox = Sandbox::new();
    sandbox.ok("grade card.toml --firms firms.csv -o graded.json --contributions points.json");
    let (graded, points) = (sandbox.json("graded.json"), sandbox.json("points.json"));
    for (firm, lost) in graded["rows"].as_array().unwrap().iter().zip(points["rows"].as_array().unwrap()) {
        assert_eq!(firm["uscc"], lost["uscc"]);
        let sum: f64 = lost.as_object().unwrap().values().filter_map(serde_json::Value::as_f64).sum();
        // The best that a kind can be is 0.2, which costs 0.25·0.5·0.2 of 100 points; the score has one decimal.
        let best = if firm["coverage"].as_f64().unwrap() < 0.9 && firm["uscc"] == "91310107MA1G0AAA5B" { 95.0 } else { 97.5 };
        assert!((best - sum - firm["score"].as_f64().unwrap()).abs() <= 0.051, "{firm} {lost}");
    }
    let names: Vec<&String> = points["rows"][0].as_object().unwrap().keys().collect();
    assert_eq!(names, ["uscc", "penalties", "complaints", "late", "kind", "age"]);
}

#[test]
fn many_reasons_are_as_many_as_there_are_indicators() {
    let sandbox = Sandbox::new();
    sandbox.ok("grade card.toml --firms firms.csv -o graded.json --reasons 18446744073709551615");
    assert_eq!(sandbox.json("graded.json")["rows"][2]["reasons"].as_array().unwrap().len(), 5);
    sandbox.ok("grade card.toml --firms firms.csv -o none.json --reasons 0");
    assert_eq!(sandbox.json("none.json")["rows"][2]["reasons"], serde_json::json!([]));
}
