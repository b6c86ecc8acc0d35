//! What scores and grades are worth: discrimination, calibration and stability, measured on outcomes, with intervals.
//!
//! A *risk score* is higher for riskier firms, an outcome is `true` for bad (a finding at an inspection, a failure). Rows may carry the
//! weight 1/π with which they were sampled, their stratum and its size; see [`Sampling`]. Missing values are refused, never dropped.
//! Intervals are at 95 % unless a level is asked for. Everything takes O(n log n).

mod auc;
mod beta;
mod calibration;
mod curve;
mod domain;
mod estimate;
mod fault;
mod groups;
mod indicator;
mod input;
mod logistic;
mod loss;
mod order;
mod rates;
mod report;
mod sampling;
mod stability;
pub mod survey;
mod woe;

pub use auc::{Auc, AucDifference, Variance, auc, auc_difference, auc_domain, auc_sampled};
pub use calibration::{Calibration, HosmerLemeshow, ReliabilityRow, alike, calibration, hosmer_lemeshow, reliability};
pub use curve::{Curve, Ks, Lift, curve, ks, lift};
pub use domain::holm;
pub use estimate::{Estimate, LEVEL};
pub use fault::EvaluateFault;
pub use groups::Ties;
pub use indicator::{IndicatorWorth, indicators};
pub use loss::{brier, log_loss};
pub use rates::{Bounds, Estimable, Gate, GradeRate, RatesByGrade, Step, rates_by_grade};
pub use report::{
    CalibrationReport, Dimension, Discrimination, Finding, Grades, Group, Method, Performance, Results, Source, Stability, Standing,
    Tested, Verdict, report,
};
pub use sampling::{Sampling, SingleUnit};
pub use stability::{Concentration, EmptyBin, Psi, Transition, concentration, csi, psi, psi_of_values, psi_with_edges, transition};
pub use woe::{Woe, WoeBin, WoeSign, woe_iv};
