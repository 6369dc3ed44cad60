//! The public judge: what ffmpeg reads in a file, and the pictures it decodes from it.

use std::path::Path;
use std::process::Command;

/// Whether ffmpeg is there; said loudly when it is not.
pub(crate) fn is_there() -> bool {
    let there = ["ffmpeg", "ffprobe"]
        .iter()
        .all(|p| Command::new(p).arg("-version").output().is_ok());
    if !there {
        eprintln!(
            "SKIPPED: ffmpeg and ffprobe are not installed, so nobody but us reads what we wrote"
        );
    }
    there
}

/// PTS, DTS and whether it is a key frame, of each packet of the first video stream.
#[derive(Debug, PartialEq, Eq, Clone, Copy)]
pub(crate) struct Packet {
    pub(crate) pts: i64,
    pub(crate) dts: i64,
    pub(crate) key: bool,
}

pub(crate) fn packets(file: &Path) -> Vec<Packet> {
    let out = Command::new("ffprobe")
        .args(["-v", "error", "-select_streams", "v:0"])
        .args(["-show_entries", "packet=pts,dts,flags", "-of", "csv=p=0"])
        .arg(file)
        .output()
        .unwrap();
    let text = String::from_utf8(out.stdout).unwrap();
    let lines = text.lines().filter(|l| !l.trim().is_empty());
    lines
        .map(|line| {
            let mut fields = line.split(',');
            Packet {
                pts: fields.next().unwrap().parse().unwrap(),
                dts: fields.next().unwrap().parse().unwrap(),
                key: fields.next().unwrap().starts_with('K'),
            }
        })
        .collect()
}

/// A hash of each decoded picture, in the order shown; and what the decoder complained of.
pub(crate) fn pictures(file: &Path, more: &[&str]) -> (Vec<String>, String) {
    let out = Command::new("ffmpeg")
        .args(["-v", "warning", "-copyts"])
        .arg("-i")
        .arg(file)
        .args(more)
        .args([
            "-map",
            "0:v:0",
            "-fps_mode",
            "passthrough",
            "-f",
            "framemd5",
            "-",
        ])
        .output()
        .unwrap();
    let text = String::from_utf8(out.stdout).unwrap();
    let hashes = text
        .lines()
        .filter(|l| !l.starts_with('#'))
        .map(|l| l.rsplit(',').next().unwrap().trim().to_owned());
    (
        hashes.collect(),
        String::from_utf8_lossy(&out.stderr).into_owned(),
    )
}
