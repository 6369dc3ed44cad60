//! What was watched: the line of contact cut in stretches, time cut in bins, and for each the
//! probability that a violation there and then would have been noticed, by kind of violation and by
//! kind of source. *Not observed* is never *complied*.
//!
//! A source counts only while there is evidence that it was up:
//!
//! - sound and flash sensors: within half an hour of any reading of theirs, where and while the theatre
//!   has them stand, to the range that it documents, through the models of [`crate::detection`];
//! - cameras of aircraft: while the place lies in the frame on the ground, between packets no more than
//!   5 s apart, at the frame's resolution;
//! - posts: within ten minutes of their own reports, through the span that a report says it covers, and
//!   of a CoT marker beside the post. Shifts without any of these leave no evidence that anyone looked;
//! - satellites never: they pass, they do not watch.
//!
//! The page `docs/coverage.md` has the models, their limits and what was measured.

mod evidence;
mod frames;
mod places;
mod state;
mod sums;
mod watch;

pub use state::{CoverageState, coverage, covered};
pub use sums::{Hour, Stretch, Watched};

use truceline_domain::Observed;

/// Length of a bin, seconds; bins begin at whole multiples of it.
pub const BIN_S: f64 = 600.0;
/// A place counts as watched while a violation there would have been noticed with this probability.
pub const WATCHED_P: f64 = 0.5;
/// A place counts as watched through a bin from this share of it on.
const WATCHED_SHARE: f64 = 0.9;
/// How high above the ground the thing stands that is to be seen, metres (assumption: a man, a car, a
/// muzzle).
const THING_M: f64 = 2.0;

/// How long before and after its own time an observation of a kind ([`truceline_domain::Body::kind`]) may speak for what was
/// watched, seconds. A report may cover a day; a camera's packet speaks for no other time than its own, but waits for those that
/// come late.
#[must_use]
pub fn reach_s(kind: &str) -> f64 {
    match kind {
        "report" => 86_400.0 + watch::UP_BINS as f64 * BIN_S,
        "weather" => (watch::WEATHER_BINS + 1) as f64 * BIN_S,
        kind if is_camera(kind) => 60.0,
        _ => (watch::UP_BINS + 1) as f64 * BIN_S,
    }
}

/// Whether what a camera had in its frame is made of observations of this kind.
#[must_use]
pub fn is_camera(kind: &str) -> bool {
    kind.starts_with("fmv.") || kind.starts_with("mavlink.")
}

fn bin_of(time: Observed) -> i64 {
    (time.unix_us() as f64 / 1e6 / BIN_S).floor() as i64
}

fn middle_of(bin: i64) -> Observed {
    Observed::UNIX_EPOCH.plus_seconds((bin as f64 + 0.5) * BIN_S)
}
