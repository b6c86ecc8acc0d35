//! Rows in groups by predicted probability, for tables and tests of calibration.

use super::order::Order;
use serde::{Deserialize, Serialize};

/// How rows are put into groups of about equal size where several have the same value. Tests on groups depend on it: the same data give
/// other statistics under another rule, so the rule is part of the result.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Ties {
    /// Rows with the same value stay together: groups end at the quantiles `1/g, 2/g, …`, interpolated between values as in R (type 7) and
    /// closed on the right; quantiles that coincide make fewer groups. R's `hoslem.test`, pandas' `qcut`.
    #[default]
    Together,
    /// Rows with the same value stay together: a group takes the next value while it stays below `⌊n/g + ½⌋` rows and at least half of
    /// that value's rows still fit; a last group of less than half the target joins the one before. SAS.
    Blocks,
    /// Equal counts, the first groups one more: rows with the same value are split in the order in which they stand.
    Split,
}

/// The rows of each group, lowest values first.
pub(crate) fn groups(values: &[f64], count: usize, ties: Ties) -> Vec<Vec<usize>> {
    let order = Order::ascending(values);
    let rows: Vec<usize> = order.rows().collect();
    let sorted: Vec<f64> = rows.iter().map(|&row| values.get(row).copied().unwrap_or(f64::NAN)).collect();
    let ends = match ties {
        Ties::Together => quantile_edges(&sorted, count).iter().map(|edge| sorted.partition_point(|value| value <= edge)).collect(),
        Ties::Blocks => blocks(&order, count),
        Ties::Split => (1..=count).map(|group| group * (rows.len() / count) + group.min(rows.len() % count)).collect::<Vec<usize>>(),
    };
    let mut groups = Vec::with_capacity(count);
    let mut start = 0;
    for end in ends {
        if let Some(group) = rows.get(start..end).filter(|group| !group.is_empty()) {
            groups.push(group.to_vec());
            start = end;
        }
    }
    groups
}

/// The quantiles `1/g … g/g` of sorted values, interpolated linearly between them (type 7 of Hyndman & Fan 1996), each once.
pub(crate) fn quantile_edges(sorted: &[f64], count: usize) -> Vec<f64> {
    let at = |place: usize| sorted.get(place.min(sorted.len().saturating_sub(1))).copied().unwrap_or(f64::NAN);
    let mut edges: Vec<f64> = (1..=count)
        .map(|group| {
            let place = (sorted.len().saturating_sub(1) * group) as f64 / count as f64;
            let (below, part) = (at(place as usize), place.fract());
            if part > 0.0 { below + part * (at(place as usize + 1) - below) } else { below }
        })
        .collect();
    edges.dedup();
    edges
}

fn blocks(order: &Order, count: usize) -> Vec<usize> {
    let sizes: Vec<usize> = order.ties().map(Iterator::count).collect();
    let rows: usize = sizes.iter().sum();
    let target = (rows as f64 / count as f64 + 0.5) as usize;
    let (mut ends, mut end, mut start) = (Vec::new(), 0, 0);
    for size in sizes {
        let filled = end - start;
        let fits = filled < target && filled + size / 2 <= target;
        if filled > 0 && ends.len() + 1 < count && !fits {
            ends.push(end);
            start = end;
        }
        end += size;
    }
    // A last group below half of the target ends with the one before.
    if 2 * (end - start) < target {
        ends.pop();
    }
    ends.push(end);
    ends
}

#[cfg(test)]
mod tests {
    use super::*;

    fn sizes(values: &[f64], count: usize, ties: Ties) -> Vec<usize> {
        groups(values, count, ties).iter().map(Vec::len).collect()
    }

    /// Quartiles of 1 … 10 (R, type 7) are 3.25, 5.5, 7.75: groups of 3, 2, 2, 3. Equal counts are 3, 3, 2, 2; blocks aim at 3.
    #[test]
    fn ten_values_in_four_groups() {
        let values: Vec<f64> = (1..=10).map(f64::from).collect();
        assert_eq!(sizes(&values, 4, Ties::Together), [3, 2, 2, 3]);
        assert_eq!(sizes(&values, 4, Ties::Split), [3, 3, 2, 2]);
        assert_eq!(sizes(&values, 4, Ties::Blocks), [3, 3, 4]);
    }

    #[test]
    fn ties_by_each_rule() {
        let values = [0.1, 0.1, 0.1, 0.1, 0.1, 0.2, 0.3, 0.4];
        assert_eq!(sizes(&values, 4, Ties::Together), [5, 1, 2]);
        assert_eq!(sizes(&values, 4, Ties::Split), [2, 2, 2, 2]);
        assert_eq!(sizes(&values, 4, Ties::Blocks), [5, 2, 1]);
        assert_eq!(sizes(&[0.5; 7], 3, Ties::Together), [7]);
        assert_eq!(sizes(&[0.2, 0.1], 5, Ties::Split), [1, 1]);
        assert_eq!(groups(&[0.2, 0.1], 2, Ties::Together), [[1], [0]]);
    }
}
