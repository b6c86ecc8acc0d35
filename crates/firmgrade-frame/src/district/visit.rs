//! What inspectors find at a firm that a plan sends them to, and what checks after complaints find: made up from the latent risk.
//!
//! ```text
//! not found            0.02 and
//! nothing to inspect   0.03, whatever the risk
//! violation            0.026·2^(1.75·risk), at most 0.95, as at other random inspections
//! complaint            a check with chance 0.004·2^(1.2·z), z the firm's risk in operation; a violation there with 0.06·2^(1.75·risk)
//! ```

use super::draw::{Draw, key, pow2};
use super::firm::{Firm, Group};
use rayon::prelude::*;

/// What would be found at a firm in a year.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Visit {
    /// At a visit of a plan.
    pub planned: Found,
    /// At a check after a complaint, where there is one.
    pub complaint: Option<Found>,
}

/// The result of a visit.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Found {
    /// The customary code.
    pub code: &'static str,
    /// When in the period, from 0 to below 1.
    pub when: f64,
    /// Days until it is published.
    pub published_after: u32,
}

const VIOLATIONS: [&str; 3] = ["未按规定公示", "发现问题已责令改正", "不配合检查情节严重"];
const NOTHING: &str = "未发现问题";
const NOT_FOUND: &str = "通过登记的住所无法联系";
const CLOSED: &str = "已关闭停业";

/// What would be found at each firm of the district of `seed`.
#[must_use]
pub fn visits(firms: usize, seed: u64) -> Vec<Visit> {
    (0..firms as u64).into_par_iter().map(|number| Visit::at(&Firm::new(seed, number))).collect()
}

impl Visit {
    fn at(firm: &Firm) -> Self {
        let mut draw = Draw::new(firm.key, key("visit"));
        let lost = draw.unit();
        let planned = Found::new(firm, 0.026, &mut draw);
        let planned = match lost {
            lost if lost < 0.02 => Found { code: NOT_FOUND, ..planned },
            lost if lost < 0.05 => Found { code: CLOSED, ..planned },
            _ => planned,
        };
        let mut draw = Draw::new(firm.key, key("visit.complaint"));
        let complained = draw.chance((0.004 * pow2(1.2 * firm.factor(Group::Operation))).min(0.5));
        Self { planned, complaint: complained.then(|| Found::new(firm, 0.06, &mut draw)) }
    }
}

impl Found {
    fn new(firm: &Firm, base: f64, draw: &mut Draw) -> Self {
        let violation = draw.chance((base * pow2(1.75 * firm.risk)).min(0.95));
        let kind = draw.pick([45.0, 45.0, 10.0].into_iter());
        let code = if violation { VIOLATIONS.get(kind).copied().unwrap_or(NOTHING) } else { NOTHING };
        let late = draw.chance(0.03);
        // Twenty days are usual; now and then it takes longer.
        Self { code, when: draw.unit(), published_after: 3 + draw.below(17) as u32 + if late { 15 } else { 0 } }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_found_follows_from_risk_alone() {
        let found = visits(40_000, 7);
        assert_eq!(found[..100], visits(100, 7)[..]);
        let share = |of: &dyn Fn(&Visit) -> bool| found.iter().filter(|visit| of(visit)).count() as f64 / found.len() as f64;
        assert!((share(&|visit| visit.planned.code == NOT_FOUND) - 0.02).abs() < 0.003);
        assert!((share(&|visit| visit.planned.code == CLOSED) - 0.03).abs() < 0.004);
        // The mean of 0.026·2^(1.75·risk) over a standard normal risk is 0.026·exp((1.75·ln 2)²/2) = 0.0543; of it 95 % are found.
        let bad = share(&|visit| VIOLATIONS.contains(&visit.planned.code));
        assert!((0.042..0.055).contains(&bad), "{bad}");
        let complaints: Vec<&Found> = found.iter().filter_map(|visit| visit.complaint.as_ref()).collect();
        let bad_there = complaints.iter().filter(|found| VIOLATIONS.contains(&found.code)).count() as f64 / complaints.len() as f64;
        assert!(complaints.len() > 150 && bad_there > 2.0 * bad, "{} {bad_there}", complaints.len());
        assert!(found.iter().all(|visit| (0.0..1.0).contains(&visit.planned.when)));
    }
}
