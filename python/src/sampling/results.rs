//! `firmgrade.sampling.account`: what inspectors found, every firm drawn accounted for.

use super::plan::Policy;
use super::record::Record;
use crate::derived::day;
use crate::table::{Source, json, small, to_python};
use crate::{errors, html};
use firmgrade::sample::results::{self, Publication, StratumResults};
use firmgrade_frame::sampling::{HandedIn, TableFaults, evaluation_table};
use pyo3::prelude::*;
use pyo3::types::PyList;

/// Results of inspections held against the record of a draw. Made by :func:`firmgrade.sampling.account`.
#[pyclass(frozen, module = "firmgrade.sampling")]
pub struct Accounted {
    accounted: results::Accounted,
    blank: usize,
}

/// Takes results of inspections in and accounts for every firm drawn: it has a result, or it is outstanding.
///
/// `results` is a table with the id (``id``, ``uscc`` or 统一社会信用代码), the result ``code`` (检查结果) in any customary spelling, ``finished``
/// (检查完成日期), and where they are there ``item`` (抽查事项), ``published`` (公示日期) and ``source`` (来源: random, event or special; random where
/// it is empty). Rows without code and day are of firms not yet inspected. `as_of` is the day as of which deadlines are judged (None: today).
///
/// :attr:`Accounted.frame` goes into :func:`firmgrade.evaluate` and :func:`firmgrade.tune` as it is.
///
/// Raises SamplingError with everything that is wrong: unknown codes, firms that were not drawn and have no other source, second results,
/// impossible days, substitutes out of order, another policy than the one committed to.
#[pyfunction]
#[pyo3(signature = (policy, record, results, *, as_of=None))]
pub fn account<'py>(
    py: Python<'py>,
    policy: &Bound<'py, Policy>,
    record: &Bound<'py, Record>,
    results: &Bound<'py, PyAny>,
    as_of: Option<&Bound<'py, PyAny>>,
) -> PyResult<Accounted> {
    let (policy, record) = (&policy.get().0, &record.get().0);
    let today = || py.import("datetime")?.getattr("date")?.call_method0("today");
    let as_of = match as_of {
        Some(as_of) => day(as_of)?,
        None => day(&today()?)?,
    };
    let wrong = |faults: TableFaults| errors::sampling(py, "table", "results", &faults.0.join("\n  "));
    let handed = HandedIn::new(policy, &Source::new(results, None)?.cross()?).map_err(wrong)?;
    let accounted = py.detach(|| results::account(policy, record, &handed.rows(), as_of));
    Ok(Accounted { accounted: accounted.map_err(|error| errors::engine(py, &error))?, blank: handed.blank })
}

#[pymethods]
impl Accounted {
    /// polars.DataFrame with one row for each result of a firm and item, what :func:`firmgrade.evaluate` reads: id, item, code, outcome
    /// (violation, none, out_of_scope, unreachable), date, source, pi_visit and pi_item (the chances of a visit, and of this item there), stratum,
    /// population (firms of the stratum that could be drawn), substitute, plan_id. Rows of events and campaigns have neither chances nor stratum.
    #[getter]
    fn frame<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyAny>> {
        let table = py.detach(|| evaluation_table(&self.accounted)).map_err(|error| errors::unreadable(py, &error))?;
        to_python(py, table)
    }

    /// polars.DataFrame of what became of those drawn, in firms and items, a stratum a row, then all (stratum null): stratum, drawn, violation,
    /// none, out_of_scope, unreachable, outstanding, overdue, substitutes. Drawn is the sum of the next five.
    #[getter]
    fn strata<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyAny>> {
        let all: Vec<&StratumResults> = self.accounted.strata.iter().chain([&self.accounted.total]).collect();
        let count = |of: fn(&StratumResults) -> u64| PyList::new(py, all.iter().map(|one| of(one)));
        let name = |one: &&StratumResults| (!one.stratum.is_empty()).then(|| one.stratum.clone());
        small(
            py,
            &[
                ("stratum", "String", PyList::new(py, all.iter().map(name))?),
                ("drawn", "Int64", count(|one| one.drawn)?),
                ("violation", "Int64", count(|one| one.violation)?),
                ("none", "Int64", count(|one| one.none)?),
                ("out_of_scope", "Int64", count(|one| one.out_of_scope)?),
                ("unreachable", "Int64", count(|one| one.unreachable)?),
                ("outstanding", "Int64", count(|one| one.outstanding)?),
                ("overdue", "Int64", count(|one| one.overdue)?),
                ("substitutes", "Int64", count(|one| one.substitutes)?),
            ],
        )
    }

    /// polars.DataFrame of the firms drawn that have no result: id, item, stratum, due (the last day for it, YYYY-MM-DD), overdue.
    #[getter]
    fn outstanding<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyAny>> {
        let all = &self.accounted.outstanding;
        small(
            py,
            &[
                ("id", "String", PyList::new(py, all.iter().map(|one| &one.id))?),
                ("item", "String", PyList::new(py, all.iter().map(|one| &one.item))?),
                ("stratum", "String", PyList::new(py, all.iter().map(|one| &one.stratum))?),
                ("due", "String", PyList::new(py, all.iter().map(|one| &one.due))?),
                ("overdue", "Boolean", PyList::new(py, all.iter().map(|one| one.overdue))?),
            ],
        )
    }

    /// Rows of the table in which neither day nor code is filled in.
    #[getter]
    fn blank(&self) -> usize {
        self.blank
    }

    /// All of it as a dict: plan_id, as_of, total, strata, codes, rows, outstanding, deadlines. As `firmgrade results --format json` prints it.
    #[getter]
    fn report<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyAny>> {
        json(py, &serde_json::to_string(&self.accounted).unwrap_or_default())
    }

    fn __len__(&self) -> usize {
        self.accounted.rows.len()
    }

    fn __repr__(&self) -> String {
        let StratumResults { drawn, violation, none, outstanding, .. } = self.accounted.total;
        let plan = &self.accounted.plan_id;
        format!("Accounted(plan_id='{plan}', drawn={drawn}, violation={violation}, none={none}, outstanding={outstanding})")
    }

    fn _repr_html_(&self) -> String {
        let rows = self.accounted.strata.iter().map(|one| {
            let counts = [one.drawn, one.violation, one.none, one.out_of_scope, one.unreachable, one.outstanding];
            std::iter::once(one.stratum.clone()).chain(counts.map(|count| count.to_string())).collect()
        });
        let late = self.accounted.deadlines.iter().filter(|one| matches!(one.state, Publication::Late | Publication::Overdue)).count();
        let caption = format!("{} as of {}: {late} published late or overdue", self.accounted.plan_id, self.accounted.as_of);
        html::table(&caption, &["stratum", "drawn", "violation", "none", "out of scope", "unreachable", "outstanding"], rows)
    }
}
