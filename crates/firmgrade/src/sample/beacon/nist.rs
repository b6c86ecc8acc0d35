//! Pulses of NIST's interoperable randomness beacon, format 2.0 (NISTIR 8213, with lengths of four bytes as the beacon in operation writes them).
//!
//! ```text
//! message      lp(uri) lp(version) u32(cipherSuite) u32(period) lp(certificateId) u64(chainIndex) u64(pulseIndex) lp(timeStamp)
//!              lp(localRandomValue) lp(external.sourceId) u32(external.statusCode) lp(external.value)
//!              lp(previous) lp(hour) lp(day) lp(month) lp(year) lp(precommitmentValue) u32(statusCode)
//! signature    RSA, PKCS #1 v1.5, SHA-512 over the message
//! outputValue  SHA-512(message || signature)
//! certificate  certificateId = SHA-512 of its DER
//! ```

use super::certificate::Certificate;
use super::{Beacon, Moment, beacon, bytes};
use crate::error::Error;
use crate::sample::fault::SampleFault;
use crate::sample::hash::{lp, to_hex};
use ring::signature::{RSA_PKCS1_2048_8192_SHA512, UnparsedPublicKey};
use serde::Deserialize;
use sha2::{Digest, Sha512};

#[derive(Deserialize)]
struct File {
    pulse: Pulse,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Pulse {
    uri: String,
    version: String,
    cipher_suite: u32,
    period: u32,
    certificate_id: String,
    chain_index: u64,
    pulse_index: u64,
    time_stamp: String,
    local_random_value: String,
    external: External,
    list_values: Vec<Past>,
    precommitment_value: String,
    status_code: u32,
    signature_value: String,
    output_value: String,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct External {
    source_id: String,
    status_code: u32,
    value: String,
}

#[derive(Deserialize)]
struct Past {
    r#type: String,
    value: String,
}

/// The order of earlier values in a pulse.
const PAST: [&str; 5] = ["previous", "hour", "day", "month", "year"];

/// A pulse of NIST's beacon from its JSON, as `/beacon/2.0/pulse/time/<milliseconds>` gives it, and the certificate that it names, as
/// `/beacon/2.0/certificate/<certificateId>` gives it.
///
/// # Errors
/// [`Error::Sample`] with everything that does not hold: a text that cannot be read, another beacon or cipher suite, a certificate that is not the one
/// named or was not valid at the time, a signature or an output value that is not that of the fields.
pub fn nist(json: &str, certificate: &str) -> Result<Beacon, Error> {
    let unreadable = |what: &str, why: String| Error::Sample(vec![SampleFault::Unreadable { what: what.to_owned(), why }]);
    let File { pulse } = serde_json::from_str(json).map_err(|error| unreadable("the pulse of NIST", error.to_string()))?;
    let certificate = Certificate::from_pem(certificate).ok_or_else(|| {
        unreadable(
            "the certificate",
            "found no certificate with an RSA key, expected one in PEM, from `-----BEGIN CERTIFICATE-----`".to_owned(),
        )
    })?;
    let mut faults = Vec::new();
    let home = format!("https://beacon.nist.gov/beacon/2.0/chain/{}/pulse/{}", pulse.chain_index, pulse.pulse_index);
    if pulse.uri != home {
        faults.push(beacon(format!("found a pulse of `{}`, expected `{home}`", pulse.uri), "take the pulse from beacon.nist.gov"));
    }
    if pulse.cipher_suite != 0 {
        let what = format!("found cipher suite {}, expected 0 (SHA-512 and RSA)", pulse.cipher_suite);
        faults.push(beacon(what, "this version verifies no other; name a source that it does"));
    }
    let time = pulse.time_stamp.parse::<Moment>();
    let parts = message(&pulse).zip(hex(&pulse.signature_value)).zip(bytes(&pulse.output_value, 64));
    let (time, Some(((message, signature), output))) = (time?, parts) else {
        let why = "its values have to be hexadecimal digits, outputValue 128 of them, and listValues previous, hour, day, month and year";
        return Err(unreadable("the pulse of NIST", why.to_owned()));
    };
    let id = to_hex(&Sha512::digest(&certificate.der));
    let again = "fetch both files again, and do not use these";
    if !pulse.certificate_id.eq_ignore_ascii_case(&id) {
        let what = format!("it names certificate {}, and the file holds {id}", pulse.certificate_id);
        faults.push(beacon(what, "fetch the certificate that the pulse names"));
    } else if certificate.signature_length() != Some(signature.len()) {
        let length = certificate.signature_length().unwrap_or_default();
        let what = format!("its signature has {} bits, and the key of its certificate {}", signature.len() * 8, length * 8);
        faults.push(beacon(what, "nobody can verify this pulse; commit to another source"));
    } else if UnparsedPublicKey::new(&RSA_PKCS1_2048_8192_SHA512, &certificate.key).verify(&message, &signature).is_err() {
        faults.push(beacon("its signature is not one of its certificate over its fields".to_owned(), again));
    }
    if !(certificate.from <= time && time <= certificate.to) {
        let what = format!("its certificate is valid from {} to {}, and its time is {time}", certificate.from, certificate.to);
        faults.push(beacon(what, again));
    }
    if Sha512::new().chain_update(&message).chain_update(&signature).finalize().as_slice() != output {
        faults.push(beacon("its outputValue is not the SHA-512 of fields and signature".to_owned(), again));
    }
    if !faults.is_empty() {
        return Err(Error::Sample(faults));
    }
    let mut unverified = vec![format!("who issued the certificate: compare its id, {id}, with what NIST publishes")];
    if pulse.status_code != 0 {
        unverified.push(format!("the beacon itself gives this pulse status {}, where 0 is usual", pulse.status_code));
    }
    Ok(Beacon {
        source: format!("nist/2.0/chain/{}/{time}", pulse.chain_index),
        value: output,
        time,
        verified: vec![
            format!("the signature is that of the certificate for pulse {} of chain {}", pulse.pulse_index, pulse.chain_index),
            "the value is the SHA-512 of fields and signature".to_owned(),
            format!("the certificate is the one named, and was valid at {time}"),
        ],
        unverified,
    })
}

/// Hexadecimal digits of either case; `None` for anything else.
fn hex(text: &str) -> Option<Vec<u8>> {
    bytes(text, text.len() / 2)
}

/// The bytes that are signed.
fn message(pulse: &Pulse) -> Option<Vec<u8>> {
    if !pulse.list_values.iter().map(|past| past.r#type.as_str()).eq(PAST) {
        return None;
    }
    let mut message = Vec::with_capacity(1024);
    let m = &mut message;
    lp(m, pulse.uri.as_bytes());
    lp(m, pulse.version.as_bytes());
    m.extend_from_slice(&pulse.cipher_suite.to_be_bytes());
    m.extend_from_slice(&pulse.period.to_be_bytes());
    lp(m, &hex(&pulse.certificate_id)?);
    m.extend_from_slice(&pulse.chain_index.to_be_bytes());
    m.extend_from_slice(&pulse.pulse_index.to_be_bytes());
    lp(m, pulse.time_stamp.as_bytes());
    lp(m, &hex(&pulse.local_random_value)?);
    lp(m, &hex(&pulse.external.source_id)?);
    m.extend_from_slice(&pulse.external.status_code.to_be_bytes());
    lp(m, &hex(&pulse.external.value)?);
    for past in &pulse.list_values {
        lp(m, &hex(&past.value)?);
    }
    lp(m, &hex(&pulse.precommitment_value)?);
    m.extend_from_slice(&pulse.status_code.to_be_bytes());
    Some(message)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// True pulses and the certificate that they name, from the tests of the npm package nist-randomness-beacon. They hold under the certificate's key, and
    /// the local value of 54610 is the one that 54609 committed to; nobody without NIST's key could make them up.
    const CERTIFICATE: &str = include_str!("../../../../../fixtures/beacons/nist-certificate-2018.pem");
    const PULSES: [(&str, &str, &str); 3] = [
        (include_str!("../../../../../fixtures/beacons/nist-1-1.json"), "nist/2.0/chain/1/2018-07-23T19:26:00Z", "7665F054"),
        (include_str!("../../../../../fixtures/beacons/nist-1-54609.json"), "nist/2.0/chain/1/2018-08-30T17:43:00Z", "20695B01"),
        (include_str!("../../../../../fixtures/beacons/nist-1-54610.json"), "nist/2.0/chain/1/2018-08-30T17:44:00Z", "274E0315"),
    ];

    #[test]
    fn true_pulses_are_verified() {
        for (json, source, begin) in PULSES {
            let found = nist(json, CERTIFICATE).unwrap();
            assert_eq!((found.source.as_str(), found.value.len()), (source, 64));
            assert!(to_hex(&found.value).to_uppercase().starts_with(begin));
            assert_eq!(found.fits(source, "2018-07-01T00:00:00Z".parse().ok()).unwrap().len(), found.unverified.len());
            // The first pulse begins a chain: status 1.
            assert_eq!(found.unverified.len(), if source.contains("07-23") { 2 } else { 1 });
        }
    }

    #[test]
    fn every_field_is_bound() {
        let json = PULSES[2].0;
        let tree: serde_json::Value = serde_json::from_str(json).unwrap();
        let mut changed = 0;
        let mut places = vec!["/pulse".to_owned()];
        while let Some(place) = places.pop() {
            let keys: Vec<String> = match tree.pointer(&place).unwrap() {
                serde_json::Value::Object(map) => map.keys().cloned().collect(),
                serde_json::Value::Array(list) => (0..list.len()).map(|at| at.to_string()).collect(),
                value => {
                    let mut other = tree.clone();
                    *other.pointer_mut(&place).unwrap() = match value {
                        serde_json::Value::String(text) => {
                            let first = if text.starts_with('0') { "1" } else { "0" };
                            format!("{first}{}", text.get(1..).unwrap()).into()
                        }
                        number => (number.as_u64().unwrap() + 1).into(),
                    };
                    // Links of earlier pulses are not signed; their values are.
                    let signed = !place.starts_with("/pulse/listValues/") || !place.ends_with("/uri");
                    assert_eq!(nist(&other.to_string(), CERTIFICATE).is_err(), signed, "{place}");
                    changed += 1;
                    continue;
                }
            };
            places.extend(keys.iter().map(|key| format!("{place}/{key}")));
        }
        assert_eq!(changed, 31);
    }

    #[test]
    fn faults_say_what_to_do() {
        let says = |json: &str, certificate: &str, parts: &[&str]| {
            let error = nist(json, certificate).unwrap_err().to_string();
            assert!(parts.iter().all(|part| error.contains(part)), "{error}");
        };
        let json = PULSES[2].0;
        says(json, "", &["the certificate: found no certificate with an RSA key"]);
        says("[]", CERTIFICATE, &["the pulse of NIST: invalid"]);
        says(&json.replace("\"hour\"", "\"minute\""), CERTIFICATE, &["listValues previous, hour, day, month and year"]);
        says(
            &json.replace("beacon.nist.gov", "beacon.example.org"),
            CERTIFICATE,
            &["take the pulse from beacon.nist.gov", "its signature is not"],
        );
        says(&json.replace("6C0BC22F", ""), CERTIFICATE, &["its signature has 4064 bits, and the key of its certificate 4096"]);
        says(
            &json.replace("2018-08-30T17:44", "2019-08-30T17:44"),
            CERTIFICATE,
            &["valid from 2018-01-10T00:00:00Z to 2019-01-11T12:00:00Z, and its time is 2019-08-30T17:44:00Z", "outputValue"],
        );
        let changed = CERTIFICATE.replace("CqtS6B", "CqtS6C");
        assert_ne!(changed, CERTIFICATE);
        says(json, &changed, &["it names certificate 5501e3d7", "fetch the certificate that the pulse names"]);
    }
}
