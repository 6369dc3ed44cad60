//! MAVLink over UDP, TCP and serial lines (<https://mavlink.io/en/guide/serialization.html>).
//!
//! What travels is bare frames; what is told is the same frames as `.tlog` records: before each the
//! time of its arrival (8 bytes, big-endian, microseconds since 1970), so that the recorded bytes
//! carry their time as a ground station's log does. No other byte is added, left out or changed;
//! bytes that belong to no frame are told as they came, without a time.

use std::time::Duration;

use bytes::{BufMut as _, Bytes, BytesMut};
use serial2_tokio::SerialPort;
use truceline_intake::mavlink::{NextFrame, next_frame};

use crate::datagram::{self, Reader, bind, resolve};
use crate::event::received_now;
use crate::run::{Ended, Outlet};
use crate::source::{Mode, Source};
use crate::stream::{self, Framing, SILENCE_S};

/// What ArduPilot's and PX4's telemetry radios speak.
const BAUD: u32 = 57_600;
/// A vehicle sends to a ground station that it hears once a second.
const HEARTBEAT_EVERY: Duration = Duration::from_secs(1);

/// Writes the time of arrival before each frame.
#[derive(Debug, Default)]
pub(crate) struct Stamper {
    /// The beginning of a frame whose end has not come: at most 279 bytes between calls.
    held: BytesMut,
}

impl Stamper {
    /// Takes the next bytes. `whole`: no frame goes on beyond them, as in datagrams.
    fn stamp(&mut self, bytes: &[u8], whole: bool, into: &mut BytesMut) {
        self.held.extend_from_slice(bytes);
        let now_us = u64::try_from(received_now().unix_us()).unwrap_or(0);
        let mut at = 0;
        while let Some(rest) = self.held.get(at..).filter(|rest| !rest.is_empty()) {
            match next_frame(rest) {
                NextFrame::Frame(len) => {
                    into.put_u64(now_us);
                    into.extend_from_slice(rest.get(..len).unwrap_or(rest));
                    at += len;
                }
                NextFrame::Skip => {
                    into.extend_from_slice(rest.get(..1).unwrap_or_default());
                    at += 1;
                }
                NextFrame::Wait if whole => {
                    into.extend_from_slice(rest);
                    at += rest.len();
                }
                NextFrame::Wait => break,
            }
        }
        drop(self.held.split_to(at.min(self.held.len())));
    }
}

impl Framing for Stamper {
    fn push(&mut self, bytes: Bytes) -> Bytes {
        let mut out = BytesMut::with_capacity(bytes.len() + bytes.len() / 2);
        self.stamp(&bytes, false, &mut out);
        out.freeze()
    }

    fn finish(&mut self) -> Bytes {
        self.held.split().freeze()
    }
}

#[derive(Default)]
struct Datagrams {
    stamper: Stamper,
    out: BytesMut,
}

impl Reader for Datagrams {
    fn take(&mut self, datagram: &[u8], _: &Outlet<'_>) {
        self.stamper.stamp(datagram, true, &mut self.out);
    }

    fn flush(&mut self, outlet: &Outlet<'_>) {
        outlet.offer(self.out.split().freeze());
    }

    /// Several vehicles, or a vehicle and its gimbal, may share a port.
    fn follows_one(&self) -> bool {
        false
    }
}

/// Frames in datagrams: sent to this machine (`listen`), or by a vehicle that is called
/// (`connect`), which sends once it hears a ground station's heartbeat.
pub(crate) async fn datagrams(source: &Source, outlet: &Outlet<'_>) -> Ended {
    let mut reader = Datagrams::default();
    if source.options.mode != Some(Mode::Connect) {
        return match bind(source).await {
            Ok(socket) => datagram::receive(source, &socket, &mut reader, outlet).await,
            Err(why) => Ended::Failed(why),
        };
    }
    let socket = match call(source).await {
        Ok(socket) => socket,
        Err(why) => return Ended::Failed(why),
    };
    let beat = async {
        for sequence in (0..=u8::MAX).cycle() {
            // Nobody there yet is no failure: the next one may be heard.
            if let Err(e) = socket.send(&heartbeat(sequence)).await {
                tracing::debug!(%source, "heartbeat not sent: {e}");
            }
            tokio::time::sleep(HEARTBEAT_EVERY).await;
        }
    };
    tokio::select! {
        ended = datagram::receive(source, &socket, &mut reader, outlet) => ended,
        () = beat => Ended::Failed("the heartbeat ended".to_owned()),
    }
}

async fn call(source: &Source) -> Result<tokio::net::UdpSocket, String> {
    let address = resolve(source).await?;
    let any: std::net::IpAddr = match address {
        std::net::SocketAddr::V4(_) => std::net::Ipv4Addr::UNSPECIFIED.into(),
        std::net::SocketAddr::V6(_) => std::net::Ipv6Addr::UNSPECIFIED.into(),
    };
    let failed = |e: std::io::Error| format!("{address} cannot be called: {e}");
    let socket = tokio::net::UdpSocket::bind((any, 0))
        .await
        .map_err(failed)?;
    socket.connect(address).await.map_err(failed)?;
    Ok(socket)
}

/// Frames over TCP.
pub(crate) async fn tcp(source: &Source, outlet: &Outlet<'_>) -> Ended {
    stream::tcp_framed(source, &mut Stamper::default(), outlet).await
}

/// Frames over a serial line, 8 data bits, no parity, 1 stop bit.
pub(crate) async fn serial(source: &Source, outlet: &Outlet<'_>) -> Ended {
    let baud = source.options.baud.unwrap_or(BAUD);
    let mut port = match SerialPort::open(&source.path, baud) {
        Ok(port) => port,
        Err(e) => return Ended::Failed(format!("{}: {e}", source.path)),
    };
    outlet.connected(format!("{} at {baud} bits per second", source.path));
    let silence = source.options.timeout(SILENCE_S);
    let read = stream::read(&mut port, Some(silence), &mut Stamper::default(), outlet).await;
    stream::ended(read)
}

/// A ground station's `HEARTBEAT` (MAVLink 2, message 0): type 6 (GCS), autopilot 8 (none), state 4
/// (active), protocol version 3; from system 255, component 190, as ground stations are numbered.
fn heartbeat(sequence: u8) -> [u8; 21] {
    const CRC_EXTRA: u8 = 50;
    let mut frame = [
        0xFD, 9, 0, 0, sequence, 255, 190, 0, 0, 0, 0, 0, 0, 0, 6, 8, 0, 4, 3, 0, 0,
    ];
    let sum = frame
        .iter()
        .skip(1)
        .take(18)
        .chain([&CRC_EXTRA])
        .fold(0xFFFF, |sum, byte| x25(sum, *byte));
    let [.., low, high] = &mut frame;
    [*low, *high] = sum.to_le_bytes();
    frame
}

/// The next value of the sum of ITU-T X.25 (CRC-16/MCRF4XX), which MAVLink uses.
pub(crate) fn x25(sum: u16, byte: u8) -> u16 {
    let mut mixed = byte ^ (sum & 0xFF) as u8;
    mixed ^= mixed << 4;
    let wide = u16::from(mixed);
    (sum >> 8) ^ (wide << 8) ^ (wide << 3) ^ (wide >> 4)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn our_heartbeat_is_a_frame_whose_sum_fits() {
        let frame = heartbeat(7);
        assert_eq!(next_frame(&frame), NextFrame::Frame(21));
        let mut spoilt = [frame, frame].concat();
        spoilt[20] ^= 1;
        spoilt[21] = 0;
        assert_eq!(next_frame(&spoilt), NextFrame::Skip);
    }

    /// The frames of a log of records.
    fn frames(mut log: &[u8]) -> Vec<u8> {
        let mut bare = Vec::new();
        while log.len() > 8 {
            let NextFrame::Frame(len) = next_frame(&log[8..]) else {
                panic!("no frame after a time")
            };
            bare.extend_from_slice(&log[8..8 + len]);
            log = &log[8 + len..];
        }
        bare
    }

    proptest! {
        #[test]
        fn every_frame_gets_a_time_however_the_bytes_come(
            sequences in prop::collection::vec(any::<u8>(), 1..20),
            cuts in prop::collection::vec(1_usize..40, 1..20),
        ) {
            let bare: Vec<u8> = sequences.iter().flat_map(|s| heartbeat(*s)).collect();
            let mut stamper = Stamper::default();
            let mut log = Vec::new();
            let (mut rest, mut cut) = (&bare[..], cuts.iter().cycle());
            while !rest.is_empty() {
                let (piece, after) = rest.split_at((*cut.next().unwrap()).min(rest.len()));
                log.extend_from_slice(&stamper.push(Bytes::copy_from_slice(piece)));
                rest = after;
            }
            log.extend_from_slice(&stamper.finish());
            prop_assert_eq!(log.len(), bare.len() + 8 * sequences.len());
            prop_assert_eq!(frames(&log), bare);
        }

        #[test]
        fn no_byte_is_lost_whatever_comes(pieces in prop::collection::vec(prop::collection::vec(any::<u8>(), 0..400), 0..10)) {
            let mut stamper = Stamper::default();
            let mut out = 0;
            for piece in &pieces {
                out += stamper.push(Bytes::copy_from_slice(piece)).len();
                prop_assert!(stamper.held.len() < 280);
            }
            out += stamper.finish().len();
            let came: usize = pieces.iter().map(Vec::len).sum();
            prop_assert!(out >= came && (out - came).is_multiple_of(8));
        }
    }
}
