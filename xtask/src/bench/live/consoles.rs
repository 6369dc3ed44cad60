//! People at their consoles while feeds go on: each listens to what changes and asks anew what the console asks anew.

use std::io::{BufRead as _, BufReader, Read as _, Write as _};
use std::net::TcpStream;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread::JoinHandle;
use std::time::{Duration, Instant};

use super::viewer::quantile;

/// What is asked when a console opens.
const OPENS: [&str; 9] = [
    "/api/procedures",
    "/api/theatres",
    "/api/theatre",
    "/api/alerts?open=true",
    "/api/findings?limit=500",
    "/tiles/events/0/0/0.mvt",
    "/tiles/event_ellipses/0/0/0.mvt",
    "/api/picture/live",
    "/api/feeds",
];
/// And after each judgement.
const JUDGED: [&str; 3] = [
    "/api/findings?limit=500",
    "/tiles/events/0/0/0.mvt",
    "/tiles/event_ellipses/0/0/0.mvt",
];
/// And from time to time, while the time bar goes on.
const NOW_AND_THEN: [&str; 2] = ["/api/alerts?open=true", "/api/feeds"];
const EACH: Duration = Duration::from_secs(5);
/// A listener that hears nothing for so long stops reading and looks whether it shall end.
const LOOKS_EACH: Duration = Duration::from_millis(250);

/// What one console saw.
#[derive(Default)]
pub(super) struct Seen {
    /// How long each answer took, milliseconds.
    pub(super) asked_ms: Vec<f64>,
    /// How long nothing was heard between two events, milliseconds.
    pub(super) silent_ms: Vec<f64>,
    /// Answers that were none, and answers of another status than 200 and 304.
    pub(super) failed: usize,
    /// How often it was told that it is behind.
    pub(super) behind: usize,
}

impl Seen {
    pub(super) fn add(&mut self, other: Self) {
        self.asked_ms.extend(other.asked_ms);
        self.silent_ms.extend(other.silent_ms);
        self.failed += other.failed;
        self.behind += other.behind;
    }

    /// Median, 95th, 99th percentile, greatest.
    pub(super) fn of(values: &mut [f64]) -> String {
        values.sort_by(f64::total_cmp);
        let shares = [0.5, 0.95, 0.99, 1.0].map(|share| format!("{:.0}", quantile(values, share)));
        shares.join(" / ")
    }
}

/// A console at work.
pub(super) struct Console {
    stop: Arc<AtomicBool>,
    thread: JoinHandle<Seen>,
}

impl Console {
    pub(super) fn start(address: &str, authorization: &str) -> Self {
        let stop = Arc::new(AtomicBool::new(false));
        let (address, authorization, told) =
            (address.to_owned(), authorization.to_owned(), stop.clone());
        let thread = std::thread::spawn(move || {
            let mut at = At {
                address,
                authorization,
                seen: Seen::default(),
            };
            at.work(&told);
            at.seen
        });
        Self { stop, thread }
    }

    pub(super) fn end(self) -> Result<Seen, String> {
        self.stop.store(true, Ordering::Relaxed);
        self.thread
            .join()
            .map_err(|_| "a console panicked".to_owned())
    }
}

struct At {
    address: String,
    authorization: String,
    seen: Seen,
}

impl At {
    fn work(&mut self, stop: &AtomicBool) {
        let Some(stream) = self.open("/api/changes") else {
            self.seen.failed += 1;
            return;
        };
        let mut lines = BufReader::new(stream);
        OPENS.iter().for_each(|path| self.ask(path));
        let (mut heard, mut asked) = (Instant::now(), Instant::now());
        let mut line = String::new();
        while !stop.load(Ordering::Relaxed) {
            match lines.read_line(&mut line) {
                Ok(0) => {
                    self.seen.failed += 1;
                    return;
                }
                Ok(_) => {
                    if let Some(event) = line.trim().strip_prefix("event: ") {
                        self.seen
                            .silent_ms
                            .push(heard.elapsed().as_secs_f64() * 1e3);
                        match event {
                            "behind" => self.seen.behind += 1,
                            "judgement" => JUDGED.iter().for_each(|path| self.ask(path)),
                            _ => {}
                        }
                        // What was asked meanwhile is not the stream's silence.
                        heard = Instant::now();
                    }
                    line.clear();
                }
                // What came of a line stays in it.
                Err(_) => {}
            }
            if asked.elapsed() > EACH {
                NOW_AND_THEN.iter().for_each(|path| self.ask(path));
                (asked, heard) = (Instant::now(), Instant::now());
            }
        }
    }

    fn open(&self, path: &str) -> Option<TcpStream> {
        let mut stream = TcpStream::connect(&self.address).ok()?;
        stream.set_read_timeout(Some(LOOKS_EACH)).ok()?;
        let (address, authorization) = (&self.address, &self.authorization);
        let request = format!("GET {path} HTTP/1.0\r\nHost: {address}\r\n{authorization}\r\n\r\n");
        stream.write_all(request.as_bytes()).ok()?;
        Some(stream)
    }

    fn ask(&mut self, path: &str) {
        let began = Instant::now();
        let answered = self.open(path).and_then(|mut stream| {
            stream.set_read_timeout(None).ok()?;
            let mut answer = Vec::new();
            stream.read_to_end(&mut answer).ok()?;
            answer.get(9..12).map(<[u8]>::to_vec)
        });
        self.seen.asked_ms.push(began.elapsed().as_secs_f64() * 1e3);
        if answered.as_deref() != Some(b"200") {
            self.seen.failed += 1;
        }
    }
}
