//! `cargo xtask bench live`: twenty feeds at once into one centre, and the same twenty through a
//! public program that only copies them to files.
//!
//! Figures are those of whole processes as the kernel accounts for them (/proc): processor time of
//! user and system, resident memory at the beginning and the end. The senders are processes of their own and not counted.

use std::fs;
use std::net::UdpSocket;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use serde_json::Value;

use crate::run;

/// The bench's name.
pub(super) const NAME: &str = "live";

/// How many feeds.
const FEEDS: usize = 20;
/// The film is played so many times faster than it was recorded, for some 4 Mb/s; its metadata then
/// come some 25 times a second.
const SPEED: f64 = 2.4;
/// Left out at the beginning, seconds.
const LEAD_S: u64 = 5;
/// The film that is played, a real flight with metadata.
const FILM: &str = "theatres/karabakh-2020/feeds/test-flight.ts";

/// Runs it for so many seconds (60 when left out; the first word of `args`), with the program of the
/// release profile, or of `dev` when that is the second word.
pub(super) fn run(args: &[&str]) -> Result<(), String> {
    let seconds = match args.first() {
        None => 60,
        Some(text) => text
            .parse::<u64>()
            .map_err(|_| format!("{text:?} is no number of seconds"))?,
    };
    let (profile, folder) = match args.get(1) {
        None => ("release", "release"),
        Some(&"dev") => ("dev", "debug"),
        Some(other) => return Err(format!("{other:?} is no profile; expected dev, or nothing")),
    };
    run::cargo(&[
        "build",
        "--profile",
        profile,
        "--quiet",
        "--package",
        "truceline",
    ])?;
    let program = run::root().join("target").join(folder).join("truceline");
    let bench = Bench::new(seconds, program)?;
    println!(
        "profile {profile}: {FEEDS} feeds for {seconds} s, {} processors",
        std::thread::available_parallelism().map_or(0, usize::from)
    );
    println!("| what | cores | memory MB, first / last | Mb/s a feed | missing | faults |");
    println!("|---|---|---|---|---|---|");
    bench.truceline()?;
    if run::has("ffmpeg", "-version") {
        bench.ffmpeg()?;
    } else {
        println!("| ffmpeg -c copy | SKIPPED: ffmpeg is not installed | | | | |");
    }
    fs::remove_dir_all(&bench.folder).map_err(|e| e.to_string())
}

struct Bench {
    program: PathBuf,
    folder: PathBuf,
    seconds: u64,
    film: PathBuf,
}

/// A process that is ended when this is dropped.
struct Running(Child);

impl Drop for Running {
    fn drop(&mut self) {
        // It may have ended by itself.
        let _ended = self.0.kill();
        let _reaped = self.0.wait();
    }
}

/// What some processes took.
struct Used {
    cores: f64,
    first_mb: f64,
    last_mb: f64,
}

impl Bench {
    fn new(seconds: u64, program: PathBuf) -> Result<Self, String> {
        let folder = run::root().join("target/bench-live");
        if folder.exists() {
            fs::remove_dir_all(&folder).map_err(|e| format!("{}: {e}", folder.display()))?;
        }
        fs::create_dir_all(&folder).map_err(|e| format!("{}: {e}", folder.display()))?;
        let film = run::root().join(FILM);
        Ok(Self {
            program,
            folder,
            seconds,
            film,
        })
    }

    /// Plays the film to each port.
    fn senders(&self, ports: &[u16]) -> Result<Vec<Running>, String> {
        let sender = |port: &u16| {
            let mut command = Command::new(&self.program);
            command.arg("play").arg(&self.film);
            command.args(["--to", &format!("udp://127.0.0.1:{port}"), "--loop"]);
            command.args(["--speed", &SPEED.to_string()]);
            spawn(&mut command)
        };
        ports.iter().map(sender).collect()
    }

    fn truceline(&self) -> Result<(), String> {
        let centre = self.folder.join("centre");
        let theatre = run::root().join("theatres/karabakh-2020");
        let mut init = Command::new(&self.program);
        init.arg("init").arg(&centre).arg("--theatre").arg(theatre);
        init.stdout(Stdio::null()).stderr(Stdio::null());
        run::command(&mut init)?;
        let ports = ports()?;
        let config = centre.join("truceline.toml");
        let mut text = fs::read_to_string(&config).map_err(|e| e.to_string())?;
        for (n, port) in ports.iter().enumerate() {
            text += &format!("\n[[feed]]\nid = \"drone-{n}\"\nlive = \"udp://127.0.0.1:{port}\"\n");
        }
        fs::write(&config, text).map_err(|e| e.to_string())?;
        let listen = format!("127.0.0.1:{}", free_port()?);
        let mut serve = Command::new(&self.program);
        serve.arg("serve").arg("--dir").arg(&centre);
        serve.args(["--listen", &listen]);
        let serve = spawn(&mut serve)?;
        std::thread::sleep(Duration::from_secs(3));
        let senders = self.senders(&ports)?;
        let used = self.watch(&[serve.0.id()])?;
        drop(senders);
        let feeds = get_json(&centre, &listen, "/api/feeds")?;
        let feeds = feeds.as_array().cloned().unwrap_or_default();
        let sum = |name: &str| -> u64 { feeds.iter().filter_map(|f| f[name].as_u64()).sum() };
        let missing: u64 = feeds
            .iter()
            .filter_map(|f| f["missing"].as_object())
            .flat_map(|m| m.values().filter_map(Value::as_u64).collect::<Vec<_>>())
            .sum();
        row(
            "truceline serve",
            &used,
            self.mbit_per_s(sum("bytes")),
            &missing.to_string(),
            &sum("faults").to_string(),
        );
        Ok(())
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
            copies.push(spawn(&mut command)?);
        }
        let senders = self.senders(&ports)?;
        let pids: Vec<u32> = copies.iter().map(|c| c.0.id()).collect();
        let used = self.watch(&pids)?;
        drop(senders);
        let bytes = ports.iter().filter_map(|port| {
            let path = self.folder.join(format!("copy-{port}.ts"));
            fs::metadata(path).ok().map(|m| m.len())
        });
        row(
            "20 × ffmpeg -c copy, pictures only, to files",
            &used,
            self.mbit_per_s(bytes.sum()),
            "–",
            "–",
        );
        Ok(())
    }

    /// What each feed had, from all bytes of all.
    fn mbit_per_s(&self, bytes: u64) -> f64 {
        bytes as f64 * 8e-6 / ((LEAD_S + self.seconds) as f64 * FEEDS as f64)
    }

    /// Watches processes for the bench's time, the first seconds left out.
    fn watch(&self, pids: &[u32]) -> Result<Used, String> {
        std::thread::sleep(Duration::from_secs(LEAD_S));
        let (began, cpu) = (Instant::now(), cpu_s(pids)?);
        let first_mb = memory_mb(pids)?;
        std::thread::sleep(Duration::from_secs(self.seconds));
        Ok(Used {
            cores: (cpu_s(pids)? - cpu) / began.elapsed().as_secs_f64(),
            first_mb,
            last_mb: memory_mb(pids)?,
        })
    }
}

fn row(what: &str, used: &Used, mbit_per_s: f64, missing: &str, faults: &str) {
    println!(
        "| {what} | {:.3} | {:.0} / {:.0} | {:.1} | {missing} | {faults} |",
        used.cores, used.first_mb, used.last_mb, mbit_per_s
    );
}

fn spawn(command: &mut Command) -> Result<Running, String> {
    command
        .stdin(Stdio::null())
        .stdout(Stdio::null())
        .stderr(Stdio::null());
    let shown = format!("{command:?}");
    command
        .spawn()
        .map(Running)
        .map_err(|e| format!("{shown}: {e}"))
}

fn ports() -> Result<Vec<u16>, String> {
    (0..FEEDS).map(|_| free_port()).collect()
}

fn free_port() -> Result<u16, String> {
    let bound = UdpSocket::bind("127.0.0.1:0").and_then(|s| s.local_addr());
    bound.map(|a| a.port()).map_err(|e| e.to_string())
}

/// Processor time of user and system, seconds (proc(5): fields 14 and 15 of `stat`, in ticks of
/// 1/100 s).
fn cpu_s(pids: &[u32]) -> Result<f64, String> {
    let mut ticks = 0;
    for pid in pids {
        let stat = read(&format!("/proc/{pid}/stat"))?;
        // The name in parentheses may hold spaces; what follows it begins with field 3.
        let after = stat.rsplit_once(')').map_or("", |(_, after)| after);
        let fields: Vec<&str> = after.split_whitespace().collect();
        ticks += [11, 12]
            .iter()
            .filter_map(|n| fields.get(*n)?.parse::<u64>().ok())
            .sum::<u64>();
    }
    Ok(ticks as f64 / 100.0)
}

/// Resident memory, MB.
fn memory_mb(pids: &[u32]) -> Result<f64, String> {
    let mut kib = 0.0;
    for pid in pids {
        let status = read(&format!("/proc/{pid}/status"))?;
        let line = status.lines().find_map(|l| l.strip_prefix("VmRSS:"));
        let number = line.and_then(|l| l.split_whitespace().next()?.parse::<f64>().ok());
        kib += number.unwrap_or(0.0);
    }
    Ok(kib / 1024.0)
}

fn read(path: &str) -> Result<String, String> {
    fs::read_to_string(Path::new(path)).map_err(|e| format!("{path}: {e} (has it ended?)"))
}

/// Asks the centre as this machine's commands do, by the simplest HTTP there is.
fn get_json(centre: &Path, address: &str, path: &str) -> Result<Value, String> {
    use std::io::{Read as _, Write as _};
    let told = |e: std::io::Error| format!("http://{address}{path}: {e}");
    let mut stream = std::net::TcpStream::connect(address).map_err(told)?;
    let control: Value =
        serde_json::from_str(&read(&centre.join("serve.json").display().to_string())?)
            .map_err(|e| format!("serve.json: {e}"))?;
    let token = control["token"].as_str().unwrap_or_default();
    let request =
        format!("GET {path} HTTP/1.0\r\nHost: {address}\r\nAuthorization: Bearer {token}\r\n\r\n");
    stream.write_all(request.as_bytes()).map_err(told)?;
    let mut answer = String::new();
    stream.read_to_string(&mut answer).map_err(told)?;
    let body = answer.split_once("\r\n\r\n").map_or("", |(_, body)| body);
    serde_json::from_str(body).map_err(|e| format!("http://{address}{path}: {e}"))
}
