//! Tickets: the random numbers of the draw, one for each firm and stage.

use super::frame::nfc;
use super::hash::{Hash, Keyed, Suite};
use super::rate::Rate;
use sha2::Sha256;
use sm3::Sm3;

/// The stage of the main draw.
pub const STAGE: &str = "firm";

/// The ticket of one firm, 32 bytes. Many tickets of one stage come faster from [`Tickets`].
///
/// ```text
/// HMAC_H(seed, "firmgrade/ticket/v1" || lp(stage) || lp(id))
/// ```
#[must_use]
pub fn ticket(suite: Suite, seed: &Hash, stage: &str, id: &str) -> Hash {
    Tickets::new(suite, seed, stage).of(id)
}

/// The tickets of one stage.
#[derive(Clone)]
pub struct Tickets(Codes);

#[derive(Clone)]
enum Codes {
    Sha256(Box<Keyed<Sha256>>),
    Sm3(Box<Keyed<Sm3>>),
}

impl Tickets {
    /// The tickets of a stage under a seed.
    #[must_use]
    pub fn new(suite: Suite, seed: &Hash, stage: &str) -> Self {
        let (rule, stage) = (b"firmgrade/ticket/v1", nfc(stage));
        Self(match suite {
            Suite::Sha256 => Codes::Sha256(Box::new(Keyed::new(&seed.0).begin(rule).begin_lp(stage.as_bytes()))),
            Suite::Sm3 => Codes::Sm3(Box::new(Keyed::new(&seed.0).begin(rule).begin_lp(stage.as_bytes()))),
        })
    }

    /// The ticket of a firm.
    #[must_use]
    pub fn of(&self, id: &str) -> Hash {
        self.of_bytes(nfc(id).as_bytes())
    }

    /// The ticket of an id in NFC.
    pub(super) fn of_bytes(&self, id: &[u8]) -> Hash {
        Hash(match &self.0 {
            Codes::Sha256(codes) => codes.code_lp(id),
            Codes::Sm3(codes) => codes.code_lp(id),
        })
    }
}

/// `ticket·a` as a whole number of 320 bits, the most significant word first.
fn times(ticket: &Hash, factor: u64) -> [u64; 5] {
    let mut product = [0; 5];
    let mut carry = 0_u128;
    let (words, _) = ticket.0.as_chunks::<8>();
    let (head, low) = product.split_at_mut(1);
    for (to, word) in low.iter_mut().zip(words).rev() {
        let sum = u128::from(u64::from_be_bytes(*word)) * u128::from(factor) + carry;
        *to = sum as u64;
        carry = sum >> 64;
    }
    if let Some(top) = head.first_mut() {
        *top = carry as u64;
    }
    product
}

/// Whether the ticket falls under a rate: `ticket·den < num·2²⁵⁶`, in whole numbers.
#[must_use]
pub fn falls_under(ticket: &Hash, rate: Rate) -> bool {
    times(ticket, rate.den) < [rate.num, 0, 0, 0, 0]
}

/// The first of `waves` equal parts of the rate under which the ticket falls, from 1: the smallest j with
/// `ticket·den·waves < j·num·2²⁵⁶`. `None` where `den·waves` or `num·waves` does not fit 64 bits, or it falls under none.
pub(super) fn wave_under(ticket: &Hash, rate: Rate, waves: u32) -> Option<u32> {
    let scaled = times(ticket, rate.den.checked_mul(u64::from(waves))?);
    rate.num.checked_mul(u64::from(waves))?;
    (1..=waves).find(|wave| scaled < [rate.num * u64::from(*wave), 0, 0, 0, 0])
}

/// The first u64 of a ticket as a number above 0: `((x >> 11) + 0.5)/2⁵³`. The largest of all, once in 2⁵³ tickets, is rounded to 1.
#[must_use]
pub fn unit(ticket: &Hash) -> f64 {
    let first = ticket.0.first_chunk().copied().map_or(0, u64::from_be_bytes);
    ((first >> 11) as f64 + 0.5) / 9_007_199_254_740_992.0
}

#[cfg(test)]
mod tests {
    use super::*;

    /// HMAC written out by its definition with the hash alone.
    #[test]
    fn a_ticket_is_the_documented_code() {
        let seed = Suite::Sha256.hash(&[b"seed"]);
        let pad = |with: u8| -> Vec<u8> { seed.0.iter().map(|byte| byte ^ with).chain([with; 32]).collect() };
        let message = b"firmgrade/ticket/v1\0\0\0\x04firm\0\0\0\x02f1";
        let inner = Suite::Sha256.hash(&[&pad(0x36), message]);
        assert_eq!(ticket(Suite::Sha256, &seed, "firm", "f1"), Suite::Sha256.hash(&[&pad(0x5c), &inner.0]));
    }

    /// Numbers at which the comparison turns, by hand: half of 2²⁵⁶ begins with byte 80.
    #[test]
    fn rates_are_compared_in_whole_numbers() {
        let mut half = [0; 32];
        half[0] = 0x80;
        let below = Hash(std::array::from_fn(|at| if at == 0 { 0x7f } else { 0xff }));
        let rate = |num, den| Rate { num, den };
        assert!(!falls_under(&Hash(half), rate(1, 2)));
        assert!(falls_under(&below, rate(1, 2)));
        assert!(!falls_under(&Hash([0; 32]), rate(0, 7)));
        assert!(falls_under(&Hash([0xff; 32]), rate(u64::MAX, u64::MAX)));
        assert!(!falls_under(&Hash([0xff; 32]), rate(u64::MAX - 1, u64::MAX)));
        assert_eq!((wave_under(&below, rate(1, 2), 4), wave_under(&Hash(half), rate(1, 2), 4)), (Some(4), None));
        assert_eq!(wave_under(&below, rate(1, 1), 2), Some(1));
        assert_eq!(wave_under(&Hash([0; 32]), rate(1, 9), 3), Some(1));
    }

    /// The largest number, (2⁵³ − 1) + 0.5, lies half way between two f64 and is rounded to the even one, so the unit number is then 1.
    #[test]
    fn the_unit_number_is_never_0() {
        assert!(unit(&Hash([0; 32])) > 0.0);
        assert!(unit(&Hash([0xff; 32])) <= 1.0);
    }
}
