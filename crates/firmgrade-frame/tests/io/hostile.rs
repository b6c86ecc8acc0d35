//! Files that are broken, and tables that are not what they should be: each has its message, or its account.

use std::fmt::Write as _;
use std::fs;

use firmgrade_frame::import::{CellKind, Duplicates, Imported, Place, Reading, import_table};
use firmgrade_frame::{ReadOptions, WriteOptions, read_table, write_table};
use polars::prelude::*;

fn reading(kinds: &[(&str, CellKind)]) -> Reading {
    let kinds = kinds.iter().map(|(column, kind)| ((*column).to_owned(), *kind)).collect();
    Reading { table: "penalties".to_owned(), kinds, missing: vec!["/".to_owned()], ..Reading::default() }
}

fn import(bytes: &[u8], reading: &Reading) -> Result<Imported, String> {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("f.csv");
    fs::write(&path, bytes).unwrap();
    import_table(&path, reading).map_err(|error| error.to_string().replace(&folder.path().display().to_string(), "…"))
}

fn refused(bytes: &[u8], reading: &Reading) -> String {
    import(bytes, reading).unwrap_err()
}

/// A row of 64 MB, once as one cell and once as 67 million; both readers say so at once and do not grow with it.
#[test]
fn a_row_too_wide() {
    let text = "`…/f.csv`: line 3: a row of more than 16 MiB or 100000 cells begins here, expected a table; look for a missing line end or a \
                double quote too many";
    for filling in [b'x', b','] {
        let mut bytes = b"id,n\n1,2\n3,".to_vec();
        bytes.resize(64 << 20, filling);
        assert_eq!(refused(&bytes, &reading(&[])), text);
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("f.csv");
        fs::write(&path, &bytes).unwrap();
        let strict = read_table(&path, &ReadOptions::default()).unwrap_err().to_string();
        assert_eq!(strict.replace(&folder.path().display().to_string(), "…"), text);
    }
}

#[test]
fn files_cut_off_in_the_middle() {
    assert_eq!(
        refused("id,note\n1,\"whole\"\n2,\"cut o".as_bytes(), &reading(&[])),
        "`…/f.csv`: line 3: a double quote opens here and never closes; close it, or check that the file is whole"
    );
    // Cut off between quotes: the row is rejected, not filled up.
    let cut = import(b"id,day,n\n1,2022-01-01,5\n2,2022-0", &reading(&[("day", CellKind::Date)])).unwrap();
    assert_eq!((cut.report.read, cut.report.used), (2, 1));
    assert_eq!(cut.report.rejected[0].reason, "fewer than the 3 cells of the header");
    assert_eq!(cut.report.rejected[0].first, [Place { row: 3, found: "2 cells".to_owned() }]);

    let folder = tempfile::tempdir().unwrap();
    for (name, kind) in [("a.xlsx", "Excel (.xlsx)"), ("a.parquet", "Parquet")] {
        let path = folder.path().join(name);
        write_table(&mut crate::table::firms(), &path, &WriteOptions::default()).unwrap();
        let whole = fs::read(&path).unwrap();
        fs::write(&path, &whole[..whole.len() / 2]).unwrap();
        let error = import_table(&path, &reading(&[])).unwrap_err().to_string();
        assert!(error.contains(&format!("is {kind} that cannot be read, perhaps cut off or damaged:")), "{error}");
    }
}

#[test]
fn mixed_encodings_name_both_lines() {
    let mut bytes = "企业名称,金额\n甲公司,1\n".as_bytes().to_vec();
    bytes.extend([0xD2, 0xD2, 0xB9, 0xAB, 0xCB, 0xBE]); // 乙公司 in GB18030
    bytes.extend(b",2\n");
    assert_eq!(
        refused(&bytes, &reading(&[])),
        "`…/f.csv` mixes encodings: line 1 is UTF-8, line 3, byte offset 32, is not (byte 0xD2); save all of it in one encoding"
    );
}

#[test]
fn a_column_that_changes_type_half_way() {
    let mut text = "id,amount,day\n".to_owned();
    for row in 0..1000 {
        let (amount, day) = if row < 500 { (row.to_string(), "2022-03-07") } else { ("处以罚款".to_owned(), "07/03/2022") };
        writeln!(text, "{row},{amount},{day}").unwrap();
    }
    let table = import(text.as_bytes(), &reading(&[("amount", CellKind::Number), ("day", CellKind::Date)])).unwrap();
    assert_eq!((table.report.read, table.report.used, table.frame.height()), (1000, 1000, 1000));
    for (column, reason, found) in [
        ("amount", "no number", "处以罚款"),
        ("day", "day or month first is not stated; say `dates = \"day_first\"` or `\"month_first\"`", "07/03/2022"),
    ] {
        let report = table.report.columns.iter().find(|known| known.column == column).unwrap();
        assert_eq!(report.unreadable.len(), 1);
        let unreadable = &report.unreadable[0];
        assert_eq!((unreadable.reason.as_str(), unreadable.count, unreadable.first.len()), (reason, 500, 5));
        assert_eq!(unreadable.first[0], Place { row: 502, found: found.to_owned() });
        assert_eq!(table.frame.column(column).unwrap().null_count(), 500);
    }
}

#[test]
fn days_that_are_none() {
    let text = "day\n2023-02-30\n0001-01-01\n9999-12-31\n2023-02-28\n/\n";
    let table = import(text.as_bytes(), &reading(&[("day", CellKind::Date)])).unwrap();
    let report = &table.report.columns[0];
    assert_eq!((report.cells, report.missing, report.placeholders), (5, 1, 2));
    assert_eq!((report.unreadable[0].reason.as_str(), report.unreadable[0].count), ("a day that the calendar does not have", 1));
    assert_eq!(report.days, Some(("2023-02-28".to_owned(), "2023-02-28".to_owned())));
    assert_eq!(table.frame.column("day").unwrap().dtype(), &DataType::Date);
    assert_eq!(table.frame.column("day").unwrap().null_count(), 4);
}

#[test]
fn the_column_of_the_firm_is_absent() {
    let needed = Reading {
        mapping: vec![("处罚日期".to_owned(), "day".to_owned()), ("代码".to_owned(), "uscc".to_owned())],
        needed: vec!["uscc".to_owned()],
        ..reading(&[])
    };
    assert_eq!(
        refused("处罚日期,金额\n2022-01-01,5\n".as_bytes(), &needed),
        "`…/f.csv`: the header in row 1 has `处罚日期`, `金额`, and no column for `uscc`; add the spelling to `[mapping.penalties]`"
    );
}

/// GB 11643's own example of a number: no code column holds it, and no report shows it, whatever column it stands in.
#[test]
fn numbers_of_natural_persons_are_no_codes_and_stand_in_no_report() {
    let number = "11010519491231002X";
    let text = format!(
        "uscc,note,day\n{number},店主 {number},{number}\n １１０１０５19491231 002x,a,2022-01-01\n91350100M000100Y43,b,2022-01-01\n"
    );
    let kinds = [("uscc", CellKind::Code), ("day", CellKind::Date)];
    let table = import(text.as_bytes(), &reading(&kinds)).unwrap();
    let report = serde_json::to_string(&table.report).unwrap();
    assert!(report.contains("110105***********X") && !report.contains("19491231"), "{report}");
    assert_eq!(table.frame.column("uscc").unwrap().null_count(), 2);
    let unreadable = &table.report.columns[0].unreadable[0];
    assert_eq!((unreadable.reason.as_str(), unreadable.count), ("the number of a natural person", 2));
}

#[test]
fn repeated_rows_are_counted_and_left_out_only_when_asked() {
    let text = b"id,n\n1,2\n\n,\n1,2\n1,3\n1,2\n";
    let kept = import(text, &reading(&[])).unwrap();
    assert_eq!((kept.report.read, kept.report.repeated, kept.report.duplicates, kept.frame.height()), (4, 2, 0, 4));
    assert_eq!((kept.report.blank, kept.rows), (2, vec![2, 5, 6, 7]));
    let dropped = import(text, &Reading { duplicates: Duplicates::Drop, ..reading(&[]) }).unwrap();
    assert_eq!((dropped.report.read, dropped.report.duplicates, dropped.report.used, dropped.frame.height()), (4, 2, 2, 2));
    assert_eq!(dropped.rows, [2, 6]);
}

/// The same table as text, workbook and Parquet, each under the ending of another.
#[test]
fn content_counts_and_not_the_ending() {
    let folder = tempfile::tempdir().unwrap();
    let at = |name: &str| folder.path().join(name);
    let day = Column::new("日".into(), &[19_058_i32]).cast(&DataType::Date).unwrap();
    let mut frame =
        DataFrame::new(1, vec![Column::new("码".into(), &["91350100m000100y43"]), day, Column::new("额".into(), &[1.5])]).unwrap();
    for name in ["a.csv", "a.xlsx", "a.parquet"] {
        write_table(&mut frame, at(name), &WriteOptions::default()).unwrap();
    }
    let mapping = [("码", "uscc"), ("日", "day"), ("额", "amount")].map(|(a, b)| (a.to_owned(), b.to_owned())).to_vec();
    let reading =
        Reading { mapping, ..reading(&[("uscc", CellKind::Code), ("day", CellKind::Date), ("amount", CellKind::TenThousandYuan)]) };
    for (from, to) in [("a.csv", "b.xlsx"), ("a.xlsx", "b.csv"), ("a.parquet", "c.csv")] {
        fs::copy(at(from), at(to)).unwrap();
        let table = import_table(at(to), &reading).unwrap();
        let row = table.frame.get(0).unwrap();
        assert_eq!(row[0], AnyValue::String("91350100M000100Y43"), "{from}");
        assert_eq!((row[1].clone(), row[2].clone()), (AnyValue::Date(19_058), AnyValue::Float64(15_000.0)), "{from}");
    }
}

/// Rows of many blocks keep the lines on which they stand, with line ends inside cells.
#[test]
fn places_are_lines_of_the_file_in_every_block() {
    let mut text = "id,note,day\n".to_owned();
    let mut wrong = Vec::new();
    let mut line = 2;
    for row in 0..60_000 {
        let day = if row % 20_000 == 19_999 { "2023-02-30" } else { "2023-02-28" };
        if day.ends_with("30") {
            wrong.push(line);
        }
        let lines = if row % 7 == 0 { "\"a\nb\"" } else { "a text of some length, so that blocks are many" };
        let lines = lines.replace(',', "");
        writeln!(text, "{row},{lines},{day}").unwrap();
        line += if row % 7 == 0 { 2 } else { 1 };
    }
    assert!(text.len() > 3 << 20);
    let table = import(text.as_bytes(), &reading(&[("day", CellKind::Date)])).unwrap();
    let found: Vec<usize> = table.report.columns[2].unreadable[0].first.iter().map(|place| place.row).collect();
    assert_eq!(found, wrong);
    assert_eq!(table.rows.last(), Some(&(line - if 59_999 % 7 == 0 { 2 } else { 1 })));
}
