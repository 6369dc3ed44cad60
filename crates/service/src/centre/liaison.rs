//! The liaison log: contacts with the parties, as entries of the record, and what parties announce. A contact is what
//! a liaison officer wrote down; it is no evidence of what happened and is not judged.

use serde::{Deserialize, Serialize};
use truceline_domain::{
    Body, Latitude, Longitude, Notice, Observation, Observed, PartyId, Position, Positive,
    Recorded, SourceId,
};
use truceline_record::{Draft, Entry};

use super::rules::now;
use crate::{Centre, CentreError};

/// Type of the entry with a [`ContactBody`].
pub const LIAISON: &str = "liaison";
/// Longest text of a contact, bytes: a page.
const MAX_TEXT_BYTES: usize = 4096;
/// Longest name of a person, bytes.
const MAX_NAME_BYTES: usize = 256;
/// A contact may be so much ahead of the centre's clock, seconds.
const AHEAD_S: f64 = 60.0;

/// Ways of a contact.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Channel {
    /// By telephone.
    Call,
    /// By radio.
    Radio,
    /// In person.
    Meeting,
    /// In writing.
    Letter,
}

impl std::fmt::Display for Channel {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(match self {
            Self::Call => "call",
            Self::Radio => "radio",
            Self::Meeting => "meeting",
            Self::Letter => "letter",
        })
    }
}

/// Body of an entry of type `liaison`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ContactBody {
    /// When it was.
    pub at: Observed,
    /// With which party or state, by its id in the documents.
    pub with: String,
    /// Who spoke for it.
    pub person: String,
    /// How.
    pub means: Channel,
    /// Who of the centre wrote it down.
    pub by: String,
    /// What was said.
    pub text: String,
}

/// A contact in the record.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Contact {
    /// Its entry.
    pub entry: u64,
    /// When it was recorded.
    pub recorded: Recorded,
    /// The contact.
    pub contact: ContactBody,
}

/// The contacts of a record, in its order.
#[derive(Debug, Clone, Default)]
pub(super) struct Contacts(Vec<Contact>);

impl Contacts {
    pub(super) fn take(&mut self, index: u64, entry: &Entry) -> Result<(), CentreError> {
        self.0.push(Contact {
            entry: index,
            recorded: entry.recorded,
            contact: entry.body_as()?,
        });
        Ok(())
    }
}

/// Works, a demolition or a detonation that is announced ahead: what it covers in place and time is explained by it.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Announcement {
    /// From.
    pub from: Observed,
    /// Until.
    pub until: Observed,
    /// Middle of the place, degrees north.
    pub lat: Latitude,
    /// Middle of the place, degrees east.
    pub lon: Longitude,
    /// Radius of the place, metres.
    pub radius_m: Positive,
    /// Who announced it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub party: Option<PartyId>,
    /// In words.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub text: Option<String>,
}

impl Announcement {
    /// The observation that says so, as `source` stated it at an instant.
    ///
    /// # Errors
    /// Refused when it ends before it begins, or its text is too long.
    pub fn observation(self, source: SourceId, at: Observed) -> Result<Observation, CentreError> {
        if self.until <= self.from {
            let why = format!("until {} is not after from {}", self.until, self.from);
            return Err(CentreError::Refused(why));
        }
        if let Some(text) = &self.text {
            fits("text", text, MAX_TEXT_BYTES)?;
        }
        let notice = Notice {
            window: [self.from, self.until],
            position: Position {
                lat: self.lat,
                lon: self.lon,
            },
            radius_m: self.radius_m,
            party: self.party,
            text: self.text,
        };
        let refused = |e: &dyn std::fmt::Display| CentreError::Refused(e.to_string());
        let said = serde_json::to_vec(&notice).map_err(|e| refused(&e))?;
        Ok(Observation {
            id: Observation::id_from_content(&source, &[&said]).map_err(|e| refused(&e))?,
            source,
            observed: Some(at),
            received: None,
            body: Body::Notice(notice),
        })
    }
}

fn fits(what: &str, text: &str, most: usize) -> Result<(), CentreError> {
    if text.trim().is_empty() || text.len() > most {
        let why = format!("{what}: {} bytes, expected 1 to {most}", text.len());
        return Err(CentreError::Refused(why));
    }
    Ok(())
}

impl Centre {
    /// Records a contact.
    ///
    /// # Errors
    /// Refused when the documents know no such party or state, its time is to come, or a text is empty or too
    /// long; nothing is recorded then.
    pub fn log_contact(&mut self, body: &ContactBody) -> Result<Contact, CentreError> {
        self.is_known(&body.with)?;
        if body.at.seconds_since(now()) > AHEAD_S {
            let why = format!("a contact of {}, which is to come", body.at);
            return Err(CentreError::Refused(why));
        }
        fits("person", &body.person, MAX_NAME_BYTES)?;
        fits("by", &body.by, MAX_NAME_BYTES)?;
        fits("text", &body.text, MAX_TEXT_BYTES)?;
        let draft = Draft::new(LIAISON, &self.config.theatre, &body.by, body)?
            .with_times(Some(body.at), None);
        let entry = self.record.append(draft)?.index;
        self.catch_up()?;
        let mut contacts = self.contacts.0.iter().rev();
        let written = contacts.find(|contact| contact.entry == entry).cloned();
        written.ok_or_else(|| CentreError::Refused(format!("entry {entry} is no contact")))
    }

    /// The contacts, in the record's order.
    #[must_use]
    pub fn contacts(&self) -> &[Contact] {
        &self.contacts.0
    }

    /// Whether the documents know a party or a state.
    ///
    /// # Errors
    /// Refused when they do not, with whom they know.
    pub fn is_known(&self, party: &str) -> Result<(), CentreError> {
        let known = self.known_to_documents();
        if known.iter().any(|id| id == party) {
            return Ok(());
        }
        let known = known.join(", ");
        let why = format!("the documents know no {party:?}; they know {known}");
        Err(CentreError::Refused(why))
    }

    /// Parties, guarantors, sending states and hosts of all documents, by id.
    fn known_to_documents(&self) -> Vec<String> {
        let parsed = self.documents.parsed();
        let agreed = parsed
            .agreements
            .iter()
            .flat_map(|a| a.parties.iter().chain(&a.guarantors));
        let ruled = parsed
            .procedures
            .iter()
            .flat_map(|p| p.sending_states.iter().chain([&p.host]));
        let mut ids: Vec<String> = agreed.chain(ruled).map(|s| s.id.to_string()).collect();
        ids.sort();
        ids.dedup();
        ids
    }
}
