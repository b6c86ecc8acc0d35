//! `firmgrade.ahp`: judgments in, weights out, and everything between them.

pub mod aggregate;
pub mod batch;
pub mod consistency;
mod disagreement;
pub mod incomplete;
pub mod input;
pub mod monte_carlo;
mod output;
pub mod repair;
pub mod sensitivity;
pub mod tree;
pub mod tree_batch;
mod tree_spec;
pub mod weightings;
pub mod weights;
