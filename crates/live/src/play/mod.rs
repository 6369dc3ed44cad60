//! `play`: recordings sent again with their real timing, as a drone, a camera, a sensor or a post
//! would, for demonstrations and tests.
//!
//! Each recording goes to one target at its own pace: transport streams by their clock references,
//! `.tlog` by the time before each frame, readings by `received` or `observed`, events of Cursor on
//! Target by `time`. Several recordings keep their distance in time when they begin within twelve
//! hours of the first that tells its time; others begin at once.
//!
//! Played in a loop, everything runs on: time stamps, clock references and continuity counters of a
//! transport stream, the clock in its KLV, the UTC of `SYSTEM_TIME`, the times in text, and the names
//! of readings (`~1`, `~2` after them, so that they are not held for repetitions). Only a vehicle's
//! time since boot begins anew, which is what a vehicle that starts again does.
//!
//! The same seed gives the same losses and delays.

mod klv;
mod options;
mod player;
mod recording;
mod sink;
mod text;
mod tlog;
pub(crate) mod ts;
mod ts_lap;

use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Instant;

use serde::Deserialize;
use tokio::sync::mpsc;
use tokio_util::sync::CancellationToken;
use truceline_intake::Format;

use crate::event::received_now;
use options::Sent;
pub use options::{ClockOffset, PlayError, PlayOptions, Played, Target};
use player::Player;
use recording::Recording;
use sink::Servers;

/// Recordings that begin further from the first are not kept at their distance.
const SAME_DAY_US: i64 = 12 * 3_600_000_000;

/// Plays a file, or the files of a folder that its `feeds.toml` names, until all have ended or
/// `stop` is cancelled. What happens is told in words.
///
/// # Errors
/// When a recording or a target cannot be used. A target that is not there is tried again and again.
pub async fn play(
    path: &Path,
    targets: &[Target],
    options: &PlayOptions,
    tell: &mut (dyn FnMut(String) + Send),
    stop: CancellationToken,
) -> Result<Played, PlayError> {
    let recordings = recordings(path)?;
    let all: Vec<_> = recordings
        .iter()
        .map(|r| format!("{} ({})", r.name, r.format))
        .collect();
    let first_us = recordings.iter().find_map(Recording::begins_us);
    let offset_us = match options.clock {
        ClockOffset::Seconds(s) => (s * 1e6) as i64,
        ClockOffset::Now => received_now().unix_us() - first_us.unwrap_or(0),
    };
    let delays: Vec<_> = recordings.iter().map(|r| delay_us(r, first_us)).collect();
    let earliest = delays.iter().flatten().min().copied().unwrap_or(0);
    let (told, mut words) = mpsc::unbounded_channel();
    let servers = Servers::default();
    let sent = Arc::<Sent>::default();
    let began = Instant::now();
    let mut players = tokio::task::JoinSet::new();
    for (recording, delay) in recordings.into_iter().zip(delays) {
        let target = targets
            .iter()
            .find(|t| t.format == Some(recording.format))
            .or_else(|| targets.iter().find(|t| t.format.is_none()));
        let Some(target) = target else {
            tell(format!(
                "{}: no target takes {}",
                recording.name, recording.format
            ));
            continue;
        };
        if delay.is_none() {
            tell(format!(
                "{}: begins at once, its own time is another day's or not told",
                recording.name
            ));
        }
        let player = Player {
            source: target.source(&recording.name)?,
            delay_us: delay.map_or(0, |d| d - earliest),
            recording,
            options: options.clone(),
            offset_us,
            began,
            told: told.clone(),
            servers: servers.clone(),
            sent: sent.clone(),
        };
        players.spawn(player.run());
    }
    if players.is_empty() {
        return Err(PlayError::NoTarget(all.join(", ")));
    }
    drop(told);
    loop {
        tokio::select! {
            () = stop.cancelled() => break,
            Some(word) = words.recv() => tell(word),
            ended = players.join_next() => match ended {
                None => break,
                Some(Ok(())) => {}
                Some(Err(e)) => tell(format!("a player failed within: {e}")),
            },
        }
    }
    while let Ok(word) = words.try_recv() {
        tell(word);
    }
    Ok(sent.played())
}

/// When a recording begins against the first, where it keeps its distance.
fn delay_us(recording: &Recording, first_us: Option<i64>) -> Option<i64> {
    let delay = recording.begins_us()?.saturating_sub(first_us?);
    (delay.abs() <= SAME_DAY_US).then_some(delay)
}

/// `feeds.toml` of a folder.
#[derive(Deserialize)]
struct Feeds {
    #[serde(default)]
    feed: Vec<FeedFile>,
}

#[derive(Deserialize)]
struct FeedFile {
    id: String,
    format: Option<Format>,
    file: PathBuf,
}

fn recordings(path: &Path) -> Result<Vec<Recording>, PlayError> {
    let refused = |path: &Path, why: String| PlayError::Recording {
        path: path.to_owned(),
        why,
    };
    if !path.is_dir() {
        let stem = path.file_stem().map(|s| s.to_string_lossy().into_owned());
        let name = stem.unwrap_or_else(|| "feed".to_owned());
        return Ok(vec![Recording::read(path, name, None)?]);
    }
    let list = path.join("feeds.toml");
    let text = std::fs::read_to_string(&list).map_err(|e| {
        refused(
            &list,
            format!("{e}; a folder that is played names its feeds there"),
        )
    })?;
    let feeds: Feeds = toml::from_str(&text).map_err(|e| refused(&list, e.to_string()))?;
    if feeds.feed.is_empty() {
        return Err(refused(&list, "no [[feed]] in it".to_owned()));
    }
    feeds
        .feed
        .into_iter()
        .map(|feed| Recording::read(&path.join(feed.file), feed.id, feed.format))
        .collect()
}
