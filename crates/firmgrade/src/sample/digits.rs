//! Dice and lottery digits as they are typed.

use super::fault::SampleFault;
use crate::error::Error;

/// The bytes of digits that were thrown or drawn in public, as a source of entropy.
///
/// ```text
/// runs of digits, ASCII or full-width, joined by one space each: "３ 5,1" → "3 5 1", "05-12-33+08" → "05 12 33 08"
/// between them: white space, comma, semicolon, full stop, plus, minus, slash, bar, colon, and their Chinese forms
/// ```
/// Leading zeros and the grouping count: "51 2" and "5 12" are different throws.
///
/// # Errors
/// [`Error::Sample`] for anything else in the text, or no digit at all.
pub fn digits(text: &str) -> Result<Vec<u8>, Error> {
    let mut bytes: Vec<u8> = Vec::new();
    let mut apart = false;
    for (at, c) in text.chars().enumerate() {
        let plain = match c {
            '０'..='９' => char::from_digit(u32::from(c) - u32::from('０'), 10),
            _ => Some(c).filter(char::is_ascii_digit),
        };
        if let Some(digit) = plain {
            if apart && !bytes.is_empty() {
                bytes.push(b' ');
            }
            apart = false;
            bytes.push(digit as u8);
        } else if c.is_whitespace() || ",;.+-/|:，、；。＋－／｜：".contains(c) {
            apart = true;
        } else {
            let why = format!("found `{c}` as character {}, expected digits and what stands between them", at + 1);
            return Err(Error::Sample(vec![SampleFault::Unreadable { what: "the digits".to_owned(), why }]));
        }
    }
    if bytes.is_empty() {
        return Err(Error::Sample(vec![SampleFault::Empty {
            what: "the text of digits".to_owned(),
            remedy: "type what the dice or the lottery showed",
        }]));
    }
    Ok(bytes)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn digits_have_one_form() {
        assert_eq!(digits("  ３ 5,1\n").unwrap(), b"3 5 1");
        assert_eq!(digits("05-12-33+08").unwrap(), b"05 12 33 08");
        assert_eq!(digits("314159").unwrap(), b"314159");
        assert_ne!(digits("51 2").unwrap(), digits("5 12").unwrap());
        assert!(digits("3 x").unwrap_err().to_string().contains("`x` as character 3"));
        assert!(digits(" , ").is_err());
    }
}
