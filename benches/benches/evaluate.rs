//! What scores are worth: the AUC of a million rows with its interval, without weights and stratified, and 100 indicators of 60,000 firms
//! with IV, KS, AUC and missing share each.

#![expect(clippy::unwrap_used, reason = "a benchmark may stop")]

use criterion::{Criterion, criterion_group, criterion_main};
use firmgrade::ahp::SplitMix64;
use firmgrade::evaluate::{LEVEL, Sampling, auc, auc_sampled, indicators};
use std::hint::black_box;

const ROWS: usize = 1_000_000;
const FIRMS: usize = 60_000;

fn evaluate(c: &mut Criterion) {
    let mut random = SplitMix64::new(1);
    let score: Vec<f64> = (0..ROWS).map(|_| random.normal()).collect();
    let outcome: Vec<bool> = score.iter().map(|s| random.uniform() < 1.0 / (1.0 + (3.0 - s).exp())).collect();
    let strata: Vec<u32> = score.iter().map(|s| u32::from(*s > 0.0) + u32::from(*s > 1.5)).collect();
    let population: Vec<f64> = strata.iter().map(|&h| [8e6, 2e6, 1e5][h as usize]).collect();
    let sampling = Sampling { strata: Some(&strata), population: Some(&population), ..Sampling::default() };
    let mut group = c.benchmark_group("auc_1e6");
    group.sample_size(10);
    group.bench_function("delong", |b| b.iter(|| black_box(auc(&score, &outcome, None).unwrap())));
    group.bench_function("stratified", |b| b.iter(|| black_box(auc_sampled(&score, &outcome, sampling, LEVEL).unwrap())));
    group.finish();

    let column = |random: &mut SplitMix64| -> Vec<f64> {
        (0..FIRMS).map(|_| if random.uniform() < 0.05 { f64::NAN } else { (random.normal() * 50.0).round() }).collect()
    };
    let columns: Vec<Vec<f64>> = (0..100).map(|_| column(&mut random)).collect();
    let columns: Vec<&[f64]> = columns.iter().map(Vec::as_slice).collect();
    let mut group = c.benchmark_group("indicators_60000x100");
    group.sample_size(10);
    group.bench_function("iv_ks_auc_missing", |b| b.iter(|| black_box(indicators(&columns, &outcome[..FIRMS], None, 10).unwrap())));
    group.finish();
}

criterion_group!(benches, evaluate);
criterion_main!(benches);
