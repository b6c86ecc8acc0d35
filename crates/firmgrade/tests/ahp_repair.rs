//! Locating and repairing inconsistent judgments: planted errors, brute force, laws.

#![expect(clippy::unwrap_used, reason = "a test may stop")]

use approx::assert_relative_eq;
use firmgrade::ahp::{Judgments, Method, RandomIndex};
use proptest::prelude::*;

const TABLE: RandomIndex = RandomIndex::Saaty1980;

fn cr(rows: &[Vec<f64>]) -> f64 {
    Judgments::from_upper(None, rows).unwrap().weights(Method::Eigenvector, TABLE).cr()
}

fn set(rows: &[Vec<f64>], row: usize, column: usize, value: f64) -> Vec<Vec<f64>> {
    let mut rows = rows.to_vec();
    if row < column {
        rows[row][column - row - 1] = value;
    } else {
        rows[column][row - column - 1] = 1.0 / value;
    }
    rows
}

/// Weights 8 : 4 : 2 : 1 : 1, all judgments exact but 2:4, turned round from 4 to 1/4: it is the first suspect and its best value is 4, with
/// CR 0. As the entry ≥ 1 is 4:2 = 4, the value is stated as 4:2 = 1/4. The smallest steps to 0.1 are found by hand below.
#[test]
fn a_planted_error_is_found_and_undone() {
    let rows = [vec![2.0, 4.0, 8.0, 8.0], vec![2.0, 0.25, 4.0], vec![2.0, 2.0], vec![1.0]];
    let judgments = Judgments::from_upper(None, &rows).unwrap();
    let suspects = judgments.suspects(TABLE);
    assert_eq!(suspects.len(), 10);
    let first = suspects[0];
    assert_eq!((first.row, first.column, first.entry), (3, 1, 4.0));
    assert_relative_eq!(first.best, 0.25, max_relative = 1e-6);
    assert_relative_eq!(first.on_scale, 0.25, max_relative = 1e-15);
    assert!(first.excess > 1.0 && first.cr_on_scale < 1e-15 && first.cr_best < 1e-15);
    assert!(suspects.windows(2).all(|pair| pair[0].share >= pair[1].share));
    assert_relative_eq!(suspects.iter().map(|suspect| suspect.share).sum::<f64>(), 1.0, max_relative = 1e-14);

    let repair = judgments.repair(TABLE, 0.1);
    let [change] = repair.changes[..] else { panic!("{repair:?}") };
    assert_eq!((change.row, change.column, change.from), (3, 1, 4.0));
    assert!(repair.fewest && repair.reached && repair.cr_after <= 0.1 && repair.cr_before > 0.1);
    let step_less = [4.0, 3.0, 2.0, 1.0, 0.5, 1.0 / 3.0, 0.25].iter().position(|&x| cr(&set(&rows, 3, 1, x)) <= 0.1).unwrap();
    assert_relative_eq!(change.steps, step_less as f64, max_relative = 1e-12);
    assert_eq!(change.cr, repair.cr_after);
    let repaired = judgments.repaired(&repair);
    assert_eq!(repaired.weights(Method::Eigenvector, TABLE).cr(), repair.cr_after);
    assert!(repaired.repair(TABLE, 0.1).changes.is_empty());
}

/// For three things λ = 1 + t + 1/t with t = (a12·a23/a13)^(1/3): the best value of each is what the two others imply, and CR is then 0.
#[test]
fn three_things_by_hand() {
    let suspects = Judgments::from_upper(None, &[vec![2.0, 9.0], vec![3.0]]).unwrap().suspects(TABLE);
    for suspect in suspects {
        let implied = match (suspect.row, suspect.column) {
            (0, 1) => 3.0,
            (0, 2) => 6.0,
            (1, 2) => 4.5,
            other => panic!("{other:?}"),
        };
        assert_relative_eq!(suspect.best, implied, max_relative = 1e-6);
        assert!(suspect.cr_best < 1e-13);
        assert_relative_eq!(suspect.share, 1.0 / 3.0, max_relative = 1e-12);
    }
}

#[test]
fn nothing_to_repair() {
    for judgments in [Judgments::from_upper(None, &[]), Judgments::from_upper(None, &[vec![9.0]])] {
        let judgments = judgments.unwrap();
        assert!(judgments.suspects(TABLE).is_empty());
        let repair = judgments.repair(TABLE, 0.1);
        assert!(repair.reached && repair.changes.is_empty() && repair.fewest);
    }
    let consistent = Judgments::from_upper(None, &[vec![2.0, 6.0], vec![3.0]]).unwrap();
    assert!(consistent.repair(TABLE, 0.0).reached || consistent.repair(TABLE, 1e-20).reached);
    // A limit that nothing reaches ends all the same.
    let wild = Judgments::from_upper(None, &[vec![1e300, 1e-300, 3.0], vec![1e300, 1.0], vec![2.0]]).unwrap();
    assert_eq!(wild.suspects(TABLE).len(), 6);
    assert!(!wild.repair(TABLE, -1.0).reached);
    assert!(!wild.repair(TABLE, f64::NAN).reached);
}

fn random(sizes: std::ops::RangeInclusive<usize>) -> impl Strategy<Value = Vec<Vec<f64>>> {
    sizes.prop_flat_map(|n| {
        prop::collection::vec((1_u8..=9, any::<bool>()), n * (n - 1) / 2).prop_map(move |draws| {
            let mut values = draws.into_iter().map(|(size, up)| if up { f64::from(size) } else { 1.0 / f64::from(size) });
            (0..n - 1).map(|row| values.by_ref().take(n - 1 - row).collect()).collect()
        })
    })
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(12))]
    /// 1 % off the best value CR is higher; the CR stated for each value is that of the matrix with it.
    #[test]
    fn the_best_value_is_the_best(rows in random(3..=6)) {
        for suspect in Judgments::from_upper(None, &rows).unwrap().suspects(TABLE) {
            let with = |value: f64| cr(&set(&rows, suspect.row, suspect.column, value));
            prop_assert!(with(suspect.best * 1.01) > suspect.cr_best && with(suspect.best * 0.99) > suspect.cr_best);
            prop_assert!((with(suspect.on_scale) / suspect.cr_on_scale - 1.0).abs() < 1e-9 || suspect.cr_on_scale < 1e-20);
        }
    }

    /// Against brute force: where one change suffices, no value of any judgment with fewer steps does; the CR reached is that of the matrix.
    #[test]
    fn proposals_hold_what_they_say(rows in random(4..=5)) {
        let judgments = Judgments::from_upper(None, &rows).unwrap();
        let repair = judgments.repair(TABLE, 0.1);
        prop_assert!(repair.reached);
        let changed = repair.changes.iter().fold(rows.clone(), |rows, change| set(&rows, change.row, change.column, change.to));
        prop_assert!((cr(&changed) - repair.cr_after).abs() < 1e-12 && cr(&changed) <= 0.1 + 1e-12);
        let n = judgments.n();
        let mut single = Vec::new();
        for i in 0..n {
            for j in i + 1..n {
                for k in 1..=9 {
                    for value in [f64::from(k), 1.0 / f64::from(k)] {
                        if cr(&set(&rows, i, j, value)) <= 0.1 {
                            let place = |x: f64| if x >= 1.0 { x - 1.0 } else { 1.0 - 1.0 / x };
                            single.push((place(value) - place(rows[i][j - i - 1])).abs());
                        }
                    }
                }
            }
        }
        match repair.changes.len() {
            0 => prop_assert!(cr(&rows) <= 0.1),
            1 => {
                let least = single.iter().copied().fold(f64::INFINITY, f64::min);
                prop_assert!((repair.changes[0].steps - least).abs() < 1e-9);
            }
            _ => prop_assert!(single.is_empty()),
        }
    }
}
