//! Points in time, as beacons and commitments write them.

use super::super::fault::SampleFault;
use crate::calendar::Day;
use crate::error::Error;
use std::fmt;
use std::str::FromStr;

/// A point in time, to the millisecond.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Moment(i64);

const DAY: i64 = 86_400_000;

impl Moment {
    /// So many milliseconds after 1970-01-01T00:00:00Z; `None` outside of the years 1 to 9999.
    #[must_use]
    pub fn from_millis(millis: i64) -> Option<Self> {
        i32::try_from(millis.div_euclid(DAY)).ok().and_then(Day::new).map(|_| Self(millis))
    }

    /// Milliseconds since 1970-01-01T00:00:00Z.
    #[must_use]
    pub fn millis(self) -> i64 {
        self.0
    }
}

impl fmt::Display for Moment {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let day = i32::try_from(self.0.div_euclid(DAY)).ok().and_then(Day::new).unwrap_or(Day::FIRST);
        let of_day = self.0.rem_euclid(DAY);
        let (seconds, millis) = (of_day / 1000, of_day % 1000);
        write!(f, "{day}T{:02}:{:02}:{:02}", seconds / 3600, seconds / 60 % 60, seconds % 60)?;
        if millis > 0 { write!(f, ".{millis:03}Z") } else { f.write_str("Z") }
    }
}

impl FromStr for Moment {
    type Err = Error;

    /// A time of RFC 3339: `2026-11-23T09:00:00.000Z`, `2026-11-23 17:00:00+08:00`.
    fn from_str(text: &str) -> Result<Self, Error> {
        moment(text).ok_or_else(|| {
            let why = format!("found `{text}`, expected a date, a time and its zone, such as `2026-11-23T17:00:00+08:00`");
            Error::Sample(vec![SampleFault::Unreadable { what: "the time".to_owned(), why }])
        })
    }
}

fn moment(text: &str) -> Option<Moment> {
    // Two digits at a place.
    let two = |at: usize| -> Option<i64> {
        let digits = text.get(at..at + 2).filter(|digits| digits.bytes().all(|byte| byte.is_ascii_digit()))?;
        digits.parse().ok()
    };
    let day = Day::parse(text.get(..10)?)?;
    let colons = matches!(text.get(10..11)?, "T" | "t" | " ") && text.get(13..14)? == ":" && text.get(16..17)? == ":";
    let (hour, minute, second) = (two(11)?, two(14)?, two(17)?);
    if !(colons && hour < 24 && minute < 60 && second < 60) {
        return None;
    }
    let rest = text.get(19..)?;
    let (fraction, zone) = rest.split_at(rest.find(['Z', 'z', '+', '-'])?);
    let millis: i64 = match fraction.strip_prefix('.') {
        // A fraction below a millisecond is rounded up, so that nothing seems earlier than it was.
        Some(digits) if !digits.is_empty() && digits.bytes().all(|byte| byte.is_ascii_digit()) => {
            let first: i64 = format!("{digits:0<3}").get(..3)?.parse().ok()?;
            first + i64::from(digits.get(3..).is_some_and(|more| more.bytes().any(|byte| byte != b'0')))
        }
        None if fraction.is_empty() => 0,
        _ => return None,
    };
    let offset = match zone {
        "Z" | "z" => 0,
        _ => {
            let at = text.len() - zone.len();
            let (hours, minutes) = (two(at + 1)?, two(at + 4)?);
            if !(zone.len() == 6 && zone.get(3..4)? == ":" && hours < 24 && minutes < 60) {
                return None;
            }
            (hours * 60 + minutes) * if zone.starts_with('-') { -60_000 } else { 60_000 }
        }
    };
    Moment::from_millis(i64::from(day.days()) * DAY + ((hour * 60 + minute) * 60 + second) * 1000 + millis - offset)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The genesis of quicknet in seconds and as a date: `date -u -d @1692803367`.
    #[test]
    fn times_have_a_zone() {
        let at = |text: &str| text.parse::<Moment>().unwrap();
        assert_eq!(at("2023-08-23T15:09:27Z").millis(), 1_692_803_367_000);
        assert_eq!(at("2023-08-23 23:09:27.000+08:00"), at("2023-08-23T15:09:27Z"));
        assert_eq!(at("2023-08-23T10:39:27-04:30"), at("2023-08-23T15:09:27Z"));
        assert_eq!(at("2023-08-23T15:09:27.0001Z").to_string(), "2023-08-23T15:09:27.001Z");
        assert_eq!(at("1969-12-31T23:59:59.5Z").to_string(), "1969-12-31T23:59:59.500Z");
        for wrong in
            ["2023-08-23T15:09:27", "2023-08-23", "2023-02-29T00:00:00Z", "2023-08-23T24:00:00Z", "2023-08-23T15:09:27+8:00", "今日", ""]
        {
            assert!(wrong.parse::<Moment>().is_err(), "{wrong}");
        }
    }
}
