//! Feeds, and what the decoder makes of them.

use crate::common::observations;
use truceline_domain::{Body, MavlinkPosition, Observation};
use truceline_intake::{Format, Item, Tally};

pub(crate) const TLOG: &[u8] = include_bytes!("../data/mavlink/ardusub.tlog");
pub(crate) const DATAFLASH: &[u8] = include_bytes!("../data/mavlink/ardusub.BIN");
pub(crate) const PIXHAWK: &[u8] = include_bytes!("../data/ulog/pixhawk.ulg");
pub(crate) const APPENDED: &[u8] = include_bytes!("../data/ulog/appended.ulg");

pub(crate) fn read_in(bytes: &[u8], chunk: usize) -> (Vec<Item>, Tally) {
    crate::common::items(Format::Mavlink, bytes.chunks(chunk))
}

pub(crate) fn read(bytes: &[u8]) -> (Vec<Item>, Tally) {
    read_in(bytes, bytes.len().max(1))
}

pub(crate) fn count(tally: &Tally, name: &str) -> u64 {
    tally.counts.get(name).copied().unwrap_or(0)
}

pub(crate) fn message(o: &Observation) -> &str {
    match &o.body {
        Body::MavlinkPosition(b) => &b.message,
        Body::MavlinkAttitude(b) => &b.message,
        Body::MavlinkGimbal(b) => &b.message,
        Body::MavlinkCamera(b) => &b.message,
        other => panic!("{other:?}"),
    }
}

pub(crate) fn last<'i>(items: &'i [Item], name: &str) -> &'i Observation {
    observations(items)
        .into_iter()
        .rfind(|o| message(o) == name)
        .unwrap()
}

pub(crate) fn position(o: &Observation) -> &MavlinkPosition {
    if let Body::MavlinkPosition(p) = &o.body {
        p
    } else {
        panic!("{o:?}")
    }
}
