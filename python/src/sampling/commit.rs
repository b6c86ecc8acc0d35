//! `firmgrade.sampling.commit`: a frame that is committed to, its proofs and its draw.

use super::input::{self, borrowed};
use super::proof::Proof;
use super::record::Record;
use crate::table::to_python;
use crate::{errors, html};
use firmgrade::sample::{self, Base, Design, Frame, Rate, Rounding, Rule, Salt, Size, Suite};
use firmgrade_frame::sampling::frame_table;
use pyo3::exceptions::{PyKeyError, PyValueError};
use pyo3::prelude::*;
use pyo3::types::{PyBytes, PyDict};
use std::collections::BTreeMap;

/// Stands for the sources of a commitment that names none; it is never shown.
const UNNAMED: &str = "unnamed";

/// A frame that is committed to. Made by :func:`firmgrade.sampling.commit`.
///
/// Publish :attr:`commitment` before any source of entropy is known; keep :attr:`frame`, which holds the salts.
#[pyclass(frozen, module = "firmgrade.sampling")]
pub struct Committed {
    committed: sample::Committed,
    /// In the order of the frame.
    salts: Vec<Salt>,
    /// Whether the sources were named.
    named: bool,
}

/// Commits to a frame: the Merkle tree of RFC 6962 over its salted rows, in the order of ids.
///
/// `frame` is any table, or a list of dicts, with `id`, `grade`, `stratum` (text); the rate as `num` and `den` (whole numbers) or as `rate`
/// ("1/50", a Fraction or pair in a dict; a float only where it is exact, such as 0.5); and `exclusion_code` (or `exclusion`; empty or
/// missing: can be drawn). 2/100 and 1/50 are the same rate and other bytes.
///
/// `salts` are 16 bytes (or 32 hexadecimal digits) for each row as it is given, one bytes object of them all, or a dict by id. None takes
/// the column `salt` where there is one, and otherwise new ones from the operating system.
///
/// `sources` are the names of the future sources of entropy. Without them rows and plan are bound but nothing can be published yet:
/// :attr:`Committed.commitment` is None, and the sources are those that the draw is given.
///
/// The design: `size` "fixed" or "random" (Poisson); `rounding` "at_least", "at_most" or "exactly" of N·num/den; `base` "eligible" or
/// "all" rows counted as N; `reserve` firms per stratum; `waves`; `strata` a dict of rules such as {"D": {"rounding": "at_most", "base":
/// "all"}}; `items` for joint visits, a dict department → stratum → rate.
///
/// Raises SamplingError with everything that is wrong with frame, salts, names and design.
///
/// >>> rows = [{"id": f"firm{i}", "grade": "C", "stratum": "C", "rate": "1/4", "exclusion_code": ""} for i in range(8)]
/// >>> committed = fg.sampling.commit(rows, "2026-11/1", salts=[bytes([i] * 16) for i in range(8)], sources=["dice"])
/// >>> committed.root.hex()[:16], len(committed), committed.proof("firm3").verify(committed.root)
/// ('80e9d22046e65d0c', 8, True)
/// >>> record = committed.draw({"dice": fg.sampling.digits("3 1 4 1 5")})
/// >>> record.selected
/// ['firm7', 'firm1']
#[pyfunction]
#[pyo3(signature = (
    frame, plan_id, suite="sha256", salts=None, *, sources=None, policy_digest="", size=None, rounding=None, base=None, reserve=0, waves=1,
    strata=None, items=None
))]
#[expect(clippy::too_many_arguments, reason = "keywords, each with a default")]
pub fn commit<'py>(
    py: Python<'py>,
    frame: &Bound<'py, PyAny>,
    plan_id: &str,
    suite: &str,
    salts: Option<&Bound<'py, PyAny>>,
    sources: Option<Vec<String>>,
    policy_digest: &str,
    size: Option<&str>,
    rounding: Option<&str>,
    base: Option<&str>,
    reserve: u64,
    waves: u32,
    strata: Option<&Bound<'py, PyDict>>,
    items: Option<&Bound<'py, PyDict>>,
) -> PyResult<Committed> {
    let suite = input::suite(suite)?;
    let rule = Rule { rounding: word("rounding", rounding, &ROUNDING)?, base: word("base", base, &BASE)? };
    let design = Design {
        size: word("size", size, &[("fixed", Size::Fixed), ("random", Size::Random)])?,
        rule,
        strata: strata.map_or_else(|| Ok(BTreeMap::new()), |strata| rules(strata, rule))?,
        reserve,
        waves,
        items: items.map_or_else(|| Ok(BTreeMap::new()), departments)?,
    };
    let (frame, column) = input::frame(py, frame)?;
    let salts = input::salts(py, &frame, salts, column)?;
    Committed::new(py, plan_id, suite, policy_digest, sources, design, frame, salts)
}

impl Committed {
    /// Commits; salts in the order of the frame, sources None where they are not named yet.
    #[expect(clippy::too_many_arguments, reason = "what a commitment is made of")]
    pub fn new(
        py: Python<'_>,
        plan_id: &str,
        suite: Suite,
        policy_digest: &str,
        sources: Option<Vec<String>>,
        design: Design,
        frame: Frame,
        salts: Vec<Salt>,
    ) -> PyResult<Self> {
        let named = sources.is_some();
        let sources = sources.unwrap_or_else(|| vec![UNNAMED.to_owned()]);
        let names: Vec<&str> = sources.iter().map(String::as_str).collect();
        let committed = py.detach(|| sample::Committed::new(plan_id, suite, policy_digest, &names, design, frame, &salts));
        Ok(Self { committed: committed.map_err(|error| errors::engine(py, &error))?, salts, named })
    }
}

const ROUNDING: [(&str, Rounding); 3] = [("at_least", Rounding::AtLeast), ("at_most", Rounding::AtMost), ("exactly", Rounding::Exactly)];
const BASE: [(&str, Base); 2] = [("eligible", Base::Eligible), ("all", Base::All)];

/// What a word stands for; none is the engine's default.
fn word<T: Copy + Default>(what: &str, given: Option<&str>, known: &[(&str, T)]) -> PyResult<T> {
    let Some(given) = given else { return Ok(T::default()) };
    known.iter().find(|(word, _)| *word == given).map(|(_, value)| *value).ok_or_else(|| {
        let words: Vec<String> = known.iter().map(|(word, _)| format!("`{word}`")).collect();
        PyValueError::new_err(format!("{what}: found `{given}`, expected {}", words.join(" or ")))
    })
}

/// Rules of single strata; what one does not say is as in the others.
fn rules(strata: &Bound<'_, PyDict>, others: Rule) -> PyResult<BTreeMap<String, Rule>> {
    let rule = |(name, rule): (Bound<'_, PyAny>, Bound<'_, PyAny>)| {
        let (name, mut own): (String, Rule) = (name.extract()?, others);
        for (key, value) in rule.cast::<PyDict>()? {
            let (key, value): (String, String) = (key.extract()?, value.extract()?);
            match key.as_str() {
                "rounding" => own.rounding = word("rounding", Some(&value), &ROUNDING)?,
                "base" => own.base = word("base", Some(&value), &BASE)?,
                _ => return Err(PyValueError::new_err(format!("stratum `{name}`: found `{key}`, expected `rounding` or `base`"))),
            }
        }
        Ok((name, own))
    };
    strata.iter().map(rule).collect()
}

fn departments(items: &Bound<'_, PyDict>) -> PyResult<BTreeMap<String, BTreeMap<String, Rate>>> {
    let department = |(name, rates): (Bound<'_, PyAny>, Bound<'_, PyAny>)| {
        let rates = rates.cast::<PyDict>()?.iter().map(|(stratum, rate)| Ok((stratum.extract()?, input::rate(&rate)?)));
        Ok((name.extract()?, rates.collect::<PyResult<_>>()?))
    };
    items.iter().map(department).collect()
}

#[pymethods]
impl Committed {
    /// The root of the Merkle tree: bytes, 32.
    #[getter]
    fn root<'py>(&self, py: Python<'py>) -> Bound<'py, PyBytes> {
        PyBytes::new(py, &self.committed.commitment.root.0)
    }

    /// The plan.
    #[getter]
    fn plan_id(&self) -> &str {
        &self.committed.commitment.plan_id
    }

    /// "sha256" or "sm3".
    #[getter]
    fn suite(&self) -> &str {
        self.committed.commitment.suite.as_str()
    }

    /// What is published before the draw, as JSON text; None where the sources were not named.
    #[getter]
    fn commitment(&self) -> Option<String> {
        self.named.then(|| serde_json::to_string_pretty(&self.committed.commitment).map(|text| text + "\n").unwrap_or_default())
    }

    /// The digest of the commitment: bytes, 32; None where the sources were not named.
    ///
    /// ::
    ///
    ///     H("firmgrade/commitment/v1" || canonical JSON), keys sorted, no spaces, UTF-8
    #[getter]
    fn digest<'py>(&self, py: Python<'py>) -> Option<Bound<'py, PyBytes>> {
        self.named.then(|| PyBytes::new(py, &self.committed.commitment.digest().0))
    }

    /// A dict id → salt, 16 bytes, in the order of ids. Secret: with them a published list could be tried out firm by firm.
    #[getter]
    fn salts<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyDict>> {
        let salts = PyDict::new(py);
        for (row, salt) in self.salts.iter().enumerate() {
            salts.set_item(self.committed.frame().id(row), PyBytes::new(py, salt))?;
        }
        Ok(salts)
    }

    /// polars.DataFrame in the order of ids: id, grade, stratum, num, den, exclusion, salt (hexadecimal). Written as CSV, it is what
    /// `fixtures/verify_draw.py` and `firmgrade verify` read.
    #[getter]
    fn frame<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyAny>> {
        let table = py.detach(|| frame_table(self.committed.frame(), &self.salts));
        to_python(py, table.map_err(|error| errors::unreadable(py, &error))?)
    }

    /// Shows that a firm is on the list, to whoever knows its row and salt only. Raises KeyError for a firm that is not.
    fn proof(&self, id: &str) -> PyResult<Proof> {
        let missing = || PyKeyError::new_err(format!("firm `{}` is not in the frame", firmgrade::mask(id)));
        let row = self.committed.frame().find(id).ok_or_else(missing)?;
        let proof = self.committed.proof(row).ok_or_else(missing)?;
        let salt = self.salts.get(row).copied().ok_or_else(missing)?;
        Ok(Proof::new(self.committed.commitment.suite, proof, &self.committed.frame().row(row), salt))
    }

    /// Draws. `sources` is a dict of the sources' names and what they showed, as bytes.
    ///
    /// Raises SamplingError where the sources are not those of the commitment, or one has no value. Nothing keeps anybody from drawing twice
    /// here; the log of `firmgrade draw` does.
    fn draw(&self, py: Python<'_>, sources: &Bound<'_, PyDict>) -> PyResult<Record> {
        let sources = input::sources(sources)?;
        let record = py.detach(|| {
            if self.named {
                return self.committed.draw(&borrowed(&sources));
            }
            let names: Vec<&str> = sources.iter().map(|(name, _)| name.as_str()).collect();
            self.committed.clone().with_sources(&names)?.draw(&borrowed(&sources))
        });
        record.map(Record).map_err(|error| errors::engine(py, &error))
    }

    fn __len__(&self) -> usize {
        self.committed.frame().len()
    }

    fn __repr__(&self) -> String {
        let commitment = &self.committed.commitment;
        let sources = if self.named { html::list(commitment.sources.iter().map(String::as_str)) } else { "not named".to_owned() };
        let root = commitment.root.to_string();
        format!(
            "Committed(plan_id='{}', rows={}, suite='{}', root='{}…', sources={sources})",
            commitment.plan_id,
            commitment.rows,
            commitment.suite,
            root.get(..12).unwrap_or_default()
        )
    }
}
