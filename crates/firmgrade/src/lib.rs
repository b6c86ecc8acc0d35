//! firmgrade: credit-risk grading of enterprises.
//!
//! The engine takes a [`Scorecard`] and plain columns and gives scores, grades, reasons and the rules that were hit. It reads no
//! files, asks no clock, draws no random numbers, and gives the same bits for any number of threads.
//!
//! Modules form a line, each using only those before it: [`columns`] → [`ahp`] → [`calendar`] → [`condition`] → [`card`] → [`as_of`] →
//! scoring → [`grade`](mod@grade) → [`reweigh`]. [`sample`] stands beside them: plans, draws and inspectors need no
//! scorecard, and policies are read as cards are.

pub mod ahp;
pub mod as_of;
pub mod calendar;
pub mod card;
pub mod columns;
pub mod condition;
pub mod digest;
mod error;
mod fault;
pub mod grade;
mod ids;
mod inspect;
mod one;
mod person;
pub mod reweigh;
pub mod sample;
mod score;
pub mod window;
mod words;

pub use card::{Scorecard, ScorecardSpec};
pub use error::Error;
pub use fault::{Cells, DataFault};
pub use grade::{GradeOptions, Graded, grade};
pub use inspect::missing_columns;
pub use one::{Cell, GradedFirm};
pub use person::mask;
pub use score::{NO_REASON, Reasons};
pub use words::nearest;

/// The version of the engine, part of every result's provenance.
pub const VERSION: &str = env!("CARGO_PKG_VERSION");

/// The README's Rust block, as a test.
#[cfg(doctest)]
#[doc = include_str!("../../../README.md")]
pub struct Readme;
