//! A feed into the centre: into the record, then into the store.

use crate::intake::{Input, Place, Taken, take_in};
use crate::{Centre, CentreError};

impl Centre {
    /// Takes a feed into the record and the store. `progress` is told how many bytes were read.
    ///
    /// # Errors
    /// When the feed cannot be read at all or the record refuses. What was recorded before stays.
    pub fn take_in(
        &mut self,
        input: Input<'_>,
        progress: &mut dyn FnMut(u64),
    ) -> Result<Taken, CentreError> {
        let taken = take_in(self.place(), input, progress);
        self.catch_up()?;
        self.record_crossings()?;
        taken
    }

    /// Where this centre's feeds go.
    #[must_use]
    pub fn place(&self) -> Place {
        Place {
            record: self.record.clone(),
            theatre: self.config.theatre.clone(),
            quarantine: self.dir.join("quarantine"),
            rules: self.rules.clone(),
            watch: self.watch.clone(),
        }
    }
}
