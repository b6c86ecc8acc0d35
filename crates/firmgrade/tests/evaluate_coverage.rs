//! The interval of a weighted AUC covers the truth, and the AUC without weights does not: the example's simulation, smaller.

#[path = "../examples/auc_coverage.rs"]
#[expect(dead_code, reason = "its main prints more cases")]
mod example;

/// Ten bad firms of grade A are expected: 95 % intervals hold, and the unweighted area is too low.
#[test]
fn the_interval_covers_at_ten_expected_bad_firms() {
    let found = example::Population::new(20_000, 1.3, 7).repeat(10.0, 600);
    assert!((0.93..=0.97).contains(&found.covered), "covered {}", found.covered);
    assert!(found.bias.abs() < 0.005, "bias {}", found.bias);
    assert!(found.unweighted_bias < -0.025, "unweighted bias {}", found.unweighted_bias);
}

/// One bad firm of grade A is expected: intervals do not hold, which is why nothing is estimated there.
#[test]
fn below_the_gate_intervals_do_not_hold() {
    let found = example::Population::new(20_000, 1.3, 7).repeat(1.3, 300);
    assert!(found.covered < 0.85, "covered {}", found.covered);
    assert!(found.unweighted_bias < -0.1, "unweighted bias {}", found.unweighted_bias);
}
