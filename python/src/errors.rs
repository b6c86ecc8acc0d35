//! Errors of the engine as Python exceptions. Every kind of fault is named here: a new one does not compile until it has its place.

use crate::table::tuple;
use firmgrade::ahp::{JudgmentFault, TreeFault};
use firmgrade::card::{Problem, Severity};
use firmgrade::evaluate::EvaluateFault;
use firmgrade::sample::SampleFault;
use firmgrade::sample::matching::MatchFault;
use firmgrade::sample::plan::PlanFault;
use firmgrade::sample::results::ResultFault;
use firmgrade::simulate::SimulateFault;
use firmgrade::tune::TuneFault;
use firmgrade::{Cells, DataFault, Error};
use firmgrade_frame::{DeriveError, DeriveFault, EvaluationError, FrameError, OutcomeError, OutcomeFault};
use pyo3::exceptions::PyRuntimeWarning;
use pyo3::prelude::*;
use pyo3::sync::PyOnceLock;
use pyo3::types::PyTuple;
use std::fmt::Display;

/// Says so when the extension was built without optimisation, which is fifty times slower.
pub fn warn_if_unoptimised(py: Python<'_>) -> PyResult<()> {
    if cfg!(debug_assertions) {
        let message = c"firmgrade was built without optimisation and is many times slower; build it with `maturin develop --release`";
        PyErr::warn(py, &py.get_type::<PyRuntimeWarning>(), message, 1)?;
    }
    Ok(())
}

/// An error of the engine as an exception with its problems.
pub fn engine(py: Python<'_>, error: &Error) -> PyErr {
    let (class, problems) = match error {
        Error::Scorecard(problems) => ("ScorecardError", problems.iter().map(|problem| scorecard_problem(py, problem)).collect()),
        Error::Judgments(faults) => ("JudgmentError", faults.iter().map(|fault| judgment(py, fault)).collect()),
        Error::Data(faults) => ("DataError", faults.iter().map(|fault| data_problem(py, fault)).collect()),
        Error::Sample(faults) => ("SamplingError", faults.iter().map(|fault| sample_problem(py, fault)).collect()),
        Error::Policy(problems) => ("SamplingError", problems.iter().map(|problem| policy_problem(py, problem)).collect()),
        Error::Plan(faults) => ("SamplingError", faults.iter().map(|fault| plan_problem(py, fault)).collect()),
        Error::Results(faults) => ("SamplingError", faults.iter().map(|fault| result_problem(py, fault)).collect()),
        Error::Match(faults) => ("SamplingError", faults.iter().map(|fault| match_problem(py, fault)).collect()),
        Error::Evaluate(faults) => ("EvaluationError", faults.iter().map(|fault| evaluate_problem(py, fault)).collect()),
        Error::Tune(faults) => ("EvaluationError", faults.iter().map(|fault| tune_problem(py, fault)).collect()),
        Error::Simulate(faults) => ("EvaluationError", faults.iter().map(|fault| simulate_problem(py, fault)).collect()),
    };
    let problems: PyResult<Vec<Bound<'_, PyAny>>> = problems;
    match problems.and_then(|problems| PyTuple::new(py, problems)) {
        Ok(problems) => raise(py, class, (error.to_string(), problems)),
        Err(error) => error,
    }
}

/// Faults of judgments as an exception.
pub fn judgments(py: Python<'_>, faults: Vec<JudgmentFault>) -> PyErr {
    engine(py, &Error::Judgments(faults))
}

/// A fault of a tree: of its shape, of the judgments at a node, or of how it was stated.
pub enum NodeFault {
    Tree(TreeFault),
    Judgments { node: String, fault: JudgmentFault },
    Stated { node: String, message: String },
}

impl From<TreeFault> for NodeFault {
    fn from(fault: TreeFault) -> Self {
        match fault {
            TreeFault::Judgments { node, fault } => Self::Judgments { node, fault },
            fault => Self::Tree(fault),
        }
    }
}

/// Faults of a tree as an exception.
pub fn tree(py: Python<'_>, faults: &[NodeFault]) -> PyErr {
    let mut message = format!("the tree: {} {}", faults.len(), if faults.len() == 1 { "problem" } else { "problems" });
    let mut problems = Vec::with_capacity(faults.len());
    for fault in faults {
        let (text, problem) = match fault {
            NodeFault::Tree(fault) => {
                let (kind, names) = tree_problem(fault);
                (fault.to_string(), (kind, None, None, names))
            }
            NodeFault::Judgments { node, fault } => {
                let (kind, row, column, mut names) = judgment_problem(fault);
                names.insert(0, node);
                (format!("node `{node}`: {fault}"), (kind, row, column, names))
            }
            NodeFault::Stated { node, message } => (format!("node `{node}`: {message}"), ("stated", None, None, vec![node.as_str()])),
        };
        message.push_str("\n  ");
        message.push_str(&text);
        let (kind, row, column, names) = problem;
        let names = PyTuple::new(py, names);
        problems.push(names.and_then(|names| make(py, "JudgmentProblem", (kind, text, row, column, names))));
    }
    match problems.into_iter().collect::<PyResult<Vec<_>>>().and_then(|problems| PyTuple::new(py, problems)) {
        Ok(problems) => raise(py, "JudgmentError", (message, problems)),
        Err(error) => error,
    }
}

/// Faults of the data as an exception.
pub fn data(py: Python<'_>, faults: Vec<DataFault>) -> PyErr {
    engine(py, &Error::Data(faults))
}

/// Faults of raw tables as an exception.
pub fn derive(py: Python<'_>, faults: &[DeriveFault]) -> PyErr {
    let problems = faults.iter().map(|fault| derive_problem(py, fault)).collect::<PyResult<Vec<_>>>();
    match problems.and_then(|problems| PyTuple::new(py, problems)) {
        Ok(problems) => raise(py, "DataError", (DeriveError(faults.to_vec()).to_string(), problems)),
        Err(error) => error,
    }
}

/// Faults of outcomes, or of what they are held against, as an exception.
pub fn outcomes(py: Python<'_>, error: &OutcomeError) -> PyErr {
    let problems = error.0.iter().map(|fault| outcome_problem(py, fault)).collect::<PyResult<Vec<_>>>();
    match problems.and_then(|problems| PyTuple::new(py, problems)) {
        Ok(problems) => raise(py, "DataError", (error.to_string(), problems)),
        Err(error) => error,
    }
}

/// Faults of an evaluation or a tuning as an exception.
pub fn evaluation(py: Python<'_>, error: &EvaluationError) -> PyErr {
    match error {
        EvaluationError::Outcomes(error) => outcomes(py, error),
        EvaluationError::Engine(error) => engine(py, error),
    }
}

/// A table that could not be read at all.
pub fn unreadable(py: Python<'_>, cause: &dyn Display) -> PyErr {
    let message = format!("the data cannot be read as a table: {cause}");
    match make(py, "DataProblem", ("unreadable_table", &message, None::<&str>)).and_then(|problem| PyTuple::new(py, [problem])) {
        Ok(problems) => raise(py, "DataError", (message, problems)),
        Err(error) => error,
    }
}

/// A roster, seed or record that was not stated as it has to be.
pub fn sampling(py: Python<'_>, kind: &str, name: &str, message: &str) -> PyErr {
    match sampling_problem(py, kind, message, &[name], None).and_then(|problem| PyTuple::new(py, [problem])) {
        Ok(problems) => raise(py, "SamplingError", (message, problems)),
        Err(error) => error,
    }
}

/// A file that cannot be read.
pub fn file(py: Python<'_>, file: &str, message: &str) -> PyErr {
    raise(py, "FileError", (message, file))
}

/// Any other error of firmgrade.
pub fn plain(py: Python<'_>, error: &dyn Display) -> PyErr {
    raise(py, "FirmgradeError", (error.to_string(),))
}

/// An error of the table edge as an exception.
pub fn frame(py: Python<'_>, error: &FrameError) -> PyErr {
    let file = match error {
        FrameError::Engine(error) => return engine(py, error),
        FrameError::NotFound { file }
        | FrameError::Directory { file }
        | FrameError::Read { file, .. }
        | FrameError::NoFolder { file, .. }
        | FrameError::Write { file, .. }
        | FrameError::UnknownEnding { file, .. }
        | FrameError::OnlyWritten { file, .. }
        | FrameError::OnlyRead { file, .. }
        | FrameError::OverwritesInput { output: file, .. }
        | FrameError::SameOutput { first: file, .. }
        | FrameError::AnotherFormat { file, .. }
        | FrameError::EmptyFile { file }
        | FrameError::Damaged { file, .. }
        | FrameError::EmptyHeader { file, .. }
        | FrameError::DuplicateHeader { file, .. }
        | FrameError::UnsupportedColumn { file, .. }
        | FrameError::NotUtf8 { file, .. }
        | FrameError::NulByte { file, .. }
        | FrameError::NotCommas { file, .. }
        | FrameError::Ragged { file, .. }
        | FrameError::OpenQuote { file, .. }
        | FrameError::AfterQuote { file, .. }
        | FrameError::LoneReturn { file, .. }
        | FrameError::TooWide { file, .. }
        | FrameError::UnknownEncoding { file, .. }
        | FrameError::NotEncoded { file, .. }
        | FrameError::MixedEncodings { file, .. }
        | FrameError::Utf16 { file }
        | FrameError::NoHeader { file, .. }
        | FrameError::NoSuchRow { file, .. }
        | FrameError::MissingColumns { file, .. }
        | FrameError::MappedTwice { file, .. }
        | FrameError::Accounting { file, .. }
        | FrameError::UnknownSheet { file, .. }
        | FrameError::NoSheets { file, .. }
        | FrameError::EmptySheet { file, .. }
        | FrameError::ErrorCells { file, .. }
        | FrameError::Scattered { file, .. }
        | FrameError::TooLargeForSheet { file, .. }
        | FrameError::TooLongForCell { file, .. }
        | FrameError::NotReport { file, .. }
        | FrameError::Unwritable { file, .. } => file.as_str(),
        FrameError::StandardInput { .. } => "-",
    };
    raise(py, "FileError", (error.to_string(), file))
}

/// A problem of a scorecard as Python sees it.
pub fn scorecard_problem<'py>(py: Python<'py>, problem: &Problem) -> PyResult<Bound<'py, PyAny>> {
    let severity = match problem.severity {
        Severity::Error => "error",
        Severity::Warning => "warning",
    };
    let (file, line, column) = match &problem.place {
        Some(place) => (Some(place.file.as_str()), Some(place.line), Some(place.column)),
        None => (None, None, None),
    };
    let path = tuple(py, &problem.path)?;
    make(py, "ScorecardProblem", (severity, file, line, column, path, &problem.message, problem.help.as_deref()))
}

fn judgment<'py>(py: Python<'py>, fault: &JudgmentFault) -> PyResult<Bound<'py, PyAny>> {
    let (kind, row, column, names) = judgment_problem(fault);
    make(py, "JudgmentProblem", (kind, fault.to_string(), row, column, PyTuple::new(py, names)?))
}

/// Kind, row, column and names of a fault.
fn judgment_problem(fault: &JudgmentFault) -> (&'static str, Option<usize>, Option<usize>, Vec<&str>) {
    type Fault = JudgmentFault;
    match fault {
        Fault::Nothing => ("nothing", None, None, vec![]),
        Fault::EmptyName { at } => ("empty_name", Some(*at), None, vec![]),
        Fault::RepeatedName { name, second, .. } => ("repeated_name", Some(*second), None, vec![name]),
        Fault::NameCount { .. } => ("name_count", None, None, vec![]),
        Fault::RowLength { row, .. } => ("row_length", Some(*row), None, vec![]),
        Fault::RowCount { .. } => ("row_count", None, None, vec![]),
        Fault::Entry { row, column, .. } => ("entry", Some(*row), Some(*column), vec![]),
        Fault::Diagonal { at, .. } => ("diagonal", Some(*at), Some(*at), vec![]),
        Fault::NotReciprocal { row, column, .. } => ("not_reciprocal", Some(*row), Some(*column), vec![]),
        Fault::PairEntry { first, second, .. } => ("pair_entry", None, None, vec![first, second]),
        Fault::SelfJudgment { name } => ("self_judgment", None, None, vec![name]),
        Fault::UnknownName { name, .. } => ("unknown_name", None, None, vec![name]),
        Fault::Contradiction { first, second, .. } => ("contradiction", None, None, vec![first, second]),
        Fault::MissingPairs { pairs } => {
            ("missing_pairs", None, None, pairs.iter().flat_map(|(first, second)| [first.as_str(), second.as_str()]).collect())
        }
        Fault::NoRatio { .. } => ("no_ratio", None, None, vec![]),
        Fault::NoScore { .. } => ("no_score", None, None, vec![]),
        Fault::Disconnected { components } => ("disconnected", None, None, components.iter().flatten().map(String::as_str).collect()),
        Fault::NoExperts => ("no_experts", None, None, vec![]),
        Fault::VoiceCount { .. } => ("voice_count", None, None, vec![]),
        Fault::Voice { at, .. } => ("voice", Some(*at), None, vec![]),
        Fault::NoVoice => ("no_voice", None, None, vec![]),
        Fault::OtherThings { expert, lacking, more } => {
            ("other_things", Some(*expert), None, lacking.iter().chain(more).map(String::as_str).collect())
        }
        Fault::Weight { at, .. } => ("weight", Some(*at), None, vec![]),
        Fault::NoWeight => ("no_weight", None, None, vec![]),
        Fault::NoCriterion { at, .. } => ("no_criterion", Some(*at), None, vec![]),
        Fault::Point { at, .. } => ("point", Some(*at), None, vec![]),
        Fault::NoDraws => ("no_draws", None, None, vec![]),
        Fault::Spread { .. } => ("spread", None, None, vec![]),
        Fault::WeightCount { .. } => ("weight_count", None, None, vec![]),
        Fault::InWeighting { at, .. } => ("in_weighting", Some(*at), None, vec![]),
        Fault::NothingVaries => ("nothing_varies", None, None, vec![]),
        Fault::WeightSum { .. } => ("weight_sum", None, None, vec![]),
        Fault::Level { what, .. } => ("level", None, None, vec![*what]),
        Fault::OtherCard => ("other_card", None, None, vec![]),
        Fault::FactorCount { .. } => ("factor_count", None, None, vec![]),
        Fault::Factor { at, .. } => ("factor", Some(*at), None, vec![]),
        Fault::TooLittleData { .. } => ("too_little_data", None, None, vec![]),
        Fault::Datum { row, column, .. } => ("datum", Some(*row), Some(*column), vec![]),
        Fault::NoInformation => ("no_information", None, None, vec![]),
        Fault::InMatrix { at, .. } => ("in_matrix", Some(*at), None, vec![]),
        Fault::InCell { row, column, fault } => (judgment_problem(fault).0, Some(*row), Some(*column), vec![]),
        Fault::InExpert { expert, fault } => {
            let (kind, row, column, mut names) = judgment_problem(fault);
            names.insert(0, expert);
            (kind, row, column, names)
        }
        Fault::MoreFaults { .. } => ("more_faults", None, None, vec![]),
    }
}

/// Kind and names of a fault.
fn tree_problem(fault: &TreeFault) -> (&'static str, Vec<&str>) {
    type Fault = TreeFault;
    match fault {
        Fault::UnknownRoot { root, .. } => ("unknown_root", vec![root]),
        Fault::Repeated { name } => ("repeated_name", vec![name]),
        Fault::Childless { node } => ("childless", vec![node]),
        Fault::UnknownChild { node, child, .. } => ("unknown_child", vec![node, child]),
        Fault::SecondParent { child, first, second } => ("second_parent", vec![child, first, second]),
        Fault::Cycle { path } => ("cycle", path.iter().map(String::as_str).collect()),
        Fault::Unreachable { name, root } => ("unreachable", vec![name, root]),
        Fault::WeightCount { node, .. } => ("weight_count", vec![node]),
        Fault::WeightRange { node, child, .. } => ("weight_range", vec![node, child]),
        Fault::WeightSum { node, .. } => ("weight_sum", vec![node]),
        Fault::NotJudged { node, child } => ("not_judged", vec![node, child]),
        Fault::NoChild { node, name, .. } => ("no_child", vec![node, name]),
        Fault::NotSingle { node, .. } => ("not_weighed", vec![node]),
        Fault::NothingJudged => ("nothing_judged", vec![]),
        Fault::UnknownNode { node, .. } => ("unknown_node", vec![node]),
        Fault::StackShape { node, .. } => ("stack_shape", vec![node]),
        Fault::Judgments { node, fault } => (judgment_problem(fault).0, vec![node]),
    }
}

fn data_problem<'py>(py: Python<'py>, fault: &DataFault) -> PyResult<Bound<'py, PyAny>> {
    type Fault = DataFault;
    let (kind, column, indicator, cells): (_, Option<&str>, Option<&str>, Option<&Cells>) = match fault {
        Fault::MissingColumn { column, .. } => ("missing_column", Some(column), None, None),
        Fault::WrongKind { column, .. } => ("wrong_kind", Some(column), None, None),
        Fault::Missing { column, indicator, cells } => ("missing", Some(column), Some(indicator), Some(cells)),
        Fault::Outside { column, indicator, cells } => ("outside", Some(column), Some(indicator), Some(cells)),
        Fault::Infinite { column, cells } => ("infinite", Some(column), None, Some(cells)),
        Fault::Unreadable { column, cells, .. } => ("unreadable", Some(column), None, Some(cells)),
        Fault::MissingId { column, cells } => ("missing_id", Some(column), None, Some(cells)),
        Fault::DuplicateId { column, cells } => ("duplicate_id", Some(column), None, Some(cells)),
        Fault::NoData { cells } => ("no_data", None, None, Some(cells)),
        Fault::NoFirms => ("no_firms", None, None, None),
    };
    let first = cells.map_or(&[][..], |cells| cells.first.as_slice());
    let rows = PyTuple::new(py, first.iter().map(|(row, _)| row))?;
    let values = PyTuple::new(py, first.iter().map(|(_, value)| value.as_deref()))?;
    let total = cells.map_or(0, |cells| cells.total);
    make(py, "DataProblem", (kind, fault.to_string(), column, indicator, total, rows, values))
}

fn derive_problem<'py>(py: Python<'py>, fault: &DeriveFault) -> PyResult<Bound<'py, PyAny>> {
    type Fault = DeriveFault;
    let (kind, table, column, cells): (_, &str, Option<&str>, Option<&Cells>) = match fault {
        Fault::Data { table, fault: data } => {
            let problem = data_problem(py, data)?;
            let change = pyo3::types::PyDict::new(py);
            change.set_item("table", table)?;
            change.set_item("message", fault.to_string())?;
            return py.import("dataclasses")?.call_method("replace", (problem,), Some(&change));
        }
        Fault::NotDates { table, column, .. } => ("wrong_kind", table, Some(column), None),
        Fault::InFile { fault: inner, .. } => {
            let change = pyo3::types::PyDict::new(py);
            change.set_item("message", fault.to_string())?;
            return py.import("dataclasses")?.call_method("replace", (derive_problem(py, inner)?,), Some(&change));
        }
        Fault::UnreadableCells { table, column, cells, .. } => ("unreadable", table, Some(column), Some(cells)),
        Fault::UnreadableRows { table, cells, .. } => ("unreadable_rows", table, None, Some(cells)),
        Fault::Frame { table, .. } => ("unreadable_table", table, None, None),
        Fault::Undated { table, column, cells } => ("undated", table, Some(column), Some(cells)),
        Fault::Repeated { table, cells } => ("repeated_rows", table, None, Some(cells)),
        Fault::Taken { table, column } => ("taken_column", table, Some(column), None),
        Fault::UnknownTable { name, .. } => ("unknown_table", name, None, None),
        Fault::MissingTable { table, .. } => ("missing_table", table, None, None),
        Fault::RepeatedTable { table } => ("repeated_table", table, None, None),
        Fault::TooLong { table, .. } => ("too_long", table, None, None),
        Fault::Unaccounted { table, .. } => ("unaccounted", table, None, None),
    };
    let first = cells.map_or(&[][..], |cells| cells.first.as_slice());
    let rows = PyTuple::new(py, first.iter().map(|(row, _)| row))?;
    let values = PyTuple::new(py, first.iter().map(|(_, value)| value.as_deref()))?;
    let total = cells.map_or(0, |cells| cells.total);
    make(py, "DataProblem", (kind, fault.to_string(), column, None::<&str>, total, rows, values, table))
}

fn sample_problem<'py>(py: Python<'py>, fault: &SampleFault) -> PyResult<Bound<'py, PyAny>> {
    type Fault = SampleFault;
    let (kind, names, cells): (_, Vec<&str>, Option<&Cells>) = match fault {
        Fault::DuplicateIds { ids } => ("duplicate_ids", ids.iter().map(|(id, _)| id.as_str()).collect(), None),
        Fault::Frame { cells, .. } => ("frame", vec![], Some(cells)),
        Fault::Count { what, .. } => ("count", vec![*what], None),
        Fault::Empty { what, .. } => ("empty", vec![what], None),
        Fault::SourceTwice { name } => ("source_twice", vec![name], None),
        Fault::Source { name, .. } => ("source", vec![name], None),
        Fault::Beacon { what, .. } => ("beacon", vec![what], None),
        Fault::Stratum { stratum, .. } => ("stratum", vec![stratum], None),
        Fault::Unreadable { what, .. } => ("unreadable", vec![what], None),
        Fault::Log { plan_id, .. } => ("log", vec![plan_id], None),
    };
    sampling_problem(py, kind, &fault.to_string(), &names, cells)
}

fn policy_problem<'py>(py: Python<'py>, problem: &Problem) -> PyResult<Bound<'py, PyAny>> {
    let path: Vec<&str> = problem.path.iter().map(String::as_str).collect();
    sampling_problem(py, "policy", &problem.to_string(), &path, None)
}

fn plan_problem<'py>(py: Python<'py>, fault: &PlanFault) -> PyResult<Bound<'py, PyAny>> {
    type Fault = PlanFault;
    let (kind, names, cells): (_, Vec<&str>, Option<&Cells>) = match fault {
        Fault::Missing { what, .. } => ("missing", vec![what], None),
        Fault::Length { what, .. } => ("length", vec![what], None),
        Fault::Cells { what, cells, .. } => ("cells", vec![what], Some(cells)),
        Fault::UnknownKinds { kinds } => ("unknown_kinds", kinds.iter().map(String::as_str).collect(), None),
        Fault::Fraction { stratum, item, .. } => ("fraction", vec![stratum, item], None),
        Fault::Budget { .. } => ("budget", vec![], None),
        Fault::TooLarge { stratum } => ("too_large", vec![stratum], None),
    };
    sampling_problem(py, kind, &fault.to_string(), &names, cells)
}

fn result_problem<'py>(py: Python<'py>, fault: &ResultFault) -> PyResult<Bound<'py, PyAny>> {
    type Fault = ResultFault;
    let (kind, names, cells): (_, Vec<&str>, Option<&Cells>) = match fault {
        Fault::UnknownCodes { codes } => ("unknown_codes", codes.iter().map(|(code, _)| code.as_str()).collect(), None),
        Fault::Rows { cells, .. } => ("rows", vec![], Some(cells)),
        Fault::OutOfOrder { stratum, id, .. } => ("out_of_order", vec![stratum, id], None),
        Fault::TooManySubstitutes { stratum, .. } => ("too_many_substitutes", vec![stratum], None),
        Fault::Policy { found, .. } => ("policy", vec![found], None),
    };
    sampling_problem(py, kind, &fault.to_string(), &names, cells)
}

fn match_problem<'py>(py: Python<'py>, fault: &MatchFault) -> PyResult<Bound<'py, PyAny>> {
    type Fault = MatchFault;
    let (kind, names): (_, Vec<&str>) = match fault {
        Fault::Nothing { what } => ("nothing", vec![*what]),
        Fault::PerVisit => ("per_visit", vec![]),
        Fault::EmptyName { of, .. } => ("empty_name", vec![of]),
        Fault::Duplicate { id, .. } => ("duplicate", vec![id]),
        Fault::NoCapacity { inspector } => ("no_capacity", vec![inspector]),
        Fault::Date { of, .. } => ("date", vec![of]),
        Fault::Reversed { of, .. } => ("reversed", vec![of]),
        Fault::NoDay { visit, .. } => ("no_day", vec![visit]),
        Fault::Unknown { name, .. } => ("unknown", vec![name]),
        Fault::UnknownNeed { need, .. } => ("unknown_need", vec![need]),
        Fault::TooLarge { what, .. } => ("too_large", vec![*what]),
        Fault::Unstaffed(unstaffed) => ("unstaffed", vec![&unstaffed.visit]),
        Fault::Shortage(shortage) => ("shortage", shortage.visits.iter().map(String::as_str).collect()),
        Fault::Record { what, .. } => ("record", vec![*what]),
        Fault::Pair { visit, inspector, .. } => ("pair", vec![visit, inspector]),
        Fault::Staffing { visit, .. } => ("staffing", vec![visit]),
        Fault::Overload { inspector, .. } => ("overload", vec![inspector]),
        Fault::Certificate { arc, .. } => ("certificate", vec![arc]),
    };
    sampling_problem(py, kind, &fault.to_string(), &names, None)
}

fn evaluate_problem<'py>(py: Python<'py>, fault: &EvaluateFault) -> PyResult<Bound<'py, PyAny>> {
    type Fault = EvaluateFault;
    let number;
    let (kind, names, cells): (_, Vec<&str>, Option<&Cells>) = match fault {
        Fault::Values { what, cells, .. } => ("values", vec![*what], Some(cells)),
        Fault::Rows { what, .. } => ("rows", vec![*what], None),
        Fault::None { what, .. } => ("nothing", vec![*what], None),
        Fault::Stratum { stratum, .. } => {
            number = stratum.to_string();
            ("stratum", vec![number.as_str()], None)
        }
        Fault::Argument { name, .. } => ("argument", vec![*name], None),
    };
    named_problem(py, "EvaluationProblem", kind, &fault.to_string(), &names, cells)
}

fn tune_problem<'py>(py: Python<'py>, fault: &TuneFault) -> PyResult<Bound<'py, PyAny>> {
    type Fault = TuneFault;
    let (kind, names, cells): (_, Vec<&str>, Option<&Cells>) = match fault {
        Fault::Values { what, cells, .. } => ("values", vec![what], Some(cells)),
        Fault::Rows { what, .. } => ("rows", vec![what], None),
        Fault::None { what, .. } => ("nothing", vec![what], None),
        Fault::Argument { name, .. } => ("argument", vec![*name], None),
        Fault::Collinear { column, with } => ("collinear", std::iter::once(column).chain(with).map(String::as_str).collect(), None),
        Fault::Separated { column } => ("separated", vec![column], None),
        Fault::NotConverged { .. } => ("not_converged", vec![], None),
    };
    named_problem(py, "EvaluationProblem", kind, &fault.to_string(), &names, cells)
}

fn simulate_problem<'py>(py: Python<'py>, fault: &SimulateFault) -> PyResult<Bound<'py, PyAny>> {
    type Fault = SimulateFault;
    let (kind, names, cells): (_, Vec<&str>, Option<&Cells>) = match fault {
        Fault::Length { what, .. } => ("rows", vec![*what], None),
        Fault::Cells { cells, .. } => ("values", vec![], Some(cells)),
        Fault::Range { name, .. } => ("argument", vec![name], None),
        Fault::Rates { policy, .. } => ("rates", vec![policy], None),
        Fault::Name { name, .. } => ("name", vec![name], None),
        Fault::None { what } => ("nothing", vec![*what], None),
    };
    named_problem(py, "EvaluationProblem", kind, &fault.to_string(), &names, cells)
}

fn sampling_problem<'py>(py: Python<'py>, kind: &str, message: &str, names: &[&str], cells: Option<&Cells>) -> PyResult<Bound<'py, PyAny>> {
    named_problem(py, "SamplingProblem", kind, message, names, cells)
}

fn named_problem<'py>(
    py: Python<'py>,
    class: &str,
    kind: &str,
    message: &str,
    names: &[&str],
    cells: Option<&Cells>,
) -> PyResult<Bound<'py, PyAny>> {
    let first = cells.map_or(&[][..], |cells| cells.first.as_slice());
    let rows = PyTuple::new(py, first.iter().map(|(row, _)| row))?;
    make(py, class, (kind, message, PyTuple::new(py, names)?, rows, cells.map_or(0, |cells| cells.total)))
}

fn outcome_problem<'py>(py: Python<'py>, fault: &OutcomeFault) -> PyResult<Bound<'py, PyAny>> {
    type Fault = OutcomeFault;
    let (kind, table, column, cells): (_, Option<&str>, Option<&str>, Option<&Cells>) = match fault {
        Fault::Table(fault) => return derive_problem(py, fault),
        Fault::NoColumn { table, names, .. } => ("missing_column", Some(*table), names.first().map(String::as_str), None),
        Fault::NoGroup { column, .. } => ("missing_column", None, Some(column), None),
        Fault::UnknownCode { column, cells } => ("unknown_code", Some("outcomes"), Some(column), Some(cells)),
        Fault::UnknownSource { column, cells } => ("unknown_source", Some("outcomes"), Some(column), Some(cells)),
        Fault::Chance { column, cells } => ("chance", Some("outcomes"), Some(column), Some(cells)),
        Fault::Population { column, cells } => ("population", Some("outcomes"), Some(column), Some(cells)),
        Fault::UnreadableDates { column, cells } => ("unreadable", Some("outcomes"), Some(column), Some(cells)),
        Fault::Undated { column, cells } => ("undated", Some("outcomes"), Some(column), Some(cells)),
        Fault::Leak { cells, .. } => ("leak", Some("outcomes"), None, Some(cells)),
        Fault::Repeated { cells } => ("repeated_rows", Some("outcomes"), None, Some(cells)),
        Fault::Chances { cells } => ("chances", Some("outcomes"), None, Some(cells)),
        Fault::Lonely { .. } => ("lonely_stratum", Some("outcomes"), Some("stratum"), None),
        Fault::UnknownGrades { .. } => ("unknown_grades", Some("graded"), Some("grade"), None),
        Fault::NoDirection => ("no_direction", Some("graded"), Some("score"), None),
        Fault::Incomplete { table, cells, .. } => ("incomplete", Some(*table), None, Some(cells)),
        Fault::Nothing { .. } => ("no_outcomes", Some("outcomes"), None, None),
    };
    let first = cells.map_or(&[][..], |cells| cells.first.as_slice());
    let rows = PyTuple::new(py, first.iter().map(|(row, _)| row))?;
    let values = PyTuple::new(py, first.iter().map(|(_, value)| value.as_deref()))?;
    let total = cells.map_or(0, |cells| cells.total);
    make(py, "DataProblem", (kind, fault.to_string(), column, None::<&str>, total, rows, values, table))
}

fn raise<'py>(py: Python<'py>, class: &str, arguments: impl pyo3::call::PyCallArgs<'py>) -> PyErr {
    match make(py, class, arguments) {
        Ok(exception) => PyErr::from_value(exception),
        Err(error) => error,
    }
}

fn make<'py>(py: Python<'py>, class: &str, arguments: impl pyo3::call::PyCallArgs<'py>) -> PyResult<Bound<'py, PyAny>> {
    static MODULE: PyOnceLock<Py<PyModule>> = PyOnceLock::new();
    let module = MODULE.get_or_try_init(py, || py.import("firmgrade.errors").map(Bound::unbind))?;
    module.bind(py).getattr(class)?.call1(arguments)
}
