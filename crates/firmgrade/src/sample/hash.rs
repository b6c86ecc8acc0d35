//! The two hashes of a draw, SHA-256 and SM3, and HMAC with either.

use hmac::{Hmac, KeyInit, Mac};
use serde::{Deserialize, Serialize};
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
        fn of<D: Digest<OutputSize = sha2::digest::consts::U32>>(parts: &[&[u8]]) -> Hash {
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

/// HMAC (RFC 2104) whose key has been taken in once: each message then costs two blocks less.
#[derive(Clone)]
pub(super) enum Keyed {
    Sha256(Box<Hmac<Sha256>>),
    Sm3(Box<Hmac<Sm3>>),
}

impl Keyed {
    /// A key of any length.
    pub(super) fn new(suite: Suite, key: &[u8]) -> Option<Self> {
        Some(match suite {
            Suite::Sha256 => Self::Sha256(Box::new(Hmac::new_from_slice(key).ok()?)),
            Suite::Sm3 => Self::Sm3(Box::new(Hmac::new_from_slice(key).ok()?)),
        })
    }

    /// The code of a message.
    pub(super) fn mac(&self, message: &[u8]) -> Hash {
        match self {
            Self::Sha256(keyed) => Hash(Hmac::clone(keyed).chain_update(message).finalize().into_bytes().into()),
            Self::Sm3(keyed) => Hash(Hmac::clone(keyed).chain_update(message).finalize().into_bytes().into()),
        }
    }
}

/// `lp(x)`: the length of `x` as u32 big-endian, then `x`. Whoever takes text in refuses more than 4 GiB of it.
pub(super) fn lp(into: &mut Vec<u8>, bytes: &[u8]) {
    into.extend_from_slice(&u32::try_from(bytes.len()).unwrap_or(u32::MAX).to_be_bytes());
    into.extend_from_slice(bytes);
}

/// Bytes as lower-case hexadecimal digits.
pub(super) fn to_hex(bytes: &[u8]) -> String {
    // A record of millions of firms holds some hundred million digits, too many for the formatting machinery.
    let digit = |nibble: u8| char::from(if nibble < 10 { b'0' + nibble } else { b'a' + nibble - 10 });
    let mut text = String::with_capacity(bytes.len() * 2);
    for byte in bytes {
        text.push(digit(byte >> 4));
        text.push(digit(byte & 15));
    }
    text
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

    /// RFC 4231, cases 1, 2 and 6 (a key longer than a block).
    #[test]
    fn published_codes() {
        let mac = |key: &[u8], message: &[u8]| Keyed::new(Suite::Sha256, key).unwrap().mac(message).to_string();
        assert_eq!(mac(&[0x0b; 20], b"Hi There"), "b0344c61d8db38535ca8afceaf0bf12b881dc200c9833da726e9376c2e32cff7");
        assert_eq!(mac(b"Jefe", b"what do ya want for nothing?"), "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843");
        assert_eq!(
            mac(&[0xaa; 131], b"Test Using Larger Than Block-Size Key - Hash Key First"),
            "60e431591ee0b67f0d8a26aacbf5b77f8e0bc6213728c5140546040f0ee37f54"
        );
    }

    /// HMAC-SM3 by its definition, written out with the hash alone.
    #[test]
    fn the_code_with_sm3_is_what_its_definition_says() {
        let pad = |with: u8| -> Vec<u8> { (0..64).map(|i| if i < 32 { 0x42 ^ with } else { with }).collect() };
        let inner = Suite::Sm3.hash(&[&pad(0x36), b"message"]);
        let outer = Suite::Sm3.hash(&[&pad(0x5c), &inner.0]);
        assert_eq!(Keyed::new(Suite::Sm3, &[0x42; 32]).unwrap().mac(b"message"), outer);
    }

    #[test]
    fn hexadecimal_has_one_spelling() {
        assert_eq!(from_hex("00ff"), Some(vec![0, 255]));
        for wrong in ["0", "0F", "g0", "é"] {
            assert_eq!(from_hex(wrong), None, "{wrong}");
        }
    }
}
