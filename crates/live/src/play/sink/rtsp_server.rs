//! A small RTSP server (RFC 2326): each path one recording, many clients a path, media within the
//! connection or as datagrams, digest authentication when the address names user and password.
//!
//! It is a simulator's: what it plays is live, so that there is no seeking and no pause.

mod client;

use std::collections::BTreeMap;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use tokio::net::TcpListener;
use tokio::sync::broadcast;

use super::Packet;
use super::rtsp_stream::Stream;
use crate::datagram::resolve;
use crate::rtp::header;
use crate::rtsp::auth::Who;
use crate::rtsp::sdp::describe;
use crate::source::Source;
use client::Client;

/// So many packets wait for a slow client; what is older is lost to it.
const WAITING: usize = 2048;
/// So many clients at once.
const MAX_CLIENTS: usize = 500;

/// The servers of this process, by the port they listen on.
#[derive(Clone, Default)]
pub(in crate::play) struct Servers(Arc<Mutex<BTreeMap<u16, Arc<Server>>>>);

struct Server {
    who: Option<Who>,
    mounts: Mutex<BTreeMap<String, Mount>>,
    task: Mutex<Option<tokio::task::JoinHandle<()>>>,
}

#[derive(Clone)]
struct Mount {
    sdp: String,
    streams: usize,
    ssrc: u32,
    packets: broadcast::Sender<Packet>,
    now: Arc<Now>,
}

/// The RTP time of the first stream's last packet, which is the time of all of them.
#[derive(Default)]
struct Now(AtomicU64);

impl Now {
    const NONE: u64 = 0;
    /// Above the 32 bits of a time that was set.
    const SET: u64 = 1 << 32;

    fn set(&self, packet: &Packet) {
        if packet.stream == 0
            && let Some((header, _)) = header::read(&packet.bytes)
        {
            let time = u64::from(header.timestamp) | Self::SET;
            self.0.store(time, Ordering::Relaxed);
        }
    }

    fn get(&self) -> Option<u32> {
        let time = self.0.load(Ordering::Relaxed);
        (time != Self::NONE).then_some(time as u32)
    }
}

/// One recording's place on a server.
pub(super) struct Mounted {
    pub(super) stream: Stream,
    packets: broadcast::Sender<Packet>,
    now: Arc<Now>,
    path: String,
    server: Arc<Server>,
}

impl Drop for Server {
    fn drop(&mut self) {
        if let Some(task) = lock(&self.task).take() {
            task.abort();
        }
    }
}

impl Drop for Mounted {
    fn drop(&mut self) {
        lock(&self.server.mounts).remove(&self.path);
    }
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

impl Servers {
    /// Whether this process is the server there.
    pub(super) fn is_ours(&self, source: &Source) -> bool {
        lock(&self.0).contains_key(&source.port)
    }

    /// Gives a recording its path, on a server that is begun when there is none yet.
    pub(super) async fn mount(
        &self,
        source: &Source,
        name: &str,
        stream: Stream,
    ) -> Result<Mounted, String> {
        let ours = lock(&self.0).get(&source.port).cloned();
        let server = match ours {
            Some(server) => server,
            None => self.begin(source).await?,
        };
        let path = source
            .path
            .split('?')
            .next()
            .unwrap_or_default()
            .trim_matches('/')
            .to_owned();
        let (packets, _) = broadcast::channel(WAITING);
        let now = Arc::<Now>::default();
        let mount = Mount {
            sdp: describe(name, &stream.media),
            streams: stream.media.len(),
            ssrc: stream.ssrc,
            packets: packets.clone(),
            now: now.clone(),
        };
        if lock(&server.mounts).insert(path.clone(), mount).is_some() {
            return Err(format!(
                "two recordings at the path /{path}; write {{feed}} in the address"
            ));
        }
        Ok(Mounted {
            stream,
            packets,
            now,
            path,
            server,
        })
    }

    async fn begin(&self, source: &Source) -> Result<Arc<Server>, String> {
        let address = resolve(source).await?;
        let listener = TcpListener::bind(address)
            .await
            .map_err(|e| format!("no server answers at {address}, and none can be there: {e}"))?;
        let who = match &source.user {
            Some(user) => Some(Who {
                user: user.clone(),
                password: source.password()?.unwrap_or_default(),
            }),
            None => None,
        };
        let server = Arc::new(Server {
            who,
            mounts: Mutex::default(),
            task: Mutex::default(),
        });
        // The task ends with the server, which it does not keep alive.
        let task = tokio::spawn(serve(listener, Arc::downgrade(&server)));
        *lock(&server.task) = Some(task);
        lock(&self.0).insert(source.port, server.clone());
        Ok(server)
    }
}

impl Mounted {
    pub(super) fn send(&self, packet: Packet) {
        self.now.set(&packet);
        // Nobody may be there.
        let _ = self.packets.send(packet);
    }

    /// Clients take what still waits for them.
    pub(super) async fn finish(&mut self) {
        tokio::time::sleep(Duration::from_millis(500)).await;
    }
}

async fn serve(listener: TcpListener, server: std::sync::Weak<Server>) {
    let mut clients = tokio::task::JoinSet::new();
    loop {
        tokio::select! {
            Ok((connection, peer)) = listener.accept() => {
                let Some(server) = server.upgrade() else { return };
                if clients.len() < MAX_CLIENTS {
                    clients.spawn(async move {
                        if let Err(why) = Client::new(connection, peer, &server).run().await {
                            tracing::debug!(%peer, "RTSP client: {why}");
                        }
                    });
                }
            }
            Some(_) = clients.join_next() => {}
        }
    }
}
