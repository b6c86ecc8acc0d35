//! Cells in a row cut into groups so that a sum over groups is greatest: exact, by dynamic programming.

use serde::{Deserialize, Serialize};

/// Sums of cells in order, each from the first cell on: entry k holds the first k cells.
#[derive(Clone, Debug)]
pub(super) struct Cumulated {
    /// Rows.
    pub(super) rows: Vec<f64>,
    /// Weight of the rows.
    pub(super) weight: Vec<f64>,
    /// Weight of the bad rows.
    pub(super) bad: Vec<f64>,
    /// Bad rows.
    pub(super) bad_rows: Vec<f64>,
}

/// A cell: rows that no cut can part.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub(super) struct Cell {
    pub(super) rows: f64,
    pub(super) weight: f64,
    pub(super) bad: f64,
    pub(super) bad_rows: f64,
}

impl Cell {
    pub(super) fn rate(self) -> f64 {
        self.bad / self.weight
    }

    pub(super) fn good(self) -> f64 {
        self.weight - self.bad
    }

    pub(super) fn and(self, other: Self) -> Self {
        Self {
            rows: self.rows + other.rows,
            weight: self.weight + other.weight,
            bad: self.bad + other.bad,
            bad_rows: self.bad_rows + other.bad_rows,
        }
    }
}

impl Cumulated {
    pub(super) fn of(cells: &[Cell]) -> Self {
        let run = |of: fn(&Cell) -> f64| {
            let mut sum = 0.0;
            let ends = cells.iter().map(|cell| {
                sum += of(cell);
                sum
            });
            std::iter::once(0.0).chain(ends).collect()
        };
        Self { rows: run(|c| c.rows), weight: run(|c| c.weight), bad: run(|c| c.bad), bad_rows: run(|c| c.bad_rows) }
    }

    pub(super) fn len(&self) -> usize {
        self.rows.len() - 1
    }

    /// The cells from `start` to before `end` as one.
    pub(super) fn between(&self, start: usize, end: usize) -> Cell {
        let part = |sums: &[f64]| sums[end] - sums[start];
        Cell { rows: part(&self.rows), weight: part(&self.weight), bad: part(&self.bad), bad_rows: part(&self.bad_rows) }
    }
}

/// How the rate of bad rows goes from group to group.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Trend {
    /// Up or down, whichever separates more.
    #[default]
    Monotone,
    /// Up with the value.
    Rising,
    /// Down with the value.
    Falling,
    /// Any way.
    Free,
}

/// A cut of cells into groups.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Partition {
    /// By group: the cell after its last.
    pub(super) ends: Vec<usize>,
    pub(super) value: f64,
    pub(super) rising: Option<bool>,
}

/// The best partition into `groups.0` to `groups.1` groups of which each is allowed, rates strictly monotone where the trend says so; of equal
/// ones the one with fewer groups, then rising before falling. `None` where there is none.
pub(super) fn partition(
    cells: &Cumulated,
    groups: (usize, usize),
    trend: Trend,
    value: &dyn Fn(Cell) -> f64,
    allowed: &dyn Fn(Cell) -> bool,
) -> Option<Partition> {
    let directions: &[Option<bool>] = match trend {
        Trend::Monotone => &[Some(true), Some(false)],
        Trend::Rising => &[Some(true)],
        Trend::Falling => &[Some(false)],
        Trend::Free => &[None],
    };
    let found = directions.iter().filter_map(|rising| one_way(cells, groups, *rising, value, allowed));
    found.reduce(|best, next| {
        let better = next.value > best.value + TINY || (next.value > best.value - TINY && next.ends.len() < best.ends.len());
        if better { next } else { best }
    })
}

/// Sums of the same groups in another order may differ by this.
const TINY: f64 = 1e-12;

/// A segment's best sum with what stands before it, and where the segment before it begins.
#[derive(Clone, Copy)]
struct Best {
    sum: f64,
    before: usize,
}

const NONE: Best = Best { sum: f64::NEG_INFINITY, before: 0 };

fn one_way(
    cells: &Cumulated,
    groups: (usize, usize),
    rising: Option<bool>,
    value: &dyn Fn(Cell) -> f64,
    allowed: &dyn Fn(Cell) -> bool,
) -> Option<Partition> {
    let size = cells.len();
    // Segment (i, j) with i < j stands at j(j − 1)/2 + i: those that end at j side by side.
    let place = |start: usize, end: usize| end * (end - 1) / 2 + start;
    let (mut worth, mut rates) = (vec![f64::NEG_INFINITY; size * (size + 1) / 2], vec![0.0; size * (size + 1) / 2]);
    for end in 1..=size {
        for start in 0..end {
            let cell = cells.between(start, end);
            let sign = if rising == Some(false) { -1.0 } else { 1.0 };
            rates[place(start, end)] = sign * cell.rate();
            if allowed(cell) {
                worth[place(start, end)] = value(cell);
            }
        }
    }
    let mut levels: Vec<Vec<Best>> = Vec::new();
    let first = (1..=size).flat_map(|end| (0..end).map(move |start| (start, end)));
    levels.push(first.map(|(start, end)| if start == 0 { Best { sum: worth[place(0, end)], before: 0 } } else { NONE }).collect());
    while levels.len() < groups.1 {
        let Some(last) = levels.last() else { break };
        let mut next = vec![NONE; worth.len()];
        for middle in 1..size {
            // What ends here, by rate; the best sum up to each rate, and where its segment begins.
            let mut ending: Vec<(f64, f64, usize)> =
                (0..middle).map(|start| (rates[place(start, middle)], last[place(start, middle)].sum, start)).collect();
            ending.retain(|(_, sum, _)| *sum > f64::NEG_INFINITY);
            if ending.is_empty() {
                continue;
            }
            if rising.is_some() {
                ending.sort_by(|a, b| a.0.total_cmp(&b.0).then(a.2.cmp(&b.2)));
            }
            let mut best = ending[0];
            for entry in &mut ending {
                if entry.1 > best.1 {
                    best = *entry;
                }
                (entry.1, entry.2) = (best.1, best.2);
            }
            for end in middle + 1..=size {
                let at = place(middle, end);
                if worth[at] == f64::NEG_INFINITY {
                    continue;
                }
                let below = if rising.is_some() { ending.partition_point(|entry| entry.0 < rates[at]) } else { ending.len() };
                if let Some((_, sum, before)) = below.checked_sub(1).and_then(|last| ending.get(last)) {
                    next[at] = Best { sum: worth[at] + sum, before: *before };
                }
            }
        }
        levels.push(next);
    }
    let mut found: Option<(f64, usize, usize)> = None;
    for (level, best) in levels.iter().enumerate().skip(groups.0.max(1) - 1) {
        for start in 0..size {
            let sum = best[place(start, size)].sum;
            if sum > found.map_or(f64::NEG_INFINITY, |(sum, _, _)| sum + TINY) {
                found = Some((sum, level, start));
            }
        }
    }
    let (value, level, mut start) = found?;
    let (mut ends, mut end) = (vec![size], size);
    for level in (1..=level).rev() {
        let before = levels[level][place(start, end)].before;
        ends.push(start);
        (start, end) = (before, start);
    }
    ends.reverse();
    Some(Partition { ends, value, rising })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ahp::SplitMix64;

    /// Every partition of up to 9 cells tried one by one.
    #[test]
    fn as_good_as_every_partition_tried() {
        let mut random = SplitMix64::new(3);
        let mut none = 0;
        for round in 0..300 {
            let size = 2 + random.below(8) as usize;
            let cells: Vec<Cell> = (0..size)
                .map(|_| {
                    let rows = 1.0 + random.below(20) as f64;
                    let bad = random.below(rows as u64 + 1) as f64;
                    Cell { rows, weight: rows, bad, bad_rows: bad }
                })
                .collect();
            let cumulated = Cumulated::of(&cells);
            let all = cumulated.between(0, size);
            let value = |cell: Cell| {
                let (bad, good) = (cell.bad / all.bad, cell.good() / all.good());
                (bad - good) * (bad / good).ln()
            };
            let least = random.below(15) as f64;
            let allowed = |cell: Cell| cell.rows >= least && cell.bad > 0.0 && cell.good() > 0.0;
            let (fewest, most) = (1 + random.below(2) as usize, 2 + random.below(4) as usize);
            for trend in [Trend::Monotone, Trend::Rising, Trend::Falling, Trend::Free] {
                let mut best = f64::NEG_INFINITY;
                for mask in 0_u32..1 << (size - 1) {
                    let mut ends: Vec<usize> = (1..size).filter(|cut| mask >> (cut - 1) & 1 == 1).collect();
                    ends.push(size);
                    if ends.len() < fewest || ends.len() > most {
                        continue;
                    }
                    let mut start = 0;
                    let groups: Vec<Cell> = ends
                        .iter()
                        .map(|end| {
                            let cell = cumulated.between(start, *end);
                            start = *end;
                            cell
                        })
                        .collect();
                    let up = groups.windows(2).all(|pair| pair[0].rate() < pair[1].rate());
                    let down = groups.windows(2).all(|pair| pair[0].rate() > pair[1].rate());
                    let fits = match trend {
                        Trend::Monotone => up || down,
                        Trend::Rising => up,
                        Trend::Falling => down,
                        Trend::Free => true,
                    };
                    if fits && groups.iter().all(|cell| allowed(*cell)) {
                        best = best.max(groups.iter().map(|cell| value(*cell)).sum());
                    }
                }
                let found = partition(&cumulated, (fewest, most), trend, &value, &allowed);
                none += u32::from(found.is_none());
                let value = found.map_or(f64::NEG_INFINITY, |found| found.value);
                assert!(value == best || (value - best).abs() < 1e-9, "round {round}, {trend:?}: {value} {best}");
            }
        }
        assert!(none > 0 && none < 900, "{none} of 1200 had no partition");
    }
}
