//! The rate of bad outcomes in each grade, whether it rises from grade to grade, and whether enough is known to say so.

use super::beta::share_below;
use super::estimate::{Estimate, LEVEL, exact, upper};
use super::input::Faults;
use super::sampling::{Design, Sampling};
use crate::Error;
use serde::Serialize;

/// Where the bounds of a rate come from.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Bounds {
    /// Clopper & Pearson (1934): rows without weights and design.
    ClopperPearson,
    /// Korn & Graubard (1998): the same for `n_eff = p(1 − p)/V`, at most n; where p is 0 or 1, n.
    KornGraubard,
}

/// Bad outcomes in a grade.
#[derive(Clone, Copy, Debug, PartialEq, Serialize)]
pub struct GradeRate {
    /// Rows with a weight above 0.
    pub rows: usize,
    /// Bad outcomes among them.
    pub bad: usize,
    /// The firms that they stand for: the sum of the weights.
    pub firms: f64,
    /// The rate of bad outcomes; not a number, from 0 to 1, where there are no rows.
    pub rate: Estimate,
    /// The rows that the bounds were made for.
    pub effective: f64,
}

/// A grade against the next riskier one.
#[derive(Clone, Copy, Debug, PartialEq, Serialize)]
pub struct Step {
    /// The rate of the riskier grade less that of the better one.
    pub difference: Estimate,
    /// One-sided p-value of "the riskier grade is no worse": small where the step is real. Fisher's exact test (as hypergeometric tail)
    /// without weights, the normal tail of the linearised difference otherwise.
    pub p: f64,
}

/// Rates by grade, from the best grade to the riskiest.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct RatesByGrade {
    /// By grade.
    pub grades: Vec<GradeRate>,
    /// Where the bounds come from.
    pub bounds: Bounds,
    /// Between each grade with rows and the next one with rows.
    pub steps: Vec<Step>,
    /// Whether no rate falls from a grade to the next.
    pub monotone: bool,
    /// By grade: the nearest rates that do not fall (isotonic regression, weights the sums of weights); not a number without rows.
    pub isotonic: Vec<f64>,
}

/// The rate of bad outcomes in each of `grades` grades; `grade[k]` is row k's, 0 the best.
///
/// # Errors
/// [`Error::Evaluate`]: columns of unequal length, a grade beyond the last, weights below 0 or all 0, strata and populations that do not fit.
pub fn rates_by_grade(grade: &[u32], grades: usize, outcome: &[bool], sampling: Sampling<'_>) -> Result<RatesByGrade, Error> {
    let mut faults = Faults::of(grade.len());
    faults.rows("outcome", outcome.len());
    if let Some(beyond) = grade.iter().find(|&&grade| grade as usize >= grades) {
        faults.argument("grade", beyond, &format!("a place below {grades}"));
    }
    let design = Design::new(sampling, grade.len(), &mut faults);
    let design = faults.done(design)?;
    let plain = sampling.weight.is_none() && sampling.strata.is_none() && sampling.population.is_none();
    let bounds = if plain { Bounds::ClopperPearson } else { Bounds::KornGraubard };
    let y: Vec<f64> = outcome.iter().map(|&y| f64::from(u8::from(y))).collect();
    let mut of_grade = Vec::with_capacity(grades);
    for at in 0..grades {
        let inside = |row: usize| grade.get(row).is_some_and(|&grade| grade as usize == at);
        of_grade.push(GradeRate::of(&y, &design, inside, plain));
    }
    let seen: Vec<usize> = (0..grades).filter(|&at| of_grade.get(at).is_some_and(|grade| grade.rows > 0)).collect();
    let mut steps = Vec::new();
    for pair in seen.windows(2) {
        if let &[better, worse] = pair
            && let (Some(low), Some(high)) = (of_grade.get(better), of_grade.get(worse))
        {
            steps.push(Step::between((low, better), (high, worse), grade, &y, &design, plain));
        }
    }
    let known: Vec<(f64, f64)> = seen.iter().filter_map(|&at| of_grade.get(at)).map(|grade| (grade.rate.value, grade.firms)).collect();
    let mut isotonic = vec![f64::NAN; grades];
    for (at, value) in seen.iter().zip(pool_adjacent_violators(&known)) {
        if let Some(place) = isotonic.get_mut(*at) {
            *place = value;
        }
    }
    let monotone = known.is_sorted_by(|a, b| a.0 <= b.0);
    Ok(RatesByGrade { grades: of_grade, bounds, steps, monotone, isotonic })
}

impl GradeRate {
    fn of(y: &[f64], design: &Design, inside: impl Fn(usize) -> bool + Copy, plain: bool) -> Self {
        let sampled = |&row: &usize| inside(row) && design.weight.get(row).is_some_and(|&w| w > 0.0);
        let rows = (0..y.len()).filter(sampled).count();
        let bad = (0..y.len()).filter(sampled).filter(|&row| y.get(row) == Some(&1.0)).count();
        let firms = (0..y.len()).filter(sampled).filter_map(|row| design.weight.get(row)).sum();
        let Some(mean) = design.mean(y, inside, LEVEL) else {
            let rate = Estimate { value: f64::NAN, se: f64::NAN, low: 0.0, high: 1.0 };
            return Self { rows, bad, firms, rate, effective: 0.0 };
        };
        let (p, count) = (mean.value, rows as f64);
        let effective = if plain || bad == 0 || bad == rows { count } else { (p * (1.0 - p) / (mean.se * mean.se)).min(count) };
        let (low, high) = exact(p * effective, effective, LEVEL);
        Self { rows, bad, firms, rate: Estimate { low, high, ..mean }, effective }
    }
}

impl GradeRate {
    /// Two-sided p-value of another rate: below 0.05 where it lies outside of the 95 % bounds (Clopper & Pearson's tails for the effective rows).
    #[must_use]
    pub fn chance_of(&self, rate: f64) -> f64 {
        let (hits, trials) = (self.rate.value * self.effective, self.effective);
        if !(trials > 0.0) {
            return 1.0;
        }
        let above = if hits > 0.0 { share_below(hits, trials - hits + 1.0, rate) } else { 1.0 };
        let below = if hits < trials { share_below(trials - hits, hits + 1.0, 1.0 - rate) } else { 1.0 };
        (2.0 * above.min(below)).min(1.0)
    }
}

impl Step {
    fn between(
        (low, better): (&GradeRate, usize),
        (high, worse): (&GradeRate, usize),
        grade: &[u32],
        y: &[f64],
        design: &Design,
        plain: bool,
    ) -> Self {
        let term = |((&grade, &y), _): ((&u32, &f64), &f64)| match grade as usize {
            at if at == better => -(y - low.rate.value) / low.firms,
            at if at == worse => (y - high.rate.value) / high.firms,
            _ => 0.0,
        };
        let u: Vec<f64> = grade.iter().zip(y).zip(&design.weight).map(term).collect();
        let (value, se) = (high.rate.value - low.rate.value, design.variance(&u).sqrt());
        let p = match (plain, se > 0.0) {
            (true, _) => hypergeometric_tail(high.bad, high.rows, low.bad + high.bad, low.rows + high.rows),
            (false, true) => upper(value / se),
            (false, false) => 1.0,
        };
        Self { difference: Estimate::normal(value, se, LEVEL), p }
    }
}

/// The chance of `hits` or more among `drawn` of `all`, of which `marked` are marked: Fisher's one-sided test.
fn hypergeometric_tail(hits: usize, drawn: usize, marked: usize, all: usize) -> f64 {
    let ln_choose = |n: usize, k: usize| statrs::function::factorial::ln_binomial(n as u64, k as u64);
    let most = drawn.min(marked);
    let chance = |k: usize| (ln_choose(marked, k) + ln_choose(all - marked, drawn - k) - ln_choose(all, drawn)).exp();
    let least = hits.max((drawn + marked).saturating_sub(all));
    (least..=most).map(chance).sum::<f64>().min(1.0)
}

/// Weighted isotonic regression: the rising values nearest to `(value, weight)` (pool adjacent violators).
fn pool_adjacent_violators(values: &[(f64, f64)]) -> Vec<f64> {
    let mut pools: Vec<(f64, f64, usize)> = Vec::with_capacity(values.len());
    for &(value, weight) in values {
        let mut pool = (value, weight, 1);
        while let Some(last) = pools.pop_if(|last| last.0 > pool.0) {
            let weight = last.1 + pool.1;
            pool = ((last.0 * last.1 + pool.0 * pool.1) / weight, weight, last.2 + pool.2);
        }
        pools.push(pool);
    }
    pools.iter().flat_map(|&(value, _, count)| std::iter::repeat_n(value, count)).collect()
}

/// Whether the sample can carry statements about the population.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Gate {
    /// Ten bad outcomes or more are expected in the grade that is sampled least: 95 % intervals hold.
    Open,
    /// Five to ten: intervals are somewhat too short (93.5 % at 5.3).
    Narrow,
    /// Below five: not estimable (73 % at 1.3).
    Shut,
}

/// The gate and what it was judged by.
#[derive(Clone, Copy, Debug, PartialEq, Serialize)]
pub struct Estimable {
    /// The verdict.
    pub gate: Gate,
    /// The grade of which the smallest part was sampled; none where all grades were sampled alike.
    pub least_sampled: Option<usize>,
    /// Bad outcomes to be expected: where all grades were sampled alike those that were found, otherwise the rows of that grade times its
    /// rate by isotonic regression, so that a lucky draw without any finding borrows from its neighbours only what their order forces.
    pub expected: f64,
}

impl Estimable {
    /// What is expected and where: `2.1 bad outcomes to be expected in grade A, which was sampled least`.
    #[must_use]
    pub fn words(&self, grades: &[String]) -> String {
        let place = self.least_sampled.and_then(|at| grades.get(at));
        let place = place.map_or_else(String::new, |grade| format!(" in grade {grade}, which was sampled least"));
        format!("{:.1} bad outcomes to be expected{place}", self.expected)
    }
}

impl RatesByGrade {
    /// Whether rates and areas can be estimated from these rows.
    #[must_use]
    pub fn estimable(&self) -> Estimable {
        let part = |grade: &GradeRate| grade.rows as f64 / grade.firms;
        let seen = || self.grades.iter().enumerate().filter(|(_, grade)| grade.rows > 0);
        let least = seen().min_by(|a, b| part(a.1).total_cmp(&part(b.1)));
        let most = seen().max_by(|a, b| part(a.1).total_cmp(&part(b.1)));
        let (least_sampled, expected) = match (least, most) {
            (Some((at, least)), Some((_, most))) if part(least) < 0.999 * part(most) => {
                (Some(at), least.rows as f64 * self.isotonic.get(at).copied().unwrap_or(0.0))
            }
            _ => (None, self.grades.iter().map(|grade| grade.bad as f64).sum()),
        };
        let gate = match expected {
            many if many >= 10.0 => Gate::Open,
            some if some >= 5.0 => Gate::Narrow,
            _ => Gate::Shut,
        };
        Estimable { gate, least_sampled, expected }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use approx::assert_relative_eq;

    fn rows(grades: &[(usize, usize)]) -> (Vec<u32>, Vec<bool>) {
        let grade = grades.iter().zip(0..).flat_map(|(&(rows, _), at)| vec![at; rows]).collect();
        (grade, grades.iter().flat_map(|&(rows, bad)| (0..rows).map(move |row| row < bad)).collect())
    }

    /// 0 of 60 has the upper bound 5.96 %, with a design as without one.
    #[test]
    fn nothing_found_in_sixty() {
        let (grade, outcome) = rows(&[(60, 0), (50, 5)]);
        let plain = rates_by_grade(&grade, 3, &outcome, Sampling::default()).unwrap();
        assert_relative_eq!(plain.grades[0].rate.high, 1.0 - 0.025_f64.powf(1.0 / 60.0), epsilon = 1e-12);
        assert_eq!((plain.grades[0].rate.low, plain.bounds), (0.0, Bounds::ClopperPearson));
        assert_eq!((plain.grades[2].rows, plain.grades[2].rate.high, plain.steps.len()), (0, 1.0, 1));
        let population = grade.iter().map(|&g| if g == 0 { 6000.0 } else { 500.0 }).collect::<Vec<_>>();
        let sampling = Sampling { strata: Some(&grade), population: Some(&population), ..Sampling::default() };
        let design = rates_by_grade(&grade, 3, &outcome, sampling).unwrap();
        assert_relative_eq!(design.grades[0].rate.high, plain.grades[0].rate.high, epsilon = 1e-12);
        assert_eq!((design.grades[0].firms, design.bounds), (6000.0, Bounds::KornGraubard));
        // p = 0.1, V = 0.9 · 0.09·50/49/50: n_eff = 49/0.9, capped at 50.
        assert_eq!(design.grades[1].effective, 50.0);
    }

    /// Unequal weights: p = 3/8 of weights (1, 1, 1 | 5), V by hand n/(n − 1)·Σ (w(y − p)/8)².
    #[test]
    fn korn_and_graubards_effective_number() {
        let sampling = Sampling { weight: Some(&[1.0, 1.0, 1.0, 5.0]), ..Sampling::default() };
        let found = rates_by_grade(&[0; 4], 1, &[true, true, true, false], sampling).unwrap().grades[0];
        let variance = 4.0 / 3.0 * (3.0 * (0.625_f64 / 8.0).powi(2) + (5.0 * 0.375_f64 / 8.0).powi(2));
        assert_relative_eq!(found.rate.se, variance.sqrt(), epsilon = 1e-14);
        assert_relative_eq!(found.effective, 0.375 * 0.625 / variance, epsilon = 1e-12);
    }

    /// 5 of 50: the bounds are the rates whose p-value is 0.05, and 0.1 itself is no surprise. 0 of 60 at 5 %: 2·0.95⁶⁰.
    #[test]
    fn the_chance_of_another_rate() {
        let (grade, outcome) = rows(&[(50, 5), (60, 0)]);
        let found = rates_by_grade(&grade, 2, &outcome, Sampling::default()).unwrap().grades;
        for bound in [found[0].rate.low, found[0].rate.high] {
            assert_relative_eq!(found[0].chance_of(bound), 0.05, epsilon = 1e-9);
        }
        assert_eq!(found[0].chance_of(0.1), 1.0);
        assert_relative_eq!(found[1].chance_of(0.05), 2.0 * 0.95_f64.powi(60), epsilon = 1e-12);
    }

    /// Fisher's tea: 4 of 4 right has p = 1/70, 3 or more 17/70.
    #[test]
    fn fishers_tea() {
        assert_relative_eq!(hypergeometric_tail(4, 4, 4, 8), 1.0 / 70.0, epsilon = 1e-12);
        assert_relative_eq!(hypergeometric_tail(3, 4, 4, 8), 17.0 / 70.0, epsilon = 1e-12);
        assert_relative_eq!(hypergeometric_tail(0, 4, 4, 8), 1.0, epsilon = 1e-12);
    }

    #[test]
    fn isotonic_rates_pool_what_falls() {
        // 3 and 2 pool to 2.25, 4 and 0 to 2, which falls again: 13/6 for all five firms.
        let found = pool_adjacent_violators(&[(1.0, 1.0), (3.0, 1.0), (2.0, 3.0), (4.0, 1.0), (0.0, 1.0), (5.0, 2.0)]);
        for (found, by_hand) in found.iter().zip([1.0, 13.0 / 6.0, 13.0 / 6.0, 13.0 / 6.0, 13.0 / 6.0, 5.0]) {
            assert_relative_eq!(*found, by_hand, epsilon = 1e-14);
        }
    }

    #[test]
    fn steps_and_the_gate() {
        let (grade, outcome) = rows(&[(1000, 10), (500, 20), (100, 30)]);
        let found = rates_by_grade(&grade, 3, &outcome, Sampling::default()).unwrap();
        assert!(found.monotone && found.steps.iter().all(|step| step.p < 1e-3 && step.difference.low > 0.0));
        let turned = rates_by_grade(&grade.iter().map(|g| 2 - g).collect::<Vec<_>>(), 3, &outcome, Sampling::default()).unwrap();
        assert!(!turned.monotone && turned.steps.iter().all(|step| step.p > 0.99));
        // Rates 0.3, 0.04 and 0.01 pool to one: 60 of 1600.
        turned.isotonic.iter().for_each(|rate| assert_relative_eq!(*rate, 0.0375, epsilon = 1e-14));
        let population: Vec<f64> = grade.iter().map(|&g| [50_000.0, 5_000.0, 200.0][g as usize]).collect();
        let sampling = Sampling { strata: Some(&grade), population: Some(&population), ..Sampling::default() };
        let gate = |outcome: &[bool]| rates_by_grade(&grade, 3, outcome, sampling).unwrap().estimable();
        assert_eq!((gate(&outcome).gate, gate(&outcome).least_sampled), (Gate::Open, Some(0)));
        let fewer = |bad: usize| rows(&[(1000, bad), (500, 20), (100, 30)]).1;
        assert_eq!([gate(&fewer(5)).gate, gate(&fewer(4)).gate, gate(&fewer(0)).gate], [Gate::Narrow, Gate::Shut, Gate::Shut]);
    }
}
