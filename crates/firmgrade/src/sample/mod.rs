//! Provable draws of firms, `firmgrade-draw-v1`: policy → plan → commit → seed → draw → record → verify → results.
//!
//! A [`policy`] says what is inspected and how many firms of each grade, a [`plan`](mod@plan) how many that are and of which strata;
//! [`results`] are held against the record. Whoever runs a draw publishes a [`Commitment`] to the list of firms before any source of entropy is known; the [`seed`] comes of both; each firm
//! has a [`ticket`] that depends on the seed and its id alone; the smallest tickets of a stratum are drawn. From the [`Record`] and
//! the frame anybody can [`verify`] the draw, and from its own row and salt a firm can prove that it was on the list.
//!
//! ```text
//! H        SHA-256 or SM3                    lp(x) = length as u32 big-endian, then x
//! row      lp(id) lp(grade) lp(stratum) lp(num) lp(den) lp(exclusion)       texts in NFC and UTF-8, whole numbers in decimal
//! leaf     H(0x00 || salt || row)            node = H(0x01 || left || right), the tree of RFC 6962, rows by the bytes of their ids
//! seed     H("firmgrade/seed/v1" || lp(plan_id) || root || for sources sorted by name: lp(name) lp(value))
//! ticket   HMAC_H(seed, "firmgrade/ticket/v1" || lp(stage) || lp(id))
//! ```
//!
//! Salts and entropy are given by the caller: nothing here is random, no file is read and no clock asked.
//!
//! ```
//! use firmgrade::sample::{Committed, Design, Frame, Rate, Row, Suite, verify};
//!
//! let ids: Vec<String> = (0..100).map(|i| format!("firm{i:03}")).collect();
//! let frame = || Frame::new(ids.iter().map(|id| Row { id, grade: "C", stratum: "C", rate: Rate { num: 10, den: 100 }, exclusion: "" }));
//! let salts = vec![[7; 16]; 100]; // from the system's random numbers, and kept
//! let committed = Committed::new("2026-11/1", Suite::Sha256, "policy digest", &["dice"], Design::default(), frame()?, &salts)?;
//! // … publish committed.commitment.digest(), then throw the dice in public …
//! let record = committed.draw(&[("dice", b"3 1 4 1 5 2 6 5 3 5")])?;
//! assert_eq!(record.selected.len(), 10);
//! assert!(verify(&record, &frame()?, &salts).is_ok());
//! # Ok::<(), firmgrade::Error>(())
//! ```

#[cfg(feature = "beacons")]
pub mod beacon;
mod commit;
mod design;
mod digits;
mod draw;
mod fault;
mod frame;
mod hash;
mod log;
pub mod matching;
pub mod merkle;
pub mod plan;
pub mod policy;
mod rate;
mod record;
pub mod results;
mod ticket;
mod unequal;
mod verify;

pub use commit::{Commitment, Committed, Proof, SPEC, seed};
pub use design::{Base, Design, Rule, Size};
pub use digits::digits;
pub use draw::{Method, Probability, Reserve, Selected, Selection, Stratum, select};
pub use fault::SampleFault;
pub use frame::{Frame, Row, Salt};
pub use hash::{Hash, Suite};
pub use log::{Entry, Log, State, Step};
pub use rate::{Fraction, Rate, Rounding};
pub use record::Record;
pub use ticket::{STAGE, Tickets, falls_under, ticket, unit};
pub use unequal::pareto_key;
pub use verify::{Mismatch, Verified, verify};
