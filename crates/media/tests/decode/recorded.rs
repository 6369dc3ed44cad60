//! Recorded streams, alone and against another decoder.

use std::path::Path;
use std::process::{Command, Stdio};

use truceline_intake::fmv::Codec;
use truceline_media::decode::{Picture, PictureDecoder};

use crate::transport::{access_units, sample};

const VIDEO_PID: u16 = 0x100;

fn decode(file: &[u8]) -> Vec<Picture> {
    let mut decoder = PictureDecoder::new(Codec::H264).unwrap();
    let mut pictures = vec![];
    for unit in access_units(file, VIDEO_PID) {
        decoder
            .push(&unit.bytes, unit.pts_90k, &mut |p| pictures.push(p))
            .unwrap();
    }
    decoder.finish(&mut |p| pictures.push(p));
    pictures
}

#[test]
fn each_access_unit_gives_its_picture_in_order() {
    for (name, size) in [
        ("sample-stream.ts", (640, 480)),
        ("sync_h264.ts", (640, 360)),
        ("async_h264.ts", (640, 360)),
    ] {
        let file = sample(name);
        let mut expected: Vec<_> = access_units(&file, VIDEO_PID)
            .iter()
            .map(|u| u.pts_90k)
            .collect();
        expected.sort_unstable();
        let pictures = decode(&file);
        let got: Vec<_> = pictures.iter().map(|p| p.pts_90k).collect();
        assert_eq!(got, expected, "{name}");
        assert!(
            pictures.iter().all(|p| (p.width, p.height) == size),
            "{name}"
        );
    }
}

/// FFmpeg's decoder gives the same samples, picture by picture.
#[test]
fn pictures_are_those_of_another_decoder() {
    if Command::new("ffmpeg")
        .arg("-version")
        .stdout(Stdio::null())
        .status()
        .is_err()
    {
        eprintln!("SKIPPED: no ffmpeg to compare pictures with");
        return;
    }
    for name in ["sample-stream.ts", "sync_h264.ts", "async_h264.ts"] {
        let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../intake/tests/data/fmv");
        let raw = Command::new("ffmpeg")
            .args(["-v", "error", "-i"])
            .arg(folder.join(name))
            .args([
                "-map",
                "0:v:0",
                "-fps_mode",
                "passthrough",
                "-f",
                "rawvideo",
                "-pix_fmt",
                "yuv420p",
                "-",
            ])
            .output()
            .unwrap();
        let ours = decode(&sample(name));
        let size = ours[0].luma.len() * 3 / 2;
        assert_eq!(raw.stdout.len(), size * ours.len(), "{name}");
        for (n, (picture, theirs)) in ours.iter().zip(raw.stdout.chunks(size)).enumerate() {
            let same = [&picture.luma[..], &picture.chroma_u, &picture.chroma_v].concat() == theirs;
            assert!(same, "{name}: picture {n}");
        }
    }
}
