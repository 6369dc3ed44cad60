//! Whether a stream's own parameters let it be decoded, judged before the decoder allocates anything for them.

use h264_reader::nal::sps::{ChromaFormat, FrameMbsFlags, SeqParameterSet, SpsError};
use h264_reader::rbsp::{self, BitReader};

use super::{Colour, DecodeError, MAX_HEIGHT, MAX_REFERENCE_MACROBLOCKS, MAX_WIDTH, Matrix};

/// What is needed of a sequence parameter set.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Parameters {
    pub(super) colour: Colour,
}

impl Parameters {
    /// Reads a sequence parameter set from its header byte on.
    pub(super) fn read(unit: &[u8], pts_90k: u64) -> Result<Self, DecodeError> {
        let unreadable = |why: String| DecodeError::Parameters { pts_90k, why };
        let unit = with_highest_level(unit);
        let rbsp = rbsp::decode_nal(&unit).map_err(|e| unreadable(e.to_string()))?;
        let set = SeqParameterSet::from_bits(BitReader::new(&*rbsp))
            .map_err(|e| unreadable(words(&e)))?;
        let unsupported = |what| DecodeError::Unsupported { pts_90k, what };
        if set.frame_mbs_flags != FrameMbsFlags::Frames {
            return Err(unsupported("interlaced"));
        }
        let chroma = &set.chroma_info;
        if !matches!(
            chroma.chroma_format,
            ChromaFormat::YUV420 | ChromaFormat::Monochrome
        ) {
            return Err(unsupported("coded with more colour than 4:2:0"));
        }
        if chroma.bit_depth_luma_minus8 != 0 || chroma.bit_depth_chroma_minus8 != 0 {
            return Err(unsupported("coded with more than 8 bits a sample"));
        }
        let (width, height) = set.pixel_dimensions().map_err(|e| unreadable(words(&e)))?;
        within_limits(&set, width, height, pts_90k)?;
        Ok(Self {
            colour: colour(&set, height),
        })
    }
}

/// Relaxes ITU-T H.264 §A.3: encoders of cheap cameras state a level too low for their picture size, and players play
/// them all the same. What may be allocated is bounded by [`within_limits`], not by what a stream says of itself.
fn with_highest_level(unit: &[u8]) -> Vec<u8> {
    /// Level 6.2, `level_idc` in the fourth byte, behind the header, the profile and its constraints (§7.3.2.1.1).
    const HIGHEST: u8 = 62;
    let mut unit = unit.to_vec();
    if let Some(level) = unit.get_mut(3) {
        *level = HIGHEST;
    }
    unit
}

fn within_limits(
    set: &SeqParameterSet,
    width: u32,
    height: u32,
    pts_90k: u64,
) -> Result<(), DecodeError> {
    let limit = |what, most| {
        Err(DecodeError::Limit {
            pts_90k,
            what,
            most,
        })
    };
    // The coded size counts: cropping may hide most of it.
    let across = u64::from(set.pic_width_in_mbs_minus1) + 1;
    let down = u64::from(set.pic_height_in_map_units_minus1) + 1;
    if across * 16 > MAX_WIDTH || down * 16 > MAX_HEIGHT || width == 0 || height == 0 {
        return limit(
            format!("{} × {} pixels", across * 16, down * 16),
            format!("{MAX_WIDTH} × {MAX_HEIGHT} pixels"),
        );
    }
    let references = u64::from(set.max_num_ref_frames);
    if references > 16 || references * across * down > MAX_REFERENCE_MACROBLOCKS {
        return limit(
            format!(
                "{references} pictures of {} × {} kept",
                across * 16,
                down * 16
            ),
            format!("{MAX_REFERENCE_MACROBLOCKS} macroblocks of up to 16 pictures"),
        );
    }
    Ok(())
}

/// The colours as the stream tells them; else as players guess them, by height.
fn colour(set: &SeqParameterSet, height: u32) -> Colour {
    let signal = set
        .vui_parameters
        .as_ref()
        .and_then(|vui| vui.video_signal_type.as_ref());
    let guess = if height >= 720 {
        Matrix::Bt709
    } else {
        Matrix::Bt601
    };
    Colour {
        full_range: signal.is_some_and(|s| s.video_full_range_flag),
        // ITU-T H.264 table E-5: 1 is BT.709; 4, 5 and 6 are BT.601 by three names; 2 is «unspecified».
        matrix: match signal.and_then(|s| s.colour_description.as_ref()) {
            Some(told) if told.matrix_coefficients == 1 => Matrix::Bt709,
            Some(told) if (4..=6).contains(&told.matrix_coefficients) => Matrix::Bt601,
            _ => guess,
        },
    }
}

fn words(error: &SpsError) -> String {
    match error {
        SpsError::FieldValueTooLarge { name, value } => format!("{name} {value} is too large"),
        SpsError::FieldValueTooSmall { name, value } => format!("{name} {value} is too small"),
        // The reader has no words for the rest.
        other => format!("{other:?}"),
    }
}
