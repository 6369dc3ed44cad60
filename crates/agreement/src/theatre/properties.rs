//! The properties of a feature, read with every fault told on its line.

use std::collections::BTreeMap;

use serde_json::{Map, Value as Json};

use super::feature::{Accuracy, SensorKind};
use super::read::Detail;
use super::shape;
use crate::Fault;
use crate::when::{self, Offset, Validity};

/// Where a feature stands in its file.
#[derive(Clone)]
pub(super) struct Spot {
    pub(super) file: String,
    pub(super) line: usize,
}

/// A feature's properties, with faults gathered where they lie.
pub(super) struct Fields<'a> {
    map: &'a Map<String, Json>,
    text: &'a str,
    pub(super) spot: &'a Spot,
    pub(super) faults: Vec<Fault>,
}

impl<'a> Fields<'a> {
    pub(super) fn new(map: &'a Map<String, Json>, text: &'a str, spot: &'a Spot) -> Self {
        Self {
            map,
            text,
            spot,
            faults: Vec::new(),
        }
    }

    /// A fault on the line of `key`, or of the feature when it has no such key.
    pub(super) fn error(
        &mut self,
        key: &str,
        what: impl Into<String>,
        expected: impl Into<String>,
    ) {
        let before = self
            .text
            .split_once(&format!("\"{key}\""))
            .map_or("", |(before, _)| before);
        let line = self.spot.line + before.matches('\n').count();
        self.faults
            .push(Fault::error(&self.spot.file, line, what, expected));
    }

    pub(super) fn shape<T>(&mut self, shape: Result<T, shape::Flaw>) -> Option<T> {
        shape
            .map_err(|(what, expected)| self.error("geometry", what, expected))
            .ok()
    }

    fn present(&self, key: &str) -> Option<&'a Json> {
        self.map.get(key).filter(|value| !value.is_null())
    }

    pub(super) fn text(&mut self, key: &str) -> Option<&'a str> {
        let value = self.present(key)?;
        let text = value.as_str().filter(|t| !t.is_empty());
        if text.is_none() {
            self.error(key, format!("{key} {value}"), "text");
        }
        text
    }

    pub(super) fn required(&mut self, key: &str) -> Option<&'a str> {
        if self.present(key).is_none() {
            self.error(key, format!("no `{key}`"), format!("a property `{key}`"));
        }
        self.text(key)
    }

    pub(super) fn parsed<T: std::str::FromStr<Err = truceline_domain::Refused>>(
        &mut self,
        key: &str,
    ) -> Option<T> {
        let text = self.required(key)?;
        text.parse()
            .map_err(|e: truceline_domain::Refused| {
                self.error(key, format!("{} {:?}", e.what, e.seen), e.expected);
            })
            .ok()
    }

    pub(super) fn positive(&mut self, key: &str) -> Option<f64> {
        let value = self.present(key)?;
        let number = value.as_f64().filter(|n| *n > 0.0 && *n <= 1e7);
        if number.is_none() {
            self.error(
                key,
                format!("{key} {value}"),
                "a number above zero, or null",
            );
        }
        number
    }

    pub(super) fn kinds(&mut self) -> Vec<SensorKind> {
        const EXPECTED: &str = "a list of acoustic, flash, seismic, video, weather";
        let Some(words) = self.present("kinds").and_then(Json::as_array) else {
            self.error("kinds", "no list of `kinds`", EXPECTED);
            return vec![];
        };
        let mut kinds = vec![];
        for word in words {
            match SensorKind::ALL
                .iter()
                .find(|(name, _)| Some(*name) == word.as_str())
            {
                Some((_, kind)) => kinds.push(*kind),
                None => self.error("kinds", format!("kind {word}"), EXPECTED),
            }
        }
        if words.is_empty() {
            self.error("kinds", "an empty list", EXPECTED);
        }
        kinds.sort_unstable();
        kinds.dedup();
        kinds
    }

    /// `names`: by a language's code of two letters.
    pub(super) fn names(&mut self) -> BTreeMap<String, String> {
        const EXPECTED: &str = "an object such as { \"en\": \"…\" }, two letters a language";
        let Some(value) = self.present("names") else {
            return BTreeMap::new();
        };
        let Some(map) = value.as_object() else {
            self.error("names", format!("names {value}"), EXPECTED);
            return BTreeMap::new();
        };
        let mut names = BTreeMap::new();
        for (code, name) in map {
            let is_code = code.len() == 2 && code.bytes().all(|b| b.is_ascii_lowercase());
            match name.as_str().filter(|n| is_code && !n.is_empty()) {
                Some(name) => drop(names.insert(code.clone(), name.to_owned())),
                None => self.error("names", format!("{code:?}: {name}"), EXPECTED),
            }
        }
        names
    }

    pub(super) fn validity(&mut self, offset: Option<Offset>, detail: Detail) -> Validity {
        let own = self.text("timezone").and_then(|zone| {
            let offset = Offset::parse(zone);
            if offset.is_none() {
                self.error(
                    "timezone",
                    format!("timezone {zone:?}"),
                    "an offset such as +04:00 or Z",
                );
            }
            offset
        });
        let offset = own.or(offset);
        let mut instant = |key: &str| {
            if detail == Detail::Theatre && !self.map.contains_key(key) {
                let what = format!("no `{key}`");
                self.error(key, what, format!("a property `{key}`, null when open"));
            }
            let text = self.text(key)?;
            if when::date(text).is_some() && offset.is_none() {
                self.error(
                    key,
                    format!("{key} {text:?} without a zone"),
                    "a `timezone` such as +04:00 beside `features`",
                );
            }
            let instant = when::start(text, offset.unwrap_or_default());
            if instant.is_none() {
                self.error(key, format!("{key} {text:?}"), when::DATE_OR_TIME);
            }
            instant
        };
        let valid = Validity {
            from: instant("valid_from"),
            until: instant("valid_until"),
        };
        if let (Some(from), Some(until)) = (valid.from, valid.until)
            && until <= from
        {
            self.error(
                "valid_until",
                format!("valid_until {until}, which is not after valid_from"),
                format!("a time after {from}"),
            );
        }
        valid
    }

    pub(super) fn accuracy_m(&mut self, detail: Detail) -> f64 {
        let word = self.text("accuracy").and_then(|word| {
            let known = Accuracy::ALL.iter().find(|(name, _)| *name == word);
            if known.is_none() {
                self.error(
                    "accuracy",
                    format!("accuracy {word:?}"),
                    "survey, place, small_scale or sketch",
                );
            }
            known.map(|(_, accuracy)| accuracy.sd_m())
        });
        let stated = self.present("accuracy_m").is_some() || self.present("accuracy").is_some();
        if detail == Detail::Theatre && !stated {
            self.error(
                "accuracy",
                "no `accuracy`",
                "`accuracy` or `accuracy_m`: nothing on a map is exact",
            );
        }
        self.positive("accuracy_m").or(word).unwrap_or(0.0)
    }
}
