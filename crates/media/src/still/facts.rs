//! What a still brings along, as JSON and as XMP (ISO 16684-1), which image programs read.

use serde::Serialize;
use truceline_domain::{FeedId, ObservationId, Observed, Position, SourceId};

use crate::span::Origin;

/// What is known of a still.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Facts {
    /// The feed.
    pub feed: FeedId,
    /// What took it.
    pub source: SourceId,
    /// When it was shown, 90 kHz, unwrapped.
    pub pts_90k: u64,
    /// When it was taken, by the source's clock: the time of the metadata nearest to it, moved by the distance between the two.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub observed: Option<Observed>,
    /// Pixels.
    pub width: usize,
    /// Pixels.
    pub height: usize,
    /// Where the sensor was.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub sensor: Option<Position>,
    /// Where its corners lie on the ground: upper left, upper right, lower right, lower left.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub corners: Option<[Position; 4]>,
    /// How much later than that metadata it was shown, seconds.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub metadata_age_s: Option<f64>,
    /// That metadata.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub metadata: Option<ObservationId>,
    /// The recorded bytes that it was made from.
    pub made_from: Vec<Origin>,
}

impl Facts {
    /// As an XMP packet: what has a place in its vocabularies stands there, all of it as JSON in `dc:description`.
    #[must_use]
    pub fn to_xmp(&self) -> String {
        // Names, numbers and times: nothing of it can fail to be written.
        let json = serde_json::to_string(self).unwrap_or_default();
        let mut attributes = String::new();
        if let Some(observed) = self.observed {
            attributes += &format!(" xmp:CreateDate=\"{observed}\"");
        }
        if let Some(sensor) = self.sensor {
            let latitude = degrees(sensor.lat_deg(), ['N', 'S']);
            let longitude = degrees(sensor.lon_deg(), ['E', 'W']);
            attributes += &format!(
                " exif:GPSLatitude=\"{latitude}\" exif:GPSLongitude=\"{longitude}\" exif:GPSMapDatum=\"WGS-84\""
            );
        }
        format!(
            "<?xpacket begin=\"\u{FEFF}\" id=\"W5M0MpCehiHzreSzNTczkc9d\"?>\
             <x:xmpmeta xmlns:x=\"adobe:ns:meta/\">\
             <rdf:RDF xmlns:rdf=\"http://www.w3.org/1999/02/22-rdf-syntax-ns#\">\
             <rdf:Description rdf:about=\"\" xmlns:dc=\"http://purl.org/dc/elements/1.1/\" \
             xmlns:xmp=\"http://ns.adobe.com/xap/1.0/\" xmlns:exif=\"http://ns.adobe.com/exif/1.0/\"{attributes}>\
             <dc:source>{}</dc:source>\
             <dc:description><rdf:Alt><rdf:li xml:lang=\"x-default\">{}</rdf:li></rdf:Alt></dc:description>\
             </rdf:Description></rdf:RDF></x:xmpmeta><?xpacket end=\"r\"?>",
            escaped(self.source.as_str()),
            escaped(&json),
        )
    }
}

/// XMP's form of a coordinate: degrees, minutes with a fraction, and the side.
fn degrees(value: f64, [positive, negative]: [char; 2]) -> String {
    let side = if value < 0.0 { negative } else { positive };
    let whole = value.abs().trunc();
    let minutes = (value.abs() - whole) * 60.0;
    format!("{whole},{minutes:.6}{side}")
}

fn escaped(text: &str) -> String {
    text.replace('&', "&amp;")
        .replace('<', "&lt;")
        .replace('>', "&gt;")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn coordinates_are_as_xmp_wants_them() {
        assert_eq!(degrees(39.9, ['N', 'S']), "39,54.000000N");
        assert_eq!(degrees(-46.25, ['E', 'W']), "46,15.000000W");
    }
}
