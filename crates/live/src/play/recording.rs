//! A recording, cut into pieces that are sent at their own times.
//!
//! A recording is held in memory whole while it is played, and once more while a lap of it is.

use std::fs::File;
use std::io::Read as _;
use std::path::{Path, PathBuf};

use bytes::Bytes;
use truceline_intake::Format;

use super::{PlayError, text, tlog, ts_lap};

/// The largest recording.
const MAX_BYTES: u64 = 4 * 1024 * 1024 * 1024;

/// What is sent at a time.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Timed {
    /// Microseconds from the recording's beginning.
    pub(crate) at_us: i64,
    pub(crate) bytes: Bytes,
}

/// A recording.
#[derive(Debug)]
pub(crate) struct Recording {
    /// Its feed's name.
    pub(crate) name: String,
    pub(crate) format: Format,
    kind: Kind,
}

#[derive(Debug)]
enum Kind {
    Stream(ts_lap::Stream),
    Log(tlog::Log),
    Records(text::Records),
}

impl Recording {
    /// Reads a file; its format is recognised when not given.
    pub(crate) fn read(
        path: &Path,
        name: String,
        format: Option<Format>,
    ) -> Result<Self, PlayError> {
        let refused = |why: String| PlayError::Recording {
            path: PathBuf::from(path),
            why,
        };
        let mut bytes = Vec::new();
        let file = File::open(path).map_err(|e| refused(e.to_string()))?;
        file.take(MAX_BYTES + 1)
            .read_to_end(&mut bytes)
            .map_err(|e| refused(e.to_string()))?;
        if bytes.len() as u64 > MAX_BYTES {
            return Err(refused(
                "it has more than 4 GiB; play a part of it".to_owned(),
            ));
        }
        let format = format
            .or_else(|| Format::recognise(&bytes))
            .ok_or_else(|| refused("none of the formats knows its first bytes".to_owned()))?;
        let kind = match format {
            Format::Fmv => ts_lap::Stream::read(&bytes).map(Kind::Stream),
            Format::Mavlink => tlog::Log::read(&bytes).map(Kind::Log),
            Format::Cot => text::Records::events(&bytes).map(Kind::Records),
            Format::Sensor => text::Records::lines(&bytes).map(Kind::Records),
            Format::Report | Format::Hotspot => text::Records::whole(&bytes).map(Kind::Records),
        };
        let expected = match format {
            Format::Fmv => "an MPEG transport stream",
            Format::Mavlink => "a .tlog, with a time before each frame",
            Format::Cot => "XML events",
            _ => "lines",
        };
        let kind = kind
            .ok_or_else(|| refused(format!("nothing in it can be played; expected {expected}")))?;
        Ok(Self { name, format, kind })
    }

    /// When it begins by its source's own clock, microseconds since 1970.
    pub(crate) fn begins_us(&self) -> Option<i64> {
        match &self.kind {
            Kind::Stream(stream) => stream.stated_us,
            Kind::Log(log) => Some(log.begins_us),
            Kind::Records(records) => records.begins_us,
        }
    }

    /// How long one lap takes, microseconds.
    pub(crate) fn length_us(&self) -> i64 {
        match &self.kind {
            Kind::Stream(stream) => stream.length_us,
            Kind::Log(log) => log.length_us,
            Kind::Records(records) => records.length_us,
        }
    }

    /// The pieces of one lap. The source's clock is moved by `offset_us` in it.
    pub(crate) fn lap(&self, lap: u64, offset_us: i64, start_90k: u64) -> Vec<Timed> {
        match &self.kind {
            Kind::Stream(stream) => stream.lap(lap, offset_us, start_90k),
            Kind::Log(log) => log.lap(offset_us),
            Kind::Records(records) => records.lap(lap, offset_us),
        }
    }

    /// The bytes of the first lap, for whoever must describe it before it is played.
    pub(crate) fn head(&self) -> impl Iterator<Item = Bytes> {
        self.lap(0, 0, 0).into_iter().map(|piece| piece.bytes)
    }
}
