//! Public randomness as a source of entropy, imported as files and verified offline: rounds of drand's quicknet, pulses of NIST's beacon 2.0.
//!
//! A beacon gives a new value every few seconds, so a commitment has to say *which* one will be used, or whoever draws could try one after the
//! other. Source names of these forms say it, and [`Beacon::fits`] holds the file against them:
//!
//! ```text
//! drand/quicknet/<round>                     round = (time − 1692803367 s)/3 s + 1, from `quicknet_round`
//! nist/2.0/chain/<chain>/<time>              the time of the pulse, such as 2026-11-23T01:00:00Z
//! ```
//!
//! ```
//! use firmgrade::sample::beacon::{Moment, drand, quicknet_round};
//!
//! let json = r#"{"round": 1000, "randomness": "fe290beca10872ef2fb164d2aa4442de4566183ec51c56ff3cd603d930e54fdd", "signature":
//!     "b44679b9a59af2ec876b1a6b1ad52ea9b1615fc3982b19576350f93447cb1125e342b73a8dd2bacbe47e4b6b63ed5e39"}"#;
//! let beacon = drand(json)?;
//! assert_eq!(beacon.time.to_string(), "2023-08-23T15:59:24Z");
//! let committed: Moment = "2023-08-23 23:30:00+08:00".parse()?;
//! assert!(beacon.fits("drand/quicknet/1000", Some(committed))?.is_empty());
//! assert_eq!(quicknet_round(beacon.time), 1000);
//! // … committed.draw(&[("drand/quicknet/1000", &beacon.value)])
//! # Ok::<(), firmgrade::Error>(())
//! ```

mod certificate;
mod drand;
mod moment;
mod nist;

pub use drand::{drand, quicknet_round};
pub use moment::Moment;
pub use nist::nist;

use super::fault::SampleFault;
use crate::error::Error;

/// A value of a beacon whose signature was verified.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Beacon {
    /// The name of the source that means this value and no other.
    pub source: String,
    /// The bytes that go into the seed: `randomness` (32) or `outputValue` (64).
    pub value: Vec<u8>,
    /// When it was due.
    pub time: Moment,
    /// What was verified, a sentence each.
    pub verified: Vec<String>,
    /// What the files cannot show, a sentence each.
    pub unverified: Vec<String>,
}

impl Beacon {
    /// Holds the value against what was committed to: the name of the source and, where it is known, the time of the commitment. Gives
    /// what stays open, a sentence each.
    ///
    /// # Errors
    /// [`Error::Sample`] where the source names another round, pulse or beacon, or the value was known when the commitment was made.
    pub fn fits(&self, source: &str, committed: Option<Moment>) -> Result<Vec<String>, Error> {
        let (mut faults, mut open) = (Vec::new(), self.unverified.clone());
        if source.starts_with("drand/") || source.starts_with("nist/") {
            if source != self.source {
                let what = format!("the commitment names `{source}`, and the file is `{}`", self.source);
                faults.push(beacon(what, "import the file of what was committed to"));
            }
        } else {
            open.push(format!("source `{source}` names no round: whoever drew could choose among many; commit to `{}`", self.source));
        }
        match committed {
            Some(committed) if self.time <= committed => faults.push(beacon(
                format!("its time, {}, is not after the commitment, {committed}: it could be known then", self.time),
                "commit first, to a round or pulse of the future",
            )),
            Some(_) => {}
            None => open.push("no time of the commitment was given, so nothing shows that it came first".to_owned()),
        }
        if faults.is_empty() { Ok(open) } else { Err(Error::Sample(faults)) }
    }
}

fn beacon(what: String, remedy: &'static str) -> SampleFault {
    SampleFault::Beacon { what, remedy }
}

/// Hexadecimal digits of either case, as beacons write them; `None` unless they are `length` bytes.
fn bytes(text: &str, length: usize) -> Option<Vec<u8>> {
    super::hash::from_hex(&text.to_ascii_lowercase()).filter(|bytes| bytes.len() == length)
}
