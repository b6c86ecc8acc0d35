//! The minimum-cost flow, by shortest paths between inspectors.
//!
//! For given prices of inspectors the cheapest way to staff each visit is plain: the cheapest qualified inspector and then the cheapest others.
//! So the flow starts there with all prices 0, and only inspectors with too many visits have to hand visits on. A visit that moves from
//! one inspector to another is an arc between the two, whose length is the smallest difference of costs over the visits that can move; visits
//! need not be nodes. Successive shortest paths (Dijkstra on reduced lengths; Tomizawa 1971, Edmonds & Karp 1972) then restore the
//! capacities one visit at a time, and stay optimal throughout.

use multiversion::multiversion;

/// Which arcs there are, what they cost, and who carries the flow.
///
/// ```text
/// visit → inspector              capacity 1, cost: qualified inspectors
/// visit → others(visit)          capacity per_visit − 1, cost 0
/// others(visit) → inspector      capacity 1, cost: the others
/// inspector → sink               capacity of the inspector, cost 0
/// ```
pub(super) struct Network {
    per_visit: usize,
    capacity: Vec<usize>,
    /// Row by row; arcs that carry flow have `TAKEN` on top.
    cost: Vec<i64>,
    kind: Vec<usize>,
    qualified: Vec<Vec<bool>>,
    /// For each kind 0 for the qualified, `NONE` for others.
    penalty: Vec<Vec<i64>>,
    /// `per_visit` inspectors for each visit.
    chosen: Vec<usize>,
    visits_of: Vec<Vec<usize>>,
    price: Vec<i64>,
    /// For each inspector the lengths of the arcs to the others; empty when they have to be looked up again.
    lengths: Vec<Vec<i64>>,
}

/// Inspectors who have too few places together.
pub(super) struct Cut {
    /// The inspectors.
    pub(super) inspectors: Vec<usize>,
    /// Visits that need them.
    pub(super) visits: Vec<usize>,
    /// How many places the visits need of them.
    pub(super) needed: usize,
}

impl Network {
    // INVARIANT: costs are below 2^43 and a price is a sum of at most as many differences as there are inspectors, so for up to 2^15 inspectors
    // lengths stay below 2^59, and three times NONE can be added.
    /// The cost of an arc that is not there.
    pub(super) const NONE: i64 = 1 << 60;
    const TAKEN: i64 = Self::NONE;
    const ANY: i64 = Self::NONE / 2;

    pub(super) fn new(per_visit: usize, capacity: Vec<usize>, cost: Vec<i64>, kind: Vec<usize>, qualified: Vec<Vec<bool>>) -> Self {
        let inspectors = capacity.len();
        let penalty = qualified.iter().map(|row| row.iter().map(|&fit| if fit { 0 } else { Self::NONE }).collect()).collect();
        Self {
            per_visit,
            cost,
            penalty,
            qualified,
            chosen: vec![0; kind.len() * per_visit],
            kind,
            visits_of: vec![Vec::new(); inspectors],
            price: vec![0; inspectors],
            lengths: vec![Vec::new(); inspectors],
            capacity,
        }
    }

    fn width(&self) -> usize {
        self.capacity.len()
    }

    /// The row of a visit's costs, as they were given.
    pub(super) fn row_into(&self, visit: usize, row: &mut [i64]) {
        let width = self.width();
        row.copy_from_slice(&self.cost[visit * width..(visit + 1) * width]);
        for &inspector in self.staff(visit) {
            row[inspector] -= Self::TAKEN;
        }
    }

    /// The inspectors of a visit.
    pub(super) fn staff(&self, visit: usize) -> &[usize] {
        &self.chosen[visit * self.per_visit..(visit + 1) * self.per_visit]
    }

    /// Whether an inspector is qualified for a visit.
    pub(super) fn fits(&self, visit: usize, inspector: usize) -> bool {
        self.qualified[self.kind[visit]][inspector]
    }

    /// Finds the cheapest flow, or every shortage. Each visit has arcs to `per_visit` inspectors, one of them qualified.
    pub(super) fn solve(&mut self) -> Result<(), Vec<Cut>> {
        for visit in 0..self.kind.len() {
            self.staff_alone(visit);
        }
        let mut stuck = Vec::new();
        for source in 0..self.width() {
            let mut load = self.visits_of[source].len();
            while load > self.capacity[source] {
                if let Err(reached) = self.hand_on(source) {
                    stuck.push(reached);
                    break;
                }
                // INVARIANT: one visit less each time. If not, this ends all the same, and the audit says what is wrong.
                load -= 1;
            }
        }
        if stuck.is_empty() { Ok(()) } else { Err(self.cuts(stuck)) }
    }

    /// Staffs one visit as if it were the only one.
    fn staff_alone(&mut self, visit: usize) {
        let width = self.width();
        let row = &self.cost[visit * width..(visit + 1) * width];
        let fit = &self.qualified[self.kind[visit]];
        let mut best: Vec<usize> = Vec::with_capacity(self.per_visit + 1);
        let mut last = i64::MAX;
        for (inspector, &cost) in row.iter().enumerate() {
            if cost < last {
                let at = best.partition_point(|&one| row[one] <= cost);
                best.insert(at, inspector);
                best.truncate(self.per_visit);
                last = if best.len() < self.per_visit { i64::MAX } else { best.last().map_or(i64::MAX, |&one| row[one]) };
            }
        }
        if !best.iter().any(|&one| fit[one])
            && let Some(cheapest) = (0..width).filter(|&one| fit[one]).min_by_key(|&one| row[one])
        {
            best.pop();
            best.push(cheapest);
        }
        for (place, &inspector) in best.iter().enumerate() {
            self.chosen[visit * self.per_visit + place] = inspector;
            self.cost[visit * width + inspector] += Self::TAKEN;
            self.visits_of[inspector].push(visit);
        }
    }

    /// Whether `inspector` is the only qualified one of a visit.
    fn pinned(&self, visit: usize, inspector: usize) -> bool {
        let fit = &self.qualified[self.kind[visit]];
        fit[inspector] && !self.staff(visit).iter().any(|&one| one != inspector && fit[one])
    }

    /// Looks up the lengths of the arcs from an inspector, where that was not done yet.
    fn look_up(&mut self, from: usize) {
        if !self.lengths[from].is_empty() {
            return;
        }
        let width = self.width();
        let mut lengths = std::mem::take(&mut self.lengths[from]);
        lengths.resize(width, Self::NONE);
        for &visit in &self.visits_of[from] {
            let row = &self.cost[visit * width..(visit + 1) * width];
            let paid = row[from] - Self::TAKEN;
            if self.pinned(visit, from) {
                nearest_fit(&mut lengths, row, &self.penalty[self.kind[visit]], paid);
            } else {
                nearest(&mut lengths, row, paid);
            }
        }
        self.lengths[from] = lengths;
    }

    /// Moves one visit too many along the shortest path to an inspector with a free place, or says whom it reached in vain.
    fn hand_on(&mut self, source: usize) -> Result<(), Vec<usize>> {
        let width = self.width();
        let mut distance = vec![Self::NONE; width];
        let mut before = vec![source; width];
        let mut open: Vec<usize> = (0..width).collect();
        let mut settled: Vec<usize> = Vec::new();
        distance[source] = 0;
        let target = loop {
            // The nearest open inspector; of several, the first in the roster.
            let nearest = open.iter().enumerate().min_by_key(|&(_, &one)| (distance[one], one)).map(|(at, &one)| (at, one));
            let Some((at, here)) = nearest.filter(|&(_, one)| distance[one] < Self::ANY) else { return Err(settled) };
            open.swap_remove(at);
            if self.visits_of[here].len() < self.capacity[here] {
                break here;
            }
            settled.push(here);
            self.look_up(here);
            let offset = distance[here] - self.price[here];
            let lengths = &self.lengths[here];
            for &next in &open {
                let through = offset + lengths[next] + self.price[next];
                if through < distance[next] {
                    distance[next] = through;
                    before[next] = here;
                }
            }
        };
        for &one in &settled {
            self.price[one] += distance[target] - distance[one];
        }
        // All visits that move are found before the first one does: moving changes lengths.
        let mut moves = Vec::new();
        let mut to = target;
        while to != source {
            let from = before[to];
            moves.extend(self.mover(from, to).map(|visit| (visit, from, to)));
            to = from;
        }
        for (visit, from, to) in moves {
            self.replace(visit, from, to);
        }
        Ok(())
    }

    /// The first visit whose move from one inspector to another has the arc's length.
    fn mover(&self, from: usize, to: usize) -> Option<usize> {
        let (width, length) = (self.width(), self.lengths[from][to]);
        let moves = |&visit: &usize| {
            let row = &self.cost[visit * width..(visit + 1) * width];
            row[to] - (row[from] - Self::TAKEN) == length && (self.fits(visit, to) || !self.pinned(visit, from))
        };
        self.visits_of[from].iter().copied().find(moves)
    }

    fn replace(&mut self, visit: usize, from: usize, to: usize) {
        let start = visit * self.width();
        self.cost[start + from] -= Self::TAKEN;
        self.cost[start + to] += Self::TAKEN;
        self.visits_of[from].retain(|&one| one != visit);
        self.visits_of[to].push(visit);
        // The others of the visit too: one of them may have become its only qualified inspector, or be so no longer.
        self.lengths[from].clear();
        for place in 0..self.per_visit {
            let one = &mut self.chosen[visit * self.per_visit + place];
            if *one == from {
                *one = to;
            }
            self.lengths[*one].clear();
        }
    }

    /// The price of every inspector: the smallest ones with which the certificate holds, so what one more place would save. They depend on the
    /// flow alone, not on the way it was found.
    ///
    /// ```text
    /// price(j) = −min(0, shortest path to j in the residual network, from any inspector)
    /// ```
    /// At the start all are 0. A path from `s` to `t`, D long, raises the price of `j` by `max(0, D − distance(j))`; back from `t`, whose price is
    /// 0, over `s` to `j` there is then a path of exactly that length below 0, so none of them could be smaller.
    pub(super) fn prices(&self) -> &[i64] {
        &self.price
    }

    /// The potentials of a visit and of its node for others: the largest cost with price that is paid through them.
    ///
    /// ```text
    /// others   largest paid to an inspector who is not qualified; 0 where there is none and none may be
    /// visit    largest paid to any
    /// ```
    /// Where the arc between the two is not full, both are the visit's.
    pub(super) fn potentials(&self, visit: usize) -> (i64, i64) {
        let width = self.width();
        let paid = |&one: &usize| self.cost[visit * width + one] - Self::TAKEN + self.price[one];
        let all = self.staff(visit).iter().map(paid).max().unwrap_or(0);
        let others: Vec<usize> = self.staff(visit).iter().copied().filter(|&one| !self.fits(visit, one)).collect();
        let full = others.len() + 1 == self.per_visit;
        (all, if full { others.iter().map(paid).max().unwrap_or(0) } else { all })
    }

    /// Shortages, those that share an inspector as one.
    fn cuts(&self, stuck: Vec<Vec<usize>>) -> Vec<Cut> {
        let mut groups: Vec<Vec<usize>> = Vec::new();
        for mut reached in stuck {
            groups.retain_mut(|group| {
                let apart = !group.iter().any(|one| reached.contains(one));
                if !apart {
                    reached.append(group);
                }
                apart
            });
            reached.sort_unstable();
            reached.dedup();
            groups.push(reached);
        }
        let cut = |inspectors: Vec<usize>| {
            let mut visits: Vec<usize> = inspectors.iter().flat_map(|&one| &self.visits_of[one]).copied().collect();
            let needed = visits.len();
            visits.sort_unstable();
            visits.dedup();
            Cut { inspectors, visits, needed }
        };
        groups.into_iter().map(cut).collect()
    }
}

#[multiversion(targets("x86_64+avx512f+avx512bw+avx512dq+avx512vl", "x86_64+avx2"))]
fn nearest(lengths: &mut [i64], row: &[i64], paid: i64) {
    for (length, cost) in lengths.iter_mut().zip(row) {
        *length = (*length).min(cost - paid);
    }
}

#[multiversion(targets("x86_64+avx512f+avx512bw+avx512dq+avx512vl", "x86_64+avx2"))]
fn nearest_fit(lengths: &mut [i64], row: &[i64], penalty: &[i64], paid: i64) {
    for ((length, cost), penalty) in lengths.iter_mut().zip(row).zip(penalty) {
        *length = (*length).min(cost + penalty - paid);
    }
}
