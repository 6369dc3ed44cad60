//! Somebody who watches a feed: a WebSocket (RFC 6455) that notes when each picture came.

use std::io::{ErrorKind, Read, Write as _};
use std::net::TcpStream;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread::JoinHandle;
use std::time::{Duration, Instant};

use serde_json::Value;

use super::centre::Centre;
use super::relay::Picture;

/// What a viewer saw.
#[derive(Default)]
pub(super) struct Seen {
    /// When it began.
    pub(super) began: Option<Instant>,
    pub(super) pictures: Vec<Picture>,
    /// Messages without pictures, but for metadata.
    pub(super) told: Vec<Value>,
}

impl Seen {
    /// How often it was told something of a type.
    pub(super) fn count(&self, kind: &str) -> usize {
        self.told.iter().filter(|told| told["type"] == kind).count()
    }

    /// The sizes of the pictures' headers, in order.
    pub(super) fn sizes(&self) -> Vec<String> {
        let inits = self.told.iter().filter(|told| told["type"] == "init");
        inits
            .map(|init| format!("{} × {}", init["width"], init["height"]))
            .collect()
    }
}

/// A viewer at work.
pub(super) struct Viewer {
    stop: Arc<AtomicBool>,
    /// It waits after each message.
    waits: Arc<AtomicBool>,
    thread: JoinHandle<Result<Seen, String>>,
}

impl Viewer {
    /// Watches a feed of a centre; waits so long after each message.
    pub(super) fn start(centre: &Centre, feed: &str, pause: Duration) -> Result<Self, String> {
        let stop = Arc::new(AtomicBool::new(false));
        let waits = Arc::new(AtomicBool::new(true));
        let (listen, feed) = (centre.listen.clone(), feed.to_owned());
        let authorization = centre.authorization()?;
        let (stopped, waiting) = (Arc::clone(&stop), Arc::clone(&waits));
        let watch = move || {
            let told = |e: std::io::Error| format!("watching {feed}: {e}");
            let stream = TcpStream::connect(&listen).map_err(told)?;
            let half = Duration::from_millis(250);
            stream.set_read_timeout(Some(half)).map_err(told)?;
            let mut socket = Socket {
                stream,
                stop: stopped,
                waits: waiting,
            };
            let mut seen = Seen::default();
            let request = format!(
                "GET /api/feeds/{feed}/live HTTP/1.1\r\nHost: {listen}\r\n{authorization}\r\n\
                 Connection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Version: 13\r\n\
                 Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n"
            );
            match socket.watch(&request, pause, &mut seen) {
                // It was told to end.
                Err(error) if error.kind() == ErrorKind::Interrupted => Ok(seen),
                Err(error) => Err(told(error)),
                Ok(()) => Ok(seen),
            }
        };
        let thread = std::thread::spawn(watch);
        Ok(Self {
            stop,
            waits,
            thread,
        })
    }

    /// From now on it waits no more.
    pub(super) fn hurry(&self) {
        self.waits.store(false, Ordering::Relaxed);
    }

    /// Ends it.
    pub(super) fn end(self) -> Result<Seen, String> {
        self.stop.store(true, Ordering::Relaxed);
        let ended = self.thread.join();
        ended.map_err(|_| "a viewer's thread panicked".to_owned())?
    }
}

struct Socket {
    stream: TcpStream,
    stop: Arc<AtomicBool>,
    waits: Arc<AtomicBool>,
}

impl Socket {
    fn watch(&mut self, request: &str, pause: Duration, seen: &mut Seen) -> std::io::Result<()> {
        self.stream.write_all(request.as_bytes())?;
        let mut head = Vec::new();
        while !head.ends_with(b"\r\n\r\n") {
            let mut byte = [0];
            self.fill(&mut byte)?;
            head.extend(byte);
        }
        if !head.starts_with(b"HTTP/1.1 101") {
            let line = String::from_utf8_lossy(&head);
            let line = line.lines().next().unwrap_or_default();
            return Err(std::io::Error::other(format!("the centre said {line}")));
        }
        seen.began = Some(Instant::now());
        loop {
            let (kind, bytes) = self.message()?;
            let now = Instant::now();
            match kind {
                1 => {
                    let told: Value = serde_json::from_slice(&bytes)?;
                    if told["type"] != "metadata" {
                        seen.told.push(told);
                    }
                }
                2 => seen
                    .pictures
                    .extend(decoding_time(&bytes).map(|dts| (dts, now))),
                8 => return Ok(()),
                _ => {}
            }
            if self.waits.load(Ordering::Relaxed) {
                std::thread::sleep(pause);
            }
        }
    }

    /// A message and its opcode (RFC 6455, 5.2). A server's are not masked.
    fn message(&mut self) -> std::io::Result<(u8, Vec<u8>)> {
        let mut head = [0; 2];
        self.fill(&mut head)?;
        let length = match head[1] & 0x7F {
            126 => {
                let mut length = [0; 2];
                self.fill(&mut length)?;
                u64::from(u16::from_be_bytes(length))
            }
            127 => {
                let mut length = [0; 8];
                self.fill(&mut length)?;
                u64::from_be_bytes(length)
            }
            short => u64::from(short),
        };
        let length = usize::try_from(length).map_err(std::io::Error::other)?;
        let mut bytes = vec![0; length];
        self.fill(&mut bytes)?;
        Ok((head[0] & 0x0F, bytes))
    }

    fn fill(&mut self, mut bytes: &mut [u8]) -> std::io::Result<()> {
        while !bytes.is_empty() {
            if self.stop.load(Ordering::Relaxed) {
                return Err(ErrorKind::Interrupted.into());
            }
            match self.stream.read(bytes) {
                Ok(0) => return Err(ErrorKind::UnexpectedEof.into()),
                Ok(count) => bytes = bytes.split_at_mut(count).1,
                Err(e) if matches!(e.kind(), ErrorKind::WouldBlock | ErrorKind::TimedOut) => {}
                Err(e) => return Err(e),
            }
        }
        Ok(())
    }
}

/// When a fragment's picture is decoded: `baseMediaDecodeTime` of its `tfdt` (ISO/IEC 14496-12, 8.8.12).
fn decoding_time(fragment: &[u8]) -> Option<u64> {
    let head = fragment.get(..fragment.len().min(256))?;
    let at = head.windows(4).position(|w| w == b"tfdt")? + 4;
    if head.get(at)? == &1 {
        let time = head.get(at + 4..)?.first_chunk::<8>()?;
        Some(u64::from_be_bytes(*time))
    } else {
        let time = head.get(at + 4..)?.first_chunk::<4>()?;
        Some(u64::from(u32::from_be_bytes(*time)))
    }
}

/// How long each picture took from its last byte's leaving the relay to the viewer, milliseconds, in order of length.
pub(super) fn latencies_ms(sent: &[Picture], seen: &[&Seen]) -> Vec<f64> {
    const TURN: u64 = 1 << 33;
    let sent: std::collections::BTreeMap<u64, Instant> = sent.iter().copied().collect();
    let mut latencies: Vec<f64> = seen
        .iter()
        .flat_map(|seen| {
            // What was kept for those who join went before.
            let began = seen.began;
            seen.pictures.iter().filter_map({
                let sent = &sent;
                move |(dts, came)| {
                    let went = sent.get(&(dts % TURN))?;
                    (Some(*went) > began).then(|| (*came - *went).as_secs_f64() * 1e3)
                }
            })
        })
        .collect();
    latencies.sort_by(f64::total_cmp);
    latencies
}

/// A share of values in order.
pub(super) fn quantile(sorted: &[f64], share: f64) -> f64 {
    let last = sorted.len().saturating_sub(1);
    let at = (last as f64 * share).round() as usize;
    sorted.get(at).copied().unwrap_or(f64::NAN)
}
