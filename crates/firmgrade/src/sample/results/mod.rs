//! Results of inspections: what codes mean, and that every firm drawn has one or is outstanding.
//!
//! A firm drawn never disappears: it has a result, or it is outstanding. Substitutes come from the reserve in its order only, and no more
//! of them than firms drawn could not be inspected.

mod account;
mod codes;
mod fault;
mod report;

pub use account::account;
pub use codes::{Codes, Outcome};
pub use fault::ResultFault;
pub use report::{Accounted, Deadline, Evaluated, Outstanding, Publication, ResultRow, Source, StratumResults};
