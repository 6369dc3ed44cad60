//! The JSON face: decoded sets as `serde_json` maps (feature `json`, on by default).
//!
//! - A key is the standard's item name in snake case with the unit as suffix; numbers are finite and in that unit.
//! - An enumeration is its code, with the standard's word beside it as `…_name`. Flags are their bits, with the names of those
//!   that are set as `…_set`.
//! - What is not a number is `null`, and `special` says for each such key what the code means: an error indicator, "out of
//!   range", a special value of ST 1201, or `zero_length` ("unknown" in the words of ST 0601).
//! - Text that is not UTF-8 is given with replacement characters, and `special` says `not_utf8` with the bytes.
//! - An item whose bytes are not of its form is in `invalid` with the reason and the bytes.
//! - Unknown tags are in `unknown`, by tag, in hexadecimal. Sets of other standards are hexadecimal text under their own name.
//! - An item that comes again although the standard allows it once is in `repeated`; the first one has the key. Items that
//!   may come more than once are always arrays.
//! - A fault that ended the set early is in `fault`.
//! - A VMTI set that does not state its own version has an `edition_basis`: see [`crate::st0903::Edition`].

use serde::Serialize;
use serde_json::{Map, Value as Json, json};

use crate::error::Error;
use crate::pack::{Pack, Record, Series};
use crate::set::{Field, Item, LocalSet};
use crate::st0601::lists::{Payload, WavelengthBand};
use crate::st0601::weapons::WeaponStore;
use crate::st0601::{Packet, locations::Waypoint};
use crate::st0903::packs::{PixelRun, TargetLocation};
use crate::st0903::{ALGORITHM, DEF, DEF_LEGACY, Edition, ONTOLOGY, VCHIP, VOBJECT, Vmti, packs};
use crate::value::{Reading, Special, Value};

/// Sets nest at most this deep: 0601 → amend → segment → VMTI → target → tracker is six. Deeper ones stay hexadecimal.
pub const MAX_DEPTH: usize = 8;

/// Records of one list at most; the count of those left out is told as the last element.
pub const MAX_RECORDS: usize = 4096;

/// Bytes that were to be text, as JSON has them.
pub(crate) struct NotUtf8<'a>(pub(crate) &'a [u8]);

impl Serialize for NotUtf8<'_> {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        not_utf8(self.0).serialize(serializer)
    }
}

fn not_utf8(raw: &[u8]) -> Json {
    json!({ "meaning": "not_utf8", "hex": hex(raw) })
}

impl Serialize for Reading {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match self {
            Self::Value(value) => serializer.serialize_f64(*value),
            Self::Special(special) => special_json(special).serialize(serializer),
        }
    }
}

fn special_json(special: &Special) -> Json {
    let digits = 2 * usize::from(special.bytes);
    json!({ "meaning": special.as_str(), "code": format!("0x{:0digits$x}", special.code) })
}

/// Lower-case hexadecimal.
fn hex(bytes: &[u8]) -> String {
    use std::fmt::Write;
    bytes
        .iter()
        .fold(String::with_capacity(2 * bytes.len()), |mut text, byte| {
            // Writing to a String cannot fail.
            let _ = write!(text, "{byte:02x}");
            text
        })
}

impl Packet<'_> {
    /// The packet's items as a JSON object; see [`crate::json`] for its form. The checksum's own verdict is
    /// [`Packet::checksum`]: ask it first.
    ///
    /// ```
    /// use truceline_klv::st0601::{Builder, Packet};
    /// use truceline_klv::{Special, SpecialKind, Value};
    ///
    /// let mut builder = Builder::new(1_773_480_600_000_000);
    /// builder.text(3, "Mission 12")?.number(15, 14_190.72)?.raw(200, &[0xca, 0xfe]).raw(6, &[0x80, 0x00]);
    /// let json = Packet::parse(&builder.finish())?.to_json();
    /// assert_eq!(json["mission_id"], "Mission 12");
    /// assert_eq!(json["unknown"]["200"], "cafe");
    /// // Out of range is not a number, and is told apart from one.
    /// assert!(json["platform_pitch_angle_deg"].is_null());
    /// assert_eq!(json["special"]["platform_pitch_angle_deg"]["meaning"], "out_of_range");
    /// # Ok::<(), truceline_klv::Error>(())
    /// ```
    #[must_use]
    pub fn to_json(&self) -> Map<String, Json> {
        self.set().to_json()
    }
}

impl Vmti<'_> {
    /// The set's items as a JSON object, in the form of [`Packet::to_json`].
    #[must_use]
    pub fn to_json(&self) -> Map<String, Json> {
        self.set().to_json()
    }
}

impl LocalSet<'_> {
    /// The set's items as a JSON object, in the form of [`Packet::to_json`].
    #[must_use]
    pub fn to_json(&self) -> Map<String, Json> {
        set_json(self, 0)
    }
}

fn set_json(set: &LocalSet<'_>, depth: usize) -> Map<String, Json> {
    let mut writer = Writer {
        depth,
        ..Writer::default()
    };
    if let Some(basis) = edition_basis(set) {
        writer.map.insert("edition_basis".into(), basis.into());
    }
    for item in set.items() {
        match item {
            Ok(item) => writer.item(&item),
            Err(error) => {
                writer.map.insert("fault".into(), error.to_string().into());
            }
        }
    }
    writer.finish()
}

/// How a VMTI set's mappings are known, unless it states its version itself or has nothing that is mapped.
fn edition_basis(set: &LocalSet<'_>) -> Option<&'static str> {
    let legacy = std::ptr::eq(set.def(), &DEF_LEGACY);
    if !(legacy || std::ptr::eq(set.def(), &DEF))
        || ![11, 12, 101].into_iter().any(|tag| set.find(tag).is_some())
    {
        return None;
    }
    match Edition::of(set.bytes()) {
        Edition::Stated(_) => None,
        _ if legacy => {
            Some("edition 3 or earlier, by the length of its offsets or an earlier packet")
        }
        _ => Some("edition 4 or later, assumed"),
    }
}

#[derive(Default)]
struct Writer {
    depth: usize,
    map: Map<String, Json>,
    special: Map<String, Json>,
    invalid: Map<String, Json>,
    repeated: Map<String, Json>,
    unknown: Map<String, Json>,
}

impl Writer {
    fn item(&mut self, item: &Item<'_>) {
        let Some(field) = item.field() else {
            return self.unknown(item);
        };
        if self.map.contains_key(field.json) && !field.multiple {
            let repeated = self.repeated.entry(field.json).or_insert_with(|| json!([]));
            return push(repeated, repeat_json(item));
        }
        let value = match (item.pack(), item.value()) {
            (Some(Ok(pack)), _) => return self.put(field, pack_json(&pack, self.depth)),
            (Some(Err(error)), _) | (None, Err(error)) => return self.invalid(field, item, &error),
            (None, Ok(value)) => value,
        };
        self.value(field, &value);
    }

    fn unknown(&mut self, item: &Item<'_>) {
        let raw = Json::from(hex(item.raw));
        match self.unknown.entry(item.tag.to_string()) {
            serde_json::map::Entry::Vacant(entry) => {
                entry.insert(raw);
            }
            serde_json::map::Entry::Occupied(mut entry) => {
                if !entry.get().is_array() {
                    let first = entry.get().clone();
                    entry.insert(json!([first]));
                }
                push(entry.get_mut(), raw);
            }
        }
    }

    fn invalid(&mut self, field: &Field, item: &Item<'_>, error: &Error) {
        let entry = json!({ "reason": error.to_string(), "hex": hex(item.raw) });
        self.invalid.insert(field.json.into(), entry);
        if !field.multiple {
            self.map.insert(field.json.into(), Json::Null);
        }
    }

    fn value(&mut self, field: &Field, value: &Value<'_>) {
        let json = match value {
            Value::Empty => {
                self.special
                    .insert(field.json.into(), json!({ "meaning": "zero_length" }));
                Json::Null
            }
            Value::Special(special) => {
                self.special
                    .insert(field.json.into(), special_json(special));
                Json::Null
            }
            Value::TextInvalid(raw) => {
                self.special.insert(field.json.into(), not_utf8(raw));
                String::from_utf8_lossy(raw).into()
            }
            Value::Enumerated { code, label } => {
                if let Some(label) = label {
                    self.map
                        .insert(format!("{}_name", field.json), (*label).into());
                }
                (*code).into()
            }
            Value::Flags { bits, names } => {
                let set = names
                    .iter()
                    .enumerate()
                    .filter(|(bit, _)| bits >> bit & 1 == 1);
                self.map.insert(
                    format!("{}_set", field.json),
                    set.map(|(_, name)| Json::from(*name)).collect(),
                );
                (*bits).into()
            }
            other => plain_json(other, self.depth),
        };
        self.put(field, json);
    }

    fn put(&mut self, field: &Field, json: Json) {
        if field.multiple {
            push(
                self.map.entry(field.json).or_insert_with(|| json!([])),
                json,
            );
        } else {
            self.map.insert(field.json.into(), json);
        }
    }

    fn finish(mut self) -> Map<String, Json> {
        let asides = [
            ("special", self.special),
            ("invalid", self.invalid),
            ("repeated", self.repeated),
            ("unknown", self.unknown),
        ];
        for (name, aside) in asides.into_iter().filter(|(_, aside)| !aside.is_empty()) {
            self.map.insert(name.into(), Json::Object(aside));
        }
        self.map
    }
}

fn push(array: &mut Json, element: Json) {
    if let Json::Array(elements) = array {
        elements.push(element);
    }
}

/// An item that came again: its number or text if it has one, else its bytes.
fn repeat_json(item: &Item<'_>) -> Json {
    match item.value() {
        Ok(value @ (Value::Real(_) | Value::Unsigned(_) | Value::Signed(_) | Value::Text(_))) => {
            plain_json(&value, MAX_DEPTH)
        }
        _ => json!({ "hex": hex(item.raw) }),
    }
}

/// Values that need nothing beside their key.
fn plain_json(value: &Value<'_>, depth: usize) -> Json {
    match value {
        Value::Unsigned(number) => (*number).into(),
        Value::Signed(number) => (*number).into(),
        Value::Real(number) => (*number).into(),
        Value::Text(text) => (*text).into(),
        Value::TextUtf16(raw) => {
            let units = raw
                .as_chunks::<2>()
                .0
                .iter()
                .map(|pair| u16::from_be_bytes(*pair));
            char::decode_utf16(units)
                .map(|c| c.unwrap_or(char::REPLACEMENT_CHARACTER))
                .collect::<String>()
                .into()
        }
        Value::Set(set) if depth + 1 < MAX_DEPTH => Json::Object(set_json(set, depth + 1)),
        Value::Set(set) => hex(set.bytes()).into(),
        Value::Pack(pack) => hex(pack.raw).into(),
        Value::Bytes(raw) | Value::TextInvalid(raw) => hex(raw).into(),
        Value::Special(special) => special_json(special),
        Value::Enumerated { code, .. } => (*code).into(),
        Value::Flags { bits, .. } => (*bits).into(),
        Value::Empty => Json::Null,
    }
}

fn pack_json(pack: &Pack<'_>, depth: usize) -> Json {
    match pack {
        Pack::WeaponLoad(pack) => plain(pack),
        Pack::WeaponFired(pack) => plain(pack),
        Pack::ImageHorizon(pack) => plain(pack),
        Pack::CoreId(pack) => plain(pack),
        Pack::Sdcc(pack) => sdcc_json(pack),
        Pack::ControlCommand(pack) => plain(pack),
        Pack::Oids(list) => list_json(list.numbers(), |n| (*n).into()),
        Pack::CountryCodes(pack) => plain(pack),
        Pack::FrameRate(pack) => plain(pack),
        Pack::Wavelengths(series) => records_json::<WavelengthBand<'_>>(series),
        Pack::Airbases(pack) => plain(pack),
        Pack::Payloads(list) => {
            json!({ "count": list.count, "payloads": records_json::<Payload<'_>>(&list.payloads) })
        }
        Pack::ActivePayloads(pack) => pack.ids().take(MAX_RECORDS).map(Json::from).collect(),
        Pack::WeaponStores(series) => records_json::<WeaponStore<'_>>(series),
        Pack::Waypoints(series) => records_json::<Waypoint>(series),
        Pack::ViewDomain(pack) => plain(pack),
        Pack::SubstreamId(pack) => {
            json!({ "local_id": pack.local_id, "universal_id": pack.universal_id.map(|uuid| hex(&uuid)) })
        }
        Pack::VTargets { series, legacy } => {
            list_json(packs::targets(*series, *legacy), |target| {
                let mut map = Map::new();
                map.insert("target_id".into(), target.id.into());
                map.append(&mut set_json(&target.items, depth + 1));
                Json::Object(map)
            })
        }
        Pack::Algorithms(series) => sets_json(series, &ALGORITHM, depth),
        Pack::Ontologies(series) => sets_json(series, &ONTOLOGY, depth),
        Pack::Objects(series) => sets_json(series, &VOBJECT, depth),
        Pack::Chips(series) => sets_json(series, &VCHIP, depth),
        Pack::Location(pack) => plain(pack),
        Pack::Locations { series, legacy } => {
            let locations = series.raw().map(|r| {
                r.and_then(|(at, raw)| {
                    TargetLocation::read(raw, *legacy).map_err(|e| e.shifted(at))
                })
            });
            list_json(locations, plain)
        }
        Pack::Motion(pack) => plain(pack),
        Pack::FpaIndex(pack) => plain(pack),
        Pack::PixelContour(series) => list_json(series.records::<u64>(), |n| (*n).into()),
        Pack::PixelRuns(series) => records_json::<PixelRun>(series),
        Pack::DetectionStatus(status) => json!({ "code": status.code, "name": status.label() }),
        Pack::Uuid(uuid) => hex(uuid).into(),
    }
}

/// A pack whose fields are its JSON. The types behind it have string keys and finite numbers, so nothing can fail.
fn plain<T: Serialize>(pack: &T) -> Json {
    serde_json::to_value(pack).unwrap_or(Json::Null)
}

fn sdcc_json(pack: &crate::st1010::Sdcc<'_>) -> Json {
    let sigmas = pack
        .standard_deviations()
        .map(|sigmas| list_json(sigmas, plain));
    let rhos = list_json(
        pack.correlations()
            .map(|(row, column, rho)| rho.map(|rho| (row, column, rho))),
        |(row, column, rho)| json!({ "row": row, "column": column, "correlation": plain(rho) }),
    );
    json!({ "size": pack.size, "standard_deviations": sigmas, "correlations": rhos })
}

fn records_json<'a, R: Record<'a> + Serialize>(series: &Series<'a>) -> Json {
    list_json(series.records::<R>(), plain)
}

fn sets_json(series: &Series<'_>, def: &'static crate::set::SetDef, depth: usize) -> Json {
    list_json(series.raw(), |(_, raw)| {
        Json::Object(set_json(&LocalSet::new(def, raw), depth + 1))
    })
}

/// A list; what is malformed is an object with the `fault` in its place.
fn list_json<T>(
    records: impl Iterator<Item = Result<T, Error>>,
    to_json: impl Fn(&T) -> Json,
) -> Json {
    let mut records = records;
    let mut list: Vec<Json> = Vec::new();
    for record in records.by_ref().take(MAX_RECORDS) {
        list.push(match record {
            Ok(record) => to_json(&record),
            Err(error) => json!({ "fault": error.to_string() }),
        });
    }
    let left_out = records.count();
    if left_out > 0 {
        list.push(json!({ "left_out": left_out }));
    }
    Json::Array(list)
}
