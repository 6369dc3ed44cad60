//! Where segments may begin.

use super::{CARRY_90K, Role, Transport};
use crate::Cut;
use crate::fmv::clock::SECOND_90K;
use crate::fmv::outlet::Outlet;
use crate::fmv::statements::Stamp;
use crate::fmv::video::Entry;

/// What cuts go by.
#[derive(Default)]
pub(super) struct Cuts {
    /// The video stream that cuts go by.
    pub(super) main: Option<u16>,
    /// The last PAT packet with no packet of the main stream after it.
    pat_offset: Option<u64>,
    last: Option<u64>,
}

impl Cuts {
    /// Where a segment that begins with this packet of `pid` would be cut: at the PAT before it, when no packet of the main
    /// stream stands between, so that the segment brings its tables with it; else at the packet.
    pub(super) fn before(&mut self, pid: u16, offset: u64, unit_start: bool) -> u64 {
        if self.main != Some(pid) {
            return offset;
        }
        let pat = self.pat_offset.take();
        pat.filter(|_| unit_start).unwrap_or(offset)
    }
}

impl Transport {
    /// A PAT begins. Without any video, that is where a segment may begin.
    pub(super) fn pat_begins(&mut self, offset: u64, out: &mut Outlet<'_, '_>) {
        self.cuts.pat_offset = Some(offset);
        let mapped = self.programs.values().any(|p| p.pcr_pid.is_some());
        if self.cuts.main.is_none() && mapped {
            let observed = self.streams.iter().find_map(|&pid| self.stamp(pid));
            self.tell_cut(
                Cut {
                    offset,
                    pts_90k: None,
                    observed: observed.map(|s| s.observed),
                },
                out,
            );
        }
    }

    fn stamp(&self, pid: u16) -> Option<Stamp> {
        match &self.pids.get(usize::from(pid))?.as_ref()?.role {
            Role::Stream(stream) => stream.stamp(),
            _ => None,
        }
    }

    /// A segment may begin with a packet of `pid`. Its time is the metadata's of the same programme: carried over by PTS
    /// where the metadata has one, else the last that was told before.
    pub(super) fn cut(&mut self, pid: u16, entry: Entry, out: &mut Outlet<'_, '_>) {
        if self.cuts.main != Some(pid) {
            return;
        }
        let of_program = self.programs.values().find(|p| p.pids.contains(&pid));
        let stamp = of_program
            .into_iter()
            .flat_map(|p| &p.pids)
            .find_map(|&pid| self.stamp(pid));
        let observed = stamp.and_then(|s| match (s.pts_90k, entry.pts_90k) {
            (Some(from), Some(to)) if to.abs_diff(from) > CARRY_90K => None,
            (Some(from), Some(to)) => {
                let ticks = to.wrapping_sub(from).cast_signed();
                Some(s.observed.plus_seconds(ticks as f64 / SECOND_90K as f64))
            }
            _ => Some(s.observed),
        });
        self.tell_cut(
            Cut {
                offset: entry.cut_offset,
                pts_90k: entry.pts_90k,
                observed,
            },
            out,
        );
    }

    fn tell_cut(&mut self, cut: Cut, out: &mut Outlet<'_, '_>) {
        if self.cuts.last.is_none_or(|last| cut.offset > last) {
            self.cuts.last = Some(cut.offset);
            out.cut(cut);
        }
    }
}
