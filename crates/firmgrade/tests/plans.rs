//! Plans: the arithmetic against hand computation, and that what is planned is what is drawn.

#![expect(clippy::panic, clippy::unwrap_used, reason = "a test may stop")]

use firmgrade::Error;
use firmgrade::calendar::Day;
use firmgrade::sample::plan::{Firms, PastVisits, Plan, PlanFault, PlanOptions, PlanStratum, plan};
use firmgrade::sample::policy::Policy;
use firmgrade::sample::{Fraction, Rate, Record, verify};
use proptest::prelude::*;
use std::collections::BTreeMap;

const HENAN: &str = include_str!("../../../fixtures/policies/henan-2021.toml");
const BAYANNUR: &str = include_str!("../../../fixtures/policies/bayannur-2022.toml");
const LINDIAN: &str = include_str!("../../../fixtures/policies/lindian-2024.toml");
const TRIGGER: &str = include_str!("../../../fixtures/policies/trigger-only.toml");

fn load(text: &str) -> Policy {
    Policy::from_toml("policy.toml", text).unwrap_or_else(|error| panic!("{error}"))
}

fn day(text: &str) -> Day {
    Day::parse(text).unwrap()
}

/// So many firms of each grade.
fn graded(counts: &[(&'static str, u64)]) -> (Vec<String>, Vec<&'static str>) {
    let grades: Vec<&str> = counts.iter().flat_map(|(grade, count)| (0..*count).map(move |_| *grade)).collect();
    ((0..grades.len()).map(|at| format!("firm{at:06}")).collect(), grades)
}

fn firms<'a>(ids: &'a [String], grades: &[&'a str]) -> Firms<'a> {
    Firms { ids: ids.iter().map(String::as_str).collect(), grades: grades.to_vec(), ..Firms::default() }
}

fn of<'p>(plan: &'p Plan, name: &str) -> &'p PlanStratum {
    plan.strata.iter().find(|stratum| stratum.stratum == name).unwrap_or_else(|| panic!("no stratum {name}"))
}

fn sizes(plan: &Plan) -> Vec<(&str, u64)> {
    plan.strata.iter().map(|stratum| (stratum.stratum.as_str(), stratum.n)).collect()
}

fn faults(result: Result<Plan, Error>) -> Vec<PlanFault> {
    match result {
        Err(Error::Plan(faults)) => faults,
        other => panic!("found {other:?}"),
    }
}

/// Commits, draws and verifies; every number drawn is that of the plan.
fn draw(plan: &Plan, firms: &Firms<'_>) -> Result<Record, Error> {
    let salts: Vec<[u8; 16]> = (0..firms.ids.len() as u128).map(u128::to_be_bytes).collect();
    let committed = plan.commit(firms, &["dice"], &salts)?;
    assert_eq!(committed.commitment.policy_digest, plan.policy_digest);
    let record = committed.draw(&[("dice", b"3 1 4 1 5")])?;
    let frame = plan.frame(firms)?;
    let salts = frame.arrange(&salts)?;
    verify(&record, &frame, &salts).unwrap();
    assert_eq!(record.strata.len(), plan.strata.len());
    for (drawn, planned) in record.strata.iter().zip(&plan.strata) {
        assert_eq!((&drawn.stratum, drawn.rows, drawn.eligible), (&planned.stratum, planned.rows, planned.eligible));
        assert_eq!(drawn.n, planned.n, "{planned:?}");
        assert_eq!(drawn.excluded, planned.excluded);
        for item in planned.items.iter().filter(|_| !drawn.items.is_empty()) {
            assert_eq!(drawn.items[&item.item], item.lifted, "{planned:?}");
        }
    }
    assert_eq!(record.selected.len() as u64, plan.total.n);
    Ok(record)
}

/// Xinjiang 2022 (48.60/41.52/6.42/3.47 %) at the ratios of Henan: 0.486 + 0.8304 + 0.642 + 1.041 = 2.9994 %. The shares add up to 100.01 %, so for
/// 423,900 firms they are scaled to whole firms first: 205,995 + 175,986 + 27,211 + 14,708.
/// 1 % is 2,059.95, 2 % is 3,519.72, 10 % is 2,721.1, 30 % is 4,412.4: rounded up 12,715. The floor is 12,717.
#[test]
fn xinjiang_at_the_ratios_of_henan_is_topped_up_by_two() {
    let percent = |num| Rate { num, den: 100 };
    let shares = Fraction::sum([(percent(1), 4860), (percent(2), 4152), (percent(10), 642), (percent(30), 347)]).unwrap();
    assert_eq!(shares.to_string(), "14997/50"); // 299.94 of 10,000: 2.9994 %
    let (ids, grades) = graded(&[("A", 205_995), ("B", 175_986), ("C", 27_211), ("D", 14_708)]);
    assert_eq!(ids.len(), 423_900);
    let plan = plan(&load(HENAN), &firms(&ids, &grades), &PlanOptions::default()).unwrap();
    assert_eq!(sizes(&plan), [("A", 2060), ("B", 3520), ("C", 2722), ("D", 4415)]);
    let floor = plan.floor.as_ref().unwrap();
    assert_eq!((floor.counted, floor.before, floor.least, floor.after), (423_900, 12_715, 12_717, 12_717));
    assert_eq!(floor.topped_up, [("D".to_owned(), 2)]);
    assert_eq!(of(&plan, "D").arithmetic(), "D: 14708 firms; disclosure 14708 × 30/100 = 22062/5 → 4413; + 2 top-up = 4415");
    assert_eq!(
        floor.arithmetic(),
        "floor: 423900 × 3/100 → 12717; the rates ask for 1271317/100 (2.9991 %) → 12715; + 2 top-up (D 2) = 12717"
    );
    assert_eq!(of(&plan, "A").rate.to_string(), "1/100");
    assert_eq!(of(&plan, "D").rate.to_string(), "4415/14708");
}

/// The firms of a small district; some flags and earlier inspections.
fn district(policy: &Policy) -> (Vec<String>, Vec<&'static str>, BTreeMap<String, Vec<bool>>) {
    let (ids, grades) = graded(&[("A", 971), ("B", 830), ("C", 129), ("D", 70)]);
    let flags =
        policy.flags().into_iter().zip(2..).map(|(flag, nth)| ((*flag).to_owned(), (0..2000).map(|at| at % (nth * 10) == 1).collect()));
    let flags = flags.collect();
    (ids, grades, flags)
}

fn history(ids: &[String]) -> PastVisits<'_> {
    let mut past = PastVisits::default();
    for (at, id) in ids.iter().enumerate().filter(|(at, _)| at % 7 == 0) {
        past.ids.push(id);
        past.days.push(day(["2023-10-15", "2026-09-30", "2020-12-30", "2015-01-01"][at % 4]));
        past.kinds.push(["日常", "专项检查", "线索核查"][at % 3]);
    }
    past
}

#[test]
fn every_preset_is_planned_committed_drawn_and_verified() {
    for (text, expected) in [
        // 9.71 → 10, 16.6 → 17, 12.9 → 13, 21 and none to add: 61 of 2,000 exceed 3 %.
        (HENAN, vec![("A", 10), ("B", 17), ("C", 13), ("D", 21)]),
        // 19.42 → 20, 41.5 → 42, all, all.
        (BAYANNUR, vec![("A", 20), ("B", 42), ("C", 129), ("D", 70)]),
    ] {
        let policy = load(text);
        let (ids, grades, _) = district(&policy);
        let firms = firms(&ids, &grades);
        let plan = plan(&policy, &firms, &PlanOptions::default()).unwrap();
        assert_eq!(sizes(&plan), expected);
        let record = draw(&plan, &firms).unwrap();
        let waves = record.selected.iter().map(|one| one.wave).max();
        assert_eq!(waves, Some(policy.spec().draw.waves));
    }
    for text in [LINDIAN, TRIGGER] {
        let policy = load(text);
        let (ids, grades, flags) = district(&policy);
        let mut firms = firms(&ids, &grades);
        firms.past = Some(history(&ids));
        firms.flags = flags.iter().map(|(flag, values)| (flag.as_str(), values.clone())).collect();
        let plan = plan(&policy, &firms, &PlanOptions::default()).unwrap();
        assert_eq!(plan.past.read, plan.past.counted + plan.past.not_counted + plan.past.later + plan.past.unmatched);
        assert!(plan.total.n * 100 >= plan.total.rows * 3);
        assert!(!plan.total.excluded.is_empty());
        let record = draw(&plan, &firms).unwrap();
        assert_eq!(record.reserve.is_empty(), text == LINDIAN);
    }
}

/// By hand: firms with a counted visit inside of two years (A) or one year (B, C) before 2024-01-01 are at their cap; D has none.
#[test]
fn caps_count_their_kinds_in_their_window() {
    let policy = load(LINDIAN);
    let (ids, grades) = graded(&[("A", 4), ("B", 4), ("C", 4), ("D", 4)]);
    let mut firms = firms(&ids, &grades);
    let visits = [
        ("firm000000", "2022-01-01", "日常"), // A, two years before 2023-12-31 the window begins on 2022-01-01
        ("firm000001", "2021-12-31", "日常"), // A, outside
        ("firm000002", "2023-05-01", "线索核查"), // A, does not count
        ("firm000004", "2022-12-31", "专项"), // B, outside of 12 months
        ("firm000005", "2023-01-01", "专项"), // B, inside
        ("firm000006", "2024-01-01", "日常"), // B, after the as-of day
        ("firm000012", "2023-12-31", "日常"), // D
        ("elsewhere", "2023-12-31", "日常"),
    ];
    firms.past = Some(PastVisits {
        ids: visits.iter().map(|one| one.0).collect(),
        days: visits.iter().map(|one| day(one.1)).collect(),
        kinds: visits.iter().map(|one| one.2).collect(),
    });
    let made = plan(&policy, &firms, &PlanOptions::default()).unwrap();
    assert_eq!(made.as_of, "2023-12-31");
    let excluded: Vec<u64> = made.strata.iter().map(|stratum| stratum.excluded.get("at_cap").copied().unwrap_or(0)).collect();
    assert_eq!(excluded, [1, 1, 0, 0]);
    let rows: Vec<&str> = made.rows(&firms).map(|row| row.exclusion).collect();
    assert_eq!((rows[0], rows[1], rows[5]), ("at_cap", "", "at_cap"));
    assert_eq!((made.past.read, made.past.counted, made.past.not_counted, made.past.later, made.past.unmatched), (8, 5, 1, 1, 1));
    let later = PlanOptions { as_of: Some(day("2024-01-01")), ..PlanOptions::default() };
    let later = plan(&policy, &firms, &later).unwrap();
    let excluded: Vec<u64> = later.strata.iter().map(|stratum| stratum.excluded.get("at_cap").copied().unwrap_or(0)).collect();
    assert_eq!(excluded, [0, 1, 0, 0]);
}

const TWO_ITEMS: &str = r#"
[policy]
plan_id = "p"
title = "综合查一次"
period = { from = "2027-01-01", to = "2027-12-31" }
grades = ["A", "B"]
[frequency.caps]
A = { visits = 1, window = "1 year" }
B = { visits = 1, window = "1 year" }
[floor]
ratio = 0
[[items]]
id = "report"
name = "年报"
department = "市场监管"
[items.rates]
A = { rule = "at_least", ratio = "10 %" }
B = { rule = "at_most", ratio = "50 %" }
[[items]]
id = "safety"
name = "安全"
department = "应急"
class = "key"
[items.rates]
A = { rule = "at_least", ratio = "25 %" }
B = { rule = "exactly", count = 6 }
"#;

/// By hand. A: 30 firms, of which 4 at their cap: 26 × 10 % → 3, 26 × 25 % → 7; those at their cap: 4 × 25 % → 1. B: 10 firms, 5 at their cap:
/// 5 × 50 % → 2; six for safety in proportion to 5 and 5.
#[test]
fn firms_at_their_cap_are_drawn_for_key_items_only() {
    let policy = load(TWO_ITEMS);
    let (ids, grades) = graded(&[("A", 30), ("B", 10)]);
    let mut firms = firms(&ids, &grades);
    let capped: Vec<usize> = (0..4).chain(30..35).collect();
    firms.past = Some(PastVisits {
        ids: capped.iter().map(|at| ids[*at].as_str()).collect(),
        days: vec![day("2026-06-01"); 9],
        kinds: vec!["日常"; 9],
    });
    let made = plan(&policy, &firms, &PlanOptions::default()).unwrap();
    assert_eq!(sizes(&made), [("A", 7), ("A|at_cap", 1), ("B", 3), ("B|at_cap", 3)]);
    let item = |stratum: &str, at: usize| of(&made, stratum).items[at].lifted;
    assert_eq!((item("A", 0), item("A", 1), item("A|at_cap", 0), item("A|at_cap", 1)), (3, 7, 0, 1));
    assert_eq!((item("B", 0), item("B", 1), item("B|at_cap", 0), item("B|at_cap", 1)), (2, 3, 0, 3));
    let record = draw(&made, &firms).unwrap();
    let of_b = record.selected.iter().find(|one| one.stratum == "B" && one.rank == 1).unwrap();
    assert_eq!((of_b.pi_visit.to_string(), of_b.pi_item["report"].to_string()), ("3/5".to_owned(), "2/5".to_owned()));
    // Where N counts all firms, those at their cap count too: half of ten.
    let all = load(&TWO_ITEMS.replace("[frequency.caps]", "[draw]\nbase = \"all\"\n[frequency.caps]"));
    assert_eq!(of(&plan(&all, &firms, &PlanOptions::default()).unwrap(), "B").items[0].n, 5);
    // A firm that is excluded for another reason stays where it is.
    let out = load(&TWO_ITEMS.replace("[frequency.caps]", "[[exclusions]]\ncode = \"out\"\nflag = \"out\"\n[frequency.caps]"));
    firms.flags.insert("out", (0..40).map(|at| at == 0).collect());
    let without = plan(&out, &firms, &PlanOptions::default()).unwrap();
    assert_eq!((of(&without, "A").excluded["out"], of(&without, "A|at_cap").rows), (1, 3));
    // A budget scales no count, and without a global floor nothing has one.
    let none = PlanOptions { inspector_days: Some(27), ..PlanOptions::default() };
    let needed = vec![PlanFault::Budget { given: 27, least: 28, visits: 14 }];
    assert_eq!(faults(plan(&policy, &firms, &none)), needed);
}

/// By hand: 1,000 firms of each grade at the ratios of Henan are 10 + 20 + 100 + 300 visits; two inspectors for a day each are 860 inspector-days. The floors
/// are 10 + 20 + 30 + 30, topped up to 3 % of 4,000. With 250 visits 220 are left to C and D, 0.55 of 400; with 252, 56 and 166, up to a factor of
/// 166/300.
#[test]
fn a_budget_scales_the_raised_rates_as_little_as_it_must() {
    let policy = load(HENAN);
    let (ids, grades) = graded(&[("A", 1000), ("B", 1000), ("C", 1000), ("D", 1000)]);
    let firms = firms(&ids, &grades);
    let with = |days| plan(&policy, &firms, &PlanOptions { inspector_days: Some(days), ..PlanOptions::default() });
    for (days, scale, sizes_of) in [
        (10_000, 1_000_000_000, [10, 20, 100, 300]),
        (860, 1_000_000_000, [10, 20, 100, 300]),
        (500, 550_000_000, [10, 20, 55, 165]),
        (503, 550_000_000, [10, 20, 55, 165]),
        (504, 553_333_333, [10, 20, 56, 166]),
    ] {
        let made = with(days).unwrap();
        let fit = made.budget.as_ref().unwrap();
        assert_eq!((fit.inspector_days, fit.wanted, fit.least), (days, 860, 240));
        assert_eq!(fit.scale, scale, "{days}");
        assert_eq!(made.strata.iter().map(|stratum| stratum.n).collect::<Vec<_>>(), sizes_of, "{days}");
        assert!(made.total.inspector_days <= days);
        draw(&made, &firms).unwrap();
    }
    let lines: Vec<String> = with(500).unwrap().strata.iter().map(PlanStratum::arithmetic).collect();
    assert_eq!(lines[1], "B: 1000 firms; disclosure 1000 × 2/100 = 20 → 20 = 20");
    assert_eq!(lines[2], "C: 1000 firms; disclosure 1000 × 10/100 × 0.55 = 55 → 55 = 55");
    let line = of(&with(242).unwrap(), "C").arithmetic();
    assert_eq!(line, "C: 1000 firms; disclosure 1000 × 3/100 (floor) = 30 → 30 = 30");
    // The floors and the global floor; C + D at λ = 0.225 give 23 + 68, above both.
    let tight = with(240).unwrap();
    assert_eq!(tight.total.n, 120);
    assert!(tight.strata.iter().all(|stratum| stratum.n >= stratum.rows / 100));
    assert!(of(&tight, "C").n >= 30 && of(&tight, "D").n >= 30);
    let needed = vec![PlanFault::Budget { given: 239, least: 240, visits: 120 }];
    assert_eq!(faults(with(239)), needed);
    let half = load(&HENAN.replace("[[items]]", "[visits]\ndays = 0.5\ninspectors = 3\n[[items]]"));
    // 430 visits × 3 × ½ = 645.
    assert_eq!(plan(&half, &firms, &PlanOptions::default()).unwrap().total.inspector_days, 645);
}

/// Ranges: between the ends, and never below the lower one. By hand for Lindian with 1,000 of each: ceilings 50 + 200 + 600 + 1,000; floors 3 % (the
/// legal one for A), 5, 21, 61 % = 30 + 50 + 210 + 610.
#[test]
fn ranges_are_scaled_between_their_ends() {
    let policy = load(LINDIAN);
    let (ids, grades) = graded(&[("A", 1000), ("B", 1000), ("C", 1000), ("D", 1000)]);
    let mut firms = firms(&ids, &grades);
    firms.past = Some(PastVisits::default());
    let with = |visits: u64| plan(&policy, &firms, &PlanOptions { inspector_days: Some(visits * 2), ..PlanOptions::default() });
    let n = |plan: Plan| plan.strata.iter().map(|stratum| stratum.n).collect::<Vec<_>>();
    assert_eq!(n(with(1850).unwrap()), [50, 200, 600, 1000]);
    assert_eq!(n(with(900).unwrap()), [30, 50, 210, 610]);
    // Half of all: 25 is below the floor of A, and 500 below that of D.
    assert_eq!(n(with(30 + 100 + 300 + 610).unwrap()), [30, 100, 300, 610]);
    assert_eq!(faults(with(899)), [PlanFault::Budget { given: 1798, least: 1800, visits: 900 }]);
}

/// By hand: N·S of 1000·√(0.1·0.9) = 300 and 100·√(0.5·0.5) = 50, 60 firms with at least 15 of each. Sizes by priority: 60·300/350 = 51.4 for A, but 15 are
/// B's, so 45 and 15.
#[test]
fn the_validation_part_lifts_what_enforcement_lacks() {
    let text = r#"
[policy]
plan_id = "p"
title = "t"
period = { from = "2027-01-01", to = "2027-12-31" }
grades = ["A", "B"]
[floor]
ratio = 0
[validation]
firms = 60
floor = 15
expected = { A = "10 %", B = "50 %" }
[[items]]
id = "report"
name = "年报"
department = "市场监管"
[items.rates]
A = { rule = "at_least", count = 0 }
B = { rule = "at_least", ratio = "30 %" }
"#;
    let (ids, grades) = graded(&[("A", 1000), ("B", 100)]);
    let firms = firms(&ids, &grades);
    let made = plan(&load(text), &firms, &PlanOptions::default()).unwrap();
    let part = |name: &str| (of(&made, name).enforcement, of(&made, name).validation, of(&made, name).n);
    assert_eq!((part("A"), part("B")), ((0, 45, 45), (30, 15, 30)));
    draw(&made, &firms).unwrap();
    // A grade with fewer firms than its floor is taken whole, and the plan says so.
    let (ids, grades) = graded(&[("A", 1000), ("B", 9)]);
    let made = plan(&load(text), &self::firms(&ids, &grades), &PlanOptions::default()).unwrap();
    assert_eq!(of(&made, "B").validation, 9);
    assert!(made.warnings.iter().any(|warning| warning == "grade `B`: the validation part needs 15, and 9 can be drawn"));
}

/// By hand: 10 of 100, 40 of them inspected recently at a weight of 0.2: x = 10/(60 + 8) = 10·10/680 for the others, 2·10/680 for the recent.
#[test]
fn firms_inspected_recently_have_the_smaller_weight() {
    let text = HENAN.replace("[[items]]", "[recent]\nwithin = \"12 months\"\n[[items]]");
    let (ids, grades) = graded(&[("C", 100)]);
    let mut firms = firms(&ids, &grades);
    firms.past = Some(PastVisits {
        ids: ids.iter().take(40).map(String::as_str).collect(),
        days: vec![day("2020-06-01"); 40],
        kinds: vec!["日常"; 40],
    });
    let made = plan(&load(&text), &firms, &PlanOptions::default()).unwrap();
    let stratum = of(&made, "C");
    assert_eq!(stratum.rate, Rate { num: 100, den: 680 });
    assert_eq!(stratum.recent, Some((40, Rate { num: 20, den: 680 })));
    let record = draw(&made, &firms).unwrap();
    assert!(record.selected.iter().all(|one| {
        let recent = one.id.as_str() < "firm000040";
        (one.pi_visit.to_f64() - if recent { 2.0 } else { 10.0 } / 68.0).abs() < 1e-12
    }));
    // All others and some of the recent: 90 of 100.
    let most = load(&text.replace("10 %", "90 %"));
    let made = plan(&most, &firms, &PlanOptions::default()).unwrap();
    assert_eq!((of(&made, "C").rate, of(&made, "C").recent), (Rate { num: 1, den: 1 }, Some((40, Rate { num: 30, den: 40 }))));
    draw(&made, &firms).unwrap();
}

#[test]
fn strata_have_names_that_cannot_be_confused() {
    let text = HENAN.replace("[floor]", "[draw]\nstrata = [\"district\", \"trade\"]\n[floor]");
    let (ids, grades) = graded(&[("D", 4)]);
    let mut firms = firms(&ids, &grades);
    firms.strata.insert("district", vec!["a|b", "a", "a\\", "a|b"]);
    firms.strata.insert("trade", vec!["c", "b|c", "c", "c"]);
    let made = plan(&load(&text), &firms, &PlanOptions::default()).unwrap();
    let names: Vec<&str> = made.strata.iter().map(|stratum| stratum.stratum.as_str()).collect();
    assert_eq!(names, ["D|a\\\\|c", "D|a\\|b|c", "D|a|b\\|c"]);
    assert_eq!(made.strata[1].rows, 2);
    draw(&made, &firms).unwrap();
}

#[test]
fn all_faults_of_the_firms_come_at_once() {
    let policy = load(TRIGGER);
    let (ids, grades) = graded(&[("A", 3)]);
    let mut given = firms(&ids, &grades);
    given.flags.insert("struck_off", vec![false; 2]);
    let messages: Vec<String> = faults(plan(&policy, &given, &PlanOptions::default())).iter().map(ToString::to_string).collect();
    assert_eq!(
        messages,
        [
            "column `struck_off` has 2 rows, expected 3, one for each id",
            "column `no_site_visit` is missing, which the policy reads for an exclusion; add it, or name the right one in the policy",
            "column `other_plan` is missing, which the policy reads for an exclusion; add it, or name the right one in the policy",
            "earlier inspections are missing, which the policy reads for windows and caps; give them: firm, day and kind of each; an empty table where there are none",
        ]
    );
    let mut given = Firms { ids: vec!["a", " ", "a", "b"], grades: vec!["A", "B", "E", "M"], ..Firms::default() };
    for flag in policy.flags() {
        given.flags.insert(flag, vec![false; 4]);
    }
    given.past = Some(PastVisits { ids: vec!["a"; 3], days: vec![day("2026-12-01"); 3], kinds: vec!["日常", "突击", "突击"] });
    let messages: Vec<String> = faults(plan(&policy, &given, &PlanOptions::default())).iter().map(ToString::to_string).collect();
    assert_eq!(
        messages,
        [
            "the column of grades has 2 unknown grades (row 3: `E`, row 4: `M`); correct them, or add the grade to the policy with its rates",
            "the column of ids has 1 missing id (row 2); every firm needs an id",
            "the column of ids has 1 repeated id (row 3: `a`); a firm stands in one row only",
            "unknown kinds of inspections: `突击` (2 rows); correct them, or add them to `counted` or `not_counted` under `[frequency]`",
        ]
    );
    let exact = load(&HENAN.replace("rule = \"at_least\", ratio = \"10 %\"", "rule = \"exactly\", ratio = \"10 %\""));
    let (ids, grades) = graded(&[("C", 33)]);
    let message = faults(plan(&exact, &firms(&ids, &grades), &PlanOptions::default()));
    let expected = PlanFault::Fraction { stratum: "C".to_owned(), item: "disclosure".to_owned(), asked: "33/10".to_owned() };
    assert_eq!(message, [expected]);
    assert_eq!(
        message[0].to_string(),
        "stratum `C`: item `disclosure` asks for exactly 33/10 firms, which is no whole number; let the policy say `at_least` or `at_most`, or state a count"
    );
    let short = PlanFault::Budget { given: 27, least: 28, visits: 14 };
    assert_eq!(
        short.to_string(),
        "found 27 inspector-days, and the floors alone need 28 (14 visits); give more days, or lower the floors in the policy"
    );
    // So many digits that the scaled ratio exceeds 64 bits.
    let digits = load(&HENAN.replace("10 %", "98.765432101 %"));
    let few = PlanOptions { inspector_days: Some(40), ..PlanOptions::default() };
    let message = faults(plan(&digits, &firms(&ids, &grades), &few));
    assert_eq!(message[0].to_string(), "stratum `C`: the rates exceed 64 bits; write ratios and weights with fewer digits");
    assert_eq!(faults(plan(&exact, &Firms::default(), &PlanOptions::default())).len(), 1);
}

/// A floor that counts more firms than can be drawn is said to fall short.
#[test]
fn what_cannot_be_drawn_is_said() {
    let text = HENAN.replace("[floor]", "[draw]\nbase = \"all\"\n[[exclusions]]\ncode = \"out\"\nflag = \"out\"\n[floor]");
    let text = text.replace("ratio = \"30 %\"", "ratio = \"60 %\"").replace("ratio = \"10 %\"", "count = 7");
    let (ids, grades) = graded(&[("C", 5), ("D", 10)]);
    let mut firms = firms(&ids, &grades);
    firms.flags.insert("out", (0..15).map(|at| at >= 10).collect());
    let made = plan(&load(&text), &firms, &PlanOptions::default()).unwrap();
    // 60 % of all ten are six, of which five can be drawn.
    assert_eq!(sizes(&made), [("C", 5), ("D", 5)]);
    assert_eq!(of(&made, "D").items[0].short, 1);
    assert_eq!(
        made.warnings,
        [
            "grade `C`: item `disclosure` asks for 7 firms, and 5 can be drawn",
            "stratum `D`: item `disclosure` asks for 6 firms, and 5 can be drawn"
        ]
    );
    assert_eq!(of(&made, "D").arithmetic(), "D: 10 firms, 5 excluded (out 5); disclosure 10 × 60/100 = 6 → 5 = 5");
    draw(&made, &firms).unwrap();
}

#[test]
fn a_grade_that_is_triggered_only_is_said_so() {
    let policy = load(TRIGGER);
    let (ids, grades, flags) = district(&policy);
    let mut firms = firms(&ids, &grades);
    firms.past = Some(PastVisits::default());
    firms.flags = flags.iter().map(|(flag, values)| (flag.as_str(), values.clone())).collect();
    let made = plan(&policy, &firms, &PlanOptions::default()).unwrap();
    assert_eq!(of(&made, "A").n, 0);
    assert!(made.warnings.contains(&"grade `A`: none of its 971 firms is drawn, so no statement about it will be possible".to_owned()));
    // With too few others the legal floor cannot be reached: A is never topped up.
    let (ids, grades) = graded(&[("A", 100), ("D", 2)]);
    let mut few = self::firms(&ids, &grades);
    few.past = Some(PastVisits::default());
    let none = vec![false; 102];
    few.flags = policy.flags().into_iter().map(|flag| (flag, none.clone())).collect();
    let made = plan(&policy, &few, &PlanOptions::default()).unwrap();
    assert_eq!(sizes(&made), [("A", 0), ("D", 2)]);
    assert!(made.warnings.iter().any(|warning| warning.starts_with("the plan draws 2 firms, 2 fewer than the floor of 3/100 asks for")));
}

/// Any policy: rates, counts, classes, floors, a validation part, a weight, exclusions and caps.
fn any_policy() -> impl Strategy<Value = String> {
    let rate = prop_oneof![
        (prop_oneof![Just("at_least"), Just("at_most")], 0_u32..=100)
            .prop_map(|(rule, percent)| format!("{{ rule = \"{rule}\", ratio = \"{percent} %\" }}")),
        (prop_oneof![Just("at_least"), Just("at_most"), Just("exactly")], 0_u32..=30)
            .prop_map(|(rule, count)| format!("{{ rule = \"{rule}\", count = {count} }}")),
    ];
    let item = (any::<bool>(), proptest::collection::vec(rate, 3));
    let draw = (any::<bool>(), any::<bool>(), 0_u32..4, 1_u32..4);
    (proptest::collection::vec(item, 1..4), draw, 0_u32..30, any::<bool>(), any::<bool>()).prop_map(
        |(items, (all, strata, reserve, waves), floor, validation, recent)| {
            let mut text = format!(
                "[policy]\nplan_id = \"p\"\ntitle = \"t\"\nperiod = {{ from = \"2027-01-01\", to = \"2027-12-31\" }}\ngrades = [\"A\", \"B\", \"C\"]\n\
                 [draw]\nbase = \"{}\"\nreserve = {reserve}\nwaves = {waves}\nstrata = [{}]\n\
                 [floor]\nratio = \"{floor} %\"\nof = \"{}\"\n\
                 [frequency.caps]\nA = {{ visits = 1, window = \"1 year\" }}\nB = {{ visits = 1, window = \"1 year\" }}\nC = {{ visits = 1, window = \"1 year\" }}\n\
                 [[exclusions]]\ncode = \"out\"\nflag = \"out\"\n",
                if all { "all" } else { "eligible" },
                if strata { "\"zone\"" } else { "" },
                if waves == 1 { "all" } else { "eligible" },
            );
            if recent && items.len() == 1 {
                text.push_str("[recent]\nwithin = \"3 years\"\n");
            }
            let liftable = (0..3).all(|grade| items.iter().any(|item| item.1[grade].contains("at_least")));
            if validation && liftable {
                text.push_str("[validation]\nfirms = 20\nfloor = 4\nexpected = { A = 0.02, B = 0.1, C = 0.3 }\n");
            }
            for ((key, rates), at) in items.iter().zip(1..) {
                text.push_str(&format!(
                    "[[items]]\nid = \"item{at}\"\nname = \"n\"\ndepartment = \"d\"\nclass = \"{}\"\n[items.rates]\nA = {}\nB = {}\nC = {}\n",
                    if *key { "key" } else { "general" },
                    rates[0],
                    rates[1],
                    rates[2]
                ));
            }
            text
        },
    )
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(160))]

    /// What is planned is what is drawn, and every item keeps to its rule.
    #[test]
    fn the_draw_has_the_numbers_of_the_plan(
        text in any_policy(), rows in proptest::collection::vec((0_usize..3, 0_usize..2, any::<bool>(), 0_u8..5), 1..120), days in 0_u64..300
    ) {
        let policy = load(&text);
        let ids: Vec<String> = (0..rows.len()).map(|at| format!("f{at:03}")).collect();
        let grades: Vec<&str> = rows.iter().map(|row| ["A", "B", "C"][row.0]).collect();
        let mut firms = firms(&ids, &grades);
        firms.strata.insert("zone", rows.iter().map(|row| ["东", "西"][row.1]).collect());
        firms.flags.insert("out", rows.iter().map(|row| row.2 && row.3 == 4).collect());
        let mut past = PastVisits::default();
        for (id, _) in ids.iter().zip(&rows).filter(|(_, row)| row.3 < 2) {
            past.ids.push(id);
            past.days.push(day(if past.ids.len() % 2 == 0 { "2026-03-01" } else { "2025-03-01" }));
            past.kinds.push("日常");
        }
        firms.past = Some(past);
        let made = plan(&policy, &firms, &PlanOptions::default()).unwrap();
        draw(&made, &firms).unwrap();
        let mut upper = 0;
        for stratum in &made.strata {
            prop_assert_eq!(stratum.rows, stratum.eligible + stratum.excluded.values().sum::<u64>());
            prop_assert!(stratum.n <= stratum.eligible);
            prop_assert_eq!(stratum.n, stratum.items.iter().map(|item| item.lifted).max().unwrap());
            prop_assert!(stratum.n >= stratum.enforcement);
            for item in &stratum.items {
                prop_assert!(item.n <= item.lifted && item.lifted <= item.ceiling && item.ceiling <= stratum.eligible);
            }
            upper += stratum.items.iter().map(|item| item.ceiling).max().unwrap();
        }
        if let Some(floor) = &made.floor {
            prop_assert_eq!(floor.after, made.total.n);
            prop_assert!(floor.after >= floor.least.min(upper));
            // Not one firm more than the floor asks for.
            prop_assert!(floor.topped_up.is_empty() || floor.after <= floor.least);
        }
        // The order of the firms changes nothing.
        let order: Vec<usize> = (0..rows.len()).rev().collect();
        let turned = Firms {
            ids: order.iter().map(|at| firms.ids[*at]).collect(),
            grades: order.iter().map(|at| firms.grades[*at]).collect(),
            strata: [("zone", order.iter().map(|at| firms.strata["zone"][*at]).collect())].into(),
            flags: [("out", order.iter().map(|at| firms.flags["out"][*at]).collect())].into(),
            past: firms.past.clone(),
        };
        let again = plan(&policy, &turned, &PlanOptions::default()).unwrap();
        prop_assert_eq!((&again.strata, &again.design, &again.floor), (&made.strata, &made.design, &made.floor));
        // With a budget the plan fits, or the floors do not.
        match plan(&policy, &firms, &PlanOptions { inspector_days: Some(days), ..PlanOptions::default() }) {
            Ok(fitted) => {
                prop_assert!(fitted.total.inspector_days <= days);
                let fit = fitted.budget.as_ref().unwrap();
                prop_assert!(fit.least <= days && fit.wanted == made.total.inspector_days);
                draw(&fitted, &firms).unwrap();
                for (fitted, whole) in fitted.strata.iter().zip(&made.strata) {
                    prop_assert!(fitted.enforcement <= whole.enforcement);
                }
            }
            Err(Error::Plan(faults)) => {
                let short = matches!(&faults[..], [PlanFault::Budget { given, least, .. }] if *given == days && *least > days);
                prop_assert!(short);
            }
            Err(error) => panic!("{error}"),
        }
    }
}
