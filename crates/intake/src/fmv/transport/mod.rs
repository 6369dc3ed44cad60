//! The transport stream: packet identifiers to programmes and streams.
//!
//! `mpeg2ts-reader` reads the syntax of packets, tables and PES headers. Its own demultiplexer is not used: it has no byte
//! offsets, takes a legal repetition for a loss, and drops a PES packet at any gap, with the good metadata in it.
//!
//! Held at most: a payload of 184 bytes for each of 8192 identifiers, a section of 4 KiB for each of [`MAX_PROGRAMS`]
//! tables, 512 bytes for each of [`MAX_STREAMS`] video streams, and for each of [`MAX_METADATA_STREAMS`] metadata streams
//! one PES packet (256 KiB), one KLV packet (1 MiB) and one access unit in cells (4 MiB).

mod counts;
mod cuts;
mod tables;

use std::collections::{BTreeMap, BTreeSet};

use mpeg2ts_reader::packet::Packet;

use self::cuts::Cuts;
use crate::FaultKind;
use crate::fmv::clock::{Clock, SECOND_90K};
use crate::fmv::continuity::{Continuity, Loss, Order};
use crate::fmv::outlet::Outlet;
use crate::fmv::psi::{Content, Sections};
use crate::fmv::stream::{Payload, Picture, Stream};

const PIDS: usize = 8192;
const PAT_PID: u16 = 0x0000;
const NULL_PID: u16 = 0x1FFF;
/// Identifiers below are of tables (ISO/IEC 13818-1 table 2-3).
const FIRST_STREAM_PID: u16 = 0x0010;
const MAX_PROGRAMS: usize = 64;
const MAX_STREAMS: usize = 64;
const MAX_METADATA_STREAMS: usize = 16;
/// A metadata time stamp is carried over to a cut by PTS over at most this.
const CARRY_90K: u64 = 10 * SECOND_90K as u64;

/// Takes packets apart.
pub(super) struct Transport {
    pids: Vec<Option<Box<Pid>>>,
    pat_version: Option<u8>,
    programs: BTreeMap<u16, Program>,
    clocks: BTreeMap<u16, Clock>,
    /// Identifiers with a stream.
    streams: BTreeSet<u16>,
    metadata_streams: usize,
    cuts: Cuts,
    packets: u64,
    null_packets: u64,
    damaged_packets: u64,
    too_many_told: bool,
}

/// One programme.
struct Program {
    pmt_pid: u16,
    /// Known once its table was read.
    pcr_pid: Option<u16>,
    pids: BTreeSet<u16>,
}

/// One packet identifier.
#[derive(Default)]
struct Pid {
    continuity: Continuity,
    /// Packets were lost since the last PCR.
    lost_since_pcr: bool,
    scrambled_told: bool,
    role: Role,
    counts: PidCounts,
}

#[derive(Default)]
struct PidCounts {
    packets: u64,
    gaps: u64,
    missing: u64,
    repeated: u64,
    scrambled: u64,
    announced: u64,
}

#[derive(Default)]
enum Role {
    /// Not announced; it may be metadata.
    #[default]
    Unknown,
    /// Announced, and of no interest; or looked at, and no metadata.
    Ignored,
    Tables(Sections),
    Stream(Box<Stream>),
}

impl Transport {
    pub(super) fn new() -> Self {
        let mut transport = Self {
            pids: (0..PIDS).map(|_| None).collect(),
            pat_version: None,
            programs: BTreeMap::new(),
            clocks: BTreeMap::new(),
            streams: BTreeSet::new(),
            metadata_streams: 0,
            cuts: Cuts::default(),
            packets: 0,
            null_packets: 0,
            damaged_packets: 0,
            too_many_told: false,
        };
        transport.pid(PAT_PID).role = Role::Tables(Sections::default());
        transport
    }

    fn pid(&mut self, pid: u16) -> &mut Pid {
        self.pids[usize::from(pid) % PIDS].get_or_insert_default()
    }

    /// Takes one packet that begins at `offset`.
    pub(super) fn take(
        &mut self,
        offset: u64,
        bytes: &[u8; Packet::SIZE],
        out: &mut Outlet<'_, '_>,
    ) {
        let Some(packet) = Packet::try_new(bytes) else {
            return;
        };
        self.packets += 1;
        let pid = u16::from(packet.pid());
        if packet.transport_error_indicator() {
            self.damaged_packets += 1;
            let message = format!("pid {pid}: a transport packet is marked as damaged on the way");
            return out.fault(FaultKind::Malformed, offset, message, bytes);
        }
        if pid == NULL_PID {
            self.null_packets += 1;
            return;
        }
        let announced = packet
            .adaptation_field()
            .is_some_and(|a| a.discontinuity_indicator());
        let Some(loss) = self.order(pid, offset, &packet, announced, out) else {
            return;
        };
        if let Some(loss) = loss {
            self.lose(pid, loss, out);
        }
        self.take_pcr(pid, offset, &packet, announced, out);
        if packet.transport_scrambling_control().is_scrambled() {
            return self.scrambled(pid, offset, out);
        }
        if let Some(payload) = packet.payload() {
            let payload = Payload {
                offset,
                cut_offset: offset,
                unit_start: packet.payload_unit_start_indicator(),
                stuffed: is_stuffed(bytes),
                watched: out.watching && self.cuts.main == Some(pid),
                bytes: payload,
            };
            self.payload(pid, payload, out);
        }
    }

    /// Looks at the continuity counter. `None`: the packet is a repetition and is to be passed over.
    fn order(
        &mut self,
        pid: u16,
        offset: u64,
        packet: &Packet<'_>,
        announced: bool,
        out: &mut Outlet<'_, '_>,
    ) -> Option<Option<Loss>> {
        let state = self.pid(pid);
        state.counts.packets += 1;
        match state.continuity.take(packet, announced) {
            Order::Next => Some(None),
            Order::Again { excess } => {
                state.counts.repeated += 1;
                if excess {
                    let message = format!(
                        "pid {pid}: a transport packet comes a third time or more, expected twice at most"
                    );
                    out.fault(FaultKind::Duplicate, offset, message, &[]);
                }
                None
            }
            Order::Announced => {
                state.counts.announced += 1;
                state.lost_since_pcr = true;
                Some(Some(Loss::Announced))
            }
            Order::Gap { missing, expected } => {
                state.counts.gaps += 1;
                state.counts.missing += u64::from(missing);
                state.lost_since_pcr = true;
                let message = format!(
                    "pid {pid}: {missing} transport packets are missing before this one, or 16, 32 … more (continuity counter {}, expected {expected})",
                    packet.continuity_counter().count()
                );
                out.fault(FaultKind::Missing, offset, message, &[]);
                Some(Some(Loss::Counted(missing)))
            }
        }
    }

    fn lose(&mut self, pid: u16, loss: Loss, out: &mut Outlet<'_, '_>) {
        let mut role = std::mem::take(&mut self.pid(pid).role);
        match &mut role {
            Role::Tables(sections) => sections.lose(),
            Role::Stream(stream) => {
                let clock = self.clocks.entry(stream.program()).or_default();
                stream.lose(loss, clock, out);
            }
            Role::Unknown | Role::Ignored => {}
        }
        self.pid(pid).role = role;
    }

    fn take_pcr(
        &mut self,
        pid: u16,
        offset: u64,
        packet: &Packet<'_>,
        announced: bool,
        out: &mut Outlet<'_, '_>,
    ) {
        let Some(pcr) = packet.adaptation_field().and_then(|a| a.pcr().ok()) else {
            return;
        };
        let lost = std::mem::take(&mut self.pid(pid).lost_since_pcr);
        let of_pid = self.programs.iter().filter(|(_, p)| p.pcr_pid == Some(pid));
        for (&program, _) in of_pid {
            let clock = self.clocks.entry(program).or_default();
            if let Some(jump) = clock.take_pcr(pcr.base(), lost) {
                let message = format!(
                    "program {program}: PCR went from {} to {} ({:+.3} s){}",
                    jump.from_90k,
                    jump.to_90k,
                    jump.seconds(),
                    if announced { ", as announced" } else { "" }
                );
                out.fault(FaultKind::ClockJump, offset, message, &[]);
            }
        }
    }

    fn scrambled(&mut self, pid: u16, offset: u64, out: &mut Outlet<'_, '_>) {
        let state = self.pid(pid);
        state.counts.scrambled += 1;
        if !std::mem::replace(&mut state.scrambled_told, true) {
            let message = format!("pid {pid}: packets are scrambled and cannot be read; told once");
            out.fault(FaultKind::Malformed, offset, message, &[]);
        }
    }

    fn payload(&mut self, pid: u16, mut payload: Payload<'_>, out: &mut Outlet<'_, '_>) {
        let Payload {
            offset, unit_start, ..
        } = payload;
        if matches!(self.pid(pid).role, Role::Unknown) {
            self.try_unannounced(pid, unit_start, payload.bytes);
        }
        let mut role = std::mem::take(&mut self.pid(pid).role);
        let mut sections = Vec::new();
        match &mut role {
            Role::Tables(tables) => sections = tables.take(payload.bytes, unit_start),
            Role::Stream(stream) => {
                payload.cut_offset = self.cuts.before(pid, offset, unit_start);
                let mut pictures = Vec::new();
                let clock = self.clocks.entry(stream.program()).or_default();
                stream.take(&payload, clock, &mut |p| pictures.push(p), out);
                if stream.is_hopeless() {
                    self.forget(pid);
                    role = Role::Ignored;
                }
                self.pictures(pid, pictures, out);
            }
            Role::Unknown | Role::Ignored => {}
        }
        self.pid(pid).role = role;
        if pid == PAT_PID && unit_start {
            self.pat_begins(offset, out);
        }
        for section in sections {
            match section {
                Ok(section) => self.section(pid, offset, &section, out),
                Err(message) => {
                    let message = format!("pid {pid}: {message}");
                    out.fault(FaultKind::Malformed, offset, message, payload.bytes);
                }
            }
        }
    }

    /// Metadata that no table announced, or not yet: a PES packet of private or metadata stream id.
    fn try_unannounced(&mut self, pid: u16, unit_start: bool, payload: &[u8]) {
        let may_be =
            unit_start && pid >= FIRST_STREAM_PID && matches!(payload, [0, 0, 1, 0xBD | 0xFC, ..]);
        if !may_be || self.metadata_streams >= MAX_METADATA_STREAMS {
            return;
        }
        if let Some(stream) = Stream::announced(Content::Private, pid, 0) {
            self.metadata_streams += 1;
            self.streams.insert(pid);
            self.pid(pid).role = Role::Stream(Box::new(stream));
        }
    }

    /// A stream is no longer one.
    fn forget(&mut self, pid: u16) {
        if self.streams.remove(&pid) {
            self.metadata_streams = self.metadata_streams.saturating_sub(1);
        }
    }

    /// Tells what a stream has of pictures.
    fn pictures(&mut self, pid: u16, pictures: Vec<Picture>, out: &mut Outlet<'_, '_>) {
        for picture in pictures {
            match picture {
                Picture::Entry(entry) => self.cut(pid, entry, out),
                Picture::AccessUnit(unit) => out.access_unit(unit),
            }
        }
    }

    /// The feed has ended.
    pub(super) fn finish(&mut self, out: &mut Outlet<'_, '_>) {
        for pid in std::mem::take(&mut self.streams) {
            let mut role = std::mem::take(&mut self.pid(pid).role);
            if let Role::Stream(stream) = &mut role {
                let mut pictures = Vec::new();
                let clock = self.clocks.entry(stream.program()).or_default();
                stream.finish(clock, &mut |p| pictures.push(p), out);
                self.pictures(pid, pictures, out);
            }
            self.pid(pid).role = role;
        }
    }
}

/// Whether the packet's adaptation field has stuffing bytes (ISO/IEC 13818-1 §2.4.3.4, §2.4.3.5).
fn is_stuffed(packet: &[u8; Packet::SIZE]) -> bool {
    const HAS_FIELD: u8 = 0x20;
    const PCR: u8 = 0x10;
    const OPCR: u8 = 0x08;
    const SPLICING_POINT: u8 = 0x04;
    /// Private data and extension, whose lengths are their own.
    const OTHERS: u8 = 0x03;
    let [_, _, _, control, length, flags, ..] = *packet;
    if control & HAS_FIELD == 0 {
        return false;
    }
    let clocks = 6 * (u8::from(flags & PCR != 0) + u8::from(flags & OPCR != 0));
    let used = 1 + clocks + u8::from(flags & SPLICING_POINT != 0);
    length == 0 || (flags & OTHERS == 0 && length > used)
}
