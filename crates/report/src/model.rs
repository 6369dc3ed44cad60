//! A daily report as data, without any language. Its canonical JSON (RFC 8785) is what both sending
//! states release; every page and table is made from it alone.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use truceline_domain::{
    CountKind, Direction, EventKind, FindingId, Kept as KeptWord, Means, ObservationId, Observed,
    PartyId, Phenomenon, Probabilities, Sha256, SourceId, Statement, TheatreId, Verdict, Weapon,
};
use truceline_page::Position;

/// What a joint centre says of one day.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct DailyReport {
    /// `truceline/daily-report/v1`.
    pub form: String,
    /// The report's name in the procedures, e.g. `daily`.
    pub report: String,
    /// The theatre; nothing of another is in it.
    pub theatre: TheatreId,
    /// The date of the cut-off, ISO 8601.
    pub date: String,
    /// From the cut-off before …
    pub from: Observed,
    /// … to this one, not included.
    pub until: Observed,
    /// Local time of the procedures, seconds east of UTC.
    pub utc_offset_s: i32,
    /// The log's origin.
    pub origin: String,
    /// The report rests on entries of the log before this number.
    pub entries: u64,
    /// The log's Merkle root over those entries.
    pub root: Sha256,
    /// The procedures it is issued by.
    pub procedures: Document,
    /// The agreements in force at the cut-off.
    pub agreements: Vec<Document>,
    /// Each file of the theatre's map with its hash.
    pub map_files: Vec<Document>,
    /// The parties.
    pub parties: Vec<Name>,
    /// The two that issue it.
    pub sending_states: Vec<Name>,
    /// The host.
    pub host: Name,
    /// Who receives it, as the procedures name them.
    pub recipients: Vec<Name>,
    /// Findings on what happened in the day, in order of time.
    pub findings: Vec<Finding>,
    /// Events within the area of interest that no clause speaks of, by kind.
    pub other_events: BTreeMap<String, u64>,
    /// Events outside the area of interest; nothing else is said of them.
    pub outside: u64,
    /// The table of observations, in order of time.
    pub rows: Vec<Row>,
    /// Who kept what, where.
    pub compliance: Vec<Kept>,
    /// What was watched, by line.
    pub coverage: Vec<Covered>,
    /// This day and those before it, oldest first.
    pub trends: Vec<Trend>,
    /// The map.
    pub map: Map,
}

/// A document that was in force.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Document {
    /// Its title, or a file's name.
    pub title: String,
    /// Its version, where it has one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub version: Option<u32>,
    /// SHA-256 of its bytes.
    pub sha256: Sha256,
}

/// Who is called what.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Name {
    /// The id in documents and data.
    pub id: String,
    /// The name that people use.
    pub name: String,
}

/// A place on the ground, WGS 84, rounded to a metre or so.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Fix {
    /// Degrees north.
    pub lat_deg: f64,
    /// Degrees east.
    pub lon_deg: f64,
}

/// One of sixteen winds, clockwise: 0 is north, 4 east.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Wind(u8);

impl Wind {
    /// The wind nearest to a bearing, degrees clockwise from north.
    #[must_use]
    pub fn of(bearing_deg: f64) -> Self {
        Self((bearing_deg.rem_euclid(360.0) / 22.5).round() as u8 % 16)
    }

    /// 0 to 15.
    #[must_use]
    pub const fn number(self) -> u8 {
        self.0 % 16
    }
}

/// Where something was, as it is told.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", deny_unknown_fields)]
pub enum Location {
    /// So far in that direction from a named place.
    From {
        /// The place's name where a language has none of its own.
        place: String,
        /// Its name in a language, by code.
        #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
        names: BTreeMap<String, String>,
        /// Kilometres, to a tenth.
        km: f64,
        /// Direction from the place.
        wind: Wind,
    },
    /// So far in that direction from the observer.
    Seen {
        /// Nearest and farthest, kilometres.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        km: Option<[f64; 2]>,
        /// Direction from the observer.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        wind: Option<Wind>,
    },
    /// By coordinates: no named place is near.
    At(Fix),
    /// Not known.
    Unknown,
}

/// An officer's decision.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Decision {
    /// The officer's state.
    pub state: String,
    /// The person.
    pub person: String,
    /// `determined` or `dissent`.
    pub decision: String,
    /// Why, with a dissent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub reason: Option<String>,
    /// The log's entry.
    pub entry: u64,
}

/// A finding that stands at the report's entries.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Finding {
    /// Its name.
    pub id: FindingId,
    /// SHA-256 of its canonical bytes: what officers sign.
    pub sha256: Sha256,
    /// Its entry in the log.
    pub entry: u64,
    /// `open`, `half-signed`, `determined` or `dissented`.
    pub standing: String,
    /// What was decided, in the log's order.
    pub decisions: Vec<Decision>,
    /// When.
    pub time: Observed,
    /// Where.
    pub fix: Fix,
    /// The 90 % ellipse: half axes in metres, bearing of the longer one in degrees.
    pub ellipse_90: [f64; 3],
    /// Where, in words.
    pub location: Location,
    /// What.
    pub kind: EventKind,
    /// Whom the engine names.
    pub verdict: Verdict,
    /// Probabilities of the parties and of none.
    pub p: Probabilities,
    /// Clauses that it violates or would violate.
    pub clauses: Vec<Clause>,
    /// How many observations it rests on.
    pub evidence: u64,
    /// Why; sentences in any language are made of these.
    pub statements: Vec<Statement>,
}

/// A clause against which a finding stands.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Clause {
    /// Which.
    pub clause: String,
    /// Whether it is violated for sure, or would be if somebody else had done it.
    pub violated: bool,
    /// By whom.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub party: Option<PartyId>,
}

/// Who observed.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", deny_unknown_fields)]
pub enum Observer {
    /// The centre itself, from its sensors: a finding.
    Centre(FindingId),
    /// A post or patrol: its report.
    Post {
        /// Which.
        source: SourceId,
        /// Where it stood, as it said.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        place: Option<String>,
        /// The report.
        observation: ObservationId,
    },
}

/// By what it was perceived.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Seen {
    /// By ear.
    Heard,
    /// By eye.
    Saw,
    /// By a camera.
    Camera,
    /// By an unmanned aircraft.
    Uav,
    /// By arrays that hear.
    Acoustic,
    /// By sensors that see flashes.
    Flash,
    /// By ground shock.
    Seismic,
    /// By a satellite.
    Satellite,
}

impl From<Means> for Seen {
    fn from(means: Means) -> Self {
        match means {
            Means::Heard => Self::Heard,
            Means::Saw => Self::Saw,
            Means::Camera => Self::Camera,
            Means::Uav => Self::Uav,
        }
    }
}

/// One row of the table of observations, in the form of the OSCE's.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Row {
    /// Position of the observer.
    pub observer: Observer,
    /// Location of the event.
    pub location: Location,
    /// Means; empty is not known.
    pub means: Vec<Seen>,
    /// How many; `None` is not known.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub number: Option<u32>,
    /// How it was counted.
    pub number_kind: CountKind,
    /// What was perceived; `None` is not known.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub observation: Option<Phenomenon>,
    /// What the engine takes it for, for what it located.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub kind: Option<EventKind>,
    /// Outgoing, incoming, impact …
    pub direction: Direction,
    /// Direction of flight: from and to.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub flight: Option<[Wind; 2]>,
    /// With what.
    pub weapon: Weapon,
    /// The weapon as the observers wrote it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub weapon_text: Option<String>,
    /// When.
    pub time: Observed,
    /// The end, when the row is about a span.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub until: Option<Observed>,
}

/// How a party kept a clause on a stretch.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Kept {
    /// Who.
    pub party: PartyId,
    /// Which clause.
    pub clause: String,
    /// Which line; `None` for what happened away from any.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub line: Option<String>,
    /// Where along it, kilometres.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub along_km: Option<[f64; 2]>,
    /// How.
    pub kept: KeptWord,
    /// Share of stretch and day that was watched.
    pub watched: f64,
    /// Longest time unwatched, minutes.
    pub gap_min: f64,
    /// The chance that a violation was missed, where a model speaks.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub p_missed: Option<f64>,
    /// The findings it rests on.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub findings: Vec<FindingId>,
}

/// What was watched of a line.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Covered {
    /// Which line.
    pub line: String,
    /// Its length, kilometres.
    pub km: f64,
    /// Share of length and day in which a burst of small arms would have been noticed rather than not.
    pub watched: f64,
    /// The same by kind of source alone.
    pub watched_by: BTreeMap<String, f64>,
    /// Kilometres that nothing watched at any time.
    pub never_km: f64,
}

/// Counts of one day.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Counts {
    /// Findings.
    pub findings: u64,
    /// Of them determined by both.
    pub determined: u64,
    /// Of them with a dissent and not determined.
    pub dissented: u64,
    /// Determined findings that name a party, by party.
    pub named: BTreeMap<String, u64>,
    /// Events by class, within the area of interest.
    pub events: BTreeMap<String, u64>,
}

/// Counts of a day among others.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Trend {
    /// The date of its cut-off.
    pub date: String,
    /// `None` when nothing is reported of that day: no procedures were in force.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub counts: Option<Counts>,
}

/// Something at a place on the map.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Marker {
    /// What it is called.
    pub name: String,
    /// Its name in a language, by code.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub names: BTreeMap<String, String>,
    /// Where.
    pub fix: Fix,
}

/// Ground of a party on the map.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Held {
    /// Whose.
    pub party: PartyId,
    /// Rings of longitude and latitude, degrees.
    pub rings: Vec<Vec<Position>>,
}

/// What the map shows, as it stood at the cut-off.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Map {
    /// Stretches of the line of contact.
    pub lines: Vec<Vec<Position>>,
    /// Ground held.
    pub held: Vec<Held>,
    /// The area of interest.
    pub interest: Vec<Vec<Position>>,
    /// Posts.
    pub posts: Vec<Marker>,
    /// Named places.
    pub places: Vec<Marker>,
}
