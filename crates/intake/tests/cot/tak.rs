//! TAK Protocol messages.

use prost::Message as _;
use truceline_intake::{FaultKind, Format};

use super::feed::{event, events, kinds, read, read_in};
use crate::common::{faults, observations};

#[derive(Clone, PartialEq, prost::Message)]
pub(crate) struct TakMessage {
    #[prost(message, optional, tag = "1")]
    pub(crate) control: Option<TakControl>,
    #[prost(message, optional, tag = "2")]
    pub(crate) event: Option<CotEvent>,
    #[prost(uint64, tag = "3")]
    pub(crate) submission_time: u64,
    #[prost(uint64, tag = "4")]
    pub(crate) creation_time: u64,
}
#[derive(Clone, PartialEq, prost::Message)]
pub(crate) struct TakControl {
    #[prost(uint32, tag = "1")]
    pub(crate) min_proto_version: u32,
    #[prost(uint32, tag = "2")]
    pub(crate) max_proto_version: u32,
}
#[derive(Clone, PartialEq, prost::Message)]
pub(crate) struct CotEvent {
    #[prost(string, tag = "1")]
    pub(crate) r#type: String,
    #[prost(string, tag = "4")]
    pub(crate) opex: String,
    #[prost(string, tag = "5")]
    pub(crate) uid: String,
    #[prost(uint64, tag = "6")]
    pub(crate) send_time: u64,
    #[prost(uint64, tag = "7")]
    pub(crate) start_time: u64,
    #[prost(uint64, tag = "8")]
    pub(crate) stale_time: u64,
    #[prost(string, tag = "9")]
    pub(crate) how: String,
    #[prost(double, tag = "10")]
    pub(crate) lat: f64,
    #[prost(double, tag = "11")]
    pub(crate) lon: f64,
    #[prost(double, tag = "12")]
    pub(crate) hae: f64,
    #[prost(double, tag = "13")]
    pub(crate) ce: f64,
    #[prost(double, tag = "14")]
    pub(crate) le: f64,
    #[prost(message, optional, tag = "15")]
    pub(crate) detail: Option<Detail>,
}
#[derive(Clone, PartialEq, prost::Message)]
pub(crate) struct Detail {
    #[prost(string, tag = "1")]
    pub(crate) xml_detail: String,
    #[prost(message, optional, tag = "2")]
    pub(crate) contact: Option<Contact>,
    #[prost(message, optional, tag = "5")]
    pub(crate) status: Option<Status>,
    #[prost(message, optional, tag = "7")]
    pub(crate) track: Option<Track>,
}
#[derive(Clone, PartialEq, prost::Message)]
pub(crate) struct Contact {
    #[prost(string, tag = "1")]
    pub(crate) endpoint: String,
    #[prost(string, tag = "2")]
    pub(crate) callsign: String,
}
#[derive(Clone, PartialEq, prost::Message)]
pub(crate) struct Status {
    #[prost(uint32, tag = "1")]
    pub(crate) battery: u32,
}
#[derive(Clone, PartialEq, prost::Message)]
pub(crate) struct Track {
    #[prost(double, tag = "1")]
    pub(crate) speed: f64,
    #[prost(double, tag = "2")]
    pub(crate) course: f64,
}

pub(crate) fn message(uid: &str) -> TakMessage {
    let time = 1_615_712_400_500; // 2021-03-14T09:00:00.500Z
    TakMessage {
        control: Some(TakControl {
            min_proto_version: 1,
            max_proto_version: 1,
        }),
        event: Some(CotEvent {
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
            detail: Some(Detail {
                xml_detail: "<sensor azimuth='45' fov='12'/><remarks>seen</remarks>".to_owned(),
                contact: Some(Contact {
                    endpoint: "*:-1:stcp".to_owned(),
                    callsign: "P7".to_owned(),
                }),
                status: Some(Status { battery: 80 }),
                track: Some(Track {
                    speed: 1.5,
                    course: 90.0,
                }),
            }),
            ..Default::default()
        }),
        ..Default::default()
    }
}

pub(crate) fn stream(message: &TakMessage) -> Vec<u8> {
    [vec![0xBF], message.encode_length_delimited_to_vec()].concat()
}

pub(crate) fn mesh(message: &TakMessage) -> Vec<u8> {
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
    let served = TakMessage {
        submission_time: 1_615_712_400_600,
        creation_time: 1_615_712_400_601,
        ..message("b")
    };
    let control = TakMessage {
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
