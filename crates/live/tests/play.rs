//! What is played is what is received: the player against the sources, on loopback.

use std::time::Duration;

use crate::common::*;
use truceline_intake::Format;
use truceline_live::play::{ClockOffset, PlayOptions};
use truceline_live::{Event, Missed};

fn recording() -> Vec<u8> {
    std::fs::read(drone()).unwrap()
}

/// The recording comes whole and byte for byte.
async fn comes_whole(listen: &str, to: &str) {
    let mut watched = Watched::new(listen);
    tokio::time::sleep(Duration::from_millis(300)).await;
    let played = Playing::new(drone(), to, at_speed(10.0));
    watched.until_bytes(20, recording().len()).await;
    let played = played.ended().await;
    assert_eq!(played.lost, 0);
    watched.end().await;
    assert!(
        watched.bytes() == recording(),
        "the bytes differ: {:?}",
        watched.words()
    );
}

#[tokio::test]
async fn udp_is_byte_for_byte() {
    let port = udp_port();
    comes_whole(
        &format!("udp://127.0.0.1:{port}"),
        &format!("udp://127.0.0.1:{port}"),
    )
    .await;
}

#[tokio::test]
async fn multicast_is_byte_for_byte() {
    let port = udp_port();
    let at = format!("udp://239.255.77.1:{port}?interface=127.0.0.1");
    comes_whole(&at, &at).await;
}

#[tokio::test]
async fn rtp_is_byte_for_byte() {
    let port = udp_port();
    let at = format!("rtp://127.0.0.1:{port}");
    comes_whole(&at, &at).await;
}

#[tokio::test]
async fn tcp_is_byte_for_byte_whoever_calls() {
    let port = tcp_port();
    let at = format!("tcp://127.0.0.1:{port}");
    comes_whole(&format!("{at}?mode=listen"), &at).await;
}

#[tokio::test]
async fn srt_is_byte_for_byte() {
    let port = udp_port();
    let at = format!("srt://127.0.0.1:{port}");
    comes_whole(&format!("{at}?mode=listen"), &at).await;
}

#[tokio::test]
async fn a_file_is_read_to_its_end() {
    let mut watched = Watched::new(&format!("file:{}", drone().display()));
    let end = watched.until(10, is_down).await;
    assert!(matches!(end, Event::Down { retry_in: None, .. }));
    assert!(watched.bytes() == recording());
}

#[tokio::test]
async fn rtp_out_of_order_is_put_in_order() {
    let port = udp_port();
    let at = format!("rtp://127.0.0.1:{port}?reorder_ms=1000");
    let mut watched = Watched::new(&at);
    tokio::time::sleep(Duration::from_millis(300)).await;
    let options = PlayOptions {
        speed: 10.0,
        jitter: Duration::from_millis(20),
        ..PlayOptions::default()
    };
    Playing::new(drone(), &at, options).ended().await;
    watched.for_ms(1500).await;
    // The first may have been overtaken before it could be known to be the first.
    let (came, sent) = (watched.bytes(), recording());
    assert!(
        sent.ends_with(&came) && came.len() > sent.len() - 20 * 1316,
        "{} of {}: {:?}",
        came.len(),
        sent.len(),
        watched.words()
    );
    assert_eq!(watched.missing(Missed::RtpPackets), 0);
}

#[tokio::test]
async fn five_percent_loss_is_counted_packet_for_packet() {
    let port = udp_port();
    let at = format!("rtp://127.0.0.1:{port}");
    let mut watched = Watched::new(&at);
    tokio::time::sleep(Duration::from_millis(300)).await;
    let options = PlayOptions {
        speed: 10.0,
        loss: 0.05,
        seed: 7,
        ..PlayOptions::default()
    };
    let played = Playing::new(drone(), &at, options).ended().await;
    watched.for_ms(1000).await;
    assert!((10..60).contains(&played.lost), "{played:?}");
    // Losses before the first and after the last packet cannot be known.
    let told = watched.missing(Missed::RtpPackets);
    assert!(
        played.lost.abs_diff(told) <= 3,
        "{told} told of {}",
        played.lost
    );
    let found = read(Format::Fmv, &watched.bytes());
    // A packet lost costs the metadata in it, not what follows.
    let truth = read(Format::Fmv, &recording()).klv_us.len();
    let came = found.klv_us.len();
    assert!(came * 10 > truth * 7 && came < truth, "{came} of {truth}");
}

#[tokio::test]
async fn a_loop_runs_on_and_time_stamps_wrap() {
    let options = PlayOptions {
        speed: 60.0,
        repeat: true,
        // The wrap comes within the first lap.
        start_90k: (1 << 33) - 500_000,
        ..PlayOptions::default()
    };
    let port = udp_port();
    let at = format!("udp://127.0.0.1:{port}");
    let mut watched = Watched::new(&at);
    tokio::time::sleep(Duration::from_millis(300)).await;
    let playing = Playing::new(drone(), &at, options);
    watched.until_bytes(20, recording().len() * 5 / 2).await;
    drop(playing);
    watched.end().await;
    let found = read(Format::Fmv, &watched.bytes());
    assert!(found.klv_us.is_sorted(), "the source's clock goes on");
    let laps = read(Format::Fmv, &recording());
    assert!(found.klv_us.len() > laps.klv_us.len() * 2);
    let unexpected: Vec<_> = found
        .faults
        .iter()
        .filter(|f| !laps.faults.contains(f) && !f.contains("ends within"))
        .collect();
    assert!(unexpected.is_empty(), "{unexpected:?}");
}

#[tokio::test]
async fn a_moved_clock_has_sums_that_fit() {
    let port = udp_port();
    let at = format!("udp://127.0.0.1:{port}");
    let mut watched = Watched::new(&at);
    tokio::time::sleep(Duration::from_millis(300)).await;
    let options = PlayOptions {
        speed: 20.0,
        clock: ClockOffset::Seconds(3600.5),
        ..PlayOptions::default()
    };
    let playing = Playing::new(drone(), &at, options);
    watched.until_bytes(20, recording().len()).await;
    playing.ended().await;
    let before = read(Format::Fmv, &recording());
    let after = read(Format::Fmv, &watched.bytes());
    let moved: Vec<_> = before.klv_us.iter().map(|us| us + 3_600_500_000).collect();
    assert_eq!(after.klv_us, moved);
    assert_eq!(after.faults, before.faults);
}

#[tokio::test]
async fn mavlink_is_recorded_with_its_time_of_arrival() {
    let port = udp_port();
    let mut watched = Watched::new(&format!("mavlink+udp://127.0.0.1:{port}"));
    tokio::time::sleep(Duration::from_millis(300)).await;
    let log = feeds().join("telemetry.tlog");
    let options = PlayOptions {
        speed: 10.0,
        clock: ClockOffset::Now,
        ..PlayOptions::default()
    };
    let played = Playing::new(log.clone(), &format!("udp://127.0.0.1:{port}"), options)
        .ended()
        .await;
    watched.for_ms(500).await;
    let before = read(Format::Mavlink, &std::fs::read(log).unwrap());
    let after = read(Format::Mavlink, &watched.bytes());
    assert_eq!(after.kinds, before.kinds, "{played:?} {:?}", after.faults);
    assert_eq!(
        watched.bytes().len() as u64,
        played.bytes + 8 * played.packets
    );
}

#[tokio::test]
async fn events_and_readings_come_whole() {
    for (file, format, scheme) in [
        ("patrol.cot", Format::Cot, "cot+udp"),
        ("sensors.ndjson", Format::Sensor, "udp"),
    ] {
        let port = udp_port();
        let mut watched = Watched::new(&format!("{scheme}://127.0.0.1:{port}"));
        tokio::time::sleep(Duration::from_millis(300)).await;
        let path = feeds().join(file);
        let to = format!("udp://127.0.0.1:{port}");
        Playing::new(path.clone(), &to, at_speed(1000.0))
            .ended()
            .await;
        watched.for_ms(500).await;
        let before = read(format, &std::fs::read(path).unwrap());
        let after = read(format, &watched.bytes());
        assert_eq!(after.kinds, before.kinds, "{file}");
    }
}

/// Pictures and metadata through RTSP, by the way that the address says.
async fn through_rtsp(options: &str) {
    let port = tcp_port();
    let playing = Playing::new(
        drone(),
        &format!("rtsp://watch:se%40cret@127.0.0.1:{port}/drone"),
        PlayOptions {
            repeat: true,
            speed: 4.0,
            ..PlayOptions::default()
        },
    );
    tokio::time::sleep(Duration::from_millis(500)).await;
    let mut watched = Watched::new(&format!(
        "rtsp://watch:se%40cret@127.0.0.1:{port}/drone#{options}"
    ));
    watched.until(10, is_connected).await;
    watched.until_bytes(20, 400_000).await;
    drop(playing);
    let found = read(Format::Fmv, &watched.bytes());
    assert!(found.klv_us.len() > 50, "{found:?} {:?}", watched.words());
    assert!(found.pictures > 100, "{found:?}");
    let truth = read(Format::Fmv, &recording());
    assert!(
        found
            .klv_us
            .iter()
            .take(40)
            .all(|us| truth.klv_us.contains(us) || *us > *truth.klv_us.last().unwrap())
    );
    let torn: Vec<_> = found
        .faults
        .iter()
        .filter(|f| !f.contains("ends within"))
        .collect();
    assert!(torn.is_empty(), "{torn:?}");
}

#[tokio::test]
async fn rtsp_within_its_connection() {
    through_rtsp("transport=tcp").await;
}

#[tokio::test]
async fn rtsp_with_datagrams() {
    through_rtsp("transport=udp").await;
}
