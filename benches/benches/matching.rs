//! Matching inspectors to visits: 600 × 40, 6,000 × 300, and 60,000 × 2,000 in eight zones.
//!
//! `cargo bench --locked -p firmgrade-benches --bench matching`. With `-- --dump 600 40 1` it prints an instance of 600 visits, 40 inspectors and
//! one zone with its match as JSON instead, for `fixtures/verify_match.py` and for comparison with other solvers.

#![expect(clippy::unwrap_used, clippy::print_stdout, reason = "a benchmark may stop, and prints")]

use firmgrade::sample::matching::{Inspector, Recusal, Roster, RosterSpec, Visit, match_inspectors, verify};
use std::time::Instant;

const SEED: [u8; 32] = [7; 32];

/// SplitMix64: the data need to be the same each time, not to be random.
struct Stream(u64);

impl Stream {
    fn below(&mut self, limit: u64) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let z = (self.0 ^ (self.0 >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        let z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        (z ^ (z >> 31)) % limit
    }
}

/// Every visit needs one of four qualifications; an inspector has `held` of them. One visit in ten has a recused inspector. `slack` is the
/// share of places that stay free.
fn spec(visits: usize, inspectors: usize, zones: usize, held: usize, slack: f64) -> RosterSpec {
    let mut stream = Stream(1);
    let zone = |at: usize| (zones > 1).then(|| format!("zone{}", at % zones));
    let places = (visits * 2) as f64 / (1.0 - slack);
    let each = (places / inspectors as f64).ceil() as u32;
    let visit = |at: usize| format!("91310107MA1G{at:06}");
    let inspector = |at: usize| format!("I{at:04}");
    let recusals = (0..visits / 10).map(|at| Recusal {
        visit: visit(at * 10),
        inspector: inspector(stream.below(inspectors as u64) as usize),
        reason: "interest".to_owned(),
    });
    RosterSpec {
        per_visit: 2,
        period: None,
        recusals: recusals.collect(),
        visits: (0..visits)
            .map(|at| Visit { id: visit(at), needs: vec![format!("q{}", at % 4)], zone: zone(at), ..Visit::default() })
            .collect(),
        inspectors: (0..inspectors)
            .map(|at| Inspector {
                id: inspector(at),
                capacity: each,
                qualifications: (0..held).map(|more| format!("q{}", (at / zones + more) % 4)).collect(),
                zones: zone(at).into_iter().collect(),
                ..Inspector::default()
            })
            .collect(),
    }
}

/// CPU seconds of this process so far, from the kernel's clock of 100 ticks a second.
fn cpu() -> f64 {
    let text = std::fs::read_to_string("/proc/self/stat").unwrap_or_default();
    let fields: Vec<&str> = text.rsplit(')').next().unwrap_or_default().split_whitespace().collect();
    fields.iter().skip(11).take(2).filter_map(|ticks| ticks.parse::<f64>().ok()).sum::<f64>() / 100.0
}

fn peak() -> String {
    let text = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    text.lines().find_map(|line| line.strip_prefix("VmHWM:")).unwrap_or("unknown").trim().to_owned()
}

fn main() {
    let arguments: Vec<String> = std::env::args().collect();
    if let Some(at) = arguments.iter().position(|argument| argument == "--dump") {
        let number = |more: usize| arguments[at + more].parse().unwrap();
        let spec = spec(number(1), number(2), number(3), 2, 0.1);
        let roster = Roster::try_from(spec.clone()).unwrap();
        let found = match_inspectors(&roster, &SEED).unwrap();
        let seed: String = SEED.iter().map(|byte| format!("{byte:02x}")).collect();
        println!("{}", serde_json::json!({ "seed": seed, "spec": spec, "match": found }));
        return;
    }
    for (name, visits, inspectors, zones, held, slack, runs) in [
        ("600 × 40", 600, 40, 1, 2, 0.1, 9),
        ("6,000 × 300", 6_000, 300, 1, 2, 0.1, 5),
        ("6,000 × 300, no place free, one qualification each", 6_000, 300, 1, 1, 0.0, 3),
        ("60,000 × 2,000 in 8 zones", 60_000, 2_000, 8, 2, 0.1, 3),
    ] {
        let spec = spec(visits, inspectors, zones, held, slack);
        let start = Instant::now();
        let roster = Roster::try_from(spec).unwrap();
        let checked = start.elapsed();
        let mut times: Vec<(f64, f64)> = Vec::new();
        let mut last = None;
        for _ in 0..runs {
            let (start, used) = (Instant::now(), cpu());
            let found = match_inspectors(&roster, &SEED).unwrap();
            times.push((start.elapsed().as_secs_f64(), cpu() - used));
            assert!(last.is_none_or(|last| last == found));
            last = Some(found);
        }
        times.sort_by(|a, b| a.0.total_cmp(&b.0));
        let (wall, used) = times[runs / 2];
        let start = Instant::now();
        verify(&roster, &SEED, last.as_ref().unwrap()).unwrap();
        println!(
            "{name}: match {wall:.3} s, CPU {used:.2} s; roster checked in {:.3} s; verified in {:.3} s; peak so far {}",
            checked.as_secs_f64(),
            start.elapsed().as_secs_f64(),
            peak()
        );
    }
}
