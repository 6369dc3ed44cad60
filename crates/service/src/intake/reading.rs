//! A feed that can be read to its end: a file, a page of the web, what somebody posts.

use std::io::Read;
use std::path::PathBuf;

use truceline_domain::{Body, FeedId, Sha256, SourceId};
use truceline_intake::{Context, Feed, FeedError, Format, Item, Piece, Tally};
use truceline_record::segment::Limits;

use super::{FeedIntake, Place};
use crate::{CentreError, clock};

/// A feed to take in.
pub struct Input<'a> {
    /// What people call it: its path or address.
    pub name: &'a str,
    /// Its bytes.
    pub reader: &'a mut dyn Read,
    /// The feed's name.
    pub feed: FeedId,
    /// The source that observations name when the bytes name none.
    pub source: SourceId,
    /// Its format; recognised when `None`.
    pub format: Option<Format>,
    /// Files that came with the report that it is: their SHA-256. They are cited by it.
    pub attached: Vec<Sha256>,
}

/// What taking a feed in came to.
#[derive(Debug)]
pub struct Taken {
    /// Its format.
    pub format: Format,
    /// What the decoder read.
    pub tally: Tally,
    /// How many segments were stored.
    pub segments: u64,
    /// How many observations were recorded.
    pub observations: u64,
    /// Where what was set aside lies.
    pub quarantine: Option<PathBuf>,
    /// Faults for people, the first of them.
    pub faults: Vec<String>,
}

/// Takes a feed into the record. `progress` is told how many bytes were read.
///
/// # Errors
/// When the feed cannot be read at all or the record refuses. What was recorded before stays.
pub fn take_in(
    place: Place,
    input: Input<'_>,
    progress: &mut dyn FnMut(u64),
) -> Result<Taken, CentreError> {
    let context = Context {
        feed: input.feed.clone(),
        source: input.source,
    };
    let refused = |e: FeedError| CentreError::Feed {
        feed: input.name.to_owned(),
        why: e.to_string(),
    };
    let attached = input.attached;
    let feed = Feed::open(input.reader, input.format).map_err(refused)?;
    let format = feed.format();
    if let Some(why) = place.rules.bars(format) {
        return Err(CentreError::Refused(format!(
            "{}: nothing was recorded of it: {why}",
            input.name
        )));
    }
    let mut intake = FeedIntake::new(place, input.feed, format, Limits::FILE, 0);
    let mut failed = None;
    let read = feed.read(context, &mut |mut piece| {
        if let Piece::Item(Item::Observation(observation)) = &mut piece
            && let Body::Report(report) = &mut observation.body
        {
            report.attachments.extend(&attached);
        }
        if failed.is_some() {
            return;
        }
        if let Piece::Bytes(bytes) = &piece {
            progress(bytes.len() as u64);
        }
        failed = intake.piece(piece).err();
    });
    if let Some(error) = failed {
        return Err(error);
    }
    // What came before a break is evidence too: it is recorded before the break is told.
    intake.finish()?;
    let (faults, quarantine) = intake.set_aside()?;
    let (segments, observations) = intake.recorded();
    Ok(Taken {
        format,
        tally: read.map_err(refused)?,
        segments,
        observations,
        quarantine,
        faults,
    })
}

impl FeedIntake {
    fn piece(&mut self, piece: Piece<'_>) -> Result<(), CentreError> {
        match piece {
            Piece::Bytes(bytes) => self.bytes(bytes, clock::received()),
            Piece::Item(Item::Cut(cut)) => self.cut(cut),
            Piece::Item(Item::Observation(mut observation)) => {
                observation.received.get_or_insert_with(clock::received);
                self.observation(*observation)
            }
            Piece::Item(Item::Fault(fault)) => {
                self.fault(fault);
                Ok(())
            }
        }
    }
}
