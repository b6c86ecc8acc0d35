//! Judgments of experts in files: the questionnaire that goes out, what comes back, and the card that carries the result.

mod accept;
mod answers;
mod fault;
mod matrix;
mod names;
mod questionnaire;
mod rows;
mod sheet;

pub use accept::{Accepted, NewJudgments, accept};
pub use answers::{Survey, SurveyedExpert, SurveyedNode, read_survey};
pub use fault::SurveyFault;
pub use matrix::write_judgments;
pub use questionnaire::write_questionnaire;
