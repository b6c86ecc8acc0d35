//! The largest scaling that fits a budget.

use super::super::policy::Policy;
use super::firms::Placement;
use super::size::{Sizes, size};
use super::{BudgetFit, PlanFault, SCALE};
use crate::error::Error;

/// Inspector-days of so many visits, rounded up: visits × days per visit × inspectors.
pub(super) fn inspector_days(policy: &Policy, visits: u64) -> u64 {
    let (num, den) = policy.days_per_visit();
    let days = u128::from(visits) * u128::from(num) * u128::from(policy.visits().inspectors);
    u64::try_from(days.div_ceil(u128::from(den))).unwrap_or(u64::MAX)
}

/// The largest factor with which the plan fits, in parts of [`SCALE`]: found by bisection, for the number of visits never falls as the factor
/// grows.
pub(super) fn fit(policy: &Policy, placement: &Placement, given: u64) -> Result<(Sizes, BudgetFit), Error> {
    let sized = |scale: u64| size(policy, placement, scale);
    let days = |sized: &Sizes| inspector_days(policy, sized.n());
    let whole = sized(SCALE)?;
    let wanted = days(&whole);
    let floors = sized(0)?;
    let least = days(&floors);
    if least > given {
        return Err(Error::Plan(vec![PlanFault::Budget { given, least, visits: floors.n() }]));
    }
    if wanted <= given {
        return Ok((whole, BudgetFit { inspector_days: given, wanted, least, scale: SCALE }));
    }
    // INVARIANT: `fits` fits, `exceeds` does not.
    let (mut fits, mut exceeds) = (0, SCALE);
    let mut best = floors;
    while exceeds - fits > 1 {
        let middle = fits + (exceeds - fits) / 2;
        let tried = sized(middle)?;
        if days(&tried) <= given {
            (fits, best) = (middle, tried);
        } else {
            exceeds = middle;
        }
    }
    Ok((best, BudgetFit { inspector_days: given, wanted, least, scale: fits }))
}
