//! The years of a simulation: who violates, who is inspected, what is found.

use super::fault::SimulateFault;
use super::learn::{Inspected, Learnt, learn};
use super::policy::{Policy, Response, policy_faults};
use super::world::World;
use crate::ahp::SplitMix64;
use crate::error::Error;
use crate::sample::{Design, Frame, Suite, select};
use rayon::prelude::*;
use serde::Serialize;

/// Most years of one simulation.
const MOST: u32 = 100;

/// One year under one policy. Visits are counted in firms: who is drawn, among the riskiest and reported in one year is visited once.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Year {
    /// From 1.
    pub year: u32,
    /// Firms that violate, found or not.
    pub violating: u64,
    /// Firms visited because they were drawn at random.
    pub random: u64,
    /// Other firms visited because they are among the riskiest.
    pub special: u64,
    /// Other firms visited because they were reported.
    pub event: u64,
    /// Visits that found nobody.
    pub unreachable: u64,
    /// Violations found by random visits.
    pub found_random: u64,
    /// Violations found among the riskiest.
    pub found_special: u64,
    /// Violations found upon reports.
    pub found_event: u64,
    /// Visits to firms that do not violate: the burden on the honest.
    pub visits_clean: u64,
    /// The most visits that one firm has had up to this year.
    pub most_visits: u32,
    /// What the results teach.
    pub learnt: Learnt,
}

impl Year {
    /// All visits.
    #[must_use]
    pub fn visits(&self) -> u64 {
        self.random + self.special + self.event
    }

    /// All violations found.
    #[must_use]
    pub fn found(&self) -> u64 {
        self.found_random + self.found_special + self.found_event
    }
}

/// The years under one policy.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Years {
    /// The policy.
    pub policy: Policy,
    /// How firms were assumed to answer.
    pub response: Response,
    /// The seed.
    pub seed: u64,
    /// Year by year.
    pub years: Vec<Year>,
}

/// Runs each policy for some years, from 1 to 100. The same seed gives the same bits for any number of threads; a longer run begins with the
/// shorter one, and a policy's years do not depend on the other policies.
///
/// # Errors
/// [`Error::Simulate`] with everything that is wrong with the policies, the response and the number of years.
pub fn simulate(world: &World, policies: &[Policy], response: Response, years: u32, seed: u64) -> Result<Vec<Years>, Error> {
    let mut faults = policy_faults(policies, world.grades.len());
    faults.extend(response.faults());
    if !(1..=MOST).contains(&years) {
        faults.push(SimulateFault::Range { name: "years".to_owned(), found: f64::from(years), low: 1.0, high: f64::from(MOST) });
    }
    if !faults.is_empty() {
        return Err(Error::Simulate(faults));
    }
    let run = |policy: &Policy| -> Result<Years, Error> {
        let frame = world.frame(&policy.rates)?;
        let mut state = State { chance: world.chance.clone(), visits: vec![0; world.len()] };
        let mut done = Vec::new();
        for year in 1..=years {
            done.push(state.pass(world, &frame, policy, response, year, seed)?);
        }
        Ok(Years { policy: policy.clone(), response, seed, years: done })
    };
    policies.par_iter().map(run).collect()
}

/// Where firms stand between two years.
struct State {
    chance: Vec<f64>,
    visits: Vec<u32>,
}

/// What chance has in store for a firm in a year, whatever the policy.
struct Fate {
    violates: bool,
    reported: bool,
    unreachable: bool,
}

impl State {
    fn pass(&mut self, world: &World, frame: &Frame, policy: &Policy, response: Response, year: u32, seed: u64) -> Result<Year, Error> {
        let suite = Suite::Sha256;
        let draw_seed = suite.hash(&[b"firmgrade/simulate/v1", &seed.to_be_bytes(), &year.to_be_bytes()]);
        let selection = select(suite, &draw_seed, frame, &Design::default())?;
        let mut why = vec![None; world.len()];
        for one in &selection.selected {
            let firm = frame.find(&one.id).and_then(|row| frame.given().get(row));
            if let Some(place) = firm.and_then(|firm| why.get_mut(*firm as usize)) {
                *place = Some(Source::Random);
            }
        }
        let mut left = policy.riskiest;
        for firm in &world.riskiest {
            match why.get_mut(*firm as usize) {
                Some(place @ None) if left > 0 => {
                    *place = Some(Source::Special);
                    left -= 1;
                }
                _ if left == 0 => break,
                _ => {}
            }
        }
        // INVARIANT: three numbers for each firm and year, drawn whatever the policy, so that policies share their luck.
        let stream = SplitMix64::new(seed ^ (u64::from(year) << 32)).next_u64();
        let fates: Vec<Fate> = (self.chance.iter().enumerate())
            .map(|(firm, chance)| {
                let mut luck = SplitMix64::stream(stream, firm as u64);
                let violates = luck.uniform() < *chance;
                let reported = if violates { response.reported_violating } else { response.reported_clean };
                Fate { violates, reported: luck.uniform() < reported, unreachable: luck.uniform() < response.unreachable }
            })
            .collect();
        for (place, fate) in why.iter_mut().zip(&fates) {
            if place.is_none() && fate.reported {
                *place = Some(Source::Event);
            }
        }
        Ok(self.account(world, &why, &fates, response, year))
    }

    fn account(&mut self, world: &World, why: &[Option<Source>], fates: &[Fate], response: Response, year: u32) -> Year {
        let (mut visited, mut found) = ([0_u64; 3], [0_u64; 3]);
        let (mut unreachable, mut visits_clean) = (0, 0);
        let mut inspected = Vec::new();
        let firms = (why.iter().zip(fates).enumerate()).zip(self.chance.iter_mut().zip(&mut self.visits)).zip(&world.chance);
        for (((firm, (source, fate)), (chance, visits)), own) in firms {
            if let Some(source) = source {
                *visits += 1;
                let at = *source as usize;
                if let Some(count) = visited.get_mut(at) {
                    *count += 1;
                }
                visits_clean += u64::from(!fate.violates);
                if fate.unreachable {
                    unreachable += 1;
                } else {
                    if let Some(count) = found.get_mut(at) {
                        *count += u64::from(fate.violates);
                    }
                    inspected.push(Inspected { firm, violates: fate.violates, random: *source == Source::Random });
                }
                *chance *= 1.0 - response.deterrence;
            }
            *chance += response.recovery * (own - *chance);
        }
        let violates: Vec<bool> = fates.iter().map(|fate| fate.violates).collect();
        let [random, special, event] = visited;
        let [found_random, found_special, found_event] = found;
        Year {
            year,
            violating: violates.iter().filter(|violates| **violates).count() as u64,
            random,
            special,
            event,
            unreachable,
            found_random,
            found_special,
            found_event,
            visits_clean,
            most_visits: self.visits.iter().copied().max().unwrap_or_default(),
            learnt: learn(world, &violates, &inspected),
        }
    }
}

/// Why a firm is visited. The first reason counts.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Source {
    Random = 0,
    Special = 1,
    Event = 2,
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::sample::Rate;

    /// 3,000 firms: 2,000 in A with a chance of 2 %, 1,000 in B with 20 %, and a risk that tells firms apart within a grade.
    fn world() -> World {
        let count = 3000;
        let chance = |at: usize| if at < 2000 { 0.005 + 0.03 * (at % 100) as f64 / 99.0 } else { 0.1 + 0.2 * (at % 100) as f64 / 99.0 };
        let ids = (0..count).map(|at| format!("firm{at:04}")).collect();
        let grade = (0..count).map(|at| u8::from(at >= 2000)).collect();
        let chances: Vec<f64> = (0..count).map(chance).collect();
        World::new(ids, vec!["A".to_owned(), "B".to_owned()], grade, chances.clone(), chances).unwrap()
    }

    fn policy(name: &str, rates: [(u64, u64); 2], riskiest: usize) -> Policy {
        Policy { name: name.to_owned(), rates: rates.map(|(num, den)| Rate { num, den }).to_vec(), riskiest }
    }

    /// Everybody inspected and reached: everything is found, and estimates are the truth.
    #[test]
    fn a_census_finds_all() {
        let response = Response { unreachable: 0.0, ..Response::default() };
        let runs = simulate(&world(), &[policy("all", [(1, 1), (1, 1)], 10)], response, 3, 5).unwrap();
        for year in &runs[0].years {
            assert_eq!((year.random, year.special, year.event), (3000, 0, 0));
            assert_eq!(year.found(), year.violating);
            assert_eq!(year.visits_clean + year.violating, 3000);
            assert_eq!(year.most_visits, year.year);
            assert_eq!(year.learnt.auc_weighted.map(|auc| auc.value), year.learnt.auc_truth);
            for grade in &year.learnt.grades {
                assert_eq!(grade.weighted.map(|rate| (rate.value, rate.low, rate.high)), grade.truth.map(|p| (p, p, p)));
            }
        }
        // Every firm visited every year: its chance is p·0.7 after the first visit, then 0.7·(0.7p) moved a quarter of the way back.
        let violating: Vec<f64> = runs[0].years.iter().map(|year| year.violating as f64).collect();
        let expected = |factor: f64| (2000.0 * 0.02 + 1000.0 * 0.2) * factor;
        for (found, factor) in violating.iter().zip([1.0, 0.775, 0.656_875]) {
            assert!((found - expected(factor)).abs() < 4.0 * expected(factor).sqrt(), "{found} {}", expected(factor));
        }
    }

    /// Over many seeds the weighted rates are right and the pooled ones are not; without a random part nothing is known about A.
    #[test]
    fn only_random_rows_tell_the_truth() {
        let world = world();
        let policies = [policy("random", [(5, 100), (20, 100)], 0), policy("targeted", [(0, 1), (0, 1)], 300)];
        let seeds = 60;
        let (mut weighted, mut pooled, mut areas) = ([0.0; 2], [0.0; 2], [0.0; 2]);
        let mut covered = 0;
        for seed in 0..seeds {
            let runs = simulate(&world, &policies, Response::default(), 1, seed).unwrap();
            let [random, targeted] = [&runs[0].years[0], &runs[1].years[0]];
            assert_eq!((random.random, random.violating), (300, targeted.violating));
            assert_eq!((targeted.random, targeted.special), (0, 300));
            assert!(targeted.learnt.grades.iter().all(|grade| grade.weighted.is_none()));
            assert_eq!(targeted.learnt.auc_weighted, None);
            for (at, grade) in random.learnt.grades.iter().enumerate() {
                let (truth, rate) = (grade.truth.unwrap(), grade.weighted.unwrap());
                weighted[at] += (rate.value - truth) / seeds as f64;
                pooled[at] += (grade.pooled.unwrap() - truth) / seeds as f64;
                covered += u32::from(rate.low <= truth && truth <= rate.high);
            }
            let truth = random.learnt.auc_truth.unwrap();
            areas[0] += (random.learnt.auc_weighted.map_or(truth, |auc| auc.value) - truth) / seeds as f64;
            areas[1] += (random.learnt.auc_pooled.unwrap() - truth) / seeds as f64;
        }
        // Standard errors of the means: sqrt(0.02·0.98/97/60) = 0.0018 and sqrt(0.2·0.8/194/60) = 0.0037.
        assert!(weighted[0].abs() < 0.007 && weighted[1].abs() < 0.015, "{weighted:?}");
        assert!(pooled[0] > 0.02 && pooled[1] > 0.05, "{pooled:?}");
        assert!(areas[0].abs() < 0.03 && areas[1] < -0.03, "{areas:?}");
        assert!(f64::from(covered) / (2.0 * seeds as f64) >= 0.93, "{covered}");
    }

    #[test]
    fn runs_are_repeatable_and_longer_ones_begin_with_shorter() {
        let world = world();
        let policies = [policy("one", [(1, 100), (1, 10)], 20), policy("two", [(1, 10), (0, 1)], 0)];
        let long = simulate(&world, &policies, Response::default(), 4, 9).unwrap();
        let short = simulate(&world, &policies[1..], Response::default(), 2, 9).unwrap();
        assert_eq!(long[1].years[..2], short[0].years);
        assert_eq!(long[0].years[0].violating, long[1].years[0].violating);
        assert_ne!(long[0].years[1], simulate(&world, &policies, Response::default(), 4, 10).unwrap()[0].years[1]);
        let one = rayon::ThreadPoolBuilder::new().num_threads(1).build().unwrap();
        assert_eq!(one.install(|| simulate(&world, &policies, Response::default(), 4, 9)).unwrap(), long);
    }

    #[test]
    fn everything_wrong_is_told_at_once() {
        let response = Response { deterrence: f64::NAN, unreachable: 1.5, ..Response::default() };
        let wrong = [policy("", [(1, 2), (3, 2)], 0), Policy { name: "b".to_owned(), rates: vec![Rate::ZERO], riskiest: 0 }];
        let told = simulate(&world(), &wrong, response, 0, 1).unwrap_err().to_string();
        for part in
            ["6 problems", "is empty", ".rates` is 1.5", "has 1 rates, expected 2", "`deterrence` is NaN", "`unreachable`", "`years` is 0"]
        {
            assert!(told.contains(part), "{part}: {told}");
        }
        let told = World::new(vec!["a".to_owned()], vec!["A".to_owned()], vec![1], vec![f64::NAN], vec![1.1]).unwrap_err().to_string();
        assert!(["unknown grade", "impossible risk", "impossible chance"].iter().all(|part| told.contains(part)), "{told}");
        let twice = World::new(vec!["a".to_owned(); 2], vec!["A".to_owned()], vec![0; 2], vec![0.0; 2], vec![0.5; 2]);
        assert!(matches!(twice, Err(Error::Sample(_))));
    }
}
