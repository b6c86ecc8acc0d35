//! `firmgrade.grade` and its result.

use crate::explanation::Explanation;
use crate::scorecard::Scorecard;
use crate::stability::{self, Drawn, Stability};
use crate::table::{Source, json, small, to_python};
use crate::{derived, errors, firm, html};
use firmgrade::calendar::Day;
use firmgrade::grade::NO_GRADE;
use firmgrade::{DataFault, GradeOptions};
use firmgrade_frame::{DataFrame, WriteOptions, persons_masked, write_table};
use pyo3::exceptions::{PyKeyError, PyTypeError};
use pyo3::prelude::*;
use pyo3::sync::PyOnceLock;
use pyo3::types::{PyDict, PyList, PyString, PyTuple};
use std::path::PathBuf;

/// Graded firms, with what made the grades. Made by :func:`firmgrade.grade`.
///
/// Pickles as the card and the columns it reads, and is graded again when it is loaded: the same bits.
#[pyclass(frozen, module = "firmgrade")]
pub struct Graded {
    pub(crate) graded: firmgrade_frame::Graded,
    card: Py<Scorecard>,
    options: GradeOptions,
    /// The columns that were graded and kept, as a Python polars frame.
    source: Py<PyAny>,
    keep: Vec<String>,
    frame: PyOnceLock<Py<PyAny>>,
}

/// Grades firms by a scorecard.
///
/// `data` is a table with one row for each firm: polars (eager or lazy), pandas, pyarrow, a duckdb relation, a dict of columns, or
/// anything with `__arrow_c_stream__`. It needs the card's id column and the columns that the card reads; their order, and other
/// columns, do not matter. Null and NaN are both missing. `reasons` is how many reasons for each firm at most (None: the engine's
/// default); with `contributions` those of all indicators are kept; `keep` names columns to carry over into the result, or is "all".
///
/// Where the card says how headers or cells of the firm table are read (`[mapping.firms]`, `[reading]`), `data` is read so. Numbers of
/// natural persons among the ids are masked in all results.
///
/// With `as_of` (a date, a datetime or text YYYY-MM-DD) the indicators of the card are derived first, as :func:`derive` does, from `data`
/// as the firm table and `records`, a dict of record tables by the ids that the card gives them.
///
/// The interpreter is released meanwhile. Results are the same bits for any number of threads, chunks and any order of rows.
///
/// Raises DataError with every fault of the data, TypeError for what is no table.
///
/// >>> graded = fg.grade(card, df)
/// >>> graded.frame["grade"].to_list()
/// ['A', 'C', 'A']
#[pyfunction]
#[pyo3(signature = (card, data, reasons=None, contributions=false, keep=None, records=None, as_of=None))]
#[expect(clippy::too_many_arguments, reason = "keywords of Python")]
pub fn grade(
    py: Python<'_>,
    card: &Bound<'_, Scorecard>,
    data: &Bound<'_, PyAny>,
    reasons: Option<usize>,
    contributions: bool,
    keep: Option<&Bound<'_, PyAny>>,
    records: Option<&Bound<'_, PyDict>>,
    as_of: Option<&Bound<'_, PyAny>>,
) -> PyResult<Graded> {
    let Some(as_of) = as_of else {
        if records.is_some() {
            return Err(PyTypeError::new_err("records are given without as_of, expected the day as of which they count"));
        }
        if card.get().card.reads_firms() {
            let read = derived::firms(py, card, data)?;
            return graded(py, card, &to_python(py, read)?, (reasons, contributions, keep), None);
        }
        return graded(py, card, data, (reasons, contributions, keep), None);
    };
    let as_of = derived::day(as_of)?;
    let derived = derived::run(py, card, data, records, as_of, None)?;
    graded(py, card, &to_python(py, derived.frame)?, (reasons, contributions, keep), Some(as_of))
}

/// A result that was derived as of a day, graded again from its derived columns. For pickles.
#[pyfunction]
pub fn _grade_again(
    py: Python<'_>,
    card: &Bound<'_, Scorecard>,
    data: &Bound<'_, PyAny>,
    reasons: usize,
    contributions: bool,
    keep: &Bound<'_, PyAny>,
    as_of: &Bound<'_, PyAny>,
) -> PyResult<Graded> {
    graded(py, card, data, (Some(reasons), contributions, Some(keep)), Some(derived::day(as_of)?))
}

/// Grades a table that has the columns of the card.
fn graded(
    py: Python<'_>,
    card: &Bound<'_, Scorecard>,
    data: &Bound<'_, PyAny>,
    (reasons, contributions, keep): (Option<usize>, bool, Option<&Bound<'_, PyAny>>),
    as_of: Option<Day>,
) -> PyResult<Graded> {
    let options = GradeOptions { reasons: reasons.unwrap_or(GradeOptions::default().reasons), contributions };
    let wanted = card.get().wanted();
    let (source, keep) = match Keep::new(keep)? {
        Keep::None => (Source::new(data, Some(&wanted))?, Vec::new()),
        Keep::These(names) => (Source::new(data, Some(&[wanted.as_slice(), &names].concat()))?, names),
        Keep::All => {
            let source = Source::new(data, None)?;
            let names = source.names.clone();
            (source, names)
        }
    };
    if !source.has(&wanted) {
        return Err(firm::absent(py, &card.get().card, source.names));
    }
    let keep: Vec<String> = keep.into_iter().filter(|name| name != card.get().card.id_column()).collect();
    refuse_kept(&source, &keep)?;
    let read = if keep.is_empty() { source.cross()? } else { Source::new(&source.frame, Some(&wanted))?.cross()? };
    let (rules, mutable) = (&card.get().card, source.mutable);
    let graded = py.detach(|| {
        let graded = firmgrade_frame::grade(rules, &read, options)?;
        let graded = match as_of {
            Some(day) => graded.dated(day),
            None => graded,
        };
        if mutable {
            // The digest names what was graded, so it is taken before anybody can change it.
            let _digest = graded.provenance();
        }
        Ok(graded)
    });
    let graded = graded.map_err(|error: firmgrade::Error| errors::engine(py, &error))?;
    Ok(Graded { graded, card: card.clone().unbind(), options, source: source.frame.unbind(), keep, frame: PyOnceLock::new() })
}

impl Graded {
    /// The columns to keep, numbers of natural persons masked.
    fn kept<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyAny>> {
        let kept = self.source.bind(py).get_item(&self.keep)?;
        let (polars, selectors) = (py.import("polars")?, py.import("polars.selectors")?);
        let types = ["String", "Categorical", "Enum", "Int64", "UInt64"].map(|name| polars.getattr(name));
        let types = PyTuple::new(py, types.into_iter().collect::<PyResult<Vec<_>>>()?)?;
        let texts = selectors.call_method1("by_dtype", types)?;
        let texts = kept.call_method1("select", (texts,))?;
        if texts.getattr("width")?.extract::<usize>()? == 0 {
            return Ok(kept);
        }
        let frame = Source::new(&texts, None)?.cross()?;
        let masked = py.detach(|| persons_masked(&frame, ""));
        let changed = DataFrame::new(frame.height(), masked).map_err(|error| errors::plain(py, &error))?;
        if changed.width() == 0 {
            Ok(kept)
        } else {
            kept.call_method1("with_columns", (to_python(py, changed)?.call_method0("get_columns")?,))
        }
    }
}

#[pymethods]
impl Graded {
    /// polars.DataFrame with one row for each firm in the order of the input: the id column, score (float64, on the card's scale; null
    /// without data), score_grade and grade (ordered Enum, best first), overrides (ids of the rules hit, in the order applied), reasons
    /// (ids of the indicators that cost most, strongest first), coverage (share of weight with data, 0 to 1), then kept columns.
    #[getter]
    fn frame<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyAny>> {
        let frame = self.frame.get_or_try_init(py, || {
            let frame = py.detach(|| self.graded.frame()).map_err(|error| errors::plain(py, &error))?;
            let frame = to_python(py, frame)?;
            if self.keep.is_empty() {
                return Ok(frame.unbind());
            }
            let kept = self.kept(py)?.call_method0("get_columns")?;
            frame.call_method1("hstack", (kept,)).map(Bound::unbind)
        });
        frame.map(|frame: &Py<PyAny>| frame.bind(py).clone())
    }

    /// polars.DataFrame: the id column, then for each indicator the points lost against the best attainable, in units of the score;
    /// shape (n_firms, 1 + n_indicators). Graded again where `contributions=True` was not asked for.
    fn contributions<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyAny>> {
        if self.options.contributions {
            let frame = py.detach(|| self.graded.contributions()).map_err(|error| errors::plain(py, &error))?;
            return to_python(py, frame);
        }
        let wanted = self.card.get().wanted();
        let read = Source::new(self.source.bind(py), Some(&wanted))?.cross()?;
        let options = GradeOptions { reasons: 0, contributions: true };
        let graded = py.detach(|| firmgrade_frame::grade(&self.card.get().card, &read, options));
        let graded = graded.map_err(|error| errors::engine(py, &error))?;
        to_python(py, py.detach(|| graded.contributions()).map_err(|error| errors::plain(py, &error))?)
    }

    /// polars.DataFrame with one row for each grade, best first: grade, by_score (firms before overrides), firms (after), share (0 to 1).
    ///
    /// >>> fg.grade(card, df).counts()["firms"].to_list()
    /// [2, 0, 1]
    fn counts<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyAny>> {
        let counts = self.graded.counts();
        small(
            py,
            &[
                ("grade", "String", PyList::new(py, counts.iter().map(|count| &count.grade))?),
                ("by_score", "Int64", PyList::new(py, counts.iter().map(|count| count.by_score))?),
                ("firms", "Int64", PyList::new(py, counts.iter().map(|count| count.firms))?),
                ("share", "Float64", PyList::new(py, counts.iter().map(|count| count.share))?),
            ],
        )
    }

    /// polars.DataFrame with one row for each override, in the order of the card: id, title, firms (how many hit it).
    fn hits<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyAny>> {
        let (hits, rules) = (self.graded.hits(), self.graded.card().rules());
        small(
            py,
            &[
                ("id", "String", PyList::new(py, rules.iter().map(|rule| &rule.id))?),
                ("title", "String", PyList::new(py, rules.iter().map(|rule| &rule.title))?),
                ("firms", "Int64", PyList::new(py, hits.iter().map(|(_, firms)| firms))?),
            ],
        )
    }

    /// Why one firm has its score and grade. `id` is its value in the id column.
    ///
    /// Raises KeyError for an id that was not graded.
    fn explain(&self, py: Python<'_>, id: &Bound<'_, PyAny>) -> PyResult<Explanation> {
        let id = id.str()?.to_string();
        let (card, engine) = (self.graded.card(), self.graded.engine());
        let found = py.detach(|| {
            let shown = if id.contains('*') { self.graded.row_shown_as(&id) } else { None };
            let mut start = 0;
            for table in self.graded.input().tables() {
                let ids = table.column(card.id_column())?;
                if let Some(row) = (0..table.len()).find(|row| ids.text(*row) == id || shown == Some(start + row)) {
                    let columns: Vec<_> = card.columns().iter().filter_map(|column| table.column(&column.name)).collect();
                    let grade = |grades: &[u8]| grades.get(start + row).copied().unwrap_or(NO_GRADE);
                    let grades = (grade(&engine.score_grade), grade(&engine.grade));
                    return Some(Explanation::new(card, id.clone(), &columns, row, self.options.reasons, grades));
                }
                start += table.len();
            }
            None
        });
        match found {
            Some(explanation) => explanation.map_err(|error| errors::engine(py, &error)),
            None => Err(PyKeyError::new_err(format!("there is no firm `{}`", firmgrade::mask(&id)))),
        }
    }

    /// How certain the grades are when the card's judgments are not: the firms under `draws` weightings, each judgment drawn around the
    /// one that was made, every node by itself, and multiplied down the tree.
    ///
    /// A judgment moves by up to `steps` whole steps of the scale 1/9 … 9 either way, each as likely (None: one step); or ln of it is
    /// normal around it with standard deviation `log_normal`, or uniform within ± `log_uniform` (both 0 to 10). Weights that the card
    /// states stay, unless `stated` (0 to 10) is above 0: then each is multiplied by exp(stated · normal) and divided by the sum of its
    /// siblings. `draws`, `seed`: None for the engine's defaults, 1000 and 1. `cuts`: where the card solves cut points from shares,
    /// "card" (default) solves them again for each weighting, "base" keeps those of this grading. A grade is stable that a firm keeps
    /// under at least the share `stable_at` of the weightings (0.95); `interval` is the share of weightings that intervals hold (0.95).
    ///
    /// The interpreter is released meanwhile. Each grade is exactly the one that a card with those weights gives; the same bits for any
    /// number of threads. The first call keeps 9 bytes for each firm and indicator as long as this object lives.
    ///
    /// Raises JudgmentError with every fault of the draws, and where nothing would vary; ValueError for an unknown word.
    #[pyo3(signature = (draws=None, seed=None, steps=None, log_normal=None, log_uniform=None, stated=None, cuts=None, stable_at=None, interval=None))]
    #[expect(clippy::too_many_arguments, reason = "keywords of Python")]
    fn stability(
        slf: &Bound<'_, Self>,
        draws: Option<usize>,
        seed: Option<u64>,
        steps: Option<u32>,
        log_normal: Option<f64>,
        log_uniform: Option<f64>,
        stated: Option<f64>,
        cuts: Option<&str>,
        stable_at: Option<f64>,
        interval: Option<f64>,
    ) -> PyResult<Stability> {
        let drawn = Drawn { draws, seed, steps, log_normal, log_uniform, stated };
        stability::draw(slf, &drawn, (cuts, stable_at, interval))
    }

    /// The firms under stated weightings: `weights` has shape (n_weightings, n_indicators), in the order of ``card.indicators``, each row
    /// in [0, 1] with sum 1 within 1e-6. `cuts`, `stable_at`, `interval` as for :meth:`stability`.
    ///
    /// Raises JudgmentError with every fault of the weights, DataError for firms that a weighting leaves nothing to weigh, ValueError for
    /// another shape.
    #[pyo3(signature = (weights, cuts=None, stable_at=None, interval=None))]
    fn reweigh(
        slf: &Bound<'_, Self>,
        weights: &Bound<'_, PyAny>,
        cuts: Option<&str>,
        stable_at: Option<f64>,
        interval: Option<f64>,
    ) -> PyResult<Stability> {
        stability::under(slf, weights, (cuts, stable_at, interval))
    }

    /// polars.DataFrame of the firms under one other weighting, for tuning: the id column, score, score_grade, grade, coverage.
    /// `weights` has shape (n_indicators,), in the order of ``card.indicators``, or is a dict of all of them by id; sum 1 within 1e-6.
    /// `cuts` as for :meth:`stability`.
    ///
    /// Raises as :meth:`reweigh`.
    ///
    /// >>> fg.grade(card, df).rescore({"fines": 0.5, "tax": 0.5})["score"].to_list()
    /// [100.0, 0.0, 100.0]
    #[pyo3(signature = (weights, cuts=None))]
    fn rescore<'py>(slf: &Bound<'py, Self>, weights: &Bound<'py, PyAny>, cuts: Option<&str>) -> PyResult<Bound<'py, PyAny>> {
        stability::rescore(slf, weights, cuts)
    }

    /// The card.
    #[getter]
    fn card(&self, py: Python<'_>) -> Py<Scorecard> {
        self.card.clone_ref(py)
    }

    /// What made the result, as a dict: card, digests of card and data, engine version, options. Two results with the same provenance
    /// are the same bits.
    #[getter]
    fn provenance<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyAny>> {
        let provenance = py.detach(|| self.graded.provenance());
        json(py, &serde_json::to_string(&provenance).unwrap_or_default())
    }

    /// Writes :attr:`frame` to a .parquet, .csv, .xlsx or .json file with the provenance inside (CSV has no place for it). The file
    /// appears whole or not at all.
    ///
    /// Raises FileError.
    fn write(&self, py: Python<'_>, path: PathBuf) -> PyResult<()> {
        let mut frame = Source::new(&self.frame(py)?, None)?.cross()?;
        let written = py.detach(|| {
            let options = WriteOptions { format: None, metadata: self.graded.provenance().metadata() };
            write_table(&mut frame, path, &options)
        });
        written.map_err(|error| errors::frame(py, &error))
    }

    fn __len__(&self) -> usize {
        self.graded.input().len()
    }

    fn __repr__(&self) -> String {
        let header = &self.graded.card().spec().scorecard;
        let counts: Vec<String> = self.graded.counts().iter().map(|count| format!("{}: {}", count.grade, count.firms)).collect();
        format!("Graded(card='{}', version='{}', firms={}, grades={{{}}})", header.id, header.version, self.__len__(), counts.join(", "))
    }

    fn _repr_html_(&self) -> String {
        let header = &self.graded.card().spec().scorecard;
        let rows =
            self.graded.counts().into_iter().map(|count| {
                vec![count.grade, count.by_score.to_string(), count.firms.to_string(), format!("{:.1} %", 100.0 * count.share)]
            });
        let caption = format!("{}: {} firms by {} {}", header.title, self.__len__(), header.id, header.version);
        html::table(&caption, &["grade", "by score", "firms", "share"], rows)
    }

    fn __reduce__<'py>(&self, py: Python<'py>) -> PyResult<(Bound<'py, PyAny>, Bound<'py, PyTuple>)> {
        if let Some(as_of) = self.graded.provenance().as_of {
            let make = py.import("firmgrade._firmgrade")?.getattr("_grade_again")?;
            let arguments = (&self.card, &self.source, self.options.reasons, self.options.contributions, &self.keep, as_of);
            return Ok((make, arguments.into_pyobject(py)?));
        }
        let make = py.import("firmgrade")?.getattr("grade")?;
        let arguments = (&self.card, &self.source, self.options.reasons, self.options.contributions, &self.keep);
        Ok((make, arguments.into_pyobject(py)?))
    }
}

impl Graded {
    /// The columns that were graded and kept, as a Python polars frame.
    pub(crate) fn source(&self, py: Python<'_>) -> Py<PyAny> {
        self.source.clone_ref(py)
    }
}

/// Which columns to carry over.
enum Keep {
    None,
    These(Vec<String>),
    All,
}

impl Keep {
    fn new(keep: Option<&Bound<'_, PyAny>>) -> PyResult<Self> {
        match keep {
            None => Ok(Self::None),
            Some(keep) => match keep.cast::<PyString>() {
                Ok(word) if word == "all" => Ok(Self::All),
                Ok(word) => Err(PyTypeError::new_err(format!("keep: found `{word}`, expected a list of columns or \"all\""))),
                Err(_) => Ok(Self::These(keep.try_iter()?.map(|name| name?.extract()).collect::<PyResult<_>>()?)),
            },
        }
    }
}

/// The columns of every result beside the id.
const RESULTS: [&str; 6] = ["score", "score_grade", "grade", "overrides", "reasons", "coverage"];

fn refuse_kept(source: &Source<'_>, keep: &[String]) -> PyResult<()> {
    let py = source.frame.py();
    if let Some(name) = keep.iter().find(|name| RESULTS.contains(&name.as_str())) {
        let text = format!("keep: column `{name}` has the name of a result column; rename it");
        return Err(errors::plain(py, &text));
    }
    let lost = keep.iter().filter(|name| !source.names.contains(name));
    let faults: Vec<DataFault> =
        lost.map(|name| DataFault::MissingColumn { column: name.clone(), used_by: vec!["keep".to_owned()], near: None }).collect();
    if faults.is_empty() { Ok(()) } else { Err(errors::data(py, faults)) }
}
