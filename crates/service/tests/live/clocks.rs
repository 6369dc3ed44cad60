//! What is found of clocks, told and recorded.

use std::net::UdpSocket;

use truceline_record::bodies::{CLOCK, ClockBody, ClockFound};
use truceline_service::live::Change;

use super::scene::{Live, film};

#[test]
fn a_clock_that_jumps_back_is_told_to_all_and_recorded_once() {
    let live = Live::new(1);
    let mut changes = live.hub.changes();
    let film = film();
    let encoder = UdpSocket::bind("127.0.0.1:0").unwrap();
    // The film of ten seconds again and again: each time its clock goes back to the beginning.
    for n in 1..=4 {
        live.send_by(&encoder, 0, &film);
        live.until(0, "all bytes", |s| s.bytes == n * film.len() as u64);
    }
    live.until(0, "jumps", |s| s.clock.jumps_back == 3);
    let mut told = None;
    for _ in 0..100 {
        while let Ok(change) = changes.try_recv() {
            if let Change::Clock(clock) = change {
                told.get_or_insert(clock);
            }
        }
        if told.is_some() {
            break;
        }
        std::thread::sleep(std::time::Duration::from_millis(50));
    }
    assert_eq!(told.unwrap().what, ClockFound::JumpedBack);
    live.hub.stop();
    let entries = live.bodies::<ClockBody>(CLOCK);
    let back = entries.iter().filter(|e| e.what == ClockFound::JumpedBack);
    assert_eq!(back.count(), 1, "one a minute at the most: {entries:?}");
    let jump = entries
        .iter()
        .find(|e| e.what == ClockFound::JumpedBack)
        .unwrap();
    assert!(jump.offset_ms.unwrap() < -9_000, "{jump:?}");
}
