//! Streams that are broken, too large or made to harm.

use proptest::prelude::*;
use truceline_intake::fmv::Codec;
use truceline_media::decode::{DecodeError, MAX_ACCESS_UNIT_BYTES, PictureDecoder};

use crate::synthetic::clip;
use crate::transport::{access_units, sample};

fn decoder() -> PictureDecoder {
    PictureDecoder::new(Codec::H264).unwrap()
}

#[test]
fn codecs_without_a_decoder_are_refused_in_words() {
    let refused = PictureDecoder::new(Codec::Hevc).err().unwrap();
    assert_eq!(refused, DecodeError::Codec { codec: Codec::Hevc });
    assert!(refused.to_string().contains("hevc"), "{refused}");
    assert!(PictureDecoder::new(Codec::Mpeg2).is_err());
}

#[test]
fn decoding_begins_and_goes_on_at_random_access_points() {
    let units = clip(40);
    let mut decoder = decoder();
    let mut seen = vec![];
    let mut failed = vec![];
    for (n, unit) in units.iter().enumerate().skip(3) {
        // One is cut short and one is lost.
        let unit = if n == 13 {
            &unit[..unit.len() / 2]
        } else {
            unit
        };
        if n != 25
            && decoder
                .push(unit, n as u64, &mut |p| seen.push(p.pts_90k))
                .is_err()
        {
            failed.push(n);
        }
    }
    decoder.finish(&mut |p| seen.push(p.pts_90k));
    let expected: Vec<u64> = (10..13).chain(20..25).chain(30..40).collect();
    assert_eq!(seen, expected);
    assert_eq!(failed, [13, 26]);
    let counts = decoder.counts();
    assert_eq!((counts.access_units, counts.failed), (36, 2));
    assert_eq!(counts.pictures, seen.len() as u64);
}

/// A sequence parameter set of Baseline profile, level 4, frames of so many macroblocks.
fn parameters(across: u32, down: u32, references: u32, frames_only: bool) -> Vec<u8> {
    let mut bits = String::new();
    let golomb = |n: u32| {
        let code = format!("{:b}", n + 1);
        "0".repeat(code.len() - 1) + &code
    };
    // seq_parameter_set_id, log2_max_frame_num_minus4, pic_order_cnt_type 2, max_num_ref_frames, gaps.
    for n in [0, 0, 2, references] {
        bits += &golomb(n);
    }
    bits += "0";
    bits += &golomb(across - 1);
    bits += &golomb(down - 1);
    // frame_mbs_only (mb_adaptive), direct_8x8, no cropping, no VUI, stop bit.
    bits += if frames_only { "11001" } else { "001001" };
    while !bits.len().is_multiple_of(8) {
        bits += "0";
    }
    let mut unit = vec![0, 0, 0, 1, 0x67, 66, 0, 40];
    unit.extend(
        (0..bits.len() / 8).map(|i| u8::from_str_radix(&bits[8 * i..8 * i + 8], 2).unwrap()),
    );
    unit
}

#[test]
fn parameters_that_want_too_much_are_refused() {
    let push = |bytes: &[u8]| decoder().push(bytes, 5, &mut |_| panic!("a picture of nothing"));
    let limit = |bytes: &[u8]| matches!(push(bytes), Err(DecodeError::Limit { pts_90k: 5, .. }));
    // The level it states, 4, is too low for its size: taken all the same.
    assert_eq!(push(&parameters(256, 144, 5, true)), Ok(()));
    assert!(limit(&parameters(257, 144, 1, true)));
    assert!(limit(&parameters(256, 145, 1, true)));
    assert!(push(&parameters(65_000, 65_000, 1, true)).is_err());
    assert!(limit(&parameters(256, 144, 6, true)));
    assert!(limit(&parameters(1, 1, 17, true)));
    let interlaced = push(&parameters(40, 15, 1, false));
    assert_eq!(
        interlaced,
        Err(DecodeError::Unsupported {
            pts_90k: 5,
            what: "interlaced"
        })
    );
    let cut = push(&parameters(40, 30, 1, true)[..9]);
    assert!(
        matches!(cut, Err(DecodeError::Parameters { .. })),
        "{cut:?}"
    );
    let huge = push(&[&[0, 0, 1][..], &vec![0x65; MAX_ACCESS_UNIT_BYTES + 1]].concat());
    assert!(
        matches!(huge, Err(DecodeError::Oversized { .. })),
        "{huge:?}"
    );
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(48))]

    /// Whatever is broken, pictures have the size they say, and an undamaged random access point mends it.
    #[test]
    fn damage_ends_at_the_next_random_access_point(
        hits in prop::collection::vec((0usize..10, any::<prop::sample::Index>(), any::<u8>()), 1..6),
    ) {
        let mut units = clip(20);
        for (n, at, value) in hits {
            let at = at.index(units[n].len());
            units[n][at] = value;
        }
        let mut decoder = decoder();
        let mut seen = vec![];
        let mut take = |p: truceline_media::decode::Picture| {
            assert_eq!(p.luma.len(), p.width * p.height);
            assert_eq!(p.chroma_u.len(), (p.width / 2) * (p.height / 2));
            seen.push(p.pts_90k);
        };
        for (n, unit) in units.iter().enumerate() {
            let _ = decoder.push(unit, n as u64, &mut take);
        }
        decoder.finish(&mut take);
        prop_assert!((10..20).all(|n| seen.contains(&n)), "{seen:?}");
        prop_assert!(seen.is_sorted());
    }

    #[test]
    fn bytes_of_any_kind_are_survived(bytes in prop::collection::vec(any::<u8>(), 0..400), header in any::<u8>()) {
        let mut unit = vec![0, 0, 1, header];
        unit.extend(bytes);
        let mut decoder = decoder();
        let _ = decoder.push(&clip(1)[0], 0, &mut |_| {});
        let _ = decoder.push(&unit, 1, &mut |_| {});
        decoder.finish(&mut |_| {});
    }
}

/// High profile with CABAC and B pictures, which the encoder at hand does not make.
#[test]
fn damaged_recordings_do_no_harm() {
    let units = access_units(&sample("async_h264.ts"), 0x100);
    for stride in [97, 331, 1009] {
        let mut decoder = decoder();
        for (n, unit) in units.iter().enumerate() {
            let mut bytes = unit.bytes.clone();
            if n % 3 == 2 {
                for at in (n % stride..bytes.len()).step_by(stride) {
                    bytes[at] ^= 0x5A;
                }
            }
            let _ = decoder.push(&bytes, unit.pts_90k, &mut |_| {});
        }
        decoder.finish(&mut |_| {});
    }
}
