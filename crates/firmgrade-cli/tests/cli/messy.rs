//! Tables as offices send them, through the command line: read where they can be, refused with file, column, row and remedy where not.

use crate::sandbox::Sandbox;
use serde_json::Value;

const CARD: &str = r#"
[scorecard]
id = "raw"
title = "记录"
version = "1"
id_column = "uscc"
name_column = "name"
scale = { min = 0, max = 100, better = "high" }
[judgments.root]
equal = true
[mapping.firms]
"统一社会信用代码" = "uscc"
"企业名称" = "name"
[mapping.penalties]
"统一社会信用代码" = "uscc"
"处罚决定日期" = "decided_on"
"罚款金额（万元）" = "amount"
[mapping.complaints]
"被投诉企业" = "name"
"时间" = "day"
[reading]
missing = ["/", "无"]
dates = "day_first"
[[records]]
id = "penalties"
firm_id = "uscc"
date = "decided_on"
numbers = { amount = "ten_thousand_yuan" }
[[records]]
id = "complaints"
match = "name"
name = "name"
date = "day"
[indicators.fines]
title = "罚款"
criterion = "root"
from = "penalties"
aggregate = "sum"
of = "amount"
missing = "best"
points = [ { at = 0, risk = 0 }, { at = 100000, risk = 1 } ]
[indicators.complaints_all]
title = "投诉"
criterion = "root"
from = "complaints"
aggregate = "count"
missing = "error"
points = [ { at = 0, risk = 0 }, { at = 10, risk = 1 } ]
[grades]
order = ["A", "B"]
cuts = [">= 50"]
"#;

// 91350100M000100Y43 and 91512081MA62K0260E are published examples of codes.
const FIRMS: &str = "\
企业名单（2022年）,,,
,,,
\"\u{200B}统一社会\n信用代码\",企业名称,备注,
91350100M000100Y43,甲（北京）有限公司,,
91512081ma62k0260e ,乙公司,老店,
91110000600037341L,丙公司,,
91110108551385082Q,丙公司,,
";
const PENALTIES: &str = "\
行政处罚,,
统一社会信用代码,处罚决定日期,罚款金额（万元）
９１３５０１００Ｍ０００１００Ｙ４３,2022年3月7日,1.1
91350100m000100y43,7/3/2022,500元
91512081MA62K0260E,44627,无
/,20220307,3
";
const COMPLAINTS: &str = "\
被投诉企业,时间
甲(北京)有限公司,2022-03-07 11:46:00
 甲（北京）有限公司,2022.3.8
丙公司,2022-03-07
丁公司,2022-03-07
,2022-03-07
";
const GIVEN: &str = "card2.toml --firms f.csv --records penalties=p.csv complaints=c.csv --as-of 2022-12-31";

/// A folder with the card; the firms in UTF-8 with a byte order mark, the penalties in GB18030, the complaints in a workbook called .csv.
fn sandbox() -> Sandbox {
    let sandbox = Sandbox::new();
    sandbox.put("card2.toml", CARD);
    sandbox.put("f.csv", format!("\u{FEFF}{FIRMS}"));
    sandbox.put("p.csv", encoding_rs::GB18030.encode(PENALTIES).0);
    sandbox.convert(COMPLAINTS, "c.xlsx");
    std::fs::rename(sandbox.path("c.xlsx"), sandbox.path("c.csv")).unwrap();
    sandbox
}

#[test]
fn every_kind_of_mess_is_read_by_the_card_and_accounted_for() {
    let sandbox = sandbox();
    let ran = sandbox.ok(&format!("derive {GIVEN} -o out.json --report report.json"));
    let rows = sandbox.json("out.json")["rows"].clone();
    let column = |name: &str| rows.as_array().unwrap().iter().map(|row| row[name].clone()).collect::<Vec<Value>>();
    assert_eq!(column("uscc"), ["91350100M000100Y43", "91512081MA62K0260E", "91110000600037341L", "91110108551385082Q"]);
    // 1.1 万元 and 500 元; a record without an amount alone gives no sum, no record gives 0.
    assert_eq!(column("fines")[0], 11_500.0);
    assert_eq!((&column("fines")[1], &column("fines")[2]), (&Value::Null, &Value::from(0.0)));
    // Two spellings of one name; 丙公司 is two firms, so neither is complained of.
    assert_eq!(column("complaints_all"), [2.0, 0.0, 0.0, 0.0]);
    let report = sandbox.json("report.json");
    let (penalties, complaints) = (&report["tables"][0], &report["tables"][1]);
    assert_eq!((&penalties["source"]["encoding"], &penalties["source"]["header_row"]), (&Value::from("gb18030"), &Value::from(2)));
    assert_eq!(complaints["source"]["format"], "Excel (.xlsx)");
    assert_eq!(
        (&penalties["read"], &penalties["fates"]["unmatched"], &penalties["unmatched"]["without_id"]),
        (&4.into(), &1.into(), &1.into())
    );
    assert_eq!((&complaints["fates"]["ambiguous"], &complaints["fates"]["unmatched"]), (&1.into(), &2.into()));
    assert_eq!(complaints["names"]["rate"], 0.4);
    assert_eq!(penalties["columns"][2]["header"], "罚款金额(万元)");
    assert_eq!(penalties["columns"][1]["repaired"], 4);
    assert_eq!(report["firm_table"]["source"]["header_row"], 3);
    for table in [penalties, complaints] {
        let fates = table["fates"].as_object().unwrap().values().map(|count| count.as_u64().unwrap()).sum::<u64>();
        assert_eq!(table["read"].as_u64().unwrap(), fates);
    }
    assert_eq!(report["identity"]["names_with_several_codes"], 1);
    for said in [
        "f.csv: 4 rows read (CSV, UTF-8, header in row 3",
        "complaints: 2 of 5 records matched to a firm by name (40.0 %)",
        "1 with a name that several firms have, left out (丙公司: 1, …)",
        "1 name under several ids (丙公司: 91110000600037341L, 91110108551385082Q, …); nothing was merged",
    ] {
        assert!(ran.out.contains(said), "`{said}` is not in {}", ran.out);
    }
    // The same through grade and check.
    sandbox.ok(&format!("grade {GIVEN} -o graded.json --keep name"));
    let checked = sandbox.ok(&format!("check {GIVEN}"));
    assert!(checked.out.contains("complaints: 2 of 5 records matched"), "{}", checked.out);
    // A fault of grading has the line of the file: the header of the firms stands on two.
    sandbox.put("card2.toml", CARD.replace("of = \"amount\"\nmissing = \"best\"", "of = \"amount\"\nmissing = \"error\""));
    let refused = sandbox.run(&format!("grade {GIVEN} -o o.json"));
    assert!(refused.err.contains("f.csv: column `fines` has 1 missing value (row 6), and `fines` allows none"), "{}", refused.err);
}

/// Changes one text of the penalties, and gives what is said. Nothing may be written.
fn refused(old: &str, new: &str) -> String {
    let sandbox = sandbox();
    let text = PENALTIES.replace(old, new);
    assert_ne!(text, PENALTIES);
    sandbox.put("p.csv", text);
    let ran = sandbox.run(&format!("derive {GIVEN} -o o.csv --report r.json"));
    assert_eq!((ran.code, ran.out.as_str()), (1, ""), "{}", ran.err);
    assert!(!sandbox.has("o.csv") && !sandbox.has("r.json"));
    ran.err
}

#[test]
fn what_cannot_be_read_is_refused_with_file_column_row_and_remedy() {
    let place = "error: `p.csv`: table `penalties`: column `decided_on` has 1 unreadable cell (row 3: ";
    let remedy = "correct them, or say what happens to them: `[reading] unreadable = \"missing\"` or `\"drop\"`";
    for (date, reason) in [
        ("2023-02-30", "a day that the calendar does not have"),
        ("去年", "no date"),
        ("22-3-7", "a year of two digits"),
        ("0022-03-07", "a year outside 1900 to 2199"),
    ] {
        assert_eq!(refused("2022年3月7日", date), format!("{place}`{date}`): {reason}; {remedy}\n"));
    }
    assert_eq!(
        refused("1.1", "约一万"),
        format!("error: `p.csv`: table `penalties`: column `amount` has 1 unreadable cell (row 3: `约一万`): no number; {remedy}\n")
    );
    assert!(refused("1.1", "#N/A").contains("column `amount` has 1 unreadable cell (row 3: `#N/A`): an error of a spreadsheet"));
    assert!(refused("９１３５０１００Ｍ０００１００Ｙ４３", "#REF!").contains("column `uscc` has 1 unreadable cell (row 3: `#REF!`)"));
    // An end of time and a year nought mean that there is no date.
    for nothing in ["9999-12-31", "0001-01-01", ""] {
        let said = "error: `p.csv`: table `penalties`: column `decided_on` has 1 undated record (row 3); date them, or say what happens to \
                    undated records: `undated = \"drop\"` or `\"count\"`\n";
        assert_eq!(refused("2022年3月7日", nothing), said);
    }
    assert!(
        refused("\n/,20220307,3", "\n/,20220307").contains("has 1 unreadable row (row 6: `2 cells`): fewer than the 3 cells of the header")
    );
    assert!(refused("\n/,20220307,3", "\n/,20220307,3,4").contains("(row 6: `4`): content beyond the last column of the header"));
    assert!(refused("统一社会信用代码", "代码").contains("`p.csv`: table `penalties`: column `uscc` is missing"));
    assert!(refused("罚款金额（万元）", "处罚决定日期").contains("columns 2 and 3 of the header are both `decided_on`; rename one"));
    let huge = refused("无", &"长".repeat(100_000));
    assert!(huge.len() < 1000 && huge.contains("长长…`): no number"), "{huge}");
}

#[test]
fn days_that_contradict_each_other_or_lie_ahead_are_told() {
    let sandbox = sandbox();
    sandbox.put("card2.toml", CARD.replace("date = \"decided_on\"", "date = \"decided_on\"\nend = \"ended_on\""));
    sandbox.put(
        "p.csv",
        "uscc,decided_on,ended_on,amount\n91350100M000100Y43,2022-03-07,2022-01-01,1\n91350100M000100Y43,2023-03-07,9999-12-31,1\n\
         91350100M000100Y43,2022-03-07,9999-12-31,1\n",
    );
    let ran = sandbox.ok(&format!("derive {GIVEN} -o out.json --report report.json"));
    assert!(ran.out.contains("penalties: 1 record with an end before the date (row 2: `2022-01-01 < 2022-03-07`)"), "{}", ran.out);
    let table = sandbox.json("report.json")["tables"][0].clone();
    assert_eq!((&table["fates"]["ended"], &table["fates"]["future"], &table["fates"]["counting"]), (&1.into(), &1.into(), &1.into()));
    assert_eq!((&table["first_day"], &table["last_day"]), (&"2022-03-07".into(), &"2023-03-07".into()));
    assert_eq!(sandbox.json("out.json")["rows"][0]["fines"], 10_000.0);
}

#[test]
fn files_without_a_table_are_refused() {
    let mixed = [FIRMS.as_bytes(), b"\xD2\xD2,1\n"].concat();
    for (bytes, said) in [
        (&mixed[..], "`p.csv` mixes encodings: line 1 is UTF-8, line 9, byte offset"),
        (b"", "`p.csv` is empty, expected a header and rows"),
        (b"\xFF\xFEa\x00", "`p.csv` is UTF-16 text, expected UTF-8 or GB18030; save it again as UTF-8"),
        (b"%PDF-1.7", "`p.csv` is not CSV: found a PDF document"),
        (b"a,b\n1,2\n", "`p.csv`: none of the first 2 rows has a header that `[mapping.penalties]` spells"),
        (b"uscc,decided_on,amount\n1,\"2022", "line 2: a double quote opens here and never closes"),
    ] {
        let sandbox = sandbox();
        sandbox.put("p.csv", bytes);
        // What is wrong with another file is told at once.
        std::fs::remove_file(sandbox.path("c.csv")).unwrap();
        let ran = sandbox.run(&format!("derive {GIVEN} -o o.csv"));
        assert_eq!((ran.code, ran.err.lines().count()), (1, 2), "{}", ran.err);
        assert!(ran.err.contains(said) && ran.err.contains("cannot find `c.csv`"), "{}", ran.err);
        assert!(!sandbox.has("o.csv"));
    }
    // A header alone is a table without records.
    let sandbox = sandbox();
    sandbox.put("p.csv", "统一社会信用代码,处罚决定日期,罚款金额（万元）\n");
    sandbox.ok(&format!("derive {GIVEN} -o o.csv"));
}

#[test]
fn the_card_may_say_what_becomes_of_cells_that_cannot_be_read() {
    let sandbox = sandbox();
    sandbox.put("p.csv", PENALTIES.replace("2022年3月7日", "2023-02-30").replace("500元", "五百"));
    let run = |policy: &str, undated: &str| {
        let card = CARD.replace("[reading]", &format!("[reading]\nunreadable = \"{policy}\""));
        sandbox.put("card2.toml", card.replace("date = \"decided_on\"", &format!("date = \"decided_on\"\nundated = \"{undated}\"")));
        let ran = sandbox.ok(&format!("derive {GIVEN} -o out.json --report report.json"));
        let table = sandbox.json("report.json")["tables"][0].clone();
        let fates = table["fates"].as_object().unwrap().values().map(|count| count.as_u64().unwrap()).sum::<u64>();
        assert_eq!((table["read"].as_u64(), fates), (Some(4), 4), "{table}");
        (table, sandbox.json("out.json")["rows"][0]["fines"].clone(), ran.out)
    };
    let (missing, fines, out) = run("missing", "drop");
    assert_eq!((&missing["fates"]["rejected"], &missing["fates"]["undated"], fines), (&0.into(), &1.into(), Value::Null));
    assert!(out.contains("1 cell of `decided_on` not read: a day that the calendar does not have (row 3: `2023-02-30`)"), "{out}");
    let (dropped, fines, out) = run("drop", "error");
    assert_eq!((&dropped["fates"]["rejected"], &dropped["fates"]["undated"], fines), (&2.into(), &0.into(), 0.0.into()));
    assert!(out.contains("1 row left out: a cell of `amount` that cannot be read (row 4: `五百`)"), "{out}");
    assert_eq!(dropped["rejected"][0]["first"][0]["row"], 3);
}

#[test]
fn grading_alone_reads_messy_firms_too() {
    let sandbox = Sandbox::new();
    let firms = crate::sandbox::FIRMS;
    sandbox.ok("grade card.toml --firms firms.csv -o plain.json");
    let plain = sandbox.json("plain.json")["rows"].clone();
    sandbox.put("gbk.csv", encoding_rs::GB18030.encode(firms).0);
    sandbox.put("titled.csv", format!("企业名单\n{firms}"));
    sandbox.put("wide.csv", firms.replace('\n', ",,\n"));
    sandbox.convert(firms, "x.xlsx");
    std::fs::rename(sandbox.path("x.xlsx"), sandbox.path("x.csv")).unwrap();
    for file in ["gbk.csv", "titled.csv", "wide.csv", "x.csv"] {
        sandbox.ok(&format!("grade card.toml --firms {file} -o o.json"));
        assert_eq!(sandbox.json("o.json")["rows"], plain, "{file}");
    }
    // With a mapping the card's own words are read; faults have rows of the file.
    let card = crate::sandbox::CARD.replace("[grades]", "[mapping.firms]\n\"处罚次数\" = \"penalties\"\n[grades]");
    sandbox.put("mapped.toml", card);
    sandbox.put("mapped.csv", format!("企业名单\n{}", firms.replace("penalties", "处罚次数")));
    sandbox.ok("grade mapped.toml --firms mapped.csv -o o.json");
    assert_eq!(sandbox.json("o.json")["rows"], plain);
    sandbox.put("mapped.csv", format!("企业名单\n{}", firms.replace(",4,10", ",四次,10")));
    let ran = sandbox.run("grade mapped.toml --firms mapped.csv -o o2.json");
    assert!(
        ran.err.contains("`mapped.csv`: table `firms`: column `penalties` has 1 unreadable cell (row 5: `四次`): no number"),
        "{}",
        ran.err
    );
    sandbox.put("mapped.csv", format!("企业名单\n{}", firms.replace(",4,10", ",,10")));
    let ran = sandbox.run("grade mapped.toml --firms mapped.csv -o o2.json");
    assert!(ran.err.contains("mapped.csv: column `penalties` has 1 missing value (row 5)"), "{}", ran.err);
    assert!(!sandbox.has("o2.json"));
}
