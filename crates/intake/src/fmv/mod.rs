//! Motion imagery: an MPEG-2 transport stream with KLV metadata (STANAG 4609), or a raw KLV stream.
//!
//! Standards: ISO/IEC 13818-1 (transport stream), MISB ST 1402 (KLV in it), ST 0601 (drone metadata), ST 0903 (moving
//! targets), ST 0604 (time stamps in the picture).
//!
//! **Observations.** Each ST 0601 packet is one `fmv.metadata`; each VMTI target with a place is one `video`. A packet
//! with a wrong checksum is told as such, has no `observed`, and its targets are not told. Names follow from the packet's
//! bytes, so that the same feed read again, or a part of it, gives the same names.
//!
//! **Cuts** stand where the main video stream (the first announced) has a random access point with its parameter sets, so
//! that a segment can be decoded alone: at the transport packet that begins the point's PES packet, or at the PAT before it
//! when no packet of that stream stands between. Where no PAT stands there, the segment's tables come with the
//! next PAT in it, at most a second later as a rule; players that look ahead for them play it from its beginning. Other streams' PES
//! packets may lie across a cut; read one after the other, segments are the feed, byte for byte. A feed without video is
//! cut at its PATs, a raw KLV stream at each packet.
//!
//! **Time.** `pts_90k` is unwrapped over the 33-bit turn by the programme's clock (PCR and all PTS), beginning with its first
//! value as sent.
//!
//! **What is told and not fatal:** bytes out of step, packets missing by their counters, repeated packets beyond the one the standard
//! allows, jumps of PCR, PTS and the metadata's own clock, wrong sums, PES packets that lie about their length, an end within a packet.

mod carriage;
mod clock;
mod continuity;
mod frame;
mod outlet;
mod packets;
mod pes;
mod psi;
mod statements;
mod stream;
mod targets;
mod transport;
mod video;
mod watch;

use truceline_domain::FmvCarriage;
use truceline_klv::key::LABEL_PREFIX;

use self::frame::{Framed, Framer};
use self::outlet::Outlet;
use self::packets::{Found, Origin, Packets};
use self::statements::{Instant, Statements, time_of};
use self::transport::Transport;
pub use self::video::Codec;
pub use self::watch::{AccessUnit, Seen, Watch};
use crate::{Context, Cut, Decoder, FaultKind, Sink, Tally};

/// Reads motion imagery.
pub struct Fmv(Reader);

/// Reads motion imagery, for [`Fmv`] and [`Watch`] alike.
struct Reader {
    context: Context,
    tally: Tally,
    form: Form,
    watching: bool,
}

/// What the feed is.
enum Form {
    /// Too few bytes came to tell.
    Unknown(Vec<u8>),
    Transport(Box<(Framer, Transport)>),
    Raw(Box<Raw>),
}

/// A raw KLV stream.
struct Raw {
    packets: Packets,
    statements: Statements,
    offset: u64,
}

impl Fmv {
    /// A decoder at the start of a feed.
    #[must_use]
    pub fn new(context: Context) -> Self {
        Self(Reader::new(context, false))
    }
}

impl Reader {
    fn new(context: Context, watching: bool) -> Self {
        Self {
            context,
            tally: Tally::default(),
            form: Form::Unknown(Vec::new()),
            watching,
        }
    }

    /// Chooses by the first bytes: a universal key begins raw KLV, anything else is looked through for packets.
    fn choose(&mut self, bytes: &[u8], ended: bool) -> Option<Vec<u8>> {
        let Form::Unknown(held) = &mut self.form else {
            return None;
        };
        held.extend_from_slice(bytes);
        if held.len() < LABEL_PREFIX.len() && !ended {
            return None;
        }
        let held = std::mem::take(held);
        self.form = if held.starts_with(&LABEL_PREFIX) {
            Form::Raw(Box::new(Raw {
                packets: Packets::raw(),
                statements: Statements::new(0, 0),
                offset: 0,
            }))
        } else {
            Form::Transport(Box::new((Framer::default(), Transport::new())))
        };
        Some(held)
    }

    fn read(&mut self, bytes: &[u8], ended: bool, sink: &mut dyn FnMut(Seen)) {
        let mut out = Outlet {
            source: &self.context.source,
            tally: &mut self.tally,
            sink,
            watching: self.watching,
        };
        match &mut self.form {
            Form::Unknown(_) => {}
            Form::Transport(form) => {
                let (framer, transport) = &mut **form;
                framer.push(bytes);
                while let Some(framed) = framer.next(ended) {
                    take_framed(framed, transport, &mut out);
                }
                if ended {
                    transport.finish(&mut out);
                }
            }
            Form::Raw(raw) => raw.read(bytes, ended, &mut out),
        }
    }

    fn push(&mut self, bytes: &[u8], sink: &mut dyn FnMut(Seen)) {
        self.tally.bytes += bytes.len() as u64;
        match &self.form {
            Form::Unknown(_) => {
                if let Some(held) = self.choose(bytes, false) {
                    self.read(&held, false, sink);
                }
            }
            _ => self.read(bytes, false, sink),
        }
    }

    fn finish(&mut self, sink: &mut dyn FnMut(Seen)) {
        let held = self.choose(&[], true).unwrap_or_default();
        self.read(&held, true, sink);
    }

    fn tally(&self) -> Tally {
        let mut tally = self.tally.clone();
        match &self.form {
            Form::Unknown(_) => {}
            Form::Transport(form) => {
                let (framer, transport) = &**form;
                if let Some(stride) = framer.stride() {
                    tally.add("bytes between transport packets", stride as u64);
                }
                transport.account(&mut tally);
            }
            Form::Raw(raw) => {
                for (what, n) in raw.statements.counts() {
                    tally.add(what, n);
                }
            }
        }
        tally
    }
}

fn take_framed(framed: Framed, transport: &mut Transport, out: &mut Outlet<'_, '_>) {
    match framed {
        Framed::Packet { offset, bytes } => transport.take(offset, &bytes, out),
        Framed::Garbage {
            offset,
            length,
            bytes,
        } => {
            let message = format!("{length} bytes out of step with transport packets");
            out.fault(FaultKind::Garbage, offset, message, &bytes);
        }
        Framed::Truncated { offset, bytes } => {
            let message = format!(
                "the feed ends after {} bytes of a transport packet",
                bytes.len()
            );
            out.fault(FaultKind::Truncated, offset, message, &bytes);
        }
    }
}

impl Raw {
    fn read(&mut self, bytes: &[u8], ended: bool, out: &mut Outlet<'_, '_>) {
        let Self {
            packets,
            statements,
            offset,
        } = self;
        let origin = Origin {
            offset: *offset,
            pts_90k: None,
        };
        *offset += bytes.len() as u64;
        packets.extend(bytes, origin);
        let mut on = |found: Found<'_>| {
            if let Found::Packet { bytes, origin } = &found {
                out.cut(Cut {
                    offset: origin.offset,
                    pts_90k: None,
                    observed: time_of(bytes),
                });
            }
            statements.found(found, FmvCarriage::Raw, Instant::default(), out);
        };
        packets.read(&mut on);
        if ended {
            packets.end("the feed ends", &mut on);
        }
    }
}

impl Decoder for Fmv {
    fn push(&mut self, bytes: &[u8], sink: &mut Sink<'_>) {
        self.0.push(bytes, &mut |seen| items(seen, sink));
    }

    fn finish(&mut self, sink: &mut Sink<'_>) {
        self.0.finish(&mut |seen| items(seen, sink));
    }

    fn tally(&self) -> Tally {
        self.0.tally()
    }
}

/// Pictures are put together only for those who watch.
fn items(seen: Seen, sink: &mut Sink<'_>) {
    if let Seen::Item(item) = seen {
        sink(item);
    }
}

/// Whether the head of a feed is of this format: transport packets in step at 188, 192 or 204 bytes, or an SMPTE universal
/// key.
pub(crate) fn recognise(head: &[u8]) -> bool {
    head.starts_with(&LABEL_PREFIX) || frame::is_transport_stream(head)
}
