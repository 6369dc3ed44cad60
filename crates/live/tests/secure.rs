//! Connections under TLS, serial lines, and vehicles that are called.

use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use crate::common::*;
use rcgen::{BasicConstraints, CertificateParams, CertifiedIssuer, IsCa, KeyPair};
use rustls_pki_types::pem::PemObject as _;
use rustls_pki_types::{CertificateDer, PrivateKeyDer};
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::{TcpListener, UdpSocket};
use tokio_rustls::TlsAcceptor;
use tokio_rustls::rustls::server::WebPkiClientVerifier;
use tokio_rustls::rustls::{RootCertStore, ServerConfig};
use truceline_intake::mavlink::{NextFrame, next_frame};
use truceline_live::Event;

/// An authority of our own, a server's certificate and a client's, as PEM files.
struct Papers {
    folder: tempfile::TempDir,
}

impl Papers {
    fn new() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let mut params = CertificateParams::new(Vec::new()).unwrap();
        params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
        let ca = CertifiedIssuer::self_signed(params, KeyPair::generate().unwrap()).unwrap();
        let put =
            |name: &str, text: String| std::fs::write(folder.path().join(name), text).unwrap();
        put("ca.pem", ca.pem());
        for name in ["camera.example", "centre.example"] {
            let key = KeyPair::generate().unwrap();
            let params = CertificateParams::new(vec![name.to_owned()]).unwrap();
            let certificate = params.signed_by(&key, &ca).unwrap();
            put(&format!("{name}.pem"), certificate.pem());
            put(&format!("{name}.key"), key.serialize_pem());
        }
        Self { folder }
    }

    fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    /// Options of an address that shows the client's certificate.
    fn options(&self) -> String {
        let path = |name: &str| self.path(name).display().to_string();
        format!(
            "ca={}&cert={}&key={}&server_name=camera.example",
            path("ca.pem"),
            path("centre.example.pem"),
            path("centre.example.key")
        )
    }

    /// A server that wants a certificate of the same authority.
    fn acceptor(&self) -> TlsAcceptor {
        let certificates = |name: &str| -> Vec<CertificateDer<'static>> {
            let all = CertificateDer::pem_file_iter(self.path(name)).unwrap();
            all.map(Result::unwrap).collect()
        };
        let mut roots = RootCertStore::empty();
        roots.add_parsable_certificates(certificates("ca.pem"));
        let verifier = WebPkiClientVerifier::builder(Arc::new(roots))
            .build()
            .unwrap();
        let key = PrivateKeyDer::from_pem_file(self.path("camera.example.key")).unwrap();
        let config = ServerConfig::builder()
            .with_client_cert_verifier(verifier)
            .with_single_cert(certificates("camera.example.pem"), key)
            .unwrap();
        TlsAcceptor::from(Arc::new(config))
    }

    /// Sends `head` and a film to each who comes with the right papers, and says nothing more.
    async fn serve(&self, head: &'static [u8], film: Vec<u8>) -> u16 {
        let (listener, acceptor) = (
            TcpListener::bind("127.0.0.1:0").await.unwrap(),
            self.acceptor(),
        );
        let port = listener.local_addr().unwrap().port();
        tokio::spawn(async move {
            while let Ok((stream, _)) = listener.accept().await {
                let (acceptor, film) = (acceptor.clone(), film.clone());
                tokio::spawn(async move {
                    let Ok(mut stream) = acceptor.accept(stream).await else {
                        return;
                    };
                    if !head.is_empty() {
                        // The request is read, not looked at.
                        let _asked = stream.read(&mut [0; 4096]).await;
                    }
                    for piece in [head, &film] {
                        if stream.write_all(piece).await.is_err() {
                            return;
                        }
                    }
                    let _flushed = stream.flush().await;
                    tokio::time::sleep(Duration::from_secs(60)).await;
                });
            }
        });
        port
    }
}

fn film() -> Vec<u8> {
    std::fs::read(drone()).unwrap()
}

const OK: &[u8] = b"HTTP/1.1 200 OK\r\nContent-Type: video/mp2t\r\n\r\n";

#[tokio::test]
async fn tls_and_https_with_an_authority_of_ones_own_and_a_clients_certificate() {
    let (papers, film) = (Papers::new(), film());
    for (head, scheme, mark) in [(&b""[..], "tls", '?'), (OK, "https", '#')] {
        let port = papers.serve(head, film.clone()).await;
        let slash = if scheme == "https" { "/live.ts" } else { "" };
        let address = format!(
            "{scheme}://127.0.0.1:{port}{slash}{mark}{}",
            papers.options()
        );
        let mut watched = Watched::new(&address);
        watched.until_bytes(20, film.len()).await;
        assert!(watched.bytes() == film, "{scheme}: {:?}", watched.words());
    }
}

/// Why a connection does not come about, or does not last.
async fn refused(address: &str) -> String {
    let mut watched = Watched::new(address);
    let Event::Down { why, retry_in } = watched.until(20, is_down).await else {
        panic!("it held")
    };
    assert!(retry_in.is_some() && watched.bytes().is_empty(), "{why}");
    why
}

#[tokio::test]
async fn wrong_papers_are_refused_in_words() {
    let papers = Papers::new();
    let port = papers.serve(b"", film()).await;
    let address = |options: &str| format!("tls://127.0.0.1:{port}?{options}");
    let ca = format!("ca={}", papers.path("ca.pem").display());
    // The public web's authorities do not know this server.
    let why = refused(&address("server_name=camera.example")).await;
    assert!(why.contains("handshake failed"), "{why}");
    let why = refused(&address(&format!("{ca}&server_name=other.example"))).await;
    assert!(why.contains("not valid for name"), "{why}");
    // Without the certificate that the server wants.
    let why = refused(&address(&format!("{ca}&server_name=camera.example"))).await;
    assert!(why.to_lowercase().contains("certificate"), "{why}");
    // Files that are none.
    let why = refused(&address("ca=/nowhere/ca.pem")).await;
    assert!(why.contains("/nowhere/ca.pem"), "{why}");
    let key = papers.path("camera.example.key");
    let why = refused(&address(&format!("ca={}", key.display()))).await;
    assert!(why.contains("no certificate in it"), "{why}");
}

/// Bare frames of the exercise's telemetry.
fn frames() -> Vec<u8> {
    let log = std::fs::read(feeds().join("telemetry.tlog")).unwrap();
    let (mut bare, mut rest) = (Vec::new(), &log[..]);
    while rest.len() > 8 {
        let NextFrame::Frame(len) = next_frame(&rest[8..]) else {
            panic!("no frame after a time")
        };
        bare.extend_from_slice(&rest[8..8 + len]);
        rest = &rest[8 + len..];
    }
    bare
}

/// The frames of what was told, which has a time before each.
fn bare(mut told: &[u8]) -> Vec<u8> {
    let mut bare = Vec::new();
    while told.len() > 8 {
        let NextFrame::Frame(len) = next_frame(&told[8..]) else {
            break;
        };
        bare.extend_from_slice(&told[8..8 + len]);
        told = &told[8 + len..];
    }
    bare
}

/// The terminals that this process has open.
fn terminals() -> Vec<PathBuf> {
    let open = std::fs::read_dir("/proc/self/fd").unwrap();
    let links = open.filter_map(|file| std::fs::read_link(file.unwrap().path()).ok());
    links
        .filter(|path| path.starts_with(Path::new("/dev/pts")))
        .collect()
}

#[tokio::test]
async fn a_serial_line_is_read_frame_by_frame_and_its_end_is_told() {
    let before = terminals();
    let (vehicle, line) = serial2_tokio::SerialPort::pair().unwrap();
    let path = terminals()
        .into_iter()
        .find(|path| !before.contains(path))
        .unwrap();
    let address = format!("mavlink+serial:{}?baud=115200", path.display());
    let mut watched = Watched::new(&address);
    watched.until(10, is_connected).await;
    let frames = frames();
    let sent = &frames[..20_000];
    for piece in sent.chunks(333) {
        vehicle.write_all(piece).await.unwrap();
        // As a line of this speed gives them, about.
        tokio::time::sleep(Duration::from_millis(2)).await;
    }
    watched.for_ms(1_000).await;
    let told = bare(&watched.bytes());
    assert!(
        sent.starts_with(&told) && sent.len() - told.len() < 280,
        "{}",
        told.len()
    );
    drop((vehicle, line));
    watched.until(10, is_down).await;
}

#[tokio::test]
async fn a_serial_line_that_is_not_there_is_told_with_its_path() {
    let mut watched = Watched::new("mavlink+serial:/dev/nowhere0");
    let Event::Down { why, .. } = watched.until(10, is_down).await else {
        panic!("it is there")
    };
    assert!(why.contains("/dev/nowhere0"), "{why}");
}

#[tokio::test]
async fn a_vehicle_that_is_called_hears_a_heartbeat_and_answers() {
    let vehicle = UdpSocket::bind("127.0.0.1:0").await.unwrap();
    let port = vehicle.local_addr().unwrap().port();
    let address = format!("mavlink+udp://127.0.0.1:{port}?mode=connect");
    let mut watched = Watched::new(&address);
    let mut heard = [0; 64];
    let (len, station) = vehicle.recv_from(&mut heard).await.unwrap();
    // HEARTBEAT of a ground station, and nothing else is ever sent.
    assert_eq!(
        (len, heard[0], &heard[5..10]),
        (21, 0xFD, &[255, 190, 0, 0, 0][..])
    );
    assert_eq!(next_frame(&heard[..len]), NextFrame::Frame(21));
    let frames = frames();
    let (mut rest, mut sent) = (&frames[..], Vec::new());
    for _ in 0..200 {
        let NextFrame::Frame(len) = next_frame(rest) else {
            break;
        };
        vehicle.send_to(&rest[..len], station).await.unwrap();
        sent.extend_from_slice(&rest[..len]);
        rest = &rest[len..];
        tokio::time::sleep(Duration::from_millis(1)).await;
    }
    watched.until_bytes(10, sent.len() + 200 * 8).await;
    assert_eq!(bare(&watched.bytes()), sent);
    let again = tokio::time::timeout(Duration::from_secs(3), vehicle.recv_from(&mut heard)).await;
    assert_eq!(again.unwrap().unwrap().0, 21, "once a second");
}
