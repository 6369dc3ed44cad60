//! Session descriptions (RFC 8866), as far as parameter sets are told in them, and how the player
//! describes what it plays.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;

use crate::mux::{Carried, NalUnits, nal_kind};

/// The first payload type that means nothing by itself (RFC 3551, 6).
pub(crate) const FIRST_PAYLOAD_TYPE: u8 = 96;
const START_CODE: [u8; 4] = [0, 0, 0, 1];

/// Parameter sets of one stream.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct ParameterSets {
    /// NAL units, in the order in which they are sent.
    units: Vec<Vec<u8>>,
}

impl ParameterSets {
    pub(crate) fn new(units: Vec<Vec<u8>>) -> Self {
        Self { units }
    }

    pub(crate) fn is_empty(&self) -> bool {
        self.units.is_empty()
    }

    /// Those of a payload type: `sprop-parameter-sets` (RFC 6184, 8.1) or `sprop-vps`, `sprop-sps`,
    /// `sprop-pps` (RFC 7798, 7.1).
    pub(crate) fn read(sdp: &str, payload_type: u8) -> Self {
        let mark = format!("a=fmtp:{payload_type} ");
        let Some(line) = sdp.lines().find_map(|line| line.strip_prefix(&mark)) else {
            return Self::default();
        };
        let value = |name: &str| {
            line.split(';').find_map(|pair| {
                let (key, value) = pair.trim().split_once('=')?;
                key.eq_ignore_ascii_case(name).then_some(value)
            })
        };
        let names = [
            "sprop-parameter-sets",
            "sprop-vps",
            "sprop-sps",
            "sprop-pps",
        ];
        let units = names
            .into_iter()
            .filter_map(value)
            .flat_map(|sets| sets.split(','))
            .filter_map(|set| STANDARD.decode(set.trim()).ok())
            .filter(|set| !set.is_empty() && set.len() < 4096)
            .take(16)
            .collect();
        Self { units }
    }

    /// An access unit with them before its first unit, or behind its delimiter.
    pub(crate) fn annex_b_before(&self, data: &[u8], h265: bool) -> Vec<u8> {
        let mut out = Vec::with_capacity(data.len() + 256);
        let is_delimiter = |unit: &[u8]| {
            matches!(
                (h265, nal_kind(unit, h265)),
                (false, Some(9)) | (true, Some(35))
            )
        };
        let units: Vec<&[u8]> = NalUnits::new(data).collect();
        let (first, rest) = match units.split_first() {
            Some((first, rest)) if is_delimiter(first) => (Some(*first), rest),
            _ => (None, units.as_slice()),
        };
        let sets = self.units.iter().map(Vec::as_slice);
        for unit in first.into_iter().chain(sets).chain(rest.iter().copied()) {
            out.extend(START_CODE);
            out.extend_from_slice(unit);
        }
        out
    }

    fn base64(&self, kinds: impl Fn(u8) -> bool, h265: bool) -> String {
        let sets: Vec<_> = self
            .units
            .iter()
            .filter(|u| nal_kind(u, h265).is_some_and(&kinds))
            .map(|u| STANDARD.encode(u))
            .collect();
        sets.join(",")
    }
}

/// One stream of a description.
#[derive(Debug, Clone)]
pub(crate) struct Media {
    pub(crate) carried: Carried,
    pub(crate) parameters: ParameterSets,
}

/// A description of streams; the n-th is controlled as `trackID=n` and has payload type 96 + n.
pub(crate) fn describe(name: &str, streams: &[Media]) -> String {
    let mut sdp = format!(
        "v=0\r\no=- 0 0 IN IP4 0.0.0.0\r\ns={}\r\nc=IN IP4 0.0.0.0\r\nt=0 0\r\na=control:*\r\n",
        name.replace(|c: char| c.is_control(), " ")
    );
    for (index, (payload_type, stream)) in (FIRST_PAYLOAD_TYPE..).zip(streams).enumerate() {
        let (media, encoding, format) = match stream.carried {
            Carried::H264 => {
                let sets = stream
                    .parameters
                    .base64(|kind| matches!(kind, 7 | 8), false);
                let sets = Some(sets).filter(|s| !s.is_empty());
                let sets = sets.map_or(String::new(), |s| format!(";sprop-parameter-sets={s}"));
                ("video", "H264", format!("packetization-mode=1{sets}"))
            }
            Carried::H265 => {
                let set = |name: &str, kind: u8| {
                    let set = stream.parameters.base64(|k| k == kind, true);
                    Some(format!("{name}={set}")).filter(|_| !set.is_empty())
                };
                let sets = [
                    set("sprop-vps", 32),
                    set("sprop-sps", 33),
                    set("sprop-pps", 34),
                ];
                let sets: Vec<_> = sets.into_iter().flatten().collect();
                ("video", "H265", sets.join(";"))
            }
            Carried::KlvSync | Carried::KlvAsync => ("application", "SMPTE336M", String::new()),
        };
        sdp += &format!(
            "m={media} 0 RTP/AVP {payload_type}\r\na=rtpmap:{payload_type} {encoding}/90000\r\n"
        );
        if !format.is_empty() {
            sdp += &format!("a=fmtp:{payload_type} {format}\r\n");
        }
        sdp += &format!("a=control:trackID={index}\r\n");
    }
    sdp
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn parameter_sets_are_read_as_they_are_told() {
        for (carried, units) in [
            (Carried::H264, vec![vec![0x67, 1, 2], vec![0x68, 3]]),
            (
                Carried::H265,
                vec![vec![0x40, 1], vec![0x42, 1, 9], vec![0x44, 1]],
            ),
        ] {
            let parameters = ParameterSets::new(units);
            let media = Media {
                carried,
                parameters: parameters.clone(),
            };
            let sdp = describe("x", &[media]);
            assert_eq!(ParameterSets::read(&sdp, 96), parameters, "{sdp}");
            assert!(ParameterSets::read(&sdp, 97).is_empty());
        }
    }
}
