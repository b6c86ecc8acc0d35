//! The command line as a user meets it: the built binary, real files, exit codes and words.
#![expect(clippy::unwrap_used, reason = "a test fails by a panic")]

mod bad_cards;
mod bad_firms;
mod demo;
mod derive;
mod files;
mod formats;
mod inspection;
mod judgments;
mod messy;
mod outcomes;
mod persons;
mod proposals;
mod sandbox;
mod words;
