//! What becomes of a record before any indicator looks at it, as of a day.

use rayon::prelude::*;
use serde::{Deserialize, Serialize};

/// The day of a record without a date. It sorts before every day.
pub(crate) const UNDATED: i32 = i32::MIN;

/// The firm of a record that belongs to none.
pub(crate) const UNMATCHED: u32 = u32::MAX;

/// Rows that one thread looks at in turn.
const BLOCK: usize = 16_384;

/// Each record has one fate: the first of these that applies.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[repr(u8)]
pub(crate) enum Fate {
    /// It may count: each indicator decides by its window and condition.
    #[default]
    Counts,
    /// Its firm is not in the firm table.
    Unmatched,
    /// It is equal in every column to an earlier row, and the card drops such rows.
    Duplicate,
    /// It has no date, and the card drops such records.
    Undated,
    /// It is dated after the as-of day.
    Future,
    /// Its kind is on the card's list of acts that are not counted.
    NotCounted,
    /// It was repaired on or before the as-of day.
    Repaired,
    /// It ended on or before the as-of day.
    Ended,
    /// Its publication period is over.
    Expired,
}

/// Records by fate; together they are all records of the table.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Fates {
    /// Those that may count: each indicator decides by its window and condition.
    pub counting: u64,
    /// Their firm is not in the firm table.
    pub unmatched: u64,
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
        let mut counts = [0_u64; 9];
        for fate in fates {
            if let Some(count) = counts.get_mut(*fate as usize) {
                *count += 1;
            }
        }
        let [counting, unmatched, duplicate, undated, future, not_counted, repaired, ended, expired] = counts;
        Self { counting, unmatched, duplicate, undated, future, not_counted, repaired, ended, expired }
    }

    fn plus(self, other: Self) -> Self {
        Self {
            counting: self.counting + other.counting,
            unmatched: self.unmatched + other.unmatched,
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
        let Self { counting, unmatched, duplicate, undated, future, not_counted, repaired, ended, expired } = *self;
        counting + unmatched + duplicate + undated + future + not_counted + repaired + ended + expired
    }
}

/// What decides the fates of the records of one table. Slices have one entry for each record; days are counted from 1970-01-01.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Evidence<'a> {
    /// The firm of each record, or [`UNMATCHED`].
    pub firm: &'a [u32],
    /// The day of each record, or [`UNDATED`].
    pub date: &'a [i32],
    /// Whether undated records count; else they are dropped.
    pub undated_count: bool,
    /// Whether a record repeats an earlier one, where the card drops such rows.
    pub repeats: Option<&'a [bool]>,
    /// From when on a record is no longer in force.
    pub end: Option<&'a [i32]>,
    /// From when on a record is repaired.
    pub repaired: Option<&'a [i32]>,
    /// Whether the kind of a record never counts.
    pub not_counted: Option<&'a [bool]>,
    /// The last day whose records of this severity are published no more, [`UNDATED`] where there is none.
    pub published_after: Option<&'a [i32]>,
}

/// The fate of each record as of a day, and how many have which.
pub(crate) fn fates(evidence: &Evidence<'_>, as_of: i32) -> (Vec<Fate>, Fates) {
    let mut fates = vec![Fate::Counts; evidence.date.len()];
    let counts = fates
        .par_chunks_mut(BLOCK)
        .enumerate()
        .map(|(block, fates)| {
            for (place, fate) in fates.iter_mut().enumerate() {
                *fate = one(evidence, as_of, block * BLOCK + place);
            }
            Fates::tally(fates)
        })
        .reduce(Fates::default, Fates::plus);
    (fates, counts)
}

fn one(evidence: &Evidence<'_>, as_of: i32, row: usize) -> Fate {
    let day = |days: Option<&[i32]>| days.and_then(|days| days.get(row)).copied().unwrap_or(UNDATED);
    let flag = |flags: Option<&[bool]>| flags.and_then(|flags| flags.get(row)).is_some_and(|flag| *flag);
    let over = |days: Option<&[i32]>| (UNDATED + 1..=as_of).contains(&day(days));
    let date = day(Some(evidence.date));
    if evidence.firm.get(row).is_none_or(|firm| *firm == UNMATCHED) {
        Fate::Unmatched
    } else if flag(evidence.repeats) {
        Fate::Duplicate
    } else if date == UNDATED && !evidence.undated_count {
        Fate::Undated
    } else if date > as_of {
        Fate::Future
    } else if flag(evidence.not_counted) {
        Fate::NotCounted
    } else if over(evidence.repaired) {
        Fate::Repaired
    } else if over(evidence.end) {
        Fate::Ended
    } else if date != UNDATED && date <= day(evidence.published_after) {
        Fate::Expired
    } else {
        Fate::Counts
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_record_has_the_first_fate_that_applies() {
        let evidence = Evidence {
            firm: &[0, UNMATCHED, 0, 0, 0, 0, 0, 0, 0, 0],
            date: &[100, 100, 100, UNDATED, 101, 100, 50, 50, 50, 50],
            undated_count: false,
            repeats: Some(&[false, true, true, false, false, false, false, false, false, false]),
            end: Some(&[UNDATED, 1, 1, 1, 1, 1, 1, 100, 101, 101]),
            repaired: Some(&[UNDATED, 1, 1, 1, 1, 1, 100, 101, 101, 101]),
            not_counted: Some(&[false, true, true, true, true, true, false, false, false, false]),
            published_after: Some(&[99, 100, 100, 100, 100, 100, 100, 100, 50, 49]),
        };
        let (fates, counts) = fates(&evidence, 100);
        use Fate::{Counts, Duplicate, Ended, Expired, Future, NotCounted, Repaired, Undated, Unmatched};
        assert_eq!(fates, [Counts, Unmatched, Duplicate, Undated, Future, NotCounted, Repaired, Ended, Expired, Counts]);
        let one = Fates { counting: 2, unmatched: 1, duplicate: 1, undated: 1, future: 1, not_counted: 1, repaired: 1, ended: 1, expired: 1 };
        assert_eq!(counts, one);
        assert_eq!(counts.total(), 10);
    }
}
