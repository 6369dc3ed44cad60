//! Alerts as the record has them: each raised once, acknowledged by name, and there after any restart.
//!
//! A finding that is put before the officers is an alert by itself: its entry is the finding's, and so is
//! a crossing of who left what they are confined to. What the machine sees (a feed that is lost, a clock that is off, a disk that fills) is an entry of type `alert`.

use std::collections::BTreeMap;

use serde::Serialize;
use serde_json::Value;
use truceline_domain::{FindingId, Position, Recorded};
use truceline_mandate::mobility::crossing::Turn;
use truceline_record::Entry;
use truceline_record::bodies::{DOCUMENT, DocumentBody};
use truceline_record::signature::{FINDING, FindingBody};
use truceline_record::watch::{
    ACKNOWLEDGEMENT, ALERT, AcknowledgementBody, AlertBody, Message, Severity,
};

use crate::centre::{CROSSING, CrossingBody};

/// Who took note, and when.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Acknowledged {
    /// The person.
    pub by: String,
    /// When it entered the log.
    pub at: Recorded,
}

/// One alert.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Alert {
    /// Its name.
    pub id: String,
    /// When it entered the log.
    pub at: Recorded,
    /// What kind of thing it is about.
    pub kind: String,
    /// How much it matters.
    pub severity: Severity,
    /// What is told.
    pub text: Message,
    /// Where.
    #[serde(rename = "where", skip_serializing_if = "Option::is_none")]
    pub place: Option<Position>,
    /// The feed that it is about.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub feed: Option<String>,
    /// The finding that it is about.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub finding: Option<FindingId>,
    /// Who took note.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub acknowledged: Option<Acknowledged>,
    /// When it needed nobody any more, since another finding took its finding's place. Told as `true`.
    #[serde(skip_serializing_if = "Option::is_none", serialize_with = "is_so")]
    pub overtaken: Option<Recorded>,
    /// Grows with each change to any alert.
    #[serde(skip)]
    pub(crate) revision: u64,
}

impl Alert {
    /// Whether somebody has to take note of it.
    #[must_use]
    pub fn is_open(&self) -> bool {
        self.acknowledged.is_none() && self.overtaken.is_none()
    }
}

/// That it is so; when is told by the entry that made it so.
fn is_so<S: serde::Serializer>(_: &Option<Recorded>, serializer: S) -> Result<S::Ok, S::Error> {
    serializer.serialize_bool(true)
}

/// All alerts of a record.
#[derive(Debug, Clone, Default)]
pub struct Alerts {
    all: BTreeMap<String, Alert>,
    /// Names in the order in which they came.
    order: Vec<String>,
    /// Names by the revision that changed them last: ten times a second somebody asks what changed.
    changed: BTreeMap<u64, String>,
    revision: u64,
    /// Documents before the first finding made the centre; later ones change it.
    settled: bool,
}

impl Alerts {
    /// Takes an entry; others than those about alerts are passed over.
    pub(crate) fn take(&mut self, entry: &Entry) {
        let at = entry.recorded;
        // A body of another form was told when it was projected first, and raises nothing.
        match entry.kind.as_str() {
            ALERT => {
                if let Ok(body) = entry.body_as::<AlertBody>() {
                    self.raise(at, body, None);
                }
            }
            ACKNOWLEDGEMENT => {
                if let Ok(body) = entry.body_as::<AcknowledgementBody>() {
                    self.acknowledge(at, body);
                }
            }
            FINDING => {
                self.settled = true;
                if let Ok(body) = entry.body_as::<FindingBody>() {
                    self.finding(at, &body);
                }
            }
            CROSSING => {
                if let Ok(body) = entry.body_as::<CrossingBody>() {
                    let place = body.crossing.position;
                    self.raise(at, crossed(body), place);
                }
            }
            DOCUMENT if self.settled => {
                if let Ok(body) = entry.body_as::<DocumentBody>() {
                    let id = format!("document-{}", body.sha256.short(12));
                    let args = [
                        ("kind", body.kind),
                        ("path", body.path),
                        ("version", body.version),
                    ];
                    let text = message(
                        "document.entered",
                        args.map(|(name, value)| (name, value.into())),
                    );
                    let (kind, severity) = ("document".to_owned(), Severity::Notice);
                    self.raise(
                        at,
                        AlertBody {
                            alert: id,
                            kind,
                            severity,
                            text,
                            feed: None,
                            finding: None,
                        },
                        None,
                    );
                }
            }
            _ => {}
        }
    }

    fn finding(&mut self, at: Recorded, body: &FindingBody) {
        if let Some(old) = &body.supersedes {
            self.change(&finding_alert(old), |old| old.overtaken = Some(at));
        }
        let severity = match body.verdict {
            truceline_domain::Verdict::Party(_) => Severity::Alarm,
            _ => Severity::Warning,
        };
        let (verdict, kind) = (body.verdict.to_string(), body.kind.to_string());
        let observed = body.observed.to_string();
        let args = [("verdict", verdict), ("kind", kind), ("observed", observed)];
        let alert = AlertBody {
            alert: finding_alert(&body.id),
            kind: "finding".to_owned(),
            severity,
            text: message(
                "finding.put",
                args.map(|(name, value)| (name, value.into())),
            ),
            feed: None,
            finding: Some(body.id.clone()),
        };
        let place = Position {
            lat: body.latitude_deg,
            lon: body.longitude_deg,
        };
        self.raise(at, alert, Some(place));
    }

    fn raise(&mut self, at: Recorded, body: AlertBody, place: Option<Position>) {
        if self.all.contains_key(&body.alert) {
            return;
        }
        self.revision += 1;
        let alert = Alert {
            id: body.alert.clone(),
            at,
            kind: body.kind,
            severity: body.severity,
            text: body.text,
            place,
            feed: body.feed.map(|feed| feed.to_string()),
            finding: body.finding,
            acknowledged: None,
            overtaken: None,
            revision: self.revision,
        };
        self.order.push(body.alert.clone());
        self.changed.insert(self.revision, body.alert.clone());
        self.all.insert(body.alert, alert);
    }

    fn acknowledge(&mut self, at: Recorded, body: AcknowledgementBody) {
        let AcknowledgementBody { alert, person } = body;
        self.change(&alert, |alert| {
            if alert.acknowledged.is_none() {
                alert.acknowledged = Some(Acknowledged { by: person, at });
            }
        });
    }

    fn change(&mut self, id: &str, change: impl FnOnce(&mut Alert)) {
        if let Some(alert) = self.all.get_mut(id) {
            self.revision += 1;
            self.changed.remove(&alert.revision);
            self.changed.insert(self.revision, id.to_owned());
            alert.revision = self.revision;
            change(alert);
        }
    }

    /// The alert of a name.
    #[must_use]
    pub fn get(&self, id: &str) -> Option<&Alert> {
        self.all.get(id)
    }

    /// All of them, the newest first.
    pub fn newest_first(&self) -> impl Iterator<Item = &Alert> {
        self.order.iter().rev().filter_map(|id| self.all.get(id))
    }

    /// How far changes go by now.
    pub(crate) fn revision(&self) -> u64 {
        self.revision
    }

    /// Those that changed after a revision, in the order in which they did.
    pub(crate) fn since(&self, revision: u64) -> impl Iterator<Item = &Alert> {
        let changed = self.changed.range(revision.saturating_add(1)..);
        changed.filter_map(|(_, id)| self.all.get(id))
    }
}

/// Somebody left what they are confined to, or came back.
fn crossed(body: CrossingBody) -> AlertBody {
    let CrossingBody {
        crossing, state, ..
    } = body;
    let (turn, severity) = match crossing.turn {
        Turn::Out => ("out", Severity::Warning),
        Turn::In => ("in", Severity::Notice),
    };
    let confinement = serde_json::to_value(crossing.confinement).unwrap_or_default();
    let word = confinement.as_str().unwrap_or_default();
    let args = [
        ("subject", crossing.subject.as_str().into()),
        ("confinement", word.into()),
        ("areas", crossing.areas.join(", ").into()),
        ("state", state.unwrap_or_default().into()),
        ("since", crossing.since.to_string().into()),
    ];
    let proved = crossing.proved.unix_us();
    AlertBody {
        alert: format!("crossing-{turn}-{word}-{}-{proved}", crossing.subject),
        kind: CROSSING.to_owned(),
        severity,
        text: message(&format!("crossing.{turn}"), args),
        feed: None,
        finding: None,
    }
}

fn finding_alert(finding: &FindingId) -> String {
    format!("finding-{finding}")
}

/// A message with what stands in it.
pub(crate) fn message<const N: usize>(id: &str, args: [(&str, Value); N]) -> Message {
    let args = args
        .into_iter()
        .map(|(name, value)| (name.to_owned(), value))
        .collect();
    Message {
        id: id.to_owned(),
        args,
    }
}
