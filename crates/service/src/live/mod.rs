//! Live feeds: taken into the record as they come, shown after that.
//!
//! ```text
//! source ─▶ queue ─▶ worker ─▶ record            a thread a feed
//!                      │
//!                      └─▶ viewers, picture        never waited for
//! ```
//!
//! Each feed has a task that speaks with its source and a thread that records. Between them lies a
//! bounded queue; behind them nothing waits for anybody: a viewer that is slow loses its place. So one
//! feed's trouble is its own.

mod clock;
mod clock_entries;
mod gaps;
mod hub;
mod look;
mod projector;
mod salvage;
mod state;
pub(crate) mod whereabouts;
mod worker;

pub use clock::{Clock, ClockState, Jump};
pub use hub::{Change, Hub, Issued, LiveFeed, OpenSegment, Stage};
pub use projector::Projector;
pub use salvage::{Salvaged, salvage};
pub use state::{Against, Condition, FeedState, Patience};
