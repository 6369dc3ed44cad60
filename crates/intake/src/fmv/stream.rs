//! One elementary stream: its PES packets, its clock, and what it carries.

use truceline_domain::FmvCarriage;

use super::carriage::Metadata;
use super::clock::{Clock, StreamClock, TURN_90K};
use super::continuity::Loss;
use super::outlet::Outlet;
use super::pes::{Pes, PesReader, Start};
use super::psi::Content;
use super::statements::{Instant, Stamp};
use super::video::{Codec, Entry, Found, Gathered, Video};
use super::watch::AccessUnit;
use crate::{FaultKind, Tally};

/// An elementary stream.
pub(super) struct Stream {
    pid: u16,
    program: u16,
    pes: PesReader,
    clock: StreamClock,
    carried: Carried,
}

enum Carried {
    Video(Video),
    Metadata(Box<Metadata>),
}

/// One transport packet's payload, as the stream sees it.
pub(super) struct Payload<'a> {
    pub(super) offset: u64,
    /// Where a segment that begins with this packet would be cut.
    pub(super) cut_offset: u64,
    pub(super) unit_start: bool,
    /// Its transport packet is filled up to length.
    pub(super) stuffed: bool,
    /// Whether pictures of the stream are to be put together.
    pub(super) watched: bool,
    pub(super) bytes: &'a [u8],
}

/// What a stream tells beside its items.
pub(super) enum Picture {
    /// A segment may begin here.
    Entry(Entry),
    /// A picture, when they are put together.
    AccessUnit(AccessUnit),
}

impl Stream {
    /// A stream as announced; `None` when it carries nothing that is read here.
    pub(super) fn announced(content: Content, pid: u16, program: u16) -> Option<Self> {
        let metadata = |c| Carried::Metadata(Box::new(Metadata::new(c, pid, program)));
        let carried = match content {
            Content::Video(codec) => Carried::Video(Video::new(codec)),
            Content::SyncKlv => metadata(Some(FmvCarriage::Sync)),
            Content::AsyncKlv => metadata(Some(FmvCarriage::Async)),
            Content::Private => metadata(None),
            Content::Other => return None,
        };
        Some(Self {
            pid,
            program,
            pes: PesReader::default(),
            clock: StreamClock::default(),
            carried,
        })
    }

    /// Whether an announcement says what this stream already is.
    pub(super) fn is(&self, content: Content, program: u16) -> bool {
        self.program == program
            && match (&self.carried, content) {
                (Carried::Video(v), Content::Video(codec)) => v.codec() == codec,
                (Carried::Metadata(m), Content::SyncKlv) => m.carriage() == Some(FmvCarriage::Sync),
                (Carried::Metadata(m), Content::AsyncKlv) => {
                    m.carriage() == Some(FmvCarriage::Async)
                }
                (Carried::Metadata(_), Content::Private) => true,
                _ => false,
            }
    }

    /// Metadata that was found before any table announced it becomes what the table says; false when it is not that.
    pub(super) fn adopt(&mut self, content: Content, program: u16) -> bool {
        let carriage = match content {
            Content::SyncKlv => Some(FmvCarriage::Sync),
            Content::AsyncKlv => Some(FmvCarriage::Async),
            Content::Private => None,
            Content::Video(_) | Content::Other => return false,
        };
        match &mut self.carried {
            Carried::Metadata(metadata) if self.program == 0 => {
                self.program = program;
                metadata.adopt(carriage, program);
                true
            }
            _ => false,
        }
    }

    pub(super) fn program(&self) -> u16 {
        self.program
    }

    pub(super) fn is_video(&self) -> bool {
        matches!(self.carried, Carried::Video(_))
    }

    /// Private data that turned out not to be metadata.
    pub(super) fn is_hopeless(&self) -> bool {
        matches!(&self.carried, Carried::Metadata(m) if m.is_hopeless())
    }

    /// The last time stamp of a metadata stream.
    pub(super) fn stamp(&self) -> Option<Stamp> {
        match &self.carried {
            Carried::Metadata(m) => m.statements.last(),
            Carried::Video(_) => None,
        }
    }

    /// Takes a transport packet's payload; `on` is told of pictures.
    pub(super) fn take(
        &mut self,
        payload: &Payload<'_>,
        clock: &mut Clock,
        on: &mut dyn FnMut(Picture),
        out: &mut Outlet<'_, '_>,
    ) {
        if let Carried::Video(video) = &mut self.carried {
            video.gather(payload.watched);
        }
        let mut pes = std::mem::take(&mut self.pes);
        pes.take(
            payload.offset,
            payload.unit_start,
            payload.bytes,
            &mut |p| {
                self.pes_event(p, payload, clock, on, out);
            },
        );
        self.pes = pes;
        if payload.stuffed && self.pes.is_unbounded() {
            self.hint(on);
        }
    }

    /// A PES packet seems to end here.
    fn hint(&mut self, on: &mut dyn FnMut(Picture)) {
        let (pid, program) = (self.pid, self.program);
        if let Carried::Video(video) = &mut self.carried {
            let codec = video.codec();
            video.hint(&mut |f| on(picture(f, pid, program, codec)));
        }
    }

    /// Transport packets were lost before the next.
    pub(super) fn lose(&mut self, loss: Loss, clock: &Clock, out: &mut Outlet<'_, '_>) {
        let same_pes = match loss {
            Loss::Counted(missing) => self.pes.bridge(missing),
            Loss::Announced => false,
        };
        match &mut self.carried {
            Carried::Video(video) => video.lose(),
            Carried::Metadata(metadata) => metadata.lose(same_pes, now(clock), out),
        }
        // Pictures are looked for in whatever comes; metadata too, where it can be told from the rest.
        if !same_pes {
            self.pes.resume();
        }
    }

    /// The stream ends.
    pub(super) fn finish(
        &mut self,
        clock: &mut Clock,
        on: &mut dyn FnMut(Picture),
        out: &mut Outlet<'_, '_>,
    ) {
        let end = Payload {
            offset: 0,
            cut_offset: 0,
            unit_start: false,
            stuffed: false,
            watched: false,
            bytes: &[],
        };
        let mut pes = std::mem::take(&mut self.pes);
        pes.finish(&mut |p| self.pes_event(p, &end, clock, on, out));
        let (pid, program) = (self.pid, self.program);
        match &mut self.carried {
            Carried::Video(video) => {
                let codec = video.codec();
                video.finish(&mut |f| on(picture(f, pid, program, codec)));
            }
            Carried::Metadata(metadata) => metadata.finish(now(clock), out),
        }
    }

    fn pes_event(
        &mut self,
        event: Pes<'_>,
        payload: &Payload<'_>,
        clock: &mut Clock,
        on: &mut dyn FnMut(Picture),
        out: &mut Outlet<'_, '_>,
    ) {
        let (pid, program) = (self.pid, self.program);
        match event {
            Pes::Start(start) => {
                let pts_90k = start.pts_raw.map(|raw| clock.unwrap_90k(raw));
                if let Some(pts) = pts_90k {
                    self.take_pts(pts, start.offset, clock, out);
                }
                match &mut self.carried {
                    Carried::Video(video) => video.start(Entry {
                        cut_offset: payload.cut_offset,
                        pts_90k,
                        dts_90k: decoding_time(pts_90k, &start),
                    }),
                    Carried::Metadata(metadata) => metadata.start(pts_90k),
                }
            }
            Pes::Data(bytes) => match &mut self.carried {
                Carried::Video(video) => {
                    let codec = video.codec();
                    video.take(bytes, &mut |f| on(picture(f, pid, program, codec)));
                }
                Carried::Metadata(m) => m.data(payload.offset, bytes, now(clock), out),
            },
            Pes::End { offset, missing } => {
                if missing > 0 {
                    let message = format!(
                        "pid {}: a PES packet ends {missing} bytes before its declared length",
                        self.pid
                    );
                    out.fault(FaultKind::Truncated, offset, message, &[]);
                }
                match &mut self.carried {
                    Carried::Metadata(metadata) => metadata.end(missing, now(clock), out),
                    // One without a declared length ends when the next begins, which is told anyway.
                    Carried::Video(_) if missing == 0 && !payload.unit_start => self.hint(on),
                    Carried::Video(_) => {}
                }
            }
            Pes::Excess { bytes, first } => match &mut self.carried {
                // Encoders get the length of pictures wrong, in 16 bits; the pictures are there all the same.
                Carried::Video(video) => {
                    let codec = video.codec();
                    video.take(bytes, &mut |f| on(picture(f, pid, program, codec)));
                }
                // Some fill up with 0xFF here, where the standard would have it in the adaptation field.
                Carried::Metadata(_) if !first || bytes.iter().all(|b| matches!(b, 0 | 0xFF)) => {}
                Carried::Metadata(_) => {
                    let pid = self.pid;
                    let message =
                        format!("pid {pid}: bytes after the declared end of a PES packet");
                    out.fault(FaultKind::Malformed, payload.offset, message, bytes);
                }
            },
            Pes::Malformed {
                offset,
                message,
                bytes,
            } => {
                let message = format!("pid {}: {message}", self.pid);
                out.fault(FaultKind::Malformed, offset, message, bytes);
            }
        }
    }

    fn take_pts(&mut self, pts: u64, offset: u64, clock: &Clock, out: &mut Outlet<'_, '_>) {
        if let Some(jump) = self.clock.take_pts(pts, clock.pcr_90k()) {
            let message = format!(
                "pid {}: PTS went from {} to {} ({:+.3} s)",
                self.pid,
                jump.from_90k,
                jump.to_90k,
                jump.seconds()
            );
            out.fault(FaultKind::ClockJump, offset, message, &[]);
        }
    }

    /// Adds the stream's counts.
    pub(super) fn account(&self, tally: &mut Tally) {
        let pid = self.pid;
        match &self.carried {
            Carried::Video(video) => {
                let counts = video.counts();
                let codec = video.codec().as_str();
                tally.add(
                    format!("{codec} access units (pid {pid})"),
                    counts.access_units,
                );
                tally.add(
                    format!("random access points (pid {pid})"),
                    counts.random_access_points,
                );
                for (what, n) in [
                    ("misp time stamps", counts.misp_time_stamps),
                    (
                        "misp time stamps malformed",
                        counts.misp_time_stamps_malformed,
                    ),
                ] {
                    if n > 0 {
                        tally.add(format!("{what} (pid {pid})"), n);
                    }
                }
            }
            Carried::Metadata(metadata) => {
                for (what, n) in metadata.statements.counts() {
                    tally.add(format!("{what} (pid {pid})"), n);
                }
            }
        }
        if let Some(first) = self.clock.first_90k() {
            let name = format!("first pts_90k (pid {pid})");
            tally.counts.entry(name).or_insert(first);
        }
        if let Some(last) = self.clock.last_90k() {
            tally
                .counts
                .insert(format!("last pts_90k (pid {pid})"), last);
        }
    }
}

/// The decoding time stamp of a PES packet, which is within half a turn before the presentation time stamp.
fn decoding_time(pts_90k: Option<u64>, start: &Start) -> Option<u64> {
    let (pts, pts_raw) = (pts_90k?, start.pts_raw?);
    let Some(dts_raw) = start.dts_raw else {
        return Some(pts);
    };
    let before = pts_raw.wrapping_sub(dts_raw) % TURN_90K;
    // A decoding time after the presentation time cannot be; the presentation time stamp is believed.
    let before = if before < TURN_90K / 2 { before } else { 0 };
    Some(pts.saturating_sub(before))
}

fn picture(found: Found, pid: u16, program: u16, codec: Codec) -> Picture {
    match found {
        Found::Entry(entry) => Picture::Entry(entry),
        Found::AccessUnit(Gathered {
            units,
            damaged,
            random_access,
            pes,
            begins_pes,
        }) => Picture::AccessUnit(AccessUnit {
            pid,
            program,
            codec,
            pts_90k: pes.and_then(|e| e.pts_90k),
            dts_90k: pes.and_then(|e| e.dts_90k),
            cut_offset: pes.filter(|_| begins_pes).map(|e| e.cut_offset),
            random_access,
            damaged,
            units,
        }),
    }
}

fn now(clock: &Clock) -> Instant {
    Instant {
        pcr_90k: clock.pcr_90k(),
    }
}
