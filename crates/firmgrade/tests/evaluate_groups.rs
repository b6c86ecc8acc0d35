//! Many groups: what chance alone may call a failure, and what is still found.

#![expect(clippy::unwrap_used, reason = "a test may stop")]

use firmgrade::ahp::SplitMix64;
use firmgrade::evaluate::{Dimension, Group, Results, Sampling, Standing, report};

const ROWS: usize = 2400;

/// Forty groups of two dimensions, none different from the others; a tenth is bad, some six in each group. Of `failing`, if any, scores are
/// turned round.
fn groups(apart: f64, failing: Option<u32>, weighted: bool, seed: u64) -> Vec<Group> {
    let mut random = SplitMix64::stream(40, seed);
    let outcome: Vec<bool> = (0..ROWS).map(|_| random.uniform() < 0.1).collect();
    let [trade, region] = [0, 1].map(|_| (0..ROWS).map(|_| random.below(20) as u32).collect::<Vec<u32>>());
    let score: Vec<f64> = (outcome.iter().zip(&trade))
        .map(|(bad, trade)| random.normal() + if *bad { apart } else { 0.0 } * if failing == Some(*trade) { -1.0 } else { 1.0 })
        .collect();
    let strata: Vec<u32> = (0..ROWS).map(|row| (row % 3) as u32).collect();
    let population: Vec<f64> = strata.iter().map(|stratum| [40_000.0, 20_000.0, 5_000.0][*stratum as usize]).collect();
    let names: Vec<String> = (0..20).map(|at| at.to_string()).collect();
    let names: Vec<&str> = names.iter().map(String::as_str).collect();
    let dimensions =
        [Dimension { name: "trade", groups: &names, group: &trade }, Dimension { name: "region", groups: &names, group: &region }];
    let design = Sampling { strata: Some(&strata), population: Some(&population), ..Sampling::default() };
    let results = Results {
        score: &score,
        grade: &strata,
        grades: &["A", "B", "C"],
        outcome: &outcome,
        sampling: if weighted { design } else { Sampling::default() },
        dimensions: &dimensions,
        ..Results::default()
    };
    report(&results).unwrap().groups
}

/// By chance alone at most one report in twenty says of any group that the card fails there, or, where it orders nothing, that it works. Of 40
/// reports 2 are to be expected, and 8 come twice in a thousand times. Uncorrected, half of them would.
#[test]
fn no_group_fails_or_works_by_chance() {
    let [mut alike, mut fails, mut works, mut uncorrected] = [0; 4];
    for seed in 0..40 {
        let any = |groups: &[Group], standing: Standing| u32::from(groups.iter().any(|group| group.standing == standing));
        let found = groups(1.0, None, seed % 2 == 0, seed);
        assert!(found.len() == 40 && found.iter().filter(|group| group.worse.is_some()).count() > 30);
        alike += any(&found, Standing::Fails);
        uncorrected += u32::from(found.iter().any(|group| group.worse.is_some_and(|worse| worse.p < 0.05)));
        let found = groups(0.0, None, seed % 2 == 0, 1000 + seed);
        fails += any(&found, Standing::Fails);
        works += any(&found, Standing::Holds);
    }
    assert!(
        alike <= 7 && fails <= 7 && works <= 7,
        "of 40 reports {alike} where all are alike; where nothing is ordered {fails} fail, {works} work"
    );
    assert!(uncorrected >= 12, "{uncorrected}");
}

/// A group in which the card is turned round is found among the forty, and hardly any other is named.
#[test]
fn a_group_that_fails_is_found_among_forty() {
    let (mut found, mut others) = (0, 0);
    for seed in 0..8 {
        for group in groups(1.5, Some(3), seed % 2 == 0, 5000 + seed).iter().filter(|group| group.standing == Standing::Fails) {
            if group.dimension == "trade" && group.group == "3" { found += 1 } else { others += 1 }
        }
    }
    assert!(found >= 5 && others <= 1, "{found} {others}");
}
