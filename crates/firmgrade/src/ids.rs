//! Ids of firms: every firm has one, and none stands twice.

use crate::columns::{Column, Numbers, Values};
use crate::fault::{Cells, DataFault};
use rayon::prelude::*;
use std::hash::{BuildHasher, BuildHasherDefault, DefaultHasher};

/// Rows that one thread hashes at a time.
const BLOCK: usize = 8192;

/// Faults of the ids of all firms, given as pieces that follow each other.
pub(crate) fn check_ids(name: &str, pieces: &[&Column<'_>]) -> Vec<DataFault> {
    let mut missing = Cells::new("missing id");
    let mut hashes: Vec<(u64, u32)> = Vec::with_capacity(pieces.iter().map(|piece| piece.len()).sum());
    let mut offset = 0;
    for piece in pieces {
        let starts: Vec<usize> = (0..piece.len()).step_by(BLOCK).collect();
        let blocks: Vec<Vec<(u64, u32)>> = starts
            .into_par_iter()
            .map(|start| {
                let hasher = BuildHasherDefault::<DefaultHasher>::default();
                let rows = start..(start + BLOCK).min(piece.len());
                rows.filter_map(|row| Some((hash(&hasher, piece, row)?, u32::try_from(offset + row).ok()?))).collect()
            })
            .collect();
        let before = hashes.len();
        hashes.extend(blocks.into_iter().flatten());
        if hashes.len() - before < piece.len() {
            for row in (0..piece.len()).filter(|row| id_bytes(piece, *row).is_none()) {
                missing.add(offset + row, || None);
            }
        }
        offset += piece.len();
    }
    hashes.par_sort_unstable();
    let mut twice = Cells::new("repeated id");
    let mut repeats: Vec<u32> = Vec::new();
    for run in hashes.chunk_by(|a, b| a.0 == b.0).filter(|run| run.len() > 1) {
        // Equal hashes are rare, so the ids themselves are compared only here.
        for (index, (_, row)) in run.iter().enumerate() {
            if run.iter().take(index).any(|(_, other)| id_at(pieces, *other) == id_at(pieces, *row)) {
                repeats.push(*row);
            }
        }
    }
    repeats.sort_unstable();
    for row in repeats {
        twice.add(row as usize, || id_at(pieces, row).map(|id| String::from_utf8_lossy(&id).into_owned()));
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

fn hash(hasher: &impl BuildHasher, column: &Column<'_>, row: usize) -> Option<u64> {
    match &column.values {
        Values::Text(texts) if is_there(column, row) => {
            let bytes = texts.bytes(row);
            (!bytes.trim_ascii().is_empty()).then(|| hasher.hash_one(bytes))
        }
        _ => id_bytes(column, row).map(|id| hasher.hash_one(&*id)),
    }
}

fn is_there(column: &Column<'_>, row: usize) -> bool {
    column.validity.is_none_or(|bits| bits.get(row))
}

/// The id of a firm counted through all pieces.
fn id_at(pieces: &[&Column<'_>], row: u32) -> Option<Vec<u8>> {
    let mut row = row as usize;
    for piece in pieces {
        if row < piece.len() {
            return id_bytes(piece, row);
        }
        row -= piece.len();
    }
    None
}

/// The id in one row; `None` where it is missing or blank.
fn id_bytes(column: &Column<'_>, row: usize) -> Option<Vec<u8>> {
    if !is_there(column, row) {
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
