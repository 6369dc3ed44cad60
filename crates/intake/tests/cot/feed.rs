//! Feeds, and what the decoder makes of them.

use crate::common::{faults, observations};
use truceline_domain::{Body, CotEvent};
use truceline_intake::{FaultKind, Format, Item, Tally};

pub(crate) fn read_in(bytes: &[u8], chunk: usize) -> (Vec<Item>, Tally) {
    crate::common::items(Format::Cot, bytes.chunks(chunk))
}

pub(crate) fn read(bytes: impl AsRef<[u8]>) -> (Vec<Item>, Tally) {
    read_in(bytes.as_ref(), usize::MAX)
}

pub(crate) fn events(items: &[Item]) -> Vec<&CotEvent> {
    observations(items)
        .into_iter()
        .map(|o| {
            if let Body::CotEvent(e) = &o.body {
                e
            } else {
                panic!("{o:?}")
            }
        })
        .collect()
}

pub(crate) fn kinds(items: &[Item]) -> Vec<FaultKind> {
    faults(items).iter().map(|f| f.kind).collect()
}

pub(crate) const TIMES: &str =
    "time='2021-03-14T09:00:00.500Z' start='2021-03-14T09:00:00Z' stale='2021-03-14T09:05:00Z'";
pub(crate) const POINT: &str =
    "<point lat='39.75' lon='46.75' hae='9999999.0' ce='9999999.0' le='9999999.0'/>";

pub(crate) fn event(uid: &str, detail: &str) -> String {
    format!(
        "<event version='2.0' uid='{uid}' type='a-u-G' how='m-g' {TIMES}>{POINT}<detail>{detail}</detail></event>"
    )
}
