//! A column bound to an indicator, fed to the inner loops block by block.

use super::kernel::{self, BLOCK, Chain, Entry, Sink};
use super::leaf::{Leaf, Table, Words};
use crate::columns::{Bits, Codes, Column, Numbers, TextView, Texts, Values, view_bytes};
use std::ops::Range;

/// An indicator and the column it reads, ready for one table of input.
pub(crate) struct Feed<'t> {
    leaf: &'t Leaf,
    column: &'t Column<'t>,
    /// Entries of the leaf's table.
    entries: Vec<Entry>,
    /// For coded text: category of each code.
    categories: Vec<u32>,
}

/// Buffers for one block, kept by each thread.
pub(crate) struct Scratch {
    numbers: Vec<f64>,
    blanked: Vec<f64>,
    there: Vec<u64>,
    yes: Vec<u64>,
}

impl Scratch {
    pub(crate) fn new() -> Self {
        let numbers = || vec![0.0; BLOCK];
        let words = || vec![0; BLOCK / 64];
        Self { numbers: numbers(), blanked: numbers(), there: words(), yes: words() }
    }
}

impl<'t> Feed<'t> {
    pub(crate) fn new(leaf: &'t Leaf, column: &'t Column<'t>) -> Self {
        let points = leaf.entries().unwrap_or_default();
        let keys = leaf.keys.entries.iter().copied().chain(std::iter::repeat(0));
        let entries = points.iter().zip(keys).map(|(points, key)| Entry { points: *points, key }).collect();
        let categories = match (&leaf.table, &column.values) {
            (Table::Words(words), Values::Text(Texts::Coded { values, .. })) => {
                values.iter().map(|value| u32::try_from(words.find(value.as_bytes())).unwrap_or(u32::MAX)).collect()
            }
            _ => Vec::new(),
        };
        Self { leaf, column, entries, categories }
    }

    fn missing(&self) -> Entry {
        Entry { points: self.leaf.missing, key: self.leaf.keys.missing }
    }

    /// Adds the points of `rows` (at most [`BLOCK`]). A value that is there adds `weight` to the coverage.
    /// Returns the largest magnitude of a number, to find infinities.
    pub(crate) fn add(&self, rows: Range<usize>, weight: f64, scratch: &mut Scratch, sink: &mut Sink<'_>) -> f64 {
        match (&self.leaf.table, &self.column.values) {
            (Table::Steps(_) | Table::Lines(_), Values::Number(numbers)) => return self.numbers(numbers, rows, weight, scratch, sink),
            (Table::Words(words), Values::Text(texts)) => self.texts(words, texts, rows, weight, sink),
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
                    kernel::flags(there, set, [self.leaf.missing, *no, *yes], weight, sink.risk, sink.coverage);
                }
            }
            _ => self.all_missing(sink),
        }
        0.0
    }

    fn all_missing(&self, sink: &mut Sink<'_>) {
        let missing = self.missing();
        sink.risk.iter_mut().for_each(|risk| *risk += missing.points);
        sink.keys.fill(missing.key);
    }

    fn numbers(&self, numbers: &Numbers<'_>, rows: Range<usize>, weight: f64, scratch: &mut Scratch, sink: &mut Sink<'_>) -> f64 {
        let Scratch { numbers: converted, blanked, there, .. } = scratch;
        let mut x = numbers.block(rows.clone(), converted);
        let len = x.len();
        let mut largest_seen = 0.0_f64;
        if let Some(validity) = &self.column.validity {
            let there = there.get_mut(..len.div_ceil(64)).unwrap_or_default();
            words_of(Some(validity), rows, there);
            let full = there.iter().map(|word| word.count_ones() as usize).sum::<usize>() == len;
            if !full && let Some(out) = blanked.get_mut(..len) {
                kernel::blank(x, there, out);
                x = out;
            }
        }
        let mut confined = [0.0; BLOCK];
        if let Table::Steps(steps) = &self.leaf.table
            && let Some(inside) = steps.inside
            && let Some(out) = confined.get_mut(..len)
        {
            // Infinities are looked for before they are made missing.
            largest_seen = x.iter().fold(0.0, |a: f64, b| if b.abs() > a { b.abs() } else { a });
            kernel::confine(x, inside, out);
            x = out;
        }
        let largest = match &self.leaf.table {
            Table::Lines(lines) => {
                kernel::lines(x, lines, self.leaf.missing, self.leaf.weight, weight, sink.risk, sink.coverage)
            }
            Table::Steps(steps) => {
                let chain = Chain { edges: &steps.edges, entries: &self.entries, missing: self.missing(), weight };
                kernel::steps(x, &chain, sink)
            }
            _ => 0.0,
        };
        largest.max(largest_seen)
    }

    fn texts(&self, words: &Words, texts: &Texts<'_>, rows: Range<usize>, weight: f64, sink: &mut Sink<'_>) {
        let other = self.entries.len().saturating_sub(1);
        // One more entry for missing, which also stands for other texts where the card says they count as missing.
        let mut table: Vec<(Entry, f64)> = self.entries.iter().map(|entry| (*entry, weight)).collect();
        let missing = (self.missing(), 0.0);
        if words.other_is_missing
            && let Some(slot) = table.get_mut(other)
        {
            *slot = missing;
        }
        let pick = |category: usize| table.get(category).copied().unwrap_or(missing);
        let validity = self.column.validity.as_ref();
        match texts {
            Texts::Coded { codes, .. } => {
                let by_code: Vec<(Entry, f64)> = self.categories.iter().map(|category| pick(*category as usize)).collect();
                let start = rows.start;
                match codes {
                    Codes::U8(codes) => coded(codes.get(rows), |c| usize::from(*c), &by_code, missing, validity, start, sink),
                    Codes::U16(codes) => coded(codes.get(rows), |c| usize::from(*c), &by_code, missing, validity, start, sink),
                    Codes::U32(codes) => coded(codes.get(rows), |c| *c as usize, &by_code, missing, validity, start, sink),
                }
            }
            Texts::Views { views, buffers } => {
                let start = rows.start;
                let find = |view: &TextView| {
                    if view.length as usize <= TextView::INLINE {
                        words.inline.find(view.as_u128())
                    } else {
                        words.find(view_bytes(view, buffers))
                    }
                };
                coded(views.get(rows), find, &table, missing, validity, start, sink);
            }
            Texts::Strings(strings) => {
                let start = rows.start;
                coded(strings.get(rows), |text| words.find(text.as_bytes()), &table, missing, validity, start, sink);
            }
        }
    }
}

/// Adds the points of texts: `entry` gives each value's place in `table`.
#[inline(always)]
fn coded<V>(
    values: Option<&[V]>,
    entry: impl Fn(&V) -> usize,
    table: &[(Entry, f64)],
    missing: (Entry, f64),
    validity: Option<&Bits<'_>>,
    start: usize,
    sink: &mut Sink<'_>,
) {
    let values = values.unwrap_or_default();
    let chunks = values.chunks(64).zip(sink.risk.chunks_mut(64)).zip(sink.coverage.chunks_mut(64));
    for (index, ((values, risk), coverage)) in chunks.enumerate() {
        let there = validity.map_or(u64::MAX, |bits| bits.word(start + index * 64));
        for (bit, ((value, risk), coverage)) in (0_u64..).zip(values.iter().zip(risk).zip(coverage)) {
            let found = table.get(entry(value)).copied().unwrap_or(missing);
            let (entry, weight) = if there >> bit & 1 == 1 { found } else { missing };
            *risk += entry.points;
            *coverage += weight;
        }
    }
    if !sink.keys.is_empty() {
        for (index, (values, keys)) in values.chunks(64).zip(sink.keys.chunks_mut(64)).enumerate() {
            let there = validity.map_or(u64::MAX, |bits| bits.word(start + index * 64));
            for (bit, (value, key)) in (0_u64..).zip(values.iter().zip(keys)) {
                let found = table.get(entry(value)).copied().unwrap_or(missing);
                *key = if there >> bit & 1 == 1 { found.0.key } else { missing.0.key };
            }
        }
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
