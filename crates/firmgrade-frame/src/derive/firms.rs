//! Which firm a record belongs to: ids once become dense numbers, the firm's row in the firm table.

use super::fate::UNMATCHED;
use firmgrade::columns::{Column, Numbers, Texts, Values};
use rayon::prelude::*;
use std::borrow::Cow;

/// Rows that one thread looks up in turn.
const BLOCK: usize = 16_384;

/// An empty slot of the table.
const FREE: u32 = u32::MAX;

/// The firms of a firm table by id. Blanks around an id do not count.
#[derive(Debug)]
pub(crate) struct FirmIndex<'a> {
    pieces: Vec<Column<'a>>,
    /// Where each piece begins.
    starts: Vec<usize>,
    /// An open table of hashes and firms, at most half full.
    slots: Vec<(u32, u32)>,
}

impl<'a> FirmIndex<'a> {
    /// The firms of an id column, given as pieces that follow each other. Of equal ids the first is found, rows without an id never.
    pub fn new(pieces: Vec<Column<'a>>) -> Self {
        let mut starts = Vec::with_capacity(pieces.len());
        let mut firms = 0;
        for piece in &pieces {
            starts.push(firms);
            firms += piece.len();
        }
        let slots = vec![(0, FREE); (firms * 2).next_power_of_two().max(2)];
        let mut index = Self { pieces, starts, slots };
        let mut firm = 0_u32;
        for piece in 0..index.pieces.len() {
            for row in 0..index.pieces.get(piece).map_or(0, Column::len) {
                index.insert(piece, row, firm);
                firm = firm.saturating_add(1);
            }
        }
        index
    }

    /// The number of firms.
    pub fn len(&self) -> usize {
        self.pieces.iter().map(Column::len).sum()
    }

    fn insert(&mut self, piece: usize, row: usize, firm: u32) {
        let Some(column) = self.pieces.get(piece) else { return };
        let Some(id) = id(column, row) else { return };
        let hash = hash(&id);
        if let Err(at) = self.probe(&id, hash)
            && let Some(slot) = self.slots.get_mut(at)
        {
            *slot = (hash as u32, firm);
        }
    }

    /// The firm of an id, or the free slot where it would stand.
    fn probe(&self, id: &[u8], hash: u64) -> Result<u32, usize> {
        let mask = self.slots.len() - 1;
        let mut at = (hash >> 32) as usize & mask;
        while let Some((tag, firm)) = self.slots.get(at) {
            if *firm == FREE {
                break;
            }
            if *tag == hash as u32 && self.is(*firm, id) {
                return Ok(*firm);
            }
            at = (at + 1) & mask;
        }
        Err(at)
    }

    fn is(&self, firm: u32, wanted: &[u8]) -> bool {
        let firm = firm as usize;
        let piece = self.starts.partition_point(|start| *start <= firm).saturating_sub(1);
        let (Some(column), Some(start)) = (self.pieces.get(piece), self.starts.get(piece)) else { return false };
        id(column, firm - start).is_some_and(|own| *own == *wanted)
    }

    fn find(&self, id: &[u8]) -> u32 {
        self.probe(id, hash(id)).unwrap_or(UNMATCHED)
    }

    /// The firm of each record, [`UNMATCHED`] for those of none; `pieces` are the records' id column.
    pub fn match_records(&self, pieces: &[Column<'_>]) -> Vec<u32> {
        let mut firms = vec![UNMATCHED; pieces.iter().map(Column::len).sum()];
        let mut rest = firms.as_mut_slice();
        for piece in pieces {
            let (own, after) = std::mem::take(&mut rest).split_at_mut_checked(piece.len()).unwrap_or_default();
            rest = after;
            let words = self.dictionary(piece);
            own.par_chunks_mut(BLOCK).enumerate().for_each(|(block, firms)| {
                for (place, firm) in firms.iter_mut().enumerate() {
                    *firm = self.one(piece, block * BLOCK + place, words.as_deref());
                }
            });
        }
        firms
    }

    /// The firm of each word of a coded column.
    fn dictionary(&self, column: &Column<'_>) -> Option<Vec<u32>> {
        let Values::Text(Texts::Coded { values, .. }) = &column.values else { return None };
        Some(values.par_iter().map(|word| self.find(word.as_bytes().trim_ascii())).collect())
    }

    fn one(&self, column: &Column<'_>, row: usize, words: Option<&[u32]>) -> u32 {
        match (&column.values, words) {
            (Values::Text(Texts::Coded { codes, .. }), Some(words)) => {
                let there = column.validity.is_none_or(|bits| bits.get(row));
                if there { words.get(codes.get(row)).copied().unwrap_or(UNMATCHED) } else { UNMATCHED }
            }
            _ => id(column, row).map_or(UNMATCHED, |id| self.find(&id)),
        }
    }
}

/// The id in one row as bytes; `None` where it is missing or blank. Whole numbers are ids as they are written.
fn id<'c>(column: &'c Column<'_>, row: usize) -> Option<Cow<'c, [u8]>> {
    if column.validity.is_some_and(|bits| !bits.get(row)) {
        return None;
    }
    match &column.values {
        Values::Text(texts) => {
            let bytes = texts.bytes(row).trim_ascii();
            (!bytes.is_empty()).then_some(Cow::Borrowed(bytes))
        }
        Values::Number(numbers) => {
            let text = match numbers {
                Numbers::I64(v) => v.get(row)?.to_string(),
                Numbers::U64(v) => v.get(row)?.to_string(),
                _ => {
                    let mut buffer = [f64::NAN];
                    numbers.block(row..row + 1, &mut buffer).first().filter(|x| !x.is_nan())?.to_string()
                }
            };
            Some(Cow::Owned(text.into_bytes()))
        }
        Values::Flag(_) | Values::Missing(_) => None,
    }
}

/// A hash of eight bytes at a time: it only has to spread ids, for equal hashes are compared.
pub(crate) fn hash(bytes: &[u8]) -> u64 {
    let mut hash = 0x9e37_79b9_7f4a_7c15 ^ bytes.len() as u64;
    let (words, rest) = bytes.as_chunks::<8>();
    for word in words {
        hash = fold(hash ^ u64::from_le_bytes(*word), 0xd134_2543_de82_ef95);
    }
    let mut last = [0; 8];
    for (to, from) in last.iter_mut().zip(rest) {
        *to = *from;
    }
    fold(fold(hash ^ u64::from_le_bytes(last), 0x94d0_49bb_1331_11eb), 0xbf58_476d_1ce4_e5b9)
}

/// The two halves of a product, mixed.
pub(crate) fn fold(a: u64, b: u64) -> u64 {
    let product = u128::from(a) * u128::from(b);
    product as u64 ^ (product >> 64) as u64
}

#[cfg(test)]
mod tests {
    use super::*;
    use firmgrade::columns::Codes;

    #[test]
    fn records_find_their_firm_in_every_layout() {
        let ids: Vec<String> = (0..5000).map(|i| format!("91310107{i:010}")).collect();
        let texts: Vec<&str> = ids.iter().map(String::as_str).collect();
        let (head, tail) = texts.split_at(3001);
        let index = FirmIndex::new(vec![Column::strings(head), Column::strings(tail)]);
        let wanted = [texts[4999], "unknown", " ", texts[0], "  913101070000003001 "];
        assert_eq!(index.match_records(&[Column::strings(&wanted)]), [4999, UNMATCHED, UNMATCHED, 0, 3001]);
        let coded = Column {
            values: Values::Text(Texts::Coded { codes: Codes::U8(&[2, 0, 1, 2]), values: vec![texts[7], "unknown", texts[8]] }),
            validity: None,
        };
        assert_eq!(index.match_records(&[coded]), [8, 7, UNMATCHED, 8]);
    }

    #[test]
    fn whole_numbers_match_their_text_and_repeated_ids_find_the_first() {
        let index = FirmIndex::new(vec![Column::strings(&["17", "18", "17"])]);
        let column = Column { values: Values::Number(Numbers::I64(&[18, 17, 19])), validity: None };
        assert_eq!(index.match_records(&[column]), [1, 0, UNMATCHED]);
    }
}
