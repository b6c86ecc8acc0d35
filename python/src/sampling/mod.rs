//! `firmgrade.sampling`: frames committed to, drawn from, and inspectors matched to visits.

pub mod beacon;
pub mod commit;
mod input;
pub mod matching;
pub mod plan;
pub mod proof;
pub mod record;
pub mod results;
mod roster;
pub mod tickets;
