//! Dates in the forms that offices write; the order of day and month is stated, never guessed.

use std::fmt;

use serde::{Deserialize, Serialize};

use super::text::to_half_width;

/// How a date of two short numbers and a year is read. A year of four digits in front is always year, month, day.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum DateOrder {
    /// Only dates whose year stands first are read; `03/04/2022` is refused.
    #[default]
    YearFirst,
    /// `03/04/2022` is 3 April.
    DayFirst,
    /// `03/04/2022` is 4 March.
    MonthFirst,
}

/// What a date cell says.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum CellDate {
    /// Days since 1970-01-01.
    Day(i32),
    /// A date that software writes where there is none, so that the cell is missing: `0001-01-01`, `1899-12-30`, `1900-01-01`, the
    /// zeros of common systems, and `9999-12-31`, their end of time (长期).
    Placeholder,
}

/// Why a cell is no date.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum DateFault {
    /// Not one of the forms.
    Form,
    /// Two short numbers in front of the year, where no order is stated.
    Order,
    /// A day that the calendar does not have, such as 2023-02-30.
    Calendar,
    /// A year outside 1900–2199.
    Year,
    /// A year of two digits.
    ShortYear,
    /// A time of day that does not exist.
    Time,
}

impl fmt::Display for DateFault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Form => "no date",
            Self::Order => "day or month first is not stated; say `dates = \"day_first\"` or `\"month_first\"`",
            Self::Calendar => "a day that the calendar does not have",
            Self::Year => "a year outside 1900 to 2199",
            Self::ShortYear => "a year of two digits",
            Self::Time => "a time of day that does not exist",
        })
    }
}

/// Reads a cell: `2022-3-7`, `2022/03/07`, `2022.3.7`, `20220307`, `20220307093000`, `2022年3月7日`, each with a time behind it or
/// without; with an order stated also `7/3/2022`; and the serial number of a spreadsheet, five digits with or without a fraction
/// (`44744`, counted from 1899-12-30), which are the days from 1927-05-18 on. The time is checked and left out.
///
/// # Errors
/// A [`DateFault`]; nothing is guessed.
pub fn read_date(text: &str, order: DateOrder) -> Result<CellDate, DateFault> {
    let bytes = text.as_bytes();
    // The form that machines write, alone or with a time.
    if let [y1, y2, y3, y4, b'-', m1, m2, b'-', d1, d2] = bytes
        && let (Some(year), Some(month), Some(day)) = (number(&[*y1, *y2, *y3, *y4]), number(&[*m1, *m2]), number(&[*d1, *d2]))
    {
        return day_of(year, month, day);
    }
    let text = to_half_width(text);
    let (first, rest) = digits(text.as_bytes());
    match (first.len(), rest.first()) {
        (8 | 14, None) => {
            let part = |range: std::ops::Range<usize>| first.get(range).and_then(number).ok_or(DateFault::Form);
            if first.len() == 14 {
                time(part(8..10)?, part(10..12)?, part(12..14)?)?;
            }
            day_of(part(0..4)?, part(4..6)?, part(6..8)?)
        }
        (8, Some(b' ' | b'T')) => {
            let part = |range: std::ops::Range<usize>| first.get(range).and_then(number).ok_or(DateFault::Form);
            let day = day_of(part(0..4)?, part(4..6)?, part(6..8)?)?;
            times(rest).map(|()| day)
        }
        (5, None) => serial(first),
        (5, Some(b'.')) => match digits(&rest[1..]) {
            (fraction, []) if !fraction.is_empty() => serial(first),
            _ => Err(DateFault::Form),
        },
        (4, Some(_)) => {
            let year = number(first).ok_or(DateFault::Form)?;
            let (month, day, rest) = if let Some(rest) = after(rest, "年") {
                let (month, rest) = digits(rest);
                let rest = after(rest, "月").ok_or(DateFault::Form)?;
                let (day, rest) = digits(rest);
                (month, day, after(rest, "日").or_else(|| after(rest, "号")).ok_or(DateFault::Form)?)
            } else {
                let [month, day, rest] = separated(rest)?;
                (month, day, rest)
            };
            let (month, day) = (short(month)?, short(day)?);
            let day = day_of(year, month, day)?;
            times(rest).map(|()| day)
        }
        (1 | 2, Some(_)) => {
            let [second, year, rest] = separated(rest)?;
            let (first, second) = (short(first)?, short(second)?);
            let year = match year.len() {
                4 => number(year).ok_or(DateFault::Form)?,
                1 | 2 => return Err(DateFault::ShortYear),
                _ => return Err(DateFault::Form),
            };
            let day = match order {
                DateOrder::YearFirst => return Err(DateFault::Order),
                DateOrder::DayFirst => day_of(year, second, first),
                DateOrder::MonthFirst => day_of(year, first, second),
            }?;
            times(rest).map(|()| day)
        }
        _ => Err(DateFault::Form),
    }
}

/// `2022-03-07` from days since 1970-01-01.
#[must_use]
pub fn date_text(days: i32) -> String {
    let (year, month, day) = civil(days);
    format!("{year:04}-{month:02}-{day:02}")
}

/// The digits at the beginning, and what follows.
fn digits(bytes: &[u8]) -> (&[u8], &[u8]) {
    bytes.split_at(bytes.iter().position(|byte| !byte.is_ascii_digit()).unwrap_or(bytes.len()))
}

/// The number that at most eight digits are.
fn number(digits: &[u8]) -> Option<u32> {
    if digits.is_empty() || digits.len() > 8 {
        return None;
    }
    digits.iter().try_fold(0, |sum, byte| byte.is_ascii_digit().then(|| sum * 10 + u32::from(byte - b'0')))
}

fn short(digits: &[u8]) -> Result<u32, DateFault> {
    if digits.len() <= 2 { number(digits).ok_or(DateFault::Form) } else { Err(DateFault::Form) }
}

fn after<'a>(bytes: &'a [u8], word: &str) -> Option<&'a [u8]> {
    bytes.strip_prefix(word.as_bytes()).map(|rest| rest.strip_prefix(b" ").unwrap_or(rest))
}

/// Two numbers behind the same separator: `-3-7`, `/3/7`, `.3.7`; and what follows them.
fn separated(bytes: &[u8]) -> Result<[&[u8]; 3], DateFault> {
    let Some((separator @ (b'-' | b'/' | b'.'), rest)) = bytes.split_first() else { return Err(DateFault::Form) };
    let (first, rest) = digits(rest);
    let rest = rest.strip_prefix(&[*separator]).ok_or(DateFault::Form)?;
    let (second, rest) = digits(rest);
    Ok([first, second, rest])
}

/// A time of day behind a date: nothing, ` 9:30`, `T09:30:00.000Z`, ` 09:30:00 PM`, ` 9时30分`.
fn times(bytes: &[u8]) -> Result<(), DateFault> {
    let Some((first, rest)) = bytes.split_first() else { return Ok(()) };
    let rest = match first {
        b' ' | b'T' => rest,
        _ if bytes.starts_with("上".as_bytes()) || bytes.starts_with("下".as_bytes()) => bytes,
        // `2022年3月7日9时`: the blank after 日 is left out.
        _ if first.is_ascii_digit() => bytes,
        _ => return Err(DateFault::Form),
    };
    let rest = ["上午", "下午"].iter().find_map(|half| after(rest, half)).unwrap_or(rest);
    let (hour, rest) = digits(rest);
    let (minute, second, rest) = if let Some(rest) = after(rest, "时") {
        match digits(rest) {
            ([], rest) => (&b"0"[..], &b"0"[..], rest),
            (minute, rest) => {
                let rest = after(rest, "分").ok_or(DateFault::Form)?;
                match digits(rest) {
                    ([], rest) => (minute, &b"0"[..], rest),
                    (second, rest) => (minute, second, after(rest, "秒").ok_or(DateFault::Form)?),
                }
            }
        }
    } else {
        let rest = rest.strip_prefix(b":").ok_or(DateFault::Form)?;
        let (minute, rest) = digits(rest);
        match rest.strip_prefix(b":") {
            None => (minute, &b"0"[..], rest),
            Some(rest) => {
                let (second, rest) = digits(rest);
                let rest = rest.strip_prefix(b".").map_or(rest, |rest| digits(rest).1);
                (minute, second, rest)
            }
        }
    };
    let rest = rest.strip_prefix(b" ").unwrap_or(rest);
    match rest {
        b"" | b"Z" | b"AM" | b"PM" | b"am" | b"pm" => {}
        [b'+' | b'-', zone @ ..] if zone.len() <= 5 && zone.iter().all(|byte| byte.is_ascii_digit() || *byte == b':') => {}
        _ => return Err(DateFault::Form),
    }
    time(short(hour)?, short(minute)?, short(second)?)
}

fn time(hour: u32, minute: u32, second: u32) -> Result<(), DateFault> {
    let midnight = (hour, minute, second) == (24, 0, 0);
    if midnight || (hour < 24 && minute < 60 && second <= 60) { Ok(()) } else { Err(DateFault::Time) }
}

fn serial(digits: &[u8]) -> Result<CellDate, DateFault> {
    // 25,569 days lie between 1899-12-30 and 1970-01-01.
    match number(digits).and_then(|serial| i32::try_from(serial).ok()) {
        Some(serial) if serial >= 10_000 => Ok(CellDate::Day(serial - 25_569)),
        _ => Err(DateFault::Form),
    }
}

fn day_of(year: u32, month: u32, day: u32) -> Result<CellDate, DateFault> {
    if !(1..=12).contains(&month) || !(1..=month_length(year, month)).contains(&day) {
        return Err(DateFault::Calendar);
    }
    match (year, month, day) {
        (1, 1, 1) | (1899, 12, 30 | 31) | (1900, 1, 1) | (9999, 12, 31) => Ok(CellDate::Placeholder),
        (1900..=2199, ..) => Ok(CellDate::Day(days(year, month, day))),
        _ => Err(DateFault::Year),
    }
}

/// Whether software writes this day, counted from 1970-01-01, where there is none: see [`CellDate::Placeholder`].
#[must_use]
pub fn is_placeholder(day: i32) -> bool {
    matches!(day, -719_162 | -25_569..=-25_567 | 2_932_896)
}

fn month_length(year: u32, month: u32) -> u32 {
    match month {
        4 | 6 | 9 | 11 => 30,
        2 if year.is_multiple_of(4) && (!year.is_multiple_of(100) || year.is_multiple_of(400)) => 29,
        2 => 28,
        _ => 31,
    }
}

/// Days since 1970-01-01 in the proleptic Gregorian calendar; the year begins in March so that the leap day ends it.
fn days(year: u32, month: u32, day: u32) -> i32 {
    let (year, month) = if month <= 2 { (year - 1, month + 9) } else { (year, month - 3) };
    let days = year * 365 + year / 4 - year / 100 + year / 400 + (month * 153 + 2) / 5 + day;
    days.cast_signed() - 719_469
}

/// Year, month, day of days since 1970-01-01, by the inverse of [`days`].
fn civil(days: i32) -> (i32, u32, u32) {
    let days = i64::from(days) + 719_468;
    let era = days.div_euclid(146_097);
    let of_era = days.rem_euclid(146_097);
    let year = (of_era - of_era / 1_460 + of_era / 36_524 - of_era / 146_096) / 365;
    let of_year = of_era - (365 * year + year / 4 - year / 100);
    let month = (5 * of_year + 2) / 153;
    let day = of_year - (153 * month + 2) / 5 + 1;
    let (month, next) = if month < 10 { (month + 3, 0) } else { (month - 9, 1) };
    let small = |value: i64| u32::try_from(value).unwrap_or_default();
    (i32::try_from(year + era * 400 + next).unwrap_or_default(), small(month), small(day))
}

#[cfg(test)]
mod tests {
    use super::*;
    use DateOrder::{DayFirst, MonthFirst, YearFirst};

    fn read(text: &str, order: DateOrder) -> String {
        match read_date(text, order) {
            Ok(CellDate::Day(day)) => date_text(day),
            Ok(CellDate::Placeholder) => "placeholder".to_owned(),
            Err(fault) => format!("{fault:?}"),
        }
    }

    #[test]
    fn all_forms_of_one_day() {
        for text in [
            "2022-03-07",
            "2022-3-7",
            "2022/03/07",
            "2022/3/7",
            "20220307",
            "2022年3月7日",
            "2022年03月07日",
            "2022.3.7",
            "2022.03.07",
            "２０２２－０３－０７",
            " 2022-03-07\u{200B}",
            "2022年 3月 7日",
            "2022年3月7号",
            "44627",
            "44627.5",
            "44627.0",
            "2022-03-07 00:00:00",
            "2022/3/7 9:05",
            "2022-03-07T23:59:59.123Z",
            "2022-03-07T23:59:59+08:00",
            "20220307 09:30:00",
            "20220307093000",
            "2022年3月7日9时30分",
            "2022年3月7日 9时",
            "2022-03-07 11:46:00 PM",
            "2022-03-07 下午3:20",
            "2022-03-07 24:00:00",
        ] {
            assert_eq!(read(text, YearFirst), "2022-03-07", "{text}");
        }
        for text in ["7/3/2022", "07/03/2022 10:00:00", "7.3.2022", "07-03-2022"] {
            assert_eq!(read(text, DayFirst), "2022-03-07", "{text}");
            assert_eq!(read(text, MonthFirst), "2022-07-03", "{text}");
            assert_eq!(read(text, YearFirst), "Order", "{text}");
        }
        assert_eq!(read("26/10/2023 10:00:00", DayFirst), "2023-10-26");
        assert_eq!(read("26/10/2023", MonthFirst), "Calendar");
    }

    #[test]
    fn what_is_no_day_is_refused_by_its_reason() {
        for (text, fault) in [
            ("2023-02-30", "Calendar"),
            ("2023-02-29", "Calendar"),
            ("1900-02-29", "Calendar"),
            ("2022-13-01", "Calendar"),
            ("2022-00-10", "Calendar"),
            ("20221301", "Calendar"),
            ("0022-03-07", "Year"),
            ("2202-03-07", "Year"),
            ("22-3-7", "ShortYear"),
            ("2022-3", "Form"),
            ("2022年3月", "Form"),
            ("2022", "Form"),
            ("2022-03/07", "Form"),
            ("", "Form"),
            ("昨天", "Form"),
            ("2022-03-07x", "Form"),
            ("2022-03-07 25:00", "Time"),
            ("2022-03-07 10:61:00", "Time"),
            ("2022-03-07 1", "Form"),
            ("447440", "Form"),
            ("00744", "Form"),
            ("9999", "Form"),
            ("44744.", "Form"),
            ("2022-003-07", "Form"),
            ("-2022-03-07", "Form"),
        ] {
            assert_eq!(read(text, YearFirst), fault, "{text}");
        }
        assert_eq!(read("2024-02-29", YearFirst), "2024-02-29");
        assert_eq!(read("2000-02-29", YearFirst), "2000-02-29");
    }

    #[test]
    fn placeholders_are_missing() {
        for text in ["0001-01-01", "9999-12-31", "1900-01-01", "1899-12-30", "9999/12/31 00:00:00", "00010101", "0001年1月1日"] {
            assert_eq!(read(text, YearFirst), "placeholder", "{text}");
        }
    }

    #[test]
    fn placeholders_are_told_by_their_day_too() {
        for (year, month, day) in [(1, 1, 1), (1899, 12, 30), (1899, 12, 31), (1900, 1, 1), (9999, 12, 31)] {
            assert!(is_placeholder(days(year, month, day)), "{year}-{month}-{day}");
        }
        assert!(![days(1, 1, 2), days(1899, 12, 29), days(1900, 1, 2), 0].into_iter().any(is_placeholder));
    }

    /// Days since 1970-01-01 by the Unix calendar, and every day of three centuries there and back in order.
    #[test]
    fn days_and_back() {
        assert_eq!((days(1970, 1, 1), days(2000, 3, 1), days(2038, 1, 19), days(1900, 1, 1)), (0, 11_017, 24_855, -25_567));
        let mut expected = days(1900, 1, 1);
        for year in 1900..2200 {
            for month in 1..=12 {
                for day in 1..=month_length(year, month) {
                    assert_eq!(days(year, month, day), expected);
                    assert_eq!(civil(expected), (i32::try_from(year).unwrap(), month, day));
                    expected += 1;
                }
            }
        }
        assert_eq!(expected, days(2200, 1, 1));
    }
}
