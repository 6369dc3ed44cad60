//! What the tests of live sources share: a source that is watched, ports, and public programs.

use std::net::{TcpListener, UdpSocket};
use std::path::PathBuf;
use std::process::Stdio;
use std::time::{Duration, Instant};

use tokio::process::{Child, Command};
use tokio::sync::mpsc;
use tokio_util::sync::CancellationToken;
use truceline_domain::{Body, FeedId, SourceId};
use truceline_intake::{Context, Format, Item, decoder};
use truceline_live::play::{PlayOptions, Played, play};
use truceline_live::{Event, Missed, Source, run};

/// The exercise's drone: H.264 with synchronous KLV at 10 Hz, 20 s.
pub(crate) fn drone() -> PathBuf {
    feeds().join("drone.ts")
}

pub(crate) fn feeds() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../../theatres/karabakh-2020/feeds")
}

/// A port that nobody has now.
pub(crate) fn tcp_port() -> u16 {
    TcpListener::bind("127.0.0.1:0")
        .unwrap()
        .local_addr()
        .unwrap()
        .port()
}

pub(crate) fn udp_port() -> u16 {
    UdpSocket::bind("127.0.0.1:0")
        .unwrap()
        .local_addr()
        .unwrap()
        .port()
}

/// A running source and all that it told.
pub(crate) struct Watched {
    pub(crate) events: Vec<Event>,
    receiver: mpsc::Receiver<Event>,
    stop: CancellationToken,
}

impl Watched {
    pub(crate) fn new(address: &str) -> Self {
        Self::with_room(address, 64)
    }

    /// `room`: how many events wait for whoever does not read.
    pub(crate) fn with_room(address: &str, room: usize) -> Self {
        let source: Source = address.parse().unwrap();
        let (out, receiver) = mpsc::channel(room);
        let stop = CancellationToken::new();
        tokio::spawn(run(source, out, stop.clone()));
        Self {
            events: Vec::new(),
            receiver,
            stop,
        }
    }

    /// Reads on until an event is as wanted; panics when none is within so long.
    pub(crate) async fn until(&mut self, within_s: u64, wanted: impl Fn(&Event) -> bool) -> Event {
        let until = Instant::now() + Duration::from_secs(within_s);
        loop {
            let event = tokio::time::timeout_at(until.into(), self.receiver.recv())
                .await
                .unwrap_or_else(|_| {
                    panic!("not told within {within_s} s; told were {:?}", self.words())
                });
            let event = event.unwrap_or_else(|| panic!("it ended; told were {:?}", self.words()));
            self.events.push(event.clone());
            if wanted(&event) {
                return event;
            }
        }
    }

    /// Reads on for so long.
    pub(crate) async fn for_ms(&mut self, ms: u64) {
        let until = Instant::now() + Duration::from_millis(ms);
        while let Ok(Some(event)) =
            tokio::time::timeout_at(until.into(), self.receiver.recv()).await
        {
            self.events.push(event);
        }
    }

    /// Reads until so many bytes have come.
    pub(crate) async fn until_bytes(&mut self, within_s: u64, least: usize) {
        let mut sum = self.bytes().len();
        while sum < least {
            if let Event::Bytes(chunk) =
                self.until(within_s, |e| matches!(e, Event::Bytes(_))).await
            {
                sum += chunk.bytes.len();
            }
        }
    }

    /// Stops the source and reads what it still told.
    pub(crate) async fn end(&mut self) {
        self.stop.cancel();
        while let Some(event) = self.receiver.recv().await {
            self.events.push(event);
        }
    }

    pub(crate) fn bytes(&self) -> Vec<u8> {
        let chunks = self.events.iter().filter_map(|e| match e {
            Event::Bytes(chunk) => Some(&chunk.bytes[..]),
            _ => None,
        });
        chunks.collect::<Vec<_>>().concat()
    }

    pub(crate) fn missing(&self, which: Missed) -> u64 {
        let counts = self.events.iter().filter_map(|e| match e {
            Event::Missing { what, count } if *what == which => Some(*count),
            _ => None,
        });
        counts.sum()
    }

    /// All but bytes, for messages.
    pub(crate) fn words(&self) -> Vec<&Event> {
        self.events
            .iter()
            .filter(|e| !matches!(e, Event::Bytes(_)))
            .collect()
    }
}

impl Drop for Watched {
    fn drop(&mut self) {
        self.stop.cancel();
    }
}

pub(crate) fn is_connected(event: &Event) -> bool {
    matches!(event, Event::Connected { .. })
}

pub(crate) fn is_restarted(event: &Event) -> bool {
    matches!(event, Event::Restarted { .. })
}

pub(crate) fn is_down(event: &Event) -> bool {
    matches!(event, Event::Down { .. })
}

/// Plays in the background; dropped, it ends.
pub(crate) struct Playing {
    task: tokio::task::JoinHandle<Played>,
    pub(crate) stop: CancellationToken,
}

impl Playing {
    pub(crate) fn new(path: PathBuf, to: &str, options: PlayOptions) -> Self {
        let to = vec![to.parse().unwrap()];
        let stop = CancellationToken::new();
        let stopped = stop.clone();
        let task = tokio::spawn(async move {
            let mut tell = |word: String| eprintln!("play: {word}");
            play(&path, &to, &options, &mut tell, stopped)
                .await
                .unwrap()
        });
        Self { task, stop }
    }

    pub(crate) async fn ended(mut self) -> Played {
        (&mut self.task).await.unwrap()
    }
}

impl Drop for Playing {
    fn drop(&mut self) {
        self.stop.cancel();
        self.task.abort();
    }
}

pub(crate) fn at_speed(speed: f64) -> PlayOptions {
    PlayOptions {
        speed,
        ..PlayOptions::default()
    }
}

/// What the house's own reader finds in a stream.
#[derive(Debug, Default)]
pub(crate) struct Found {
    /// When each metadata packet was true, microseconds.
    pub(crate) klv_us: Vec<i64>,
    pub(crate) faults: Vec<String>,
    /// Pictures.
    pub(crate) pictures: u64,
    pub(crate) kinds: std::collections::BTreeMap<&'static str, u64>,
}

pub(crate) fn read(format: Format, bytes: &[u8]) -> Found {
    let context = Context {
        feed: FeedId::new("f").unwrap(),
        source: SourceId::new("s").unwrap(),
    };
    let mut reader = decoder(format, context);
    let mut found = Found::default();
    let mut sink = |item: Item| match item {
        Item::Observation(o) => {
            if let (Body::FmvMetadata(_), Some(at)) = (&o.body, o.observed) {
                found.klv_us.push(at.unix_us());
            }
        }
        Item::Fault(f) => found.faults.push(f.to_string()),
        Item::Cut(_) => {}
    };
    for piece in bytes.chunks(10_000) {
        reader.push(piece, &mut sink);
    }
    reader.finish(&mut sink);
    let tally = reader.tally();
    found.pictures = tally
        .counts
        .iter()
        .filter(|(name, _)| name.contains("access units"))
        .map(|(_, n)| n)
        .sum();
    found.kinds = tally.observations;
    found
}

/// Whether a program is there; says loudly when it is not.
pub(crate) fn have(program: &str) -> bool {
    let found = std::env::var_os("PATH")
        .is_some_and(|path| std::env::split_paths(&path).any(|dir| dir.join(program).is_file()));
    if !found {
        eprintln!("SKIPPED: {program} is not installed; what is tested against it was not tested");
    }
    found
}

/// A public program, ended when dropped.
pub(crate) fn start(program: &str, args: &[&str]) -> Child {
    Command::new(program)
        .args(args)
        .stdin(Stdio::null())
        .stdout(Stdio::null())
        .stderr(Stdio::inherit())
        .kill_on_drop(true)
        .spawn()
        .unwrap()
}

/// Its standard output when it ends.
pub(crate) async fn output(program: &str, args: &[&str], within_s: u64) -> String {
    let run = Command::new(program)
        .args(args)
        .stdin(Stdio::null())
        .kill_on_drop(true)
        .output();
    let output = tokio::time::timeout(Duration::from_secs(within_s), run)
        .await
        .unwrap_or_else(|_| panic!("{program} {args:?} did not end within {within_s} s"))
        .unwrap();
    let told = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{program} {args:?}: {told}");
    String::from_utf8_lossy(&output.stdout).into_owned()
}
