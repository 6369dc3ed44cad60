//! The talks as the record has them: positions, drafts with their redlines, the printed table.

use serde::Serialize;
use truceline_domain::{PartyId, Sha256};
use truceline_mandate::Signer;
use truceline_mandate::modalities::Step;
use truceline_mandate::talks::redline::{self, Difference};
use truceline_mandate::talks::{Point, Status, Talks, table};
use truceline_page::{Block, Cell, Page};
use truceline_report::{Stamp, pdf};

use crate::{Centre, CentreError};

/// The talks at a glance.
#[derive(Debug, Clone, Serialize)]
pub struct TalksBoard {
    /// Delegations, rounds and points.
    #[serde(flatten)]
    pub talks: Talks,
    /// Where each point stands, in the order of the points.
    pub statuses: Vec<PointStatus>,
    /// The versions of the text, each with what differs from the one before.
    pub drafts: Vec<Draft>,
}

/// Where a point stands.
#[derive(Debug, Clone, Serialize)]
pub struct PointStatus {
    /// The point.
    pub point: String,
    /// Where it stands.
    pub status: Status,
}

/// A version of the text.
#[derive(Debug, Clone, Serialize)]
pub struct Draft {
    /// Its number.
    pub version: u32,
    /// Its hash.
    pub text_sha256: Sha256,
    /// Who put it forward, when somebody signed for it.
    pub by: Vec<Signer>,
    /// What differs from the version before.
    pub redline: Vec<Difference>,
}

impl Centre {
    /// The talks at a glance.
    ///
    /// # Errors
    /// When a text in the record cannot be read.
    pub fn talks(&self) -> Result<TalksBoard, CentreError> {
        let talks = self.deeds.talks().clone();
        let status = |p: &Point| PointStatus {
            point: p.point.clone(),
            status: p.status(),
        };
        let statuses = talks.points.iter().map(status).collect();
        let mut drafts = Vec::new();
        let mut before: Option<String> = None;
        for version in self.documents.modalities().versions() {
            let text = self.documents.text(version.text_sha256).unwrap_or_default();
            let drafted = version.steps.iter().find(|s| s.step == Step::Draft);
            drafts.push(Draft {
                version: version.version,
                text_sha256: version.text_sha256,
                by: drafted.map_or_else(Vec::new, |step| step.by.clone()),
                redline: before.map_or_else(Vec::new, |b| redline::redline(&b, &text)),
            });
            before = Some(text);
        }
        Ok(TalksBoard {
            talks,
            statuses,
            drafts,
        })
    }

    /// The text of the latest procedures.
    ///
    /// # Errors
    /// When the record has none.
    pub fn latest_procedures(&self) -> Result<(u32, String), CentreError> {
        let latest = self.documents.modalities().versions().last();
        let latest = latest.and_then(|v| Some((v.version, self.documents.text(v.text_sha256)?)));
        latest.ok_or_else(|| CentreError::Refused("the record holds no procedures".to_owned()))
    }

    /// The printed table: each side's words beside the other's, in a language.
    ///
    /// # Errors
    /// When the record has no procedures, or the page is not in that language.
    pub fn talks_table(&self, language: &str) -> Result<String, CentreError> {
        self.talks_told(language, table::page)
    }

    /// The printed table as PDF/A, across the sheet. Its date is that of what was said or done last: words in the talks, or
    /// a step of the text that they are about.
    ///
    /// # Errors
    /// As [`Self::talks_table`].
    pub fn talks_pdf(&self, language: &str) -> Result<Vec<u8>, CentreError> {
        let told = self.talks_told(language, table::plain)?;
        let said = self.deeds.talks().points.iter().flat_map(|point| {
            let positions = point.positions.values().map(|p| p.at);
            positions.chain(point.comments.iter().map(|c| c.at))
        });
        let versions = self.documents.modalities().versions();
        let steps = versions.flat_map(|v| v.steps.iter().map(|s| s.at));
        let at = said.chain(steps).max();
        let content = serde_json::to_vec(&(&told.head, &told.rows)).unwrap_or_default();
        let stamp = Stamp {
            at: at.ok_or_else(|| {
                CentreError::Refused("nothing was said, drafted or agreed yet".to_owned())
            })?,
            id: format!("{}-{language}", Sha256::of(&content)),
        };
        let width = told.head.len();
        let page = Page {
            lang: told.language,
            right_to_left: told.language == "ar",
            title: told.title.to_owned(),
            foot: format!("{}, {}", self.config.origin, self.config.theatre),
            page_word: String::new(),
            wide: true,
            blocks: vec![Block::Table {
                caption: String::new(),
                head: told.head,
                // The clause and the status are short.
                widths: (0..width)
                    .map(|i| if i == 0 || i + 2 == width { 10 } else { 24 })
                    .collect(),
                rows: told
                    .rows
                    .into_iter()
                    .map(|row| row.into_iter().map(Cell::words).collect())
                    .collect(),
            }],
        };
        pdf(&page, &stamp).map_err(|e| CentreError::Refused(e.to_string()))
    }

    /// The table in one form or another.
    fn talks_told<T>(
        &self,
        language: &str,
        tell: impl Fn(&Talks, &[PartyId], &dyn Fn(&str) -> Option<String>, &str) -> Option<T>,
    ) -> Result<T, CentreError> {
        let (_, text) = self.latest_procedures()?;
        let parts = redline::parts(&text);
        let now = |key: &str| {
            let part = parts.iter().find(|part| part.key == key);
            part.map(|part| part.text.clone())
        };
        let states = super::deeds::sending(&self.documents)?;
        tell(self.deeds.talks(), &states, &now, language).ok_or_else(|| {
            let known: Vec<_> = table::languages().collect();
            let why = format!(
                "language {language:?}; expected one of {}",
                known.join(", ")
            );
            CentreError::Refused(why)
        })
    }
}
