//! Streams of bytes: TCP (RFC 9293), TLS over it, files, standard input.
//!
//! Memory: one piece of [`PIECE_BYTES`] beside the queue. A slow reader holds the sender back.

use std::io;
use std::net::SocketAddr;
use std::time::Duration;

use bytes::{Bytes, BytesMut};
use socket2::{SockRef, TcpKeepalive};
use tokio::io::{AsyncRead, AsyncReadExt as _};
use tokio::net::{TcpListener, TcpStream};

use crate::datagram::resolve;
use crate::run::{Ended, Outlet};
use crate::source::{Mode, Source};

/// How much is read at a time.
pub(crate) const PIECE_BYTES: usize = 64 * 1024;
/// So long a connection may take to stand.
pub(crate) const CONNECT_WITHIN: Duration = Duration::from_secs(10);
pub(crate) const SILENCE_S: u32 = 30;

/// Makes of a stream's bytes the feed's bytes.
pub(crate) trait Framing: Send {
    /// Takes the next bytes and gives those of the feed.
    fn push(&mut self, bytes: Bytes) -> Bytes;
    /// The stream ended; what is still held is given.
    fn finish(&mut self) -> Bytes {
        Bytes::new()
    }
}

/// The stream's bytes are the feed's.
pub(crate) struct Plain;

impl Framing for Plain {
    fn push(&mut self, bytes: Bytes) -> Bytes {
        bytes
    }
}

/// Reads to the end, to a failure, or until nothing came for `silence`.
pub(crate) async fn read(
    reader: &mut (dyn AsyncRead + Unpin + Send),
    silence: Option<Duration>,
    framing: &mut dyn Framing,
    outlet: &Outlet<'_>,
) -> Result<(), String> {
    let mut buffer = BytesMut::new();
    let ended = loop {
        buffer.reserve(PIECE_BYTES);
        let read = match silence {
            None => reader.read_buf(&mut buffer).await,
            Some(silence) => {
                match tokio::time::timeout(silence, reader.read_buf(&mut buffer)).await {
                    Ok(read) => read,
                    Err(_) => break Err(format!("nothing came for {} s", silence.as_secs())),
                }
            }
        };
        match read {
            Ok(0) => break Ok(()),
            Ok(_) => outlet.send(framing.push(buffer.split().freeze())).await,
            Err(e) if e.kind() == io::ErrorKind::Interrupted => {}
            Err(e) => break Err(format!("reading failed: {e}")),
        }
    };
    outlet.send(framing.finish()).await;
    ended
}

/// A stream over TCP: `connect` calls the address, `listen` waits there for one caller at a time.
pub(crate) async fn tcp(source: &Source, outlet: &Outlet<'_>) -> Ended {
    tcp_framed(source, &mut Plain, outlet).await
}

/// The same with framing.
pub(crate) async fn tcp_framed(
    source: &Source,
    framing: &mut dyn Framing,
    outlet: &Outlet<'_>,
) -> Ended {
    let opened = match source.options.mode {
        Some(Mode::Listen) => accept(source).await,
        None if source.host.is_empty() => accept(source).await,
        _ => connect(source).await,
    };
    match opened {
        Ok((mut stream, peer)) => {
            outlet.connected(peer.to_string());
            ended(
                read(
                    &mut stream,
                    Some(source.options.timeout(SILENCE_S)),
                    framing,
                    outlet,
                )
                .await,
            )
        }
        Err(why) => Ended::Failed(why),
    }
}

/// A stream over TLS.
pub(crate) async fn tls(source: &Source, outlet: &Outlet<'_>) -> Ended {
    let opened = async {
        let (stream, peer) = connect(source).await?;
        Ok::<_, String>((crate::tls::client(source, stream).await?, peer))
    };
    match opened.await {
        Ok((mut stream, peer)) => {
            outlet.connected(peer.to_string());
            ended(
                read(
                    &mut stream,
                    Some(source.options.timeout(SILENCE_S)),
                    &mut Plain,
                    outlet,
                )
                .await,
            )
        }
        Err(why) => Ended::Failed(why),
    }
}

/// How a connection that is wanted for ever ended.
pub(crate) fn ended(read: Result<(), String>) -> Ended {
    Ended::Failed(read.map_or_else(|why| why, |()| "the other side ended it".to_owned()))
}

/// Calls the source's address.
pub(crate) async fn connect(source: &Source) -> Result<(TcpStream, SocketAddr), String> {
    let address = resolve(source).await?;
    let stream = tokio::time::timeout(CONNECT_WITHIN, TcpStream::connect(address))
        .await
        .map_err(|_| {
            format!(
                "{address} did not answer within {} s",
                CONNECT_WITHIN.as_secs()
            )
        })?
        .map_err(|e| format!("{address} cannot be reached: {e}"))?;
    keep_alive(&stream);
    Ok((stream, address))
}

async fn accept(source: &Source) -> Result<(TcpStream, SocketAddr), String> {
    let address = resolve(source).await?;
    let listener = TcpListener::bind(address)
        .await
        .map_err(|e| format!("cannot listen at {address}: {e}"))?;
    let (stream, peer) = listener
        .accept()
        .await
        .map_err(|e| format!("nobody could be let in at {address}: {e}"))?;
    keep_alive(&stream);
    Ok((stream, peer))
}

/// A peer that vanished without a word is found out by the operating system (RFC 1122, 4.2.3.6).
fn keep_alive(stream: &TcpStream) {
    let probes = TcpKeepalive::new()
        .with_time(Duration::from_secs(10))
        .with_interval(Duration::from_secs(5));
    if let Err(e) = SockRef::from(stream).set_tcp_keepalive(&probes) {
        tracing::debug!("keep-alive probes cannot be had: {e}");
    }
}

/// A file, once.
pub(crate) async fn file(source: &Source, outlet: &Outlet<'_>) -> Ended {
    let path = source.file();
    match tokio::fs::File::open(&path).await {
        Ok(mut file) => {
            outlet.connected(path.display().to_string());
            finished(read(&mut file, None, &mut Plain, outlet).await)
        }
        Err(e) => Ended::Finished(format!("{}: {e}", path.display())),
    }
}

/// Standard input, once.
pub(crate) async fn stdin(outlet: &Outlet<'_>) -> Ended {
    outlet.connected("standard input");
    finished(read(&mut tokio::io::stdin(), None, &mut Plain, outlet).await)
}

fn finished(read: Result<(), String>) -> Ended {
    Ended::Finished(read.map_or_else(|why| why, |()| "it has been read to its end".to_owned()))
}
