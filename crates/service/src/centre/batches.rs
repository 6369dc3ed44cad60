//! Where in the log the observations of a time are, so that an hour is read without reading a year.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use truceline_domain::{Observation, Observed};
use truceline_record::bodies::{BATCH, BatchBody, Span};
use truceline_record::{Leaf, Record};

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
        let mut all = Vec::new();
        for body in self.bodies(from, to)?.bodies {
            if body.observed.is_some_and(|span| touches(span, from, to)) {
                all.extend(body.read(self.record.blobs())?);
            }
        }
        all.retain(|o| o.observed.is_some_and(|at| at >= from && at < to));
        Ok(all)
    }

    /// The batches of the runs with observations between two instants, in the log's order: some may have none of that time.
    ///
    /// # Errors
    /// When the record cannot be read.
    pub(super) fn bodies(&self, from: Observed, to: Observed) -> Result<Found, CentreError> {
        let log = self.record.log()?;
        let (runs, entries) = self.runs(from, to)?;
        let mut bodies = Vec::new();
        for run in runs {
            let end = entries.min((run + 1) * RUN);
            let width = usize::try_from(end.saturating_sub(run * RUN)).unwrap_or(usize::MAX);
            for leaf in log.entries(run * RUN).take(width) {
                bodies.extend(body(&leaf?)?);
            }
        }
        Ok(Found { bodies, entries })
    }

    /// The batches from an entry on, in the log's order.
    ///
    /// # Errors
    /// When the record cannot be read.
    pub(super) fn since(&self, first: u64) -> Result<Found, CentreError> {
        let mut found = Found {
            bodies: Vec::new(),
            entries: first,
        };
        for leaf in self.record.log()?.entries(first) {
            let leaf = leaf?;
            found.bodies.extend(body(&leaf)?);
            found.entries = leaf.index + 1;
        }
        Ok(found)
    }

    /// Until when anything was observed.
    ///
    /// # Errors
    /// When the record cannot be read.
    pub(super) fn newest(&self) -> Result<Option<Observed>, CentreError> {
        let known = self.known()?;
        Ok(known.runs.iter().flatten().map(|span| span.last).max())
    }

    /// What a batch holds.
    ///
    /// # Errors
    /// When the record cannot be read.
    pub(super) fn read(&self, body: &BatchBody) -> Result<Vec<Observation>, CentreError> {
        Ok(body.read(self.record.blobs())?)
    }

    /// The runs with observations between two instants, and how many entries were looked through.
    fn runs(&self, from: Observed, to: Observed) -> Result<(Vec<u64>, u64), CentreError> {
        let known = self.known()?;
        let in_span = |run: &Option<Span<Observed>>| run.is_some_and(|s| touches(s, from, to));
        let runs = (0u64..).zip(&known.runs).filter(|(_, run)| in_span(run));
        Ok((runs.map(|(n, _)| n).collect(), known.entries))
    }

    /// What is known of the log's runs, after it was read to its end.
    fn known(&self) -> Result<MutexGuard<'_, Known>, CentreError> {
        let mut known = self.known.lock().unwrap_or_else(PoisonError::into_inner);
        for leaf in self.record.log()?.entries(known.entries) {
            let leaf = leaf?;
            let run = usize::try_from(leaf.index / RUN).unwrap_or(usize::MAX);
            if known.runs.len() <= run {
                known.runs.resize(run.saturating_add(1), None);
            }
            if let Some(span) = body(&leaf)?.and_then(|body| body.observed)
                && let Some(wide) = known.runs.get_mut(run)
            {
                let both = Span::with(*wide, span.first);
                *wide = Some(Span::with(Some(both), span.last));
            }
            known.entries = leaf.index + 1;
        }
        Ok(known)
    }
}

/// What an entry says of a batch, if it is of one.
fn body(leaf: &Leaf) -> Result<Option<BatchBody>, CentreError> {
    let entry = leaf.entry()?;
    if entry.kind != BATCH {
        return Ok(None);
    }
    Ok(Some(entry.body_as()?))
}

/// Batches, and how many entries of the log were looked through to find them.
pub(super) struct Found {
    pub(super) bodies: Vec<BatchBody>,
    pub(super) entries: u64,
}

/// Whether a span has a part between two instants.
pub(super) fn touches(span: Span<Observed>, from: Observed, to: Observed) -> bool {
    span.last >= from && span.first < to
}
