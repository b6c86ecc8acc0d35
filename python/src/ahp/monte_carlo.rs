//! `firmgrade.ahp.monte_carlo`: how certain weights are when judgments are not.

use super::input::{self, choice, numbers};
use super::output::{self, array};
use super::weights::Weights;
use crate::{errors, html};
use firmgrade::ahp::{Judgments, Method, Spread};
use numpy::{Ix1, PyArray1, PyArray2};
use pyo3::exceptions::PyValueError;
use pyo3::prelude::*;
use pyo3::types::{PyDict, PyTuple};

/// Weights of many sets of judgments drawn around those that were made. Made by :func:`firmgrade.ahp.monte_carlo`.
#[pyclass(frozen, module = "firmgrade.ahp")]
pub struct MonteCarlo {
    judgments: Judgments,
    values: Vec<f64>,
    drawn: firmgrade::ahp::MonteCarlo,
    spread: Spread,
    method: Method,
}

#[pymethods]
impl MonteCarlo {
    /// The things weighed.
    #[getter]
    fn names(&self) -> Vec<&str> {
        self.drawn.names.iter().map(String::as_str).collect()
    }

    /// The weights of the judgments as they were made: float64, shape (n,), read-only.
    #[getter]
    fn values<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyArray1<f64>>> {
        output::vector(py, &self.values)
    }

    /// The weights of each draw: float64, shape (draws, n), read-only.
    #[getter]
    fn weights<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyArray2<f64>>> {
        array(py, &self.drawn.weights.view())
    }

    /// The consistency index of each draw: float64, shape (draws,), read-only.
    #[getter]
    fn ci<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyArray1<f64>>> {
        array(py, &self.drawn.ci.view())
    }

    /// The number of draws.
    #[getter]
    fn draws(&self) -> usize {
        self.drawn.weights.nrows()
    }

    /// The seed.
    #[getter]
    fn seed(&self) -> u64 {
        self.drawn.seed
    }

    /// The generator of random numbers: "splitmix64".
    #[getter]
    fn generator(&self) -> &'static str {
        self.drawn.generator
    }

    /// How weights follow from judgments.
    #[getter]
    fn method(&self) -> &'static str {
        self.method.as_str()
    }

    /// The weights below which the given shares of the draws lie: float64, shape (shares, n), read-only. Between two draws the line
    /// (Hyndman & Fan 1996, definition 7, as numpy).
    ///
    /// Raises JudgmentError for shares outside 0 to 1.
    fn quantiles<'py>(&self, shares: &Bound<'py, PyAny>) -> PyResult<Bound<'py, PyArray2<f64>>> {
        let py = shares.py();
        let shares = numbers::<Ix1>(shares)?;
        let found = self.drawn.quantiles(&shares.as_array().to_vec()).map_err(|faults| errors::judgments(py, faults))?;
        array(py, &found.view())
    }

    /// Name → (low, high): the interval in which the middle `level` of the draws lies, 0.95 unless told.
    ///
    /// Raises JudgmentError for a level outside 0 to 1.
    #[pyo3(signature = (level=0.95))]
    fn intervals<'py>(&self, py: Python<'py>, level: f64) -> PyResult<Bound<'py, PyDict>> {
        let tail = 0.5 * (1.0 - level);
        let found = self.drawn.quantiles(&[tail, 1.0 - tail]).map_err(|faults| errors::judgments(py, faults))?;
        let intervals = PyDict::new(py);
        for (name, ends) in self.drawn.names.iter().zip(found.columns()) {
            intervals.set_item(name, (ends.first(), ends.last()))?;
        }
        Ok(intervals)
    }

    /// The share of draws in which each thing has each rank: float64, shape (n, n), read-only; row i is thing i, the first column rank 1.
    #[getter]
    fn ranks<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyArray2<f64>>> {
        array(py, &self.drawn.ranks().view())
    }

    /// polars.DataFrame with name, weight (of the judgments as made), mean, low, median, high (2.5, 50 and 97.5 %) and first (the share of
    /// draws in which it is the heaviest).
    fn to_frame<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyAny>> {
        use pyo3::types::PyList;
        let quantile =
            |share: f64| -> Vec<f64> { self.drawn.quantiles(&[share]).map(|found| found.iter().copied().collect()).unwrap_or_default() };
        let means: Vec<f64> = self.drawn.weights.columns().into_iter().map(|column| column.mean().unwrap_or_default()).collect();
        let first: Vec<f64> = self.drawn.ranks().columns().into_iter().next().map(|column| column.to_vec()).unwrap_or_default();
        let numbers = |values: &[f64]| PyList::new(py, values);
        crate::table::small(
            py,
            &[
                ("name", "String", PyList::new(py, &self.drawn.names)?),
                ("weight", "Float64", numbers(&self.values)?),
                ("mean", "Float64", numbers(&means)?),
                ("low", "Float64", numbers(&quantile(0.025))?),
                ("median", "Float64", numbers(&quantile(0.5))?),
                ("high", "Float64", numbers(&quantile(0.975))?),
                ("first", "Float64", numbers(&first)?),
            ],
        )
    }

    /// The number of draws.
    fn __len__(&self) -> usize {
        self.draws()
    }

    fn __repr__(&self) -> String {
        let quantiles = self.drawn.quantiles(&[0.025, 0.975]).unwrap_or_default();
        let ends = self.drawn.names.iter().zip(quantiles.columns());
        let listed: Vec<String> = ends
            .map(|(name, ends)| {
                format!("{name}: {:.4}…{:.4}", ends.first().copied().unwrap_or_default(), ends.last().copied().unwrap_or_default())
            })
            .collect();
        format!("MonteCarlo({{{}}}, draws={}, {}, seed={})", listed.join(", "), self.draws(), self.spread_text(), self.seed())
    }

    fn _repr_html_(&self) -> String {
        let quantiles = self.drawn.quantiles(&[0.025, 0.25, 0.5, 0.75, 0.975]).unwrap_or_default();
        let rows: Vec<html::Interval<'_>> = self
            .drawn
            .names
            .iter()
            .zip(&self.values)
            .zip(quantiles.columns())
            .map(|((name, &value), column)| html::Interval { name, value, quantiles: column.to_vec() })
            .collect();
        let caption = format!(
            "{} draws, {}, seed {}: 95 % (line), 50 % (bar), median, weight as judged (ring)",
            self.draws(),
            self.spread_text(),
            self.seed()
        );
        html::intervals(&caption, &rows)
    }

    fn __eq__(&self, other: &Self) -> bool {
        self.drawn == other.drawn && self.judgments == other.judgments && self.spread == other.spread && self.method == other.method
    }

    fn __reduce__<'py>(&self, py: Python<'py>) -> PyResult<(Bound<'py, PyAny>, Bound<'py, PyTuple>)> {
        let make = py.import("firmgrade.ahp")?.getattr("monte_carlo")?;
        let judged = Weights::new(py, self.judgments.clone(), self.method, choice(py, None)?);
        let (steps, spread, shape) = match self.spread {
            Spread::Steps(steps) => (Some(steps), None, "normal"),
            Spread::LogNormal(size) => (None, Some(size), "normal"),
            Spread::LogUniform(size) => (None, Some(size), "uniform"),
        };
        Ok((make, (judged, self.draws(), self.seed(), steps, spread, shape, py.None(), self.method()).into_pyobject(py)?))
    }
}

impl MonteCarlo {
    fn spread_text(&self) -> String {
        match self.spread {
            Spread::Steps(steps) => format!("steps={steps}"),
            Spread::LogNormal(size) => format!("spread={size}"),
            Spread::LogUniform(size) => format!("spread={size}, shape='uniform'"),
        }
    }
}

/// The weights of `draws` sets of judgments drawn around those that were made, each judgment by itself.
///
/// `matrix`, `names` and `method` as for :func:`weights`, or its result. Judgments move by up to `steps` whole steps of the scale 1/9 … 9, all
/// equally likely (1 unless told); or, with `spread`, by a factor whose logarithm is normal with that standard deviation (0 to 10), with
/// shape="uniform" uniform within ± spread. Draw number d takes its numbers from a stream of its own by `seed`: the same bits on any number
/// of threads, and a longer run begins with the shorter one.
///
/// Raises as :func:`weights`; ValueError for both steps and spread, or an unknown shape.
///
/// >>> mc = fg.ahp.monte_carlo([[1, 3], ["1/3", 1]], draws=500, seed=7, names=["tax", "fines"])
/// >>> low, high = mc.intervals()["tax"]
/// >>> round(low, 4), round(high, 4), mc.weights.shape
/// (0.6667, 0.8, (500, 2))
#[pyfunction]
#[pyo3(signature = (matrix, draws=1000, seed=1, steps=None, spread=None, shape="normal", names=None, method=None))]
#[expect(clippy::too_many_arguments, reason = "all but the first have defaults and are named by whoever calls")]
pub fn monte_carlo(
    matrix: &Bound<'_, PyAny>,
    draws: usize,
    seed: u64,
    steps: Option<u32>,
    spread: Option<f64>,
    shape: &str,
    names: Option<&Bound<'_, PyAny>>,
    method: Option<&str>,
) -> PyResult<MonteCarlo> {
    let py = matrix.py();
    let spread = match (steps, spread, shape) {
        (Some(_), Some(_), _) => return Err(PyValueError::new_err("found steps and spread, expected one of them")),
        (steps, None, "normal") => Spread::Steps(steps.unwrap_or(1)),
        (None, Some(size), "normal") => Spread::LogNormal(size),
        (None, Some(size), "uniform") => Spread::LogUniform(size),
        (_, None, "uniform") => return Err(PyValueError::new_err("found shape=\"uniform\" without a spread, expected a spread")),
        (.., other) => return Err(PyValueError::new_err(format!("unknown shape `{other}`, expected one of normal, uniform"))),
    };
    let own = matrix.cast::<Weights>().ok().map(|own| own.get().weights.method().as_str());
    let method: Method = choice(py, method.or(own))?;
    let judgments = input::judgments(matrix, names)?;
    let values = judgments.weights(method, choice(py, None)?).values().to_vec();
    let drawn = py.detach(|| judgments.monte_carlo(spread, draws, seed, method)).map_err(|faults| errors::judgments(py, faults))?;
    Ok(MonteCarlo { judgments, values, drawn, spread, method })
}
