//! The table edge of firmgrade: polars frames, files in and out, the generated district.
//!
//! This is the only crate that names polars.

mod card;
mod check;
pub mod clean;
mod convert;
mod demo;
mod derive;
pub mod district;
mod escape;
mod fault;
mod format;
mod graded;
pub mod import;
mod number;
mod outcomes;
mod performance;
mod persons;
mod provenance;
mod read;
pub mod sampling;
mod simulated;
mod stability;
mod stream;
mod survey;
mod tuned;
mod tuning;
mod write;

pub use card::{load_card, load_contradictory_card};
pub use check::{CheckReport, CheckedColumn, check};
pub use convert::Input;
pub use demo::{RecordFrames, district_frames, district_record_frames};
pub use derive::{
    ColumnReport, DeriveError, DeriveFault, DeriveReport, Derived, Drift, Fates, FirmTableReport, IndicatorReport, Place, RawTable,
    RecordsUse, Spread, TableReport, TableSource, Unmatched, Use, derive, derive_raw, missing_tables, read_derive_report, write_derived,
};
pub use escape::escape;
pub use fault::{CellFault, FrameError, RaggedRow};
pub use format::Format;
pub use graded::{Count, Graded, grade};
pub use outcomes::{Account, Early, Finding, Joined, OutcomeError, OutcomeFault, OutcomeOptions, Rated, Repeats, join};
pub use performance::{
    CalibrationPart, ColumnShift, Comparison, Discrimination, Earlier, GradeRow, Grading, Group, GroupFinding, GroupLevel, Method,
    OverTime, Performance, PerformanceOptions, Period, ProbabilitySource, Rates, StepRow, correction, finding_word, performance,
};
pub use performance::{Stability as PerformanceStability, Unit as TimeUnit};
pub use persons::{persons_masked, without_persons};
pub use polars::prelude::{DataFrame, DataType, PolarsError, PolarsResult};
pub use provenance::{Legend, Provenance, read_as_of, read_provenance};
pub use read::{ReadOptions, read_csv_bytes, read_table};
pub use simulated::{simulated_grades, simulated_summary, simulated_years};
pub use stability::{Stability, StabilityOptions, StabilityProvenance};
pub use stream::{ArrowArrayStream, into_stream, take_stream};
pub use survey::{
    Accepted, NewJudgments, Survey, SurveyFault, SurveyedExpert, SurveyedNode, accept, read_survey, write_judgments, write_questionnaire,
};
pub use tuned::{EvaluationError, Tuned, tune, write_text};
pub use tuning::{CardName, NewCuts, Proposed, ScreenedColumns, band_card, challenger, screen, thresholds};
pub use write::{WriteOptions, refuse_overwrite_of_inputs, write_table, write_tables, write_texts};
