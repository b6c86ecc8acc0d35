//! Loading policies: what is accepted, and every fault with its place and remedy.

#![expect(clippy::panic, reason = "a test may stop")]

use firmgrade::Error;
use firmgrade::sample::Suite;
use firmgrade::sample::policy::{Policy, PolicySpec, policy_schema};
use firmgrade::sample::results::Outcome;

/// A policy without faults; tests change one thing in it.
const POLICY: &str = r#"
[policy]
plan_id = "2027/1"
title = "年报抽查"
period = { from = "2027-01-01", to = "2027-12-31" }
grades = ["A", "B"]

[draw]
strata = ["district"]
reserve = 2

[frequency.caps]
A = { visits = 1, window = "2 years" }
B = { visits = 2, window = "12 months" }

[[exclusions]]
code = "recent"
within = "6 months"
[[exclusions]]
code = "listed"
flag = "no_site_visit"

[floor]
ratio = "3 %"
top_up = ["B", "A"]

[validation]
firms = 60
floor = 20
expected = { A = "1 %", B = 0.05 }

[[items]]
id = "report"
name = "年报"
department = "市场监督管理局"
[items.rates]
A = { rule = "at_least", ratio = 0.03 }
B = { rule = "at_most", ratio = "10 %", floor = "1/50" }

[results]
"发现问题待后续处理" = "violation"
"#;

fn load(text: &str) -> Policy {
    Policy::from_toml("policy.toml", text).unwrap_or_else(|error| panic!("{error}"))
}

fn refused(text: &str) -> Vec<String> {
    match Policy::from_toml("policy.toml", text) {
        Err(Error::Policy(problems)) => problems.iter().map(ToString::to_string).collect(),
        other => panic!("found {other:?}"),
    }
}

/// The messages when one piece of the policy is something else.
fn changed(from: &str, to: &str) -> Vec<String> {
    assert!(POLICY.contains(from), "{from}");
    refused(&POLICY.replacen(from, to, 1))
}

#[test]
fn a_policy_without_faults_is_read() {
    let policy = load(POLICY);
    assert_eq!(policy.plan_id(), "2027/1");
    assert_eq!(policy.suite(), Suite::Sha256);
    assert_eq!(policy.flags(), ["no_site_visit"]);
    assert!(policy.reads_visits());
    assert_eq!(policy.top_up(), [1, 0]);
    assert_eq!((policy.visits().inspectors, policy.visits().deadline_days, policy.days_per_visit()), (2, 20, (1, 1)));
    assert_eq!(policy.outcome("发现问题、待后续处理"), Some(Outcome::Violation));
    assert_eq!(policy.outcome("未发现问题"), Some(Outcome::None));
    assert!(policy.warnings().is_empty(), "{:?}", policy.warnings());
}

#[test]
fn every_fault_has_its_line_and_its_remedy() {
    let rate = "A = { rule = \"at_least\", ratio = 0.03 }";
    for (from, to, expected) in [
        (
            rate,
            "A = \"根据实际情况确定\"",
            "policy.toml:37:1: items.0.rates.A: found the words `根据实际情况确定`, expected a number; nobody could check",
        ),
        (
            rate,
            "A = { rule = \"at_least\", ratio = \"as needed\" }",
            "policy.toml:37:26: items.0.rates.A.ratio: found the words `as needed`",
        ),
        (
            rate,
            "A = { rule = \"at_last\", ratio = 0.03 }",
            "found `at_last`, expected one of `at_least`, `at_most`, `exactly`; did you mean `at_least`?",
        ),
        (rate, "A = { rule = \"at_least\" }", "items.0.rates.A: found neither `ratio` nor `count`"),
        (rate, "A = { rule = \"at_least\", ratio = 0.1, count = 1 }", "items.0.rates.A: found both `ratio` and `count`"),
        (rate, "A = { rule = \"at_least\", ratio = \"130 %\" }", "found `130 %`, expected at most 100 %"),
        (rate, "A = { rule = \"at_least\", count = 3, floor = 0.1 }", "items.0.rates.A.floor: a count is not scaled"),
        (rate, "A = { rule = \"exactly\", ratio = 0.5, floor = 0.1 }", "items.0.rates.A.floor: an exact rate is not scaled"),
        (rate, "", "items.0.rates: grade `A` has no rate; where its firms are inspected on a trigger only"),
        (rate, "a = { rule = \"at_least\", ratio = 0.03 }", "`a` is no grade of this policy; did you mean `A`?"),
        (rate, "A = \"3 %\"", "items.0.rates.A: found `3 %` alone, expected a rule as well: `{ rule = \"at_least\", ratio = \"3 %\" }`"),
        (rate, "A = 0.03", "items.0.rates.A: found `0.03` alone, expected a rule as well"),
        (rate, "A = \"5–20 %\"", "items.0.rates.A: found `5–20 %`, expected a ratio such as `3 %`; of a range choose one end"),
        (rate, "A = true", "items.0.rates.A: found `true`, expected a table or a number or text"),
        // As a binary fraction this is 0.03.
        ("ratio = 0.03", "ratio = 0.0299999999999999999999", "found `0.0299999999999999999999`, expected a ratio such as"),
        ("floor = \"1/50\"", "floor = \"1/5\"", "items.0.rates.B.floor: the floor 1/5 lies above the ratio 10/100"),
        ("ratio = \"3 %\"", "raito = \"3 %\"", "policy.toml:24:1: floor.raito: unknown key; did you mean `ratio`?"),
        ("to = \"2027-12-31\"", "to = \"2026-12-31\"", "policy.period.to: `2026-12-31` lies before `2027-01-01`"),
        ("2027-01-01", "2027-02-30", "policy.period.from: found `2027-02-30`, expected a date"),
        ("grades = [\"A\", \"B\"]", "grades = [\"A\", \"B\", \"A\"]", "policy.grades.2: `A` stands here twice"),
        ("window = \"2 years\"", "window = \"two years\"", "frequency.caps.A.window: found `two years`, expected a window"),
        ("visits = 1", "visits = 0", "frequency.caps.A.visits: found 0"),
        ("code = \"listed\"", "code = \"at_cap\"", "exclusions.1.code: `at_cap` stands here twice"),
        ("flag = \"no_site_visit\"", "flag = \"x\"\nwithin = \"1 year\"", "exclusions.1: found both `within` and `flag`"),
        ("within = \"6 months\"", "", "exclusions.0: found neither `within` nor `flag`"),
        ("top_up = [\"B\", \"A\"]", "top_up = [\"B\", \"E\"]", "floor.top_up.1: `E` is no grade of this policy"),
        ("firms = 60", "firms = 39", "validation.firms: found 39, expected at least 40: 20 of each grade"),
        ("expected = { A = \"1 %\", B = 0.05 }", "expected = { A = \"1 %\" }", "validation.expected: grade `B` has no expected share"),
        ("expected = { A = \"1 %\", B = 0.05 }", "expected = { A = 0, B = 1 }", "every share is 0 or 1"),
        ("expected = { A = \"1 %\", B = 0.05 }", "expected = { A = 0.1, B = 0.1234567 }", "expected at most four decimals of a per cent"),
        (
            rate,
            "A = { rule = \"at_most\", count = 0 }",
            "validation: grade `A` allows no firm to be drawn, and the validation part needs every grade",
        ),
        ("[results]", "[visits]\ninspectors = 1\n[results]", "visits.inspectors: found 1, expected at least 2"),
        ("[results]", "[visits]\ndays = 0\n[results]", "visits.days: found 0"),
        ("= \"violation\"", "= \"bad\"", "found `bad`, expected one of `violation`, `none`, `out_of_scope`, `unreachable`"),
        ("[results]", "[recent]\nwithin = \"1 year\"\nweight = 0\n[results]", "recent.weight: found 0"),
        ("reserve = 2", "waves = 0", "draw.waves: found 0, expected at least 1"),
        ("plan_id = \"2027/1\"\n", "", "policy: `plan_id` is missing"),
        ("[floor]\n", "[floor\n", "not valid TOML"),
    ] {
        let messages = changed(from, to);
        assert!(messages.iter().any(|message| message.contains(expected)), "{to}: {messages:#?}");
    }
}

#[test]
fn all_faults_come_at_once_in_the_order_of_the_file() {
    let text = POLICY
        .replace("2027-12-31", "soon")
        .replace("0.03", "\"一点\"")
        .replace("reserve = 2", "reserves = 2")
        .replace("= 0.05", "= \"5\"");
    let messages = refused(&text);
    assert_eq!(messages.len(), 4, "{messages:#?}");
    for (message, start) in messages.iter().zip(["policy.toml:5:", "policy.toml:10:", "policy.toml:30:", "policy.toml:37:"]) {
        assert!(message.starts_with(start), "{messages:#?}");
    }
}

/// What means the same has the same digest; what does not, another.
#[test]
fn the_digest_is_that_of_the_meaning() {
    let digest = |from: &str, to: &str| load(&POLICY.replacen(from, to, 1)).digest().to_owned();
    let own = load(POLICY).digest().to_owned();
    for (from, to) in [
        ("0.03", "\"3 %\""),
        ("0.03", "0.0300"),
        ("0.05", "\"５％\""),
        ("[draw]", "# a remark\n[draw]\nsuite = \"sha256\""),
        ("top_up = [\"B\", \"A\"]", ""),
        ("ratio = \"3 %\"", "of = \"all\""),
        ("ratio = \"3 %\"", "ratio = 0.03"),
        ("[results]", "[results]\n\"未发现问题\" = \"none\""),
    ] {
        assert_eq!(digest(from, to), own, "{to}");
    }
    for (from, to) in [
        ("2027/1", "2027/2"),
        ("2027-12-31", "2027-12-30"),
        ("[draw]", "directed = true\n[draw]"),
        ("0.03", "0.031"),
        ("at_least", "at_most"),
        ("10 %", "11 %"),
        ("1/50", "2/50"),
        ("district", "trade"),
        ("reserve = 2", "reserve = 3"),
        ("reserve = 2", "waves = 2"),
        ("reserve = 2", "reserve = 2\nbase = \"all\""),
        ("reserve = 2", "reserve = 2\nsuite = \"sm3\""),
        ("visits = 1", "visits = 2"),
        ("6 months", "7 months"),
        ("code = \"listed\"", "code = \"list\""),
        ("top_up = [\"B\", \"A\"]", "top_up = [\"A\", \"B\"]"),
        ("firms = 60", "firms = 61"),
        ("0.05", "0.06"),
        ("= \"violation\"", "= \"none\""),
        ("[results]", "[visits]\nrecusal = [\"interests\", \"same_as_last_time\"]\n[results]"),
    ] {
        assert_ne!(digest(from, to), own, "{to}");
    }
}

#[test]
fn the_checked_policy_is_a_policy() {
    let policy = load(POLICY);
    let json = serde_json::to_string(policy.spec()).unwrap();
    let spec: PolicySpec = serde_json::from_str(&json).unwrap();
    let again = Policy::try_from(spec).unwrap();
    assert_eq!(again.digest(), policy.digest());
    assert_eq!(again.items(), policy.items());
    // A number in JSON is the decimal that was typed.
    let typed: PolicySpec = serde_json::from_str(&json.replacen("\"3/100\"", "0.03", 1)).unwrap();
    assert_eq!(Policy::try_from(typed).unwrap().digest(), policy.digest());
}

#[test]
fn the_digest_is_the_documented_bytes() {
    let policy = load(POLICY);
    // The canonical JSON by its definition: through a sorted map.
    fn sorted(value: &serde_json::Value) -> String {
        match value {
            serde_json::Value::Object(map) => {
                let map: std::collections::BTreeMap<_, _> = map.iter().collect();
                let parts: Vec<String> = map.iter().map(|(key, value)| format!("{}:{}", serde_json::json!(key), sorted(value))).collect();
                format!("{{{}}}", parts.join(","))
            }
            serde_json::Value::Array(values) => format!("[{}]", values.iter().map(sorted).collect::<Vec<_>>().join(",")),
            other => other.to_string(),
        }
    }
    let text = sorted(&serde_json::to_value(policy.spec()).unwrap());
    assert_eq!(policy.digest(), Suite::Sha256.hash(&[b"firmgrade/policy/v1", text.as_bytes()]).to_string());
}

#[test]
fn what_cannot_be_said_is_a_warning() {
    let text = POLICY.replace("[validation]\nfirms = 60\nfloor = 20\nexpected = { A = \"1 %\", B = 0.05 }\n", "");
    let triggered = load(&text.replace("rule = \"at_least\", ratio = 0.03", "rule = \"exactly\", count = 0"));
    let warnings: Vec<String> = triggered.warnings().iter().map(ToString::to_string).collect();
    assert_eq!(warnings.len(), 1, "{warnings:?}");
    assert!(
        warnings[0].contains("warning: items.0.rates.A: grade `A` is inspected on a trigger only: no statement about it will be possible")
    );
    let uncapped = load(&text.replace("A = { visits = 1, window = \"2 years\" }\n", ""));
    assert!(uncapped.warnings()[0].message.contains("grade `A` has no cap"));
}

#[test]
fn the_schema_knows_every_table() {
    let schema = policy_schema();
    for key in ["policy", "draw", "items", "frequency", "exclusions", "floor", "validation", "recent", "visits", "results"] {
        assert!(schema["properties"].get(key).is_some(), "{key}");
    }
    assert_eq!(schema["additionalProperties"], false);
}
