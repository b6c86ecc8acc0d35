//! Numbers of natural persons, which no message shows.

/// Numbers of natural persons (GB 11643: 17 digits and a check character, or the old 15 digits) with all but the region and the
/// last character replaced by `*`, also where their digits are full-width or follow a letter.
///
/// Digits count as such a number when their date of birth is possible. Where it is, an 18th character that is right for a firm's
/// unified code (GB 32100) and wrong for a person tells that it is a firm's. The 15 digits ended with those born in 1999, and are
/// taken for a firm's old registration number where the region is a whole province or the birth lies before 1920.
#[must_use]
pub fn mask(text: &str) -> String {
    let mut masked = String::with_capacity(text.len());
    let mut digits: Vec<u8> = Vec::new();
    let mut run = 0;
    let mut letters = text.char_indices().peekable();
    while let Some((at, letter)) = letters.next() {
        let plain = half_width(letter);
        let follows = letters.peek().map(|(_, next)| half_width(*next)).filter(char::is_ascii_alphanumeric);
        let ends_with_x = plain.eq_ignore_ascii_case(&'x') && digits.len() == 17 && follows.is_none();
        if plain.is_ascii_digit() || ends_with_x {
            if digits.is_empty() {
                run = at;
            }
            // INVARIANT: an ASCII character is one byte.
            digits.push(u8::try_from(plain.to_ascii_uppercase()).unwrap_or_default());
            let goes_on = follows.is_some_and(|next| next.is_ascii_digit() || (next.eq_ignore_ascii_case(&'x') && digits.len() == 17));
            if goes_on && !ends_with_x {
                continue;
            }
            let end = at + letter.len_utf8();
            if follows.is_none() && is_person(&digits) {
                masked.extend(digits.iter().take(6).map(|digit| char::from(*digit)));
                masked.extend(std::iter::repeat_n('*', digits.len() - 7));
                masked.extend(digits.last().map(|digit| char::from(*digit)));
            } else {
                masked.push_str(text.get(run..end).unwrap_or_default());
            }
            digits.clear();
        } else {
            masked.push(letter);
        }
    }
    masked
}

/// Whether [`mask`] may change the text: whether fifteen digits, of any width, follow each other in it. Much faster than to mask it.
#[must_use]
pub fn may_hold_person(text: &str) -> bool {
    let bytes = text.as_bytes();
    if bytes.len() < 15 {
        return false;
    }
    if text.is_ascii() {
        // Every run of fifteen covers one byte in fifteen.
        return (14..bytes.len()).step_by(15).any(|at| {
            let digit = |at: &usize| bytes.get(*at).is_some_and(u8::is_ascii_digit);
            digit(&at) && {
                let before = (0..at).rev().take_while(digit).count();
                before + (at..bytes.len()).take_while(digit).count() >= 15
            }
        });
    }
    let mut run = 0;
    text.chars().any(|letter| {
        run = if half_width(letter).is_ascii_digit() { run + 1 } else { 0 };
        run >= 15
    })
}

fn half_width(letter: char) -> char {
    match letter {
        '\u{FF01}'..='\u{FF5E}' => char::from_u32(u32::from(letter) - 0xFEE0).unwrap_or(letter),
        _ => letter,
    }
}

/// Whether these digits, the last perhaps an `X`, are a natural person's.
fn is_person(digits: &[u8]) -> bool {
    let number = |range: std::ops::Range<usize>| {
        digits.get(range).map_or(0, |part| part.iter().fold(0, |sum, digit| sum * 10 + u32::from(digit.wrapping_sub(b'0'))))
    };
    let born = |year: u32, month: u32, day: u32| {
        let leap = year.is_multiple_of(4) && (!year.is_multiple_of(100) || year.is_multiple_of(400));
        let last = match month {
            2 if leap => 29,
            2 => 28,
            4 | 6 | 9 | 11 => 30,
            1..=12 => 31,
            _ => 0,
        };
        (1900..2100).contains(&year) && (1..=last).contains(&day)
    };
    match digits.len() {
        18 => born(number(6..10), number(10..12), number(12..14)) && (person_checks(digits) || !firm_checks(digits)),
        15 => number(6..8) >= 20 && number(2..6) != 0 && born(1900 + number(6..8), number(8..10), number(10..12)),
        _ => false,
    }
}

/// GB 11643: weights 2^(18−i) mod 11, the sum with the check character (X = 10) is 1 mod 11.
fn person_checks(digits: &[u8]) -> bool {
    let value = |digit: &u8| if *digit == b'X' { 10 } else { u32::from(digit.wrapping_sub(b'0')) };
    let sum = digits.iter().rev().fold((0, 1), |(sum, weight), digit| (sum + value(digit) * weight, weight * 2 % 11)).0;
    sum % 11 == 1
}

/// GB 32100 over digits alone: weights 3^(i−1) mod 31; `X` is the 30th character, so that digits stand for themselves.
fn firm_checks(digits: &[u8]) -> bool {
    let value = |digit: &u8| if *digit == b'X' { 29 } else { u32::from(digit.wrapping_sub(b'0')) };
    let sum = digits.iter().take(17).fold((0, 1), |(sum, weight), digit| (sum + value(digit) * weight, weight * 3 % 31)).0;
    digits.last().is_some_and(|check| value(check) == (31 - sum % 31) % 31)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_of_natural_persons_are_masked_and_codes_of_firms_are_not() {
        // The first is GB 11643's own example of the form; the others are codes of firms and an old registration number.
        assert_eq!(mask("11010519491231002X"), "110105***********X");
        assert_eq!(mask("身份证 110105491231002 号"), "身份证 110105********2 号");
        assert_eq!(mask("91110000600037341L"), "91110000600037341L");
        assert_eq!(mask("310107600012345"), "310107600012345");
        assert_eq!(mask(""), "");
        assert_eq!(mask("ID11010519491231002x，１１０１０５４９１２３１００２"), "ID110105***********X，110105********2");
        // Too long, too short, of a birth in month 13, followed by a letter: shown as they are.
        for shown in ["1101051949123100211", "11010519491231002", "110105194913310021", "110105491231002MA1", "ＡＢ１２，甲"] {
            assert_eq!(mask(shown), shown);
        }
        // 15 digits of a whole province, or of a birth before 1920: registration numbers.
        assert_eq!(mask("110000491231002"), "110000491231002");
        assert_eq!(mask("110105001231002"), "110105001231002");
        // A wrong check character is masked all the same, unless it is the right one of a firm's code: 12310120051231002 calls for the
        // character at place (31 − Σ mod 31) mod 31.
        assert_eq!(mask("110105194912310021"), "110105***********1");
        for text in [
            "11010519491231002X",
            "身份证 110105491231002 号",
            "ID11010519491231002x，１１０１０５４９１２３１００２",
            "甲１１０１０５４９１２３１００２",
        ] {
            assert!(may_hold_person(text) && mask(text) != text, "{text}");
        }
        for text in ["", "91350100M000100Y43", "91350100123456MA12", "11010549123100", "１２３"] {
            assert!(!may_hold_person(text), "{text}");
        }
        let firm = (0..10).map(|check| format!("12310120051231002{check}")).chain(["12310120051231002X".to_owned()]);
        assert!(firm.filter(|code| mask(code) == *code).count() <= 1);
    }
}
