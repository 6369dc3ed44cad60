//! Between a player and the centre: passes datagrams on, loses what it is told to lose, and notes when the
//! last byte of each picture went.

use std::net::UdpSocket;
use std::sync::atomic::{AtomicBool, AtomicU32, AtomicU64, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::thread::JoinHandle;
use std::time::{Duration, Instant};

/// A picture's decoding time (90 kHz, 33 bits), and when its last datagram went.
pub(super) type Picture = (u64, Instant);

/// A relay at work; it ends when it is dropped.
pub(super) struct Relay {
    /// Where a player sends to.
    pub(super) port: u16,
    shared: Arc<Shared>,
    thread: Option<JoinHandle<()>>,
}

#[derive(Default)]
struct Shared {
    stop: AtomicBool,
    /// Nothing is passed on.
    is_cut: AtomicBool,
    /// So many of a thousand datagrams are lost.
    loss: AtomicU32,
    /// Datagrams that came, and of these those that were lost.
    came: AtomicU64,
    lost: AtomicU64,
    /// What was passed on, without RTP headers.
    passed: Mutex<Vec<u8>>,
    pictures: Mutex<Vec<Picture>>,
}

impl Relay {
    /// To a port of this machine; `keeps` what it passed on, for comparison.
    pub(super) fn to(port: u16, keeps: bool) -> Result<Self, String> {
        let told = |e: std::io::Error| format!("a relay's socket: {e}");
        let from = UdpSocket::bind("127.0.0.1:0").map_err(told)?;
        let to = UdpSocket::bind("127.0.0.1:0").map_err(told)?;
        to.connect(("127.0.0.1", port)).map_err(told)?;
        from.set_read_timeout(Some(Duration::from_millis(100)))
            .map_err(told)?;
        let own = from.local_addr().map_err(told)?.port();
        let shared = Arc::new(Shared::default());
        let at_work = Arc::clone(&shared);
        let thread = std::thread::spawn(move || at_work.run(&from, &to, keeps));
        Ok(Self {
            port: own,
            shared,
            thread: Some(thread),
        })
    }

    /// Cuts the way, or mends it.
    pub(super) fn cut(&self, is_cut: bool) {
        self.shared.is_cut.store(is_cut, Ordering::Relaxed);
    }

    /// Loses so many of a thousand datagrams from now on.
    pub(super) fn lose(&self, of_a_thousand: u32) {
        self.shared.loss.store(of_a_thousand, Ordering::Relaxed);
    }

    /// Datagrams that came, and of these those that were lost.
    pub(super) fn counts(&self) -> (u64, u64) {
        let count = |n: &AtomicU64| n.load(Ordering::Relaxed);
        (count(&self.shared.came), count(&self.shared.lost))
    }

    /// What was passed on.
    pub(super) fn passed(&self) -> Vec<u8> {
        let passed = self.shared.passed.lock();
        passed.unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// The pictures that went.
    pub(super) fn pictures(&self) -> Vec<Picture> {
        let pictures = self.shared.pictures.lock();
        pictures.unwrap_or_else(PoisonError::into_inner).clone()
    }
}

impl Drop for Relay {
    fn drop(&mut self) {
        self.shared.stop.store(true, Ordering::Relaxed);
        if let Some(thread) = self.thread.take() {
            let _panicked = thread.join();
        }
    }
}

impl Shared {
    fn run(&self, from: &UdpSocket, to: &UdpSocket, keeps: bool) {
        let mut bytes = [0; 2048];
        // SplitMix64: the same losses each time.
        let mut random = 0x7E11_u64;
        let mut watch = Watch::default();
        while !self.stop.load(Ordering::Relaxed) {
            let Ok(count) = from.recv(&mut bytes) else {
                continue;
            };
            self.came.fetch_add(1, Ordering::Relaxed);
            random = random.wrapping_add(0x9E37_79B9_7F4A_7C15);
            let mut drawn = (random ^ (random >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
            drawn ^= drawn >> 31;
            let is_lost = drawn % 1000 < u64::from(self.loss.load(Ordering::Relaxed));
            if is_lost || self.is_cut.load(Ordering::Relaxed) {
                self.lost.fetch_add(1, Ordering::Relaxed);
                continue;
            }
            let datagram = bytes.get(..count).unwrap_or_default();
            let now = Instant::now();
            // A full buffer of the system shows as loss at the centre.
            let _full = to.send(datagram);
            let packets = datagram.get(count % 188..).unwrap_or_default();
            let done: Vec<_> = packets
                .chunks_exact(188)
                .filter_map(|packet| watch.packet(packet, now))
                .collect();
            let mut pictures = self.pictures.lock().unwrap_or_else(PoisonError::into_inner);
            pictures.extend(done);
            drop(pictures);
            if keeps {
                let mut passed = self.passed.lock().unwrap_or_else(PoisonError::into_inner);
                passed.extend_from_slice(packets);
            }
        }
    }
}

/// Finds where pictures end: before the next begins.
#[derive(Default)]
struct Watch {
    video: Option<u16>,
    dts_90k: Option<u64>,
    last: Option<Instant>,
}

impl Watch {
    fn packet(&mut self, packet: &[u8], now: Instant) -> Option<Picture> {
        let &[0x47, b1, b2, b3, ..] = packet else {
            return None;
        };
        let pid = u16::from_be_bytes([b1 & 0x1F, b2]);
        let field = if b3 & 0x20 == 0 {
            0
        } else {
            1 + usize::from(*packet.get(4)?)
        };
        let pes = packet.get(4 + field..).unwrap_or_default();
        let begins = b1 & 0x40 != 0 && matches!(pes, [0, 0, 1, 0xE0..=0xEF, ..]);
        if begins {
            self.video.get_or_insert(pid);
        }
        if self.video != Some(pid) {
            return None;
        }
        let mut done = None;
        if begins {
            done = self.dts_90k.zip(self.last);
            let has_dts = pes.get(7)? & 0x40 != 0;
            self.dts_90k = time(pes.get(if has_dts { 14 } else { 9 }..)?);
        }
        self.last = Some(now);
        done
    }
}

/// A time stamp of five bytes (ISO/IEC 13818-1, 2.4.3.7).
fn time(bytes: &[u8]) -> Option<u64> {
    let [a, b, c, d, e] = bytes.first_chunk::<5>()?.map(u64::from);
    Some((a >> 1 & 7) << 30 | b << 22 | (c >> 1) << 15 | d << 7 | e >> 1)
}
