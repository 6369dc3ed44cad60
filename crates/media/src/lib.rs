//! From motion imagery as it was sent (MPEG-TS) to what people watch, without coding a picture anew.
//!
//! | what | where |
//! |---|---|
//! | live: fragments of MP4 (CMAF), one a picture, with the metadata as timed events beside | [`Packager`] |
//! | recorded: what stands where in segments | [`span`] |
//! | a span played again, at 0.25 to 16 times | [`Replay`] |
//! | a span as one MP4 file, whole or any range of its bytes | [`Film`] |
//! | a span as the transport stream it was sent as | [`transport_clip`] |
//! | a picture at an instant, small pictures along a time bar | [`still`] |
//! | stills, thumbnails, and what looks by itself: single pictures, decoded | [`decode`] |
//!
//! The transport stream is taken apart by [`truceline_intake::fmv`], here as in the record: there is one demultiplexer. What
//! is shown is the source's own coded pictures; only their frame changes.
//!
//! Times are in units of 1/90,000 s. `pts_90k` is the feed's own presentation time, unwrapped over the 33-bit turn;
//! `media_90k` is the place on the timeline of a player, which is the same until a feed's clock jumps ([`Timeline`]).

#![cfg_attr(
    test,
    allow(clippy::unwrap_used, reason = "what fails here is to stop the test")
)]

pub mod boxes;
pub mod clip;
pub mod decode;
pub mod film;
mod packager;
pub mod replay;
pub mod span;
pub mod still;
pub mod synthetic;
mod timeline;
pub mod track;

pub use clip::{TransportClip, transport_clip};
pub use film::Film;
pub use packager::{Event, Fragment, Init, Metadata, Muxer, OnDamage, Packager};
pub use replay::{Paced, Replay, Speed};
pub use span::{Derived, Index, Origin, Source, Span, SpanError};
pub use timeline::{Placed, Timeline};
