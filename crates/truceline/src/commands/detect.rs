//! `truceline detect`: what is seen in recorded video, without a centre.

use std::io::Read as _;
use std::path::Path;

use anyhow::Context as _;
use serde_json::json;
use truceline_detect::{Detection, Options, Told, Watcher};
use truceline_intake::Item;
use truceline_intake::fmv::{Seen, Watch};
use truceline_service::source;

use super::decode::context;
use crate::args::Detect;
use crate::tell::{self, Lines};

/// A recording is read in pieces of this size.
const PIECE_BYTES: usize = 1 << 16;

pub(crate) fn run(args: &Detect, json: bool) -> anyhow::Result<bool> {
    if let Some(folder) = &args.stills {
        std::fs::create_dir_all(folder)
            .with_context(|| format!("{}: cannot be made", folder.display()))?;
    }
    let mut lines = Lines::new();
    let mut clean = true;
    for input in &args.inputs {
        match one(input, args, json, &mut lines) {
            Ok(fine) => clean &= fine,
            Err(e) if tell::is_broken_pipe(&e) => return Err(e),
            // The other inputs are still looked through.
            Err(e) => {
                eprintln!("{input}: {}", tell::why(&e));
                clean = false;
            }
        }
    }
    lines.end()?;
    Ok(clean)
}

fn one(input: &str, args: &Detect, json: bool, lines: &mut Lines) -> anyhow::Result<bool> {
    let mut reader = source::open(input).context("cannot be opened")?;
    let bar = tell::progress(input, std::fs::metadata(input).ok().map(|m| m.len()));
    let context = context(input, &args.feed)?;
    let options = Options {
        rate_hz: args.rate,
        least_score: args.least_score,
        ..Options::default()
    };
    let mut watcher = Watcher::new(context.source.clone(), options);
    let mut watch = Watch::new(context);
    let mut out = Out {
        input,
        stills: args.stills.as_deref(),
        lines,
        units: 0,
        found: 0,
        faults: 0,
        failed: None,
    };
    let mut piece = vec![0; PIECE_BYTES];
    loop {
        let read = reader.read(&mut piece).context("cannot be read further")?;
        let bytes = piece.get(..read).unwrap_or_default();
        if bytes.is_empty() {
            break;
        }
        watch.push(bytes, &mut |seen| out.take(seen, &mut watcher));
        if let Some(e) = out.failed.take() {
            return Err(e);
        }
        bar.inc(read as u64);
    }
    watch.finish(&mut |seen| out.take(seen, &mut watcher));
    watcher.finish(&mut |told| out.tell(told));
    bar.finish_and_clear();
    if let Some(e) = out.failed.take() {
        return Err(e);
    }
    let looks = watcher.looks();
    if json {
        let counts = json!({"input": input, "coded_pictures": out.units, "looks": looks, "detections": out.found, "faults": out.faults});
        eprintln!("{counts}");
    } else {
        eprintln!(
            "{input}: {} detections in {} of {} coded pictures",
            out.found, looks.pictures, out.units
        );
    }
    if out.units == 0 {
        anyhow::bail!(
            "holds no video that can be looked at: an MPEG-2 transport stream with H.264 is expected"
        );
    }
    Ok(out.faults == 0)
}

/// Where detections go.
struct Out<'a> {
    input: &'a str,
    stills: Option<&'a Path>,
    lines: &'a mut Lines,
    units: u64,
    found: u64,
    faults: u64,
    /// Why nothing more can be told.
    failed: Option<anyhow::Error>,
}

impl Out<'_> {
    fn take(&mut self, seen: Seen, watcher: &mut Watcher) {
        match seen {
            Seen::AccessUnit(unit) => {
                self.units += 1;
                watcher.unit(&unit, &mut |told| self.tell(told));
            }
            Seen::Item(Item::Observation(observation)) => watcher.metadata(&observation),
            Seen::Item(_) => {}
        }
    }

    fn tell(&mut self, told: Told) {
        match told {
            Told::Detection(detection) if self.failed.is_none() => {
                self.found += 1;
                self.failed = self.put(&detection).err();
            }
            Told::Detection(_) => {}
            Told::Skipped(pictures) => eprintln!("{}: {pictures} pictures passed over", self.input),
            Told::Fault(why) => {
                self.faults += 1;
                eprintln!("{}: {why}", self.input);
            }
        }
    }

    fn put(&mut self, detection: &Detection) -> anyhow::Result<()> {
        let still = self.stills.map(|folder| {
            let label = json!(detection.label);
            let label = label.as_str().unwrap_or("seen");
            let stem = source::stem(self.input);
            folder.join(format!(
                "{stem}-{}-{label}-{}.png",
                detection.pts_90k, detection.target
            ))
        });
        if let Some(path) = &still {
            std::fs::write(path, &detection.still.png)
                .with_context(|| format!("{}: cannot be written", path.display()))?;
        }
        let line = json!({
            "label": detection.label, "score": detection.score, "pts_90k": detection.pts_90k,
            "observed": detection.observed, "area": detection.area, "target": detection.target,
            "observation": detection.observation, "still": still,
        });
        Ok(self.lines.put(&line)?)
    }
}
