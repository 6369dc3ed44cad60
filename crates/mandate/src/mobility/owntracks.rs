//! OwnTracks: the location messages of its telephones (OwnTracks Booklet, «JSON», `_type: location`),
//! as they come by HTTP or MQTT.

use serde::Deserialize;
use truceline_domain::{Observed, Position};

use super::Fix;

/// `acc` is the radius that holds 68 % of the error (Android, `Location.getAccuracy`): of a circular
/// normal error √(−2 ln 0.32) = 1.510 standard deviations.
const ACC_PER_SD: f64 = 1.510;

/// Longest message, bytes: a location has some three hundred.
pub const MAX_BYTES: usize = 64 << 10;

/// What a message is.
#[derive(Debug, Clone, PartialEq)]
pub enum Message {
    /// Whereabouts of a device; the subject is what its topic or its tracker id says.
    Location(Fix),
    /// Something else that OwnTracks sends (waypoints, transitions, a last will): passed over.
    Other,
}

/// Why a message was refused.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("OwnTracks: {what}; expected {expected}")]
pub struct NotOwnTracks {
    /// What was seen.
    pub what: String,
    /// What was expected.
    pub expected: &'static str,
}

#[derive(Deserialize)]
struct Raw {
    _type: String,
    lat: Option<f64>,
    lon: Option<f64>,
    acc: Option<f64>,
    tst: Option<i64>,
    tid: Option<String>,
    topic: Option<String>,
}

/// Reads a message.
///
/// # Errors
/// When it is no OwnTracks message, or a location without place or time.
pub fn read(bytes: &[u8]) -> Result<Message, NotOwnTracks> {
    let refused = |what: String, expected| Err(NotOwnTracks { what, expected });
    if bytes.len() > MAX_BYTES {
        return refused(format!("{} bytes", bytes.len()), "at most 65,536 bytes");
    }
    let raw: Raw = match serde_json::from_slice(bytes) {
        Ok(raw) => raw,
        Err(e) => return refused(e.to_string(), "a JSON object with `_type`"),
    };
    if raw._type != "location" {
        return Ok(Message::Other);
    }
    let (Some(lat), Some(lon)) = (raw.lat, raw.lon) else {
        return refused("a location without a place".into(), "`lat` and `lon`");
    };
    let Ok(position) = Position::new(lat, lon) else {
        return refused(format!("{lat}, {lon}"), "degrees: ±90 and ±180");
    };
    let observed = raw
        .tst
        .and_then(|s| Observed::from_unix_us(s.checked_mul(1_000_000)?).ok());
    let Some(observed) = observed else {
        let seen = raw
            .tst
            .map_or("no `tst`".to_owned(), |s| format!("tst {s}"));
        return refused(seen, "seconds since 1970");
    };
    let subject = raw
        .topic
        .or(raw.tid)
        .filter(|s| !s.is_empty() && s.len() <= 256 && !s.chars().any(char::is_control));
    let Some(subject) = subject else {
        return refused("a location of nobody".into(), "`topic` or `tid`");
    };
    let sd_m = raw.acc.filter(|acc| acc.is_finite() && *acc > 0.0);
    Ok(Message::Location(Fix {
        subject,
        observed,
        position,
        sd_m: sd_m.map(|acc| acc / ACC_PER_SD),
    }))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_location_as_the_telephone_sends_it() {
        // The example of the Booklet's page on JSON, with a place of ours (25 November 2026).
        let sent =
            br#"{"_type":"location","acc":15,"alt":12,"batt":84,"conn":"w","lat":40.1,"lon":46.9,
            "tid":"n7","topic":"owntracks/north/7","tst":1616000000,"vac":3,"vel":0}"#;
        let Message::Location(fix) = read(sent).unwrap() else {
            panic!()
        };
        assert_eq!(fix.subject, "owntracks/north/7");
        assert_eq!(fix.observed.to_string(), "2021-03-17T16:53:20.000000Z");
        assert!((fix.sd_m.unwrap() - 9.93).abs() < 0.01);
        assert_eq!(read(br#"{"_type":"lwt","tst":1}"#), Ok(Message::Other));
    }

    #[test]
    fn what_is_none_is_refused_in_words() {
        for (sent, words) in [
            (&b"nonsense"[..], "a JSON object"),
            (
                br#"{"_type":"location","tst":1,"tid":"a"}"#,
                "`lat` and `lon`",
            ),
            (
                br#"{"_type":"location","lat":91,"lon":0,"tst":1,"tid":"a"}"#,
                "degrees",
            ),
            (
                br#"{"_type":"location","lat":1,"lon":0,"tid":"a"}"#,
                "seconds since 1970",
            ),
            (
                br#"{"_type":"location","lat":1,"lon":0,"tst":9223372036854775807,"tid":"a"}"#,
                "seconds",
            ),
            (
                br#"{"_type":"location","lat":1,"lon":0,"tst":1}"#,
                "`topic` or `tid`",
            ),
        ] {
            let told = read(sent).unwrap_err().to_string();
            assert!(told.contains(words), "{told}");
        }
    }
}
