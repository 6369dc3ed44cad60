//! The NAL units of an access unit in Annex B bytes (ITU-T H.264 §7.4.1 and Annex B).

use memchr::memmem;

/// What a NAL unit is to a decoder (ITU-T H.264 table 7-1).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Kind {
    /// Coded picture data; `idr` when it needs nothing before it.
    Slice { idr: bool },
    /// Slices cut into three partitions, of the Extended profile.
    Partition,
    /// Sequence parameter set.
    Sequence,
    /// Picture parameter set.
    Picture,
    /// Anything that no picture needs: messages, delimiters, filler, scalable and multiview layers.
    Other,
}

/// The NAL units of Annex B bytes, from the header byte to before the next start code, not the empty ones.
/// What stands before the first start code is no unit.
pub(super) fn units(annex_b: &[u8]) -> impl Iterator<Item = &[u8]> {
    let mut starts = memmem::find_iter(annex_b, &[0, 0, 1]).peekable();
    std::iter::from_fn(move || {
        let begin = starts.next()? + 3;
        let end = starts.peek().copied().unwrap_or(annex_b.len());
        // Zeros before a start code belong to it; a unit ends in its stop bit (§7.4.1).
        let unit = annex_b.get(begin..end).unwrap_or_default();
        let length = unit
            .iter()
            .rposition(|&b| b != 0)
            .map_or(0, |last| last + 1);
        Some(unit.get(..length).unwrap_or_default())
    })
    .filter(|unit| !unit.is_empty())
}

/// What a unit is, by its header byte.
pub(super) fn kind(unit: &[u8]) -> Kind {
    match unit.first().map_or(0, |header| header & 0x1F) {
        1 => Kind::Slice { idr: false },
        2..=4 => Kind::Partition,
        5 => Kind::Slice { idr: true },
        7 => Kind::Sequence,
        8 => Kind::Picture,
        _ => Kind::Other,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn units_end_before_zeros_and_start_codes() {
        let bytes = [
            9, 0, 0, 0, 1, 0x67, 1, 0, 0, 0, 1, 0x65, 2, 0, 0, 1, 0, 0, 1, 0x06, 7, 0,
        ];
        let found: Vec<_> = units(&bytes).map(|unit| (kind(unit), unit)).collect();
        let expected: [(Kind, &[u8]); 3] = [
            (Kind::Sequence, &[0x67, 1]),
            (Kind::Slice { idr: true }, &[0x65, 2]),
            (Kind::Other, &[0x06, 7]),
        ];
        assert_eq!(found, expected);
    }
}
