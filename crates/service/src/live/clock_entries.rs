//! What was found of a feed's clock, as entries: when it is first judged, and when it has materially changed.

use std::collections::BTreeMap;

use truceline_domain::{FeedId, Received, SourceId};
use truceline_record::Draft;
use truceline_record::bodies::{CLOCK, ClockBody, ClockFound};

use super::clock::{ClockState, Jump};
use super::state::Against;
use crate::CentreError;
use crate::intake::Place;

/// Of what is found at one clock, one entry is written in so long at the most, seconds.
const RARE_S: f64 = 60.0;
/// An offset that moved by less than this, or by less than three standard deviations, is the one that was
/// told, milliseconds.
const MOVED_MS: i64 = 1_000;
/// Against a source that sees the same thing less is told, milliseconds.
const DIFFERS_MS: i64 = 200;
/// So many entries wait for a record that refuses; of more the first are let go, since the later ones tell
/// what holds now.
const MAX_WAITING: usize = 64;

/// The entries of one feed that are not in the log yet, and what the log says.
pub(super) struct ClockEntries {
    feed: FeedId,
    /// What was told last, against the centre's clock (`None`) and those of other sources.
    told: BTreeMap<Option<SourceId>, ClockBody>,
    /// When a jump was told last, and how many came since.
    jumped: Option<Received>,
    jumps: u64,
    waiting: Vec<ClockBody>,
    /// What was found since it was asked for last, for those who watch.
    news: Vec<ClockBody>,
}

impl ClockEntries {
    pub(super) fn new(feed: FeedId) -> Self {
        Self {
            feed,
            told: BTreeMap::new(),
            jumped: None,
            jumps: 0,
            waiting: Vec::new(),
            news: Vec::new(),
        }
    }

    /// What was found since the last call.
    pub(super) fn news(&mut self) -> Vec<ClockBody> {
        std::mem::take(&mut self.news)
    }

    fn body(&self, what: ClockFound, now: Received) -> ClockBody {
        ClockBody {
            feed: self.feed.clone(),
            received: now,
            what,
            offset_ms: None,
            offset_sd_ms: None,
            drift_ppm: None,
            against: None,
            times: None,
        }
    }

    /// The clock jumped.
    pub(super) fn jumped(&mut self, jump: &Jump, now: Received) {
        // What was known of it holds no more: it is judged and told anew.
        self.told.clear();
        self.jumps += 1;
        let is_rare = |last: Received| now.seconds_since(last) >= RARE_S;
        if !self.jumped.is_none_or(is_rare) {
            return;
        }
        self.jumped = Some(now);
        let what = if jump.by_s < 0.0 {
            ClockFound::JumpedBack
        } else {
            ClockFound::JumpedForward
        };
        let times = std::mem::take(&mut self.jumps);
        self.wait(ClockBody {
            offset_ms: Some(whole(jump.by_s * 1e3)),
            times: Some(times).filter(|n| *n > 1),
            ..self.body(what, now)
        });
    }

    /// What is known of the clock now.
    pub(super) fn judged(&mut self, state: &ClockState, now: Received) {
        let Some(found) = state.found else { return };
        let body = ClockBody {
            offset_ms: state.offset_ms.map(whole),
            offset_sd_ms: state.offset_sd_ms.map(|sd| whole(sd).unsigned_abs()),
            drift_ppm: state
                .drift_ppm
                .filter(|_| found == ClockFound::Drifts)
                .map(whole),
            ..self.body(found, now)
        };
        self.tell(body, MOVED_MS);
    }

    /// How the clock stands to those of sources that see the same things.
    pub(super) fn compared(&mut self, against: &[Against], now: Received) {
        for other in against {
            let limit_ms = (3.0 * other.offset_sd_ms).max(DIFFERS_MS as f64);
            let what = if other.offset_ms.abs() > limit_ms {
                ClockFound::Differs
            } else {
                ClockFound::Agrees
            };
            let body = ClockBody {
                offset_ms: Some(whole(other.offset_ms)),
                offset_sd_ms: Some(whole(other.offset_sd_ms).unsigned_abs()),
                against: Some(other.source.clone()),
                ..self.body(what, now)
            };
            self.tell(body, DIFFERS_MS);
        }
    }

    /// Tells what is materially other than what was told.
    fn tell(&mut self, body: ClockBody, moved_ms: i64) {
        if let Some(told) = self.told.get(&body.against) {
            let sd_ms = i64::try_from(body.offset_sd_ms.unwrap_or(0)).unwrap_or(i64::MAX);
            let apart_ms = body
                .offset_ms
                .unwrap_or(0)
                .abs_diff(told.offset_ms.unwrap_or(0));
            let has_moved = apart_ms > moved_ms.max(sd_ms.saturating_mul(3)).unsigned_abs();
            let is_rare = body.received.seconds_since(told.received) >= RARE_S;
            if !is_rare || (told.what == body.what && !has_moved) {
                return;
            }
        }
        self.told.insert(body.against.clone(), body.clone());
        self.wait(body);
    }

    fn wait(&mut self, body: ClockBody) {
        tracing::info!(feed = %self.feed, what = ?body.what, offset_ms = body.offset_ms, against = ?body.against, "its clock");
        for list in [&mut self.waiting, &mut self.news] {
            if list.len() >= MAX_WAITING {
                list.remove(0);
            }
        }
        self.news.push(body.clone());
        self.waiting.push(body);
    }

    /// Puts what waits into the record.
    ///
    /// # Errors
    /// When the record refuses; it can be tried again.
    pub(super) fn commit(&mut self, place: &Place) -> Result<(), CentreError> {
        if self.waiting.is_empty() {
            return Ok(());
        }
        let drafts = self.waiting.iter().map(|body| {
            let draft = Draft::new(CLOCK, &place.theatre, self.feed.as_str(), body)?;
            Ok(draft.with_times(None, Some(body.received)))
        });
        let drafts = drafts.collect::<Result<_, CentreError>>()?;
        place.record.append_all(drafts)?;
        self.waiting.clear();
        Ok(())
    }
}

fn whole(value: f64) -> i64 {
    value.round() as i64
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(s: f64) -> Received {
        Received::from_unix_us(((1_600_000_000.0 + s) * 1e6) as i64).unwrap()
    }

    fn found(found: ClockFound, offset_ms: f64) -> ClockState {
        ClockState {
            found: Some(found),
            offset_ms: Some(offset_ms),
            offset_sd_ms: Some(300.0),
            ..ClockState::default()
        }
    }

    #[test]
    fn a_state_that_stays_is_one_entry() {
        let mut entries = ClockEntries::new("drone-1".parse().unwrap());
        for s in 0..600 {
            let wobble = if s % 2 == 0 { 200.0 } else { -200.0 };
            entries.judged(&found(ClockFound::Agrees, wobble), at(f64::from(s)));
        }
        assert_eq!(entries.waiting.len(), 1);
        entries.judged(&found(ClockFound::Behind, -5_000.0), at(601.0));
        assert_eq!(entries.waiting.len(), 2);
        // Within the minute nothing more, then only when it moved.
        entries.judged(&found(ClockFound::Agrees, 0.0), at(620.0));
        entries.judged(&found(ClockFound::Behind, -5_500.0), at(700.0));
        assert_eq!(entries.waiting.len(), 2);
        entries.judged(&found(ClockFound::Behind, -9_000.0), at(701.0));
        assert_eq!(entries.waiting.len(), 3);
    }

    #[test]
    fn a_clock_that_jumps_all_the_time_does_not_flood_the_record() {
        let mut entries = ClockEntries::new("drone-1".parse().unwrap());
        let observed = |s: f64| truceline_domain::Observed::from(at(s).timestamp());
        for n in 0..300 {
            let now = f64::from(n);
            let jump = Jump {
                from: observed(now),
                to: observed(now - 10.0),
                by_s: -10.0,
            };
            entries.jumped(&jump, at(now));
        }
        let told: Vec<_> = entries.waiting.iter().map(|b| b.times).collect();
        assert_eq!(told, [None, Some(60), Some(60), Some(60), Some(60)]);
        assert!(
            entries
                .waiting
                .iter()
                .all(|b| b.what == ClockFound::JumpedBack)
        );
    }
}
