//! Values of a column as small numbers: equal values have equal codes.

use super::aggregate::NO_CODE;
use super::firms::{fold, hash};
use firmgrade::columns::{Column, Numbers, Texts, Values};
use std::borrow::Cow;
use std::collections::HashMap;
use std::hash::{BuildHasherDefault, Hash, Hasher};

/// A column in codes.
#[derive(Clone, Debug, Default)]
pub(crate) struct Coded {
    /// One code for each row; [`NO_CODE`] where the value is missing.
    pub codes: Vec<u32>,
    /// The texts that the codes stand for; empty for other columns.
    pub words: Vec<String>,
}

impl Coded {
    /// The codes of a column. Texts are numbered in the order of their bytes where `ordered`; flags are 0 and 1.
    pub fn new(column: &Column<'_>, ordered: bool) -> Self {
        let there = |row: usize| column.validity.is_none_or(|bits| bits.get(row));
        let rows = 0..column.len();
        match &column.values {
            Values::Flag(bits) => {
                let codes = rows.map(|row| if there(row) { u32::from(bits.get(row)) } else { NO_CODE }).collect();
                Self { codes, words: Vec::new() }
            }
            Values::Number(_) => {
                let numbers = numbers(column);
                // Adding 0 makes −0 and 0 the same bits.
                let (codes, _) = number(numbers.iter().map(|x| (!x.is_nan()).then(|| (x + 0.0).to_bits())));
                Self { codes, words: Vec::new() }
            }
            Values::Text(Texts::Coded { codes, values }) => {
                let codes = rows.map(|row| if there(row) { u32::try_from(codes.get(row)).unwrap_or(NO_CODE) } else { NO_CODE });
                Self { codes: codes.collect(), words: values.iter().map(|word| (*word).to_owned()).collect() }.in_order(ordered)
            }
            Values::Text(texts) => {
                let (codes, words) = number(rows.map(|row| there(row).then(|| texts.bytes(row))));
                let words = words.into_iter().map(|word| String::from_utf8_lossy(word).into_owned()).collect();
                Self { codes, words }.in_order(ordered)
            }
            Values::Missing(len) => Self { codes: vec![NO_CODE; *len], words: Vec::new() },
        }
    }

    /// The code of a text; a new one where it has none.
    pub fn code_of(&mut self, text: &str) -> u32 {
        let at = self.words.iter().position(|word| word == text).unwrap_or_else(|| {
            self.words.push(text.to_owned());
            self.words.len() - 1
        });
        u32::try_from(at).unwrap_or(NO_CODE)
    }

    fn in_order(mut self, ordered: bool) -> Self {
        if ordered {
            let mut order: Vec<usize> = (0..self.words.len()).collect();
            order.sort_unstable_by(|a, b| self.words.get(*a).cmp(&self.words.get(*b)));
            let mut rank = vec![NO_CODE; order.len()];
            for (place, word) in (0..).zip(&order) {
                if let Some(rank) = rank.get_mut(*word) {
                    *rank = place;
                }
            }
            for code in &mut self.codes {
                *code = rank.get(*code as usize).copied().unwrap_or(NO_CODE);
            }
            self.words.sort_unstable();
        }
        self
    }
}

/// The values of a number column, NaN where one is missing.
pub(crate) fn numbers<'c>(column: &'c Column<'_>) -> Cow<'c, [f64]> {
    let Values::Number(numbers) = &column.values else { return Cow::Owned(vec![f64::NAN; column.len()]) };
    if let (Numbers::F64(values), None) = (numbers, column.validity) {
        return Cow::Borrowed(values);
    }
    let mut values = match numbers {
        Numbers::F64(values) => values.to_vec(),
        _ => {
            let mut values = vec![0.0; numbers.len()];
            // Of other types the block is the buffer itself.
            numbers.block(0..numbers.len(), &mut values);
            values
        }
    };
    if let Some(bits) = column.validity {
        for (row, value) in values.iter_mut().enumerate() {
            if !bits.get(row) {
                *value = f64::NAN;
            }
        }
    }
    Cow::Owned(values)
}

/// Numbers values in the order in which they first come.
fn number<K: Hash + Eq + Copy>(values: impl Iterator<Item = Option<K>>) -> (Vec<u32>, Vec<K>) {
    let mut known: HashMap<K, u32, BuildHasherDefault<Mix>> = HashMap::default();
    let mut words = Vec::new();
    let codes = values.map(|value| {
        let Some(value) = value else { return NO_CODE };
        *known.entry(value).or_insert_with(|| {
            words.push(value);
            u32::try_from(words.len() - 1).unwrap_or(NO_CODE)
        })
    });
    (codes.collect(), words)
}

/// A hasher of a few words at a time: it only has to spread values, for equal hashes are compared.
#[derive(Clone, Copy, Debug, Default)]
struct Mix(u64);

impl Hasher for Mix {
    fn write(&mut self, bytes: &[u8]) {
        self.0 = fold(self.0 ^ hash(bytes), 0xa076_1d64_78bd_642f);
    }

    fn write_u64(&mut self, word: u64) {
        self.0 = fold(self.0 ^ word ^ 0x9e37_79b9_7f4a_7c15, 0xa076_1d64_78bd_642f);
    }

    fn write_usize(&mut self, length: usize) {
        self.0 ^= length as u64;
    }

    fn finish(&self) -> u64 {
        self.0
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use firmgrade::columns::{Bits, Codes};

    #[test]
    fn equal_values_have_equal_codes_and_texts_stand_in_order() {
        let column = Column::strings(&["作废", "有效", "作废", "", "a text longer than a view", "有效"]);
        let coded = Coded::new(&column, true);
        assert_eq!(coded.words, ["", "a text longer than a view", "作废", "有效"]);
        assert_eq!(coded.codes, [2, 3, 2, 0, 1, 3]);
        assert_eq!(Coded::new(&Column::numbers(&[-0.0, 1.5, f64::NAN, 0.0]), false).codes, [0, 1, NO_CODE, 0]);
        let texts = Texts::Coded { codes: Codes::U8(&[1, 0, 1]), values: vec!["b", "a"] };
        let column = Column { values: Values::Text(texts), validity: Bits::new(&[0b011], 0, 3) };
        let mut coded = Coded::new(&column, true);
        assert_eq!((coded.codes.as_slice(), coded.words.join("")), ([0, 1, NO_CODE].as_slice(), "ab".to_owned()));
        assert_eq!((coded.code_of("b"), coded.code_of("c")), (1, 2));
    }

    #[test]
    fn numbers_of_any_type_are_missing_where_their_bit_is_clear() {
        let column = Column { values: Values::Number(Numbers::I32(&[1, 2, 3])), validity: Bits::new(&[0b101], 0, 3) };
        let values = numbers(&column);
        assert_eq!((values[0], values[1].is_nan(), values[2]), (1.0, true, 3.0));
        let column = Column { values: Values::Number(Numbers::F64(&[1.0, 2.0])), validity: Bits::new(&[0b10], 0, 2) };
        assert_eq!((numbers(&column)[0].is_nan(), numbers(&column)[1]), (true, 2.0));
    }
}
