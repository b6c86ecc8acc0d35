//! The number of a natural person, pushed through every command into every format: nothing that comes out holds it.

use crate::sandbox::{Ran, Sandbox};
use firmgrade_frame::{ReadOptions, read_table};
use std::fs;

/// Made up: the form of GB 11643's own example, born on 1949-12-31; and two more of the same region and last character.
const PERSONS: [&str; 3] = ["11010519491231002X", "11010519500101008X", "110105491231002"];

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
firm_id = "uscc"
date = "day"
undated = "UNDATED"
[indicators.n]
title = "处罚"
criterion = "root"
from = "penalties"
aggregate = "count"
missing = "error"
points = [ { at = 0, risk = 0 }, { at = 2, risk = 1 } ]
[indicators.last]
title = "最近处罚"
criterion = "root"
from = "penalties"
aggregate = "last"
of = "note"
outside = "worst"
missing = "best"
categories = { "甲" = 0 }
[grades]
order = ["A", "B"]
cuts = [">= 50"]
"#;

/// Whether a text holds one of the numbers, or the part of it that is masked.
fn shows(text: &str) -> bool {
    let hidden = PERSONS.map(|number| &number[6..number.len() - 1]);
    PERSONS.iter().chain(&hidden).any(|part| text.contains(part))
}

/// All that a run said, and all that it left.
fn quiet(sandbox: &Sandbox, arguments: &str) -> Ran {
    let ran = sandbox.run(arguments);
    assert!(!shows(&ran.out) && !shows(&ran.err), "{arguments}: {}{}", ran.out, ran.err);
    for name in sandbox.names().iter().filter(|name| name.starts_with("out")) {
        let path = sandbox.path(name);
        let bytes = fs::read(&path).unwrap();
        assert!(!shows(&String::from_utf8_lossy(&bytes)), "{arguments}: {name}");
        // What is compressed is read back.
        if name.ends_with(".parquet") || name.ends_with(".xlsx") {
            let frame = read_table(&path, &ReadOptions::default()).unwrap();
            let cells: String = frame
                .columns()
                .iter()
                .flat_map(|column| (0..frame.height()).map(move |row| column.get(row).unwrap().to_string() + "\n"))
                .collect();
            assert!(!shows(&cells), "{arguments}: {name}: {cells}");
        }
        fs::remove_file(path).unwrap();
    }
    ran
}

#[test]
fn no_output_holds_the_number_of_a_person() {
    let sandbox = Sandbox::new();
    let [one, two, old] = PERSONS;
    sandbox.put("raw.toml", CARD.replace("UNDATED", "drop"));
    sandbox.put("strict.toml", CARD.replace("UNDATED", "error"));
    sandbox.put("f.csv", format!("uscc,owner,alias\n{one},店主 {one},{old}\n{two},b,c\n {old},,\n91350100M000100Y43,,{two}\n"));
    sandbox.put(
        "p.csv",
        format!("uscc,day,note\n{one},2022-01-01,{one}\n{one},2022-01-02,甲\n{two},,{two}\n11010519491231003X,2022-01-01,\n"),
    );
    let given = "--firms f.csv --records penalties=p.csv --as-of 2022-12-31";
    for ending in ["csv", "json", "parquet", "xlsx"] {
        let ran = quiet(&sandbox, &format!("derive raw.toml {given} -o out.{ending} --report out2.json"));
        assert_eq!(ran.code, 0, "{}", ran.err);
        assert!(ran.out.contains("3 ids are numbers of natural persons, masked in all output, 1 told from others"), "{}", ran.out);
        let ran = quiet(&sandbox, &format!("grade raw.toml {given} -o out.{ending} --contributions outc.{ending} --keep all"));
        assert_eq!(ran.code, 0, "{}", ran.err);
    }
    for run in ["derive", "grade"] {
        assert_eq!(quiet(&sandbox, &format!("{run} raw.toml {given} -o - --format json")).code, 0);
    }
    assert_eq!(quiet(&sandbox, &format!("check raw.toml {given}")).code, 0);
    assert_eq!(quiet(&sandbox, &format!("check raw.toml {given} --format json")).code, 0);
    // A person's records are still that person's, and the two of one form stay apart.
    sandbox.ok(&format!("derive raw.toml {given} -o d.json"));
    let rows = sandbox.json("d.json")["rows"].clone();
    assert_eq!((&rows[0]["uscc"], &rows[0]["n"]), (&"110105***********X".into(), &2.0.into()));
    assert_eq!((&rows[1]["uscc"], &rows[1]["n"]), (&"110105***********X#2".into(), &0.0.into()));
    assert_eq!(rows[2]["uscc"], "110105********2");
}

#[test]
fn no_message_quotes_the_number_of_a_person() {
    let sandbox = Sandbox::new();
    let [one, two, old] = PERSONS;
    sandbox.put("strict.toml", CARD.replace("UNDATED", "error"));
    let firms = format!("uscc\n{one}\n");
    let records = format!("uscc,day,note\n{one},2022-01-01,甲\n");
    for (f, p, said) in [
        (firms.clone() + one, records.clone(), "repeated id"),
        (firms.clone(), records.replace("2022-01-01", two), "unreadable cell"),
        (firms.clone(), records.replace("2022-01-01", ""), "undated"),
        (firms.clone(), records.clone() + one, "unreadable row"),
        (firms.clone(), format!("{records}{one},2022-01-01,甲,{two}\n"), "unreadable row"),
        (firms.clone(), format!("{one};{two}\n{one};{old}\n"), "separated by commas"),
        (firms.clone(), format!("{one},{two}\n{one},{old}\n"), "110105"),
        (firms.clone(), format!("uscc,day,{one},uscc\n{one},{old}\n"), "both `uscc`"),
    ] {
        sandbox.put("f.csv", f);
        sandbox.put("p.csv", p);
        for run in ["derive", "grade", "check"] {
            let out = if run == "check" { "" } else { "-o out.csv" };
            let ran = quiet(&sandbox, &format!("{run} strict.toml --firms f.csv --records penalties=p.csv --as-of 2022-12-31 {out}"));
            assert_eq!(ran.code, 1, "{run}: {said}");
            assert!(ran.err.contains(said), "{run}: {said}: {}", ran.err);
        }
    }
    // Without records, by the strict reader.
    for (text, said) in [
        (format!("uscc,n,last\n{one},1,甲\n{one},2,甲\n"), "repeated id"),
        (format!("uscc,n,last\n{one},{two},甲\n"), ""),
        (format!("{one},n,{one}\n{one},1,甲\n"), "stands twice"),
        (format!("{one};n;last\n"), "separated by commas"),
        (format!("uscc,n,last\n{one},a {two},甲\n"), "expected number"),
    ] {
        sandbox.put("f.csv", text);
        let ran = quiet(&sandbox, "grade strict.toml --firms f.csv -o out.csv");
        assert!(ran.err.contains(said), "{}", ran.err);
        quiet(&sandbox, "check strict.toml --firms f.csv");
    }
}
