//! What is counted of packets.

use super::{Role, Transport};
use crate::Tally;

impl Transport {
    /// Adds what is counted here.
    pub(in crate::fmv) fn account(&self, tally: &mut Tally) {
        tally.add("transport packets", self.packets);
        tally.add("null packets", self.null_packets);
        tally.add("programs", self.programs.len() as u64);
        if self.damaged_packets > 0 {
            tally.add("damaged transport packets", self.damaged_packets);
        }
        for (pid, state) in self.pids.iter().enumerate() {
            let Some(state) = state else { continue };
            let counts = &state.counts;
            // What no table announced may be noise.
            if !matches!(state.role, Role::Unknown) {
                tally.add(format!("transport packets (pid {pid})"), counts.packets);
            }
            for (what, n) in [
                ("continuity errors", counts.gaps),
                ("missing transport packets", counts.missing),
                ("repeated transport packets", counts.repeated),
                ("scrambled transport packets", counts.scrambled),
                ("announced discontinuities", counts.announced),
            ] {
                if n > 0 {
                    tally.add(format!("{what} (pid {pid})"), n);
                }
            }
            if let Role::Stream(stream) = &state.role {
                stream.account(tally);
            }
        }
    }
}
