//! Every bad table: exit code 1, a message that names the place, no file left behind.

use crate::sandbox::{FIRMS, Ran, Sandbox};

/// Grades these firms, which must not be possible, and gives the messages.
fn refused(firms: impl AsRef<[u8]>) -> String {
    let sandbox = Sandbox::new();
    sandbox.put("firms.csv", firms);
    refused_in(&sandbox, "grade card.toml --firms firms.csv -o graded.parquet --contributions points.csv")
}

fn refused_in(sandbox: &Sandbox, arguments: &str) -> String {
    let before = sandbox.names();
    let Ran { code, out, err } = sandbox.run(arguments);
    assert_eq!(code, 1, "{out}{err}");
    assert_eq!(out, "", "data where there is none");
    assert!(err.lines().all(|line| line.starts_with("error: ")), "{err}");
    assert_eq!(sandbox.names(), before, "a file was left behind");
    err
}

/// The firms with one text replaced.
fn with(old: &str, new: &str) -> String {
    assert!(FIRMS.contains(old));
    FIRMS.replacen(old, new, 1)
}

fn says(err: &str, parts: &[&str]) {
    for part in parts {
        assert!(err.contains(part), "`{part}` is not in: {err}");
    }
}

#[test]
fn a_missing_id_column_and_other_missing_columns_are_all_named() {
    says(&refused(with("uscc", "uscC")), &["firms.csv: column `uscc` is missing", "read by `id_column`", "did you mean `uscC`?"]);
    let err = refused(with("penalties,complaints", "penalty_count,x"));
    assert_eq!(err.lines().count(), 2, "{err}");
    says(&err, &["column `penalties` is missing (read by `penalties`)", "column `complaints` is missing"]);
    // The name that is nearly right is suggested, although the card does not read it.
    says(&refused(with("complaints", "complaint")), &["column `complaints` is missing", "did you mean `complaint`?"]);
}

#[test]
fn duplicate_and_missing_ids_have_their_rows() {
    says(&refused(with("1G0AAA4A", "1G0AAA1X")), &["id column `uscc`", "1 repeated id", "row 4: `91310107MA1G0AAA1X`"]);
    says(&refused(with("91310107MA1G0AAA2Y", "")), &["id column `uscc`", "1 missing id", "row 2"]);
}

#[test]
fn text_in_a_number_column_has_its_row_and_value() {
    says(&refused(with(",4,10,", ",四次,10,")), &["column `penalties`", "row 3: `四次`", "expected number"]);
    says(&refused(with("true,个人", "maybe,个人")), &["column `late`", "row 3: `maybe`", "expected flag"]);
}

#[test]
fn infinities_and_what_only_looks_like_a_number_are_refused() {
    for text in ["inf", "-inf", "Infinity", "1e999", "nan"] {
        says(&refused(with(",4,10,", &format!(",4,{text},"))), &["column `complaints`", "row 3"]);
    }
    // Finite, however large: beyond the last point the risk is constant.
    let sandbox = Sandbox::new();
    sandbox.put("firms.csv", with(",4,10,", ",4,1e308,"));
    sandbox.ok("grade card.toml --firms firms.csv -o graded.json");
    assert_eq!(sandbox.json("graded.json")["rows"][2]["grade"], "D");
}

#[test]
fn an_infinity_in_parquet_is_refused() {
    let sandbox = Sandbox::new();
    let (mut district, _) = firmgrade_frame::district_frames(3, 1).unwrap();
    let infinite = district.column("registered_capital_10k").unwrap() * f64::INFINITY;
    district.with_column(infinite).unwrap();
    firmgrade_frame::write_table(&mut district, sandbox.path("firms.parquet"), &firmgrade_frame::WriteOptions::default()).unwrap();
    let card = concat!(env!("CARGO_MANIFEST_DIR"), "/../../fixtures/scorecards/annual-report.toml");
    let err = refused_in(&sandbox, &format!("grade {card} --firms firms.parquet -o graded.csv"));
    says(&err, &["firms.parquet: column `registered_capital_10k`", "infinite value", "row 1: `inf`", "must be finite"]);
}

#[test]
fn an_empty_file_has_no_header() {
    says(&refused(""), &["`firms.csv` is empty, expected a header and rows"]);
    let sandbox = Sandbox::new();
    says(&refused_in(&sandbox, "grade card.toml --firms - -o graded.csv"), &["`standard input` is empty"]);
}

#[test]
fn a_header_without_firms_is_refused() {
    let sandbox = Sandbox::new();
    let header = FIRMS.lines().next().unwrap();
    sandbox.put("firms.csv", format!("{header}\n"));
    says(&refused_in(&sandbox, "grade card.toml --firms firms.csv -o graded.csv"), &["firms.csv", "found no firms", "below the header"]);
    sandbox.convert(&format!("{header}\n"), "none.parquet");
    says(&refused_in(&sandbox, "grade card.toml --firms none.parquet -o other.csv"), &["none.parquet", "found no firms"]);
}

#[test]
fn an_unknown_category_has_its_row_and_value() {
    let err = refused(with("个人独资企业,3", "合伙企业,3"));
    says(&err, &["column `kind`", "row 2: `合伙企业`", "`kind` does not cover", "`outside` policy"]);
}

#[test]
fn a_row_without_any_data_is_refused_or_gets_its_class() {
    let err = refused(with("甲公司,0,0,false,有限责任公司,12,false", ",,,,,,"));
    says(&err, &["column `penalties`", "1 missing value (row 1)", "`missing` policy"]);
    let lenient = ["missing = \"error\"", "missing = \"worst\"", "missing = \"best\"", "missing = { value = 0.5 }"]
        .iter()
        .fold(crate::sandbox::CARD.to_owned(), |card, policy| card.replace(policy, "missing = \"reweight\""));
    let sandbox = Sandbox::new();
    sandbox.put("card.toml", &lenient);
    sandbox.put("firms.csv", with("甲公司,0,0,false,有限责任公司,12,false", ",,,,,,"));
    let grade = "grade card.toml --firms firms.csv -o graded.json";
    says(&refused_in(&sandbox, grade), &["1 firm without any data (row 1)", "insufficient"]);
    sandbox.put("card.toml", lenient.replace("[[overrides]]", "insufficient = { grade = \"M\", coverage_below = 0.5 }\n[[overrides]]"));
    sandbox.ok(grade);
    let row = &sandbox.json("graded.json")["rows"][0];
    assert_eq!((&row["grade"], &row["score"], &row["coverage"]), (&"M".into(), &serde_json::Value::Null, &0.0.into()));
}

#[test]
fn a_file_that_is_not_utf8_names_line_and_byte() {
    let mut bytes = FIRMS.as_bytes().to_vec();
    let place = FIRMS.find("丙公司").unwrap();
    // 丙 in GBK.
    bytes.splice(place..place + 3, [0xB1, 0xFB]);
    says(&refused(bytes), &["`firms.csv` is not UTF-8: line 4", "found byte 0xB1", "save the file as UTF-8"]);
}

#[test]
fn damaged_files_are_refused() {
    let sandbox = Sandbox::new();
    sandbox.convert(FIRMS, "whole.parquet");
    let bytes = std::fs::read(sandbox.path("whole.parquet")).unwrap();
    sandbox.put("cut.parquet", &bytes[..bytes.len() / 2]);
    sandbox.put("cut.csv", &bytes[..bytes.len() / 2]);
    for file in ["cut.parquet", "cut.csv", "nowhere.csv", "firms.tsv"] {
        says(&refused_in(&sandbox, &format!("grade card.toml --firms {file} -o graded.csv")), &[&format!("`{file}`")]);
    }
    // Every byte of a Parquet file turned round in its turn must never end in a panic.
    for at in (0..bytes.len()).step_by(97) {
        let mut damaged = bytes.clone();
        damaged[at] ^= 0xFF;
        sandbox.put("damaged.parquet", damaged);
        let ran = sandbox.run("grade card.toml --firms damaged.parquet -o graded.csv");
        assert!(ran.code < 2, "{}", ran.err);
    }
}

#[test]
fn check_says_the_same_as_grade_before_grading() {
    let sandbox = Sandbox::new();
    sandbox.put("firms.csv", with("个人独资企业,3", "合伙企业,3").replace("1G0AAA4A", "1G0AAA1X"));
    let ran = sandbox.run("check card.toml --firms firms.csv");
    assert_eq!(ran.code, 1);
    says(
        &ran.err,
        &["error: firms.csv: id column `uscc` has 1 repeated id", "error: firms.csv: column `kind` has 1 value (row 2: `合伙企业`)"],
    );
    says(&ran.out, &["2 faults that stop grading", "outside: 合伙企业"]);
    let ran = sandbox.run("check card.toml --firms firms.csv --format json");
    assert_eq!((ran.code, ran.err.as_str()), (1, ""));
    let report: serde_json::Value = serde_json::from_str(&ran.out).unwrap();
    assert_eq!(report["data"]["faults"].as_array().unwrap().len(), 2);
}
