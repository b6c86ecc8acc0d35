//! CSV as it comes: what is read, and what is refused with its place.

use firmgrade_frame::{FrameError, ReadOptions, read_csv_bytes, read_table};
use polars::prelude::{DataFrame, DataType};

fn read(bytes: impl AsRef<[u8]>) -> DataFrame {
    read_csv_bytes(bytes.as_ref(), "f.csv").unwrap()
}

fn refused(bytes: impl AsRef<[u8]>) -> String {
    read_csv_bytes(bytes.as_ref(), "f.csv").unwrap_err().to_string()
}

/// The rows as texts, a null as `∅`.
fn rows(frame: &DataFrame) -> Vec<Vec<String>> {
    assert!(frame.columns().iter().all(|column| *column.dtype() == DataType::String));
    (0..frame.height())
        .map(|row| {
            let cell = |column: &polars::prelude::Column| column.str().unwrap().get(row).unwrap_or("∅").to_owned();
            frame.columns().iter().map(cell).collect()
        })
        .collect()
}

fn names(frame: &DataFrame) -> Vec<String> {
    frame.get_column_names().iter().map(|name| name.to_string()).collect()
}

#[test]
fn every_column_is_text_and_an_empty_cell_is_null() {
    let frame = read("id,n,empty\n007,1.50,\nx,\"\",true\n");
    assert_eq!(names(&frame), ["id", "n", "empty"]);
    assert_eq!(rows(&frame), [["007", "1.50", "∅"], ["x", "∅", "true"]]);
}

#[test]
fn quotes_commas_newlines_and_spaces_inside_a_cell() {
    let frame = read("a,b\n\"x, y\",\"say \"\"no\"\"\"\n\"two\r\nlines\",\"\"\"\"\n 5\" pipe , z \n");
    assert_eq!(rows(&frame), [["x, y", "say \"no\""], ["two\r\nlines", "\""], [" 5\" pipe ", " z "]]);
}

#[test]
fn line_ends_mark_and_last_line_make_no_difference() {
    let plain = rows(&read("统一代码,名称\n1,甲\n2,乙\n"));
    assert_eq!(plain, [["1", "甲"], ["2", "乙"]]);
    for text in [
        "统一代码,名称\r\n1,甲\r\n2,乙\r\n",
        "统一代码,名称\n1,甲\n2,乙",
        "\u{FEFF}统一代码,名称\n1,甲\n2,乙\n",
        "\u{FEFF}\"统一代码\",\"名称\"\r\n\"1\",\"甲\"\r\n\"2\",\"乙\"",
        "统一代码,名称\n1,甲\n2,乙\n\n",
        "统一代码,名称\n1,甲\r\n\r\n2,乙\n\r\n\n",
    ] {
        let frame = read(text);
        assert_eq!(names(&frame), ["统一代码", "名称"], "{text:?}");
        assert_eq!(rows(&frame), plain, "{text:?}");
    }
}

#[test]
fn a_blank_line_of_one_column_is_a_null() {
    assert_eq!(rows(&read("id\n1\n\n3\n")), [["1"], ["∅"], ["3"]]);
    assert_eq!(rows(&read("id\r\n\"\"\r\n2")), [["∅"], ["2"]]);
    // A row of commas is a row, whatever it lacks.
    assert_eq!(rows(&read("a,b\n,\n")), [["∅", "∅"]]);
}

#[test]
fn a_header_alone_is_a_table_of_no_rows() {
    for text in ["a,b", "a,b\n", "\u{FEFF}a,b\r\n\r\n"] {
        let frame = read(text);
        assert_eq!((frame.height(), names(&frame)), (0, vec!["a".to_owned(), "b".to_owned()]));
    }
}

#[test]
fn an_empty_file_is_refused() {
    for text in ["", "\u{FEFF}", "\n\n", " \r\n"] {
        assert_eq!(refused(text), "`f.csv` is empty, expected a header and rows", "{text:?}");
    }
}

#[test]
fn names_in_the_header_must_be_there_and_differ() {
    assert_eq!(refused("id,,n\n"), "`f.csv`: column 2 (B) has no name in the header; name it, or delete what stands above the header");
    assert!(refused("id,n,  \n").contains("column 3 (C)"));
    assert_eq!(
        refused("id,n,\"id\"\n"),
        "`f.csv`: the column name `id` stands twice in the header, in columns 1 and 3; rename one of them"
    );
    assert!(refused("id;name;n\n1;x;2\n").contains("the header is one column, `id;name;n`"));
    assert!(refused("id\tname\n").contains("separated by commas"));
    assert_eq!(names(&read("\"a;b\"\n1\n")), ["a;b"]);
}

#[test]
fn ragged_rows_are_named_by_line_and_counted() {
    assert_eq!(
        refused("a,b\n1,2\n1,2,3\n\"x\ny\",2\n1\n"),
        "`f.csv`: the header has 2 cells, but 2 rows have not: line 3 has 3, line 6 has 1; \
         put a cell that contains a comma between double quotes"
    );
    let many = format!("a,b\n{}", "1\n".repeat(9));
    assert!(refused(many).contains(
        "the header has 2 cells, but 9 rows have not: line 2 has 1, line 3 has 1, line 4 has 1, line 5 has 1, \
         line 6 has 1 and 4 more"
    ));
}

#[test]
fn broken_quotes_and_line_ends_are_named_by_line() {
    assert_eq!(
        refused("a,b\n1,2\n3,\"cut off in the mid"),
        "`f.csv`: line 3: a double quote opens here and never closes; close it, or check that the file is whole"
    );
    assert!(refused("a,\"b\n1,2\n").contains("line 1: a double quote opens here"));
    assert!(refused("a,b\n\"x\"y,2\n").contains("line 2: found text after a closing double quote"));
    assert!(refused("a,b\r1,2\r3,4\r").contains("line 1: found a carriage return"));
    assert!(refused("a,b\n1,2\r3,4\n").contains("line 2: found a carriage return"));
}

#[test]
fn other_bytes_than_utf8_text_are_named_by_place() {
    // `甲` in GB18030 is BC D7.
    assert_eq!(
        refused(b"id,name\n1,ab\n2,\xBC\xD7\n"),
        "`f.csv` is not UTF-8: line 3, byte offset 15, found byte 0xBC; save the file as UTF-8"
    );
    assert!(refused(b"\xFF\xFEi\0d\0").contains("line 1, byte offset 0, found byte 0xFF"));
    // Cut off inside a character.
    assert!(refused(&"id\n甲".as_bytes()[..5]).contains("line 2, byte offset 3"));
    assert_eq!(refused("id\n1\n\0"), "`f.csv`: line 3, byte offset 5: found a NUL byte, expected text; save the file as UTF-8 text");
    assert!(refused("PK\u{3}\u{4}").contains("is not CSV: found an Excel workbook"));
    assert!(refused("PAR1").contains("is not CSV: found a Parquet file"));
}

#[test]
fn a_megabyte_in_one_cell_and_a_thousand_columns() {
    let long = "长".repeat(350_000);
    assert_eq!(rows(&read(format!("a,b\n1,{long}\n2,\"{long}\"\n")))[1][1], long);
    let header = (0..1000).map(|at| format!("c{at}")).collect::<Vec<_>>().join(",");
    let row = (0..1000).map(|at| at.to_string()).collect::<Vec<_>>().join(",");
    let frame = read(format!("{header}\n{row}\n{row}"));
    assert_eq!(frame.shape(), (2, 1000));
    assert_eq!(rows(&frame)[1][999], "999");
}

/// Several blocks are parsed at once: the rows are the same, in order, wherever the text is cut.
#[test]
fn rows_of_a_large_file_are_all_there_in_order() {
    let mut text = String::from("id,note,x\r\n");
    let count = 150_000;
    for at in 0..count {
        let note = match at % 5 {
            0 => "\"a \"\"quoted\"\", note\nof two lines\"",
            1 => "\"\"",
            2 => "5\" pipe",
            3 => "\"\"\"\n\"\"\"",
            _ => "地址",
        };
        text.push_str(&format!("{at:06},{note},\"{at}\"\r\n"));
    }
    assert!(text.len() > 3 << 20, "more than three blocks");
    let frame = read(&text);
    assert_eq!(frame.height(), count);
    assert!(frame.first_col_n_chunks() > 2);
    let (ids, notes) = (frame.column("id").unwrap(), frame.column("note").unwrap());
    let expected = [Some("a \"quoted\", note\nof two lines"), None, Some("5\" pipe"), Some("\"\n\""), Some("地址")];
    for at in 0..count {
        assert_eq!(ids.str().unwrap().get(at).unwrap(), format!("{at:06}"));
        assert_eq!(notes.str().unwrap().get(at), expected[at % 5]);
    }
    // A fault far down has its line: 1 for the header, and 2 for each fifth row twice.
    text.push_str("last,row\r\n");
    let line = 1 + count + 2 * count / 5 + 1;
    assert!(refused(&text).contains(&format!("line {line} has 2")), "{}", refused(&text));
    text.push_str("\"open");
    assert!(refused(&text).contains(&format!("line {line} has 2")));
}

#[test]
fn only_the_columns_asked_for() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("f.csv");
    std::fs::write(&path, "a,b,c\n1,2,3\n4,5,6\n").unwrap();
    let columns =
        |names: &[&str]| ReadOptions { columns: Some(names.iter().map(|name| (*name).to_owned()).collect()), ..ReadOptions::default() };
    let frame = read_table(&path, &columns(&["c", "not there", "a"])).unwrap();
    assert_eq!(names(&frame), ["a", "c"]);
    assert_eq!(rows(&frame), [["1", "3"], ["4", "6"]]);
    assert_eq!(read_table(&path, &columns(&[])).unwrap().shape(), (2, 0));
}

#[test]
fn paths_that_lead_nowhere() {
    let folder = tempfile::tempdir().unwrap();
    let text = |name: &str| {
        let error = read_table(folder.path().join(name), &ReadOptions::default()).unwrap_err();
        error.to_string().replace(&folder.path().display().to_string(), "…")
    };
    assert_eq!(text("absent.csv"), "cannot find `…/absent.csv`: no such file; check the path");
    assert_eq!(text("absent.parquet"), "cannot find `…/absent.parquet`: no such file; check the path");
    assert_eq!(text("absent.xlsx"), "cannot find `…/absent.xlsx`: no such file; check the path");
    assert_eq!(text(""), "`…/` is a directory, expected a file; name a file in it");
    assert!(text("rows.json").contains("JSON is only written here"));
    let sheet = ReadOptions { sheet: Some("s".to_owned()), ..ReadOptions::default() };
    let error = read_table("f.csv", &sheet).unwrap_err();
    assert!(matches!(error, FrameError::NoSheets { .. }));
}
