//! How often tuning proposes new weights where the experts are right, where they are wrong, and where nothing is to be known:
//! `cargo run --release -p firmgrade --example tune_power [RUNS]`.
#![expect(clippy::unwrap_used, clippy::print_stdout, reason = "an example")]

use firmgrade::Scorecard;
use firmgrade::ahp::SplitMix64;
use firmgrade::columns::{Column, Table};
use firmgrade::evaluate::Sampling;
use firmgrade::reweigh::Utilities;
use firmgrade::tune::{Outcomes, TuneOptions, Verdict, tune};

const EXPERT: [f64; 6] = [0.25, 0.2, 0.15, 0.15, 0.15, 0.1];

fn main() {
    let runs: u64 = std::env::args().nth(1).and_then(|runs| runs.parse().ok()).unwrap_or(200);
    let card = Scorecard::from_toml("card", &card()).unwrap();
    let populations = [
        ("experts right", [0.25, 0.2, 0.15, 0.15, 0.15, 0.1], 6.0),
        ("experts somewhat wrong", [0.18, 0.15, 0.15, 0.15, 0.17, 0.2], 6.0),
        ("experts wrong", [0.15, 0.1, 0.05, 0.2, 0.25, 0.25], 6.0),
        ("experts very wrong", [0.0, 0.0, 0.0, 0.2, 0.4, 0.4], 6.0),
        ("no signal", [0.25, 0.2, 0.15, 0.15, 0.15, 0.1], 0.0),
        ("reversed", [0.25, 0.2, 0.15, 0.15, 0.15, 0.1], -6.0),
    ];
    for rows in [500, 2000, 8000] {
        for (name, truth, slope) in populations {
            let mut seen = [0_u32; 5];
            let mut gained = 0_u32;
            for run in 0..runs {
                let (verdict, gain) = once(&card, truth, slope, rows, run);
                seen[verdict as usize] += 1;
                gained += u32::from(gain);
            }
            let share = |verdict: Verdict| f64::from(seen[verdict as usize]) / runs as f64;
            println!(
                "{rows:>5} rows, {name:<24} proposed {:.3}  gain proved {:.3}  no signal {:.3}  reversed {:.3}",
                share(Verdict::Proposed),
                f64::from(gained) / runs as f64,
                share(Verdict::NoSignal),
                share(Verdict::Reversed)
            );
        }
    }
}

/// Six numbers from 0 to 1 that are their own risk.
fn card() -> String {
    let mut text =
        "[scorecard]\nid = \"t\"\ntitle = \"t\"\nversion = \"1\"\nid_column = \"id\"\nscale = { min = 0, max = 100, better = \"low\" }\n\
                    [judgments.root]\nweights = { a = 0.25, b = 0.2, c = 0.15, d = 0.15, e = 0.15, f = 0.1 }\n\
                    [grades]\norder = [\"A\", \"B\"]\ncuts = [\"<= 50\"]\n"
            .to_owned();
    for id in ["a", "b", "c", "d", "e", "f"] {
        text += &format!(
            "[indicators.{id}]\ntitle = \"{id}\"\ncriterion = \"root\"\nmissing = \"error\"\npoints = [ {{ at = 0, risk = 0 }}, {{ at = 1, risk = 1 }} ]\n"
        );
    }
    text
}

fn once(card: &Scorecard, truth: [f64; 6], slope: f64, rows: usize, seed: u64) -> (Verdict, bool) {
    let mut random = SplitMix64::stream(20_261_122, seed);
    let values: Vec<Vec<f64>> = EXPERT.iter().map(|_| (0..rows).map(|_| random.uniform()).collect()).collect();
    let ids: Vec<String> = (0..rows).map(|row| row.to_string()).collect();
    let ids: Vec<&str> = ids.iter().map(String::as_str).collect();
    let mut table = Table::new(rows).with("id", Column::strings(&ids)).unwrap();
    for (id, values) in ["a", "b", "c", "d", "e", "f"].into_iter().zip(&values) {
        assert!(table.add(id, Column::numbers(values)));
    }
    let risk = |row: usize| truth.iter().zip(&values).map(|(weight, values)| weight * values[row]).sum::<f64>();
    let bad: Vec<bool> = (0..rows).map(|row| random.uniform() < 1.0 / (1.0 + (-(slope * (risk(row) - 0.5) - 2.0)).exp())).collect();
    let firm: Vec<usize> = (0..rows).collect();
    let utilities = Utilities::new(card, &[table]).unwrap();
    let proposal =
        tune(&utilities, Outcomes { firm: &firm, bad: &bad, sampling: Sampling::default() }, &TuneOptions { seed, ..Default::default() });
    let proposal = proposal.unwrap();
    (proposal.verdict, proposal.gain.is_some_and(|gain| gain.difference.low > 0.0))
}
