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
mod recording;
mod sink;
mod text;
mod tlog;
pub(crate) mod ts;
mod ts_lap;

use std::cmp::Reverse;
use std::collections::BinaryHeap;
use std::path::{Path, PathBuf};
use std::str::FromStr;
use std::time::{Duration, Instant};

use bytes::Bytes;
use serde::Deserialize;
use tokio::sync::mpsc;
use tokio_util::sync::CancellationToken;
use truceline_intake::Format;

use crate::event::received_now;
use crate::source::Source;
use recording::Recording;
use sink::{Packet, Servers, Sink};

/// Recordings that begin further from the first are not kept at their distance.
const SAME_DAY_US: i64 = 12 * 3_600_000_000;
/// A target that fell is tried again after so long.
const RETRY: Duration = Duration::from_secs(1);
/// What is late by more is left out after a target was away.
const TOO_LATE: Duration = Duration::from_secs(1);

/// How recordings are played.
#[derive(Debug, Clone)]
pub struct PlayOptions {
    /// How many times faster than they were recorded; more than zero.
    pub speed: f64,
    /// Begin again at the end.
    pub repeat: bool,
    /// Each piece is delayed by up to so much.
    pub jitter: Duration,
    /// The share of packets that are not sent, 0 to 1.
    pub loss: f64,
    /// By how much the sources' clocks are moved.
    pub clock: ClockOffset,
    /// For the losses and delays.
    pub seed: u64,
    /// Added to all time stamps of transport streams, 90 kHz, as to have them wrap soon.
    pub start_90k: u64,
}

impl Default for PlayOptions {
    fn default() -> Self {
        Self {
            speed: 1.0,
            repeat: false,
            jitter: Duration::ZERO,
            loss: 0.0,
            clock: ClockOffset::Seconds(0.0),
            seed: 0,
            start_90k: 0,
        }
    }
}

/// By how much the sources' clocks are moved.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum ClockOffset {
    /// By so many seconds; less than zero: back.
    Seconds(f64),
    /// So that the first recording begins now.
    Now,
}

impl FromStr for ClockOffset {
    type Err = String;
    fn from_str(text: &str) -> Result<Self, String> {
        if text == "now" {
            return Ok(Self::Now);
        }
        match text.parse::<f64>() {
            Ok(s) if s.is_finite() && s.abs() < 1e10 => Ok(Self::Seconds(s)),
            _ => Err(format!("{text:?} is neither a number of seconds nor `now`")),
        }
    }
}

/// Where recordings are sent: an address, for one format or all. `{feed}` in it becomes the feed's
/// name.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Target {
    format: Option<Format>,
    address: String,
}

impl FromStr for Target {
    type Err = String;
    fn from_str(text: &str) -> Result<Self, String> {
        let (format, address) = match text.split_once('=') {
            Some((word, rest)) if word.bytes().all(|b| b.is_ascii_lowercase()) => {
                (Some(word.parse()?), rest)
            }
            _ => (None, text),
        };
        let target = Self {
            format,
            address: address.to_owned(),
        };
        let source = target.source("feed").map_err(|e| e.to_string())?;
        sink::check(&source)?;
        Ok(target)
    }
}

impl Target {
    fn source(&self, feed: &str) -> Result<Source, crate::SourceError> {
        self.address.replace("{feed}", feed).parse()
    }
}

/// Something that could not be played.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum PlayError {
    /// A recording.
    #[error("{path}: {why}")]
    Recording {
        /// The file.
        path: PathBuf,
        /// What is wrong with it.
        why: String,
    },
    /// A target's address.
    #[error(transparent)]
    Target(#[from] crate::SourceError),
    /// No target takes any of the recordings.
    #[error("no target is given for any of the recordings; they are {0}")]
    NoTarget(String),
}

/// What was sent.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Played {
    /// Packets, or pieces where the target knows no packets.
    pub packets: u64,
    /// Their bytes.
    pub bytes: u64,
    /// Packets that were not sent, as asked.
    pub lost: u64,
}

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
        };
        players.spawn(player.run());
    }
    if players.is_empty() {
        return Err(PlayError::NoTarget(all.join(", ")));
    }
    drop(told);
    let mut sum = Played::default();
    loop {
        tokio::select! {
            () = stop.cancelled() => break,
            Some(word) = words.recv() => tell(word),
            ended = players.join_next() => match ended {
                None => break,
                Some(Ok(played)) => {
                    sum.packets += played.packets;
                    sum.bytes += played.bytes;
                    sum.lost += played.lost;
                }
                Some(Err(e)) => tell(format!("a player failed within: {e}")),
            },
        }
    }
    while let Ok(word) = words.try_recv() {
        tell(word);
    }
    Ok(sum)
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

/// Plays one recording.
struct Player {
    source: Source,
    recording: Recording,
    options: PlayOptions,
    offset_us: i64,
    delay_us: i64,
    began: Instant,
    told: mpsc::UnboundedSender<String>,
    servers: Servers,
}

/// Packets by when they are sent, then by their number.
type Due = BinaryHeap<Reverse<(Instant, u64, Packet)>>;

impl Player {
    async fn run(self) -> Played {
        let mut played = Played::default();
        let mut random = fastrand::Rng::with_seed(self.options.seed);
        let mut sink = self.open().await;
        let mut due = Due::new();
        let mut number = 0;
        let mut last = self.began;
        for lap in 0.. {
            let lap_us = self.recording.length_us().saturating_mul(lap as i64);
            let offset_us = self.offset_us.saturating_add(lap_us);
            for piece in self.recording.lap(lap, offset_us, self.options.start_90k) {
                let at = self.when(self.delay_us + lap_us + piece.at_us);
                let media_us = lap_us + piece.at_us;
                self.send_until(at, &mut due, &mut sink, &mut random, &mut played)
                    .await;
                for packet in sink.prepare(piece.bytes, media_us) {
                    let jitter = self.options.jitter.mul_f64(random.f64());
                    // What cannot come out of order is only held back.
                    let at = if sink.may_reorder() {
                        at + jitter
                    } else {
                        last.max(at + jitter)
                    };
                    last = at;
                    number += 1;
                    due.push(Reverse((at, number, packet)));
                }
            }
            if !self.options.repeat {
                break;
            }
        }
        for packet in sink.prepare_end() {
            number += 1;
            due.push(Reverse((last, number, packet)));
        }
        let end = last + self.options.jitter;
        self.send_until(end, &mut due, &mut sink, &mut random, &mut played)
            .await;
        sink.finish().await;
        let _ = self
            .told
            .send(format!("{}: played to its end", self.recording.name));
        played
    }

    fn when(&self, us: i64) -> Instant {
        let seconds = us.max(0) as f64 / 1e6 / self.options.speed.max(1e-6);
        self.began + Duration::try_from_secs_f64(seconds).unwrap_or(Duration::MAX / 4)
    }

    async fn open(&self) -> Sink {
        let mut was_told = false;
        loop {
            match Sink::open(&self.source, &self.recording, &self.servers).await {
                Ok((sink, words)) => {
                    let _ = self.told.send(format!("{}: {words}", self.recording.name));
                    return sink;
                }
                Err(why) => {
                    if !std::mem::replace(&mut was_told, true) {
                        let again = format!("{}: {why}; tried again each second", self.source);
                        let _ = self.told.send(again);
                    }
                    tokio::time::sleep(RETRY).await;
                }
            }
        }
    }

    /// Sends all that is due before `until`, each at its time, then waits for it.
    async fn send_until(
        &self,
        until: Instant,
        due: &mut Due,
        sink: &mut Sink,
        random: &mut fastrand::Rng,
        played: &mut Played,
    ) {
        while due.peek().is_some_and(|Reverse((at, ..))| *at <= until) {
            let Some(Reverse((at, _, packet))) = due.pop() else {
                break;
            };
            tokio::time::sleep_until(at.into()).await;
            if self.options.loss > 0.0 && random.f64() < self.options.loss {
                played.lost += 1;
                continue;
            }
            if at.elapsed() > TOO_LATE && sink.was_away() {
                continue;
            }
            let len = packet.bytes.len() as u64;
            match sink.transmit(packet).await {
                Ok(()) => {
                    played.packets += 1;
                    played.bytes += len;
                }
                Err(why) => {
                    let _ = self.told.send(format!("{}: {why}", self.source));
                    *sink = self.open().await;
                    sink.set_away();
                }
            }
        }
        tokio::time::sleep_until(until.into()).await;
    }
}

/// The bytes of a recording's first lap, for whoever must describe it before it is played.
fn head(recording: &Recording) -> impl Iterator<Item = Bytes> {
    recording.lap(0, 0, 0).into_iter().map(|piece| piece.bytes)
}
