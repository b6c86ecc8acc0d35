//! Unified social credit codes (统一社会信用代码, GB 32100-2015) of made-up firms.
//!
//! ```text
//! 9            registering department: market supervision
//! 1            kind: enterprise
//! 310107       GB/T 2260 code of Putuo District, Shanghai
//! 8 + 1        organisation code (GB 11714): body and check character
//! 1            check character
//! ```
//! Firms registered before the reform of October 2015 have a body of eight digits, later ones `MA` and six characters, as in real codes.

/// The 31 characters of a code: digits and capitals without I O S V Z.
pub(super) const ALPHABET: &[u8; 31] = b"0123456789ABCDEFGHJKLMNPQRTUWXY";

/// GB/T 2260 code of Putuo District, Shanghai.
pub(super) const PUTUO: &str = "310107";

/// Distinct bodies `MA` + six characters.
const NEW_BODIES: u64 = 31_u64.pow(6);

/// Distinct bodies of eight digits.
const OLD_BODIES: u64 = 100_000_000;

/// Multipliers that share no factor with the number of bodies: multiplying is then a permutation, and bodies never repeat.
const NEW_STRIDE: u64 = 548_508_139;
const OLD_STRIDE: u64 = 61_803_399;
const _: () = assert!(!NEW_STRIDE.is_multiple_of(31));
const _: () = assert!(!OLD_STRIDE.is_multiple_of(2) && !OLD_STRIDE.is_multiple_of(5));

/// The code of firm number `firm`, different for every `firm` below 31⁶ = 887,503,681.
pub(super) fn code(seed_key: u64, firm: u64, before_reform: bool) -> String {
    let mut code = String::with_capacity(18);
    code.push_str("91");
    code.push_str(PUTUO);
    if before_reform && firm < OLD_BODIES {
        let body = (firm * OLD_STRIDE + seed_key % OLD_BODIES) % OLD_BODIES;
        code.push_str(&format!("{body:08}"));
    } else {
        code.push_str("MA");
        let mut body = (u128::from(firm) * u128::from(NEW_STRIDE) + u128::from(seed_key)) % u128::from(NEW_BODIES);
        let mut characters = [0_u8; 6];
        for character in characters.iter_mut().rev() {
            *character = ALPHABET[(body % 31) as usize];
            body /= 31;
        }
        code.extend(characters.iter().map(|&c| char::from(c)));
    }
    let organisation = organisation_check(&code.as_bytes()[8..]);
    code.push(organisation);
    let check = check(code.as_bytes());
    code.push(check);
    code
}

/// The check character of an organisation code (GB 11714): weights 3 7 9 10 5 8 4 2, A = 10 … Z = 35, 10 written X.
fn organisation_check(body: &[u8]) -> char {
    const WEIGHTS: [u32; 8] = [3, 7, 9, 10, 5, 8, 4, 2];
    let sum: u32 =
        body.iter().zip(WEIGHTS).map(|(&c, w)| w * if c.is_ascii_digit() { u32::from(c - b'0') } else { u32::from(c - b'A') + 10 }).sum();
    match 11 - sum % 11 {
        10 => 'X',
        11 => '0',
        digit => char::from(b'0' + digit as u8),
    }
}

/// The check character of the first seventeen characters: weights 3^(i−1) mod 31, check = (31 − Σ mod 31) mod 31.
///
/// The outer `mod 31` matters: without it a sum that is a multiple of 31 gives index 31, past the end of the alphabet.
fn check(first: &[u8]) -> char {
    let mut weight = 1;
    let mut sum = 0;
    for character in first.iter().take(17) {
        let value = ALPHABET.iter().position(|a| a == character).unwrap_or(0);
        sum += weight * value;
        weight = weight * 3 % 31;
    }
    char::from(ALPHABET[(31 - sum % 31) % 31])
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::HashSet;

    /// Valid and invalid codes of domain.md §6.
    #[test]
    fn check_agrees_with_published_codes() {
        for valid in ["91350100M000100Y43", "91512081MA62K0260E", "91110000600037341L", "91110108551385082Q", "91350100M000100Y30"] {
            assert_eq!(valid.chars().last(), Some(check(&valid.as_bytes()[..17])), "{valid}");
        }
        // `91350100M000100Y4Z` ends outside the alphabet; `91310115MA1G4L1WXK` has a wrong check character.
        assert_eq!(check(b"91350100M000100Y4"), '3');
        assert_ne!(check(b"91310115MA1G4L1WX"), 'K');
    }

    /// The organisation codes inside the published codes: characters 9 to 17.
    #[test]
    fn organisation_check_agrees_with_published_codes() {
        for valid in ["91512081MA62K0260E", "91110000600037341L", "91110108551385082Q"] {
            assert_eq!(valid.chars().nth(16), Some(organisation_check(&valid.as_bytes()[8..16])), "{valid}");
        }
    }

    #[test]
    fn codes_never_repeat_and_all_check_characters_occur() {
        let mut seen = HashSet::new();
        let mut checks = HashSet::new();
        for firm in 0..50_000 {
            for before_reform in [false, true] {
                let code = code(77, firm, before_reform);
                assert_eq!(code.len(), 18);
                checks.insert(code.as_bytes()[17]);
                assert!(seen.insert(code));
            }
        }
        assert_eq!(checks.len(), 31);
        assert!(checks.contains(&b'0'));
    }
}
