//! What goes wrong on the way: each test says what is lost and what is told.

use std::net::SocketAddr;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use crate::common::*;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::{TcpListener, TcpStream, UdpSocket};
use truceline_intake::Format;
use truceline_live::play::PlayOptions;
use truceline_live::{Event, Missed, QUEUE_BYTES};

/// Forwards connections to an address for as long as `open` is set; while it is not, bytes are
/// held, and connections are neither closed nor answered.
async fn proxy(to: SocketAddr, open: Arc<AtomicBool>) -> u16 {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let port = listener.local_addr().unwrap().port();
    tokio::spawn(async move {
        while let Ok((client, _)) = listener.accept().await {
            let open = open.clone();
            tokio::spawn(async move {
                let Ok(server) = TcpStream::connect(to).await else {
                    return;
                };
                let (client_read, client_write) = client.into_split();
                let (server_read, server_write) = server.into_split();
                tokio::join!(
                    pipe(client_read, server_write, open.clone()),
                    pipe(server_read, client_write, open)
                );
            });
        }
    });
    port
}

async fn pipe(
    mut from: tokio::net::tcp::OwnedReadHalf,
    mut to: tokio::net::tcp::OwnedWriteHalf,
    open: Arc<AtomicBool>,
) {
    let mut buffer = vec![0; 16 * 1024];
    while let Ok(len @ 1..) = from.read(&mut buffer).await {
        while !open.load(Ordering::Relaxed) {
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
        if to.write_all(&buffer[..len]).await.is_err() {
            return;
        }
    }
}

fn looped(speed: f64) -> PlayOptions {
    PlayOptions {
        repeat: true,
        ..at_speed(speed)
    }
}

#[tokio::test]
async fn a_network_that_drops_is_told_and_come_back_from() {
    let port = tcp_port();
    let _playing = Playing::new(drone(), &format!("rtsp://127.0.0.1:{port}/a"), looped(1.0));
    tokio::time::sleep(Duration::from_millis(500)).await;
    let open = Arc::new(AtomicBool::new(true));
    let through = proxy(([127, 0, 0, 1], port).into(), open.clone()).await;
    let mut watched = Watched::new(&format!("rtsp://127.0.0.1:{through}/a#timeout_s=2"));
    watched.until_bytes(10, 50_000).await;
    open.store(false, Ordering::Relaxed);
    let Event::Down { why, retry_in } = watched.until(10, is_down).await else {
        panic!()
    };
    assert!(
        why.contains("nothing came for 2 s") && retry_in.is_some(),
        "{why}"
    );
    tokio::time::sleep(Duration::from_secs(2)).await;
    open.store(true, Ordering::Relaxed);
    watched.until(30, is_connected).await;
    watched.until(5, is_restarted).await;
    watched.until(10, |e| matches!(e, Event::Bytes(_))).await;
}

#[tokio::test]
async fn datagrams_that_stop_and_come_again_are_told() {
    let port = udp_port();
    let mut watched = Watched::new(&format!("udp://127.0.0.1:{port}?timeout_s=1"));
    tokio::time::sleep(Duration::from_millis(300)).await;
    let sender = UdpSocket::bind("127.0.0.1:0").await.unwrap();
    let send = async |sender: &UdpSocket| {
        sender
            .send_to(&[0x47; 188], ("127.0.0.1", port))
            .await
            .unwrap();
    };
    send(&sender).await;
    watched.until(3, is_connected).await;
    let Event::Down { why, retry_in } = watched.until(5, is_down).await else {
        panic!()
    };
    assert!(why.contains("no datagram came for 1 s"), "{why}");
    assert_eq!(retry_in, Some(Duration::ZERO));
    // The same sender goes on: no restart.
    send(&sender).await;
    watched.until(3, is_connected).await;
    watched.until(3, |e| matches!(e, Event::Bytes(_))).await;
    assert!(!watched.words().iter().any(|e| is_restarted(e)));
    // Another sender while the first is heard is not mixed in; afterwards it is a restart.
    let other = UdpSocket::bind("127.0.0.1:0").await.unwrap();
    send(&other).await;
    watched
        .until(3, |e| {
            matches!(
                e,
                Event::Missing {
                    what: Missed::OtherSenders,
                    ..
                }
            )
        })
        .await;
    watched.until(5, is_down).await;
    send(&other).await;
    watched.until(3, is_restarted).await;
}

/// An RTP packet of payload type 33 with one transport packet.
fn rtp(ssrc: u32, sequence: u16) -> Vec<u8> {
    let mut packet = vec![0x80, 33];
    packet.extend(sequence.to_be_bytes());
    packet.extend([0; 4]);
    packet.extend(ssrc.to_be_bytes());
    packet.push(0x47);
    packet.extend(sequence.to_be_bytes());
    packet.resize(12 + 188, 0xAA);
    packet
}

#[tokio::test]
async fn a_source_that_restarts_with_another_ssrc_is_told_and_loses_nothing() {
    let port = udp_port();
    let mut watched = Watched::new(&format!("rtp://127.0.0.1:{port}"));
    tokio::time::sleep(Duration::from_millis(300)).await;
    let sender = UdpSocket::bind("127.0.0.1:0").await.unwrap();
    sender.connect(("127.0.0.1", port)).await.unwrap();
    for n in 100..110 {
        sender.send(&rtp(1, n)).await.unwrap();
    }
    // One stray packet of a third does not disturb.
    sender.send(&rtp(9, 5)).await.unwrap();
    for n in 7..17 {
        sender.send(&rtp(2, n)).await.unwrap();
    }
    watched.until_bytes(5, 20 * 188).await;
    let restarts: Vec<_> = watched
        .words()
        .into_iter()
        .filter(|e| is_restarted(e))
        .collect();
    assert!(
        matches!(restarts.as_slice(), [Event::Restarted { why }] if why.contains("SSRC 00000002")),
        "{restarts:?}"
    );
    let numbers: Vec<u16> = watched
        .bytes()
        .chunks(188)
        .map(|p| u16::from_be_bytes([p[1], p[2]]))
        .collect();
    assert_eq!(numbers, (100..110).chain(7..17).collect::<Vec<_>>());
}

#[tokio::test]
async fn a_flood_of_garbage_is_counted_and_the_good_rest_kept() {
    let port = udp_port();
    let mut watched = Watched::new(&format!("rtp://127.0.0.1:{port}"));
    tokio::time::sleep(Duration::from_millis(300)).await;
    let sender = UdpSocket::bind("127.0.0.1:0").await.unwrap();
    sender.connect(("127.0.0.1", port)).await.unwrap();
    let mut random = fastrand::Rng::with_seed(1);
    let mut good = 0;
    for n in 0..20_000_u32 {
        let mut garbage = vec![0; random.usize(0..300)];
        random.fill(&mut garbage);
        // Never version 2, so that what is good can be told from it.
        if let Some(first) = garbage.first_mut() {
            *first &= 0x3F;
        }
        sender.send(&garbage).await.unwrap();
        if n % 100 == 0 {
            sender.send(&rtp(1, good)).await.unwrap();
            good += 1;
            tokio::time::sleep(Duration::from_millis(2)).await;
        }
    }
    watched.until_bytes(10, usize::from(good) * 188).await;
    assert_eq!(watched.missing(Missed::RtpPackets), 0);
    assert!(
        watched.missing(Missed::ForeignDatagrams) > 15_000,
        "{:?}",
        watched.words()
    );
}

#[tokio::test]
async fn a_slow_reader_costs_bounded_memory_and_is_told() {
    let port = udp_port();
    let mut watched = Watched::with_room(&format!("udp://127.0.0.1:{port}"), 1);
    tokio::time::sleep(Duration::from_millis(300)).await;
    let sender = UdpSocket::bind("127.0.0.1:0").await.unwrap();
    sender.connect(("127.0.0.1", port)).await.unwrap();
    let sent = 3 * QUEUE_BYTES / 1316;
    for n in 0..sent {
        sender.send(&[0x47; 1316]).await.unwrap();
        if n % 50 == 0 {
            tokio::time::sleep(Duration::from_millis(1)).await;
        }
    }
    watched.for_ms(2500).await;
    let kept = watched.bytes().len();
    let dropped = watched.missing(Missed::SlowReaderBytes) as usize;
    let by_system = watched.missing(Missed::SystemBuffer) as usize * 1316;
    assert!(kept <= QUEUE_BYTES + 200_000, "{kept}");
    assert!(dropped > QUEUE_BYTES, "{dropped}");
    assert_eq!(kept + dropped + by_system, sent * 1316);
}

#[tokio::test]
async fn nobody_there_is_tried_again_with_growing_waits() {
    let port = tcp_port();
    let mut watched = Watched::new(&format!("tcp://127.0.0.1:{port}?mode=connect"));
    let mut waits = Vec::new();
    while waits.len() < 4 {
        if let Event::Down { retry_in, .. } = watched.until(10, is_down).await {
            waits.push(retry_in.unwrap().as_secs_f64());
        }
    }
    for (wait, whole) in waits.iter().zip([0.5, 1.0, 2.0, 4.0]) {
        assert!((whole / 2.0..=whole).contains(wait), "{waits:?}");
    }
    // Somebody comes: it is found.
    let port_taken = TcpListener::bind(("127.0.0.1", port)).await.unwrap();
    watched.until(10, is_connected).await;
    let (mut stream, _) = port_taken.accept().await.unwrap();
    stream.write_all(b"there").await.unwrap();
    watched.until_bytes(5, 5).await;
}

#[tokio::test]
async fn a_wrong_password_is_told_as_one() {
    let port = tcp_port();
    let _playing = Playing::new(
        drone(),
        &format!("rtsp://watch:right@127.0.0.1:{port}/a"),
        looped(1.0),
    );
    tokio::time::sleep(Duration::from_millis(500)).await;
    let mut watched = Watched::new(&format!("rtsp://watch:wr0ng@127.0.0.1:{port}/a"));
    let Event::Down { why, .. } = watched.until(10, is_down).await else {
        panic!()
    };
    assert!(
        why.contains("user or password are refused") && !why.contains("wr0ng"),
        "{why}"
    );
    let mut watched = Watched::new(&format!("rtsp://watch:right@127.0.0.1:{port}/b"));
    let Event::Down { why, .. } = watched.until(10, is_down).await else {
        panic!()
    };
    assert!(why.contains("there is no such path"), "{why}");
}

/// A server that says `answer` to whatever it is asked, or nothing.
async fn server_that_says(answer: &'static [u8]) -> u16 {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let port = listener.local_addr().unwrap().port();
    tokio::spawn(async move {
        while let Ok((mut stream, _)) = listener.accept().await {
            tokio::spawn(async move {
                let mut asked = [0; 4096];
                let _ = stream.read(&mut asked).await;
                let _ = stream.write_all(answer).await;
                tokio::time::sleep(Duration::from_secs(60)).await;
            });
        }
    });
    port
}

#[tokio::test]
async fn rubbish_from_a_server_is_told_in_one_line() {
    for scheme in ["rtsp", "http"] {
        for answer in [
            &b"\x00\xFF\x01rubbish\r\n\r\n\x80\x80"[..],
            b"HTTP/1.1 500 Oh no\r\nContent-Length: 0\r\n\r\n",
            b"RTSP/1.0 200 OK\r\nCSeq: 1\r\nContent-Length: 5\r\n\r\nxxxxx",
        ] {
            let port = server_that_says(answer).await;
            let mut watched = Watched::new(&format!("{scheme}://127.0.0.1:{port}/x"));
            let Event::Down { why, .. } = watched.until(15, is_down).await else {
                panic!()
            };
            assert!(!why.contains('\n') && why.len() < 500, "{why:?}");
        }
    }
}

#[tokio::test]
async fn a_server_that_hangs_is_given_up() {
    let port = server_that_says(b"").await;
    let mut watched = Watched::new(&format!("rtsp://127.0.0.1:{port}/x"));
    let Event::Down { why, .. } = watched.until(15, is_down).await else {
        panic!()
    };
    assert!(why.contains("not answered within 10 s"), "{why}");
}

#[tokio::test]
async fn a_source_ends_when_it_is_told_to() {
    for address in [
        "udp://127.0.0.1:0",
        "tcp://127.0.0.1:9",
        "poll+file:/nowhere",
    ] {
        let address = address.replace(":0", &format!(":{}", udp_port()));
        let mut watched = Watched::new(&address);
        watched.for_ms(200).await;
        tokio::time::timeout(Duration::from_secs(2), watched.end())
            .await
            .unwrap();
    }
}

#[tokio::test]
async fn files_put_into_a_folder_are_told_once_and_whole() {
    let dir = tempfile::tempdir().unwrap();
    let csv = std::fs::read(feeds().join("hotspots.csv")).unwrap();
    std::fs::write(dir.path().join("one.csv"), &csv).unwrap();
    let mut watched = Watched::new(&format!("poll+file:{}?every_s=1", dir.path().display()));
    watched.until_bytes(10, csv.len()).await;
    std::fs::write(dir.path().join("two.csv"), &csv).unwrap();
    watched.until(10, is_restarted).await;
    watched.until_bytes(10, 2 * csv.len()).await;
    watched.for_ms(2500).await;
    assert_eq!(watched.bytes().len(), 2 * csv.len());
    assert!(!read(Format::Hotspot, &csv).kinds.is_empty());
}

#[tokio::test]
async fn a_page_is_told_when_it_is_another() {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let port = listener.local_addr().unwrap().port();
    let asked = tokio::spawn(async move {
        let mut conditional = 0;
        for n in 0..4 {
            let (mut stream, _) = listener.accept().await.unwrap();
            let mut request = vec![0; 4096];
            let len = stream.read(&mut request).await.unwrap();
            let request = String::from_utf8_lossy(&request[..len]).to_lowercase();
            conditional += usize::from(request.contains("if-none-match: \"v1\""));
            let answer = match n {
                0 => "HTTP/1.1 200 OK\r\nETag: \"v1\"\r\nContent-Length: 2\r\n\r\na\n".to_owned(),
                1 | 2 => "HTTP/1.1 304 Not Modified\r\n\r\n".to_owned(),
                _ => {
                    "HTTP/1.1 200 OK\r\nETag: \"v2\"\r\nContent-Length: 4\r\n\r\na\nb\n".to_owned()
                }
            };
            stream.write_all(answer.as_bytes()).await.unwrap();
        }
        conditional
    });
    let mut watched = Watched::new(&format!("poll+http://127.0.0.1:{port}/area.csv#every_s=1"));
    watched.until_bytes(10, 6).await;
    assert_eq!(asked.await.unwrap(), 3);
    assert_eq!(watched.bytes(), b"a\na\nb\n");
    assert!(watched.words().iter().any(|e| is_restarted(e)));
}
