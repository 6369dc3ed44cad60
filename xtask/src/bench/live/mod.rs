//! `cargo xtask bench live`: twenty feeds at once into one centre, beside a public program that only copies
//! them to files; how long a picture takes to a viewer; and what is lost and told when things go wrong.
//!
//! Figures are those of whole processes as the kernel accounts for them (/proc). The senders are processes of their own
//! and not counted; nor are relays and viewers, which are this process.

mod centre;
mod consoles;
mod faults;
mod process;
mod relay;
mod viewer;

use std::fs;
use std::path::PathBuf;
use std::process::Command;
use std::time::Duration;

use serde_json::Value;

use self::centre::{Centre, free_port};
use self::consoles::{Console, Seen};
use self::process::{Running, Used, load};
use self::relay::Relay;
use self::viewer::{Viewer, latencies_ms, quantile};
use crate::run;

/// The bench's name.
pub(super) const NAME: &str = "live";

/// How many feeds, and how many watch each.
const FEEDS: usize = 20;
const VIEWERS: usize = 3;
/// How many sit at consoles.
const CONSOLES: usize = 50;
/// Left out at the beginning, seconds.
const LEAD_S: u64 = 5;
/// The peer of a long run gets so long at the most, seconds: an hour of twenty feeds takes 36 GB.
const PEER_S: u64 = 300;
/// Latency is measured for so long at the most, seconds.
const LATENCY_S: u64 = 60;

/// What is asked of the bench.
struct Asked {
    seconds: u64,
    dev: bool,
    /// A program that was built before, instead of one that is built now.
    program: Option<PathBuf>,
    /// `load`, `latency`, `consoles`, `faults`; all when empty.
    parts: Vec<&'static str>,
}

impl Asked {
    fn read(args: &[&str]) -> Result<Self, String> {
        let mut asked = Self {
            seconds: 60,
            dev: false,
            program: None,
            parts: Vec::new(),
        };
        for arg in args {
            match *arg {
                "dev" => asked.dev = true,
                "--hour" => asked.seconds = 3600,
                "load" => asked.parts.push("load"),
                "latency" => asked.parts.push("latency"),
                "consoles" => asked.parts.push("consoles"),
                "faults" => asked.parts.push("faults"),
                given if given.starts_with("program=") => {
                    asked.program = given.strip_prefix("program=").map(PathBuf::from);
                }
                number => {
                    let expected = "load, latency, consoles, faults, dev, program=PATH, --hour, or a number of seconds";
                    let seconds = number.parse().ok().filter(|s| *s > 0);
                    asked.seconds =
                        seconds.ok_or_else(|| format!("{number:?}: expected {expected}"))?;
                }
            }
        }
        Ok(asked)
    }

    fn wants(&self, part: &str) -> bool {
        self.parts.is_empty() || self.parts.contains(&part)
    }
}

/// Runs what is asked for.
pub(super) fn run(args: &[&str]) -> Result<(), String> {
    let asked = Asked::read(args)?;
    let (profile, folder) = if asked.dev {
        ("dev", "debug")
    } else {
        ("release", "release")
    };
    let program = match &asked.program {
        Some(program) => program.clone(),
        None => {
            let build = ["build", "--profile", profile, "--quiet"];
            run::cargo(&[&build[..], &["--package", "truceline"]].concat())?;
            run::root().join("target").join(folder).join("truceline")
        }
    };
    let bench = Bench::new(asked.seconds, program)?;
    println!(
        "profile {profile}, {} processors, load {} before it began; each feed {}",
        std::thread::available_parallelism().map_or(0, usize::from),
        load(),
        bench.film.what
    );
    if asked.wants("load") {
        bench.load()?;
    }
    if asked.wants("latency") {
        bench.latency()?;
    }
    if asked.wants("consoles") {
        bench.consoles()?;
    }
    if asked.wants("faults") {
        faults::all(&bench)?;
    }
    fs::remove_dir_all(&bench.folder).map_err(|e| e.to_string())
}

/// A film, and how fast it is played for some 4 Mb/s.
struct Film {
    path: PathBuf,
    speed: f64,
    what: &'static str,
}

struct Bench {
    program: PathBuf,
    folder: PathBuf,
    seconds: u64,
    film: Film,
}

impl Bench {
    fn new(seconds: u64, program: PathBuf) -> Result<Self, String> {
        let folder = run::root().join("target/bench-live");
        if folder.exists() {
            fs::remove_dir_all(&folder).map_err(|e| format!("{}: {e}", folder.display()))?;
        }
        fs::create_dir_all(&folder).map_err(|e| format!("{}: {e}", folder.display()))?;
        let film = film(&folder.join("film.ts"))?;
        Ok(Self {
            program,
            folder,
            seconds,
            film,
        })
    }

    /// Plays the bench's film to a port, again and again.
    fn sender(&self, port: u16) -> Result<Running, String> {
        let address = format!("udp://127.0.0.1:{port}");
        let speed = self.film.speed.to_string();
        self.play(&self.film.path, &["--to", &address, "--speed", &speed])
    }

    /// Plays a film in a loop, its clock now.
    fn play(&self, film: &std::path::Path, args: &[&str]) -> Result<Running, String> {
        let mut command = Command::new(&self.program);
        command.arg("play").arg(film);
        command.args(["--loop", "--clock-offset", "now"]).args(args);
        Running::start(&mut command)
    }

    fn load(&self) -> Result<(), String> {
        println!("\n{FEEDS} feeds for {} s:\n", self.seconds);
        println!(
            "| what | cores | memory MB, first / half / last | Mb/s a feed | missing | faults |"
        );
        println!("|---|---|---|---|---|---|");
        self.truceline()?;
        if run::has("ffmpeg", "-version") {
            self.ffmpeg()
        } else {
            println!("| ffmpeg -c copy | SKIPPED: ffmpeg is not installed | | | | |");
            Ok(())
        }
    }

    fn truceline(&self) -> Result<(), String> {
        let ports = ports()?;
        let (mut centre, names) = self.centre("load", &ports)?;
        centre.serve()?;
        let senders: Result<Vec<_>, _> = ports.iter().map(|port| self.sender(*port)).collect();
        std::thread::sleep(Duration::from_secs(LEAD_S));
        let bytes = |centre: &Centre| -> Result<u64, String> {
            let feeds = centre.feeds()?;
            Ok(feeds.iter().filter_map(|f| f["bytes"].as_u64()).sum())
        };
        let before = bytes(&centre)?;
        let used = Used::over(&[centre.pid()?], Duration::from_secs(self.seconds))?;
        let taken = bytes(&centre)? - before;
        drop(senders?);
        let feeds = centre.feeds()?;
        let faults: u64 = feeds.iter().filter_map(|f| f["faults"].as_u64()).sum();
        let missing: u64 = feeds.iter().map(missing).sum();
        row(
            &format!(
                "`truceline serve`, {} feeds: recorded, decoded, projected, in the live picture",
                names.len()
            ),
            self.seconds,
            &used,
            taken,
            &missing.to_string(),
            &faults.to_string(),
        );
        centre.end()
    }

    fn ffmpeg(&self) -> Result<(), String> {
        let ports = ports()?;
        let mut copies = Vec::new();
        for port in &ports {
            let mut command = Command::new("ffmpeg");
            let from = format!("udp://127.0.0.1:{port}?fifo_size=100000&overrun_nonfatal=1");
            command.args(["-nostdin", "-loglevel", "error", "-i", &from]);
            command.args(["-map", "0:v", "-c", "copy", "-f", "mpegts"]);
            command.arg(self.folder.join(format!("copy-{port}.ts")));
            copies.push(Running::start(&mut command)?);
        }
        let senders: Result<Vec<_>, _> = ports.iter().map(|port| self.sender(*port)).collect();
        std::thread::sleep(Duration::from_secs(LEAD_S));
        let bytes = || -> u64 {
            let paths = ports
                .iter()
                .map(|p| self.folder.join(format!("copy-{p}.ts")));
            paths
                .filter_map(|path| fs::metadata(path).ok().map(|m| m.len()))
                .sum()
        };
        let before = bytes();
        let pids: Vec<u32> = copies.iter().map(Running::pid).collect();
        let seconds = self.seconds.min(PEER_S);
        let used = Used::over(&pids, Duration::from_secs(seconds))?;
        drop(senders?);
        let what = format!("{FEEDS} × `ffmpeg -c copy` for {seconds} s, pictures only, to files");
        row(&what, seconds, &used, bytes() - before, "–", "–");
        Ok(())
    }

    /// From the datagram that ends a picture to the viewer.
    fn latency(&self) -> Result<(), String> {
        let seconds = self.seconds.min(LATENCY_S);
        let ports = ports()?;
        let (mut centre, names) = self.centre("latency", &ports)?;
        centre.serve()?;
        let relays: Result<Vec<_>, _> = ports.iter().map(|p| Relay::to(*p, false)).collect();
        let relays = relays?;
        let senders: Result<Vec<_>, _> = relays.iter().map(|r| self.sender(r.port)).collect();
        std::thread::sleep(Duration::from_secs(LEAD_S));
        let watch = |name: &String| -> Result<Vec<Viewer>, String> {
            let one = |_| Viewer::start(&centre, name, Duration::ZERO);
            (0..VIEWERS).map(one).collect()
        };
        let viewers: Result<Vec<Vec<Viewer>>, String> = names.iter().map(watch).collect();
        let viewers = viewers?;
        std::thread::sleep(Duration::from_secs(2));
        let used = Used::over(&[centre.pid()?], Duration::from_secs(seconds))?;
        let (mut all, mut behind, mut asked) = (Vec::new(), 0, 0);
        for (viewers, relay) in viewers.into_iter().zip(&relays) {
            let seen: Result<Vec<_>, _> = viewers.into_iter().map(Viewer::end).collect();
            let seen = seen?;
            behind += seen.iter().map(|s| s.count("behind")).sum::<usize>();
            all.extend(latencies_ms(
                &relay.pictures(),
                &seen.iter().collect::<Vec<_>>(),
            ));
            asked += seen.len();
        }
        drop(senders?);
        all.sort_by(f64::total_cmp);
        println!(
            "\nFrom the datagram that ends a picture to its arrival at a viewer, {seconds} s:\n"
        );
        println!(
            "| viewers | pictures | median ms | 95th | 99th | greatest | fell behind | cores |"
        );
        println!("|---|---|---|---|---|---|---|---|");
        println!(
            "| {FEEDS} feeds × {VIEWERS} = {asked} | {} | {:.1} | {:.1} | {:.1} | {:.1} | {behind} | {:.3} |",
            all.len(),
            quantile(&all, 0.5),
            quantile(&all, 0.95),
            quantile(&all, 0.99),
            quantile(&all, 1.0),
            used.cores
        );
        centre.end()
    }

    /// Fifty consoles before twenty feeds, with the exercise's findings in the record.
    fn consoles(&self) -> Result<(), String> {
        let seconds = self.seconds.min(LATENCY_S);
        let ports = ports()?;
        let (mut centre, _) = self.centre("consoles", &ports)?;
        let mut ingest = Command::new(&self.program);
        ingest.arg("ingest").arg("--dir").arg(&centre.dir);
        ingest.arg(run::root().join("theatres/karabakh-2020/feeds/sensors.ndjson"));
        // What the exercise sets aside on purpose is told by another status than 0.
        ingest.output().map_err(|e| format!("{ingest:?}: {e}"))?;
        centre.serve()?;
        let senders: Result<Vec<_>, _> = ports.iter().map(|port| self.sender(*port)).collect();
        std::thread::sleep(Duration::from_secs(LEAD_S));
        let authorization = centre.authorization()?;
        let consoles: Vec<_> = (0..CONSOLES)
            .map(|_| Console::start(&centre.listen, &authorization))
            .collect();
        let used = Used::over(&[centre.pid()?], Duration::from_secs(seconds))?;
        let mut seen = Seen::default();
        for console in consoles {
            seen.add(console.end()?);
        }
        drop(senders?);
        let missing: u64 = centre.feeds()?.iter().map(missing).sum();
        println!(
            "\n{CONSOLES} consoles before {FEEDS} feeds, {seconds} s; milliseconds are median / 95th / 99th / greatest:\n"
        );
        println!(
            "| answers | an answer took, ms | events heard | between two events, ms | failed | behind | cores | memory MB | feeds' missing |"
        );
        println!("|---|---|---|---|---|---|---|---|---|");
        println!(
            "| {} | {} | {} | {} | {} | {} | {:.3} | {:.0} | {missing} |",
            seen.asked_ms.len(),
            Seen::of(&mut seen.asked_ms),
            seen.silent_ms.len(),
            Seen::of(&mut seen.silent_ms),
            seen.failed,
            seen.behind,
            used.cores,
            used.memory_mb[2],
        );
        centre.end()
    }

    /// A centre with a feed a port.
    fn centre(&self, name: &str, ports: &[u16]) -> Result<(Centre, Vec<String>), String> {
        let feeds: Vec<_> = ports
            .iter()
            .enumerate()
            .map(|(n, port)| (format!("drone-{n}"), format!("udp://127.0.0.1:{port}")))
            .collect();
        let centre = Centre::new(&self.program, self.folder.join(name), &feeds)?;
        Ok((centre, feeds.into_iter().map(|(id, _)| id).collect()))
    }
}

/// What a feed misses by its own word.
fn missing(feed: &Value) -> u64 {
    let counts = feed["missing"].as_object().into_iter().flatten();
    counts.filter_map(|(_, n)| n.as_u64()).sum()
}

fn ports() -> Result<Vec<u16>, String> {
    (0..FEEDS).map(|_| free_port()).collect()
}

/// The exercise's film coded anew at 4 Mb/s, 1280 × 720, 30 pictures a second, its metadata (10 Hz) as they are. Without
/// ffmpeg the film of a real flight, faster than it was.
fn film(to: &std::path::Path) -> Result<Film, String> {
    let feeds = run::root().join("theatres/karabakh-2020/feeds");
    if !run::has("ffmpeg", "-version") {
        return Ok(Film {
            path: feeds.join("test-flight.ts"),
            speed: 2.4,
            what: "640 × 480 with metadata some 25 times a second",
        });
    }
    let mut command = Command::new("ffmpeg");
    command.args(["-nostdin", "-loglevel", "error", "-y", "-i"]);
    command.arg(feeds.join("drone.ts"));
    command.args(["-map", "0:v", "-map", "0:d", "-c:d", "copy"]);
    command.args(["-vf", "scale=1280:720,noise=alls=12:allf=t"]);
    command.args([
        "-c:v", "libx264", "-preset", "veryfast", "-bf", "0", "-g", "30",
    ]);
    let rate = ["-b:v", "3850k", "-minrate", "3850k", "-maxrate", "3850k"];
    command.args(rate).args(["-bufsize", "1900k"]);
    command
        .args(["-x264-params", "nal-hrd=cbr", "-f", "mpegts"])
        .arg(to);
    run::command(&mut command)?;
    Ok(Film {
        path: to.to_path_buf(),
        speed: 1.0,
        what: "1280 × 720 at 30 pictures a second, H.264, metadata 10 times a second",
    })
}

/// One line of the table of loads: what some processes took in so many seconds, and the bytes that they recorded in them.
fn row(what: &str, seconds: u64, used: &Used, bytes: u64, missing: &str, faults: &str) {
    let [first, half, last] = used.memory_mb;
    let mbit_per_s = bytes as f64 * 8e-6 / (seconds as f64 * FEEDS as f64);
    println!(
        "| {what} | {:.3} | {first:.0} / {half:.0} / {last:.0} | {mbit_per_s:.1} | {missing} | {faults} |",
        used.cores
    );
}
