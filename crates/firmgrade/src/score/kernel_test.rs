//! The inner loops against the plainest code there is, bit for bit, at every length around a register.

use super::*;
use crate::ahp::SplitMix64;

/// What a loop did: risk, coverage and keys as bits, and whether it saw an infinity.
type Outcome = (Vec<u64>, Vec<u64>, Vec<u16>, bool);

fn outcome(len: usize, keys: bool, run: impl FnOnce(&mut Sink<'_>) -> bool) -> Outcome {
    let (mut risk, mut coverage) = (vec![0.3; len], vec![0.7; len]);
    let mut key = vec![9; if keys { len } else { 0 }];
    let infinite = run(&mut Sink { risk: &mut risk, coverage: &mut coverage, keys: &mut key });
    let bits = |values: Vec<f64>| values.into_iter().map(f64::to_bits).collect();
    (bits(risk), bits(coverage), key, infinite)
}

/// The plainest code: one row after another; `entry` is what a row is worth and whether it is there.
fn expected(len: usize, keys: bool, weight: f64, infinite: bool, entry: impl Fn(usize) -> (Entry, bool)) -> Outcome {
    outcome(len, keys, |sink| {
        for row in 0..len {
            let (entry, there) = entry(row);
            sink.risk[row] += entry.points;
            if there {
                sink.coverage[row] += weight;
            }
            if keys {
                sink.keys[row] = entry.key;
            }
        }
        infinite
    })
}

fn entry(random: &mut SplitMix64) -> Entry {
    Entry { points: random.uniform(), key: random.below(60_000) as u16 }
}

fn words(random: &mut SplitMix64, len: usize) -> Vec<u64> {
    // Most bits are set, as in real columns; those beyond the end mean nothing.
    (0..len.div_ceil(64)).map(|_| random.next_u64() | random.next_u64() | random.next_u64()).collect()
}

fn is_set(words: &[u64], row: usize) -> bool {
    words[row / 64] >> (row % 64) & 1 == 1
}

const LENGTHS: [usize; 12] = [1, 7, 8, 9, 15, 16, 63, 64, 65, 71, 200, BLOCK];

#[test]
fn numbers_are_worth_what_the_plainest_code_says() {
    let mut random = SplitMix64::new(1);
    for edges in 0..=UNROLLED + 2 {
        for (len, keys) in LENGTHS.into_iter().flat_map(|len| [(len, false), (len, true)]) {
            let at: Vec<f64> = (0..edges).map(|k| k as f64 - 2.0).collect();
            let entries: Vec<Entry> = (0..=edges).map(|_| entry(&mut random)).collect();
            let chain = Chain { edges: &at, entries: &entries, missing: entry(&mut random), weight: 0.05 };
            let special = [f64::NAN, f64::INFINITY, f64::NEG_INFINITY, -0.0, 1.0, f64::MAX];
            let infinities = len > 8 && random.below(2) == 0;
            let x: Vec<f64> = (0..len)
                .map(|_| match random.below(12) {
                    pick @ 0..6 if infinities || !special[pick as usize].is_infinite() => special[pick as usize],
                    _ => (random.below(16) as f64 - 4.0) / 2.0,
                })
                .collect();
            let there = words(&mut random, len);
            let is_there = |row: usize| is_set(&there, row) && !x[row].is_nan();
            let infinite = (0..len).any(|row| is_there(row) && x[row].is_infinite());
            let wanted = expected(len, keys, chain.weight, infinite, |row| {
                let piece = at.iter().filter(|edge| x[row] > **edge).count();
                (if is_there(row) { entries[piece] } else { chain.missing }, is_there(row))
            });
            let mut room = vec![0.0; BLOCK];
            let block = |blanked| Block { x: &x, there: &there, blanked, ahead: &x };
            assert_eq!(outcome(len, keys, |sink| steps(block(&mut room), &chain, sink)), wanted, "{edges} edges, {len} rows");
            if edges == 3 {
                let plain = outcome(len, keys, |sink| {
                    let ladder = |of: fn(&Entry) -> f64| Ladder {
                        edges: [at[0], at[1], at[2]],
                        entries: std::array::from_fn(|k| entries.get(k).map_or(0.0, of)),
                        missing: of(&chain.missing),
                    };
                    let points = ladder(|entry| entry.points);
                    let names = ladder(|entry| f64::from(entry.key));
                    let names = Ladder { edges: names.edges, entries: names.entries.map(|k| k as u64), missing: names.missing as u64 };
                    steps_plain(&x, &there, &mut room, (&points, &names), chain.weight, sink)
                });
                assert_eq!(plain, wanted, "plain, {len} rows");
            }
        }
    }
}

#[test]
fn flags_are_worth_what_the_plainest_code_says() {
    let mut random = SplitMix64::new(2);
    for (len, keys) in LENGTHS.into_iter().flat_map(|len| [(len, false), (len, true)]) {
        let [missing, no, yes] = std::array::from_fn(|_| entry(&mut random));
        let (there, set) = (words(&mut random, len), words(&mut random, len));
        let wanted = expected(len, keys, 0.05, false, |row| {
            let value = if is_set(&set, row) { yes } else { no };
            (if is_set(&there, row) { value } else { missing }, is_set(&there, row))
        });
        let (points, names) = ([missing.points, no.points, yes.points], [missing.key, no.key, yes.key]);
        for run in [flags, flags_plain] {
            let got = outcome(len, keys, |sink| {
                run(&there, &set, points, names, 0.05, sink);
                false
            });
            assert_eq!(got, wanted, "{len} rows");
        }
    }
}

#[test]
fn codes_are_worth_what_the_plainest_code_says() {
    let mut random = SplitMix64::new(3);
    for categories in [1, 7, 8, 14, 15, 16, 200] {
        for (len, keys) in LENGTHS.into_iter().flat_map(|len| [(len, false), (len, true)]) {
            let missing = entry(&mut random);
            let entries: Vec<Entry> = (0..categories).map(|_| entry(&mut random)).collect();
            let of = |code: u8| entries.get(usize::from(code)).copied().unwrap_or(missing);
            let table = CodeTable {
                points: std::array::from_fn(|code| of(code as u8).points),
                weights: std::array::from_fn(|code| if code < categories { 0.05 } else { 0.0 }),
                keys: std::array::from_fn(|code| of(code as u8).key),
            };
            let few = table.ends_before(FEW - 1);
            assert_eq!(few, categories < FEW);
            // Codes that the table does not know, as under a cleared bit, are missing.
            let codes: Vec<u8> = (0..len).map(|_| random.below(256) as u8 % (categories as u8 + 3)).collect();
            let there = words(&mut random, len);
            let wanted = expected(len, keys, 0.05, false, |row| {
                let code = if is_set(&there, row) { codes[row] } else { MISSING };
                (of(code), usize::from(code) < categories)
            });
            let mut room = vec![0; BLOCK];
            let got = outcome(len, keys, |sink| {
                super::codes(&codes, &there, &mut room, &table, few, sink);
                false
            });
            assert_eq!(got, wanted, "{categories} categories, {len} rows");
            let plain = outcome(len, keys, |sink| {
                codes_plain(&codes, &there, &mut room, &table, sink);
                false
            });
            assert_eq!(plain, wanted, "plain, {categories} categories, {len} rows");
        }
    }
}

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
