//! Names of things. Each kind of name is its own type, so that a party is never passed for a source.

use std::borrow::Cow;
use std::fmt;
use std::str::FromStr;

use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};
use serde::{Deserialize, Deserializer, Serialize};

use crate::Refused;

/// Reads any type that parses from text, telling why it did not.
pub(crate) fn parse_text<'de, D, T>(d: D) -> Result<T, D::Error>
where
    D: Deserializer<'de>,
    T: FromStr,
    T::Err: fmt::Display,
{
    let text = Cow::<'de, str>::deserialize(d)?;
    text.parse().map_err(serde::de::Error::custom)
}

/// A name of the kind `K`: 1 to 128 characters, no control characters, no space at either end.
pub struct Id<K>(String, std::marker::PhantomData<fn() -> K>);

/// What a kind of name is called in errors and schemas.
pub trait Kind {
    /// The word, e.g. `party id`.
    const WHAT: &'static str;
    /// The schema's name, e.g. `PartyId`.
    const SCHEMA: &'static str;
}

const MAX_CHARS: usize = 128;

impl<K: Kind> Id<K> {
    /// # Errors
    /// Refused when empty, longer than 128 characters, with control characters or outer spaces.
    pub fn new(text: impl Into<String>) -> Result<Self, Refused> {
        let text = text.into();
        let fits = !text.is_empty()
            && text.chars().count() <= MAX_CHARS
            && !text.chars().any(char::is_control)
            && text.trim() == text;
        if fits {
            Ok(Self(text, std::marker::PhantomData))
        } else {
            Err(Refused::new(
                K::WHAT,
                text,
                "1 to 128 printable characters without outer spaces",
            ))
        }
    }

    /// The name as text.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl<K> Clone for Id<K> {
    fn clone(&self) -> Self {
        Self(self.0.clone(), std::marker::PhantomData)
    }
}
impl<K> PartialEq for Id<K> {
    fn eq(&self, other: &Self) -> bool {
        self.0 == other.0
    }
}
impl<K> Eq for Id<K> {}
impl<K> PartialOrd for Id<K> {
    fn partial_cmp(&self, other: &Self) -> Option<std::cmp::Ordering> {
        Some(self.cmp(other))
    }
}
impl<K> Ord for Id<K> {
    fn cmp(&self, other: &Self) -> std::cmp::Ordering {
        self.0.cmp(&other.0)
    }
}
impl<K> std::hash::Hash for Id<K> {
    fn hash<H: std::hash::Hasher>(&self, state: &mut H) {
        self.0.hash(state);
    }
}
impl<K> fmt::Display for Id<K> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}
impl<K> fmt::Debug for Id<K> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Debug::fmt(&self.0, f)
    }
}
/// Lets a map keyed by names be asked with plain text.
impl<K> std::borrow::Borrow<str> for Id<K> {
    fn borrow(&self) -> &str {
        &self.0
    }
}
impl<K: Kind> FromStr for Id<K> {
    type Err = Refused;
    fn from_str(s: &str) -> Result<Self, Refused> {
        Self::new(s)
    }
}
impl<K> Serialize for Id<K> {
    fn serialize<S: serde::Serializer>(&self, s: S) -> Result<S::Ok, S::Error> {
        s.serialize_str(&self.0)
    }
}
impl<'de, K: Kind> Deserialize<'de> for Id<K> {
    fn deserialize<D: Deserializer<'de>>(d: D) -> Result<Self, D::Error> {
        parse_text(d)
    }
}
impl<K: Kind> JsonSchema for Id<K> {
    fn schema_name() -> Cow<'static, str> {
        K::SCHEMA.into()
    }
    fn json_schema(_: &mut SchemaGenerator) -> Schema {
        json_schema!({"type": "string", "minLength": 1, "maxLength": MAX_CHARS})
    }
}

macro_rules! ids {
    ($($(#[$doc:meta])* $name:ident = $kind:ident $what:literal;)*) => {$(
        $(#[$doc])*
        pub type $name = Id<$kind>;
        #[doc = concat!("Marks a ", $what, ".")]
        pub enum $kind {}
        impl Kind for $kind {
            const WHAT: &'static str = $what;
            const SCHEMA: &'static str = stringify!($name);
        }
    )*};
}

ids! {
    /// One line of contact with its areas, posts, sensors and agreement.
    TheatreId = TheatreKind "theatre id";
    /// One of those bound by the ceasefire.
    PartyId = PartyKind "party id";
    /// A thing that observes.
    SourceId = SourceKind "source id";
    /// A source's live stream.
    FeedId = FeedKind "feed id";
    /// One decoded statement of one source.
    ObservationId = ObservationKind "observation id";
    /// A clause of an agreement, such as `1.ceasefire`.
    ClauseId = ClauseKindName "clause id";
    /// An event, an assessment or a period's statement as put before the officers.
    FindingId = FindingKind "finding id";
    /// An entry of the log.
    EntryId = EntryKind "entry id";
}

/// A feed that is not told its source is its own.
impl From<&FeedId> for SourceId {
    fn from(feed: &FeedId) -> Self {
        Self(feed.0.clone(), std::marker::PhantomData)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn hostile_names_are_refused() {
        for bad in ["", " a", "a\n", "a\u{0}b", &"x".repeat(129)] {
            assert!(PartyId::new(bad).is_err(), "{bad:?}");
        }
        assert_eq!(
            serde_json::from_str::<SourceId>("\"A01\"")
                .unwrap()
                .as_str(),
            "A01"
        );
        assert!(serde_json::from_str::<SourceId>("\"\"").is_err());
    }
}
