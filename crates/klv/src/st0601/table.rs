//! The items of ST 0601.19 (§8, tags 1 to 143): name, unit, mapping and reserved codes.
//!
//! - Items of editions up to 8 are mapped linearly. `linear(bytes, min, max)`: all codes, unsigned. `signed_error` and
//!   `signed_range(bytes, max)`: symmetric; the code `0x80…0` is the "error" or the "out of range" indicator (§8.6 and
//!   following).
//! - Later items with a length of the sender's choice are IMAPB of ST 1201: `imapb(min, max, most bytes, bytes when written)`.
//! - Item 48 keeps the name that this crate's readers know; item 2 has no unit suffix, since its name says the unit already
//!   (ST 0603: microseconds).

use crate::format::{Format, imapb, linear, signed_error, signed_range, uint};
use crate::pack::PackKind;
use crate::set::{Field, SetDef, Unit};
use crate::{st0102, st0806};

/// Item 34.
pub const ICING: &[&str] = &["Detector off", "No icing detected", "Icing detected"];

/// Item 47, least significant bit first. Bit 2 set: black is hot; bit 4 set: measured (else calculated).
pub const GENERIC_FLAGS: &[&str] = &[
    "laser_range_on",
    "auto_track_on",
    "ir_polarity_black_hot",
    "icing_detected",
    "slant_range_measured",
    "image_invalid",
];

/// Item 63.
pub const FIELDS_OF_VIEW: &[&str] = &[
    "Ultranarrow",
    "Narrow",
    "Medium",
    "Wide",
    "Ultrawide",
    "Narrow Medium",
    "2x Ultranarrow",
    "4x Ultranarrow",
    "Continuous Zoom",
];

/// Item 77.
pub const OPERATIONAL_MODES: &[&str] = &[
    "Other",
    "Operational",
    "Training",
    "Exercise",
    "Maintenance",
    "Test",
];

/// Item 124, least significant bit first.
pub const POSITIONING_METHODS: &[&str] = &[
    "ins", "gps", "galileo", "qzss", "navic", "glonass", "beidou_1", "beidou_2",
];

/// Item 125.
pub const PLATFORM_STATUSES: &[&str] = &[
    "Active",
    "Pre-flight",
    "Pre-flight-taxiing",
    "Run-up",
    "Take-off",
    "Ingress",
    "Manual operation",
    "Automated-orbit",
    "Transitioning",
    "Egress",
    "Landing",
    "Landed-taxiing",
    "Landed-Parked",
];

/// Item 126.
pub const CONTROL_MODES: &[&str] = &[
    "Off",
    "Home Position",
    "Uncontrolled",
    "Manual Control",
    "Calibrating",
    "Auto - Holding Position",
    "Auto - Tracking",
];

const fn f(tag: u32, name: &'static str, json: &'static str, unit: Unit, format: Format) -> Field {
    Field::new(tag, name, json, unit, format)
}

/// The UAS Datalink Local Set, edition 19.
#[rustfmt::skip]
pub static DEF: SetDef = SetDef {
    standard: "ST 0601",
    fields: &[
        f(1, "Checksum", "checksum", Unit::None, uint(2, 2)),
        f(2, "Precision Time Stamp", "precision_time_stamp", Unit::Microseconds, uint(8, 8)),
        f(3, "Mission ID", "mission_id", Unit::None, Format::Text),
        f(4, "Platform Tail Number", "platform_tail_number", Unit::None, Format::Text),
        f(5, "Platform Heading Angle", "platform_heading_angle_deg", Unit::Degrees, linear(2, 0.0, 360.0)),
        f(6, "Platform Pitch Angle", "platform_pitch_angle_deg", Unit::Degrees, signed_range(2, 20.0)),
        f(7, "Platform Roll Angle", "platform_roll_angle_deg", Unit::Degrees, signed_range(2, 50.0)),
        f(8, "Platform True Airspeed", "platform_true_airspeed_mps", Unit::MetersPerSecond, linear(1, 0.0, 255.0)),
        f(9, "Platform Indicated Airspeed", "platform_indicated_airspeed_mps", Unit::MetersPerSecond, linear(1, 0.0, 255.0)),
        f(10, "Platform Designation", "platform_designation", Unit::None, Format::Text),
        f(11, "Image Source Sensor", "image_source_sensor", Unit::None, Format::Text),
        f(12, "Image Coordinate System", "image_coordinate_system", Unit::None, Format::Text),
        f(13, "Sensor Latitude", "sensor_latitude_deg", Unit::Degrees, signed_error(4, 90.0)),
        f(14, "Sensor Longitude", "sensor_longitude_deg", Unit::Degrees, signed_error(4, 180.0)),
        f(15, "Sensor True Altitude", "sensor_true_altitude_m", Unit::Meters, linear(2, -900.0, 19_000.0)),
        f(16, "Sensor Horizontal Field of View", "sensor_horizontal_field_of_view_deg", Unit::Degrees, linear(2, 0.0, 180.0)),
        f(17, "Sensor Vertical Field of View", "sensor_vertical_field_of_view_deg", Unit::Degrees, linear(2, 0.0, 180.0)),
        f(18, "Sensor Relative Azimuth Angle", "sensor_relative_azimuth_angle_deg", Unit::Degrees, linear(4, 0.0, 360.0)),
        f(19, "Sensor Relative Elevation Angle", "sensor_relative_elevation_angle_deg", Unit::Degrees, signed_error(4, 180.0)),
        f(20, "Sensor Relative Roll Angle", "sensor_relative_roll_angle_deg", Unit::Degrees, linear(4, 0.0, 360.0)),
        f(21, "Slant Range", "slant_range_m", Unit::Meters, linear(4, 0.0, 5_000_000.0)),
        f(22, "Target Width", "target_width_m", Unit::Meters, linear(2, 0.0, 10_000.0)),
        f(23, "Frame Center Latitude", "frame_center_latitude_deg", Unit::Degrees, signed_error(4, 90.0)),
        f(24, "Frame Center Longitude", "frame_center_longitude_deg", Unit::Degrees, signed_error(4, 180.0)),
        f(25, "Frame Center Elevation", "frame_center_elevation_m", Unit::Meters, linear(2, -900.0, 19_000.0)),
        f(26, "Offset Corner Latitude Point 1", "offset_corner_latitude_point_1_deg", Unit::Degrees, signed_error(2, 0.075)),
        f(27, "Offset Corner Longitude Point 1", "offset_corner_longitude_point_1_deg", Unit::Degrees, signed_error(2, 0.075)),
        f(28, "Offset Corner Latitude Point 2", "offset_corner_latitude_point_2_deg", Unit::Degrees, signed_error(2, 0.075)),
        f(29, "Offset Corner Longitude Point 2", "offset_corner_longitude_point_2_deg", Unit::Degrees, signed_error(2, 0.075)),
        f(30, "Offset Corner Latitude Point 3", "offset_corner_latitude_point_3_deg", Unit::Degrees, signed_error(2, 0.075)),
        f(31, "Offset Corner Longitude Point 3", "offset_corner_longitude_point_3_deg", Unit::Degrees, signed_error(2, 0.075)),
        f(32, "Offset Corner Latitude Point 4", "offset_corner_latitude_point_4_deg", Unit::Degrees, signed_error(2, 0.075)),
        f(33, "Offset Corner Longitude Point 4", "offset_corner_longitude_point_4_deg", Unit::Degrees, signed_error(2, 0.075)),
        f(34, "Icing Detected", "icing_detected", Unit::None, Format::Enumerated(ICING)),
        f(35, "Wind Direction", "wind_direction_deg", Unit::Degrees, linear(2, 0.0, 360.0)),
        f(36, "Wind Speed", "wind_speed_mps", Unit::MetersPerSecond, linear(1, 0.0, 100.0)),
        f(37, "Static Pressure", "static_pressure_mbar", Unit::Millibars, linear(2, 0.0, 5000.0)),
        f(38, "Density Altitude", "density_altitude_m", Unit::Meters, linear(2, -900.0, 19_000.0)),
        f(39, "Outside Air Temperature", "outside_air_temperature_c", Unit::Celsius, Format::Signed { min: 1, max: 1 }),
        f(40, "Target Location Latitude", "target_location_latitude_deg", Unit::Degrees, signed_error(4, 90.0)),
        f(41, "Target Location Longitude", "target_location_longitude_deg", Unit::Degrees, signed_error(4, 180.0)),
        f(42, "Target Location Elevation", "target_location_elevation_m", Unit::Meters, linear(2, -900.0, 19_000.0)),
        f(43, "Target Track Gate Width", "target_track_gate_width_px", Unit::Pixels, linear(1, 0.0, 510.0)),
        f(44, "Target Track Gate Height", "target_track_gate_height_px", Unit::Pixels, linear(1, 0.0, 510.0)),
        f(45, "Target Error Estimate - CE90", "target_error_estimate_ce90_m", Unit::Meters, linear(2, 0.0, 4095.0)),
        f(46, "Target Error Estimate - LE90", "target_error_estimate_le90_m", Unit::Meters, linear(2, 0.0, 4095.0)),
        f(47, "Generic Flag Data", "generic_flag_data", Unit::None, Format::Flags(GENERIC_FLAGS)),
        f(48, "Security Local Metadata Set", "security_local_metadata_set", Unit::None, Format::Set(&st0102::DEF)),
        f(49, "Differential Pressure", "differential_pressure_mbar", Unit::Millibars, linear(2, 0.0, 5000.0)),
        f(50, "Platform Angle of Attack", "platform_angle_of_attack_deg", Unit::Degrees, signed_range(2, 20.0)),
        f(51, "Platform Vertical Speed", "platform_vertical_speed_mps", Unit::MetersPerSecond, signed_range(2, 180.0)),
        f(52, "Platform Sideslip Angle", "platform_sideslip_angle_deg", Unit::Degrees, signed_range(2, 20.0)),
        f(53, "Airfield Barometric Pressure", "airfield_barometric_pressure_mbar", Unit::Millibars, linear(2, 0.0, 5000.0)),
        f(54, "Airfield Elevation", "airfield_elevation_m", Unit::Meters, linear(2, -900.0, 19_000.0)),
        f(55, "Relative Humidity", "relative_humidity_percent", Unit::Percent, linear(1, 0.0, 100.0)),
        f(56, "Platform Ground Speed", "platform_ground_speed_mps", Unit::MetersPerSecond, linear(1, 0.0, 255.0)),
        f(57, "Ground Range", "ground_range_m", Unit::Meters, linear(4, 0.0, 5_000_000.0)),
        f(58, "Platform Fuel Remaining", "platform_fuel_remaining_kg", Unit::Kilograms, linear(2, 0.0, 10_000.0)),
        f(59, "Platform Call Sign", "platform_call_sign", Unit::None, Format::Text),
        f(60, "Weapon Load", "weapon_load", Unit::None, Format::Pack(PackKind::WeaponLoad)),
        f(61, "Weapon Fired", "weapon_fired", Unit::None, Format::Pack(PackKind::WeaponFired)),
        f(62, "Laser PRF Code", "laser_prf_code", Unit::None, uint(2, 2)),
        f(63, "Sensor Field of View Name", "sensor_field_of_view_name", Unit::None, Format::Enumerated(FIELDS_OF_VIEW)),
        f(64, "Platform Magnetic Heading", "platform_magnetic_heading_deg", Unit::Degrees, linear(2, 0.0, 360.0)),
        f(65, "UAS Datalink LS Version Number", "uas_datalink_ls_version_number", Unit::None, uint(1, 1)),
        f(66, "Deprecated (Target Location Covariance Matrix)", "target_location_covariance_matrix", Unit::None, Format::Raw("a deprecated item")),
        f(67, "Alternate Platform Latitude", "alternate_platform_latitude_deg", Unit::Degrees, signed_error(4, 90.0)),
        f(68, "Alternate Platform Longitude", "alternate_platform_longitude_deg", Unit::Degrees, signed_error(4, 180.0)),
        f(69, "Alternate Platform Altitude", "alternate_platform_altitude_m", Unit::Meters, linear(2, -900.0, 19_000.0)),
        f(70, "Alternate Platform Name", "alternate_platform_name", Unit::None, Format::Text),
        f(71, "Alternate Platform Heading", "alternate_platform_heading_deg", Unit::Degrees, linear(2, 0.0, 360.0)),
        f(72, "Event Start Time - UTC", "event_start_time_utc_us", Unit::Microseconds, uint(8, 8)),
        f(73, "RVT Local Set", "rvt_local_set", Unit::None, Format::Set(&st0806::DEF)),
        f(74, "VMTI Local Set", "vmti_local_set", Unit::None, Format::Vmti),
        f(75, "Sensor Ellipsoid Height", "sensor_ellipsoid_height_m", Unit::Meters, linear(2, -900.0, 19_000.0)),
        f(76, "Alternate Platform Ellipsoid Height", "alternate_platform_ellipsoid_height_m", Unit::Meters, linear(2, -900.0, 19_000.0)),
        f(77, "Operational Mode", "operational_mode", Unit::None, Format::Enumerated(OPERATIONAL_MODES)),
        f(78, "Frame Center Height Above Ellipsoid", "frame_center_height_above_ellipsoid_m", Unit::Meters, linear(2, -900.0, 19_000.0)),
        f(79, "Sensor North Velocity", "sensor_north_velocity_mps", Unit::MetersPerSecond, signed_range(2, 327.0)),
        f(80, "Sensor East Velocity", "sensor_east_velocity_mps", Unit::MetersPerSecond, signed_range(2, 327.0)),
        f(81, "Image Horizon Pixel Pack", "image_horizon_pixel_pack", Unit::None, Format::Pack(PackKind::ImageHorizon)),
        f(82, "Corner Latitude Point 1 (Full)", "corner_latitude_point_1_full_deg", Unit::Degrees, signed_error(4, 90.0)),
        f(83, "Corner Longitude Point 1 (Full)", "corner_longitude_point_1_full_deg", Unit::Degrees, signed_error(4, 180.0)),
        f(84, "Corner Latitude Point 2 (Full)", "corner_latitude_point_2_full_deg", Unit::Degrees, signed_error(4, 90.0)),
        f(85, "Corner Longitude Point 2 (Full)", "corner_longitude_point_2_full_deg", Unit::Degrees, signed_error(4, 180.0)),
        f(86, "Corner Latitude Point 3 (Full)", "corner_latitude_point_3_full_deg", Unit::Degrees, signed_error(4, 90.0)),
        f(87, "Corner Longitude Point 3 (Full)", "corner_longitude_point_3_full_deg", Unit::Degrees, signed_error(4, 180.0)),
        f(88, "Corner Latitude Point 4 (Full)", "corner_latitude_point_4_full_deg", Unit::Degrees, signed_error(4, 90.0)),
        f(89, "Corner Longitude Point 4 (Full)", "corner_longitude_point_4_full_deg", Unit::Degrees, signed_error(4, 180.0)),
        f(90, "Platform Pitch Angle (Full)", "platform_pitch_angle_full_deg", Unit::Degrees, signed_range(4, 90.0)),
        f(91, "Platform Roll Angle (Full)", "platform_roll_angle_full_deg", Unit::Degrees, signed_error(4, 90.0)),
        f(92, "Platform Angle of Attack (Full)", "platform_angle_of_attack_full_deg", Unit::Degrees, signed_range(4, 90.0)),
        f(93, "Platform Sideslip Angle (Full)", "platform_sideslip_angle_full_deg", Unit::Degrees, signed_range(4, 180.0)),
        f(94, "MIIS Core Identifier", "miis_core_identifier", Unit::None, Format::Pack(PackKind::CoreId)),
        f(95, "SAR Motion Imagery Local Set", "sar_motion_imagery_local_set", Unit::None, Format::Raw("a set of ST 1206")),
        f(96, "Target Width Extended", "target_width_extended_m", Unit::Meters, imapb(0.0, 1_500_000.0, 8, 3)),
        f(97, "Range Image Local Set", "range_image_local_set", Unit::None, Format::Raw("a set of ST 1002")),
        f(98, "Geo-Registration Local Set", "geo_registration_local_set", Unit::None, Format::Raw("a set of ST 1601")),
        f(99, "Composite Imaging Local Set", "composite_imaging_local_set", Unit::None, Format::Raw("a set of ST 1602")),
        f(100, "Segment Local Set", "segment_local_set", Unit::None, Format::Set(&DEF)).repeated(),
        f(101, "Amend Local Set", "amend_local_set", Unit::None, Format::Set(&DEF)).repeated(),
        f(102, "SDCC-FLP", "sdcc_flp", Unit::None, Format::Pack(PackKind::Sdcc)).repeated(),
        f(103, "Density Altitude Extended", "density_altitude_extended_m", Unit::Meters, imapb(-900.0, 40_000.0, 8, 3)),
        f(104, "Sensor Ellipsoid Height Extended", "sensor_ellipsoid_height_extended_m", Unit::Meters, imapb(-900.0, 40_000.0, 8, 3)),
        f(105, "Alternate Platform Ellipsoid Height Extended", "alternate_platform_ellipsoid_height_extended_m", Unit::Meters, imapb(-900.0, 40_000.0, 8, 3)),
        f(106, "Stream Designator", "stream_designator", Unit::None, Format::Text),
        f(107, "Operational Base", "operational_base", Unit::None, Format::Text),
        f(108, "Broadcast Source", "broadcast_source", Unit::None, Format::Text),
        f(109, "Range To Recovery Location", "range_to_recovery_location_km", Unit::Kilometers, imapb(0.0, 21_000.0, 4, 3)),
        f(110, "Time Airborne", "time_airborne_s", Unit::Seconds, uint(1, 4)),
        f(111, "Propulsion Unit Speed", "propulsion_unit_speed_rpm", Unit::RevolutionsPerMinute, uint(1, 4)),
        f(112, "Platform Course Angle", "platform_course_angle_deg", Unit::Degrees, imapb(0.0, 360.0, 8, 2)),
        f(113, "Altitude AGL", "altitude_agl_m", Unit::Meters, imapb(-900.0, 40_000.0, 4, 3)),
        f(114, "Radar Altimeter", "radar_altimeter_m", Unit::Meters, imapb(-900.0, 40_000.0, 4, 3)),
        f(115, "Control Command", "control_command", Unit::None, Format::Pack(PackKind::ControlCommand)).repeated(),
        f(116, "Control Command Verification List", "control_command_verification_list", Unit::None, Format::Pack(PackKind::Oids)),
        f(117, "Sensor Azimuth Rate", "sensor_azimuth_rate_dps", Unit::DegreesPerSecond, imapb(-1000.0, 1000.0, 4, 3)),
        f(118, "Sensor Elevation Rate", "sensor_elevation_rate_dps", Unit::DegreesPerSecond, imapb(-1000.0, 1000.0, 4, 3)),
        f(119, "Sensor Roll Rate", "sensor_roll_rate_dps", Unit::DegreesPerSecond, imapb(-1000.0, 1000.0, 4, 3)),
        f(120, "On-board MI Storage Percent Full", "on_board_mi_storage_percent_full", Unit::Percent, imapb(0.0, 100.0, 3, 2)),
        f(121, "Active Wavelength List", "active_wavelength_list", Unit::None, Format::Pack(PackKind::Oids)),
        f(122, "Country Codes", "country_codes", Unit::None, Format::Pack(PackKind::CountryCodes)),
        f(123, "Number of NAVSATs in View", "number_of_navsats_in_view", Unit::None, uint(1, 1)),
        f(124, "Positioning Method Source", "positioning_method_source", Unit::None, Format::Flags(POSITIONING_METHODS)),
        f(125, "Platform Status", "platform_status", Unit::None, Format::Enumerated(PLATFORM_STATUSES)),
        f(126, "Sensor Control Mode", "sensor_control_mode", Unit::None, Format::Enumerated(CONTROL_MODES)),
        f(127, "Sensor Frame Rate Pack", "sensor_frame_rate_pack", Unit::None, Format::Pack(PackKind::FrameRate)),
        f(128, "Wavelengths List", "wavelengths_list", Unit::None, Format::Pack(PackKind::Wavelengths)),
        f(129, "Target ID", "target_id", Unit::None, Format::Text),
        f(130, "Airbase Locations", "airbase_locations", Unit::None, Format::Pack(PackKind::Airbases)),
        f(131, "Take-off Time", "take_off_time_us", Unit::Microseconds, uint(1, 8)),
        f(132, "Transmission Frequency", "transmission_frequency_mhz", Unit::Megahertz, imapb(1.0, 99_999.0, 4, 3)),
        f(133, "On-board MI Storage Capacity", "on_board_mi_storage_capacity_gb", Unit::Gigabytes, uint(1, 4)),
        f(134, "Zoom Percentage", "zoom_percentage", Unit::Percent, imapb(0.0, 100.0, 4, 2)),
        f(135, "Communications Method", "communications_method", Unit::None, Format::Text),
        f(136, "Leap Seconds", "leap_seconds", Unit::Seconds, Format::Signed { min: 1, max: 4 }),
        f(137, "Correction Offset", "correction_offset_us", Unit::Microseconds, Format::Signed { min: 1, max: 8 }),
        f(138, "Payload List", "payload_list", Unit::None, Format::Pack(PackKind::Payloads)),
        f(139, "Active Payloads", "active_payloads", Unit::None, Format::Pack(PackKind::ActivePayloads)),
        f(140, "Weapons Stores", "weapons_stores", Unit::None, Format::Pack(PackKind::WeaponStores)),
        f(141, "Waypoint List", "waypoint_list", Unit::None, Format::Pack(PackKind::Waypoints)),
        f(142, "View Domain", "view_domain", Unit::None, Format::Pack(PackKind::ViewDomain)),
        f(143, "Metadata Substream ID Pack", "metadata_substream_id_pack", Unit::None, Format::Pack(PackKind::SubstreamId)),
    ],
};
