//! NAL units in a byte stream (Rec. ITU-T H.264 and H.265, Annex B).

/// The NAL units of a byte stream, without start codes and the zeros before them.
#[derive(Debug, Clone)]
pub(crate) struct NalUnits<'a> {
    rest: Option<&'a [u8]>,
}

impl<'a> NalUnits<'a> {
    pub(crate) fn new(bytes: &'a [u8]) -> Self {
        let rest = memchr::memmem::find(bytes, &[0, 0, 1]).and_then(|at| bytes.get(at + 3..));
        Self { rest }
    }
}

impl<'a> Iterator for NalUnits<'a> {
    type Item = &'a [u8];

    fn next(&mut self) -> Option<&'a [u8]> {
        loop {
            let rest = self.rest?;
            let end = memchr::memmem::find(rest, &[0, 0, 1]);
            self.rest = end.and_then(|at| rest.get(at + 3..));
            let mut unit = end.map_or(rest, |at| rest.get(..at).unwrap_or_default());
            while let [shorter @ .., 0] = unit {
                unit = shorter;
            }
            if !unit.is_empty() {
                return Some(unit);
            }
        }
    }
}

/// A NAL unit's type (H.264 7.3.1; H.265 7.3.1.2).
pub(crate) fn nal_kind(unit: &[u8], h265: bool) -> Option<u8> {
    let first = unit.first()?;
    Some(if h265 {
        first >> 1 & 0x3F
    } else {
        first & 0x1F
    })
}

/// Whether decoding can begin with this access unit: an IDR picture, or in H.265 an IRAP one.
pub(crate) fn is_random_access(data: &[u8], h265: bool) -> bool {
    for kind in NalUnits::new(data).filter_map(|unit| nal_kind(unit, h265)) {
        match (h265, kind) {
            (false, 5) | (true, 16..=23) => return true,
            // The first slice tells of all.
            (false, 1..=4) | (true, 0..=15) => return false,
            _ => {}
        }
    }
    false
}

/// An access unit delimiter to stand before data that begins with none.
pub(super) fn delimiter(data: &[u8], h265: bool) -> &'static [u8] {
    let first = NalUnits::new(data)
        .next()
        .and_then(|unit| nal_kind(unit, h265));
    match (h265, first) {
        (false, Some(9)) | (true, Some(35)) => &[],
        // primary_pic_type 7 and pic_type 2: slices of any kind may follow.
        (false, _) => &[0, 0, 0, 1, 0x09, 0xF0],
        (true, _) => &[0, 0, 0, 1, 0x46, 0x01, 0x50],
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn units_are_told_apart_whatever_their_start_codes() {
        let bytes = [
            &[0, 0, 0, 1, 9, 0xF0][..],
            &[0, 0, 1, 0x67, 1, 0, 2],
            &[0, 0, 0, 0, 1, 0x65, 0x80, 0, 0],
        ]
        .concat();
        let units: Vec<_> = NalUnits::new(&bytes).collect();
        assert_eq!(units, [&[9, 0xF0][..], &[0x67, 1, 0, 2], &[0x65, 0x80]]);
        assert!(is_random_access(&bytes, false));
        assert!(delimiter(&bytes, false).is_empty());
        assert_eq!(NalUnits::new(b"none").count(), 0);
    }
}
