//! The fixed header of RTP (RFC 3550, 5.1), with its extension (5.3.1) and padding.
//!
//! ```text
//! V=2 P X CC | M PT | sequence number | timestamp | SSRC | CSRC × CC | extension? | payload | padding?
//! ```

const FIXED: usize = 12;

/// What a packet's header says.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Header {
    pub(crate) marker: bool,
    pub(crate) payload_type: u8,
    pub(crate) sequence: u16,
    pub(crate) timestamp: u32,
    pub(crate) ssrc: u32,
}

/// Splits a packet into header and payload; `None` when it is no RTP packet of version 2, or its
/// lengths do not fit.
pub(crate) fn read(packet: &[u8]) -> Option<(Header, &[u8])> {
    let (fixed, rest) = packet.split_first_chunk::<FIXED>()?;
    let &[first, second, s0, s1, t0, t1, t2, t3, c0, c1, c2, c3] = fixed;
    if first >> 6 != 2 {
        return None;
    }
    let sources = usize::from(first & 0x0F) * 4;
    let mut payload = rest.get(sources..)?;
    if first & 0x10 != 0 {
        let (&[_, _, l0, l1], after) = payload.split_first_chunk::<4>()?;
        let words = usize::from(u16::from_be_bytes([l0, l1]));
        payload = after.get(words * 4..)?;
    }
    if first & 0x20 != 0 {
        let padding = usize::from(*payload.last()?);
        if padding == 0 {
            return None;
        }
        payload = payload.get(..payload.len().checked_sub(padding)?)?;
    }
    let header = Header {
        marker: second & 0x80 != 0,
        payload_type: second & 0x7F,
        sequence: u16::from_be_bytes([s0, s1]),
        timestamp: u32::from_be_bytes([t0, t1, t2, t3]),
        ssrc: u32::from_be_bytes([c0, c1, c2, c3]),
    };
    Some((header, payload))
}

/// Whether it is an RTCP packet on the same port (RFC 5761, section 4).
pub(crate) fn is_rtcp(packet: &[u8]) -> bool {
    matches!(packet, [first, 192..=223, ..] if first >> 6 == 2)
}

/// Writes a header without sources, extension or padding.
pub(crate) fn write(header: &Header) -> [u8; FIXED] {
    let mut out = [0; FIXED];
    let [first, second, s0, s1, t0, t1, t2, t3, c0, c1, c2, c3] = &mut out;
    *first = 0x80;
    *second = u8::from(header.marker) << 7 | header.payload_type & 0x7F;
    [*s0, *s1] = header.sequence.to_be_bytes();
    [*t0, *t1, *t2, *t3] = header.timestamp.to_be_bytes();
    [*c0, *c1, *c2, *c3] = header.ssrc.to_be_bytes();
    out
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn sources_extension_and_padding_are_no_payload() {
        let mut packet = write(&Header {
            marker: true,
            payload_type: 33,
            sequence: 0xFFFE,
            timestamp: 7,
            ssrc: 9,
        })
        .to_vec();
        packet[0] = 0x80 | 0x20 | 0x10 | 1;
        packet.extend([0; 4]);
        packet.extend([0xBE, 0xDE, 0, 1, 9, 9, 9, 9]);
        packet.extend(b"payload");
        packet.extend([0, 0, 3]);
        let (header, payload) = read(&packet).unwrap();
        assert_eq!((header.sequence, payload), (0xFFFE, &b"payload"[..]));
        assert!(header.marker);
        for cut in 0..packet.len() - 10 {
            let _ = read(&packet[..cut]);
        }
        *packet.last_mut().unwrap() = 255;
        assert_eq!(read(&packet), None);
    }

    proptest! {
        #[test]
        fn a_header_is_read_as_written(marker: bool, payload_type in 0_u8..128, sequence: u16, timestamp: u32, ssrc: u32, payload in prop::collection::vec(any::<u8>(), 0..40)) {
            let header = Header { marker, payload_type, sequence, timestamp, ssrc };
            let packet = [&write(&header)[..], &payload].concat();
            prop_assert_eq!(read(&packet), Some((header, &payload[..])));
        }

        #[test]
        fn any_bytes_are_read_or_refused(packet in prop::collection::vec(any::<u8>(), 0..80)) {
            let _ = (read(&packet), is_rtcp(&packet));
        }
    }
}
