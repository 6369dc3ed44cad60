use super::*;

fn back_and_forth(line: &str) -> Observation {
    let first: Observation = serde_json::from_str(line).unwrap();
    let text = serde_json::to_string(&first).unwrap();
    assert_eq!(
        serde_json::from_str::<Observation>(&text).unwrap(),
        first,
        "{text}"
    );
    first
}

#[test]
fn a_sensor_line_is_read_as_it_stands() {
    let o = back_and_forth(
        r#"{"id":"o18","received":"2026-05-05T00:01:39.670792Z","observed":"2026-05-05T00:01:37.883116Z","source":"A04","kind":"acoustic","bearing_deg":89.1,"bearing_sd_deg":4.1,"level_db":81.6,"class":"muzzle","class_p":0.73,"dur_s":1.42,"peak_hz":16}"#,
    );
    let Body::Acoustic(a) = &o.body else {
        panic!("{o:?}")
    };
    assert_eq!(a.bearing_deg.deg(), 89.1);
    assert_eq!(o.body.kind(), "acoustic");
}

#[test]
fn kinds_with_a_place_are_flat() {
    let o = back_and_forth(
        r#"{"id":"o1","observed":"2026-05-04T03:25:43.714653Z","source":"SAT1","kind":"thermal","lat":39.6680488,"lon":46.8915693,"sd_m":323,"frp_mw":21.2}"#,
    );
    assert!(o.received.is_none());
    assert!(serde_json::to_value(&o).unwrap()["lat"].is_number());
    back_and_forth(
        r#"{"id":"o2","observed":"2026-05-03T05:52:14.032299Z","source":"HQ","kind":"notice","window":["2026-05-04T03:30:12.283012Z","2026-05-04T04:37:27.358675Z"],"lat":39.8772803,"lon":46.844604,"radius_m":1200.0,"party":"north"}"#,
    );
}

#[test]
fn absurd_values_are_refused_at_the_door() {
    let flash = |bearing: &str, sd: &str| {
        format!(
            r#"{{"id":"o","source":"F","kind":"flash","bearing_deg":{bearing},"bearing_sd_deg":{sd}}}"#
        )
    };
    assert!(serde_json::from_str::<Observation>(&flash("10", "1")).is_ok());
    for (bearing, sd) in [
        ("1e9", "1"),
        ("10", "0"),
        ("10", "-1"),
        ("null", "1"),
        ("10", "1e300"),
    ] {
        assert!(
            serde_json::from_str::<Observation>(&flash(bearing, sd)).is_err(),
            "{bearing} {sd}"
        );
    }
    assert!(
        serde_json::from_str::<Observation>(r#"{"id":"o","source":"F","kind":"telepathy"}"#)
            .is_err()
    );
}

#[test]
fn a_bearing_is_brought_into_range() {
    assert_eq!(Bearing::new(360.0).unwrap().deg(), 0.0);
    assert_eq!(Bearing::new(-10.0).unwrap().deg(), 350.0);
    assert_eq!(Bearing::new(-1e-17).unwrap().deg(), 0.0);
}

#[test]
fn names_from_content_tell_parts_apart() {
    let source = SourceId::new("UAV1").unwrap();
    let id = |parts: &[&[u8]]| Observation::id_from_content(&source, parts).unwrap();
    assert_eq!(id(&[b"ab", b"c"]), id(&[b"ab", b"c"]));
    assert_ne!(id(&[b"ab", b"c"]), id(&[b"a", b"bc"]));
}
