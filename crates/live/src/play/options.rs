//! How recordings are played, and where to.

use std::path::PathBuf;
use std::str::FromStr;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use truceline_intake::Format;

use super::sink;
use crate::source::{Source, SourceError};

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
    pub(super) format: Option<Format>,
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
    pub(super) fn source(&self, feed: &str) -> Result<Source, SourceError> {
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
    Target(#[from] SourceError),
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

/// What is sent while it is sent: counted by the players, read at the end.
#[derive(Debug, Default)]
pub(super) struct Sent {
    pub(super) packets: AtomicU64,
    pub(super) bytes: AtomicU64,
    pub(super) lost: AtomicU64,
}

impl Sent {
    pub(super) fn played(&self) -> Played {
        Played {
            packets: self.packets.load(Ordering::Relaxed),
            bytes: self.bytes.load(Ordering::Relaxed),
            lost: self.lost.load(Ordering::Relaxed),
        }
    }
}
