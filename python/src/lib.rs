//! The Python edge of firmgrade: each function converts, releases the interpreter, calls the engine and wraps what comes back.

mod ahp;
mod check;
mod cli;
mod derived;
mod district;
mod errors;
mod explanation;
mod firm;
mod graded;
mod html;
mod metrics;
mod outcomes;
mod performance;
mod sampling;
mod scorecard;
mod simulated;
mod stability;
mod table;
mod tuned;
mod tuning;

use pyo3::prelude::*;

/// The extension module; import `firmgrade` instead.
#[pymodule]
mod _firmgrade {
    use super::{Bound, PyModule, PyModuleMethods, PyResult};

    #[pymodule_export]
    use crate::ahp::aggregate::{Group, aggregate};
    #[pymodule_export]
    use crate::ahp::batch::{Batch, batch};
    #[pymodule_export]
    use crate::ahp::consistency::{Consistency, consistency};
    #[pymodule_export]
    use crate::ahp::incomplete::{Completed, incomplete};
    #[pymodule_export]
    use crate::ahp::input::from_upper;
    #[pymodule_export]
    use crate::ahp::monte_carlo::{MonteCarlo, monte_carlo};
    #[pymodule_export]
    use crate::ahp::repair::{Repair, repair};
    #[pymodule_export]
    use crate::ahp::sensitivity::{Derivatives, derivatives, one_at_a_time, swaps};
    #[pymodule_export]
    use crate::ahp::tree::Tree;
    #[pymodule_export]
    use crate::ahp::tree_batch::TreeBatch;
    #[pymodule_export]
    use crate::ahp::weightings::{additive, critic, entropy, equal, game_theoretic, ideal, multiplicative};
    #[pymodule_export]
    use crate::ahp::weights::{Weights, weights};
    #[pymodule_export]
    use crate::check::CheckReport;
    #[pymodule_export]
    use crate::cli::run_command_line;
    #[pymodule_export]
    use crate::derived::{Derived, derive};
    #[pymodule_export]
    use crate::district::{district, district_records};
    #[pymodule_export]
    use crate::explanation::Explanation;
    #[pymodule_export]
    use crate::firm::GradedFirm;
    #[pymodule_export]
    use crate::graded::{_grade_again, Graded, grade};
    #[pymodule_export]
    use crate::metrics::{
        _auc, _auc_difference, _brier, _calibration, _concentration, _csi, _curve, _gini, _hosmer_lemeshow, _indicators, _ks, _lift,
        _log_loss, _performance, _psi, _rate_by_grade, _reliability, _survey, _transition, _woe_iv,
    };
    #[pymodule_export]
    use crate::performance::{Performance, evaluate};
    #[pymodule_export]
    use crate::sampling::beacon::{drand, nist};
    #[pymodule_export]
    use crate::sampling::commit::{Committed, commit};
    #[pymodule_export]
    use crate::sampling::matching::{Certificate, Match, match_inspectors, verify_match};
    #[pymodule_export]
    use crate::sampling::plan::{Plan, Policy, make_plan};
    #[pymodule_export]
    use crate::sampling::proof::Proof;
    #[pymodule_export]
    use crate::sampling::record::{Record, Verified, verify};
    #[pymodule_export]
    use crate::sampling::results::{Accounted, account};
    #[pymodule_export]
    use crate::sampling::tickets::{digits, pareto_key, seed, ticket};
    #[pymodule_export]
    use crate::scorecard::{Scorecard, scorecard_schema};
    #[pymodule_export]
    use crate::simulated::{Simulation, simulate};
    #[pymodule_export]
    use crate::stability::{Stability, reweigh};
    #[pymodule_export]
    use crate::tuned::{Proposal, tune};
    #[pymodule_export]
    use crate::tuning::{_Adoptable, _bands, _challenger, _screen, _thresholds};

    #[pymodule_init]
    fn init(module: &Bound<'_, PyModule>) -> PyResult<()> {
        module.add("__version__", firmgrade::VERSION)?;
        crate::errors::warn_if_unoptimised(module.py())
    }
}
