//! What a live source tells.

use std::fmt;
use std::time::{Duration, Instant, SystemTime};

use bytes::Bytes;
use truceline_domain::Received;

/// What a live source tells.
#[derive(Debug, Clone, PartialEq)]
pub enum Event {
    /// The source is there: connected to, or its first datagram has come.
    Connected {
        /// Who sends: an address, or the file's name. Never a password.
        peer: String,
    },
    /// The next bytes of the feed.
    Bytes(Chunk),
    /// Something was sent and is not among the bytes.
    Missing {
        /// What.
        what: Missed,
        /// How many, in the unit that `what` names.
        count: u64,
    },
    /// The bytes that follow do not continue those before: a decoder must begin anew.
    Restarted {
        /// Why, in a person's words.
        why: String,
    },
    /// The source is not there.
    Down {
        /// Why, in a person's words.
        why: String,
        /// When the next attempt is made; zero when it is only waited for. `None` when the source
        /// has ended and nothing more will be told.
        retry_in: Option<Duration>,
    },
}

/// A piece of the feed's bytes, and when it came.
#[derive(Clone, PartialEq)]
pub struct Chunk {
    /// The bytes, never empty.
    pub bytes: Bytes,
    /// When they came, by the machine's clock, which may be set while it runs.
    pub received: Received,
    /// The same by a clock that only runs forward, for spans.
    pub at: Instant,
}

impl Chunk {
    /// Bytes that came now.
    #[must_use]
    pub fn now(bytes: Bytes) -> Self {
        Self {
            bytes,
            received: received_now(),
            at: Instant::now(),
        }
    }
}

impl fmt::Debug for Chunk {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Chunk({} bytes, {})", self.bytes.len(), self.received)
    }
}

/// The machine's clock. A clock set outside the years 0000 to 9999 counts as 1970.
pub(crate) fn received_now() -> Received {
    let unix_us = match SystemTime::now().duration_since(SystemTime::UNIX_EPOCH) {
        Ok(after) => i64::try_from(after.as_micros()).unwrap_or(0),
        Err(before) => i64::try_from(before.duration().as_micros()).map_or(0, |us| -us),
    };
    Received::from_unix_us(unix_us).unwrap_or_else(|_| Received::from(jiff::Timestamp::UNIX_EPOCH))
}

/// What is missing, and in which unit it is counted.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[non_exhaustive]
pub enum Missed {
    /// RTP packets, by their sequence numbers.
    RtpPackets,
    /// RTP packets that came too late, or twice.
    LateRtpPackets,
    /// Datagrams that are not what the source was said to send (no RTP header, a damaged one).
    ForeignDatagrams,
    /// Datagrams of another sender than the one that is followed.
    OtherSenders,
    /// Datagrams that the operating system dropped since they were not fetched in time.
    SystemBuffer,
    /// Bytes that were dropped since the reader of the channel was slow.
    SlowReaderBytes,
    /// Access units that could not be put together from what came.
    AccessUnits,
}

impl Missed {
    /// Words for people and counts.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::RtpPackets => "RTP packets missing by their sequence numbers",
            Self::LateRtpPackets => "RTP packets late or doubled",
            Self::ForeignDatagrams => "datagrams of another kind",
            Self::OtherSenders => "datagrams of another sender",
            Self::SystemBuffer => "datagrams dropped by the operating system",
            Self::SlowReaderBytes => "bytes dropped behind a slow reader",
            Self::AccessUnits => "access units with parts missing",
        }
    }
}

impl fmt::Display for Missed {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}
