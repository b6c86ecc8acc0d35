//! The inner loops written out for AVX-512, where validity bits are masks as they stand. From plain loops compilers make no masked code of
//! bits, and blanking the numbers first costs a third of the time.
//!
//! Every function gives the same bits as its namesake in `kernel.rs`, which tests hold against it. This is the engine's only unsafe code:
//! loads and stores of whole arrays, and hints to the cache.

#![expect(unsafe_code, reason = "loads, stores and cache hints have no safe form for whole registers")]

use super::kernel::{CodeTable, FEW, LANES, Ladder, MISSING, Sink};
use std::arch::x86_64::{
    __m128i, __m512d, __m512i, _CMP_GT_OQ, _CMP_ORD_Q, _MM_HINT_T0, _mm_cvtsi64_si128, _mm_min_epu8, _mm_prefetch, _mm_set1_epi8,
    _mm_storeu_si128, _mm512_add_pd, _mm512_cmp_pd_mask, _mm512_cvtepi64_epi16, _mm512_cvtepu8_epi64, _mm512_loadu_epi64, _mm512_loadu_pd,
    _mm512_mask_add_pd, _mm512_mask_fpclass_pd_mask, _mm512_mask_mov_epi64, _mm512_mask_mov_pd, _mm512_permutex2var_epi64,
    _mm512_permutex2var_pd, _mm512_set1_epi64, _mm512_set1_pd, _mm512_storeu_pd,
};

#[inline]
#[target_feature(enable = "avx512f")]
fn load(from: &[f64; LANES]) -> __m512d {
    // SAFETY: the array has the eight numbers that are read; any alignment will do.
    unsafe { _mm512_loadu_pd(from.as_ptr()) }
}

#[inline]
#[target_feature(enable = "avx512f")]
fn store(to: &mut [f64; LANES], value: __m512d) {
    // SAFETY: the array has room for the eight numbers; any alignment will do.
    unsafe { _mm512_storeu_pd(to.as_mut_ptr(), value) }
}

#[inline]
#[target_feature(enable = "avx512f")]
fn load_keys(from: &[u64; LANES]) -> __m512i {
    // SAFETY: the array has the eight keys that are read; any alignment will do.
    unsafe { _mm512_loadu_epi64(from.as_ptr().cast()) }
}

#[inline]
#[target_feature(enable = "avx512f,avx512vl")]
fn store_keys(to: &mut [u16; LANES], keys: __m512i) {
    let narrow: __m128i = _mm512_cvtepi64_epi16(keys);
    // SAFETY: the array has room for the eight keys; any alignment will do.
    unsafe { _mm_storeu_si128(to.as_mut_ptr().cast(), narrow) }
}

/// Asks for the cache line of a value that will be read soon.
#[inline]
pub(crate) fn soon<T>(value: &T) {
    // SAFETY: a hint reads nothing, and the address is that of a value.
    unsafe { _mm_prefetch::<_MM_HINT_T0>(std::ptr::from_ref(value).cast()) }
}

/// Adds points where the value is there, else those of a missing one, and weight where it is there.
#[inline]
#[target_feature(enable = "avx512f")]
fn add(risk: &mut [f64; LANES], coverage: &mut [f64; LANES], points: __m512d, there: u8, weight: __m512d) {
    store(risk, _mm512_add_pd(load(risk), points));
    let before = load(coverage);
    store(coverage, _mm512_mask_add_pd(before, there, before, weight));
}

/// As [`super::kernel::steps`], for whole groups of rows; `there` holds a byte for each. `ahead` is read next by the caller.
#[target_feature(enable = "avx512f,avx512bw,avx512dq,avx512vl")]
pub(crate) fn steps<const N: usize>(
    x: &[[f64; LANES]],
    there: &[u8],
    (points, keys): (&Ladder<N, f64>, &Ladder<N, u64>),
    weight: f64,
    sink: &mut Sink<'_>,
    ahead: &[f64],
) -> bool {
    let edges = points.edges.map(|edge| _mm512_set1_pd(edge));
    let entries = points.entries.map(|entry| _mm512_set1_pd(entry));
    let (missing, weight) = (_mm512_set1_pd(points.missing), _mm512_set1_pd(weight));
    let (risk, _) = sink.risk.as_chunks_mut::<LANES>();
    let (coverage, _) = sink.coverage.as_chunks_mut::<LANES>();
    let (ahead, _) = ahead.as_chunks::<LANES>();
    let mut infinite = 0;
    if sink.keys.is_empty() {
        for (at, (((x, there), risk), coverage)) in x.iter().zip(there).zip(risk).zip(coverage).enumerate() {
            if let Some(line) = ahead.get(at) {
                soon(line);
            }
            let x = load(x);
            let there = there & _mm512_cmp_pd_mask::<_CMP_ORD_Q>(x, x);
            let mut value = entries[0];
            for k in 0..N {
                value = _mm512_mask_mov_pd(value, _mm512_cmp_pd_mask::<_CMP_GT_OQ>(x, edges[k]), entries[k + 1]);
            }
            infinite |= _mm512_mask_fpclass_pd_mask::<INFINITE>(there, x);
            add(risk, coverage, _mm512_mask_mov_pd(missing, there, value), there, weight);
        }
        return infinite != 0;
    }
    let names = keys.entries.map(|key| _mm512_set1_epi64(key.cast_signed()));
    let missing_key = _mm512_set1_epi64(keys.missing.cast_signed());
    let (out, _) = sink.keys.as_chunks_mut::<LANES>();
    for (at, ((((x, there), risk), coverage), out)) in x.iter().zip(there).zip(risk).zip(coverage).zip(out).enumerate() {
        if let Some(line) = ahead.get(at) {
            soon(line);
        }
        let x = load(x);
        let there = there & _mm512_cmp_pd_mask::<_CMP_ORD_Q>(x, x);
        let (mut value, mut key) = (entries[0], names[0]);
        for k in 0..N {
            let above = _mm512_cmp_pd_mask::<_CMP_GT_OQ>(x, edges[k]);
            value = _mm512_mask_mov_pd(value, above, entries[k + 1]);
            key = _mm512_mask_mov_epi64(key, above, names[k + 1]);
        }
        infinite |= _mm512_mask_fpclass_pd_mask::<INFINITE>(there, x);
        add(risk, coverage, _mm512_mask_mov_pd(missing, there, value), there, weight);
        store_keys(out, _mm512_mask_mov_epi64(missing_key, there, key));
    }
    infinite != 0
}

/// Both infinities, as `vfpclasspd` numbers them.
const INFINITE: i32 = 0x08 | 0x10;

/// As [`super::kernel::flags`] and [`super::kernel::flag_keys`], for whole groups of rows; entries are missing, no, yes.
#[target_feature(enable = "avx512f,avx512bw,avx512dq,avx512vl")]
pub(crate) fn flags(there: &[u8], yes: &[u8], points: [f64; 3], keys: [u16; 3], weight: f64, sink: &mut Sink<'_>) {
    let [missing, no_points, yes_points] = points.map(|points| _mm512_set1_pd(points));
    let [missing_key, no_key, yes_key] = keys.map(|key| _mm512_set1_epi64(i64::from(key)));
    let weight = _mm512_set1_pd(weight);
    let (risk, _) = sink.risk.as_chunks_mut::<LANES>();
    let (coverage, _) = sink.coverage.as_chunks_mut::<LANES>();
    let (out, _) = sink.keys.as_chunks_mut::<LANES>();
    for (((there, yes), risk), coverage) in there.iter().zip(yes).zip(risk).zip(coverage) {
        let value = _mm512_mask_mov_pd(no_points, *yes, yes_points);
        add(risk, coverage, _mm512_mask_mov_pd(missing, *there, value), *there, weight);
    }
    for ((there, yes), out) in there.iter().zip(yes).zip(out) {
        store_keys(out, _mm512_mask_mov_epi64(missing_key, *there, _mm512_mask_mov_epi64(no_key, *yes, yes_key)));
    }
}

/// As [`super::kernel::codes`], for whole groups of rows and a table of few entries.
#[target_feature(enable = "avx512f,avx512bw,avx512dq,avx512vl")]
pub(crate) fn codes(codes: &[[u8; LANES]], there: &[u8], table: &CodeTable, sink: &mut Sink<'_>) {
    let [points, weights] = [&table.points, &table.weights].map(|values| {
        let (values, _) = values.as_chunks::<LANES>();
        (load(&values[0]), load(&values[1]))
    });
    let missing = _mm512_set1_pd(table.points[usize::from(MISSING)]);
    let last = _mm_set1_epi8(FEW as i8 - 1);
    let (risk, _) = sink.risk.as_chunks_mut::<LANES>();
    let (coverage, _) = sink.coverage.as_chunks_mut::<LANES>();
    for (((codes, there), risk), coverage) in codes.iter().zip(there).zip(risk).zip(coverage) {
        let index = _mm512_cvtepu8_epi64(_mm_min_epu8(_mm_cvtsi64_si128(i64::from_le_bytes(*codes)), last));
        let value = _mm512_mask_mov_pd(missing, *there, _mm512_permutex2var_pd(points.0, index, points.1));
        store(risk, _mm512_add_pd(load(risk), value));
        let (before, weight) = (load(coverage), _mm512_permutex2var_pd(weights.0, index, weights.1));
        store(coverage, _mm512_mask_add_pd(before, *there, before, weight));
    }
    if sink.keys.is_empty() {
        return;
    }
    let keys: [u64; FEW] = std::array::from_fn(|code| u64::from(table.keys[code]));
    let (keys, _) = keys.as_chunks::<LANES>();
    let (low, high) = (load_keys(&keys[0]), load_keys(&keys[1]));
    let missing = _mm512_set1_epi64(i64::from(table.keys[usize::from(MISSING)]));
    let (out, _) = sink.keys.as_chunks_mut::<LANES>();
    for ((codes, there), out) in codes.iter().zip(there).zip(out) {
        let index = _mm512_cvtepu8_epi64(_mm_min_epu8(_mm_cvtsi64_si128(i64::from_le_bytes(*codes)), last));
        store_keys(out, _mm512_mask_mov_epi64(missing, *there, _mm512_permutex2var_epi64(low, index, high)));
    }
}
