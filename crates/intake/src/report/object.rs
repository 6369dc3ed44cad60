//! Reports as JSON objects: in the domain's own form, with a table's names for keys, or as KoboToolbox and
//! ODK export submissions (`group/field` keys).

use std::fmt;

use serde::de::{DeserializeSeed, Deserializer, Error, MapAccess, SeqAccess, Visitor};

use super::field::Fields;
use super::frame::Refusal;

/// What an object tells: each value under the last part of its path. The values of lists stand together.
///
/// # Errors
/// When it is no JSON object, a key stands twice in it, or a field is told twice.
pub(super) fn read(text: &str) -> Result<Fields, Refusal> {
    let mut leaves = Leaves(Vec::new());
    let mut json = serde_json::Deserializer::from_str(text);
    Flatten {
        path: String::new(),
        leaves: &mut leaves,
    }
    .deserialize(&mut json)
    .and_then(|()| json.end())
    .map_err(|e| Refusal::malformed(format!("no report in JSON: {e}")))?;
    let mut fields = Fields::default();
    for (path, value) in leaves.0 {
        // KoboToolbox's own notes on a submission begin with an underscore.
        let last = path.rsplit('/').next().unwrap_or(&path);
        if last == "_uuid" || !path.starts_with('_') {
            fields.tell(last, &value)?;
        }
    }
    Ok(fields)
}

/// Paths with their values, in the object's order.
struct Leaves(Vec<(String, String)>);

impl Leaves {
    fn tell(&mut self, path: String, value: String) {
        match self.0.last_mut() {
            // The members of a list come one after the other.
            Some((before, values)) if *before == path => {
                values.push(' ');
                values.push_str(&value);
            }
            _ => self.0.push((path, value)),
        }
    }
}

struct Flatten<'a> {
    path: String,
    leaves: &'a mut Leaves,
}

impl Flatten<'_> {
    fn leaf(self, value: impl fmt::Display) {
        self.leaves.tell(self.path, value.to_string());
    }
}

impl<'de> DeserializeSeed<'de> for Flatten<'_> {
    type Value = ();

    fn deserialize<D: Deserializer<'de>>(self, d: D) -> Result<(), D::Error> {
        if self.path.is_empty() {
            d.deserialize_map(self)
        } else {
            d.deserialize_any(self)
        }
    }
}

impl<'de> Visitor<'de> for Flatten<'_> {
    type Value = ();

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("an object")
    }

    fn visit_str<E: Error>(self, value: &str) -> Result<(), E> {
        self.leaf(value);
        Ok(())
    }

    fn visit_bool<E: Error>(self, value: bool) -> Result<(), E> {
        self.leaf(value);
        Ok(())
    }

    fn visit_u64<E: Error>(self, value: u64) -> Result<(), E> {
        self.leaf(value);
        Ok(())
    }

    fn visit_i64<E: Error>(self, value: i64) -> Result<(), E> {
        self.leaf(value);
        Ok(())
    }

    fn visit_f64<E: Error>(self, value: f64) -> Result<(), E> {
        self.leaf(value);
        Ok(())
    }

    fn visit_unit<E: Error>(self) -> Result<(), E> {
        Ok(())
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut seq: A) -> Result<(), A::Error> {
        let Self { path, leaves } = self;
        while seq
            .next_element_seed(Flatten {
                path: path.clone(),
                leaves: &mut *leaves,
            })?
            .is_some()
        {}
        Ok(())
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<(), A::Error> {
        let Self { path, leaves } = self;
        let mut keys: Vec<String> = Vec::new();
        let mut place = Place::default();
        while let Some(key) = map.next_key::<String>()? {
            if keys.contains(&key) {
                return Err(A::Error::custom(format_args!("{key:?} stands twice")));
            }
            let mark = leaves.0.len();
            let path = if path.is_empty() {
                key.clone()
            } else {
                format!("{path}/{key}")
            };
            map.next_value_seed(Flatten {
                path: path.clone(),
                leaves: &mut *leaves,
            })?;
            place.note(
                &path,
                &key,
                leaves.0.get(mark).map(|(_, value)| value.as_str()),
            );
            keys.push(key);
            if keys.len() > MAX_KEYS {
                return Err(A::Error::custom(format_args!("more than {MAX_KEYS} keys")));
            }
        }
        if !path.is_empty()
            && let Some(point) = place.point()
        {
            // `"observer": {"lat": …, "lon": …}` is one value, a point.
            leaves.0.retain(|(leaf, _)| !place.is_part(leaf));
            leaves.0.push((path, point));
        }
        Ok(())
    }
}

/// No form has more.
const MAX_KEYS: usize = 512;

/// An object that is a point.
#[derive(Default)]
struct Place {
    lat: Option<(String, String)>,
    lon: Option<(String, String)>,
}

impl Place {
    fn note(&mut self, path: &str, key: &str, value: Option<&str>) {
        let told = value.map(|value| (path.to_owned(), value.to_owned()));
        match key {
            "lat" | "latitude" => self.lat = told,
            "lon" | "longitude" => self.lon = told,
            _ => {}
        }
    }

    fn point(&self) -> Option<String> {
        let ((_, lat), (_, lon)) = (self.lat.as_ref()?, self.lon.as_ref()?);
        Some(format!("{lat} {lon}"))
    }

    fn is_part(&self, leaf: &str) -> bool {
        [&self.lat, &self.lon]
            .into_iter()
            .flatten()
            .any(|(path, _)| path == leaf)
    }
}
