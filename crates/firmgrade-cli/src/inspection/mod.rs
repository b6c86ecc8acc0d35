//! Inspections: from a policy to a plan, a draw, a match, what is published, and results.

pub(crate) mod args;
mod draw;
pub(crate) mod files;
mod log;
mod matching;
mod plan;
mod publish;
pub(crate) mod results;
mod verify;

pub(crate) use draw::run as draw;
pub(crate) use matching::run as match_inspectors;
pub(crate) use plan::run as plan;
pub(crate) use publish::run as publish;
pub(crate) use results::run as results;
pub(crate) use verify::run as verify;
