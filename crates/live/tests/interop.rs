//! Against public programs, on loopback and ports of their own: FFmpeg, GStreamer, Mosquitto. A
//! program that is not there is told loudly and its test passes over.

use std::time::Duration;

use crate::common::*;
use truceline_intake::Format;
use truceline_live::play::PlayOptions;

/// FFmpeg sends the drone's recording, as it is, to an address.
fn ffmpeg_sends(args: &[&str]) -> tokio::process::Child {
    let path = drone().display().to_string();
    let mut all = vec![
        "-nostdin",
        "-loglevel",
        "error",
        "-re",
        "-stream_loop",
        "-1",
        "-i",
        &path,
    ];
    all.extend(["-map", "0", "-c", "copy"]);
    all.extend(args);
    start("ffmpeg", &all)
}

/// What came is the recording's pictures and metadata.
async fn comes(watched: &mut Watched, within_s: u64) {
    watched.until_bytes(within_s, 150_000).await;
    let found = read(Format::Fmv, &watched.bytes());
    let truth = read(Format::Fmv, &std::fs::read(drone()).unwrap());
    assert!(found.klv_us.len() > 20, "{found:?} {:?}", watched.words());
    assert!(
        found.klv_us.iter().all(|us| truth.klv_us.contains(us)),
        "{:?}",
        found.klv_us
    );
    assert!(found.pictures > 50, "{found:?}");
}

#[tokio::test]
async fn ffmpeg_to_udp() {
    if !have("ffmpeg") {
        return;
    }
    let port = udp_port();
    let mut watched = Watched::new(&format!("udp://127.0.0.1:{port}"));
    let _ffmpeg = ffmpeg_sends(&[
        "-f",
        "mpegts",
        &format!("udp://127.0.0.1:{port}?pkt_size=1316"),
    ]);
    comes(&mut watched, 30).await;
}

#[tokio::test]
async fn ffmpeg_to_rtp() {
    if !have("ffmpeg") {
        return;
    }
    let port = udp_port();
    let mut watched = Watched::new(&format!("rtp://127.0.0.1:{port}"));
    let _ffmpeg = ffmpeg_sends(&["-f", "rtp_mpegts", &format!("rtp://127.0.0.1:{port}")]);
    comes(&mut watched, 30).await;
}

#[tokio::test]
async fn ffmpeg_to_srt_both_ways() {
    if !have("ffmpeg") {
        return;
    }
    let port = udp_port();
    let mut watched = Watched::new(&format!("srt://127.0.0.1:{port}?mode=listener"));
    tokio::time::sleep(Duration::from_millis(300)).await;
    let ffmpeg = ffmpeg_sends(&[
        "-f",
        "mpegts",
        &format!("srt://127.0.0.1:{port}?mode=caller&pkt_size=1316"),
    ]);
    comes(&mut watched, 30).await;
    drop(ffmpeg);
    let port = udp_port();
    let _ffmpeg = ffmpeg_sends(&[
        "-f",
        "mpegts",
        &format!("srt://127.0.0.1:{port}?mode=listener&pkt_size=1316"),
    ]);
    let mut watched = Watched::new(&format!("srt://127.0.0.1:{port}?mode=caller"));
    comes(&mut watched, 30).await;
}

#[tokio::test]
async fn ffmpeg_to_http() {
    if !have("ffmpeg") {
        return;
    }
    let port = tcp_port();
    let at = format!("http://127.0.0.1:{port}/live.ts");
    let _ffmpeg = ffmpeg_sends(&["-f", "mpegts", "-listen", "1", &at]);
    let mut watched = Watched::new(&at);
    comes(&mut watched, 30).await;
}

#[tokio::test]
async fn ffmpeg_to_tcp() {
    if !have("ffmpeg") {
        return;
    }
    let port = tcp_port();
    let mut watched = Watched::new(&format!("tcp://127.0.0.1:{port}?mode=listen"));
    tokio::time::sleep(Duration::from_millis(300)).await;
    let _ffmpeg = ffmpeg_sends(&["-f", "mpegts", &format!("tcp://127.0.0.1:{port}")]);
    comes(&mut watched, 30).await;
}

/// FFmpeg tells what it sees in a stream: codecs, and how many packets of each.
async fn ffprobe(options: &[&str], address: &str) -> String {
    let mut args = vec!["-v", "error"];
    args.extend(options);
    args.extend(["-read_intervals", "%+3", "-count_packets", "-show_entries"]);
    args.extend([
        "stream=codec_name,nb_read_packets",
        "-of",
        "csv=p=0",
        address,
    ]);
    output("ffprobe", &args, 40).await
}

/// Packets of a codec.
fn packets(told: &str, codec: &str) -> u32 {
    let lines = told.lines().filter_map(|l| l.split_once(','));
    lines
        .filter(|(name, _)| *name == codec)
        .filter_map(|(_, n)| n.trim_matches(',').parse::<u32>().ok())
        .sum()
}

fn looped() -> PlayOptions {
    PlayOptions {
        repeat: true,
        ..PlayOptions::default()
    }
}

#[tokio::test]
async fn play_to_ffprobe_by_rtsp_within_the_connection_and_with_datagrams() {
    if !have("ffprobe") {
        return;
    }
    let port = tcp_port();
    let at = format!("rtsp://watch:secret@127.0.0.1:{port}/drone");
    let _playing = Playing::new(drone(), &at, looped());
    tokio::time::sleep(Duration::from_millis(500)).await;
    for transport in ["tcp", "udp"] {
        let told = ffprobe(&["-rtsp_transport", transport], &at).await;
        assert!(packets(&told, "h264") > 40, "{transport}: {told}");
        // FFmpeg 5 takes KLV in RTP as data that it has no name for.
        let klv = packets(&told, "klv") + packets(&told, "unknown");
        assert!(klv > 10, "{transport}: {told}");
    }
}

#[tokio::test]
async fn play_to_ffprobe_by_udp_srt_and_tcp() {
    if !have("ffprobe") {
        return;
    }
    let port = udp_port();
    let playing = Playing::new(drone(), &format!("udp://127.0.0.1:{port}"), looped());
    let told = ffprobe(&[], &format!("udp://127.0.0.1:{port}")).await;
    assert!(
        packets(&told, "h264") > 40 && packets(&told, "klv") > 10,
        "udp: {told}"
    );
    drop(playing);
    // By SRT the player calls: FFmpeg listens, and the call is tried again until it does.
    let port = udp_port();
    let playing = Playing::new(drone(), &format!("srt://127.0.0.1:{port}"), looped());
    let told = ffprobe(&[], &format!("srt://127.0.0.1:{port}?mode=listener")).await;
    assert!(
        packets(&told, "h264") > 40 && packets(&told, "klv") > 10,
        "srt: {told}"
    );
    drop(playing);
    let port = tcp_port();
    let _playing = Playing::new(
        drone(),
        &format!("tcp://127.0.0.1:{port}?mode=listen"),
        looped(),
    );
    tokio::time::sleep(Duration::from_millis(300)).await;
    let told = ffprobe(&[], &format!("tcp://127.0.0.1:{port}")).await;
    assert!(
        packets(&told, "h264") > 40 && packets(&told, "klv") > 10,
        "tcp: {told}"
    );
}

#[tokio::test]
async fn play_publishes_to_a_server() {
    if !have("ffmpeg") {
        return;
    }
    // FFmpeg as the server that is published to.
    let port = tcp_port();
    let at = format!("rtsp://127.0.0.1:{port}/drone");
    let dir = tempfile::tempdir().unwrap();
    let out = dir.path().join("out.ts").display().to_string();
    let record = tokio::spawn({
        let at = at.clone();
        let out = out.clone();
        async move {
            let args = [
                "-nostdin",
                "-y",
                "-loglevel",
                "error",
                "-rtsp_flags",
                "listen",
                "-i",
                &at,
                "-t",
                "4",
                "-map",
                "0",
                "-c",
                "copy",
                "-f",
                "mpegts",
                &out,
            ];
            output("ffmpeg", &args, 60).await
        }
    });
    // Until it listens, a server of our own would take its place.
    for _ in 0..100 {
        tokio::time::sleep(Duration::from_millis(50)).await;
        if std::net::TcpListener::bind(("127.0.0.1", port)).is_err() {
            break;
        }
    }
    let _playing = Playing::new(drone(), &at, looped());
    record.await.unwrap();
    let found = read(Format::Fmv, &std::fs::read(out).unwrap());
    assert!(found.pictures > 40, "{found:?}");
}

#[tokio::test]
async fn play_h265_to_ffprobe_and_to_our_own_source() {
    if !have("ffmpeg") {
        return;
    }
    let dir = tempfile::tempdir().unwrap();
    let file = dir.path().join("hevc.ts");
    let path = file.display().to_string();
    let args = [
        "-nostdin",
        "-y",
        "-loglevel",
        "error",
        "-f",
        "lavfi",
        "-i",
        "testsrc=size=320x240:rate=25:duration=4",
        "-c:v",
        "libx265",
        "-preset",
        "ultrafast",
        "-x265-params",
        "log-level=error:keyint=25",
        "-f",
        "mpegts",
        &path,
    ];
    output("ffmpeg", &args, 60).await;
    let port = tcp_port();
    let at = format!("rtsp://127.0.0.1:{port}/hevc");
    let _playing = Playing::new(file, &at, looped());
    tokio::time::sleep(Duration::from_millis(500)).await;
    let told = ffprobe(&["-rtsp_transport", "tcp"], &at).await;
    assert!(packets(&told, "hevc") > 40, "{told}");
    let mut watched = Watched::new(&at);
    watched.for_ms(3000).await;
    let found = read(Format::Fmv, &watched.bytes());
    assert!(found.pictures > 40, "{found:?} {:?}", watched.words());
}

#[tokio::test]
async fn play_to_gstreamer_by_rtsp() {
    if !have("gst-launch-1.0") {
        return;
    }
    let port = tcp_port();
    let _playing = Playing::new(drone(), &format!("rtsp://127.0.0.1:{port}/drone"), looped());
    tokio::time::sleep(Duration::from_millis(500)).await;
    let dir = tempfile::tempdir().unwrap();
    let out = dir.path().join("out.h264");
    let args = format!(
        "-q rtspsrc location=rtsp://127.0.0.1:{port}/drone protocols=tcp latency=100 ! application/x-rtp,media=video \
         ! rtph264depay ! video/x-h264,stream-format=byte-stream,alignment=au ! identity eos-after=50 ! filesink location={}",
        out.display()
    );
    output(
        "gst-launch-1.0",
        &args.split_whitespace().collect::<Vec<_>>(),
        40,
    )
    .await;
    assert!(std::fs::metadata(out).unwrap().len() > 10_000);
}

/// GStreamer's RTSP server on a port of its own; `None`, told loudly, when it is not there.
fn gst_server(port: u16, pipeline: &str, password: &str) -> Option<tokio::process::Child> {
    let check = "import gi; gi.require_version('GstRtspServer', '1.0')";
    let is_there = std::process::Command::new("/usr/bin/python3")
        .args(["-c", check])
        .stderr(std::process::Stdio::null())
        .status()
        .is_ok_and(|status| status.success());
    if !is_there {
        eprintln!(
            "SKIPPED: python3-gi with gir1.2-gst-rtsp-server-1.0 is not installed; RTSP of a public server was not tested"
        );
        return None;
    }
    let script = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/gst_rtsp_server.py");
    let pipeline = format!("( filesrc location={} ! {pipeline} )", drone().display());
    Some(start(
        "/usr/bin/python3",
        &[script, &port.to_string(), &pipeline, password],
    ))
}

#[tokio::test]
async fn rtsp_of_gstreamer_with_digest_authentication_both_ways() {
    let port = tcp_port();
    let pipeline = "tsdemux name=d d. ! queue ! h264parse ! rtph264pay name=pay0";
    let Some(_server) = gst_server(port, pipeline, "secret") else {
        return;
    };
    for transport in ["tcp", "udp"] {
        let at = format!("rtsp://watch:secret@127.0.0.1:{port}/x#transport={transport}");
        let mut watched = Watched::new(&at);
        watched.until_bytes(30, 150_000).await;
        let found = read(Format::Fmv, &watched.bytes());
        assert!(found.pictures > 40, "{found:?} {:?}", watched.words());
        assert!(
            found.faults.iter().all(|f| f.contains("ends within")),
            "{:?}",
            found.faults
        );
    }
    let mut watched = Watched::new(&format!("rtsp://watch:wrong@127.0.0.1:{port}/x"));
    watched
        .until(
            10,
            |e| matches!(e, truceline_live::Event::Down { why, .. } if why.contains("refused")),
        )
        .await;
}

#[tokio::test]
async fn a_transport_stream_by_rtsp_of_gstreamer() {
    let port = tcp_port();
    let pipeline = "tsparse set-timestamps=true ! rtpmp2tpay name=pay0";
    let Some(_server) = gst_server(port, pipeline, "secret") else {
        return;
    };
    let mut watched = Watched::new(&format!("rtsp://watch:secret@127.0.0.1:{port}/x"));
    comes(&mut watched, 30).await;
}

/// A broker on a port of its own.
fn mosquitto(dir: &std::path::Path, port: u16) -> tokio::process::Child {
    let config = dir.join("mosquitto.conf");
    std::fs::write(
        &config,
        format!("listener {port} 127.0.0.1\nallow_anonymous true\n"),
    )
    .unwrap();
    start(broker(), &["-c", &config.display().to_string()])
}

/// Debian has it where only the administrator looks.
fn broker() -> &'static str {
    if std::path::Path::new("/usr/sbin/mosquitto").exists() {
        "/usr/sbin/mosquitto"
    } else {
        "mosquitto"
    }
}

#[tokio::test]
async fn readings_by_mqtt() {
    if broker() == "mosquitto" && !have("mosquitto") {
        return;
    }
    let dir = tempfile::tempdir().unwrap();
    let port = tcp_port();
    let at = format!("mqtt://127.0.0.1:{port}?topic=sensors");
    // The source is there before the broker is.
    let mut watched = Watched::new(&at.replace("sensors", "sensors/%23"));
    watched.until(5, is_down).await;
    let first = mosquitto(dir.path(), port);
    watched.until(30, is_connected).await;
    let path = feeds().join("sensors.ndjson");
    let to = at.replace("sensors", "sensors/all");
    let playing = Playing::new(path.clone(), &to, at_speed(1000.0));
    let sent = playing.ended().await;
    let lines = std::fs::read(&path).unwrap();
    watched.until_bytes(20, lines.len()).await;
    let before = read(Format::Sensor, &lines);
    let after = read(Format::Sensor, &watched.bytes());
    assert_eq!(after.kinds, before.kinds, "{sent:?}");
    drop(first);
    watched.until(10, is_down).await;
    let _second = mosquitto(dir.path(), port);
    watched.until(40, is_connected).await;
    if have("mosquitto_pub") {
        let port = port.to_string();
        let args = [
            "-V",
            "mqttv5",
            "-p",
            &port,
            "-t",
            "sensors/x",
            "-q",
            "1",
            "-m",
            "{\"id\":\"x\"}",
        ];
        output("mosquitto_pub", &args, 10).await;
        watched.until_bytes(10, lines.len() + 11).await;
        assert!(watched.bytes().ends_with(b"{\"id\":\"x\"}\n"));
    }
}
