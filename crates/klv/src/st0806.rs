//! ST 0806: Remote Video Terminal local set (nested in ST 0601 item 73, or standing alone), with its points and areas of
//! interest and user-defined data.
//!
//! Names, tags and forms: ST 0806.4 tables 1 to 4. Standing alone the set ends with a CRC-32 ([`crate::checksum::crc_32_mpeg2`]).

use crate::format::{Format, linear, signed_error, uint};
use crate::set::{Field, SetDef, Unit};

/// Type of a point or area of interest.
pub const INTEREST_TYPES: &[&str] = &["", "Friendly", "Hostile", "Target", "Unknown"];

const fn f(tag: u32, name: &'static str, json: &'static str, unit: Unit, format: Format) -> Field {
    Field::new(tag, name, json, unit, format)
}

/// Point of interest (ST 0806.4 table 3).
#[rustfmt::skip]
pub static POINT_OF_INTEREST: SetDef = SetDef {
    standard: "ST 0806 POI",
    fields: &[
        f(1, "POI Number", "poi_number", Unit::None, uint(2, 2)),
        f(2, "POI Latitude", "poi_latitude_deg", Unit::Degrees, signed_error(4, 90.0)),
        f(3, "POI Longitude", "poi_longitude_deg", Unit::Degrees, signed_error(4, 180.0)),
        f(4, "POI Altitude", "poi_altitude_m", Unit::Meters, linear(2, -900.0, 19_000.0)),
        f(5, "POI Type", "poi_type", Unit::None, Format::Enumerated(INTEREST_TYPES)),
        f(6, "POI Text", "poi_text", Unit::None, Format::Text),
        f(7, "POI Source Icon", "poi_source_icon", Unit::None, Format::Text),
        f(8, "POI Source ID", "poi_source_id", Unit::None, Format::Text),
        f(9, "POI Label", "poi_label", Unit::None, Format::Text),
        f(10, "Operation ID", "operation_id", Unit::None, Format::Text),
    ],
};

/// Area of interest (ST 0806.4 table 4): opposite corners 1 (upper left) and 3 (lower right).
#[rustfmt::skip]
pub static AREA_OF_INTEREST: SetDef = SetDef {
    standard: "ST 0806 AOI",
    fields: &[
        f(1, "AOI Number", "aoi_number", Unit::None, uint(2, 2)),
        f(2, "Corner Latitude Point 1", "corner_latitude_point_1_deg", Unit::Degrees, signed_error(4, 90.0)),
        f(3, "Corner Longitude Point 1", "corner_longitude_point_1_deg", Unit::Degrees, signed_error(4, 180.0)),
        f(4, "Corner Latitude Point 3", "corner_latitude_point_3_deg", Unit::Degrees, signed_error(4, 90.0)),
        f(5, "Corner Longitude Point 3", "corner_longitude_point_3_deg", Unit::Degrees, signed_error(4, 180.0)),
        f(6, "AOI Type", "aoi_type", Unit::None, Format::Enumerated(INTEREST_TYPES)),
        f(7, "AOI Text", "aoi_text", Unit::None, Format::Text),
        f(8, "AOI Source ID", "aoi_source_id", Unit::None, Format::Text),
        f(9, "AOI Label", "aoi_label", Unit::None, Format::Text),
        f(10, "Operation ID", "operation_id", Unit::None, Format::Text),
    ],
};

/// User-defined data (ST 0806.4 table 2): the top two bits of item 1 give the type of item 2.
#[rustfmt::skip]
pub static USER_DEFINED: SetDef = SetDef {
    standard: "ST 0806 user defined",
    fields: &[
        f(1, "Numeric ID for Data Type", "numeric_id_for_data_type", Unit::None, uint(1, 1)),
        f(2, "User Data", "user_data", Unit::None, Format::Raw("user data")),
    ],
};

/// The local set of ST 0806.4.
#[rustfmt::skip]
pub static DEF: SetDef = SetDef {
    standard: "ST 0806",
    fields: &[
        f(1, "CRC-32", "crc_32", Unit::None, uint(4, 4)),
        f(2, "User Defined Time Stamp", "user_defined_time_stamp_us", Unit::Microseconds, uint(8, 8)),
        f(3, "Platform True Airspeed", "platform_true_airspeed_mps", Unit::MetersPerSecond, uint(2, 2)),
        f(4, "Platform Indicated Airspeed", "platform_indicated_airspeed_mps", Unit::MetersPerSecond, uint(2, 2)),
        f(5, "Telemetry Accuracy Indicator", "telemetry_accuracy_indicator", Unit::None, Format::Raw("an indicator yet to be defined by ST 0806")),
        f(6, "Frag Circle Radius", "frag_circle_radius_m", Unit::Meters, uint(2, 2)),
        f(7, "Frame Code", "frame_code", Unit::None, uint(4, 4)),
        f(8, "UAS RVT LS Version Number", "uas_rvt_ls_version_number", Unit::None, uint(1, 1)),
        f(9, "Video Data Rate", "video_data_rate_bps", Unit::BitsPerSecond, uint(4, 4)),
        f(10, "Digital Video File Format", "digital_video_file_format", Unit::None, Format::Text),
        f(11, "User Defined Local Set", "user_defined_local_set", Unit::None, Format::Set(&USER_DEFINED)).repeated(),
        f(12, "Point of Interest Local Set", "point_of_interest_local_set", Unit::None, Format::Set(&POINT_OF_INTEREST)).repeated(),
        f(13, "Area of Interest Local Set", "area_of_interest_local_set", Unit::None, Format::Set(&AREA_OF_INTEREST)).repeated(),
        f(14, "Aircraft MGRS Zone", "aircraft_mgrs_zone", Unit::None, uint(1, 1)),
        f(15, "Aircraft MGRS Latitude Band and Grid Square", "aircraft_mgrs_latitude_band_and_grid_square", Unit::None, Format::Text),
        f(16, "Aircraft MGRS Easting", "aircraft_mgrs_easting_m", Unit::Meters, uint(3, 3)),
        f(17, "Aircraft MGRS Northing", "aircraft_mgrs_northing_m", Unit::Meters, uint(3, 3)),
        f(18, "Frame Center MGRS Zone", "frame_center_mgrs_zone", Unit::None, uint(1, 1)),
        f(19, "Frame Center MGRS Latitude Band and Grid Square", "frame_center_mgrs_latitude_band_and_grid_square", Unit::None, Format::Text),
        f(20, "Frame Center MGRS Easting", "frame_center_mgrs_easting_m", Unit::Meters, uint(3, 3)),
        f(21, "Frame Center MGRS Northing", "frame_center_mgrs_northing_m", Unit::Meters, uint(3, 3)),
    ],
};
