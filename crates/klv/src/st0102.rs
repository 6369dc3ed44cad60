//! ST 0102: security metadata, as a local set (nested in ST 0601 item 48, or standing alone).
//!
//! Names, tags and forms: ST 0102.12 table 2 (local set) and §6.

use crate::format::{Format, uint};
use crate::set::{Field, SetDef, Unit};

/// Security classification (item 1): ST 0102.12 §6.1.1, codes of the local set.
pub const CLASSIFICATIONS: &[&str] = &[
    "",
    "UNCLASSIFIED",
    "RESTRICTED",
    "CONFIDENTIAL",
    "SECRET",
    "TOP SECRET",
];

/// Classifying country and releasing instructions coding method (item 2): ST 0102.12 §6.1.2.
pub const COUNTRY_CODING_METHODS: &[(u64, &str)] = &[
    (0x01, "ISO-3166 Two Letter"),
    (0x02, "ISO-3166 Three Letter"),
    (0x03, "FIPS 10-4 Two Letter"),
    (0x04, "FIPS 10-4 Four Letter"),
    (0x05, "ISO-3166 Numeric"),
    (0x06, "1059 Two Letter"),
    (0x07, "1059 Three Letter"),
    (0x08, "Omitted Value"),
    (0x09, "Omitted Value"),
    (0x0a, "FIPS 10-4 Mixed"),
    (0x0b, "ISO 3166 Mixed"),
    (0x0c, "STANAG 1059 Mixed"),
    (0x0d, "GENC Two Letter"),
    (0x0e, "GENC Three Letter"),
    (0x0f, "GENC Numeric"),
    (0x10, "GENC Mixed"),
];

/// Object country coding method (item 12): ST 0102.12 §6.1.11. Differs from item 2 from code 3 on.
pub const OBJECT_COUNTRY_CODING_METHODS: &[(u64, &str)] = &[
    (0x01, "ISO-3166 Two Letter"),
    (0x02, "ISO-3166 Three Letter"),
    (0x03, "ISO-3166 Numeric"),
    (0x04, "FIPS 10-4 Two Letter"),
    (0x05, "FIPS 10-4 Four Letter"),
    (0x06, "1059 Two Letter"),
    (0x07, "1059 Three Letter"),
    (0x08, "Omitted Value"),
    (0x09, "Omitted Value"),
    (0x0a, "Omitted Value"),
    (0x0b, "Omitted Value"),
    (0x0c, "Omitted Value"),
    (0x0d, "GENC Two Letter"),
    (0x0e, "GENC Three Letter"),
    (0x0f, "GENC Numeric"),
    (0x40, "GENC AdminSub"),
];

const UMID: Format = Format::Bytes { min: 1, max: 64 };

const fn text(tag: u32, name: &'static str, json: &'static str) -> Field {
    Field::new(tag, name, json, Unit::None, Format::Text)
}

const fn other(tag: u32, name: &'static str, json: &'static str, format: Format) -> Field {
    Field::new(tag, name, json, Unit::None, format)
}

/// The local set of ST 0102.12.
#[rustfmt::skip]
pub static DEF: SetDef = SetDef {
    standard: "ST 0102",
    fields: &[
        other(1, "Security Classification", "security_classification", Format::Enumerated(CLASSIFICATIONS)),
        other(2, "Classifying Country and Releasing Instructions Country Coding Method", "classifying_country_coding_method", Format::Codes(COUNTRY_CODING_METHODS)),
        text(3, "Classifying Country", "classifying_country"),
        text(4, "Security-SCI/SHI Information", "security_sci_shi_information"),
        text(5, "Caveats", "caveats"),
        text(6, "Releasing Instructions", "releasing_instructions"),
        text(7, "Classified By", "classified_by"),
        text(8, "Derived From", "derived_from"),
        text(9, "Classification Reason", "classification_reason"),
        text(10, "Declassification Date", "declassification_date"),
        text(11, "Classification and Marking System", "classification_and_marking_system"),
        other(12, "Object Country Coding Method", "object_country_coding_method", Format::Codes(OBJECT_COUNTRY_CODING_METHODS)),
        other(13, "Object Country Codes", "object_country_codes", Format::TextUtf16),
        text(14, "Classification Comments", "classification_comments"),
        other(15, "UMID Video", "umid_video", UMID),
        other(16, "UMID Audio", "umid_audio", UMID),
        other(17, "UMID Data", "umid_data", UMID),
        other(18, "UMID System", "umid_system", UMID),
        other(19, "Stream ID", "stream_id", uint(1, 1)),
        other(20, "Transport Stream ID", "transport_stream_id", uint(2, 2)),
        other(21, "Item Designator ID", "item_designator_id", Format::Bytes { min: 16, max: 16 }),
        other(22, "Version", "version", uint(1, 2)),
        text(23, "Classifying Country and Releasing Instructions Country Coding Method Version Date", "classifying_country_coding_method_version_date"),
        text(24, "Object Country Coding Method Version Date", "object_country_coding_method_version_date"),
    ],
};
