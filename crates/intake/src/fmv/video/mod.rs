//! Access units and random access points of a video elementary stream, without decoding a picture.
//!
//! Only start codes and the first bytes behind them are looked at: H.264 (ITU-T H.264 §7.4.1.2.3, Annex B),
//! HEVC (ITU-T H.265 §7.4.2.4.4, Annex B), MPEG-2 video (ITU-T H.262 §6.2).
//!
//! An access unit is counted at its first slice; the two fields of a frame are two. What this does not see: arbitrary
//! slice order and redundant slices of H.264's Baseline and Extended profiles, which no source of motion imagery sends.

mod gather;
mod unit;

use memchr::memmem;

use self::gather::Gather;
pub(super) use self::gather::Gathered;
use self::unit::{Meaning, Parameters};

/// A video codec.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Codec {
    /// MPEG-2 video (ITU-T H.262).
    Mpeg2,
    /// H.264, also AVC (ITU-T H.264).
    H264,
    /// HEVC (ITU-T H.265).
    Hevc,
}

impl Codec {
    /// The word in counts.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Mpeg2 => "mpeg2video",
            Self::H264 => "h264",
            Self::Hevc => "hevc",
        }
    }
}

/// Where a PES packet of the stream begins.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Entry {
    /// Where a segment that begins with this packet would be cut.
    pub(super) cut_offset: u64,
    /// Its presentation time stamp, unwrapped.
    pub(super) pts_90k: Option<u64>,
    /// Its decoding time stamp, unwrapped.
    pub(super) dts_90k: Option<u64>,
}

/// What was found in a stream.
pub(super) enum Found {
    /// A segment may begin here.
    Entry(Entry),
    /// A whole access unit, when they are gathered.
    AccessUnit(Gathered),
}

/// What was counted.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(super) struct Counts {
    pub(super) access_units: u64,
    /// Of these, those at which decoding can begin.
    pub(super) random_access_points: u64,
    /// ST 0604 time stamps of H.264 and HEVC.
    pub(super) misp_time_stamps: u64,
    /// ST 0604 time stamps that cannot be read.
    pub(super) misp_time_stamps_malformed: u64,
}

/// So many first bytes of a unit are kept: enough for parameter-set-free units and for the SEI messages with time stamps
/// (28 bytes each), which stand first.
const HEAD_BYTES: usize = 512;

/// Looks through one stream. Holds [`HEAD_BYTES`] of one unit, and an access unit when they are gathered.
pub(super) struct Video {
    codec: Codec,
    counts: Counts,
    /// The stream's last two bytes, in which a start code may have begun; not zero when there are none.
    tail: [u8; 2],
    /// The unit in hand, if any.
    unit: Option<Unit>,
    /// Its bytes from after the start code.
    head: Vec<u8>,
    picture: Option<Picture>,
    /// The current PES packet, while nothing but zeros has come of its payload.
    at_entry: Option<Entry>,
    /// Beside its number, the current PES packet, until an access unit that begins in it takes its time stamps.
    times: (u64, Option<Entry>),
    gather: Option<Gather>,
}

/// The unit in hand.
#[derive(Clone, Copy)]
struct Unit {
    /// The PES packet that begins with it.
    entry: Option<Entry>,
    /// The PES packet it begins in, if no access unit has taken its time stamps, and that packet's number.
    times: (u64, Option<Entry>),
    /// It was looked at already.
    judged: bool,
}

/// The access unit in hand.
#[derive(Clone, Copy, Default)]
struct Picture {
    /// The PES packet that begins with it.
    entry: Option<Entry>,
    /// Where its time stamps are from.
    times: Option<Entry>,
    /// Its slices have begun.
    coded: bool,
    /// Decoding may begin here.
    random_access: bool,
    /// It was handed on.
    sent: bool,
    /// A message in it says that decoding may begin here.
    recovery: bool,
    parameters: Parameters,
}

impl Video {
    pub(super) fn new(codec: Codec) -> Self {
        Self {
            codec,
            counts: Counts::default(),
            tail: [1; 2],
            unit: None,
            head: Vec::new(),
            picture: None,
            at_entry: None,
            times: (0, None),
            gather: None,
        }
    }

    /// Puts access units together from here on, or no longer.
    pub(super) fn gather(&mut self, wanted: bool) {
        let wanted = wanted && self.codec != Codec::Mpeg2;
        if wanted != self.gather.is_some() {
            // The picture in hand is not told: it has no beginning, or no end.
            self.gather = wanted.then(Gather::default);
            if let Some(picture) = &mut self.picture {
                picture.sent = true;
            }
        }
    }

    pub(super) fn codec(&self) -> Codec {
        self.codec
    }

    pub(super) fn counts(&self) -> Counts {
        self.counts
    }

    /// A PES packet begins.
    pub(super) fn start(&mut self, entry: Entry) {
        self.at_entry = Some(entry);
        self.times = (self.times.0 + 1, Some(entry));
        if let Some(gather) = &mut self.gather {
            gather.start();
        }
    }

    /// A sign that the access unit in hand ends with the bytes that came.
    pub(super) fn hint(&mut self, on: &mut dyn FnMut(Found)) {
        let coded = self.picture.is_some_and(|p| p.coded && !p.sent);
        if coded && self.gather.as_mut().is_some_and(Gather::hint) {
            self.end(on);
        }
    }

    /// Nothing more comes of the unit and the access unit in hand.
    fn end(&mut self, on: &mut dyn FnMut(Found)) {
        self.judge(on);
        self.unit = None;
        if let Some(gather) = &mut self.gather {
            gather.end_unit();
        }
        self.hand_on(on);
    }

    /// Hands the access unit in hand on, up to the unit in hand.
    fn hand_on(&mut self, on: &mut dyn FnMut(Found)) {
        let Some(gather) = &mut self.gather else {
            return;
        };
        let gathered = gather.split();
        let Some(picture) = self.picture.as_mut().filter(|p| p.coded && !p.sent) else {
            // What was lost between two is told of the next.
            if gathered.damaged {
                gather.damage();
            }
            return;
        };
        picture.sent = true;
        on(Found::AccessUnit(Gathered {
            random_access: picture.random_access,
            pes: picture.times,
            begins_pes: picture.entry.is_some(),
            ..gathered
        }));
    }

    /// Bytes of the stream were lost: no segment begins with the picture in hand.
    pub(super) fn lose(&mut self) {
        self.tail = [1; 2];
        self.unit = None;
        self.at_entry = None;
        if let Some(gather) = &mut self.gather {
            gather.lose();
        }
        if let Some(picture) = &mut self.picture {
            picture.entry = None;
        }
    }

    /// Takes bytes of the current PES packet; `on` is told where a segment may begin.
    pub(super) fn take(&mut self, bytes: &[u8], on: &mut dyn FnMut(Found)) {
        let mut from = 0;
        if let Some(gather) = &mut self.gather {
            gather.goes_on();
        }
        if let Some(after) = straddling(self.tail, bytes) {
            // What came of this PES packet so far was zeros, if it may still be an entry.
            let entry = self.at_entry.take();
            self.begin(entry, on);
            from = after;
        }
        let searched_from = from;
        for found in memmem::find_iter(&bytes[searched_from..], &[0, 0, 1]) {
            let at = searched_from + found;
            self.collect(&bytes[from..at], on);
            let entry = self.at_entry.take();
            self.begin(entry.filter(|_| bytes[..at].iter().all(|&b| b == 0)), on);
            from = at + 3;
        }
        self.collect(&bytes[from..], on);
        if self.at_entry.is_some() && bytes.iter().any(|&b| b != 0) {
            self.at_entry = None;
        }
        self.tail = match *bytes {
            [.., a, b] => [a, b],
            [b] => [self.tail[1], b],
            [] => self.tail,
        };
    }

    /// The stream ends.
    pub(super) fn finish(&mut self, on: &mut dyn FnMut(Found)) {
        self.end(on);
    }

    fn begin(&mut self, entry: Option<Entry>, on: &mut dyn FnMut(Found)) {
        self.judge(on);
        self.head.clear();
        self.unit = Some(Unit {
            entry,
            times: self.times,
            judged: false,
        });
        if let Some(gather) = &mut self.gather {
            gather.begin_unit();
        }
    }

    fn collect(&mut self, bytes: &[u8], on: &mut dyn FnMut(Found)) {
        if let Some(gather) = &mut self.gather {
            gather.extend(bytes);
        }
        if self.unit.is_some_and(|u| !u.judged) {
            let room = HEAD_BYTES - self.head.len().min(HEAD_BYTES);
            self.head.extend_from_slice(&bytes[..bytes.len().min(room)]);
            if self.head.len() >= unit::enough(self.codec, &self.head).min(HEAD_BYTES) {
                self.judge(on);
            }
        }
    }

    /// Looks at the unit in hand, once.
    fn judge(&mut self, on: &mut dyn FnMut(Found)) {
        let Some(unit) = self.unit.as_mut().filter(|u| !u.judged) else {
            return;
        };
        unit.judged = true;
        let unit = *unit;
        let meaning = unit::meaning(self.codec, &self.head);
        let begins_picture = match meaning {
            Meaning::Prelude { .. } => self.picture.is_none_or(|p| p.coded),
            Meaning::Slice { first, .. } => self.picture.is_none_or(|p| p.coded && first),
            Meaning::Other => false,
        };
        if let Some(gather) = &mut self.gather {
            gather.looked_at(begins_picture, unit.entry.is_some());
        }
        if begins_picture {
            self.begin_picture(unit, on);
        }
        let Some(picture) = &mut self.picture else {
            return;
        };
        match meaning {
            Meaning::Prelude {
                parameters,
                recovery,
                time_stamps,
                time_stamps_malformed,
            } => {
                picture.parameters |= parameters;
                picture.recovery |= recovery;
                self.counts.misp_time_stamps += time_stamps;
                self.counts.misp_time_stamps_malformed += time_stamps_malformed;
            }
            Meaning::Slice {
                first,
                random_access,
            } => {
                if std::mem::replace(&mut picture.coded, true) {
                    return;
                }
                if let Some(gather) = self.gather.as_mut().filter(|_| !first) {
                    gather.damage();
                }
                self.counts.access_units += 1;
                let complete = picture.parameters.complete(self.codec);
                // An intra picture of MPEG-2 needs its sequence header to begin with.
                let begins = random_access && (complete || self.codec != Codec::Mpeg2);
                picture.random_access = begins || picture.recovery;
                if picture.random_access {
                    self.counts.random_access_points += 1;
                    if let Some(entry) = picture.entry.filter(|_| complete) {
                        on(Found::Entry(entry));
                    }
                }
            }
            Meaning::Other => {}
        }
    }

    /// An access unit begins with the unit in hand, and the one before ends.
    fn begin_picture(&mut self, unit: Unit, on: &mut dyn FnMut(Found)) {
        self.hand_on(on);
        self.picture = Some(Picture {
            entry: unit.entry,
            times: unit.times.1,
            ..Picture::default()
        });
        if self.times.0 == unit.times.0 {
            self.times.1 = None;
        }
    }
}

/// Where the unit begins whose start code lies across the end of the last bytes and the head of these.
fn straddling(tail: [u8; 2], bytes: &[u8]) -> Option<usize> {
    match (tail, bytes) {
        ([0, 0], [1, ..]) => Some(1),
        ([_, 0], [0, 1, ..]) => Some(2),
        _ => None,
    }
}

#[cfg(test)]
mod tests;
