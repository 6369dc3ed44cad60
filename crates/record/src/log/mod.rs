//! The append-only log, in the C2SP tlog-tiles layout: any static file server can serve its folder,
//! and any client of that layout can check it.
//!
//! | file | what |
//! |---|---|
//! | `checkpoint` | the newest signed tree head, see [`Checkpoint`] |
//! | `checkpoint.cosigned` | the newest one that had its quorum of cosignatures |
//! | `tile/<L>/<N>[.p/<W>]` | hashes, see [`Coordinates`] |
//! | `tile/entries/<N>[.p/<W>]` | entries, see [`entry_bundle`] |
//!
//! [`Log`] reads; [`Writer`] writes. The order of writing and what holds after a crash are told in
//! [`writer`](Writer) and in `docs/record.md`.

mod checkpoint;
mod committer;
mod coordinates;
pub mod disk;
mod edge;
pub mod entry_bundle;
mod error;
pub(crate) mod journal;
mod leaves;
mod lock;
pub mod proof;
mod queue;
mod reader;
mod recovery;
mod tile_files;
mod writer;

pub use checkpoint::{Checkpoint, EMPTY_ROOT, MAX_TREE_SIZE, TreeHead};
pub use coordinates::{Coordinates, FULL_WIDTH, Kind, MAX_LEVEL};
pub use entry_bundle::BundleError;
pub use error::LogError;
pub use leaves::{Entries, Leaf};
pub use reader::Log;
pub use recovery::Recovery;
pub use writer::{Appended, Quorum, Writer};
