//! What a card says about raw records: what is accepted, and every fault with its place and remedy.

#![expect(clippy::panic, reason = "a test may stop")]

use firmgrade::calendar::Day;
use firmgrade::card::{
    Aggregate, DateOrder, Duplicates, EmptyValue, FromRecords, MatchBy, Money, Source, Undated, Unreadable, scorecard_schema,
};
use firmgrade::columns::{Column, ColumnKind, Numbers, Values};
use firmgrade::condition::{FALSE, Scratch, TRUE, UNKNOWN};
use firmgrade::window::Window;
use firmgrade::{Error, Scorecard};

/// A card without faults; tests change one thing in it.
const CARD: &str = r#"
[scorecard]
id = "raw"
title = "试验"
version = "1"
id_column = "uscc"
scale = { min = 0, max = 100, better = "high" }

[mapping.firms]
"统一社会信用代码" = "uscc"
"社会信用代码" = "uscc"
[mapping.penalties]
"处罚决定日期" = "decided_on"

[reading]
missing = ["/", "无"]
dates = "day_first"
[reading.penalties]
missing = ["不详"]

[[records]]
id = "penalties"
title = "行政处罚"
firm_id = "uscc"
date = "decided_on"
end = "removed_on"
repaired = "repaired_on"
kind = "kind"
not_counted = ["警告"]
severity = "severity"
publication = { minor = "3 months", serious = "3 years" }
undated = "drop"
duplicates = "error"
numbers = { fine = "ten_thousand_yuan" }

[[records]]
id = "inspections"
firm_id = "code"
date = "day"

[judgments.root]
equal = true

[indicators.count]
title = "处罚次数"
criterion = "root"
missing = "worst"
from = "penalties"
aggregate = "count"
where = "fine > 1000 AND basis <> '其他' AND as_of - served_on > 15"
window = "24 months"
points = [ { at = 0, risk = 0 }, { at = 9, risk = 1 } ]
[indicators.failed]
title = "不合格率"
criterion = "root"
missing = "worst"
from = "inspections"
aggregate = "share"
share_where = "result = '不合格'"
points = [ { at = 0, risk = 0 }, { at = 1, risk = 1 } ]
[indicators.latest]
title = "最近结果"
criterion = "root"
missing = "worst"
outside = "worst"
from = "inspections"
aggregate = "last"
of = "result"
window = "3 years"
empty = "无"
categories = { "合格" = 0, "不合格" = 1, "无" = 0.5 }
[indicators.age]
title = "存续天数"
criterion = "root"
missing = "worst"
expression = "as_of - established"
points = [ { at = 0, risk = 1 }, { at = 9000, risk = 0 } ]
[indicators.rate]
title = "年均处罚"
criterion = "root"
missing = "worst"
expression = "count / years * rate_factor"
points = [ { at = 0, risk = 0 }, { at = 9, risk = 1 } ]
[indicators.years]
title = "存续年数"
criterion = "root"
missing = "worst"
expression = "age / 365"
points = [ { at = 0, risk = 1 }, { at = 25, risk = 0 } ]

[columns.rate_factor]
type = "number"

[grades]
order = ["A", "B"]
cuts = [">= 50"]

[[overrides]]
id = "many"
title = "多次处罚"
when = "count > 10"
set = "B"
"#;

fn changed(old: &str, new: &str) -> String {
    assert_eq!(CARD.matches(old).count(), 1, "`{old}` must stand in the card once");
    CARD.replace(old, new)
}

/// The problems of a text, as they are said, without the place, which each must have.
fn problems(text: &str) -> Vec<String> {
    match Scorecard::from_toml("card.toml", text) {
        Err(Error::Scorecard(problems)) => {
            assert!(problems.iter().all(|problem| problem.place.is_some()), "{problems:?}");
            problems.iter().map(|p| p.to_string().split_once(": ").map_or_else(String::new, |(_, said)| said.to_owned())).collect()
        }
        other => panic!("expected problems, found {other:?}"),
    }
}

fn card() -> Scorecard {
    Scorecard::from_toml("card.toml", CARD).unwrap_or_else(|error| panic!("{error}"))
}

#[test]
fn tables_have_all_that_the_card_says_and_the_kinds_that_its_use_tells() {
    let card = card();
    let [penalties, inspections] = card.derivation().record_tables() else { panic!("two tables") };
    let columns: Vec<(&str, ColumnKind)> = penalties.columns.iter().map(|c| (c.name.as_str(), c.kind)).collect();
    use ColumnKind::{Date, Number, Text};
    let expected = [
        ("uscc", Text),
        ("decided_on", Date),
        ("removed_on", Date),
        ("repaired_on", Date),
        ("kind", Text),
        ("severity", Text),
        ("fine", Number),
        ("basis", Text),
        ("served_on", Date),
    ];
    assert_eq!(columns, expected);
    assert_eq!((penalties.id.as_str(), penalties.title.as_str(), inspections.title.as_str()), ("penalties", "行政处罚", "inspections"));
    assert_eq!((penalties.undated, penalties.duplicates), (Undated::Drop, Duplicates::Error));
    assert_eq!((inspections.undated, inspections.duplicates), (Undated::Error, Duplicates::Count));
    assert_eq!((penalties.publication["minor"], penalties.publication["serious"]), (Window::Months(3), Window::Months(36)));
    assert_eq!(penalties.numbers["fine"], Money::TenThousandYuan);
    assert_eq!(inspections.column("result").map(|column| column.kind), Some(Text));
}

#[test]
fn derived_indicators_come_in_the_order_of_the_card_and_are_computed_in_that_of_their_use() {
    let card = card();
    let derivation = card.derivation();
    let ids: Vec<&str> = derivation.derived().iter().map(|derived| derived.id.as_str()).collect();
    assert_eq!(ids, ["count", "failed", "latest", "age", "rate", "years"]);
    let order: Vec<&str> = derivation.order().iter().map(|at| ids[*at]).collect();
    assert_eq!(order, ["count", "failed", "latest", "age", "years", "rate"]);
    let firm: Vec<(&str, ColumnKind)> = derivation.firm_columns().iter().map(|c| (c.name.as_str(), c.kind)).collect();
    assert_eq!(firm, [("established", ColumnKind::Date), ("rate_factor", ColumnKind::Number)]);
    // What only expressions read is not asked for when the derived columns are graded.
    let graded: Vec<&str> = card.columns().iter().map(|column| column.name.as_str()).collect();
    assert_eq!(graded, ids);
    assert_eq!(card.rules()[0].columns, [0]);
    let from = |at: usize| -> &FromRecords {
        match &derivation.derived()[at].source {
            Source::Records(from) => from,
            other => panic!("{other:?}"),
        }
    };
    assert_eq!((from(0).table, from(0).aggregate, from(0).window), (0, Aggregate::Count, Window::Months(24)));
    assert_eq!((from(0).empty.clone(), from(1).empty.clone()), (Some(EmptyValue::Number(0.0)), None));
    assert_eq!(from(2).empty, Some(EmptyValue::Text("无".to_owned())));
    assert_eq!(from(2).of.as_ref().map(|of| (of.name.as_str(), of.kind)), Some(("result", ColumnKind::Text)));
    assert!(from(0).filter.is_some() && from(1).share.is_some() && from(1).filter.is_none());
}

#[test]
fn headers_and_cells_are_read_as_the_card_says() {
    let card = card();
    assert_eq!(card.mapping()["firms"]["社会信用代码"], "uscc");
    let (firms, penalties) = (card.reading("firms"), card.reading("penalties"));
    assert_eq!((firms.missing, firms.dates), (vec!["/".to_owned(), "无".to_owned()], DateOrder::DayFirst));
    assert_eq!((penalties.missing, penalties.dates), (vec!["不详".to_owned()], DateOrder::DayFirst));
    assert!(penalties.true_words.contains(&"是".to_owned()) && penalties.false_words.contains(&"否".to_owned()));
}

#[test]
fn each_fault_is_named_with_its_remedy() {
    let cases: &[(&str, &str, &[&str])] = &[
        (
            "from = \"penalties\"",
            "from = \"penaltys\"",
            &["indicators.count.from: there is no table of records `penaltys`; did you mean `penalties`?"],
        ),
        (
            "aggregate = \"count\"",
            "aggregate = \"cuont\"",
            &[
                "indicators.count.aggregate: found `cuont`, expected one of `count`, `sum`, `max`, `min`, `mean`, `distinct`, `last`, `days_since_last`, `days_since_first`, `any`, `share`, `months`, `trend`, `top_share`; did you mean `count`?",
            ],
        ),
        (
            "aggregate = \"count\"\n",
            "",
            &["indicators.count: `aggregate` is missing; state what is made of the records, such as `aggregate = \"count\"`"],
        ),
        ("aggregate = \"count\"", "aggregate = \"sum\"", &["indicators.count: `of` is missing: `sum` needs the column to aggregate"]),
        (
            "aggregate = \"count\"",
            "aggregate = \"sum\"\nof = \"basis\"",
            &["indicators.count.where: character 26: found text `'其他'`, expected a number to compare with `basis`"],
        ),
        (
            "aggregate = \"count\"",
            "aggregate = \"sum\"\nof = \"kind\"",
            &["indicators.count.of: column `kind` holds a text, expected a number for `sum`"],
        ),
        ("aggregate = \"count\"", "aggregate = \"count\"\nof = \"fine\"", &["indicators.count.of: `of` has no place beside `count`"]),
        (
            "aggregate = \"count\"",
            "aggregate = \"share\"",
            &["indicators.count: `share_where` is missing: `share` needs the condition whose share is taken"],
        ),
        (
            "aggregate = \"count\"",
            "aggregate = \"top_share\"",
            &["indicators.count: `by` is missing: `top_share` needs the column to group by"],
        ),
        (
            "aggregate = \"count\"",
            "aggregate = \"any\"",
            &["indicators.count.aggregate: `any` gives a flag, and the indicator reads a number; state `flag`"],
        ),
        (
            "aggregate = \"last\"\nof = \"result\"\nwindow = \"3 years\"\nempty = \"无\"",
            "aggregate = \"count\"",
            &["indicators.latest.aggregate: `count` gives a number, and the indicator reads a text; state `bands` or `points`"],
        ),
        ("empty = \"无\"", "empty = 3", &["indicators.latest.empty: found a number, expected a text, which is what the aggregate gives"]),
        ("empty = \"无\"", "empty = []", &["indicators.latest.empty: found a list, expected true or false or a number or text"]),
        (
            "window = \"24 months\"",
            "window = \"24 moons\"",
            &[
                "indicators.count.window: found `24 moons`, expected a stretch of time such as `24 months`, `3 years`, `90 days` or `all` (at most 200 years)",
            ],
        ),
        (
            "aggregate = \"count\"\nwhere = \"fine > 1000 AND basis <> '其他' AND as_of - served_on > 15\"\nwindow = \"24 months\"",
            "aggregate = \"trend\"",
            &[
                "indicators.count.window: `trend` needs a window, which it compares with the one before it; state one such as `window = \"12 months\"`",
            ],
        ),
        (
            "where = \"fine > 1000 AND basis <> '其他' AND as_of - served_on > 15\"",
            "where = \"fine > 'x' AND a = b\"",
            &[
                "indicators.count.where: character 8: found text `'x'`, expected a number beside `>`",
                "indicators.count.where: character 16: cannot tell what column `a` holds, number, text, flag or date; state it in the scorecard",
                "indicators.count.where: character 20: cannot tell what column `b` holds, number, text, flag or date; state it in the scorecard",
            ],
        ),
        (
            "expression = \"as_of - established\"",
            "expression = \"month_between(established, as_of)\"",
            &["indicators.age.expression: character 1: unknown function `month_between`; did you mean `months_between`?"],
        ),
        (
            "expression = \"as_of - established\"",
            "expression = \"established + 1 - 1\"\ncolumn = \"age\"",
            &[
                "indicators.age: found column and expression, expected at most one of `column`, `from`, `expression`; a derived indicator is the column that is named after its id",
            ],
        ),
        (
            "expression = \"as_of - established\"",
            "expression = \"as_of\"\nwindow = \"all\"",
            &[
                "indicators.age.expression: character 1: found date `as_of`, expected a number for this indicator",
                "indicators.age.window: found `window` without `from`, the table of records",
            ],
        ),
        (
            "expression = \"as_of - established\"",
            "where = \"x\"",
            &["indicators.age.where: found `where` without `from`, the table of records"],
        ),
        ("expression = \"age / 365\"", "expression = \"rate + age\"", &["indicators.rate.expression: cycle: rate → years → rate"]),
        ("expression = \"age / 365\"", "expression = \"years\"", &["indicators.years.expression: cycle: years → years"]),
        (
            "expression = \"age / 365\"",
            "expression = \"latest = 'x'\"",
            &["indicators.years.expression: character 1: found flag `latest = 'x'`, expected a number for this indicator"],
        ),
        ("id = \"inspections\"", "id = \"penalties\"", &[]),
        ("id = \"inspections\"", "id = \"firms\"", &[]),
        ("kind = \"kind\"\n", "", &["records.0.not_counted: found `not_counted` without `kind`, the column that it is about"]),
        ("severity = \"severity\"\n", "", &["records.0.publication: found `publication` without `severity`, the column that it is about"]),
        (
            "minor = \"3 months\"",
            "minor = \"quarter\"",
            &[
                "records.0.publication.minor: found `quarter`, expected a stretch of time such as `24 months`, `3 years`, `90 days` or `all` (at most 200 years)",
            ],
        ),
        ("end = \"removed_on\"", "end = \"uscc\"", &["records.0.end: column `uscc` is read as date here and as text before"]),
        ("date = \"day\"", "date = \"\"", &["records.1.date: found an empty text"]),
        ("date = \"day\"\n", "", &["records.1: `date` is missing"]),
        (
            "date = \"day\"",
            "date = \"day\"\ncolumns = { day = \"number\" }",
            &["records.1.columns: column `day` is read as number here and as date before"],
        ),
        (
            "undated = \"drop\"",
            "undated = \"dorp\"",
            &["records.0.undated: found `dorp`, expected one of `error`, `drop`, `count`; did you mean `drop`?"],
        ),
        ("[mapping.penalties]", "[mapping.penalty]", &["mapping.penalty: there is no table `penalty`; did you mean `penalties`?"]),
        (
            "\"处罚决定日期\" = \"decided_on\"",
            "\"处罚决定日期\" = \"\"",
            &["mapping.penalties.处罚决定日期: found an empty text, expected the name of a column"],
        ),
        ("[reading.penalties]", "[reading.penalty]", &["reading.penalty: there is no table `penalty`; did you mean `penalties`?"]),
        ("dates = \"day_first\"", "dats = \"day_first\"", &["reading.dats: unknown key; did you mean `dates`?"]),
        ("missing = [\"不详\"]", "misssing = [\"不详\"]", &["reading.penalties.misssing: unknown key; did you mean `missing`?"]),
        ("missing = [\"不详\"]", "true_words = [\"1\"]\nfalse_words = [\"1\"]", &["reading.penalties: `1` means both yes and no"]),
        (
            "type = \"number\"",
            "type = \"datum\"",
            &["columns.rate_factor.type: found `datum`, expected one of `number`, `text`, `flag`, `date`"],
        ),
    ];
    for (old, new, expected) in cases {
        let found = problems(&changed(old, new));
        if !expected.is_empty() {
            assert_eq!(found, *expected, "after `{old}` → `{new}`");
        }
    }
    let twice = problems(&changed("id = \"inspections\"", "id = \"penalties\""));
    assert_eq!(twice[0], "records.1.id: table `penalties` stands here twice");
    let firms = problems(&changed("id = \"inspections\"", "id = \"firms\""));
    assert_eq!(firms[0], "records.1.id: `firms` is the firm table, expected another id");
}

#[test]
fn all_faults_come_at_once() {
    let text = CARD
        .replace("from = \"penalties\"", "from = \"penaltys\"")
        .replace("as_of - established", "as_off() - established")
        .replace("[reading.penalties]", "[reading.penalty]")
        .replace("minor = \"3 months\"", "minor = \"3\"")
        .replace("window = \"3 years\"", "window = \"3\"");
    let places: Vec<String> = problems(&text).iter().map(|text| text.split(": ").next().unwrap_or_default().to_owned()).collect();
    assert_eq!(
        places,
        [
            "reading.penalty",
            "records.0.publication.minor",
            "indicators.count.from",
            "indicators.latest.window",
            "indicators.age.expression"
        ]
    );
}

#[test]
fn records_find_their_firm_by_id_or_by_name() {
    assert_eq!((card().name_column(), card().derivation().record_tables()[1].matched), (None, MatchBy::Id));
    let without = problems(&changed("firm_id = \"code\"\n", ""));
    assert_eq!(without, ["records.1: `firm_id` is missing, the column that identifies the firm; or say `match = \"name\"`"]);
    let nameless = problems(&changed("firm_id = \"code\"\n", "match = \"name\"\n"));
    assert_eq!(nameless, ["records.1.match: found `match = \"name\"` without `name`, the column with the name of the firm"]);
    let named = changed("firm_id = \"code\"\n", "match = \"name\"\nname = \"entity\"\n");
    let said = "records.1.match: found `match = \"name\"`, but `[scorecard]` has no `name_column`, the column with the names of the firms";
    assert_eq!(problems(&named), [said]);
    let card = Scorecard::from_toml("card.toml", &named.replacen("id_column", "name_column = \"entity\"\nid_column", 1)).unwrap();
    let table = &card.derivation().record_tables()[1];
    assert_eq!((card.name_column(), table.matched, table.firm_id.as_deref()), (Some("entity"), MatchBy::Name, None));
    assert_eq!(table.columns[0].name, "entity");
}

#[test]
fn what_happens_to_cells_that_cannot_be_read_is_stated_for_all_tables_or_for_one() {
    assert_eq!(card().reading("penalties").unreadable, Unreadable::Error);
    assert!(card().reads_firms());
    let stated = "[reading.penalties]\nunreadable = \"drop\"\nheader_row = 3\nsheet = \"表\"\n";
    let card = Scorecard::from_toml("card.toml", &changed("[reading.penalties]\n", stated)).unwrap();
    let (penalties, firms) = (card.reading("penalties"), card.reading("firms"));
    assert_eq!((penalties.unreadable, penalties.header_row, penalties.sheet.as_deref()), (Unreadable::Drop, Some(3), Some("表")));
    assert_eq!((firms.unreadable, firms.header_row, firms.sheet), (Unreadable::Error, None, None));
}

#[test]
fn an_heir_overrides_tables_by_id_and_drops_what_its_source_excludes() {
    let heir = r#"
        [scorecard]
        id = "heir"
        extends = "base.toml"
        [mapping.penalties]
        "决定日期" = "decided_on"
        [reading]
        dates = "year_first"
        [[records]]
        id = "penalties"
        undated = "count"
        [[records]]
        id = "complaints"
        firm_id = "uscc"
        date = "day"
        [indicators.count]
        expression = "penalties_total * 2"
        [indicators.age]
        from = "complaints"
        aggregate = "days_since_first"
    "#;
    let card = Scorecard::from_toml_with("heir.toml", heir, &mut |_, other| Ok((other.to_owned(), CARD.to_owned())))
        .unwrap_or_else(|error| panic!("{error}"));
    let derivation = card.derivation();
    let tables: Vec<&str> = derivation.record_tables().iter().map(|table| table.id.as_str()).collect();
    assert_eq!(tables, ["penalties", "inspections", "complaints"]);
    let penalties = &derivation.record_tables()[0];
    assert_eq!(
        (penalties.undated, penalties.duplicates, penalties.end.as_deref()),
        (Undated::Count, Duplicates::Error, Some("removed_on"))
    );
    assert_eq!(card.mapping()["penalties"].keys().collect::<Vec<_>>(), ["处罚决定日期", "决定日期"]);
    assert_eq!((card.reading("firms").dates, card.reading("firms").missing.len()), (DateOrder::YearFirst, 2));
    assert!(matches!(&derivation.derived()[0].source, Source::Expression(expression) if expression.columns() == ["penalties_total"]));
    assert!(matches!(&derivation.derived()[3].source, Source::Records(from) if from.aggregate == Aggregate::DaysSinceFirst));
}

#[test]
fn the_digest_and_json_keep_what_is_said_of_records() {
    let card = card();
    let spec = serde_json::from_str::<firmgrade::ScorecardSpec>(&card.to_json()).unwrap();
    assert_eq!(Scorecard::try_from(spec).unwrap().digest(), card.digest());
    for (old, new) in [("\"24 months\"", "\"12 months\""), ("\"不详\"", "\"未知\""), ("\"ten_thousand_yuan\"", "\"yuan\"")] {
        assert_ne!(Scorecard::from_toml("card.toml", &changed(old, new)).unwrap().digest(), card.digest(), "{old}");
    }
    let schema = scorecard_schema();
    for key in ["records", "mapping", "reading"] {
        assert!(schema["properties"].get(key).is_some(), "{key}");
    }
}

#[test]
fn the_as_of_day_stands_in_conditions_on_records() {
    let card = card();
    let Source::Records(from) = &card.derivation().derived()[0].source else { panic!("records") };
    let filter = from.filter.as_ref().unwrap();
    assert_eq!(filter.columns(), ["fine", "basis", "served_on"]);
    let as_of = Day::parse("2023-01-01").unwrap();
    let served = [as_of.days() - 16, as_of.days() - 15, as_of.days() - 16];
    let columns = [
        Column::numbers(&[2000.0, 2000.0, 1000.0]),
        Column::strings(&["x", "x", "x"]),
        Column { values: Values::Number(Numbers::I32(&served)), validity: None },
    ];
    let mut truth = [UNKNOWN; 3];
    filter.evaluate_as_of(&columns.iter().collect::<Vec<_>>(), as_of, 0..3, &mut Scratch::default(), &mut truth);
    assert_eq!(truth, [TRUE, FALSE, FALSE]);
}
