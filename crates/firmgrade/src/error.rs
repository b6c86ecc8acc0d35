//! Everything that can go wrong in the engine, on one screen.

use crate::ahp::JudgmentFault;
use crate::card::Problem;
use crate::evaluate::EvaluateFault;
use crate::fault::DataFault;
use crate::sample::SampleFault;
use crate::sample::matching::MatchFault;
use crate::simulate::SimulateFault;
use crate::tune::TuneFault;
use thiserror::Error;

/// An error of the engine. Each variant holds all the faults that were found, not just the first.
#[derive(Clone, Debug, PartialEq, Error)]
pub enum Error {
    /// A scorecard that cannot be used.
    #[error("{}", list("the scorecard", .0))]
    Scorecard(Vec<Problem>),
    /// Judgments that cannot be used.
    #[error("{}", list("the judgments", .0))]
    Judgments(Vec<JudgmentFault>),
    /// Data that do not fit the scorecard.
    #[error("{}", list("the data", .0))]
    Data(Vec<DataFault>),
    /// A plan, frame, draw or log of draws that cannot be used.
    #[error("{}", list("the draw", .0))]
    Sample(Vec<SampleFault>),
    /// Inspectors who cannot be matched to visits, or a match that does not hold.
    #[error("{}", list("the match", .0))]
    Match(Vec<MatchFault>),
    /// Firms, policies or assumptions that cannot be simulated.
    #[error("{}", list("the simulation", .0))]
    Simulate(Vec<SimulateFault>),
    /// Scores, outcomes or a sampling design that nothing can be said about.
    #[error("{}", list("the evaluation", .0))]
    Evaluate(Vec<EvaluateFault>),
    /// A card that cannot be tuned.
    #[error("{}", list("the tuning", .0))]
    Tune(Vec<TuneFault>),
}

fn list<F: std::fmt::Display>(what: &str, faults: &[F]) -> String {
    let noun = if faults.len() == 1 { "problem" } else { "problems" };
    let mut text = format!("{what}: {} {noun}", faults.len());
    for fault in faults {
        text.push_str("\n  ");
        text.push_str(&fault.to_string());
    }
    text
}
