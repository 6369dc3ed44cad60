//! PX4 ULog (`.ulg`): a header, definitions, then messages of 16-bit size and a letter.
//!
//! Format: <https://docs.px4.io/main/en/dev_log/ulog_file_format.html>. Messages carry no sum. In
//! step, a message is believed when its size is the one that its own definition gives; out of
//! step, reading goes on where two such messages follow each other, or at the logger's sync mark,
//! or where an appended section begins (a crash may have cut off what stands before it).
//!
//! `observed`: samples carry the time since boot. `time_utc_usec` of the first receiver that tells
//! one says which UTC that is; the newest statement holds and is late by the receiver's delay, some
//! tenths of a second at most. Without one, `observed` is none.

mod definition;
mod statement;
mod wire;

use std::collections::BTreeMap;
use std::sync::Arc;

use definition::{Formats, Layout};
use statement::{Sample, Topic};
use wire::{HEADER, Message, Next};

use super::clock::{BootClock, plausible_unix_us};
use super::container::Container;
use super::garbage::Garbage;
use super::outlet::Outlet;
use super::window::Window;
use crate::FaultKind;

pub(super) use wire::recognise;

/// Reads a ULog.
#[derive(Debug, Default)]
pub(super) struct ULog {
    begun: bool,
    /// The log says that a reader must not interpret it.
    forbidden: bool,
    formats: Formats,
    /// By message id.
    subscriptions: BTreeMap<u16, Subscription>,
    /// Byte offsets at which appended sections begin, ascending.
    appended: Vec<u64>,
    garbage: Garbage,
    clock: BootClock,
    /// The subscription of the receiver that the clock follows.
    clock_id: Option<u16>,
    system: u8,
}

/// What a message id stands for.
#[derive(Debug)]
struct Subscription {
    name: String,
    topic: Option<Topic>,
    layout: Arc<Layout>,
}

impl Container for ULog {
    fn read(&mut self, window: &mut Window, ended: bool, outlet: &mut Outlet<'_, '_>) {
        if !self.begun {
            if window.rest().len() < HEADER && !ended {
                return;
            }
            self.begun = true;
            if window.rest().len() >= HEADER {
                window.advance(HEADER);
            }
        }
        while !window.rest().is_empty() {
            if self.forbidden {
                let all = window.rest().len();
                self.garbage.skip(window, all);
                break;
            }
            if self.appended.contains(&window.offset()) {
                self.garbage.ends("ULog message", outlet);
            }
            match self.next(window, ended) {
                Next::Wait => return,
                Next::Skip => self.garbage.skip(window, 1),
                Next::CutOff => self.garbage.skip_cut_off(window),
                Next::CutBySection(len) => self.cut_by_section(len, window, outlet),
                Next::Message(len) => {
                    self.garbage.ends("ULog message", outlet);
                    let bytes = window.rest().get(..len).unwrap_or_default();
                    self.message(bytes, window.offset(), outlet);
                    window.advance(len);
                }
            }
        }
        if ended {
            self.garbage.feed_ends("ULog message", outlet);
        }
    }
}

impl ULog {
    fn next(&self, window: &Window, ended: bool) -> Next {
        let offset = window.offset();
        let section = self
            .appended
            .iter()
            .find(|s| **s > offset)
            .map(|s| s - offset);
        let size_of_data = |id: u16| {
            self.subscriptions
                .get(&id)
                .map(|s| [s.layout.len_unpadded, s.layout.len])
        };
        wire::next(
            window.rest(),
            section,
            self.garbage.is_empty(),
            ended,
            &size_of_data,
        )
    }

    /// A message is cut off by the section appended after a crash.
    fn cut_by_section(&mut self, len: usize, window: &mut Window, outlet: &mut Outlet<'_, '_>) {
        if !self.garbage.is_empty() {
            return self.garbage.skip(window, len);
        }
        let message =
            format!("the log's first part ends within a message, {len} bytes after it began");
        let bytes = window.rest().get(..len).unwrap_or_default();
        outlet.fault(FaultKind::Truncated, window.offset(), message, bytes);
        window.advance(len);
    }

    fn message(&mut self, bytes: &[u8], offset: u64, outlet: &mut Outlet<'_, '_>) {
        let Some(message) = Message::of(bytes) else {
            return;
        };
        outlet.count("ULog messages");
        if message.kind != b'D' {
            outlet.record_begins(offset, None);
        }
        let read = match message.kind {
            b'B' => self.flags(message.payload),
            b'F' => self.formats.define(message.payload),
            b'A' => self.subscribe(message.payload),
            b'P' => {
                self.system = stated_system(message.payload).unwrap_or(self.system);
                Ok(())
            }
            b'O' => {
                dropout(message.payload, offset, outlet);
                Ok(())
            }
            b'D' => return self.data(message.payload, bytes, offset, outlet),
            b'I' | b'M' | b'Q' | b'R' | b'L' | b'C' | b'S' => Ok(()),
            _ => {
                outlet.count("ULog messages of unknown kind");
                Ok(())
            }
        };
        if let Err(reason) = read {
            outlet.fault(FaultKind::Malformed, offset, reason, bytes);
        }
    }

    fn flags(&mut self, payload: &[u8]) -> Result<(), String> {
        const DATA_APPENDED: u8 = 1;
        let incompatible = payload.get(8..16).unwrap_or_default();
        let others = incompatible
            .iter()
            .enumerate()
            .any(|(i, b)| b & !(if i == 0 { DATA_APPENDED } else { 0 }) != 0);
        if others {
            self.forbidden = true;
            return Err(format!(
                "flags {incompatible:02x?} forbid a reader that does not know them to interpret \
                 the log; only bit 0 (data appended) is known"
            ));
        }
        let offsets = payload.get(16..40).unwrap_or_default();
        self.appended = offsets
            .chunks_exact(8)
            .filter_map(|b| b.first_chunk().map(|b| u64::from_le_bytes(*b)))
            .filter(|at| *at > 0)
            .collect();
        self.appended.sort_unstable();
        Ok(())
    }

    fn subscribe(&mut self, payload: &[u8]) -> Result<(), String> {
        let Some((&[instance, low, high], name)) = payload.split_first_chunk::<3>() else {
            return Err("subscription: it is cut off".to_owned());
        };
        let name = std::str::from_utf8(name).map_err(|_| "subscription: no text".to_owned())?;
        let topic = Topic::of(name);
        let layout = self.formats.layout(name, topic.is_some())?;
        let name = if instance == 0 {
            name.to_owned()
        } else {
            format!("{name}[{instance}]")
        };
        let id = u16::from_le_bytes([low, high]);
        self.subscriptions.insert(
            id,
            Subscription {
                name,
                topic,
                layout,
            },
        );
        Ok(())
    }

    fn data(&mut self, payload: &[u8], bytes: &[u8], offset: u64, outlet: &mut Outlet<'_, '_>) {
        let Some((&id, data)) = payload.split_first_chunk::<2>() else {
            return;
        };
        let id = u16::from_le_bytes(id);
        let Some(subscription) = self.subscriptions.get(&id) else {
            return;
        };
        let Some(topic) = subscription.topic else {
            outlet.count("samples of other topics");
            return outlet.record_begins(offset, None);
        };
        let Subscription { name, layout, .. } = subscription;
        outlet.count(name);
        let sample = Sample {
            topic,
            name,
            layout,
            data,
            system: self.system,
        };
        let boot_us = sample.boot_us();
        let told = boot_us.and_then(|us| self.clock.tick(us));
        told.into_iter()
            .for_each(|m| outlet.notice(FaultKind::ClockJump, offset, m));
        if let Some((boot_us, utc_us)) = boot_us.zip(sample.utc_us().and_then(plausible_unix_us))
            && *self.clock_id.get_or_insert(id) == id
        {
            let told = self.clock.set(boot_us, utc_us);
            told.into_iter()
                .for_each(|m| outlet.notice(FaultKind::ClockJump, offset, m));
        }
        let observed = boot_us.and_then(|us| self.clock.utc(us));
        outlet.record_begins(offset, observed);
        match sample.body() {
            Ok(Some(body)) => outlet.observation(offset, observed, bytes, body),
            Ok(None) => {}
            Err(reason) => {
                outlet.fault(
                    FaultKind::Absurd,
                    offset,
                    format!("{name}: {reason}"),
                    bytes,
                );
            }
        }
    }
}

/// The vehicle's MAVLink system id, in the parameter that holds it.
fn stated_system(payload: &[u8]) -> Option<u8> {
    let value = payload.strip_prefix(b"\x12int32_t MAV_SYS_ID")?;
    let id = i32::from_le_bytes(*value.first_chunk()?);
    u8::try_from(id).ok().filter(|id| *id > 0)
}

/// The logger could not keep up for so many milliseconds.
fn dropout(payload: &[u8], offset: u64, outlet: &mut Outlet<'_, '_>) {
    let ms = payload.first_chunk().map_or(0, |b| u16::from_le_bytes(*b));
    outlet
        .tally
        .add("milliseconds dropped by the logger", u64::from(ms));
    let message = format!("the vehicle's logger dropped messages for {ms} ms before this place");
    outlet.notice(FaultKind::Missing, offset, message);
}
