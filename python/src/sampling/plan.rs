//! `firmgrade.sampling.plan`: how many firms a policy draws, with the arithmetic.

use super::commit::Committed;
use super::input;
use crate::derived::day;
use crate::errors;
use crate::table::{Source, json, small, to_python};
use firmgrade::sample::plan::{self, PlanOptions};
use firmgrade::sample::policy;
use firmgrade_frame::sampling::{PlanFirms, TableFaults, frame_table};
use pyo3::prelude::*;
use pyo3::types::PyList;
use std::path::PathBuf;

/// A checked policy of inspections: items, rates by grade, exclusions, caps, floor. Made by :meth:`load` or :meth:`loads`.
#[pyclass(frozen, module = "firmgrade.sampling")]
pub struct Policy(pub policy::Policy);

#[pymethods]
impl Policy {
    /// A policy from a TOML file. Raises FileError where it cannot be read, SamplingError with every problem and its place.
    #[staticmethod]
    fn load(py: Python<'_>, path: PathBuf) -> PyResult<Self> {
        let file = path.display().to_string();
        let text = std::fs::read_to_string(&path).map_err(|error| errors::file(py, &file, &format!("cannot read `{file}`: {error}")))?;
        Self::loads(py, &text, &file)
    }

    /// A policy from TOML text; `name` stands for the file in messages.
    #[staticmethod]
    #[pyo3(signature = (text, name="<text>"))]
    fn loads(py: Python<'_>, text: &str, name: &str) -> PyResult<Self> {
        policy::Policy::from_toml(name, text).map(Self).map_err(|error| errors::engine(py, &error))
    }

    /// The plan id: one plan is drawn once.
    #[getter]
    fn plan_id(&self) -> &str {
        self.0.plan_id()
    }

    /// The name of the plan.
    #[getter]
    fn title(&self) -> &str {
        self.0.title()
    }

    /// The grades, best first.
    #[getter]
    fn grades(&self) -> Vec<String> {
        self.0.grades().to_vec()
    }

    /// The digest that goes into the commitment, 64 hexadecimal digits: two policies with equal digests plan alike.
    #[getter]
    fn digest(&self) -> &str {
        self.0.digest()
    }

    /// What somebody should look at, though the policy can be used.
    #[getter]
    fn warnings(&self) -> Vec<String> {
        self.0.warnings().iter().map(ToString::to_string).collect()
    }

    fn __repr__(&self) -> String {
        let items: Vec<&str> = self.0.items().iter().map(|item| item.id.as_str()).collect();
        format!("Policy(plan_id='{}', items={})", self.0.plan_id(), crate::html::list(items))
    }
}

/// How many firms of each stratum are drawn. Made by :func:`firmgrade.sampling.plan`.
#[pyclass(frozen, module = "firmgrade.sampling")]
pub struct Plan {
    plan: plan::Plan,
    firms: PlanFirms,
}

/// Plans: how many firms of each stratum a policy draws, with all the arithmetic.
///
/// `firms` is a table of graded firms: `id` (or `uscc`, or the column that `id` names), `grade`, and the columns that the policy reads. `past` are
/// earlier inspections (id, day, kind), where the policy has windows or caps; they end with `as_of`, by default the day before the period.
/// `inspector_days` is a budget: raised rates are scaled down to fit, floors are kept.
///
/// Raises SamplingError with everything that is wrong with firms, inspections and budget.
#[pyfunction]
#[pyo3(name = "plan", signature = (policy, firms, *, id=None, past=None, as_of=None, inspector_days=None))]
pub fn make_plan<'py>(
    py: Python<'py>,
    policy: &Bound<'py, Policy>,
    firms: &Bound<'py, PyAny>,
    id: Option<&str>,
    past: Option<&Bound<'py, PyAny>>,
    as_of: Option<&Bound<'py, PyAny>>,
    inspector_days: Option<u64>,
) -> PyResult<Plan> {
    let policy = &policy.get().0;
    let options = PlanOptions { as_of: as_of.map(day).transpose()?, inspector_days };
    let wrong = |faults: TableFaults| errors::sampling(py, "table", "firms", &faults.0.join("\n  "));
    let table = Source::new(firms, None)?.cross()?;
    let mut firms = PlanFirms::new(policy, &table, id).map_err(wrong)?;
    if let Some(past) = past {
        firms = firms.with_past(&Source::new(past, None)?.cross()?).map_err(wrong)?;
    }
    let made = py.detach(|| plan::plan(policy, &firms.columns(), &options));
    Ok(Plan { plan: made.map_err(|error| errors::engine(py, &error))?, firms })
}

#[pymethods]
impl Plan {
    /// polars.DataFrame: stratum, rows, excluded, eligible, items (firms that the items ask for), validation, top_up, n (to draw), rate (in the
    /// frame, "num/den").
    #[getter]
    fn strata<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyAny>> {
        let all = &self.plan.strata;
        small(
            py,
            &[
                ("stratum", "String", PyList::new(py, all.iter().map(|one| &one.stratum))?),
                ("rows", "Int64", PyList::new(py, all.iter().map(|one| one.rows))?),
                ("excluded", "Int64", PyList::new(py, all.iter().map(|one| one.excluded.values().sum::<u64>()))?),
                ("eligible", "Int64", PyList::new(py, all.iter().map(|one| one.eligible))?),
                ("items", "Int64", PyList::new(py, all.iter().map(|one| one.enforcement))?),
                ("validation", "Int64", PyList::new(py, all.iter().map(|one| one.validation))?),
                ("top_up", "Int64", PyList::new(py, all.iter().map(|one| one.top_up))?),
                ("n", "Int64", PyList::new(py, all.iter().map(|one| one.n))?),
                ("rate", "String", PyList::new(py, all.iter().map(|one| one.rate.to_string()))?),
            ],
        )
    }

    /// The arithmetic of each stratum, one line each.
    #[getter]
    fn arithmetic(&self) -> Vec<String> {
        self.plan.strata.iter().map(plan::PlanStratum::arithmetic).collect()
    }

    /// How many firms are drawn.
    #[getter]
    fn n(&self) -> u64 {
        self.plan.total.n
    }

    /// What somebody should look at.
    #[getter]
    fn warnings(&self) -> Vec<String> {
        self.plan.warnings.clone()
    }

    /// All the arithmetic as a dict: strata with their items, total, floor, budget, past, design. As `firmgrade plan --format json` prints it.
    #[getter]
    fn report<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyAny>> {
        json(py, &serde_json::to_string(&self.plan).unwrap_or_default())
    }

    /// polars.DataFrame of the frame in the order of ids: id, grade, stratum, num, den, exclusion. What :func:`commit` takes.
    #[getter]
    fn frame<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyAny>> {
        let frame = self.plan.frame(&self.firms.columns()).map_err(|error| errors::engine(py, &error))?;
        let table = frame_table(&frame, &vec![[0; 16]; frame.len()]).map_err(|error| errors::unreadable(py, &error))?;
        to_python(py, table)?.call_method1("drop", ("salt",))
    }

    /// Commits to the plan with its design; `sources` and `salts` are as in :func:`commit`.
    #[pyo3(signature = (sources=None, salts=None))]
    fn commit<'py>(&self, py: Python<'py>, sources: Option<Vec<String>>, salts: Option<&Bound<'py, PyAny>>) -> PyResult<Committed> {
        let frame = self.plan.frame(&self.firms.columns()).map_err(|error| errors::engine(py, &error))?;
        let salts = input::salts(py, &frame, salts, None)?;
        Committed::new(py, &self.plan.plan_id, self.plan.suite, &self.plan.policy_digest, sources, self.plan.design.clone(), frame, salts)
    }

    fn __repr__(&self) -> String {
        let strata: Vec<String> = self.plan.strata.iter().map(|one| format!("{}: {} of {}", one.stratum, one.n, one.rows)).collect();
        format!("Plan(plan_id='{}', n={}, strata={{{}}})", self.plan.plan_id, self.plan.total.n, strata.join(", "))
    }
}
