//! Laws of the whole district.

use super::firm::Firm;
use super::*;
use std::collections::HashSet;

pub(super) fn texts(columns: &[Column], name: &str) -> Vec<Option<String>> {
    match columns.iter().find(|c| c.name == name).map(|c| &c.values) {
        Some(Values::Text(values)) => values.clone(),
        Some(Values::Coded { codes, values }) => codes.iter().map(|c| c.map(|c| values[usize::from(c)].to_owned())).collect(),
        other => panic!("{name}: {other:?}"),
    }
}

pub(super) fn whole(columns: &[Column], name: &str) -> Vec<Option<i64>> {
    match columns.iter().find(|c| c.name == name).map(|c| &c.values) {
        Some(Values::Whole(values)) => values.clone(),
        Some(Values::Flag(values)) => values.iter().map(|v| v.map(i64::from)).collect(),
        other => panic!("{name}: {other:?}"),
    }
}

pub(super) fn number(columns: &[Column], name: &str) -> Vec<Option<f64>> {
    match columns.iter().find(|c| c.name == name).map(|c| &c.values) {
        Some(Values::Number(values)) => values.clone(),
        other => panic!("{name}: {other:?}"),
    }
}

/// The rule of GB 32100 another way round: the weighted sum of all 18 characters is a multiple of 31.
pub(super) fn is_valid(code: &str) -> bool {
    const WEIGHTS: [usize; 17] = [1, 3, 9, 27, 19, 26, 16, 17, 20, 29, 25, 13, 8, 24, 10, 30, 28];
    let values: Option<Vec<usize>> = code.chars().map(|c| "0123456789ABCDEFGHJKLMNPQRTUWXY".find(c)).collect();
    values.is_some_and(|v| v.len() == 18 && (v.iter().zip(WEIGHTS).map(|(v, w)| v * w).sum::<usize>() + v[17]).is_multiple_of(31))
}

/// The codes of domain.md §6.
#[test]
fn the_check_of_these_tests_agrees_with_published_codes() {
    for valid in ["91350100M000100Y43", "91512081MA62K0260E", "91110000600037341L", "91110108551385082Q", "91350100M000100Y30"] {
        assert!(is_valid(valid), "{valid}");
    }
    for invalid in ["91350100M000100Y4Z", "91310115MA1G4L1WXK"] {
        assert!(!is_valid(invalid), "{invalid}");
    }
}

#[test]
fn codes_are_valid_unique_and_of_the_region() {
    let district = generate(40_000, 7);
    let codes = texts(&district.columns, "uscc");
    let mut seen = HashSet::new();
    for code in codes.iter().flatten() {
        assert!(is_valid(code), "{code}");
        assert_eq!(&code[..8], "91310107");
        assert!(seen.insert(code.clone()), "{code} twice");
    }
    assert_eq!(seen.len(), 40_000);
    assert_eq!(codes, texts(&district.outcome, "uscc"));
    assert!(seen.iter().any(|code| code.ends_with('0')), "no code has check character 0");
}

#[test]
fn a_larger_district_begins_with_the_smaller_one() {
    let (small, large) = (generate(300, 11), generate(1_000, 11));
    for (a, b) in small.columns.iter().chain(&small.outcome).zip(large.columns.iter().chain(&large.outcome)) {
        assert_eq!(a.name, b.name);
        let same = match (&a.values, &b.values) {
            (Values::Text(x), Values::Text(y)) => x[..] == y[..300],
            (Values::Coded { codes: x, .. }, Values::Coded { codes: y, .. }) => x[..] == y[..300],
            (Values::Number(x), Values::Number(y)) => x[..] == y[..300],
            (Values::Whole(x), Values::Whole(y)) => x[..] == y[..300],
            (Values::Flag(x), Values::Flag(y)) => x[..] == y[..300],
            (Values::Day(x), Values::Day(y)) => x[..] == y[..300],
            _ => false,
        };
        assert!(same, "{}", a.name);
    }
}

#[test]
fn another_seed_is_another_district() {
    assert_ne!(texts(&generate(50, 1).columns, "uscc"), texts(&generate(50, 2).columns, "uscc"));
    assert_ne!(texts(&generate(50, 1).columns, "name"), texts(&generate(50, 2).columns, "name"));
}

#[test]
fn the_bits_are_the_same_for_any_number_of_threads() {
    let on = |threads| {
        let pool = rayon::ThreadPoolBuilder::new().num_threads(threads).build().unwrap();
        pool.install(|| whole_fingerprint(&generate(5_000, 3)))
    };
    let one = on(1);
    assert_eq!(one, on(2));
    assert_eq!(one, on(7));
}

fn whole_fingerprint(district: &District) -> u64 {
    fingerprint(district.columns.iter().chain(&district.outcome))
}

/// FNV-1a over every value, numbers by their bits.
pub(super) fn fingerprint<'c>(columns: impl Iterator<Item = &'c Column>) -> u64 {
    let mut hash = 0xCBF2_9CE4_8422_2325_u64;
    let mut add = |bytes: &[u8]| {
        for byte in bytes {
            hash = (hash ^ u64::from(*byte)).wrapping_mul(0x0000_0100_0000_01B3);
        }
        hash = (hash ^ 0xFF).wrapping_mul(0x0000_0100_0000_01B3);
    };
    for column in columns {
        add(column.name.as_bytes());
        match &column.values {
            Values::Text(v) => v.iter().for_each(|x| add(x.as_deref().unwrap_or("").as_bytes())),
            Values::Coded { codes, .. } => codes.iter().for_each(|x| add(&x.unwrap_or(u16::MAX).to_le_bytes())),
            Values::Number(v) => v.iter().for_each(|x| add(&x.map_or(u64::MAX, f64::to_bits).to_le_bytes())),
            Values::Whole(v) => v.iter().for_each(|x| add(&x.unwrap_or(i64::MAX).to_le_bytes())),
            Values::Flag(v) => v.iter().for_each(|x| add(&[x.map_or(2, u8::from)])),
            Values::Day(v) => v.iter().for_each(|x| add(&x.unwrap_or(i32::MAX).to_le_bytes())),
        }
    }
    hash
}

/// Recorded on x86-64 Linux; a change here changes every published figure about the district.
#[test]
fn the_district_of_the_demonstration_is_the_recorded_one() {
    assert_eq!(whole_fingerprint(&generate(2_000, DEFAULT_SEED)), 592_243_955_072_768_126);
}

#[test]
fn names_of_columns_are_unique_and_all_columns_have_every_firm() {
    let district = generate(10, 1);
    let names: HashSet<&str> = district.columns.iter().map(|c| c.name).collect();
    assert_eq!(names.len(), district.columns.len());
    assert!(district.columns.iter().chain(&district.outcome).all(|c| c.values.len() == 10));
    let of = |group| district.columns.iter().filter(|c| c.group == group).count();
    let groups = [Group::Profile, Group::Registration, Group::Operation, Group::Judicial, Group::Violations, Group::AnnualReport];
    assert_eq!(groups.map(of), [9, 32, 37, 17, 33, 5]);
    assert!(generate(0, 1).columns.iter().all(|c| c.values.is_empty()));
}

/// Each share as the column states it, joined with the firms too young to have a value; 60,000 firms leave ± 0.01.
#[test]
fn missing_shares_are_those_stated() {
    let n = 60_000;
    let district = generate(n, DEFAULT_SEED);
    let young = number(&district.columns, "established_years").iter().flatten().filter(|age| **age < 1.0).count();
    let young = young as f64 / n as f64;
    assert!((0.05..0.25).contains(&young), "{young}");
    let specs = || indicators::TABLES.iter().flat_map(|(_, table)| table.iter());
    for spec in specs() {
        let column = district.columns.iter().find(|c| c.name == spec.name).unwrap();
        let found = column.values.missing() as f64 / n as f64;
        let stated = if spec.after_a_year { young + (1.0 - young) * spec.missing } else { spec.missing };
        if stated > 0.0 {
            assert!((found - stated).abs() < 0.01, "{}: found {found}, stated {stated}", spec.name);
        } else {
            assert_eq!(column.values.missing(), 0, "{}", spec.name);
        }
    }
    assert!(specs().any(|s| s.missing > 0.5) && specs().any(|s| s.missing > 0.0 && s.missing < 0.05));
}

#[test]
fn counts_are_skewed_and_flags_for_overrides_rare() {
    let district = generate(20_000, 5);
    let penalties = whole(&district.columns, "penalties_24m");
    let some = penalties.iter().flatten().filter(|x| **x > 0).count();
    assert!((400..4_000).contains(&some), "{some}");
    assert!(penalties.iter().flatten().max().is_some_and(|max| *max >= 5));
    for flag in ["on_serious_list", "on_dishonest_list", "licence_revoked", "ordered_to_close", "struck_off"] {
        let yes = whole(&district.columns, flag).iter().flatten().filter(|x| **x == 1).count();
        assert!((1..300).contains(&yes), "{flag}: {yes}");
    }
}

#[test]
fn columns_do_not_contradict_each_other() {
    let district = generate(20_000, 5);
    for (short, long) in [
        ("penalties_12m", "penalties_24m"),
        ("complaints_12m", "complaints_24m"),
        ("abnormal_removals_36m", "abnormal_listings_36m"),
        ("on_abnormal_list", "abnormal_listings_36m"),
        ("on_serious_list", "serious_listings_36m"),
        ("complaints_unresolved_12m", "complaints_12m"),
        ("spot_checks_failed_36m", "spot_checks_36m"),
    ] {
        let (short, long) = (whole(&district.columns, short), whole(&district.columns, long));
        assert!(short.iter().zip(&long).all(|(s, l)| s <= l));
    }
    let checks = whole(&district.columns, "spot_checks_36m");
    let last = texts(&district.columns, "last_spot_check");
    let (missed, late) = (whole(&district.columns, "annual_report_missed_3y"), whole(&district.columns, "annual_report_late_3y"));
    let ages = number(&district.columns, "established_years");
    for ((missed, late), age) in missed.iter().zip(&late).zip(&ages) {
        assert!(missed.zip(*late).zip(*age).is_some_and(|((missed, late), age)| missed + late <= 3.min(age as i64)));
    }
    assert!(checks.iter().zip(&last).all(|(n, last)| (*n == Some(0)) == (last.as_deref() == Some("未抽查"))));
}

#[test]
fn numbers_are_finite_and_never_minus_zero() {
    for column in &generate(5_000, 9).columns {
        if let Values::Number(values) = &column.values {
            assert!(values.iter().flatten().all(|x| x.is_finite() && x.to_bits() != (-0.0_f64).to_bits()), "{}", column.name);
        }
    }
}

/// Fifths of the firms by latent risk: the share of violations rises from each to the next, 3 to 8 % over all.
#[test]
fn violations_rise_with_latent_risk() {
    for seed in [DEFAULT_SEED, 1, 2] {
        let firms: Vec<Firm> = (0..60_000).map(|number| Firm::new(seed, number)).collect();
        let mean = firms.iter().map(|f| f.risk).sum::<f64>() / 60_000.0;
        let variance = firms.iter().map(|f| f.risk * f.risk).sum::<f64>() / 60_000.0;
        assert!(mean.abs() < 0.05 && (variance - 1.0).abs() < 0.06, "{mean} {variance}");
        let mut found: Vec<(f64, bool)> =
            firms.iter().filter_map(|firm| outcome::inspect(firm).map(|(violation, _)| (firm.risk, violation))).collect();
        assert!((17_000..19_000).contains(&found.len()));
        found.sort_by(|a, b| a.0.total_cmp(&b.0));
        let share = |part: &[(f64, bool)]| part.iter().filter(|(_, violation)| *violation).count() as f64 / part.len() as f64;
        assert!((0.03..0.08).contains(&share(&found)), "{}", share(&found));
        let fifths: Vec<f64> = found.chunks(found.len().div_ceil(5)).map(share).collect();
        assert!(fifths.windows(2).all(|pair| pair[0] < pair[1]), "{fifths:?}");
        assert!(fifths[4] > 5.0 * fifths[0], "{fifths:?}");
    }
}

#[test]
fn outcomes_agree_with_their_result_codes() {
    let district = generate(5_000, 4);
    let (inspected, outcome) = (whole(&district.outcome, "inspected"), whole(&district.outcome, "outcome"));
    let results = texts(&district.outcome, "result");
    for ((inspected, outcome), result) in inspected.iter().zip(&outcome).zip(&results) {
        assert_eq!(*inspected == Some(1), outcome.is_some());
        let clean = matches!(result.as_deref(), Some("未发现问题" | "未开展本次抽查涉及的经营活动"));
        assert_eq!(*outcome, result.as_ref().map(|_| i64::from(!clean)));
    }
}
