//! The hashed costs: HMAC-SHA256 (RFC 2104, FIPS 180-4) with the key's and the visit's blocks hashed once.

use sha2::block_api::compress256;

/// The name of the rule, the first bytes of every message.
pub const RULE: &str = "firmgrade/assign/v1";

/// The state that SHA-256 starts from (FIPS 180-4, 5.3.3).
const START: [u32; 8] = [0x6a09_e667, 0xbb67_ae85, 0x3c6e_f372, 0xa54f_f53a, 0x510e_527f, 0x9b05_688c, 0x1f83_d9ab, 0x5be0_cd19];

const BLOCK: usize = 64;

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

/// A hash under way: the state after whole blocks, and the bytes that do not fill one yet.
#[derive(Clone)]
struct Hash {
    state: [u32; 8],
    rest: [u8; BLOCK],
    length: usize,
}

impl Hash {
    /// A hash whose first block is the key, padded with zeros, each byte with `pad` added modulo 2.
    fn keyed(key: &[u8; 32], pad: u8) -> Self {
        let mut block = [pad; BLOCK];
        for (byte, key) in block.iter_mut().zip(key) {
            *byte ^= key;
        }
        let mut state = START;
        compress256(&mut state, &[block]);
        Self { state, rest: [0; BLOCK], length: BLOCK }
    }

    #[inline]
    fn absorb(&mut self, mut bytes: &[u8]) {
        loop {
            let used = self.length % BLOCK;
            let taken = bytes.len().min(BLOCK - used);
            let (now, later) = bytes.split_at(taken);
            self.rest[used..used + taken].copy_from_slice(now);
            self.length += taken;
            if used + taken < BLOCK {
                return;
            }
            compress256(&mut self.state, &[self.rest]);
            bytes = later;
        }
    }

    #[inline]
    fn absorb_lp(&mut self, text: &str) {
        self.absorb(&u32::try_from(text.len()).unwrap_or(u32::MAX).to_be_bytes());
        self.absorb(text.as_bytes());
    }

    #[inline]
    fn finish(mut self) -> [u32; 8] {
        let used = self.length % BLOCK;
        self.rest[used] = 0x80;
        self.rest[used + 1..].fill(0);
        if used + 1 > BLOCK - 8 {
            compress256(&mut self.state, &[self.rest]);
            self.rest.fill(0);
        }
        self.rest[BLOCK - 8..].copy_from_slice(&(self.length as u64 * 8).to_be_bytes());
        compress256(&mut self.state, &[self.rest]);
        self.state
    }
}

/// The costs of one seed.
#[derive(Clone)]
pub(super) struct Costs {
    inner: Hash,
    outer: Hash,
}

impl Costs {
    pub(super) fn new(seed: &[u8; 32]) -> Self {
        let (mut inner, outer) = (Hash::keyed(seed, 0x36), Hash::keyed(seed, 0x5c));
        inner.absorb(RULE.as_bytes());
        inner.absorb_lp("cost");
        Self { inner, outer }
    }

    pub(super) fn of_visit(&self, visit: &str) -> Self {
        let mut costs = self.clone();
        costs.inner.absorb_lp(visit);
        costs
    }

    #[inline]
    pub(super) fn with(&self, inspector: &str) -> u64 {
        let mut inner = self.inner.clone();
        inner.absorb_lp(inspector);
        let code = mac(inner, self.outer.clone());
        (u64::from(code[0]) << 32 | u64::from(code[1])) >> 21
    }
}

#[inline]
fn mac(inner: Hash, mut outer: Hash) -> [u32; 8] {
    let mut digest = [0; 32];
    for (bytes, word) in digest.chunks_exact_mut(4).zip(inner.finish()) {
        bytes.copy_from_slice(&word.to_be_bytes());
    }
    outer.absorb(&digest);
    outer.finish()
}

#[cfg(test)]
mod tests {
    use super::*;

    /// RFC 4231 with its keys, which are zero-padded to 32 bytes: padding to the block does the same. Test cases 1, 2, 3, 4; then messages
    /// around the ends of blocks, from Python's `hmac`.
    #[test]
    fn the_published_codes() {
        let code = |key: &[u8], message: &[u8]| {
            let mut padded = [0; 32];
            padded[..key.len()].copy_from_slice(key);
            let mut inner = Hash::keyed(&padded, 0x36);
            inner.absorb(message);
            mac(inner, Hash::keyed(&padded, 0x5c)).map(|word| format!("{word:08x}")).concat()
        };
        assert_eq!(code(&[0x0b; 20], b"Hi There"), "b0344c61d8db38535ca8afceaf0bf12b881dc200c9833da726e9376c2e32cff7");
        assert_eq!(code(b"Jefe", b"what do ya want for nothing?"), "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843");
        assert_eq!(code(&[0xaa; 20], &[0xdd; 50]), "773ea91e36800e46854db8ebd09181a72959098b3ef8c122d9635514ced565fe");
        let key: Vec<u8> = (1..=25).collect();
        assert_eq!(code(&key, &[0xcd; 50]), "82558a389a443c0ea4cc819899f2083a85f0faa3e578f8077a2e3ff46729665b");
        let digests: String = (0..200).map(|length| code(b"key", &vec![b'x'; length])).collect();
        // python3 -c "import hmac,hashlib; print(hashlib.sha256(''.join(hmac.new(b'key', b'x'*n, 'sha256').hexdigest() for n in range(200)).encode()).hexdigest())"
        assert_eq!(crate::digest::sha256_hex(digests.as_bytes()), "f40d3c8b65b2dae1dbd4bbdc0930e4fb62a59d1118d3e836e361c46274c4900a");
    }

    /// python3: int.from_bytes(hmac.new(bytes(range(32)), b"firmgrade/assign/v1" + lp("cost") + lp("访1") + lp("I-07"), "sha256").digest()[:8], "big") >> 21
    #[test]
    fn a_cost_as_python_computes_it() {
        let seed: [u8; 32] = std::array::from_fn(|at| at as u8);
        assert_eq!(cost(&seed, "访1", "I-07"), 5_413_704_564_445);
    }
}
