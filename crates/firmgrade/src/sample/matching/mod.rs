//! Which inspectors make which visits: the minimum-cost flow of hashed costs, with a proof.
//!
//! Each visit gets `per_visit` distinct inspectors, at least one of them qualified for all its items. Recused inspectors, those of other
//! zones and those whose certificate is not valid on the day have no arc; nobody has more visits than places. Of all such matches the one
//! with the smallest sum of hashed costs is taken, so nobody chooses, and everybody can look:
//!
//! ```text
//! visit → inspector (qualified)       capacity 1, cost = HMAC(seed, "firmgrade/assign/v1" || lp("cost") || lp(visit) || lp(inspector)) >> 21
//! visit → others(visit)               capacity per_visit − 1, cost 0
//! others(visit) → inspector (others)  capacity 1, cost as above
//! inspector → sink                    capacity of the inspector, cost 0
//! ```
//!
//! *Qualified* means for all items. A visit whose items need different qualifications could also be covered by several inspectors
//! who are each qualified for a part; such sets have no exchange property, no flow has them as its solutions, and so they are not used: the match may be
//! stricter than the rule "one for each item", never weaker. A visit for which nobody has all qualifications is refused with the advice to split it.
//!
//! The match comes with the potentials of all nodes. [`verify`] goes over all arcs once: where a reduced cost is below 0 the arc must be full, where it is above 0
//! it must be empty; then no match is cheaper. Where moves of reduced cost 0 close to a circle there is another match as cheap, and the
//! record names it. Published potentials are the smallest ones: the price of an inspector is what one more place would save.
//!
//! # A case to try
//! `fixtures/cases/match.json` has twelve visits and eight inspectors with 25 places, seed `000102…1f`; `fixtures/verify_match.py`, which shares no code
//! with this, confirms its match:
//!
//! ```text
//! V01 I3 I6   V02 I2 I4   V03 I1 I7   V04 I6 I8   V05 I4 I5   V06 I1 I2
//! V07 I1 I6   V08 I2 I4   V09 I1 I8   V10 I5 I7   V11 I3 I8   V12 I5 I7      cost 59562500620683
//! price  I1 803186200989  I2 150033786048  I3 0  I4 1354304625545  I5 376039735630  I6 969316207744  I7 0  I8 311002846377
//! ```

mod certify;
mod component;
mod fault;
mod flow;
mod hash;
mod record;
mod roster;
mod spec;
mod staff;

pub use fault::MatchFault;
pub use hash::{RULE, cost};
pub use record::{Certificate, Match, Pair, Potentials, Price, Swap, Workload, verify};
pub use roster::Roster;
pub use spec::{Inspector, Recusal, RosterSpec, Visit};
pub use staff::{Shortage, Unstaffed};

use crate::Error;
use certify::{Audit, Claim};
use component::Component;
use hash::Costs;
use rayon::prelude::*;

/// Matches inspectors to visits. The same roster and seed give the same bytes, for any number of threads.
///
/// Parts of the roster that share no zone are solved in parallel. Memory is 8 bytes for each visit and inspector of the parts under way.
///
/// # Errors
/// [`Error::Match`] with every visit that cannot be staffed alone, and every set of visits that cannot be staffed together.
pub fn match_inspectors(roster: &Roster, seed: &[u8; 32]) -> Result<Match, Error> {
    let costs = Costs::new(seed);
    let parts: Vec<Result<Part, Vec<MatchFault>>> =
        Component::all(roster).into_par_iter().map(|part| Part::solve(roster, part, &costs)).collect();
    let (mut solved, mut faults) = (Vec::with_capacity(parts.len()), Vec::new());
    for part in parts {
        match part {
            Ok(part) => solved.push(part),
            Err(found) => faults.extend(found),
        }
    }
    if faults.is_empty() { Ok(Match::new(roster, &solved)) } else { Err(Error::Match(faults)) }
}

/// A part of the roster with its match.
struct Part {
    component: Component,
    /// The inspectors of each visit, by position in the part, ascending.
    staff: Vec<Vec<usize>>,
    potentials: Vec<(i64, i64)>,
    prices: Vec<i64>,
    audit: Audit,
}

impl Part {
    fn solve(roster: &Roster, mut component: Component, costs: &Costs) -> Result<Self, Vec<MatchFault>> {
        let alone: Vec<_> = component.visits.par_iter().map(|&visit| staff::unstaffed(roster, &component, &roster.visits[visit])).collect();
        let mut hopeless = alone.iter();
        // Shortages among the rest are still looked for, so that all faults come at once.
        component.visits.retain(|_| hopeless.next().is_some_and(Option::is_none));
        let mut faults: Vec<MatchFault> = alone.into_iter().flatten().map(MatchFault::Unstaffed).collect();
        let mut network = component.network(roster, costs);
        if let Err(cuts) = network.solve() {
            faults.extend(cuts.iter().map(|cut| MatchFault::Shortage(Shortage::new(cut, &component, roster))));
        }
        if !faults.is_empty() {
            return Err(faults);
        }
        let sorted = |visit| {
            let mut staff = network.staff(visit).to_vec();
            staff.sort_unstable();
            staff
        };
        let visits = 0..component.visits.len();
        let staff: Vec<Vec<usize>> = visits.clone().map(sorted).collect();
        let potentials: Vec<(i64, i64)> = visits.map(|visit| network.potentials(visit)).collect();
        let prices = network.prices().to_vec();
        let fits = component.fits(roster);
        let claim = component.claim(roster, staff, &fits, potentials, prices);
        let audit = claim.audit(|visit, row| network.row_into(visit, row));
        let faults = component.broken(roster, &audit);
        let Claim { staff, visits: potentials, inspectors: prices, .. } = claim;
        // A flow that is not the cheapest would be a fault of ours; it must not become somebody's inspection.
        if faults.is_empty() { Ok(Self { component, staff, potentials, prices, audit }) } else { Err(faults) }
    }
}
