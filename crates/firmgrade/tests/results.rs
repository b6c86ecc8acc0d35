//! Results: every firm drawn has one or is outstanding; substitutes keep to the reserve.

#![expect(clippy::panic, clippy::unwrap_used, reason = "a test may stop")]

use firmgrade::Error;
use firmgrade::calendar::Day;
use firmgrade::sample::Record;
use firmgrade::sample::plan::{Firms, PlanOptions, plan};
use firmgrade::sample::policy::Policy;
use firmgrade::sample::results::{Accounted, Outcome, Publication, ResultRow, Source, account};
use proptest::prelude::*;

const ONE: &str = r#"
[policy]
plan_id = "2027/1"
title = "年报抽查"
period = { from = "2027-01-01", to = "2027-06-30" }
grades = ["A", "B"]
[draw]
reserve = 4
[[items]]
id = "report"
name = "年报"
department = "市场监管"
[items.rates]
A = { rule = "exactly", count = 4 }
B = { rule = "exactly", count = 6 }
"#;

/// With a second item that is inspected at half of the firms of B.
fn two() -> String {
    format!(
        "{ONE}[[items]]\nid = \"safety\"\nname = \"安全\"\ndepartment = \"应急\"\n[items.rates]\n\
         A = {{ rule = \"exactly\", count = 0 }}\nB = {{ rule = \"exactly\", count = 3 }}\n"
    )
}

fn day(text: &str) -> Day {
    Day::parse(text).unwrap()
}

fn drawn(text: &str) -> (Policy, Record) {
    let policy = Policy::from_toml("policy.toml", text).unwrap_or_else(|error| panic!("{error}"));
    let ids: Vec<String> = (0..60).map(|at| format!("firm{at:02}")).collect();
    let grades = (0..60).map(|at| if at < 30 { "A" } else { "B" }).collect();
    let firms = Firms { ids: ids.iter().map(String::as_str).collect(), grades, ..Firms::default() };
    let plan = plan(&policy, &firms, &PlanOptions::default()).unwrap();
    let record = plan.commit(&firms, &["dice"], &[[5; 16]; 60]).unwrap().draw(&[("dice", b"1 2 3")]).unwrap();
    (policy, record)
}

fn row<'a>(id: &'a str, code: &'a str) -> ResultRow<'a> {
    ResultRow { id, item: "", code, finished: day("2027-03-01"), published: None, source: Source::Random }
}

fn taken(policy: &Policy, record: &Record, rows: &[ResultRow<'_>], as_of: &str) -> Accounted {
    account(policy, record, rows, day(as_of)).unwrap_or_else(|error| panic!("{error}"))
}

fn refused(policy: &Policy, record: &Record, rows: &[ResultRow<'_>]) -> Vec<String> {
    match account(policy, record, rows, day("2027-04-01")) {
        Err(Error::Results(faults)) => faults.iter().map(ToString::to_string).collect(),
        other => panic!("found {other:?}"),
    }
}

/// The firms drawn and in reserve in a stratum, by rank.
fn of<'r>(record: &'r Record, stratum: &str) -> (Vec<&'r str>, Vec<&'r str>) {
    let selected = record.selected.iter().filter(|one| one.stratum == stratum).map(|one| one.id.as_str());
    let reserve = record.reserve.iter().filter(|one| one.stratum == stratum).map(|one| one.id.as_str());
    (selected.collect(), reserve.collect())
}

#[test]
fn drawn_is_resulted_and_outstanding() {
    let (policy, record) = drawn(ONE);
    let ((a, _), (b, reserve)) = (of(&record, "A"), of(&record, "B"));
    let rows = [
        row(a[0], "未发现问题"),
        row(b[0], "发现问题，责令改正"),
        row(b[1], "通过登记的住所（经营场所）无法联系"),
        row(b[2], "注销"),
        row(reserve[0], "未发现问题"),
        ResultRow { source: Source::Event, ..row("elsewhere", "未按规定公示") },
    ];
    let accounted = taken(&policy, &record, &rows, "2027-04-01");
    let sum = &accounted.strata[1];
    assert_eq!((sum.drawn, sum.violation, sum.none, sum.out_of_scope, sum.unreachable, sum.outstanding), (6, 1, 0, 1, 1, 3));
    assert_eq!((sum.substitutes, sum.overdue, sum.responded(), sum.nonresponse()), (1, 0, 1, 4));
    let total = &accounted.total;
    assert_eq!((total.drawn, total.violation, total.none, total.outstanding), (10, 1, 1, 6));
    assert_eq!(accounted.outstanding.len(), 6);
    // Twenty days after 2027-06-30.
    assert!(accounted.outstanding.iter().all(|one| one.due == "2027-07-20" && !one.overdue));
    assert_eq!(taken(&policy, &record, &rows, "2027-07-20").total.overdue, 0);
    assert_eq!(taken(&policy, &record, &rows, "2027-07-21").total.overdue, 6);
    // Rows for evaluation: drawn, substitutes, others.
    assert_eq!(accounted.rows.len(), 6);
    let of_b = &accounted.rows[1];
    assert_eq!((of_b.id.as_str(), of_b.outcome, of_b.date.as_str(), of_b.stratum.as_str()), (b[0], Outcome::Violation, "2027-03-01", "B"));
    assert_eq!((of_b.pi_visit.unwrap().to_string(), of_b.pi_item.unwrap().to_string()), ("6/30".to_owned(), "6/30".to_owned()));
    assert_eq!((of_b.code.as_str(), of_b.item.as_str(), of_b.plan_id.as_str()), ("发现问题已责令改正", "report", "2027/1"));
    let substitute = &accounted.rows[4];
    assert!(substitute.substitute && substitute.id == reserve[0] && substitute.pi_visit.unwrap().to_string() == "6/30");
    let event = &accounted.rows[5];
    assert_eq!((event.source, event.pi_visit, event.stratum.as_str()), (Source::Event, None, ""));
    // Thirty firms of B could be drawn; a firm that nobody drew stands for no stratum.
    assert_eq!([of_b, substitute, event].map(|one| one.population), [Some(30), Some(30), None]);
    let count = |code: &str| accounted.codes.iter().find(|one| one.0 == code).unwrap().2;
    assert_eq!((count("未发现问题"), count("注销"), count("未按规定公示"), count("迁出")), (2, 1, 0, 0));
}

#[test]
fn results_are_published_within_twenty_days() {
    let (policy, record) = drawn(ONE);
    let (b, _) = of(&record, "B");
    let row = |at: usize, published: Option<&str>| ResultRow { published: published.map(day), ..row(b[at], "未发现问题") };
    let rows = [row(0, Some("2027-03-21")), row(1, Some("2027-03-22")), row(2, None)];
    let states = |as_of| taken(&policy, &record, &rows, as_of).deadlines.iter().map(|one| one.state).collect::<Vec<_>>();
    assert_eq!(states("2027-03-21"), [Publication::InTime, Publication::Late, Publication::Pending]);
    assert_eq!(states("2027-03-22"), [Publication::InTime, Publication::Late, Publication::Overdue]);
    assert_eq!(taken(&policy, &record, &rows, "2027-03-22").deadlines[0].due, "2027-03-21");
}

#[test]
fn a_firm_drawn_for_two_items_owes_two_results() {
    let (policy, record) = drawn(&two());
    let (b, _) = of(&record, "B");
    let nothing = taken(&policy, &record, &[], "2027-04-01");
    assert_eq!((nothing.strata[0].drawn, nothing.strata[1].drawn, nothing.total.outstanding), (4, 9, 13));
    let rows = [ResultRow { item: "safety", ..row(b[0], "发现问题已责令改正") }, row(b[1], "未发现问题")];
    let accounted = taken(&policy, &record, &rows, "2027-04-01");
    assert_eq!((accounted.total.violation, accounted.total.none, accounted.total.outstanding), (1, 2, 10));
    let safety = accounted.rows.iter().find(|row| row.item == "safety" && row.id == b[0]).unwrap();
    assert_eq!((safety.pi_visit.unwrap().to_string(), safety.pi_item.unwrap().to_string()), ("6/30".to_owned(), "3/30".to_owned()));
    // The last of B was not drawn for safety.
    let messages = refused(&policy, &record, &[ResultRow { item: "safety", ..row(b[5], "未发现问题") }]);
    assert!(messages[0].starts_with(&format!("the results have 1 foreign item (row 1: `safety at {}`)", b[5])), "{messages:?}");
}

#[test]
fn every_fault_of_the_results_comes_at_once() {
    let (policy, record) = drawn(ONE);
    let (b, _) = of(&record, "B");
    let undrawn = (0..60).map(|at| format!("firm{at:02}"));
    let mut undrawn =
        undrawn.filter(|id| !record.selected.iter().any(|one| one.id == *id) && !record.reserve.iter().any(|one| one.id == *id));
    let undrawn = undrawn.next().unwrap();
    let rows = [
        row(b[0], "查无此企业"),
        row(b[1], "待定"),
        row(b[2], "查无此企业"),
        row(&undrawn, "未发现问题"),
        row(b[3], "未发现问题"),
        row(b[3], "注销"),
        ResultRow { finished: day("2027-04-02"), ..row(b[4], "未发现问题") },
        ResultRow { finished: day("2026-12-31"), published: Some(day("2026-12-30")), ..row(b[5], "未发现问题") },
        ResultRow { item: "fire", source: Source::Special, ..row("x", "未发现问题") },
    ];
    let messages = refused(&policy, &record, &rows);
    let expected = [
        "unknown result codes: `待定` (1 row), `查无此企业` (2 rows); correct them, or state under `[results]` what they mean".to_owned(),
        format!("the results have 1 foreign firm (row 4: `{undrawn}`); these were neither drawn nor in reserve: correct the ids, or say that the source is `event` or `special`"),
        "the results have 1 unknown item (row 9: `fire`); give the id of an item of the policy, or leave it empty".to_owned(),
        format!("the results have 1 second result (row 6: `{}`); keep one result for each firm and item", b[3]),
        "the results have 1 future date (row 7: `2027-04-02`); these inspections ended after the as-of day: correct the dates, or choose a later day".to_owned(),
        "the results have 1 early date (row 8: `2026-12-31`); an inspection before the plan's period is not one of this plan: correct the dates, or the source".to_owned(),
        "the results have 1 early publication (row 8: `2026-12-30`); a result is published after its inspection has ended: correct the dates".to_owned(),
    ];
    assert_eq!(messages, expected);
    let (other, _) = drawn(&ONE.replace("年报抽查", "别的"));
    assert!(refused(&other, &record, &[])[0].starts_with("the record is of policy "));
}

#[test]
fn substitutes_come_in_the_order_of_the_reserve_for_firms_that_were_lost() {
    let (policy, record) = drawn(ONE);
    let (b, reserve) = of(&record, "B");
    let lost = row(b[0], "已迁出");
    let messages = refused(&policy, &record, &[lost, row(reserve[1], "未发现问题")]);
    assert_eq!(messages.len(), 1);
    assert!(messages[0].contains(&format!("substitute `{}` is number 2 of the reserve, and number 1 was not used", reserve[1])));
    let messages = refused(&policy, &record, &[row(b[0], "未发现问题"), row(reserve[0], "未发现问题")]);
    assert!(messages[0].starts_with("stratum `B`: found substitutes: 1, firms out of scope or unreachable: 0;"), "{messages:?}");
    // A substitute that is lost as well has the next one after it.
    taken(&policy, &record, &[lost, row(reserve[0], "注销"), row(reserve[1], "未发现问题")], "2027-04-01");
    // A firm lost in A is no reason for a substitute in B.
    let (a, _) = of(&record, "A");
    let messages = refused(&policy, &record, &[row(a[0], "注销"), row(reserve[0], "未发现问题")]);
    assert!(messages[0].starts_with("stratum `B`: found substitutes: 1, firms out of scope or unreachable: 0;"), "{messages:?}");
}

proptest! {
    /// Whatever comes in, nobody disappears.
    #[test]
    fn nobody_disappears(codes in proptest::collection::vec(proptest::option::of(0_usize..11), 10), many: bool) {
        let (policy, record) = drawn(&if many { two() } else { ONE.to_owned() });
        let names: Vec<&str> = policy.codes().iter().map(|(code, _)| code).collect();
        let given = record.selected.iter().zip(&codes).filter_map(|(one, code)| Some(row(&one.id, names[(*code)?])));
        let accounted = taken(&policy, &record, &given.collect::<Vec<_>>(), "2027-12-31");
        let mut drawn = 0;
        for sum in accounted.strata.iter().chain([&accounted.total]) {
            prop_assert_eq!(sum.drawn, sum.violation + sum.none + sum.out_of_scope + sum.unreachable + sum.outstanding);
            prop_assert_eq!(sum.outstanding, sum.overdue);
            drawn += sum.drawn;
        }
        prop_assert_eq!(drawn, 2 * accounted.total.drawn);
        prop_assert_eq!(accounted.rows.len() + accounted.outstanding.len(), if many { 13 } else { 10 });
        prop_assert_eq!(accounted.deadlines.len(), accounted.rows.len());
        prop_assert_eq!(accounted.codes.iter().map(|(_, _, count)| *count).sum::<u64>(), accounted.rows.len() as u64);
    }
}
