//! Outcomes by time: does what was found stay as it was?

use crate::outcomes::Joined;
use firmgrade::Error;
use firmgrade::calendar::Day;
use firmgrade::evaluate::{Estimate, GradeRate, LEVEL, auc_domain, rates_by_grade};
use serde::Serialize;
use std::collections::BTreeMap;

/// Outcomes by stretches of time.
#[derive(Clone, Debug, Serialize)]
pub struct OverTime {
    /// How long a stretch is.
    pub unit: Unit,
    /// Those with outcomes, in order.
    pub periods: Vec<Period>,
}

/// How long a stretch of time is: the shortest that makes no more than twelve.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Unit {
    /// A month; where outcomes are of no more than three.
    Month,
    /// A quarter.
    Quarter,
    /// A year.
    Year,
}

/// The outcomes of a stretch of time.
#[derive(Clone, Debug, Serialize)]
pub struct Period {
    /// `2024-05`, `2024 Q2` or `2024`.
    pub name: String,
    /// Bad outcomes, all grades.
    #[serde(flatten)]
    pub rate: GradeRate,
    /// Area under the ROC curve of the score; missing below five bad or five good outcomes.
    pub auc: Option<Estimate>,
    /// Bad outcomes by grade, best first.
    pub grades: Vec<GradeRate>,
}

/// Months that are still shown one by one.
const MONTHS: i32 = 3;
/// Most stretches that are shown.
const MOST: i32 = 12;
/// Bad and good outcomes that an area needs.
const ENOUGH: usize = 5;

impl Unit {
    fn of(months: i32) -> Self {
        match months {
            ..=MONTHS => Self::Month,
            months if months <= 3 * (MOST - 1) => Self::Quarter,
            _ => Self::Year,
        }
    }

    /// The stretch of a day, as something that sorts.
    fn key(self, day: Day) -> (i32, u32) {
        let (year, month, _) = day.ymd();
        match self {
            Self::Month => (year, month),
            Self::Quarter => (year, month.div_ceil(3)),
            Self::Year => (year, 0),
        }
    }

    fn name(self, (year, part): (i32, u32)) -> String {
        match self {
            Self::Month => format!("{year}-{part:02}"),
            Self::Quarter => format!("{year} Q{part}"),
            Self::Year => format!("{year}"),
        }
    }
}

/// The outcomes by time; none where one of them has no day, or all are of one stretch. Estimates are those of domains of the whole sample.
///
/// # Errors
/// As the engine's metrics.
pub(super) fn over_time(joined: &Joined, risk: &[f64], grade: &[u32], grades: usize) -> Result<Option<OverTime>, Error> {
    let days: Option<Vec<Day>> = joined.day.iter().map(|day| day.and_then(Day::new)).collect();
    let (Some(days), Some((first, last))) = (days, joined.days) else { return Ok(None) };
    let ((year, month, _), (last_year, last_month, _)) = (first.ymd(), last.ymd());
    let unit = Unit::of(12 * (last_year - year) + last_month as i32 - month as i32 + 1);
    let keys: Vec<(i32, u32)> = days.iter().map(|day| unit.key(*day)).collect();
    let place: BTreeMap<(i32, u32), usize> = keys.iter().map(|key| (*key, 0)).collect();
    let place: BTreeMap<(i32, u32), usize> = place.into_keys().zip(0..).collect();
    if place.len() < 2 {
        return Ok(None);
    }
    let at = |row: usize| keys.get(row).and_then(|key| place.get(key)).copied().unwrap_or_default();
    let sampling = joined.sampling();
    let stretch: Vec<u32> = (0..keys.len()).map(|row| at(row) as u32).collect();
    let crossed: Vec<u32> = grade.iter().zip(&stretch).map(|(grade, stretch)| stretch * grades as u32 + grade).collect();
    let all = rates_by_grade(&stretch, place.len(), &joined.bad, sampling)?.grades;
    let mut by_grade = rates_by_grade(&crossed, place.len() * grades, &joined.bad, sampling)?.grades.into_iter();
    let mut periods = Vec::with_capacity(place.len());
    for ((key, at), rate) in place.iter().zip(all) {
        let inside: Vec<bool> = stretch.iter().map(|stretch| *stretch as usize == *at).collect();
        let enough = rate.bad >= ENOUGH && rate.rows - rate.bad >= ENOUGH;
        let auc = if enough { Some(auc_domain(risk, &joined.bad, &inside, sampling, LEVEL)?.estimate) } else { None };
        periods.push(Period { name: unit.name(*key), rate, auc, grades: by_grade.by_ref().take(grades).collect() });
    }
    Ok(Some(OverTime { unit, periods }))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn stretches_are_short_where_outcomes_are_of_a_few_months() {
        assert_eq!([1, 3, 4, 33, 34, 120].map(Unit::of), [Unit::Month, Unit::Month, Unit::Quarter, Unit::Quarter, Unit::Year, Unit::Year]);
        let day = Day::parse("2024-10-01").unwrap();
        let names = [Unit::Month, Unit::Quarter, Unit::Year].map(|unit| unit.name(unit.key(day)));
        assert_eq!(names, ["2024-10", "2024 Q4", "2024"]);
    }
}
