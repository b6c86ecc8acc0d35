//! Years of inspection under several policies, where the truth is known: what each policy finds, what it costs, what can be learnt from it.
//!
//! Every year each firm violates or not by its own chance; complaints reach some; a policy draws firms at random by grade and may add the
//! riskiest; who was inspected violates less for a while. The same firms violate and are reported under every policy in the first year
//! (common random numbers), so that policies are compared and not luck.
//!
//! ```text
//! y_it       1 where u(year, firm) < p_it                    p_i1 the chance given for the firm
//! p_i,t+1    p' + recovery · (p_i1 − p')                     p' = p_it · (1 − deterrence) where inspected in year t, p_it elsewhere
//! ```
//! The rates of a grade are estimated twice: from the random rows alone, and from all rows pooled as if they were a random sample. Only the
//! first is right; the difference is what a random part is for.

mod fault;
mod learn;
mod policy;
mod world;
mod year;

pub use fault::SimulateFault;
pub use learn::{GradeYear, Learnt};
pub use policy::{Policy, Response};
pub use world::World;
pub use year::{Year, Years, simulate};
