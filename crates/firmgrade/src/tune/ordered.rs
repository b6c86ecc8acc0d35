//! A column's rows in the order of their values, sorted once for everything that is asked of them.

use super::partition::Cell;
use super::read::{MISSING, Read};
use crate::columns::Kind;

/// Rows by value, those of equal value together; categories in the order of their rates.
pub(super) struct Ordered {
    /// Rows with a value.
    order: Vec<u32>,
    /// By different value: where its rows end in `order`, and their sums.
    groups: Vec<(usize, Cell)>,
    lost: Cell,
    lost_rows: Vec<u32>,
    /// `(Σ w)²/Σ w²` of the bad and of the good rows, missing ones too.
    sides: (f64, f64),
    /// The same of rows with a value.
    effective: f64,
    outcome: Vec<bool>,
    weight: Option<Vec<f64>>,
}

impl Ordered {
    pub(super) fn new(read: &Read, outcome: &[bool], weight: Option<&[f64]>) -> Self {
        let rows = read.len();
        let of = |row: usize| weight.map_or(1.0, |weight| weight[row]);
        let cell = |row: usize| {
            let bad = f64::from(outcome[row]);
            Cell { rows: 1.0, weight: of(row), bad: bad * of(row), bad_rows: bad }
        };
        // Rows that weigh differently are added in the order of their weights, so that the order in which they came does not matter.
        let settle = |rows: &mut [u32]| {
            if weight.is_some() {
                rows.sort_unstable_by(|a, b| {
                    let (a, b) = (*a as usize, *b as usize);
                    of(a).total_cmp(&of(b)).then(outcome[a].cmp(&outcome[b]))
                });
            }
        };
        let sum = |rows: &[u32]| rows.iter().fold(Cell::default(), |sum, row| sum.and(cell(*row as usize)));
        let mut lost: Vec<u32> = (0..rows as u32).filter(|row| read.is_missing(*row as usize)).collect();
        settle(&mut lost);
        let (mut order, mut groups): (Vec<u32>, Vec<(usize, Cell)>) = (Vec::with_capacity(rows), Vec::new());
        match read {
            Read::Number(values) => {
                let mut keyed: Vec<(f64, u32)> = values.iter().copied().zip(0_u32..).filter(|(value, _)| !value.is_nan()).collect();
                keyed.sort_unstable_by(|a, b| a.0.total_cmp(&b.0));
                for same in keyed.chunk_by(|a, b| a.0 == b.0) {
                    let start = order.len();
                    order.extend(same.iter().map(|(_, row)| *row));
                    settle(&mut order[start..]);
                    groups.push((order.len(), sum(&order[start..])));
                }
            }
            Read::Text(codes, names) => {
                let mut members: Vec<Vec<u32>> = vec![Vec::new(); names.len()];
                codes.iter().zip(0_u32..).filter(|(code, _)| **code != MISSING).for_each(|(code, row)| members[*code as usize].push(row));
                let mut sums: Vec<(Cell, usize)> = members
                    .iter_mut()
                    .enumerate()
                    .map(|(code, rows)| {
                        settle(rows);
                        (sum(rows), code)
                    })
                    .collect();
                sums.sort_by(|a, b| a.0.rate().total_cmp(&b.0.rate()).then(a.1.cmp(&b.1)));
                for (cell, code) in sums {
                    order.extend(&members[code]);
                    groups.push((order.len(), cell));
                }
            }
        }
        let effective = |keep: &dyn Fn(usize) -> bool| {
            // Sums of squares in the order of values, then of weights: a row's place among its equals does not matter.
            let all = order.iter().chain(&lost).filter(|row| keep(**row as usize));
            let (sum, squares) = all.fold((0.0, 0.0), |(sum, squares), row| {
                let weight = of(*row as usize);
                (sum + weight, squares + weight * weight)
            });
            if squares > 0.0 { sum * sum / squares } else { 0.0 }
        };
        Self {
            sides: (effective(&|row| outcome[row]), effective(&|row| !outcome[row])),
            effective: effective(&|row| !read.is_missing(row)),
            lost: sum(&lost),
            lost_rows: lost,
            order,
            groups,
            outcome: outcome.to_vec(),
            weight: weight.map(<[f64]>::to_vec),
        }
    }

    fn whole(&self) -> Cell {
        self.groups.iter().fold(Cell::default(), |sum, (_, cell)| sum.and(*cell))
    }

    /// All rows in an order that their contents decide.
    pub(super) fn rows(&self) -> impl Iterator<Item = usize> {
        self.order.iter().chain(&self.lost_rows).map(|row| *row as usize)
    }

    /// Effective numbers of bad and good rows.
    pub(super) fn sides(&self) -> (f64, f64) {
        self.sides
    }

    /// The effective number of rows with a value.
    pub(super) fn effective(&self) -> f64 {
        self.effective
    }

    pub(super) fn missing(&self) -> f64 {
        self.lost.weight / (self.lost.weight + self.whole().weight)
    }

    pub(super) fn distinct(&self) -> usize {
        self.groups.len()
    }

    /// The value with most weight, and its share of the rows with a value; of equal ones the first.
    pub(super) fn top(&self, read: &Read, kind: Kind) -> (String, f64) {
        let whole = self.whole().weight;
        let heaviest =
            (0..self.groups.len()).reduce(|best, at| if self.groups[at].1.weight > self.groups[best].1.weight { at } else { best });
        let row = heaviest.and_then(|at| self.order.get(self.groups[at].0 - 1));
        let text = row.map_or_else(String::new, |row| match read {
            Read::Number(values) if kind == Kind::Flag => (values[*row as usize] != 0.0).to_string(),
            Read::Number(values) => values[*row as usize].to_string(),
            Read::Text(codes, names) => names.get(codes[*row as usize] as usize).cloned().unwrap_or_default(),
        });
        (text, heaviest.map_or(0.0, |at| self.groups[at].1.weight / whole))
    }

    /// By row: its cell of nearly equal weight, or the last for missing; and the cells that hold rows.
    pub(super) fn cells(&self, most: usize, rows: usize) -> (Vec<u32>, Vec<Cell>) {
        let whole = self.whole().weight;
        let mut cell_of = vec![most as u32; rows];
        let mut cells = vec![Cell::default(); most + 1];
        cells[most] = self.lost;
        let (mut start, mut before) = (0, 0.0);
        // With few different values each is a cell; otherwise a value falls where its middle falls.
        let few = self.groups.len() <= most;
        for (at, (end, cell)) in self.groups.iter().enumerate() {
            let middle = ((before + cell.weight / 2.0) / whole * most as f64) as usize;
            let place = if few { at } else { middle.min(most - 1) };
            self.order[start..*end].iter().for_each(|row| cell_of[*row as usize] = place as u32);
            cells[place] = cells[place].and(*cell);
            (start, before) = (*end, before + cell.weight);
        }
        // By cell: its number among those that hold rows.
        let mut used: Vec<u32> = Vec::with_capacity(cells.len());
        cells.iter().fold(0, |next, cell| {
            used.push(next);
            next + u32::from(cell.rows > 0.0)
        });
        cells.retain(|cell| cell.rows > 0.0);
        cell_of.iter_mut().for_each(|cell| *cell = used[*cell as usize]);
        (cell_of, cells)
    }

    /// Kolmogorov and Smirnov's distance of bad and good rows with a value; 0 where one side is empty.
    pub(super) fn ks(&self) -> f64 {
        let whole = self.whole();
        if !(whole.bad > 0.0 && whole.good() > 0.0) {
            return 0.0;
        }
        let (mut bad, mut good, mut most) = (0.0, 0.0, 0.0_f64);
        for (_, cell) in &self.groups {
            (bad, good) = (bad + cell.bad, good + cell.good());
            most = most.max((bad / whole.bad - good / whole.good()).abs());
        }
        most
    }

    /// By row: its mid-rank with mean 0 and variance 1 over the rows with a value, 0 where missing or where all are alike.
    pub(super) fn ranks(&self, rows: usize) -> Vec<f64> {
        let whole = self.whole().weight;
        let mut middles = Vec::with_capacity(self.groups.len());
        let mut before = 0.0;
        for (_, cell) in &self.groups {
            middles.push(before + cell.weight / 2.0 - whole / 2.0);
            before += cell.weight;
        }
        // Mid-ranks have their mean in the middle by construction.
        let squares = middles.iter().zip(&self.groups).fold(0.0, |sum, (middle, (_, cell))| sum + cell.weight * middle * middle);
        let spread = (squares / whole).sqrt();
        let mut ranks = vec![0.0; rows];
        if self.groups.len() < 2 || !(spread > 0.0) {
            return ranks;
        }
        let mut start = 0;
        for (middle, (end, _)) in middles.iter().zip(&self.groups) {
            self.order[start..*end].iter().for_each(|row| ranks[*row as usize] = middle / spread);
            start = *end;
        }
        ranks
    }

    /// The correlation of ranks and outcome over the rows with a value; 0 where either has no differences.
    pub(super) fn trend(&self, ranks: &[f64]) -> f64 {
        let whole = self.whole();
        let rate = whole.bad / whole.weight;
        let spread = (rate * (1.0 - rate)).sqrt();
        let weight = |row: usize| self.weight.as_ref().map_or(1.0, |weight| weight[row]);
        let sum = self.order.iter().fold(0.0, |sum, row| {
            let row = *row as usize;
            sum + if self.outcome[row] { weight(row) * ranks[row] } else { 0.0 }
        });
        if spread > 0.0 { sum / whole.weight / spread } else { 0.0 }
    }
}
