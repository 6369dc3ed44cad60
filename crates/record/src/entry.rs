//! An entry: one leaf of the log, as RFC 8785 canonical JSON of at most 65,535 bytes.
//!
//! ```json
//! {"body":{…},"by":"…","id":"…","recorded":"2020-11-10T09:00:00.000000Z","theatre":"…","type":"…"}
//! ```
//!
//! `observed` and `received` stand between `id` and `recorded` where they apply. There is no other
//! member: an entry has one form, and the log's hash is over exactly these bytes.

use serde::{Deserialize, Serialize};
use serde_json::Value;
use truceline_domain::{EntryId, Observed, Received, Recorded, Sha256, TheatreId};

use crate::canonical::{self, CanonicalError};

/// The most that an entry bundle's uint16 length can say (C2SP tlog-tiles).
pub const MAX_ENTRY_BYTES: usize = 65_535;

/// An entry that was refused.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum EntryError {
    /// Longer than an entry may be: what is that large is stored by its hash.
    #[error(
        "the entry {id} has {bytes} bytes, at most {MAX_ENTRY_BYTES} fit: store it by its hash"
    )]
    TooLarge {
        /// The entry.
        id: String,
        /// Its canonical length.
        bytes: usize,
    },
    /// The body has no canonical form.
    #[error("the entry {id} has no canonical form: {source}")]
    NoCanonicalForm {
        /// The entry.
        id: String,
        /// Why.
        source: CanonicalError,
    },
    /// A member that must say something is empty.
    #[error("the entry's {0:?} is empty")]
    Empty(&'static str),
    /// Not the JSON of an entry.
    #[error("not an entry: {0}")]
    NotAnEntry(String),
    /// An entry, but not in its one form (order, spaces, numbers, doubled members, others unknown).
    #[error("not canonical JSON (RFC 8785) from byte {offset} on")]
    NotCanonical {
        /// The first byte that differs.
        offset: usize,
    },
    /// The body is not what its type says.
    #[error("the entry {id} of type {kind}: {reason}")]
    Body {
        /// The entry.
        id: String,
        /// Its type.
        kind: String,
        /// What was seen and what was expected.
        reason: String,
    },
}

/// What somebody wants recorded. It becomes an [`Entry`] when the log's writer stamps it.
#[derive(Debug, Clone, PartialEq)]
pub struct Draft {
    /// What kind of entry it is; the JSON member is called `type`.
    pub kind: String,
    /// The entry's name. The log does not look for doubles.
    pub id: EntryId,
    /// The line of contact it belongs to.
    pub theatre: TheatreId,
    /// When it happened, by the source's clock.
    pub observed: Option<Observed>,
    /// When it reached the centre.
    pub received: Option<Received>,
    /// Who says so: the name of a key, a feed or a part of the program.
    pub by: String,
    /// What the kind says it is.
    pub body: Value,
}

impl Draft {
    /// An entry of `kind` with the body that the type gives, named after its content: the same
    /// statement made twice has the same id.
    ///
    /// # Errors
    /// When the body has no canonical form.
    pub fn new<B: Serialize>(
        kind: &str,
        theatre: &TheatreId,
        by: &str,
        body: &B,
    ) -> Result<Self, EntryError> {
        let not_json = |error: serde_json::Error| EntryError::NotAnEntry(error.to_string());
        let body = serde_json::to_value(body).map_err(not_json)?;
        let named = serde_json::json!([kind, theatre, by, body]);
        let canonical =
            canonical::to_vec(&named).map_err(|source| EntryError::NoCanonicalForm {
                id: kind.to_owned(),
                source,
            })?;
        // 96 bits: two entries of one centre meet by chance with p < 1e-10 after a billion.
        let id = format!("{kind}-{}", Sha256::of(&canonical).short(24));
        let id = EntryId::new(id).map_err(|refused| EntryError::NotAnEntry(refused.to_string()))?;
        Ok(Self {
            kind: kind.to_owned(),
            id,
            theatre: theatre.clone(),
            observed: None,
            received: None,
            by: by.to_owned(),
            body,
        })
    }

    /// The same under another name.
    #[must_use]
    pub fn with_id(self, id: EntryId) -> Self {
        Self { id, ..self }
    }

    /// The same with its times at the source and at the centre.
    #[must_use]
    pub fn with_times(self, observed: Option<Observed>, received: Option<Received>) -> Self {
        Self {
            observed,
            received,
            ..self
        }
    }

    /// The entry that this is when recorded at `recorded`.
    #[must_use]
    pub fn stamped(self, recorded: Recorded) -> Entry {
        let Self {
            kind,
            id,
            theatre,
            observed,
            received,
            by,
            body,
        } = self;
        Entry {
            kind,
            id,
            theatre,
            recorded,
            observed,
            received,
            by,
            body,
        }
    }
}

/// One leaf of the log.
#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Entry {
    /// What kind of entry it is.
    #[serde(rename = "type")]
    pub kind: String,
    /// The entry's name.
    pub id: EntryId,
    /// The line of contact it belongs to.
    pub theatre: TheatreId,
    /// When it entered the log, by the log's clock; never earlier than the entry before it.
    pub recorded: Recorded,
    /// When it happened, by the source's clock.
    #[serde(default)]
    pub observed: Option<Observed>,
    /// When it reached the centre.
    #[serde(default)]
    pub received: Option<Received>,
    /// Who says so.
    pub by: String,
    /// What the kind says it is.
    pub body: Value,
}

impl Entry {
    /// The bytes that the log holds.
    ///
    /// # Errors
    /// When a member is empty, the body has no canonical form, or they are more than 65,535.
    pub fn to_bytes(&self) -> Result<Vec<u8>, EntryError> {
        for (name, text) in [("type", &self.kind), ("by", &self.by)] {
            if text.is_empty() {
                return Err(EntryError::Empty(name));
            }
        }
        let bytes = self
            .canonical()
            .map_err(|source| EntryError::NoCanonicalForm {
                id: self.id.to_string(),
                source,
            })?;
        if bytes.len() > MAX_ENTRY_BYTES {
            return Err(EntryError::TooLarge {
                id: self.id.to_string(),
                bytes: bytes.len(),
            });
        }
        Ok(bytes)
    }

    /// The members in the order that RFC 8785 §3.2.3 gives them.
    fn canonical(&self) -> Result<Vec<u8>, CanonicalError> {
        let mut out = Vec::with_capacity(512);
        out.extend_from_slice(b"{\"body\":");
        canonical::write(&mut out, &self.body)?;
        let mut member = |name: &str, text: &str| {
            out.push(b',');
            canonical::write_text(&mut out, name);
            out.push(b':');
            canonical::write_text(&mut out, text);
        };
        member("by", &self.by);
        member("id", self.id.as_str());
        if let Some(observed) = self.observed {
            member("observed", &observed.to_string());
        }
        if let Some(received) = self.received {
            member("received", &received.to_string());
        }
        member("recorded", &self.recorded.to_string());
        member("theatre", self.theatre.as_str());
        member("type", &self.kind);
        out.push(b'}');
        Ok(out)
    }

    /// Reads a leaf. Bytes that are not the entry's one form are refused.
    ///
    /// # Errors
    /// When they are not an entry, not canonical, or too many.
    pub fn from_bytes(bytes: &[u8]) -> Result<Self, EntryError> {
        if bytes.len() > MAX_ENTRY_BYTES {
            return Err(EntryError::TooLarge {
                id: "read".to_owned(),
                bytes: bytes.len(),
            });
        }
        let entry: Self = serde_json::from_slice(bytes)
            .map_err(|error| EntryError::NotAnEntry(error.to_string()))?;
        let canonical = entry.to_bytes()?;
        if canonical != bytes {
            let same = canonical
                .iter()
                .zip(bytes)
                .take_while(|(a, b)| a == b)
                .count();
            return Err(EntryError::NotCanonical { offset: same });
        }
        Ok(entry)
    }

    /// The body as the type that its kind stands for.
    ///
    /// # Errors
    /// When it is not of that form.
    pub fn body_as<B: for<'de> Deserialize<'de>>(&self) -> Result<B, EntryError> {
        B::deserialize(&self.body).map_err(|error| EntryError::Body {
            id: self.id.to_string(),
            kind: self.kind.clone(),
            reason: error.to_string(),
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn entry() -> Entry {
        let theatre = TheatreId::new("t").unwrap();
        let draft = Draft::new(
            "note",
            &theatre,
            "desk",
            &serde_json::json!({"b": 1.50, "a": "é"}),
        );
        draft
            .unwrap()
            .with_id(EntryId::new("n1").unwrap())
            .stamped("2020-11-10T09:00:00Z".parse().unwrap())
    }

    #[test]
    fn an_entry_has_one_form() {
        let bytes = entry().to_bytes().unwrap();
        let expected = concat!(
            r#"{"body":{"a":"é","b":1.5},"by":"desk","id":"n1","#,
            r#""recorded":"2020-11-10T09:00:00.000000Z","theatre":"t","type":"note"}"#
        );
        assert_eq!(String::from_utf8(bytes.clone()).unwrap(), expected);
        assert_eq!(Entry::from_bytes(&bytes).unwrap(), entry());
        assert_eq!(
            serde_json_canonicalizer::to_vec(&serde_json::from_slice::<Value>(&bytes).unwrap())
                .unwrap(),
            bytes
        );
    }

    #[test]
    fn other_forms_of_the_same_entry_are_refused() {
        let text = String::from_utf8(entry().to_bytes().unwrap()).unwrap();
        for other in [
            text.replace("1.5", "1.50"),
            text.replace("\"by\"", " \"by\""),
            text.replace(",\"type\":\"note\"}", ",\"type\":\"note\",\"zone\":1}"),
            text.replace("\"b\":1.5", "\"b\":1.5,\"b\":1.5"),
            text.replace("\"by\":\"desk\"", "\"by\":\"desk\",\"by\":\"desk\""),
            text.replace("\"by\":\"desk\"", "\"by\":\"\""),
            text.replace("000000Z", "0Z"),
            text.replace("\"recorded\"", "\"observed\":null,\"recorded\""),
            format!("{text} "),
            text.replace('é', "\\u00e9"),
        ] {
            assert_ne!(other, text);
            assert!(Entry::from_bytes(other.as_bytes()).is_err(), "{other}");
        }
    }

    #[test]
    fn an_entry_that_does_not_fit_is_refused() {
        let mut large = entry();
        let room =
            MAX_ENTRY_BYTES - large.to_bytes().unwrap().len() + "{\"a\":\"é\",\"b\":1.5}".len();
        large.body = Value::from("x".repeat(room - 2));
        assert_eq!(large.to_bytes().unwrap().len(), MAX_ENTRY_BYTES);
        large.body = Value::from("x".repeat(room - 1));
        assert!(matches!(
            large.to_bytes(),
            Err(EntryError::TooLarge { bytes: 65_536, .. })
        ));
    }
}
