//! The checkpoint goes to the witnesses, and comes back with their cosignatures.

use std::sync::Arc;

use truceline_record::Record;
use truceline_record::log::Quorum;
use truceline_record::witness::{Cosigners, Gathered, WitnessClient};

use crate::http::HttpWitness;
use crate::{Centre, CentreError};

/// What is needed to have a checkpoint cosigned, apart from the centre: witnesses may be slow.
pub struct Cosigning {
    record: Arc<Record>,
    cosigners: Cosigners,
    quorum: usize,
}

impl Cosigning {
    /// Takes the quorum that the procedures ask for now. What each witness has seen stays known.
    pub(crate) fn renew(&mut self, centre: &Centre) {
        self.quorum = centre.documents.witness_quorum(clock_now());
    }

    /// Asks the witnesses and publishes what they gave.
    ///
    /// # Errors
    /// When the log cannot be read or written. A witness that does not answer is no error: it is told
    /// in the outcome.
    pub fn gather(&self) -> Result<Gathered, CentreError> {
        let log = self.record.log()?;
        let size = log.size();
        let gathered = self
            .cosigners
            .gather(log.checkpoint(), self.quorum, &|old| {
                log.consistency_proof(old, size)
            });
        for (name, outcome) in &gathered.outcomes {
            tracing::info!(witness = %name, ?outcome, size, "asked to cosign");
        }
        let reached = if gathered.has_quorum() {
            Quorum::Reached
        } else {
            Quorum::Open
        };
        self.record
            .publish_cosigned(gathered.checkpoint.clone(), reached)?;
        Ok(gathered)
    }
}

impl Centre {
    /// Asks the configured witnesses to cosign the present checkpoint and publishes what they gave.
    /// `None` when no witness is configured.
    ///
    /// # Errors
    /// When a configured witness has no key in `vkeys`, or as [`Cosigning::gather`].
    pub fn cosign(&self) -> Result<Option<Gathered>, CentreError> {
        self.cosigning()?.map(|c| c.gather()).transpose()
    }

    /// What is needed to do so; `None` when no witness is configured.
    ///
    /// # Errors
    /// When a configured witness has no key in `vkeys`.
    pub fn cosigning(&self) -> Result<Option<Cosigning>, CentreError> {
        if self.config.witnesses.is_empty() {
            return Ok(None);
        }
        let vkeys = self.record.vkeys()?;
        let peers = self.config.witnesses.iter().map(|witness| {
            let key = vkeys
                .witnesses()
                .find(|(_, key)| key.name() == witness.name);
            let (_, key) = key.ok_or_else(|| {
                let name = &witness.name;
                CentreError::Refused(format!("witness {name} has no key in record/vkeys"))
            })?;
            let client: Box<dyn WitnessClient> =
                Box::new(HttpWitness::new(&witness.name, &witness.url));
            Ok((client, key.clone()))
        });
        Ok(Some(Cosigning {
            record: self.record.clone(),
            cosigners: Cosigners::new(peers.collect::<Result<_, CentreError>>()?),
            quorum: self.documents.witness_quorum(clock_now()),
        }))
    }
}

/// The instant at which the procedures in force are asked for their quorum: now.
fn clock_now() -> truceline_domain::Observed {
    truceline_domain::Observed::from(crate::clock::recorded().timestamp())
}
