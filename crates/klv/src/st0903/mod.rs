//! ST 0903: video moving target indicators (nested in ST 0601 item 74, or standing alone).
//!
//! Names, tags and forms: ST 0903.5 tables 1 to 12. Up to edition 3 angles, offsets and locations were mapped linearly; from
//! edition 4 on they are IMAPB. Which of the two a set follows is told by its item 4: see [`Edition`].

pub mod packs;

use crate::format::{Format, imapb, linear, uint};
use crate::pack::PackKind;
use crate::set::{Field, LocalSet, SetDef, Unit};
use packs::VTarget;

/// The first edition whose mappings are IMAPB.
const FIRST_IMAPB_VERSION: u64 = 4;
const VERSION_TAG: u32 = 4;
const VTARGETS_TAG: u32 = 101;

/// How the mappings of a VMTI set are known.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Edition {
    /// By the set's own item 4, or by the caller who saw it in an earlier packet of the stream.
    Stated(u64),
    /// Edition 3 or earlier, because an offset is shorter than the three bytes that later editions prescribe.
    Inferred,
    /// Nothing tells: edition 4 or later is assumed, and every mapped number of the set is in doubt.
    Assumed,
}

impl Edition {
    /// What a set says of its edition. Up to edition 3 senders may leave item 4 out of most packets (constant items need
    /// only be sent now and then), so a reader of a stream does better to keep the last version seen and hand it to
    /// [`Vmti::with_version`].
    #[must_use]
    pub fn of(raw: &[u8]) -> Self {
        let set = LocalSet::new(&DEF, raw);
        match set.unsigned(VERSION_TAG) {
            Some(version) => Self::Stated(version),
            None if has_shortened_offset(set) => Self::Inferred,
            None => Self::Assumed,
        }
    }

    fn def(self) -> &'static SetDef {
        match self {
            Self::Stated(version) if version < FIRST_IMAPB_VERSION => &DEF_LEGACY,
            Self::Inferred => &DEF_LEGACY,
            Self::Stated(_) | Self::Assumed => &DEF,
        }
    }
}

fn has_shortened_offset(set: LocalSet<'_>) -> bool {
    let Some(item) = set.find(VTARGETS_TAG) else {
        return false;
    };
    let targets = packs::targets(crate::pack::Series::new(item.raw), false);
    let mut items = targets
        .filter_map(Result::ok)
        .flat_map(|target| target.items.items());
    items.any(|item| {
        item.is_ok_and(|i| matches!(i.tag, 10 | 11 | 13..=16) && matches!(i.raw.len(), 1 | 2))
    })
}

/// The definition by which a VMTI set is to be read: see [`Edition`].
#[must_use]
pub fn def_for(raw: &[u8]) -> &'static SetDef {
    Edition::of(raw).def()
}

/// A VMTI local set.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Vmti<'a> {
    set: LocalSet<'a>,
    edition: Edition,
}

impl<'a> Vmti<'a> {
    /// Reads the items of a VMTI set: the value of ST 0601 item 74, or of a packet with the VMTI key.
    #[must_use]
    pub fn new(raw: &'a [u8]) -> Self {
        Self::with_version(raw, None)
    }

    /// The same, with the version that an earlier packet of the stream stated; the set's own goes before it.
    #[must_use]
    pub fn with_version(raw: &'a [u8], earlier: Option<u64>) -> Self {
        let edition = match (Edition::of(raw), earlier) {
            (Edition::Inferred | Edition::Assumed, Some(version)) => Edition::Stated(version),
            (edition, _) => edition,
        };
        Self {
            set: LocalSet::new(edition.def(), raw),
            edition,
        }
    }

    /// How the mappings are known: heed [`Edition::Assumed`].
    #[must_use]
    pub fn edition(&self) -> Edition {
        self.edition
    }

    /// All items.
    #[must_use]
    pub fn set(&self) -> LocalSet<'a> {
        self.set
    }

    /// Item 2: microseconds since 1970 (MISP time).
    #[must_use]
    pub fn precision_time_stamp_us(&self) -> Option<u64> {
        self.set.unsigned(2)
    }

    /// Item 5: targets that the system detected in the frame.
    #[must_use]
    pub fn targets_detected(&self) -> Option<u64> {
        self.set.unsigned(5)
    }

    /// Items 8 and 9: width and height of the frame in pixels.
    #[must_use]
    pub fn frame_size_px(&self) -> Option<(u64, u64)> {
        Some((self.set.unsigned(8)?, self.set.unsigned(9)?))
    }

    /// Item 101: the targets. A target that is not of its form is one error, and the next follows.
    pub fn targets(&self) -> impl Iterator<Item = Result<VTarget<'a>, crate::Error>> + use<'a> {
        let (base, series) = match self.set.find(VTARGETS_TAG) {
            Some(item) => (item.offset, crate::pack::Series::new(item.raw)),
            None => (0, crate::pack::Series::new(&[])),
        };
        let legacy = std::ptr::eq(self.set.def(), &DEF_LEGACY);
        packs::targets(series, legacy)
            .map(move |r| r.map_err(|e| e.shifted(base).of_item("ST 0903", VTARGETS_TAG)))
    }
}

const fn f(tag: u32, name: &'static str, json: &'static str, unit: Unit, format: Format) -> Field {
    Field::new(tag, name, json, unit, format)
}

/// ±19.2° in three bytes, of which encoders of edition 3 leave out leading ones that only repeat the sign (so does a
/// "TASS" system recorded in 2012).
const SHORTENED_OFFSET: Format = Format::ShortenedSigned {
    bytes: 3,
    max: 19.2,
    step: 19.2 / 8_388_607.0,
};

#[rustfmt::skip]
const fn top_fields(legacy: bool) -> [Field; 16] {
    let angle = if legacy {
        linear(2, 0.0, 180.0)
    } else {
        imapb(0.0, 180.0, 8, 2)
    };
    [
        f(1, "Checksum", "checksum", Unit::None, uint(2, 2)),
        f(2, "Precision Time Stamp", "precision_time_stamp", Unit::Microseconds, uint(1, 8)),
        f(3, "VMTI System Name", "vmti_system_name", Unit::None, Format::Text),
        f(4, "VMTI LS Version Number", "vmti_ls_version_number", Unit::None, uint(1, 2)),
        f(5, "Total Number of Targets Detected", "total_number_of_targets_detected", Unit::None, uint(1, 3)),
        f(6, "Number of Reported Targets", "number_of_reported_targets", Unit::None, uint(1, 3)),
        f(7, "Frame Number", "frame_number", Unit::None, uint(1, 3)),
        f(8, "Frame Width", "frame_width_px", Unit::Pixels, uint(1, 3)),
        f(9, "Frame Height", "frame_height_px", Unit::Pixels, uint(1, 3)),
        f(10, "VMTI Source Sensor", "vmti_source_sensor", Unit::None, Format::Text),
        f(11, "VMTI Horizontal FOV", "vmti_horizontal_fov_deg", Unit::Degrees, angle),
        f(12, "VMTI Vertical FOV", "vmti_vertical_fov_deg", Unit::Degrees, angle),
        f(13, "MIIS ID", "miis_id", Unit::None, Format::Pack(PackKind::CoreId)),
        f(101, "VTarget Series", "vtarget_series", Unit::None, Format::Pack(PackKind::VTargets { legacy })),
        f(102, "Algorithm Series", "algorithm_series", Unit::None, Format::Pack(PackKind::Algorithms)),
        f(103, "Ontology Series", "ontology_series", Unit::None, Format::Pack(PackKind::Ontologies)),
    ]
}

static FIELDS: [Field; 16] = top_fields(false);
static FIELDS_LEGACY: [Field; 16] = top_fields(true);

/// The VMTI local set from edition 4 on.
pub static DEF: SetDef = SetDef {
    standard: "ST 0903",
    fields: &FIELDS,
};

/// The VMTI local set up to edition 3.
pub static DEF_LEGACY: SetDef = SetDef {
    standard: "ST 0903 (edition 3)",
    fields: &FIELDS_LEGACY,
};

#[rustfmt::skip]
const fn target_fields(legacy: bool) -> [Field; 30] {
    let offset = if legacy {
        SHORTENED_OFFSET
    } else {
        imapb(-19.2, 19.2, 8, 3)
    };
    let height = if legacy {
        linear(2, -900.0, 19_000.0)
    } else {
        imapb(-900.0, 19_000.0, 8, 2)
    };
    let pixel = uint(1, 6);
    let track_set = if legacy { &VTRACKER_LEGACY } else { &VTRACKER };
    let d = Unit::Degrees;
    let n = Unit::None;
    [
        f(1, "Target Centroid", "target_centroid_pixel", n, pixel),
        f(2, "Bounding Box Top Left Pixel Number", "bounding_box_top_left_pixel", n, pixel),
        f(3, "Bounding Box Bottom Right Pixel Number", "bounding_box_bottom_right_pixel", n, pixel),
        f(4, "Target Priority", "target_priority", n, uint(1, 1)),
        f(5, "Target Confidence Level", "target_confidence_level_percent", Unit::Percent, uint(1, 1)),
        f(6, "Target History", "target_history", n, uint(1, 2)),
        f(7, "Percentage of Target Pixels", "percentage_of_target_pixels", Unit::Percent, uint(1, 1)),
        f(8, "Target Color", "target_color", n, Format::Bytes { min: 3, max: 3 }),
        f(9, "Target Intensity", "target_intensity", n, uint(1, 3)),
        f(10, "Target Location Offset Latitude", "target_location_offset_latitude_deg", d, offset),
        f(11, "Target Location Offset Longitude", "target_location_offset_longitude_deg", d, offset),
        f(12, "Target HAE", "target_hae_m", Unit::Meters, height),
        f(13, "Bounding Box Top Left Latitude Offset", "bounding_box_top_left_latitude_offset_deg", d, offset),
        f(14, "Bounding Box Top Left Longitude Offset", "bounding_box_top_left_longitude_offset_deg", d, offset),
        f(15, "Bounding Box Bottom Right Latitude Offset", "bounding_box_bottom_right_latitude_offset_deg", d, offset),
        f(16, "Bounding Box Bottom Right Longitude Offset", "bounding_box_bottom_right_longitude_offset_deg", d, offset),
        f(17, "Target Location", "target_location", n, Format::Pack(PackKind::Location { legacy })),
        f(18, "Geospatial Contour Series", "geospatial_contour_series", n, Format::Pack(PackKind::Locations { legacy })),
        f(19, "Centroid Pixel Row", "centroid_pixel_row_px", Unit::Pixels, uint(1, 4)),
        f(20, "Centroid Pixel Column", "centroid_pixel_column_px", Unit::Pixels, uint(1, 4)),
        f(21, "FPA Index", "fpa_index", n, Format::Pack(PackKind::FpaIndex)),
        f(22, "Algorithm ID", "algorithm_id", n, uint(1, 3)),
        f(23, "Detection Status", "detection_status", n, Format::Pack(PackKind::DetectionStatus)),
        f(101, "VMask LS", "vmask_ls", n, Format::Set(&VMASK)),
        f(102, "VObject LS", "vobject_ls", n, Format::Set(&VOBJECT)),
        f(103, "VFeature LS", "vfeature_ls", n, Format::Set(&VFEATURE)),
        f(104, "VTracker LS", "vtracker_ls", n, Format::Set(track_set)),
        f(105, "VChip LS", "vchip_ls", n, Format::Set(&VCHIP)),
        f(106, "VChip Series", "vchip_series", n, Format::Pack(PackKind::Chips)),
        f(107, "VObject Series", "vobject_series", n, Format::Pack(PackKind::Objects)),
    ]
}

static TARGET_FIELDS: [Field; 30] = target_fields(false);
static TARGET_FIELDS_LEGACY: [Field; 30] = target_fields(true);

/// Items of a `VTarget` pack from edition 4 on.
pub static VTARGET: SetDef = SetDef {
    standard: "ST 0903 VTarget",
    fields: &TARGET_FIELDS,
};

/// Items of a `VTarget` pack up to edition 3.
pub static VTARGET_LEGACY: SetDef = SetDef {
    standard: "ST 0903 VTarget (edition 3)",
    fields: &TARGET_FIELDS_LEGACY,
};

#[rustfmt::skip]
const fn tracker_fields(legacy: bool) -> [Field; 12] {
    let n = Unit::None;
    let us = Unit::Microseconds;
    [
        f(1, "Track ID", "track_id", n, Format::Pack(PackKind::Uuid)),
        f(2, "Detection Status", "detection_status", n, Format::Pack(PackKind::DetectionStatus)),
        f(3, "Start Time", "start_time_us", us, uint(8, 8)),
        f(4, "End Time", "end_time_us", us, uint(8, 8)),
        f(5, "Boundary Series", "boundary_series", n, Format::Pack(PackKind::Locations { legacy })),
        f(6, "Algorithm", "algorithm", n, Format::Text),
        f(7, "Confidence", "confidence_percent", Unit::Percent, uint(1, 1)),
        f(8, "Number of Track Points", "number_of_track_points", n, uint(1, 2)),
        f(9, "Track History Series", "track_history_series", n, Format::Pack(PackKind::Locations { legacy })),
        f(10, "Velocity", "velocity", n, Format::Pack(PackKind::Motion { legacy })),
        f(11, "Acceleration", "acceleration", n, Format::Pack(PackKind::Motion { legacy })),
        f(12, "Algorithm ID", "algorithm_id", n, uint(1, 3)),
    ]
}

static TRACKER_FIELDS: [Field; 12] = tracker_fields(false);
static TRACKER_FIELDS_LEGACY: [Field; 12] = tracker_fields(true);

/// `VTracker` local set from edition 4 on.
pub static VTRACKER: SetDef = SetDef {
    standard: "ST 0903 VTracker",
    fields: &TRACKER_FIELDS,
};

/// `VTracker` local set up to edition 3.
pub static VTRACKER_LEGACY: SetDef = SetDef {
    standard: "ST 0903 VTracker (edition 3)",
    fields: &TRACKER_FIELDS_LEGACY,
};

/// `VMask` local set.
#[rustfmt::skip]
pub static VMASK: SetDef = SetDef {
    standard: "ST 0903 VMask",
    fields: &[
        f(1, "Pixel Contour", "pixel_contour", Unit::None, Format::Pack(PackKind::PixelContour)),
        f(2, "Bit Mask Series", "bit_mask_series", Unit::None, Format::Pack(PackKind::PixelRuns)),
    ],
};

/// `VObject` local set.
#[rustfmt::skip]
pub static VOBJECT: SetDef = SetDef {
    standard: "ST 0903 VObject",
    fields: &[
        f(1, "Ontology", "ontology", Unit::None, Format::Text),
        f(2, "Ontology Class", "ontology_class", Unit::None, Format::Text),
        f(3, "Ontology ID", "ontology_id", Unit::None, uint(1, 3)),
        f(4, "Confidence", "confidence_percent", Unit::Percent, imapb(0.0, 100.0, 3, 2)),
    ],
};

/// `VFeature` local set.
#[rustfmt::skip]
pub static VFEATURE: SetDef = SetDef {
    standard: "ST 0903 VFeature",
    fields: &[
        f(1, "Schema", "schema", Unit::None, Format::Text),
        f(2, "Schema Feature", "schema_feature", Unit::None, Format::Text),
        f(3, "Ontology ID", "ontology_id", Unit::None, uint(1, 3)),
        f(4, "Confidence", "confidence_percent", Unit::Percent, imapb(0.0, 100.0, 3, 2)),
    ],
};

/// `VChip` local set.
#[rustfmt::skip]
pub static VCHIP: SetDef = SetDef {
    standard: "ST 0903 VChip",
    fields: &[
        f(1, "Image Type", "image_type", Unit::None, Format::Text),
        f(2, "Image URI", "image_uri", Unit::None, Format::Text),
        f(3, "Embedded Image", "embedded_image", Unit::None, Format::Raw("an image")),
    ],
};

/// Algorithm local set, a record of item 102.
#[rustfmt::skip]
pub static ALGORITHM: SetDef = SetDef {
    standard: "ST 0903 Algorithm",
    fields: &[
        f(1, "ID", "id", Unit::None, uint(1, 3)),
        f(2, "Name", "name", Unit::None, Format::Text),
        f(3, "Version", "version", Unit::None, Format::Text),
        f(4, "Class", "class", Unit::None, Format::Text),
        f(5, "Number of Frames", "number_of_frames", Unit::None, uint(1, 3)),
    ],
};

/// Ontology local set, a record of item 103.
#[rustfmt::skip]
pub static ONTOLOGY: SetDef = SetDef {
    standard: "ST 0903 Ontology",
    fields: &[
        f(1, "ID", "id", Unit::None, uint(1, 3)),
        f(2, "Parent ID", "parent_id", Unit::None, uint(1, 3)),
        f(3, "Ontology IRI", "ontology_iri", Unit::None, Format::Text),
        f(4, "Entity IRI", "entity_iri", Unit::None, Format::Text),
        f(5, "Version", "version", Unit::None, Format::Text),
        f(6, "Label", "label", Unit::None, Format::Text),
    ],
};
