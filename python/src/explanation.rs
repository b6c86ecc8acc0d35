//! Why one firm has its grade.

use crate::table::small;
use crate::{firm, html};
use firmgrade::columns::{Column, Numbers, Values};
use firmgrade::{Cell, Scorecard};
use pyo3::prelude::*;
use pyo3::types::PyList;
use std::sync::Arc;

/// Why one firm has its score and its grade. Made by :meth:`Graded.explain`.
#[pyclass(frozen, module = "firmgrade")]
pub struct Explanation {
    card: Arc<Scorecard>,
    id: String,
    firm: firmgrade::GradedFirm,
    values: Vec<Option<String>>,
}

impl Explanation {
    /// Recomputes one firm from its row of the card's columns; its grades are those of the batch, where cut points may have been solved.
    ///
    /// # Errors
    /// As for the batch, which has had them already.
    pub fn new(
        card: &Arc<Scorecard>,
        id: String,
        columns: &[&Column<'_>],
        row: usize,
        reasons: usize,
        grades: (u8, u8),
    ) -> Result<Self, firmgrade::Error> {
        let texts: Vec<Option<String>> = columns.iter().map(|column| column.is_valid(row).then(|| column.text(row))).collect();
        let cells: Vec<Cell<'_>> = columns.iter().zip(&texts).map(|(column, text)| cell(column, row, text.as_deref())).collect();
        let mut firm = card.grade_one(&cells, reasons)?;
        (firm.score_grade, firm.grade) = grades;
        let values = card.indicators().iter().map(|indicator| texts.get(indicator.column).cloned().flatten()).collect();
        Ok(Self { card: Arc::clone(card), id: firmgrade::mask(&id), firm, values })
    }
}

#[pymethods]
impl Explanation {
    /// The firm's id.
    #[getter]
    fn id(&self) -> &str {
        &self.id
    }

    /// The score on the card's scale; None for a firm without any data.
    #[getter]
    fn score(&self) -> Option<f64> {
        Some(self.firm.score).filter(|score| !score.is_nan())
    }

    /// Grade by score.
    #[getter]
    fn score_grade(&self) -> Option<&str> {
        firm::name(&self.card, self.firm.score_grade)
    }

    /// Grade after overrides.
    #[getter]
    fn grade(&self) -> Option<&str> {
        firm::name(&self.card, self.firm.grade)
    }

    /// Share of the card's weight with data, from 0 to 1.
    #[getter]
    fn coverage(&self) -> Option<f64> {
        Some(self.firm.coverage).filter(|coverage| !coverage.is_nan())
    }

    /// Ids of the indicators that cost most, strongest first.
    #[getter]
    fn reasons(&self) -> Vec<&str> {
        self.firm.reasons.iter().filter_map(|index| self.card.indicators().get(*index)).map(|i| i.id.as_str()).collect()
    }

    /// polars.DataFrame of the overrides that were hit, in the order in which they were applied: id, title, basis.
    #[getter]
    fn overrides<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyAny>> {
        let rules: Vec<_> = self.firm.hits.iter().filter_map(|index| self.card.rules().get(*index)).collect();
        small(
            py,
            &[
                ("id", "String", PyList::new(py, rules.iter().map(|rule| &rule.id))?),
                ("title", "String", PyList::new(py, rules.iter().map(|rule| &rule.title))?),
                ("basis", "String", PyList::new(py, rules.iter().map(|rule| &rule.basis))?),
            ],
        )
    }

    /// polars.DataFrame with one row for each indicator, the costliest first: indicator, title, value (as text; null where missing),
    /// unit, weight (global, 0 to 1), points_lost (against the best attainable, in units of the score).
    #[getter]
    fn frame<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyAny>> {
        let order = self.costliest_first();
        let indicators = || order.iter().filter_map(|index| self.card.indicators().get(*index));
        small(
            py,
            &[
                ("indicator", "String", PyList::new(py, indicators().map(|i| &i.id).collect::<Vec<_>>())?),
                ("title", "String", PyList::new(py, indicators().map(|i| &i.title).collect::<Vec<_>>())?),
                ("value", "String", PyList::new(py, order.iter().filter_map(|at| self.values.get(*at)).collect::<Vec<_>>())?),
                ("unit", "String", PyList::new(py, indicators().map(|i| &i.unit).collect::<Vec<_>>())?),
                ("weight", "Float64", PyList::new(py, indicators().map(|i| i.weight).collect::<Vec<_>>())?),
                ("points_lost", "Float64", PyList::new(py, order.iter().map(|at| self.firm.contributions.get(*at)))?),
            ],
        )
    }

    fn __repr__(&self) -> String {
        let grade = |name: Option<&str>| name.unwrap_or("–").to_owned();
        let hits: Vec<&str> = self.firm.hits.iter().filter_map(|at| self.card.rules().get(*at)).map(|rule| rule.id.as_str()).collect();
        let score = self.score().map_or_else(|| "–".to_owned(), |score| score.to_string());
        let mut text = format!("{}: grade {}, by score {} ({score})", self.id, grade(self.grade()), grade(self.score_grade()));
        if !hits.is_empty() {
            text.push_str(&format!(", overrides {}", hits.join(", ")));
        }
        for index in &self.firm.reasons {
            if let (Some(indicator), Some(lost)) = (self.card.indicators().get(*index), self.firm.contributions.get(*index)) {
                let value = self.values.get(*index).cloned().flatten().unwrap_or_else(|| "missing".to_owned());
                text.push_str(&format!("\n  −{lost:.2}  {} ({}): {value}", indicator.title, indicator.id));
            }
        }
        text
    }

    fn _repr_html_(&self) -> String {
        let rows = self.costliest_first().into_iter().filter_map(|at| {
            let (indicator, lost) = (self.card.indicators().get(at)?, self.firm.contributions.get(at)?);
            let value = self.values.get(at)?.clone().unwrap_or_else(|| "–".to_owned());
            Some(vec![indicator.title.clone(), value, format!("{:.4}", indicator.weight), format!("{lost:.2}")])
        });
        let caption = self.__repr__().lines().next().unwrap_or_default().to_owned();
        html::table(&caption, &["indicator", "value", "weight", "points lost"], rows)
    }
}

impl Explanation {
    /// Indices of the indicators by points lost, ties in the order of the card.
    fn costliest_first(&self) -> Vec<usize> {
        let lost = |at: &usize| self.firm.contributions.get(*at).copied().unwrap_or(0.0);
        let mut order: Vec<usize> = (0..self.firm.contributions.len()).collect();
        order.sort_by(|a, b| lost(b).total_cmp(&lost(a)));
        order
    }
}

/// One value of a column.
fn cell<'t>(column: &Column<'_>, row: usize, text: Option<&'t str>) -> Cell<'t> {
    let Some(text) = text else { return Cell::Missing };
    match &column.values {
        Values::Number(numbers) => Cell::Number(number(numbers, row)),
        Values::Text(_) => Cell::Text(text),
        Values::Flag(bits) => Cell::Flag(bits.get(row)),
        Values::Missing(_) => Cell::Missing,
    }
}

fn number(numbers: &Numbers<'_>, row: usize) -> f64 {
    let mut buffer = [f64::NAN];
    numbers.block(row..row + 1, &mut buffer).first().copied().unwrap_or(f64::NAN)
}
