//! Digests that name what made a result. The hash is SHA-256, which any auditor has at hand.

use crate::columns::{Column, Numbers, Values};
use sha2::{Digest, Sha256};
use std::fmt::Write;

/// SHA-256 of some bytes as 64 hexadecimal digits.
#[must_use]
pub fn sha256_hex(bytes: &[u8]) -> String {
    hex(Sha256::digest(bytes).as_slice())
}

pub(crate) fn hex(bytes: &[u8]) -> String {
    bytes.iter().fold(String::with_capacity(bytes.len() * 2), |mut text, byte| {
        let _ = write!(text, "{byte:02x}");
        text
    })
}

/// The digest of one column, given as the pieces that follow each other in the blocks of input.
///
/// ```text
/// SHA-256( lp(name) lp(kind) rows as u64 big-endian, then each value:
///   number  8 bytes, the f64 big-endian; missing (null or NaN) is 7ff8000000000000; −0 is 0
///   text    00 for missing, else 01 lp(bytes)
///   flag    00 missing, 01 no, 02 yes )              lp(x) = length as u32 big-endian, then x
/// ```
/// It depends on neither the machine type of numbers nor the layout of text: the same data from CSV and Parquet agree.
#[must_use]
pub fn column_digest(name: &str, pieces: &[&Column<'_>]) -> [u8; 32] {
    let mut hash = Sha256::new();
    let lp = |hash: &mut Sha256, bytes: &[u8]| {
        hash.update(u32::try_from(bytes.len()).unwrap_or(u32::MAX).to_be_bytes());
        hash.update(bytes);
    };
    lp(&mut hash, name.as_bytes());
    let kind = pieces.iter().find_map(|piece| piece.kind());
    lp(&mut hash, kind.map_or("missing", |kind| kind.as_str()).as_bytes());
    let rows: usize = pieces.iter().map(|piece| piece.len()).sum();
    hash.update((rows as u64).to_be_bytes());
    let mut bytes: Vec<u8> = Vec::with_capacity(1 << 16);
    for piece in pieces {
        let there = |row: usize| piece.validity.is_none_or(|bits| bits.get(row));
        match &piece.values {
            Values::Number(numbers) => numbers_into(numbers, there, &mut bytes, &mut hash),
            Values::Text(texts) => {
                for row in 0..texts.len() {
                    if there(row) {
                        let text = texts.bytes(row);
                        bytes.push(1);
                        bytes.extend_from_slice(&u32::try_from(text.len()).unwrap_or(u32::MAX).to_be_bytes());
                        bytes.extend_from_slice(text);
                    } else {
                        bytes.push(0);
                    }
                    flush(&mut bytes, &mut hash, 1 << 15);
                }
            }
            Values::Flag(bits) => bytes.extend((0..bits.len()).map(|row| if there(row) { 1 + u8::from(bits.get(row)) } else { 0 })),
            Values::Missing(len) => bytes.extend(std::iter::repeat_n(0, *len)),
        }
        flush(&mut bytes, &mut hash, 0);
    }
    hash.finalize().into()
}

fn numbers_into(numbers: &Numbers<'_>, there: impl Fn(usize) -> bool, bytes: &mut Vec<u8>, hash: &mut Sha256) {
    const BLOCK: usize = 1024;
    let mut buffer = [0.0; BLOCK];
    for start in (0..numbers.len()).step_by(BLOCK) {
        let block = numbers.block(start..(start + BLOCK).min(numbers.len()), &mut buffer);
        for (row, value) in block.iter().enumerate() {
            let canonical = if !there(start + row) || value.is_nan() { f64::NAN.to_bits() & !(1 << 63) } else { (value + 0.0).to_bits() };
            bytes.extend_from_slice(&canonical.to_be_bytes());
        }
        flush(bytes, hash, 0);
    }
}

fn flush(bytes: &mut Vec<u8>, hash: &mut Sha256, above: usize) {
    if bytes.len() > above {
        hash.update(&*bytes);
        bytes.clear();
    }
}

/// The digest of a table from the digests of its columns, in order.
#[must_use]
pub fn table_digest(columns: &[[u8; 32]]) -> String {
    let mut hash = Sha256::new();
    for column in columns {
        hash.update(column);
    }
    hex(hash.finalize().as_slice())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_column_digest_is_what_the_documented_bytes_hash_to() {
        // The bytes written out by hand; their SHA-256 from another implementation.
        let column = Column::numbers(&[1.0, f64::NAN, -0.0]);
        let mut bytes = b"\0\0\0\x01x\0\0\0\x06number\0\0\0\0\0\0\0\x03".to_vec();
        bytes.extend_from_slice(&[0x3f, 0xf0, 0, 0, 0, 0, 0, 0, 0x7f, 0xf8, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0]);
        assert_eq!(hex(&column_digest("x", &[&column])), sha256_hex(&bytes));
        assert_eq!(sha256_hex(b"abc"), "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
    }

    #[test]
    fn pieces_and_machine_types_do_not_change_it() {
        let whole = Column::numbers(&[1.0, 2.0, 3.0]);
        let (head, tail) = (Column { values: Values::Number(Numbers::I32(&[1, 2])), validity: None }, Column::numbers(&[3.0]));
        assert_eq!(column_digest("x", &[&whole]), column_digest("x", &[&head, &tail]));
        assert_ne!(column_digest("x", &[&whole]), column_digest("y", &[&whole]));
    }
}
