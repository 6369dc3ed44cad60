//! Cursor on Target as TAK clients and servers speak it: XML or TAK Protocol messages over TCP and
//! TLS, and as datagrams, to a group as a rule (239.2.3.1:6969).
//!
//! The bytes are told as they came; the decoder knows all three forms. Over TCP and TLS this side
//! stays with XML: a server offers TAK Protocol (`t-x-takp-v`) and goes on with XML when nobody
//! answers. Once in fifteen seconds it is pinged (`t-x-c-t`), as clients do, so that it does not
//! hold the connection for dead.

use std::time::Duration;

use jiff::{SignedDuration, Timestamp};
use tokio::io::{AsyncRead, AsyncWrite, AsyncWriteExt as _};

use crate::datagram::{self, bind};
use crate::run::{Ended, Outlet};
use crate::source::Source;
use crate::stream::{self, Plain, connect, ended};

const PING_EVERY: Duration = Duration::from_secs(15);
/// A server with nothing to tell answers pings, so that two may be lost.
const SILENCE_S: u32 = 60;

/// Events in datagrams: everybody tells of himself, and an event is never longer than its datagram.
pub(crate) async fn datagrams(source: &Source, outlet: &Outlet<'_>) -> Ended {
    match bind(source).await {
        Ok(socket) => {
            datagram::receive(source, &socket, &mut datagram::Plain::new(false), outlet).await
        }
        Err(why) => Ended::Failed(why),
    }
}

/// Events over TCP.
pub(crate) async fn tcp(source: &Source, outlet: &Outlet<'_>) -> Ended {
    match connect(source).await {
        Ok((stream, peer)) => converse(source, stream, &peer.to_string(), outlet).await,
        Err(why) => Ended::Failed(why),
    }
}

/// Events over TLS.
pub(crate) async fn tls(source: &Source, outlet: &Outlet<'_>) -> Ended {
    let opened = async {
        let (stream, peer) = connect(source).await?;
        Ok::<_, String>((crate::tls::client(source, stream).await?, peer))
    };
    match opened.await {
        Ok((stream, peer)) => converse(source, stream, &peer.to_string(), outlet).await,
        Err(why) => Ended::Failed(why),
    }
}

async fn converse<S>(source: &Source, stream: S, peer: &str, outlet: &Outlet<'_>) -> Ended
where
    S: AsyncRead + AsyncWrite + Send,
{
    let (mut reader, mut writer) = tokio::io::split(Box::pin(stream));
    outlet.connected(peer);
    let silence = source.options.timeout(SILENCE_S);
    let pings = async {
        loop {
            tokio::time::sleep(PING_EVERY).await;
            if let Err(e) = writer.write_all(ping(Timestamp::now()).as_bytes()).await {
                return format!("a ping could not be sent: {e}");
            }
        }
    };
    let mut plain = Plain;
    tokio::select! {
        read = stream::read(&mut reader, Some(silence), &mut plain, outlet) => ended(read),
        why = pings => Ended::Failed(why),
    }
}

/// An event of type `t-x-c-t`, about no place.
fn ping(now: Timestamp) -> String {
    let stale = now
        .checked_add(SignedDuration::from_secs(30))
        .unwrap_or(now);
    format!(
        "<event version=\"2.0\" uid=\"truceline-ping\" type=\"t-x-c-t\" how=\"m-g\" \
         time=\"{now:.3}\" start=\"{now:.3}\" stale=\"{stale:.3}\">\
         <point lat=\"0\" lon=\"0\" hae=\"0\" ce=\"9999999\" le=\"9999999\"/></event>\n"
    )
}
