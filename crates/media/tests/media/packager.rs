//! Live fragments against the stream they were made of.

use std::io::Cursor;

use truceline_domain::Body;
use truceline_media::{Event, OnDamage};

use crate::ffmpeg;
use crate::samples::{NAMES, package, package_in, path, read};

#[test]
fn what_each_sample_is() {
    for (name, codec, width, height, frames) in [
        ("sample-stream.ts", "avc1.42c01e", 640, 480, 277),
        ("bframes.ts", "avc1.64000c", 320, 180, 75),
        ("hevc.ts", "hvc1.1.6.L60.90", 320, 180, 75),
    ] {
        let packaged = package(&read(name));
        let [init] = packaged.inits()[..] else {
            panic!("{name}: {} headers", packaged.inits().len());
        };
        assert_eq!(init.codec_string, codec, "{name}");
        assert_eq!((init.width, init.height), (width, height), "{name}");
        let fragments = packaged.fragments();
        assert_eq!(fragments.len(), frames, "{name}");
        assert!(fragments[0].random_access);
        assert!(
            fragments
                .iter()
                .all(|f| !f.damaged && !f.jumped && f.frames == 1)
        );
        assert!(fragments.iter().zip(1..).all(|(f, n)| f.number == n));
        assert!(fragments.iter().all(|f| f.media_90k == f.pts_90k));
    }
}

/// Metadata stands at its own time beside the pictures, and at the last picture's where it has none.
#[test]
fn metadata_is_placed_in_time() {
    for (name, own) in [("sync_h264.ts", true), ("async_h264.ts", false)] {
        let packaged = package(&read(name));
        let metadata = packaged.metadata();
        assert!(metadata.len() > 20, "{name}");
        let fragments = packaged.fragments();
        let first = fragments.iter().map(|f| f.pts_90k).min().unwrap();
        let last = fragments.iter().map(|f| f.pts_90k).max().unwrap();
        for m in metadata {
            assert!(matches!(m.observation.body, Body::FmvMetadata(_)));
            assert_eq!(m.own_time, own, "{name}");
            let Some(pts) = m.pts_90k else { continue };
            assert!((first..=last + 90_000).contains(&pts), "{name}: {pts}");
            assert_eq!(m.media_90k, Some(pts));
        }
    }
}

#[test]
fn a_change_of_resolution_brings_a_new_header() {
    let packaged = package(&read("resolution.ts"));
    let sizes: Vec<_> = packaged
        .inits()
        .iter()
        .map(|i| (i.width, i.height))
        .collect();
    assert_eq!(sizes, [(320, 180), (480, 270)]);
    let at = packaged
        .events
        .iter()
        .rposition(|e| matches!(e, Event::Init(_)))
        .unwrap();
    let Event::Fragment(next) = &packaged.events[at + 1] else {
        panic!("a header without a picture");
    };
    assert!(next.random_access);
}

#[test]
fn pieces_do_not_matter() {
    for name in NAMES {
        let bytes = read(name);
        let whole = package(&bytes);
        for size in [1000, 188, 7 * 188, 317] {
            let pieces = package_in(&bytes, std::iter::repeat(size), OnDamage::Show);
            assert!(pieces == whole, "{name} in pieces of {size}");
        }
    }
}

/// A reader of MP4 that is not ours finds every sample at its time.
#[test]
fn another_parser_reads_it() {
    for name in ["sample-stream.ts", "bframes.ts", "hevc.ts"] {
        let packaged = package(&read(name));
        let stream = packaged.stream();
        let size = stream.len() as u64;
        let mut reader = mp4::Mp4Reader::read_header(Cursor::new(stream), size).unwrap();
        let fragments = packaged.fragments();
        assert_eq!(reader.moofs.len(), fragments.len(), "{name}");
        let count = reader.sample_count(1).unwrap();
        assert_eq!(count as usize, fragments.len(), "{name}");
        for (n, fragment) in fragments.iter().enumerate() {
            let moof = &reader.moofs[n];
            assert_eq!(moof.mfhd.sequence_number, fragment.number);
            let traf = &moof.trafs[0];
            let run = traf.trun.as_ref().unwrap();
            let dts = traf.tfdt.as_ref().unwrap().base_media_decode_time;
            assert_eq!(dts, fragment.dts_90k);
            let offset = run.sample_cts[0].cast_signed();
            assert_eq!(dts.saturating_add_signed(offset.into()), fragment.pts_90k);
            let sample = reader.read_sample(1, n as u32 + 1).unwrap().unwrap();
            assert_eq!(sample.bytes.len(), run.sample_sizes[0] as usize);
            assert!(fragment.bytes.ends_with(&sample.bytes));
        }
    }
}

/// ffmpeg finds the same time stamps and decodes the same pictures from the fragments as from the transport stream.
#[test]
fn ffmpeg_sees_the_same_pictures_at_the_same_times() {
    if !ffmpeg::is_there() {
        return;
    }
    let dir = tempfile::tempdir().unwrap();
    for name in [
        "sample-stream.ts",
        "sync_h264.ts",
        "async_h264.ts",
        "bframes.ts",
        "hevc.ts",
    ] {
        let file = dir.path().join(format!("{name}.mp4"));
        std::fs::write(&file, package(&read(name)).stream()).unwrap();
        let source = path(name);
        let (theirs, ours) = (ffmpeg::packets(source.as_ref()), ffmpeg::packets(&file));
        assert!(!theirs.is_empty());
        assert_eq!(ours, theirs, "{name}");
        let (theirs, _) = ffmpeg::pictures(source.as_ref(), &[]);
        let (ours, complaints) = ffmpeg::pictures(&file, &[]);
        assert_eq!(ours, theirs, "{name}");
        assert_eq!(complaints, "", "{name}");
    }
}
