//! What was encoded comes back.

use truceline_intake::fmv::Codec;
use truceline_media::decode::{Colour, Matrix, Picture, PictureDecoder};
use truceline_media::synthetic::PictureEncoder;

/// A ramp that moves with time, small.
pub(crate) fn picture(n: usize) -> Picture {
    let (width, height) = (64, 48);
    let luma = (0..width * height)
        .map(|i| (40 + (i % width + n) * 2 + i / width) as u8)
        .collect();
    Picture {
        width,
        height,
        luma,
        chroma_u: vec![120; width * height / 4],
        chroma_v: vec![140; width * height / 4],
        colour: Colour {
            full_range: false,
            matrix: Matrix::Bt601,
        },
        pts_90k: 3600 * n as u64,
    }
}

/// Access units of so many pictures, a random access point each ten.
pub(crate) fn clip(pictures: usize) -> Vec<Vec<u8>> {
    let mut encoder = PictureEncoder::new(25.0, 1_000_000, 10).unwrap();
    (0..pictures)
        .map(|n| encoder.encode(&picture(n)).unwrap())
        .collect()
}

#[test]
fn pictures_come_back() {
    let mut decoder = PictureDecoder::new(Codec::H264).unwrap();
    let mut got = vec![];
    for (n, unit) in clip(25).iter().enumerate() {
        decoder
            .push(unit, 3600 * n as u64, &mut |p| got.push(p))
            .unwrap();
    }
    decoder.finish(&mut |p| got.push(p));
    assert_eq!(got.len(), 25);
    for (n, got) in got.iter().enumerate() {
        let sent = picture(n);
        assert_eq!((got.width, got.height, got.pts_90k), (64, 48, sent.pts_90k));
        let error: u32 = got
            .luma
            .iter()
            .zip(&sent.luma)
            .map(|(a, b)| u32::from(a.abs_diff(*b)))
            .sum();
        assert!(
            error < 5 * 64 * 48,
            "picture {n}: mean error {}",
            error / (64 * 48)
        );
    }
}
