//! `firmgrade.ahp.aggregate`: several experts on the same things.

use super::disagreement;
use super::input::{self, Given, choice, text, warn, warn_of_rounding};
use super::output::{self, LIMIT};
use super::weights::{Weights, caption};
use crate::{errors, html};
use firmgrade::ahp::{JudgmentFault, Judgments, Mean, Method, RandomIndex, aggregate_judgments, aggregate_priorities, within_limit};
use numpy::{PyArray1, PyArray2};
use pyo3::prelude::*;
use pyo3::types::{PyDict, PyList, PyTuple};

/// What is aggregated.
#[derive(Clone, Copy, PartialEq, Eq)]
pub enum How {
    Judgments,
    Priorities,
}

/// The weights of a group, and how far its experts agree. Made by :func:`firmgrade.ahp.aggregate`.
#[pyclass(frozen, module = "firmgrade.ahp")]
pub struct Group {
    pub labels: Vec<String>,
    pub judgments: Vec<Judgments>,
    pub weights: Vec<firmgrade::ahp::Weights>,
    pub voices: Option<Vec<f64>>,
    pub how: How,
    pub mean: Mean,
    pub method: Method,
    pub random_index: RandomIndex,
    left_out: Vec<String>,
    values: Vec<f64>,
    // Only where judgments were aggregated.
    group: Option<(Judgments, firmgrade::ahp::Weights)>,
}

#[pymethods]
impl Group {
    /// The things weighed, in the order of the first expert's.
    #[getter]
    pub fn names(&self) -> Vec<&str> {
        self.things().iter().map(String::as_str).collect()
    }

    /// The group's weights: float64, shape (n,), read-only, sum 1.
    #[getter]
    fn values<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyArray1<f64>>> {
        output::vector(py, &self.values)
    }

    /// The rank of each, 1 for the heaviest; equal weights share a rank.
    #[getter]
    fn ranks(&self) -> Vec<usize> {
        output::ranks(&self.values)
    }

    /// What was aggregated: "judgments" or "priorities".
    #[getter]
    fn how(&self) -> &'static str {
        self.how.as_str()
    }

    /// The mean by which: "geometric" or "arithmetic".
    #[getter]
    fn mean(&self) -> &'static str {
        self.mean.as_str()
    }

    /// The group's judgments, the geometric means of the experts': float64, shape (n, n), read-only; None for how="priorities".
    #[getter]
    fn matrix<'py>(&self, py: Python<'py>) -> PyResult<Option<Bound<'py, PyArray2<f64>>>> {
        self.group.as_ref().map(|(judgments, _)| output::square(py, judgments.matrix())).transpose()
    }

    /// λmax of the group's judgments; None for how="priorities".
    #[getter]
    fn lambda_max(&self) -> Option<f64> {
        self.group.as_ref().map(|(_, weights)| weights.lambda_max())
    }

    /// CI of the group's judgments; None for how="priorities".
    #[getter]
    fn ci(&self) -> Option<f64> {
        self.group.as_ref().map(|(_, weights)| weights.ci())
    }

    /// RI of the group's judgments; None for how="priorities".
    #[getter]
    fn ri(&self) -> Option<f64> {
        self.group.as_ref().map(|(_, weights)| weights.ri())
    }

    /// CR of the group's judgments; None for how="priorities", whose experts have their own.
    #[getter]
    fn cr(&self) -> Option<f64> {
        self.group.as_ref().map(|(_, weights)| weights.cr())
    }

    /// Whether CR ≤ 0.10, of the group's judgments or, for how="priorities", of every expert's.
    #[getter]
    fn consistent(&self) -> bool {
        self.cr().map_or_else(|| self.weights.iter().all(|one| one.cr() <= LIMIT), |cr| cr <= LIMIT)
    }

    /// How weights follow from judgments.
    #[getter]
    fn method(&self) -> &'static str {
        self.method.as_str()
    }

    /// The table of the random index that was asked for.
    #[getter]
    fn random_index(&self) -> &'static str {
        self.random_index.as_str()
    }

    /// The weights of each expert who counts, by his own judgments.
    #[getter]
    fn experts(&self) -> Vec<Weights> {
        let both = self.judgments.iter().zip(&self.weights);
        both.map(|(judgments, weights)| Weights { judgments: judgments.clone(), weights: weights.clone() }).collect()
    }

    /// What the experts who count are called: the keys of a dict, else "1", "2", ….
    #[getter]
    fn expert_names(&self) -> Vec<&str> {
        self.labels.iter().map(String::as_str).collect()
    }

    /// The experts who do not count, because their own CR is above `max_cr`.
    #[getter]
    fn left_out(&self) -> Vec<&str> {
        self.left_out.iter().map(String::as_str).collect()
    }

    /// The part of each expert who counts, in the order of :attr:`expert_names`; sum 1.
    #[getter]
    fn voices<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyArray1<f64>>> {
        let voices = self.voices.clone().unwrap_or_else(|| vec![1.0; self.labels.len()]);
        let largest = voices.iter().copied().fold(0.0, f64::max);
        let total: f64 = voices.iter().map(|voice| voice / largest).sum();
        output::vector(py, &voices.iter().map(|voice| voice / largest / total).collect::<Vec<_>>())
    }

    /// Goepel's S* of the experts' weights: 0 (each stresses another thing) to 1 (all the same). Source: Goepel, ISAHP 2013, with the
    /// simpler H_γmax = ln n of his later software; as first published: :attr:`consensus_2013`.
    #[getter]
    fn consensus(&self, py: Python<'_>) -> PyResult<f64> {
        disagreement::consensus(py, self).map(|found| found.s_star)
    }

    /// S* as first published, where fewer experts than things can stress only as many things.
    #[getter]
    fn consensus_2013(&self, py: Python<'_>) -> PyResult<f64> {
        disagreement::consensus(py, self).map(|found| found.s_star_2013)
    }

    /// Kendall's coefficient of concordance of the ranks, 0 to 1, corrected for ties; None where it is not defined.
    #[getter]
    fn kendalls_w(&self, py: Python<'_>) -> PyResult<Option<f64>> {
        disagreement::kendalls_w(py, self)
    }

    /// Every judgment by how far the experts disagree about it, the most disputed first: dicts with pair, row, column, mean (geometric), low,
    /// high, spread (≥ 1, the factor by which a judgment is typically off the mean) and sides (how many experts put the row's thing above the
    /// column's, called them equal, put it below).
    #[getter]
    fn disputes<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyList>> {
        disagreement::disputes(py, self)
    }

    /// The group without each expert in turn: dicts with expert, values (weights of the others), largest_change and order_changes (whether any
    /// two things change places).
    fn leave_one_out<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyList>> {
        disagreement::leave_one_out(py, self)
    }

    /// Camps of opinion: a dict with members (a list of experts for each camp) and silhouette (½ to 1); None where there are none.
    ///
    /// Source: average linkage of the logarithms of judgments; Rousseeuw, J. Comput. Appl. Math. 20, 1987, 53–65.
    #[getter]
    fn camps<'py>(&self, py: Python<'py>) -> PyResult<Option<Bound<'py, PyDict>>> {
        disagreement::camps(py, self)
    }

    /// The group of those experts whose own CR is at most `limit`; the others are named in :attr:`left_out`.
    ///
    /// Raises FirmgradeError where nobody is left.
    #[pyo3(signature = (limit=0.1))]
    fn within(&self, py: Python<'_>, limit: f64) -> PyResult<Self> {
        let kept = within_limit(&self.weights, limit);
        if kept.is_empty() {
            let all: Vec<String> = self.labels.iter().zip(&self.weights).map(|(label, one)| format!("{label} {:.4}", one.cr())).collect();
            return Err(errors::plain(py, &format!("no expert has a CR of at most {limit}: {}", all.join(", "))));
        }
        fn only<T: Clone>(kept: &[usize], items: &[T]) -> Vec<T> {
            kept.iter().filter_map(|&at| items.get(at)).cloned().collect()
        }
        let out = (0..self.labels.len()).filter(|at| !kept.contains(at)).filter_map(|at| self.labels.get(at));
        let draft = Draft {
            labels: only(&kept, &self.labels),
            judgments: only(&kept, &self.judgments),
            weights: only(&kept, &self.weights),
            voices: self.voices.as_ref().map(|voices| only(&kept, voices)),
            left_out: self.left_out.iter().chain(out).cloned().collect(),
        };
        draft.group(py, self.how, self.mean, self.method, self.random_index)
    }

    /// Name → weight.
    fn to_dict<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyDict>> {
        output::dict(py, self.things(), &self.values)
    }

    /// polars.DataFrame with name, weight and rank.
    fn to_frame<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyAny>> {
        output::frame(py, self.things(), &self.values)
    }

    #[pyo3(signature = (dtype=None, copy=None))]
    fn __array__<'py>(&self, py: Python<'py>, dtype: Option<&Bound<'py, PyAny>>, copy: Option<bool>) -> PyResult<Bound<'py, PyAny>> {
        // Always a copy of its own, so it may be asked for or not.
        let _ = copy;
        output::for_numpy(py, &self.values, dtype)
    }

    fn __len__(&self) -> usize {
        self.values.len()
    }

    fn __getitem__(&self, key: &Bound<'_, PyAny>) -> PyResult<f64> {
        output::item(self.things(), &self.values, key)
    }

    fn __repr__(&self, py: Python<'_>) -> PyResult<String> {
        let cr = self.cr().map_or_else(String::new, |cr| format!("cr={cr:.4}, "));
        Ok(format!(
            "Group({}, {cr}experts={}, left_out={}, consensus={:.4}, how='{}', method='{}')",
            output::listed(self.things(), &self.values),
            self.labels.len(),
            html::list(self.left_out()),
            self.consensus(py)?,
            self.how(),
            self.method()
        ))
    }

    fn _repr_html_(&self, py: Python<'_>) -> PyResult<String> {
        let agreement = format!("{} experts, consensus S* {:.3}", self.labels.len(), self.consensus(py)?);
        let rows = self.things().iter().enumerate().map(|(at, name)| {
            let weight = |values: &[f64]| values.get(at).map_or_else(String::new, |value| format!("{value:.4}"));
            let own = self.weights.iter().map(|one| one.names().iter().position(|other| other == name).and_then(|at| one.values().get(at)));
            let own = own.map(|value| value.map_or_else(String::new, |value| format!("{value:.4}")));
            [name.clone(), weight(&self.values)].into_iter().chain(own).collect()
        });
        let crs = self.weights.iter().map(|one| format!("{:.4}", one.cr()));
        let own_cr = self.cr().map_or_else(|| "–".to_owned(), |cr| format!("{cr:.4}"));
        let last = ["CR".to_owned(), own_cr].into_iter().chain(crs).collect();
        let header: Vec<&str> = ["name", "group"].into_iter().chain(self.labels.iter().map(String::as_str)).collect();
        let table = html::table(&agreement, &header, rows.chain([last]));
        let heat = self
            .group
            .as_ref()
            .map(|(judgments, weights)| html::judgments(judgments, &self.values, self.random_index, &caption(weights), &[]));
        Ok(format!("{table}{}", heat.unwrap_or_default()))
    }

    fn __eq__(&self, other: &Self) -> bool {
        let rest = |one: &Self| (one.voices.clone(), one.how, one.mean, one.method, one.random_index, one.left_out.clone());
        self.labels == other.labels && self.judgments == other.judgments && self.weights == other.weights && rest(self) == rest(other)
    }

    fn __reduce__<'py>(&self, py: Python<'py>) -> PyResult<(Bound<'py, PyAny>, Bound<'py, PyTuple>)> {
        let make = py.get_type::<Self>().getattr("_restore")?;
        let experts = PyDict::new(py);
        self.labels.iter().zip(self.experts()).try_for_each(|(label, one)| experts.set_item(label, one.into_pyobject(py)?))?;
        let choices = (self.how(), self.mean(), self.method(), self.random_index());
        Ok((make, (experts, self.voices.clone(), choices, self.left_out()).into_pyobject(py)?))
    }

    /// What a pickle calls: experts with their weights, voices, (how, mean, method, random index), those left out.
    #[staticmethod]
    fn _restore(
        py: Python<'_>,
        experts: &Bound<'_, PyDict>,
        voices: Option<Vec<f64>>,
        choices: (String, String, String, String),
        left_out: Vec<String>,
    ) -> PyResult<Self> {
        let (how, mean, method, table) = &choices;
        let (method, table) = (choice(py, Some(method.as_str()))?, choice(py, Some(table.as_str()))?);
        let (labels, judgments) = read(py, experts.as_any(), None)?;
        let draft = Draft { weights: weigh(&judgments, method, table), labels, judgments, voices, left_out };
        draft.group(py, How::named(py, how)?, choice(py, Some(mean.as_str()))?, method, table)
    }
}

impl Group {
    pub fn things(&self) -> &[String] {
        self.judgments.first().map_or(&[], Judgments::names)
    }
}

impl How {
    const fn as_str(self) -> &'static str {
        match self {
            Self::Judgments => "judgments",
            Self::Priorities => "priorities",
        }
    }

    fn named(py: Python<'_>, name: &str) -> PyResult<Self> {
        match name.to_lowercase().as_str() {
            "judgments" | "judgements" | "aij" => Ok(Self::Judgments),
            "priorities" | "weights" | "aip" => Ok(Self::Priorities),
            _ => Err(errors::plain(py, &format!("unknown way to aggregate `{name}`, expected one of judgments (aij), priorities (aip)"))),
        }
    }
}

/// A group before its weights are known.
struct Draft {
    labels: Vec<String>,
    judgments: Vec<Judgments>,
    weights: Vec<firmgrade::ahp::Weights>,
    voices: Option<Vec<f64>>,
    left_out: Vec<String>,
}

impl Draft {
    fn group(self, py: Python<'_>, how: How, mean: Mean, method: Method, random_index: RandomIndex) -> PyResult<Group> {
        let Self { labels, judgments, weights, voices, left_out } = self;
        let refuse = |faults| errors::judgments(py, faults);
        let (values, group) = match how {
            How::Priorities => (aggregate_priorities(&weights, voices.as_deref(), mean).map_err(refuse)?, None),
            How::Judgments => {
                let all = aggregate_judgments(&judgments, voices.as_deref()).map_err(refuse)?;
                let weighed = py.detach(|| all.weights(method, random_index));
                (weighed.values().to_vec(), Some((all, weighed)))
            }
        };
        Ok(Group { labels, judgments, weights, voices, how, mean, method, random_index, left_out, values, group })
    }
}

fn weigh(judgments: &[Judgments], method: Method, random_index: RandomIndex) -> Vec<firmgrade::ahp::Weights> {
    judgments.iter().map(|one| one.weights(method, random_index)).collect()
}

/// The experts' judgments and what they are called; the faults of all of them at once.
fn read(py: Python<'_>, experts: &Bound<'_, PyAny>, names: Option<&Bound<'_, PyAny>>) -> PyResult<(Vec<String>, Vec<Judgments>)> {
    let (labels, matrices): (Vec<String>, Vec<Bound<'_, PyAny>>) = match experts.cast::<PyDict>() {
        Ok(named) => (named.keys().iter().map(|key| text(&key)).collect::<PyResult<_>>()?, named.values().iter().collect()),
        Err(_) => {
            let matrices = input::each(experts)?;
            ((1..=matrices.len()).map(|at| at.to_string()).collect(), matrices)
        }
    };
    let names = input::names(names)?;
    let (mut judgments, mut faults) = (Vec::new(), Vec::new());
    for (label, matrix) in labels.iter().zip(&matrices) {
        match Given::read(matrix, names.clone(), false)?.judgments() {
            Ok(one) => {
                if matrix.cast::<Weights>().is_err() {
                    warn_of_rounding(py, one.largest_rounding(), &format!("expert {label}: "))?;
                }
                judgments.push(one);
            }
            Err(found) => {
                let of = |fault| JudgmentFault::InExpert { expert: label.clone(), fault: Box::new(fault) };
                faults.extend(found.into_iter().map(of));
            }
        }
    }
    if faults.is_empty() { Ok((labels, judgments)) } else { Err(errors::judgments(py, faults)) }
}

/// The judgments of several experts as one.
///
/// `matrices` are the experts' judgments, each as for :func:`weights`, or its result: a list, an array of shape (k, n, n), or a dict of name →
/// matrix. `weights` are their voices, numbers from 0 in the same order or a dict of name → number (None: all alike). `how` is "judgments"
/// (also "aij": the geometric mean of each judgment) or "priorities" (also "aip": the mean of the weights; `mean` is "geometric", the engine's
/// default, or "arithmetic"). `max_cr` leaves out experts whose own CR is above it; they are named in `left_out`, with a UserWarning.
/// `method` and `random_index` as for :func:`weights`.
///
/// An expert who says the opposite of the others, as if rows and columns had been exchanged, is named in a UserWarning.
///
/// Raises JudgmentError with every fault of every expert; FirmgradeError for an unknown choice or where `max_cr` leaves nobody.
/// Sources: Aczél & Saaty, J. Math. Psychology 27, 1983, 93–102; Forman & Peniwati, EJOR 108, 1998, 165–169.
///
/// >>> group = fg.ahp.aggregate([[[1, 2], ["1/2", 1]], [[1, 8], ["1/8", 1]]], names=["tax", "fines"])
/// >>> group.matrix.round(12).tolist(), group.values.round(12).tolist()
/// ([[1.0, 4.0], [0.25, 1.0]], [0.8, 0.2])
#[pyfunction]
#[pyo3(signature = (matrices, weights=None, how="judgments", names=None, method=None, random_index=None, mean=None, max_cr=None))]
#[expect(clippy::too_many_arguments, reason = "all but the first have defaults and are named by whoever calls")]
pub fn aggregate(
    matrices: &Bound<'_, PyAny>,
    weights: Option<&Bound<'_, PyAny>>,
    how: &str,
    names: Option<&Bound<'_, PyAny>>,
    method: Option<&str>,
    random_index: Option<&str>,
    mean: Option<&str>,
    max_cr: Option<f64>,
) -> PyResult<Group> {
    let py = matrices.py();
    let (how, method, random_index) = (How::named(py, how)?, choice(py, method)?, choice(py, random_index)?);
    let mean: Mean = choice(py, mean)?;
    if how == How::Judgments && mean == Mean::Arithmetic {
        let message = "found mean=\"arithmetic\" for judgments, expected \"geometric\": an arithmetic mean is not reciprocal";
        return Err(errors::plain(py, &message));
    }
    let (labels, judgments) = read(py, matrices, names)?;
    let voices = weights.map(|weights| voices(weights, &labels)).transpose()?;
    let all = Draft { weights: py.detach(|| weigh(&judgments, method, random_index)), labels, judgments, voices, left_out: Vec::new() };
    let group = all.group(py, how, mean, method, random_index)?;
    for label in disagreement::transposed(&group) {
        warn(py, &format!("expert {label} says the opposite of the others: rows and columns look exchanged"))?;
    }
    let Some(limit) = max_cr else { return Ok(group) };
    super::consistency::check_limit(limit)?;
    let within = group.within(py, limit)?;
    if !within.left_out.is_empty() {
        warn(py, &format!("left out because CR is above {limit}: {}", within.left_out.join(", ")))?;
    }
    Ok(within)
}

fn voices(weights: &Bound<'_, PyAny>, labels: &[String]) -> PyResult<Vec<f64>> {
    let py = weights.py();
    let Ok(named) = weights.cast::<PyDict>() else {
        return Ok(input::numbers::<numpy::Ix1>(weights)?.as_array().to_vec());
    };
    let mut voices = Vec::with_capacity(labels.len());
    let unknown: Vec<String> = named.keys().iter().map(|key| text(&key)).collect::<PyResult<_>>()?;
    if let Some(name) = unknown.iter().find(|name| !labels.contains(name)) {
        return Err(errors::plain(py, &format!("found a voice of `{name}`, expected one of {}", labels.join(", "))));
    }
    for label in labels {
        let voice = named.get_item(label)?;
        let voice = voice.ok_or_else(|| errors::plain(py, &format!("found no voice of expert `{label}`, expected one for each")))?;
        voices.push(voice.extract()?);
    }
    Ok(voices)
}
