//! Which records count as of a day: one rule for everybody.
//!
//! A record counts where none of these is so, asked in this order; the first that is so is its one reason:
//!
//! ```text
//! undated        it has no date, and the table does not say that such records count
//! future         date > as_of
//! not_counted    its kind is on the table's list
//! repaired       repaired ≤ as_of
//! ended          end ≤ as_of
//! expired        date ≤ as_of − the publication period of its severity
//! out_of_window  date ≤ as_of − the window of the indicator
//! ```
//!
//! What lies in the future is not known yet, so that comes before all that the record says; the window comes last, as it is the only
//! reason that differs from indicator to indicator: with [`Window::All`] the verdict is that of the table alone.
//!
//! So a record counts on one unbroken stretch of days, from its date to the day before the first reason against it. An undated record of
//! a table that counts them never is in the future, never expires and lies in every window.

use crate::calendar::Day;
use crate::card::{RecordTable, Undated};
use crate::columns::{Column, Values};
use crate::window::Window;
use std::ops::Range;

/// Whether a record counts, or why not.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
#[repr(u8)]
pub enum Counted {
    /// It counts.
    Counts,
    /// It has no date.
    Undated,
    /// It is dated after the as-of day.
    Future,
    /// Its kind is never counted.
    NotCounted,
    /// It has been repaired.
    Repaired,
    /// It is no longer in force.
    Ended,
    /// Its publication period is over.
    Expired,
    /// It lies before the window.
    OutOfWindow,
}

impl Counted {
    /// All of them, in the order in which they are asked for, after that which counts.
    pub const ALL: [Self; 8] =
        [Self::Counts, Self::Undated, Self::Future, Self::NotCounted, Self::Repaired, Self::Ended, Self::Expired, Self::OutOfWindow];

    /// The word used in reports.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Counts => "counts",
            Self::Undated => "undated",
            Self::Future => "future",
            Self::NotCounted => "not_counted",
            Self::Repaired => "repaired",
            Self::Ended => "ended",
            Self::Expired => "expired",
            Self::OutOfWindow => "out_of_window",
        }
    }
}

/// What decides about one record.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct RecordFacts<'r> {
    /// Its day; `None` where it is undated.
    pub date: Option<Day>,
    /// The day from which on it is no longer in force.
    pub end: Option<Day>,
    /// The day from which on it is repaired.
    pub repaired: Option<Day>,
    /// Its kind.
    pub kind: Option<&'r str>,
    /// Its severity.
    pub severity: Option<&'r str>,
}

/// The columns that decide about records; those that the table does not name are `None`. Dates are days since 1970-01-01, and what is
/// no day of the calendar counts as missing.
#[derive(Clone, Copy, Debug)]
pub struct RecordColumns<'c> {
    /// Days of the records.
    pub date: &'c Column<'c>,
    /// Days from which on they are no longer in force.
    pub end: Option<&'c Column<'c>>,
    /// Days from which on they are repaired.
    pub repaired: Option<&'c Column<'c>>,
    /// Kinds.
    pub kind: Option<&'c Column<'c>>,
    /// Severities.
    pub severity: Option<&'c Column<'c>>,
}

/// The rule of a table for one day and one window, ready to be asked.
#[derive(Clone, Debug)]
pub struct AsOf<'t> {
    as_of: i32,
    undated: Undated,
    not_counted: &'t [String],
    /// By severity, the last day that is no longer published.
    expired: Vec<(&'t str, i32)>,
    /// The last day before the window.
    start: i32,
}

/// Before every day.
const NEVER: i32 = i32::MIN;
/// After every day.
const ALWAYS: i32 = i32::MAX;

/// Records per block: the days of a block stay in the first-level cache.
const BLOCK: usize = 1024;

impl<'t> AsOf<'t> {
    /// The rule of `table` as of a day, for an indicator with this window.
    #[must_use]
    pub fn new(table: &'t RecordTable, as_of: Day, window: Window) -> Self {
        let start = |window: Window| window.start(as_of).map_or(NEVER, Day::days);
        Self {
            as_of: as_of.days(),
            undated: table.undated,
            not_counted: &table.not_counted,
            expired: table.publication.iter().map(|(severity, period)| (severity.as_str(), start(*period))).collect(),
            start: start(window),
        }
    }

    /// Whether one record counts.
    #[must_use]
    pub fn record(&self, record: &RecordFacts<'_>) -> Counted {
        let day = |day: Option<Day>| day.map_or(ALWAYS, Day::days);
        let kind = || record.kind.is_some_and(|kind| self.is_not_counted(kind.as_bytes()));
        let severity = || record.severity.map_or(NEVER, |severity| self.expiry(severity.as_bytes()));
        self.verdict(record.date.map(Day::days), day(record.end), day(record.repaired), kind, severity)
    }

    /// Whether the records of `rows` count: `counted[i]` is about record `rows.start + i`. Of `rows` and `counted`, the shorter one bounds
    /// what is written.
    pub fn block(&self, columns: &RecordColumns<'_>, rows: Range<usize>, counted: &mut [Counted]) {
        let mut buffers = [[0_f64; BLOCK]; 3];
        let [dates, ends, repairs] = &mut buffers;
        for (block, counted) in counted.chunks_mut(BLOCK).take(rows.len().div_ceil(BLOCK)).enumerate() {
            let start = rows.start + block * BLOCK;
            let rows = start..rows.end.min(start + counted.len());
            days(Some(columns.date), rows.clone(), dates);
            days(columns.end, rows.clone(), ends);
            days(columns.repaired, rows.clone(), repairs);
            let facts = dates.iter().zip(ends.iter()).zip(repairs.iter());
            for ((row, counted), ((date, end), repaired)) in rows.zip(counted).zip(facts) {
                let kind = || text(columns.kind, row).is_some_and(|kind| self.is_not_counted(kind));
                let severity = || text(columns.severity, row).map_or(NEVER, |severity| self.expiry(severity));
                let date = known_day(*date);
                *counted = self.verdict(date, known_day(*end).unwrap_or(ALWAYS), known_day(*repaired).unwrap_or(ALWAYS), kind, severity);
            }
        }
    }

    /// The one rule. A day that there is not lies after every other.
    #[inline]
    fn verdict(&self, date: Option<i32>, end: i32, repaired: i32, not_counted: impl Fn() -> bool, expiry: impl Fn() -> i32) -> Counted {
        if date.is_none() && self.undated != Undated::Count {
            Counted::Undated
        } else if date.is_some_and(|date| date > self.as_of) {
            Counted::Future
        } else if !self.not_counted.is_empty() && not_counted() {
            Counted::NotCounted
        } else if repaired <= self.as_of {
            Counted::Repaired
        } else if end <= self.as_of {
            Counted::Ended
        } else if !self.expired.is_empty() && date.is_some_and(|date| date <= expiry()) {
            Counted::Expired
        } else if date.is_some_and(|date| date <= self.start) {
            Counted::OutOfWindow
        } else {
            Counted::Counts
        }
    }

    fn is_not_counted(&self, kind: &[u8]) -> bool {
        self.not_counted.iter().any(|listed| listed.as_bytes() == kind)
    }

    /// The last day that is no longer published; none for a severity that the table does not list.
    fn expiry(&self, severity: &[u8]) -> i32 {
        self.expired.iter().find(|(listed, _)| listed.as_bytes() == severity).map_or(NEVER, |(_, day)| *day)
    }
}

/// The day of a number; `None` where it is none.
#[inline]
fn known_day(days: f64) -> Option<i32> {
    // The conversion of NaN is 0, a day like any other.
    if days.is_nan() { None } else { Day::new(days.floor() as i32).map(Day::days) }
}

/// The days of a block, NaN where there is none.
fn days(column: Option<&Column<'_>>, rows: Range<usize>, to: &mut [f64; BLOCK]) {
    to.fill(f64::NAN);
    let Some(Column { values: Values::Number(numbers), validity }) = column else { return };
    let mut buffer = [0_f64; BLOCK];
    let there = rows.start..rows.end.min(numbers.len());
    for ((to, day), row) in to.iter_mut().zip(numbers.block(there.clone(), &mut buffer)).zip(there) {
        if validity.is_none_or(|bits| bits.get(row)) {
            *to = *day;
        }
    }
}

/// The text of a row, where there is one.
fn text<'c>(column: Option<&'c Column<'_>>, row: usize) -> Option<&'c [u8]> {
    match column {
        Some(Column { values: Values::Text(texts), validity }) if validity.is_none_or(|bits| bits.get(row)) && row < texts.len() => {
            Some(texts.bytes(row))
        }
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::card::Scorecard;
    use crate::columns::{Bits, Numbers, Texts};
    use proptest::prelude::*;

    const KINDS: [Option<&str>; 3] = [None, Some("罚款"), Some("警告")];
    const SEVERITIES: [Option<&str>; 5] = [None, Some("minor"), Some("general"), Some("serious"), Some("其他")];

    fn table(undated: &str) -> RecordTable {
        let text = format!(
            r#"
            records = [{{ id = "penalties", firm_id = "uscc", date = "decided_on", end = "removed_on", repaired = "repaired_on", kind = "kind",
                not_counted = ["警告"], severity = "severity", undated = "{undated}",
                publication = {{ minor = "3 months", general = "12 months", serious = "all" }} }}]
            [scorecard]
            id = "a"
            title = "a"
            version = "1"
            id_column = "uscc"
            scale = {{ min = 0, max = 100, better = "high" }}
            [indicators.x]
            title = "x"
            criterion = "root"
            missing = "worst"
            from = "penalties"
            aggregate = "count"
            points = [{{ at = 0, risk = 0 }}, {{ at = 9, risk = 1 }}]
            [grades]
            order = ["A"]
            "#
        );
        Scorecard::from_toml("card.toml", &text).unwrap().derivation().record_tables()[0].clone()
    }

    fn day(text: &str) -> Option<Day> {
        Some(Day::parse(text).unwrap())
    }

    fn verdict(record: &RecordFacts<'_>, as_of: &str, window: Window) -> Counted {
        AsOf::new(&table("error"), day(as_of).unwrap(), window).record(record)
    }

    #[test]
    fn each_reason_and_which_comes_first() {
        let plain = RecordFacts { date: day("2022-06-30"), ..RecordFacts::default() };
        let all = RecordFacts {
            date: day("2022-06-30"),
            end: day("2022-08-01"),
            repaired: day("2022-09-01"),
            kind: Some("罚款"),
            severity: Some("minor"),
        };
        let year = Window::Months(12);
        for (record, as_of, window, expected) in [
            (plain, "2022-06-30", year, Counted::Counts),
            (plain, "2022-06-29", year, Counted::Future),
            (plain, "2023-06-29", year, Counted::Counts),
            (plain, "2023-06-30", year, Counted::OutOfWindow),
            (plain, "2023-06-30", Window::All, Counted::Counts),
            (RecordFacts { date: None, ..all }, "2022-06-29", year, Counted::Undated),
            (all, "2022-06-29", year, Counted::Future),
            (RecordFacts { kind: Some("警告"), ..all }, "2022-06-29", year, Counted::Future),
            (RecordFacts { kind: Some("警告"), ..all }, "2025-01-01", year, Counted::NotCounted),
            (all, "2022-07-31", year, Counted::Counts),
            (all, "2022-08-01", year, Counted::Ended),
            (all, "2022-09-01", year, Counted::Repaired),
            (RecordFacts { end: None, repaired: None, ..all }, "2022-09-29", year, Counted::Counts),
            // Three calendar months after the 30th of June are over on the 30th of September.
            (RecordFacts { end: None, repaired: None, ..all }, "2022-09-30", Window::Days(1), Counted::Expired),
            (RecordFacts { severity: Some("serious"), ..plain }, "2099-01-01", Window::All, Counted::Counts),
            (RecordFacts { severity: Some("其他"), ..plain }, "2099-01-01", Window::All, Counted::Counts),
        ] {
            assert_eq!(verdict(&record, as_of, window), expected, "{record:?} as of {as_of}");
        }
        let undated = RecordFacts { date: None, severity: Some("minor"), ..RecordFacts::default() };
        for (policy, expected) in [("error", Counted::Undated), ("drop", Counted::Undated), ("count", Counted::Counts)] {
            assert_eq!(AsOf::new(&table(policy), Day::LAST, Window::Days(1)).record(&undated), expected, "{policy}");
        }
    }

    fn maybe(days: Range<i32>) -> impl Strategy<Value = Option<Day>> {
        prop_oneof![Just(None), days.prop_map(Day::new)]
    }

    /// Days around the ends of months and a leap day.
    fn around() -> Range<i32> {
        let from = |text| Day::parse(text).unwrap().days();
        from("2023-11-25")..from("2024-09-05")
    }

    fn records() -> impl Strategy<Value = RecordFacts<'static>> {
        (
            around().prop_map(Day::new),
            maybe(around()),
            maybe(around()),
            prop::sample::select(&KINDS[..]),
            prop::sample::select(&SEVERITIES[..]),
        )
            .prop_map(|(date, end, repaired, kind, severity)| RecordFacts { date, end, repaired, kind, severity })
    }

    fn windows() -> impl Strategy<Value = Window> {
        prop_oneof![Just(Window::All), (1_u32..200).prop_map(Window::Days), (1_u32..8).prop_map(Window::Months)]
    }

    proptest! {
            #[test]
            fn a_record_dated_after_the_day_never_counts(record in records(), window in windows(), as_of in around()) {
                let verdict = AsOf::new(&table("error"), Day::new(as_of).unwrap(), window).record(&record);
                prop_assert_eq!(verdict == Counted::Future, record.date.unwrap().days() > as_of);
            }

            #[test]
            fn repair_changes_no_day_before_it_and_is_deletion_from_it_on(record in records(), window in windows(), day in around()) {
                let table = table("error");
                let unrepaired = RecordFacts { repaired: None, ..record };
                let repaired = RecordFacts { repaired: Day::new(day), ..record };
                for as_of in around() {
                    let rule = AsOf::new(&table, Day::new(as_of).unwrap(), window);
                    if as_of < day {
                        prop_assert_eq!(rule.record(&repaired), rule.record(&unrepaired));
                    } else {
                        prop_assert_ne!(rule.record(&repaired), Counted::Counts);
                    }
                }
            }

            #[test]
            fn a_record_counts_on_one_stretch_of_days_that_begins_with_its_date(record in records(), window in windows()) {
                let table = table("error");
                // From before all dates to after all that can end.
                let counts: Vec<i32> = (around().start - 5..around().end + 500)
                    .filter(|as_of| AsOf::new(&table, Day::new(*as_of).unwrap(), window).record(&record) == Counted::Counts)
                    .collect();
                if let (Some(first), Some(last)) = (counts.first(), counts.last()) {
                    prop_assert_eq!(*first, record.date.unwrap().days());
                    prop_assert_eq!(counts.len() as i32, last - first + 1);
                    let leaves = last + 1;
                    let date = record.date.unwrap();
    let outside = |window: Window, day: i32| window.start(Day::new(day).unwrap()).is_some_and(|start| date <= start);
                    // Not always on the day itself: three months before 2024-12-01 is 2024-09-01, before 2024-11-30 it is 2024-08-30.
                    let over = |window: Window| outside(window, leaves) && !outside(window, leaves - 1);
                    let period = record.severity.and_then(|severity| table.publication.get(severity)).copied().unwrap_or(Window::All);
                    // It leaves only on a day on which something happens to it.
                    prop_assert!(
                        record.repaired.is_some_and(|day| day.days() == leaves)
                            || record.end.is_some_and(|day| day.days() == leaves)
                            || over(window)
                            || over(period)
                            || leaves == around().end + 500,
                        "left on {}", Day::new(leaves).unwrap()
                    );
                } else {
                    // Then something was against it from its first day on.
                    let first = AsOf::new(&table, record.date.unwrap(), window).record(&record);
                    prop_assert!(matches!(first, Counted::NotCounted | Counted::Repaired | Counted::Ended), "{:?}", first);
                }
            }

            #[test]
            fn in_blocks_as_one_by_one(
                list in prop::collection::vec((records(), any::<bool>()), 1..40),
                window in windows(),
                as_of in around(),
                times in prop::sample::select(vec![1_usize, 60]),
                from in 0_usize..5,
            ) {
                let list: Vec<RecordFacts<'_>> = list
                    .iter()
                    .cycle()
                    .take(list.len() * times)
                    .map(|(record, dated)| RecordFacts { date: record.date.filter(|_| *dated), ..*record })
                    .collect();
                let numbers = |pick: fn(&RecordFacts<'_>) -> Option<Day>| -> (Vec<i32>, Vec<u8>) {
                    let days = list.iter().map(|record| pick(record).map_or(0, Day::days)).collect();
                    (days, bits(list.iter().map(|record| pick(record).is_some())))
                };
                let texts = |pick: fn(&RecordFacts<'static>) -> Option<&'static str>, list: &[RecordFacts<'static>]| -> (Vec<&'static str>, Vec<u8>) {
                    (list.iter().map(|record| pick(record).unwrap_or("警告")).collect(), bits(list.iter().map(|record| pick(record).is_some())))
                };
                let (dates, ends, repairs) = (numbers(|r| r.date), numbers(|r| r.end), numbers(|r| r.repaired));
                let (kinds, severities) = (texts(|r| r.kind, &list), texts(|r| r.severity, &list));
                let valid = |bytes| Bits::new(bytes, 0, list.len());
                let dated = |(days, there): &'_ (Vec<i32>, Vec<u8>)| (days.clone(), there.clone());
                let (dates, ends, repairs) = (dated(&dates), dated(&ends), dated(&repairs));
                let date = Column { values: Values::Number(Numbers::I32(&dates.0)), validity: valid(&dates.1) };
                let end = Column { values: Values::Number(Numbers::I32(&ends.0)), validity: valid(&ends.1) };
                let repaired = Column { values: Values::Number(Numbers::I32(&repairs.0)), validity: valid(&repairs.1) };
                let kind = Column { values: Values::Text(Texts::Strings(&kinds.0)), validity: valid(&kinds.1) };
                let severity = Column { values: Values::Text(Texts::Strings(&severities.0)), validity: valid(&severities.1) };
                let columns = RecordColumns { date: &date, end: Some(&end), repaired: Some(&repaired), kind: Some(&kind), severity: Some(&severity) };
                let table = table("count");
                let rule = AsOf::new(&table, Day::new(as_of).unwrap(), window);
                let from = from.min(list.len());
                let mut counted = vec![Counted::Counts; list.len() - from];
                rule.block(&columns, from..list.len(), &mut counted);
                let single: Vec<Counted> = list.iter().skip(from).map(|record| rule.record(record)).collect();
                prop_assert_eq!(counted, single);
            }
        }

    fn bits(flags: impl Iterator<Item = bool>) -> Vec<u8> {
        let flags: Vec<bool> = flags.collect();
        flags.chunks(8).map(|chunk| chunk.iter().rev().fold(0, |byte, flag| byte << 1 | u8::from(*flag))).collect()
    }
}
