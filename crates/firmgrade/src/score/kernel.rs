//! The inner loops: a block of one column into points. No branch for a cell, no call, no memory of their own.
//!
//! Each loop is compiled for AVX-512, AVX2 and the platform's base, and the best is taken at run time. None of them
//! fuses a multiplication with an addition, and each firm's sum goes in indicator order, so all give the same bits.

use super::leaf::{Lines, line};
use multiversion::multiversion;

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

/// Adds the points of the numbers `x` (NaN = missing). Returns whether one of them is infinite.
///
/// Numbers under a cleared validity bit are made NaN before, by [`blank`]: with the bits taken inside this loop it is no longer vectorised
/// and takes four times as long.
pub(crate) fn steps(x: &[f64], chain: &Chain<'_>, sink: &mut Sink<'_>) -> bool {
    match chain.edges.len() {
        0 => dispatch::<0>(x, chain, sink),
        1 => dispatch::<1>(x, chain, sink),
        2 => dispatch::<2>(x, chain, sink),
        3 => dispatch::<3>(x, chain, sink),
        4 => dispatch::<4>(x, chain, sink),
        5 => dispatch::<5>(x, chain, sink),
        6 => dispatch::<6>(x, chain, sink),
        7 => dispatch::<7>(x, chain, sink),
        8 => dispatch::<8>(x, chain, sink),
        _ => steps_many(x, chain, sink),
    }
}

/// A chain with room for the unrolled loop: of `entries` the first N + 1 are used.
struct Ladder<const N: usize, T> {
    edges: [f64; N],
    entries: [T; UNROLLED + 1],
    missing: T,
}

fn dispatch<const N: usize>(x: &[f64], chain: &Chain<'_>, sink: &mut Sink<'_>) -> bool {
    let mut edges = [0.0; N];
    let mut entries = [Entry::default(); UNROLLED + 1];
    for (to, from) in edges.iter_mut().zip(chain.edges) {
        *to = *from;
    }
    for (to, from) in entries.iter_mut().zip(chain.entries) {
        *to = *from;
    }
    if !sink.keys.is_empty() {
        let keys = Ladder { edges, entries: entries.map(|e| u64::from(e.key)), missing: u64::from(chain.missing.key) };
        steps_keys(x, &keys, sink.keys);
    }
    let points = Ladder { edges, entries: entries.map(|e| e.points), missing: chain.missing.points };
    steps_points(x, &points, chain.weight, sink.risk, sink.coverage)
}

/// Numbers that are worked on side by side: one AVX-512 register.
const LANES: usize = 8;

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
fn steps_many(x: &[f64], chain: &Chain<'_>, sink: &mut Sink<'_>) -> bool {
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

/// Copies `x` with NaN where the bits of `words` are clear.
#[multiversion(targets("x86_64+avx512f+avx512bw+avx512dq+avx512vl", "x86_64+avx2"))]
pub(crate) fn blank(x: &[f64], words: &[u64], out: &mut [f64]) {
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
pub(crate) fn flags(there: &[u64], yes: &[u64], points: [f64; 3], weight: f64, risk: &mut [f64], coverage: &mut [f64]) {
    let [missing, no_points, yes_points] = points;
    for (((there, yes), risk), coverage) in there.iter().zip(yes).zip(risk.chunks_mut(64)).zip(coverage.chunks_mut(64)) {
        for (bit, (risk, coverage)) in (0_u64..).zip(risk.iter_mut().zip(coverage)) {
            let (is_there, is_yes) = (there >> bit & 1 == 1, yes >> bit & 1 == 1);
            let value = if is_yes { yes_points } else { no_points };
            *risk += if is_there { value } else { missing };
            *coverage += if is_there { weight } else { 0.0 };
        }
    }
}

/// The reason keys of flags.
#[multiversion(targets("x86_64+avx512f+avx512bw+avx512dq+avx512vl", "x86_64+avx2"))]
pub(crate) fn flag_keys(there: &[u64], yes: &[u64], keys: [u16; 3], out: &mut [u16]) {
    let [missing, no_key, yes_key] = keys;
    for ((there, yes), out) in there.iter().zip(yes).zip(out.chunks_mut(64)) {
        for (bit, out) in (0_u64..).zip(out) {
            let key = if yes >> bit & 1 == 1 { yes_key } else { no_key };
            *out = if there >> bit & 1 == 1 { key } else { missing };
        }
    }
}

/// Adds the points of codes: `points` and `weights` are by code, missing values under [`MISSING`].
#[multiversion(targets("x86_64+avx512f+avx512bw+avx512dq+avx512vl", "x86_64+avx2"))]
pub(crate) fn codes(codes: &[u8], points: &[f64; 256], weights: &[f64; 256], risk: &mut [f64], coverage: &mut [f64]) {
    for ((code, risk), coverage) in codes.iter().zip(risk).zip(coverage) {
        *risk += points[usize::from(*code)];
        *coverage += weights[usize::from(*code)];
    }
}

/// The reason keys of codes.
pub(crate) fn code_keys(codes: &[u8], keys: &[u16; 256], out: &mut [u16]) {
    for (code, out) in codes.iter().zip(out) {
        *out = keys[usize::from(*code)];
    }
}

/// Makes the codes of missing values [`MISSING`]. `there` holds one bit a row, 64 to a word; few are clear, so they are taken one by one.
pub(crate) fn blank_codes(codes: &mut [u8], there: &[u64]) {
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
mod tests {
    use super::*;

    #[test]
    fn the_largest_losses_are_kept_in_order_with_equals_by_indicator() {
        // Losses by indicator for one row each; the later, larger one moves equals on, which must keep their order.
        for losses in [[1.0, 1.0, 2.0, 1.0, 0.0], [1.0, 2.0, 2.0, 2.0, 2.0], [3.0, 1.0, 3.0, 4.0, 3.0], [0.0, -1.0, 0.5, 0.0, 0.5]] {
            let (mut best, mut who, mut moving) = (vec![0.0; 3], vec![99; 3], vec![0]);
            for (index, loss) in (0..).zip(losses) {
                keep_losses(&mut [loss], index, &mut best, &mut who, &mut moving);
            }
            let mut ranked: Vec<u64> = (0..5).filter(|k| losses[*k as usize] > 0.0).collect();
            ranked.sort_by(|a, b| losses[*b as usize].total_cmp(&losses[*a as usize]).then(a.cmp(b)));
            ranked.resize(3, 99);
            assert_eq!(who, ranked, "{losses:?}");
        }
    }
}
