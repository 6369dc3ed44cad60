//! Motion imagery with its pictures: what [`super::Fmv`] tells, and each access unit of the main video stream whole.

use super::{Codec, Reader};
use crate::{Context, Item, Tally};

/// One access unit (a picture, or a field) of the main video stream.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AccessUnit {
    /// Packet identifier of its stream.
    pub pid: u16,
    /// Programme number.
    pub program: u16,
    /// How it is coded.
    pub codec: Codec,
    /// Presentation time stamp, 90 kHz, unwrapped; `None` when its PES packet has none, or another access unit took it.
    pub pts_90k: Option<u64>,
    /// Decoding time stamp, 90 kHz, unwrapped; the presentation time stamp where only that is sent (ISO/IEC 13818-1 §2.4.3.7).
    pub dts_90k: Option<u64>,
    /// Byte offset in the feed of the transport packet that begins its PES packet, or of the PAT before it when no packet
    /// of the stream stands between: where a segment that begins with it would be cut. `None` when it does not begin one.
    pub cut_offset: Option<u64>,
    /// Decoding can begin here: IDR, IRAP, or a recovery point; with or without parameter sets of its own.
    pub random_access: bool,
    /// Bytes of it, or between the access unit told before and it, are missing.
    pub damaged: bool,
    /// Its units (NAL units without start codes, zero bytes after them or byte stuffing), each behind its length in four bytes,
    /// most significant first: a sample of ISO/IEC 14496-15.
    pub units: Vec<u8>,
}

impl AccessUnit {
    /// Its NAL units.
    pub fn nal_units(&self) -> impl Iterator<Item = &[u8]> {
        let mut rest = self.units.as_slice();
        std::iter::from_fn(move || {
            let (length, after) = rest.split_first_chunk::<4>()?;
            let length = usize::try_from(u32::from_be_bytes(*length)).ok()?;
            let (unit, after) = after.split_at_checked(length)?;
            rest = after;
            Some(unit)
        })
    }
}

/// What a watched feed tells.
#[derive(Debug, Clone, PartialEq)]
pub enum Seen {
    /// What [`super::Fmv`] tells.
    Item(Item),
    /// A picture. It is told as soon as its end is known: when the next begins, or, in a stream that has shown to have one a
    /// PES packet, with the last byte of that.
    AccessUnit(AccessUnit),
}

/// Reads motion imagery, and puts the pictures of the main video stream (the first announced) together.
///
/// Items are the same as [`super::Fmv`]'s, in the same order. Pictures of MPEG-2 are not put together. Holds, beside what
/// [`super::Fmv`] holds, one access unit of at most 8 MiB.
///
/// ```
/// use truceline_domain::{FeedId, SourceId};
/// use truceline_intake::Context;
/// use truceline_intake::fmv::{Seen, Watch};
///
/// let context = Context { feed: FeedId::new("drone-1").unwrap(), source: SourceId::new("drone-1").unwrap() };
/// let mut watch = Watch::new(context);
/// let mut pictures = 0;
/// watch.push(&[0x47; 188], &mut |seen| pictures += u32::from(matches!(seen, Seen::AccessUnit(_))));
/// watch.finish(&mut |_| {});
/// assert_eq!(pictures, 0);
/// ```
pub struct Watch(Reader);

impl Watch {
    /// At the start of a feed.
    #[must_use]
    pub fn new(context: Context) -> Self {
        Self(Reader::new(context, true))
    }

    /// Takes the next bytes of the feed.
    pub fn push(&mut self, bytes: &[u8], tell: &mut dyn FnMut(Seen)) {
        self.0.push(bytes, tell);
    }

    /// The feed has ended: what is still held is told.
    pub fn finish(&mut self, tell: &mut dyn FnMut(Seen)) {
        self.0.finish(tell);
    }

    /// What was read so far.
    #[must_use]
    pub fn tally(&self) -> Tally {
        self.0.tally()
    }
}
