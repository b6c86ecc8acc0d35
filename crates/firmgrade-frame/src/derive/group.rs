//! Records in the order in which indicators read them: by firm, then by day.

use super::fate::{Fate, UNMATCHED};
use rayon::prelude::*;
use std::ops::Range;

/// A record that may count: its day in the upper half, its row in the lower, so that entries sort by day.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Entry(u64);

impl Entry {
    /// The record in `row`, dated `day`.
    pub fn new(day: i32, row: u32) -> Self {
        Self(u64::from(day.cast_unsigned() ^ 1 << 31) << 32 | u64::from(row))
    }

    /// Its day.
    pub fn day(self) -> i32 {
        (((self.0 >> 32) as u32) ^ 1 << 31).cast_signed()
    }

    /// Its row in the table.
    pub fn row(self) -> usize {
        self.0 as u32 as usize
    }
}

/// The records that may count, firm by firm, each firm's by day.
#[derive(Clone, Debug)]
pub(crate) struct Groups {
    entries: Vec<Entry>,
    /// Where the records of each firm begin; one more entry, where all end.
    starts: Vec<usize>,
}

impl Groups {
    /// Groups the records whose fate is to count: a counting sort by firm, then a sort by day within each firm.
    pub fn new(firms: usize, firm: &[u32], date: &[i32], fates: &[Fate]) -> Self {
        let counting = || {
            let rows = firm.iter().zip(date).zip(fates).zip(0_u32..);
            rows.filter(|(((firm, _), fate), _)| **fate == Fate::COUNTS && **firm != UNMATCHED)
                .map(|(((firm, date), _), row)| (*firm as usize, Entry::new(*date, row)))
        };
        // `ends[firm + 1]` first counts the firm's records, then says where they begin, and at last where they end.
        let mut ends = vec![0_usize; firms + 2];
        for (firm, _) in counting() {
            if let Some(count) = ends.get_mut(firm + 2) {
                *count += 1;
            }
        }
        let mut sum = 0;
        for count in &mut ends {
            sum += *count;
            *count = sum;
        }
        let mut entries = vec![Entry(0); sum];
        for (firm, entry) in counting() {
            if let Some(end) = ends.get_mut(firm + 1)
                && let Some(to) = entries.get_mut(*end)
            {
                *to = entry;
                *end += 1;
            }
        }
        ends.truncate(firms + 1);
        let mut groups = Self { entries, starts: ends };
        groups.sort();
        groups
    }

    fn sort(&mut self) {
        let (mut rest, mut slices) = (self.entries.as_mut_slice(), Vec::with_capacity(self.starts.len()));
        for pair in self.starts.windows(2) {
            if let [start, end] = pair {
                let (own, after) = std::mem::take(&mut rest).split_at_mut_checked(end - start).unwrap_or_default();
                rest = after;
                if own.len() > 1 {
                    slices.push(own);
                }
            }
        }
        slices.into_par_iter().for_each(|slice| slice.sort_unstable());
    }

    /// The number of firms.
    pub fn firms(&self) -> usize {
        self.starts.len().saturating_sub(1)
    }

    /// The number of records.
    pub fn len(&self) -> usize {
        self.entries.len()
    }

    /// The records of one firm, by day.
    pub fn of(&self, firm: usize) -> &[Entry] {
        let at = |place: usize| self.starts.get(place).copied().unwrap_or(self.entries.len());
        self.entries.get(at(firm)..at(firm + 1)).unwrap_or_default()
    }

    /// How many firms one thread takes at a time: few where firms have many records.
    pub fn stride(&self) -> usize {
        (self.firms() * 4096 / self.len().max(1)).clamp(1, 4096)
    }
}

/// The part of `entries`, which are in order, that is dated after `start`; all of it without a start.
pub(crate) fn after(entries: &[Entry], start: Option<i32>) -> Range<usize> {
    let first = start.map_or(0, |start| entries.partition_point(|entry| entry.day() <= start));
    first..entries.len()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::derive::fate::UNDATED;

    #[test]
    fn records_stand_by_firm_then_day_and_others_stay_away() {
        let firm = [2, 0, 2, UNMATCHED, 2, 0];
        let date = [30, 5, 10, 1, UNDATED, -5];
        let mut fates = [Fate::COUNTS; 6];
        fates[3] = Fate::Unmatched;
        let groups = Groups::new(4, &firm, &date, &fates);
        let shown = |firm| groups.of(firm).iter().map(|e| (e.day(), e.row())).collect::<Vec<_>>();
        assert_eq!(shown(0), [(-5, 5), (5, 1)]);
        assert_eq!(shown(1), []);
        assert_eq!(shown(2), [(UNDATED, 4), (10, 2), (30, 0)]);
        assert_eq!(shown(3), []);
        assert_eq!((groups.firms(), groups.len()), (4, 5));
        // The start of a window is open.
        assert_eq!(after(groups.of(2), Some(10)), 2..3);
        assert_eq!(after(groups.of(2), Some(9)), 1..3);
        assert_eq!(after(groups.of(2), None), 0..3);
    }
}
