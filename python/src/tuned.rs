//! `firmgrade.tune` and its result.

use crate::derived::day;
use crate::graded::Graded;
use crate::outcomes::{Reading, word};
use crate::performance::again;
use crate::scorecard::Scorecard;
use crate::table::{Source, json, to_python};
use crate::{errors, html};
use firmgrade::calendar::Day;
use firmgrade::tune::{NewCard, TuneOptions, Verdict};
use firmgrade_frame::{PolarsResult, Tuned};
use pyo3::prelude::*;
use pyo3::types::{PyDict, PyTuple};
use std::path::PathBuf;

/// Other weights for a card, near the experts', with the reasons for and against. Made by :func:`firmgrade.tune`.
///
/// The tool proposes, a person adopts, by saving the new card and using it. Pickles as the card and the tables, and is tuned again when it is
/// loaded: the same bits.
#[pyclass(frozen, module = "firmgrade")]
pub struct Proposal {
    tuned: Tuned,
    /// Card, firms and outcomes, and the keywords, for pickles.
    made: (Py<Scorecard>, Py<PyAny>, Py<PyAny>, Py<PyDict>),
}

/// Tunes the weights of a card on outcomes without throwing the experts away.
///
/// `firms` as for :func:`grade`, with `records` and `as_of` where indicators are derived; `outcomes`, `codes`, `early`, `until`, `repeats`,
/// `single` as for :func:`evaluate`: only random rows enter. A logistic regression is held near the experts' weights; how far it may go, `tau`
/// (shares of each weight; None: 0.1, 0.25, 0.5, 1), is chosen by cross-validation with `folds` folds from `seed` (5, 1), of all that are as
/// good the nearest to the experts. `weighting`: rows' likelihoods count by 1/π where DuMouchel and Duncan's test asks for it ("test", default),
/// never ("plain"), always ("design"). The new weights lie on the line from the experts' to those that outcomes ask for, as far along as no
/// weight changes by more than `max_change` (0.1; 1 is no limit). Proposed only if the gain of that step in AUC on rows not seen lies above 0
/// with its whole 95 % interval, and at least 5 bad outcomes are to be expected in the grade sampled least, as :func:`evaluate` asks. Adopted
/// and tuned again on new outcomes, steps lead on. `decimals` of the new weights among siblings (4); `cuts` as for :meth:`Graded.stability`.
///
/// Where the card's risk says nothing about the outcomes it stops: "no_signal"; with fewer than 5 bad or good outcomes: "not_estimable".
///
/// Raises DataError with every fault of the tables, FirmgradeError for what cannot be fitted, ValueError for an unknown word.
///
/// >>> proposal = fg.tune(card, df, {"id": ["a", "b", "c"], "outcome": [0, 1, 0]})
/// >>> proposal.kind, proposal.proposed
/// ('not_estimable', False)
#[pyfunction]
#[pyo3(signature = (card, firms, outcomes, records=None, as_of=None, folds=None, seed=None, tau=None, weighting=None, max_change=None, decimals=None, cuts=None, codes=None, early=None, until=None, repeats=None, single=None))]
#[expect(clippy::too_many_arguments, reason = "keywords of Python")]
pub fn tune(
    py: Python<'_>,
    card: &Bound<'_, Scorecard>,
    firms: &Bound<'_, PyAny>,
    outcomes: &Bound<'_, PyAny>,
    records: Option<&Bound<'_, PyDict>>,
    as_of: Option<&Bound<'_, PyAny>>,
    folds: Option<usize>,
    seed: Option<u64>,
    tau: Option<Vec<f64>>,
    weighting: Option<&str>,
    max_change: Option<f64>,
    decimals: Option<u8>,
    cuts: Option<&str>,
    codes: Option<&Bound<'_, PyDict>>,
    early: Option<&str>,
    until: Option<&Bound<'_, PyAny>>,
    repeats: Option<&str>,
    single: Option<&str>,
) -> PyResult<Proposal> {
    let reading = Reading { codes, early, until, repeats, single };
    let outcome_options = reading.options()?;
    let default = TuneOptions::default();
    let mut options = TuneOptions {
        folds: folds.unwrap_or(default.folds),
        seed: seed.unwrap_or(default.seed),
        tau: tau.unwrap_or(default.tau),
        max_change: max_change.unwrap_or(default.max_change),
        decimals: decimals.unwrap_or(default.decimals),
        ..TuneOptions::default()
    };
    word("weighting", weighting, &mut options.weighting, &["test", "plain", "design"])?;
    word("cuts", cuts, &mut options.cut_points, &["card", "base"])?;
    let (base, source) = graded(py, card, firms, records, as_of)?;
    let table_source = Source::new(outcomes, None)?;
    let table = table_source.cross()?;

    let made = PyDict::new(py);
    made.set_item("as_of", as_of)?;
    made.set_item("folds", options.folds)?;
    made.set_item("seed", options.seed)?;
    made.set_item("tau", options.tau.clone())?;
    made.set_item("weighting", weighting)?;
    made.set_item("max_change", options.max_change)?;
    made.set_item("decimals", options.decimals)?;
    made.set_item("cuts", cuts)?;
    reading.keep(&made)?;

    let tuned = py.detach(|| firmgrade_frame::tune(&base, &table, &outcome_options, &options));
    let tuned = tuned.map_err(|error| errors::evaluation(py, &error))?;
    Ok(Proposal { tuned, made: (card.clone().unbind(), source, table_source.frame.unbind(), made.unbind()) })
}

/// The firms graded, and the columns that were graded, for pickles. Derived columns are derived already there, so only the day goes with them.
fn graded(
    py: Python<'_>,
    card: &Bound<'_, Scorecard>,
    firms: &Bound<'_, PyAny>,
    records: Option<&Bound<'_, PyDict>>,
    as_of: Option<&Bound<'_, PyAny>>,
) -> PyResult<(firmgrade_frame::Graded, Py<PyAny>)> {
    let day: Option<Day> = as_of.map(day).transpose()?;
    let derive = records.is_some() || as_of.is_some() && lacks(card, firms)?;
    let made = crate::graded::grade(py, card, firms, Some(0), false, None, records, as_of.filter(|_| derive))?;
    let Graded { graded, .. } = &made;
    let graded = match day {
        Some(day) => graded.clone().dated(day),
        None => graded.clone(),
    };
    let columns = made.source(py);
    Ok((graded, columns))
}

/// Whether a table lacks an indicator that the card derives.
fn lacks(card: &Bound<'_, Scorecard>, firms: &Bound<'_, PyAny>) -> PyResult<bool> {
    let derived = card.get().card.derivation().derived();
    if derived.is_empty() {
        return Ok(false);
    }
    let source = Source::new(firms, None)?;
    Ok(derived.iter().any(|derived| !source.names.contains(&derived.id)))
}

#[pymethods]
impl Proposal {
    /// What came of it, in a sentence.
    #[getter]
    fn verdict(&self) -> &str {
        &self.tuned.proposal().words
    }

    /// What came of it, in one word: "proposed", "not_proposed" (the experts' weights stay), "no_signal", "reversed" or "not_estimable".
    #[getter]
    fn kind(&self) -> &'static str {
        match self.tuned.proposal().verdict {
            Verdict::Proposed => "proposed",
            Verdict::NotProposed => "not_proposed",
            Verdict::NoSignal => "no_signal",
            Verdict::Reversed => "reversed",
            Verdict::NotEstimable => "not_estimable",
        }
    }

    /// Whether all gates are open.
    #[getter]
    fn proposed(&self) -> bool {
        self.tuned.proposal().verdict == Verdict::Proposed
    }

    /// The gates in the order in which they were looked at, as dicts: name ("outcomes", "signal", "gain", "change"), open, words.
    #[getter]
    fn gates<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyAny>> {
        json(py, &serde_json::to_string(&self.tuned.proposal().gates).unwrap_or_default())
    }

    /// polars.DataFrame with one row for each indicator, in the order of the card: indicator, title, expert and tuned (weights of the whole, 0
    /// to 1), change, found (what outcomes ask for, whatever the limit) with low and high (95 % interval), coefficient (change of the
    /// log-odds from utility 0 to 1), rank_before, rank_after. Empty where the tuning stopped.
    #[getter]
    fn weights<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyAny>> {
        made(py, || self.tuned.weights())
    }

    /// polars.DataFrame with one row for each firm whose grade would change, in the order of the input: the id column, before, after.
    #[getter]
    fn moves<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyAny>> {
        made(py, || self.tuned.moves())
    }

    /// The largest change of a weight that outcomes ask for; None where the tuning stopped.
    #[getter]
    fn asked(&self) -> Option<f64> {
        self.tuned.proposal().asked
    }

    /// The part of the way from the experts' weights to those that outcomes ask for, 0 to 1: 1 where `max_change` does not bind; None where
    /// the tuning stopped.
    #[getter]
    fn step(&self) -> Option<f64> {
        self.tuned.proposal().step
    }

    /// The cross-fitted gain of the step in AUC as a dict: before, after, difference, each with value, se, low, high; None where the tuning stopped.
    #[getter]
    fn gain<'py>(&self, py: Python<'py>) -> PyResult<Option<Bound<'py, PyAny>>> {
        let gain = self.tuned.proposal().gain.map(|gain| serde_json::to_string(&gain).unwrap_or_default());
        gain.map(|gain| json(py, &gain)).transpose()
    }

    /// The judgments that the new weights imply, node by node, as dicts: node, children, before and after (weights among siblings),
    /// judgments (1/9 to 9, row by row), cr, consistent, judged (the weights that follow from the judgments), apart.
    #[getter]
    fn implied<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyAny>> {
        json(py, &serde_json::to_string(&self.tuned.proposal().implied).unwrap_or_default())
    }

    /// What became of every row of the outcomes, as a dict of counts; `read` is the sum of the others.
    #[getter]
    fn account<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyAny>> {
        json(py, &serde_json::to_string(&self.tuned.account()).unwrap_or_default())
    }

    /// What had to be concluded about the tables, or could not be checked.
    #[getter]
    fn notes(&self) -> Vec<&str> {
        self.tuned.notes().iter().map(String::as_str).collect()
    }

    /// All of it as a dict; of the firms that would move, the number.
    fn to_dict<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyAny>> {
        json(py, &self.tuned.json())
    }

    /// The same as JSON text.
    fn to_json(&self) -> String {
        self.tuned.json()
    }

    /// The new card as TOML text: the card that was tuned, inheritance resolved, with the new weights, `version` (None: the last number of the
    /// old one plus one), `id`, `effective_from` (YYYY-MM-DD) and a note of where the weights come from, to which `note` is added.
    ///
    /// Where gates are closed the weights are those of the step all the same: whoever writes the card decides. Where the tuning stopped there are
    /// none. Raises FirmgradeError then, ScorecardError where the result is no card.
    #[pyo3(signature = (version=None, id=None, effective_from=None, note=None))]
    fn card_text(
        &self,
        py: Python<'_>,
        version: Option<String>,
        id: Option<String>,
        effective_from: Option<String>,
        note: Option<String>,
    ) -> PyResult<String> {
        self.found(py)?;
        self.tuned.card(&NewCard { version, id, effective_from, note }).map_err(|error| errors::engine(py, &error))
    }

    /// Writes :meth:`card_text` to a file, which appears whole or not at all.
    ///
    /// Raises FileError, and as :meth:`card_text`.
    #[pyo3(signature = (path, version=None, id=None, effective_from=None, note=None))]
    fn save(
        &self,
        py: Python<'_>,
        path: PathBuf,
        version: Option<String>,
        id: Option<String>,
        effective_from: Option<String>,
        note: Option<String>,
    ) -> PyResult<()> {
        self.found(py)?;
        let how = NewCard { version, id, effective_from, note };
        py.detach(|| self.tuned.write(&path, &how)).map_err(|error| errors::frame(py, &error))
    }

    fn __repr__(&self) -> String {
        let proposal = self.tuned.proposal();
        format!("Proposal(kind='{}', outcomes={}, bad={})\n{}", self.kind(), proposal.rows, proposal.bad, proposal.words)
    }

    fn _repr_html_(&self) -> String {
        let proposal = self.tuned.proposal();
        let gates = proposal.gates.iter().map(|gate| {
            let state = if gate.open { "open" } else { "closed" };
            vec![gate.name.clone(), state.to_owned(), gate.words.clone()]
        });
        let gates = html::table(&proposal.words, &["gate", "", "found"], gates);
        if proposal.indicators.is_empty() {
            return gates;
        }
        let rows = proposal.indicators.iter().map(|row| {
            let weight = |weight: f64| format!("{weight:.4}");
            let change = format!("{:+.4}", row.tuned - row.expert);
            vec![row.indicator.clone(), weight(row.expert), weight(row.tuned), change, weight(row.estimate.value)]
        });
        gates + &html::table("weights", &["indicator", "expert", "tuned", "change", "found"], rows)
    }

    fn __reduce__<'py>(&self, py: Python<'py>) -> PyResult<(Bound<'py, PyAny>, Bound<'py, PyTuple>)> {
        let (card, firms, outcomes, keywords) = &self.made;
        Ok((again(py, "tune", keywords)?, (card, firms, outcomes).into_pyobject(py)?))
    }
}

impl Proposal {
    /// Whether there are other weights.
    fn found(&self, py: Python<'_>) -> PyResult<()> {
        let proposal = self.tuned.proposal();
        if proposal.indicators.is_empty() { Err(errors::plain(py, &format!("there is no new card: {}", proposal.words))) } else { Ok(()) }
    }
}

fn made<'py>(py: Python<'py>, make: impl FnOnce() -> PolarsResult<firmgrade_frame::DataFrame> + Send) -> PyResult<Bound<'py, PyAny>> {
    let frame = py.detach(make).map_err(|error| errors::plain(py, &error))?;
    to_python(py, frame)
}
