//! How often tuning proposes new weights where the experts are right, where they are wrong, and where nothing is to be known, beside how often
//! it would if a change above the limit were refused instead of limited: `cargo run --release -p firmgrade --example tune_power [RUNS]`.
#![expect(clippy::unwrap_used, clippy::print_stdout, reason = "an example")]

use firmgrade::Scorecard;
use firmgrade::ahp::SplitMix64;
use firmgrade::columns::{Column, Table};
use firmgrade::evaluate::Sampling;
use firmgrade::reweigh::Utilities;
use firmgrade::tune::{Outcomes, TuneOptions, Verdict, tune};

/// A card's weights, the true weights, and how much risk matters.
struct Population {
    name: &'static str,
    expert: Vec<f64>,
    truth: Vec<f64>,
    slope: f64,
}

#[expect(clippy::disallowed_methods, reason = "how many runs is said on the command line")]
fn main() {
    let runs: u64 = std::env::args().nth(1).and_then(|runs| runs.parse().ok()).unwrap_or(200);
    let expert = || vec![0.25, 0.2, 0.15, 0.15, 0.15, 0.1];
    let halves = |first: f64, second: f64| (0..20).map(|at| if at % 2 == 0 { first } else { second }).collect::<Vec<f64>>();
    let populations = [
        Population { name: "experts right", expert: expert(), truth: expert(), slope: 6.0 },
        Population { name: "right, 20 indicators", expert: halves(0.05, 0.05), truth: halves(0.05, 0.05), slope: 12.0 },
        Population { name: "wrong, 20 indicators", expert: halves(0.05, 0.05), truth: halves(0.1, 0.0), slope: 12.0 },
        Population { name: "wrong", expert: expert(), truth: vec![0.15, 0.1, 0.05, 0.2, 0.25, 0.25], slope: 6.0 },
        Population { name: "wrong by 0.05", expert: expert(), truth: vec![0.2, 0.2, 0.15, 0.15, 0.15, 0.15], slope: 6.0 },
        Population { name: "wrong by 0.12", expert: expert(), truth: vec![0.13, 0.2, 0.15, 0.15, 0.15, 0.22], slope: 6.0 },
        Population { name: "wrong by 0.2", expert: expert(), truth: vec![0.05, 0.2, 0.15, 0.15, 0.15, 0.3], slope: 6.0 },
        Population { name: "no signal", expert: expert(), truth: expert(), slope: 0.0 },
        Population { name: "reversed", expert: expert(), truth: expert(), slope: -6.0 },
    ];
    for rows in [500, 2000, 6000, 12_000] {
        for population in &populations {
            let card = Scorecard::from_toml("card", &card(&population.expert)).unwrap();
            let mut seen = [0_u32; 5];
            let mut refused = 0_u32;
            for run in 0..runs {
                let (verdict, small) = once(&card, population, rows, run);
                seen[verdict as usize] += 1;
                refused += u32::from(verdict == Verdict::Proposed && !small);
            }
            let share = |verdict: Verdict| f64::from(seen[verdict as usize]) / runs as f64;
            println!(
                "{rows:>5} rows, {:<22} proposed {:.3}  without a step {:.3}  no signal {:.3}  reversed {:.3}",
                population.name,
                share(Verdict::Proposed),
                share(Verdict::Proposed) - f64::from(refused) / runs as f64,
                share(Verdict::NoSignal),
                share(Verdict::Reversed)
            );
        }
    }
}

/// Numbers from 0 to 1 that are their own risk.
fn card(weights: &[f64]) -> String {
    let stated: Vec<String> = weights.iter().enumerate().map(|(at, weight)| format!("i{at} = {weight}")).collect();
    let mut text = format!(
        "[scorecard]\nid = \"t\"\ntitle = \"t\"\nversion = \"1\"\nid_column = \"id\"\nscale = {{ min = 0, max = 100, better = \"low\" }}\n\
         [judgments.root]\nweights = {{ {} }}\n[grades]\norder = [\"A\", \"B\"]\ncuts = [\"<= 50\"]\n",
        stated.join(", ")
    );
    for at in 0..weights.len() {
        text += &format!(
            "[indicators.i{at}]\ntitle = \"{at}\"\ncriterion = \"root\"\nmissing = \"error\"\n\
             points = [ {{ at = 0, risk = 0 }}, {{ at = 1, risk = 1 }} ]\n"
        );
    }
    text
}

fn once(card: &Scorecard, population: &Population, rows: usize, seed: u64) -> (Verdict, bool) {
    let mut random = SplitMix64::stream(20_261_122, seed);
    let values: Vec<Vec<f64>> = population.truth.iter().map(|_| (0..rows).map(|_| random.uniform()).collect()).collect();
    let ids: Vec<String> = (0..rows).map(|row| row.to_string()).collect();
    let ids: Vec<&str> = ids.iter().map(String::as_str).collect();
    let mut table = Table::new(rows).with("id", Column::strings(&ids)).unwrap();
    for (at, values) in values.iter().enumerate() {
        assert!(table.add(&format!("i{at}"), Column::numbers(values)));
    }
    let risk = |row: usize| population.truth.iter().zip(&values).map(|(weight, values)| weight * values[row]).sum::<f64>();
    let odds = |row: usize| population.slope * (risk(row) - 0.5) - 2.0;
    let bad: Vec<bool> = (0..rows).map(|row| random.uniform() < 1.0 / (1.0 + (-odds(row)).exp())).collect();
    let firm: Vec<usize> = (0..rows).collect();
    let utilities = Utilities::new(card, &[table]).unwrap();
    let outcomes = Outcomes { firm: &firm, bad: &bad, sampling: Sampling::default() };
    let proposal = tune(&utilities, outcomes, &TuneOptions { seed, ..TuneOptions::default() }).unwrap();
    (proposal.verdict, proposal.step == Some(1.0))
}
