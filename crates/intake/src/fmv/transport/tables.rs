//! Tables to programmes, and programmes to streams.

use std::collections::BTreeSet;

use super::{
    FIRST_STREAM_PID, MAX_METADATA_STREAMS, MAX_PROGRAMS, MAX_STREAMS, NULL_PID, PAT_PID, Program,
    Role, Transport,
};
use crate::FaultKind;
use crate::fmv::outlet::Outlet;
use crate::fmv::psi::{Content, Pat, Pmt, Sections};
use crate::fmv::stream::Stream;

impl Transport {
    pub(super) fn section(
        &mut self,
        pid: u16,
        offset: u64,
        section: &[u8],
        out: &mut Outlet<'_, '_>,
    ) {
        if pid == PAT_PID {
            if let Some(pat) = Pat::read(section) {
                self.associate(&pat, out);
            }
            return;
        }
        match Pmt::read(section) {
            Some(Ok(pmt)) => self.map(pid, offset, &pmt, out),
            Some(Err(message)) => {
                let message = format!("pid {pid}: {message}");
                out.fault(FaultKind::Malformed, offset, message, section);
            }
            None => {}
        }
    }

    /// Takes a section of the PAT. Programmes of an older version that the first section of a new one does not name are
    /// dropped; a table in several sections names them again.
    fn associate(&mut self, pat: &Pat, out: &mut Outlet<'_, '_>) {
        if self.pat_version != Some(pat.version) {
            self.pat_version = Some(pat.version);
            let gone: Vec<u16> = self
                .programs
                .iter()
                .filter(|(n, p)| !pat.programs.contains(&(**n, p.pmt_pid)))
                .map(|(n, _)| *n)
                .collect();
            for program in gone {
                self.drop_program(program, out);
            }
        }
        for &(program, pmt_pid) in &pat.programs {
            let known = self.programs.get(&program).map(|p| p.pmt_pid);
            let readable = (FIRST_STREAM_PID..NULL_PID).contains(&pmt_pid);
            if known == Some(pmt_pid) || !readable || self.programs.len() >= MAX_PROGRAMS {
                continue;
            }
            self.drop_program(program, out);
            self.retire(pmt_pid, out);
            if !matches!(self.pid(pmt_pid).role, Role::Tables(_)) {
                self.pid(pmt_pid).role = Role::Tables(Sections::default());
            }
            self.programs.insert(
                program,
                Program {
                    pmt_pid,
                    pcr_pid: None,
                    pids: BTreeSet::new(),
                },
            );
        }
    }

    fn drop_program(&mut self, program: u16, out: &mut Outlet<'_, '_>) {
        let Some(dropped) = self.programs.remove(&program) else {
            return;
        };
        for pid in dropped.pids {
            self.retire(pid, out);
        }
        let shared = self.programs.values().any(|p| p.pmt_pid == dropped.pmt_pid);
        if !shared {
            self.pid(dropped.pmt_pid).role = Role::Unknown;
        }
    }

    /// Takes the PMT of a programme.
    fn map(&mut self, pmt_pid: u16, offset: u64, pmt: &Pmt, out: &mut Outlet<'_, '_>) {
        let Some(program) = self
            .programs
            .get_mut(&pmt.program)
            .filter(|p| p.pmt_pid == pmt_pid)
        else {
            return;
        };
        program.pcr_pid = Some(pmt.pcr_pid);
        let named: BTreeSet<u16> = pmt.streams.iter().map(|s| s.pid).collect();
        let gone: Vec<u16> = program.pids.difference(&named).copied().collect();
        for pid in gone {
            self.retire(pid, out);
        }
        let mut pids = BTreeSet::new();
        for stream in &pmt.streams {
            let of_another = self
                .programs
                .iter()
                .any(|(n, p)| *n != pmt.program && p.pids.contains(&stream.pid));
            let readable = (FIRST_STREAM_PID..NULL_PID).contains(&stream.pid);
            if of_another || !readable || matches!(self.pid(stream.pid).role, Role::Tables(_)) {
                continue;
            }
            pids.insert(stream.pid);
            self.announce(stream.pid, stream.content, pmt.program, offset, out);
        }
        if let Some(program) = self.programs.get_mut(&pmt.program) {
            program.pids = pids;
        }
        self.choose_main(pmt);
    }

    fn announce(
        &mut self,
        pid: u16,
        content: Content,
        program: u16,
        offset: u64,
        out: &mut Outlet<'_, '_>,
    ) {
        if matches!(&self.pid(pid).role, Role::Stream(s) if s.is(content, program)) {
            return;
        }
        if let Role::Stream(stream) = &mut self.pid(pid).role
            && stream.adopt(content, program)
        {
            return;
        }
        self.retire(pid, out);
        let Some(stream) = Stream::announced(content, pid, program) else {
            self.pid(pid).role = Role::Ignored;
            return;
        };
        let is_metadata = !stream.is_video();
        let full = self.streams.len() >= MAX_STREAMS + MAX_METADATA_STREAMS
            || (is_metadata && self.metadata_streams >= MAX_METADATA_STREAMS);
        if full {
            self.pid(pid).role = Role::Ignored;
            if !std::mem::replace(&mut self.too_many_told, true) {
                let message = format!(
                    "pid {pid}: more streams than the {MAX_STREAMS} and {MAX_METADATA_STREAMS} of metadata that are read; told once"
                );
                out.fault(FaultKind::Oversized, offset, message, &[]);
            }
            return;
        }
        self.streams.insert(pid);
        self.metadata_streams += usize::from(is_metadata);
        self.pid(pid).role = Role::Stream(Box::new(stream));
    }

    /// Ends the stream of an identifier, if it has one, and counts what it had.
    fn retire(&mut self, pid: u16, out: &mut Outlet<'_, '_>) {
        if !matches!(self.pid(pid).role, Role::Stream(_) | Role::Ignored) {
            return;
        }
        if let Role::Stream(mut stream) = std::mem::take(&mut self.pid(pid).role) {
            let mut pictures = Vec::new();
            let clock = self.clocks.entry(stream.program()).or_default();
            stream.finish(clock, &mut |p| pictures.push(p), out);
            self.pictures(pid, pictures, out);
            stream.account(out.tally);
            self.streams.remove(&pid);
            self.metadata_streams -= usize::from(!stream.is_video());
        }
        if self.cuts.main == Some(pid) {
            self.cuts.main = None;
        }
    }

    /// Cuts go by the first video stream announced, for as long as it is; then by another's.
    fn choose_main(&mut self, pmt: &Pmt) {
        if self.cuts.main.is_none() {
            let here = pmt.streams.iter().map(|s| s.pid);
            let elsewhere = self.programs.values().flat_map(|p| p.pids.iter().copied());
            self.cuts.main = here.chain(elsewhere).find(|pid| self.is_video(*pid));
        }
    }

    fn is_video(&self, pid: u16) -> bool {
        let state = self.pids.get(usize::from(pid)).and_then(Option::as_ref);
        state.is_some_and(|p| matches!(&p.role, Role::Stream(s) if s.is_video()))
    }
}
