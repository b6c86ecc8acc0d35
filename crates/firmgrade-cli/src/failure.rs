//! Why a command did not do what it was asked to: its lines and its exit code.

use crate::tables::counted;
use firmgrade::card::{Problem, Severity};
use firmgrade::{Error, Scorecard};
use firmgrade_frame::{DeriveError, EvaluationError, FrameError, OutcomeError};
use std::io;

/// More lines than this end with their number: the first ones have left the screen.
const MANY: usize = 20;

/// Why a command ended early.
#[derive(Debug)]
pub(crate) enum Failure {
    /// What was typed cannot be meant: exit code 2.
    Usage(String),
    /// The data, the scorecard or a file has problems, one line each, with `error:` or `warning:` before it: exit code 1.
    Problems(Vec<String>),
    /// The report that was printed says what is wrong: exit code 1.
    Reported,
    /// The report that was printed says that there is nothing to propose: exit code 3.
    Nothing,
    /// The reader of standard output has gone, which is its right: exit code 0.
    Reader,
}

impl Failure {
    /// One problem.
    pub(crate) fn problem(text: impl AsRef<str>) -> Self {
        Self::Problems(vec![format!("error: {}", one_line(text.as_ref()))])
    }

    /// Arguments that cannot be meant.
    pub(crate) fn usage(error: &FrameError) -> Self {
        Self::Usage(error.to_string())
    }

    /// Problems of the data that `file` holds.
    pub(crate) fn of_data(file: &str, error: Error) -> Self {
        Self::of_rows(file, error, None)
    }

    /// Problems of the data that `file` holds; `rows` is where rows of the data stand in it.
    pub(crate) fn of_rows(file: &str, error: Error, rows: Option<&[usize]>) -> Self {
        match error {
            Error::Data(mut faults) => {
                for cells in faults.iter_mut().filter_map(|fault| fault.cells_mut()) {
                    rows.into_iter().for_each(|rows| cells.stand_in(rows));
                }
                Self::Problems(faults.iter().map(|fault| format!("error: {file}: {fault}")).collect())
            }
            other => other.into(),
        }
    }

    /// The exit code.
    pub(crate) fn code(&self) -> u8 {
        match self {
            Self::Reader => 0,
            Self::Problems(_) | Self::Reported => 1,
            Self::Usage(_) => 2,
            Self::Nothing => 3,
        }
    }

    /// What is said on standard error.
    pub(crate) fn lines(&self) -> Vec<String> {
        match self {
            Self::Usage(text) => vec![format!("error: {text}"), "try `firmgrade --help`".to_owned()],
            Self::Problems(lines) if lines.len() > MANY => {
                let errors = lines.iter().filter(|line| line.starts_with("error: ")).count();
                lines.iter().cloned().chain([format!("{} in all", counted(errors, "error"))]).collect()
            }
            Self::Problems(lines) => lines.clone(),
            Self::Reported | Self::Nothing | Self::Reader => Vec::new(),
        }
    }
}

impl From<Error> for Failure {
    fn from(error: Error) -> Self {
        Self::Problems(match error {
            Error::Scorecard(problems) => problems.iter().map(problem_line).collect(),
            Error::Judgments(faults) => faults.iter().map(|fault| format!("error: {fault}")).collect(),
            Error::Data(faults) => faults.iter().map(|fault| format!("error: {fault}")).collect(),
            Error::Sample(faults) => faults.iter().map(|fault| format!("error: {fault}")).collect(),
            Error::Policy(problems) => problems.iter().map(problem_line).collect(),
            Error::Plan(faults) => faults.iter().map(|fault| format!("error: {fault}")).collect(),
            Error::Results(faults) => faults.iter().map(|fault| format!("error: {fault}")).collect(),
            Error::Match(faults) => faults.iter().map(|fault| format!("error: {fault}")).collect(),
            Error::Evaluate(faults) => faults.iter().map(|fault| format!("error: {fault}")).collect(),
            Error::Simulate(faults) => faults.iter().map(|fault| format!("error: {fault}")).collect(),
            Error::Tune(faults) => faults.iter().map(|fault| format!("error: {fault}")).collect(),
        })
    }
}

impl From<FrameError> for Failure {
    fn from(error: FrameError) -> Self {
        match error {
            FrameError::Engine(error) => error.into(),
            FrameError::Write { source, .. } if source.kind() == io::ErrorKind::BrokenPipe => Self::Reader,
            other => Self::problem(other.to_string()),
        }
    }
}

impl From<DeriveError> for Failure {
    fn from(DeriveError(faults): DeriveError) -> Self {
        Self::Problems(faults.iter().map(|fault| format!("error: {fault}")).collect())
    }
}

impl From<OutcomeError> for Failure {
    fn from(OutcomeError(faults): OutcomeError) -> Self {
        Self::Problems(faults.iter().map(|fault| format!("error: {fault}")).collect())
    }
}

impl From<EvaluationError> for Failure {
    fn from(error: EvaluationError) -> Self {
        match error {
            EvaluationError::Outcomes(error) => error.into(),
            EvaluationError::Engine(error) => error.into(),
        }
    }
}

/// One problem of a card, its severity first, then its place.
pub(crate) fn problem_line(problem: &Problem) -> String {
    let severity = match problem.severity {
        Severity::Error => "error",
        Severity::Warning => "warning",
    };
    // A problem that is no error names its severity behind its place, where nobody looks for it.
    let plain = Problem { severity: Severity::Error, ..problem.clone() };
    format!("{severity}: {}", one_line(&plain.to_string()))
}

/// Says the warnings of a card on standard error.
pub(crate) fn warn(card: &Scorecard) {
    for problem in card.warnings() {
        crate::screen::message(&problem_line(problem));
    }
}

fn one_line(text: &str) -> String {
    text.lines().map(str::trim).collect::<Vec<_>>().join("; ")
}
