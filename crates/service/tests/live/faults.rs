//! What goes wrong on the way to the record, and what is told of it.

use std::net::UdpSocket;
use std::time::Duration;

use tokio_util::sync::CancellationToken;
use truceline_domain::{FeedId, Received};
use truceline_intake::Context;
use truceline_live::play::{PlayOptions, play};
use truceline_media::{Event, OnDamage, Packager};
use truceline_record::bodies::{GAP, GapBody, SEGMENT, SegmentBody};
use truceline_record::segment::{Limits, SegmentWriter, left_over};
use truceline_service::live::{Condition, salvage};

use super::scene::{Live, film, theatre};

/// What a viewer of these bytes is told.
fn shown(bytes: &[u8]) -> Vec<Event> {
    let context = Context {
        feed: "drone-0".parse().unwrap(),
        source: "drone-0".parse().unwrap(),
    };
    let mut packager = Packager::new(context, OnDamage::Show);
    let mut events = Vec::new();
    for datagram in bytes.chunks(7 * 188) {
        packager.push(datagram, &mut |event| events.push(event));
    }
    packager.finish(&mut |event| events.push(event));
    events
}

#[test]
fn time_stamps_that_wrap_run_on_in_record_and_picture() {
    let live = Live::new(1);
    let film = film();
    // The film has ten seconds; the wrap comes after five.
    let options = PlayOptions {
        speed: 8.0,
        start_90k: (1 << 33) - 450_000,
        ..PlayOptions::default()
    };
    let targets = [format!("udp://127.0.0.1:{}", live.ports[0])
        .parse()
        .unwrap()];
    let path = theatre().join("feeds/drone.ts");
    let mut quiet = |_: String| {};
    let played = play(
        &path,
        &targets,
        &options,
        &mut quiet,
        CancellationToken::new(),
    );
    live.runtime.block_on(played).unwrap();
    live.until(0, "all bytes", |s| s.bytes == film.len() as u64);
    live.hub.stop();
    let recorded = live.recorded(0);
    assert_eq!(recorded.len(), film.len());
    let pictures: Vec<u64> = shown(&recorded)
        .into_iter()
        .filter_map(|event| match event {
            Event::Fragment(fragment) => Some(fragment.media_90k),
            _ => None,
        })
        .collect();
    assert!(
        pictures.len() > 290 && pictures.is_sorted(),
        "{}",
        pictures.len()
    );
    let (first, last) = (pictures[0], pictures[pictures.len() - 1]);
    assert!(first < 1 << 33 && last > 1 << 33, "{first} {last}");
    let spans = live.bodies::<SegmentBody>(SEGMENT);
    let pts = spans.iter().filter_map(|body| body.pts_90k);
    assert!(pts.clone().all(|span| span.last - span.first < 11 * 90_000));
    assert!(pts.count() > 0 && live.state(0).faults == 0);
}

#[test]
fn another_resolution_in_mid_stream_is_shown_with_another_header() {
    let live = Live::new(1);
    let flight = std::fs::read(theatre().join("feeds/test-flight.ts")).unwrap();
    let sent = [film(), flight].concat();
    let encoder = UdpSocket::bind("127.0.0.1:0").unwrap();
    live.send_by(&encoder, 0, &sent);
    live.until(0, "all bytes", |s| s.bytes == sent.len() as u64);
    live.hub.stop();
    assert_eq!(live.recorded(0), sent);
    let sizes: Vec<_> = shown(&sent)
        .into_iter()
        .filter_map(|event| match event {
            Event::Init(init) => Some((init.width, init.height)),
            _ => None,
        })
        .collect();
    assert_eq!(sizes, [(640, 360), (640, 480)]);
}

/// Bytes in RTP packets (RFC 3550, payload type 33).
fn send_rtp(live: &Live, socket: &UdpSocket, ssrc: u32, bytes: &[u8]) {
    live.send_as(socket, 0, bytes, |n, datagram| {
        let mut packet = vec![0x80, 33];
        packet.extend((n as u16).to_be_bytes());
        packet.extend((n as u32 * 300).to_be_bytes());
        packet.extend(ssrc.to_be_bytes());
        packet.extend(datagram);
        packet
    });
}

#[test]
fn a_source_that_restarts_with_another_ssrc_begins_a_segment_and_a_gap() {
    let live = Live::by("rtp", 1);
    let film = film();
    let encoder = UdpSocket::bind("127.0.0.1:0").unwrap();
    send_rtp(&live, &encoder, 1, &film);
    live.until(0, "all bytes", |s| s.bytes == film.len() as u64);
    // Another stream, whose clock is that of ten seconds ago.
    send_rtp(&live, &encoder, 2, &film);
    live.until(0, "all again", |s| s.bytes == 2 * film.len() as u64);
    assert_eq!(live.state(0).condition, Condition::Up);
    live.until(0, "a jump back", |s| s.clock.jumps_back == 1);
    live.hub.stop();
    assert_eq!(live.recorded(0), film.repeat(2));
    let gaps = live.bodies::<GapBody>(GAP);
    assert_eq!(gaps.len(), 1, "{gaps:?}");
    assert!(gaps[0].reason.starts_with("began anew"), "{gaps:?}");
    let segments = live.bodies::<SegmentBody>(SEGMENT);
    assert!(
        segments.iter().filter(|s| s.offset == 0).count() == 2,
        "a run each"
    );
}

#[test]
fn lost_packets_are_counted_in_one_gap() {
    let live = Live::by("rtp", 1);
    let film = film();
    let encoder = UdpSocket::bind("127.0.0.1:0").unwrap();
    let mut arrived = Vec::new();
    for (n, datagram) in film.chunks(7 * 188).enumerate() {
        // One in twenty is lost.
        if n % 20 == 7 {
            continue;
        }
        let mut packet = vec![0x80, 33];
        packet.extend((n as u16).to_be_bytes());
        packet.extend([0, 0, 0, 0, 0, 0, 0, 9]);
        packet.extend(datagram);
        encoder
            .send_to(&packet, ("127.0.0.1", live.ports[0]))
            .unwrap();
        arrived.extend_from_slice(datagram);
        if n % 16 == 15 {
            std::thread::sleep(Duration::from_millis(2));
        }
    }
    live.until(0, "what arrived", |s| s.bytes == arrived.len() as u64);
    let lost = film.chunks(7 * 188).count().div_ceil(20) as u64;
    live.until(0, "the losses", |s| {
        s.missing.values().sum::<u64>() >= lost - 1
    });
    live.hub.stop();
    assert_eq!(live.recorded(0), arrived, "what came is whole");
    let gaps = live.bodies::<GapBody>(GAP);
    let told: u64 = gaps.iter().filter_map(|g| g.missing).sum();
    assert!(
        (lost - 1..=lost).contains(&told) && gaps.len() <= 2,
        "{gaps:?}"
    );
}

#[test]
fn a_segment_that_ended_when_the_process_died_is_in_the_record_once() {
    let mut live = Live::new(1);
    let film = film();
    let (record, feed) = (live.centre.record(), FeedId::new("drone-0").unwrap());
    let folder = record.folder().live();
    let now = Received::from_unix_us(1_700_000_000_000_000).unwrap();
    let mut writer = SegmentWriter::new(record.blobs(), feed.clone(), "fmv", Limits::LIVE, 0)
        .live(folder.clone(), now);
    writer.push(&film, now).unwrap();
    // Its bytes lie under their hash; no entry says so.
    let ended = writer.finish().unwrap();
    assert_eq!(ended.len(), 1);
    drop(writer);
    let left = left_over(record.folder()).unwrap();
    assert_eq!(left[0].stored, Some(ended[0].sha256));
    let kept = live.dir.path().join("kept");
    super::copy(&folder, &kept);
    salvage(&live.centre.place(), |_| None).unwrap();
    assert_eq!(live.recorded(0), film);
    // It died after the entry, and before the sidecar was removed.
    super::copy(&kept, &folder);
    salvage(&live.centre.place(), |_| None).unwrap();
    assert_eq!(live.recorded(0), film, "not twice");
    assert!(left_over(record.folder()).unwrap().is_empty());
    live.centre.catch_up().unwrap();
    live.hub.stop();
}
