//! A recorded transport stream's own time, and how it runs on when it is played again.

use bytes::Bytes;

use super::klv;
use super::recording::Timed;
use super::ts::{Head, PACKET, PesHead, read_time};
use crate::mux::TIME_MASK_90K;

/// So many packets go together, as in a datagram on Ethernet.
const TOGETHER: usize = 7;
/// A leap of the clock by more, or back, is passed in no time, 90 kHz.
const LEAP_90K: u64 = 10 * 90_000;
/// How long the last packets are on show: a frame.
const LAST_90K: u64 = 3_600;

/// A transport stream that is whole packets from its beginning to its end.
#[derive(Debug)]
pub(crate) struct Stream {
    bytes: Vec<u8>,
    /// When each group of packets is sent, microseconds from the beginning.
    at_us: Vec<i64>,
    pub(crate) length_us: i64,
    /// The same as it is added to time stamps.
    length_90k: u64,
    /// The time stamps that the source wrote in its KLV, first and last.
    pub(crate) stated_us: Option<i64>,
    /// By how much each PID's counter moves in one lap.
    counters: Vec<(u16, u8)>,
}

impl Stream {
    /// Reads a recording; packets that are damaged are left out. `None` when there are none.
    pub(crate) fn read(recorded: &[u8]) -> Option<Self> {
        let mut bytes = Vec::with_capacity(recorded.len());
        let mut rest = recorded;
        while rest.len() >= PACKET {
            let packet = rest.get(..PACKET).unwrap_or_default();
            if Head::read(packet).is_some() {
                bytes.extend_from_slice(packet);
                rest = rest.get(PACKET..).unwrap_or_default();
            } else {
                rest = rest.get(1..).unwrap_or_default();
                let skip = memchr::memchr(0x47, rest).unwrap_or(rest.len());
                rest = rest.get(skip..).unwrap_or_default();
            }
        }
        if bytes.is_empty() {
            return None;
        }
        let (at_us, clock_90k) = times(&bytes);
        let length_90k = clock_90k.max(shown_90k(&bytes));
        Some(Self {
            at_us,
            length_us: us(length_90k),
            length_90k,
            stated_us: klv::first_time_us(&bytes),
            counters: counters(&bytes),
            bytes,
        })
    }

    /// The packets of one lap, when each is sent from the recording's beginning. Clock references,
    /// time stamps and counters go on from the lap before; the KLV's clock is moved by `offset_us`.
    pub(crate) fn lap(&self, lap: u64, offset_us: i64, start_90k: u64) -> Vec<Timed> {
        let mut bytes = self.bytes.clone();
        let ahead_90k = start_90k.wrapping_add(self.length_90k.wrapping_mul(lap)) & TIME_MASK_90K;
        if offset_us != 0 {
            klv::shift(&mut bytes, offset_us);
        }
        for packet in bytes.chunks_exact_mut(PACKET) {
            self.run_on(packet, lap, ahead_90k);
        }
        let bytes = Bytes::from(bytes);
        self.at_us
            .iter()
            .enumerate()
            .map(|(group, at_us)| {
                let from = group * TOGETHER * PACKET;
                let to = (from + TOGETHER * PACKET).min(bytes.len());
                Timed {
                    at_us: *at_us,
                    bytes: bytes.slice(from..to),
                }
            })
            .collect()
    }

    fn run_on(&self, packet: &mut [u8], lap: u64, ahead_90k: u64) {
        let Some(head) = Head::read(packet) else {
            return;
        };
        let moved = self.counters.iter().find(|(pid, _)| *pid == head.pid);
        if let (Some((_, by)), Some(counter)) = (moved, packet.get_mut(3)) {
            let moved = u64::from(*counter) + u64::from(*by) * (lap & 0x0F);
            *counter = *counter & 0xF0 | (moved & 0x0F) as u8;
        }
        if ahead_90k == 0 {
            return;
        }
        if let Some(at) = head.pcr_at(packet)
            && let Some(field) = packet.get_mut(at..at + 6)
        {
            move_pcr(field, ahead_90k);
        }
        if head.starts
            && let Some(pes) = packet.get_mut(head.payload..)
            && let Some(pes_head) = PesHead::read(pes)
        {
            for at in [pes_head.pts_at, pes_head.dts_at].into_iter().flatten() {
                move_time(pes, at, ahead_90k);
            }
        }
    }
}

/// The clock reference's 33 bits of 90 kHz.
fn pcr_90k(field: &[u8]) -> Option<u64> {
    let &[a, b, c, d, e] = field.first_chunk::<5>()?;
    let [a, b, c, d, e] = [a, b, c, d, e].map(u64::from);
    Some(a << 25 | b << 17 | c << 9 | d << 1 | e >> 7)
}

fn move_pcr(field: &mut [u8], by_90k: u64) {
    let Some(base) = pcr_90k(field) else { return };
    let moved = base.wrapping_add(by_90k) & TIME_MASK_90K;
    if let [a, b, c, d, e, ..] = field {
        let [_, _, _, m0, m1, m2, m3, m4] = (moved << 7).to_be_bytes();
        [*a, *b, *c, *d] = [m0, m1, m2, m3];
        *e = m4 & 0x80 | *e & 0x7F;
    }
}

fn move_time(pes: &mut [u8], at: usize, by_90k: u64) {
    let Some(time) = read_time(pes, at) else {
        return;
    };
    let moved = time.wrapping_add(by_90k) & TIME_MASK_90K;
    if let Some([a, b, c, d, e]) = pes.get_mut(at..at + 5) {
        *a = *a & 0xF1 | ((moved >> 30) as u8 & 7) << 1;
        *b = (moved >> 22) as u8;
        *c = ((moved >> 15) as u8) << 1 | 1;
        *d = (moved >> 7) as u8;
        *e = (moved as u8) << 1 | 1;
    }
}

/// When each group of packets is sent, microseconds from the beginning, and how long all is, 90 kHz: by the
/// clock references of the first PID that has any, or else by the time stamps of the first stream
/// that has any. Between two of them packets are spread evenly.
fn times(bytes: &[u8]) -> (Vec<i64>, u64) {
    let marks = marks(bytes, &|packet, head| {
        let at = head.pcr_at(packet)?;
        pcr_90k(packet.get(at..)?)
    });
    let marks = if marks.len() > 1 {
        marks
    } else {
        self::marks(bytes, &|packet, head| {
            let pes = packet.get(head.payload..).filter(|_| head.starts)?;
            let head = PesHead::read(pes)?;
            read_time(pes, head.dts_at.or(head.pts_at)?)
        })
    };
    // Time that has passed at each mark.
    let mut passed = Vec::with_capacity(marks.len());
    let mut sum_90k = 0_u64;
    let mut last = None;
    for (index, time) in marks {
        let step = last.map_or(0, |last| time.wrapping_sub(last) & TIME_MASK_90K);
        sum_90k += if step > LEAP_90K { 0 } else { step };
        last = Some(time);
        passed.push((index, sum_90k));
    }
    let groups = bytes.len().div_ceil(TOGETHER * PACKET);
    let at_us = (0..groups)
        .map(|group| us(at(&passed, group * TOGETHER)))
        .collect();
    (at_us, sum_90k + LAST_90K)
}

/// How long what is shown lasts, 90 kHz: of each PID from its first time stamp to its last and a step on, by
/// presentation and by decoding times; the longest counts, so that none goes back when all begins again.
fn shown_90k(bytes: &[u8]) -> u64 {
    let mut spans: std::collections::BTreeMap<(u16, bool), Span> =
        std::collections::BTreeMap::new();
    for packet in bytes.chunks_exact(PACKET) {
        let Some(head) = Head::read(packet).filter(|head| head.starts) else {
            continue;
        };
        let pes = packet.get(head.payload..).unwrap_or_default();
        let Some(times) = PesHead::read(pes) else {
            continue;
        };
        for (at, decodes) in [(times.pts_at, false), (times.dts_at.or(times.pts_at), true)] {
            if let Some(time) = at.and_then(|at| read_time(pes, at)) {
                spans.entry((head.pid, decodes)).or_default().take(time);
            }
        }
    }
    spans.values().map(Span::length_90k).max().unwrap_or(0)
}

/// The span of a stream's times, of 33 bits.
#[derive(Default)]
struct Span {
    last: Option<u64>,
    /// Of the last, the least and the greatest, counted from the first.
    now_90k: i64,
    least_90k: i64,
    most_90k: i64,
    steps: i64,
}

impl Span {
    fn take(&mut self, time: u64) {
        if let Some(last) = self.last {
            let ahead = time.wrapping_sub(last) & TIME_MASK_90K;
            let back = last.wrapping_sub(time) & TIME_MASK_90K;
            // What leaps is passed in no time.
            if ahead.min(back) <= LEAP_90K {
                self.now_90k += if ahead <= back {
                    ahead.cast_signed()
                } else {
                    -back.cast_signed()
                };
                self.steps += 1;
            }
        }
        self.last = Some(time);
        self.least_90k = self.least_90k.min(self.now_90k);
        self.most_90k = self.most_90k.max(self.now_90k);
    }

    fn length_90k(&self) -> u64 {
        let span = self.most_90k - self.least_90k;
        let step = span.checked_div(self.steps).unwrap_or(0);
        u64::try_from(span + step).unwrap_or(0)
    }
}

/// Times of one PID, by the index of their packet.
fn marks(bytes: &[u8], read: &dyn Fn(&[u8], &Head) -> Option<u64>) -> Vec<(usize, u64)> {
    let mut clock_pid = None;
    let mut marks = Vec::new();
    for (index, packet) in bytes.chunks_exact(PACKET).enumerate() {
        let Some(head) = Head::read(packet) else {
            continue;
        };
        if clock_pid.is_some_and(|pid| pid != head.pid) {
            continue;
        }
        if let Some(time) = read(packet, &head) {
            clock_pid = Some(head.pid);
            marks.push((index, time));
        }
    }
    marks
}

/// The time at a packet, between the marks around it.
fn at(marks: &[(usize, u64)], packet: usize) -> u64 {
    let after = marks.partition_point(|(index, _)| *index <= packet);
    match (
        after.checked_sub(1).and_then(|i| marks.get(i)),
        marks.get(after),
    ) {
        (Some((i0, t0)), Some((i1, t1))) => {
            let share = (packet - i0) as u64 * (t1 - t0) / (i1 - i0) as u64;
            t0 + share
        }
        (Some((_, t)), None) => *t,
        (None, _) => 0,
    }
}

fn us(at_90k: u64) -> i64 {
    i64::try_from(at_90k * 100 / 9).unwrap_or(i64::MAX)
}

/// By how much the counter of each PID has moved from its first packet to what follows its last.
fn counters(bytes: &[u8]) -> Vec<(u16, u8)> {
    let mut ends: std::collections::BTreeMap<u16, (u8, u8)> = std::collections::BTreeMap::new();
    for packet in bytes.chunks_exact(PACKET) {
        let Some(head) = Head::read(packet) else {
            continue;
        };
        let (counter, counts) = packet.get(3).map_or((0, 0), |b| (b & 0x0F, b >> 4 & 1));
        let next = (counter + counts) & 0x0F;
        let first = (counter + counts + 15) & 0x0F;
        ends.entry(head.pid)
            .and_modify(|(_, end)| *end = next)
            .or_insert((first, next));
    }
    ends.into_iter()
        .map(|(pid, (first, next))| (pid, next.wrapping_sub(first) & 0x0F))
        .collect()
}

#[cfg(test)]
#[allow(clippy::unwrap_used)] // A panic is a failed test.
mod tests {
    use std::collections::BTreeMap;
    use std::path::Path;

    use super::*;

    /// What is played again and again never goes back: decoding times and clock references of each PID.
    #[test]
    fn laps_run_on() {
        let feeds =
            Path::new(env!("CARGO_MANIFEST_DIR")).join("../../theatres/karabakh-2020/feeds");
        // The second film has its clock wrap within.
        for (film, start_90k) in [("drone.ts", 0), ("test-flight.ts", (1 << 33) - 900_000)] {
            let stream = Stream::read(&std::fs::read(feeds.join(film)).unwrap()).unwrap();
            let mut last: BTreeMap<(u16, bool), u64> = BTreeMap::new();
            let mut seen = 0;
            for lap in 0..3 {
                for piece in stream.lap(lap, 0, start_90k) {
                    for packet in piece.bytes.chunks_exact(PACKET) {
                        let head = Head::read(packet).unwrap();
                        let clock = head.pcr_at(packet).and_then(|at| pcr_90k(&packet[at..]));
                        let pes = &packet[head.payload..];
                        let times = PesHead::read(pes).filter(|_| head.starts);
                        let decoded = times.and_then(|t| read_time(pes, t.dts_at.or(t.pts_at)?));
                        for (is_clock, time) in [(true, clock), (false, decoded)] {
                            let Some(time) = time else { continue };
                            if let Some(last) = last.insert((head.pid, is_clock), time) {
                                let step = time.wrapping_sub(last) & TIME_MASK_90K;
                                assert!(
                                    step > 0 && step < 90_000,
                                    "{film} {}: {last} {time}",
                                    head.pid
                                );
                                seen += 1;
                            }
                        }
                    }
                }
            }
            assert!(seen > 500, "{seen}");
        }
    }
}
