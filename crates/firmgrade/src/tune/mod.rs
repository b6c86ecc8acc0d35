//! Doing better from outcomes without throwing the experts away. Every verb proposes; a person adopts, by saving a new card.
//!
//! - [`tune`] shrinks weights from outcomes towards the experts' and says whether they are better; [`Proposal::card`] is the new card.
//! - [`challenger`] is what one would fit without experts, on the same bands.
//! - [`thresholds`] finds cut points for shares, inspector-days, separation or cost.
//! - [`screen`] says of many columns which to keep, to look at or to drop, and why; [`bands`] cuts a column into monotone bands;
//!   [`band_card`] does it for the indicators of a card, and says what that is worth.
//! - [`logistic`] is the regression beneath.
//!
//! Outcomes are `true` for bad; a risk is higher for riskier firms. The bits of every result depend on the rows alone, not on their order
//! or on threads; what is drawn follows from a seed.

mod band_card;
mod bands;
mod challenger;
mod cluster;
mod design;
mod fault;
mod gate;
mod levels;
mod logistic;
mod ordered;
mod partition;
mod proposal;
mod read;
mod sample;
mod screen;
mod shrink;
mod stated;
mod step;
mod symmetric;
mod thresholds;
mod weights_test;

pub use band_card::{BandCardOptions, BandedCard, NewBands, band_card};
pub use bands::{Band, BandOptions, Banded, bands};
pub use challenger::{Challenger, ChallengerColumn, ChallengerOptions, Encoding, challenger};
pub use fault::TuneFault;
pub use gate::Gate;
pub use logistic::{Logistic, Prior, logistic};
pub use partition::Trend;
pub use proposal::{Gain, Moved, Proposal, TuneOptions, TunedWeight, Verdict, Weighting, tune};
pub use sample::Outcomes;
pub use screen::{Advice, Reason, ScreenOptions, Screened, Screening, screen};
pub use shrink::Shrinkage;
pub use stated::{Implied, NewCard};
pub use thresholds::{Aim, Capacity, Separation, Threshold, ThresholdGrade, ThresholdOptions, Thresholds, thresholds};
pub use weights_test::WeightsTest;
