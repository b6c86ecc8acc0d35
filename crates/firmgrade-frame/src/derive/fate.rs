//! What becomes of a record before any indicator looks at it, as of a day: whose it is, and then the engine's rule.

use firmgrade::as_of::{AsOf, Counted, RecordColumns};
use rayon::prelude::*;
use serde::{Deserialize, Serialize};

/// The day of a record without a date. It sorts before every day.
pub(crate) const UNDATED: i32 = i32::MIN;

/// The firm of a record that belongs to none.
pub(crate) const UNMATCHED: u32 = u32::MAX;

/// The firm of a record whose name several firms have.
pub(crate) const AMBIGUOUS: u32 = u32::MAX - 1;

/// Rows that one thread looks at in turn.
const BLOCK: usize = 16_384;

/// Each record has one fate: the first of these that applies.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Fate {
    /// Its firm is not in the firm table.
    Unmatched,
    /// Several firms have its name.
    Ambiguous,
    /// It is equal in every column to an earlier row, and the card drops such rows.
    Duplicate,
    /// What the as-of rule of the engine says without a window.
    Judged(Counted),
}

impl Fate {
    /// It may count: each indicator decides by its window and condition.
    pub const COUNTS: Self = Self::Judged(Counted::Counts);
}

/// Records by fate; together they are all records of the table.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Fates {
    /// Those that may count: each indicator decides by its window and condition.
    pub counting: u64,
    /// They could not be read, and were left out.
    #[serde(default)]
    pub rejected: u64,
    /// Their firm is not in the firm table.
    pub unmatched: u64,
    /// Several firms have their name, so that they belong to none.
    #[serde(default)]
    pub ambiguous: u64,
    /// Equal in every column to an earlier row, and dropped.
    pub duplicate: u64,
    /// Without a date, and dropped.
    pub undated: u64,
    /// Dated after the as-of day.
    pub future: u64,
    /// On the card's list of acts that are not counted.
    pub not_counted: u64,
    /// Repaired on or before the as-of day.
    pub repaired: u64,
    /// Ended on or before the as-of day.
    pub ended: u64,
    /// No longer published.
    pub expired: u64,
}

impl Fates {
    fn tally(fates: &[Fate]) -> Self {
        let mut counts = Self::default();
        for fate in fates {
            let count = match fate {
                Fate::Unmatched => &mut counts.unmatched,
                Fate::Ambiguous => &mut counts.ambiguous,
                Fate::Duplicate => &mut counts.duplicate,
                // Without a window no record lies before it.
                Fate::Judged(Counted::Counts | Counted::OutOfWindow) => &mut counts.counting,
                Fate::Judged(Counted::Undated) => &mut counts.undated,
                Fate::Judged(Counted::Future) => &mut counts.future,
                Fate::Judged(Counted::NotCounted) => &mut counts.not_counted,
                Fate::Judged(Counted::Repaired) => &mut counts.repaired,
                Fate::Judged(Counted::Ended) => &mut counts.ended,
                Fate::Judged(Counted::Expired) => &mut counts.expired,
            };
            *count += 1;
        }
        counts
    }

    fn plus(self, other: Self) -> Self {
        Self {
            counting: self.counting + other.counting,
            rejected: self.rejected + other.rejected,
            unmatched: self.unmatched + other.unmatched,
            ambiguous: self.ambiguous + other.ambiguous,
            duplicate: self.duplicate + other.duplicate,
            undated: self.undated + other.undated,
            future: self.future + other.future,
            not_counted: self.not_counted + other.not_counted,
            repaired: self.repaired + other.repaired,
            ended: self.ended + other.ended,
            expired: self.expired + other.expired,
        }
    }

    /// All records.
    #[must_use]
    pub fn total(&self) -> u64 {
        let Self { counting, rejected, unmatched, ambiguous, duplicate, undated, future, not_counted, repaired, ended, expired } = *self;
        counting + rejected + unmatched + ambiguous + duplicate + undated + future + not_counted + repaired + ended + expired
    }
}

/// The fate of each record, and how many have which. `firm` is the firm of each record or [`UNMATCHED`]; `repeats` tells whether it
/// repeats an earlier one, where the card drops such rows; `rule` has no window.
pub(crate) fn fates(rule: &AsOf<'_>, columns: &RecordColumns<'_>, firm: &[u32], repeats: Option<&[bool]>) -> (Vec<Fate>, Fates) {
    let mut fates = vec![Fate::COUNTS; firm.len()];
    let counts = fates
        .par_chunks_mut(BLOCK)
        .enumerate()
        .map_init(
            || vec![Counted::Counts; BLOCK],
            |judged, (block, fates)| {
                let start = block * BLOCK;
                rule.block(columns, start..start + fates.len(), judged);
                for ((fate, judged), row) in fates.iter_mut().zip(judged).zip(start..) {
                    let firm = firm.get(row).copied().unwrap_or(UNMATCHED);
                    *fate = if firm == UNMATCHED {
                        Fate::Unmatched
                    } else if firm == AMBIGUOUS {
                        Fate::Ambiguous
                    } else if repeats.and_then(|repeats| repeats.get(row)).is_some_and(|repeats| *repeats) {
                        Fate::Duplicate
                    } else {
                        Fate::Judged(*judged)
                    };
                }
                Fates::tally(fates)
            },
        )
        .reduce(Fates::default, Fates::plus);
    (fates, counts)
}
