//! H.264 (ITU-T H.264; its place in a file: ISO/IEC 14496-15 §5).

use std::collections::BTreeMap;

use h264_reader::nal::sps::{ChromaFormat, SeqParameterSet};
use h264_reader::rbsp::{BitReader, decode_nal};
use mp4_atom::{Avcc, AvccExt};

use super::{Description, SampleEntry, Unit, first_number};

/// NAL unit types (ITU-T H.264 table 7-1).
pub(super) const SPS: u8 = 7;
const PPS: u8 = 8;
const DELIMITER: u8 = 9;
const FILLER: u8 = 12;
/// Numbers of sets (ITU-T H.264 §7.4.2.1, §7.4.2.2).
const SPS_NUMBERS: u8 = 32;
/// What a header can hold (ISO/IEC 14496-15 §5.3.3.1.2): five bits, and eight.
const MAX_SPS: usize = 31;
const MAX_PPS: usize = 255;
/// Macroblocks a side: 16-bit fields hold the picture.
const MAX_MBS: u32 = 4095;

pub(super) fn kind(nal: &[u8]) -> Unit {
    let Some(first) = nal.first() else {
        return Unit::Dropped;
    };
    match first & 0x1F {
        // The number stands behind profile, constraints and level.
        SPS => first_number(nal, 4)
            .filter(|n| *n < SPS_NUMBERS)
            .map_or(Unit::Kept, |n| Unit::Set(SPS, n)),
        PPS => first_number(nal, 1).map_or(Unit::Kept, |n| Unit::Set(PPS, n)),
        DELIMITER | FILLER => Unit::Dropped,
        _ => Unit::Kept,
    }
}

pub(super) fn describe(sets: &BTreeMap<(u8, u8), Vec<u8>>) -> Option<Description> {
    let of = |kind: u8| {
        sets.range((kind, 0)..=(kind, u8::MAX))
            .map(|(_, set)| set.clone())
    };
    let sequence_parameter_sets: Vec<_> = of(SPS).take(MAX_SPS).collect();
    let picture_parameter_sets: Vec<_> = of(PPS).take(MAX_PPS).collect();
    let first = sequence_parameter_sets.first()?;
    picture_parameter_sets.first()?;
    let [_, profile, compatibility, level, ..] = *first.as_slice() else {
        return None;
    };
    let payload = decode_nal(first).ok()?;
    let sps = SeqParameterSet::from_bits(BitReader::new(&*payload)).ok()?;
    if sps.pic_width_in_mbs_minus1 > MAX_MBS || sps.pic_height_in_map_units_minus1 > MAX_MBS {
        return None;
    }
    let (width, height) = sps.pixel_dimensions().ok()?;
    let chroma = &sps.chroma_info;
    let ext = sps.profile_idc.has_chroma_info().then(|| AvccExt {
        chroma_format: match chroma.chroma_format {
            ChromaFormat::Monochrome => 0,
            ChromaFormat::YUV420 | ChromaFormat::Invalid(_) => 1,
            ChromaFormat::YUV422 => 2,
            ChromaFormat::YUV444 => 3,
        },
        bit_depth_luma: chroma.bit_depth_luma_minus8.min(7) + 8,
        bit_depth_chroma: chroma.bit_depth_chroma_minus8.min(7) + 8,
        sequence_parameter_sets_ext: Vec::new(),
    });
    let timing = sps
        .vui_parameters
        .as_ref()
        .and_then(|v| v.timing_info.as_ref());
    // Two ticks a frame (ITU-T H.264 §E.2.1).
    let duration_90k = timing.and_then(|t| {
        super::duration_90k(2 * u64::from(t.num_units_in_tick), u64::from(t.time_scale))
    });
    Some(Description {
        codec_string: format!("avc1.{profile:02x}{compatibility:02x}{level:02x}"),
        width: u16::try_from(width).ok().filter(|w| *w > 0)?,
        height: u16::try_from(height).ok().filter(|h| *h > 0)?,
        duration_90k,
        entry: SampleEntry::Avc(Avcc {
            configuration_version: 1,
            avc_profile_indication: profile,
            profile_compatibility: compatibility,
            avc_level_indication: level,
            length_size: 4,
            sequence_parameter_sets,
            picture_parameter_sets,
            ext,
        }),
    })
}
