//! A ground station's log of MAVLink frames: each is sent, bare, at the time that stands before it.

use bytes::Bytes;
use truceline_intake::mavlink::{NextFrame, next_frame};

use super::recording::Timed;
use crate::mavlink::x25;

const STAMP: usize = 8;
/// `SYSTEM_TIME`: message 2; UTC in microseconds in the first eight bytes; CRC_EXTRA 137.
const SYSTEM_TIME: u32 = 2;
const SYSTEM_TIME_EXTRA: u8 = 137;
/// How long the last frame is waited for by the next lap.
const LAST_US: i64 = 100_000;

/// The frames of a log.
#[derive(Debug)]
pub(crate) struct Log {
    /// From the first, microseconds.
    frames: Vec<(i64, Vec<u8>)>,
    pub(crate) begins_us: i64,
    pub(crate) length_us: i64,
}

impl Log {
    /// Reads a log; what is no record is left out. `None` when there are no records.
    pub(crate) fn read(mut rest: &[u8]) -> Option<Self> {
        let mut frames = Vec::new();
        let mut begins_us = None;
        let mut last_us = 0;
        while let Some((stamp, after)) = rest.split_first_chunk::<STAMP>() {
            let NextFrame::Frame(len) = after_stamp(after) else {
                rest = rest.get(1..).unwrap_or_default();
                continue;
            };
            let stamp_us = i64::try_from(u64::from_be_bytes(*stamp)).unwrap_or(0);
            let begins_us = *begins_us.get_or_insert(stamp_us);
            // A clock that went back is passed in no time.
            last_us = last_us.max(stamp_us.saturating_sub(begins_us));
            frames.push((last_us, after.get(..len).unwrap_or_default().to_vec()));
            rest = after.get(len..).unwrap_or_default();
        }
        Some(Self {
            frames,
            begins_us: begins_us?,
            length_us: last_us + LAST_US,
        })
    }

    pub(crate) fn lap(&self, offset_us: i64) -> Vec<Timed> {
        let moved = |frame: &[u8]| {
            let mut frame = frame.to_vec();
            if offset_us != 0 {
                shift(&mut frame, offset_us);
            }
            Bytes::from(frame)
        };
        self.frames
            .iter()
            .map(|(at_us, frame)| Timed {
                at_us: *at_us,
                bytes: moved(frame),
            })
            .collect()
    }
}

/// A frame, where what follows it is another record's time and no frame.
fn after_stamp(bytes: &[u8]) -> NextFrame {
    let len = match *bytes {
        [0xFE, len, ..] => 8 + usize::from(len),
        [0xFD, len, flags, ..] => 12 + usize::from(len) + usize::from(flags & 1) * 13,
        _ => return NextFrame::Skip,
    };
    bytes.get(..len).map_or(NextFrame::Wait, |frame| {
        match next_frame(&[frame, &[0xFD]].concat()) {
            NextFrame::Frame(same) if same == len => NextFrame::Frame(len),
            _ => NextFrame::Skip,
        }
    })
}

/// Moves the UTC of a `SYSTEM_TIME`; any other frame is left as it is, and so is one that is signed,
/// since its signature would no longer fit.
fn shift(frame: &mut [u8], by_us: i64) {
    let (id, head, signed) = match *frame {
        [0xFE, _, _, _, _, id, ..] => (u32::from(id), 6, false),
        [0xFD, _, flags, _, _, _, _, a, b, c, ..] => {
            (u32::from_le_bytes([a, b, c, 0]), 10, flags & 1 != 0)
        }
        _ => return,
    };
    let len = frame.get(1).map_or(0, |len| usize::from(*len));
    if id != SYSTEM_TIME || signed || len < 8 {
        return;
    }
    if let Some(field) = frame.get_mut(head..head + 8)
        && let Ok(utc) = <[u8; 8]>::try_from(&*field).map(u64::from_le_bytes)
        && utc > 0
    {
        field.copy_from_slice(&utc.saturating_add_signed(by_us).to_le_bytes());
    }
    let end = head + len;
    let covered = frame.get(1..end).unwrap_or_default();
    let sum = covered
        .iter()
        .chain([&SYSTEM_TIME_EXTRA])
        .fold(0xFFFF, |sum, byte| x25(sum, *byte));
    if let Some(place) = frame.get_mut(end..end + 2) {
        place.copy_from_slice(&sum.to_le_bytes());
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_moved_clock_has_a_sum_that_fits() {
        // SYSTEM_TIME of MAVLink 2, 1 600 000 000 s, 5000 ms since boot.
        let mut frame = vec![0xFD, 10, 0, 0, 1, 1, 1, 2, 0, 0];
        frame.extend(1_600_000_000_000_000_u64.to_le_bytes());
        frame.extend([0x88, 0x13, 0, 0]);
        let other = frame.clone();
        shift(&mut frame, 3_600_000_000);
        assert_eq!(next_frame(&frame), NextFrame::Frame(22));
        let utc = u64::from_le_bytes(frame[10..18].try_into().unwrap());
        assert_eq!(utc, 1_600_003_600_000_000);
        assert_ne!(frame, other);
    }
}
