//! Feeds to observations: one module a format, all of the same shape.
//!
//! A [`Decoder`] is pushed the bytes of one feed as they come, from a file or live, in pieces of
//! any size, and tells a sink what it finds: observations, places where the feed may be cut,
//! and faults. It never fails as a whole: what it cannot read becomes a [`Fault`] and the rest of
//! the feed is read on.

pub mod cot;
pub mod fmv;
pub mod hotspot;
pub mod mavlink;
pub mod report;
pub mod sensor;

mod decode;
mod feed;
mod format;
mod lines;
mod tally;

pub use decode::{Context, Cut, Decoder, Fault, FaultKind, Item, MAX_FAULT_BYTES, Sink, decoder};
pub use feed::{Feed, FeedError, Piece};
pub use format::Format;
pub use tally::Tally;
