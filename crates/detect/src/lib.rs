//! What a duty officer would miss in video: sudden flashes, smoke, moving vehicles.
//!
//! A [`Detector`] looks at the decoded pictures of one stream; a [`Watcher`] decodes them from access units and tells what was
//! passed over. Nothing here knows a clock, a disk or a
//! network; the same bytes give the same detections. Method, sources, measured figures and what it does not see are on the
//! page `docs/detector.md`.

#![cfg_attr(
    test,
    allow(clippy::unwrap_used, reason = "what fails here is to stop the test")
)]

mod align;
mod background;
mod blobs;
mod correlate;
mod detector;
mod flash;
mod ground;
mod homography;
mod options;
mod plane;
mod score;
mod smoke;
mod still;
mod vehicle;
mod watcher;

pub use detector::{Area, Detection, Detector, Looks, Still};
pub use ground::Telemetry;
pub use options::Options;
pub use watcher::{Told, Watcher};
