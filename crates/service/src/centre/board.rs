//! The board: authorisations, ceilings and deadlines at an instant, and where the procedures stand.

use serde::Serialize;
use truceline_domain::{Observed, Sha256};
use truceline_mandate::deadlines::{self, Deadline};
use truceline_mandate::modalities::Version;
use truceline_mandate::strength::{Posting, Row};

use crate::Centre;

/// Strength against ceilings at an instant, and what runs out.
#[derive(Debug, Clone, Serialize)]
pub struct Mandate {
    /// The instant.
    pub at: Observed,
    /// Strength by state, authorisation and category.
    pub strength: Vec<Row>,
    /// All deployments, whenever they are.
    pub deployments: Vec<Posting>,
    /// What runs out within 90 days, or has run out with nothing in its place.
    pub deadlines: Vec<Deadline>,
}

/// Where the procedures stand at an instant.
#[derive(Debug, Clone, Serialize)]
pub struct ModalitiesBoard {
    /// The instant.
    pub at: Observed,
    /// The version in force.
    pub in_force: Option<u32>,
    /// Why none is.
    pub why_not: Option<String>,
    /// All versions, in order.
    pub versions: Vec<Standing>,
}

/// A version, and how it stands.
#[derive(Debug, Clone, Serialize)]
pub struct Standing {
    /// In words, at that instant.
    pub standing: String,
    /// The version with its steps.
    #[serde(flatten)]
    pub version: Version,
}

impl Centre {
    /// Strength against ceilings at an instant.
    #[must_use]
    pub fn mandate(&self, at: Observed) -> Mandate {
        let documents = self.documents.parsed();
        let ledger = self.deeds.strength();
        Mandate {
            at,
            strength: ledger.at(at, documents),
            deployments: ledger.postings(documents),
            deadlines: deadlines::at(at, documents),
        }
    }

    /// The text of a version of the procedures and its hash.
    #[must_use]
    pub fn modalities_text(&self, version: u32) -> Option<(Sha256, String)> {
        let mut all = self.documents.modalities().versions();
        let found = all.find(|known| known.version == version)?;
        let text = self.documents.text(found.text_sha256)?;
        Some((found.text_sha256, text))
    }

    /// Where the procedures stand at an instant.
    #[must_use]
    pub fn modalities(&self, at: Observed) -> ModalitiesBoard {
        let all = self.documents.modalities();
        let standing = |version: &Version| Standing {
            standing: version.standing_at(at, all),
            version: version.clone(),
        };
        ModalitiesBoard {
            at,
            in_force: all.in_force(at).map(|v| v.version),
            why_not: all.why_not(at),
            versions: all.versions().map(standing).collect(),
        }
    }
}
