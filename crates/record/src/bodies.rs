//! What entries say, by type: the bodies of the types that have to do with what the centre receives.
//!
//! Findings, signatures, holds and deletions have theirs beside their rules, in
//! [`crate::signature`] and [`crate::retention`].

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use truceline_domain::{FeedId, ObservationId, Observed, Received, Recorded, Sha256, SourceId};

/// The type of an entry whose body is a [`SegmentBody`].
pub const SEGMENT: &str = "segment";
/// The type of an entry whose body is a [`BatchBody`].
pub const BATCH: &str = "batch";
/// The type of an entry whose body is a [`DocumentBody`].
pub const DOCUMENT: &str = "document";
/// The type of an entry whose body is a [`GapBody`].
pub const GAP: &str = "gap";
/// The type of an entry whose body is a [`ClockBody`].
pub const CLOCK: &str = "clock";
/// The type of an entry whose body is a [`StillBody`].
pub const STILL: &str = "still";
/// The type of an entry whose body is an [`AttachmentBody`].
pub const ATTACHMENT: &str = "attachment";
/// The type of an entry whose body is a [`QuarantineBody`].
pub const QUARANTINE: &str = "quarantine";
/// The type of an entry whose body is an [`AccessBody`].
pub const ACCESS: &str = "access";

/// The first and the last of something.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Span<T> {
    /// The earliest.
    pub first: T,
    /// The latest.
    pub last: T,
}

impl<T: Ord + Copy> Span<T> {
    /// The span that also holds `value`.
    #[must_use]
    pub fn with(span: Option<Self>, value: T) -> Self {
        match span {
            None => Self {
                first: value,
                last: value,
            },
            Some(span) => Self {
                first: span.first.min(value),
                last: span.last.max(value),
            },
        }
    }
}

/// A stretch of a feed's original bytes, which lie under their hash in `segments/`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct SegmentBody {
    /// The feed.
    pub feed: FeedId,
    /// What the bytes are, in the names of `truceline decode --format`, e.g. `fmv`.
    pub format: String,
    /// Their hash.
    pub sha256: Sha256,
    /// How many they are.
    pub bytes: u64,
    /// Where in the feed they begin, in bytes since the feed was opened.
    pub offset: u64,
    /// When what they show was observed, where the feed says so.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub observed: Option<Span<Observed>>,
    /// When they reached the centre.
    pub received: Span<Received>,
    /// Presentation times in units of 1/90,000 s, unwrapped beyond 33 bits (ISO/IEC 13818-1).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub pts_90k: Option<Span<u64>>,
    /// Whether a decoder can begin with the first byte. False for a feed's beginning in mid-stream
    /// and after a cut at the largest size.
    pub random_access: bool,
}

/// Observations, one JSON object a line, which lie under the hash of their bytes in `segments/`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct BatchBody {
    /// The feed they came from.
    pub feed: FeedId,
    /// The hash of the bytes.
    pub sha256: Sha256,
    /// How many bytes.
    pub bytes: u64,
    /// How many observations.
    pub count: u64,
    /// How many of each kind.
    pub kinds: BTreeMap<String, u64>,
    /// From when to when they were observed; none when no source told a time.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub observed: Option<Span<Observed>>,
    /// The segment that they were decoded from, if they were.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub segment: Option<Sha256>,
}

/// A document that the centre obeys, which lies under its hash in `segments/`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct DocumentBody {
    /// `agreement`, `procedures`, `mandate`, `geometry` and the like.
    pub kind: String,
    /// Its path within the theatre's folder, with `/`.
    pub path: String,
    /// Its version as it names itself.
    pub version: String,
    /// The hash of its bytes.
    pub sha256: Sha256,
    /// How many they are.
    pub bytes: u64,
}

/// A stretch in which a feed gave nothing, or less than it should.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct GapBody {
    /// The feed.
    pub feed: FeedId,
    /// The last that came before and the first that came after.
    pub received: Span<Received>,
    /// How many packets or messages are missing, where their numbers tell.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub missing: Option<u64>,
    /// What was seen: `silent`, `lost`, `clock` and the like.
    pub reason: String,
}

/// What was found of the clock by which a source stamps what it sees. Written when it is first judged, and when
/// it has materially changed; until the next, it stands. Nothing in the record is corrected by it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ClockBody {
    /// The feed.
    pub feed: FeedId,
    /// When it was judged, by the centre's clock.
    pub received: Received,
    /// What was found.
    pub what: ClockFound,
    /// The source's clock less the one it was held against, milliseconds: positive when it is ahead.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub offset_ms: Option<i64>,
    /// One standard deviation of that, milliseconds.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub offset_sd_ms: Option<u64>,
    /// Its rate against the centre's clock, parts per million; positive when it gains.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub drift_ppm: Option<i64>,
    /// The source whose clock it was held against; none for the centre's.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub against: Option<SourceId>,
    /// How often it jumped since the last entry of this kind, when it jumped more than once.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub times: Option<u64>,
}

/// What was found of a clock.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ClockFound {
    /// It agrees, as far as can be told.
    Agrees,
    /// It is ahead: what it stamped came before it happened.
    Ahead,
    /// It is behind, or what comes from there takes long: from one feed alone the two look alike.
    Behind,
    /// It gains or loses.
    Drifts,
    /// It went back.
    JumpedBack,
    /// It went forward.
    JumpedForward,
    /// It differs from that of another source that sees the same thing.
    Differs,
}

/// What an observation looked like: a picture cut out of a feed, made here, whose bytes lie under their
/// hash in `segments/`. The feed's own segments are the evidence; this is for people.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct StillBody {
    /// The feed whose picture it is.
    pub feed: FeedId,
    /// The observation.
    pub observation: ObservationId,
    /// The hash of the picture's bytes (PNG).
    pub sha256: Sha256,
    /// How many they are.
    pub bytes: u64,
    /// The picture's presentation time, unwrapped, in units of 1/90,000 s.
    pub pts_90k: u64,
}

/// A file that came with a person's report: a photograph, a sound. Its bytes lie under their hash in
/// `segments/`, and the report itself names the hash too.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct AttachmentBody {
    /// The feed that the report came by.
    pub feed: FeedId,
    /// The report.
    pub observation: ObservationId,
    /// The file's name on the device that made it.
    pub name: String,
    /// What it is, e.g. `image/jpeg`, as its first bytes say.
    pub media_type: String,
    /// The hash of its bytes.
    pub sha256: Sha256,
    /// How many they are.
    pub bytes: u64,
}

/// An item that could not be read and was set aside.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct QuarantineBody {
    /// The feed.
    pub feed: FeedId,
    /// The hash of its bytes, which lie in `segments/`; none when they were not kept.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub sha256: Option<Sha256>,
    /// How many bytes.
    pub bytes: u64,
    /// Where in the feed or file, as people would look for it.
    pub place: String,
    /// What was seen and what was expected.
    pub reason: String,
}

/// Who asked the centre for what: accesses of some seconds, one JSON object a line, which lie under the
/// hash of their bytes in `segments/`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct AccessBody {
    /// The hash of the bytes.
    pub sha256: Sha256,
    /// How many bytes.
    pub bytes: u64,
    /// How many accesses.
    pub count: u64,
    /// From when to when they were answered, by the centre's clock.
    pub answered: Span<Recorded>,
}
