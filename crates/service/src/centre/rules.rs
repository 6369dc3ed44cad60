//! What the procedures in force allow now, asked by whoever is about to record or show something. The
//! centre keeps it up to date; feeds ask from their own threads.

use std::sync::{Arc, PoisonError, RwLock};

use truceline_agreement::Documents as Parsed;
use truceline_domain::{Body, Observation, Observed, Position, Sha256};
use truceline_intake::Format;
use truceline_mandate::modalities::Modalities;

use super::Documents;
use crate::{Centre, CentreError, clock};

/// What the procedures in force allow. It clones cheaply; all clones are one.
#[derive(Debug, Clone, Default)]
pub struct Rules(Arc<RwLock<Known>>);

#[derive(Debug, Default)]
struct Known {
    modalities: Modalities,
    documents: Arc<Parsed>,
}

impl Rules {
    pub(super) fn renew(&self, documents: &Documents) {
        let known = Known {
            modalities: documents.modalities().clone(),
            documents: Arc::new(documents.parsed().clone()),
        };
        *self.0.write().unwrap_or_else(PoisonError::into_inner) = known;
    }

    /// The documents as they stand.
    pub(crate) fn documents(&self) -> Arc<Parsed> {
        let held = self.0.read().unwrap_or_else(PoisonError::into_inner);
        held.documents.clone()
    }

    /// Why nothing of a feed of this format may be recorded now; `None` when it may. What a drone
    /// sends is recorded under procedures in force alone; readings of sensors and people's reports
    /// always are.
    #[must_use]
    pub fn bars(&self, format: Format) -> Option<String> {
        let drone = matches!(format, Format::Fmv | Format::Mavlink);
        let held = self.0.read().unwrap_or_else(PoisonError::into_inner);
        drone.then(|| held.modalities.why_not(now()))?
    }

    /// Whether an observation is of a place outside the area of interest, and is shown to nobody: the
    /// hash of the procedures that say so.
    #[must_use]
    pub fn masks(&self, observation: &Observation) -> Option<Sha256> {
        // Most observations are of no place; the lock is not taken for them.
        let (place, at) = (place_of(&observation.body)?, observation.observed?);
        masked(&self.documents(), place, at)
    }
}

/// The place that an observation is of: not where its sensor stood.
fn place_of(body: &Body) -> Option<Position> {
    match body {
        Body::Thermal(thermal) => Some(thermal.position),
        Body::Video(video) => Some(video.position),
        Body::Report(report) => report.place,
        _ => None,
    }
}

/// Whether a place lies outside the area of interest of the procedures in force at an instant; the
/// hash of these procedures. Where no procedures or no such area stood, nothing is masked.
pub(crate) fn masked(documents: &Parsed, place: Position, at: Observed) -> Option<Sha256> {
    let procedures = documents.procedures_at(at)?;
    let theatre = documents.theatre.as_ref()?;
    let inside = theatre
        .at(at)
        .is_in_area(place, &procedures.area_of_interest)?;
    (!inside).then_some(procedures.sha256)
}

/// [`Rules::masks`] by given documents.
pub(crate) fn is_masked(documents: &Parsed, observation: &Observation) -> bool {
    place_of(&observation.body)
        .zip(observation.observed)
        .is_some_and(|(place, at)| masked(documents, place, at).is_some())
}

/// Now, as procedures are asked for it.
pub(crate) fn now() -> Observed {
    Observed::from(clock::recorded().timestamp())
}

impl Centre {
    /// That procedures are in force now: without any, the centre determines and reports nothing.
    ///
    /// # Errors
    /// Refused with the reason when none are.
    pub fn procedures_in_force(&self) -> Result<(), CentreError> {
        match self.documents.modalities().why_not(now()) {
            None => Ok(()),
            Some(why) => Err(CentreError::Refused(why)),
        }
    }
}
