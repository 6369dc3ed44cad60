//! Batches of observations: NDJSON under its hash beside the segments, and an entry that says which.

use std::collections::BTreeMap;

use serde::Deserialize;
use truceline_domain::{FeedId, Observation, Observed, Sha256, TheatreId};

use crate::blob::{BlobError, Blobs};
use crate::bodies::{BATCH, BatchBody, Span};
use crate::entry::{Draft, EntryError};

/// No batch is larger when read back: a hostile record must not fill the memory.
pub const MAX_BATCH_BYTES: u64 = 256 << 20;

/// Why a batch could not be written or read.
#[derive(Debug, thiserror::Error)]
pub enum BatchError {
    /// Its bytes.
    #[error(transparent)]
    Blob(#[from] BlobError),
    /// An observation that does not become JSON.
    #[error("an observation that JSON cannot hold: {0}")]
    Unwritable(serde_json::Error),
    /// The bytes are not what the entry says.
    #[error("batch {sha256}, line {line}: {reason}")]
    Differs {
        /// The batch.
        sha256: Sha256,
        /// From 1.
        line: usize,
        /// What was seen and what was expected.
        reason: String,
    },
}

/// Observations on their way into the record.
#[derive(Debug, Clone)]
pub struct BatchWriter {
    feed: FeedId,
    segment: Option<Sha256>,
    lines: Vec<u8>,
    count: u64,
    kinds: BTreeMap<String, u64>,
    observed: Option<Span<Observed>>,
}

impl BatchWriter {
    /// An empty batch of observations from `feed`, decoded from `segment` if from one.
    #[must_use]
    pub fn new(feed: FeedId, segment: Option<Sha256>) -> Self {
        let (lines, kinds) = (Vec::new(), BTreeMap::new());
        Self {
            feed,
            segment,
            lines,
            count: 0,
            kinds,
            observed: None,
        }
    }

    /// Adds an observation.
    ///
    /// # Errors
    /// When JSON cannot hold it; the batch is then as before.
    pub fn push(&mut self, observation: &Observation) -> Result<(), BatchError> {
        let line = serde_json::to_vec(observation).map_err(BatchError::Unwritable)?;
        self.lines.extend_from_slice(&line);
        self.lines.push(b'\n');
        self.count += 1;
        *self
            .kinds
            .entry(observation.body.kind().to_owned())
            .or_default() += 1;
        if let Some(observed) = observation.observed {
            self.observed = Some(Span::with(self.observed, observed));
        }
        Ok(())
    }

    /// How many observations came so far.
    #[must_use]
    pub fn count(&self) -> u64 {
        self.count
    }

    /// How many bytes they take.
    #[must_use]
    pub fn bytes(&self) -> usize {
        self.lines.len()
    }

    /// Stores the batch durably. It is recorded when its entry is.
    ///
    /// # Errors
    /// When the disk refuses.
    pub fn store(self, blobs: &Blobs) -> Result<BatchBody, BatchError> {
        let stored = blobs.put(&self.lines)?;
        let Self {
            feed,
            segment,
            count,
            kinds,
            observed,
            ..
        } = self;
        let (sha256, bytes) = (stored.sha256, stored.bytes);
        Ok(BatchBody {
            feed,
            sha256,
            bytes,
            count,
            kinds,
            observed,
            segment,
        })
    }
}

impl BatchBody {
    /// The entry that puts the batch into the log.
    ///
    /// # Errors
    /// When the body has no canonical form.
    pub fn draft(&self, theatre: &TheatreId, by: &str) -> Result<Draft, EntryError> {
        let observed = self.observed.map(|span| span.first);
        Ok(Draft::new(BATCH, theatre, by, self)?.with_times(observed, None))
    }

    /// The observations, checked against the hash and the count.
    ///
    /// # Errors
    /// When the bytes are missing or damaged, or are not what the body says.
    pub fn read(&self, blobs: &Blobs) -> Result<Vec<Observation>, BatchError> {
        let differs = |line, reason: String| BatchError::Differs {
            sha256: self.sha256,
            line,
            reason,
        };
        if self.bytes > MAX_BATCH_BYTES {
            return Err(differs(
                0,
                format!("{} bytes, at most {MAX_BATCH_BYTES}", self.bytes),
            ));
        }
        let file = blobs.open(&self.sha256)?;
        let length = file
            .metadata()
            .map_or(self.bytes, |metadata| metadata.len());
        if length != self.bytes {
            return Err(differs(
                0,
                format!("{length} bytes, the entry says {}", self.bytes),
            ));
        }
        let bytes = blobs.read(&self.sha256)?;
        let lines = bytes
            .strip_suffix(b"\n")
            .map(|lines| lines.split(|&byte| byte == b'\n'));
        let mut observations = Vec::new();
        for (index, line) in lines.into_iter().flatten().enumerate() {
            let mut json = serde_json::Deserializer::from_slice(line);
            let observation = Observation::deserialize(&mut json)
                .map_err(|error| differs(index + 1, error.to_string()))?;
            json.end()
                .map_err(|error| differs(index + 1, error.to_string()))?;
            observations.push(observation);
        }
        if observations.len() as u64 != self.count {
            let reason = format!(
                "{} lines, the entry says {}",
                observations.len(),
                self.count
            );
            return Err(differs(observations.len(), reason));
        }
        Ok(observations)
    }
}
