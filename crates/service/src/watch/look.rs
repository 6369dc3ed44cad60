//! What the machine sees of itself: feeds, their clocks, the disk. It raises what began, once, until
//! somebody took note.

use std::path::PathBuf;
use std::time::{Duration, Instant};

use serde_json::Value;
use truceline_record::watch::{AlertBody, Message, Severity};

use super::alerts::{Alerts, message};
use crate::clock;
use crate::live::{Condition, FeedState, Hub};

/// Feeds are looked at so often.
const EVERY: Duration = Duration::from_secs(1);
/// A clock that is fast by more than this is told, milliseconds: a round's sound would be placed 170 m
/// off (half a second of sound).
const CLOCK_MS: f64 = 500.0;
/// So much of the disk must be free, as a share.
const DISK_FREE: f64 = 0.05;

/// Looks at the centre's machine.
pub(crate) struct Look {
    dir: PathBuf,
    looked: Option<Instant>,
}

impl Look {
    pub(crate) fn new(dir: PathBuf) -> Self {
        Self { dir, looked: None }
    }

    /// What is to be raised now: what is wrong, and of which no alert is open.
    pub(crate) fn at(&mut self, hub: &Hub, alerts: &Alerts) -> Vec<AlertBody> {
        if self.looked.is_some_and(|at| at.elapsed() < EVERY) {
            return Vec::new();
        }
        self.looked = Some(Instant::now());
        let feeds: Vec<FeedState> = hub.feeds().map(|feed| feed.state()).collect();
        let wrong = feeds.iter().flat_map(of_feed).chain(self.disk());
        wrong.filter(|body| !is_open(alerts, body)).collect()
    }

    fn disk(&self) -> Option<AlertBody> {
        let disk = rustix::fs::statvfs(&self.dir).ok()?;
        let free = disk.f_bavail as f64 / (disk.f_blocks.max(1)) as f64;
        let args = [("free_share", Value::from((free * 1000.0).round() / 1000.0))];
        (free < DISK_FREE)
            .then(|| named("disk", Severity::Alarm, message("disk.filling", args), None))
    }
}

/// What is wrong with a feed.
fn of_feed(state: &FeedState) -> Vec<AlertBody> {
    let mut wrong = Vec::new();
    let why = state.why.clone().unwrap_or_default();
    let args = || {
        [
            ("feed", state.id.to_string().into()),
            ("why", why.clone().into()),
        ]
    };
    let condition = match state.condition {
        Condition::Stale => Some(("feed.stale", Severity::Notice)),
        Condition::Lost => Some(("feed.lost", Severity::Warning)),
        Condition::StorageFull => Some(("feed.storage_full", Severity::Alarm)),
        Condition::Connecting | Condition::Up | Condition::Ended => None,
    };
    if let Some((id, severity)) = condition {
        wrong.push(named("feed", severity, message(id, args()), Some(state)));
    }
    if let Some(fast_ms) = state.clock.fast_by_ms.filter(|ms| *ms > CLOCK_MS) {
        let args = [
            ("feed", state.id.to_string().into()),
            ("fast_by_ms", Value::from(fast_ms.round())),
        ];
        wrong.push(named(
            "clock",
            Severity::Warning,
            message("clock.fast", args),
            Some(state),
        ));
    }
    wrong
}

/// The alert's name says what, of which feed, and when it was seen, so that the same trouble another day is another alert.
fn named(kind: &str, severity: Severity, text: Message, feed: Option<&FeedState>) -> AlertBody {
    let feed = feed.map(|state| state.id.clone());
    let now = clock::recorded().timestamp().as_millisecond();
    let about = feed
        .as_ref()
        .map_or_else(String::new, |feed| format!("-{feed}"));
    AlertBody {
        alert: format!("{}{about}-{now}", text.id),
        kind: kind.to_owned(),
        severity,
        text,
        feed,
        finding: None,
    }
}

/// Whether one of the same message and feed waits for somebody.
fn is_open(alerts: &Alerts, body: &AlertBody) -> bool {
    let feed = body.feed.as_ref().map(ToString::to_string);
    let mut open = alerts.newest_first().filter(|alert| alert.is_open());
    open.any(|alert| alert.text.id == body.text.id && alert.feed == feed)
}
