//! A small transport stream multiplexer, written from ISO/IEC 13818-1 alone so that it shares nothing with the decoder.

use std::collections::BTreeMap;

use truceline_domain::{FeedId, FmvMetadata, Observation, SourceId, Video};
use truceline_intake::{Context, Cut, Fault, FaultKind, Format, Item, Tally, decoder};
use truceline_klv::st0601::Builder;

pub(crate) const VIDEO: u16 = 256;
pub(crate) const KLV: u16 = 257;
pub(crate) const PMT: u16 = 4096;
/// 2020-11-09T21:00:00Z.
pub(crate) const EPOCH_US: u64 = 1_604_955_600_000_000;

/// What a transport packet has beside its payload.
#[derive(Clone, Copy, Default)]
pub(crate) struct Extra {
    pub(crate) pcr: Option<u64>,
    pub(crate) discontinuity: bool,
}

/// Writes packets of 188 bytes.
#[derive(Default, Clone)]
pub(crate) struct Mux {
    pub(crate) out: Vec<u8>,
    pub(crate) counters: BTreeMap<u16, u8>,
}

impl Mux {
    pub(crate) fn new() -> Self {
        Self::default()
    }

    /// One packet with as much of `payload` as it holds; returns how much that was.
    pub(crate) fn packet(&mut self, pid: u16, start: bool, payload: &[u8], extra: Extra) -> usize {
        let mut field = Vec::new();
        if extra.pcr.is_some() || extra.discontinuity {
            field.push(u8::from(extra.discontinuity) << 7 | u8::from(extra.pcr.is_some()) << 4);
            if let Some(pcr) = extra.pcr {
                let bits = (pcr % (1 << 33)) << 15 | 0x7E00;
                field.extend(&bits.to_be_bytes()[2..]);
            }
        }
        let header = if field.is_empty() { 0 } else { 1 + field.len() };
        let taken = payload.len().min(184 - header);
        let stuffing = 184 - header - taken;
        let mut body = Vec::new();
        if header + stuffing > 0 {
            // A field of length zero is one byte of stuffing.
            if field.is_empty() && stuffing > 1 {
                field.push(0);
            }
            let length = header.max(1) + stuffing - 1 - usize::from(header == 0);
            let length = if header == 0 { stuffing - 1 } else { length };
            field.resize(length, 0xFF);
            body.push(length as u8);
            body.extend(&field);
        }
        let has_field = !body.is_empty();
        body.extend(&payload[..taken]);
        assert_eq!(body.len(), 184);
        let counter = self.counters.entry(pid).or_insert(15);
        if taken > 0 {
            *counter = (*counter + 1) % 16;
        }
        let control = u8::from(has_field) << 5 | u8::from(taken > 0) << 4;
        self.out.extend([
            0x47,
            u8::from(start) << 6 | (pid >> 8) as u8,
            pid as u8,
            control | *counter,
        ]);
        self.out.extend(body);
        taken
    }

    /// A payload over as many packets as it takes.
    pub(crate) fn unit(&mut self, pid: u16, payload: &[u8], extra: Extra) {
        let mut at = self.packet(pid, true, payload, extra);
        while at < payload.len() {
            at += self.packet(pid, false, &payload[at..], Extra::default());
        }
    }

    pub(crate) fn section(
        &mut self,
        pid: u16,
        table: u8,
        extension: u16,
        version: u8,
        body: &[u8],
    ) {
        let mut s = vec![table];
        s.extend((0xB000 | (body.len() + 9) as u16).to_be_bytes());
        s.extend(extension.to_be_bytes());
        s.extend([0xC1 | version << 1, 0, 0]);
        s.extend(body);
        let crc = truceline_klv::checksum::crc_32_mpeg2(&s);
        s.extend(crc.to_be_bytes());
        s.insert(0, 0);
        // Sections are followed by 0xFF, not by stuffing in the adaptation field.
        while s.len() % 184 != 0 {
            s.push(0xFF);
        }
        self.unit(pid, &s, Extra::default());
    }

    pub(crate) fn pat(&mut self, version: u8, programs: &[(u16, u16)]) {
        let body: Vec<u8> = programs
            .iter()
            .flat_map(|(n, pid)| [n.to_be_bytes(), (0xE000 | pid).to_be_bytes()].concat())
            .collect();
        self.section(0, 0, 1, version, &body);
    }

    /// Streams are stream type, identifier and descriptors.
    pub(crate) fn pmt(
        &mut self,
        pid: u16,
        program: u16,
        version: u8,
        pcr: u16,
        streams: &[Announced],
    ) {
        let mut body = (0xE000 | pcr).to_be_bytes().to_vec();
        body.extend([0xF0, 0]);
        for (kind, pid, descriptors) in streams {
            body.push(*kind);
            body.extend((0xE000 | pid).to_be_bytes());
            body.extend((0xF000 | descriptors.len() as u16).to_be_bytes());
            body.extend(*descriptors);
        }
        self.section(pid, 2, program, version, &body);
    }
}

pub(crate) type Announced = (u8, u16, &'static [u8]);
pub(crate) const KLVA: &[u8] = &[5, 4, b'K', b'L', b'V', b'A'];

/// A PES packet. `length`: the declared one, when it is to be another than the true one.
pub(crate) fn pes(stream_id: u8, pts: Option<u64>, payload: &[u8], length: Option<u16>) -> Vec<u8> {
    let mut header = vec![0x80, 0, 0];
    if let Some(pts) = pts {
        let t = pts % (1 << 33);
        header = vec![0x80, 0x80, 5];
        header.extend([
            0x21 | (t >> 29 & 0x0E) as u8,
            (t >> 22) as u8,
            1 | (t >> 14 & 0xFE) as u8,
            (t >> 7) as u8,
            1 | (t << 1 & 0xFE) as u8,
        ]);
    }
    let length = length.unwrap_or((header.len() + payload.len()) as u16);
    [
        &[0, 0, 1, stream_id],
        &length.to_be_bytes()[..],
        &header,
        payload,
    ]
    .concat()
}

/// An H.264 access unit that has what matters here.
pub(crate) fn picture(random_access: bool, size: usize) -> Vec<u8> {
    let mut au = vec![0, 0, 0, 1, 9, 0xF0];
    if random_access {
        au.extend([
            0, 0, 0, 1, 0x67, 0x42, 0x1E, 0, 0, 0, 1, 0x68, 0xCE, 0, 0, 1, 0x65, 0x88,
        ]);
    } else {
        au.extend([0, 0, 1, 0x41, 0x9A]);
    }
    au.extend((0..size).map(|i| 0x80 | i as u8));
    au
}

/// A metadata packet of a moment.
pub(crate) fn klv(us: u64) -> Vec<u8> {
    klv_of(us, "SENSOR")
}

/// One that takes two transport packets.
pub(crate) fn long_klv(us: u64) -> Vec<u8> {
    let mut b = Builder::new(us);
    b.text(3, &"MISSION ".repeat(15)).unwrap();
    b.text(11, "SENSOR").unwrap();
    b.number(13, 39.9).unwrap();
    b.number(14, 46.9).unwrap();
    b.finish()
}

pub(crate) fn klv_of(us: u64, sensor: &str) -> Vec<u8> {
    let mut b = Builder::new(us);
    b.text(11, sensor).unwrap();
    for (tag, number) in [
        (5, 100.0),
        (13, 39.9),
        (14, 46.9),
        (15, 2600.0),
        (18, 90.0),
        (21, 3900.0),
        (22, 600.0),
        (23, 39.91),
        (24, 46.91),
        (25, 400.0),
    ] {
        b.number(tag, number).unwrap();
    }
    b.finish()
}

/// A cell: fragment 3 whole, 2 first, 0 middle, 1 last.
pub(crate) fn cell(fragment: u8, number: u8, data: &[u8]) -> Vec<u8> {
    let length = (data.len() as u16).to_be_bytes();
    [&[0, number, fragment << 6 | 0x1F], &length[..], data].concat()
}

/// How a scene carries its metadata.
#[derive(Clone, Copy, PartialEq)]
pub(crate) enum Way {
    Sync,
    Async,
}

/// One programme of pictures at 30 Hz with metadata at 10 Hz.
pub(crate) struct Scene {
    pub(crate) mux: Mux,
    pub(crate) way: Way,
    /// Time of the next frame.
    pub(crate) pts: u64,
    pub(crate) us: u64,
    pub(crate) frame: u64,
    pub(crate) cell: u8,
}

impl Scene {
    pub(crate) fn new(way: Way, first_pts: u64) -> Self {
        Self {
            mux: Mux::new(),
            way,
            pts: first_pts,
            us: EPOCH_US,
            frame: 0,
            cell: 0,
        }
    }

    pub(crate) fn tables(&mut self) {
        self.mux.pat(0, &[(1, PMT)]);
        let metadata: Announced = match self.way {
            Way::Sync => (0x15, KLV, &[]),
            Way::Async => (6, KLV, KLVA),
        };
        self.mux
            .pmt(PMT, 1, 0, VIDEO, &[(0x1B, VIDEO, &[]), metadata]);
    }

    pub(crate) fn video(&mut self) {
        let random_access = self.frame.is_multiple_of(10);
        if random_access {
            self.tables();
        }
        let au = picture(random_access, if random_access { 700 } else { 300 });
        let pcr = Some(self.pts.wrapping_sub(9000) % (1 << 33));
        let bytes = pes(0xE0, Some(self.pts), &au, Some(0));
        self.mux.unit(
            VIDEO,
            &bytes,
            Extra {
                pcr,
                ..Extra::default()
            },
        );
    }

    pub(crate) fn metadata(&mut self) {
        let packet = long_klv(self.us);
        let bytes = match self.way {
            Way::Sync => {
                let cell = cell(3, self.cell, &packet);
                self.cell = self.cell.wrapping_add(1);
                pes(0xFC, Some(self.pts), &cell, None)
            }
            Way::Async => pes(0xBD, None, &packet, None),
        };
        self.mux.unit(KLV, &bytes, Extra::default());
    }

    pub(crate) fn step(&mut self) {
        self.frame += 1;
        self.pts += 3000;
        self.us += 33_333;
    }

    pub(crate) fn run(&mut self, frames: u64) -> &mut Self {
        for _ in 0..frames {
            self.video();
            if self.frame.is_multiple_of(3) {
                self.metadata();
            }
            self.step();
        }
        self
    }
}

/// What a feed told.
#[derive(Debug, PartialEq, Default)]
pub(crate) struct Told {
    pub(crate) items: Vec<Item>,
    pub(crate) tally: Tally,
}

pub(crate) fn decode(bytes: &[u8]) -> Told {
    decode_in(bytes, std::iter::repeat(65_536))
}

/// Pushes the feed in pieces of the sizes given, then all that is left.
pub(crate) fn decode_in(bytes: &[u8], sizes: impl IntoIterator<Item = usize>) -> Told {
    let context = Context {
        feed: FeedId::new("feed").unwrap(),
        source: SourceId::new("drone").unwrap(),
    };
    let mut decoder = decoder(Format::Fmv, context);
    let mut items = Vec::new();
    let mut rest = bytes;
    for size in sizes {
        if rest.is_empty() {
            break;
        }
        let (piece, more) = rest.split_at(size.min(rest.len()));
        decoder.push(piece, &mut |i| items.push(i));
        rest = more;
    }
    decoder.push(rest, &mut |i| items.push(i));
    decoder.finish(&mut |i| items.push(i));
    Told {
        items,
        tally: decoder.tally(),
    }
}

impl Told {
    pub(crate) fn metadata(&self) -> Vec<(&Observation, &FmvMetadata)> {
        self.observations()
            .filter_map(|o| match &o.body {
                truceline_domain::Body::FmvMetadata(m) => Some((o, m)),
                _ => None,
            })
            .collect()
    }

    pub(crate) fn detections(&self) -> Vec<(&Observation, &Video)> {
        self.observations()
            .filter_map(|o| match &o.body {
                truceline_domain::Body::Video(v) => Some((o, v)),
                _ => None,
            })
            .collect()
    }

    pub(crate) fn observations(&self) -> impl Iterator<Item = &Observation> {
        self.items.iter().filter_map(|i| match i {
            Item::Observation(o) => Some(&**o),
            _ => None,
        })
    }

    pub(crate) fn cuts(&self) -> Vec<Cut> {
        self.items
            .iter()
            .filter_map(|i| match i {
                Item::Cut(c) => Some(*c),
                _ => None,
            })
            .collect()
    }

    pub(crate) fn faults(&self) -> Vec<&Fault> {
        self.items
            .iter()
            .filter_map(|i| match i {
                Item::Fault(f) => Some(f),
                _ => None,
            })
            .collect()
    }

    pub(crate) fn kinds(&self) -> Vec<FaultKind> {
        self.faults().iter().map(|f| f.kind).collect()
    }

    /// Precision time stamps told, microseconds after [`EPOCH_US`].
    pub(crate) fn times_us(&self) -> Vec<i64> {
        self.metadata()
            .iter()
            .filter_map(|(o, _)| Some(o.observed?.unix_us() - EPOCH_US as i64))
            .collect()
    }

    pub(crate) fn count(&self, name: &str) -> u64 {
        self.tally.counts.get(name).copied().unwrap_or(0)
    }
}
