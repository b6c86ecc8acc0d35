//! Inspection plans and who carries them out.

pub mod matching;
