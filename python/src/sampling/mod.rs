//! `firmgrade.sampling`: frames committed to, drawn from, and inspectors matched to visits.

pub mod commit;
mod input;
pub mod matching;
pub mod proof;
pub mod record;
mod roster;
pub mod tickets;
