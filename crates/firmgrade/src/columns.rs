//! Columns as the engine receives them: borrowed slices, never copied, one value per firm.
//!
//! A [`Table`] is a set of named columns of one length. A number column may hold any of the machine's number
//! types; a text column is either dictionary-coded or a slice of 16-byte views (the layout Arrow and polars
//! use); a flag column is a bitmap. Null and NaN are both *missing*; infinities are data errors.

use bytemuck::{Pod, Zeroable};
use serde::{Deserialize, Serialize};
use std::borrow::Cow;
use std::collections::HashMap;
use std::ops::Range;

/// What a column holds, as the scorecard sees it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize, schemars::JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Kind {
    /// Numbers: counts, amounts, ratios.
    Number,
    /// Text: categories.
    Text,
    /// Yes or no.
    Flag,
}

impl Kind {
    /// The word used in scorecards and messages.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Number => "number",
            Self::Text => "text",
            Self::Flag => "flag",
        }
    }
}

impl std::fmt::Display for Kind {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(self.as_str())
    }
}

/// What a column of raw data holds: as [`Kind`], and dates.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize, schemars::JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum ColumnKind {
    /// Numbers: counts, amounts, ratios.
    Number,
    /// Text: categories.
    Text,
    /// Yes or no.
    Flag,
    /// Dates, as numbers of days since 1970-01-01.
    Date,
}

impl ColumnKind {
    /// The word used in scorecards and messages.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Date => "date",
            Self::Number | Self::Text | Self::Flag => self.stored().as_str(),
        }
    }

    /// How the values stand in a [`Column`]: a date as a number of days.
    #[must_use]
    pub fn stored(self) -> Kind {
        match self {
            Self::Number | Self::Date => Kind::Number,
            Self::Text => Kind::Text,
            Self::Flag => Kind::Flag,
        }
    }
}

impl From<Kind> for ColumnKind {
    fn from(kind: Kind) -> Self {
        match kind {
            Kind::Number => Self::Number,
            Kind::Text => Self::Text,
            Kind::Flag => Self::Flag,
        }
    }
}

impl std::fmt::Display for ColumnKind {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(self.as_str())
    }
}

/// A borrowed bitmap: one bit per firm, least significant bit first (Arrow's layout).
#[derive(Clone, Copy, Debug)]
pub struct Bits<'a> {
    bytes: &'a [u8],
    offset: usize,
    len: usize,
}

impl<'a> Bits<'a> {
    /// `len` bits of `bytes`, beginning at bit `offset`; `None` where `bytes` is too short.
    #[must_use]
    pub fn new(bytes: &'a [u8], offset: usize, len: usize) -> Option<Self> {
        let end = offset.checked_add(len)?;
        (end <= bytes.len().checked_mul(8)?).then_some(Self { bytes, offset, len })
    }

    /// The number of bits.
    #[must_use]
    pub fn len(&self) -> usize {
        self.len
    }

    /// Whether there are no bits.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.len == 0
    }

    /// Bit `index`; false beyond the end.
    #[must_use]
    pub fn get(&self, index: usize) -> bool {
        let at = self.offset + index;
        index < self.len && self.bytes.get(at / 8).is_some_and(|byte| byte >> (at % 8) & 1 == 1)
    }

    /// Up to 64 bits beginning at `start`, as a word; bits beyond the end are zero.
    #[must_use]
    #[inline]
    pub fn word(&self, start: usize) -> u64 {
        if start >= self.len {
            return 0;
        }
        let at = self.offset + start;
        let (byte, shift) = (at / 8, at % 8);
        let tail = self.bytes.get(byte..).unwrap_or_default();
        let word = match (tail.first_chunk::<8>(), tail.get(8)) {
            (Some(low), _) if shift == 0 => u64::from_le_bytes(*low),
            (Some(low), Some(high)) => u64::from_le_bytes(*low) >> shift | u64::from(*high) << (64 - shift),
            _ => {
                let mut padded = [0_u8; 8];
                for (to, from) in padded.iter_mut().zip(tail) {
                    *to = *from;
                }
                u64::from_le_bytes(padded) >> shift
            }
        };
        let left = self.len - start;
        if left >= 64 { word } else { word & ((1 << left) - 1) }
    }

    /// As many words as `out` has room for, beginning at bit `start`; bits beyond the end are zero.
    #[inline]
    pub(crate) fn words(&self, start: usize, out: &mut [u64]) {
        let at = self.offset + start;
        let whole = self.len.saturating_sub(start) / 64;
        let (mut done, bytes) = (0, self.bytes.get(at / 8..).unwrap_or_default());
        if at.is_multiple_of(8) {
            // Whole words that begin with a byte are taken as they stand.
            for (to, from) in out.iter_mut().zip(bytes.as_chunks::<8>().0).take(whole) {
                *to = u64::from_le_bytes(*from);
                done += 1;
            }
        }
        for (word, to) in out.iter_mut().enumerate().skip(done) {
            *to = self.word(start + word * 64);
        }
    }
}

/// Numbers of any machine type. Whole numbers beyond 2^53 lose their last digits when they become `f64`.
#[derive(Clone, Copy, Debug)]
#[expect(missing_docs, reason = "each variant is named after its type")]
pub enum Numbers<'a> {
    F64(&'a [f64]),
    F32(&'a [f32]),
    I64(&'a [i64]),
    I32(&'a [i32]),
    I16(&'a [i16]),
    I8(&'a [i8]),
    U64(&'a [u64]),
    U32(&'a [u32]),
    U16(&'a [u16]),
    U8(&'a [u8]),
}

impl Numbers<'_> {
    /// The number of values.
    #[must_use]
    pub fn len(&self) -> usize {
        match self {
            Self::F64(v) => v.len(),
            Self::F32(v) => v.len(),
            Self::I64(v) => v.len(),
            Self::I32(v) => v.len(),
            Self::I16(v) => v.len(),
            Self::I8(v) => v.len(),
            Self::U64(v) => v.len(),
            Self::U32(v) => v.len(),
            Self::U16(v) => v.len(),
            Self::U8(v) => v.len(),
        }
    }

    /// Whether there are no values.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// The values of `rows` as `f64`: borrowed where they are `f64` already, else converted into `buffer`
    /// (which must hold at least `rows.len()`).
    #[inline]
    pub fn block<'b>(&'b self, rows: Range<usize>, buffer: &'b mut [f64]) -> &'b [f64] {
        fn convert<T: Copy>(from: &[T], rows: Range<usize>, to: &mut [f64], f: impl Fn(T) -> f64) -> usize {
            let from = from.get(rows).unwrap_or_default();
            for (to, from) in to.iter_mut().zip(from) {
                *to = f(*from);
            }
            from.len()
        }
        let len = match self {
            Self::F64(v) => return v.get(rows).unwrap_or_default(),
            Self::F32(v) => convert(v, rows, buffer, f64::from),
            Self::I64(v) => convert(v, rows, buffer, |x| x as f64),
            Self::I32(v) => convert(v, rows, buffer, f64::from),
            Self::I16(v) => convert(v, rows, buffer, f64::from),
            Self::I8(v) => convert(v, rows, buffer, f64::from),
            Self::U64(v) => convert(v, rows, buffer, |x| x as f64),
            Self::U32(v) => convert(v, rows, buffer, f64::from),
            Self::U16(v) => convert(v, rows, buffer, f64::from),
            Self::U8(v) => convert(v, rows, buffer, f64::from),
        };
        buffer.get(..len).unwrap_or_default()
    }
}

/// One string of a text column: Arrow's 16-byte view. Up to 12 bytes stand in the view itself, zero-padded;
/// a longer one names its buffer and offset, with its first four bytes as `prefix`.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Pod, Zeroable)]
#[repr(C)]
pub struct TextView {
    /// Length in bytes.
    pub length: u32,
    /// The first four bytes.
    pub prefix: u32,
    /// Bytes 4–7 of a short string, or the index of the buffer.
    pub buffer: u32,
    /// Bytes 8–11 of a short string, or the offset in the buffer.
    pub offset: u32,
}

impl TextView {
    /// The longest string that stands in the view itself, in bytes.
    pub const INLINE: usize = 12;

    /// The view of a string that fits into it; `None` for a longer one.
    #[must_use]
    pub fn inline(text: &str) -> Option<Self> {
        let bytes = text.as_bytes();
        let mut padded = [0_u8; 16];
        let (length, rest) = padded.split_at_mut(4);
        length.copy_from_slice(&u32::try_from(bytes.len()).ok()?.to_ne_bytes());
        rest.get_mut(..bytes.len())?.copy_from_slice(bytes);
        Some(bytemuck::cast(padded))
    }

    /// The view as one integer: equal integers are equal strings where both are inline.
    #[must_use]
    #[inline]
    pub fn as_u128(self) -> u128 {
        bytemuck::cast(self)
    }
}

/// Codes of a dictionary-coded text column.
#[derive(Clone, Copy, Debug)]
#[expect(missing_docs, reason = "each variant is named after its type")]
pub enum Codes<'a> {
    U8(&'a [u8]),
    U16(&'a [u16]),
    U32(&'a [u32]),
}

impl Codes<'_> {
    /// The number of codes.
    #[must_use]
    pub fn len(&self) -> usize {
        match self {
            Self::U8(v) => v.len(),
            Self::U16(v) => v.len(),
            Self::U32(v) => v.len(),
        }
    }

    /// Whether there are no codes.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// Code `index`, `usize::MAX` beyond the end.
    #[must_use]
    pub fn get(&self, index: usize) -> usize {
        match self {
            Self::U8(v) => v.get(index).map_or(usize::MAX, |c| usize::from(*c)),
            Self::U16(v) => v.get(index).map_or(usize::MAX, |c| usize::from(*c)),
            Self::U32(v) => v.get(index).map_or(usize::MAX, |c| *c as usize),
        }
    }
}

/// Texts, in one of three layouts.
#[derive(Clone, Debug)]
pub enum Texts<'a> {
    /// Dictionary-coded: one code per firm into `values`.
    Coded {
        /// One code per firm.
        codes: Codes<'a>,
        /// The dictionary.
        values: Vec<&'a str>,
    },
    /// 16-byte views and the buffers of the longer strings. Bytes are UTF-8.
    Views {
        /// One view per firm.
        views: &'a [TextView],
        /// Buffers that longer strings point into.
        buffers: Vec<&'a [u8]>,
    },
    /// Plain string slices: simple to make, slower to read.
    Strings(&'a [&'a str]),
}

impl<'a> Texts<'a> {
    /// The number of texts.
    #[must_use]
    pub fn len(&self) -> usize {
        match self {
            Self::Coded { codes, .. } => codes.len(),
            Self::Views { views, .. } => views.len(),
            Self::Strings(texts) => texts.len(),
        }
    }

    /// Whether there are no texts.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// Text `index` as bytes; empty where a code or view points nowhere.
    #[must_use]
    pub fn bytes(&self, index: usize) -> &[u8] {
        match self {
            Self::Coded { codes, values } => values.get(codes.get(index)).map_or(&[], |v| v.as_bytes()),
            Self::Views { views, buffers } => views.get(index).map_or(&[], |view| view_bytes(view, buffers)),
            Self::Strings(texts) => texts.get(index).map_or(&[], |text| text.as_bytes()),
        }
    }

    /// Text `index`, with a replacement character where the bytes are not UTF-8.
    #[must_use]
    pub fn text(&self, index: usize) -> Cow<'_, str> {
        String::from_utf8_lossy(self.bytes(index))
    }
}

/// The bytes of one view.
#[inline]
pub(crate) fn view_bytes<'v>(view: &'v TextView, buffers: &[&'v [u8]]) -> &'v [u8] {
    let length = view.length as usize;
    if length <= TextView::INLINE {
        return bytemuck::bytes_of(view).get(4..4 + length).unwrap_or_default();
    }
    let start = view.offset as usize;
    buffers.get(view.buffer as usize).and_then(|b| b.get(start..start.checked_add(length)?)).unwrap_or_default()
}

/// The values of a column.
#[derive(Clone, Debug)]
pub enum Values<'a> {
    /// Numbers.
    Number(Numbers<'a>),
    /// Texts.
    Text(Texts<'a>),
    /// Flags.
    Flag(Bits<'a>),
    /// A column with nothing in it, of this length.
    Missing(usize),
}

/// One column: values and, where some may be missing, a bitmap of those that are there.
#[derive(Clone, Debug)]
pub struct Column<'a> {
    /// The values; those under a cleared validity bit mean nothing.
    pub values: Values<'a>,
    /// Bit set = the value is there. `None`: all are (numbers may still be NaN).
    pub validity: Option<Bits<'a>>,
}

impl<'a> Column<'a> {
    /// A number column in which NaN is missing.
    #[must_use]
    pub fn numbers(values: &'a [f64]) -> Self {
        Self { values: Values::Number(Numbers::F64(values)), validity: None }
    }

    /// A text column of plain strings.
    #[must_use]
    pub fn strings(values: &'a [&'a str]) -> Self {
        Self { values: Values::Text(Texts::Strings(values)), validity: None }
    }

    /// The number of firms.
    #[must_use]
    pub fn len(&self) -> usize {
        match &self.values {
            Values::Number(v) => v.len(),
            Values::Text(v) => v.len(),
            Values::Flag(v) => v.len(),
            Values::Missing(len) => *len,
        }
    }

    /// Whether there are no firms.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// What the column holds; `None` for one with nothing in it.
    #[must_use]
    pub fn kind(&self) -> Option<Kind> {
        match self.values {
            Values::Number(_) => Some(Kind::Number),
            Values::Text(_) => Some(Kind::Text),
            Values::Flag(_) => Some(Kind::Flag),
            Values::Missing(_) => None,
        }
    }

    /// Value `index` as text, for people; empty beyond the end.
    #[must_use]
    pub fn text(&self, index: usize) -> String {
        match &self.values {
            Values::Number(v) => {
                let mut buffer = [0.0];
                v.block(index..index + 1, &mut buffer).first().map_or_else(String::new, f64::to_string)
            }
            Values::Text(v) => v.text(index).into_owned(),
            Values::Flag(v) => v.get(index).to_string(),
            Values::Missing(_) => String::new(),
        }
    }

    /// Whether value `index` is there: its validity bit is set and it is not NaN.
    #[must_use]
    pub fn is_valid(&self, index: usize) -> bool {
        if self.validity.is_some_and(|bits| !bits.get(index)) {
            return false;
        }
        match &self.values {
            Values::Number(v) => {
                let mut buffer = [0.0];
                v.block(index..index + 1, &mut buffer).first().is_some_and(|x| !x.is_nan())
            }
            Values::Text(_) | Values::Flag(_) => index < self.len(),
            Values::Missing(_) => false,
        }
    }
}

/// Named columns of one length: the firms of one block of input, in order.
#[derive(Clone, Debug, Default)]
pub struct Table<'a> {
    len: usize,
    columns: Vec<(String, Column<'a>)>,
    /// Where each name stands.
    places: HashMap<String, usize>,
}

impl<'a> Table<'a> {
    /// A table of `len` firms without columns.
    #[must_use]
    pub fn new(len: usize) -> Self {
        Self { len, columns: Vec::new(), places: HashMap::new() }
    }

    /// The table with one more column; `None` where its length differs or the name is taken.
    #[must_use]
    pub fn with(mut self, name: &str, column: Column<'a>) -> Option<Self> {
        self.add(name, column).then_some(self)
    }

    /// Adds a column; false, and nothing is added, where its length differs or the name is taken.
    #[must_use]
    pub fn add(&mut self, name: &str, column: Column<'a>) -> bool {
        let fits = column.len() == self.len && !self.places.contains_key(name);
        if fits {
            self.places.insert(name.to_owned(), self.columns.len());
            self.columns.push((name.to_owned(), column));
        }
        fits
    }

    /// The number of firms.
    #[must_use]
    pub fn len(&self) -> usize {
        self.len
    }

    /// Whether there are no firms.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.len == 0
    }

    /// The column of that name.
    #[must_use]
    pub fn column(&self, name: &str) -> Option<&Column<'a>> {
        self.places.get(name).and_then(|place| self.columns.get(*place)).map(|(_, column)| column)
    }

    /// The names of all columns, in order.
    pub fn names(&self) -> impl Iterator<Item = &str> + Clone {
        self.columns.iter().map(|(name, _)| name.as_str())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_are_the_bits_at_any_offset_and_zero_beyond_the_end() {
        let bytes: Vec<u8> = (0..60_u32).map(|k| (k * 167 % 251) as u8).collect();
        for (offset, len) in [(0, 480), (0, 470), (8, 400), (3, 400), (13, 131), (5, 0), (64, 64)] {
            let bits = Bits::new(&bytes, offset, len).unwrap();
            for start in [0, 64, 72, 128, 448] {
                let mut words = [u64::MAX; 4];
                bits.words(start, &mut words);
                for (place, word) in words.iter().enumerate() {
                    for bit in 0..64 {
                        let at = start + place * 64 + bit;
                        let set = at < len && bytes[(offset + at) / 8] >> ((offset + at) % 8) & 1 == 1;
                        assert_eq!(word >> bit & 1 == 1, set, "offset {offset}, length {len}, bit {at}");
                    }
                }
            }
        }
    }
}
