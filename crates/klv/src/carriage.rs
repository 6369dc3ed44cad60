//! ST 1402: how KLV travels in MPEG-2 transport streams, as functions over PES payload bytes.
//!
//! - **Asynchronous** (stream type 0x06 with a `KLVA` registration descriptor, stream id 0xBD): the PES payload *is* KLV;
//!   [`crate::stream::scan`] reads it.
//! - **Synchronous** (stream type 0x15, stream id 0xFC): the PES payload is a row of *metadata access unit cells* (ISO/IEC
//!   13818-1 §2.12.4); [`metadata_cells`] reads them and [`Reassembly`] joins those of one access unit.

use crate::error::{Error, Fault};

/// Bytes of a cell's header.
pub const CELL_HEADER_BYTES: usize = 5;

/// Longest access unit that [`Reassembly`] gathers; what grows beyond is dropped and told.
pub const MAX_ACCESS_UNIT_BYTES: usize = crate::stream::MAX_VALUE_BYTES;

/// Which part of an access unit a cell carries (ISO/IEC 13818-1 table 2-98).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[repr(u8)]
pub enum Fragment {
    /// Neither first nor last.
    Middle = 0,
    /// The last.
    Last = 1,
    /// The first of several.
    First = 2,
    /// All of it.
    Whole = 3,
}

/// One metadata access unit cell.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct MetadataCell<'a> {
    /// Which metadata service of the stream.
    pub service_id: u8,
    /// Counts the cells of a service, modulo 256.
    pub sequence_number: u8,
    /// Which part of the access unit.
    pub fragment: Fragment,
    /// The decoder configuration changes here.
    pub decoder_config: bool,
    /// Decoding can start here.
    pub random_access: bool,
    /// Offset of the data within the PES payload.
    pub offset: usize,
    /// The data.
    pub data: &'a [u8],
}

impl MetadataCell<'_> {
    /// Appends the cell's header and data. Data beyond 65,535 bytes must be split into several cells: see [`write_cells`].
    ///
    /// # Errors
    /// [`Fault::BadLength`] for longer data.
    pub fn write(&self, out: &mut Vec<u8>) -> Result<(), Error> {
        let Ok(length) = u16::try_from(self.data.len()) else {
            let expected = crate::error::Allowed::Between(0, 65_535);
            return Err(Error::new(
                "ST 1402",
                0,
                Fault::BadLength {
                    found: self.data.len(),
                    expected,
                },
            ));
        };
        // The four reserved bits are ones.
        let flags = (self.fragment as u8) << 6
            | u8::from(self.decoder_config) << 5
            | u8::from(self.random_access) << 4
            | 0x0f;
        out.extend([self.service_id, self.sequence_number, flags]);
        out.extend(length.to_be_bytes());
        out.extend_from_slice(self.data);
        Ok(())
    }
}

/// The cells of a PES payload. A cell that reaches beyond the payload ends the row with one error.
///
/// ```
/// use truceline_klv::carriage::{Fragment, metadata_cells};
///
/// let payload = [0x00, 0x07, 0xdf, 0x00, 0x03, 1, 2, 3];
/// let cells: Vec<_> = metadata_cells(&payload).collect::<Result<_, _>>()?;
/// assert_eq!((cells[0].sequence_number, cells[0].fragment, cells[0].data), (7, Fragment::Whole, &[1, 2, 3][..]));
/// // A refusal: the header promises four bytes.
/// assert_eq!(
///     metadata_cells(&[0x00, 0x07, 0xdf, 0x00, 0x04, 1, 2, 3]).next().unwrap().unwrap_err().to_string(),
///     "ST 1402 at byte 5: needs 4 bytes, 3 are there"
/// );
/// # Ok::<(), truceline_klv::Error>(())
/// ```
pub fn metadata_cells(payload: &[u8]) -> impl Iterator<Item = Result<MetadataCell<'_>, Error>> {
    let mut at = 0;
    std::iter::from_fn(move || {
        let rest = payload.get(at..).filter(|rest| !rest.is_empty())?;
        let cell = read_cell(rest)
            .map_err(|e| e.shifted(at))
            .map(|cell| MetadataCell {
                offset: at + cell.offset,
                ..cell
            });
        at = cell
            .as_ref()
            .map_or(payload.len(), |cell| cell.offset + cell.data.len());
        Some(cell)
    })
}

fn read_cell(bytes: &[u8]) -> Result<MetadataCell<'_>, Error> {
    let truncated = |offset, needed: usize, available: usize| {
        Error::new(
            "ST 1402",
            offset,
            Fault::Truncated {
                needed: needed as u64,
                available: available as u64,
            },
        )
    };
    let Some((&[service_id, sequence_number, flags, high, low], body)) = bytes.split_first_chunk()
    else {
        return Err(truncated(0, CELL_HEADER_BYTES, bytes.len()));
    };
    let length = usize::from(u16::from_be_bytes([high, low]));
    let data = body
        .get(..length)
        .ok_or_else(|| truncated(CELL_HEADER_BYTES, length, body.len()))?;
    let fragment = match flags >> 6 {
        0 => Fragment::Middle,
        1 => Fragment::Last,
        2 => Fragment::First,
        _ => Fragment::Whole,
    };
    let (decoder_config, random_access) = (flags & 0x20 != 0, flags & 0x10 != 0);
    Ok(MetadataCell {
        service_id,
        sequence_number,
        fragment,
        decoder_config,
        random_access,
        offset: CELL_HEADER_BYTES,
        data,
    })
}

/// Splits an access unit into cells and appends them; returns the sequence number that comes next.
///
/// # Errors
/// None in practice: every cell is made short enough.
pub fn write_cells(
    unit: &[u8],
    service_id: u8,
    mut sequence_number: u8,
    out: &mut Vec<u8>,
) -> Result<u8, Error> {
    let parts: Vec<&[u8]> = if unit.is_empty() {
        vec![unit]
    } else {
        unit.chunks(65_535).collect()
    };
    for (i, data) in parts.iter().enumerate() {
        let fragment = match (i == 0, i + 1 == parts.len()) {
            (true, true) => Fragment::Whole,
            (true, false) => Fragment::First,
            (false, false) => Fragment::Middle,
            (false, true) => Fragment::Last,
        };
        let random_access = matches!(fragment, Fragment::Whole | Fragment::First);
        MetadataCell {
            service_id,
            sequence_number,
            fragment,
            decoder_config: false,
            random_access,
            offset: 0,
            data,
        }
        .write(out)?;
        sequence_number = sequence_number.wrapping_add(1);
    }
    Ok(sequence_number)
}

/// Joins the cells of one metadata service to access units.
///
/// ```
/// use truceline_klv::carriage::{Reassembly, metadata_cells, write_cells};
///
/// let unit = vec![42; 100_000];
/// let mut payload = Vec::new();
/// write_cells(&unit, 0, 255, &mut payload)?;
///
/// let mut join = Reassembly::default();
/// let mut units = Vec::new();
/// for cell in metadata_cells(&payload) {
///     let cell = cell?;
///     let joined = join.push(&cell);
///     assert_eq!(joined.lost, None);
///     units.extend(joined.unit.map(<[u8]>::to_vec));
/// }
/// assert_eq!(units, [unit]);
/// # Ok::<(), truceline_klv::Error>(())
/// ```
#[derive(Debug, Clone, Default)]
pub struct Reassembly {
    unit: Vec<u8>,
    open: bool,
    next: Option<u8>,
}

/// What a cell did.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Joined<'a> {
    /// The access unit that the cell completes.
    pub unit: Option<&'a [u8]>,
    /// What was lost: cells before this one, the unit in hand, or this cell.
    pub lost: Option<Error>,
}

impl Reassembly {
    /// Takes the next cell. A gap in the numbers or in the order of fragments drops the unit in hand and is told; a cell that
    /// is a whole unit is never lost.
    pub fn push<'a>(&'a mut self, cell: &MetadataCell<'a>) -> Joined<'a> {
        let mut lost = None;
        let expected = self.next.replace(cell.sequence_number.wrapping_add(1));
        if let Some(expected) = expected.filter(|e| *e != cell.sequence_number) {
            let ahead = cell.sequence_number.wrapping_sub(expected) < 128;
            lost = Some(if ahead {
                "cells are missing before it"
            } else {
                "its number was there before"
            });
            self.open = false;
        }
        let starts = matches!(cell.fragment, Fragment::Whole | Fragment::First);
        if starts && self.open {
            lost = Some("the access unit before it has no last cell");
        }
        if !starts && !self.open {
            let lost = Some(order(cell, lost.unwrap_or("no first cell before it")));
            return Joined { unit: None, lost };
        }
        if starts {
            self.unit.clear();
        }
        self.open = !matches!(cell.fragment, Fragment::Whole | Fragment::Last);
        let lost = lost.map(|what| order(cell, what));
        if cell.fragment == Fragment::Whole {
            return Joined {
                unit: Some(cell.data),
                lost,
            };
        }
        if self.unit.len() + cell.data.len() > MAX_ACCESS_UNIT_BYTES {
            self.open = false;
            return Joined {
                unit: None,
                lost: Some(order(cell, "the access unit is longer than 4 MiB")),
            };
        }
        self.unit.extend_from_slice(cell.data);
        Joined {
            unit: (cell.fragment == Fragment::Last).then_some(&self.unit),
            lost,
        }
    }
}

fn order(cell: &MetadataCell<'_>, what: &'static str) -> Error {
    Error::new("ST 1402", cell.offset, Fault::CellOrder(what))
}
