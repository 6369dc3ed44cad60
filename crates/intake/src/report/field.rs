//! What a report may tell, by whatever name a table, an object or a form calls it.

use std::collections::BTreeMap;

use super::frame::{Refusal, folded};

/// One thing that a report tells.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Field {
    Id,
    Observer,
    ObserverPlace,
    ObserverLatitude,
    ObserverLongitude,
    EventLocation,
    Latitude,
    Longitude,
    Means,
    Count,
    CountKind,
    Phenomenon,
    Description,
    Weapon,
    When,
    Date,
    Time,
    Until,
    /// When a form was begun: the time of the event when the form has no other.
    FormStart,
    Zone,
    Bearing,
    Bearings,
    DistanceM,
    DistanceText,
    DistanceKmMin,
    DistanceKmMax,
    Direction,
    Flight,
    Attributed,
    Text,
    Attachment,
}

/// Spellings as [`folded`] gives them. The first of a field is the name used in messages.
const SPELLINGS: &[(Field, &[&str])] = &[
    (
        Field::Id,
        &["id", "instanceid", "reportid", "observationid"],
    ),
    (
        Field::Observer,
        &[
            "observer",
            "observerid",
            "source",
            "post",
            "postid",
            "team",
            "patrol",
        ],
    ),
    (
        Field::ObserverPlace,
        &[
            "position",
            "smmposition",
            "observerplace",
            "observerposition",
            "positionoftheobserver",
            "positionofobserver",
            "positionofthepost",
        ],
    ),
    (
        Field::ObserverLatitude,
        &["observerlat", "observerlatitude"],
    ),
    (
        Field::ObserverLongitude,
        &["observerlon", "observerlongitude"],
    ),
    (
        Field::EventLocation,
        &[
            "eventlocation",
            "locationoftheevent",
            "locationofevent",
            "location",
            "place",
            "eventposition",
        ],
    ),
    (
        Field::Latitude,
        &["lat", "latitude", "eventlat", "eventlatitude"],
    ),
    (
        Field::Longitude,
        &["lon", "longitude", "lng", "eventlon", "eventlongitude"],
    ),
    (Field::Means, &["means", "meansofobservation", "observedby"]),
    (
        Field::Count,
        &[
            "no",
            "number",
            "count",
            "quantity",
            "numberofrounds",
            "noofrounds",
        ],
    ),
    (Field::CountKind, &["nokind", "countkind"]),
    (
        Field::Phenomenon,
        &[
            "observation",
            "phenomenon",
            "typeofobservation",
            "violation",
        ],
    ),
    (Field::Description, &["description"]),
    (
        Field::Weapon,
        &[
            "weapon",
            "weapons",
            "weapontype",
            "weaponsystem",
            "weapontext",
        ],
    ),
    (
        Field::When,
        &[
            "datetime",
            "dateandtime",
            "when",
            "observed",
            "dateandtimelocal",
            "localdatetime",
            "timeofevent",
        ],
    ),
    (Field::Date, &["date", "day"]),
    (Field::Time, &["time", "localtime", "timelocal"]),
    (Field::Until, &["until", "observeduntil", "endtime"]),
    (Field::FormStart, &["start"]),
    (Field::Zone, &["tz", "timezone", "zone", "utcoffset"]),
    (
        Field::Bearing,
        &["bearing", "bearingdeg", "azimuth", "azimuthdeg"],
    ),
    (Field::Bearings, &["bearings", "winds"]),
    (Field::DistanceM, &["distancem", "rangem"]),
    (Field::DistanceText, &["distance", "range"]),
    (Field::DistanceKmMin, &["distkmmin", "distancekmmin"]),
    (Field::DistanceKmMax, &["distkmmax", "distancekmmax"]),
    (Field::Direction, &["direction"]),
    (Field::Flight, &["flight", "directionofflight"]),
    (Field::Attributed, &["attributed", "attributedto"]),
    (
        Field::Text,
        &["text", "note", "notes", "remarks", "comment", "comments"],
    ),
    (
        Field::Attachment,
        &[
            "attachment",
            "photo",
            "image",
            "audio",
            "video",
            "file",
            "filename",
        ],
    ),
];

impl Field {
    /// The field that a name stands for. What is in brackets, a unit or a zone, is no part of the name.
    pub(super) fn of(name: &str) -> Option<Self> {
        let name = folded(name.split('(').next().unwrap_or(name));
        SPELLINGS
            .iter()
            .find(|(_, all)| all.contains(&name.as_str()))
            .map(|(field, _)| *field)
    }

    /// The name for messages.
    pub(super) fn name(self) -> &'static str {
        SPELLINGS
            .iter()
            .find(|(field, _)| *field == self)
            .and_then(|(_, all)| all.first())
            .copied()
            .unwrap_or("field")
    }

    /// Whether tables of ceasefire violations have it and hardly any other table does.
    pub(super) const fn is_telling(self) -> bool {
        matches!(
            self,
            Self::EventLocation
                | Self::Means
                | Self::Phenomenon
                | Self::Weapon
                | Self::Count
                | Self::Bearing
                | Self::Bearings
                | Self::DistanceM
                | Self::Direction
        )
    }

    /// Whether a report may tell it in several places, which are then read as one.
    const fn may_repeat(self) -> bool {
        matches!(self, Self::Text | Self::Attachment)
    }
}

/// What one report tells: fields to their text. Nothing («N/K», «-», an empty cell) is left out.
#[derive(Debug, Default)]
pub(super) struct Fields {
    told: BTreeMap<Field, String>,
    /// Everything, also what no field stands for, so that two reports that differ anywhere differ.
    identity: Vec<(String, String)>,
}

impl Fields {
    /// Notes a value under the name it came with.
    ///
    /// # Errors
    /// When the field was told before.
    pub(super) fn tell(&mut self, name: &str, value: &str) -> Result<(), Refusal> {
        let value = value.trim();
        self.identity.push((name.to_owned(), value.to_owned()));
        if is_nothing(value) {
            return Ok(());
        }
        let Some(field) = Field::of(name) else {
            return Ok(());
        };
        match self.told.get_mut(&field) {
            None => {
                self.told.insert(field, value.to_owned());
            }
            Some(before) if field.may_repeat() => {
                before.push_str("; ");
                before.push_str(value);
            }
            Some(before) if before == value => {}
            Some(_) => {
                return Err(Refusal::malformed(format!(
                    "{} is told twice, as {name:?} too",
                    field.name()
                )));
            }
        }
        Ok(())
    }

    /// What is told of a field.
    pub(super) fn get(&self, field: Field) -> Option<&str> {
        self.told.get(&field).map(String::as_str)
    }

    /// The names and values, as they came.
    pub(super) fn pairs(&self) -> &[(String, String)] {
        &self.identity
    }

    /// How many of the fields speak for a report.
    pub(super) fn telling(&self) -> usize {
        self.told.keys().filter(|f| f.is_telling()).count()
    }

    /// Names and values in an order that does not hang on the columns'.
    pub(super) fn identity(&self) -> Vec<&[u8]> {
        let mut pairs: Vec<_> = self
            .identity
            .iter()
            .filter(|(_, value)| !value.is_empty())
            .collect();
        pairs.sort_unstable();
        pairs
            .into_iter()
            .flat_map(|(name, value)| [name.as_bytes(), value.as_bytes()])
            .collect()
    }
}

/// The ways of writing that nothing is known.
pub(super) fn is_nothing(value: &str) -> bool {
    let value = value.trim();
    value.chars().all(|c| !c.is_alphanumeric())
        || ["n/k", "n/a", "nk", "not known", "null"]
            .iter()
            .any(|w| value.eq_ignore_ascii_case(w))
}
