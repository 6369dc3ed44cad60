//! Datagrams, and transport streams in RTP (RFC 2250).

use std::net::{Ipv4Addr, Ipv6Addr, SocketAddr};

use bytes::Bytes;
use socket2::{Domain, Protocol, Socket, Type};
use tokio::net::UdpSocket;

use super::Packet;
use crate::datagram::{MAX_DATAGRAM, resolve};
use crate::rtp::header::{self, Header};
use crate::source::Source;

/// A socket that sends to one address.
pub(super) struct Udp {
    socket: UdpSocket,
}

impl Udp {
    pub(super) async fn open(source: &Source) -> Result<Self, String> {
        let address = match resolve(source).await? {
            // Without a host: this machine.
            any if any.ip().is_unspecified() => (Ipv4Addr::LOCALHOST, any.port()).into(),
            address => address,
        };
        socket(source, address)
            .map(|socket| Self { socket })
            .map_err(|e| format!("{address} cannot be sent to: {e}"))
    }

    pub(super) async fn send(&self, bytes: &Bytes) -> Result<(), String> {
        // Longer records than a datagram holds go in several.
        for part in bytes.chunks(MAX_DATAGRAM - 28) {
            match self.socket.send(part).await {
                // Nobody listens yet: datagrams are sent all the same.
                Err(e) if e.kind() == std::io::ErrorKind::ConnectionRefused => {}
                Err(e) => return Err(format!("sending failed: {e}")),
                Ok(_) => {}
            }
        }
        Ok(())
    }
}

fn socket(source: &Source, address: SocketAddr) -> std::io::Result<UdpSocket> {
    let socket = Socket::new(
        Domain::for_address(address),
        Type::DGRAM,
        Some(Protocol::UDP),
    )?;
    let any: SocketAddr = match address {
        SocketAddr::V4(_) => (Ipv4Addr::UNSPECIFIED, 0).into(),
        SocketAddr::V6(_) => (Ipv6Addr::UNSPECIFIED, 0).into(),
    };
    if address.ip().is_multicast()
        && let Some(Ok(interface)) = source
            .options
            .interface
            .as_ref()
            .map(|i| i.parse::<Ipv4Addr>())
    {
        socket.set_multicast_if_v4(&interface)?;
    }
    socket.bind(&any.into())?;
    socket.connect(&address.into())?;
    socket.set_nonblocking(true)?;
    UdpSocket::from_std(socket.into())
}

/// Numbers packets.
pub(super) struct Rtp {
    pub(super) udp: Udp,
    sequence: u16,
    ssrc: u32,
}

impl Rtp {
    pub(super) async fn open(source: &Source) -> Result<Self, String> {
        Ok(Self {
            udp: Udp::open(source).await?,
            sequence: fastrand::u16(..),
            ssrc: fastrand::u32(..),
        })
    }

    pub(super) fn number(&mut self, bytes: &[u8], media_us: i64) -> Packet {
        self.sequence = self.sequence.wrapping_add(1);
        let header = Header {
            marker: false,
            payload_type: 33,
            sequence: self.sequence,
            timestamp: (media_us.max(0) as u64 * 9 / 100) as u32,
            ssrc: self.ssrc,
        };
        Packet::plain([&header::write(&header)[..], bytes].concat().into())
    }
}
