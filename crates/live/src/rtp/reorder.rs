//! Packets back in order, by their 16-bit numbers (RFC 3550, A.1).

use std::collections::BTreeMap;
use std::time::{Duration, Instant};

use bytes::Bytes;

/// What is held out of order at most.
pub(crate) const MAX_BYTES: usize = 2 * 1024 * 1024;
const MAX_PACKETS: usize = 2048;
/// A number so far ahead is no loss but a leap (RFC 3550, A.1, `MAX_DROPOUT`).
const MAX_DROPOUT: i32 = 3000;
/// A number so far behind is not late but a leap (`MAX_MISORDER` there is 100; networks that
/// reorder more have been seen).
const MAX_MISORDER: i32 = -500;

/// What became of a packet.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Taken {
    /// It was given, or is held until those before it come.
    InOrder,
    /// The same, and so many before were given up.
    Missing(u64),
    /// It came too late, or twice.
    Late,
    /// The numbers go on somewhere else, with the packet before (`first`), that was held to see,
    /// and this one, which was given.
    Leapt { before: u16, first: Bytes },
}

/// Holds what came before its turn.
#[derive(Debug)]
pub(crate) struct Order {
    wait: Duration,
    /// The number whose turn it is, counted on without wrapping.
    next: Option<u64>,
    held: BTreeMap<u64, (Instant, Bytes)>,
    bytes: usize,
    /// A packet that does not belong to the numbers so far.
    leap: Option<(u16, Bytes)>,
}

impl Order {
    pub(crate) fn new(wait: Duration) -> Self {
        Self {
            wait,
            next: None,
            held: BTreeMap::new(),
            bytes: 0,
            leap: None,
        }
    }

    /// Takes a packet and gives those whose turn has come.
    pub(crate) fn push(
        &mut self,
        number: u16,
        payload: Bytes,
        now: Instant,
        give: &mut dyn FnMut(Bytes),
    ) -> Taken {
        // Far from zero, so that numbers before the first have a place.
        let next = *self.next.get_or_insert(u64::from(number) + (1 << 32));
        let ahead = i32::from(number.wrapping_sub(next as u16) as i16);
        if !(MAX_MISORDER..MAX_DROPOUT).contains(&ahead) {
            return self.leap(number, payload, give);
        }
        self.leap = None;
        if ahead < 0 {
            return Taken::Late;
        }
        let at = next + u64::from(ahead.unsigned_abs());
        if ahead == 0 {
            self.next = Some(next + 1);
            give(payload);
            self.give_ready(give);
            return Taken::InOrder;
        }
        self.bytes += payload.len();
        if let Some((_, twice)) = self.held.insert(at, (now, payload)) {
            self.bytes -= twice.len();
            return Taken::Late;
        }
        let mut missing = 0;
        while self.bytes > MAX_BYTES || self.held.len() > MAX_PACKETS {
            missing += self.skip(give);
        }
        if missing > 0 {
            Taken::Missing(missing)
        } else {
            Taken::InOrder
        }
    }

    /// Two packets in a row that do not belong to the numbers so far, and to each other: a leap.
    fn leap(&mut self, number: u16, payload: Bytes, give: &mut dyn FnMut(Bytes)) -> Taken {
        match self.leap.take() {
            Some((before, first)) if number == before.wrapping_add(1) => {
                let last = self.next.unwrap_or_default().wrapping_sub(1) as u16;
                self.finish(give);
                let Self { wait, .. } = *self;
                *self = Self::new(wait);
                self.next = Some(u64::from(number) + (1 << 32));
                let first = join(&first, &payload);
                self.next = self.next.map(|n| n + 1);
                Taken::Leapt {
                    before: last,
                    first,
                }
            }
            _ => {
                self.leap = Some((number, payload));
                Taken::Late
            }
        }
    }

    /// Gives up those that have been waited for long enough; tells how many.
    pub(crate) fn late(&mut self, now: Instant, give: &mut dyn FnMut(Bytes)) -> u64 {
        let mut missing = 0;
        while self.deadline().is_some_and(|at| at <= now) {
            missing += self.skip(give);
        }
        missing
    }

    /// When the next is given up.
    pub(crate) fn deadline(&self) -> Option<Instant> {
        let (_, (came, _)) = self.held.first_key_value()?;
        Some(*came + self.wait)
    }

    /// Gives all that is held; tells how many are missing between.
    pub(crate) fn finish(&mut self, give: &mut dyn FnMut(Bytes)) -> u64 {
        let mut missing = 0;
        while !self.held.is_empty() {
            missing += self.skip(give);
        }
        missing
    }

    /// Gives up what lies before the first that is held; tells how many those are.
    fn skip(&mut self, give: &mut dyn FnMut(Bytes)) -> u64 {
        let Some((&first, _)) = self.held.first_key_value() else {
            return 0;
        };
        let missing = first - self.next.unwrap_or(first);
        self.next = Some(first);
        self.give_ready(give);
        missing
    }

    fn give_ready(&mut self, give: &mut dyn FnMut(Bytes)) {
        while let Some(next) = self.next
            && let Some((_, payload)) = self.held.remove(&next)
        {
            self.bytes -= payload.len();
            self.next = Some(next + 1);
            give(payload);
        }
    }
}

fn join(first: &Bytes, second: &Bytes) -> Bytes {
    [&first[..], &second[..]].concat().into()
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn payload(n: u32) -> Bytes {
        Bytes::copy_from_slice(&n.to_be_bytes())
    }

    fn give(into: &mut Vec<u32>) -> impl FnMut(Bytes) + '_ {
        |b| {
            into.extend(
                b.chunks(4)
                    .map(|c| u32::from_be_bytes(c.try_into().unwrap())),
            )
        }
    }

    #[test]
    fn a_leap_is_believed_when_a_second_packet_follows() {
        let mut order = Order::new(Duration::ZERO);
        let mut out = Vec::new();
        let now = Instant::now();
        order.push(10, payload(10), now, &mut give(&mut out));
        assert_eq!(
            order.push(40_000, payload(1), now, &mut give(&mut out)),
            Taken::Late
        );
        assert_eq!(
            order.push(11, payload(11), now, &mut give(&mut out)),
            Taken::InOrder
        );
        order.push(40_000, payload(1), now, &mut give(&mut out));
        let Taken::Leapt { before, first } =
            order.push(40_001, payload(2), now, &mut give(&mut out))
        else {
            panic!()
        };
        assert_eq!((before, &first[..]), (11, &[0, 0, 0, 1, 0, 0, 0, 2][..]));
        assert_eq!(
            order.push(40_002, payload(3), now, &mut give(&mut out)),
            Taken::InOrder
        );
        assert_eq!(out, [10, 11, 3]);
    }

    #[test]
    fn what_does_not_come_is_given_up_in_time() {
        let mut order = Order::new(Duration::from_millis(100));
        let mut out = Vec::new();
        let now = Instant::now();
        order.push(65_535, payload(0), now, &mut give(&mut out));
        order.push(1, payload(2), now, &mut give(&mut out));
        assert_eq!(
            order.late(now + Duration::from_millis(99), &mut give(&mut out)),
            0
        );
        assert_eq!(
            order.late(now + Duration::from_millis(100), &mut give(&mut out)),
            1
        );
        assert_eq!(
            order.push(0, payload(1), now, &mut give(&mut out)),
            Taken::Late
        );
        assert_eq!(out, [0, 2]);
    }

    proptest! {
        #[test]
        fn shuffled_and_lost_packets_come_out_in_order_and_are_all_accounted_for(
            start: u16,
            swaps in prop::collection::vec((0_usize..300, 0_usize..20), 0..60),
            lost in prop::collection::btree_set(1_usize..300, 0..40),
        ) {
            let mut sent: Vec<u32> = (0..300).collect();
            for (at, by) in swaps {
                let to = (at + by).min(299);
                sent.swap(at.max(1), to.max(1));
            }
            sent.retain(|n| !lost.contains(&(*n as usize)));
            let mut order = Order::new(Duration::from_secs(1));
            let (mut out, mut missing, mut late) = (Vec::new(), 0, 0);
            let now = Instant::now();
            for n in &sent {
                match order.push(start.wrapping_add(*n as u16), payload(*n), now, &mut give(&mut out)) {
                    Taken::InOrder => {}
                    Taken::Missing(n) => missing += n,
                    Taken::Late => late += 1,
                    Taken::Leapt { .. } => prop_assert!(false),
                }
            }
            missing += order.finish(&mut give(&mut out));
            prop_assert_eq!(late, 0);
            prop_assert!(out.is_sorted());
            prop_assert_eq!(&out, &{ let mut s = sent.clone(); s.sort_unstable(); s });
            // What is lost after the last that came cannot be known.
            let last = out.last().copied().unwrap_or(0);
            let known = lost.iter().filter(|n| (**n as u32) < last).count() as u64;
            prop_assert_eq!(missing, known);
        }

        #[test]
        fn memory_is_bounded_whatever_comes(numbers in prop::collection::vec(any::<u16>(), 0..5000)) {
            let mut order = Order::new(Duration::from_secs(1));
            for n in numbers {
                order.push(n, Bytes::from_static(&[0; 2000]), Instant::now(), &mut |_| {});
                prop_assert!(order.held.len() <= MAX_PACKETS && order.bytes <= MAX_BYTES);
            }
        }
    }
}
