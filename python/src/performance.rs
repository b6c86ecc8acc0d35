//! `firmgrade.evaluate` and its result.

use crate::derived::day;
use crate::errors;
use crate::graded::Graded;
use crate::outcomes::Reading;
use crate::scorecard::Scorecard;
use crate::table::{Source, json, small};
use firmgrade_frame::{DataFrame, Joined, PerformanceOptions, Rated, finding_word, join, performance, write_text};
use pyo3::exceptions::PyValueError;
use pyo3::prelude::*;
use pyo3::types::{PyDict, PyList, PyString, PyTuple};
use std::path::PathBuf;

/// What grades were worth, held against outcomes. Made by :func:`firmgrade.evaluate`.
///
/// The verdict comes first, in words; the rest follows the Banque de France's yearly report: method, discrimination, calibration, stability,
/// by group, champion against challenger. Pickles as the tables and is evaluated again when it is loaded: the same bits.
#[pyclass(frozen, module = "firmgrade")]
pub struct Performance {
    report: firmgrade_frame::Performance,
    /// The graded firms, the outcomes and the keywords, for pickles.
    made: (Py<PyAny>, Py<PyAny>, Py<PyDict>),
}

/// Holds outcomes against grades: does the grade mean anything?
///
/// `graded` is a :class:`Graded` or a table with the columns id, score and grade; then `card` tells the id column, the order of the grades and
/// whether high scores are good (without it they are concluded, and the report says so). `outcomes` is a table with the id (named as in the
/// graded table, or ``id``), ``outcome`` (violation, none, out_of_scope, unreachable; 1 and 0; True and False; other codes by `codes`, a
/// dict of code → True, False or a word) and, where they are known, ``date``, ``source`` (random, event, special), ``pi`` (the chance with
/// which the firm was drawn), ``stratum`` and ``population`` (firms in the stratum): the frame of :func:`firmgrade.sampling.account`, or that of a
/// :class:`firmgrade.sampling.Record` with a column ``outcome``, is such a table. Where there is a source only random rows enter; every row is
/// accounted for.
///
/// `by` names columns of the graded table (graded, or kept by ``fg.grade(..., keep=[...])``) or of the outcomes by which firms are grouped; `before` is
/// an earlier grading, or a list of them, the oldest first, each a :class:`Graded` or a table; `challenger` another grading of the same firms or a table with the id and ``risk``; `probability` names a column of the
/// graded table with each firm's probability of a bad outcome.
///
/// Outcomes must come after `as_of`, the day of the grading (None: the one it was made with): `early` says what happens to others, "fail"
/// (default), "drop" or "use"; `until` is the last day that counts. `repeats`: several looks at one firm count once, bad if any was bad
/// ("worst", default), each ("each"), or are refused ("fail"). `single`: a stratum with one random row is refused ("fail", default), adds no
/// variance ("remove"), was certain ("certainty"), or is measured from the mean of all ("adjust").
///
/// Raises DataError with every fault of the tables, FirmgradeError for what cannot be estimated, ValueError for an unknown word.
///
/// >>> report = fg.evaluate(fg.grade(card, df), {"id": ["a", "b", "c"], "outcome": [0, 1, 0]})
/// >>> report.kind
/// 'not_estimable'
#[pyfunction]
#[pyo3(signature = (graded, outcomes, by=None, before=None, challenger=None, card=None, as_of=None, probability=None, codes=None, early=None, until=None, repeats=None, single=None))]
#[expect(clippy::too_many_arguments, reason = "keywords of Python")]
pub fn evaluate(
    py: Python<'_>,
    graded: &Bound<'_, PyAny>,
    outcomes: &Bound<'_, PyAny>,
    by: Option<&Bound<'_, PyAny>>,
    before: Option<&Bound<'_, PyAny>>,
    challenger: Option<&Bound<'_, PyAny>>,
    card: Option<&Bound<'_, Scorecard>>,
    as_of: Option<&Bound<'_, PyAny>>,
    probability: Option<String>,
    codes: Option<&Bound<'_, PyDict>>,
    early: Option<&str>,
    until: Option<&Bound<'_, PyAny>>,
    repeats: Option<&str>,
    single: Option<&str>,
) -> PyResult<Performance> {
    let reading = Reading { codes, early, until, repeats, single };
    let options = reading.options()?;
    let by = names(by)?;
    let rules = card.map(|card| card.get().card.clone());
    let (given, rated) = rated("graded", graded, rules.as_deref())?;
    let rated = rated.dated(as_of.map(day).transpose()?);
    let old = before.map_or_else(|| Ok(Vec::new()), |before| gradings(before, rules.as_deref()))?;
    let other = challenger.map(|other| self::challenger(other, &rated.id_column)).transpose()?;
    let source = Source::new(outcomes, None)?;
    let table: DataFrame = source.cross()?;

    let made = PyDict::new(py);
    made.set_item("by", &by)?;
    made.set_item("before", PyList::new(py, old.iter().map(|(given, _)| given))?)?;
    made.set_item("challenger", other.as_ref().map(|(given, _, _)| given))?;
    made.set_item("card", card)?;
    made.set_item("as_of", as_of)?;
    made.set_item("probability", &probability)?;
    reading.keep(&made)?;

    let named = other.as_ref().map(|(_, other, name)| (other, name.clone()));
    let asked = PerformanceOptions { by, challenger: named, before: old.iter().map(|(_, old)| old).collect(), probability };
    let report = py.detach(|| {
        let joined: Joined = join(&rated, &table, &options)?;
        performance(&rated, &table, &joined, &asked)
    });
    let report = report.map_err(|error| errors::evaluation(py, &error))?;
    Ok(Performance { report, made: (given.unbind(), source.frame.unbind(), made.unbind()) })
}

/// Names of columns: one, or several.
fn names(by: Option<&Bound<'_, PyAny>>) -> PyResult<Vec<String>> {
    let Some(by) = by else { return Ok(Vec::new()) };
    match by.cast::<PyString>() {
        Ok(one) => Ok(vec![one.to_str()?.to_owned()]),
        Err(_) => by.try_iter()?.map(|name| name?.extract()).collect(),
    }
}

/// Earlier gradings: one, or a list of them.
fn gradings<'py>(given: &Bound<'py, PyAny>, card: Option<&firmgrade::Scorecard>) -> PyResult<Vec<(Bound<'py, PyAny>, Rated)>> {
    match given.cast::<PyList>() {
        Ok(several) => several.iter().map(|one| rated("before", &one, card)).collect(),
        Err(_) => Ok(vec![rated("before", given, card)?]),
    }
}

/// Graded firms: a grading, or a table. What pickles keep of them comes first.
pub fn rated<'py>(
    table: &'static str,
    given: &Bound<'py, PyAny>,
    card: Option<&firmgrade::Scorecard>,
) -> PyResult<(Bound<'py, PyAny>, Rated)> {
    let py = given.py();
    if let Ok(graded) = given.cast::<Graded>() {
        let frame = Source::new(&given.getattr("frame")?, None)?.cross()?;
        let graded = &graded.get().graded;
        return Ok((given.clone(), py.detach(|| Rated::new(graded, Some(frame)))));
    }
    let source = Source::new(given, None)?;
    let frame = source.cross()?;
    let rated = py.detach(|| Rated::from_frame(table, frame, card)).map_err(|error| errors::outcomes(py, &error))?;
    Ok((source.frame, rated))
}

/// A challenger, with what it is called.
fn challenger<'py>(given: &Bound<'py, PyAny>, id_column: &str) -> PyResult<(Bound<'py, PyAny>, Rated, String)> {
    let py = given.py();
    if let Ok(graded) = given.cast::<Graded>() {
        let header = &graded.get().graded.card().spec().scorecard;
        let name = format!("{} {}", header.id, header.version);
        return Ok((given.clone(), Rated::new(&graded.get().graded, None), name));
    }
    let source = Source::new(given, None)?;
    let frame = source.cross()?;
    let rated = Rated::challenger(frame, id_column, None).map_err(|error| errors::outcomes(py, &error))?;
    Ok((source.frame, rated, "challenger".to_owned()))
}

#[pymethods]
impl Performance {
    /// What it comes to, in a sentence.
    #[getter]
    fn verdict(&self) -> &str {
        &self.report.verdict.en
    }

    /// The same in Chinese.
    #[getter]
    fn verdict_zh(&self) -> &str {
        &self.report.verdict.zh
    }

    /// What it comes to, in one word: "separates", "partly", "no_information", "wrong_way" or "not_estimable".
    #[getter]
    fn kind(&self) -> &str {
        finding_word(self.report.verdict.finding)
    }

    /// polars.DataFrame with one row for each grade, best first: grade, firms, share (of the graded firms), outcomes, bad, rate (of bad
    /// outcomes; null without outcomes) with low and high (95 %), isotonic (the nearest rates that do not fall).
    ///
    /// >>> report = fg.evaluate(fg.grade(card, df), {"id": ["a", "b", "c"], "outcome": [0, 1, 0]})
    /// >>> report.table()["bad"].to_list()
    /// [0, 0, 1]
    fn table<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyAny>> {
        let rows = &self.report.rates.grades;
        let known = |value: f64| value.is_finite().then_some(value);
        small(
            py,
            &[
                ("grade", "String", PyList::new(py, rows.iter().map(|row| &row.grade))?),
                ("firms", "Int64", PyList::new(py, rows.iter().map(|row| row.firms))?),
                ("share", "Float64", PyList::new(py, rows.iter().map(|row| row.share))?),
                ("outcomes", "Int64", PyList::new(py, rows.iter().map(|row| row.outcomes))?),
                ("bad", "Int64", PyList::new(py, rows.iter().map(|row| row.bad))?),
                ("rate", "Float64", PyList::new(py, rows.iter().map(|row| known(row.rate.value)))?),
                ("low", "Float64", PyList::new(py, rows.iter().map(|row| row.rate.low))?),
                ("high", "Float64", PyList::new(py, rows.iter().map(|row| row.rate.high))?),
                ("isotonic", "Float64", PyList::new(py, rows.iter().map(|row| known(row.isotonic)))?),
            ],
        )
    }

    /// polars.DataFrame with one row for each value of each column of `by`: column, value, outcomes, bad, rate with low and high, expected (by
    /// score), auc with auc_low and auc_high (null below five bad or good outcomes), finding ("holds", "too few outcomes",
    /// "not proven here", "fails here", "riskier than scored", "safer than scored"). Findings are corrected by Holm for all groups of all
    /// columns; intervals are each group's own. The p-values, raw and adjusted, stand in :meth:`to_dict`: works, worse, level.
    fn groups<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyAny>> {
        let rows: Vec<_> = self.report.groups.iter().flat_map(|group| group.levels.iter().map(move |level| (group, level))).collect();
        let known = |value: f64| value.is_finite().then_some(value);
        let area = |of: fn(&firmgrade::evaluate::Estimate) -> f64| {
            PyList::new(py, rows.iter().map(|(_, row)| row.auc.as_ref().map(|auc| of(&auc.estimate))))
        };
        small(
            py,
            &[
                ("column", "String", PyList::new(py, rows.iter().map(|(group, _)| &group.column))?),
                ("value", "String", PyList::new(py, rows.iter().map(|(_, row)| &row.value))?),
                ("outcomes", "Int64", PyList::new(py, rows.iter().map(|(_, row)| row.rate.rows))?),
                ("bad", "Int64", PyList::new(py, rows.iter().map(|(_, row)| row.rate.bad))?),
                ("rate", "Float64", PyList::new(py, rows.iter().map(|(_, row)| known(row.rate.rate.value)))?),
                ("low", "Float64", PyList::new(py, rows.iter().map(|(_, row)| row.rate.rate.low))?),
                ("high", "Float64", PyList::new(py, rows.iter().map(|(_, row)| row.rate.rate.high))?),
                ("expected", "Float64", PyList::new(py, rows.iter().map(|(_, row)| row.expected))?),
                ("auc", "Float64", area(|of| of.value)?),
                ("auc_low", "Float64", area(|of| of.low)?),
                ("auc_high", "Float64", area(|of| of.high)?),
                ("finding", "String", PyList::new(py, rows.iter().map(|(_, row)| row.finding.words()))?),
            ],
        )
    }

    /// The area under the ROC curve of the score as a dict: value, se, low, high (95 %), bad, good, variance; None where it is not
    /// estimable.
    #[getter]
    fn auc<'py>(&self, py: Python<'py>) -> PyResult<Option<Bound<'py, PyAny>>> {
        let auc = self.report.discrimination.as_ref().map(|found| serde_json::to_string(&found.measures.auc).unwrap_or_default());
        auc.map(|auc| json(py, &auc)).transpose()
    }

    /// What became of every row of the outcomes, as a dict of counts; `read` is the sum of the others.
    #[getter]
    fn account<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyAny>> {
        json(py, &serde_json::to_string(&self.report.method.account).unwrap_or_default())
    }

    /// What had to be concluded, or could not be checked.
    #[getter]
    fn notes(&self) -> Vec<&str> {
        self.report.method.notes.iter().map(String::as_str).collect()
    }

    /// All numbers of the report as a dict: verdict, method, discrimination, rates, calibration, stability, groups, challenger.
    fn to_dict<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyAny>> {
        json(py, &self.report.json())
    }

    /// The same as JSON text, the verdict first.
    fn to_json(&self) -> String {
        self.report.json()
    }

    /// The report as one page: no scripts, nothing loaded, drawings inside.
    fn html(&self, py: Python<'_>) -> String {
        py.detach(|| self.report.html())
    }

    /// Writes the report to a .html or .json file, which appears whole or not at all.
    ///
    /// Raises FileError, ValueError for another ending.
    fn save(&self, py: Python<'_>, path: PathBuf) -> PyResult<()> {
        let ending = path.extension().map(|ending| ending.to_string_lossy().to_lowercase());
        let text = match ending.as_deref() {
            Some("html" | "htm") => self.report.html(),
            Some("json") => self.report.json(),
            _ => {
                return Err(PyValueError::new_err(format!(
                    "path: found `{}`, expected a name that ends in .html or .json",
                    path.display()
                )));
            }
        };
        py.detach(|| write_text(&path, &text)).map_err(|error| errors::frame(py, &error))
    }

    fn __repr__(&self) -> String {
        let method = &self.report.method;
        format!("Performance(kind='{}', outcomes={}, bad={})\n{}", self.kind(), method.outcomes, method.bad, self.verdict())
    }

    fn _repr_html_(&self) -> String {
        self.report.summary_html()
    }

    fn __reduce__<'py>(&self, py: Python<'py>) -> PyResult<(Bound<'py, PyAny>, Bound<'py, PyTuple>)> {
        let (graded, outcomes, keywords) = &self.made;
        Ok((again(py, "evaluate", keywords)?, (graded, outcomes).into_pyobject(py)?))
    }
}

/// A function of the package with its keywords, as pickles keep it.
pub fn again<'py>(py: Python<'py>, name: &str, keywords: &Py<PyDict>) -> PyResult<Bound<'py, PyAny>> {
    let function = py.import("firmgrade")?.getattr(name)?;
    py.import("functools")?.getattr("partial")?.call((function,), Some(keywords.bind(py)))
}
