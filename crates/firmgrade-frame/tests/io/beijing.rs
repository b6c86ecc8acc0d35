//! The nineteen files of a regulator's open data, read with `fixtures/mappings/beijing.toml` and no code for any of them.
//!
//! The data are not part of the project: the test says so and passes where they are absent.

use std::path::{Path, PathBuf};

use firmgrade_frame::import::{CodeCounts, Imported, Mappings, identity, import_table};
use polars::prelude::ChunkAgg;

/// The folder of the files; nothing where it is absent.
fn raw() -> Option<PathBuf> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../..");
    let data = std::env::var_os("FIRMGRADE_DATA").map_or_else(|| root.join("../shared/data"), PathBuf::from);
    let folder = data.join("beijing/raw");
    if folder.is_dir() {
        return Some(folder);
    }
    let message = format!("skipped: no folder `{}`; set FIRMGRADE_DATA to the folder of the data", folder.display());
    // The harness keeps what tests print unless they fail: write past it.
    let _ = std::io::Write::write_all(&mut std::io::stderr(), format!("{message}\n").as_bytes());
    None
}

fn mappings() -> Mappings {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../fixtures/mappings/beijing.toml");
    Mappings::from_toml("beijing.toml", &std::fs::read_to_string(path).unwrap()).unwrap()
}

fn read(folder: &Path, file: &str) -> Imported {
    let mappings = mappings();
    let table = mappings.table_of(file).unwrap();
    import_table(folder.join(file), &mappings.reading(table).unwrap()).unwrap()
}

/// File, format, encoding, row of the header, rows below it, rows that repeat an earlier one.
///
/// Counted without this program: text files with Python's `csv.reader(strict=True)` over `utf-8-sig` or, where that fails, `gb18030`
/// (rows with a cell that is not blank, less the header and the row above it; repeated = rows less distinct rows); the two workbooks
/// with `xlrd` 2 (330 rows with the header) and `openpyxl` 3 (A1:F293).
const COUNTED: [(&str, &str, &str, usize, usize, usize); 19] = [
    ("12315绿色通道.csv", "CSV", "utf8", 1, 23_904, 3),
    ("东城园国高新企业名单.csv", "Excel (.xls)", "", 1, 329, 0),
    ("丰台区应急管理局执法检查结果公示目录.csv", "CSV", "utf8", 2, 1_078, 0),
    ("企业欠税公告信息.csv", "CSV", "gb18030", 1, 332, 29),
    ("内资企业设立登记公告数据 (1).csv", "CSV", "utf8", 1, 8_376, 0),
    ("北京市企业科技研究开发机构.csv", "CSV", "gb18030", 2, 413, 0),
    ("安全生产许可证信息.csv", "CSV", "gb18030", 1, 10_838, 0),
    ("密云区应急管理局执法检查信息.csv", "CSV", "gb18030", 1, 2_914, 0),
    ("密云区经营异常企业信息.csv", "CSV", "utf8", 1, 777, 0),
    ("市交通委-旅游客运企业信用评价结果数据.csv", "CSV", "utf8", 1, 414, 0),
    ("市交通委-汽车租赁企业信用评价结果数据.csv", "CSV", "utf8", 1, 1_176, 0),
    ("市市场监督管理局-食品安全监督抽检信息.csv", "CSV", "utf8", 1, 3_011, 0),
    ("市文化执法总队-文化领域行政检查信息.csv", "CSV", "utf8", 1, 15_044, 0),
    ("市文化执法总队-新闻出版领域行政检查信息.csv", "CSV", "utf8", 1, 16_218, 0),
    ("市生态环境局-环境违法和受行政处罚信息.csv", "CSV", "gb18030", 1, 1_906, 0),
    ("执法检查结果公示.csv", "CSV", "utf8", 1, 622, 0),
    ("相关责任主体信用信息.csv", "CSV", "gb18030", 1, 1_010, 0),
    ("经营异常企业信息.csv", "CSV", "gb18030", 1, 104_259, 4_223),
    ("货运双随机抽查结果公示+-+副本.csv", "Excel (.xlsx)", "", 1, 292, 0),
];

#[test]
fn every_file_has_the_rows_that_were_counted() {
    let Some(folder) = raw() else { return };
    for (file, format, encoding, header, rows, repeated) in COUNTED {
        let table = read(&folder, file);
        let report = &table.report;
        let found = report.encoding.map(|encoding| serde_json::to_value(encoding).unwrap());
        assert_eq!(found.as_ref().and_then(|found| found.as_str()).unwrap_or(""), encoding, "{file}");
        assert_eq!((report.format.as_str(), report.header_row, report.read, report.repeated), (format, header, rows, repeated), "{file}");
        report.check().unwrap();
        // Two licences have an address with a comma and no quotes around it, which shifts the rest of the row by two cells.
        let shifted = if file.starts_with("安全生产许可证") { 2 } else { 0 };
        assert_eq!(report.rejected.iter().map(|reason| reason.count).sum::<usize>(), shifted, "{file}");
        assert_eq!((table.frame.height(), table.rows.len()), (rows - shifted, rows - shifted), "{file}");
        assert!(table.frame.column("name").is_ok(), "{file}");
        for column in &report.columns {
            let kind = serde_json::to_value(column.kind).unwrap();
            if kind == "date" || kind == "number" {
                assert!(column.unreadable.is_empty(), "{file}: {:?}", column.unreadable);
            }
        }
    }
    let mut names: Vec<String> = folder.read_dir().unwrap().map(|entry| entry.unwrap().file_name().into_string().unwrap()).collect();
    names.sort();
    let mut counted = COUNTED.map(|row| row.0.to_owned());
    counted.sort();
    assert_eq!(names, counted);
}

fn codes(table: &Imported) -> CodeCounts {
    table.report.columns.iter().find(|column| column.column == "uscc").unwrap().codes.unwrap()
}

/// Codes of 18 letters and digits once blanks are gone and letters are capitals, and those of them whose check character is right,
/// counted in Python: 13,711 of 13,861 (98.9 %) and 14,875 of 14,986 (99.3 %).
#[test]
fn codes_of_inspections_pass_the_check() {
    let Some(folder) = raw() else { return };
    for (file, of_18, right, percent) in [
        ("市文化执法总队-文化领域行政检查信息.csv", 13_861, 13_711, "98.9"),
        ("市文化执法总队-新闻出版领域行政检查信息.csv", 14_986, 14_875, "99.3"),
    ] {
        let counts = codes(&read(&folder, file));
        assert_eq!(counts.unified, right, "{file}");
        assert_eq!(format!("{:.1}", counts.unified as f64 / f64::from(of_18) * 100.0), percent, "{file}");
        // Old numbers of 15 digits: 691 of 693 and 684 of 694 have the right check digit, counted in Python.
        let old = if of_18 == 13_861 { (691, 2) } else { (684, 10) };
        assert_eq!((counts.registration, counts.registration_wrong_check), old, "{file}");
    }
}

#[test]
fn days_and_amounts_of_the_files() {
    let Some(folder) = raw() else { return };
    let day = |file: &str, column: &str| {
        let table = read(&folder, file);
        table.report.columns.iter().find(|known| known.column == column).unwrap().days.clone().unwrap()
    };
    let days = |first: &str, last: &str| (first.to_owned(), last.to_owned());
    // Serial numbers, 年月日, dots beside slashes, day first, cells that a workbook holds as dates: first and last, found in Python.
    assert_eq!(day("丰台区应急管理局执法检查结果公示目录.csv", "day"), days("2022-07-02", "2022-09-30"));
    assert_eq!(day("密云区应急管理局执法检查信息.csv", "day"), days("2023-01-04", "2023-12-30"));
    assert_eq!(day("执法检查结果公示.csv", "day"), days("2012-03-25", "2023-06-30"));
    assert_eq!(day("市生态环境局-环境违法和受行政处罚信息.csv", "day"), days("2023-05-16", "2025-01-02"));
    assert_eq!(day("货运双随机抽查结果公示+-+副本.csv", "day"), days("2020-06-01", "2020-06-30"));
    let taxes = read(&folder, "企业欠税公告信息.csv");
    let amounts = taxes.frame.column("amount").unwrap().f64().unwrap().sum().unwrap();
    assert!((amounts - TAXES).abs() < 0.005, "{amounts}");
}

/// 欠税金额 of all 332 rows, summed as decimals in Python.
const TAXES: f64 = 578_822_003.21;

#[test]
fn one_firm_under_several_names_is_told() {
    let Some(folder) = raw() else { return };
    let table = read(&folder, "市文化执法总队-文化领域行政检查信息.csv");
    let column = |name: &str| table.frame.column(name).unwrap().str().unwrap().clone();
    let (codes, names) = (column("uscc"), column("name"));
    let found = identity(codes.iter().zip(names.iter()));
    assert!(found.codes_with_several_names > 0 && found.names_with_several_codes > 0, "{found:?}");
    assert!(found.first_codes.iter().all(|several| several.beside.len() > 1));
}
