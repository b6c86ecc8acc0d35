//! Rounds of drand's quicknet.
//!
//! ```text
//! message      SHA-256(round as u64 big-endian)
//! signature    BLS12-381, 48 bytes on G1, hashed to the curve as in RFC 9380 with `DOMAIN`; public key on G2
//! randomness   SHA-256(signature)
//! ```

use super::{Beacon, Moment, beacon, bytes};
use crate::error::Error;
use crate::sample::fault::SampleFault;
use crate::sample::hash::{Suite, from_hex, to_hex};
use bls12_381::hash_to_curve::{ExpandMsgXmd, HashToCurve};
use bls12_381::{G1Affine, G1Projective, G2Affine, Gt, multi_miller_loop};
use serde::Deserialize;
use sha2_for_bls::Sha256;

/// The public key of the chain `52db9ba70e0cc0f6eaf7803dd07447a1f5477735fd3f661792ba94600c84e971`, as its `/info` gives it.
const KEY: &str = "83cf0f2896adee7eb8b5f01fcad3912212c437e0073e911fb90022d3e760183c8c4b450b6a0a6c3ac6a5776a2d1064510d1fec758c921cc22b0e17e63aaf4bcb5ed66304de9cf809bd274ca73bab4af5a6e9c76a4bc09e76eae8991ef5ece45a";
const DOMAIN: &[u8] = b"BLS_SIG_BLS12381G1_XMD:SHA-256_SSWU_RO_NUL_";
/// The time of round 1, in milliseconds, …
const GENESIS: i64 = 1_692_803_367_000;
/// … and from each round to the next.
const PERIOD: i64 = 3_000;

/// What the public interface gives at `/52db9ba7…/public/<round>`.
#[derive(Deserialize)]
struct Round {
    round: u64,
    randomness: Option<String>,
    signature: String,
    previous_signature: Option<String>,
}

/// The first round of quicknet that is not due before this time: what to commit to.
#[must_use]
pub fn quicknet_round(from: Moment) -> u64 {
    let since = (from.millis() - GENESIS).max(0).unsigned_abs();
    since.div_ceil(PERIOD.unsigned_abs()) + 1
}

/// A round of drand's quicknet from its JSON: `round`, `signature` and, where it is there, `randomness`.
///
/// # Errors
/// [`Error::Sample`] where the text cannot be read, the round is of another network, or signature or randomness are not those of the round.
pub fn drand(json: &str) -> Result<Beacon, Error> {
    verified(json).map_err(|fault| Error::Sample(vec![fault]))
}

fn verified(json: &str) -> Result<Beacon, SampleFault> {
    let unreadable = |why: String| SampleFault::Unreadable { what: "the round of drand".to_owned(), why };
    let round: Round = serde_json::from_str(json).map_err(|error| unreadable(error.to_string()))?;
    if round.previous_signature.is_some_and(|previous| !previous.is_empty()) {
        return Err(beacon(
            format!("round {} has a previous_signature, so it is of a chained network", round.round),
            "take the round of quicknet: https://api.drand.sh/52db9ba70e0cc0f6eaf7803dd07447a1f5477735fd3f661792ba94600c84e971/public/<round>",
        ));
    }
    let signature = bytes(&round.signature, 48)
        .ok_or_else(|| unreadable(format!("found a signature of {} characters, expected 96 hexadecimal digits", round.signature.len())))?;
    let time = i64::try_from(round.round)
        .ok()
        .and_then(|number| number.checked_sub(1)?.checked_mul(PERIOD)?.checked_add(GENESIS))
        .filter(|time| *time >= GENESIS)
        .and_then(Moment::from_millis)
        .ok_or_else(|| unreadable(format!("found round {}, expected 1 or more", round.round)))?;
    let message = Suite::Sha256.hash(&[&round.round.to_be_bytes()]);
    let holds = point(&signature).is_some_and(|point| signed(&point, &message.0).unwrap_or(false));
    if !holds {
        return Err(beacon(
            format!("the signature of round {} is not that of quicknet for this round", round.round),
            "fetch the round again, and do not use this file",
        ));
    }
    let randomness = Suite::Sha256.hash(&[&signature]);
    if let Some(stated) = round.randomness.filter(|stated| bytes(stated, 32).as_deref() != Some(&randomness.0)) {
        return Err(beacon(
            format!("found randomness `{stated}`, expected {}, the SHA-256 of the signature", to_hex(&randomness.0)),
            "fetch the round again, and do not use this file",
        ));
    }
    Ok(Beacon {
        source: format!("drand/quicknet/{}", round.round),
        value: randomness.0.to_vec(),
        time,
        verified: vec![
            format!("the signature is that of drand's quicknet for round {}, under the key of chain 52db9ba7…e971", round.round),
            "the value is the SHA-256 of the signature".to_owned(),
            format!("the round was due at {time}"),
        ],
        unverified: Vec::new(),
    })
}

/// A signature as a point: of the curve and its large subgroup, and not the neutral one.
fn point(signature: &[u8]) -> Option<G1Affine> {
    let point = Option::<G1Affine>::from(G1Affine::from_compressed(signature.try_into().ok()?))?;
    (!bool::from(point.is_identity())).then_some(point)
}

/// Whether e(signature, generator) = e(message on the curve, key).
fn signed(signature: &G1Affine, message: &[u8]) -> Option<bool> {
    let key = Option::<G2Affine>::from(G2Affine::from_compressed(&from_hex(KEY)?.try_into().ok()?))?;
    let on_curve = <G1Projective as HashToCurve<ExpandMsgXmd<Sha256>>>::hash_to_curve([message], DOMAIN);
    let sides = [(signature, &(-G2Affine::generator()).into()), (&on_curve.into(), &key.into())];
    Some(multi_miller_loop(&sides).final_exponentiation() == Gt::identity())
}

#[cfg(test)]
mod tests {
    use super::*;

    /// True rounds of quicknet as given in public: 123 by drand-verify's tests, 657413 by the README of python-drand-verify (with its randomness), 1000
    /// by many. Nobody without the network's key could make them up.
    const ROUNDS: [(u64, &str, &str); 3] = [
        (123, "b75c69d0b72a5d906e854e808ba7e2accb1542ac355ae486d591aa9d43765482e26cd02df835d3546d23c4b13e0dfc92", ""),
        (
            1000,
            "b44679b9a59af2ec876b1a6b1ad52ea9b1615fc3982b19576350f93447cb1125e342b73a8dd2bacbe47e4b6b63ed5e39",
            "fe290beca10872ef2fb164d2aa4442de4566183ec51c56ff3cd603d930e54fdd",
        ),
        (
            657_413,
            "b713718a38ae728dfd477991af2822e08d2f305e47718cef9f7848ce4050e7be41076862b98fad56e91a6b85b89cd97b",
            "fc1873a13f3545aeade8401532ef5519920652eee6b0d2b19ca12643b87b3587",
        ),
    ];

    fn json(round: u64, signature: &str, randomness: &str) -> String {
        let stated = if randomness.is_empty() { String::new() } else { format!(r#","randomness":"{randomness}""#) };
        format!(r#"{{"round":{round}{stated},"signature":"{signature}"}}"#)
    }

    #[test]
    fn true_rounds_are_verified() {
        for (round, signature, randomness) in ROUNDS {
            let found = drand(&json(round, signature, randomness)).unwrap();
            assert_eq!(found.source, format!("drand/quicknet/{round}"));
            assert_eq!(quicknet_round(found.time), round);
            if !randomness.is_empty() {
                assert_eq!(to_hex(&found.value), randomness);
            }
        }
        // date -u -d @$((1692803367 + 3 * 657412))
        assert_eq!(drand(&json(ROUNDS[2].0, ROUNDS[2].1, "")).unwrap().time.to_string(), "2023-09-15T11:00:03Z");
    }

    #[test]
    fn the_round_to_commit_to_is_the_next_one() {
        let at = |text: &str| quicknet_round(text.parse().unwrap());
        assert_eq!(at("2020-01-01T00:00:00Z"), 1);
        assert_eq!(at("2023-08-23T15:09:27Z"), 1);
        assert_eq!(at("2023-08-23T15:09:27.001Z"), 2);
        assert_eq!(at("2023-08-23T15:09:30Z"), 2);
    }

    #[test]
    fn whatever_is_not_that_round_is_refused() {
        let (round, signature, randomness) = ROUNDS[1];
        let says = |json: &str, part: &str| {
            let error = drand(json).unwrap_err().to_string();
            assert!(error.contains(part), "{error}");
        };
        says(&json(1001, signature, ""), "the signature of round 1001 is not that of quicknet");
        says(&json(round, ROUNDS[0].1, ""), "the signature of round 1000 is not that of quicknet");
        // Another bit of the point; a point of small order; the point at infinity.
        says(&json(round, &signature.replace("b446", "b447"), ""), "is not that of quicknet");
        says(&json(round, &format!("c0{}", "0".repeat(94)), ""), "is not that of quicknet");
        says(&json(round, &format!("80{}", "0".repeat(94)), ""), "is not that of quicknet");
        says(&json(round, signature, &randomness.replace("fe29", "fe28")), "the SHA-256 of the signature");
        says(&json(0, signature, ""), "expected 1 or more");
        says(&json(round, "b446", ""), "expected 96 hexadecimal digits");
        says(r#"{"round":1,"signature":"00","previous_signature":"11"}"#, "chained network");
        says("<html>", "the round of drand: expected value at line 1");
    }

    #[test]
    fn a_round_is_held_against_the_commitment() {
        let found = drand(&json(1000, ROUNDS[1].1, "")).unwrap();
        let before = "2023-08-23T15:59:23Z".parse().ok();
        assert_eq!(found.fits("drand/quicknet/1000", before), Ok(vec![]));
        let error = found.fits("drand/quicknet/999", Some(found.time)).unwrap_err().to_string();
        assert_eq!(
            error,
            "the draw: 2 problems\n  \
             the beacon: the commitment names `drand/quicknet/999`, and the file is `drand/quicknet/1000`; import the file of what was \
             committed to\n  \
             the beacon: its time, 2023-08-23T15:59:24Z, is not after the commitment, 2023-08-23T15:59:24Z: it could be known then; commit \
             first, to a round or pulse of the future"
        );
        assert_eq!(found.fits("drand", None).unwrap().len(), 2);
    }
}
