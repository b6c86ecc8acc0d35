//! A column bound to an indicator, fed to the inner loops block by block.

use super::kernel::{self, BLOCK, Chain, Entry, Sink};
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
    /// For text: what each one-byte code is worth; `None` where there are more categories than such codes.
    codes: Option<Box<CodeTable>>,
}

/// Texts as one-byte codes, and what each code is worth.
struct CodeTable {
    /// For coded text: the code of each entry of its dictionary.
    dictionary: Vec<u8>,
    points: [f64; 256],
    weights: [f64; 256],
    keys: [u16; 256],
}

/// Buffers for one block, kept by each thread.
pub(crate) struct Scratch {
    numbers: Vec<f64>,
    blanked: Vec<f64>,
    there: Vec<u64>,
    yes: Vec<u64>,
    codes: Vec<u8>,
}

impl Scratch {
    pub(crate) fn new() -> Self {
        let numbers = || vec![0.0; BLOCK];
        let words = || vec![0; BLOCK / 64];
        Self { numbers: numbers(), blanked: numbers(), there: words(), yes: words(), codes: vec![0; BLOCK] }
    }
}

impl CodeTable {
    /// The table by the dictionary's own codes, which then need no translation: they are one-byte codes already.
    fn by_dictionary(self) -> Self {
        let missing = usize::from(kernel::MISSING);
        let own = |code: usize| self.dictionary.get(code).map_or(missing, |code| usize::from(*code));
        Self {
            points: std::array::from_fn(|code| self.points[own(code)]),
            weights: std::array::from_fn(|code| self.weights[own(code)]),
            keys: std::array::from_fn(|code| self.keys[own(code)]),
            dictionary: Vec::new(),
        }
    }
}

impl<'t> Feed<'t> {
    /// Binds an indicator to a column; a value that is there adds `weight` to the coverage.
    pub(crate) fn new(leaf: &'t Leaf, column: &'t Column<'t>, weight: f64) -> Self {
        let points = leaf.entries().unwrap_or_default();
        let keys = leaf.keys.entries.iter().copied().chain(std::iter::repeat(0));
        let entries = points.iter().zip(keys).map(|(points, key)| Entry { points: *points, key }).collect();
        let mut feed = Self { leaf, column, weight, entries, codes: None };
        if let (Table::Words(words), Values::Text(texts)) = (&leaf.table, &column.values)
            && feed.entries.len() <= usize::from(kernel::MISSING)
        {
            feed.codes = Some(Box::new(feed.code_table(words, texts)));
        }
        feed
    }

    fn code_table(&self, words: &Words, texts: &Texts<'_>) -> CodeTable {
        let missing = self.missing();
        let mut table = CodeTable { dictionary: Vec::new(), points: [missing.points; 256], weights: [0.0; 256], keys: [missing.key; 256] };
        let other = self.entries.len().saturating_sub(1);
        let covered = if words.other_is_missing { other } else { self.entries.len() };
        let slots = table.points.iter_mut().zip(&mut table.weights).zip(&mut table.keys);
        for (((points, weight), key), entry) in slots.zip(&self.entries).take(covered) {
            (*points, *weight, *key) = (entry.points, self.weight, entry.key);
        }
        if let Texts::Coded { values, .. } = texts {
            table.dictionary = values.iter().map(|value| code(words.find(value.as_bytes()))).collect();
            if table.dictionary.len() < usize::from(kernel::MISSING) {
                table = table.by_dictionary();
            }
        }
        table
    }

    fn missing(&self) -> Entry {
        Entry { points: self.leaf.missing, key: self.leaf.keys.missing }
    }

    /// Adds the points of `rows` (at most [`BLOCK`]). Returns whether a number is infinite.
    pub(crate) fn add(&self, rows: Range<usize>, scratch: &mut Scratch, sink: &mut Sink<'_>) -> bool {
        match (&self.leaf.table, &self.column.values) {
            (Table::Steps(_) | Table::Lines(_), Values::Number(numbers)) => return self.numbers(numbers, rows, scratch, sink),
            (Table::Words(words), Values::Text(texts)) => self.texts(words, texts, rows, scratch, sink),
            (Table::Flag([no, yes]), Values::Flag(bits)) => {
                let len = rows.len();
                let blocks = len.div_ceil(64);
                let (there, set) = (scratch.there.get_mut(..blocks), scratch.yes.get_mut(..blocks));
                if let (Some(there), Some(set)) = (there, set) {
                    words_of(self.column.validity.as_ref(), rows.clone(), there);
                    words_of(Some(bits), rows, set);
                    if !sink.keys.is_empty() {
                        let key = |entry: usize| self.entries.get(entry).map_or(0, |e| e.key);
                        kernel::flag_keys(there, set, [self.missing().key, key(0), key(1)], sink.keys);
                    }
                    kernel::flags(there, set, [self.leaf.missing, *no, *yes], self.weight, sink.risk, sink.coverage);
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

    fn numbers(&self, numbers: &Numbers<'_>, rows: Range<usize>, scratch: &mut Scratch, sink: &mut Sink<'_>) -> bool {
        let Scratch { numbers: converted, blanked, there, .. } = scratch;
        let mut x = numbers.block(rows.clone(), converted);
        let inside = if let Table::Steps(steps) = &self.leaf.table { steps.inside } else { None };
        let mut infinite = false;
        if self.column.validity.is_some() || inside.is_some() {
            let there = there.get_mut(..x.len().div_ceil(64)).unwrap_or_default();
            words_of(self.column.validity.as_ref(), rows, there);
            let blanked = blanked.get_mut(..x.len()).unwrap_or_default();
            kernel::blank(x, there, blanked);
            if let Some(inside) = inside {
                // Infinities are looked for before they are made missing.
                infinite = blanked.iter().any(|x| x.is_infinite());
                kernel::confine(blanked, inside);
            }
            x = blanked;
        }
        infinite
            | match &self.leaf.table {
                Table::Lines(lines) => kernel::lines(x, lines, self.leaf.missing, self.leaf.weight, self.weight, sink.risk, sink.coverage),
                Table::Steps(steps) => {
                    let chain = Chain { edges: &steps.edges, entries: &self.entries, missing: self.missing(), weight: self.weight };
                    kernel::steps(x, &chain, sink)
                }
                Table::Words(_) | Table::Flag(_) => false,
            }
    }

    /// Texts become one-byte codes first, so that points, weights and keys are small tables; a card with more categories than a byte
    /// can number takes the plain way.
    fn texts(&self, words: &Words, texts: &Texts<'_>, rows: Range<usize>, scratch: &mut Scratch, sink: &mut Sink<'_>) {
        let len = rows.len();
        let (Some(table), Some(codes)) = (&self.codes, scratch.codes.get_mut(..len)) else {
            return self.texts_plainly(words, texts, rows, sink);
        };
        match texts {
            Texts::Coded { codes: given, .. } => {
                let at = |code: usize| table.dictionary.get(code).copied().unwrap_or(kernel::MISSING);
                let own = table.dictionary.is_empty();
                match given {
                    Codes::U8(given) if own => codes.copy_from_slice(given.get(rows.clone()).unwrap_or_default()),
                    Codes::U16(given) if own => fill(codes, given.get(rows.clone()), |code| u8::try_from(*code).unwrap_or(kernel::MISSING)),
                    Codes::U32(given) if own => fill(codes, given.get(rows.clone()), |code| u8::try_from(*code).unwrap_or(kernel::MISSING)),
                    Codes::U8(given) => fill(codes, given.get(rows.clone()), |code| at(usize::from(*code))),
                    Codes::U16(given) => fill(codes, given.get(rows.clone()), |code| at(usize::from(*code))),
                    Codes::U32(given) => fill(codes, given.get(rows.clone()), |code| at(*code as usize)),
                }
            }
            Texts::Views { views, buffers } => {
                fill(codes, views.get(rows.clone()), |view| {
                    let short = view.length as usize <= TextView::INLINE;
                    code(if short { words.inline.find(view.as_u128()) } else { words.find(view_bytes(view, buffers)) })
                });
            }
            Texts::Strings(strings) => fill(codes, strings.get(rows.clone()), |text| code(words.find(text.as_bytes()))),
        }
        if self.column.validity.is_some() {
            let there = scratch.there.get_mut(..len.div_ceil(64)).unwrap_or_default();
            words_of(self.column.validity.as_ref(), rows, there);
            kernel::blank_codes(codes, there);
        }
        if !sink.keys.is_empty() {
            kernel::code_keys(codes, &table.keys, sink.keys);
        }
        kernel::codes(codes, &table.points, &table.weights, sink.risk, sink.coverage);
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
        Some(bits) => {
            for (word, start) in out.iter_mut().zip(rows.step_by(64)) {
                *word = bits.word(start);
            }
        }
        None => out.fill(u64::MAX),
    }
}
