//! What the procedures in force allow now, asked by whoever is about to record something. The centre
//! keeps it up to date; feeds ask from their own threads.

use std::sync::{Arc, PoisonError, RwLock};

use truceline_domain::Observed;
use truceline_intake::Format;
use truceline_mandate::modalities::Modalities;

use super::Documents;
use crate::{Centre, CentreError, clock};

/// What the procedures in force allow. It clones cheaply; all clones are one.
#[derive(Debug, Clone, Default)]
pub struct Rules(Arc<RwLock<Modalities>>);

impl Rules {
    pub(super) fn renew(&self, documents: &Documents) {
        let mut held = self.0.write().unwrap_or_else(PoisonError::into_inner);
        *held = documents.modalities().clone();
    }

    /// Why nothing of a feed of this format may be recorded now; `None` when it may. What a drone
    /// sends is recorded under procedures in force alone; readings of sensors and people's reports
    /// always are.
    #[must_use]
    pub fn bars(&self, format: Format) -> Option<String> {
        let drone = matches!(format, Format::Fmv | Format::Mavlink);
        let held = self.0.read().unwrap_or_else(PoisonError::into_inner);
        drone.then(|| held.why_not(now()))?
    }
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
