//! What a decoder must know before the first picture: parameter sets, and what they say.
//!
//! Parameter sets come within the stream. In the MP4 they stand in the header (`avc1`, `hvc1`: ISO/IEC 14496-15 §5.4.2.1,
//! §8.4.1), which every player reads, and are taken out of the samples. When they change, they do so at a random access point,
//! and a new header is made. A set that changes elsewhere stays in its sample, which decoders understand, until the next
//! random access point brings the new header.

mod h264;
mod hevc;

use std::collections::BTreeMap;

use mp4_atom::{Avcc, Hvcc};
use truceline_intake::fmv::{AccessUnit, Codec};

/// No parameter set is larger; what is, is no parameter set.
const MAX_SET_BYTES: usize = 4096;
/// A length before each unit.
const LENGTH: usize = 4;

/// A stream's description.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Description {
    /// As in RFC 6381, e.g. `avc1.64001f`.
    pub codec_string: String,
    /// Pixels, as shown.
    pub width: u16,
    /// Pixels, as shown.
    pub height: u16,
    /// How long a picture lasts, when the stream says so.
    pub duration_90k: Option<u32>,
    /// For the header.
    pub entry: SampleEntry,
}

/// A decoder's configuration.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum SampleEntry {
    /// H.264.
    Avc(Avcc),
    /// HEVC.
    Hevc(Hvcc),
}

/// What a unit is for the file.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Unit {
    /// A parameter set of a kind (its NAL unit type), by its number.
    Set(u8, u8),
    /// Delimiters and filler, which have no place in a file (ISO/IEC 14496-15 §5.2.2, §8.2.2).
    Dropped,
    /// The rest.
    Kept,
}

/// The parameter sets in force of one stream.
#[derive(Debug, Clone, Default)]
pub struct ParameterSets {
    codec: Option<Codec>,
    sets: BTreeMap<(u8, u8), Vec<u8>>,
    /// Those of the last header.
    told: BTreeMap<(u8, u8), Vec<u8>>,
    has_told: bool,
}

/// An access unit as a sample.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AsSample {
    /// The sample's bytes.
    pub bytes: Vec<u8>,
    /// The new description, when it begins one.
    pub description: Option<Description>,
}

impl ParameterSets {
    /// Makes a sample of an access unit; takes parameter sets from it. `None` while the stream has none that can be read.
    pub fn take(&mut self, unit: &AccessUnit) -> Option<AsSample> {
        if self.codec != Some(unit.codec) {
            *self = Self {
                codec: Some(unit.codec),
                ..Self::default()
            };
        }
        let own = self.own_sets(unit);
        let changed = own
            .iter()
            .any(|(name, set)| self.sets.get(name) != Some(set));
        let mut in_band = false;
        if changed {
            let sequence = sequence_kind(unit.codec);
            let new_sequence = own
                .iter()
                .any(|(name, set)| name.0 == sequence && self.sets.get(name) != Some(set));
            if new_sequence && unit.random_access {
                // Sets of another sequence mean nothing any more.
                self.sets.clear();
            }
            self.sets.extend(own);
            in_band = !unit.random_access;
        }
        let mut description = None;
        if !self.has_told || (unit.random_access && self.sets != self.told) {
            description = self.describe(unit.codec);
            if description.is_some() {
                self.told = self.sets.clone();
                self.has_told = true;
                in_band = false;
            }
        }
        self.has_told.then(|| AsSample {
            bytes: sample(unit, in_band),
            description,
        })
    }

    fn own_sets(&self, unit: &AccessUnit) -> BTreeMap<(u8, u8), Vec<u8>> {
        unit.nal_units()
            .filter(|nal| nal.len() <= MAX_SET_BYTES)
            .filter_map(|nal| match kind(unit.codec, nal) {
                Unit::Set(kind, number) => Some(((kind, number), nal.to_vec())),
                Unit::Dropped | Unit::Kept => None,
            })
            .collect()
    }

    fn describe(&self, codec: Codec) -> Option<Description> {
        match codec {
            Codec::H264 => h264::describe(&self.sets),
            Codec::Hevc => hevc::describe(&self.sets),
            _ => None,
        }
    }
}

fn sequence_kind(codec: Codec) -> u8 {
    match codec {
        Codec::Hevc => hevc::SPS,
        _ => h264::SPS,
    }
}

fn kind(codec: Codec, nal: &[u8]) -> Unit {
    match codec {
        Codec::H264 => h264::kind(nal),
        Codec::Hevc => hevc::kind(nal),
        _ => Unit::Kept,
    }
}

/// The access unit without what does not belong into a file.
fn sample(unit: &AccessUnit, with_sets: bool) -> Vec<u8> {
    let mut bytes = Vec::with_capacity(unit.units.len());
    for nal in unit.nal_units() {
        match kind(unit.codec, nal) {
            Unit::Dropped => continue,
            Unit::Set(..) if !with_sets => continue,
            Unit::Set(..) | Unit::Kept => {}
        }
        // Below 2^32: an access unit has at most 8 MiB.
        let length = u32::try_from(nal.len()).unwrap_or(u32::MAX);
        bytes.extend(length.to_be_bytes());
        bytes.extend_from_slice(nal);
    }
    debug_assert!(bytes.is_empty() || bytes.len() > LENGTH);
    bytes
}

/// The first number of a unit's payload: Exp-Golomb coded (ITU-T H.264 §9.1, H.265 §9.2) after `header` bytes.
fn first_number(nal: &[u8], header: usize) -> Option<u8> {
    let [first, ..] = nal.get(header..)? else {
        return None;
    };
    // Up to 254: at most 15 bits. Emulation prevention cannot begin before the third byte.
    let second = nal.get(header + 1).copied().unwrap_or(0);
    let bits = u16::from_be_bytes([*first, second]);
    let zeros = bits.leading_zeros();
    if zeros > 7 {
        return None;
    }
    let value = u32::from(bits) >> (15 - 2 * zeros);
    u8::try_from(value - 1).ok()
}

/// A duration from a stream's own clock: `units` of `scale` in a second. Between 1 ms and 10 s, else it is not believed.
fn duration_90k(units: u64, scale: u64) -> Option<u32> {
    let ticks = units.checked_mul(90_000)?.checked_div(scale)?;
    u32::try_from(ticks)
        .ok()
        .filter(|d| (90..=900_000).contains(d))
}
