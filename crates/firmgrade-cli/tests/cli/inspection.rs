//! Plan, draw, match, verify, publish and results, as a bureau goes through them, and whatever is tampered with.

use crate::sandbox::{Ran, Sandbox};
use std::fs;

const POLICY: &str = r#"
[policy]
plan_id = "2027-1"
title = "年报公示信息抽查"
period = { from = "2027-01-01", to = "2027-03-31" }
grades = ["A", "B", "C", "D"]

[draw]
reserve = 3

[[exclusions]]
code = "struck_off"
flag = "struck_off"

[[items]]
id = "report"
name = "年度报告公示信息检查"
basis = "《企业公示信息抽查办法》"
department = "市场监督管理局"
qualification = "report"
[items.rates]
A = { rule = "at_least", ratio = "1 %" }
B = { rule = "at_least", ratio = "2 %" }
C = { rule = "at_least", ratio = "10 %" }
D = { rule = "at_least", ratio = "30 %" }
"#;

/// 400 firms: half A, a third B, the others C and D; every 40th struck off; one with a name that a spreadsheet would run.
fn firms() -> String {
    let mut text = "uscc,name,grade,struck_off\n".to_owned();
    for at in 0..400 {
        let grade = match at % 12 {
            0..6 => "A",
            6..10 => "B",
            10 => "C",
            _ => "D",
        };
        let name = if grade == "D" { "=HYPERLINK(1)".to_owned() } else { format!("企业{at}") };
        text.push_str(&format!("F{:03},{name},{grade},{}\n", at * 77 % 400, at % 40 == 0));
    }
    text
}

fn inspectors() -> String {
    let row = |at: u32| format!("inspector-{at:03},9,{}\n", if at.is_multiple_of(3) { "" } else { "report;food" });
    "inspector,capacity,qualifications\n".to_owned() + &(1..=12).map(row).collect::<String>()
}

const COMMIT: &str = "draw policy.toml --firms graded.csv --log draws.log --commit --source dice --source lottery -o plan";
const DRAW: &str = "draw policy.toml --log draws.log --source dice=314159 --source lottery=05-12-33 -o plan";
const MATCH: &str = "match policy.toml --record plan/record.json --inspectors inspectors.csv -o plan/match.json";
const VERIFY: &str = "verify plan/record.json --frame plan/frame.csv --match plan/match.json --inspectors inspectors.csv --log draws.log --policy policy.toml";

fn bureau() -> Sandbox {
    let sandbox = Sandbox::new();
    sandbox.put("policy.toml", POLICY);
    sandbox.put("graded.csv", firms());
    sandbox.put("inspectors.csv", inspectors());
    sandbox
}

fn drawn() -> Sandbox {
    let sandbox = bureau();
    [COMMIT, DRAW, MATCH].iter().for_each(|command| drop(sandbox.ok(command)));
    sandbox
}

fn read(sandbox: &Sandbox, name: &str) -> String {
    fs::read_to_string(sandbox.path(name)).unwrap()
}

fn refused(sandbox: &Sandbox, command: &str, code: i32, said: &str) -> Ran {
    let before = sandbox.names();
    let ran = sandbox.run(command);
    assert!(ran.code == code && ran.err.contains(said), "{command}: {} {}", ran.code, ran.err);
    assert_eq!(ran.out, "", "{command}");
    assert_eq!(sandbox.names(), before, "{command}: something was written");
    ran
}

#[test]
fn a_plan_shows_its_arithmetic_and_writes_nothing() {
    let sandbox = bureau();
    let before = sandbox.names();
    let ran = sandbox.ok("plan policy.toml --firms graded.csv");
    // 400 firms, 10 struck off; by hand: D has 33 of 400, 30 % of those that can be drawn.
    for part in ["年报公示信息抽查 (2027-1)", "× 30/100", "struck_off", "floor: 400 × 3/100 → 12", "inspector-days"] {
        assert!(ran.out.contains(part), "`{part}` is not in {}", ran.out);
    }
    let json: serde_json::Value = serde_json::from_str(&sandbox.ok("plan policy.toml --firms graded.csv --format json").out).unwrap();
    assert_eq!((json["total"]["rows"].as_u64(), json["total"]["excluded"]["struck_off"].as_u64()), (Some(400), Some(10)));
    assert_eq!(sandbox.names(), before);
    let days = json["total"]["inspector_days"].as_u64().unwrap();
    let ran = sandbox.ok(&format!("plan policy.toml --firms graded.csv --budget {}", days - 4));
    assert!(ran.out.contains("Budget: ") && ran.out.contains("raised rates are scaled to"), "{}", ran.out);
    refused(&sandbox, "plan policy.toml --firms graded.csv --budget 1", 1, "the floors alone need");
}

#[test]
fn from_commitment_to_results() {
    let sandbox = bureau();
    let ran = sandbox.ok(COMMIT);
    let commitment = sandbox.json("plan/commitment.json");
    assert!(ran.out.contains(commitment["root"].as_str().unwrap()), "{}", ran.out);
    assert_eq!(commitment["sources"], serde_json::json!(["dice", "lottery"]));
    let ran = sandbox.ok(DRAW);
    assert!(ran.out.contains("Plan 2027-1: "), "{}", ran.out);
    let record = sandbox.json("plan/record.json");
    let n = record["selected"].as_array().unwrap().len();
    let plan: serde_json::Value = serde_json::from_str(&sandbox.ok("plan policy.toml --firms graded.csv --format json").out).unwrap();
    assert_eq!(plan["total"]["n"].as_u64(), Some(n as u64));
    assert_eq!(record["sources"]["dice"], "333134313539", "the bytes of the digits");
    let steps: Vec<String> =
        read(&sandbox, "draws.log").lines().map(|line| line.split("\"step\":{\"").nth(1).unwrap()[..5].to_owned()).collect();
    assert_eq!(steps, ["commi", "begun", "drawn"]);

    let ran = sandbox.ok(MATCH);
    assert!(ran.out.contains("2 each") && ran.out.contains("no other match is as cheap"), "{}", ran.out);
    let ran = sandbox.ok(VERIFY);
    for part in ["record: plan 2027-1, 400 rows", "draw: 400 rows replayed", "match: ", "policy: the one committed to", "log: 3 entries"] {
        assert!(ran.out.contains(part), "`{part}` is not in {}", ran.out);
    }
    // The verifiers in Python read the same files, where there is a Python.
    for (script, files) in [("verify_draw.py", vec!["plan/record.json", "plan/frame.csv"]), ("verify_match.py", vec!["plan/match.json"])] {
        let script = format!("{}/../../fixtures/{script}", env!("CARGO_MANIFEST_DIR"));
        let files = files.into_iter().map(|file| sandbox.path(file));
        if let Ok(ran) = std::process::Command::new("python3").arg("-B").arg(&script).args(files).output() {
            assert!(ran.status.success(), "{script}: {}", String::from_utf8_lossy(&ran.stdout));
        }
    }

    sandbox.ok("publish policy.toml --record plan/record.json --firms graded.csv --match plan/match.json -o publication");
    let csv = read(&sandbox, "publication/announcement.csv");
    let header = "\u{feff}抽查计划编号,抽查计划名称,抽查任务编号,抽查任务名称,抽查类型,抽查事项,检查机关,检查日期自,检查日期至,市场主体名称,统一社会信用代码\n";
    assert!(csv.starts_with(header), "{csv}");
    assert_eq!(csv.lines().count(), n + 1);
    assert!(csv.contains(",'=HYPERLINK(1),F") && !csv.contains(",=HYPERLINK"), "{csv}");
    assert!(sandbox.has("publication/announcement.xlsx") && sandbox.has("publication/tasks.xlsx"));

    // The announcement as an inspector fills it in: the first two firms, and a firm that nobody drew, after a complaint.
    let mut filled = "统一社会信用代码,检查结果,检查完成日期,公示日期,来源\n".to_owned();
    let id = |at: usize| record["selected"][at]["id"].as_str().unwrap().to_owned();
    filled.push_str(&format!("{},未发现问题,2027-02-01,2027-02-15,\n{},发现问题，责令改正,2027年2月3日,2027-03-01,\n", id(0), id(1)));
    filled.push_str(&format!("{},,,,\nX1,注销,2027-02-03,,event\n", id(2)));
    sandbox.put("found.csv", filled);
    let results = "results found.csv --policy policy.toml --record plan/record.json --as-of 2027-03-05";
    let ran = sandbox.ok(&format!("{results} -o rows.csv"));
    for part in [
        "Plan 2027-1 as of 2027-03-05",
        "1 row not filled in",
        "发现问题已责令改正",
        "Publication: 1 in time, 1 late, 0 pending, 1 overdue",
    ] {
        assert!(ran.out.contains(part), "`{part}` is not in {}", ran.out);
    }
    assert_eq!(read(&sandbox, "rows.csv").lines().count(), 4);
    sandbox.ok("publish policy.toml --record plan/record.json --firms graded.csv --results found.csv --as-of 2027-03-05 -o publication");
    let csv = read(&sandbox, "publication/results.csv");
    let firm = |id: &str| csv.lines().find(|line| line.contains(&format!(",{id},"))).unwrap().to_owned();
    assert!(firm(&id(0)).ends_with(",2027-02-01,未发现问题,2027-02-21,按期公示"), "{csv}");
    assert!(firm(&id(1)).ends_with(",2027-02-03,发现问题已责令改正,2027-02-23,逾期公示"), "{csv}");
    assert!(firm(&id(2)).ends_with(",,,2027-04-20,待检查"), "{csv}");
    sandbox.put("found.csv", format!("id,code,finished\nnobody,未发现问题,2027-02-01\n{},没问题,2027-02-01\n", id(0)));
    refused(&sandbox, results, 1, "unknown result codes: ");
}

#[test]
fn one_firm_verifies_its_own_row_with_nothing_but_the_record() {
    let sandbox = drawn();
    sandbox.ok("verify plan/record.json --frame plan/frame.csv --firm F077 -o proof.json");
    sandbox.put("record.json", read(&sandbox, "plan/record.json"));
    let ran = sandbox.ok("verify record.json --proof proof.json");
    assert!(ran.out.contains("proof: firm `F077` is row 78 of 400: grade A"), "{}", ran.out);
    sandbox.put("proof.json", read(&sandbox, "proof.json").replace("\"grade\": \"A\"", "\"grade\": \"D\""));
    refused(&sandbox, "verify record.json --proof proof.json", 1, "proof: row, salt or path are not those of the list");
    refused(&sandbox, "verify plan/record.json --frame plan/frame.csv --firm F999", 1, "firm `F999` is not on the list");
}

/// What is changed, in which file, from what to what, and how it is said.
#[test]
fn whatever_is_changed_is_named() {
    let sandbox = drawn();
    let version = firmgrade::VERSION;
    let record = read(&sandbox, "plan/record.json");
    let (first, second) = {
        let json = sandbox.json("plan/record.json");
        let id = |at: usize| json["selected"][at]["id"].as_str().unwrap().to_owned();
        (id(0), id(1))
    };
    let frame = read(&sandbox, "plan/frame.csv");
    let row = |id: &str| frame.lines().find(|line| line.starts_with(&format!("{id},"))).unwrap().to_owned();
    let (plain, excluded) = (row(&first), frame.lines().find(|line| line.contains(",struck_off,")).unwrap().to_owned());
    let place = |id: &str| format!("row {}, firm `{id}`", frame.lines().position(|line| line.starts_with(&format!("{id},"))).unwrap());
    let out = excluded.split(',').next().unwrap().to_owned();
    let matched = read(&sandbox, "plan/match.json");
    let pair = matched.split("\"pairs\"").nth(1).unwrap().split("\"inspector\": \"").nth(1).unwrap()[..13].to_owned();
    let other = if pair == "inspector-001" { "inspector-002" } else { "inspector-001" };
    let in_pairs = matched.find("\"pairs\"").unwrap();
    let changed_pair = matched[..in_pairs].to_owned() + &matched[in_pairs..].replacen(&pair, other, 1);
    let cells: Vec<&str> = plain.split(',').collect();
    let (grade, num) = (cells[1], cells[3].parse::<u64>().unwrap());
    let more = [cells[..3].join(","), (num + 1).to_string(), cells[4..].join(",")].join(",");
    let changes = [
        ("row", "plan/frame.csv", frame.replace(&plain, &plain.replacen(&format!(",{grade},"), ",Z,", 1)), place(&first)),
        ("rate", "plan/frame.csv", frame.replace(&plain, &more), place(&first)),
        ("exclusion", "plan/frame.csv", frame.replace(&excluded, &excluded.replace("struck_off", "closed")), place(&out)),
        (
            "order",
            "plan/record.json",
            {
                let mut json: serde_json::Value = serde_json::from_str(&record).unwrap();
                json["selected"].as_array_mut().unwrap().swap(0, 1);
                json.to_string()
            },
            "selected[0]".to_owned(),
        ),
        ("source", "plan/record.json", record.replace("333134313539", "333134313538"), "seed: found".to_owned()),
        (
            "engine version",
            "plan/record.json",
            record.replacen(&format!("\"engine\": \"{version}\""), "\"engine\": \"9.9.9\"", 1),
            "engine: found 9.9.9".to_owned(),
        ),
        ("inspector", "plan/match.json", changed_pair, "match: ".to_owned()),
        (
            "capacity",
            "plan/match.json",
            matched.replacen("\"capacity\": 9", "\"capacity\": 8", 1),
            "inspector `inspector-001`: found capacity 8, expected 9".to_owned(),
        ),
        (
            "log",
            "draws.log",
            read(&sandbox, "draws.log").replacen("2027-1", "2027-2", 1),
            "line 1 of the log: it is not the line that its hash was taken of".to_owned(),
        ),
        ("policy", "policy.toml", POLICY.replace("30 %", "31 %"), "policy: found digest".to_owned()),
    ];
    for (what, file, text, said) in changes {
        let before = read(&sandbox, file);
        assert!(before != text, "{what}: nothing was changed");
        sandbox.put(file, text);
        let ran = sandbox.run(VERIFY);
        assert!(ran.code == 1 && ran.out.is_empty() && ran.err.contains(&said), "{what}: expected `{said}` in {}", ran.err);
        sandbox.put(file, before);
    }
    sandbox.ok(VERIFY);
    assert_ne!(first, second);
}

#[test]
fn a_plan_is_drawn_once() {
    let sandbox = bureau();
    refused(&sandbox, DRAW, 1, "plan `2027-1` is not in the log `draws.log`; commit to it first");
    sandbox.ok(COMMIT);
    refused(&sandbox, &COMMIT.replace("-o plan", "-o again"), 1, "plan `2027-1` was committed to already");
    refused(&sandbox, COMMIT, 1, "is there already; give each plan a folder of its own");
    refused(&sandbox, &DRAW.replace("dice=314159 ", "dice=3x "), 1, "source `dice`: the digits: found `x` as character 2");
    refused(&sandbox, &DRAW.replace("lottery=", "wheel="), 1, "entropy source `lottery` has no value");
    refused(&sandbox, &DRAW.replace("=05-12-33", ""), 2, "say what each source showed");
    refused(&sandbox, &COMMIT.replace("--source dice ", "--source dice=3 "), 2, "a source is committed to by its name");
    // Firms that were regraded since give another list.
    sandbox.put("graded.csv", firms().replacen(",A,", ",D,", 1));
    refused(&sandbox, &format!("{DRAW} --firms graded.csv"), 1, "the first row that differs is ");
    sandbox.put("graded.csv", firms());
    let frame = read(&sandbox, "plan/frame.csv");
    sandbox.put("plan/frame.csv", frame.replacen(",A,", ",B,", 1));
    refused(&sandbox, DRAW, 1, "as committed to; the list was changed");
    sandbox.put("plan/frame.csv", frame);
    sandbox.ok(&format!("{DRAW} --firms graded.csv"));
    refused(&sandbox, DRAW, 1, "plan `2027-1` was drawn already");
    refused(&sandbox, &DRAW.replace("314159", "271828"), 1, "plan `2027-1` was drawn already");
    assert_eq!(read(&sandbox, "draws.log").lines().count(), 3);
    sandbox.ok("draw policy.toml --log draws.log --void 名单有误");
    refused(&sandbox, DRAW, 1, "plan `2027-1` is void (名单有误)");
    refused(&sandbox, "verify plan/record.json --frame plan/frame.csv --log draws.log", 1, "plan 2027-1 is void: 名单有误");
}

#[test]
fn an_interrupted_draw_leaves_a_log_that_says_so() {
    let sandbox = bureau();
    sandbox.ok(COMMIT);
    // A folder stands where the record should go: the draw ends after its beginning was entered.
    fs::create_dir(sandbox.path("plan/record.json")).unwrap();
    let ran = sandbox.run(DRAW);
    assert!(ran.code == 1 && ran.err.contains("is a directory"), "{}", ran.err);
    let log = read(&sandbox, "draws.log");
    assert!(log.lines().count() == 2 && log.contains("\"begun\""), "{log}");
    fs::remove_dir(sandbox.path("plan/record.json")).unwrap();
    refused(&sandbox, &DRAW.replace("314159", "271828"), 1, "has a draw that began with seed");
    sandbox.ok(DRAW);
    let cut = read(&sandbox, "draws.log");
    sandbox.put("draws.log", &cut[..cut.len() - 20]);
    refused(&sandbox, DRAW, 1, "it was cut off while it was written");
}

#[test]
fn bad_files_are_named_and_nothing_is_written() {
    let sandbox = bureau();
    sandbox
        .put("bad.toml", POLICY.replace("{ rule = \"at_least\", ratio = \"30 %\" }", "\"根据实际情况确定\"").replace("reserve", "reserv"));
    let ran = refused(&sandbox, "plan bad.toml --firms graded.csv", 1, "bad.toml:");
    assert!(ran.err.contains("根据实际情况确定") && ran.err.contains("reserv"), "{}", ran.err);
    refused(&sandbox, &COMMIT.replace("policy.toml", "bad.toml"), 1, "bad.toml:");
    refused(&sandbox, "plan none.toml --firms graded.csv", 1, "cannot read `none.toml`");
    sandbox.put("worse.csv", "uscc,grade\nF1,A\nF1,E\n");
    let ran = refused(&sandbox, &COMMIT.replace("graded.csv", "worse.csv"), 1, "column `struck_off` is missing");
    assert_eq!(ran.err.lines().count(), 1, "{}", ran.err);
    sandbox.put("worse.csv", "uscc,grade,struck_off\nF1,A,\nF1,E,\n");
    let ran = refused(&sandbox, &COMMIT.replace("graded.csv", "worse.csv"), 1, "worse.csv: the column of ids has 1 repeated id");
    assert!(ran.err.contains("unknown grade"), "{}", ran.err);
    [COMMIT, DRAW].iter().for_each(|command| drop(sandbox.ok(command)));
    for (text, said) in [
        ("inspector,capacity\ninspector-001,many\n", "column `capacity` has 1 fractional or unreadable number (row 1: `many`)"),
        (
            "inspector,capacity,qualification\na,1,report\nb,1,report\n",
            "column `qualification` is not read; did you mean `qualifications`?",
        ),
        ("inspector,capacity,qualifications\na,1,report\nb,1,report\n", "places are missing"),
        ("inspector,capacity,qualifications\na,99,food\nb,99,food\n", "needs `report`, which no inspector has"),
        ("inspector,capacity,qualifications\na,99,report\na,99,report\n", "inspector `a` stands in 2 places"),
        ("inspector,qualifications\na,report\n", "column `capacity` is missing"),
    ] {
        sandbox.put("inspectors.csv", text);
        refused(&sandbox, MATCH, 1, said);
    }
    assert!(!sandbox.has("plan/match.json"));
    sandbox.put("record.json", read(&sandbox, "plan/record.json").replace("\"seed\"", "\"seeds\""));
    refused(&sandbox, "verify record.json", 1, "unknown field `seeds`");
    let ran = sandbox.ok("verify plan/record.json");
    assert!(ran.err.contains("without --frame the draw itself was not replayed"), "{}", ran.err);
}

#[test]
fn rounds_of_drand_are_verified_and_bound_to_their_name() {
    let sandbox = bureau();
    sandbox.put("round.json", r#"{"round": 1000, "signature": "b44679b9a59af2ec876b1a6b1ad52ea9b1615fc3982b19576350f93447cb1125e342b73a8dd2bacbe47e4b6b63ed5e39"}"#);
    sandbox.ok("draw policy.toml --firms graded.csv --log draws.log --commit --source drand/quicknet/1000 -o plan");
    // That round was known years before the commitment.
    refused(&sandbox, "draw policy.toml --log draws.log --source drand/quicknet/1000=round.json -o plan", 1, "it could be known then");
    refused(&sandbox, "draw policy.toml --log draws.log --source drand/quicknet/1000=none.json -o plan", 1, "cannot read `none.json`");
}

#[test]
fn the_schema_of_a_policy() {
    let schema: serde_json::Value = serde_json::from_str(&Sandbox::new().ok("schema policy").out).unwrap();
    assert!(schema["properties"].get("items").is_some());
}
