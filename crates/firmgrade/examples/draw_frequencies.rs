//! Draws from 200 firms under 100,000 seeds and compares how often each firm was drawn with its stated probability. Two minutes in `--release`
//! at most; ends with 1 where a firm is off by 4 standard deviations or more.
//!
//! Strata: 80 firms at 5 %, 80 at unequal rates (Pareto), 40 split into two of 20 at unequal rates (conditional Poisson).

#![expect(clippy::unwrap_used, clippy::print_stdout, reason = "an example may stop, and says what it found")]

use firmgrade::sample::{Design, Frame, Rate, Row, Suite, select};
use rayon::prelude::*;

const SEEDS: u32 = 100_000;

fn main() {
    let ids: Vec<String> = (0..200).map(|at| format!("{at:03}")).collect();
    let firm = |at: usize| match at {
        0..80 => ("a", 5),
        80..160 => ("b", 5 + at as u64 % 16 * 2),
        160..180 => ("c", 5 + at as u64 % 10 * 10),
        _ => ("d", 2 + at as u64 % 20 * 2),
    };
    let row = |(at, id)| -> Row<'_> {
        let (stratum, num) = firm(at);
        Row { id, grade: "A", stratum, rate: Rate { num, den: 100 }, exclusion: "" }
    };
    let frame = Frame::new(ids.iter().map(String::as_str).enumerate().map(row)).unwrap();
    let design = Design::default();
    let none = || vec![(0_u32, 0.0); ids.len()];
    let counts = (0..SEEDS)
        .into_par_iter()
        .fold(none, |mut counts, of| {
            let seed = Suite::Sha256.hash(&[b"frequencies", &of.to_be_bytes()]);
            for one in select(Suite::Sha256, &seed, &frame, &design).unwrap().selected {
                let at = frame.find(&one.id).unwrap();
                counts[at].0 += 1;
                counts[at].1 = one.pi_visit.to_f64();
            }
            counts
        })
        .reduce(none, |a, b| a.iter().zip(&b).map(|(a, b)| (a.0 + b.0, f64::max(a.1, b.1))).collect());
    let mut worst = [0.0_f64; 4];
    for (at, (count, p)) in counts.iter().enumerate() {
        let sd = (p * (1.0 - p) * f64::from(SEEDS)).sqrt();
        let off = (f64::from(*count) - p * f64::from(SEEDS)).abs() / sd;
        let stratum = usize::from(at >= 80) + usize::from(at >= 160) + usize::from(at >= 180);
        worst[stratum] = worst[stratum].max(off);
        if !(off < 4.0) {
            println!("firm {at}: drawn {count} times, expected {:.1}, off by {off:.2} standard deviations", p * f64::from(SEEDS));
        }
    }
    println!("{SEEDS} seeds, greatest distance in standard deviations by stratum: {worst:.2?}");
    std::process::exit(i32::from(worst.iter().any(|off| !(*off < 4.0))));
}
