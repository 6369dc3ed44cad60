//! The log's side: asks witnesses to cosign a checkpoint and gathers what they answer.

use std::sync::{Mutex, PoisonError};

use truceline_domain::Sha256;

use super::{AddCheckpoint, Cosignature};
use crate::key::VerifierKey;
use crate::log::{Checkpoint, LogError};

/// What a witness answered over HTTP.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Answer {
    /// HTTP status.
    pub status: u16,
    /// The body.
    pub body: String,
}

/// Carries a request to one witness. It keeps its own time limit: nothing here interrupts it.
pub trait WitnessClient: Send + Sync {
    /// What people call the witness, for reports.
    fn name(&self) -> &str;

    /// Posts `body` to the witness' `add-checkpoint`.
    ///
    /// # Errors
    /// Why there was no answer.
    fn add_checkpoint(&self, body: &str) -> Result<Answer, String>;
}

/// How it went with one witness.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Outcome {
    /// It cosigned.
    Cosigned {
        /// The time it put under it, seconds since 1970-01-01T00:00:00Z.
        unix_s: u64,
    },
    /// It has cosigned a larger tree than ours: this checkpoint is late, or the log was rolled back.
    Ahead {
        /// The size it has cosigned.
        size: u64,
    },
    /// It refused.
    Refused {
        /// HTTP status: 422 means that the witness holds our log for inconsistent.
        status: u16,
        /// Its words, cut to 200 characters.
        why: String,
    },
    /// It answered 200, but without its valid cosignature.
    NotItsWord {
        /// What was wrong.
        why: String,
    },
    /// There was no answer.
    Unreachable {
        /// The client's reason.
        why: String,
    },
    /// The log could not prove what the witness asked for.
    NoProof {
        /// The log's reason.
        why: String,
    },
}

/// A checkpoint with the cosignatures that could be had.
#[derive(Debug)]
pub struct Gathered {
    /// The checkpoint, the witnesses' lines after the log's.
    pub checkpoint: Checkpoint,
    /// By witness, in the order given.
    pub outcomes: Vec<(String, Outcome)>,
    /// How many cosigned.
    pub cosigned: usize,
    /// How many had to.
    pub quorum: usize,
}

impl Gathered {
    /// Whether enough witnesses cosigned.
    #[must_use]
    pub fn has_quorum(&self) -> bool {
        self.cosigned >= self.quorum
    }
}

struct Peer {
    client: Box<dyn WitnessClient>,
    key: VerifierKey,
    /// The size it cosigned last, as far as we know; a wrong guess costs one more request.
    last_size: Mutex<u64>,
}

/// The witnesses that a log asks.
pub struct Cosigners {
    peers: Vec<Peer>,
}

impl Cosigners {
    /// Witnesses, each with the key it is trusted by.
    #[must_use]
    pub fn new(witnesses: Vec<(Box<dyn WitnessClient>, VerifierKey)>) -> Self {
        let peer = |(client, key)| Peer {
            client,
            key,
            last_size: Mutex::new(0),
        };
        Self {
            peers: witnesses.into_iter().map(peer).collect(),
        }
    }

    /// Asks all witnesses at once to cosign `checkpoint`. `prove(old_size)` is the consistency proof
    /// from `old_size` to the checkpoint's size, e.g. of the log's reader.
    pub fn gather(
        &self,
        checkpoint: &Checkpoint,
        quorum: usize,
        prove: &(dyn Fn(u64) -> Result<Vec<Sha256>, LogError> + Sync),
    ) -> Gathered {
        let asked: Vec<Result<Cosignature, Outcome>> = std::thread::scope(|scope| {
            let threads: Vec<_> = self
                .peers
                .iter()
                .map(|peer| scope.spawn(move || peer.ask(checkpoint, prove)))
                .collect();
            let died = || {
                Err(Outcome::Unreachable {
                    why: "the client panicked".into(),
                })
            };
            threads
                .into_iter()
                .map(|thread| thread.join().unwrap_or_else(|_| died()))
                .collect()
        });
        let lines: Vec<_> = asked
            .iter()
            .filter_map(|a| a.as_ref().ok())
            .map(|c| c.signature().clone())
            .collect();
        let outcome = |answer: Result<Cosignature, Outcome>| match answer {
            Ok(cosignature) => Outcome::Cosigned {
                unix_s: cosignature.unix_s(),
            },
            Err(outcome) => outcome,
        };
        let names = self.peers.iter().map(|peer| peer.client.name().to_owned());
        Gathered {
            checkpoint: checkpoint.clone().with_signatures(&lines),
            outcomes: names.zip(asked.into_iter().map(outcome)).collect(),
            cosigned: lines.len(),
            quorum,
        }
    }
}

impl Peer {
    fn ask(
        &self,
        checkpoint: &Checkpoint,
        prove: &(dyn Fn(u64) -> Result<Vec<Sha256>, LogError> + Sync),
    ) -> Result<Cosignature, Outcome> {
        let size = checkpoint.head().size;
        let mut last_size = self
            .last_size
            .lock()
            .unwrap_or_else(PoisonError::into_inner);
        // The guess must lie within the tree; 0 is always a lawful question.
        let guess = if *last_size <= size { *last_size } else { 0 };
        let mut answer = self.post(checkpoint, guess, prove)?;
        if answer.status == 409 {
            let refused = || refused(&answer);
            let line = answer.body.strip_suffix('\n').unwrap_or(&answer.body);
            let cosigned = super::request::decimal(line).ok_or_else(refused)?;
            if cosigned > size {
                return Err(Outcome::Ahead { size: cosigned });
            }
            answer = self.post(checkpoint, cosigned, prove)?;
        }
        if answer.status != 200 {
            return Err(refused(&answer));
        }
        let cosignature = self.own_line(checkpoint, &answer.body)?;
        *last_size = size;
        Ok(cosignature)
    }

    fn post(
        &self,
        checkpoint: &Checkpoint,
        old_size: u64,
        prove: &(dyn Fn(u64) -> Result<Vec<Sha256>, LogError> + Sync),
    ) -> Result<Answer, Outcome> {
        let request = AddCheckpoint::build(checkpoint, old_size, prove)
            .map_err(|e| Outcome::NoProof { why: e.to_string() })?;
        self.client
            .add_checkpoint(&request.body())
            .map_err(|why| Outcome::Unreachable { why })
    }

    /// The witness' valid line in an answer; lines of other keys are passed over (tlog-witness).
    fn own_line(&self, checkpoint: &Checkpoint, body: &str) -> Result<Cosignature, Outcome> {
        let text = checkpoint.head().to_text();
        let mut wrong = format!("no line by {}", self.key.name());
        for line in body.lines().take(100) {
            let Ok(cosignature) = Cosignature::parse(line) else {
                continue;
            };
            if cosignature.verify(text.as_bytes(), &self.key) {
                return Ok(cosignature);
            }
            if cosignature.name() == self.key.name() {
                wrong = format!("the line by {} does not verify", self.key.name());
            }
        }
        Err(Outcome::NotItsWord { why: wrong })
    }
}

fn refused(answer: &Answer) -> Outcome {
    let why = answer.body.trim_end().chars().take(200).collect();
    Outcome::Refused {
        status: answer.status,
        why,
    }
}
