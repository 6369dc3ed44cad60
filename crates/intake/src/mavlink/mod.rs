//! Drone telemetry: MAVLink streams and `.tlog`, ArduPilot DataFlash `.BIN`, PX4 `.ulg`.
//!
//! ```text
//! bytes -> Window -> Container -> records -> statements -> Outlet -> items
//!                    stream     (MAVLink 1 and 2 frames, bare or with a time before each)
//!                    dataflash  (0xA3 0x95, self-describing)
//!                    ulog       (self-describing, with appended sections)
//! ```
//!
//! A container's reader knows framing, order and clocks; what a record states is read apart from
//! it (`message` for MAVLink), so that frames from other transports mean the same. The three
//! containers state the same kinds: `mavlink.position`, `mavlink.attitude`, `mavlink.gimbal` and
//! `mavlink.camera`, with the record's name in `message`.
//!
//! How `observed` is come by: `vehicle` for MAVLink, `dataflash` and `ulog` for the logs. A time
//! that no clock set told is no time.

mod angles;
mod clock;
mod container;
mod dataflash;
mod frame;
pub(crate) mod garbage;
mod message;
pub(crate) mod outlet;
mod sequence;
mod stream;
mod ulog;
mod vehicle;
pub(crate) mod window;

use container::Container;
use frame::{Candidate, candidate};
use outlet::Outlet;
use window::Window;

use crate::{Context, Decoder, Sink, Tally};

/// Reads a feed of drone telemetry, in whichever container it comes.
pub struct Mavlink {
    context: Context,
    tally: Tally,
    last_cut: u64,
    window: Window,
    /// Set when the first bytes have told which it is.
    container: Option<Box<dyn Container>>,
}

impl Mavlink {
    /// A decoder at the start of a feed.
    #[must_use]
    pub fn new(context: Context) -> Self {
        Self {
            context,
            tally: Tally::default(),
            last_cut: 0,
            window: Window::default(),
            container: None,
        }
    }

    fn read(&mut self, ended: bool, sink: &mut Sink<'_>) {
        if self.container.is_none() && (ended || self.window.rest().len() >= MARK) {
            // Never by more than is always there, however the bytes come.
            let rest = self.window.rest();
            self.container = Some(container_of(&rest[..rest.len().min(MARK)]));
        }
        let Some(container) = &mut self.container else {
            return;
        };
        let mut outlet = Outlet {
            source: &self.context.source,
            tally: &mut self.tally,
            last_cut: &mut self.last_cut,
            sink,
        };
        container.read(&mut self.window, ended, &mut outlet);
    }
}

impl Decoder for Mavlink {
    fn push(&mut self, bytes: &[u8], sink: &mut Sink<'_>) {
        self.tally.bytes += bytes.len() as u64;
        self.window.push(bytes);
        self.read(false, sink);
    }

    fn finish(&mut self, sink: &mut Sink<'_>) {
        self.read(true, sink);
    }

    fn tally(&self) -> Tally {
        self.tally.clone()
    }
}

/// So many bytes tell a log by its mark; a stream has none.
const MARK: usize = 9;

/// The container by the feed's first bytes. What has no log's mark is read as a stream, which
/// finds its frames wherever they begin.
fn container_of(head: &[u8]) -> Box<dyn Container> {
    if ulog::recognise(head) {
        Box::new(ulog::ULog::default())
    } else if dataflash::recognise(head) {
        Box::new(dataflash::DataFlash::default())
    } else {
        Box::new(stream::Stream::default())
    }
}

/// What the next bytes of a bare MAVLink stream are, for whoever must tell its frames apart without
/// reading them, as to write the time of arrival before each (`.tlog`).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum NextFrame {
    /// A frame of so many bytes, from magic to sum or signature. Its sum fits; or it cannot be
    /// checked or does not fit, and another begins where it ends, or nothing more is there yet.
    Frame(usize),
    /// It could be a frame; more bytes would tell. A frame has at most 280 bytes.
    Wait,
    /// No frame begins at the first byte.
    Skip,
}

/// Looks at the bytes from their first.
#[must_use]
pub fn next_frame(bytes: &[u8]) -> NextFrame {
    match candidate(bytes) {
        Candidate::Frame(frame) => NextFrame::Frame(frame.bytes.len()),
        Candidate::Unknown(frame) | Candidate::BadSum(frame) => {
            let len = frame.bytes.len();
            match bytes.get(len..).map(candidate) {
                None | Some(Candidate::No) => NextFrame::Skip,
                Some(_) => NextFrame::Frame(len),
            }
        }
        Candidate::Short => NextFrame::Wait,
        Candidate::No => NextFrame::Skip,
    }
}

/// Whether the head of a feed is of this format: a log's mark, or MAVLink frames whose sums fit.
pub(crate) fn recognise(head: &[u8]) -> bool {
    ulog::recognise(head) || dataflash::recognise(head) || stream::recognise(head)
}
