//! The part of a picture that shows a detection, as a PNG.

use truceline_media::decode::Picture;

/// A still is so many pixels wide and high at the least, where the picture has them.
const LEAST_SIDE: usize = 192;
/// It shows so many times the detection's own size.
const ROOM: f64 = 3.0;

/// A part of a picture, pixel by pixel as it was decoded.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Crop {
    picture: Picture,
    pub(crate) left: usize,
    pub(crate) top: usize,
    /// What it was made around.
    pub(crate) shown: [f64; 4],
}

impl Crop {
    /// The part around a box (left, top, right, bottom; pixels, the last two beyond it) of a picture.
    pub(crate) fn around(picture: &Picture, shown: [f64; 4]) -> Self {
        let [left, top, right, bottom] = shown;
        let span = |from: f64, to: f64, size: usize| {
            let side = ((to - from) * ROOM).max(LEAST_SIDE as f64).min(size as f64);
            let begin = (f64::midpoint(from, to) - side / 2.0).clamp(0.0, size as f64 - side);
            // Even, so that chroma falls on whole samples.
            let begin = begin as usize & !1;
            (begin, (side as usize).min(size - begin))
        };
        let (x, width) = span(left, right, picture.width);
        let (y, height) = span(top, bottom, picture.height);
        let cut = |plane: &[u8], stride: usize, [x, y, width, height]: [usize; 4]| -> Vec<u8> {
            let rows = plane.chunks_exact(stride.max(1)).skip(y).take(height);
            rows.flat_map(|row| row.iter().skip(x).take(width).copied())
                .collect()
        };
        let halves = [x / 2, y / 2, width / 2, height / 2];
        let half = picture.width / 2;
        Self {
            picture: Picture {
                width,
                height,
                luma: cut(&picture.luma, picture.width, [x, y, width, height]),
                chroma_u: cut(&picture.chroma_u, half, halves),
                chroma_v: cut(&picture.chroma_v, half, halves),
                ..*picture
            },
            left: x,
            top: y,
            shown,
        }
    }

    pub(crate) fn size(&self) -> (usize, usize) {
        (self.picture.width, self.picture.height)
    }

    /// The crop's own samples, for names that follow from content.
    pub(crate) fn samples(&self) -> &[u8] {
        &self.picture.luma
    }

    /// As a PNG file, 8 bits a channel, red, green, blue. Empty when it cannot be written, which only a picture without
    /// pixels gives rise to.
    pub(crate) fn png(&self) -> Vec<u8> {
        let mut file = vec![];
        let (width, height) = (self.picture.width as u32, self.picture.height as u32);
        let mut encoder = png::Encoder::new(&mut file, width, height);
        encoder.set_color(png::ColorType::Rgb);
        encoder.set_depth(png::BitDepth::Eight);
        let written = encoder
            .write_header()
            .and_then(|mut writer| writer.write_image_data(&self.picture.to_rgb()));
        match written {
            Ok(()) => file,
            Err(why) => {
                tracing::warn!(%why, "a still could not be written");
                vec![]
            }
        }
    }
}
