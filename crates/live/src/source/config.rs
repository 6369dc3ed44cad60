//! How a source stands in `truceline.toml`:
//!
//! ```toml
//! live = "udp://239.1.2.3:5004"
//! live = { url = "rtsp://watch@camera.example/one", transport = "tcp", password_file = "keys/camera" }
//! ```

use std::fmt;

use serde::de::{self, MapAccess, Visitor};
use serde::ser::SerializeMap;
use serde::{Deserialize, Deserializer, Serialize, Serializer};

use super::Source;

impl Serialize for Source {
    fn serialize<S: Serializer>(&self, s: S) -> Result<S::Ok, S::Error> {
        if self.beside.is_empty() {
            return s.serialize_str(&self.given.0);
        }
        let mut map = s.serialize_map(None)?;
        map.serialize_entry("url", &self.given.0)?;
        let mut names: Vec<&str> = self.beside.iter().map(|(n, _)| n.as_str()).collect();
        names.dedup();
        for name in names {
            let values: Vec<&str> = self
                .beside
                .iter()
                .filter(|(n, _)| n == name)
                .map(|(_, v)| v.as_str())
                .collect();
            match values.as_slice() {
                [one] => map.serialize_entry(name, one)?,
                many => map.serialize_entry(name, many)?,
            }
        }
        map.end()
    }
}

impl<'de> Deserialize<'de> for Source {
    fn deserialize<D: Deserializer<'de>>(d: D) -> Result<Self, D::Error> {
        d.deserialize_any(AddressOrTable)
    }
}

struct AddressOrTable;

/// A value of the table.
#[derive(Deserialize)]
#[serde(untagged)]
enum Value {
    Text(String),
    Number(i64),
    Many(Vec<String>),
}

impl<'de> Visitor<'de> for AddressOrTable {
    type Value = Source;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("an address, or a table with `url` and options")
    }

    fn visit_str<E: de::Error>(self, text: &str) -> Result<Source, E> {
        text.parse().map_err(E::custom)
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Source, A::Error> {
        let mut url = None;
        let mut beside = Vec::new();
        while let Some((name, value)) = map.next_entry::<String, Value>()? {
            match value {
                Value::Text(text) if name == "url" => url = Some(text),
                Value::Text(text) => beside.push((name, text)),
                Value::Number(n) => beside.push((name, n.to_string())),
                Value::Many(many) => beside.extend(many.into_iter().map(|v| (name.clone(), v))),
            }
        }
        let url = url.ok_or_else(|| de::Error::missing_field("url"))?;
        Source::new(&url, &beside).map_err(de::Error::custom)
    }
}
