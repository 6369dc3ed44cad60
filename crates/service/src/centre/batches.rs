//! Where in the log the observations of a time are, so that an hour is read without reading a year.

use std::sync::{Arc, Mutex, PoisonError};

use truceline_domain::{Observation, Observed};
use truceline_record::Record;
use truceline_record::bodies::{BATCH, BatchBody, Span};

use crate::CentreError;

/// Entries in a run: those of one file of the log (C2SP tlog-tiles, entry bundles).
const RUN: u64 = 256;

/// Of each run of the log's entries, between which times its observations are. Nobody holds the centre
/// while it is asked.
///
/// It is made from the log when it is asked first, and goes on from there: 24 bytes for 256 entries.
#[derive(Debug)]
pub(crate) struct Batches {
    record: Arc<Record>,
    known: Mutex<Known>,
}

#[derive(Debug, Default)]
struct Known {
    entries: u64,
    runs: Vec<Option<Span<Observed>>>,
}

impl Batches {
    pub(super) fn new(record: Arc<Record>) -> Self {
        Self {
            record,
            known: Mutex::default(),
        }
    }

    /// Observations between two instants (the second excluded), in the log's order; those without a time
    /// are not among them.
    ///
    /// # Errors
    /// When the record cannot be read.
    pub(crate) fn between(
        &self,
        from: Observed,
        to: Observed,
    ) -> Result<Vec<Observation>, CentreError> {
        let log = self.record.log()?;
        let mut all = Vec::new();
        for run in self.runs(from, to)? {
            let width = usize::try_from(RUN).unwrap_or(usize::MAX);
            for leaf in log.entries(run * RUN).take(width) {
                let entry = leaf?.entry()?;
                if entry.kind != BATCH {
                    continue;
                }
                let body = entry.body_as::<BatchBody>()?;
                if body.observed.is_some_and(|span| touches(span, from, to)) {
                    all.extend(body.read(self.record.blobs())?);
                }
            }
        }
        all.retain(|o| o.observed.is_some_and(|at| at >= from && at < to));
        Ok(all)
    }

    /// The runs with observations between two instants, after the log was read to its end.
    fn runs(&self, from: Observed, to: Observed) -> Result<Vec<u64>, CentreError> {
        let mut known = self.known.lock().unwrap_or_else(PoisonError::into_inner);
        for leaf in self.record.log()?.entries(known.entries) {
            let leaf = leaf?;
            let entry = leaf.entry()?;
            let run = usize::try_from(leaf.index / RUN).unwrap_or(usize::MAX);
            if known.runs.len() <= run {
                known.runs.resize(run.saturating_add(1), None);
            }
            if entry.kind == BATCH
                && let Some(span) = entry.body_as::<BatchBody>()?.observed
                && let Some(wide) = known.runs.get_mut(run)
            {
                let both = Span::with(*wide, span.first);
                *wide = Some(Span::with(Some(both), span.last));
            }
            known.entries = leaf.index + 1;
        }
        let in_span = |run: &Option<Span<Observed>>| run.is_some_and(|s| touches(s, from, to));
        let runs = (0u64..).zip(&known.runs);
        Ok(runs
            .filter(|(_, run)| in_span(run))
            .map(|(n, _)| n)
            .collect())
    }
}

fn touches(span: Span<Observed>, from: Observed, to: Observed) -> bool {
    span.last >= from && span.first < to
}
