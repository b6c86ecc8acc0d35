//! Which judgments contradict the others, what they would have to be, and the fewest changes that make the whole consistent enough.

use rayon::prelude::*;
use serde::Serialize;

use super::judgments::Judgments;
use super::perron::Perron;
use super::priority::{Method, Workspace, consistency_index, finite};
use super::random_index::RandomIndex;

/// The 17 values of Saaty's scale, rising.
pub(super) const SCALE: [f64; 17] =
    [1.0 / 9.0, 1.0 / 8.0, 1.0 / 7.0, 1.0 / 6.0, 1.0 / 5.0, 1.0 / 4.0, 1.0 / 3.0, 1.0 / 2.0, 1.0, 2.0, 3.0, 4.0, 5.0, 6.0, 7.0, 8.0, 9.0];

/// One judgment beside the others. For each pair the direction is that in which the entry is ≥ 1.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
pub struct Suspect {
    /// Row of the entry ≥ 1, from 0.
    pub row: usize,
    /// Column, from 0.
    pub column: usize,
    /// The judgment.
    pub entry: f64,
    /// `e = a_ij·w_j/w_i` by eigenvector: how many times what the other judgments say; below 1 the judgment is too weak.
    pub excess: f64,
    /// Its part of CI, `(e − 1)²/e / Σ (e − 1)²/e`, in [0, 1]; 0 where all agree.
    pub share: f64,
    /// The value that makes λmax smallest while the others stay. May lie beyond the scale and beyond 1.
    pub best: f64,
    /// CR with `best` in its place.
    pub cr_best: f64,
    /// The value of the 1–9 scale next to `best`, by ratio; of two as near the one nearer to 1.
    pub on_scale: f64,
    /// CR with `on_scale` in its place.
    pub cr_on_scale: f64,
}

/// A judgment to be changed.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
pub struct Change {
    /// Row of the entry that was ≥ 1, from 0.
    pub row: usize,
    /// Column, from 0.
    pub column: usize,
    /// The judgment now.
    pub from: f64,
    /// The value of the scale proposed for it.
    pub to: f64,
    /// How many steps of the scale lie between; a fraction where `from` lies between two values.
    pub steps: f64,
    /// CR after this change and those before it.
    pub cr: f64,
}

/// A proposal, to be shown and never applied in silence.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Repair {
    /// CR as it is.
    pub cr_before: f64,
    /// CR after all changes.
    pub cr_after: f64,
    /// The limit that was asked for.
    pub limit: f64,
    /// `cr_after ≤ limit`
    pub reached: bool,
    /// What to change, the most important first; none where nothing needs to be, or nothing helps.
    pub changes: Vec<Change>,
    /// Whether fewer changes were shown to be impossible, by trying all of them; else the number is that of a greedy search.
    pub fewest: bool,
}

/// CR of changed matrices.
struct Bench {
    n: usize,
    ri: f64,
    matrix: Vec<f64>,
    workspace: Workspace,
}

impl Bench {
    fn new(judgments: &Judgments, random_index: RandomIndex) -> Self {
        let n = judgments.n();
        Self { n, ri: random_index.value(n), matrix: judgments.matrix().to_vec(), workspace: Workspace::new(n) }
    }

    fn set(&mut self, (row, column): (usize, usize), value: f64) {
        let (high, at, back) =
            if value >= 1.0 { (value, (row, column), (column, row)) } else { (1.0 / value, (column, row), (row, column)) };
        let high = high.min(Judgments::MAX_ENTRY);
        self.matrix[at.0 * self.n + at.1] = high;
        self.matrix[back.0 * self.n + back.1] = 1.0 / high;
    }

    fn cr(&mut self) -> f64 {
        self.workspace.prioritise(&self.matrix, Method::Eigenvector);
        if self.ri > 0.0 { finite(consistency_index(&self.matrix, self.n, &self.workspace.vector) / self.ri) } else { 0.0 }
    }

    fn cr_with(&mut self, pair: (usize, usize), value: f64) -> f64 {
        let before = self.matrix[pair.0 * self.n + pair.1];
        self.set(pair, value);
        let cr = self.cr();
        self.set(pair, before);
        cr
    }
}

impl Judgments {
    /// Every judgment, the most inconsistent first (by [`Suspect::share`], then by row and column); empty for n ≤ 2.
    ///
    /// [`Suspect::best`] is where `dλ/d ln a_ij = e_ij·y_i − e_ji·y_j` changes its sign; λ is convex in ln a_ij, so there is one such
    /// value. Ratios as the measure: Saaty, *Decision-making with the AHP: why is the principal eigenvector necessary*, EJOR 145,
    /// 2003, 85–91; the derivative: Harker 1987.
    pub fn suspects(&self, random_index: RandomIndex) -> Vec<Suspect> {
        let n = self.n();
        if n <= 2 {
            return Vec::new();
        }
        let perron = Perron::new(self.matrix(), n);
        let part = |i: usize, j: usize| {
            let e = perron.e[i * n + j];
            finite((e - 1.0) * ((e - 1.0) / e))
        };
        let pairs = self.pairs();
        let total: f64 = pairs.iter().map(|&(i, j)| part(i, j) / n as f64).sum();
        let mut suspects: Vec<Suspect> = pairs
            .into_par_iter()
            .map(|(row, column)| {
                let mut bench = Bench::new(self, random_index);
                let best = self.best(row, column, &perron);
                let on_scale = nearest_on_scale(best);
                Suspect {
                    row,
                    column,
                    entry: self.matrix()[row * n + column],
                    excess: perron.e[row * n + column],
                    share: if total > 0.0 { part(row, column) / n as f64 / total } else { 0.0 },
                    best,
                    cr_best: bench.cr_with((row, column), best),
                    on_scale,
                    cr_on_scale: bench.cr_with((row, column), on_scale),
                }
            })
            .collect();
        suspects.sort_by(|a, b| b.share.total_cmp(&a.share).then((a.row, a.column).cmp(&(b.row, b.column))));
        suspects
    }

    /// The fewest judgments, and of those the smallest steps on the 1–9 scale, with which CR ≤ `limit`.
    ///
    /// One change and, up to n = 9, two are tried in every combination; of several with as few steps the one with the lowest CR. Where two do
    /// not suffice, the change that lowers CR most is made until the limit is reached, then each is taken back as far as the limit allows.
    pub fn repair(&self, random_index: RandomIndex, limit: f64) -> Repair {
        const TWO_EXACT: usize = 9;
        let cr_before = Bench::new(self, random_index).cr();
        let mut repair = Repair { cr_before, cr_after: cr_before, limit, reached: cr_before <= limit, changes: Vec::new(), fewest: true };
        if repair.reached || self.n() <= 2 {
            return repair;
        }
        let pairs = self.pairs();
        let one = pairs.par_iter().filter_map(|&pair| self.plan(&[pair], random_index, limit)).collect::<Vec<_>>();
        let mut found = least(one);
        if found.is_none() && self.n() <= TWO_EXACT {
            let twos: Vec<[(usize, usize); 2]> =
                pairs.iter().enumerate().flat_map(|(at, &a)| pairs[at + 1..].iter().map(move |&b| [a, b])).collect();
            found = least(twos.par_iter().filter_map(|two| self.plan(two, random_index, limit)).collect());
        }
        // Greedy changes are the fewest only where one less was tried in every combination.
        let tried = if self.n() <= TWO_EXACT { 2 } else { 1 };
        let plan = found.unwrap_or_else(|| self.greedy(random_index, limit));
        repair.fewest = plan.cr <= limit && plan.values.len() <= tried + 1;
        repair.cr_after = plan.cr;
        repair.reached = plan.cr <= limit;
        let mut bench = Bench::new(self, random_index);
        repair.changes = plan
            .values
            .iter()
            .map(|&((row, column), to)| {
                let from = self.matrix()[row * self.n() + column];
                bench.set((row, column), to);
                Change { row, column, from, to, steps: (position(to) - position(from)).abs(), cr: bench.cr() }
            })
            .collect();
        repair
    }

    /// The judgments after the changes of a proposal.
    #[must_use]
    pub fn repaired(&self, repair: &Repair) -> Self {
        repair.changes.iter().fold(self.clone(), |judgments, change| judgments.with(change.row, change.column, change.to))
    }

    /// Each pair once, in the direction in which its entry is ≥ 1.
    fn pairs(&self) -> Vec<(usize, usize)> {
        let n = self.n();
        let upper = (0..n).flat_map(|i| (i + 1..n).map(move |j| (i, j)));
        upper.map(|(i, j)| if self.matrix()[i * n + j] >= 1.0 { (i, j) } else { (j, i) }).collect()
    }

    /// The value of one judgment at which λ is least: `ln a` where the slope is 0, by Newton's method kept between bounds.
    fn best(&self, row: usize, column: usize, start: &Perron) -> f64 {
        const STEPS: usize = 100;
        let n = self.n();
        let mut matrix = self.matrix().to_vec();
        // At the best value e_ij/e_ji = y_j/y_i; with w and y as they are, that is a first guess and nearly the answer for large n.
        let guess = |perron: &Perron| 0.5 * (perron.slope_ratio(row, column)).ln();
        let end = Judgments::MAX_ENTRY.ln();
        let mut t = matrix[row * n + column].ln();
        let (mut low, mut high) = (-end, end);
        let mut move_by = -guess(start);
        let mut slope = start.slope(row, column);
        for _ in 0..STEPS {
            if slope > 0.0 {
                high = high.min(t);
            } else {
                low = low.max(t);
            }
            let next = if low < t + move_by && t + move_by < high { t + move_by } else { 0.5 * (low + high) };
            let done = (next - t).abs() <= 1e-13 * t.abs().max(1.0);
            let (from, slope_from) = (t, slope);
            t = next;
            let value = t.abs().exp();
            let (at, back) = if t >= 0.0 { ((row, column), (column, row)) } else { ((column, row), (row, column)) };
            matrix[at.0 * n + at.1] = value.min(Judgments::MAX_ENTRY);
            matrix[back.0 * n + back.1] = 1.0 / value.min(Judgments::MAX_ENTRY);
            if done {
                break;
            }
            let here = Perron::new(&matrix, n);
            slope = here.slope(row, column);
            // The chord once it is short, the guess before.
            let chord = -slope * (t - from) / (slope - slope_from);
            move_by = if (t - from).abs() < 1.0 && chord.is_finite() { chord } else { -guess(&here) };
        }
        matrix[row * n + column]
    }

    /// The smallest steps on the scale with which these judgments alone reach the limit.
    fn plan(&self, pairs: &[(usize, usize)], random_index: RandomIndex, limit: f64) -> Option<Plan> {
        let n = self.n();
        let mut bench = Bench::new(self, random_index);
        let own: Vec<f64> = pairs.iter().map(|&(i, j)| position(self.matrix()[i * n + j])).collect();
        match *pairs {
            [pair] => {
                let values = SCALE.iter().map(|&value| (bench.cr_with(pair, value), value)).filter(|(cr, _)| *cr <= limit);
                least(values.map(|(cr, value)| Plan { cr, steps: (position(value) - own[0]).abs(), values: vec![(pair, value)] }).collect())
            }
            [first, second] => {
                let mut plans = Vec::new();
                for &value in &SCALE {
                    bench.set(first, value);
                    plans.extend(SCALE.iter().filter_map(|&other| {
                        let steps = (position(value) - own[0]).abs() + (position(other) - own[1]).abs();
                        let cr = bench.cr_with(second, other);
                        (cr <= limit).then(|| Plan { cr, steps, values: vec![(first, value), (second, other)] })
                    }));
                }
                least(plans)
            }
            _ => None,
        }
    }

    fn greedy(&self, random_index: RandomIndex, limit: f64) -> Plan {
        let n = self.n();
        let mut bench = Bench::new(self, random_index);
        let mut values: Vec<((usize, usize), f64)> = Vec::new();
        let mut cr = bench.cr();
        let mut open = self.pairs();
        while cr > limit && !open.is_empty() {
            let now = bench.matrix.clone();
            let tried: Vec<(f64, f64)> = open
                .par_iter()
                .map(|&pair| {
                    let mut bench = Bench { n, ri: bench.ri, matrix: now.clone(), workspace: Workspace::new(n) };
                    let all = SCALE.iter().map(|&value| (bench.cr_with(pair, value), value));
                    all.min_by(|a, b| a.0.total_cmp(&b.0)).unwrap_or((f64::INFINITY, 1.0))
                })
                .collect();
            let Some((at, &(next, value))) = tried.iter().enumerate().min_by(|a, b| a.1.0.total_cmp(&b.1.0)) else { break };
            if !(next < cr) {
                break;
            }
            let pair = open.remove(at);
            bench.set(pair, value);
            values.push((pair, value));
            cr = next;
        }
        if cr <= limit {
            // Back towards what was said, the last and least useful change first; a change taken back whole is none.
            for at in (0..values.len()).rev() {
                let (pair, value) = values[at];
                let from = self.matrix()[pair.0 * n + pair.1];
                let mut choices: Vec<f64> = SCALE.iter().copied().chain([from]).filter(|x| between(*x, from, value)).collect();
                choices.sort_by(|a, b| (position(*a) - position(from)).abs().total_cmp(&(position(*b) - position(from)).abs()));
                if let Some((next, choice)) = choices.into_iter().map(|x| (bench.cr_with(pair, x), x)).find(|(cr, _)| *cr <= limit) {
                    bench.set(pair, choice);
                    (values[at].1, cr) = (choice, next);
                }
            }
            values.retain(|&((i, j), value)| value != self.matrix()[i * n + j]);
        }
        let steps = values.iter().map(|&((i, j), value)| (position(value) - position(self.matrix()[i * n + j])).abs()).sum();
        Plan { cr, steps, values }
    }
}

/// Values for some pairs.
struct Plan {
    cr: f64,
    steps: f64,
    values: Vec<((usize, usize), f64)>,
}

/// The plan with the fewest steps, then the lowest CR, then the first.
fn least(plans: Vec<Plan>) -> Option<Plan> {
    // Steps are sums of fractions: those within 1e-9 are the same.
    let round = |steps: f64| (steps * 1e9).round();
    plans.into_iter().min_by(|a, b| round(a.steps).total_cmp(&round(b.steps)).then(a.cr.total_cmp(&b.cr)))
}

fn between(x: f64, from: f64, to: f64) -> bool {
    from.min(to) <= x && x <= from.max(to)
}

/// Place on the scale: 1 is 0, 9 is 8, 1/9 is −8; values between and beyond by the logarithm.
pub(super) fn position(value: f64) -> f64 {
    let size = if value >= 1.0 { value } else { 1.0 / value };
    let whole = size.floor().clamp(1.0, 8.0);
    let place = whole - 1.0 + (size / whole).ln() / ((whole + 1.0) / whole).ln();
    if value >= 1.0 { place } else { -place }
}

fn nearest_on_scale(value: f64) -> f64 {
    let gap = |x: f64| (x / value).ln().abs();
    // From 1 outwards, so that the first of two as near is the one nearer to 1.
    let mut outwards = SCALE;
    outwards.sort_by(|a, b| position(*a).abs().total_cmp(&position(*b).abs()));
    outwards.into_iter().fold(1.0, |best, x| if gap(x) < gap(best) * (1.0 - 1e-12) { x } else { best })
}
