//! Re-weighting against grading by cards with those weights, one card for each weighting.

#![expect(clippy::unwrap_used, clippy::panic, reason = "a test may stop")]

use firmgrade::ahp::{JudgmentFault, SplitMix64, Spread};
use firmgrade::card::JudgmentsSpec;
use firmgrade::columns::{Bits, Column, Table, Texts, Values};
use firmgrade::reweigh::{CutPoints, Utilities, WeightingDraws, Weightings};
use firmgrade::{Error, GradeOptions, Graded, Scorecard, grade};
use ndarray::{Array2, s};

const FIRMS: usize = 700;
const WORDS: [&str; 3] = ["small", "middle", "large"];

/// A card of three levels with judged, direct and equal nodes and every way to treat missing values.
fn card(scale: &str, grades: &str, missing: &str) -> Scorecard {
    let text = format!(
        r#"
[scorecard]
id = "t"
title = "t"
version = "1"
id_column = "id"
scale = {scale}
[criteria.a]
title = "a"
[criteria.b]
title = "b"
[criteria.c]
title = "c"
parent = "b"
[judgments.root]
pairs = {{ "a:b" = 2 }}
[judgments.a]
pairs = {{ "n0:n1" = 3, "n0:n2" = 5, "n1:n2" = 1.5 }}
[judgments.b]
weights = {{ c = 0.55, flag = 0.45 }}
[judgments.c]
equal = true
[indicators.n0]
title = "n0"
criterion = "a"
missing = {missing}
bands = [ {{ upto = 1, risk = 0.0 }}, {{ upto = 4, risk = 0.4 }}, {{ risk = 1.0 }} ]
[indicators.word]
title = "word"
criterion = "c"
missing = {missing}
categories = {{ small = 0.2, middle = 0.5, large = 1.0 }}
[indicators.n1]
title = "n1"
criterion = "a"
missing = "worst"
bands = [ {{ upto = 5, risk = 0.1 }}, {{ risk = 0.7 }} ]
[indicators.n2]
title = "n2"
criterion = "a"
missing = {missing}
points = [ {{ at = 0, risk = 0.0 }}, {{ at = 7, risk = 1.0 }} ]
[indicators.n3]
title = "n3"
criterion = "c"
missing = {missing}
bands = [ {{ upto = 2, risk = 0.3 }}, {{ upto = 6, risk = 0.6 }}, {{ risk = 0.9 }} ]
[indicators.flag]
title = "flag"
criterion = "b"
missing = {{ value = 0.5 }}
flag = {{ true = 1.0, false = 0.0 }}
[grades]
order = ["A", "B", "C", "D", "E"]
by_rule = ["E"]
{grades}
[[overrides]]
id = "worse"
title = "worse"
when = "n1 > 6"
shift = 1
[[overrides]]
id = "cap"
title = "cap"
when = "flag AND n0 > 3"
shift = -2
cap = "B"
[[overrides]]
id = "set"
title = "set"
when = "word = 'large' AND n2 > 5"
set = "E"
"#
    );
    Scorecard::from_toml("t.toml", &text).unwrap_or_else(|error| panic!("{error}"))
}

const PLAIN: &str = r#"{ min = 0, max = 1000, better = "high" }"#;
const ROUNDED: &str = r#"{ min = 300, max = 850, better = "low", round = { decimals = 0, ties = "even" } }"#;
const CUTS: &str = r#"cuts = [">= 650", "> 500", ">= 350"]"#;
const LOW_CUTS: &str = r#"cuts = ["<= 480", "< 560", "<= 650"]"#;
const CLASS: &str = r#"insufficient = { grade = "U", coverage_below = 0.6 }"#;
const SHARES: &str = "shares = { A = 0.4, B = 0.3, C = 0.2, D = 0.1 }";

/// The cards: scale, grades, missing values.
fn cards() -> Vec<Scorecard> {
    vec![
        card(PLAIN, CUTS, r#""worst""#),
        card(PLAIN, &format!("{CUTS}\n{CLASS}"), r#""reweight""#),
        card(ROUNDED, LOW_CUTS, r#""reweight""#),
        card(PLAIN, &format!("{SHARES}\n{CLASS}"), r#""reweight""#),
        card(ROUNDED, SHARES, r#""best""#),
    ]
}

struct Firms {
    ids: Vec<String>,
    numbers: Vec<Vec<f64>>,
    words: Vec<&'static str>,
    bits: [Vec<u8>; 3],
}

impl Firms {
    /// Whole numbers, so that many scores are equal; a quarter of the cells is missing.
    fn new(seed: u64) -> Self {
        let mut generator = SplitMix64::new(seed);
        let mut number = |below| if generator.below(4) == 0 { f64::NAN } else { generator.below(below) as f64 };
        let numbers = (0..4).map(|_| (0..FIRMS).map(|_| number(9)).collect()).collect();
        let words = (0..FIRMS).map(|_| WORDS[generator.below(3) as usize]).collect();
        let mut bytes = || (0..FIRMS.div_ceil(8)).map(|_| (generator.next_u64() | generator.next_u64()) as u8).collect();
        Self { ids: (0..FIRMS).map(|i| format!("f{i}")).collect(), numbers, words, bits: [bytes(), bytes(), bytes()] }
    }

    fn with<T>(&self, call: impl FnOnce(&[Table<'_>]) -> T) -> T {
        let bits = |at: usize| Bits::new(&self.bits[at], 0, FIRMS);
        let ids: Vec<&str> = self.ids.iter().map(String::as_str).collect();
        let mut table = Table::new(FIRMS).with("id", Column::strings(&ids)).unwrap();
        for (at, numbers) in self.numbers.iter().enumerate() {
            table = table.with(&format!("n{at}"), Column::numbers(numbers)).unwrap();
        }
        let words = Column { values: Values::Text(Texts::Strings(&self.words)), validity: bits(0) };
        let flags = Column { values: Values::Flag(bits(1).unwrap()), validity: bits(2) };
        call(&[table.with("word", words).unwrap().with("flag", flags).unwrap()])
    }
}

/// The firms graded by a card whose every node states the local weights of one weighting: no line of re-weighting is used.
fn graded_by(card: &Scorecard, weightings: &Weightings, at: usize, tables: &[Table<'_>]) -> Graded {
    let mut spec = card.spec().clone();
    spec.judgments.clear();
    let ids: Vec<&str> = card.nodes().iter().map(|node| node.id.as_str()).chain(card.indicators().iter().map(|i| i.id.as_str())).collect();
    for node in card.nodes() {
        let weight = |child: &String| weightings.local()[[at, ids.iter().position(|id| id == child).unwrap()]];
        // Below a node that weighs nothing any weights will do.
        let nothing = node.children.iter().map(weight).sum::<f64>() == 0.0;
        let weight = |child: &String| if nothing { 1.0 / node.children.len() as f64 } else { weight(child) };
        let weights = node.children.iter().map(|child| (child.clone(), weight(child))).collect();
        let said = JudgmentsSpec {
            method: None,
            random_index: None,
            max_cr: None,
            inconsistent: None,
            pairs: None,
            order: None,
            matrix: None,
            upper: None,
            weights: Some(weights),
            equal: None,
        };
        spec.judgments.insert(node.id.clone(), said);
    }
    let card = Scorecard::try_from(spec).unwrap();
    grade(&card, tables, GradeOptions { reasons: 0, contributions: false }).unwrap()
}

fn draws(draws: usize, spread: Spread, stated: f64) -> WeightingDraws {
    WeightingDraws { draws, seed: 11, spread, stated }
}

#[test]
fn every_grade_is_that_of_a_card_with_those_weights() {
    for (number, card) in cards().iter().enumerate() {
        Firms::new(number as u64).with(|tables| {
            let weightings = Weightings::draw(card, draws(37, Spread::Steps(2), 0.5)).unwrap();
            let utilities = Utilities::new(card, tables).unwrap();
            let found = utilities.reweigh(&weightings, CutPoints::Card).unwrap();
            let (mut counts, mut firms) = (Array2::<u32>::zeros(found.counts.dim()), Array2::<u32>::zeros(found.firms.dim()));
            let mut changed = 0;
            for at in 0..weightings.len() {
                let expected = graded_by(card, &weightings, at, tables);
                for (firm, grade) in expected.grade.iter().enumerate() {
                    counts[[firm, usize::from(*grade)]] += 1;
                    firms[[at, usize::from(*grade)]] += 1;
                }
                changed += expected.grade.iter().zip(&found.base).filter(|(a, b)| a != b).count();
                let one = utilities.rescore(&weightings, at, CutPoints::Card).unwrap();
                let bits = |values: &[f64]| values.iter().map(|value| value.to_bits()).collect::<Vec<_>>();
                assert_eq!(bits(&one.score), bits(&expected.score), "card {number}, weighting {at}");
                assert_eq!(bits(&one.coverage), bits(&expected.coverage), "card {number}, weighting {at}");
                assert_eq!((&one.grade, &one.score_grade, &one.cuts), (&expected.grade, &expected.score_grade, &expected.cuts));
            }
            assert_eq!(found.counts, counts, "card {number}");
            assert_eq!(found.firms, firms, "card {number}");
            assert!(changed > 500, "card {number}: {changed} grades changed, too few to show anything");
        });
    }
}

#[test]
fn the_cards_own_weights_give_the_base_grades() {
    for (number, card) in cards().iter().enumerate() {
        Firms::new(number as u64).with(|tables| {
            let base = grade(card, tables, GradeOptions { reasons: 0, contributions: false }).unwrap();
            let utilities = Utilities::new(card, tables).unwrap();
            let own: Vec<f64> = card.indicators().iter().map(|indicator| indicator.weight).collect();
            let stated = Weightings::new(card, Array2::from_shape_fn((9, own.len()), |(_, at)| own[at]).view()).unwrap();
            let drawn = Weightings::draw(card, draws(9, Spread::LogNormal(0.0), 0.0)).unwrap();
            assert_eq!(drawn.indicators(), stated.indicators());
            for (weightings, cuts) in [(&stated, CutPoints::Card), (&stated, CutPoints::Base), (&drawn, CutPoints::Card)] {
                let found = utilities.reweigh(weightings, cuts).unwrap();
                assert_eq!(found.base, base.grade);
                for (counts, grade) in found.counts.rows().into_iter().zip(&base.grade) {
                    assert_eq!(counts[usize::from(*grade)], 9, "card {number}");
                }
                assert_eq!(found.stable_share(1.0), 1.0);
                assert_eq!(found.most_frequent(), base.grade);
            }
        });
    }
}

/// A firm whose coverage is just the limit has enough data.
#[test]
fn coverage_at_the_limit() {
    Firms::new(1).with(|tables| {
        let coverage = Utilities::new(&cards()[1], tables).unwrap().base().coverage.clone();
        let limit = coverage.iter().copied().find(|coverage| (0.5..0.9).contains(coverage)).unwrap();
        let class = format!(r#"insufficient = {{ grade = "U", coverage_below = {limit:?} }}"#);
        let card = card(PLAIN, &format!("{CUTS}\n{class}"), r#""reweight""#);
        let found = Utilities::new(&card, tables).unwrap();
        let found = found.reweigh(&Weightings::draw(&card, draws(3, Spread::Steps(0), 0.0)).unwrap(), CutPoints::Card).unwrap();
        for (firm, coverage) in coverage.iter().enumerate() {
            let class = found.counts[[firm, 5]];
            assert!(*coverage != limit || class == 0, "firm {firm} has just enough");
            // An override may give those with too little another grade.
            assert!(*coverage >= limit || class == 3 || found.base[firm] == 4, "firm {firm} has too little");
        }
        assert_eq!(found.stable_share(1.0), 1.0);
    });
}

/// Cut points that stay are another question than cut points that move: with shares, only the latter keep them.
#[test]
fn cut_points_stay_or_move() {
    let card = card(PLAIN, SHARES, r#""worst""#);
    Firms::new(5).with(|tables| {
        let utilities = Utilities::new(&card, tables).unwrap();
        let weightings = Weightings::draw(&card, draws(20, Spread::Steps(3), 0.5)).unwrap();
        let cuts = &utilities.base().cuts;
        let found = utilities.reweigh(&weightings, CutPoints::Base).unwrap();
        for at in 0..20 {
            let one = utilities.rescore(&weightings, at, CutPoints::Base).unwrap();
            assert_eq!(&one.cuts, cuts);
            for (score, grade) in one.score.iter().zip(&one.score_grade) {
                let failed = cuts.iter().filter(|cut| !(*score >= cut.score)).count();
                assert_eq!(usize::from(*grade), failed);
            }
            for (grade, firms) in found.firms.row(at).iter().enumerate() {
                assert_eq!(*firms as usize, one.grade.iter().filter(|other| usize::from(**other) == grade).count());
            }
        }
        assert_ne!(found, utilities.reweigh(&weightings, CutPoints::Card).unwrap());
    });
}

#[test]
fn the_same_bits_for_any_number_of_threads_and_blocks() {
    let card = &cards()[1];
    Firms::new(3).with(|tables| {
        let run = |threads: usize, number: usize| {
            rayon::ThreadPoolBuilder::new().num_threads(threads).build().unwrap().install(|| {
                let weightings = Weightings::draw(card, draws(number, Spread::LogUniform(1.0), 0.2)).unwrap();
                let found = Utilities::new(card, tables).unwrap().reweigh(&weightings, CutPoints::Card).unwrap();
                (weightings, found)
            })
        };
        // More weightings than one block holds.
        let (weightings, found) = run(1, 1500);
        for threads in [2, 5] {
            assert_eq!((&weightings, &found), (&run(threads, 1500).0, &run(threads, 1500).1));
        }
        let (fewer, _) = run(2, 40);
        assert_eq!(fewer.global(), weightings.global().slice(s![..40, ..]));
        // The second block counts like the first.
        let later = weightings.indicators().slice(s![1100..1130, ..]).to_owned();
        let alone = Utilities::new(card, tables).unwrap().reweigh(&Weightings::new(card, later.view()).unwrap(), CutPoints::Card).unwrap();
        assert_eq!(alone.firms, found.firms.slice(s![1100..1130, ..]));
    });
}

#[test]
fn drawn_weights_multiply_down_and_stated_ones_stay() {
    let card = &cards()[0];
    let weightings = Weightings::draw(card, draws(200, Spread::Steps(1), 0.0)).unwrap();
    let ids: Vec<&str> = card.nodes().iter().map(|node| node.id.as_str()).chain(card.indicators().iter().map(|i| i.id.as_str())).collect();
    let at = |id: &str| ids.iter().position(|other| *other == id).unwrap();
    for (local, global) in weightings.local().rows().into_iter().zip(weightings.global().rows()) {
        assert!((global.slice(s![card.nodes().len()..]).sum() - 1.0).abs() < 1e-14);
        // "a:b" = 2 may be drawn as 1, 2 or 3.
        let odds = local[at("a")] / local[at("b")];
        assert!([1.0, 2.0, 3.0].iter().any(|whole| (odds - whole).abs() < 1e-12), "{odds}");
        assert_eq!((local[at("c")], local[at("flag")], local[at("word")]), (0.55, 0.45, 0.5));
        assert_eq!(global[at("n3")], global[at("b")] * 0.55 * 0.5);
    }
    let interval = weightings.quantiles(&[0.0, 1.0]);
    assert!((interval[[0, at("a")]] - 0.5).abs() < 1e-12 && (interval[[1, at("a")]] - 0.75).abs() < 1e-12);
    let moved = Weightings::draw(card, draws(50, Spread::Steps(1), 0.3)).unwrap();
    let sums = moved.local().column(at("c")).to_owned() + moved.local().column(at("flag"));
    assert!(sums.iter().all(|sum| (sum - 1.0).abs() < 1e-14));
    assert!(moved.local().column(at("c")).iter().all(|weight| *weight != 0.55));
    // Nodes draw by themselves.
    let judged = weightings.local();
    let [a, n0] = ["a", "n0"].map(|id| judged.column(at(id)).to_vec());
    let mean = |x: &[f64]| x.iter().sum::<f64>() / 200.0;
    let (a_mean, n0_mean) = (mean(&a), mean(&n0));
    let products = |f: &dyn Fn(f64, f64) -> f64| a.iter().zip(&n0).map(|(x, y)| f(x - a_mean, y - n0_mean)).sum::<f64>();
    let correlation = products(&|x, y| x * y) / (products(&|x, _| x * x) * products(&|_, y| y * y)).sqrt();
    assert!(correlation.abs() < 4.0 / 200_f64.sqrt(), "{correlation}");
}

#[test]
fn faults_of_weightings() {
    let card = &cards()[1];
    let texts = |outcome: Result<Weightings, Vec<JudgmentFault>>| -> Vec<String> {
        outcome.expect_err("a fault").iter().map(ToString::to_string).collect()
    };
    assert_eq!(
        texts(Weightings::draw(card, draws(0, Spread::LogNormal(-1.0), f64::NAN))),
        [
            "found a spread of `-1`, expected a number from 0 to 10",
            "found a spread of `NaN`, expected a number from 0 to 10",
            "found 0 draws, expected at least one"
        ]
    );
    let mut rows = Array2::from_elem((3, 6), 1.0 / 6.0);
    (rows[[1, 2]], rows[[2, 0]]) = (-0.5, 0.5);
    assert_eq!(
        texts(Weightings::new(card, rows.view())),
        [
            "weighting 2: weight 3 is `-0.5`, expected a number from 0",
            "weighting 3: found weights with the sum 1.3333333333333333, expected 1 within 1e-6"
        ]
    );
    assert_eq!(texts(Weightings::new(card, rows.slice(s![.., ..5]))), ["found 5 weights, expected 6"]);
    assert_eq!(
        texts(Weightings::new(card, rows.slice(s![..0, ..]))),
        ["nothing to compare: found no rows and no names, expected at least one"]
    );
    rows.fill(-1.0);
    let many = Array2::from_elem((9, 6), -1.0);
    assert_eq!(texts(Weightings::new(card, many.view())).last().unwrap(), "and more: 54 faults in all, the first 20 are shown");
    let other = Weightings::draw(&cards()[0], draws(3, Spread::Steps(1), 0.0)).unwrap();
    Firms::new(1).with(|tables| {
        let utilities = Utilities::new(card, tables).unwrap();
        let refused = utilities.reweigh(&other, CutPoints::Card).expect_err("another card");
        assert_eq!(refused, Error::Judgments(vec![JudgmentFault::OtherCard]));
    });
    let mut spec = card.spec().clone();
    for said in spec.judgments.values_mut() {
        (said.pairs, said.weights, said.equal) = (None, None, Some(true));
    }
    let equal = Scorecard::try_from(spec).unwrap();
    assert!(Weightings::draw(&equal, draws(5, Spread::Steps(1), 0.1)).is_ok());
    assert_eq!(texts(Weightings::draw(&equal, draws(5, Spread::Steps(1), 0.0))).len(), 1);
}

/// A weighting may put everything on indicators whose values a firm lacks. Only the class for too little data saves such a firm.
#[test]
fn weightings_that_leave_nothing_to_weigh() {
    // All on `word`, whose weight is shared; without siblings that weigh anything there is nothing to share it among.
    let mut weights = Array2::zeros((2, 6));
    (weights[[0, 1]], weights[[1, 0]], weights[[1, 1]]) = (1.0, 0.5, 0.5);
    let [with_class, without] = [&cards()[1], &cards()[2]];
    Firms::new(2).with(|tables| {
        let utilities = Utilities::new(with_class, tables).unwrap();
        let weightings = Weightings::new(with_class, weights.view()).unwrap();
        let one = utilities.rescore(&weightings, 0, CutPoints::Card).unwrap();
        let bare: Vec<usize> = (0..FIRMS).filter(|firm| one.score[*firm].is_nan()).collect();
        let validity = tables[0].column("word").unwrap();
        assert_eq!(bare, (0..FIRMS).filter(|firm| !validity.is_valid(*firm)).collect::<Vec<_>>());
        assert!(bare.len() > 50 && bare.iter().all(|firm| one.score_grade[*firm] == 5));
        let expected = graded_by(with_class, &weightings, 0, tables);
        assert_eq!(one.grade, expected.grade);
        let found = utilities.reweigh(&weightings, CutPoints::Card).unwrap();
        assert!(found.counts.rows().into_iter().all(|counts| counts.sum() == 2));
        let weightings = Weightings::new(without, weights.view()).unwrap();
        let utilities = Utilities::new(without, tables).unwrap();
        for refused in
            [utilities.rescore(&weightings, 0, CutPoints::Card).map(|_| ()), utilities.reweigh(&weightings, CutPoints::Card).map(|_| ())]
        {
            let text = refused.expect_err("nothing to weigh").to_string();
            assert!(text.contains(&format!("{} unweighable firms (row {}", bare.len(), bare[0] + 1)), "{text}");
        }
    });
}

#[test]
fn utilities_are_risks_and_nan_where_weight_is_shared() {
    let card = &cards()[1];
    let firms = Firms::new(4);
    let matrix = firms.with(|tables| Utilities::new(card, tables).unwrap().matrix());
    for (firm, row) in matrix.rows().into_iter().enumerate() {
        let n0 = firms.numbers[0][firm];
        let expected = if n0.is_nan() {
            f64::NAN
        } else if n0 <= 1.0 {
            0.0
        } else if n0 <= 4.0 {
            0.4
        } else {
            1.0
        };
        assert_eq!(row[0].to_bits(), expected.to_bits());
        let n1 = firms.numbers[1][firm];
        assert_eq!(row[2], if n1 <= 5.0 { 0.1 } else { 0.7 });
        let n2 = firms.numbers[2][firm];
        assert!(n2.is_nan() && row[3].is_nan() || (row[3] - (n2 / 7.0).min(1.0)).abs() < 1e-15);
    }
}
