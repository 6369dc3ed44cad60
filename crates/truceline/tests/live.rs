//! Live addresses on the command line: a recording is played, and decoded as it comes.

use std::net::UdpSocket;

use crate::common::{run, theatre};

fn drone() -> String {
    theatre().join("feeds/drone.ts").display().to_string()
}

fn address() -> String {
    let socket = UdpSocket::bind("127.0.0.1:0").unwrap();
    format!("udp://127.0.0.1:{}", socket.local_addr().unwrap().port())
}

#[test]
fn what_is_played_is_decoded() {
    let at = address();
    let to = at.clone();
    let play = std::thread::spawn(move || {
        // The socket is there before the first datagram.
        std::thread::sleep(std::time::Duration::from_millis(700));
        run(&["play", &drone(), "--to", &to, "--speed", "10"])
    });
    let decoded = run(&["decode", &at, "--for", "3"]);
    assert!(decoded.stderr.contains("connected"), "{decoded:?}");
    let metadata = decoded
        .lines()
        .iter()
        .filter(|o| o["kind"] == "fmv.metadata")
        .count();
    assert!(metadata > 20, "{metadata}: {}", decoded.stderr);
    play.join().unwrap().ok();
}

#[test]
fn bad_input_is_told_in_words() {
    for (args, part) in [
        (
            vec!["play", "nowhere.ts", "--to", "udp://127.0.0.1:5004"],
            "nowhere.ts: No such file",
        ),
        (
            vec!["play", "x.ts", "--to", "carrier-pigeon://x"],
            "does not begin as a live source's address",
        ),
        (
            vec!["play", "x.ts", "--to", "udp://h:5", "--speed", "0"],
            "expected a number from 0.01 to 1000",
        ),
        (
            vec!["play", "x.ts", "--to", "cot+tcp://h"],
            "nothing can be played to cot+tcp",
        ),
        (vec!["decode", "udp://239.1.2.3"], "no port is named"),
        (
            vec!["decode", "rtsp://user:hunter2@:554/x"],
            "no host is named",
        ),
    ] {
        let ran = run(&args);
        assert_ne!(ran.code, 0, "{ran:?}");
        assert!(
            ran.stderr.contains(part) && !ran.stderr.contains("hunter2"),
            "{part}: {ran:?}"
        );
    }
}
