//! Cursor on Target through the public decoder: events in the forms that TAK writes, made here;
//! what is wrong with them; both carriages, whole and in pieces.

use proptest::prelude::*;
use prost::Message as _;
use truceline_domain::{Body, CotEvent, FeedId, Observation, SourceId};
use truceline_intake::{Context, Fault, FaultKind, Format, Item, Tally, decoder};

fn read_in(bytes: &[u8], chunk: usize) -> (Vec<Item>, Tally) {
    let context = Context {
        feed: FeedId::new("tak").unwrap(),
        source: SourceId::new("TAK").unwrap(),
    };
    let mut decoder = decoder(Format::Cot, context);
    let mut items = Vec::new();
    for piece in bytes.chunks(chunk) {
        decoder.push(piece, &mut |item| items.push(item));
    }
    decoder.finish(&mut |item| items.push(item));
    (items, decoder.tally())
}

fn read(bytes: impl AsRef<[u8]>) -> (Vec<Item>, Tally) {
    read_in(bytes.as_ref(), usize::MAX)
}

fn observations(items: &[Item]) -> Vec<&Observation> {
    let only = |item| match item {
        &Item::Observation(ref o) => Some(&**o),
        _ => None,
    };
    items.iter().filter_map(only).collect()
}

fn events(items: &[Item]) -> Vec<&CotEvent> {
    observations(items)
        .into_iter()
        .map(|o| {
            if let Body::CotEvent(e) = &o.body {
                e
            } else {
                panic!("{o:?}")
            }
        })
        .collect()
}

fn faults(items: &[Item]) -> Vec<&Fault> {
    items
        .iter()
        .filter_map(|item| {
            if let Item::Fault(f) = item {
                Some(f)
            } else {
                None
            }
        })
        .collect()
}

fn kinds(items: &[Item]) -> Vec<FaultKind> {
    faults(items).iter().map(|f| f.kind).collect()
}

const TIMES: &str =
    "time='2021-03-14T09:00:00.500Z' start='2021-03-14T09:00:00Z' stale='2021-03-14T09:05:00Z'";
const POINT: &str =
    "<point lat='39.75' lon='46.75' hae='9999999.0' ce='9999999.0' le='9999999.0'/>";

fn event(uid: &str, detail: &str) -> String {
    format!(
        "<event version='2.0' uid='{uid}' type='a-u-G' how='m-g' {TIMES}>{POINT}<detail>{detail}</detail></event>"
    )
}

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

mod tak {
    #[derive(Clone, PartialEq, prost::Message)]
    pub struct TakMessage {
        #[prost(message, optional, tag = "1")]
        pub control: Option<TakControl>,
        #[prost(message, optional, tag = "2")]
        pub event: Option<CotEvent>,
        #[prost(uint64, tag = "3")]
        pub submission_time: u64,
        #[prost(uint64, tag = "4")]
        pub creation_time: u64,
    }
    #[derive(Clone, PartialEq, prost::Message)]
    pub struct TakControl {
        #[prost(uint32, tag = "1")]
        pub min_proto_version: u32,
        #[prost(uint32, tag = "2")]
        pub max_proto_version: u32,
    }
    #[derive(Clone, PartialEq, prost::Message)]
    pub struct CotEvent {
        #[prost(string, tag = "1")]
        pub r#type: String,
        #[prost(string, tag = "4")]
        pub opex: String,
        #[prost(string, tag = "5")]
        pub uid: String,
        #[prost(uint64, tag = "6")]
        pub send_time: u64,
        #[prost(uint64, tag = "7")]
        pub start_time: u64,
        #[prost(uint64, tag = "8")]
        pub stale_time: u64,
        #[prost(string, tag = "9")]
        pub how: String,
        #[prost(double, tag = "10")]
        pub lat: f64,
        #[prost(double, tag = "11")]
        pub lon: f64,
        #[prost(double, tag = "12")]
        pub hae: f64,
        #[prost(double, tag = "13")]
        pub ce: f64,
        #[prost(double, tag = "14")]
        pub le: f64,
        #[prost(message, optional, tag = "15")]
        pub detail: Option<Detail>,
    }
    #[derive(Clone, PartialEq, prost::Message)]
    pub struct Detail {
        #[prost(string, tag = "1")]
        pub xml_detail: String,
        #[prost(message, optional, tag = "2")]
        pub contact: Option<Contact>,
        #[prost(message, optional, tag = "5")]
        pub status: Option<Status>,
        #[prost(message, optional, tag = "7")]
        pub track: Option<Track>,
    }
    #[derive(Clone, PartialEq, prost::Message)]
    pub struct Contact {
        #[prost(string, tag = "1")]
        pub endpoint: String,
        #[prost(string, tag = "2")]
        pub callsign: String,
    }
    #[derive(Clone, PartialEq, prost::Message)]
    pub struct Status {
        #[prost(uint32, tag = "1")]
        pub battery: u32,
    }
    #[derive(Clone, PartialEq, prost::Message)]
    pub struct Track {
        #[prost(double, tag = "1")]
        pub speed: f64,
        #[prost(double, tag = "2")]
        pub course: f64,
    }
}

fn message(uid: &str) -> tak::TakMessage {
    let time = 1_615_712_400_500; // 2021-03-14T09:00:00.500Z
    tak::TakMessage {
        control: Some(tak::TakControl {
            min_proto_version: 1,
            max_proto_version: 1,
        }),
        event: Some(tak::CotEvent {
            r#type: "a-u-G".to_owned(),
            uid: uid.to_owned(),
            send_time: time,
            start_time: time - 500,
            stale_time: time - 500 + 300_000,
            how: "m-g".to_owned(),
            lat: 39.75,
            lon: 46.75,
            hae: 9_999_999.0,
            ce: 9_999_999.0,
            le: 9_999_999.0,
            detail: Some(tak::Detail {
                xml_detail: "<sensor azimuth='45' fov='12'/><remarks>seen</remarks>".to_owned(),
                contact: Some(tak::Contact {
                    endpoint: "*:-1:stcp".to_owned(),
                    callsign: "P7".to_owned(),
                }),
                status: Some(tak::Status { battery: 80 }),
                track: Some(tak::Track {
                    speed: 1.5,
                    course: 90.0,
                }),
            }),
            ..Default::default()
        }),
        ..Default::default()
    }
}

fn stream(message: &tak::TakMessage) -> Vec<u8> {
    [vec![0xBF], message.encode_length_delimited_to_vec()].concat()
}

fn mesh(message: &tak::TakMessage) -> Vec<u8> {
    [vec![0xBF, 1, 0xBF], message.encode_to_vec()].concat()
}

#[test]
fn protobuf_and_xml_of_one_event_are_the_same_observation() {
    let detail = "<contact callsign='P7'/><track speed='1.5' course='90.0'/><sensor azimuth='45' fov='12'/><remarks>seen</remarks>";
    let xml = event("PATROL-7", detail);
    let (from_xml, _) = read(&xml);
    for bytes in [stream(&message("PATROL-7")), mesh(&message("PATROL-7"))] {
        assert_eq!(Format::recognise(&bytes), Some(Format::Cot));
        assert_eq!(Format::recognise(&bytes[..40]), Some(Format::Cot));
        let (items, _) = read(&bytes);
        assert_eq!(observations(&items), observations(&from_xml));
        let (items, _) = read([xml.as_bytes(), &bytes].concat());
        assert_eq!(kinds(&items), [FaultKind::Duplicate]);
    }
}

#[test]
fn datagrams_streams_and_xml_follow_one_another() {
    let served = tak::TakMessage {
        submission_time: 1_615_712_400_600,
        creation_time: 1_615_712_400_601,
        ..message("b")
    };
    let control = tak::TakMessage {
        event: None,
        ..message("c")
    };
    let feed = [
        mesh(&message("a")),
        mesh(&served),
        mesh(&control),
        b"\xBF\x00\xBF".to_vec(),
        event("d", "").into_bytes(),
        stream(&control),
        stream(&message("e")),
        b"\xBF\x05\xFF\xFF\xFF\xFF\xFF".to_vec(),
        stream(&message("f")),
        b"\xBF\xFF\xFF\xFF\xFF\x0F".to_vec(),
        mesh(&message("g")),
        stream(&message("h"))[..30].to_vec(),
    ]
    .concat();
    for chunk in [1, 2, 3, 7, 100, feed.len()] {
        let (items, tally) = read_in(&feed, chunk);
        let uids: Vec<_> = events(&items).iter().map(|e| e.uid.as_str()).collect();
        assert_eq!(uids, ["a", "b", "d", "e", "f", "g"], "{chunk}");
        assert_eq!(tally.counts["TAK Protocol messages without event"], 2);
        assert_eq!(
            kinds(&items),
            [
                FaultKind::Malformed,
                FaultKind::Oversized,
                FaultKind::Garbage,
                FaultKind::Truncated
            ],
            "{:?}",
            faults(&items)
        );
    }
}

#[test]
fn other_formats_are_not_taken_for_events() {
    for other in [
        &b""[..],
        b"\xBF",
        b"\xBF\x01\xBF",
        b"<event>",
        b"<event name='x' type='y'/>",
        b"<?xml version='1.0'?><html><body/></html>",
        b"<data id='report' version='1'><time>2021</time></data>",
        b"{\"event\":{\"uid\":1,\"type\":2}}",
        b"uid,type,time\n1,2,3\n",
        &[0xBF; 4096],
        &[b'<'; 4096],
    ] {
        assert_ne!(Format::recognise(other), Some(Format::Cot), "{other:?}");
    }
    for known in [
        event("a", ""),
        format!(
            "\u{feff}<!-- x -->\n<?xml version='1.0'?>{}",
            event("a", "")
        ),
        format!("<events>{}", event("a", "")),
        "<event uid='a' type='".to_owned(),
    ] {
        assert_eq!(
            Format::recognise(known.as_bytes()),
            Some(Format::Cot),
            "{known}"
        );
    }
}

fn any_feed() -> impl Strategy<Value = Vec<u8>> {
    let part = prop_oneof![
        "[a-d]".prop_map(|uid| event(&uid, "<link point='1,2'/>").into_bytes()),
        "[a-d]".prop_map(|uid| stream(&message(&uid))),
        "[a-d]".prop_map(|uid| mesh(&message(&uid))),
        Just(b"<!-- </event> -->".to_vec()),
        Just(b"<event uid='x".to_vec()),
        Just(b"\xBF\x01\xBF".to_vec()),
        "[<>/!?'\" \\[\\]a-z-]{0,12}".prop_map(String::into_bytes),
        prop::collection::vec(any::<u8>(), 0..12),
    ];
    // A feed in which single bytes are changed.
    let parts = prop::collection::vec(part, 0..8).prop_map(|p| p.concat());
    (
        parts,
        prop::collection::vec((any::<prop::sample::Index>(), any::<u8>()), 0..4),
    )
        .prop_map(|(mut feed, changes)| {
            for (at, byte) in changes {
                if !feed.is_empty() {
                    let at = at.index(feed.len());
                    feed[at] = byte;
                }
            }
            feed
        })
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(200))]

    #[test]
    fn any_pieces_give_the_same_items(feed in any_feed(), chunk in 1..200usize) {
        let whole = read(&feed);
        prop_assert_eq!(&read_in(&feed, chunk), &whole);
        for fault in faults(&whole.0) {
            prop_assert!(fault.offset < feed.len().max(1) as u64);
        }
    }
}
