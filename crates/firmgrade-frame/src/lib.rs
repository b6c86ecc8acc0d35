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
mod fault;
mod format;
mod graded;
pub mod import;
mod number;
mod persons;
mod read;
mod stability;
mod stream;
mod survey;
mod write;

pub use card::{load_card, load_contradictory_card};
pub use check::{CheckReport, CheckedColumn, check};
pub use convert::Input;
pub use demo::district_frames;
pub use derive::{
    ColumnReport, DeriveError, DeriveFault, DeriveReport, Derived, Drift, Fates, FirmTableReport, IndicatorReport, Place, RawTable,
    RecordsUse, Spread, TableReport, TableSource, Unmatched, Use, derive, derive_raw, missing_tables, read_derive_report, write_derived,
};
pub use fault::{CellFault, FrameError, RaggedRow};
pub use format::Format;
pub use graded::{Count, Graded, Provenance, grade};
pub use persons::{persons_masked, without_persons};
pub use polars::prelude::{DataFrame, PolarsError, PolarsResult};
pub use read::{ReadOptions, read_csv_bytes, read_table};
pub use stability::{Stability, StabilityOptions, StabilityProvenance};
pub use stream::{ArrowArrayStream, into_stream, take_stream};
pub use survey::{
    Accepted, NewJudgments, Survey, SurveyFault, SurveyedExpert, SurveyedNode, accept, read_survey, write_judgments, write_questionnaire,
};
pub use write::{WriteOptions, refuse_overwrite_of_inputs, write_table, write_tables};
