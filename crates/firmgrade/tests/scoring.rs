//! Scores and grades against a second, slow implementation that reads the card's own words, and the laws that hold for any card.

#![expect(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "a test may stop")]

use firmgrade::card::{BandSpec, MissingPolicy, MissingSpec, OutsidePolicy, OutsideSpec};
use firmgrade::columns::{Bits, Codes, Column, Numbers, Table, TextView, Texts, Values};
use firmgrade::{Cell, Error, GradeOptions, Graded, Scorecard, ScorecardSpec, grade};
use proptest::prelude::*;
use std::collections::BTreeMap;

/// A firm's values as a spreadsheet has them.
#[derive(Clone, Debug)]
struct Firm {
    numbers: [Option<f64>; 3],
    word: Option<String>,
    flag: Option<bool>,
}

const WORDS: [&str; 5] = ["公司", "个人独资企业", "合伙", "a very long category name", "elsewhere"];

/// A card over three number columns, one text and one flag column, in a tree of three levels.
fn card(missing: [&str; 5], outside: [&str; 2], extra: &str) -> Scorecard {
    let [m0, m1, m2, m3, m4] = missing;
    let [o0, o3] = outside;
    let text = format!(
        r#"
[scorecard]
id = "t"
title = "t"
version = "1"
id_column = "id"
scale = {{ min = 0, max = 1000, better = "high" }}
[criteria.a]
title = "a"
[criteria.b]
title = "b"
[criteria.c]
title = "c"
parent = "b"
[judgments.root]
weights = {{ a = 0.3, b = 0.7 }}
[judgments.a]
weights = {{ n0 = 0.6, n1 = 0.4 }}
[judgments.b]
weights = {{ c = 0.55, flag = 0.45 }}
[judgments.c]
weights = {{ n2 = 0.2, word = 0.8 }}
[indicators.n0]
title = "n0"
criterion = "a"
missing = {m0}
outside = {o0}
bands = [ {{ from = -5, upto = 0, risk = 0.1 }}, {{ upto = 2, risk = 0.4 }}, {{ below = 7, risk = 0.3 }}, {{ upto = 100, risk = 0.9 }} ]
[indicators.n1]
title = "n1"
criterion = "a"
missing = {m1}
bands = [ {{ from = 8, risk = 0.0 }}, {{ from = 4, risk = 0.5 }}, {{ above = 1, risk = 0.7 }}, {{ risk = 1.0 }} ]
[indicators.n2]
title = "n2"
criterion = "c"
missing = {m2}
points = [ {{ at = 0, risk = 0.05 }}, {{ at = 3, risk = 0.5 }}, {{ at = 10, risk = 0.95 }} ]
[indicators.word]
title = "word"
criterion = "c"
missing = {m3}
outside = {o3}
categories = {{ "公司" = 0.2, "个人独资企业" = 0.6, "合伙" = 0.4, "a very long category name" = 0.8 }}
[indicators.flag]
title = "flag"
criterion = "b"
missing = {m4}
flag = {{ true = 0.9, false = 0.1 }}
[grades]
order = ["A", "B", "C", "D"]
cuts = [">= 700", "> 600", ">= 450"]
{extra}
"#
    );
    Scorecard::from_toml("t.toml", &text).unwrap_or_else(|error| panic!("{error}"))
}

/// What one indicator says of a value: its risk, `None` for missing and shared, `Err` for an error of the data.
fn naive_risk(spec: &ScorecardSpec, id: &str, firm: &Firm) -> Result<(Option<f64>, bool), ()> {
    let said = &spec.indicators[id];
    let mut risks: Vec<f64> = Vec::new();
    let covered: Option<Option<f64>> = match id {
        "n0" | "n1" | "n2" => {
            let x = firm.numbers[usize::from(id.as_bytes()[1] - b'0')].filter(|x| !x.is_nan());
            if let Some(bands) = &said.bands {
                risks.extend(bands.iter().map(|band| band.risk));
                x.map(|x| naive_band(bands, x))
            } else {
                let points = said.points.as_ref().unwrap();
                risks.extend(points.iter().map(|point| point.risk));
                x.map(|x| Some(naive_line(points.iter().map(|p| (p.at, p.risk)).collect(), x)))
            }
        }
        "word" => {
            let categories = said.categories.as_ref().unwrap();
            risks.extend(categories.values());
            firm.word.as_ref().map(|word| categories.get(word).copied())
        }
        _ => {
            let flag = said.flag.unwrap();
            risks.extend([flag.yes, flag.no]);
            firm.flag.map(|yes| Some(if yes { flag.yes } else { flag.no }))
        }
    };
    let worst = risks.iter().copied().fold(f64::MIN, f64::max);
    let best = risks.iter().copied().fold(f64::MAX, f64::min);
    let missing = || match said.missing {
        MissingSpec::Value(value) => Ok((Some(value.value), false)),
        MissingSpec::Named(MissingPolicy::Error) => Err(()),
        MissingSpec::Named(MissingPolicy::Worst) => Ok((Some(worst), false)),
        MissingSpec::Named(MissingPolicy::Best) => Ok((Some(best), false)),
        MissingSpec::Named(MissingPolicy::Reweight) => Ok((None, false)),
    };
    match covered {
        None => missing(),
        Some(Some(risk)) => Ok((Some(risk), true)),
        Some(None) => match said.outside {
            OutsideSpec::Value(value) => Ok((Some(value.value), true)),
            OutsideSpec::Named(OutsidePolicy::Error) => Err(()),
            OutsideSpec::Named(OutsidePolicy::Worst) => Ok((Some(worst), true)),
            OutsideSpec::Named(OutsidePolicy::Best) => Ok((Some(best), true)),
            OutsideSpec::Named(OutsidePolicy::Missing) => missing(),
        },
    }
}

/// The band of a value by reading the bands as a person does: the bounds as written, unstated ones from the neighbour in the list.
fn naive_band(bands: &[BandSpec], x: f64) -> Option<f64> {
    // Ascending lists end bands by `upto` or `below`, descending ones begin them by `from` or `above`: the first that holds wins.
    bands
        .iter()
        .find(|band| {
            band.from.is_none_or(|v| x >= v)
                && band.above.is_none_or(|v| x > v)
                && band.upto.is_none_or(|v| x <= v)
                && band.below.is_none_or(|v| x < v)
        })
        .filter(|_| bands[0].upto.is_none() || bands[0].from.is_none_or(|v| x >= v))
        .map(|band| band.risk)
}

fn naive_line(points: Vec<(f64, f64)>, x: f64) -> f64 {
    if x <= points[0].0 {
        return points[0].1;
    }
    for pair in points.windows(2) {
        let ((x0, r0), (x1, r1)) = (pair[0], pair[1]);
        if x <= x1 {
            return r0 + (r1 - r0) * ((x - x0) / (x1 - x0));
        }
    }
    points[points.len() - 1].1
}

/// Risk of a node by going down the tree: the weighted mean of the children that have one.
fn naive_node(spec: &ScorecardSpec, node: &str, risks: &BTreeMap<String, Option<f64>>) -> Option<f64> {
    let mut sum = (0.0, 0.0);
    for (child, weight) in spec.judgments[node].weights.as_ref().unwrap() {
        let risk = if spec.judgments.contains_key(child) { naive_node(spec, child, risks) } else { risks[child] };
        if let Some(risk) = risk {
            sum = (sum.0 + weight * risk, sum.1 + weight);
        }
    }
    (sum.1 > 0.0).then(|| sum.0 / sum.1)
}

/// Score and coverage; `Err` where the data are an error.
fn naive(card: &Scorecard, firm: &Firm) -> Result<(Option<f64>, f64), ()> {
    let mut risks = BTreeMap::new();
    let mut coverage = 0.0;
    for indicator in card.indicators() {
        let (risk, there) = naive_risk(card.spec(), &indicator.id, firm)?;
        coverage += if there { indicator.weight } else { 0.0 };
        risks.insert(indicator.id.clone(), risk);
    }
    Ok((naive_node(card.spec(), "root", &risks).map(|risk| 1000.0 - 1000.0 * risk), coverage))
}

/// Columns that own their memory.
struct Held {
    ids: Vec<String>,
    numbers: [Vec<f64>; 3],
    valid: [Vec<u8>; 3],
    words: Vec<String>,
    word_valid: Vec<u8>,
    flags: Vec<u8>,
    flag_valid: Vec<u8>,
    views: Vec<TextView>,
    buffer: Vec<u8>,
}

fn set(bits: &mut [u8], index: usize, on: bool) {
    if on {
        bits[index / 8] |= 1 << (index % 8);
    }
}

/// Bitmaps begin at bit 3, as those of sliced columns do.
const OFFSET: usize = 3;

impl Held {
    fn new(firms: &[Firm]) -> Self {
        let bytes = || vec![0_u8; (firms.len() + OFFSET).div_ceil(8) + 1];
        let mut held = Self {
            ids: (0..firms.len()).map(|i| format!("firm{i:08}")).collect(),
            numbers: [vec![], vec![], vec![]],
            valid: [bytes(), bytes(), bytes()],
            words: vec![],
            word_valid: bytes(),
            flags: bytes(),
            flag_valid: bytes(),
            views: vec![],
            buffer: vec![],
        };
        for (row, firm) in firms.iter().enumerate() {
            for (k, value) in firm.numbers.iter().enumerate() {
                // Even rows say missing by the bitmap with rubbish under it, odd ones by NaN.
                held.numbers[k].push(value.unwrap_or(if row % 2 == 0 { 777.0 } else { f64::NAN }));
                set(&mut held.valid[k], row + OFFSET, value.is_some() || row % 2 == 1);
            }
            held.words.push(firm.word.clone().unwrap_or_else(|| "rubbish".to_owned()));
            set(&mut held.word_valid, row + OFFSET, firm.word.is_some());
            set(&mut held.flags, row + OFFSET, firm.flag == Some(true));
            set(&mut held.flag_valid, row + OFFSET, firm.flag.is_some());
            let text = held.words[row].clone();
            held.views.push(TextView::inline(&text).unwrap_or_else(|| {
                let offset = held.buffer.len() as u32;
                held.buffer.extend_from_slice(text.as_bytes());
                TextView {
                    length: text.len() as u32,
                    prefix: u32::from_ne_bytes(text.as_bytes()[..4].try_into().unwrap()),
                    buffer: 0,
                    offset,
                }
            }));
        }
        held
    }

    fn bits<'h>(&self, bytes: &'h [u8], rows: std::ops::Range<usize>) -> Bits<'h> {
        Bits::new(bytes, rows.start + OFFSET, rows.len()).unwrap()
    }

    /// The rows as a table; `layout` chooses how text is held.
    fn table<'h>(
        &'h self,
        ids: &'h [&'h str],
        words: &'h [&'h str],
        codes: &'h [u8],
        rows: std::ops::Range<usize>,
        layout: usize,
    ) -> Table<'h> {
        let mut table = Table::new(rows.len()).with("id", Column::strings(&ids[rows.clone()])).unwrap();
        for k in 0..3 {
            let values = Values::Number(Numbers::F64(&self.numbers[k][rows.clone()]));
            let validity = Some(self.bits(&self.valid[k], rows.clone()));
            table = table.with(&format!("n{k}"), Column { values, validity }).unwrap();
        }
        let texts = match layout % 3 {
            0 => Texts::Strings(&words[rows.clone()]),
            1 => Texts::Views { views: &self.views[rows.clone()], buffers: vec![&self.buffer] },
            _ => Texts::Coded { codes: Codes::U8(&codes[rows.clone()]), values: WORDS.to_vec() },
        };
        let validity = Some(self.bits(&self.word_valid, rows.clone()));
        table = table.with("word", Column { values: Values::Text(texts), validity }).unwrap();
        let flag = Column { values: Values::Flag(self.bits(&self.flags, rows.clone())), validity: Some(self.bits(&self.flag_valid, rows)) };
        table.with("flag", flag).unwrap()
    }
}

/// Grades firms held in `pieces` tables.
fn run(card: &Scorecard, firms: &[Firm], pieces: usize, layout: usize, options: GradeOptions) -> Result<Graded, Error> {
    let held = Held::new(firms);
    let ids: Vec<&str> = held.ids.iter().map(String::as_str).collect();
    let words: Vec<&str> = held.words.iter().map(String::as_str).collect();
    let codes: Vec<u8> = firms.iter().map(|f| f.word.as_ref().map_or(9, |w| WORDS.iter().position(|x| x == w).unwrap() as u8)).collect();
    let step = firms.len().div_ceil(pieces).max(1);
    let tables: Vec<Table<'_>> = (0..firms.len())
        .step_by(step)
        .map(|start| held.table(&ids, &words, &codes, start..(start + step).min(firms.len()), layout))
        .collect();
    grade(card, &tables, options)
}

fn any_firm() -> impl Strategy<Value = Firm> {
    let number = prop_oneof![
        2 => Just(None),
        3 => prop::sample::select(vec![-5.0, 0.0, -0.0, 1.0, 2.0, 3.0, 4.0, 7.0, 8.0, 10.0, 100.0]).prop_map(Some),
        4 => (-5.0..100.0).prop_map(Some),
        1 => prop::sample::select(vec![-6.0, 101.0, 1e308, -1e308]).prop_map(Some),
    ];
    let word = prop::option::weighted(0.8, prop::sample::select(WORDS.to_vec()).prop_map(str::to_owned));
    (prop::array::uniform3(number), word, prop::option::weighted(0.8, any::<bool>())).prop_map(|(numbers, word, flag)| Firm {
        numbers,
        word,
        flag,
    })
}

fn any_policy() -> impl Strategy<Value = &'static str> {
    prop::sample::select(vec!["\"worst\"", "\"best\"", "\"reweight\"", "{ value = 0.35 }"])
}

fn any_outside() -> impl Strategy<Value = &'static str> {
    prop::sample::select(vec!["\"worst\"", "\"best\"", "\"missing\"", "{ value = 0.45 }"])
}

const CLASS: &str = "insufficient = { grade = \"M\", coverage_below = 0.1 }";

proptest! {
    #![proptest_config(ProptestConfig::with_cases(150))]

    #[test]
    fn scores_agree_with_a_slow_reading_of_the_card(
        firms in prop::collection::vec(any_firm(), 1..90),
        missing in prop::array::uniform5(any_policy()),
        outside in prop::array::uniform2(any_outside()),
        layout in 0..3_usize,
    ) {
        let card = card(missing, outside, CLASS);
        let graded = run(&card, &firms, 1, layout, GradeOptions { reasons: 3, contributions: true }).unwrap();
        for (row, firm) in firms.iter().enumerate() {
            let (score, coverage) = naive(&card, firm).unwrap();
            prop_assert!((graded.coverage[row] - coverage).abs() < 1e-12, "coverage of {firm:?}: {} against {coverage}", graded.coverage[row]);
            match score {
                Some(score) => prop_assert!((graded.score[row] - score).abs() < 1e-9, "score of {firm:?}: {} against {score}", graded.score[row]),
                None => prop_assert!(graded.score[row].is_nan()),
            }
            let expected = match score {
                _ if coverage < 0.1 - 1e-12 => 4,
                Some(score) => u8::from(score < 700.0) + u8::from(score <= 600.0) + u8::from(score < 450.0),
                None => 4,
            };
            let near_cut = score.is_some_and(|s| [700.0, 600.0, 450.0].iter().any(|cut| (s - cut).abs() < 1e-9));
            prop_assert!(near_cut || graded.score_grade[row] == expected, "grade of {firm:?}");
            // Points lost add up to the distance from the best score that the firm's own weights allow.
            let lost = graded.contributions.row(row).to_vec();
            let reasons: Vec<usize> = graded.reasons.of(row).collect();
            let mut ranked: Vec<usize> = (0..5).filter(|k| lost[*k] > 0.0).collect();
            ranked.sort_by(|a, b| lost[*b].total_cmp(&lost[*a]).then(a.cmp(b)));
            ranked.truncate(3);
            prop_assert_eq!(reasons, ranked);
        }
    }

    #[test]
    fn the_bits_do_not_depend_on_pieces_layout_order_or_what_is_wanted(
        firms in prop::collection::vec(any_firm(), 1..300),
        missing in prop::array::uniform5(any_policy()),
        outside in prop::array::uniform2(any_outside()),
        pieces in 1..9_usize,
    ) {
        let card = card(missing, outside, CLASS);
        let plain = GradeOptions { reasons: 0, contributions: false };
        let whole = run(&card, &firms, 1, 0, plain).unwrap();
        let bits = |graded: &Graded| graded.score.iter().map(|s| s.to_bits()).collect::<Vec<_>>();
        for layout in 0..3 {
            let other = run(&card, &firms, pieces, layout, GradeOptions { reasons: 5, contributions: layout == 1 }).unwrap();
            prop_assert_eq!(bits(&whole), bits(&other));
            prop_assert_eq!(&whole.grade, &other.grade);
        }
        let reversed: Vec<Firm> = firms.iter().rev().cloned().collect();
        let mut back = bits(&run(&card, &reversed, 1, 1, plain).unwrap());
        back.reverse();
        prop_assert_eq!(bits(&whole), back);
    }

    #[test]
    fn one_firm_alone_is_graded_as_in_the_batch(
        firms in prop::collection::vec(any_firm(), 1..40),
        missing in prop::array::uniform5(any_policy()),
        outside in prop::array::uniform2(any_outside()),
    ) {
        let card = card(missing, outside, "insufficient = { grade = \"M\", coverage_below = 0.1 }\n[[overrides]]\nid = \"r\"\ntitle = \"r\"\nwhen = \"flag AND n1 > 3 OR word = '合伙'\"\nshift = 1");
        let batch = run(&card, &firms, 1, 1, GradeOptions { reasons: 4, contributions: true }).unwrap();
        for (row, firm) in firms.iter().enumerate() {
            let number = |k: usize| firm.numbers[k].map_or(Cell::Missing, Cell::Number);
            let cells: Vec<Cell<'_>> = card.columns().iter().map(|column| match column.name.as_str() {
                "word" => firm.word.as_deref().map_or(Cell::Missing, Cell::Text),
                "flag" => firm.flag.map_or(Cell::Missing, Cell::Flag),
                name => number(usize::from(name.as_bytes()[1] - b'0')),
            }).collect();
            let one = card.grade_one(&cells, 4).unwrap();
            prop_assert_eq!(one.score.to_bits(), batch.score[row].to_bits());
            prop_assert_eq!((one.score_grade, one.grade), (batch.score_grade[row], batch.grade[row]));
            prop_assert_eq!(one.coverage.to_bits(), batch.coverage[row].to_bits());
            prop_assert_eq!(one.reasons, batch.reasons.of(row).collect::<Vec<_>>());
            prop_assert_eq!(one.hits, batch.hits.of(row).collect::<Vec<_>>());
            prop_assert_eq!(one.contributions, batch.contributions.row(row).to_vec());
        }
    }
}

#[test]
fn any_number_of_threads_gives_the_same_bits() {
    let firms: Vec<Firm> = (0..10_000)
        .map(|i| Firm {
            numbers: [Some(f64::from(i % 90)), (i % 7 != 0).then_some(f64::from(i % 13)), Some(f64::from(i) / 999.0)],
            word: Some(WORDS[i as usize % 4].to_owned()),
            flag: Some(i % 3 == 0),
        })
        .collect();
    let card = card(["\"reweight\""; 5], ["\"worst\""; 2], CLASS);
    let with = |threads: usize| {
        let pool = rayon::ThreadPoolBuilder::new().num_threads(threads).build().unwrap();
        pool.install(|| run(&card, &firms, 3, 1, GradeOptions { reasons: 5, contributions: true }).unwrap())
    };
    let one = with(1);
    for threads in [2, 3, 8] {
        assert_eq!(with(threads), one);
    }
}

#[test]
fn shares_are_reached_with_ties_kept_together() {
    let base = card(["\"worst\""; 5], ["\"worst\""; 2], "").to_json();
    let mut spec: ScorecardSpec = serde_json::from_str(&base).unwrap();
    spec.grades.cuts = None;
    spec.grades.shares = Some([("A", 0.25), ("B", 0.25), ("C", 0.25), ("D", 0.25)].map(|(g, s)| (g.to_owned(), s)).into_iter().collect());
    let card = Scorecard::try_from(spec).unwrap();
    let firm = |n0: f64| Firm { numbers: [Some(n0), Some(9.0), Some(0.0)], word: Some("公司".to_owned()), flag: Some(false) };
    // Eight firms of four risks, best first: 0, 0 | 5, 5 | 1 | 50, 50, 50 → risks .1 .1 .3 .3 .4 .9 .9 .9
    let firms: Vec<Firm> = [0.0, 0.0, 5.0, 5.0, 1.0, 50.0, 50.0, 50.0].map(firm).to_vec();
    let graded = run(&card, &firms, 2, 0, GradeOptions::default()).unwrap();
    // A: 2 of 8; B: to 4 of 8; C wants 6 of 8, but the three last tie: 5 is nearer than 8.
    assert_eq!(graded.grade, [0, 0, 1, 1, 2, 3, 3, 3]);
    let reached: Vec<(f64, usize)> = graded.solved.iter().map(|cut| (cut.reached, cut.ties)).collect();
    assert_eq!(reached, [(0.25, 2), (0.5, 2), (0.625, 1)]);
}

/// The message of the fault.
fn refused(card: &Scorecard, firms: &[Firm]) -> String {
    run(card, firms, 2, 1, GradeOptions::default()).expect_err("faulty data").to_string()
}

#[test]
fn faulty_data_are_named_with_their_rows() {
    let good = Firm { numbers: [Some(1.0), Some(1.0), Some(1.0)], word: Some("公司".to_owned()), flag: Some(true) };
    let strict = card(["\"error\""; 5], ["\"error\""; 2], "");
    assert!(run(&strict, &vec![good.clone(); 10], 3, 2, GradeOptions::default()).is_ok());
    let mut firms = vec![good.clone(); 10];
    firms[6].numbers[0] = Some(-6.0);
    firms[8].word = Some("elsewhere".to_owned());
    firms[2].flag = None;
    firms[9].numbers[2] = Some(f64::INFINITY);
    let said = refused(&strict, &firms);
    assert!(said.starts_with("the data: 4 problems\n"), "{said}");
    for part in [
        "column `n0` has 1 value (row 7: `-6`) that `n0` does not cover",
        "column `word` has 1 value (row 9: `elsewhere`) that `word` does not cover",
        "column `flag` has 1 missing value (row 3), and `flag` allows none",
        "column `n2` has 1 infinite value (row 10: `inf`); a number must be finite",
    ] {
        assert!(said.contains(part), "{said}");
    }
    let lenient = card(["\"reweight\""; 5], ["\"worst\""; 2], "");
    let mut firms = vec![good; 4];
    firms[1] = Firm { numbers: [None; 3], word: None, flag: None };
    assert!(refused(&lenient, &firms).contains("1 firm without any data (row 2)"));
    let infinite_outside = card(["\"reweight\""; 5], ["\"missing\""; 2], "");
    let mut firms = firms[..1].to_vec();
    firms[0].numbers[0] = Some(f64::NEG_INFINITY);
    assert!(refused(&infinite_outside, &firms).contains("1 infinite value (row 1: `-inf`)"));
}

#[test]
fn columns_and_ids_are_checked_before_anything() {
    let card = card(["\"worst\""; 5], ["\"worst\""; 2], "");
    let numbers = [1.0, 2.0];
    let table = Table::new(2)
        .with("firm", Column::strings(&["a", "a"]))
        .unwrap()
        .with("n0", Column::strings(&["x", "y"]))
        .unwrap()
        .with("m1", Column::numbers(&numbers))
        .unwrap();
    let said = grade(&card, &[table], GradeOptions::default()).expect_err("faulty columns").to_string();
    for part in [
        "column `n0` holds text, expected number",
        "column `n1` is missing (read by `n1`); did you mean `n0`?",
        "column `id` is missing (read by `id_column`)",
    ] {
        assert!(said.contains(part), "{said}");
    }
    let held = Held::new(&vec![Firm { numbers: [Some(1.0); 3], word: None, flag: None }; 4]);
    let words = ["", "", "", ""];
    let ids = ["b", "11010519491231002X", " ", "11010519491231002X"];
    let said = grade(&card, &[held.table(&ids, &words, &[9; 4], 0..4, 0)], GradeOptions::default()).expect_err("faulty ids").to_string();
    assert!(said.contains("1 missing id (row 3)") && said.contains("1 repeated id (row 4: `110105***********X`)"), "{said}");
}

#[test]
fn no_firms_are_refused() {
    let card = card(["\"worst\""; 5], ["\"worst\""; 2], "");
    assert_eq!(
        refused(&card, &[]),
        "the data: 1 problem\n  found no firms, expected at least one; look whether rows stand below the header"
    );
}

#[test]
fn rules_are_applied_in_order_and_shifts_end_at_their_caps() {
    let rules = r#"
by_rule = ["E"]
[[overrides]]
id = "down2"
title = "t"
when = "n1 = 1"
shift = 2
cap = "D"
[[overrides]]
id = "up1"
title = "t"
when = "n1 = 2"
shift = -1
[[overrides]]
id = "revoked"
title = "t"
when = "n1 = 3"
set = "E"
[[overrides]]
id = "after"
title = "t"
when = "n1 >= 2"
shift = 1
"#;
    let text = card(["\"worst\""; 5], ["\"worst\""; 2], "").to_json();
    let mut spec: ScorecardSpec = serde_json::from_str(&text).unwrap();
    let with: toml::Table = toml::from_str(&format!("order = [\"A\", \"B\", \"C\", \"D\", \"E\"]\n{rules}")).unwrap();
    spec.grades.order = with["order"].clone().try_into().unwrap();
    spec.grades.by_rule = with["by_rule"].clone().try_into().unwrap();
    spec.overrides = with["overrides"].clone().try_into().unwrap();
    let card = Scorecard::try_from(spec).unwrap();
    let firm = |n1: f64, n0: f64| Firm { numbers: [Some(n0), Some(n1), Some(0.0)], word: Some("公司".to_owned()), flag: Some(false) };
    let graded =
        run(&card, &[firm(1.0, 0.0), firm(2.0, 0.0), firm(3.0, 0.0), firm(0.5, 0.0), firm(1.0, 99.0)], 1, 0, GradeOptions::default())
            .unwrap();
    let by_score = &graded.score_grade;
    assert_eq!(graded.grade[0], (by_score[0] + 2).min(3));
    assert_eq!(graded.grade[1], by_score[1].saturating_sub(1) + 1);
    // Set to E, and a shift without a cap ends at the last grade that a score gives: the firm beyond it stays.
    assert_eq!(graded.grade[2], 4);
    assert_eq!(graded.grade[3], by_score[3]);
    assert_eq!(graded.hits.pairs, [(0, 0), (1, 1), (1, 3), (2, 2), (2, 3), (4, 0)]);
}
