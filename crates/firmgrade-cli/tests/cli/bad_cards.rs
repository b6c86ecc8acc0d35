//! Every fault of a card: exit code 1, file, line and remedy, nothing written.

use crate::sandbox::{CARD, Sandbox};

/// What is said about the small card with one text replaced.
fn said(old: &str, new: &str) -> String {
    assert!(CARD.contains(old), "{old}");
    let sandbox = Sandbox::new();
    sandbox.put("card.toml", CARD.replacen(old, new, 1));
    let check = sandbox.run("check card.toml");
    assert_eq!((check.code, check.out.as_str()), (1, ""), "{}", check.err);
    assert!(
        check.err.lines().all(|line| line.starts_with("error: card.toml:") || line.starts_with("warning: card.toml:")),
        "{}",
        check.err
    );
    let grade = sandbox.run("grade card.toml --firms firms.csv -o graded.csv");
    assert_eq!((grade.code, sandbox.has("graded.csv")), (1, false), "{}", grade.err);
    assert_eq!(grade.err, check.err);
    assert_eq!(sandbox.run("weights card.toml").code, 1);
    check.err
}

fn line_of(text: &str) -> usize {
    CARD.lines().position(|line| line.contains(text)).unwrap() + 1
}

#[test]
fn each_fault_has_its_place() {
    for (old, new, parts) in [
        ("better = \"high\"", "better = \"hgih\"", &["found `hgih`", "did you mean `high`?"][..]),
        ("unit = \"次\"", "unti = \"次\"", &["unknown key", "did you mean `unit`?"]),
        ("[criteria.basis]\ntitle = \"主体信息\"", "[criteria.basis]\ntitle = \"主体信息\"\nparent = \"basis\"", &["cycle"]),
        ("kind = 0.5, age = 0.5", "kind = 0.5, age = 0.6", &["judgments.basis", "1.1"]),
        ("\"complaints:late\" = 2", "\"complaints:late\" = \"1/9\"", &["CR", "saaty_1980"]),
        ("{ upto = 2, risk = 0.4 }", "{ from = 1, upto = 2, risk = 0.4 }", &["indicators.penalties.bands"]),
        ("{ upto = 2, risk = 0.4 }", "{ upto = -2, risk = 0.4 }", &["indicators.penalties.bands"]),
        ("\">= 70\"", "\">= 90\"", &["grades.cuts"]),
        ("when = \"on_list\"", "when = \"on_lst\"", &["on_lst", "did you mean `on_list`?"]),
        ("when = \"on_list\"", "when = \"on_list AND (\"", &["overrides"]),
        ("set = \"D\"", "set = \"E\"", &["overrides", "E"]),
        ("id = \"small\"", "id = ", &["card.toml:3:"]),
    ] {
        let err = said(old, new);
        for part in parts {
            assert!(err.contains(part), "{new}: `{part}` is not in: {err}");
        }
    }
}

#[test]
fn a_fault_names_its_line() {
    let err = said("unit = \"次\"", "unti = \"次\"");
    assert!(err.starts_with(&format!("error: card.toml:{}:1: ", line_of("unit ="))), "{err}");
}

#[test]
fn all_problems_come_at_once() {
    let sandbox = Sandbox::new();
    let card = CARD.replace("better = \"high\"", "better = \"hgih\"").replace("unit =", "unti =").replace("title = \"年报逾期\"", "");
    sandbox.put("card.toml", card);
    let ran = sandbox.run("check card.toml");
    assert!(ran.code == 1 && ran.err.lines().count() >= 3, "{}", ran.err);
    let ran = sandbox.run("check card.toml --format json");
    let report: serde_json::Value = serde_json::from_str(&ran.out).unwrap();
    assert_eq!(ran.code, 1);
    let problems = report["problems"].as_array().unwrap();
    assert!(problems.len() >= 3 && problems[0]["severity"] == "error" && problems[0]["line"].is_u64(), "{report:#}");
}

#[test]
fn a_warning_does_not_stop_and_goes_to_standard_error() {
    let sandbox = Sandbox::new();
    let lenient = CARD.replace("[criteria.conduct]", "[ahp]\ninconsistent = \"warning\"\n[criteria.conduct]");
    sandbox.put("card.toml", lenient.replace("\"complaints:late\" = 2", "\"complaints:late\" = \"1/9\""));
    for command in ["check card.toml", "weights card.toml", "grade card.toml --firms firms.csv -o graded.csv"] {
        let ran = sandbox.ok(command);
        assert!(ran.err.starts_with("warning: card.toml:") && ran.err.contains("CR"), "{command}: {}", ran.err);
        assert!(!ran.out.contains("warning: "), "{command}");
    }
}

#[test]
fn a_grade_that_no_score_gives_is_a_warning() {
    let sandbox = Sandbox::new();
    sandbox.put("card.toml", CARD.replace("\">= 50\"", "\">= -1\""));
    let ran = sandbox.ok("check card.toml");
    assert!(ran.err.contains("warning: card.toml:") && ran.err.contains("no score gives grade `D`"), "{}", ran.err);
}

#[test]
fn a_card_that_is_not_there_or_not_a_card() {
    let sandbox = Sandbox::new();
    sandbox.put("gbk.toml", [b'#', 0xB1, 0xFB, b'\n']);
    sandbox.put("missing-parent.toml", CARD.replacen("id = \"small\"", "id = \"small\"\nextends = \"nowhere.toml\"", 1));
    for (card, part) in [
        ("nowhere.toml", "cannot find `nowhere.toml`"),
        (".", "is a directory"),
        ("gbk.toml", "not UTF-8: line 1"),
        ("firms.csv", "firms.csv:"),
        ("missing-parent.toml", "nowhere.toml"),
    ] {
        let ran = sandbox.run(&format!("check {card}"));
        assert!(ran.code == 1 && ran.err.starts_with("error: ") && ran.err.contains(part), "{card}: {}", ran.err);
    }
}
