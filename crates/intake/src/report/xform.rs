//! Reports as ODK/KoboToolbox submissions: XForm instances in XML (OpenRosa, ODK XForms specification).
//!
//! The instance's root names its form in the attribute `id`; each element without children tells the
//! field of its name, in whatever group it stands. `meta/instanceID` names the submission.
//! A document type declaration is refused, so no entity is ever expanded but XML's own five; so is a script.

use quick_xml::Reader;
use quick_xml::events::{BytesStart, Event};

use super::field::Fields;
use super::frame::Refusal;

/// Deeper groups are no form.
const MAX_DEPTH: usize = 32;

/// What a submission tells, and the form that its root names.
///
/// # Errors
/// When it is not well formed, declares a document type, has a script in it, is no submission, or tells a
/// field twice.
pub(super) fn read(text: &str) -> Result<(Fields, Option<String>), Refusal> {
    let mut reader = Reader::from_str(text);
    reader.config_mut().expand_empty_elements = true;
    let mut open: Vec<Element> = Vec::new();
    let mut fields = Fields::default();
    let mut is_submission = false;
    let mut form = None;
    let mut is_begun = false;
    loop {
        let at = reader.buffer_position();
        let malformed =
            |why: &dyn std::fmt::Display| Refusal::malformed(format!("byte {at} of it: {why}"));
        let event = reader.read_event().map_err(|e| malformed(&e))?;
        match event {
            Event::Start(tag) => {
                if open.len() == MAX_DEPTH {
                    return Err(malformed(&format!(
                        "more than {MAX_DEPTH} groups in each other"
                    )));
                }
                if has_script(&tag).map_err(|e| malformed(&e))? {
                    return Err(malformed(&"a script; a submission has answers only"));
                }
                match open.last_mut() {
                    Some(parent) => parent.has_children = true,
                    None if is_begun => {
                        return Err(malformed(&"something after the end of the submission"));
                    }
                    None => {
                        is_begun = true;
                        form = form_of(&tag).map_err(|e| malformed(&e))?;
                        is_submission = form.is_some();
                    }
                }
                open.push(Element {
                    name: local_name(&tag),
                    ..Element::default()
                });
            }
            Event::Text(part) => match open.last_mut() {
                Some(element) => element.text.push_str(&part),
                None if part.trim().is_empty() => {}
                None => return Err(malformed(&"text outside the submission")),
            },
            Event::CData(part) => {
                if let Some(element) = open.last_mut() {
                    element.text.push_str(&part);
                }
            }
            Event::GeneralRef(reference) => {
                let name: &str = &reference;
                let resolved = match reference.resolve_char_ref().map_err(|e| malformed(&e))? {
                    Some(c) => c.to_string(),
                    None => quick_xml::escape::resolve_xml_entity(name)
                        .ok_or_else(|| malformed(&format!("entity {name:?}")))?
                        .to_owned(),
                };
                if let Some(element) = open.last_mut() {
                    element.text.push_str(&resolved);
                }
            }
            Event::End(_) => {
                let Some(element) = open.pop() else {
                    return Err(malformed(&"an end without its beginning"));
                };
                is_submission |= element.name == "instanceID";
                if !element.has_children && !open.is_empty() {
                    fields.tell(&element.name, &element.text)?;
                }
            }
            Event::DocType(_) => return Err(malformed(&"a document type declaration")),
            Event::Eof if !open.is_empty() => return Err(malformed(&"its end is missing")),
            Event::Eof => break,
            Event::Comment(_) | Event::Decl(_) | Event::PI(_) | Event::Empty(_) => {}
        }
    }
    if is_submission {
        Ok((fields, form))
    } else {
        Err(Refusal::malformed(
            "no submission: its root names no form and it has no instanceID",
        ))
    }
}

#[derive(Debug, Default)]
struct Element {
    name: String,
    text: String,
    has_children: bool,
}

fn local_name(tag: &BytesStart<'_>) -> String {
    tag.local_name().as_ref().to_owned()
}

/// Whether an element is a script, or has an attribute that is one (`onload` and the like): no form asks for
/// such, so it was put there for whoever shows the answers.
fn has_script(tag: &BytesStart<'_>) -> Result<bool, quick_xml::Error> {
    if tag.local_name().as_ref().eq_ignore_ascii_case("script") {
        return Ok(true);
    }
    for attribute in tag.attributes() {
        let key = attribute?.key;
        let name = key.local_name();
        let is_handler = |n: &str| n.len() > 2 && n.to_ascii_lowercase().starts_with("on");
        if is_handler(name.as_ref()) {
            return Ok(true);
        }
    }
    Ok(false)
}

/// The root's attribute `id`. A Cursor on Target event, which may also have one, is no form.
fn form_of(tag: &BytesStart<'_>) -> Result<Option<String>, quick_xml::Error> {
    let id = tag.try_get_attribute("id")?;
    let id = id.filter(|_| tag.local_name().as_ref() != "event");
    Ok(id.map(|id| id.value.into_owned()))
}
