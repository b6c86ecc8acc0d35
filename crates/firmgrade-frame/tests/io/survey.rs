//! Questionnaires out and in, tables of pairs, matrices, and the card that carries the result.

use std::fs;
use std::path::{Path, PathBuf};

use calamine::{Data, Reader, Xlsx, open_workbook};
use firmgrade::ahp::{Judgments, Method, Positive, RandomIndex, SplitMix64};
use firmgrade::{Scorecard, card::Node};
use firmgrade_frame::{Accepted, NewJudgments, Survey, accept, load_card, read_survey, write_judgments, write_questionnaire};
use rust_xlsxwriter::{ExcelDateTime, Format, Workbook};

const CARD: &str = r#"# 卡头注释
[scorecard]
id = "shops"
title = "店铺评分卡"
version = "3"
id_column = "id"
scale = { min = 0, max = 100, better = "high" }

[criteria.conduct]
title = "经营行为"
[criteria.basis]
title = "主体信息"

# 顶层判断
[judgments.root.pairs] # 两组
"conduct:basis" = 3 # 行为更重
[judgments.conduct]
max_cr = 0.2 # 放宽
order = ["a", "b", "c", "d"]
upper = [["1/2", 1, 2], [2, 3], [2]]
[judgments.basis]
equal = true

[indicators]
a = { title = "处罚", criterion = "conduct", missing = "worst", flag = { true = 1, false = 0 } }
b = { title = "投诉", criterion = "conduct", missing = "worst", flag = { true = 1, false = 0 } }
c = { title = "年报", criterion = "conduct", missing = "worst", flag = { true = 1, false = 0 } }
d = { title = "异常", criterion = "conduct", missing = "worst", flag = { true = 1, false = 0 } }
e = { title = "资本", criterion = "basis", missing = "worst", flag = { true = 1, false = 0 } }
f = { title = "年限", criterion = "basis", missing = "worst", flag = { true = 1, false = 0 } }

[grades]
order = ["A", "B"]
cuts = [">= 50"]
"#;

struct Place(tempfile::TempDir);

impl Place {
    fn new() -> Self {
        let place = Self(tempfile::tempdir().unwrap());
        place.put("card.toml", CARD);
        place
    }

    fn path(&self, name: &str) -> PathBuf {
        self.0.path().join(name)
    }

    fn put(&self, name: &str, text: &str) -> PathBuf {
        fs::write(self.path(name), text).unwrap();
        self.path(name)
    }

    fn card(&self) -> Scorecard {
        load_card(self.path("card.toml")).unwrap()
    }

    fn read(&self, names: &[&str]) -> Survey {
        let paths: Vec<PathBuf> = names.iter().map(|name| self.path(name)).collect();
        read_survey(&self.card(), &paths, Positive::First).unwrap()
    }

    /// What is said about faulty files, without the folder.
    fn refused(&self, names: &[&str]) -> Vec<String> {
        let paths: Vec<PathBuf> = names.iter().map(|name| self.path(name)).collect();
        let faults = read_survey(&self.card(), &paths, Positive::First).unwrap_err();
        faults.iter().map(|fault| self.plain(&fault.to_string())).collect()
    }

    fn plain(&self, text: &str) -> String {
        text.replace(&format!("{}/", self.0.path().display()), "")
    }

    fn warnings(&self, survey: &Survey) -> Vec<String> {
        survey.warnings.iter().map(|warning| self.plain(&warning.to_string())).collect()
    }
}

fn node<'c>(card: &'c Scorecard, id: &str) -> &'c Node {
    card.nodes().iter().find(|node| node.id == id).unwrap()
}

/// What an expert answers to a pair of ids.
type Answer<'a> = &'a dyn Fn(&str, &str) -> String;

/// A copy of a questionnaire as a person would hand it back: one sheet for each name, `answer` of the two ids in the third column.
fn fill(from: &Path, to: &Path, sheets: &[(&str, &str, Answer<'_>)]) {
    let mut book: Xlsx<_> = open_workbook(from).unwrap();
    let range = book.worksheet_range("判断 Judgments").unwrap();
    assert_eq!(range.start(), Some((0, 0)));
    let mut filled = Workbook::new();
    for (sheet, name, answer) in sheets {
        let sheet = filled.add_worksheet().set_name(*sheet).unwrap();
        for (row, cells) in (0..).zip(range.rows()) {
            for (column, cell) in (0..).zip(cells) {
                if *cell != Data::Empty {
                    sheet.write(row, column, cell.to_string()).unwrap();
                }
            }
            if row == 1 {
                sheet.write(row, 2, *name).unwrap();
            }
            if row >= 5 && cells[6] != Data::Empty {
                match answer(&cells[6].to_string(), &cells[7].to_string()) {
                    // A spreadsheet makes numbers of what looks like them.
                    text if text.parse::<f64>().is_ok() => sheet.write(row, 2, text.parse::<f64>().unwrap()).unwrap(),
                    text => sheet.write(row, 2, text).unwrap(),
                };
            }
        }
    }
    filled.add_worksheet().set_name("草稿").unwrap().write(3, 3, "whatever").unwrap();
    filled.save(to).unwrap();
}

#[test]
fn a_questionnaire_comes_back_as_it_was_filled_in() {
    let place = Place::new();
    let card = place.card();
    write_questionnaire(&card, place.path("survey.xlsx")).unwrap();
    let one = |first: &str, second: &str| -> String {
        match (first, second) {
            ("conduct", "basis") => "左4",
            ("a", "b") => "右2",
            ("a", "c") => "1",
            ("a", "d") => "2",
            ("b", "c") => "Ｌ３",
            ("b", "d") => "5:1",
            ("c", "d") => "-2",
            other => panic!("{other:?}"),
        }
        .to_owned()
    };
    let two = |first: &str, second: &str| if first == "a" { one(first, second) } else { String::new() };
    fill(&place.path("survey.xlsx"), &place.path("back.xlsx"), &[("甲", "专家甲", &one), ("乙", "", &two)]);
    let survey = place.read(&["back.xlsx"]);
    assert!(survey.warnings.is_empty(), "{:?}", survey.warnings);
    assert_eq!(survey.nodes.iter().map(|node| node.node.as_str()).collect::<Vec<_>>(), ["root", "conduct"]);
    let conduct = &survey.nodes[1].experts;
    assert_eq!(conduct.iter().map(|expert| expert.name.as_str()).collect::<Vec<_>>(), ["专家甲", "乙"]);
    let rows = [vec![0.5, 1.0, 2.0], vec![3.0, 5.0], vec![0.5]];
    let names = ["a", "b", "c", "d"].map(str::to_owned).to_vec();
    let expected = Judgments::from_upper(Some(names), &rows).unwrap();
    let found = conduct[0].judgments.complete().unwrap();
    assert_eq!(found.matrix(), expected.matrix());
    let weigh = |judgments: &Judgments| judgments.weights(Method::Eigenvector, RandomIndex::Saaty1980).values().to_vec();
    assert_eq!(weigh(found), weigh(&expected));
    assert_eq!(conduct[1].judgments.missing(), [(1, 2), (1, 3), (2, 3)]);
    assert_eq!(survey.nodes[0].experts.len(), 1);
    // A blank one has nothing to say and is no fault.
    assert!(place.read(&["survey.xlsx"]).nodes.is_empty());
}

#[test]
fn a_questionnaire_asks_every_pair_once_and_guards_itself() {
    let place = Place::new();
    write_questionnaire(&place.card(), place.path("survey.xlsx")).unwrap();
    let again = place.path("again.xlsx");
    write_questionnaire(&place.card(), &again).unwrap();
    assert_eq!(fs::read(place.path("survey.xlsx")).unwrap(), fs::read(again).unwrap());
    let mut book: Xlsx<_> = open_workbook(place.path("survey.xlsx")).unwrap();
    assert_eq!(book.sheet_names(), ["说明 Guide", "判断 Judgments"]);
    let range = book.worksheet_range("判断 Judgments").unwrap();
    let titles: Vec<[String; 2]> =
        range.rows().skip(5).filter(|row| row[6] != Data::Empty).map(|row| [1, 3].map(|at| row[at].to_string())).collect();
    let expected = [
        ["经营行为", "主体信息"],
        ["处罚", "投诉"],
        ["处罚", "年报"],
        ["处罚", "异常"],
        ["投诉", "年报"],
        ["投诉", "异常"],
        ["年报", "异常"],
    ];
    assert_eq!(titles, expected.map(|pair| pair.map(str::to_owned)));
    let said = |card: &Scorecard, name: &str| place.plain(&write_questionnaire(card, place.path(name)).unwrap_err().to_string());
    assert!(said(&place.card(), "survey.csv").contains("expected a name that ends in .xlsx"));
    place.put(
        "card.toml",
        &CARD
            .replace("order = [\"a\", \"b\", \"c\", \"d\"]\nupper = [[\"1/2\", 1, 2], [2, 3], [2]]", "equal = true")
            .replace("\"conduct:basis\" = 3", "")
            .replace("[judgments.root.pairs]", "[judgments.root]\nequal = true"),
    );
    assert!(said(&place.card(), "none.xlsx").contains("no node that is judged in pairs") && !place.path("none.xlsx").exists());
}

#[test]
fn faults_of_a_questionnaire_have_their_cells() {
    let place = Place::new();
    write_questionnaire(&place.card(), place.path("survey.xlsx")).unwrap();
    let wrong = |first: &str, second: &str| -> String {
        match (first, second) {
            ("a", "b") => "0.5",
            ("a", "c") => "左12",
            ("a", "d") => "很重要",
            ("b", "c") => "1/0",
            _ => "",
        }
        .to_owned()
    };
    fill(&place.path("survey.xlsx"), &place.path("bad.xlsx"), &[("表", "甲", &wrong)]);
    assert_eq!(
        place.refused(&["bad.xlsx"]),
        [
            "bad.xlsx, sheet `表`, cell C9: found `0.5`: between -1 and 1 a score favours neither thing, expected a score from 1 to 9 or from \
             -9 to -1, or a ratio such as `1:3`; correct it, or leave it blank",
            "bad.xlsx, sheet `表`, cell C10: found `左12`, expected a score from 1 to 9 or from -9 to -1, or a ratio such as `1:3`; correct it, \
             or leave it blank",
            "bad.xlsx, sheet `表`, cell C11: found `很重要`, expected a score from 1 to 9 or from -9 to -1, or a ratio such as `1:3`; correct it, \
             or leave it blank",
            "bad.xlsx, sheet `表`, cell C12: found `1/0`, expected a positive number or ratio such as `3`, `0.2`, `1/3` or `1:3`; correct it, \
             or leave it blank",
        ]
    );
    // Another card, another version, the same expert twice, judgments that link nothing.
    let fine =
        |first: &str, second: &str| if (first, second) == ("a", "b") || (first, second) == ("c", "d") { "左2" } else { "" }.to_owned();
    fill(&place.path("survey.xlsx"), &place.path("apart.xlsx"), &[("表", "甲", &fine)]);
    place.put("card.toml", &CARD.replace("version = \"3\"", "version = \"4\""));
    let survey = place.read(&["apart.xlsx"]);
    assert!(survey.nodes.is_empty());
    assert_eq!(
        place.warnings(&survey),
        [
            "apart.xlsx, sheet `表`: this questionnaire was written for version `3` of the card, which is now `4`; see that its questions still \
             mean the same",
            "apart.xlsx, sheet `表`: `甲`, left out at `conduct`: no judgment links {`a`, `b`} and {`c`, `d`}, expected every thing to be linked \
             to every other through judgments",
        ]
    );
    place.put("card.toml", &CARD.replace("id = \"shops\"", "id = \"salons\""));
    assert_eq!(
        place.refused(&["apart.xlsx"]),
        ["apart.xlsx, sheet `表`: this is a questionnaire of the card `shops`, expected `salons`; name the card that it was written for"]
    );
    place.put("card.toml", CARD);
    let root = |first: &str, _: &str| if first == "conduct" { "左2".to_owned() } else { String::new() };
    fill(&place.path("survey.xlsx"), &place.path("one.xlsx"), &[("表", "甲", &root)]);
    fill(&place.path("survey.xlsx"), &place.path("two.xlsx"), &[("表", "甲", &root)]);
    assert_eq!(
        place.refused(&["one.xlsx", "two.xlsx"]),
        [
            "two.xlsx, sheet `表`: `甲` has judged `root` already in one.xlsx, sheet `表`; give each expert a name of his own, or leave one of the \
          two out"
        ]
    );
}

#[test]
fn a_date_is_no_judgment() {
    let place = Place::new();
    let mut book = Workbook::new();
    let sheet = book.add_worksheet().set_name("甲").unwrap();
    for (at, name) in (1..).zip(["conduct", "basis"]) {
        sheet.write(0, at, name).unwrap();
        sheet.write(u32::from(at), 0, name).unwrap();
    }
    let day = Format::new().set_num_format("m/d");
    sheet.write_with_format(1, 2, ExcelDateTime::from_ymd(2026, 1, 3).unwrap(), &day).unwrap();
    book.save(place.path("dates.xlsx")).unwrap();
    assert_eq!(
        place.refused(&["dates.xlsx"]),
        [
            "dates.xlsx, sheet `甲`, cell C2: found the date or time `2026-01-03`, expected a judgment; a spreadsheet makes a date of `1/3`: format \
          the cell as text and type it again"
        ]
    );
}

#[test]
fn tables_of_pairs_in_both_directions() {
    let place = Place::new();
    place.put(
        "pairs.csv",
        "expert,first,second,score\n甲,经营行为,basis,-3\n甲,处罚,投诉,2\n甲,b,c,\n乙,basis,conduct,３\n乙,conduct,basis,1/3\n",
    );
    let read = |positive: Positive| read_survey(&place.card(), &[place.path("pairs.csv")], positive);
    let root = |survey: &Survey| -> Vec<Option<f64>> { survey.nodes[0].experts.iter().map(|expert| expert.judgments.get(0, 1)).collect() };
    let survey = read(Positive::First).unwrap();
    assert_eq!(root(&survey), [Some(1.0 / 3.0), Some(1.0 / 3.0)]);
    assert_eq!((survey.nodes.len(), survey.warnings.len()), (1, 1));
    // The other way round −3 favours the first thing; for 乙 the score then says 3 where the ratio says 1/3.
    let faults = read(Positive::Second).unwrap_err();
    assert_eq!(
        place.plain(&faults[0].to_string()),
        "pairs.csv, cell D6: this pair is judged otherwise in cell D5; leave one of the two blank"
    );
    place.put("pairs.csv", "first,second,score\nconduct,basis,-3\n");
    assert_eq!(root(&read(Positive::Second).unwrap()), [Some(3.0)]);
    assert_eq!(read(Positive::Second).unwrap().nodes[0].experts[0].name, "pairs");
    place.put("bad.csv", "first,second,score\nconduct,bassi,3\na,conduct,2\na,a,2\n,b,2\na,b,0\n");
    place.put("prose.csv", "dear,all\nplease,see\n");
    assert_eq!(
        place.refused(&["bad.csv", "prose.csv", "nowhere.csv", "card.toml"]),
        [
            "bad.csv, cell B2: there is nothing called `bassi` in the card; did you mean `basis`?",
            "bad.csv, cell B3: the first thing is below `conduct`, the second below `root`; compare things of one node",
            "bad.csv, cell B4: a thing is compared with itself; name two different things",
            "bad.csv, cell A5: found no name; name a criterion or an indicator of the card",
            "bad.csv, cell C6: found `0`: between -1 and 1 a score favours neither thing, expected a score from 1 to 9 or from -9 to -1, or a \
             ratio such as `1:3`; correct it, or leave it blank",
            "prose.csv: found neither a questionnaire, nor a table of pairs, nor a matrix with the same names in its first row and column; write a \
             questionnaire with `firmgrade survey` and fill it in",
            "nowhere.csv: cannot find `nowhere.csv`: no such file; check the path",
            "card.toml: cannot tell the format of `card.toml`: found the ending `.toml`, expected .csv, .parquet, .xlsx, .xls, .ods or .json; \
             rename the file or name its format",
        ]
    );
}

/// Rounded reciprocals become what was meant, in any order of the names; triangles are enough.
#[test]
fn matrices_as_people_type_them() {
    let place = Place::new();
    place.put("甲.csv", ",d,a,b,c\nd,1,0.5,0.2,1/3\na,2,1,0.5,1\nb,5,2,1,3\nc,3,1,0.33,1\n");
    place.put("乙.csv", ",处罚,投诉,年报,异常\n处罚,,1/2,1,2\n投诉,,,３,5\n年报,,,,3\n异常,,,,\n");
    place.put("丙.csv", ",a,b,c,d\na,,,,\nb,2,,,\nc,1,1:3,,\nd,1/2,1/5,1/3,\n");
    let survey = place.read(&["甲.csv", "乙.csv", "丙.csv"]);
    let all: Vec<&[f64]> = survey.nodes[0].experts.iter().map(|expert| expert.judgments.complete().unwrap().matrix()).collect();
    assert_eq!(all[0][6], 3.0);
    assert_eq!(all[0][9].to_bits(), (1.0_f64 / 3.0).to_bits());
    assert_eq!(all[0], all[1]);
    assert_eq!(all[1], all[2]);
    assert_eq!(
        place.warnings(&survey),
        ["甲.csv, cell D5: `c:b` is `0.33`, a rounded reciprocal of 3 (off by 1.00 %), used 0.3333333333333333"]
    );
}

#[test]
fn faults_of_a_matrix_have_their_cells() {
    let place = Place::new();
    place.put("product.csv", ",b,a,c,d\nb,1,3,1,1\na,3,1,1,1\nc,1,1,2,-4\nd,1,1,x,1\n");
    place.put("both.csv", ",basis,conduct\nbasis,1,3\nconduct,3,1\n");
    place.put("self.csv", ",basis,conduct\nbasis,2,3\nconduct,1/3,1\n");
    place.put("names.csv", ",a,b,c,d\na,1,1,1,1\nb,1,1,1,1\nc,1,1,1,1\nbasis,1,1,1,1\n");
    place.put("few.csv", ",a,b,c\na,1,1,1\nb,1,1,1\nc,1,1,1\n");
    place.put("twice.csv", ",a,b,c,d,d\na,1,1,1,1,1\nb,1,1,1,1,1\nc,1,1,1,1,1\nd,1,1,1,1,1\n");
    assert_eq!(
        place.refused(&["product.csv", "both.csv", "self.csv", "names.csv", "few.csv", "twice.csv"]),
        [
            "product.csv, cell E4: found `-4`, expected a positive number or ratio such as `3`, `0.2`, `1/3` or `1:3`; correct it, or leave it blank",
            "product.csv, cell D5: found `x`, expected a positive number or ratio such as `3`, `0.2`, `1/3` or `1:3`; correct it, or leave it blank",
            "product.csv, cell D4: `c` compared with itself is 2, expected 1; type 1, or leave it blank",
            "product.csv, cell B3: `a:b` is 3 but `b:a` in cell C2 is 3: found a product of 9, expected 1 within 0.05; correct one of the two, or \
             leave it blank",
            "both.csv, cell B3: `conduct:basis` is 3 but `basis:conduct` in cell C2 is 3: found a product of 9, expected 1 within 0.05; correct one \
             of the two, or leave it blank",
            "self.csv, cell B2: `basis` compared with itself is 2, expected 1; type 1, or leave it blank",
            "names.csv, cell A5: `basis` is not below `conduct`, as the first name is; compare the children of one node in one matrix",
            "few.csv: `d`, a child of `conduct`, is missing in the first column; add its row and its column; leave cells blank that are not judged",
            "few.csv: `d`, a child of `conduct`, is missing in the first row; add its row and its column; leave cells blank that are not judged",
            "twice.csv, cell F1: `d` stands twice in the first row; name each thing once",
        ]
    );
}

/// 200 matrices from 1e-9 to 1e9 and on the scale, whichever side was stated: the same bits again.
#[test]
fn a_matrix_in_csv_is_the_same_bits_again() {
    let place = Place::new();
    let mut random = SplitMix64::new(7);
    let names = ["a", "b", "c", "d"].map(str::to_owned);
    for round in 0..200 {
        let mut draw = || {
            let value = if round % 2 == 0 { 10_f64.powf(random.uniform() * 18.0 - 9.0) } else { 1.0 + 8.0 * random.uniform() };
            if random.below(2) == 0 { value } else { 1.0 / value }
        };
        let rows: Vec<Vec<f64>> = (1..4).map(|row| (row..4).map(|_| draw()).collect()).collect();
        let judgments = Judgments::from_upper(Some(names.to_vec()), &rows).unwrap();
        write_judgments(&judgments, place.path("m.csv")).unwrap();
        let survey = place.read(&["m.csv"]);
        let back = survey.nodes[0].experts[0].judgments.complete().unwrap();
        let bits = |judgments: &Judgments| judgments.matrix().iter().map(|x| x.to_bits()).collect::<Vec<_>>();
        assert_eq!(bits(back), bits(&judgments), "{rows:?}");
    }
    let one = Judgments::from_upper(None, &[]).unwrap();
    assert!(write_judgments(&one, place.path("m.xlsx")).unwrap_err().to_string().contains("ends in .csv"));
}

fn judged(names: &[&str], rows: &[&[f64]]) -> Accepted {
    let rows: Vec<Vec<f64>> = rows.iter().map(|row| row.to_vec()).collect();
    Accepted::Judged(Judgments::from_upper(Some(names.iter().map(|name| (*name).to_owned()).collect()), &rows).unwrap())
}

fn change(node: &str, accepted: Accepted) -> NewJudgments {
    NewJudgments { node: node.to_owned(), accepted, comment: vec!["由 a.xlsx 汇总".to_owned()] }
}

fn weights(card: &Scorecard, id: &str) -> Vec<f64> {
    let one = |child: &String| {
        let inner = card.nodes().iter().find(|node| node.id == *child).map(|node| node.local_weight);
        inner.or_else(|| card.indicators().iter().find(|leaf| leaf.id == *child).map(|leaf| leaf.local_weight)).unwrap()
    };
    node(card, id).children.iter().map(one).collect()
}

#[test]
fn a_new_card_keeps_every_other_byte() {
    let place = Place::new();
    let (card, out) = (place.path("card.toml"), place.path("new.toml"));
    let conduct = judged(&["a", "b", "c", "d"], &[&[2.0_f64.sqrt(), 1.0, 1.0 / 3.7], &[0.7, 0.3], &[1.0 / 3.0]]);
    let changes = [
        change("root", judged(&["conduct", "basis"], &[&[0.25]])),
        change("conduct", conduct.clone()),
        change("basis", Accepted::Direct(vec![0.1, 0.9])),
    ];
    let new = accept(&card, &out, &[], &changes).unwrap();
    let Accepted::Judged(expected) = conduct else { unreachable!() };
    assert_eq!(weights(&new, "conduct"), expected.weights(Method::Eigenvector, RandomIndex::Saaty1980).values());
    assert_eq!(weights(&load_card(&out).unwrap(), "conduct"), weights(&new, "conduct"));
    assert_eq!((weights(&new, "root"), weights(&new, "basis")), (vec![0.2, 0.8], vec![0.1, 0.9]));
    let text = fs::read_to_string(&out).unwrap();
    let kept = |part: &str| CARD.contains(part) && text.contains(part);
    for part in [
        "# 卡头注释\n[scorecard]\nid = \"shops\"",
        "\n# 顶层判断\n",
        "[judgments.conduct]\nmax_cr = 0.2 # 放宽\n",
        CARD.split("equal = true\n").nth(1).unwrap(),
    ] {
        assert!(kept(part), "{part} is not in {text}");
    }
    assert!(text.contains("# 顶层判断\n# firmgrade --accept: 由 a.xlsx 汇总\n[judgments.root.pairs]"), "{text}");
    assert!(text.contains("\"basis:conduct\" = 4\n") && !text.contains("upper") && !text.contains("equal"), "{text}");
    // A judgment that stays, stays as it was typed, in either direction and with its remark.
    let root = judged(&["conduct", "basis"], &[&[3.0]]);
    accept(&card, place.path("same.toml"), &[], &[change("root", root)]).unwrap();
    let same = fs::read_to_string(place.path("same.toml")).unwrap();
    assert_eq!(same.replace("# firmgrade --accept: 由 a.xlsx 汇总\n", ""), CARD);
    // Once more from there: the old remark goes, the text is otherwise the same.
    let again = place.path("again.toml");
    accept(&out, &again, &[], &changes).unwrap();
    assert_eq!(fs::read_to_string(&again).unwrap(), text);
}

#[test]
fn a_card_that_extends_is_extended() {
    let place = Place::new();
    fs::create_dir(place.path("out")).unwrap();
    place.put(
        "heir.toml",
        "[scorecard]\nextends = \"card.toml\"\nversion = \"3b\"\n[judgments.conduct]\nmethod = \"geometric_mean\"\nequal = true\n",
    );
    let rows: [&[f64]; 3] = [&[2.0, 3.0, 4.0], &[2.0, 2.0], &[1.5]];
    let new = accept(place.path("heir.toml"), place.path("out/new.toml"), &[], &[change("conduct", judged(&["a", "b", "c", "d"], &rows))])
        .unwrap();
    let text = fs::read_to_string(place.path("out/new.toml")).unwrap();
    assert!(text.starts_with("[scorecard]\nextends = \"../heir.toml\"\n"), "{text}");
    assert!(text.contains("[judgments.conduct]\nmethod = \"geometric_mean\"\n") && !text.contains("criteria"), "{text}");
    let direct = Judgments::from_upper(None, &rows.map(<[f64]>::to_vec)).unwrap().weights(Method::GeometricMean, RandomIndex::Saaty1980);
    assert_eq!(weights(&new, "conduct"), direct.values());
    assert_eq!(weights(&load_card(place.path("out/new.toml")).unwrap(), "conduct"), direct.values());
    assert_eq!(new.spec().scorecard.version, "3b");
    // No input is overwritten, nor a card that is extended.
    for out in ["heir.toml", "card.toml", "a.xlsx"] {
        place.put("a.xlsx", "");
        let before = fs::read(place.path(out)).unwrap();
        let error = accept(place.path("heir.toml"), place.path(out), &[place.path("a.xlsx")], &[]).unwrap_err().to_string();
        assert!(error.contains("would overwrite the input"), "{error}");
        assert_eq!(fs::read(place.path(out)).unwrap(), before);
    }
}

/// Inline tables and dotted keys take the new judgments inline.
#[test]
fn other_ways_to_write_a_card() {
    for judgments in [
        "judgments = { root = { equal = true }, conduct = { equal = true }, basis = { equal = true } }\n",
        "judgments.root.equal = true\njudgments.conduct = { equal = true }\njudgments.basis.equal = true\n",
    ] {
        let place = Place::new();
        let (before, rest) = CARD.split_once("# 顶层判断").unwrap();
        let after = rest.split_once("equal = true\n").unwrap().1;
        place.put("card.toml", &format!("{judgments}{before}{after}"));
        let new = accept(place.path("card.toml"), place.path("new.toml"), &[], &[change("root", judged(&["conduct", "basis"], &[&[4.0]]))])
            .unwrap();
        assert_eq!(weights(&new, "root"), [0.8, 0.2]);
        let text = fs::read_to_string(place.path("new.toml")).unwrap();
        assert!(text.starts_with("# firmgrade --accept: 由 a.xlsx 汇总\n"), "{text}");
    }
}

#[test]
fn a_card_that_would_not_load_is_not_written() {
    let place = Place::new();
    let wild = judged(&["a", "b", "c", "d"], &[&[9.0, 1.0 / 9.0, 9.0], &[9.0, 9.0], &[9.0]]);
    let error = accept(place.path("card.toml"), place.path("new.toml"), &[], &[change("conduct", wild)]).unwrap_err().to_string();
    assert!(error.contains("new.toml:") && error.contains("judgments.conduct") && error.contains("CR"), "{error}");
    assert!(!place.path("new.toml").exists());
}
