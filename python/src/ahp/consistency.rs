//! `firmgrade.ahp.consistency`: how far judgments contradict each other, and which.

use super::input::{self, choice};
use super::output::{pair, records};
use super::weights::{Weights, caption};
use crate::html;
use firmgrade::ahp::{GciLimits, Judgments, Suspect, Verdict, notice, verdicts};
use pyo3::exceptions::PyValueError;
use pyo3::prelude::*;
use pyo3::types::{PyDict, PyList, PyTuple};
use std::sync::OnceLock;

/// How far judgments contradict each other. Made by :func:`firmgrade.ahp.consistency`.
#[pyclass(frozen, module = "firmgrade.ahp")]
pub struct Consistency {
    judgments: Judgments,
    weights: firmgrade::ahp::Weights,
    limit: f64,
    gci_limits: GciLimits,
    // A hundred things have 4,950 judgments, each of which takes several eigenvectors.
    suspects: OnceLock<Vec<Suspect>>,
}

#[pymethods]
impl Consistency {
    /// The number of things.
    #[getter]
    fn n(&self) -> usize {
        self.judgments.n()
    }

    /// The things, in the order of the rows.
    #[getter]
    fn names(&self) -> Vec<&str> {
        self.judgments.names().iter().map(String::as_str).collect()
    }

    /// The weights themselves.
    #[getter]
    fn weights(&self) -> Weights {
        Weights { judgments: self.judgments.clone(), weights: self.weights.clone() }
    }

    /// The mean of (Aw)_i / w_i, at least n; for the eigenvector the principal eigenvalue.
    #[getter]
    fn lambda_max(&self) -> f64 {
        self.weights.lambda_max()
    }

    /// Consistency index (λmax − n)/(n − 1), 0 for judgments without contradiction.
    #[getter]
    fn ci(&self) -> f64 {
        self.weights.ci()
    }

    /// The random index that was used, 0 for n ≤ 2.
    #[getter]
    fn ri(&self) -> f64 {
        self.weights.ri()
    }

    /// Consistency ratio CI / RI, 0 for n ≤ 2.
    #[getter]
    fn cr(&self) -> f64 {
        self.weights.cr()
    }

    /// The limit of the consistency ratio.
    #[getter]
    fn limit(&self) -> f64 {
        self.limit
    }

    /// Whether CR ≤ limit.
    #[getter]
    fn consistent(&self) -> bool {
        self.cr() <= self.limit
    }

    /// How the weights follow from the judgments.
    #[getter]
    fn method(&self) -> &'static str {
        self.weights.method().as_str()
    }

    /// The table of the random index that was asked for.
    #[getter]
    fn random_index(&self) -> &'static str {
        self.weights.random_index().as_str()
    }

    /// Where the random index really came from, as :attr:`Weights.random_index_used`.
    #[getter]
    fn random_index_used(&self) -> &'static str {
        self.weights.random_index_used()
    }

    /// The geometric consistency index, 2/((n − 1)(n − 2)) · Σ_{i<j} ln² e_ij by geometric means; 0 for n ≤ 2.
    ///
    /// Source: Crawford & Williams 1985; Aguarón & Moreno-Jiménez, EJOR 147, 2003, 137–145.
    #[getter]
    fn gci(&self) -> f64 {
        self.judgments.gci()
    }

    /// The limit of the geometric consistency index for n things: 0.31, 0.35, 0.37 for n = 3, 4, more; infinite for n ≤ 2.
    #[getter]
    fn gci_limit(&self) -> f64 {
        self.gci_limits.limit(self.n())
    }

    /// Whether GCI ≤ gci_limit.
    #[getter]
    fn gci_consistent(&self) -> bool {
        self.gci() <= self.gci_limit()
    }

    /// Koczkodaj's index, that of the worst triad: 0 ≤ K < 1; 0 for n ≤ 2.
    ///
    /// Source: Koczkodaj, Math. Comput. Modelling 18(7), 1993, 79–84.
    #[getter]
    fn koczkodaj(&self) -> f64 {
        self.judgments.koczkodaj()
    }

    /// The three things whose judgments fit least, in the order of the rows; None for n ≤ 2.
    #[getter]
    fn worst_triad<'py>(&self, py: Python<'py>) -> PyResult<Option<Bound<'py, PyTuple>>> {
        self.judgments.worst_triad().map(|triad| self.triple(py, triad.things)).transpose()
    }

    /// Judgments that contradict each other in order: ("a", "b", "c") says a over b over c over a.
    #[getter]
    fn cycles<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyList>> {
        let cycles: PyResult<Vec<_>> = self.judgments.cycles().into_iter().map(|things| self.triple(py, things)).collect();
        PyList::new(py, cycles?)
    }

    /// What every table of the random index says: dicts with random_index, ri, cr and passes (cr ≤ limit).
    #[getter]
    fn verdicts<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyList>> {
        records(py, &verdicts(self.n(), self.ci(), self.limit), |record, verdict: &Verdict| {
            record.set_item("random_index", verdict.random_index.as_str())?;
            record.set_item("ri", verdict.ri)?;
            record.set_item("cr", verdict.cr)?;
            record.set_item("passes", verdict.passes)
        })
    }

    /// What to say where the verdict at the limit depends on the table of the random index; else None.
    #[getter]
    fn notice(&self) -> Option<String> {
        notice(self.weights.random_index(), self.n(), self.ci(), self.limit)
    }

    /// Every judgment, the most inconsistent first: dicts with pair (names), row and column (from 0, in the direction in which the judgment
    /// is at least 1), value, excess (value · w_column / w_row: how many times what the others say), share (of the inconsistency, 0 to 1),
    /// best (the value that makes λmax smallest), cr_best, on_scale (the value of the 1–9 scale nearest to it) and cr_if_changed (CR with
    /// on_scale in its place, everything else as it is). Empty for n ≤ 2.
    ///
    /// Ranked by eigenvector whatever the method. Source: Saaty, EJOR 145, 2003, 85–91; Harker, Math. Modelling 9, 1987, 353–360.
    ///
    /// >>> c = fg.ahp.consistency([[1, 2, 9], ["1/2", 1, 3], ["1/9", "1/3", 1]])
    /// >>> round(c.suspects[0]["best"], 6) in (3.0, 6.0, 4.5)
    /// True
    #[getter]
    fn suspects<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyList>> {
        let suspects = py.detach(|| self.ranked());
        records(py, suspects, |record, suspect| fill(record, suspect, self.judgments.names()))
    }

    fn __repr__(&self) -> String {
        let verdict = if self.consistent() { "consistent" } else { "inconsistent" };
        format!(
            "Consistency({verdict}: cr={:.4}, limit={}, ci={:.4}, ri={}, lambda_max={:.4}, gci={:.4}, koczkodaj={:.4}, cycles={}, method='{}', random_index='{}')",
            self.cr(),
            self.limit,
            self.ci(),
            self.ri(),
            self.lambda_max(),
            self.gci(),
            self.koczkodaj(),
            self.judgments.cycles().len(),
            self.method(),
            self.random_index_used()
        )
    }

    fn _repr_html_(&self) -> String {
        let mut shown = html::judgments(&self.judgments, self.weights.values(), self.weights.random_index(), &caption(&self.weights), &[]);
        if let Some(notice) = self.notice() {
            shown.push_str(&format!("<p>{}</p>", html::escape(&notice)));
        }
        if self.n() <= html::LARGEST_HEAT {
            let rows = self.ranked().iter().take(10).map(|suspect| {
                let (row, column) = pair(self.judgments.names(), suspect.row, suspect.column);
                let percent = format!("{:.0} %", 100.0 * suspect.share);
                let [value, best, scale] = [suspect.entry, suspect.best, suspect.on_scale].map(html::ratio);
                vec![format!("{row} : {column}"), value, percent, best, scale, format!("{:.4}", suspect.cr_on_scale)]
            });
            let header = ["judgment", "value", "share", "best", "on the scale", "CR if changed"];
            shown.push_str(&html::table("the most inconsistent judgments", &header, rows));
        }
        shown
    }

    fn __eq__(&self, other: &Self) -> bool {
        let rest = |one: &Self| (one.limit.to_bits(), one.gci_limits);
        self.weights == other.weights && self.judgments == other.judgments && rest(self) == rest(other)
    }

    fn __reduce__<'py>(&self, py: Python<'py>) -> PyResult<(Bound<'py, PyAny>, Bound<'py, PyTuple>)> {
        let make = py.import("firmgrade.ahp")?.getattr("consistency")?;
        let limits = (self.gci_limits.three, self.gci_limits.four, self.gci_limits.more);
        let none = || py.None();
        Ok((make, (self.weights(), none(), none(), none(), self.limit, limits).into_pyobject(py)?))
    }
}

impl Consistency {
    fn ranked(&self) -> &[Suspect] {
        self.suspects.get_or_init(|| self.judgments.suspects(self.weights.random_index()))
    }

    fn triple<'py>(&self, py: Python<'py>, things: [usize; 3]) -> PyResult<Bound<'py, PyTuple>> {
        PyTuple::new(py, things.map(|at| self.judgments.names().get(at)))
    }
}

fn fill(record: &Bound<'_, PyDict>, suspect: &Suspect, names: &[String]) -> PyResult<()> {
    record.set_item("pair", pair(names, suspect.row, suspect.column))?;
    record.set_item("row", suspect.row)?;
    record.set_item("column", suspect.column)?;
    record.set_item("value", suspect.entry)?;
    record.set_item("excess", suspect.excess)?;
    record.set_item("share", suspect.share)?;
    record.set_item("best", suspect.best)?;
    record.set_item("cr_best", suspect.cr_best)?;
    record.set_item("on_scale", suspect.on_scale)?;
    record.set_item("cr_if_changed", suspect.cr_on_scale)
}

/// How far judgments contradict each other, by several measures, and which judgments are to blame.
///
/// `matrix` and `names` as for :func:`weights`, or its result, whose method and table then count where none are given. `limit` is that of
/// CR, 0.10 by custom. `gci_limits` are those of the geometric consistency index for n = 3, 4 and more (None: 0.31, 0.35, 0.37).
///
/// Raises as :func:`weights`; ValueError for a limit below 0.
///
/// >>> c = fg.ahp.consistency([[1, 1, 8], [1, 1, 3], ["1/8", "1/3", 1]])
/// >>> c.consistent, round(c.cr, 4), c.notice is not None
/// (True, 0.093, True)
/// >>> fg.ahp.consistency({"a:b": 2, "b:c": 2, "c:a": 2}).cycles
/// [('a', 'b', 'c')]
#[pyfunction]
#[pyo3(signature = (matrix, names=None, method=None, random_index=None, limit=0.1, gci_limits=None))]
pub fn consistency(
    matrix: &Bound<'_, PyAny>,
    names: Option<&Bound<'_, PyAny>>,
    method: Option<&str>,
    random_index: Option<&str>,
    limit: f64,
    gci_limits: Option<(f64, f64, f64)>,
) -> PyResult<Consistency> {
    let py = matrix.py();
    check_limit(limit)?;
    let own = matrix.cast::<Weights>().ok().map(|own| (own.get().weights.method().as_str(), own.get().weights.random_index().as_str()));
    let method = choice(py, method.or(own.map(|(method, _)| method)))?;
    let random_index = choice(py, random_index.or(own.map(|(_, table)| table)))?;
    let Weights { judgments, weights } = Weights::new(py, input::judgments(matrix, names)?, method, random_index);
    let gci_limits = gci_limits.map_or_else(GciLimits::default, |(three, four, more)| GciLimits { three, four, more });
    Ok(Consistency { judgments, weights, limit, gci_limits, suspects: OnceLock::new() })
}

/// Refuses a limit that nothing could meet.
pub fn check_limit(limit: f64) -> PyResult<()> {
    if limit >= 0.0 { Ok(()) } else { Err(PyValueError::new_err(format!("found the limit `{limit}`, expected a number from 0"))) }
}
