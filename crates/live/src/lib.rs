//! Live sources in, and the simulator that plays recordings out.
//!
//! A [`Source`] is an address and what is said beside it, as it stands in `truceline.toml` or on
//! the command line. [`run()`] connects to it for as long as it is told to, and tells a channel of
//! [`Event`]s what comes:
//!
//! ```text
//! address ─▶ Source ─▶ run ─▶ Connected, Bytes, Bytes, Missing, Bytes, Down, Connected, Restarted, Bytes, …
//! ```
//!
//! Bytes are the feed's byte stream in the form that the decoders of `truceline-intake` read: an
//! MPEG transport stream for video whatever carried it, `.tlog` records for MAVLink, events for
//! Cursor on Target, lines for readings and reports. The crate knows nothing of the record and
//! nothing of the HTTP server; it judges no content.
//!
//! # What is bounded
//! Between the network and the reader of the channel lies one queue per source, of
//! [`QUEUE_BYTES`]. A source that cannot be held back (datagrams, RTP) loses what comes while the
//! queue is full, and tells how much with [`Event::Missing`]; one that can (TCP, HTTP, files) is
//! held back. Each module tells what else it holds.

mod backoff;
mod cot;
mod datagram;
mod event;
#[doc(hidden)]
pub mod fuzz;
mod http;
mod mavlink;
mod mqtt;
pub mod mux;
pub mod play;
mod poll;
mod queue;
mod rtp;
mod rtsp;
mod run;
mod source;
mod srt;
mod stream;
mod tls;

pub use event::{Chunk, Event, Missed};
pub use queue::QUEUE_BYTES;
pub use run::run;
pub use source::{Mode, Options, Secret, Source, SourceError, Transport};
