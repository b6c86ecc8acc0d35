//! Design-based estimates against what R's `survey` prints for the stratified sample of schools, `apistrat`.

#![expect(clippy::unwrap_used, reason = "a test may stop")]

use approx::assert_abs_diff_eq;
use firmgrade::evaluate::survey::{domain_mean, mean, total};
use firmgrade::evaluate::{Estimate, LEVEL, Sampling};

struct Schools {
    strata: Vec<u32>,
    population: Vec<f64>,
    api00: Vec<f64>,
    emer: Vec<f64>,
    enroll: Vec<f64>,
}

impl Schools {
    fn read() -> Self {
        let mut schools = Self { strata: vec![], population: vec![], api00: vec![], emer: vec![], enroll: vec![] };
        for line in include_str!("../../../fixtures/cases/api_schools.csv").lines().skip(1) {
            let cells: Vec<&str> = line.split(',').collect();
            let number = |at: usize| cells[at].parse::<f64>().unwrap();
            schools.strata.push("EMH".find(cells[0]).unwrap() as u32);
            schools.api00.push(number(1));
            schools.emer.push(number(2));
            schools.enroll.push(number(3));
            schools.population.push(number(4));
        }
        assert_eq!(schools.strata.len(), 200);
        schools
    }

    fn sampling(&self) -> Sampling<'_> {
        Sampling { strata: Some(&self.strata), population: Some(&self.population), ..Sampling::default() }
    }
}

/// Values and standard errors to the digits printed.
fn printed(found: Estimate, value: (f64, f64), se: (f64, f64)) {
    assert_abs_diff_eq!(found.value, value.0, epsilon = value.1);
    assert_abs_diff_eq!(found.se, se.0, epsilon = se.1);
}

/// `svymean(~api00, dstrat)`: 662.29, 9.4089; `svymean(~enroll, dstrat)`: 595.28, 18.509; `svytotal(~enroll, dstrat)`: 3687178, 114642.
#[test]
fn means_and_totals_as_r_prints_them() {
    let schools = Schools::read();
    printed(mean(&schools.api00, schools.sampling(), LEVEL).unwrap(), (662.29, 0.005), (9.4089, 5e-5));
    printed(mean(&schools.enroll, schools.sampling(), LEVEL).unwrap(), (595.28, 0.005), (18.509, 5e-4));
    printed(total(&schools.enroll, schools.sampling(), LEVEL).unwrap(), (3_687_178.0, 0.5), (114_642.0, 0.5));
}

/// Weights given as well change nothing; weights without populations leave the correction out.
#[test]
fn weights_and_the_correction() {
    let schools = Schools::read();
    let weight: Vec<f64> = schools.population.iter().map(|n| n / if *n > 4000.0 { 100.0 } else { 50.0 }).collect();
    let both = mean(&schools.api00, Sampling { weight: Some(&weight), ..schools.sampling() }, LEVEL).unwrap();
    let derived = mean(&schools.api00, schools.sampling(), LEVEL).unwrap();
    assert_abs_diff_eq!(both.se, derived.se, epsilon = 1e-12);
    let uncorrected = Sampling { weight: Some(&weight), population: None, ..schools.sampling() };
    let larger = mean(&schools.api00, uncorrected, LEVEL).unwrap();
    assert_abs_diff_eq!(larger.value, derived.value, epsilon = 1e-10);
    assert!(larger.se > derived.se);
}

/// `svymean(~api00, subset(dstrat, emer > 20))`: 558.52, 21.708; `emer == 0`: 749.09, 17.516. `svytotal(~enroll, …)`: 762132, 128674 and
/// 461690, 75813.
#[test]
fn domains_as_r_prints_them() {
    let schools = Schools::read();
    let domain: Vec<u32> = schools.emer.iter().map(|&emer| if emer > 20.0 { 2 } else { u32::from(emer == 0.0) }).collect();
    let means = domain_mean(&schools.api00, &domain, schools.sampling(), LEVEL).unwrap();
    printed(means[2].unwrap(), (558.52, 0.005), (21.708, 5e-4));
    printed(means[1].unwrap(), (749.09, 0.005), (17.516, 5e-4));
    let pupils = |of: u32| -> Vec<f64> { schools.enroll.iter().zip(&domain).map(|(n, &d)| if d == of { *n } else { 0.0 }).collect() };
    printed(total(&pupils(2), schools.sampling(), LEVEL).unwrap(), (762_132.0, 0.5), (128_674.0, 0.5));
    printed(total(&pupils(1), schools.sampling(), LEVEL).unwrap(), (461_690.0, 0.5), (75_813.0, 0.5));
}
