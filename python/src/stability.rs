//! Grades under other weights: `Graded.stability`, `Graded.reweigh`, `Graded.rescore`, `firmgrade.reweigh` and their result.

use crate::graded::Graded;
use crate::scorecard::Scorecard;
use crate::table::{json, to_python};
use crate::{errors, html};
use firmgrade::Error;
use firmgrade::ahp::{JudgmentFault, Spread};
use firmgrade::reweigh::{CutPoints, WeightingDraws, Weightings};
use firmgrade_frame::StabilityOptions;
use numpy::{IntoPyArray, PyArray2, PyReadonlyArray2};
use pyo3::exceptions::PyValueError;
use pyo3::prelude::*;
use pyo3::types::{PyDict, PyTuple};

/// Graded firms under many other weightings. Made by :meth:`Graded.stability`, :meth:`Graded.reweigh` and :func:`firmgrade.reweigh`.
///
/// Pickles as the firms and the weightings or their seed, and is computed again when it is loaded: the same bits.
///
/// >>> stability = fg.grade(card, df).reweigh([[0.6, 0.4], [0.2, 0.8]])
/// >>> stability.frame["kept"].to_list(), stability.stable_share
/// ([1.0, 1.0, 1.0], 1.0)
#[pyclass(frozen, module = "firmgrade")]
pub struct Stability {
    stability: firmgrade_frame::Stability,
    graded: Py<Graded>,
    /// Method of `Graded` and its arguments, for pickles.
    made: (&'static str, Py<PyDict>),
}

#[pymethods]
impl Stability {
    /// polars.DataFrame with one row for each firm in the order of the input: the id column, grade (by the card's own weights),
    /// most_frequent (grade; of equally many the firm's own, else the best), kept (share of weightings under which it keeps its grade,
    /// 0 to 1), stable (kept ≥ stable_at), then for each grade its probability: P(A), P(B), …
    #[getter]
    fn frame<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyAny>> {
        self.made_frame(py, firmgrade_frame::Stability::frame)
    }

    /// polars.DataFrame with one row for each criterion and indicator from the top down: id, title, kind ("criterion" or "indicator"),
    /// weight (the card's, of the whole), lower, median, upper (over the weightings).
    #[getter]
    fn weights<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyAny>> {
        self.made_frame(py, firmgrade_frame::Stability::weights)
    }

    /// polars.DataFrame with one row for each grade, best first: grade, share (of the firms, by the card's own weights), lower, median,
    /// upper (over the weightings).
    #[getter]
    fn shares<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyAny>> {
        self.made_frame(py, firmgrade_frame::Stability::shares)
    }

    /// The share of firms whose grade is stable, 0 to 1: they keep it under at least the share `stable_at` of the weightings.
    #[getter]
    fn stable_share(&self) -> f64 {
        self.stability.stable_share()
    }

    /// The share of weightings that give each firm each grade: float64, shape (n_firms, n_grades), rows sum to 1.
    #[getter]
    fn probability<'py>(&self, py: Python<'py>) -> Bound<'py, PyArray2<f64>> {
        self.stability.reweighed().probability().into_pyarray(py)
    }

    /// How many firms each weighting gives each grade: uint32, shape (n_weightings, n_grades).
    #[getter]
    fn firms<'py>(&self, py: Python<'py>) -> Bound<'py, PyArray2<u32>> {
        self.stability.reweighed().firms.clone().into_pyarray(py)
    }

    /// The weights of the indicators in each weighting: float64, shape (n_weightings, n_indicators), rows sum to 1.
    #[getter]
    fn weightings<'py>(&self, py: Python<'py>) -> Bound<'py, PyArray2<f64>> {
        self.stability.weightings().indicators().to_owned().into_pyarray(py)
    }

    /// What made the result, as a dict: that of the grading, how the weightings were drawn, their digest, the options. Two results with
    /// the same provenance are the same bits.
    #[getter]
    fn provenance<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyAny>> {
        let provenance = py.detach(|| self.stability.provenance());
        json(py, &serde_json::to_string(&provenance).unwrap_or_default())
    }

    /// The base grading.
    #[getter]
    fn graded(&self, py: Python<'_>) -> Py<Graded> {
        self.graded.clone_ref(py)
    }

    fn __len__(&self) -> usize {
        self.stability.graded().input().len()
    }

    fn __repr__(&self) -> String {
        let header = &self.stability.graded().card().spec().scorecard;
        let (firms, weightings, share) = (self.__len__(), self.stability.weightings().len(), self.stable_share());
        let at = self.stability.options().stable_at;
        format!(
            "Stability(card='{}', version='{}', firms={firms}, weightings={weightings}, stable_share={share:.4}, stable_at={at})",
            header.id, header.version
        )
    }

    fn _repr_html_(&self) -> String {
        let (reweighed, options) = (self.stability.reweighed(), self.stability.options());
        let outside = (1.0 - options.interval) / 2.0;
        let found = reweighed.share_quantiles(&[outside, 1.0 - outside]);
        let percent = |share: f64| format!("{:.1} %", 100.0 * share);
        let counts = self.stability.graded().counts().into_iter().zip(found.columns());
        let rows = counts.map(|(count, interval)| {
            vec![count.grade, percent(count.share), interval.iter().map(|share| percent(*share)).collect::<Vec<_>>().join(" – ")]
        });
        let header = &self.stability.graded().card().spec().scorecard;
        let caption = format!(
            "{}: {} of {} firms keep their grade under {} or more of {} weightings",
            header.title,
            percent(self.stable_share()),
            self.__len__(),
            percent(options.stable_at),
            self.stability.weightings().len()
        );
        html::table(&caption, &["grade", "share", &format!("{} interval", percent(options.interval))], rows)
    }

    fn __reduce__<'py>(&self, py: Python<'py>) -> PyResult<(Bound<'py, PyAny>, Bound<'py, PyTuple>)> {
        let caller = py.import("operator")?.getattr("methodcaller")?;
        let make = caller.call((self.made.0,), Some(self.made.1.bind(py)))?;
        Ok((make, (&self.graded,).into_pyobject(py)?))
    }
}

impl Stability {
    fn made_frame<'py>(
        &self,
        py: Python<'py>,
        make: impl Fn(&firmgrade_frame::Stability) -> Result<firmgrade_frame::DataFrame, firmgrade_frame::PolarsError> + Send + Sync,
    ) -> PyResult<Bound<'py, PyAny>> {
        let frame = py.detach(|| make(&self.stability)).map_err(|error| errors::plain(py, &error))?;
        to_python(py, frame)
    }

    fn new(
        graded: &Bound<'_, Graded>,
        outcome: Result<firmgrade_frame::Stability, Error>,
        made: (&'static str, Bound<'_, PyDict>),
    ) -> PyResult<Self> {
        let stability = outcome.map_err(|error| errors::engine(graded.py(), &error))?;
        Ok(Self { stability, graded: graded.clone().unbind(), made: (made.0, made.1.unbind()) })
    }
}

/// What is asked of many weightings: cuts, stable_at, interval.
pub type Asked<'a> = (Option<&'a str>, Option<f64>, Option<f64>);

fn options(asked: Asked<'_>) -> PyResult<StabilityOptions> {
    let default = StabilityOptions::default();
    Ok(StabilityOptions {
        cuts: cut_points(asked.0)?,
        stable_at: asked.1.unwrap_or(default.stable_at),
        interval: asked.2.unwrap_or(default.interval),
    })
}

fn cut_points(word: Option<&str>) -> PyResult<CutPoints> {
    match word {
        None => Ok(CutPoints::default()),
        Some("card") => Ok(CutPoints::Card),
        Some("base") => Ok(CutPoints::Base),
        Some(other) => Err(PyValueError::new_err(format!("cuts: found `{other}`, expected \"card\" or \"base\""))),
    }
}

fn keywords<'py>(py: Python<'py>, options: StabilityOptions) -> PyResult<Bound<'py, PyDict>> {
    let made = PyDict::new(py);
    let cuts = match options.cuts {
        CutPoints::Card => "card",
        CutPoints::Base => "base",
    };
    made.set_item("cuts", cuts)?;
    made.set_item("stable_at", options.stable_at)?;
    made.set_item("interval", options.interval)?;
    Ok(made)
}

/// How weightings are drawn, as Python says it.
pub struct Drawn {
    pub draws: Option<usize>,
    pub seed: Option<u64>,
    pub steps: Option<u32>,
    pub log_normal: Option<f64>,
    pub log_uniform: Option<f64>,
    pub stated: Option<f64>,
}

/// `Graded.stability`.
pub fn draw(graded: &Bound<'_, Graded>, drawn: &Drawn, asked: Asked<'_>) -> PyResult<Stability> {
    let (py, default) = (graded.py(), WeightingDraws::default());
    let spread = match (drawn.steps, drawn.log_normal, drawn.log_uniform) {
        (None, None, None) => default.spread,
        (Some(steps), None, None) => Spread::Steps(steps),
        (None, Some(size), None) => Spread::LogNormal(size),
        (None, None, Some(size)) => Spread::LogUniform(size),
        _ => return Err(PyValueError::new_err("expected at most one of `steps`, `log_normal` and `log_uniform`")),
    };
    let how = WeightingDraws {
        draws: drawn.draws.unwrap_or(default.draws),
        seed: drawn.seed.unwrap_or(default.seed),
        spread,
        stated: drawn.stated.unwrap_or(default.stated),
    };
    let options = options(asked)?;
    let made = keywords(py, options)?;
    made.set_item("draws", how.draws)?;
    made.set_item("seed", how.seed)?;
    made.set_item("stated", how.stated)?;
    match spread {
        Spread::Steps(steps) => made.set_item("steps", steps)?,
        Spread::LogNormal(size) => made.set_item("log_normal", size)?,
        Spread::LogUniform(size) => made.set_item("log_uniform", size)?,
    }
    let base = &graded.get().graded;
    let outcome = py.detach(|| base.stability(how, options));
    Stability::new(graded, outcome, ("stability", made))
}

/// `Graded.reweigh`.
pub fn under(graded: &Bound<'_, Graded>, weights: &Bound<'_, PyAny>, asked: Asked<'_>) -> PyResult<Stability> {
    let (py, options) = (graded.py(), options(asked)?);
    let weights = matrix(weights)?;
    let made = keywords(py, options)?;
    made.set_item("weights", weights.clone().into_pyarray(py))?;
    let base = &graded.get().graded;
    let outcome = py.detach(|| {
        let weightings = Weightings::new(base.card(), weights.view()).map_err(Error::Judgments)?;
        base.reweigh(weightings, options)
    });
    Stability::new(graded, outcome, ("reweigh", made))
}

/// `Graded.rescore`.
pub fn rescore<'py>(graded: &Bound<'py, Graded>, weights: &Bound<'py, PyAny>, cuts: Option<&str>) -> PyResult<Bound<'py, PyAny>> {
    let (py, cuts) = (graded.py(), cut_points(cuts)?);
    let base = &graded.get().graded;
    let weights = match weights.cast::<PyDict>() {
        Ok(weights) => by_name(base.card(), weights)?,
        Err(_) => weights.try_iter()?.map(|weight| weight?.extract()).collect::<PyResult<Vec<f64>>>()?,
    };
    let outcome = py.detach(|| {
        let row = numpy::ndarray::ArrayView2::from_shape((1, weights.len()), &weights).map_err(|_| vec![JudgmentFault::Nothing]);
        let weightings = row.and_then(|row| Weightings::new(base.card(), row)).map_err(Error::Judgments)?;
        base.rescore(&weightings, 0, cuts)
    });
    let frame = outcome.map_err(|error| errors::engine(py, &error))?;
    to_python(py, frame.map_err(|error| errors::plain(py, &error))?)
}

/// Weights by indicator in the order of the card.
fn by_name(card: &firmgrade::Scorecard, weights: &Bound<'_, PyDict>) -> PyResult<Vec<f64>> {
    let mut row = vec![None; card.indicators().len()];
    let mut faults = Vec::new();
    for (name, weight) in weights {
        let name: String = name.extract()?;
        match card.indicators().iter().zip(&mut row).find(|(indicator, _)| indicator.id == name) {
            Some((_, place)) => *place = Some(weight.extract()?),
            None => faults.push(JudgmentFault::UnknownName { name, nearest: None }),
        }
    }
    let found = row.iter().flatten().count();
    if found < row.len() {
        faults.push(JudgmentFault::WeightCount { found, expected: row.len() });
    }
    if faults.is_empty() { Ok(row.into_iter().flatten().collect()) } else { Err(errors::engine(weights.py(), &Error::Judgments(faults))) }
}

/// Numbers of shape (n_weightings, n_indicators).
fn matrix(weights: &Bound<'_, PyAny>) -> PyResult<numpy::ndarray::Array2<f64>> {
    let py = weights.py();
    let array = py.import("numpy")?.call_method1("asarray", (weights, "float64"))?;
    match array.extract::<PyReadonlyArray2<'_, f64>>() {
        Ok(matrix) => Ok(matrix.as_array().to_owned()),
        Err(_) => {
            let shape = array.getattr("shape")?;
            Err(PyValueError::new_err(format!("weights: found shape {shape}, expected (n_weightings, n_indicators)")))
        }
    }
}

/// Grades firms and weighs them again by each row of `weights`.
///
/// The same as ``fg.grade(card, data).reweigh(weights, …)``, see :meth:`Graded.reweigh`. `data` as for :func:`firmgrade.grade`.
///
/// Raises DataError with every fault of the data, JudgmentError with every fault of the weights.
///
/// >>> fg.reweigh(card, df, [[0.6, 0.4], [0.5, 0.5]]).firms.tolist()
/// [[2, 0, 1], [2, 0, 1]]
#[pyfunction]
#[pyo3(signature = (card, data, weights, cuts=None, stable_at=None, interval=None))]
pub fn reweigh(
    card: &Bound<'_, Scorecard>,
    data: &Bound<'_, PyAny>,
    weights: &Bound<'_, PyAny>,
    cuts: Option<&str>,
    stable_at: Option<f64>,
    interval: Option<f64>,
) -> PyResult<Stability> {
    let py = card.py();
    let graded = Bound::new(py, crate::graded::grade(py, card, data, None, false, None, None, None)?)?;
    under(&graded, weights, (cuts, stable_at, interval))
}

/// `Scorecard.utilities`.
pub fn utilities<'py>(card: &Bound<'py, Scorecard>, data: &Bound<'py, PyAny>) -> PyResult<Bound<'py, PyArray2<f64>>> {
    let py = card.py();
    let graded = crate::graded::grade(py, card, data, Some(0), false, None, None, None)?;
    let matrix = py.detach(|| graded.graded.utilities().map(|utilities| utilities.matrix()));
    Ok(matrix.map_err(|error| errors::engine(py, &error))?.into_pyarray(py))
}
