//! The parts of a roster that do not touch each other, and their costs.

use super::flow::Network;
use super::hash::Costs;
use super::roster::Roster;
use rayon::prelude::*;

/// Zones joined by the inspectors who serve several of them: its visits and inspectors, ascending.
pub(super) struct Component {
    pub(super) visits: Vec<usize>,
    pub(super) inspectors: Vec<usize>,
}

impl Component {
    /// The parts, in the order of their first visit. Inspectors whom no visit can reach are in the last part, which has no visits.
    pub(super) fn all(roster: &Roster) -> Vec<Self> {
        // Joined zones point to the smallest of them. A visit without a zone can have anybody.
        let mut joined: Vec<usize> = (0..roster.zones.len()).collect();
        let anywhere = roster.visits.iter().any(|visit| visit.zone.is_none());
        let served = |inspector: usize| (0..roster.zones.len()).filter(move |&zone| roster.zones[zone][inspector]);
        for inspector in 0..roster.inspectors.len() {
            let mut first = None;
            for zone in served(inspector) {
                let (a, b) = (root(&joined, zone), root(&joined, *first.get_or_insert(zone)));
                joined[a.max(b)] = a.min(b);
            }
        }
        let part_of_zone = |zone: usize| if anywhere { 0 } else { root(&joined, zone) };
        let mut parts: Vec<Self> = (0..=roster.zones.len()).map(|_| Self { visits: Vec::new(), inspectors: Vec::new() }).collect();
        for (at, visit) in roster.visits.iter().enumerate() {
            parts[visit.zone.map_or(0, part_of_zone)].visits.push(at);
        }
        for at in 0..roster.inspectors.len() {
            let zone = served(at).next().map(part_of_zone);
            parts[zone.unwrap_or(if anywhere { 0 } else { roster.zones.len() })].inspectors.push(at);
        }
        parts.retain(|part| !part.visits.is_empty() || !part.inspectors.is_empty());
        parts
    }

    /// The network of the part with its costs; the rows of visits are hashed in parallel.
    pub(super) fn network(&self, roster: &Roster, costs: &Costs) -> Network {
        let width = self.inspectors.len();
        let mut cost = vec![Network::NONE; self.visits.len() * width];
        cost.par_chunks_mut(width.max(1)).zip(&self.visits).for_each(|(row, &visit)| self.costs_of(roster, costs, visit, row));
        let capacity = self.inspectors.iter().map(|&at| roster.inspectors[at].capacity as usize).collect();
        let qualified = roster.kinds.iter().map(|kind| self.inspectors.iter().map(|&at| kind.qualified[at]).collect()).collect();
        let kind = self.visits.iter().map(|&visit| roster.visits[visit].kind).collect();
        Network::new(roster.per_visit, capacity, cost, kind, qualified)
    }

    /// The costs of a visit's arcs; [`Network::NONE`] where there is no arc.
    pub(super) fn costs_of(&self, roster: &Roster, costs: &Costs, visit: usize, row: &mut [i64]) {
        let visit = &roster.visits[visit];
        let costs = costs.of_visit(&visit.id);
        for (cell, &inspector) in row.iter_mut().zip(&self.inspectors) {
            // 43 bits fit.
            *cell = if roster.may_go(visit, inspector) { costs.with(&roster.inspectors[inspector].id) as i64 } else { Network::NONE };
        }
    }
}

fn root(joined: &[usize], mut zone: usize) -> usize {
    while joined[zone] != zone {
        zone = joined[zone];
    }
    zone
}
