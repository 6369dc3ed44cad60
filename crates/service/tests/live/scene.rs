//! A centre with live feeds, and what sends to it.

use std::net::UdpSocket;
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use tokio::runtime::Runtime;
use truceline_domain::FeedId;
use truceline_intake::Format;
use truceline_record::bodies::{SEGMENT, SegmentBody};
use truceline_service::config::FeedConfig;
use truceline_service::live::{FeedState, Hub};
use truceline_service::{Centre, centre};

/// A centre with live feeds on ports of their own.
pub(crate) struct Live {
    pub(crate) dir: tempfile::TempDir,
    pub(crate) centre: Centre,
    pub(crate) runtime: Runtime,
    pub(crate) hub: Hub,
    pub(crate) ports: Vec<u16>,
}

pub(crate) fn theatre() -> PathBuf {
    let theatres = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../theatres");
    let mut shipped: Vec<_> = std::fs::read_dir(theatres)
        .unwrap()
        .map(|entry| entry.unwrap().path())
        .filter(|path| path.join("feeds/drone.ts").is_file())
        .collect();
    shipped.sort();
    shipped.remove(0)
}

/// The film of the exercise: 188-byte packets with pictures and metadata.
pub(crate) fn film() -> Vec<u8> {
    std::fs::read(theatre().join("feeds/drone.ts")).unwrap()
}

fn free_port() -> u16 {
    let socket = UdpSocket::bind("127.0.0.1:0").unwrap();
    socket.local_addr().unwrap().port()
}

fn config(id: &str, address: &str, format: Option<Format>) -> FeedConfig {
    FeedConfig {
        id: id.parse().unwrap(),
        source: None,
        format,
        path: None,
        token_file: None,
        stale_s: Some(1.0),
        lost_s: Some(2.5),
        look: false,
        live: Some(address.parse().unwrap()),
    }
}

impl Live {
    pub(crate) fn new(feeds: usize) -> Self {
        Self::by("udp", feeds)
    }

    /// Feeds whose addresses are of a scheme.
    pub(crate) fn by(scheme: &str, feeds: usize) -> Self {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("centre");
        centre::create(&path, &theatre(), None, Vec::new()).unwrap();
        let (centre, _) = Centre::open(&path).unwrap();
        let runtime = tokio::runtime::Builder::new_multi_thread()
            .worker_threads(2)
            .enable_all()
            .build()
            .unwrap();
        let ports: Vec<u16> = (0..feeds).map(|_| free_port()).collect();
        let configs: Vec<_> = ports
            .iter()
            .enumerate()
            .map(|(n, port)| {
                let address = format!("{scheme}://127.0.0.1:{port}");
                config(&format!("drone-{n}"), &address, None)
            })
            .collect();
        let hub = Hub::start(&configs, &centre.place(), None, runtime.handle()).unwrap();
        let live = Self {
            dir,
            centre,
            runtime,
            hub,
            ports,
        };
        // The sockets are bound by tasks that have just begun.
        std::thread::sleep(Duration::from_millis(300));
        live
    }

    pub(crate) fn state(&self, n: usize) -> FeedState {
        let id: FeedId = format!("drone-{n}").parse().unwrap();
        self.hub.feed(&id).unwrap().state()
    }

    /// Waits until a feed is as asked.
    pub(crate) fn until(&self, n: usize, what: &str, is: impl Fn(&FeedState) -> bool) {
        let began = Instant::now();
        while !is(&self.state(n)) {
            assert!(
                began.elapsed() < Duration::from_secs(20),
                "{what}: {:?}",
                self.state(n)
            );
            std::thread::sleep(Duration::from_millis(20));
        }
    }

    /// Sends bytes to a feed, never more at once than a socket's buffer holds: what is lost is then lost by the feed.
    pub(crate) fn send(&self, n: usize, bytes: &[u8]) {
        self.send_by(&UdpSocket::bind("127.0.0.1:0").unwrap(), n, bytes);
    }

    /// The same from a socket that is kept.
    pub(crate) fn send_by(&self, socket: &UdpSocket, n: usize, bytes: &[u8]) {
        self.send_as(socket, n, bytes, |_, datagram| datagram.to_vec());
    }

    /// The same, each datagram's payload packed with its number.
    pub(crate) fn send_as(
        &self,
        socket: &UdpSocket,
        n: usize,
        bytes: &[u8],
        pack: impl Fn(usize, &[u8]) -> Vec<u8>,
    ) {
        let mut expected = self.state(n).bytes;
        for (number, datagram) in bytes.chunks(7 * 188).enumerate() {
            let packet = pack(number, datagram);
            socket
                .send_to(&packet, ("127.0.0.1", self.ports[n]))
                .unwrap();
            expected += datagram.len() as u64;
            if number % 16 == 15 {
                self.until(n, "what was sent", |s| s.bytes >= expected);
            }
        }
    }

    /// Bodies of the entries of a kind, in order.
    pub(crate) fn bodies<T: serde::de::DeserializeOwned>(&self, kind: &str) -> Vec<T> {
        let log = self.centre.record().log().unwrap();
        let entries = log.entries(0).map(|leaf| leaf.unwrap().entry().unwrap());
        entries
            .filter(|entry| entry.kind == kind)
            .map(|entry| entry.body_as().unwrap())
            .collect()
    }

    /// All recorded bytes of a feed, in order.
    pub(crate) fn recorded(&self, n: usize) -> Vec<u8> {
        let name = format!("drone-{n}");
        self.bodies::<SegmentBody>(SEGMENT)
            .iter()
            .filter(|body| body.feed.as_str() == name)
            .flat_map(|body| self.centre.record().blob(&body.sha256).unwrap())
            .collect()
    }
}
