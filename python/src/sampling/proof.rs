//! `firmgrade.sampling.Proof`: one row of a frame shown to be part of a commitment.

use super::input::{self, hash};
use firmgrade::sample::{self, Rate, Row, Salt, Suite, merkle};
use pyo3::exceptions::{PyKeyError, PyValueError};
use pyo3::prelude::*;
use pyo3::types::{PyBytes, PyDict, PyList};

/// The place of one row in the tree. Made by :meth:`Committed.proof`; whoever has the published root checks it with :meth:`verify`.
#[pyclass(frozen, module = "firmgrade.sampling")]
pub struct Proof {
    proof: sample::Proof,
    suite: Suite,
    row: OwnedRow,
    salt: Salt,
}

/// One row, kept.
struct OwnedRow {
    id: String,
    grade: String,
    stratum: String,
    rate: Rate,
    exclusion: String,
}

impl Proof {
    pub fn new(suite: Suite, proof: sample::Proof, row: &Row<'_>, salt: Salt) -> Self {
        let [id, grade, stratum, exclusion] = [row.id, row.grade, row.stratum, row.exclusion].map(str::to_owned);
        Self { proof, suite, row: OwnedRow { id, grade, stratum, rate: row.rate, exclusion }, salt }
    }

    fn leaf_hash(&self) -> sample::Hash {
        let OwnedRow { id, grade, stratum, rate, exclusion } = &self.row;
        merkle::leaf(self.suite, &[&self.salt, &Row { id, grade, stratum, rate: *rate, exclusion }.bytes()])
    }
}

#[pymethods]
impl Proof {
    /// The row, from 0, in the order of ids.
    #[getter]
    fn index(&self) -> u64 {
        self.proof.index
    }

    /// How many rows there are.
    #[getter]
    fn rows(&self) -> u64 {
        self.proof.rows
    }

    /// The neighbours on the way to the root, from below: a list of bytes, 32 each.
    #[getter]
    fn path<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyList>> {
        PyList::new(py, self.proof.path.iter().map(|hash| PyBytes::new(py, &hash.0)))
    }

    /// The leaf: bytes, 32.
    ///
    /// ::
    ///
    ///     H(0x00 || salt || lp(id) lp(grade) lp(stratum) lp(num) lp(den) lp(exclusion))
    #[getter]
    fn leaf<'py>(&self, py: Python<'py>) -> Bound<'py, PyBytes> {
        PyBytes::new(py, &self.leaf_hash().0)
    }

    /// The firm's salt: bytes, 16.
    #[getter]
    fn salt<'py>(&self, py: Python<'py>) -> Bound<'py, PyBytes> {
        PyBytes::new(py, &self.salt)
    }

    /// The firm's row as a dict: id, grade, stratum, num, den, exclusion.
    #[getter]
    fn row<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyDict>> {
        let row = PyDict::new(py);
        for (key, text) in [("id", &self.row.id), ("grade", &self.row.grade), ("stratum", &self.row.stratum)] {
            row.set_item(key, text)?;
        }
        row.set_item("num", self.row.rate.num)?;
        row.set_item("den", self.row.rate.den)?;
        row.set_item("exclusion", &self.row.exclusion)?;
        Ok(row)
    }

    /// Whether the row with its salt is part of the list with this root: 32 bytes or 64 hexadecimal digits.
    fn verify(&self, root: &Bound<'_, PyAny>) -> PyResult<bool> {
        let root = hash("root", root)?;
        let (Ok(index), Ok(rows)) = (usize::try_from(self.proof.index), usize::try_from(self.proof.rows)) else { return Ok(false) };
        Ok(merkle::root_from_path(self.suite, self.leaf_hash(), index, rows, &self.proof.path) == Some(root))
    }

    /// All of it as a dict for JSON, to be handed to the firm: suite, index, rows, path, row, salt, hashes in hexadecimal digits.
    fn to_dict<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyDict>> {
        let dict = PyDict::new(py);
        dict.set_item("suite", self.suite.as_str())?;
        dict.set_item("index", self.proof.index)?;
        dict.set_item("rows", self.proof.rows)?;
        dict.set_item("path", self.proof.path.iter().map(ToString::to_string).collect::<Vec<_>>())?;
        dict.set_item("row", self.row(py)?)?;
        dict.set_item("salt", self.salt.iter().map(|byte| format!("{byte:02x}")).collect::<String>())?;
        Ok(dict)
    }

    /// The proof that :meth:`to_dict` wrote. Raises KeyError for what is missing, ValueError for what cannot be read.
    ///
    /// >>> rows = [{"id": i, "grade": "A", "stratum": "A", "rate": "1/2"} for i in "abc"]
    /// >>> committed = fg.sampling.commit(rows, "p")
    /// >>> handed = committed.proof("b").to_dict()
    /// >>> fg.sampling.Proof.from_dict(handed).verify(committed.root)
    /// True
    /// >>> handed["row"]["grade"] = "D"
    /// >>> fg.sampling.Proof.from_dict(handed).verify(committed.root)
    /// False
    #[staticmethod]
    fn from_dict(dict: &Bound<'_, PyDict>) -> PyResult<Self> {
        let get = |dict: &Bound<'_, PyDict>, key: &str| {
            dict.get_item(key)?.map(Bound::unbind).ok_or_else(|| PyKeyError::new_err(format!("the proof has no `{key}`")))
        };
        let py = dict.py();
        let row = get(dict, "row")?.into_bound(py).cast_into::<PyDict>()?;
        let text = |key: &str| get(&row, key)?.extract::<String>(py);
        let (num, den) = (get(&row, "num")?.extract(py)?, get(&row, "den")?.extract(py)?);
        let rate = Rate::new(num, den).ok_or_else(|| PyValueError::new_err(format!("rate: found {num}/{den}, expected 0 to 1")))?;
        let path = get(dict, "path")?.extract::<Vec<Bound<'_, PyAny>>>(py)?;
        Ok(Self {
            proof: sample::Proof {
                index: get(dict, "index")?.extract(py)?,
                rows: get(dict, "rows")?.extract(py)?,
                path: path.iter().map(|one| hash("path", one)).collect::<PyResult<_>>()?,
            },
            suite: input::suite(&get(dict, "suite")?.extract::<String>(py)?)?,
            row: OwnedRow { id: text("id")?, grade: text("grade")?, stratum: text("stratum")?, rate, exclusion: text("exclusion")? },
            salt: input::salt(get(dict, "salt")?.bind(py))?,
        })
    }

    fn __repr__(&self) -> String {
        let path = self.proof.path.len();
        format!("Proof(id='{}', index={}, rows={}, path={path} hashes)", firmgrade::mask(&self.row.id), self.proof.index, self.proof.rows)
    }
}
