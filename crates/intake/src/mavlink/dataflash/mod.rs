//! ArduPilot DataFlash logs (`.BIN`): records of 0xA3 0x95, a type and fields as `FMT` records
//! describe them.
//!
//! Records carry no sum. One counts only when another, or the feed's end, follows it directly;
//! what does not fit is skipped to the next place where it does. Values are in the units of
//! ArduPilot's documentation of the log messages, which the field types scale; `FMTU`, `UNIT` and
//! `MULT`, which tell the units to other programs, are counted only.
//!
//! `observed`: records carry the time since boot (`TimeUS`). A `GPS` record of the first receiver
//! that has a fix tells which UTC that is, by GPS week and milliseconds less the leap seconds; the
//! newest such record holds, and is late by the receiver's delay, up to some 0.2 s. Without one,
//! `observed` is none.

mod format;
mod gps_time;
mod statement;

use format::{FMT, FMT_LEN, Format};
use statement::Record;

use super::clock::{BootClock, plausible_unix_us};
use super::container::Container;
use super::garbage::Garbage;
use super::outlet::Outlet;
use super::window::Window;
use crate::FaultKind;

const MAGIC: [u8; 2] = [0xA3, 0x95];

/// Whether a feed begins as a log does: with the format of formats.
pub(super) fn recognise(head: &[u8]) -> bool {
    let begins = [MAGIC[0], MAGIC[1], FMT, FMT, FMT_LEN as u8];
    head.starts_with(&begins) && head.get(5..9).is_none_or(|name| name == b"FMT\0")
}

/// Reads a DataFlash log.
#[derive(Debug)]
pub(super) struct DataFlash {
    /// By type.
    formats: Vec<Option<Format>>,
    garbage: Garbage,
    clock: BootClock,
    /// The receiver that the clock follows.
    clock_instance: Option<u64>,
    system: u8,
}

impl Default for DataFlash {
    fn default() -> Self {
        let mut formats = vec![None; 256];
        formats[usize::from(FMT)] = Some(Format::of_formats());
        Self {
            formats,
            garbage: Garbage::default(),
            clock: BootClock::default(),
            clock_instance: None,
            system: 0,
        }
    }
}

enum Step {
    Wait,
    CutOff,
    Skip,
    Record(usize),
}

impl Container for DataFlash {
    fn read(&mut self, window: &mut Window, ended: bool, outlet: &mut Outlet<'_, '_>) {
        while !window.rest().is_empty() {
            match self.step(window.rest(), ended) {
                Step::Wait => return,
                Step::Skip => self.garbage.skip(window, 1),
                Step::CutOff => self.garbage.skip_cut_off(window),
                Step::Record(len) => {
                    self.garbage.ends("DataFlash record", outlet);
                    let record = window.rest().get(..len).unwrap_or_default();
                    self.record(record, window.offset(), outlet);
                    window.advance(len);
                }
            }
        }
        if ended {
            self.garbage.feed_ends("DataFlash record", outlet);
        }
    }
}

impl DataFlash {
    fn format(&self, r#type: u8) -> Option<&Format> {
        self.formats.get(usize::from(r#type))?.as_ref()
    }

    fn step(&self, rest: &[u8], ended: bool) -> Step {
        let cut_off = if ended { Step::CutOff } else { Step::Wait };
        let &[first, second, r#type, ..] = rest else {
            return if MAGIC.starts_with(&rest[..rest.len().min(2)]) {
                cut_off
            } else {
                Step::Skip
            };
        };
        let Some(format) = self.format(r#type).filter(|_| [first, second] == MAGIC) else {
            return Step::Skip;
        };
        let Some(next) = rest.get(format.len..) else {
            return cut_off;
        };
        match next {
            [a, b, ..] if [*a, *b] == MAGIC => Step::Record(format.len),
            [] | [0xA3] if ended => Step::Record(format.len),
            [] | [0xA3] => Step::Wait,
            _ => Step::Skip,
        }
    }

    fn record(&mut self, bytes: &[u8], offset: u64, outlet: &mut Outlet<'_, '_>) {
        let Some(format) = bytes
            .get(2)
            .and_then(|t| self.formats.get(usize::from(*t))?.as_ref())
        else {
            return;
        };
        outlet.count("DataFlash records");
        outlet.count(&format.name);
        if bytes.get(2) == Some(&FMT) {
            self.define(bytes, offset, outlet);
            return;
        }
        let record = Record {
            format,
            bytes,
            system: self.system,
        };
        let system = stated_system(&record);
        let boot_us = format.unsigned(bytes, "TimeUS");
        if let Some(told) = boot_us.and_then(|us| self.clock.tick(us)) {
            outlet.notice(FaultKind::ClockJump, offset, told);
        }
        if let Some((boot_us, unix_us)) = boot_us.zip(stated_utc(&record))
            && *self.clock_instance.get_or_insert(record.instance()) == record.instance()
            && let Some(told) = self.clock.set(boot_us, unix_us)
        {
            outlet.notice(FaultKind::ClockJump, offset, told);
        }
        let observed = boot_us.and_then(|us| self.clock.utc(us));
        outlet.record_begins(offset, observed);
        match record.bodies() {
            Ok(bodies) => {
                for body in bodies {
                    outlet.observation(offset, observed, bytes, body);
                }
            }
            Err(e) => {
                outlet.fault(
                    FaultKind::Absurd,
                    offset,
                    format!("{}: {e}", format.name),
                    bytes,
                );
            }
        }
        self.system = system.unwrap_or(self.system);
    }

    fn define(&mut self, bytes: &[u8], offset: u64, outlet: &mut Outlet<'_, '_>) {
        let (r#type, format) = match Format::read(bytes) {
            Ok((FMT, _)) => return,
            Ok(read) => read,
            Err(reason) => return outlet.fault(FaultKind::Malformed, offset, reason, bytes),
        };
        let Some(slot) = self.formats.get_mut(usize::from(r#type)) else {
            return;
        };
        match slot {
            Some(first) if *first != format => {
                let message = format!(
                    "FMT: type {type} is {:?} already and cannot become {:?}",
                    first.name, format.name
                );
                outlet.fault(FaultKind::Absurd, offset, message, bytes);
            }
            Some(_) => {}
            None => *slot = Some(format),
        }
    }
}

/// The vehicle's system id, in the parameter that holds it.
fn stated_system(record: &Record<'_>) -> Option<u8> {
    if record.format.name != "PARM" {
        return None;
    }
    let name = record.format.text(record.bytes, "Name")?;
    let value = record.number("Value")?;
    // The parameter was renamed in ArduPilot 4.7.
    let is_id = matches!(name, "SYSID_THISMAV" | "MAV_SYSID") && (1.0..=255.0).contains(&value);
    is_id.then_some(value as u8)
}

/// UTC by a receiver that has a fix.
fn stated_utc(record: &Record<'_>) -> Option<i64> {
    if record.format.name != "GPS" || record.number("Status")? < 2.0 {
        return None;
    }
    let week = record.format.unsigned(record.bytes, "GWk")?;
    let ms = record.format.unsigned(record.bytes, "GMS")?;
    plausible_unix_us(gps_time::unix_us(week, ms)?.unsigned_abs())
}
