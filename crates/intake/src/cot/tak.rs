//! TAK Protocol version 1: messages in protobuf, one in a mesh datagram (0xBF 0x01 0xBF before it)
//! or one after another in a stream (0xBF and the length before each).
//!
//! The messages are the public definition's (`takmessage.proto` and those it includes, package
//! `atakmap.commoncommo.protobuf.v1`), with what the centre reads of them. A datagram tells no
//! length; but no field of a message begins with 0xBF, whose low bits are no wire type, so that a
//! message ends where the next one begins.

use super::MAX_EVENT_BYTES;
use super::event::Draft;
use super::xml;
use crate::FaultKind;
use prost::Message as _;

/// Out of step, only a message of at most so many bytes is looked for: what people and vehicles tell
/// of themselves has some hundred. It bounds the work, and the wait, that bytes can cause which
/// only look like the beginning of a long message.
const OUT_OF_STEP_BYTES: usize = 4 * 1024;

/// The byte before every message.
pub(super) const MAGIC: u8 = 0xBF;

#[derive(Clone, PartialEq, prost::Message)]
pub(super) struct TakMessage {
    #[prost(message, optional, tag = "1")]
    control: Option<TakControl>,
    #[prost(message, optional, tag = "2")]
    event: Option<CotEvent>,
}

#[derive(Clone, PartialEq, prost::Message)]
struct TakControl {
    #[prost(uint32, tag = "1")]
    min_version: u32,
    #[prost(uint32, tag = "2")]
    max_version: u32,
    #[prost(string, tag = "3")]
    contact_uid: String,
}

/// Times are milliseconds since 1970.
#[derive(Clone, PartialEq, prost::Message)]
struct CotEvent {
    #[prost(string, tag = "1")]
    r#type: String,
    #[prost(string, tag = "5")]
    uid: String,
    #[prost(uint64, tag = "6")]
    send_time: u64,
    #[prost(uint64, tag = "7")]
    start_time: u64,
    #[prost(uint64, tag = "8")]
    stale_time: u64,
    #[prost(string, tag = "9")]
    how: String,
    #[prost(double, tag = "10")]
    lat: f64,
    #[prost(double, tag = "11")]
    lon: f64,
    #[prost(double, tag = "12")]
    hae: f64,
    #[prost(double, tag = "13")]
    ce: f64,
    #[prost(double, tag = "14")]
    le: f64,
    #[prost(message, optional, tag = "15")]
    detail: Option<Detail>,
}

/// What the other fields say stands in `xml_detail`; of what stands in both, the XML counts.
#[derive(Clone, PartialEq, prost::Message)]
struct Detail {
    #[prost(string, tag = "1")]
    xml_detail: String,
    #[prost(message, optional, tag = "2")]
    contact: Option<Contact>,
    #[prost(message, optional, tag = "7")]
    track: Option<Track>,
}

#[derive(Clone, PartialEq, prost::Message)]
struct Contact {
    #[prost(string, tag = "2")]
    callsign: String,
}

#[derive(Clone, Copy, PartialEq, prost::Message)]
struct Track {
    #[prost(double, tag = "1")]
    speed: f64,
    #[prost(double, tag = "2")]
    course: f64,
}

impl TakMessage {
    /// The event it carries, if any.
    ///
    /// # Errors
    /// In words, when the XML within it is not well-formed.
    pub(super) fn draft(self) -> Option<Result<Draft, String>> {
        self.event.map(CotEvent::draft)
    }
}

impl CotEvent {
    fn draft(self) -> Result<Draft, String> {
        let mut draft = Draft {
            uid: self.uid,
            r#type: self.r#type,
            how: Some(self.how).filter(|how| !how.is_empty()),
            lat_deg: Some(self.lat),
            lon_deg: Some(self.lon),
            hae_m: Some(self.hae),
            ce_m: Some(self.ce),
            le_m: Some(self.le),
            ..Draft::default()
        };
        draft.take_time_ms("time", self.send_time);
        draft.take_time_ms("start", self.start_time);
        draft.take_time_ms("stale", self.stale_time);
        if let Some(detail) = self.detail {
            draft.detail = xml::read_detail(&detail.xml_detail)?;
            let callsign = detail
                .contact
                .map(|c| c.callsign)
                .filter(|c| !c.trim().is_empty());
            draft.detail.callsign = draft.detail.callsign.take().or(callsign);
            draft.detail.course_deg = draft.detail.course_deg.or(detail.track.map(|t| t.course));
            draft.detail.speed_mps = draft.detail.speed_mps.or(detail.track.map(|t| t.speed));
        }
        Ok(draft)
    }
}

/// What begins at a 0xBF.
#[derive(Debug)]
pub(super) enum Next {
    /// More bytes are needed to know.
    Wait,
    /// No message begins here.
    Skip,
    /// The feed's end cuts off what could be a message here.
    CutOff,
    /// A mesh header of so many bytes, for an event in XML.
    XmlFollows(usize),
    /// So many bytes in a message's form that cannot be read.
    SetAside {
        len: usize,
        kind: FaultKind,
        message: String,
    },
    /// A message of so many bytes; of a mesh datagram, fields may follow.
    Message {
        len: usize,
        message: Box<TakMessage>,
        mesh: bool,
    },
}

/// Looks at what begins at the first byte, a 0xBF.
pub(super) fn next(rest: &[u8], in_step: bool, ended: bool) -> Next {
    let cut_off = if ended { Next::CutOff } else { Next::Wait };
    match rest {
        [MAGIC, 0, MAGIC, ..] => Next::XmlFollows(3),
        [MAGIC, 1, MAGIC, ..] => mesh(rest, in_step, ended),
        [_, _, _, ..] => stream(rest, in_step, ended),
        _ => cut_off,
    }
}

fn mesh(rest: &[u8], in_step: bool, ended: bool) -> Next {
    let mut at = 3;
    let most = most(in_step);
    loop {
        match field(rest.get(at..).unwrap_or_default()) {
            _ if at > most => return oversized(at, in_step),
            Field::Of { number, len } => {
                at += len;
                if number == EVENT {
                    break;
                }
            }
            // A message without an event ends with the feed or where another begins.
            Field::More if ended && at == rest.len() => break,
            Field::More if rest.len() > most => return oversized(rest.len(), in_step),
            Field::More => return if ended { Next::CutOff } else { Next::Wait },
            Field::No => break,
        }
    }
    decoded(rest, 3, at, in_step, true)
}

fn stream(rest: &[u8], in_step: bool, ended: bool) -> Next {
    let cut_off = if ended { Next::CutOff } else { Next::Wait };
    let (length, head) = match varint(rest.get(1..).unwrap_or_default()) {
        Varint::Of(length, bytes) => (length, 1 + bytes),
        Varint::More => return cut_off,
        Varint::No => return Next::Skip,
    };
    let Some(length) = usize::try_from(length).ok().filter(|l| *l <= most(in_step)) else {
        return if in_step {
            oversized(1, true)
        } else {
            Next::Skip
        };
    };
    if length == 0 {
        return Next::Skip;
    }
    if rest.len() < head + length {
        return cut_off;
    }
    decoded(rest, head, head + length, in_step, false)
}

fn most(in_step: bool) -> usize {
    if in_step {
        MAX_EVENT_BYTES
    } else {
        OUT_OF_STEP_BYTES
    }
}

fn oversized(len: usize, in_step: bool) -> Next {
    if !in_step {
        return Next::Skip;
    }
    let message = format!("a TAK Protocol message of more than {MAX_EVENT_BYTES} bytes");
    Next::SetAside {
        len,
        kind: FaultKind::Oversized,
        message,
    }
}

/// Decodes the message between two places. Out of step only one with an event is believed.
fn decoded(rest: &[u8], from: usize, to: usize, in_step: bool, mesh: bool) -> Next {
    let bytes = rest.get(from..to).unwrap_or_default();
    // Keys of the control and the event, one of which comes first.
    if !in_step && !matches!(bytes.first(), Some(0x0A | 0x12)) {
        return Next::Skip;
    }
    match TakMessage::decode(bytes) {
        Ok(message) if in_step || message.event.is_some() => Next::Message {
            len: to,
            message: Box::new(message),
            mesh,
        },
        Err(e) if in_step => Next::SetAside {
            len: to,
            kind: FaultKind::Malformed,
            message: format!("a TAK Protocol message cannot be read: {e}"),
        },
        _ => Next::Skip,
    }
}

/// The number of the field that holds the event.
const EVENT: u64 = 2;

enum Field {
    /// A field of so many bytes, its key included.
    Of { number: u64, len: usize },
    /// More bytes are needed.
    More,
    /// No field begins here.
    No,
}

fn field(bytes: &[u8]) -> Field {
    // Wire types 6 and 7 are none; told by the first byte, so that the next message's 0xBF ends
    // this one before more has come.
    if bytes.first().is_some_and(|b| b & 7 > 5) {
        return Field::No;
    }
    let (key, at) = match varint(bytes) {
        Varint::Of(key, at) => (key, at),
        Varint::More => return Field::More,
        Varint::No => return Field::No,
    };
    let after = bytes.get(at..).unwrap_or_default();
    let len = match key & 7 {
        0 => match varint(after) {
            Varint::Of(_, n) => n,
            Varint::More => return Field::More,
            Varint::No => return Field::No,
        },
        1 => 8,
        2 => match varint(after) {
            Varint::Of(length, n) => match usize::try_from(length) {
                Ok(length) if length <= MAX_EVENT_BYTES => n + length,
                _ => return Field::No,
            },
            Varint::More => return Field::More,
            Varint::No => return Field::No,
        },
        5 => 4,
        _ => return Field::No,
    };
    match key >> 3 {
        0 => Field::No,
        _ if after.len() < len => Field::More,
        number => Field::Of {
            number,
            len: at + len,
        },
    }
}

enum Varint {
    /// A number of so many bytes.
    Of(u64, usize),
    More,
    No,
}

fn varint(bytes: &[u8]) -> Varint {
    let mut value = 0_u64;
    for (i, byte) in bytes.iter().take(10).enumerate() {
        value |= u64::from(byte & 0x7F) << (7 * i);
        if byte & 0x80 == 0 {
            return Varint::Of(value, i + 1);
        }
    }
    if bytes.len() < 10 {
        Varint::More
    } else {
        Varint::No
    }
}

/// After the event of a mesh datagram: the bytes of another field of the message (a server adds
/// the times of submission and creation, fields 3 and 4); zero when none begins here, `None` when
/// more bytes are needed to know.
pub(super) fn field_after_event(rest: &[u8], ended: bool) -> Option<usize> {
    let (&[key], after) = rest.split_first_chunk::<1>()?;
    if !matches!(key, 0x18 | 0x20) {
        return Some(0);
    }
    match varint(after) {
        // 0x20 is a space too; a time takes more than one byte.
        Varint::Of(_, n) if n > 1 => Some(1 + n),
        Varint::More if !ended => None,
        _ => Some(0),
    }
}

/// Whether the first bytes are a message's. Of one that goes on beyond them, its first field.
pub(super) fn recognise(head: &[u8]) -> bool {
    if head.first() != Some(&MAGIC) {
        return false;
    }
    match next(head, false, true) {
        Next::Message { .. } => true,
        Next::CutOff => {
            let from = match head {
                [MAGIC, 1, MAGIC, ..] => 3,
                _ => match varint(head.get(1..).unwrap_or_default()) {
                    Varint::Of(_, n) => 1 + n,
                    _ => return false,
                },
            };
            matches!(head.get(from), Some(0x0A | 0x12)) && head.get(from + 1).is_some()
        }
        _ => false,
    }
}
