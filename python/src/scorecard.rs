//! `firmgrade.Scorecard`.

use crate::check::CheckReport;
use crate::firm::{self, GradedFirm};
use crate::table::{Source, json, small, tuple};
use crate::{errors, html, stability};
use firmgrade::ahp::NodeWeights;
use firmgrade::card::{Problem, Severity};
use firmgrade::{Error, GradeOptions, ScorecardSpec};
use numpy::PyArray2;
use pyo3::prelude::*;
use pyo3::sync::PyOnceLock;
use pyo3::types::{PyDict, PyList, PyString, PyTuple};
use std::path::PathBuf;
use std::sync::Arc;

/// A checked scorecard: weights, bands, grades and overrides.
///
/// Load one from a file or a text. Cards are equal when their digests are, and pickle as JSON.
///
/// >>> card.id, card.grades
/// ('example', ['A', 'B', 'C'])
#[pyclass(frozen, module = "firmgrade")]
pub struct Scorecard {
    pub card: Arc<firmgrade::Scorecard>,
    keys: PyOnceLock<Vec<Py<PyString>>>,
}

impl From<firmgrade::Scorecard> for Scorecard {
    fn from(card: firmgrade::Scorecard) -> Self {
        Self { card: Arc::new(card), keys: PyOnceLock::new() }
    }
}

#[pymethods]
impl Scorecard {
    /// Loads a card from a TOML file, with the cards that it extends beside it.
    ///
    /// Raises FileError where the file cannot be read, ScorecardError with every problem of the card and its place.
    #[staticmethod]
    fn load(py: Python<'_>, path: PathBuf) -> PyResult<Self> {
        py.detach(|| firmgrade_frame::load_card(path)).map(Self::from).map_err(|error| errors::frame(py, &error))
    }

    /// Loads a card from TOML text that extends nothing. `name` stands for the file in messages.
    ///
    /// Raises ScorecardError with every problem of the card and its place.
    #[staticmethod]
    #[pyo3(signature = (text, name="<text>"))]
    fn loads(py: Python<'_>, text: &str, name: &str) -> PyResult<Self> {
        firmgrade::Scorecard::from_toml(name, text).map(Self::from).map_err(|error| errors::engine(py, &error))
    }

    /// Loads a card from the JSON that :meth:`to_json` gives.
    ///
    /// Raises ScorecardError with every problem of the card; JSON has no places.
    #[staticmethod]
    fn from_json(py: Python<'_>, text: &str) -> PyResult<Self> {
        let spec: Result<ScorecardSpec, _> = serde_json::from_str(text);
        let card = spec.map_err(|error| Error::Scorecard(vec![unreadable(&error)])).and_then(firmgrade::Scorecard::try_from);
        card.map(Self::from).map_err(|error| errors::engine(py, &error))
    }

    /// The card as JSON, inheritance resolved.
    ///
    /// >>> fg.Scorecard.from_json(card.to_json()) == card
    /// True
    fn to_json(&self) -> String {
        self.card.to_json()
    }

    /// Short name of the card.
    #[getter]
    fn id(&self) -> &str {
        &self.card.spec().scorecard.id
    }

    /// The name that people read.
    #[getter]
    fn title(&self) -> &str {
        &self.card.spec().scorecard.title
    }

    /// The version of the card.
    #[getter]
    fn version(&self) -> &str {
        &self.card.spec().scorecard.version
    }

    /// SHA-256 of the resolved card, 64 hexadecimal digits: cards with equal digests grade alike.
    #[getter]
    fn digest(&self) -> &str {
        self.card.digest()
    }

    /// The column that identifies a firm.
    #[getter]
    fn id_column(&self) -> &str {
        self.card.id_column()
    }

    /// Ids of the indicators, in the order in which they are summed.
    #[getter]
    fn indicators(&self) -> Vec<&str> {
        self.card.indicators().iter().map(|indicator| indicator.id.as_str()).collect()
    }

    /// The columns that the card reads beside the id column: name → "number", "text" or "flag".
    #[getter]
    fn columns<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyDict>> {
        let columns = PyDict::new(py);
        for column in self.card.columns() {
            columns.set_item(&column.name, column.kind.as_str())?;
        }
        Ok(columns)
    }

    /// The grades, best first; a class for firms with too little data comes last.
    #[getter]
    fn grades(&self) -> Vec<&str> {
        self.card.grades().names.iter().map(String::as_str).collect()
    }

    /// Problems that do not stop the card, as ScorecardProblem.
    #[getter]
    fn warnings<'py>(&self, py: Python<'py>) -> PyResult<Vec<Bound<'py, PyAny>>> {
        self.card.warnings().iter().map(|problem| errors::scorecard_problem(py, problem)).collect()
    }

    /// Looks at a table with the eyes of the card, without grading it. `data` as for :func:`firmgrade.grade`.
    fn check(&self, py: Python<'_>, data: &Bound<'_, PyAny>) -> PyResult<CheckReport> {
        let frame = Source::new(data, Some(&self.wanted()))?.cross()?;
        Ok(CheckReport(py.detach(|| firmgrade_frame::check(&self.card, &frame))))
    }

    /// The risk of every value: float64, shape (n_firms, n_indicators), from 0 (good) to 1, columns in the order of :attr:`indicators`,
    /// missing and uncovered values as the card says; NaN where the weight of a missing value is shared among its siblings. Without
    /// such, and before rounding, a score on 0 to 1000 is ``1000 - 1000 * (u @ w)``. `data` as for :func:`firmgrade.grade`.
    ///
    /// Raises DataError with every fault of the data.
    ///
    /// >>> card.utilities(df).tolist()
    /// [[0.0, 0.0], [1.0, 1.0], [0.0, 0.0]]
    fn utilities<'py>(slf: &Bound<'py, Self>, data: &Bound<'py, PyAny>) -> PyResult<Bound<'py, PyArray2<f64>>> {
        stability::utilities(slf, data)
    }

    /// polars.DataFrame of the tree from the top down: id, title, parent, level (0 = root), kind ("criterion" or "indicator"),
    /// local and global weight (0 to 1).
    ///
    /// >>> card.weights().filter(pl.col("kind") == "indicator")["global"].sum()
    /// 1.0
    fn weights<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyAny>> {
        let rows = self.tree();
        small(
            py,
            &[
                ("id", "String", PyList::new(py, rows.iter().map(|row| row.id))?),
                ("title", "String", PyList::new(py, rows.iter().map(|row| row.title))?),
                ("parent", "String", PyList::new(py, rows.iter().map(|row| row.parent))?),
                ("level", "Int64", PyList::new(py, rows.iter().map(|row| row.level))?),
                ("kind", "String", PyList::new(py, rows.iter().map(|row| row.kind))?),
                ("local", "Float64", PyList::new(py, rows.iter().map(|row| row.local))?),
                ("global", "Float64", PyList::new(py, rows.iter().map(|row| row.global))?),
            ],
        )
    }

    /// polars.DataFrame with one row for each inner node: node, source ("judged", "direct", "equal" or "single"), n (children), and
    /// for judged nodes method, random_index (the table really used), lambda_max, ci, ri, cr, max_cr; null for the others.
    fn consistency<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyAny>> {
        let (nodes, spec) = (self.card.nodes(), self.card.spec());
        let judged = || {
            nodes.iter().map(|node| match &node.weights {
                NodeWeights::Judged(weights) => Some(weights),
                NodeWeights::Direct(_) | NodeWeights::Equal | NodeWeights::Single => None,
            })
        };
        let source = nodes.iter().map(|node| match node.weights {
            NodeWeights::Judged(_) => "judged",
            NodeWeights::Direct(_) => "direct",
            NodeWeights::Equal => "equal",
            NodeWeights::Single => "single",
        });
        let max_cr = nodes.iter().zip(judged()).map(|(node, weights)| {
            weights.map(|_| spec.judgments.get(&node.id).and_then(|judgments| judgments.max_cr).unwrap_or(spec.ahp.max_cr))
        });
        small(
            py,
            &[
                ("node", "String", PyList::new(py, nodes.iter().map(|node| &node.id))?),
                ("source", "String", PyList::new(py, source)?),
                ("n", "Int64", PyList::new(py, nodes.iter().map(|node| node.children.len()))?),
                ("method", "String", PyList::new(py, judged().map(|w| w.map(|w| w.method().as_str())))?),
                ("random_index", "String", PyList::new(py, judged().map(|w| w.map(|w| w.random_index_used())))?),
                ("lambda_max", "Float64", PyList::new(py, judged().map(|w| w.map(|w| w.lambda_max())))?),
                ("ci", "Float64", PyList::new(py, judged().map(|w| w.map(|w| w.ci())))?),
                ("ri", "Float64", PyList::new(py, judged().map(|w| w.map(|w| w.ri())))?),
                ("cr", "Float64", PyList::new(py, judged().map(|w| w.map(|w| w.cr())))?),
                ("max_cr", "Float64", PyList::new(py, max_cr)?),
            ],
        )
    }

    /// Grades one firm from a mapping of column → value: the same numbers as in a batch, bit for bit.
    ///
    /// Every column that the card reads must be there; None, NaN and pandas.NA are missing values. Numbers may be int, float, Decimal
    /// or numpy scalars; flags bool, 0 or 1; texts str or int. Texts are not read as numbers or flags. Other keys, such as the id, are
    /// ignored. `reasons` is how many reasons at most (None: the engine's default).
    ///
    /// Raises DataError with every fault.
    ///
    /// >>> card.score_one({"fines": 3, "tax": "B"}).grade
    /// 'C'
    #[pyo3(signature = (firm, reasons=None))]
    fn score_one(&self, py: Python<'_>, firm: &Bound<'_, PyAny>, reasons: Option<usize>) -> PyResult<GradedFirm> {
        let keys =
            self.keys.get_or_init(py, || self.card.columns().iter().map(|column| PyString::intern(py, &column.name).unbind()).collect());
        let reasons = reasons.unwrap_or(GradeOptions::default().reasons);
        match firm.cast::<PyDict>() {
            Ok(firm) => firm::score(&self.card, keys, firm, reasons),
            Err(_) => firm::score(&self.card, keys, py.get_type::<PyDict>().call1((firm,))?.cast::<PyDict>()?, reasons),
        }
    }

    fn __repr__(&self) -> String {
        format!(
            "Scorecard(id='{}', version='{}', indicators={}, grades={}, digest='{}…')",
            self.id(),
            self.version(),
            self.card.indicators().len(),
            html::list(self.grades()),
            self.digest().get(..12).unwrap_or_default()
        )
    }

    fn _repr_html_(&self) -> String {
        let rows = self.tree().into_iter().map(|row| {
            let name = format!("{}{}", "\u{2003}".repeat(row.level), row.title);
            vec![name, row.id.to_owned(), format!("{:.4}", row.local), format!("{:.4}", row.global)]
        });
        let caption = format!("{} ({}, {})", self.title(), self.id(), self.version());
        html::table(&caption, &["title", "id", "local", "global"], rows)
    }

    fn __eq__(&self, other: &Self) -> bool {
        self.digest() == other.digest()
    }

    fn __hash__(&self) -> u64 {
        u64::from_str_radix(self.digest().get(..16).unwrap_or_default(), 16).unwrap_or_default()
    }

    fn __reduce__<'py>(&self, py: Python<'py>) -> PyResult<(Bound<'py, PyAny>, Bound<'py, PyTuple>)> {
        Ok((py.get_type::<Self>().getattr("from_json")?, tuple(py, &[self.to_json()])?))
    }
}

/// The JSON Schema of a scorecard file (draft 2020-12) as a dict; editors complete and check with it.
#[pyfunction]
pub fn scorecard_schema(py: Python<'_>) -> PyResult<Bound<'_, PyAny>> {
    json(py, &firmgrade::card::scorecard_schema().to_string())
}

/// A row of the tree.
struct Branch<'c> {
    id: &'c str,
    title: &'c str,
    parent: Option<&'c str>,
    level: usize,
    kind: &'static str,
    local: f64,
    global: f64,
}

impl Scorecard {
    /// The columns that the card reads, the id column first.
    pub fn wanted(&self) -> Vec<String> {
        let columns = self.card.columns().iter().map(|column| column.name.clone());
        std::iter::once(self.card.id_column().to_owned()).chain(columns).collect()
    }

    /// The tree from the top down, children after their parent.
    fn tree(&self) -> Vec<Branch<'_>> {
        let (nodes, indicators) = (self.card.nodes(), self.card.indicators());
        let mut rows = Vec::with_capacity(nodes.len() + indicators.len());
        let mut open: Vec<(&str, Option<&str>, usize)> = nodes.first().map(|root| (root.id.as_str(), None, 0)).into_iter().collect();
        while let Some((id, parent, level)) = open.pop() {
            if let Some(node) = nodes.iter().find(|node| node.id == id) {
                let (local, global) = (node.local_weight, node.weight);
                rows.push(Branch { id, title: &node.title, parent, level, kind: "criterion", local, global });
                open.extend(node.children.iter().rev().map(|child| (child.as_str(), Some(id), level + 1)));
            } else if let Some(leaf) = indicators.iter().find(|leaf| leaf.id == id) {
                let (local, global) = (leaf.local_weight, leaf.weight);
                rows.push(Branch { id, title: &leaf.title, parent, level, kind: "indicator", local, global });
            }
        }
        rows
    }
}

/// JSON that is no scorecard.
fn unreadable(error: &serde_json::Error) -> Problem {
    Problem { severity: Severity::Error, place: None, path: Vec::new(), message: error.to_string(), help: None }
}
