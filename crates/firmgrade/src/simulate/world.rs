//! The firms of a simulation, with the truth about them.

use super::fault::SimulateFault;
use crate::error::Error;
use crate::fault::Cells;
use crate::sample::{Frame, Rate, Row};

/// Firms whose chance of violating is known. Columns have shape `(n_firms,)`.
#[derive(Clone, Debug, PartialEq)]
pub struct World {
    pub(super) ids: Vec<String>,
    pub(super) grades: Vec<String>,
    pub(super) grade: Vec<u8>,
    pub(super) risk: Vec<f64>,
    pub(super) chance: Vec<f64>,
    /// The firms from the riskiest down; equals by id.
    pub(super) riskiest: Vec<u32>,
}

impl World {
    /// Checks the firms. `grades` names the grades, best first; `grade` holds indices into it; `risk` is higher for riskier firms; `chance` is
    /// each firm's own chance of violating in a year, from 0 to 1, as long as nobody inspects it.
    ///
    /// # Errors
    /// [`Error::Simulate`] with everything that is wrong: columns of other lengths, no firms, grades that there are not, a risk that is not
    /// finite, a chance outside 0 to 1. Ids that are missing or stand twice are [`Error::Sample`].
    pub fn new(ids: Vec<String>, grades: Vec<String>, grade: Vec<u8>, risk: Vec<f64>, chance: Vec<f64>) -> Result<Self, Error> {
        let mut faults = Vec::new();
        let expected = ids.len();
        for (what, found) in [("grades", grade.len()), ("risks", risk.len()), ("chances", chance.len())] {
            if found != expected {
                faults.push(SimulateFault::Length { what, found, expected });
            }
        }
        if ids.is_empty() {
            faults.push(SimulateFault::None { what: "firms" });
        }
        if grades.is_empty() {
            faults.push(SimulateFault::None { what: "grades" });
        }
        let mut cells = |what, remedy, wrong: &mut dyn Iterator<Item = (usize, String)>| {
            let mut cells = Cells::new(what);
            wrong.for_each(|(row, value)| cells.add(row, || Some(value)));
            if !cells.is_empty() {
                faults.push(SimulateFault::Cells { cells, remedy });
            }
        };
        let number = |values: &[f64], right: fn(f64) -> bool| {
            let wrong: Vec<(usize, String)> =
                values.iter().enumerate().filter(|(_, value)| !right(**value)).map(|(row, value)| (row, value.to_string())).collect();
            wrong.into_iter()
        };
        let named = |grade: &u8| usize::from(*grade) < grades.len();
        let mut unknown = grade.iter().enumerate().filter(|(_, grade)| !named(grade)).map(|(row, grade)| (row, grade.to_string()));
        cells("unknown grade", "a grade is the index of its name", &mut unknown);
        cells("impossible risk", "a risk is a finite number", &mut number(&risk, f64::is_finite));
        cells("impossible chance", "a chance is from 0 to 1", &mut number(&chance, |p| (0.0..=1.0).contains(&p)));
        if !faults.is_empty() {
            return Err(Error::Simulate(faults));
        }
        let mut riskiest: Vec<u32> = (0..).take(ids.len()).collect();
        let key = |firm: u32| (risk.get(firm as usize).copied().unwrap_or_default(), ids.get(firm as usize));
        riskiest.sort_by(|a, b| {
            let ((risk_a, id_a), (risk_b, id_b)) = (key(*a), key(*b));
            risk_b.total_cmp(&risk_a).then_with(|| id_a.cmp(&id_b))
        });
        let world = Self { ids, grades, grade, risk, chance, riskiest };
        world.frame(&vec![Rate::ZERO; world.grades.len()])?;
        Ok(world)
    }

    /// How many firms.
    #[must_use]
    pub fn len(&self) -> usize {
        self.ids.len()
    }

    /// Whether there are none; never so.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.ids.is_empty()
    }

    /// The frame that is drawn from: the grades are the strata.
    pub(super) fn frame(&self, rates: &[Rate]) -> Result<Frame, Error> {
        Frame::new(self.ids.iter().zip(&self.grade).map(|(id, grade)| {
            let at = usize::from(*grade);
            let name = self.grades.get(at).map_or("", String::as_str);
            Row { id, grade: name, stratum: name, rate: rates.get(at).copied().unwrap_or(Rate::ZERO), exclusion: "" }
        }))
    }
}
