//! KLV packets in a run of bytes that comes in pieces (SMPTE ST 336 §6: key, BER length, value).
//!
//! What is found depends on the bytes and on where they are said to end, never on the pieces they come in.

use memchr::memmem;
use truceline_klv::ber::read_length;
use truceline_klv::key::LABEL_PREFIX;
use truceline_klv::st0601::Packet;
use truceline_klv::{Checksum, Fault as KlvFault, stream};

use crate::{FaultKind, MAX_FAULT_BYTES};

/// The longest packet taken for real. Metadata has some hundred bytes, target indicators with chips of the picture some
/// hundred thousand; a longer length is damage, and waiting for it would hold back what follows.
pub(super) const MAX_PACKET_BYTES: usize = 1 << 20;
const KEY_BYTES: usize = 16;
/// So many pieces of one packet are told apart at most.
const MAX_ORIGINS: usize = 1 << 16;

/// Where bytes came from.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Origin {
    /// Byte offset in the feed.
    pub(super) offset: u64,
    /// Presentation time stamp that holds for them, unwrapped.
    pub(super) pts_90k: Option<u64>,
}

/// What was found.
pub(super) enum Found<'a> {
    /// A whole packet, from its key on.
    Packet { bytes: &'a [u8], origin: Origin },
    /// Bytes set aside.
    Fault {
        kind: FaultKind,
        offset: u64,
        message: String,
        bytes: &'a [u8],
    },
}

/// Puts packets together. Holds at most [`MAX_PACKET_BYTES`], a header and the last piece.
#[derive(Default)]
pub(super) struct Packets {
    held: Vec<u8>,
    /// What of `held` has been read.
    at: usize,
    /// Positions in `held` from which on an origin holds.
    origins: Vec<(usize, Origin)>,
    /// Each byte has its own offset, as in a raw file; else all bytes of a piece have the piece's.
    linear: bool,
    skipped: Skipped,
    /// Bytes were lost before the next: what is skipped is a packet's rest.
    torn: bool,
    /// So many bytes between packets are not worth telling.
    pub(super) tolerated: usize,
}

#[derive(Default)]
struct Skipped {
    offset: u64,
    length: u64,
    bytes: Vec<u8>,
    only_zeros: bool,
}

/// What stands at the place of reading.
enum Step {
    Wait,
    Skip(usize),
    Packet(usize),
    Cut(usize, String),
    Oversized(usize),
}

impl Packets {
    /// For a raw KLV file.
    pub(super) fn raw() -> Self {
        Self {
            linear: true,
            ..Self::default()
        }
    }

    /// Bytes that follow those before; `origin` holds from the first of them.
    pub(super) fn extend(&mut self, bytes: &[u8], origin: Origin) {
        let at = self.held.len();
        let wanted = match self.origins.last() {
            None => true,
            // In a raw file one origin counts for all.
            Some(_) if self.linear => false,
            Some((_, noted)) => *noted != origin && self.origins.len() < MAX_ORIGINS,
        };
        if wanted {
            self.origins.push((at, origin));
        }
        self.held.extend_from_slice(bytes);
    }

    /// Whether a packet has begun and is not whole.
    pub(super) fn is_within_packet(&self) -> bool {
        self.at < self.held.len()
    }

    /// Reads what is whole.
    pub(super) fn read(&mut self, on: &mut dyn FnMut(Found<'_>)) {
        self.advance(None, on);
    }

    /// Nothing follows that continues these bytes; `why` says so in the report of what is cut short.
    pub(super) fn end(&mut self, why: &str, on: &mut dyn FnMut(Found<'_>)) {
        self.advance(Some(why), on);
        self.flush_skipped(on);
        self.torn = false;
    }

    /// Bytes are missing between these and the next.
    pub(super) fn tear(&mut self, why: &str, on: &mut dyn FnMut(Found<'_>)) {
        self.end(why, on);
        self.torn = true;
    }

    fn advance(&mut self, ended: Option<&str>, on: &mut dyn FnMut(Found<'_>)) {
        while self.at < self.held.len() {
            match step(&self.held[self.at..], ended) {
                Step::Wait => break,
                Step::Skip(n) => self.skip(n),
                Step::Packet(n) => {
                    self.flush_skipped(on);
                    on(Found::Packet {
                        bytes: &self.held[self.at..self.at + n],
                        origin: self.origin(self.at),
                    });
                    self.at += n;
                    self.torn = false;
                }
                Step::Cut(n, message) => {
                    self.flush_skipped(on);
                    on(Found::Fault {
                        kind: FaultKind::Truncated,
                        offset: self.origin(self.at).offset,
                        message,
                        bytes: &self.held[self.at..self.at + n],
                    });
                    self.at += n;
                }
                Step::Oversized(length) => {
                    self.flush_skipped(on);
                    on(Found::Fault {
                        kind: FaultKind::Oversized,
                        offset: self.origin(self.at).offset,
                        message: format!(
                            "a KLV packet declares {length} bytes, expected at most {MAX_PACKET_BYTES}"
                        ),
                        bytes: &self.held[self.at..self.at + KEY_BYTES],
                    });
                    self.at += KEY_BYTES;
                    self.torn = true;
                }
            }
        }
        self.compact();
    }

    fn origin(&self, at: usize) -> Origin {
        let i = self.origins.partition_point(|(from, _)| *from <= at);
        match self.origins.get(i.saturating_sub(1)) {
            Some(&(from, origin)) if self.linear => Origin {
                offset: origin.offset + (at - from) as u64,
                ..origin
            },
            Some(&(_, origin)) => origin,
            None => Origin {
                offset: 0,
                pts_90k: None,
            },
        }
    }

    fn skip(&mut self, n: usize) {
        let bytes = &self.held[self.at..self.at + n];
        if self.skipped.length == 0 {
            self.skipped.offset = self.origin(self.at).offset;
            self.skipped.only_zeros = true;
        }
        self.skipped.only_zeros &= bytes.iter().all(|&b| b == 0);
        self.skipped.length += n as u64;
        let room = MAX_FAULT_BYTES.saturating_sub(self.skipped.bytes.len());
        self.skipped.bytes.extend_from_slice(&bytes[..n.min(room)]);
        self.at += n;
    }

    fn flush_skipped(&mut self, on: &mut dyn FnMut(Found<'_>)) {
        let skipped = std::mem::take(&mut self.skipped);
        let between = !self.torn && skipped.length <= self.tolerated as u64;
        // Some encoders fill up with zeros; they take nothing away.
        if skipped.length == 0 || skipped.only_zeros || between {
            return;
        }
        let (kind, what) = if self.torn {
            (
                FaultKind::Truncated,
                "are the rest of a packet whose head was lost",
            )
        } else {
            (FaultKind::Garbage, "belong to no KLV packet")
        };
        on(Found::Fault {
            kind,
            offset: skipped.offset,
            message: format!("{} bytes of metadata {what}", skipped.length),
            bytes: &skipped.bytes,
        });
    }

    fn compact(&mut self) {
        let read = self.at;
        if read == 0 {
            return;
        }
        let last = self.origins.partition_point(|(from, _)| *from <= read);
        let here = self.origin(read);
        self.origins.drain(..last);
        for (from, _) in &mut self.origins {
            *from -= read;
        }
        self.held.drain(..read);
        self.at = 0;
        // Nothing held: whatever comes next brings its own origin, unless it only counts on.
        if !self.held.is_empty() || self.linear {
            self.origins.insert(0, (0, here));
        }
    }
}

/// What stands at the head of `rest`, which is not empty. `ended`: nothing follows, and why.
fn step(rest: &[u8], ended: Option<&str>) -> Step {
    if !rest.starts_with(&LABEL_PREFIX) {
        return match memmem::find(rest, &LABEL_PREFIX) {
            Some(n) => Step::Skip(n),
            None => {
                let begun = (1..LABEL_PREFIX.len().min(rest.len() + 1))
                    .rev()
                    .find(|&k| rest.ends_with(&LABEL_PREFIX[..k]))
                    .filter(|_| ended.is_none())
                    .unwrap_or(0);
                match rest.len() - begun {
                    0 => Step::Wait,
                    n => Step::Skip(n),
                }
            }
        };
    }
    let short = |total: Option<usize>| match ended {
        None => Step::Wait,
        Some(why) => {
            let until = next_whole_packet(rest).unwrap_or(rest.len());
            let declared = total.map_or(String::new(), |t| format!(" of its {t} bytes"));
            Step::Cut(
                until,
                format!("a KLV packet is cut short: {until}{declared} are there; {why}"),
            )
        }
    };
    let Some(after_key) = rest.get(KEY_BYTES..) else {
        return short(None);
    };
    match read_length(after_key) {
        Ok((length, _)) if length > MAX_PACKET_BYTES => Step::Oversized(length),
        Ok((length, used)) => {
            let total = KEY_BYTES + used + length;
            match rest.get(..total) {
                None => short(Some(total)),
                Some(packet) if is_sound(packet) => Step::Packet(total),
                Some(_) => match overrun(rest, total, ended.is_some()) {
                    Overrun::Wait => Step::Wait,
                    Overrun::No => Step::Packet(total),
                    Overrun::At(until) => Step::Cut(
                        until,
                        format!(
                            "a KLV packet declares {total} bytes, its sum is wrong, and after {until} another begins"
                        ),
                    ),
                },
            }
        }
        Err(e) if matches!(e.fault, KlvFault::Truncated { .. }) => short(None),
        // A label without a length that can be read is no packet.
        Err(_) => Step::Skip(LABEL_PREFIX.len()),
    }
}

/// Where the next packet stands that is whole within `rest`, which begins with one that is not.
fn next_whole_packet(rest: &[u8]) -> Option<usize> {
    memmem::find_iter(&rest[1..], &LABEL_PREFIX)
        .map(|n| n + 1)
        .find(|&n| stream::first(&rest[n..]).is_ok())
}

/// Whether nothing speaks against a packet's length: it has no sum to look at, or the sum is right.
fn is_sound(packet: &[u8]) -> bool {
    match Packet::parse(packet).map(|p| p.checksum()) {
        Ok(Checksum::Bad { .. } | Checksum::None) => false,
        Ok(Checksum::Ok) | Err(_) => true,
    }
}

/// Whether a damaged length reaches over the next packet.
enum Overrun {
    No,
    /// The next begins here.
    At(usize),
    /// The packet ends in what may be the beginning of a label.
    Wait,
}

fn overrun(rest: &[u8], total: usize, ended: bool) -> Overrun {
    let within = &rest[1..(total + LABEL_PREFIX.len() - 1).min(rest.len())];
    if let Some(n) = memmem::find(within, &LABEL_PREFIX) {
        return Overrun::At(n + 1);
    }
    let may_begin = |k: usize| {
        rest[total - k..]
            .iter()
            .eq(LABEL_PREFIX.iter().take(rest.len() - total + k))
    };
    let short = rest.len() < total + LABEL_PREFIX.len() - 1;
    if short && !ended && (1..LABEL_PREFIX.len()).any(may_begin) {
        Overrun::Wait
    } else {
        Overrun::No
    }
}

#[cfg(test)]
mod tests {
    use truceline_klv::st0601::Builder;

    use super::*;

    fn read(bytes: &[u8], step: usize) -> Vec<String> {
        let mut told = Vec::new();
        let mut on = |f: Found<'_>| {
            told.push(match f {
                Found::Packet { bytes, origin } => {
                    format!("{} packet {}", origin.offset, bytes.len())
                }
                Found::Fault {
                    kind,
                    offset,
                    bytes,
                    ..
                } => {
                    format!("{offset} {} {}", kind.as_str(), bytes.len())
                }
            });
        };
        let mut packets = Packets::raw();
        for (n, piece) in bytes.chunks(step).enumerate() {
            let origin = Origin {
                offset: (n * step) as u64,
                pts_90k: None,
            };
            packets.extend(piece, origin);
            packets.read(&mut on);
        }
        packets.end("the feed ends", &mut on);
        told
    }

    #[test]
    fn good_packets_survive_what_stands_between() {
        let good = Builder::new(1_600_000_000_000_000).finish();
        let n = good.len();
        let mut long = good.clone();
        long[16] += 7;
        let mut huge = good[..16].to_vec();
        huge.extend([0x84, 0x7F, 0, 0, 0]);
        let mut unending = good[..16].to_vec();
        unending.extend([0x83, 0x0F, 0, 0]);
        let bytes = [
            &good[..],
            b"noise",
            &good,
            &[0; 9],
            &long,
            &good,
            &huge,
            &good,
            &unending,
            &good,
            &good[..20],
        ]
        .concat();
        let expected = [
            format!("0 packet {n}"),
            format!("{n} garbage 5"),
            format!("{} packet {n}", n + 5),
            format!("{} truncated {n}", 2 * n + 14),
            format!("{} packet {n}", 3 * n + 14),
            format!("{} oversized 16", 4 * n + 14),
            format!("{} truncated 5", 4 * n + 30),
            format!("{} packet {n}", 4 * n + 35),
            format!("{} truncated 20", 5 * n + 35),
            format!("{} packet {n}", 5 * n + 55),
            format!("{} truncated 20", 6 * n + 55),
        ];
        for step in [1, 3, 17, 64, 10_000] {
            assert_eq!(read(&bytes, step), expected, "pieces of {step}");
        }
    }
}
