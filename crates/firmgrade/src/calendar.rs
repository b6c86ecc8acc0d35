//! Days of the Gregorian calendar, counted from 1970-01-01, and steps of whole months.
//!
//! Days ↔ dates after the era arithmetic of H. Hinnant, *chrono-Compatible Low-Level Date Algorithms* (2013): years begin in March, so
//! that the leap day is the last of its year, and 400 years have 146,097 days.

use std::fmt;

/// A day from 0001-01-01 to 9999-12-31 of the proleptic Gregorian calendar.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Day(i32);

/// Days in an era of 400 years.
const ERA: i32 = 146_097;
/// Days from 0000-03-01 to 1970-01-01.
const EPOCH: i32 = 719_468;

impl Day {
    /// 0001-01-01.
    pub const FIRST: Self = Self(-719_162);
    /// 9999-12-31.
    pub const LAST: Self = Self(2_932_896);

    /// The day so many days after 1970-01-01; `None` outside of the years 1 to 9999.
    #[must_use]
    pub fn new(days: i32) -> Option<Self> {
        (Self::FIRST.0..=Self::LAST.0).contains(&days).then_some(Self(days))
    }

    /// The day of a date; `None` where the calendar does not have it.
    #[must_use]
    pub fn from_ymd(year: i32, month: u32, day: u32) -> Option<Self> {
        if !((1..=9999).contains(&year) && day >= 1 && day <= days_in(year, month)) {
            return None;
        }
        let (month, day) = (i32::try_from(month).ok()?, i32::try_from(day).ok()?);
        let shifted = if month <= 2 { year - 1 } else { year };
        let (era, of_era) = (shifted / 400, shifted % 400);
        let of_year = (153 * ((month + 9) % 12) + 2) / 5 + day - 1;
        Some(Self(era * ERA + of_era * 365 + of_era / 4 - of_era / 100 + of_year - EPOCH))
    }

    /// A day written YYYY-MM-DD; `None` for anything else.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        let well_formed = text.len() == 10
            && text.bytes().enumerate().all(|(at, byte)| if at == 4 || at == 7 { byte == b'-' } else { byte.is_ascii_digit() });
        let part = |range: std::ops::Range<usize>| text.get(range).and_then(|part| part.parse::<u32>().ok());
        let (year, month, day) = (part(0..4)?, part(5..7)?, part(8..10)?);
        if well_formed { Self::from_ymd(i32::try_from(year).ok()?, month, day) } else { None }
    }

    /// Days since 1970-01-01.
    #[must_use]
    pub fn days(self) -> i32 {
        self.0
    }

    /// Year, month and day of the month.
    #[must_use]
    pub fn ymd(self) -> (i32, u32, u32) {
        let from_era = self.0 + EPOCH;
        let (era, of_era) = (from_era.div_euclid(ERA), from_era.rem_euclid(ERA));
        let year = (of_era - of_era / 1460 + of_era / 36_524 - of_era / 146_096) / 365;
        let of_year = of_era - (365 * year + year / 4 - year / 100);
        let month = (5 * of_year + 2) / 153;
        let day = of_year - (153 * month + 2) / 5 + 1;
        let (month, year) = if month < 10 { (month + 3, year + era * 400) } else { (month - 9, year + era * 400 + 1) };
        (year, month.unsigned_abs(), day.unsigned_abs())
    }

    /// The day so many days later (earlier where negative); `None` beyond the calendar.
    #[must_use]
    pub fn add_days(self, days: i32) -> Option<Self> {
        self.0.checked_add(days).and_then(Self::new)
    }

    /// The same day of the month so many months later (earlier where negative), or the last of that month where it is shorter:
    /// 2026-08-31 and −6 months give 2026-02-28. `None` beyond the calendar.
    #[must_use]
    pub fn add_months(self, months: i32) -> Option<Self> {
        let (year, month, day) = self.ymd();
        let month = i32::try_from(month).ok()?;
        let all = (year * 12 + month - 1).checked_add(months)?;
        let (year, month) = (all.div_euclid(12), u32::try_from(all.rem_euclid(12)).ok()? + 1);
        Self::from_ymd(year, month, day.min(days_in(year, month)))
    }

    /// Whole calendar months from this day to `other`: the most that can be added to the earlier one without going beyond the later
    /// one, negative where `other` is the earlier one. From 2023-01-31 to 2023-02-28 it is 1, as [`add_months`](Self::add_months) has it.
    #[must_use]
    pub fn months_until(self, other: Self) -> i32 {
        if other < self {
            return -other.months_until(self);
        }
        let (from, to) = (self.ymd(), other.ymd());
        let months = (to.0 - from.0) * 12 + to.1.cast_signed() - from.1.cast_signed();
        // Within the last month the day decides; the last day of a shorter month stands for all that it lacks.
        let reached = to.2 >= from.2.min(days_in(to.0, to.1));
        if reached { months } else { months - 1 }
    }
}

impl fmt::Display for Day {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (year, month, day) = self.ymd();
        write!(f, "{year:04}-{month:02}-{day:02}")
    }
}

/// Days in a month; 0 where there is no such month.
fn days_in(year: i32, month: u32) -> u32 {
    match month {
        1 | 3 | 5 | 7 | 8 | 10 | 12 => 31,
        4 | 6 | 9 | 11 => 30,
        2 if (year % 4 == 0 && year % 100 != 0) || year % 400 == 0 => 29,
        2 => 28,
        _ => 0,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn day(text: &str) -> Day {
        Day::parse(text).unwrap_or_else(|| panic!("`{text}` is a date"))
    }

    #[test]
    fn every_day_of_the_calendar_follows_the_one_before() {
        // The oracle counts on by the rule one learns at school, from 0001-01-01 to 9999-12-31.
        let (mut year, mut month, mut of_month) = (1, 1, 1);
        for days in Day::FIRST.days()..=Day::LAST.days() {
            let there = Day::new(days).unwrap();
            assert_eq!(there.ymd(), (year, month, of_month));
            assert_eq!(Day::from_ymd(year, month, of_month), Some(there));
            let leap = if year % 100 == 0 { year % 400 == 0 } else { year % 4 == 0 };
            let length = [31, if leap { 29 } else { 28 }, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31][month as usize - 1];
            of_month += 1;
            if of_month > length {
                (of_month, month) = (1, month + 1);
            }
            if month > 12 {
                (month, year) = (1, year + 1);
            }
        }
        assert_eq!((year, month, of_month), (10_000, 1, 1));
        assert_eq!((Day::new(Day::FIRST.days() - 1), Day::new(Day::LAST.days() + 1)), (None, None));
    }

    #[test]
    fn known_days() {
        // `date --date=… +%s` divided by 86,400.
        for (text, days) in [("1970-01-01", 0), ("2000-02-29", 11_016), ("2023-01-01", 19_358), ("1969-12-31", -1), ("1900-03-01", -25_508)]
        {
            assert_eq!(day(text).days(), days, "{text}");
            assert_eq!(day(text).to_string(), text);
        }
        assert_eq!((day("0001-01-01"), day("9999-12-31")), (Day::FIRST, Day::LAST));
        for wrong in
            ["2023-02-30", "2023-2-3", "1900-02-29", "0000-01-01", "2023-13-01", "2023-00-10", "2023-01-00", "+023-01-01", "2023年01月", ""]
        {
            assert_eq!(Day::parse(wrong), None, "{wrong}");
        }
    }

    #[test]
    fn months_end_with_the_month() {
        for (from, months, to) in [
            ("2026-08-31", -6, "2026-02-28"),
            ("2024-08-31", -6, "2024-02-29"),
            ("2024-02-29", 12, "2025-02-28"),
            ("2024-02-29", -48, "2020-02-29"),
            ("2023-01-31", 1, "2023-02-28"),
            ("2022-12-15", 1, "2023-01-15"),
            ("2023-01-15", -1, "2022-12-15"),
            ("2023-03-31", 0, "2023-03-31"),
        ] {
            assert_eq!(day(from).add_months(months), Some(day(to)), "{from} {months}");
        }
        assert_eq!(day("0001-01-31").add_months(-1), None);
        assert_eq!(day("9999-12-01").add_months(1), None);
        assert_eq!(day("2023-01-01").add_months(i32::MAX), None);
        assert_eq!(Day::LAST.add_days(1), None);
        assert_eq!(day("2024-02-28").add_days(2), Some(day("2024-03-01")));
    }

    #[test]
    fn whole_months_are_the_most_that_fit() {
        for start in (day("2019-11-25").days()..day("2020-04-05").days()).step_by(1) {
            for length in 0..800 {
                let (from, to) = (Day(start), Day(start + length));
                let most = (0..40).take_while(|months| from.add_months(*months).is_some_and(|day| day <= to)).count() - 1;
                assert_eq!(from.months_until(to), i32::try_from(most).unwrap(), "{from} {to}");
                assert_eq!(to.months_until(from), -from.months_until(to));
            }
        }
    }
}
