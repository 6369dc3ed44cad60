//! One event in XML. No entity is expanded but XML's own five, and character references.

use quick_xml::events::{BytesStart, Event};
use quick_xml::{Reader, XmlVersion};

use super::detail::Detail;
use super::event::Draft;
use crate::FaultKind;

/// Reads an event, from `<event` to its end.
///
/// # Errors
/// In words, when it is not well-formed.
pub(super) fn read(bytes: &[u8]) -> Result<Draft, String> {
    let text = std::str::from_utf8(bytes).map_err(|e| format!("the event is not UTF-8: {e}"))?;
    let mut draft = Draft::default();
    walk(text, &mut |depth, name, attributes| match depth {
        0 => take_event(&mut draft, attributes),
        1 if name == "point" => take_point(&mut draft, attributes),
        _ => draft.detail.take(name, &|n| attributes.get(n)),
    })
    .map(|remarks| draft.detail.take_remarks(&remarks))?;
    Ok(draft)
}

/// Reads the inside of a `<detail>`, as TAK Protocol carries it.
///
/// # Errors
/// In words, when it is not well-formed.
pub(super) fn read_detail(inside: &str) -> Result<Detail, String> {
    let mut detail = Detail::default();
    walk(inside, &mut |_, name, attributes| {
        detail.take(name, &|n| attributes.get(n))
    })
    .map(|remarks| detail.take_remarks(&remarks))?;
    Ok(detail)
}

/// An element's attributes by local name.
struct Attributes(Vec<(String, String)>);

impl Attributes {
    fn of(tag: &BytesStart<'_>) -> Result<Self, String> {
        let mut all = Vec::new();
        for attribute in tag.attributes() {
            let attribute = attribute.map_err(|e| format!("attribute of {}: {e}", tag.name().0))?;
            let name = attribute.key.local_name().into_inner().to_owned();
            let value = attribute
                .normalized_value(XmlVersion::Implicit1_0)
                .map_err(|e| format!("attribute {name}: {e}"))?;
            all.push((name, value.into_owned()));
        }
        Ok(Self(all))
    }

    fn get(&self, name: &str) -> Option<String> {
        self.0
            .iter()
            .find(|(n, _)| n == name)
            .map(|(_, value)| value.clone())
    }
}

/// Walks over the elements, telling each with its depth, local name and attributes; gives the words
/// of `<remarks>`.
fn walk(text: &str, tell: &mut dyn FnMut(usize, &str, &Attributes)) -> Result<String, String> {
    let mut reader = Reader::from_str(text);
    let (mut depth, mut in_remarks) = (0_usize, false);
    let mut remarks = String::new();
    loop {
        let at = reader.buffer_position();
        match reader
            .read_event()
            .map_err(|e| format!("at byte {at} of the event: {e}"))?
        {
            Event::Start(tag) => {
                let name = tag.local_name().into_inner();
                in_remarks = name == "remarks";
                tell(depth, name, &Attributes::of(&tag)?);
                depth += 1;
            }
            Event::Empty(tag) => {
                tell(depth, tag.local_name().into_inner(), &Attributes::of(&tag)?);
            }
            Event::End(_) => {
                depth = depth.saturating_sub(1);
                in_remarks = false;
            }
            Event::Text(words) if in_remarks => remarks.push_str(&words.xml10_content()),
            Event::CData(words) if in_remarks => remarks.push_str(&words.xml10_content()),
            Event::GeneralRef(reference) => {
                let resolved = quick_xml::escape::unescape(&format!("&{};", &*reference))
                    .map_err(|e| format!("at byte {at} of the event: {e}"))?
                    .into_owned();
                if in_remarks {
                    remarks.push_str(&resolved);
                }
            }
            Event::DocType(_) => {
                return Err(format!(
                    "at byte {at} of the event: a document type within it"
                ));
            }
            Event::Eof if depth > 0 => {
                return Err("the event's elements are not all closed".to_owned());
            }
            Event::Eof => return Ok(remarks),
            _ => {}
        }
    }
}

fn take_event(draft: &mut Draft, attributes: &Attributes) {
    draft.uid = attributes.get("uid").unwrap_or_default();
    draft.r#type = attributes.get("type").unwrap_or_default();
    draft.how = attributes.get("how").filter(|how| !how.is_empty());
    for name in ["time", "start", "stale"] {
        if let Some(text) = attributes.get(name) {
            draft.take_time(name, &text);
        }
    }
}

fn take_point(draft: &mut Draft, attributes: &Attributes) {
    let mut number = |name: &str| {
        let text = attributes.get(name)?;
        let number = text.trim().parse().ok();
        if number.is_none() {
            draft.problems.push((
                FaultKind::Malformed,
                format!("point {name}: {text:.80?} is no number"),
            ));
        }
        number
    };
    let [lat, lon, hae, ce, le] = ["lat", "lon", "hae", "ce", "le"].map(&mut number);
    (draft.lat_deg, draft.lon_deg) = (lat, lon);
    (draft.hae_m, draft.ce_m, draft.le_m) = (hae, ce, le);
}
