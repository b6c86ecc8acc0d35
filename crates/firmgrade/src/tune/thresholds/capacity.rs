//! Cut points for inspector-days.

use super::groups;
use super::shares::{SHARES, at_shares, cumulated, sums_to_one};
use crate::tune::fault::Faults;
use crate::tune::partition::Cumulated;
use serde::{Deserialize, Serialize};

/// Inspections within inspector-days. The shares of all grades but the first are multiplied by one factor, the first gets the rest, and
/// the factor is the largest with which `Σ firms·rate·days` fits.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Capacity {
    /// By grade: its share where the factor is 1; they sum to 1.
    pub shares: Vec<f64>,
    /// By grade: the share of its firms that is inspected.
    pub rates: Vec<f64>,
    /// By grade: inspector-days for an inspection.
    pub days: Vec<f64>,
    /// Inspector-days that there are.
    pub available: f64,
}

impl Capacity {
    /// Inspector-days for a firm of a grade.
    pub(super) fn of(&self, grade: usize) -> f64 {
        self.rates.get(grade).zip(self.days.get(grade)).map_or(0.0, |(rate, days)| rate * days)
    }

    pub(super) fn check(&self, faults: &mut Faults) {
        faults.argument("capacity.shares", format!("{:?}", self.shares), SHARES, sums_to_one(&self.shares));
        let first = self.shares.first().is_some_and(|first| *first < 1.0);
        faults.argument("capacity.shares", format!("{:?}", self.shares), "a first share below 1", first);
        let count = self.shares.len();
        let lengths = format!("{} rates and {} days", self.rates.len(), self.days.len());
        let fits = self.rates.len() == count && self.days.len() == count;
        faults.argument("capacity", lengths, format!("{count} of each"), fits);
        let rates = self.rates.iter().all(|rate| (0.0..=1.0).contains(rate));
        faults.argument("capacity.rates", format!("{:?}", self.rates), "numbers from 0 to 1", rates);
        let days = self.days.iter().all(|days| (0.0..=1e6).contains(days));
        faults.argument("capacity.days", format!("{:?}", self.days), "numbers from 0", days);
        let rising = (1..count).all(|grade| self.of(grade - 1) <= self.of(grade));
        let expected = "rate × days that do not fall from grade to grade";
        faults.argument("capacity", format!("{:?} × {:?}", self.rates, self.days), expected, rising);
        faults.argument("capacity.available", self.available, "a number from 0", (0.0..=f64::MAX).contains(&self.available));
    }

    /// The largest factor of the shares beyond the first with which the inspections fit.
    pub(super) fn cuts(&self, sums: &Cumulated) -> Option<Vec<usize>> {
        let first = self.shares.first().copied().unwrap_or(1.0);
        let cuts = |factor: f64| {
            let rest = self.shares.iter().skip(1).map(|share| factor * share);
            let shares: Vec<f64> = std::iter::once(1.0 - factor * (1.0 - first)).chain(rest).collect();
            at_shares(sums, &cumulated(&shares))
        };
        let fits = |cuts: &[usize]| {
            let days = groups(cuts, sums).into_iter().enumerate().fold(0.0, |sum, (at, cell)| sum + cell.weight * self.of(at));
            days <= self.available * (1.0 + 1e-12)
        };
        let most = 1.0 / (1.0 - first);
        let (mut low, mut high) = (cuts(0.0), most);
        if !fits(&low) {
            return None;
        }
        let all = cuts(most);
        if fits(&all) {
            return Some(all);
        }
        // More firms in worse grades never ask for less, so what fits ends at one factor.
        let mut fitting = 0.0;
        for _ in 0..60 {
            let middle = (fitting + high) / 2.0;
            let found = cuts(middle);
            if fits(&found) { (fitting, low) = (middle, found) } else { high = middle }
        }
        Some(low)
    }
}
