//! One recording on its way to its target.

use std::cmp::Reverse;
use std::collections::BinaryHeap;
use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::time::{Duration, Instant};

use tokio::sync::mpsc;

use super::options::{PlayOptions, Sent};
use super::recording::Recording;
use super::sink::{Packet, Servers, Sink};
use crate::source::Source;

/// A target that fell is tried again after so long.
const RETRY: Duration = Duration::from_secs(1);
/// What is late by more is left out after a target was away.
const TOO_LATE: Duration = Duration::from_secs(1);

/// Plays one recording.
pub(super) struct Player {
    pub(super) source: Source,
    pub(super) recording: Recording,
    pub(super) options: PlayOptions,
    pub(super) offset_us: i64,
    pub(super) delay_us: i64,
    pub(super) began: Instant,
    pub(super) told: mpsc::UnboundedSender<String>,
    pub(super) servers: Servers,
    pub(super) sent: Arc<Sent>,
}

/// Packets by when they are sent, then by their number.
type Due = BinaryHeap<Reverse<(Instant, u64, Packet)>>;

impl Player {
    pub(super) async fn run(self) {
        let mut random = fastrand::Rng::with_seed(self.options.seed);
        let mut sink = self.open().await;
        let mut due = Due::new();
        let mut number = 0;
        let mut last = self.began;
        for lap in 0.. {
            let lap_us = self.recording.length_us().saturating_mul(lap as i64);
            let offset_us = self.offset_us.saturating_add(lap_us);
            for piece in self.recording.lap(lap, offset_us, self.options.start_90k) {
                let at = self.when(self.delay_us + lap_us + piece.at_us);
                let media_us = lap_us + piece.at_us;
                self.send_until(at, &mut due, &mut sink, &mut random).await;
                for packet in sink.prepare(piece.bytes, media_us) {
                    let jitter = self.options.jitter.mul_f64(random.f64());
                    // What cannot come out of order is only held back.
                    let at = if sink.may_reorder() {
                        at + jitter
                    } else {
                        last.max(at + jitter)
                    };
                    last = at;
                    number += 1;
                    due.push(Reverse((at, number, packet)));
                }
            }
            if !self.options.repeat {
                break;
            }
        }
        for packet in sink.prepare_end() {
            number += 1;
            due.push(Reverse((last, number, packet)));
        }
        let end = last + self.options.jitter;
        self.send_until(end, &mut due, &mut sink, &mut random).await;
        sink.finish().await;
        let _ = self
            .told
            .send(format!("{}: played to its end", self.recording.name));
    }

    fn when(&self, us: i64) -> Instant {
        let seconds = us.max(0) as f64 / 1e6 / self.options.speed.max(1e-6);
        self.began + Duration::try_from_secs_f64(seconds).unwrap_or(Duration::MAX / 4)
    }

    async fn open(&self) -> Sink {
        let mut was_told = false;
        loop {
            match Sink::open(&self.source, &self.recording, &self.servers).await {
                Ok((sink, words)) => {
                    let _ = self.told.send(format!("{}: {words}", self.recording.name));
                    return sink;
                }
                Err(why) => {
                    if !std::mem::replace(&mut was_told, true) {
                        let again = format!("{}: {why}; tried again each second", self.source);
                        let _ = self.told.send(again);
                    }
                    tokio::time::sleep(RETRY).await;
                }
            }
        }
    }

    /// Sends all that is due before `until`, each at its time, then waits for it.
    async fn send_until(
        &self,
        until: Instant,
        due: &mut Due,
        sink: &mut Sink,
        random: &mut fastrand::Rng,
    ) {
        while due.peek().is_some_and(|Reverse((at, ..))| *at <= until) {
            let Some(Reverse((at, _, packet))) = due.pop() else {
                break;
            };
            tokio::time::sleep_until(at.into()).await;
            if self.options.loss > 0.0 && random.f64() < self.options.loss {
                self.sent.lost.fetch_add(1, Ordering::Relaxed);
                continue;
            }
            if at.elapsed() > TOO_LATE && sink.was_away() {
                continue;
            }
            let len = packet.bytes.len() as u64;
            match sink.transmit(packet).await {
                Ok(()) => {
                    self.sent.packets.fetch_add(1, Ordering::Relaxed);
                    self.sent.bytes.fetch_add(len, Ordering::Relaxed);
                }
                Err(why) => {
                    let _ = self.told.send(format!("{}: {why}", self.source));
                    *sink = self.open().await;
                    sink.set_away();
                }
            }
        }
        tokio::time::sleep_until(until.into()).await;
    }
}
