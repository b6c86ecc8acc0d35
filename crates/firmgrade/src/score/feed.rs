//! A column bound to an indicator, fed to the inner loops block by block.

use super::kernel::{self, BLOCK, Block, Chain, CodeTable, Entry, Sink};
use super::leaf::{Leaf, Table, Words};
use crate::columns::{Bits, Codes, Column, Numbers, TextView, Texts, Values, view_bytes};
use std::ops::Range;

/// An indicator and the column it reads, ready for one table of input.
pub(crate) struct Feed<'t> {
    leaf: &'t Leaf,
    column: &'t Column<'t>,
    /// What a value that is there adds to the coverage.
    weight: f64,
    /// Entries of the leaf's table.
    entries: Vec<Entry>,
    /// For text: its values as one-byte codes; `None` where there are more categories than such codes.
    coding: Option<Box<Coding>>,
}

/// Texts as one-byte codes.
struct Coding {
    /// For coded text: the code of each entry of its dictionary; empty where the dictionary's own codes will do.
    dictionary: Vec<u8>,
    table: CodeTable,
    /// Whether only the first few codes are worth something.
    few: bool,
}

/// Buffers for one block, kept by each thread.
pub(crate) struct Scratch {
    numbers: Vec<f64>,
    blanked: Vec<f64>,
    confined: Vec<f64>,
    there: Vec<u64>,
    yes: Vec<u64>,
    codes: Vec<u8>,
    blanked_codes: Vec<u8>,
}

impl Scratch {
    pub(crate) fn new() -> Self {
        let numbers = || vec![0.0; BLOCK];
        let words = || vec![0; BLOCK / 64];
        Self {
            numbers: numbers(),
            blanked: numbers(),
            confined: numbers(),
            there: words(),
            yes: words(),
            codes: vec![0; BLOCK],
            blanked_codes: vec![0; BLOCK],
        }
    }
}

impl<'t> Feed<'t> {
    /// Binds an indicator to a column; a value that is there adds `weight` to the coverage.
    pub(crate) fn new(leaf: &'t Leaf, column: &'t Column<'t>, weight: f64) -> Self {
        let points = leaf.entries().unwrap_or_default();
        let keys = leaf.keys.entries.iter().copied().chain(std::iter::repeat(0));
        let entries = points.iter().zip(keys).map(|(points, key)| Entry { points: *points, key }).collect();
        let mut feed = Self { leaf, column, weight, entries, coding: None };
        if let (Table::Words(words), Values::Text(texts)) = (&leaf.table, &column.values)
            && feed.entries.len() <= usize::from(kernel::MISSING)
        {
            feed.coding = Some(Box::new(feed.coding(words, texts)));
        }
        feed
    }

    fn coding(&self, words: &Words, texts: &Texts<'_>) -> Coding {
        let missing = self.missing();
        let mut table = CodeTable { points: [missing.points; 256], weights: [0.0; 256], keys: [missing.key; 256] };
        let other = self.entries.len().saturating_sub(1);
        let covered = if words.other_is_missing { other } else { self.entries.len() };
        let slots = table.points.iter_mut().zip(&mut table.weights).zip(&mut table.keys);
        for (((points, weight), key), entry) in slots.zip(&self.entries).take(covered) {
            (*points, *weight, *key) = (entry.points, self.weight, entry.key);
        }
        let mut dictionary: Vec<u8> = Vec::new();
        if let Texts::Coded { values, .. } = texts {
            dictionary = values.iter().map(|value| code(words.find(value.as_bytes()))).collect();
            if dictionary.len() < usize::from(kernel::MISSING) {
                // The dictionary's own codes fit into a byte: the table is by them, and no code needs a translation.
                let own = |code: usize| dictionary.get(code).map_or(usize::from(kernel::MISSING), |code| usize::from(*code));
                table = CodeTable {
                    points: std::array::from_fn(|code| table.points[own(code)]),
                    weights: std::array::from_fn(|code| table.weights[own(code)]),
                    keys: std::array::from_fn(|code| table.keys[own(code)]),
                };
                dictionary.clear();
            }
        }
        Coding { few: table.ends_before(kernel::FEW - 1), dictionary, table }
    }

    fn missing(&self) -> Entry {
        Entry { points: self.leaf.missing, key: self.leaf.keys.missing }
    }

    /// The numbers of `rows` where they are read as they stand; else empty.
    pub(crate) fn floats(&self, rows: Range<usize>) -> &'t [f64] {
        match &self.column.values {
            Values::Number(Numbers::F64(numbers)) => numbers.get(rows).unwrap_or_default(),
            _ => &[],
        }
    }

    /// Adds the points of `rows` (at most [`BLOCK`]); the caller reads the numbers `ahead` next. Returns whether a number is infinite.
    pub(crate) fn add(&self, rows: Range<usize>, ahead: &[f64], scratch: &mut Scratch, sink: &mut Sink<'_>) -> bool {
        let words = rows.len().div_ceil(64);
        match (&self.leaf.table, &self.column.values) {
            (Table::Steps(_) | Table::Lines(_), Values::Number(numbers)) => return self.numbers(numbers, rows, ahead, scratch, sink),
            (Table::Words(words), Values::Text(texts)) => self.texts(words, texts, rows, scratch, sink),
            (Table::Flag([no, yes]), Values::Flag(bits)) => {
                let (there, set) = (scratch.there.get_mut(..words), scratch.yes.get_mut(..words));
                if let (Some(there), Some(set)) = (there, set) {
                    words_of(self.column.validity.as_ref(), rows.clone(), there);
                    words_of(Some(bits), rows, set);
                    let key = |entry: usize| self.entries.get(entry).map_or(0, |e| e.key);
                    let keys = [self.missing().key, key(0), key(1)];
                    kernel::flags(there, set, [self.leaf.missing, *no, *yes], keys, self.weight, sink);
                }
            }
            _ => self.all_missing(sink),
        }
        false
    }

    fn all_missing(&self, sink: &mut Sink<'_>) {
        let missing = self.missing();
        sink.risk.iter_mut().for_each(|risk| *risk += missing.points);
        sink.keys.fill(missing.key);
    }

    fn numbers(&self, numbers: &Numbers<'_>, rows: Range<usize>, ahead: &[f64], scratch: &mut Scratch, sink: &mut Sink<'_>) -> bool {
        let Scratch { numbers: converted, blanked, confined, there, .. } = scratch;
        let mut x = numbers.block(rows.clone(), converted);
        let there = there.get_mut(..x.len().div_ceil(64)).unwrap_or_default();
        words_of(self.column.validity.as_ref(), rows, there);
        match &self.leaf.table {
            Table::Lines(lines) => {
                let x = kernel::blank(x, there, blanked);
                kernel::lines(x, lines, self.leaf.missing, self.leaf.weight, self.weight, sink.risk, sink.coverage)
            }
            Table::Steps(steps) => {
                let mut infinite = false;
                if let Some(inside) = steps.inside {
                    // Infinities are looked for before they are made missing.
                    let inner = kernel::blank(x, there, confined);
                    infinite = inner.iter().any(|x| x.is_infinite());
                    kernel::confine(inner, inside);
                    x = inner;
                }
                let chain = Chain { edges: &steps.edges, entries: &self.entries, missing: self.missing(), weight: self.weight };
                infinite | kernel::steps(Block { x, there, blanked, ahead }, &chain, sink)
            }
            Table::Words(_) | Table::Flag(_) => false,
        }
    }

    /// Texts become one-byte codes first, so that points, weights and keys are small tables; a card with more categories than a byte
    /// can number takes the plain way.
    fn texts(&self, words: &Words, texts: &Texts<'_>, rows: Range<usize>, scratch: &mut Scratch, sink: &mut Sink<'_>) {
        let len = rows.len();
        let Scratch { codes, blanked_codes, there, .. } = scratch;
        let (Some(coding), Some(codes), Some(there)) = (&self.coding, codes.get_mut(..len), there.get_mut(..len.div_ceil(64))) else {
            return self.texts_plainly(words, texts, rows, sink);
        };
        words_of(self.column.validity.as_ref(), rows.clone(), there);
        let mut read: Option<&[u8]> = None;
        match texts {
            Texts::Coded { codes: given, .. } => {
                let at = |code: usize| coding.dictionary.get(code).copied().unwrap_or(kernel::MISSING);
                let own = coding.dictionary.is_empty();
                match given {
                    Codes::U8(given) if own => read = given.get(rows),
                    Codes::U16(given) if own => fill(codes, given.get(rows), |code| u8::try_from(*code).unwrap_or(kernel::MISSING)),
                    Codes::U32(given) if own => fill(codes, given.get(rows), |code| u8::try_from(*code).unwrap_or(kernel::MISSING)),
                    Codes::U8(given) => fill(codes, given.get(rows), |code| at(usize::from(*code))),
                    Codes::U16(given) => fill(codes, given.get(rows), |code| at(usize::from(*code))),
                    Codes::U32(given) => fill(codes, given.get(rows), |code| at(*code as usize)),
                }
            }
            Texts::Views { views, buffers } => {
                fill(codes, views.get(rows), |view| {
                    let short = view.length as usize <= TextView::INLINE;
                    code(if short { words.inline.find(view.as_u128()) } else { words.find(view_bytes(view, buffers)) })
                });
            }
            Texts::Strings(strings) => fill(codes, strings.get(rows), |text| code(words.find(text.as_bytes()))),
        }
        kernel::codes(read.unwrap_or(codes), there, blanked_codes, &coding.table, coding.few, sink);
    }

    fn texts_plainly(&self, words: &Words, texts: &Texts<'_>, rows: Range<usize>, sink: &mut Sink<'_>) {
        let other = self.entries.len().saturating_sub(1);
        let cells = sink.risk.iter_mut().zip(sink.coverage.iter_mut());
        for (at, (row, (risk, coverage))) in rows.zip(cells).enumerate() {
            let there = self.column.validity.is_none_or(|bits| bits.get(row));
            let category = words.find(texts.bytes(row));
            let entry = self.entries.get(category).filter(|_| there && !(category == other && words.other_is_missing));
            *coverage += if entry.is_some() { self.weight } else { 0.0 };
            let entry = entry.copied().unwrap_or(self.missing());
            *risk += entry.points;
            if let Some(key) = sink.keys.get_mut(at) {
                *key = entry.key;
            }
        }
    }
}

/// The one-byte code of a category.
#[inline(always)]
fn code(category: usize) -> u8 {
    if category < usize::from(kernel::MISSING) { category as u8 } else { kernel::MISSING }
}

/// Fills codes from values, one by one.
#[inline(always)]
fn fill<V>(codes: &mut [u8], values: Option<&[V]>, code: impl Fn(&V) -> u8) {
    for (to, from) in codes.iter_mut().zip(values.unwrap_or_default()) {
        *to = code(from);
    }
}

/// The bits of `rows`, 64 to a word; all ones where there is no bitmap.
fn words_of(bits: Option<&Bits<'_>>, rows: Range<usize>, out: &mut [u64]) {
    match bits {
        Some(bits) => bits.words(rows.start, out),
        None => out.fill(u64::MAX),
    }
}
