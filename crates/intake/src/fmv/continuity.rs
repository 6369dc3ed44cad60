//! Whether packets of one identifier are missing or come twice (ISO/IEC 13818-1 §2.4.3.3, continuity_counter).

use mpeg2ts_reader::packet::Packet;

/// The counter has four bits.
const TURN: u8 = 16;
const PAYLOAD: usize = 184;

/// What a packet is in the row of its identifier.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Order {
    /// The next.
    Next,
    /// The last again; the standard allows this once, for `excess` it is the second time or more.
    Again { excess: bool },
    /// At least `missing` packets before it are missing.
    Gap { missing: u8, expected: u8 },
    /// Out of order, as the packet itself announces.
    Announced,
}

/// That packets are missing before one.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Loss {
    /// At least so many.
    Counted(u8),
    /// Nobody knows how many; the stream itself announces a break.
    Announced,
}

/// The row of one packet identifier.
#[derive(Default)]
pub(super) struct Continuity {
    last: Option<Last>,
}

struct Last {
    counter: u8,
    repeated: bool,
    payload: [u8; PAYLOAD],
    payload_length: usize,
}

impl Continuity {
    /// Takes the next packet. `announced`: its discontinuity indicator is set.
    pub(super) fn take(&mut self, packet: &Packet<'_>, announced: bool) -> Order {
        let counter = packet.continuity_counter().count();
        let payload = packet.payload().unwrap_or_default();
        let Some(last) = &mut self.last else {
            self.keep(counter, payload);
            return Order::Next;
        };
        let has_payload = packet.adaptation_control().has_payload();
        // The adaptation field may differ: a repeated packet has its own PCR.
        let same = has_payload
            && counter == last.counter
            && payload == &last.payload[..last.payload_length];
        if same {
            let excess = std::mem::replace(&mut last.repeated, true);
            return Order::Again { excess };
        }
        // Packets without payload do not count on.
        let expected = (last.counter + u8::from(has_payload)) % TURN;
        let missing = (counter + TURN - expected) % TURN;
        if has_payload {
            self.keep(counter, payload);
        } else {
            last.counter = counter;
        }
        match (missing, announced) {
            (0, _) => Order::Next,
            (_, true) => Order::Announced,
            (missing, false) => Order::Gap { missing, expected },
        }
    }

    fn keep(&mut self, counter: u8, payload: &[u8]) {
        let last = self.last.get_or_insert(Last {
            counter,
            repeated: false,
            payload: [0; PAYLOAD],
            payload_length: 0,
        });
        let length = payload.len().min(PAYLOAD);
        last.counter = counter;
        last.repeated = false;
        last.payload[..length].copy_from_slice(&payload[..length]);
        last.payload_length = length;
    }
}
