//! One decoded picture.

/// One decoded picture, planar Y′CbCr 4:2:0 with 8 bits a sample, as the sender cropped it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Picture {
    /// Pixels in a row.
    pub width: usize,
    /// Rows.
    pub height: usize,
    /// Brightness, row by row from the upper left: `width × height` bytes without padding.
    pub luma: Vec<u8>,
    /// Blue difference, half as many in each direction: `(width / 2) × (height / 2)` bytes.
    pub chroma_u: Vec<u8>,
    /// Red difference, of the same shape.
    pub chroma_v: Vec<u8>,
    /// How the three make a colour.
    pub colour: Colour,
    /// Presentation time stamp, 90 kHz, as it was pushed with the access unit.
    pub pts_90k: u64,
}

/// How luma and chroma make red, green and blue (ITU-T H.264 §E.2.1).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Colour {
    /// Samples use 0 to 255 rather than 16 to 235 (240 for chroma).
    pub full_range: bool,
    /// The weights.
    pub matrix: Matrix,
}

/// Weights of red and blue in luma.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Matrix {
    /// ITU-R BT.601: 0.299 and 0.114.
    Bt601,
    /// ITU-R BT.709: 0.2126 and 0.0722.
    Bt709,
}

impl Picture {
    /// The picture as red, green and blue bytes, row by row: `3 × width × height`.
    ///
    /// Chroma is taken from the nearest sample; good to one step of rounding against the real-valued equations of
    /// ITU-R BT.601 and BT.709.
    #[must_use]
    pub fn to_rgb(&self) -> Vec<u8> {
        let weights = Weights::of(self.colour);
        let mut rgb = Vec::with_capacity(3 * self.width * self.height);
        let across = self.width / 2;
        // An odd picture's last column and row have no chroma of their own.
        let (last_x, last_y) = (
            across.saturating_sub(1),
            (self.height / 2).saturating_sub(1),
        );
        for (y, row) in self.luma.chunks_exact(self.width.max(1)).enumerate() {
            let from = (y / 2).min(last_y) * across;
            let u = self.chroma_u.get(from..from + across).unwrap_or_default();
            let v = self.chroma_v.get(from..from + across).unwrap_or_default();
            for (x, &luma) in row.iter().enumerate() {
                let at = (x / 2).min(last_x);
                let chroma = |plane: &[u8]| plane.get(at).copied().unwrap_or(128);
                rgb.extend(weights.rgb(luma, chroma(u), chroma(v)));
            }
        }
        rgb
    }
}

/// The equations with 16 binary digits after the point.
struct Weights {
    luma_offset: i32,
    luma: i32,
    red_v: i32,
    green_u: i32,
    green_v: i32,
    blue_u: i32,
}

impl Weights {
    fn of(colour: Colour) -> Self {
        let (kr, kb) = match colour.matrix {
            Matrix::Bt601 => (0.299, 0.114),
            Matrix::Bt709 => (0.2126, 0.0722),
        };
        let kg = 1.0 - kr - kb;
        let (luma_span, chroma_span) = if colour.full_range {
            (255.0, 255.0)
        } else {
            (219.0, 224.0)
        };
        let fixed = |x: f64| (x * 65536.0).round() as i32;
        let chroma = |x: f64| fixed(x * 255.0 / chroma_span);
        Self {
            luma_offset: if colour.full_range { 0 } else { 16 },
            luma: fixed(255.0 / luma_span),
            red_v: chroma(2.0 * (1.0 - kr)),
            green_u: chroma(-2.0 * kb * (1.0 - kb) / kg),
            green_v: chroma(-2.0 * kr * (1.0 - kr) / kg),
            blue_u: chroma(2.0 * (1.0 - kb)),
        }
    }

    fn rgb(&self, luma: u8, u: u8, v: u8) -> [u8; 3] {
        let y = (i32::from(luma) - self.luma_offset) * self.luma + 0x8000;
        let (u, v) = (i32::from(u) - 128, i32::from(v) - 128);
        [
            y + self.red_v * v,
            y + self.green_u * u + self.green_v * v,
            y + self.blue_u * u,
        ]
        .map(|x| (x >> 16).clamp(0, 255) as u8)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn one(colour: Colour, [y, u, v]: [u8; 3]) -> Vec<u8> {
        let picture = Picture {
            width: 2,
            height: 2,
            luma: vec![y; 4],
            chroma_u: vec![u],
            chroma_v: vec![v],
            colour,
            pts_90k: 0,
        };
        picture.to_rgb()[..3].to_vec()
    }

    /// The colour bars of ITU-R BT.601 and BT.709 at 100 %, limited range.
    #[test]
    fn colour_bars_come_back() {
        let limited = |matrix| Colour {
            full_range: false,
            matrix,
        };
        for (matrix, yuv, rgb) in [
            (Matrix::Bt601, [235, 128, 128], [255, 255, 255]),
            (Matrix::Bt601, [16, 128, 128], [0, 0, 0]),
            (Matrix::Bt601, [81, 90, 240], [255, 0, 0]),
            (Matrix::Bt601, [145, 54, 34], [0, 255, 0]),
            (Matrix::Bt601, [41, 240, 110], [0, 0, 255]),
            (Matrix::Bt709, [63, 102, 240], [255, 0, 0]),
            (Matrix::Bt709, [173, 42, 26], [0, 255, 0]),
            (Matrix::Bt709, [32, 240, 118], [0, 0, 255]),
        ] {
            let got = one(limited(matrix), yuv);
            let near = got
                .iter()
                .zip(rgb)
                .all(|(a, b): (&u8, i32)| (i32::from(*a) - b).abs() <= 2);
            assert!(near, "{matrix:?} {yuv:?}: {got:?} for {rgb:?}");
        }
        let full = Colour {
            full_range: true,
            matrix: Matrix::Bt601,
        };
        assert_eq!(one(full, [200, 128, 128]), [200, 200, 200]);
    }

    #[test]
    fn odd_and_empty_pictures_have_every_pixel() {
        let colour = Colour {
            full_range: true,
            matrix: Matrix::Bt601,
        };
        for (width, height) in [(0, 0), (1, 1), (3, 3), (3, 1)] {
            let picture = Picture {
                width,
                height,
                luma: vec![7; width * height],
                chroma_u: vec![128; (width / 2) * (height / 2)],
                chroma_v: vec![128; (width / 2) * (height / 2)],
                colour,
                pts_90k: 0,
            };
            assert_eq!(picture.to_rgb(), vec![7; 3 * width * height]);
        }
    }
}
