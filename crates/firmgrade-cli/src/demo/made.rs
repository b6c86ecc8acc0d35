//! The district, from its records to its grades.

use crate::args::DemoArgs;
use crate::failure::Failure;
use crate::progress::Progress;
use crate::tables::{count, counted};
use firmgrade::calendar::Day;
use firmgrade::{GradeOptions, Scorecard};
use firmgrade_frame::{DataFrame, Derived, Graded, RecordFrames, derive, district_record_frames, grade};
use std::sync::Arc;

/// What the demonstration makes, step by step.
pub(super) struct Made {
    /// The register and the tables of records.
    pub raw: RecordFrames,
    /// What later inspections found, one row for each.
    pub outcomes: DataFrame,
    /// The register with its indicators, and the account of every record.
    pub derived: Derived,
    pub graded: Graded,
    pub firms: usize,
    /// Rows of all tables of records.
    pub records: usize,
}

impl Made {
    pub(super) fn new(args: &DemoArgs, card: &Arc<Scorecard>, as_of: Day, progress: &mut Progress) -> Result<Self, Failure> {
        let firms = usize::try_from(args.firms).map_err(|_| Failure::Usage("too many firms for this machine".to_owned()))?;
        progress.step("generate", format!("generating {} and their records", counted(firms, "firm")));
        let raw = district_record_frames(firms, args.seed).map_err(|error| Failure::problem(error.to_string()))?;
        let records = raw.records.iter().map(|(_, frame)| frame.height()).sum();
        progress.step("derive", format!("deriving indicators from {} records", count(records)));
        let tables: Vec<(&str, &DataFrame)> = raw.records.iter().map(|(name, frame)| (*name, frame)).collect();
        let derived = derive(card, &raw.firms, &tables, as_of, None)?;
        progress.step("grade", format!("grading {}", counted(firms, "firm")));
        let graded =
            grade(card, &derived.frame, GradeOptions::default()).map_err(|error| Failure::of_data("the generated district", error))?;
        Ok(Self { outcomes: raw.outcomes.clone(), graded: graded.dated(as_of), raw, derived, firms, records })
    }
}
