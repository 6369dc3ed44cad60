//! Live feeds through the hub: what is recorded when a source is well, and when it is not.

mod clocks;
mod faults;
mod scene;

use std::net::UdpSocket;
use std::path::Path;
use std::time::{Duration, Instant};

use scene::{Live, film};
use tokio::sync::broadcast::error::{RecvError, TryRecvError};
use truceline_domain::FeedId;
use truceline_record::bodies::{BATCH, BatchBody, GAP, GapBody};
use truceline_service::live::{Condition, Stage, salvage};

#[test]
fn every_byte_is_recorded_before_it_is_shown() {
    let live = Live::new(2);
    let film = film();
    let id: FeedId = "drone-0".parse().unwrap();
    let mut viewer = live.hub.feed(&id).unwrap().watch();
    live.send(0, &film);
    live.send(1, &film[..film.len() / 2]);
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
    live.send(0, &film);
    live.until(0, "all bytes", |s| s.bytes == film.len() as u64);
    // As a kill leaves it: the open segment's files, taken before the hub ends in order.
    let folder = live.centre.record().folder().live();
    let kept = live.dir.path().join("kept");
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
    live.send_by(&encoder, 0, &film[..half]);
    live.until(0, "the first half", |s| s.bytes == half as u64);
    live.until(0, "silence", |s| s.condition == Condition::Stale);
    assert!(live.state(0).why.unwrap().contains("nothing came"));
    live.until(0, "it counts as lost", |s| s.condition == Condition::Lost);
    live.send_by(&encoder, 0, &film[half..]);
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
    live.send(0, &film);
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
    // It takes nothing until all is over.
    let mut slow = feed.watch();
    let seen: Vec<_> = (0..200)
        .map(|_| {
            let mut viewer = feed.watch();
            live.runtime.spawn(async move {
                let (mut bytes, mut behind) = (0, 0);
                loop {
                    match viewer.recv().await {
                        Ok(Stage::Bytes(chunk)) => bytes += chunk.bytes.len(),
                        Ok(_) => {}
                        Err(RecvError::Lagged(n)) => behind += n,
                        Err(_) => return (bytes, behind),
                    }
                }
            })
        })
        .collect();
    let encoder = UdpSocket::bind("127.0.0.1:0").unwrap();
    // As often as it takes to fill the ring of pieces.
    let mut times = 0;
    while slow.len() <= 1024 && times < 40 {
        live.send_by(&encoder, 0, &film);
        times += 1;
        live.until(0, "all bytes", |s| s.bytes == (times * film.len()) as u64);
    }
    live.hub.stop();
    assert_eq!(live.recorded(0), film.repeat(times));
    let Err(TryRecvError::Lagged(left_out)) = slow.try_recv() else {
        panic!("the slow one should have lost its place")
    };
    assert!(left_out > 0);
    let Live { hub, runtime, .. } = live;
    drop((hub, feed));
    for viewer in seen {
        let (bytes, behind) = runtime.block_on(viewer).unwrap();
        assert_eq!(
            (bytes, behind),
            (times * film.len(), 0),
            "the slow one slowed another"
        );
    }
}
