//! One source, for as long as it is wanted.

use std::panic::AssertUnwindSafe;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

use bytes::Bytes;
use futures_util::FutureExt as _;
use tokio::sync::mpsc::Sender;
use tokio_util::sync::CancellationToken;

use crate::backoff::{Backoff, GOOD_AFTER};
use crate::event::{Event, Missed};
use crate::queue::{QUEUE_BYTES, Queue};
use crate::source::{Scheme, Source};

/// How a connection ended.
#[derive(Debug)]
pub(crate) enum Ended {
    /// It failed, and is tried again.
    Failed(String),
    /// The source has an end, and that was it.
    Finished(String),
}

/// Where a connection tells what comes.
pub(crate) struct Outlet<'a> {
    queue: &'a Queue,
    /// Bytes were told since the last restart.
    had_bytes: AtomicBool,
    /// The source counts as there.
    is_up: AtomicBool,
}

impl<'a> Outlet<'a> {
    pub(crate) fn new(queue: &'a Queue) -> Self {
        Self {
            queue,
            had_bytes: AtomicBool::new(false),
            is_up: AtomicBool::new(false),
        }
    }

    /// A new connection stands; what follows does not continue what was told before.
    pub(crate) fn connected(&self, peer: impl Into<String>) {
        self.heard(peer);
        self.restarted("connected anew");
    }

    /// The source, silent before, is heard (again); the bytes may go on.
    pub(crate) fn heard(&self, peer: impl Into<String>) {
        self.is_up.store(true, Ordering::Relaxed);
        self.queue.tell(Event::Connected { peer: peer.into() });
    }

    /// What follows does not continue what was told before. Nothing is told when nothing was.
    pub(crate) fn restarted(&self, why: impl Into<String>) {
        if self.had_bytes.swap(false, Ordering::Relaxed) {
            self.queue.tell(Event::Restarted { why: why.into() });
        }
    }

    /// The source is not there (any more).
    pub(crate) fn down(&self, why: impl Into<String>, retry_in: Option<Duration>) {
        self.is_up.store(false, Ordering::Relaxed);
        let why = why.into();
        self.queue.tell(Event::Down { why, retry_in });
    }

    pub(crate) fn is_up(&self) -> bool {
        self.is_up.load(Ordering::Relaxed)
    }

    pub(crate) fn missing(&self, what: Missed, count: u64) {
        if count > 0 {
            self.queue.tell(Event::Missing { what, count });
        }
    }

    /// Bytes of a source that cannot be held back.
    pub(crate) fn offer(&self, bytes: Bytes) {
        if !bytes.is_empty() {
            self.had_bytes.store(true, Ordering::Relaxed);
            self.queue.offer(bytes);
        }
    }

    /// Bytes of a source that can be held back.
    pub(crate) async fn send(&self, bytes: Bytes) {
        if !bytes.is_empty() {
            self.had_bytes.store(true, Ordering::Relaxed);
            self.queue.send(bytes).await;
        }
    }
}

/// Connects to a source and tells `out` what comes, again and again with growing waits, until
/// `stop` is cancelled, nobody reads `out` any more, or a source that has an end (a file, standard
/// input) ended: its last event is then [`Event::Down`] without a next attempt.
///
/// It never returns for a failure of the source, and a fault in one of the protocol crates below
/// costs the connection, not the program. Memory: [`QUEUE_BYTES`] of bytes that wait for a slow
/// reader, what `out` itself holds, and what the protocol's module states (`docs/live.md`).
pub async fn run(source: Source, out: Sender<Event>, stop: CancellationToken) {
    let queue = Queue::new(QUEUE_BYTES);
    let drive = async {
        drive(&source, &Outlet::new(&queue)).await;
        queue.close();
        std::future::pending::<()>().await;
    };
    tokio::select! {
        () = stop.cancelled() => {}
        () = queue.forward(&out) => {}
        () = drive => {}
    }
}

async fn drive(source: &Source, outlet: &Outlet<'_>) {
    let mut backoff = Backoff::default();
    loop {
        let began = Instant::now();
        // What a protocol crate leaves half done in a panic is dropped with the connection.
        let ended = AssertUnwindSafe(connection(source, outlet))
            .catch_unwind()
            .await
            .unwrap_or_else(|_| {
                Ended::Failed("a fault within the program ended the connection".to_owned())
            });
        match ended {
            Ended::Finished(why) => return outlet.down(why, None),
            Ended::Failed(why) => {
                if outlet.is_up() && began.elapsed() >= GOOD_AFTER {
                    backoff.reset();
                }
                let retry_in = backoff.next();
                tracing::info!(%source, why, ?retry_in, "down");
                outlet.down(why, Some(retry_in));
                tokio::time::sleep(retry_in).await;
            }
        }
    }
}

/// One connection, from its beginning to its end.
async fn connection(source: &Source, outlet: &Outlet<'_>) -> Ended {
    match source.scheme {
        Scheme::Udp => crate::datagram::transport_stream(source, outlet).await,
        Scheme::Rtp => crate::rtp::session(source, outlet).await,
        Scheme::Tcp => crate::stream::tcp(source, outlet).await,
        Scheme::Tls => crate::stream::tls(source, outlet).await,
        Scheme::File => crate::stream::file(source, outlet).await,
        Scheme::Stdin => crate::stream::stdin(outlet).await,
        Scheme::Http | Scheme::Https => crate::http::stream(source, outlet).await,
        Scheme::MavlinkUdp => crate::mavlink::datagrams(source, outlet).await,
        Scheme::MavlinkTcp => crate::mavlink::tcp(source, outlet).await,
        Scheme::MavlinkSerial => crate::mavlink::serial(source, outlet).await,
        Scheme::CotUdp => crate::cot::datagrams(source, outlet).await,
        Scheme::CotTcp => crate::cot::tcp(source, outlet).await,
        Scheme::CotTls => crate::cot::tls(source, outlet).await,
        Scheme::Rtsp => crate::rtsp::client::session(source, outlet).await,
        Scheme::Srt => crate::srt::session(source, outlet).await,
        Scheme::Mqtt | Scheme::Mqtts => crate::mqtt::session(source, outlet).await,
        Scheme::PollHttp | Scheme::PollHttps => crate::poll::page(source, outlet).await,
        Scheme::PollFile => crate::poll::folder(source, outlet).await,
    }
}
