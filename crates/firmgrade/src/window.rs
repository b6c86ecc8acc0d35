//! How far back records count.

use crate::calendar::Day;
use std::fmt;

/// A stretch of time that ends with the as-of day.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub enum Window {
    /// Without a beginning.
    #[default]
    All,
    /// So many days.
    Days(u32),
    /// So many calendar months; a year has twelve.
    Months(u32),
}

impl Window {
    /// The longest window, in years; longer ones are written `all`.
    pub const MOST_YEARS: u32 = 200;

    /// `24 months`, `1 month`, `3 years`, `90 days` or `all`; `None` for anything else, for 0 and for more than 200 years.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        if text == "all" {
            return Some(Self::All);
        }
        let (number, unit) = text.split_once(' ')?;
        let number: u32 = if number.bytes().all(|byte| byte.is_ascii_digit()) { number.parse().ok()? } else { return None };
        let (window, most) = match unit {
            "day" | "days" => (Self::Days(number), Self::MOST_YEARS * 366),
            "month" | "months" => (Self::Months(number), Self::MOST_YEARS * 12),
            "year" | "years" => (Self::Months(number.checked_mul(12)?), Self::MOST_YEARS),
            _ => return None,
        };
        (1..=most).contains(&number).then_some(window)
    }

    /// The last day before the window that ends with `as_of`; `None` where the window has no beginning within the calendar.
    ///
    /// ```text
    /// window = (as_of − length, as_of]: the start is open, the end closed
    /// ```
    ///
    /// Months are calendar months: six of them before 2026-08-31 the start is 2026-02-28, so that 2026-03-01 is the first day inside.
    #[must_use]
    pub fn start(self, as_of: Day) -> Option<Day> {
        match self {
            Self::All => None,
            Self::Days(days) => as_of.add_days(-i32::try_from(days).ok()?),
            Self::Months(months) => as_of.add_months(-i32::try_from(months).ok()?),
        }
    }

    /// Whether a day lies in the window that ends with `as_of`.
    #[must_use]
    pub fn holds(self, day: Day, as_of: Day) -> bool {
        day <= as_of && self.start(as_of).is_none_or(|start| day > start)
    }

    /// The window of twice the length, counted from the same as-of day.
    #[must_use]
    pub fn doubled(self) -> Self {
        match self {
            Self::All => Self::All,
            Self::Days(days) => Self::Days(days.saturating_mul(2)),
            Self::Months(months) => Self::Months(months.saturating_mul(2)),
        }
    }
}

impl fmt::Display for Window {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let plural = |n: u32| if n == 1 { "" } else { "s" };
        match self {
            Self::All => f.write_str("all"),
            Self::Days(n) => write!(f, "{n} day{}", plural(*n)),
            Self::Months(n) => write!(f, "{n} month{}", plural(*n)),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn texts() {
        for (text, window) in [
            ("all", Some(Window::All)),
            ("24 months", Some(Window::Months(24))),
            ("1 month", Some(Window::Months(1))),
            ("3 years", Some(Window::Months(36))),
            ("90 days", Some(Window::Days(90))),
            ("200 years", Some(Window::Months(2400))),
            ("0 days", None),
            ("201 years", None),
            ("4294967295 years", None),
            ("-3 months", None),
            ("+3 months", None),
            ("3months", None),
            ("3  months", None),
            (" months", None),
            ("three years", None),
            ("3 weeks", None),
            ("", None),
        ] {
            assert_eq!(Window::parse(text), window, "{text}");
        }
        assert_eq!(Window::Months(1).to_string(), "1 month");
        assert_eq!(Window::parse(&Window::Days(90).to_string()), Some(Window::Days(90)));
    }

    #[test]
    fn the_start_is_open_and_the_end_closed() {
        let day = |text| Day::parse(text).unwrap();
        for (window, as_of, first_inside, last_outside) in [
            (Window::Months(6), "2026-08-31", "2026-03-01", "2026-02-28"),
            (Window::Months(6), "2024-08-31", "2024-03-01", "2024-02-29"),
            (Window::Months(24), "2023-01-01", "2021-01-02", "2021-01-01"),
            (Window::Months(12), "2024-02-29", "2023-03-01", "2023-02-28"),
            (Window::Months(12), "2025-02-28", "2024-02-29", "2024-02-28"),
            (Window::Days(1), "2024-03-01", "2024-03-01", "2024-02-29"),
        ] {
            let as_of = day(as_of);
            assert!(window.holds(day(first_inside), as_of) && !window.holds(day(last_outside), as_of), "{window} {as_of}");
            assert!(window.holds(as_of, as_of) && !window.holds(as_of.add_days(1).unwrap(), as_of));
        }
        // Beyond the calendar there is no start.
        assert!(Window::Months(24).holds(Day::FIRST, day("0001-06-01")));
    }
}
