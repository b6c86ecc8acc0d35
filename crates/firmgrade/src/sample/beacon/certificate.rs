//! What is needed of an X.509 certificate (RFC 5280): its bytes, the key in it and the time in which it is valid. Who issued it is not asked here.

use super::Moment;

/// A certificate with an RSA key.
pub(super) struct Certificate {
    /// All of it, in DER.
    pub der: Vec<u8>,
    /// The `RSAPublicKey`, in DER.
    pub key: Vec<u8>,
    /// Valid from …
    pub from: Moment,
    /// … to.
    pub to: Moment,
}

const SEQUENCE: u8 = 0x30;
const INTEGER: u8 = 0x02;
const BITS: u8 = 0x03;
const UTC_TIME: u8 = 0x17;
const TIME: u8 = 0x18;
/// `[0]`, the version, which stands first where it is given.
const VERSION: u8 = 0xa0;
/// The algorithm rsaEncryption with its empty parameters.
const RSA: &[u8] = &[0x06, 0x09, 0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 0x01, 0x01, 0x01, 0x05, 0x00];

impl Certificate {
    /// The first certificate of a PEM text; `None` where there is none or its key is not of RSA.
    pub fn from_pem(text: &str) -> Option<Self> {
        let (_, body) = text.split_once("-----BEGIN CERTIFICATE-----")?;
        let (body, _) = body.split_once("-----END CERTIFICATE-----")?;
        let der = base64(body)?;
        let mut rest = der.as_slice();
        let mut whole = take(&mut rest, SEQUENCE)?;
        let mut fields = take(&mut whole, SEQUENCE)?;
        if fields.first() == Some(&VERSION) {
            take(&mut fields, VERSION)?;
        }
        take(&mut fields, INTEGER)?; // serial number
        take(&mut fields, SEQUENCE)?; // algorithm of the issuer's signature
        take(&mut fields, SEQUENCE)?; // issuer
        let mut validity = take(&mut fields, SEQUENCE)?;
        let (from, to) = (time(&mut validity)?, time(&mut validity)?);
        take(&mut fields, SEQUENCE)?; // subject
        let mut info = take(&mut fields, SEQUENCE)?;
        let algorithm = take(&mut info, SEQUENCE)?;
        // The first byte of a bit string counts the bits that are not used.
        let (unused, key) = take(&mut info, BITS)?.split_first()?;
        let key = (algorithm == RSA && *unused == 0 && rest.is_empty()).then(|| key.to_vec())?;
        Some(Self { der, key, from, to })
    }

    /// How many bytes a signature by this key has.
    pub fn signature_length(&self) -> Option<usize> {
        let mut rest = self.key.as_slice();
        let modulus = take(&mut take(&mut rest, SEQUENCE)?, INTEGER)?;
        Some(modulus.iter().skip_while(|byte| **byte == 0).count())
    }
}

/// The content of the next value, which has to be of this kind.
fn take<'a>(from: &mut &'a [u8], kind: u8) -> Option<&'a [u8]> {
    let (head, rest) = from.split_at_checked(2)?;
    let (length, rest) = match *head.get(1)? {
        short @ 0..=0x7f => (usize::from(short), rest),
        long @ 0x81..=0x84 => {
            let (digits, rest) = rest.split_at_checked(usize::from(long - 0x80))?;
            (digits.iter().fold(0, |length, digit| length << 8 | usize::from(*digit)), rest)
        }
        _ => return None,
    };
    let (content, rest) = rest.split_at_checked(length)?;
    *from = rest;
    (head.first() == Some(&kind)).then_some(content)
}

/// `YYMMDDhhmmssZ`, of 1950 to 2049, or `YYYYMMDDhhmmssZ`.
fn time(from: &mut &[u8]) -> Option<Moment> {
    let two_digits = from.first() == Some(&UTC_TIME);
    let text = std::str::from_utf8(take(from, if two_digits { UTC_TIME } else { TIME })?).ok()?;
    let century = if !two_digits {
        ""
    } else if text < "50" {
        "20"
    } else {
        "19"
    };
    let full = format!("{century}{text}");
    let part = |at: usize| full.get(at..at + 2);
    let year = full.get(..4).filter(|_| full.len() == 15)?;
    format!("{year}-{}-{}T{}:{}:{}{}", part(4)?, part(6)?, part(8)?, part(10)?, part(12)?, full.get(14..)?).parse().ok()
}

/// Base64 (RFC 4648) with white space between.
fn base64(text: &str) -> Option<Vec<u8>> {
    let digits: Vec<u8> = text.bytes().filter(|byte| !byte.is_ascii_whitespace()).collect();
    let plain = digits.split(|byte| *byte == b'=').next()?;
    let filled = digits.get(plain.len()..)?;
    if !digits.len().is_multiple_of(4) || filled.len() > 2 || filled.iter().any(|byte| *byte != b'=') {
        return None;
    }
    let mut bytes = Vec::with_capacity(digits.len() / 4 * 3);
    for four in plain.chunks(4) {
        let mut bits = 0_u32;
        for digit in four {
            let value = match digit {
                b'A'..=b'Z' => digit - b'A',
                b'a'..=b'z' => digit - b'a' + 26,
                b'0'..=b'9' => digit - b'0' + 52,
                b'+' => 62,
                b'/' => 63,
                _ => return None,
            };
            bits = bits << 6 | u32::from(value);
        }
        bits <<= 6 * (4 - four.len());
        bytes.extend_from_slice(bits.to_be_bytes().get(1..four.len())?);
    }
    Some(bytes)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// RFC 4648, section 10.
    #[test]
    fn base64_as_published() {
        for (text, bytes) in [("", ""), ("Zg==", "f"), ("Zm8=", "fo"), ("Zm9v", "foo"), ("Zm9v\nYg==", "foob"), ("Zm9vYmE=", "fooba")] {
            assert_eq!(base64(text).unwrap(), bytes.as_bytes(), "{text}");
        }
        assert!(["Zg", "Z===", "Zm9v*===", "Zg=a"].iter().all(|text| base64(text).is_none()));
    }

    /// `openssl x509 -noout -dates -modulus` on the same file.
    #[test]
    fn the_certificate_of_2018_is_read() {
        let pem = include_str!("../../../../../fixtures/beacons/nist-certificate-2018.pem");
        let found = Certificate::from_pem(pem).unwrap();
        assert_eq!((found.from.to_string(), found.to.to_string()), ("2018-01-10T00:00:00Z".to_owned(), "2019-01-11T12:00:00Z".to_owned()));
        assert_eq!((found.der.len(), found.signature_length()), (1887, Some(512)));
        // Cut off anywhere it is no certificate, and nothing panics.
        for length in 0..found.der.len() {
            let mut rest = found.der.get(..length).unwrap();
            assert!(take(&mut rest, SEQUENCE).is_none());
        }
    }
}
