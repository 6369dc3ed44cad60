//! Pictures as PNG and JPEG files.

use image::codecs::jpeg::JpegEncoder;
use image::{ExtendedColorType, ImageEncoder as _, RgbImage};

use super::{Facts, StillError};
use crate::decode::Picture;

/// Of a still.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Format {
    /// Every pixel as decoded.
    Png,
    /// Smaller, and good to look at.
    Jpeg,
}

impl Format {
    /// Its media type.
    #[must_use]
    pub const fn media_type(self) -> &'static str {
        match self {
            Self::Png => "image/png",
            Self::Jpeg => "image/jpeg",
        }
    }
}

/// Quality of stills and of small pictures, of 100.
const STILL_QUALITY: u8 = 92;
const THUMBNAIL_QUALITY: u8 = 75;
/// The keyword of XMP in PNG, and the name of XMP's segment in JPEG (XMP Specification Part 3, §1.1.5 and §1.1.3).
const PNG_XMP: &str = "XML:com.adobe.xmp";
const JPEG_XMP: &[u8] = b"http://ns.adobe.com/xap/1.0/\0";

pub(super) fn still(
    picture: &Picture,
    format: Format,
    facts: &Facts,
) -> Result<Vec<u8>, StillError> {
    let (width, height) = sides(picture)?;
    let rgb = picture.to_rgb();
    let xmp = facts.to_xmp();
    let written = match format {
        Format::Png => png(&rgb, width, height, &xmp),
        Format::Jpeg => {
            jpeg(&rgb, width, height, STILL_QUALITY).map(|bytes| with_xmp(&bytes, &xmp))
        }
    };
    written.map_err(|reason| refused(picture, reason))
}

pub(super) fn thumbnail(picture: &Picture, width: u32) -> Result<Vec<u8>, StillError> {
    let (full_width, full_height) = sides(picture)?;
    let empty = || refused(picture, "it has no pixels".to_owned());
    let image = RgbImage::from_raw(full_width, full_height, picture.to_rgb()).ok_or_else(empty)?;
    let width = width.min(full_width);
    let height = u64::from(full_height) * u64::from(width) / u64::from(full_width.max(1));
    let height = u32::try_from(height.max(1)).unwrap_or(1);
    let small = image::imageops::thumbnail(&image, width, height);
    jpeg(small.as_raw(), width, height, THUMBNAIL_QUALITY)
        .map_err(|reason| refused(picture, reason))
}

fn refused(picture: &Picture, reason: String) -> StillError {
    StillError::Encode {
        width: picture.width,
        height: picture.height,
        reason,
    }
}

fn sides(picture: &Picture) -> Result<(u32, u32), StillError> {
    let side = |n: usize| u32::try_from(n).ok().filter(|n| *n > 0);
    side(picture.width)
        .zip(side(picture.height))
        .ok_or_else(|| refused(picture, "no file of this size can be made".to_owned()))
}

fn png(rgb: &[u8], width: u32, height: u32, xmp: &str) -> Result<Vec<u8>, String> {
    let words = |e: png::EncodingError| e.to_string();
    let mut bytes = Vec::new();
    let mut encoder = png::Encoder::new(&mut bytes, width, height);
    encoder.set_color(png::ColorType::Rgb);
    encoder.set_depth(png::BitDepth::Eight);
    encoder
        .add_itxt_chunk(PNG_XMP.to_owned(), xmp.to_owned())
        .map_err(words)?;
    let mut writer = encoder.write_header().map_err(words)?;
    writer.write_image_data(rgb).map_err(words)?;
    writer.finish().map_err(words)?;
    Ok(bytes)
}

fn jpeg(rgb: &[u8], width: u32, height: u32, quality: u8) -> Result<Vec<u8>, String> {
    let mut bytes = Vec::new();
    JpegEncoder::new_with_quality(&mut bytes, quality)
        .write_image(rgb, width, height, ExtendedColorType::Rgb8)
        .map_err(|e| e.to_string())?;
    Ok(bytes)
}

/// The JPEG with an XMP segment after its first marker. What does not fit a segment (64 KiB) is left out.
fn with_xmp(jpeg: &[u8], xmp: &str) -> Vec<u8> {
    let body = JPEG_XMP.len() + xmp.len();
    let Some((start, rest)) = jpeg.split_at_checked(2) else {
        return jpeg.to_vec();
    };
    // The length counts its own two bytes.
    let Ok(length) = u16::try_from(body + 2) else {
        return jpeg.to_vec();
    };
    [
        start,
        &[0xFF, 0xE1],
        &length.to_be_bytes(),
        JPEG_XMP,
        xmp.as_bytes(),
        rest,
    ]
    .concat()
}
