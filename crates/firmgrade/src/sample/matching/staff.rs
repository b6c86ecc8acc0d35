//! Why visits cannot be staffed.

use super::component::Component;
use super::flow::Cut;
use super::roster::{Roster, VisitRow};
use std::fmt;

/// How many names a message shows.
const SHOWN: usize = 10;

/// A visit that cannot be staffed whoever else is. The counts say what became of all inspectors.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub struct Unstaffed {
    /// The visit.
    pub visit: String,
    /// Inspectors needed.
    pub needed: usize,
    /// Inspectors in the roster.
    pub inspectors: usize,
    /// Who serve other zones.
    pub elsewhere: usize,
    /// Who serve the zone and are recused.
    pub recused: usize,
    /// Who are not recused and have no certificate valid on the day.
    pub uncertified: usize,
    /// Who may go.
    pub free: usize,
    /// Who may go and are qualified for all items.
    pub qualified: usize,
    /// For every need, who may go and have it.
    pub by_need: Vec<(String, usize)>,
}

impl fmt::Display for Unstaffed {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { visit, needed, inspectors, elsewhere, recused, uncertified, free, qualified: _, by_need } = self;
        write!(f, "visit `{visit}` cannot be staffed: ")?;
        if free < needed {
            write!(f, "it needs {needed} inspectors and {free} may go")?;
        } else {
            let needs: Vec<String> = by_need.iter().map(|(need, count)| format!("`{need}` {count}")).collect();
            write!(f, "{free} inspectors may go and none is qualified for all its items ({})", needs.join(", "))?;
        }
        write!(
            f,
            "; of {inspectors} inspectors {elsewhere} serve other zones, {recused} are recused, {uncertified} have no valid certificate"
        )?;
        if free >= needed && by_need.len() > 1 && by_need.iter().all(|&(_, count)| count > 0) {
            f.write_str("; split the visit by items, or send somebody with all qualifications")?;
        }
        Ok(())
    }
}

/// Visits that cannot be staffed together: a minimal cut of the network.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub struct Shortage {
    /// The inspectors, all of them full.
    pub inspectors: Vec<String>,
    /// Their capacity together.
    pub capacity: usize,
    /// The visits that need them and nobody else.
    pub visits: Vec<String>,
    /// How many places of these inspectors the visits need at least.
    pub needed: usize,
}

impl Shortage {
    pub(super) fn new(cut: &Cut, component: &Component, roster: &Roster) -> Self {
        let inspectors = || cut.inspectors.iter().map(|&at| &roster.inspectors[component.inspectors[at]]);
        Self {
            inspectors: inspectors().map(|one| one.id.clone()).collect(),
            capacity: inspectors().map(|one| one.capacity as usize).sum(),
            visits: cut.visits.iter().map(|&at| roster.visits[component.visits[at]].id.clone()).collect(),
            needed: cut.needed,
        }
    }
}

impl fmt::Display for Shortage {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { inspectors, capacity, visits, needed } = self;
        write!(
            f,
            "{} places are missing: {} visits ({}) need at least {needed} places of {} inspectors ({}) who have {capacity}; raise capacities, add inspectors, lift recusals or move visits",
            needed - capacity.min(needed),
            visits.len(),
            listed(visits),
            inspectors.len(),
            listed(inspectors),
        )
    }
}

fn listed(names: &[String]) -> String {
    let shown: Vec<String> = names.iter().take(SHOWN).map(|name| format!("`{name}`")).collect();
    let rest = names.len().saturating_sub(SHOWN);
    if rest > 0 { format!("{} and {rest} more", shown.join(", ")) } else { shown.join(", ") }
}

/// Why a visit cannot be staffed, where it cannot.
pub(super) fn unstaffed(roster: &Roster, component: &Component, visit: &VisitRow) -> Option<Unstaffed> {
    let kind = &roster.kinds[visit.kind];
    let (mut free, mut qualified) = (0, 0);
    for &inspector in component.inspectors.iter().filter(|&&inspector| roster.may_go(visit, inspector)) {
        free += 1;
        qualified += usize::from(kind.qualified[inspector]);
    }
    if free >= roster.per_visit && qualified > 0 {
        return None;
    }
    let everybody = 0..roster.inspectors.len();
    let serving = |&one: &usize| roster.serves(visit, one);
    let recused = |&one: &usize| visit.barred.binary_search(&one).is_ok();
    let elsewhere = everybody.clone().filter(|one| !serving(one)).count();
    let barred = everybody.clone().filter(|one| serving(one) && recused(one)).count();
    let having = |need: &String| everybody.clone().filter(|&one| roster.may_go(visit, one) && roster.has(one, need)).count();
    Some(Unstaffed {
        visit: visit.id.clone(),
        needed: roster.per_visit,
        inspectors: roster.inspectors.len(),
        elsewhere,
        recused: barred,
        uncertified: roster.inspectors.len() - elsewhere - barred - free,
        free,
        qualified,
        by_need: kind.needs.iter().map(|need| (need.clone(), having(need))).collect(),
    })
}
