//! Laws of the register and the tables.

use super::super::DEFAULT_SEED;
use super::super::tests::{fingerprint, is_valid, texts, whole};
use super::super::{Values, generate};
use super::*;
use firmgrade::calendar::Day;
use std::collections::{HashMap, HashSet};

fn table<'r>(records: &'r Records, id: &str) -> &'r [Column] {
    &records.tables.iter().find(|table| table.id == id).unwrap().columns
}

fn days(columns: &[Column], name: &str) -> Vec<Option<i32>> {
    match columns.iter().find(|column| column.name == name).map(|column| &column.values) {
        Some(Values::Day(values)) => values.clone(),
        other => panic!("{name}: {other:?}"),
    }
}

fn all(records: &Records) -> u64 {
    fingerprint(records.firms.iter().chain(records.tables.iter().flat_map(|table| &table.columns)).chain(&records.outcomes))
}

#[test]
fn the_days_are_those_of_the_calendar() {
    for (day, shown) in [(FIRST, "2019-01-01"), (AS_OF, "2023-12-31"), (LAST, "2024-12-31")] {
        assert_eq!(Day::parse(shown).unwrap().days(), day);
    }
}

#[test]
fn the_bits_are_the_same_for_any_number_of_threads() {
    let on = |threads| {
        let pool = rayon::ThreadPoolBuilder::new().num_threads(threads).build().unwrap();
        pool.install(|| all(&generate_records(3_000, 3)))
    };
    let one = on(1);
    assert_eq!(one, on(2));
    assert_eq!(one, on(7));
    assert_ne!(one, all(&generate_records(3_000, 4)));
}

/// Recorded on x86-64 Linux; a change here changes every published figure about the records.
#[test]
fn the_records_of_the_demonstration_are_the_recorded_ones() {
    assert_eq!(all(&generate_records(2_000, DEFAULT_SEED)), 530_439_280_020_616_948);
}

#[test]
fn the_register_is_that_of_the_one_table_district() {
    let (records, district) = (generate_records(2_000, 5), generate(2_000, 5));
    for name in ["uscc", "name", "trade", "trade_class", "region", "street", "size", "legal_form"] {
        assert_eq!(texts(&records.firms, name), texts(&district.columns, name), "{name}");
    }
    // New codes begin with the reform of October 2015.
    let reform = Day::parse("2015-10-01").unwrap().days();
    for (code, day) in texts(&records.firms, "uscc").iter().zip(days(&records.firms, "established")) {
        let new = code.as_deref().unwrap()[8..].starts_with("MA");
        assert!(if new { day.unwrap() >= reform } else { day.unwrap() <= reform });
    }
    let represented = texts(&records.firms, "legal_rep");
    assert!(represented.iter().flatten().all(|who| who.len() == 9 && who.starts_with('R')));
}

#[test]
fn a_larger_district_holds_the_records_of_the_smaller_one() {
    let (small, large) = (generate_records(200, 11), generate_records(500, 11));
    for (a, b) in small.firms.iter().zip(&large.firms) {
        let first = |column: &Column| format!("{:?}", column.values).chars().take(1_000).collect::<String>();
        assert_eq!(first(a), first(b), "{}", a.name);
    }
    let here: HashSet<_> = texts(&small.firms, "uscc").into_iter().collect();
    for (a, b) in small.tables.iter().zip(&large.tables) {
        let of_these = |columns: &[Column]| {
            let rows = texts(columns, "uscc").into_iter().zip(days(columns, columns[1].name));
            rows.filter(|(code, _)| here.contains(code)).collect::<Vec<_>>()
        };
        assert_eq!(of_these(&a.columns), of_these(&b.columns), "{}", a.id);
    }
}

/// Sorted by day, then by the firm's place; the few without a day last.
#[test]
fn rows_stand_in_the_stated_order() {
    let records = generate_records(2_000, DEFAULT_SEED);
    let place: HashMap<_, _> = texts(&records.firms, "uscc").into_iter().enumerate().map(|(at, code)| (code, at)).collect();
    for table in &records.tables {
        let rows: Vec<_> = texts(&table.columns, "uscc").into_iter().zip(days(&table.columns, table.columns[1].name)).collect();
        let keys: Vec<_> = rows.iter().filter_map(|(code, day)| place.get(code).map(|at| (day.unwrap_or(i32::MAX), *at))).collect();
        assert!(keys.is_sorted(), "{}", table.id);
        assert!(keys.len() > 100, "{}: {}", table.id, keys.len());
    }
}

#[test]
fn sixty_thousand_firms_have_about_a_million_records() {
    let records = generate_records(60_000, DEFAULT_SEED);
    let rows: Vec<(&str, usize)> = records.tables.iter().map(|table| (table.id, table.columns[0].values.len())).collect();
    let all: usize = rows.iter().map(|(_, rows)| rows).sum();
    assert!((900_000..1_100_000).contains(&all), "{all}: {rows:?}");
    for table in &records.tables {
        assert!(table.columns.iter().all(|column| column.values.len() == table.columns[0].values.len()), "{}", table.id);
        let here: HashSet<_> = texts(&records.firms, "uscc").into_iter().collect();
        let codes = texts(&table.columns, "uscc");
        assert!(codes.iter().flatten().all(|code| is_valid(code)), "{}", table.id);
        let elsewhere = codes.iter().filter(|code| !here.contains(*code)).count() as f64 / codes.len() as f64;
        let stated = if table.id == "inspections" { 0.0 } else { 0.004 };
        assert!((elsewhere - stated).abs() < 0.001, "{}: {elsewhere}", table.id);
    }
    let undated = days(table(&records, "complaints"), "received_on").iter().filter(|day| day.is_none()).count();
    assert!((300..700).contains(&undated), "{undated}");
}

#[test]
fn records_do_not_contradict_each_other() {
    let records = generate_records(10_000, 5);
    let established: HashMap<_, _> = texts(&records.firms, "uscc").into_iter().zip(days(&records.firms, "established")).collect();
    for table in &records.tables {
        let (codes, day) = (texts(&table.columns, "uscc"), days(&table.columns, table.columns[1].name));
        for (code, day) in codes.iter().zip(&day) {
            if let (Some(Some(established)), Some(day)) = (established.get(code), day) {
                assert!(day >= established && *day <= LAST, "{}: {code:?} {day}", table.id);
            }
        }
        // What ends, is repaired, resolved, closed or settled does so after it began.
        for name in ["removed_on", "repaired_on", "resolved_on", "checked_on", "closed_on", "settled_on", "valid_until"] {
            if table.columns.iter().any(|column| column.name == name) {
                let ends = days(&table.columns, name);
                assert!(day.iter().zip(&ends).all(|(day, end)| day.zip(*end).is_none_or(|(day, end)| end > day)), "{} {name}", table.id);
                assert!(name == "valid_until" || ends.iter().flatten().all(|end| *end <= LAST), "{} {name}", table.id);
                assert!(ends.iter().flatten().count() > 10, "{} {name}", table.id);
            }
        }
    }
    // Every report that was followed up has its inspection.
    let (complaints, inspections) = (table(&records, "complaints"), table(&records, "inspections"));
    let checked: HashSet<_> = texts(inspections, "uscc").into_iter().zip(days(inspections, "inspected_on")).collect();
    let followed = texts(complaints, "uscc").into_iter().zip(days(complaints, "checked_on")).filter(|(_, day)| day.is_some());
    let followed: Vec<_> = followed.filter(|(code, _)| established.contains_key(code)).collect();
    assert!(followed.len() > 500 && followed.iter().all(|check| checked.contains(check)));
}

/// Outcomes are the inspections after the as-of day; random ones go everywhere, and violations rise with latent risk.
#[test]
fn outcomes_are_the_later_inspections_and_depend_on_risk() {
    let n = 60_000;
    let records = generate_records(n, DEFAULT_SEED);
    let (dates, found) = (days(&records.outcomes, "date"), whole(&records.outcomes, "outcome"));
    assert!(dates.iter().flatten().all(|day| (AS_OF + 1..=LAST).contains(day)));
    let later = days(table(&records, "inspections"), "inspected_on").into_iter().flatten().filter(|day| *day > AS_OF).count();
    assert_eq!(later, dates.len());
    let risk: HashMap<String, f64> = (0..n as u64)
        .map(|number| Firm::new(DEFAULT_SEED, number))
        .map(|firm| (crate::district::uscc::code(mix(DEFAULT_SEED) >> 1, firm.number, firm.before_reform()), firm.risk))
        .collect();
    let (codes, sources) = (texts(&records.outcomes, "uscc"), texts(&records.outcomes, "source"));
    let of = |source: &str| -> Vec<(f64, i64)> {
        let rows = codes.iter().zip(&sources).zip(&found).filter(|((_, from), _)| from.as_deref() == Some(source));
        rows.map(|((code, _), found)| (risk[code.as_deref().unwrap()], found.unwrap())).collect()
    };
    let rate = |rows: &[(f64, i64)]| rows.iter().map(|row| row.1 as f64).sum::<f64>() / rows.len() as f64;
    let mean = |rows: &[(f64, i64)]| rows.iter().map(|row| row.0).sum::<f64>() / rows.len() as f64;
    let mut random = of("random");
    assert!((8_000..10_000).contains(&random.len()) && mean(&random).abs() < 0.05, "{} {}", random.len(), mean(&random));
    assert!((0.03..0.08).contains(&rate(&random)));
    for directed in ["event", "special"] {
        let rows = of(directed);
        assert!(mean(&rows) > 0.1 && rate(&rows) > rate(&random), "{directed}: {} {}", mean(&rows), rate(&rows));
    }
    random.sort_by(|a, b| a.0.total_cmp(&b.0));
    let fifths: Vec<f64> = random.chunks(random.len().div_ceil(5)).map(rate).collect();
    assert!(fifths[4] > 4.0 * fifths[0] && fifths[3] > fifths[1], "{fifths:?}");
}
