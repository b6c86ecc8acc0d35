//! Chances over 100,000 seeds: how often each of 200 firms is drawn, beside its stated probability, and how often each of the 190 pairs of 20
//! inspectors goes out together. A minute or two on two free cores; ends with 1 where one is off by 4 standard deviations or more. Not a measure of speed: it is
//! here because it takes too long for a test.
//!
//! Strata: 80 firms at 5 %, 80 at unequal rates (Pareto), 40 split into two of 20 at unequal rates (conditional Poisson).

#![expect(clippy::unwrap_used, clippy::print_stdout, reason = "a benchmark may stop, and says what it found")]

use firmgrade::sample::matching::{Inspector, Roster, RosterSpec, Visit, match_inspectors};
use firmgrade::sample::{Design, Frame, Rate, Row, Suite, select};
use rayon::prelude::*;

const SEEDS: u32 = 100_000;

/// The greatest distances of firms from their probabilities, by stratum, in standard deviations.
fn firms() -> [f64; 4] {
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
    worst
}

/// Ten visits by 20 inspectors, one each: all pairs are alike, so each is expected in SEEDS·10/190 matches. A pair goes out at most once in a match, so
/// the count is binomial. Gives the greatest distance in standard deviations, and how many pairs never went out.
fn pairs() -> (f64, usize) {
    let inspector = |at| Inspector { id: format!("I{at:02}"), capacity: 1, ..Inspector::default() };
    let visit = |at| Visit { id: format!("V{at}"), ..Visit::default() };
    let (visits, inspectors) = ((0..10).map(visit).collect(), (0..20).map(inspector).collect());
    let spec = RosterSpec { per_visit: 2, period: None, visits, inspectors, recusals: Vec::new() };
    let roster = Roster::try_from(spec).unwrap();
    let none = || vec![0_u32; 400];
    let counts = (0..SEEDS)
        .into_par_iter()
        .fold(none, |mut counts, of| {
            let seed = Suite::Sha256.hash(&[b"pairs", &of.to_be_bytes()]);
            for pair in match_inspectors(&roster, &seed.0).unwrap().pairs.chunks(2) {
                let [one, other] = [0, 1].map(|at: usize| pair[at].inspector[1..].parse::<usize>().unwrap());
                counts[one.min(other) * 20 + one.max(other)] += 1;
            }
            counts
        })
        .reduce(none, |a, b| a.iter().zip(&b).map(|(a, b)| a + b).collect());
    let (p, seeds) = (10.0 / 190.0, f64::from(SEEDS));
    let sd = (p * (1.0 - p) * seeds).sqrt();
    let all = (0..20).flat_map(|one| (one + 1..20).map(move |other| one * 20 + other)).map(|at| counts[at]);
    let worst = all.clone().map(|count| (f64::from(count) - p * seeds).abs() / sd).fold(0.0, f64::max);
    (worst, all.filter(|count| *count == 0).count())
}

fn main() {
    let start = std::time::Instant::now();
    let worst = firms();
    println!("{SEEDS} seeds, greatest distance of a firm in standard deviations by stratum: {worst:.2?}");
    let (off, never) = pairs();
    println!("{SEEDS} seeds, 190 pairs of inspectors: {never} never went out, greatest distance {off:.2} standard deviations");
    println!("in {:.0} s", start.elapsed().as_secs_f64());
    std::process::exit(i32::from(worst.iter().chain([&off]).any(|off| !(*off < 4.0)) || never > 0));
}
