//! Doing better from outcomes without throwing the experts away: every verb proposes, a person adopts.
mod design;
mod fault;
mod logistic;
mod symmetric;

pub use fault::TuneFault;
pub use logistic::{Logistic, Prior, logistic};
