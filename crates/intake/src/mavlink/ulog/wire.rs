//! Where a ULog's messages begin and end.

/// Bytes of the file's header: magic, version, time since boot.
pub(super) const HEADER: usize = 16;
const MAGIC: [u8; 7] = [0x55, 0x4C, 0x6F, 0x67, 0x01, 0x12, 0x35];
/// Bytes of a message's header: size and kind.
const MESSAGE_HEADER: usize = 3;
/// What a sync message holds.
const SYNC: [u8; 8] = [0x2F, 0x73, 0x13, 0x20, 0x25, 0x0C, 0xBB, 0x12];

/// Whether a feed begins as a ULog does.
pub(in crate::mavlink) fn recognise(head: &[u8]) -> bool {
    head.starts_with(&MAGIC)
}

/// One message.
#[derive(Debug, Clone, Copy)]
pub(super) struct Message<'a> {
    pub(super) kind: u8,
    pub(super) payload: &'a [u8],
}

impl<'a> Message<'a> {
    pub(super) fn of(bytes: &'a [u8]) -> Option<Self> {
        let (&[_, _, kind], payload) = bytes.split_first_chunk::<MESSAGE_HEADER>()?;
        Some(Self { kind, payload })
    }
}

/// What to do at a place.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Next {
    /// More bytes are needed to know.
    Wait,
    /// No message begins here.
    Skip,
    /// The feed's end cuts off what could be a message here.
    CutOff,
    /// An appended section begins so many bytes on, within what begins here.
    CutBySection(usize),
    /// A message of so many bytes.
    Message(usize),
}

/// Bytes of the samples of a message id, without and with the padding at their end.
type SizeOfData<'a> = dyn Fn(u16) -> Option<[usize; 2]> + 'a;

/// What begins at the first of the bytes. `section` is how far off the next appended one is.
pub(super) fn next(
    rest: &[u8],
    section: Option<u64>,
    in_step: bool,
    ended: bool,
    size_of_data: &SizeOfData<'_>,
) -> Next {
    let cut_off = if ended { Next::CutOff } else { Next::Wait };
    let room = section
        .and_then(|s| usize::try_from(s).ok())
        .unwrap_or(usize::MAX);
    let len = match measure(rest, size_of_data) {
        Measure::Len(len) => len,
        // What crosses into the next section ends with this one.
        Measure::Short if room <= rest.len() => return Next::CutBySection(room),
        Measure::Short => return cut_off,
        Measure::Unknown(len) if in_step => {
            return match followed(rest, len, room, ended, size_of_data) {
                None => Next::Wait,
                Some(true) => Next::Message(len),
                Some(false) => Next::Skip,
            };
        }
        Measure::No | Measure::Unknown(_) => return Next::Skip,
    };
    if len > room {
        return if rest.len() < room {
            cut_off
        } else {
            Next::CutBySection(room)
        };
    }
    if rest.len() < len {
        return cut_off;
    }
    if in_step || rest.get(MESSAGE_HEADER..len) == Some(&SYNC) {
        return Next::Message(len);
    }
    match followed(rest, len, room, ended, size_of_data) {
        None => Next::Wait,
        Some(true) => Next::Message(len),
        Some(false) => Next::Skip,
    }
}

enum Measure {
    /// A message of so many bytes, its header included.
    Len(usize),
    /// In a message's form, of a kind this does not know; readers shall skip those.
    Unknown(usize),
    /// More bytes are needed.
    Short,
    No,
}

/// Measures what begins here by its header and what is known of its kind.
fn measure(rest: &[u8], size_of_data: &SizeOfData<'_>) -> Measure {
    let &[low, high, kind, ..] = rest else {
        return Measure::Short;
    };
    let size = usize::from(u16::from_le_bytes([low, high]));
    let len = MESSAGE_HEADER + size;
    let fits = match kind {
        b'B' => size >= 40,
        b'D' => {
            let Some(&[low, high]) = rest.get(3..5) else {
                return if size < 2 {
                    Measure::No
                } else {
                    Measure::Short
                };
            };
            let sizes = size_of_data(u16::from_le_bytes([low, high]));
            sizes.is_some_and(|sizes| sizes.contains(&(size.wrapping_sub(2))))
        }
        b'S' => size == SYNC.len() && rest.get(3..11).is_none_or(|b| b == SYNC),
        b'O' | b'R' => size == 2,
        b'F' | b'I' | b'P' | b'M' | b'Q' => size >= 2,
        b'A' => size > 3,
        b'L' => size >= 9,
        b'C' => size >= 11,
        b'A'..=b'Z' if size > 0 => return Measure::Unknown(len),
        _ => false,
    };
    if fits { Measure::Len(len) } else { Measure::No }
}

/// Whether another message, an appended section or the feed's end follows; `None` when more bytes
/// would tell.
fn followed(
    rest: &[u8],
    len: usize,
    room: usize,
    ended: bool,
    size_of_data: &SizeOfData<'_>,
) -> Option<bool> {
    if len == room {
        return Some(true);
    }
    let Some(after) = rest.get(len..) else {
        return if ended { Some(false) } else { None };
    };
    if after.is_empty() {
        return ended.then_some(true);
    }
    match measure(after, size_of_data) {
        Measure::Len(_) => Some(true),
        Measure::Short => ended.then_some(false),
        Measure::Unknown(_) | Measure::No => Some(false),
    }
}
