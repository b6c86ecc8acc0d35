//! The certificate: one pass over all arcs proves that a match is the cheapest, and whether it is the only one.

use rayon::prelude::*;

/// What is claimed of one part of the roster: who goes where, and the potentials.
///
/// ```text
/// reduced cost of an arc from a to b = cost + potential(b) − potential(a);      the sink has potential 0
/// below 0: the arc must be full;  above 0: the arc must be empty
/// ```
pub(super) struct Claim<'c> {
    pub(super) per_visit: usize,
    /// The inspectors of each visit.
    pub(super) staff: Vec<Vec<usize>>,
    /// For each visit, who is qualified.
    pub(super) fits: Vec<&'c [bool]>,
    pub(super) capacity: Vec<usize>,
    /// Of each visit and of its node for others.
    pub(super) visits: Vec<(i64, i64)>,
    pub(super) inspectors: Vec<i64>,
}

/// An arc at which the certificate does not hold.
pub(super) struct Broken {
    pub(super) arc: Arc,
    pub(super) reduced: i64,
    pub(super) state: &'static str,
}

/// An arc, by positions.
#[derive(Clone, Copy)]
pub(super) enum Arc {
    Assign(usize, usize),
    Others(usize),
    Sink(usize),
}

/// A move of a visit from one inspector to another that costs nothing.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Move {
    pub(super) from: usize,
    pub(super) to: usize,
    pub(super) visit: usize,
}

/// What the pass found.
pub(super) struct Audit {
    /// Where the certificate does not hold.
    pub(super) broken: Vec<Broken>,
    /// Moves that together make another match of the same cost; none where the match is the only cheapest.
    pub(super) alternative: Vec<Move>,
    /// The sum of costs.
    pub(super) cost: u64,
}

impl Claim<'_> {
    /// Goes over all arcs. `row` fills in the costs of a visit's arcs, [`i64::MAX`] / 8 or more where there is none.
    pub(super) fn audit(&self, row: impl Fn(usize, &mut [i64]) + Sync) -> Audit {
        let width = self.capacity.len();
        let visit = |costs: &mut Vec<i64>, visit: usize| {
            row(visit, costs);
            self.visit(visit, costs)
        };
        let found: Vec<(Vec<Broken>, Vec<Move>, u64)> =
            (0..self.staff.len()).into_par_iter().map_init(|| vec![0; width], |costs, at| visit(costs, at)).collect();
        let (mut broken, mut moves, mut cost) = (Vec::new(), Vec::new(), 0);
        for (at, (faults, free, paid)) in found.into_iter().enumerate() {
            broken.extend(faults);
            moves.extend(free.into_iter().map(|one| Move { visit: at, ..one }));
            cost += paid;
        }
        let mut load = vec![0; width];
        for &one in self.staff.iter().flatten() {
            load[one] += 1;
        }
        for (inspector, (&load, &capacity)) in load.iter().zip(&self.capacity).enumerate() {
            broken.extend(judge(Arc::Sink(inspector), -self.inspectors[inspector], load, capacity));
        }
        moves.sort_unstable();
        let free = |one: usize| self.inspectors[one] == 0;
        let (may_give, may_take) = (|one| free(one) && load[one] > 0, |one| free(one) && load[one] < self.capacity[one]);
        let alternative = closed(width, &moves).or_else(|| open(width, &moves, may_give, may_take)).unwrap_or_default();
        Audit { broken, alternative, cost }
    }

    fn visit(&self, visit: usize, costs: &[i64]) -> (Vec<Broken>, Vec<Move>, u64) {
        let ((direct, others), fits, staff) = (self.visits[visit], self.fits[visit], &self.staff[visit]);
        let mut broken = Vec::new();
        let (mut leaving, mut arriving, mut cost) = (Vec::new(), Vec::new(), 0);
        for (inspector, ((&paid, &price), &fit)) in costs.iter().zip(&self.inspectors).zip(fits).enumerate() {
            if paid >= i64::MAX / 8 {
                continue;
            }
            let reduced = paid + price - if fit { direct } else { others };
            if reduced > 0 && !staff.contains(&inspector) {
                continue;
            }
            let taken = staff.contains(&inspector);
            cost += if taken { paid as u64 } else { 0 };
            broken.extend(judge(Arc::Assign(visit, inspector), reduced, usize::from(taken), 1));
            if reduced == 0 {
                if taken { &mut leaving } else { &mut arriving }.push(inspector);
            }
        }
        let through = staff.iter().filter(|&&one| !fits[one]).count();
        broken.extend(judge(Arc::Others(visit), others - direct, through, self.per_visit - 1));
        let moves = leaving.iter().flat_map(|&from| arriving.iter().map(move |&to| Move { from, to, visit })).filter(|one| {
            match (fits[one.from], fits[one.to]) {
                (true, false) => others == direct && through + 1 < self.per_visit,
                (false, true) => others == direct,
                _ => true,
            }
        });
        let moves = moves.collect();
        (broken, moves, cost)
    }
}

fn judge(arc: Arc, reduced: i64, flow: usize, capacity: usize) -> Option<Broken> {
    let state = match reduced.signum() {
        _ if flow > capacity => "over full",
        -1 if flow < capacity => "not full",
        1 if flow > 0 => "not empty",
        _ => return None,
    };
    Some(Broken { arc, reduced, state })
}

/// The moves away from each inspector.
fn away(width: usize, moves: &[Move]) -> Vec<Vec<Move>> {
    let mut away = vec![Vec::new(); width];
    for &one in moves {
        away[one.from].push(one);
    }
    away
}

/// Moves that end where they begin.
fn closed(width: usize, moves: &[Move]) -> Option<Vec<Move>> {
    let away = away(width, moves);
    let mut seen = vec![false; width];
    for start in 0..width {
        // The path so far and how many moves of its end were tried.
        let (mut path, mut tried, mut on_path): (Vec<Move>, Vec<usize>, Vec<usize>) = (Vec::new(), vec![0], vec![start]);
        if std::mem::replace(&mut seen[start], true) {
            continue;
        }
        while let (Some(&here), Some(next)) = (on_path.last(), tried.last_mut()) {
            let Some(&one) = away[here].get(*next) else {
                path.pop();
                tried.pop();
                on_path.pop();
                continue;
            };
            *next += 1;
            if let Some(at) = on_path.iter().position(|&inspector| inspector == one.to) {
                path.push(one);
                return Some(path.split_off(at));
            }
            if !std::mem::replace(&mut seen[one.to], true) {
                path.push(one);
                tried.push(0);
                on_path.push(one.to);
            }
        }
    }
    None
}

/// Moves from an inspector who may have one visit less to one who may have one more, at no price.
fn open(width: usize, moves: &[Move], may_give: impl Fn(usize) -> bool, may_take: impl Fn(usize) -> bool) -> Option<Vec<Move>> {
    let away = away(width, moves);
    let mut reached: Vec<Option<Move>> = vec![None; width];
    let mut queue: Vec<usize> = (0..width).filter(|&one| may_give(one)).collect();
    let mut at = 0;
    while let Some(&here) = queue.get(at) {
        at += 1;
        for &one in &away[here] {
            if reached[one.to].is_some() {
                continue;
            }
            reached[one.to] = Some(one);
            if may_take(one.to) {
                let mut path = vec![one];
                while let Some(before) = path.last().and_then(|last| if may_give(last.from) { None } else { reached[last.from] }) {
                    path.push(before);
                }
                path.reverse();
                return Some(path);
            }
            if !may_give(one.to) {
                queue.push(one.to);
            }
        }
    }
    None
}

#[cfg(test)]
mod tests {
    use super::super::flow::Network;
    use super::*;
    use crate::ahp::SplitMix64;

    /// The smallest cost and how many matches have it.
    fn tried(visit: usize, costs: &[Vec<i64>], fits: &[Vec<bool>], places: &mut [usize], per_visit: usize) -> Option<(i64, usize)> {
        let Some(row) = costs.get(visit) else { return Some((0, 1)) };
        let mut best: Option<(i64, usize)> = None;
        for set in 0_u32..1 << row.len() {
            let team: Vec<usize> = (0..row.len()).filter(|one| set >> one & 1 == 1).collect();
            let may = team.len() == per_visit
                && team.iter().any(|&one| fits[visit][one])
                && team.iter().all(|&one| row[one] < Network::NONE && places[one] > 0);
            if !may {
                continue;
            }
            team.iter().for_each(|&one| places[one] -= 1);
            if let Some((cost, ways)) = tried(visit + 1, costs, fits, places, per_visit) {
                let cost = cost + team.iter().map(|&one| row[one]).sum::<i64>();
                best = match best {
                    Some((least, _)) if least < cost => best,
                    Some((least, before)) if least == cost => Some((least, before + ways)),
                    _ => Some((cost, ways)),
                };
            }
            team.iter().for_each(|&one| places[one] += 1);
        }
        best
    }

    /// Costs from 0 to 5 tie often: an alternative is named where there is more than one cheapest match, and only there; moving its visits
    /// gives a match of the same cost. Prices are what one more place saves.
    #[test]
    fn ties_are_found_and_only_ties() {
        let mut stream = SplitMix64::new(11);
        let (mut unique, mut tied) = (0, 0);
        for case in 0..600 {
            let (visits, width, per_visit) = (1 + stream.below(3) as usize, 3 + stream.below(3) as usize, 1 + stream.below(3) as usize);
            let capacity: Vec<usize> = (0..width).map(|_| 1 + stream.below(3) as usize).collect();
            let cost = |stream: &mut SplitMix64| if stream.below(8) == 0 { Network::NONE } else { stream.below(6) as i64 };
            let costs: Vec<Vec<i64>> = (0..visits).map(|_| (0..width).map(|_| cost(&mut stream)).collect()).collect();
            let fits: Vec<Vec<bool>> = (0..visits).map(|_| (0..width).map(|_| stream.below(2) == 0).collect()).collect();
            let Some((least, ways)) = tried(0, &costs, &fits, &mut capacity.clone(), per_visit) else { continue };
            let places = capacity.clone();
            let mut network = Network::new(per_visit, capacity.clone(), costs.concat(), (0..visits).collect(), fits.clone());
            assert!(network.solve().is_ok(), "case {case}");
            let claim = Claim {
                per_visit,
                staff: (0..visits).map(|visit| network.staff(visit).to_vec()).collect(),
                fits: fits.iter().map(Vec::as_slice).collect(),
                capacity,
                visits: (0..visits).map(|visit| network.potentials(visit)).collect(),
                inspectors: network.prices().to_vec(),
            };
            let audit = claim.audit(|visit, row| network.row_into(visit, row));
            assert!(audit.broken.is_empty(), "case {case}");
            assert_eq!((audit.cost as i64, audit.alternative.is_empty()), (least, ways == 1), "case {case}: {ways} ways");
            let change: i64 = audit.alternative.iter().map(|one| costs[one.visit][one.to] - costs[one.visit][one.from]).sum();
            assert_eq!(change, 0, "case {case}");
            for (one, &price) in network.prices().iter().enumerate() {
                let mut more = places.clone();
                more[one] += 1;
                assert_eq!(tried(0, &costs, &fits, &mut more, per_visit).map(|(cost, _)| least - cost), Some(price), "case {case}");
            }
            if ways == 1 { unique += 1 } else { tied += 1 }
        }
        assert!(unique > 100 && tied > 100, "{unique} unique, {tied} tied");
    }
}
