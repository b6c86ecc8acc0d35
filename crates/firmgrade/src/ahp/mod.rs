//! Analytic hierarchy process: weights from judgments that compare things in pairs.
//!
//! [`Judgments`] are checked once when they are made; from them [`Judgments::weights`] gives [`Weights`] with their consistency
//! (λmax, CI, RI, CR), and a [`Tree`] multiplies the weights of its nodes down to the leaves.
//!
//! ```text
//! a_ij      how many times thing i is as important as thing j;  a_ji = 1/a_ij,  a_ii = 1
//! w         weights, w_i > 0, Σ w_i = 1;  judgments without contradiction have a_ij = w_i/w_j
//! e_ij      a_ij·w_j/w_i, what judgment ij says beyond the weights; 1 where it agrees
//! λmax      mean_i (Aw)_i/w_i = n + (n − 1)·CI
//! CI        Σ_{i<j} (e_ij − 1)²/e_ij / (n(n − 1))
//! CR        CI/RI(n), 0 for n ≤ 2
//! ```
//!
//! [`guide`] is a worked example, from a questionnaire to weights that can be defended. Nothing is rounded on the way. Source: Saaty, *The Analytic Hierarchy Process*, 1980; the forms without cancellation are derived
//! in `priority.rs`.

mod agreement;
mod batch;
mod completion;
mod draft;
mod eigen;
mod fault;
mod group;
#[doc = include_str!("guide.md")]
pub mod guide {}
mod incomplete;
mod judgments;
mod measures;
mod monte_carlo;
mod objective;
mod panel;
mod perron;
mod priority;
mod random_index;
mod repair;
mod sensitivity;
mod splitmix;
mod tree;
mod tree_batch;
mod tree_fault;
mod typed;
mod weights;

pub use agreement::{Camps, Consensus, Dispute, Without, camps, consensus, disputes, kendalls_w, leave_one_out, leave_one_out_judgments};
pub use batch::{Batch, batch};
pub use completion::{Completed, Completion, Filled};
pub use draft::Rounding;
pub use fault::JudgmentFault;
pub use group::{Mean, aggregate_judgments, aggregate_priorities, within_limit};
pub use incomplete::Incomplete;
pub use judgments::Judgments;
pub use measures::{GciLimits, Triad, Verdict, notice, other_verdicts, verdicts};
pub(crate) use monte_carlo::quantile;
pub use monte_carlo::{MonteCarlo, Spread};
pub use objective::{additive, critic, entropy, equal, game_theoretic, ideal, multiplicative};
pub use panel::{How, Member, Panel, PanelOptions, filling, panel};
pub use priority::Method;
pub use random_index::{RandomIndex, RandomIndexSource, UnknownChoice};
pub use repair::{Change, Repair, Suspect};
pub use sensitivity::{Derivatives, Swap, one_at_a_time};
pub use splitmix::SplitMix64;
pub use tree::{NodeSpec, NodeWeights, Tree, TreeConsistency, TreeNode, TreeSpec, alike};
pub use tree_batch::TreeBatch;
pub use tree_fault::TreeFault;
pub use typed::{Positive, parse_entry, parse_ratio, parse_score};
pub use weights::Weights;
