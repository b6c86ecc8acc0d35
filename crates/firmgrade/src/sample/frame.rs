//! The frame: the firms among which is drawn, in columns, in the order of their ids.

use super::fault::SampleFault;
use super::hash::{Hash, Suite, lp};
use super::rate::Rate;
use crate::error::Error;
use crate::fault::Cells;
use rayon::prelude::*;
use std::borrow::Cow;
use std::collections::HashMap;
use std::hash::{BuildHasherDefault, DefaultHasher};
use unicode_normalization::{UnicodeNormalization, is_nfc};

/// A salt of one row: 16 bytes that nobody can guess, or the list could be tried out firm by firm.
pub type Salt = [u8; 16];

/// One firm as it is given and as it is committed to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Row<'a> {
    /// The firm.
    pub id: &'a str,
    /// Its grade.
    pub grade: &'a str,
    /// The stratum in which it is drawn.
    pub stratum: &'a str,
    /// The rate at which it is to be drawn.
    pub rate: Rate,
    /// Why it cannot be drawn; empty where it can.
    pub exclusion: &'a str,
}

impl Row<'_> {
    /// The bytes that are committed to, texts in NFC.
    ///
    /// ```text
    /// lp(id) lp(grade) lp(stratum) lp(num) lp(den) lp(exclusion)     lp(x) = length as u32 big-endian, then x; numbers in decimal
    /// ```
    #[must_use]
    pub fn bytes(&self) -> Vec<u8> {
        let mut bytes = Vec::with_capacity(96);
        self.bytes_into(&mut bytes);
        bytes
    }

    fn bytes_into(&self, bytes: &mut Vec<u8>) {
        for text in [self.id, self.grade, self.stratum] {
            lp(bytes, nfc(text).as_bytes());
        }
        for number in [self.rate.num, self.rate.den] {
            // A number of 64 bits has at most 20 digits.
            let (mut digits, mut start, mut rest) = ([b'0'; 20], 20, number);
            for digit in digits.iter_mut().rev() {
                *digit += (rest % 10) as u8;
                rest /= 10;
                start -= 1;
                if rest == 0 {
                    break;
                }
            }
            lp(bytes, digits.get(start..).unwrap_or_default());
        }
        lp(bytes, nfc(self.exclusion).as_bytes());
    }
}

/// Text in Unicode's normal form C.
pub(super) fn nfc(text: &str) -> Cow<'_, str> {
    if text.is_ascii() || is_nfc(text) { Cow::Borrowed(text) } else { Cow::Owned(text.nfc().collect()) }
}

/// The firms among which is drawn, checked, in the order of the bytes of their ids. About 50 bytes a firm.
#[derive(Clone, Debug)]
pub struct Frame {
    ids: Vec<u8>,
    ends: Vec<u64>,
    grades: Coded,
    strata: Coded,
    exclusions: Coded,
    rates: Vec<Rate>,
    rate_codes: Vec<u32>,
    /// For each row of the frame the row in which it was given.
    given: Vec<u32>,
}

/// A column of few different texts, which stand in the order of their bytes.
#[derive(Clone, Debug, Default)]
struct Coded {
    codes: Vec<u32>,
    texts: Vec<String>,
}

impl Coded {
    fn get(&self, row: usize) -> &str {
        self.codes.get(row).and_then(|code| self.texts.get(*code as usize)).map_or("", String::as_str)
    }

    /// The same column with its rows in this order and its texts in theirs.
    fn sorted(mut self, order: &[u32]) -> Self {
        let mut by_text: Vec<usize> = (0..self.texts.len()).collect();
        by_text.sort_by(|a, b| self.texts.get(*a).cmp(&self.texts.get(*b)));
        let mut place = vec![0_u32; by_text.len()];
        for (new, old) in by_text.iter().enumerate() {
            if let Some(place) = place.get_mut(*old) {
                *place = new as u32;
            }
        }
        let code = |row: &u32| self.codes.get(*row as usize).and_then(|code| place.get(*code as usize)).copied().unwrap_or_default();
        let codes = order.par_iter().map(code).collect();
        Self { codes, texts: by_text.into_iter().filter_map(|old| self.texts.get_mut(old).map(std::mem::take)).collect() }
    }
}

/// Gives each different value a number.
struct Coder<T> {
    seen: HashMap<T, u32, BuildHasherDefault<DefaultHasher>>,
    last: u32,
    codes: Vec<u32>,
    values: Vec<T>,
}

impl<T: Clone + Eq + std::hash::Hash> Coder<T> {
    fn new() -> Self {
        Self { seen: HashMap::default(), last: 0, codes: Vec::new(), values: Vec::new() }
    }

    fn push<Q>(&mut self, value: &Q)
    where
        T: std::borrow::Borrow<Q>,
        Q: Eq + std::hash::Hash + ToOwned<Owned = T> + ?Sized,
    {
        if self.values.get(self.last as usize).is_none_or(|last| last.borrow() != value) {
            // A few values are compared faster than hashed.
            let among_first = self.values.iter().take(8).position(|known| known.borrow() == value).map(|at| at as u32);
            self.last = among_first.or_else(|| self.seen.get(value).copied()).unwrap_or_else(|| {
                let code = self.values.len() as u32;
                self.seen.insert(value.to_owned(), code);
                self.values.push(value.to_owned());
                code
            });
        }
        self.codes.push(self.last);
    }
}

impl Coder<String> {
    fn finish(self) -> Coded {
        Coded { codes: self.codes, texts: self.values }
    }
}

impl Frame {
    /// A frame from rows in any order.
    ///
    /// # Errors
    /// [`Error::Sample`] with every row without an id, every rate that is not from 0 to 1, every id that stands twice, and a frame of
    /// 2³² rows or more.
    pub fn new<'a>(rows: impl IntoIterator<Item = Row<'a>>) -> Result<Self, Error> {
        let (mut ids, mut ends) = (Vec::new(), Vec::new());
        let (mut grades, mut strata, mut exclusions, mut rates) = (Coder::new(), Coder::new(), Coder::new(), Coder::new());
        let (mut blank, mut wrong, mut long) = (Cells::new("missing id"), Cells::new("impossible rate"), Cells::new("overlong text"));
        for (at, row) in rows.into_iter().enumerate() {
            if row.id.trim().is_empty() {
                blank.add(at, || None);
            }
            if Rate::new(row.rate.num, row.rate.den).is_none() {
                wrong.add(at, || Some(row.rate.to_string()));
            }
            if [row.id, row.grade, row.stratum, row.exclusion].iter().any(|text| text.len() > u32::MAX as usize / 4) {
                long.add(at, || None);
            }
            ids.extend_from_slice(nfc(row.id).as_bytes());
            ends.push(ids.len() as u64);
            grades.push(&*nfc(row.grade));
            strata.push(&*nfc(row.stratum));
            exclusions.push(&*nfc(row.exclusion));
            rates.push(&row.rate);
        }
        let mut faults = Vec::new();
        for (cells, remedy) in
            [(blank, "every firm needs an id"), (wrong, "a rate is two whole numbers, num/den, from 0 to 1"), (long, "shorten them")]
        {
            if !cells.is_empty() {
                faults.push(SampleFault::Frame { cells, remedy });
            }
        }
        if ends.len() > u32::MAX as usize {
            faults.push(SampleFault::Count { what: "rows", found: ends.len(), expected: format!("at most {}", u32::MAX) });
            return Err(Error::Sample(faults));
        }
        let order = Order::new(&ids, &ends);
        let (sorted, sorted_ends) = order.arranged(&ids, &ends);
        let given = order.rows();
        if has_twice(&sorted, &sorted_ends) {
            faults.push(SampleFault::DuplicateIds { ids: duplicates(&ids, &ends, &given) });
        }
        if !faults.is_empty() {
            return Err(Error::Sample(faults));
        }
        let rate_codes = given.par_iter().map(|row| rates.codes.get(*row as usize).copied().unwrap_or_default()).collect();
        Ok(Self {
            ids: sorted,
            ends: sorted_ends,
            grades: grades.finish().sorted(&given),
            strata: strata.finish().sorted(&given),
            exclusions: exclusions.finish().sorted(&given),
            rates: rates.values,
            rate_codes,
            given,
        })
    }

    /// How many firms.
    #[must_use]
    pub fn len(&self) -> usize {
        self.ends.len()
    }

    /// Whether there are none.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.ends.is_empty()
    }

    /// A row, from 0, in the order of ids; an empty one beyond the end.
    #[must_use]
    pub fn row(&self, row: usize) -> Row<'_> {
        Row {
            id: self.id(row),
            grade: self.grades.get(row),
            stratum: self.strata.get(row),
            rate: self.rate(row),
            exclusion: self.exclusions.get(row),
        }
    }

    /// The id in a row.
    #[must_use]
    pub fn id(&self, row: usize) -> &str {
        std::str::from_utf8(self.id_bytes(row)).unwrap_or_default()
    }

    pub(super) fn id_bytes(&self, row: usize) -> &[u8] {
        id_at(&self.ids, &self.ends, row)
    }

    pub(super) fn rate(&self, row: usize) -> Rate {
        self.rate_codes.get(row).and_then(|code| self.rates.get(*code as usize)).copied().unwrap_or(Rate::ZERO)
    }

    pub(super) fn eligible(&self, row: usize) -> bool {
        self.exclusions.get(row).is_empty()
    }

    /// The row of a firm.
    #[must_use]
    pub fn find(&self, id: &str) -> Option<usize> {
        let id = nfc(id);
        let (mut low, mut high) = (0, self.len());
        while low < high {
            let middle = low + (high - low) / 2;
            match self.id_bytes(middle).cmp(id.as_bytes()) {
                std::cmp::Ordering::Less => low = middle + 1,
                std::cmp::Ordering::Equal => return Some(middle),
                std::cmp::Ordering::Greater => high = middle,
            }
        }
        None
    }

    /// For each row the row, from 0, in which it was given.
    #[must_use]
    pub fn given(&self) -> &[u32] {
        &self.given
    }

    /// Values that were made for the rows as they were given, such as salts, in the order of the frame.
    ///
    /// # Errors
    /// [`Error::Sample`] where there are not as many as rows.
    pub fn arrange<T: Copy>(&self, as_given: &[T]) -> Result<Vec<T>, Error> {
        if as_given.len() != self.len() {
            let expected = format!("{}, one for each row", self.len());
            return Err(Error::Sample(vec![SampleFault::Count { what: "values", found: as_given.len(), expected }]));
        }
        Ok(self.given.iter().filter_map(|row| as_given.get(*row as usize).copied()).collect())
    }

    /// The strata in the order of their bytes, each with its rows in the order of ids.
    pub(super) fn strata(&self) -> Vec<(&str, Vec<u32>)> {
        let mut counts = vec![0_usize; self.strata.texts.len()];
        for code in &self.strata.codes {
            if let Some(count) = counts.get_mut(*code as usize) {
                *count += 1;
            }
        }
        let mut strata: Vec<(&str, Vec<u32>)> =
            self.strata.texts.iter().zip(counts).map(|(text, count)| (text.as_str(), Vec::with_capacity(count))).collect();
        for (row, code) in self.strata.codes.iter().enumerate() {
            if let Some((_, rows)) = strata.get_mut(*code as usize) {
                rows.push(row as u32);
            }
        }
        strata
    }

    /// How many of these rows have each rate, in the order of first appearance among them.
    pub(super) fn rates_of(&self, rows: impl Iterator<Item = usize>) -> Vec<(Rate, u64)> {
        let mut counts = vec![0_u64; self.rates.len()];
        let mut first = Vec::new();
        for row in rows {
            let Some(code) = self.rate_codes.get(row) else { continue };
            if let Some(count) = counts.get_mut(*code as usize) {
                if *count == 0 {
                    first.push(*code as usize);
                }
                *count += 1;
            }
        }
        first.into_iter().filter_map(|code| Some((*self.rates.get(code)?, *counts.get(code)?))).collect()
    }

    /// How many of these rows are excluded by each code, codes in the order of their bytes.
    pub(super) fn excluded(&self, rows: &[u32]) -> Vec<(&str, u64)> {
        let mut counts = vec![0_u64; self.exclusions.texts.len()];
        for code in rows.iter().filter_map(|row| self.exclusions.codes.get(*row as usize)) {
            if let Some(count) = counts.get_mut(*code as usize) {
                *count += 1;
            }
        }
        let texts = self.exclusions.texts.iter().map(String::as_str);
        texts.zip(counts).filter(|(text, count)| !text.is_empty() && *count > 0).collect()
    }

    /// The leaves of all rows; salts in the order of the frame.
    pub(super) fn leaves(&self, suite: Suite, salts: &[Salt]) -> Vec<Hash> {
        // The leaf of `merkle::leaf`, without its list of parts.
        let hash = |bytes: &mut Vec<u8>, (row, salt): (usize, &Salt)| {
            bytes.clear();
            bytes.push(0);
            bytes.extend_from_slice(salt);
            self.row(row).bytes_into(bytes);
            suite.hash(&[bytes])
        };
        salts.par_iter().enumerate().take(self.len()).map_init(Vec::new, hash).collect()
    }
}

fn id_at<'a>(ids: &'a [u8], ends: &[u64], row: usize) -> &'a [u8] {
    let start = row.checked_sub(1).and_then(|before| ends.get(before)).copied().unwrap_or(0);
    ends.get(row).and_then(|end| ids.get(start as usize..*end as usize)).unwrap_or_default()
}

/// Rows that one thread arranges at a time.
const BLOCK: usize = 16_384;

/// A row by its id: the first 24 bytes decide nearly all comparisons, and are most ids, so the others are rarely looked up.
#[derive(Clone, Copy)]
struct Key {
    first: u128,
    next: u64,
    length: u32,
    row: u32,
}

impl Key {
    fn new(id: &[u8], row: u32) -> Self {
        let (mut first, mut next) = ([0; 16], [0; 8]);
        let (head, tail) = id.split_at_checked(16).unwrap_or((id, &[]));
        first.iter_mut().zip(head).for_each(|(to, from)| *to = *from);
        next.iter_mut().zip(tail).for_each(|(to, from)| *to = *from);
        Self { first: u128::from_be_bytes(first), next: u64::from_be_bytes(next), length: id.len() as u32, row }
    }

    fn bytes(&self) -> [u8; 24] {
        let mut bytes = [0; 24];
        let (head, tail) = bytes.split_at_mut(16);
        head.copy_from_slice(&self.first.to_be_bytes());
        tail.copy_from_slice(&self.next.to_be_bytes());
        bytes
    }
}

/// The rows by the bytes of their ids, then as given.
struct Order(Vec<Key>);

impl Order {
    fn new(ids: &[u8], ends: &[u64]) -> Self {
        let mut keys: Vec<Key> = (0..ends.len()).into_par_iter().map(|row| Key::new(id_at(ids, ends, row), row as u32)).collect();
        let id = |key: &Key| id_at(ids, ends, key.row as usize);
        keys.par_sort_unstable_by(|a, b| {
            (a.first, a.next).cmp(&(b.first, b.next)).then_with(|| id(a).cmp(id(b))).then_with(|| a.row.cmp(&b.row))
        });
        Self(keys)
    }

    fn rows(self) -> Vec<u32> {
        self.0.into_par_iter().map(|key| key.row).collect()
    }

    /// The ids in this order.
    fn arranged(&self, ids: &[u8], ends: &[u64]) -> (Vec<u8>, Vec<u64>) {
        let block = |keys: &[Key]| {
            let mut bytes = Vec::with_capacity(keys.len() * 20);
            for key in keys {
                match key.bytes().get(..key.length as usize) {
                    Some(id) => bytes.extend_from_slice(id),
                    None => bytes.extend_from_slice(id_at(ids, ends, key.row as usize)),
                }
            }
            bytes
        };
        let blocks: Vec<Vec<u8>> = self.0.par_chunks(BLOCK).map(block).collect();
        let sum = |end: &mut u64, key: &Key| {
            *end += u64::from(key.length);
            Some(*end)
        };
        (blocks.concat(), self.0.iter().scan(0, sum).collect())
    }
}

/// Whether an id stands in more than one row; ids in their order.
fn has_twice(ids: &[u8], ends: &[u64]) -> bool {
    (1..ends.len()).into_par_iter().with_min_len(BLOCK).any(|row| id_at(ids, ends, row - 1) == id_at(ids, ends, row))
}

/// Ids that stand in more than one row, with these rows from 1.
fn duplicates(ids: &[u8], ends: &[u64], order: &[u32]) -> Vec<(String, Vec<usize>)> {
    let id = |row: &u32| id_at(ids, ends, *row as usize);
    order
        .chunk_by(|a, b| id(a) == id(b))
        .filter(|same| same.len() > 1)
        .filter_map(|same| {
            Some((String::from_utf8_lossy(id(same.first()?)).into_owned(), same.iter().map(|row| *row as usize + 1).collect()))
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn row<'a>(id: &'a str, rate: (u64, u64)) -> Row<'a> {
        Row { id, grade: "A", stratum: "s", rate: Rate { num: rate.0, den: rate.1 }, exclusion: "" }
    }

    /// The bytes written out by hand from the specification; é as one and as two characters.
    #[test]
    fn a_row_is_the_documented_bytes() {
        let one = Row { id: "cafe\u{301}", grade: "A", stratum: "一", rate: Rate { num: 3, den: 100 }, exclusion: "" };
        let bytes = b"\0\0\0\x05caf\xc3\xa9\0\0\0\x01A\0\0\0\x03\xe4\xb8\x80\0\0\0\x013\0\0\0\x03100\0\0\0\0";
        assert_eq!(one.bytes(), bytes);
        assert_eq!(Frame::new([one]).unwrap().row(0).bytes(), bytes);
        assert_eq!(Frame::new([one]).unwrap().find("caf\u{e9}"), Some(0));
    }

    #[test]
    fn rows_stand_in_the_order_of_the_bytes_of_their_ids() {
        // A prefix comes first, a longer common beginning than 16 bytes is looked at, and a zero byte is not padding.
        let ids = ["b", "a", "aaaaaaaaaaaaaaaaaaaaz", "aaaaaaaaaaaaaaaaaaaab", "é", "Z", "a\0"];
        let frame = Frame::new(ids.map(|id| row(id, (1, 2)))).unwrap();
        let sorted: Vec<&str> = (0..frame.len()).map(|at| frame.id(at)).collect();
        assert_eq!(sorted, ["Z", "a", "a\0", "aaaaaaaaaaaaaaaaaaaab", "aaaaaaaaaaaaaaaaaaaaz", "b", "é"]);
        assert_eq!(frame.arrange(&[1, 0, 4, 3, 6, 9, 2]).unwrap(), [9, 0, 2, 3, 4, 1, 6]);
        assert!(frame.arrange(&[0]).is_err());
    }

    /// More rows than one thread arranges at a time, ids shorter and longer than what is compared first, some equal in it.
    #[test]
    fn large_frames_are_arranged_as_one_would_by_hand() {
        let id = |at: usize| {
            let start = at.wrapping_mul(0x9e37_79b9) % 1_000_003;
            let tail = ["", "\0", "\0\0", "é", "企业"].get(at % 5).copied().unwrap_or_default();
            format!("{start:0width$}{tail}", width = [1, 15, 16, 17, 23, 24, 25, 40].get(at / 5 % 8).copied().unwrap_or(1))
        };
        let ids: Vec<String> = (0..BLOCK * 2 + 77).map(id).chain((0..50).map(|at| format!("{:040}{at}", 0))).collect();
        let mut expected: Vec<(usize, &String)> = ids.iter().enumerate().collect();
        expected.sort_by_key(|(_, id)| id.as_bytes());
        let frame = Frame::new(ids.iter().map(|id| row(id, (1, 2)))).unwrap();
        for (at, (given, id)) in expected.iter().enumerate() {
            assert_eq!((frame.id(at), frame.given().get(at).map(|row| *row as usize)), (id.as_str(), Some(*given)));
        }
        let twice = ids.iter().chain(ids.last()).map(|id| row(id, (1, 2)));
        assert!(Frame::new(twice).unwrap_err().to_string().contains("1 repeated id"));
    }

    #[test]
    fn all_faults_come_at_once_and_every_repeated_id_is_named() {
        let rows = [row("x", (1, 2)), row(" ", (1, 2)), row("y", (3, 2)), row("x", (1, 0)), row("y", (1, 2)), row("x", (0, 1))];
        let Err(error) = Frame::new(rows) else { panic!("taken") };
        assert_eq!(
            error.to_string(),
            "the draw: 3 problems\n  \
             the frame has 1 missing id (row 2); every firm needs an id\n  \
             the frame has 2 impossible rates (row 3: `3/2`, row 4: `1/0`); a rate is two whole numbers, num/den, from 0 to 1\n  \
             2 repeated ids (`x` in rows 1, 4, 6, `y` in rows 3, 5); a firm stands in one row only"
        );
    }
}
