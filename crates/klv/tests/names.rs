//! The tables themselves: complete, ordered, and named by one rule.

use truceline_klv::set::{SetDef, Unit};
use truceline_klv::{st0102, st0601, st0806, st0903};

/// English name to snake case, with the unit.
fn snake(name: &str, unit: Unit) -> String {
    let words: Vec<String> = name
        .split(|c: char| !c.is_ascii_alphanumeric())
        .filter(|word| !word.is_empty())
        .map(str::to_ascii_lowercase)
        .collect();
    words.join("_") + unit.suffix()
}

#[test]
fn st_0601_has_every_tag_from_1_to_143() {
    let tags: Vec<u32> = st0601::DEF.fields.iter().map(|f| f.tag).collect();
    assert_eq!(tags, (1..=143).collect::<Vec<_>>());
    assert!((1..=143).all(|tag| st0601::DEF.field(tag).is_some_and(|f| f.tag == tag)));
    assert!(
        [0, 144, 1000, u32::MAX]
            .into_iter()
            .all(|tag| st0601::DEF.field(tag).is_none())
    );
}

#[test]
fn json_names_follow_one_rule_but_for_these() {
    // The unit is a word of the name already (ST 0603 defines the time stamp in microseconds), or the name is a deprecation.
    let exceptions = [2, 66, 120, 134, 136];
    for field in st0601::DEF.fields {
        let same = field.json == snake(field.name, field.unit);
        assert_eq!(
            same,
            !exceptions.contains(&field.tag),
            "{}: {}",
            field.tag,
            field.json
        );
    }
    for name in [
        "sensor_latitude_deg",
        "sensor_true_altitude_m",
        "slant_range_m",
        "platform_heading_angle_deg",
        "frame_center_latitude_deg",
        "frame_center_elevation_m",
        "sensor_horizontal_field_of_view_deg",
        "sensor_relative_azimuth_angle_deg",
        "target_width_m",
        "offset_corner_latitude_point_1_deg",
        "corner_latitude_point_1_full_deg",
        "image_source_sensor",
        "mission_id",
        "platform_tail_number",
        "precision_time_stamp",
        "security_local_metadata_set",
        "vmti_local_set",
    ] {
        assert!(st0601::DEF.field_named(name).is_some(), "{name}");
    }
}

#[test]
fn every_table_is_ordered_and_its_names_are_its_own() {
    let tables: [&SetDef; 10] = [
        &st0601::DEF,
        &st0102::DEF,
        &st0806::DEF,
        &st0806::POINT_OF_INTEREST,
        &st0806::AREA_OF_INTEREST,
        &st0903::DEF,
        &st0903::DEF_LEGACY,
        &st0903::VTARGET,
        &st0903::VTRACKER,
        &st0903::VOBJECT,
    ];
    for def in tables {
        assert!(
            def.fields.windows(2).all(|pair| pair[0].tag < pair[1].tag),
            "{}",
            def.standard
        );
        let mut names: Vec<&str> = def.fields.iter().map(|f| f.json).collect();
        names.sort_unstable();
        names.dedup();
        assert_eq!(names.len(), def.fields.len(), "{}", def.standard);
        assert!(
            !names
                .iter()
                .any(|n| ["special", "invalid", "repeated", "unknown", "fault"].contains(n))
        );
    }
}
