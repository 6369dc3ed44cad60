//! What goes into the tables, one type a table.

use geo_types::Geometry;
use serde::Serialize;
use truceline_domain::{Finding, FindingId, ObservationId, Observed, Recorded, Sha256, SourceId};

/// A document of the centre, as it entered the record.
#[derive(Debug, Clone)]
pub struct DocumentRow {
    /// Index of its entry.
    pub entry: u64,
    /// When it entered.
    pub recorded: Recorded,
    /// `agreement`, `procedures`, `mandate`, `geometry`, …
    pub kind: String,
    /// Its name.
    pub path: String,
    /// SHA-256 of its bytes.
    pub sha256: Sha256,
}

/// A segment of a feed.
#[derive(Debug, Clone)]
pub struct SegmentRow {
    /// Index of its entry.
    pub entry: u64,
    /// Its feed.
    pub feed: String,
    /// Its format.
    pub format: String,
    /// SHA-256 of its bytes.
    pub sha256: Sha256,
    /// How many bytes.
    pub bytes: u64,
    /// Source's time at its beginning, when known.
    pub observed_from: Option<Observed>,
    /// Source's time at its end, when known.
    pub observed_until: Option<Observed>,
}

/// A feature of the theatre.
#[derive(Debug, Clone)]
pub struct TheatreRow {
    /// `contact_line`, `held`, `sensor`, `post`, …
    pub kind: String,
    /// Its id, when it has one.
    pub id: Option<String>,
    /// Its name, when it has one.
    pub name: Option<String>,
    /// The party that holds it, when it is held.
    pub party: Option<String>,
    /// From when it is so.
    pub valid_from: Option<Observed>,
    /// Until when it is so.
    pub valid_until: Option<Observed>,
    /// How good its place is, metres.
    pub accuracy_m: f64,
    /// Where.
    pub geometry: Geometry<f64>,
}

/// A finding as it was put before the officers, and where it stands now.
#[derive(Debug, Clone)]
pub struct FindingRow {
    /// Index of its entry.
    pub entry: u64,
    /// When it entered.
    pub recorded: Recorded,
    /// SHA-256 of its canonical bytes: what officers sign.
    pub sha256: Sha256,
    /// `open`, `determined`, …
    pub standing: String,
    /// The finding.
    pub finding: Finding,
}

/// An officer's signature or dissent.
#[derive(Debug, Clone)]
pub struct SignatureRow {
    /// Index of its entry.
    pub entry: u64,
    /// When it entered.
    pub recorded: Recorded,
    /// On which finding.
    pub finding: FindingId,
    /// For which sending state.
    pub state: String,
    /// By whose key.
    pub key_name: String,
    /// `determined` or `dissent`.
    pub decision: String,
    /// Why, when it was said.
    pub reason: Option<String>,
    /// `key`, `webauthn` or `exercise`.
    pub method: String,
}

/// What was recorded of a person of the centre.
#[derive(Debug, Clone)]
pub struct PersonRow {
    /// Index of its entry.
    pub entry: u64,
    /// When it entered.
    pub recorded: Recorded,
    /// `person`, `invitation`, `passkey`, `voucher` or `revocation`.
    pub kind: String,
    /// The person's id.
    pub person: String,
    /// Who said so.
    pub by: String,
    /// The entry's body as JSON.
    pub body: String,
}

/// An alert, an acknowledgement or an exclusion.
#[derive(Debug, Clone)]
pub struct WatchRow {
    /// Index of its entry.
    pub entry: u64,
    /// When it entered.
    pub recorded: Recorded,
    /// The entry's type.
    pub kind: String,
    /// The alert's name, or the observation's.
    pub about: String,
    /// Who said so.
    pub by: String,
    /// The entry's body as JSON.
    pub body: String,
}

/// Who asked the centre for what.
#[derive(Debug, Clone, Serialize)]
pub struct AccessRow {
    /// When it was answered.
    pub at: Recorded,
    /// The person, or this machine's commands; `-` for nobody who is known.
    pub who: String,
    /// The method.
    pub method: String,
    /// The path, without what was asked of it.
    pub path: String,
    /// The answer's status.
    pub status: u16,
    /// The request's id.
    pub request: String,
}

/// The way of a platform.
#[derive(Debug, Clone)]
pub struct TrackRow {
    /// Whose.
    pub source: SourceId,
    /// What moved: a platform's name within its source.
    pub name: String,
    /// First fix.
    pub from: Observed,
    /// Last fix.
    pub until: Observed,
    /// How many fixes.
    pub fixes: u64,
    /// The way.
    pub geometry: Geometry<f64>,
}

/// Ground that a source could see at an instant.
#[derive(Debug, Clone)]
pub struct FootprintRow {
    /// Whose.
    pub source: SourceId,
    /// When.
    pub observed: Observed,
    /// The observation that tells it.
    pub observation: ObservationId,
    /// Where.
    pub geometry: Geometry<f64>,
}

/// Any row with a place, in the one shape that exports share.
#[derive(Debug, Clone, PartialEq)]
pub struct FeatureRow {
    /// The layer it is of.
    pub layer: String,
    /// Its id, or its number in the layer.
    pub id: String,
    /// What it is within the layer.
    pub kind: String,
    /// When, RFC 3339; `None` for what has no time.
    pub time: Option<String>,
    /// Everything else, by column.
    pub properties: serde_json::Map<String, serde_json::Value>,
    /// Where.
    pub geometry: Geometry<f64>,
}
