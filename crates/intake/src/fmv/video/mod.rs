//! Access units and random access points of a video elementary stream, without decoding a picture.
//!
//! Only start codes and the first bytes behind them are looked at: H.264 (ITU-T H.264 §7.4.1.2.3, Annex B),
//! HEVC (ITU-T H.265 §7.4.2.4.4, Annex B), MPEG-2 video (ITU-T H.262 §6.2).
//!
//! An access unit is counted at its first slice; the two fields of a frame are two. What this does not see: arbitrary
//! slice order and redundant slices of H.264's Baseline and Extended profiles, which no source of motion imagery sends.

mod unit;

use memchr::memmem;

use self::unit::{Meaning, Parameters};

/// A video codec.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Codec {
    Mpeg2,
    H264,
    Hevc,
}

impl Codec {
    /// The word in counts.
    pub(super) const fn as_str(self) -> &'static str {
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

/// Looks through one stream. Holds [`HEAD_BYTES`] of one unit and nothing else.
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
}

/// The unit in hand.
#[derive(Clone, Copy)]
struct Unit {
    /// The PES packet that begins with it.
    entry: Option<Entry>,
    /// It was looked at already.
    judged: bool,
}

/// The access unit in hand.
#[derive(Clone, Copy, Default)]
struct Picture {
    /// The PES packet that begins with it.
    entry: Option<Entry>,
    /// Its slices have begun.
    coded: bool,
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
    }

    /// Bytes of the stream were lost: no segment begins with the picture in hand.
    pub(super) fn lose(&mut self) {
        self.tail = [1; 2];
        self.unit = None;
        self.at_entry = None;
        if let Some(picture) = &mut self.picture {
            picture.entry = None;
        }
    }

    /// Takes bytes of the current PES packet; `on` is told where a segment may begin.
    pub(super) fn take(&mut self, bytes: &[u8], on: &mut dyn FnMut(Entry)) {
        let mut from = 0;
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
    pub(super) fn finish(&mut self, on: &mut dyn FnMut(Entry)) {
        self.judge(on);
        self.unit = None;
    }

    fn begin(&mut self, entry: Option<Entry>, on: &mut dyn FnMut(Entry)) {
        self.judge(on);
        self.head.clear();
        self.unit = Some(Unit {
            entry,
            judged: false,
        });
    }

    fn collect(&mut self, bytes: &[u8], on: &mut dyn FnMut(Entry)) {
        if self.unit.is_some_and(|u| !u.judged) {
            let room = HEAD_BYTES - self.head.len().min(HEAD_BYTES);
            self.head.extend_from_slice(&bytes[..bytes.len().min(room)]);
            if self.head.len() >= unit::enough(self.codec, &self.head).min(HEAD_BYTES) {
                self.judge(on);
            }
        }
    }

    /// Looks at the unit in hand, once.
    fn judge(&mut self, on: &mut dyn FnMut(Entry)) {
        let Some(unit) = self.unit.as_mut().filter(|u| !u.judged) else {
            return;
        };
        unit.judged = true;
        let fresh = Picture {
            entry: unit.entry,
            ..Picture::default()
        };
        match unit::meaning(self.codec, &self.head) {
            Meaning::Prelude {
                parameters,
                recovery,
                time_stamps,
                time_stamps_malformed,
            } => {
                let picture = self.picture.get_or_insert(fresh);
                if picture.coded {
                    *picture = fresh;
                }
                picture.parameters |= parameters;
                picture.recovery |= recovery;
                self.counts.misp_time_stamps += time_stamps;
                self.counts.misp_time_stamps_malformed += time_stamps_malformed;
            }
            Meaning::Slice {
                first,
                random_access,
            } => {
                let picture = self.picture.get_or_insert(fresh);
                if picture.coded && first {
                    *picture = fresh;
                }
                if std::mem::replace(&mut picture.coded, true) {
                    return;
                }
                self.counts.access_units += 1;
                let complete = picture.parameters.complete(self.codec);
                // An intra picture of MPEG-2 needs its sequence header to begin with.
                let begins = random_access && (complete || self.codec != Codec::Mpeg2);
                if begins || picture.recovery {
                    self.counts.random_access_points += 1;
                    if let Some(entry) = picture.entry.filter(|_| complete) {
                        on(entry);
                    }
                }
            }
            Meaning::Other => {}
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
