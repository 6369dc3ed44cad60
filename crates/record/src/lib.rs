//! The record: one append-only log per centre, the media and batches that its entries name by
//! hash, and the keys that sign it. Everything lies in one folder and names nothing outside it, so
//! that copying the folder copies the evidence.
//!
//! | path | what |
//! |---|---|
//! | `log/` | the log in the C2SP tlog-tiles layout, served as it is ([`log`]) |
//! | `segments/` | original bytes by their SHA-256 ([`blob`]) |
//! | `vkeys` | who may sign what ([`vkeys`]) |
//! | `journal` | the commits since the log's files were last made durable |
//! | `live/` | open segments of live feeds ([`segment`]) |
//! | `lock`, `tmp/`, `quarantine/` | the writer's lock, unfinished files, what a crash tore |
//!
//! The design and the reasoning about crashes are in `docs/record.md`.

pub mod batch;
pub mod blob;
pub mod bodies;
pub mod bundle;
pub mod canonical;
pub mod deed;
pub mod entry;
pub mod folder;
pub mod key;
pub mod log;
pub mod people;
mod record;
pub mod report;
pub mod retention;
pub mod segment;
pub mod signature;
pub mod verify;
pub mod vkeys;
pub mod watch;
pub mod webauthn;
pub mod witness;

pub use blob::{BlobError, Blobs};
pub use entry::{Draft, Entry, EntryError, MAX_ENTRY_BYTES};
pub use folder::Folder;
pub use key::{Algorithm, KeyError, Role, SignerKey, VerifierKey};
pub use log::{Appended, Checkpoint, Leaf, Log, LogError, Quorum, Recovery, TreeHead, Writer};
pub use record::Record;
pub use vkeys::Vkeys;
