//! Cut points, bands and screening against trying everything, closed forms and known populations.

#![expect(clippy::unwrap_used, reason = "a test may stop")]

use firmgrade::ahp::SplitMix64;
use firmgrade::card::{Better, MissingSpec};
use firmgrade::columns::{Column, Table};
use firmgrade::tune::{
    Advice, Aim, BandOptions, Capacity, ScreenOptions, Screening, Separation, ThresholdOptions, Thresholds, Trend, bands, screen,
    thresholds,
};
use firmgrade::{GradeOptions, Scorecard, grade};

const QUICK: ThresholdOptions = ThresholdOptions { draws: 50, seed: 1, level: 0.95 };

fn drawn(seed: u64, rows: usize, steps: u64) -> (Vec<f64>, Vec<bool>) {
    let mut random = SplitMix64::stream(9, seed);
    let risk: Vec<f64> = (0..rows).map(|_| random.below(steps) as f64 / steps as f64).collect();
    let bad = risk.iter().map(|risk| random.uniform() < 0.1 + 0.6 * risk).collect();
    (risk, bad)
}

/// Grades by cut points, from the least risk.
fn graded(risk: &[f64], cuts: &[f64]) -> Vec<usize> {
    risk.iter().map(|risk| cuts.iter().filter(|cut| risk > cut).count()).collect()
}

fn found_cuts(found: &Thresholds) -> Vec<f64> {
    found.cuts.iter().map(|cut| cut.risk.unwrap_or(f64::NEG_INFINITY)).collect()
}

/// All ways to cut the different risks in two places, one before the first risk among them.
fn two_cuts(risk: &[f64]) -> Vec<[f64; 2]> {
    let mut levels = risk.to_vec();
    levels.push(f64::NEG_INFINITY);
    levels.sort_by(f64::total_cmp);
    levels.dedup();
    levels.iter().flat_map(|a| levels.iter().filter(move |b| *b >= a).map(move |b| [*a, *b])).collect()
}

#[test]
fn separation_and_cost_are_the_best_of_all_cuts() {
    for seed in 0..30 {
        let (risk, bad) = drawn(seed, 80, 12);
        let deviance = |cuts: &[f64]| {
            let of = graded(&risk, cuts);
            let cell = |grade: Option<usize>| {
                let rows = (0..80).filter(|row| grade.is_none_or(|grade| of[*row] == grade));
                rows.fold((0.0, 0.0), |(all, hit), row| (all + 1.0, hit + f64::from(bad[row])))
            };
            let part = |(all, hit): (f64, f64)| {
                [hit, all - hit].iter().map(|x: &f64| if *x > 0.0 { x * (x / all).ln() } else { 0.0 }).sum::<f64>()
            };
            let cells: Vec<(f64, f64)> = (0..3).map(|grade| cell(Some(grade))).collect();
            let fits = cells.iter().all(|(all, hit)| *all >= 8.0 && *hit >= 2.0)
                && cells.windows(2).all(|pair| pair[0].1 * pair[1].0 < pair[1].1 * pair[0].0);
            fits.then(|| 2.0 * (cells.iter().map(|cell| part(*cell)).sum::<f64>() - part(cell(None))))
        };
        let best = two_cuts(&risk).iter().filter_map(|cuts| deviance(cuts)).fold(f64::NEG_INFINITY, f64::max);
        let aim = Aim::Separation(Separation { grades: 3, min_share: 0.1, min_bad: 2.0 });
        match thresholds(&risk, Some(&bad), None, &aim, &QUICK) {
            Ok(found) => {
                assert!((found.objective.unwrap() - best).abs() < 1e-9, "{seed}: {:?} {best}", found.objective);
                assert!((deviance(&found_cuts(&found)).unwrap() - best).abs() < 1e-9);
            }
            Err(_) => assert_eq!(best, f64::NEG_INFINITY, "{seed}"),
        }
        // A bad firm in the best grade costs 10, an inspection 1 or 3 whatever is found.
        let costs = vec![[0.0, 10.0], [1.0, 4.0], [3.0, 3.0]];
        let price = |cuts: &[f64]| graded(&risk, cuts).iter().zip(&bad).map(|(grade, bad)| costs[*grade][usize::from(*bad)]).sum::<f64>();
        let cheapest = two_cuts(&risk).iter().map(|cuts| price(cuts)).fold(f64::INFINITY, f64::min);
        let found = thresholds(&risk, Some(&bad), None, &Aim::Cost(costs.clone()), &QUICK).unwrap();
        assert!((found.objective.unwrap() - cheapest).abs() < 1e-9 && (price(&found_cuts(&found)) - cheapest).abs() < 1e-9);
    }
}

/// Shares are solved as grading solves them, ties told; a card with these cuts gives the grades that were said.
#[test]
fn shares_are_those_of_grading() {
    let card = |cuts: &str| {
        let text = format!(
            "[scorecard]\nid = \"t\"\ntitle = \"t\"\nversion = \"1\"\nid_column = \"id\"\nscale = {{ min = 0, max = 1, better = \"high\" }}\n\
             [indicators.x]\ntitle = \"x\"\ncriterion = \"root\"\nmissing = \"error\"\npoints = [ {{ at = 0, risk = 0 }}, {{ at = 1, risk = 1 }} ]\n\
             [grades]\norder = [\"A\", \"B\", \"C\"]\n{cuts}\n"
        );
        Scorecard::from_toml("card", &text).unwrap()
    };
    for (seed, steps) in [(1, 1000), (2, 16), (3, 4)] {
        let (values, _) = drawn(seed, 200, steps);
        let ids: Vec<String> = (0..200).map(|row| row.to_string()).collect();
        let ids: Vec<&str> = ids.iter().map(String::as_str).collect();
        let grades = |cuts: &str| {
            let table = Table::new(200).with("id", Column::strings(&ids)).unwrap().with("x", Column::numbers(&values)).unwrap();
            grade(&card(cuts), &[table], GradeOptions { reasons: 0, contributions: false }).unwrap()
        };
        let by_shares = grades("shares = { A = 0.3, B = 0.45, C = 0.25 }");
        let risk: Vec<f64> = by_shares.score.iter().map(|score| -score).collect();
        let found = thresholds(&risk, None, None, &Aim::Shares(vec![0.3, 0.45, 0.25]), &QUICK).unwrap();
        assert_eq!(found.cuts(Better::High), by_shares.cuts);
        let texts = found.cut_texts(Better::High).unwrap();
        assert_eq!(grades(&format!("cuts = [\"{}\", \"{}\"]", texts[0], texts[1])).grade, by_shares.grade);
        for (at, cut) in found.cuts.iter().enumerate() {
            assert_eq!(cut.ties, risk.iter().filter(|risk| Some(**risk) == cut.risk).count());
            assert!(cut.low <= cut.risk.unwrap() && cut.risk.unwrap() <= cut.high && cut.wanted.is_some());
            assert_eq!(cut.ties > 1, found.notes.iter().any(|note| note.starts_with(&format!("cut {}: {} firms", at + 1, cut.ties))));
        }
        assert_eq!((found.interval, found.grades.iter().map(|grade| grade.rows).sum::<usize>()), ("binomial order statistics", 200));
    }
}

/// The order statistics hold the quantile of the uniform law in at least 95 % of samples (4 sigma of 400 samples: 0.0436).
#[test]
fn intervals_of_shares_cover() {
    let mut held = [0, 0];
    for seed in 0..400 {
        let mut random = SplitMix64::stream(31, seed);
        let risk: Vec<f64> = (0..120).map(|_| random.uniform()).collect();
        let found = thresholds(&risk, None, None, &Aim::Shares(vec![0.8, 0.15, 0.05]), &QUICK).unwrap();
        for ((held, cut), truth) in held.iter_mut().zip(&found.cuts).zip([0.8, 0.95]) {
            *held += i32::from(cut.low <= truth && truth <= cut.high);
        }
    }
    // At most all: the interval of a quantile near the end is one order statistic wide of what it could be.
    assert!(held.iter().all(|held| f64::from(*held) / 400.0 >= 0.95 - 0.0436), "{held:?}");
}

/// Rates 0.1, 0.3, 1 with 1, 2, 2 days: the factor is the largest that fits, tried on a fine grid.
#[test]
fn a_capacity_is_used_and_not_exceeded() {
    let (risk, _) = drawn(4, 1000, 100_000);
    let capacity = |available: f64| {
        let (rates, days) = (vec![0.1, 0.3, 1.0], vec![1.0, 2.0, 2.0]);
        Aim::Capacity(Capacity { shares: vec![0.6, 0.3, 0.1], rates, days, available })
    };
    for available in [150.0, 440.0, 700.0] {
        let found = thresholds(&risk, None, None, &capacity(available), &QUICK).unwrap();
        let used = found.objective.unwrap();
        let by_hand: f64 = found.grades.iter().zip([0.1, 0.6, 2.0]).map(|(grade, days)| grade.rows as f64 * days).sum();
        assert!((used - by_hand).abs() < 1e-9 && used <= available && available - used < 3.0, "{used} of {available}");
        let [_, second, third] = &found.grades[..] else { panic!("{found:?}") };
        assert!((second.rows as f64 - 3.0 * third.rows as f64).abs() <= 4.0, "{} {}", second.rows, third.rows);
    }
    // 1000 firms in the first grade ask for 100 days; all in the others for 3/4·600 + 1/4·2000 = 950.
    assert!(thresholds(&risk, None, None, &capacity(99.0), &QUICK).is_err());
    let all = thresholds(&risk, None, None, &capacity(1000.0), &QUICK).unwrap();
    assert_eq!((all.grades[0].rows, all.objective), (0, Some(950.0)));
    assert!(all.notes.contains(&"grade 1 would be empty".to_owned()) && all.cut_texts(Better::Low).is_none());
}

#[test]
fn bootstrap_intervals_repeat_and_do_not_depend_on_order() {
    let (risk, bad) = drawn(6, 300, 50);
    let aim = Aim::Separation(Separation { grades: 2, min_share: 0.1, min_bad: 5.0 });
    let one = thresholds(&risk, Some(&bad), None, &aim, &QUICK).unwrap();
    let (risk, bad): (Vec<f64>, Vec<bool>) = risk.iter().copied().zip(bad).rev().unzip();
    let pool = rayon::ThreadPoolBuilder::new().num_threads(1).build().unwrap();
    assert_eq!(one, pool.install(|| thresholds(&risk, Some(&bad), None, &aim, &QUICK)).unwrap());
    assert!(one.cuts[0].low < one.cuts[0].high && one.cuts[0].se > 0.0 && one.interval == "bootstrap");
}

/// A card that takes proposed bands over loads, and gives each band's risk to its rows.
#[test]
fn bands_go_into_a_card() {
    let mut random = SplitMix64::new(8);
    let rows = 3000;
    let values: Vec<f64> = (0..rows).map(|row| if row % 20 == 0 { f64::NAN } else { (random.uniform() * 30.0).floor() / 2.0 }).collect();
    let words: Vec<&str> = (0..rows).map(|_| ["trade", "food", "drugs", "tourism"][random.below(4) as usize]).collect();
    let rate = |row: usize| match values[row] {
        value if value.is_nan() => 0.5,
        value if value < 4.0 => 0.05,
        value if value < 11.0 => 0.2,
        _ => 0.4,
    };
    let bad: Vec<bool> = (0..rows).map(|row| random.uniform() < rate(row) * if words[row] == "food" { 1.5 } else { 0.7 }).collect();
    let text = "[scorecard]\nid = \"t\"\ntitle = \"t\"\nversion = \"1\"\nid_column = \"id\"\nscale = { min = 0, max = 1, better = \"low\" }\n\
                [indicators.x]\ntitle = \"x\"\ncriterion = \"root\"\nmissing = \"worst\"\npoints = [ { at = 0, risk = 0 }, { at = 1, risk = 1 } ]\n\
                [indicators.w]\ntitle = \"w\"\ncriterion = \"root\"\nmissing = \"worst\"\ncategories = { trade = 0.5 }\n\
                [judgments.root]\nweights = { x = 1.0, w = 0.0 }\n[grades]\norder = [\"A\", \"B\"]\ncuts = [\"<= 0.5\"]\n";
    let card = Scorecard::from_toml("card", text).unwrap();
    let x = bands("x", &Column::numbers(&values), &bad, None, &BandOptions::default()).unwrap();
    let w = bands("w", &Column::strings(&words), &bad, None, &BandOptions { trend: Trend::Monotone, ..BandOptions::default() }).unwrap();
    assert_eq!(x.rising, Some(true));
    assert!(x.missing_told && x.bands.len() >= 3, "{}", x.words);
    // The steps of the truth are found where they are: values are halves.
    let edges: Vec<f64> = x.bands.iter().filter_map(|band| band.upto).collect();
    assert!(edges.contains(&3.5) && edges.contains(&10.5), "{edges:?}");
    assert_eq!(w.bands.last().unwrap().categories, ["food"]);
    let mut spec = card.spec().clone();
    for banded in [&x, &w] {
        let old = &card.spec().indicators[&banded.column];
        let part: toml::Table = toml::from_str(&banded.toml(&banded.column, old).unwrap()).unwrap();
        assert!(part["indicators"][&banded.column].get("points").is_none());
        spec.indicators.insert(banded.column.clone(), banded.indicator(old));
    }
    assert!(
        matches!(spec.indicators["x"].missing, MissingSpec::Value(_)) && !matches!(spec.indicators["w"].missing, MissingSpec::Value(_))
    );
    let new = Scorecard::from_toml("new", &toml::to_string(&spec).unwrap()).unwrap();
    let ids: Vec<String> = (0..rows).map(|row| row.to_string()).collect();
    let ids: Vec<&str> = ids.iter().map(String::as_str).collect();
    let table = Table::new(rows).with("id", Column::strings(&ids)).unwrap();
    let table = table.with("x", Column::numbers(&values)).unwrap().with("w", Column::strings(&words)).unwrap();
    let graded = grade(&new, &[table], GradeOptions { reasons: 0, contributions: false }).unwrap();
    for band in x.bands.iter().chain(&x.missing) {
        let alike = x.bands.iter().chain(&x.missing).filter(|other| other.risk == band.risk);
        let expected: usize = alike.map(|other| other.rows).sum();
        assert_eq!(graded.score.iter().filter(|score| (**score - band.risk).abs() < 1e-9).count(), expected, "{band:?}");
    }
}

/// Columns of known nature.
fn screened(order: &[usize], weighted: bool) -> Screening {
    let rows = order.len();
    let mut random = SplitMix64::new(12);
    let bad: Vec<bool> = (0..rows).map(|_| random.uniform() < 0.2).collect();
    let noise: Vec<f64> = (0..rows).map(|_| random.normal()).collect();
    let good: Vec<f64> = (0..rows).map(|row| random.normal() + f64::from(bad[row]) * 0.8).collect();
    let copy: Vec<f64> = good.iter().map(|value| value.exp() + 0.01 * random.normal()).collect();
    let other: Vec<f64> = (0..rows).map(|row| random.normal() - f64::from(bad[row]) * 0.5).collect();
    let sum: Vec<f64> = (0..rows).map(|row| other[row] + noise[row] + random.normal()).collect();
    let leak: Vec<f64> = bad.iter().map(|bad| f64::from(*bad) * 3.0 + random.normal()).collect();
    let empty: Vec<f64> = (0..rows).map(|row| if row % 50 == 0 { 1.0 + (row % 7) as f64 } else { f64::NAN }).collect();
    let sparse: Vec<f64> = (0..rows).map(|row| if row % 3 == 0 { f64::from(bad[row]) + random.normal() } else { f64::NAN }).collect();
    let same: Vec<f64> = (0..rows).map(|row| f64::from(row % 200 == 0)).collect();
    let moving: Vec<f64> = (0..rows).map(|row| random.normal() + f64::from(bad[row]) + if row >= rows / 2 { 1.5 } else { 0.0 }).collect();
    let constant = vec![4.0; rows];
    let trade: Vec<&str> = (0..rows).map(|row| if bad[row] && random.below(3) > 0 { "food" } else { ["shop", "farm"][row % 2] }).collect();
    let period: Vec<u32> = (0..rows).map(|row| 2023 + u32::from(row >= rows / 2)).collect();
    let weight: Vec<f64> = (0..rows).map(|row| 1.0 + (row % 3) as f64 * 0.7).collect();
    let pick = |values: &[f64]| order.iter().map(|row| values[*row]).collect::<Vec<f64>>();
    let numbers: Vec<(&str, Vec<f64>)> = [
        ("noise", &noise),
        ("good", &good),
        ("copy", &copy),
        ("other", &other),
        ("sum", &sum),
        ("leak", &leak),
        ("empty", &empty),
        ("sparse", &sparse),
        ("same", &same),
        ("moving", &moving),
        ("constant", &constant),
    ]
    .map(|(name, values)| (name, pick(values)))
    .to_vec();
    let trade: Vec<&str> = order.iter().map(|row| trade[*row]).collect();
    let mut table = Table::new(rows);
    let mut names: Vec<&str> = Vec::new();
    for (name, values) in &numbers {
        assert!(table.add(name, Column::numbers(values)));
        names.push(name);
    }
    assert!(table.add("trade", Column::strings(&trade)));
    names.push("trade");
    let bad: Vec<bool> = order.iter().map(|row| bad[*row]).collect();
    let period: Vec<u32> = order.iter().map(|row| period[*row]).collect();
    let weight = pick(&weight);
    screen(&table, &names, &bad, weighted.then_some(&weight[..]), Some(&period), &ScreenOptions::default()).unwrap()
}

#[test]
fn columns_of_known_nature_are_told() {
    let order: Vec<usize> = (0..3000).collect();
    let found = screened(&order, false);
    let about = |name: &str| {
        let column = found.columns.iter().find(|column| column.column == name).unwrap();
        (column.advice, column.reasons.iter().map(|reason| reason.about).collect::<Vec<_>>())
    };
    assert_eq!(about("noise"), (Advice::Drop, vec!["chance"]));
    assert_eq!(about("other"), (Advice::Keep, vec![]));
    assert_eq!(about("trade").1, ["suspicious"]);
    assert_eq!(about("leak").1, ["suspicious"]);
    assert_eq!((about("empty").0, about("empty").1[0]), (Advice::Drop, "missing"));
    assert!(about("sparse").1.contains(&"missing"));
    assert_eq!((about("same").0, about("same").1[0]), (Advice::Drop, "same"));
    assert!(about("moving").1.contains(&"psi"));
    assert_eq!((about("constant").0, about("constant").1[0]), (Advice::Drop, "same"));
    assert_eq!(found.clusters.len(), 1);
    assert!(["good", "copy"].iter().all(|name| found.clusters[0].contains(&(*name).to_owned())));
    let [good, copy] = [about("good"), about("copy")];
    assert!(good.1.contains(&"correlated") != copy.1.contains(&"correlated"));
    let of = |name: &str| found.columns.iter().find(|column| column.column == name).unwrap();
    assert!(of("good").trend.unwrap() > 0.2 && of("other").trend.unwrap() < -0.1 && of("trade").trend.is_none());
    assert_eq!((of("same").top.as_str(), of("constant").vif, of("constant").distinct), ("0", None, 1));
    assert!((of("empty").missing - 0.98).abs() < 1e-12);
}

/// KS, trend and IV of one column by their definitions.
#[test]
fn measures_by_their_definitions() {
    let value = [1.0, 2.0, 2.0, 3.0, 4.0, 4.0, 5.0, 6.0];
    let bad = [false, false, true, false, true, false, true, true];
    let table = Table::new(8).with("x", Column::numbers(&value)).unwrap();
    let found = screen(&table, &["x"], &bad, None, None, &ScreenOptions { cells: 2, ..ScreenOptions::default() }).unwrap();
    let x = &found.columns[0];
    // After 3: good 3 of 4, bad 1 of 4.
    assert_eq!(x.ks, 0.5);
    let rank = [1.0, 2.5, 2.5, 4.0, 5.5, 5.5, 7.0, 8.0];
    let (mut up, mut across) = (0.0, 0.0);
    for (rank, bad) in rank.iter().zip(bad) {
        across += (rank - 4.5) * (f64::from(bad) - 0.5);
        up += (rank - 4.5_f64).powi(2);
    }
    assert!((x.trend.unwrap() - across / (up * 2.0).sqrt()).abs() < 1e-12);
    // Cells 1–3 (1 bad, 3 good) and 4–6 (3 bad, 1 good): 2·(3/4 − 1/4)·ln 3.
    assert!((x.iv - 3.0_f64.ln()).abs() < 1e-12);
}

#[test]
fn the_order_of_rows_changes_no_bit_of_the_screening() {
    let mut order: Vec<usize> = (0..600).collect();
    let plain = [false, true].map(|weighted| screened(&order, weighted));
    let mut random = SplitMix64::new(2);
    (1..600).rev().for_each(|last| order.swap(last, random.below(last as u64 + 1) as usize));
    for threads in [1, 3] {
        let pool = rayon::ThreadPoolBuilder::new().num_threads(threads).build().unwrap();
        for (weighted, plain) in [false, true].into_iter().zip(&plain) {
            // Debug text, for values that are not there are NaN nowhere and −0 is not 0.
            assert_eq!(format!("{plain:?}"), format!("{:?}", pool.install(|| screened(&order, weighted))));
        }
    }
}
