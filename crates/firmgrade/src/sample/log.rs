//! The log of plans and draws: entries are added, never changed, and each holds the hash of the one before.
//!
//! ```text
//! committed → begun → drawn, or void at any point; one plan id goes through this once
//! hash      SHA-256("firmgrade/log/v1" || hash before || canonical JSON of the entry without its hash); 32 zero bytes before the first
//! ```

use super::commit::{Commitment, canonical};
use super::fault::SampleFault;
use super::hash::{Hash, Suite};
use super::record::Record;
use crate::error::Error;
use serde::{Deserialize, Serialize};

/// What an entry says.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", deny_unknown_fields)]
pub enum Step {
    /// A commitment was published.
    Committed {
        /// Its digest.
        digest: Hash,
    },
    /// A draw began.
    Begun {
        /// Its seed.
        seed: Hash,
    },
    /// A draw was finished.
    Drawn {
        /// The digest of its record.
        digest: Hash,
        /// Its seed.
        seed: Hash,
    },
    /// A plan or draw was declared void.
    Void {
        /// Why.
        reason: String,
    },
}

/// One line of the log.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Entry {
    /// The plan.
    pub plan_id: String,
    /// When, as the caller says: the engine asks no clock.
    pub at: String,
    /// What.
    pub step: Step,
    /// The hash of the entry before.
    pub before: Hash,
    /// The hash of this one.
    pub hash: Hash,
}

impl Entry {
    fn hash_of_the_rest(&self) -> Hash {
        let rest = serde_json::json!({ "plan_id": self.plan_id, "at": self.at, "step": self.step, "before": self.before });
        Suite::Sha256.hash(&[b"firmgrade/log/v1", &self.before.0, canonical(&rest).as_bytes()])
    }

    /// The entry as its line in the log, with the line's end.
    #[must_use]
    pub fn line(&self) -> String {
        canonical(self) + "\n"
    }
}

/// How a plan stands.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum State {
    /// Not in the log.
    Unknown,
    /// Committed, not drawn.
    Committed {
        /// The digest of the commitment.
        digest: Hash,
    },
    /// A draw began and was not finished: it was interrupted, and may be finished with the same seed only.
    Interrupted {
        /// Its seed.
        seed: Hash,
    },
    /// Drawn.
    Drawn {
        /// The digest of the record.
        digest: Hash,
    },
    /// Void.
    Void {
        /// Why.
        reason: String,
    },
}

/// The log. Its file is the caller's; new lines are added at its end.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Log {
    entries: Vec<Entry>,
}

impl Log {
    /// A log from its lines; nothing gives an empty log.
    ///
    /// # Errors
    /// [`Error::Sample`] with every line that cannot be read, does not follow from the one before, is not the one its hash was taken of, or
    /// takes a step that is not allowed. A last line without its end was cut off while it was written.
    pub fn from_lines(text: &str) -> Result<Self, Error> {
        let (mut log, mut faults) = (Self::default(), Vec::new());
        let mut last = Hash([0; 32]);
        for (at, line) in text.split_inclusive('\n').enumerate() {
            let mut fault = |why: String| faults.push(SampleFault::Unreadable { what: format!("line {} of the log", at + 1), why });
            let entry: Entry = match serde_json::from_str(line) {
                Ok(entry) if line.ends_with('\n') => entry,
                Err(error) if line.ends_with('\n') => {
                    fault(error.to_string());
                    continue;
                }
                _ => {
                    fault("it was cut off while it was written; look what it says, take it out, and take the step again".to_owned());
                    continue;
                }
            };
            if entry.before != last {
                fault("it does not follow from the line before; lines were taken out, added or moved".to_owned());
            }
            if entry.hash != entry.hash_of_the_rest() {
                fault("it is not the line that its hash was taken of; it was changed".to_owned());
            }
            if let Err(refused) = log.allowed(&entry.plan_id, &entry.step) {
                fault(refused.to_string());
            }
            last = entry.hash;
            log.entries.push(entry);
        }
        if faults.is_empty() { Ok(log) } else { Err(Error::Sample(faults)) }
    }

    /// The entries, the oldest first.
    #[must_use]
    pub fn entries(&self) -> &[Entry] {
        &self.entries
    }

    /// The log as text.
    #[must_use]
    pub fn to_lines(&self) -> String {
        self.entries.iter().map(Entry::line).collect()
    }

    /// How a plan stands.
    #[must_use]
    pub fn state(&self, plan_id: &str) -> State {
        match self.entries.iter().rfind(|entry| entry.plan_id == plan_id).map(|entry| &entry.step) {
            None => State::Unknown,
            Some(Step::Committed { digest }) => State::Committed { digest: *digest },
            Some(Step::Begun { seed }) => State::Interrupted { seed: *seed },
            Some(Step::Drawn { digest, .. }) => State::Drawn { digest: *digest },
            Some(Step::Void { reason }) => State::Void { reason: reason.clone() },
        }
    }

    /// Enters a commitment; gives the new entry.
    ///
    /// # Errors
    /// [`Error::Sample`] where the plan id is in the log already.
    pub fn committed(&mut self, commitment: &Commitment, at: &str) -> Result<&Entry, Error> {
        self.add(&commitment.plan_id, at, Step::Committed { digest: commitment.digest() })
    }

    /// Enters that a draw begins, before anything is drawn. An interrupted draw may begin again with the same seed.
    ///
    /// # Errors
    /// [`Error::Sample`] where the plan is not committed, was drawn or is void, or a draw with another seed had begun.
    pub fn begun(&mut self, plan_id: &str, seed: Hash, at: &str) -> Result<&Entry, Error> {
        self.add(plan_id, at, Step::Begun { seed })
    }

    /// Enters a finished draw.
    ///
    /// # Errors
    /// [`Error::Sample`] where no draw with this seed had begun, or the record is not of the commitment in the log.
    pub fn drawn(&mut self, record: &Record, at: &str) -> Result<&Entry, Error> {
        let plan_id = &record.commitment.plan_id;
        let digest = record.commitment.digest();
        let known = self.entries.iter().any(|entry| entry.plan_id == *plan_id && entry.step == Step::Committed { digest });
        if !known {
            let state = "is in the log with another commitment than that of the record, or with none";
            return Err(refused(plan_id, state, "commit before the draw, and draw what was committed to"));
        }
        self.add(plan_id, at, Step::Drawn { digest: record.digest, seed: record.seed })
    }

    /// Declares a plan or its draw void. Its id stays used.
    ///
    /// # Errors
    /// [`Error::Sample`] where there is no reason, no such plan, or it is void already.
    pub fn void(&mut self, plan_id: &str, reason: &str, at: &str) -> Result<&Entry, Error> {
        self.add(plan_id, at, Step::Void { reason: reason.to_owned() })
    }

    fn add(&mut self, plan_id: &str, at: &str, step: Step) -> Result<&Entry, Error> {
        self.allowed(plan_id, &step)?;
        let before = self.entries.last().map_or(Hash([0; 32]), |entry| entry.hash);
        let mut entry = Entry { plan_id: plan_id.to_owned(), at: at.to_owned(), step, before, hash: before };
        entry.hash = entry.hash_of_the_rest();
        let place = self.entries.len();
        self.entries.push(entry);
        self.entries.get(place).ok_or_else(|| Error::Sample(Vec::new()))
    }

    fn allowed(&self, plan_id: &str, step: &Step) -> Result<(), Error> {
        let state = self.state(plan_id);
        let another = "give the new plan another id; one plan is drawn once";
        match (step, &state) {
            (Step::Void { reason }, _) if reason.trim().is_empty() => Err(Error::Sample(vec![SampleFault::Empty {
                what: "the reason".to_owned(),
                remedy: "a void draw stays in the log with its reason",
            }])),
            (Step::Void { .. }, State::Unknown) | (Step::Begun { .. }, State::Unknown) => {
                Err(refused(plan_id, "is not in the log", "commit to it first"))
            }
            (_, State::Void { reason }) => Err(refused(plan_id, &format!("is void ({reason})"), another)),
            (Step::Void { .. }, _) | (Step::Committed { .. }, State::Unknown) | (Step::Begun { .. }, State::Committed { .. }) => Ok(()),
            (Step::Begun { seed }, State::Interrupted { seed: other }) | (Step::Drawn { seed, .. }, State::Interrupted { seed: other }) => {
                let remedy = "finish it with the same sources, or declare it void with a reason";
                if seed == other { Ok(()) } else { Err(refused(plan_id, &format!("has a draw that began with seed {other}"), remedy)) }
            }
            (_, State::Drawn { .. }) => Err(refused(plan_id, "was drawn already", another)),
            (Step::Committed { .. }, _) => Err(refused(plan_id, "was committed to already", another)),
            (Step::Drawn { .. }, _) => Err(refused(plan_id, "has no draw that began", "enter the beginning of a draw before drawing")),
        }
    }
}

fn refused(plan_id: &str, state: &str, remedy: &'static str) -> Error {
    Error::Sample(vec![SampleFault::Log { plan_id: plan_id.to_owned(), state: state.to_owned(), remedy }])
}
