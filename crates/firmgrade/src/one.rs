//! One firm at a time: the same numbers as in a batch, bit for bit, without building columns.

use crate::card::{Cuts, Scorecard};
use crate::columns::{Bits, Column, Kind, Texts, Values};
use crate::condition::Scratch;
use crate::error::Error;
use crate::fault::{Cells, DataFault};
use crate::grade::{NO_GRADE, NO_SCORE_CUTS};
use crate::inspect::value_faults;
use crate::score::{Row, Table};
use std::slice;

/// One value of a firm.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Cell<'a> {
    /// There is none.
    Missing,
    /// A number; NaN is missing.
    Number(f64),
    /// A text.
    Text(&'a str),
    /// Yes or no.
    Flag(bool),
}

/// One graded firm.
#[derive(Clone, Debug, PartialEq)]
pub struct GradedFirm {
    /// The score; NaN for a firm without any data, and where the card has no indicators.
    pub score: f64,
    /// Grade by score, as an index into [`crate::card::Grades::names`]; [`NO_GRADE`] where there is no score or the card's cut
    /// points are solved from shares, which one firm does not have.
    pub score_grade: u8,
    /// Grade after overrides.
    pub grade: u8,
    /// Share of the card's weight with data, from 0 to 1.
    pub coverage: f64,
    /// Indices of the indicators that cost most, strongest first.
    pub reasons: Vec<usize>,
    /// Points lost against the best attainable by indicator, in units of the score.
    pub contributions: Vec<f64>,
    /// Indices of the rules that were hit, in the order in which they were applied.
    pub hits: Vec<usize>,
}

impl Cell<'_> {
    fn kind(self) -> Option<Kind> {
        match self {
            Self::Missing => None,
            Self::Number(_) => Some(Kind::Number),
            Self::Text(_) => Some(Kind::Text),
            Self::Flag(_) => Some(Kind::Flag),
        }
    }
}

impl Scorecard {
    /// Grades one firm. `cells` holds its values in the order of [`Scorecard::columns`]; values beyond its end are missing.
    ///
    /// # Errors
    /// [`Error::Data`] with every fault, as in a batch; the row is always 1.
    pub fn grade_one(&self, cells: &[Cell<'_>], reasons: usize) -> Result<GradedFirm, Error> {
        let cell = |column: usize| cells.get(column).copied().unwrap_or(Cell::Missing);
        self.refuse_kinds(cell)?;
        let mut row = Row::new(&self.plan);
        let (risk, weight) = row.fill(&self.plan, |index| {
            self.plan.leaves.get(index).map_or((f64::NAN, false), |leaf| match (cell(leaf.column), &leaf.table) {
                (Cell::Number(x), _) if !x.is_nan() && !leaf.is_outside_missing(x) => (leaf.of_number(x), true),
                (Cell::Text(text), Table::Words(words)) => {
                    let category = words.find(text.as_bytes());
                    let other = category + 1 == words.points.len();
                    if other && words.other_is_missing {
                        (leaf.missing, false)
                    } else {
                        (words.points.get(category).copied().unwrap_or(f64::NAN), true)
                    }
                }
                (Cell::Flag(yes), Table::Flag([no_points, yes_points])) => (if yes { *yes_points } else { *no_points }, true),
                _ => (leaf.missing, false),
            })
        });
        let infinite = cells.iter().any(|cell| matches!(cell, Cell::Number(x) if x.is_infinite()));
        if risk.is_nan() || infinite {
            self.refuse_values(cell)?;
        }
        let unscored = self.indicators.is_empty();
        let (score, coverage) = (self.scale.score(risk), if unscored { f64::NAN } else { self.plan.coverage(weight) });
        let score_grade = match &self.grades.cuts {
            Cuts::Fixed(cuts) => self.grades.of_firm(cuts, self.scale.better, score, coverage, unscored),
            Cuts::Shares(_) => match self.grades.of_firm(NO_SCORE_CUTS, self.scale.better, score, coverage, unscored) {
                class if usize::from(class) == self.grades.ordered => class,
                _ => NO_GRADE,
            },
        };
        let (grade, hits) = self.apply_rules(score_grade, cell);
        let mut strongest = vec![0; reasons];
        row.strongest(&mut strongest);
        let span = self.scale.max - self.scale.min;
        Ok(GradedFirm {
            score,
            score_grade,
            grade,
            coverage,
            reasons: strongest.into_iter().filter(|index| *index != crate::score::NO_REASON).map(usize::from).collect(),
            contributions: row.lost.iter().map(|lost| lost * span).collect(),
            hits,
        })
    }

    fn refuse_kinds<'c>(&self, cell: impl Fn(usize) -> Cell<'c>) -> Result<(), Error> {
        let mut faults = Vec::new();
        for (index, column) in self.columns.iter().enumerate() {
            if let Some(found) = cell(index).kind().filter(|kind| *kind != column.kind) {
                faults.push(DataFault::WrongKind { column: column.name.clone(), found: found.to_string(), expected: column.kind });
            }
        }
        if faults.is_empty() { Ok(()) } else { Err(Error::Data(faults)) }
    }

    /// The faults that made the risk NaN.
    fn refuse_values<'c>(&self, cell: impl Fn(usize) -> Cell<'c>) -> Result<(), Error> {
        let mut faults = Vec::new();
        for (index, column) in self.columns.iter().enumerate() {
            let name = || column.name.clone();
            if let Cell::Number(x) = cell(index)
                && x.is_infinite()
            {
                let mut cells = Cells::new("infinite value");
                cells.add(0, || Some(x.to_string()));
                faults.push(DataFault::Infinite { column: name(), cells });
                continue;
            }
            let held = HeldCell::new(cell(index));
            let column = held.column();
            for indicator in self.indicators.iter().filter(|indicator| indicator.column == index) {
                faults.extend(value_faults(indicator, &name(), &[&column]));
            }
        }
        if faults.is_empty() && self.grades.coverage_below.is_none() && !self.indicators.is_empty() {
            let mut cells = Cells::new("firm without any data");
            cells.add(0, || None);
            faults.push(DataFault::NoData { cells });
        }
        if faults.is_empty() { Ok(()) } else { Err(Error::Data(faults)) }
    }

    fn apply_rules<'c>(&self, grade: u8, cell: impl Fn(usize) -> Cell<'c>) -> (u8, Vec<usize>) {
        let (mut grade, mut hits) = (grade, Vec::new());
        if self.rules.is_empty() {
            return (grade, hits);
        }
        let mut scratch = Scratch::default();
        for (index, rule) in self.rules.iter().enumerate() {
            let held: Vec<HeldCell<'_>> = rule.columns.iter().map(|column| HeldCell::new(cell(*column))).collect();
            let columns: Vec<Column<'_>> = held.iter().map(HeldCell::column).collect();
            let borrowed: Vec<&Column<'_>> = columns.iter().collect();
            let mut truth = [0];
            rule.condition.evaluate(&borrowed, 0..1, &mut scratch, &mut truth);
            if truth == [2] {
                grade = rule.action.apply(grade, self.grades.ordered);
                hits.push(index);
            }
        }
        (grade, hits)
    }
}

/// A cell laid out as a column of one row.
enum HeldCell<'a> {
    Missing,
    Number(f64),
    Text(&'a str),
    Flag(u8),
}

impl<'a> HeldCell<'a> {
    fn new(cell: Cell<'a>) -> Self {
        match cell {
            Cell::Missing => Self::Missing,
            Cell::Number(x) => Self::Number(x),
            Cell::Text(text) => Self::Text(text),
            Cell::Flag(yes) => Self::Flag(u8::from(yes)),
        }
    }

    fn column(&self) -> Column<'_> {
        match self {
            Self::Missing => Column { values: Values::Missing(1), validity: None },
            Self::Number(x) => Column::numbers(slice::from_ref(x)),
            Self::Text(text) => Column { values: Values::Text(Texts::Strings(slice::from_ref(text))), validity: None },
            Self::Flag(bit) => match Bits::new(slice::from_ref(bit), 0, 1) {
                Some(bits) => Column { values: Values::Flag(bits), validity: None },
                None => Column { values: Values::Missing(1), validity: None },
            },
        }
    }
}
