//! Evidence that leaves the centre: the bundle of a finding.

use std::fs::File;
use std::path::Path;

use truceline_domain::FindingId;
use truceline_record::bundle::{self, Written};

use crate::centre::Cosigning;
use crate::error::io;
use crate::{Centre, CentreError};

impl Centre {
    /// Writes the bundle of a finding to a file that is not there yet.
    ///
    /// # Errors
    /// When there is no such finding, its evidence cannot be read, or the file cannot be written; a
    /// part of it is then removed.
    pub fn bundle(&self, finding: &FindingId, out: &Path) -> Result<Written, CentreError> {
        let refused = |e: bundle::BundleError| CentreError::Refused(e.to_string());
        let selection = bundle::select(&self.record, finding).map_err(refused)?;
        let file = File::create_new(out).map_err(io("writing", out))?;
        let written = bundle::write(&self.record, finding, &file, &selection).map_err(|e| {
            // Half a bundle would be taken for a whole one.
            drop(std::fs::remove_file(out));
            refused(e)
        })?;
        file.sync_all().map_err(io("writing", out))?;
        Ok(written)
    }

    /// What is needed to have what a finding's bundle shows cosigned first; `None` when a quorum of the
    /// witnesses has seen it, or none is configured. A signature of this second is in no cosigned
    /// checkpoint yet, and a bundle under the log's own signature alone convinces less.
    ///
    /// # Errors
    /// When there is no such finding, or as [`Centre::cosigning`].
    pub fn cosigning_for(&self, finding: &FindingId) -> Result<Option<Cosigning>, CentreError> {
        let refused = |e: bundle::BundleError| CentreError::Refused(e.to_string());
        let selection = bundle::select(&self.record, finding).map_err(refused)?;
        if bundle::is_cosigned(&self.record, &selection).map_err(refused)? {
            return Ok(None);
        }
        self.cosigning()
    }
}
