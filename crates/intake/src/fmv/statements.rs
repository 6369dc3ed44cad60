//! KLV packets to observations.
//!
//! Of each ST 0601 packet one `fmv.metadata`, of each target in it that has a place one `video`. A packet whose sum is
//! wrong is told with `checksum: bad` and without a time, since nothing in it can be relied on, its time stamp included;
//! its targets are not told.

use std::collections::{BTreeMap, VecDeque};

use serde_json::{Map, Value};
use truceline_domain::{
    Body, Checksum, FmvCarriage, FmvMetadata, Observation, ObservationId, Observed, Refused,
    SourceId,
};
use truceline_klv::st0601::Packet;
use truceline_klv::{Checksum as Sum, Key};

use super::clock::{Pace, TURN_90K};
use super::outlet::Outlet;
use super::packets::{Found, Origin};
use super::targets;
use crate::FaultKind;

/// Time stamps before this are of clocks that were never set (1970, or 1980 for GPS). 2000-01-01, µs.
const EARLIEST_US: u64 = 946_684_800_000_000;
/// Nor can they be of this or later: 2100-01-01, µs.
const LATEST_US: u64 = 4_102_444_800_000_000;
/// Metadata and presentation time stamps are of one frame; half a second apart they are of different clocks.
const SKEW_PTS_US: i64 = 500_000;
/// Asynchronous metadata comes when it comes; against the programme's clock it gets this much.
const SKEW_PCR_US: i64 = 2_000_000;
/// Without any other clock, a gap is told as a jump from here on.
const GAP_US: i64 = 60_000_000;
/// A step of either clock within this, forward, is an ordinary one.
const STEADY_US: i64 = 5_000_000;
/// The same packet again is looked for among so many before it.
const REMEMBERED: usize = 64;

/// What is known at the moment a packet is read.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Instant {
    /// The programme's clock, unwrapped.
    pub(super) pcr_90k: Option<u64>,
}

/// A time stamp of the metadata beside the stream's clock.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Stamp {
    pub(super) observed: Observed,
    pub(super) pts_90k: Option<u64>,
}

/// What one metadata stream stated.
pub(super) struct Statements {
    pid: u16,
    program: u16,
    last: Option<Stamp>,
    last_clock_us: Option<i64>,
    pace: Pace,
    implausible: bool,
    recent: VecDeque<ObservationId>,
    counts: BTreeMap<&'static str, u64>,
}

impl Statements {
    pub(super) fn new(pid: u16, program: u16) -> Self {
        Self {
            pid,
            program,
            last: None,
            last_clock_us: None,
            pace: Pace::default(),
            implausible: false,
            recent: VecDeque::new(),
            counts: BTreeMap::new(),
        }
    }

    /// The stream's programme is known after all.
    pub(super) fn adopt(&mut self, program: u16) {
        self.program = program;
    }

    pub(super) fn counts(&self) -> impl Iterator<Item = (&'static str, u64)> + '_ {
        self.counts.iter().map(|(name, n)| (*name, *n))
    }

    /// The last time stamp that can be believed.
    pub(super) fn last(&self) -> Option<Stamp> {
        self.last
    }

    fn count(&mut self, what: &'static str) {
        *self.counts.entry(what).or_default() += 1;
    }

    /// Takes what was found in the stream.
    pub(super) fn found(
        &mut self,
        found: Found<'_>,
        carriage: FmvCarriage,
        now: Instant,
        out: &mut Outlet<'_, '_>,
    ) {
        match found {
            Found::Packet { bytes, origin } => self.packet(bytes, origin, carriage, now, out),
            Found::Fault {
                kind,
                offset,
                message,
                bytes,
            } => {
                out.fault(kind, offset, self.placed(&message), bytes);
            }
        }
    }

    fn placed(&self, message: &str) -> String {
        match self.pid {
            0 => message.to_owned(),
            pid => format!("pid {pid}: {message}"),
        }
    }

    fn packet(
        &mut self,
        bytes: &[u8],
        origin: Origin,
        carriage: FmvCarriage,
        now: Instant,
        out: &mut Outlet<'_, '_>,
    ) {
        self.count("klv packets");
        let key = bytes.first_chunk().map(|k| Key::from_bytes(*k));
        if key != Some(Key::UasDatalink) {
            self.count(match key {
                Some(Key::Unknown(_)) | None => "klv packets of unknown keys",
                Some(_) => "klv packets of other standards than ST 0601",
            });
            return;
        }
        let packet = match Packet::parse(bytes) {
            Ok(packet) => packet,
            Err(e) => {
                let message = self.placed(&format!("an ST 0601 packet cannot be read: {e}"));
                return out.fault(FaultKind::Malformed, origin.offset, message, bytes);
            }
        };
        let Some(id) = self.name_once(bytes, origin, out) else {
            return;
        };
        let checksum = self.check(&packet, origin, bytes, out);
        let observed = match checksum {
            Checksum::Bad => None,
            Checksum::Ok | Checksum::None => self.time(&packet, origin, now, out),
        };
        let (st0601, special) = self.items(&packet, checksum, origin, bytes, out);
        out.observation(Observation {
            id,
            source: out.source.clone(),
            observed,
            received: None,
            body: Body::FmvMetadata(FmvMetadata {
                pts_90k: origin.pts_90k,
                pid: self.pid,
                program: self.program,
                carriage,
                checksum,
                offset: origin.offset,
                st0601,
                special,
            }),
        });
        if checksum != Checksum::Bad {
            self.targets(&packet, observed, origin, out);
        }
    }

    /// The packet's name; `None` when it is the same again, which is told.
    fn name_once(
        &mut self,
        bytes: &[u8],
        origin: Origin,
        out: &mut Outlet<'_, '_>,
    ) -> Option<ObservationId> {
        match name(out.source, self.pid, bytes, origin, &[]) {
            Ok(id) if self.recent.contains(&id) => {
                let message = self.placed("the same metadata packet again");
                out.fault(FaultKind::Duplicate, origin.offset, message, &[]);
                None
            }
            Ok(id) => {
                if self.recent.len() == REMEMBERED {
                    self.recent.pop_front();
                }
                self.recent.push_back(id.clone());
                Some(id)
            }
            Err(e) => {
                out.fault(FaultKind::Malformed, origin.offset, e.to_string(), &[]);
                None
            }
        }
    }

    fn check(
        &mut self,
        packet: &Packet<'_>,
        origin: Origin,
        bytes: &[u8],
        out: &mut Outlet<'_, '_>,
    ) -> Checksum {
        match packet.checksum() {
            Sum::Ok => Checksum::Ok,
            Sum::None => {
                self.count("klv packets without a checksum");
                Checksum::None
            }
            Sum::Bad { stored, computed } => {
                let message = self.placed(&format!(
                    "an ST 0601 packet of {} bytes has checksum {stored:#06x}, its bytes sum to {computed:#06x}",
                    bytes.len()
                ));
                out.fault(FaultKind::BadChecksum, origin.offset, message, bytes);
                Checksum::Bad
            }
        }
    }

    /// The packet's time stamp (item 2), if it can be believed, held against the stream's clock. It is read as
    /// microseconds of POSIX time, as nearly all senders write it; a sender that keeps MISP time, which counts leap
    /// seconds, says so in item 136, which stands among the items.
    fn time(
        &mut self,
        packet: &Packet<'_>,
        origin: Origin,
        now: Instant,
        out: &mut Outlet<'_, '_>,
    ) -> Option<Observed> {
        let us = packet.precision_time_stamp_us()?;
        let observed = believed(us);
        let Some(observed) = observed else {
            self.count("time stamps not believed");
            // Such clocks stay wrong; once per stretch is enough.
            if !std::mem::replace(&mut self.implausible, true) {
                let message = self.placed(&format!(
                    "precision time stamp {us} us, expected one between the years 2000 and 2100"
                ));
                out.fault(FaultKind::Absurd, origin.offset, message, &[]);
            }
            return None;
        };
        self.implausible = false;
        self.hold_against_clock(observed, origin, now, out);
        Some(observed)
    }

    fn hold_against_clock(
        &mut self,
        observed: Observed,
        origin: Origin,
        now: Instant,
        out: &mut Outlet<'_, '_>,
    ) {
        let us = observed.unix_us();
        let clock = match (origin.pts_90k, now.pcr_90k) {
            (Some(pts), _) => Some((pts, SKEW_PTS_US)),
            (None, Some(pcr)) => Some((pcr, SKEW_PCR_US)),
            (None, None) => None,
        };
        let clock_us = clock.map(|(ticks, _)| us_of_90k(ticks));
        let before = self.last.replace(Stamp {
            observed,
            pts_90k: origin.pts_90k,
        });
        let clock_before = std::mem::replace(&mut self.last_clock_us, clock_us);
        let out_of_step =
            clock.is_some_and(|(ticks, most)| self.pace.breaks(us, us_of_90k(ticks), most));
        let Some(before) = before else { return };
        let step = us - before.observed.unix_us();
        let clock_step = clock_us.zip(clock_before).map(|(a, b)| a - b);
        let jumped = match clock_step {
            // The stream's clock jumped and the metadata's did not: that was told already.
            Some(c) if (0..=STEADY_US).contains(&step) && !(0..=STEADY_US).contains(&c) => false,
            Some(c) => out_of_step || (step < 0 && c >= 0),
            None => !(0..=GAP_US).contains(&step),
        };
        if jumped {
            let message = self.placed(&format!(
                "the metadata's clock went from {} to {observed} ({:+.3} s){}",
                before.observed,
                step as f64 / 1e6,
                clock_step.map_or(String::new(), |c| format!(
                    ", the stream's {:+.3} s",
                    c as f64 / 1e6
                ))
            ));
            out.fault(FaultKind::ClockJump, origin.offset, message, &[]);
        }
    }

    /// The items as JSON, and the codes that stand for no number.
    fn items(
        &mut self,
        packet: &Packet<'_>,
        checksum: Checksum,
        origin: Origin,
        bytes: &[u8],
        out: &mut Outlet<'_, '_>,
    ) -> (Map<String, Value>, Map<String, Value>) {
        let mut st0601 = packet.to_json();
        let special = match st0601.remove("special") {
            Some(Value::Object(special)) => special,
            _ => Map::new(),
        };
        if let Some(fault) = st0601.get("fault").filter(|_| checksum != Checksum::Bad) {
            let message = self.placed(&format!(
                "the items of an ST 0601 packet end early: {fault}"
            ));
            out.fault(FaultKind::Malformed, origin.offset, message, bytes);
        }
        if let Some(Value::Object(invalid)) = st0601.get("invalid") {
            let n = invalid.len() as u64;
            *self.counts.entry("items not of their form").or_default() += n;
        }
        (st0601, special)
    }

    fn targets(
        &mut self,
        packet: &Packet<'_>,
        observed: Option<Observed>,
        origin: Origin,
        out: &mut Outlet<'_, '_>,
    ) {
        let Some(vmti) = packet.vmti() else { return };
        self.count("vmti packets");
        let frame_px = vmti.frame_size_px();
        for (n, target) in vmti.targets().enumerate() {
            self.count("vmti targets");
            let target = match target {
                Ok(target) => target,
                Err(e) => {
                    let message = self.placed(&format!("a VMTI target cannot be read: {e}"));
                    out.fault(FaultKind::Malformed, origin.offset, message, &[]);
                    continue;
                }
            };
            let Some(video) = targets::located(packet, &target, frame_px) else {
                self.count("vmti targets without a place");
                continue;
            };
            let n = (n as u64).to_be_bytes();
            let Ok(id) = name(out.source, self.pid, packet.bytes(), origin, &n) else {
                continue;
            };
            out.observation(Observation {
                id,
                source: out.source.clone(),
                observed,
                received: None,
                body: Body::Video(video),
            });
        }
    }
}

/// A time stamp in microseconds of POSIX time, if a clock that was set can have meant it.
fn believed(us: u64) -> Option<Observed> {
    let us = Some(us).filter(|us| (EARLIEST_US..LATEST_US).contains(us))?;
    Observed::from_unix_us(i64::try_from(us).ok()?).ok()
}

/// The time of a packet that is about to be told: `None` for another set's, one with a wrong sum, or no time to believe.
pub(super) fn time_of(packet: &[u8]) -> Option<Observed> {
    let packet = Packet::parse(packet).ok()?;
    let sound = !matches!(packet.checksum(), Sum::Bad { .. });
    packet
        .precision_time_stamp_us()
        .filter(|_| sound)
        .and_then(believed)
}

/// The name of a statement: of the packet, the stream it came in, its time in the stream as sent (33 bits, so that a part
/// of a feed read alone gives the same name), and which of its statements.
fn name(
    source: &SourceId,
    pid: u16,
    bytes: &[u8],
    origin: Origin,
    which: &[u8],
) -> Result<ObservationId, Refused> {
    let pts = origin.pts_90k.map(|pts| (pts % TURN_90K).to_be_bytes());
    let pts = pts.as_ref().map_or(&[][..], |pts| &pts[..]);
    Observation::id_from_content(source, &[bytes, &pid.to_be_bytes(), pts, which])
}

/// 90 kHz ticks as microseconds.
fn us_of_90k(ticks: u64) -> i64 {
    (i128::from(ticks) * 100 / 9) as i64
}
