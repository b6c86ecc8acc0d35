//! The engine alone on 60,000 firms × 100 indicators: 60 banded numbers, 25 categories, 15 flags, 5 % missing, beside a pass that only
//! reads and adds up the same numbers; and the same firms under 1,000 other weightings.

#![expect(clippy::unwrap_used, clippy::expect_used, reason = "a benchmark may stop")]

use criterion::{Criterion, criterion_group, criterion_main};
use firmgrade::columns::{Bits, Codes, Column, Numbers, Table, Texts, Values};
use firmgrade::reweigh::{CutPoints, Utilities, WeightingDraws, Weightings};
use firmgrade::{GradeOptions, Scorecard, grade};
use std::fmt::Write;
use std::hint::black_box;

const FIRMS: usize = 60_000;
const WORDS: [&str; 6] = ["alpha", "beta", "gamma", "delta", "epsilon", "zeta"];

/// SplitMix64: the data need to be the same each time, not to be random.
struct Stream(u64);

impl Stream {
    fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let z = (self.0 ^ (self.0 >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        let z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        z ^ (z >> 31)
    }
}

fn card(missing: &str) -> Scorecard {
    let mut text = String::from(
        "[scorecard]\nid=\"b\"\ntitle=\"b\"\nversion=\"1\"\nid_column=\"id\"\nscale={min=0,max=1000,better=\"high\"}\n[grades]\norder=[\"A\",\"B\",\"C\",\"D\"]\ncuts=[\">= 600\",\">= 500\",\">= 400\"]\n[judgments.root]\nequal=true\n",
    );
    for k in 0..100 {
        let measure = match k {
            0..60 => {
                "bands=[{upto=10,risk=0.1},{upto=20,risk=0.3},{upto=40,risk=0.5},{upto=60,risk=0.6},{upto=80,risk=0.8},{risk=1}]".to_owned()
            }
            60..85 => format!(
                "categories={{{}}}",
                WORDS.iter().enumerate().map(|(i, w)| format!("{w}={}", i as f64 / 5.0)).collect::<Vec<_>>().join(",")
            ),
            _ => "flag={true=1,false=0}".to_owned(),
        };
        writeln!(text, "[indicators.c{k}]\ntitle=\"c\"\ncriterion=\"root\"\nmissing=\"{missing}\"\n{measure}").expect("text grows");
    }
    Scorecard::from_toml("bench", &text).expect("the card has no faults")
}

fn score(c: &mut Criterion) {
    let card = card("worst");
    let mut stream = Stream(1);
    let ids: Vec<String> = (0..FIRMS).map(|i| format!("firm{i:014}")).collect();
    let ids: Vec<&str> = ids.iter().map(String::as_str).collect();
    let numbers: Vec<Vec<f64>> = (0..60).map(|_| (0..FIRMS).map(|_| (stream.next() >> 40) as f64 / 167_772.16).collect()).collect();
    let codes: Vec<Vec<u8>> = (0..25).map(|_| (0..FIRMS).map(|_| (stream.next() % 6) as u8).collect()).collect();
    let mut bitmaps = |share: u64| -> Vec<Vec<u8>> {
        (0..100)
            .map(|_| {
                (0..FIRMS / 8).map(|_| (0..8).fold(0_u8, |byte, bit| byte | (u8::from(stream.next() % 100 >= share) << bit))).collect()
            })
            .collect()
    };
    let (valid, flags) = (bitmaps(5), bitmaps(80));
    let mut table = Table::new(FIRMS).with("id", Column::strings(&ids)).unwrap();
    for k in 0..100 {
        let values = match k {
            0..60 => Values::Number(Numbers::F64(&numbers[k])),
            60..85 => Values::Text(Texts::Coded { codes: Codes::U8(&codes[k - 60]), values: WORDS.to_vec() }),
            _ => Values::Flag(Bits::new(&flags[k], 0, FIRMS).unwrap()),
        };
        table = table.with(&format!("c{k}"), Column { values, validity: Bits::new(&valid[k], 0, FIRMS) }).unwrap();
    }
    let tables = [table];
    let mut group = c.benchmark_group("60,000 × 100");
    group.sample_size(30);
    group.bench_function("read and add the 60 number columns", |b| {
        b.iter(|| black_box(numbers.iter().map(|column| column.iter().sum::<f64>()).sum::<f64>()));
    });
    for (name, reasons, contributions) in [("score and grade", 0, false), ("with five reasons", 5, false), ("with contributions", 5, true)]
    {
        group.bench_function(name, |b| b.iter(|| grade(&card, &tables, GradeOptions { reasons, contributions }).unwrap()));
    }
    group.finish();
    reweigh(c, &card, &tables, "re-weighting");
    // Nearly every firm lacks other values than the rest, so each has weights of its own.
    reweigh(c, &self::card("reweight"), &tables, "re-weighting with shared weights");
}

/// 1,000 weightings, each indicator's weight drawn by itself.
fn reweigh(c: &mut Criterion, card: &Scorecard, tables: &[Table<'_>], name: &str) {
    let weightings = Weightings::draw(card, WeightingDraws { stated: 0.5, ..WeightingDraws::default() }).unwrap();
    let utilities = Utilities::new(card, tables).unwrap();
    let mut group = c.benchmark_group(format!("60,000 × 100, {name}"));
    group.sample_size(10);
    group.bench_function("utilities", |b| b.iter(|| Utilities::new(card, tables).unwrap()));
    group.bench_function("1,000 weightings", |b| b.iter(|| utilities.reweigh(&weightings, CutPoints::Card).unwrap()));
    group.bench_function("one weighting", |b| b.iter(|| utilities.rescore(&weightings, 0, CutPoints::Card).unwrap()));
    group.finish();
}

criterion_group!(benches, score);
criterion_main!(benches);
