//! RTP payloads to access units: H.264 (RFC 6184: single NAL units, STAP-A, FU-A), H.265
//! (RFC 7798: single NAL units, AP, FU; no interleaving, no DONL), KLV (RFC 6597).
//!
//! A NAL unit of which a part is missing is left out and the rest of its picture is kept, as it
//! came: decoders conceal, and evidence is not thrown away. A KLV unit is kept whole or not at all.
//!
//! Memory: one access unit of at most [`MAX_UNIT`].

use bytes::{Bytes, BytesMut};

use crate::mux::Carried;

/// The largest access unit: an uncompressed picture is not larger.
pub(crate) const MAX_UNIT: usize = 8 * 1024 * 1024;
const START_CODE: [u8; 4] = [0, 0, 0, 1];

/// An access unit.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Assembled<T> {
    /// The time of its packets.
    pub(crate) time: T,
    pub(crate) data: Bytes,
    /// Parts are missing.
    pub(crate) damaged: bool,
}

/// Assembles one stream. `T` is what tells packets of one instant from the next.
#[derive(Debug)]
pub(crate) struct Depacketizer<T> {
    carried: Carried,
    time: Option<T>,
    data: BytesMut,
    /// The NAL unit whose fragments are coming, where it begins.
    fragment_at: Option<usize>,
    damaged: bool,
}

impl<T: Copy + PartialEq> Depacketizer<T> {
    pub(crate) fn new(carried: Carried) -> Self {
        Self {
            carried,
            time: None,
            data: BytesMut::new(),
            fragment_at: None,
            damaged: false,
        }
    }

    /// Takes the next payload. `lost`: packets are missing before it.
    pub(crate) fn push(
        &mut self,
        time: T,
        marker: bool,
        lost: bool,
        payload: &[u8],
        give: &mut dyn FnMut(Assembled<T>),
    ) {
        if lost {
            // What is missing may be the end of one unit, the beginning of the next, or both.
            self.damaged |= !self.data.is_empty() || self.time == Some(time);
            self.drop_fragment();
        }
        if self.time.is_some_and(|before| before != time) {
            self.end(give);
        }
        let begins = self.time.is_none();
        self.time = Some(time);
        if self.data.len() + payload.len() > MAX_UNIT {
            self.damaged = true;
        } else {
            match self.carried {
                Carried::H264 => self.h264(payload),
                Carried::H265 => self.h265(payload),
                Carried::KlvSync | Carried::KlvAsync => {
                    // Without its label a KLV unit cannot be read.
                    self.damaged |=
                        lost && begins && !payload.starts_with(&[0x06, 0x0E, 0x2B, 0x34]);
                    self.data.extend_from_slice(payload);
                }
            }
        }
        if marker {
            self.end(give);
        }
    }

    fn end(&mut self, give: &mut dyn FnMut(Assembled<T>)) {
        self.drop_fragment();
        let time = self.time.take();
        let damaged = std::mem::take(&mut self.damaged);
        let mut data = self.data.split().freeze();
        if damaged && !self.carried.is_video() {
            data.clear();
        }
        if let Some(time) = time
            && (damaged || !data.is_empty())
        {
            give(Assembled {
                time,
                data,
                damaged,
            });
        }
    }

    /// Leaves out a NAL unit whose end did not come.
    fn drop_fragment(&mut self) {
        if let Some(at) = self.fragment_at.take() {
            self.data.truncate(at);
            self.damaged = true;
        }
    }

    fn unit(&mut self, parts: [&[u8]; 2]) {
        self.drop_fragment();
        self.data.extend_from_slice(&START_CODE);
        parts.iter().for_each(|p| self.data.extend_from_slice(p));
    }

    fn h264(&mut self, payload: &[u8]) {
        match *payload {
            [first, ..] if matches!(first & 0x1F, 1..=23) => self.unit([payload, &[]]),
            [first, ref rest @ ..] if first & 0x1F == 24 => self.aggregate(rest),
            [indicator, head, ref part @ ..] if indicator & 0x1F == 28 => {
                self.fragment(
                    head & 0x80 != 0,
                    head & 0x40 != 0,
                    &[indicator & 0xE0 | head & 0x1F],
                    part,
                );
            }
            _ => self.damaged = true,
        }
    }

    fn h265(&mut self, payload: &[u8]) {
        match *payload {
            [first, _, ..] if first >> 1 & 0x3F < 48 => self.unit([payload, &[]]),
            [first, _, ref rest @ ..] if first >> 1 & 0x3F == 48 => self.aggregate(rest),
            [first, second, head, ref part @ ..] if first >> 1 & 0x3F == 49 => {
                let unit_head = [first & 0x81 | (head & 0x3F) << 1, second];
                self.fragment(head & 0x80 != 0, head & 0x40 != 0, &unit_head, part);
            }
            _ => self.damaged = true,
        }
    }

    /// Units with their lengths before them.
    fn aggregate(&mut self, mut rest: &[u8]) {
        while let [high, low, after @ ..] = rest {
            let len = usize::from(u16::from_be_bytes([*high, *low]));
            let Some((unit, more)) = after.split_at_checked(len) else {
                self.damaged = true;
                return;
            };
            if !unit.is_empty() {
                self.unit([unit, &[]]);
            }
            rest = more;
        }
    }

    fn fragment(&mut self, start: bool, end: bool, head: &[u8], part: &[u8]) {
        if start {
            self.drop_fragment();
            let at = self.data.len();
            self.unit([head, part]);
            self.fragment_at = Some(at);
        } else if self.fragment_at.is_some() {
            self.data.extend_from_slice(part);
        } else {
            self.damaged = true;
        }
        if end {
            self.fragment_at = None;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::mux::NalUnits;
    use crate::rtp::packetize::packetize;
    use proptest::prelude::*;

    fn unit_of(carried: Carried, sizes: &[usize]) -> Vec<u8> {
        let mut data = Vec::new();
        for (n, size) in sizes.iter().enumerate() {
            data.extend(START_CODE);
            match carried {
                Carried::H264 => data.push(0x61),
                _ => data.extend([0x02, 0x01]),
            }
            data.extend((0..*size).map(|i| ((i + n) % 200) as u8 | 8));
        }
        data
    }

    proptest! {
        #[test]
        fn what_is_packetized_comes_back(
            h265: bool,
            units in prop::collection::vec(prop::collection::vec(1_usize..6000, 1..5), 1..6),
        ) {
            let carried = if h265 { Carried::H265 } else { Carried::H264 };
            let mut depacketizer = Depacketizer::new(carried);
            let (mut sent, mut came) = (Vec::new(), Vec::new());
            for (time, sizes) in units.iter().enumerate() {
                let data = unit_of(carried, sizes);
                let payloads = packetize(carried, &data);
                let last = payloads.len() - 1;
                for (i, payload) in payloads.iter().enumerate() {
                    depacketizer.push(time, i == last, false, payload, &mut |a| came.push(a));
                }
                sent.push(Assembled { time, data: Bytes::from(data), damaged: false });
            }
            prop_assert_eq!(came, sent);
        }

        #[test]
        fn what_is_lost_costs_its_nal_units_only(
            sizes in prop::collection::vec(1_usize..6000, 2..6),
            lost in prop::collection::btree_set(0_usize..20, 1..4),
        ) {
            let data = unit_of(Carried::H264, &sizes);
            let payloads = packetize(Carried::H264, &data);
            let mut depacketizer = Depacketizer::new(Carried::H264);
            let mut came = Vec::new();
            let mut gap = false;
            let last = payloads.len() - 1;
            for (i, payload) in payloads.iter().enumerate() {
                if lost.contains(&i) { gap = true; continue; }
                depacketizer.push(0, i == last, std::mem::take(&mut gap), payload, &mut |a| came.push(a));
            }
            depacketizer.push(1, true, gap, &[0x61, 9], &mut |a| came.push(a));
            let whole: Vec<&[u8]> = NalUnits::new(&data).collect();
            for assembled in &came[..came.len() - 1] {
                for unit in NalUnits::new(&assembled.data) {
                    prop_assert!(whole.contains(&unit));
                }
            }
        }

        #[test]
        fn any_payloads_are_taken(payloads in prop::collection::vec((0_u8..3, any::<bool>(), any::<bool>(), prop::collection::vec(any::<u8>(), 0..40)), 0..60)) {
            for carried in [Carried::H264, Carried::H265, Carried::KlvSync] {
                let mut depacketizer = Depacketizer::new(carried);
                for (time, marker, lost, payload) in &payloads {
                    depacketizer.push(*time, *marker, *lost, payload, &mut |_| {});
                }
            }
        }
    }
}
