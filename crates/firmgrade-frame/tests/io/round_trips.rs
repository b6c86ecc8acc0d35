//! What is written is read back: values, nulls, Chinese text, lists, categories, dates, provenance.

use std::path::PathBuf;

use firmgrade_frame::{ReadOptions, WriteOptions, read_table, write_table};
use polars::prelude::*;

fn provenance() -> WriteOptions {
    let metadata = [("card digest", "sha256:ab\"c"), ("引擎", "0.1.0")];
    let metadata = metadata.map(|(name, value)| (name.to_owned(), value.to_owned())).to_vec();
    WriteOptions { metadata, ..WriteOptions::default() }
}

fn written(name: &str) -> (tempfile::TempDir, PathBuf) {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join(name);
    write_table(&mut crate::table::firms(), &path, &provenance()).unwrap();
    (folder, path)
}

fn texts(frame: &DataFrame, name: &str) -> Vec<Option<String>> {
    let column = frame.column(name).unwrap().str().unwrap().clone();
    column.iter().map(|text| text.map(str::to_owned)).collect()
}

fn some(texts: [Option<&str>; 3]) -> Vec<Option<String>> {
    texts.map(|text| text.map(str::to_owned)).to_vec()
}

#[test]
fn parquet_keeps_types_values_and_provenance() {
    let (_folder, path) = written("out.parquet");
    let frame = read_table(&path, &ReadOptions::default()).unwrap();
    let firms = crate::table::firms();
    assert_eq!(frame.schema(), firms.schema());
    assert!(frame.equals_missing(&firms));
    let mut reader = ParquetReader::new(std::fs::File::open(&path).unwrap());
    let metadata = reader.get_metadata().unwrap().key_value_metadata().clone().unwrap();
    let value = |key: &str| metadata.iter().find(|pair| pair.key == key).unwrap().value.clone().unwrap();
    assert_eq!((value("card digest"), value("引擎")), ("sha256:ab\"c".to_owned(), "0.1.0".to_owned()));
    assert!(!value("ARROW:schema").is_empty());

    let columns = Some(vec!["note".to_owned(), "uscc".to_owned(), "absent".to_owned()]);
    let two = read_table(&path, &ReadOptions { columns, ..ReadOptions::default() }).unwrap();
    assert!(two.equals_missing(&firms.select(["uscc", "note"]).unwrap()));
    let none = ReadOptions { columns: Some(Vec::new()), ..ReadOptions::default() };
    assert_eq!(read_table(&path, &none).unwrap().shape(), (3, 0));
}

#[test]
fn csv_text_is_as_expected_and_reads_back() {
    let (_folder, path) = written("out.csv");
    let text = std::fs::read_to_string(&path).unwrap();
    assert_eq!(
        text,
        "uscc,score,count,small,listed,day,grade,reasons,note\n\
         913101070000000001,850,3,0.1,true,2023-05-01,乙,\"处罚, 24个月; 欠税\",\n\
         \"甲 \"\"A\"\", 店\n二行\",0.30000000000000004,,1,false,1969-12-31,,,\n\
         007,,-9007199254740993,,,,甲,,\n"
    );
    let frame = read_table(&path, &ReadOptions::default()).unwrap();
    assert_eq!(texts(&frame, "uscc"), some([Some("913101070000000001"), Some("甲 \"A\", 店\n二行"), Some("007")]));
    assert_eq!(texts(&frame, "score"), some([Some("850"), Some("0.30000000000000004"), None]));
    assert_eq!(texts(&frame, "note"), some([None, None, None]));
}

#[test]
fn csv_of_one_column_keeps_its_missing_cells_and_makes_formulas_harmless() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("one.csv");
    let cells = [Some("=cmd|'/C calc'!A0"), None, Some("-5"), Some("@x"), None];
    let mut frame = DataFrame::new(5, vec![Column::new("a".into(), &cells)]).unwrap();
    write_table(&mut frame, &path, &provenance()).unwrap();
    let text = std::fs::read_to_string(&path).unwrap();
    assert_eq!(text, "a\n'=cmd|'/C calc'!A0\n\"\"\n-5\n'@x\n\"\"\n");
    assert_eq!(read_table(&path, &ReadOptions::default()).unwrap().height(), 5);
}

#[test]
fn a_workbook_keeps_text_as_text() {
    let (_folder, path) = written("out.xlsx");
    let frame = read_table(&path, &ReadOptions::default()).unwrap();
    assert_eq!(frame.get_column_names(), crate::table::firms().get_column_names());
    for (name, cells) in [
        ("uscc", [Some("913101070000000001"), Some("甲 \"A\", 店\n二行"), Some("007")]),
        ("score", [Some("850"), Some("0.30000000000000004"), None]),
        // More than fifteen digits: text, or the last would be lost.
        ("count", [Some("3"), None, Some("-9007199254740993")]),
        ("small", [Some("0.1"), Some("1"), None]),
        ("listed", [Some("true"), Some("false"), None]),
        ("day", [Some("2023-05-01"), Some("1969-12-31"), None]),
        ("grade", [Some("乙"), None, Some("甲")]),
        ("reasons", [Some("处罚, 24个月; 欠税"), None, None]),
        ("note", [None, None, None]),
    ] {
        assert_eq!(texts(&frame, name), some(cells), "{name}");
    }
    let sheet = ReadOptions { sheet: Some("provenance".to_owned()), ..ReadOptions::default() };
    let frame = read_table(&path, &sheet).unwrap();
    assert_eq!(frame.get_column_names(), ["card digest", "sha256:ab\"c"]);
    assert_eq!(frame.column("card digest").unwrap().str().unwrap().get(0), Some("引擎"));
}

#[test]
fn json_holds_provenance_and_rows() {
    let (_folder, path) = written("out.json");
    let text = std::fs::read_to_string(&path).unwrap();
    let expected = "{\"provenance\": {\n \"card digest\": \"sha256:ab\\\"c\",\n \"引擎\": \"0.1.0\"},\n\"rows\": [\n\
         {\"uscc\": \"913101070000000001\", \"score\": 850.0, \"count\": 3, \"small\": 0.1, \"listed\": true, \
         \"day\": \"2023-05-01\", \"grade\": \"乙\", \"reasons\": [\"处罚, 24个月\", \"欠税\"], \"note\": null},\n\
         {\"uscc\": \"甲 \\\"A\\\", 店\\n二行\", \"score\": 0.30000000000000004, \"count\": null, \"small\": 1.0, \
         \"listed\": false, \"day\": \"1969-12-31\", \"grade\": null, \"reasons\": [], \"note\": null},\n\
         {\"uscc\": \"007\", \"score\": null, \"count\": -9007199254740993, \"small\": null, \"listed\": null, \
         \"day\": null, \"grade\": \"甲\", \"reasons\": null, \"note\": null}\n]}\n";
    assert_eq!(text, expected);
    let parsed: serde_json::Value = serde_json::from_str(&text).unwrap();
    assert_eq!(parsed["rows"][1]["score"].as_f64().unwrap().to_bits(), (0.1_f64 + 0.2).to_bits());
}

#[test]
fn nan_is_missing_and_infinity_is_no_json_number() {
    let folder = tempfile::tempdir().unwrap();
    let numbers = [f64::NAN, f64::INFINITY, f64::NEG_INFINITY, 1e300, 5e-324];
    let mut frame = DataFrame::new(5, vec![Column::new("x".into(), &numbers)]).unwrap();
    let mut text = |name: &str| {
        let path = folder.path().join(name);
        write_table(&mut frame, &path, &WriteOptions::default()).unwrap();
        if name.ends_with(".xlsx") {
            let read = read_table(&path, &ReadOptions::default()).unwrap();
            return format!("{:?}", read.column("x").unwrap().str().unwrap().iter().collect::<Vec<_>>());
        }
        std::fs::read_to_string(path).unwrap()
    };
    assert_eq!(text("x.csv"), "x\n\"\"\ninf\n-inf\n1e300\n5e-324\n");
    assert!(
        text("x.json").contains("{\"x\": null},\n{\"x\": null},\n{\"x\": null},\n{\"x\": 1e+300},\n{\"x\": 5e-324}"),
        "{}",
        text("x.json")
    );
    // A blank row at the top is the first cell, which is missing.
    assert!(text("x.xlsx").ends_with("Some(\"inf\"), Some(\"-inf\"), Some(\"1e300\"), Some(\"5e-324\")]"), "{}", text("x.xlsx"));
}

#[test]
fn moments_are_iso_text() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("m.csv");
    let at = Series::new("at".into(), &[Some(1_682_948_707_250_000_i64), Some(0), None]);
    let plain = at.cast(&DataType::Datetime(TimeUnit::Microseconds, None)).unwrap();
    let zone = TimeZone::opt_try_new(Some("Asia/Shanghai")).unwrap();
    let mut zoned = at.i64().unwrap().clone().into_datetime(TimeUnit::Microseconds, zone).into_series();
    zoned.rename("zoned".into());
    let mut frame = DataFrame::new(3, vec![plain.into(), zoned.into()]).unwrap();
    write_table(&mut frame, &path, &WriteOptions::default()).unwrap();
    assert_eq!(
        std::fs::read_to_string(&path).unwrap(),
        "at,zoned\n2023-05-01T13:45:07.25,2023-05-01T13:45:07.25Z\n1970-01-01T00:00:00,1970-01-01T00:00:00Z\n,\n"
    );
}

#[test]
fn tables_of_no_rows_and_of_no_columns() {
    let folder = tempfile::tempdir().unwrap();
    for name in ["none.csv", "none.parquet", "none.xlsx", "none.json"] {
        let path = folder.path().join(name);
        write_table(&mut crate::table::firms().head(Some(0)), &path, &provenance()).unwrap();
        if !name.ends_with("json") {
            let frame = read_table(&path, &ReadOptions::default()).unwrap();
            assert_eq!((frame.height(), frame.width()), (0, 9), "{name}");
        }
    }
    let path = folder.path().join("none.json");
    assert!(std::fs::read_to_string(path).unwrap().ends_with("\"rows\": [\n]}\n"));
}

#[test]
fn chunks_and_slices_are_written_as_their_rows() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("parts.json");
    let mut frame = crate::table::firms();
    frame.vstack_mut(&crate::table::firms()).unwrap();
    let mut part = frame.slice(2, 2);
    write_table(&mut part, &path, &WriteOptions::default()).unwrap();
    let parsed: serde_json::Value = serde_json::from_str(&std::fs::read_to_string(&path).unwrap()).unwrap();
    assert_eq!(parsed["rows"][0]["uscc"], "007");
    assert_eq!(parsed["rows"][0]["reasons"], serde_json::Value::Null);
    assert_eq!(parsed["rows"][1]["reasons"][1], "欠税");
    assert_eq!(parsed["rows"].as_array().unwrap().len(), 2);
}

#[test]
fn the_same_table_is_the_same_file() {
    for name in ["a.parquet", "a.xlsx", "a.csv", "a.json"] {
        let (_one, first) = written(name);
        std::thread::sleep(std::time::Duration::from_millis(if name == "a.xlsx" { 2100 } else { 0 }));
        let (_two, second) = written(name);
        assert_eq!(std::fs::read(first).unwrap(), std::fs::read(second).unwrap(), "{name}");
    }
}
