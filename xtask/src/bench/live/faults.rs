//! What goes wrong with live feeds: what was sent, what was lost, and what the operator saw.
//!
//! Each fault is done to the first feed of a centre; a second one beside it is to lose nothing.

use std::collections::BTreeMap;
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use super::centre::{Centre, free_port};
use super::process::Running;
use super::relay::Relay;
use super::viewer::{Viewer, latencies_ms, quantile};
use super::{Bench, missing};
use crate::run;

/// The feed that has the trouble, and the one beside it.
const FEED: &str = "drone-0";
const BESIDE: &str = "drone-1";
/// How long the network is away.
const AWAY: Duration = Duration::from_secs(30);

/// A fault and how it is done.
type Fault = (&'static str, fn(&Bench) -> Result<Told, String>);

/// What came of a fault.
struct Told {
    sent: String,
    lost: String,
    seen: String,
    beside: String,
}

/// Does all of them, one after the other.
pub(super) fn all(bench: &Bench) -> Result<(), String> {
    let faults: [Fault; 10] = [
        ("network away for 30 s", away),
        ("5 % of the packets lost (RTP)", loss),
        (
            "source restarted: another SSRC, its clock years back (RTP)",
            restarted,
        ),
        ("time stamps wrap (33 bits)", wrap),
        ("another resolution in mid-stream", resolution),
        ("disk full for 10 s, then freed", disk_full),
        ("killed under load (SIGKILL), started again", killed),
        ("one feed at 100 times its rate", flood),
        ("200 viewers on one feed", many),
        (
            "a viewer that takes a message each 200 ms, beside three",
            slow,
        ),
    ];
    println!("\n| fault | sent | lost | what the operator sees | the feed beside it |");
    println!("|---|---|---|---|---|");
    for (name, fault) in faults {
        match fault(bench) {
            Ok(told) => println!(
                "| {name} | {} | {} | {} | {} |",
                told.sent, told.lost, told.seen, told.beside
            ),
            Err(why) => println!("| {name} | NOT DONE: {why} | | | |"),
        }
    }
    Ok(())
}

/// A centre of two feeds behind relays, and what plays to them.
struct Scene {
    centre: Centre,
    relays: [Relay; 2],
    beside: Running,
}

impl Scene {
    /// `scheme` is that of the feed that has the trouble. Nothing plays to it yet.
    fn new(bench: &Bench, name: &str, scheme: &str) -> Result<Self, String> {
        let mut scene = Self::unserved(bench, bench.folder.join(name), scheme)?;
        scene.centre.serve()?;
        Ok(scene)
    }

    fn unserved(bench: &Bench, dir: std::path::PathBuf, scheme: &str) -> Result<Self, String> {
        let ports = [free_port()?, free_port()?];
        let [feed, beside] = ports;
        let feeds = [
            (FEED.to_owned(), format!("{scheme}://127.0.0.1:{feed}")),
            (BESIDE.to_owned(), format!("udp://127.0.0.1:{beside}")),
        ];
        let centre = Centre::new(&bench.program, dir, &feeds)?;
        let relays = [Relay::to(feed, true)?, Relay::to(beside, true)?];
        let beside = bench.sender(relays[1].port)?;
        Ok(Self {
            centre,
            relays,
            beside,
        })
    }

    /// The address that a player sends the troubled feed to.
    fn address(&self, scheme: &str) -> String {
        format!("{scheme}://127.0.0.1:{}", self.relays[0].port)
    }

    /// Looks at the troubled feed for so long, and tells the states it was in.
    fn watch(&self, seconds: u64, states: &mut Vec<String>) -> Result<(), String> {
        let began = Instant::now();
        while began.elapsed() < Duration::from_secs(seconds) {
            let state = self.centre.feed(FEED)?["condition"].to_string();
            let state = state.trim_matches('"').to_owned();
            if states.last() != Some(&state) {
                states.push(state);
            }
            std::thread::sleep(Duration::from_millis(250));
        }
        Ok(())
    }

    /// Ends players and centre; what the feed beside lost.
    fn end(self) -> Result<(Centre, [Relay; 2], String), String> {
        let Self {
            mut centre,
            relays,
            beside,
        } = self;
        drop(beside);
        // What is still on its way.
        std::thread::sleep(Duration::from_secs(1));
        centre.end()?;
        let lost = compared(&relays[1], &centre, BESIDE)?;
        Ok((centre, relays, lost))
    }
}

/// What of the bytes that a relay passed on is not in the record.
fn compared(relay: &Relay, centre: &Centre, feed: &str) -> Result<String, String> {
    let (passed, recorded) = (relay.passed(), centre.recorded(feed)?);
    if recorded == passed {
        return Ok(format!(
            "nothing: {} in the record, byte for byte",
            mb(passed.len())
        ));
    }
    // Datagrams before the centre listened are no loss of its.
    let late = passed.len().saturating_sub(recorded.len());
    if passed.ends_with(&recorded) {
        return Ok(format!(
            "nothing of {} since it began to listen",
            mb(passed.len() - late)
        ));
    }
    Ok(format!("{} of {} that arrived", mb(late), mb(passed.len())))
}

fn mb(bytes: usize) -> String {
    format!("{:.1} MB", bytes as f64 / 1e6)
}

/// A feed's gaps and judgements of its clock, as the record has them.
fn entries(centre: &Centre, feed: &str) -> Result<String, String> {
    let mut told: BTreeMap<String, u64> = BTreeMap::new();
    for gap in centre.bodies("gap", feed)? {
        let reason = gap["reason"].as_str().unwrap_or_default().to_owned();
        *told.entry(format!("gap: {reason}")).or_default() += gap["missing"].as_u64().unwrap_or(1);
    }
    for clock in centre.bodies("clock", feed)? {
        let what = clock["what"].as_str().unwrap_or_default();
        *told.entry(format!("clock: {what}")).or_default() += 1;
    }
    let told: Vec<_> = told
        .iter()
        .map(|(what, n)| format!("{what} ({n})"))
        .collect();
    Ok(if told.is_empty() {
        "no entry".to_owned()
    } else {
        told.join("; ")
    })
}

fn states(states: &[String]) -> String {
    states.join(" → ")
}

fn away(bench: &Bench) -> Result<Told, String> {
    let scene = Scene::new(bench, "away", "udp")?;
    let sender = bench.sender(scene.relays[0].port)?;
    let mut seen = Vec::new();
    scene.watch(5, &mut seen)?;
    scene.relays[0].cut(true);
    scene.watch(AWAY.as_secs(), &mut seen)?;
    scene.relays[0].cut(false);
    scene.watch(5, &mut seen)?;
    drop(sender);
    let (centre, relays, beside) = scene.end()?;
    let (came, lost) = relays[0].counts();
    Ok(Told {
        sent: format!("{came} datagrams, of which {lost} did not arrive"),
        lost: format!("of what arrived {}", compared(&relays[0], &centre, FEED)?),
        seen: format!("{}; {}", states(&seen), entries(&centre, FEED)?),
        beside,
    })
}

fn loss(bench: &Bench) -> Result<Told, String> {
    let scene = Scene::new(bench, "loss", "rtp")?;
    let sender = bench.play(&bench.film.path, &["--to", &scene.address("rtp")])?;
    let mut seen = Vec::new();
    scene.watch(3, &mut seen)?;
    scene.relays[0].lose(50);
    scene.watch(20, &mut seen)?;
    scene.relays[0].lose(0);
    scene.watch(2, &mut seen)?;
    drop(sender);
    let told = missing(&scene.centre.feed(FEED)?);
    let (centre, relays, beside) = scene.end()?;
    let (came, lost) = relays[0].counts();
    Ok(Told {
        sent: format!("{came} packets, of which {lost} did not arrive"),
        lost: format!("of what arrived {}", compared(&relays[0], &centre, FEED)?),
        seen: format!(
            "{}; {told} missing by its own count; {}",
            states(&seen),
            entries(&centre, FEED)?
        ),
        beside,
    })
}

fn restarted(bench: &Bench) -> Result<Told, String> {
    let scene = Scene::new(bench, "restarted", "rtp")?;
    let sender = bench.play(&bench.film.path, &["--to", &scene.address("rtp")])?;
    let mut seen = Vec::new();
    scene.watch(8, &mut seen)?;
    drop(sender);
    let mut again = Command::new(&bench.program);
    again.arg("play").arg(&bench.film.path).arg("--loop");
    again.args(["--to", &scene.address("rtp"), "--seed", "1"]);
    let again = Running::start(&mut again)?;
    scene.watch(8, &mut seen)?;
    drop(again);
    let clock = scene.centre.feed(FEED)?["clock"].clone();
    let (centre, relays, beside) = scene.end()?;
    Ok(Told {
        sent: format!("{} datagrams", relays[0].counts().0),
        lost: compared(&relays[0], &centre, FEED)?,
        seen: format!(
            "{}; {}; late by {:.0} s now",
            states(&seen),
            entries(&centre, FEED)?,
            clock["late_ms"].as_f64().unwrap_or(f64::NAN) / 1e3
        ),
        beside,
    })
}

fn wrap(bench: &Bench) -> Result<Told, String> {
    let scene = Scene::new(bench, "wrap", "udp")?;
    let viewer = Viewer::start(&scene.centre, FEED, Duration::ZERO)?;
    // Five seconds before the wrap.
    let start = ((1_u64 << 33) - 450_000).to_string();
    let address = scene.address("udp");
    let sender = bench.play(&bench.film.path, &["--to", &address, "--start-90k", &start])?;
    let mut seen = Vec::new();
    scene.watch(12, &mut seen)?;
    let saw = viewer.end()?;
    drop(sender);
    let (centre, relays, beside) = scene.end()?;
    let falls = saw.pictures.windows(2).filter(|w| w[1].0 < w[0].0).count();
    Ok(Told {
        sent: format!("{} datagrams over the wrap", relays[0].counts().0),
        lost: compared(&relays[0], &centre, FEED)?,
        seen: format!(
            "{}; {} pictures, their times run on ({falls} go back); {}",
            states(&seen),
            saw.pictures.len(),
            entries(&centre, FEED)?
        ),
        beside,
    })
}

fn resolution(bench: &Bench) -> Result<Told, String> {
    let scene = Scene::new(bench, "resolution", "udp")?;
    let small = run::root().join("theatres/karabakh-2020/feeds/drone.ts");
    let viewer = Viewer::start(&scene.centre, FEED, Duration::ZERO)?;
    let mut seen = Vec::new();
    let address = scene.address("udp");
    for film in [&bench.film.path, &small] {
        let sender = bench.play(film, &["--to", &address])?;
        scene.watch(6, &mut seen)?;
        drop(sender);
    }
    let saw = viewer.end()?;
    let (centre, relays, beside) = scene.end()?;
    Ok(Told {
        sent: format!("{} datagrams", relays[0].counts().0),
        lost: compared(&relays[0], &centre, FEED)?,
        seen: format!(
            "{}; the viewer gets headers for {}; {}",
            states(&seen),
            saw.sizes().join(", then "),
            entries(&centre, FEED)?
        ),
        beside,
    })
}

fn killed(bench: &Bench) -> Result<Told, String> {
    let mut scene = Scene::new(bench, "killed", "udp")?;
    let sender = bench.sender(scene.relays[0].port)?;
    let mut seen = Vec::new();
    scene.watch(15, &mut seen)?;
    let bytes = |centre: &Centre| -> Result<u64, String> {
        Ok(centre.feed(FEED)?["bytes"].as_u64().unwrap_or(0))
    };
    let before = bytes(&scene.centre)?;
    scene.centre.kill();
    let passed_before = scene.relays[0].passed().len();
    scene.centre.serve()?;
    scene.watch(5, &mut seen)?;
    drop(sender);
    let after = bytes(&scene.centre)?;
    drop(scene.beside);
    std::thread::sleep(Duration::from_secs(1));
    scene.centre.end()?;
    let (centre, relays) = (scene.centre, scene.relays);
    let recorded = centre.recorded(FEED)?;
    let passed = relays[0].passed();
    let whole = recorded.get(..usize::try_from(before).unwrap_or(0));
    let kept = whole.is_some_and(|part| passed.starts_with(part));
    Ok(Told {
        sent: format!(
            "{}, of which {} while no process listened",
            mb(passed.len()),
            mb(passed.len() - recorded.len())
        ),
        lost: format!(
            "{}; {} were there before the kill",
            if kept {
                "nothing that was told as taken"
            } else {
                "SOME of what was told as taken"
            },
            mb(passed_before.min(recorded.len().saturating_sub(after as usize)))
        ),
        seen: format!("{}; {}", states(&seen), entries(&centre, FEED)?),
        beside: format!("the same: {}", entries(&centre, BESIDE)?),
    })
}

/// A file system of its own, small, in memory.
struct Small(std::path::PathBuf);

impl Small {
    fn new(path: std::path::PathBuf, size: &str) -> Result<Self, String> {
        std::fs::create_dir_all(&path).map_err(|e| e.to_string())?;
        let mut mount = Command::new("mount");
        mount.args(["-t", "tmpfs", "-o", &format!("size={size}"), "tmpfs"]);
        mount.arg(&path).stderr(Stdio::null());
        let done = mount.status().map_err(|e| e.to_string())?;
        if done.success() {
            Ok(Self(path))
        } else {
            Err("a small file system can be mounted by root alone".to_owned())
        }
    }
}

impl Drop for Small {
    fn drop(&mut self) {
        let _told = Command::new("umount").arg(&self.0).status();
    }
}

fn disk_full(bench: &Bench) -> Result<Told, String> {
    let small = Small::new(bench.folder.join("small"), "64M")?;
    let mut scene = Scene::unserved(bench, small.0.join("centre"), "udp")?;
    scene.centre.serve()?;
    let sender = bench.sender(scene.relays[0].port)?;
    let mut seen = Vec::new();
    scene.watch(5, &mut seen)?;
    let ballast = small.0.join("ballast");
    let mut fill = Command::new("dd");
    fill.arg("if=/dev/zero")
        .arg(format!("of={}", ballast.display()));
    fill.args(["bs=64k"]).stderr(Stdio::null());
    // It ends when nothing is left.
    let _full = fill.status().map_err(|e| format!("dd: {e}"))?;
    scene.watch(10, &mut seen)?;
    std::fs::remove_file(&ballast).map_err(|e| e.to_string())?;
    scene.watch(8, &mut seen)?;
    drop(sender);
    let told = missing(&scene.centre.feed(FEED)?);
    let (centre, relays, beside) = scene.end()?;
    let done = Told {
        sent: format!("{} datagrams", relays[0].counts().0),
        lost: compared(&relays[0], &centre, FEED)?,
        seen: format!(
            "{}; {told} missing by its own count; {}",
            states(&seen),
            entries(&centre, FEED)?
        ),
        beside,
    };
    drop((centre, small));
    Ok(done)
}

fn flood(bench: &Bench) -> Result<Told, String> {
    let scene = Scene::new(bench, "flood", "udp")?;
    // Straight to the centre: a relay would be the bottleneck.
    let address = scene.centre.feed(FEED)?["address"].clone();
    let address = address.as_str().unwrap_or_default().to_owned();
    let speed = (100.0 * bench.film.speed).to_string();
    let viewer = Viewer::start(&scene.centre, BESIDE, Duration::ZERO)?;
    let mut seen = Vec::new();
    let sender = bench.play(&bench.film.path, &["--to", &address, "--speed", &speed])?;
    scene.watch(15, &mut seen)?;
    drop(sender);
    let feed = scene.centre.feed(FEED)?;
    let saw = viewer.end()?;
    let latencies = latencies_ms(&scene.relays[1].pictures(), &[&saw]);
    let (centre, _, beside) = scene.end()?;
    let taken = feed["bytes"].as_u64().unwrap_or(0) as f64;
    Ok(Told {
        sent: format!(
            "as much as the player can; {:.0} Mb/s taken",
            taken * 8e-6 / 15.0
        ),
        lost: format!(
            "{} datagrams or bytes of this feed, counted",
            missing(&feed)
        ),
        seen: format!("{}; {}", states(&seen), entries(&centre, FEED)?),
        beside: format!(
            "{beside}; a picture takes {:.1} ms to its viewer (95th percentile)",
            quantile(&latencies, 0.95)
        ),
    })
}

fn many(bench: &Bench) -> Result<Told, String> {
    watched(bench, "many", 200, false)
}

fn slow(bench: &Bench) -> Result<Told, String> {
    watched(bench, "slow", 3, true)
}

fn watched(bench: &Bench, name: &str, count: usize, with_slow: bool) -> Result<Told, String> {
    let scene = Scene::new(bench, name, "udp")?;
    let sender = bench.sender(scene.relays[0].port)?;
    let mut seen = Vec::new();
    scene.watch(3, &mut seen)?;
    let start = |pause| Viewer::start(&scene.centre, FEED, pause);
    let slow = with_slow
        .then(|| start(Duration::from_millis(200)))
        .transpose()?;
    let viewers: Result<Vec<_>, _> = (0..count).map(|_| start(Duration::ZERO)).collect();
    let viewers = viewers?;
    scene.watch(if with_slow { 45 } else { 15 }, &mut seen)?;
    if let Some(slow) = &slow {
        // What the system holds for it comes first, then what it was told.
        slow.hurry();
        scene.watch(5, &mut seen)?;
    }
    let saw: Result<Vec<_>, _> = viewers.into_iter().map(Viewer::end).collect();
    let saw = saw?;
    let slow = slow.map(Viewer::end).transpose()?;
    let latencies = latencies_ms(&scene.relays[0].pictures(), &saw.iter().collect::<Vec<_>>());
    drop(sender);
    let (centre, relays, beside) = scene.end()?;
    let behind: usize = saw.iter().map(|s| s.count("behind")).sum();
    let mut told = format!(
        "{}; a picture takes {:.1} ms at the median, {:.1} at the 95th percentile; {behind} fell behind; {}",
        states(&seen),
        quantile(&latencies, 0.5),
        quantile(&latencies, 0.95),
        entries(&centre, FEED)?
    );
    if let Some(slow) = slow {
        told += &format!(
            "; the slow one got {} pictures and was told {} times that it is behind",
            slow.pictures.len(),
            slow.count("behind")
        );
    }
    Ok(Told {
        sent: format!("{} datagrams to {count} viewers", relays[0].counts().0),
        lost: compared(&relays[0], &centre, FEED)?,
        seen: told,
        beside,
    })
}
