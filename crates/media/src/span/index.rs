//! What stands where in a segment.

use truceline_domain::{Body, FeedId, Observation, Observed, Sha256, SourceId};
use truceline_intake::fmv::{AccessUnit, Codec, Seen, Watch};
use truceline_intake::{Context, Item};

use super::read::{shift_pts, stuffed_tables};
use crate::track::{Description, ParameterSets};

/// What a segment holds.
#[derive(Debug, Clone, PartialEq)]
pub struct Index {
    /// The feed.
    pub feed: FeedId,
    /// What observations name as their source when the bytes name none.
    pub source: SourceId,
    /// Its hash.
    pub segment: Sha256,
    /// Its length.
    pub bytes: u64,
    /// How its main video stream is coded; `None` without video.
    pub codec: Option<Codec>,
    /// Bytes from one transport packet to the next.
    pub stride: usize,
    /// The transport packets of the tables that go before each part of it that is read alone.
    pub tables: Vec<u8>,
    /// What a decoder must know, in the order used.
    pub descriptions: Vec<Description>,
    /// From each random access point to the next.
    pub groups: Vec<Group>,
    /// Presentation times and the source's time there, by its metadata: one a second at most, in the order read.
    pub anchors: Vec<(u64, Observed)>,
}

/// Pictures from a random access point with its parameter sets to the next.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Group {
    /// Its first byte in the segment: of the transport packet that begins the point's PES packet, or of the PAT before.
    pub offset: u64,
    /// The byte after its last.
    pub end: u64,
    /// Which of [`Index::descriptions`].
    pub description: usize,
    /// Its pictures in the order decoded.
    pub frames: Vec<Frame>,
}

/// A picture.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Frame {
    /// When it is shown, unwrapped.
    pub pts_90k: u64,
    /// When it is decoded, unwrapped.
    pub dts_90k: u64,
    /// The first byte in the segment of the transport packet that begins its PES packet; `None` when it does not begin one.
    pub offset: Option<u64>,
    /// Bytes of its sample.
    pub bytes: u32,
    /// Decoding can begin here.
    pub random_access: bool,
    /// It was recorded with holes.
    pub damaged: bool,
}

impl Group {
    /// When its random access point is shown.
    #[must_use]
    pub fn first_pts_90k(&self) -> Option<u64> {
        self.frames.first().map(|f| f.pts_90k)
    }
}

/// How much is pushed at a time.
const PIECE: usize = 64 * 1024;

impl Index {
    /// What a decoder of its bytes is told.
    #[must_use]
    pub fn context(&self) -> Context {
        Context {
            feed: self.feed.clone(),
            source: self.source.clone(),
        }
    }

    /// Reads a segment. `near_pts_90k` is a presentation time that is known of it (its entry's first): time stamps are told in the turn
    /// of 33 bits that lies nearest; without one, in the first.
    ///
    /// Pictures before its first random access point belong to the segment before, and are in no group.
    #[must_use]
    pub fn build(
        context: &Context,
        segment: Sha256,
        bytes: &[u8],
        near_pts_90k: Option<u64>,
    ) -> Self {
        let (tables, stride) = tables(context, bytes);
        let prefix = stuffed_tables(&tables, stride);
        let mut builder = Builder {
            index: Self {
                feed: context.feed.clone(),
                source: context.source.clone(),
                segment,
                bytes: bytes.len() as u64,
                codec: None,
                stride,
                tables,
                descriptions: Vec::new(),
                groups: Vec::new(),
                anchors: Vec::new(),
            },
            last_pts_90k: None,
            prefix: prefix.len() as u64,
            sets: ParameterSets::default(),
            near_pts_90k,
            shift: None,
        };
        let mut watch = Watch::recorded(context.clone());
        let mut take = |seen| match seen {
            Seen::AccessUnit(unit) => builder.take(unit),
            Seen::Item(Item::Observation(observation)) => builder.anchor(&observation),
            Seen::Item(_) => {}
        };
        watch.push(&prefix, &mut take);
        for piece in bytes.chunks(PIECE) {
            watch.push(piece, &mut take);
        }
        watch.finish(&mut take);
        builder.index.codec = watch.video();
        builder.finish()
    }
}

/// The first tables of a segment, and its stride.
fn tables(context: &Context, bytes: &[u8]) -> (Vec<u8>, usize) {
    const PACKET: usize = 188;
    let mut watch = Watch::recorded(context.clone());
    for piece in bytes.chunks(PIECE) {
        watch.push(piece, &mut |_| {});
        if watch.video().is_some() {
            break;
        }
    }
    (watch.tables(), watch.stride().unwrap_or(PACKET))
}

struct Builder {
    index: Index,
    /// Bytes that were pushed before the segment's own.
    prefix: u64,
    sets: ParameterSets,
    near_pts_90k: Option<u64>,
    shift: Option<i64>,
    /// Of the last picture.
    last_pts_90k: Option<u64>,
}

/// One anchor in so long.
const ANCHORS_90K: u64 = 90_000;

impl Builder {
    /// Takes the source's time from its metadata; where that has no presentation time, the last picture's.
    fn anchor(&mut self, observation: &Observation) {
        let Body::FmvMetadata(metadata) = &observation.body else {
            return;
        };
        let shifted = |pts: u64| pts.saturating_add_signed(self.shift.unwrap_or(0));
        let pts = metadata.pts_90k.map(shifted).or(self.last_pts_90k);
        let Some((pts_90k, observed)) = pts.zip(observation.observed) else {
            return;
        };
        let last = self.index.anchors.last();
        if last.is_none_or(|(last, _)| last.abs_diff(pts_90k) >= ANCHORS_90K) {
            self.index.anchors.push((pts_90k, observed));
        }
    }

    fn take(&mut self, mut unit: AccessUnit) {
        if let (Some(near), Some(pts)) = (self.near_pts_90k, unit.pts_90k) {
            self.shift.get_or_insert_with(|| shift_pts(pts, near));
        }
        let shift = self.shift.unwrap_or(0);
        let shifted = |time: Option<u64>| time.map(|t| t.saturating_add_signed(shift));
        (unit.pts_90k, unit.dts_90k) = (shifted(unit.pts_90k), shifted(unit.dts_90k));
        self.last_pts_90k = unit.pts_90k.or(self.last_pts_90k);
        let offset = unit.cut_offset.map(|o| o.saturating_sub(self.prefix));
        if let Some(offset) = offset.filter(|_| unit.random_access && unit.pts_90k.is_some()) {
            self.begin(&unit, offset);
        }
        let Some(group) = self.index.groups.last_mut() else {
            return;
        };
        let Some(sample) = self.sets.take(&unit) else {
            return;
        };
        let last = group.frames.last();
        // Without time stamps of its own it stands one step after the one before.
        let Some(dts_90k) = unit.dts_90k.or_else(|| Some(last?.dts_90k + 1)) else {
            return;
        };
        group.frames.push(Frame {
            pts_90k: unit.pts_90k.unwrap_or(dts_90k),
            dts_90k,
            offset,
            bytes: u32::try_from(sample.bytes.len()).unwrap_or(u32::MAX),
            random_access: unit.random_access,
            damaged: unit.damaged,
        });
    }

    /// A group begins if the point brings its parameter sets.
    fn begin(&mut self, unit: &AccessUnit, offset: u64) {
        let mut sets = ParameterSets::default();
        let Some(description) = sets.take(unit).and_then(|s| s.description) else {
            return;
        };
        self.end(offset);
        self.sets = ParameterSets::default();
        let known = self
            .index
            .descriptions
            .iter()
            .position(|d| *d == description);
        let description = known.unwrap_or_else(|| {
            self.index.descriptions.push(description);
            self.index.descriptions.len() - 1
        });
        self.index.groups.push(Group {
            offset,
            end: offset,
            description,
            frames: Vec::new(),
        });
    }

    fn end(&mut self, offset: u64) {
        if let Some(group) = self.index.groups.last_mut() {
            group.end = offset;
        }
    }

    fn finish(mut self) -> Index {
        let end = self.index.bytes;
        self.end(end);
        self.index
            .groups
            .retain(|g| !g.frames.is_empty() && g.end > g.offset);
        self.index
    }
}
