//! What a process that died left of its live feeds: its open segments enter the record by the way
//! that every feed takes, and the time until now becomes a gap.

use std::fs::File;
use std::io::{self, Read as _};

use truceline_domain::{FeedId, SourceId};
use truceline_intake::{Context, Item, decoder};
use truceline_record::bodies::{SEGMENT, SegmentBody};
use truceline_record::segment::{LeftOver, Limits, left_over};

use super::gaps::Gaps;
use crate::intake::{FeedIntake, Place};
use crate::{CentreError, clock, error};

/// An open segment that was found and is in the record now.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Salvaged {
    /// The feed.
    pub feed: FeedId,
    /// How many bytes.
    pub bytes: u64,
}

/// Takes in what the last process left. `source_of` names the source of a feed as configured.
///
/// # Errors
/// When the record refuses; what was not taken in stays, and is found again.
pub fn salvage(
    place: &Place,
    source_of: impl Fn(&FeedId) -> Option<SourceId>,
) -> Result<Vec<Salvaged>, CentreError> {
    let folder = place.record.folder();
    let found = left_over(folder).map_err(error::io("reading", &folder.live()))?;
    let mut salvaged = Vec::new();
    for (n, left) in found.iter().enumerate() {
        let source = source_of(&left.feed).unwrap_or_else(|| SourceId::from(&left.feed));
        if !is_recorded(place, left)? {
            take_in(place, left, source)?;
        }
        let last_of_feed = found.get(n + 1).is_none_or(|next| next.feed != left.feed);
        if last_of_feed {
            let now = clock::received();
            let last = left.received_at(u64::MAX).unwrap_or(left.opened);
            let mut gaps = Gaps::new(left.feed.clone());
            gaps.silence(last, now, "the centre's process ended");
            gaps.commit(place, now, true)?;
        }
        // If we die here it is taken in once more: the same bytes under the same hash.
        left.remove().map_err(error::io("removing", &left.path))?;
        salvaged.push(Salvaged {
            feed: left.feed.clone(),
            bytes: left.bytes,
        });
    }
    Ok(salvaged)
}

/// Entries at the log's end among which that of a segment is looked for that had ended when the process died:
/// far more than all feeds write in the time between.
const LAST_ENTRIES: u64 = 4096;

/// Whether the log has the entry of a segment that lies under its hash.
fn is_recorded(place: &Place, left: &LeftOver) -> Result<bool, CentreError> {
    let Some(sha256) = left.stored else {
        return Ok(false);
    };
    let log = place.record.log()?;
    for leaf in log.entries(log.size().saturating_sub(LAST_ENTRIES)) {
        let entry = leaf?.entry()?;
        if entry.kind == SEGMENT {
            let body: SegmentBody = entry.body_as()?;
            if body.sha256 == sha256 && body.feed == left.feed {
                return Ok(true);
            }
        }
    }
    Ok(false)
}

fn take_in(place: &Place, left: &LeftOver, source: SourceId) -> Result<(), CentreError> {
    if left.bytes == 0 {
        return Ok(());
    }
    let format = left
        .format
        .parse()
        .map_err(|e| CentreError::Refused(format!("{}: {e}", left.path.display())))?;
    let feed = left.feed.clone();
    let limits = Limits {
        due_s: f64::INFINITY,
        due_pts_90k: u64::MAX,
        ..Limits::FILE
    };
    let mut intake = FeedIntake::new(place.clone(), feed.clone(), format, limits, left.offset);
    let mut reader = decoder(format, Context { feed, source });
    let reading = error::io("reading", &left.path);
    let mut file = File::open(&left.path).map_err(error::io("opening", &left.path))?;
    let mut chunk = vec![0; 64 << 10];
    let (mut at, mut items) = (0, Vec::new());
    let read = loop {
        let room = usize::try_from(left.bytes - at).map_or(chunk.len(), |r| r.min(chunk.len()));
        let count = match file.read(chunk.get_mut(..room).unwrap_or_default()) {
            Ok(count) => count,
            Err(e) if e.kind() == io::ErrorKind::Interrupted => continue,
            Err(e) => break Err(e),
        };
        if count == 0 {
            break Ok(());
        }
        let received = left.received_at(at).unwrap_or(left.opened);
        let bytes = chunk.get(..count).unwrap_or_default();
        intake.bytes(bytes, received)?;
        if at == 0 && left.random_access {
            intake.cut(truceline_intake::Cut {
                offset: left.offset,
                pts_90k: None,
                observed: None,
            })?;
        }
        reader.push(bytes, &mut |item| items.push(item));
        at += count as u64;
        for item in items.drain(..) {
            take_item(&mut intake, item, left)?;
        }
    };
    read.map_err(reading)?;
    reader.finish(&mut |item| items.push(item));
    for item in items {
        take_item(&mut intake, item, left)?;
    }
    intake.finish()?;
    intake.set_aside()?;
    Ok(())
}

/// Offsets of a decoder that began here count from the left-over's first byte.
fn take_item(intake: &mut FeedIntake, item: Item, left: &LeftOver) -> Result<(), CentreError> {
    match item {
        // It is one segment as it was: cut where the next began, and nowhere else.
        Item::Cut(_) => Ok(()),
        Item::Fault(mut fault) => {
            fault.offset += left.offset;
            intake.fault(fault);
            Ok(())
        }
        Item::Observation(mut observation) => {
            let at = match &mut observation.body {
                truceline_domain::Body::FmvMetadata(metadata) => {
                    let at = metadata.offset;
                    metadata.offset += left.offset;
                    at
                }
                _ => u64::MAX,
            };
            if observation.received.is_none() {
                observation.received = left.received_at(at);
            }
            intake.observation(*observation)
        }
    }
}
