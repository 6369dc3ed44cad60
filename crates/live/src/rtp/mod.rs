//! An MPEG transport stream over RTP (RFC 3550, RFC 2250 section 2: payload type 33).
//!
//! Packets are put back in order; one that does not come is waited for as long as the address says
//! (100 ms by default) and then counted as missing. Another source (SSRC) or a leap of the sequence
//! numbers is a restart.
//!
//! Memory: packets out of order, at most [`reorder::MAX_BYTES`]. RTCP is neither read nor sent: a
//! stream that is only listened to needs none (RFC 2250 has no feedback), and its port, the next
//! higher one, is left alone.

pub(crate) mod depacketize;
pub(crate) mod header;
pub(crate) mod packetize;
pub(crate) mod reorder;

use std::time::{Duration, Instant};

use bytes::{Bytes, BytesMut};

use crate::datagram::{self, Reader, bind};
use crate::event::Missed;
use crate::run::{Ended, Outlet};
use crate::source::Source;
use header::Header;
use reorder::{Order, Taken};

/// How long a packet is waited for.
const REORDER_MS: u32 = 100;
/// Payload type of an MPEG-2 transport stream (RFC 3551, table 5).
const MP2T: u8 = 33;
const SYNC: u8 = 0x47;
const TS_PACKET: usize = 188;

/// A transport stream over RTP.
pub(crate) async fn session(source: &Source, outlet: &Outlet<'_>) -> Ended {
    let wait = source.options.reorder_ms.unwrap_or(REORDER_MS);
    let mut receiver = Receiver::new(Duration::from_millis(u64::from(wait)));
    match bind(source).await {
        Ok(socket) => datagram::receive(source, &socket, &mut receiver, outlet).await,
        Err(why) => Ended::Failed(why),
    }
}

/// Reads RTP datagrams.
pub(crate) struct Receiver {
    wait: Duration,
    ssrc: Option<u32>,
    order: Order,
    /// The first packet of what may be another source: its SSRC, number and payload.
    stranger: Option<(u32, u16, Bytes)>,
    out: BytesMut,
}

impl Receiver {
    pub(crate) fn new(wait: Duration) -> Self {
        Self {
            wait,
            ssrc: None,
            order: Order::new(wait),
            stranger: None,
            out: BytesMut::new(),
        }
    }

    fn packet(&mut self, header: &Header, payload: &[u8], outlet: &Outlet<'_>) {
        if *self.ssrc.get_or_insert(header.ssrc) != header.ssrc {
            // One packet may be a stray; a second that follows it is a source (RFC 3550, A.1).
            let before = self.stranger.replace((
                header.ssrc,
                header.sequence,
                Bytes::copy_from_slice(payload),
            ));
            match before {
                Some((ssrc, sequence, first))
                    if ssrc == header.ssrc && header.sequence == sequence.wrapping_add(1) =>
                {
                    self.change(ssrc, sequence, &first, outlet);
                }
                Some(_) => return outlet.missing(Missed::ForeignDatagrams, 1),
                None => return,
            }
        }
        self.stranger = None;
        self.take_in_order(header.sequence, payload, outlet);
    }

    /// Another source begins with a packet that was held.
    fn change(&mut self, ssrc: u32, sequence: u16, first: &[u8], outlet: &Outlet<'_>) {
        let missing = self
            .order
            .finish(&mut |bytes| self.out.extend_from_slice(&bytes));
        outlet.missing(Missed::RtpPackets, missing);
        self.flush_out(outlet);
        let before = self.ssrc.replace(ssrc).unwrap_or_default();
        outlet.restarted(format!(
            "another RTP source: SSRC {ssrc:08x} after {before:08x}"
        ));
        self.order = Order::new(self.wait);
        self.take_in_order(sequence, first, outlet);
    }

    fn take_in_order(&mut self, sequence: u16, payload: &[u8], outlet: &Outlet<'_>) {
        let payload = Bytes::copy_from_slice(payload);
        let out = &mut self.out;
        let taken = self
            .order
            .push(sequence, payload, Instant::now(), &mut |bytes| {
                out.extend_from_slice(&bytes);
            });
        match taken {
            Taken::InOrder => {}
            Taken::Missing(count) => outlet.missing(Missed::RtpPackets, count),
            Taken::Late => outlet.missing(Missed::LateRtpPackets, 1),
            Taken::Leapt { before, first } => {
                self.flush_out(outlet);
                outlet.restarted(format!(
                    "the RTP sequence numbers leapt to {sequence} from {before}"
                ));
                self.out.extend_from_slice(&first);
            }
        }
    }

    fn flush_out(&mut self, outlet: &Outlet<'_>) {
        outlet.offer(self.out.split().freeze());
    }
}

impl Reader for Receiver {
    fn take(&mut self, datagram: &[u8], outlet: &Outlet<'_>) {
        if header::is_rtcp(datagram) {
            return;
        }
        let Some((header, payload)) = header::read(datagram) else {
            return outlet.missing(Missed::ForeignDatagrams, 1);
        };
        let is_stream = !payload.is_empty()
            && payload.len().is_multiple_of(TS_PACKET)
            && payload.first() == Some(&SYNC);
        if header.payload_type != MP2T && !is_stream {
            return outlet.missing(Missed::ForeignDatagrams, 1);
        }
        self.packet(&header, payload, outlet);
    }

    fn flush(&mut self, outlet: &Outlet<'_>) {
        let out = &mut self.out;
        let missing = self.order.late(Instant::now(), &mut |bytes| {
            out.extend_from_slice(&bytes);
        });
        outlet.missing(Missed::RtpPackets, missing);
        self.flush_out(outlet);
    }

    fn wake(&self) -> Option<Instant> {
        self.order.deadline()
    }

    fn follows_one(&self) -> bool {
        true
    }
}
