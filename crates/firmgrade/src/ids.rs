//! Ids of firms: every firm has one, and none stands twice.

use crate::columns::{Column, Numbers, Texts, Values, view_bytes};
use crate::fault::{Cells, DataFault};
use rayon::prelude::*;
use std::collections::HashMap;
use std::hash::{BuildHasherDefault, DefaultHasher};
use std::ops::Range;

/// Rows that one thread hashes at a time.
const BLOCK: usize = 16_384;

/// Hashes of one part of the ids: a table of twice as many slots stays in the second cache.
const PART: usize = 32_768;

/// Faults of the ids of all firms, given as pieces that follow each other.
pub(crate) fn check_ids(name: &str, pieces: &[&Column<'_>]) -> Vec<DataFault> {
    if all_differ(pieces) { Vec::new() } else { faults(name, pieces) }
}

/// Whether every row has an id and no two hashes are equal. Equal hashes of different ids are possible, if rare: the exact search decides.
fn all_differ(pieces: &[&Column<'_>]) -> bool {
    let firms: usize = pieces.iter().map(|piece| piece.len()).sum();
    let parts = firms.div_ceil(PART).next_power_of_two();
    let shift = 64 - parts.trailing_zeros();
    let jobs: Vec<(&Column<'_>, usize)> =
        pieces.iter().flat_map(|piece| (0..piece.len()).step_by(BLOCK).map(move |start| (*piece, start))).collect();
    let hashed: Option<Vec<Vec<Vec<u64>>>> = jobs
        .into_par_iter()
        .map(|(piece, start)| {
            let mut by_part: Vec<Vec<u64>> = vec![Vec::with_capacity(BLOCK / parts + BLOCK / 8); parts];
            hash_rows(piece, start..(start + BLOCK).min(piece.len()), |hash| {
                // With one part the shift would be by all 64 bits.
                let part = if parts == 1 { 0 } else { (hash >> shift) as usize };
                by_part.get_mut(part).map(|part| part.push(hash))
            })?;
            Some(by_part)
        })
        .collect();
    let Some(hashed) = hashed else { return false };
    (0..parts).into_par_iter().all(|part| {
        let count: usize = hashed.iter().filter_map(|block| block.get(part)).map(Vec::len).sum();
        let mut table = vec![0_u64; (count * 2).next_power_of_two().max(2)];
        hashed.iter().filter_map(|block| block.get(part)).flatten().all(|hash| insert(&mut table, *hash))
    })
}

/// Puts a hash into an open table in which 0 is an empty slot; false where it is there already.
fn insert(table: &mut [u64], hash: u64) -> bool {
    let hash = hash.max(1);
    let mask = table.len() - 1;
    let mut at = hash as usize & mask;
    loop {
        match table.get_mut(at) {
            Some(slot) if *slot == 0 => {
                *slot = hash;
                return true;
            }
            Some(slot) if *slot != hash => at = (at + 1) & mask,
            _ => return false,
        }
    }
}

/// The exact search: every row without an id, and every row whose id stood before.
fn faults(name: &str, pieces: &[&Column<'_>]) -> Vec<DataFault> {
    let (mut missing, mut twice) = (Cells::new("missing id"), Cells::new("repeated id"));
    let mut seen: HashMap<Vec<u8>, (), BuildHasherDefault<DefaultHasher>> = HashMap::default();
    let rows = pieces.iter().flat_map(|piece| (0..piece.len()).map(move |row| id_bytes(piece, row)));
    for (row, id) in rows.enumerate() {
        match id {
            None => missing.add(row, || None),
            Some(id) => {
                let text = String::from_utf8_lossy(&id).into_owned();
                if seen.insert(id, ()).is_some() {
                    twice.add(row, || Some(text));
                }
            }
        }
    }
    let column = name.to_owned();
    let mut faults = Vec::new();
    if !missing.is_empty() {
        faults.push(DataFault::MissingId { column: column.clone(), cells: missing });
    }
    if !twice.is_empty() {
        faults.push(DataFault::DuplicateId { column, cells: twice });
    }
    faults
}

/// Gives `each` the hash of every id; `None` where one is missing or blank, or `each` wants no more.
fn hash_rows(column: &Column<'_>, mut rows: Range<usize>, mut each: impl FnMut(u64) -> Option<()>) -> Option<()> {
    let there = |row: usize| column.validity.is_none_or(|bits| bits.get(row));
    match &column.values {
        Values::Text(Texts::Views { views, buffers }) => {
            let views = views.get(rows.clone())?;
            rows.zip(views).try_for_each(|(row, view)| if there(row) { each(hash_text(view_bytes(view, buffers))?) } else { None })
        }
        Values::Text(texts) => rows.try_for_each(|row| if there(row) { each(hash_text(texts.bytes(row))?) } else { None }),
        _ => rows.try_for_each(|row| each(mix(&id_bytes(column, row)?))),
    }
}

/// The hash of an id in text; `None` where it is blank.
#[inline]
fn hash_text(bytes: &[u8]) -> Option<u64> {
    let may_be_blank = bytes.first().is_none_or(u8::is_ascii_whitespace);
    if may_be_blank && bytes.trim_ascii().is_empty() { None } else { Some(mix(bytes)) }
}

/// A hash of a few words at a time: it only has to spread ids, for equal hashes are looked at again.
#[inline]
fn mix(bytes: &[u8]) -> u64 {
    let fold = |a: u64, b: u64| {
        let product = u128::from(a) * u128::from(b);
        product as u64 ^ (product >> 64) as u64
    };
    let mut hash = 0x9e37_79b9_7f4a_7c15 ^ bytes.len() as u64;
    let (words, rest) = bytes.as_chunks::<8>();
    for word in words {
        hash = fold(hash ^ u64::from_le_bytes(*word), 0xd134_2543_de82_ef95);
    }
    // The last eight bytes, some of them for a second time; of a shorter text those that there are.
    let last = bytes.last_chunk().copied().unwrap_or_else(|| {
        let mut padded = [0; 8];
        for (to, from) in padded.iter_mut().zip(rest) {
            *to = *from;
        }
        padded
    });
    fold(fold(hash ^ u64::from_le_bytes(last), 0x94d0_49bb_1331_11eb), 0xbf58_476d_1ce4_e5b9)
}

/// The id in one row; `None` where it is missing or blank.
fn id_bytes(column: &Column<'_>, row: usize) -> Option<Vec<u8>> {
    if column.validity.is_some_and(|bits| !bits.get(row)) {
        return None;
    }
    match &column.values {
        Values::Text(texts) => {
            let bytes = texts.bytes(row);
            (!bytes.trim_ascii().is_empty()).then(|| bytes.to_vec())
        }
        Values::Number(numbers) => {
            let text = match numbers {
                Numbers::I64(v) => v.get(row).map(ToString::to_string),
                Numbers::U64(v) => v.get(row).map(ToString::to_string),
                _ => {
                    let mut buffer = [f64::NAN];
                    numbers.block(row..row + 1, &mut buffer).first().filter(|x| !x.is_nan()).map(ToString::to_string)
                }
            };
            text.map(String::into_bytes)
        }
        Values::Flag(_) | Values::Missing(_) => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_repeated_id_among_many_is_found_with_its_row() {
        // Enough firms for several parts, in two pieces, the repeat in the other one.
        let mut ids: Vec<String> = (0..100_000).map(|i| format!("91310107{i:010}")).collect();
        let check = |ids: &[String]| {
            let texts: Vec<&str> = ids.iter().map(String::as_str).collect();
            let (head, tail) = texts.split_at(40_000);
            check_ids("uscc", &[&Column::strings(head), &Column::strings(tail)])
        };
        assert_eq!(check(&ids), []);
        ids[77_777] = ids[5].clone();
        let said: Vec<String> = check(&ids).iter().map(ToString::to_string).collect();
        assert_eq!(said, ["id column `uscc` has 1 repeated id (row 77778: `913101070000000005`); a firm stands in one row only"]);
    }

    #[test]
    fn whole_numbers_are_ids_too() {
        let column = Column { values: Values::Number(Numbers::I64(&[1, 2, i64::MAX, i64::MAX - 1])), validity: None };
        assert_eq!(check_ids("id", &[&column]), []);
        let column = Column { values: Values::Number(Numbers::I64(&[7, 2, 7])), validity: None };
        assert_eq!(check_ids("id", &[&column]).len(), 1);
    }
}
