//! The same firms in any format give the same results; results in any format carry their provenance.

use crate::sandbox::{FIRMS, Sandbox};
use firmgrade_frame::{ReadOptions, WriteOptions, district_frames, read_table, write_table};
use serde_json::Value;

const ANNUAL_REPORT: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../../fixtures/scorecards/annual-report.toml");

/// Grades a file of firms and gives its rows and the digest of its data.
fn rows_and_digest(sandbox: &Sandbox, card: &str, firms: &str) -> (Value, Value) {
    let ran = sandbox.ok(&format!("grade {card} --firms {firms} -o {firms}.json --format json"));
    let summary: Value = serde_json::from_str(&ran.out).unwrap();
    (sandbox.json(&format!("{firms}.json"))["rows"].clone(), summary["provenance"]["data_digest"].clone())
}

#[test]
fn csv_parquet_and_workbook_of_a_few_firms_agree() {
    let sandbox = Sandbox::new();
    sandbox.convert(FIRMS, "firms.parquet");
    sandbox.convert(FIRMS, "firms.xlsx");
    let csv = rows_and_digest(&sandbox, "card.toml", "firms.csv");
    assert_eq!(csv.0.as_array().unwrap().len(), 5);
    assert_eq!(csv, rows_and_digest(&sandbox, "card.toml", "firms.parquet"));
    assert_eq!(csv, rows_and_digest(&sandbox, "card.toml", "firms.xlsx"));
}

#[test]
fn csv_parquet_and_workbook_of_a_typed_district_agree() {
    let sandbox = Sandbox::new();
    let (mut district, _) = district_frames(700, 5).unwrap();
    for name in ["d.parquet", "d.csv", "d.xlsx"] {
        write_table(&mut district, sandbox.path(name), &WriteOptions::default()).unwrap();
    }
    let parquet = rows_and_digest(&sandbox, ANNUAL_REPORT, "d.parquet");
    assert_eq!(parquet.0.as_array().unwrap().len(), 700);
    assert_eq!(parquet, rows_and_digest(&sandbox, ANNUAL_REPORT, "d.csv"));
    assert_eq!(parquet, rows_and_digest(&sandbox, ANNUAL_REPORT, "d.xlsx"));
}

#[test]
fn a_workbook_has_titles_and_machine_formats_have_ids() {
    let sandbox = Sandbox::new();
    sandbox.ok("grade card.toml --firms firms.csv -o graded.xlsx --keep name");
    let sheet = read_table(sandbox.path("graded.xlsx"), &ReadOptions::default()).unwrap();
    let names: Vec<String> = sheet.get_column_names().iter().map(ToString::to_string).collect();
    assert_eq!(names, ["uscc", "score", "score_grade", "grade", "overrides", "reasons", "coverage", "name"]);
    let cell = |column: &str, row| sheet.column(column).unwrap().str().unwrap().get(row).unwrap_or_default().to_owned();
    assert_eq!(cell("reasons", 3), "企业类型");
    assert_eq!(cell("overrides", 3), "严重违法失信名单");
    let options = ReadOptions { sheet: Some("provenance".to_owned()), ..ReadOptions::default() };
    assert!(read_table(sandbox.path("graded.xlsx"), &options).unwrap().height() >= 5);

    sandbox.ok("grade card.toml --firms firms.csv -o graded.json");
    let json = sandbox.json("graded.json");
    assert_eq!(json["rows"][3]["overrides"], serde_json::json!(["listed"]));
    let provenance: Value = serde_json::from_str(json["provenance"]["firmgrade.provenance"].as_str().unwrap()).unwrap();
    assert_eq!((&provenance["scorecard"], &provenance["firms"]), (&"small".into(), &5.into()));
    assert_eq!(json["provenance"]["firmgrade.data_digest"], provenance["data_digest"]);

    sandbox.ok("grade card.toml --firms firms.csv -o graded.parquet");
    let bytes = std::fs::read(sandbox.path("graded.parquet")).unwrap();
    let digest = provenance["data_digest"].as_str().unwrap();
    assert!(String::from_utf8_lossy(&bytes).contains("firmgrade.provenance") && String::from_utf8_lossy(&bytes).contains(digest));
}

#[test]
fn a_sheet_is_chosen_by_name() {
    let sandbox = Sandbox::new();
    sandbox.convert(FIRMS, "firms.xlsx");
    sandbox.ok("grade card.toml --firms firms.xlsx --sheet rows -o graded.csv");
    let ran = sandbox.run("grade card.toml --firms firms.xlsx --sheet 2024 -o other.csv");
    assert!(ran.code == 1 && ran.err.contains("no sheet `2024`, found `rows`"), "{}", ran.err);
    let ran = sandbox.run("check card.toml --firms firms.csv --sheet rows");
    assert!(ran.code == 1 && ran.err.contains("has no sheets"), "{}", ran.err);
}
