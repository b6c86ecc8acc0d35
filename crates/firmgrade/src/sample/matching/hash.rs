//! The hashed costs.

use super::super::hash::Keyed;
use sha2::Sha256;

/// The name of the rule, the first bytes of every message.
pub const RULE: &str = "firmgrade/assign/v1";

/// What one place of an inspector at a visit costs: 43 bits of a hash.
///
/// ```text
/// cost = first 8 bytes (big-endian) of HMAC-SHA256(seed32, "firmgrade/assign/v1" || lp("cost") || lp(visit) || lp(inspector)) >> 21
/// lp(x) = length in bytes as u32 big-endian, then the bytes
/// ```
/// Ids are hashed as they are given; a [`Roster`](super::Roster) has them in NFC.
#[must_use]
pub fn cost(seed: &[u8; 32], visit: &str, inspector: &str) -> u64 {
    Costs::new(seed).of_visit(visit).with(inspector)
}

/// The costs of one seed, or of one visit.
#[derive(Clone)]
pub(super) struct Costs(Keyed<Sha256>);

impl Costs {
    pub(super) fn new(seed: &[u8; 32]) -> Self {
        Self(Keyed::new(seed).begin(RULE.as_bytes()).begin_lp(b"cost"))
    }

    pub(super) fn of_visit(&self, visit: &str) -> Self {
        Self(self.0.clone().begin_lp(visit.as_bytes()))
    }

    #[inline]
    pub(super) fn with(&self, inspector: &str) -> u64 {
        let code = self.0.code_lp(inspector.as_bytes());
        code.first_chunk().copied().map_or(0, u64::from_be_bytes) >> 21
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// python3: int.from_bytes(hmac.new(bytes(range(32)), b"firmgrade/assign/v1" + lp("cost") + lp("访1") + lp("I-07"), "sha256").digest()[:8], "big") >> 21
    #[test]
    fn a_cost_as_python_computes_it() {
        let seed: [u8; 32] = std::array::from_fn(|at| at as u8);
        assert_eq!(cost(&seed, "访1", "I-07"), 5_413_704_564_445);
    }
}
