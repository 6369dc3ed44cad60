//! Who cosigns the log's checkpoints, so that nobody can show two histories.
//!
//! A witness keeps, for each log it knows, the last checkpoint it cosigned, and cosigns the next one
//! only with a proof that it continues the last (C2SP tlog-witness, tlog-cosignature). With one
//! witness of each sending state and one of the host, neither state can rewrite or fork the record
//! unseen by the other.
//!
//! * [`Witness`] answers `add-checkpoint`; HTTP around it is somebody else's.
//! * [`AddCheckpoint`] and [`Cosignature`] are what goes to and fro.
//! * [`Cosigners`] asks several witnesses and gathers a quorum.
//!
//! Other implementations of the protocol can stand on either side.

mod cosignature;
pub(crate) mod durable;
mod gather;
mod request;
mod state;

pub use cosignature::{Cosignature, NoCosignature};
pub use gather::{Answer, Cosigners, Gathered, Outcome, WitnessClient};
pub use request::{AddCheckpoint, MAX_PROOF_LINES, MAX_REQUEST_BYTES, Malformed};
pub(crate) use request::{decimal, hash_line};
pub use state::{KnownLog, Refusal, Witness, WitnessError};
