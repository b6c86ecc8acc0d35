//! What is done with firms in a simulation, and how they answer.

use super::fault::SimulateFault;
use crate::sample::Rate;
use serde::{Deserialize, Serialize};

/// A policy: whom to inspect each year.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Policy {
    /// Its name.
    pub name: String,
    /// By grade, in the order of the grades: the rate drawn at random, as a floor (`at least`).
    pub rates: Vec<Rate>,
    /// How many more firms are inspected each year, the riskiest of those not drawn; they are no random rows.
    pub riskiest: usize,
}

/// How firms answer. All of them assumptions: none was found published for this field.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Response {
    /// The part of its chance of violating that an inspected firm loses for the next year, from 0 to 1.
    pub deterrence: f64,
    /// The part of the way back to its first chance that every firm goes each year, from 0 to 1.
    pub recovery: f64,
    /// The chance that an inspector finds nobody at the address, from 0 to 1: a visit without an outcome.
    pub unreachable: f64,
    /// The chance that a violating firm is reported in a year and inspected for it, from 0 to 1.
    pub reported_violating: f64,
    /// The same for a firm that does not violate.
    pub reported_clean: f64,
}

impl Default for Response {
    fn default() -> Self {
        Self { deterrence: 0.3, recovery: 0.25, unreachable: 0.03, reported_violating: 0.2, reported_clean: 0.01 }
    }
}

impl Response {
    pub(super) fn faults(&self) -> impl Iterator<Item = SimulateFault> {
        let named = [
            ("deterrence", self.deterrence),
            ("recovery", self.recovery),
            ("unreachable", self.unreachable),
            ("reported_violating", self.reported_violating),
            ("reported_clean", self.reported_clean),
        ];
        let outside = named.into_iter().filter(|(_, found)| !(*found >= 0.0 && *found <= 1.0));
        outside.map(|(name, found)| SimulateFault::Range { name: name.to_owned(), found, low: 0.0, high: 1.0 })
    }
}

/// Everything that is wrong with policies for this many grades.
pub(super) fn policy_faults(policies: &[Policy], grades: usize) -> Vec<SimulateFault> {
    let mut faults = Vec::new();
    if policies.is_empty() {
        faults.push(SimulateFault::None { what: "policies" });
    }
    for (at, policy) in policies.iter().enumerate() {
        let name = || policy.name.clone();
        if policy.name.trim().is_empty() {
            faults.push(SimulateFault::Name { name: name(), what: "is empty" });
        } else if policies.iter().take(at).any(|other| other.name == policy.name) {
            faults.push(SimulateFault::Name { name: name(), what: "stands twice" });
        }
        if policy.rates.len() != grades {
            faults.push(SimulateFault::Rates { policy: name(), found: policy.rates.len(), expected: grades });
        }
        for rate in policy.rates.iter().filter(|rate| Rate::new(rate.num, rate.den).is_none()) {
            faults.push(SimulateFault::Range { name: format!("{}.rates", policy.name), found: rate.to_f64(), low: 0.0, high: 1.0 });
        }
    }
    faults
}
