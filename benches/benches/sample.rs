//! The draw from 60,000 and from 5 million firms: reading rows into a frame, the commitment, the seed and the draw.

#![expect(clippy::unwrap_used, clippy::print_stderr, reason = "a benchmark may stop, and says how much memory it took")]

use criterion::{Criterion, criterion_group, criterion_main};
use firmgrade::sample::{Committed, Design, Frame, Rate, Record, Row, Salt, Suite};
use std::time::Duration;

const GRADES: [(&str, u64); 4] = [("A", 1), ("B", 2), ("C", 10), ("D", 30)];

fn draw(ids: &[String], salts: &[Salt]) -> Record {
    let rows = ids.iter().enumerate().map(|(at, id)| {
        let (grade, percent) = GRADES[at * 7 % 11 % 4];
        Row { id, grade, stratum: grade, rate: Rate { num: percent, den: 100 }, exclusion: if at % 50 == 0 { "inspected" } else { "" } }
    });
    let frame = Frame::new(rows).unwrap();
    let committed = Committed::new("bench", Suite::Sha256, "policy", &["dice"], Design::default(), frame, salts).unwrap();
    committed.draw(&[("dice", b"3 1 4 1 5")]).unwrap()
}

/// Ids in no order, salts that differ.
fn firms(count: u64) -> (Vec<String>, Vec<Salt>) {
    let scatter = |at: u64| at.wrapping_mul(0x9e37_79b9_7f4a_7c15);
    (0..count)
        .map(|at| {
            (format!("91310107{:010}", scatter(at) % 10_000_000_000 / 5_000_000 * 5_000_000 + at), u128::from(scatter(at)).to_be_bytes())
        })
        .unzip()
}

fn memory() -> String {
    let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    status.lines().find(|line| line.starts_with("VmHWM")).unwrap_or("VmHWM unknown").to_owned()
}

fn sample(c: &mut Criterion) {
    let mut group = c.benchmark_group("frame, commit, seed, draw");
    group.sample_size(10);
    let (ids, salts) = firms(60_000);
    group.bench_function("60,000 firms", |b| b.iter(|| draw(&ids, &salts)));
    let (ids, salts) = firms(5_000_000);
    let before = memory();
    group.measurement_time(Duration::from_secs(1)).warm_up_time(Duration::from_millis(1));
    group.bench_function("5,000,000 firms", |b| b.iter(|| draw(&ids, &salts)));
    group.finish();
    eprintln!("greatest memory: the firms themselves {before}, with the draw {}", memory());
}

criterion_group!(benches, sample);
criterion_main!(benches);
