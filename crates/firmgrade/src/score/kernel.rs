//! The inner loops: a block of one column into points. No branch for a cell, no call, no memory of their own.
//!
//! Each loop is compiled for AVX-512, AVX2 and the platform's base, and the best is taken at run time; the three that take most of the time are
//! written out for AVX-512 in `wide.rs`. None of them fuses a multiplication with an addition, and each firm's sum goes in indicator order,
//! so all give the same bits.

use super::leaf::{Lines, line};
use multiversion::{multiversion, target::match_target};
#[cfg(target_arch = "x86_64")]
use {super::wide, bytemuck::cast_slice};

/// Rows of a block: long enough for the memory to stream, short enough for its dozen arrays to stay in the second cache.
pub(crate) const BLOCK: usize = 2048;

/// The most edges for which the chain of selects is unrolled.
pub(crate) const UNROLLED: usize = 8;

/// Points, presence and, where wanted, reason keys of a block.
pub(crate) struct Sink<'s> {
    /// Risk so far, by row.
    pub(crate) risk: &'s mut [f64],
    /// Weight with data so far, by row.
    pub(crate) coverage: &'s mut [f64],
    /// Reason keys of this indicator, by row; empty where not wanted.
    pub(crate) keys: &'s mut [u16],
}

/// The values of one entry of a table: points, and reason key.
#[derive(Clone, Copy, Default)]
pub(crate) struct Entry {
    pub(crate) points: f64,
    pub(crate) key: u16,
}

/// A table of at most [`UNROLLED`] edges.
pub(crate) struct Chain<'t> {
    pub(crate) edges: &'t [f64],
    /// One more than edges.
    pub(crate) entries: &'t [Entry],
    pub(crate) missing: Entry,
    /// Weight that a value which is there adds to the coverage.
    pub(crate) weight: f64,
}

impl Sink<'_> {
    /// The rows from `first` on.
    fn from(&mut self, first: usize) -> Sink<'_> {
        Sink {
            risk: self.risk.get_mut(first..).unwrap_or_default(),
            coverage: self.coverage.get_mut(first..).unwrap_or_default(),
            keys: self.keys.get_mut(first..).unwrap_or_default(),
        }
    }
}

/// Numbers of one block, as a column has them.
pub(crate) struct Block<'x> {
    pub(crate) x: &'x [f64],
    /// One bit for each number, 64 to a word: clear where it is missing.
    pub(crate) there: &'x [u64],
    /// Room for as many numbers.
    pub(crate) blanked: &'x mut [f64],
    /// Numbers that will be read next.
    pub(crate) ahead: &'x [f64],
}

/// Adds the points of numbers; NaN is missing too. Returns whether one of them is infinite.
pub(crate) fn steps(block: Block<'_>, chain: &Chain<'_>, sink: &mut Sink<'_>) -> bool {
    match chain.edges.len() {
        0 => dispatch::<0>(block, chain, sink),
        1 => dispatch::<1>(block, chain, sink),
        2 => dispatch::<2>(block, chain, sink),
        3 => dispatch::<3>(block, chain, sink),
        4 => dispatch::<4>(block, chain, sink),
        5 => dispatch::<5>(block, chain, sink),
        6 => dispatch::<6>(block, chain, sink),
        7 => dispatch::<7>(block, chain, sink),
        8 => dispatch::<8>(block, chain, sink),
        _ => steps_many(block, chain, sink),
    }
}

/// A chain with room for the unrolled loop: of `entries` the first N + 1 are used.
pub(crate) struct Ladder<const N: usize, T> {
    pub(crate) edges: [f64; N],
    pub(crate) entries: [T; UNROLLED + 1],
    pub(crate) missing: T,
}

fn dispatch<const N: usize>(block: Block<'_>, chain: &Chain<'_>, sink: &mut Sink<'_>) -> bool {
    let mut edges = [0.0; N];
    let mut entries = [Entry::default(); UNROLLED + 1];
    for (to, from) in edges.iter_mut().zip(chain.edges) {
        *to = *from;
    }
    for (to, from) in entries.iter_mut().zip(chain.entries) {
        *to = *from;
    }
    let points = Ladder { edges, entries: entries.map(|e| e.points), missing: chain.missing.points };
    let keys = Ladder { edges, entries: entries.map(|e| u64::from(e.key)), missing: u64::from(chain.missing.key) };
    steps_unrolled(block, &points, &keys, chain.weight, sink)
}

#[multiversion(targets("x86_64+avx512f+avx512bw+avx512dq+avx512vl", "x86_64+avx2"))]
fn steps_unrolled<const N: usize>(
    block: Block<'_>,
    points: &Ladder<N, f64>,
    keys: &Ladder<N, u64>,
    weight: f64,
    sink: &mut Sink<'_>,
) -> bool {
    let Block { x, there, blanked, ahead } = block;
    match_target! {
        "x86_64+avx512f+avx512bw+avx512dq+avx512vl" => {
            let (groups, _) = x.as_chunks();
            let infinite = wide::steps(groups, cast_slice(there), (points, keys), weight, sink, ahead);
            let done = groups.len() * LANES;
            infinite | steps_plain(rest(x, done), &[rest_bits(there, done)], blanked, (points, keys), weight, &mut sink.from(done))
        },
        _ => { let _ = ahead; steps_plain(x, there, blanked, (points, keys), weight, sink) }
    }
}

fn steps_plain<const N: usize>(
    x: &[f64],
    there: &[u64],
    blanked: &mut [f64],
    (points, keys): (&Ladder<N, f64>, &Ladder<N, u64>),
    weight: f64,
    sink: &mut Sink<'_>,
) -> bool {
    let x = blank(x, there, blanked);
    if !sink.keys.is_empty() {
        steps_keys(x, keys, sink.keys);
    }
    steps_points(x, points, weight, sink.risk, sink.coverage)
}

/// Numbers that are worked on side by side: one AVX-512 register.
pub(crate) const LANES: usize = 8;

/// The rows from `done` on.
#[cfg(target_arch = "x86_64")]
fn rest<T>(rows: &[T], done: usize) -> &[T] {
    rows.get(done..).unwrap_or_default()
}

/// The bits of the last rows, which do not fill all lanes, from `done` on.
#[cfg(target_arch = "x86_64")]
fn rest_bits(words: &[u64], done: usize) -> u64 {
    words.get(done / 64).map_or(0, |word| word >> (done % 64))
}

/// The numbers of some lanes, NaN where their bit is clear.
#[inline(always)]
fn lanes(x: &[f64; LANES], byte: u8) -> [f64; LANES] {
    std::array::from_fn(|k| if byte & (1 << k) != 0 { x[k] } else { f64::NAN })
}

/// The entry of a chain of selects.
#[inline(always)]
fn select<const N: usize, T: Copy>(x: f64, ladder: &Ladder<N, T>) -> T {
    let mut entry = if x.is_nan() { ladder.missing } else { ladder.entries[0] };
    for k in 0..N {
        entry = if x > ladder.edges[k] { ladder.entries[k + 1] } else { entry };
    }
    entry
}

/// The bytes of validity words, one for each group of lanes.
#[inline(always)]
fn bytes(there: &[u64]) -> impl Iterator<Item = u8> + '_ {
    there.iter().flat_map(|word| word.to_le_bytes())
}

/// The last rows that do not fill all lanes, NaN after them.
#[inline(always)]
fn padded(x: &[f64]) -> [f64; LANES] {
    std::array::from_fn(|k| x.get(k).copied().unwrap_or(f64::NAN))
}

#[multiversion(targets("x86_64+avx512f+avx512bw+avx512dq+avx512vl", "x86_64+avx2"))]
fn steps_points<const N: usize>(x: &[f64], ladder: &Ladder<N, f64>, weight: f64, risk: &mut [f64], coverage: &mut [f64]) -> bool {
    // Whole numbers are or-ed: a running maximum of floats would keep the loop from being vectorised.
    let mut infinite = 0_u64;
    for ((x, risk), coverage) in x.iter().zip(risk).zip(coverage) {
        *risk += select(*x, ladder);
        *coverage += if x.is_nan() { 0.0 } else { weight };
        infinite |= u64::from(x.abs() == f64::INFINITY);
    }
    infinite != 0
}

#[multiversion(targets("x86_64+avx512f+avx512bw+avx512dq+avx512vl", "x86_64+avx2"))]
fn steps_keys<const N: usize>(x: &[f64], ladder: &Ladder<N, u64>, out: &mut [u16]) {
    for (x, out) in x.iter().zip(out) {
        *out = select(*x, ladder) as u16;
    }
}

/// As [`steps`], for tables too long to unroll.
fn steps_many(block: Block<'_>, chain: &Chain<'_>, sink: &mut Sink<'_>) -> bool {
    let x = blank(block.x, block.there, block.blanked);
    let mut infinite = false;
    for (row, ((x, risk), coverage)) in x.iter().zip(sink.risk.iter_mut()).zip(sink.coverage.iter_mut()).enumerate() {
        let entry = if x.is_nan() {
            chain.missing
        } else {
            *coverage += chain.weight;
            let piece = chain.edges.partition_point(|edge| *x > *edge);
            chain.entries.get(piece).copied().unwrap_or(chain.missing)
        };
        *risk += entry.points;
        if let Some(key) = sink.keys.get_mut(row) {
            *key = entry.key;
        }
        infinite |= x.is_infinite();
    }
    infinite
}

/// Adds the points of straight lines.
#[multiversion(targets("x86_64+avx512f+avx512bw+avx512dq+avx512vl", "x86_64+avx2"))]
pub(crate) fn lines(x: &[f64], lines: &Lines, missing: f64, weight: f64, counts: f64, risk: &mut [f64], coverage: &mut [f64]) -> bool {
    let mut values = [0.0; BLOCK];
    let mut infinite = 0_u64;
    let first = lines.risk.first().copied().unwrap_or(f64::NAN);
    values.fill(first);
    for ((at, start), slope) in lines.at.iter().zip(&lines.risk).zip(&lines.slope) {
        for (x, value) in x.iter().zip(&mut values) {
            let here = line(*x, *at, *start, *slope);
            *value = if *x >= *at { here } else { *value };
        }
    }
    for (((x, value), risk), coverage) in x.iter().zip(&values).zip(risk).zip(coverage) {
        let there = !x.is_nan();
        *risk += if there { weight * *value } else { missing };
        *coverage += if there { counts } else { 0.0 };
        infinite |= u64::from(x.abs() == f64::INFINITY);
    }
    infinite != 0
}

/// The numbers `x` in `out`, NaN where the bits of `words` are clear.
pub(crate) fn blank<'o>(x: &[f64], words: &[u64], out: &'o mut [f64]) -> &'o mut [f64] {
    let out = out.get_mut(..x.len()).unwrap_or_default();
    blank_into(x, words, out);
    out
}

#[multiversion(targets("x86_64+avx512f+avx512bw+avx512dq+avx512vl", "x86_64+avx2"))]
fn blank_into(x: &[f64], words: &[u64], out: &mut [f64]) {
    let (x, x_rest) = x.as_chunks::<LANES>();
    let (out, out_rest) = out.as_chunks_mut::<LANES>();
    for ((x, out), byte) in x.iter().zip(out).zip(bytes(words)) {
        *out = lanes(x, byte);
    }
    let byte = words.get(x.len() / LANES).map_or(0, |word| word.to_le_bytes()[x.len() % LANES]);
    for (x, out) in lanes(&padded(x_rest), byte).into_iter().zip(out_rest) {
        *out = x;
    }
}

/// Makes numbers outside `(low, high]` NaN.
pub(crate) fn confine(x: &mut [f64], (low, high): (f64, f64)) {
    for x in x {
        *x = if *x > low && *x <= high { *x } else { f64::NAN };
    }
}

/// Adds the points of flags: `there` and `yes` hold one bit a row, 64 to a word; entries are missing, no, yes.
#[multiversion(targets("x86_64+avx512f+avx512bw+avx512dq+avx512vl", "x86_64+avx2"))]
pub(crate) fn flags(there: &[u64], yes: &[u64], points: [f64; 3], keys: [u16; 3], weight: f64, sink: &mut Sink<'_>) {
    match_target! {
        "x86_64+avx512f+avx512bw+avx512dq+avx512vl" => {
            wide::flags(cast_slice(there), cast_slice(yes), points, keys, weight, sink);
            let done = sink.risk.len() / LANES * LANES;
            flags_plain(&[rest_bits(there, done)], &[rest_bits(yes, done)], points, keys, weight, &mut sink.from(done));
        },
        _ => flags_plain(there, yes, points, keys, weight, sink),
    }
}

#[inline(always)]
fn flags_plain(there: &[u64], yes: &[u64], points: [f64; 3], keys: [u16; 3], weight: f64, sink: &mut Sink<'_>) {
    let [missing, no_points, yes_points] = points;
    for (((there, yes), risk), coverage) in there.iter().zip(yes).zip(sink.risk.chunks_mut(64)).zip(sink.coverage.chunks_mut(64)) {
        for (bit, (risk, coverage)) in (0_u64..).zip(risk.iter_mut().zip(coverage)) {
            let (is_there, is_yes) = (there >> bit & 1 == 1, yes >> bit & 1 == 1);
            let value = if is_yes { yes_points } else { no_points };
            *risk += if is_there { value } else { missing };
            *coverage += if is_there { weight } else { 0.0 };
        }
    }
    let [missing, no_key, yes_key] = keys;
    for ((there, yes), out) in there.iter().zip(yes).zip(sink.keys.chunks_mut(64)) {
        for (bit, out) in (0_u64..).zip(out) {
            let key = if yes >> bit & 1 == 1 { yes_key } else { no_key };
            *out = if there >> bit & 1 == 1 { key } else { missing };
        }
    }
}

/// What each one-byte code is worth; every code that is none has the points and key of a missing value, and no weight.
pub(crate) struct CodeTable {
    pub(crate) points: [f64; 256],
    pub(crate) weights: [f64; 256],
    pub(crate) keys: [u16; 256],
}

impl CodeTable {
    /// Whether all codes from `first` on are worth the same as a missing value.
    pub(crate) fn ends_before(&self, first: usize) -> bool {
        let entry = |code: usize| (self.points[code].to_bits(), self.weights[code].to_bits(), self.keys[code]);
        (first..256).all(|code| entry(code) == entry(usize::from(MISSING)))
    }
}

/// Adds the points of codes. `there` holds one bit a row, 64 to a word, `blanked` has room for as many codes. `few` says that
/// [`FEW`] − 1 is the first code that is worth nothing.
#[multiversion(targets("x86_64+avx512f+avx512bw+avx512dq+avx512vl", "x86_64+avx2"))]
pub(crate) fn codes(codes: &[u8], there: &[u64], blanked: &mut [u8], table: &CodeTable, few: bool, sink: &mut Sink<'_>) {
    match_target! {
        "x86_64+avx512f+avx512bw+avx512dq+avx512vl" => {
            if few {
                let (groups, rest) = codes.as_chunks();
                wide::codes(groups, cast_slice(there), table, sink);
                let done = groups.len() * LANES;
                codes_plain(rest, &[rest_bits(there, done)], blanked, table, &mut sink.from(done));
            } else {
                codes_plain(codes, there, blanked, table, sink);
            }
        },
        _ => { let _ = few; codes_plain(codes, there, blanked, table, sink) },
    }
}

/// Codes that a table of few entries knows: two AVX-512 registers hold it.
pub(crate) const FEW: usize = 16;

#[inline(always)]
fn codes_plain(codes: &[u8], there: &[u64], blanked: &mut [u8], table: &CodeTable, sink: &mut Sink<'_>) {
    let blanked = blanked.get_mut(..codes.len()).unwrap_or_default();
    blanked.copy_from_slice(codes);
    blank_codes(blanked, there);
    for ((code, risk), coverage) in blanked.iter().zip(sink.risk.iter_mut()).zip(sink.coverage.iter_mut()) {
        *risk += table.points[usize::from(*code)];
        *coverage += table.weights[usize::from(*code)];
    }
    for (code, out) in blanked.iter().zip(sink.keys.iter_mut()) {
        *out = table.keys[usize::from(*code)];
    }
}

/// Makes the codes of missing values [`MISSING`]. `there` holds one bit a row, 64 to a word; few are clear, so they are taken one by one.
fn blank_codes(codes: &mut [u8], there: &[u64]) {
    for (codes, word) in codes.chunks_mut(64).zip(there) {
        let mut clear = !word;
        while clear != 0 {
            if let Some(code) = codes.get_mut(clear.trailing_zeros() as usize) {
                *code = MISSING;
            }
            clear &= clear - 1;
        }
    }
}

/// The code of a missing value.
pub(crate) const MISSING: u8 = u8::MAX;

/// Adds one indicator's points, each times its firm's factor, and gives what it lost against the best.
#[multiversion(targets("x86_64+avx512f+avx512bw+avx512dq+avx512vl", "x86_64+avx2"))]
pub(crate) fn share(points: &[f64], factors: &[f64], best: f64, risk: &mut [f64], lost: &mut [f64]) {
    for (((points, factor), risk), lost) in points.iter().zip(factors).zip(risk).zip(lost) {
        *risk += points * factor;
        *lost = (points - best) * factor;
    }
}

/// Puts one indicator's losses into the lists of the largest so far: `best[k]` holds the k-th largest of each row, `who[k]` whose it is.
/// Equal losses are in the order of their indicators; zero and less are none.
#[multiversion(targets("x86_64+avx512f+avx512bw+avx512dq+avx512vl", "x86_64+avx2"))]
pub(crate) fn keep_losses(lost: &mut [f64], indicator: u64, best: &mut [f64], who: &mut [u64], moving: &mut [u64]) {
    let rows = lost.len();
    moving.fill(indicator);
    for (best, who) in best.chunks_exact_mut(rows).zip(who.chunks_exact_mut(rows)) {
        for (((lost, moving), best), who) in lost.iter_mut().zip(moving.iter_mut()).zip(best).zip(who) {
            // One that was moved on came earlier than the equals it meets.
            let larger = *lost > *best || (*lost == *best && *lost > 0.0 && *moving < *who);
            let (loss, one) = if larger { (*best, *who) } else { (*lost, *moving) };
            *best = if larger { *lost } else { *best };
            *who = if larger { *moving } else { *who };
            (*lost, *moving) = (loss, one);
        }
    }
}

/// Puts a block of keys into the lists of the largest so far: `best[k]` holds the k-th largest of each row.
#[multiversion(targets("x86_64+avx512f+avx512bw+avx512dq+avx512vl", "x86_64+avx2"))]
pub(crate) fn keep_largest(keys: &mut [u16], best: &mut [u16]) {
    let rows = keys.len();
    for level in best.chunks_exact_mut(rows) {
        for (key, best) in keys.iter_mut().zip(level) {
            let (low, high) = (*key.min(best), *key.max(best));
            *best = high;
            *key = low;
        }
    }
}

#[cfg(test)]
#[path = "kernel_test.rs"]
mod tests;
