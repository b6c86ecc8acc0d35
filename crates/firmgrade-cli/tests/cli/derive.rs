//! `firmgrade derive`, and `grade` and `check` with records: files out, the account, and refusals before anything is read.

use crate::sandbox::Sandbox;
use serde_json::Value;

const CARD: &str = r#"
[scorecard]
id = "raw"
title = "记录"
version = "1"
id_column = "uscc"
scale = { min = 0, max = 100, better = "high" }
[judgments.root]
equal = true
[[records]]
id = "penalties"
title = "行政处罚"
firm_id = "uscc"
date = "decided_on"
repaired = "repaired_on"
[indicators.penalties_6m]
title = "6个月内处罚次数"
criterion = "root"
from = "penalties"
aggregate = "count"
window = "6 months"
missing = "error"
points = [ { at = 0, risk = 0 }, { at = 2, risk = 1 } ]
[indicators.paid_share]
title = "实缴比例"
criterion = "root"
expression = "paid / capital"
missing = "worst"
points = [ { at = 0, risk = 1 }, { at = 1, risk = 0 } ]
[grades]
order = ["A", "B"]
cuts = [">= 50"]
"#;

// As of 2026-08-31 six months begin after 2026-02-28: one record on that day is outside, one on the next inside.
const PENALTIES: &str = "\
uscc,decided_on,repaired_on
F1,2026-02-28,
F1,2026-03-01,
F1,2026-08-31,
F2,2026-05-01,2026-08-31
F2,2026-05-01,2026-09-01
F2,2026-09-01,
11010519491231002X,2026-05-01,
";

fn sandbox() -> Sandbox {
    let sandbox = Sandbox::new();
    sandbox.put("raw.toml", CARD);
    sandbox.put("raw.csv", "uscc,paid,capital\nF1,50,100\nF2,0,0\n");
    sandbox.put("p.csv", PENALTIES);
    sandbox
}

const GIVEN: &str = "raw.toml --firms raw.csv --records penalties=p.csv --as-of 2026-08-31";

#[test]
fn the_firm_table_comes_back_with_its_indicators_and_the_report_accounts_for_every_record() {
    let sandbox = sandbox();
    let ran = sandbox.ok(&format!("derive {GIVEN} -o out.json --report report.json"));
    let rows = sandbox.json("out.json")["rows"].clone();
    assert_eq!(rows[0]["penalties_6m"], 2.0);
    assert_eq!(rows[0]["paid_share"], 0.5);
    assert_eq!((&rows[1]["penalties_6m"], &rows[1]["paid_share"]), (&Value::from(1.0), &Value::Null));
    let table = sandbox.json("report.json")["tables"][0].clone();
    assert_eq!((&table["read"], &table["fates"]["counting"]), (&Value::from(7), &Value::from(4)));
    let fate = |name: &str| table["fates"][name].as_u64().unwrap();
    assert_eq!((fate("unmatched"), fate("repaired"), fate("future")), (1, 1, 1));
    assert_eq!(sandbox.json("report.json")["indicators"][0]["records"]["out_of_window"], 1);
    assert!(ran.out.contains("raw as of 2026-08-31: 2 indicators derived for 2 firms"), "{}", ran.out);
    assert!(ran.out.contains("row 8: `110105***********X`") && !ran.out.contains("19491231"), "{}", ran.out);
    // A second run says how far it is from the first.
    let again = sandbox.ok(&format!("derive {GIVEN} -o again.parquet --earlier report.json --format json"));
    let again: Value = serde_json::from_str(&again.out).unwrap();
    assert_eq!(again["indicators"][0]["drift"]["psi"], 0.0);
}

#[test]
fn grade_derives_first_and_check_says_what_is_needed() {
    let sandbox = sandbox();
    let summary = sandbox.ok(&format!("grade {GIVEN} -o graded.json --format json"));
    let summary: Value = serde_json::from_str(&summary.out).unwrap();
    assert_eq!(summary["provenance"]["as_of"], "2026-08-31");
    // F1: half of (1 + 1/2) lost; F2: half of (1/2 + 1).
    let rows = sandbox.json("graded.json")["rows"].clone();
    assert_eq!((&rows[0]["score"], &rows[1]["score"]), (&Value::from(25.0), &Value::from(25.0)));
    let ran = sandbox.ok(&format!("check {GIVEN}"));
    assert!(ran.out.contains("from penalties (行政处罚): uscc (text), decided_on (date), repaired_on (date)"), "{}", ran.out);
    let refused = sandbox.run("check raw.toml --firms raw.csv");
    assert_eq!(refused.code, 1);
    assert!(refused.err.contains("add --as-of DAY --records penalties=FILE"), "{}", refused.err);
    // What derive wrote can be graded as it is.
    sandbox.ok(&format!("derive {GIVEN} -o derived.csv"));
    sandbox.ok("grade raw.toml --firms derived.csv -o two.json");
    assert_eq!(sandbox.json("two.json")["rows"], rows);
}

#[test]
fn refusals_come_before_anything_is_read_or_written() {
    let sandbox = sandbox();
    for (arguments, code, said) in [
        ("derive raw.toml --firms none.csv --records penaltys=none.csv --as-of 2026-08-31 -o o.csv", 2, "did you mean `penalties`?"),
        ("derive raw.toml --firms none.csv --as-of 2026-08-31 -o o.csv", 2, "the record table `penalties` is not there"),
        ("derive raw.toml --firms none.csv --records penalties=none.csv --as-of 2026-02-30 -o o.csv", 2, "expected a day of the calendar"),
        ("derive raw.toml --firms none.csv --records penalties --as-of 2026-08-31 -o o.csv", 2, "expected NAME=FILE"),
        ("derive raw.toml --firms raw.csv --records penalties=p.csv --as-of 2026-08-31 -o p.csv", 2, "would overwrite the input `p.csv`"),
        ("grade raw.toml --firms raw.csv --records penalties=p.csv -o o.csv", 2, "--as-of"),
        ("derive raw.toml --firms raw.csv --records penalties=none.csv --as-of 2026-08-31 -o o.csv", 1, "cannot find `none.csv`"),
        ("derive card.toml --firms firms.csv --as-of 2026-08-31 -o o.csv", 1, "derives no indicators"),
    ] {
        let ran = sandbox.run(arguments);
        assert_eq!(ran.code, code, "{arguments}: {}", ran.err);
        assert!(ran.err.contains(said), "{arguments}: {}", ran.err);
    }
    assert!(!sandbox.has("o.csv"));
    sandbox.put("bad.csv", PENALTIES.replace("2026-03-01", "2026-02-30"));
    let ran = sandbox.run("derive raw.toml --firms raw.csv --records penalties=bad.csv --as-of 2026-08-31 -o o.csv");
    assert!(
        ran.err.contains("`bad.csv`: table `penalties`: column `decided_on` has 1 unreadable cell (row 3: `2026-02-30`)"),
        "{}",
        ran.err
    );
}
