//! Where a recording goes: one kind of target a module.

mod http;
mod mqtt;
mod rtsp_publish;
mod rtsp_server;
mod rtsp_stream;
mod srt;
mod tcp;
mod udp;

use bytes::Bytes;
use truceline_intake::Format;

use super::recording::Recording;
use crate::source::{Scheme, Source};
pub(super) use rtsp_server::Servers;

/// What is sent at once.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Packet {
    /// Of an RTSP session: which of its streams.
    pub(super) stream: usize,
    pub(super) bytes: Bytes,
}

impl Packet {
    fn plain(bytes: Bytes) -> Self {
        Self { stream: 0, bytes }
    }
}

/// An open target.
pub(super) struct Sink {
    kind: Kind,
    was_away: bool,
}

enum Kind {
    Udp(udp::Udp),
    Rtp(udp::Rtp),
    Tcp(tcp::Tcp),
    Http(Box<http::Post>),
    Mqtt(Box<mqtt::Publisher>),
    Srt(srt::Sender),
    Server(rtsp_server::Mounted),
    Publish(rtsp_publish::Publisher),
}

/// Whether a source's address can be a target's.
pub(super) fn check(source: &Source) -> Result<(), String> {
    match source.scheme {
        Scheme::Srt if crate::srt::listens(source) => Err(
            "played by SRT this side calls; let the other side listen (its mode=listener)"
                .to_owned(),
        ),
        Scheme::Udp
        | Scheme::Rtp
        | Scheme::Rtsp
        | Scheme::Srt
        | Scheme::Tcp
        | Scheme::Http
        | Scheme::Https
        | Scheme::Mqtt
        | Scheme::Mqtts => Ok(()),
        other => Err(format!(
            "nothing can be played to {}; expected udp, rtp, rtsp, srt, tcp, http, https, mqtt or mqtts",
            other.as_str()
        )),
    }
}

impl Sink {
    /// Opens a target; what was opened is told in words.
    pub(super) async fn open(
        source: &Source,
        recording: &Recording,
        servers: &Servers,
    ) -> Result<(Self, String), String> {
        check(source)?;
        let is_stream = recording.format == Format::Fmv;
        if matches!(source.scheme, Scheme::Rtp | Scheme::Rtsp) && !is_stream {
            return Err(format!(
                "{} carries transport streams only, this is {}",
                source.scheme.as_str(),
                recording.format
            ));
        }
        let (kind, words) = match source.scheme {
            Scheme::Rtp => (
                Kind::Rtp(udp::Rtp::open(source).await?),
                format!("to {source}"),
            ),
            Scheme::Tcp => {
                let (tcp, words) = tcp::Tcp::open(source).await?;
                (Kind::Tcp(tcp), words)
            }
            Scheme::Http | Scheme::Https => {
                let post = http::Post::open(source, recording.format)?;
                (Kind::Http(Box::new(post)), format!("posted to {source}"))
            }
            Scheme::Mqtt | Scheme::Mqtts => {
                let publisher = mqtt::Publisher::open(source).await?;
                (
                    Kind::Mqtt(Box::new(publisher)),
                    format!("published to {source}"),
                )
            }
            Scheme::Srt => (
                Kind::Srt(srt::Sender::open(source).await?),
                format!("to {source}"),
            ),
            Scheme::Rtsp => rtsp(source, recording, servers).await?,
            _ => (
                Kind::Udp(udp::Udp::open(source).await?),
                format!("to {source}"),
            ),
        };
        let was_away = false;
        Ok((Self { kind, was_away }, words))
    }

    /// Makes packets of the next bytes of the recording; `media_us`: their time in it.
    pub(super) fn prepare(&mut self, bytes: Bytes, media_us: i64) -> Vec<Packet> {
        match &mut self.kind {
            Kind::Rtp(rtp) => vec![rtp.number(&bytes, media_us)],
            Kind::Http(post) => post.gather(&bytes),
            Kind::Server(mounted) => mounted.stream.push(&bytes),
            Kind::Publish(publisher) => publisher.stream.push(&bytes),
            Kind::Udp(_) | Kind::Tcp(_) | Kind::Mqtt(_) | Kind::Srt(_) => {
                vec![Packet::plain(bytes)]
            }
        }
    }

    /// Makes packets of what is still held at the recording's end.
    pub(super) fn prepare_end(&mut self) -> Vec<Packet> {
        match &mut self.kind {
            Kind::Server(mounted) => mounted.stream.finish(),
            Kind::Publish(publisher) => publisher.stream.finish(),
            _ => Vec::new(),
        }
    }

    /// Whether packets may overtake each other on the way.
    pub(super) fn may_reorder(&self) -> bool {
        matches!(self.kind, Kind::Udp(_) | Kind::Rtp(_))
    }

    pub(super) async fn transmit(&mut self, packet: Packet) -> Result<(), String> {
        match &mut self.kind {
            Kind::Udp(udp) => udp.send(&packet.bytes).await,
            Kind::Rtp(rtp) => rtp.udp.send(&packet.bytes).await,
            Kind::Tcp(tcp) => tcp.send(&packet.bytes).await,
            Kind::Http(post) => post.send(packet.bytes).await,
            Kind::Mqtt(publisher) => publisher.send(packet.bytes).await,
            Kind::Srt(sender) => sender.send(packet.bytes).await,
            Kind::Server(mounted) => {
                mounted.send(packet);
                Ok(())
            }
            Kind::Publish(publisher) => publisher.send(packet).await,
        }
    }

    /// Nothing more will be sent.
    pub(super) async fn finish(&mut self) {
        match &mut self.kind {
            Kind::Http(post) => post.finish().await,
            Kind::Mqtt(publisher) => publisher.finish().await,
            Kind::Srt(sender) => sender.finish().await,
            Kind::Tcp(tcp) => tcp.finish().await,
            Kind::Server(mounted) => mounted.finish().await,
            Kind::Udp(_) | Kind::Rtp(_) | Kind::Publish(_) => {}
        }
    }

    /// Whether what is late is left out, since the target was away for a while.
    pub(super) fn was_away(&self) -> bool {
        self.was_away
    }

    pub(super) fn set_away(&mut self) {
        self.was_away = true;
    }
}

/// Where a server answers, the recording is published to it; elsewhere this is one.
async fn rtsp(
    source: &Source,
    recording: &Recording,
    servers: &Servers,
) -> Result<(Kind, String), String> {
    let stream = rtsp_stream::Stream::describe(recording)?;
    if !servers.is_ours(source)
        && let Some(publisher) =
            rtsp_publish::Publisher::open(source, &recording.name, stream.clone()).await?
    {
        return Ok((Kind::Publish(publisher), format!("published to {source}")));
    }
    let mounted = servers.mount(source, &recording.name, stream).await?;
    Ok((Kind::Server(mounted), format!("served at {source}")))
}
