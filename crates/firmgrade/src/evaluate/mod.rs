//! What scores and grades are worth: discrimination, calibration and stability, measured on outcomes, with intervals.
//!
//! A *risk score* is higher for riskier firms, an outcome is `true` for bad (a finding at an inspection, a failure). Rows may carry the
//! weight 1/π with which they were sampled, their stratum and its size; see [`Sampling`]. Missing values are refused, never dropped.

mod auc;
mod estimate;
mod fault;
mod input;
mod order;
mod sampling;

pub use auc::{Auc, AucDifference, Variance, auc, auc_difference, auc_sampled};
pub(crate) use estimate::exact;
pub use estimate::{Estimate, LEVEL};
pub use fault::EvaluateFault;
pub use sampling::{Sampling, SingleUnit};
