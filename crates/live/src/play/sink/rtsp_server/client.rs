//! One client's connection to the player's server.

use std::collections::BTreeMap;
use std::net::SocketAddr;
use std::time::Duration;

use bytes::BytesMut;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _, ReadHalf, WriteHalf};
use tokio::net::{TcpStream, UdpSocket};
use tokio::sync::broadcast::{self, error::RecvError};

use super::{Mount, Server, lock};
use crate::play::sink::Packet;
use crate::rtsp::message::{First, Message, Next, next, response};

const REALM: &str = "truceline";
/// A client that takes nothing for so long, or says nothing when it gets nothing, is let go.
const WITHIN: Duration = Duration::from_secs(10);
const SESSION_S: u64 = 60;

/// How a stream goes to a client.
enum Way {
    Interleaved(u8),
    Datagrams { socket: UdpSocket, to: SocketAddr },
}

/// One client's connection.
pub(super) struct Client<'s> {
    server: &'s Server,
    peer: SocketAddr,
    local: Option<SocketAddr>,
    reader: ReadHalf<TcpStream>,
    writer: WriteHalf<TcpStream>,
    came: BytesMut,
    nonce: String,
    session: String,
    mount: Option<Mount>,
    ways: BTreeMap<usize, Way>,
    playing: Option<broadcast::Receiver<Packet>>,
}

/// What is answered: a status, and further fields with a body.
type Answer = (&'static str, Vec<(&'static str, String)>, String);

fn plain(status: &'static str) -> Answer {
    (status, Vec::new(), String::new())
}

impl<'s> Client<'s> {
    pub(super) fn new(connection: TcpStream, peer: SocketAddr, server: &'s Server) -> Self {
        let local = connection.local_addr().ok();
        let (reader, writer) = tokio::io::split(connection);
        Self {
            server,
            peer,
            local,
            reader,
            writer,
            came: BytesMut::new(),
            nonce: format!("{:016x}", fastrand::u64(..)),
            session: format!("{:08x}", fastrand::u32(..)),
            mount: None,
            ways: BTreeMap::new(),
            playing: None,
        }
    }

    pub(super) async fn run(mut self) -> Result<(), String> {
        loop {
            while let Some(thing) = next(&mut self.came)? {
                if let Next::Message(message) = thing
                    && !self.answer(&message).await?
                {
                    return Ok(());
                }
            }
            let packet = async {
                match &mut self.playing {
                    Some(playing) => playing.recv().await,
                    None => std::future::pending().await,
                }
            };
            // A client within a session may be silent for as long as it is sent to.
            let patience = Duration::from_secs(SESSION_S) + WITHIN;
            tokio::select! {
                packet = packet => match packet {
                    Ok(packet) => self.forward(packet).await?,
                    Err(RecvError::Lagged(_)) => {}
                    Err(RecvError::Closed) => return Ok(()),
                },
                read = self.reader.read_buf(&mut self.came) => match read {
                    Ok(0) => return Ok(()),
                    Ok(_) => {}
                    Err(e) => return Err(e.to_string()),
                },
                () = tokio::time::sleep(patience) => return Err("silent".to_owned()),
            }
        }
    }

    async fn forward(&mut self, packet: Packet) -> Result<(), String> {
        match self.ways.get(&packet.stream) {
            None => Ok(()),
            Some(Way::Interleaved(channel)) => {
                let [high, low] = u16::try_from(packet.bytes.len()).unwrap_or(0).to_be_bytes();
                let frame = [&[b'$', *channel, high, low], &packet.bytes[..]].concat();
                self.write(&frame).await
            }
            Some(Way::Datagrams { socket, to }) => {
                // A client that is gone is found out by its connection.
                let _ = socket.send_to(&packet.bytes, *to).await;
                Ok(())
            }
        }
    }

    async fn write(&mut self, bytes: &[u8]) -> Result<(), String> {
        match tokio::time::timeout(WITHIN, self.writer.write_all(bytes)).await {
            Ok(Ok(())) => Ok(()),
            Ok(Err(e)) => Err(e.to_string()),
            Err(_) => Err("it takes nothing any more".to_owned()),
        }
    }

    /// Answers a request; false when it was the last.
    async fn answer(&mut self, message: &Message) -> Result<bool, String> {
        let First::Request { method, uri } = &message.first else {
            return Ok(true);
        };
        let (status, mut fields, body) = if self.admits(message, method) {
            match method.as_str() {
                "OPTIONS" => {
                    let known = "OPTIONS, DESCRIBE, SETUP, PLAY, GET_PARAMETER, TEARDOWN";
                    ("200 OK", vec![("Public", known.to_owned())], String::new())
                }
                "DESCRIBE" => self.describe(uri),
                "SETUP" => self.set_up(message, uri).await,
                "PLAY" => self.play(uri),
                "GET_PARAMETER" | "SET_PARAMETER" | "TEARDOWN" => plain("200 OK"),
                "PAUSE" | "RECORD" | "ANNOUNCE" => plain("455 Method Not Valid in This State"),
                _ => plain("501 Not Implemented"),
            }
        } else {
            let ask = format!("Digest realm=\"{REALM}\", nonce=\"{}\"", self.nonce);
            (
                "401 Unauthorized",
                vec![("WWW-Authenticate", ask)],
                String::new(),
            )
        };
        fields.insert(0, ("CSeq", message.field("cseq").unwrap_or("0").to_owned()));
        if !self.ways.is_empty() {
            fields.push(("Session", format!("{};timeout={SESSION_S}", self.session)));
        }
        self.write(response(status, &fields, &body).as_bytes())
            .await?;
        Ok(method != "TEARDOWN")
    }

    fn admits(&self, message: &Message, method: &str) -> bool {
        let Some(who) = &self.server.who else {
            return true;
        };
        method == "OPTIONS"
            || message
                .field("authorization")
                .is_some_and(|said| who.admits(said, &self.nonce, REALM, method))
    }

    /// The recording at an address, and which of its streams is meant.
    fn find(&self, uri: &str) -> Option<(Mount, Option<usize>)> {
        let after_scheme = uri.split_once("://").map_or(uri, |(_, rest)| rest);
        let path = after_scheme.split_once('/').map_or("", |(_, path)| path);
        let path = path.split('?').next().unwrap_or_default();
        let (path, track) = match path.rsplit_once("trackID=") {
            Some((path, track)) => (path, track.trim_matches('/').parse().ok()),
            None => (path, None),
        };
        let mounts = lock(&self.server.mounts);
        Some((mounts.get(path.trim_matches('/'))?.clone(), track))
    }

    fn describe(&self, uri: &str) -> Answer {
        let Some((mount, _)) = self.find(uri) else {
            return plain("404 Not Found");
        };
        let base = format!(
            "{}/",
            uri.split('?').next().unwrap_or(uri).trim_end_matches('/')
        );
        let fields = vec![
            ("Content-Type", "application/sdp".to_owned()),
            ("Content-Base", base),
        ];
        ("200 OK", fields, mount.sdp)
    }

    async fn set_up(&mut self, message: &Message, uri: &str) -> Answer {
        let Some((mount, track)) = self.find(uri) else {
            return plain("404 Not Found");
        };
        let track = track.unwrap_or(0);
        if track >= mount.streams {
            return plain("404 Not Found");
        }
        let asked = message.field("transport").unwrap_or_default();
        let Some((way, transport)) = self.way(asked, track, mount.ssrc).await else {
            return plain("461 Unsupported Transport");
        };
        self.ways.insert(track, way);
        self.mount = Some(mount);
        ("200 OK", vec![("Transport", transport)], String::new())
    }

    /// The first of the ways that the client would take.
    async fn way(&self, asked: &str, track: usize, ssrc: u32) -> Option<(Way, String)> {
        let ssrc = ssrc.wrapping_add(u32::try_from(track).ok()?);
        for one in asked.split(',') {
            let value = |name: &str| {
                let pair = one.split(';').filter_map(|p| p.trim().split_once('='));
                pair.into_iter().find(|(k, _)| *k == name).map(|(_, v)| v)
            };
            if one.contains("multicast") {
                continue;
            }
            if one.contains("RTP/AVP/TCP") {
                let first = value("interleaved").and_then(|v| v.split('-').next()?.parse().ok());
                let first: u8 = first.or(u8::try_from(track * 2).ok())?;
                let said = format!(
                    "RTP/AVP/TCP;unicast;interleaved={first}-{};ssrc={ssrc:08X}",
                    first.wrapping_add(1)
                );
                return Some((Way::Interleaved(first), said));
            }
            let Some(port) =
                value("client_port").and_then(|v| v.split('-').next()?.parse::<u16>().ok())
            else {
                continue;
            };
            let socket = UdpSocket::bind((self.local?.ip(), 0)).await.ok()?;
            let server_port = socket.local_addr().ok()?.port();
            let said = format!(
                "RTP/AVP;unicast;client_port={port}-{};server_port={server_port}-{};ssrc={ssrc:08X}",
                port.wrapping_add(1),
                server_port.wrapping_add(1)
            );
            let to = SocketAddr::new(self.peer.ip(), port);
            return Some((Way::Datagrams { socket, to }, said));
        }
        None
    }

    fn play(&mut self, uri: &str) -> Answer {
        let Some(mount) = &self.mount else {
            return plain("455 Method Not Valid in This State");
        };
        if self.playing.is_none() {
            self.playing = Some(mount.packets.subscribe());
        }
        let base = uri
            .split("trackID=")
            .next()
            .unwrap_or(uri)
            .trim_end_matches('/');
        // Streams that begin at one time are played at one time.
        let time = mount
            .now
            .get()
            .map(|t| format!(";rtptime={t}"))
            .unwrap_or_default();
        let tracks: Vec<_> = self
            .ways
            .keys()
            .map(|n| format!("url={base}/trackID={n}{time}"))
            .collect();
        let fields = vec![
            ("Range", "npt=now-".to_owned()),
            ("RTP-Info", tracks.join(",")),
        ];
        ("200 OK", fields, String::new())
    }
}
