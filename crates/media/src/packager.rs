//! A live feed to fragments of MP4, one a picture.
//!
//! **Latency.** A picture leaves in the same call that brings its last byte, once the stream has shown that each of its PES
//! packets holds one picture (eight in a row, and none that did not); before that, and in streams where it is not so, when
//! the next picture begins: at most one picture later. One transport packet may be held on top, because a packet is believed when the
//! byte after it is in step.
//!
//! **Damage.** What is shown to people who accuse others must not be invented by a decoder that hides losses:
//! see [`OnDamage`].

use truceline_domain::{Body, Observation};
use truceline_intake::fmv::{AccessUnit, Seen, Watch};
use truceline_intake::{Context, Item, Tally};

use crate::boxes::{self, Sample};
use crate::timeline::{Placed, Timeline};
use crate::track::{Description, ParameterSets};

/// What becomes of a picture when transport packets of it, or of one before it, are missing.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum OnDamage {
    /// It is shown, and [`Fragment::damaged`] says that it and what follows, up to the next random access point, is not as it was
    /// sent. A picture with holes is more than none in a feed that loses packets all the time.
    #[default]
    Show,
    /// Nothing is shown until the next whole random access point.
    Hold,
}

/// What is told.
#[derive(Debug, Clone, PartialEq)]
pub enum Event {
    /// A header; those before it are no longer valid.
    Init(Init),
    /// A picture.
    Fragment(Fragment),
    /// An observation out of the same stream.
    Metadata(Metadata),
    /// What else the feed told: places where it may be cut, and faults.
    Item(Item),
}

/// A header: `ftyp` and `moov`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Init {
    /// As in RFC 6381, e.g. `avc1.64001f`: what a player is asked whether it can play.
    pub codec_string: String,
    /// Pixels.
    pub width: u16,
    /// Pixels.
    pub height: u16,
    /// The boxes.
    pub bytes: Vec<u8>,
}

/// A picture: `moof` and `mdat`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Fragment {
    /// Its number, from 1.
    pub number: u32,
    /// When it is shown, by the feed's clock, unwrapped.
    pub pts_90k: u64,
    /// When it is decoded, by the feed's clock, unwrapped.
    pub dts_90k: u64,
    /// When it is shown, on the player's timeline; [`Fragment::pts_90k`] until the feed's clock jumps.
    pub media_90k: u64,
    /// How long, as far as is known before the next has come.
    pub duration_90k: u32,
    /// Decoding can begin here.
    pub random_access: bool,
    /// It is not as it was sent: it, or one it depends on, lost bytes on the way.
    pub damaged: bool,
    /// The feed's clock jumped before it.
    pub jumped: bool,
    /// Pictures in it: one.
    pub frames: u32,
    /// The boxes.
    pub bytes: Vec<u8>,
}

/// An observation out of the stream, placed in time.
#[derive(Debug, Clone, PartialEq)]
pub struct Metadata {
    /// Its presentation time by the feed's clock, unwrapped; for metadata that is sent without one, that of the last picture
    /// before it (`None` when there is none).
    pub pts_90k: Option<u64>,
    /// The same on the player's timeline.
    pub media_90k: Option<u64>,
    /// Whether the time is the metadata's own, and not the last picture's.
    pub own_time: bool,
    /// What was observed: `fmv.metadata`, and `video` for the targets in it.
    pub observation: Box<Observation>,
}

/// Makes fragments of what a watched feed tells.
#[derive(Debug, Default)]
pub struct Muxer {
    on_damage: OnDamage,
    sets: ParameterSets,
    timeline: Timeline,
    /// Fragments so far.
    number: u32,
    /// Bytes were lost, and no whole random access point came since.
    damaged: bool,
    /// A picture was told that decoding can begin with.
    begun: bool,
    /// The last picture's time by the feed's clock.
    last_pts_90k: Option<u64>,
    /// The time of the last metadata packet, for its targets.
    last_metadata: Option<(Option<u64>, bool)>,
    left_out: u64,
}

impl Muxer {
    /// At the start of a feed.
    #[must_use]
    pub fn new(on_damage: OnDamage) -> Self {
        Self {
            on_damage,
            ..Self::default()
        }
    }

    /// How many pictures were left out: before the first random access point, without time stamps, damaged or of an unknown coding.
    #[must_use]
    pub fn left_out(&self) -> u64 {
        self.left_out
    }

    /// Takes what the feed tells.
    pub fn take(&mut self, seen: Seen, on: &mut dyn FnMut(Event)) {
        match seen {
            Seen::AccessUnit(unit) => {
                if self.picture(&unit, on).is_none() {
                    self.left_out += 1;
                }
            }
            Seen::Item(Item::Observation(observation)) => {
                on(Event::Metadata(self.metadata(observation)));
            }
            Seen::Item(item) => on(Event::Item(item)),
        }
    }

    /// `None` when the picture is left out.
    fn picture(&mut self, unit: &AccessUnit, on: &mut dyn FnMut(Event)) -> Option<()> {
        self.damaged = unit.damaged || (self.damaged && !unit.random_access);
        let sample = self.sets.take(unit)?;
        if let Some(description) = sample.description {
            if let Some(duration) = description.duration_90k {
                self.timeline.expect(duration);
            }
            on(Event::Init(init(&description)?));
        }
        let placed = self.timeline.place(unit)?;
        self.last_pts_90k = Some(placed.pts_90k);
        self.begun |= unit.random_access;
        let held = self.damaged && self.on_damage == OnDamage::Hold;
        if !self.begun || held || sample.bytes.is_empty() {
            return None;
        }
        let fragment = self.fragment(unit, &placed, &sample.bytes)?;
        on(Event::Fragment(fragment));
        Some(())
    }

    fn fragment(&mut self, unit: &AccessUnit, placed: &Placed, data: &[u8]) -> Option<Fragment> {
        let number = self.number.wrapping_add(1);
        let sample = Sample {
            bytes: u32::try_from(data.len()).ok()?,
            duration_90k: placed.duration_90k,
            composition_offset_90k: placed.composition_offset(),
            random_access: unit.random_access,
        };
        let bytes = boxes::fragment(number, placed.media_dts_90k, &[sample], data).ok()?;
        self.number = number;
        Some(Fragment {
            number,
            pts_90k: placed.pts_90k,
            dts_90k: placed.dts_90k,
            media_90k: placed.media_90k(),
            duration_90k: placed.duration_90k,
            random_access: unit.random_access,
            damaged: self.damaged,
            jumped: placed.jumped,
            frames: 1,
            bytes,
        })
    }

    fn metadata(&mut self, observation: Box<Observation>) -> Metadata {
        let (pts_90k, own_time) = match &observation.body {
            Body::FmvMetadata(metadata) => {
                let time = (
                    metadata.pts_90k.or(self.last_pts_90k),
                    metadata.pts_90k.is_some(),
                );
                self.last_metadata = Some(time);
                time
            }
            _ => self.last_metadata.unwrap_or((self.last_pts_90k, false)),
        };
        Metadata {
            pts_90k,
            media_90k: pts_90k.map(|pts| self.timeline.media_90k(pts)),
            own_time,
            observation,
        }
    }
}

fn init(description: &Description) -> Option<Init> {
    Some(Init {
        codec_string: description.codec_string.clone(),
        width: description.width,
        height: description.height,
        bytes: boxes::header(description).ok()?,
    })
}

/// Makes fragments of a feed's bytes: a [`Watch`] and a [`Muxer`].
///
/// Who reads the feed anyway, for the record, watches it once and gives what it tells to a [`Muxer`].
pub struct Packager {
    watch: Watch,
    muxer: Muxer,
}

impl Packager {
    /// At the start of a feed.
    #[must_use]
    pub fn new(context: Context, on_damage: OnDamage) -> Self {
        Self {
            watch: Watch::new(context),
            muxer: Muxer::new(on_damage),
        }
    }

    /// Takes the next bytes of the feed, in pieces of any size; the fragments do not depend on the pieces.
    pub fn push(&mut self, bytes: &[u8], on: &mut dyn FnMut(Event)) {
        let Self { watch, muxer } = self;
        watch.push(bytes, &mut |seen| muxer.take(seen, on));
    }

    /// The feed has ended: what is still held is told.
    pub fn finish(&mut self, on: &mut dyn FnMut(Event)) {
        let Self { watch, muxer } = self;
        watch.finish(&mut |seen| muxer.take(seen, on));
    }

    /// What was read so far.
    #[must_use]
    pub fn tally(&self) -> Tally {
        self.watch.tally()
    }

    /// How many pictures were left out ([`Muxer::left_out`]).
    #[must_use]
    pub fn left_out(&self) -> u64 {
        self.muxer.left_out()
    }
}
