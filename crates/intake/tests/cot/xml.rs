//! Events in XML.

use truceline_intake::{FaultKind, Format};

use super::feed::{POINT, event, events, kinds, read, read_in};
use crate::common::{faults, observations};

#[test]
fn a_patrols_tracker_with_its_camera() {
    let text = format!(
        "<?xml version='1.0' encoding='UTF-8' standalone='yes'?>\n{}",
        "<event xmlns='urn:x' version='2.0' uid='PATROL-7' type='a-n-G-E-V' how='m-g' \
         time='2021-03-14T09:00:00.500Z' start='2021-03-14T09:00:00Z' stale='2021-03-14T09:05:00Z'>\
         <point lat='39.75' lon='46.75' hae='512.5' ce='4.5' le='9999999.0'/><detail>\
         <contact callsign='Post &amp; 7'/><archive/><track course='271.5' speed='1.25'/>\
         <sensor azimuth='45' elevation='-3.5' fov='12' vfov='9' range='2500'/>\
         <remarks>two &lt;bursts&gt; heard</remarks><archive/></detail></event>"
    );
    assert_eq!(Format::recognise(text.as_bytes()), Some(Format::Cot));
    let (items, tally) = read(&text);
    assert!(faults(&items).is_empty(), "{:?}", faults(&items));
    assert_eq!(tally.observations["cot.event"], 1);
    let o = observations(&items)[0];
    assert_eq!(
        o.observed.unwrap().to_string(),
        "2021-03-14T09:00:00.500000Z"
    );
    let e = events(&items)[0];
    assert_eq!(
        (e.uid.as_str(), e.r#type.as_str(), e.how.as_deref()),
        ("PATROL-7", "a-n-G-E-V", Some("m-g"))
    );
    assert_eq!((e.position.lat_deg(), e.position.lon_deg()), (39.75, 46.75));
    assert_eq!(
        (e.hae_m.unwrap().get(), e.ce_m.unwrap().get(), e.le_m),
        (512.5, 4.5, None)
    );
    assert_eq!(e.stale.unwrap().to_string(), "2021-03-14T09:05:00.000000Z");
    assert_eq!(e.callsign.as_deref(), Some("Post & 7"));
    assert_eq!(
        (e.course_deg.unwrap().deg(), e.speed_mps.unwrap().get()),
        (271.5, 1.25)
    );
    let s = e.sensor.as_ref().unwrap();
    assert_eq!(
        (s.azimuth_deg.unwrap().deg(), s.elevation_deg.unwrap().get()),
        (45.0, -3.5)
    );
    assert_eq!(
        (s.fov_deg.unwrap().get(), s.vertical_fov_deg.unwrap().get()),
        (12.0, 9.0)
    );
    assert_eq!(s.range_m.unwrap().get(), 2500.0);
    assert_eq!(e.remarks.as_deref(), Some("two <bursts> heard"));
}

#[test]
fn shapes_are_told_by_their_corners() {
    let polygon = "<link point='39.70,46.70'/><link point='39.71,46.70,512.0'/><link uid='x' type='b-x-KmlStyle'/><link point='39.70,46.70'/>";
    let line = "<shape><polyline closed='false'><vertex lat='39.7' lon='46.7' hae='0'/><vertex lat='39.8' lon='46.8' hae='0'/></polyline></shape>";
    let circle = "<shape><ellipse major='500' minor='500' angle='360'/><ellipse major='100' minor='100' angle='0'/></shape>";
    let route = event("route", polygon).replace(
        POINT,
        "<point lat='0.0' lon='0.0' hae='9999999.0' ce='9999999.0' le='9999999.0'/>",
    );
    let text = [
        event("polygon", polygon),
        event("line", line),
        event("circle", circle),
        route,
    ]
    .concat();
    let (items, _) = read(text);
    assert!(faults(&items).is_empty(), "{:?}", faults(&items));
    let all = events(&items);
    let corners: Vec<_> = all.iter().map(|e| e.shape.len()).collect();
    assert_eq!(corners, [3, 2, 37, 3]);
    assert_eq!(
        (all[0].shape[1].lat_deg(), all[0].shape[1].lon_deg()),
        (39.71, 46.7)
    );
    assert!((all[2].shape[0].lat_deg() - 39.75 - 500.0 / 111_030.0).abs() < 1e-6);
    assert_eq!(
        all[3].position, all[3].shape[0],
        "a route's point of 0/0 is no place"
    );
}

#[test]
fn what_cannot_be_is_told_and_the_rest_is_kept() {
    let cases: [(&str, &str, FaultKind, &str); 9] = [
        (
            "stale='2021-03-14T09:05:00Z'",
            "stale='2021-03-14T08:00:00Z'",
            FaultKind::Absurd,
            "before the event's start",
        ),
        (
            "time='2021-03-14T09:00:00.500Z'",
            "time='2021-03-14T09:00:00.500'",
            FaultKind::Malformed,
            "time: ",
        ),
        (
            "time='2021-03-14T09:00:00.500Z'",
            "",
            FaultKind::Malformed,
            "no time",
        ),
        ("ce='9999999.0'", "ce='-4'", FaultKind::Absurd, "ce: "),
        (
            "hae='9999999.0'",
            "hae='high'",
            FaultKind::Malformed,
            "point hae: \"high\"",
        ),
        ("course='1'", "course='500'", FaultKind::Absurd, "course: "),
        ("fov='2'", "fov='400'", FaultKind::Absurd, "sensor fov: "),
        (
            "point='1,2'",
            "point='91,2'",
            FaultKind::Absurd,
            "corner \"91,2\"",
        ),
        (
            "major='5'",
            "major='-5'",
            FaultKind::Absurd,
            "ellipse of -5",
        ),
    ];
    let whole = event(
        "e",
        "<track course='1' speed='1'/><sensor fov='2'/><shape><ellipse major='5' minor='5'/></shape>",
    );
    for (right, wrong, kind, word) in cases {
        let right_text = if right.starts_with("point") {
            event("e", "<link point='1,2'/>")
        } else {
            whole.clone()
        };
        assert!(right_text.contains(right), "{right}");
        let (items, _) = read(right_text.replace(right, wrong));
        let told = faults(&items);
        assert_eq!((told.len(), told[0].kind), (1, kind), "{wrong}: {told:?}");
        assert!(told[0].message.contains(word), "{wrong}: {}", told[0]);
        assert_eq!(events(&items).len(), 1, "{wrong}");
    }
}

#[test]
fn what_makes_no_event_is_set_aside_whole() {
    let good = event("good", "");
    let cases = [
        (
            good.replace("uid='good'", ""),
            FaultKind::Malformed,
            "no uid",
        ),
        (
            good.replace("type='a-u-G'", "type=' '"),
            FaultKind::Malformed,
            "no type",
        ),
        (good.replace(POINT, ""), FaultKind::Malformed, "no point"),
        (
            good.replace("lat='39.75'", "lat='139.75'"),
            FaultKind::Absurd,
            "latitude",
        ),
        (
            good.replace("lon='46.75'", "lon='NaN'"),
            FaultKind::Absurd,
            "longitude",
        ),
        (
            good.replace("<detail>", "<detail><a></b>"),
            FaultKind::Malformed,
            "at byte",
        ),
        (
            good.replace("<detail>", "<detail><a b='1' b='2'/>"),
            FaultKind::Malformed,
            "attribute",
        ),
        (
            good.replace("<detail>", "<detail>&evil;"),
            FaultKind::Malformed,
            "evil",
        ),
        (
            good.replace("<detail>", "<detail><c a='&evil;'/>"),
            FaultKind::Malformed,
            "evil",
        ),
        (
            good.replace("uid='good'", "uid='good"),
            FaultKind::Malformed,
            "",
        ),
        (
            good.replace("</event>", ""),
            FaultKind::Malformed,
            "another event begins",
        ),
        (
            "<!DOCTYPE x [<!ENTITY evil 'x'>]>".to_owned(),
            FaultKind::Malformed,
            "document type",
        ),
        ("noise ".to_owned(), FaultKind::Garbage, "6 bytes"),
        ("\u{bf}".to_owned(), FaultKind::Garbage, ""),
    ];
    for (bad, kind, word) in cases {
        let text = [event("first", ""), bad.clone(), event("last", "")].concat();
        let (items, _) = read(&text);
        let told = faults(&items);
        assert_eq!((told.len(), told[0].kind), (1, kind), "{bad}: {told:?}");
        assert!(told[0].message.contains(word), "{bad}: {}", told[0]);
        assert_eq!(told[0].offset, event("first", "").len() as u64, "{bad}");
        let uids: Vec<_> = events(&items).iter().map(|e| e.uid.as_str()).collect();
        assert_eq!(uids, ["first", "last"], "{bad}");
    }
}

#[test]
fn an_event_without_end_is_bounded() {
    let text = format!(
        "{}<event uid='x'>{}",
        event("first", ""),
        "<a/>".repeat(400_000)
    );
    let (items, _) = read_in(text.as_bytes(), 60_000);
    assert_eq!(events(&items).len(), 1);
    assert_eq!(kinds(&items)[0], FaultKind::Oversized);
    let (items, _) = read(&event("only", "")[..100]);
    assert_eq!(kinds(&items), [FaultKind::Truncated]);
}

#[test]
fn pings_are_counted_and_repeats_are_told() {
    let ping = event("ping", "")
        .replace("39.75", "0.0")
        .replace("46.75", "0.0");
    let (items, tally) = read([event("a", ""), ping, event("b", ""), event("a", "")].join("\n"));
    assert_eq!(events(&items).len(), 2);
    assert_eq!(tally.counts["events without a place"], 1);
    assert_eq!(kinds(&items), [FaultKind::Duplicate]);
    // At 0/0 with a known error there is a place: the sea off Ghana.
    let buoy = event("b", "")
        .replace("39.75", "0.0")
        .replace("46.75", "0.0")
        .replace("ce='9999999.0'", "ce='10'");
    assert_eq!(events(&read(buoy).0).len(), 1);
}
