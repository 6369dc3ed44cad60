//! Of what was seen and what was judged of it: segments, batches, judgements.

use std::collections::BTreeMap;

use truceline_domain::{Observation, Observed, SourceId};
use truceline_record::Entry;
use truceline_record::bodies::{BatchBody, SegmentBody};
use truceline_store::{GeoPackage, SegmentRow};

use super::Parts;
use crate::CentreError;
use crate::centre::judge::{self, JudgementBody};
use crate::centre::picture_rows;
use crate::centre::rules::{self, is_masked};
use crate::centre::window::EDGE_S;

impl Parts<'_> {
    pub(super) fn batch(
        &mut self,
        store: &GeoPackage,
        index: u64,
        body: &BatchBody,
    ) -> Result<(), CentreError> {
        let mut observations = body.read(self.record.blobs())?;
        let all = self.window.is_some().then(|| observations.clone());
        // What lies outside the area of interest is in the record, and is shown to nobody.
        observations.retain(|o| !is_masked(self.documents.parsed(), o));
        for observation in drawn(&observations) {
            store.put_observation(body.feed.as_str(), index, observation)?;
        }
        let ground = self.documents.theatre().and_then(|t| t.terrain.as_ref());
        let (tracks, footprints) =
            picture_rows::rows(&truceline_engine::picture(&observations, ground));
        store.add_picture(&tracks, &footprints)?;
        if let (Some(window), Some(all)) = (&mut self.window, all) {
            window.take(all);
        }
        Ok(())
    }

    pub(super) fn judgement(
        &mut self,
        store: &GeoPackage,
        index: u64,
        entry: &Entry,
    ) -> Result<(), CentreError> {
        let body: JudgementBody = entry.body_as()?;
        let judged = match self.judged.remove(&entry.id) {
            Some(judged) => judged,
            None => judge::again(self.record, self.documents, self.theatre, index, &body)?,
        };
        let parsed = self.documents.parsed();
        let shown: Vec<_> = judged
            .events
            .into_iter()
            .filter(|e| rules::masked(parsed, e.position, e.time).is_none())
            .collect();
        match body.since.map(|since| since.plus_seconds(EDGE_S)) {
            None => store.replace_events(&shown)?,
            // Earlier events stay as they were judged when all that belongs to them was looked at.
            Some(from) => store.replace_events_since(from, &shown)?,
        }
        store.put_judgement(index, entry.recorded, body.events, &body.events_sha256)?;
        self.judgements += 1;
        Ok(())
    }
}

/// What the store has of a batch: all of it, but of a drone's own whereabouts, which come ten times a
/// second, one statement a second and kind. The record has the rest.
fn drawn(observations: &[Observation]) -> impl Iterator<Item = &Observation> {
    let mut last: BTreeMap<(&SourceId, &str), Observed> = BTreeMap::new();
    observations.iter().filter(move |observation| {
        let kind = observation.body.kind();
        let Some(at) = observation.observed else {
            return true;
        };
        if !kind.starts_with("fmv.") && !kind.starts_with("mavlink.") {
            return true;
        }
        let key = (&observation.source, kind);
        let near = |last: &Observed| at.seconds_since(*last).abs() < WHEREABOUTS_S;
        if last.get(&key).is_some_and(near) {
            return false;
        }
        last.insert(key, at);
        true
    })
}

/// Statements of a drone's whereabouts in the store lie so far apart, seconds.
const WHEREABOUTS_S: f64 = 1.0;

pub(super) fn segment(
    store: &GeoPackage,
    index: u64,
    body: &SegmentBody,
) -> Result<(), CentreError> {
    let time = |pick: fn(&truceline_record::bodies::Span<Observed>) -> Observed| {
        body.observed.as_ref().map(pick)
    };
    store.put_segment(&SegmentRow {
        entry: index,
        feed: body.feed.to_string(),
        format: body.format.clone(),
        sha256: body.sha256,
        bytes: body.bytes,
        observed_from: time(|span| span.first),
        observed_until: time(|span| span.last),
    })?;
    Ok(())
}
