//! Stills and thumbnails against another decoder.

use truceline_domain::{FmvMetadata, Position};
use truceline_media::decode::DecodeError;
use truceline_media::still::{Format, StillError, still, thumbnails};

use crate::ffmpeg;
use crate::recorded::record;
use crate::samples::{path, read};

/// The frame centre for all four.
fn corners(metadata: &FmvMetadata) -> Option<[Position; 4]> {
    let lat = metadata.number("frame_center_latitude_deg")?;
    let lon = metadata.number("frame_center_longitude_deg")?;
    Some([Position::new(lat, lon).ok()?; 4])
}

fn pixels(bytes: &[u8]) -> (u32, u32, Vec<u8>) {
    let mut reader = png::Decoder::new(std::io::Cursor::new(bytes))
        .read_info()
        .unwrap();
    let mut rgb = vec![0; reader.output_buffer_size().unwrap()];
    let info = reader.next_frame(&mut rgb).unwrap();
    (info.width, info.height, rgb)
}

#[test]
fn a_still_brings_along_where_it_was_taken() {
    let (span, memory) = record(&read("sync_h264.ts"), 2);
    let (first, last) = span.times_90k().unwrap();
    let at = first + (last - first) / 2;
    let png = still(&span, at, Format::Png, &corners, &memory).unwrap();
    let facts = &png.facts;
    assert!(
        facts.pts_90k <= at && at - facts.pts_90k <= 3600,
        "{facts:?}"
    );
    assert!(facts.observed.is_some() && facts.sensor.is_some() && facts.corners.is_some());
    // Some packets of the sample are missing or have a wrong sum.
    assert!(facts.metadata_age_s.unwrap().abs() <= 0.5, "{facts:?}");
    let (width, height, rgb) = pixels(&png.derived.bytes);
    assert_eq!(
        (width as usize, height as usize),
        (facts.width, facts.height)
    );
    assert!(rgb.iter().any(|b| *b != rgb[0]));
    let text = String::from_utf8_lossy(&png.derived.bytes);
    assert!(text.contains("XML:com.adobe.xmp") && text.contains("exif:GPSLatitude=\"39,"));
    let jpeg = still(&span, at, Format::Jpeg, &corners, &memory).unwrap();
    assert_eq!(jpeg.facts, *facts);
    assert!(jpeg.derived.bytes.starts_with(&[0xFF, 0xD8, 0xFF, 0xE1]));
    assert!(jpeg.derived.bytes.ends_with(&[0xFF, 0xD9]));
    assert_eq!(jpeg.derived.from, png.derived.from);
    let again = still(&span, at, Format::Jpeg, &corners, &memory).unwrap();
    assert_eq!(again.derived.sha256, jpeg.derived.sha256);
}

/// The picture at an instant is the one ffmpeg shows then.
#[test]
fn ffmpeg_shows_the_same_picture() {
    if !ffmpeg::is_there() {
        return;
    }
    let name = "bframes.ts";
    let (span, memory) = record(&read(name), 1);
    let frames = span
        .segments()
        .iter()
        .flat_map(|i| &i.groups)
        .flat_map(|g| &g.frames);
    let mut shown: Vec<u64> = frames.map(|f| f.pts_90k).collect();
    shown.sort_unstable();
    let dir = tempfile::tempdir().unwrap();
    for n in [0, 1, 2, 24, 25, 38, 74] {
        let ours = still(&span, shown[n] + 100, Format::Png, &|_| None, &memory).unwrap();
        assert_eq!(ours.facts.pts_90k, shown[n]);
        let file = dir.path().join("theirs.png");
        let select = format!("select=eq(n\\,{n})");
        let done = std::process::Command::new("ffmpeg")
            .args([
                "-v",
                "error",
                "-y",
                "-i",
                &path(name),
                "-vf",
                &select,
                "-frames:v",
                "1",
            ])
            .arg(&file)
            .status()
            .unwrap();
        assert!(done.success());
        let (_, _, theirs) = pixels(&std::fs::read(&file).unwrap());
        let (_, _, ours) = pixels(&ours.derived.bytes);
        assert_eq!(ours.len(), theirs.len());
        // Chroma is interpolated there and repeated here.
        let off: u64 = ours
            .iter()
            .zip(&theirs)
            .map(|(a, b)| u64::from(a.abs_diff(*b)))
            .sum();
        let mean = off as f64 / ours.len() as f64;
        assert!(mean < 4.0, "picture {n}: {mean} off in the mean");
    }
}

#[test]
fn thumbnails_stand_along_the_bar() {
    let (span, memory) = record(&read("sample-stream.ts"), 3);
    let (first, last) = span.times_90k().unwrap();
    let bar = thumbnails(&span, first, last, 20, &memory).unwrap();
    assert_eq!(bar.len(), 20);
    assert!(bar.is_sorted_by(|a, b| a.at_90k < b.at_90k && a.pts_90k <= b.pts_90k));
    for thumbnail in &bar {
        assert!(thumbnail.pts_90k <= thumbnail.at_90k);
        assert!(thumbnail.derived.bytes.starts_with(&[0xFF, 0xD8]));
        assert!(thumbnail.derived.bytes.len() < 20_000);
    }
    assert!(thumbnails(&span, first, last, 100_000, &memory).is_err());
    // Beyond the span there is nothing.
    let beyond = thumbnails(&span, last + 900_000, last + 1_800_000, 4, &memory).unwrap();
    assert_eq!(beyond, []);
}

#[test]
fn hevc_says_that_it_cannot() {
    let (span, memory) = record(&read("hevc.ts"), 1);
    let (first, last) = span.times_90k().unwrap();
    let refused = still(&span, first, Format::Png, &|_| None, &memory).unwrap_err();
    assert!(matches!(
        refused,
        StillError::Decode(DecodeError::Codec { .. })
    ));
    assert!(refused.to_string().contains("hevc"), "{refused}");
    assert!(thumbnails(&span, first, last, 3, &memory).is_err());
}

#[test]
fn a_damaged_picture_is_no_still() {
    let mut bytes = read("bframes.ts");
    // A packet of the first group.
    bytes.drain(188 * 60..188 * 61);
    let (span, memory) = record(&bytes, 1000);
    let (first, last) = span.times_90k().unwrap();
    let refused = still(&span, first + 80_000, Format::Png, &|_| None, &memory).unwrap_err();
    assert!(matches!(refused, StillError::Damaged { .. }), "{refused}");
    still(&span, last, Format::Png, &|_| None, &memory).unwrap();
}
