//! Firms by risk, those of equal risk together: what cut points can part.

use super::design::canonical;
use super::partition::{Cell, Cumulated};
use crate::ahp::SplitMix64;

/// Different risks, ascending.
#[derive(Clone, Debug)]
pub(super) struct Levels {
    pub(super) risk: Vec<f64>,
    pub(super) cells: Vec<Cell>,
    /// By row in canonical order: its level, weight and outcome.
    rows: Vec<(usize, f64, bool)>,
}

impl Levels {
    pub(super) fn new(risk: &[f64], outcome: Option<&[bool]>, weight: Option<&[f64]>) -> Self {
        let bad = |row: usize| outcome.is_some_and(|outcome| outcome[row]);
        let weight = |row: usize| weight.map_or(1.0, |weight| weight[row]);
        let order =
            canonical(risk.len(), |a, b| risk[a].total_cmp(&risk[b]).then(bad(a).cmp(&bad(b))).then(weight(a).total_cmp(&weight(b))));
        let mut levels = Self { risk: Vec::new(), cells: Vec::new(), rows: Vec::with_capacity(risk.len()) };
        for row in order {
            // 0 and −0 are one risk.
            if levels.risk.last() != Some(&risk[row]) {
                levels.risk.push(risk[row]);
                levels.cells.push(Cell::default());
            }
            levels.rows.push((levels.risk.len() - 1, weight(row), bad(row)));
        }
        levels.cells = levels.summed(levels.rows.iter().copied());
        levels
    }

    fn summed(&self, rows: impl Iterator<Item = (usize, f64, bool)>) -> Vec<Cell> {
        let mut cells = vec![Cell::default(); self.risk.len()];
        for (level, weight, bad) in rows {
            let bad = f64::from(bad);
            cells[level] = cells[level].and(Cell { rows: 1.0, weight, bad: bad * weight, bad_rows: bad });
        }
        cells
    }

    /// As many rows drawn with replacement.
    pub(super) fn again(&self, random: &mut SplitMix64) -> Vec<Cell> {
        let mut times = vec![0_u32; self.rows.len()];
        (0..self.rows.len()).for_each(|_| times[random.below(self.rows.len() as u64) as usize] += 1);
        let mut cells = vec![Cell::default(); self.risk.len()];
        for ((level, weight, bad), times) in self.rows.iter().zip(times).filter(|(_, times)| *times > 0) {
            let (times, bad) = (f64::from(times), f64::from(*bad));
            let weight = times * weight;
            cells[*level] = cells[*level].and(Cell { rows: times, weight, bad: bad * weight, bad_rows: bad * times });
        }
        cells
    }

    /// Neighbours joined into at most `most` cells of nearly equal weight: by joined cell, the level after its last.
    pub(super) fn joined(&self, most: usize) -> Vec<usize> {
        if self.risk.len() <= most {
            return (1..=self.risk.len()).collect();
        }
        let sums = Cumulated::of(&self.cells);
        let whole = sums.weight.last().copied().unwrap_or(0.0);
        let mut ends: Vec<usize> = (1..=most)
            .map(|at| sums.weight.partition_point(|sum| *sum < whole * at as f64 / most as f64).clamp(1, self.risk.len()))
            .collect();
        ends.dedup();
        if let Some(last) = ends.last_mut() {
            *last = self.risk.len();
        }
        ends
    }
}
