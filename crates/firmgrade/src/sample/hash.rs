//! The two hashes of a draw, SHA-256 and SM3, and HMAC with either.

use serde::{Deserialize, Serialize};
use sha2::digest::consts::U32;
use sha2::{Digest, Sha256};
use sm3::Sm3;
use std::fmt;

/// 32 bytes of hash; hexadecimal in text and JSON. Compared as bytes.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Hash(pub [u8; 32]);

/// The hash function of a draw; its name is part of the record.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, schemars::JsonSchema)]
#[serde(rename_all = "lowercase")]
pub enum Suite {
    /// SHA-256 (FIPS 180-4).
    #[default]
    Sha256,
    /// SM3 (GB/T 32905-2016).
    Sm3,
}

impl Suite {
    /// The name in records.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Sha256 => "sha256",
            Self::Sm3 => "sm3",
        }
    }

    /// The hash of these parts, one after the other.
    #[must_use]
    pub fn hash(self, parts: &[&[u8]]) -> Hash {
        fn of<D: Digest<OutputSize = U32>>(parts: &[&[u8]]) -> Hash {
            let mut state = D::new();
            parts.iter().for_each(|part| state.update(part));
            Hash(state.finalize().into())
        }
        match self {
            Self::Sha256 => of::<Sha256>(parts),
            Self::Sm3 => of::<Sm3>(parts),
        }
    }
}

impl fmt::Display for Suite {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

/// HMAC (RFC 2104) under a seed. The block of the key, and what all messages begin with, are hashed once.
#[derive(Clone)]
pub(super) struct Keyed<D> {
    inner: D,
    outer: D,
}

impl<D: Digest<OutputSize = U32> + Clone> Keyed<D> {
    pub(super) fn new(key: &[u8; 32]) -> Self {
        let padded = |with: u8| {
            // Both hash functions work on blocks of 64 bytes.
            let mut block = [with; 64];
            block.iter_mut().zip(key).for_each(|(byte, key)| *byte ^= key);
            D::new().chain_update(block)
        };
        Self { inner: padded(0x36), outer: padded(0x5c) }
    }

    /// The same for messages that begin with these bytes, after those they begin with already.
    #[must_use]
    pub(super) fn begin(mut self, bytes: &[u8]) -> Self {
        self.inner.update(bytes);
        self
    }

    /// The same for messages that begin with `lp(bytes)`.
    #[must_use]
    pub(super) fn begin_lp(self, bytes: &[u8]) -> Self {
        self.begin(&length(bytes)).begin(bytes)
    }

    /// The code of the message that ends with `lp(bytes)`.
    #[inline]
    pub(super) fn code_lp(&self, bytes: &[u8]) -> [u8; 32] {
        let inner = self.inner.clone().chain_update(length(bytes)).chain_update(bytes).finalize();
        self.outer.clone().chain_update(inner).finalize().into()
    }
}

fn length(bytes: &[u8]) -> [u8; 4] {
    u32::try_from(bytes.len()).unwrap_or(u32::MAX).to_be_bytes()
}

/// `lp(x)`: the length of `x` as u32 big-endian, then `x`. Whoever takes text in refuses more than 4 GiB of it.
pub(super) fn lp(into: &mut Vec<u8>, bytes: &[u8]) {
    into.extend_from_slice(&length(bytes));
    into.extend_from_slice(bytes);
}

/// Bytes as lower-case hexadecimal digits.
pub(super) fn to_hex(bytes: &[u8]) -> String {
    let mut text = String::with_capacity(bytes.len() * 2);
    hex_into(&mut text, bytes);
    text
}

/// The same, at the end of a text.
pub(super) fn hex_into(text: &mut String, bytes: &[u8]) {
    // A record of millions of firms holds some hundred million digits, too many for the formatting machinery.
    let digit = |nibble: u8| char::from(if nibble < 10 { b'0' + nibble } else { b'a' + nibble - 10 });
    for byte in bytes {
        text.push(digit(byte >> 4));
        text.push(digit(byte & 15));
    }
}

/// Bytes from pairs of lower-case hexadecimal digits: one spelling only, so that equal bytes are equal text.
pub(super) fn from_hex(text: &str) -> Option<Vec<u8>> {
    let digit = |byte: u8| match byte {
        b'0'..=b'9' => Some(byte - b'0'),
        b'a'..=b'f' => Some(byte - b'a' + 10),
        _ => None,
    };
    let (pairs, rest) = text.as_bytes().as_chunks::<2>();
    if !rest.is_empty() {
        return None;
    }
    pairs.iter().map(|[high, low]| Some(digit(*high)? << 4 | digit(*low)?)).collect()
}

impl fmt::Display for Hash {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&to_hex(&self.0))
    }
}

impl fmt::Debug for Hash {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

impl std::str::FromStr for Hash {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let bytes: Option<[u8; 32]> = from_hex(text).and_then(|bytes| bytes.try_into().ok());
        bytes.map(Self).ok_or_else(|| format!("found `{text}`, expected 64 hexadecimal digits in lower case"))
    }
}

impl Serialize for Hash {
    fn serialize<S: serde::Serializer>(&self, to: S) -> Result<S::Ok, S::Error> {
        to.serialize_str(&to_hex(&self.0))
    }
}

impl<'de> Deserialize<'de> for Hash {
    fn deserialize<D: serde::Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        String::deserialize(from)?.parse().map_err(serde::de::Error::custom)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// FIPS 180-4 examples; GB/T 32905-2016, annex A, examples 1 and 2.
    #[test]
    fn published_hashes() {
        let hash = |suite: Suite, text: &str| suite.hash(&[text.as_bytes()]).to_string();
        assert_eq!(hash(Suite::Sha256, "abc"), "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
        assert_eq!(
            hash(Suite::Sha256, "abcdbcdecdefdefgefghfghighijhijkijkljklmklmnlmnomnopnopq"),
            "248d6a61d20638b8e5c026930c3e6039a33ce45964ff2167f6ecedd419db06c1"
        );
        assert_eq!(hash(Suite::Sm3, "abc"), "66c7f0f462eeedd9d1f2d46bdc10e4e24167c4875cf2f7a2297da02b8f4ba8e0");
        assert_eq!(hash(Suite::Sm3, &"abcd".repeat(16)), "debe9ff92275b8a138604889c18e5a4d6fdb70e5387e5765293dcba39c0c5732");
        assert_eq!(Suite::Sm3.hash(&[b"a", b"", b"bc"]), Suite::Sm3.hash(&[b"abc"]));
    }

    /// RFC 4231, cases 1 to 4, whose keys are padded with zeros to 32 bytes here, as HMAC would pad them to the block; then messages around the
    /// ends of blocks, from Python:
    ///
    /// ```text
    /// sha256("".join(hmac.new(b"key", n.to_bytes(4, "big") + b"x" * n, "sha256").hexdigest() for n in range(200)).encode()).hexdigest()
    /// ```
    #[test]
    fn published_codes() {
        fn keyed<D: Digest<OutputSize = U32> + Clone>(key: &[u8]) -> Keyed<D> {
            let mut padded = [0; 32];
            padded[..key.len()].copy_from_slice(key);
            Keyed::new(&padded)
        }
        let code = |key: &[u8], message: &[u8]| {
            let Keyed { inner, outer } = keyed::<Sha256>(key).begin(message);
            to_hex(&outer.chain_update(inner.finalize()).finalize())
        };
        assert_eq!(code(&[0x0b; 20], b"Hi There"), "b0344c61d8db38535ca8afceaf0bf12b881dc200c9833da726e9376c2e32cff7");
        assert_eq!(code(b"Jefe", b"what do ya want for nothing?"), "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843");
        assert_eq!(code(&[0xaa; 20], &[0xdd; 50]), "773ea91e36800e46854db8ebd09181a72959098b3ef8c122d9635514ced565fe");
        let key: Vec<u8> = (1..=25).collect();
        assert_eq!(code(&key, &[0xcd; 50]), "82558a389a443c0ea4cc819899f2083a85f0faa3e578f8077a2e3ff46729665b");
        let all: String = (0..200).map(|length| to_hex(&keyed::<Sha256>(b"key").code_lp(&vec![b'x'; length]))).collect();
        assert_eq!(Suite::Sha256.hash(&[all.as_bytes()]).to_string(), "e0e445b72ac069cc734a9116b60dfc5fea15863768e062b6327b3f52e9b89084");
        let all: String = (0..200).map(|length| to_hex(&keyed::<Sm3>(b"key").code_lp(&vec![b'x'; length]))).collect();
        assert_eq!(Suite::Sha256.hash(&[all.as_bytes()]).to_string(), "4790d45fb57e7448256ccbdf45a61c7cf1ac2b927ac87761a2107c4a6c0ddddd");
        assert_eq!(keyed::<Sm3>(b"key").begin_lp(b"a").code_lp(b"b"), keyed::<Sm3>(b"key").begin(b"\0\0\0\x01a").code_lp(b"b"));
    }

    #[test]
    fn hexadecimal_has_one_spelling() {
        assert_eq!(from_hex("00ff"), Some(vec![0, 255]));
        for wrong in ["0", "0F", "g0", "é"] {
            assert_eq!(from_hex(wrong), None, "{wrong}");
        }
    }
}
