//! One line to one observation.
//!
//! A line is read twice: into its fields as they stand, which finds keys that come twice, and each
//! field into the domain's type, which refuses what cannot be. So a refusal can name the field
//! and its column, and the domain's own JSON form stays the only one.

use std::borrow::Cow;
use std::fmt;

use serde::Deserialize;
use serde::de::value::{Error as ValueError, MapAccessDeserializer};
use serde::de::{DeserializeSeed, Deserializer, Error as _, MapAccess, Visitor};
use serde_json::value::RawValue;
use truceline_domain::{Body, Observation, SourceId};

use super::seen::digest;
use crate::FaultKind;
use crate::report::frame::Refusal;

/// A line of any kind needs fewer.
const MAX_FIELDS: usize = 64;

const KINDS: &str = "acoustic, flash, seismic, thermal, video, report, weather or notice";

/// An observation and the digest of what its line says, `received` left out.
pub(super) struct Line {
    pub(super) observation: Observation,
    pub(super) content: u64,
}

/// Reads a line. `source` is named when the line names none.
pub(super) fn read(line: &str, source: &SourceId) -> Result<Line, Refusal> {
    let Fields(mut fields) = serde_json::from_str(line).map_err(|e| {
        let kind = if e.is_eof() {
            FaultKind::Truncated
        } else {
            FaultKind::Malformed
        };
        Refusal {
            kind,
            message: format!("column {}: {}", e.column(), without_place(&e)),
        }
    })?;
    let mut reader = Reader {
        line,
        absurd: false,
    };
    let mut common = |key: &str| -> Option<Field<'_>> {
        let at = fields.iter().position(|f| f.key == key)?;
        Some(fields.remove(at))
    };
    let [id, named, observed, received, kind] =
        ["id", "source", "observed", "received", "kind"].map(&mut common);
    let observed = reader.required(observed, "observed")?;
    let kind: Cow<'_, str> = reader.required(kind, "kind")?;
    let id = reader.required(id, "id")?;
    let named: Option<SourceId> = named.map(|f| reader.value(&f)).transpose()?;
    let received = received.map(|f| reader.value(&f)).transpose()?;
    let source = named.unwrap_or_else(|| source.clone());
    let content = content(&source, &fields, &[&format!("{observed} {kind}")]);
    let body = reader.body(&kind, &fields)?;
    let observation = Observation {
        id,
        source,
        observed: Some(observed),
        received,
        body,
    };
    Ok(Line {
        observation,
        content,
    })
}

/// Digest of all that a second delivery of the same line would repeat.
fn content(source: &SourceId, fields: &[Field<'_>], common: &[&str]) -> u64 {
    let mut said: Vec<_> = fields
        .iter()
        .map(|f| (f.key.as_ref(), f.raw.get()))
        .collect();
    said.sort_unstable();
    let mut text = source.as_str().to_owned();
    for part in common
        .iter()
        .copied()
        .chain(said.into_iter().flat_map(|(k, v)| [k, v]))
    {
        text.push('\n');
        text.push_str(part);
    }
    digest(text.as_bytes()) as u64
}

/// The fields of a line in their order, each key once.
struct Fields<'a>(Vec<Field<'a>>);

struct Field<'a> {
    key: Cow<'a, str>,
    raw: &'a RawValue,
}

impl<'de: 'a, 'a> Deserialize<'de> for Fields<'a> {
    fn deserialize<D: Deserializer<'de>>(d: D) -> Result<Self, D::Error> {
        d.deserialize_map(FieldsVisitor)
    }
}

struct FieldsVisitor;

impl<'de> Visitor<'de> for FieldsVisitor {
    type Value = Fields<'de>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("one JSON object")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Self::Value, A::Error> {
        let mut fields: Vec<Field<'de>> = Vec::with_capacity(16);
        while let Some(Key(key)) = map.next_key()? {
            if fields.iter().any(|f| f.key == key) {
                return Err(A::Error::custom(format_args!("{key:?} stands twice")));
            }
            if fields.len() == MAX_FIELDS {
                return Err(A::Error::custom(format_args!(
                    "more than {MAX_FIELDS} fields"
                )));
            }
            fields.push(Field {
                key,
                raw: map.next_value()?,
            });
        }
        Ok(Fields(fields))
    }
}

/// A key, borrowed from the line unless it has escapes.
struct Key<'a>(Cow<'a, str>);

impl<'de> Deserialize<'de> for Key<'de> {
    fn deserialize<D: Deserializer<'de>>(d: D) -> Result<Self, D::Error> {
        struct KeyVisitor;
        impl<'de> Visitor<'de> for KeyVisitor {
            type Value = Key<'de>;
            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("a key")
            }
            fn visit_borrowed_str<E>(self, key: &'de str) -> Result<Key<'de>, E> {
                Ok(Key(Cow::Borrowed(key)))
            }
            fn visit_str<E>(self, key: &str) -> Result<Key<'de>, E> {
                Ok(Key(Cow::Owned(key.to_owned())))
            }
        }
        d.deserialize_str(KeyVisitor)
    }
}

/// Reads fields into the domain's types.
struct Reader<'a> {
    line: &'a str,
    /// The value that was refused last is a number, only not one that can be.
    absurd: bool,
}

impl<'a> Reader<'a> {
    fn required<T: Deserialize<'a>>(
        &mut self,
        field: Option<Field<'a>>,
        key: &str,
    ) -> Result<T, Refusal> {
        match field {
            Some(field) => self.value(&field),
            None => Err(Refusal::malformed(format!("missing field `{key}`"))),
        }
    }

    fn value<T: Deserialize<'a>>(&mut self, field: &Field<'a>) -> Result<T, Refusal> {
        self.seeded(field, std::marker::PhantomData)
            .map_err(|message| self.refusal(message))
    }

    fn seeded<S: DeserializeSeed<'a>>(
        &mut self,
        Field { key, raw }: &Field<'a>,
        seed: S,
    ) -> Result<S::Value, String> {
        let mut json = serde_json::Deserializer::from_str(raw.get());
        seed.deserialize(&mut json).map_err(|e| {
            // Both point into the same line.
            let column = 1 + raw.get().as_ptr() as usize - self.line.as_ptr() as usize;
            let reason = without_place(&e);
            let is_number = serde_json::from_str::<f64>(raw.get()).is_ok();
            self.absurd = e.is_data() && is_number && !reason.starts_with("invalid type");
            format!("{key} (column {column}): {reason}")
        })
    }

    fn refusal(&self, message: String) -> Refusal {
        if self.absurd {
            Refusal::absurd(message)
        } else {
            Refusal::malformed(message)
        }
    }

    fn body(&mut self, kind: &str, fields: &[Field<'a>]) -> Result<Body, Refusal> {
        let mut rest = Rest {
            reader: self,
            fields: fields.iter(),
            value: None,
        };
        let map = MapAccessDeserializer::new(&mut rest);
        let body = match kind {
            "acoustic" => Deserialize::deserialize(map).map(Body::Acoustic),
            "flash" => Deserialize::deserialize(map).map(Body::Flash),
            "seismic" => Deserialize::deserialize(map).map(Body::Seismic),
            "thermal" => Deserialize::deserialize(map).map(Body::Thermal),
            "video" => Deserialize::deserialize(map).map(Body::Video),
            "report" => Deserialize::deserialize(map).map(Body::Report),
            "weather" => Deserialize::deserialize(map).map(Body::Weather),
            "notice" => Deserialize::deserialize(map).map(Body::Notice),
            other => {
                let seen: String = other.chars().take(40).collect();
                return Err(Refusal::malformed(format!(
                    "kind: {seen:?} is none of {KINDS}"
                )));
            }
        };
        body.map_err(|e| self.refusal(e.to_string()))
    }
}

/// The fields of a kind, for the domain's own reading.
struct Rest<'r, 'f, 'a> {
    reader: &'r mut Reader<'a>,
    fields: std::slice::Iter<'f, Field<'a>>,
    value: Option<&'f Field<'a>>,
}

impl<'a> MapAccess<'a> for Rest<'_, '_, 'a> {
    type Error = ValueError;

    fn next_key_seed<K: DeserializeSeed<'a>>(
        &mut self,
        seed: K,
    ) -> Result<Option<K::Value>, ValueError> {
        self.value = self.fields.next();
        let key = self
            .value
            .map(|f| serde::de::value::StrDeserializer::new(&f.key));
        key.map(|key| seed.deserialize(key)).transpose()
    }

    fn next_value_seed<V: DeserializeSeed<'a>>(&mut self, seed: V) -> Result<V::Value, ValueError> {
        let field = self
            .value
            .take()
            .ok_or_else(|| ValueError::custom("a value without its key"))?;
        self.reader.seeded(field, seed).map_err(ValueError::custom)
    }
}

/// The reason without serde's own line and column, which count within the piece it was given.
fn without_place(e: &serde_json::Error) -> String {
    let message = e.to_string();
    match message.rfind(" at line ") {
        Some(end) => message[..end].to_owned(),
        None => message,
    }
}
