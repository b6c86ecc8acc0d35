//! How the rows were sampled, and the variance of a weighted sum under stratified sampling.

use super::EvaluateFault;
use super::input::Faults;
use crate::Error;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// What is done with a stratum of which one unit was sampled but more exist (R's `survey.lonely.psu`). A stratum whose every unit
/// was sampled adds no variance under any of them.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum SingleUnit {
    /// An error that names the strata.
    #[default]
    Fail,
    /// The stratum adds nothing to the variance.
    Remove,
    /// As `remove`: the unit is taken to have been certain.
    Certainty,
    /// The unit's distance from the mean of all units (which is conservative) instead of from the stratum's.
    Adjust,
}

/// How the rows were sampled. All columns have one value per row; every column may be left out.
#[derive(Clone, Copy, Debug, Default)]
pub struct Sampling<'a> {
    /// 1/π. Left out: `population` by the stratum's rows, else 1.
    pub weight: Option<&'a [f64]>,
    /// The stratum. Left out: one stratum.
    pub strata: Option<&'a [u32]>,
    /// How many units the row's stratum has in the population, equal in a stratum's rows. Left out: no finite-population correction.
    pub population: Option<&'a [f64]>,
    /// What a stratum with a single sampled unit does.
    pub single: SingleUnit,
}

impl Sampling<'_> {
    /// The weights of `rows` rows, given or from populations; none where all rows count alike. A single unit in a stratum is no fault here.
    ///
    /// # Errors
    /// [`Error::Evaluate`] with every fault of the design.
    pub fn weights(self, rows: usize) -> Result<Option<Vec<f64>>, Error> {
        if self.weight.is_none() && self.population.is_none() {
            return Ok(None);
        }
        let mut faults = Faults::of(rows);
        let design = Design::new(Self { single: SingleUnit::Remove, ..self }, rows, &mut faults);
        faults.done(design.map(|design| Some(design.weight)))
    }
}

/// A checked design: for each row its weight, its stratum as a place in `strata`.
pub(crate) struct Design {
    pub(crate) weight: Vec<f64>,
    stratum: Vec<u32>,
    strata: Vec<Stratum>,
    single: SingleUnit,
}

struct Stratum {
    name: u32,
    units: f64,
    /// 1 − n/N.
    correction: f64,
}

impl Design {
    /// Checks a design for `rows` rows. Rows of weight 0 are in no stratum: they were not sampled.
    pub(crate) fn new(sampling: Sampling<'_>, rows: usize, faults: &mut Faults) -> Option<Self> {
        faults.weight(sampling.weight);
        if let Some(strata) = sampling.strata {
            faults.rows("stratum", strata.len());
        }
        if let Some(population) = sampling.population {
            let remedy = "give the number of firms in the row's stratum";
            faults.values("population", population, "impossible value", remedy, |n| n >= 1.0 && n.is_finite());
        }
        let fits = |found: Option<usize>| found.is_none_or(|found| found == rows);
        if !fits(sampling.weight.map(<[f64]>::len))
            || !fits(sampling.strata.map(<[u32]>::len))
            || !fits(sampling.population.map(<[f64]>::len))
        {
            return None;
        }
        let at = |row: usize| sampling.strata.and_then(|strata| strata.get(row)).copied().unwrap_or(0);
        let sampled = |row: usize| sampling.weight.and_then(|weight| weight.get(row)).is_none_or(|&w| w > 0.0);
        let mut counts: BTreeMap<u32, (f64, Option<f64>)> = BTreeMap::new();
        for row in (0..rows).filter(|&row| sampled(row)) {
            let size = sampling.population.and_then(|population| population.get(row)).copied();
            let (units, known) = counts.entry(at(row)).or_insert((0.0, size));
            *units += 1.0;
            if let (Some(known), Some(size)) = (*known, size)
                && known.to_bits() != size.to_bits()
            {
                let what = format!("its population is {known} in one row and {size} in row {}", row + 1);
                faults.add(EvaluateFault::Stratum { stratum: at(row), what, remedy: "a stratum has one size" });
                return None;
            }
        }
        let mut strata = Vec::with_capacity(counts.len());
        let mut lonely = false;
        for (&name, &(units, size)) in &counts {
            if let Some(size) = size.filter(|&size| size < units) {
                let what = format!("it has {units} sampled rows, more than its population of {size}");
                faults.add(EvaluateFault::Stratum { stratum: name, what, remedy: "a unit is sampled once; correct the population" });
            }
            let correction = size.map_or(1.0, |size| 1.0 - units / size);
            if units == 1.0 && correction > 0.0 && sampling.single == SingleUnit::Fail {
                lonely = true;
                let remedy = "join it with a like stratum, or state what a single unit means: remove, certainty or adjust";
                faults.add(EvaluateFault::Stratum { stratum: name, what: "one sampled row has no variance".to_owned(), remedy });
            }
            strata.push(Stratum { name, units, correction });
        }
        if lonely {
            return None;
        }
        let place = |name: u32| strata.binary_search_by_key(&name, |stratum| stratum.name).map_or(0, |place| place as u32);
        let stratum: Vec<u32> = match sampling.strata {
            None => vec![0; rows],
            Some(strata) => strata.iter().map(|&name| place(name)).collect(),
        };
        let weight = match (sampling.weight, sampling.population) {
            (Some(weight), _) => weight.to_vec(),
            (None, None) => vec![1.0; rows],
            (None, Some(population)) => {
                let units = |&place: &u32| strata.get(place as usize).map_or(1.0, |stratum| stratum.units);
                population.iter().zip(&stratum).map(|(size, place)| size / units(place)).collect()
            }
        };
        Some(Self { weight, stratum, strata, single: sampling.single })
    }

    /// The variance of `Σ w·u`: `Σ_h (1 − n_h/N_h) n_h/(n_h − 1) Σ_k (w_k u_k − mean_h)²`.
    pub(crate) fn variance(&self, u: &[f64]) -> f64 {
        self.spread(u).variance
    }

    /// That variance and its degrees of freedom.
    pub(crate) fn spread(&self, u: &[f64]) -> Spread {
        let mut sums = vec![(0.0, 0.0, 0.0); self.strata.len()];
        let each = || u.iter().zip(&self.weight).zip(&self.stratum).filter(|((_, w), _)| **w > 0.0);
        for ((u, w), &at) in each() {
            if let Some((sum, ..)) = sums.get_mut(at as usize) {
                *sum += u * w;
            }
        }
        let rows: f64 = self.strata.iter().map(|stratum| stratum.units).sum();
        let overall = sums.iter().map(|(sum, ..)| sum).sum::<f64>() / rows;
        // Means first, squares second: one pass over sums of squares loses the digits of totals in the millions.
        for ((sum, ..), stratum) in sums.iter_mut().zip(&self.strata) {
            *sum = if stratum.units > 1.0 { *sum / stratum.units } else { overall };
        }
        for ((u, w), &at) in each() {
            if let Some((mean, squares, fourths)) = sums.get_mut(at as usize) {
                let square = (u * w - *mean).powi(2);
                *squares += square;
                *fourths += square * square;
            }
        }
        let mut spread = (0.0, 0.0);
        for (stratum, &(_, squares, fourths)) in self.strata.iter().zip(&sums) {
            let factor = match (stratum.units > 1.0, self.single) {
                (true, _) => stratum.correction * stratum.units / (stratum.units - 1.0),
                (false, SingleUnit::Adjust) => stratum.correction,
                (false, SingleUnit::Fail | SingleUnit::Remove | SingleUnit::Certainty) => 0.0,
            };
            spread.0 += factor * squares;
            spread.1 += factor * factor * fourths;
        }
        Spread { variance: spread.0, freedom: 2.0 * spread.0 * spread.0 / spread.1 }
    }
}

/// A variance and how well it is known.
pub(crate) struct Spread {
    pub(crate) variance: f64,
    /// Satterthwaite's degrees of freedom with empirical fourth moments, `2V² / Σ f_h² (w_k u_k − mean_h)⁴`: m rows that carry the whole
    /// variance alike give 2m, however many others there are.
    pub(crate) freedom: f64,
}
