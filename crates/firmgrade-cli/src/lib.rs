//! The command line of firmgrade: `demo`, `check`, `weights`, `survey`, `derive`, `grade`, `schema`; for inspections `plan`, `draw`, `match`,
//! `verify`, `publish`, `results`; for what comes of them `evaluate`, `tune`.
//!
//! Thin: arguments in, the table edge and the engine called, what they found printed for people or as JSON. The same [`run`] serves the
//! binary `firmgrade` and the console script of the Python package.

mod args;
mod check;
mod demo;
mod derive;
mod evaluate;
mod failure;
mod grade;
mod inspection;
mod notes;
mod progress;
mod propose;
mod raw;
mod run;
mod schema;
mod screen;
mod summary;
mod survey;
mod tables;
mod tune;
mod weights;
mod written;

pub use run::run;
