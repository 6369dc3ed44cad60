//! The transport stream: packet identifiers to programmes and streams.
//!
//! `mpeg2ts-reader` reads the syntax of packets, tables and PES headers. Its own demultiplexer is not used: it has no byte
//! offsets, takes a legal repetition for a loss, and drops a PES packet at any gap, with the good metadata in it.
//!
//! Held at most: a payload of 184 bytes for each of 8192 identifiers, a section of 4 KiB for each of [`MAX_PROGRAMS`]
//! tables, 512 bytes for each of [`MAX_STREAMS`] video streams, and for each of [`MAX_METADATA_STREAMS`] metadata streams
//! one PES packet (256 KiB), one KLV packet (1 MiB) and one access unit in cells (4 MiB).

use std::collections::{BTreeMap, BTreeSet};

use mpeg2ts_reader::packet::Packet;

use super::clock::{Clock, SECOND_90K};
use super::continuity::{Continuity, Order};
use super::outlet::Outlet;
use super::psi::{Content, Pat, Pmt, Sections};
use super::stream::{Payload, Stream};
use super::video::Entry;
use crate::{Cut, FaultKind, Tally};

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

/// Where segments may begin.
#[derive(Default)]
struct Cuts {
    /// The video stream that cuts go by.
    main: Option<u16>,
    /// The last PAT packet with no packet of the main stream after it.
    pat_offset: Option<u64>,
    last: Option<u64>,
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
        if let Some(missing) = loss {
            self.lose(pid, missing, out);
        }
        self.take_pcr(pid, offset, &packet, announced, out);
        if packet.transport_scrambling_control().is_scrambled() {
            return self.scrambled(pid, offset, out);
        }
        if let Some(payload) = packet.payload() {
            self.payload(
                pid,
                offset,
                packet.payload_unit_start_indicator(),
                payload,
                out,
            );
        }
    }

    /// Looks at the continuity counter. `None`: the packet is a repetition and is to be passed over; `Some(Some(n))`: before
    /// it at least `n` are missing.
    fn order(
        &mut self,
        pid: u16,
        offset: u64,
        packet: &Packet<'_>,
        announced: bool,
        out: &mut Outlet<'_, '_>,
    ) -> Option<Option<u8>> {
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
                Some(Some(u8::MAX))
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
                Some(Some(missing))
            }
        }
    }

    fn lose(&mut self, pid: u16, missing: u8, out: &mut Outlet<'_, '_>) {
        let mut role = std::mem::take(&mut self.pid(pid).role);
        match &mut role {
            Role::Tables(sections) => sections.lose(),
            Role::Stream(stream) => {
                let clock = self.clocks.entry(stream.program()).or_default();
                stream.lose(missing, clock, out);
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

    fn payload(
        &mut self,
        pid: u16,
        offset: u64,
        unit_start: bool,
        payload: &[u8],
        out: &mut Outlet<'_, '_>,
    ) {
        if matches!(self.pid(pid).role, Role::Unknown) {
            self.try_unannounced(pid, unit_start, payload);
        }
        let mut role = std::mem::take(&mut self.pid(pid).role);
        let mut sections = Vec::new();
        match &mut role {
            Role::Tables(tables) => sections = tables.take(payload, unit_start),
            Role::Stream(stream) => {
                let payload = Payload {
                    offset,
                    cut_offset: self.cuts.before(pid, offset, unit_start),
                    unit_start,
                    bytes: payload,
                };
                let mut entries = Vec::new();
                let clock = self.clocks.entry(stream.program()).or_default();
                stream.take(&payload, clock, &mut |e| entries.push(e), out);
                if stream.is_hopeless() {
                    self.forget(pid);
                    role = Role::Ignored;
                }
                for entry in entries {
                    self.cut(pid, entry, out);
                }
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
                    out.fault(FaultKind::Malformed, offset, message, payload);
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

    fn section(&mut self, pid: u16, offset: u64, section: &[u8], out: &mut Outlet<'_, '_>) {
        if pid == PAT_PID {
            if let Some(pat) = Pat::read(section) {
                self.associate(&pat, out);
            }
            return;
        }
        match Pmt::read(section) {
            Some(Ok(pmt)) => self.map(pid, offset, &pmt, out),
            Some(Err(message)) => {
                let message = format!("pid {pid}: {message}");
                out.fault(FaultKind::Malformed, offset, message, section);
            }
            None => {}
        }
    }

    /// Takes a section of the PAT. Programmes of an older version that the first section of a new one does not name are
    /// dropped; a table in several sections names them again.
    fn associate(&mut self, pat: &Pat, out: &mut Outlet<'_, '_>) {
        if self.pat_version != Some(pat.version) {
            self.pat_version = Some(pat.version);
            let gone: Vec<u16> = self
                .programs
                .iter()
                .filter(|(n, p)| !pat.programs.contains(&(**n, p.pmt_pid)))
                .map(|(n, _)| *n)
                .collect();
            for program in gone {
                self.drop_program(program, out);
            }
        }
        for &(program, pmt_pid) in &pat.programs {
            let known = self.programs.get(&program).map(|p| p.pmt_pid);
            let readable = (FIRST_STREAM_PID..NULL_PID).contains(&pmt_pid);
            if known == Some(pmt_pid) || !readable || self.programs.len() >= MAX_PROGRAMS {
                continue;
            }
            self.drop_program(program, out);
            self.retire(pmt_pid, out);
            if !matches!(self.pid(pmt_pid).role, Role::Tables(_)) {
                self.pid(pmt_pid).role = Role::Tables(Sections::default());
            }
            self.programs.insert(
                program,
                Program {
                    pmt_pid,
                    pcr_pid: None,
                    pids: BTreeSet::new(),
                },
            );
        }
    }

    fn drop_program(&mut self, program: u16, out: &mut Outlet<'_, '_>) {
        let Some(dropped) = self.programs.remove(&program) else {
            return;
        };
        for pid in dropped.pids {
            self.retire(pid, out);
        }
        let shared = self.programs.values().any(|p| p.pmt_pid == dropped.pmt_pid);
        if !shared {
            self.pid(dropped.pmt_pid).role = Role::Unknown;
        }
    }

    /// Takes the PMT of a programme.
    fn map(&mut self, pmt_pid: u16, offset: u64, pmt: &Pmt, out: &mut Outlet<'_, '_>) {
        let Some(program) = self
            .programs
            .get_mut(&pmt.program)
            .filter(|p| p.pmt_pid == pmt_pid)
        else {
            return;
        };
        program.pcr_pid = Some(pmt.pcr_pid);
        let named: BTreeSet<u16> = pmt.streams.iter().map(|s| s.pid).collect();
        let gone: Vec<u16> = program.pids.difference(&named).copied().collect();
        for pid in gone {
            self.retire(pid, out);
        }
        let mut pids = BTreeSet::new();
        for stream in &pmt.streams {
            let of_another = self
                .programs
                .iter()
                .any(|(n, p)| *n != pmt.program && p.pids.contains(&stream.pid));
            let readable = (FIRST_STREAM_PID..NULL_PID).contains(&stream.pid);
            if of_another || !readable || matches!(self.pid(stream.pid).role, Role::Tables(_)) {
                continue;
            }
            pids.insert(stream.pid);
            self.announce(stream.pid, stream.content, pmt.program, offset, out);
        }
        if let Some(program) = self.programs.get_mut(&pmt.program) {
            program.pids = pids;
        }
        self.choose_main(pmt);
    }

    fn announce(
        &mut self,
        pid: u16,
        content: Content,
        program: u16,
        offset: u64,
        out: &mut Outlet<'_, '_>,
    ) {
        if matches!(&self.pid(pid).role, Role::Stream(s) if s.is(content, program)) {
            return;
        }
        self.retire(pid, out);
        let Some(stream) = Stream::announced(content, pid, program) else {
            self.pid(pid).role = Role::Ignored;
            return;
        };
        let is_metadata = !stream.is_video();
        let full = self.streams.len() >= MAX_STREAMS + MAX_METADATA_STREAMS
            || (is_metadata && self.metadata_streams >= MAX_METADATA_STREAMS);
        if full {
            self.pid(pid).role = Role::Ignored;
            if !std::mem::replace(&mut self.too_many_told, true) {
                let message = format!(
                    "pid {pid}: more streams than the {MAX_STREAMS} and {MAX_METADATA_STREAMS} of metadata that are read; told once"
                );
                out.fault(FaultKind::Oversized, offset, message, &[]);
            }
            return;
        }
        self.streams.insert(pid);
        self.metadata_streams += usize::from(is_metadata);
        self.pid(pid).role = Role::Stream(Box::new(stream));
    }

    /// Ends the stream of an identifier, if it has one, and counts what it had.
    fn retire(&mut self, pid: u16, out: &mut Outlet<'_, '_>) {
        if !matches!(self.pid(pid).role, Role::Stream(_) | Role::Ignored) {
            return;
        }
        if let Role::Stream(mut stream) = std::mem::take(&mut self.pid(pid).role) {
            let mut entries = Vec::new();
            let clock = self.clocks.entry(stream.program()).or_default();
            stream.finish(clock, &mut |e| entries.push(e), out);
            for entry in entries {
                self.cut(pid, entry, out);
            }
            stream.account(out.tally);
            self.streams.remove(&pid);
            self.metadata_streams -= usize::from(!stream.is_video());
        }
        if self.cuts.main == Some(pid) {
            self.cuts.main = None;
        }
    }

    /// Cuts go by the first video stream announced, for as long as it is.
    fn choose_main(&mut self, pmt: &Pmt) {
        if self.cuts.main.is_none() {
            self.cuts.main = pmt
                .streams
                .iter()
                .find(|s| {
                    self.pids
                        .get(usize::from(s.pid))
                        .and_then(Option::as_ref)
                        .is_some_and(|p| matches!(&p.role, Role::Stream(s) if s.is_video()))
                })
                .map(|s| s.pid);
        }
    }

    /// A PAT begins. Without any video, that is where a segment may begin.
    fn pat_begins(&mut self, offset: u64, out: &mut Outlet<'_, '_>) {
        self.cuts.pat_offset = Some(offset);
        let mapped = self.programs.values().any(|p| p.pcr_pid.is_some());
        if self.cuts.main.is_none() && mapped {
            let observed = self.streams.iter().find_map(|&pid| self.stamp(pid));
            self.tell_cut(
                Cut {
                    offset,
                    pts_90k: None,
                    observed: observed.map(|s| s.observed),
                },
                out,
            );
        }
    }

    fn stamp(&self, pid: u16) -> Option<super::statements::Stamp> {
        match &self.pids.get(usize::from(pid))?.as_ref()?.role {
            Role::Stream(stream) => stream.stamp(),
            _ => None,
        }
    }

    /// A segment may begin with a packet of `pid`. Its time is the metadata's of the same programme: carried over by PTS
    /// where the metadata has one, else the last that was told before.
    fn cut(&mut self, pid: u16, entry: Entry, out: &mut Outlet<'_, '_>) {
        if self.cuts.main != Some(pid) {
            return;
        }
        let of_program = self.programs.values().find(|p| p.pids.contains(&pid));
        let stamp = of_program
            .into_iter()
            .flat_map(|p| &p.pids)
            .find_map(|&pid| self.stamp(pid));
        let observed = stamp.and_then(|s| match (s.pts_90k, entry.pts_90k) {
            (Some(from), Some(to)) if to.abs_diff(from) > CARRY_90K => None,
            (Some(from), Some(to)) => {
                let ticks = to.wrapping_sub(from).cast_signed();
                Some(s.observed.plus_seconds(ticks as f64 / SECOND_90K as f64))
            }
            _ => Some(s.observed),
        });
        self.tell_cut(
            Cut {
                offset: entry.cut_offset,
                pts_90k: entry.pts_90k,
                observed,
            },
            out,
        );
    }

    fn tell_cut(&mut self, cut: Cut, out: &mut Outlet<'_, '_>) {
        if self.cuts.last.is_none_or(|last| cut.offset > last) {
            self.cuts.last = Some(cut.offset);
            out.cut(cut);
        }
    }

    /// The feed has ended.
    pub(super) fn finish(&mut self, out: &mut Outlet<'_, '_>) {
        for pid in std::mem::take(&mut self.streams) {
            let mut role = std::mem::take(&mut self.pid(pid).role);
            if let Role::Stream(stream) = &mut role {
                let mut entries = Vec::new();
                let clock = self.clocks.entry(stream.program()).or_default();
                stream.finish(clock, &mut |e| entries.push(e), out);
                for entry in entries {
                    self.cut(pid, entry, out);
                }
            }
            self.pid(pid).role = role;
        }
    }

    /// Adds what is counted here.
    pub(super) fn account(&self, tally: &mut Tally) {
        tally.add("transport packets", self.packets);
        tally.add("null packets", self.null_packets);
        tally.add("programs", self.programs.len() as u64);
        if self.damaged_packets > 0 {
            tally.add("damaged transport packets", self.damaged_packets);
        }
        for (pid, state) in self.pids.iter().enumerate() {
            let Some(state) = state else { continue };
            let counts = &state.counts;
            // What no table announced may be noise.
            if !matches!(state.role, Role::Unknown) {
                tally.add(format!("transport packets (pid {pid})"), counts.packets);
            }
            for (what, n) in [
                ("continuity errors", counts.gaps),
                ("missing transport packets", counts.missing),
                ("repeated transport packets", counts.repeated),
                ("scrambled transport packets", counts.scrambled),
                ("announced discontinuities", counts.announced),
            ] {
                if n > 0 {
                    tally.add(format!("{what} (pid {pid})"), n);
                }
            }
            if let Role::Stream(stream) = &state.role {
                stream.account(tally);
            }
        }
    }
}

impl Cuts {
    /// Where a segment that begins with this packet of `pid` would be cut: at the PAT before it, when no packet of the main
    /// stream stands between, so that the segment brings its tables with it; else at the packet.
    fn before(&mut self, pid: u16, offset: u64, unit_start: bool) -> u64 {
        if self.main != Some(pid) {
            return offset;
        }
        let pat = self.pat_offset.take();
        pat.filter(|_| unit_start).unwrap_or(offset)
    }
}
