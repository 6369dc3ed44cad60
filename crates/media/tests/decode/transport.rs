//! The least of a transport stream that yields the access units of well-formed files whose PES packets hold one each.

/// An access unit and its presentation time stamp.
pub(crate) struct AccessUnit {
    pub(crate) pts_90k: u64,
    pub(crate) bytes: Vec<u8>,
}

/// The access units of the packets of `pid`.
pub(crate) fn access_units(file: &[u8], pid: u16) -> Vec<AccessUnit> {
    let mut units: Vec<AccessUnit> = vec![];
    for packet in file.chunks_exact(188) {
        if u16::from_be_bytes([packet[1] & 0x1F, packet[2]]) != pid {
            continue;
        }
        let adaptation = if packet[3] & 0x20 == 0 {
            0
        } else {
            1 + usize::from(packet[4])
        };
        let payload = &packet[4 + adaptation..];
        if packet[1] & 0x40 != 0 {
            let header = 9 + usize::from(payload[8]);
            let b = |n: usize| u64::from(payload[n]);
            let pts_90k =
                (b(9) >> 1 & 7) << 30 | b(10) << 22 | (b(11) >> 1) << 15 | b(12) << 7 | b(13) >> 1;
            let bytes = payload[header..].to_vec();
            units.push(AccessUnit { pts_90k, bytes });
        } else if let Some(unit) = units.last_mut() {
            unit.bytes.extend_from_slice(payload);
        }
    }
    units
}

/// The sample streams of the intake's tests, whose SOURCE.txt says whence they are.
pub(crate) fn sample(name: &str) -> Vec<u8> {
    let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/../intake/tests/data/fmv/");
    std::fs::read(format!("{folder}{name}")).unwrap()
}
