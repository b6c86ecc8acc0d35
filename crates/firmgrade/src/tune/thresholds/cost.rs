//! Cut points with the least cost.

use crate::tune::partition::Cell;

/// The cuts with the least cost; grades may be empty. Of equal costs, more firms get better grades.
pub(super) fn cheapest(cells: &[Cell], costs: &[[f64; 2]]) -> Vec<usize> {
    // After level k: the least cost with the level in each grade, and the grade of the level before.
    let count = costs.len();
    let mut least = vec![0.0_f64; count];
    let mut from: Vec<usize> = Vec::with_capacity(cells.len() * count);
    for cell in cells {
        let mut best = (f64::INFINITY, 0);
        let next: Vec<f64> = costs
            .iter()
            .enumerate()
            .map(|(grade, cost)| {
                let before = least[grade];
                if before < best.0 || (grade > 0 && before == best.0) {
                    best = (before, grade);
                }
                from.push(best.1);
                best.0 + cost[0] * cell.good() + cost[1] * cell.bad
            })
            .collect();
        least = next;
    }
    let mut grade = (0..count).min_by(|a, b| least[*a].total_cmp(&least[*b]).then(a.cmp(b))).unwrap_or(0);
    let mut of = vec![0; cells.len()];
    for level in (0..cells.len()).rev() {
        of[level] = grade;
        grade = from[level * count + grade];
    }
    (1..count).map(|grade| of.partition_point(|found| *found < grade)).collect()
}
