//! Live feeds through the hub: what is recorded when a source is well, and when it is not.

#![allow(clippy::unwrap_used, clippy::expect_used)] // A test that cannot go on has failed.

use std::net::UdpSocket;
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use tokio::runtime::Runtime;
use truceline_domain::FeedId;
use truceline_intake::Format;
use truceline_record::bodies::{BATCH, BatchBody, GAP, GapBody, SEGMENT, SegmentBody};
use truceline_service::config::FeedConfig;
use truceline_service::live::{Condition, FeedState, Hub, Stage, salvage};
use truceline_service::{Centre, centre};

/// A centre with live feeds on ports of their own.
struct Live {
    _dir: tempfile::TempDir,
    centre: Centre,
    runtime: Runtime,
    hub: Hub,
    ports: Vec<u16>,
}

fn theatre() -> PathBuf {
    let theatres = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../theatres");
    let mut shipped: Vec<_> = std::fs::read_dir(theatres)
        .unwrap()
        .map(|entry| entry.unwrap().path())
        .filter(|path| path.join("feeds").is_dir())
        .collect();
    shipped.sort();
    shipped.remove(0)
}

/// The film of the exercise: 188-byte packets with pictures and metadata.
fn film() -> Vec<u8> {
    std::fs::read(theatre().join("feeds/drone.ts")).unwrap()
}

fn free_port() -> u16 {
    let socket = UdpSocket::bind("127.0.0.1:0").unwrap();
    socket.local_addr().unwrap().port()
}

fn config(id: &str, address: &str, format: Option<Format>) -> FeedConfig {
    FeedConfig {
        id: id.parse().unwrap(),
        source: None,
        format,
        path: None,
        token_file: None,
        stale_s: Some(1.0),
        lost_s: Some(30.0),
        look: false,
        live: Some(address.parse().unwrap()),
    }
}

impl Live {
    fn new(feeds: usize) -> Self {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("centre");
        centre::create(&path, &theatre(), None, Vec::new()).unwrap();
        Self::open(dir, &path, feeds)
    }

    fn open(dir: tempfile::TempDir, path: &Path, feeds: usize) -> Self {
        let (centre, _) = Centre::open(path).unwrap();
        let runtime = tokio::runtime::Builder::new_multi_thread()
            .worker_threads(2)
            .enable_all()
            .build()
            .unwrap();
        let ports: Vec<u16> = (0..feeds).map(|_| free_port()).collect();
        let configs: Vec<_> = ports
            .iter()
            .enumerate()
            .map(|(n, port)| {
                let address = format!("udp://127.0.0.1:{port}");
                config(&format!("drone-{n}"), &address, None)
            })
            .collect();
        let hub = Hub::start(&configs, &centre.place(), None, runtime.handle()).unwrap();
        let live = Self {
            _dir: dir,
            centre,
            runtime,
            hub,
            ports,
        };
        // The sockets are bound by tasks that have just begun.
        std::thread::sleep(Duration::from_millis(300));
        live
    }

    fn state(&self, n: usize) -> FeedState {
        let id: FeedId = format!("drone-{n}").parse().unwrap();
        self.hub.feed(&id).unwrap().state()
    }

    /// Waits until a feed is as asked.
    fn until(&self, n: usize, what: &str, is: impl Fn(&FeedState) -> bool) {
        let began = Instant::now();
        while !is(&self.state(n)) {
            assert!(
                began.elapsed() < Duration::from_secs(20),
                "{what}: {:?}",
                self.state(n)
            );
            std::thread::sleep(Duration::from_millis(20));
        }
    }

    /// Bodies of the entries of a kind, in order.
    fn bodies<T: serde::de::DeserializeOwned>(&self, kind: &str) -> Vec<T> {
        let log = self.centre.record().log().unwrap();
        let entries = log.entries(0).map(|leaf| leaf.unwrap().entry().unwrap());
        entries
            .filter(|entry| entry.kind == kind)
            .map(|entry| entry.body_as().unwrap())
            .collect()
    }

    /// All recorded bytes of a feed, in order.
    fn recorded(&self, n: usize) -> Vec<u8> {
        let name = format!("drone-{n}");
        self.bodies::<SegmentBody>(SEGMENT)
            .iter()
            .filter(|body| body.feed.as_str() == name)
            .flat_map(|body| self.centre.record().blob(&body.sha256).unwrap())
            .collect()
    }
}

/// Sends bytes as an encoder does, some datagrams at a time so that no buffer of the system overflows.
fn send(port: u16, bytes: &[u8]) {
    send_by(&UdpSocket::bind("127.0.0.1:0").unwrap(), port, bytes);
}

fn send_by(socket: &UdpSocket, port: u16, bytes: &[u8]) {
    for (n, datagram) in bytes.chunks(7 * 188).enumerate() {
        socket.send_to(datagram, ("127.0.0.1", port)).unwrap();
        if n % 16 == 15 {
            std::thread::sleep(Duration::from_millis(2));
        }
    }
}

#[test]
fn every_byte_is_recorded_before_it_is_shown() {
    let live = Live::new(2);
    let film = film();
    let id: FeedId = "drone-0".parse().unwrap();
    let mut viewer = live.hub.feed(&id).unwrap().watch();
    send(live.ports[0], &film);
    send(live.ports[1], &film[..film.len() / 2]);
    live.until(0, "all bytes", |s| s.bytes == film.len() as u64);
    live.until(1, "half of them", |s| {
        s.bytes == film.len() as u64 / 2 / 1316 * 1316 + (film.len() as u64 / 2) % 1316
    });
    let state = live.state(0);
    assert_eq!(state.condition, Condition::Up);
    assert!(state.observations > 0 && state.faults == 0, "{state:?}");
    // What a viewer was shown so far stands in the open segment's file already.
    let open = live.hub.feed(&id).unwrap().open_segment().unwrap();
    let written = std::fs::metadata(&open.file.path).unwrap().len() + open.file.offset;
    assert_eq!(written, film.len() as u64);
    let mut shown = Vec::new();
    while let Ok(stage) = viewer.try_recv() {
        if let Stage::Bytes(chunk) = stage {
            shown.extend_from_slice(&chunk.bytes);
        }
    }
    assert!(film.ends_with(&shown) && !shown.is_empty());
    live.hub.stop();
    assert_eq!(live.recorded(0), film);
    let batches = live.bodies::<BatchBody>(BATCH);
    assert!(batches.iter().all(|batch| batch.segment.is_some()));
}

#[test]
fn what_a_killed_process_left_is_recorded_with_the_gap_after_it() {
    let mut live = Live::new(1);
    let film = film();
    send(live.ports[0], &film);
    live.until(0, "all bytes", |s| s.bytes == film.len() as u64);
    // As a kill leaves it: the open segment's files, taken before the hub ends in order.
    let folder = live.centre.record().folder().live();
    let kept = live._dir.path().join("kept");
    copy(&folder, &kept);
    live.hub.stop();
    let before = live.recorded(0).len();
    copy(&kept, &folder);
    let salvaged = salvage(&live.centre.place(), |_| None).unwrap();
    assert_eq!(salvaged.len(), 1, "{salvaged:?}");
    assert!(salvaged[0].bytes > 0);
    assert!(std::fs::read_dir(&folder).unwrap().next().is_none());
    live.centre.catch_up().unwrap();
    let all = live.recorded(0);
    assert!(film.ends_with(&all[before..]), "the left-over's own bytes");
    let gaps = live.bodies::<GapBody>(GAP);
    assert!(gaps.last().unwrap().reason.contains("process ended"));
    drop(live);
}

fn copy(from: &Path, to: &Path) {
    std::fs::create_dir_all(to).unwrap();
    for entry in std::fs::read_dir(from).unwrap() {
        let path = entry.unwrap().path();
        std::fs::copy(&path, to.join(path.file_name().unwrap())).unwrap();
    }
}

#[test]
fn a_silence_is_told_and_becomes_a_gap() {
    let live = Live::new(1);
    let film = film();
    let half = film.len() / 2 / 188 * 188;
    let encoder = UdpSocket::bind("127.0.0.1:0").unwrap();
    send_by(&encoder, live.ports[0], &film[..half]);
    live.until(0, "the first half", |s| s.bytes == half as u64);
    live.until(0, "silence", |s| s.condition == Condition::Stale);
    assert!(live.state(0).why.unwrap().contains("nothing came"));
    send_by(&encoder, live.ports[0], &film[half..]);
    live.until(0, "the other half", |s| s.bytes == film.len() as u64);
    live.until(0, "it is back", |s| s.condition == Condition::Up);
    live.hub.stop();
    assert_eq!(live.recorded(0), film, "only silence lay between");
    let gaps = live.bodies::<GapBody>(GAP);
    assert_eq!(gaps[0].reason, "silent");
    assert!(gaps[0].received.last.seconds_since(gaps[0].received.first) >= 1.0);
}

#[test]
fn garbage_and_floods_of_one_feed_cost_the_other_nothing() {
    let live = Live::new(2);
    let film = film();
    let port = live.ports[1];
    let flood = std::thread::spawn(move || {
        let socket = UdpSocket::bind("127.0.0.1:0").unwrap();
        let garbage: Vec<u8> = (0..1316_u32).map(|n| ((n * 7919) >> 3) as u8).collect();
        let began = Instant::now();
        while began.elapsed() < Duration::from_secs(2) {
            for _ in 0..64 {
                // A full buffer of the system is part of the flood.
                let _full = socket.send_to(&garbage, ("127.0.0.1", port));
            }
            std::thread::sleep(Duration::from_millis(1));
        }
    });
    send(live.ports[0], &film);
    flood.join().unwrap();
    live.until(0, "all bytes", |s| s.bytes == film.len() as u64);
    assert_eq!(live.state(0).faults, 0);
    assert!(live.state(1).bytes > 0);
    live.hub.stop();
    assert_eq!(live.recorded(0), film);
}

#[test]
fn two_hundred_watch_one_feed_and_a_slow_one_loses_only_its_own_place() {
    let live = Live::new(1);
    let film = film();
    let feed = live.hub.feed(&"drone-0".parse().unwrap()).unwrap().clone();
    let slow = feed.watch();
    let seen: Vec<_> = (0..200)
        .map(|_| {
            let mut viewer = feed.watch();
            live.runtime.spawn(async move {
                let (mut bytes, mut behind) = (0, 0);
                loop {
                    match viewer.recv().await {
                        Ok(Stage::Bytes(chunk)) => bytes += chunk.bytes.len(),
                        Ok(_) => {}
                        Err(tokio::sync::broadcast::error::RecvError::Lagged(n)) => behind += n,
                        Err(_) => return (bytes, behind),
                    }
                }
            })
        })
        .collect();
    send(live.ports[0], &film);
    live.until(0, "all bytes", |s| s.bytes == film.len() as u64);
    live.hub.stop();
    assert_eq!(live.recorded(0), film);
    let Live { hub, runtime, .. } = live;
    drop((hub, feed));
    for viewer in seen {
        let (bytes, behind) = runtime.block_on(viewer).unwrap();
        assert!(
            bytes == film.len() || behind > 0,
            "{bytes} bytes, {behind} behind"
        );
    }
    drop(slow);
}
