//! HEVC (ITU-T H.265; its place in a file: ISO/IEC 14496-15 §8).

use std::collections::BTreeMap;
use std::fmt::Write as _;

use mp4_atom::{HvcCArray, Hvcc};
use scuffle_h265::SpsNALUnit;

use super::{Description, SampleEntry, Unit, first_number};

/// NAL unit types (ITU-T H.265 table 7-1).
const VPS: u8 = 32;
pub(super) const SPS: u8 = 33;
const PPS: u8 = 34;
const DELIMITER: u8 = 35;
const FILLER: u8 = 38;
/// Numbers of sets (ITU-T H.265 §7.4.3.2.1, §7.4.3.3.1).
const SPS_NUMBERS: u8 = 16;
const PPS_NUMBERS: u8 = 64;
const HEADER: usize = 2;

pub(super) fn kind(nal: &[u8]) -> Unit {
    let (Some(first), Some(second)) = (nal.first(), nal.get(1)) else {
        return Unit::Dropped;
    };
    let base_layer = first & 1 == 0 && second >> 3 == 0;
    match first >> 1 & 0x3F {
        VPS if base_layer => nal
            .get(HEADER)
            .map_or(Unit::Dropped, |b| Unit::Set(VPS, b >> 4)),
        SPS if base_layer => sps_number(nal)
            .filter(|n| *n < SPS_NUMBERS)
            .map_or(Unit::Kept, |n| Unit::Set(SPS, n)),
        PPS if base_layer => first_number(nal, HEADER)
            .filter(|n| *n < PPS_NUMBERS)
            .map_or(Unit::Kept, |n| Unit::Set(PPS, n)),
        DELIMITER | FILLER => Unit::Dropped,
        _ => Unit::Kept,
    }
}

/// The number stands behind profile, tier and level of all layers, whose length depends on what they are.
fn sps_number(nal: &[u8]) -> Option<u8> {
    let sps = SpsNALUnit::parse(nal).ok()?;
    u8::try_from(sps.rbsp.sps_seq_parameter_set_id).ok()
}

pub(super) fn describe(sets: &BTreeMap<(u8, u8), Vec<u8>>) -> Option<Description> {
    let of = |kind: u8| {
        let sets = sets.range((kind, 0)..=(kind, u8::MAX));
        sets.map(|(_, set)| set.clone()).collect::<Vec<_>>()
    };
    let (vps, sps, pps) = (of(VPS), of(SPS), of(PPS));
    let first = sps.first()?;
    if vps.is_empty() || pps.is_empty() {
        return None;
    }
    let parsed = SpsNALUnit::parse(first.as_slice()).ok()?.rbsp;
    let (width, height) = shown(&parsed)?;
    let general = general(first)?;
    let timing = parsed
        .vui_parameters
        .as_ref()
        .and_then(|v| v.vui_timing_info.as_ref());
    let duration_90k = timing.and_then(|t| {
        super::duration_90k(
            u64::from(t.num_units_in_tick.get()),
            u64::from(t.time_scale.get()),
        )
    });
    let array = |nal_unit_type, nalus| HvcCArray {
        completeness: true,
        nal_unit_type,
        nalus,
    };
    Some(Description {
        codec_string: general.codec_string(),
        width,
        height,
        duration_90k,
        entry: SampleEntry::Hevc(Hvcc {
            general_profile_space: general.space,
            general_tier_flag: general.high_tier,
            general_profile_idc: general.profile,
            general_profile_compatibility_flags: general.compatibility,
            general_constraint_indicator_flags: general.constraints,
            general_level_idc: general.level,
            chroma_format_idc: parsed.chroma_format_idc,
            bit_depth_luma_minus8: parsed.bit_depth_luma_minus8,
            bit_depth_chroma_minus8: parsed.bit_depth_chroma_minus8,
            num_temporal_layers: parsed.sps_max_sub_layers_minus1 + 1,
            temporal_id_nested: parsed.sps_temporal_id_nesting_flag,
            length_size_minus_one: 3,
            arrays: vec![array(VPS, vps), array(SPS, sps), array(PPS, pps)],
            ..Hvcc::new()
        }),
    })
}

/// Pixels as shown (ITU-T H.265 §7.4.3.2.1, conformance window).
fn shown(sps: &scuffle_h265::SpsRbsp) -> Option<(u16, u16)> {
    // By chroma_format_idc: ITU-T H.265 table 6-1.
    let (unit_x, unit_y) = match sps.chroma_format_idc {
        1 => (2, 2),
        2 => (2, 1),
        _ => (1, 1),
    };
    let window = &sps.conformance_window;
    let side = |coded: u64, before: u64, after: u64, unit: u64| {
        let hidden = before.checked_add(after)?.checked_mul(unit)?;
        let side = coded.checked_sub(hidden)?;
        u16::try_from(side).ok().filter(|s| *s > 0)
    };
    Some((
        side(
            sps.pic_width_in_luma_samples.get(),
            window.conf_win_left_offset,
            window.conf_win_right_offset,
            unit_x,
        )?,
        side(
            sps.pic_height_in_luma_samples.get(),
            window.conf_win_top_offset,
            window.conf_win_bottom_offset,
            unit_y,
        )?,
    ))
}

/// `profile_tier_level` (ITU-T H.265 §7.3.3), the general part: twelve bytes.
struct General {
    space: u8,
    high_tier: bool,
    profile: u8,
    compatibility: [u8; 4],
    constraints: [u8; 6],
    level: u8,
}

fn general(sps: &[u8]) -> Option<General> {
    let payload = h264_reader::rbsp::decode_nal(sps.get(1..)?).ok()?;
    // Behind the second byte of the header (less the first, which the reader takes off) and a byte of its own.
    let at = payload.get(1..)?;
    let [first, a, b, c, d, rest @ ..] = at else {
        return None;
    };
    let (constraints, rest) = rest.split_first_chunk::<6>()?;
    Some(General {
        space: first >> 6,
        high_tier: first & 0x20 != 0,
        profile: first & 0x1F,
        compatibility: [*a, *b, *c, *d],
        constraints: *constraints,
        level: *rest.first()?,
    })
}

impl General {
    /// ISO/IEC 14496-15 §E.3: space and profile, compatibility with its bits reversed, tier and level, and the constraint
    /// bytes without zeros at the end.
    fn codec_string(&self) -> String {
        let space = match self.space {
            1 => "A",
            2 => "B",
            3 => "C",
            _ => "",
        };
        let compatibility = u32::from_be_bytes(self.compatibility).reverse_bits();
        let tier = if self.high_tier { 'H' } else { 'L' };
        let mut text = format!(
            "hvc1.{space}{}.{compatibility:X}.{tier}{}",
            self.profile, self.level
        );
        let used = self.constraints.iter().rposition(|&b| b != 0);
        for byte in self.constraints.iter().take(used.map_or(0, |i| i + 1)) {
            // Writing to a string cannot fail.
            let _ = write!(text, ".{byte:X}");
        }
        text
    }
}
