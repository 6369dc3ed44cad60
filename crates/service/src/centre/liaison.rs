//! The liaison log: contacts with the parties, as entries of the record. A contact is what a liaison
//! officer wrote down; it is no evidence of what happened and is not judged.

use serde::{Deserialize, Serialize};
use truceline_domain::Observed;
use truceline_record::Draft;

use crate::{Centre, CentreError};

/// Type of the entry with a [`ContactBody`].
pub const LIAISON: &str = "liaison";
/// Longest text of a contact, bytes: a page.
const MAX_TEXT_BYTES: usize = 4096;
/// Longest name of a person, bytes.
const MAX_NAME_BYTES: usize = 256;

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
    /// How: `call`, `radio`, `meeting`, `letter`.
    pub means: String,
    /// Who of the centre wrote it down.
    pub by: String,
    /// What was said.
    pub text: String,
}

impl Centre {
    /// Records a contact; gives the entry's number.
    ///
    /// # Errors
    /// Refused when the documents know no such party or state, or a text is empty or too long; nothing is
    /// recorded then.
    pub fn log_contact(&self, body: &ContactBody) -> Result<u64, CentreError> {
        let known = self.known_to_documents();
        if !known.contains(&body.with) {
            let why = format!(
                "the documents know no {:?}; they know {}",
                body.with,
                known.join(", ")
            );
            return Err(CentreError::Refused(why));
        }
        for (what, text, most) in [
            ("person", &body.person, MAX_NAME_BYTES),
            ("by", &body.by, MAX_NAME_BYTES),
            ("text", &body.text, MAX_TEXT_BYTES),
        ] {
            if text.trim().is_empty() || text.len() > most {
                let why = format!("{what}: {} bytes, expected 1 to {most}", text.len());
                return Err(CentreError::Refused(why));
            }
        }
        let draft = Draft::new(LIAISON, &self.config.theatre, &body.by, body)?
            .with_times(Some(body.at), None);
        Ok(self.record.append(draft)?.index)
    }

    /// The contacts in the record's order, each with its entry's number.
    ///
    /// # Errors
    /// When the record cannot be read.
    pub fn contacts(&self) -> Result<Vec<(u64, ContactBody)>, CentreError> {
        let log = self.record.log()?;
        let mut contacts = Vec::new();
        for leaf in log.entries(0) {
            let leaf = leaf?;
            let entry = leaf.entry()?;
            if entry.kind == LIAISON {
                contacts.push((leaf.index, entry.body_as()?));
            }
        }
        Ok(contacts)
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
