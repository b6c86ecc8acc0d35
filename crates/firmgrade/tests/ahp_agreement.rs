//! Agreement of experts, by hand.

#![expect(clippy::unwrap_used, reason = "a test may stop")]

use approx::{assert_abs_diff_eq, assert_relative_eq};
use firmgrade::ahp::{
    Judgments, Mean, Method, RandomIndex, Weights, camps, consensus, disputes, kendalls_w, leave_one_out, leave_one_out_judgments,
};

fn expert(rows: &[&[f64]]) -> Judgments {
    Judgments::from_upper(None, &rows.iter().map(|row| row.to_vec()).collect::<Vec<_>>()).unwrap()
}

/// Consistent judgments with these weights.
fn with_weights(w: &[f64]) -> Judgments {
    let rows: Vec<Vec<f64>> = (0..w.len() - 1).map(|i| w[i + 1..].iter().map(|other| w[i] / other).collect()).collect();
    Judgments::from_upper(None, &rows).unwrap()
}

fn weigh(experts: &[Judgments]) -> Vec<Weights> {
    experts.iter().map(|one| one.weights(Method::Eigenvector, RandomIndex::Exact)).collect()
}

/// Its two ends: all the same is 1; n experts each stressing another thing nine times are 0. Two of three things: 0 by the formula of
/// 2013, whose H_γmax is that very group. A weight of thousands is beyond the scale and still 0.
#[test]
fn consensus_at_its_ends() {
    let one = with_weights(&[5.0, 3.0, 2.0]);
    let same = consensus(&weigh(&[one.clone(), one.clone()])).unwrap();
    assert_relative_eq!(same.s_star, 1.0, max_relative = 1e-14);
    assert_relative_eq!(same.s_star_2013, 1.0, max_relative = 1e-14);
    let stress = |at: usize| with_weights(&(0..3).map(|i| if i == at { 9.0 } else { 1.0 }).collect::<Vec<_>>());
    let all = consensus(&weigh(&[stress(0), stress(1), stress(2)])).unwrap();
    assert_abs_diff_eq!(all.s_star, 0.0, epsilon = 1e-14);
    assert_abs_diff_eq!(all.s_star_2013, 0.0, epsilon = 1e-14);
    let two = consensus(&weigh(&[stress(0), stress(1)])).unwrap();
    assert_abs_diff_eq!(two.s_star_2013, 0.0, epsilon = 1e-14);
    assert!(two.s_star > 0.05);
    let beyond = consensus(&weigh(&[with_weights(&[1e9, 1.0]), with_weights(&[1.0, 1e9])])).unwrap();
    assert!(beyond.s_star <= 0.0);
    let single = consensus(&weigh(&[with_weights(&[1.0])])).unwrap();
    assert_relative_eq!(single.s_star, 1.0);
    assert_eq!(consensus(&[]).unwrap_err().len(), 1);
}

/// By hand, two experts 3 : 1 and 1 : 1. H_α = (.562335 + .693147)/2, H_γ of (5/8, 3/8) = .661563, so 1/exp H_β = exp(−.033822) = .966744;
/// H_αmin of (.9, .1) = .325083, exp(.325083)/2 = .692073. S* = (.966744 − .692073)/.307927 = .892000.
#[test]
fn consensus_by_hand() {
    let found = consensus(&weigh(&[with_weights(&[3.0, 1.0]), with_weights(&[1.0, 1.0])])).unwrap();
    assert_abs_diff_eq!(found.s_star, 0.892_000, epsilon = 2e-5);
    assert_relative_eq!(found.s_star, found.s_star_2013, max_relative = 1e-14);
}

/// By hand. Ranks 1 2 3 and 1 3 2: sums 2 5 5, mean 4, S = 4 + 1 + 1 = 6, W = 12·6/(4·24) = .75. Opposite ranks of two: 0. With a tie,
/// 1 2.5 2.5 and 1 2 3: sums 2 4.5 5.5, S = 4 + .25 + 2.25 = 6.5, W = 78/(96 − 2·6) = .928571.
#[test]
fn concordance_by_hand() {
    let w = |a: &[f64], b: &[f64]| kendalls_w(&weigh(&[with_weights(a), with_weights(b)])).unwrap();
    assert_relative_eq!(w(&[5.0, 3.0, 2.0], &[5.0, 2.0, 3.0]).unwrap(), 0.75, max_relative = 1e-15);
    assert_abs_diff_eq!(w(&[5.0, 3.0, 2.0], &[2.0, 3.0, 5.0]).unwrap(), 0.0, epsilon = 1e-15);
    assert_relative_eq!(w(&[5.0, 2.0, 2.0], &[5.0, 3.0, 2.0]).unwrap(), 78.0 / 84.0, max_relative = 1e-15);
    assert_relative_eq!(w(&[5.0, 3.0, 2.0], &[7.0, 3.0, 1.0]).unwrap(), 1.0, max_relative = 1e-15);
    assert_eq!(w(&[1.0, 1.0], &[1.0, 1.0]), None);
    assert_eq!(w(&[1.0], &[1.0]), None);
}

/// By hand: 2 and 8 have ln 4 ± ln 2, spread 2; 3 and 1/3 have 0 ± ln 3, spread 3; 4 and 4 none.
#[test]
fn disputes_by_hand() {
    let found = disputes(&[expert(&[&[2.0, 3.0], &[4.0]]), expert(&[&[8.0, 1.0 / 3.0], &[4.0]])]).unwrap();
    let pairs: Vec<(usize, usize)> = found.iter().map(|one| (one.row, one.column)).collect();
    assert_eq!(pairs, [(0, 2), (0, 1), (1, 2)]);
    for (one, (mean, spread)) in found.iter().zip([(1.0, 3.0), (4.0, 2.0), (4.0, 1.0)]) {
        assert_relative_eq!(one.mean, mean, max_relative = 1e-14);
        assert_relative_eq!(one.spread, spread, max_relative = 1e-14);
    }
    assert_eq!((found[0].sides, found[1].sides), ([1, 0, 1], [2, 0, 0]));
    assert_eq!((found[1].low, found[1].high), (2.0, 8.0));
}

/// By hand: (2/3, 1/3), (2/3, 1/3), (1/6, 5/6) have the mean (1/2, 1/2); without the third (2/3, 1/3).
#[test]
fn one_expert_less() {
    let experts = weigh(&[with_weights(&[2.0, 1.0]), with_weights(&[2.0, 1.0]), with_weights(&[1.0, 5.0])]);
    let found = leave_one_out(&experts, None, Mean::Arithmetic).unwrap();
    assert_eq!(found.len(), 3);
    assert_relative_eq!(found[2].values[0], 2.0 / 3.0, max_relative = 1e-15);
    assert_relative_eq!(found[2].largest_change, 1.0 / 6.0, max_relative = 1e-13);
    let loud = leave_one_out(&experts, Some(&[1.0, 0.0, 3.0]), Mean::Geometric).unwrap();
    assert!(loud[2].order_changes && !loud[1].order_changes && loud[1].largest_change <= 0.0);
    assert!(leave_one_out(&experts[..1], None, Mean::Geometric).unwrap().is_empty());
}

/// For geometric means the two ways to aggregate are one; for the eigenvector without the second of two experts only the first is left.
#[test]
fn one_expert_less_by_judgments() {
    let experts = [expert(&[&[2.0, 3.0], &[4.0]]), expert(&[&[8.0, 1.0 / 3.0], &[0.5]]), expert(&[&[1.0, 5.0], &[2.0]])];
    let voices = [1.0, 2.0, 4.0];
    let weights: Vec<Weights> = experts.iter().map(|one| one.weights(Method::GeometricMean, RandomIndex::Exact)).collect();
    let by_weights = leave_one_out(&weights, Some(&voices), Mean::Geometric).unwrap();
    let by_judgments = leave_one_out_judgments(&experts, Some(&voices), Method::GeometricMean).unwrap();
    for (a, b) in by_weights.iter().zip(&by_judgments) {
        assert_eq!((a.expert, a.order_changes), (b.expert, b.order_changes));
        a.values.iter().zip(&b.values).for_each(|(a, b)| assert_relative_eq!(a, b, max_relative = 1e-14));
    }
    let two = leave_one_out_judgments(&experts[..2], None, Method::Eigenvector).unwrap();
    assert_eq!(two[1].values, experts[0].weights(Method::Eigenvector, RandomIndex::Exact).values());
}

/// Two camps of three and two who say the opposite; five who say nearly the same are none.
#[test]
fn camps_are_found_only_where_they_are() {
    let (for_a, for_b) = ([&[5.0, 3.0][..], &[0.5]], [&[0.2, 1.0 / 3.0][..], &[2.0]]);
    let near = |rows: &[&[f64]; 2], by: f64| expert(&[&[rows[0][0] * by, rows[0][1]], &[rows[1][0]]]);
    let group = [near(&for_a, 1.0), near(&for_b, 1.0), near(&for_a, 1.1), near(&for_b, 1.2), near(&for_a, 0.9)];
    let found = camps(&group).unwrap().unwrap();
    assert_eq!(found.members, [vec![0, 2, 4], vec![1, 3]]);
    assert!(found.silhouette > 0.9);
    let even: Vec<Judgments> = [1.0, 1.1, 1.2, 1.3, 1.4].iter().map(|&by| near(&for_a, by)).collect();
    assert!(camps(&even).unwrap().is_none());
    let same = vec![near(&for_a, 1.0); 6];
    assert!(camps(&same).unwrap().is_none() && camps(&group[..3]).unwrap().is_none());
}
