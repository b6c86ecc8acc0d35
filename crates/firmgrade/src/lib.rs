//! firmgrade: credit-risk grading of enterprises.
//!
//! The engine takes a [`Scorecard`] and plain columns and gives scores, grades, reasons and the rules that were hit. It reads no
//! files, asks no clock, draws no random numbers, and gives the same bits for any number of threads.
//!
//! Modules form a line, each using only those before it: [`columns`] → [`ahp`] → [`calendar`] → [`condition`] → [`card`] → [`as_of`] →
//! scoring → [`grade`](mod@grade) → [`reweigh`]. Beside them stand [`sample`], for plans, draws and inspectors need no scorecard, and
//! [`evaluate`], for what scores are worth is asked of outcomes; policies are read as cards are. [`tune`] needs all of these to mend a card,
//! [`simulate`] plays years of draws and estimates.

pub mod ahp;
pub mod as_of;
pub mod calendar;
pub mod card;
pub mod columns;
pub mod condition;
pub mod digest;
mod error;
pub mod evaluate;
mod fault;
pub mod grade;
mod ids;
mod inspect;
mod one;
mod person;
pub mod reweigh;
pub mod sample;
mod score;
pub mod simulate;
pub mod tune;
pub mod window;
mod words;

pub use card::{Scorecard, ScorecardSpec};
pub use error::Error;
pub use fault::{Cells, DataFault};
pub use grade::{GradeOptions, Graded, grade};
pub use inspect::missing_columns;
pub use one::{Cell, GradedFirm};
pub use person::{mask, may_hold_person};
pub use score::{NO_REASON, Reasons};
pub use words::nearest;

/// The version of the engine, part of every result's provenance.
pub const VERSION: &str = env!("CARGO_PKG_VERSION");

/// The README's Rust block, as a test.
#[cfg(doctest)]
#[doc = include_str!("../../../README.md")]
pub struct Readme;
