//! Elementary-stream packets out of transport packets (ISO/IEC 13818-1 §2.4.3.6).

use mpeg2ts_reader::pes::{PesContents, PesHeader, PesLength, PtsDts, StreamId};

/// Start code, stream id, length.
const FIXED_HEADER: usize = 6;
/// … flags and `PES_header_data_length`.
const OPTIONAL_HEADER: usize = 9;

/// What a packet's payload brings.
pub(super) enum Pes<'a> {
    /// A packet begins.
    Start(Start),
    /// Bytes of its payload.
    Data(&'a [u8]),
    /// It ends; `missing` bytes of those it declared did not come.
    End { offset: u64, missing: usize },
    /// Bytes beyond the declared end; `first`: of this packet.
    Excess { bytes: &'a [u8], first: bool },
    /// A packet that cannot be read begins; its bytes up to the next start are lost.
    Malformed {
        offset: u64,
        message: String,
        bytes: &'a [u8],
    },
}

/// The head of a packet.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Start {
    /// Offset in the feed of the transport packet that begins it.
    pub(super) offset: u64,
    /// Presentation time stamp, 33 bits.
    pub(super) pts_raw: Option<u64>,
    /// Decoding time stamp, 33 bits, where it is another.
    pub(super) dts_raw: Option<u64>,
}

/// Reads the packets of one packet identifier. Holds at most one header (264 bytes and a transport
/// packet's payload); payload is passed on as it comes.
#[derive(Default)]
pub(super) struct PesReader {
    state: State,
}

#[derive(Default)]
enum State {
    /// Nothing has begun.
    #[default]
    Idle,
    /// The header is not whole yet.
    Header { offset: u64, held: Vec<u8> },
    /// In the payload; `left` when the length was declared, only estimated after a bridged loss.
    Body {
        offset: u64,
        left: Option<usize>,
        bridged: bool,
    },
    /// A packet's beginning was lost; what comes is passed on until the next.
    Headless,
    /// Declared bytes all came.
    Done { excess_told: bool },
}

impl PesReader {
    /// Takes one transport packet's payload.
    pub(super) fn take(
        &mut self,
        offset: u64,
        unit_start: bool,
        payload: &[u8],
        on: &mut dyn FnMut(Pes<'_>),
    ) {
        if unit_start {
            self.finish(on);
            self.header(offset, payload.to_vec(), on);
            return;
        }
        match &mut self.state {
            State::Idle => {}
            State::Header { offset, held } => {
                let (offset, mut held) = (*offset, std::mem::take(held));
                held.extend_from_slice(payload);
                self.header(offset, held, on);
            }
            State::Body { .. } => self.body(payload, on),
            State::Headless => on(Pes::Data(payload)),
            State::Done { excess_told } => {
                let first = !std::mem::replace(excess_told, true);
                on(Pes::Excess {
                    bytes: payload,
                    first,
                });
            }
        }
    }

    /// The stream ends, or its next packet begins.
    pub(super) fn finish(&mut self, on: &mut dyn FnMut(Pes<'_>)) {
        match std::mem::take(&mut self.state) {
            State::Header { offset, held } => on(Pes::Malformed {
                offset,
                message: format!("a PES header ends after {} bytes", held.len()),
                bytes: &held,
            }),
            State::Headless => on(Pes::End {
                offset: 0,
                missing: 0,
            }),
            State::Body {
                offset,
                left,
                bridged,
            } => on(Pes::End {
                offset,
                missing: left.filter(|_| !bridged).unwrap_or(0),
            }),
            State::Idle | State::Done { .. } => {}
        }
    }

    /// Transport packets were lost: `missing` of them at the least. True when what follows surely
    /// still belongs to the packet in progress, because that many cannot have held its end.
    pub(super) fn bridge(&mut self, missing: u8) -> bool {
        /// A transport packet's payload at most.
        const PAYLOAD: usize = 184;
        let lost = usize::from(missing) * PAYLOAD;
        match &mut self.state {
            State::Body {
                left: Some(left),
                bridged,
                ..
            } if *left > lost => {
                *left -= lost;
                *bridged = true;
                true
            }
            _ => false,
        }
    }

    /// Whether the packet in progress has no declared end.
    pub(super) fn is_unbounded(&self) -> bool {
        matches!(self.state, State::Body { left: None, .. })
    }

    /// What comes before the next start belongs to a packet whose beginning, or whose place in it, is not known.
    pub(super) fn resume(&mut self) {
        self.state = State::Headless;
    }

    fn header(&mut self, offset: u64, held: Vec<u8>, on: &mut dyn FnMut(Pes<'_>)) {
        match read_header(&held) {
            Ok(Some(Head {
                pts_raw,
                dts_raw,
                at,
                left,
            })) => {
                on(Pes::Start(Start {
                    offset,
                    pts_raw,
                    dts_raw,
                }));
                self.state = State::Body {
                    offset,
                    left,
                    bridged: false,
                };
                self.body(&held[at..], on);
            }
            Ok(None) => self.state = State::Header { offset, held },
            Err(message) => {
                self.state = State::Idle;
                on(Pes::Malformed {
                    offset,
                    message,
                    bytes: &held,
                });
            }
        }
    }

    fn body(&mut self, bytes: &[u8], on: &mut dyn FnMut(Pes<'_>)) {
        let State::Body { offset, left, .. } = &mut self.state else {
            return;
        };
        let Some(left) = left else {
            if !bytes.is_empty() {
                on(Pes::Data(bytes));
            }
            return;
        };
        let (mine, excess) = bytes.split_at(bytes.len().min(*left));
        *left -= mine.len();
        let done = *left == 0;
        if !mine.is_empty() {
            on(Pes::Data(mine));
        }
        if done {
            on(Pes::End {
                offset: *offset,
                missing: 0,
            });
            self.state = State::Done {
                excess_told: !excess.is_empty(),
            };
            if !excess.is_empty() {
                on(Pes::Excess {
                    bytes: excess,
                    first: true,
                });
            }
        }
    }
}

/// What a header says.
struct Head {
    pts_raw: Option<u64>,
    dts_raw: Option<u64>,
    /// Where the payload begins.
    at: usize,
    /// How many bytes it has; `None`: until the next packet.
    left: Option<usize>,
}

/// Reads a header; `Ok(None)` when more bytes are needed.
fn read_header(held: &[u8]) -> Result<Option<Head>, String> {
    if held.len() < FIXED_HEADER {
        return Ok(None);
    }
    let Some(header) = PesHeader::from_bytes(held) else {
        return Err(format!(
            "a PES packet begins with {:02X?}, expected 00 00 01",
            &held[..3]
        ));
    };
    let declared = match header.pes_packet_length() {
        PesLength::Unbounded => None,
        PesLength::Bounded(n) => Some(usize::from(n.get())),
    };
    if is_plain(header.stream_id()) {
        return Ok(Some(Head {
            pts_raw: None,
            dts_raw: None,
            at: FIXED_HEADER,
            left: declared,
        }));
    }
    if held.len() < OPTIONAL_HEADER {
        return Ok(None);
    }
    let at = OPTIONAL_HEADER + usize::from(held[8]);
    let of_length = at - FIXED_HEADER;
    if declared.is_some_and(|n| n < of_length) {
        return Err(format!(
            "a PES packet declares {} bytes, its header alone takes {of_length}",
            declared.unwrap_or(0)
        ));
    }
    if held.len() < at {
        return Ok(None);
    }
    let PesContents::Parsed(Some(parsed)) = header.contents() else {
        return Err("the fields of a PES header do not fit its length".into());
    };
    // A damaged time stamp is none; the payload may be whole.
    let (pts, dts) = match parsed.pts_dts() {
        Ok(PtsDts::PtsOnly(pts)) => (pts.ok(), None),
        Ok(PtsDts::Both { pts, dts }) => (pts.ok(), dts.ok()),
        _ => (None, None),
    };
    Ok(Some(Head {
        pts_raw: pts.map(|t| t.value()),
        dts_raw: dts.map(|t| t.value()),
        at,
        left: declared.map(|n| n - of_length),
    }))
}

/// Stream ids whose packets have no optional header (ISO/IEC 13818-1 table 2-21).
fn is_plain(id: StreamId) -> bool {
    [
        StreamId::PROGRAM_STREAM_MAP,
        StreamId::PADDING_STREAM,
        StreamId::PRIVATE_STREAM2,
        StreamId::ECM_STREAM,
        StreamId::EMM_STREAM,
        StreamId::DSM_CC,
        StreamId::H222_1_TYPE_E,
        StreamId::PROGRAM_STREAM_DIRECTORY,
    ]
    .contains(&id)
}
