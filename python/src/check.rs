//! What a card would meet in a table.

use crate::html;
use crate::table::small;
use pyo3::prelude::*;
use pyo3::types::PyList;

/// What a card would meet in a table, before anything is graded. Made by :meth:`Scorecard.check`.
#[pyclass(frozen, module = "firmgrade")]
pub struct CheckReport(pub firmgrade_frame::CheckReport);

#[pymethods]
impl CheckReport {
    /// The number of firms.
    #[getter]
    fn firms(&self) -> usize {
        self.0.firms
    }

    /// What would stop grading, as it would be said; empty where nothing would.
    #[getter]
    fn faults(&self) -> Vec<String> {
        self.0.faults.clone()
    }

    /// polars.DataFrame with one row for each column that the card reads: column, expected, found (its type; null where it is not
    /// there), missing (firms), missing_share (0 to 1), uncovered (values that no band or category covers), uncovered_values (the
    /// first few), constant (the only value, where there is just one).
    #[getter]
    fn columns<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyAny>> {
        let columns = &self.0.columns;
        let values: PyResult<Vec<_>> = columns.iter().map(|c| PyList::new(py, &c.uncovered_values)).collect();
        let text = py.import("polars")?.getattr("String")?;
        let frame = small(
            py,
            &[
                ("column", "String", PyList::new(py, columns.iter().map(|c| &c.column))?),
                ("expected", "String", PyList::new(py, columns.iter().map(|c| c.expected.as_str()))?),
                ("found", "String", PyList::new(py, columns.iter().map(|c| &c.found))?),
                ("missing", "Int64", PyList::new(py, columns.iter().map(|c| c.missing))?),
                ("missing_share", "Float64", PyList::new(py, columns.iter().map(|c| c.missing_share))?),
                ("uncovered", "Int64", PyList::new(py, columns.iter().map(|c| c.uncovered))?),
                ("uncovered_values", "List", PyList::new(py, values?)?),
                ("constant", "String", PyList::new(py, columns.iter().map(|c| &c.constant))?),
            ],
        )?;
        let list = py.import("polars")?.getattr("List")?.call1((text,))?;
        let column = py.import("polars")?.call_method1("col", ("uncovered_values",))?.call_method1("cast", (list,))?;
        frame.call_method1("with_columns", (column,))
    }

    fn __repr__(&self) -> String {
        format!(
            "CheckReport(firms={}, columns={}, faults={})",
            self.0.firms,
            self.0.columns.len(),
            html::list(self.0.faults.iter().map(String::as_str))
        )
    }

    fn _repr_html_(&self) -> String {
        let rows = self.0.columns.iter().map(|c| {
            let found = c.found.clone().unwrap_or_else(|| "–".to_owned());
            let (missing, uncovered) = (format!("{} ({:.1} %)", c.missing, 100.0 * c.missing_share), c.uncovered.to_string());
            vec![c.column.clone(), c.expected.to_string(), found, missing, uncovered]
        });
        let caption = format!("{} firms, {} faults", self.0.firms, self.0.faults.len());
        html::table(&caption, &["column", "expected", "found", "missing", "uncovered"], rows)
    }
}
