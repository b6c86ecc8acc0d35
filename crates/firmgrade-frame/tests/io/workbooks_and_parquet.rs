//! Workbooks and Parquet as they come: what is read, and what is refused with its place.

use std::fs;
use std::path::Path;

use firmgrade_frame::{Format as TableFormat, ReadOptions, WriteOptions, read_table, write_table};
use polars::prelude::DataFrame;
use rust_xlsxwriter::{ExcelDateTime, Format, Formula, Workbook, Worksheet};

fn book(folder: &Path, fill: impl FnOnce(&mut Worksheet)) -> std::path::PathBuf {
    let path = folder.join("book.xlsx");
    let mut book = Workbook::new();
    fill(book.add_worksheet());
    book.add_worksheet().set_name("空").unwrap();
    book.save(&path).unwrap();
    path
}

fn cells(frame: &DataFrame, name: &str) -> Vec<Option<String>> {
    frame.column(name).unwrap().str().unwrap().iter().map(|text| text.map(str::to_owned)).collect()
}

fn refused(path: &Path, options: &ReadOptions) -> String {
    let error = read_table(path, options).unwrap_err().to_string();
    error.replace(&path.parent().unwrap().display().to_string(), "…")
}

#[test]
fn cells_of_a_sheet_become_text_that_loses_nothing() {
    let folder = tempfile::tempdir().unwrap();
    let path = book(folder.path(), |sheet| {
        let day = Format::new().set_num_format("yyyy-mm-dd hh:mm");
        // The table begins at C3, with a blank row inside and one below.
        for (at, name) in (2..).zip(["名称", "数", "真", "时"]) {
            sheet.write(2, at, name).unwrap();
        }
        sheet.write(3, 2, "007").unwrap();
        sheet.write(3, 3, 3.0).unwrap();
        sheet.write(3, 4, true).unwrap();
        sheet.write_with_format(3, 5, ExcelDateTime::from_ymd(2023, 5, 1).unwrap(), &day).unwrap();
        sheet.write(5, 3, 0.1 + 0.2).unwrap();
        let noon = ExcelDateTime::from_ymd(2024, 2, 29).unwrap().and_hms(13, 45, 7).unwrap();
        sheet.write_with_format(5, 5, &noon, &day).unwrap();
        let time = ExcelDateTime::from_hms(9, 30, 0).unwrap();
        sheet.write_with_format(6, 5, &time, &day).unwrap();
        sheet.write_blank(9, 5, &day).unwrap();
    });
    let frame = read_table(&path, &ReadOptions::default()).unwrap();
    assert_eq!(frame.shape(), (3, 4));
    let some = |texts: [Option<&str>; 3]| texts.map(|text| text.map(str::to_owned)).to_vec();
    assert_eq!(cells(&frame, "名称"), some([Some("007"), None, None]));
    assert_eq!(cells(&frame, "数"), some([Some("3"), Some("0.30000000000000004"), None]));
    assert_eq!(cells(&frame, "真"), some([Some("true"), None, None]));
    assert_eq!(cells(&frame, "时"), some([Some("2023-05-01"), Some("2024-02-29T13:45:07"), Some("09:30:00")]));

    let one = ReadOptions { columns: Some(vec!["数".to_owned()]), ..ReadOptions::default() };
    assert_eq!(read_table(&path, &one).unwrap().shape(), (3, 1));
    let sheet = |name: &str| ReadOptions { sheet: Some(name.to_owned()), ..ReadOptions::default() };
    assert_eq!(refused(&path, &sheet("x")), "`…/book.xlsx` has no sheet `x`, found `Sheet1`, `空`");
    assert_eq!(
        refused(&path, &sheet("空")),
        "`…/book.xlsx`: the sheet `空` is empty, expected a header and rows; name the sheet that holds the table"
    );
}

#[test]
fn error_cells_and_names_are_refused_by_cell() {
    let folder = tempfile::tempdir().unwrap();
    let path = book(folder.path(), |sheet| {
        sheet.write(0, 0, "id").unwrap();
        sheet.write(0, 3, "n").unwrap();
        sheet.write(0, 1, 2023).unwrap();
        sheet.write(0, 2, true).unwrap();
        sheet.write(16, 3, Formula::new("=NA()").set_result("#N/A")).unwrap();
        sheet.write(17, 0, Formula::new("=1/0").set_result("#DIV/0!")).unwrap();
    });
    assert_eq!(
        refused(&path, &ReadOptions::default()),
        "`…/book.xlsx`, sheet `Sheet1`: found an error in D17 (#N/A), A18 (#DIV/0!); correct it or empty it"
    );
    let other = ReadOptions { columns: Some(vec!["2023".to_owned()]), ..ReadOptions::default() };
    assert_eq!(read_table(&path, &other).unwrap().shape(), (2, 1));

    let path = book(folder.path(), |sheet| {
        sheet.write(0, 1, "企业名单（2023）").unwrap();
        sheet.write(1, 1, "id").unwrap();
        sheet.write(1, 2, "n").unwrap();
    });
    assert!(refused(&path, &ReadOptions::default()).contains("column 2 (C1) has no name in the header"));
    let path = book(folder.path(), |sheet| {
        sheet.write(0, 0, "id").unwrap();
        sheet.write(0, 1, "id").unwrap();
    });
    assert!(refused(&path, &ReadOptions::default()).contains("`id` stands twice in the header, in columns 1 and 2"));
}

#[test]
fn older_and_open_workbooks() {
    for name in ["small.xls", "small.ods"] {
        let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/io/files").join(name);
        let frame = read_table(&path, &ReadOptions::default()).unwrap();
        let some = |texts: [Option<&str>; 2]| texts.map(|text| text.map(str::to_owned)).to_vec();
        assert_eq!(cells(&frame, "统一代码"), some([Some("91310107MA1G0TEST1"), Some("乙")]), "{name}");
        assert_eq!(cells(&frame, "数"), some([Some("3"), Some("0.1")]), "{name}");
        assert_eq!(cells(&frame, "真"), some([Some("true"), None]), "{name}");
        assert_eq!(cells(&frame, "日"), some([Some("2023-05-01"), None]), "{name}");
    }
}

#[test]
fn a_file_that_is_not_what_its_ending_says() {
    let folder = tempfile::tempdir().unwrap();
    let at = |name: &str| folder.path().join(name);
    write_table(&mut crate::table::firms(), at("a.parquet"), &WriteOptions::default()).unwrap();
    write_table(&mut crate::table::firms(), at("a.xlsx"), &WriteOptions::default()).unwrap();
    for (from, to, found) in [
        ("a.parquet", "p.csv", "is not CSV: found a Parquet file"),
        ("a.xlsx", "x.csv", "is not CSV: found an Excel workbook or another zip archive"),
        ("a.parquet", "p.xlsx", "is not Excel (.xlsx): found a Parquet file"),
        ("a.xlsx", "x.xls", "is not Excel (.xls): found an Excel workbook or another zip archive"),
        ("a.xlsx", "x.ods", "is not OpenDocument (.ods): found an Excel workbook or another zip archive"),
        ("a.xlsx", "x.parquet", "is not Parquet: found an Excel workbook or another zip archive"),
    ] {
        fs::copy(at(from), at(to)).unwrap();
        assert!(refused(&at(to), &ReadOptions::default()).contains(found), "{to}");
    }
    fs::write(at("html.xls"), "\n<html><table>").unwrap();
    assert!(refused(&at("html.xls"), &ReadOptions::default()).contains("found HTML or XML text"));
    fs::write(at("text.xlsx"), "a,b\n").unwrap();
    assert!(refused(&at("text.xlsx"), &ReadOptions::default()).contains("found text or other bytes"));
    for name in ["e.xlsx", "e.parquet", "e.csv"] {
        fs::write(at(name), "").unwrap();
        assert!(refused(&at(name), &ReadOptions::default()).ends_with("is empty, expected a header and rows"));
    }
    let parquet = ReadOptions { format: Some(TableFormat::Parquet), ..ReadOptions::default() };
    assert_eq!(read_table(at("p.csv"), &parquet).unwrap().height(), 3);
}

#[test]
fn a_cell_astray_in_the_last_corner_is_refused() {
    let folder = tempfile::tempdir().unwrap();
    let path = book(folder.path(), |sheet| {
        sheet.write(0, 0, "id").unwrap();
        sheet.write(1_048_575, 16_383, "x").unwrap();
    });
    let text = refused(&path, &ReadOptions::default());
    assert!(text.contains("reaches as far as cell XFD1048576 and is nearly empty"), "{text}");
}

/// Written by pyarrow 26: two columns of one name; a column of records beside `id`.
#[test]
fn parquet_that_is_no_plain_table() {
    let path = |name: &str| Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/io/files").join(name);
    let all = ReadOptions::default();
    assert_eq!(
        refused(&path("dup.parquet"), &all),
        "`…/dup.parquet`: the column name `a` stands twice in the header, in columns 1 and 2; rename one of them"
    );
    assert_eq!(
        refused(&path("struct.parquet"), &all),
        "`…/struct.parquet`: column `v` holds records (a struct), expected numbers, text, dates, true or false; leave it out"
    );
    let id = ReadOptions { columns: Some(vec!["id".to_owned()]), ..all };
    assert_eq!(read_table(path("struct.parquet"), &id).unwrap().shape(), (2, 1));
}

/// Each file cut off at many places, and with each of many bytes changed: an error or a table, never the end of the process.
#[test]
fn damaged_files_are_errors() {
    let folder = tempfile::tempdir().unwrap();
    for name in ["a.parquet", "a.xlsx", "a.ods", "a.xls"] {
        let path = folder.path().join(name);
        if name.ends_with('x') || name.ends_with('t') {
            write_table(&mut crate::table::firms(), &path, &WriteOptions::default()).unwrap();
        } else {
            let small = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/io/files");
            fs::copy(small.join(name.replace('a', "small")), &path).unwrap();
        }
        let whole = fs::read(&path).unwrap();
        let step = whole.len() / 150 + 1;
        for at in (1..whole.len()).step_by(step) {
            fs::write(&path, &whole[..at]).unwrap();
            match read_table(&path, &ReadOptions::default()) {
                Err(error) => assert!(error.to_string().contains(name), "{error}"),
                Ok(_) => assert_eq!(name, "a.xls", "cut off at {at} of {}", whole.len()),
            }
            let mut changed = whole.clone();
            changed[at] ^= 0x55;
            fs::write(&path, changed).unwrap();
            if let Err(error) = read_table(&path, &ReadOptions::default()) {
                assert!(error.to_string().contains(name), "{error}");
            }
        }
    }
}
