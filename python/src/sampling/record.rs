//! The record of a draw, and its verification.

use super::input;
use crate::table::small;
use crate::{errors, html};
use firmgrade::sample::{self, Mismatch};
use pyo3::exceptions::PyTypeError;
use pyo3::prelude::*;
use pyo3::types::{PyBytes, PyDict, PyList, PyString};
use serde_json::Value;

/// The record of a draw: what anybody needs, beside frame and salts, to replay it. Made by :meth:`Committed.draw`.
#[pyclass(frozen, module = "firmgrade.sampling")]
pub struct Record(pub sample::Record);

#[pymethods]
impl Record {
    /// A record from its JSON text. Raises SamplingError for unknown and missing fields.
    #[staticmethod]
    fn from_json(py: Python<'_>, text: &str) -> PyResult<Self> {
        py.detach(|| sample::Record::from_json(text)).map(Self).map_err(|error| errors::engine(py, &error))
    }

    /// The record as JSON text: what is published, and what :func:`verify`, `firmgrade verify` and `fixtures/verify_draw.py` read.
    #[getter]
    fn record(&self, py: Python<'_>) -> String {
        py.detach(|| self.0.to_json())
    }

    /// The seed: bytes, 32.
    #[getter]
    fn seed<'py>(&self, py: Python<'py>) -> Bound<'py, PyBytes> {
        PyBytes::new(py, &self.0.seed.0)
    }

    /// The ids drawn: strata in the order of their bytes, in each by rank (the smallest ticket or key first).
    #[getter]
    fn selected(&self) -> Vec<&str> {
        self.0.selected.iter().map(|one| one.id.as_str()).collect()
    }

    /// The ids in reserve, in the order in which substitutes are taken, stratum by stratum.
    #[getter]
    fn reserve(&self) -> Vec<&str> {
        self.0.reserve.iter().map(|one| one.id.as_str()).collect()
    }

    /// The digest of the record: bytes, 32.
    #[getter]
    fn digest<'py>(&self, py: Python<'py>) -> Bound<'py, PyBytes> {
        PyBytes::new(py, &self.0.digest.0)
    }

    /// polars.DataFrame of the firms drawn: id, stratum, population (firms of the stratum that could be drawn), source ("random"), rank (from
    /// 1), wave (from 1), pi_visit (the probability of a visit), ticket (hexadecimal); in joint visits one column `pi_item.NAME` for each
    /// department, null where it does not take the firm. With a column `outcome` it is what :func:`firmgrade.evaluate` reads.
    #[getter]
    fn frame<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyAny>> {
        let all = &self.0.selected;
        let items: Vec<&String> = self.0.commitment.design.items.keys().collect();
        let names: Vec<String> = items.iter().map(|item| format!("pi_item.{item}")).collect();
        let eligible = |name: &str| self.0.strata.iter().find(|stratum| stratum.stratum == name).map(|stratum| stratum.eligible);
        let mut columns = vec![
            ("id", "String", PyList::new(py, all.iter().map(|one| &one.id))?),
            ("stratum", "String", PyList::new(py, all.iter().map(|one| &one.stratum))?),
            ("population", "Int64", PyList::new(py, all.iter().map(|one| eligible(&one.stratum)))?),
            ("source", "String", PyList::new(py, all.iter().map(|_| "random"))?),
            ("rank", "Int64", PyList::new(py, all.iter().map(|one| one.rank))?),
            ("wave", "Int64", PyList::new(py, all.iter().map(|one| one.wave))?),
            ("pi_visit", "Float64", PyList::new(py, all.iter().map(|one| one.pi_visit.to_f64()))?),
            ("ticket", "String", PyList::new(py, all.iter().map(|one| one.ticket.to_string()))?),
        ];
        for (item, name) in items.iter().zip(&names) {
            let share = all.iter().map(|one| one.pi_item.get(*item).map(|pi| pi.to_f64()));
            columns.push((name, "Float64", PyList::new(py, share)?));
        }
        small(py, &columns)
    }

    /// polars.DataFrame of the arithmetic: stratum, rows, excluded, eligible, base, counted (N), asked (the sum of rates, exact), rounding,
    /// method, n.
    #[getter]
    fn strata<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyAny>> {
        let all = &self.0.strata;
        let word = |value: Value| value.as_str().unwrap_or_default().to_owned();
        small(
            py,
            &[
                ("stratum", "String", PyList::new(py, all.iter().map(|one| &one.stratum))?),
                ("rows", "Int64", PyList::new(py, all.iter().map(|one| one.rows))?),
                ("excluded", "Int64", PyList::new(py, all.iter().map(|one| one.excluded.values().sum::<u64>()))?),
                ("eligible", "Int64", PyList::new(py, all.iter().map(|one| one.eligible))?),
                ("base", "String", PyList::new(py, all.iter().map(|one| word(serde_json::json!(one.base))))?),
                ("counted", "Int64", PyList::new(py, all.iter().map(|one| one.counted))?),
                ("asked", "String", PyList::new(py, all.iter().map(|one| &one.asked))?),
                ("rounding", "String", PyList::new(py, all.iter().map(|one| word(serde_json::json!(one.rounding))))?),
                ("method", "String", PyList::new(py, all.iter().map(|one| word(serde_json::json!(one.method))))?),
                ("n", "Int64", PyList::new(py, all.iter().map(|one| one.n))?),
            ],
        )
    }

    fn __len__(&self) -> usize {
        self.0.selected.len()
    }

    fn __eq__(&self, other: &Self) -> bool {
        self.0 == other.0
    }

    fn __repr__(&self) -> String {
        let seed = self.0.seed.to_string();
        let strata: Vec<String> = self.0.strata.iter().map(|one| format!("{}: {} of {}", one.stratum, one.n, one.rows)).collect();
        format!(
            "Record(plan_id='{}', drawn={}, strata={{{}}}, seed='{}…')",
            self.0.commitment.plan_id,
            self.0.selected.len(),
            strata.join(", "),
            seed.get(..12).unwrap_or_default()
        )
    }

    fn _repr_html_(&self) -> String {
        let rows = self.0.strata.iter().map(|one| {
            let excluded = one.excluded.values().sum::<u64>().to_string();
            vec![one.stratum.clone(), one.rows.to_string(), excluded, one.counted.to_string(), one.asked.clone(), one.n.to_string()]
        });
        let caption = format!("{}: {} firms drawn, seed {}", self.0.commitment.plan_id, self.0.selected.len(), self.0.seed);
        html::table(&caption, &["stratum", "rows", "excluded", "N", "asked", "n"], rows)
    }
}

/// What a verification found. True where everything fits. Made by :func:`firmgrade.sampling.verify` and
/// :func:`firmgrade.sampling.verify_match`.
#[pyclass(frozen, module = "firmgrade.sampling")]
pub struct Verified {
    pub mismatches: Vec<Mismatch>,
    pub other_engine: Option<String>,
}

#[pymethods]
impl Verified {
    /// Whether everything fits.
    #[getter]
    fn ok(&self) -> bool {
        self.mismatches.is_empty()
    }

    /// What does not fit, a list of dicts: field, row (of the frame in the order of ids, from 1; None where there is none), id (numbers of
    /// persons masked), found, expected, message.
    #[getter]
    fn mismatches<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyList>> {
        let list = PyList::empty(py);
        for one in &self.mismatches {
            let dict = PyDict::new(py);
            dict.set_item("field", &one.field)?;
            dict.set_item("row", one.row)?;
            dict.set_item("id", one.id.as_deref())?;
            dict.set_item("found", &one.found)?;
            dict.set_item("expected", &one.expected)?;
            dict.set_item("message", one.to_string())?;
            list.append(dict)?;
        }
        Ok(list)
    }

    /// The version of the engine that drew, where it is another than this one; else None.
    #[getter]
    fn other_engine(&self) -> Option<&str> {
        self.other_engine.as_deref()
    }

    fn __bool__(&self) -> bool {
        self.ok()
    }

    fn __repr__(&self) -> String {
        let lines: String = self.mismatches.iter().map(|one| format!("\n  {one}")).collect();
        match self.mismatches.len() {
            0 => "Verified(everything fits)".to_owned(),
            1 => format!("Verified(1 mismatch){lines}"),
            more => format!("Verified({more} mismatches){lines}"),
        }
    }
}

/// Replays commitment, seed and draw from the frame.
///
/// `record` is a :class:`Record`, its JSON text, or that as a dict; `frame` and `salts` are as in :func:`commit`, but salts are needed: by the
/// column `salt` of the frame, or given. Gives :class:`Verified`, true where everything fits, else with the first row of the frame, the
/// first firm drawn and every other field that does not.
///
/// >>> rows = [{"id": i, "grade": "A", "stratum": "A", "rate": "1/2"} for i in "abcd"]
/// >>> committed = fg.sampling.commit(rows, "p", salts=bytes(64))
/// >>> record = committed.draw({"dice": b"6"})
/// >>> fg.sampling.verify(record, committed.frame)
/// Verified(everything fits)
/// >>> rows[2]["rate"] = "1/3"
/// >>> fg.sampling.verify(record.record, rows, bytes(64)).mismatches[0]["id"]
/// 'c'
#[pyfunction]
#[pyo3(signature = (record, frame, salts=None))]
pub fn verify(py: Python<'_>, record: &Bound<'_, PyAny>, frame: &Bound<'_, PyAny>, salts: Option<&Bound<'_, PyAny>>) -> PyResult<Verified> {
    let read;
    let record = if let Ok(record) = record.cast::<Record>() {
        &record.get().0
    } else {
        let text: String = if record.is_instance_of::<PyDict>() {
            py.import("json")?.call_method1("dumps", (record,))?.extract()?
        } else if record.is_instance_of::<PyString>() {
            record.extract()?
        } else {
            let found = record.get_type().fully_qualified_name()?;
            return Err(PyTypeError::new_err(format!("record: found `{found}`, expected a Record, its JSON text or a dict")));
        };
        read = py.detach(|| sample::Record::from_json(&text)).map_err(|error| errors::engine(py, &error))?;
        &read
    };
    let (frame, column) = input::frame(py, frame)?;
    if salts.is_none() && column.is_none() {
        return Err(errors::sampling(py, "salts", "salt", "salts: found none; give them, or a frame with the column `salt`"));
    }
    let salts = input::salts(py, &frame, salts, column)?;
    Ok(match py.detach(|| sample::verify(record, &frame, &salts)) {
        Ok(verified) => Verified { mismatches: Vec::new(), other_engine: verified.other_engine },
        Err(mismatches) => Verified { mismatches, other_engine: None },
    })
}
