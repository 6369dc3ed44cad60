//! The 16-byte universal labels (SMPTE ST 298, ST 336) of the sets in drone video, and what each stands for.

/// Which set a universal key announces.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Key {
    /// ST 0601 UAS Datalink Local Set.
    UasDatalink,
    /// ST 0102 Security Metadata Local Set.
    SecurityLocal,
    /// ST 0102 Security Metadata Universal Set.
    SecurityUniversal,
    /// ST 0903 VMTI Local Set, standing alone.
    Vmti,
    /// ST 0903 `VTrack` Local Set.
    VTrack,
    /// ST 0806 Remote Video Terminal Local Set, standing alone.
    Rvt,
    /// ST 1204 MIIS Core Identifier.
    MiisCoreId,
    /// EG 0104 Predator UAV Basic Universal Set.
    PredatorUniversal,
    /// ST 0809 Meteorological Local Set.
    Meteorological,
    /// ST 1002 Range Image Local Set.
    RangeImage,
    /// ST 1107 Metric Geopositioning Local Set.
    MetricGeopositioning,
    /// ST 1108 Interpretability and Quality Local Set.
    InterpretabilityQuality,
    /// ST 1202 Generalized Transformation Local Set.
    GeneralizedTransformation,
    /// ST 1206 SAR Motion Imagery Local Set.
    SarMotionImagery,
    /// ST 1601 Geo-Registration Local Set.
    GeoRegistration,
    /// ST 1602 Composite Imaging Local Set.
    CompositeImaging,
    /// ST 1607 Segment Local Set.
    Segment,
    /// ST 1607 Amend Local Set.
    Amend,
    /// ST 1903 MIMD Local Set.
    Mimd,
    /// Any other key: the value is kept raw.
    Unknown([u8; 16]),
}

/// Each known key's bytes, its meaning, and the standard. Sources: the standard's own key table; ST 0807 (the registry of
/// MISB keys) lists all of them.
const KNOWN: [(Key, u64, u64, &str); 19] = [
    (
        Key::UasDatalink,
        0x060e_2b34_020b_0101,
        0x0e01_0301_0100_0000,
        "ST 0601",
    ),
    (
        Key::SecurityLocal,
        0x060e_2b34_0203_0101,
        0x0e01_0303_0200_0000,
        "ST 0102 local",
    ),
    (
        Key::SecurityUniversal,
        0x060e_2b34_0201_0101,
        0x0208_0200_0000_0000,
        "ST 0102 universal",
    ),
    (
        Key::Vmti,
        0x060e_2b34_020b_0101,
        0x0e01_0303_0600_0000,
        "ST 0903 VMTI",
    ),
    (
        Key::VTrack,
        0x060e_2b34_0203_0101,
        0x0e01_0303_1e00_0000,
        "ST 0903 VTrack",
    ),
    (
        Key::Rvt,
        0x060e_2b34_020b_0101,
        0x0e01_0301_0200_0000,
        "ST 0806",
    ),
    (
        Key::MiisCoreId,
        0x060e_2b34_0101_0101,
        0x0e01_0405_0300_0000,
        "ST 1204",
    ),
    (
        Key::PredatorUniversal,
        0x060e_2b34_0201_0101,
        0x0e01_0102_0101_0000,
        "EG 0104",
    ),
    (
        Key::Meteorological,
        0x060e_2b34_020b_0101,
        0x0e01_0302_0100_0000,
        "ST 0809",
    ),
    (
        Key::RangeImage,
        0x060e_2b34_020b_0101,
        0x0e01_0303_0c00_0000,
        "ST 1002",
    ),
    (
        Key::MetricGeopositioning,
        0x060e_2b34_020b_0101,
        0x0e01_0303_2200_0000,
        "ST 1107",
    ),
    (
        Key::InterpretabilityQuality,
        0x060e_2b34_0203_0101,
        0x0e01_0303_1c00_0000,
        "ST 1108",
    ),
    (
        Key::GeneralizedTransformation,
        0x060e_2b34_020b_0101,
        0x0e01_0305_0500_0000,
        "ST 1202",
    ),
    (
        Key::SarMotionImagery,
        0x060e_2b34_020b_0101,
        0x0e01_0303_0d00_0000,
        "ST 1206",
    ),
    (
        Key::GeoRegistration,
        0x060e_2b34_020b_0101,
        0x0e01_0303_0100_0000,
        "ST 1601",
    ),
    (
        Key::CompositeImaging,
        0x060e_2b34_020b_0101,
        0x0e01_0303_0200_0000,
        "ST 1602",
    ),
    (
        Key::Segment,
        0x060e_2b34_020b_0101,
        0x0e01_0303_0300_0000,
        "ST 1607 Segment",
    ),
    (
        Key::Amend,
        0x060e_2b34_020b_0101,
        0x0e01_0303_0301_0000,
        "ST 1607 Amend",
    ),
    (
        Key::Mimd,
        0x060e_2b34_0205_0101,
        0x0e01_0503_0000_0000,
        "ST 1903",
    ),
];

impl Key {
    /// What these sixteen bytes announce.
    #[must_use]
    pub fn from_bytes(bytes: [u8; 16]) -> Self {
        KNOWN
            .iter()
            .find(|(key, ..)| key.bytes() == bytes)
            .map_or(Self::Unknown(bytes), |(key, ..)| *key)
    }

    /// The key's sixteen bytes.
    #[must_use]
    pub fn bytes(&self) -> [u8; 16] {
        if let Self::Unknown(bytes) = self {
            return *bytes;
        }
        let (high, low) = KNOWN
            .iter()
            .find(|(key, ..)| key == self)
            .map_or((0, 0), |(_, high, low, _)| (*high, *low));
        (u128::from(high) << 64 | u128::from(low)).to_be_bytes()
    }

    /// The standard that defines the set, or `"unknown"`.
    #[must_use]
    pub fn standard(&self) -> &'static str {
        KNOWN
            .iter()
            .find(|(key, ..)| key == self)
            .map_or("unknown", |(.., name)| name)
    }
}

/// The first four bytes of every SMPTE universal label: object identifier, length 14, ISO/ORG SMPTE designator (ST 298).
pub const LABEL_PREFIX: [u8; 4] = [0x06, 0x0e, 0x2b, 0x34];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn keys_are_found_by_their_bytes() {
        for (key, _, _, standard) in KNOWN {
            assert_eq!(Key::from_bytes(key.bytes()), key);
            assert_eq!(key.standard(), standard);
            assert_eq!(key.bytes()[..4], LABEL_PREFIX);
        }
        let other = Key::from_bytes([7; 16]);
        assert_eq!(
            (other, other.bytes(), other.standard()),
            (Key::Unknown([7; 16]), [7; 16], "unknown")
        );
    }
}
