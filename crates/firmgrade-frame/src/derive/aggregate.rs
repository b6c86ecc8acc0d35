//! One indicator over grouped records: which of a firm's records it uses, and what it makes of them.
//!
//! Every result depends on the set of a firm's records alone, not on their order in the table: sums are taken by day, and within a day
//! by value; of several records on the last day the greatest value is the last.

use super::fate::UNDATED;
use super::group::{Entry, Groups, after};
use firmgrade::calendar::Day;
use rayon::prelude::*;
use serde::{Deserialize, Serialize};

/// A code that stands for no value.
pub(crate) const NO_CODE: u32 = u32::MAX;

/// The truth of a condition that holds, as the engine gives it.
const HOLDS: u8 = firmgrade::condition::TRUE;

/// What an indicator makes of a firm's records. Slices have one entry for each record of the table.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Measure<'a> {
    /// How many records.
    Count,
    /// Whether there is a record.
    Any,
    /// The sum of a number; NaN is missing.
    Sum(&'a [f64]),
    /// Its mean.
    Mean(&'a [f64]),
    /// Its greatest value.
    Max(&'a [f64]),
    /// Its least value.
    Min(&'a [f64]),
    /// The number that the last record states.
    Last(&'a [f64]),
    /// The code that the last record states; greater codes are greater values.
    LastCode(&'a [u32]),
    /// How many different codes.
    Distinct(&'a [u32]),
    /// Days from the last record to the as-of day.
    DaysSinceLast,
    /// Days from the first record to the as-of day.
    DaysSinceFirst,
    /// The share of records for which a condition holds.
    Share(&'a [u8]),
    /// In how many calendar months there is a dated record.
    Months,
    /// How much a window differs from the one before it, relative to that one: of the sum of a number, or of the count.
    Trend {
        /// The day after which the later window begins.
        middle: i32,
        /// The number; the count without it.
        of: Option<&'a [f64]>,
    },
    /// The largest share that the records with one code have: of the sum of a number, or of the count.
    TopShare {
        /// The codes; records without one are a group of their own that cannot be the largest.
        by: &'a [u32],
        /// The number; the count without it.
        of: Option<&'a [f64]>,
    },
}

/// Which records an indicator uses.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Selection<'a> {
    /// The as-of day.
    pub as_of: i32,
    /// The day after which the window begins; without it all records up to the as-of day. Undated records are in every window.
    pub start: Option<i32>,
    /// The truth of the indicator's condition for each record.
    pub condition: Option<&'a [u8]>,
}

/// What became of the records that may count, for one indicator.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Use {
    /// Those that the indicator used.
    pub used: u64,
    /// Dated before its window.
    pub out_of_window: u64,
    /// In the window, but its condition does not hold.
    pub filtered_out: u64,
    /// Of those used: without a value in the column that is aggregated, so that only counts see them.
    pub without_value: u64,
    /// Firms with at least one used record.
    pub firms: u64,
}

impl Use {
    fn plus(self, other: Self) -> Self {
        Self {
            used: self.used + other.used,
            out_of_window: self.out_of_window + other.out_of_window,
            filtered_out: self.filtered_out + other.filtered_out,
            without_value: self.without_value + other.without_value,
            firms: self.firms + other.firms,
        }
    }
}

/// One value for each firm.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Values {
    /// Numbers; NaN is missing.
    Numbers(Vec<f64>),
    /// Codes; [`NO_CODE`] is missing.
    Codes(Vec<u32>),
}

/// What a firm without a used record gets.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) enum Empty {
    /// A number; NaN for a missing one.
    Number(f64),
    /// A code.
    Code(u32),
}

/// Buffers that one thread uses again and again.
#[derive(Debug, Default)]
struct Scratch {
    numbers: Vec<f64>,
    codes: Vec<u32>,
    pairs: Vec<(u32, f64)>,
}

/// The indicator of every firm.
pub(crate) fn aggregate(groups: &Groups, selection: Selection<'_>, measure: Measure<'_>, empty: Empty) -> (Values, Use) {
    match empty {
        Empty::Number(empty) => {
            let (values, seen) = by_firm(groups, selection, empty, |used, scratch| number(used, measure, selection.as_of, scratch));
            (Values::Numbers(values), seen)
        }
        Empty::Code(empty) => {
            let (values, seen) = by_firm(groups, selection, empty, |used, _| match measure {
                Measure::LastCode(of) => last(used, of, |code| (*code != NO_CODE).then_some(*code), u32::cmp, NO_CODE),
                _ => (1, 0),
            });
            (Values::Codes(values), seen)
        }
    }
}

/// What `f` makes of the used records of each firm, with how many of them lack a value; `empty` where a firm has none.
fn by_firm<T: Copy + Send + Sync>(
    groups: &Groups,
    selection: Selection<'_>,
    empty: T,
    f: impl Fn(&[Entry], &mut Scratch) -> (T, usize) + Sync,
) -> (Vec<T>, Use) {
    let mut values = vec![empty; groups.firms()];
    let stride = groups.stride();
    let seen = values
        .par_chunks_mut(stride)
        .enumerate()
        .map_init(Default::default, |(kept, scratch): &mut (Vec<Entry>, Scratch), (chunk, values)| {
            let mut seen = Use::default();
            for (place, value) in values.iter_mut().enumerate() {
                let all = groups.of(chunk * stride + place);
                let used = select(all, selection, kept, &mut seen);
                if !used.is_empty() {
                    let (result, without) = f(used, scratch);
                    *value = result;
                    seen.used += used.len() as u64;
                    seen.without_value += without as u64;
                    seen.firms += 1;
                }
            }
            seen
        })
        .reduce(Use::default, Use::plus);
    (values, seen)
}

/// The records that an indicator uses, by day; `kept` holds them where they do not stand together.
fn select<'e>(all: &'e [Entry], selection: Selection<'_>, kept: &'e mut Vec<Entry>, seen: &mut Use) -> &'e [Entry] {
    let dated = after(all, selection.start);
    let undated = match selection.start {
        Some(_) => all.iter().take(dated.start).take_while(|entry| entry.day() == UNDATED).count(),
        None => 0,
    };
    seen.out_of_window += (dated.start - undated) as u64;
    let dated = all.get(dated).unwrap_or_default();
    if undated == 0 && selection.condition.is_none() {
        return dated;
    }
    kept.clear();
    let candidates = all.iter().take(undated).chain(dated);
    match selection.condition {
        Some(truth) => kept.extend(candidates.filter(|entry| truth.get(entry.row()) == Some(&HOLDS))),
        None => kept.extend(candidates),
    }
    seen.filtered_out += (undated + dated.len() - kept.len()) as u64;
    kept
}

/// A number made of at least one record, and how many records lack a value.
fn number(used: &[Entry], measure: Measure<'_>, as_of: i32, scratch: &mut Scratch) -> (f64, usize) {
    match measure {
        Measure::Count => (used.len() as f64, 0),
        Measure::Sum(of) => {
            let (sum, values) = sum(used, of, &mut scratch.numbers);
            // Unknown amounts do not add up to nothing.
            (if values == 0 { f64::NAN } else { sum }, used.len() - values)
        }
        Measure::Mean(of) => {
            let (sum, values) = sum(used, of, &mut scratch.numbers);
            (if values == 0 { f64::NAN } else { sum / values as f64 }, used.len() - values)
        }
        Measure::Max(of) => extreme(used, of, |best, x| x > best),
        Measure::Min(of) => extreme(used, of, |best, x| x < best),
        Measure::Last(of) => last(used, of, |x| (!x.is_nan()).then_some(*x), f64::total_cmp, f64::NAN),
        Measure::Distinct(of) => {
            let codes = &mut scratch.codes;
            codes.clear();
            codes.extend(used.iter().filter_map(|entry| of.get(entry.row())).filter(|code| **code != NO_CODE));
            let without = used.len() - codes.len();
            codes.sort_unstable();
            codes.dedup();
            (codes.len() as f64, without)
        }
        Measure::DaysSinceLast => (days_since(as_of, used.last()), 0),
        Measure::DaysSinceFirst => (days_since(as_of, used.iter().find(|entry| entry.day() != UNDATED)), 0),
        Measure::Share(truth) => {
            let held = used.iter().filter(|entry| truth.get(entry.row()) == Some(&HOLDS)).count();
            (held as f64 / used.len() as f64, 0)
        }
        Measure::Months => {
            // Days are in order, so months are too.
            let months = used.chunk_by(|a, b| a.day() == b.day()).filter_map(|day| day.first()).filter_map(|entry| month(entry.day()));
            let (mut count, mut last) = (0_u32, None);
            for month in months {
                count += u32::from(last != Some(month));
                last = Some(month);
            }
            (f64::from(count), 0)
        }
        Measure::Trend { middle, of } => trend(used, middle, of, &mut scratch.numbers),
        Measure::TopShare { by, of } => top_share(used, by, of, scratch),
        Measure::Any | Measure::LastCode(_) => (f64::NAN, 0),
    }
}

/// The month of a day, counted from the year 0; `None` outside of the calendar.
fn month(day: i32) -> Option<i32> {
    let (year, month, _) = Day::new(day)?.ymd();
    Some(year * 12 + month.cast_signed())
}

/// `(now − before) / before`; missing where nothing was before. Undated records are in both windows.
fn trend(used: &[Entry], middle: i32, of: Option<&[f64]>, run: &mut Vec<f64>) -> (f64, usize) {
    let undated = used.get(..used.partition_point(|entry| entry.day() == UNDATED)).unwrap_or_default();
    let (before, now) = used.split_at_checked(after(used, Some(middle)).start).unwrap_or_default();
    let (before, now, without) = match of {
        None => (before.len() as f64, (undated.len() + now.len()) as f64, 0),
        Some(of) => {
            let ((before, first), (now, second)) = (sum(before, of, run), sum(now, of, run));
            (before, sum(undated, of, run).0 + now, used.len() - first - second)
        }
    };
    (if before == 0.0 { f64::NAN } else { (now - before) / before }, without)
}

/// The largest group's share of the total; missing where the total is not above 0.
fn top_share(used: &[Entry], by: &[u32], of: Option<&[f64]>, scratch: &mut Scratch) -> (f64, usize) {
    let Scratch { pairs, numbers: sums, .. } = scratch;
    pairs.clear();
    sums.clear();
    pairs.extend(used.iter().filter_map(|entry| {
        let value = of.map_or(Some(1.0), |of| of.get(entry.row()).copied())?;
        (!value.is_nan()).then(|| (by.get(entry.row()).copied().unwrap_or(NO_CODE), value))
    }));
    // By group, and within a group by value: the same sums in whatever order the records came.
    pairs.sort_unstable_by(|a, b| a.0.cmp(&b.0).then(a.1.total_cmp(&b.1)));
    let mut top = f64::NEG_INFINITY;
    for group in pairs.chunk_by(|a, b| a.0 == b.0) {
        let sum: f64 = group.iter().map(|(_, value)| value).sum();
        sums.push(sum);
        if group.first().is_some_and(|(code, _)| *code != NO_CODE) && sum > top {
            top = sum;
        }
    }
    // Codes are given in the order of the records, so the groups are added by their sums.
    sums.sort_unstable_by(f64::total_cmp);
    let total: f64 = sums.iter().sum();
    let share = if total > 0.0 && top.is_finite() { top / total } else { f64::NAN };
    (share, used.len() - pairs.len())
}

fn days_since(as_of: i32, entry: Option<&Entry>) -> f64 {
    match entry.map(|entry| entry.day()) {
        None | Some(UNDATED) => f64::NAN,
        Some(day) => f64::from(as_of) - f64::from(day),
    }
}

/// The sum of the values that are there, by day and within a day by value, and how many there are.
fn sum(used: &[Entry], of: &[f64], run: &mut Vec<f64>) -> (f64, usize) {
    let (mut sum, mut values) = (0.0, 0);
    for day in used.chunk_by(|a, b| a.day() == b.day()) {
        let present = day.iter().filter_map(|entry| of.get(entry.row())).filter(|x| !x.is_nan());
        run.clear();
        run.extend(present);
        run.sort_unstable_by(f64::total_cmp);
        for x in &*run {
            sum += x;
        }
        values += run.len();
    }
    (sum, values)
}

/// The value that beats all others, and how many records have none.
fn extreme(used: &[Entry], of: &[f64], beats: impl Fn(f64, f64) -> bool) -> (f64, usize) {
    let (mut best, mut without) = (f64::NAN, 0);
    for entry in used {
        let x = of.get(entry.row()).copied().unwrap_or(f64::NAN);
        without += usize::from(x.is_nan());
        if best.is_nan() || beats(best, x) {
            best = if x.is_nan() { best } else { x };
        }
    }
    // −0 and 0 are equal, and which comes first is chance.
    (best + 0.0, without)
}

/// The greatest value of the last day that has one, and how many records have none.
fn last<T, V>(
    used: &[Entry],
    of: &[T],
    value: impl Fn(&T) -> Option<V>,
    order: impl Fn(&V, &V) -> std::cmp::Ordering,
    none: V,
) -> (V, usize) {
    let (mut found, mut without): (Option<(i32, V)>, usize) = (None, 0);
    for entry in used.iter().rev() {
        match of.get(entry.row()).and_then(&value) {
            None => without += 1,
            Some(x) => {
                let wins = found.as_ref().is_none_or(|(day, best)| *day == entry.day() && order(&x, best).is_gt());
                if wins {
                    found = Some((entry.day(), x));
                }
            }
        }
    }
    (found.map_or(none, |(_, value)| value), without)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::derive::fate::Fate;

    const NAN: f64 = f64::NAN;

    /// One firm's records by day, as of day 100.
    fn one(days: &[i32], start: Option<i32>, condition: Option<&[u8]>, measure: Measure<'_>, empty: Empty) -> (Values, Use) {
        let groups = Groups::new(1, &vec![0; days.len()], days, &vec![Fate::COUNTS; days.len()]);
        aggregate(&groups, Selection { as_of: 100, start, condition }, measure, empty)
    }

    fn number_of(days: &[i32], start: Option<i32>, condition: Option<&[u8]>, measure: Measure<'_>) -> f64 {
        match one(days, start, condition, measure, Empty::Number(-1.0)).0 {
            Values::Numbers(values) => values[0],
            Values::Codes(_) => panic!("expected numbers"),
        }
    }

    #[test]
    fn by_hand() {
        // Five records; the window begins after day 40.
        let days = [90, 40, 41, 90, 100];
        let amounts = [10.0, 1000.0, 2.5, 30.0, NAN];
        let of = |measure| number_of(&days, Some(40), None, measure);
        assert_eq!(of(Measure::Count), 4.0);
        assert_eq!(of(Measure::Sum(&amounts)), 42.5);
        assert_eq!(of(Measure::Mean(&amounts)), 42.5 / 3.0);
        assert_eq!(of(Measure::Max(&amounts)), 30.0);
        assert_eq!(of(Measure::Min(&amounts)), 2.5);
        // The last record has no amount; of the two on day 90 the greater amount is the last.
        assert_eq!(of(Measure::Last(&amounts)), 30.0);
        assert_eq!(of(Measure::DaysSinceLast), 0.0);
        assert_eq!(of(Measure::DaysSinceFirst), 59.0);
        assert_eq!(of(Measure::Distinct(&[7, 8, 7, 9, NO_CODE])), 2.0);
        assert_eq!(of(Measure::Share(&[2, 2, 0, 1, 2])), 0.5);
        assert_eq!(number_of(&days, None, None, Measure::Sum(&amounts)), 1042.5);
        let (values, _) = one(&days, Some(40), None, Measure::LastCode(&[4, 9, 3, 2, NO_CODE]), Empty::Code(NO_CODE));
        assert_eq!(values, Values::Codes(vec![4]));
    }

    #[test]
    fn months_trend_and_concentration_by_hand() {
        // 1970-01-30, -31, 02-01, 02-28, 03-01, and no date.
        let days = [29, 30, 31, 58, 59, UNDATED];
        let amounts = [1.0, 2.0, 4.0, 8.0, 16.0, 32.0];
        assert_eq!(number_of(&days, None, None, Measure::Months), 3.0);
        // After day 31: 8 + 16; until then 1 + 2 + 4, none undated.
        let trend = |of| number_of(&days[..5], Some(0), None, Measure::Trend { middle: 31, of });
        assert_eq!((trend(Some(&amounts[..5])), trend(None)), ((24.0 - 7.0) / 7.0, -1.0 / 3.0));
        // The undated 32 is in both.
        let both = Measure::Trend { middle: 31, of: Some(&amounts) };
        assert_eq!(number_of(&days, Some(0), None, both), (56.0 - 39.0) / 39.0);
        assert!(number_of(&days[3..5], Some(0), None, Measure::Trend { middle: 31, of: None }).is_nan());
        let by = [1, 2, 1, 2, 1, NO_CODE];
        assert_eq!(number_of(&days, None, None, Measure::TopShare { by: &by, of: Some(&amounts) }), 21.0 / 63.0);
        assert_eq!(number_of(&days, None, None, Measure::TopShare { by: &by, of: None }), 0.5);
        let nothing = [1.0, -1.0, 0.0, 0.0, 0.0, 0.0];
        assert!(number_of(&days, None, None, Measure::TopShare { by: &by, of: Some(&nothing) }).is_nan());
    }

    #[test]
    fn every_record_is_accounted_for() {
        let days = [90, 40, 41, UNDATED, 100];
        let (values, seen) = one(&days, Some(40), Some(&[2, 2, 1, 2, 0]), Measure::Sum(&[1.0, 2.0, 4.0, NAN, 16.0]), Empty::Number(0.0));
        assert_eq!(values, Values::Numbers(vec![1.0]));
        assert_eq!(seen, Use { used: 2, out_of_window: 1, filtered_out: 2, without_value: 1, firms: 1 });
    }

    #[test]
    fn firms_without_records_get_the_empty_value_and_records_without_values_are_missing() {
        assert_eq!(number_of(&[30], Some(40), None, Measure::Count), -1.0);
        for measure in [Measure::Sum(&[NAN]), Measure::Mean(&[NAN]), Measure::Max(&[NAN]), Measure::Min(&[NAN]), Measure::Last(&[NAN])] {
            assert!(number_of(&[50], Some(40), None, measure).is_nan(), "{measure:?}");
        }
        assert!(number_of(&[UNDATED], None, None, Measure::DaysSinceLast).is_nan());
        assert_eq!(one(&[50], None, None, Measure::Any, Empty::Code(0)).0, Values::Codes(vec![1]));
        assert_eq!(one(&[], None, None, Measure::Any, Empty::Code(0)).0, Values::Codes(vec![0]));
    }

    #[test]
    fn sums_do_not_depend_on_the_order_of_rows() {
        // (1e16 + 1) − 1e16 is 0 one way and 2 the other; on one day the values decide the order, whatever row they stand in.
        let values = [1e16, 1.0, -1e16, 0.1, 0.2, 0.3, 1.0];
        let days = [5, 5, 5, 6, 6, 6, 7];
        let whole = number_of(&days, None, None, Measure::Sum(&values)).to_bits();
        for turn in 0..values.len() {
            let (mut values, mut days) = (values, days);
            values.rotate_left(turn);
            days.rotate_left(turn);
            assert_eq!(number_of(&days, None, None, Measure::Sum(&values)).to_bits(), whole);
            values.reverse();
            days.reverse();
            assert_eq!(number_of(&days, None, None, Measure::Sum(&values)).to_bits(), whole);
        }
    }
}
