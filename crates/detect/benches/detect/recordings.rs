//! The detector on recordings.

use truceline_detect::{Detection, Options, Told, Watcher};
use truceline_domain::{FeedId, SourceId};
use truceline_intake::fmv::{Seen, Watch};
use truceline_intake::{Context, Item};

use super::class;

/// False alarms on recordings that are at hand. What they show is not known picture by picture: the sample flies over a
/// simulated town with traffic, the synthetic ones show a test pattern that moves.
pub(super) fn all() {
    println!("| recording | seconds | flash | smoke | vehicle | score of each |");
    println!("|---|--:|--:|--:|--:|---|");
    let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/../intake/tests/data/fmv/");
    for name in ["sample-stream.ts", "sync_h264.ts", "async_h264.ts"] {
        let bytes = std::fs::read(format!("{folder}{name}")).unwrap();
        let context = Context {
            feed: FeedId::new("f").unwrap(),
            source: SourceId::new("f").unwrap(),
        };
        let mut watcher = Watcher::new(context.source.clone(), Options::default());
        let mut found: Vec<Detection> = vec![];
        let mut span = (u64::MAX, 0);
        let mut watch = Watch::new(context);
        let mut tell = |told: Told| {
            if let Told::Detection(detection) = told {
                found.push(*detection);
            }
        };
        let mut on = |seen: Seen| match seen {
            Seen::Item(Item::Observation(observation)) => watcher.metadata(&observation),
            Seen::AccessUnit(unit) => {
                if let Some(pts) = unit.pts_90k {
                    span = (span.0.min(pts), span.1.max(pts));
                }
                watcher.unit(&unit, &mut tell);
            }
            Seen::Item(_) => {}
        };
        watch.push(&bytes, &mut on);
        watch.finish(&mut on);
        watcher.finish(&mut tell);
        let count = |n: usize| found.iter().filter(|d| class(d.label) == n).count();
        let scores: Vec<String> = found
            .iter()
            .map(|d| {
                format!(
                    "{:.2} at {:.1} s",
                    d.score.get(),
                    (d.pts_90k - span.0) as f64 / 90_000.0
                )
            })
            .collect();
        let seconds = (span.1 - span.0) as f64 / 90_000.0;
        println!(
            "| {name} | {seconds:.1} | {} | {} | {} | {} |",
            count(0),
            count(1),
            count(2),
            scores.join(", ")
        );
    }
}
