//! The match as it is published, and its verification from the roster and the seed.

use super::Part;
use super::certify::{Arc, Audit, Claim};
use super::component::Component;
use super::fault::MatchFault;
use super::hash::{Costs, RULE};
use super::roster::Roster;
use crate::Error;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// Who goes where, with what proves it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Match {
    /// The rule by which costs were hashed.
    pub rule: String,
    /// SHA-256 of the roster, see [`Roster::inputs`].
    pub inputs: String,
    /// The sum of costs.
    pub cost: u64,
    /// Visits and inspectors, by the bytes of their ids.
    pub pairs: Vec<Pair>,
    /// The potentials.
    pub certificate: Certificate,
    /// Moves that together make another match of the same cost. Empty: this match is the only cheapest one.
    pub alternative: Vec<Swap>,
}

/// An inspector at a visit.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Pair {
    /// The visit.
    pub visit: String,
    /// The inspector.
    pub inspector: String,
    /// Whether he is qualified for all items of the visit.
    pub qualified: bool,
}

/// Potentials of all nodes; the sink has 0.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Certificate {
    /// Of visits, in the order of their ids.
    pub visits: Vec<Potentials>,
    /// Of inspectors, in the order of their ids.
    pub inspectors: Vec<Price>,
}

/// Potentials of a visit's two nodes.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Potentials {
    /// The visit.
    pub visit: String,
    /// The node of the visit, from which arcs go to qualified inspectors.
    pub direct: i64,
    /// The node from which arcs go to the others.
    pub others: i64,
}

/// The potential of an inspector.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Price {
    /// The inspector.
    pub inspector: String,
    /// What one more place would save; 0 where places are left.
    pub price: i64,
}

/// A visit that moves from one inspector to another.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Swap {
    /// The visit.
    pub visit: String,
    /// Who has it.
    pub from: String,
    /// Who would have it.
    pub to: String,
}

/// What one inspector has to do.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Workload {
    /// The inspector.
    pub inspector: String,
    /// Places.
    pub capacity: u32,
    /// Visits.
    pub visits: usize,
    /// Visits for which he is qualified.
    pub qualified: usize,
    /// What one more place would save.
    pub price: i64,
}

impl Match {
    pub(super) fn new(roster: &Roster, parts: &[Part]) -> Self {
        let mut pairs = Vec::with_capacity(roster.visits.len() * roster.per_visit);
        let mut potentials = Vec::with_capacity(roster.visits.len());
        let mut prices = vec![0; roster.inspectors.len()];
        let mut alternative = Vec::new();
        for Part { component, staff, potentials: of_visits, prices: of_inspectors, audit } in parts {
            for ((&visit, staff), &nodes) in component.visits.iter().zip(staff).zip(of_visits) {
                pairs.extend(staff.iter().map(|&at| (visit, component.inspectors[at])));
                potentials.push((visit, nodes));
            }
            for (&inspector, &price) in component.inspectors.iter().zip(of_inspectors) {
                prices[inspector] = price;
            }
            if alternative.is_empty() {
                alternative = component.swaps(roster, audit);
            }
        }
        pairs.sort_unstable();
        potentials.sort_unstable();
        let id = |visit: usize| roster.visits[visit].id.clone();
        let pair = |(visit, inspector): (usize, usize)| Pair {
            visit: id(visit),
            inspector: roster.inspectors[inspector].id.clone(),
            qualified: roster.kinds[roster.visits[visit].kind].qualified[inspector],
        };
        let nodes = |(visit, (direct, others))| Potentials { visit: id(visit), direct, others };
        let price = |(one, price): (&super::roster::InspectorRow, i64)| Price { inspector: one.id.clone(), price };
        Self {
            rule: RULE.to_owned(),
            inputs: roster.inputs().to_owned(),
            cost: parts.iter().map(|part| part.audit.cost).sum(),
            pairs: pairs.into_iter().map(pair).collect(),
            certificate: Certificate {
                visits: potentials.into_iter().map(nodes).collect(),
                inspectors: roster.inspectors.iter().zip(prices).map(price).collect(),
            },
            alternative,
        }
    }

    /// Whether no other match is as cheap.
    #[must_use]
    pub fn is_unique(&self) -> bool {
        self.alternative.is_empty()
    }

    /// The visits of each inspector, counted; inspectors in the order of their ids, those without a visit as well.
    #[must_use]
    pub fn workload(&self, roster: &Roster) -> Vec<Workload> {
        let mut visits: BTreeMap<&str, (usize, usize)> = BTreeMap::new();
        for pair in &self.pairs {
            let counts = visits.entry(&pair.inspector).or_default();
            *counts = (counts.0 + 1, counts.1 + usize::from(pair.qualified));
        }
        let prices: BTreeMap<&str, i64> = self.certificate.inspectors.iter().map(|one| (one.inspector.as_str(), one.price)).collect();
        let of = |one: &super::roster::InspectorRow| {
            let id = one.id.as_str();
            let (visits, qualified) = visits.get(id).copied().unwrap_or_default();
            let price = prices.get(id).copied().unwrap_or_default();
            Workload { inspector: one.id.clone(), capacity: one.capacity, visits, qualified, price }
        };
        roster.inspectors.iter().map(of).collect()
    }
}

impl Component {
    /// For each visit, who of the part is qualified.
    pub(super) fn fits(&self, roster: &Roster) -> Vec<Vec<bool>> {
        roster.kinds.iter().map(|kind| self.inspectors.iter().map(|&at| kind.qualified[at]).collect()).collect()
    }

    /// What is claimed of the part; `fits` for each kind of visit.
    pub(super) fn claim<'c>(
        &self,
        roster: &Roster,
        staff: Vec<Vec<usize>>,
        fits: &'c [Vec<bool>],
        visits: Vec<(i64, i64)>,
        inspectors: Vec<i64>,
    ) -> Claim<'c> {
        Claim {
            per_visit: roster.per_visit,
            staff,
            fits: self.visits.iter().map(|&visit| fits[roster.visits[visit].kind].as_slice()).collect(),
            capacity: self.inspectors.iter().map(|&at| roster.inspectors[at].capacity as usize).collect(),
            visits,
            inspectors,
        }
    }

    /// Where the certificate does not hold, by name.
    pub(super) fn broken(&self, roster: &Roster, audit: &Audit) -> Vec<MatchFault> {
        let (visit, inspector) = (|at: usize| &roster.visits[self.visits[at]].id, |at: usize| &roster.inspectors[self.inspectors[at]].id);
        let name = |arc| match arc {
            Arc::Assign(from, to) => format!("`{}` → `{}`", visit(from), inspector(to)),
            Arc::Others(at) => format!("`{}` → its node for others", visit(at)),
            Arc::Sink(at) => format!("`{}` → sink", inspector(at)),
        };
        audit.broken.iter().map(|one| MatchFault::Certificate { arc: name(one.arc), reduced: one.reduced, state: one.state }).collect()
    }

    /// The moves of the alternative, by name.
    pub(super) fn swaps(&self, roster: &Roster, audit: &Audit) -> Vec<Swap> {
        let inspector = |at: usize| roster.inspectors[self.inspectors[at]].id.clone();
        let swap = |one: &super::certify::Move| Swap {
            visit: roster.visits[self.visits[one.visit]].id.clone(),
            from: inspector(one.from),
            to: inspector(one.to),
        };
        audit.alternative.iter().map(swap).collect()
    }
}

/// Verifies a match from the roster and the seed: every pair, capacity, cost and potential, with all costs hashed again.
///
/// # Errors
/// [`Error::Match`] with everything that does not fit.
pub fn verify(roster: &Roster, seed: &[u8; 32], record: &Match) -> Result<(), Error> {
    let faults = differences(roster, seed, record);
    if faults.is_empty() { Ok(()) } else { Err(Error::Match(faults)) }
}

fn differences(roster: &Roster, seed: &[u8; 32], record: &Match) -> Vec<MatchFault> {
    let mut faults = Vec::new();
    let mut compare = |what, found: &str, expected: &str| {
        if found != expected {
            faults.push(MatchFault::Record { what, found: found.to_owned(), expected: expected.to_owned() });
        }
    };
    compare("rule", &record.rule, RULE);
    compare("digest of the roster", &record.inputs, roster.inputs());
    let staff = staff(roster, record, &mut faults);
    let potentials = potentials(roster, record, &mut faults);
    let (Some(staff), Some((visits, prices))) = (staff, potentials) else { return faults };
    let costs = Costs::new(seed);
    let (mut cost, mut alternative) = (0, Vec::new());
    for component in Component::all(roster) {
        let fits = component.fits(roster);
        // Everybody at a visit is of its part: pairs were looked at.
        let local = |one: &usize| component.inspectors.binary_search(one).ok();
        let staff = component.visits.iter().map(|&visit| staff[visit].iter().filter_map(local).collect()).collect();
        let nodes = component.visits.iter().map(|&visit| visits[visit]).collect();
        let prices = component.inspectors.iter().map(|&at| prices[at]).collect();
        let claim = component.claim(roster, staff, &fits, nodes, prices);
        let audit = claim.audit(|visit, row| component.costs_of(roster, &costs, component.visits[visit], row));
        faults.extend(component.broken(roster, &audit));
        cost += audit.cost;
        if alternative.is_empty() {
            alternative = component.swaps(roster, &audit);
        }
    }
    if cost != record.cost {
        faults.push(MatchFault::Record { what: "cost", found: record.cost.to_string(), expected: cost.to_string() });
    }
    if alternative != record.alternative {
        let text = |swaps: &[Swap]| {
            let moves: Vec<String> = swaps.iter().map(|one| format!("{}: {} → {}", one.visit, one.from, one.to)).collect();
            if moves.is_empty() { "none".to_owned() } else { moves.join(", ") }
        };
        faults.push(MatchFault::Record { what: "alternative", found: text(&record.alternative), expected: text(&alternative) });
    }
    faults
}

/// The inspectors of each visit, where every pair may be.
fn staff(roster: &Roster, record: &Match, faults: &mut Vec<MatchFault>) -> Option<Vec<Vec<usize>>> {
    let before = faults.len();
    let mut staff: Vec<Vec<usize>> = vec![Vec::new(); roster.visits.len()];
    let mut load = vec![0; roster.inspectors.len()];
    let mut last = None;
    for pair in &record.pairs {
        let mut wrong = |why| faults.push(MatchFault::Pair { visit: pair.visit.clone(), inspector: pair.inspector.clone(), why });
        let visit = roster.visits.binary_search_by(|one| one.id.as_str().cmp(&pair.visit));
        let inspector = roster.inspectors.binary_search_by(|one| one.id.as_str().cmp(&pair.inspector));
        let (Ok(visit), Ok(inspector)) = (visit, inspector) else {
            wrong("not in the roster");
            continue;
        };
        if last.is_some_and(|last| last >= (visit, inspector)) {
            wrong("twice, or not in the order of ids");
        }
        last = Some((visit, inspector));
        let row = &roster.visits[visit];
        if !roster.serves(row, inspector) {
            wrong("the inspector does not serve the zone");
        } else if row.barred.binary_search(&inspector).is_ok() {
            wrong("the inspector is recused");
        } else if !roster.certified(row, inspector) {
            wrong("the certificate is not valid on the day");
        }
        if roster.kinds[row.kind].qualified[inspector] != pair.qualified {
            wrong(if pair.qualified { "the inspector is not qualified for all items" } else { "the inspector is qualified for all items" });
        }
        staff[visit].push(inspector);
        load[inspector] += 1;
    }
    for (row, staff) in roster.visits.iter().zip(&staff) {
        let mut count =
            |what, found: usize, expected: String| faults.push(MatchFault::Staffing { visit: row.id.clone(), what, found, expected });
        if staff.len() != roster.per_visit {
            count("inspectors", staff.len(), roster.per_visit.to_string());
        } else if !staff.iter().any(|&one| roster.kinds[row.kind].qualified[one]) {
            count("qualified inspectors", 0, "at least 1".to_owned());
        }
    }
    for (one, found) in roster.inspectors.iter().zip(load) {
        if found > one.capacity as usize {
            faults.push(MatchFault::Overload { inspector: one.id.clone(), found, capacity: one.capacity });
        }
    }
    (faults.len() == before).then_some(staff)
}

/// Potentials of visits and of inspectors, where all are there.
#[expect(clippy::type_complexity, reason = "two lists, read once")]
fn potentials(roster: &Roster, record: &Match, faults: &mut Vec<MatchFault>) -> Option<(Vec<(i64, i64)>, Vec<i64>)> {
    // Reduced costs must not overflow; no potential of ours comes near.
    const LIMIT: u64 = 1 << 60;
    let before = faults.len();
    let Certificate { visits, inspectors } = &record.certificate;
    let mut compare = |what, found: &[&str], expected: &[&str]| {
        if found != expected {
            let at = found.iter().zip(expected).position(|(found, expected)| found != expected);
            let at = at.unwrap_or(found.len().min(expected.len()));
            let name = |list: &[&str]| list.get(at).map_or("nothing more", |name| name).to_owned();
            faults.push(MatchFault::Record { what, found: name(found), expected: name(expected) });
        }
    };
    let found: Vec<&str> = visits.iter().map(|one| one.visit.as_str()).collect();
    compare("potential of a visit", &found, &roster.visits.iter().map(|one| one.id.as_str()).collect::<Vec<_>>());
    let found: Vec<&str> = inspectors.iter().map(|one| one.inspector.as_str()).collect();
    compare("potential of an inspector", &found, &roster.inspectors.iter().map(|one| one.id.as_str()).collect::<Vec<_>>());
    let values = visits.iter().flat_map(|one| [one.direct, one.others]).chain(inspectors.iter().map(|one| one.price));
    for value in values.filter(|value| value.unsigned_abs() > LIMIT) {
        faults.push(MatchFault::Record { what: "potential", found: value.to_string(), expected: format!("at most {LIMIT} in size") });
    }
    let values = (visits.iter().map(|one| (one.direct, one.others)).collect(), inspectors.iter().map(|one| one.price).collect());
    (faults.len() == before).then_some(values)
}
