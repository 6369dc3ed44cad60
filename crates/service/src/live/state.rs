//! How a live feed is, as the duty officer sees it.

use std::collections::BTreeMap;

use serde::Serialize;
use truceline_domain::{FeedId, Observed, Received, SourceId};
use truceline_engine::ClockPair;
use truceline_intake::Format;

use super::clock::ClockState;

/// Whether a feed gives what it should.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Condition {
    /// Nothing has come yet.
    Connecting,
    /// Bytes come.
    Up,
    /// It is connected and gave nothing for a while.
    Stale,
    /// It is not there, or gave nothing for long.
    Lost,
    /// The disk refuses: what comes is held back as long as there is room, and lost after that.
    StorageFull,
    /// It has ended, as it said.
    Ended,
}

/// How a live feed is.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct FeedState {
    /// Its name.
    pub id: FeedId,
    /// What observes.
    pub source: SourceId,
    /// Where it comes from, without any password.
    pub address: String,
    /// Its format, when known.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub format: Option<&'static str>,
    /// Whether it gives what it should.
    pub condition: Condition,
    /// Since when.
    pub since: Received,
    /// Why, in a person's words, when it does not.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub why: Option<String>,
    /// When the last bytes came.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub last_received: Option<Received>,
    /// The last time that the source told.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub last_observed: Option<Observed>,
    /// What is known of its clock.
    pub clock: ClockState,
    /// How its clock stands to those of sources that see the same moving things.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub clock_against: Vec<Against>,
    /// Bits a second over the last seconds.
    pub bits_per_s: f64,
    /// Bytes taken since the process began.
    pub bytes: u64,
    /// Segments in the log since the process began.
    pub segments: u64,
    /// Observations taken since the process began.
    pub observations: u64,
    /// What could not be read.
    pub faults: u64,
    /// What was sent and did not come, by what is counted.
    pub missing: BTreeMap<String, u64>,
    /// How often it was connected to.
    pub connections: u64,
}

impl FeedState {
    /// A feed of which nothing has come yet.
    #[must_use]
    pub fn new(id: FeedId, source: SourceId, address: String, now: Received) -> Self {
        Self {
            id,
            source,
            address,
            format: None,
            condition: Condition::Connecting,
            since: now,
            why: None,
            last_received: None,
            last_observed: None,
            clock: ClockState::default(),
            clock_against: Vec::new(),
            bits_per_s: 0.0,
            bytes: 0,
            segments: 0,
            observations: 0,
            faults: 0,
            missing: BTreeMap::new(),
            connections: 0,
        }
    }

    /// Says that it is so from now on; `true` when it was otherwise.
    pub(super) fn becomes(
        &mut self,
        condition: Condition,
        why: Option<String>,
        now: Received,
    ) -> bool {
        let changed = self.condition != condition || self.why != why;
        if self.condition != condition {
            self.since = now;
        }
        self.condition = condition;
        self.why = why;
        changed
    }
}

/// How a clock stands to another source's.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Against {
    /// The other source.
    pub source: SourceId,
    /// This clock less the other, milliseconds: positive when this one is ahead.
    pub offset_ms: f64,
    /// One standard deviation of that, milliseconds.
    pub offset_sd_ms: f64,
}

impl Against {
    /// A pair as seen from one of the two; `None` from any other.
    pub(super) fn of(pair: &ClockPair, source: &SourceId) -> Option<Self> {
        let (other, offset_s) = pair.seen_from(source)?;
        Some(Self {
            source: other.clone(),
            offset_ms: offset_s * 1e3,
            offset_sd_ms: pair.sd_s * 1e3,
        })
    }
}

/// After what silence a feed counts as stale and as lost, seconds.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Patience {
    /// Stale; `None` when silence is usual: sensors and observers tell when something happens.
    pub stale_s: Option<f64>,
    /// Lost.
    pub lost_s: Option<f64>,
}

impl Patience {
    /// What is usual for a format: video has 25 frames a second and metadata at least once, telemetry
    /// at least once a second (MAVLink heartbeat).
    #[must_use]
    pub fn usual(format: Format) -> Self {
        let (stale_s, lost_s) = match format {
            Format::Fmv => (Some(2.0), Some(15.0)),
            Format::Mavlink => (Some(3.0), Some(15.0)),
            Format::Cot | Format::Report | Format::Hotspot | Format::Sensor => (None, None),
        };
        Self { stale_s, lost_s }
    }

    /// What a silence of so many seconds means.
    #[must_use]
    pub fn judge(self, silence_s: f64) -> Condition {
        let over = |limit: Option<f64>| limit.is_some_and(|limit| silence_s >= limit);
        if over(self.lost_s) {
            Condition::Lost
        } else if over(self.stale_s) {
            Condition::Stale
        } else {
            Condition::Up
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn silence_means_something_only_where_it_is_not_usual() {
        let video = Patience::usual(Format::Fmv);
        assert_eq!(video.judge(0.5), Condition::Up);
        assert_eq!(video.judge(3.0), Condition::Stale);
        assert_eq!(video.judge(30.0), Condition::Lost);
        assert_eq!(Patience::usual(Format::Sensor).judge(3600.0), Condition::Up);
    }
}
